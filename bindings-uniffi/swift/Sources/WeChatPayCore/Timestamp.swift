import Foundation

/// A moment as RFC 3339 text: `2018-06-08T10:34:56+08:00`. What came is kept as it came.
public struct Timestamp: Sendable, Hashable, Codable {
    /// The text on the wire.
    public let text: String

    /// A moment as text; the core checks it before anything is sent.
    public init(_ text: String) {
        self.text = text
    }

    /// A moment, to the second.
    public init(_ date: Date) {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime]
        self.text = formatter.string(from: date)
    }

    public init(from decoder: any Decoder) throws {
        self.text = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        try value.encode(text)
    }

    /// The moment; nil when the text is no RFC 3339 time.
    public var date: Date? {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime]
        if let date = formatter.date(from: text) {
            return date
        }
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        return formatter.date(from: text)
    }
}
