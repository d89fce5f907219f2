import JSONText

/// Formats of the answer in words, for providers that cannot be told them otherwise.
extension OutputFormat {
    /// nil for plain text, and for a format that only its origin knows.
    fileprivate var instruction: String? {
        switch self {
        case .text: nil
        case .jsonObject: "Answer with one JSON object and nothing else: no explanation, no code fence."
        case .jsonSchema(let schema): schema.instruction
        case .native(let format): OutputFormat.choice(format)
        }
    }

    /// One value of a list, bare: Google's `text/x.enum`.
    private static func choice(_ format: JSON) -> String? {
        guard format["responseMimeType"]?.string == "text/x.enum" else { return nil }
        let schema = format["responseSchema"] ?? format["responseJsonSchema"]
        guard let values = schema?["enum"]?.texts, !values.isEmpty else { return nil }
        return "Answer with exactly one of these values and nothing else: no explanation, no quotes.\n"
            + values.joined(separator: "\n")
    }
}

extension OutputFormat.Schema {
    /// The schema as OpenAI and Cohere take it, who write objects only: "schema must have type 'object' and not have
    /// 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level" is OpenAI's 400
    /// (https://github.com/chatanywhere/GPT_API_free/issues/403, read on 2026-11-29). One that is a reference (zod-to-json-schema, with a
    /// name) is the definition itself.
    ///
    /// nil where it is of anything else.
    var ofObject: JSON? {
        guard var root = schema.object else { return nil }
        var steps = 0
        while let reference = root["$ref"]?.string {
            steps += 1
            // Real ones need one step. A cycle ends here, too.
            guard steps <= 8, let definition = MessagesSchema.definition(reference, in: schema)?.object else {
                return nil
            }
            var resolved = definition
            // What stands beside the reference (a description, the definitions) says more.
            for (key, value) in root where key != "$ref" { resolved[key] = value }
            root = resolved
        }
        guard !["anyOf", "oneOf", "allOf", "enum", "not"].contains(where: root.holds) else { return nil }
        if root["type"] == nil, root["properties"] != nil {
            root = JSONObject("type", "object").overlaid(by: root)
        }
        return root["type"] == "object" ? .object(root) : nil
    }

    fileprivate var instruction: String {
        "Answer with one JSON \(ofObject == nil ? "value" : "object") and nothing else: no explanation, no code fence. "
            + "It must match this JSON Schema:\n" + schema.text
    }
}

extension LossReport {
    /// What tells the model a format that the provider does not take: rule 10 of docs/WIREFORMATS.md.
    ///
    /// - Returns: nil where it needs no telling, or cannot be told, which is reported.
    mutating func instruction(for format: OutputFormat, _ names: ClientNames) -> String? {
        if format == .text { return nil }
        let instruction = format.instruction
        if instruction == nil { drop(names["response_format"]) } else { adjust(names["response_format"]) }
        return instruction
    }
}
