import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif
@testable import WeChatPay

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
        options.apiV3Key = credential("api_v3_key")
        options.publicKeys = [PublicKey(id: credential("wechatpay_public_key_id"), key: credential("wechatpay_public_key"))]
        options.baseURL = credential("base_url")
        options.retries = 0
        return options
    }

    /// Asks the sandbox's control plane.
    func control(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        guard let url = URL(string: credential("base_url") + path) else {
            throw TestFailure("not a path: \(path)")
        }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = try body.map { try JSONEncoder().encode($0) }
        let (status, data) = try await send(request)
        if status != 200 {
            throw TestFailure("\(method) \(path): \(status) \(String(decoding: data, as: UTF8.self))")
        }
        return try JSONDecoder().decode(JSONValue.self, from: data)
    }

    private func send(_ request: URLRequest) async throws -> (Int, Data) {
        try await withCheckedThrowingContinuation { continuation in
            URLSession.shared.dataTask(with: request) { data, response, error in
                if let error {
                    continuation.resume(throwing: error)
                } else {
                    continuation.resume(returning: ((response as? HTTPURLResponse)?.statusCode ?? 0, data ?? Data()))
                }
            }.resume()
        }
    }
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
