import Synchronization
import Units

/// The provider's own books: every attempt it saw, what it answered, and what it bills.
///
/// Billing rules:
/// 1. A whole answer is billed in full as soon as its header was handed to the socket, even if the client has gone.
/// 2. A stream is billed its prompt once its header was handed to the socket, and one token per content chunk handed to
///    the socket: one that is cut, stalled, failed or left after k chunks costs prompt + k. Nothing is generated after.
/// 3. Statuses other than 200, an HTML page, an empty body, and whatever ends before the first byte bill nothing.
/// 4. An attempt is in the books from the moment its request was read completely.
final class Books: Sendable {
    /// Which attempt a request is; given back once by ``close(_:_:at:)``.
    struct Ticket {
        let sequence: Int
        let model: Int
        let endpoint: Endpoint
        let stream: Bool
    }

    /// How an attempt ended.
    struct Outcome {
        var status = 0
        var ended = Ended.complete
        var isServed = false
        var tokens = BilledTokens()
        var chunks = 0
        var fault: Fault?
    }

    enum Ended: UInt8 {
        /// Not yet.
        case open
        /// Everything that was meant to be sent was handed to the socket.
        case complete
        /// An error status was answered.
        case error
        /// The mock cut the connection, as a fault.
        case cut
        /// The client closed the connection first.
        case clientGone

        var name: StaticString {
            switch self {
            case .open: "open"
            case .complete: "complete"
            case .error: "error"
            case .cut: "cut"
            case .clientGone: "client_gone"
            }
        }
    }

    static let attemptIDBytesMax = 40
    static let modelsMax = 1000
    static let disconnectsMax = 1000

    private let state: Mutex<State>
    /// The requests themselves, where a test wants them kept.
    let requests = RequestLog()
    /// What the Responses API remembers.
    let responses = ResponseMemory()

    init(prices: [String: MockPrice], defaultPrice: MockPrice, nonce: UInt32, attemptsMax: Int = 200_000) {
        let prices = Dictionary(uniqueKeysWithValues: prices.map { (Array($0.key.utf8), $0.value) })
        state = Mutex(State(prices: prices, defaultPrice: defaultPrice, nonce: nonce, attemptsMax: attemptsMax))
    }

    /// Writes an attempt down and asks the rules about it.
    ///
    /// - Parameter model: the model's name without its magic; empty where the request named none.
    func open(
        model: UnsafeRawBufferPointer, endpoint: Endpoint, stream: Bool, attemptID: UnsafeRawBufferPointer?,
        at time: Int64
    ) -> (ticket: Ticket, rule: FaultRules.Rule?) {
        state.withLock { state in
            let rule =
                state.rules.rules.isEmpty
                ? nil : state.rules.rule(model: model, endpoint: endpoint, stream: stream)
            let index = state.index(ofModel: model)
            let sequence = state.attemptsSeen + 1
            state.attemptsSeen = sequence
            state.models[index].requests += 1
            if stream { state.models[index].streams += 1 }
            state.attempts[sequence] = Attempt(
                sequence: sequence, model: index, endpoint: endpoint, stream: stream, attemptID: attemptID,
                startedAt: time)
            state.endpoints[Int(endpoint.rawValue)].requests += 1
            if stream { state.endpoints[Int(endpoint.rawValue)].streams += 1 }
            return (Ticket(sequence: sequence, model: index, endpoint: endpoint, stream: stream), rule)
        }
    }

    /// - Returns: the bill.
    @discardableResult
    func close(_ ticket: Ticket, _ outcome: Outcome, at time: Int64) -> NanoUSD {
        state.withLock { $0.close(ticket, outcome, at: time) }
    }

    func setRules(_ rules: FaultRules) { state.withLock { $0.rules = rules } }

    func writeRules(to out: inout ByteQueue) { state.withLock { $0.rules.write(to: &out) } }

    /// Forgets all attempts and sums; rules stay. Attempts that are still open are not written down when they end.
    func reset() {
        state.withLock { $0.reset() }
        requests.forget()
        responses.forget()
    }

    func connectionAccepted() { state.withLock { $0.connectionsAccepted += 1 } }

    func connectionClosed() { state.withLock { $0.connectionsClosed += 1 } }

    func writeStats(to out: inout ByteQueue) { state.withLock { $0.writeStats(to: &out) } }

    func writeAttempts(since: Int, limit: Int, to out: inout ByteQueue) {
        state.withLock { $0.writeAttempts(since: since, limit: limit, to: &out) }
    }

    func writeModelNames(_ body: (String) -> Void) {
        let names = state.withLock { $0.models.dropFirst().map(\.name) }
        for name in names { body(String(decoding: name, as: UTF8.self)) }
    }
}

extension Books {
    struct ModelBook: Sendable {
        let name: [UInt8]
        let price: MockPrice
        var requests = 0
        var streams = 0
        var closed = 0
        var closedStreams = 0
        var served = 0
        var complete = 0
        var errors = 0
        var cut = 0
        var clientGone = 0
        var chunks = 0
        var tokens = BilledTokens()
        var bill = NanoUSD.zero
        var faults: [String: Int] = [:]

        init(name: [UInt8], price: MockPrice) {
            self.name = name
            self.price = price
        }

