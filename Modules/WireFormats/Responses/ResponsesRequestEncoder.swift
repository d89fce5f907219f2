import JSONText

/// Writes a request for a Responses provider.
///
/// What is written though the client did not send it
/// 1. `store: false`, where the client's dialect stores nothing by itself: Responses would keep the conversation for 30
///    days (https://platform.openai.com/docs/api-reference/responses/create, read on 2026-11-29).
/// 2. `include: ["reasoning.encrypted_content"]` for clients of other dialects, where the model is one that is told by
///    words how much to think, or where they ask for thinking: with nothing stored, only that lets the model go on from
///    its thoughts in the next turn. A model that does not think refuses it.
/// 3. `strict: false` and `parameters` of functions: ``ResponsesTools``.
struct ResponsesRequestEncoder {
    let conversation: Conversation
    let target: TargetFacts
    var losses = LossReport()
    private var members = JSONObject()
    /// A call's id → its kind, for results in dialects that do not tell.
    let callKinds: [String: ToolCall.Kind]
    let names: ClientNames

    /// The client wrote in this dialect: what has no name in the model goes back as it came.
    var isNative: Bool { conversation.origin == .responses }

    init(_ conversation: Conversation, _ target: TargetFacts) {
        self.conversation = conversation
        self.target = target
        names = ClientNames(conversation)
        var kinds: [String: ToolCall.Kind] = [:]
        for turn in conversation.turns {
            for part in turn.parts { if let call = part.toolCall { kinds[call.id] = call.kind } }
        }
        callKinds = kinds
    }

    mutating func encode() throws(RequestError) -> JSON {
        if !target.model.isEmpty { members["model"] = .string(target.model) }
        let leading = leadingPrompt()
        if let instructions = leading.text { members["instructions"] = .string(instructions) }
        var items: [JSON] = []
        for number in conversation.turns.indices.dropFirst(leading.turns) {
            try add(conversation.turns[number], number, to: &items)
        }
        if let instruction = jsonInstruction(beside: items) {
            items.insert(
                ["type": "message", "role": .string(role(.developer)), "content": .string(instruction)], at: 0)
        }
        // A stored prompt, or what went before, may be all the input there is.
        if !items.isEmpty { members["input"] = .array(items) }
        if !conversation.tools.isEmpty {
            let tools = ResponsesTools.encode(conversation.tools, origin: conversation.origin, for: target, &losses)
            if !tools.isEmpty { members["tools"] = .array(tools) }
        }
        if isNative || members["tools"] != nil {
            let choice = conversation.toolChoice
            put("tool_choice", choice.flatMap { ResponsesTools.encodeChoice($0, in: conversation, &losses) })
        } else if conversation.asks(for: .toolChoice) {
            losses.drop(names["tool_choice"])
        }
        put("parallel_tool_calls", conversation.parallelToolCalls.map { .bool($0) })
        try addText()
        addReasoning()
        try addSampling()
        addInclude()
        addRest()
        return .object(members)
    }

    /// Sets a member, unless the provider is known to refuse it.
    private mutating func put(_ key: String, chat: String? = nil, _ value: JSON?) {
        guard let value else { return }
        let chat = chat ?? key
        if target.refuses.contains(chat) {
            losses.drop(member: chat, of: conversation, names)
            return
        }
        members[target.renames[chat] ?? key] = value
    }

    // MARK: - Instructions

    /// Leading system prompts of other dialects become `instructions`; of Responses, only what was there.
    private mutating func leadingPrompt() -> (text: String?, turns: Int) {
        var texts: [String] = []
        var count = 0
        for turn in conversation.turns {
            guard turn.role == .system || turn.role == .developer, turn.isTopLevel || !isNative else { break }
            guard turn.parts.allSatisfy({ $0.text != nil }) else { break }
            // On `instructions` no marker can stand.
            if !isNative, turn.parts.contains(where: { marks($0, turn.role) }) { break }
            if !isNative {
                if turn.name != nil { losses.drop("name") }
                losses.drop(turn.extras)
            }
            for part in turn.parts { report(part) }
            texts += turn.parts.compactMap(\.text)
            count += 1
        }
        // A system prompt alone is the input, which may not be missing.
        if !isNative, count == conversation.turns.count { (texts, count) = ([], 0) }
        if !isNative { texts.removeAll { $0.isEmpty } }
        if let instruction = formatInstruction() { texts.append(instruction) }
        return (texts.isEmpty ? nil : texts.joined(separator: "\n\n"), count)
    }

    /// Rule 10 of docs/WIREFORMATS.md.
    private mutating func formatInstruction() -> String? {
        switch conversation.outputFormat {
        case .jsonSchema(let schema)? where taken(schema) == nil: losses.instruction(for: .jsonSchema(schema), names)
        case .native(let format)? where !isNative: losses.instruction(for: .native(format), names)
        default: nil
        }
    }

    /// What JSON mode has to be told in the input itself: ``OutputFormat/isJSONNamed(in:)``.
    private mutating func jsonInstruction(beside items: [JSON]) -> String? {
        guard !isNative, conversation.outputFormat == .jsonObject, !OutputFormat.isJSONNamed(in: items) else {
            return nil
        }
        return losses.instruction(for: .jsonObject, names)
    }

    private func taken(_ format: OutputFormat.Schema) -> JSON? {
        guard target.takesJSONSchema else { return nil }
        return isNative ? format.schema : format.ofObject
    }

    // MARK: - Options

