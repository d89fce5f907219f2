import JSONText
import Testing
import WireFormats

@Suite("Chat streams")
struct ChatStreamTests {
    typealias Check = CodecCheck<ChatCompletionsCodec>

    @Test("the first chunk has the role, calls keep their index though they are interleaved, usage comes once, last")
    func order() throws {
        var request = Conversation(origin: .chatCompletions, model: "alias")
        request.includeUsage = true
        let (bytes, losses) = encoded(
            ChatCompletionsCodec.self, Samples.interleaved(Samples.messagesReply()), Samples.context(request))
        let chunks = try chunks(bytes)
        #expect(chunks[0]["choices"]?[0]?["delta"] == ["role": "assistant", "content": ""])
        #expect(
            chunks.allSatisfy { $0 == "[DONE]" || $0["object"] == "chat.completion.chunk" && $0["model"] == "alias" })
        let calls = chunks.compactMap { $0["choices"]?[0]?["delta"]?["tool_calls"]?[0] }
        #expect(calls.map { $0["index"]?.int } == [0, 0, 1, 1])
        #expect(calls.map { $0["id"]?.string } == ["toolu_1", nil, "toolu_2", nil])
        #expect(chunks.filter { $0["usage"] != nil }.count == 1)
        #expect(chunks[chunks.count - 2]["choices"] == [] && chunks[chunks.count - 2]["usage"]?["total_tokens"] == 130)
        #expect(chunks.last == "[DONE]")
        #expect(losses.dropped == ["server_tool_use"])
        // Without being asked for, usage stays out.
        let plain = try WireFormatsTests.chunks(
            encoded(ChatCompletionsCodec.self, Samples.messagesReply().events).bytes)
        #expect(plain.allSatisfy { $0["usage"] == nil && $0["choices"] != [] })
    }

    @Test("what was streamed is what is written whole")
    func wholeIsStreamed() throws {
        let reply = Samples.messagesReply()
        var losses = LossReport()
        let whole = try ChatCompletionsCodec.decodeReply(
            ChatCompletionsCodec.encodeReply(reply, for: Samples.context(), &losses))
        let (bytes, _) = encoded(ChatCompletionsCodec.self, reply.events)
        let streamed = Check.assembled(try Check.events(of: [bytes])).reply
        #expect(streamed.choices[0].parts.map(\.content) == whole.choices[0].parts.map(\.content))
    }

    @Test("several answers each begin with their role and end with their reason")
    func choices() throws {
        var reply = Reply(origin: .generateContent)
        reply.choices = (0..<3).map { Reply.Choice(index: $0, parts: [.text("t\($0)")], stop: Stop(.endTurn)) }
        let chunks = try chunks(encoded(ChatCompletionsCodec.self, reply.events).bytes)
        for index in 0..<3 {
            let own = chunks.compactMap { $0["choices"]?[0] }.filter { $0["index"]?.int == Int64(index) }
            #expect(own.first?["delta"]?["role"] == "assistant" && own.last?["finish_reason"] == "stop")
            #expect(own.compactMap { $0["delta"]?["content"]?.string }.joined() == "t\(index)")
        }
    }

    @Test("a call without arguments has an empty object, whole and streamed")
    func noArguments() throws {
        var reply = Reply(origin: .cohereChat)
        let call = Part(.toolCall(ToolCall(id: "c", name: "now")))
        reply.choices = [Reply.Choice(parts: [call], stop: Stop(.toolUse))]
        var losses = LossReport()
        let whole = ChatCompletionsCodec.encodeReply(reply, for: Samples.context(), &losses)
        let streamed = try Check.events(of: [encoded(ChatCompletionsCodec.self, reply.events).bytes])
        for found in [try ChatCompletionsCodec.decodeReply(whole), Check.assembled(streamed).reply] {
            #expect(found.choices[0].parts[0].toolCall?.arguments == "{}")
        }
    }

    @Test("a failure is an error event, and no [DONE]")
    func failure() throws {
        var encoder = ChatCompletionsCodec.streamEncoder(for: Samples.context())
        var out = FrameWriter()
        encoder.encode(.began(ReplyHead(origin: .messages, id: "m")), into: &out)
        encoder.encode(.keepAlive, into: &out)
        encoder.fail(GatewayErrorBody(message: "broken", type: "server_error"), status: 502, into: &out)
        encoder.encode(.ended, into: &out)
        let chunks = try chunks(out.bytes)
        #expect(chunks.count == 3 && chunks[1] == "keep-alive" && chunks[2]["error"]?["message"] == "broken")
    }

    private func events(_ chunks: [String]) throws -> [ReplyEvent] {
        let text = chunks.map { "data: \($0)\n\n" }.joined()
        let events = try Check.events(of: [Array(text.utf8)])
        #expect(Check.faults(in: events).isEmpty, "\(Check.faults(in: events))")
        return events
    }

    @Test("an error in the middle fails the stream; nothing comes after it")
    func errorMidStream() throws {
        let found = try events([
            #"{"id":"1","choices":[{"index":0,"delta":{"content":"a"}}]}"#,
            #"{"error":{"message":"overloaded","code":503}}"#,
            #"{"choices":[{"index":0,"delta":{"content":"b"}}]}"#, "[DONE]",
        ])
        #expect(found.last == .failed(ProviderError(message: "overloaded", code: "503")))
    }

    @Test("a choice that ends with an error fails the stream, and what came before it counts")
    func choiceError() throws {
        let found = try events([
            #"{"id":"1","choices":[{"index":0,"delta":{"content":"a"}}]}"#,
            #"{"id":"1","choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"error","error":{"code":502,"message":"broke"}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
            "[DONE]",
        ])
        #expect(found.last == .failed(ProviderError(message: "broke", code: "502")))
        #expect(Check.assembled(found).reply.choices[0].parts.first?.text == "ab")
        #expect(found.contains { if case .usage(let usage) = $0 { usage.tokens.output.count == 2 } else { false } })
        #expect(!found.contains { if case .choiceExtras = $0 { true } else { false } })
        let word = try events([
            #"{"id":"1","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":"error"}]}"#
        ])
        #expect(word.last == .failed(ProviderError(message: "The generation ended with 'error'.", kind: .server)))
    }

    @Test("a stream that was cut has no end")
    func cut() throws {
        let found = try events([#"{"id":"1","choices":[{"index":0,"delta":{"content":"a"}}]}"#])
        #expect(!found.contains(.ended))
        let done = try events([
            #"{"id":"1","choices":[{"index":0,"delta":{"content":"a"}}]}"#,
            #"{"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        ])
        #expect(done.last == .ended)
    }

    @Test("calls: all numbered 0, names that come late, names and ids in every chunk")
    func calls() throws {
        let found = try events([
            #"{"id":"1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]}}]}"#,
            #"{"id":"1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"}"}}]}}]}"#,
            #"{"id":"1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}]}}]}"#,
            #"{"id":"1","choices":[{"index":0,"delta":{"tool_calls":[{"index":2,"id":"c","function":{"arguments":"[1"}}]}}]}"#,
            #"{"id":"1","choices":[{"index":0,"delta":{"tool_calls":[{"index":2,"function":{"name":"h","arguments":"]"}}]},"finish_reason":"tool_calls"}]}"#,
            "[DONE]",
        ])
        let calls = Check.assembled(found).reply.choices[0].parts.compactMap(\.toolCall)
        #expect(
            calls == [
                ToolCall(id: "a", name: "f", arguments: "{}"), ToolCall(id: "b", name: "g", arguments: "{}"),
                ToolCall(id: "c", name: "h", arguments: "[1]"),
            ])
    }

    @Test("LiteLLM's pieces of thinking_blocks are the thinking once, with its signature")
    func thinkingPieces() throws {
        let found = try events([
            #"{"id":"1","choices":[{"index":0,"delta":{"reasoning_content":"a","thinking_blocks":[{"type":"thinking","thinking":"a"}]}}]}"#,
            #"{"id":"1","choices":[{"index":0,"delta":{"reasoning_content":"b","thinking_blocks":[{"type":"thinking","thinking":"b"}]}}]}"#,
            #"{"id":"1","choices":[{"index":0,"delta":{"reasoning_content":"","thinking_blocks":[{"type":"thinking","thinking":"","signature":"c2ln"}]}}]}"#,
            #"{"id":"1","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}"#, "[DONE]",
        ])
        let parts = Check.assembled(found).reply.choices[0].parts
        #expect(
            parts.map(\.content) == [
                .reasoning(Reasoning("ab", proof: Proof(.anthropic, .signature, "c2ln"))), .text(Text("x")),
            ])
    }

    @Test(
        "of a signed thought whose text came behind an unsigned one the text is told once, and the proof",
        arguments: [
            #""thinking_blocks":[{"type":"thinking","thinking":"Two","signature":"c2ln"}]"#,
            #""reasoning_details":[{"type":"reasoning.text","text":"Two","signature":"c2ln","format":"anthropic-claude-v1","index":0}]"#,
        ])
    func signedBehindUnsigned(member: String) throws {
        func thoughts(_ plain: [String]) throws -> [Reasoning] {
            var chunks = plain.map { #"{"id":"1","choices":[{"index":0,"delta":{"reasoning_content":"\#($0)"}}]}"# }
            chunks.append(#"{"id":"1","choices":[{"index":0,"delta":{\#(member)}}]}"#)
            chunks.append(#"{"id":"1","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}"#)
            let found = try events(chunks + ["[DONE]"])
            return Check.assembled(found).reply.choices[0].parts.compactMap(\.reasoning)
        }
        let proof = Proof(.anthropic, .signature, "c2ln")
        #expect(try thoughts(["One", "\\n\\nTwo"]) == [Reasoning("One\n\nTwo"), Reasoning(proof: proof)])
        #expect(try thoughts(["T", "wo"]) == [Reasoning("Two", proof: proof)])
        #expect(try thoughts(["One"]) == [Reasoning("One"), Reasoning("Two", proof: proof)])
        // The same words, whole.
        let message = #"{"content":"x","reasoning_content":"One\n\nTwo",\#(member)}"#
        let body = #"{"id":"1","choices":[{"index":0,"message":\#(message),"finish_reason":"stop"}]}"#
        let whole = try ChatCompletionsCodec.decodeReply(JSON.parse(body)).choices[0].parts.compactMap(\.reasoning)
        #expect(whole.map(\.visibleText).joined() == "One\n\nTwo" && whole.compactMap(\.proof) == [proof])
    }

    @Test(
        "the plain text beside OpenRouter's details is kept with them, under its own name, whole and streamed",
        arguments: ["reasoning", "reasoning_content"])
    func detailsAndPlain(name: String) throws {
        let other = name == "reasoning" ? "reasoning_content" : "reasoning"
        func detail(_ members: String) -> String {
            #"{"type":"reasoning.text",\#(members),"format":"anthropic-claude-v1","index":0}"#
        }
        func chunk(_ delta: String) -> String { #"{"id":"1","choices":[{"index":0,"delta":{\#(delta)}}]}"# }
        let whole = detail(#""text":"One","signature":"c2ln""#)
        let message = #"{"content":"x","\#(name)":"One","reasoning_details":[\#(whole)]}"#
        let body = #"{"id":"1","choices":[{"index":0,"message":\#(message),"finish_reason":"stop"}]}"#
        var losses = LossReport()
        let reply = try ChatCompletionsCodec.decodeReply(JSON.parse(body))
        let written = ChatCompletionsCodec.encodeReply(reply, for: Samples.context(), &losses)
        let told = written["choices"]?[0]?["message"]
        #expect(told?[name] == "One" && told?[other] == nil)
        let difference = firstDifference(
            canonical(try JSON.parse("[\(whole)]")), canonical(told?["reasoning_details"] ?? .null))
        #expect(difference == nil, "\(difference ?? "")")

        var pieces: [String] = []
        for text in ["On", "e"] {
            pieces.append(chunk(#""\#(name)":"\#(text)","reasoning_details":[\#(detail(#""text":"\#(text)""#))]"#))
        }
        pieces.append(chunk(#""reasoning_details":[\#(detail(#""signature":"c2ln""#))]"#))
        pieces.append(#"{"id":"1","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]}"#)
        let found = try events(pieces + ["[DONE]"])
        #expect(Check.assembled(found).reply.choices[0].parts == reply.choices[0].parts)
        let (bytes, _) = encoded(ChatCompletionsCodec.self, found)
        let deltas = try chunks(bytes).compactMap { $0["choices"]?[0]?["delta"] }
        #expect(deltas.compactMap { $0[name]?.string } == ["One"] && deltas.allSatisfy { $0[other] == nil })
        let again = Check.assembled(try Check.events(of: [bytes])).reply
        #expect(again.choices[0].parts == reply.choices[0].parts)
    }

    @Test("a megabyte of arguments in pieces of ten bytes takes linear time")
    func linear() throws {
        var decoder = ChatCompletionsCodec.streamDecoder()
        var encoder = ChatCompletionsCodec.streamEncoder(for: Samples.context())
        var events: [ReplyEvent] = []
        var out = FrameWriter()
        let clock = ContinuousClock()
        let elapsed = try clock.measure {
            for index in 0..<100_000 {
                let call: JSON = [
                    "index": 0, "id": index == 0 ? "a" : .null,
                    "function": ["name": index == 0 ? "f" : .null, "arguments": "0123456789"],
                ]
                let chunk: JSON = ["id": "1", "choices": [["index": 0, "delta": ["tool_calls": [call]]]]]
                events.removeAll(keepingCapacity: true)
                try decoder.decode(.json(chunk, event: nil), into: &events)
                for event in events { encoder.encode(event, into: &out) }
                _ = out.take()
            }
        }
        print("chat: 100,000 chunks through decoder and encoder in \(elapsed)")
        #expect(elapsed < .seconds(60))
    }
}