        mutating func add(_ other: ModelBook) {
            requests += other.requests
            streams += other.streams
            closed += other.closed
            closedStreams += other.closedStreams
            served += other.served
            complete += other.complete
            errors += other.errors
            cut += other.cut
            clientGone += other.clientGone
            chunks += other.chunks
            tokens.prompt += other.tokens.prompt
            tokens.cached += other.tokens.cached
            tokens.cacheWrite += other.tokens.cacheWrite
            tokens.completion += other.tokens.completion
            bill = bill + other.bill
            faults.merge(other.faults, uniquingKeysWith: +)
        }
    }

    struct Disconnect: Sendable {
        let sequence: Int
        let model: Int
        let at: Int64
        let chunks: Int
    }

    struct State: ~Copyable, Sendable {
        let prices: [[UInt8]: MockPrice]
        let defaultPrice: MockPrice
        let nonce: UInt32
        var rules = FaultRules()
        var attemptsSeen = 0
        /// Attempts up to this one were forgotten by a reset.
        var attemptsForgotten = 0
        let attempts: AttemptRing
        /// The first is for requests that name no model.
        var models: [ModelBook]
        /// The same sums by what was asked for, in the order of ``Endpoint``.
        var endpoints: [ModelBook] = []
        private var modelIndices: [UInt64: Int] = [:]
        var disconnects: [Disconnect] = []
        var disconnectsSeen = 0
        var connectionsAccepted = 0
        var connectionsClosed = 0

        init(prices: [[UInt8]: MockPrice], defaultPrice: MockPrice, nonce: UInt32, attemptsMax: Int) {
            self.prices = prices
            self.defaultPrice = defaultPrice
            self.nonce = nonce
            attempts = AttemptRing(capacity: attemptsMax)
            models = [ModelBook(name: Array("(none)".utf8), price: defaultPrice)]
            endpoints = Self.emptyEndpoints(defaultPrice)
        }

        private static func emptyEndpoints(_ price: MockPrice) -> [ModelBook] {
            Endpoint.allCases.map { ModelBook(name: Array("\($0.name)".utf8), price: price) }
        }

        mutating func index(ofModel name: UnsafeRawBufferPointer) -> Int {
            if name.isEmpty { return 0 }
            let hash = Hash.of(name)
            if let index = modelIndices[hash] { return index }
            guard models.count < Books.modelsMax else { return other() }
            let bytes = [UInt8](name)
            models.append(ModelBook(name: bytes, price: prices[bytes] ?? defaultPrice))
            modelIndices[hash] = models.count - 1
            return models.count - 1
        }

        /// One book for all models above the limit, made when first needed.
        private mutating func other() -> Int {
            if let index = modelIndices[0] { return index }
            models.append(ModelBook(name: Array("(other)".utf8), price: defaultPrice))
            modelIndices[0] = models.count - 1
            return models.count - 1
        }

        mutating func close(_ ticket: Ticket, _ outcome: Outcome, at time: Int64) -> NanoUSD {
            let bill = outcome.isServed ? models[ticket.model].price.bill(outcome.tokens) : .zero
            guard ticket.sequence > attemptsForgotten else { return bill }
            if ticket.sequence > attemptsSeen - attempts.capacity {
                attempts[ticket.sequence].endedAt = time
                attempts[ticket.sequence].bill = bill
                attempts[ticket.sequence].outcome = outcome
                if !outcome.isServed { attempts[ticket.sequence].outcome.tokens = BilledTokens() }
            }
            models[ticket.model].count(outcome, bill: bill, stream: ticket.stream)
            endpoints[Int(ticket.endpoint.rawValue)].count(outcome, bill: bill, stream: ticket.stream)
            if outcome.ended == .clientGone {
                let row = Disconnect(
                    sequence: ticket.sequence, model: ticket.model, at: time, chunks: outcome.chunks)
                if disconnects.count < Books.disconnectsMax {
                    disconnects.append(row)
                } else {
                    disconnects[disconnectsSeen % Books.disconnectsMax] = row
                }
                disconnectsSeen += 1
            }
            return bill
        }

        mutating func reset() {
            attemptsForgotten = attemptsSeen
            models = models.map { ModelBook(name: $0.name, price: $0.price) }
            endpoints = Self.emptyEndpoints(defaultPrice)
            disconnects = []
            disconnectsSeen = 0
        }
    }
}

extension Books.ModelBook {
    mutating func count(_ outcome: Books.Outcome, bill: NanoUSD, stream: Bool) {
        closed += 1
        if stream { closedStreams += 1 }
        chunks += outcome.chunks
        if let fault = outcome.fault { faults[fault.name, default: 0] += 1 }
        switch outcome.ended {
        case .open: break
        case .complete: complete += 1
        case .error: errors += 1
        case .cut: cut += 1
        case .clientGone: clientGone += 1
        }
        guard outcome.isServed else { return }
        served += 1
        tokens.prompt += outcome.tokens.prompt
        tokens.cached += outcome.tokens.cached
        tokens.cacheWrite += outcome.tokens.cacheWrite
        tokens.completion += outcome.tokens.completion
        self.bill = self.bill + bill
    }
}
