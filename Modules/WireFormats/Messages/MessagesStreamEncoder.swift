import JSONText

/// Writes a stream for a Messages client.
///
/// Rules
/// 1. `message_start` waits for what follows `began`: providers that tell their input tokens early have them in it, as
///    Anthropic does. Where they come at the end, it says 0 and `message_delta` has them all: the SDKs take every count
///    that stands there.
/// 2. Blocks lie one after the other, numbered from 0. A text or thinking of another dialect opens its block with its
///    first letter, so that there is no empty one.
/// 3. What only makes sense in whole (results of tools, redacted thinking, custom calls, calls of Gemini, whose proof
///    goes before them) waits for its end and then is one block.
/// 4. `message_delta` and `message_stop` come when the answer has ended, because usage may come after the stop.
public struct MessagesStreamEncoder: ReplyStreamEncoder {
    private struct Open: Sendable {
        var part: Part
        /// Its block is open, and deltas go out as they come; else they are gathered in ``part``.
        var isWritten = false
        var proof: Proof?
        var summary = 0
        var hasInput = false
        var isHeld = false
    }

    private let context: ReplyContext
    private var blocks = MessagesReplyBlocks()
    private var sequence = SequentialParts()
    private var head: ReplyHead?
    private var hasStarted = false
    private var isOver = false
    private var index: Int64 = 0
    private var open: Open?
    private var stop: Stop?
    private var usage: Usage?
    private var extras = JSONObject()
    private var hasCalls = false

    init(_ context: ReplyContext) { self.context = context }

    public var losses: LossReport { blocks.losses }

    public mutating func encode(_ event: ReplyEvent, into out: inout FrameWriter) {
        guard !isOver else { return }
        if let choice = event.choice, choice != 0 {
            blocks.losses.drop("n")
            return
        }
        blocks.losses.dropUnplaced(
            of: event, from: head?.origin ?? .messages, for: .messages, toldTier: head?.serviceTier)
        // Taken out, so that the closure may use the rest of the encoder.
        var ready: [ReplyEvent] = []
        sequence.pass(event) { ready.append($0) }
        blocks.losses.add(sequence.losses)
        for event in ready { write(event, &out) }
    }

    public mutating func fail(_ error: GatewayErrorBody, status: Int, into out: inout FrameWriter) {
        guard !isOver else { return }
        isOver = true
        out.raw(error.anthropicEvent(status: status, requestID: context.requestID))
    }

    private mutating func write(_ event: ReplyEvent, _ out: inout FrameWriter) {
        switch event {
        case .began(let head):
            if self.head == nil { self.head = head }
            blocks.isOwn = head.origin == .messages
        case .usage(let usage): self.usage = usage
        case .extras(let more): for (key, value) in more { extras[key] = value }
        // Its place is the head.
        case .serviceTier, .choiceExtras: break
        case .logprobs: blocks.losses.drop("logprobs")
        case .keepAlive:
            start(&out)
            out.sse(["type": "ping"], event: "ping")
        case .partBegan(_, let part):
            start(&out)
            begin(part, &out)
        case .delta(_, let delta): add(delta, &out)
        case .partEnded: end(&out)
        case .stopped(_, let stop): self.stop = stop
        case .failed(let error):
            isOver = true
            let body = GatewayErrorBody(error)
            let status = error.kind.status(for: .messages, provider: 500)
            out.raw(body.anthropicEvent(status: status, requestID: context.requestID))
        case .ended: finish(&out)
        }
    }

    // MARK: - The message

    private mutating func start(_ out: inout FrameWriter) {
        guard !hasStarted, let head else { return }
        hasStarted = true
        var message = MessagesReplyEncoder.head(id: head.id, isOwn: blocks.isOwn, context)
        message["usage"] = MessagesReplyEncoder.usage(usage, head.serviceTier, isOwn: blocks.isOwn)
        let whole = blocks.isOwn ? MessagesRead.joined(message, head.extras) : .object(message)
        out.sse(["type": "message_start", "message": whole], event: "message_start")
    }

    private mutating func finish(_ out: inout FrameWriter) {
        isOver = true
        if head == nil { head = ReplyHead(origin: .messages) }
        start(&out)
        var delta = JSONObject()
        let word = MessagesStop.word(stop, isOwn: blocks.isOwn, hasCalls: hasCalls)
        delta["stop_reason"] = blocks.isOwn && stop == nil ? .null : .string(word)
        delta["stop_sequence"] = stop?.sequence.map { .string($0) } ?? .null
        if !blocks.isOwn { delta["stop_details"] = MessagesStop.details(of: stop) }
        var event: JSONObject = ["type": "message_delta"]
        var beside = JSONObject()
        if blocks.isOwn {
            for (key, value) in extras {
                if key == "container" || key == "stop_details" { delta[key] = value } else { beside[key] = value }
            }
        }
        event["delta"] = .object(delta)
        event["usage"] = MessagesUsage.json(usage, isOwn: blocks.isOwn, searches: blocks.searches)
        out.sse(MessagesRead.joined(event, beside), event: "message_delta")
        out.sse(["type": "message_stop"], event: "message_stop")
    }

    // MARK: - Parts

    private mutating func begin(_ part: Part, _ out: inout FrameWriter) {
        open = Open(part: part)
        switch part.content {
        case .text: if blocks.isOwn { openBlock(["type": "text", "text": ""], &out) }
        case .refusal, .reasoning: break
        case .toolCall(let call):
            hasCalls = true
            if call.kind == .custom || head?.origin == .generateContent {
                open?.isHeld = true
            } else {
                openBlock(
                    [
                        "type": "tool_use", "id": .string(call.id),
                        "name": .string(MessagesRequestEncoder.name(call.name, in: call.namespace)), "input": [:],
                    ], &out)
            }
        case .serverTool(let use):
            guard use.nativeDialect == .messages, use.phase == .call, var block = use.native.object else {
                open?.isHeld = true
                return
            }
            block["input"] = [:]
            openBlock(block, &out)
        case .media, .toolResult, .native: open?.isHeld = true
        }
    }

