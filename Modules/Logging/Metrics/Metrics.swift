import Glibc
import Synchronization
import Units

/// The gateway's metrics, in Prometheus' text format.
///
/// Every name and every label is in this folder's code; label values come from configuration (``MetricLabels``). A loop
/// counts in its own ``MetricsShard``; a scrape adds them up.
public final class Metrics: Sendable {
    /// Shared by all loops: a label of one process means nothing in another.
    public let labels = MetricLabels()

    private let version: String
    private let startedAt: Timestamp
    private let shards = Mutex<[ShardSeries]>([])
    private let gauges: AtomicCells
    private let counters: AtomicCells
    private let stated = Mutex(Stated())

    /// What the process as a whole states by labels; each statement replaces the one before.
    private struct Stated {
        /// Targets that are left alone, by model << 16 | provider.
        var cooldowns: [UInt64: Int] = [:]
        /// Keys that cannot be read, by provider.
        var keyProblems: [UInt16: Int] = [:]
    }

    /// - Parameters:
    ///   - version: of the program, for `tollgate_build_info`.
    ///   - startedAt: when the process began.
    public init(version: String, startedAt: Timestamp) {
        self.version = version
        self.startedAt = startedAt
        gauges = AtomicCells(count: Gauge.allCases.count)
        counters = AtomicCells(count: Counter.allCases.count)
    }

    /// A new loop's counters. Shards are not given back: there are as many as loops.
    public func makeShard() -> sending MetricsShard {
        let series = ShardSeries()
        shards.withLock { $0.append(series) }
        return MetricsShard(series)
    }

    /// Numbers of the process as a whole, stated by whoever knows them; from any thread.
    public enum Gauge: Int, Sendable, CaseIterable {
        /// Budget holds that are not settled.
        case budgetHolds
        /// Virtual keys in memory.
        case keyRingKeys
        /// Journal records that the Store does not have.
        case ledgerLagRecords
        /// Their bytes, and those that dead processes left.
        case ledgerLagBytes
        /// Since when the Store has not had everything; shown in seconds.
        case ledgerLagMilliseconds
        /// Attempts begun and not ended.
        case openAttempts
        /// 1 while the gateway takes requests, else 0.
        case ready
    }

    /// Counters of the process as a whole; from any thread.
    public enum Counter: Int, Sendable, CaseIterable {
        /// Configurations that were taken over while the gateway ran.
        case configReloadsAccepted
        /// Configurations that were in error, so that the old one went on.
        case configReloadsRefused
        /// Batches that the Store did not take.
        case ledgerStoreFailures
        /// Attempts charged as estimated after a crash.
        case attemptsInterrupted
        /// Attempts that are missing in the ledger.
        case attemptIDConflicts
        /// Requests refused because the journal could not be written.
        case journalRefusals
    }

    /// States what it is now, in the unit of the case; the last word of any thread counts.
    public func set(_ gauge: Gauge, _ value: Int) { gauges.set(value, of: gauge.rawValue) }
    /// - Parameter amount: never below 0, for a counter only grows.
    public func add(_ amount: Int = 1, to counter: Counter) { counters.add(amount, to: counter.rawValue) }

    /// States the targets that are left alone.
    public func set(cooldowns targets: [(model: ModelLabel, provider: ProviderLabel)]) {
        let counts = Dictionary(
            targets.map { (UInt64($0.model.number) << 16 | UInt64($0.provider.number), 1) }, uniquingKeysWith: +)
        stated.withLock { $0.cooldowns = counts }
    }

    /// States the providers whose keys cannot be read.
    public func set(keyProblems providers: [ProviderLabel]) {
        let counts = Dictionary(providers.map { ($0.number, 1) }, uniquingKeysWith: +)
        stated.withLock { $0.keyProblems = counts }
    }

    /// States ``LedgerWriter/lag``.
    public func set(_ lag: LedgerLag) {
        set(.ledgerLagRecords, lag.records)
        set(.ledgerLagBytes, lag.bytes)
        set(.ledgerLagMilliseconds, Int(lag.oldestAge.milliseconds))
        set(.openAttempts, lag.openAttempts)
    }

