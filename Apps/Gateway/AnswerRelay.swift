import Guardrails
import JSONText
import Transfer
import Units
import WireFormats

/// What stands between a provider's stream and the client's: follows it, applies the rules for answers, and says which
/// bytes go on. Pure; one object a stream, confined to its loop.
///
/// There are three: ``PassingRelay`` where the bytes of Chat Completions or Completions pass, ``DialectRelay`` where those of
/// another dialect do (into Google's array its documents'), ``TranslatingRelay`` where both sides speak different ones or the
/// rules have to read the events.
class AnswerRelay {
    /// What the stream last said that it used.
    var usage: TokenUsage? { nil }
    /// All of ``usage`` was said before the answer: its output is not counted.
    var usageIsOfBeginning: Bool { false }
    /// The answer came to its proper end.
    var isComplete: Bool { false }
    /// Its last event came: what becomes of the connection behind it is nobody's concern.
    var isOver: Bool { false }
    /// The first error that the provider reported inside the stream.
    var reported: ReportedError? { nil }
    /// What the provider ended the stream with.
    final var error: ProviderError? { reported?.error }
    final var earlyError: ProviderError? { reported?.isEarly == true ? reported?.error : nil }
    /// Output tokens by what was seen: each piece of content is taken for a token, or four bytes of text, what is more.
    var estimatedOutputTokens: Int { 0 }
    var refusal: Finding? { nil }
    var findings: [Finding] { [] }
    /// The whole answer as the client's dialect writes it, where somebody may want it.
    var wholeAnswer: JSON? { nil }
    /// The provider's id of a Responses answer, as soon as it is known.
    var responseID: String? { nil }
    /// The provider says that it makes the answer in the background: it goes on when the stream does not.
    var isInBackground: Bool { false }
    /// What of the stream cannot be read, an event or its framing: nothing after it counts. In words for the client.
    var fault: String? { nil }
    /// Nothing is missing of the answer.
    ///
    /// - Parameter failure: how its connection ended; nil where it was closed as it should be.
    final func isWhole(_ failure: TransferError?) -> Bool {
        error == nil && (isOver || failure == nil && isComplete)
    }
    /// What the answer held and the client's dialect could not say.
    var losses: LossReport { LossReport() }

    /// Takes what came and returns what may go out.
    ///
    /// - Parameter clientHasSome: a part of the answer is out, so that an error can only end it, no longer replace it.
    func take(_ piece: [UInt8], clientHasSome: Bool) -> [UInt8] { [] }

    /// The provider's stream has ended; the rest of what may go out.
    func finish(clientHasSome: Bool) -> [UInt8] { [] }

    /// The dialect's own event that ends a stream which failed after its first byte.
    func failure(_ error: GatewayErrorBody, status: Int) -> [UInt8] { [] }
}

/// An error that a provider reported inside its stream.
struct ReportedError {
    let error: ProviderError
    /// Before any of the answer went out: the call can still be made elsewhere.
    let isEarly: Bool
}

/// Reads a provider's stream in its dialect and writes it in the client's.
final class TranslatingRelay: AnswerRelay {
    private var framer: StreamFramer
    private var decoder: any ReplyStreamDecoder
    private var encoder: any ReplyStreamEncoder
    private var rules: ReplyGuard?
    private let names: ToolNames
    private let client: any DialectCodec.Type
    private let context: ReplyContext
    private let inputTokenEstimate: TokenCount
    private let errorBody: (ProviderError) -> (GatewayErrorBody, Int)
    private var writer = FrameWriter()
    /// Folds the answer for the store of responses; nil where nobody wants it.
    private var assembler: ReplyAssembler?
    /// What was written before the first content; it leaves with it.
    private var isOpening = true
    private var clientHasSome = false

    private var lastUsage: TokenUsage? {
        didSet { piecesAtUsage = pieces }
    }
    private var piecesAtUsage = 0
    /// As Messages does: of the output it tells at the end.
    private let tellsInputFirst: Bool
    private var hasEnded = false
    private var hasStopped = false
    private var pieces = 0
    private var textBytes = 0
    private var beganInBackground = false
    private var found: String?
    private var firstError: ReportedError?

