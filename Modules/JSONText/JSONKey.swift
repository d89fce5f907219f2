import Glibc

/// A key of an object, as a place in the bytes that it was found in.
public struct JSONKey: Sendable, Equatable {
    /// The key's text, without its quotes, escapes as written.
    public let range: Range<Int>
    /// Whether the text has escapes, so that its bytes are not what it stands for.
    public let isEscaped: Bool

    init(_ range: Range<Int>, isEscaped: Bool) {
        self.range = range
        self.isEscaped = isEscaped
    }

    /// Whether the key stands for `name`.
    @inlinable
    public func isNamed(_ name: StaticString, in bytes: UnsafeRawBufferPointer) -> Bool {
        // Inlined into the caller, this is mostly one comparison of two lengths.
        if isEscaped { return isEscapedName(name, in: bytes) }
        guard range.count == name.utf8CodeUnitCount, let base = bytes.baseAddress else { return false }
        return memcmp(base + range.lowerBound, name.utf8Start, range.count) == 0
    }

    /// The key as text, escapes resolved.
    public func text(in bytes: UnsafeRawBufferPointer) -> String {
        JSONEscapes.string(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }

    @usableFromInline
    func isEscapedName(_ name: StaticString, in bytes: UnsafeRawBufferPointer) -> Bool {
        JSONEscapes.equal(UnsafeRawBufferPointer(rebasing: bytes[range]), name, isEscaped: true)
    }
}
