import Glibc

/// String text ⇄ bytes with JSON's escapes.
///
/// Every function takes any bytes: half a surrogate pair becomes U+FFFD, and a backslash that starts no valid escape is
/// dropped.
public enum JSONEscapes {
    /// The bytes of a string's text (without quotes) with its escapes resolved.
    public static func unescaped(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        guard let base = text.baseAddress, text.count > 0 else { return [] }
        guard memchr(base, 0x5C, text.count) != nil else { return [UInt8](text) }
        // An escape is never shorter than what it stands for.
        return [UInt8](unsafeUninitializedCapacity: text.count) { output, count in
            var index = 0
            func copy(upTo end: Int) {
                guard let target = output.baseAddress, end > index else { return }
                memcpy(target + count, base + index, end - index)
                count += end - index
                index = end
            }
            while let found = memchr(base + index, 0x5C, text.count - index) {
                copy(upTo: UnsafeRawPointer(found) - base)
                // A backslash at the very end stays what it is.
                guard index + 1 < text.count else { break }
                if text[index + 1] == UInt8(ascii: "u"), let unit = codeUnit(text, index) {
                    var scalar = UInt32(unit)
                    index += 6
                    if unit & 0xF800 == 0xD800 {
                        if unit < 0xDC00, let low = codeUnit(text, index), low & 0xFC00 == 0xDC00 {
                            scalar = 0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(low & 0x3FF))
                            index += 6
                        } else {
                            scalar = 0xFFFD
                        }
                    }
                    for unit in UTF8.encode(UnicodeScalar(scalar) ?? "\u{FFFD}")! {
                        output[count] = unit
                        count += 1
                    }
                    continue
                }
                output[count] = simpleEscape(text[index + 1])
                count += 1
                index += 2
            }
            copy(upTo: text.count)
        }
    }

    /// A string's text (without quotes) as a `String`.
    public static func string(_ text: UnsafeRawBufferPointer) -> String {
        guard let base = text.baseAddress, text.count > 0 else { return "" }
        guard memchr(base, 0x5C, text.count) != nil else { return String(decoding: text, as: UTF8.self) }
        return String(decoding: unescaped(text), as: UTF8.self)
    }

    /// Appends `text` (UTF-8) as it stands between quotes.
    ///
    /// Bytes that are no valid UTF-8 are kept: give valid text.
    public static func append(_ text: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        var start = 0
        var place = firstEscapable(in: text)
        while place < text.count {
            output.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[start..<place]))
            let escape = escape(of: text[place])
            withUnsafeBytes(of: escape.bytes) { output.append(contentsOf: $0[..<escape.count]) }
            start = place + 1
            place = start + firstEscapable(in: UnsafeRawBufferPointer(rebasing: text[start...]))
        }
        output.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[start...]))
    }

    /// The first byte that has to be escaped; the text's count where there is none. DEL and non-ASCII need no escape.
    static func firstEscapable(in text: UnsafeRawBufferPointer) -> Int {
        guard let base = text.baseAddress else { return text.count }
        let count = text.count
        let lastBlock = count &- ByteSearch.blockBytes
        var place = ByteSearch.skipUnescapable(base, 0, lastBlock)
        // Found in a whole block, or nothing is left.
        if place <= lastBlock || place == count { return place }
        // What is left is shorter than a block. The text's last bytes show at once that nothing is in it: where it is
        // shorter than them, its first ones too.
        if count >= 16 {
            if ByteSearch.isEmpty(ByteSearch.escapable(base, lastBlock)) { return count }
        } else if count >= 8 {
            let first = base.loadUnaligned(as: UInt64.self)
            let last = base.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            if !hasEscapable(first), !hasEscapable(last) { return count }
        } else if count >= 4 {
            let first = UInt64(base.loadUnaligned(as: UInt32.self))
            let last = UInt64(base.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
            if !hasEscapable(first << 32 | last) { return count }
        }
        while place < count {
            let byte = base.load(fromByteOffset: place, as: UInt8.self)
            if byte == 0x22 || byte == 0x5C || byte < 0x20 { break }
            place &+= 1
        }
        return place
    }

    /// Whether one of the eight bytes is `"`, `\` or below 0x20: a subtraction borrows into the top bit of a byte that is
    /// less (https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord).
    private static func hasEscapable(_ bytes: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = (bytes ^ (ones &* 0x22)) &- ones
        let backslashes = (bytes ^ (ones &* 0x5C)) &- ones
        let controls = bytes &- (ones &* 0x20)
        return (quotes | backslashes | controls) & ~bytes & (ones &* 0x80) != 0
    }

    /// What stands for a byte that has to be escaped: `\n`, `\u001f`; the first `count` of the bytes.
    static func escape(of byte: UInt8) -> (bytes: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8), count: Int) {
        let letter: UInt8 =
            switch byte {
            case 0x22, 0x5C: byte
            case 0x08: UInt8(ascii: "b")
            case 0x09: UInt8(ascii: "t")
            case 0x0A: UInt8(ascii: "n")
            case 0x0C: UInt8(ascii: "f")
            case 0x0D: UInt8(ascii: "r")
            default: 0
            }
        if letter != 0 { return ((0x5C, letter, 0, 0, 0, 0), 2) }
        let digits: StaticString = "0123456789abcdef"
        let high = digits.utf8Start[Int(byte >> 4)]
        let low = digits.utf8Start[Int(byte & 15)]
        return ((0x5C, UInt8(ascii: "u"), 0x30, 0x30, high, low), 6)
    }

    /// `text` as a JSON string, quotes included.
    public static func quoted(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        var text = text
        text.withUTF8 { utf8 in
            output.reserveCapacity(utf8.count + 2)
            output.append(0x22)
            append(UnsafeRawBufferPointer(utf8), to: &output)
            output.append(0x22)
        }
        return output
    }

    /// Whether a string's text stands for `name`.
    static func equal(_ text: UnsafeRawBufferPointer, _ name: StaticString, isEscaped: Bool) -> Bool {
        let expected = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        if !isEscaped { return JSONKeys.bytesEqual(text, expected) }
        return unescaped(text).withUnsafeBytes { JSONKeys.bytesEqual($0, expected) }
    }

    static func hexDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte &- 0x30)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte &- 0x57)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte &- 0x37)
        default: nil
        }
    }

    /// The value of the `\uXXXX` at `index`; nil where there is none.
    private static func codeUnit(_ text: UnsafeRawBufferPointer, _ index: Int) -> UInt16? {
        guard index + 6 <= text.count, text[index] == 0x5C, text[index + 1] == UInt8(ascii: "u") else { return nil }
        var unit: UInt16 = 0
        for offset in index + 2..<index + 6 {
            guard let digit = hexDigit(text[offset]) else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }

    private static func simpleEscape(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: byte
        }
    }
}
