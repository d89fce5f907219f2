/// A JSON object that keeps its members in order. No two have the same key.
///
/// Looking a key up walks the members: objects in requests and configuration are small. Keys are compared by their
/// bytes, as RFC 8259 section 8.3 has it; the length decides nearly always.
public struct JSONObject: Sendable {
    private var members: [(key: String, value: JSON)] = []

    /// An object without members.
    public init() {}

    /// Where a key comes twice, the last value stays, at the first one's place.
    public init(_ members: some Sequence<(String, JSON)>) {
        guard members.underestimatedCount > 16 else {
            for (key, value) in members { self[key] = value }
            return
        }
        // Many members: walking them all for each would take time by their number's square.
        var places: [String: Int] = [:]
        for (key, value) in members {
            if let place = places[key] {
                self.members[place].value = value
            } else {
                places[key] = self.members.count
                self.members.append((key, value))
            }
        }
    }

    /// How many members there are.
    public var count: Int { members.count }
    /// Whether there are no members.
    public var isEmpty: Bool { members.isEmpty }
    /// The keys in the members' order.
    public var keys: [String] { members.map(\.key) }

    /// Setting nil removes the member; a new key comes last.
    public subscript(key: String) -> JSON? {
        get {
            for index in members.indices where Self.isSame(members[index].key, key) { return members[index].value }
            return nil
        }
        set {
            let place = members.firstIndex { Self.isSame($0.key, key) }
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append((key, value))
            case (nil, nil): break
            }
        }
    }

    /// Whether a member has this key, byte for byte.
    func holds(exactly key: String) -> Bool {
        for index in members.indices where Self.isSame(members[index].key, key) { return true }
        return false
    }

    @inline(__always)
    private static func isSame(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return left == right
    }

    /// Adds a member whose key the caller knows to be new.
    mutating func append(newKey key: String, _ value: JSON) {
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
