/// How a text is cut into words before their bytes are merged: OpenAI's two patterns, without a regular expression.
///
/// Source: tiktoken 0.12.0, `tiktoken_ext/openai_public.py` (MIT).
///
///     cl100k: '(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]
///             |\s+(?!\S)|\s
///     o200k:  [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
///             |[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
///             |\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
public enum WordPattern: String, Sendable, CaseIterable {
    /// GPT-4, GPT-3.5.
    case cl100k
    /// GPT-4o and all later ones.
    case o200k

    /// Calls `body` with the bytes of each word, in order; together they are the text.
    func forEachWord(of text: [UInt8], _ body: (Range<Int>) -> Void) {
        let scalars = Scalars(text)
        var place = 0
        while place < scalars.count {
            let end = self == .cl100k ? scalars.wordOfCL100K(at: place) : scalars.wordOfO200K(at: place)
            body(scalars.offset(place)..<scalars.offset(end))
            place = end
        }
    }
}

/// What a pattern asks of a character, as bits.
private struct CharacterClass: OptionSet {
    let rawValue: UInt8

    /// `\p{L}`
    static let letter = CharacterClass(rawValue: 1)
    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
    static let upper = CharacterClass(rawValue: 2)
    /// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
    static let lower = CharacterClass(rawValue: 4)
    /// `\p{N}`
    static let number = CharacterClass(rawValue: 8)
    /// `\s`
    static let space = CharacterClass(rawValue: 16)
    /// `[\r\n]`
    static let newline = CharacterClass(rawValue: 32)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ scalar: Unicode.Scalar) {
        let properties = scalar.properties
        self =
            switch properties.generalCategory {
            case .uppercaseLetter, .titlecaseLetter: [.letter, .upper]
            case .lowercaseLetter: [.letter, .lower]
            case .modifierLetter, .otherLetter: [.letter, .upper, .lower]
            case .nonspacingMark, .spacingMark, .enclosingMark: [.upper, .lower]
            case .decimalNumber, .letterNumber, .otherNumber: .number
            default: []
            }
        if properties.isWhitespace { insert(.space) }
        if scalar == "\r" || scalar == "\n" { insert(.newline) }
    }

    /// Of the basic plane, looked up.
    static let table: [CharacterClass] = (0..<0x1_0000).map { value in
        Unicode.Scalar(UInt32(value)).map { CharacterClass($0) } ?? []
    }
}

/// A text's characters: their classes and where each begins.
private struct Scalars {
    private var classes: [CharacterClass] = []
    private var offsets: [Int32] = []
    private let text: [UInt8]

    var count: Int { classes.count }

    init(_ text: [UInt8]) {
        self.text = text
        classes.reserveCapacity(text.count)
        offsets.reserveCapacity(text.count + 1)
        let table = CharacterClass.table
        var decoder = UTF8()
        var bytes = text.makeIterator()
        var offset = 0
        decoding: while true {
            switch decoder.decode(&bytes) {
            case .scalarValue(let scalar):
                offsets.append(Int32(offset))
                classes.append(scalar.value < 0x1_0000 ? table[Int(scalar.value)] : CharacterClass(scalar))
                offset += UTF8.width(scalar)
            // A String's bytes are valid.
            case .emptyInput, .error: break decoding
            }
        }
        offsets.append(Int32(text.count))
    }

    func offset(_ place: Int) -> Int { Int(offsets[place]) }

    private func has(_ place: Int, _ wanted: CharacterClass) -> Bool {
        place < classes.count && !classes[place].isDisjoint(with: wanted)
    }

    /// The character, where it is ASCII; in lower case. `ſ` is an `s` where case does not matter.
    private func ascii(_ place: Int) -> UInt8? {
        guard place < classes.count else { return nil }
        let start = offset(place)
        if text[start] == 0xC5, text[start + 1] == 0xBF { return UInt8(ascii: "s") }
        return text[start] < 0x80 ? ((65...90).contains(text[start]) ? text[start] | 0x20 : text[start]) : nil
    }

    /// Where a run of such characters ends.
    private func end(of wanted: CharacterClass, from place: Int, atMost: Int = .max) -> Int {
        var end = place
        while end - place < atMost, has(end, wanted) { end += 1 }
        return end
    }

    /// `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll`, `'d`: where it ends.
    private func contraction(at place: Int) -> Int? {
        guard ascii(place) == 0x27, offset(place + 1) - offset(place) == 1 else { return nil }
        switch (ascii(place + 1), ascii(place + 2)) {
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "d"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "t"), _):
            return place + 2
        case (UInt8(ascii: "l"), UInt8(ascii: "l")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "r"), UInt8(ascii: "e")):
            return place + 3
        default: return nil
        }
    }

    /// `[^\r\n\p{L}\p{N}]`
    private func isPrefix(_ place: Int) -> Bool {
        place < classes.count && classes[place].isDisjoint(with: [.letter, .number, .newline])
    }

    /// `[^\s\p{L}\p{N}]+` with an optional space before: where it ends.
    private func symbols(at place: Int) -> Int? {
        var end = place
        if text[offset(place)] == 0x20 { end += 1 }
        let start = end
        while end < classes.count, classes[end].isDisjoint(with: [.letter, .number, .space]) { end += 1 }
        return end > start ? end : nil
    }

    /// Behind the last line end of the spaces that begin here.
    private func lastNewline(at place: Int, before end: Int) -> Int? {
        var last = end
        while last > place {
            if has(last - 1, .newline) { return last }
            last -= 1
        }
        return nil
    }

    // MARK: - The patterns

    func wordOfCL100K(at place: Int) -> Int {
        if let end = contraction(at: place) { return end }
        let letters = isPrefix(place) ? place + 1 : place
        let word = end(of: .letter, from: letters)
        if word > letters { return word }
        let numbers = end(of: .number, from: place, atMost: 3)
        if numbers > place { return numbers }
        if let symbols = symbols(at: place) { return end(of: .newline, from: symbols) }
        let spaces = end(of: .space, from: place)
        if spaces == classes.count { return spaces }
        if let newline = lastNewline(at: place, before: spaces) { return newline }
        return max(spaces - 1, place + 1)
    }

    func wordOfO200K(at place: Int) -> Int {
        let starts = isPrefix(place) ? [place + 1, place] : [place]
        for start in starts { if let end = lowerWord(from: start) { return contraction(at: end) ?? end } }
        for start in starts {
            let upper = end(of: .upper, from: start)
            guard upper > start else { continue }
            let end = end(of: .lower, from: upper)
            return contraction(at: end) ?? end
        }
        let numbers = end(of: .number, from: place, atMost: 3)
        if numbers > place { return numbers }
        if var end = symbols(at: place) {
            while end < classes.count, has(end, .newline) || text[offset(end)] == UInt8(ascii: "/") { end += 1 }
            return end
        }
        let spaces = end(of: .space, from: place)
        if let newline = lastNewline(at: place, before: spaces) { return newline }
        if spaces == classes.count { return spaces }
        return max(spaces - 1, place + 1)
    }

    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`: the first takes all it can and gives back until the
    /// second has one.
    private func lowerWord(from start: Int) -> Int? {
        let upper = end(of: .upper, from: start)
        if has(upper, .lower) { return end(of: .lower, from: upper) }
        var last = upper
        while last > start {
            if has(last - 1, .lower) { return last }
            last -= 1
        }
        return nil
    }
}
