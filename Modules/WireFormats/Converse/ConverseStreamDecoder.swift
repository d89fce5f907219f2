import JSONText

/// Reads the events of `ConverseStream`.
///
/// Rules
/// 1. Text, reasoning and citations have no start: their first delta begins the part.
/// 2. What comes under a block's index and is of another kind than what is open there begins a new part.
/// 3. A proof is told when its block ends: its pieces may come in several deltas.
/// 4. The answer is complete when both `messageStop` and `metadata` were seen, or at the end of the bytes after a
///    `messageStop`. (Recorders that rebuilt streams have them in either order, and without `messageStart`.)
public struct ConverseStreamDecoder: ReplyStreamDecoder {
    private enum Kind {
        case text, reasoning, redacted, toolUse, serverCall, serverResult, image, native
    }

    private struct Block {
        var kind: Kind
        var place: PartPlace
        var signature = ""
        var redacted: [UInt8] = []
        var input = ""
        /// What the part's start said.
        var start: JSON
        var results: [JSON] = []
        var image: [UInt8] = []
        var extras = JSONObject()
    }

    private var blocks: [Int64: Block] = [:]
    private var partCount = 0
    private var hasBegun = false
    private var hasStopped = false
    private var hasMetadata = false
    /// What `messageStop` said of it; the counts come behind.
    private var thinkingTokens: Int64?
    private var isOver = false

    init() {}

    public mutating func decode(_ frame: StreamFrame, into events: inout [ReplyEvent]) throws(ReplyError) {
        guard !isOver else { return }
        switch frame {
        case .keepAlive, .done: events.append(.keepAlive)
        case .failed(let error):
            isOver = true
            events.append(.failed(error))
        case .exception(let type, let payload): fail(type, payload, &events)
        case .json(let body, let event):
            // Frames without a name (rebuilt by a recorder) have the event's as their only member.
            var name = event
            var body = body
            if name == nil, let only = body.object?.first(where: { _ in true }) {
                (name, body) = (only.key, only.value)
            }
            guard let name else { throw .malformed("an event has no name") }
            do throws(ConverseFault) {
                try decode(name, ConverseMember(body, at: name), &events)
            } catch {
                throw error.replyError
            }
        }
    }

    public mutating func finish(into events: inout [ReplyEvent]) {
        if hasStopped, !isOver { end(&events) }
    }

    private mutating func decode(
        _ name: String, _ body: ConverseMember, _ events: inout [ReplyEvent]
    ) throws(ConverseFault) {
        if name.hasSuffix("Exception") {
            fail(name, body.value, &events)
            return
        }
        if !hasBegun {
            hasBegun = true
            events.append(.began(ReplyHead(origin: .converse)))
        }
        if hasStopped, name.hasPrefix("contentBlock") {
            throw body.invalid("it comes after the message stopped")
        }
        switch name {
        case "messageStart": break
        case "contentBlockStart": try start(body, &events)
        case "contentBlockDelta": try delta(body, &events)
        case "contentBlockStop": stop(try index(body), &events)
        case "messageStop": try stopMessage(body, &events)
        case "metadata": try readMetadata(body, &events)
        default: events.append(.extras([name: body.value]))
        }
    }

    private func index(_ body: ConverseMember) throws(ConverseFault) -> Int64 {
        try body.required("contentBlockIndex").int()
    }

    // MARK: - Parts

