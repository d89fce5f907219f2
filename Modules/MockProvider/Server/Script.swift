/// What a connection does next for a reply that is not sent at once.
enum Step: Equatable {
    /// Bytes were appended to the output.
    case produced
    /// The same, and with them a content chunk is complete.
    case producedChunk
    /// Nothing to send before this time.
    case wait(until: Int64)
    /// Nothing to send ever again; the client has to leave.
    case waitForEver
    /// Send what is queued, then close, with RST if `reset`.
    case cut(reset: Bool)
    /// The reply is complete.
    case finished(Books.Ended)
}

/// A reply over time: asked by its connection for the next step whenever there is room in the output.
enum Script {
    case whole(WholeScript)
    case large(LargeScript)
    case stream(StreamScript)
    case plan(PlanScript)

    /// - Parameter scratch: memory to compose in, whatever it holds.
    mutating func next(at now: Int64, into out: inout ByteQueue, scratch: inout ByteQueue) -> Step {
        switch self {
        case .whole(var script):
            self = .whole(WholeScript.none)
            defer { self = .whole(script) }
            return script.next(at: now, into: &out)
        case .large(var script):
            self = .whole(WholeScript.none)
            defer { self = .large(script) }
            return script.next(at: now, into: &out)
        case .stream(let script):
            return script.next(at: now, into: &out, scratch: &scratch)
        case .plan(let script):
            return script.next(at: now, into: &out, scratch: &scratch)
        }
    }

    /// The tokens to bill if `chunks` content chunks (of a stream) were handed to the socket.
    func tokens(afterChunks chunks: Int) -> BilledTokens {
        switch self {
        case .whole(let script): script.tokens
        case .large(let script): script.tokens
        case .plan(let script): script.tokens(after: chunks)
        case .stream(let script):
            BilledTokens(prompt: script.usage.prompt, cached: script.usage.cached, completion: chunks)
        }
    }

    var status: Int {
        if case .whole(let script) = self { return script.status }
        return 200
    }

    /// Whether handing its header to the socket makes it a served answer.
    var isServed: Bool {
        if case .whole(let script) = self { return script.isServed }
        return true
    }
}

/// A reply that was composed at once and is sent late, in two parts, or not completely.
struct WholeScript {
    /// What happens once `bytes[..<pause]` was sent.
    enum Pause: Equatable {
        case none
        case stall(for: Int64?)
        case cut(reset: Bool)
    }

    let status: Int
    let isServed: Bool
    let ended: Books.Ended
    let tokens: BilledTokens
    let bytes: [UInt8]
    var begins: Int64?
    var pause = Pause.none
    /// How much is sent before the pause.
    var pauseAt = 0

    private var sent = 0

    static let none = WholeScript(status: 0, isServed: false, ended: .complete, tokens: BilledTokens(), bytes: [])

    /// - Parameter begins: when the first byte is sent; nil: never.
    init(
        status: Int, isServed: Bool, ended: Books.Ended, tokens: BilledTokens, bytes: [UInt8], begins: Int64? = 0,
        pause: Pause = .none, pauseAt: Int = 0
    ) {
        self.status = status
        self.isServed = isServed
        self.ended = ended
        self.tokens = tokens
        self.bytes = bytes
        self.begins = begins
        self.pause = pause
        self.pauseAt = pauseAt
    }

    mutating func next(at now: Int64, into out: inout ByteQueue) -> Step {
        guard let begins else { return .waitForEver }
        if now < begins { return .wait(until: begins) }
        if sent < pauseAt, pause != .none {
            out.append(bytes[0..<pauseAt])
            sent = pauseAt
            return .produced
        }
        switch pause {
        case .cut(let reset): return .cut(reset: reset)
        case .stall(nil): return .waitForEver
        case .stall(let duration?):
            pause = .none
            self.begins = now + duration
            return .wait(until: now + duration)
        case .none: break
        }
        if sent == bytes.count { return .finished(ended) }
        out.append(bytes[sent...])
        sent = bytes.count
        return .produced
    }
}

/// A whole answer too large to be composed at once: its text is written piece by piece as the client reads.
struct LargeScript {
    let tokens: BilledTokens
    private let begins: Int64
    /// One a choice.
    private let answers: [Answer]
    /// The reply without the text of its choices: header and opening, what is between two texts, closing.
    private let parts: [[UInt8]]
    private var part = 0
    private var piece = 0

    init(answers: [Answer], tokens: BilledTokens, parts: [[UInt8]], begins: Int64) {
        self.answers = answers
        self.tokens = tokens
        self.parts = parts
        self.begins = begins
    }

    mutating func next(at now: Int64, into out: inout ByteQueue) -> Step {
        if now < begins { return .wait(until: begins) }
        // Behind each part but the last one stands a text.
        if part > 0, part < parts.count, piece < answers[part - 1].pieces {
            let answer = answers[part - 1]
            let last = min(piece + 256, answer.pieces)
            while piece < last {
                answer.write(piece: piece, to: &out)
                piece += 1
                if out.count > 65_536 { break }
            }
            return .produced
        }
        if part == parts.count { return .finished(.complete) }
        out.append(parts[part])
        part += 1
        piece = 0
        return .produced
    }
}
