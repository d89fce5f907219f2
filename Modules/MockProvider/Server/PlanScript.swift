/// A stream of any dialect but OpenAI's fast path over time: it walks through a plan's moments.
///
/// A fault strikes when exactly `after` pieces were sent, or after the last where there are fewer.
final class PlanScript {
    private enum Stage { case head, moments, cut, end, terminator, over }

    let plan: Plan
    private let behaviour: Behaviour
    private let head: [UInt8]
    private let errors: ErrorStyle
    private var narrator: any Narrator
    private let framing: StreamFraming
    private let isChunked: Bool
    private let lineEnd: StaticString

    private var stage = Stage.head
    private var moment = Moment.start
    private var waitUntil: Int64
    private var nextComment: Int64 = 0
    private var piecesSent = 0
    private let piecesInAll: Int
    private var isFirst = true
    private var faultStruck = false
    private var ended = Books.Ended.complete

    /// - Parameters:
    ///   - head: status line and headers.
    ///   - begins: when the header is sent.
    init(
        plan: Plan, narrator: any Narrator, errors: ErrorStyle, behaviour: Behaviour, head: [UInt8], isChunked: Bool,
        begins: Int64
    ) {
        self.plan = plan
        self.narrator = narrator
        self.errors = errors
        self.behaviour = behaviour
        self.head = head
        self.isChunked = isChunked
        framing = narrator.framing
        lineEnd = behaviour.usesCRLF ? "\r\n" : "\n"
        piecesInAll = plan.pieces
        waitUntil = begins
    }

    func next(at now: Int64, into out: inout ByteQueue, scratch: inout ByteQueue) -> Step {
        while true {
            if now < waitUntil { return waiting(now, &out, &scratch) }
            switch stage {
            case .head:
                out.append(head)
                stage = .moments
                waitUntil += behaviour.timeToFirstToken
                nextComment = now + behaviour.keepAlive
                return .produced
            case .moments:
                if isBeforePieceOrEnd, !faultStruck, piecesSent == min(behaviour.after, piecesInAll),
                    let step = strike(now, &out, &scratch)
                {
                    return step
                }
                if now < waitUntil || stage != .moments { continue }
                return advance(now, &out, &scratch)
            case .cut:
                return .cut(reset: behaviour.resets)
            case .end:
                scratch.removeAll()
                framing.writeEnd(isFirst: isFirst, to: &scratch)
                frame(scratch, to: &out)
                stage = .terminator
                return .produced
            case .terminator:
                if isChunked { out.append("0\r\n\r\n") }
                stage = .over
                return .produced
            case .over:
                return .finished(ended)
            }
        }
    }

    /// The tokens to bill when `count` pieces were handed to the socket.
    func tokens(after count: Int) -> BilledTokens {
        var tokens = plan.billed
        tokens.completion = count
        return tokens
    }

    private var isBeforePieceOrEnd: Bool {
        switch moment {
        case .piece, .finish: true
        default: false
        }
    }

    /// Says what there is to say at this moment and goes to the next one.
    private func advance(_ now: Int64, _ out: inout ByteQueue, _ scratch: inout ByteQueue) -> Step {
        let said = moment
        if said == .over, behaviour.fault == .noDone {
            stage = .end
            return .produced
        }
        scratch.removeAll()
        for event in narrator.events(at: said) { write(event, &scratch) }
        frame(scratch, to: &out)
        step()
        guard case .piece = said else { return .produced }
        piecesSent += 1
        if behaviour.interval > 0, piecesSent < piecesInAll {
            waitUntil = max(waitUntil, now - behaviour.interval) + behaviour.interval
            nextComment = now + behaviour.keepAlive
        }
        return .producedChunk
    }

    private func step() {
        switch moment {
        case .start: moment = plan.parts.isEmpty ? .finish : .open(part: 0)
        case .open(let part):
            moment = plan.parts[part].content.pieces > 0 ? .piece(part: part, piece: 0) : .close(part: part)
        case .piece(let part, let piece):
            moment =
                piece + 1 < plan.parts[part].content.pieces
                ? .piece(part: part, piece: piece + 1) : .close(part: part)
        case .close(let part): moment = part + 1 < plan.parts.count ? .open(part: part + 1) : .finish
        case .finish: moment = .over
        case .over: stage = .end
        }
    }

    private func write(_ event: StreamEvent, isBroken: Bool = false, _ scratch: inout ByteQueue) {
        if behaviour.comments, framing.hasComments { writeComment(to: &scratch) }
        framing.write(event, isFirst: isFirst, lineEnd: lineEnd, isBroken: isBroken, to: &scratch)
        isFirst = false
    }

    // MARK: - Waiting

    private func waiting(_ now: Int64, _ out: inout ByteQueue, _ scratch: inout ByteQueue) -> Step {
        guard behaviour.keepAlive > 0, stage != .head, framing.hasComments || narrator.keepAlive != nil else {
            return waitUntil == .max ? .waitForEver : .wait(until: waitUntil)
        }
        if now < nextComment { return .wait(until: min(waitUntil, nextComment)) }
        nextComment = now + behaviour.keepAlive
        scratch.removeAll()
        if let event = narrator.keepAlive, moment != .start {
            framing.write(event, isFirst: isFirst, lineEnd: lineEnd, to: &scratch)
        } else {
            writeComment(to: &scratch)
        }
        frame(scratch, to: &out)
        return .produced
    }

    private func writeComment(to scratch: inout ByteQueue) {
        scratch.append(": keep-alive")
        scratch.append(lineEnd)
        scratch.append(lineEnd)
    }

    // MARK: - Faults

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
            scratch.removeAll()
            for event in narrator.events(at: moment) { write(event, &scratch) }
            var whole = ByteQueue()
            frame(scratch, to: &whole)
            out.append(whole.bytes.slice(0..<whole.count / 2))
            stage = .cut
            return .produced
        case .badJSON:
            scratch.removeAll()
            for event in narrator.events(at: moment) { write(event, isBroken: true, &scratch) }
            frame(scratch, to: &out)
        case .errorEvent:
            var error = errors.status(errors == .anthropic ? 529 : 500, model: "")
            if let code = behaviour.errorCode { error.code = code }
            if let message = behaviour.errorMessage { error.message = message }
            scratch.removeAll()
            for event in narrator.failure(error) { write(event, &scratch) }
            frame(scratch, to: &out)
            ended = .error
            stage = .end
            return .produced
        default:
            break
        }
        faultStruck = true
        return nil
    }

    private func frame(_ bytes: borrowing ByteQueue, to out: inout ByteQueue) {
        if bytes.isEmpty { return }
        if isChunked {
            let digits = (64 - UInt64(bytes.count).leadingZeroBitCount + 3) / 4
            out.append(hex: UInt64(bytes.count), digits: digits)
            out.append("\r\n")
        }
        out.append(bytes.bytes)
        if isChunked { out.append("\r\n") }
    }
}
