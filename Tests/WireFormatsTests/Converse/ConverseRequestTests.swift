import JSONText
import Testing
import WireFormats

@Suite("Converse requests")
struct ConverseRequestTests {
    static let claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"

    static func encoded(
        _ conversation: Conversation, model: String = claude, _ change: (inout TargetFacts) -> Void = { _ in }
    ) throws -> (body: JSON, losses: LossReport) {
        var target = TargetFacts(model: model)
        target.maxOutputTokens = 64_000
        change(&target)
        var losses = LossReport()
        let body = try ConverseCodec.encodeRequest(conversation, for: target, &losses)
        return (body, losses)
    }

    static func conversation(_ origin: Dialect = .chatCompletions, _ turns: Turn...) -> Conversation {
        var conversation = Conversation(origin: origin, model: "m")
        conversation.turns = turns
        conversation.sampling.maxOutputTokens = 100
        return conversation
    }

    static func expect(_ body: JSON, _ expected: String, _ comment: Comment? = nil) throws {
        #expect(body.text == (try JSON.parse(expected)).text, comment)
    }

    // MARK: - Turns

    @Test("system prompts go to the top in order, and one in the middle stays there as a user's")
    func systemPrompts() throws {
        let conversation = Self.conversation(
            .chatCompletions, .text(.system, "Be terse."), .text(.developer, "Use metric."), .text(.user, "Hi"),
            .text(.assistant, "Hello."), .text(.system, "Now in French."), .text(.user, "Go on"))
        let (body, losses) = try Self.encoded(conversation)
        try Self.expect(
            body,
            """
            {"system":[{"text":"Be terse."},{"text":"Use metric."}],"messages":[
              {"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":[{"text":"Hello."}]},
              {"role":"user","content":[{"text":"<system>Now in French.</system>"},{"text":"Go on"}]}],
             "inferenceConfig":{"maxTokens":100}}
            """)
        #expect(losses.adjusted == ["role"] && losses.dropped.isEmpty)
    }

    @Test("turns alternate, results of parallel calls come together and first, and toolConfig is there for the history")
    func turnsAlternate() throws {
        let results = ["a", "b"].map { id in
            Turn(.tool, [Part(.toolResult(ToolResult(callID: id, parts: [.text("result \(id)")])))])
        }
        let calls = Turn(
            .assistant,
            [
                .text("  \n"), Part(.toolCall(ToolCall(id: "a", name: "look", arguments: "{\"x\": 1}"))),
                Part(.toolCall(ToolCall(id: "b", name: "look"))),
            ])
        let conversation = Self.conversation(
            .chatCompletions, .text(.user, "Look"), .text(.user, "twice"), calls, results[0], .text(.user, "well?"),
            results[1])
        let (body, losses) = try Self.encoded(conversation)
        try Self.expect(
            body,
            """
            {"messages":[
              {"role":"user","content":[{"text":"Look"},{"text":"twice"}]},
              {"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"look","input":{"x":1}}},
                {"toolUse":{"toolUseId":"b","name":"look","input":{}}}]},
              {"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"text":"result a"}]}},
                {"toolResult":{"toolUseId":"b","content":[{"text":"result b"}]}},{"text":"well?"}]}],
             "inferenceConfig":{"maxTokens":100},
             "toolConfig":{"tools":[{"toolSpec":{"name":"look","description":"Not available any more: do not call it.",
               "inputSchema":{"json":{"type":"object","properties":{}}}}}]},
             "additionalModelRequestFields":{"tool_choice":{"type":"none"}}}
            """)
        #expect(losses.dropped.isEmpty && losses.adjusted == ["tools"])
    }

