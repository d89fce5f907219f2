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
        // Of a call that nobody could read `refusal` would be wrong: Claude Code shows that as a policy's violation, and ends
        // the session.
        case .endTurn, .toolUse, .malformedToolCall, .other, nil: return hasCalls ? "tool_use" : "end_turn"
        }
    }
}
