import JSONText

/// `:countTokens`: `{"contents": […]}` or `{"generateContentRequest": {…}}`, answered with `{"totalTokens": n}`.
///
/// Source: https://ai.google.dev/api/tokens (read on 2026-11-29). Vertex takes the members of a request beside `contents`.
public enum GenerateContentTokenCount {
    /// Reads the client's request, as the conversation that is to be counted.
    public static func decodeRequest(_ body: JSON, at place: RequestPlace) throws(RequestError) -> Conversation {
        guard let inner = body["generateContentRequest"] ?? body["generate_content_request"], !inner.isNull else {
            return try GenerateContentCodec.decodeRequest(body, at: place)
        }
        if let contents = body["contents"], !contents.isNull {
            // "contents … mutually exclusive with generateContentRequest"
            throw RequestError(
                message: "Only one of 'contents' and 'generateContentRequest' may be set.", param: "contents",
                code: "invalid_request")
        }
        return try GenerateContentCodec.decodeRequest(inner, at: place)
    }

    /// Writes a provider's request. AI Studio takes tools and system prompts within `generateContentRequest` only.
    public static func encodeRequest(
        _ conversation: Conversation, for target: TargetFacts, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        var request = try GenerateContentCodec.writtenRequest(conversation, for: target, &losses)
        if target.isVertex {
            var counted = JSONObject()
            for name in [
                "contents", "systemInstruction", "system_instruction", "tools", "generationConfig", "generation_config",
            ] {
                if let value = request[name] { counted[name] = value }
            }
            return .object(counted)
        }
        request["model"] = .string("models/" + target.model)
        return ["generateContentRequest": request]
    }

    /// The provider's count; nil where there is none.
    public static func decodeReply(_ body: JSON) -> Int64? {
        // A count of nothing is left out, as every zero of a protocol buffer.
        guard let object = body.object, object["error"] == nil else { return nil }
        return object["totalTokens"]?.int ?? object["total_tokens"]?.int
    }

    /// The answer for the client.
    ///
    /// - Parameter cached: how many of them are in the cache; nil where that is not known.
    public static func encodeReply(_ tokens: Int64, cached: Int64? = nil) -> JSON {
        var body: JSONObject = ["totalTokens": .int(tokens)]
        if let cached { body["cachedContentTokenCount"] = .int(cached) }
        body["promptTokensDetails"] = [["modality": "TEXT", "tokenCount": .int(tokens)]]
        return .object(body)
    }
}
