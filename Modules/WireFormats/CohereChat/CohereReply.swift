import JSONText
import Units

/// Reads and writes whole replies of Cohere's.
enum CohereReply {
    static func decode(_ body: JSON) throws(ReplyError) -> Reply {
        guard let object = body.object else { throw .malformed("the reply is no object") }
        if let failure = failure(object) { throw .failed(failure) }
        // An error is `{"id", "message": "…"}`.
        guard let message = object["message"]?.object else {
            guard let text = object["message"]?.string else { throw .malformed("the reply has no 'message'") }
            throw .failed(ProviderError(message: text))
        }
        var reply = Reply(origin: .cohereChat)
        reply.id = object["id"]?.string
        reply.usage = object["usage"].flatMap(CohereUsage.read)
        var choice = Reply.Choice()
        choice.parts = parts(of: message, seed: reply.id ?? "")
        choice.stop = stop(object["finish_reason"]?.string, hasCalls: choice.parts.contains(where: \.isToolCall))
        var rest = ChatMembers(message)
        for name in ["role", "content", "tool_calls", "tool_plan", "citations"] { _ = rest.take(name) }
        choice.extras = rest.leftover
        choice.logprobs = CohereLogprobs.chat(object["logprobs"])
        reply.choices = [choice]
        let named = ["id", "message", "usage", "finish_reason", "logprobs"]
        for (key, value) in object where !named.contains(key) && !value.isNull {
            reply.extras[key] = value
        }
        return reply
    }

    private static func parts(of message: JSONObject, seed: String) -> [Part] {
        var parts: [Part] = []
        // As it is streamed: the plan comes when the thinking is over, and before what is said.
        var plan = message["tool_plan"]?.string ?? ""
        func addPlan() {
            if !plan.isEmpty { parts.append(self.plan(plan)) }
            plan = ""
        }
        // `content_index` counts the parts of the content.
        var places: [Int] = []
        for value in message["content"]?.array ?? [] {
            if value["thinking"]?.string == nil { addPlan() }
            places.append(parts.count)
            if let text = value["text"]?.string {
                if !text.isEmpty { parts.append(.text(text)) }
            } else if let text = value["thinking"]?.string {
                if !text.isEmpty { parts.append(Part(.reasoning(Reasoning(text)))) }
            } else {
                parts.append(Part(.native(value)))
            }
        }
        addPlan()
        if let text = message["content"]?.string, !text.isEmpty { parts.append(.text(text)) }
        for value in message["citations"]?.array ?? [] {
            let index = value["content_index"]?.int.flatMap { Int(exactly: $0) }
            var place = index.flatMap { places.indices.contains($0) ? places[$0] : nil }
            if let known = place, !parts.indices.contains(known) || parts[known].text == nil { place = nil }
            place = place ?? parts.firstIndex { $0.text != nil }
            guard let place, case .text(var text) = parts[place].content else { continue }
            text.citations.append(CohereCitations.citation(value))
            parts[place].content = .text(text)
        }
        for (index, value) in (message["tool_calls"]?.array ?? []).enumerated() {
            let id = value["id"]?.string ?? ToolIDs.made(from: seed, index: index)
            let call = ToolCall(
                id: id, name: value["function"]?["name"]?.string ?? "",
                arguments: value["function"]?["arguments"]?.string ?? "")
            parts.append(Part(.toolCall(call)))
        }
        return parts
    }

    /// What Cohere's models say before they call tools.
    static func plan(_ text: String) -> Part {
        var part = Part(.reasoning(Reasoning(text)))
        part.form = "tool_plan"
        return part
    }

    /// The failure that ended an answer, though its status says 200: `ERROR`, "the generation failed due to an internal
    /// error", and `TIMEOUT`, "the generation was stopped because it exceeded the allowed time limit" (`ChatFinishReason` of
    /// github.com/cohere-ai/cohere-developer-experience, cohere-openapi.yaml, read on 2026-11-30).
    ///
    /// - Parameter end: what says how it ended: the reply, or the delta of a stream's last event.
    static func failure(_ end: JSONObject) -> ProviderError? {
        let word = end["finish_reason"]?.string ?? ""
        let text = end["error"]?.string
        let isFailure = word.hasPrefix("ERROR") && stop(word, hasCalls: false).reason == .other
        guard text != nil || isFailure || word == "TIMEOUT" else { return nil }
        return ProviderError(
            message: text ?? "The generation ended with '\(word)'.", type: end["error_type"]?.string,
            kind: word == "TIMEOUT" ? .timeout : text == nil ? .server : nil)
    }

