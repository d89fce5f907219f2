import JSONText

/// Writes a Chat Completions request for a provider.
struct ChatRequestEncoder {
    private let conversation: Conversation
    private let target: TargetFacts
    private let names: ClientNames
    private var losses: LossReport
    private var body = JSONObject(capacity: 8)
    /// The client spoke Chat too: everything is written back as it was.
    private var isOwn: Bool { conversation.origin == .chatCompletions }

    static func encode(
        _ conversation: Conversation, for target: TargetFacts, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        var encoder = ChatRequestEncoder(conversation, target, losses)
        try encoder.write()
        losses = encoder.losses
        return .object(encoder.body)
    }

    private init(_ conversation: Conversation, _ target: TargetFacts, _ losses: LossReport) {
        self.conversation = conversation
        self.target = target
        self.losses = losses
        names = ClientNames(conversation)
    }

    private mutating func write() throws(RequestError) {
        body.add("model", .string(target.model))
        var messages = ChatMessageEncoder(conversation, target)
        var list = try messages.messages(&losses)
        var format: JSON?
        if let instruction = outputFormat(of: list, &format) {
            ChatRequestEncoder.append(instruction: instruction, to: &list)
        }
        body.add("messages", .array(list))
        writeStream()
        writeTools()
        if let format { body["response_format"] = format }
        try writeSampling()
        writeReasoning()
        writeAccount()
        writeExtras()
        fitToProvider()
    }

    private mutating func writeStream() {
        if conversation.stream { body["stream"] = true }
        let asks = conversation.stream && target.asksForStreamUsage
        if conversation.includeUsage || asks { body["stream_options"] = ["include_usage": true] }
    }

    // MARK: - Tools

    private mutating func writeTools() {
        if conversation.tools.isEmpty, conversation.toolChoice == nil, conversation.parallelToolCalls == nil { return }
        let writer = ChatToolEncoder(conversation, target, names)
        writer.write(into: &body, &losses)
    }

    // MARK: - Sampling

    private mutating func writeSampling() throws(RequestError) {
        let sampling = conversation.sampling
        try write(sampling.temperature, "temperature", 0...2)
        try write(sampling.topP, "top_p", 0...1)
        if let topK = sampling.topK { body["top_k"] = .int(topK) }
        if let minP = sampling.minP { body["min_p"] = .real(minP) }
        try write(sampling.frequencyPenalty, "frequency_penalty", -2...2)
        try write(sampling.presencePenalty, "presence_penalty", -2...2)
        if let penalty = sampling.repetitionPenalty { body["repetition_penalty"] = .real(penalty) }
        if let seed = sampling.seed { body["seed"] = .int(seed) }
        if isOwn {
            if let stop = sampling.stop { body["stop"] = .array(stop.map { .string($0) }) }
        } else if let stop = try conversation.stopSequences(
            for: target, most: target.stopSequencesMax, names, &losses)
        {
            body["stop"] = stop
        }
        if let cap = sampling.maxOutputTokens { body[target.chatOutputCap] = .int(cap) }
        if let choices = sampling.choices { body["n"] = .int(choices) }
        if let logprobs = sampling.logprobs { body["logprobs"] = .bool(logprobs) }
        if let top = sampling.topLogprobs, isOwn || top != 0 {
            // Chat takes `top_logprobs` only beside `logprobs`.
            if sampling.logprobs == nil, !isOwn { body["logprobs"] = true }
            body["top_logprobs"] = .int(top)
        }
        if let bias = sampling.logitBias { body["logit_bias"] = .object(bias) }
    }

    private mutating func write(
        _ value: Double?, _ name: String, _ range: ClosedRange<Double>
    ) throws(RequestError) {
        guard let value else { return }
        body[name] = .real(try target.fitted(value, to: range, names[name], &losses))
    }

    // MARK: - Reasoning

