import JSONText

/// What is not as the dialect has it: where, and what. A request's is a 400, a reply's is ``ReplyError/malformed(_:)``.
struct ConverseFault: Error, Equatable {
    var path: String
    var message: String
    var code: String

    var requestError: RequestError { RequestError(message: message, param: path, code: code) }
    var replyError: ReplyError { .malformed(message) }
}

/// A value and where it stands, so that a fault can name it.
struct ConverseMember {
    let value: JSON
    private let place: Place

    /// The way to a value, put into words only for a fault.
    private indirect enum Place {
        case root(String)
        case member(Place, String)
        case element(Place, Int)

        var path: String {
            switch self {
            case .root(let path): return path
            case .member(let outer, let name):
                let path = outer.path
                return path.isEmpty ? name : path + "." + name
            case .element(let list, let index): return "\(list.path)[\(index)]"
            }
        }
    }

    init(_ value: JSON, at path: String) { self.init(value, .root(path)) }

    private init(_ value: JSON, _ place: Place) {
        self.value = value
        self.place = place
    }

    private var path: String { place.path }

    func object() throws(ConverseFault) -> JSONObject {
        guard case .object(let object) = value else { throw wrongKind("an object") }
        return object
    }

    func elements() throws(ConverseFault) -> [ConverseMember] {
        guard case .array(let array) = value else { throw wrongKind("an array") }
        var elements: [ConverseMember] = []
        elements.reserveCapacity(array.count)
        for index in array.indices { elements.append(ConverseMember(array[index], .element(place, index))) }
        return elements
    }

    func string() throws(ConverseFault) -> String {
        guard let string = value.string else { throw wrongKind("a string") }
        return string
    }

    func int() throws(ConverseFault) -> Int64 {
        guard let int = value.int else { throw wrongKind("an integer") }
        return int
    }

    func number() throws(ConverseFault) -> Double {
        guard let number = value.number else { throw wrongKind("a number") }
        return number
    }

    func bool() throws(ConverseFault) -> Bool {
        guard let bool = value.bool else { throw wrongKind("a boolean") }
        return bool
    }

    /// The object's member; nil where it is absent or `null`.
    subscript(name: String) -> ConverseMember? {
        guard case .object(let object) = value, let member = object[name], !member.isNull else { return nil }
        return ConverseMember(member, .member(place, name))
    }

    /// The member that stands there in this value's object, whatever it is.
    func member(at place: Int, of object: JSONObject) -> (name: String, member: ConverseMember) {
        let name = object.key(at: place)
        return (name, ConverseMember(object.value(at: place), .member(self.place, name)))
    }

    func required(_ name: String) throws(ConverseFault) -> ConverseMember {
        if let member = self[name] { return member }
        let path = Place.member(place, name).path
        throw ConverseFault(
            path: path, message: "Missing required parameter: '\(path)'.", code: "missing_required_parameter")
    }

    /// The members other than these, `null` ones aside.
    func extras(beside known: [String]) -> JSONObject {
        guard case .object(let object) = value else { return JSONObject() }
        return object.present(beside: known)
    }

    /// Refuses a union of which two members are there.
    func requireOne(of names: [String]) throws(ConverseFault) {
        guard case .object(let object) = value, object.count > 1 else { return }
        let there = names.filter { self[$0] != nil }
        guard there.count > 1 else { return }
        throw invalid("it may have one of \(there.joined(separator: " and ")) only")
    }

    func wrongKind(_ expected: String) -> ConverseFault {
        ConverseFault(
            path: path, message: "Invalid type for '\(path)': expected \(expected), but got \(value.kind.words).",
            code: "invalid_type")
    }

    func invalid(_ why: String) -> ConverseFault {
        ConverseFault(path: path, message: "Invalid value for '\(path)': \(why).", code: "invalid_value")
    }
}

extension JSONKind {
    fileprivate var words: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
