import CCurl
import EventLoop
import Glibc

/// Sends requests to providers from one loop, over connections that are kept open. Confined to its loop.
///
/// libcurl's multi interface makes the connections (names, TCP, TLS), and the loop tells it which sockets are ready and
/// when its timer is due; what is said on them is ``ProviderConnection``'s. Connections are HTTP/1.1: a call has one to
/// itself, so a slow answer never stands in another's way, and a provider that limits streams per connection limits
/// nothing here.
public final class TransferClient {
    let loop: EventLoop
    private let multi: OpaquePointer
    private var sockets: [Int32: CurlSocket] = [:]
    private lazy var timer = LoopTimer { [unowned self] in self.act(on: CURL_SOCKET_TIMEOUT, 0) }
    private let connectionsMax: Int
    private var pools: [PoolKey: ConnectionPool] = [:]
    /// The same pools by the number of a template, so that a request hashes one integer.
    private var poolsByTemplate: [UInt64: ConnectionPool] = [:]

    private struct PoolKey: Hashable {
        let origin: String
        /// A connection that nobody judged must not serve a template whose guard would have refused it.
        let isGuarded: Bool
    }

    private var toSend: [ProviderConnection] = []

    /// Asked at the end of each tick in which exchanges began that want it asked (``TransferRequest/asksToBegin``), before
    /// any of them is sent. Where it says no, none is: they end with ``TransferError/withheld``.
    public var mayBegin: () -> Bool = { true }
    private var asking: [Exchange] = []

    /// Connections that wait in all pools together.
    var idleConnections = 0

    var canKeepAnother: Bool { idleConnections < connectionsMax }

    /// Where what a connection received waits for the moment until it is parsed: one for all of them.
    let readBuffer: UnsafeMutableRawBufferPointer

    static let readBytes = 64 << 10

    private unowned(unsafe) var newest: Exchange?

    /// Transfers that are under way.
    public internal(set) var transfersInFlight = 0

    /// libcurl does not start, or has no memory for its first handle.
    public struct StartError: Error, CustomStringConvertible {
        public var description: String { "libcurl does not start" }
    }

    /// - Parameter connectionsMax: how many connections are kept open while idle.
    public init(loop: EventLoop, connectionsMax: Int = 1024) throws(StartError) {
        guard TransferClient.libraryHasStarted, let multi = curl_multi_init() else { throw StartError() }
        self.loop = loop
        self.connectionsMax = connectionsMax
        readBuffer = .allocate(byteCount: Self.readBytes, alignment: 16)
        self.multi = OpaquePointer(multi)
        // The opaque pointer is this object, which outlives its multi handle. Both callbacks run on the loop's thread,
        // inside curl_multi_socket_action, add_handle or remove_handle.
        let context = Unmanaged.passUnretained(self).toOpaque()
        tollgate_multi_set_socket_callback(multi, onSocket, context)
        tollgate_multi_set_timer_callback(multi, onTimer, context)
        loop.atEndOfTick { [unowned self] in self.sendAll() }
    }

    /// Sends a request when the tick ends, with the others of that tick: what is woken by it is woken once.
    func sendSoon(_ connection: ProviderConnection) { toSend.append(connection) }

    private func sendAll() {
        if !asking.isEmpty { admit() }
        guard !toSend.isEmpty else { return }
        let connections = toSend
        toSend.removeAll(keepingCapacity: true)
        for connection in connections { connection.sendOn() }
    }

    private func admit() {
        let may = mayBegin()
        for exchange in asking { if may { exchange.isAdmitted = true } else { exchange.ended(.withheld) } }
        asking.removeAll(keepingCapacity: true)
    }

    deinit {
        for pool in pools.values { pool.closeAll() }
        curl_multi_cleanup(multiHandle)
        readBuffer.deallocate()
    }

    private var multiHandle: UnsafeMutableRawPointer { UnsafeMutableRawPointer(multi) }

    /// Once for the process.
    private static let libraryHasStarted = tollgate_curl_start() == CURLE_OK

    /// Starts a transfer. Its head, body and end are read from the ``Exchange``.
    public func send(_ request: TransferRequest) -> Exchange {
        let exchange = Exchange(client: self, request: request)
        if request.asksToBegin { asking.append(exchange) }
        exchange.start()
        return exchange
    }

    // MARK: Connections

    /// Puts an exchange on a connection that waits, or on a new one.
    func connect(_ exchange: Exchange) -> ProviderConnection? {
        let template = exchange.request.template
        guard let pool = pool(for: template) else { return nil }
        if let connection = pool.take(at: loop.now) {
            connection.send(exchange)
            return connection
        }
        return ProviderConnection(for: exchange, to: template, pool: pool, client: self)
    }

