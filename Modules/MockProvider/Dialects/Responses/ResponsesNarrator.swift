/// Writes replies of the Responses API.
struct ResponsesNarrator: Narrator {
    let plan: Plan
    let context: ReplyContext

    private var sequence = 0

    init(plan: Plan, context: ReplyContext) {
        self.plan = plan
        self.context = context
    }

    var framing: StreamFraming { .events(named: true) }

    /// In the background: it is told as queued first, and complete to whoever asks for it.
    var isQueued: Bool { context.request["background"]?.isTrue == true && !context.prompt.stream }

    var completed: JSONValue {
        response(plan.stop == .length ? "incomplete" : "completed", plan.parts.indices.map(item))
    }

    func whole() -> JSONValue { isQueued ? response("queued", []) : completed }

    mutating func events(at moment: Moment) -> [StreamEvent] {
        switch moment {
        case .start:
            let response = response("in_progress", [])
            return [
                event("response.created", ["response": response]),
                event("response.in_progress", ["response": response]),
            ]
        case .open(let index): return open(index)
        case .piece(let index, let piece): return delta(index, piece)
        case .close(let index): return close(index)
        case .finish: return []
        case .over:
            let name = plan.stop == .length ? "response.incomplete" : "response.completed"
            return [event(name, ["response": completed])]
        }
    }

    mutating func failure(_ error: ErrorReply) -> [StreamEvent] {
        [
            event(
                "error",
                [
                    "code": .text(error.code ?? error.type), "message": .text(error.message),
                    "param": .optional(error.param),
                ])
        ]
    }

    private mutating func event(_ name: String, _ members: JSONValue) -> StreamEvent {
        defer { sequence += 1 }
        return .typed(name, members.with("sequence_number", .int(sequence)))
    }

    // MARK: - Items

    private var hasSummary: Bool {
        let summary = context.request["reasoning"]?["summary"] ?? context.request["reasoning"]?["generate_summary"]
        return summary?.text != nil
    }

    private var isEncrypted: Bool {
        context.request["include"]?.elements?.contains { $0.text == "reasoning.encrypted_content" } ?? false
    }

    private func id(of part: Int) -> String {
        let number = context.id.text("") + (part < 10 ? "0\(part)" : "\(part)")
        return switch plan.parts[part].kind {
        case .text, .refusal: "msg_" + number
        case .reasoning, .redacted: "rs_" + number
        case .call(_, _, _, let isFreeForm): (isFreeForm ? "ctc_" : "fc_") + number
        case .search: "ws_" + number
        }
    }

    /// An item of the output as it is in the end.
    private func item(_ index: Int) -> JSONValue {
        let part = plan.parts[index]
        let id = JSONValue.text(id(of: index))
        let status: JSONValue = part.content.isTruncated ? "incomplete" : "completed"
        switch part.kind {
        case .text, .refusal:
            return [
                "id": id, "type": "message", "status": status, "role": "assistant",
                "content": [content(part, text: part.json, annotations: part.cites ? [citation(part)] : [])],
            ]
        case .reasoning, .redacted:
            let summary: JSONValue = hasSummary ? [["type": "summary_text", "text": part.json]] : []
            return reasoning(index, summary)
        case .call(let callID, let name, _, let isFreeForm):
            return [
                "id": id, "type": isFreeForm ? "custom_tool_call" : "function_call", "status": status,
                isFreeForm ? "input" : "arguments": part.json, "call_id": .text(callID), "name": .text(name),
            ]
        case .search(_, let query):
            return [
                "id": id, "type": "web_search_call", "status": status,
                "action": ["type": "search", "query": .text(query), "queries": [.text(query)]],
            ]
        }
    }

    private func reasoning(_ index: Int, _ summary: JSONValue) -> JSONValue {
        let item: JSONValue = ["id": .text(id(of: index)), "type": "reasoning", "summary": summary]
        guard isEncrypted else { return item }
        let sealed = Signature.make(
            .encrypted, of: plan.parts[index].bytes, nonce: Array(context.id.text("").utf8))
        return item.with("encrypted_content", .text(sealed))
    }

    private func content(_ part: Plan.Part, text: JSONValue, annotations: JSONValue) -> JSONValue {
        if part.kind == .refusal { return ["type": "refusal", "refusal": text] }
        return ["type": "output_text", "annotations": annotations, "logprobs": [], "text": text]
    }

