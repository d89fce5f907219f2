import Glibc
import MockProvider

/// One thread of load: its connections, one epoll, one result.
///
/// A connection is connecting, idle, or has one request under way. Without a rate an idle connection sends at once;
/// with one, requests become due on a fixed schedule and wait for an idle connection if none is free.
final class LoadLoop {
    private let plan: LoadPlan
    private let connectionsMax: Int
    private let requestsMax: Int
    /// Of how many loops this is which one: they share the schedule and the request numbers.
    private let share: (index: Int, of: Int)

    private let poller: Poller
    private var connections: [LoadConnection?] = []
    private var idle: [Int32] = []
    private var timers = TimerHeap()
    private var buffer: UnsafeMutableRawBufferPointer
    private var prepared: [[UInt8]] = []

    private var now: Int64 = 0
    private var measureFrom: Int64 = 0
    private var measureUntil: Int64 = .max
    private var nextDue: Int64 = .max
    private var due: [Int64] = []
    private var firstDue = 0
    private var sent = 0
    private var underWay = 0
    private var alive = 0
    private var openedStreams = 0
    /// Streams that ended without an event.
    private var failedStreams = 0
    private var ended = false
    private(set) var result = LoadResult()

    private static let connectingMax = 256
    private var connecting = 0
    private var toConnect = 0

    init(plan: LoadPlan, index: Int) throws(SocketError) {
        self.plan = plan
        share = (index, plan.threads)
        func part(_ whole: Int) -> Int { whole / plan.threads + (index < whole % plan.threads ? 1 : 0) }
        connectionsMax = part(plan.connections)
        requestsMax = plan.requests.map(part) ?? .max
        poller = try Poller()
        buffer = .allocate(byteCount: 262_144, alignment: 16)
        if !plan.countsRequests {
            prepared = plan.keys.isEmpty ? [plan.request(key: nil)] : plan.keys.map { plan.request(key: $0) }
        }
    }

    deinit { buffer.deallocate() }

    // MARK: - The run

    func run() -> LoadResult {
        now = Clock.now()
        let start = now
        measureFrom = start + plan.warmUp
        if plan.requests == nil, plan.openStreams == nil { measureUntil = measureFrom + plan.duration }
        if let rate = plan.rate { nextDue = start + Int64(Double(share.index) / rate * 1e9) }
        toConnect = connectionsMax
        connectMore()
        var deadline: Int64 = .max
        while alive > 0 || toConnect > 0 {
            turn()
            if !ended, isOver { ended = true }
            if ended, deadline == .max {
                deadline = plan.openStreams == nil ? now + plan.drain : now
                closeIdle()
            }
            if ended, underWay == 0 || now >= deadline { break }
            if plan.openStreams != nil, measureUntil == .max, openedStreams + failedStreams >= connectionsMax {
                measureUntil = now + plan.duration
                BenchCommand.streamsAreOpen(openedStreams, seconds: Double(now - start) / 1e9)
            }
        }
        let last = min(now, measureUntil)
        if due.count > firstDue {
            result.requests += due.count - firstDue
            result.failures[.unfinished, default: 0] += due.count - firstDue
        }
        result.seconds = Double(max(last - measureFrom, 0)) / 1e9
        for connection in connections.compactMap(\.self) {
            if connection.isUnderWay {
                if plan.openStreams == nil {
                    fail(connection, .unfinished)
                } else {
                    result.held += 1
                    result.events += connection.reader.events
                }
            }
            close(connection)
        }
        return result
    }

    /// Whether no further request is to be sent.
    private var isOver: Bool {
        if sent >= requestsMax { return true }
        if now < measureUntil { return false }
        // What was due in time is sent late rather than left out: leaving it out would hide a stall.
        let allSent = firstDue == due.count && nextDue >= measureUntil
        return plan.rate == nil || allSent || now >= measureUntil + plan.drain
    }

    private func turn() {
        var pause: Int64? = timers.earliest.map { max($0 - now, 0) }
        if plan.rate != nil, nextDue < measureUntil { pause = min(pause ?? .max, max(nextDue - now, 0)) }
        if measureUntil != .max, !ended { pause = min(pause ?? .max, max(measureUntil - now, 0)) }
        let count = poller.wait(nanoseconds: min(pause ?? .max, 100_000_000))
        now = Clock.now()
        for index in 0..<count {
            let event = poller.event(index)
            let descriptor = Int(event.token & 0xFFFF_FFFF)
            guard descriptor < connections.count, let connection = connections[descriptor],
                UInt64(connection.generation) == event.token >> 32
            else { continue }
            handle(connection, event.readiness)
        }
        while let slot = timers.takeDue(at: now) {
            if let connection = connections[slot] { timeIsUp(connection) }
        }
        if plan.rate != nil { sendDue() }
        connectMore()
    }

