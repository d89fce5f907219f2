/// A JSON object that keeps its members in order. No two have the same key.
///
/// Looking a key up walks the members: objects in requests and configuration are small. Keys are compared by their
/// bytes, as RFC 8259 section 8.3 has it; the length decides nearly always. An object of many that is written to, member
/// by member, remembers their places: walking them all for each would take time by the square of their number, and a
/// client may send a hundred thousand.
public struct JSONObject: Sendable {
    private static let walkedMax = 16

    private var members: [(key: String, value: JSON)] = []
    /// By key, where it is known; nil before the first write to an object of more than ``walkedMax``.
    private var places: [ByteKey: Int]?

    /// An object without members.
    public init() {}

    /// Where a key comes twice, the last value stays, at the first one's place.
    public init(_ members: some Sequence<(String, JSON)>) {
        for (key, value) in members { self[key] = value }
    }

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
    func holds(exactly key: String) -> Bool { place(of: key) != nil }

    private func place(of key: String) -> Int? {
        if let places { return places[ByteKey(text: key)] }
        for index in members.indices where Self.isSame(members[index].key, key) { return index }
        return nil
    }

    @inline(__always)
    private static func isSame(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return left == right
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
        places?[ByteKey(text: key)] = members.count
        members.append((key, value))
    }

    mutating func reserveCapacity(_ count: Int) {
        members.reserveCapacity(count)
    }
}

extension JSONObject: Sequence {
    public func makeIterator() -> IndexingIterator<[(key: String, value: JSON)]> { members.makeIterator() }
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
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
