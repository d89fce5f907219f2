import JSONText
import Units

/// What Bedrock counts.
///
/// `inputTokens` leaves out what was read from the cache and what was written to it; `totalTokens` is the sum of all
/// four, as in every recorded usage with a cache. "Any tokens not read from or written to cache, are charged at the
/// standard input token rate": https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html (read on
/// 2026-11-29). Reasoning is within `outputTokens`. How much of it that was, Claude alone tells, among the fields that were
/// asked for: `usage.output_tokens_details.thinking_tokens`
/// (https://github.com/langchain-ai/langchainjs/releases/tag/@langchain%2Faws@1.4.7, read on 2026-11-30).
enum ConverseUsage {
    /// - Parameter thinking: what ``thinkingTokens(in:)`` found.
    static func read(_ usage: JSON, thinking: Int64? = nil) -> Usage {
        func count(_ value: JSON?) -> TokenCount { TokenCount(max(0, value?.int ?? 0)) }
        let cacheRead = count(usage["cacheReadInputTokens"] ?? usage["cacheReadInputTokenCount"])
        let cacheWrite = count(usage["cacheWriteInputTokens"] ?? usage["cacheWriteInputTokenCount"])
        var anHour: TokenCount = 0
        for detail in usage["cacheDetails"]?.array ?? [] where detail["ttl"]?.string == "1h" {
            anHour = anHour + count(detail["inputTokens"])
        }
        anHour = min(anHour, cacheWrite)
        var tokens = TokenUsage()
        tokens.input = count(usage["inputTokens"]) + cacheRead + cacheWrite
        tokens.cachedInput = cacheRead
        tokens.cacheWrite5m = cacheWrite - anHour
        tokens.cacheWrite1h = anHour
        tokens.output = count(usage["outputTokens"])
        tokens.reasoning = min(TokenCount(max(0, thinking ?? 0)), tokens.output)
        return Usage(tokens, native: usage)
    }

    /// What Claude's own usage says in `additionalModelResponseFields`, where they were asked for it.
    static func thinkingTokens(in fields: JSON?) -> Int64? {
        fields?["usage"]?["output_tokens_details"]?["thinking_tokens"]?.int
    }

    /// - Parameter origin: the dialect of ``Usage/native``.
    static func written(_ usage: Usage, origin: Dialect, _ losses: inout LossReport) -> JSON {
        if origin == .converse, let native = usage.native { return native }
        let tokens = usage.tokens
        if tokens.searches > 0 { losses.drop("server_tool_use") }
        var object: JSONObject = [
            "inputTokens": .int(max(0, tokens.plainInput.count)), "outputTokens": .int(tokens.output.count),
            "totalTokens": .int(tokens.total.count),
        ]
        if tokens.cachedInput > 0 { object["cacheReadInputTokens"] = .int(tokens.cachedInput.count) }
        let writes = tokens.cacheWrite5m + tokens.cacheWrite1h
        if writes > 0 {
            object["cacheWriteInputTokens"] = .int(writes.count)
            var details: [JSON] = []
            for (ttl, count) in [("1h", tokens.cacheWrite1h), ("5m", tokens.cacheWrite5m)] where count > 0 {
                details.append(["ttl": .string(ttl), "inputTokens": .int(count.count)])
            }
            object["cacheDetails"] = .array(details)
        }
        return .object(object)
    }
}
