import JSONText

/// The members of an object that nobody has asked for yet.
///
/// They are marked and not removed: to take three dozen names out of an object of three members must cost no copy of it.
struct UntakenMembers {
    private var object: JSONObject
    /// A bit a member, by its place. An object of more than 64 loses each that is taken instead.
    private var taken: UInt64 = 0
    private var marks: Bool

    init(_ object: JSONObject) {
        self.object = object
        marks = object.count <= 64
    }

    @inline(__always)
    subscript(_ key: String) -> JSON? {
        guard object.mayHold(key), let place = place(of: key) else { return nil }
        return object.value(at: place)
    }

    @inline(__always)
    mutating func take(_ key: String) -> JSON? {
        object.mayHold(key) ? takeFound(key) : Optional.none
    }

    private mutating func takeFound(_ key: String) -> JSON? {
        guard let place = place(of: key) else { return nil }
        let value = object.value(at: place)
        if marks { taken |= 1 << UInt64(place) } else { object[key] = nil }
        return value
    }

    /// Puts a member in, behind those that are left where it is not among them; nil takes it out.
    mutating func put(_ key: String, _ value: JSON?) {
        guard let value else {
            _ = take(key)
            return
        }
        self = UntakenMembers(rest)
        object[key] = value
        marks = object.count <= 64
    }

    /// Those that are left.
    var rest: JSONObject {
        if taken == 0 { return object }
        return filtered { _ in true }
    }

    /// Those that are left and no `null`.
    var present: JSONObject { isEmpty ? JSONObject() : filtered { !$0.isNull } }

    /// Whether none is left but `null`s.
    var isEmpty: Bool {
        if marks, taken &+ 1 == (object.count == 64 ? 0 : 1 << UInt64(object.count)) { return true }
        for place in 0..<object.count where !isTaken(place) && !object.value(at: place).isNull { return false }
        return true
    }

    private func filtered(_ isKept: (JSON) -> Bool) -> JSONObject {
        var kept = JSONObject()
        for place in 0..<object.count where !isTaken(place) {
            let value = object.value(at: place)
            if isKept(value) { kept.add(object.key(at: place), value) }
        }
        return kept
    }

    private func place(of key: String) -> Int? {
        guard let place = object.place(of: key), !isTaken(place) else { return nil }
        return place
    }

    private func isTaken(_ place: Int) -> Bool { marks && taken & (1 << UInt64(place)) != 0 }
}

/// Where a value stands in a body: put into words only where somebody asks.
struct BodyPlace {
    private let list: String
    private let index: Int?
    private let member: String
    private let innerIndex: Int?

    init(_ path: String) {
        list = path
        index = nil
        member = ""
        innerIndex = nil
    }

    /// An element of a list, its member, and an element of that.
    init(_ list: String, _ index: Int, _ member: String = "", _ innerIndex: Int? = nil) {
        self.list = list
        self.index = index
        self.member = member
        self.innerIndex = innerIndex
    }

    /// `messages[2].content[0]`; empty for the body itself.
    var path: String {
        var path = list
        if let index { path += "[\(index)]" }
        if !member.isEmpty { path += "." + member }
        if let innerIndex { path += "[\(innerIndex)]" }
        return path
    }
}