    private mutating func openBlock(_ block: JSONObject, _ out: inout FrameWriter) {
        guard let part = open?.part, open?.isWritten == false else { return }
        open?.isWritten = true
        let whole = blocks.isOwn ? MessagesRead.joined(block, part.extras) : .object(block)
        startBlock(whole, &out)
    }

    private mutating func startBlock(_ block: JSON, _ out: inout FrameWriter) {
        out.sse(
            ["type": "content_block_start", "index": .int(index), "content_block": block],
            event: "content_block_start")
    }

    private mutating func delta(_ type: String, _ name: String, _ value: JSON, _ out: inout FrameWriter) {
        let delta: JSON = .object(["type": .string(type), name: value])
        out.sse(
            ["type": "content_block_delta", "index": .int(index), "delta": delta], event: "content_block_delta")
    }

    private mutating func stopBlock(_ out: inout FrameWriter) {
        out.sse(["type": "content_block_stop", "index": .int(index)], event: "content_block_stop")
        index += 1
    }

    private mutating func add(_ change: PartDelta, _ out: inout FrameWriter) {
        guard open != nil else { return }
        if open?.isHeld == true {
            open?.part.add(change)
            return
        }
        switch change {
        case .text(let text):
            guard !text.isEmpty else { return }
            openBlock(["type": "text", "text": ""], &out)
            delta("text_delta", "text", .string(text), &out)
        case .citation(let citation):
            guard let json = blocks.citation(citation) else { return }
            openBlock(["type": "text", "text": ""], &out)
            delta("citations_delta", "citation", json, &out)
        case .reasoning(let text): think(text, &out)
        case .summary(let number, let text):
            guard !text.isEmpty, let before = open?.summary else { return }
            let isNext = number > before && open?.isWritten == true
            open?.summary = number
            open?.part.add(change)
            think(isNext ? "\n\n" + text : text, &out)
        case .proof(let proof): open?.proof = proof
        case .arguments(let text):
            // Some models write `null` where there are no arguments; an input is an object.
            guard !text.isEmpty, open?.hasInput == true || text != "null" else { return }
            open?.hasInput = true
            delta("input_json_delta", "partial_json", .string(text), &out)
        case .replaced(let content): open?.part.content = content
        case .extras, .media, .transcript: break
        }
    }

    private mutating func think(_ text: String, _ out: inout FrameWriter) {
        guard !text.isEmpty else { return }
        openBlock(["type": "thinking", "thinking": "", "signature": ""], &out)
        delta("thinking_delta", "thinking", .string(text), &out)
    }

    private mutating func end(_ out: inout FrameWriter) {
        guard let ended = open else { return }
        if ended.isHeld {
            for block in blocks.blocks(of: ended.part) { writeWhole(block, &out) }
        } else if case .reasoning(var reasoning) = ended.part.content {
            reasoning.proof = ended.proof
            endThinking(reasoning, ended, &out)
        } else if ended.isWritten {
            if case .serverTool(let use) = ended.part.content, !ended.hasInput, let input = use.native["input"],
                input.object?.isEmpty == false
            {
                delta("input_json_delta", "partial_json", .string(input.text), &out)
            }
            stopBlock(&out)
        }
        if let proof = ended.proof, ended.part.reasoning == nil {
            // The part is out already: a proof behind it, which the request's decoder hangs on the part before.
            writeWhole(MessagesReplyBlocks.envelope(ProofEnvelope.Letter(proof)), &out)
        }
        open = nil
    }

    private mutating func endThinking(_ reasoning: Reasoning, _ ended: Open, _ out: inout FrameWriter) {
        guard ended.isWritten else {
            var part = ended.part
            part.content = .reasoning(reasoning)
            for block in blocks.blocks(of: part) { writeWhole(block, &out) }
            return
        }
        if let proof = reasoning.proof {
            let value =
                proof.origin == .anthropic
                ? proof.value : ProofEnvelope.wrapped(MessagesReplyBlocks.letter(proof, reasoning))
            delta("signature_delta", "signature", .string(value), &out)
        }
        stopBlock(&out)
    }

    /// A block that is known in whole; texts, thinking and input still come as deltas, where SDKs look for them.
    private mutating func writeWhole(_ block: JSONObject, _ out: inout FrameWriter) {
        var start = block
        let type = block["type"]?.string
        switch type {
        case "text": start["text"] = ""
        case "thinking":
            start["thinking"] = ""
            start["signature"] = ""
        case "tool_use", "server_tool_use": start["input"] = [:]
        default: break
        }
        if type == "text" { start["citations"] = nil }
        startBlock(.object(start), &out)
        switch type {
        case "text":
            if let text = block["text"], text != "" { delta("text_delta", "text", text, &out) }
            for citation in block["citations"]?.array ?? [] { delta("citations_delta", "citation", citation, &out) }
        case "thinking":
            if let text = block["thinking"], text != "" { delta("thinking_delta", "thinking", text, &out) }
            if let proof = block["signature"], proof != "" { delta("signature_delta", "signature", proof, &out) }
        case "tool_use", "server_tool_use":
            if let input = block["input"], input.object?.isEmpty == false {
                delta("input_json_delta", "partial_json", .string(input.text), &out)
            }
        default: break
        }
        stopBlock(&out)
    }
}
