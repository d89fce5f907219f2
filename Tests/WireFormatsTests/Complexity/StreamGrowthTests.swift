import JSONText
import Testing
import Units

@testable import WireFormats

/// Answers of n pieces, each of a kind that a codec may keep something of.
enum StreamShape: String, CaseIterable, CustomTestStringConvertible {
    /// n deltas of one part, 2,000 bytes each: at the most a megabyte.
    case texts, thoughts, summaries, arguments, refusals, sounds
    /// One delta of n times 2,000 bytes.
    case bigEvent
    /// n tool calls, each ended before the next; all open until the end; the first of which never is a whole.
    case calls, openCalls, brokenCalls
    /// n parts of alternate kinds.
    case parts
    /// n choices of 6 deltas each, all at the same time.
    case choices
    /// n tokens with their probabilities.
    case logprobs
    /// n citations of one text.
    case citations
    /// n members of the reply and of the choice that nobody knows.
    case extras

    var testDescription: String { rawValue }

    /// How many pieces the small run has.
    var count: Int {
        switch self {
        case .texts, .thoughts, .summaries, .arguments, .refusals, .sounds, .bigEvent: 64
        case .calls, .openCalls, .brokenCalls, .parts, .logprobs, .citations: 64 * Growth.scale
        case .choices: 16
        // The decoder of generateContent takes objects of at most 512 members.
        case .extras: 50
        }
    }

    func events(_ count: Int, origin: Dialect) -> [ReplyEvent] {
        var events: [ReplyEvent] = [.began(ReplyHead(origin: origin, id: "id", model: "m", created: 1))]
        let body = self.body(count)
        events += body
        let choices = self == .choices ? count : 1
        for choice in 0..<choices { events.append(.stopped(choice: choice, Stop(.endTurn))) }
        events.append(.usage(Usage(.zero)))
        events.append(.ended)
        return events
    }

    private func body(_ count: Int) -> [ReplyEvent] {
        let piece = String(repeating: "All work. ", count: 200)
        switch self {
        case .texts: return one(.text(""), count) { _ in .text(piece) }
        case .thoughts: return one(Part(.reasoning(Reasoning())), count) { _ in .reasoning(piece) }
        case .summaries: return one(Part(.reasoning(Reasoning())), count) { .summary($0 / 100, piece) }
        case .refusals: return one(Part(.refusal("")), count) { _ in .text(piece) }
        case .arguments:
            return one(Part(.toolCall(ToolCall(id: "call_1", name: "f"))), count) {
                .arguments($0 == 0 ? "[\"" : $0 == count - 1 ? "\"]" : piece)
            }
        case .sounds:
            return one(Part(.media(Media(.audio, .base64("")))), count) { _ in
                .media(base64: String(repeating: "QUJD", count: 500))
            }
        case .bigEvent: return one(.text(""), 1) { _ in .text(String(repeating: piece, count: count)) }
        case .citations:
            return one(.text(""), count + 1) {
                $0 == 0
                    ? .text(String(repeating: piece, count: 20))
                    : .citation(Citation(url: "https://example.com/\($0)", title: "Page", citedText: "work"))
            }
        case .calls:
            return (0..<count).flatMap { number in
                call(number) + [arguments("{\"n\":\(number)}", number), .partEnded(PartPlace(part: number))]
            }
        case .openCalls, .brokenCalls:
            let begun = (0..<count).flatMap { number in
                let isBroken = self == .brokenCalls && number == 0
                return call(number) + [arguments(isBroken ? "{" : "{\"n\":", number)]
            }
            let more = (0..<count).map { arguments("\($0)}", $0) }
            return begun + more + (0..<count).map { .partEnded(PartPlace(part: $0)) }
        case .parts:
            return (0..<count).flatMap { number -> [ReplyEvent] in
                let place = PartPlace(part: number)
                let isText = number.isMultiple(of: 2)
                return [
                    .partBegan(place, isText ? .text("") : Part(.reasoning(Reasoning()))),
                    .delta(place, isText ? .text("Work.") : .reasoning("Play.")), .partEnded(place),
                ]
            }
        case .choices:
            let places = (0..<count).map { PartPlace(choice: $0, part: 0) }
            let deltas = (0..<6).flatMap { _ in places.map { ReplyEvent.delta($0, .text("Work. ")) } }
            return places.map { .partBegan($0, .text("")) } + deltas + places.map { .partEnded($0) }
        case .logprobs:
            let place = PartPlace(part: 0)
            let token: JSON = [
                "token": "work", "logprob": -0.5, "bytes": [119, 111, 114, 107],
                "top_logprobs": [["token": "work", "logprob": -0.5, "bytes": [119, 111, 114, 107]]],
            ]
            return [.partBegan(place, .text(""))]
                + (0..<count).flatMap { _ -> [ReplyEvent] in
                    [.delta(place, .text("work")), .logprobs(choice: 0, ["content": [token], "refusal": .null])]
                }
                + [.partEnded(place)]
        case .extras:
            return one(.text(""), count) { _ in .text("work") }
                + (0..<count).flatMap { number -> [ReplyEvent] in
                    [.extras(["new_\(number)": true]), .choiceExtras(choice: 0, ["new_\(number)": 1])]
                }
        }
    }

    private func one(_ part: Part, _ count: Int, _ delta: (Int) -> PartDelta) -> [ReplyEvent] {
        let place = PartPlace(part: 0)
        return [.partBegan(place, part)] + (0..<count).map { .delta(place, delta($0)) } + [.partEnded(place)]
    }

