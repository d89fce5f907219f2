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
    var isRefused: Bool { follower.refusal != nil }
    var findings: [Finding] { follower.rules?.findings ?? [] }
    /// The data of an error event that came before any content.
    var errorData: [UInt8] { follower.errorData }
    /// The data of an error event that came after it.
    var lateErrorData: [UInt8] { follower.lateErrorData }
    var failedBeforeContent: Bool { !follower.errorData.isEmpty }

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
    mutating func finish() -> [UInt8] {
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
    var errorData: [UInt8] = []
    var lateErrorData: [UInt8] = []
    var clientHasSome = false

    mutating func pass(_ event: SSEEvent, to out: inout [UInt8]) {
        guard refusal == nil, errorData.isEmpty else { return }
        let reading = stream.read(event)
        if reading.kind == .error, stream.contentChunks == 0, !clientHasSome, out.isEmpty, let data = event.data {
            errorData = Array(data)
            return
        }
        if reading.kind == .error {
            lateErrorData = event.data.map { Array($0) } ?? []
            // A provider's words about its own failure may hold our key or its address.
            out.append(contentsOf: scrubber.scrubbed(String(decoding: event.raw, as: UTF8.self)).utf8)
            return
        }
        // An end without a beginning is no answer: nothing goes out, and another target may have one.
        if reading.kind == .done, stream.contentChunks == 0, stream.usage == nil, !clientHasSome, out.isEmpty { return }
        guard reading.isForwarded else { return }
        switch rules?.read(event, in: stream) {
        case .send(let bytes): out.append(contentsOf: bytes)
        case .refused(let finding): refusal = finding
        case .forward, nil: out.append(contentsOf: event.raw)
        }
    }

    mutating func finish(_ out: inout [UInt8]) {
        guard refusal == nil, errorData.isEmpty else { return }
        switch rules?.finish(stream) {
        case .send(let bytes): out.append(contentsOf: bytes)
        case .refused(let finding): refusal = finding
        case .forward, nil: break
        }
    }
}
