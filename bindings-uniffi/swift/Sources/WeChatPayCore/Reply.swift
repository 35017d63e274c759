import Foundation

/// A verified answer. Its fields are reached directly: `reply.prepay_id`.
@dynamicMemberLookup
public struct Reply<Value: Sendable & Hashable>: Sendable {
    /// The answer as a value.
    public let value: Value
    /// What WeChat Pay's support asks for.
    public let requestId: String?
    /// HTTP status.
    public let httpStatus: Int
    /// Serial or id of the key that signed it.
    public let signedBy: String
    /// How many requests went out for the call: 1 without retries.
    public let attempts: Int
    let text: String

    /// A field of the answer.
    public subscript<Field>(dynamicMember path: KeyPath<Value, Field>) -> Field {
        value[keyPath: path]
    }

    /// The whole answer, with the fields that this version does not know.
    public var json: JSONValue {
        (try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))) ?? .null
    }
}

func read<T: Decodable>(_ type: T.Type, _ json: String) -> T? {
    try? JSONDecoder().decode(type, from: Data(json.utf8))
}
