import Glibc

/// Walks over JSON text in place: it finds where values begin and end and leaves what is between them unread.
///
/// It is lenient inside of what it skips (the fake provider is no validator) but knows where the document ends.
struct ByteCursor {
    let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    private let end: Int

    init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    var atEnd: Bool { position >= end }
    var next: UInt8? { position < end ? bytes[position] : nil }

    mutating func skipSpace() {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// The last string that ``string()`` returned has a backslash in it.
    private(set) var stringHasEscapes = false

    /// Windows small enough for the processor's caches: each is searched for the quote, then for what may escape it.
    private static let windowBytes = 32_768

    /// - Returns: what is between the quotes, escapes included; nil where no string stands here or it does not end.
    mutating func string() -> Range<Int>? {
        guard next == UInt8(ascii: "\""), let base = bytes.baseAddress else { return nil }
        let start = position + 1
        var from = start
        stringHasEscapes = false
        while from < end {
            let windowEnd = min(from + Self.windowBytes, end)
            let quote = memchr(base + from, 0x22, windowEnd - from).map { UnsafeRawPointer($0) - base }
            if let slash = memchr(base + from, 0x5C, (quote ?? windowEnd) - from) {
                // What follows a backslash is escaped, a quote too.
                stringHasEscapes = true
                from = UnsafeRawPointer(slash) - base + 2
            } else if let quote {
                position = quote + 1
                return start..<quote
            } else {
                from = windowEnd
            }
        }
        return nil
    }

    /// - Returns: where the value stands that begins here (strings with their quotes); nil where it does not end.
    mutating func value() -> Range<Int>? {
        skipSpace()
        let start = position
        switch next {
        case nil: return nil
        case UInt8(ascii: "\""): return string().map { _ in start..<position }
        case UInt8(ascii: "{"), UInt8(ascii: "["): return container() ? start..<position : nil
        default:
            while let byte = next, !Self.endsScalar(byte) { position += 1 }
            return position > start ? start..<position : nil
        }
    }

    /// Calls `body` for each member of the object that begins here.
    ///
    /// - Parameter body: gets the key (escapes included) and the cursor at the member's value, which it may read; left
    ///   where it is, the value is skipped. False stops.
    /// - Returns: false where no object stands here, it does not end, or `body` stopped.
    mutating func members(_ body: (_ key: Range<Int>, _ value: inout ByteCursor) -> Bool) -> Bool {
        guard skip("{") else { return false }
        if skip("}") { return true }
        repeat {
            skipSpace()
            guard let key = string(), skip(":") else { return false }
            skipSpace()
            let start = position
            guard body(key, &self), position > start || value() != nil else { return false }
        } while skip(",")
        return skip("}")
    }

    /// Calls `body` for each element of the array that begins here, as ``members(_:)`` does.
    mutating func elements(_ body: (inout ByteCursor) -> Bool) -> Bool {
        guard skip("[") else { return false }
        if skip("]") { return true }
        repeat {
            skipSpace()
            let start = position
            guard body(&self), position > start || value() != nil else { return false }
        } while skip(",")
        return skip("]")
    }

    private mutating func container() -> Bool {
        var depth = 0
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                guard string() != nil else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 {
                    position += 1
                    return true
                }
            default: break
            }
            position += 1
        }
        return false
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"): true
        default: false
        }
    }
}

extension UnsafeRawBufferPointer {
    /// How many bytes the JSON string between two quotes stands for.
    func unescapedCount(_ range: Range<Int>) -> Int {
        guard let baseAddress else { return 0 }
        var count = range.count
        var from = range.lowerBound
        while from < range.upperBound, let slash = memchr(baseAddress + from, 0x5C, range.upperBound - from) {
            let at = UnsafeRawPointer(slash) - baseAddress
            guard at + 1 < range.upperBound else { return count }
            if self[at + 1] == UInt8(ascii: "u"), at + 6 <= range.upperBound {
                let unit = hex4(at + 2)
                // A surrogate pair is 12 bytes of text for 4 of UTF-8: each half counts 2.
                count -= 6 - (unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xD800 && unit < 0xE000) ? 2 : 3)
                from = at + 6
            } else {
                count -= 1
                from = at + 2
            }
        }
        return count
    }

    /// What the JSON string between two quotes stands for. Lone surrogates become U+FFFD.
    func unescaped(_ range: Range<Int>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            guard self[index] == UInt8(ascii: "\\"), index + 1 < range.upperBound else {
                result.append(self[index])
                index += 1
                continue
            }
            index += 2
            switch self[index - 1] {
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "u") where index + 4 <= range.upperBound:
                var scalar = UInt32(hex4(index))
                index += 4
                if scalar >= 0xD800, scalar < 0xDC00, index + 6 <= range.upperBound, self[index] == 0x5C,
                    self[index + 1] == UInt8(ascii: "u")
                {
                    let low = UInt32(hex4(index + 2))
                    if low >= 0xDC00, low < 0xE000 {
                        scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
                        index += 6
                    }
                }
                result.append(contentsOf: Array(String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8))
            case let other: result.append(other)
            }
        }
        return result
    }

    private func hex4(_ start: Int) -> UInt16 {
        var value: UInt16 = 0
        for offset in 0..<4 {
            let byte = self[start + offset] | 0x20
            let digit = byte >= 0x61 ? byte &- 0x61 &+ 10 : byte &- 0x30
            value = value << 4 | UInt16(digit & 15)
        }
        return value
    }
}
