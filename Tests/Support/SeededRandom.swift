import Glibc

/// SplitMix64 (https://prng.di.unimi.it/splitmix64.c): the same numbers from the same seed on every machine.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// A new seed every run, or TOLLGATE_SEED; printed, so that a failure can be repeated.
    public static func fresh(_ test: String = #function) -> SeededRandom {
        let given = getenv("TOLLGATE_SEED").flatMap { UInt64(String(cString: $0)) }
        let seed = given ?? UInt64.random(in: 0...UInt64.max)
        print("\(test): TOLLGATE_SEED=\(seed)")
        return SeededRandom(seed: seed)
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// A number from 0 to below the bound; 0 where there is none.
    public mutating func below(_ bound: Int) -> Int { bound <= 1 ? 0 : Int(next() % UInt64(bound)) }
    public mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    public mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[below(choices.count)] }

    /// An Int64 whose number of bits is uniform: small ones and the bounds come up as often as large ones.
    public mutating func anySize() -> Int64 {
        switch Int.random(in: 0..<10, using: &self) {
        case 0: return .min
        case 1: return .max
        default:
            let value = Int64(bitPattern: next()) >> Int64.random(in: 0..<64, using: &self)
            return value
        }
    }
}