    private func handle(_ connection: LoadConnection, _ readiness: Readiness) {
        if connection.isConnecting, !readiness.isDisjoint(with: [.writable, .failed, .hungUp]) {
            connection.isConnecting = false
            connecting -= 1
            if !readiness.isDisjoint(with: [.failed, .hungUp]) {
                result.failures[.connect, default: 0] += 1
                lose(connection)
                return
            }
            becomeIdle(connection)
            return
        }
        if readiness.contains(.peerClosed) { connection.peerHasClosed = true }
        if readiness.contains(.readable) || connection.peerHasClosed { connection.mayRead = true }
        if readiness.contains(.writable), connection.isSending { sendRest(connection) }
        if connections[Int(connection.descriptor)] === connection, connection.mayRead { receive(connection) }
    }

    // MARK: - Connecting

    private func connectMore() {
        while toConnect > 0, connecting < Self.connectingMax, !ended {
            toConnect -= 1
            do throws(SocketError) {
                let descriptor: Int32
                switch plan.place {
                case .internet(let host, let port): descriptor = try Socket.connect(host: host, port: port)
                case .unix(let path): descriptor = try Socket.connect(path: path)
                }
                adopt(descriptor)
            } catch {
                result.failures[.connect, default: 0] += 1
                if error.code == EAGAIN || error.code == EADDRNOTAVAIL {
                    // A full backlog, or no free port: later.
                    toConnect += 1
                }
                return
            }
        }
    }

    private func adopt(_ descriptor: Int32) {
        let connection = LoadConnection(descriptor: descriptor)
        if plan.readRate != nil { try? Socket.set(descriptor, SOL_SOCKET, SO_RCVBUF, 16_384) }
        let token = UInt64(connection.generation) << 32 | UInt64(descriptor)
        do throws(SocketError) {
            try poller.add(descriptor, .connection, token: token)
        } catch {
            result.failures[.connect, default: 0] += 1
            Glibc.close(descriptor)
            return
        }
        while connections.count <= Int(descriptor) { connections.append(nil) }
        connections[Int(descriptor)] = connection
        alive += 1
        connecting += 1
    }

    /// The connection is of no more use; another takes its place.
    private func lose(_ connection: LoadConnection) {
        close(connection)
        if plan.openStreams == nil, !ended, sent < requestsMax { toConnect += 1 }
    }

    private func close(_ connection: LoadConnection) {
        let slot = Int(connection.descriptor)
        guard connections[slot] === connection else { return }
        timers.cancel(slot)
        connections[slot] = nil
        alive -= 1
        if connection.isConnecting { connecting -= 1 }
        if connection.isUnderWay { underWay -= 1 }
        connection.isUnderWay = false
        if connection.lastEventAt == 0 { failedStreams += 1 }
        Glibc.close(connection.descriptor)
    }

    private func closeIdle() {
        for connection in connections.compactMap(\.self) where !connection.isUnderWay { close(connection) }
        idle = []
        toConnect = 0
    }

    // MARK: - Sending

    private func becomeIdle(_ connection: LoadConnection) {
        if ended || isOver {
            close(connection)
        } else if plan.rate == nil {
            send(on: connection, due: now)
        } else if firstDue < due.count {
            result.late += 1
            send(on: connection, due: takeDue())
        } else {
            idle.append(connection.descriptor)
        }
    }

    private func takeDue() -> Int64 {
        let time = due[firstDue]
        firstDue += 1
        if firstDue > 4096, firstDue * 2 > due.count {
            due.removeFirst(firstDue)
            firstDue = 0
        }
        return time
    }

    /// Sends what the schedule says, or notes it as due where no connection is free.
    private func sendDue() {
        guard let rate = plan.rate else { return }
        let step = Int64(Double(share.of) / rate * 1e9)
        while nextDue <= min(now, measureUntil - 1), sent + due.count - firstDue < requestsMax {
            due.append(nextDue)
            nextDue += max(step, 1)
        }
        while firstDue < due.count, let descriptor = idle.popLast() {
            guard let connection = connections[Int(descriptor)], !connection.isUnderWay, !connection.isConnecting else {
                continue
            }
            send(on: connection, due: takeDue())
        }
    }

    private func send(on connection: LoadConnection, due: Int64) {
        let number = sent * share.of + share.index
        sent += 1
        if plan.countsRequests {
            let key = plan.keys.isEmpty ? nil : plan.keys[number % plan.keys.count]
            connection.request = plan.request(key: key, number: number)
        } else {
            connection.request = prepared[number % prepared.count]
        }
        connection.sentBytes = 0
        connection.due = due
        connection.firstByteAt = 0
        connection.lastEventAt = 0
        connection.isUnderWay = true
        underWay += 1
        timers.set(Int(connection.descriptor), to: now + plan.timeout)
        connection.deadline = now + plan.timeout
        sendRest(connection)
    }

    private func sendRest(_ connection: LoadConnection) {
        while connection.isSending {
            let written = connection.request.withUnsafeBytes { bytes in
                Glibc.send(
                    connection.descriptor, bytes.baseAddress.map { $0 + connection.sentBytes },
                    bytes.count - connection.sentBytes, Int32(MSG_NOSIGNAL))
            }
            if written < 0 {
                if errno == EAGAIN { return }
                // The reply may have come already (a refusal of a large body): reading tells.
                connection.sentBytes = connection.request.count
                connection.mayRead = true
                return
            }
            connection.sentBytes += written
            result.bytesOut += written
        }
    }