    private mutating func addText() throws(RequestError) {
        var text = isNative ? conversation.extras["text"]?.object ?? JSONObject() : JSONObject()
        if !isNative, case .jsonSchema(let schema)? = conversation.outputFormat { losses.dropNested(schema.extras) }
        switch conversation.outputFormat {
        case .text?: if isNative { text["format"] = ["type": "text"] }
        case .jsonObject?: text["format"] = ["type": "json_object"]
        case .jsonSchema(let schema)?: if let taken = taken(schema) { text["format"] = format(schema, taken) }
        case .native(let format)?: if isNative { text["format"] = format }
        case nil: break
        }
        if let verbosity = conversation.verbosity {
            if target.refuses.contains("verbosity") {
                losses.drop(.verbosity, of: conversation, names)
            } else {
                text["verbosity"] = .string(verbosity)
            }
        }
        if !text.isEmpty { members["text"] = .object(text) }
    }

    private mutating func format(_ schema: OutputFormat.Schema, _ taken: JSON) -> JSON {
        var format: JSONObject = ["type": "json_schema"]
        // Without a name OpenAI refuses it.
        format["name"] = (schema.name ?? (isNative ? nil : "answer")).map { .string($0) }
        format["description"] = schema.description.map { .string($0) }
        format["schema"] = taken
        format["strict"] = schema.strict.map { .bool($0) }
        if isNative { for (key, value) in schema.extras { format[key] = value } }
        return .object(format)
    }

    private mutating func addReasoning() {
        guard let settings = conversation.reasoning else { return }
        var reasoning = JSONObject()
        if isNative {
            reasoning["effort"] = settings.effort.map { .string($0) }
            reasoning["summary"] = settings.summary.map { .string($0) }
            for (key, value) in settings.extras { reasoning[key] = value }
        } else {
            if target.thinking == .none {
                losses.drop(.reasoningEffort, of: conversation, names)
                return
            }
            reasoning["effort"] =
                target.openAIEffort(of: settings, in: .responses, names["reasoning_effort"], &losses)
                .map { .string($0) }
            let summary = settings.showsThoughts == true ? settings.summary ?? "auto" : nil
            reasoning["summary"] = summary.map { .string($0) }
        }
        if isNative || !reasoning.isEmpty { put("reasoning", chat: "reasoning_effort", .object(reasoning)) }
    }

    private mutating func addSampling() throws(RequestError) {
        let sampling = conversation.sampling
        if let tokens = sampling.maxOutputTokens {
            let name = names["max_completion_tokens"]
            // "integer below minimum value. Expected a value >= 16" (OpenAI's answer in the recorded traffic).
            let fitted = isNative ? tokens : try target.fitted(tokens, to: 16...1 << 50, name, &losses)
            put("max_output_tokens", chat: "max_completion_tokens", .int(fitted))
        }
        if let temperature = sampling.temperature {
            let name = names["temperature"]
            put("temperature", .real(try target.fitted(temperature, to: 0...2, name, &losses)))
        }
        if let topP = sampling.topP {
            let name = names["top_p"]
            put("top_p", .real(try target.fitted(topP, to: 0...1, name, &losses)))
        }
        if let count = sampling.topLogprobs, isNative || count != 0 {
            put("top_logprobs", .int(try target.fitted(count, to: 0...20, names["top_logprobs"], &losses)))
        }
        guard isNative else { return }
        // Not OpenAI's; a Responses client that sends them means a provider that has them.
        put("frequency_penalty", sampling.frequencyPenalty.map { .real($0) })
        put("presence_penalty", sampling.presencePenalty.map { .real($0) })
        put("repetition_penalty", sampling.repetitionPenalty.map { .real($0) })
        put("min_p", sampling.minP.map { .real($0) })
        put("top_k", sampling.topK.map { .int($0) })
        put("seed", sampling.seed.map { .int($0) })
        put("stop", sampling.stop.map { .array($0.map { .string($0) }) })
    }

    private mutating func addInclude() {
        if isNative {
            members["include"] = conversation.include.map { .array($0.map { .string($0) }) }
            return
        }
        var include: [JSON] = []
        let settings = conversation.reasoning
        // A model of which nothing is known thinks where it is told to.
        let isTold = settings.flatMap(target.openAIWord) != nil
        if settings?.isOff != true, target.thinking == .level || (target.thinking == .budget && isTold) {
            include.append("reasoning.encrypted_content")
        }
        if conversation.sampling.wantsLogprobs { include.append("message.output_text.logprobs") }
        if !include.isEmpty { members["include"] = .array(include) }
    }

    private mutating func addRest() {
        put("service_tier", conversation.serviceTier.map { .string($0) })
        put("metadata", conversation.metadata.map { .object($0) })
        put("user", conversation.user.map { .string($0) })
        put("safety_identifier", conversation.safetyIdentifier.map { .string($0) })
        put("prompt_cache_key", conversation.promptCacheKey.map { .string($0) })
        put("prompt_cache_retention", conversation.promptCacheRetention.map { .string($0) })
        put("store", (conversation.store ?? (isNative ? nil : false)).map { .bool($0) })
        put("previous_response_id", conversation.previousResponseID.map { .string($0) })
        if conversation.stream { members["stream"] = true }
        if isNative {
            for (key, value) in conversation.extras where key != "text" { members[key] = value }
        } else {
            let members = target.takesOptionsOfOpenAI ? conversation.membersOfOpenAI : []
            for member in members.sorted() { put(member, conversation.extras[member]) }
            conversation.reportUncarried(
                carried: Self.carried, members: members, names, &losses)
        }
    }

    private static let carried: Set<RequestOption> = [
        .temperature, .topP, .logprobs, .topLogprobs, .toolChoice, .parallelToolCalls, .reasoningEffort, .verbosity,
        .serviceTier, .metadata, .user, .safetyIdentifier, .promptCacheKey, .promptCacheRetention, .store,
        .previousResponseID,
    ]
}
