import JSONText

/// Output cap, thinking, sampling and the format of the answer.
extension MessagesRequestEncoder {
    private var policy: RangePolicy { target.rangePolicy }

    /// `max_tokens` must be stated.
    mutating func outputCap() throws(RequestError) -> Int64 {
        guard let cap = conversation.sampling.maxOutputTokens else {
            return target.maxOutputTokens ?? target.defaultMaxOutputTokens
        }
        guard let most = target.maxOutputTokens, cap > most else { return cap }
        switch policy {
        case .pass: return cap
        case .clamp:
            losses.adjust(names["max_tokens"])
            return most
        case .refuse:
            throw .outOfRange(names["max_tokens"], "this model makes at most \(most) output tokens, but got \(cap)")
        }
    }

    // MARK: - Thinking

    struct Thinking {
        var block: JSON?
        var effort: String?
        var isOn = false
    }

    mutating func encodedThinking(below cap: Int64, choice: JSON?) throws(RequestError) -> Thinking {
        guard let settings = conversation.reasoning else { return Thinking() }
        if isOwn { return try ownThinking(settings, below: cap) }
        let isForced = choice?["type"]?.string == "any" || choice?["type"]?.string == "tool"
        let told = try conversation.claudeThinking(
            settings, below: cap, isToolForced: isForced, for: target, names, &losses)
        return Thinking(
            block: told?.claudeBlock.map { JSON.object($0) }, effort: told?.effort, isOn: told?.mode?.isOff == false)
    }

    /// As the client wrote it, but no budget at or above the cap, and none where another provider's model made the last
    /// calls.
    private mutating func ownThinking(
        _ settings: ReasoningSettings, below cap: Int64
    ) throws(RequestError) -> Thinking {
        if settings.mode == .enabled, target.isClaude, conversation.lastCallsLackThinking(systemIsUsers: false) {
            losses.adjust(names.thinking)
            return Thinking(effort: settings.effort)
        }
        var block = JSONObject()
        if let mode = settings.mode { block["type"] = .string(mode.rawValue) }
        if let budget = settings.budgetTokens {
            let kept = try fittedBudget(budget, of: settings, below: cap)
            guard let kept else { return Thinking(effort: settings.effort) }
            block["budget_tokens"] = .int(kept)
        }
        if let display = settings.display { block["display"] = .string(display) }
        for (key, value) in settings.extras { block[key] = value }
        return Thinking(
            block: block.isEmpty ? nil : .object(block), effort: settings.effort,
            isOn: settings.mode == .enabled || settings.mode == .adaptive)
    }

    /// - Returns: nil where the cap leaves no room for thinking.
    private mutating func fittedBudget(
        _ budget: Int64, of settings: ReasoningSettings, below cap: Int64
    ) throws(RequestError) -> Int64? {
        if policy == .pass { return budget }
        return try target.fittedBudget(budget, of: settings, below: cap, names.thinkingBudget, &losses)
    }

    // MARK: - Sampling

    mutating func writeSampling(_ body: inout JSONObject, isThinking: Bool) throws(RequestError) {
        let sampling = try conversation.fittedSampling(
            for: target, isClaude: true, isThinking: isThinking, names, &losses)
        if let temperature = sampling.temperature { body.add("temperature", .real(temperature)) }
        if let topP = sampling.topP { body.add("top_p", .real(topP)) }
        if let topK = sampling.topK { body.add("top_k", .int(topK)) }
        if isOwn {
            body["stop_sequences"] = sampling.stop.map { .array($0.map { .string($0) }) }
        } else {
            body["stop_sequences"] = try conversation.stopSequences(
                for: target, most: nil, mayBeBlank: false, names, &losses)
        }
    }

    // MARK: - The format of the answer

    mutating func outputConfig(effort: String?) -> JSON? {
        var config = JSONObject()
        if let effort { config["effort"] = .string(effort) }
        if !isOwn, case .jsonSchema(let wanted)? = conversation.outputFormat { losses.dropNested(wanted.extras) }
        switch conversation.outputFormat {
        case .jsonSchema(let wanted) where takesSchema:
            var format: JSONObject = ["type": "json_schema"]
            if isOwn {
                format["schema"] = wanted.schema
                for (key, value) in wanted.extras { format[key] = value }
            } else {
                var schema = MessagesSchema()
                format["schema"] = schema.limited(wanted.schema)
                if schema.hasChanged { losses.adjust(names["response_format"]) }
            }
            config["format"] = .object(format)
        case .native(let format): if isOwn { config["format"] = format }
        case nil, .text, .jsonObject, .jsonSchema: break
        }
        if isOwn, let rest = conversation.extras["output_config"]?.object {
            for (key, value) in rest { config[key] = value }
        }
        return config.isEmpty ? nil : .object(config)
    }

    /// What tells the model the format, where no member can; the end of the system prompt.
    mutating func formatInstruction() -> String? {
        guard let format = conversation.outputFormat else { return nil }
        switch format {
        case .jsonSchema where takesSchema: return nil
        case .native where isOwn: return nil
        default: return losses.instruction(for: format, names)
        }
    }
}
