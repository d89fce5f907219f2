/// A small JSON value, for what is read seldom: tools, schemas, rules.
indirect enum JSONValue: Equatable {
    case null
    case bool(Bool)
    /// The number's text: it is echoed, compared or turned into an integer, never computed with.
    case number(String)
    case string([UInt8])
    case array([JSONValue])
    case object([Member])
    /// JSON text that is written as it is; reading makes none of these.
    case raw([UInt8])

    struct Member: Equatable {
        let key: String
        let value: JSONValue
    }

    static let depthMax = 256

    /// - Returns: nil where the range holds anything but one value of at most `depthMax` levels.
    init?(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) {
        var cursor = ByteCursor(bytes, in: range)
        cursor.skipSpace()
        self.init(&cursor, depth: 0)
        cursor.skipSpace()
        guard cursor.atEnd else { return nil }
    }

    init?(_ text: [UInt8]) {
        guard let value = text.withUnsafeBytes({ JSONValue($0, in: 0..<$0.count) }) else { return nil }
        self = value
    }

    private init?(_ cursor: inout ByteCursor, depth: Int) {
        guard depth < Self.depthMax else { return nil }
        let bytes = cursor.bytes
        switch cursor.next {
        case UInt8(ascii: "{"):
            var found: [Member] = []
            let complete = cursor.members { key, cursor in
                guard let value = JSONValue(&cursor, depth: depth + 1) else { return false }
                found.append(Member(key: String(decoding: bytes.unescaped(key), as: UTF8.self), value: value))
                return true
            }
            guard complete else { return nil }
            self = .object(found)
        case UInt8(ascii: "["):
            var found: [JSONValue] = []
            let complete = cursor.elements { cursor in
                guard let value = JSONValue(&cursor, depth: depth + 1) else { return false }
                found.append(value)
                return true
            }
            guard complete else { return nil }
            self = .array(found)
        default:
            guard let value = cursor.value() else { return nil }
            if bytes[value.lowerBound] == UInt8(ascii: "\"") {
                self = .string(bytes.unescaped(value.inside))
            } else {
                self.init(scalar: String(decoding: bytes[value], as: UTF8.self))
            }
        }
    }

    private init?(scalar text: String) {
        switch text {
        case "null": self = .null
        case "true": self = .bool(true)
        case "false": self = .bool(false)
        default:
            guard let first = text.utf8.first, first == 0x2D || (0x30...0x39).contains(first) else { return nil }
            self = .number(text)
        }
    }

    subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }

    var text: String? {
        switch self {
        case .string(let bytes): String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }

    var integer: Int? {
        switch self {
        case .number(let text): Int(text)
        default: nil
        }
    }

    var double: Double? {
        switch self {
        case .number(let text): Double(text)
        default: nil
        }
    }

    var isTrue: Bool { self == .bool(true) }

    var isNull: Bool { self == .null }

    var elements: [JSONValue]? {
        switch self {
        case .array(let elements): elements
        default: nil
        }
    }

    var members: [Member]? {
        switch self {
        case .object(let members): members
        default: nil
        }
    }

    /// As compact JSON text.
    func write(to out: inout ByteQueue) {
        switch self {
        case .null: out.append("null")
        case .bool(let value): out.append(value ? "true" : "false")
        case .number(let text): out.append(text: text)
        case .string(let bytes):
            out.append(byte: 0x22)
            bytes.withUnsafeBytes { out.append(escaping: $0) }
            out.append(byte: 0x22)
        case .array(let elements):
            out.append("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { out.append(",") }
                element.write(to: &out)
            }
            out.append("]")
        case .object(let members):
            out.append("{")
            for (index, member) in members.enumerated() {
                if index > 0 { out.append(",") }
                out.append("\"")
                out.append(escaping: member.key)
                out.append("\":")
                member.value.write(to: &out)
            }
            out.append("}")
        case .raw(let text): out.append(text)
        }
    }

    var serialized: [UInt8] {
        var out = ByteQueue()
        write(to: &out)
        return out.copy()
    }
}
