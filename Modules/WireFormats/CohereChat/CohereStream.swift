import JSONText

/// Reads a Cohere v2 chat stream.
///
/// A text stays open behind its `content-end` until something else begins: its citations may come later.
struct CohereStreamDecoder: ReplyStreamDecoder {
    private var hasBegun = false
    private var isOver = false
    private var next = 0
    private var open: PartPlace?
    private var isPlan = false
    /// Parts of the content by their index.
    private var contents: [Int64: PartPlace] = [:]
    private var kinds: [Int64: String] = [:]
    private var calls: [Int64: PartPlace] = [:]
    private var hasCalls = false
    private var lastText: PartPlace?
    private var id = ""

    mutating func decode(_ frame: StreamFrame, into events: inout [ReplyEvent]) throws(ReplyError) {
        guard !isOver else { return }
        switch frame {
        case .keepAlive: events.append(.keepAlive)
        case .done: break
        case .failed(let error): fail(error, &events)
        case .exception(let type, let payload): fail(payload["message"]?.string ?? "", type, &events)
        case .json(let event, let name): try read(event, name, &events)
        }
    }

    /// `message-end` is the proper end.
    mutating func finish(into events: inout [ReplyEvent]) {}

    private mutating func fail(_ message: String, _ type: String?, _ events: inout [ReplyEvent]) {
        fail(ProviderError(message: message, type: type), &events)
    }

    private mutating func fail(_ error: ProviderError, _ events: inout [ReplyEvent]) {
        isOver = true
        events.append(.failed(error))
    }

    private mutating func read(_ event: JSON, _ name: String?, _ events: inout [ReplyEvent]) throws(ReplyError) {
        guard event.object != nil else { throw .malformed("an event is no object") }
        let message = event["delta"]?["message"]
        let index = event["index"]?.int ?? 0
        guard let type = event["type"]?.string ?? name else {
            guard let text = event["message"]?.string else { throw .malformed("an event has no type") }
            return fail(text, nil, &events)
        }
        if type != "message-start" { begin(id: nil, &events) }
        switch type {
        case "message-start": begin(id: event["id"]?.string, &events)
        case "content-start":
            close(&events)
            contents[index] = nil
            kinds[index] = message?["content"]?["type"]?.string ?? "text"
            try add(message?["content"], index, &events)
        case "content-delta":
            try add(message?["content"], index, &events)
            if let logprobs = CohereLogprobs.chat(event["logprobs"]) {
                events.append(.logprobs(choice: 0, logprobs))
            }
        case "tool-plan-delta": addPlan(message?["tool_plan"]?.string ?? "", &events)
        case "tool-call-start", "tool-call-delta":
            addCall(message?["tool_calls"], index, &events)
        case "tool-call-end":
            if let place = calls.removeValue(forKey: index) { events.append(.partEnded(place)) }
        case "citation-start": cite(message?["citations"], &events)
        case "message-end": end(event["delta"], &events)
        case "content-end", "citation-end": break
        default: break
        }
    }

    private mutating func begin(id: String?, _ events: inout [ReplyEvent]) {
        guard !hasBegun else { return }
        hasBegun = true
        self.id = id ?? ""
        events.append(.began(ReplyHead(origin: .cohereChat, id: id)))
    }

    private mutating func begin(_ part: Part, _ events: inout [ReplyEvent]) -> PartPlace {
        close(&events)
        let place = PartPlace(part: next)
        next += 1
        events.append(.partBegan(place, part))
        return place
    }

    private mutating func close(_ events: inout [ReplyEvent]) {
        if let place = open { events.append(.partEnded(place)) }
        open = nil
        isPlan = false
    }

    private mutating func add(
        _ content: JSON?, _ index: Int64, _ events: inout [ReplyEvent]
    ) throws(ReplyError) {
        for name in ["text", "thinking"] {
            if let value = content?[name], !value.isNull, value.string == nil {
                throw .malformed("'\(name)' of a content is no string")
            }
        }
        let text = content?["text"]?.string
        guard let more = text ?? content?["thinking"]?.string, !more.isEmpty else { return }
        // What is of another kind than the part under its index begins a new one.
        let isText = text != nil
        if contents[index] == nil || contents[index] != open || isText != (lastText == open) {
            let place = begin(isText ? .text("") : Part(.reasoning(Reasoning())), &events)
            contents[index] = place
            open = place
            if isText { lastText = place }
        }
        if let place = open { events.append(.delta(place, isText ? .text(more) : .reasoning(more))) }
    }

