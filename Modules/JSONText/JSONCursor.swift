/// Walks a document that is known to be valid front to back, touching each byte once.
///
/// Where ``JSONView`` answers questions about one value, a cursor visits a large one in a single pass: each value is
/// either skipped or entered, and an entered container is left by asking for its next key or element until there is
/// none.
///
///     var cursor = JSONCursor(messages)
///     if cursor.enterArray() {
///         while cursor.nextElement() {
///             guard cursor.enterObject() else { _ = cursor.skip(); continue }
///             while let key = cursor.nextKey() { … cursor.skip() … }
///         }
///     }
///
/// On bytes that are no valid JSON it stays inside its range and comes to an end.
public struct JSONCursor {
    /// The buffer that the offsets count in.
    public let bytes: UnsafeRawBufferPointer
    private var index: Int
    private let end: Int
    private let longStrings: [Range<Int>]
    /// The first of ``longStrings`` that may still be ahead.
    private var nextLongString = 0

    /// Starts at the first byte of `view`.
    ///
    /// - Parameter longStrings: the document's, where the values may be megabytes: they are then stepped over at once.
    public init(_ view: JSONView, longStrings: [Range<Int>] = []) {
        self.longStrings = longStrings
        bytes = view.bytes
        index = view.range.lowerBound
        end = view.range.upperBound
    }

    /// Offset of the next byte.
    public var offset: Int { index }

    /// What the value at the cursor is; null also where there is none.
    public var kind: JSONKind {
        guard index < end else { return .null }
        return JSONKind(firstByte: bytes[index]) ?? .null
    }

    /// Steps into the object at the cursor; false, and no step, where there is none.
    public mutating func enterObject() -> Bool { enter(UInt8(ascii: "{")) }

    /// Steps into the array at the cursor; false, and no step, where there is none.
    public mutating func enterArray() -> Bool { enter(UInt8(ascii: "[")) }

    /// The next key, with the cursor on its value; nil, with the cursor behind the object, where it ends.
    public mutating func nextKey() -> JSONKey? {
        index = JSONSkip.whitespaceAndComma(bytes, index, end)
        guard index < end, bytes[index] == 0x22, let string = JSONSkip.string(bytes, index, end) else {
            index = min(index + 1, end)
            return nil
        }
        let key = JSONKey(index + 1..<string.end - 1, isEscaped: string.isEscaped)
        index = JSONSkip.whitespace(bytes, string.end, end)
        guard index < end, bytes[index] == UInt8(ascii: ":") else {
            index = end
            return nil
        }
        index = JSONSkip.whitespace(bytes, index + 1, end)
        return key
    }

    /// Whether there is another element, with the cursor on it; otherwise the cursor is behind the array.
    public mutating func nextElement() -> Bool {
        index = JSONSkip.whitespaceAndComma(bytes, index, end)
        if index < end, bytes[index] != UInt8(ascii: "]") { return true }
        index = min(index + 1, end)
        return false
    }

    /// Steps over the value at the cursor.
    public mutating func skip() -> JSONView {
        let start = index
        if let next = longStringEnd(at: start) ?? JSONSkip.value(bytes, start, end) {
            index = next
            return JSONView(bytes, start..<next)
        }
        index = end
        return JSONView(bytes, end..<end)
    }

    /// Whether a key of this cursor's stands for `name`.
    @inlinable
    public func isKey(_ key: JSONKey, _ name: StaticString) -> Bool { key.isNamed(name, in: bytes) }

    private mutating func longStringEnd(at start: Int) -> Int? {
        while nextLongString < longStrings.count {
            let string = longStrings[nextLongString]
            if string.lowerBound >= start { return string.lowerBound == start ? string.upperBound : nil }
            nextLongString += 1
        }
        return nil
    }

    private mutating func enter(_ opening: UInt8) -> Bool {
        guard index < end, bytes[index] == opening else { return false }
        index += 1
        return true
    }
}
