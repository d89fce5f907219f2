import JSONText

/// Reads the events of a Messages stream; those of Bedrock's invoke, too, whose chunks it unwraps.
///
/// `message_start`, then each block from `content_block_start` to `content_block_stop`, then `message_delta`, then
/// `message_stop`; `ping` anywhere (https://docs.claude.com/en/docs/build-with-claude/streaming, read on 2026-11-29).
public struct MessagesStreamDecoder: ReplyStreamDecoder {
    private struct Block: Sendable {
        var place: PartPlace
        var part: Part
        /// The block as it began, for those that are only understood in whole.
        var native: JSONObject
        var input = ""
        var changes = JSONObject()
    }

    private var hasBegun = false
    private var isOver = false
    private var stop: Stop?
    private var tier: String?
    /// Those of `message_start`: a whole message that is written as a stream has them there.
    private var stopDetails: JSON?
    private var partCount = 0
    /// By the provider's index; mostly one is open.
    private var open: [Int64: Block] = [:]
    private var counts = MessagesCounts()
    private var nativeUsage = JSONObject()

    /// Before the first frame of one stream; another stream needs another decoder.
    public init() {}

    public mutating func decode(_ frame: StreamFrame, into events: inout [ReplyEvent]) throws(ReplyError) {
        switch try BedrockInvokeStream.unwrapped(frame) {
        case .json(let event, let name): try decode(event, name, &events)
        case .keepAlive: if !isOver { events.append(.keepAlive) }
        case .done: break
        case .failed(let error): fail(error, &events)
        case .exception(let type, let payload):
            let message = payload["message"]?.string ?? payload["Message"]?.string ?? payload.string ?? ""
            fail(ProviderError(message: message, type: type), &events)
        }
    }

    public mutating func finish(into events: inout [ReplyEvent]) {
        // A stream that told why it stopped is complete, though `message_stop` is missing.
        guard hasBegun, !isOver, stop != nil else { return }
        end(&events)
    }

    // MARK: - Events

    private mutating func decode(
        _ event: JSON, _ name: String?, _ events: inout [ReplyEvent]
    ) throws(ReplyError) {
        guard !isOver else { return }
        guard event.object != nil else { throw .malformed("an event is no object") }
        guard let type = event["type"]?.string ?? name else {
            if event["error"] != nil { return fail(MessagesReplyDecoder.failure(event), &events) }
            throw .malformed("an event has no type")
        }
        switch type {
        case "message_start": begin(event["message"] ?? .null, &events)
        case "content_block_start": try beginBlock(event, &events)
        case "content_block_delta": try addDelta(event, &events)
        case "content_block_stop":
            guard let index = event["index"]?.int, let block = open.removeValue(forKey: index) else { return }
            end(block, &events)
        case "message_delta": try addMessageDelta(event, &events)
        case "message_stop":
            beginIfNeeded(&events)
            end(&events)
        case "ping": events.append(.keepAlive)
        case "error": fail(MessagesReplyDecoder.failure(event), &events)
        default:
            // New kinds of events may come; "your code should handle unknown event types gracefully" (the same page).
            if event["error"] != nil { fail(MessagesReplyDecoder.failure(event), &events) }
        }
    }

    private mutating func begin(_ message: JSON, _ events: inout [ReplyEvent]) {
        guard !hasBegun else { return }
        hasBegun = true
        stopDetails = message["stop_details"]
        var head = ReplyHead(origin: .messages, id: message["id"]?.string, model: message["model"]?.string)
        tier = message["usage"]?["service_tier"]?.string
        head.serviceTier = tier
        head.extras = (message.object ?? [:]).present(
            beside: ["id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"])
        events.append(.began(head))
        add(usage: message["usage"], &events)
    }

    private mutating func beginIfNeeded(_ events: inout [ReplyEvent]) {
        if !hasBegun { begin(.null, &events) }
    }

    private mutating func add(usage: JSON?, _ events: inout [ReplyEvent]) {
        guard let usage, let object = usage.object else { return }
        counts.add(usage)
        for (key, value) in object where !value.isNull { nativeUsage[key] = value }
        if let told = usage["service_tier"]?.string, told != tier {
            tier = told
            events.append(.serviceTier(told))
        }
        if let tokens = counts.tokens { events.append(.usage(Usage(tokens, native: .object(nativeUsage)))) }
    }

    private mutating func beginBlock(_ event: JSON, _ events: inout [ReplyEvent]) throws(ReplyError) {
        beginIfNeeded(&events)
        guard let index = event["index"]?.int, let content = event["content_block"], let native = content.object else {
            throw .malformed("content_block_start without index or block")
        }
        guard stop == nil else { throw .malformed("a block begins after the message stopped") }
        if let old = open.removeValue(forKey: index) { end(old, &events) }
        var part = MessagesReplyDecoder.part(content)
        // A call's input comes in deltas, but for servers that send it whole.
        if case .serverTool(var use) = part.content, use.phase == .call {
            use.input = ""
            part.content = .serverTool(use)
        }
        let place = PartPlace(part: partCount)
        partCount += 1
        var opening = part.opening
        if case .text = part.content { opening.extras["citations"] = nil }
        events.append(.partBegan(place, opening))
        if !part.isToolCall { for delta in part.deltas { events.append(.delta(place, delta)) } }
        open[index] = Block(place: place, part: opening, native: native)
    }

