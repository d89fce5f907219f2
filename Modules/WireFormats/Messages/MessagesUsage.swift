import JSONText
import Units

/// The counts of a Messages `usage`, as they come: at the start of a stream, at its end, or in a whole reply.
///
/// How Anthropic counts
/// 1. `input_tokens` are those that were neither read from nor written to the cache: "total_input_tokens =
///    cache_read_input_tokens + cache_creation_input_tokens + input_tokens"
///    (https://docs.claude.com/en/docs/build-with-claude/prompt-caching, "Tracking cache performance", read on 2026-11-29).
/// 2. `cache_creation_input_tokens` is the sum of the two lives in `cache_creation`.
/// 3. `output_tokens` include thinking; those in `message_delta` are "cumulative"
///    (https://docs.claude.com/en/docs/build-with-claude/streaming, read on 2026-11-29), so a later count replaces an
///    earlier one and none is added up.
/// 4. Where a context was compacted, the tokens of that pass stand in `iterations` alone, and are billed: "sum across
///    all entries in the usage.iterations array" (https://platform.claude.com/docs/en/build-with-claude/compaction, read
///    on 2026-11-29).
/// 5. So do those of an advisor, in entries of type `advisor_message` with that model's name
///    (`BetaAdvisorMessageIterationUsage` of anthropic 2.14.0): "excluded from the top-level message.usage totals"
///    (https://github.com/getagentseal/codeburn/pull/659), "billed at the advisor model's rates rather than the
///    executor's" (https://github.com/pydantic/pydantic-ai/pull/6605; both read on 2026-11-30). In recorded traffic the
///    sums are those of the entries of type `message`.
struct MessagesCounts: Equatable, Sendable {
    var input: Int64?
    var output: Int64?
    var cacheRead: Int64?
    var cacheWritten: Int64?
    var cacheWritten5m: Int64?
    var cacheWritten1h: Int64?
    var thinking: Int64?
    var searches: Int64?
    var compactionInput: Int64?
    var compactionOutput: Int64?
    @Seldom var others: [OtherModelUsage]?

    /// Nil where nothing was counted.
    var tokens: TokenUsage? {
        guard input != nil || output != nil else { return nil }
        let hour = cacheWritten1h ?? 0
        let written = max(cacheWritten ?? 0, hour + (cacheWritten5m ?? 0))
        var usage = TokenUsage()
        usage.input = TokenCount((input ?? 0) + (cacheRead ?? 0) + written + (compactionInput ?? 0))
        usage.cachedInput = TokenCount(cacheRead ?? 0)
        usage.cacheWrite5m = TokenCount(written - hour)
        usage.cacheWrite1h = TokenCount(hour)
        usage.output = TokenCount((output ?? 0) + (compactionOutput ?? 0))
        usage.reasoning = min(TokenCount(thinking ?? 0), usage.output)
        usage.searches = searches ?? 0
        usage.others = others
        return usage
    }

    /// No reply has 2^48 tokens; the limit keeps sums of what a provider claims within Int64.
    private static let limit: Int64 = 1 << 48

    private static func count(_ value: some CountedValue) -> Int64? {
        if let int = value.wholeNumber { return min(max(int, 0), limit) }
        guard let double = value.anyNumber, double.isFinite else { return nil }
        return Int64(min(max(double.rounded(.up), 0), Double(limit)))
    }

    /// Takes what `usage` says; what it does not say stays.
    mutating func add(_ usage: some CountedValue) {
        for member in usage.countedMembers {
            let value = member.value
            if member.isNamed("input_tokens") {
                input = MessagesCounts.count(value) ?? input
            } else if member.isNamed("output_tokens") {
                output = MessagesCounts.count(value) ?? output
            } else if member.isNamed("cache_read_input_tokens") {
                cacheRead = MessagesCounts.count(value) ?? cacheRead
            } else if member.isNamed("cache_creation_input_tokens") {
                cacheWritten = MessagesCounts.count(value) ?? cacheWritten
            } else if member.isNamed("cache_creation") {
                cacheWritten5m =
                    value.counted("ephemeral_5m_input_tokens").flatMap { MessagesCounts.count($0) } ?? cacheWritten5m
                cacheWritten1h =
                    value.counted("ephemeral_1h_input_tokens").flatMap { MessagesCounts.count($0) } ?? cacheWritten1h
            } else if member.isNamed("output_tokens_details") {
                thinking = value.counted("thinking_tokens").flatMap { MessagesCounts.count($0) } ?? thinking
            } else if member.isNamed("server_tool_use") {
                searches = value.counted("web_search_requests").flatMap { MessagesCounts.count($0) } ?? searches
            } else if member.isNamed("iterations"), value.kind == .array {
                addIterations(value)
            }
        }
    }

    private mutating func addIterations(_ iterations: some CountedValue) {
        var input: Int64 = 0
        var output: Int64 = 0
        var others: [OtherModelUsage] = []
        for pass in iterations.countedElements {
            let type = pass.counted("type")
            let isAdvisors = type?.isString("advisor_message") == true
            guard isAdvisors || type?.isString("compaction") == true else { continue }
            var counts = MessagesCounts()
            counts.add(pass)
            guard let tokens = counts.tokens else { continue }
            if isAdvisors {
                others.append(OtherModelUsage(model: pass.counted("model")?.string ?? "", tokens: tokens))
            } else {
                input = min(input + tokens.input.count, MessagesCounts.limit)
                output = min(output + tokens.output.count, MessagesCounts.limit)
            }
        }
        if input > 0 || output > 0 {
            compactionInput = input
            compactionOutput = output
        }
        if !others.isEmpty { self.others = others }
    }
}

/// `usage` for a client.
enum MessagesUsage {
    /// - Parameter searches: those that the answer tells of, for providers that do not count them.
    static func json(_ usage: Usage?, isOwn: Bool, searches: Int64 = 0) -> JSON {
        guard let usage else { return ["input_tokens": 0, "output_tokens": 0] }
        if isOwn, let native = usage.native { return native }
        let tokens = usage.tokens
        var object = JSONObject(capacity: 8)
        object.add("input_tokens", .int(max(0, tokens.plainInput.count)))
        object.add("cache_creation_input_tokens", .int(tokens.cacheWrite5m.count + tokens.cacheWrite1h.count))
        object.add("cache_read_input_tokens", .int(tokens.cachedInput.count))
        if tokens.cacheWrite5m > 0 || tokens.cacheWrite1h > 0 {
            object["cache_creation"] = [
                "ephemeral_5m_input_tokens": .int(tokens.cacheWrite5m.count),
                "ephemeral_1h_input_tokens": .int(tokens.cacheWrite1h.count),
            ]
        }
        object.add("output_tokens", .int(tokens.output.count))
        if tokens.reasoning > 0 {
            object.add("output_tokens_details", ["thinking_tokens": .int(tokens.reasoning.count)])
        }
        let counted = tokens.searches > 0 ? tokens.searches : searches
        if counted > 0 {
            // The SDK's model demands both.
            object.add("server_tool_use", ["web_search_requests": .int(counted), "web_fetch_requests": 0])
        }
        return .object(object)
    }
}
