import Foundation

/// A notification that was verified and decrypted. The same one may come many times: remember `id`.
public struct VerifiedNotification: Sendable {
    /// Number of the notification; a repetition has the same.
    public let id: String
    /// When it was made.
    public let createTime: Timestamp?
    /// What happened: `TRANSACTION.SUCCESS`.
    public let eventType: String
    /// What the resource was before encryption: `transaction`.
    public let originalType: String?
    /// In words, in Chinese.
    public let summary: String?
    /// Serial or id of the key that signed it.
    public let serial: String?
    /// Name in this library: `payments.transaction`; nil when not known.
    public let type: String?
    /// The decrypted content as JSON.
    public let json: JSONValue
    /// The decrypted content in its type.
    public let resource: NotificationResource

    init(json text: String) throws {
        guard let envelope = read(JSONValue.self, text) else {
            throw failure(kind: "malformed", code: "BAD_NOTIFICATION", message: "The notification is not JSON.")
        }
        id = envelope["id"]?.text ?? ""
        createTime = envelope["create_time"]?.text.map { Timestamp($0) }
        eventType = envelope["event_type"]?.text ?? ""
        originalType = envelope["original_type"]?.text
        summary = envelope["summary"]?.text
        serial = envelope["serial"]?.text
        type = envelope["type"]?.text
        json = envelope["resource"] ?? .null
        let content = try JSONEncoder().encode(json)
        resource = NotificationResource.decode(type: type, json: String(decoding: content, as: UTF8.self))
    }
}
