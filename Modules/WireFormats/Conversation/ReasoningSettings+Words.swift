extension Conversation {
    /// Refuses words for thinking that nobody knows: a translation would have to invent what they mean. `default`
    /// leaves it to the model, as recorded calls of Groq's have it, and asks for nothing. Settings that say nothing, such
    /// as a `thinkingConfig` with a level that is unspecified, are none.
    ///
    /// - Throws: a 400 that names the client's own member and the words that it may say there.
    mutating func settleReasoning() throws(RequestError) {
        guard var reasoning else { return }
        // As Gemini says "as much as you like".
        if let budget = reasoning.budgetTokens, budget < 0 {
            reasoning.budgetTokens = nil
            reasoning.mode = reasoning.mode ?? .adaptive
            self.reasoning = reasoning
        }
        if reasoning.effort == "default" || reasoning == ReasoningSettings() {
            reasoning.effort = nil
            self.reasoning = reasoning == ReasoningSettings() ? nil : reasoning
            return
        }
        if let effort = reasoning.effort, !ReasoningSettings.isKnown(effort) {
            let member = effortMember(reasoning)
            throw ReasoningSettings.unknown(member.name, member.words)
        }
        // Decoders leave a type that they do not know where it was.
        let hasType = origin == .messages || (origin == .chatCompletions && reasoning.form == "thinking")
        if hasType, reasoning.extras["type"] != nil {
            throw ReasoningSettings.unknown("thinking.type", ["enabled", "disabled", "adaptive", "between_tools"])
        }
    }

    /// The members by which the client says whether the model is to think, and how much; nil where it says nothing of it in
    /// one of its own.
    var thinkingMembers: (thinking: String?, effort: String?) {
        guard let reasoning else { return (nil, nil) }
        if origin == .converse { return ConverseThinking.members(of: reasoning, in: self) }
        let effort = reasoning.effort == nil ? nil : effortMember(reasoning).name
        guard reasoning.mode != nil || reasoning.budgetTokens != nil else { return (nil, effort) }
        let thinking: String? =
            switch origin {
            case .messages, .cohereChat: "thinking"
            case .generateContent: "generationConfig.thinkingConfig.thinkingBudget"
            // OpenRouter's `reasoning` holds both.
            case .chatCompletions: reasoning.form == "reasoning" && effort != nil ? nil : reasoning.form
            case .responses, .completions, .converse, .ollamaChat, .embeddings: nil
            }
        return (thinking, effort)
    }

    private func effortMember(_ reasoning: ReasoningSettings) -> (name: String, words: [String]) {
        switch origin {
        case .responses: ("reasoning.effort", ReasoningSettings.efforts)
        case .messages: ("output_config.effort", ["low", "medium", "high", "xhigh", "max"])
        case .generateContent:
            ("generationConfig.thinkingConfig.thinkingLevel", ["MINIMAL", "LOW", "MEDIUM", "HIGH"])
        case .converse: ("additionalModelRequestFields", ReasoningSettings.efforts)
        case .ollamaChat: ("think", ["low", "medium", "high"])
        case .chatCompletions, .completions, .cohereChat, .embeddings:
            (reasoning.form == "reasoning" ? "reasoning.effort" : "reasoning_effort", ReasoningSettings.efforts)
        }
    }
}

extension ReasoningSettings {
    /// The model is not to think.
    public var isOff: Bool { mode?.isOff == true || effort == "none" || budgetTokens == 0 }

    /// How much the model is to think, in a word; nil where nothing says how much.
    var word: String? {
        if isOff { return "none" }
        return effort ?? budgetTokens.map(ThinkingBudget.effort)
    }

    /// The words of ``effort``: OpenAI's (https://platform.openai.com/docs/api-reference/chat/create, `reasoning_effort`)
    /// and `max` of Anthropic and others.
    fileprivate static let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

    fileprivate static func isKnown(_ effort: String) -> Bool { efforts.contains(effort) }

    fileprivate static func unknown(_ member: String, _ words: [String]) -> RequestError {
        let list = words.map { "'\($0)'" }
        return ChatFault.invalidValue(
            member, "supported values are \(list.dropLast().joined(separator: ", ")) and \(list[list.count - 1])")
    }
}

extension TargetFacts {
    /// What the model is told for a word: the word itself, else the least one that it knows and that covers it, else its
    /// greatest.
    ///
    /// - Parameters:
    ///   - refused: the word that the model does not know in this dialect.
    ///   - name: what the client calls it: another word than the asked one is reported as adjusted.
    func leastKnown(
        covering word: String, without refused: String? = nil, _ name: String, _ losses: inout LossReport
    ) -> String {
        let known = (efforts ?? TargetFacts.usualEfforts).filter { $0 != refused }
        guard !known.contains(word), let rank = ReasoningSettings.efforts.firstIndex(of: word) else { return word }
        losses.adjust(name)
        return known.first { ReasoningSettings.efforts[rank...].contains($0) } ?? known.last ?? word
    }