    private func citation(_ part: Plan.Part) -> JSONValue {
        [
            "type": "url_citation", "start_index": 0, "end_index": .int(part.bytes.count),
            "url": .text(Plan.pages[0].url), "title": .text(Plan.pages[0].title),
        ]
    }

    // MARK: - The life of an item

    private func place(_ index: Int) -> JSONValue { ["item_id": .text(id(of: index)), "output_index": .int(index)] }

    private mutating func open(_ index: Int) -> [StreamEvent] {
        let part = plan.parts[index]
        var added = item(index)
        switch part.kind {
        case .text, .refusal: added = added.replacing("status", "in_progress").replacing("content", [])
        case .reasoning, .redacted: added = reasoning(index, [])
        case .call(_, _, _, let isFreeForm):
            added = added.replacing("status", "in_progress").replacing(isFreeForm ? "input" : "arguments", "")
        case .search: added = added.replacing("status", "in_progress").without("action")
        }
        var events = [event("response.output_item.added", ["output_index": .int(index), "item": added])]
        let place = place(index)
        switch part.kind {
        case .text, .refusal:
            let empty = content(part, text: "", annotations: [])
            events.append(event("response.content_part.added", place.with("content_index", 0).with("part", empty)))
        case .reasoning, .redacted:
            guard hasSummary else { break }
            let empty: JSONValue = ["type": "summary_text", "text": ""]
            events.append(
                event("response.reasoning_summary_part.added", place.with("summary_index", 0).with("part", empty)))
        case .search:
            events.append(event("response.web_search_call.in_progress", place))
            events.append(event("response.web_search_call.searching", place))
        case .call: break
        }
        return events
    }

    private mutating func delta(_ index: Int, _ piece: Int) -> [StreamEvent] {
        let part = plan.parts[index]
        let place = place(index)
        let delta = part.json(piece: piece)
        switch part.kind {
        case .text:
            return [
                event(
                    "response.output_text.delta",
                    place.with("content_index", 0).with("delta", delta).with("logprobs", []).with("obfuscation", "abc"))
            ]
        case .refusal:
            return [event("response.refusal.delta", place.with("content_index", 0).with("delta", delta))]
        case .reasoning, .redacted:
            guard hasSummary else { return [] }
            return [
                event("response.reasoning_summary_text.delta", place.with("summary_index", 0).with("delta", delta))
            ]
        case .call(_, _, _, let isFreeForm):
            let name = isFreeForm ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta"
            return [event(name, place.with("delta", delta).with("obfuscation", "abc"))]
        case .search: return []
        }
    }

    private mutating func close(_ index: Int) -> [StreamEvent] {
        let part = plan.parts[index]
        let place = place(index)
        let item = item(index)
        var events: [StreamEvent] = []
        switch part.kind {
        case .text, .refusal:
            let whole = item["content"]?.elements?.first ?? .null
            let place = place.with("content_index", 0)
            if part.cites {
                events.append(
                    event(
                        "response.output_text.annotation.added",
                        place.with("annotation_index", 0).with("annotation", citation(part))))
            }
            events.append(
                part.kind == .refusal
                    ? event("response.refusal.done", place.with("refusal", part.json))
                    : event("response.output_text.done", place.with("text", part.json).with("logprobs", [])))
            events.append(event("response.content_part.done", place.with("part", whole)))
        case .reasoning, .redacted:
            guard hasSummary else { break }
            let place = place.with("summary_index", 0)
            events.append(event("response.reasoning_summary_text.done", place.with("text", part.json)))
            let whole: JSONValue = ["type": "summary_text", "text": part.json]
            events.append(event("response.reasoning_summary_part.done", place.with("part", whole)))
        case .call(_, let name, _, let isFreeForm):
            events.append(
                isFreeForm
                    ? event("response.custom_tool_call_input.done", place.with("input", part.json))
                    : event(
                        "response.function_call_arguments.done",
                        place.with("arguments", part.json).with("name", .text(name))))
        case .search: events.append(event("response.web_search_call.completed", place))
        }
        return events + [event("response.output_item.done", ["output_index": .int(index), "item": item])]
    }

    // MARK: - The response around them

