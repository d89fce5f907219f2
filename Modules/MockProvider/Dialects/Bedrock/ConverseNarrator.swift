/// Writes replies of Converse and ConverseStream.
struct ConverseNarrator: Narrator {
    let plan: Plan
    let context: ReplyContext

    var framing: StreamFraming { .frames }

    func whole() -> JSONValue {
        let content = plan.parts.compactMap(block(of:))
        let message: JSONValue = ["role": "assistant", "content": .array(content)]
        var reply: JSONValue = ["output": ["message": message], "stopReason": .text(stopReason)]
        if context.hasUsage { reply = reply.with("usage", usage) }
        return reply.with("metrics", ["latencyMs": 1]).with("additionalModelResponseFields", extraFields)
    }

    mutating func events(at moment: Moment) -> [StreamEvent] {
        switch moment {
        case .start: return [StreamEvent("messageStart", ["role": "assistant", "p": "abcd"])]
        case .open(let index):
            // Only calls have a start; a text or a thought begins with its first delta.
            guard case .call(let id, let name, _, _) = plan.parts[index].kind else { return [] }
            return [
                StreamEvent(
                    "contentBlockStart",
                    [
                        "contentBlockIndex": .int(self.index(of: index)),
                        "start": ["toolUse": ["toolUseId": .text(id), "name": .text(name)]], "p": "abcdef",
                    ])
            ]
        case .piece(let index, let piece):
            guard let delta = delta(plan.parts[index], piece) else { return [] }
            return [block("contentBlockDelta", index, delta)]
        case .close(let index):
            let part = plan.parts[index]
            if case .search = part.kind { return [] }
            var events: [StreamEvent] = []
            if case .reasoning(let signature) = part.kind, !part.content.isTruncated {
                events.append(block("contentBlockDelta", index, ["reasoningContent": ["signature": .text(signature)]]))
            }
            if case .redacted(let data) = part.kind {
                events.append(block("contentBlockDelta", index, ["reasoningContent": ["redactedContent": blob(data)]]))
            }
            return events + [block("contentBlockStop", index, nil)]
        case .finish:
            var stop: JSONValue = ["stopReason": .text(stopReason)]
            stop = stop.with("additionalModelResponseFields", extraFields).with("p", "abc")
            return [StreamEvent("messageStop", stop)]
        case .over:
            let metadata: JSONValue = [:]
            return [
                StreamEvent(
                    "metadata",
                    metadata.with("usage", context.hasUsage ? usage : nil).with("metrics", ["latencyMs": 1]).with(
                        "p", "abcdefgh"))
            ]
        }
    }

    func failure(_ error: ErrorReply) -> [StreamEvent] {
        let frame = ErrorStyle.bedrock.bedrockFrame(error)
        return [StreamEvent(frame, ["message": .text(error.message)], isException: true)]
    }

    // MARK: - Parts

    private func block(of part: Plan.Part) -> JSONValue? {
        switch part.kind {
        case .text, .refusal: return ["text": part.json]
        case .reasoning(let signature):
            return ["reasoningContent": ["reasoningText": ["text": part.json, "signature": .text(signature)]]]
        case .redacted(let data): return ["reasoningContent": ["redactedContent": blob(data)]]
        case .call(let id, let name, let arguments, _):
            let input = part.content.isTruncated || arguments.members == nil ? [:] : arguments
            return ["toolUse": ["toolUseId": .text(id), "name": .text(name), "input": input]]
        case .search: return nil
        }
    }

    private func delta(_ part: Plan.Part, _ piece: Int) -> JSONValue? {
        switch part.kind {
        case .text, .refusal: ["text": part.json(piece: piece)]
        case .reasoning: ["reasoningContent": ["text": part.json(piece: piece)]]
        case .call: ["toolUse": ["input": part.json(piece: piece)]]
        case .redacted, .search: nil
        }
    }

    private func block(_ name: String, _ part: Int, _ delta: JSONValue?) -> StreamEvent {
        let members: JSONValue = ["contentBlockIndex": .int(index(of: part))]
        return StreamEvent(name, members.with("delta", delta).with("p", "ab"))
    }

    /// Searches are no blocks here.
    private func index(of part: Int) -> Int {
        plan.parts[..<part].count { part in
            if case .search = part.kind { return false }
            return true
        }
    }

    private func blob(_ data: String) -> JSONValue { .string(Base64.encoded(Array(data.utf8))) }

    // MARK: - Ends

    private var stopReason: String {
        switch plan.stop {
        case .end: "end_turn"
        case .calls: "tool_use"
        case .length: "max_tokens"
        case .sequence: "stop_sequence"
        case .refusal: "content_filtered"
        }
    }

    /// The sequence that fired, or null, where it was asked for by its place in Claude's own answer: the message, or the
    /// `message_delta` of a stream. A path to what is not there is ignored.
    ///
    /// Sources, read on 2026-11-30: https://github.com/vercel/ai/pull/11410 (`/delta/stop_sequence`),
    /// https://github.com/vercel/ai/pull/11387 (null), and ``ConverseDialect``'s page.
    private var extraFields: JSONValue? {
        let place = context.prompt.stream ? "/delta/stop_sequence" : "/stop_sequence"
        let asked = context.request["additionalModelResponseFieldPaths"]?.elements ?? []
        guard asked.contains(where: { $0.text == place }) else { return nil }
        var sequence = JSONValue.null
        if case .sequence(let text) = plan.stop { sequence = .text(text) }
        let told: JSONValue = ["stop_sequence": sequence]
        guard context.prompt.stream else { return told }
        return ["delta": told]
    }

    /// `inputTokens` does not include the cache's, `totalTokens` does.
    private var usage: JSONValue {
        let usage = plan.usage
        let written = [("5m", usage.cacheWrite5m), ("1h", usage.cacheWrite1h)].filter { $0.1 > 0 }
        let details: [JSONValue] = written.map { ["ttl": .text($0.0), "inputTokens": .int($0.1)] }
        let whole: JSONValue = [
            "inputTokens": .int(usage.input), "outputTokens": .int(usage.output),
            "totalTokens": .int(usage.prompt + usage.output), "cacheReadInputTokens": .int(usage.cacheRead),
            "cacheWriteInputTokens": .int(usage.cacheWrite), "cacheReadInputTokenCount": .int(usage.cacheRead),
            "cacheWriteInputTokenCount": .int(usage.cacheWrite), "serverToolUsage": [:],
        ]
        return details.isEmpty ? whole : whole.with("cacheDetails", .array(details))
    }
}
