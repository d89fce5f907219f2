import JSONText
import TestSupport
import Testing
import WireFormats

/// Requests of a Responses client, and requests of other clients for a Responses provider.
@Suite("Responses requests")
struct ResponsesRequestTests {
    private func decoded(_ text: String) throws -> Conversation {
        try ResponsesCodec.decodeRequest(JSON.parse(text), at: RequestPlace())
    }

    private func encoded(
        _ conversation: Conversation, _ adjust: (inout TargetFacts) -> Void = { _ in }
    ) throws -> (body: JSON, losses: LossReport) {
        var target = TargetFacts(model: "gpt-5.1")
        adjust(&target)
        var losses = LossReport()
        let body = try ResponsesCodec.encodeRequest(conversation, for: target, &losses)
        return (body, losses)
    }

    private func expect(_ body: JSON, _ expected: String) throws {
        let difference = firstDifference(canonical(try JSON.parse(expected)), canonical(body))
        #expect(difference == nil, "\(difference ?? "") in \(body.text)")
    }

    // MARK: - Its own

    @Test("every kind of item and content comes back as it was")
    func ownDialect() throws {
        let text = ResponsesRequestTests.everything
        let body = try JSON.parse(text)
        try CodecCheck<ResponsesCodec>.checkRequest(body, "own dialect") { body in
            var body = body
            body["model"] = "gpt-5.1"
            return body
        }
        let conversation = try decoded(text)
        #expect(conversation.turns.first?.isTopLevel == true)
        #expect(conversation.turns.map(\.role).filter { $0 == .tool }.count == 4)
        let shell = conversation.turns.flatMap(\.parts).compactMap { part -> ServerToolUse? in
            if case .serverTool(let use) = part.content, use.kind == .shell { use } else { nil }
        }
        #expect(shell.map(\.phase) == [.call, .result] && shell.map(\.id) == ["call_4", "call_4"])
    }

    @Test("what the model has no name for comes back in a sound and in a thought, and is reported elsewhere")
    func unnamedMembers() throws {
        let text = """
            {"model":"gpt-5.1","input":[{"type":"message","role":"user","content":[
            {"type":"input_audio","input_audio":{"data":"SUQz","format":"mp3","zz":1}}]},
            {"type":"reasoning","id":"rs_1","summary":"t","encrypted_content":"a"},
            {"type":"reasoning","id":"rs_2","summary":[{"type":"new","text":"u"}],"encrypted_content":"b"},
            {"type":"reasoning","id":"rs_3","summary":[{"type":"summary_text","text":"u","zz":1}],
            "content":[{"type":"reasoning_text","text":"v","zz":1}],"encrypted_content":"c"}]}
            """
        try CodecCheck<ResponsesCodec>.checkRequest(JSON.parse(text), "unnamed")
        var losses = LossReport()
        _ = try ChatCompletionsCodec.writtenRequest(decoded(text), for: TargetFacts(model: "m"), &losses)
        #expect(Set(losses.dropped).isSuperset(of: ["input_audio", "reasoning"]))
    }