    private func response(_ status: String, _ output: [JSONValue]) -> JSONValue {
        let request = context.request
        let isOver = status == "completed" || status == "incomplete"
        let reasoning: JSONValue = [
            "effort": request["reasoning"]?["effort"] ?? .null, "summary": request["reasoning"]?["summary"] ?? .null,
        ]
        return [
            "id": .text(context.id.text("resp_")), "object": "response", "created_at": .int(context.created),
            "status": .text(status), "background": request["background"] ?? false,
            "completed_at": status == "completed" ? .int(context.created) : .null, "error": .null,
            "incomplete_details": status == "incomplete" ? ["reason": "max_output_tokens"] : .null,
            "instructions": request["instructions"] ?? .null,
            "max_output_tokens": request["max_output_tokens"] ?? .null,
            "max_tool_calls": request["max_tool_calls"] ?? .null, "model": .text(context.model),
            "output": .array(output), "parallel_tool_calls": request["parallel_tool_calls"] ?? true,
            "previous_response_id": request["previous_response_id"] ?? .null,
            "prompt_cache_key": request["prompt_cache_key"] ?? .null, "reasoning": reasoning,
            "safety_identifier": request["safety_identifier"] ?? .null,
            "service_tier": request["service_tier"] ?? "default", "store": request["store"] ?? true,
            "temperature": request["temperature"] ?? .number("1.0"),
            "text": request["text"] ?? ["format": ["type": "text"], "verbosity": "medium"],
            "tool_choice": request["tool_choice"] ?? "auto", "tools": request["tools"] ?? [],
            "top_logprobs": request["top_logprobs"] ?? 0, "top_p": request["top_p"] ?? .number("1.0"),
            "truncation": request["truncation"] ?? "disabled",
            "usage": isOver && context.hasUsage ? Self.usage(plan.usage) : .null, "user": request["user"] ?? .null,
            "metadata": request["metadata"] ?? [:],
        ]
    }

    /// Input includes what was cached, output includes reasoning.
    static func usage(_ usage: Plan.Usage) -> JSONValue {
        [
            "input_tokens": .int(usage.prompt), "input_tokens_details": ["cached_tokens": .int(usage.cacheRead)],
            "output_tokens": .int(usage.output),
            "output_tokens_details": ["reasoning_tokens": .int(usage.reasoning)],
            "total_tokens": .int(usage.prompt + usage.output),
        ]
    }

    /// The items of a request as `input_items` tells them: each with an id and a list of parts.
    func identified(_ items: [JSONValue]) -> [JSONValue] {
        items.enumerated().map { index, item in
            var item = item
            if item["type"] == nil {
                item = JSONValue.object([.init(key: "type", value: "message")] + (item.members ?? []))
            }
            if case .string(let text)? = item["content"] {
                let type: JSONValue = item["role"]?.text == "assistant" ? "output_text" : "input_text"
                item = item.replacing("content", [["type": type, "text": .string(text)]])
            }
            guard item["id"] == nil else { return item }
            let prefix = item["type"]?.text == "function_call" ? "fc_" : "msg_"
            return item.with("id", .text("\(prefix)\(context.id.text(""))in\(index)"))
        }
    }
}

/// Writes the answer of `/v1/responses/compact`: the user's messages, and the rest as one sealed item.
struct CompactionNarrator: Narrator {
    let plan: Plan
    let context: ReplyContext
    let input: [JSONValue]

    var framing: StreamFraming { .events(named: true) }

    func whole() -> JSONValue {
        var output = ResponsesNarrator(plan: plan, context: context).identified(input).filter {
            $0["role"]?.text == "user"
        }
        let sealed = Signature.make(.encrypted, of: JSONValue.array(input).serialized)
        output.append([
            "id": .text(context.id.text("cmp_")), "type": "compaction", "encrypted_content": .text(sealed),
        ])
        let reply: JSONValue = [
            "id": .text(context.id.text("resp_")), "object": "response.compaction", "created_at": .int(context.created),
            "output": .array(output),
        ]
        return context.hasUsage ? reply.with("usage", ResponsesNarrator.usage(plan.usage)) : reply
    }

    mutating func events(at moment: Moment) -> [StreamEvent] { [] }

    mutating func failure(_ error: ErrorReply) -> [StreamEvent] { [] }
}
