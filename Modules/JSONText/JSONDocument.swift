/// One member of the outermost object, as places in the bytes that were scanned.
public struct JSONMember: Sendable, Equatable {
    /// The key, escapes as written.
    public let key: JSONKey
    /// The whole value; a string's quotes included.
    public internal(set) var value: Range<Int>
    /// What the value is.
    public internal(set) var kind: JSONKind
    let fingerprint: UInt64

    init(_ key: JSONKey, in bytes: UnsafeRawBufferPointer) {
        self.key = key
        let text = UnsafeRawBufferPointer(rebasing: bytes[key.range])
        fingerprint = key.isEscaped ? JSONKeys.fingerprint(escaped: text) : JSONKeys.fingerprint(text)
        value = key.range.upperBound..<key.range.upperBound
        kind = .null
    }

    /// The key as text, escapes resolved.
    public func name(in bytes: UnsafeRawBufferPointer) -> String { key.text(in: bytes) }

    /// Whether the key stands for `name`.
    @inlinable
    public func isNamed(_ name: StaticString, in bytes: UnsafeRawBufferPointer) -> Bool {
        key.isNamed(name, in: bytes)
    }

    func hasSameKey(as other: JSONMember, in bytes: UnsafeRawBufferPointer) -> Bool {
        JSONKeys.equal(
            UnsafeRawBufferPointer(rebasing: bytes[key.range]),
            UnsafeRawBufferPointer(rebasing: bytes[other.key.range]),
            mayBeEscaped: key.isEscaped || other.key.isEscaped)
    }
}

/// A document that is known to be valid JSON, and where the members of its outermost object are.
///
/// It holds offsets, not bytes: every reader takes the buffer that was scanned.
public struct JSONDocument: Sendable, Equatable {
    /// The outermost object's members in order; empty for any other document.
    public let members: [JSONMember]
    /// What the outermost value is.
    public let kind: JSONKind
    /// The outermost value, without the whitespace around it.
    public let range: Range<Int>
    /// Where the first `\u` escape that is only half a surrogate pair is.
    public let loneSurrogate: Int?
    /// String values of at least ``longStringBytesMin``, quotes included, in their order: a cursor need not look for
    /// their ends again.
    public let longStrings: [Range<Int>]

    static let longStringBytesMin = 16 << 10

    /// The outermost object's member of that name.
    public func member(_ name: StaticString, in bytes: UnsafeRawBufferPointer) -> JSONMember? {
        members.first { $0.isNamed(name, in: bytes) }
    }

    /// The value of the outermost object's member of that name.
    public func value(_ name: StaticString, in bytes: UnsafeRawBufferPointer) -> JSONView? {
        member(name, in: bytes).map { JSONView(bytes, $0.value) }
    }

    /// The outermost value.
    public func root(in bytes: UnsafeRawBufferPointer) -> JSONView { JSONView(bytes, range) }
}
