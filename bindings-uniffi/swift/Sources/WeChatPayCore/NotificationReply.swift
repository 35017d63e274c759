import WeChatPayNative

/// What WeChat Pay is answered to a notification: the same in every language. Anything but 200 and 204 makes it send the notification
/// again, for hours and ever more rarely.
public struct NotificationReply: Sendable, Hashable, Codable, CustomStringConvertible, CustomReflectable {
    /// HTTP status.
    public let status: Int
    /// Body: empty, or JSON. It says no more than a code: anybody may post to the address of notifications.
    public let body: String
    /// Value of the header `Authorization` of a signed answer; nil for all others.
    public let authorization: String?

    /// Shows no signature and nothing of what is told.
    public var description: String { "NotificationReply(status: \(status))" }

    public var customMirror: Mirror { Mirror(self, children: ["status": status]) }

    /// The notification is understood and stored; WeChat Pay does not send it again.
    public static var accepted: NotificationReply { NotificationReply(rules.accepted) }

    /// The notification is good, but it was not stored or is not understood: its type is unknown, or it is about an order that you
    /// do not know. WeChat Pay sends it again, so that nothing is lost until somebody has looked.
    public static var handlerFailed: NotificationReply { NotificationReply(rules.handlerFailed) }

    /// Largest body of a notification, in bytes. Stop reading there, and answer with the reply of `tooLarge`.
    public static var maxBytes: Int { Int(rules.maxBytes) }

    /// The error of a body that has more than `maxBytes`.
    public static var tooLarge: WeChatPayError { error(json: notificationTooLarge(), cause: nil) }

    private static let rules = notificationRules()

    init(_ reply: WeChatPayNative.Reply) {
        status = Int(reply.status)
        body = reply.body
        authorization = reply.authorization.isEmpty ? nil : reply.authorization
    }
}
