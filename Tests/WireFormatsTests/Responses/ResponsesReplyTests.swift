import JSONText
import TestSupport
import Testing
import WireFormats

/// Answers of every provider, whole and streamed, for a Responses client.
@Suite("Responses replies")
struct ResponsesReplyTests {
    private func context(_ request: String = #"{"model":"m","input":"x"}"#) throws -> ReplyContext {
        let conversation = try ResponsesCodec.decodeRequest(JSON.parse(request), at: RequestPlace())
        return ReplyContext(model: "my-model", requestID: "req_1", created: 1_700_000_000, request: conversation)
    }

    /// The answer's items, and what was lost; the stream of it, too, must say the same.
    private func written(
        _ parts: [Part], origin: Dialect, stop: Stop = Stop(.endTurn), logprobs: JSON? = nil,
        _ name: String, _ request: String = #"{"model":"m","input":"x"}"#
    ) throws -> (body: JSON, losses: LossReport) {
        var reply = Reply(origin: origin)
        reply.id = "provider-id"
        reply.choices = [Reply.Choice(parts: parts, stop: stop)]
        reply.choices[0].logprobs = logprobs
        reply.usage = Usage(TokenUsage(input: 10, cachedInput: 4, cacheWrite1h: 2, output: 7, reasoning: 3))
        let context = try context(request)
        var losses = LossReport()
        let whole = ResponsesCodec.encodeReply(reply, for: context, &losses)
        var encoder = ResponsesCodec.streamEncoder(for: context)
        var out = FrameWriter()
        for event in reply.events { encoder.encode(event, into: &out) }
        let bytes = out.take()
        let frames = try frames(bytes)
        try checkLifecycle(frames, name)
        if logprobs == nil {
            let difference = firstDifference(whole, frames.last?["response"] ?? .null)
            #expect(difference == nil, "\(name): \(difference ?? "")")
        }
        #expect(encoder.losses == losses, "\(name)")
        return (whole, losses)
    }

    private func frames(_ bytes: [UInt8]) throws -> [JSON] {
        try collectEvents([bytes]).compactMap { event in
            guard let data = event.data else { return nil }
            let document = try JSON.read(data)
            #expect(document["type"]?.string == event.name)
            return document
        }
    }

