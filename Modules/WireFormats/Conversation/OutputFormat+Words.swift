import JSONText

/// Formats of the answer in words, for providers that cannot be told them otherwise.
extension OutputFormat {
    /// One value of a list, bare: Google's `text/x.enum`. nil for every other format.
    var choiceInstruction: String? {
        guard case .native(let format) = self, format["responseMimeType"]?.string == "text/x.enum" else { return nil }
        let schema = format["responseSchema"] ?? format["responseJsonSchema"]
        guard let values = schema?["enum"]?.texts, !values.isEmpty else { return nil }
        return "Answer with exactly one of these values and nothing else: no explanation, no quotes.\n"
            + values.joined(separator: "\n")
    }
}

extension OutputFormat.Schema {
    /// OpenAI and Cohere write objects only: "schema must be a JSON Schema of 'type: "object"', got 'type: "array"'" is
    /// OpenAI's 400, and "root objects must not be anyOf"
    /// (https://platform.openai.com/docs/guides/structured-outputs, read on 2026-11-29).
    var isOfObject: Bool {
        if let type = schema["type"] { return type == "object" }
        return !["anyOf", "oneOf", "enum", "const", "items", "prefixItems"].contains { schema[$0] != nil }
    }

    var instruction: String {
        "Answer with one JSON \(isOfObject ? "object" : "value") and nothing else: no explanation, no code fence. "
            + "It must match this JSON Schema:\n" + schema.text
    }
}
