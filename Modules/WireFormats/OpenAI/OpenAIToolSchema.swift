import JSONText

/// A function as OpenAI and Azure take it; others that speak their dialects take any schema.
///
/// Of any function the schema is of an object, with `properties` and without choices at its top: "schema must have type
/// 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level"
/// (https://github.com/langchain-ai/langchainjs/issues/9804), "object schema missing properties"
/// (https://github.com/spring-projects/spring-ai/issues/4776). An array says of what it is: "array schema missing items",
/// also of `["string", "array"]` (https://github.com/campfirein/byterover-cli/issues/42); one that does not is of anything,
/// `{}`, as others write it there (https://github.com/NousResearch/hermes-agent/pull/25846; all read on 2026-11-29).
///
/// Of a strict one, all objects are closed and all properties required ("additionalProperties: false must always be set in
/// objects", "All fields must be required": https://developers.openai.com/api/docs/guides/structured-outputs), each schema
/// has a `type` or `anyOf`, also beside `enum` or `const` ("schema must have a 'type' key":
/// https://github.com/can1357/oh-my-pi/issues/211), a `format` is one of nine ("'uri' is not a valid format":
/// https://github.com/cyanheads/git-mcp-server/issues/47), a reference stands alone (openai for Python,
/// `lib/_pydantic.py`), and there is none of the words that OpenAI's SDK for Node refuses to send (openai 7.4.0,
/// `toStrictJsonSchema`, as another project tells of it; all read on 2026-11-29). To demand a property that the client leaves
/// open would change its tool: such a function is not strict there.
enum OpenAIToolSchema {
    private static let refusedWhereStrict: Set<String> = [
        "allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies",
        "patternProperties", "propertyNames", "minProperties", "maxProperties", "unevaluatedProperties",
        "prefixItems", "additionalItems", "unevaluatedItems", "uniqueItems", "contains", "minContains", "maxContains",
        "contentEncoding", "contentMediaType", "contentSchema", "$anchor", "$dynamicRef", "$recursiveRef",
    ]
    private static let formats = MessagesSchema.formats.subtracting(["uri"])

    /// - Parameter name: the client's word for the schema.
    static func fitted(_ function: FunctionTool, _ name: String, _ losses: inout LossReport) -> FunctionTool {
        var function = function
        if let parameters = function.parameters {
            var fitting = MessagesSchema()
            let root = JSONSchema.root(of: parameters).map { JSON.object($0) } ?? parameters
            var schema = fitting.toolSchema(root, without: JSONSchema.choices)
            if schema["properties"] == nil { schema["properties"] = [:] }
            function.parameters = withItems(schema) ?? schema
            if fitting.hasChanged { losses.adjust(name) }
        }
        if function.strict == true, !mayBeStrict(function.parameters ?? ["type": "object"]) {
            function.strict = nil
            losses.drop("strict")
        }
        return function
    }

    /// The schema with `items` in each array; nil where none lacks them. Depth is bounded by the parser's.
    ///
    /// - Parameter areNamed: the members of the value are schemas by names of the client's.
    private static func withItems(_ value: JSON, areNamed: Bool = false) -> JSON? {
        switch value {
        case .array(let elements):
            let written = elements.map { withItems($0) }
            guard written.contains(where: { $0 != nil }) else { return nil }
            return .array(zip(written, elements).map { $0 ?? $1 })
        case .object(let object):
            let lacksItems = !areNamed && !object.holds("items") && JSONSchema.types(of: object).contains("array")
            let written = object.map { key, member -> JSON? in
                if !areNamed, JSONSchema.values.contains(key) { return nil }
                return withItems(member, areNamed: !areNamed && JSONSchema.named.contains(key))
            }
            guard lacksItems || written.contains(where: { $0 != nil }) else { return nil }
            var result = JSONObject(capacity: object.count + 1)
            for (new, member) in zip(written, object) { result.add(member.key, new ?? member.value) }
            if lacksItems { result.add("items", [:]) }
            return .object(result)
        default: return nil
        }
    }

    /// Depth is bounded by the parser's. An array that had no `items` has `{}` here, which has no type.
    private static func mayBeStrict(_ schema: JSON) -> Bool {
        guard let object = schema.object, !object.keys.contains(where: refusedWhereStrict.contains) else {
            return false
        }
        if object["$ref"] != nil { return object.count == 1 }
        guard object.holds("type") || object.holds("anyOf") else { return false }
        if let format = object["format"], !formats.contains(format.string ?? "") { return false }
        let properties = object["properties"]?.object ?? [:]
        if JSONSchema.types(of: object).contains("object") || !properties.isEmpty {
            let required = Set(object["required"]?.texts ?? [])
            guard object["additionalProperties"] == false, properties.keys.allSatisfy(required.contains) else {
                return false
            }
        }
        let lists = [properties, object["$defs"]?.object ?? [:], object["definitions"]?.object ?? [:]]
        return lists.allSatisfy { list in list.allSatisfy { mayBeStrict($0.value) } }
            && (object["items"].map(mayBeStrict) ?? true) && (object["anyOf"]?.array ?? []).allSatisfy(mayBeStrict)
    }
}
