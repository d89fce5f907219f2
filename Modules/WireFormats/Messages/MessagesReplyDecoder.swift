import JSONText

/// Reads a whole reply of a provider of Messages.
enum MessagesReplyDecoder {
    static func decode(_ value: JSON) throws(ReplyError) -> Reply {
        guard case .object(let body) = value else { throw .malformed("the reply is no object") }
        if body["type"]?.isString("error") == true || (body["content"] == nil && body["error"] != nil) {
            throw .failed(failure(value))
        }
        guard let content = body["content"]?.array else { throw .malformed("content is no array") }
        var reply = Reply(origin: .messages)
        reply.id = body["id"]?.string
        reply.model = body["model"]?.string
        reply.usage = usage(body["usage"])
        reply.serviceTier = body["usage"]?["service_tier"]?.string
        reply.extras = body.present(beside: known)
        var choice = Reply.Choice()
        choice.parts = content.map(part)
        if let native = body["stop_reason"]?.string {
            choice.stop = MessagesStop.stop(native, of: value, body["stop_details"])
        }
        reply.choices = [choice]
        return reply
    }

    private static let known = [
        "id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage",
    ]

    static func part(_ value: JSON) -> Part {
        var part = MessagesBlocks.replyPart(value)
        if case .reasoning(var reasoning) = part.content, reasoning.proof?.value.isEmpty == true {
            reasoning.proof = nil
            part.content = .reasoning(reasoning)
        }
        return part
    }

    static func usage(_ value: JSON?) -> Usage? {
        guard let value, value.object != nil else { return nil }
        var counts = MessagesCounts()
        counts.add(value)
        return counts.tokens.map { Usage($0, native: value) }
    }

    static func failure(_ value: JSON) -> ProviderError {
        let error = value["error"]
        return ProviderError(
            message: error?["message"]?.string ?? error?.string ?? "", type: error?["type"]?.string)
    }
}
