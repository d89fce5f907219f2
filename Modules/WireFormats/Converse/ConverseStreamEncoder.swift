import JSONText

/// Writes the events of `ConverseStream` for a client, as AWS frames.
///
/// Order: `messageStart`; blocks one after the other, numbered from 0, a start for tools only; `messageStop`;
/// `metadata`. There is no keep-alive in this framing, so none is written.
public struct ConverseStreamEncoder: ReplyStreamEncoder {
    /// The part that is open: its parts come one after the other.
    private struct Open {
        var part: Part
        /// The block's number; nil until something of it is written.
        var index: Int?
        /// What is written when the part ends.
        var held: [PartDelta] = []
        /// Arguments that wait.
        var input = ""
        var hasInput = false
        /// A proof that was learnt of when the part was out.
        var behind: Proof?
        /// The summary that is being written.
        var summary = 0

        var hasWritten: Bool { index != nil }
    }

    private let names: ToolNames
    private var sequence = SequentialParts()
    private var open: Open?
    private var blockCount = 0
    private var origin = Dialect.converse
    private var hasBegun = false
    private var isOver = false
    private var stop: Stop?
    private var hasStopped = false
    private var callsTools = false
    private var usage: Usage?
    private var extras = JSONObject()
    private var tier: String?
    public private(set) var losses = LossReport()

    init(for context: ReplyContext) { names = ToolNames(context.request) }

    private var isSame: Bool { origin == .converse }

    public mutating func encode(_ event: ReplyEvent, into out: inout FrameWriter) {
        guard !isOver else { return }
        if let choice = event.choice, choice != 0 {
            losses.drop("n")
            return
        }
        losses.dropUnplaced(of: event, from: origin, for: .converse)
        var passed: [ReplyEvent] = []
        sequence.pass(event) { passed.append($0) }
        losses.add(sequence.losses)
        for event in passed { write(event, &out) }
    }

    public mutating func fail(_ error: GatewayErrorBody, status: Int, into out: inout FrameWriter) {
        guard !isOver else { return }
        isOver = true
        out.raw(error.converseEvent(status: status))
    }

    private mutating func write(_ event: ReplyEvent, _ out: inout FrameWriter) {
        switch event {
        case .began(let head):
            origin = head.origin
            tier = head.serviceTier
            take(head.extras)
            begin(&out)
        case .partBegan(_, let part):
            begin(&out)
            open = Open(part: names.restored(part))
            if part.isToolCall { callsTools = true }
        case .delta(_, let delta): write(delta, &out)
        case .partEnded: endPart(&out)
        case .stopped(_, let reason):
            stop = reason
            writeStop(&out)
        case .usage(let used): usage = used
        case .serviceTier(let late): tier = late
        case .extras(let more): take(more)
        case .logprobs: losses.drop("logprobs")
        case .choiceExtras, .keepAlive: break
        case .failed(let error):
            isOver = true
            let name = (isSame ? error.type : nil) ?? error.kind.converseStreamException
            out.raw(EventStream.exception(name, ["message": .string(error.message)]))
        case .ended: end(&out)
        }
    }

    private mutating func take(_ more: JSONObject) {
        if isSame { for (key, value) in more { extras[key] = value } }
    }

    private mutating func begin(_ out: inout FrameWriter) {
        guard !hasBegun else { return }
        hasBegun = true
        out.raw(EventStream.event("messageStart", ["role": "assistant"]))
    }

    // MARK: - Parts

