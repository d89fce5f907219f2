import Budgets
import Configuration
import EventLoop
import FastCGI
import Keys
import Logging
import Secrets
import ServerProcess
import Store
import Synchronization
import Units
import WireFormats

/// The control plane: one loop that takes requests, one thread that asks the store. It shares nothing with the gateway
/// but the store, whose change feed carries every edit there.
final class AdminServer: @unchecked Sendable {
    // @unchecked Sendable: `server` and `log` are used on the loop's thread only; everything else is Sendable.
    let home: String
    let hasher: KeyHasher
    private let masterKey: MasterKey
    private let masterKeyWatch: SecretWatch
    private let store: StoreThread
    private let loop: EventLoop
    private var server: FastCGIServer!
    private let log: RequestLog
    private let settings: Mutex<(value: Settings, file: FileWatch)>
    private let drained = Atomic<Bool>(false)

    /// - Throws: what is wrong with the configuration or the keys, in words for the operator.
    init(home: String) throws {
        self.home = home
        for folder in ["run", "logs"] { try makePrivateFolder("\(home)/\(folder)") }
        let file = FileWatch("\(home)/tollgate.yaml")
        let loaded = try Settings.load("\(home)/tollgate.yaml", readsTokenizers: false)
        settings = Mutex((loaded, file))
        hasher = KeyHasher(pepper: try SecretSource(loaded.keys.pepper, baseDirectory: home).current())
        let masterKey = try loaded.masterKey()
        masterKeyWatch = SecretWatch(Settings.OwnSecret.masterKey.rawValue, masterKey)
        self.masterKey = MasterKey(masterKey, hasher: hasher)
        store = try StoreThread(path: "\(home)/tollgate.db", name: "admin-store") { database in
            _ = try Migrator.run(ChangeFeed.migrations + KeyStore.migrations + Ledger.migrations, on: database)
        }
        log = RequestLog(path: "\(home)/logs/admin.jsonl")
        loop = try EventLoop(name: "admin")
        server = FastCGIServer(loop: loop, limits: FastCGILimits(bodyBytesMax: 1 << 20)) { [unowned self] request in
            self.loop.begin { await self.serve(request) }
        }
    }

    func start() throws {
        let socket = try ListeningSocket(path: "\(home)/run/admin.sock")
        try server.listen(on: socket.descriptor)
        try loop.start()
        loop.execute { [self] in watchMasterKey() }
        Log.line("admin started", ["home": home])
    }

    private func watchMasterKey() {
        masterKeyWatch.look()
        loop.schedule(LoopTimer { [self] in watchMasterKey() }, after: .milliseconds(500))
    }

    /// The configuration in force. It is read again when its file has changed; an invalid one is passed over.
    var currentSettings: Settings {
        if settings.withLock({ $0.file.hasChanged() }) { reload() }
        return settings.withLock { $0.value }
    }

    /// The names of the models there are.
    var modelNames: [String] { currentSettings.routes.routes.map(\.name) }

    func reload() {
        // Before it is read: what is written in between is read once more.
        _ = settings.withLock { $0.file.hasChanged() }
        guard let loaded = try? Settings.load("\(home)/tollgate.yaml", readsTokenizers: false) else { return }
        settings.withLock { $0.value = loaded }
    }

    func reopenLogs() {
        loop.execute { [self] in log.reopen() }
    }

    func drain() {
        loop.execute { [self] in
            server.drain()
            checkDrained()
        }
        let deadline = MonotonicTime.read() + .seconds(10)
        while MonotonicTime.read() < deadline, !drained.load(ordering: .acquiring) {
            ServerProcess.pause(.milliseconds(20))
        }
        loop.execute { [self] in log.flush() }
        loop.stop()
        store.stop()
        Log.line("admin ended")
    }

    private func checkDrained() {
        if server.hasStoppedAccepting, server.connectionCount == 0 {
            drained.store(true, ordering: .releasing)
        } else {
            loop.schedule(LoopTimer { [self] in checkDrained() }, after: .milliseconds(20))
        }
    }

    // MARK: A request

