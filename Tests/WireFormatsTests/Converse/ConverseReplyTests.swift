import JSONText
import Testing
import WireFormats

@Suite("Converse replies")
struct ConverseReplyTests {
    static func context(_ change: (inout Conversation) -> Void = { _ in }) -> ReplyContext {
        var request = Conversation(origin: .converse, model: "m")
        change(&request)
        return ReplyContext(model: "m", requestID: "req_1", created: 1, request: request)
    }

    /// An answer of another provider with all that an answer may hold.
    static var foreign: Reply {
        var reply = Reply(origin: .generateContent)
        var choice = Reply.Choice()
        choice.parts = [
            Part(.reasoning(Reasoning("because", proof: Proof(.openAI, .encrypted, "enc", itemID: "rs_1")))),
            Part(
                .text(Text("See", citations: [Citation(url: "https://e.com", title: "E")])),
                proof: Proof(.google, .signature, "g")),
            .text(""), Part(.refusal("No.")),
            Part(.media(Media(.image, .base64("iVBORw0K"), mediaType: "image/png"))),
            Part(.media(Media(.audio, .base64("AAAA"), mediaType: "audio/wav"))),
            Part(
                .serverTool(
                    ServerToolUse(.webSearch, .both, native: ["type": "web_search_call"], nativeDialect: .responses))),
            Part(.toolCall(ToolCall(id: "id|1", name: "look", arguments: "{\"x\":1}"))),
            Part(.toolCall(ToolCall(id: "id2", name: "look", arguments: "broken"))),
        ]
        choice.stop = Stop(.endTurn, native: "STOP")
        choice.logprobs = ["content": []]
        reply.choices = [choice, Reply.Choice(index: 1)]
        var tokens = TokenUsage(input: 100, cachedInput: 20, cacheWrite5m: 5, cacheWrite1h: 10, output: 7)
        tokens.reasoning = 3
        reply.usage = Usage(tokens)
        reply.extras["modelVersion"] = "x"
        return reply
    }

    @Test("a reply of another origin has legal blocks, and what has no place is reported")
    func foreignReply() throws {
        var losses = LossReport()
        let body = ConverseCodec.encodeReply(Self.foreign, for: Self.context(), &losses)
        let envelope = Base64.encoded(
            Array(ProofEnvelope.wrapped(.init(Proof(.google, .signature, "g"), belongsToNext: true)).utf8))
        let signature = ProofEnvelope.wrapped(.init(Proof(.openAI, .encrypted, "enc", itemID: "rs_1")))
        let expected: JSON = [
            "output": [
                "message": [
                    "role": "assistant",
                    "content": [
                        ["reasoningContent": ["reasoningText": ["text": "because", "signature": .string(signature)]]],
                        ["reasoningContent": ["redactedContent": .string(envelope)]],
                        [
                            "citationsContent": [
                                "content": [["text": "See"]],
                                "citations": [
                                    [
                                        "title": "E", "source": "https://e.com",
                                        "location": ["web": ["url": "https://e.com"]],
                                    ]
                                ],
                            ]
                        ], ["text": "No."], ["image": ["format": "png", "source": ["bytes": "iVBORw0K"]]],
                        ["toolUse": ["toolUseId": .string(ToolIDs.legal("id|1")), "name": "look", "input": ["x": 1]]],
                        ["toolUse": ["toolUseId": "id2", "name": "look", "input": ["_raw": "broken"]]],
                    ],
                ]
            ], "stopReason": "tool_use",
            "usage": [
                "inputTokens": 65, "outputTokens": 7, "totalTokens": 107, "cacheReadInputTokens": 20,
                "cacheWriteInputTokens": 15,
                "cacheDetails": [["ttl": "1h", "inputTokens": 10], ["ttl": "5m", "inputTokens": 5]],
            ], "metrics": ["latencyMs": 0],
        ]
        #expect(firstDifference(expected, body) == nil, "\(firstDifference(expected, body) ?? "")")
        #expect(Set(losses.dropped) == ["n", "audio", "server_tool_use", "logprobs"])
    }

    @Test("proofs of other providers come back from a Converse client to the part on which they hung")
    func proofsComeBack() throws {
        var losses = LossReport()
        let body = ConverseCodec.encodeReply(Self.foreign, for: Self.context(), &losses)
        let message = try #require(body["output"]?["message"])
        let read = try ConverseCodec.decodeRequest(["messages": [message]], at: RequestPlace(model: "m"))
        #expect(read.turns[0].parts[0].reasoning?.proof == Proof(.openAI, .encrypted, "enc", itemID: "rs_1"))
        #expect(read.turns[0].parts[1].text == "See")
        #expect(read.turns[0].parts[1].proof == Proof(.google, .signature, "g"))
        // A stream learns of it later.
        let stream = try ConverseStreamTests.frames(Self.foreign.events)
        let blocks = ConverseStreamTests.blocks(stream)
        let again = try ConverseCodec.decodeRequest(
            ["messages": [["role": "assistant", "content": .array(blocks)]]], at: RequestPlace(model: "m"))
        #expect(again.turns[0].parts.contains { $0.text == "See" && $0.proof == Proof(.google, .signature, "g") })
        #expect(again.turns[0].parts[0].reasoning?.proof?.origin == .openAI)
    }

