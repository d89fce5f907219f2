import JSONText

/// Fits a JSON Schema into what Anthropic takes for structured output and strict tools, and Bedrock of any model.
///
/// Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs, "JSON Schema limitations" (read on
/// 2026-11-29): every object says `additionalProperties: false`; no limits of numbers, lengths or counts (but `minItems` 0
/// or 1), no recursion. What is taken away is told the model in the schema's description, as in Anthropic's
/// own SDK (anthropic 2.14.0, `lib/_parse/_transform.py`), which also writes `oneOf` as `anyOf`: that is neither told nor
/// reported, since what fits one of them fits here. An object whose members have names of their own choice (a map) is none
/// that can be closed: such a schema is not taken. Bedrock: "validates your JSON schema format against
/// the supported JSON Schema Draft 2020-12 subset", and what is not in it is a 400 at once
/// (https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html, read on 2026-11-29); "For 'object' type,
/// 'additionalProperties' must be explicitly set to false" (https://github.com/future-agi/future-agi/issues/412, read on the
/// same day).
struct MessagesSchema {
    /// Something that the client demanded is now only told.
    private(set) var hasChanged = false

    private static let refused: Set<String> = [
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
        "maxItems", "uniqueItems", "minProperties", "maxProperties", "contains", "minContains", "maxContains",
        "propertyNames", "patternProperties", "unevaluatedProperties", "unevaluatedItems", "dependentRequired",
        "dependentSchemas", "if", "then", "else", "not", "prefixItems", "discriminator",
    ]
    static let formats: Set<String> = [
        "date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid",
    ]

    /// Depth is bounded by the parser's.
    mutating func limited(_ schema: JSON) -> JSON {
        guard let object = schema.object else { return schema }
        var result: [(String, JSON)] = []
        var told: [(String, JSON)] = []
        for (key, value) in object {
            switch key {
            case "properties", "$defs", "definitions":
                result.append(
                    (key, .object(JSONObject((value.object ?? [:]).map { ($0.key, self.limited($0.value)) }))))
            case "items": result.append((key, self.limited(value)))
            case "anyOf", "allOf": result.append((key, .array((value.array ?? []).map { self.limited($0) })))
            case "oneOf" where object["anyOf"] == nil:
                result.append(("anyOf", .array((value.array ?? []).map { self.limited($0) })))
            case "oneOf": told.append((key, value))
            case "format" where !MessagesSchema.formats.contains(value.string ?? ""): told.append((key, value))
            case "additionalProperties":
                if value != false { told.append((key, value)) }
            case "minItems":
                if value.int == 0 || value.int == 1 { result.append((key, value)) } else { told.append((key, value)) }
            default:
                if MessagesSchema.refused.contains(key) {
                    told.append((key, value))
                } else {
                    result.append((key, value))
                }
            }
        }
        var fitting = JSONObject(result)
        let isObject = JSONSchema.types(of: object).contains("object") || object["properties"] != nil
        if isObject { fitting["additionalProperties"] = false }
        if !told.isEmpty {
            hasChanged = true
            let words = told.map { "\($0.0): \($0.1.text)" }.joined(separator: ", ")
            let description = object["description"]?.string
            fitting["description"] = .string(description.map { "\($0)\n\n{\(words)}" } ?? "{\(words)}")
        }
        return .object(fitting)
    }

    /// Whether the format's schema is one.
    static func takes(_ format: OutputFormat?) -> Bool {
        guard case .jsonSchema(let wanted)? = format else { return true }
        return takes(wanted.schema)
    }

