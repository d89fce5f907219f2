import TestSupport

extension SeededRandom {
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
