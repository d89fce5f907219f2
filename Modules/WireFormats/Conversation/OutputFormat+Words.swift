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

extension OutputFormat {
    /// ``Schema/describeSchema(_:)``, where it is one of a schema.
    mutating func describeSchema(_ losses: inout LossReport) {
        guard case .jsonSchema(var wanted) = self else { return }
        wanted.describeSchema(&losses)
        self = .jsonSchema(wanted)
    }

    /// Whether a message's text has the word without which OpenAI, Groq and DeepSeek refuse JSON mode: "'messages' must
    /// contain the word 'json' in some form, to use 'response_format' of type 'json_object'"
    /// (https://github.com/meta-llama/PurpleLlama/issues/94), "Response input messages must contain the word 'json'", for
    /// which `instructions` do not count (https://github.com/Soju06/codex-lb/issues/730; both read on 2026-11-29).
    ///
    /// - Parameter messages: Chat's, or Responses' items.
    static func isJSONNamed(in messages: [JSON]) -> Bool {
        messages.contains { message in
            guard let content = message["content"] else { return false }
            let parts = content.array ?? [["text": content]]
            return parts.contains { $0["text"]?.string.map(saysJSON) == true }
        }
    }

    /// In any case, as a part of a longer word, too.
    private static func saysJSON(_ text: String) -> Bool {
        let word: [UInt8] = [0x6A, 0x73, 0x6F, 0x6E]
        var found = 0
        for byte in text.utf8 {
            let small = byte | 0x20
            if small == word[found] { found += 1 } else { found = small == word[0] ? 1 : 0 }
            if found == word.count { return true }
        }
        return false
    }
}

extension OutputFormat.Schema {
    /// The schema as OpenAI and Cohere take it, who write objects only: "schema must have type 'object' and not have
    /// 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level" is OpenAI's 400
    /// (https://github.com/chatanywhere/GPT_API_free/issues/403, read on 2026-11-29). One that is a reference is the definition itself.
    ///
    /// nil where it is of anything else.
    var ofObject: JSON? {
        guard var root = JSONSchema.root(of: schema) else { return nil }
        guard !JSONSchema.choices.contains(where: root.holds) else { return nil }
        if root["type"] == nil, root["properties"] != nil {
            root = JSONObject("type", "object").overlaid(by: root)
        }
        return root["type"] == "object" ? .object(root) : nil
    }

    /// Puts the description into the schema, for formats that have no member for it; reported where the schema has its own.
    mutating func describeSchema(_ losses: inout LossReport) {
        guard let told = description, !told.isEmpty else { return }
        description = nil
        // Not beside a reference, where Google takes nothing, but in what it names.
        guard var root = JSONSchema.root(of: schema) else { return losses.drop("description") }
        if root["description"] == nil {
            root["description"] = .string(told)
            schema = .object(root)
        } else if root["description"]?.string != told {
            losses.drop("description")
        }
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
        var format = format
        format.describeSchema(&self)
        let instruction = format.instruction
        if instruction == nil { drop(names["response_format"]) } else { adjust(names["response_format"]) }
        return instruction
    }
}
