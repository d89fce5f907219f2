import CFastCGI
import EventLoop
import Glibc

/// One connection from nginx: a request at a time, the connection kept for the next one.
///
/// libfcgi reads and writes with blocking calls. Its traps, and how each is kept shut:
/// 1. The connection is accepted by us, never by libfcgi: `ipcFd` is set by hand, with `keepConnection` (else the first
///    `FCGX_Accept_r` closes it) and `detached` (else closing waits up to 2 s for the peer). With listen socket -1 a
///    closed connection makes `FCGX_Accept_r` return an error instead of blocking in accept.
/// 2. `FCGX_Accept_r` is called only when bytes have arrived, and the body is read only while bytes are in libfcgi's
///    buffer or, says `FIONREAD`, in the socket. nginx sends a request in one piece; a peer that stalls inside a record is cut off by SO_RCVTIMEO.
/// 3. Writes go out in 8 KB pieces. On a unix socket POLLOUT means that three quarters of the send buffer are free,
///    so after it ``burstBytes`` can be written without blocking; further bytes wait in ``queue`` for EPOLLOUT.
/// 4. It allocates 17 KB per request and keeps them to its end. The reader goes once the body is here, the writer's
///    buffer while nothing is in it, and the error stream, which nobody writes to, at once: an open stream has none.
final class FastCGIConnection: ReadinessHandler {
    private enum State {
        case idle
        case readingBody
        case answering
        case closed
    }

    private static let burstBytes = 64 << 10
    /// A long body gives way to other requests after this much, and goes on in the next tick.
    private static let sliceBytes = 64 << 10

    private unowned(unsafe) let server: FastCGIServer
    private let descriptor: Int32
    private let call: UnsafeMutablePointer<FCGX_Request>
    private var state = State.idle
    private var sawReadable = false
    private var body: [UInt8] = []
    private var bodyBytesExpected = 0
    private var bodyBytesSeen = 0
    /// The limit when the request came: a reload in the middle must not make half a body look whole.
    private var bodyBytesMax = 0
    private var burstLeft = FastCGIConnection.burstBytes
    private var queue: [UInt8] = []
    private var queueHead = 0
    private var isFinishing = false
    /// Reading the request failed half-way: the connection is good for no other.
    private var inputFailed = false
    /// It holds the connection, and is forgotten before it lets go of it.
    private unowned(unsafe) var request: FastCGIRequest?
    /// The present request's.
    private(set) var parameters = ParameterIndex()
    private lazy var goOnTimer = LoopTimer { [unowned self] in self.readBody() }

    init(owning descriptor: Int32, server: FastCGIServer) {
        self.descriptor = descriptor
        self.server = server
        call = .allocate(capacity: 1)
        FCGX_InitRequest(call, -1, 0)
        call.pointee.ipcFd = descriptor
        call.pointee.keepConnection = 1
        call.pointee.detached = 1
    }

    deinit {
        call.deallocate()
    }

    // MARK: Reading

    func ready(_ readiness: Readiness) {
        if readiness.contains(.writable) { drainQueue() }
        if !readiness.isDisjoint(with: [.peerClosed, .hangUp, .failed]) {
            peerIsGone()
            return
        }
        guard readiness.contains(.readable) else { return }
        switch state {
        case .idle: receive()
        case .readingBody: readBody()
        case .answering: sawReadable = true
        case .closed: break
        }
    }

    private func receive() {
        guard FCGX_Accept_r(call) == 0 else {
            // libfcgi has closed the descriptor already.
            abandon()
            return
        }
        // Closing it makes the other writer the last one, with which the request ends.
        FCGX_FClose(call.pointee.err)
        FCGX_FreeStream(&call.pointee.err)
        server.requestsInFlight += 1
        state = .readingBody
        burstLeft = Self.burstBytes
        bodyBytesSeen = 0
        bodyBytesMax = server.limits.bodyBytesMax
        parameters.read(call.pointee.envp)
        bodyBytesExpected = parameters.value(of: "CONTENT_LENGTH").map { atol($0) } ?? 0
        body = []
        if bodyBytesExpected > 0, bodyBytesExpected <= bodyBytesMax {
            body.reserveCapacity(bodyBytesExpected)
        }
        readBody()
    }

