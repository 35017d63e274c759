import Foundation
import WeChatPayNative

/// What is known of an error.
public struct ErrorDetails: Sendable, Codable, CustomStringConvertible {
    /// WeChat Pay's error code or, for what was found here, one of `ErrorCodes`. An open set.
    public let code: String
    /// What happened and what to do; WeChat Pay's own text as it came.
    public let message: String
    /// WeChat Pay's `detail`: which field, which value, what is wrong with it; or the same made here.
    public let detail: JSONValue?
    /// HTTP status, when there was an answer.
    public let status: Int?
    /// What WeChat Pay's support asks for, when there was an answer.
    public let requestId: String?
    /// The operation that was called: `payments.jsapi.prepay`.
    public let operation: String?
    /// Body of the answer; unverified unless `authenticated`.
    public let body: String?
    /// Whether the same request may be sent again without harm and with hope.
    public let retryable: Bool
    /// Whether the request may have taken effect although this was thrown. Query before doing anything else.
    public let outcomeUnknown: Bool
    /// Whether the answer behind this carried a valid signature of WeChat Pay. Error answers usually carry none.
    public let authenticated: Bool
    /// How often the call was tried, also when no connection could be made; 0 when it failed before.
    public let attempts: Int
    /// What WeChat Pay is to be answered when `parseNotification` threw this.
    public let notificationReply: NotificationReply
    /// What a signer of your own threw.
    public internal(set) var underlyingError: (any Error)?
    /// Request id, operation, status, code and message in one line.
    public let description: String

    private enum CodingKeys: String, CodingKey {
        case code, message, detail, status, operation, body, retryable, authenticated, attempts
        case requestId = "request_id"
        case outcomeUnknown = "outcome_unknown"
        case notificationReply = "notification_reply"
        case description = "text"
    }
}

private struct ErrorKindOnly: Codable {
    let kind: String
}

/// Calls into the library, and turns what comes out into `WeChatPayError`.
func native<T>(_ call: () throws -> T) throws -> T {
    do {
        return try call()
    } catch NativeError.Failed(let json) {
        throw error(json: json, cause: SignerBridge.takeThrown())
    } catch {
        // uniffi's own errors: a panic in Rust, which is a bug of ours.
        throw failure(
            kind: "internal", code: "PANIC",
            message: "A bug in wechatpay-rs made this call fail (\(error)); please report it. The call may have taken effect.",
            outcomeUnknown: true
        )
    }
}

/// The error that the core describes.
func error(json: String, cause: (any Error)?) -> WeChatPayError {
    let kind = read(ErrorKindOnly.self, json)?.kind ?? "malformed"
    guard var details = read(ErrorDetails.self, json) else {
        return failure(kind: kind, code: "UNKNOWN", message: json)
    }
    if ["signing", "decryption"].contains(kind) {
        details.underlyingError = cause
    }
    return WeChatPayError(kind: kind, details: details)
}

/// An error that is found in Swift.
func failure(kind: String, code: String, message: String, outcomeUnknown: Bool = false) -> WeChatPayError {
    let details = ErrorDetails(
        code: code, message: message, detail: nil, status: nil, requestId: nil, operation: nil, body: nil,
        retryable: false, outcomeUnknown: outcomeUnknown, authenticated: false, attempts: 0, notificationReply: .handlerFailed,
        description: "\(code): \(message)"
    )
    return WeChatPayError(kind: kind, details: details)
}

extension WeChatPayError: LocalizedError, CustomStringConvertible {
    public var description: String { details.description }

    public var errorDescription: String? { details.description }
}