    /// Source: https://docs.cohere.com/reference/chat, `finish_reason` (read on 2026-11-29).
    static func stop(_ word: String?, hasCalls: Bool) -> Stop {
        let reason: Stop.Reason =
            switch word {
            case "COMPLETE", nil: hasCalls ? .toolUse : .endTurn
            case "STOP_SEQUENCE": .stopSequence
            case "MAX_TOKENS": .maxTokens
            case "TOOL_CALL": .toolUse
            case "ERROR_LIMIT": .contextWindow
            case "ERROR_TOXIC": .contentFilter
            default: .other
            }
        return Stop(reason, native: word)
    }

    /// `ERROR` would make a failure of an answer that has ended.
    static func word(_ stop: Stop?, isOwn: Bool) -> String {
        if isOwn, let native = stop?.native { return native }
        return switch stop?.reason {
        case .maxTokens, .contextWindow: "MAX_TOKENS"
        case .stopSequence: "STOP_SEQUENCE"
        case .toolUse: "TOOL_CALL"
        case .contentFilter, .refusal, .malformedToolCall: "ERROR_TOXIC"
        case .endTurn, .pause, .other, nil: "COMPLETE"
        }
    }

    static func encode(_ reply: Reply, for context: ReplyContext, _ losses: inout LossReport) -> JSON {
        let isOwn = reply.origin == .cohereChat
        var content: [JSON] = []
        var calls: [JSON] = []
        var citations: [JSON] = []
        var message: JSONObject = ["role": "assistant"]
        let choice = reply.choices.first ?? Reply.Choice()
        if reply.choices.count > 1 { losses.drop("n") }
        losses.dropUnplaced(in: choice, for: .cohereChat, isOwn: isOwn)
        losses.drop(tier: reply.serviceTier, of: reply.origin, for: .cohereChat)
        for part in choice.parts {
            switch part.content {
            case .text(let text):
                content.append(["type": "text", "text": .string(text.text)])
                let written = text.citations.compactMap(CohereCitations.written)
                citations += written
                if written.count < text.citations.count { losses.drop("citations") }
            case .refusal(let text): content.append(["type": "text", "text": .string(text)])
            case .reasoning(let reasoning):
                if part.form == "tool_plan" {
                    message["tool_plan"] = .string(reasoning.text)
                } else {
                    content.append(["type": "thinking", "thinking": .string(reasoning.visibleText)])
                }
            case .toolCall(let call): calls.append(.object(ChatCalls.call(call, id: call.id, takesCustom: false)))
            case .native(let native): if isOwn { content.append(native) } else { losses.drop("content") }
            case .media(let media):
                if let words = losses.wordsInPlace(of: media) {
                    content.append(["type": "text", "text": .string(words)])
                }
            case .serverTool, .toolResult: losses.drop("content")
            }
        }
        if !content.isEmpty { message["content"] = .array(content) }
        if !calls.isEmpty { message["tool_calls"] = .array(calls) }
        if !citations.isEmpty { message["citations"] = .array(citations) }
        if isOwn { message.overlay(choice.extras) }
        var body: JSONObject = [
            "id": .string(reply.id ?? context.requestID), "finish_reason": .string(word(choice.stop, isOwn: isOwn)),
            "message": .object(message),
        ]
        if let usage = reply.usage { body["usage"] = CohereUsage.written(usage, isOwn: isOwn) }
        let logprobs = choice.logprobs.map(CohereLogprobs.written) ?? []
        if !logprobs.isEmpty { body["logprobs"] = .array(logprobs) }
        if isOwn { for (key, value) in reply.extras { body[key] = value } }
        return .object(body)
    }
}

