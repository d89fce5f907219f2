/// A stream of server-sent events over time: header, opening chunk, content chunks, finish, usage, `[DONE]`.
///
/// A fault strikes when exactly `after` content chunks were sent, or after the last where there are fewer.
final class StreamScript {
    private enum Stage { case head, opening, pieces, cut, finish, usage, done, terminator, over }

    let usage: ReplyUsage
    private let behaviour: Behaviour
    private let head: [UInt8]
    private let start: [UInt8]
    private let deltas: DeltaWriter
    private let includesUsage: Bool
    private let isChunked: Bool
    private let lineEnd: StaticString

    private var stage = Stage.head
    private var waitUntil: Int64
    private var nextComment: Int64 = 0
    private var piece = 0
    private var faultStruck = false
    private var ended = Books.Ended.complete

    private let piecesInAll: Int
    /// All choices are of one length.
    private let isEven: Bool
    private var choices: Range<Int> { deltas.answers.indices }

    /// - Parameters:
    ///   - head: status line and headers.
    ///   - start: what each event begins with.
    ///   - begins: when the header is sent.
    init(
        behaviour: Behaviour, head: [UInt8], start: [UInt8], deltas: DeltaWriter, usage: ReplyUsage,
        includesUsage: Bool,
        isChunked: Bool, begins: Int64
    ) {
        self.behaviour = behaviour
        self.head = head
        self.start = start
        self.deltas = deltas
        piecesInAll = deltas.answers.reduce(0) { $0 + $1.pieces }
        isEven = deltas.answers.allSatisfy { $0.pieces == deltas.answers[0].pieces }
        self.usage = usage
        self.includesUsage = includesUsage
        self.isChunked = isChunked
        lineEnd = behaviour.usesCRLF ? "\r\n" : "\n"
        waitUntil = begins
    }

    func next(at now: Int64, into out: inout ByteQueue, scratch: inout ByteQueue) -> Step {
        while true {
            if now < waitUntil { return waiting(now, &out, &scratch) }
            switch stage {
            case .head:
                out.append(head)
                stage = .opening
                waitUntil += behaviour.timeToFirstToken
                nextComment = now + behaviour.keepAlive
                return .produced
            case .opening:
                stage = .pieces
                // A text completion has no opening: its choices begin with their first piece.
                if deltas.endpoint != .chat { continue }
                for choice in choices { event(&out, &scratch) { deltas.writeOpening(choice: choice, to: &$0) } }
                return .produced
            case .pieces:
                if !faultStruck, piece == min(behaviour.after, piecesInAll), let step = strike(now, &out, &scratch) {
                    return step
                }
                if now < waitUntil { continue }
                if piece == piecesInAll {
                    stage = .finish
                    continue
                }
                writePiece(&out, &scratch)
                schedule(now)
                return .producedChunk
            case .cut:
                return .cut(reset: behaviour.resets)
            case .finish, .usage, .done, .terminator, .over:
                return end(&out, &scratch)
            }
        }
    }

    private func waiting(_ now: Int64, _ out: inout ByteQueue, _ scratch: inout ByteQueue) -> Step {
        guard behaviour.keepAlive > 0, stage != .head else {
            return waitUntil == .max ? .waitForEver : .wait(until: waitUntil)
        }
        if now < nextComment { return .wait(until: min(waitUntil, nextComment)) }
        nextComment = now + behaviour.keepAlive
        scratch.removeAll()
        writeComment(to: &scratch)
        frame(scratch, to: &out)
        return .produced
    }

    /// The next chunk is due one interval after this one was, not after it was sent: the rate holds. Lost time (a
    /// client that did not read) is not made up for.
    private func schedule(_ now: Int64) {
        guard behaviour.interval > 0, piece < piecesInAll else { return }
        waitUntil = max(waitUntil, now - behaviour.interval) + behaviour.interval
        nextComment = now + behaviour.keepAlive
    }

