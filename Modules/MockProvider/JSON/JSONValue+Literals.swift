/// Replies of the dialects other than OpenAI's chat are written down as literals, in the order of their members.
extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral text: String) { self = .string(Array(text.utf8)) }

    init(integerLiteral number: Int) { self = .number(String(number)) }

    init(booleanLiteral value: Bool) { self = .bool(value) }

    init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(members.map { Member(key: $0.0, value: $0.1) })
    }

    static func text(_ text: String) -> JSONValue { .string(Array(text.utf8)) }

    static func optional(_ text: String?) -> JSONValue { text.map { .text($0) } ?? .null }

    static func int(_ number: Int) -> JSONValue { .number(String(number)) }

    /// The object with one more member at its end.
    func with(_ key: String, _ value: JSONValue?) -> JSONValue {
        guard let value, case .object(var members) = self else { return self }
        members.append(Member(key: key, value: value))
        return .object(members)
    }

    /// The object with the member's value put in its place, or at the end where it was not.
    func replacing(_ key: String, _ value: JSONValue) -> JSONValue {
        guard case .object(var members) = self else { return self }
        guard let index = members.firstIndex(where: { $0.key == key }) else { return with(key, value) }
        members[index] = Member(key: key, value: value)
        return .object(members)
    }

    func without(_ key: String) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { $0.key != key })
    }
}