    /// The order that OpenAI's SDK relies on: numbers from 0, created first, each item added, done, and in the last
    /// response; deltas only within an open item, and together what `done` says.
    private func checkLifecycle(_ frames: [JSON], _ name: String) throws {
        #expect(frames.map { $0["sequence_number"]?.int } == frames.indices.map { Int64($0) }, "\(name)")
        #expect(frames.prefix(2).map { $0["type"]?.string } == ["response.created", "response.in_progress"], "\(name)")
        let last = try #require(frames.last?["response"])
        #expect(frames.first?["response"]?["id"] == last["id"], "\(name)")
        var open: JSON?
        var done: [JSON] = []
        var text = ""
        for frame in frames.dropFirst(2).dropLast() {
            let type = frame["type"]?.string ?? ""
            #expect(frame["output_index"]?.int == Int64(done.count), "\(name): \(frame.text)")
            if type == "response.output_item.added" {
                #expect(open == nil, "\(name): two items are open")
                open = frame["item"]
            } else if type == "response.output_item.done" {
                #expect(open?["id"] == frame["item"]?["id"] && open?["type"] == frame["item"]?["type"], "\(name)")
                done.append(try #require(frame["item"]))
                open = nil
            } else {
                #expect(frame["item_id"] == open?["id"], "\(name): \(frame.text)")
                if type.hasSuffix(".delta") { text += frame["delta"]?.string ?? "" }
                for member in ["text", "refusal", "arguments", "input"] where type.hasSuffix(".done") {
                    guard let whole = frame[member]?.string else { continue }
                    #expect(whole == text, "\(name): \(frame.text)")
                    text = ""
                }
            }
        }
        #expect(open == nil && JSON.array(done) == last["output"], "\(name)")
    }

    private func expect(_ body: JSON, _ expected: String) throws {
        let difference = firstDifference(canonical(try JSON.parse(expected)), canonical(body))
        #expect(difference == nil, "\(difference ?? "") in \(body.text)")
    }

    @Test("what the provider did not get is repeated as if nobody had asked for it; what is kept here stays")
    func dropped() throws {
        var asked = try context(
            """
            {"model":"m","input":"x","metadata":{"k":"v"},"background":true,"truncation":"auto","max_tool_calls":3,
            "top_p":0.9,"temperature":0.5,"top_logprobs":2,"max_output_tokens":9,"parallel_tool_calls":false,
            "prompt_cache_key":"p","safety_identifier":"s","user":"u","reasoning":{"effort":"low","summary":"auto"},
            "text":{"verbosity":"low"},"tools":[{"type":"function","name":"f"},{"type":"web_search"}],
            "tool_choice":{"type":"web_search"}}
            """)
        let plain = try context(
            #"{"model":"m","input":"x","metadata":{"k":"v"},"tools":[{"type":"function","name":"f"}]}"#)
        var reply = Reply(origin: .messages)
        reply.choices = [Reply.Choice(parts: [.text("a")], stop: Stop(.endTurn))]
        var losses = LossReport()
        let whole = ResponsesCodec.encodeReply(reply, for: asked, &losses)
        #expect(whole["background"] == true && whole["truncation"] == "auto" && whole["top_p"] == 0.9)
        #expect(whole["tools"]?.array?.count == 2)
        asked.dropped = [
            "background", "truncation", "max_tool_calls", "top_p", "temperature", "top_logprobs", "max_output_tokens",
            "parallel_tool_calls", "prompt_cache_key", "safety_identifier", "user", "effort", "summary", "verbosity",
            "tool_choice", "web_search", "metadata",
        ]
        let difference = firstDifference(
            ResponsesCodec.encodeReply(reply, for: plain, &losses),
            ResponsesCodec.encodeReply(reply, for: asked, &losses))
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test("Messages: thinking with proofs, texts with citations, a web search, parallel calls")
    func messages() throws {
        let signature = Proof(.anthropic, .signature, "EqQB")
        let call = ServerToolUse(
            .webSearch, .call, id: "srvtoolu_1", name: "web_search", input: #"{"query":"swift"}"#,
            native: ["type": "server_tool_use"], nativeDialect: .messages)
        let result = ServerToolUse(
            .webSearch, .result, id: "srvtoolu_1",
            native: [
                "type": "web_search_tool_result",
                "content": [["type": "web_search_result", "url": "https://swift.org", "title": "Swift"]],
            ], nativeDialect: .messages)
        let other = ServerToolUse(
            .codeExecution, .call, id: "srvtoolu_2", native: ["type": "server_tool_use"], nativeDialect: .messages)
        let cited = Text("Swift 6.3", citations: [Citation(url: "https://swift.org", title: "Swift", citedText: "6.3")])
        let parts = [
            Part(.reasoning(Reasoning("I search.", proof: signature))),
            Part(.reasoning(Reasoning("", proof: Proof(.anthropic, .encrypted, "RED"), isRedacted: true))),
            Part(.serverTool(call)), Part(.serverTool(result)), Part(.serverTool(other)), .text("It is "),
            Part(.text(cited)), Part(.toolCall(ToolCall(id: "toolu_1", name: "f", arguments: #"{"a":1}"#))),
            Part(.toolCall(ToolCall(id: "toolu_2", name: "g"))),
        ]
        let (body, losses) = try written(
            parts, origin: .messages, stop: Stop(.toolUse),
            "messages",
            #"{"model":"m","input":"x","instructions":"I","include":["web_search_call.action.sources"],"tools":[{"type":"function","name":"f","parameters":{}}],"temperature":0.5,"metadata":{"a":"b"},"truncation":"auto"}"#
        )
        let envelope = { (proof: Proof) in ProofEnvelope.wrapped(.init(proof)) }
        try expect(
            body,
            """
            {"id":"resp_tg_req_1","object":"response","created_at":1700000000,"status":"completed","background":false,
            "model":"my-model","output":[
            {"id":"rs_tg_req_1_0","type":"reasoning","summary":[{"type":"summary_text","text":"I search."}],
            "encrypted_content":"\(envelope(signature))"},
            {"id":"rs_tg_req_1_1","type":"reasoning","summary":[],
            "encrypted_content":"\(envelope(Proof(.anthropic, .encrypted, "RED")))"},
            {"id":"ws_tg_req_1_2","type":"web_search_call","status":"completed","action":{"type":"search","query":"swift",
            "sources":[{"type":"url","url":"https://swift.org"}]}},
            {"id":"msg_tg_req_1_3","type":"message","status":"completed","role":"assistant","content":[
            {"type":"output_text","text":"It is ","annotations":[],"logprobs":[]},
            {"type":"output_text","text":"Swift 6.3","annotations":[{"type":"url_citation","url":"https://swift.org",
            "title":"Swift","start_index":0,"end_index":9}],"logprobs":[]}]},
            {"id":"fc_tg_req_1_4","type":"function_call","status":"completed","call_id":"toolu_1","name":"f",
            "arguments":"{\\"a\\":1}"},
            {"id":"fc_tg_req_1_5","type":"function_call","status":"completed","call_id":"toolu_2","name":"g","arguments":"{}"}],
            "instructions":"I","metadata":{"a":"b"},"parallel_tool_calls":true,"reasoning":{},"store":true,
            "temperature":0.5,"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[{"type":"function","name":"f",
            "parameters":{}}],"top_logprobs":0,"truncation":"auto","usage":{"input_tokens":10,"input_tokens_details":
            {"cached_tokens":4,"cache_write_tokens":2},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":3},
            "total_tokens":17}}
            """)
        #expect(losses.dropped == ["web_search_tool_result", "server_tool_use", "citations"])
    }

    @Test("generateContent: signatures on calls and texts, images")
    func generateContent() throws {
        let signature = Proof(.google, .signature, "CsQB")
        let parts = [
            Part(.reasoning(Reasoning("Hm."))), Part(.text(Text("said")), proof: signature),
            Part(.media(Media(.image, .base64("iVBORw0KGgo="), mediaType: "image/png"))),
            Part(.toolCall(ToolCall(id: "call_1", name: "f", arguments: "{}")), proof: signature),
            Part(.toolCall(ToolCall(id: "call_2", name: "f", arguments: "{}"))),
            Part(.text(Text("")), proof: signature),
        ]
        let (body, losses) = try written(parts, origin: .generateContent, stop: Stop(.toolUse), "google")
        let output = body["output"]?.array ?? []
        #expect(
            output.map { $0["type"]?.string } == [
                "reasoning", "message", "reasoning", "image_generation_call", "reasoning", "function_call",
                "function_call", "reasoning",
            ])
        #expect(Set(output.map { $0["id"]?.string }).count == output.count && losses.isEmpty)
        // Sent back, each signature is where it was.
        var items: [JSON] = [["role": "user", "content": "x"]]
        items += output
        items.append(["role": "user", "content": "y"])
        let again = try ResponsesCodec.decodeRequest(["model": "m", "input": .array(items)], at: RequestPlace())
        let back = again.turns.flatMap(\.parts)
        #expect(back.compactMap(\.reasoning).map(\.text) == ["Hm."])
        #expect(back.first { $0.text == "said" }?.proof == signature)
        #expect(back.first { $0.toolCall?.id == "call_1" }?.proof == signature)
        #expect(back.contains { if case .media(let media) = $0.content { media.kind == .image } else { false } })
    }

    @Test("Chat: custom tools and namespaces come back as what was asked for")
    func customTools() throws {
        let request = """
            {"model":"m","input":"x","tools":[{"type":"custom","name":"patch"},{"type":"namespace","name":"crm",
            "description":"c","tools":[{"type":"function","name":"find","parameters":{}},{"type":"custom","name":"sql"}]}]}
            """
        let parts = [
            Part(.toolCall(ToolCall(id: "c1", name: "patch", arguments: #"{"input":"*** Begin\n"}"#))),
            Part(.toolCall(ToolCall(id: "c2", name: "crm__find", arguments: #"{"id":1}"#))),
            Part(.toolCall(ToolCall(id: "c3", name: "crm__sql", arguments: #"{"input":"select"}"#))),
            Part(.toolCall(ToolCall(id: "c4", name: "patch", arguments: "no JSON"))),
        ]
        let (body, losses) = try written(parts, origin: .chatCompletions, stop: Stop(.toolUse), "custom", request)
        try expect(
            body["output"] ?? .null,
            """
            [{"id":"ctc_tg_req_1_0","type":"custom_tool_call","status":"completed","call_id":"c1","name":"patch",
            "input":"*** Begin\\n"},
            {"id":"fc_tg_req_1_1","type":"function_call","status":"completed","call_id":"c2","name":"find",
            "namespace":"crm","arguments":"{\\"id\\":1}"},
            {"id":"ctc_tg_req_1_2","type":"custom_tool_call","status":"completed","call_id":"c3","name":"sql",
            "namespace":"crm","input":"select"},
            {"id":"ctc_tg_req_1_3","type":"custom_tool_call","status":"completed","call_id":"c4","name":"patch",
            "input":"no JSON"}]
            """)
        #expect(losses.isEmpty)
    }

    @Test(
        "a tool is custom by its namespace and name, whoever took the name apart", arguments: [true, false])
    func customByNamespace(_ isFlat: Bool) throws {
        let request = """
            {"model":"m","input":"x","tools":[{"type":"custom","name":"exec"},{"type":"function","name":"find"},
            {"type":"namespace","name":"ns","tools":[{"type":"function","name":"exec","parameters":{}},
            {"type":"custom","name":"find"}]}]}
            """
        let names = ToolNames(try context(request).request)
        let parts = ["exec", "find", "ns__exec", "ns__find"].enumerated().map { index, name in
            let call = ToolCall(id: "c\(index)", name: name, arguments: #"{"input":"x"}"#)
            return Part(.toolCall(isFlat ? call : names.restored(call)))
        }
        let (body, _) = try written(parts, origin: .chatCompletions, stop: Stop(.toolUse), "namespaces", request)
        let calls = (body["output"]?.array ?? []).map { item in
            [item["namespace"]?.string ?? "", item["name"]?.string ?? "", item["type"]?.string ?? ""]
        }
        #expect(
            calls == [
                ["", "exec", "custom_tool_call"], ["", "find", "function_call"],
                ["ns", "exec", "function_call"], ["ns", "find", "custom_tool_call"],
            ])
        #expect(body["output"]?[3]?["input"] == "x" && body["output"]?[2]?["arguments"] == #"{"input":"x"}"#)
    }

    @Test("log probabilities stand at their texts, with all that the SDK's model has")
    func logprobs() throws {
        let logprobs: JSON = [
            "content": [
                ["token": "Hi", "logprob": -0.1, "bytes": [72, 105], "top_logprobs": []],
                ["token": " you", "logprob": -0.2, "bytes": nil],
            ]
        ]
        let parts = [Part.text("Hi"), Part(.refusal("")), .text(" you")]
        let (body, _) = try written(parts, origin: .chatCompletions, logprobs: logprobs, "logprobs")
        let contents = body["output"]?[0]?["content"]?.array ?? []
        #expect(contents.map { $0["logprobs"]?.array?.count } == [1, 1])
        #expect(contents.last?["logprobs"]?[0]?["bytes"] == [32, 121, 111, 117])
    }

    @Test(
        "how it ended",
        arguments: [
            (Stop.Reason.endTurn, "completed", String?.none), (.maxTokens, "incomplete", "max_output_tokens"),
            (.contextWindow, "incomplete", "max_output_tokens"), (.contentFilter, "incomplete", "content_filter"),
            (.refusal, "incomplete", "content_filter"), (.toolUse, "completed", nil), (.stopSequence, "completed", nil),
            (.pause, "completed", nil), (.other, "completed", nil),
            (.malformedToolCall, "incomplete", "content_filter"),
        ])
    func ends(_ stop: Stop.Reason, _ status: String, _ reason: String?) throws {
        let (body, _) = try written([.text("a")], origin: .messages, stop: Stop(stop), "end-\(stop.rawValue)")
        #expect(body["status"]?.string == status && body["incomplete_details"]?["reason"]?.string == reason)
    }

    @Test(
        "an answer that is incomplete for no reason that was told has none, and any that was told",
        arguments: [("null", String?.none), ("{}", nil), (#"{"reason":"max_messages"}"#, "max_messages")])
    func incomplete(details: String, reason: String?) throws {
        let body = #"{"id":"r","status":"incomplete","incomplete_details":\#(details),"output":[]}"#
        let reply = try ResponsesCodec.decodeReply(JSON.parse(body))
        var losses = LossReport()
        let whole = ResponsesCodec.encodeReply(reply, for: try context(), &losses)
        var encoder = ResponsesCodec.streamEncoder(for: try context())
        var out = FrameWriter()
        for event in reply.events { encoder.encode(event, into: &out) }
        for response in [whole, try frames(out.take()).last?["response"] ?? .null] {
            #expect(response["status"] == "incomplete" && response["incomplete_details"]?["reason"]?.string == reason)
            #expect(response["incomplete_details"]?.isNull == (reason == nil))
        }
    }

    @Test("a refusal in words is complete; a message that the end cut says so")
    func refusalAndCut() throws {
        let refused = try written([Part(.refusal("no"))], origin: .chatCompletions, stop: Stop(.refusal), "refusal")
            .body
        #expect(refused["status"] == "completed" && refused["output"]?[0]?["content"]?[0]?["refusal"] == "no")
        #expect(try ResponsesCodec.decodeReply(refused).choices[0].stop?.reason == .refusal)
        let cut = try written([.text("a")], origin: .messages, stop: Stop(.maxTokens), "cut").body
        #expect(cut["output"]?[0]?["status"] == "incomplete")
    }

    @Test("an empty answer, and one with nothing but a sound, are answers")
    func empty() throws {
        #expect(try written([], origin: .messages, "empty").body["output"] == [])
        let sound = Part(.media(Media(.audio, .base64("UklGRg=="), mediaType: "audio/wav")))
        let (body, losses) = try written([sound], origin: .chatCompletions, "sound")
        #expect(body["output"] == [] && losses.dropped == ["audio"])
    }

    // MARK: - Streams

    @Test("parts that are open at once come one after the other; other choices are reported")
    func parallel() throws {
        var encoder = ResponsesCodec.streamEncoder(for: try context())
        var out = FrameWriter()
        func place(_ part: Int, _ choice: Int = 0) -> PartPlace { PartPlace(choice: choice, part: part) }
        let first = Part(.toolCall(ToolCall(id: "c1", name: "f")))
        let second = Part(.toolCall(ToolCall(id: "c2", name: "g")))
        let events: [ReplyEvent] = [
            .began(ReplyHead(origin: .chatCompletions)), .partBegan(place(0), Part.text("").opening),
            .delta(place(0), .text("a")), .partBegan(place(0, 1), Part.text("").opening), .partBegan(place(1), first),
            .delta(place(1), .arguments("{\"a\"")), .partBegan(place(2), second), .delta(place(2), .arguments("{}")),
            .keepAlive, .delta(place(1), .arguments(":1}")), .partEnded(place(0)), .partEnded(place(2)),
            .partEnded(place(1)), .stopped(choice: 0, Stop(.toolUse)), .stopped(choice: 1, Stop(.endTurn)), .ended,
        ]
        for event in events { encoder.encode(event, into: &out) }
        let bytes = out.take()
        let frames = try frames(bytes)
        try checkLifecycle(frames, "parallel")
        let output = frames.last?["response"]?["output"]?.array ?? []
        #expect(output.map { $0["arguments"]?.string } == [nil, #"{"a":1}"#, "{}"])
        #expect(encoder.losses.dropped == ["n"])
        #expect(String(decoding: bytes, as: UTF8.self).contains(": keep-alive\n\n"))
    }

    @Test("a stream that fails ends in an error event and a failed response, once")
    func failure() throws {
        var encoder = ResponsesCodec.streamEncoder(for: try context())
        var out = FrameWriter()
        encoder.encode(.began(ReplyHead(origin: .messages)), into: &out)
        encoder.encode(.partBegan(PartPlace(part: 0), Part.text("").opening), into: &out)
        encoder.encode(.delta(PartPlace(part: 0), .text("a")), into: &out)
        let error = GatewayErrorBody(message: "Overloaded", type: "overloaded_error", code: nil)
        encoder.fail(error, status: 529, into: &out)
        encoder.fail(error, status: 529, into: &out)
        encoder.encode(.ended, into: &out)
        let frames = try frames(out.take())
        #expect(frames.map { $0["sequence_number"]?.int } == frames.indices.map { Int64($0) })
        #expect(frames.suffix(2).map { $0["type"]?.string } == ["error", "response.failed"])
        let ends = Array(frames.suffix(2))
        #expect(ends[0]["error"]?["message"] == "Overloaded" && ends[0]["message"] == "Overloaded")
        #expect(ends[1]["response"]?["error"]?["code"] == "server_error" && ends[1]["response"]?["status"] == "failed")
    }

    @Test(
        "a refusal by a policy has one code in all events, OpenAI's own; what fails otherwise keeps its own",
        arguments: [
            ("content_policy_violation", "invalid_prompt", "invalid_prompt"),
            ("upstream_broken", "upstream_broken", "server_error"),
        ])
    func codes(code: String, told: String, failed: String) throws {
        var encoder = ResponsesCodec.streamEncoder(for: try context())
        var out = FrameWriter()
        encoder.encode(.began(ReplyHead(origin: .messages)), into: &out)
        let error = GatewayErrorBody(message: "no", type: "server_error", code: code)
        encoder.fail(error, status: 400, into: &out)
        let ends = Array(try frames(out.take()).suffix(2))
        #expect(ends[0]["code"]?.string == told && ends[0]["error"]?["code"]?.string == told)
        #expect(ends[1]["response"]?["error"]?["code"]?.string == failed)
        let passed = try frames(error.responsesEvents(status: 400)).first
        #expect(passed?["code"]?.string == told && passed?["error"]?["code"]?.string == told)
    }

    // MARK: - Reading

    @Test("a provider that sends no deltas, no indices and no contents is understood")
    func sparse() throws {
        let stream = """
            data: {"type":"response.output_item.added","item":{"type":"message","id":"m1","role":"assistant","content":[]}}

            data: {"type":"response.output_text.delta","item_id":"m1","delta":"Hel"}

            data: {"type":"response.output_item.done","item":{"type":"message","id":"m1","role":"assistant","status":"incomplete","content":[{"type":"output_text","text":"Hello","annotations":[{"type":"url_citation","url":"https://a.example"}]}]}}

            data: {"type":"response.output_item.done","item":{"type":"function_call","id":"f1","call_id":"","name":"f","arguments":"{}"}}

            data: {"type":"response.completed","response":{"id":"r","status":"completed","output":[{"type":"message","id":"m1","role":"assistant","content":[]},{"type":"function_call","id":"f1","name":"f","arguments":"{}"},{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"late"}],"encrypted_content":"E"}],"usage":{"input_tokens":1,"output_tokens":2}}}


            """
        let events = try CodecCheck<ResponsesCodec>.events(of: [Array(stream.utf8)])
        #expect(CodecCheck<ResponsesCodec>.faults(in: events).isEmpty)
        let reply = CodecCheck<ResponsesCodec>.assembled(events).reply
        let parts = reply.choices[0].parts
        #expect(parts.map(\.text) == ["Hello", nil, nil])
        #expect(parts[0].extras["status"] == "incomplete")
        #expect(parts[1].toolCall?.id.hasPrefix("call_") == true && parts[1].toolCall?.arguments == "{}")
        #expect(parts[2].reasoning?.proof == Proof(.openAI, .encrypted, "E", itemID: "rs"))
        #expect(reply.choices[0].stop?.reason == .toolUse && reply.usage?.tokens.total == 3)
    }

    @Test(
        "of what an item holds in the end only what goes on from its deltas is told",
        arguments: [("It ran", "It ran well.", "It ran well."), ("It ran.", "Done in a container.", "It ran.")])
    func rest(delta: String, whole: String, told: String) throws {
        func deltas(_ type: String, _ index: Int, _ more: String = "") -> String {
            #"data: {"type":"response.\#(type).delta","output_index":\#(index),"delta":"\#(delta)"\#(more)}"#
        }
        let items = [
            #"{"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"T"}]}"#,
            #"{"type":"function_call","id":"f","call_id":"c","name":"f","arguments":"T"}"#,
            #"{"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"T"}],"content":[{"type":"reasoning_text","text":"T"}]}"#,
        ]
        func stream(_ type: String, _ text: String) -> [String] {
            items.enumerated().map { index, item in
                let item = item.replacing("\"T\"", with: "\"\(text)\"")
                return #"data: {"type":"response.output_item.\#(type)","output_index":\#(index),"item":\#(item)}"#
            }
        }
        let added = stream("added", "")
        var frames = [added[0], deltas("output_text", 0), added[1], deltas("function_call_arguments", 1), added[2]]
        frames += [deltas("reasoning_summary_text", 2, #","summary_index":0"#), deltas("reasoning_text", 2)]
        frames += stream("done", whole)
        frames.append(#"data: {"type":"response.completed","response":{"id":"r","status":"completed"}}"#)
        let text = frames.joined(separator: "\n\n") + "\n\n"
        let events = try CodecCheck<ResponsesCodec>.events(of: [Array(text.utf8)])
        #expect(CodecCheck<ResponsesCodec>.faults(in: events).isEmpty)
        let parts = CodecCheck<ResponsesCodec>.assembled(events).reply.choices[0].parts
        #expect(parts.count == 3 && parts[0].text == told && parts[1].toolCall?.arguments == told)
        #expect(parts[2].reasoning?.summaries == [told] && parts[2].reasoning?.text == told)
    }

    @Test("failures are told, whole and streamed; a stream that was cut has no end")
    func failures() throws {
        let failed = #"{"id":"r","status":"failed","error":{"code":"server_error","message":"M"},"output":[]}"#
        #expect(throws: ReplyError.failed(ProviderError(message: "M", code: "server_error"))) {
            try ResponsesCodec.decodeReply(JSON.parse(failed))
        }
        let xai = #"{"code":"invalid-argument","error":"Incorrect API key"}"#
        #expect(throws: ReplyError.failed(ProviderError(message: "Incorrect API key", code: "invalid-argument"))) {
            try ResponsesCodec.decodeReply(JSON.parse(xai))
        }
        #expect(throws: ReplyError.self) { try ResponsesCodec.decodeReply(["id": "r"]) }
        #expect(throws: ReplyError.self) { try ResponsesCodec.decodeReply([]) }
        for frame in [
            #"event: response.failed\#ndata: {"type":"response.failed","response":\#(failed)}"#,
            #"event: error\#ndata: {"type":"error","code":"server_error","message":"M"}"#,
            #"data: {"error":{"code":"server_error","message":"M"}}"#,
        ] {
            let events = try CodecCheck<ResponsesCodec>.events(of: [Array((frame + "\n\n").utf8)])
            #expect(events == [.failed(ProviderError(message: "M", code: "server_error"))], "\(frame)")
        }
        let cut = "data: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\n"
        let events = try CodecCheck<ResponsesCodec>.events(of: [Array(cut.utf8)])
        #expect(events.count == 1 && !CodecCheck<ResponsesCodec>.assembled(events).isComplete)
    }

    @Test("broken events never crash, and never make illegal lists")
    func fuzzed() throws {
        var fuzz = SeededRandom.fresh("Responses decoder")
        let values: [JSON] = [
            .null, -1, 3, 9_007_199_254_740_993, "", "m1", [], [:], ["type": "message", "role": "user"],
            ["type": "output_text", "text": 3], true, ["type": "function_call"],
        ]
        let keys = ["output_index", "item_id", "item", "delta", "content_index", "summary_index", "part", "response"]
        let types = [
            "response.created", "response.output_item.added", "response.output_item.done", "response.completed",
            "response.content_part.added", "response.output_text.delta", "response.refusal.delta",
            "response.reasoning_summary_text.delta", "response.reasoning_text.delta", "response.incomplete",
            "response.function_call_arguments.delta", "response.output_text.annotation.added", "unheard.of",
        ]
        let items: [JSON] = [
            ["type": "message", "id": "m1", "content": [["type": "output_text", "text": "abc"], ["type": "x"]]],
            ["type": "reasoning", "id": "rs", "summary": [["text": "s"], 3]], ["type": "web_search_call", "id": "ws"],
            ["type": "function_call", "name": "f", "arguments": [:]], ["no": "type"],
        ]
        for _ in 0..<3000 {
            var decoder = ResponsesCodec.streamDecoder()
            var events: [ReplyEvent] = []
            for _ in 0..<12 {
                var event: JSONObject = ["type": .string(fuzz.pick(types))]
                for key in keys where fuzz.chance(60) {
                    event[key] =
                        switch key {
                        case "item" where fuzz.chance(80): fuzz.pick(items)
                        case "delta" where fuzz.chance(80): "d"
                        case "output_index" where fuzz.chance(80): .int(Int64(fuzz.below(3)))
                        case "response" where fuzz.chance(80): ["id": "r", "output": .array([fuzz.pick(items)])]
                        default: fuzz.pick(values)
                        }
                }
                try? decoder.decode(.json(.object(event), event: nil), into: &events)
            }
            decoder.finish(into: &events)
            let faults = CodecCheck<ResponsesCodec>.faults(in: events)
            #expect(faults.isEmpty, "\(faults)")
            if !faults.isEmpty { return }
        }
    }
}
