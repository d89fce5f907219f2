import CLinux
import Glibc
import Units

/// One thread of the mock: one epoll, its connections, their timers.
///
/// 1. Sockets are edge-triggered and watched once for everything; what may be read or written is remembered.
/// 2. A connection answers one request at a time, in order. While a reply is under way at most `pipelinedBytesMax` of
///    the next requests are read.
/// 3. Output above `outputBytesMax` pauses whatever produces it until the client has read.
/// 4. No connection writes more than `burstBytesMax` or reads more than `readBytesMax` in one turn: the others wait for
///    no slow or greedy one.
final class MockLoop {
    static let outputBytesMax = 65_536
    static let pipelinedBytesMax = 262_144
    static let burstBytesMax = 1_048_576
    static let readBytesMax = 131_072

    let settings: MockSettings
    let books: Books
    let nonce: UInt32

    private let poller: Poller
    private let listeners: [Int32]
    private let wake: Int32
    private var connections: [Connection?] = []
    private var generation: UInt32 = 0
    private var timers = TimerHeap()
    /// Connections that may read on: they have had their share of this turn.
    private var waiting: [Connection] = []
    private var stops = false
    /// Given up for a moment when descriptors run out, so that a connection can be accepted and closed.
    private var spare: Int32

    private(set) var now: Int64 = 0
    /// Nanoseconds since 1970.
    private(set) var wallClock: Int64 = 0
    private(set) var date: [UInt8] = []
    private var dateSecond: Int64 = -1
    var scratch = ByteQueue()

    private static let listenerToken: UInt64 = 1 << 63
    private static let wakeToken: UInt64 = 1 << 62

    /// - Parameters:
    ///   - listeners: listening sockets; those that other loops have too must be `shared`.
    ///   - wake: an eventfd that is written to when the loop must stop.
    init(
        settings: MockSettings, books: Books, nonce: UInt32, listeners: [Int32], wake: Int32
    ) throws(SocketError) {
        self.settings = settings
        self.books = books
        self.nonce = nonce
        self.listeners = listeners
        self.wake = wake
        spare = open("/dev/null", O_RDONLY | O_CLOEXEC)
        poller = try Poller()
        for listener in listeners {
            try poller.add(listener, [.readable, .exclusive], token: Self.listenerToken | UInt64(listener))
        }
        try poller.add(wake, .readable, token: Self.wakeToken)
    }

    /// Serves until the wake-up comes.
    func run() {
        readClocks()
        while !stops {
            let pause = waiting.isEmpty ? timers.earliest.map { max($0 - Clock.now(), 0) } : 0
            let count = poller.wait(nanoseconds: pause)
            readClocks()
            for index in 0..<count { handle(poller.event(index)) }
            while let slot = timers.takeDue(at: now) {
                if let connection = connections[slot] { advance(connection) }
            }
            let readers = waiting
            waiting.removeAll(keepingCapacity: true)
            for connection in readers where connections[Int(connection.descriptor)] === connection {
                advance(connection)
            }
        }
        for connection in connections.compactMap(\.self) { close(connection) }
        Glibc.close(spare)
    }

    private func readClocks() {
        now = Clock.now()
        wallClock = Timestamp.now().nanosecondsSince1970
        let second = wallClock / 1_000_000_000
        guard second != dateSecond else { return }
        dateSecond = second
        date = HTTPDate.text(secondsSince1970: second)
    }

    private func handle(_ event: (token: UInt64, readiness: Readiness)) {
        if event.token & Self.listenerToken != 0 {
            accept(Int32(truncatingIfNeeded: event.token))
            return
        }
        if event.token & Self.wakeToken != 0 {
            stops = true
            return
        }
        let descriptor = Int(event.token & 0x7FFF_FFFF)
        guard descriptor < connections.count, let connection = connections[descriptor],
            connection.generation == UInt32(truncatingIfNeeded: event.token >> 32)
        else { return }
        if event.readiness.contains(.writable) { connection.mayWrite = true }
        if event.readiness.contains(.readable) { connection.mayRead = true }
        if event.readiness.contains(.peerClosed) { connection.peerHasClosed = true }
        if !event.readiness.isDisjoint(with: [.failed, .hungUp]) {
            close(connection)
        } else {
            advance(connection)
        }
    }