    @Test("a conversation without a user's beginning, or a result without its call, is a 400")
    func refusedTurns() throws {
        for turns in [[Turn.text(.assistant, "Hi")], [.text(.system, "x")], [.text(.user, " ")], []] {
            var conversation = Conversation(origin: .messages, model: "m")
            conversation.turns = turns
            let error = #expect(throws: RequestError.self) {
                var losses = LossReport()
                _ = try ConverseCodec.writtenRequest(conversation, for: TargetFacts(model: Self.claude), &losses)
            }
            #expect(error?.status == 400 && error?.param == "messages")
        }
        let orphan = Turn(.user, [.text("x"), Part(.toolResult(ToolResult(callID: "none")))])
        let error = #expect(throws: RequestError.self) { try Self.encoded(Self.conversation(.messages, orphan)) }
        #expect(error?.param == "messages[0].content[1]")
    }

    // MARK: - Ids and names

    @Test("odd ids and names become legal ones, alike in call, result, tool and choice, and come back in the reply")
    func oddNames() throws {
        let long = String(repeating: "very_long_", count: 8)
        var conversation = Self.conversation(
            .responses, .text(.user, "x"),
            Turn(
                .assistant,
                [
                    Part(.toolCall(ToolCall(id: "call|1 ü", name: long))),
                    Part(.toolCall(ToolCall(id: "c2", name: "run", namespace: "shell"))),
                ]),
            Turn(.tool, [Part(.toolResult(ToolResult(callID: "call|1 ü", parts: [.text("1")])))]),
            Turn(.tool, [Part(.toolResult(ToolResult(callID: "c2", parts: [.text("2")])))]))
        conversation.tools = [
            Tool(.function(FunctionTool(name: long))),
            Tool(.namespace(name: "shell", description: nil, tools: [Tool(.function(FunctionTool(name: "run")))])),
            Tool(.custom(CustomTool(name: "free", description: "text"))),
        ]
        conversation.toolChoice = .function(long)
        let (body, losses) = try Self.encoded(conversation)
        #expect(losses.isEmpty, "\(losses)")
        let name = try #require(body["toolConfig"]?["toolChoice"]?["tool"]?["name"]?.string)
        #expect(name.utf8.count == 64)
        let call = try #require(body["messages"]?[1]?["content"]?[0]?["toolUse"])
        #expect(call["name"]?.string == name)
        #expect(call["toolUseId"] == body["messages"]?[2]?["content"]?[0]?["toolResult"]?["toolUseId"])
        let tools = try #require(body["toolConfig"]?["tools"]?.array)
        #expect(tools.compactMap { $0["toolSpec"]?["name"]?.string } == [name, "shell__run", "free"])
        #expect(tools[2]["toolSpec"]?["inputSchema"]?["json"]?["required"] == ["input"])

        let names = ToolNames(conversation)
        #expect(names.restored(ToolCall(id: "x", name: name)).name == long)
        let back = names.restored(ToolCall(id: "x", name: "shell__run"))
        #expect(back.name == "run" && back.namespace == "shell")
        #expect(names.restored(names.restored(ToolCall(id: "x", name: "free"))).name == "free")
    }

    // MARK: - Media

    @Test("images and files go by value, with legal and distinct names; a document has a text beside it")
    func media() throws {
        var pdf = Media(.document, .base64("JVBERi0x"), mediaType: nil, filename: "Q3 report_v2.final.pdf")
        pdf.citationsEnabled = true
        pdf.context = "for the board"
        let conversation = Self.conversation(
            .messages,
            Turn(
                .user,
                [
                    Part(.media(Media(.image, .base64("/9j/4AAQ")))), Part(.media(pdf)), Part(.media(pdf)),
                    Part(.media(Media(.document, .text("Hello"), mediaType: "text/plain"))),
                    Part(.media(Media(.image, .url("s3://bucket/key.png"), mediaType: "image/png"))),
                ]))
        let (body, losses) = try Self.encoded(conversation)
        try Self.expect(
            body,
            """
            {"messages":[{"role":"user","content":[
              {"image":{"format":"jpeg","source":{"bytes":"/9j/4AAQ"}}},
              {"document":{"format":"pdf","name":"Q3 report-v2-final","source":{"bytes":"JVBERi0x"},
                "context":"for the board","citations":{"enabled":true}}},
              {"document":{"format":"pdf","name":"Q3 report-v2-final 2","source":{"bytes":"JVBERi0x"},
                "context":"for the board","citations":{"enabled":true}}},
              {"document":{"format":"txt","name":"document","source":{"text":"Hello"}}},
              {"image":{"format":"png","source":{"s3Location":{"uri":"s3://bucket/key.png"}}}},
              {"text":"Q3 report-v2-final"}]}],"inferenceConfig":{"maxTokens":100}}
            """)
        #expect(losses.isEmpty)
        let (nova, dropped) = try Self.encoded(conversation, model: "amazon.nova-lite-v1:0")
        #expect(nova["messages"]?[0]?["content"]?[3]?["document"]?["source"] == ["bytes": "SGVsbG8="])
        #expect(dropped.dropped == ["context", "citations"])
    }

    @Test(
        "what Bedrock cannot see is a 400 that names it",
        arguments: [
            Media(.image, .url("https://example.com/a.png")),
            Media(.document, .fileID("file-1"), mediaType: "application/pdf"),
            Media(.image, .base64("AAAA"), mediaType: "image/bmp"),
            Media(.document, .parts([Part(.media(Media(.image, .base64("iVBORw0K"))))])),
        ])
    func unsupportedMedia(media: Media) throws {
        let conversation = Self.conversation(.chatCompletions, Turn(.user, [.text("see"), Part(.media(media))]))
        let error = #expect(throws: RequestError.self) { try Self.encoded(conversation) }
        #expect(error?.status == 400 && error?.code == "unsupported_content")
        #expect(error?.param == "messages[0].content[1]")
    }

    // MARK: - Thinking

    @Test("thinking and its proofs go back to Claude, and to no other; other providers' are dropped")
    func proofs() throws {
        let conversation = Self.conversation(
            .messages, .text(.user, "x"),
            Turn(
                .assistant,
                [
                    Part(.reasoning(Reasoning("because", proof: Proof(.anthropic, .signature, "c2ln")))),
                    Part(.reasoning(Reasoning(proof: Proof(.anthropic, .encrypted, "abc"), isRedacted: true))),
                    .text("Yes."),
                ]), .text(.user, "y"))
        let (body, losses) = try Self.encoded(conversation)
        try Self.expect(
            body["messages"]?[1]?["content"] ?? .null,
            """
            [{"reasoningContent":{"reasoningText":{"text":"because","signature":"c2ln"}}},
             {"reasoningContent":{"redactedContent":"YWJj"}},{"text":"Yes."}]
            """)
        #expect(losses.isEmpty)
        let (nova, dropped) = try Self.encoded(conversation, model: "amazon.nova-pro-v1:0")
        #expect(nova["messages"]?[1]?["content"] == [["text": "Yes."]])
        #expect(dropped.dropped == ["reasoning"])

        var google = conversation
        google.turns[1].parts = [
            Part(.reasoning(Reasoning("hm"))), Part(.text(Text("Yes.")), proof: Proof(.google, .signature, "g")),
        ]
        let (plain, lost) = try Self.encoded(google)
        #expect(plain["messages"]?[1]?["content"] == [["text": "Yes."]])
        #expect(lost.dropped == ["reasoning"])
    }

    @Test("how much to think, by family")
    func reasoning() throws {
        func fields(
            _ reasoning: ReasoningSettings, _ model: String, cap: Int64? = 4000,
            _ style: TargetFacts.ThinkingStyle = .budget, _ change: (inout TargetFacts) -> Void = { _ in }
        ) throws -> (JSON?, LossReport) {
            var conversation = Self.conversation(.chatCompletions, .text(.user, "x"))
            conversation.sampling.maxOutputTokens = cap
            conversation.reasoning = reasoning
            let (body, losses) = try Self.encoded(conversation, model: model) {
                $0.thinking = style
                change(&$0)
            }
            return (body["additionalModelRequestFields"], losses)
        }
        let high = ReasoningSettings(effort: "high")
        let (cut, adjusted) = try fields(high, Self.claude)
        #expect(cut == ["thinking": ["type": "enabled", "budget_tokens": 3999]])
        #expect(adjusted.adjusted == ["reasoning_effort"])
        #expect(
            try fields(high, Self.claude, cap: nil).0 == ["thinking": ["type": "enabled", "budget_tokens": 16_384]])
        #expect(try fields(high, Self.claude, cap: 1024).0 == nil)
        #expect(
            try fields(high, Self.claude, .level).0 == [
                "thinking": ["type": "adaptive"], "output_config": ["effort": "high"],
            ])
        let none = ReasoningSettings(effort: "none")
        #expect(try fields(none, Self.claude).0 == nil)
        #expect(
            try fields(none, Self.claude, .level) { $0.off = .said(.disabled) }.0 == ["thinking": ["type": "disabled"]])
        let (least, always) = try fields(none, Self.claude, .level) { $0.off = .impossible }
        #expect(least == ["thinking": ["type": "adaptive"], "output_config": ["effort": "low"]])
        #expect(always.adjusted == ["reasoning_effort"])
        let (open, lowered) = try fields(none, "openai.gpt-oss-120b-1:0", .level) {
            $0.efforts = ["low", "medium", "high"]
        }
        #expect(open == ["reasoning_effort": "low"] && lowered.adjusted == ["reasoning_effort"])
        let (more, raised) = try fields(ReasoningSettings(effort: "xhigh"), Self.claude, .level) {
            $0.efforts = ["low", "medium", "high", "max"]
        }
        #expect(more?["output_config"] == ["effort": "max"] && raised.adjusted == ["reasoning_effort"])
        let nova2 = "us.amazon.nova-2-lite-v1:0"
        #expect(
            try fields(high, nova2).0 == ["reasoningConfig": ["type": "enabled", "maxReasoningEffort": "medium"]])
        #expect(
            try fields(high, nova2, cap: nil).0 == [
                "reasoningConfig": ["type": "enabled", "maxReasoningEffort": "high"]
            ])
        #expect(
            try fields(ReasoningSettings(budgetTokens: 2000), "openai.gpt-oss-120b-1:0").0 == [
                "reasoning_effort": "low"
            ])
        #expect(try fields(high, "qwen.qwen3-32b-v1:0").0 == ["reasoning_config": "high"])
        let (llama, dropped) = try fields(high, "meta.llama3-3-70b-instruct-v1:0")
        #expect(llama == nil && dropped.dropped == ["reasoning_effort"])
    }

    @Test("while Claude thinks, what it refuses then is left out and reported")
    func thinkingAndSampling() throws {
        var conversation = Self.conversation(.messages, .text(.user, "x"))
        conversation.sampling.maxOutputTokens = 8000
        conversation.sampling.temperature = 0.2
        conversation.sampling.topP = 0.5
        conversation.sampling.topK = 5
        conversation.reasoning = ReasoningSettings(mode: .enabled, budgetTokens: 2000)
        conversation.tools = [Tool(.function(FunctionTool(name: "t")))]
        let (body, losses) = try Self.encoded(conversation)
        #expect(body["inferenceConfig"] == ["maxTokens": 8000, "topP": 0.95])
        #expect(body["additionalModelRequestFields"] == ["thinking": ["type": "enabled", "budget_tokens": 2000]])
        #expect(losses.dropped == ["temperature", "top_k"] && losses.adjusted == ["top_p"])

        // A history that calls tools without a thought would be refused.
        conversation.turns += [
            Turn(.assistant, [Part(.toolCall(ToolCall(id: "1", name: "t")))]),
            Turn(.user, [Part(.toolResult(ToolResult(callID: "1", parts: [.text("r")])))]),
        ]
        let (plain, adjusted) = try Self.encoded(conversation)
        #expect(plain["additionalModelRequestFields"] == ["top_k": 5])
        #expect(adjusted.adjusted.contains("thinking"))
    }

    @Test("a budget that Claude would refuse is left out of its own dialect, whatever the model's name tells")
    func ownBudget() throws {
        let budget: JSON = ["type": "enabled", "budget_tokens": 2000]
        let novas: JSON = ["type": "enabled", "maxReasoningEffort": "low"]
        let body: JSON = [
            "messages": [
                ["role": "user", "content": [["text": "x"]]],
                ["role": "assistant", "content": [["toolUse": ["toolUseId": "1", "name": "t", "input": [:]]]]],
                ["role": "user", "content": [["toolResult": ["toolUseId": "1", "content": [["text": "r"]]]]]],
            ],
            "additionalModelRequestFields": ["reasoning_config": budget, "reasoningConfig": novas],
        ]
        let conversation = try ConverseCodec.decodeRequest(body, at: RequestPlace(model: "m"))
        for model in [Self.claude, "arn:aws:bedrock:us-east-1:1:application-inference-profile/x"] {
            let (written, losses) = try Self.encoded(conversation, model: model) { $0.isClaude = true }
            #expect(written["additionalModelRequestFields"] == ["reasoningConfig": novas], "\(model)")
            #expect(losses.adjusted == ["reasoning_config"], "\(model)")
        }
    }

    @Test("a forced tool matters more than a budget of thinking; adaptive thinking goes with it")
    func forcedTool() throws {
        var conversation = Self.conversation(.chatCompletions, .text(.user, "x"))
        conversation.sampling.maxOutputTokens = 8000
        conversation.reasoning = ReasoningSettings(effort: "low")
        conversation.tools = [Tool(.function(FunctionTool(name: "t")))]
        for choice in [ToolChoice.required, .function("t"), .allowed(["t"], isRequired: true)] {
            conversation.toolChoice = choice
            let (body, losses) = try Self.encoded(conversation)
            #expect(body["additionalModelRequestFields"] == nil)
            #expect(body["toolConfig"]?["toolChoice"]?["auto"] == nil)
            #expect(losses.adjusted.contains("reasoning_effort"))
        }
        conversation.toolChoice = .required
        conversation.parallelToolCalls = false
        #expect(
            try Self.encoded(conversation).body["additionalModelRequestFields"] == [
                "tool_choice": ["type": "any", "disable_parallel_tool_use": true]
            ])
        conversation.parallelToolCalls = nil
        let (adaptive, losses) = try Self.encoded(conversation) { $0.thinking = .level }
        #expect(adaptive["additionalModelRequestFields"]?["thinking"] == ["type": "adaptive"])
        #expect(adaptive["toolConfig"]?["toolChoice"] == ["any": [:]])
        #expect(losses.isEmpty)
    }

    // MARK: - Cache points

    @Test("cache markers stay where they were; of more than four the last four stay")
    func cachePoints() throws {
        var conversation = Self.conversation(
            .messages,
            Turn(.system, [Part(.text(Text("s")), cache: CacheMarker(ttl: "1h"))], isTopLevel: true),
            Turn(.user, [Part(.text(Text("a")), cache: CacheMarker(ttl: "5m")), .text("b")]),
            Turn(.assistant, [Part(.text(Text("c")), cache: CacheMarker())]),
            Turn(.user, [Part(.text(Text("d")), cache: CacheMarker()), Part(.text(Text(" ")), cache: CacheMarker())]))
        conversation.tools = [Tool(.function(FunctionTool(name: "t")), cache: CacheMarker())]
        let (body, losses) = try Self.encoded(conversation)
        try Self.expect(
            body,
            """
            {"system":[{"text":"s"},{"cachePoint":{"type":"default","ttl":"1h"}}],"messages":[
              {"role":"user","content":[{"text":"a"},{"cachePoint":{"type":"default"}},{"text":"b"}]},
              {"role":"assistant","content":[{"text":"c"},{"cachePoint":{"type":"default"}}]},
              {"role":"user","content":[{"text":"d"},{"cachePoint":{"type":"default"}}]}],
             "inferenceConfig":{"maxTokens":100},
             "toolConfig":{"tools":[{"toolSpec":{"name":"t","inputSchema":{"json":{"type":"object","properties":{}}}}}]}}
            """)
        #expect(losses.dropped == ["cache_control"])
        let (nova, adjusted) = try Self.encoded(conversation, model: "amazon.nova-pro-v1:0")
        #expect(nova["system"]?[1] == ["cachePoint": ["type": "default"]])
        #expect(adjusted.adjusted == ["ttl"])
        let (llama, dropped) = try Self.encoded(conversation, model: "us.meta.llama4-maverick-17b-instruct-v1:0")
        #expect(!llama.text.contains("cachePoint") && dropped.dropped == ["cache_control"])
    }

    // MARK: - Options

    @Test("options have their places, or are dropped in the client's words")
    func options() throws {
        var conversation = Self.conversation(.chatCompletions, .text(.user, "x"))
        conversation.sampling.temperature = 1.5
        conversation.sampling.topK = 4
        conversation.sampling.stop = ["END", ""]
        conversation.sampling.seed = 1
        conversation.sampling.choices = 2
        conversation.sampling.logprobs = true
        conversation.user = "u"
        conversation.serviceTier = "flex"
        conversation.metadata = ["team": "a", "bad": "é"]
        conversation.extras["vendor_option"] = 1
        let (body, losses) = try Self.encoded(conversation)
        try Self.expect(
            body,
            """
            {"messages":[{"role":"user","content":[{"text":"x"}]}],
             "inferenceConfig":{"maxTokens":100,"temperature":1.0,"stopSequences":["END"]},
             "additionalModelRequestFields":{"top_k":4},"additionalModelResponseFieldPaths":["/stop_sequence"],
             "serviceTier":{"type":"flex"},"requestMetadata":{"team":"a"}}
            """)
        #expect(losses.adjusted == ["temperature", "stop"])
        #expect(Set(losses.dropped) == ["n", "seed", "logprobs", "user", "metadata", "vendor_option"])
        let (nova, _) = try Self.encoded(conversation, model: "amazon.nova-lite-v1:0")
        #expect(nova["additionalModelRequestFields"] == ["inferenceConfig": ["topK": 4]])
        #expect(throws: RequestError.self) { try Self.encoded(conversation) { $0.rangePolicy = .refuse } }
        // Which sequence fired is not asked where none went.
        conversation.sampling.stop = ["\n"]
        let (without, lost) = try Self.encoded(conversation)
        #expect(without["additionalModelResponseFieldPaths"] == nil && lost.dropped.contains("stop"))
    }

    @Test("Claude is asked how much it thought where it is to think; no other model is")
    func thinkingCount() throws {
        var conversation = Self.conversation(.chatCompletions, .text(.user, "x"))
        conversation.reasoning = ReasoningSettings()
        conversation.reasoning?.mode = .enabled
        conversation.reasoning?.budgetTokens = 2048
        conversation.sampling.maxOutputTokens = 4096
        conversation.sampling.stop = ["END"]
        conversation.stream = true
        let (body, _) = try Self.encoded(conversation)
        #expect(
            body["additionalModelResponseFieldPaths"] == ["/delta/stop_sequence", "/usage/output_tokens_details"])
        let (nova, _) = try Self.encoded(conversation, model: "amazon.nova-lite-v1:0")
        #expect(nova["additionalModelResponseFieldPaths"] == nil)
        conversation.reasoning = nil
        conversation.sampling.stop = []
        let (silent, _) = try Self.encoded(conversation)
        #expect(silent["additionalModelResponseFieldPaths"] == nil)
    }

    @Test("a cap is stated for Claude alone, where the client stated none")
    func outputCap() throws {
        var conversation = Self.conversation(.chatCompletions, .text(.user, "x"))
        conversation.sampling.maxOutputTokens = nil
        #expect(try Self.encoded(conversation).body["inferenceConfig"] == ["maxTokens": 64_000])
        #expect(try Self.encoded(conversation, model: "amazon.nova-lite-v1:0").body["inferenceConfig"] == nil)
    }

    @Test("structured output, with and without the provider's help")
    func structuredOutput() throws {
        var conversation = Self.conversation(.chatCompletions, .text(.user, "x"))
        conversation.outputFormat = .jsonSchema(.init(name: "n", schema: ["type": "object"], strict: true))
        let (body, losses) = try Self.encoded(conversation)
        try Self.expect(
            body["outputConfig"] ?? .null,
            #"""
            {"textFormat":{"type":"json_schema","structure":{"jsonSchema":{
              "schema":"{\"type\":\"object\",\"additionalProperties\":false}","name":"n"}}}}
            """#)
        #expect(losses.isEmpty)
        let (plain, adjusted) = try Self.encoded(conversation) { $0.takesJSONSchema = false }
        #expect(plain["outputConfig"] == nil)
        #expect(plain["system"]?[0]?["text"]?.string?.hasSuffix("JSON Schema:\n" + #"{"type":"object"}"#) == true)
        #expect(adjusted.adjusted == ["response_format"])
        conversation.outputFormat = .jsonObject
        #expect(try Self.encoded(conversation).body["system"]?.array?.count == 1)
    }

    // MARK: - Tools

    @Test("tool choices, and parallel calls, in Converse's words or in Claude's own")
    func toolChoices() throws {
        func config(
            _ choice: ToolChoice?, parallel: Bool? = nil, _ model: String = Self.claude
        ) throws -> (JSON, LossReport) {
            var conversation = Self.conversation(.chatCompletions, .text(.user, "x"))
            conversation.tools = ["a", "b"].map { Tool(.function(FunctionTool(name: $0))) }
            conversation.toolChoice = choice
            conversation.parallelToolCalls = parallel
            return try Self.encoded(conversation, model: model)
        }
        #expect(try config(nil).0["toolConfig"]?["toolChoice"] == nil)
        #expect(try config(.auto).0["toolConfig"]?["toolChoice"] == ["auto": [:]])
        #expect(try config(.required).0["toolConfig"]?["toolChoice"] == ["any": [:]])
        #expect(try config(.function("b")).0["toolConfig"]?["toolChoice"] == ["tool": ["name": "b"]])
        #expect(try config(ToolChoice.none).0["toolConfig"] == nil)
        let (allowed, adjusted) = try config(.allowed(["b"], isRequired: true))
        #expect(allowed["toolConfig"]?["tools"]?.array?.count == 1)
        #expect(allowed["toolConfig"]?["toolChoice"] == ["any": [:]] && adjusted.adjusted == ["tool_choice"])
        let single = try config(.required, parallel: false).0
        #expect(single["toolConfig"]?["toolChoice"] == nil)
        #expect(
            single["additionalModelRequestFields"]
                == ["tool_choice": ["type": "any", "disable_parallel_tool_use": true]])
        #expect(try config(nil, parallel: false, "amazon.nova-pro-v1:0").1.dropped == ["parallel_tool_calls"])
    }

    @Test("Nova's schemas are plain, Llama has no choice, and neither writes by a schema")
    func familiesOfTools() throws {
        var conversation = Self.conversation(.chatCompletions, .text(.user, "x"))
        let schema = try JSON.parse(
            """
            {"$defs":{"P":{"type":"object","properties":{"x":{"type":"integer"},"next":{"$ref":"#/$defs/P"}}}},"type":"object",
             "properties":{"p":{"$ref":"#/$defs/P","description":"point"},"q":{"$ref":"#/nowhere"}},"required":["p"],
             "additionalProperties":false}
            """)
        conversation.tools = [Tool(.function(FunctionTool(name: "t", parameters: schema)))]
        conversation.toolChoice = .required
        conversation.outputFormat = .jsonSchema(.init(schema: ["type": "object"]))
        let (nova, adjusted) = try Self.encoded(conversation, model: "us.amazon.nova-pro-v1:0")
        try Self.expect(
            nova["toolConfig"]?["tools"]?[0]?["toolSpec"]?["inputSchema"]?["json"] ?? .null,
            """
            {"type":"object","properties":{"p":{"type":"object","properties":{"x":{"type":"integer"},"next":{}},
             "description":"point"},"q":{}},"required":["p"]}
            """)
        #expect(nova["outputConfig"] == nil && adjusted.adjusted == ["response_format", "parameters"])
        let (llama, dropped) = try Self.encoded(conversation, model: "us.meta.llama4-maverick-17b-instruct-v1:0")
        #expect(llama["toolConfig"]?["toolChoice"] == nil && dropped.dropped == ["tool_choice"])
        #expect(
            try Self.encoded(conversation).body["toolConfig"]?["tools"]?[0]?["toolSpec"]?["inputSchema"]?["json"]
                == schema)
    }

    @Test("what a schema says at its top beside what Nova takes is told in the tool's description")
    func plainSchemas() throws {
        func spec(_ schema: String, description: String? = "Looks.") throws -> (JSON?, LossReport) {
            var conversation = Self.conversation(.chatCompletions, .text(.user, "x"))
            let tool = FunctionTool(name: "t", description: description, parameters: try JSON.parse(schema))
            conversation.tools = [Tool(.function(tool))]
            let (body, losses) = try Self.encoded(conversation, model: "us.amazon.nova-2-lite-v1:0")
            return (body["toolConfig"]?["tools"]?[0]?["toolSpec"], losses)
        }
        let plain: JSON = ["type": "object", "properties": ["x": ["type": "string"]], "required": ["x"]]
        let members = ##""type":"object","properties":{"x":{"$ref":"#/$defs/X"}},"required":["x"]"##
        let noise = ##""$schema":"s","title":"T","additionalProperties":true,"$defs":{"X":{"type":"string"}}"##
        let (silent, none) = try spec("{\(members),\(noise)}")
        #expect(silent?["inputSchema"]?["json"] == plain && silent?["description"] == "Looks." && none.isEmpty)

        let (told, moved) = try spec(##"{\##(members),\##(noise),"description":"Far and wide."}"##)
        #expect(told?["inputSchema"]?["json"] == plain && moved.isEmpty)
        #expect(told?["description"] == "Looks.\n\nFar and wide.")
        for (function, schema, both) in [("Looks far.", "far", "Looks far."), ("far", "Looks far.", "Looks far.")] {
            let text = ##"{\##(members),\##(noise),"description":"\##(schema)"}"##
            #expect(try spec(text, description: function).0?["description"]?.string == both)
        }
        let closed = ##"{\##(members),"additionalProperties":false,"minProperties":1,"$defs":{"X":{"type":"string"}}}"##
        let (limited, adjusted) = try spec(closed, description: nil)
        #expect(limited?["inputSchema"]?["json"] == plain && adjusted.adjusted == ["parameters"])
        #expect(limited?["description"] == "{additionalProperties: false, minProperties: 1}")

        // What may be chosen at the top is no reason to lose the properties.
        let (choice, chosen) = try spec(
            ##"{"anyOf":[{"$ref":"#/$defs/A"},{"properties":{"b":{}}}],"$defs":{"A":{"properties":{"a":{}}}}}"##)
        #expect(choice?["inputSchema"]?["json"] == ["type": "object", "properties": ["a": [:], "b": [:]]])
        #expect(
            choice?["description"]?.string
                == #"Looks.\#n\#n{anyOf: [{"properties":{"a":{}}},{"properties":{"b":{}}}]}"#)
        #expect(chosen.adjusted == ["parameters"])
        let (named, alone) = try spec(
            ##"{"$ref":"#/definitions/A","definitions":{"A":{"type":"object","properties":{"a":{}}}}}"##)
        #expect(named?["inputSchema"]?["json"] == ["type": "object", "properties": ["a": [:]]] && alone.isEmpty)
    }

    @Test("server tools: the provider's own of that kind, Anthropic's that the client runs, or none")
    func serverTools() throws {
        var conversation = Self.conversation(.messages, .text(.user, "x"))
        let computer: JSON = ["type": "computer_20250124", "name": "computer", "display_width_px": 800]
        conversation.tools = [
            Tool(.server(ServerTool(.webSearch, native: ["type": "web_search_20250305"], nativeDialect: .messages))),
            Tool(.server(ServerTool(.computerUse, name: "computer", native: computer, nativeDialect: .messages))),
        ]
        let (body, losses) = try Self.encoded(conversation)
        #expect(
            body["additionalModelRequestFields"]
                == ["tools": [computer], "anthropic_beta": ["computer-use-2025-01-24"]])
        #expect(body["toolConfig"] == nil && losses.dropped == ["web_search_20250305"])
        let (nova, dropped) = try Self.encoded(conversation, model: "us.amazon.nova-2-lite-v1:0")
        #expect(nova["toolConfig"] == ["tools": [["systemTool": ["name": "nova_grounding"]]]])
        #expect(dropped.dropped == ["computer_20250124"])
    }

    @Test("what stands in for called tools is no tool among the additional fields")
    func standIns() throws {
        let calls = ["bash", "look"].map { Part(.toolCall(ToolCall(id: $0, name: $0))) }
        let results = ["bash", "look"].map { Part(.toolResult(ToolResult(callID: $0, parts: [.text("r")]))) }
        let bash: JSON = ["type": "bash_20250124", "name": "bash"]
        func tools(_ count: Int) throws -> JSON {
            var conversation = Self.conversation(
                .messages, .text(.user, "x"), Turn(.assistant, Array(calls[..<count])),
                Turn(.user, Array(results[..<count])))
            conversation.tools = [
                Tool(.server(ServerTool(.shell, name: "bash", native: bash, nativeDialect: .messages)))
            ]
            conversation.toolChoice = .required
            let body = try Self.encoded(conversation).body
            #expect(body["additionalModelRequestFields"]?["tools"] == [bash])
            #expect(body["additionalModelRequestFields"]?["tool_choice"] == ["type": "any"])
            return body["toolConfig"] ?? .null
        }
        func standIn(_ name: String) -> JSON {
            let schema: JSON = ["type": "object", "properties": [:]]
            let told: JSON = "Not available any more: do not call it."
            let spec: JSON = ["name": .string(name), "description": told, "inputSchema": ["json": schema]]
            return ["tools": [["toolSpec": spec]]]
        }
        #expect(try tools(2) == standIn("look"))
        #expect(try tools(1) == standIn("unused"))
    }

    @Test("schemas are fitted into what Bedrock takes, or told; tools whose schemas cannot be are not strict")
    func fittedSchemas() throws {
        var conversation = Self.conversation(.chatCompletions, .text(.user, "x"))
        let items: JSON = ["type": "array", "minItems": 2, "items": ["type": "string", "minLength": 1]]
        let schema: JSON = ["type": "object", "properties": ["a": items]]
        let fitted: JSON = [
            "type": "object",
            "properties": [
                "a": [
                    "type": "array", "items": ["type": "string", "description": "{minLength: 1}"],
                    "description": "{minItems: 2}",
                ]
            ], "additionalProperties": false,
        ]
        conversation.outputFormat = .jsonSchema(.init(schema: schema))
        conversation.tools = [
            Tool(.function(FunctionTool(name: "t", parameters: schema, strict: true))),
            Tool(.function(FunctionTool(name: "u", strict: true))),
        ]
        for model in [Self.claude, "qwen.qwen3-32b-v1:0"] {
            let (body, losses) = try Self.encoded(conversation, model: model)
            let text = body["outputConfig"]?["textFormat"]?["structure"]?["jsonSchema"]?["schema"]?.string
            #expect(try JSON.parse(text ?? "") == fitted)
            #expect(losses.adjusted.contains("response_format"))
            guard model == Self.claude else { continue }
            let tools = body["toolConfig"]?["tools"]?.array ?? []
            #expect(tools.map { $0["toolSpec"]?["strict"] } == [true, true])
            #expect(tools[0]["toolSpec"]?["inputSchema"]?["json"] == fitted)
            #expect(tools[1]["toolSpec"]?["inputSchema"]?["json"]?["additionalProperties"] == false)
            #expect(losses.adjusted.contains("parameters") && losses.dropped.isEmpty)
        }
        let tree = try JSON.parse(
            ##"{"type":"object","properties":{"n":{"$ref":"#/$defs/N"}},"$defs":{"N":{"type":"object","properties":{"n":{"$ref":"#/$defs/N"}}}}}"##
        )
        conversation.outputFormat = .jsonSchema(.init(schema: tree))
        conversation.tools = [Tool(.function(FunctionTool(name: "t", parameters: tree, strict: true)))]
        let (body, losses) = try Self.encoded(conversation)
        #expect(body["outputConfig"] == nil && body["system"]?[0]?["text"]?.string?.hasSuffix(tree.text) == true)
        #expect(body["toolConfig"]?["tools"]?[0]?["toolSpec"]?["strict"] == nil)
        #expect(body["toolConfig"]?["tools"]?[0]?["toolSpec"]?["inputSchema"]?["json"] == tree)
        #expect(losses.adjusted == ["response_format"] && losses.dropped == ["strict"])
    }

    // MARK: - Citations, refusals, server tools in the history

    @Test("a history of other dialects: citations of documents stay, searches become text, refusals are text")
    func history() throws {
        let place: JSON = [
            "type": "char_location", "document_index": 0, "start_char_index": 1, "end_char_index": 5, "cited_text": "q",
        ]
        let conversation = Self.conversation(
            .messages, .text(.user, "x"),
            Turn(
                .assistant,
                [
                    Part(
                        .text(
                            Text(
                                "cited",
                                citations: [
                                    Citation(title: "T", citedText: "q", native: place, nativeDialect: .messages)
                                ]))),
                    Part(.text(Text("found", citations: [Citation(url: "https://e.com")]))),
                    Part(
                        .serverTool(
                            ServerToolUse(
                                .webSearch, .call, native: ["type": "server_tool_use"], nativeDialect: .messages))),
                    Part(.refusal("No.")), Part(.native(["type": "fallback"])),
                ]), .text(.user, "y"))
        let (body, losses) = try Self.encoded(conversation)
        try Self.expect(
            body["messages"]?[1]?["content"] ?? .null,
            """
            [{"citationsContent":{"content":[{"text":"cited"}],"citations":[{"title":"T","sourceContent":[{"text":"q"}],
              "location":{"documentChar":{"documentIndex":0,"start":1,"end":5}}}]}},{"text":"found"},{"text":"No."}]
            """)
        #expect(losses.dropped == ["citations", "server_tool_use", "fallback"])
    }

    // MARK: - Search results

    private static let found: JSON = [
        "type": "search_result", "source": "https://e.com/a", "title": "A", "cache_control": ["type": "ephemeral"],
        "content": [["type": "text", "text": "one"], ["type": "text", "text": "two"]], "citations": ["enabled": true],
    ]

    private static func asked(_ blocks: [JSON], result: [JSON]) -> JSON {
        [
            "model": "m", "max_tokens": 9,
            "messages": [
                ["role": "user", "content": .array(blocks)],
                ["role": "assistant", "content": [["type": "tool_use", "id": "1", "name": "f", "input": [:]]]],
                ["role": "user", "content": [["type": "tool_result", "tool_use_id": "1", "content": .array(result)]]],
            ],
        ]
    }

    @Test("search results of Messages stay such where the model takes them, and come back")
    func searchResults() throws {
        let asked = try MessagesCodec.decodeRequest(
            Self.asked([Self.found], result: [Self.found]), at: RequestPlace())
        let (body, losses) = try Self.encoded(asked)
        let found: JSON = [
            "searchResult": [
                "source": "https://e.com/a", "title": "A", "content": [["text": "one"], ["text": "two"]],
                "citations": ["enabled": true],
            ]
        ]
        #expect(body["messages"]?[0]?["content"] == [found, ["cachePoint": ["type": "default"]]])
        #expect(body["messages"]?[2]?["content"]?[0]?["toolResult"]?["content"] == [found])
        // A result's content has no cache points.
        #expect(losses.dropped == ["cache_control"] && losses.adjusted == ["tools"])

        let back = try ConverseCodec.decodeRequest(body, at: RequestPlace(model: "m", stream: false))
        var lost = LossReport()
        let again = try MessagesCodec.encodeRequest(back, for: TargetFacts(model: "claude-sonnet-4-5"), &lost)
        var plain = Self.found
        plain["cache_control"] = nil
        #expect(canonical(again["messages"]?[0]?["content"]?[0] ?? .null) == canonical(Self.found))
        #expect(canonical(again["messages"]?[2]?["content"]?[0]?["content"] ?? .null) == canonical([plain]))
        // That no tool may be called of those that stand for the history's.
        #expect(lost.dropped == ["additionalModelRequestFields"])
    }

    @Test(
        "a model that takes no search results, and one that is not complete, gets a document",
        arguments: [
            "anthropic.claude-3-5-sonnet-20241022-v2:0", "anthropic.claude-3-haiku-20240307-v1:0",
            ConverseRequestTests.claude,
        ])
    func searchResultsAsDocuments(model: String) throws {
        var found = Self.found
        if model == Self.claude { found["title"] = nil }
        let asked = try MessagesCodec.decodeRequest(Self.asked([found], result: [found]), at: RequestPlace())
        let (body, losses) = try Self.encoded(asked, model: model)
        let content = body["messages"]?[0]?["content"]?[0]?["document"]?["source"]?["content"]
        #expect(content == [["text": "one"], ["text": "two"]])
        #expect(Set(losses.dropped) == ["source", "cache_control"])
    }

    // MARK: - Same dialect, and bad input

    @Test("what Converse alone has comes back as it was")
    func sameDialect() throws {
        let body = try JSON.parse(
            """
            {"system":[{"cachePoint":{"type":"default"}},{"text":"s"},{"guardContent":{"text":{"text":"g","qualifiers":["query"]}}},
               {"cachePoint":{"type":"default","ttl":"1h"}}],
             "messages":[{"role":"user","content":[{"text":" "},
               {"document":{"name":"a.b","source":{"content":[{"text":"1"},{"text":"2"}]}}},
               {"searchResult":{"source":"https://e.com","title":"t","content":[{"text":"x"}],"citations":{"enabled":true}}},
               {"guardContent":{"image":{"format":"png","source":{"bytes":"AAAA"}}}},
               {"video":{"format":"mpg","source":{"s3Location":{"uri":"s3://b/k","bucketOwner":"123456789012"}}}},
               {"audio":{"format":"x-aac","source":{"bytes":"AAAA"}}}]},
              {"role":"user","content":[{"text":"again"},{"cachePoint":{"type":"default"}},{"cachePoint":{"type":"default"}}]},
              {"role":"system","content":[{"toolAddition":{"tool":{"type":"tool_reference","name":"t"}}}]},
              {"role":"assistant","content":[{"reasoningContent":{"redactedContent":"AAEC"}},
                {"reasoningContent":{"reasoningText":{"text":"t","signature":"cw=="}}},
                {"citationsContent":{"content":[{"text":"a"},{"text":"b"}],"citations":[{"title":"x","location":{"web":{"url":"u"}}}]}},
                {"toolUse":{"toolUseId":"1","name":"t","input":[1]}},
                {"toolUse":{"toolUseId":"2","name":"nova_grounding","input":{"q":1},"type":"server_tool_use"}}]},
              {"role":"user","content":[{"toolResult":{"toolUseId":"1","content":[{"json":[1]},{"text":""},{"json":{"a":null}}],"status":"success"}},
                {"toolResult":{"toolUseId":"1","content":[{"json":{"a":1}}],"status":"error"}},{"toolResult":{"toolUseId":"3","content":[]}}]}],
             "inferenceConfig":{"maxTokens":5,"stopSequences":[],"new":1},
             "toolConfig":{"tools":[{"cachePoint":{"type":"default"}},{"toolSpec":{"name":"t","description":"","inputSchema":{"json":{}},"strict":false}},
               {"cachePoint":{"type":"default","ttl":"5m"}},{"systemTool":{"name":"nova_grounding"}}],"toolChoice":{"any":{}}},
             "additionalModelRequestFields":{"reasoning_config":{"type":"enabled","budget_tokens":9},"top_k":3,"anthropic_beta":["b"]},
             "additionalModelResponseFieldPaths":["/a"],"guardrailConfig":{"guardrailIdentifier":"g"},
             "performanceConfig":{"latency":"optimized"},"promptVariables":{"a":{"text":"b"}},"serviceTier":{"type":"reserved"},
             "requestMetadata":{"k":"v"},"projectIdentifier":"p",
             "outputConfig":{"effort":"max","textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{}","description":"d"}}}}}
            """)
        for model in ["us.anthropic.claude-sonnet-4-6", "amazon.nova-pro-v1:0", "meta.llama3-8b-instruct-v1:0"] {
            try CodecCheck<ConverseCodec>.checkRequest(body, at: RequestPlace(model: model), model)
        }
    }

    @Test("what stands beside a block's one member comes back, and is reported elsewhere")
    func membersBeside() throws {
        let body = try JSON.parse(
            """
            {"system":[{"text":"s","s1":1}],"messages":[{"role":"user","content":[{"text":"a","zz":1},
               {"image":{"format":"png","source":{"bytes":"AAAA","in":1},"x":1},"i1":{"a":[]}},
               {"document":{"format":"txt","name":"n","source":{"content":[{"text":"1","d1":1}]},
                 "citations":{"enabled":true,"e1":1}},"d2":1},
               {"searchResult":{"source":"https://e.com","title":"t","content":[{"text":"x","r1":1}]},"r2":1}]},
              {"role":"assistant","content":[{"toolUse":{"toolUseId":"1","name":"t","input":{}},"t1":1}]},
              {"role":"user","content":[{"toolResult":{"toolUseId":"1","content":[{"json":{"a":1},"j1":1}]},"t2":1}]}],
             "toolConfig":{"tools":[{"toolSpec":{"name":"t","inputSchema":{"json":{}}}}],
               "toolChoice":{"tool":{"name":"t","c1":1},"c2":1}}}
            """)
        try CodecCheck<ConverseCodec>.checkRequest(body, at: RequestPlace(model: Self.claude), "beside")
        let conversation = try ConverseCodec.decodeRequest(body, at: RequestPlace(model: "m"))
        var losses = LossReport()
        let chat = try ChatCompletionsCodec.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses)
        #expect(chat["messages"]?[0]?["content"] == "s")
        let names = ["s1", "zz", "i1", "source", "x", "d1", "d2", "r1", "r2", "t1", "t2", "j1", "c1", "c2"]
        #expect(Set(losses.dropped).isSuperset(of: names), "\(losses.dropped)")
    }

    @Test("how closely to look at an image is reported: Bedrock has no word for it")
    func detail() throws {
        let image = Media(.image, .base64("AAAA"), mediaType: "image/png", detail: "high")
        let conversation = Self.conversation(.chatCompletions, Turn(.user, [.text("see"), Part(.media(image))]))
        #expect(try Self.encoded(conversation).losses.dropped == ["detail"])
    }

    @Test("settings that the model has names for are read from the additional fields")
    func additionalFields() throws {
        let body: JSON = [
            "messages": [],
            "additionalModelRequestFields": [
                "thinking": ["type": "enabled", "budget_tokens": 2000], "top_k": 7, "other": 1,
            ],
        ]
        let conversation = try ConverseCodec.decodeRequest(body, at: RequestPlace(model: Self.claude, stream: true))
        #expect(conversation.reasoning == ReasoningSettings(mode: .enabled, budgetTokens: 2000))
        #expect(conversation.sampling.topK == 7 && conversation.stream && conversation.model == Self.claude)
        #expect(conversation.extras == ["additionalModelRequestFields": ["other": 1]])
    }

    @Test(
        "a wrong type is a 400 that names the member",
        arguments: [
            (#"{"messages":{}}"#, "messages"), (#"{"messages":[1]}"#, "messages[0].role"),
            (#"{"messages":[{"role":"user","content":"hi"}]}"#, "messages[0].content"),
            (#"{"messages":[{"role":"tool","content":[]}]}"#, "messages[0].role"),
            (#"{"messages":[{"role":"user","content":[{"text":1}]}]}"#, "messages[0].content[0].text"),
            (#"{"messages":[{"role":"user","content":["hi"]}]}"#, "messages[0].content[0]"),
            (
                #"{"messages":[{"role":"user","content":[{"image":{"format":"png"}}]}]}"#,
                "messages[0].content[0].image.source"
            ),
            (
                #"{"messages":[{"role":"user","content":[{"toolUse":{"name":"x"}}]}]}"#,
                "messages[0].content[0].toolUse.toolUseId"
            ),
            (#"{"messages":[],"inferenceConfig":{"maxTokens":"5"}}"#, "inferenceConfig.maxTokens"),
            (
                #"{"messages":[],"toolConfig":{"tools":[{"toolSpec":{"name":"x"}}]}}"#,
                "toolConfig.tools[0].toolSpec.inputSchema"
            ),
            (#"{"messages":[],"toolConfig":[]}"#, "toolConfig"), (#"{"messages":[],"system":"hi"}"#, "system"),
            (#"{"messages":[],"outputConfig":1}"#, "outputConfig"),
            (
                #"{"messages":[{"role":"user","content":[{"text":"a","image":{"format":"png","source":{"bytes":"AAAA"}}}]}]}"#,
                "messages[0].content[0]"
            ),
            (
                #"{"messages":[{"role":"user","content":[{"text":"a"},{"cachePoint":{"type":"default"},"text":"b"}]}]}"#,
                "messages[0].content[1]"
            ), (#"{"messages":[],"system":[{"text":"a","guardContent":{"text":{"text":"b"}}}]}"#, "system[0]"),
            (
                #"{"messages":[{"role":"user","content":[{"toolResult":{"toolUseId":"1","content":[{"json":{},"text":"b"}]}}]}]}"#,
                "messages[0].content[0].toolResult.content[0]"
            ),
            (
                #"{"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"bytes":"AAAA","s3Location":{"uri":"s3://b"}}}}]}]}"#,
                "messages[0].content[0].image.source"
            ), (#"{"messages":[],"toolConfig":{"toolChoice":{"any":{},"auto":{}}}}"#, "toolConfig.toolChoice"),
            (#"{"messages":[],"serviceTier":"flex"}"#, "serviceTier.type"),
        ])
    func wrongTypes(body: String, param: String) throws {
        let error = #expect(throws: RequestError.self) {
            try ConverseCodec.decodeRequest(try JSON.parse(body), at: RequestPlace(model: "m"))
        }
        #expect(error?.status == 400 && error?.param == param, "\(error?.param ?? "")")
    }
}
