import JSONText

extension BytePairEncoding {
    /// How many input tokens a request has at a provider whose models use this tokenizer.
    ///
    /// Rules
    /// 1. A turn costs 3 tokens, its role and all that it says; a participant's name costs itself and 1 more; the
    ///    beginning of the answer costs 3. Source: OpenAI's cookbook, "How to count tokens with tiktoken",
    ///    `num_tokens_from_messages` (read as an excerpt on 2026-11-29).
    /// 2. Counted are texts, visible thinking, names and arguments of tool calls, results, definitions of tools and an
    ///    answer's schema as JSON. What one provider makes of tools within its prompt is not published: JSON is near it.
    /// 3. A medium counts as in ``TokenEstimator/inputEstimate(bodyBytes:media:)``.
    /// 4. Ids, proofs and redacted thinking are not counted: a model does not read them as text.
    public func count(_ conversation: Conversation) -> Int {
        let conversation = conversation.joiningPieces(for: .chatCompletions)
        var tokens = 3
        for turn in conversation.turns {
            tokens += 3 + count(turn.role.rawValue)
            if let name = turn.name { tokens += count(name) + 1 }
            tokens += count(turn.parts)
        }
        for tool in conversation.tools { tokens += count(tool) }
        switch conversation.outputFormat {
        case .jsonSchema(let format): tokens += count(format.schema)
        case .native(let format): tokens += count(format)
        case .text, .jsonObject, nil: break
        }
        return tokens
    }

    private func count(_ json: JSON) -> Int { count(utf8: json.serialized()) }

    private func count(_ parts: [Part]) -> Int { parts.reduce(0) { $0 + count($1) } }

    private func count(_ part: Part) -> Int {
        switch part.content {
        case .text(let text): count(text.text)
        case .refusal(let text): count(text)
        case .reasoning(let reasoning): count(reasoning.visibleText)
        case .toolCall(let call): count(call.name) + count(call.arguments)
        case .toolResult(let result): count(result.parts)
        case .serverTool(let use): count(use.native)
        case .native(let value): count(value)
        case .media(let media): count(media)
        }
    }

    private func count(_ media: Media) -> Int {
        let named = [media.title, media.context].reduce(0) { $0 + ($1.map { count($0) } ?? 0) }
        switch media.source {
        case .text(let text): return named + count(text)
        case .parts(let parts): return named + count(parts)
        case .base64(let text), .url(let text), .fileID(let text):
            let bytes = text.utf8.count
            var isInline = false
            if case .base64 = media.source { isInline = true }
            let medium: TokenEstimator.Medium =
                switch media.kind {
                case .image: .image(inlineBytes: isInline ? bytes : 0)
                case .audio: .audio(inlineBytes: isInline ? bytes : 0)
                case .video, .document: .file
                }
            return named + Int(TokenEstimator.inputEstimate(bodyBytes: bytes, media: [medium]).count)
        }
    }

    private func count(_ tool: Tool) -> Int {
        switch tool.definition {
        case .function(let function):
            var definition: JSONObject = ["name": .string(function.name)]
            if let description = function.description { definition["description"] = .string(description) }
            if let parameters = function.parameters { definition["parameters"] = parameters }
            return count(.object(definition))
        case .custom(let custom):
            var definition: JSONObject = ["name": .string(custom.name)]
            if let description = custom.description { definition["description"] = .string(description) }
            if let format = custom.format { definition["format"] = format }
            return count(.object(definition))
        case .namespace(let name, let description, let tools):
            return count(name) + (description.map { count($0) } ?? 0) + tools.reduce(0) { $0 + count($1) }
        case .server(let server):
            return MessagesClientTools.function(for: server).map { count($0) } ?? count(server.native)
        }
    }
}
