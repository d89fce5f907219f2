import TestSupport

typealias Random = SeededRandom

extension SeededRandom {
    /// The numbers of one case of a run: the same, however many cases ran before.
    init(seed: UInt64, case number: UInt64) {
        var run = SeededRandom(seed: seed)
        self.init(seed: run.next() ^ number &* 0x9E37_79B9_7F4A_7C15)
    }

    /// The bytes cut at random places into pieces that together are the bytes.
    mutating func cuts(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        // Large inputs in larger pieces, so that most of the time goes to the decoders.
        let most = max(8, bytes.count / (chance(20) ? 500 : 20))
        var start = 0
        while start < bytes.count {
            let count = min(bytes.count - start, chance(30) ? 1 : 1 + below(most))
            pieces.append(bytes[start..<start + count])
            start += count
        }
        return pieces
    }
}