    // MARK: Scraping

    /// The answer to `GET /metrics`, `text/plain; version=0.0.4`. Reads /proc: not for an event loop's thread.
    public func text() -> [UInt8] {
        let counted = Counted(shards.withLock { $0 })
        let stated = stated.withLock { $0 }
        // After what is counted and stated: a label that has come meanwhile has its name by then, and keeps it.
        let names = labels.names
        var page = PrometheusPage()
        appendRequests(counted, names, to: &page)
        appendAttempts(counted, names, to: &page)
        appendLoops(counted, to: &page)
        appendStated(stated, names, to: &page)
        appendProcess(to: &page)
        return page.bytes
    }

    /// What all loops have counted, by key.
    private struct Counted {
        let requests: [Series]
        let durations: [Series]
        let overhead: [Series]
        let refusals: [Series]
        let guardrails: [Series]
        let attempts: [Series]
        let loop: [Series]

        init(_ shards: [ShardSeries]) {
            requests = Metrics.merged(shards.map(\.requests))
            durations = Metrics.merged(shards.map(\.durations))
            overhead = Metrics.merged(shards.map(\.overhead))
            refusals = Metrics.merged(shards.map(\.refusals))
            guardrails = Metrics.merged(shards.map(\.guardrails))
            attempts = Metrics.merged(shards.map(\.attempts))
            loop = Metrics.merged(shards.map(\.loop))
        }
    }

    private typealias Series = (key: UInt64, cells: [Int])

    private func appendRequests(_ counted: Counted, _ names: MetricLabels.Names, to page: inout PrometheusPage) {
        page.family("tollgate_requests_total", .counter, "Requests answered, or whose client left.")
        for (key, cells) in counted.requests where cells[0] > 0 {
            let statusClass = key >> 8 & 0xff
            page.sample(
                [
                    ("endpoint", names.endpoints[Int(key >> 48)]), ("model", names.models[Int(key >> 32 & 0xffff)]),
                    ("provider", names.providers[Int(key >> 16 & 0xffff)]),
                    ("status_class", statusClass == 0 ? "none" : "\(statusClass)xx"),
                    ("end", AttemptEnd(rawValue: UInt8(key & 0xff))?.description ?? "other"),
                ], cells[0])
        }
        page.family(
            "tollgate_request_duration_seconds", .histogram, "From the request's first byte to the answer's last.")
        for (key, cells) in counted.durations {
            page.histogram(
                [("endpoint", names.endpoints[Int(key >> 16)]), ("model", names.models[Int(key & 0xffff)])],
                ShardSeries.durationBounds, cells[...])
        }
        page.family(
            "tollgate_gateway_overhead_seconds", .histogram,
            "What the gateway itself added to a request; neither providers' time nor waits before retries.")
        for (_, cells) in counted.overhead {
            page.histogram([], ShardSeries.overheadBounds, cells[...])
        }
        page.family("tollgate_refusals_total", .counter, "Requests that a budget or limit refused.")
        for (key, cells) in counted.refusals where cells[0] > 0 {
            let dimension = LimitDimension(rawValue: UInt8(key & 0xff)).map { "\($0)" } ?? "other"
            page.sample([("scope", names.scopes[Int(key >> 8)]), ("dimension", dimension)], cells[0])
        }
        page.family(
            "tollgate_guardrail_actions_total", .counter, "Requests and answers that a rule refused or changed.")
        for (key, cells) in counted.guardrails where cells[0] > 0 {
            let action = GuardrailNote.Action(rawValue: UInt8(key >> 8 & 0xff)).map { "\($0)" } ?? "other"
            let side = GuardrailNote.Side(rawValue: UInt8(key & 0xff)).map { "\($0)" } ?? "other"
            page.sample([("rule", names.guardrails[Int(key >> 16)]), ("action", action), ("on", side)], cells[0])
        }
    }

