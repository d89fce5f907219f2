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
    let path: String

    init(_ value: JSON, at path: String) {
        self.value = value
        self.path = path
    }

    func object() throws(ConverseFault) -> JSONObject {
        guard let object = value.object else { throw wrongKind("an object") }
        return object
    }

    func elements() throws(ConverseFault) -> [ConverseMember] {
        guard let array = value.array else { throw wrongKind("an array") }
        return array.enumerated().map { ConverseMember($0.element, at: "\(path)[\($0.offset)]") }
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
        guard let member = value[name], !member.isNull else { return nil }
        return ConverseMember(member, at: path.isEmpty ? name : "\(path).\(name)")
    }

    func required(_ name: String) throws(ConverseFault) -> ConverseMember {
        if let member = self[name] { return member }
        let place = path.isEmpty ? name : "\(path).\(name)"
        throw ConverseFault(
            path: place, message: "Missing required parameter: '\(place)'.", code: "missing_required_parameter")
    }

    /// The members other than these, `null` ones aside.
    func extras(beside known: Set<String>) -> JSONObject {
        var extras = JSONObject()
        for (key, value) in value.object ?? [:] where !known.contains(key) && !value.isNull { extras[key] = value }
        return extras
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
