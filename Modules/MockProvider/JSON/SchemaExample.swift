/// Makes a value that satisfies a simple JSON Schema: what the mock answers for tools and structured output.
///
/// Understood: type (also a list of types), properties, required, items, minItems, enum, const, default-less strings
/// (minLength, a few formats), minimum, maximum, anyOf, oneOf, allOf (its first), `$ref` into the same document.
/// Everything else is ignored. Properties that are not required are left out below `optionalDepth`, and a value has at
/// most `valuesMax` parts, so that a recursive schema ends.
struct SchemaExample {
    private let root: JSONValue
    private var valuesLeft = valuesMax
    private static let optionalDepth = 4
    private static let depthMax = 24
    private static let valuesMax = 5000

    private init(_ schema: JSONValue) { root = schema }

    static func value(for schema: JSONValue) -> JSONValue {
        var example = SchemaExample(schema)
        return example.value(of: schema, depth: 0)
    }

    private mutating func value(of schema: JSONValue, depth: Int) -> JSONValue {
        valuesLeft -= 1
        guard depth < Self.depthMax, valuesLeft > 0 else { return .null }
        if let constant = schema["const"] { return constant }
        if let choices = schema["enum"]?.elements, let first = choices.first { return first }
        if let reference = schema["$ref"]?.text, let target = resolve(reference) {
            return value(of: target, depth: depth + 1)
        }
        for word in ["anyOf", "oneOf", "allOf"] {
            if let options = schema[word]?.elements, !options.isEmpty {
                let plain = depth >= Self.optionalDepth ? options.first { $0["type"]?.text == "null" } : nil
                return value(of: plain ?? options[0], depth: depth + 1)
            }
        }
        switch type(of: schema) {
        case "object": return object(schema, depth)
        case "array":
            let element = value(of: schema["items"] ?? .object([]), depth: depth + 1)
            let fewest = schema["minItems"]?.integer ?? (depth < Self.optionalDepth ? 1 : 0)
            return .array(Array(repeating: element, count: min(max(fewest, 0), 100)))
        case "integer", "number": return number(schema)
        case "boolean": return .bool(true)
        case "null": return .null
        default: return string(schema)
        }
    }

    private func type(of schema: JSONValue) -> String {
        if let name = schema["type"]?.text { return name }
        if let names = schema["type"]?.elements {
            return names.compactMap(\.text).first { $0 != "null" } ?? "null"
        }
        if schema["properties"] != nil { return "object" }
        return schema["items"] != nil ? "array" : "string"
    }

    private mutating func object(_ schema: JSONValue, _ depth: Int) -> JSONValue {
        let required = Set(schema["required"]?.elements?.compactMap(\.text) ?? [])
        let properties = schema["properties"]?.members ?? []
        let wanted = properties.filter { depth < Self.optionalDepth || required.contains($0.key) }
        var members: [JSONValue.Member] = []
        for property in wanted {
            members.append(.init(key: property.key, value: value(of: property.value, depth: depth + 1)))
        }
        return .object(members)
    }

    private func number(_ schema: JSONValue) -> JSONValue {
        if case .number(let least)? = schema["minimum"] { return .number(least) }
        if let least = schema["exclusiveMinimum"]?.integer { return .number(String(least + 1)) }
        if case .number(let most)? = schema["maximum"] { return .number(most) }
        if let most = schema["exclusiveMaximum"]?.integer { return .number(String(most - 1)) }
        if case .number(let step)? = schema["multipleOf"] { return .number(step) }
        return .number("7")
    }

    private func string(_ schema: JSONValue) -> JSONValue {
        let text =
            switch schema["format"]?.text {
            case "date": "2026-01-02"
            case "date-time": "2026-01-02T03:04:05Z"
            case "time": "03:04:05Z"
            case "email": "mock@example.com"
            case "uri", "url": "https://example.com/mock"
            case "uuid": "00000000-0000-4000-8000-000000000000"
            case "ipv4": "192.0.2.1"
            default: "mock"
            }
        var bytes = Array(text.utf8)
        let fewest = min(schema["minLength"]?.integer ?? 0, 10_000)
        while bytes.count < fewest { bytes.append(UInt8(ascii: "x")) }
        if schema["format"] == nil, let most = schema["maxLength"]?.integer, most >= 0 {
            bytes = Array(bytes.prefix(most))
        }
        return .string(bytes)
    }

    /// Follows `#`, `#/$defs/Name` and any other path of member names.
    private func resolve(_ reference: String) -> JSONValue? {
        guard reference.first == "#" else { return nil }
        var target = root
        for step in reference.dropFirst().split(separator: "/") {
            guard let next = target[String(step)] else { return nil }
            target = next
        }
        return target
    }
}
