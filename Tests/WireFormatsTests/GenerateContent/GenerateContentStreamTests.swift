import JSONText
import TestSupport
import Testing
import Units
import WireFormats

/// Streams both ways.
@Suite("generateContent: streams")
struct GenerateContentStreamTests {
    typealias Check = CodecCheck<GenerateContentCodec>

    private func context(asArray: Bool = false) -> ReplyContext {
        var context = ReplyContext(
            model: "asked", requestID: "req_1", created: 7,
            request: Conversation(origin: .generateContent, model: "asked"))
        context.streamsAsArray = asArray
        return context
    }

    private func encoded(_ events: [ReplyEvent], asArray: Bool = false) -> (text: String, losses: LossReport) {
        var encoder = GenerateContentCodec.streamEncoder(for: context(asArray: asArray))
        var frames = FrameWriter()
        for event in events { encoder.encode(event, into: &frames) }
        return (String(decoding: frames.bytes, as: UTF8.self), encoder.losses)
    }

    private func chunk(_ candidates: String, _ rest: String = "") -> String {
        #"data: {"candidates":[\#(candidates)],\#(rest)"modelVersion":"asked","responseId":"msg_1"}"# + "\n\n"
    }

    private func stream(_ parts: [String], finish: String = #""finishReason":"STOP""#) -> [UInt8] {
        var text = ""
        for part in parts {
            text +=
                #"data: {"candidates":[{"content":{"parts":[\#(part)],"role":"model"}}],"responseId":"r"}"# + "\r\n\r\n"
        }
        text += #"data: {"candidates":[{"content":{},\#(finish)}],"usageMetadata":{"promptTokenCount":3}}"# + "\r\n\r\n"
        return Array(text.utf8)
    }

    private func assembled(_ parts: [String]) throws -> Reply {
        var fuzz = SeededRandom.fresh("generateContent")
        let events = try Check.checkStream(stream(parts), &fuzz, "own")
        let whole = Check.assembled(events)
        #expect(whole.isComplete)
        return whole.reply
    }

    // MARK: - Reading

    @Test("arguments that come in pieces fold to whole JSON")
    func partialArguments() throws {
        let reply = try assembled([
            #"{"functionCall":{"name":"f","id":"c1","willContinue":true},"thoughtSignature":"c2ln"}"#,
            #"{"functionCall":{"partialArgs":[{"jsonPath":"$.a[0].text","stringValue":"He","willContinue":true}],"willContinue":true}}"#,
            #"{"functionCall":{"partialArgs":[{"jsonPath":"$.a[0].text","stringValue":"llo"}],"willContinue":true}}"#,
            #"{"functionCall":{"partialArgs":[{"jsonPath":"$.a[1].n","numberValue":2.0},{"jsonPath":"$['b c']","boolValue":true},{"jsonPath":"$.d","nullValue":"NULL_VALUE"}],"willContinue":true}}"#,
            #"{"functionCall":{}}"#, #"{"functionCall":{"name":"g"}}"#,
        ])
        let calls = reply.choices[0].parts.compactMap(\.toolCall)
        #expect(calls.count == 2)
        #expect(calls[0].arguments == #"{"a":[{"text":"Hello"},{"n":2}],"b c":true,"d":null}"#)
        #expect(calls[0].id == "c1")
        #expect(reply.choices[0].parts[0].proof == Proof(.google, .signature, "c2ln"))
        #expect(calls[1].arguments.isEmpty)
        #expect(!calls[1].id.isEmpty && calls[1].id != calls[0].id)
        #expect(reply.choices[0].stop == Stop(.toolUse, native: "STOP"))
    }

    @Test("a call in pieces ends with whatever comes next, at the latest with the stream")
    func unfinishedPieces() throws {
        let reply = try assembled([
            #"{"functionCall":{"name":"f","willContinue":true}}"#,
            #"{"functionCall":{"partialArgs":[{"jsonPath":"$.x","stringValue":"1","willContinue":true}],"willContinue":true}}"#,
            #"{"text":"so"}"#, #"{"functionCall":{"name":"g","willContinue":true}}"#,
        ])
        #expect(reply.choices[0].parts.map { $0.toolCall?.arguments } == [#"{"x":"1"}"#, nil, "{}"])
    }

