import JSONText

/// Finds in Swift source what the tests of this repository hold as vectors: JSON and streams in string literals, JSON
/// written as Swift literals, and every word in quotes. So a new test is a new seed, and a member's name that a codec
/// learns is known to the fuzzer.
struct SwiftSource {
    private(set) var texts: [String] = []
    private(set) var values: [JSON] = []
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "/") where index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "/"):
                while index < bytes.count, bytes[index] != 0x0A { index += 1 }
            case UInt8(ascii: "\""), UInt8(ascii: "#"):
                if let (text, end) = literal(at: index) {
                    texts.append(text)
                    index = end
                } else {
                    index += 1
                }
            case UInt8(ascii: "["):
                var end = index
                if let value = value(at: &end, depth: 0), value.object?.isEmpty == false { values.append(value) }
                // Inner values are found again, as fragments.
                index += 1
            default: index += 1
            }
        }
    }

    /// The string literal that begins here, and where it ends.
    private func literal(at start: Int) -> (String, Int)? {
        var index = start
        var hashes = 0
        while index < bytes.count, bytes[index] == UInt8(ascii: "#") {
            hashes += 1
            index += 1
        }
        var quotes = 0
        while index < bytes.count, bytes[index] == 0x22, quotes < 3 {
            quotes += 1
            index += 1
        }
        guard quotes > 0 else { return nil }
        if quotes == 2 { return ("", index) }
        let mark = [UInt8](repeating: 0x22, count: quotes) + [UInt8](repeating: UInt8(ascii: "#"), count: hashes)
        let from = index
        while index + mark.count <= bytes.count, !bytes[index...].starts(with: mark) {
            if quotes == 1, bytes[index] == 0x0A { return nil }
            index += hashes == 0 && bytes[index] == 0x5C ? 2 : 1
        }
        guard index + mark.count <= bytes.count else { return nil }
        var text = String(decoding: bytes[from..<index], as: UTF8.self)
        if quotes == 3 {
            // The indentation goes; in JSON it would not matter, in a stream it does.
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
            let indent = lines.last?.prefix { $0 == " " }.count ?? 0
            text = lines.dropLast().map { $0.dropFirst(min(indent, $0.prefix { $0 == " " }.count)) }.joined(
                separator: "\n")
        }
        if hashes == 0, let unescaped = try? JSON.parse("\"\(text)\"").string { text = unescaped }
        return (text, index + mark.count)
    }

    /// The JSON value that a Swift literal of ``JSON`` means; nil where it is none.
    private func value(at index: inout Int, depth: Int) -> JSON? {
        skipSpace(&index)
        guard index < bytes.count, depth < 40 else { return nil }
        switch bytes[index] {
        case 0x22, UInt8(ascii: "#"):
            guard let (text, end) = literal(at: index) else { return nil }
            index = end
            return .string(text)
        case UInt8(ascii: "["):
            index += 1
            return list(at: &index, depth: depth)
        default:
            let word = bytes[index...].prefix {
                (48...57).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 46 || $0 == 95
            }
            index += word.count
            switch String(decoding: word, as: UTF8.self) {
            case "nil": return .null
            case "true": return .bool(true)
            case "false": return .bool(false)
            case let number: return try? JSON.parse(number.filter { $0 != "_" })
            }
        }
    }

    private func list(at index: inout Int, depth: Int) -> JSON? {
        var elements: [JSON] = []
        var members: [(String, JSON)] = []
        var isObject = false
        while true {
            skipSpace(&index)
            guard index < bytes.count else { return nil }
            if bytes[index] == UInt8(ascii: "]") {
                index += 1
                return isObject ? .object(JSONObject(members)) : .array(elements)
            }
            if bytes[index] == UInt8(ascii: ":") {
                isObject = true
                index += 1
                continue
            }
            guard let first = value(at: &index, depth: depth + 1) else { return nil }
            skipSpace(&index)
            guard index < bytes.count else { return nil }
            if bytes[index] == UInt8(ascii: ":"), let key = first.string {
                isObject = true
                index += 1
                guard let value = value(at: &index, depth: depth + 1) else { return nil }
                members.append((key, value))
                skipSpace(&index)
            } else {
                elements.append(first)
            }
            if index < bytes.count, bytes[index] == UInt8(ascii: ",") { index += 1 }
        }
    }

    private func skipSpace(_ index: inout Int) {
        while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
    }
}
