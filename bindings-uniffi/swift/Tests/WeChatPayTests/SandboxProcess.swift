import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif
import WeChatPay
@testable import WeChatPayCore

/// A sandbox for the tests: the program that the environment variable `WECHATPAY_SANDBOX` names.
final class SandboxProcess {
    let credentials: JSONValue
    private let process = Process()
    private let input = Pipe()

    init() throws {
        guard let program = ProcessInfo.processInfo.environment["WECHATPAY_SANDBOX"] else {
            throw TestFailure("set WECHATPAY_SANDBOX to the program wechatpay-sandbox")
        }
        let folder = NSTemporaryDirectory() + "wechatpay-sandbox-" + UUID().uuidString
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--out", folder, "--port", "0", "--exit-with-parent", "--quiet"]
        process.standardInput = input
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var text = ""
        while !text.contains("WECHATPAY_SANDBOX_READY ") || !text.hasSuffix("\n") {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty {
                throw TestFailure("the sandbox ended before it was ready")
            }
            text += String(decoding: data, as: UTF8.self)
        }
        let file = try Data(contentsOf: URL(fileURLWithPath: folder + "/credentials.json"))
        credentials = try JSONDecoder().decode(JSONValue.self, from: file)
    }

    deinit {
        input.fileHandleForWriting.closeFile()
        process.terminate()
    }

    func credential(_ name: String) -> String {
        credentials[name]?.text ?? ""
    }

    func options() -> Options {
        var options = Options(mchid: credential("mchid"))
        options.privateKey = credential("merchant_private_key")
        options.merchantSerial = credential("merchant_serial_no")
        options.apiV2Key = credential("api_v2_key")
        options.apiV3Key = credential("api_v3_key")
        options.publicKeys = [PublicKey(id: credential("wechatpay_public_key_id"), key: credential("wechatpay_public_key"))]
        options.baseURL = credential("base_url")
        options.retries = 0
        return options
    }

    /// Asks the sandbox's control plane: `control("POST /sandbox/reset")`.
    @discardableResult
    func control(_ what: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let (method, path) = try methodAndPath(what)
        var content = body
        if content == nil && method == "POST" {
            content = .object([:])
        }
        let data = try content.map { try JSONEncoder().encode($0) }
        let headers = ["Content-Type": "application/json"]
        let answer = try await send(method: method, url: credential("base_url") + path, headers: headers, body: data)
        if answer.status != 200 {
            throw TestFailure("\(what): \(answer.status) \(answer.body)")
        }
        return try JSONDecoder().decode(JSONValue.self, from: Data(answer.body.utf8))
    }
}

/// An answer to the tests' own requests.
struct PlainAnswer: Sendable {
    let status: Int
    let headers: [String: String]
    let body: String
}

/// Sends a request as it is.
func send(method: String, url: String, headers: [String: String], body: Data?) async throws -> PlainAnswer {
    guard let target = URL(string: url) else {
        throw TestFailure("not a URL: \(url)")
    }
    var message = URLRequest(url: target)
    message.httpMethod = method
    message.httpBody = body
    for (name, value) in headers {
        message.setValue(value, forHTTPHeaderField: name)
    }
    let request = message
    return try await withCheckedThrowingContinuation { continuation in
        let task = URLSession.shared.dataTask(with: request) { data, response, error in
            guard let answer = response as? HTTPURLResponse else {
                continuation.resume(throwing: error ?? TestFailure("no answer from \(url)"))
                return
            }
            var found: [String: String] = [:]
            for (name, value) in answer.allHeaderFields {
                found["\(name)"] = "\(value)"
            }
            let text = String(decoding: data ?? Data(), as: UTF8.self)
            continuation.resume(returning: PlainAnswer(status: answer.statusCode, headers: found, body: text))
        }
        task.resume()
    }
}

/// `GET /path` in its two parts.
func methodAndPath(_ text: String) throws -> (String, String) {
    let parts = text.split(separator: " ", maxSplits: 1).map { String($0) }
    if parts.count != 2 {
        throw TestFailure("`METHOD /path` is wanted, not \(text)")
    }
    return (parts[0], parts[1])
}

/// A file of the repository, which the environment variable `WECHATPAY_REPOSITORY` names.
func repositoryPath(_ path: String) throws -> String {
    guard let root = ProcessInfo.processInfo.environment["WECHATPAY_REPOSITORY"] else {
        throw TestFailure("set WECHATPAY_REPOSITORY to the repository")
    }
    return root + "/" + path
}

/// A JSON file of the repository.
func repositoryFile(_ path: String) throws -> JSONValue {
    let content = try Data(contentsOf: URL(fileURLWithPath: repositoryPath(path)))
    return try JSONDecoder().decode(JSONValue.self, from: content)
}

/// The examples of the spec for its operations, of all its files.
func exampleOperations() throws -> [JSONValue] {
    let folder = try repositoryPath("tests/vectors/examples")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }.sorted()
    return try names.flatMap { try repositoryFile("tests/vectors/examples/\($0)")["operations"]?.elements ?? [] }
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
