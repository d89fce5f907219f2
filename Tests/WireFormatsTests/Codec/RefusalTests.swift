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