    private func appendAttempts(_ counted: Counted, _ names: MetricLabels.Names, to page: inout PrometheusPage) {
        let attempts = counted.attempts.map { key, cells in
            (
                labels: [("model", names.models[Int(key >> 16)]), ("provider", names.providers[Int(key & 0xffff)])],
                cells: cells
            )
        }
        page.family("tollgate_attempts_total", .counter, "Calls to providers that ended.")
        for (labels, cells) in attempts {
            for end in AttemptEnd.allCases where cells[Int(end.rawValue)] > 0 {
                page.sample(labels + [("outcome", end.description)], cells[Int(end.rawValue)])
            }
        }
        page.family(
            "tollgate_tokens_total", .counter, "Tokens; input includes cached_input, output includes reasoning.")
        for (labels, cells) in attempts {
            for (index, kind) in ShardSeries.tokenKinds.enumerated() {
                let count = cells[ShardSeries.firstTokenKind + index]
                if count > 0 { page.sample(labels + [("kind", kind)], count) }
            }
        }
        page.family("tollgate_cost_nanodollars_total", .counter, "Cost of ended attempts in billionths of a dollar.")
        for (labels, cells) in attempts where cells[ShardSeries.cost] != 0 {
            page.sample(labels, cells[ShardSeries.cost])
        }
        page.family(
            "tollgate_time_to_first_token_seconds", .histogram,
            "From sending an attempt that was answered to the answer's first token.")
        for (labels, cells) in attempts {
            page.histogram(labels, ShardSeries.firstTokenBounds, cells[ShardSeries.firstTokenDelay...])
        }
    }

    private func appendLoops(_ counted: Counted, to page: inout PrometheusPage) {
        let loops = counted.loop.first?.cells ?? []
        func gauge(_ gauge: LoopGauge) -> Int { loops.isEmpty ? 0 : loops[ShardSeries.firstGauge + gauge.rawValue] }
        page.value(
            "tollgate_requests_in_flight", .gauge, "Requests that are being answered.",
            loops.isEmpty ? 0 : loops[ShardSeries.inFlight])
        page.value(
            "tollgate_upstream_connections", .gauge, "Connections to providers, idle ones included.",
            gauge(.upstreamConnections))
        page.value("tollgate_client_connections", .gauge, "Connections from nginx.", gauge(.clientConnections))
        page.value(
            "tollgate_log_lines_dropped_total", .counter, "Request log lines that the disk did not take.",
            gauge(.logLinesDropped))
        page.value(
            "tollgate_journal_ends_waiting", .gauge, "Ended attempts whose records the disk has not taken.",
            gauge(.journalEndsWaiting))
    }

    private func appendStated(_ stated: Stated, _ names: MetricLabels.Names, to page: inout PrometheusPage) {
        page.family("tollgate_cooldowns", .gauge, "Targets that are left alone after failures.")
        for (key, count) in stated.cooldowns.sorted(by: { $0.key < $1.key }) {
            page.sample(
                [("model", names.models[Int(key >> 16)]), ("provider", names.providers[Int(key & 0xffff)])], count)
        }
        page.family("tollgate_provider_key_problems", .gauge, "Providers whose key cannot be read just now.")
        for (provider, count) in stated.keyProblems.sorted(by: { $0.key < $1.key }) {
            page.sample([("provider", names.providers[Int(provider)])], count)
        }
    }