    @Test("names that were shortened for a provider are the client's own again")
    func names() throws {
        let long = String(repeating: "x", count: 90)
        let context = Self.context { $0.tools = [Tool(.function(FunctionTool(name: long)))] }
        var reply = Reply(origin: .chatCompletions)
        reply.choices = [Reply.Choice(parts: [Part(.toolCall(ToolCall(id: "1", name: ToolIDs.legal(long))))])]
        var losses = LossReport()
        let body = ConverseCodec.encodeReply(reply, for: context, &losses)
        #expect(body["output"]?["message"]?["content"]?[0]?["toolUse"]?["name"]?.string == long)
        let start = try ConverseStreamTests.frames(reply.events, context)[1]
        #expect(start.payload["start"]?["toolUse"]?["name"]?.string == long)
    }

    @Test(
        "why an answer ended, in both directions",
        arguments: [
            ("end_turn", Stop.Reason.endTurn), ("tool_use", .toolUse), ("max_tokens", .maxTokens),
            ("stop_sequence", .stopSequence), ("guardrail_intervened", .contentFilter),
            ("content_filtered", .contentFilter), ("model_context_window_exceeded", .contextWindow),
            ("malformed_tool_use", .malformedToolCall), ("malformed_model_output", .malformedToolCall),
            ("brand_new", .other),
        ])
    func stops(word: String, reason: Stop.Reason) throws {
        let body: JSON = ["output": ["message": ["role": "assistant", "content": []]], "stopReason": .string(word)]
        let reply = try ConverseCodec.decodeReply(body)
        #expect(reply.choices[0].stop == Stop(reason, native: word))
        var losses = LossReport()
        #expect(ConverseCodec.encodeReply(reply, for: Self.context(), &losses)["stopReason"]?.string == word)
    }

    @Test("which stop sequence fired is read from the fields that were asked for")
    func stopSequence() throws {
        let body: JSON = [
            "output": ["message": ["role": "assistant", "content": [["text": "a"]]]], "stopReason": "stop_sequence",
            "additionalModelResponseFields": ["stop_sequence": "END"],
        ]
        let reply = try ConverseCodec.decodeReply(body)
        #expect(reply.choices[0].stop?.sequence == "END" && reply.extras.isEmpty)
        var losses = LossReport()
        #expect(ConverseCodec.encodeReply(reply, for: Self.context(), &losses) == body)
    }

    @Test("usage: cache reads and writes are apart from inputTokens")
    func usage() throws {
        let body = try JSON.parse(
            """
            {"output":{"message":{"role":"assistant","content":[]}},"usage":{"inputTokens":10,"outputTokens":5,"totalTokens":125,
             "cacheReadInputTokens":80,"cacheWriteInputTokens":30,"cacheDetails":[{"ttl":"1h","inputTokens":20},{"ttl":"5m","inputTokens":10}]}}
            """)
        let tokens = try #require(try ConverseCodec.decodeReply(body).usage?.tokens)
        #expect(tokens.input == 120 && tokens.cachedInput == 80 && tokens.output == 5 && tokens.total == 125)
        #expect(tokens.cacheWrite1h == 20 && tokens.cacheWrite5m == 10 && tokens.plainInput == 10)
    }

    @Test("how much was thinking is read from the fields that were asked for, and stays there for a client of Converse")
    func thinkingTokens() throws {
        let body = try JSON.parse(
            """
            {"output":{"message":{"role":"assistant","content":[]}},"stopReason":"end_turn",
             "usage":{"inputTokens":10,"outputTokens":50,"totalTokens":60},
             "additionalModelResponseFields":{"usage":{"output_tokens_details":{"thinking_tokens":40}}}}
            """)
        let reply = try ConverseCodec.decodeReply(body)
        #expect(reply.usage?.tokens.reasoning == 40 && reply.usage?.tokens.output == 50)
        var losses = LossReport()
        #expect(ConverseCodec.encodeReply(reply, for: Self.context(), &losses) == body)
    }

    @Test("unknown blocks and members stay; what is malformed is an error and no crash")
    func liberal() throws {
        let body = try JSON.parse(
            """
            {"output":{"message":{"role":"assistant","content":[{"hologram":{"x":1}},{"text":"a"}],"mood":"good"}},
             "stopReason":"end_turn","weather":"fine"}
            """)
        let reply = try ConverseCodec.decodeReply(body)
        #expect(reply.choices[0].parts[0].content == .native(["hologram": ["x": 1]]))
        #expect(reply.choices[0].extras == ["mood": "good"] && reply.extras == ["weather": "fine"])
        for text in [
            #"{"output":{"message":{"content":{}}}}"#, #"{"output":{"message":{"content":[{"text":1}]}}}"#, "[]", "{}",
        ] {
            #expect(throws: ReplyError.self) { try ConverseCodec.decodeReply(try JSON.parse(text)) }
        }
        #expect(throws: ReplyError.failed(ProviderError(message: "no"))) {
            try ConverseCodec.decodeReply(["message": "no"])
        }
    }
}
