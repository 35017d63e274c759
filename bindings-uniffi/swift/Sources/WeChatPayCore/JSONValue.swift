import Foundation

/// Any JSON. Whole numbers stay exact.
public enum JSONValue: Sendable, Hashable, Codable {
    case null
    case bool(Bool)
    case int(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let int = try? value.decode(Int.self) {
            self = .int(int)
        } else if let large = try? value.decode(UInt64.self) {
            // An Int does not hold it and a Double would change it: text, as for longer numbers.
            self = .string(String(large))
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let array = try? value.decode([JSONValue].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: JSONValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .bool(let bool): try value.encode(bool)
        case .int(let int): try value.encode(int)
        case .number(let number): try value.encode(number)
        case .string(let string): try value.encode(string)
        case .array(let array): try value.encode(array)
        case .object(let object): try value.encode(object)
        }
    }

    /// The member of an object, or nil.
    public subscript(name: String) -> JSONValue? {
        if case .object(let members) = self {
            return members[name]
        }
        return nil
    }

    /// The text, when it is one.
    public var text: String? {
        if case .string(let text) = self {
            return text
        }
        return nil
    }

    /// The whole number, when it is one.
    public var int: Int? {
        if case .int(let int) = self {
            return int
        }
        return nil
    }
}
