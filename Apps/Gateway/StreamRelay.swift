import Guardrails
import WireFormats

/// What stands between a provider's stream and the client's: cuts the bytes into events, follows them, applies the
/// rules for answers, and says which bytes go on. Pure.
struct StreamRelay {
    private var parser: SSEParser
    private var follower: Follower
    /// An event is longer than anyone could want; nothing after it can be read.
    private(set) var isStopped = false

    init(hidesUsage: Bool, guardrails: GuardrailSet, scrubber: ProviderTextScrubber, eventBytesMax: Int) {
        parser = SSEParser(eventBytesMax: eventBytesMax)
        follower = Follower(
            stream: OpenAIStream(hidesUsage: hidesUsage), scrubber: scrubber,
            rules: guardrails.isEmpty ? nil : AnswerGuard(guardrails))
    }

    var stream: OpenAIStream { follower.stream }
    var refusal: Finding? { follower.refusal }
    var findings: [Finding] { follower.rules?.findings ?? [] }
    var earlyError: ProviderError? { follower.earlyError }
    var lateError: ProviderError? { follower.lateError }

    /// Takes what came and returns what may go out.
    ///
    /// - Parameter clientHasSome: a part of the answer is out, so that an error can only end it, no longer replace it.
    @inline(never)
    mutating func take(_ piece: [UInt8], clientHasSome: Bool) -> [UInt8] {
        follower.clientHasSome = clientHasSome
        var out: [UInt8] = []
        out.reserveCapacity(piece.count)
        if !Self.feed(piece, to: &parser, &follower, &out) { isStopped = true }
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

    /// The provider's stream has ended.
    @inline(never)
    mutating func finish(clientHasSome: Bool) -> [UInt8] {
        follower.clientHasSome = clientHasSome
        var out: [UInt8] = []
        Self.finish(&parser, &follower, &out)
        return out
    }

    private static func finish(_ parser: inout SSEParser, _ follower: inout Follower, _ out: inout [UInt8]) {
        parser.finish { follower.pass($0, to: &out) }
        follower.finish(&out)
    }
}

/// Sees each event once, in order.
private struct Follower {
    var stream: OpenAIStream
    let scrubber: ProviderTextScrubber
    var rules: AnswerGuard?
    var refusal: Finding?
    var earlyError: ProviderError?
    var lateError: ProviderError?
    var clientHasSome = false

    mutating func pass(_ event: SSEEvent, to out: inout [UInt8]) {
        guard refusal == nil, earlyError == nil, event.isWhole else { return }
        let reading = stream.read(event)
        let isFirst = !clientHasSome && out.isEmpty
        if reading.kind == .error, let data = event.data {
            let error = ProviderError.read(from: data, status: 0)
            if isFirst {
                earlyError = error
                return
            }
            // After the end the client has its whole answer.
            if !stream.isDone { lateError = lateError ?? error }
            passError(event, to: &out)
            return
        }
        // An end without a beginning is no answer: nothing goes out, and another target may have one.
        if reading.kind == .done, stream.contentChunks == 0, stream.usage == nil, isFirst { return }
        guard reading.isForwarded else { return }
        switch rules?.read(event, in: stream) {
        case .send(let bytes): out.append(contentsOf: bytes)
        case .refused(let finding):
            refusal = finding
            return
        case .forward, nil: out.append(contentsOf: event.raw)
        }
        out.append(contentsOf: event.missingEnd)
    }

    /// An error event may hold a piece of the answer, and a provider's words about its own failure our key or its
    /// address.
    private mutating func passError(_ event: SSEEvent, to out: inout [UInt8]) {
        let allowed: [UInt8]
        switch rules?.read(event, in: stream) {
        case .send(let bytes): allowed = bytes
        case .refused(let finding):
            refusal = finding
            return
        case .forward, nil: allowed = [UInt8](event.raw)
        }
        out.append(contentsOf: scrubber.scrubbed(String(decoding: allowed, as: UTF8.self)).utf8)
        out.append(contentsOf: event.missingEnd)
    }

    mutating func finish(_ out: inout [UInt8]) {
        guard refusal == nil, earlyError == nil else { return }
        switch rules?.finish(stream) {
        case .send(let bytes): out.append(contentsOf: bytes)
        case .refused(let finding): refusal = finding
        case .forward, nil: break
        }
    }
}

extension SSEEvent {
    /// The blank line without which no client reads the last event of a stream, and would take ours for a part of it.
    var missingEnd: [UInt8] { isTerminated || data == nil ? [] : [0x0A, 0x0A] }
}
