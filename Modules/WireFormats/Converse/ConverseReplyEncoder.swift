import JSONText

/// Writes a whole reply for a client that speaks Converse.
struct ConverseReplyEncoder {
    private let reply: Reply
    private let isSame: Bool
    private(set) var losses = LossReport()

    init(_ reply: Reply, for context: ReplyContext) {
        self.reply = ToolNames(context.request).restored(reply)
        isSame = reply.origin == .converse
    }

    mutating func encoded() -> JSON {
        let choice = reply.choices.first { $0.index == 0 } ?? reply.choices.first
        if reply.choices.count > 1 { losses.drop("n") }
        var content: [JSON] = []
        for part in choice?.parts ?? [] {
            content += ConversePartWriter.blocks(of: part, isSame: isSame, &losses)
        }
        var message: JSONObject = ["role": "assistant", "content": .array(content)]
        if isSame { for (key, value) in choice?.extras ?? [:] { message[key] = value } }
        if choice?.logprobs != nil { losses.drop("logprobs") }
        if let choice { losses.dropUnplaced(in: choice, for: .converse, isOwn: isSame) }
        var body: JSONObject = ["output": ["message": .object(message)]]
        let callsTools = choice?.parts.contains(where: \.isToolCall) ?? false
        if choice?.stop != nil || !isSame {
            body["stopReason"] = .string(
                ConverseStop.written(choice?.stop, origin: reply.origin, callsTools: callsTools))
        }
        if let usage = reply.usage { body["usage"] = ConverseUsage.written(usage, origin: reply.origin, &losses) }
        // What another provider tells of itself is left out without a word (docs/WIREFORMATS.md, rule 2).
        if isSame { for (key, value) in reply.extras { body[key] = value } }
        if let sequence = choice?.stop?.sequence {
            body["additionalModelResponseFields"] = ConversePartWriter.fields(
                body["additionalModelResponseFields"], with: sequence)
        }
        // Both are required of an answer (ConverseResponse, botocore 1.44.8).
        if !isSame {
            body["metrics"] = ["latencyMs": 0]
            if body["usage"] == nil {
                body["usage"] = ConverseUsage.written(Usage(.zero), origin: reply.origin, &losses)
            }
        }
        if let tier = ConversePartWriter.tier(reply.serviceTier, isSame: isSame) { body["serviceTier"] = tier }
        losses.drop(tier: reply.serviceTier, of: reply.origin, for: .converse)
        return .object(body)
    }
}

/// Parts of an answer as blocks.
enum ConversePartWriter {
    /// Reports what of the part is missing from the blocks.
    static func blocks(of part: Part, isSame: Bool, _ losses: inout LossReport) -> [JSON] {
        var blocks: [JSON] = []
        if let proof = part.proof { blocks.append(hanging(proof)) }
        switch part.content {
        case .text(let text):
            if isSame {
                blocks.append(ConverseTurnWriter.sameText(text, part))
            } else if !text.text.isEmpty {
                blocks.append(
                    text.citations.isEmpty
                        ? ["text": .string(text.text)] : ConverseTurnWriter.cited(text.text, text.citations))
            }
        case .refusal(let words): if !words.isEmpty { blocks.append(["text": .string(words)]) }
        case .media(let media):
            var writer = ConverseMediaWriter(.claude, isSame: isSame)
            var unsaid = LossReport()
            let block = try? writer.block(media, extras: part.extras, at: "", &unsaid)
            if let block, isSame || media.kind == .image {
                blocks.append(block)
            } else if let words = losses.wordsInPlace(of: media) {
                blocks.append(["text": .string(words)])
            }
        case .reasoning(let reasoning):
            if let block = block(reasoning, isSame ? part.extras : [:]) { blocks.append(block) }
        case .toolCall(let call):
            var object: JSONObject = [
                "toolUseId": .string(isSame ? call.id : ToolIDs.legal(call.id)),
                "name": .string(ChatToolNames.flat(call.name, in: call.namespace)),
            ]
            object["input"] = (isSame ? try? JSON.read(call.arguments) : nil) ?? .object(call.argumentsObject)
            if isSame { for (key, value) in part.extras { object[key] = value } }
            blocks.append(["toolUse": .object(object)])
        case .serverTool(let use):
            if use.nativeDialect == .converse { blocks.append(use.native) } else { losses.drop("server_tool_use") }
        case .native(let native): if isSame { blocks.append(native) } else { losses.drop("content") }
        case .toolResult: losses.drop("content")
        }
        return blocks
    }

    /// A reasoning, its proof in the place that the client sends back: the provider's own where it is Claude's, an
    /// envelope where it is not.
    static func block(_ reasoning: Reasoning, _ extras: JSONObject) -> JSON? {
        guard let proof = reasoning.proof else {
            let visible = reasoning.visibleText
            if visible.isEmpty, extras.isEmpty, reasoning.isRedacted { return nil }
            return ConverseTurnWriter.block(Reasoning(visible), extras)
        }
        if proof.origin == .anthropic { return ConverseTurnWriter.block(reasoning, extras) }
        let summaries = reasoning.summaries.isEmpty ? nil : reasoning.summaries
        var sealed = proof
        sealed.value = ProofEnvelope.wrapped(.init(proof, summaries: summaries))
        let visible = reasoning.visibleText
        guard visible.isEmpty else {
            return [
                "reasoningContent": ["reasoningText": ["text": .string(visible), "signature": .string(sealed.value)]]
            ]
        }
        return ["reasoningContent": ["redactedContent": .string(Base64.encoded(Array(sealed.value.utf8)))]]
    }

    /// A proof that hangs on the part that follows, or on the one before.
    static func hanging(_ proof: Proof, onPrevious: Bool = false) -> JSON {
        let letter = ProofEnvelope.wrapped(.init(proof, belongsToNext: !onPrevious, belongsToPrevious: onPrevious))
        return ["reasoningContent": ["redactedContent": .string(Base64.encoded(Array(letter.utf8)))]]
    }

    static func fields(_ known: JSON?, with sequence: String) -> JSON {
        var fields = known?.object ?? [:]
        fields["stop_sequence"] = .string(sequence)
        return .object(fields)
    }

    static func tier(_ tier: String?, isSame: Bool) -> JSON? {
        guard let word = isSame ? tier : ServiceTier.word(tier, for: .converse) else { return nil }
        return ["type": .string(word)]
    }
}