    @Test(
        "a member of a wrong type is refused by its path",
        arguments: [
            (#"{"model":1}"#, "model"), (#"{"input":"x"}"#, "model"), (#"{"model":"m","input":3}"#, "input"),
            (#"{"model":"m","input":["x"]}"#, "input[0]"),
            (#"{"model":"m","input":[{"role":"robot","content":"x"}]}"#, "input[0].role"),
            (#"{"model":"m","input":[{"role":"user"}]}"#, "input[0].content"),
            (#"{"model":"m","input":[{"role":"user","content":[{"type":3}]}]}"#, "input[0].content[0].type"),
            (
                #"{"model":"m","input":[{"role":"user","content":[{"type":"input_image"}]}]}"#,
                "input[0].content[0].image_url"
            ),
            (#"{"model":"m","input":[{"type":"function_call","name":"f","arguments":"{}"}]}"#, "input[0].call_id"),
            (#"{"model":"m","input":[{"type":"function_call_output","call_id":"c","output":7}]}"#, "input[0].output"),
            (#"{"model":"m","tools":[{"name":"f"}]}"#, "tools[0].type"),
            (
                #"{"model":"m","tools":[{"type":"namespace","name":"n","tools":[{"type":"function"}]}]}"#,
                "tools[0].tools[0].name"
            ),
            (#"{"model":"m","tool_choice":"maybe"}"#, "tool_choice"), (#"{"model":"m","text":[]}"#, "text"),
            (#"{"model":"m","text":{"format":{"type":"json_schema"}}}"#, "text.format.schema"),
            (#"{"model":"m","temperature":"warm"}"#, "temperature"), (#"{"model":"m","include":[1]}"#, "include[0]"),
            (#"{"model":"m","reasoning":{"effort":3}}"#, "reasoning.effort"), (#"[]"#, "body"),
        ])
    func wrongTypes(_ text: String, _ path: String) throws {
        let error = #expect(throws: RequestError.self) { try decoded(text) }
        #expect(error?.status == 400 && error?.param == path, "\(text): \(String(describing: error))")
    }

    private static let everything = """
        {"model":"gpt-5.1","instructions":"Be brief.","input":[
        {"type":"message","role":"developer","content":"Use tools."},
        {"type":"message","role":"user","content":[{"type":"input_text","text":"look","prompt_cache_breakpoint":
        {"mode":"explicit","ttl":"30m"}},
        {"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgo=","detail":"low"},
        {"type":"input_image","file_id":"file-1"},{"type":"input_file","file_url":"https://a.example/b.pdf"},
        {"type":"input_file","filename":"c.pdf","file_data":"data:application/pdf;base64,JVBERi0="},
        {"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}},{"type":"input_hologram","x":1}]},
        {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text",
        "text":"b"}],"encrypted_content":"gAAA="},
        {"type":"reasoning","id":"rs_2","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]},
        {"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{\\"a\\": 1}","status":"completed"},
        {"type":"function_call","call_id":"call_2","name":"g","namespace":"ns","arguments":""},
        {"type":"custom_tool_call","id":"ctc_1","call_id":"call_3","name":"patch","input":"*** Begin"},
        {"type":"function_call_output","call_id":"call_1","output":"1"},
        {"type":"function_call_output","call_id":"call_2","output":[{"type":"input_text","text":"x"},
        {"type":"input_image","image_url":"https://a.example/i.png"}]},
        {"type":"custom_tool_call_output","call_id":"call_3","output":"ok"},
        {"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"q"}},
        {"type":"shell_call","id":"sh_1","call_id":"call_4","action":{"commands":["ls"]},"status":"completed"},
        {"type":"shell_call_output","call_id":"call_4","output":[{"stdout":"a","stderr":"","outcome":{"type":"exit",
        "exit_code":0}}]},
        {"type":"item_reference","id":"msg_9"},{"id":"msg_8"},{"type":"compaction","id":"cmp_1","encrypted_content":"x"},
        {"type":"message","id":"msg_1","role":"assistant","status":"completed","phase":"final_answer","content":[
        {"type":"output_text","text":"T","annotations":[{"type":"url_citation","url":"https://a.example","title":"A",
        "start_index":0,"end_index":1}]},{"type":"refusal","refusal":"no"}]}],
        "tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true,
        "defer_loading":true},{"type":"custom","name":"patch","format":{"type":"grammar","syntax":"lark","definition":"s"}},
        {"type":"namespace","name":"ns","description":"n","tools":[{"type":"function","name":"g","parameters":{}}]},
        {"type":"web_search","filters":{"allowed_domains":["a.example"]},"search_context_size":"low",
        "user_location":{"type":"approximate","country":"DE"}},{"type":"shell"},{"type":"apply_patch"},
        {"type":"mcp","server_label":"m","server_url":"https://m.example"},{"type":"code_interpreter",
        "container":{"type":"auto"}}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function",
        "name":"f"}]},"parallel_tool_calls":false,"text":{"format":{"type":"json_schema","name":"n","schema":{},
        "strict":true},"verbosity":"low"},"reasoning":{"effort":"low","summary":"auto","context":"all_turns"},
        "include":["reasoning.encrypted_content"],"max_output_tokens":10,"max_tool_calls":3,"temperature":0.5,
        "top_p":0.9,"top_logprobs":2,"truncation":"auto","user":"u","safety_identifier":"s","store":false,
        "prompt_cache_key":"k","prompt_cache_retention":"24h","service_tier":"flex","metadata":{"a":"b"},
        "previous_response_id":"resp_1","stream":true,"background":false,"context_management":[{"type":"compaction"}]}
        """

    @Test(
        "a search that was shown as OpenAI shows its own is no part of the conversation",
        arguments: [.responses, .chatCompletions, .messages, .generateContent, .converse, .cohereChat] as [Dialect])
    func madeSearch(provider: Dialect) throws {
        let id = ResponsesIDs.item("ws", for: "req1", index: 1)
        let body = """
            {"model":"m","input":[{"role":"user","content":"look"},
             {"type":"message","role":"assistant","content":[{"type":"output_text","text":"found"}]},
             {"type":"web_search_call","id":"\(id)","status":"completed","action":{"type":"search","query":"q"}},
             {"role":"user","content":"more"}]}
            """
        let conversation = try ResponsesCodec.decodeRequest(try JSON.read(body), at: RequestPlace())
        var losses = LossReport()
        let codec = try #require(provider.codec)
        let request = try codec.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses)
        #expect(losses.dropped.isEmpty && request.text.contains("found") && !request.text.contains("web_search"))
    }

    @Test("a request with anything in any place is read or refused, and never crashes")
    func fuzzed() throws {
        var fuzz = SeededRandom.fresh("Responses requests")
        let values: [JSON] = [.null, 0, -1, 1.5, "", "message", true, [], [:], [[]], [["type": "input_text"]]]
        let body = try JSON.parse(ResponsesRequestTests.everything)
        for _ in 0..<2000 {
            var broken = body
            for _ in 0..<(1 + fuzz.below(3)) { broken = mutated(broken, &fuzz, values) }
            guard let conversation = try? ResponsesCodec.decodeRequest(broken, at: RequestPlace(model: "m")) else {
                continue
            }
            var foreign = conversation
            foreign.origin = .messages
            for conversation in [conversation, foreign] { _ = try? encoded(conversation) }
        }
    }

    /// The same with something else in one place.
    private func mutated(_ value: JSON, _ fuzz: inout SeededRandom, _ values: [JSON]) -> JSON {
        switch value {
        case .object(var object) where !object.isEmpty && fuzz.chance(90):
            let key = fuzz.pick(object.keys)
            object[key] = mutated(object[key] ?? .null, &fuzz, values)
            return .object(object)
        case .array(var array) where !array.isEmpty && fuzz.chance(90):
            let index = fuzz.below(array.count)
            array[index] = mutated(array[index], &fuzz, values)
            return .array(array)
        default: return fuzz.pick(values)
        }
    }

    // MARK: - Other clients

    /// As a Messages client has it: system blocks with a cache marker, thinking with proofs, parallel tools, images.
    private var agent: Conversation {
        var conversation = Conversation(origin: .messages, model: "claude")
        var system = Turn(.system, [.text("You are an agent."), .text("Rules.")], isTopLevel: true)
        system.parts[1].cache = CacheMarker(ttl: "1h")
        conversation.turns = [system]
        conversation.turns.append(
            Turn(.user, [.text("look"), Part(.media(Media(.image, .base64("iVBORw0KGgo="), mediaType: "image/png")))]))
        let openAI = Proof(.openAI, .encrypted, "gAAA=", itemID: "rs_1")
        let anthropic = Proof(.anthropic, .signature, "EqQB")
        conversation.turns.append(
            Turn(
                .assistant,
                [
                    Part(.reasoning(Reasoning("", summaries: ["I look.", "Then I act."], proof: openAI))),
                    Part(.reasoning(Reasoning("elsewhere", proof: anthropic))), .text("Two calls."),
                    Part(.toolCall(ToolCall(id: "toolu_1", name: "read", arguments: #"{"path":"a"}"#))),
                    Part(.toolCall(ToolCall(id: "toolu_2", name: "read", arguments: ""))),
                ]))
        var second = ToolResult(callID: "toolu_2", parts: [.text("no"), .text("such file")])
        second.isError = true
        let shot = Part(.media(Media(.image, .url("https://a.example/s.png"))))
        conversation.turns.append(
            Turn(
                .user,
                [
                    Part(.toolResult(ToolResult(callID: "toolu_1", parts: [.text("A"), shot]))),
                    Part(.toolResult(second)),
                    .text("go on"),
                ]))
        conversation.turns.append(Turn.text(.system, "Mind the time."))
        conversation.tools = [
            Tool(.function(FunctionTool(name: "read", parameters: ["type": "object"])), cache: CacheMarker()),
            Tool(.function(FunctionTool(name: "now"))),
        ]
        conversation.sampling.maxOutputTokens = 9
        conversation.sampling.temperature = 3
        conversation.sampling.topK = 5
        conversation.sampling.stop = ["END"]
        conversation.reasoning = ReasoningSettings(mode: .enabled, budgetTokens: 4000, summary: "auto")
        return conversation
    }

    @Test("an agent's conversation of Messages becomes items, and what has no place is reported")
    func messagesAgent() throws {
        let (body, losses) = try encoded(agent)
        try expect(
            body,
            """
            {"model":"gpt-5.1","instructions":"You are an agent.\\n\\nRules.","input":[
            {"type":"message","role":"user","content":[{"type":"input_text","text":"look"},{"type":"input_image",
            "image_url":"data:image/png;base64,iVBORw0KGgo="}]},
            {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"I look."},{"type":"summary_text",
            "text":"Then I act."}],"encrypted_content":"gAAA="},
            {"type":"message","role":"assistant","content":[{"type":"output_text","text":"Two calls."}]},
            {"type":"function_call","call_id":"toolu_1","name":"read","arguments":"{\\"path\\":\\"a\\"}"},
            {"type":"function_call","call_id":"toolu_2","name":"read","arguments":""},
            {"type":"function_call_output","call_id":"toolu_1","output":[{"type":"input_text","text":"A"},
            {"type":"input_image","image_url":"https://a.example/s.png"}]},
            {"type":"function_call_output","call_id":"toolu_2","output":"no\\nsuch file"},
            {"type":"message","role":"user","content":[{"type":"input_text","text":"go on"}]},
            {"type":"message","role":"system","content":"Mind the time."}],
            "tools":[{"type":"function","name":"read","parameters":{"type":"object","properties":{}},"strict":false},
            {"type":"function","name":"now","parameters":{"type":"object","properties":{}},"strict":false}],
            "reasoning":{"effort":"medium","summary":"auto"},"max_output_tokens":16,"temperature":2,
            "include":["reasoning.encrypted_content"],"store":false}
            """)
        #expect(Set(losses.dropped) == ["cache_control", "reasoning", "is_error", "top_k", "stop_sequences"])
        #expect(Set(losses.adjusted) == ["max_tokens", "temperature"])
    }

    @Test("Chat's leading prompts are instructions; its tool messages are outputs of the kind that was called")
    func chat() throws {
        var conversation = Conversation(origin: .chatCompletions, model: "m")
        conversation.turns = [
            .text(.system, "S"), .text(.developer, "D"), .text(.user, "u"),
            Turn(.assistant, [Part(.toolCall(ToolCall(.custom, id: "c1", name: "patch", arguments: "*** Begin")))]),
            Turn(.tool, [Part(.toolResult(ToolResult(callID: "c1", parts: [.text("ok")], isPlainText: true)))]),
            Turn(.assistant, [Part(.toolCall(ToolCall(id: String(repeating: "x", count: 80), name: "f")))]),
            Turn(.assistant, [Part(.refusal("no"))]), Turn(.user, [.text("")], isPlainText: true),
        ]
        conversation.tools = [
            Tool(
                .custom(
                    CustomTool(
                        name: "patch",
                        format: ["type": "grammar", "grammar": ["syntax": "lark", "definition": "start: x"]])))
        ]
        conversation.toolChoice = .allowed(["patch"], isRequired: true)
        conversation.outputFormat = .jsonSchema(OutputFormat.Schema(schema: ["type": "object"], strict: true))
        conversation.sampling.logprobs = true
        conversation.sampling.topLogprobs = 3
        conversation.sampling.choices = 2
        conversation.sampling.seed = 1
        let (body, losses) = try encoded(conversation) { $0.refuses = ["temperature"] }
        try expect(
            body,
            """
            {"model":"gpt-5.1","instructions":"S\\n\\nD","input":[
            {"type":"message","role":"user","content":"u"},
            {"type":"custom_tool_call","call_id":"c1","name":"patch","input":"*** Begin"},
            {"type":"custom_tool_call_output","call_id":"c1","output":"ok"},
            {"type":"function_call","call_id":"\(ToolIDs.legal(String(repeating: "x", count: 80)))","name":"f","arguments":""},
            {"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"no"}]},
            {"type":"message","role":"user","content":""}],
            "tools":[{"type":"custom","name":"patch","format":{"type":"grammar","syntax":"lark","definition":"start: x"}}],
            "tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"custom","name":"patch"}]},
            "text":{"format":{"type":"json_schema","name":"answer","schema":{"type":"object"},"strict":true}},
            "top_logprobs":3,"include":["message.output_text.logprobs"],"store":false}
            """)
        #expect(Set(losses.dropped) == ["n", "seed"])
    }

    @Test("documents and sounds go where they have a place; what has none is refused")
    func media() throws {
        var conversation = Conversation(origin: .messages, model: "m")
        var text = Media(.document, .text("body"))
        text.title = "T"
        conversation.turns = [
            Turn(
                .user,
                [
                    Part(.media(Media(.document, .base64("JVBERi0="), mediaType: "application/pdf"))),
                    Part(.media(Media(.document, .url("https://a.example/d.pdf")))), Part(.media(text)),
                    Part(.media(Media(.document, .parts([.text("one"), .text("two")])))),
                    Part(.media(Media(.audio, .base64("SUQz"), mediaType: "audio/mpeg"))),
                ])
        ]
        try expect(
            encoded(conversation).body["input"]?[0]?["content"] ?? .null,
            """
            [{"type":"input_file","filename":"document.pdf","file_data":"data:application/pdf;base64,JVBERi0="},
            {"type":"input_file","file_url":"https://a.example/d.pdf"},{"type":"input_text","text":"T\\n\\nbody"},
            {"type":"input_text","text":"one"},{"type":"input_text","text":"two"},
            {"type":"input_audio","input_audio":{"data":"SUQz","format":"mp3"}}]
            """)
        for bad in [
            Media(.video, .base64("AAAA"), mediaType: "video/mp4"), Media(.image, .url("gs://bucket/a.png")),
            Media(.image, .fileID("file_1")), Media(.audio, .url("https://a.example/a.wav")),
        ] {
            conversation.turns = [Turn(.user, [Part(.media(bad))])]
            let error = #expect(throws: RequestError.self) { try encoded(conversation) }
            #expect(error?.code == "unsupported_content")
        }
        let spoken = Media(.audio, .base64("SUQz"), mediaType: "audio/mpeg")
        conversation.turns = [.text(.user, "sing"), Turn(.assistant, [Part(.media(spoken))])]
        let sung = #expect(throws: RequestError.self) { try encoded(conversation) }
        #expect(sung?.message == "A sound that the assistant made cannot be sent to this model.")
    }

    @Test("server tools map where Responses has the like, and are reported where it has not")
    func serverTools() throws {
        var search = ServerTool.SearchOptions()
        search.allowedDomains = ["a.example"]
        search.userLocation = ["city": "Berlin"]
        search.maxUses = 2
        var conversation = Conversation(origin: .messages, model: "m")
        conversation.turns = [.text(.user, "x")]
        conversation.tools = [
            Tool(
                .server(
                    ServerTool(
                        .webSearch, name: "web_search", native: ["type": "web_search_20250305"],
                        nativeDialect: .messages,
                        search: search))),
            Tool(
                .server(
                    ServerTool(.codeExecution, native: ["type": "code_execution_20250825"], nativeDialect: .messages))),
            Tool(.server(ServerTool(.memory, native: ["type": "memory_20250818"], nativeDialect: .messages))),
        ]
        conversation.toolChoice = .server(["type": "tool", "name": "web_search"])
        let (body, losses) = try encoded(conversation)
        try expect(
            body["tools"] ?? .null,
            """
            [{"type":"web_search","filters":{"allowed_domains":["a.example"]},"user_location":{"type":"approximate",
            "city":"Berlin"}},{"type":"code_interpreter","container":{"type":"auto"}}]
            """)
        #expect(Set(losses.dropped) == ["max_uses", "memory_20250818", "tool_choice"])
    }

    @Test("a provider without schemas is told by an instruction")
    func schemaInstruction() throws {
        var conversation = try decoded(
            #"{"model":"m","input":"x","text":{"format":{"type":"json_schema","name":"n","schema":{"a":1}}}}"#)
        conversation.turns.insert(Turn(.system, [.text("S")], isPlainText: true, isTopLevel: true), at: 0)
        let (body, losses) = try encoded(conversation) { $0.takesJSONSchema = false }
        #expect(body["instructions"]?.string?.hasPrefix("S\n\n") == true)
        #expect(body["instructions"]?.string?.hasSuffix(#"{"a":1}"#) == true)
        #expect(body["text"] == nil && losses.adjusted == ["format"])
    }

    @Test("thinking: budgets become words, off is none, and a model that does not think is not asked")
    func thinking() throws {
        var conversation = Conversation(origin: .messages, model: "m")
        conversation.turns = [.text(.user, "x")]
        for (settings, effort) in [
            (ReasoningSettings(mode: .enabled, budgetTokens: 1024), "low"),
            (ReasoningSettings(mode: .enabled, budgetTokens: 30_000), "high"),
            (ReasoningSettings(mode: .disabled), "none"), (ReasoningSettings(mode: .betweenTools), "none"),
            (ReasoningSettings(mode: .adaptive), "medium"), (ReasoningSettings(effort: "xhigh"), "xhigh"),
        ] {
            conversation.reasoning = settings
            let body = try encoded(conversation) { $0.efforts = ["none", "low", "medium", "high", "xhigh"] }.body
            #expect(body["reasoning"]?["effort"]?.string == effort)
        }
        conversation.reasoning = ReasoningSettings(mode: .enabled, budgetTokens: 1024)
        let (body, losses) = try encoded(conversation) { $0.thinking = .none }
        #expect(body["reasoning"] == nil && body["include"] == nil && losses.dropped == ["thinking"])
        conversation.reasoning = nil
        #expect(try encoded(conversation).body["include"] == nil)
        let asked = try encoded(conversation) { $0.thinking = .level }.body
        #expect(asked["include"] == ["reasoning.encrypted_content"] && asked["reasoning"] == nil)
    }

    // MARK: - Proofs

    @Test("what an envelope holds comes back to its own part")
    func envelopes() throws {
        let signature = Proof(.anthropic, .signature, "EqQB+/=")
        let redacted = Proof(.anthropic, .encrypted, "RED")
        let google = Proof(.google, .signature, "CsQB")
        let input: JSON = [
            ["role": "user", "content": "x"],
            [
                "type": "reasoning", "id": "rs_tg_r_0", "summary": [["type": "summary_text", "text": "I think."]],
                "encrypted_content": .string(ProofEnvelope.wrapped(.init(signature))),
            ],
            ["type": "reasoning", "summary": [], "encrypted_content": .string(ProofEnvelope.wrapped(.init(redacted)))],
            [
                "type": "reasoning", "summary": [],
                "encrypted_content": .string(ProofEnvelope.wrapped(.init(google, belongsToNext: true))),
            ],
            ["type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"],
            ["type": "message", "role": "assistant", "content": "said"],
            [
                "type": "reasoning", "summary": [],
                "encrypted_content": .string(ProofEnvelope.wrapped(.init(google, belongsToPrevious: true))),
            ],
            ["role": "user", "content": "y"],
        ]
        let conversation = try ResponsesCodec.decodeRequest(["model": "m", "input": input], at: RequestPlace())
        let parts = conversation.turns.flatMap(\.parts)
        #expect(parts.count == 6)
        #expect(parts[1].reasoning == Reasoning("I think.", proof: signature))
        #expect(parts[2].reasoning == Reasoning("", proof: redacted, isRedacted: true))
        #expect(parts[3].toolCall?.id == "c" && parts[3].proof == google)
        #expect(parts[4].text == "said" && parts[4].proof == google)
        // None of it is a Responses provider's.
        let (body, losses) = try encoded(conversation)
        #expect(body["input"]?.array?.count == 4 && losses.dropped == ["reasoning"])
    }

    @Test("ids that we made do not reach a provider")
    func madeIDs() throws {
        let conversation = try decoded(
            """
            {"model":"m","input":[{"role":"user","content":"x"},
            {"type":"message","id":"msg_tg_r_0","role":"assistant","content":[{"type":"output_text","text":"a"}]},
            {"type":"reasoning","id":"rs_tg_r_1","summary":[{"type":"summary_text","text":"t"}]},
            {"type":"function_call","id":"fc_tg_r_2","call_id":"c","name":"f","arguments":"{}"},
            {"type":"image_generation_call","id":"ig_tg_r_3","result":"iVBORw0KGgo=","output_format":"png"}]}
            """)
        let (body, losses) = try encoded(conversation)
        let items = body["input"]?.array ?? []
        #expect(items.count == 4 && items.allSatisfy { $0["id"] == nil })
        #expect(items.last?["content"]?[0]?["image_url"] == "data:image/png;base64,iVBORw0KGgo=")
        #expect(losses.dropped == ["reasoning"] && losses.adjusted == ["role"])
    }
}