    private mutating func start(_ body: ConverseMember, _ events: inout [ReplyEvent]) throws(ConverseFault) {
        let index = try index(body)
        stop(index, &events)
        guard let start = body["start"] else { return }
        let value = try start.object()
        if let tool = start["toolUse"] {
            let id = try tool.required("toolUseId").string()
            let name = try tool.required("name").string()
            if tool["type"]?.value == "server_tool_use" {
                let use = ServerToolUse(
                    ConverseServerTools.kind(of: name), .call, id: id, name: name,
                    native: ["toolUse": tool.value], nativeDialect: .converse)
                begin(index, .serverCall, Part(.serverTool(use)), tool.value, &events)
            } else {
                var part = Part(.toolCall(ToolCall(id: id, name: name)))
                part.extras = tool.extras(beside: ["toolUseId", "name"])
                if part.extras["type"] == "tool_use" { part.extras["type"] = nil }
                begin(index, .toolUse, part, tool.value, &events)
            }
        } else if let result = start["toolResult"] {
            let use = ConverseStreamDecoder.result(result.value, [])
            begin(index, .serverResult, Part(.serverTool(use)), result.value, &events)
        } else if let image = start["image"] {
            let format = image["format"]?.value.string ?? ""
            let media = Media(
                .image, .base64(""), mediaType: MediaFormats.mediaType(of: format, .image))
            begin(index, .image, Part(.media(media)), image.value, &events)
        } else if !value.isEmpty {
            begin(index, .native, Part(.native(start.value)), start.value, &events)
        }
    }

    private static func result(_ start: JSON, _ content: [JSON]) -> ServerToolUse {
        var native = start
        native["content"] = .array(content)
        return ServerToolUse(
            ConverseServerTools.kind(of: start["type"]?.string ?? ""), .result, id: start["toolUseId"]?.string,
            native: ["toolResult": native], nativeDialect: .converse)
    }

    private mutating func begin(
        _ index: Int64, _ kind: Kind, _ part: Part, _ start: JSON, _ events: inout [ReplyEvent]
    ) {
        let place = PartPlace(part: partCount)
        partCount += 1
        blocks[index] = Block(kind: kind, place: place, start: start)
        events.append(.partBegan(place, part))
    }

    private mutating func delta(_ body: ConverseMember, _ events: inout [ReplyEvent]) throws(ConverseFault) {
        let index = try index(body)
        let delta = try body.required("delta")
        _ = try delta.object()
        if let text = delta["text"] {
            open(index, .text, .text(""), &events)
            send(index, .text(try text.string()), &events)
        } else if let citation = delta["citation"] {
            open(index, .text, .text(""), &events)
            send(index, .citation(ConverseCitations.read(citation.value)), &events)
        } else if let reasoning = delta["reasoningContent"] {
            try reason(index, reasoning, &events)
        } else if let tool = delta["toolUse"] {
            let input = try tool["input"]?.string() ?? ""
            guard let kind = blocks[index]?.kind, kind == .toolUse || kind == .serverCall else {
                throw tool.invalid("no tool use is open under this index")
            }
            blocks[index]?.input += input
            if !input.isEmpty { send(index, .arguments(input), &events) }
        } else if let results = delta["toolResult"] {
            blocks[index]?.results += results.value.array ?? []
        } else if let image = delta["image"] {
            let bytes = image["source"]?["bytes"]?.value.string
            blocks[index]?.image += bytes.flatMap { Base64.decoded($0.utf8) } ?? []
        } else if blocks[index] != nil {
            send(index, .extras(delta.extras(beside: [])), &events)
        }
    }

    private mutating func reason(
        _ index: Int64, _ reasoning: ConverseMember, _ events: inout [ReplyEvent]
    ) throws(ConverseFault) {
        if let redacted = reasoning["redactedContent"] {
            open(index, .redacted, Part(.reasoning(Reasoning(isRedacted: true))), &events)
            guard let bytes = Base64.decoded(try redacted.string().utf8) else {
                throw redacted.invalid("it is no base64")
            }
            blocks[index]?.redacted += bytes
            return
        }
        open(index, .reasoning, Part(.reasoning(Reasoning())), &events)
        if let text = try reasoning["text"]?.string(), !text.isEmpty { send(index, .reasoning(text), &events) }
        if let signature = try reasoning["signature"]?.string() { blocks[index]?.signature += signature }
    }

    /// Begins a part under this index, unless one of the kind is open there.
    private mutating func open(_ index: Int64, _ kind: Kind, _ part: Part, _ events: inout [ReplyEvent]) {
        if blocks[index]?.kind == kind { return }
        stop(index, &events)
        begin(index, kind, part, .null, &events)
    }