    /// - Parameters:
    ///   - inputTokenEstimate: what is billed where the provider tells nothing.
    ///   - errorBody: an error of the provider's as the client may see it, and its status.
    init(
        from provider: any DialectCodec.Type, framing: StreamFraming, to client: any DialectCodec.Type,
        context: ReplyContext, inputTokenEstimate: TokenCount, guardrails: GuardrailSet, frameBytesMax: Int,
        errorBody: @escaping (ProviderError) -> (GatewayErrorBody, Int)
    ) {
        framer = StreamFramer(framing, frameBytesMax: frameBytesMax)
        decoder = provider.streamDecoder()
        tellsInputFirst = provider.dialect == .messages
        encoder = client.streamEncoder(for: context)
        self.client = client
        self.context = context
        self.inputTokenEstimate = inputTokenEstimate
        rules = guardrails.isEmpty ? nil : ReplyGuard(guardrails)
        names = ToolNames(context.request)
        self.errorBody = errorBody
        if client.dialect == .responses, context.request.store != false {
            assembler = ReplyAssembler(origin: provider.dialect)
        }
    }

    override var reported: ReportedError? { firstError }
    override var usage: TokenUsage? { lastUsage ?? decoder.runningUsage }
    override var usageIsOfBeginning: Bool { tellsInputFirst && lastUsage != nil && piecesAtUsage == 0 && pieces > 0 }
    override var isComplete: Bool { hasEnded && error == nil }
    override var isOver: Bool { isComplete }
    override var estimatedOutputTokens: Int { max(pieces, (textBytes + 3) / 4) }
    override var refusal: Finding? { rules?.refusal }
    override var findings: [Finding] { rules?.findings ?? [] }
    override var fault: String? { found }
    override var losses: LossReport { encoder.losses }
    override var wholeAnswer: JSON? {
        guard let reply = assembler?.reply else { return nil }
        var losses = LossReport()
        return client.encodeReply(reply, for: context, &losses)
    }
    override var isInBackground: Bool { beganInBackground }
    override var responseID: String? {
        assembler?.reply.origin == .responses ? assembler?.reply.id : nil
    }

    override func take(_ piece: [UInt8], clientHasSome: Bool) -> [UInt8] {
        self.clientHasSome = clientHasSome
        var frames: [StreamFrame] = []
        var events: [ReplyEvent] = []
        do throws(ReplyError) {
            // Frames that were whole before a broken one still count.
            defer { for frame in frames where found == nil { decode(frame, into: &events) } }
            try piece.feed(to: &framer, into: &frames)
        } catch {
            note(error, into: &events)
        }
        pass(events)
        return leave()
    }

    override func finish(clientHasSome: Bool) -> [UInt8] {
        self.clientHasSome = clientHasSome
        var frames: [StreamFrame] = []
        var events: [ReplyEvent] = []
        do throws(ReplyError) { try framer.finish(into: &frames) } catch { note(error, into: &events) }
        for frame in frames where found == nil { decode(frame, into: &events) }
        if found == nil { decoder.finish(into: &events) }
        pass(events)
        return leave()
    }

    override func failure(_ error: GatewayErrorBody, status: Int) -> [UInt8] {
        encoder.fail(error, status: status, into: &writer)
        isOpening = false
        return writer.take()
    }

    private func decode(_ frame: StreamFrame, into events: inout [ReplyEvent]) {
        do throws(ReplyError) {
            try decoder.decode(frame, into: &events)
        } catch {
            note(error, into: &events)
        }
    }

    private func note(_ error: ReplyError, into events: inout [ReplyEvent]) {
        switch error {
        case .malformed(let what): found = found ?? what
        case .failed(let error): events.append(.failed(error))
        }
    }

    private func pass(_ events: [ReplyEvent]) {
        for event in events {
            guard error == nil, refusal == nil else { return }
            let event = names.restored(event)
            // What cannot be is no report.
            if case .usage(let usage) = event, !usage.tokens.isPlausible { continue }
            note(event)
            if case .failed(let error) = event {
                fail(error)
                return
            }
            if case .ended = event, lastUsage == nil, client.dialect.answersStateUsage {
                let estimate = TokenUsage(input: inputTokenEstimate, output: TokenCount(estimatedOutputTokens))
                write(.usage(Usage(estimate)))
            }
            guard rules != nil else {
                write(event)
                continue
            }
            var allowed: [ReplyEvent] = []
            rules?.pass(event, into: &allowed)
            for event in allowed { write(event) }
        }
    }