    private func pool(for template: TransferTemplate) -> ConnectionPool? {
        if let pool = poolsByTemplate[template.number] { return pool }
        guard let origin = template.origin else { return nil }
        let key = PoolKey(
            origin: origin.url, isGuarded: !template.guarding.allows(host: EgressGuard.host(of: template.url)))
        let pool = pools[key] ?? ConnectionPool(isGuarded: key.isGuarded, client: self)
        pools[key] = pool
        // Templates of old credentials must not gather.
        if poolsByTemplate.count >= 1024 { poolsByTemplate.removeAll() }
        poolsByTemplate[template.number] = pool
        return pool
    }

    func beginConnecting(_ handle: UnsafeMutableRawPointer) { curl_multi_add_handle(multiHandle, handle) }

    func endConnection(_ handle: UnsafeMutableRawPointer) { curl_multi_remove_handle(multiHandle, handle) }

    // MARK: What is under way

    func add(_ exchange: Exchange) {
        transfersInFlight += 1
        exchange.after = newest
        newest?.before = exchange
        newest = exchange
    }

    func remove(_ exchange: Exchange) {
        transfersInFlight -= 1
        if newest === exchange { newest = exchange.after }
        exchange.before?.after = exchange.after
        exchange.after?.before = exchange.before
        exchange.before = nil
        exchange.after = nil
    }

    /// Ends everything that is under way: the last resort of a process that has to end.
    public func cancelAll() {
        while let exchange = newest { exchange.cancel() }
    }

    // MARK: Driving libcurl

    fileprivate func act(on socket: curl_socket_t, _ bits: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(multiHandle, socket, bits, &running)
        collectEnded()
    }

    private func collectEnded() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multiHandle, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            var context: UnsafeMutableRawPointer?
            tollgate_easy_get_pointer(handle, CURLINFO_PRIVATE, &context)
            guard let context else { continue }
            Unmanaged<ProviderConnection>.fromOpaque(context).takeUnretainedValue().connected(code)
        }
    }

    /// Watches what libcurl wants to know about while it connects.
    fileprivate func watch(_ descriptor: Int32, _ what: Int32) {
        guard what != CURL_POLL_REMOVE else {
            forget(descriptor)
            return
        }
        var interest: Readiness = what & CURL_POLL_OUT != 0 ? .writable : []
        if what & CURL_POLL_IN != 0 { interest.insert(.readable) }
        if sockets[descriptor] != nil {
            loop.rewatch(descriptor, for: interest)
            return
        }
        let socket = CurlSocket(descriptor: descriptor, client: self)
        do {
            try loop.watch(descriptor, for: interest, handler: socket)
            sockets[descriptor] = socket
        } catch {
            // libcurl then sees no progress and its connect timer ends the attempt.
        }
    }

    func forget(_ descriptor: Int32) {
        if sockets.removeValue(forKey: descriptor) != nil { loop.unwatch(descriptor) }
    }

    /// Lets us hear of each socket that libcurl closes: the next one may have the same number.
    func followClosing(_ handle: UnsafeMutableRawPointer) {
        tollgate_easy_set_close_socket(handle, onCloseSocket, Unmanaged.passUnretained(self).toOpaque())
    }

    fileprivate func setTimer(_ milliseconds: Int) {
        if milliseconds < 0 {
            loop.cancel(timer)
        } else {
            // Zero means as soon as possible, but never from inside this callback.
            loop.schedule(timer, after: milliseconds == 0 ? .nanoseconds(1) : .milliseconds(milliseconds))
        }
    }
}

private final class CurlSocket: ReadinessHandler {
    let descriptor: Int32
    unowned let client: TransferClient

    init(descriptor: Int32, client: TransferClient) {
        self.descriptor = descriptor
        self.client = client
    }

    func ready(_ readiness: Readiness) {
        var bits: Int32 = 0
        if !readiness.isDisjoint(with: [.readable, .hangUp, .peerClosed]) { bits |= CURL_CSELECT_IN }
        if readiness.contains(.writable) { bits |= CURL_CSELECT_OUT }
        if readiness.contains(.failed) { bits |= CURL_CSELECT_ERR }
        client.act(on: descriptor, bits)
    }
}

private func onCloseSocket(_ context: UnsafeMutableRawPointer?, _ socket: curl_socket_t) -> Int32 {
    if let context { Unmanaged<TransferClient>.fromOpaque(context).takeUnretainedValue().forget(socket) }
    return close(socket)
}

private func onSocket(
    _ easy: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ what: Int32, _ context: UnsafeMutableRawPointer?,
    _ socketContext: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    Unmanaged<TransferClient>.fromOpaque(context).takeUnretainedValue().watch(socket, what)
    return 0
}

private func onTimer(
    _ multi: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    Unmanaged<TransferClient>.fromOpaque(context).takeUnretainedValue().setTimer(milliseconds)
    return 0
}
