import JSONText

/// Writes the chunks of a stream for the client.
///
/// Rules, after what google-genai 3.6.1 does with them:
/// 1. Each chunk has `candidates[0].content` with a part: its chat drops a turn from the history in which one has none.
///    So the last chunk, which has the finish reasons and the usage, holds an empty text.
/// 2. A call is written whole, when it has ended: partial arguments are for whoever asked for them.
/// 3. Parts are written one after the other (``SequentialParts``), a text as it comes.
/// 4. A connection is kept open by an empty line. Its reader takes a comment for a line of JSON and fails.
/// 5. Without `alt=sse` the stream is one array, and an error is an element of it.
public struct GenerateContentStreamEncoder: ReplyStreamEncoder {
    private let context: ReplyContext
    private var origin: Dialect?
    private var isOwn: Bool { origin == .generateContent }
    private var id: String
    private var choices: [Choice] = []
    /// By a choice's number: its place.
    private var places: [Int: Int] = [:]
    private var usage: Usage?
    private var extras = JSONObject()
    /// Google states it in the usage of each chunk; the first one's is enough.
    private var tier: String?
    private var hasWritten = false
    private var isOver = false
    public private(set) var losses = LossReport()

    private struct Choice: Sendable {
        var index: Int
        var sequence = SequentialParts()
        var open: Open?
        var partCount = 0
        var texts: [(part: Int, text: Text)] = []
        /// Of other providers' searches.
        var queries: [String] = []
        /// Chat's `content` and `refusal`.
        var logprobs: (content: [JSON], refusal: [JSON]) = ([], [])
        var extras = JSONObject()
        var stop: Stop?
    }

    /// The part that is being written.
    private struct Open: Sendable {
        var part: Part
        /// Something of it was written.
        var hasWritten = false
        /// What came of a text, for its citations.
        var text = Text("")
        var summary = 0
    }

    init(_ context: ReplyContext) {
        self.context = context
        id = context.requestID
    }

    public mutating func encode(_ event: ReplyEvent, into out: inout FrameWriter) {
        if isOver { return }
        losses.dropUnplaced(of: event, from: origin ?? .generateContent, for: .generateContent)
        switch event {
        case .began(let head):
            origin = head.origin
            id = head.id ?? context.requestID
            extras = head.extras
            tier = head.serviceTier
        case .partBegan(let place, _), .delta(let place, _), .partEnded(let place):
            pass(event, position(of: place.choice), into: &out)
        case .stopped(let choice, let stop):
            let position = position(of: choice)
            pass(event, position, into: &out)
            choices[position].stop = stop
        case .logprobs(let choice, let more): addLogprobs(more, position(of: choice))
        case .choiceExtras(let choice, let more):
            let position = position(of: choice)
            for (key, value) in more { choices[position].extras[key] = value }
        case .usage(let usage): self.usage = usage
        case .serviceTier(let late): tier = late
        case .extras(let more): for (key, value) in more { extras[key] = value }
        case .keepAlive: out.text(GenerateContentCodec.keepAlive)
        case .failed: isOver = true
        case .ended: end(into: &out)
        }
    }

    private mutating func position(of choice: Int) -> Int {
        if let known = places[choice] { return known }
        places[choice] = choices.count
        choices.append(Choice(index: choice))
        return choices.count - 1
    }

    private mutating func addLogprobs(_ more: JSON, _ choice: Int) {
        choices[choice].logprobs.content += more["content"]?.array ?? []
        choices[choice].logprobs.refusal += more["refusal"]?.array ?? []
    }

    // MARK: - Parts

    private mutating func pass(_ event: ReplyEvent, _ choice: Int, into out: inout FrameWriter) {
        var passed: [ReplyEvent] = []
        choices[choice].sequence.pass(event) { passed.append($0) }
        if !isOwn { losses.add(choices[choice].sequence.losses) }
        for event in passed {
            switch event {
            case .partBegan(_, let part): choices[choice].open = Open(part: part)
            case .delta(_, let delta): add(delta, choice, into: &out)
            case .partEnded: endPart(choice, into: &out)
            default: break
            }
        }
    }

    private mutating func add(_ delta: PartDelta, _ choice: Int, into out: inout FrameWriter) {
        guard var open = choices[choice].open else { return }
        choices[choice].open = nil
        defer { choices[choice].open = open }
        switch delta {
        case .arguments, .media, .transcript:
            // Before the part's content has a second owner: it is added to in place.
            return open.part.add(delta)
        case .summary(let index, let more):
            let separator = open.hasWritten && index != open.summary ? "\n\n" : ""
            open.summary = index
            open.part.add(.summary(min(index, 999), more))
            return writeThought(separator + more, choice, &open, into: &out)
        default: break
        }
        switch (delta, open.part.content) {
        case (.text(let more), .text), (.text(let more), .refusal):
            // A signature that came first is the whole part's: it is written with the end.
            if open.part.proof != nil {
                open.text.text += more
                return
            }
            if more.isEmpty { return }
            if !isOwn { open.text.text += more }
            write(["text": .string(more)], choice, into: &out)
            open.hasWritten = true
        case (.citation(let citation), .text): open.text.citations.append(citation)
        case (.reasoning(let more), .reasoning): writeThought(more, choice, &open, into: &out)
        default: open.part.add(delta)
        }
    }

