/// Writes replies of Cohere's chat.
struct CohereNarrator: Narrator {
    let plan: Plan
    let context: ReplyContext

    var framing: StreamFraming { .events(named: true) }

    func whole() -> JSONValue {
        var message: JSONValue = ["role": "assistant"]
        let content = plan.parts.indices.filter { !isPlan($0) }.compactMap { block(plan.parts[$0]) }
        if !content.isEmpty { message = message.with("content", .array(content)) }
        if let index = plan.parts.indices.first(where: isPlan) {
            message = message.with("tool_plan", plan.parts[index].json)
        }
        let calls = plan.parts.compactMap { call($0, arguments: $0.json) }
        if !calls.isEmpty { message = message.with("tool_calls", .array(calls)) }
        let reply: JSONValue = [
            "id": .text(context.id.uuid), "message": message, "finish_reason": .text(finishReason),
        ]
        return context.hasUsage ? reply.with("usage", usage) : reply
    }

    mutating func events(at moment: Moment) -> [StreamEvent] {
        switch moment {
        case .start:
            let message: JSONValue = [
                "role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": [],
            ]
            return [
                StreamEvent(
                    "message-start",
                    ["type": "message-start", "id": .text(context.id.uuid), "delta": ["message": message]])
            ]
        case .open(let index): return open(index)
        case .piece(let index, let piece): return delta(index, piece)
        case .close(let index):
            if isPlan(index) || isHidden(index) { return [] }
            return [indexed(plan.parts[index].isCall ? "tool-call-end" : "content-end", index, nil)]
        case .finish: return []
        case .over:
            let delta: JSONValue = ["finish_reason": .text(finishReason)]
            let end: JSONValue = [
                "type": "message-end", "delta": context.hasUsage ? delta.with("usage", usage) : delta,
            ]
            return [StreamEvent("message-end", end), StreamEvent("", .raw(Array("[DONE]".utf8)))]
        }
    }

    func failure(_ error: ErrorReply) -> [StreamEvent] {
        let delta: JSONValue = ["finish_reason": "ERROR", "error": .text(error.message)]
        return [StreamEvent("message-end", ["type": "message-end", "delta": delta])]
    }

    // MARK: - Parts

    /// The text before calls is Cohere's plan.
    private func isPlan(_ index: Int) -> Bool {
        plan.parts[index].kind == .text && plan.parts[(index + 1)...].contains(where: \.isCall)
    }

    private func isHidden(_ index: Int) -> Bool {
        switch plan.parts[index].kind {
        case .redacted, .search: true
        default: false
        }
    }

    private func block(_ part: Plan.Part) -> JSONValue? {
        switch part.kind {
        case .text, .refusal: ["type": "text", "text": part.json]
        case .reasoning: ["type": "thinking", "thinking": part.json]
        case .redacted, .search, .call: nil
        }
    }

    private func call(_ part: Plan.Part, arguments: JSONValue) -> JSONValue? {
        guard case .call(let id, let name, _, _) = part.kind else { return nil }
        return [
            "id": .text(id), "type": "function", "function": ["name": .text(name), "arguments": arguments],
        ]
    }

    /// Content and calls count from 0 each.
    private func indexed(_ name: String, _ part: Int, _ message: JSONValue?) -> StreamEvent {
        let isCall = plan.parts[part].isCall
        let index = plan.parts.indices[..<part].count {
            plan.parts[$0].isCall == isCall && !isPlan($0) && !isHidden($0)
        }
        let event: JSONValue = ["type": .text(name), "index": .int(index)]
        return StreamEvent(name, event.with("delta", message.map { ["message": $0] }))
    }

    private func open(_ index: Int) -> [StreamEvent] {
        let part = plan.parts[index]
        if isPlan(index) || isHidden(index) { return [] }
        switch part.kind {
        case .text, .refusal:
            return [indexed("content-start", index, ["content": ["type": "text", "text": ""]])]
        case .reasoning: return [indexed("content-start", index, ["content": ["type": "thinking", "thinking": ""]])]
        default:
            guard let call = call(part, arguments: "") else { return [] }
            return [indexed("tool-call-start", index, ["tool_calls": call])]
        }
    }

    private func delta(_ index: Int, _ piece: Int) -> [StreamEvent] {
        let part = plan.parts[index]
        let text = part.json(piece: piece)
        if isPlan(index) {
            return [
                StreamEvent("tool-plan-delta", ["type": "tool-plan-delta", "delta": ["message": ["tool_plan": text]]])
            ]
        }
        switch part.kind {
        case .text, .refusal: return [indexed("content-delta", index, ["content": ["text": text]])]
        case .reasoning: return [indexed("content-delta", index, ["content": ["thinking": text]])]
        case .call:
            return [indexed("tool-call-delta", index, ["tool_calls": ["function": ["arguments": text]]])]
        case .redacted, .search: return []
        }
    }

    private var finishReason: String {
        switch plan.stop {
        case .end: "COMPLETE"
        case .calls: "TOOL_CALL"
        case .length: "MAX_TOKENS"
        case .sequence: "STOP_SEQUENCE"
        case .refusal: "ERROR_TOXIC"
        }
    }

    private var usage: JSONValue {
        let counts: JSONValue = ["input_tokens": .int(plan.usage.prompt), "output_tokens": .int(plan.usage.output)]
        return ["billed_units": counts, "tokens": counts, "cached_tokens": .int(plan.usage.cacheRead)]
    }
}
