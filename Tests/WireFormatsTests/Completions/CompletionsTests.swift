import JSONText
import Testing
import WireFormats

@Suite("Completions")
struct CompletionsTests {
    private func encode(_ conversation: Conversation) throws -> (JSON, LossReport) {
        var losses = LossReport()
        return (try CompletionsCodec.encodeRequest(conversation, for: TargetFacts(model: "real"), &losses), losses)
    }

    @Test("a prompt is a user's turn for any provider")
    func asClient() throws {
        let text =
            #"{"model":"m","prompt":"Once","suffix":"s","echo":true,"logprobs":2,"max_tokens":5,"stop":"x","stream":true}"#
        let conversation = try CompletionsCodec.decodeRequest(try JSON.parse(text), at: RequestPlace())
        #expect(conversation.turns == [.text(.user, "Once")])
        #expect(conversation.sampling.logprobs == true && conversation.sampling.topLogprobs == 2)
        var losses = LossReport()
        let chat = try ChatCompletionsCodec.encodeRequest(conversation, for: TargetFacts(model: "real"), &losses)
        try expectSame(
            chat,
            #"{"model":"real","messages":[{"role":"user","content":"Once"}],"stream":true,"stream_options":{"include_usage":true},"stop":["x"],"max_completion_tokens":5,"logprobs":true,"top_logprobs":2}"#
        )
        #expect(losses.dropped == ["suffix", "echo"])
        var named = LossReport()
        _ = try MessagesCodec.encodeRequest(conversation, for: TargetFacts(model: "real"), &named)
        #expect(Set(named.dropped) == ["suffix", "echo", "logprobs"])
    }

    @Test("prompts of tokens are refused, several prompts are not")
    func prompts() throws {
        for text in [#"{"model":"m","prompt":[1,2]}"#, #"{"model":"m","prompt":[[1],[2]]}"#] {
            let body = try JSON.parse(text)
            let error = #expect(throws: RequestError.self) {
                try CompletionsCodec.decodeRequest(body, at: RequestPlace())
            }
            #expect(error?.code == "unsupported_content" && error?.param == "prompt")
        }
        try CodecCheck<CompletionsCodec>.checkRequest(
            try JSON.parse(#"{"model":"m","prompt":["a","b"]}"#), "several")
    }

    @Test("a conversation becomes one prompt; tools and images are refused")
    func asProvider() throws {
        var conversation = Conversation(origin: .messages, model: "m")
        conversation.turns = [.text(.user, "Hello")]
        #expect(try encode(conversation).0 == ["model": "real", "prompt": "Hello"])
        conversation.turns = [
            .text(.system, "Be kind."), .text(.user, "Hi"), .text(.assistant, "Yes?"), .text(.user, "Go"),
        ]
        #expect(
            try encode(conversation).0["prompt"] == "Be kind.\n\nUser: Hi\n\nAssistant: Yes?\n\nUser: Go\n\nAssistant:")
        // What begins the answer stays open.
        conversation.turns.append(.text(.assistant, #"{"a":"#))
        #expect(try encode(conversation).0["prompt"]?.string?.hasSuffix("User: Go\n\nAssistant: {\"a\":") == true)
        conversation.tools = [Tool(.function(FunctionTool(name: "f")))]
        #expect(throws: RequestError.self) { try encode(conversation) }
        conversation.tools = []
        conversation.turns.append(Turn(.user, [Part(.media(Media(.image, .url("https://i.example/x.png"))))]))
        #expect(throws: RequestError.self) { try encode(conversation) }
    }

    @Test("log probabilities are Chat's within and legacy's without")
    func logprobs() throws {
        let text = #"""
            {"id":"cmpl-1","object":"text_completion","created":1,"model":"alias","choices":[{"text":"ab","index":0,"finish_reason":"length",
              "logprobs":{"tokens":["a","b"],"token_logprobs":[-0.5,-1.5],"top_logprobs":[{"a":-0.5,"c":-2.5},{"b":-1.5}],"text_offset":[0,1]}}]}
            """#
        let reply = try CompletionsCodec.decodeReply(try JSON.parse(text))
        #expect(reply.choices[0].logprobs?["content"]?[0]?["top_logprobs"]?[1] == ["token": "c", "logprob": -2.5])
        var losses = LossReport()
        try expectSame(CompletionsCodec.encodeReply(reply, for: Samples.context(), &losses), text)
    }

    @Test("a reply of Messages becomes text; the rest is reported")
    func replies() throws {
        var losses = LossReport()
        let body = CompletionsCodec.encodeReply(Samples.messagesReply(), for: Samples.context(), &losses)
        #expect(
            body["choices"]?[0]?["text"] == "So: Bern is the capital."
                && body["choices"]?[0]?["finish_reason"] == "stop")
        #expect(Set(losses.dropped) == ["reasoning", "server_tool_use", "citations", "tool_calls"])
        let (bytes, streamed) = encoded(CompletionsCodec.self, Samples.messagesReply().events)
        #expect(streamed == losses)
        let chunks = try chunks(bytes)
        #expect(chunks.compactMap { $0["choices"]?[0]?["text"]?.string }.joined() == "So: Bern is the capital.")
        #expect(chunks.last == "[DONE]")
    }
}
