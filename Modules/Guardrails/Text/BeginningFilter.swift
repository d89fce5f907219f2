/// Finds the next place in raw text where anything could begin that the automaton, or the reading of characters, cares
/// about; everything before it is passed over at about one byte per clock cycle.
///
/// Two adjacent bytes decide. A pair is marked when it may be the beginning of a pattern in any of its spellings (other
/// case, a character that folds to it, an invisible character in it), of a `\u` escape, or of an invisible character.
/// So in what is passed over, no pattern begins and every byte means what it says.
///
/// A view of a table that `RuleProgram` owns and frees, for the reason that `PatternAutomaton` gives.
///
/// `@unchecked Sendable`: the table is written in `init` and only read after it.
struct BeginningFilter: @unchecked Sendable {
    /// 65,536 flags; index: first byte + 256 × second byte, which is how a little-endian machine loads two bytes.
    private let marked: UnsafeMutablePointer<UInt8>

    /// - Parameter beginnings: of each pattern, the first two characters in all spellings; nil: it has only one.
    init(_ beginnings: [(first: [UInt32], second: [UInt32]?)]) {
        var table = [UInt8](repeating: 0, count: 65536)
        func mark(_ first: UInt8, _ second: UInt8) { table[Int(first) | Int(second) << 8] = 1 }
        mark(UInt8(ascii: "\\"), UInt8(ascii: "u"))
        for pair in Self.invisiblePairs { mark(pair[0], pair[1]) }
        for beginning in beginnings {
            var seconds = Set(Self.invisiblePairs.map(\.[0])).union([UInt8(ascii: "\\")])
            if let second = beginning.second {
                for character in second { seconds.insert(Self.bytes(of: character)[0]) }
            } else {
                seconds.formUnion(0...255)
            }
            for character in beginning.first {
                let bytes = Self.bytes(of: character)
                if bytes.count > 1 {
                    mark(bytes[0], bytes[1])
                } else {
                    for second in seconds { mark(bytes[0], second) }
                }
            }
        }
        marked = .allocate(copying: table)
    }

    /// Frees the table; nothing may use any copy of this value after it.
    func deallocate() { marked.deallocate() }

    /// The first place from `start` on that can't be passed over. It is at most `count` − 1, because the last byte's
    /// pair isn't known yet, and never inside a UTF-8 character.
    func firstCandidate(_ text: UnsafePointer<UInt8>, from start: Int, count: Int) -> Int {
        var index = start
        let last = count - 1
        let raw = UnsafeRawPointer(text)
        search: do {
            while index + 4 <= last {
                let first = marked[Int(raw.loadUnaligned(fromByteOffset: index, as: UInt16.self))]
                let second = marked[Int(raw.loadUnaligned(fromByteOffset: index + 1, as: UInt16.self))]
                let third = marked[Int(raw.loadUnaligned(fromByteOffset: index + 2, as: UInt16.self))]
                let fourth = marked[Int(raw.loadUnaligned(fromByteOffset: index + 3, as: UInt16.self))]
                if first | second | third | fourth != 0 {
                    if first != 0 { break search }
                    index += second != 0 ? 1 : third != 0 ? 2 : 3
                    break search
                }
                index += 4
            }
            while index < last {
                if marked[Int(raw.loadUnaligned(fromByteOffset: index, as: UInt16.self))] != 0 { break }
                index += 1
            }
        }
        return index == last ? Self.characterStart(text, at: index, notBefore: start) : index
    }

    /// Where the character begins that the byte at `index` belongs to. Only the end of the text can fall inside one: no
    /// marked pair begins with a continuation byte.
    private static func characterStart(_ text: UnsafePointer<UInt8>, at index: Int, notBefore start: Int) -> Int {
        var lead = index
        while lead > start, index - lead < 3, text[lead] & 0xC0 == 0x80 { lead -= 1 }
        return lead + UTF8Sequence.length(lead: text[lead]) > index ? lead : index
    }

    /// The first two bytes of every invisible character.
    private static let invisiblePairs: Set<[UInt8]> = {
        let planes = [0x80..<0x10000, 0xE0000..<0xE0200] as [Range<UInt32>]
        return planes.joined().reduce(into: []) { pairs, scalar in
            if CharacterFolding.classOf(scalar) == .invisible { pairs.insert(Array(bytes(of: scalar).prefix(2))) }
        }
    }()

    static func bytes(of scalar: UInt32) -> [UInt8] {
        Unicode.Scalar(scalar).map { Array(UTF8.encode($0)!) } ?? [0xFF, 0xFF]
    }
}
