import JSONText

/// Stop reasons (https://docs.claude.com/en/api/handling-stop-reasons, read on 2026-11-29).
enum MessagesStop {
    static func stop(_ native: String, sequence: String?) -> Stop {
        let reason: Stop.Reason =
            switch native {
            case "end_turn": .endTurn
            case "max_tokens": .maxTokens
            case "stop_sequence": .stopSequence
            case "tool_use": .toolUse
            case "pause_turn": .pause
            case "refusal": .refusal
            case "model_context_window_exceeded": .contextWindow
            default: .other
            }
        return Stop(reason, sequence: sequence, native: native)
    }

    /// The word for a client.
    static func word(_ stop: Stop?, isOwn: Bool, hasCalls: Bool) -> String {
        if isOwn, let native = stop?.native { return native }
        switch stop?.reason {
        case .maxTokens: return "max_tokens"
        case .contextWindow: return "model_context_window_exceeded"
        case .stopSequence: return "stop_sequence"
        case .contentFilter, .refusal: return "refusal"
        case .pause: return "pause_turn"
        // A client runs tools where this says so; some providers end such answers with their plain word.
        case .endTurn, .toolUse, .other, nil: return hasCalls ? "tool_use" : "end_turn"
        // `end_turn` would make a good answer of a call that nobody could read.
        case .malformedToolCall: return hasCalls ? "tool_use" : "refusal"
        }
    }
}