    private func write(_ event: ReplyEvent) {
        assembler?.add(event)
        encoder.encode(event, into: &writer)
    }

    private func note(_ event: ReplyEvent) {
        switch event {
        case .began(let head): beganInBackground = head.origin == .responses && head.extras["background"] == true
        case .usage(let usage): lastUsage = usage.tokens
        case .delta(_, let delta):
            isOpening = false
            pieces += 1
            textBytes += delta.textBytes
        // That a text or a thought begins says nothing yet: until its first word another provider can answer.
        case .partBegan(_, let part):
            switch part.content {
            case .text(let text) where text.text.isEmpty: break
            case .reasoning(let reasoning) where reasoning.visibleText.isEmpty: break
            default: isOpening = false
            }
        case .stopped: isOpening = false
        case .ended:
            isOpening = false
            hasEnded = true
        default: break
        }
    }

    private func fail(_ error: ProviderError) {
        firstError = ReportedError(error: error, isEarly: isOpening && !clientHasSome)
        if earlyError != nil {
            writer = FrameWriter()
            return
        }
        guard let words = allowed(error) else { return }
        // A provider's words about its own failure may hold our key or its address: errorBody has cleansed them.
        let (body, status) = errorBody(words)
        encoder.fail(body, status: status, into: &writer)
        isOpening = false
    }

    /// The error as the rules let it out; nil where they refuse it.
    private func allowed(_ error: ProviderError) -> ProviderError? {
        guard rules != nil else { return error }
        var told: [ReplyEvent] = []
        rules?.pass(.failed(error), into: &told)
        guard case .failed(let words)? = told.first else { return nil }
        return words
    }

    private func leave() -> [UInt8] {
        if isOpening || earlyError != nil { return [] }
        return writer.take()
    }
}

