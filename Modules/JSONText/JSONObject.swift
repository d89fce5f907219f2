/// A JSON object that keeps its members in order. No two have the same key.
///
/// Looking a key up walks the members: objects in requests and configuration are small. Keys are compared by their
/// bytes, as RFC 8259 section 8.3 has it; the length decides nearly always. An object of many that is written to, member
/// by member, remembers their places: walking them all for each would take time by the square of their number, and a
/// client may send a hundred thousand.
public struct JSONObject: Sendable {
    private static let walkedMax = 16

    /// A struct, because arrays of tuples are copied and destroyed by general means.
    struct Member: Sendable {
        let key: String
        var value: JSON
    }

    private(set) var members: [Member] = []
    /// By key, where it is known; nil before the first write to an object of more than ``walkedMax``.
    private var places: [ByteKey: Int]?

    /// An object without members.
    public init() {}

    /// Where a key comes twice, the last value stays, at the first one's place.
    public init(_ members: some Sequence<(String, JSON)>) {
        for (key, value) in members { self[key] = value }
    }

    /// An object of one member. This and the next two make an object where a literal would make a list of pairs first.
    public init(_ key: String, _ value: JSON) { members = [Member(key: key, value: value)] }

    /// An object of two members, whose keys differ.
    public init(_ first: String, _ firstValue: JSON, _ second: String, _ secondValue: JSON) {
        assert(first != second, "an object's keys differ")
        members = [Member(key: first, value: firstValue), Member(key: second, value: secondValue)]
    }

    /// An object without members yet, and with room for as many.
    public init(capacity: Int) { members.reserveCapacity(capacity) }

    /// How many members there are.
    public var count: Int { members.count }
    /// Whether there are no members.
    public var isEmpty: Bool { members.isEmpty }
    /// The keys in the members' order.
    public var keys: [String] { members.map(\.key) }

    /// Setting nil removes the member; a new key comes last.
    public subscript(key: String) -> JSON? {
        get { place(of: key).map { members[$0].value } }
        set {
            if members.isEmpty {
                if let newValue { append(newKey: key, newValue) }
                return
            }
            if case .some = newValue, places == nil, members.count > Self.walkedMax { notePlaces() }
            switch (place(of: key), newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil):
                members.remove(at: place)
                places = nil
            case (nil, let value?): append(newKey: key, value)
            case (nil, nil): break
            }
        }
    }

    /// Whether a member has this key, byte for byte.
    public func holds(_ key: String) -> Bool { place(of: key) != nil }

    /// Where the member of this key stands in the order.
    public func place(of key: String) -> Int? {
        if let places { return places[ByteKey(text: key)] }
        let count = key.utf8.count
        return members.withUnsafeBufferPointer { members in
            // The length decides nearly always.
            for place in members.indices where members[place].key.utf8.count == count && members[place].key == key {
                return place
            }
            return nil
        }
    }

    /// The key of the member that stands there in the order.
    public func key(at place: Int) -> String { members[place].key }

    /// The value of the member that stands there in the order.
    public func value(at place: Int) -> JSON { members[place].value }

    /// The members but those of these names, without `null`s. For a handful of names.
    public func present(beside names: [String]) -> JSONObject {
        var rest = JSONObject()
        for member in members where !member.value.isNull {
            let count = member.key.utf8.count
            if names.contains(where: { $0.utf8.count == count && $0 == member.key }) { continue }
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
    private struct ByteKey: Hashable, Sendable {
        let text: String

        static func == (left: ByteKey, right: ByteKey) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    /// Adds a member whose key the caller knows to be new.
    mutating func append(newKey key: String, _ value: JSON) {
        if places != nil { places?[ByteKey(text: key)] = members.count }
        members.append(Member(key: key, value: value))
    }

    mutating func reserveCapacity(_ count: Int) {
        members.reserveCapacity(count)
    }
}

extension JSONObject: Sequence {
    public func makeIterator() -> Iterator { Iterator(members: members) }

    public struct Iterator: IteratorProtocol {
        private let members: [Member]
        private var place = 0

        fileprivate init(members: [Member]) { self.members = members }

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
        if zip(left.members, right.members).allSatisfy({ $0.key == $1.key }) {
            return zip(left.members, right.members).allSatisfy { $0.value == $1.value }
        }
        let values = Dictionary(left.members.map { ($0.key, $0.value) }) { first, _ in first }
        return right.members.allSatisfy { values[$0.key] == $0.value }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Where a key comes twice, the last value stays, at the first one's place.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        members.reserveCapacity(elements.count)
        for (key, value) in elements { self[key] = value }
    }
}
