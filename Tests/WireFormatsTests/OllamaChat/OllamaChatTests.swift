import JSONText
import TestSupport
import Testing
import WireFormats

@Suite("Ollama")
struct OllamaChatTests {
    typealias Check = CodecCheck<OllamaChatCodec>

    private func encode(
        _ conversation: Conversation, _ change: (inout TargetFacts) -> Void = { _ in }
    ) throws -> (JSON, LossReport) {
        var target = TargetFacts(model: "qwen")
        change(&target)
        var losses = LossReport()
        return (try OllamaChatCodec.encodeRequest(conversation, for: target, &losses), losses)
    }

    @Test("an agent's Messages conversation")
    func messages() throws {
        var conversation = Samples.messagesAgent()
        conversation.turns[3].parts[0].content = .toolResult(
            ToolResult(callID: "toolu_1", name: "read", parts: [.text("A")]))
        conversation.turns[1].parts.append(Part(.media(Media(.image, .base64(Samples.png), mediaType: "image/png"))))
        let (body, losses) = try encode(conversation)
        try expectSame(
            body,
            #"""
            {"model":"qwen","messages":[
              {"role":"system","content":"You are careful.\nProject notes."},
              {"role":"user","content":"Hello","images":["iVBORw0KGgo="]},
              {"role":"assistant","content":"I look.","tool_calls":[{"function":{"name":"read","arguments":{"path":"a"}}},
                {"function":{"name":"list","arguments":{}}}]},
              {"role":"tool","content":"A","tool_name":"read"},{"role":"tool","content":"B","tool_name":"list"},
              {"role":"user","content":"Go on."},{"role":"system","content":"Be brief."},{"role":"user","content":"Now?"}],
             "tools":[{"type":"function","function":{"name":"read","description":"Reads.","parameters":{"type":"object"}}},
               {"type":"function","function":{"name":"list","parameters":{"type":"object"}}}],
             "stream":true,"think":true,"options":{"temperature":1,"top_k":5,"num_predict":4000,"stop":["END"]}}
            """#)
        #expect(losses.adjusted == ["thinking"])
        #expect(losses.dropped.contains("tool_choice") && losses.dropped.contains("web_search_20250305"))
    }

    @Test("results stand in the order of their calls, which is all that tells them apart")
    func order() throws {
        func call(_ id: String) -> Part { Part(.toolCall(ToolCall(id: id, name: "add"))) }
        func result(_ id: String, _ text: String) -> Part {
            Part(.toolResult(ToolResult(callID: id, parts: [.text(text)], isPlainText: true)))
        }
        func said(_ conversation: Conversation) throws -> [JSON?] {
            try encode(conversation).0["messages"]?.array?.map { $0["content"] } ?? []
        }
        var conversation = Conversation(origin: .chatCompletions, model: "m")
        conversation.turns = [
            .text(.user, "q"), Turn(.assistant, [call("1"), call("2")]), Turn(.tool, [result("2", "two")]),
            Turn(.tool, [result("1", "one")]), Turn(.assistant, [call("3"), call("1")]),
            Turn(.tool, [result("1", "again")]), Turn(.tool, [result("3", "three")]), .text(.user, "go on"),
        ]
        #expect(try said(conversation) == ["q", "", "one", "two", "", "three", "again", "go on"])
        conversation.origin = .messages
        conversation.turns = [
            .text(.user, "q"), Turn(.assistant, [call("1"), call("2")]),
            Turn(.user, [result("2", "two"), .text("well?"), result("1", "one")]),
        ]
        #expect(try said(conversation) == ["q", "", "one", "two", "well?"])
    }

    @Test("an empty system prompt is none; how closely to look at an image is reported")
    func leftOut() throws {
        var conversation = Conversation(origin: .chatCompletions, model: "m")
        let image = Media(.image, .base64(Samples.png), mediaType: "image/png", detail: "high")
        conversation.turns = [.text(.system, ""), Turn(.user, [Part(.media(image))])]
        let (body, losses) = try encode(conversation)
        #expect(body["messages"]?.array?.count == 1 && losses.dropped == ["detail"])
    }

    @Test("images by URL are refused; thinking is a word where the model wants one")
    func details() throws {
        var conversation = Conversation(origin: .chatCompletions, model: "m")
        conversation.turns = [Turn(.user, [Part(.media(Media(.image, .url("https://i.example/x.png"))))])]
        let error = #expect(throws: RequestError.self) { try encode(conversation) }
        #expect(error?.code == "unsupported_content")
        conversation.turns = [.text(.user, "x")]
        conversation.turns[0].name = "ann"
        #expect(try encode(conversation).1.dropped == ["name"])
        conversation.reasoning = ReasoningSettings(effort: "xhigh")
        #expect(try encode(conversation) { $0.thinking = .level }.0["think"] == "high")
        conversation.reasoning = ReasoningSettings(mode: .enabled)
        #expect(try encode(conversation) { $0.thinking = .level }.0["think"] == "medium")
        conversation.reasoning = ReasoningSettings(effort: "none")
        let (always, adjusted) = try encode(conversation) { $0.thinking = .level }
        #expect(always["think"] == "low" && adjusted.adjusted == ["reasoning_effort"])
        #expect(try encode(conversation).0["think"] == false)
        conversation.outputFormat = .jsonSchema(OutputFormat.Schema(name: "n", schema: ["type": "object"]))
        let (body, _) = try encode(conversation)
        #expect(body["format"] == ["type": "object"] && body["stream"] == false)
    }

    @Test("a stream: thinking, text, calls without ids, and its counts")
    func stream() throws {
        let text = """
            {"model":"q","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"","thinking":"Hm"},"done":false}
            {"model":"q","created_at":"2026-01-01T00:00:01Z","message":{"role":"assistant","content":"Hi"},"done":false}
            {"model":"q","created_at":"2026-01-01T00:00:02Z","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}},{"function":{"name":"f","arguments":{}}}]},"done":false}
            {"model":"q","created_at":"2026-01-01T00:00:03Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":5,"eval_count":7}

            """
        var fuzz = SeededRandom.fresh("ollama stream")
        let events = try Check.checkStream(Array(text.utf8), &fuzz, "stream")
        let reply = Check.assembled(events).reply
        let calls = reply.choices[0].parts.compactMap(\.toolCall)
        #expect(reply.choices[0].parts.count == 4 && calls.map(\.arguments) == [#"{"a":1}"#, "{}"])
        #expect(Set(calls.map(\.id)).count == 2 && calls.allSatisfy { $0.id.hasPrefix("call_") })
        #expect(reply.choices[0].stop?.reason == .toolUse && reply.usage?.tokens.total == 12)
        try CorpusRun.checkBack(OllamaChatCodec.self, reply, events, "stream")
        let broken = try Check.events(of: [Array("{\"error\":\"gone\"}\n".utf8)])
        #expect(broken == [.failed(ProviderError(message: "gone"))])
    }

    @Test("input that was cached is a part of the input")
    func cachedInput() throws {
        let reply = try OllamaChatCodec.decodeReply([
            "model": "q", "message": ["role": "assistant", "content": "Hi"], "done": true, "done_reason": "stop",
            "prompt_eval_count": 11, "prompt_eval_cached_count": 8, "eval_count": 18,
        ])
        #expect(reply.usage?.tokens == TokenUsage(input: 11, cachedInput: 8, output: 18))
        #expect(reply.usage?.native?["prompt_eval_cached_count"] == 8)
    }

    @Test("replies of other dialects are legal Ollama")
    func foreign() throws {
        let (bytes, _) = encoded(OllamaChatCodec.self, Samples.interleaved(Samples.messagesReply()))
        let events = try Check.events(of: [bytes])
        #expect(Check.faults(in: events).isEmpty)
        let reply = Check.assembled(events).reply
        #expect(reply.choices[0].parts.compactMap(\.toolCall).count == 2)
        #expect(reply.choices[0].parts.compactMap(\.text).joined() == "So: Bern is the capital.")
    }
}
