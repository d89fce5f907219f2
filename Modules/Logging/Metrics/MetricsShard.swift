import Units

/// One loop's counters. Belongs to one thread (it is not `Sendable`); a scrape reads them from another at any time.
public final class MetricsShard {
    let series: ShardSeries

    init(_ series: ShardSeries) { self.series = series }

    /// A request was read. Every one of these is followed by one
    /// ``requestEnded(endpoint:model:provider:status:end:duration:)``.
    public func requestBegan() { series.loop.add(1, to: ShardSeries.inFlight) }

    /// A request was answered, or its client left.
    ///
    /// - Parameters:
    ///   - provider: of the attempt whose answer was passed on.
    ///   - status: what the client got.
    public func requestEnded(
        endpoint: EndpointLabel, model: ModelLabel = .other, provider: ProviderLabel = .other, status: Int,
        end: AttemptEnd, duration: Duration
    ) {
        series.loop.add(-1, to: ShardSeries.inFlight)
        let statusClass = UInt64(min(max(status / 100, 0), 5))
        let key =
            UInt64(endpoint.number) << 48 | UInt64(model.number) << 32 | UInt64(provider.number) << 16
            | statusClass << 8 | UInt64(end.rawValue)
        series.requests.add(1, to: series.requests.cells(for: key))
        let cells = series.durations.cells(for: UInt64(endpoint.number) << 16 | UInt64(model.number))
        record(duration, in: series.durations, from: cells, ShardSeries.durationBounds)
    }

    /// What the gateway itself took of a request: its time without what providers had it for, and without the waits
    /// before a provider was asked again.
    public func gatewayTook(_ overhead: Duration) {
        record(overhead, in: series.overhead, from: 0, ShardSeries.overheadBounds)
    }

    /// An upstream attempt ended and was written to the ledger.
    public func attemptEnded(
        model: ModelLabel, provider: ProviderLabel, end: AttemptEnd, tokens: AttemptTokens, cost: NanoUSD
    ) {
        let table = series.attempts
        let cells = table.cells(for: UInt64(model.number) << 16 | UInt64(provider.number))
        table.add(1, to: cells + Int(end.rawValue))
        let first = cells + ShardSeries.firstTokenKind
        if tokens.input.count != 0 { table.add(Int(tokens.input.count), to: first) }
        if tokens.cachedInput.count != 0 { table.add(Int(tokens.cachedInput.count), to: first + 1) }
        let cacheWrites = tokens.cacheWrite5m.count + tokens.cacheWrite1h.count
        if cacheWrites != 0 { table.add(Int(cacheWrites), to: first + 2) }
        if tokens.output.count != 0 { table.add(Int(tokens.output.count), to: first + 3) }
        if tokens.reasoning.count != 0 { table.add(Int(tokens.reasoning.count), to: first + 4) }
        if cost.nanos != 0 { table.add(Int(cost.nanos), to: cells + ShardSeries.cost) }
    }

    /// The first token of an attempt's answer came, this long after the attempt was sent.
    public func firstToken(model: ModelLabel, provider: ProviderLabel, after delay: Duration) {
        let cells = series.attempts.cells(for: UInt64(model.number) << 16 | UInt64(provider.number))
        record(delay, in: series.attempts, from: cells + ShardSeries.firstTokenDelay, ShardSeries.firstTokenBounds)
    }

    /// A budget or limit refused a request.
    public func refused(scope: ScopeLabel, dimension: LimitDimension) {
        let key = UInt64(scope.number) << 8 | UInt64(dimension.rawValue)
        series.refusals.add(1, to: series.refusals.cells(for: key))
    }

    /// A rule refused something of a request or an answer, or replaced it.
    public func guarded(by rule: GuardrailLabel, _ action: GuardrailNote.Action, on side: GuardrailNote.Side) {
        let key = UInt64(rule.number) << 16 | UInt64(action.rawValue) << 8 | UInt64(side.rawValue)
        series.guardrails.add(1, to: series.guardrails.cells(for: key))
    }

    /// States this loop's share of a gauge; the shares of all loops are added up.
    public func set(_ gauge: LoopGauge, _ value: Int) {
        series.loop.set(value, of: ShardSeries.firstGauge + gauge.rawValue)
    }

    private func record(_ duration: Duration, in table: SeriesTable, from cells: Int, _ bounds: HistogramBounds) {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = max(0, Int(seconds) &* 1_000_000_000 &+ Int(attoseconds / 1_000_000_000))
        table.add(1, to: cells + bounds.bucket(of: nanoseconds))
        table.add(nanoseconds, to: cells + bounds.sumCell)
    }
}

/// What a limit counts.
public enum LimitDimension: UInt8, Sendable, CaseIterable {
    /// Money in a budget's window, requests and tokens in any 60 seconds, requests at the same time.
    case money, requests, tokens, parallel
}

/// Numbers that each loop states for itself.
public enum LoopGauge: Int, Sendable, CaseIterable {
    /// Connections to providers, idle ones included.
    case upstreamConnections
    /// FastCGI connections from nginx.
    case clientConnections
    /// Lines that the loop's request log dropped; only grows.
    case logLinesDropped
    /// Ended attempts whose journal records the disk has not taken.
    case journalEndsWaiting
}

/// The storage of a shard, which the scrape shares.
final class ShardSeries: Sendable {
    static let durationBounds = HistogramBounds.requestDuration
    static let firstTokenBounds = HistogramBounds.timeToFirstToken
    static let overheadBounds = HistogramBounds.overhead

    // The cells of ``attempts``.
    static let firstTokenKind = AttemptEnd.allCases.count
    static let tokenKinds = ["input", "cached_input", "cache_write", "output", "reasoning"]
    static let cost = firstTokenKind + tokenKinds.count
    static let firstTokenDelay = cost + 1
    // The cells of ``loop``.
    static let inFlight = 0
    static let firstGauge = 1

    let requests = SeriesTable(capacity: 10_000, cellsPerKey: 1)
    let attempts = SeriesTable(capacity: 3_000, cellsPerKey: firstTokenDelay + firstTokenBounds.cellCount)
    let durations = SeriesTable(capacity: 3_000, cellsPerKey: durationBounds.cellCount)
    let overhead = SeriesTable(capacity: 1, cellsPerKey: overheadBounds.cellCount)
    let refusals = SeriesTable(capacity: 150, cellsPerKey: 1)
    let guardrails = SeriesTable(capacity: 1_000, cellsPerKey: 1)
    let loop = SeriesTable(capacity: 1, cellsPerKey: firstGauge + LoopGauge.allCases.count)
}
