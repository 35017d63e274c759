import Foundation
import WeChatPay
@testable import WeChatPayCore

extension JSONValue {
    /// The members of an object; none for anything else.
    var members: [String: JSONValue] {
        if case .object(let members) = self {
            return members
        }
        return [:]
    }

    /// The elements of a list; none for anything else.
    var elements: [JSONValue] {
        if case .array(let elements) = self {
            return elements
        }
        return []
    }

    /// As JSON text.
    var jsonText: String {
        guard let data = try? JSONEncoder().encode(self) else {
            return ""
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// A number, whole or not.
    var seconds: Double? {
        switch self {
        case .int(let int): return Double(int)
        case .number(let number): return number
        default: return nil
        }
    }
}

/// `${name.path}` in scenarios.
struct Variables {
    private var values: [String: JSONValue] = [:]

    mutating func set(_ name: String, _ value: JSONValue) {
        values[name] = value
    }

    /// The value at a path: `order.amount.total`, `list.data.0.serial_no`.
    func get(_ path: String) throws -> JSONValue {
        let names = path.split(separator: ".").map { String($0) }
        guard let first = names.first, var value = values[first] else {
            throw TestFailure("there is no variable \(path)")
        }
        for name in names.dropFirst() {
            let elements = value.elements
            if let index = Int(name), index < elements.count {
                value = elements[index]
            } else if let member = value[name] {
                value = member
            } else {
                throw TestFailure("there is nothing at \(path)")
            }
        }
        return value
    }

    /// The value with every `${…}` replaced. A text that is one `${…}` and nothing else becomes the value itself.
    func fill(_ value: JSONValue) throws -> JSONValue {
        switch value {
        case .string(let text): return try fillText(text)
        case .array(let elements): return .array(try elements.map { try fill($0) })
        case .object(let members): return .object(try members.mapValues { try fill($0) })
        default: return value
        }
    }

    private func fillText(_ text: String) throws -> JSONValue {
        var filled = ""
        var rest = text[...]
        while let start = rest.range(of: "${") {
            guard let end = rest.range(of: "}", range: start.upperBound..<rest.endIndex) else {
                throw TestFailure("\(text) has no closing brace")
            }
            let value = try get(String(rest[start.upperBound..<end.lowerBound]))
            if start.lowerBound == text.startIndex && end.upperBound == text.endIndex {
                return value
            }
            filled += String(rest[rest.startIndex..<start.lowerBound])
            filled += value.text ?? value.jsonText
            rest = rest[end.upperBound...]
        }
        return .string(filled + String(rest))
    }
}

/// Says what does not fit, or nothing. Objects: every expected member must fit, others are ignored. Lists: same length,
/// each element must fit. Everything else: equal.
func mismatch(_ expected: JSONValue, _ found: JSONValue?, at place: String = "") throws -> String? {
    if case .object(let members) = expected, let name = members.keys.first(where: { $0.hasPrefix("$") }) {
        if members.count > 1 {
            throw TestFailure("\(name) is not the only member of its object")
        }
        if try fits(name, members[name] ?? .null, found) {
            return nil
        }
        return "\(place): \(found?.jsonText ?? "absent"), expected \(expected.jsonText)"
    }
    guard let found = found else {
        return "\(place): absent, expected \(expected.jsonText)"
    }
    if case .object(let members) = expected, case .object = found {
        for name in members.keys.sorted() {
            if let difference = try mismatch(members[name] ?? .null, found[name], at: "\(place)/\(name)") {
                return difference
            }
        }
        return nil
    }
    if case .array(let wanted) = expected, case .array(let list) = found, wanted.count == list.count {
        for index in wanted.indices {
            if let difference = try mismatch(wanted[index], list[index], at: "\(place)/\(index)") {
                return difference
            }
        }
        return nil
    }
    return expected == found ? nil : "\(place): \(found.jsonText), expected \(expected.jsonText)"
}

private func fits(_ matcher: String, _ argument: JSONValue, _ found: JSONValue?) throws -> Bool {
    if matcher == "$absent" {
        return found == nil || found == .null
    }
    guard let found = found else {
        return false
    }
    switch matcher {
    case "$type":
        return argument.text == typeName(found)
    case "$contains":
        if case .array(let list) = found {
            return try list.contains { try mismatch(argument, $0) == nil }
        }
        guard let text = found.text else {
            return false
        }
        if case .array(let parts) = argument {
            return parts.allSatisfy { text.contains($0.text ?? "\u{0}") }
        }
        return text.contains(argument.text ?? "\u{0}")
    case "$length":
        if let text = found.text {
            return argument.int == text.unicodeScalars.count
        }
        return argument.int == found.elements.count
    default:
        throw TestFailure("there is no matcher \(matcher)")
    }
}

private func typeName(_ value: JSONValue) -> String {
    switch value {
    case .null: return "null"
    case .bool: return "bool"
    case .int, .number: return "number"
    case .string: return "string"
    case .array: return "list"
    case .object: return "object"
    }
}