    private mutating func writeReasoning() {
        guard let settings = conversation.reasoning else { return }
        if target.thinking == .none {
            losses.drop(.reasoningEffort, of: conversation, names)
            return
        }
        if isOwn {
            writeOwnReasoning(settings)
            return
        }
        switch target.renames["reasoning_effort"] {
        case "reasoning": writeReasoningObject(settings)
        case "thinking": writeThinkingSwitch(settings)
        default:
            body["reasoning_effort"] =
                target.openAIEffort(of: settings, in: .chatCompletions, names["reasoning_effort"], &losses)
                .map { .string($0) }
        }
    }

    private mutating func writeOwnReasoning(_ settings: ReasoningSettings) {
        if settings.form == "reasoning" {
            writeReasoningObject(settings)
            return
        }
        body["reasoning_effort"] = settings.effort.map { .string($0) }
        guard settings.form == "thinking" else { return }
        var thinking = JSONObject()
        if let mode = settings.mode { thinking["type"] = .string(mode.rawValue) }
        if let budget = settings.budgetTokens { thinking["budget_tokens"] = .int(budget) }
        for (key, value) in settings.extras { thinking[key] = value }
        body["thinking"] = .object(thinking)
    }

    /// OpenRouter's and Vercel's: takes a budget in numbers, too.
    private mutating func writeReasoningObject(_ settings: ReasoningSettings) {
        var reasoning = JSONObject()
        if let effort = settings.effort { reasoning["effort"] = .string(effort) }
        if let budget = settings.budgetTokens, settings.effort == nil || isOwn {
            reasoning["max_tokens"] = .int(budget)
        }
        if isOwn {
            if let summary = settings.summary { reasoning["summary"] = .string(summary) }
            for (key, value) in settings.extras { reasoning[key] = value }
        }
        if let mode = settings.mode, isOwn || reasoning.isEmpty || mode.isOff {
            reasoning["enabled"] = .bool(!mode.isOff)
        }
        if let shows = settings.includesThoughts { reasoning["exclude"] = .bool(!shows) }
        body["reasoning"] = .object(reasoning)
    }

    /// DeepSeek's and Z.ai's: on or off.
    private mutating func writeThinkingSwitch(_ settings: ReasoningSettings) {
        let word = settings.word
        guard word != nil || settings.mode != nil else { return }
        body["thinking"] = ["type": settings.isOff ? "disabled" : "enabled"]
        if let word, word != "none", word != "medium" { losses.adjust(names["reasoning_effort"]) }
    }

    // MARK: - Output

    /// - Parameter written: becomes `response_format`.
    /// - Returns: what the model must be told in words: where the provider has no such parameter, or refuses it without.
    private mutating func outputFormat(of messages: [JSON], _ written: inout JSON?) -> String? {
        guard let format = conversation.outputFormat else { return nil }
        let refuses = target.refuses.contains("response_format")
        switch format {
        case .text:
            if isOwn, !refuses { written = ["type": "text"] }
            return nil
        case .jsonObject where !refuses:
            written = ["type": "json_object"]
            if isOwn || OutputFormat.isJSONNamed(in: messages) { return nil }
        case .jsonSchema(let schema):
            if !isOwn { losses.dropNested(schema.extras) }
            let ofObject = schema.ofObject
            if !refuses, target.takesJSONSchema, let taken = isOwn ? schema.schema : ofObject {
                written = .object(jsonSchema(schema, taken))
                return nil
            }
            if !refuses, ofObject != nil { written = ["type": "json_object"] }
        case .native(let native) where isOwn:
            written = native
            return nil
        case .jsonObject, .native: break
        }
        return losses.instruction(for: format, names)
    }

    private func jsonSchema(_ schema: OutputFormat.Schema, _ taken: JSON) -> JSONObject {
        var inner = JSONObject()
        if let name = schema.name { inner["name"] = .string(name) }
        // OpenAI wants a name; other dialects have none.
        if schema.name == nil, !isOwn { inner["name"] = "response" }
        if let text = schema.description { inner["description"] = .string(text) }
        inner["schema"] = taken
        if let strict = schema.strict { inner["strict"] = .bool(strict) }
        var format: JSONObject = ["type": "json_schema", "json_schema": .object(inner)]
        if isOwn { format.overlay(schema.extras) }
        return format
    }

