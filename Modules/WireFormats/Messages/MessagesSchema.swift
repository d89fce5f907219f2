import JSONText

/// Fits a JSON Schema into what Anthropic takes for structured output and strict tools.
///
/// Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs, "JSON Schema limitations" (read on
/// 2026-11-29): every object says `additionalProperties: false`; no limits of numbers, lengths or counts (but `minItems` 0
/// or 1). What is taken away is told the model in the schema's description, as Anthropic's own SDKs do.
struct MessagesSchema {
    /// Something that the client demanded is now only told.
    private(set) var hasChanged = false

    private static let refused: Set<String> = [
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
        "maxItems", "uniqueItems", "minProperties", "maxProperties", "contains", "minContains", "maxContains",
        "propertyNames", "patternProperties",
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
            case "items", "not": result.append((key, self.limited(value)))
            case "anyOf", "oneOf", "allOf", "prefixItems":
                result.append((key, .array((value.array ?? []).map { self.limited($0) })))
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
        let isObject = object["type"]?.string == "object" || object["properties"] != nil
        if isObject { fitting["additionalProperties"] = false }
        if !told.isEmpty {
            hasChanged = true
            let words = told.map { "\($0.0): \($0.1.text)" }.joined(separator: ", ")
            let description = object["description"]?.string
            fitting["description"] = .string(description.map { "\($0)\n\n{\(words)}" } ?? "{\(words)}")
        }
        return .object(fitting)
    }

    /// A tool's schema as Anthropic takes it: an object, without choices at its top ("input_schema does not support
    /// oneOf, allOf, or anyOf at the top level").
    mutating func toolSchema(_ schema: JSON?) -> JSON {
        guard var object = schema?.object else { return ["type": "object", "properties": [:]] }
        for key in ["anyOf", "oneOf", "allOf"] {
            guard let branches = object[key]?.array else { continue }
            hasChanged = true
            object[key] = nil
            var properties = object["properties"]?.object ?? [:]
            var required: [JSON]?
            for branch in branches {
                for (name, value) in branch["properties"]?.object ?? [:] where properties[name] == nil {
                    properties[name] = value
                }
                let demanded = branch["required"]?.array ?? []
                if key == "allOf" {
                    required = (required ?? []) + demanded.filter { !(required ?? []).contains($0) }
                } else {
                    required = required.map { $0.filter(demanded.contains) } ?? demanded
                }
            }
            object["properties"] = .object(properties)
            let demanded = (object["required"]?.array ?? []) + (required ?? [])
            if !demanded.isEmpty { object["required"] = .array(demanded) }
            let words = "\(key): \(JSON.array(branches).text)"
            object["description"] = .string(object["description"]?.string.map { "\($0)\n\n{\(words)}" } ?? "{\(words)}")
        }
        if object["type"]?.string != "object" {
            var typed: JSONObject = ["type": "object"]
            for (key, value) in object where key != "type" { typed[key] = value }
            object = typed
        }
        return .object(object)
    }
}
