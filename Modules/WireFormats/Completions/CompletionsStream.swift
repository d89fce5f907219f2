import JSONText

/// Reads a legacy completions stream: one text a choice.
struct CompletionsStreamDecoder: ChunkStreamDecoder {
    private struct Choice {
        var index: Int
        var place: PartPlace?
        var stop: Stop?
        var stopReason: JSON?
        var extras = JSONObject()
    }

    private(set) var hasBegun = false
    var isOver = false
    private var head = ReplyHead(origin: .completions)
    private var extras = JSONObject()
    private var usage: JSON?
    private var choices: [Choice] = []
    /// By a choice's number: its place.
    private var places: [Int: Int] = [:]

    var hasFinished: Bool { !choices.isEmpty && choices.allSatisfy({ $0.stop != nil }) }

    mutating func read(_ object: JSONObject, _ events: inout [ReplyEvent]) throws(ReplyError) {
        note(ChatReplyHead(object), &events)
        for (index, choice) in try readChoices(of: object).enumerated() { read(choice, at: index, &events) }
        if let native = object["usage"], native.object != nil, native != usage, let found = ChatUsage.read(native) {
            usage = native
            events.append(.usage(found))
        }
    }

    private mutating func note(_ found: ChatReplyHead, _ events: inout [ReplyEvent]) {
        var changed = JSONObject()
        for (key, value) in found.extras where extras[key] != value {
            extras[key] = value
            changed[key] = value
        }
        if hasBegun {
            if let tier = found.serviceTier, tier != head.serviceTier {
                head.serviceTier = tier
                events.append(.serviceTier(tier))
            }
            if !changed.isEmpty { events.append(.extras(changed)) }
            return
        }
        hasBegun = true
        head.id = found.id
        head.model = found.model
        head.created = found.created
        head.serviceTier = found.serviceTier
        head.extras = extras
        events.append(.began(head))
    }

    private mutating func read(_ choice: JSONObject, at index: Int, _ events: inout [ReplyEvent]) {
        let number = choice["index"]?.int.flatMap { Int(exactly: $0) } ?? index
        let place = places[number] ?? choices.count
        if place == choices.count {
            places[number] = place
            choices.append(Choice(index: number))
        }
        if let text = CompletionsReply.text(of: choice), !text.isEmpty {
            let part = PartPlace(choice: number, part: 0)
            if choices[place].place == nil {
                choices[place].place = part
                events.append(.partBegan(part, .text("")))
            }
            events.append(.delta(part, .text(text)))
        }
        if let logprobs = CompletionsLogprobs.chat(choice["logprobs"]) {
            events.append(.logprobs(choice: number, logprobs))
        }
        var changed = JSONObject()
        for (key, value) in ChatReplyDecoder.extras(of: choice) where choices[place].extras[key] != value {
            choices[place].extras[key] = value
            changed[key] = value
        }
        if !changed.isEmpty { events.append(.choiceExtras(choice: number, changed)) }
        if let reason = choice["stop_reason"], !reason.isNull { choices[place].stopReason = reason }
        if let word = choice["finish_reason"]?.string, !word.isEmpty {
            choices[place].stop = CompletionsReply.stop(word)
        }
    }

    mutating func end(_ events: inout [ReplyEvent]) {
        isOver = true
        for choice in choices {
            if let place = choice.place { events.append(.partEnded(place)) }
            var stop: Stop? = choice.stop ?? Stop(.endTurn)
            ChatReplyDecoder.noteSequence(choice.stopReason, &stop)
            if let stop { events.append(.stopped(choice: choice.index, stop)) }
        }
        events.append(.ended)
    }
}

/// Writes a legacy completions stream.
struct CompletionsStreamEncoder: ReplyStreamEncoder {
    private let context: ReplyContext
    private(set) var losses = LossReport()
    private var head = ReplyHead(origin: .completions)
    private var usage: Usage?
    private var waiting = JSONObject()
    private var offsets: [Int: Int64] = [:]
    /// Places of texts and refusals: what else comes is reported and passed over.
    private var texts: Set<PartPlace> = []
    private var isOver = false
    private var isOwn: Bool { head.origin == .completions }

    init(_ context: ReplyContext) { self.context = context }

    mutating func encode(_ event: ReplyEvent, into out: inout FrameWriter) {
        guard !isOver else { return }
        losses.dropUnplaced(of: event, from: head.origin, for: .completions, toldTier: head.serviceTier)
        switch event {
        case .began(let head):
            self.head = head
            if isOwn { waiting = head.extras }
        case .partBegan(let place, let part):
            if let words = CompletionsReply.words(inPlaceOf: part, &losses) { write(words, place.choice, [:], &out) }
            switch part.content {
            case .text, .refusal: texts.insert(place)
            default: break
            }
        case .delta(let place, .text(let text)):
            if texts.contains(place) { write(text, place.choice, [:], &out) }
        case .delta(let place, .transcript(let text)): write(text, place.choice, [:], &out)
        case .delta(_, .citation): losses.drop("citations")
        case .delta, .partEnded: break
        case .logprobs(let choice, let logprobs):
            let legacy = CompletionsLogprobs.legacy(logprobs, from: &offsets[choice, default: 0])
            write("", choice, ["logprobs": legacy], &out)
        case .choiceExtras(let choice, let extras):
            if isOwn { write("", choice, extras, &out) }
        case .stopped(let choice, let stop):
            var members: JSONObject = ["finish_reason": .string(CompletionsReply.word(stop))]
            if let sequence = stop.sequence { members["stop_reason"] = .string(sequence) }
            write("", choice, members, &out)
        case .usage(let usage): self.usage = usage
        case .serviceTier(let tier): if isOwn { head.serviceTier = tier }
        case .extras(let extras): if isOwn { waiting.overlay(extras) }
        case .keepAlive: out.sseComment()
        case .failed: isOver = true
        case .ended: finish(&out)
        }
    }

    mutating func fail(_ error: GatewayErrorBody, status: Int, into out: inout FrameWriter) {
        isOver = true
        out.raw(error.openAIEvent())
    }

    private mutating func write(
        _ text: String, _ choice: Int, _ members: JSONObject, _ out: inout FrameWriter
    ) {
        var object: JSONObject = [
            "text": .string(text), "index": .int(Int64(choice)), "logprobs": .null, "finish_reason": .null,
        ]
        for (key, value) in members { object[key] = value }
        var chunk = chunk([.object(object)])
        for (key, value) in waiting { chunk[key] = value }
        waiting = JSONObject()
        out.sse(.object(chunk))
    }

    private func chunk(_ choices: [JSON]) -> JSONObject {
        var chunk: JSONObject = [
            "id": .string(head.id ?? "cmpl-" + context.requestID), "object": "text_completion",
            "created": .int(head.created ?? context.created), "choices": .array(choices),
            "model": .string(context.model),
        ]
        if let tier = isOwn ? head.serviceTier : ServiceTier.word(head.serviceTier, for: .completions) {
            chunk["service_tier"] = .string(tier)
        }
        return chunk
    }

    private mutating func finish(_ out: inout FrameWriter) {
        isOver = true
        if context.request.includeUsage, let usage {
            var chunk = chunk([])
            for (key, value) in waiting { chunk[key] = value }
            chunk["usage"] = ChatUsage.written(usage, isOwn: isOwn || head.origin == .chatCompletions)
            out.sse(.object(chunk))
        }
        out.sseDone()
    }
}
