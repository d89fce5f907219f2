/// Writes replies of the Messages API.
struct MessagesNarrator: Narrator {
    let host: MessagesDialect.Host
    let plan: Plan
    let context: ReplyContext

    /// Blocks, not parts: a search is two of them.
    private var block = 0

    init(host: MessagesDialect.Host, plan: Plan, context: ReplyContext) {
        self.host = host
        self.plan = plan
        self.context = context
    }

    var framing: StreamFraming { host == .bedrock ? .chunkFrames : .events(named: true) }
    var keepAlive: StreamEvent? { StreamEvent("ping", ["type": "ping"]) }

    func whole() -> JSONValue {
        var content: [JSONValue] = []
        for part in plan.parts {
            content.append(self.block(of: part))
            if let found = found(by: part) { content.append(found) }
        }
        return message(content, stop: .text(stopReason), sequence: stopSequence)
            .with("usage", context.hasUsage ? usage(output: plan.usage.output) : nil)
    }

    mutating func events(at moment: Moment) -> [StreamEvent] {
        switch moment {
        case .start:
            let message = message([], stop: .null, sequence: .null)
                .with("usage", context.hasUsage ? usage(output: 1) : nil)
            return [.typed("message_start", ["message": message])]
        case .open(let part):
            var events = [
                StreamEvent.typed(
                    "content_block_start", ["index": .int(block), "content_block": emptyBlock(of: plan.parts[part])])
            ]
            if block == 0 { events.append(StreamEvent("ping", ["type": "ping"])) }
            // What is cited comes before the text, as in Anthropic's own streams.
            if plan.parts[part].cites { events.append(delta(["type": "citations_delta", "citation": citation])) }
            return events
        case .piece(let part, let piece): return pieces(plan.parts[part], piece)
        case .close(let part): return close(plan.parts[part])
        case .finish:
            var members: JSONValue = ["delta": ["stop_reason": .text(stopReason), "stop_sequence": stopSequence]]
            members = members.with("usage", context.hasUsage ? usage(output: plan.usage.output) : nil)
            return [.typed("message_delta", members)]
        case .over:
            var members: JSONValue = [:]
            if host == .bedrock {
                members = [
                    "amazon-bedrock-invocationMetrics": [
                        "inputTokenCount": .int(plan.usage.input), "outputTokenCount": .int(plan.usage.output),
                        "invocationLatency": 1, "firstByteLatency": 1,
                        "cacheReadInputTokenCount": .int(plan.usage.cacheRead),
                        "cacheWriteInputTokenCount": .int(plan.usage.cacheWrite),
                    ]
                ]
            }
            return [.typed("message_stop", members)]
        }
    }

    func failure(_ error: ErrorReply) -> [StreamEvent] {
        guard host == .bedrock else {
            return [.typed("error", ["error": ErrorStyle.anthropic.anthropicError(error)])]
        }
        return [
            StreamEvent(ErrorStyle.bedrock.bedrockFrame(error), ["message": .text(error.message)], isException: true)
        ]
    }

    // MARK: - Parts

    private func message(_ content: [JSONValue], stop: JSONValue, sequence: JSONValue) -> JSONValue {
        let prefix: StaticString =
            switch host {
            case .anthropic: "msg_01"
            case .bedrock: "msg_bdrk_01"
            case .vertex: "msg_vrtx_01"
            }
        return [
            "model": .text(context.model), "id": .text(context.id.text(prefix)), "type": "message",
            "role": "assistant", "content": .array(content), "stop_reason": stop, "stop_sequence": sequence,
        ]
    }

    private func block(of part: Plan.Part) -> JSONValue {
        switch part.kind {
        case .text, .refusal:
            let text: JSONValue = ["type": "text", "text": part.json]
            return part.cites ? text.with("citations", [citation]) : text
        case .reasoning(let signature):
            return ["type": "thinking", "thinking": part.json, "signature": .text(signature)]
        case .redacted(let data): return ["type": "redacted_thinking", "data": .text(data)]
        case .call(let id, let name, let arguments, _):
            let input = part.content.isTruncated || arguments.members == nil ? [:] : arguments
            return ["type": "tool_use", "id": .text(id), "name": .text(name), "input": input]
        case .search(let id, let query):
            return [
                "type": "server_tool_use", "id": .text("srvtoolu_01\(id)"), "name": "web_search",
                "input": ["query": .text(query)],
            ]
        }
    }

