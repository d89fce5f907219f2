import JSONText

/// A function's schema as Nova takes it: its definitions where they are used, and at the top nothing but `type`,
/// `properties` and `required`.
///
/// What else stands at the top is told in the function's description, as far as it says something: a schema's title,
/// its identity and its definitions do not. A definition that uses itself, and what is beyond the bounds (definitions
/// that use each other twice grow without end), becomes `{}`: anything goes there.
struct ConverseSchemaInliner {
    /// Something that the client demanded is now only told, or gone.
    private(set) var hasChanged = false
    private let root: JSON
    /// Values that may still be written.
    private var room = 20_000
    /// The definitions around the value that is being written.
    private var around: [String] = []

    init(_ root: JSON) { self.root = root }

    /// The function with its schema in that form.
    mutating func plain(_ function: FunctionTool) -> FunctionTool {
        guard root.object != nil else { return function }
        if JSONSchema.root(of: root) == nil { hasChanged = true }
        var members = JSONObject()
        for (key, member) in JSONSchema.root(of: root) ?? root.object ?? [:] where !Self.saysNothing(key, member) {
            members[key] = inlined(member, depth: 0)
        }
        let description = members["description"]?.string
        members["description"] = nil
        var fitting = MessagesSchema()
        var schema = fitting.toolSchema(.object(members), without: JSONSchema.choices).object ?? [:]
        if fitting.hasChanged { hasChanged = true }
        // The choices, as they are told.
        var told = schema["description"]?.string.map { [$0] } ?? []
        schema["description"] = nil
        var plain = JSONObject()
        for name in ["type", "properties", "required"] {
            plain.add(name, optional: schema[name])
            schema[name] = nil
        }
        if !schema.isEmpty {
            hasChanged = true
            let words = schema.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ")
            told.append("{\(words)}")
        }
        var function = function
        function.parameters = .object(plain)
        function.description = Self.joined(function.description, description, told)
        return function
    }

    private static func saysNothing(_ key: String, _ value: JSON) -> Bool {
        switch key {
        case "title", "definitions": true
        case "additionalProperties": value == true || value.object?.isEmpty == true
        default: value.isNull || key.hasPrefix("$")
        }
    }

    /// Both descriptions, where neither says all of the other, and what is told beside.
    private static func joined(_ function: String?, _ schema: String?, _ told: [String]) -> String? {
        var texts = [function, schema].compactMap { $0 }.filter { !$0.isEmpty }
        if texts.count == 2 {
            if texts[0].contains(texts[1]) {
                texts.removeLast()
            } else if texts[1].contains(texts[0]) {
                texts.removeFirst()
            }
        }
        texts += told
        return texts.isEmpty ? nil : texts.joined(separator: "\n\n")
    }

    private mutating func inlined(_ value: JSON, depth: Int) -> JSON {
        room -= 1
        guard room > 0, depth < 100 else {
            hasChanged = true
            return [:]
        }
        switch value {
        case .array(let elements): return .array(elements.map { inlined($0, depth: depth + 1) })
        case .object(let object):
            guard let reference = object["$ref"]?.string else {
                var copy = JSONObject()
                for (key, member) in object { copy[key] = inlined(member, depth: depth + 1) }
                return .object(copy)
            }
            guard !around.contains(reference), let definition = definition(reference) else {
                hasChanged = true
                return [:]
            }
            around.append(reference)
            defer { around.removeLast() }
            var copy = inlined(definition, depth: depth + 1)
            // What stands beside the reference (a description) says more.
            for (key, member) in object where key != "$ref" { copy[key] = inlined(member, depth: depth + 1) }
            return copy
        default: return value
        }
    }

    /// `#/$defs/Name`, `#/definitions/Name`.
    private func definition(_ reference: String) -> JSON? {
        let pieces = reference.split(separator: "/", omittingEmptySubsequences: false)
        guard pieces.first == "#" else { return nil }
        var found: JSON? = root
        for piece in pieces.dropFirst() {
            let name = piece.replacing("~1", with: "/").replacing("~0", with: "~")
            found = found?[String(name)]
        }
        return found
    }
}
