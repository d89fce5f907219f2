import JSONText
import Units

/// `usage` of Chat replies. How providers count: ``OpenAIUsage``.
enum ChatUsage {
    /// What a reply or a chunk says of usage; Groq's streams have it in `x_groq`.
    static func read(in body: JSON) -> Usage? {
        if let native = body["usage"], let usage = read(native) { return usage }
        guard let native = body["x_groq"]?["usage"] else { return nil }
        return read(native)
    }

    static func read(_ native: JSON) -> Usage? {
        guard native.object != nil else { return nil }
        return OpenAIUsage.read(native).map { Usage($0, native: native) }
    }

    /// OpenAI's members, and for cache writes also those of Anthropic, which tell how long these live, and which LiteLLM and
    /// OpenRouter's neighbours use in Chat replies too: input includes them, as `prompt_tokens` does everywhere here.
    static func written(_ usage: Usage, isOwn: Bool) -> JSON {
        if isOwn, let native = usage.native { return native }
        let tokens = usage.tokens
        func count(_ count: TokenCount) -> JSON { .int(count.count) }
        var object = JSONObject(capacity: 8)
        object.add("prompt_tokens", count(tokens.input))
        object.add("completion_tokens", count(tokens.output))
        object.add("total_tokens", count(tokens.total))
        var input = JSONObject("cached_tokens", count(tokens.cachedInput))
        let writes = tokens.cacheWrite5m + tokens.cacheWrite1h
        if writes > 0 { input["cache_write_tokens"] = count(writes) }
        if tokens.audioInput > 0 { input["audio_tokens"] = count(tokens.audioInput) }
        if tokens.imageInput > 0 { input["image_tokens"] = count(tokens.imageInput) }
        object.add("prompt_tokens_details", .object(input))
        var output = JSONObject()
        // Responses' and Anthropic's; where the provider does not tell, it is 0 here.
        let details = usage.native?["output_tokens_details"]
        let isTold = (details?["reasoning_tokens"] ?? details?["thinking_tokens"])?.int != nil
        if isTold || tokens.reasoning > 0 { output["reasoning_tokens"] = count(tokens.reasoning) }
        if tokens.audioOutput > 0 { output["audio_tokens"] = count(tokens.audioOutput) }
        if tokens.imageOutput > 0 { output["image_tokens"] = count(tokens.imageOutput) }
        if tokens.acceptedPrediction > 0 || tokens.rejectedPrediction > 0 {
            output["accepted_prediction_tokens"] = count(tokens.acceptedPrediction)
            output["rejected_prediction_tokens"] = count(tokens.rejectedPrediction)
        }
        if !output.isEmpty { object.add("completion_tokens_details", .object(output)) }
        if writes > 0 {
            object["cache_creation_input_tokens"] = count(writes)
            object["cache_creation"] = [
                "ephemeral_5m_input_tokens": count(tokens.cacheWrite5m),
                "ephemeral_1h_input_tokens": count(tokens.cacheWrite1h),
            ]
        }
        if tokens.searches > 0 { object["server_tool_use"] = ["web_search_requests": .int(tokens.searches)] }
        return .object(object)
    }
}
