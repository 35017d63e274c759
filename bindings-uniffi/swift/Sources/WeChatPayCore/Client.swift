import Dispatch
import Foundation
import WeChatPayNative

/// Calls WeChat Pay for one merchant: signs, sends, verifies, and sends again where that is safe.
///
/// For servers, kiosks and tools: a merchant's private key must not be shipped in an app. Make one client per merchant and
/// keep it. Methods that talk to the network are async and wait on threads of their own, never on Swift's cooperative
/// pool. A task that is cancelled gives its call up: nothing more is sent, and `.timeout` is thrown with code `ABORTED`, whose
/// `outcomeUnknown` says whether what had been sent may have taken effect.
///
///     var options = Options(mchid: "1900000001")
///     options.privateKeyPath = "apiclient_key.pem"
///     options.merchantSerial = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
///     options.publicKeys = [PublicKey(id: "PUB_KEY_ID_…", path: "pub_key.pem")]
///     let client = try Client(options)
///     let order = try await client.payments.jsapi.prepay(Payments.Jsapi.PrepayRequest(…))
///
/// Every method throws `WeChatPayError`; look at `details.outcomeUnknown` before doing anything else.
public final class Client: Sendable {
    private let client: NativeClient
    private let queue = DispatchQueue(label: "wechatpay", attributes: .concurrent)

    private init(json: String, signer: (any Signer)? = nil) throws {
        self.client = try native {
            guard let signer else { return try NativeClient(options: json) }
            return try NativeClient.withSigner(
                options: json, signer: SignerBridge(signer), digests: signer is any DigestSigner
            )
        }
    }

    /// Makes a client. Opens no connection.
    public convenience init(_ options: Options) throws {
        try self.init(json: String(decoding: try JSONEncoder().encode(options), as: UTF8.self))
    }

    /// Makes a client that has a signer in place of a private key, in front of a KMS or an HSM. Give the merchant's certificate too: a
    /// signature of another key is then found at the first call, before anything is sent.
    public convenience init(_ options: Options, signer: any Signer) throws {
        try self.init(json: String(decoding: try JSONEncoder().encode(options), as: UTF8.self), signer: signer)
    }

    /// Makes a client whose options come from environment variables; the README lists them. A name that is nearly that of a
    /// variable (`WECHATPAY_PUBLIC_KEY_ID`) is a `.config` error that names the right one.
    public convenience init(environment: [String: String]) throws {
        let variables = environment.filter { $0.key.uppercased().hasPrefix("WECHAT") }
        let found = try native { try optionsFromEnv(variables: variables, given: []) }
        // An object with at least the merchant number.
        try self.init(json: "{\"language\":\"Swift\"," + found.dropFirst())
    }

    private init(client: NativeClient) {
        self.client = client
    }

    /// This client, for calls that do something otherwise: with the same keys, connections and certificates. Closing one closes both.
    /// `timeout`: longest time for a whole call in seconds, with everything that is sent again; for downloads too. `retries`: how
    /// often a failed call is sent again where that is safe. `acceptLanguage`: in which language WeChat Pay words its errors (`en`,
    /// `zh-CN`). `headers`: headers `Wechatpay-…` besides those that every request has.
    public func withOptions(
        timeout: TimeInterval? = nil, retries: Int? = nil, acceptLanguage: String? = nil, headers: [String: String] = [:]
    ) throws -> Client {
        try with(CallOptions(timeout: timeout, retries: retries, accept_language: acceptLanguage, headers: headers))
    }

    /// This client, for calls for a sub-merchant: `sub_mchid` is filled in where an operation has it and the call does not say it.
    /// Closing one closes both.
    public func forSubMerchant(_ subMchid: String) throws -> Client {
        try with(CallOptions(sub_mchid: subMchid))
    }

    private func with(_ options: CallOptions) throws -> Client {
        let json = String(decoding: try JSONEncoder().encode(options), as: UTF8.self)
        return Client(client: try native { try client.withOptions(options: json) })
    }

    /// The merchant number.
    public var mchid: String { client.mchid() }

