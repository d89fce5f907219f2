import JSONText
import Testing
import WireFormats

/// What one client is told of an answer, every client is: what has no place in its dialect is reported, and the end says
/// whether there is something to run, or nothing good; the same whole and streamed.
@Suite("Replies: losses and ends") struct ReplyLossTests {
    /// What a client gets of a whole answer, and of the same as a stream, as text.
    private func written(
        _ reply: Reply, for client: Dialect
    ) throws -> (whole: JSON, stream: String, dropped: Set<String>) {
        let codec = try #require(client.codec)
        var request = Conversation(origin: client, model: "m")
        request.includeUsage = true
        let context = ReplyContext(model: "m", requestID: "r1", created: 1, request: request)
        var losses = LossReport()
        let whole = codec.encodeReply(reply, for: context, &losses)
        var encoder: any ReplyStreamEncoder = codec.streamEncoder(for: context)
        var out = FrameWriter()
        for event in reply.events { encoder.encode(event, into: &out) }
        #expect(Set(encoder.losses.dropped) == Set(losses.dropped), "\(client)")
        return (whole, String(decoding: out.bytes, as: UTF8.self), Set(losses.dropped))
    }

    private func read(_ body: String, from provider: Dialect) throws -> Reply {
        try #require(provider.codec).decodeReply(try JSON.read(body))
    }

    @Test("members without a name are reported to every client", arguments: Dialect.ofClients)
    func unnamed(client: Dialect) throws {
        var part = Part.text("hi")
        part.extras = ["mark": 1, "nothing": nil]
        var choice = Reply.Choice(parts: [part], stop: Stop(.endTurn))
        choice.extras = ["note": 1, "message": ["aside": 1]]
        // What a provider tells of itself is left out without a word.
        var reply = Reply(origin: .cohereChat)
        reply.choices = [choice]
        reply.extras = ["version": 1]
        #expect(try written(reply, for: client).dropped == ["mark", "note", "aside"])
    }