    private func readBody() {
        guard state == .readingBody, let stream = call.pointee.in else { return }
        var slice = 0
        while true {
            var buffered = stream.pointee.stop - stream.pointee.rdNext
            if buffered <= 0 {
                guard slice < Self.sliceBytes else {
                    server.loop.schedule(goOnTimer, after: .nanoseconds(1))
                    return
                }
                var arrived: Int32 = 0
                if tollgate_bytes_behind(stream) <= 0 {
                    guard ioctl(descriptor, UInt(FIONREAD), &arrived) == 0, arrived > 0 else { return }
                }
                // -1 is the end of the body: it is read too, or its record would be taken for the next request's first.
                let byte = FCGX_GetChar(stream)
                guard byte >= 0 else { break }
                take([UInt8(truncatingIfNeeded: byte)])
                slice += 1
                buffered = stream.pointee.stop - stream.pointee.rdNext
            }
            guard buffered > 0 else { continue }
            take(UnsafeBufferPointer(start: UnsafePointer(stream.pointee.rdNext), count: buffered))
            stream.pointee.rdNext += buffered
            slice += buffered
        }
        deliver()
    }

    private func take(_ bytes: some Collection<UInt8>) {
        let wanted = min(bytes.count, bodyBytesExpected - bodyBytesSeen)
        guard wanted > 0 else { return }
        bodyBytesSeen += wanted
        if bodyBytesExpected <= bodyBytesMax { body.append(contentsOf: bytes.prefix(wanted)) }
    }

    private func deliver() {
        state = .answering
        sawReadable = false
        inputFailed = FCGX_GetError(call.pointee.in) != 0
        FCGX_FreeStream(&call.pointee.in)
        tollgate_writer_give_back_buffer(call.pointee.out)
        let request = FastCGIRequest(
            connection: self, body: body,
            bodyIsTooLarge: bodyBytesExpected > bodyBytesMax,
            bodyIsCut: bodyBytesSeen < bodyBytesExpected)
        body = []
        self.request = request
        server.handler(request)
    }

    // MARK: Writing

    var loop: EventLoop { server.loop }
    var queuedBytes: Int { queue.count - queueHead }
    var queueIsFull: Bool { queuedBytes >= server.limits.queuedBytesMax }
    var isOpen: Bool { state != .closed }

    /// Sends bytes of the answer, or queues what the client cannot take yet.
    func write(_ bytes: UnsafeRawBufferPointer, flush: Bool) {
        guard state == .answering else { return }
        var sent = 0
        if queuedBytes == 0 { sent = send(bytes, flush: flush) }
        guard sent < bytes.count, state == .answering else { return }
        if queuedBytes == 0 { server.loop.rewatch(descriptor, for: [.readable, .peerClosed, .writable, .edges]) }
        queue.append(contentsOf: bytes[sent...])
    }

    /// Writes as much as the socket takes without blocking, and returns how much that was.
    private func send(_ bytes: UnsafeRawBufferPointer, flush: Bool) -> Int {
        guard let stream = call.pointee.out else { return bytes.count }
        guard tollgate_writer_take_buffer(stream) != 0 else {
            peerIsGone()
            return bytes.count
        }
        var sent = 0
        while sent < bytes.count {
            if burstLeft <= 0 {
                var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard Glibc.poll(&poll, 1, 0) == 1, poll.revents & Int16(POLLOUT) != 0 else { break }
                burstLeft = Self.burstBytes
            }
            let count = min(burstLeft, bytes.count - sent)
            let start = bytes.baseAddress.map { $0.assumingMemoryBound(to: CChar.self) + sent }
            guard FCGX_PutStr(start, Int32(count), stream) == Int32(count) else {
                peerIsGone()
                return bytes.count
            }
            burstLeft -= count
            sent += count
        }
        if flush, sent > 0 {
            // The kernel counts what a write takes, not its payload: a 64-byte event costs it about as much as 1.5 KB.
            burstLeft -= 1536
            if FCGX_FFlush(stream) != 0 {
                peerIsGone()
            } else {
                tollgate_writer_give_back_buffer(stream)
            }
        }
        return sent
    }

