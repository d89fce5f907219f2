import JSONText
import Testing
import WireFormats

@Suite("Converse streams")
struct ConverseStreamTests {
    struct Frame: Equatable {
        var name: String
        var payload: JSON
    }

    static func bytes(_ events: [ReplyEvent], _ context: ReplyContext = ConverseReplyTests.context()) -> [UInt8] {
        var encoder = ConverseCodec.streamEncoder(for: context)
        var out = FrameWriter()
        for event in events { encoder.encode(event, into: &out) }
        return out.take()
    }

    static func read(_ bytes: [UInt8]) throws -> [Frame] {
        var parser = EventStreamParser()
        var frames: [Frame] = []
        try bytes.withUnsafeBytes { bytes in
            try parser.feed(bytes) { message in
                let name = message.header(":event-type") ?? message.header(":exception-type") ?? "?"
                frames.append(Frame(name: name, payload: (try? JSON.parse(message.payload)) ?? .null))
            }
        }
        return frames
    }

    static func frames(
        _ events: [ReplyEvent], _ context: ReplyContext = ConverseReplyTests.context()
    ) throws -> [Frame] { try read(bytes(events, context)) }

    /// What an AWS SDK's user puts together from a stream to send it back.
    static func blocks(_ frames: [Frame]) -> [JSON] {
        var blocks: [Int64: JSON] = [:]
        for frame in frames {
            guard let index = frame.payload["contentBlockIndex"]?.int else { continue }
            if let tool = frame.payload["start"]?["toolUse"] { blocks[index] = ["toolUse": tool] }
            guard let delta = frame.payload["delta"] else { continue }
            if let text = delta["text"]?.string {
                blocks[index] = ["text": .string((blocks[index]?["text"]?.string ?? "") + text)]
            } else if let reasoning = delta["reasoningContent"] {
                if reasoning["redactedContent"] != nil {
                    blocks[index] = ["reasoningContent": reasoning]
                } else {
                    var visible = blocks[index]?["reasoningContent"]?["reasoningText"] ?? ["text": ""]
                    if let text = reasoning["text"]?.string {
                        visible["text"] = .string((visible["text"]?.string ?? "") + text)
                    }
                    if let signature = reasoning["signature"] { visible["signature"] = signature }
                    blocks[index] = ["reasoningContent": ["reasoningText": visible]]
                }
            }
        }
        return blocks.sorted { $0.key < $1.key }.map(\.value)
    }

    /// One start at most, deltas and one stop for each index, one block open at a time, indices in order.
    static func faults(_ frames: [Frame]) -> [String] {
        var faults: [String] = []
        if frames.first?.name != "messageStart" { faults.append("no messageStart first") }
        var open: Int64?
        var next: Int64 = 0
        for frame in frames.dropFirst() {
            let index = frame.payload["contentBlockIndex"]?.int
            switch frame.name {
            case "contentBlockStart", "contentBlockDelta":
                if frame.payload["delta"]?["toolUse"] != nil, open != index {
                    faults.append("arguments before a start")
                }
                if index == next, open == nil {
                    open = next
                    next += 1
                } else if index != open || frame.name == "contentBlockStart" {
                    faults.append("\(frame) while \(open ?? -1) is open")
                }
            case "contentBlockStop":
                if index != open { faults.append("\(frame) while \(open ?? -1) is open") }
                open = nil
            case "messageStop", "metadata": if open != nil { faults.append("\(frame.name) with an open block") }
            default: break
            }
        }
        if frames.suffix(2).map(\.name) != ["messageStop", "metadata"] { faults.append("no end") }
        return faults
    }