    private mutating func addPlan(_ more: String, _ events: inout [ReplyEvent]) {
        guard !more.isEmpty else { return }
        if !isPlan {
            var part = CohereReply.plan("")
            part.content = .reasoning(Reasoning())
            open = begin(part, &events)
            isPlan = true
        }
        if let place = open { events.append(.delta(place, .reasoning(more))) }
    }

    private mutating func addCall(_ call: JSON?, _ index: Int64, _ events: inout [ReplyEvent]) {
        let function = call?["function"]
        if calls[index] == nil {
            guard let name = function?["name"]?.string else { return }
            let made = ToolIDs.made(from: id, index: next)
            calls[index] = begin(Part(.toolCall(ToolCall(id: call?["id"]?.string ?? made, name: name))), &events)
            hasCalls = true
        }
        guard let place = calls[index], let more = function?["arguments"]?.string, !more.isEmpty else { return }
        events.append(.delta(place, .arguments(more)))
    }

    private mutating func cite(_ value: JSON?, _ events: inout [ReplyEvent]) {
        for citation in value?.array ?? value.map({ [$0] }) ?? [] where citation.object != nil {
            guard let place = lastText, place == open else { continue }
            events.append(.delta(place, .citation(CohereCitations.citation(citation))))
        }
    }

    private mutating func end(_ delta: JSON?, _ events: inout [ReplyEvent]) {
        if let failure = CohereReply.failure(delta?.object ?? [:]) {
            if let usage = delta?["usage"].flatMap(CohereUsage.read) { events.append(.usage(usage)) }
            fail(failure, &events)
            return
        }
        close(&events)
        for place in calls.values.sorted(by: { $0.part < $1.part }) { events.append(.partEnded(place)) }
        events.append(.stopped(choice: 0, CohereReply.stop(delta?["finish_reason"]?.string, hasCalls: hasCalls)))
        if let usage = delta?["usage"].flatMap(CohereUsage.read) { events.append(.usage(usage)) }
        isOver = true
        events.append(.ended)
    }
}

/// Writes a Cohere v2 chat stream: for tests and mocks.
struct CohereStreamEncoder: ReplyStreamEncoder {
    private let context: ReplyContext
    private(set) var losses = LossReport()
    private var sequence = SequentialParts()
    private var origin = Dialect.cohereChat
    private var isOwn: Bool { origin == .cohereChat }
    private var usage: Usage?
    private var stop: Stop?
    private var contents: Int64 = 0
    private var calls: Int64 = 0
    private var citations: Int64 = 0
    private var open: Part?

    init(_ context: ReplyContext) { self.context = context }

    mutating func encode(_ event: ReplyEvent, into out: inout FrameWriter) {
        if let choice = event.choice, choice != 0 {
            losses.drop("n")
            return
        }
        losses.dropUnplaced(of: event, from: origin, for: .cohereChat)
        var ready: [ReplyEvent] = []
        sequence.pass(event) { ready.append($0) }
        losses.add(sequence.losses)
        for event in ready { write(event, &out) }
    }

    mutating func fail(_ error: GatewayErrorBody, status: Int, into out: inout FrameWriter) {
        let delta: JSON = ["error": .string(error.message), "finish_reason": "ERROR"]
        out.sse(["type": "message-end", "delta": delta], event: "message-end")
    }

