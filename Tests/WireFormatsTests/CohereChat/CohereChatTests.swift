import JSONText
import TestSupport
import Testing
import WireFormats

@Suite("Cohere")
struct CohereChatTests {
    typealias Check = CodecCheck<CohereChatCodec>

    private func encode(_ conversation: Conversation) throws -> (JSON, LossReport) {
        var losses = LossReport()
        return (try CohereChatCodec.encodeRequest(conversation, for: TargetFacts(model: "command"), &losses), losses)
    }

    @Test("an agent's Messages conversation")
    func messages() throws {
        var conversation = Samples.messagesAgent()
        conversation.turns[3].parts[0].content = .toolResult(
            ToolResult(callID: "toolu_1", parts: [.text("A")], isPlainText: true))
        let (body, losses) = try encode(conversation)
        try expectSame(
            body,
            #"""
            {"model":"command","stream":true,"messages":[
              {"role":"system","content":[{"type":"text","text":"You are careful."},{"type":"text","text":"Project notes."}]},
              {"role":"user","content":"Hello"},
              {"role":"assistant","content":"I look.","tool_calls":[
                {"id":"toolu_1","type":"function","function":{"name":"read","arguments":"{\"path\":\"a\"}"}},
                {"id":"toolu_2","type":"function","function":{"name":"list","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"toolu_1","content":"A"},{"role":"tool","tool_call_id":"toolu_2","content":"B"},
              {"role":"user","content":"Go on."},{"role":"system","content":"Be brief."},{"role":"user","content":"Now?"}],
             "tools":[{"type":"function","function":{"name":"read","description":"Reads.","parameters":{"type":"object"}}},
               {"type":"function","function":{"name":"list","parameters":{"type":"object"}}}],
             "tool_choice":"REQUIRED","max_tokens":4000,"temperature":1,"k":5,"stop_sequences":["END"],
             "thinking":{"type":"enabled","token_budget":2000}}
            """#)
        #expect(
            Set(losses.dropped) == [
                "reasoning", "cache_control", "is_error", "web_search_20250305", "metadata", "user_id", "container",
                "disable_parallel_tool_use",
            ])
    }

    @Test("a thinking budget stays below the output's cap, or thinking is off")
    func budget() throws {
        var conversation = Conversation(origin: .messages, model: "m")
        conversation.turns = [.text(.user, "x")]
        conversation.reasoning = ReasoningSettings(effort: "high")
        conversation.sampling.maxOutputTokens = 3000
        #expect(try encode(conversation).0["thinking"] == ["type": "enabled", "token_budget": 2999])
        conversation.sampling.maxOutputTokens = 500
        #expect(try encode(conversation).0["thinking"] == ["type": "disabled"])
    }

    @Test("structured output is a parameter alone, and words beside tools; one tool is demanded by sending it alone")
    func formats() throws {
        var conversation = Conversation(origin: .chatCompletions, model: "m")
        conversation.turns = [.text(.user, "x")]
        conversation.outputFormat = .jsonSchema(OutputFormat.Schema(name: "n", schema: ["type": "object"]))
        #expect(
            try encode(conversation).0["response_format"] == ["type": "json_object", "json_schema": ["type": "object"]])
        conversation.tools = ["f", "g"].map { Tool(.function(FunctionTool(name: $0, strict: true))) }
        conversation.toolChoice = .function("g")
        let (body, losses) = try encode(conversation)
        #expect(body["response_format"] == nil && body["messages"]?[0]?["role"] == "system")
        #expect(body["tools"]?.array?.count == 1 && body["tools"]?[0]?["function"]?["name"] == "g")
        #expect(body["tool_choice"] == "REQUIRED" && body["strict_tools"] == true)
        #expect(losses.adjusted == ["tool_choice", "response_format"])
    }

    @Test("arguments are the text of an object: as it was written, or around what is none")
    func arguments() throws {
        for (arguments, text) in [
            (#"{"x": 1}"#, #"{"x": 1}"#), (#"{"x": "cut"#, ##"{"_raw":"{\"x\": \"cut"}"##), ("null", "{}"), (" ", "{}"),
        ] {
            var conversation = Conversation(origin: .chatCompletions, model: "m")
            let call = Part(.toolCall(ToolCall(id: "c", name: "f", arguments: arguments)))
            conversation.turns = [.text(.user, "q"), Turn(.assistant, [call])]
            let (body, losses) = try encode(conversation)
            #expect(body["messages"]?[1]?["tool_calls"]?[0]?["function"]?["arguments"]?.string == text)
            #expect(losses.adjusted == (text.contains("_raw") ? ["arguments"] : []))
            conversation.origin = .cohereChat
            #expect(
                try encode(conversation).0["messages"]?[1]?["tool_calls"]?[0]?["function"]?["arguments"]?.string
                    == arguments)
        }
    }

    @Test("an empty content is left out; a tool whose schema says nothing takes an object of nothing")
    func emptiness() throws {
        var conversation = Conversation(origin: .chatCompletions, model: "m")
        let call = Part(.toolCall(ToolCall(id: "c", name: "f", arguments: "{}")))
        conversation.turns = [
            .text(.user, "q"), Turn(.assistant, [.text(""), call]),
            Turn(.tool, [Part(.toolResult(ToolResult(callID: "c", parts: [.text("1")], isPlainText: true)))]),
            .text(.assistant, ""), Turn(.user, [.text(""), .text("more")]),
        ]
        conversation.tools = [Tool(.function(FunctionTool(name: "f", parameters: [:])))]
        let (body, losses) = try encode(conversation)
        try expectSame(
            body,
            #"""
            {"model":"command","messages":[
              {"role":"user","content":"q"},
              {"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"c","content":"1"},{"role":"user","content":"more"}],
             "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}]}
            """#)
        #expect(losses.isEmpty)
    }

    @Test("a turn that says nothing is none: Cohere refuses such a message")
    func blankTurns() throws {
        var conversation = Conversation(origin: .messages, model: "m")
        conversation.turns = [
            Turn(.system, [.text("")], isPlainText: true, isTopLevel: true), Turn(.system, [], isTopLevel: true),
            .text(.user, ""), Turn(.user, []), Turn(.user, [.text(""), .text("")]), .text(.assistant, ""),
            .text(.user, "hi"),
        ]
        let (body, losses) = try encode(conversation)
        #expect(body["messages"] == [["role": "user", "content": "hi"]] && losses.isEmpty)
    }

    @Test("a stream: plan, thinking, text with citations, parallel calls, billed usage")
    func stream() throws {
        let lines = [
            #"{"type":"message-start","id":"x1","delta":{"message":{"role":"assistant","content":[]}}}"#,
            #"{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I will."}}}"#,
            #"{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}"#,
            #"{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Bern"}}}}"#,
            #"{"type":"citation-start","index":0,"delta":{"message":{"citations":{"start":0,"end":4,"text":"Bern","sources":[{"type":"document","id":"d","document":{"title":"T","url":"https://a.example"}}]}}}}"#,
            #"{"type":"citation-end","index":0}"#, #"{"type":"content-end","index":0}"#,
            #"{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"c1","type":"function","function":{"name":"f","arguments":""}}}}}"#,
            #"{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{}"}}}}}"#,
            #"{"type":"tool-call-end","index":0}"#,
            #"{"type":"message-end","delta":{"finish_reason":"TOOL_CALL","usage":{"billed_units":{"input_tokens":9,"output_tokens":3},"tokens":{"input_tokens":900,"output_tokens":30,"reasoning_tokens":20},"cached_tokens":800}}}"#,
        ]
        let text = lines.map { "event: e\ndata: \($0)\n\n" }.joined()
        var fuzz = SeededRandom.fresh("cohere stream")
        let events = try Check.checkStream(Array(text.utf8), &fuzz, "stream")
        let reply = Check.assembled(events).reply
        let parts = reply.choices[0].parts
        #expect(
            parts[0].reasoning?.text == "I will." && parts[1].text == "Bern" && parts[2].toolCall?.arguments == "{}")
        guard case .text(let said) = parts[1].content else { return }
        #expect(said.citations[0].url == "https://a.example" && said.citations[0].range == 0..<4)
        let tokens = reply.usage?.tokens
        #expect(tokens?.input == 9 && tokens?.output == 3 && tokens?.reasoning == 3 && tokens?.cachedInput == 0)
        #expect(reply.choices[0].stop?.reason == .toolUse)
        try CorpusRun.checkBack(CohereChatCodec.self, reply, events, "stream")
    }

    @Test("a plan stands behind the thinking and before the words, whole as streamed")
    func planInOrder() throws {
        let calls: JSON = [["id": "c1", "type": "function", "function": ["name": "f", "arguments": "{}"]]]
        let content: JSON = [["type": "thinking", "thinking": "Hm."], ["type": "text", "text": "Wait"]]
        let citation: JSON = ["start": 0, "end": 4, "text": "Wait", "sources": [], "content_index": 1]
        let whole = try CohereChatCodec.decodeReply([
            "id": "x", "finish_reason": "TOOL_CALL",
            "message": [
                "role": "assistant", "tool_plan": "I will.", "content": content, "tool_calls": calls,
                "citations": [citation],
            ],
        ])
        #expect(whole.choices[0].parts.map(\.form) == [nil, "tool_plan", nil, nil])
        let lines = [
            #"{"type":"message-start","id":"x","delta":{"message":{"role":"assistant"}}}"#,
            #"{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"thinking","thinking":"Hm."}}}}"#,
            #"{"type":"content-end","index":0}"#,
            #"{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I will."}}}"#,
            #"{"type":"content-start","index":1,"delta":{"message":{"content":{"type":"text","text":"Wait"}}}}"#,
            #"{"type":"citation-start","index":0,"delta":{"message":{"citations":\#(citation.text)}}}"#,
            #"{"type":"content-end","index":1}"#,
            #"{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":\#(calls[0]?.text ?? "")}}}"#,
            #"{"type":"tool-call-end","index":0}"#, #"{"type":"message-end","delta":{"finish_reason":"TOOL_CALL"}}"#,
        ]
        let events = try Check.events(of: [Array(lines.map { "data: \($0)\n\n" }.joined().utf8)])
        #expect(Check.assembled(events).reply.choices == whole.choices)
        // One text of the two for a Chat client, a blank line between.
        var losses = LossReport()
        let message = ChatCompletionsCodec.encodeReply(whole, for: Samples.context(), &losses)["choices"]?[0]?[
            "message"]
        #expect(message?["reasoning_content"] == "Hm.\n\nI will.")
    }

    @Test(
        "a generation that failed is no answer, whole or streamed",
        arguments: [
            ("ERROR", ProviderError.Kind.server), ("ERROR_SOMETHING", .server), ("TIMEOUT", .timeout),
        ])
    func failures(word: String, kind: ProviderError.Kind) throws {
        let message: JSON = ["role": "assistant", "content": [["type": "text", "text": "Half"]]]
        let body: JSON = ["id": "x", "finish_reason": .string(word), "message": message]
        let expected = ProviderError(message: "The generation ended with '\(word)'.", kind: kind)
        #expect(throws: ReplyError.failed(expected)) { try CohereChatCodec.decodeReply(body) }
        let usage: JSON = ["billed_units": ["input_tokens": 9, "output_tokens": 3]]
        let lines: [JSON] = [
            ["type": "message-start", "id": "x", "delta": ["message": ["role": "assistant"]]],
            ["type": "content-delta", "index": 0, "delta": ["message": ["content": ["text": "Half"]]]],
            ["type": "message-end", "delta": ["finish_reason": .string(word), "usage": usage]],
        ]
        let bytes = Array(lines.map { "data: \($0.text)\n\n" }.joined().utf8)
        let events = try Check.events(of: [bytes])
        #expect(events.last == .failed(expected) && Check.assembled(events).reply.usage?.tokens.output == 3)
        #expect(Check.faults(in: events).isEmpty)
    }

    @Test("the provider's own words about a failure stay; a filter and a full context are ends, and come back as such")
    func endsOfErrors() throws {
        let told: JSON = [
            "id": "x", "finish_reason": "ERROR", "error": "invalid tool generation",
            "error_type": "INVALID_TOOL_GENERATION", "message": ["role": "assistant", "content": []],
        ]
        let expected = ProviderError(message: "invalid tool generation", type: "INVALID_TOOL_GENERATION")
        #expect(throws: ReplyError.failed(expected)) { try CohereChatCodec.decodeReply(told) }
        for (word, reason) in [("ERROR_TOXIC", Stop.Reason.contentFilter), ("ERROR_LIMIT", .contextWindow)] {
            let message: JSON = ["role": "assistant", "content": []]
            let body: JSON = ["id": "x", "finish_reason": .string(word), "message": message]
            let reply = try CohereChatCodec.decodeReply(body)
            #expect(reply.choices[0].stop == Stop(reason, native: word))
            var losses = LossReport()
            let context = Samples.context()
            #expect(CohereChatCodec.encodeReply(reply, for: context, &losses)["finish_reason"] == .string(word))
        }
    }

    @Test("log probabilities are Chat's, an entry a text, whole and streamed; they go back as they came")
    func logprobs() throws {
        let items: JSON = [
            ["text": "hi", "token_ids": [1], "logprobs": [-0.5]],
            ["text": "é", "token_ids": [2, 3], "logprobs": [-0.25, -0.5]],
        ]
        let body: JSON = [
            "id": "x", "finish_reason": "COMPLETE", "logprobs": items,
            "message": ["role": "assistant", "content": [["type": "text", "text": "hié"]]],
        ]
        let entries: JSON = [
            ["token": "hi", "logprob": -0.5, "bytes": [104, 105], "top_logprobs": [], "token_ids": [1]],
            [
                "token": "é", "logprob": -0.75, "bytes": [195, 169], "top_logprobs": [], "token_ids": [2, 3],
                "logprobs": [-0.25, -0.5],
            ],
        ]
        let reply = try CohereChatCodec.decodeReply(body)
        #expect(reply.extras.isEmpty)
        var losses = LossReport()
        let chat = ChatCompletionsCodec.encodeReply(reply, for: Samples.context(), &losses)
        #expect(chat["choices"]?[0]?["logprobs"]?["content"] == entries && losses.isEmpty)
        #expect(CohereChatCodec.encodeReply(reply, for: Samples.context(), &losses)["logprobs"] == items)

        let deltas = [("hi", items[0] ?? .null), ("é", items[1] ?? .null)].map { text, logprobs -> JSON in
            let message: JSON = ["message": ["content": ["text": .string(text)]]]
            return ["type": "content-delta", "index": 0, "delta": message, "logprobs": logprobs]
        }
        let start: JSON = ["type": "message-start", "id": "x", "delta": ["message": ["role": "assistant"]]]
        let end: JSON = ["type": "message-end", "delta": ["finish_reason": "COMPLETE"]]
        let text = ([start] + deltas + [end]).map { "data: \($0.text)\n\n" }.joined()
        let events = try Check.events(of: [Array(text.utf8)])
        #expect(Check.assembled(events).reply.choices == reply.choices)
        let (bytes, _) = encoded(CohereChatCodec.self, reply.events)
        #expect(Check.assembled(try Check.events(of: [bytes])).reply.choices == reply.choices)
    }

    @Test("of the cached tokens those are input that cannot be Cohere's own words around the prompt")
    func cachedTokens() throws {
        func cached(_ usage: JSON) throws -> Int64? {
            let body: JSON = ["id": "1", "message": ["role": "assistant"], "finish_reason": "COMPLETE", "usage": usage]
            return try CohereChatCodec.decodeReply(body).usage?.tokens.cachedInput.count
        }
        #expect(
            try cached([
                "billed_units": ["input_tokens": 4612], "tokens": ["input_tokens": 6085], "cached_tokens": 6016,
            ]) == 4543)
        #expect(
            try cached([
                "billed_units": ["input_tokens": 8], "tokens": ["input_tokens": 503], "cached_tokens": 448,
            ]) == 0)
        #expect(try cached(["billed_units": ["input_tokens": 11], "cached_tokens": 448]) == 0)
        #expect(try cached(["tokens": ["input_tokens": 503], "cached_tokens": 448]) == 448)
        #expect(
            try cached([
                "billed_units": ["input_tokens": 522], "tokens": ["input_tokens": 501], "cached_tokens": 480,
            ]) == 480)
    }

    @Test("replies of other dialects are legal Cohere, with one part open at a time")
    func foreign() throws {
        var losses = LossReport()
        let whole = try CohereChatCodec.decodeReply(
            CohereChatCodec.encodeReply(Samples.messagesReply(), for: Samples.context(), &losses))
        #expect(whole.choices[0].parts.compactMap(\.toolCall?.id) == ["toolu_1", "toolu_2"])
        let (bytes, _) = encoded(CohereChatCodec.self, Samples.interleaved(Samples.messagesReply()))
        let events = try Check.events(of: [bytes])
        #expect(Check.faults(in: events).isEmpty)
        #expect(
            Check.assembled(events).reply.choices[0].parts.compactMap(\.toolCall)
                == whole.choices[0].parts.compactMap(\.toolCall))
    }
}
