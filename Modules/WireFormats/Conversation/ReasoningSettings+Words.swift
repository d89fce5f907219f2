import JSONText

extension Conversation {
    /// Refuses words for thinking that nobody knows: a translation would have to invent what they mean. `default`
    /// leaves it to the model, as recorded calls of Groq's have it, and asks for nothing. Settings that say nothing, such
    /// as a `thinkingConfig` with a level that is unspecified, are none. Members without a name here are reported.
    ///
    /// - Throws: a 400 that names the client's own member and the words that it may say there.
    mutating func settleReasoning(
        for target: TargetFacts, in dialect: Dialect, _ losses: inout LossReport
    ) throws(RequestError) {
        guard var reasoning else { return }
        // As Gemini says "as much as you like".
        if let budget = reasoning.budgetTokens, budget < 0 {
            reasoning.budgetTokens = nil
            reasoning.mode = reasoning.mode ?? .adaptive
        }
        if reasoning.effort == "default" { reasoning.effort = nil }
        if let effort = reasoning.effort, !ReasoningSettings.isKnown(effort) {
            let member = effortMember(reasoning)
            throw ReasoningSettings.unknown(member.name, member.words)
        }
        // Decoders leave a type that they do not know where it was.
        let hasType = origin == .messages || (origin == .chatCompletions && reasoning.form == "thinking")
        if hasType, reasoning.extras["type"] != nil {
            throw ReasoningSettings.unknown("thinking.type", ["enabled", "disabled", "adaptive", "between_tools"])
        }
        losses.drop(reasoning.extras)
        reasoning.extras = JSONObject()
        self.reasoning = reasoning
        let family = dialect == .converse ? ConverseFamily(target) : nil
        // What Claude is told: ``claudeThinking(_:below:isToolForced:for:_:_:)``.
        if dialect != .messages, family != .claude {
            let isTold = family?.isToldToThink ?? (dialect != .completions)
            leaveOutOfReasoning(for: target, in: dialect, isTold: isTold, &losses)
        }
        if let left = self.reasoning, !left.asksToThink, left.showsThoughts == nil { self.reasoning = nil }
    }

    /// Takes out, and reports, what a provider other than Claude has no member for: an effort beside "not at all"; one of a
    /// budget and an effort; a wish to see thoughts, or not to.
    ///
    /// - Parameter isTold: it has a member for how much the model is to think.
    private mutating func leaveOutOfReasoning(
        for target: TargetFacts, in dialect: Dialect, isTold: Bool, _ losses: inout LossReport
    ) {
        guard var kept = reasoning else { return }
        let names = ClientNames(self)
        if kept.isOff {
            if let effort = kept.effort, effort != "none" {
                losses.drop(names.effort)
                kept.effort = nil
            }
        } else if target.thinking != .none {
            if isTold, kept.effort != nil, kept.budgetTokens != nil {
                let takesNumbers = dialect == .cohereChat || dialect == .generateContent
                if takesNumbers, target.thinking == .budget {
                    losses.drop(names.effort)
                    kept.effort = nil
                } else {
                    losses.adjust(names.thinkingBudget)
                    kept.budgetTokens = nil
                }
            }
            if let shows = kept.showsThoughts, let isMet = target.meets(wishToSeeThoughts: shows, in: dialect) {
                if !isMet { losses.drop(names.display) }
                kept.includesThoughts = nil
                kept.summary = nil
            }
        } else if kept.asksToThink, kept.showsThoughts == true {
            // What asks to think is reported by who writes it, a wish alone too.
            losses.drop(names.display)
            kept.includesThoughts = nil
            kept.summary = nil
        }
        reasoning = kept
    }

    /// The members by which the client says whether the model is to think, and how much; nil where it says nothing of it in
    /// one of its own.
    var thinkingMembers: (thinking: String?, effort: String?) {
        guard let reasoning else { return (nil, nil) }
        if origin == .converse { return ConverseThinking.members(in: self) }
        let effort = reasoning.effort == nil ? nil : effortMember(reasoning).name
        guard reasoning.mode != nil || reasoning.budgetTokens != nil else { return (nil, effort) }
        let thinking: String? =
            switch origin {
            case .messages, .cohereChat: "thinking"
            case .generateContent: "generationConfig.thinkingConfig.thinkingBudget"
            // OpenRouter's `reasoning` holds both; its `max_tokens` by itself would be Chat's output cap.
            case .chatCompletions where reasoning.form == "reasoning" && effort != nil:
                reasoning.budgetTokens == nil ? nil : "reasoning"
            case .chatCompletions: reasoning.form
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

    /// Says whether the model is to think, or how much.
    var asksToThink: Bool { mode != nil || effort != nil || budgetTokens != nil }

    /// Whether thoughts are to come with the answer; nil where nothing says so.
    var showsThoughts: Bool? { includesThoughts ?? (summary == nil ? nil : true) }

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

    /// Whether the provider does what is wished without being told; nil where it is told.
    ///
    /// Cohere, Ollama and Bedrock's models show what they think. A Chat provider that has a member for thinking shows it, too;
    /// of any other it is not known, but that OpenAI's own models show none there.
    fileprivate func meets(wishToSeeThoughts isWanted: Bool, in dialect: Dialect) -> Bool? {
        switch dialect {
        case .cohereChat, .ollamaChat, .converse: isWanted
        case .chatCompletions where renames["reasoning_effort"] == "reasoning": isWanted ? true : nil
        case .chatCompletions: isWanted ? chatReasoning != nil : hidesThoughtsInChat
        case .completions: !isWanted
        case .responses, .messages, .generateContent, .embeddings: nil
        }
    }

    /// Claude takes an effort as a member of its own.
    var takesEffortOfAnswer: Bool { thinking == .level || (thinking == .budget && efforts != nil) }

    /// The beta by which alone a Claude that is told a budget (Opus 4.5) takes an effort where others serve it
    /// (https://github.com/coder/coder/issues/25356, read on 2026-11-29); Anthropic itself needs none.
    var effortBeta: String? { thinking == .budget ? "effort-2025-11-24" : nil }

    /// What Claude is told that is not to think; nil where it need not be told. An effort is the whole answer's, and stays:
    /// without thinking up to `high`.
    ///
    /// - Parameter isOfAnswer: the client says so of its effort. Where nothing need be told, any other one asks for nothing.
    func claudeOff(
        _ asked: ReasoningSettings, isOfAnswer: Bool, _ names: ClientNames, _ losses: inout LossReport
    ) -> ReasoningSettings? {
        let effort = asked.effort == "none" ? nil : asked.effort
        let said = thinking == .level ? off : .unsaid
        switch said {
        case .unsaid:
            guard let effort else { return nil }
            guard isOfAnswer, takesEffortOfAnswer else {
                losses.drop(names.effort)
                return nil
            }
            return ReasoningSettings(effort: leastKnown(covering: effort, names.effort, &losses))
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
