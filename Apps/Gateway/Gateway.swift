import Budgets
import Configuration
import EventLoop
import FastCGI
import Glibc
import Keys
import Logging
import Routing
import Secrets
import ServerProcess
import Store
import Synchronization
import Units

/// The process's shared parts, and the order in which they start and end. Everything here may be used from any thread.
///
/// Threads: one per event loop; `store`, which reads keys and sums; the ledger's writer; `upkeep`, which looks at what
/// may have changed outside (keys, files, the clock). None of them waits for another while a request does.
final class Gateway: Sendable {
    let home: String
    let book: BudgetBook
    let router = Router { target, cooling in
        Log.line(
            "a target begins to cool down",
            [
                "provider": target.provider.name, "model": target.model,
                // Its name is a client's text.
                "cools": cooling.model.map { "the model \($0.recorded)" } ?? "the target",
                "because": cooling.reason.description, "until": cooling.until.description,
            ])
    }
    let authenticator: Authenticator
    let keyFeed: KeyFeed
    let metrics: Metrics
    private let ring: KeyRing
    private let store: StoreThread
    private let writer: LedgerWriter
    /// What takes longer than a loop may stand still (a body of megabytes that is translated) runs here.
    private let side: EventLoop
    private let googleTokens: GoogleTokens
    private let masterKeyWatch: SecretWatch
    private let startedAt = Timestamp.now()
    private let state: Mutex<State>

    /// Answers that are made in the background.
    let followed = FollowedAnswers()

    private struct State {
        var runtime: Runtime
        var workers: [Worker] = []
        var configurationFile: FileWatch
        /// The attempts of dead processes have their rows: from then on the ledger's sums are whole.
        var isRecovered = false
        /// The ledger's highest id: no new one is at or below it, even if the clock was set back.
        var highestID: AttemptID?
        var isDraining = false
        /// The loops are stopped: nothing is left to look after.
        var hasEnded = false
    }

    struct Readiness {
        let isReady: Bool
        let isStoreReachable: Bool
        let reason: String?
    }

    /// - Throws: what is wrong with the configuration or the keys, in words for the operator.
    init(home: String) throws {
        self.home = home
        for folder in ["run", "logs", "journal"] { try makePrivateFolder("\(home)/\(folder)") }
        let file = FileWatch("\(home)/tollgate.yaml")
        let settings = try Settings.load("\(home)/tollgate.yaml")
        metrics = Metrics(version: TollgateVersion.text, startedAt: startedAt)
        let runtime = Runtime(settings, home: home, previous: nil, labels: metrics.labels)
        let hasher = KeyHasher(pepper: try SecretSource(settings.keys.pepper, baseDirectory: home).current())
        let masterKey = try settings.masterKey()
        masterKeyWatch = SecretWatch(Settings.OwnSecret.masterKey.rawValue, masterKey)
        book = BudgetBook(zone: settings.timeZone)
        ring = KeyRing()
        authenticator = Authenticator(hasher: hasher, keys: ring, masterKey: MasterKey(masterKey, hasher: hasher))
        let storePath = "\(home)/tollgate.db"
        store = try StoreThread(path: storePath, name: "store") { database in
            _ = try Migrator.run(
                ChangeFeed.migrations + KeyStore.migrations + Ledger.migrations + ResponseStore.migrations, on: database
            )
        }
        keyFeed = KeyFeed(ring: ring, store: store, book: book)
        var writerSettings = LedgerWriter.Settings(journalFolder: "\(home)/journal", storePath: storePath)
        writerSettings.sync = JournalSync(settings.logs.sync)
        writer = try LedgerWriter(settings: writerSettings) { [metrics] event in
            Log.ledger(event)
            metrics.count(event)
        }
        side = try EventLoop(name: "aside")
        googleTokens = try GoogleTokens(loop: side)
        state = Mutex(State(runtime: runtime, configurationFile: file))
    }