    private func emptyBlock(of part: Plan.Part) -> JSONValue {
        switch part.kind {
        case .text, .refusal:
            let text: JSONValue = ["type": "text", "text": ""]
            return part.cites ? text.with("citations", []) : text
        case .reasoning: return ["type": "thinking", "thinking": "", "signature": ""]
        case .redacted: return block(of: part)
        case .call, .search: return block(of: part).replacing("input", [:])
        }
    }

    private func pieces(_ part: Plan.Part, _ piece: Int) -> [StreamEvent] {
        switch part.kind {
        case .text, .refusal: return [delta(["type": "text_delta", "text": part.json(piece: piece)])]
        case .reasoning: return [delta(["type": "thinking_delta", "thinking": part.json(piece: piece)])]
        case .redacted: return []
        case .call, .search:
            let first = piece == 0 ? [delta(["type": "input_json_delta", "partial_json": ""])] : []
            return first + [delta(["type": "input_json_delta", "partial_json": part.json(piece: piece)])]
        }
    }

    private mutating func close(_ part: Plan.Part) -> [StreamEvent] {
        var events: [StreamEvent] = []
        if case .reasoning(let signature) = part.kind, !part.content.isTruncated {
            events.append(delta(["type": "signature_delta", "signature": .text(signature)]))
        }
        events.append(.typed("content_block_stop", ["index": .int(block)]))
        block += 1
        if let found = found(by: part) {
            events.append(.typed("content_block_start", ["index": .int(block), "content_block": found]))
            events.append(.typed("content_block_stop", ["index": .int(block)]))
            block += 1
        }
        return events
    }

    private func delta(_ delta: JSONValue) -> StreamEvent {
        .typed("content_block_delta", ["index": .int(block), "delta": delta])
    }

    /// What a search found.
    private func found(by part: Plan.Part) -> JSONValue? {
        guard case .search(let id, _) = part.kind, !part.content.isTruncated else { return nil }
        let pages = Plan.pages.map { page -> JSONValue in
            [
                "type": "web_search_result", "title": .text(page.title), "url": .text(page.url),
                "encrypted_content": .text(Signature.make(.search, of: Array(page.url.utf8))),
                "page_age": .null,
            ]
        }
        return [
            "type": "web_search_tool_result", "tool_use_id": .text("srvtoolu_01\(id)"), "content": .array(pages),
        ]
    }

    private var citation: JSONValue {
        [
            "type": "web_search_result_location", "cited_text": .text(Plan.pages[0].title),
            "url": .text(Plan.pages[0].url), "title": .text(Plan.pages[0].title),
            "encrypted_index": .text(Signature.make(.search, of: Array("index".utf8))),
        ]
    }

    // MARK: - Ends

    private var stopReason: String {
        switch plan.stop {
        case .end: "end_turn"
        case .calls: "tool_use"
        case .length: "max_tokens"
        case .sequence: "stop_sequence"
        case .refusal: "refusal"
        }
    }

    private var stopSequence: JSONValue {
        if case .sequence(let text) = plan.stop { return .text(text) }
        return .null
    }

    /// `input_tokens` does not include what the cache gave or took; `output_tokens` includes thinking.
    private func usage(output: Int) -> JSONValue {
        let usage: JSONValue = [
            "input_tokens": .int(plan.usage.input),
            "cache_creation_input_tokens": .int(plan.usage.cacheWrite),
            "cache_read_input_tokens": .int(plan.usage.cacheRead),
            "cache_creation": [
                "ephemeral_5m_input_tokens": .int(plan.usage.cacheWrite5m),
                "ephemeral_1h_input_tokens": .int(plan.usage.cacheWrite1h),
            ],
            "output_tokens": .int(output),
            "service_tier": "standard",
        ]
        guard plan.usage.searches > 0 else { return usage }
        return usage.with("server_tool_use", ["web_search_requests": .int(plan.usage.searches)])
    }
}
