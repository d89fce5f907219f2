/// `temperature`, `top_p` and `top_k` for Messages and Converse. What Claude takes of them, at Anthropic and on Bedrock alike:
///
/// 1. While it thinks no temperature but 1, no `top_k`, and `top_p` from 0.95 on
///    (https://docs.claude.com/en/docs/build-with-claude/extended-thinking, "Feature compatibility", read on 2026-11-29).
/// 2. Since Claude 4 `temperature` or `top_p`: "`temperature` and `top_p` cannot both be specified for this model"
///    (https://github.com/mem0ai/mem0/pull/4147, read on 2026-11-29). The one that asks for nothing gives way; else `top_p`.
extension Conversation {
    /// - Throws: a 400 for what would be left out or fitted in, where the ranges' policy is to refuse it.
    func fittedSampling(
        for target: TargetFacts, isClaude: Bool, isThinking: Bool, _ names: ClientNames, _ losses: inout LossReport
    ) throws(RequestError) -> Sampling {
        var fitted = sampling
        for option in [RequestOption.temperature, .topP, .topK] where target.refuses.contains(option.rawValue) {
            losses.drop(option, of: self, names)
            fitted.remove(option)
        }
        if let value = fitted.temperature {
            fitted.temperature = try target.fitted(value, to: 0...1, names["temperature"], &losses)
        }
        if let value = fitted.topP { fitted.topP = try target.fitted(value, to: 0...1, names["top_p"], &losses) }
        if let value = fitted.topK, value < 0 {
            fitted.topK = try target.fitted(value, to: 0...Int64(Int32.max), names["top_k"], &losses)
        }
        guard isClaude, target.rangePolicy != .pass else { return fitted }
        func leaveOut(_ option: RequestOption, _ why: String) throws(RequestError) {
            let name = names[option.rawValue]
            guard target.rangePolicy != .refuse else { throw .outOfRange(name, why) }
            losses.drop(name)
            fitted.remove(option)
        }
        if isThinking {
            if let value = fitted.temperature, value != 1 {
                try leaveOut(.temperature, "it has to be 1 where the model thinks")
            }
            if fitted.topK != nil { try leaveOut(.topK, "it may not be set where the model thinks") }
            if let value = fitted.topP {
                fitted.topP = try target.fitted(value, to: 0.95...1, names["top_p"], &losses)
            }
        }
        guard fitted.temperature != nil, fitted.topP != nil, !target.takesTemperatureBesideTopP else { return fitted }
        if !asks(for: .topP) {
            fitted.topP = nil
        } else if !asks(for: .temperature) {
            fitted.temperature = nil
        } else {
            try leaveOut(.topP, "it may not be set beside temperature")
        }
        return fitted
    }
}