    @Test(
        "an answer of nothing but a call that nobody can read is no good answer",
        arguments: [
            (Dialect.chatCompletions, "content_filter"), (.completions, "content_filter"), (.messages, "refusal"),
            (.responses, "content_filter"), (.converse, "malformed_tool_use"),
        ])
    func malformedCall(client: Dialect, word: String) throws {
        let body = #"""
            {"candidates":[{"content":{"role":"model"},"finishReason":"MALFORMED_FUNCTION_CALL",
             "finishMessage":"Malformed function call: f(","avgLogprobs":-0.5,"tokenCount":3,"index":0}],"responseId":"r"}
            """#
        let (whole, stream, dropped) = try written(try read(body, from: .generateContent), for: client)
        #expect(whole.text.contains("\"\(word)\"") && stream.contains("\"\(word)\""))
        #expect(dropped == ["finishMessage", "avgLogprobs", "tokenCount"])
    }

    @Test(
        "the end names calls only where the client gets some",
        arguments: [
            (Dialect.chatCompletions, "stop"), (.completions, "stop"), (.messages, "end_turn"),
            (.generateContent, "STOP"), (.converse, "end_turn"),
        ])
    func callsOfTheProvidersTools(client: Dialect, word: String) throws {
        for call in ["computer_call", "local_shell_call"] {
            let body = #"""
                {"id":"r","status":"completed","output":[{"type":"\#(call)","id":"c","call_id":"c1","action":{}}]}
                """#
            let (whole, stream, dropped) = try written(try read(body, from: .responses), for: client)
            for text in [whole.text, stream] {
                #expect(text.contains("\"\(word)\"") && !text.contains("tool_use\"") && !text.contains("tool_calls"))
            }
            #expect(dropped == ["server_tool_use"])
        }
    }

    @Test(
        "a sound that has no place is the words that it says",
        arguments: [Dialect.messages, .responses, .completions, .converse])
    func transcript(client: Dialect) throws {
        let body = #"""
            {"choices":[{"index":0,"finish_reason":"stop",
             "message":{"role":"assistant","content":null,"audio":{"id":"a","data":"AAAA","transcript":"Hello there"}}}]}
            """#
        let reply = try read(body, from: .chatCompletions)
        let (whole, stream, dropped) = try written(reply, for: client)
        #expect(whole.text.contains("Hello there") && stream.contains("Hello there") && dropped == ["audio"])

        // A stream tells them when the part has begun.
        let place = PartPlace(part: 0)
        let events: [ReplyEvent] = [
            .began(ReplyHead(origin: .chatCompletions)), .partBegan(place, Part(.media(Media(.audio, .base64(""))))),
            .delta(place, .media(base64: "AAAA")), .delta(place, .transcript("Hello there")), .partEnded(place),
            .stopped(choice: 0, Stop(.endTurn)), .ended,
        ]
        let context = ReplyContext(
            model: "m", requestID: "r1", created: 1, request: Conversation(origin: client, model: "m"))
        var encoder: any ReplyStreamEncoder = try #require(client.codec).streamEncoder(for: context)
        var out = FrameWriter()
        for event in events { encoder.encode(event, into: &out) }
        #expect(String(decoding: out.bytes, as: UTF8.self).contains("Hello there"))
    }

    @Test("searches are counted where the dialect counts them, and reported where it does not")
    func searches() throws {
        let body = #"""
            {"id":"m","type":"message","role":"assistant","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn",
             "usage":{"input_tokens":1,"output_tokens":1,"server_tool_use":{"web_search_requests":2}}}
            """#
        let reply = try read(body, from: .messages)
        for client in [Dialect.generateContent, .converse] {
            #expect(try written(reply, for: client).dropped == ["server_tool_use"], "\(client)")
        }
        for client in [Dialect.chatCompletions, .completions, .responses] {
            let (whole, _, dropped) = try written(reply, for: client)
            let usage = whole["usage"]
            let count =
                client == .responses
                ? usage?["server_side_tool_usage_details"]?["web_search_calls"]
                : usage?["server_tool_use"]?["web_search_requests"]
            #expect(count == 2 && dropped == [], "\(client)")
        }
    }

    @Test("a call without arguments has an empty object of them", arguments: [Dialect.chatCompletions, .responses])
    func noArguments(client: Dialect) throws {
        let bodies: [(Dialect, String)] = [
            (
                .chatCompletions,
                #"{"choices":[{"message":{"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":""}}]}}]}"#
            ),
            (
                .cohereChat,
                #"{"id":"x","message":{"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":null}}]}}"#
            ),
            (
                .ollamaChat,
                #"{"model":"m","message":{"tool_calls":[{"function":{"name":"f","arguments":null}}]},"done":true}"#
            ),
        ]
        for (provider, body) in bodies where provider != client {
            let (whole, stream, _) = try written(try read(body, from: provider), for: client)
            let arguments =
                client == .responses
                ? whole["output"]?[0]?["arguments"]
                : whole["choices"]?[0]?["message"]?["tool_calls"]?[0]?["function"]?["arguments"]
            #expect(arguments == "{}", "\(provider)")
            #expect(stream.contains(client == .responses ? #""delta":"{}""# : #""arguments":"{}""#), "\(provider)")
        }
    }

    @Test("log probabilities of what is no text are reported to a Responses client")
    func logprobs() throws {
        var choice = Reply.Choice(parts: [Part(.toolCall(ToolCall(id: "c", name: "f", arguments: "{}")))])
        choice.logprobs = ["content": [["token": "{}", "logprob": -0.5]]]
        var reply = Reply(origin: .chatCompletions)
        reply.choices = [choice]
        #expect(try written(reply, for: .responses).dropped == ["logprobs"])
        reply.choices[0].parts = [Part(.refusal("No"))]
        reply.choices[0].logprobs = ["content": nil, "refusal": [["token": "No", "logprob": -0.5]]]
        #expect(try written(reply, for: .responses).dropped == ["logprobs"])
    }
}