    private func appendProcess(to page: inout PrometheusPage) {
        page.value("tollgate_budget_holds", .gauge, "Budget holds that are not settled.", gauges[.budgetHolds])
        page.value("tollgate_key_ring_keys", .gauge, "Virtual keys in memory.", gauges[.keyRingKeys])
        page.value("tollgate_ready", .gauge, "1 while the gateway takes requests.", gauges[.ready])
        page.value("tollgate_open_attempts", .gauge, "Attempts begun and not ended.", gauges[.openAttempts])
        page.value(
            "tollgate_ledger_lag_records", .gauge, "Journal records that the store does not have.",
            gauges[.ledgerLagRecords])
        page.value(
            "tollgate_ledger_lag_bytes", .gauge, "Journal bytes that the store does not have.", gauges[.ledgerLagBytes])
        page.family("tollgate_ledger_lag_seconds", .gauge, "Since when the store has not had everything.")
        page.sample([], thousandths: gauges[.ledgerLagMilliseconds])
        page.value(
            "tollgate_ledger_store_failures_total", .counter, "Batches that the store did not take.",
            counters[.ledgerStoreFailures])
        page.value(
            "tollgate_attempts_interrupted_total", .counter, "Attempts charged as estimated after a crash.",
            counters[.attemptsInterrupted])
        page.value(
            "tollgate_attempt_id_conflicts_total", .counter, "Attempts that are missing in the ledger: alert on this.",
            counters[.attemptIDConflicts])
        page.value(
            "tollgate_journal_refusals_total", .counter, "Requests refused because the journal could not be written.",
            counters[.journalRefusals])
        page.family("tollgate_config_reloads_total", .counter, "Configuration files read again.")
        page.sample([("result", "accepted")], counters[.configReloadsAccepted])
        page.sample([("result", "refused")], counters[.configReloadsRefused])
        page.family("tollgate_build_info", .gauge, "Always 1.")
        page.sample([("version", version)], 1)
        let process = ProcessFacts.read()
        page.value("process_resident_memory_bytes", .gauge, "Resident memory.", process.residentBytes)
        page.value("process_open_fds", .gauge, "Open file descriptors.", process.openDescriptors)
        page.family("process_cpu_seconds_total", .counter, "CPU time, user and system.")
        page.sample([], thousandths: process.cpuMilliseconds)
        page.family("process_start_time_seconds", .gauge, "When the process started, in seconds since 1970.")
        page.sample([], thousandths: Int(startedAt.millisecondsSince1970))
    }

    /// The shards' cells added up per key, in the order of keys.
    private static func merged(_ tables: [SeriesTable]) -> [Series] {
        var sums: [UInt64: [Int]] = [:]
        for table in tables {
            table.forEach { key, cell in
                var cells = sums[key] ?? Array(repeating: 0, count: table.cellsPerKey)
                for index in 0..<table.cellsPerKey { cells[index] &+= cell(index) }
                sums[key] = cells
            }
        }
        return sums.sorted { $0.key < $1.key }.map { (key: $0.key, cells: $0.value) }
    }
}

/// A fixed number of integers that any thread may change.
private final class AtomicCells: Sendable {
    private nonisolated(unsafe) let cells: UnsafeMutablePointer<Atomic<Int>>

    // The pointer never changes and what it points to are atomics, so any thread may use it.
    init(count: Int) {
        cells = .allocate(capacity: count)
        for index in 0..<count { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit { cells.deallocate() }

    func set(_ value: Int, of index: Int) { cells[index].store(value, ordering: .relaxed) }
    func add(_ amount: Int, to index: Int) { cells[index].wrappingAdd(amount, ordering: .relaxed) }
    subscript(gauge: Metrics.Gauge) -> Int { cells[gauge.rawValue].load(ordering: .relaxed) }
    subscript(counter: Metrics.Counter) -> Int { cells[counter.rawValue].load(ordering: .relaxed) }
}

/// What the kernel knows about this process.
struct ProcessFacts {
    var residentBytes = 0
    var openDescriptors = 0
    var cpuMilliseconds = 0

    static func read() -> ProcessFacts {
        var facts = ProcessFacts()
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        if file >= 0 {
            defer { close(file) }
            var text = [UInt8](repeating: 0, count: 128)
            let count = Glibc.read(file, &text, text.count)
            let fields = String(decoding: text.prefix(max(count, 0)), as: UTF8.self).split(separator: " ")
            if fields.count > 1, let pages = Int(fields[1]) { facts.residentBytes = pages * Int(getpagesize()) }
        }
        if let folder = opendir("/proc/self/fd") {
            defer { closedir(folder) }
            while readdir(folder) != nil { facts.openDescriptors += 1 }
            // Not counted: `.`, `..`, and the folder itself.
            facts.openDescriptors -= 3
        }
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        facts.cpuMilliseconds = Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000
        return facts
    }
}
