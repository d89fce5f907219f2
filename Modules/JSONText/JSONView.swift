/// One value of a document, seen in place.
///
/// It borrows the buffer that it was made from and is valid only as long as that is. It expects JSON that a
/// ``JSONScanner`` has accepted; on other bytes every reader still stays inside its range and answers nil or stops
/// early.
public struct JSONView {
    /// The buffer that the ranges count in.
    public let bytes: UnsafeRawBufferPointer
    /// The value's bytes, quotes and brackets included.
    public let range: Range<Int>

    /// - Parameter range: the exact bytes of one value, without whitespace around it.
    public init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= bytes.count, "a JSON view is made within its buffer")
        self.bytes = bytes
        self.range = range
    }

    /// The value that a buffer holds, taken as it is: the buffer without the whitespace around it.
    ///
    /// - Returns: nil where the buffer is empty or blank.
    public init?(unchecked bytes: UnsafeRawBufferPointer) {
        let start = JSONSkip.whitespace(bytes, 0, bytes.count)
        var end = bytes.count
        while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
        guard start < end else { return nil }
        self.bytes = bytes
        range = start..<end
    }

    /// What the value is, told by its first byte.
    public var kind: JSONKind {
        guard !range.isEmpty else { return .null }
        return JSONKind(firstByte: bytes[range.lowerBound]) ?? .null
    }

    /// Whether this is `null`; also true of what is no JSON.
    public var isNull: Bool { kind == .null }

    /// The value's own bytes.
    public var raw: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[range]) }

    // MARK: - Scalars

    /// The string's text, escapes resolved; nil for other kinds.
    public var string: String? { textRange.map { JSONEscapes.string(UnsafeRawBufferPointer(rebasing: bytes[$0])) } }

    /// Where the string's text is, without quotes and with its escapes as written; nil for other kinds.
    public var textRange: Range<Int>? {
        guard range.count >= 2, bytes[range.lowerBound] == 0x22 else { return nil }
        return range.lowerBound + 1..<range.upperBound - 1
    }

    /// Whether this is a string that stands for `text`.
    public func isString(_ text: StaticString) -> Bool {
        guard let textRange else { return false }
        let found = UnsafeRawBufferPointer(rebasing: bytes[textRange])
        return JSONEscapes.equal(found, text, isEscaped: false) || JSONEscapes.equal(found, text, isEscaped: true)
    }

    /// An integer in Int64's range, written without fraction and exponent.
    public var int: Int64? {
        guard kind == .number else { return nil }
        var value: Int64 = 0
        var index = range.lowerBound
        let negative = bytes[index] == UInt8(ascii: "-")
        if negative { index += 1 }
        guard index < range.upperBound else { return nil }
        while index < range.upperBound {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { return nil }
            let (scaled, overflowA) = value.multipliedReportingOverflow(by: 10)
            let (next, overflowB) =
                negative
                ? scaled.subtractingReportingOverflow(Int64(digit)) : scaled.addingReportingOverflow(Int64(digit))
            guard !overflowA, !overflowB else { return nil }
            value = next
            index += 1
        }
        return value
    }

    /// Whether this is a number written without fraction and exponent, however long.
    public var isInteger: Bool {
        guard kind == .number else { return false }
        for index in range.lowerBound + 1..<range.upperBound where bytes[index] &- 0x30 >= 10 { return false }
        return true
    }

    /// A number as the nearest Double.
    public var double: Double? {
        guard kind == .number else { return nil }
        return Double(String(decoding: raw, as: UTF8.self))
    }

    /// The number's digits as written, for exact decimals.
    public var numberText: String? {
        guard kind == .number else { return nil }
        return String(decoding: raw, as: UTF8.self)
    }

    /// The boolean; nil for other kinds.
    public var bool: Bool? {
        guard kind == .bool else { return nil }
        return bytes[range.lowerBound] == UInt8(ascii: "t")
    }

    // MARK: - Containers

    /// The object's members in order; empty for other kinds.
    public var members: JSONMembers { JSONMembers(self) }

    /// The array's elements in order; empty for other kinds.
    public var elements: JSONElements { JSONElements(self) }

    /// The object's first member of that name.
    public func member(_ name: StaticString) -> JSONView? {
        var members = self.members
        while let member = members.next() {
            if member.isNamed(name) { return member.value }
        }
        return nil
    }

    /// The same, but nil also where the member is `null`.
    public func present(_ name: StaticString) -> JSONView? {
        guard let value = member(name), !value.isNull else { return nil }
        return value
    }
}

/// One member of an object that is read in place.
public struct JSONMemberView {
    /// The key, escapes as written.
    public let key: JSONKey
    /// The value, in the same buffer.
    public let value: JSONView

    /// Whether the key is this name, compared without making a text of it.
    @inlinable
    public func isNamed(_ name: StaticString) -> Bool { key.isNamed(name, in: value.bytes) }

    /// The key as text, escapes resolved.
    public var name: String { key.text(in: value.bytes) }
}

/// Walks an object's members in place, without allocating.
public struct JSONMembers: Sequence, IteratorProtocol {
    private var cursor: JSONCursor
    private var isOpen: Bool

    init(_ view: JSONView) {
        cursor = JSONCursor(view)
        isOpen = cursor.enterObject()
    }

    public mutating func next() -> JSONMemberView? {
        guard isOpen, let key = cursor.nextKey() else {
            isOpen = false
            return nil
        }
        let value = cursor.skip()
        // An empty value is no JSON: there is no more to be read.
        isOpen = !value.range.isEmpty
        return isOpen ? JSONMemberView(key: key, value: value) : nil
    }
}

/// Walks an array's elements in place, without allocating.
public struct JSONElements: Sequence, IteratorProtocol {
    private var cursor: JSONCursor
    private var isOpen: Bool

    init(_ view: JSONView) {
        cursor = JSONCursor(view)
        isOpen = cursor.enterArray()
    }

    public mutating func next() -> JSONView? {
        guard isOpen, cursor.nextElement() else {
            isOpen = false
            return nil
        }
        let value = cursor.skip()
        isOpen = !value.range.isEmpty
        return isOpen ? value : nil
    }
}
