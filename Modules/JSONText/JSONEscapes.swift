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
            while index < text.count {
                let byte = text[index]
                guard byte == 0x5C, index + 1 < text.count else {
                    output[count] = byte
                    count += 1
                    index += 1
                    continue
                }
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
        guard let base = text.baseAddress else { return }
        var runStart = 0
        var index = 0
        while index < text.count {
            // Runs of sixteen bytes without anything to escape are skipped whole; DEL and non-ASCII need no escape.
            if index + ByteSearch.blockBytes <= text.count {
                let lane = ByteSearch.firstLane(ByteSearch.escapable(base, index))
                index += lane
                if lane == ByteSearch.blockBytes { continue }
            }
            let byte = text[index]
            guard byte == 0x22 || byte == 0x5C || byte < 0x20 else {
                index += 1
                continue
            }
            output.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[runStart..<index]))
            index += 1
            runStart = index
            output.append(0x5C)
            switch byte {
            case 0x22, 0x5C: output.append(byte)
            case 0x08: output.append(UInt8(ascii: "b"))
            case 0x09: output.append(UInt8(ascii: "t"))
            case 0x0A: output.append(UInt8(ascii: "n"))
            case 0x0C: output.append(UInt8(ascii: "f"))
            case 0x0D: output.append(UInt8(ascii: "r"))
            default:
                let digits: StaticString = "0123456789abcdef"
                output.append(contentsOf: [UInt8(ascii: "u"), 0x30, 0x30])
                output.append(digits.utf8Start[Int(byte >> 4)])
                output.append(digits.utf8Start[Int(byte & 15)])
            }
        }
        output.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[runStart...]))
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