    private func send(_ index: Int64, _ delta: PartDelta, _ events: inout [ReplyEvent]) {
        if let place = blocks[index]?.place { events.append(.delta(place, delta)) }
    }

    private mutating func stop(_ index: Int64, _ events: inout [ReplyEvent]) {
        guard let block = blocks.removeValue(forKey: index) else { return }
        func add(_ delta: PartDelta) { events.append(.delta(block.place, delta)) }
        switch block.kind {
        case .text, .native: break
        case .reasoning:
            if !block.signature.isEmpty { add(.proof(Proof(.anthropic, .signature, block.signature))) }
        case .redacted:
            let value = ConverseProofs.value(ofRedacted: Base64.encoded(block.redacted))
            add(.proof(Proof(.anthropic, .encrypted, value)))
        // A whole reply has `{}` there.
        case .toolUse: if block.input.isEmpty { add(.arguments("{}")) }
        case .serverCall:
            var native = block.start
            native["input"] = (try? JSON.read(block.input)) ?? (block.input.isEmpty ? [:] : .string(block.input))
            let name = native["name"]?.string
            add(
                .replaced(
                    .serverTool(
                        ServerToolUse(
                            ConverseServerTools.kind(of: name ?? ""), .call, id: native["toolUseId"]?.string,
                            name: name,
                            input: native["input"]?.text ?? "", native: ["toolUse": native], nativeDialect: .converse)))
            )
        case .serverResult: add(.replaced(.serverTool(ConverseStreamDecoder.result(block.start, block.results))))
        case .image:
            let format = block.start["format"]?.string ?? ""
            let type = MediaFormats.mediaType(of: format, .image)
            add(.replaced(.media(Media(.image, .base64(Base64.encoded(block.image)), mediaType: type))))
        }
        events.append(.partEnded(block.place))
    }

    // MARK: - The end

    private mutating func stopMessage(_ body: ConverseMember, _ events: inout [ReplyEvent]) throws(ConverseFault) {
        guard !hasStopped else { return }
        hasStopped = true
        for index in blocks.sorted(by: { $0.value.place.part < $1.value.place.part }).map(\.key) {
            stop(index, &events)
        }
        var extras = body.extras(beside: ["stopReason"])
        var sequence: String?
        if var fields = extras["additionalModelResponseFields"] {
            sequence = ConverseStop.takeSequence(from: &fields)
            thinkingTokens = ConverseUsage.thinkingTokens(in: fields)
            extras["additionalModelResponseFields"] = fields.object?.isEmpty == true ? JSON?.none : fields
        }
        if !extras.isEmpty { events.append(.extras(extras)) }
        if let word = try body["stopReason"]?.string() {
            events.append(.stopped(choice: 0, ConverseStop.read(word, sequence: sequence)))
        }
        if hasMetadata { end(&events) }
    }

    private mutating func readMetadata(_ body: ConverseMember, _ events: inout [ReplyEvent]) throws(ConverseFault) {
        hasMetadata = true
        if let usage = body["usage"] {
            events.append(.usage(ConverseUsage.read(usage.value, thinking: thinkingTokens)))
        }
        // The tier stands at the end, and a reply's head is long gone.
        if let tier = try body["serviceTier"]?["type"]?.string() { events.append(.serviceTier(tier)) }
        let extras = body.extras(beside: ["usage", "serviceTier"])
        if !extras.isEmpty { events.append(.extras(extras)) }
        if hasStopped { end(&events) }
    }

    private mutating func end(_ events: inout [ReplyEvent]) {
        isOver = true
        events.append(.ended)
    }

    private mutating func fail(_ type: String, _ payload: JSON, _ events: inout [ReplyEvent]) {
        isOver = true
        let message =
            payload["message"]?.string ?? payload["Message"]?.string ?? payload["originalMessage"]?.string
            ?? payload.string ?? ""
        let status = payload["originalStatusCode"]?.int.map { String($0) }
        events.append(.failed(ProviderError(message: message, type: type, code: status)))
    }
}
