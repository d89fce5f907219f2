import JSONText

/// Reads a whole reply.
enum ConverseReplyDecoder {
    static func decoded(_ body: JSON) throws(ReplyError) -> Reply {
        guard body.kind == .object else { throw .malformed("the reply is no object") }
        let root = ConverseMember(body, at: "")
        guard let output = root["output"] else {
            // An error's body, behind a status that says otherwise.
            if let message = (body["message"] ?? body["Message"])?.string {
                throw .failed(ProviderError(message: message, type: body["__type"]?.string))
            }
            throw .malformed("the reply has no output")
        }
        do throws(ConverseFault) {
            return try read(root, output)
        } catch {
            throw error.replyError
        }
    }

    private static func read(_ root: ConverseMember, _ output: ConverseMember) throws(ConverseFault) -> Reply {
        var reply = Reply(origin: .converse)
        var choice = Reply.Choice()
        if let message = output["message"] {
            if let content = message["content"] {
                for block in try content.elements() {
                    choice.parts.append(try ConverseBlockReader(isRequest: false).part(from: block))
                }
            }
            choice.extras = message.extras(beside: ["role", "content"])
        }
        reply.extras = root.extras(beside: ["output", "stopReason", "usage", "serviceTier"])
        var sequence: String?
        if var fields = reply.extras["additionalModelResponseFields"] {
            sequence = ConverseStop.takeSequence(from: &fields)
            reply.extras["additionalModelResponseFields"] = fields.object?.isEmpty == true ? JSON?.none : fields
        }
        if let word = try root["stopReason"]?.string() { choice.stop = ConverseStop.read(word, sequence: sequence) }
        reply.choices = [choice]
        let thinking = ConverseUsage.thinkingTokens(in: reply.extras["additionalModelResponseFields"])
        reply.usage = root["usage"].map { ConverseUsage.read($0.value, thinking: thinking) }
        reply.serviceTier = try root["serviceTier"]?["type"]?.string()
        return reply
    }
}
