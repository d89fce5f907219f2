import JSONText

/// Writes a whole reply for the client.
struct GenerateContentReplyEncoder {
    let context: ReplyContext
    var losses = LossReport()
    /// Of other providers' searches, in all candidates.
    private var queryCount = 0

    init(_ context: ReplyContext) { self.context = context }

    mutating func encoded(_ reply: Reply) -> JSON {
        let isOwn = reply.origin == .generateContent
        var body = JSONObject()
        if !(isOwn && GenerateContentReplyEncoder.isBlockedPrompt(reply)) {
            var candidates: [JSON] = []
            for choice in reply.choices { candidates.append(candidate(choice, isOwn: isOwn)) }
            if !candidates.isEmpty { body["candidates"] = .array(candidates) }
        }
        if let usage = reply.usage {
            body["usageMetadata"] = GoogleUsage.written(usage, isOwn: isOwn, queries: queryCount, &losses)
        }
        losses.drop(tier: reply.serviceTier, of: reply.origin, for: .generateContent)
        body["modelVersion"] = .string(context.model)
        body["responseId"] = .string(reply.id ?? context.requestID)
        if isOwn { for (key, value) in reply.extras { body[key] = value } }
        return .object(body)
    }

    /// A withheld prompt has no candidates, only `promptFeedback`.
    private static func isBlockedPrompt(_ reply: Reply) -> Bool {
        guard let reason = reply.extras["promptFeedback"]?["blockReason"], reply.choices.count == 1 else {
            return false
        }
        return reply.choices[0].parts.isEmpty && reply.choices[0].stop?.native == reason.string ?? reason.text
    }

    private mutating func candidate(_ choice: Reply.Choice, isOwn: Bool) -> JSON {
        var writer = GenerateContentPartWriter(isOwn: isOwn)
        var parts: [JSON] = []
        var texts: [(part: Int, text: Text)] = []
        for part in choice.parts {
            guard let written = writer.written(part) else { continue }
            if case .text(let text) = part.content { texts.append((parts.count, text)) }
            parts.append(written)
        }
        losses.add(writer.losses)
        queryCount += writer.queries.count
        losses.dropUnplaced(in: choice, for: .generateContent, isOwn: isOwn)
        var content = JSONObject()
        if !parts.isEmpty { content["parts"] = .array(parts) }
        content["role"] = "model"
        var candidate: JSONObject = ["content": .object(content)]
        if let stop = choice.stop { candidate["finishReason"] = .string(GoogleStop.finishReason(stop, isOwn: isOwn)) }
        candidate["index"] = .int(Int64(choice.index))
        let grounding = isOwn ? nil : GoogleGrounding.written(texts, queries: writer.queries)
        Self.finish(&candidate, choice.stop, choice.logprobs, choice.extras, grounding, isOwn: isOwn)
        return .object(candidate)
    }

    /// What stands beside the content.
    static func finish(
        _ candidate: inout JSONObject, _ stop: Stop?, _ logprobs: JSON?, _ extras: JSONObject, _ grounding: JSON?,
        isOwn: Bool
    ) {
        if let words = stop?.explainingWords { candidate["finishMessage"] = .string(words) }
        if let grounding { candidate["groundingMetadata"] = grounding }
        if isOwn { for (key, value) in extras { candidate[key] = value } }
        if let logprobs, var result = GoogleLogprobs.google(logprobs) {
            for (key, value) in candidate["logprobsResult"]?.object ?? [:] { result[key] = value }
            candidate["logprobsResult"] = .object(result)
        }
    }
}
