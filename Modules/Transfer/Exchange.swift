import EventLoop
import Units

/// One request to a provider and its answer, as it comes. Confined to its loop.
///
/// Read ``next()`` until nil, or all of it with ``whole()``; ``answer`` is complete when either returns. While more than
/// ``TransferTemplate/bufferedBytesMax`` waits unread, the provider is paused. An exchange that is dropped or cancelled
/// ends its connection, which is how a provider learns that nobody listens.
///
/// States: waiting (nothing came) → streaming (head is known) → ended (whole, or with an error). `error` is set once.
public final class Exchange: @unchecked Sendable {
    // @unchecked Sendable: used on its loop's thread only; the task that reads it runs on that loop's executor.
    private let client: TransferClient
    let request: TransferRequest
    private var connection: ProviderConnection?

    private var buffer: [UInt8] = []
    private var isPaused = false
    private var hasBody = false
    private var hasEnded = false
    private var error: TransferError?
    private var bytesReceived = 0
    private var reader: UnsafeContinuation<Void, Never>?
    private var startedAt: MonotonicTime
    private var timer: LoopTimer?
    private var lastPieceAt: MonotonicTime
    private var isInterrupted = false

    /// The answer's head.
    public private(set) var answer = TransferHead()
    /// When the first byte of the body came, on the loop's clock.
    public private(set) var firstByteAt: MonotonicTime?

    /// From the start until the first byte of the body; nil where none came.
    public var timeToFirstByte: Duration? { firstByteAt.map { $0 - startedAt } }

    /// It may be sent.
    var isAdmitted: Bool

    /// The client's list of what is under way: strong in neither direction, an exchange takes itself out.
    unowned(unsafe) var before: Exchange?
    unowned(unsafe) var after: Exchange?

    init(client: TransferClient, request: TransferRequest) {
        self.client = client
        self.request = request
        isAdmitted = !request.asksToBegin
        startedAt = .read()
        lastPieceAt = startedAt
    }

    deinit { close() }

    // MARK: Starting

    func start() {
        client.add(self)
        let timer = LoopTimer { [unowned self] in self.checkTimers() }
        self.timer = timer
        client.loop.schedule(timer, at: nextDeadline)
        guard let connection = client.connect(self) else {
            end(with: .connect("no connection can be made for this URL"))
            return
        }
        // It may be over already: the connection was broken.
        if hasEnded { connection.leave(self) } else { self.connection = connection }
    }

    // MARK: Reading

    /// Waits for the next piece of the body; nil at its proper end.
    ///
    /// - Throws: what ended it early, once all that had come was read; `.cancelled` after ``interrupt()``; `.withheld`
    ///   before either.
    public func next() async throws(TransferError) -> [UInt8]? {
        while buffer.isEmpty, !hasEnded, !isInterrupted { await wait() }
        if isInterrupted { throw error == .withheld ? .withheld : .cancelled }
        if !buffer.isEmpty {
            let piece = buffer
            buffer = []
            resumeSender()
            return piece
        }
        if let error { throw error }
        return nil
    }

    /// Waits for the end and returns the whole body.
    public func whole() async throws(TransferError) -> [UInt8] {
        wantsWhole = true
        resumeSender()
        while !hasEnded, !isInterrupted { await wait() }
        if isInterrupted { throw error == .withheld ? .withheld : .cancelled }
        if let error { throw error }
        defer { buffer = [] }
        return buffer
    }

    private var wantsWhole = false

    private func wait() async {
        await withUnsafeContinuation { reader = $0 }
    }

    private func wakeReader() {
        let waiting = reader
        reader = nil
        waiting?.resume()
    }

    /// Wakes the reader, whose call throws `.cancelled`; the transfer itself goes on. ``resumeReading()`` undoes it.
    public func interrupt() {
        isInterrupted = true
        wakeReader()
    }

    /// Lets a reader that was interrupted read on, for instance to drain what a client no longer wants.
    public func resumeReading() { isInterrupted = false }

    /// Ends the transfer and closes its connection.
    public func cancel() {
        guard !hasEnded else { return }
        end(with: .cancelled)
    }

    // MARK: What the connection says

    func received(_ head: TransferHead) {
        // The waiting reader is woken by the body's first byte, or by the end, whichever is first: a head alone says
        // nothing that could not wait, and one wake-up instead of two is measurable.
        answer = head
    }

    func received(_ bytes: UnsafeRawBufferPointer) {
        if !hasBody {
            hasBody = true
            firstByteAt = .read()
            lastPieceAt = client.loop.now
            // From here on the idle timer may be due before the first byte's would have been.
            if let timer, request.timers.idle < request.timers.firstByte {
                client.loop.schedule(timer, at: nextDeadline)
            }
        }
        bytesReceived += bytes.count
        if bytesReceived <= request.bodyBytesMax { buffer.append(contentsOf: bytes) }
    }

    /// The connection has handed over all that it had for now.
    func tookAll() {
        lastPieceAt = client.loop.now
        if bytesReceived > request.bodyBytesMax {
            end(with: .tooLarge)
        } else if !wantsWhole, !buffer.isEmpty {
            wakeReader()
        }
    }

    /// Whether the connection may read on. If not, it is told to when there is room.
    func hasRoom() -> Bool {
        isPaused = !wantsWhole && buffer.count >= request.template.bufferedBytesMax
        return !isPaused
    }

    private func resumeSender() {
        guard isPaused else { return }
        isPaused = false
        lastPieceAt = client.loop.now
        connection?.resume()
    }

    /// The answer is complete, or will not be.
    func ended(_ failure: TransferError?) {
        end(with: bytesReceived > request.bodyBytesMax ? .tooLarge : failure)
    }

    private func end(with failure: TransferError?) {
        guard !hasEnded else { return }
        hasEnded = true
        error = failure
        close()
        wakeReader()
    }

    private func close() {
        guard let timer else { return }
        client.loop.cancel(timer)
        self.timer = nil
        client.remove(self)
        connection?.leave(self)
        connection = nil
    }

    // MARK: Timers

    private var nextDeadline: MonotonicTime {
        let total = startedAt + request.timers.total
        if !hasBody { return min(total, startedAt + request.timers.firstByte) }
        if isPaused { return total }
        return min(total, lastPieceAt + request.timers.idle)
    }

    /// The timer is not moved with every piece: it looks, when it fires, how much later it is really due.
    private func checkTimers() {
        guard !hasEnded, let timer else { return }
        let now = client.loop.now
        if now >= startedAt + request.timers.total {
            end(with: .timeout(.total))
        } else if !hasBody, now >= startedAt + request.timers.firstByte {
            end(with: .timeout(.firstByte))
        } else if hasBody, !isPaused, now >= lastPieceAt + request.timers.idle {
            end(with: .timeout(.idle))
        } else {
            let due = isPaused ? min(nextDeadline, now + request.timers.idle) : nextDeadline
            client.loop.schedule(timer, at: due)
        }
    }
}