    private func call(_ number: Int) -> [ReplyEvent] {
        [.partBegan(PartPlace(part: number), Part(.toolCall(ToolCall(id: "call_\(number)", name: "f"))))]
    }

    private func arguments(_ more: String, _ number: Int) -> ReplyEvent {
        .delta(PartPlace(part: number), .arguments(more))
    }
}

@Suite("Eight times the answer is about eight times the work")
struct StreamGrowthTests {
    static let dialects = Dialect.allCases.filter { $0.codec != nil }

    static func written<Codec: DialectCodec>(_ codec: Codec.Type, _ events: [ReplyEvent]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        write(codec, events) { pieces.append($0) }
        return pieces
    }

    /// Hands each event's bytes out, as they go to a client, and keeps none.
    static func write<Codec: DialectCodec>(_ codec: Codec.Type, _ events: [ReplyEvent], _ body: ([UInt8]) -> Void) {
        let context = ReplyContext(
            model: "m", requestID: "r", created: 1, request: Conversation(origin: codec.dialect, model: "m"))
        var encoder = codec.streamEncoder(for: context)
        var writer = FrameWriter()
        for event in events {
            encoder.encode(event, into: &writer)
            if !writer.isEmpty { body(writer.take()) }
        }
    }

    static func read<Codec: DialectCodec>(_ codec: Codec.Type, _ pieces: [[UInt8]]) throws -> [ReplyEvent] {
        try CodecCheck<Codec>.events(of: pieces)
    }

    @Test("in a stream that a client of any dialect gets of a provider of another", arguments: StreamShape.allCases)
    func encoders(_ shape: StreamShape) throws {
        for dialect in Self.dialects {
            guard let codec = dialect.codec else { continue }
            let origin = dialect == .chatCompletions ? Dialect.messages : .chatCompletions
            try Growth.expectLinear("\(shape) to \(dialect)", shape.count) { count in
                let events = shape.events(count, origin: origin)
                return { Self.write(codec, events) { _ in } }
            }
        }
    }

    @Test("in a stream of any dialect, from its bytes to the whole answer", arguments: StreamShape.allCases)
    func decoders(_ shape: StreamShape) throws {
        for dialect in Self.dialects {
            guard let codec = dialect.codec else { continue }
            try Growth.expectLinear("\(shape) of \(dialect)", shape.count) { count in
                let pieces = Self.written(codec, shape.events(count, origin: dialect))
                return {
                    var assembler = ReplyAssembler(origin: dialect)
                    assembler.add(try Self.read(codec, pieces))
                }
            }
        }
    }

    @Test("in the assembler", arguments: StreamShape.allCases)
    func assembler(_ shape: StreamShape) throws {
        try Growth.expectLinear("\(shape)", shape.count * 4) { count in
            let events = shape.events(count, origin: .chatCompletions)
            return {
                var assembler = ReplyAssembler(origin: .chatCompletions)
                assembler.add(events)
            }
        }
    }

    @Test("in putting parts one after the other", arguments: StreamShape.allCases)
    func sequence(_ shape: StreamShape) throws {
        try Growth.expectLinear("\(shape)", shape.count * 4) { count in
            let events = shape.events(count, origin: .chatCompletions)
            return {
                var sequence = SequentialParts()
                var passed = 0
                for event in events { sequence.pass(event) { _ in passed += 1 } }
            }
        }
    }

    @Test("in a whole answer, read and written", arguments: StreamShape.allCases)
    func whole(_ shape: StreamShape) throws {
        for dialect in Self.dialects {
            guard let codec = dialect.codec else { continue }
            try Growth.expectLinear("whole \(shape) of \(dialect)", shape.count) { count in
                var assembler = ReplyAssembler(origin: dialect)
                assembler.add(shape.events(count, origin: dialect))
                let reply = assembler.reply
                let context = ReplyContext(
                    model: "m", requestID: "r", created: 1, request: Conversation(origin: dialect, model: "m"))
                return {
                    var losses = LossReport()
                    _ = try codec.decodeReply(codec.encodeReply(reply, for: context, &losses))
                }
            }
        }
    }

    @Test("in cutting a stream that comes byte by byte", arguments: [StreamFraming.sse, .lines, .array, .eventStream])
    func bytes(_ framing: StreamFraming) throws {
        for isOneEvent in [false, true] {
            try Growth.expectLinear("\(framing)", 4_000) { count in
                let text = String(repeating: "work ", count: count / 5)
                let document: JSON = ["text": .string(isOneEvent ? text : "work")]
                var writer = FrameWriter()
                for number in 0..<(isOneEvent ? 1 : count / 40) {
                    switch framing {
                    case .sse: writer.sse(document)
                    case .lines:
                        writer.json(document)
                        writer.text("\n")
                    case .array:
                        writer.text(number == 0 ? "[" : ",")
                        writer.json(document)
                    case .eventStream: writer.raw(EventStream.event("delta", document))
                    }
                }
                let bytes = writer.take()
                return {
                    var framer = StreamFramer(framing)
                    var frames: [StreamFrame] = []
                    try bytes.withUnsafeBytes { all in
                        for index in all.indices {
                            try framer.feed(UnsafeRawBufferPointer(rebasing: all[index...index]), into: &frames)
                        }
                    }
                    #expect(frames.count >= (isOneEvent ? 1 : count / 40 - 1))
                }
            }
        }
    }
}
