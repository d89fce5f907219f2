import Guardrails
import WireFormats

/// What stands between a provider's stream and the client's: cuts the bytes into events, follows them, applies the
/// rules for answers, and says which bytes go on. Pure.
struct StreamRelay {
    private var parser: SSEParser
    private var follower: Follower

    init(hidesUsage: Bool, guardrails: GuardrailSet, scrubber: ProviderTextScrubber, eventBytesMax: Int) {
        parser = SSEParser(eventBytesMax: eventBytesMax)
        follower = Follower(
            stream: OpenAIStream(hidesUsage: hidesUsage), scrubber: scrubber,
            rules: guardrails.isEmpty ? nil : AnswerGuard(guardrails))
    }

    var stream: OpenAIStream { follower.stream }
    var refusal: Finding? { follower.refusal }
    var findings: [Finding] { follower.rules?.findings ?? [] }
    var reported: ReportedError? { follower.reported }
    var fault: String? { follower.fault }

    /// Takes what came and returns what may go out.
    ///
    /// - Parameter clientHasSome: a part of the answer is out, so that an error can only end it, no longer replace it.
    @inline(never)
    mutating func take(_ piece: [UInt8], clientHasSome: Bool) -> [UInt8] {
        guard fault == nil else { return [] }
        follower.clientHasSome = clientHasSome
        var out: [UInt8] = []
        out.reserveCapacity(piece.count)
        if !Self.feed(piece, to: &parser, &follower, &out) { follower.fault = follower.fault ?? StreamFault.tooLong }
        return out
    }

    private static func feed(
        _ piece: [UInt8], to parser: inout SSEParser, _ follower: inout Follower, _ out: inout [UInt8]
    ) -> Bool {
        do {
            try piece.withUnsafeBytes { bytes in
                try parser.feed(bytes) { follower.pass($0, to: &out) }
            }
            return true
        } catch {
            return false
        }
    }

    /// The stream failed: the usage that the client asked for and does not have yet, where it was told before.
    mutating func usageLeft() -> [UInt8] {
        var out: [UInt8] = []
        follower.tellUsage(&out)
        return out
    }

    /// The provider's stream has ended.
    @inline(never)
    mutating func finish(clientHasSome: Bool) -> [UInt8] {
        follower.clientHasSome = clientHasSome
        var out: [UInt8] = []
        Self.finish(&parser, &follower, &out)
        return out
    }

    private static func finish(_ parser: inout SSEParser, _ follower: inout Follower, _ out: inout [UInt8]) {
        parser.finish(into: &out) { follower.pass($0, to: &$1) }
        follower.finish(&out)
    }
}

/// Sees each event once, in order.
private struct Follower {
    var stream: OpenAIStream
    let scrubber: ProviderTextScrubber
    var rules: AnswerGuard?
    var refusal: Finding?
    var reported: ReportedError?
    /// What cannot be read; nothing after it counts.
    var fault: String?
    var clientHasSome = false
    /// The chunk with the usage that the client asked for. It goes out last, and only the last one: where there are several
    /// answers llama.cpp sends it with the end of each (recorded).
    var usageChunk: [UInt8] = []
    var isUsageTold = false

    mutating func pass(_ event: SSEEvent, to out: inout [UInt8]) {
        guard isOpen else { return }
        let reading = stream.read(event)
        let isFirst = !clientHasSome && out.isEmpty
        switch reading.kind {
        case .surplus: break
        case .broken: fault = StreamFault.noJSON
        case .error:
            reported = ReportedError(error: ProviderError.read(from: event.errorText, status: 0), isEarly: isFirst)
            guard !isFirst else { return }
            tellUsage(&out)
            passError(event, to: &out)
        // An end without a beginning is no answer: nothing goes out, and another target may have one.
        case .done where stream.contentChunks == 0 && stream.usage == nil && isFirst: break
        case .done:
            end(&out)
            write(event, to: &out)
        case .usage:
            guard reading.isForwarded else { return }
            var chunk: [UInt8] = []
            write(event, to: &chunk)
            // It goes out later, without the event behind which a missing blank line would be put.
            if !event.isTerminated, !chunk.isEmpty { chunk.append(contentsOf: [0x0A, 0x0A]) }
            usageChunk = chunk
        case .content, .keepAlive, .other:
            guard reading.isForwarded else { return }
            if let place = reading.movedUsage {
                write(own: OpenAIStream.withoutUsage(event, at: place), to: &out)
            } else {
                write(event, to: &out)
            }
        }
    }

    /// Neither a rule nor an early error nor a fault has ended it.
    private var isOpen: Bool { refusal == nil && fault == nil && reported?.isEarly != true }

    /// What the rules let out of an event.
    private mutating func write(_ event: SSEEvent, to out: inout [UInt8]) {
        switch rules?.read(event, in: stream) {
        case .send(let bytes): out.append(contentsOf: bytes)
        case .refused(let finding): refusal = finding
        case .forward, nil: out.append(contentsOf: event.raw)
        }
    }

    /// An event that we wrote passes the rules as any other: what is in it is the provider's.
    private mutating func write(own event: [UInt8], to out: inout [UInt8]) {
        guard rules != nil else {
            out.append(contentsOf: event)
            return
        }
        var parser = SSEParser()
        event.withUnsafeBytes { bytes in
            _ = try? parser.feed(bytes) { write($0, to: &out) }
        }
        // The last event of a stream may lack its blank line.
        parser.finish { write($0, to: &out) }
    }

    /// An error event may hold a piece of the answer, and a provider's words about its own failure our key or its
    /// address.
    private mutating func passError(_ event: SSEEvent, to out: inout [UInt8]) {
        let start = out.count
        if event.data == nil {
            // It stands in no event: it gets the field that it lacks.
            write(own: event.with(data: Array(event.raw)), to: &out)
        } else {
            write(event, to: &out)
        }
        let words = scrubber.scrubbed(String(decoding: out[start...], as: UTF8.self))
        out.replaceSubrange(start..., with: Array(words.utf8))
    }

    /// The stream is over without `[DONE]`.
    mutating func finish(_ out: inout [UInt8]) {
        if isOpen, reported == nil, !stream.isDone { end(&out) }
    }

    /// What waits for the end: text that a rule holds back, then the usage.
    private mutating func end(_ out: inout [UInt8]) {
        switch rules?.finish(stream) {
        case .send(let bytes): out.append(contentsOf: bytes)
        case .refused(let finding): refusal = finding
        case .forward, nil: break
        }
        if stream.isComplete { tellUsage(&out) }
    }

    /// Once: the provider's own chunk, or ours where it told the usage beside choices.
    mutating func tellUsage(_ out: inout [UInt8]) {
        guard refusal == nil, !isUsageTold else { return }
        if !usageChunk.isEmpty {
            out.append(contentsOf: usageChunk)
        } else if stream.isDone || stream.sawFinishReason, let own = stream.usageChunk() {
            write(own: own, to: &out)
        } else {
            return
        }
        isUsageTold = true
    }
}

extension SSEParser {
    /// The rest of a stream: what was cut goes to nobody. What lacks only its blank line gets it, without which no client
    /// reads it, and would take our error event for a part of it.
    mutating func finish(into out: inout [UInt8], _ pass: (SSEEvent, inout [UInt8]) -> Void) {
        finish { event in
            guard event.isWhole else { return }
            let start = out.count
            pass(event, &out)
            if out.count > start, !event.isTerminated, event.data != nil { out.append(contentsOf: [0x0A, 0x0A]) }
        }
    }
}
