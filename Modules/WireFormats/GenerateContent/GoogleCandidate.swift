import JSONText

/// One of a reply's `candidates`, or what one chunk of a stream says of it.
struct GoogleCandidate {
    var index: Int
    var parts: [JSON] = []
    var finishReason: String?
    /// In Chat Completions' form.
    var logprobs: JSON?
    /// Of `groundingMetadata` and `citationMetadata` too: they are read, and they stay.
    var extras = JSONObject()

    init(_ value: JSON, position: Int) throws(GenerateContentFault) {
        var spelling: Set<String> = []
        var members = try GoogleMembers(value, at: BodyPlace("candidates", position), &spelling)
        index = members.take("index")?.int.flatMap { Int(exactly: $0) } ?? position
        if let content = members.take("content") {
            guard content.object != nil else { throw .kind(members.path("content"), "an object", content) }
            switch content["parts"] {
            case .array(let list): parts = list
            case .object(let part): parts = [.object(part)]
            case .null, nil: break
            case .some(let other): throw .kind(members.path("content") + ".parts", "an array", other)
            }
        }
        finishReason = members.take("finishReason").flatMap(GoogleStop.name)
        if let result = members.take("logprobsResult") {
            logprobs = GoogleLogprobs.chat(result)
            let rest = (result.object ?? [:]).filter { !["chosenCandidates", "topCandidates"].contains($0.key) }
            if !rest.isEmpty { extras["logprobsResult"] = .object(JSONObject(rest.map { ($0.key, $0.value) })) }
        }
        for (key, value) in members.present { extras[key] = value }
    }
}

/// `finishReason`. Source: https://ai.google.dev/api/generate-content#FinishReason (read on 2026-11-29) and google-genai
/// 3.6.1 `types.FinishReason`.
enum GoogleStop {
    /// With `$alt=json;enum-encoding=int` enums come as their numbers.
    private static let numbers = [
        "FINISH_REASON_UNSPECIFIED", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER", "LANGUAGE", "BLOCKLIST",
        "PROHIBITED_CONTENT", "SPII", "MALFORMED_FUNCTION_CALL", "IMAGE_SAFETY", "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
    ]

    static func name(_ value: JSON) -> String? {
        if let name = value.string { return name }
        guard let number = value.int else { return nil }
        return (0..<Int64(numbers.count)).contains(number) ? numbers[Int(number)] : String(number)
    }

    /// - Parameter extras: what else the candidate says; its words about a filter are taken out.
    static func stop(_ name: String, hasCalls: Bool, _ extras: inout JSONObject) -> Stop {
        var stop = Stop(reason(name, hasCalls: hasCalls), native: name)
        if stop.reason == .contentFilter, let words = extras["finishMessage"]?.string, !words.isEmpty {
            stop.explanation = Stop.Explanation(words, in: "finishMessage")
            extras["finishMessage"] = nil
        }
        return stop
    }

    /// The end of an answer whose prompt was withheld: no candidate comes at all. Nil where it was not.
    static func blocked(_ feedback: JSON?) -> Stop? {
        guard let feedback = feedback?.object, let reason = feedback["blockReason"] else { return nil }
        var stop = Stop(.contentFilter, native: reason.string ?? reason.text)
        let words = feedback["blockReasonMessage"]?.string ?? ""
        let rest = feedback.present(beside: ["blockReason", "blockReasonMessage"])
        let saysMore = rest.contains { !LossReport.isOfProvider($0.key, $0.value) }
        if !words.isEmpty || saysMore {
            stop.explanation = Stop.Explanation(words, in: "promptFeedback", saysMore: saysMore)
        }
        return stop
    }

    private static func reason(_ name: String, hasCalls: Bool) -> Stop.Reason {
        switch name {
        case "STOP": hasCalls ? .toolUse : .endTurn
        // A continuation "reached the per-request token limit, but generation is not yet complete".
        case "MAX_TOKENS", "CONTINUATION": .maxTokens
        case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "MODEL_ARMOR", "JAILBREAK", "ESCALATION":
            .contentFilter
        // A call that is there is the client's to judge, though Google did not expect it, or not so many.
        case "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS": hasCalls ? .toolUse : .malformedToolCall
        case "MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE": .malformedToolCall
        default: .other
        }
    }

    static func finishReason(_ stop: Stop, isOwn: Bool) -> String {
        if isOwn, let native = stop.native { return native }
        return switch stop.reason {
        case .endTurn, .stopSequence, .toolUse, .pause: "STOP"
        case .maxTokens, .contextWindow: "MAX_TOKENS"
        case .contentFilter, .refusal: "SAFETY"
        case .malformedToolCall: "MALFORMED_FUNCTION_CALL"
        case .other: "OTHER"
        }
    }
}
