import Glibc

/// Comparing and reading header bytes in place.
extension UnsafeRawBufferPointer {
    /// Whether the bytes of the range are exactly `text`.
    package func matches(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount, let baseAddress else { return false }
        return memcmp(baseAddress + range.lowerBound, text.utf8Start, range.count) == 0
    }

    /// Whether `text` stands anywhere in the bytes.
    package func contains(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard let baseAddress, length > 0 else { return false }
        var from = 0
        while count - from >= length,
            let found = memchr(baseAddress + from, Int32(text.utf8Start[0]), count - from - length + 1)
        {
            if memcmp(found, text.utf8Start, length) == 0 { return true }
            from = UnsafeRawPointer(found) - baseAddress + 1
        }
        return false
    }

    /// Compares without regard to ASCII case; `text` is in lower case.
    package func matchesLowercased(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count {
            var byte = self[range.lowerBound + offset]
            if byte >= 0x41, byte <= 0x5A { byte |= 0x20 }
            if byte != text.utf8Start[offset] { return false }
        }
        return true
    }

    /// The range without spaces and tabs at its ends.
    package func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
        while end > start, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
        return start..<end
    }

    /// An unsigned decimal of at most 15 digits.
    package func decimal(_ range: Range<Int>) -> Int? {
        guard !range.isEmpty, range.count <= 15 else { return nil }
        var value = 0
        for index in range {
            guard self[index] >= 0x30, self[index] <= 0x39 else { return nil }
            value = value * 10 + Int(self[index] - 0x30)
        }
        return value
    }

    /// The bytes of the range, counted from 0.
    package func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }
}
