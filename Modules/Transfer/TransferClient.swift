import CCurl
import EventLoop
import Glibc

/// Sends requests to providers from one loop, over connections that are kept open. Confined to its loop.
///
/// libcurl's multi interface does HTTP/1.1, HTTP/2, TLS and the connection pool; the loop tells it which sockets are
/// ready and when its timer is due.
public final class TransferClient {
    let loop: EventLoop
    private let multi: OpaquePointer
    private var sockets: [Int32: CurlSocket] = [:]
    private lazy var timer = LoopTimer { [unowned self] in self.act(on: CURL_SOCKET_TIMEOUT, 0) }
    private var idleHandles: [UInt64: [UnsafeMutableRawPointer]] = [:]
    private var idleHandleCount = 0

    private unowned(unsafe) var newest: Exchange?

    /// Transfers that are under way.
    public internal(set) var transfersInFlight = 0

    private static let idleHandlesMax = 256

    /// - Parameter connectionsMax: how many connections are kept open while idle.
    public init(loop: EventLoop, connectionsMax: Int = 1024) {
        self.loop = loop
        TransferClient.startLibrary
        guard let multi = curl_multi_init() else { fatalError("libcurl has no memory for its first handle") }
        self.multi = OpaquePointer(multi)
        // The opaque pointer is this object, which outlives its multi handle. Both callbacks run on the loop's thread,
        // inside curl_multi_socket_action, add_handle, remove_handle or easy_pause.
        let context = Unmanaged.passUnretained(self).toOpaque()
        tollgate_multi_set_socket_callback(multi, onSocket, context)
        tollgate_multi_set_timer_callback(multi, onTimer, context)
        tollgate_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connectionsMax)
        tollgate_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    }

    deinit {
        dropIdleHandles()
        curl_multi_cleanup(multiHandle)
    }

    private var multiHandle: UnsafeMutableRawPointer { UnsafeMutableRawPointer(multi) }

    private static let startLibrary: Void = {
        guard tollgate_curl_start() == CURLE_OK else { fatalError("libcurl does not start") }
    }()

    /// Starts a transfer. Its head, body and end are read from the ``Exchange``.
    public func send(_ request: TransferRequest) -> Exchange {
        let exchange = Exchange(client: self, request: request)
        exchange.start()
        return exchange
    }

    // MARK: Handles

    /// A handle that is configured for `template`: one that served it before, or another made anew.
    func takeHandle(
        for template: TransferTemplate, configure: (UnsafeMutableRawPointer) -> Void
    ) -> UnsafeMutableRawPointer? {
        if let handle = idleHandles[template.number]?.popLast() {
            idleHandleCount -= 1
            return handle
        }
        guard let handle = curl_easy_init() else { return nil }
        configure(handle)
        return handle
    }

    func giveBack(_ handle: UnsafeMutableRawPointer, of template: TransferTemplate) {
        if idleHandleCount >= Self.idleHandlesMax { dropIdleHandles() }
        idleHandles[template.number, default: []].append(handle)
        idleHandleCount += 1
    }

    /// Also the end of handles whose template is gone.
    private func dropIdleHandles() {
        for handle in idleHandles.values.joined() { curl_easy_cleanup(handle) }
        idleHandles.removeAll()
        idleHandleCount = 0
    }

    func add(_ handle: UnsafeMutableRawPointer, of exchange: Exchange) -> Bool {
        transfersInFlight += 1
        exchange.after = newest
        newest?.before = exchange
        newest = exchange
        return curl_multi_add_handle(multiHandle, handle) == CURLM_OK
    }

    func remove(_ handle: UnsafeMutableRawPointer, of exchange: Exchange) {
        transfersInFlight -= 1
        if newest === exchange { newest = exchange.after }
        exchange.before?.after = exchange.after
        exchange.after?.before = exchange.before
        exchange.before = nil
        exchange.after = nil
        curl_multi_remove_handle(multiHandle, handle)
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
            Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue().ended(code)
        }
    }

    /// Keeps a connection's watch while the connection idles: libcurl drops and renews its interest with each request,
    /// which would be two system calls. A watch ends when the socket is closed, or when an idle socket stirs.
    fileprivate func watch(_ descriptor: Int32, _ what: Int32) {
        guard what != CURL_POLL_REMOVE else {
            sockets[descriptor]?.isWanted = false
            return
        }
        let interest: Readiness = what & CURL_POLL_OUT != 0 ? [.readable, .writable] : .readable
        if let socket = sockets[descriptor] {
            socket.isWanted = true
            if socket.interest != interest {
                socket.interest = interest
                loop.rewatch(descriptor, for: interest)
            }
            return
        }
        let socket = CurlSocket(descriptor: descriptor, interest: interest, client: self)
        do {
            try loop.watch(descriptor, for: interest, handler: socket)
            sockets[descriptor] = socket
        } catch {
            // libcurl then sees no progress and its timers end the transfer.
        }
    }

    fileprivate func forget(_ descriptor: Int32) {
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
    var interest: Readiness
    var isWanted = true
    unowned let client: TransferClient

    init(descriptor: Int32, interest: Readiness, client: TransferClient) {
        self.descriptor = descriptor
        self.interest = interest
        self.client = client
    }

    func ready(_ readiness: Readiness) {
        guard isWanted else {
            // An idle connection that the provider closes, or misuses: libcurl finds out when it takes it up again.
            client.forget(descriptor)
            return
        }
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