    /// Whether all references are to the schema's own definitions, none of these comes back to itself, and no object is
    /// a map, which could only be empty.
    static func takes(_ schema: JSON?) -> Bool {
        guard let schema, let root = schema.object else { return true }
        var named: Set<String> = []
        guard collectReferences(in: schema, isRoot: true, into: &named) else { return false }
        guard !named.isEmpty else { return true }
        // What each definition names.
        var references: [String: Set<String>] = [:]
        for list in JSONSchema.definitionLists {
            for (name, definition) in root[list]?.object ?? [:] {
                var inner: Set<String> = []
                _ = collectReferences(in: definition, into: &inner)
                references["\(list)/\(name)"] = inner
            }
        }
        guard named.allSatisfy({ references[$0] != nil }) else { return false }
        // Those that name nothing, then those that name only such, and so on: what is left over names itself.
        var users: [String: [String]] = [:]
        for (name, inner) in references { for used in inner { users[used, default: []].append(name) } }
        var waiting = references.mapValues(\.count)
        var settled = references.filter(\.value.isEmpty).map(\.key)
        var count = 0
        while let name = settled.popLast() {
            count += 1
            for user in users[name] ?? [] {
                waiting[user, default: 0] -= 1
                if waiting[user] == 0 { settled.append(user) }
            }
        }
        return count == references.count
    }

    /// - Parameter areNamed: the members of the value are schemas by names of the client's.
    /// - Returns: false where there is a map, or a reference to anything but a definition: `#/$defs/Name`,
    ///   `#/definitions/Name`.
    private static func collectReferences(
        in value: JSON, isRoot: Bool = false, areNamed: Bool = false, into references: inout Set<String>
    ) -> Bool {
        switch value {
        case .array(let elements):
            for element in elements {
                guard collectReferences(in: element, into: &references) else { return false }
            }
        case .object(let object):
            if !areNamed {
                if isMap(object, isRoot: isRoot) { return false }
                if let reference = object["$ref"]?.string {
                    guard let (list, name) = JSONSchema.steps(of: reference) else { return false }
                    references.insert("\(list)/\(name)")
                }
            }
            for (key, member) in object where areNamed || !JSONSchema.values.contains(key) {
                let isList = !areNamed && JSONSchema.named.contains(key)
                guard collectReferences(in: member, areNamed: isList, into: &references) else { return false }
            }
        default: break
        }
        return true
    }