    /// Runs pure work on a thread beside the loops, and goes on where the caller was.
    func aside<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await side.run(work)
    }

    // MARK: Start

    /// Starts everything and begins to serve. A store that is away delays nothing: until it is back, the gateway answers
    /// 503 and says so.
    func start() throws {
        let runtime = state.withLock { $0.runtime }
        book.setLimits(runtime.settings.globalLimits, of: .global, at: .now())
        recover()
        let socket =
            try ListeningSocket(fromSystemd: systemdEnvironment())
            ?? ListeningSocket(path: "\(home)/run/gateway.sock")
        var workers: [Worker] = []
        for number in 0..<runtime.loopCount {
            let worker = try makeWorker(number, runtime)
            workers.append(worker)
        }
        state.withLock { $0.workers = workers }
        for worker in workers {
            try worker.listen(on: socket.descriptor)
            try worker.loop.start()
        }
        try side.start()
        try writer.start()
        try startThread(named: "upkeep") { [self] in keepUp() }
        Log.line("gateway started", ["loops": "\(workers.count)", "home": home])
        warn(of: runtime)
    }

    private func warn(of runtime: Runtime) {
        let settings = runtime.settings
        let ofSecrets = settings.warnings(of: runtime.keyProblems) + settings.warningsOfOwnSecrets()
        for warning in settings.warnings + ofSecrets {
            Log.line("configuration warning", ["warning": "\(warning)"])
        }
    }

    private func makeWorker(_ number: Int, _ runtime: Runtime) throws -> Worker {
        let loop = try EventLoop(name: "loop-\(number)")
        var journal: Journal?
        if runtime.settings.gateway.governance {
            var settings = Journal.Settings()
            settings.sync = JournalSync(runtime.settings.logs.sync)
            settings.gathers = true
            let highest = state.withLock { $0.highestID }
            let opened = try Journal(folder: "\(home)/journal", settings: settings, above: highest, at: .now())
            writer.attach(opened.tail)
            journal = opened
        }
        let isOn = runtime.settings.gateway.governance
        return try Worker(
            loop: loop, gateway: self, runtime: runtime, journal: journal,
            log: isOn && runtime.settings.logs.requests ? RequestLog(path: runtime.requestLogPath(in: home)) : nil,
            metrics: isOn ? MetricsRecorder(shard: metrics.makeShard(), names: runtime.metricNames) : nil)
    }

    /// Brings the ledger and the ring of keys up to date; tried again by ``keepUp()`` until it works.
    private func recover() {
        do {
            // The store's schema first: the writer expects its tables.
            try store.runBlocking { _ in }
            let report = try writer.recover()
            state.withLock { state in
                state.isRecovered = true
                state.highestID = report.highestID
            }
            if report.inserted > 0 {
                Log.line(
                    "ledger recovered",
                    ["attempts": "\(report.inserted)", "interrupted": "\(report.interrupted)"])
            }
        } catch {
            Log.line("store unavailable", ["error": "\(error)"])
        }
        _ = keyFeed.refreshBlocking()
    }

    // MARK: Upkeep

    private func keepUp() {
        var round = 0
        while !state.withLock({ $0.hasEnded }) {
            ServerProcess.pause(.milliseconds(100))
            let isDraining = state.withLock { $0.isDraining }
            round += 1
            if !state.withLock({ $0.isRecovered }), round % 10 == 0 { recover() }
            _ = keyFeed.refreshBlocking()
            if round % 5 == 1 {
                let runtime = state.withLock { $0.runtime }
                googleTokens.renew(runtime.credentials, guarding: runtime.egress, at: .now())
            }
            if round % 5 == 0 {
                let runtime = state.withLock { $0.runtime }
                for credentials in runtime.credentials { credentials.look() }
                runtime.metricsToken?.look()
                masterKeyWatch.look()
                if !isDraining { reloadIfChanged() }
            }
            if round % 10 == 0 { forEachWorker { $0.everySecond() } }
            if round % 600 == 300 { dropExpiredResponses() }
            if round % 600 == 0 { book.freeIdle(at: .now()) }
            if round % 36_000 == 100 {
                dropOldRows()
                trimChangeFeed()
            }
        }
    }

    private func forEachWorker(_ body: @escaping @Sendable (Worker) -> Void) {
        for worker in state.withLock({ $0.workers }) { worker.loop.execute { body(worker) } }
    }

    private func trimChangeFeed() {
        do {
            try store.submit { database in _ = try ChangeFeed.trim(at: .now(), on: database) }
        } catch {
            Log.line("change feed not trimmed", ["error": "\(error)"])
        }
    }

    private func dropOldRows() {
        guard let retention = state.withLock({ $0.runtime.settings.logs.retention }) else { return }
        do {
            try store.submit { database in
                let now = Timestamp.now()
                let day = CivilDate(daysSince1970: (now - retention).secondsSince1970.flooredQuotient(by: 86_400))
                let dropped = try Ledger.dropPartitions(before: day, at: now, on: database)
                if dropped > 0 { Log.line("old ledger days dropped", ["days": "\(dropped)"]) }
            }
        } catch {
            Log.line("old ledger days not dropped", ["error": "\(error)"])
        }
    }

    // MARK: Stored responses

    /// Queues work on the store that a request does not wait for; look-ups queue behind it.
    func submit(_ what: StaticString, _ work: @escaping @Sendable (Database) throws -> Void) {
        do {
            try store.submit(work) { error in
                Log.line("a job of the store failed", ["job": "\(what)", "error": "\(error)"])
            }
        } catch {
            Log.line("a job of the store was not taken", ["job": "\(what)", "error": "\(error)"])
        }
    }

    /// Runs work on the store's thread, and waits for it.
    ///
    /// - Throws: `.storeAway`.
    func withStore<T: Sendable>(
        _ work: @escaping @Sendable (Database) throws -> T
    ) async throws(GatewayError) -> T {
        do {
            return try await store.run(work)
        } catch {
            throw .storeAway
        }
    }

    private func dropExpiredResponses() {
        submit("dropping expired responses") { database in
            _ = try ResponseStore.dropExpired(at: .now(), on: database)
        }
    }

    // MARK: Money

    /// Tells the budget book what a scope has spent in its window, summed from the ledger.
    ///
    /// - Returns: false where the store cannot say.
    func loadSpend(_ missing: MissingSpend) async -> Bool {
        guard state.withLock({ $0.isRecovered }) else { return false }
        let keyID: Int64? = missing.scope.kind == .global ? nil : missing.scope.id
        let window = missing.window
        // What has ended and waits for the end of its loop's tick belongs to the sum too.
        for worker in state.withLock({ $0.workers }) { await worker.flushJournal() }
        let limitsSetAt = keyID.flatMap { keyFeed.limitsSet(of: $0) }
        do {
            let sum = try await store.run { [writer] database in
                // What ended before now and is still in a journal belongs to the sum.
                guard writer.flush(timeout: .seconds(5)) else { throw StoreError.busy }
                let sum =
                    window == .always
                    ? try Ledger.lifetimeSpend(keyID: keyID, on: database).cost
                    : try Ledger.spend(keyID: keyID, from: window.start, to: window.end, on: database).cost
                guard let keyID, let limitsSetAt else { return sum }
                return sum - (try Self.spend(of: keyID, endedSince: limitsSetAt, in: window, on: database))
            }
            book.setSpent(sum, of: missing.scope, windowStart: window.start)
            return true
        } catch {
            Log.line("spend not loaded", ["scope": "\(missing.scope)", "error": "\(error)"])
            return false
        }
    }

    /// What calls that ended after a key got its limits have cost: the book has counted those already.
    private static func spend(
        of keyID: Int64, endedSince time: Timestamp, in window: WindowInterval, on database: Database
    ) throws -> NanoUSD {
        // No call is longer than a day: the longest total timer that a configuration may set.
        let rows = try Ledger.logs(
            LedgerFilter(keyID: keyID, from: time - .seconds(86_400)), limit: 100_000, on: database
        ).rows
        return rows.lazy.filter { $0.endedAt >= time && window.contains($0.startedAt) }
            .reduce(NanoUSD.zero) { $0 + $1.cost }
    }

    // MARK: Configuration

    private func reloadIfChanged() {
        if configurationHasChanged() { reload(because: "the file changed") }
    }

    /// Looks at the file, without the lock. A version that was refused is seen, too: it is complained about once.
    private func configurationHasChanged() -> Bool {
        var file = state.withLock { $0.configurationFile }
        let hasChanged = file.hasChanged()
        state.withLock { $0.configurationFile = file }
        return hasChanged
    }

    /// Reads the configuration again. An invalid file is refused whole, and the old one stays in force.
    func reload(because reason: String) {
        // Before it is read: what is written in between is read once more.
        _ = configurationHasChanged()
        let old = state.withLock { $0.runtime }
        do {
            let settings = try Settings.load("\(home)/tollgate.yaml", previous: old.settings)
            let runtime = Runtime(settings, home: home, previous: old, labels: metrics.labels)
            let differences = settings.differences(from: old.settings)
            state.withLock { $0.runtime = runtime }
            book.setLimits(settings.globalLimits, of: .global, at: .now())
            book.setZone(settings.timeZone, at: .now())
            router.keepOnly(settings.routes.routes)
            metrics.add(to: .configReloadsAccepted)
            forEachWorker { $0.adopt(runtime) }
            Log.line("configuration loaded", ["because": reason, "changes": differences.joined(separator: "; ")])
            warn(of: runtime)
        } catch {
            metrics.add(to: .configReloadsRefused)
            Log.line("configuration refused, the old one stays", ["because": reason, "error": "\(error)"])
        }
    }

    func reopenLogs() {
        forEachWorker { $0.log?.reopen() }
    }

    // MARK: State

    var readiness: Readiness {
        let (isRecovered, isDraining) = state.withLock { ($0.isRecovered, $0.isDraining) }
        let isFresh = keyFeed.isFresh
        let reason: String? =
            if isDraining { "draining" } else if !isRecovered || !ring.isLoaded { "the store is not reachable" } else {
                nil
            }
        return Readiness(isReady: reason == nil, isStoreReachable: isFresh && isRecovered, reason: reason)
    }

    /// The page for Prometheus. It reads /proc, so it is made on the store's thread.
    func metricsText() async -> [UInt8] {
        metrics.set(writer.lag)
        metrics.set(.keyRingKeys, ring.count)
        metrics.set(.budgetHolds, book.liveHolds)
        let runtime = state.withLock { $0.runtime }
        metrics.set(cooldowns: runtime.labels(of: router.cooling(at: .now())))
        metrics.set(keyProblems: runtime.labelsOfKeyProblems)
        metrics.set(.ready, readiness.isReady ? 1 : 0)
        return (try? await store.run { [metrics] _ in metrics.text() }) ?? metrics.text()
    }

    /// Whether an Authorization header holds the token of `metrics.token`.
    func isMetricsToken(_ authorization: String, _ runtime: Runtime) -> Bool {
        guard let presented = try? Authorization.presentedKey(authorization: authorization),
            let token = runtime.metricsToken?.secret
        else { return false }
        return token == presented
    }

    // MARK: End

    /// Says that it is no longer ready, lets the open requests finish, and writes everything down. Blocks until then.
    func drain() {
        let (limit, workers) = state.withLock { state in
            state.isDraining = true
            return (state.runtime.settings.gateway.drain, state.workers)
        }
        Log.line("draining", ["limit": "\(limit)"])
        for worker in workers { worker.loop.execute { worker.drain() } }
        let deadline = MonotonicTime.read() + limit
        while MonotonicTime.read() < deadline, workers.contains(where: { !$0.isDrained }) {
            ServerProcess.pause(.milliseconds(20))
        }
        for worker in workers where !worker.isDrained { worker.loop.execute { worker.cutOff() } }
        ServerProcess.pause(.milliseconds(100))
        state.withLock { $0.hasEnded = true }
        for worker in workers { worker.stopNow() }
        side.stop()
        ServerProcess.pause(.milliseconds(50))
        if !writer.flush(timeout: .seconds(5)) {
            Log.line("the store did not take everything; the journal keeps it for the next start", [:])
        }
        writer.stop()
        Log.line("gateway ended", ["served": "\(workers.reduce(0) { $0 + $1.served })"])
    }
}

private func systemdEnvironment() -> [String: String] {
    var environment: [String: String] = [:]
    for name in ["LISTEN_PID", "LISTEN_FDS"] {
        if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    return environment
}

extension JournalSync {
    init(_ sync: Settings.JournalSync) {
        switch sync {
        case .never: self = .never
        case .everyClose: self = .everyClose
        case .interval(let interval): self = .interval(interval)
        }
    }
}
