import Glibc

/// A reproducible source of random numbers. The seed is printed; `TOLLGATE_SEED=n` repeats a run.
struct Fuzz: RandomNumberGenerator {
    private var state: UInt64

    init(_ name: String) {
        let fixed = getenv("TOLLGATE_SEED").flatMap { UInt64(String(cString: $0)) }
        let seed = fixed ?? UInt64.random(in: 0...999_999_999)
        print("\(name): seed \(seed)")
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }
}

extension Fuzz {
    /// The bytes cut at random places into pieces that together are the bytes.
    mutating func cuts(of bytes: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = chance(30) ? 1 : 1 + below(min(rest.count, chance(50) ? 8 : 200))
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }
}