    private func serve(_ request: FastCGIRequest) async {
        let began = MonotonicTime.read()
        let notes = CallNotes()
        let method = request.parameter("REQUEST_METHOD") ?? ""
        let id = request.parameter("REQUEST_ID") ?? ""
        var head = Array("Content-Type: application/json\r\nx-request-id: \(id)\r\nCache-Control: no-store\r\n".utf8)
        var status = 200
        var code: String?
        let body: [UInt8]
        do throws(AdminError) {
            body = try await answer(to: request, method: method, notes)
        } catch {
            status = error.status
            code = error.code
            for line in error.headers { head += Array((line + "\r\n").utf8) }
            body =
                GatewayErrorBody(message: error.message, type: error.type, param: error.parameter, code: error.code)
                .openAI()
        }
        write(
            AdminLine(
                time: .now(), requestID: id, caller: notes.caller, method: method, route: notes.route, status: status,
                errorCode: code, duration: MonotonicTime.read() - began,
                clientAddress: request.parameter("REMOTE_ADDR"), keys: notes.keys.map(\.bytes)))
        request.respond(status: status, headers: head, body: body)
    }

    private func answer(
        to request: FastCGIRequest, method: String, _ notes: CallNotes
    ) async throws(AdminError) -> [UInt8] {
        let route = try AdminRoute.find(path: request.parameter("DOCUMENT_URI") ?? "", method: method)
        notes.route = route.path
        let caller = try await authenticate(request, for: route, notes)
        let call = AdminCall(
            route: route, caller: caller, query: Query(request.parameter("QUERY_STRING") ?? ""), body: request.body,
            now: .now(), notes: notes)
        if request.bodyIsTooLarge { throw .invalid("The request body is larger than 1 MiB.", status: 413) }
        if route.method != "GET" {
            do throws(UnreadableBody) { try request.checkJSONHeader() } catch { throw AdminError(error) }
        }
        return try await route.handle(call, self)
    }

    /// Before the answer leaves, and to the file at once: what was answered is in the log.
    private func write(_ line: AdminLine) {
        log.reopenIfMoved()
        log.write(line)
        log.flush()
        if let failure = log.lastFailure { Log.line("the admin log cannot be written", ["errno": "\(failure)"]) }
    }

    /// Deny by default: a route is for the master key, unless its row says otherwise.
    private func authenticate(
        _ request: FastCGIRequest, for route: AdminRoute, _ notes: CallNotes
    ) async throws(AdminError) -> Caller {
        if route.role == .anyone { return .master }
        let headers = Authorization.Headers(
            authorization: request.parameterBuffer("HTTP_AUTHORIZATION"),
            xAPIKey: request.parameterBuffer("HTTP_X_API_KEY"), apiKey: request.parameterBuffer("HTTP_API_KEY"),
            xGoogAPIKey: request.parameterBuffer("HTTP_X_GOOG_API_KEY"))
        let hash: KeyHash
        do throws(Keys.Refusal) {
            let presented = try Authorization.presentedKey(in: headers)
            guard KeyText.isAcceptable(presented) else { throw .unknownKey }
            hash = hasher.hash(presented)
        } catch {
            throw AdminError(error)
        }
        if masterKey.matches(hash) {
            notes.caller = "master"
            return .master
        }
        let key = try await ask { database in try KeyStore.find(.hash(hash), on: database) }
        guard let key else { throw AdminError(Keys.Refusal.unknownKey) }
        notes.caller = key.hash.hex
        if let refusal = key.refusal(at: .now()) { throw AdminError(refusal) }
        guard route.role == .keyHolder else { throw .forbidden }
        return .key(key)
    }

    /// Runs a piece of work on the store's thread.
    func ask<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) async throws(AdminError) -> T {
        do {
            return try await store.run(work)
        } catch {
            throw AdminError(error)
        }
    }
}

/// One request to the admin API, read.
struct AdminCall: Sendable {
    let route: AdminRoute
    let caller: Caller
    let query: Query
    let body: [UInt8]
    let now: Timestamp
    let notes: CallNotes

    /// A key named by its text or its hash. A text that can be no key names none.
    func selector(_ name: String, _ hasher: KeyHasher) throws(AdminError) -> KeySelector {
        guard let selector = KeySelector(key: name, hasher: hasher) else { throw .keyNotFound }
        if case .hash(let hash) = selector { notes.keys.append(hash) }
        return selector
    }
}

/// What the log's line says of a call beside its answer, noted as it becomes known.
final class CallNotes: @unchecked Sendable {
    // @unchecked Sendable: used on the loop's thread only, where requests are served.
    var route: String?
    /// `master`, or the hash of a virtual key.
    var caller: String?
    /// That the call is about.
    var keys: [KeyHash] = []
}
