import JSONText
import Units

/// Reads and writes `usage`.
///
/// `input_tokens` includes `input_tokens_details.cached_tokens` and `cache_write_tokens`; `output_tokens` includes
/// `output_tokens_details.reasoning_tokens`
/// (https://platform.openai.com/docs/api-reference/responses/object, read on 2026-11-29). So do all providers in the
/// recorded traffic: `total_tokens` is the sum of the two.
enum ResponsesUsage {
    static func read(_ value: JSON?) -> Usage? {
        guard let value, let usage = value.object else { return nil }
        // DeepSeek's models on Azure answer with Chat's names.
        let inputCount = count(usage["input_tokens"]) ?? count(usage["prompt_tokens"])
        let outputCount = count(usage["output_tokens"]) ?? count(usage["completion_tokens"])
        guard inputCount != nil || outputCount != nil else { return nil }
        let input = inputCount ?? 0
        let output = outputCount ?? 0
        let inputDetails = usage["input_tokens_details"]
        let outputDetails = usage["output_tokens_details"]
        let cached = min(count(inputDetails?["cached_tokens"]) ?? 0, input)
        let written = min(count(inputDetails?["cache_write_tokens"]) ?? 0, input - cached)
        var tokens = TokenUsage(
            input: TokenCount(input), cachedInput: TokenCount(cached), cacheWrite5m: TokenCount(written),
            output: TokenCount(output),
            reasoning: TokenCount(min(count(outputDetails?["reasoning_tokens"]) ?? 0, output)),
            audioInput: TokenCount(min(count(inputDetails?["audio_tokens"]) ?? 0, input)),
            audioOutput: TokenCount(min(count(outputDetails?["audio_tokens"]) ?? 0, output)))
        tokens.searches = count(usage["server_side_tool_usage_details"]?["web_search_calls"]) ?? 0
        tokens.providerReportedCost = cost(usage)
        return Usage(tokens, native: value)
    }

    static func written(_ usage: Usage?, origin: Dialect) -> JSON {
        guard let usage else { return .null }
        let tokens = usage.tokens
        var object = JSONObject()
        if origin == .responses, let native = usage.native?.object { object = native.without([]) }
        func fill(_ key: String, _ value: JSON) { if object[key] == nil { object[key] = value } }
        fill("input_tokens", .int(tokens.input.count))
        // The SDK's model has every one of these; some providers leave some out.
        var input = object["input_tokens_details"]?.object ?? JSONObject()
        if input["cached_tokens"] == nil { input["cached_tokens"] = .int(tokens.cachedInput.count) }
        if input["cache_write_tokens"] == nil {
            input["cache_write_tokens"] = .int((tokens.cacheWrite5m + tokens.cacheWrite1h).count)
        }
        object["input_tokens_details"] = .object(input)
        fill("output_tokens", .int(tokens.output.count))
        var output = object["output_tokens_details"]?.object ?? JSONObject()
        if output["reasoning_tokens"] == nil { output["reasoning_tokens"] = .int(tokens.reasoning.count) }
        object["output_tokens_details"] = .object(output)
        fill("total_tokens", .int(tokens.total.count))
        // Where xAI counts them; OpenAI does not.
        if origin != .responses, tokens.searches > 0 {
            object["server_side_tool_usage_details"] = ["web_search_calls": .int(tokens.searches)]
        }
        return .object(object)
    }

    /// xAI: 10^-10 dollars. OpenRouter: dollars; with the customer's own key `cost` is its fee alone.
    private static func cost(_ usage: JSONObject) -> NanoUSD? {
        if let cost = DecimalCost.read(ticks: usage["cost_in_usd_ticks"]?.int) { return cost }
        guard let dollars = dollars(usage["cost"]) else { return nil }
        guard usage["is_byok"]?.bool == true, let upstream = dollarsOf(usage["cost_details"]) else { return dollars }
        return dollars + upstream
    }

    private static func dollarsOf(_ details: JSON?) -> NanoUSD? { dollars(details?["upstream_inference_cost"]) }

    private static func dollars(_ value: JSON?) -> NanoUSD? {
        guard let value, value.number != nil else { return nil }
        let bytes = value.serialized()
        return bytes.withUnsafeBytes { raw in
            guard let document = try? JSONScanner.scan(raw, limits: .any) else { return nil }
            return DecimalCost.read(document.root(in: raw))
        }
    }

    /// No reply has 2^48 tokens; the limit keeps sums of what a provider claims within Int64.
    private static func count(_ value: JSON?) -> Int64? {
        guard let number = value?.number, number.isFinite else { return nil }
        return Int64(min(max(number.rounded(.up), 0), Double(1 << 48)))
    }
}