/// Usage of Cohere's: `billed_units` and `tokens`.
///
/// The billed units count, where they are told: `tokens` includes what Cohere itself puts around the prompt (a recorded
/// call of 119 billed tokens has 1,807), which it does not bill. `cached_tokens`, "the number of prompt tokens that hit
/// the inference cache" (its SDK, types/usage.py), are part of `tokens` (in all 99 recorded calls that tell both) and
/// change no bill (https://docs.cohere.com/docs/how-does-cohere-pricing-work, read on 2026-11-29). They may all be what
/// Cohere put around the prompt (in 75 of the 99 they are more than the billed input): as cached counts what cannot be.
enum CohereUsage {
    static func read(_ native: JSON) -> Usage? {
        let billed = native["billed_units"]
        let all = native["tokens"]
        guard let input = count(billed, "input_tokens") ?? count(all, "input_tokens") else { return nil }
        var tokens = TokenUsage()
        tokens.input = input
        tokens.cachedInput = cached(count(native, "cached_tokens"), of: count(all, "input_tokens"), input)
        tokens.output = count(billed, "output_tokens") ?? count(all, "output_tokens") ?? 0
        tokens.reasoning = min(count(all, "reasoning_tokens") ?? 0, tokens.output)
        tokens.imageInput = min(count(billed, "image_tokens") ?? count(all, "image_tokens") ?? 0, tokens.input)
        tokens.searches = count(billed, "search_units")?.count ?? 0
        return Usage(tokens, native: native)
    }

    /// How much of the input came from the cache at least: what is more than the tokens that are not the input's.
    private static func cached(_ cached: TokenCount?, of all: TokenCount?, _ input: TokenCount) -> TokenCount {
        guard let cached, let all else { return 0 }
        let around = max(0, all - input)
        return min(max(0, cached - around), input)
    }

    private static func count(_ object: JSON?, _ name: String) -> TokenCount? {
        guard let value = object?[name]?.number, value.isFinite else { return nil }
        return TokenCount(Int64(min(max(value, 0), 1e14)))
    }

    static func written(_ usage: Usage, isOwn: Bool) -> JSON {
        if isOwn, let native = usage.native { return native }
        let counts: JSONObject = [
            "input_tokens": .int(usage.tokens.input.count), "output_tokens": .int(usage.tokens.output.count),
        ]
        var billed = counts
        if usage.tokens.searches > 0 { billed["search_units"] = .int(usage.tokens.searches) }
        return ["billed_units": .object(billed), "tokens": .object(counts)]
    }
}

/// Log probabilities of Cohere's, which are a text's and those of its tokens (`LogprobItem` of its SDK,
/// types/logprob_item.py), as entries of Chat's.
///
/// A text is mostly one token. That of several (of a letter that only two make together) is as probable as all of them:
/// their logarithms are added. They stay in the entry under their own name, as the tokens' ids do.
enum CohereLogprobs {
    /// - Parameter value: a list of them, or the one of a stream's delta.
    static func chat(_ value: JSON?) -> JSON? {
        let items: [JSON] = value?.array ?? value.map { [$0] } ?? []
        let content = items.compactMap(entry)
        return content.isEmpty ? nil : ["content": .array(content)]
    }

    private static func entry(_ item: JSON) -> JSON? {
        guard let logprobs = item["logprobs"]?.array, let first = logprobs.first else { return nil }
        let text = item["text"]?.string ?? ""
        var entry: JSONObject = [
            "token": .string(text), "logprob": first, "bytes": .array(text.utf8.map { .int(Int64($0)) }),
            "top_logprobs": [],
        ]
        if let ids = item["token_ids"] { entry["token_ids"] = ids }
        if logprobs.count > 1 {
            entry["logprob"] = .real(logprobs.reduce(0) { $0 + ($1.number ?? 0) })
            entry["logprobs"] = .array(logprobs)
        }
        return .object(entry)
    }

    static func written(_ logprobs: JSON) -> [JSON] {
        ChatLogprobs.entries(logprobs).map { entry -> JSON in
            let own: JSON = .array([entry["logprob"] ?? .null])
            return [
                "text": entry["token"] ?? "", "token_ids": entry["token_ids"] ?? [],
                "logprobs": entry["logprobs"] ?? own,
            ]
        }
    }
}