    private mutating func addDelta(_ event: JSON, _ events: inout [ReplyEvent]) throws(ReplyError) {
        // The block itself stays where it is: its input is appended to in place.
        guard let index = event["index"]?.int, let place = open[index]?.place, let content = open[index]?.part.content
        else { throw .malformed("a delta of a block that is not open") }
        guard let delta = event["delta"], delta.object != nil else { throw .malformed("a delta is no object") }
        func words(_ name: String) throws(ReplyError) -> String? {
            guard let value = delta[name], !value.isNull else { return nil }
            guard let text = value.string else { throw .malformed("'\(name)' of a delta is no string") }
            return text.isEmpty ? nil : text
        }
        func pass(_ delta: PartDelta) throws(ReplyError) {
            // To pass over it would lose it without a word.
            guard delta.fits(content) else { throw .malformed("a delta of another kind than its block") }
            events.append(.delta(place, delta))
        }
        switch delta["type"]?.string {
        case "input_json_delta"
        where PartDelta.replaced(content).fits(content) && !PartDelta.arguments("").fits(content):
            // Of a block that nobody knows: it is whole when it ends.
            if let more = try words("partial_json") { open[index]?.input += more }
        case "text_delta": if let text = try words("text") { try pass(.text(text)) }
        case "thinking_delta": if let text = try words("thinking") { try pass(.reasoning(text)) }
        case "signature_delta":
            // "sent just before content_block_stop": whole, not in pieces.
            if let value = try words("signature") { try pass(.proof(Proof(.anthropic, .signature, value))) }
        case "input_json_delta":
            if let text = try words("partial_json") {
                open[index]?.input += text
                try pass(.arguments(text))
            }
        case "citations_delta":
            if let citation = delta["citation"] { try pass(.citation(MessagesBlocks.citation(citation))) }
        default:
            // Of a block that is only understood in whole, such as `compaction_delta`.
            for (key, value) in delta.object ?? [:] where key != "type" {
                if var text = open[index]?.changes[key]?.string, let more = value.string {
                    open[index]?.changes[key] = .null
                    text += more
                    open[index]?.changes[key] = .string(text)
                } else if !value.isNull {
                    open[index]?.changes[key] = value
                }
            }
        }
    }

    private func end(_ block: Block, _ events: inout [ReplyEvent]) {
        switch block.part.content {
        case .toolCall:
            if block.input.isEmpty {
                let whole = block.native["input"] ?? .object([:])
                events.append(.delta(block.place, .arguments(whole.object == nil ? "{}" : whole.text)))
            }
        case .serverTool(let use) where use.phase == .call:
            var native = block.native
            if !block.input.isEmpty { native["input"] = (try? JSON.read(block.input)) ?? .string(block.input) }
            let whole = MessagesReplyDecoder.part(.object(native))
            if case .serverTool(var call) = whole.content {
                if !block.input.isEmpty { call.input = block.input }
                events.append(.delta(block.place, .replaced(.serverTool(call))))
            }
        case .native, .serverTool:
            guard !block.changes.isEmpty || !block.input.isEmpty else { break }
            var native = block.native
            if !block.input.isEmpty { native["input"] = (try? JSON.parse(block.input)) ?? .string(block.input) }
            for (key, value) in block.changes { native[key] = value }
            events.append(.delta(block.place, .replaced(MessagesReplyDecoder.part(.object(native)).content)))
        default: break
        }
        events.append(.partEnded(block.place))
    }

    private mutating func endBlocks(_ events: inout [ReplyEvent]) {
        for block in open.values.sorted(by: { $0.place.part < $1.place.part }) { end(block, &events) }
        open = [:]
    }

    private mutating func addMessageDelta(_ event: JSON, _ events: inout [ReplyEvent]) throws(ReplyError) {
        beginIfNeeded(&events)
        endBlocks(&events)
        var extras = (event.object ?? [:]).present(beside: ["type", "delta", "usage"])
        let delta = event["delta"]
        if let delta, !delta.isNull, delta.object == nil { throw .malformed("the delta of the message is no object") }
        for (key, value) in (delta?.object ?? [:]).present(beside: ["stop_reason", "stop_sequence"]) {
            extras[key] = value
        }
        if !extras.isEmpty { events.append(.extras(extras)) }
        if stop == nil, let delta, let native = delta["stop_reason"]?.string {
            let own = delta["stop_details"]
            let told = MessagesStop.stop(native, of: delta, own?.isNull == false ? own : stopDetails)
            stop = told
            events.append(.stopped(choice: 0, told))
        }
        add(usage: event["usage"], &events)
    }

    private mutating func end(_ events: inout [ReplyEvent]) {
        endBlocks(&events)
        isOver = true
        events.append(.ended)
    }

    private mutating func fail(_ error: ProviderError, _ events: inout [ReplyEvent]) {
        guard !isOver else { return }
        isOver = true
        events.append(.failed(error))
    }
}
