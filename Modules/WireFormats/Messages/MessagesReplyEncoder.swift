import JSONText

/// Writes a whole reply for a Messages client.
struct MessagesReplyEncoder {
    let context: ReplyContext
    private var blocks = MessagesReplyBlocks()

    init(_ context: ReplyContext) { self.context = context }

    var losses: LossReport { blocks.losses }

    mutating func encode(_ reply: Reply) -> JSON {
        let isOwn = reply.origin == .messages
        blocks.isOwn = isOwn
        if reply.choices.count > 1 { blocks.losses.drop("n") }
        let first = reply.choices.firstIndex { $0.index == 0 } ?? 0
        let choice = reply.choices.isEmpty ? Reply.Choice() : reply.choices[first]
        if choice.logprobs != nil { blocks.losses.drop("logprobs") }
        blocks.losses.dropUnplaced(in: choice, for: .messages, isOwn: isOwn)
        var content: [JSON] = []
        var hasCalls = false
        for part in choice.parts {
            if part.isToolCall { hasCalls = true }
            for block in blocks.blocks(of: part) { content.append(.object(block)) }
        }
        var stop = JSON.null
        if !isOwn || choice.stop != nil {
            stop = .string(MessagesStop.word(choice.stop, isOwn: isOwn, hasCalls: hasCalls))
        }
        var sequence = JSON.null
        if let fired = choice.stop?.sequence { sequence = .string(fired) }
        var message = MessagesReplyEncoder.head(
            id: reply.id, isOwn: isOwn, content: content, stop: stop, sequence: sequence, context)
        if !isOwn { message["stop_details"] = MessagesStop.details(of: choice.stop) }
        message.add(
            "usage",
            MessagesReplyEncoder.usage(reply.usage, reply.serviceTier, isOwn: isOwn, searches: blocks.searches))
        blocks.losses.drop(tier: reply.serviceTier, of: reply.origin, for: .messages)
        return isOwn ? MessagesRead.joined(message, reply.extras) : .object(message)
    }

    static func head(
        id: String?, isOwn: Bool, content: [JSON] = [], stop: JSON = .null, sequence: JSON = .null,
        _ context: ReplyContext
    ) -> JSONObject {
        var own = id ?? context.requestID
        if !isOwn, !own.hasPrefix("msg_") { own = "msg_" + own }
        var head = JSONObject(capacity: 8)
        head.add("id", .string(own))
        head.add("type", "message")
        head.add("role", "assistant")
        head.add("model", .string(context.model))
        head.add("content", .array(content))
        head.add("stop_reason", stop)
        head.add("stop_sequence", sequence)
        return head
    }

    static func usage(_ usage: Usage?, _ tier: String?, isOwn: Bool, searches: Int64 = 0) -> JSON {
        var object = MessagesUsage.json(usage, isOwn: isOwn, searches: searches)
        if isOwn {
            if let tier, object["service_tier"] == nil { object["service_tier"] = .string(tier) }
        } else if let word = ServiceTier.word(tier, for: .messages) {
            object["service_tier"] = .string(word)
        }
        return object
    }
}
