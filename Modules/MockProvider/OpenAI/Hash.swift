/// FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/, read on 2026-11-23).
enum Hash {
    static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0xCBF2_9CE4_8422_2325) -> UInt64 {
        var hash = seed
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}