    /// Carries out an operation by its name with JSON as text on both sides: the whole answer, `null` when there is none.
    public func call(_ operation: String, params: String = "{}") async throws -> String {
        try await detached { try $0.call(number: $1, operation: operation, params: params).json }
    }

    /// Calls an endpoint that is not typed here. The path carries its query and is percent-encoded already; nothing is
    /// checked, encrypted or decrypted. The answer is verified.
    public func request(_ method: String, _ pathAndQuery: String, body: String? = nil) async throws -> String {
        try await detached { try $0.request(number: $1, method: method, pathAndQuery: pathAndQuery, body: body).json }
    }

    /// Uploads a file by the name of the operation (`media.upload_image`); the answer is JSON text. `params` is what some want to
    /// know besides: parameters of the path, and members of `meta`.
    @discardableResult
    public func upload(_ operation: String, params: String = "", fileName: String, content: Data) async throws -> String {
        try await detached {
            try $0.upload(number: $1, operation: operation, params: params, fileName: fileName, content: content).json
        }
    }

    /// Carries out an operation that answers with a file, by its name. The file appears at the path only when it is whole and,
    /// where WeChat Pay signs its SHA-1, right.
    public func callForFile(
        _ operation: String, params: String = "{}", to path: String,
        progress: (@Sendable (UInt64, UInt64?) -> Void)? = nil
    ) async throws -> Downloaded {
        let listener = progress.map { Listener(tell: $0) }
        let json = try await detached {
            try $0.callForFile(number: $1, operation: operation, params: params, path: path, progress: listener)
        }
        return downloaded(json)
    }

    /// A signed request, to be sent exactly as it is with another HTTP client; its answer goes to `finish`. A signer of your own is waited
    /// for on the calling thread.
    public func prepare(_ operation: String, params: String = "{}") throws -> SignedRequest {
        let request = try native { try client.prepare(operation: operation, params: params) }
        return SignedRequest(method: request.method, url: request.url, headers: request.headers, body: request.body)
    }

    /// Verifies and decodes an answer that another HTTP client received.
    public func finish(_ operation: String, status: UInt16, headers: [String: String], body: Data) throws -> String {
        try native { try client.finish(operation: operation, status: status, headers: headers, body: body).json }
    }

    /// Verifies and decrypts a notification: the headers and the raw bytes of the body, exactly as they came. What it throws
    /// says in `details.notificationReply` what WeChat Pay is to be answered; do nothing else then.
    public func parseNotification(headers: [String: String], body: Data) async throws -> VerifiedNotification {
        try await parseNotification(headers: headers.mapValues { [$0] }, body: body)
    }

    /// The same, where headers have lists of values.
    public func parseNotification(headers: [String: [String]], body: Data) async throws -> VerifiedNotification {
        VerifiedNotification(try await detached { try $0.parseNotification(number: $1, headers: headers, body: body) })
    }

    /// The signed answer to a notification that asks for one, for example `Parking.Reminders.FeeAnswer` to `parking.reminders.fee_asked`.
    /// Status, body and the header `Authorization` go out together, the body byte for byte.
    ///
    /// Throws `.invalidRequest` when it asks for no answer (`NO_ANSWER_ASKED`), or when the answer is not what its page says.
    public func answerNotification(
        _ notification: VerifiedNotification, with answer: some Encodable
    ) throws -> NotificationReply {
        let json = String(decoding: try JSONEncoder().encode(answer), as: UTF8.self)
        return NotificationReply(try native { try client.answerNotification(kind: notification.type, answer: json) })
    }

    /// Downloads the file that an answer announces, a bill for example, to a path, where it appears only when it is whole and its
    /// SHA-1 is that of the answer. Fetch it at once: the address lives minutes. `progress` is told bytes received and bytes to
    /// receive where known, on the thread that downloads.
    ///
    /// Throws `.malformed` (`HASH_TYPE`, `FILE_ANNOUNCEMENT`) when there is no SHA-1 to compare with.
    public func download<Value>(
        _ answer: Reply<Value>, to path: String,
        progress: (@Sendable (UInt64, UInt64?) -> Void)? = nil
    ) async throws -> Downloaded {
        try await download(answer: answer.text, to: path, progress: progress)
    }

