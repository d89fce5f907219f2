import Store
import Units

/// Sums over ledger rows.
public struct LedgerSums: Equatable, Sendable {
    /// Ledger rows, retries and fallbacks included.
    public var attempts: Int64 = 0
    /// Attempts that were their request's first.
    public var requests: Int64 = 0
    /// Attempts that the provider failed to answer.
    public var failures: Int64 = 0
    /// Cached and cache-write input included.
    public var inputTokens = TokenCount.zero
    /// A part of ``inputTokens``.
    public var cachedInputTokens = TokenCount.zero
    /// Of five minutes and of an hour together.
    public var cacheWriteTokens = TokenCount.zero
    /// Reasoning included.
    public var outputTokens = TokenCount.zero
    /// A part of ``outputTokens``.
    public var reasoningTokens = TokenCount.zero
    /// What the attempts were charged; those without a known price add nothing.
    public var cost = NanoUSD.zero
    /// False if the rows of a partly covered hour are no longer there: then the hour is counted whole.
    public var isExact = true

    /// Sums over no rows.
    public init() {}

    /// The sum columns of `rollup_hourly` and `spend_totals`, in the order that ``init(_:from:)`` reads.
    static let columns = [
        "attempts", "requests", "failures", "input_tokens", "cached_input_tokens", "cache_write_tokens",
        "output_tokens",
        "reasoning_tokens", "cost_nanos",
    ]
    /// The same sums of rollup or total rows.
    static let ofSums = columns.map { "coalesce(sum(\($0)), 0)" }.joined(separator: ", ")
    /// The same sums of a day's rows.
    static let ofRows = """
        count(*), coalesce(sum(attempt = 1), 0), coalesce(sum(\(isFailure)), 0), coalesce(sum(input_tokens), 0), \
        coalesce(sum(cached_input_tokens), 0), coalesce(sum(cache_write_5m_tokens + cache_write_1h_tokens), 0), \
        coalesce(sum(output_tokens), 0), coalesce(sum(reasoning_tokens), 0), coalesce(sum(cost_nanos), 0)
        """
    static let isFailure = "outcome IN ('upstream_error', 'timeout', 'interrupted')"

    init(_ row: borrowing Row, from column: Int = 0) {
        attempts = row.int64(column)
        requests = row.int64(column + 1)
        failures = row.int64(column + 2)
        inputTokens = row.tokens(column + 3)
        cachedInputTokens = row.tokens(column + 4)
        cacheWriteTokens = row.tokens(column + 5)
        outputTokens = row.tokens(column + 6)
        reasoningTokens = row.tokens(column + 7)
        cost = row.money(column + 8)
    }

    /// Binds the sums to the places of ``columns``, the first of which is `place`.
    func bind(to row: StatementBindings, from place: Int32) {
        row.integer(attempts, at: place)
        row.integer(requests, at: place + 1)
        row.integer(failures, at: place + 2)
        row.integer(inputTokens.count, at: place + 3)
        row.integer(cachedInputTokens.count, at: place + 4)
        row.integer(cacheWriteTokens.count, at: place + 5)
        row.integer(outputTokens.count, at: place + 6)
        row.integer(reasoningTokens.count, at: place + 7)
        row.integer(cost.nanos, at: place + 8)
    }

    /// The sum is exact only if both were.
    public static func += (left: inout LedgerSums, right: LedgerSums) {
        left.attempts += right.attempts
        left.requests += right.requests
        left.failures += right.failures
        left.inputTokens += right.inputTokens
        left.cachedInputTokens += right.cachedInputTokens
        left.cacheWriteTokens += right.cacheWriteTokens
        left.outputTokens += right.outputTokens
        left.reasoningTokens += right.reasoningTokens
        left.cost += right.cost
        left.isExact = left.isExact && right.isExact
    }

    mutating func add(_ frame: JournalFrameView, end: AttemptEnd) {
        attempts += 1
        if frame.attemptNumber == 1 { requests += 1 }
        if end == .upstreamError || end == .timeout || end == .interrupted { failures += 1 }
        inputTokens.count += frame.tokens(0)
        cachedInputTokens.count += frame.tokens(1)
        cacheWriteTokens.count += frame.tokens(2) + frame.tokens(3)
        outputTokens.count += frame.tokens(4)
        reasoningTokens.count += frame.tokens(5)
        cost.nanos += frame.cost
    }
}
