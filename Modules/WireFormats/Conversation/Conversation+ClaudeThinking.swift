import JSONText

/// What Claude is told of thinking, and what it demands of a history before it thinks by a budget
/// (`thinking.type: enabled`), directly and on Bedrock.
///
/// The answer whose calls are being answered has to begin with the thinking that led to them: "Expected `thinking` or
/// `redacted_thinking`, but found `tool_use`". It reaches from the last words of the user's to the last call: Claude need
/// not think anew after each result. Adaptive thinking does not demand it: "previous assistant turns don't need
/// to start with thinking blocks" (https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking, "Validation
/// changes", read on 2026-11-29).
extension Conversation {
    /// The last answer calls tools and does not begin with thinking that may go back with it.
    ///
    /// - Parameter systemIsUsers: system prompts in the middle are sent as the user's words.
    func lastCallsLackThinking(systemIsUsers: Bool) -> Bool {
        var answer = LastAnswer()
        for turn in turns {
            if !systemIsUsers, turn.role == .system || turn.role == .developer { continue }
            var blocks = LastAnswer.Blocks()
            for part in turn.parts {
                if let block = part.blockForClaude { blocks.note(block) }
            }
            if turn.role == .assistant { answer.assistantSaid(blocks) } else { answer.userSaid(blocks) }
        }
        return answer.callsLackThinking
    }

    /// What Claude is told for what another dialect asks for. Rule: docs/WIREFORMATS.md, "Thinking".
    ///
    /// - Parameter cap: the output cap that will be sent, or the model's own.
    /// - Returns: nil where nothing need or can be told. Without a mode only an effort is.
    func claudeThinking(
        _ asked: ReasoningSettings, below cap: Int64, isToolForced: Bool, for target: TargetFacts,
        _ names: ClientNames, _ losses: inout LossReport
    ) throws(RequestError) -> ReasoningSettings? {
        let isOfAnswer = asked.effort != nil && asked.isEffortOfAnswer
        if asked.isOff { return target.claudeOff(asked, isOfAnswer: isOfAnswer, names, &losses) }
        if target.thinking == .none {
            losses.drop(.reasoningEffort, of: self, names)
            return nil
        }
        var told = ReasoningSettings(includesThoughts: asked.showsThoughts)
        guard asked.asksToThink else {
            // What thinks unasked is told what becomes of its thoughts.
            if target.thinking == .level, target.off != .unsaid {
                told.mode = .adaptive
                return told
            }
            if asked.showsThoughts == true { losses.drop(names.display) }
            return nil
        }
        let isToThink = !isOfAnswer || asked.mode != nil || asked.budgetTokens != nil
        if target.thinking == .level {
            told.effort = asked.word.map { target.leastKnown(covering: $0, names.effort, &losses) }
            if isToThink { told.mode = .adaptive }
            if asked.effort != nil, asked.budgetTokens != nil { losses.adjust(names.thinkingBudget) }
        } else {
            if let effort = asked.effort {
                // Without a number the budget is made of it.
                let makesBudget = isToThink && asked.budgetTokens == nil
                if isOfAnswer, target.takesEffortOfAnswer {
                    told.effort = target.leastKnown(covering: effort, names.effort, &losses)
                } else if !makesBudget {
                    losses.drop(names.effort)
                }
            }
            if isToThink,
                let budget = try claudeBudget(
                    asked, below: cap, isToolForced: isToolForced, for: target, names.thinkingBudget, &losses)
            {
                told.mode = .enabled
                told.budgetTokens = budget
            }
        }
        return told.mode == nil && told.effort == nil ? nil : told
    }

    /// The budget of a Claude that is told one; nil where it may not think here, which is reported.
    ///
    /// "Thinking may not be enabled when tool_choice forces tool use" is said of budgets: where a tool can be forced at all,
    /// "adaptive thinking supports forced tool use" (https://platform.claude.com/docs/build-with-claude/thinking-tool-workflows, read on
    /// 2026-11-29).
    private func claudeBudget(
        _ asked: ReasoningSettings, below cap: Int64, isToolForced: Bool, for target: TargetFacts, _ name: String,
        _ losses: inout LossReport
    ) throws(RequestError) -> Int64? {
        let wanted = asked.budget ?? ThinkingBudget.usual
        guard let budget = try target.fittedBudget(wanted, of: asked, below: cap, name, &losses) else { return nil }
        let systemIsUsers = !target.takesSystemInTheMiddle
        guard isToolForced || lastCallsLackThinking(systemIsUsers: systemIsUsers) else { return budget }
        if isToolForced, target.rangePolicy == .refuse {
            throw .outOfRange(name, "this model does not think where a tool is forced")
        }
        losses.adjust(name)
        return nil
    }
}

extension ReasoningSettings {
    /// Claude's `thinking`; nil where no type of it is said.
    var claudeBlock: JSONObject? {
        guard let mode else { return nil }
        var block: JSONObject = ["type": .string(mode.rawValue)]
        if let budgetTokens { block["budget_tokens"] = .int(budgetTokens) }
        if let display { block["display"] = .string(display) }
        return block
    }

    /// Claude's `display`. From 4.7 on what is not said is `omitted`
    /// (https://platform.claude.com/docs/en/about-claude/models/whats-new-claude-4-7 by
    /// https://github.com/anthropics/claude-code/issues/56356; on Bedrock https://github.com/theopenco/llmgateway/pull/2593;
    /// read on 2026-11-29).
    var display: String? { showsThoughts.map { $0 ? "summarized" : "omitted" } }
}

extension Part {
    /// Nil where Claude gets nothing of it: thinking that is not its own, and blank text.
    fileprivate var blockForClaude: LastAnswer.Block? {
        switch content {
        case .reasoning(let reasoning):
            guard let proof = reasoning.proof, proof.origin == .anthropic, !proof.value.isEmpty else { return nil }
            return .thinking
        case .toolCall: return .call
        case .toolResult: return .result
        case .text(let text): return text.text.isBlank ? nil : .other
        case .refusal(let words): return words.isBlank ? nil : .other
        case .media, .serverTool, .native: return .other
        }
    }
}
