/// Texts that come again and again in some trade's documents, its members' names above all. A reader that knows them makes
/// none of them anew.
///
/// They are found by their bytes: a table of four slots and more a name, of which nearly always the first decides.
public struct JSONNames: Sendable {
    /// A name's bytes, 0 behind its last one.
    private typealias Words = SIMD4<UInt64>

    /// Longer texts are not among them.
    static let bytesMax = 32

    private struct Entry: Sendable {
        let words: Words
        let text: String
    }

    private var entries: [Entry] = []
    /// By hash, the number of an entry and 1; 0 where there is none.
    private var slots: [UInt16]

    /// Names of 1 to 32 bytes, the first 10,000 of them; others are left out, and read as any other text.
    public init(_ names: [String]) {
        var count = 64
        while count < names.count * 4 { count *= 2 }
        slots = [UInt16](repeating: 0, count: count)
        for name in names where (1...Self.bytesMax).contains(name.utf8.count) && entries.count < 10_000 {
            let words = Self.words(name)
            guard find(words) == nil else { continue }
            var slot = Self.hash(words)
            while slots[slot & (count - 1)] != 0 { slot += 1 }
            entries.append(Entry(words: words, text: name))
            slots[slot & (count - 1)] = UInt16(entries.count)
        }
    }

    /// - Parameters:
    ///   - base: where at least ``bytesMax`` bytes can be read.
    ///   - count: from 1 to ``bytesMax``.
    @inline(__always)
    func text(at base: UnsafeRawPointer, count: Int) -> String? {
        var words = Words.zero
        words[0] = Self.word(base, 0, count)
        if count > 8 { words[1] = Self.word(base, 8, count) }
        if count > 16 { words[2] = Self.word(base, 16, count) }
        if count > 24 { words[3] = Self.word(base, 24, count) }
        return find(words)
    }

    private func find(_ words: Words) -> String? {
        var slot = Self.hash(words)
        while true {
            let number = Int(slots[slot & (slots.count - 1)])
            if number == 0 { return nil }
            let entry = entries[number - 1]
            if entry.words == words { return entry.text }
            slot += 1
        }
    }

    /// The bytes from `offset` on, as far as they belong to the text.
    private static func word(_ base: UnsafeRawPointer, _ offset: Int, _ count: Int) -> UInt64 {
        let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let unused = 8 - (count - offset)
        return unused > 0 ? word & (.max >> UInt64(8 * unused)) : word
    }

    private static func words(_ name: String) -> Words {
        var words = Words.zero
        for (index, byte) in name.utf8.enumerated() { words[index / 8] |= UInt64(byte) << UInt64(8 * (index % 8)) }
        return words
    }

    private static func hash(_ words: Words) -> Int {
        var hash = words[0] &* 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ words[1]) &* 0xA076_1D64_78BD_642F
        hash = (hash ^ words[2]) &* 0xE703_7ED1_A0B4_28DB
        hash = (hash ^ words[3]) &* 0x8EBC_6AF0_9C88_C6E3
        return Int(truncatingIfNeeded: hash >> 40)
    }
}
