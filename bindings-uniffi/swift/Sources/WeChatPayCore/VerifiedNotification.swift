import Foundation
import WeChatPayNative

/// A notification that was verified and decrypted. The same one may come many times: remember `id`.
///
/// Each product family adds a property of its name, which is nil when the notification is of another:
///
///     if case .transaction(let order)? = notification.payments { … }
public struct VerifiedNotification: Sendable, CustomStringConvertible, CustomReflectable {
    /// Number of the notification; a repetition has the same.
    public let id: String
    /// When it was made.
    public let createTime: Timestamp
    /// What happened: `TRANSACTION.SUCCESS`.
    public let eventType: String
    /// What the resource was before encryption: `transaction`.
    public let originalType: String
    /// In words, in Chinese.
    public let summary: String
    /// Serial or id of the key that signed it.
    public let serial: String
    /// Name in this library: `payments.transaction`; nil when not known.
    public let type: String?
    /// The decrypted content as JSON.
    public let json: JSONValue
    private let content: String
    private let resourceType: String
    private let associatedData: String

    init(_ notice: Notice) {
        id = notice.id
        createTime = Timestamp(notice.createTime)
        eventType = notice.eventType
        originalType = notice.originalType
        summary = notice.summary
        serial = notice.serial
        type = notice.kind
        json = read(JSONValue.self, notice.resource) ?? .null
        content = notice.resource
        resourceType = notice.resourceType
        associatedData = notice.associatedData
    }

    /// Everything as JSON: envelope and decrypted resource.
    public var envelope: JSONValue {
        .object([
            "id": .string(id), "create_time": .string(createTime.text), "event_type": .string(eventType),
            "resource_type": .string(resourceType), "summary": .string(summary), "original_type": .string(originalType),
            "associated_data": .string(associatedData), "serial": .string(serial),
            "type": type.map { JSONValue.string($0) } ?? .null, "resource": json,
        ])
    }

    /// The decrypted content as a value of a family's.
    package func resource<Value: Decodable>(_ type: Value.Type) -> Value? {
        read(type, content)
    }

    /// Shows no content.
    public var description: String { "VerifiedNotification(id: \(id), eventType: \(eventType))" }

    /// `dump` shows no more than `description`.
    public var customMirror: Mirror { Mirror(self, children: ["id": id, "eventType": eventType]) }
}
