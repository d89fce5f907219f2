import EventLoop
import FastCGI
import Keys
import Logging
import Providers
import Routing
import Synchronization
import Transfer
import Units
import WireFormats

/// What one event loop owns: its connections from nginx and to providers, its journal and its share of the log. A
/// request lives on one worker from its first byte to its ledger row; nothing of it is handed to another thread.
///
/// Rule: everything here is used on the loop's thread only, but for what says otherwise.
final class Worker: @unchecked Sendable {
    // @unchecked Sendable: confined to its loop by the rule above; other threads reach it with `loop.execute`.
    let loop: EventLoop
    /// It holds its workers until they have ended.
    unowned(unsafe) let gateway: Gateway
    let client: TransferClient
    /// nil where governance is off.
    let journal: Journal?
    let log: RequestLog?
    let metrics: MetricsRecorder?
    private(set) var runtime: Runtime
    var random = SystemRandomNumberGenerator()
    var prices: [PriceKey: PricedModel] = [:]
    private var templates: [TemplateKey: KeptTemplate] = [:]
    // Nearly every request goes where the one before it went, and comparing is cheaper than hashing.
    var lastPrice: (key: PriceKey, priced: PricedModel)?
    private var lastTemplate: (key: TemplateKey, template: TransferTemplate)?
    private var server: FastCGIServer!
    private var endedCalls: [Call] = []

    /// From any thread: nothing is open any more.
    private let drained = Atomic<Bool>(false)
    private let servedCount = Atomic<Int>(0)

    init(
        loop: EventLoop, gateway: Gateway, runtime: Runtime, journal: Journal?, log: RequestLog?,
        metrics: MetricsRecorder?
    ) throws {
        self.loop = loop
        self.gateway = gateway
        self.runtime = runtime
        self.journal = journal
        self.log = log
        self.metrics = metrics
        // At the end of a tick, in this order: what began and ended in it is written down; requests to providers leave;
        // answers leave; and only then the log and the figures are kept, which nobody waits for.
        client = try TransferClient(loop: loop)
        client.mayBegin = { journal?.flush() ?? true }
        loop.atEndOfTick { journal?.flush() }
        server = FastCGIServer(loop: loop, limits: runtime.fastCGILimits) { [unowned self] request in
            self.loop.begin { await self.serve(request) }
        }
        loop.atEndOfTick { [unowned self] in self.recordEnded() }
    }

    // MARK: Serving

    /// Before the loop starts.
    func listen(on descriptor: Int32) throws { try server.listen(on: descriptor) }

    /// Requests that were dealt with. From any thread.
    var served: Int { servedCount.load(ordering: .relaxed) }

    /// More requests than the configuration admits at the same time.
    var isFull: Bool { server.requestsInFlight > runtime.settings.limits.streamsPerLoop }

    func countServed() { servedCount.add(1, ordering: .relaxed) }

    /// Takes a new configuration; requests under way keep theirs.
    func adopt(_ runtime: Runtime) {
        self.runtime = runtime
        metrics?.names = runtime.metricNames
        prices.removeAll()
        templates.removeAll()
        lastPrice = nil
        lastTemplate = nil
        server.limits = runtime.fastCGILimits
    }

    func everySecond() {
        journal?.retry()
        log?.flush()
        log?.reopenIfMoved()
        metrics?.gauges(
            connections: server.connectionCount, transfers: client.transfersInFlight,
            linesDropped: log?.droppedLines ?? 0, endsWaiting: journal?.endsWaiting ?? 0)
    }

    // MARK: Ending

    /// Begins to end: see ``FastCGIServer/drain()``.
    func drain() {
        server.drain()
        checkDrained()
    }

    private func checkDrained() {
        if server.requestsInFlight == 0, server.connectionCount == 0, server.hasStoppedAccepting {
            drained.store(true, ordering: .releasing)
        } else {
            loop.schedule(LoopTimer { [self] in checkDrained() }, after: .milliseconds(20))
        }
    }

    /// From any thread.
    var isDrained: Bool { drained.load(ordering: .acquiring) }

    /// No call is begun any more.
    private(set) var isEnding = false

    /// The drain's time is over: what is still open ends now, in its client's dialect and with its row in the ledger.
    func cutOff() {
        isEnding = true
        client.cancelAll()
        server.cutOff()
    }

    /// From any thread: ends the loop.
    func stopNow() {
        loop.execute {
            self.recordEnded()
            self.journal?.flush()
            self.journal?.retry()
            self.log?.flush()
        }
        loop.stop()
    }

    /// From any loop: when this returns, the journal's file has every attempt that had ended here before the call.
    func flushJournal() async {
        await withUnsafeContinuation { continuation in
            loop.execute {
                self.journal?.flush()
                continuation.resume()
            }
        }
    }

    // MARK: Templates

    private struct TemplateKey: Hashable {
        let target: ObjectIdentifier
        let dialect: Dialect
        let stream: Bool
        let suffix: String
        let credential: ObjectIdentifier
        let connectTimer: Duration
        /// Only where the path holds the model's name.
        let model: String
    }

    /// A template and the objects whose addresses are in its key (the template keeps the headers).
    private struct KeptTemplate {
        let template: TransferTemplate
        let target: Target
    }

    /// The part of a call to a target that is the same every time; nil where the provider has no such endpoint.
    ///
    /// - Parameter suffix: what follows the dialect's own path.
    func template(
        for attempt: RequestJourney.Attempt, _ dialect: Dialect, stream: Bool, suffix: String = "",
        _ credential: Credentials.Current, _ runtime: Runtime
    ) -> TransferTemplate? {
        let target = attempt.target
        let headers = credential.headers(for: dialect)
        let key = TemplateKey(
            target: ObjectIdentifier(target), dialect: dialect, stream: stream, suffix: suffix,
            credential: ObjectIdentifier(headers),
            connectTimer: attempt.timers.connect,
            model: runtime.hasModelInPath(target, dialect) ? attempt.upstreamModel : "")
        if let last = lastTemplate, last.key == key { return last.template }
        if let known = templates[key] {
            lastTemplate = (key, known.template)
            return known.template
        }
        guard
            let url = target.provider.url(
                for: dialect, model: attempt.upstreamModel, version: target.apiVersion, stream: stream)
        else { return nil }
        let template = TransferTemplate(
            url: url + suffix, headers: headers, guarding: runtime.egress, connectTimer: attempt.timers.connect,
            bufferedBytesMax: runtime.settings.limits.bufferBytes)
        // Old credentials and names of models that will not come again must not gather.
        if templates.count >= 1024 {
            templates.removeAll()
            lastTemplate = nil  // an address in its key may now be another object's
        }
        templates[key] = KeptTemplate(template: template, target: target)
        return template
    }

    // MARK: The record

    /// The last step of the page: the log line and the figures of a request, whatever became of it. They are written when
    /// the answers of the tick are out.
    @inline(never)
    func record(_ call: Call) {
        stopKeepingOpen(call)
        countServed()
        endedCalls.append(call)
    }

    private func recordEnded() {
        guard !endedCalls.isEmpty else { return }
        let now = MonotonicTime.read()
        for call in endedCalls {
            metrics?.requestEnded(call, at: now)
            if let log { call.writeLine(to: log, endedAt: now) }
        }
        endedCalls.removeAll(keepingCapacity: true)
    }
}
