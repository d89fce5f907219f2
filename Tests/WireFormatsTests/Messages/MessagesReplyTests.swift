import JSONText
import Testing
import Units

@testable import WireFormats

/// Replies of every origin for a Messages client.
@Suite("Messages replies") struct MessagesReplyTests {
    private let context = ReplyContext(
        model: "mine", requestID: "r1", created: 1, request: Conversation(origin: .messages, model: "mine"))

    private func frames(_ events: [ReplyEvent]) throws -> ([(name: String, data: JSON)], LossReport) {
        var encoder = MessagesCodec.streamEncoder(for: context)
        var out = FrameWriter()
        for event in events { encoder.encode(event, into: &out) }
        let found = try collectEvents([out.bytes]).map { ($0.name, try JSON.parse($0.data ?? [])) }
        return (found, encoder.losses)
    }

    private var mixed: Reply {
        var reply = Reply(origin: .generateContent)
        reply.id = "x"
        var text = Part(.text(Text("Hi", citations: [Citation(url: "https://a", title: "A", citedText: "a")])))
        text.proof = Proof(.google, .signature, "T")
        reply.choices = [
            Reply.Choice(
                parts: [
                    Part(.reasoning(Reasoning("hm"))), text,
                    Part(
                        .toolCall(ToolCall(id: "c1", name: "f", arguments: #"{"a":1}"#)),
                        proof: Proof(.google, .signature, "C")),
                    Part(.toolCall(ToolCall(id: "c2", name: "g"))),
                    Part(.media(Media(.image, .base64("AAAA"), mediaType: "image/png"))),
                ], stop: Stop(.endTurn, native: "STOP"))
        ]
        reply.usage = Usage(TokenUsage(input: 100, cachedInput: 60, cacheWrite5m: 10, output: 7, reasoning: 2))
        return reply
    }

    @Test(
        "a page that Claude cites comes before the text, and supports all of it",
        arguments: [
            Dialect.chatCompletions, .responses,
        ])
    func citationsBeforeTheText(client: Dialect) throws {
        let citation: JSON = [
            "type": "web_search_result_location", "url": "https://n.test", "title": "N", "cited_text": "snow",
            "encrypted_index": "aWR4",
        ]
        let frames: [JSON] = [
            ["type": "message_start", "message": ["id": "msg_1", "model": "m", "content": []]],
            [
                "type": "content_block_start", "index": 0,
                "content_block": ["type": "text", "text": "", "citations": []],
            ],
            ["type": "content_block_delta", "index": 0, "delta": ["type": "citations_delta", "citation": citation]],
            ["type": "content_block_delta", "index": 0, "delta": ["type": "text_delta", "text": "Snow "]],
            ["type": "content_block_delta", "index": 0, "delta": ["type": "text_delta", "text": "fell."]],
            ["type": "content_block_stop", "index": 0],
            ["type": "message_delta", "delta": ["stop_reason": "end_turn"]], ["type": "message_stop"],
        ]
        var decoder = MessagesCodec.streamDecoder()
        var events: [ReplyEvent] = []
        for frame in frames { try decoder.decode(.json(frame, event: frame["type"]?.string), into: &events) }
        let context = ReplyContext(
            model: "m", requestID: "r1", created: 1, request: Conversation(origin: client, model: "m"))
        var encoder: any ReplyStreamEncoder = try #require(client.codec).streamEncoder(for: context)
        var out = FrameWriter()
        for event in events { encoder.encode(event, into: &out) }
        #expect(String(decoding: out.bytes, as: UTF8.self).contains(#""start_index":0,"end_index":10"#))
    }

    @Test("a reply of another dialect, whole") func whole() throws {
        var losses = LossReport()
        let body = MessagesCodec.encodeReply(mixed, for: context, &losses)
        #expect(body["id"] == "msg_x")
        #expect(body["model"] == "mine")
        #expect(body["stop_reason"] == "tool_use")
        #expect(
            body["content"]?.array?.map { $0["type"]?.string } == [
                "thinking", "redacted_thinking", "text", "redacted_thinking", "tool_use", "tool_use",
            ])
        #expect(body["content"]?[2]?["citations"]?[0]?["url"] == "https://a")
        #expect(body["content"]?[4]?["input"] == ["a": 1])
        #expect(body["content"]?[5]?["input"] == [:])
        #expect(
            body["usage"] == [
                "input_tokens": 30, "cache_creation_input_tokens": 10, "cache_read_input_tokens": 60,
                "cache_creation": ["ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 0],
                "output_tokens": 7, "output_tokens_details": ["thinking_tokens": 2],
            ])
        #expect(losses.dropped == ["image"])
        // Sent back by the client, proofs hang where they hung.
        let again: JSON = [
            "model": "m", "max_tokens": 1, "messages": [["role": "assistant", "content": body["content"] ?? .null]],
        ]
        let parts = try MessagesCodec.decodeRequest(again, at: RequestPlace()).turns[0].parts
        #expect(parts.map { $0.proof?.value } == [nil, "T", "C", nil])
    }

    @Test("the same as a stream: legal order, indices, and proofs that come back") func stream() throws {
        let (frames, losses) = try frames(mixed.events)
        #expect(losses.dropped == ["image"])
        for frame in frames { #expect(frame.data["type"] == .string(frame.name)) }
        #expect(frames.first?.name == "message_start")
        #expect(frames.first?.data["message"]?["usage"] == ["input_tokens": 0, "output_tokens": 0])
        #expect(frames.suffix(2).map(\.name) == ["message_delta", "message_stop"])
        let end = frames[frames.count - 2].data
        #expect(end["delta"]?["stop_reason"] == "tool_use")
        #expect(end["usage"]?["input_tokens"] == 30)
        // Blocks lie one after the other.
        var index: Int64 = 0
        var isOpen = false
        for frame in frames {
            switch frame.name {
            case "content_block_start":
                #expect(!isOpen && frame.data["index"] == .int(index))
                isOpen = true
            case "content_block_delta": #expect(isOpen && frame.data["index"] == .int(index))
            case "content_block_stop":
                #expect(isOpen)
                isOpen = false
                index += 1
            default: break
            }
        }
        // Decoded as an Anthropic client would, and sent back.
        var bytes = FrameWriter()
        var encoder = MessagesCodec.streamEncoder(for: context)
        for event in mixed.events { encoder.encode(event, into: &bytes) }
        let events = try CodecCheck<MessagesCodec>.events(of: [bytes.bytes])
        #expect(CodecCheck<MessagesCodec>.faults(in: events).isEmpty)
        let reply = CodecCheck<MessagesCodec>.assembled(events).reply
        var losses2 = LossReport()
        let body = MessagesCodec.encodeReply(reply, for: context, &losses2)
        let again: JSON = [
            "model": "m", "max_tokens": 1, "messages": [["role": "assistant", "content": body["content"] ?? .null]],
        ]
        let parts = try MessagesCodec.decodeRequest(again, at: RequestPlace()).turns[0].parts
        #expect(parts.map { $0.proof?.value } == [nil, "T", "C", nil])
        #expect(reply.usage?.tokens.input == 100)
    }

    @Test("calls that are open at once come one after the other; other choices are reported") func parallel() throws {
        let a = PartPlace(part: 0)
        let b = PartPlace(part: 1)
        let (frames, losses) = try frames([
            .keepAlive, .began(ReplyHead(origin: .chatCompletions, id: "chatcmpl-1")),
            .partBegan(a, Part(.toolCall(ToolCall(id: "1", name: "f")))),
            .partBegan(b, Part(.toolCall(ToolCall(id: "2", name: "g")))),
            .delta(b, .arguments("{}")), .delta(a, .arguments("{\"x\":")), .delta(a, .arguments("1}")),
            .partBegan(PartPlace(choice: 1, part: 0), .text("")), .delta(PartPlace(choice: 1, part: 0), .text("n")),
            .partEnded(PartPlace(choice: 1, part: 0)), .partEnded(a), .partEnded(b),
            .stopped(choice: 0, Stop(.toolUse)), .stopped(choice: 1, Stop(.endTurn)),
            .usage(Usage(TokenUsage(input: 5, output: 6))), .ended,
        ])
        #expect(losses.dropped == ["n"])
        #expect(
            frames.map(\.name) == [
                "ping", "message_start", "content_block_start", "content_block_delta", "content_block_delta",
                "content_block_stop", "content_block_start", "content_block_delta", "content_block_stop",
                "message_delta", "message_stop",
            ])
        #expect(frames[3].data["delta"] == ["type": "input_json_delta", "partial_json": "{\"x\":"])
        #expect(frames[9].data["usage"]?["input_tokens"] == 5)
    }

    @Test("a refusal is told as one; an empty answer has no empty block") func refusal() throws {
        let place = PartPlace(part: 0)
        let events: [ReplyEvent] = [
            .began(ReplyHead(origin: .responses)), .partBegan(place, Part(.refusal(""))), .delta(place, .text("No.")),
            .partEnded(place), .partBegan(PartPlace(part: 1), .text("")), .partEnded(PartPlace(part: 1)),
            .stopped(choice: 0, Stop(.refusal)), .ended,
        ]
        let (frames, _) = try frames(events)
        #expect(frames.filter { $0.name == "content_block_start" }.count == 1)
        #expect(frames[frames.count - 2].data["delta"]?["stop_reason"] == "refusal")
        let whole = CodecCheck<MessagesCodec>.assembled(events).reply
        var losses = LossReport()
        let body = MessagesCodec.encodeReply(whole, for: context, &losses)
        #expect(body["content"] == [["type": "text", "text": "No."]])
        #expect(body["stop_reason"] == "refusal")
    }

    @Test("summaries and encrypted thinking of Responses go through a Messages client") func encrypted() throws {
        let proof = Proof(.openAI, .encrypted, "E", itemID: "rs_1")
        var reply = Reply(origin: .responses)
        reply.choices = [
            Reply.Choice(parts: [
                Part(.reasoning(Reasoning(summaries: ["a", "b"], proof: proof))),
                Part(.reasoning(Reasoning(proof: proof))),
            ])
        ]
        for asStream in [false, true] {
            var content: JSON?
            if asStream {
                var out = FrameWriter()
                var encoder = MessagesCodec.streamEncoder(for: context)
                for event in reply.events { encoder.encode(event, into: &out) }
                let again = CodecCheck<MessagesCodec>.assembled(try CodecCheck<MessagesCodec>.events(of: [out.bytes]))
                var losses = LossReport()
                content = MessagesCodec.encodeReply(again.reply, for: context, &losses)["content"]
            } else {
                var losses = LossReport()
                content = MessagesCodec.encodeReply(reply, for: context, &losses)["content"]
            }
            #expect(content?[0]?["thinking"] == "a\n\nb")
            #expect(content?[1]?["type"] == "redacted_thinking")
            let body: JSON = ["model": "m", "messages": [["role": "assistant", "content": content ?? .null]]]
            let parts = try MessagesCodec.decodeRequest(body, at: RequestPlace()).turns[0].parts
            #expect(parts[0].reasoning == Reasoning(summaries: ["a", "b"], proof: proof))
            #expect(parts[1].reasoning == Reasoning(proof: proof))
        }
    }

    @Test("a search that OpenAI ran is shown, and does not go to Anthropic") func search() throws {
        var reply = Reply(origin: .responses)
        let native: JSON = [
            "type": "web_search_call", "id": "ws_1",
            "action": ["type": "search", "query": "q", "sources": [["type": "url", "url": "https://a"]]],
        ]
        let use = ServerToolUse(.webSearch, .both, id: "ws_1", native: native, nativeDialect: .responses)
        reply.choices = [Reply.Choice(parts: [Part(.serverTool(use)), .text("x")], stop: Stop(.endTurn))]
        var losses = LossReport()
        let body = MessagesCodec.encodeReply(reply, for: context, &losses)
        #expect(losses.isEmpty)
        #expect(
            body["content"]?.array?.map { $0["type"]?.string } == ["server_tool_use", "web_search_tool_result", "text"])
        let (frames, _) = try frames(reply.events)
        #expect(frames.filter { $0.name == "content_block_start" }.count == 3)
        let request: JSON = [
            "model": "m", "max_tokens": 1, "messages": [["role": "assistant", "content": body["content"] ?? .null]],
        ]
        let conversation = try MessagesCodec.decodeRequest(request, at: RequestPlace())
        let again = try MessagesCodec.encodeRequest(conversation, for: TargetFacts(model: "m"), &losses)
        #expect(again["messages"]?[0]?["content"] == [["type": "text", "text": "x"]])
        #expect(losses.dropped == ["server_tool_use"])
    }

