/// What Claude demands of a history before it thinks by a budget (`thinking.type: enabled`), directly and on Bedrock.
///
/// The answer whose calls are being answered has to begin with the thinking that led to them: "Expected `thinking` or
/// `redacted_thinking`, but found `tool_use`". It reaches from the last words of the user's to the last call: Claude need
/// not think anew after each result. Adaptive thinking does not demand it: "previous assistant turns don't need
/// to start with thinking blocks" (https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking, "Validation
/// changes", read on 2026-11-29).
extension Conversation {
    /// The last answer calls tools and has no thinking that may go back with it.
    var lastCallsLackThinking: Bool {
        let parts = lastAnswer
        return parts.contains(where: \.isToolCall) && !parts.contains(where: \.isClaudesThinking)
    }

    /// The budget of a Claude that is told one; nil where it may not think here, which is reported.
    ///
    /// "Thinking may not be enabled when tool_choice forces tool use" is said of budgets: where a tool can be forced at all,
    /// "adaptive thinking supports forced tool use" (https://platform.claude.com/docs/build-with-claude/thinking-tool-workflows, read on
    /// 2026-11-29).
    func claudeBudget(
        _ asked: ReasoningSettings, below cap: Int64, isToolForced: Bool, for target: TargetFacts, _ name: String,
        _ losses: inout LossReport
    ) throws(RequestError) -> Int64? {
        let wanted = asked.budget ?? ThinkingBudget.usual
        guard let budget = try target.fittedBudget(wanted, of: asked, below: cap, name, &losses) else { return nil }
        guard isToolForced || lastCallsLackThinking else { return budget }
        if isToolForced, target.rangePolicy == .refuse {
            throw .outOfRange(name, "this model does not think where a tool is forced")
        }
        losses.adjust(name)
        return nil
    }

    /// The last answer had thinking of another provider's model, which is left out.
    var lastAnswerHasForeignThinking: Bool {
        lastAnswer.contains { part in part.reasoning?.proof.map { $0.origin != .anthropic } ?? false }
    }

    /// The parts of the last assistant turns between which there are results of tools alone; none where it is over, because
    /// the user has gone on without such results.
    private var lastAnswer: [Part] {
        guard let end = turns.lastIndex(where: { $0.role == .assistant }) else { return [] }
        let next = turns[(end + 1)...].filter { $0.role != .system && $0.role != .developer }
        guard next.isEmpty || next.contains(where: { $0.parts.contains(where: \.isToolResult) }) else { return [] }
        let isOther = { (turn: Turn) in turn.role != .assistant && !turn.parts.allSatisfy(\.isToolResult) }
        let start = turns[...end].lastIndex(where: isOther).map { $0 + 1 } ?? 0
        return turns[start...end].filter { $0.role == .assistant }.flatMap(\.parts)
    }
}

extension Part {
    fileprivate var isClaudesThinking: Bool {
        guard let proof = reasoning?.proof else { return false }
        return proof.origin == .anthropic && !proof.value.isEmpty
    }
}