    /// What every model takes that is told by a word.
    private static let usualEfforts = ["low", "medium", "high"]

    /// What Claude is told that is not to think; nil where it need not be told. An effort is the whole answer's, and stays:
    /// without thinking up to `high`.
    func claudeOff(
        _ asked: ReasoningSettings, _ names: ClientNames, _ losses: inout LossReport
    ) -> ReasoningSettings? {
        guard thinking == .level else { return nil }
        let effort = asked.effort == "none" ? nil : asked.effort
        switch off {
        case .unsaid:
            if effort != nil { losses.drop(names.effort) }
            return nil
        case .said(let mode):
            let isTooMuch = effort == "xhigh" || effort == "max"
            if isTooMuch { losses.adjust(names.effort) }
            return ReasoningSettings(
                mode: mode,
                effort: effort.flatMap { leastKnown(covering: isTooMuch ? "high" : $0, names.effort, &losses) })
        case .impossible:
            losses.adjust(names.thinking)
            return ReasoningSettings(
                mode: .adaptive, effort: leastKnown(covering: effort ?? "none", names.effort, &losses))
        }
    }

    /// The word of OpenAI's dialects, before it is fitted to the model. Thinking that nothing says more of is the middle, or
    /// `default` where the model has that: some models think only where a word is given. One of which nothing is known may
    /// refuse any, and is not told to think as much as it likes: agents ask for that always.
    func openAIWord(of settings: ReasoningSettings) -> String? {
        if let word = settings.word { return word }
        switch settings.mode {
        case nil: return nil
        case .adaptive where efforts == nil: return nil
        default: return efforts?.contains("default") == true ? "default" : "medium"
        }
    }

    /// The word that is sent in OpenAI's dialects for what another dialect asks for; nil where none is.
    func openAIEffort(
        of settings: ReasoningSettings, in dialect: Dialect, _ name: String, _ losses: inout LossReport
    ) -> String? {
        guard let word = openAIWord(of: settings) else {
            if settings.mode != nil { losses.drop(name) }
            return nil
        }
        return openAIEffort(for: word, in: dialect, name, &losses)
    }

    /// The word for OpenAI's dialects. "Not at all" is no word to a model of which nothing is known: one that does not think
    /// refuses any, and of those that do most refuse that one. Who does not think unasked need not be told.
    ///
    /// `max` is for Responses only (https://github.com/BerriAI/litellm-docs/pull/1173 of gpt-6; Chat's list for gpt-5.6 ends with
    /// `xhigh`: https://github.com/livekit/agents/pull/7169; both read on 2026-11-29).
    func openAIEffort(
        for word: String, in dialect: Dialect, _ name: String, _ losses: inout LossReport
    ) -> String? {
        if word == "none", efforts?.contains(word) != true {
            if !thinksUnasked { return nil }
            if efforts == nil {
                losses.adjust(name)
                return nil
            }
        }
        return leastKnown(covering: word, without: dialect == .chatCompletions ? "max" : nil, name, &losses)
    }
}

extension ReasoningSettings {
    /// Tokens for a model that is told a budget: the client's number, else its word's; nil where it says neither.
    var budget: Int64? { budgetTokens ?? effort.flatMap(ThinkingBudget.tokens) }
}

/// Budgets below the output cap.
extension TargetFacts {
    /// A budget that leaves room below the output cap, by the policy of ranges. A number that is made of a word is fitted, and
    /// never refused: the client did not say it. Such a one is no less than the word `minimal`.
    ///
    /// - Parameter least: what the model takes.
    /// - Returns: nil where the cap leaves no room for thinking.
    func fittedBudget(
        _ budget: Int64, of settings: ReasoningSettings, least: Int64 = ThinkingBudget.least, below cap: Int64,
        _ name: String, _ losses: inout LossReport
    ) throws(RequestError) -> Int64? {
        let isNumber = settings.budgetTokens == budget
        let fitted = ThinkingBudget.fitted(
            budget, below: cap, least: isNumber ? least : max(least, ThinkingBudget.least))
        if fitted == budget { return budget }
        if rangePolicy == .refuse, isNumber {
            throw .outOfRange(
                name,
                fitted == nil
                    ? "an output cap of \(cap) tokens leaves no room for thinking"
                    : "a budget has to be at least \(least) and below the output cap of \(cap)")
        }
        losses.adjust(name)
        return fitted
    }
}
