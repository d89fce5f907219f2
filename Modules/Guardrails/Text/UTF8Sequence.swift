/// The shape of well-formed UTF-8 (Unicode 16, table 3-7).
enum UTF8Sequence {
    /// How many bytes a character has that begins with `lead`; 0 if none does.
    static func length(lead: UInt8) -> Int {
        switch lead {
        case 0..<0x80: 1
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 0
        }
    }

    /// Whether `byte` may stand at `place` (1…3) of a character that begins with `lead`.
    static func continues(_ byte: UInt8, at place: Int, lead: UInt8) -> Bool {
        guard byte & 0xC0 == 0x80 else { return false }
        guard place == 1 else { return true }
        return switch lead {
        case 0xE0: byte >= 0xA0
        case 0xED: byte < 0xA0
        case 0xF0: byte >= 0x90
        case 0xF4: byte < 0x90
        default: true
        }
    }

    /// The character of more than one byte that is exactly this range; nil if it isn't one.
    static func scalar(_ text: UnsafePointer<UInt8>, from lead: Int, to end: Int) -> UInt32? {
        let length = end - lead
        guard length > 1, Self.length(lead: text[lead]) == length else { return nil }
        var scalar = UInt32(text[lead]) & (0x7F >> UInt32(length))
        for place in 1..<length {
            guard continues(text[lead + place], at: place, lead: text[lead]) else { return nil }
            scalar = scalar << 6 | UInt32(text[lead + place] & 0x3F)
        }
        return scalar
    }
}

/// A character's UTF-8 bytes, without an array.
struct EncodedScalar {
    private let bytes: UInt32
    let count: Int

    init(_ scalar: UInt32) {
        switch scalar {
        case 0..<0x80:
            bytes = scalar
            count = 1
        case 0x80..<0x800:
            bytes = 0x80C0 | scalar >> 6 | (scalar & 0x3F) << 8
            count = 2
        case 0x800..<0x10000:
            bytes = 0x8080E0 | scalar >> 12 | (scalar >> 6 & 0x3F) << 8 | (scalar & 0x3F) << 16
            count = 3
        default:
            bytes =
                0x808080F0 | scalar >> 18 | (scalar >> 12 & 0x3F) << 8 | (scalar >> 6 & 0x3F) << 16
                | (scalar & 0x3F) << 24
            count = 4
        }
    }

    subscript(place: Int) -> UInt8 { UInt8(truncatingIfNeeded: bytes >> UInt32(8 * place)) }
}
