import JSONText

/// Members of a Messages document with their types checked. `null` counts as absent.
enum MessagesRead {
    static func wrongType(_ path: String, _ expected: String, _ value: JSON) -> RequestError {
        let got =
            switch value {
            case .null: "null"
            case .bool: "a boolean"
            case .int: "an integer"
            case .real: "a decimal number"
            case .string: "a string"
            case .array: "an array"
            case .object: "an object"
            }
        return RequestError(
            message: "Invalid type for '\(path)': expected \(expected), but got \(got) instead.", param: path,
            code: "invalid_type")
    }

    static func invalid(_ path: String, _ why: String) -> RequestError {
        RequestError(message: "Invalid value for '\(path)': \(why).", param: path, code: "invalid_value")
    }

    static func string(_ value: JSON?, _ path: @autoclosure () -> String) throws(RequestError) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let string = value.string else { throw wrongType(path(), "a string", value) }
        return string
    }

    static func required(_ value: JSON?, _ path: @autoclosure () -> String) throws(RequestError) -> String {
        guard let string = try string(value, path()) else { throw RequestError.missing(path()) }
        return string
    }

    static func bool(_ value: JSON?, _ path: @autoclosure () -> String) throws(RequestError) -> Bool? {
        guard let value, !value.isNull else { return nil }
        guard let bool = value.bool else { throw wrongType(path(), "a boolean", value) }
        return bool
    }

    static func int(_ value: JSON?, _ path: @autoclosure () -> String) throws(RequestError) -> Int64? {
        guard let value, !value.isNull else { return nil }
        guard let int = value.int else { throw wrongType(path(), "an integer", value) }
        return int
    }

    static func number(_ value: JSON?, _ path: @autoclosure () -> String) throws(RequestError) -> Double? {
        guard let value, !value.isNull else { return nil }
        guard let number = value.number else { throw wrongType(path(), "a number", value) }
        return number
    }

    static func object(_ value: JSON?, _ path: @autoclosure () -> String) throws(RequestError) -> JSONObject? {
        guard let value, !value.isNull else { return nil }
        guard let object = value.object else { throw wrongType(path(), "an object", value) }
        return object
    }

    static func array(_ value: JSON?, _ path: @autoclosure () -> String) throws(RequestError) -> [JSON]? {
        guard let value, !value.isNull else { return nil }
        guard let array = value.array else { throw wrongType(path(), "an array", value) }
        return array
    }

    static func strings(_ value: JSON?, _ path: @autoclosure () -> String) throws(RequestError) -> [String]? {
        guard let elements = try array(value, path()) else { return nil }
        var strings: [String] = []
        for (index, element) in elements.enumerated() {
            guard let string = element.string else { throw wrongType("\(path())[\(index)]", "a string", element) }
            strings.append(string)
        }
        return strings
    }

    /// Known members first, then the others.
    static func joined(_ known: JSONObject, _ extras: JSONObject) -> JSON {
        if extras.isEmpty { return .object(known) }
        var object = known
        for (name, value) in extras where object[name] == nil { object[name] = value }
        return .object(object)
    }
}
