import JSONText

/// Makes the `response` object around an output: what it was asked, and how it ended. What its provider did not get of
/// the request (``ReplyContext/dropped``) stands there as if nobody had asked for it.
///
/// The SDKs' model of a response must have `id`, `created_at`, `model`, `object`, `output`, `parallel_tool_calls`,
/// `tool_choice` and `tools`; OpenAI sends the rest too, `null` where there is nothing to say.
struct ResponsesEnvelope {
    let context: ReplyContext
    /// The request's members that responses repeat.
    private let repeated: JSONObject
    var head: ReplyHead
    var usage: Usage?
    var stop: Stop?
    /// A content of a message says that the model declines: then the answer is complete.
    var hasRefusal = false

    /// Members of a request that have no name in the model, and which responses repeat.
    private static let extras = [
        "background", "max_tool_calls", "truncation", "prompt", "conversation", "top_logprobs",
    ]

    init(_ context: ReplyContext) {
        self.context = context
        head = ReplyHead(origin: .responses)
        repeated = ResponsesEnvelope.repeated(context)
    }

    var id: String {
        if head.origin == .responses, let id = head.id { return id }
        return ResponsesIDs.response(for: context.requestID)
    }

    /// How it ended, in the dialect's words: `status`, and why it is incomplete.
    var end: (status: String, reason: String?) {
        guard let stop else { return (head.extras["status"]?.string ?? "completed", nil) }
        switch stop.reason {
        case .maxTokens, .contextWindow: return ("incomplete", "max_output_tokens")
        case .refusal where hasRefusal && stop.explanation == nil: return ("completed", nil)
        // A call that nobody could read is no good answer, and OpenAI has no word for it but this.
        case .contentFilter, .refusal, .malformedToolCall: return ("incomplete", "content_filter")
        case .other where head.origin == .responses:
            // That word is the status, of a provider that told no reason.
            guard let native = stop.native, native != "incomplete" else { return ("incomplete", nil) }
            return native == "cancelled" || native == "failed" ? (native, nil) : ("incomplete", native)
        case .endTurn, .stopSequence, .toolUse, .pause, .other: return ("completed", nil)
        }
    }

    func response(status: String, reason: String? = nil, output: [JSON], usage: JSON = .null) -> JSON {
        var object = JSONObject()
        object["id"] = .string(id)
        object["object"] = head.extras["object"] ?? "response"
        object["created_at"] = .int(head.origin == .responses ? head.created ?? context.created : context.created)
        // A compaction is no answer, and has nothing of what was asked.
        if head.extras["object"] != nil {
            object["output"] = .array(output)
            object["usage"] = usage
            for (key, value) in head.extras where object[key] == nil { object[key] = value }
            return .object(object)
        }
        object["status"] = .string(status)
        object["background"] = false
        object["error"] = .null
        object["incomplete_details"] = reason.map { ["reason": .string($0)] } ?? .null
        object["model"] = .string(context.model)
        object["output"] = .array(output)
        for (key, value) in repeated { object[key] = value }
        object["service_tier"] = serviceTier
        object["usage"] = usage
        if head.origin == .responses {
            for (key, value) in head.extras where key != "status" { object[key] = value }
        }
        if let previous = context.request.previousResponseID { object["previous_response_id"] = .string(previous) }
        return .object(object)
    }

    private var serviceTier: JSON {
        if head.origin == .responses, let tier = head.serviceTier, tier != "standard" { return .string(tier) }
        return ServiceTier.word(head.serviceTier, for: .responses).map { .string($0) } ?? .null
    }

    private static func repeated(_ context: ReplyContext) -> JSONObject {
        let request = context.request
        // By its name for the client, what the client asked for and the provider got.
        func sent<Value>(_ name: String, _ value: Value?) -> Value? { context.dropped.contains(name) ? nil : value }

        var object = JSONObject()
        var ignored = LossReport()
        let instructions = request.turns.prefix { $0.isTopLevel }.flatMap(\.parts).compactMap(\.text)
        object["instructions"] = instructions.isEmpty ? .null : .string(instructions.joined(separator: "\n\n"))
        object["max_output_tokens"] =
            sent("max_output_tokens", request.sampling.maxOutputTokens).map { .int($0) } ?? .null
        object["max_tool_calls"] = .null
        // Kept with the answer here, whether or not its provider takes it.
        object["metadata"] = .object(request.metadata ?? JSONObject())
        object["parallel_tool_calls"] = .bool(sent("parallel_tool_calls", request.parallelToolCalls) ?? true)
        object["previous_response_id"] = .null
        object["prompt_cache_key"] = sent("prompt_cache_key", request.promptCacheKey).map { .string($0) } ?? .null
        object["reasoning"] = [
            "effort": sent("effort", request.reasoning?.effort).map { .string($0) } ?? .null,
            "summary": sent("summary", request.reasoning?.summary).map { .string($0) } ?? .null,
        ]
        object["safety_identifier"] = sent("safety_identifier", request.safetyIdentifier).map { .string($0) } ?? .null
        object["store"] = .bool(request.store ?? true)
        object["temperature"] = sent("temperature", request.sampling.temperature).map { .real($0) } ?? .null
        object["text"] = text(request, verbosity: sent("verbosity", request.verbosity))
        object["tool_choice"] =
            sent("tool_choice", request.toolChoice)
            .flatMap { ResponsesTools.encodeChoice($0, in: request, &ignored) } ?? "auto"
        let tools = request.tools.filter { tool in
            guard case .server(let server) = tool.definition else { return true }
            return !context.dropped.contains(server.native["type"]?.string ?? "")
        }
        object["tools"] = .array(ResponsesTools.encode(tools, origin: request.origin, for: nil, &ignored))
        object["top_logprobs"] = .int(sent("top_logprobs", request.sampling.topLogprobs) ?? 0)
        object["top_p"] = sent("top_p", request.sampling.topP).map { .real($0) } ?? .null
        object["truncation"] = "disabled"
        object["user"] = sent("user", request.user).map { .string($0) } ?? .null
        if request.origin == .responses {
            for key in extras { if let value = sent(key, request.extras[key]) { object[key] = value } }
        }
        return object
    }

    private static func text(_ request: Conversation, verbosity: String?) -> JSON {
        var text: JSONObject = ["format": ["type": "text"]]
        switch request.outputFormat {
        case .jsonObject?: text["format"] = ["type": "json_object"]
        case .jsonSchema(let schema)?:
            var format: JSONObject = ["type": "json_schema", "name": .string(schema.name ?? "answer")]
            format["description"] = schema.description.map { .string($0) }
            format["schema"] = schema.schema
            format["strict"] = schema.strict.map { .bool($0) }
            text["format"] = .object(format)
        case .native(let format)? where request.origin == .responses: text["format"] = format
        case .text?, .native?, nil: break
        }
        text["verbosity"] = verbosity.map { .string($0) }
        return .object(text)
    }
}
