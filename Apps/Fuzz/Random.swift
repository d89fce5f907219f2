/// Reproducible random numbers (SplitMix64).
struct Random: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// The numbers of one case of a run: the same, however many cases ran before.
    init(seed: UInt64, case number: UInt64) {
        state = seed
        state = next() ^ number &* 0x9E37_79B9_7F4A_7C15
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { bound <= 1 ? 0 : Int(next() % UInt64(bound)) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }

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