    @Test("a failure after the first byte is an error event and nothing more") func failure() throws {
        var encoder = MessagesCodec.streamEncoder(for: context)
        var out = FrameWriter()
        encoder.encode(.began(ReplyHead(origin: .chatCompletions)), into: &out)
        encoder.encode(.partBegan(PartPlace(part: 0), .text("")), into: &out)
        encoder.encode(.delta(PartPlace(part: 0), .text("a")), into: &out)
        encoder.fail(GatewayErrorBody(message: "m", type: "server_error"), status: 529, into: &out)
        encoder.encode(.ended, into: &out)
        let events = try collectEvents([out.bytes])
        #expect(events.map(\.name) == ["message_start", "content_block_start", "content_block_delta", "error"])
        #expect(try JSON.parse(events[3].data ?? [])["error"]?["type"] == "overloaded_error")
        // And one that the provider reports in its stream.
        let text =
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"o\"}}\n\n"
        let decoded = try CodecCheck<MessagesCodec>.events(of: [Array(text.utf8)])
        #expect(decoded == [.failed(ProviderError(message: "o", type: "overloaded_error"))])
    }

    @Test("compaction is billed, though it stands beside the counts") func compaction() throws {
        let usage: JSON = [
            "input_tokens": 10, "output_tokens": 5, "cache_creation_input_tokens": 4, "cache_read_input_tokens": 3,
            "cache_creation": ["ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 3],
            "server_tool_use": ["web_search_requests": 2],
            "iterations": [
                ["type": "compaction", "input_tokens": 100, "output_tokens": 20],
                ["type": "message", "input_tokens": 10],
            ],
        ]
        let tokens = MessagesReplyDecoder.usage(usage)?.tokens
        #expect(tokens?.input == 117)
        #expect(tokens?.output == 25)
        #expect(tokens?.cacheWrite5m == 1)
        #expect(tokens?.cacheWrite1h == 3)
        #expect(tokens?.cachedInput == 3)
        #expect(tokens?.searches == 2)
    }

    @Test("what an advisor used is another model's, in no sum of the one that was asked") func advisor() throws {
        // As recorded (102c5c9df970765e of the corpus).
        let usage: JSON = [
            "input_tokens": 2482, "output_tokens": 166, "output_tokens_details": ["thinking_tokens": 71],
            "iterations": [
                ["type": "message", "input_tokens": 1128, "output_tokens": 155],
                [
                    "type": "advisor_message", "model": "claude-fable-5", "input_tokens": 2500, "output_tokens": 99,
                    "cache_read_input_tokens": 64, "cache_creation_input_tokens": 0,
                ],
                ["type": "message", "input_tokens": 1354, "output_tokens": 11],
            ],
        ]
        let advice = TokenUsage(input: 2564, cachedInput: 64, output: 99)
        let whole = try MessagesCodec.decodeReply(["content": [], "usage": usage]).usage?.tokens
        #expect(whole?.input == 2482 && whole?.output == 166)
        #expect(whole?.others == [OtherModelUsage(model: "claude-fable-5", tokens: advice)])
        let passing = JSON.object(["content": [], "usage": usage]).serialized()
        #expect(DialectReply.usage(fromWhole: passing, dialect: .messages) == whole)
        // At the end of a stream; the beginning told of the first pass.
        let end = "data: \(text(["type": "message_delta", "delta": ["stop_reason": "end_turn"], "usage": usage]))\n\n"
        let events = try CodecCheck<MessagesCodec>.events(of: [
            Array(#"data: {"type":"message_start","message":{"usage":{"input_tokens":1128,"output_tokens":1}}}"#.utf8)
                + Array("\n\n\(end)".utf8)
        ])
        let told = events.compactMap { event -> TokenUsage? in
            if case .usage(let usage) = event { return usage.tokens }
            return nil
        }
        #expect(told.last == whole)
        var stream = DialectStream(dialect: .messages)
        var parser = SSEParser()
        try Array(end.utf8).withUnsafeBytes { try parser.feed($0) { _ = stream.read($0) } }
        #expect(stream.usage?.others == whole?.others)
        var absurd = try #require(whole)
        #expect(absurd.isPlausible)
        absurd.others?[0].tokens.output = 200_000_000
        #expect(!absurd.isPlausible)
    }

    private func text(_ value: JSON) -> String { String(decoding: value.serialized(), as: UTF8.self) }

    @Test(
        "streams that are cut or broken do not claim to be complete",
        arguments: [
            (#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}"#, true),
            (#"{"type":"content_block_start","index":0}"#, true), (#"{"type":"message_start","message":{}}"#, false),
            (#"{"type":"new_event","x":1}"#, false), (#"{"type":"content_block_stop","index":9}"#, false),
        ])
    func broken(data: String, throwsError: Bool) throws {
        let bytes = Array("data: \(data)\n\n".utf8)
        if throwsError {
            #expect(throws: ReplyError.self) { try CodecCheck<MessagesCodec>.events(of: [bytes]) }
        } else {
            #expect(try !CodecCheck<MessagesCodec>.events(of: [bytes]).contains(.ended))
        }
        #expect(throws: ReplyError.self) { try MessagesCodec.decodeReply(["content": "x"]) }
    }
}
