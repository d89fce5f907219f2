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
        let choice = reply.choices.first { $0.index == 0 } ?? reply.choices.first ?? Reply.Choice()
        if choice.logprobs != nil { blocks.losses.drop("logprobs") }
        var content: [JSON] = []
        var hasCalls = false
        var hasRefusal = false
        for part in choice.parts {
            if part.toolCall != nil { hasCalls = true }
            if case .refusal = part.content { hasRefusal = true }
            content += blocks.blocks(of: part).map { .object($0) }
        }
        var message = MessagesReplyEncoder.head(id: reply.id, isOwn: isOwn, context)
        message["content"] = .array(content)
        if isOwn, choice.stop == nil {
            message["stop_reason"] = .null
        } else {
            message["stop_reason"] = .string(
                MessagesStop.word(choice.stop, isOwn: isOwn, hasCalls: hasCalls, hasRefusal: hasRefusal))
        }
        message["stop_sequence"] = choice.stop?.sequence.map { .string($0) } ?? .null
        message["usage"] = MessagesReplyEncoder.usage(reply.usage, reply.serviceTier, isOwn: isOwn)
        return isOwn ? MessagesRead.joined(message, reply.extras) : .object(message)
    }

    static func head(id: String?, isOwn: Bool, _ context: ReplyContext) -> JSONObject {
        var own = id ?? context.requestID
        if !isOwn, !own.hasPrefix("msg_") { own = "msg_" + own }
        return [
            "id": .string(own), "type": "message", "role": "assistant", "model": .string(context.model), "content": [],
            "stop_reason": .null, "stop_sequence": .null,
        ]
    }

    static func usage(_ usage: Usage?, _ tier: String?, isOwn: Bool) -> JSON {
        var object = MessagesUsage.json(usage, isOwn: isOwn)
        if isOwn {
            if let tier, object["service_tier"] == nil { object["service_tier"] = .string(tier) }
        } else if let tier {
            // The SDK knows standard, priority and batch.
            switch tier {
            case "default", "standard": object["service_tier"] = "standard"
            case "priority", "batch": object["service_tier"] = .string(tier)
            default: break
            }
        }
        return object
    }
}
