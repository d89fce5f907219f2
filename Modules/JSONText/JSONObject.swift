import Glibc
import Units

/// A JSON object that keeps its members in order. No two have the same key.
///
/// Looking a key up walks the members: objects in requests and configuration are small. Most names that are looked for are
/// not there, and ``lengths`` tells so at once. Keys are compared by their bytes, as RFC 8259 section 8.3 has it. An object
/// of many that is written to, member by member, remembers their places: walking them all for each would take time by
/// the square of their number, and a client may send a hundred thousand.
public struct JSONObject: Sendable {
    private static let walkedMax = 16

    /// A struct, because arrays of tuples are copied and destroyed by general means.
    @usableFromInline
    struct Member: Sendable {
        @usableFromInline let key: String
        @usableFromInline var value: JSON

        init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }

    @usableFromInline
    var members: [Member] = []
    /// A bit for each length, modulo 64, that a key has or had.
    @usableFromInline
    var lengths: UInt64 = 0
    /// By key, where it is known; nil before the first write to an object of more than ``walkedMax``.
    private var places: [ByteKey: Int]?

    /// An object without members.
    public init() {}

    /// Where a key comes twice, the last value stays, at the first one's place.
    public init(_ members: some Sequence<(String, JSON)>) {
        for (key, value) in members { self[key] = value }
    }

    /// An object of one member. This and the next two make an object where a literal would make a list of pairs first.
    public init(_ key: String, _ value: JSON) {
        members = [Member(key, value)]
        lengths = Self.bit(of: key)
    }

    /// An object of two members, whose keys differ.
    public init(_ first: String, _ firstValue: JSON, _ second: String, _ secondValue: JSON) {
        assert(first != second, "an object's keys differ")
        members = [Member(first, firstValue), Member(second, secondValue)]
        lengths = Self.bit(of: first) | Self.bit(of: second)
    }

    /// An object without members yet, and with room for as many.
    public init(capacity: Int) { members.reserveCapacity(capacity) }

    /// What a reader found, whose keys differ.
    init(_ members: [Member], lengths: UInt64) {
        self.members = members
        self.lengths = lengths
    }

    /// How many members there are.
    @inlinable
    public var count: Int { members.count }
    /// Whether there are no members.
    @inlinable
    public var isEmpty: Bool { members.isEmpty }
    /// The keys in the members' order.
    public var keys: [String] { members.map(\.key) }

    /// Setting nil removes the member; a new key comes last.
    @inlinable
    public subscript(key: String) -> JSON? {
        get { mayHold(key) ? value(of: key) : Optional.none }
        set { set(key, newValue) }
    }

    /// Whether a member has this key, byte for byte.
    @inlinable
    public func holds(_ key: String) -> Bool { place(of: key) != nil }

    /// Where the member of this key stands in the order.
    @inlinable
    public func place(of key: String) -> Int? { mayHold(key) ? walk(to: key) : nil }

    /// False where no member can have the key: none has one of its length.
    @inlinable
    public func mayHold(_ key: String) -> Bool { lengths & Self.bit(of: key) != 0 }

    @inlinable
    static func bit(of key: String) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: key.utf8.count) }

    @usableFromInline
    func value(of key: String) -> JSON? { walk(to: key).map { members[$0].value } }

    @usableFromInline
    func walk(to key: String) -> Int? {
        if let places { return places[ByteKey(text: key)] }
        for place in members.indices where Self.isSame(members[place].key, key) { return place }
        return nil
    }

    /// Whether two keys have the same bytes. The length decides nearly always; strings that Swift holds for equal may be of
    /// other bytes all the same (U+0323 U+0307 in either order).
    static func isSame(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return left.withBytes { left in
            right.withBytes { right in
                guard let left = left.baseAddress, let other = right.baseAddress else { return true }
                return memcmp(left, other, right.count) == 0
            }
        }
    }

    @usableFromInline
    mutating func set(_ key: String, _ value: JSON?) {
        guard let value else {
            guard let place = place(of: key) else { return }
            members.remove(at: place)
            places = nil
            return
        }
        if places == nil, members.count > Self.walkedMax { notePlaces() }
        if let place = place(of: key) { members[place].value = value } else { append(newKey: key, value) }
    }

    /// The key of the member that stands there in the order.
    @inlinable
    public func key(at place: Int) -> String { members[place].key }

    /// The value of the member that stands there in the order.
    @inlinable
    public func value(at place: Int) -> JSON { members[place].value }

    /// The members but those of these names, without `null`s. For a handful of names.
    public func present(beside names: [String]) -> JSONObject {
        var rest = JSONObject()
        for member in members where !member.value.isNull {
            if names.contains(where: { Self.isSame($0, member.key) }) { continue }
            rest.append(newKey: member.key, member.value)
        }
        return rest
    }

    /// Adds a member whose key no other has: the caller's care.
    public mutating func add(_ key: String, _ value: JSON) {
        // Not for many: the check would take time by the square of their number.
        assert(members.count > Self.walkedMax || !holds(key), "an object's keys differ")
        append(newKey: key, value)
    }

    /// The same; nothing where there is no value.
    @inlinable
    public mutating func add(_ key: String, optional value: JSON?) {
        if let value { add(key, value) }
    }

    private mutating func notePlaces() {
        var known: [ByteKey: Int] = [:]
        known.reserveCapacity(members.count + 1)
        for (place, member) in members.enumerated() { known[ByteKey(text: member.key)] = place }
        places = known
    }

    /// A key that is the same only where its bytes are.
    struct ByteKey: Hashable, Sendable {
        let text: String

        static func == (left: ByteKey, right: ByteKey) -> Bool { JSONObject.isSame(left.text, right.text) }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    /// Adds a member whose key the caller knows to be new.
    mutating func append(newKey key: String, _ value: JSON) {
        if places != nil { places?[ByteKey(text: key)] = members.count }
        lengths |= Self.bit(of: key)
        members.append(Member(key, value))
    }

    mutating func reserveCapacity(_ count: Int) {
        members.reserveCapacity(count)
    }
}

extension JSONObject: Sequence {
    public func makeIterator() -> Iterator { Iterator(members: members) }

    public struct Iterator: IteratorProtocol {
        @usableFromInline let members: [Member]
        @usableFromInline var place = 0

        fileprivate init(members: [Member]) { self.members = members }

        @inlinable
        public mutating func next() -> (key: String, value: JSON)? {
            guard place < members.count else { return nil }
            defer { place += 1 }
            return (members[place].key, members[place].value)
        }
    }
}

extension JSONObject: Equatable {
    /// The same members in any order, as RFC 8259 section 4 has it.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        // Each value is compared once: twice at every depth would be 2^depth for objects that differ at the bottom.
        if zip(left.members, right.members).allSatisfy({ isSame($0.key, $1.key) }) {
            return zip(left.members, right.members).allSatisfy { $0.value == $1.value }
        }
        let values = Dictionary(left.members.map { (ByteKey(text: $0.key), $0.value) }) { first, _ in first }
        return right.members.allSatisfy { values[ByteKey(text: $0.key)] == $0.value }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Where a key comes twice, the last value stays, at the first one's place.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        members.reserveCapacity(elements.count)
        for (key, value) in elements { self[key] = value }
    }
}