    @Test("long arguments and long answers take time by their length")
    func longStreams() throws {
        var decoder = GenerateContentCodec.streamDecoder()
        var encoder = GenerateContentCodec.streamEncoder(for: context())
        var frames = FrameWriter()
        var events: [ReplyEvent] = []
        func part(_ part: JSON) -> StreamFrame {
            .json(["candidates": [["content": ["parts": [part]]]]], event: nil)
        }
        try decoder.decode(part(["functionCall": ["name": "f", "willContinue": true]]), into: &events)
        for index in 0..<20_000 {
            let pieces: JSON = [
                ["jsonPath": .string("$.a[\(index)]"), "stringValue": "x"],
                ["jsonPath": "$.long", "stringValue": "0123456789", "willContinue": true],
            ]
            try decoder.decode(part(["functionCall": ["partialArgs": pieces, "willContinue": true]]), into: &events)
        }
        for _ in 0..<20_000 { try decoder.decode(part(["text": "0123456789"]), into: &events) }
        try decoder.decode(.json(["candidates": [["finishReason": "STOP"]]], event: nil), into: &events)
        decoder.finish(into: &events)
        for event in events { encoder.encode(event, into: &frames) }
        let reply = Check.assembled(events).reply
        #expect(reply.choices[0].parts[0].toolCall?.argumentsObject["a"]?.array?.count == 20_000)
        #expect(reply.choices[0].parts[0].toolCall?.argumentsObject["long"]?.string?.utf8.count == 200_000)
        #expect(reply.choices[0].parts[1].text?.utf8.count == 200_000)
    }

