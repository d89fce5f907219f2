import JSONText

/// Stop reasons (https://docs.claude.com/en/api/handling-stop-reasons, read on 2026-11-29).
enum MessagesStop {
    /// - Parameters:
    ///   - message: the message, or the delta of a stream, whose `stop_reason` it is.
    ///   - details: its `stop_details`.
    static func stop(_ native: String, of message: JSON, _ details: JSON?) -> Stop {
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
        var stop = Stop(reason, sequence: message["stop_sequence"]?.string, native: native)
        stop.explanation = explanation(details?.object ?? [:])
        return stop
    }

    /// `{"type": "refusal", "category": "cyber", "explanation": "…"}` (anthropic 2.14.0, refusal_stop_details.py).
    private static func explanation(_ details: JSONObject) -> Stop.Explanation? {
        let words = details["type"]?.isString("refusal") == true ? details["explanation"]?.string : nil
        let rest = details.present(beside: words == nil ? ["type"] : ["type", "explanation"])
        if words?.isEmpty != false, rest.isEmpty { return nil }
        return Stop.Explanation(words ?? "", in: "stop_details", saysMore: !rest.isEmpty)
    }

    /// What another provider says about a refusal, for a client.
    static func details(of stop: Stop?) -> JSON? {
        guard let words = stop?.explainingWords else { return nil }
        return ["type": "refusal", "category": .null, "explanation": .string(words)]
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
