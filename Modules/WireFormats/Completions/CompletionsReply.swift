import JSONText

/// Reads and writes whole replies of the legacy completions endpoint.
enum CompletionsReply {
    static func decode(_ body: JSON) throws(ReplyError) -> Reply {
        var (reply, choices) = try ChatReplyDecoder.reply(body, origin: .completions)
        var numbers = ChoiceNumbers()
        for (index, value) in choices.enumerated() {
            guard let object = value.object else { throw .malformed("choices[\(index)] is no object") }
            let number = object["index"]?.int.flatMap { Int(exactly: $0) } ?? index
            var choice = Reply.Choice(index: numbers.free(number))
            if let text = text(of: object), !text.isEmpty { choice.parts = [.text(text)] }
            choice.logprobs = CompletionsLogprobs.chat(object["logprobs"])
            choice.extras = ChatReplyDecoder.extras(of: object)
            choice.stop = stop(object["finish_reason"]?.string)
            ChatReplyDecoder.noteSequence(object["stop_reason"], &choice.stop)
            reply.choices.append(choice)
        }
        return reply
    }

    /// Some servers answer in Chat's form here (Portkey's prompts, Llama Stack).
    static func text(of choice: JSONObject) -> String? {
        choice["text"]?.string ?? (choice["message"] ?? choice["delta"])?["content"]?.string
    }

    static func stop(_ word: String?) -> Stop {
        guard let word, !word.isEmpty else { return Stop(.endTurn) }
        return ChatStop.stop(word, hasCalls: false, hasRefusal: false)
    }

    static func word(_ stop: Stop) -> String {
        // A refusal with words is a text here; what ends without them can only be told as filtered.
        ChatStop.word(stop, hasCalls: false, isLegacy: false, hasRefusal: false)
    }

    static func encode(_ reply: Reply, for context: ReplyContext, _ losses: inout LossReport) -> JSON {
        let isOwn = reply.origin == .completions
        var body: JSONObject = [
            "id": .string(reply.id ?? "cmpl-" + context.requestID), "object": "text_completion",
            "created": .int(reply.created ?? context.created), "model": .string(context.model),
        ]
        body["choices"] = .array(
            reply.choices.map { choice in
                var object: JSONObject = [
                    "text": .string(text(of: choice.parts, &losses)), "index": .int(Int64(choice.index)),
                ]
                object["logprobs"] = choice.logprobs.map(CompletionsLogprobs.legacy) ?? .null
                object["finish_reason"] = .string(word(choice.stop ?? Stop(.endTurn)))
                if let sequence = choice.stop?.sequence { object["stop_reason"] = .string(sequence) }
                losses.dropUnplaced(in: choice, for: .completions, isOwn: isOwn)
                if isOwn { for (key, value) in choice.extras { object[key] = value } }
                return .object(object)
            })
        if let usage = reply.usage {
            body["usage"] = ChatUsage.written(usage, isOwn: isOwn || reply.origin == .chatCompletions)
        }
        if let tier = isOwn ? reply.serviceTier : ServiceTier.word(reply.serviceTier, for: .completions) {
            body["service_tier"] = .string(tier)
        }
        losses.drop(tier: reply.serviceTier, of: reply.origin, for: .completions)
        if isOwn { for (key, value) in reply.extras { body[key] = value } }
        return .object(body)
    }

    private static func text(of parts: [Part], _ losses: inout LossReport) -> String {
        var text = ""
        for part in parts {
            if let words = words(inPlaceOf: part, &losses) { text += words }
            switch part.content {
            case .text(let more): text += more.text
            case .refusal(let more): text += more
            default: break
            }
        }
        return text
    }

    /// Reports what a text alone cannot hold.
    ///
    /// - Returns: the words that are shown in its place.
    static func words(inPlaceOf part: Part, _ losses: inout LossReport) -> String? {
        switch part.content {
        case .text(let text): if !text.citations.isEmpty { losses.drop("citations") }
        case .refusal: break
        case .reasoning: losses.drop("reasoning")
        case .toolCall: losses.drop("tool_calls")
        case .media(let media): return losses.wordsInPlace(of: media)
        case .serverTool: losses.drop("server_tool_use")
        case .toolResult: losses.drop("tool_result")
        case .native: losses.drop("content")
        }
        return nil
    }
}

/// Log probabilities of completions (`tokens`, `token_logprobs`, `top_logprobs`, `text_offset`) and of Chat.
enum CompletionsLogprobs {
    static func chat(_ value: JSON?) -> JSON? {
        guard let object = value?.object, let tokens = object["tokens"]?.array else {
            // A server may answer in Chat's form.
            return ChatReplyDecoder.logprobs(value)
        }
        let logprobs = object["token_logprobs"]?.array ?? []
        let tops = object["top_logprobs"]?.array ?? []
        let content = tokens.enumerated().map { index, token in
            var entry: JSONObject = ["token": token]
            entry["logprob"] = logprobs.indices.contains(index) ? logprobs[index] : JSON.null
            let top = tops.indices.contains(index) ? tops[index].object ?? [:] : [:]
            entry["top_logprobs"] = .array(top.map { ["token": .string($0.key), "logprob": $0.value] })
            return JSON.object(entry)
        }
        return ["content": .array(content)]
    }

    /// - Parameter offset: how many scalars of the text stand before.
    static func legacy(_ value: JSON, from offset: inout Int64) -> JSON {
        var tokens: [JSON] = []
        var logprobs: [JSON] = []
        var tops: [JSON] = []
        var offsets: [JSON] = []
        for entry in ChatLogprobs.entries(value) {
            let token = entry["token"]?.string ?? ""
            tokens.append(.string(token))
            logprobs.append(entry["logprob"] ?? .null)
            let top = (entry["top_logprobs"]?.array ?? []).map { ($0["token"]?.string ?? "", $0["logprob"] ?? .null) }
            tops.append(.object(JSONObject(top)))
            offsets.append(.int(offset))
            offset += Int64(token.unicodeScalars.count)
        }
        return [
            "tokens": .array(tokens), "token_logprobs": .array(logprobs), "top_logprobs": .array(tops),
            "text_offset": .array(offsets),
        ]
    }

    static func legacy(_ value: JSON) -> JSON {
        var offset: Int64 = 0
        return legacy(value, from: &offset)
    }
}