    private mutating func write(_ delta: PartDelta, _ out: inout FrameWriter) {
        guard var now = open else { return }
        open = nil
        defer { open = now }
        switch (delta, now.part.content) {
        case (.text(let more), .text), (.text(let more), .refusal):
            if !more.isEmpty { block(["text": .string(more)], &now, &out) }
        case (.citation(let citation), .text):
            block(["citation": ConverseCitations.written(citation)], &now, &out)
        case (.reasoning(let more), .reasoning):
            if !more.isEmpty { block(["reasoningContent": ["text": .string(more)]], &now, &out) }
        case (.summary(let index, let more), .reasoning):
            // Summaries are apart by a blank line, as in ``Reasoning/visibleText``.
            let words = (index > now.summary && now.hasWritten ? "\n\n" : "") + more
            now.summary = max(now.summary, index)
            if !words.isEmpty { block(["reasoningContent": ["text": .string(words)]], &now, &out) }
        case (.arguments(let more), .toolCall):
            // Some models write `null` where there are no arguments; an input is an object.
            if !more.isEmpty, now.hasInput || more != "null" { input(more, &now, &out) }
        case (.proof, .reasoning), (.replaced, _), (.media, _), (.transcript, _), (.extras, _): now.held.append(delta)
        case (.proof(let proof), _): hang(proof, &now, &out)
        default: break
        }
    }

    /// Writes a delta of the open block, and numbers it first.
    private mutating func block(_ delta: JSON, _ now: inout Open, _ out: inout FrameWriter) {
        let index = Int64(number(&now))
        out.raw(EventStream.event("contentBlockDelta", ["contentBlockIndex": .int(index), "delta": delta]))
    }

    private mutating func number(_ now: inout Open) -> Int {
        if let index = now.index { return index }
        defer { blockCount += 1 }
        now.index = blockCount
        return blockCount
    }

    private mutating func start(_ start: JSON, _ now: inout Open, _ out: inout FrameWriter) {
        let index = Int64(number(&now))
        out.raw(EventStream.event("contentBlockStart", ["contentBlockIndex": .int(index), "start": start]))
    }

    private mutating func startCall(_ now: inout Open, _ out: inout FrameWriter) {
        guard now.index == nil, let call = now.part.toolCall else { return }
        var tool: JSONObject = [
            "toolUseId": .string(isSame ? call.id : ToolIDs.legal(call.id)),
            "name": .string(ChatToolNames.flat(call.name, in: call.namespace)),
        ]
        if isSame { for (key, value) in now.part.extras { tool[key] = value } }
        start(["toolUse": .object(tool)], &now, &out)
    }

    /// A call of Google's waits for its end: the proof that hangs on it stands before it.
    private mutating func input(_ more: String, _ now: inout Open, _ out: inout FrameWriter) {
        guard origin != .generateContent else {
            now.input += more
            return
        }
        startCall(&now, &out)
        block(["toolUse": ["input": .string(more)]], &now, &out)
        now.hasInput = true
    }

    /// A block of its own before the part; behind it, where the part is on its way already.
    private mutating func hang(_ proof: Proof, _ now: inout Open, _ out: inout FrameWriter) {
        if now.hasWritten {
            now.behind = proof
        } else {
            writeHanging(proof, onPrevious: false, &out)
        }
    }

    private mutating func writeHanging(_ proof: Proof, onPrevious: Bool, _ out: inout FrameWriter) {
        let index = JSON.int(Int64(blockCount))
        blockCount += 1
        let content = ConversePartWriter.hanging(proof, onPrevious: onPrevious)
        out.raw(EventStream.event("contentBlockDelta", ["contentBlockIndex": index, "delta": content]))
        out.raw(EventStream.event("contentBlockStop", ["contentBlockIndex": index]))
    }

    private mutating func endPart(_ out: inout FrameWriter) {
        guard var now = open else { return }
        open = nil
        switch now.part.content {
        // An empty text of Bedrock's own stays.
        case .text, .refusal: if !now.hasWritten, isSame { block(["text": ""], &now, &out) }
        case .reasoning: endReasoning(&now, &out)
        case .toolCall:
            startCall(&now, &out)
            if !now.hasInput {
                block(["toolUse": ["input": .string(now.input.isEmpty ? "{}" : now.input)]], &now, &out)
            }
        case .media, .serverTool, .toolResult, .native: writeWhole(&now, &out)
        }
        if let index = now.index {
            out.raw(EventStream.event("contentBlockStop", ["contentBlockIndex": .int(Int64(index))]))
        }
        if let proof = now.behind { writeHanging(proof, onPrevious: true, &out) }
    }