    /// Downloads a part of an encrypted bill, an element of `download_bill_list`: it is decrypted while it comes, and the file appears
    /// only when the tag at its end and its SHA-1 are right. The parts in the order of `bill_sequence` are the bill.
    public func download<Part: Encodable & Sendable>(
        part: Part, to path: String,
        progress: (@Sendable (UInt64, UInt64?) -> Void)? = nil
    ) async throws -> Downloaded {
        let text = String(decoding: try JSONEncoder().encode(part), as: UTF8.self)
        return try await download(answer: text, to: path, progress: progress)
    }

    /// Downloads what any answer announces: JSON with `download_url`, `hash_type` and `hash_value`, passed on whole.
    public func download(
        answer: String, to path: String,
        progress: (@Sendable (UInt64, UInt64?) -> Void)? = nil
    ) async throws -> Downloaded {
        let listener = progress.map { Listener(tell: $0) }
        let json = try await detached {
            try $0.downloadAnnounced(number: $1, answer: answer, path: path, progress: listener)
        }
        return downloaded(json)
    }

    /// Downloads a bare URL, exactly as WeChat Pay answered it. Without `sha1`, the `hash_value` of the same answer when its
    /// `hash_type` is SHA1, nothing vouches for the content.
    public func download(
        _ url: String, to path: String, sha1: String? = nil,
        progress: (@Sendable (UInt64, UInt64?) -> Void)? = nil
    ) async throws -> Downloaded {
        let listener = progress.map { Listener(tell: $0) }
        let json = try await detached { try $0.download(number: $1, url: url, sha1: sha1, path: path, progress: listener) }
        return downloaded(json)
    }

    private func downloaded(_ json: String) -> Downloaded {
        let done = read(JSONValue.self, json) ?? .null
        return Downloaded(bytes: done["bytes"]?.int ?? 0, sha1: done["sha1"]?.text ?? "")
    }

    /// What pages, mini-programs and apps open WeChat with, beside the cashier.
    public var frontEnd: FrontEnd {
        FrontEnd(client: client)
    }

    /// Parameters with which a page or a mini-program opens the cashier.
    public func jsapiPayment(appid: String, prepayId: String) throws -> [String: String] {
        try frontEnd.made("jsapi_payment", ["appid": appid, "prepay_id": prepayId])
    }

    /// Parameters with which an app opens the cashier. `partnerid` is the number of a sub-merchant, for an order that a service provider
    /// placed with the sub-merchant's own appid.
    public func appPayment(appid: String, prepayId: String, partnerid: String? = nil) throws -> [String: String] {
        try frontEnd.made("app_payment", ["appid": appid, "prepay_id": prepayId, "partnerid": partnerid])
    }

    /// Encrypts a text to WeChat Pay: base64, and the serial for the header `Wechatpay-Serial`.
    public func encryptField(_ text: String) throws -> (ciphertext: String, serial: String) {
        let encrypted = try native { try client.encryptField(text: text) }
        return (encrypted.ciphertext, encrypted.serial)
    }

    /// Decrypts a text that WeChat Pay encrypted to the merchant.
    public func decryptField(_ ciphertext: String) throws -> String {
        try native { try client.decryptField(ciphertext: ciphertext) }
    }

    /// Ends the client: calls under way finish, later ones throw `.closed`. Closing twice is fine.
    public func close() {
        client.shutDown()
    }

    // What the typed operations call.

    package func send<Answer: Decodable & Sendable & Hashable>(
        _ operation: String, _ request: some Encodable & Sendable, as type: Answer.Type
    ) async throws -> Reply<Answer> {
        let params = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
        return try reply(try await detached { try $0.call(number: $1, operation: operation, params: params) })
    }

    package func send<Answer: Decodable & Sendable & Hashable>(_ operation: String, as type: Answer.Type) async throws -> Reply<Answer> {
        try reply(try await detached { try $0.call(number: $1, operation: operation, params: "") })
    }

