import JSONText
import Testing
import WireFormats

/// One rule for all dialects (docs/WIREFORMATS.md, rule 14): what a client reads of a refusal does not depend on how its
/// provider says it, but for whether there are words in which the model declines.
@Suite("Refusals") struct RefusalTests {
    static let inWords: [Dialect: String] = [
        .chatCompletions: #"{"choices":[{"index":0,"message":{"refusal":"No."},"finish_reason":"stop"}]}"#,
        .responses: #"""
        {"id":"r","status":"completed","output":[{"type":"message","id":"m","role":"assistant",
         "content":[{"type":"refusal","refusal":"No."}]}]}
        """#,
    ]
    static let withoutWords: [Dialect: String] = [
        .messages: #"{"type":"message","role":"assistant","content":[],"stop_reason":"refusal"}"#,
        .generateContent: #"{"candidates":[{"content":{"role":"model"},"finishReason":"SAFETY"}]}"#,
        .converse: #"{"output":{"message":{"role":"assistant","content":[]}},"stopReason":"guardrail_intervened"}"#,
        .chatCompletions: #"{"choices":[{"index":0,"message":{"content":""},"finish_reason":"content_filter"}]}"#,
        .cohereChat: #"{"id":"c","message":{"role":"assistant","content":[]},"finish_reason":"ERROR_TOXIC"}"#,
    ]

    /// The word with which the answer ends for a client.
    private func word(of body: String, from provider: Dialect, for client: Dialect) throws -> String? {
        let (from, to) = (try #require(provider.codec), try #require(client.codec))
        let context = ReplyContext(
            model: "m", requestID: "r1", created: 1, request: Conversation(origin: client, model: "m"))
        var losses = LossReport()
        let written = to.encodeReply(try from.decodeReply(try JSON.read(body)), for: context, &losses)
        let word: JSON? =
            switch client {
            case .chatCompletions, .completions: written["choices"]?[0]?["finish_reason"]
            case .responses: written["incomplete_details"]?["reason"] ?? written["status"]
            case .messages: written["stop_reason"]
            case .generateContent: written["candidates"]?[0]?["finishReason"]
            case .converse: written["stopReason"]
            default: nil
            }
        return word?.string
    }

    @Test(
        "in words: OpenAI's clients read the words, all others that it is one",
        arguments: Array(RefusalTests.inWords.keys))
    func words(_ provider: Dialect) throws {
        let body = try #require(Self.inWords[provider])
        let expected: [Dialect: String] = [
            .chatCompletions: "stop", .responses: "completed", .completions: "content_filter", .messages: "refusal",
            .generateContent: "SAFETY", .converse: "content_filtered",
        ]
        for (client, word) in expected {
            #expect(try self.word(of: body, from: provider, for: client) == word, "\(provider) to \(client)")
        }
    }

    @Test("without words: each client's own term for it", arguments: Array(RefusalTests.withoutWords.keys))
    func noWords(_ provider: Dialect) throws {
        let body = try #require(Self.withoutWords[provider])
        let expected: [Dialect: String] = [
            .chatCompletions: "content_filter", .responses: "content_filter", .completions: "content_filter",
            .messages: "refusal", .generateContent: "SAFETY", .converse: "content_filtered",
        ]
        for (client, word) in expected where client != provider {
            #expect(try self.word(of: body, from: provider, for: client) == word, "\(provider) to \(client)")
        }
    }

    /// What a provider says about a refusal, whole and as the frames of a stream, by its member.
    static let explained: [String: (provider: Dialect, whole: String, frames: [String])] = [
        "stop_details": (
            .messages,
            #"""
            {"type":"message","role":"assistant","content":[{"type":"text","text":"Hm"}],"stop_reason":"refusal",
             "stop_details":{"type":"refusal","category":null,"explanation":"Because of X."}}
            """#,
            [
                #"{"type":"message_start","message":{"id":"m","content":[]}}"#,
                #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hm"}}"#,
                #"{"type":"content_block_stop","index":0}"#,
                #"""
                {"type":"message_delta","delta":{"stop_reason":"refusal",
                 "stop_details":{"type":"refusal","category":null,"explanation":"Because of X."}}}
                """#, #"{"type":"message_stop"}"#,
            ]
        ),
        "promptFeedback": (
            .generateContent,
            #"{"promptFeedback":{"blockReason":"MODEL_ARMOR","blockReasonMessage":"Because of X."}}"#,
            [#"{"promptFeedback":{"blockReason":"MODEL_ARMOR","blockReasonMessage":"Because of X."}}"#]
        ),
        "finishMessage": (
            .generateContent,
            #"{"candidates":[{"content":{},"finishReason":"SAFETY","finishMessage":"Because of X.","index":0}]}"#,
            [#"{"candidates":[{"content":{},"finishReason":"SAFETY","finishMessage":"Because of X.","index":0}]}"#]
        ),
    ]

    @Test(
        "what a provider says about a refusal stands where the dialect has a place for it, else it is reported",
        arguments: Array(RefusalTests.explained.keys), Dialect.ofClients)
    func explanation(_ member: String, _ client: Dialect) throws {
        let explained = try #require(Self.explained[member])
        let (from, to) = (try #require(explained.provider.codec), try #require(client.codec))
        if explained.provider == client { return }
        let context = ReplyContext(
            model: "m", requestID: "r1", created: 1, request: Conversation(origin: client, model: "m"))
        var losses = LossReport()
        let whole = to.encodeReply(try from.decodeReply(try JSON.read(explained.whole)), for: context, &losses)
        var decoder: any ReplyStreamDecoder = from.streamDecoder()
        var encoder: any ReplyStreamEncoder = to.streamEncoder(for: context)
        var events: [ReplyEvent] = []
        for frame in explained.frames { try decoder.decode(.json(try JSON.read(frame), event: nil), into: &events) }
        decoder.finish(into: &events)
        var out = FrameWriter()
        for event in events { encoder.encode(event, into: &out) }
        let stream = String(decoding: out.bytes, as: UTF8.self)

        let place: JSON?
        let streamed: String
        switch client {
        case .chatCompletions:
            place = whole["choices"]?[0]?["message"]?["refusal"]
            streamed = #""delta":{"refusal":"Because of X."}"#
            #expect(whole["choices"]?[0]?["finish_reason"] == "content_filter" && stream.contains("content_filter"))
        case .responses:
            place = whole["output"]?[0]?["content"]?.array?.last?["refusal"]
            streamed = #""type":"response.refusal.done""#
            #expect(whole["incomplete_details"]?["reason"] == "content_filter")
            #expect(stream.contains("response.incomplete"))
        case .messages:
            place = whole["stop_details"]?["explanation"]
            streamed = #""stop_details":{"type":"refusal","category":null,"explanation":"Because of X."}"#
        case .generateContent:
            place = whole["candidates"]?[0]?["finishMessage"]
            streamed = #""finishMessage":"Because of X.""#
        default:
            #expect(losses.dropped == [member] && encoder.losses.dropped == [member])
            #expect(!whole.text.contains("Because") && !stream.contains("Because"))
            return
        }
        #expect(place == "Because of X." && stream.contains(streamed))
        #expect(losses.isEmpty && encoder.losses.isEmpty)
    }

    @Test(
        "what a provider said about a refusal goes back to another as no word of the model's; a refusal alone is its answer",
        arguments: [Dialect.chatCompletions, .responses], Dialect.conversations)
    func history(_ client: Dialect, _ provider: Dialect) throws {
        if client == provider { return }
        let (from, to) = (try #require(client.codec), try #require(provider.codec))
        for text in ["Partial", nil] as [String?] {
            let answer: JSON
            if client == .chatCompletions {
                answer = [
                    "role": "assistant", "content": text.map { .string($0) } ?? .null, "refusal": "Because of X.",
                ]
            } else {
                var contents: [JSON] = [["type": "refusal", "refusal": "Because of X."]]
                if let text { contents.insert(["type": "output_text", "text": .string(text)], at: 0) }
                answer = ["role": "assistant", "content": .array(contents)]
            }
            let turns: JSON = [["role": "user", "content": "a"], answer, ["role": "user", "content": "b"]]
            var body: JSON = ["model": "m"]
            body[client == .responses ? "input" : "messages"] = turns
            var losses = LossReport()
            let written = try to.writtenRequest(
                try from.decodeRequest(body, at: RequestPlace()), for: TargetFacts(model: "m"), &losses)
            let isSent = text == nil || provider == .chatCompletions || provider == .responses
            #expect(written.text.contains("Because of X.") == isSent, "\(text ?? "alone")")
            #expect(losses.dropped.contains("refusal") != isSent, "\(text ?? "alone")")
            if let text { #expect(written.text.contains(text)) }
        }
    }

    @Test("a category that no other dialect has is reported, though the words are carried")
    func category() throws {
        let body = #"""
            {"type":"message","role":"assistant","content":[],"stop_reason":"refusal",
             "stop_details":{"type":"refusal","category":"cyber","explanation":"Because of X."}}
            """#
        let reply = try MessagesCodec.decodeReply(try JSON.read(body))
        let context = ReplyContext(
            model: "m", requestID: "r1", created: 1, request: Conversation(origin: .chatCompletions, model: "m"))
        var losses = LossReport()
        _ = ChatCompletionsCodec.encodeReply(reply, for: context, &losses)
        #expect(losses.dropped == ["stop_details"])
        // Without words nothing is lost.
        let silent = #"""
            {"type":"message","role":"assistant","content":[],"stop_reason":"refusal",
             "stop_details":{"type":"refusal","category":null,"explanation":""}}
            """#
        let plain = try MessagesCodec.decodeReply(try JSON.read(silent))
        var none = LossReport()
        _ = ChatCompletionsCodec.encodeReply(plain, for: context, &none)
        #expect(plain.choices[0].stop?.explanation == nil && none.isEmpty)
    }

    @Test("what the head of a stream says about a refusal holds where its end says null")
    func detailsInHead() throws {
        let text = #"""
            data: {"type":"message_start","message":{"id":"1","role":"assistant","content":[],"stop_details":{"type":"refusal","explanation":"Because of X."}}}

            data: {"type":"message_delta","delta":{"stop_reason":"refusal","stop_sequence":null,"stop_details":null}}

            data: {"type":"message_stop"}


            """#
        let events = try CodecCheck<MessagesCodec>.events(of: [Array(text.utf8)])
        let reply = CodecCheck<MessagesCodec>.assembled(events).reply
        #expect(reply.choices.first?.stop?.explanation?.words == "Because of X.")
    }

    @Test(
        "what Google says about a filter comes back in its own dialect", arguments: ["promptFeedback", "finishMessage"])
    func ownExplanation(_ member: String) throws {
        let body = try JSON.read(try #require(Self.explained[member]).whole)
        let context = ReplyContext(
            model: "m", requestID: "r1", created: 1, request: Conversation(origin: .generateContent, model: "m"))
        let reply = try GenerateContentCodec.decodeReply(body)
        var losses = LossReport()
        let written = GenerateContentCodec.encodeReply(reply, for: context, &losses)
        #expect(written[member] == body[member] && losses.isEmpty)
        #expect(written["candidates"]?[0]?["finishMessage"] == body["candidates"]?[0]?["finishMessage"])
        let assembled = CodecCheck<GenerateContentCodec>.assembled(reply.events).reply
        #expect(assembled == reply)
    }

    @Test("a refusal that Chat streams is one, though it ends with stop; a call beside it is still the client's to run")
    func streamed() throws {
        let refusal = #"{"id":"1","choices":[{"index":0,"delta":{"refusal":"No."}}]}"#
        let call = #"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f"}}]}}]}"#
        let stop = #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#
        for (chunks, reason) in [([refusal, stop], Stop.Reason.refusal), ([refusal, call, stop], .toolUse)] {
            let text = chunks.map { "data: \($0)\n\n" }.joined() + "data: [DONE]\n\n"
            let events = try CodecCheck<ChatCompletionsCodec>.events(of: [Array(text.utf8)])
            let reply = CodecCheck<ChatCompletionsCodec>.assembled(events).reply
            #expect(reply.choices.first?.stop == Stop(reason, native: "stop"))
        }
    }
}
