import JSONText

/// Parts of an answer as content blocks for a Messages client.
struct MessagesReplyBlocks: Sendable {
    var losses = LossReport()
    /// The provider speaks this dialect too.
    var isOwn = false
    /// Searches of another provider's whose queries are known.
    private(set) var searches: Int64 = 0

    /// - Returns: none where this dialect has no place for the part; more than one where a proof goes before it.
    mutating func blocks(of part: Part) -> [JSONObject] {
        var blocks = bare(part)
        if let proof = part.proof, part.reasoning == nil {
            // Of a part that leaves no block, such as Gemini's empty last text, it hangs on the one before.
            let letter = ProofEnvelope.Letter(proof, belongsToNext: !blocks.isEmpty)
            blocks.insert(MessagesReplyBlocks.envelope(letter), at: 0)
        }
        if isOwn, let last = blocks.last { blocks[blocks.count - 1] = withExtras(last, part) }
        return blocks
    }

    private func withExtras(_ block: JSONObject, _ part: Part) -> JSONObject {
        if part.extras.isEmpty { return block }
        return MessagesRead.joined(block, part.extras).object ?? block
    }

    static func envelope(_ letter: ProofEnvelope.Letter) -> JSONObject {
        ["type": "redacted_thinking", "data": .string(ProofEnvelope.wrapped(letter))]
    }

    private mutating func bare(_ part: Part) -> [JSONObject] {
        switch part.content {
        case .text(let text):
            let citations = text.citations.isEmpty ? [] : text.citations.compactMap { citation($0) }
            guard isOwn || !text.text.isEmpty || !citations.isEmpty else { return [] }
            var block = JSONObject("type", "text", "text", .string(text.text))
            if !citations.isEmpty { block["citations"] = .array(citations) }
            return [block]
        case .refusal(let text): return text.isEmpty ? [] : [["type": "text", "text": .string(text)]]
        case .reasoning(let reasoning): return thinking(reasoning)
        case .toolCall(let call):
            return [
                [
                    "type": "tool_use", "id": .string(call.id),
                    "name": .string(MessagesRequestEncoder.name(call.name, in: call.namespace)),
                    "input": .object(call.argumentsObject),
                ]
            ]
        case .serverTool(let use):
            if !use.searchQueries.isEmpty { searches += 1 }
            let blocks = MessagesServerTools.blocks(for: use)
            if blocks.isEmpty { losses.drop("server_tool_use") }
            return blocks
        case .media(let media):
            guard let words = losses.wordsInPlace(of: media) else { return [] }
            return [["type": "text", "text": .string(words)]]
        case .toolResult:
            losses.drop("tool_result")
            return []
        case .native(let native):
            if isOwn, let object = native.object { return [object] }
            losses.drop("\(native["type"]?.string ?? "part")")
            return []
        }
    }

    private func thinking(_ reasoning: Reasoning) -> [JSONObject] {
        let visible = reasoning.visibleText
        guard let proof = reasoning.proof else {
            guard isOwn || !visible.isEmpty else { return [] }
            return [["type": "thinking", "thinking": .string(visible), "signature": ""]]
        }
        if proof.origin == .anthropic {
            if proof.kind == .encrypted { return [["type": "redacted_thinking", "data": .string(proof.value)]] }
            return [["type": "thinking", "thinking": .string(visible), "signature": .string(proof.value)]]
        }
        let letter = MessagesReplyBlocks.letter(proof, reasoning)
        if visible.isEmpty { return [MessagesReplyBlocks.envelope(letter)] }
        return [
            ["type": "thinking", "thinking": .string(visible), "signature": .string(ProofEnvelope.wrapped(letter))]
        ]
    }

    static func letter(_ proof: Proof, _ reasoning: Reasoning) -> ProofEnvelope.Letter {
        let hasSummaries = reasoning.text.isEmpty && !reasoning.summaries.isEmpty
        return ProofEnvelope.Letter(proof, summaries: hasSummaries ? reasoning.summaries : nil)
    }

    /// Another provider's source is a web search's result; it cannot be sent to Anthropic, so its index is a mark.
    mutating func citation(_ citation: Citation) -> JSON? {
        if citation.nativeDialect == .messages, let native = citation.native { return native }
        guard let url = citation.url else {
            losses.drop("citations")
            return nil
        }
        return [
            "type": "web_search_result_location", "cited_text": .string(citation.citedText ?? ""), "url": .string(url),
            "title": citation.title.map { .string($0) } ?? .null, "encrypted_index": .string(MadeMarks.sealed),
        ]
    }
}

/// Tools that ran at a provider, as blocks.
enum MessagesServerTools {
    /// What another provider searched for, and what it cites, are not Anthropic's to read: their ids begin with this, and
    /// ``MadeMarks/sealed`` stands where Anthropic has its encrypted texts.
    static let madePrefix = "srvtoolu_" + MadeMarks.word + "_"

    /// The gateway made it of another provider's search.
    static func isMade(_ use: ServerToolUse) -> Bool { use.id?.hasPrefix(madePrefix) == true }

    /// The same of a citation. An empty index is nobody's: Anthropic could not read it either.
    static func isMade(citation: JSON) -> Bool {
        guard citation["type"]?.isString("web_search_result_location") == true else { return false }
        let index = citation["encrypted_index"]?.string
        return index?.isEmpty == true || index == MadeMarks.sealed
    }

    /// - Returns: none where this dialect has nothing for it.
    static func blocks(for use: ServerToolUse) -> [JSONObject] {
        if use.nativeDialect == .messages { return use.native.object.map { [$0] } ?? [] }
        guard use.kind == .webSearch, use.phase == .both, use.nativeDialect == .responses else { return [] }
        let action = use.native["action"]
        let id = madePrefix + ToolIDs.legal(use.id ?? "search")
        var input = JSONObject()
        if let query = action?["query"]?.string ?? action?["queries"]?[0]?.string { input["query"] = .string(query) }
        if let url = action?["url"]?.string { input["url"] = .string(url) }
        let results = (action?["sources"]?.array ?? []).compactMap { source -> JSON? in
            guard let url = source["url"]?.string else { return nil }
            return [
                "type": "web_search_result", "url": .string(url), "title": .string(source["title"]?.string ?? url),
                "encrypted_content": .string(MadeMarks.sealed), "page_age": .null,
            ]
        }
        return [
            ["type": "server_tool_use", "id": .string(id), "name": "web_search", "input": .object(input)],
            ["type": "web_search_tool_result", "tool_use_id": .string(id), "content": .array(results)],
        ]
    }
}