    /// - Returns: nil where the stream goes on (perhaps after a wait).
    private func strike(_ now: Int64, _ out: inout ByteQueue, _ scratch: inout ByteQueue) -> Step? {
        switch behaviour.fault {
        case .stallChunk:
            waitUntil = behaviour.stallFor.map { now + $0 } ?? .max
            nextComment = now + behaviour.keepAlive
        case .cutChunk:
            stage = .cut
            return .cut(reset: behaviour.resets)
        case .cutInside:
            var whole = ByteQueue()
            if piece == piecesInAll { piece -= 1 }
            writePiece(&whole, &scratch)
            out.append(whole.bytes.slice(0..<whole.count / 2))
            stage = .cut
            return .produced
        case .badJSON:
            event(&out, &scratch, closed: false) { $0.append("{\"index\":0,\"delta\":{\"content\":\"brok") }
        case .errorEvent:
            var error = ErrorReply.status(500, model: "")
            error.code = behaviour.errorCode
            if let message = behaviour.errorMessage { error.message = message }
            scratch.removeAll()
            scratch.append("data: ")
            error.write(to: &scratch)
            finishEvent(&out, &scratch)
            ended = .error
            stage = .terminator
            return .produced
        default:
            break
        }
        faultStruck = true
        return nil
    }

    private func writePiece(_ out: inout ByteQueue, _ scratch: inout ByteQueue) {
        let (choice, index) = place(of: piece)
        let usageSoFar =
            behaviour.usage == .each
            ? ReplyUsage(
                prompt: usage.prompt, cached: usage.cached, completion: piece + 1,
                reasoning: min(usage.reasoning, piece + 1)) : nil
        event(&out, &scratch, usage: usageSoFar) {
            deltas.write(piece: index, choice: choice, to: &$0)
        }
        piece += 1
    }

    /// Choices of one length take turns; others come one after the other.
    private func place(of piece: Int) -> (choice: Int, index: Int) {
        if isEven { return (piece % choices.count, piece / choices.count) }
        var left = piece
        for choice in choices {
            if left < deltas.answers[choice].pieces { return (choice, left) }
            left -= deltas.answers[choice].pieces
        }
        preconditionFailure("a stream has no more pieces than its choices have together")
    }

    private func end(_ out: inout ByteQueue, _ scratch: inout ByteQueue) -> Step {
        switch stage {
        case .finish:
            for choice in choices { event(&out, &scratch) { deltas.writeFinish(choice: choice, to: &$0) } }
            stage = includesUsage ? .usage : .done
        case .usage:
            event(&out, &scratch, usage: usage) { _ in }
            stage = .done
        case .done:
            if behaviour.fault != .noDone {
                scratch.removeAll()
                scratch.append("data: [DONE]")
                finishEvent(&out, &scratch)
            }
            stage = .terminator
        case .terminator:
            if isChunked { out.append("0\r\n\r\n") }
            stage = .over
        default:
            return .finished(ended)
        }
        return .produced
    }

    /// One chunk object as an event.
    private func event(
        _ out: inout ByteQueue, _ scratch: inout ByteQueue, usage: ReplyUsage? = nil, closed: Bool = true,
        _ choices: (inout ByteQueue) -> Void
    ) {
        scratch.removeAll()
        if behaviour.comments { writeComment(to: &scratch) }
        scratch.append("data: ")
        scratch.append(start)
        choices(&scratch)
        if closed {
            scratch.append("]")
            if let usage {
                scratch.append(",\"usage\":")
                usage.write(to: &scratch)
            } else if includesUsage {
                scratch.append(",\"usage\":null")
            }
            scratch.append("}")
        }
        finishEvent(&out, &scratch)
    }

    private func writeComment(to scratch: inout ByteQueue) {
        scratch.append(": keep-alive")
        scratch.append(lineEnd)
        scratch.append(lineEnd)
    }

    private func finishEvent(_ out: inout ByteQueue, _ scratch: inout ByteQueue) {
        scratch.append(lineEnd)
        scratch.append(lineEnd)
        frame(scratch, to: &out)
    }

    private func frame(_ event: borrowing ByteQueue, to out: inout ByteQueue) {
        if isChunked {
            let digits = (64 - UInt64(event.count).leadingZeroBitCount + 3) / 4
            out.append(hex: UInt64(event.count), digits: digits)
            out.append("\r\n")
        }
        out.append(event.bytes)
        if isChunked { out.append("\r\n") }
    }
}