    private func accept(_ listener: Int32) {
        for _ in 0..<256 {
            let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            let descriptor = accept4(listener, nil, nil, flags)
            if descriptor < 0 {
                if errno == EMFILE || errno == ENFILE { refuseOne(listener) }
                return
            }
            // Fails on a unix socket, which has no such delay.
            try? Socket.set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            if let bytes = settings.sendBufferBytes { try? Socket.set(descriptor, SOL_SOCKET, SO_SNDBUF, bytes) }
            generation = (generation + 1) & 0x3FFF_FFFF
            let token = UInt64(generation) << 32 | UInt64(descriptor)
            do throws(SocketError) {
                try poller.add(descriptor, .connection, token: token)
            } catch {
                Glibc.close(descriptor)
                continue
            }
            while connections.count <= Int(descriptor) { connections.append(nil) }
            connections[Int(descriptor)] = Connection(descriptor: descriptor, generation: generation)
            books.connectionAccepted()
        }
    }

    private func refuseOne(_ listener: Int32) {
        Glibc.close(spare)
        let refused = accept4(listener, nil, nil, 0)
        if refused >= 0 { Glibc.close(refused) }
        spare = open("/dev/null", O_RDONLY | O_CLOEXEC)
    }

    // MARK: - A connection's turn

    /// Does whatever can be done for the connection now: read, answer, write.
    private func advance(_ connection: Connection) {
        var burst = 0
        connection.bytesReadInTurn = 0
        while true {
            if connection.exchange != nil {
                guard pump(connection, &burst) else { return }
            }
            if connection.closesAfterFlush || connection.output.count >= Self.outputBytesMax {
                guard flush(connection, &burst) else { return }
                if connection.closesAfterFlush { return close(connection) }
            }
            if !answerNext(connection) { break }
        }
        guard flush(connection, &burst) else { return }
        if connection.closesAfterFlush || connection.peerHasClosed { close(connection) }
    }

    /// Reads until a request is complete and answers it, or begins to.
    ///
    /// - Returns: false where no request is complete.
    private func answerNext(_ connection: Connection) -> Bool {
        while true {
            switch connection.parser.advance(&connection.input) {
            case .complete:
                let request = connection.parser.request
                answer(request, on: connection)
                connection.input.consume(request.totalBytes)
                connection.parser.next()
                return true
            case .needsMore:
                guard read(connection) else { return false }
            case .needsContinue:
                connection.output.append("HTTP/1.1 100 Continue\r\n\r\n")
                var burst = 0
                guard flush(connection, &burst), read(connection) else { return false }
            case .refused(let status, let reason):
                let error = ErrorReply(
                    status: status, type: "invalid_request_error", code: nil, param: nil,
                    message: "tollgate-mock cannot read this request: \(reason)")
                send(error, on: connection, keepsAlive: false)
                return true
            }
        }
    }

    /// - Returns: whether anything came.
    private func read(_ connection: Connection) -> Bool {
        guard connection.mayRead else {
            if !connection.parser.isInside { connection.input.release(above: 65_536) }
            return false
        }
        guard connection.bytesReadInTurn < Self.readBytesMax else {
            if waiting.last !== connection { waiting.append(connection) }
            return false
        }
        let room = connection.input.room(minimum: 4096)
        let wanted = min(room.count, Self.readBytesMax)
        let count = recv(connection.descriptor, room.baseAddress, wanted, 0)
        if count > 0 {
            connection.input.fill(count)
            connection.bytesReadInTurn += count
            // A short read emptied the socket; the kernel tells when more comes.
            connection.mayRead = count == wanted
            return true
        }
        connection.mayRead = false
        if count == 0 || errno != EAGAIN { connection.peerHasClosed = true }
        return false
    }

    /// While a reply is under way: notices a client that leaves, without reading without end.
    private func readAhead(_ connection: Connection) {
        while connection.mayRead, connection.input.count < Self.pipelinedBytesMax {
            if !read(connection) { return }
        }
    }

