import Glibc

extension UnsafeRawBufferPointer {
    /// Whether `text`, of two bytes at least, stands somewhere in these bytes.
    ///
    /// Its last two bytes are looked for, 64 places at a time: choose texts whose ends are rare.
    public func holds(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard let base = baseAddress, length >= 2, count >= length else { return false }
        let wanted = text.utf8Start
        let befores = SIMD16<Int8>(repeating: Int8(bitPattern: wanted[length - 2]))
        let lasts = SIMD16<Int8>(repeating: Int8(bitPattern: wanted[length - 1]))
        /// The places in a block at which the text's last two bytes are.
        func ends(_ index: Int) -> ByteSearch.Mask {
            (base.loadUnaligned(fromByteOffset: index, as: SIMD16<Int8>.self) .== befores)
                .& (base.loadUnaligned(fromByteOffset: index &+ 1, as: SIMD16<Int8>.self) .== lasts)
        }
        func isWhole(endingIn places: Range<Int>) -> Bool {
            places.contains { place in
                place &+ 2 >= length && memcmp(base + (place &+ 2 &- length), wanted, length) == 0
            }
        }
        var index = length &- 2
        while index &+ 65 <= count {
            let found = ends(index) .| ends(index &+ 16) .| ends(index &+ 32) .| ends(index &+ 48)
            if !ByteSearch.isEmpty(found), isWhole(endingIn: index..<index &+ 64) { return true }
            index &+= 64
        }
        return isWhole(endingIn: index..<Swift.max(index, count &- 1))
    }
}

extension JSONDocument {
    /// Whether `text` stands in the document: anywhere, but of a long string in its first bytes only.
    ///
    /// - Parameter bytes: the document's.
    public func holds(_ text: StaticString, in bytes: UnsafeRawBufferPointer) -> Bool {
        holds(text, in: root(in: bytes))
    }

    /// - Parameter value: one of the document's, where only that is searched.
    public func holds(_ text: StaticString, in value: JSONView) -> Bool {
        let (bytes, range) = (value.bytes, value.range)
        var start = range.lowerBound
        for string in longStrings where range.contains(string.lowerBound) {
            let end = min(string.upperBound, string.lowerBound + Self.longStringBeginningBytes)
            if UnsafeRawBufferPointer(rebasing: bytes[start..<end]).holds(text) { return true }
            start = string.upperBound
        }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<range.upperBound]).holds(text)
    }

    private static let longStringBeginningBytes = 64
}
