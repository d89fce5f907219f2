import JSONText

/// The faults of a body in the words that OpenAI uses, which client code matches on.
extension RequestError {
    /// A body that is no JSON object with one meaning; names the byte, line and column.
    public static func unreadableJSON(_ error: JSONScanError, _ body: [UInt8]) -> RequestError {
        let reason = body.withUnsafeBytes { error.message(in: $0) }
        return RequestError(message: "We could not parse the JSON body of your request: \(reason).")
    }

    static func missing(_ param: String) -> RequestError {
        RequestError(
            message: "Missing required parameter: '\(param)'.", param: param, code: "missing_required_parameter")
    }

    static func invalidType(_ param: String, expected: String, got value: JSONView) -> RequestError {
        RequestError(
            message: "Invalid type for '\(param)': expected \(expected), but got \(value.typeName) instead.",
            param: param, code: "invalid_type")
    }

    static func emptyArray(_ param: String) -> RequestError {
        RequestError(
            message: "Invalid '\(param)': empty array. Expected an array with minimum length 1, but got an empty array "
                + "instead.",
            param: param, code: "empty_array")
    }

    /// - Parameter written: the number as the client wrote it.
    static func belowMinimum(_ param: String, _ minimum: Int64, got written: String) -> RequestError {
        RequestError(
            message: "Invalid '\(param)': integer below minimum value. Expected a value >= \(minimum), but got "
                + "\(written) instead.",
            param: param, code: "integer_below_min_value")
    }

    /// - Parameter written: the number as the client wrote it.
    static func checked(
        _ value: Int64, _ param: String, _ range: ClosedRange<Int64>, written: String
    ) throws(RequestError) -> Int64 {
        guard value >= range.lowerBound else { throw belowMinimum(param, range.lowerBound, got: written) }
        guard value <= range.upperBound else {
            throw RequestError(
                message:
                    "Invalid '\(param)': integer above maximum value. Expected a value <= \(range.upperBound), but "
                    + "got \(written) instead.",
                param: param, code: "integer_above_max_value")
        }
        return value
    }

    static func notAllowed(_ param: String) -> RequestError {
        RequestError(
            message: "Parameter '\(param)' is not allowed: the gateway decides where a call goes.", param: param,
            code: "parameter_not_allowed")
    }
}

extension JSONView {
    /// The value's type in the words of OpenAI's messages.
    var typeName: String {
        switch kind {
        case .null: "null"
        case .bool: "a boolean"
        case .number: isInteger ? "an integer" : "a decimal number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The value must be of that kind, or null.
    func check(_ kind: JSONKind, _ param: String, _ expected: String) throws(RequestError) {
        guard self.kind == kind || isNull else {
            throw RequestError.invalidType(param, expected: expected, got: self)
        }
    }

    /// A boolean; nil for null.
    func checkedBool(_ param: String) throws(RequestError) -> Bool? {
        try check(.bool, param, "a boolean")
        return bool
    }

    /// An integer in `range`; nil for null.
    func checkedInteger(_ param: String, _ range: ClosedRange<Int64>) throws(RequestError) -> Int64? {
        if isNull { return nil }
        guard isInteger else { throw RequestError.invalidType(param, expected: "an integer", got: self) }
        // What Int64 can't hold is out of any range; the sign says on which side.
        let value = int ?? (bytes[self.range.lowerBound] == UInt8(ascii: "-") ? Int64.min : Int64.max)
        return try RequestError.checked(value, param, range, written: numberText ?? "")
    }
}