    private mutating func writeThought(
        _ more: String, _ choice: Int, _ open: inout Open, into out: inout FrameWriter
    ) {
        if more.isEmpty { return }
        write(["text": .string(more), "thought": true], choice, into: &out)
        open.hasWritten = true
    }

    private mutating func endPart(_ choice: Int, into out: inout FrameWriter) {
        guard var open = choices[choice].open else { return }
        choices[choice].open = nil
        var writer = GenerateContentPartWriter(isOwn: isOwn)
        defer {
            losses.add(writer.losses)
            choices[choice].queries += writer.queries
        }
        switch open.part.content {
        case .text, .refusal:
            if !open.text.citations.isEmpty { choices[choice].texts.append((choices[choice].partCount, open.text)) }
            if !open.hasWritten || open.part.proof != nil {
                let whole = open.hasWritten ? "" : open.text.text
                guard !whole.isEmpty || open.part.proof != nil else { return }
                write(writer.finished(["text": .string(whole)], open.part.proof, open.part.extras), choice, into: &out)
            }
        case .reasoning(let reasoning):
            guard reasoning.proof != nil || !open.part.extras.isEmpty else { break }
            write(
                writer.thought("", reasoning.proof, summaries: reasoning.summaries, open.part.extras), choice,
                into: &out)
        default:
            guard let written = writer.written(open.part) else { return }
            write(written, choice, into: &out)
        }
        open.hasWritten = true
        choices[choice].partCount += 1
    }

    // MARK: - Chunks

    private mutating func write(_ part: JSON, _ choice: Int, into out: inout FrameWriter) {
        let candidate: JSON = [
            "content": ["parts": [part], "role": "model"], "index": .int(Int64(choices[choice].index)),
        ]
        var chunk: JSONObject = ["candidates": [candidate]]
        if isOwn, !hasWritten, let tier { chunk["usageMetadata"] = ["serviceTier": .string(tier)] }
        addNames(to: &chunk)
        write(.object(chunk), into: &out)
    }

    private func addNames(to chunk: inout JSONObject) {
        chunk["modelVersion"] = .string(context.model)
        chunk["responseId"] = .string(id)
        guard isOwn else { return }
        for (key, value) in extras { chunk[key] = value }
    }

    private mutating func write(_ chunk: JSON, into out: inout FrameWriter) {
        if context.streamsAsArray {
            if hasWritten { out.text(",\r\n") } else { out.text("[") }
            out.json(chunk)
        } else {
            out.sse(chunk)
        }
        hasWritten = true
    }

    private mutating func end(into out: inout FrameWriter) {
        isOver = true
        var chunk = JSONObject()
        if !isBlockedPrompt {
            var candidates: [JSON] = []
            for choice in choices.sorted(by: { $0.index < $1.index }) { candidates.append(lastCandidate(choice)) }
            if !candidates.isEmpty { chunk["candidates"] = .array(candidates) }
        }
        if let usage {
            let queries = choices.reduce(0) { $0 + $1.queries.count }
            chunk["usageMetadata"] = GoogleUsage.written(usage, isOwn: isOwn, queries: queries, &losses)
        }
        addNames(to: &chunk)
        write(.object(chunk), into: &out)
        if context.streamsAsArray { out.text("]") }
    }

    /// A withheld prompt has no candidates, only `promptFeedback`.
    private var isBlockedPrompt: Bool {
        guard isOwn, choices.count == 1, choices[0].partCount == 0,
            let reason = extras["promptFeedback"]?["blockReason"]
        else { return false }
        return choices[0].stop?.native == reason.string ?? reason.text
    }

    private func lastCandidate(_ choice: Choice) -> JSON {
        var candidate: JSONObject = ["content": ["parts": [["text": ""]], "role": "model"]]
        if let stop = choice.stop {
            candidate["finishReason"] = .string(GoogleStop.finishReason(stop, isOwn: isOwn))
        }
        candidate["index"] = .int(Int64(choice.index))
        let grounding = isOwn ? nil : GoogleGrounding.written(choice.texts, queries: choice.queries)
        let logprobs: JSON = ["content": .array(choice.logprobs.content), "refusal": .array(choice.logprobs.refusal)]
        GenerateContentReplyEncoder.finish(&candidate, choice.stop, logprobs, choice.extras, grounding, isOwn: isOwn)
        return .object(candidate)
    }

    public mutating func fail(_ error: GatewayErrorBody, status: Int, into out: inout FrameWriter) {
        isOver = true
        guard context.streamsAsArray else {
            out.raw(error.geminiEvent(status: status))
            return
        }
        if hasWritten { out.text(",\r\n") } else { out.text("[") }
        out.raw(error.gemini(status: status))
        out.text("]")
    }
}
