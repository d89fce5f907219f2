/// Finds the next interesting byte, sixteen bytes at a time.
///
/// `SIMD16` is what x86-64 (SSE2) and arm64 (NEON) have everywhere; a mask's lanes are 0x00 or 0xFF, so the first set
/// lane is found by counting the trailing zero bits of its two halves. Every operand is a vector: the operators that
/// take a scalar are generic and are not compiled to vector instructions (measured with Swift 6.3: a hundred times
/// slower).
enum ByteSearch {
    static let blockBytes = 16

    typealias Mask = SIMDMask<SIMD16<Int8>>

    /// Index of the first lane that is set; 16 where none is.
    @inline(__always)
    static func firstLane(_ mask: Mask) -> Int {
        let halves = unsafeBitCast(mask, to: SIMD2<UInt64>.self)
        let low = halves[0]
        if low != 0 { return low.trailingZeroBitCount >> 3 }
        // 64 for zero, so 16 where no lane is set.
        return 8 + halves[1].trailingZeroBitCount >> 3
    }

    /// The bytes that end a run of plain string text: `"`, `\`, a control character or the start of a non-ASCII one.
    @inline(__always)
    static func stringSpecials(_ base: UnsafeRawPointer, _ offset: Int) -> Mask {
        let block = base.loadUnaligned(fromByteOffset: offset, as: SIMD16<Int8>.self)
        // Signed: 0x80...0xFF are negative, so one comparison finds control characters and non-ASCII bytes.
        return (block .== SIMD16<Int8>(repeating: 0x22)) .| (block .== SIMD16<Int8>(repeating: 0x5C))
            .| (block .< SIMD16<Int8>(repeating: 0x20))
    }

    @inline(__always)
    static func isEmpty(_ mask: Mask) -> Bool {
        let halves = unsafeBitCast(mask, to: SIMD2<UInt64>.self)
        return halves[0] | halves[1] == 0
    }

    /// Skips plain string text in whole blocks that start at `lastBlock` at the latest.
    ///
    /// - Returns: the first special byte, or the first byte after `lastBlock` that was not looked at.
    @inline(__always)
    static func skipPlainText(_ base: UnsafeRawPointer, _ start: Int, _ lastBlock: Int) -> Int {
        skip(base, start, lastBlock, to: stringSpecials)
    }

    /// The same, to the first byte that a string has to escape.
    @inline(__always)
    static func skipUnescapable(_ base: UnsafeRawPointer, _ start: Int, _ lastBlock: Int) -> Int {
        skip(base, start, lastBlock, to: escapable)
    }

    /// The same, to the next `"` or `\`.
    @inline(__always)
    static func skipToQuote(_ base: UnsafeRawPointer, _ start: Int, _ lastBlock: Int) -> Int {
        skip(base, start, lastBlock, to: quoteOrBackslash)
    }

    @inline(__always)
    private static func skip(
        _ base: UnsafeRawPointer, _ start: Int, _ lastBlock: Int, to wanted: (UnsafeRawPointer, Int) -> Mask
    ) -> Int {
        var index = start
        // Most strings are short: one block decides.
        guard index <= lastBlock else { return index }
        let first = wanted(base, index)
        if !isEmpty(first) { return index &+ firstLane(first) }
        index &+= 16
        // The rest of a long one goes four blocks at a time: one test, and no step waits for the one before.
        while index &+ 48 <= lastBlock {
            let found =
                wanted(base, index) .| wanted(base, index &+ 16) .| wanted(base, index &+ 32)
                .| wanted(base, index &+ 48)
            if !isEmpty(found) { break }
            index &+= 64
        }
        while index <= lastBlock {
            let found = wanted(base, index)
            if !isEmpty(found) { return index &+ firstLane(found) }
            index &+= 16
        }
        return index
    }

    /// The bytes that a string has to escape: `"`, `\` and control characters.
    @inline(__always)
    static func escapable(_ base: UnsafeRawPointer, _ offset: Int) -> Mask {
        let block = base.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
        return (block .== SIMD16<UInt8>(repeating: 0x22)) .| (block .== SIMD16<UInt8>(repeating: 0x5C))
            .| (block .< SIMD16<UInt8>(repeating: 0x20))
    }

    /// `"` and `\`.
    @inline(__always)
    static func quoteOrBackslash(_ base: UnsafeRawPointer, _ offset: Int) -> Mask {
        let block = base.loadUnaligned(fromByteOffset: offset, as: SIMD16<Int8>.self)
        return (block .== SIMD16<Int8>(repeating: 0x22)) .| (block .== SIMD16<Int8>(repeating: 0x5C))
    }

    /// Where `"`, `{`, `[`, `}` and `]` are in a block: the top bit of each such byte, in two halves.
    @inline(__always)
    static func structure(_ base: UnsafeRawPointer, _ offset: Int) -> (UInt64, UInt64) {
        let block = base.loadUnaligned(fromByteOffset: offset, as: SIMD16<Int8>.self)
        // `[` and `]` become `{` and `}` when bit 5 is set.
        let folded = block | SIMD16<Int8>(repeating: 0x20)
        let mask =
            (block .== SIMD16<Int8>(repeating: 0x22)) .| (folded .== SIMD16<Int8>(repeating: 0x7B))
            .| (folded .== SIMD16<Int8>(repeating: 0x7D))
        let halves = unsafeBitCast(mask, to: SIMD2<UInt64>.self)
        return (halves[0] & 0x8080_8080_8080_8080, halves[1] & 0x8080_8080_8080_8080)
    }
}
