/// SipHash-2-4 with 128 bits of result: a keyed function of a text that nobody without the key can tell from a random one.
/// It is a tenth of an HMAC's work for a text of a key's length.
///
/// Source: J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF" (2012), and its reference code.
struct KeyFingerprint: Equatable {
    private let low: UInt64
    private let high: UInt64

    /// The key of a process: made at its start, never told to anybody.
    struct Seed {
        let first: UInt64
        let second: UInt64

        static func random() -> Seed {
            var source = SystemRandomNumberGenerator()
            return Seed(first: source.next(), second: source.next())
        }
    }

    init(of text: UnsafeRawBufferPointer, _ seed: Seed) {
        var state = SipState(seed)
        var offset = 0
        while offset &+ 8 <= text.count {
            state.take(UInt64(littleEndian: text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset &+= 8
        }
        var last = UInt64(truncatingIfNeeded: text.count) << 56
        for index in offset..<text.count { last |= UInt64(text[index]) << UInt64(8 * (index - offset)) }
        state.take(last)
        (low, high) = state.finish()
    }

    /// Compares in constant time.
    static func == (left: KeyFingerprint, right: KeyFingerprint) -> Bool {
        (left.low ^ right.low) | (left.high ^ right.high) == 0
    }

    /// Eight bytes in their order, as the reference code prints them: for its test vectors.
    var words: (UInt64, UInt64) { (low, high) }

    func place(among count: Int) -> Int { Int(low % UInt64(count)) }
}

private struct SipState {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    init(_ seed: KeyFingerprint.Seed) {
        v0 = seed.first ^ 0x736f_6d65_7073_6575
        v1 = seed.second ^ 0x646f_7261_6e64_6f6d ^ 0xee
        v2 = seed.first ^ 0x6c79_6765_6e65_7261
        v3 = seed.second ^ 0x7465_6462_7974_6573
    }

    @inline(__always)
    mutating func take(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    @inline(__always)
    mutating func finish() -> (UInt64, UInt64) {
        v2 ^= 0xee
        for _ in 0..<4 { round() }
        let low = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xdd
        for _ in 0..<4 { round() }
        return (low, v0 ^ v1 ^ v2 ^ v3)
    }

    @inline(__always)
    private mutating func round() {
        v0 &+= v1
        v1 = v1 << 13 | v1 >> 51
        v1 ^= v0
        v0 = v0 << 32 | v0 >> 32
        v2 &+= v3
        v3 = v3 << 16 | v3 >> 48
        v3 ^= v2
        v0 &+= v3
        v3 = v3 << 21 | v3 >> 43
        v3 ^= v0
        v2 &+= v1
        v1 = v1 << 17 | v1 >> 47
        v1 ^= v2
        v2 = v2 << 32 | v2 >> 32
    }
}
