import JSONText
import Units

/// Reads the `usage` object of OpenAI-compatible replies.
///
/// Rules, from recorded replies of 40 providers
/// 1. `prompt_tokens` and `completion_tokens` are the whole; the details are parts of them. A part larger than its
///    whole (Azure's xAI models report such `cached_tokens`) is cut to it.
/// 2. Where `total_tokens` is more than their sum, the rest was used and is billed but counted in neither: audio input
///    at Mistral, which `prompt_tokens_details.audio_tokens` equals; otherwise output that is not shown (xAI's
///    reasoning, Gemini's thinking).
/// 3. Where only `total_tokens` is there (Voyage's embeddings), it is input.
/// 4. What is null, absent, negative or no number counts 0; a `usage` without any count is no usage.
/// 5. Searches are counted in Anthropic's member, as a gateway like this one writes it, and in OpenRouter's
///    `server_tool_use_details` (recorded; https://openrouter.ai/docs/client-sdks/python/components/bodyservertooluse.md, read on
///    2026-11-30).
enum OpenAIUsage {
    static func read(_ usage: some CountedValue) -> TokenUsage? {
        guard usage.kind == .object else { return nil }
        var input: Int64?
        var output: Int64?
        var total: Int64?
        var cached: Int64 = 0
        var write5m: Int64 = 0
        var write1h: Int64 = 0
        var audioInput: Int64 = 0
        var imageInput: Int64 = 0
        var result = TokenUsage()
        var cost: NanoUSD?
        var ownKey = false
        var upstreamCost: NanoUSD?

        for member in usage.countedMembers {
            let value = member.value
            if member.isNamed("prompt_tokens") {
                input = count(value) ?? input
            } else if member.isNamed("completion_tokens") {
                output = count(value) ?? output
            } else if member.isNamed("total_tokens") {
                total = count(value)
            } else if member.isNamed("prompt_tokens_details") {
                for detail in value.countedMembers {
                    if detail.isNamed("cached_tokens") {
                        cached = max(cached, count(detail.value) ?? 0)
                    } else if detail.isNamed("audio_tokens") {
                        audioInput = count(detail.value) ?? 0
                    } else if detail.isNamed("image_tokens") {
                        imageInput = count(detail.value) ?? 0
                    } else if detail.isNamed("cache_write_tokens") || detail.isNamed("cache_creation_tokens") {
                        write5m = max(write5m, count(detail.value) ?? 0)
                    }
                }
            } else if member.isNamed("completion_tokens_details") {
                readOutputDetails(value, &result)
            } else if member.isNamed("prompt_cache_hit_tokens") || member.isNamed("cached_tokens")
                || member.isNamed("num_cached_tokens") || member.isNamed("cache_read_input_tokens")
            {
                // DeepSeek; Moonshot and Together; Mistral; Databricks, Doubleword and Venice. Some repeat the detail.
                cached = max(cached, count(value) ?? 0)
            } else if member.isNamed("cache_creation_input_tokens") {
                write5m = max(write5m, count(value) ?? 0)
            } else if member.isNamed("cache_creation") {
                write1h = value.counted("ephemeral_1h_input_tokens").flatMap { count($0) } ?? 0
                let long = value.counted("ephemeral_24h_input_tokens").flatMap { count($0) } ?? 0
                write1h = min(write1h + long, limit)
            } else if member.isNamed("reasoning_tokens") {
                result.reasoning = max(result.reasoning, TokenCount(count(value) ?? 0))
            } else if member.isNamed("server_tool_use") || member.isNamed("server_tool_use_details") {
                result.searches = value.counted("web_search_requests").flatMap { count($0) } ?? result.searches
            } else if member.isNamed("cost") {
                // OpenRouter and Vercel: dollars. Perplexity: an object.
                cost = (value.kind == .object ? value.counted("total_cost") : value)?.dollars
            } else if member.isNamed("cost_in_usd_ticks") {
                cost = DecimalCost.read(ticks: value.wholeNumber) ?? cost
            } else if member.isNamed("is_byok") {
                ownKey = value.bool ?? false
            } else if member.isNamed("cost_details") {
                upstreamCost = value.counted("upstream_inference_cost")?.dollars
            }
        }
        guard input != nil || output != nil || total != nil else { return nil }

        var promptTokens = input ?? (output == nil ? total ?? 0 : 0)
        var completionTokens = output ?? 0
        if let total, input != nil, total > promptTokens + completionTokens {
            let uncounted = total - promptTokens - completionTokens
            if uncounted == audioInput { promptTokens += uncounted } else { completionTokens += uncounted }
        }
        cached = min(cached, promptTokens)
        write1h = min(write1h, promptTokens - cached)
        // `cache_creation_input_tokens` is the sum of the two lives, and so is `cache_write_tokens` beside it.
        write5m = min(max(write5m - write1h, 0), promptTokens - cached - write1h)
        result.input = TokenCount(promptTokens)
        result.cachedInput = TokenCount(cached)
        result.cacheWrite5m = TokenCount(write5m)
        result.cacheWrite1h = TokenCount(write1h)
        result.audioInput = TokenCount(min(audioInput, promptTokens))
        result.imageInput = TokenCount(min(imageInput, promptTokens))
        result.output = TokenCount(completionTokens)
        result.reasoning = min(result.reasoning, result.output)
        result.audioOutput = min(result.audioOutput, result.output)
        result.imageOutput = min(result.imageOutput, result.output)
        result.acceptedPrediction = min(result.acceptedPrediction, result.output)
        result.rejectedPrediction = min(result.rejectedPrediction, result.output)
        // With the customer's own key OpenRouter's `cost` is its fee alone.
        if ownKey, let fee = cost, let upstreamCost { cost = fee + upstreamCost }
        result.providerReportedCost = cost
        return result
    }

    private static func readOutputDetails(_ details: some CountedValue, _ result: inout TokenUsage) {
        for detail in details.countedMembers {
            let tokens = TokenCount(count(detail.value) ?? 0)
            if detail.isNamed("reasoning_tokens") {
                result.reasoning = max(result.reasoning, tokens)
            } else if detail.isNamed("audio_tokens") {
                result.audioOutput = tokens
            } else if detail.isNamed("image_tokens") {
                result.imageOutput = tokens
            } else if detail.isNamed("accepted_prediction_tokens") {
                result.acceptedPrediction = tokens
            } else if detail.isNamed("rejected_prediction_tokens") {
                result.rejectedPrediction = tokens
            }
        }
    }

    /// No reply has 2^48 tokens; the limit keeps sums of what a provider claims within Int64.
    private static let limit: Int64 = 1 << 48

    private static func count(_ value: some CountedValue) -> Int64? {
        if let int = value.wholeNumber { return min(max(int, 0), limit) }
        // `12.0`, as some Python servers print it.
        guard let double = value.anyNumber, double.isFinite else { return nil }
        return Int64(min(max(double.rounded(.up), 0), Double(limit)))
    }
}
