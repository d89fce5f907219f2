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
        #expect(Set(encoder.losses.adjusted) == Set(losses.adjusted), "\(client)")
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
        "a call that nobody can read has each dialect's own end",
        arguments: [
            (Dialect.chatCompletions, "content_filter"), (.completions, "content_filter"), (.messages, "end_turn"),
            (.responses, "content_filter"), (.converse, "malformed_tool_use"),
        ])
    func malformedCall(client: Dialect, word: String) throws {
        let body = #"""
            {"candidates":[{"content":{"role":"model"},"finishReason":"MALFORMED_FUNCTION_CALL",
             "finishMessage":"Malformed function call: f(","avgLogprobs":-0.5,"tokenCount":3,"index":0}],"responseId":"r"}
            """#
        let (whole, stream, dropped) = try written(try read(body, from: .generateContent), for: client)
        #expect(whole.text.contains("\"\(word)\"") && stream.contains("\"\(word)\""))
        #expect(dropped == ["finishMessage"])
    }

    @Test("what a model wrote and nobody can read is no good answer, whatever the provider calls it")
    func malformedOutput() throws {
        let bodies: [(Dialect, String)] = [
            (.converse, #"{"output":{"message":{"content":[]}},"stopReason":"malformed_model_output"}"#),
            (.generateContent, #"{"candidates":[{"content":{"role":"model"},"finishReason":"TOO_MANY_TOOL_CALLS"}]}"#),
            (.generateContent, #"{"candidates":[{"content":{"role":"model"},"finishReason":"MALFORMED_RESPONSE"}]}"#),
        ]
        let words: [(Dialect, String)] = [
            (.chatCompletions, "content_filter"), (.completions, "content_filter"), (.responses, "content_filter"),
            (.messages, "end_turn"), (.generateContent, "MALFORMED_FUNCTION_CALL"), (.converse, "malformed_tool_use"),
        ]
        for (provider, body) in bodies {
            let reply = try read(body, from: provider)
            #expect(reply.choices[0].stop?.reason == .malformedToolCall)
            for (client, word) in words where client != provider {
                let (whole, stream, _) = try written(reply, for: client)
                let isTold = whole.text.contains("\"\(word)\"") && stream.contains("\"\(word)\"")
                #expect(isTold, "\(provider) to \(client)")
            }
        }
    }

    @Test("an end for which a client has no word is reported as adjusted", arguments: Dialect.ofClients)
    func endWithoutWord(client: Dialect) throws {
        let ends: [(Stop.Reason, hasWord: [Dialect])] = [
            (.pause, [.messages]), (.malformedToolCall, [.generateContent, .converse]), (.other, [.generateContent]),
            (.endTurn, Dialect.ofClients), (.refusal, Dialect.ofClients),
        ]
        for (reason, hasWord) in ends {
            // A client's own dialect has its provider's word.
            for origin in [client == .messages ? Dialect.ollamaChat : .messages, client] {
                var reply = Reply(origin: origin)
                reply.choices = [Reply.Choice(parts: [.text("a")], stop: Stop(reason))]
                let codec = try #require(client.codec)
                var losses = LossReport()
                let context = ReplyContext(
                    model: "m", requestID: "r1", created: 1, request: Conversation(origin: client, model: "m"))
                _ = codec.encodeReply(reply, for: context, &losses)
                let isTold = origin == client || hasWord.contains(client)
                #expect(losses.adjusted == (isTold ? [] : ["stop_reason"]), "\(reason) of \(origin) to \(client)")
                _ = try written(reply, for: client)
            }
        }
    }

    @Test("an answer of Google's that can be continued has reached its limit")
    func continuation() throws {
        let body = #"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"CONTINUATION"}]}"#
        let reply = try read(body, from: .generateContent)
        #expect(reply.choices[0].stop == Stop(.maxTokens, native: "CONTINUATION"))
        #expect(try written(reply, for: .chatCompletions).whole["choices"]?[0]?["finish_reason"] == "length")
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
        arguments: [Dialect.messages, .responses, .completions, .converse, .cohereChat, .ollamaChat])
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

    /// A search of each provider that tells its query, and a text.
    private static let searching: [(Dialect, String)] = [
        (
            .messages,
            #"""
            {"id":"m","type":"message","role":"assistant","stop_reason":"end_turn","content":[
             {"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"news"}},
             {"type":"text","text":"hi"}],
             "usage":{"input_tokens":1,"output_tokens":1,"server_tool_use":{"web_search_requests":1}}}
            """#
        ),
        (
            .responses,
            #"""
            {"id":"r","status":"completed","output":[
             {"type":"web_search_call","id":"w","status":"completed","action":{"type":"search","query":"news"}},
             {"type":"web_search_call","id":"v","status":"completed","action":{"type":"open_page","url":"https://a"}},
             {"type":"message","role":"assistant","content":[{"type":"output_text","text":"hi"}]}],
             "usage":{"input_tokens":1,"output_tokens":1}}
            """#
        ),
        (
            .responses,
            #"""
            {"id":"r","status":"completed","output":[
             {"type":"web_search_call","id":"w","status":"completed","name":"web_search","arguments":"{\"query\":\"news\"}"},
             {"type":"message","role":"assistant","content":[{"type":"output_text","text":"hi"}]}],
             "usage":{"input_tokens":1,"output_tokens":1,"server_side_tool_usage_details":{"web_search_calls":1}}}
            """#
        ),
    ]

    @Test("what another provider searched is told to Google's clients", arguments: searching)
    func queries(provider: Dialect, body: String) throws {
        let (whole, stream, dropped) = try written(try read(body, from: provider), for: .generateContent)
        #expect(whole["candidates"]?[0]?["groundingMetadata"] == ["webSearchQueries": ["news"]])
        #expect(stream.contains(#""groundingMetadata":{"webSearchQueries":["news"]}"#))
        // A page that was opened has no place there.
        #expect(dropped == (body.contains("open_page") ? ["server_tool_use"] : []))
    }

    @Test("Gemini's search is an item for clients of Responses, and what has no place there is reported")
    func searchOfGemini() throws {
        let body = #"""
            {"responseId":"r","candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP","groundingMetadata":
             {"webSearchQueries":["a","b"],"groundingChunks":[{"web":{"uri":"https://a","title":"A"}}],
             "groundingSupports":[{"segment":{"endIndex":2,"text":"hi"},"groundingChunkIndices":[0]}]}}]}
            """#
        let (whole, stream, dropped) = try written(try read(body, from: .generateContent), for: .responses)
        #expect(dropped == [])
        let item = whole["output"]?[1]
        #expect(item?["type"] == "web_search_call")
        #expect(item?["status"] == "completed")
        #expect(item?["action"] == ["type": "search", "query": "a", "queries": ["a", "b"]])
        for step in ["in_progress", "searching", "completed"] {
            #expect(stream.contains("event: response.web_search_call.\(step)\n"), "\(step)")
        }
        for more in [#""searchEntryPoint":{"renderedContent":"x"},"#, #""retrievalQueries":["c"],"#] {
            let longer = body.replacing(#""webSearchQueries""#, with: more + #""webSearchQueries""#)
            let reply = try read(longer, from: .generateContent)
            #expect(try written(reply, for: .responses).dropped == ["groundingMetadata"])
        }
        // What nobody cites is not told.
        let uncited = body.replacing("Indices\":[0]", with: "Indices\":[]")
        let reply = try read(uncited, from: .generateContent)
        #expect(try written(reply, for: .responses).dropped == ["groundingMetadata"])
    }

    @Test("several queries of one search are all told, and what was found is reported")
    func severalQueries() throws {
        let body = #"""
            {"id":"r","status":"completed","output":[{"type":"web_search_call","id":"w","status":"completed","action":
             {"type":"search","query":"a","queries":["a","b"],"sources":[{"type":"url","url":"https://a"}]}}]}
            """#
        let reply = try read(body, from: .responses)
        let (whole, _, dropped) = try written(reply, for: .generateContent)
        #expect(whole["candidates"]?[0]?["groundingMetadata"]?["webSearchQueries"] == ["a", "b"])
        #expect(dropped == ["server_tool_use"])
    }

    @Test("how often another provider searched is told to clients of Messages, where it tells that or each query")
    func searchCounts() throws {
        func count(_ body: String, _ provider: Dialect) throws -> JSON? {
            let (whole, stream, _) = try written(try read(body, from: provider), for: .messages)
            let told = whole["usage"]?["server_tool_use"]
            #expect(stream.contains("web_search_requests") == (told != nil))
            return told
        }
        let one: JSON = ["web_search_requests": 1, "web_fetch_requests": 0]
        for (provider, body) in Self.searching where provider != .messages {
            #expect(try count(body, provider) == one, "\(body)")
        }
        let openRouter = #"""
            {"choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,
             "completion_tokens":1,"server_tool_use_details":{"web_search_requests":2,"tool_calls_requested":2}}}
            """#
        #expect(try count(openRouter, .chatCompletions)?["web_search_requests"] == 2)
        let silent =
            #"{"id":"r","status":"completed","output":[{"type":"web_search_call","id":"w"}],"usage":{"input_tokens":1,"output_tokens":1}}"#
        #expect(try count(silent, .responses) == nil)
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

    @Test(
        "log probabilities of a refusal are told too, and empty ones are none",
        arguments: [Dialect.cohereChat, .ollamaChat])
    func refusalLogprobs(client: Dialect) throws {
        var choice = Reply.Choice(parts: [Part(.refusal("No"))], stop: Stop(.refusal))
        choice.logprobs = ["content": nil, "refusal": [["token": "No", "logprob": -0.5]]]
        var reply = Reply(origin: .chatCompletions)
        reply.choices = [choice]
        let (whole, stream, dropped) = try written(reply, for: client)
        #expect(whole["logprobs"]?.array?.count == 1 && stream.contains("-0.5") && dropped == [])
        reply.choices[0].logprobs = ["content": [], "refusal": nil]
        let (none, empty, _) = try written(reply, for: client)
        #expect(none["logprobs"] == nil && !empty.contains("logprobs"))
    }

    @Test("log probabilities stand in an open text of a Cohere stream, and are reported without one")
    func cohereLogprobs() throws {
        func logprobs(_ token: String) -> ReplyEvent {
            .logprobs(choice: 0, ["content": [["token": .string(token), "logprob": -0.5]]])
        }
        let thought = PartPlace(part: 0)
        let text = PartPlace(part: 1)
        let call = PartPlace(part: 2)
        let events: [ReplyEvent] = [
            .began(ReplyHead(origin: .chatCompletions)), logprobs("early"),
            .partBegan(thought, Part(.reasoning(Reasoning()))), .delta(thought, .reasoning("hm")), logprobs("thought"),
            .partEnded(thought), .partBegan(text, .text("")), .delta(text, .text("said")), logprobs("said"),
            .partEnded(text), .partBegan(call, Part(.toolCall(ToolCall(id: "c", name: "f")))), logprobs("call"),
            .partEnded(call), .stopped(choice: 0, Stop(.toolUse)), .ended,
        ]
        let context = ReplyContext(
            model: "m", requestID: "r1", created: 1, request: Conversation(origin: .cohereChat, model: "m"))
        var encoder: any ReplyStreamEncoder = try #require(Dialect.cohereChat.codec).streamEncoder(for: context)
        var out = FrameWriter()
        for event in events { encoder.encode(event, into: &out) }
        let written = String(decoding: out.bytes, as: UTF8.self)
        #expect(written.contains(#""logprobs":{"text":"said""#))
        for token in ["early", "thought", "call"] { #expect(!written.contains("\"text\":\"\(token)\""), "\(token)") }
        #expect(encoder.losses.dropped == ["logprobs"])
    }

    @Test("parts that have no place at Ollama and Cohere are reported", arguments: [Dialect.ollamaChat, .cohereChat])
    func noPlace(client: Dialect) throws {
        let searched = #"""
            {"id":"m","type":"message","role":"assistant","stop_reason":"end_turn","content":[
             {"type":"server_tool_use","id":"s","name":"web_search","input":{}},
             {"type":"web_search_tool_result","tool_use_id":"s","content":[]},{"type":"text","text":"hi"}]}
            """#
        #expect(try written(try read(searched, from: .messages), for: client).dropped == ["content"])
        let image = #"""
            {"candidates":[{"content":{"role":"model","parts":[{"inlineData":{"mimeType":"image/png","data":"iVBORw0K"}}]},
             "finishReason":"STOP","index":0}]}
            """#
        #expect(try written(try read(image, from: .generateContent), for: client).dropped == ["image"])
    }

    @Test("what a provider tells of itself beside an answer is no loss; that a filter blocked it is one")
    func ofTheProvider() throws {
        let chat = #"""
            {"choices":[{"index":0,"finish_reason":"stop","native_finish_reason":"STOP","message":{"content":"hi"},
             "content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]}
            """#
        let google = #"""
            {"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP","tokenCount":1,"avgLogprobs":-0.5,
             "safetyRatings":[{"category":"HARM_CATEGORY_HARASSMENT","probability":"NEGLIGIBLE"}]}]}
            """#
        let blocked = #"""
            {"candidates":[{"content":{"parts":[]},"finishReason":"SAFETY",
             "safetyRatings":[{"category":"HARM_CATEGORY_HARASSMENT","probability":"HIGH","blocked":true}]}]}
            """#
        #expect(try written(try read(chat, from: .chatCompletions), for: .messages).dropped == [])
        for client in [Dialect.messages, .chatCompletions, .converse] {
            #expect(try written(try read(google, from: .generateContent), for: client).dropped == [], "\(client)")
            let lost = try written(try read(blocked, from: .generateContent), for: client).dropped
            #expect(lost == ["safetyRatings"], "\(client)")
        }
    }

    @Test(
        "how a text of Converse's is spelled is no loss, and stays",
        arguments: [
            #"{"citationsContent":{"content":[{"text":"a"}],"citations":[]}}"#,
            #"{"citationsContent":{"content":[{"text":"a"},{"text":"b"}],"citations":[]}}"#,
        ])
    func spelling(block: String) throws {
        let body = #"{"output":{"message":{"role":"assistant","content":[\#(block)]}},"stopReason":"end_turn"}"#
        let reply = try read(body, from: .converse)
        for client in [Dialect.messages, .chatCompletions, .generateContent] {
            #expect(try written(reply, for: client).dropped == [], "\(client)")
        }
        let (own, _, _) = try written(reply, for: .converse)
        let expected = try JSON.read(block)
        #expect(own["output"]?["message"]?["content"]?[0] == expected)
    }

    @Test("citations that a Gemini stream tells last reach Chat, and are reported where the text is over")
    func lateCitations() throws {
        let parts: JSON = [["text": "Hello"], ["inlineData": ["mimeType": "image/png", "data": "iVBORw0K"]]]
        let grounding: JSON = [
            "groundingChunks": [["web": ["uri": "https://a", "title": "A"]]],
            "groundingSupports": [["segment": ["endIndex": 5, "text": "Hello"], "groundingChunkIndices": [0]]],
        ]
        let chunks: [JSON] = [
            ["candidates": [["content": ["parts": parts], "index": 0]]],
            [
                "candidates": [
                    ["content": ["parts": []], "index": 0, "finishReason": "STOP", "groundingMetadata": grounding]
                ]
            ],
        ]
        var decoder = GenerateContentCodec.streamDecoder()
        var events: [ReplyEvent] = []
        for chunk in chunks { try decoder.decode(.json(chunk, event: nil), into: &events) }
        decoder.finish(into: &events)
        #expect(ReplyEventRules.faults(in: events) == [])
        for client in [Dialect.chatCompletions, .messages, .responses, .converse, .generateContent, .cohereChat] {
            let context = ReplyContext(
                model: "m", requestID: "r1", created: 1, request: Conversation(origin: client, model: "m"))
            var encoder: any ReplyStreamEncoder = try #require(client.codec).streamEncoder(for: context)
            var out = FrameWriter()
            for event in events { encoder.encode(event, into: &out) }
            if client == .chatCompletions {
                #expect(String(decoding: out.bytes, as: UTF8.self).contains(#""start_index":0,"end_index":5"#))
            }
            let isTold = client == .chatCompletions || client == .generateContent
            #expect(encoder.losses.dropped.contains("citations") != isTold, "\(client)")
        }
    }

    @Test(
        "a citation that loses its range, its words or its place in a document is reported",
        arguments: [
            (Dialect.chatCompletions, [Dialect.responses, .messages, .converse]),
            (.messages, [.responses, .generateContent]), (.converse, [.generateContent]),
            (.cohereChat, [.generateContent, .converse]),
        ] as [(Dialect, [Dialect])])
    func cutCitations(provider: Dialect, clients: [Dialect]) throws {
        let bodies: [Dialect: String] = [
            .chatCompletions: #"""
            {"choices":[{"index":0,"finish_reason":"stop","message":{"content":"see","annotations":[{"type":"url_citation",
             "url_citation":{"url":"https://a","title":"A","content":"words","start_index":0,"end_index":3}}]}}]}
            """#,
            .messages: #"""
            {"type":"message","stop_reason":"end_turn","content":[{"type":"text","text":"see","citations":[
             {"type":"page_location","cited_text":"q","document_index":0,"document_title":"D","start_page_number":1,
             "end_page_number":2}]}]}
            """#,
            .converse: #"""
            {"output":{"message":{"role":"assistant","content":[{"citationsContent":{"content":[{"text":"see"}],"citations":
             [{"title":"D","location":{"documentPage":{"documentIndex":0,"start":1,"end":2}}}]}}]}},"stopReason":"end_turn"}
            """#,
            .cohereChat: #"""
            {"id":"c","finish_reason":"COMPLETE","message":{"content":[{"type":"text","text":"60"}],"citations":[{"start":0,
             "end":2,"text":"60","sources":[{"type":"tool","id":"t:0","tool_output":{"output":"60"}}]}]}}
            """#,
        ]
        let reply = try read(try #require(bodies[provider]), from: provider)
        for client in clients { #expect(try written(reply, for: client).dropped == ["citations"], "\(client)") }
        // Chat has a member for all that is cited of a page, Converse for a place in a document.
        let whole: Dialect? = provider == .chatCompletions ? .chatCompletions : provider == .messages ? .converse : nil
        if let whole { #expect(try written(reply, for: whole).dropped == []) }
    }

    @Test("the source of a Converse citation is its address where it is one, and reported where it is not")
    func citedSource() throws {
        func reply(_ citation: String) throws -> Reply {
            let block = #"{"citationsContent":{"content":[{"text":"see"}],"citations":[\#(citation)]}}"#
            let body = #"{"output":{"message":{"content":[\#(block)]}},"stopReason":"end_turn"}"#
            return try read(body, from: .converse)
        }
        let named = try reply(#"{"title":"T","source":"shelf 4","location":{"web":{"url":"https://a"}}}"#)
        for client in [Dialect.chatCompletions, .messages, .responses, .generateContent] {
            #expect(try written(named, for: client).dropped == ["citations"], "\(client)")
        }
        let same = try reply(#"{"title":"T","source":"https://a","location":{"web":{"url":"https://a"}}}"#)
        let found = try reply(#"{"title":"T","source":"https://a"}"#)
        for address in [same, found] {
            for client in [Dialect.chatCompletions, .messages, .responses, .generateContent] {
                let (whole, _, dropped) = try written(address, for: client)
                #expect(whole.text.contains("https://a") && dropped == [], "\(client)")
            }
        }
        #expect(try written(named, for: .converse).dropped == [])
    }

    @Test("a Responses client gets the query of another provider's search; what was found beside addresses is reported")
    func searchResults() throws {
        func search(_ args: String, _ response: String) throws -> Reply {
            let call = #"{"toolCall":{"toolType":"GOOGLE_SEARCH_WEB","args":\#(args),"id":"s"}}"#
            let found = #"{"toolResponse":{"toolType":"GOOGLE_SEARCH_WEB","response":\#(response),"id":"s"}}"#
            let content = #"{"parts":[\#(call),\#(found),{"text":"a"}]}"#
            return try read(#"{"candidates":[{"content":\#(content),"finishReason":"STOP"}]}"#, from: .generateContent)
        }
        let cases: [(args: String, response: String, query: String, lost: Set<String>)] = [
            (#"{"q":"news"}"#, "{}", "news", []), (#"{"query":"news"}"#, "{}", "news", []),
            (#"{"queries":["news","snow"]}"#, #"{"search_suggestions":"<p>"}"#, "news", ["toolResponse"]),
            (#"{"q":"news","lang":"en"}"#, "{}", "news", ["lang"]), ("{}", "{}", "", []),
        ]
        for (args, response, query, lost) in cases {
            let (whole, stream, dropped) = try written(try search(args, response), for: .responses)
            let action = whole["output"]?[0]?["action"]
            #expect(action?["query"]?.string == query && dropped == lost, "\(args)")
            #expect(stream.contains(#""query":"\#(query)""#), "\(args)")
        }
        for (found, lost) in [
            (#"{"type":"web_search_result","url":"https://a","title":"A","page_age":null}"#, "web_search_tool_result"),
            ("", nil),
        ] as [(String, String?)] {
            let body = #"""
                {"id":"m","type":"message","role":"assistant","stop_reason":"end_turn","content":[
                 {"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"news"}},
                 {"type":"web_search_tool_result","tool_use_id":"s","content":[\#(found)]},{"type":"text","text":"hi"}]}
                """#
            let dropped = try written(try read(body, from: .messages), for: .responses).dropped
            #expect(dropped == Set([lost].compactMap { $0 }))
        }
    }

    @Test("the citations of a history are reported by Completions too")
    func citedHistory() throws {
        let body = #"""
            {"model":"m","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"see","annotations":[
             {"type":"url_citation","url_citation":{"url":"https://a","title":"A","start_index":0,"end_index":3}}]},
             {"role":"user","content":"go"}]}
            """#
        let conversation = try ChatCompletionsCodec.decodeRequest(try JSON.read(body), at: RequestPlace())
        var losses = LossReport()
        _ = try CompletionsCodec.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses)
        #expect(losses.dropped == ["citations"])
    }

    @Test("the tier that served an answer is told in the client's words, or reported; the plain one is never missed")
    func tiers() throws {
        let cases: [(provider: Dialect, tier: String, client: Dialect, word: String?, lost: String?)] = [
            (.chatCompletions, "flex", .messages, nil, "service_tier"),
            (.chatCompletions, "flex", .generateContent, nil, "service_tier"),
            (.converse, "flex", .messages, nil, "serviceTier"), (.converse, "flex", .responses, "flex", nil),
            (.messages, "priority", .generateContent, nil, "service_tier"),
            (.messages, "batch", .converse, nil, "service_tier"), (.messages, "standard", .converse, "default", nil),
            (.chatCompletions, "on_demand", .messages, nil, nil),
            (.chatCompletions, "default", .messages, "standard", nil),
            (.messages, "standard", .completions, "default", nil),
            (.messages, "batch", .completions, nil, "service_tier"),
        ]
        for (provider, tier, client, word, lost) in cases {
            var reply = Reply(origin: provider)
            reply.choices = [Reply.Choice(parts: [.text("hi")], stop: Stop(.endTurn))]
            reply.serviceTier = tier
            let (whole, stream, dropped) = try written(reply, for: client)
            let told: JSON? =
                switch client {
                case .messages: whole["usage"]?["service_tier"]
                case .converse: whole["serviceTier"]?["type"]
                default: whole["service_tier"]
                }
            #expect(told?.string == word, "\(tier) of \(provider) to \(client)")
            #expect(dropped == Set([lost].compactMap { $0 }), "\(tier) of \(provider) to \(client)")
            if let word { #expect(stream.contains("\"\(word)\""), "\(provider) to \(client)") }
        }
    }

    @Test("a tier that a stream tells at its end is told by clients' dialects that have a place there, else reported")
    func lateTier() throws {
        let place = PartPlace(part: 0)
        let late: [(provider: Dialect, head: String?, tier: String, lost: String)] = [
            (.converse, nil, "flex", "serviceTier"), (.generateContent, nil, "flex", "serviceTier"),
            (.responses, nil, "flex", "service_tier"),
            // What the head said is taken back.
            (.responses, "priority", "default", "service_tier"),
        ]
        for (provider, head, tier, name) in late {
            let events: [ReplyEvent] = [
                .began(ReplyHead(origin: provider, serviceTier: head)), .partBegan(place, .text("")),
                .delta(place, .text("hi")),
                .partEnded(place), .stopped(choice: 0, Stop(.endTurn)), .serviceTier(tier), .ended,
            ]
            for client in Dialect.ofClients where client != provider {
                let context = ReplyContext(
                    model: "m", requestID: "r1", created: 1, request: Conversation(origin: client, model: "m"))
                var encoder: any ReplyStreamEncoder = try #require(client.codec).streamEncoder(for: context)
                var out = FrameWriter()
                for event in events { encoder.encode(event, into: &out) }
                let isTold = String(decoding: out.bytes, as: UTF8.self).contains("\"\(tier)\"")
                #expect(encoder.losses.dropped == (isTold ? [] : [name]), "\(provider) to \(client)")
                let hasPlace = client == .responses || client == .converse
                #expect(isTold == hasPlace, "\(client)")
            }
            var assembler = ReplyAssembler(origin: provider)
            assembler.add(events)
            #expect(assembler.reply.serviceTier == tier)
        }
    }

    @Test("a citation of no source that Google has a place for is reported, and no empty one is written")
    func emptySource() throws {
        var reply = Reply(origin: .responses)
        for nowhere in [Citation(fileID: "file-1"), Citation(title: "", citedText: "")] {
            let cited = Text("hi there", citations: [Citation(url: "https://a"), nowhere])
            reply.choices = [Reply.Choice(parts: [Part(.text(cited))], stop: Stop(.endTurn))]
            let (whole, stream, dropped) = try written(reply, for: .generateContent)
            let grounding = whole["candidates"]?[0]?["groundingMetadata"]
            #expect(grounding?["groundingChunks"] == [["web": ["uri": "https://a"]]])
            #expect(grounding?["groundingSupports"]?.array?.count == 1 && !stream.contains("retrievedContext"))
            #expect(dropped == ["citations"])
        }
    }

    @Test("a stream's last word about the tier counts")
    func lastTier() throws {
        let text = #"""
            data: {"type":"response.created","response":{"id":"r","service_tier":"auto","output":[]}}

            data: {"type":"response.completed","response":{"id":"r","status":"completed","service_tier":"flex","output":[]}}


            """#
        let events = try CodecCheck<ResponsesCodec>.events(of: [Array(text.utf8)])
        #expect(CodecCheck<ResponsesCodec>.assembled(events).reply.serviceTier == "flex")
        let google = #"""
            data: {"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"hi"}]}}]}

            data: {"candidates":[{"index":0,"finishReason":"STOP"}],"usageMetadata":{"serviceTier":"flex"}}


            """#
        let told = try CodecCheck<GenerateContentCodec>.events(of: [Array(google.utf8)])
        #expect(CodecCheck<GenerateContentCodec>.assembled(told).reply.serviceTier == "flex")
        let completions = #"""
            data: {"choices":[{"index":0,"text":"hi"}]}

            data: {"choices":[{"index":0,"text":"","finish_reason":"stop"}],"service_tier":"flex"}

            data: [DONE]


            """#
        let late = try CodecCheck<CompletionsCodec>.events(of: [Array(completions.utf8)])
        #expect(CodecCheck<CompletionsCodec>.assembled(late).reply.serviceTier == "flex")
    }

    @Test("which stop sequence fired is told, or reported", arguments: Dialect.ofClients)
    func stopSequence(client: Dialect) throws {
        // Each client hears it from a provider of another dialect.
        var reply = Reply(origin: client == .messages ? .converse : .messages)
        reply.choices = [Reply.Choice(parts: [.text("hi")], stop: Stop(.stopSequence, sequence: "END"))]
        let (whole, stream, dropped) = try written(reply, for: client)
        let isTold = client != .responses && client != .generateContent
        #expect(dropped == (isTold ? [] : ["stop_sequence"]))
        #expect(whole.text.contains("\"END\"") == isTold && stream.contains("\"END\"") == isTold)
    }

    @Test("Google's word at its Chat endpoint for a call that nobody can read")
    func malformedAtChat() throws {
        let body = #"""
            {"choices":[{"index":0,"finish_reason":"function_call_filter: MALFORMED_FUNCTION_CALL","message":{"content":null}}]}
            """#
        #expect(try read(body, from: .chatCompletions).choices[0].stop?.reason == .malformedToolCall)
    }

    @Test("a sound goes to Google's clients in the format that is told or seen, else as its words")
    func soundFormats() throws {
        var media = Media(.audio, .base64("AAAAAAAA"))
        media.transcript = "Hello there"
        var reply = Reply(origin: .chatCompletions)
        reply.choices = [Reply.Choice(parts: [Part(.media(media))], stop: Stop(.endTurn))]
        let (unknown, _, dropped) = try written(reply, for: .generateContent)
        #expect(unknown["candidates"]?[0]?["content"]?["parts"] == [["text": "Hello there"]] && dropped == ["audio"])
        media.source = .base64("UklGRAAA")
        reply.choices[0].parts = [Part(.media(media))]
        let (seen, _, _) = try written(reply, for: .generateContent)
        #expect(seen["candidates"]?[0]?["content"]?["parts"]?[0]?["inlineData"]?["mimeType"] == "audio/wav")
    }

    @Test("a proof that an image leaves behind is reported", arguments: [Dialect.chatCompletions, .responses])
    func imageProof(client: Dialect) throws {
        let image = Media(.image, .base64("iVBORw0K"), mediaType: "image/png")
        var reply = Reply(origin: .generateContent)
        let part = Part(.media(image), proof: Proof(.google, .signature, "c2ln"))
        reply.choices = [Reply.Choice(parts: [part], stop: Stop(.endTurn))]
        #expect(try written(reply, for: client).dropped == ["reasoning"])
        let (_, stream, dropped) = try written(reply, for: .converse)
        #expect(stream.contains("redactedContent") && dropped == [])
    }
}
