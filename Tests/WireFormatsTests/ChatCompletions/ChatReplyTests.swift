import JSONText
import Testing
import WireFormats

@Suite("Chat replies")
struct ChatReplyTests {
    typealias Check = CodecCheck<ChatCompletionsCodec>

    @Test("a reply of Messages becomes Chat")
    func messages() throws {
        var losses = LossReport()
        let body = ChatCompletionsCodec.encodeReply(Samples.messagesReply(), for: Samples.context(), &losses)
        try expectSame(
            body,
            #"""
            {"id":"msg_1","object":"chat.completion","created":1700000000,"model":"alias","choices":[{"index":0,
              "message":{"role":"assistant","content":"So: Bern is the capital.","annotations":[{"type":"url_citation",
                "url_citation":{"start_index":4,"end_index":24,"url":"https://a.example","title":"A","content":"capital"}}],
               "reasoning_content":"Hm.","thinking_blocks":[{"type":"thinking","thinking":"Hm.","signature":"c2ln"},
                 {"type":"redacted_thinking","data":"ZW5j"}],
               "tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"a","arguments":"{\"x\":1}"}},
                 {"id":"toolu_2","type":"function","function":{"name":"b","arguments":"{}"}}]},
              "finish_reason":"tool_calls"}],
             "usage":{"prompt_tokens":100,"completion_tokens":30,"total_tokens":130,
               "prompt_tokens_details":{"cached_tokens":40,"cache_write_tokens":30},
               "cache_creation_input_tokens":30,
               "cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},
               "server_tool_use":{"web_search_requests":1}}}
            """#)
        #expect(losses.dropped == ["server_tool_use"])
        #expect(body["choices"]?[0]?["message"]?["refusal"] == JSON.null)
        let tokens = try ChatCompletionsCodec.decodeReply(body).usage?.tokens
        #expect(tokens?.cachedInput == 40 && tokens?.cacheWrite5m == 10 && tokens?.cacheWrite1h == 20)
    }

    @Test("a count of 0 that the provider told is told; one that it did not is left out")
    func noReasoning() throws {
        func details(_ usage: JSON) throws -> JSON? {
            let reply = try ResponsesCodec.decodeReply([
                "id": "r", "status": "completed", "output": [], "usage": usage,
            ])
            var losses = LossReport()
            let body = ChatCompletionsCodec.encodeReply(reply, for: Samples.context(), &losses)
            return body["usage"]?["completion_tokens_details"]
        }
        let told: JSON = [
            "input_tokens": 3, "output_tokens": 2, "output_tokens_details": ["reasoning_tokens": 0], "total_tokens": 5,
        ]
        #expect(try details(told) == ["reasoning_tokens": 0])
        #expect(try details(["input_tokens": 3, "output_tokens": 2, "total_tokens": 5]) == nil)
    }

    /// Parts with proofs of every origin, on thinking, on a text and on a call.
    private static let proofs: [Part] = [
        Part(.reasoning(Reasoning("Hm.", proof: Proof(.anthropic, .signature, "c2ln")))),
        Part(.reasoning(Reasoning(proof: Proof(.anthropic, .encrypted, "ZW5j"), isRedacted: true))),
        Part(
            .reasoning(Reasoning(summaries: ["One", "Two"], proof: Proof(.openAI, .encrypted, "gAAA", itemID: "rs_1")))),
        Part(.text(Text("Said")), proof: Proof(.google, .signature, "VFQ=")),
        Part(.toolCall(ToolCall(id: "c1", name: "f", arguments: "{}")), proof: Proof(.google, .signature, "Q0M=")),
    ]

    private func check(_ message: JSON) throws {
        let request: JSON = ["model": "m", "messages": [message]]
        let turn = try ChatCompletionsCodec.decodeRequest(JSON.parse(request.serialized()), at: RequestPlace()).turns[0]
        #expect(turn.parts.map(\.content) == Self.proofs.map(\.content))
        #expect(turn.parts.map(\.proof) == Self.proofs.map(\.proof))
    }

    @Test("proofs of every origin come back byte for byte from what a client keeps of a whole reply")
    func proofsWhole() throws {
        var reply = Reply(origin: .responses)
        reply.choices = [Reply.Choice(parts: Self.proofs, stop: Stop(.toolUse))]
        var losses = LossReport()
        let body = ChatCompletionsCodec.encodeReply(reply, for: Samples.context(), &losses)
        try check(body["choices"]?[0]?["message"] ?? .null)
        #expect(losses.isEmpty)
    }

    @Test("and from what it keeps of a stream")
    func proofsStreamed() throws {
        var reply = Reply(origin: .responses)
        reply.choices = [Reply.Choice(parts: Self.proofs, stop: Stop(.toolUse))]
        let (bytes, _) = encoded(ChatCompletionsCodec.self, reply.events)
        // What a client makes of the deltas: texts joined, lists of blocks appended, calls by index.
        var message: JSONObject = ["role": "assistant"]
        var calls: [JSONObject] = []
        for chunk in try chunks(bytes) {
            guard let delta = chunk["choices"]?[0]?["delta"]?.object else { continue }
            for (key, value) in delta where ["content", "reasoning_content"].contains(key) {
                message[key] = .string((message[key]?.string ?? "") + (value.string ?? ""))
            }
            if let blocks = delta["thinking_blocks"]?.array {
                message["thinking_blocks"] = .array((message["thinking_blocks"]?.array ?? []) + blocks)
            }
            for call in delta["tool_calls"]?.array ?? [] {
                let index = Int(call["index"]?.int ?? 0)
                while calls.count <= index { calls.append([:]) }
                for name in ["id", "type", "extra_content"] { if let value = call[name] { calls[index][name] = value } }
                var function = calls[index]["function"] ?? [:]
                if let name = call["function"]?["name"] { function["name"] = name }
                let arguments = (function["arguments"]?.string ?? "") + (call["function"]?["arguments"]?.string ?? "")
                function["arguments"] = .string(arguments)
                calls[index]["function"] = function
            }
        }
        message["tool_calls"] = .array(calls.map { .object($0) })
        try check(.object(message))
    }

    @Test(
        "thoughts of several parts are apart by a blank line, the same whole and streamed; they come back as they were")
    func thoughtsApart() throws {
        let signed = Reasoning("Two", proof: Proof(.anthropic, .signature, "c2ln"))
        let redacted = Reasoning(proof: Proof(.anthropic, .encrypted, "ZW5j"), isRedacted: true)
        let summaries = Reasoning(summaries: ["Three", "Four"])
        let thoughts = [Reasoning("One"), signed, redacted, Reasoning(""), summaries].map { Part(.reasoning($0)) }
        var reply = Reply(origin: .messages)
        let parts = [thoughts[0], Part.text("a")] + Array(thoughts.dropFirst())
        reply.choices = [
            Reply.Choice(parts: parts, stop: Stop(.endTurn)),
            Reply.Choice(index: 1, parts: [thoughts[1]], stop: Stop(.endTurn)),
        ]
        var losses = LossReport()
        let body = ChatCompletionsCodec.encodeReply(reply, for: Samples.context(), &losses)
        let expected = ["One\n\nTwo\n\nThree\n\nFour", "Two"]
        var streamed = ["", ""]
        for chunk in try chunks(encoded(ChatCompletionsCodec.self, reply.events).bytes) {
            let choice = chunk["choices"]?[0]
            guard let index = choice?["index"]?.int else { continue }
            streamed[Int(index)] += choice?["delta"]?["reasoning_content"]?.string ?? ""
        }
        #expect(streamed == expected)
        for index in 0...1 {
            #expect(body["choices"]?[index]?["message"]?["reasoning_content"]?.string == expected[index])
        }

        // What the client sends back has each once.
        let message = try #require(body["choices"]?[0]?["message"])
        let request: JSON = ["model": "m", "messages": [message]]
        let turn = try ChatCompletionsCodec.decodeRequest(request, at: RequestPlace()).turns[0]
        let back = turn.parts.compactMap(\.reasoning)
        #expect(back.compactMap(\.proof) == [signed.proof, redacted.proof].compactMap { $0 })
        #expect(back.map(\.visibleText).filter { !$0.isEmpty } == ["One", "Two", "Three\n\nFour"])
    }

    @Test("a blank line between thoughts goes back to a Chat provider as it came", arguments: ["One\n\nTwo", "OneTwo"])
    func blankLine(text: String) throws {
        let blocks: [JSON] = ["One", "Two"].map { ["type": "thinking", "thinking": .string($0), "signature": "c2ln"] }
        for blocks in [blocks, [blocks[1]]] {
            let answer: JSON = [
                "role": "assistant", "content": "a", "reasoning_content": .string(text),
                "thinking_blocks": .array(blocks),
            ]
            let request: JSON = ["model": "m", "messages": [["role": "user", "content": "q"], answer]]
            try CodecCheck<ChatCompletionsCodec>.checkRequest(request, text)
            let turn = try ChatCompletionsCodec.decodeRequest(request, at: RequestPlace()).turns[1]
            #expect(turn.parts.compactMap(\.reasoning?.text) == ["One", "Two"])
        }
    }

    @Test("thinking that was signed stays as it was behind another gateway like this one")
    func behindAnotherGateway() throws {
        let thoughts = ["One", "Two"].map {
            Part(.reasoning(Reasoning($0, proof: Proof(.anthropic, .signature, "c2ln"))))
        }
        var reply = Reply(origin: .messages)
        reply.choices = [Reply.Choice(parts: thoughts + [.text("a")], stop: Stop(.endTurn))]
        let (bytes, _) = encoded(ChatCompletionsCodec.self, reply.events)
        let streamed = Check.assembled(try Check.events(of: [bytes])).reply.choices[0].parts
        var losses = LossReport()
        let whole = try ChatCompletionsCodec.decodeReply(
            ChatCompletionsCodec.encodeReply(reply, for: Samples.context(), &losses))
        var expected = reply.choices[0].parts
        // For the clients of Chat: what came apart stays apart.
        expected[1].form = "apart"
        #expect(streamed == expected && whole.choices[0].parts == expected)
    }

    @Test(
        "thoughts that a Chat provider sends apart are apart when they are written again, and no others",
        arguments: [
            ["One", "signed", "Two", "signed"], ["One", "signed", "Two"], ["One", "signed", "hidden", "Two", "signed"],
            ["hidden", "One", "signed", "Two", "Three", "signed"],
        ], [true, false])
    func apartAgain(words: [String], isApart: Bool) throws {
        // What the provider sends, as a gateway like this one writes it, or as LiteLLM does.
        var blocks: [JSON] = []
        var deltas: [JSON] = []
        var thoughts: [String] = []
        func write(_ block: JSON) {
            blocks.append(block)
            deltas.append(["thinking_blocks": [block]])
        }
        for word in words {
            switch word {
            case "signed":
                write(["type": "thinking", "thinking": .string(thoughts[thoughts.count - 1]), "signature": "c2ln"])
            case "hidden": write(["type": "redacted_thinking", "data": "ZW5j"])
            default:
                let blank = isApart && deltas.last?["thinking_blocks"] != nil && !thoughts.isEmpty ? "\n\n" : ""
                deltas.append(["reasoning_content": .string(blank + word)])
                if blank.isEmpty, deltas.dropLast().last?["reasoning_content"] != nil {
                    thoughts[thoughts.count - 1] += word
                } else {
                    thoughts.append(word)
                }
            }
        }
        if words.last != "signed" {
            blocks.append(["type": "thinking", "thinking": .string(thoughts[thoughts.count - 1])])
        }
        let text = thoughts.joined(separator: isApart ? "\n\n" : "")
        let message: JSON = [
            "role": "assistant", "content": "a", "reasoning_content": .string(text), "thinking_blocks": .array(blocks),
        ]
        let body: JSON = ["id": "c", "choices": [["index": 0, "message": message, "finish_reason": "stop"]]]
        let whole = try ChatCompletionsCodec.decodeReply(body)
        let chunks = (deltas + [["content": "a"]]).map { delta -> JSON in
            ["id": "c", "choices": [["index": 0, "delta": delta, "finish_reason": .null]]]
        }
        let last =
            #"data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"# + "\n\ndata: [DONE]\n\n"
        let stream = chunks.map { "data: \($0.text)\n\n" }.joined() + last
        let events = try Check.events(of: [Array(stream.utf8)])
        #expect(Check.assembled(events).reply.choices == whole.choices)

        var losses = LossReport()
        let again = ChatCompletionsCodec.encodeReply(whole, for: Samples.context(), &losses)
        #expect(again["choices"]?[0]?["message"]?["reasoning_content"]?.string == text)
        let streamed = try WireFormatsTests.chunks(encoded(ChatCompletionsCodec.self, events).bytes).compactMap {
            $0["choices"]?[0]?["delta"]?["reasoning_content"]?.string
        }
        #expect(streamed.joined() == text)
    }

    @Test("a function's call is a custom call where the client's tool is custom")
    func custom() throws {
        var request = Conversation(origin: .chatCompletions, model: "m")
        request.tools = [Tool(.custom(CustomTool(name: "patch")))]
        var reply = Reply(origin: .messages)
        let call = ToolCall(id: "t1", name: "patch", arguments: #"{"input":"a\nb"}"#)
        reply.choices = [Reply.Choice(parts: [Part(.toolCall(call))], stop: Stop(.toolUse))]
        var losses = LossReport()
        let body = ChatCompletionsCodec.encodeReply(reply, for: Samples.context(request), &losses)
        #expect(
            body["choices"]?[0]?["message"]?["tool_calls"]?[0]
                == ["id": "t1", "type": "custom", "custom": ["name": "patch", "input": "a\nb"]])
        let (bytes, _) = encoded(ChatCompletionsCodec.self, reply.events, Samples.context(request))
        let again = Check.assembled(try Check.events(of: [bytes])).reply
        #expect(again.choices[0].parts[0].toolCall == ToolCall(.custom, id: "t1", name: "patch", arguments: "a\nb"))
    }

    @Test("reasons to stop have the words that make clients do the right thing")
    func stops() throws {
        let cases: [(Stop, [Part], String)] = [
            (Stop(.endTurn), [.text("x")], "stop"), (Stop(.maxTokens), [], "length"),
            (Stop(.contextWindow), [], "length"),
            (Stop(.stopSequence, sequence: "END"), [], "stop"), (Stop(.contentFilter), [], "content_filter"),
            (Stop(.refusal), [], "content_filter"), (Stop(.refusal), [Part(.refusal("No."))], "stop"),
            (Stop(.endTurn), [Part(.toolCall(ToolCall(id: "1", name: "f")))], "tool_calls"),
            (Stop(.pause), [], "stop"),
        ]
        for (stop, parts, word) in cases {
            var reply = Reply(origin: .messages)
            reply.choices = [Reply.Choice(parts: parts, stop: stop)]
            var losses = LossReport()
            let body = ChatCompletionsCodec.encodeReply(reply, for: Samples.context(), &losses)
            #expect(body["choices"]?[0]?["finish_reason"]?.string == word, "\(stop)")
            let streamed = try chunks(encoded(ChatCompletionsCodec.self, reply.events).bytes)
            #expect(streamed.compactMap { $0["choices"]?[0]?["finish_reason"]?.string } == [word], "\(stop)")
        }
    }

    @Test("errors in replies that say 200 are failures")
    func failures() throws {
        for text in [
            #"{"error":{"message":"no","code":429}}"#, #"[{"error":{"message":"no"}}]"#,
            #"{"object":"error","message":"no"}"#,
            #"{"choices":[{"message":{"content":"a"},"finish_reason":"error","error":{"code":502,"message":"no"}}]}"#,
            #"{"choices":[{"message":{"content":"a"},"finish_reason":null,"error":"no"}]}"#,
        ] {
            let body = try JSON.parse(text)
            do {
                _ = try ChatCompletionsCodec.decodeReply(body)
                Issue.record("decoded: \(text)")
            } catch ReplyError.failed(let error) { #expect(error.message == "no") }
        }
        for codec in [ChatCompletionsCodec.self, CompletionsCodec.self] as [any DialectCodec.Type] {
            let body = try JSON.parse(#"{"choices":[{"text":"a","finish_reason":"stop"},{"finish_reason":"error"}]}"#)
            do {
                _ = try codec.decodeReply(body)
                Issue.record("decoded by \(codec)")
            } catch ReplyError.failed(let error) { #expect(error.kind == .server && !error.message.isEmpty) }
        }
        for text in ["[]", "{}", #"{"choices":5}"#, #"{"choices":[1]}"#, "null"] {
            let body = try JSON.parse(text)
            #expect(throws: ReplyError.self, "\(text)") { try ChatCompletionsCodec.decodeReply(body) }
        }
    }

    @Test("ranges of citations that make no sense are passed over")
    func citations() throws {
        for (start, end) in [(-5, -1), (3, 1), (0, Int64.max), (-1, 4)] as [(Int64, Int64)] {
            let source: JSON = ["url": "https://a.example", "start_index": .int(start), "end_index": .int(end)]
            let annotation: JSON = ["type": "url_citation", "url_citation": source]
            let message: JSON = ["content": "x", "annotations": [annotation]]
            let reply = try ChatCompletionsCodec.decodeReply([
                "choices": [["message": message, "finish_reason": "stop"]]
            ])
            guard case .text(let text) = reply.choices[0].parts[0].content else { continue }
            #expect(text.citations.count == 1 && text.citations[0].range == nil)
            let cited: JSON = ["content": ["a"], "citations": [["start": .int(start), "end": .int(end)]]]
            _ = try CohereChatCodec.decodeReply(["message": cited])
        }
    }

    @Test("odd replies: content as an object, thinking in the content, calls without ids, empty audio")
    func odd() throws {
        let text = #"""
            {"choices":[{"message":{"content":{"a":1}},"finish_reason":"stop"},
              {"index":1,"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"T"}]},{"type":"text","text":"x"},
                {"type":"reference","reference_ids":[1]}],"audio":{"data":"","id":""}},"finish_reason":"model_length"},
              {"index":2,"message":{"content":"","tool_calls":[{"id":"","function":{"name":"f","arguments":{"k":1}}}]},"finish_reason":"stop"}]}
            """#
        var reply = try ChatCompletionsCodec.decodeReply(try JSON.parse(text))
        #expect(reply.choices[0].parts == [.text(#"{"a":1}"#)])
        #expect(reply.choices[1].parts.count == 3 && reply.choices[1].parts[0].reasoning?.text == "T")
        #expect(reply.choices[1].stop?.reason == .contextWindow)
        let call = reply.choices[2].parts[0].toolCall
        #expect(call?.arguments == #"{"k":1}"# && call?.id.hasPrefix("call_") == true)
        #expect(reply.choices[2].stop?.reason == .toolUse)
        // OpenAI's word for both caps is one.
        reply.choices[1].stop = Stop(.maxTokens)
        try CorpusRun.checkBack(ChatCompletionsCodec.self, reply, reply.events, "odd")
    }
}
