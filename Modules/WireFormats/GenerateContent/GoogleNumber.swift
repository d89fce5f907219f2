import JSONText

/// Numbers as protocol buffers have them in JSON: "Either numbers or strings are accepted", and integers with an
/// exponent (https://protobuf.dev/programming-guides/json/). NaN and the infinities are none here.
enum GoogleNumber {
    /// The number that the value is, or that its text says.
    static func read(_ value: JSON) -> JSON? {
        guard let text = value.string else { return value }
        return number(text)
    }

    /// By JSON's own rules for numbers.
    fileprivate static func number(_ text: String) -> JSON? {
        guard let value = try? JSON.read(text), value.kind == .number else { return nil }
        return value
    }
}

extension JSONView {
    private var googleNumber: JSON? { (kind == .string ? string : numberText).flatMap(GoogleNumber.number) }

    /// The value must be a number of Google's, or null.
    func checkGoogleNumber(_ param: String) throws(RequestError) {
        guard isNull || googleNumber != nil else {
            throw RequestError.invalidType(param, expected: "a number", got: self)
        }
    }

    /// An integer of Google's in `range`; nil for null.
    func checkedGoogleInteger(_ param: String, _ range: ClosedRange<Int64>) throws(RequestError) -> Int64? {
        if isNull || isInteger { return try checkedInteger(param, range) }
        guard let number = googleNumber?.number, number == number.rounded() else {
            throw RequestError.invalidType(param, expected: "an integer", got: self)
        }
        // What Int64 can't hold is out of any range.
        let value = Int64(exactly: number) ?? (number < 0 ? Int64.min : Int64.max)
        return try RequestError.checked(value, param, range, written: string ?? numberText ?? "")
    }
}