    private mutating func write(_ event: ReplyEvent, _ out: inout FrameWriter) {
        switch event {
        case .began(let head):
            origin = head.origin
            let message: JSON = [
                "role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": [],
            ]
            let id = head.id ?? context.requestID
            out.sse(
                ["id": .string(id), "type": "message-start", "delta": ["message": message]], event: "message-start")
        case .partBegan(_, let part): begin(part, &out)
        case .delta(_, let delta): add(delta, &out)
        case .partEnded: end(&out)
        case .stopped(_, let stop): self.stop = stop
        case .usage(let usage): self.usage = usage
        case .keepAlive: out.sseComment()
        case .ended:
            var delta: JSONObject = ["finish_reason": .string(CohereReply.word(stop, isOwn: isOwn))]
            if let usage { delta["usage"] = CohereUsage.written(usage, isOwn: isOwn) }
            out.sse(["type": "message-end", "delta": .object(delta)], event: "message-end")
            out.sseDone()
        case .logprobs(_, let logprobs): write(logprobs: logprobs, &out)
        case .choiceExtras, .serviceTier, .extras, .failed: break
        }
    }

    /// Each stands in a delta of its own, which adds nothing to the text that is open. Without one they have no place.
    private mutating func write(logprobs: JSON, _ out: inout FrameWriter) {
        let items = CohereLogprobs.written(logprobs)
        if items.isEmpty { return }
        switch open?.content {
        case .text, .refusal: break
        default: return losses.drop("logprobs")
        }
        for item in items {
            var delta = event("content-delta", contents, ["content": ["text": ""]])
            delta["logprobs"] = item
            out.sse(delta, event: "content-delta")
        }
    }

    private func event(_ type: String, _ index: Int64, _ message: JSON) -> JSON {
        ["type": .string(type), "index": .int(index), "delta": ["message": message]]
    }

    private mutating func begin(_ part: Part, _ out: inout FrameWriter) {
        open = part
        switch part.content {
        case .text, .refusal:
            out.sse(
                event("content-start", contents, ["content": ["type": "text", "text": ""]]), event: "content-start")
        case .reasoning where part.form != "tool_plan":
            let content: JSON = ["type": "thinking", "thinking": ""]
            out.sse(event("content-start", contents, ["content": content]), event: "content-start")
        case .toolCall(let call):
            let written = ChatCalls.call(call, id: call.id, takesCustom: false)
            out.sse(event("tool-call-start", calls, ["tool_calls": .object(written)]), event: "tool-call-start")
        case .reasoning: break
        case .media(let media): if let words = losses.wordsInPlace(of: media) { show(words, &out) }
        case .serverTool, .native, .toolResult: losses.drop("content")
        }
    }

    private mutating func add(_ delta: PartDelta, _ out: inout FrameWriter) {
        switch delta {
        case .text(let more):
            out.sse(event("content-delta", contents, ["content": ["text": .string(more)]]), event: "content-delta")
        case .reasoning(let more), .summary(_, let more):
            if open?.form == "tool_plan" {
                out.sse(
                    ["type": "tool-plan-delta", "delta": ["message": ["tool_plan": .string(more)]]],
                    event: "tool-plan-delta")
            } else {
                let content: JSON = ["thinking": .string(more)]
                out.sse(event("content-delta", contents, ["content": content]), event: "content-delta")
            }
        case .arguments(let more):
            let call: JSON = ["function": ["arguments": .string(more)]]
            out.sse(event("tool-call-delta", calls, ["tool_calls": call]), event: "tool-call-delta")
        case .citation(let citation):
            guard let written = CohereCitations.written(citation) else {
                losses.drop("citations")
                return
            }
            out.sse(event("citation-start", citations, ["citations": written]), event: "citation-start")
            out.sse(["type": "citation-end", "index": .int(citations)], event: "citation-end")
            citations += 1
        case .transcript(let more): show(more, &out)
        case .proof, .media, .extras, .replaced: break
        }
    }

    /// The words of a sound are a text in its place.
    private mutating func show(_ words: String, _ out: inout FrameWriter) {
        if open?.text == nil { begin(.text(""), &out) }
        add(.text(words), &out)
    }

    private mutating func end(_ out: inout FrameWriter) {
        switch open?.content {
        case .text, .refusal:
            out.sse(["type": "content-end", "index": .int(contents)], event: "content-end")
            contents += 1
        case .reasoning where open?.form != "tool_plan":
            out.sse(["type": "content-end", "index": .int(contents)], event: "content-end")
            contents += 1
        case .toolCall:
            out.sse(["type": "tool-call-end", "index": .int(calls)], event: "tool-call-end")
            calls += 1
        default: break
        }
        open = nil
    }
}
