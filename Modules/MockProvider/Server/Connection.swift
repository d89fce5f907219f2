/// One client connection: its buffers, the request being read and the reply being sent.
final class Connection {
    let descriptor: Int32
    let generation: UInt32

    var input = ByteQueue()
    var output = ByteQueue()
    var parser = RequestParser()
    /// The reply that is sent over time; nil while the connection is idle or a request comes in.
    var exchange: Exchange?

    /// The kernel may have bytes for us (edge-triggered: it will not say so again).
    var mayRead = false
    var mayWrite = true
    /// Since its turn began; see rule 4 of ``MockLoop``.
    var bytesReadInTurn = 0
    var peerHasClosed = false
    /// Nothing more is read; the connection ends when the output is flushed.
    var closesAfterFlush = false
    var closesWithReset = false

    init(descriptor: Int32, generation: UInt32) {
        self.descriptor = descriptor
        self.generation = generation
    }
}

/// A reply under way, with what the books need when it ends.
struct Exchange {
    let ticket: Books.Ticket?
    let fault: Fault?
    var script: Script
    var keepsAlive: Bool
    let flushesEach: Bool
    /// Bytes per tick and the length of a tick, for the fault `drip`.
    let drip: (bytes: Int, interval: Int64)?
    var nextDrip: Int64 = 0

    /// Bytes handed to the socket since the reply began.
    var flushed = 0
    /// Bytes that were in the output before the reply began (of pipelined ones): they are flushed first.
    private let bytesBefore: Int
    /// Content chunks of which the last byte was handed to the socket.
    var chunksFlushed = 0
    /// Where, counted like `flushed`, the chunks end that are still (partly) queued.
    private var chunkEnds: [Int] = []
    private var firstEnd = 0

    init(
        ticket: Books.Ticket?, fault: Fault?, script: Script, keepsAlive: Bool, behaviour: Behaviour?,
        bytesBefore: Int
    ) {
        self.ticket = ticket
        self.fault = fault
        self.script = script
        self.keepsAlive = keepsAlive
        flushesEach = behaviour?.flushesEach ?? false
        if fault == .drip, let behaviour {
            drip = (behaviour.dripBytes, behaviour.dripInterval)
        } else {
            drip = nil
        }
        self.bytesBefore = bytesBefore
    }

    /// A chunk was appended; `queued` bytes are in the output now.
    mutating func chunkProduced(queued: Int) { chunkEnds.append(flushed + queued) }

    mutating func flushed(_ count: Int) {
        flushed += count
        while firstEnd < chunkEnds.count, chunkEnds[firstEnd] <= flushed {
            firstEnd += 1
            chunksFlushed += 1
        }
        if firstEnd == chunkEnds.count, firstEnd > 0 {
            chunkEnds.removeAll(keepingCapacity: true)
            firstEnd = 0
        }
    }

    /// Whether a byte of this reply reached the socket.
    var hasBegun: Bool { flushed > bytesBefore }
}
