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
    // @unchecked Sendable: `server` is used on the loop's thread only; everything else is Sendable.
    let home: String
    let hasher: KeyHasher
    private let masterKey: MasterKey
    private let store: StoreThread
    private let loop: EventLoop
    private var server: FastCGIServer!
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
        masterKey = MasterKey(SecretSource(loaded.keys.master, baseDirectory: home), hasher: hasher)
        store = try StoreThread(path: "\(home)/tollgate.db", name: "admin-store") { database in
            _ = try Migrator.run(ChangeFeed.migrations + KeyStore.migrations + Ledger.migrations, on: database)
        }
        loop = try EventLoop(name: "admin")
        server = FastCGIServer(loop: loop, limits: FastCGILimits(bodyBytesMax: 1 << 20)) { [unowned self] request in
            self.loop.begin { await self.serve(request) }
        }
    }

    func start() throws {
        let socket = try ListeningSocket(path: "\(home)/run/admin.sock")
        try server.listen(on: socket.descriptor)
        try loop.start()
        Log.line("admin started", ["home": home])
    }

    /// The configuration in force. It is read again when its file has changed; an invalid one is passed over.
    var currentSettings: Settings {
        if settings.withLock({ $0.file.hasChanged() }) { reload() }
        return settings.withLock { $0.value }
    }

    func reload() {
        // Before it is read: what is written in between is read once more.
        _ = settings.withLock { $0.file.hasChanged() }
        guard let loaded = try? Settings.load("\(home)/tollgate.yaml", readsTokenizers: false) else { return }
        settings.withLock { $0.value = loaded }
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
        let path = request.parameter("DOCUMENT_URI") ?? ""
        let method = request.parameter("REQUEST_METHOD") ?? ""
        let id = request.parameter("REQUEST_ID") ?? ""
        var head = Array("Content-Type: application/json\r\nx-request-id: \(id)\r\nCache-Control: no-store\r\n".utf8)
        do throws(AdminError) {
            let route = try AdminRoute.find(path: path, method: method)
            let caller = try await authenticate(request, for: route)
            let call = AdminCall(
                route: route, caller: caller, query: Query(request.parameter("QUERY_STRING") ?? ""), body: request.body,
                now: .now())
            if request.bodyIsTooLarge { throw .invalid("The request body is larger than 1 MiB.", status: 413) }
            let answer = try await route.handle(call, self)
            request.respond(status: 200, headers: head, body: answer)
        } catch {
            for line in error.headers { head += Array((line + "\r\n").utf8) }
            let body = GatewayErrorBody(
                message: error.message, type: error.type, param: error.parameter, code: error.code)
            request.respond(status: error.status, headers: head, body: body.openAI())
        }
    }

    /// Deny by default: a route is for the master key, unless its row says otherwise.
    private func authenticate(_ request: FastCGIRequest, for route: AdminRoute) async throws(AdminError) -> Caller {
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
        if masterKey.matches(hash) { return .master }
        let key = try await ask { database in try KeyStore.find(.hash(hash), on: database) }
        guard let key else { throw AdminError(Keys.Refusal.unknownKey) }
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
}
