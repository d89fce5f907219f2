/// JSON by the book: one byte at a time, recursive, no cleverness. The scanner is measured against it.
struct ReferenceParser {
    private let bytes: [UInt8]
    private var index = 0

    private struct Refused: Error {}

    static func accepts(_ bytes: [UInt8], requiresObject: Bool) -> Bool {
        var parser = ReferenceParser(bytes: bytes)
        do {
            // Unicode's own decoder decides about UTF-8.
            guard String(validating: bytes, as: UTF8.self) != nil else { return false }
            parser.space()
            if requiresObject, parser.peek != UInt8(ascii: "{") { return false }
            try parser.value(depth: 0)
            parser.space()
            return parser.index == bytes.count
        } catch {
            return false
        }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ byte: UInt8) throws {
        guard peek == byte else { throw Refused() }
        index += 1
    }

    private mutating func space() {
        while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
    }

    private mutating func value(depth: Int) throws {
        guard let byte = peek else { throw Refused() }
        switch byte {
        case UInt8(ascii: "{"):
            guard depth < 128 else { throw Refused() }
            var keys: Set<[UInt8]> = []
            try list(UInt8(ascii: "}")) { parser in
                let key = try parser.string()
                if !keys.insert(key).inserted { throw Refused() }
                parser.space()
                try parser.take(UInt8(ascii: ":"))
                parser.space()
                try parser.value(depth: depth + 1)
            }
        case UInt8(ascii: "["):
            guard depth < 128 else { throw Refused() }
            try list(UInt8(ascii: "]")) { try $0.value(depth: depth + 1) }
        case 0x22: _ = try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
    }

    private mutating func list(_ close: UInt8, _ element: (inout ReferenceParser) throws -> Void) throws {
        index += 1
        space()
        if peek == close {
            index += 1
            return
        }
        while true {
            space()
            try element(&self)
            space()
            if peek == close {
                index += 1
                return
            }
            try take(UInt8(ascii: ","))
        }
    }

    private mutating func word(_ text: String) throws {
        for byte in text.utf8 { try take(byte) }
    }

    /// The text with its escapes resolved; half a surrogate pair as U+FFFD.
    private mutating func string() throws -> [UInt8] {
        try take(0x22)
        var units: [UInt16] = []
        var output: [UInt8] = []
        while let byte = peek {
            index += 1
            if byte != 0x5C || peek != UInt8(ascii: "u") {
                output += String(decoding: units, as: UTF16.self).utf8
                units = []
            }
            switch byte {
            case 0x22: return output
            case 0x00..<0x20: throw Refused()
            case 0x5C:
                guard let escape = peek else { throw Refused() }
                index += 1
                if escape == UInt8(ascii: "u") {
                    let digits = bytes[index..<min(index + 4, bytes.count)]
                    let isHex = digits.count == 4 && digits.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
                    guard isHex, let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16) else {
                        throw Refused()
                    }
                    units.append(unit)
                    index += 4
                } else {
                    let known: [Character: UInt8] = [
                        "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
                    ]
                    guard let resolved = known[Character(UnicodeScalar(escape))] else { throw Refused() }
                    output.append(resolved)
                }
            default:
                output.append(byte)
            }
        }
        throw Refused()
    }

    private mutating func number() throws {
        var digits = 0
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { $0 >= 0x30 && $0 <= 0x39 } ?? false }
        let first = index
        if peek == UInt8(ascii: "-") { index += 1 }
        guard isDigit(peek) else { throw Refused() }
        if peek == UInt8(ascii: "0") {
            index += 1
            digits += 1
        } else {
            while isDigit(peek) {
                index += 1
                digits += 1
            }
        }
        if peek == UInt8(ascii: ".") {
            index += 1
            guard isDigit(peek) else { throw Refused() }
            while isDigit(peek) {
                index += 1
                digits += 1
            }
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            index += 1
            if peek == UInt8(ascii: "-") || peek == UInt8(ascii: "+") { index += 1 }
            let start = index
            while isDigit(peek) { index += 1 }
            guard let exponent = Double(String(decoding: bytes[start..<index], as: UTF8.self)), exponent <= 999 else {
                throw Refused()
            }
        }
        let value = Double(String(decoding: bytes[first..<index], as: UTF8.self))
        guard digits <= 64, value?.isFinite == true else { throw Refused() }
    }
}