    @Test("an answer of another origin, frame by frame")
    func foreign() throws {
        let events: [ReplyEvent] = [
            .began(ReplyHead(origin: .chatCompletions, id: "x", model: "gpt")), .keepAlive,
            .partBegan(PartPlace(part: 0), Part(.reasoning(Reasoning()))),
            .delta(PartPlace(part: 0), .summary(0, "one")), .delta(PartPlace(part: 0), .summary(1, "two")),
            .delta(PartPlace(part: 0), .proof(Proof(.anthropic, .signature, "sig"))), .partEnded(PartPlace(part: 0)),
            .partBegan(PartPlace(part: 1), Part(.text(Text("")))), .delta(PartPlace(part: 1), .text("Hel")),
            .delta(PartPlace(part: 1), .text("lo")), .partEnded(PartPlace(part: 1)),
            .partBegan(PartPlace(part: 2), Part(.text(Text("")))), .partEnded(PartPlace(part: 2)),
            .partBegan(PartPlace(part: 3), Part(.toolCall(ToolCall(id: "c", name: "look")))),
            .partEnded(PartPlace(part: 3)), .stopped(choice: 0, Stop(.toolUse, native: "tool_calls")),
            .usage(Usage(TokenUsage(input: 10, output: 2))), .ended,
        ]
        let frames = try Self.frames(events)
        let expected: [(String, String)] = [
            ("messageStart", #"{"role":"assistant"}"#),
            ("contentBlockDelta", #"{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"one"}}}"#),
            ("contentBlockDelta", #"{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"\n\ntwo"}}}"#),
            ("contentBlockDelta", #"{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"sig"}}}"#),
            ("contentBlockStop", #"{"contentBlockIndex":0}"#),
            ("contentBlockDelta", #"{"contentBlockIndex":1,"delta":{"text":"Hel"}}"#),
            ("contentBlockDelta", #"{"contentBlockIndex":1,"delta":{"text":"lo"}}"#),
            ("contentBlockStop", #"{"contentBlockIndex":1}"#),
            ("contentBlockStart", #"{"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"c","name":"look"}}}"#),
            ("contentBlockDelta", #"{"contentBlockIndex":2,"delta":{"toolUse":{"input":"{}"}}}"#),
            ("contentBlockStop", #"{"contentBlockIndex":2}"#), ("messageStop", #"{"stopReason":"tool_use"}"#),
            (
                "metadata",
                #"{"usage":{"inputTokens":10,"outputTokens":2,"totalTokens":12},"metrics":{"latencyMs":0}}"#
            ),
        ]
        #expect(frames == (try expected.map { Frame(name: $0.0, payload: try JSON.parse($0.1)) }))
        #expect(Self.faults(frames).isEmpty, "\(Self.faults(frames))")
    }

    @Test("several open parts go out one after the other, other choices not at all")
    func parallelParts() throws {
        let a = PartPlace(part: 0)
        let b = PartPlace(part: 1)
        let events: [ReplyEvent] = [
            .began(ReplyHead(origin: .chatCompletions)),
            .partBegan(a, Part(.toolCall(ToolCall(id: "a", name: "x")))),
            .partBegan(b, Part(.toolCall(ToolCall(id: "b", name: "y")))), .delta(b, .arguments("{\"b\":")),
            .partBegan(PartPlace(choice: 1, part: 0), Part(.text(Text("")))),
            .delta(PartPlace(choice: 1, part: 0), .text("other")), .delta(a, .arguments("{\"a\":1}")),
            .delta(b, .arguments("2}")), .partEnded(PartPlace(choice: 1, part: 0)), .partEnded(b), .partEnded(a),
            .stopped(choice: 1, Stop(.endTurn)), .stopped(choice: 0, Stop(.toolUse)), .ended,
        ]
        var encoder = ConverseCodec.streamEncoder(for: ConverseReplyTests.context())
        var out = FrameWriter()
        for event in events { encoder.encode(event, into: &out) }
        let frames = try Self.read(out.take())
        #expect(Self.faults(frames).isEmpty, "\(Self.faults(frames))")
        #expect(encoder.losses.dropped == ["n"])
        let inputs = frames.compactMap { $0.payload["delta"]?["toolUse"]?["input"]?.string }.joined()
        #expect(inputs == "{\"a\":1}{\"b\":2}")
    }

    @Test("every kind of part is legal, and is read again as what it was")
    func everyPart() throws {
        let frames = try Self.frames(ConverseReplyTests.foreign.events)
        #expect(Self.faults(frames).isEmpty, "\(Self.faults(frames))")
        let events = try CodecCheck<ConverseCodec>.events(of: [Self.bytes(ConverseReplyTests.foreign.events)])
        #expect(CodecCheck<ConverseCodec>.faults(in: events).isEmpty)
        let reply = CodecCheck<ConverseCodec>.assembled(events).reply
        #expect(reply.choices[0].parts.compactMap(\.toolCall).map(\.arguments) == ["{\"x\":1}", "broken"])
        #expect(reply.choices[0].parts.contains { if case .media = $0.content { true } else { false } })
        #expect(reply.usage?.tokens.total == 107)
    }

    @Test("a failure after the first byte is an exception, and nothing claims an end")
    func failure() throws {
        for (status, name) in [
            (429, "throttlingException"), (400, "validationException"), (503, "serviceUnavailableException"),
            (529, "serviceUnavailableException"), (502, "internalServerException"), (500, "internalServerException"),
            (504, "modelStreamErrorException"),
        ] {
            var encoder = ConverseCodec.streamEncoder(for: ConverseReplyTests.context())
            var out = FrameWriter()
            encoder.encode(.began(ReplyHead(origin: .messages)), into: &out)
            let error = GatewayErrorBody(message: "sorry", type: "server_error")
            encoder.fail(error, status: status, into: &out)
            encoder.encode(.ended, into: &out)
            let frames = try Self.read(out.take())
            #expect(frames.map(\.name) == ["messageStart", name])
            #expect(frames.last?.payload == ["message": "sorry"])
            // Where bytes pass it has the same name.
            #expect(try Self.read(error.converseEvent(status: status)).map(\.name) == [name])
        }
    }

    @Test("an exception of Bedrock's ends the events as a failure")
    func exceptions() throws {
        let bytes =
            EventStream.event("messageStart", ["role": "assistant"])
            + EventStream.exception("throttlingException", ["message": "slow down"])
            + EventStream.event("messageStop", ["stopReason": "end_turn"])
        let events = try CodecCheck<ConverseCodec>.events(of: [bytes])
        #expect(events.last == .failed(ProviderError(message: "slow down", type: "throttlingException")))
        #expect(events.count == 2)
    }

    @Test("a stream that was cut has no end; one without metadata ends after messageStop")
    func ends() throws {
        let start = EventStream.event("messageStart", ["role": "assistant"])
        let text = EventStream.event("contentBlockDelta", ["contentBlockIndex": 0, "delta": ["text": "a"]])
        let stop = EventStream.event("messageStop", ["stopReason": "end_turn"])
        #expect(try CodecCheck<ConverseCodec>.events(of: [start + text]).last != .ended)
        #expect(try CodecCheck<ConverseCodec>.events(of: [start + text + stop]).last == .ended)
    }

    @Test("how much was thinking stands at the stop, before the counts of which it is a part")
    func thinkingTokens() throws {
        let bytes =
            EventStream.event("messageStart", ["role": "assistant"])
            + EventStream.event(
                "messageStop",
                [
                    "stopReason": "end_turn",
                    "additionalModelResponseFields": ["usage": ["output_tokens_details": ["thinking_tokens": 40]]],
                ])
            + EventStream.event("metadata", ["usage": ["inputTokens": 10, "outputTokens": 50, "totalTokens": 60]])
        let reply = CodecCheck<ConverseCodec>.assembled(try CodecCheck<ConverseCodec>.events(of: [bytes])).reply
        #expect(reply.usage?.tokens.reasoning == 40 && reply.usage?.tokens.output == 50)
    }

    @Test("pieces of a redacted thought are one, a signature too, and another kind under one index is another part")
    func pieces() throws {
        let deltas: [JSON] = [
            ["reasoningContent": ["redactedContent": "YWI="]], ["reasoningContent": ["redactedContent": "Yw=="]],
            ["reasoningContent": ["text": "t"]], ["reasoningContent": ["signature": "s1"]],
            ["reasoningContent": ["signature": "s2"]], ["text": "x"],
            ["citation": ["title": "T", "location": ["web": ["url": "u"]]]],
        ]
        let bytes =
            deltas.flatMap { EventStream.event("contentBlockDelta", ["contentBlockIndex": 0, "delta": $0]) }
            + EventStream.event("messageStop", ["stopReason": "end_turn"])
        let events = try CodecCheck<ConverseCodec>.events(of: [bytes])
        #expect(CodecCheck<ConverseCodec>.faults(in: events).isEmpty)
        let parts = CodecCheck<ConverseCodec>.assembled(events).reply.choices[0].parts
        #expect(parts.count == 3)
        #expect(parts[0].reasoning == Reasoning(proof: Proof(.anthropic, .encrypted, "abc"), isRedacted: true))
        #expect(parts[1].reasoning == Reasoning("t", proof: Proof(.anthropic, .signature, "s1s2")))
        guard case .text(let text) = parts[2].content else { throw ReplyError.malformed("no text") }
        #expect(text.text == "x" && text.citations.first?.url == "u")
    }

    @Test(
        "frames that make no sense are errors, and no crash",
        arguments: [
            #"{"delta":{"text":"x"}}"#, #"{"contentBlockIndex":"0","delta":{"text":"x"}}"#, #"{"contentBlockIndex":0}"#,
            #"{"contentBlockIndex":0,"delta":{"text":1}}"#,
            #"{"contentBlockIndex":0,"delta":{"toolUse":{"input":"x"}}}"#,
            #"{"contentBlockIndex":0,"delta":{"reasoningContent":{"redactedContent":"***"}}}"#, "[]", "1",
        ])
    func malformed(payload: String) throws {
        var decoder = ConverseCodec.streamDecoder()
        var events: [ReplyEvent] = []
        let body = try JSON.parse(payload)
        #expect(throws: ReplyError.self) { try decoder.decode(.json(body, event: "contentBlockDelta"), into: &events) }
    }
}