    private func drainQueue() {
        guard state == .answering, queuedBytes > 0 else { return }
        burstLeft = 0
        let sent = queue.withUnsafeBytes { send(UnsafeRawBufferPointer(rebasing: $0[queueHead...]), flush: true) }
        queueHead += sent
        guard state == .answering else { return }
        if queuedBytes == 0 {
            queue = []
            queueHead = 0
            server.loop.rewatch(descriptor, for: [.readable, .peerClosed, .edges])
            if isFinishing { complete() }
        } else if queueHead > queue.count / 2 {
            // Half at a time: each byte is moved once on average, however long the queue is.
            queue.removeFirst(queueHead)
            queueHead = 0
        }
        if !queueIsFull { request?.becameWritable() }
    }

    /// Ends the answer once what is queued has gone out: a whole answer leaves at the end of the tick, with the others of
    /// that tick.
    func finish() {
        request = nil
        guard state == .answering, !isFinishing else { return }
        isFinishing = true
        if queuedBytes == 0 { server.completeSoon(self) }
    }

    func complete() {
        // The client may have gone since.
        guard state == .answering, isFinishing, queuedBytes == 0 else { return }
        isFinishing = false
        server.requestsInFlight -= 1
        if server.isDraining {
            sendLastRecords()
            closeNow()
            return
        }
        // As FCGX_Finish_r does where the reader is still there.
        let isBroken =
            tollgate_writer_take_buffer(call.pointee.out) == 0 || FCGX_FClose(call.pointee.out) != 0 || inputFailed
        FCGX_Free(call, isBroken || call.pointee.keepConnection == 0 ? 1 : 0)
        guard call.pointee.ipcFd >= 0 else {
            server.loop.unwatch(descriptor)
            abandonIdle()
            return
        }
        state = .idle
        if sawReadable {
            sawReadable = false
            var arrived: Int32 = 0
            // Bytes: the next request. None after a readable edge: the peer may have closed; epoll says that by itself.
            if ioctl(descriptor, UInt(FIONREAD), &arrived) == 0, arrived > 0 { receive() }
        }
    }

    /// Ends the answer so that nginx cannot pick this connection for another request before it sees it closed: nginx
    /// keeps a connection only if what it has read ends exactly with END_REQUEST, so a record of an unknown type goes
    /// out behind it, in the same write. (Measured with nginx 1.22: closing alone loses 170 of 72,000 POSTs.)
    private func sendLastRecords() {
        if tollgate_writer_take_buffer(call.pointee.out) != 0 { FCGX_FFlush(call.pointee.out) }
        let id = [
            UInt8(truncatingIfNeeded: call.pointee.requestId >> 8), UInt8(truncatingIfNeeded: call.pointee.requestId),
        ]
        var records: [UInt8] = [1, 6] + id + [0, 0, 0, 0]
        records += [1, 3] + id + [0, 8, 0, 0] + [UInt8](repeating: 0, count: 8)
        records += [1, 11, 0, 0, 0, 8, 0, 0] + [UInt8](repeating: 0, count: 8)
        _ = Glibc.write(descriptor, records, records.count)
    }

    // MARK: Ending

    /// nginx closes the connection when its client has gone (or when it is idle for too long).
    private func peerIsGone() {
        switch state {
        case .closed:
            break
        case .idle:
            closeNow()
        case .readingBody:
            server.requestsInFlight -= 1
            closeNow()
        case .answering:
            // The handler still holds the parameters: libfcgi's memory stays until it finishes.
            state = .closed
            server.loop.unwatch(descriptor)
            queue = []
            queueHead = 0
            let wasFinishing = isFinishing
            request?.clientWent()
            if wasFinishing { release() }
        }
    }

    /// Gives up on a client that does not take what is queued for it.
    func cutOffIfBackedUp() {
        if state == .answering, queueIsFull { peerIsGone() }
    }

    /// The handler has finished with a request whose client had gone.
    func release() {
        request = nil
        guard state == .closed, call.pointee.ipcFd >= 0 else { return }
        server.requestsInFlight -= 1
        FCGX_Free(call, 1)
        server.forget(self)
    }

    func closeNow() {
        state = .closed
        server.loop.cancel(goOnTimer)
        server.loop.unwatch(descriptor)
        FCGX_Free(call, 1)
        server.forget(self)
    }

    /// libfcgi closed the descriptor while it read a request.
    private func abandon() {
        server.loop.unwatch(descriptor)
        abandonIdle()
    }

    private func abandonIdle() {
        state = .closed
        server.forget(self)
    }
}