    @Test("texts are one part, thoughts another, a signed text its own")
    func parts() throws {
        let reply = try assembled([
            #"{"text":"a","thought":true}"#, #"{"text":"b","thought":true},{"text":"c"}"#, #"{"text":"d"}"#,
            #"{"text":""}"#,
            #"{"text":"","thoughtSignature":"c2ln"}"#, #"{"text":"e"}"#,
        ])
        #expect(
            reply.choices[0].parts == [
                Part(.reasoning(Reasoning("ab"))), .text("cd"),
                Part(.text(Text("")), proof: Proof(.google, .signature, "c2ln")), .text("e"),
            ])
        #expect(reply.usage?.tokens.input == 3)
    }

    @Test("the last usage counts in snake_case, too")
    func runningUsageInSnakeCase() throws {
        var decoder = GenerateContentCodec.streamDecoder()
        var events: [ReplyEvent] = []
        for output: JSON in [1, 3] {
            let usage: JSON = ["prompt_token_count": 7, "candidates_token_count": output]
            let content: JSON = ["parts": [["text": "a"]]]
            try decoder.decode(
                .json(["candidates": [["content": content]], "usage_metadata": usage], event: nil), into: &events)
        }
        #expect(decoder.runningUsage == TokenUsage(input: 7, output: 3))
    }

    @Test("what each chunk tells of the usage is known before the end, and is one event there")
    func runningUsage() throws {
        var decoder = GenerateContentCodec.streamDecoder()
        var events: [ReplyEvent] = []
        func take(_ usage: JSON) throws {
            let content: JSON = ["parts": [["text": "a"]]]
            try decoder.decode(
                .json(["candidates": [["content": content]], "usageMetadata": usage], event: nil), into: &events)
        }
        try take(["trafficType": "ON_DEMAND"])
        #expect(decoder.runningUsage == nil)
        try take(["promptTokenCount": 7, "totalTokenCount": 7])
        #expect(decoder.runningUsage == TokenUsage(input: 7))
        try take(["promptTokenCount": 7, "candidatesTokenCount": 3, "thoughtsTokenCount": 5])
        #expect(decoder.runningUsage == TokenUsage(input: 7, output: 8, reasoning: 5))
        func told() -> [TokenUsage] {
            events.compactMap {
                if case .usage(let usage) = $0 { return usage.tokens }
                return nil
            }
        }
        #expect(told().isEmpty)
        try decoder.decode(.json(["candidates": [["finishReason": "STOP"]]], event: nil), into: &events)
        decoder.finish(into: &events)
        #expect(told() == [TokenUsage(input: 7, output: 8, reasoning: 5)])
    }

    @Test("a stream that is cut has no end; a withheld prompt has")
    func ends() throws {
        let whole = stream([#"{"text":"a"}"#, #"{"text":"b"}"#])
        let end = try #require(whole.firstIndex(of: 0x0D)) + 4
        let events = try Check.events(of: [Array(whole[..<end])])
        #expect(events.count == 3)
        #expect(!Check.assembled(events).isComplete)
        let blocked =
            #"data: {"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3}}"# + "\n\n"
        let withheld = Check.assembled(try Check.events(of: [Array(blocked.utf8)]))
        #expect(withheld.isComplete)
        #expect(withheld.reply.choices == [Reply.Choice(stop: Stop(.contentFilter, native: "SAFETY"))])
        #expect(try GenerateContentCodec.decodeReply(JSON.parse(Array(blocked.utf8.dropFirst(6)))) == withheld.reply)
    }

    @Test("two candidates of one number are two choices, whatever the number")
    func candidates() throws {
        let candidate: JSON = ["index": 9_223_372_036_854_775_807, "finishReason": "STOP"]
        let reply = try GenerateContentCodec.decodeReply(["candidates": [candidate, candidate, [:], [:]]])
        #expect(Set(reply.choices.map(\.index)).count == 4)
    }

    @Test("an error within a stream fails it")
    func errors() throws {
        let text = #"data: {"error":{"code":429,"message":"Slow down","status":"RESOURCE_EXHAUSTED"}}"# + "\n\n"
        let events = try Check.events(of: [Array(text.utf8)])
        #expect(
            events == [.failed(ProviderError(message: "Slow down", type: "RESOURCE_EXHAUSTED", code: "429"))])
        #expect(throws: ReplyError.failed(ProviderError(message: "no", type: nil, code: "500"))) {
            try GenerateContentCodec.decodeReply(["error": ["code": 500, "message": "no"]])
        }
    }

    @Test("segments are counted in bytes, citations in scalars")
    func grounding() throws {
        let text = "ä über"
        let bytes = Array(text.utf8)
        let support: JSON = [
            "groundingChunks": [["web": ["uri": "https://a", "title": "A"]], ["web": ["uri": "https://b"]]],
            "groundingSupports": [
                [
                    "segment": ["startIndex": 3, "endIndex": .int(Int64(bytes.count)), "text": "über"],
                    "groundingChunkIndices": [0, 1, 9],
                ]
            ], "webSearchQueries": ["x", "y"],
        ]
        let body: JSON = [
            "candidates": [
                [
                    "content": [
                        "parts": [["text": "hm", "thought": true], ["text": .string(text)]], "role": "model",
                    ],
                    "finishReason": "STOP", "groundingMetadata": support,
                ]
            ], "modelVersion": "gemini-3-flash", "usageMetadata": ["promptTokenCount": 1],
        ]
        let reply = try GenerateContentCodec.decodeReply(body)
        let citations = [
            Citation(url: "https://a", title: "A", range: 2..<6), Citation(url: "https://b", range: 2..<6),
        ]
        #expect(reply.choices[0].parts[1] == Part(.text(Text(text, citations: citations))))
        #expect(reply.usage?.tokens.searches == 2)
        // From another provider it is written in bytes again.
        var foreign = Reply(origin: .messages)
        foreign.choices = [Reply.Choice(parts: [Part(.text(Text(text, citations: citations)))], stop: Stop(.endTurn))]
        var losses = LossReport()
        let written = GenerateContentCodec.encodeReply(foreign, for: context(), &losses)
        #expect(
            written["candidates"]?[0]?["groundingMetadata"]?["groundingSupports"]?[0]?["segment"]
                == ["startIndex": 3, "endIndex": .int(Int64(bytes.count)), "text": "über"])
        #expect(try GenerateContentCodec.decodeReply(written).choices[0].parts == foreign.choices[0].parts)
    }

    // MARK: - Writing

    /// What Anthropic might say: thinking with a signature, a text, two calls.
    private var foreign: Reply {
        var reply = Reply(origin: .messages)
        reply.id = "msg_1"
        reply.choices = [
            Reply.Choice(
                parts: [
                    Part(.reasoning(Reasoning("hm", proof: Proof(.anthropic, .signature, "c2ln")))), .text("Hi"),
                    Part(.toolCall(ToolCall(id: "toolu_1", name: "f", arguments: #"{"x":1}"#))),
                    Part(.toolCall(ToolCall(id: "toolu_2", name: "g"))),
                ], stop: Stop(.toolUse, native: "tool_use"))
        ]
        var tokens = TokenUsage(input: 10, cachedInput: 4, output: 9)
        tokens.reasoning = 2
        reply.usage = Usage(tokens, native: ["input_tokens": 6])
        return reply
    }

    private let envelope = Base64.encoded(
        ProofEnvelope.wrapped(ProofEnvelope.Letter(Proof(.anthropic, .signature, "c2ln"))).utf8)

    @Test("another provider's answer, as chunks of google-genai")
    func chunks() {
        func part(_ part: String) -> String {
            chunk(#"{"content":{"parts":[\#(part)],"role":"model"},"index":0}"#)
        }
        let expected =
            part(#"{"text":"hm","thought":true}"#)
            + part(#"{"text":"","thought":true,"thoughtSignature":"\#(envelope)"}"#) + part(#"{"text":"Hi"}"#)
            + part(#"{"functionCall":{"id":"toolu_1","name":"f","args":{"x":1}}}"#)
            + part(#"{"functionCall":{"id":"toolu_2","name":"g","args":{}}}"#)
            + chunk(
                #"{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}"#,
                #""usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":4,"candidatesTokenCount":7,"thoughtsTokenCount":2,"totalTokenCount":19},"#
            )
        let (text, losses) = encoded(foreign.events)
        #expect(text == expected)
        #expect(losses.isEmpty)
    }

    @Test("the proof of another provider comes back through a client of generateContent")
    func proofsComeBack() throws {
        let decoded = Check.assembled(try Check.events(of: [Array(encoded(foreign.events).text.utf8)])).reply
        #expect(
            decoded.choices[0].parts
                == foreign.choices[0].parts.map { part in
                    guard var call = part.toolCall, call.arguments.isEmpty else { return part }
                    call.arguments = "{}"
                    return Part(.toolCall(call))
                })
        // As google-genai writes it back: in the URL-safe alphabet.
        let safe = String(decoding: envelope.utf8.map { $0 == 0x2B ? 0x2D : $0 == 0x2F ? 0x5F : $0 }, as: UTF8.self)
        let body: JSON = [
            "contents": [
                ["role": "model", "parts": [["text": "hm", "thought": true, "thoughtSignature": .string(safe)]]]
            ]
        ]
        let turn = try GenerateContentCodec.decodeRequest(body, at: RequestPlace()).turns[0]
        #expect(turn.parts == [foreign.choices[0].parts[0]])
    }

    @Test("parts that are open at once, and several choices")
    func interleaved() throws {
        let first = PartPlace(part: 0)
        let second = PartPlace(part: 1)
        let other = PartPlace(choice: 1, part: 0)
        let events: [ReplyEvent] = [
            .began(ReplyHead(origin: .chatCompletions, id: "msg_1")),
            .partBegan(first, Part(.toolCall(ToolCall(id: "a", name: "f")))), .delta(first, .arguments("{\"x\"")),
            .partBegan(second, Part(.toolCall(ToolCall(id: "b", name: "g")))), .delta(second, .arguments("{}")),
            .partBegan(other, .text("")), .delta(other, .text("Hi")), .delta(first, .arguments(":1}")),
            .partEnded(first),
            .partEnded(second), .partEnded(other), .stopped(choice: 0, Stop(.toolUse)),
            .stopped(choice: 1, Stop(.maxTokens)), .ended,
        ]
        let decoded = Check.assembled(try Check.events(of: [Array(encoded(events).text.utf8)])).reply
        #expect(decoded.choices.count == 2)
        let calls = decoded.choices.first { $0.index == 0 }?.parts.compactMap(\.toolCall)
        #expect(calls?.map(\.arguments) == [#"{"x":1}"#, "{}"])
        #expect(decoded.choices.first { $0.index == 1 }?.stop?.reason == .maxTokens)
    }

    @Test("one array without alt=sse, and an error within it")
    func arrays() throws {
        let (text, _) = encoded(foreign.events, asArray: true)
        let elements = try #require(try JSON.parse(text).array)
        #expect(elements.count == 6)
        #expect(elements.last?["candidates"]?[0]?["finishReason"] == "STOP")
        var encoder = GenerateContentCodec.streamEncoder(for: context(asArray: true))
        var frames = FrameWriter()
        for event in foreign.events.prefix(3) { encoder.encode(event, into: &frames) }
        encoder.encode(.keepAlive, into: &frames)
        encoder.fail(GatewayErrorBody(message: "gone", type: "server_error"), status: 503, into: &frames)
        encoder.encode(.ended, into: &frames)
        let failed = try #require(try JSON.parse(frames.bytes).array)
        #expect(failed.last == ["error": ["code": 503, "message": "gone", "status": "UNAVAILABLE"]])
    }

    @Test("a failure is an error event and nothing after it; an open connection is empty lines")
    func failures() {
        var encoder = GenerateContentCodec.streamEncoder(for: context())
        var frames = FrameWriter()
        encoder.encode(.keepAlive, into: &frames)
        #expect(frames.take() == [UInt8](repeating: 0x0A, count: 8))
        #expect(Dialect.generateContent.keepAlive.map { "\($0)" } == String(repeating: "\n", count: 8))
        encoder.encode(.began(ReplyHead(origin: .messages)), into: &frames)
        encoder.fail(GatewayErrorBody(message: "gone", type: "server_error"), status: 500, into: &frames)
        encoder.encode(.ended, into: &frames)
        #expect(
            String(decoding: frames.bytes, as: UTF8.self)
                == #"data: {"error":{"code":500,"message":"gone","status":"INTERNAL"}}"# + "\n\n")
    }

    @Test("what the dialect has no place for is reported")
    func losses() {
        var reply = foreign
        reply.extras["system_fingerprint"] = "fp"
        reply.choices[0].parts.append(
            Part(.serverTool(ServerToolUse(.webSearch, .call, native: [:], nativeDialect: .messages))))
        reply.choices[0].parts.append(Part(.native(["type": "odd"])))
        let (_, losses) = encoded(reply.events)
        #expect(losses.dropped.sorted() == ["content", "server_tool_use"])
        var whole = LossReport()
        _ = GenerateContentCodec.encodeReply(reply, for: context(), &whole)
        #expect(whole.dropped.sorted() == losses.dropped.sorted())
    }

    @Test("log probabilities go over to Chat's form and back")
    func logprobs() throws {
        let result: JSON = [
            "chosenCandidates": [["token": "é", "tokenId": 5, "logProbability": -0.5]],
            "topCandidates": [["candidates": [["token": "e", "tokenId": 6, "logProbability": -2]]]],
        ]
        let body: JSON = [
            "candidates": [["content": ["parts": [["text": "é"]]], "finishReason": "STOP", "logprobsResult": result]]
        ]
        let reply = try GenerateContentCodec.decodeReply(body)
        let entry = reply.choices[0].logprobs?["content"]?[0]
        #expect(entry?["bytes"] == [195, 169])
        #expect(entry?["top_logprobs"]?[0]?["logprob"] == -2)
        var losses = LossReport()
        let written = GenerateContentCodec.encodeReply(reply, for: context(), &losses)
        #expect(written["candidates"]?[0]?["logprobsResult"] == result)
    }

    @Test("usage: cached is within the prompt, thoughts beside the candidates, tool use is input")
    func usage() throws {
        let native: JSON = [
            "promptTokenCount": 100, "cachedContentTokenCount": 60, "toolUsePromptTokenCount": 20,
            "candidatesTokenCount": 30, "thoughtsTokenCount": 7, "totalTokenCount": 157,
            "promptTokensDetails": [["modality": "TEXT", "tokenCount": 90], ["modality": "AUDIO", "tokenCount": 10]],
            "candidatesTokensDetails": [["modality": "IMAGE", "tokenCount": 30]],
        ]
        let tokens = try #require(
            try GenerateContentCodec.decodeReply(["usageMetadata": native, "candidates": []]).usage?.tokens)
        #expect(tokens.input == 120)
        #expect(tokens.cachedInput == 60)
        #expect(tokens.output == 37)
        #expect(tokens.reasoning == 7)
        #expect(tokens.audioInput == 10)
        #expect(tokens.imageOutput == 30)
        #expect(tokens.total == 157)
    }

    @Test("token counts")
    func tokenCounts() throws {
        #expect(GenerateContentTokenCount.decodeReply(["totalTokens": 8]) == 8)
        #expect(GenerateContentTokenCount.decodeReply(["error": [:]]) == nil)
        #expect(
            GenerateContentTokenCount.encodeReply(8)
                == ["totalTokens": 8, "promptTokensDetails": [["modality": "TEXT", "tokenCount": 8]]])
        let inner: JSON = ["contents": [["role": "user", "parts": [["text": "q"]]]], "model": "models/m"]
        let asked = try GenerateContentTokenCount.decodeRequest(["generateContentRequest": inner], at: RequestPlace())
        #expect(asked.model == "m")
        var losses = LossReport()
        #expect(
            try GenerateContentTokenCount.encodeRequest(asked, for: TargetFacts(model: "m"), &losses)
                == ["generateContentRequest": inner])
        #expect(throws: RequestError.self) {
            try GenerateContentTokenCount.decodeRequest(
                ["generateContentRequest": inner, "contents": []], at: RequestPlace())
        }
        // What cannot be sent is not counted without it.
        var unknown = Conversation(origin: .messages, model: "m")
        unknown.turns = [Turn(.user, [.text("q"), Part(.native(["type": "blorp"]))])]
        let refused = #expect(throws: RequestError.self) {
            try GenerateContentTokenCount.encodeRequest(unknown, for: TargetFacts(model: "m"), &losses)
        }
        #expect(refused?.param == "messages[0].content[1]")
    }
}
