import Glibc

/// Keys as bytes: fingerprints and comparison, with and without escapes.
enum JSONKeys {
    /// A 64-bit mix of a key's bytes. Equal keys have equal fingerprints; the reverse is checked byte by byte for members that
    /// are remembered.
    static func fingerprint(_ key: UnsafeRawBufferPointer) -> UInt64 {
        var hash = UInt64(key.count) &* 0x9E37_79B9_7F4A_7C15
        var index = 0
        while index + 8 <= key.count {
            hash = mix(hash ^ key.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        var tail: UInt64 = 0
        while index < key.count {
            tail = tail << 8 | UInt64(key[index])
            index += 1
        }
        return mix(hash ^ tail)
    }

    /// The fingerprint of the text that an escaped key stands for.
    static func fingerprint(escaped key: UnsafeRawBufferPointer) -> UInt64 {
        JSONEscapes.unescaped(key).withUnsafeBytes { fingerprint($0) }
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return product.high ^ product.low
    }

    /// Whether two keys stand for the same text.
    static func equal(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, mayBeEscaped: Bool) -> Bool {
        if !mayBeEscaped { return bytesEqual(left, right) }
        return JSONEscapes.unescaped(left) == JSONEscapes.unescaped(right)
    }

    @inline(__always)
    static func bytesEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let leftBase = left.baseAddress, let rightBase = right.baseAddress, left.count > 0 else { return true }
        return memcmp(leftBase, rightBase, left.count) == 0
    }
}