    /// Lets the reply under way do its next steps.
    ///
    /// - Returns: false where it has to wait (for the time, or for the client), or the connection is gone.
    private func pump(_ connection: Connection, _ burst: inout Int) -> Bool {
        readAhead(connection)
        if connection.peerHasClosed {
            close(connection)
            return false
        }
        while let drip = connection.exchange?.drip, !connection.output.isEmpty {
            guard dripOut(connection, drip, &burst) else { return false }
        }
        while true {
            if connection.output.count >= Self.outputBytesMax {
                guard flush(connection, &burst) else { return false }
            }
            let step = connection.exchange?.script.next(at: now, into: &connection.output, scratch: &scratch)
            switch step {
            case .produced, .producedChunk:
                if step == .producedChunk {
                    connection.exchange?.chunkProduced(queued: connection.output.count)
                }
                if let drip = connection.exchange?.drip {
                    if connection.output.count < drip.bytes { continue }
                    guard dripOut(connection, drip, &burst) else { return false }
                } else if connection.exchange?.flushesEach == true {
                    guard flush(connection, &burst) else { return false }
                }
            case .wait(let time):
                guard flush(connection, &burst) else { return false }
                timers.set(Int(connection.descriptor), to: time)
                return false
            case .waitForEver:
                _ = flush(connection, &burst)
                return false
            case .cut(let reset):
                guard flush(connection, &burst) else { return false }
                end(connection, .cut)
                connection.closesWithReset = reset
                close(connection)
                return false
            case .finished(let ended):
                guard flush(connection, &burst) else { return false }
                let keepsAlive = connection.exchange?.keepsAlive ?? false
                end(connection, ended)
                if !keepsAlive { connection.closesAfterFlush = true }
                return true
            case nil:
                return true
            }
        }
    }

    /// Writes the next few bytes when they are due.
    ///
    /// - Returns: whether all is written.
    private func dripOut(_ connection: Connection, _ drip: (bytes: Int, interval: Int64), _ burst: inout Int) -> Bool {
        if let due = connection.exchange?.nextDrip, now < due {
            timers.set(Int(connection.descriptor), to: due)
            return false
        }
        guard connection.mayWrite else { return false }
        let count = min(drip.bytes, connection.output.count)
        guard write(connection, count) else { return false }
        connection.exchange?.nextDrip = now + drip.interval
        if connection.output.isEmpty { return true }
        timers.set(Int(connection.descriptor), to: now + drip.interval)
        return false
    }

    /// Writes what is queued.
    ///
    /// - Returns: whether all is written; if not, the connection's turn is over: it is continued when the client has
    ///   read (or in the next tick), or it is gone.
    private func flush(_ connection: Connection, _ burst: inout Int) -> Bool {
        while !connection.output.isEmpty {
            guard connection.mayWrite else { return false }
            if burst >= Self.burstBytesMax {
                // Not now: a timer that is due would fire again in this very tick.
                timers.set(Int(connection.descriptor), to: now + 1)
                return false
            }
            let before = connection.output.count
            guard write(connection, before) else { return false }
            burst += before - connection.output.count
        }
        if connection.output.isEmpty { connection.output.release(above: 4 * Self.outputBytesMax) }
        return true
    }

    /// One write of at most `count` bytes.
    ///
    /// - Returns: false where nothing could be written; the connection may be gone then.
    private func write(_ connection: Connection, _ count: Int) -> Bool {
        let written = Glibc.send(
            connection.descriptor, connection.output.bytes.baseAddress, count, Int32(MSG_NOSIGNAL))
        if written >= 0 {
            connection.output.consume(written)
            connection.exchange?.flushed(written)
            if written < count { connection.mayWrite = false }
            return true
        }
        connection.mayWrite = false
        if errno != EAGAIN { close(connection) }
        return false
    }

    // MARK: - Ends

    /// Closes the books of the reply under way.
    private func end(_ connection: Connection, _ ended: Books.Ended) {
        guard let exchange = connection.exchange else { return }
        connection.exchange = nil
        timers.cancel(Int(connection.descriptor))
        guard let ticket = exchange.ticket else { return }
        var outcome = Books.Outcome()
        outcome.ended = ended
        outcome.fault = exchange.fault
        if exchange.hasBegun {
            outcome.status = exchange.script.status
            outcome.isServed = exchange.script.isServed
            outcome.chunks = exchange.chunksFlushed
            outcome.tokens = exchange.script.tokens(afterChunks: exchange.chunksFlushed)
        }
        books.close(ticket, outcome, at: wallClock)
    }

    /// Ends the connection; a reply under way was left by its client.
    private func close(_ connection: Connection) {
        let descriptor = Int(connection.descriptor)
        guard connections[descriptor] === connection else { return }
        end(connection, .clientGone)
        timers.cancel(descriptor)
        connections[descriptor] = nil
        if connection.closesWithReset {
            Socket.reset(connection.descriptor)
        } else {
            Glibc.close(connection.descriptor)
        }
        books.connectionClosed()
    }
}