extension [UInt8] {
    fileprivate func feed(to framer: inout StreamFramer, into frames: inout [StreamFrame]) throws(ReplyError) {
        var failure: ReplyError?
        withUnsafeBytes { bytes in
            do throws(ReplyError) { try framer.feed(bytes, into: &frames) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}

/// What is wrong with an event of a stream whose bytes pass.
enum StreamFault {
    static let tooLong = "an event is longer than 'limits.event_bytes'"
    static let noJSON = "a frame is no JSON"
}

/// A stream of OpenAI's chat or completions whose bytes pass: read and guarded in place.
final class PassingRelay: AnswerRelay {
    private var relay: StreamRelay

    init(_ relay: StreamRelay) { self.relay = relay }

    override var reported: ReportedError? { relay.reported }
    override var usage: TokenUsage? { relay.stream.usage }
    // Where an event is broken, the reason of an end is none without the end itself.
    override var isComplete: Bool { fault == nil ? relay.stream.isComplete : relay.stream.isDone }
    override var isOver: Bool { relay.stream.isDone }
    override var estimatedOutputTokens: Int { max(relay.stream.contentChunks, (relay.stream.textBytes + 3) / 4) }
    override var refusal: Finding? { relay.refusal }
    override var findings: [Finding] { relay.findings }
    override var fault: String? { relay.fault }

    override func take(_ piece: [UInt8], clientHasSome: Bool) -> [UInt8] {
        relay.take(piece, clientHasSome: clientHasSome)
    }

    override func finish(clientHasSome: Bool) -> [UInt8] {
        relay.finish(clientHasSome: clientHasSome)
    }

    override func failure(_ error: GatewayErrorBody, status: Int) -> [UInt8] { relay.usageLeft() + error.openAIEvent() }
}

/// A stream of another dialect whose bytes pass: followed in place for its figures and its end.
final class DialectRelay: AnswerRelay {
    private var stream: DialectStream
    private var events: SSEParser
    private var messages: EventStreamParser
    private let dialect: Dialect
    private let scrubber: ProviderTextScrubber
    /// The gateway's id for the request, which Anthropic's errors name.
    private let requestID: String
    /// The answer was there before: it does not fail with the stream.
    private let isReplay: Bool
    private var foundID: String?
    private var beganInBackground = false
    /// Of a Responses stream.
    private var nextSequenceNumber: Int64 = 0
    /// The short members of the response as the first event of a Responses stream has it.
    private var begun: [UInt8]?
    private static let sequenceNumberMax: Int64 = 1 << 53
    private var found: String?
    private var firstError: ReportedError?
    /// Where the client reads the events' documents as one array; nil where the bytes of the events pass.
    private var array: ArrayWriter?

    init(
        _ dialect: Dialect, scrubber: ProviderTextScrubber, eventBytesMax: Int, requestID: String,
        isReplay: Bool = false, asArray: Bool = false
    ) {
        self.dialect = dialect
        self.scrubber = scrubber
        self.requestID = requestID
        self.isReplay = isReplay
        if asArray { array = ArrayWriter() }
        stream = DialectStream(dialect: dialect)
        events = SSEParser(eventBytesMax: eventBytesMax)
        messages = EventStreamParser(messageBytesMax: eventBytesMax)
    }

    override var reported: ReportedError? { firstError }
    override var usage: TokenUsage? { stream.usage }
    override var usageIsOfBeginning: Bool { stream.usageIsOfBeginning }
    override var isComplete: Bool { found == nil ? stream.isComplete : stream.isOver }
    override var isOver: Bool { stream.isOver }
    override var responseID: String? { foundID }
    override var isInBackground: Bool { beganInBackground }
    override var estimatedOutputTokens: Int { max(stream.contentChunks, (stream.textBytes + 3) / 4) }
    override var fault: String? { found }

    override func take(_ piece: [UInt8], clientHasSome: Bool) -> [UInt8] {
        guard found == nil else { return [] }
        var out: [UInt8] = []
        out.reserveCapacity(piece.count)
        if dialect == .converse {
            takeMessages(piece, clientHasSome, &out)
        } else {
            takeEvents(piece, clientHasSome, &out)
        }
        return out
    }

    override func finish(clientHasSome: Bool) -> [UInt8] {
        var out: [UInt8] = []
        if dialect != .converse { events.finish(into: &out) { pass($0, clientHasSome, &$1) } }
        if isComplete { array?.close(&out) }
        return out
    }

    override func failure(_ error: GatewayErrorBody, status: Int) -> [UInt8] {
        guard array == nil else {
            var out: [UInt8] = []
            array?.add(error.gemini(status: status), to: &out)
            array?.close(&out)
            return out
        }
        guard dialect == .responses else { return error.event(for: dialect, status: status, requestID: requestID) }
        return error.responsesEvents(status: status, sequenceNumber: nextSequenceNumber, of: failedResponse)
    }

    /// What fails with the stream; nil where its provider goes on with the answer, or has it whole.
    private var failedResponse: JSONObject? {
        guard let begun, !beganInBackground, !isReplay else { return nil }
        var response = (try? JSON.read(begun, maxDepth: JSON.ownDepth))?.object
        // The SDK's model has it in every response.
        if response?["tools"] == nil { response?["tools"] = [] }
        return response
    }

    private func takeEvents(_ piece: [UInt8], _ clientHasSome: Bool, _ out: inout [UInt8]) {
        var parser = events
        events = SSEParser(eventBytesMax: 0)  // so that the parser's buffer has one owner
        piece.withUnsafeBytes { bytes in
            do throws(SSEParser.EventTooLong) {
                try parser.feed(bytes) { pass($0, clientHasSome, &out) }
            } catch {
                found = found ?? StreamFault.tooLong
            }
        }
        events = parser
    }

    private func takeMessages(_ piece: [UInt8], _ clientHasSome: Bool, _ out: inout [UInt8]) {
        var parser = messages
        messages = EventStreamParser(messageBytesMax: 0)
        piece.withUnsafeBytes { bytes in
            do throws(EventStreamError) {
                try parser.feed(bytes) { pass($0, clientHasSome, &out) }
            } catch {
                found = found ?? error.description
            }
        }
        messages = parser
    }

    private func pass(_ event: SSEEvent, _ clientHasSome: Bool, _ out: inout [UInt8]) {
        guard earlyError == nil, found == nil else { return }
        switch stream.read(event) {
        case .surplus: break
        case .broken: found = StreamFault.noJSON
        case .error:
            let error = readError(in: event.errorText)
            guard isLate(error, clientHasSome, out) else { return }
            guard array == nil else { return end(with: error, in: event.errorText, &out) }
            guard event.data != nil else { return tell(error, &out) }
            // A provider's words about its own failure may hold our key or its address.
            out.append(contentsOf: scrubber.scrubbed(String(decoding: event.raw, as: UTF8.self)).utf8)
        case .content, .usage, .done, .keepAlive, .other:
            if dialect == .responses, let data = event.data { noteResponse(data) }
            guard array == nil else { return add(event, &out) }
            out.append(contentsOf: event.raw)
        }
    }

    /// What an event holds, as an element of the array.
    private func add(_ event: SSEEvent, _ out: inout [UInt8]) {
        guard let data = event.data else {
            array?.keepOpen(&out)
            return
        }
        if let chunk = JSONView(unchecked: data), chunk.kind == .object { array?.add(data, to: &out) }
    }

    /// An error as the last element of the array: as its provider wrote it, or in Google's shape where that was no object.
    private func end(with error: ProviderError, in text: UnsafeRawBufferPointer, _ out: inout [UInt8]) {
        guard let own = JSONView(unchecked: text), own.kind == .object, JSONScanner.isJSON(text) else {
            return tell(error, &out)
        }
        array?.add(scrubber.scrubbed(String(decoding: text, as: UTF8.self)).utf8, to: &out)
        array?.close(&out)
    }

    /// An error that stood in no event, in the dialect's own: data alone would not do, since Anthropic's SDK passes over an
    /// event without a name (2.14.0, `_streaming.py`).
    private func tell(_ error: ProviderError, _ out: inout [UInt8]) {
        let told = GatewayError(error, status: Worker.status(of: error), scrubber)
        out.append(contentsOf: failure(told.body, status: told.status(for: dialect)))
    }

    /// What an error event of our own would say of a Responses stream.
    private func noteResponse(_ data: UnsafeRawBufferPointer) {
        guard let view = JSONView(unchecked: data) else { return }
        if let number = view.member("sequence_number")?.int, (0..<Self.sequenceNumberMax).contains(number) {
            nextSequenceNumber = number + 1
        }
        guard foundID == nil, let response = view.member("response") else { return }
        if !isReplay { begun = Self.shortMembers(of: response) }
        foundID = response.member("id")?.string
        beganInBackground = response.member("background")?.bool ?? false
    }

    /// As JSON. What the client said itself, instructions and tools, may be as long as its request, and is kept by none.
    private static func shortMembers(of response: JSONView) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        for member in response.members where member.value.raw.count <= 256 {
            writer.key(member.name)
            writer.raw(member.value.raw)
        }
        writer.endObject()
        return writer.bytes
    }

    /// `response.failed` of Responses has its error in the response, and may have none.
    private func readError(in data: UnsafeRawBufferPointer) -> ProviderError {
        guard dialect == .responses, let response = JSONView(unchecked: data)?.present("response") else {
            return ProviderError.read(from: data, status: 0)
        }
        guard let error = response.present("error") else { return ProviderError(message: "", code: "server_error") }
        return ProviderError.read(from: error.raw, status: 0)
    }

    /// Keeps the first error, and says whether it goes out: not where another target may still answer.
    private func isLate(_ error: ProviderError, _ clientHasSome: Bool, _ out: [UInt8]) -> Bool {
        let isEarly = !clientHasSome && out.isEmpty
        firstError = firstError ?? ReportedError(error: error, isEarly: isEarly)
        return !isEarly
    }

    private func pass(_ message: EventStreamMessage, _ clientHasSome: Bool, _ out: inout [UInt8]) {
        guard earlyError == nil, found == nil else { return }
        switch stream.read(message) {
        case .surplus: break
        case .broken: found = StreamFault.noJSON
        case .error:
            let type = message.header(":exception-type") ?? message.header(":error-code")
            let error = message.payload.withUnsafeBytes {
                ProviderError.read(from: $0, status: 0, errorType: type)
            }
            guard isLate(error, clientHasSome, out) else { return }
            var clean = message
            clean.payload = Array(scrubber.scrubbed(String(decoding: message.payload, as: UTF8.self)).utf8)
            out.append(contentsOf: EventStream.encoded(clean))
        case .content, .usage, .done, .keepAlive, .other: out.append(contentsOf: EventStream.encoded(message))
        }
    }
}