    // MARK: - Receiving

    private func timeIsUp(_ connection: LoadConnection) {
        if now >= connection.deadline {
            fail(connection, .timeout)
            lose(connection)
        } else {
            connection.allowance = readPiece
            timers.set(Int(connection.descriptor), to: connection.deadline)
            receive(connection)
        }
    }

    /// How much one tick of a slow reader takes.
    private var readPiece: Int { max((plan.readRate ?? 0) / 20, 1) }

    private func receive(_ connection: LoadConnection) {
        while connection.mayRead {
            var most = buffer.count
            if plan.readRate != nil, connection.isUnderWay {
                if connection.allowance <= 0 {
                    timers.set(Int(connection.descriptor), to: min(now + 50_000_000, connection.deadline))
                    return
                }
                most = min(most, connection.allowance)
            }
            let count = recv(connection.descriptor, buffer.baseAddress, most, 0)
            if count > 0 {
                connection.allowance -= count
                result.bytesIn += count
                // A short read emptied the socket; but the end, once told of, is not told of again.
                if count < most, !connection.peerHasClosed { connection.mayRead = false }
                let bytes = UnsafeRawBufferPointer(start: buffer.baseAddress, count: count)
                guard take(bytes, on: connection) else { return }
                continue
            }
            connection.mayRead = false
            if count < 0, errno == EAGAIN { return }
            ended(connection, reset: count < 0)
            return
        }
    }

    /// The other side closed.
    private func ended(_ connection: LoadConnection, reset: Bool) {
        if connection.isUnderWay {
            if connection.reader.mayEndHere, !reset { return complete(connection) }
            fail(connection, reset ? .reset : .closed)
        }
        lose(connection)
    }

    /// - Returns: whether the connection is still there.
    private func take(_ bytes: UnsafeRawBufferPointer, on connection: LoadConnection) -> Bool {
        guard connection.isUnderWay else {
            // Bytes that answer nothing.
            result.failures[.broken, default: 0] += 1
            lose(connection)
            return false
        }
        if connection.firstByteAt == 0 { connection.firstByteAt = now }
        var taken = 0
        let before = connection.reader.events
        let step = connection.reader.read(bytes, taken: &taken)
        let brought = connection.reader.events - before
        if brought > 0 { eventsCame(connection, isFirst: before == 0) }
        switch step {
        case .broken:
            fail(connection, .broken)
            lose(connection)
            return false
        case .complete where taken < bytes.count:
            // More than one answer to one request.
            fail(connection, .broken)
            lose(connection)
            return false
        case .complete:
            complete(connection)
            return connections[Int(connection.descriptor)] === connection
        case .needsMore:
            if let most = plan.abortAfterEvents, connection.reader.events >= most {
                if isMeasured(connection) {
                    result.aborted += 1
                    result.requests += 1
                    result.events += connection.reader.events
                }
                lose(connection)
                return false
            }
            return true
        }
    }

    private func eventsCame(_ connection: LoadConnection, isFirst: Bool) {
        if isFirst, plan.openStreams != nil { openedStreams += 1 }
        if isMeasured(connection) {
            if isFirst {
                result.firstEvent.record(now - connection.due)
            } else {
                result.gap.record(now - connection.lastEventAt)
            }
        }
        connection.lastEventAt = now
    }

    private func isMeasured(_ connection: LoadConnection) -> Bool { connection.due >= measureFrom }

    private func complete(_ connection: LoadConnection) {
        let reader = connection.reader
        if isMeasured(connection) {
            result.requests += 1
            result.statuses[reader.status, default: 0] += 1
            result.events += reader.events
            result.errorEvents += reader.errorEvents
            if reader.sawDone { result.streamsDone += 1 }
            let isGood =
                (200..<300).contains(reader.status)
                && (!plan.isStream || reader.sawDone && reader.errorEvents == 0)
            if isGood {
                result.ok += 1
                if now <= measureUntil { result.okInTime += 1 }
                result.latency.record(now - connection.due)
                result.firstByte.record(connection.firstByteAt - connection.due)
            }
        }
        underWay -= 1
        connection.isUnderWay = false
        timers.cancel(Int(connection.descriptor))
        let closes = reader.closes || plan.reconnects
        connection.reader.next()
        if plan.openStreams != nil { return close(connection) }
        if closes { lose(connection) } else { becomeIdle(connection) }
    }

    private func fail(_ connection: LoadConnection, _ failure: LoadResult.Failure) {
        guard isMeasured(connection) else { return }
        result.requests += 1
        result.failures[failure, default: 0] += 1
        if connection.reader.status > 0 { result.statuses[connection.reader.status, default: 0] += 1 }
        result.events += connection.reader.events
    }
}
