import JSONText

/// Reads an Ollama chat stream: a reply a line, the last one with `done: true`. Calls come whole.
struct OllamaStreamDecoder: ReplyStreamDecoder {
    private var hasBegun = false
    private var isOver = false
    private var next = 0
    private var calls = 0
    private var seed = ""
    private var open: (place: PartPlace, isText: Bool)?
    private var extras = JSONObject()

    mutating func decode(_ frame: StreamFrame, into events: inout [ReplyEvent]) throws(ReplyError) {
        guard !isOver, case .json(let line, _) = frame else { return }
        if let error = OllamaReply.error(in: line) {
            isOver = true
            events.append(.failed(error))
            return
        }
        guard let object = line.object else { throw .malformed("a line is no object") }
        begin(object, &events)
        if let value = object["message"], !value.isNull {
            guard let message = value.object else { throw .malformed("the message of a line is no object") }
            for name in ["content", "thinking"] {
                if let text = message[name], !text.isNull, text.string == nil {
                    throw .malformed("'\(name)' of a message is no string")
                }
            }
            read(message, &events)
        }
        if let logprobs = OllamaReply.logprobs(object["logprobs"]) {
            events.append(.logprobs(choice: 0, logprobs))
        }
        if object["done"]?.bool == true { end(object, &events) }
    }

    /// `done` is the proper end.
    mutating func finish(into events: inout [ReplyEvent]) {}

    private mutating func begin(_ object: JSONObject, _ events: inout [ReplyEvent]) {
        let found = OllamaReply.extras(of: object)
        guard hasBegun else {
            hasBegun = true
            seed = OllamaReply.seed(object)
            var head = ReplyHead(origin: .ollamaChat, model: object["model"]?.string)
            head.extras = found
            extras = found
            events.append(.began(head))
            return
        }
        if !found.isEmpty, found != extras {
            extras = found
            events.append(.extras(found))
        }
    }

    private mutating func read(_ message: JSONObject, _ events: inout [ReplyEvent]) {
        add(message["thinking"]?.string, isText: false, &events)
        add(message["content"]?.string, isText: true, &events)
        for value in message["tool_calls"]?.array ?? [] {
            close(&events)
            let part = OllamaReply.call(value, seed: seed, index: calls)
            calls += 1
            let place = PartPlace(part: next)
            next += 1
            events.append(.partBegan(place, part.opening))
            for delta in part.deltas { events.append(.delta(place, delta)) }
            events.append(.partEnded(place))
        }
        let more = OllamaReply.messageExtras(message)
        if !more.isEmpty { events.append(.choiceExtras(choice: 0, more)) }
    }

    private mutating func add(_ more: String?, isText: Bool, _ events: inout [ReplyEvent]) {
        guard let more, !more.isEmpty else { return }
        if open?.isText != isText {
            close(&events)
            let place = PartPlace(part: next)
            next += 1
            open = (place, isText)
            events.append(.partBegan(place, isText ? .text("") : Part(.reasoning(Reasoning()))))
        }
        if let place = open?.place { events.append(.delta(place, isText ? .text(more) : .reasoning(more))) }
    }

    private mutating func close(_ events: inout [ReplyEvent]) {
        if let place = open?.place { events.append(.partEnded(place)) }
        open = nil
    }

    private mutating func end(_ object: JSONObject, _ events: inout [ReplyEvent]) {
        isOver = true
        close(&events)
        events.append(.stopped(choice: 0, OllamaReply.stop(object["done_reason"]?.string, hasCalls: calls > 0)))
        if let usage = OllamaReply.usage(of: object) { events.append(.usage(usage)) }
        events.append(.ended)
    }
}

/// Writes an Ollama chat stream: for tests and mocks.
struct OllamaStreamEncoder: ReplyStreamEncoder {
    private let context: ReplyContext
    private(set) var losses = LossReport()
    private var origin = Dialect.ollamaChat
    private var isOwn: Bool { origin == .ollamaChat }
    private var usage: Usage?
    private var stop: Stop?
    private var extras = JSONObject()
    private var messageExtras = JSONObject()
    /// Calls go out when they are whole.
    private var calls: [PartPlace: ToolCall] = [:]
    private var count = 0

    init(_ context: ReplyContext) { self.context = context }

    mutating func encode(_ event: ReplyEvent, into out: inout FrameWriter) {
        if let choice = event.choice, choice != 0 {
            losses.drop("n")
            return
        }
        losses.dropUnplaced(of: event, from: origin, for: .ollamaChat)
        switch event {
        case .began(let head):
            origin = head.origin
            extras = head.extras
        case .partBegan(let place, let part): begin(part, place, &out)
        case .delta(let place, let delta): add(delta, place, &out)
        case .partEnded(let place):
            guard let call = calls.removeValue(forKey: place) else { return }
            write(["content": "", "tool_calls": [OllamaReply.written(call, index: count)]], [:], &out)
            count += 1
        case .logprobs(_, let logprobs):
            let entries = ChatLogprobs.entries(logprobs)
            if !entries.isEmpty { write(["content": ""], ["logprobs": .array(entries)], &out) }
        case .choiceExtras(_, let more): if isOwn { messageExtras.overlay(more) }
        case .stopped(_, let stop): self.stop = stop
        case .usage(let usage): self.usage = usage
        case .extras(let more): extras.overlay(more)
        case .serviceTier, .keepAlive, .failed: break
        case .ended:
            var members: JSONObject = ["done": true, "done_reason": .string(OllamaReply.word(stop))]
            if let usage { members.overlay(OllamaReply.written(usage, isOwn: isOwn)) }
            if isOwn { members.overlay(extras) }
            let message: JSONObject = ["content": ""]
            write(message.overlaid(by: messageExtras), members, &out)
        }
    }

    mutating func fail(_ error: GatewayErrorBody, status: Int, into out: inout FrameWriter) {
        out.json(["error": .string(error.message)])
        out.text("\n")
    }

    private mutating func begin(_ part: Part, _ place: PartPlace, _ out: inout FrameWriter) {
        switch part.content {
        case .toolCall(let call): calls[place] = call
        case .media(let media):
            if let words = losses.wordsInPlace(of: media) { write(["content": .string(words)], [:], &out) }
        case .serverTool, .native, .toolResult: losses.drop("content")
        case .text, .refusal, .reasoning: break
        }
    }

    private mutating func add(_ delta: PartDelta, _ place: PartPlace, _ out: inout FrameWriter) {
        switch delta {
        case .text(let more), .transcript(let more): write(["content": .string(more)], [:], &out)
        case .reasoning(let more), .summary(_, let more):
            write(["content": "", "thinking": .string(more)], [:], &out)
        case .arguments(let more): calls[place]?.arguments += more
        case .citation: losses.drop("citations")
        case .proof, .media, .extras, .replaced: break
        }
    }

    private func write(_ message: JSONObject, _ members: JSONObject, _ out: inout FrameWriter) {
        var line = OllamaReply.head(context)
        let role: JSONObject = ["role": "assistant"]
        line["message"] = .object(role.overlaid(by: message))
        line["done"] = false
        line.overlay(members)
        out.json(.object(line))
        out.text("\n")
    }
}