    package func send(_ operation: String, _ request: some Encodable & Sendable) async throws {
        let params = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
        _ = try await detached { try $0.call(number: $1, operation: operation, params: params) }
    }

    package func send(_ operation: String) async throws {
        _ = try await detached { try $0.call(number: $1, operation: operation, params: "") }
    }

    package func upload<Answer: Decodable & Sendable & Hashable>(
        _ operation: String, fileName: String, content: Data, as type: Answer.Type
    ) async throws -> Reply<Answer> {
        try reply(try await uploaded(operation, params: "", fileName: fileName, content: content))
    }

    package func upload<Answer: Decodable & Sendable & Hashable>(
        _ operation: String, _ request: some Encodable & Sendable, fileName: String, content: Data, as type: Answer.Type
    ) async throws -> Reply<Answer> {
        let params = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
        return try reply(try await uploaded(operation, params: params, fileName: fileName, content: content))
    }

    package func upload(
        _ operation: String, _ request: some Encodable & Sendable, fileName: String, content: Data
    ) async throws {
        let params = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
        _ = try await uploaded(operation, params: params, fileName: fileName, content: content)
    }

    private func uploaded(_ operation: String, params: String, fileName: String, content: Data) async throws -> Answer {
        try await detached {
            try $0.upload(number: $1, operation: operation, params: params, fileName: fileName, content: content)
        }
    }

    package func callForFile(
        _ operation: String, _ request: some Encodable & Sendable, to path: String,
        progress: (@Sendable (UInt64, UInt64?) -> Void)?
    ) async throws -> Downloaded {
        let params = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
        return try await callForFile(operation, params: params, to: path, progress: progress)
    }

    private func reply<Value: Decodable & Sendable & Hashable>(_ answer: Answer) throws -> Reply<Value> {
        guard let value = read(Value.self, answer.json) ?? read(Value.self, "{}") else {
            throw failure(
                kind: "malformed", code: "NOT_JSON",
                message: "The request succeeded, and its answer is not what it should be. Use `call` for the JSON as it came."
            )
        }
        return Reply(
            value: value, requestId: answer.requestId, httpStatus: Int(answer.status), signedBy: answer.serial,
            attempts: Int(answer.attempts), text: answer.json
        )
    }

    private func detached<T: Sendable>(_ call: @escaping @Sendable (NativeClient, UInt64) throws -> T) async throws -> T {
        let client = self.client
        let number = openCall()
        defer { closeCall(number: number) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                queue.async {
                    continuation.resume(with: Result { try native { try call(client, number) } })
                }
            }
        } onCancel: {
            // The call itself throws what this leaves behind.
            _ = giveUpCall(number: number, timedOut: false)
        }
    }
}

/// As the core takes them.
private struct CallOptions: Encodable {
    var timeout: TimeInterval?
    var retries: Int?
    var accept_language: String?
    var headers: [String: String] = [:]
    var sub_mchid: String?
}

/// A signed request for another HTTP client.
public struct SignedRequest: Sendable, CustomStringConvertible {
    /// Upper-case method.
    public let method: String
    /// Absolute URL; path and query are percent-encoded and must not be re-encoded.
    public let url: String
    /// All headers that must be sent, `Authorization` among them.
    public let headers: [String: String]
    /// Body; empty when there is none.
    public let body: Data

    /// Shows neither headers nor body nor query: they may hold what must not be logged.
    public var description: String { "SignedRequest(\(method) \(url.prefix { $0 != "?" }), \(body.count) bytes)" }
}

/// A file that was downloaded.
public struct Downloaded: Sendable, Hashable {
    /// Its size in bytes.
    public let bytes: Int
    /// Its hash, in lower-case hexadecimal.
    public let sha1: String
}

private final class Listener: DownloadListener, Sendable {
    private let tell: @Sendable (UInt64, UInt64?) -> Void

    init(tell: @escaping @Sendable (UInt64, UInt64?) -> Void) {
        self.tell = tell
    }

    func progress(received: UInt64, total: UInt64?) {
        tell(received, total)
    }
}
