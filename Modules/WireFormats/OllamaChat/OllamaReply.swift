import JSONText
import Units

/// Reads and writes whole replies of Ollama's.
enum OllamaReply {
    /// Counters and times of a reply, which together are its usage.
    static let usageNames = [
        "total_duration", "load_duration", "prompt_eval_count", "prompt_eval_cached_count", "prompt_eval_duration",
        "eval_count", "eval_duration",
    ]

    static func decode(_ body: JSON) throws(ReplyError) -> Reply {
        if let error = error(in: body) { throw .failed(error) }
        guard let object = body.object, let message = object["message"]?.object else {
            throw .malformed("the reply has no 'message'")
        }
        var reply = Reply(origin: .ollamaChat)
        reply.model = object["model"]?.string
        reply.extras = extras(of: object)
        reply.usage = usage(of: object)
        var choice = Reply.Choice()
        if let text = message["thinking"]?.string, !text.isEmpty {
            choice.parts.append(Part(.reasoning(Reasoning(text))))
        }
        if let text = message["content"]?.string, !text.isEmpty { choice.parts.append(.text(text)) }
        for (index, value) in (message["tool_calls"]?.array ?? []).enumerated() {
            choice.parts.append(call(value, seed: seed(object), index: index))
        }
        choice.logprobs = logprobs(object["logprobs"])
        choice.extras = messageExtras(message)
        choice.stop = stop(object["done_reason"]?.string, hasCalls: choice.parts.contains(where: \.isToolCall))
        reply.choices = [choice]
        return reply
    }

    static func error(in body: JSON) -> ProviderError? {
        guard let error = body["error"], !error.isNull else { return nil }
        return ProviderError(message: error.string ?? error["message"]?.string ?? "", type: error["type"]?.string)
    }

    /// What no other reply has: ids of calls are made from it.
    static func seed(_ object: JSONObject) -> String {
        (object["created_at"]?.string ?? "") + (object["model"]?.string ?? "")
    }

    static func extras(of object: JSONObject) -> JSONObject {
        let known = ["model", "created_at", "message", "done", "done_reason", "logprobs"] + usageNames
        return JSONObject(object.filter { !known.contains($0.key) && !$0.value.isNull }.map { ($0.key, $0.value) })
    }

    static func messageExtras(_ message: JSONObject) -> JSONObject {
        let known = ["role", "content", "thinking", "tool_calls"]
        return JSONObject(message.filter { !known.contains($0.key) && !$0.value.isNull }.map { ($0.key, $0.value) })
    }

    static func call(_ value: JSON, seed: String, index: Int) -> Part {
        let function = value["function"]
        let arguments = function?["arguments"]
        var text = arguments?.string ?? ""
        if let object = arguments?.object { text = JSON.object(object).text }
        let id = value["id"]?.string ?? ""
        return Part(
            .toolCall(
                ToolCall(
                    id: id.isEmpty ? ToolIDs.made(from: seed, index: index) : id,
                    name: function?["name"]?.string ?? "", arguments: text)))
    }

    /// `[{"token","logprob","bytes","top_logprobs"}]`: Chat's entries without their object.
    static func logprobs(_ value: JSON?) -> JSON? {
        guard let entries = value?.array, !entries.isEmpty else { return nil }
        return ["content": .array(entries)]
    }

    static func stop(_ word: String?, hasCalls: Bool) -> Stop {
        switch word {
        case "length": Stop(.maxTokens, native: word)
        case "stop", nil: Stop(hasCalls ? .toolUse : .endTurn, native: word)
        // The model was loaded, or unloaded, and asked nothing.
        case "load", "unload": Stop(.endTurn, native: word)
        default: Stop(.other, native: word)
        }
    }

    /// `prompt_eval_count` is all input, also what came from the model's own cache; `eval_count` is all output, thinking
    /// included. Where the whole prompt was cached, older servers leave the first one out. `prompt_eval_cached_count`,
    /// which newer ones have, is the part of it that was cached (https://docs.ollama.com/api/usage, as told by
    /// https://www.w3cschool.cn/ollamadocs/ollamadocs-api-usage.html, read on 2026-11-29: 8 of 11).
    static func usage(of object: JSONObject) -> Usage? {
        let input = object["prompt_eval_count"]?.int
        let output = object["eval_count"]?.int
        guard input != nil || output != nil else { return nil }
        var tokens = TokenUsage()
        tokens.input = TokenCount(max(input ?? 0, 0))
        tokens.output = TokenCount(max(output ?? 0, 0))
        tokens.cachedInput = min(TokenCount(max(object["prompt_eval_cached_count"]?.int ?? 0, 0)), tokens.input)
        let native = usageNames.compactMap { name in object[name].map { (name, $0) } }
        return Usage(tokens, native: .object(JSONObject(native)))
    }

    static func encode(_ reply: Reply, for context: ReplyContext, _ losses: inout LossReport) -> JSON {
        let isOwn = reply.origin == .ollamaChat
        let choice = reply.choices.first ?? Reply.Choice()
        if reply.choices.count > 1 { losses.drop("n") }
        losses.dropUnplaced(in: choice, for: .ollamaChat, isOwn: isOwn)
        losses.drop(tier: reply.serviceTier, of: reply.origin, for: .ollamaChat)
        var text = ""
        var thinking = ""
        var calls: [JSON] = []
        for part in choice.parts {
            switch part.content {
            case .text(let more):
                text += more.text
                if !more.citations.isEmpty { losses.drop("citations") }
            case .refusal(let more): text += more
            case .reasoning(let reasoning): thinking += reasoning.visibleText
            case .toolCall(let call): calls.append(written(call, index: calls.count))
            case .media(let media): text += losses.wordsInPlace(of: media) ?? ""
            case .serverTool, .native, .toolResult: losses.drop("content")
            }
        }
        var message: JSONObject = ["role": "assistant", "content": .string(text)]
        if !thinking.isEmpty { message["thinking"] = .string(thinking) }
        if !calls.isEmpty { message["tool_calls"] = .array(calls) }
        if isOwn { message.overlay(choice.extras) }
        var body = head(context)
        body["message"] = .object(message)
        body["done"] = true
        body["done_reason"] = .string(word(choice.stop))
        let logprobs = choice.logprobs.map(ChatLogprobs.entries) ?? []
        if !logprobs.isEmpty { body["logprobs"] = .array(logprobs) }
        if let usage = reply.usage { body.overlay(written(usage, isOwn: isOwn)) }
        if isOwn { body.overlay(reply.extras) }
        return .object(body)
    }

    static func head(_ context: ReplyContext) -> JSONObject {
        let time = Timestamp(secondsSince1970: context.created).text(fractionDigits: 0)
        return ["model": .string(context.model), "created_at": .string(time)]
    }

    static func written(_ call: ToolCall, index: Int) -> JSON {
        [
            "id": .string(call.id),
            "function": [
                "index": .int(Int64(index)), "name": .string(call.name), "arguments": .object(call.argumentsObject),
            ],
        ]
    }

    static func word(_ stop: Stop?) -> String {
        stop?.reason == .maxTokens || stop?.reason == .contextWindow ? "length" : "stop"
    }

    static func written(_ usage: Usage, isOwn: Bool) -> JSONObject {
        if isOwn, let native = usage.native?.object { return native }
        return [
            "prompt_eval_count": .int(usage.tokens.input.count), "eval_count": .int(usage.tokens.output.count),
        ]
    }
}
