import JSONText

/// Bedrock's words for why an answer ended (StopReason of botocore 1.44.8).
enum ConverseStop {
    private static let words: [(word: String, reason: Stop.Reason)] = [
        ("end_turn", .endTurn), ("tool_use", .toolUse), ("max_tokens", .maxTokens), ("stop_sequence", .stopSequence),
        ("guardrail_intervened", .contentFilter), ("content_filtered", .contentFilter),
        ("malformed_tool_use", .malformedToolCall), ("malformed_model_output", .malformedToolCall),
        ("model_context_window_exceeded", .contextWindow),
    ]

    static func read(_ word: String, sequence: String? = nil) -> Stop {
        Stop(words.first { $0.word == word }?.reason ?? .other, sequence: sequence, native: word)
    }

    /// - Parameter callsTools: the answer asks the client to run tools.
    static func written(_ stop: Stop?, origin: Dialect, callsTools: Bool) -> String {
        guard let stop else { return callsTools ? "tool_use" : "end_turn" }
        if origin == .converse, let native = stop.native { return native }
        return switch stop.reason {
        case .maxTokens: "max_tokens"
        case .contextWindow: "model_context_window_exceeded"
        case .stopSequence: "stop_sequence"
        case .contentFilter, .refusal: "content_filtered"
        case .malformedToolCall: "malformed_tool_use"
        // Converse has no pause; a client that takes the turn for done may send it back and go on.
        case .endTurn, .toolUse, .pause, .other: callsTools ? "tool_use" : "end_turn"
        }
    }

    /// Which stop sequence fired comes in the fields that the request asked for: `/stop_sequence` of Claude's answer, or
    /// `/delta/stop_sequence` of its stream. Taken out of `fields`, where it stands.
    static func takeSequence(from fields: inout JSON) -> String? {
        if let sequence = fields["stop_sequence"] {
            fields["stop_sequence"] = nil
            return sequence.string
        }
        if let sequence = fields["delta"]?["stop_sequence"] {
            fields["delta"]?["stop_sequence"] = nil
            if fields["delta"]?.object?.isEmpty == true { fields["delta"] = nil }
            return sequence.string
        }
        return nil
    }
}
