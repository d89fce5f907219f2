import Glibc

extension UnsafeRawBufferPointer {
    /// Whether these are the bytes of `text`.
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount, let baseAddress else { return count == text.utf8CodeUnitCount }
        return memcmp(baseAddress, text.utf8Start, count) == 0
    }

    /// Without U+FEFF in UTF-8 at the beginning.
    var withoutByteOrderMark: UnsafeRawBufferPointer {
        let isMarked = count >= 3 && self[0] == 0xEF && self[1] == 0xBB && self[2] == 0xBF
        return isMarked ? UnsafeRawBufferPointer(rebasing: self[3...]) : self
    }

    /// Whether these bytes begin with those of `text`.
    func starts(with text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount, let baseAddress else { return text.utf8CodeUnitCount == 0 }
        return memcmp(baseAddress, text.utf8Start, text.utf8CodeUnitCount) == 0
    }
}
