/// Why a file of ranks could not be read.
public struct BytePairEncodingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Counted from 1; nil where the whole file is at fault.
    public let line: Int?
    /// For the operator; nothing of the file is repeated.
    public let reason: String

    public var description: String { line.map { "line \($0): \(reason)" } ?? reason }
}

/// A byte-level BPE tokenizer, as tiktoken's: a text is cut into words, and the bytes of each are merged, the pair of the
/// lowest rank first, until no pair has a rank.
///
/// Ranks come from a file of tiktoken's form: a line a token, `base64-of-its-bytes rank`. Special tokens are not known
/// here: their names in a text are text.
public struct BytePairEncoding: Sendable {
    /// How texts are cut into words before their bytes are merged.
    public let pattern: WordPattern
    private let ranks: TokenTable

    /// - Parameters:
    ///   - file: the bytes of a `.tiktoken` file.
    ///   - pattern: how texts are cut; nil takes the one of OpenAI's encoding with about as many ranks.
    public init(tiktoken file: [UInt8], pattern: WordPattern? = nil) throws(BytePairEncodingError) {
        var ranks = TokenTable()
        var number = 0
        for line in file.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            let line = line.last == 0x0D ? line.dropLast() : line
            if line.isEmpty { continue }
            guard let space = line.firstIndex(of: 0x20),
                let rank = UInt32(String(decoding: line[(space + 1)...], as: UTF8.self)), rank < UInt32(Int32.max)
            else { throw BytePairEncodingError(line: number, reason: "it is not base64, a space and a rank") }
            guard let token = Base64.decoded(line[..<space]), !token.isEmpty, token.count <= 1 << 16 else {
                throw BytePairEncodingError(line: number, reason: "its token is no base64")
            }
            guard ranks.insert(token, rank) else {
                throw BytePairEncodingError(line: number, reason: "its token has a rank already")
            }
        }
        guard (0...255).allSatisfy({ byte in ranks.rank(of: [UInt8(byte)], 0..<1) != nil }) else {
            throw BytePairEncodingError(line: nil, reason: "not every byte has a rank")
        }
        self.ranks = ranks
        self.pattern = pattern ?? (ranks.count <= 150_000 ? .cl100k : .o200k)
    }

    /// How many tokens a text has.
    public func count(_ text: String) -> Int { count(utf8: Array(text.utf8)) }

    func count(utf8 text: [UInt8]) -> Int {
        var count = 0
        forEachToken(of: text) { _ in count += 1 }
        return count
    }

    /// The ranks of a text's tokens.
    public func tokens(of text: String) -> [Int] {
        var tokens: [Int] = []
        forEachToken(of: Array(text.utf8)) { tokens.append(Int($0)) }
        return tokens
    }

    private func forEachToken(of text: [UInt8], _ body: (UInt32) -> Void) {
        var merge = PairMerge()
        pattern.forEachWord(of: text) { word in
            if let whole = ranks.rank(of: text, word) {
                body(whole)
            } else {
                merge.run(text, word, ranks, body)
            }
        }
    }
}

/// Ranks by the bytes of their tokens: one hash table with all bytes in one array, so that looking a piece of a text up
/// allocates nothing.
struct TokenTable: Sendable {
    private struct Entry {
        var start: Int
        var count: Int
        var rank: UInt32
    }

    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    /// Numbers of entries, plus one; 0 is empty. A power of two, at most half full.
    private var slots = [UInt32](repeating: 0, count: 1024)

    var count: Int { entries.count }

    /// - Returns: false where the token is known.
    mutating func insert(_ token: [UInt8], _ rank: UInt32) -> Bool {
        if (entries.count + 1) * 2 > slots.count { grow() }
        var slot = TokenTable.hash(token, 0..<token.count) & (slots.count - 1)
        while slots[slot] != 0 {
            if matches(entries[Int(slots[slot]) - 1], token, 0..<token.count) { return false }
            slot = (slot + 1) & (slots.count - 1)
        }
        entries.append(Entry(start: bytes.count, count: token.count, rank: rank))
        bytes.append(contentsOf: token)
        slots[slot] = UInt32(entries.count)
        return true
    }

    func rank(of text: [UInt8], _ range: Range<Int>) -> UInt32? {
        var slot = TokenTable.hash(text, range) & (slots.count - 1)
        while slots[slot] != 0 {
            let entry = entries[Int(slots[slot]) - 1]
            if matches(entry, text, range) { return entry.rank }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func matches(_ entry: Entry, _ text: [UInt8], _ range: Range<Int>) -> Bool {
        guard entry.count == range.count else { return false }
        for offset in 0..<entry.count where bytes[entry.start + offset] != text[range.lowerBound + offset] {
            return false
        }
        return true
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for (number, entry) in entries.enumerated() {
            var slot = TokenTable.hash(bytes, entry.start..<entry.start + entry.count) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(number + 1)
        }
    }

    private static func hash(_ text: [UInt8], _ range: Range<Int>) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in range { hash = (hash ^ UInt64(text[index])) &* 0x100_0000_01b3 }
        return Int(truncatingIfNeeded: hash ^ hash >> 32)
    }
}

/// Merges the bytes of one word in O(n log n): a heap of pairs by rank and place, and a list of the pieces that are left.
private struct PairMerge {
    private struct Pair {
        var rank: UInt32
        var start: Int32
        var middle: Int32
        var end: Int32

        func isBefore(_ other: Pair) -> Bool { rank != other.rank ? rank < other.rank : start < other.start }
    }

    /// By the place where a piece starts: where the next one starts, and where the one before. −1 where the piece is gone.
    private var next: [Int32] = []
    private var before: [Int32] = []
    private var heap: [Pair] = []

    mutating func run(_ text: [UInt8], _ word: Range<Int>, _ ranks: TokenTable, _ body: (UInt32) -> Void) {
        let count = Int32(word.count)
        let base = word.lowerBound
        next.removeAll(keepingCapacity: true)
        before.removeAll(keepingCapacity: true)
        heap.removeAll(keepingCapacity: true)
        for place in 0..<count {
            next.append(place + 1)
            before.append(place - 1)
        }
        func pair(_ start: Int32, _ middle: Int32, _ end: Int32) -> Pair? {
            ranks.rank(of: text, base + Int(start)..<base + Int(end)).map {
                Pair(rank: $0, start: start, middle: middle, end: end)
            }
        }
        for place in 0..<max(0, count - 1) {
            if let found = pair(place, place + 1, place + 2) { push(found) }
        }
        while let best = pop() {
            // A pair counts only as long as both its pieces are as they were.
            guard next[Int(best.start)] == best.middle, next[Int(best.middle)] == best.end else { continue }
            next[Int(best.start)] = best.end
            next[Int(best.middle)] = -1
            if best.end < count {
                before[Int(best.end)] = best.start
                if let found = pair(best.start, best.end, next[Int(best.end)]) { push(found) }
            }
            let left = before[Int(best.start)]
            if left >= 0, let found = pair(left, best.start, best.end) { push(found) }
        }
        var place: Int32 = 0
        while place < count {
            let end = next[Int(place)]
            // Each piece is a byte or a pair that had a rank.
            if let rank = ranks.rank(of: text, base + Int(place)..<base + Int(end)) { body(rank) }
            place = end
        }
    }

    private mutating func push(_ pair: Pair) {
        heap.append(pair)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func pop() -> Pair? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].isBefore(heap[least])
            {
                least = child
            }
            if least == parent { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
