import Foundation

/// The one coding key of all models: a name.
package struct FieldKey: CodingKey, ExpressibleByStringLiteral, Sendable {
    package let stringValue: String
    package var intValue: Int? { nil }

    package init(stringLiteral value: String) {
        self.stringValue = value
    }

    package init?(stringValue: String) {
        self.stringValue = stringValue
    }

    package init?(intValue: Int) {
        nil
    }
}

/// Answers are read tolerantly: what is missing or has another type is nil, and stays reachable in `Reply.json`.
extension KeyedDecodingContainer where K == FieldKey {
    package func tolerant<T: Decodable>(_ type: T.Type, _ key: FieldKey) -> T? {
        (try? decodeIfPresent(type, forKey: key)) ?? nil
    }

    /// Text, also where a number came.
    package func text(_ key: FieldKey) -> String? {
        if let text = tolerant(String.self, key) {
            return text
        }
        return tolerant(Int.self, key).map { String($0) }
    }

    /// A whole number, also where it came as text.
    package func int(_ key: FieldKey) -> Int? {
        if let number = tolerant(Int.self, key) {
            return number
        }
        return tolerant(String.self, key).flatMap { Int($0) }
    }
}
