import JSONText

/// How a model behind Converse is told to think, and its `top_k`: by additional fields, which differ from family to
/// family (the table of ``ConverseFamily``).
enum ConverseThinking {
    struct Lifted: Equatable {
        var reasoning: ReasoningSettings?
        var topK: Int64?
        /// The fields that say the two above and nothing else.
        var named = JSONObject()
        /// All others.
        var rest: JSON?
    }

    /// Members by which models are told whether to think.
    static let members = claudes + ["reasoningConfig"]
    /// Claude's two names for one thing.
    static let claudes = ["thinking", "reasoning_config"]

    /// Reads what has a name, whichever family's fields say it: the client's name for a model may tell none.
    static func lifted(from fields: JSON) -> Lifted {
        guard let object = fields.object else { return Lifted(rest: fields) }
        var reasoning = ReasoningSettings()
        let thoughts = claudes.compactMap { object[$0] }
        if let thinking = thoughts.first(where: { !$0.isNull }) {
            reasoning.mode = thinking["type"]?.string.flatMap(ReasoningSettings.Mode.init)
            reasoning.budgetTokens = thinking["budget_tokens"]?.int
            reasoning.effort = thinking.string
            switch thinking["display"]?.string {
            case "summarized": reasoning.summary = "auto"
            case "omitted": reasoning.includesThoughts = false
            default: break
            }
        }
        if let config = fields["reasoningConfig"] ?? fields["inferenceConfig"]?["reasoningConfig"] {
            reasoning.mode = config["type"]?.string.flatMap(ReasoningSettings.Mode.init)
            reasoning.effort = config["maxReasoningEffort"]?.string
        }
        if let effort = fields["output_config"]?["effort"]?.string {
            reasoning.effort = effort
            reasoning.isEffortOfAnswer = true
        } else if let effort = fields["reasoning_effort"]?.string {
            reasoning.effort = effort
        }
        var lifted = Lifted(reasoning: reasoning == ReasoningSettings() ? nil : reasoning)
        lifted.topK = fields["top_k"]?.int ?? fields["inferenceConfig"]?["topK"]?.int
        var again = [ConverseFamily.claude, .nova2, .openAI, .worded].map {
            lowered(lifted.reasoning, topK: lifted.topK, $0)
        }
        // Another name for the same of Claude's.
        if let thinking = again[0]["thinking"] { again.append(["reasoning_config": thinking]) }
        var rest = JSONObject()
        for (key, value) in object {
            if again.contains(where: { $0[key] == value }) {
                lifted.named.add(key, value)
            } else {
                rest.add(key, value)
            }
        }
        if !rest.isEmpty { lifted.rest = .object(rest) }
        return lifted
    }

    /// The settings as they are, in the family's words.
    static func lowered(_ reasoning: ReasoningSettings?, topK: Int64?, _ family: ConverseFamily) -> JSONObject {
        var fields = JSONObject()
        switch family {
        case .claude:
            fields["thinking"] = reasoning?.claudeBlock.map { JSON.object($0) }
            if let effort = reasoning?.effort { fields["output_config"] = ["effort": .string(effort)] }
            if let topK { fields["top_k"] = .int(topK) }
        case .nova, .nova2:
            if let mode = reasoning?.mode {
                fields["reasoningConfig"] = ["type": .string(mode.rawValue)]
                if let effort = reasoning?.effort {
                    fields["reasoningConfig"]?["maxReasoningEffort"] = .string(effort)
                }
            }
            if let topK { fields["inferenceConfig"] = ["topK": .int(topK)] }
        case .openAI: if let effort = reasoning?.effort { fields["reasoning_effort"] = .string(effort) }
        case .worded: if let effort = reasoning?.effort { fields["reasoning_config"] = .string(effort) }
        case .mistral, .llama, .other, .unknown: break
        }
        return fields
    }

    /// The fields by which a client says whether the model is to think, and how much.
    static func members(in conversation: Conversation) -> (thinking: String?, effort: String?) {
        let spelling = conversation.converseSpelling
        let rest = conversation.extras["additionalModelRequestFields"]
        func says(_ field: String) -> Bool { spelling?.additional[field] != nil || rest?[field] != nil }
        let thinking = members.first(where: says)
        if says("output_config") { return (thinking, "output_config.effort") }
        if says("reasoning_effort") { return (thinking, "reasoning_effort") }
        return (thinking, spelling?.outputEffort == nil ? nil : "outputConfig.effort")
    }

    /// What another dialect's settings become for a family other than Claude. Rule: docs/WIREFORMATS.md, "Thinking".
    ///
    /// - Parameter names: what the client calls them.
    /// - Returns: nil where the model does not think, and need not or cannot be told to.
    static func fitted(
        _ asked: ReasoningSettings, of conversation: Conversation, _ family: ConverseFamily, _ target: TargetFacts,
        _ names: ClientNames, _ losses: inout LossReport
    ) -> ReasoningSettings? {
        if asked.isOff { return off(family, target, names, &losses) }
        guard target.thinking != .none else {
            losses.drop(.reasoningEffort, of: conversation, names)
            return nil
        }
        guard asked.asksToThink else { return nil }
        let name = names["reasoning_effort"]
        switch family {
        case .nova2:
            var effort = target.leastKnown(covering: asked.word ?? "medium", name, &losses)
            let sampling = conversation.sampling
            let hasSampling =
                sampling.maxOutputTokens != nil || sampling.temperature != nil || sampling.topP != nil
            if effort == "high", hasSampling {
                // "high" is refused beside maxTokens, temperature and topP
                // (https://github.com/UKGovernmentBEIS/inspect_ai/pull/3848, read on 2026-11-29).
                effort = "medium"
                losses.adjust(name)
            }
            return ReasoningSettings(mode: .enabled, effort: effort)
        case .openAI, .worded:
            return ReasoningSettings(effort: target.leastKnown(covering: asked.word ?? "medium", name, &losses))
        case .claude, .nova, .mistral, .llama, .other, .unknown:
            losses.dropThinking(names)
            return nil
        }
    }

    private static func off(
        _ family: ConverseFamily, _ target: TargetFacts, _ names: ClientNames, _ losses: inout LossReport
    ) -> ReasoningSettings? {
        switch family {
        case .openAI, .worded:
            if target.thinking == .none { return nil }
            return target.openAIEffort(for: "none", in: .converse, names["reasoning_effort"], &losses).map {
                ReasoningSettings(effort: $0)
            }
        case .claude, .nova, .nova2, .mistral, .llama, .other, .unknown: return nil
        }
    }
}