    /// Members by any name, of a schema of their own; beside others or alone. Where they may be anything (`true`, which is
    /// what is meant where nothing is said), it is a map only where it has no others. At the root such an object is a tool
    /// without parameters.
    private static func isMap(_ object: JSONObject, isRoot: Bool) -> Bool {
        if object["patternProperties"]?.object?.isEmpty == false { return true }
        guard let more = object["additionalProperties"] else {
            return !isRoot && object["type"] == "object"
                && !["properties", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"].contains(where: object.holds)
        }
        if more.object?.isEmpty == false { return true }
        return more != false && !more.isNull && object["properties"]?.object?.isEmpty != false
    }

    /// The schema of a function as Claude takes it, closed where it may be strict.
    static func ofTool(
        _ function: FunctionTool, mayBeStrict: Bool, _ name: String, _ losses: inout LossReport
    ) -> (schema: JSON, isStrict: Bool) {
        var fitting = MessagesSchema()
        var schema = fitting.toolSchema(function.parameters)
        let isStrict = function.strict == true && mayBeStrict && takes(function.parameters)
        if isStrict {
            schema = fitting.limited(schema)
        } else if function.strict == true {
            losses.drop("strict")
        }
        if fitting.hasChanged { losses.adjust(name) }
        return (schema, isStrict)
    }

    /// A tool's schema as an object without choices at its top, for Anthropic ("input_schema does not support oneOf, allOf,
    /// or anyOf at the top level") and for OpenAI.
    ///
    /// - Parameter refused: what is told in its description instead; Anthropic's, where nothing is said.
    mutating func toolSchema(_ schema: JSON?, without refused: [String] = ["anyOf", "oneOf", "allOf"]) -> JSON {
        guard var object = schema?.object else { return ["type": "object", "properties": [:]] }
        let definitions = refused.contains(where: object.holds) ? MessagesSchema.definitions(of: object) : [:]
        for key in refused {
            guard let value = object[key] else { continue }
            hasChanged = true
            object[key] = nil
            // What stands in `enum` are values.
            if key != "enum", let branches = value.array, !branches.isEmpty {
                let isOfAll = key == "allOf"
                MessagesSchema.merge(
                    MessagesSchema.resolved(branches, isOfAll: isOfAll, definitions), isOfAll: isOfAll, into: &object)
            }
            let words = "\(key): \(value.text)"
            object["description"] = .string(object["description"]?.string.map { "\($0)\n\n{\(words)}" } ?? "{\(words)}")
        }
        if let properties = object["properties"], properties.object == nil {
            if !properties.isNull { hasChanged = true }
            object["properties"] = [:]
        }
        if object["type"]?.string != "object" {
            if object.holds("type") { hasChanged = true }
            var typed: JSONObject = ["type": "object"]
            for (key, value) in object where key != "type" { typed[key] = value }
            object = typed
        }
        return .object(object)
    }

    /// The branches of a choice that refer to one definition, or one that refers to none.
    private struct Branch {
        var properties: [JSONObject]
        /// What the definition demands.
        var defined: [String] = []
        /// What the branches demand beside it.
        var own: [String]

        init(_ schema: JSON) {
            properties = [schema["properties"]?.object ?? [:]]
            own = MessagesSchema.demanded(schema)
        }
    }

    private static func definitions(of schema: JSONObject) -> [String: JSON] {
        var definitions: [String: JSON] = [:]
        for list in JSONSchema.definitionLists {
            for (name, definition) in schema[list]?.object ?? [:] { definitions["\(list)/\(name)"] = definition }
        }
        return definitions
    }

    /// The branches, with what the definitions say to which they refer.
    ///
    /// Each definition is read once, and references within it are not followed: that is no more than stands in the schema.
    private static func resolved(_ branches: [JSON], isOfAll: Bool, _ definitions: [String: JSON]) -> [Branch] {
        var resolved: [Branch] = []
        var places: [String: Int] = [:]
        for schema in branches {
            var branch = Branch(schema)
            guard let reference = schema["$ref"]?.string, let (list, name) = JSONSchema.definitionName(reference),
                let definition = definitions["\(list)/\(name)"]
            else {
                resolved.append(branch)
                continue
            }
            if let place = places["\(list)/\(name)"] {
                resolved[place].properties += branch.properties
                if isOfAll {
                    resolved[place].own += branch.own
                } else {
                    let again = Set(branch.own)
                    resolved[place].own.removeAll { !again.contains($0) }
                }
            } else {
                places["\(list)/\(name)"] = resolved.count
                branch.properties += [definition["properties"]?.object ?? [:]]
                branch.defined = demanded(definition)
                resolved.append(branch)
            }
        }
        return resolved
    }

    /// Adds the properties of the branches to those of the object, and what they demand.
    private static func merge(_ branches: [Branch], isOfAll: Bool, into object: inout JSONObject) {
        // Written anew, it remembers the places of its members: a look is no walk.
        var properties = JSONObject((object["properties"]?.object ?? [:]).map { ($0.key, $0.value) })
        for branch in branches {
            for members in branch.properties {
                for (name, value) in members where properties[name] == nil { properties[name] = value }
            }
        }
        object["properties"] = .object(properties)
        let required = required(object, isOfAll: isOfAll, branches)
        if !required.isEmpty { object["required"] = .array(required.map { .string($0) }) }
    }

    private static func demanded(_ schema: JSON) -> [String] { (schema["required"]?.array ?? []).compactMap(\.string) }

    /// What the object demands, and of its branches all do, or any of them where all hold; each name once.
    private static func required(_ object: JSONObject, isOfAll: Bool, _ branches: [Branch]) -> [String] {
        var names = demanded(.object(object))
        let lists = branches.map { $0.defined + $0.own }
        if isOfAll {
            names += lists.joined()
        } else if let first = lists.first {
            let common = lists.dropFirst().reduce(into: Set(first)) { $0.formIntersection($1) }
            names += first.filter(common.contains)
        }
        var known: Set<String> = []
        return names.filter { known.insert($0).inserted }
    }
}