    /// Puts an instruction at the end of the leading system prompt.
    static func append(instruction: String, to messages: inout [JSON]) {
        let isSystem = { (message: JSON) in ["system", "developer"].contains(message["role"]?.string ?? "") }
        guard let last = messages.prefix(while: isSystem).indices.last else {
            messages.insert(["role": "system", "content": .string(instruction)], at: 0)
            return
        }
        if let parts = messages[last]["content"]?.array {
            messages[last]["content"] = .array(parts + [["type": "text", "text": .string(instruction)]])
        } else {
            let text = messages[last]["content"]?.string ?? ""
            messages[last]["content"] = .string(text.isEmpty ? instruction : text + "\n\n" + instruction)
        }
    }

    // MARK: - The rest

    private mutating func writeAccount() {
        write(conversation.verbosity, "verbosity")
        if let modalities = conversation.modalities, isOwn || modalities != ["text"] {
            body["modalities"] = .array(modalities.map { .string($0) })
        }
        if let audio = conversation.audioOutput { body["audio"] = audio }
        write(conversation.serviceTier, "service_tier")
        if let metadata = conversation.metadata, !metadata.isEmpty || isOwn {
            // OpenAI answers 400 "The 'metadata' parameter is only allowed when 'store' is enabled".
            if isOwn || conversation.store == true {
                body["metadata"] = .object(metadata)
            } else {
                losses.drop(names["metadata"])
            }
        }
        write(conversation.user, "user")
        write(conversation.safetyIdentifier, "safety_identifier")
        write(conversation.promptCacheKey, "prompt_cache_key")
        write(conversation.promptCacheRetention, "prompt_cache_retention")
        if let store = conversation.store { body["store"] = .bool(store) }
        if conversation.previousResponseID != nil { losses.drop("previous_response_id") }
        if let cache = conversation.cache {
            if isOwn {
                body["cache_control"] = cache.chat
            } else if target.takesCacheMarkers {
                body["cache_control"] = losses.fitted(cache, to: CacheMarker.claudeLifetimes).chat
            } else {
                losses.drop(names["cache_control"])
            }
        }
    }

    private mutating func write(_ text: String?, _ name: String) {
        if let text { body[name] = .string(text) }
    }

    private mutating func writeExtras() {
        for (key, value) in conversation.extras {
            if key == "prompt_cache_options", conversation.origin == .responses, target.takesOptionsOfOpenAI {
                let options = cacheOptions(value)
                body[key] = options
            } else if conversation.membersOfOpenAI.contains(key), !isOwn, target.takesOptionsOfOpenAI {
                body[key] = value
            } else if !isOwn {
                losses.drop(option: key, value)
            } else if key == "stream_options" {
                var options = value
                if let usage = body["stream_options"]?["include_usage"] { options["include_usage"] = usage }
                body["stream_options"] = options
            } else if body[key] == nil {
                body[key] = value
            }
        }
    }

    /// Chat has fewer options of the cache than Responses, and one lifetime (openai 3.54.0).
    private mutating func cacheOptions(_ value: JSON) -> JSON? {
        var kept = JSONObject()
        for (name, option) in value.object ?? [:] {
            if name == "mode" || (name == "ttl" && option == "30m") {
                kept[name] = option
            } else if name == "ttl" {
                losses.adjust(name)
            } else {
                losses.drop(option: name, option)
            }
        }
        if kept.isEmpty { return Optional.none }
        return .object(kept)
    }

    /// Takes out what the provider refuses, and gives the rest its names.
    private mutating func fitToProvider() {
        target.removeRefused(from: &body, of: conversation, names, &losses)
        guard !target.renames.isEmpty else { return }
        body = JSONObject(body.map { (target.renames[$0.key].flatMap(renamed) ?? $0.key, $0.value) })
    }

    /// `reasoning_effort` → `reasoning` or `thinking` is another shape and not another name.
    private func renamed(_ name: String) -> String? { name == "reasoning" || name == "thinking" ? nil : name }
}
