import CFastCGI
import CLinux
import EventLoop
import Glibc

/// What the server accepts and keeps in memory.
public struct FastCGILimits: Sendable {
    /// A longer body is read and thrown away, and the request says so (``FastCGIRequest/bodyIsTooLarge``).
    public var bodyBytesMax: Int
    /// How much of an answer may wait for a slow client before ``FastCGIRequest/writable()`` suspends the writer.
    public var queuedBytesMax: Int
    /// How long a peer may stall in the middle of a record before its connection is dropped.
    public var stall: Duration

    /// Bodies of 32 MB, 128 KB of a waiting answer and 5 s, where nothing else is said.
    public init(bodyBytesMax: Int = 32 << 20, queuedBytesMax: Int = 128 << 10, stall: Duration = .seconds(5)) {
        self.bodyBytesMax = bodyBytesMax
        self.queuedBytesMax = queuedBytesMax
        self.stall = stall
    }
}

/// Accepts FastCGI connections on one loop and hands over each request once its body is complete.
///
/// libfcgi does the protocol. It knows only blocking calls; they are made when the kernel has said that they will not
/// block (see ``FastCGIConnection``). Confined to its loop.
public final class FastCGIServer: ReadinessHandler {
    let loop: EventLoop
    /// In force for requests that begin from now on.
    public var limits: FastCGILimits
    let handler: (FastCGIRequest) -> Void

    private var listeners: [Int32] = []
    private var connections: [ObjectIdentifier: FastCGIConnection] = [:]
    private(set) var isDraining = false
    private var finished: [FastCGIConnection] = []

    /// Requests that are being read or answered.
    public internal(set) var requestsInFlight = 0

    /// Connections that nginx holds open, busy or idle.
    public var connectionCount: Int { connections.count }

    /// - Parameter handler: called on the loop with each complete request; it answers in its own time.
    public init(loop: EventLoop, limits: FastCGILimits, handler: @escaping (FastCGIRequest) -> Void) {
        self.loop = loop
        self.limits = limits
        self.handler = handler
        FastCGIServer.startLibrary
        loop.atEndOfTick { [unowned self] in self.completeFinished() }
    }

    /// Ends an answer when the tick ends. Answers that leave together wake nginx once; one by one, each of them would
    /// wake a worker that has gone to sleep since the last (measured: a third of nginx's time).
    func completeSoon(_ connection: FastCGIConnection) { finished.append(connection) }

    private func completeFinished() {
        guard !finished.isEmpty else { return }
        let connections = finished
        finished.removeAll(keepingCapacity: true)
        for connection in connections { connection.complete() }
    }

    /// Call it, by making the first server, before the program sets its own signal handlers.
    private static let startLibrary: Void = tollgate_fastcgi_start()

    /// Begins to accept on a listening, non-blocking socket, which several loops may share.
    public func listen(on descriptor: Int32) throws {
        try loop.watch(descriptor, for: [.readable, .exclusive], handler: self)
        listeners.append(descriptor)
    }

    /// Begins to end: for a moment goes on accepting what already waits in the backlog (closing the socket over it would
    /// make each a 502), then stops. Each connection is closed with the answer to the request that is on it or that
    /// still comes on it; nginx itself closes those that stay idle (`keepalive_timeout` in its upstream block).
    public func drain() {
        guard !isDraining else { return }
        isDraining = true
        loop.schedule(lastAccept, after: .milliseconds(100))
    }

    /// Lets go of clients that do not take their answers, so that whoever waits for them can end.
    public func cutOff() {
        for connection in Array(connections.values) { connection.cutOffIfBackedUp() }
    }

    /// Nobody can connect any more.
    public var hasStoppedAccepting: Bool { isDraining && listeners.isEmpty }

    private lazy var lastAccept = LoopTimer { [unowned self] in
        while acceptWaiting() {}
        for descriptor in listeners { loop.unwatch(descriptor) }
        listeners.removeAll()
    }

    /// Called by the loop: somebody wants to connect.
    public func ready(_ readiness: Readiness) { _ = acceptWaiting() }

    /// Accepts a bounded number: other loops that share the socket take the rest. Large enough that thousands who come at
    /// once do not fill the backlog, which nginx would answer with 502. Returns whether there may be more.
    private func acceptWaiting() -> Bool {
        for listener in listeners {
            for _ in 0..<512 {
                let descriptor = tollgate_accept(listener)
                guard descriptor >= 0 else { break }
                adopt(descriptor)
            }
        }
        var waiting = listeners.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        return isDraining && poll(&waiting, nfds_t(waiting.count), 0) > 0
    }

    private func adopt(_ descriptor: Int32) {
        var stall = timeval(duration: limits.stall)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &stall, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &stall, socklen_t(MemoryLayout<timeval>.size))
        let connection = FastCGIConnection(owning: descriptor, server: self)
        do {
            try loop.watch(descriptor, for: [.readable, .peerClosed, .edges], handler: connection)
            connections[ObjectIdentifier(connection)] = connection
        } catch {
            connection.closeNow()
        }
    }

    func forget(_ connection: FastCGIConnection) {
        connections[ObjectIdentifier(connection)] = nil
    }
}

extension timeval {
    init(duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
