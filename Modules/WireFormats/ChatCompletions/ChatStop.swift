/// `finish_reason` and the model's reasons.
enum ChatStop {
    /// - Parameter hasRefusal: the model says in words, in `refusal`, that it declines. OpenAI ends such an answer with
    ///   `stop`.
    static func stop(_ word: String?, hasCalls: Bool, hasRefusal: Bool) -> Stop {
        let reason: Stop.Reason =
            switch word {
            // Snowflake and Cloudflare may leave it out; what has ended has ended.
            case nil, "stop", "eos", "eos_token", "end_turn", "STOP", "COMPLETE", "complete": .endTurn
            case "length", "max_tokens": .maxTokens
            // Mistral's word for a full context.
            case "model_length": .contextWindow
            case "tool_calls", "tool_use", "function_call": .toolUse
            case "content_filter", "content-filter", "SAFETY": .contentFilter
            case "stop_sequence": .stopSequence
            case "refusal": .refusal
            // Google's endpoint in this dialect says `function_call_filter: MALFORMED_FUNCTION_CALL` (clients' sources that
            // wait for it, read on 2026-11-29).
            case let word? where word.uppercased().hasSuffix("MALFORMED_FUNCTION_CALL"): .malformedToolCall
            // `insufficient_system_resource` (DeepSeek), `other` (Vercel), … (`error` is a failure.)
            default: .other
            }
        guard reason == .endTurn else { return Stop(reason, native: word) }
        // Some servers say `stop` though tools are to run.
        return Stop(hasCalls ? .toolUse : hasRefusal ? .refusal : .endTurn, native: word)
    }

    static func word(_ stop: Stop, hasCalls: Bool, isLegacy: Bool, hasRefusal: Bool) -> String {
        let calls = isLegacy ? "function_call" : "tool_calls"
        switch stop.reason {
        case .maxTokens, .contextWindow: return "length"
        case .contentFilter: return "content_filter"
        // OpenAI ends a refusal in the model's words with `stop`; one without can only be told as filtered, and so is one that
        // the provider explains: an answer may have been cut by it.
        case .refusal: return hasRefusal && stop.explanation == nil ? "stop" : "content_filter"
        // `stop` would make a good answer of a call that nobody could read.
        case .malformedToolCall: return hasCalls ? calls : "content_filter"
        // The client runs what is there: a call of the provider's own tools it does not get.
        case .endTurn, .toolUse, .stopSequence, .pause, .other: return hasCalls ? calls : "stop"
        }
    }
}
