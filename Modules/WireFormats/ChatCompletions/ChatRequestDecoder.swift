import JSONText

/// Reads a Chat Completions request: all but its messages (``ChatMessageDecoder``) and tools (``ChatToolDecoder``).
struct ChatRequestDecoder {
    private var members: ChatMembers
    private var conversation: Conversation

    static func decode(_ body: JSON, at place: RequestPlace) throws(RequestError) -> Conversation {
        guard case .object(let object) = body else {
            throw RequestError(message: "We could not parse the JSON body of your request: expected an object.")
        }
        var members = ChatMembers(object)
        guard let model = try members.string("model") ?? place.model else { throw RequestError.missing("model") }
        var decoder = ChatRequestDecoder(
            members: members, conversation: Conversation(origin: .chatCompletions, model: model))
        try decoder.read()
        return decoder.conversation
    }

    private mutating func read() throws(RequestError) {
        try ChatRequestDecoder.readStream(&members, into: &conversation)
        guard let messages = try members.array("messages") else { throw RequestError.missing("messages") }
        var reader = ChatMessageDecoder()
        conversation.turns.reserveCapacity(messages.count)
        for (index, message) in messages.enumerated() {
            conversation.turns.append(try reader.turn(message, at: BodyPlace("messages", index)))
        }
        if reader.usesLegacyFunctions { conversation.usesLegacyFunctions = true }
        try ChatToolDecoder.read(&members, into: &conversation)
        try readSampling()
        try readReasoning()
        try readOutput()
        try readAccount()
        conversation.extras = members.leftover
    }

    /// `stream` and `stream_options`, which legacy completions have too.
    static func readStream(
        _ members: inout ChatMembers, into conversation: inout Conversation
    ) throws(RequestError) {
        conversation.stream = try members.bool("stream") ?? false
        guard let object = try members.object("stream_options") else { return }
        var options = ChatMembers(object, at: "stream_options")
        let includeUsage = try options.bool("include_usage")
        conversation.includeUsage = includeUsage ?? false
        if includeUsage == false { options.put("include_usage", false) }
        let rest = options.leftover
        if !rest.isEmpty || includeUsage == nil { members.put("stream_options", .object(rest)) }
    }

    private mutating func readSampling() throws(RequestError) {
        var sampling = try members.sampling()
        // `max_tokens` is the older name. Where both are given the newer one counts.
        sampling.maxOutputTokens = try members.int("max_completion_tokens")
        if sampling.maxOutputTokens == nil {
            sampling.maxOutputTokens = try members.int("max_tokens")
            conversation.usesLegacyOutputCap = sampling.maxOutputTokens != nil
        }
        sampling.logprobs = try members.bool("logprobs")
        sampling.topLogprobs = try members.int("top_logprobs")
        conversation.sampling = sampling
    }

    /// OpenAI says `reasoning_effort`; OpenRouter and Vercel `reasoning: {effort, max_tokens, enabled, exclude}`;
    /// DeepSeek, Z.ai and LiteLLM `thinking: {type, budget_tokens}`. Where `reasoning` stands, the others are not read.
    private mutating func readReasoning() throws(RequestError) {
        var settings = ReasoningSettings()
        if let object = try members.object("reasoning") {
            var reasoning = ChatMembers(object, at: "reasoning")
            settings.form = "reasoning"
            settings.effort = try reasoning.string("effort")
            settings.budgetTokens = try reasoning.int("max_tokens")
            settings.summary = try reasoning.string("summary")
            settings.mode = try reasoning.bool("enabled").map { $0 ? .enabled : .disabled }
            settings.includesThoughts = try reasoning.bool("exclude").map { !$0 }
            settings.extras = reasoning.leftover
            conversation.reasoning = settings
            return
        }
        let effort = try members.string("reasoning_effort")
        if effort == nil, members.peek("thinking") == nil { return }
        settings.effort = effort
        if let object = try members.object("thinking") {
            var thinking = ChatMembers(object, at: "thinking")
            settings.form = "thinking"
            settings.budgetTokens = try thinking.int("budget_tokens")
            if let type = try thinking.string("type") {
                settings.mode = ReasoningSettings.Mode(rawValue: type)
                if settings.mode == nil { thinking.put("type", .string(type)) }
            }
            settings.extras = thinking.leftover
        }
        if settings != ReasoningSettings() { conversation.reasoning = settings }
    }

    private mutating func readOutput() throws(RequestError) {
        if let object = try members.object("response_format") {
            conversation.outputFormat = try ChatRequestDecoder.outputFormat(object)
        }
        conversation.verbosity = try members.string("verbosity")
        conversation.modalities = try members.strings("modalities")
        conversation.audioOutput = try members.object("audio").map { .object($0) }
    }

    static func outputFormat(_ object: JSONObject) throws(RequestError) -> OutputFormat {
        var format = ChatMembers(object, at: "response_format")
        let type = try format.requiredString("type")
        switch type {
        case "text" where format.leftover.isEmpty: return .text
        case "json_object" where format.leftover.isEmpty: return .jsonObject
        case "json_schema":
            guard let inner = try format.object("json_schema"), inner["schema"] != nil else {
                return .native(.object(object))
            }
            var members = ChatMembers(inner, at: "response_format.json_schema")
            guard let schema = members.take("schema") else { return .native(.object(object)) }
            var result = OutputFormat.Schema(
                name: try members.string("name"), description: try members.string("description"), schema: schema,
                strict: try members.bool("strict"))
            if !members.leftover.isEmpty { format.put("json_schema", .object(members.leftover)) }
            result.extras = format.leftover
            return .jsonSchema(result)
        default: return .native(.object(object))
        }
    }

    private mutating func readAccount() throws(RequestError) {
        conversation.serviceTier = try members.string("service_tier")
        conversation.metadata = try members.object("metadata")
        conversation.user = try members.string("user")
        conversation.safetyIdentifier = try members.string("safety_identifier")
        conversation.promptCacheKey = try members.string("prompt_cache_key")
        conversation.promptCacheRetention = try members.string("prompt_cache_retention")
        conversation.store = try members.bool("store")
        if let cache = members.take("cache_control") {
            conversation.cache = try CacheMarker(chat: cache, at: "cache_control")
        }
    }
}
