import JSONText

/// Reads a Responses request: `instructions`, then a turn for each item of `input`.
struct ResponsesRequestDecoder {
    var conversation: Conversation
    /// Proof from an envelope, on its way to the part that follows.
    var waitingProof: Proof?

    static func decode(_ body: JSON, at place: RequestPlace) throws(RequestError) -> Conversation {
        guard let object = body.object else { throw ResponsesFault.type("body", "an object", body) }
        var decoder = ResponsesRequestDecoder(conversation: Conversation(origin: .responses, model: place.model ?? ""))
        if let stream = place.stream { decoder.conversation.stream = stream }
        if let instructions = object["instructions"], !instructions.isNull {
            let text = try ResponsesFault.string(instructions, "instructions")
            decoder.conversation.turns.append(
                Turn(.system, [.text(text)], isPlainText: true, isTopLevel: true))
        }
        for (key, value) in object where !value.isNull { try decoder.add(key, value) }
        if let choice = object["tool_choice"], !choice.isNull {
            let tools = object["tools"]?.array ?? []
            try ResponsesTools.decodeChoice(choice, of: tools, into: &decoder.conversation)
        }
        decoder.attachWaitingProofToWhatWas()
        // An item makes one turn, or none: an envelope.
        let turns = decoder.conversation.turns
        let own = turns.first?.isTopLevel == true ? turns.count - 1 : turns.count
        decoder.conversation.turnNumbersDiffer = object["input"]?.array?.count != own
        // A stored prompt names the model itself.
        if decoder.conversation.model.isEmpty, object["prompt"] == nil { throw .missing("model") }
        return decoder.conversation
    }

    private mutating func add(_ key: String, _ value: JSON) throws(RequestError) {
        switch key {
        case "model": conversation.model = try ResponsesFault.string(value, key)
        case "instructions": break
        case "input": try addInput(value)
        case "stream": conversation.stream = try ResponsesFault.bool(value, key)
        case "tools": conversation.tools = try ResponsesTools.decode(value, key)
        case "tool_choice": break
        case "parallel_tool_calls": conversation.parallelToolCalls = try ResponsesFault.bool(value, key)
        case "text": try addText(value)
        case "reasoning": try addReasoning(value)
        case "include": try addInclude(value)
        case "service_tier": conversation.serviceTier = try ResponsesFault.string(value, key)
        case "metadata": conversation.metadata = try ResponsesFault.object(value, key)
        case "user": conversation.user = try ResponsesFault.string(value, key)
        case "safety_identifier": conversation.safetyIdentifier = try ResponsesFault.string(value, key)
        case "prompt_cache_key": conversation.promptCacheKey = try ResponsesFault.string(value, key)
        case "prompt_cache_retention": conversation.promptCacheRetention = try ResponsesFault.string(value, key)
        case "store": conversation.store = try ResponsesFault.bool(value, key)
        case "previous_response_id": conversation.previousResponseID = try ResponsesFault.string(value, key)
        default: if try !addSampling(key, value) { conversation.extras[key] = value }
        }
    }

    /// OpenAI's own sampling options, and those that only others take (Open Responses, OpenRouter, mistral.rs).
    private mutating func addSampling(_ key: String, _ value: JSON) throws(RequestError) -> Bool {
        switch key {
        case "temperature": conversation.sampling.temperature = try ResponsesFault.number(value, key)
        case "top_p": conversation.sampling.topP = try ResponsesFault.number(value, key)
        case "max_output_tokens": conversation.sampling.maxOutputTokens = try ResponsesFault.int(value, key)
        case "top_logprobs": conversation.sampling.topLogprobs = try ResponsesFault.int(value, key)
        case "frequency_penalty": conversation.sampling.frequencyPenalty = try ResponsesFault.number(value, key)
        case "presence_penalty": conversation.sampling.presencePenalty = try ResponsesFault.number(value, key)
        case "repetition_penalty": conversation.sampling.repetitionPenalty = try ResponsesFault.number(value, key)
        case "min_p": conversation.sampling.minP = try ResponsesFault.number(value, key)
        case "top_k": conversation.sampling.topK = try ResponsesFault.int(value, key)
        case "seed": conversation.sampling.seed = try ResponsesFault.int(value, key)
        case "stop":
            guard let texts = value.array else { return false }
            let stop = texts.compactMap(\.string)
            guard stop.count == texts.count else { throw ResponsesFault.type(key, "an array of strings", value) }
            conversation.sampling.stop = stop
        default: return false
        }
        return true
    }

    private mutating func addText(_ value: JSON) throws(RequestError) {
        var rest = try ResponsesFault.object(value, "text")
        if let verbosity = rest["verbosity"], !verbosity.isNull {
            conversation.verbosity = try ResponsesFault.string(verbosity, "text.verbosity")
        }
        if let format = rest["format"], !format.isNull {
            let object = try ResponsesFault.object(format, "text.format")
            let type = try ResponsesFault.string(of: object, "type", "text.format")
            switch type {
            case "text": conversation.outputFormat = .text
            case "json_object": conversation.outputFormat = .jsonObject
            case "json_schema": conversation.outputFormat = .jsonSchema(try schema(object))
            default: conversation.outputFormat = .native(format)
            }
        }
        rest = rest.without(["format", "verbosity"])
        if !rest.isEmpty { conversation.extras["text"] = .object(rest) }
    }

    private func schema(_ object: JSONObject) throws(RequestError) -> OutputFormat.Schema {
        guard let schema = object["schema"], !schema.isNull else { throw .missing("text.format.schema") }
        _ = try ResponsesFault.object(schema, "text.format.schema")
        var format = OutputFormat.Schema(
            name: try ResponsesFault.optionalString(of: object, "name", "text.format"),
            description: try ResponsesFault.optionalString(of: object, "description", "text.format"), schema: schema)
        if let strict = object["strict"], !strict.isNull {
            format.strict = try ResponsesFault.bool(strict, "text.format.strict")
        }
        format.extras = object.without(["type", "name", "description", "schema", "strict"])
        return format
    }

    private mutating func addReasoning(_ value: JSON) throws(RequestError) {
        let object = try ResponsesFault.object(value, "reasoning")
        var settings = ReasoningSettings()
        settings.effort = try ResponsesFault.optionalString(of: object, "effort", "reasoning")
        settings.summary = try ResponsesFault.optionalString(of: object, "summary", "reasoning")
        settings.extras = object.without(["effort", "summary"])
        conversation.reasoning = settings
    }

    private mutating func addInclude(_ value: JSON) throws(RequestError) {
        var include: [String] = []
        for (index, element) in try ResponsesFault.array(value, "include").enumerated() {
            include.append(try ResponsesFault.string(element, "include[\(index)]"))
        }
        conversation.include = include
        if include.contains("message.output_text.logprobs") { conversation.sampling.logprobs = true }
    }
}
