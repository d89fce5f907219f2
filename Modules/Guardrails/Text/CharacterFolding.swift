/// What matching needs to know of a character: which class it is of, and which character stands for it when case does
/// not count.
///
/// Folding is one character to one character, for Latin, Greek, Cyrillic and Armenian letters below U+0800, the
/// blocks Latin Extended Additional and Greek Extended, the Kelvin and Angstrom signs, and fullwidth ASCII (to ASCII).
/// `ß` is not `ss`, a letter followed by a combining accent is not the accented letter, and Cyrillic `а` is not
/// Latin `a`.
enum CharacterFolding {
    enum Class: UInt8 {
        /// Letters, digits, underscore, and whatever is not one of the others.
        case word
        /// Punctuation and symbols; also scripts that are written without spaces: every place in them may be a
        /// word's edge.
        case separator
        case space
        /// Not there for a reader, so not there for a rule: zero-width and other invisible format characters.
        case invisible
    }

    static func folded(_ scalar: UInt32) -> UInt32 {
        switch scalar {
        case 0..<0x80: UInt32(foldedASCII(UInt8(scalar)))
        case 0x80..<0x800: UInt32(lowBlock[Int(scalar) - 0x80])
        case 0x1E00..<0x2000: UInt32(extendedBlock[Int(scalar) - 0x1E00])
        case 0x2126: 0x3C9
        case 0x212A: UInt32(UInt8(ascii: "k"))
        case 0x212B: 0xE5
        case 0xFF01...0xFF5E: UInt32(foldedASCII(UInt8(scalar - 0xFF01 + 0x21)))
        default: scalar
        }
    }

    static func classOf(_ scalar: UInt32) -> Class {
        switch scalar {
        case 0..<0x80: classOfASCII(UInt8(scalar))
        case 0x80..<0x2000: classBelowPunctuation(scalar)
        case 0x2000..<0x3000: classOfPunctuation(scalar)
        case 0x3000: .space
        case 0x3001...0x3003, 0x3008...0x301F, 0x3030, 0x303D, 0x30FB: .separator
        case 0x3040...0x30FF, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF: .separator
        case 0xFE00...0xFE0F, 0xFEFF: .invisible
        case 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF61...0xFF65: .separator
        case 0xFF01...0xFF5E: classOfASCII(UInt8(scalar - 0xFF01 + 0x21))
        // U+FFFD stands for what could not be read.
        case 0xFFF0...0xFFFF, 0x1F000...0x1FAFF, 0x20000...0x3FFFF: .separator
        case 0xE0000...0xE007F, 0xE0100...0xE01EF: .invisible
        default: .word
        }
    }

    private static func classBelowPunctuation(_ scalar: UInt32) -> Class {
        switch scalar {
        case 0x85, 0xA0, 0x1680: .space
        case 0xAD, 0x180E: .invisible
        case 0xAA, 0xB2, 0xB3, 0xB5, 0xB9, 0xBA, 0xBC...0xBE: .word
        case 0x80...0xBF, 0xD7, 0xF7: .separator
        // Thai, Lao, Myanmar, Khmer: written without spaces.
        case 0xE00...0xEFF, 0x1000...0x109F, 0x1780...0x17FF: .separator
        default: .word
        }
    }

    private static func classOfPunctuation(_ scalar: UInt32) -> Class {
        switch scalar {
        case 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F: .space
        case 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F: .invisible
        case 0x203F, 0x2040, 0x2054: .word
        case 0x2010...0x205E, 0x20A0...0x20CF, 0x2190...0x2BFF, 0x2E00...0x2E7F: .separator
        default: .word
        }
    }

    /// Every character that folds to `scalar`, itself included.
    static func variants(of scalar: UInt32) -> [UInt32] {
        variantsByFolded[scalar] ?? [scalar]
    }

    private static let variantsByFolded: [UInt32: [UInt32]] = {
        var variants: [UInt32: [UInt32]] = [:]
        let moved = [0..<0x800, 0x1E00..<0x2000, 0x2126..<0x212C, 0xFF01..<0xFF5F] as [Range<UInt32>]
        for scalar in moved.joined() where folded(scalar) != scalar {
            variants[folded(scalar), default: [folded(scalar)]].append(scalar)
        }
        return variants
    }()

    static func foldedASCII(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }

    static func classOfASCII(_ byte: UInt8) -> Class {
        switch byte {
        case 0x09...0x0D, 0x20: .space
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
            .word
        default: .separator
        }
    }

    private static let lowBlock: [UInt16] = (0x80..<0x800).map { simpleFolding(of: $0) }
    private static let extendedBlock: [UInt16] = (0x1E00..<0x2000).map { simpleFolding(of: $0) }

    private static func simpleFolding(of scalar: UInt32) -> UInt16 {
        switch scalar {
        // Letters whose simple folding is not their lower case (Unicode CaseFolding.txt, status C), plus dotted I.
        case 0xB5: return 0x3BC
        case 0x130: return UInt16(UInt8(ascii: "i"))
        case 0x17F: return UInt16(UInt8(ascii: "s"))
        case 0x3C2: return 0x3C3
        case 0x3D0: return 0x3B2
        case 0x3D1: return 0x3B8
        case 0x3D5: return 0x3C6
        case 0x3D6: return 0x3C0
        case 0x3F0: return 0x3BA
        case 0x3F1: return 0x3C1
        case 0x3F5: return 0x3B5
        case 0x1E9B: return 0x1E61
        case 0x1E9E: return 0xDF
        default: break
        }
        guard let character = Unicode.Scalar(scalar) else { return UInt16(scalar) }
        let lower = character.properties.lowercaseMapping.unicodeScalars
        guard lower.count == 1, let only = lower.first, only.value < 0x10000 else { return UInt16(scalar) }
        return UInt16(only.value)
    }
}