    private mutating func endReasoning(_ now: inout Open, _ out: inout FrameWriter) {
        let proofs = now.held.compactMap { delta -> Proof? in if case .proof(let proof) = delta { proof } else { nil } }
        guard let proof = proofs.last else {
            if !now.hasWritten, isSame { block(["reasoningContent": ["text": ""]], &now, &out) }
            return
        }
        var reasoning = Reasoning(now.hasWritten ? "seen" : "", proof: proof)
        if case .reasoning(let begun) = now.part.content { reasoning.isRedacted = begun.isRedacted }
        guard let content = ConversePartWriter.block(reasoning, [:])?["reasoningContent"] else { return }
        if let redacted = content["redactedContent"], !now.hasWritten {
            block(["reasoningContent": ["redactedContent": redacted]], &now, &out)
        } else {
            let signature = content["reasoningText"]?["signature"]?.string ?? proof.value
            block(["reasoningContent": ["signature": .string(signature)]], &now, &out)
        }
    }

    /// Parts that come in one piece.
    private mutating func writeWhole(_ now: inout Open, _ out: inout FrameWriter) {
        var part = now.part
        for delta in now.held { part.add(delta) }
        if let proof = part.proof { writeHanging(proof, onPrevious: false, &out) }
        part.proof = nil
        let blocks = ConversePartWriter.blocks(of: part, isSame: isSame, &losses)
        guard let json = blocks.last else { return }
        if var tool = json["toolUse"] {
            let input = tool["input"]?.text ?? "{}"
            tool["input"] = nil
            start(["toolUse": tool], &now, &out)
            block(["toolUse": ["input": .string(input)]], &now, &out)
        } else if var result = json["toolResult"] {
            let content = result["content"] ?? []
            result["content"] = nil
            start(["toolResult": result], &now, &out)
            block(["toolResult": content], &now, &out)
        } else if let image = json["image"], let source = image["source"] {
            start(["image": ["format": image["format"] ?? "png"]], &now, &out)
            block(["image": ["source": source]], &now, &out)
        } else if let text = json["text"] {
            block(["text": text], &now, &out)
        } else if case .native(let native) = part.content {
            start(native, &now, &out)
        } else {
            losses.drop("content")
        }
    }

    // MARK: - The end

    private mutating func writeStop(_ out: inout FrameWriter) {
        guard !hasStopped else { return }
        hasStopped = true
        begin(&out)
        var body: JSONObject = [
            "stopReason": .string(ConverseStop.written(stop, origin: origin, callsTools: callsTools))
        ]
        var fields = extras["additionalModelResponseFields"]
        extras["additionalModelResponseFields"] = nil
        if let sequence = stop?.sequence { fields = ConversePartWriter.fields(fields, with: sequence) }
        if let fields { body["additionalModelResponseFields"] = fields }
        out.raw(EventStream.event("messageStop", .object(body)))
    }

    private mutating func end(_ out: inout FrameWriter) {
        isOver = true
        writeStop(&out)
        var metadata: JSONObject = [
            "usage": ConverseUsage.written(usage ?? Usage(.zero), origin: origin, &losses), "metrics": ["latencyMs": 0],
        ]
        if let tier = ConversePartWriter.tier(tier, isSame: isSame) { metadata["serviceTier"] = tier }
        if isSame {
            if usage == nil { metadata["usage"] = nil }
            metadata["metrics"] = nil
            for (key, value) in extras { metadata[key] = value }
        }
        if !metadata.isEmpty { out.raw(EventStream.event("metadata", .object(metadata))) }
    }
}
