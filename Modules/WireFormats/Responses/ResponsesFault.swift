import JSONText

/// Reads members of a Responses request, or refuses them in OpenAI's words with the member's path.
enum ResponsesFault {
    static func type(_ path: String, _ expected: String, _ value: JSON) -> RequestError {
        RequestError(
            message: "Invalid type for '\(path)': expected \(expected), but got \(name(of: value)) instead.",
            param: path, code: "invalid_type")
    }

    static func value(_ path: String, allowed: String) -> RequestError {
        RequestError(
            message: "Invalid value for '\(path)'. Supported values are: \(allowed).", param: path,
            code: "invalid_value")
    }

    static func unsupported(_ path: String, _ what: String) -> RequestError {
        RequestError(message: "\(what) cannot be sent to this model.", param: path, code: "unsupported_content")
    }

    private static func name(of value: JSON) -> String {
        switch value {
        case .null: "null"
        case .bool: "a boolean"
        case .int: "an integer"
        case .real: "a decimal number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    static func string(_ value: JSON, _ path: @autoclosure () -> String) throws(RequestError) -> String {
        guard let text = value.string else { throw type(path(), "a string", value) }
        return text
    }

    static func bool(_ value: JSON, _ path: @autoclosure () -> String) throws(RequestError) -> Bool {
        guard let bool = value.bool else { throw type(path(), "a boolean", value) }
        return bool
    }

    static func int(_ value: JSON, _ path: @autoclosure () -> String) throws(RequestError) -> Int64 {
        guard let int = value.int else { throw type(path(), "an integer", value) }
        return int
    }

    static func number(_ value: JSON, _ path: @autoclosure () -> String) throws(RequestError) -> Double {
        guard let number = value.number else { throw type(path(), "a number", value) }
        return number
    }

    static func object(_ value: JSON, _ path: @autoclosure () -> String) throws(RequestError) -> JSONObject {
        guard let object = value.object else { throw type(path(), "an object", value) }
        return object
    }

    static func array(_ value: JSON, _ path: @autoclosure () -> String) throws(RequestError) -> [JSON] {
        guard let array = value.array else { throw type(path(), "an array", value) }
        return array
    }

    /// A member that must be there and be a text.
    static func string(
        of object: JSONObject, _ key: String, _ path: @autoclosure () -> String
    ) throws(RequestError) -> String {
        guard let value = object[key], !value.isNull else { throw .missing(path() + "." + key) }
        return try string(value, path() + "." + key)
    }

    /// A member that may be there.
    static func optionalString(
        of object: JSONObject, _ key: String, _ path: @autoclosure () -> String
    ) throws(RequestError) -> String? {
        guard let value = object[key], !value.isNull else { return nil }
        return try string(value, path() + "." + key)
    }
}

extension JSONObject {
    /// The members but these, and without what is null.
    func without(_ keys: Set<String>) -> JSONObject {
        var rest = JSONObject()
        for (key, value) in self where !keys.contains(key) && !value.isNull { rest[key] = value }
        return rest
    }
}
