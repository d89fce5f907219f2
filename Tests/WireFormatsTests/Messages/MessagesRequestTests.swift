import JSONText
import Testing

@testable import WireFormats

/// Requests of every origin for a provider of Messages, and Messages requests that are refused.
@Suite("Messages requests") struct MessagesRequestTests {
    private func encoded(
        _ conversation: Conversation, _ change: (inout TargetFacts) -> Void = { _ in }
    ) throws -> (JSON, LossReport) {
        var target = TargetFacts(model: "claude")
        target.isClaude = true
        change(&target)
        var losses = LossReport()
        return (try MessagesCodec.encodeRequest(conversation, for: target, &losses), losses)
    }

    private func chat(_ turns: [Turn]) -> Conversation {
        var conversation = Conversation(origin: .chatCompletions, model: "gpt")
        conversation.turns = turns
        conversation.sampling.maxOutputTokens = 100
        return conversation
    }

    private func call(_ id: String, _ name: String, _ arguments: String = "{}") -> Part {
        Part(.toolCall(ToolCall(id: id, name: name, arguments: arguments)))
    }

    private func result(_ id: String, _ parts: [Part]) -> Turn {
        Turn(.tool, [Part(.toolResult(ToolResult(callID: id, parts: parts, isPlainText: true)))])
    }

    @Test("leading system turns become the system prompt, results come first and in order, no text is empty")
    func shape() throws {
        var conversation = chat([
            .text(.system, "Be brief."), .text(.developer, "Be kind."),
            .text(.user, "Weather in Rome and Oslo?"),
            Turn(
                .assistant, [.text(""), call("call 1", "weather", #"{"city": "Rome"}"#), call("call_2", "weather", "")]),
            result("call 1", [.text("sunny")]),
            .text(.system, "From now on in German."),
            result("call_2", [.text("")]),
            Turn(.user, [.text("and?"), .text(" ")]),
            .text(.assistant, "So  \n"),
        ])
        conversation.tools = [
            Tool(.function(FunctionTool(name: "weather", parameters: ["properties": ["city": ["type": "string"]]])))
        ]
        let (body, losses) = try encoded(conversation)
        let id = ToolIDs.legal("call 1")
        #expect(
            body == [
                "model": "claude", "max_tokens": 100,
                "system": [["type": "text", "text": "Be brief."], ["type": "text", "text": "Be kind."]],
                "messages": [
                    ["role": "user", "content": "Weather in Rome and Oslo?"],
                    [
                        "role": "assistant",
                        "content": [
                            ["type": "tool_use", "id": .string(id), "name": "weather", "input": ["city": "Rome"]],
                            ["type": "tool_use", "id": "call_2", "name": "weather", "input": [:]],
                        ],
                    ],
                    [
                        "role": "user",
                        "content": [
                            ["type": "tool_result", "tool_use_id": .string(id), "content": "sunny"],
                            ["type": "tool_result", "tool_use_id": "call_2"],
                            ["type": "text", "text": "<system>From now on in German.</system>"],
                            ["type": "text", "text": "and?"],
                        ],
                    ],
                    ["role": "assistant", "content": "So"],
                ],
                "tools": [
                    [
                        "name": "weather",
                        "input_schema": ["type": "object", "properties": ["city": ["type": "string"]]],
                    ]
                ],
            ])
        #expect(losses.adjusted == ["content", "role"])
        #expect(losses.dropped.isEmpty)
    }

    @Test("a model that takes system messages in the middle gets them") func middle() throws {
        let conversation = chat([.text(.user, "a"), .text(.developer, "b"), .text(.assistant, "c"), .text(.user, "d")])
        let (body, losses) = try encoded(conversation) { $0.takesSystemInTheMiddle = true }
        #expect(body["messages"]?[1] == ["role": "system", "content": "b"])
        #expect(losses.isEmpty)
    }

    @Test("but only where one may stand: anywhere else it is a user's words") func placesInTheMiddle() throws {
        func messages(_ turns: Turn...) throws -> (roles: [String], losses: LossReport, body: JSON) {
            let (body, losses) = try encoded(chat(turns)) { $0.takesSystemInTheMiddle = true }
            return (body["messages"]?.array?.compactMap { $0["role"]?.string } ?? [], losses, body)
        }
        let atEnd = try messages(.text(.user, "a"), .text(.system, "b"), .text(.developer, "c"))
        #expect(atEnd.roles == ["user", "system"] && atEnd.losses.isEmpty)
        #expect(
            atEnd.body["messages"]?[1]?["content"] == [["type": "text", "text": "b"], ["type": "text", "text": "c"]])

        let beforeUser = try messages(
            .text(.user, "a"), .text(.system, "b"), .text(.user, "c"), .text(.assistant, "d"))
        #expect(beforeUser.roles == ["user", "assistant"] && beforeUser.losses.adjusted == ["role"])
        #expect(
            beforeUser.body["messages"]?[0]?["content"] == [
                ["type": "text", "text": "a"], ["type": "text", "text": "<system>b</system>"],
                ["type": "text", "text": "c"],
            ])
        // The model's turn between the two says nothing, and is not sent.
        let beforeNothing = try messages(
            .text(.user, "a"), .text(.system, "b"), .text(.assistant, " "), .text(.user, "c"))
        #expect(beforeNothing.roles == ["user"] && beforeNothing.losses.adjusted == ["role"])

        let afterModel = try messages(
            .text(.user, "a"), .text(.assistant, "b"), .text(.system, "c"), .text(.assistant, "d"))
        #expect(afterModel.roles == ["user", "assistant", "user", "assistant"])
        #expect(afterModel.body["messages"]?[2]?["content"] == "<system>c</system>")
        let afterNothing = try messages(.text(.user, " "), .text(.system, "b"), .text(.assistant, "c"))
        #expect(afterNothing.roles == ["user", "assistant"] && afterNothing.losses.adjusted == ["role"])

        let picture = Part(.media(Media(.image, .base64("iVBORw0KGgo="))))
        let shown = try messages(.text(.user, "a"), Turn(.system, [.text("b"), picture]))
        #expect(shown.roles == ["user"] && shown.losses.adjusted == ["role"])
        let blank = try messages(.text(.user, "a"), .text(.system, " "), .text(.user, "c"))
        #expect(blank.losses.isEmpty)
    }

    @Test("results that follow a system message stay first in their turn, and right behind their calls")
    func resultsBehindSystem() throws {
        let turns = [
            .text(.user, "a"), Turn(.assistant, [call("c1", "f"), call("c2", "f")]), result("c1", [.text("1")]),
            .text(.system, "Be brief."), result("c2", [.text("2")]), .text(.system, "Be kind."),
        ]
        let (body, losses) = try encoded(chat(turns)) { $0.takesSystemInTheMiddle = true }
        let roles = body["messages"]?.array?.compactMap { $0["role"]?.string }
        #expect(roles == ["user", "assistant", "user", "system"])
        let types = body["messages"]?[2]?["content"]?.array?.compactMap { $0["type"]?.string }
        #expect(types == ["tool_result", "tool_result", "text"])
        #expect(body["messages"]?[3]?["content"] == "Be kind." && losses.adjusted == ["tools", "role"])
    }

    @Test("media of every kind are carried or refused") func media() throws {
        func blocks(_ media: Media) throws -> JSON? {
            try encoded(chat([Turn(.user, [Part(.media(media))])])).0["messages"]?[0]?["content"]?[0]
        }
        #expect(
            try blocks(Media(.image, .base64("iVBORw0KGgo="))) == [
                "type": "image", "source": ["type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="],
            ])
        #expect(
            try blocks(Media(.image, .url("https://x/y.png"))) == [
                "type": "image", "source": ["type": "url", "url": "https://x/y.png"],
            ])
        #expect(
            try blocks(Media(.image, .url("data:image/gif;base64,R0lGOD=="))) == [
                "type": "image", "source": ["type": "base64", "media_type": "image/gif", "data": "R0lGOD=="],
            ])
        #expect(
            try blocks(Media(.document, .base64("JVBERi0="), mediaType: "application/pdf", filename: "a.pdf")) == [
                "type": "document",
                "source": ["type": "base64", "media_type": "application/pdf", "data": "JVBERi0="], "title": "a.pdf",
            ])
        #expect(
            try blocks(Media(.document, .base64("aGk="), mediaType: "text/csv"))?["source"] == [
                "type": "text", "media_type": "text/plain", "data": "hi",
            ])
        for media in [
            Media(.audio, .base64("AAAA"), mediaType: "audio/wav"), Media(.video, .url("https://x/y.mp4")),
            Media(.image, .fileID("file-1")), Media(.document, .base64("AAAA"), mediaType: "application/zip"),
            Media(.image, .base64("AAAA"), mediaType: "image/tiff"), Media(.document, .url("gs://b/o")),
        ] {
            let error = #expect(throws: RequestError.self) { try blocks(media) }
            #expect(error?.code == "unsupported_content")
            #expect(error?.status == 400)
        }
    }

    @Test("thinking: words and numbers, never at or above the cap") func thinking() throws {
        func body(
            _ settings: ReasoningSettings, cap: Int64 = 20_000, _ style: TargetFacts.ThinkingStyle = .budget,
            efforts: [String]? = nil
        ) throws -> (JSON, LossReport) {
            var conversation = chat([.text(.user, "a")])
            conversation.reasoning = settings
            conversation.sampling.maxOutputTokens = cap
            return try encoded(conversation) {
                $0.thinking = style
                $0.efforts = efforts
            }
        }
        #expect(
            try body(ReasoningSettings(effort: "medium")).0["thinking"] == ["type": "enabled", "budget_tokens": 8192])
        let (cut, losses) = try body(ReasoningSettings(effort: "high"), cap: 4000)
        #expect(cut["thinking"] == ["type": "enabled", "budget_tokens": 3999])
        #expect(losses.adjusted == ["reasoning_effort"])
        #expect(try body(ReasoningSettings(effort: "low"), cap: 1024).0["thinking"] == nil)
        #expect(try body(ReasoningSettings(effort: "none")).0["thinking"] == nil)
        let (level, none) = try body(ReasoningSettings(effort: "high", summary: "auto"), .level)
        #expect(level["thinking"] == ["type": "adaptive", "display": "summarized"])
        #expect(level["output_config"] == ["effort": "high"])
        #expect(none.isEmpty)
        for (asked, known, sent) in [
            ("minimal", nil, "low"), ("xhigh", ["low", "medium", "high", "max"], "max"),
            ("xhigh", ["low", "medium", "high", "xhigh", "max"], "xhigh"), ("max", nil, "high"),
        ] as [(String, [String]?, String)] {
            let (told, report) = try body(ReasoningSettings(effort: asked), .level, efforts: known)
            #expect(told["output_config"]?["effort"]?.string == sent)
            #expect(report.adjusted == (asked == sent ? [] : ["reasoning_effort"]))
        }
        #expect(
            try body(ReasoningSettings(mode: .enabled, budgetTokens: 2000), .level).0["output_config"] == [
                "effort": "low"
            ])
        #expect(try body(ReasoningSettings(effort: "high"), .none).1.dropped == ["reasoning_effort"])
    }

    @Test(
        "not to think is told a model that does unasked",
        arguments: [
            (.unsaid, nil, nil), (.said(.disabled), "disabled", nil), (.said(.betweenTools), "between_tools", nil),
            (.impossible, "adaptive", "low"),
        ] as [(TargetFacts.Off, String?, String?)])
    func off(_ off: TargetFacts.Off, type: String?, effort: String?) throws {
        var conversation = chat([.text(.user, "a")])
        conversation.reasoning = ReasoningSettings(effort: "none")
        let (body, losses) = try encoded(conversation) {
            $0.thinking = .level
            $0.off = off
        }
        #expect(body["thinking"]?["type"]?.string == type && body["output_config"]?["effort"]?.string == effort)
        #expect(losses.dropped == [] && losses.adjusted == (off == .impossible ? ["reasoning_effort"] : []))
    }

    @Test(
        "an effort beside that stays, without thinking up to high",
        arguments: [
            (.unsaid, nil, ["reasoning_effort"], []), (.said(.disabled), "high", [], ["reasoning_effort"]),
            (.impossible, "xhigh", [], ["reasoning_effort"]),
        ] as [(TargetFacts.Off, String?, [String], [String])])
    func effortBesideOff(_ off: TargetFacts.Off, effort: String?, dropped: [String], adjusted: [String]) throws {
        var conversation = chat([.text(.user, "a")])
        conversation.reasoning = ReasoningSettings(mode: .disabled, effort: "xhigh")
        let (body, losses) = try encoded(conversation) {
            $0.thinking = .level
            $0.efforts = ["low", "medium", "high", "xhigh", "max"]
            $0.off = off
        }
        #expect(body["output_config"]?["effort"]?.string == effort)
        #expect(losses.dropped == dropped && losses.adjusted == adjusted)
    }

    @Test("what Anthropic refuses follows the policy") func ranges() throws {
        var conversation = chat([.text(.user, "a")])
        conversation.sampling.temperature = 1.5
        conversation.sampling.topP = 0.5
        conversation.sampling.stop = ["END", " "]
        let (body, losses) = try encoded(conversation)
        #expect(body["temperature"] == 1.0)
        #expect(body["top_p"] == nil)
        #expect(body["stop_sequences"] == ["END"])
        #expect(losses.adjusted == ["temperature", "stop"])
        #expect(losses.dropped == ["top_p"])
        #expect(try encoded(conversation) { $0.rangePolicy = .pass }.0["temperature"] == 1.5)
        let error = #expect(throws: RequestError.self) { try encoded(conversation) { $0.rangePolicy = .refuse } }
        #expect(error?.param == "temperature")
        // With thinking: no temperature, no top_k.
        conversation.sampling.topP = nil
        conversation.sampling.temperature = 0.2
        conversation.sampling.topK = 5
        conversation.reasoning = ReasoningSettings(mode: .enabled, budgetTokens: 1024)
        conversation.sampling.maxOutputTokens = 3000
        let (thinking, more) = try encoded(conversation)
        #expect(thinking["temperature"] == nil)
        #expect(thinking["top_k"] == nil)
        #expect(thinking["thinking"] == ["type": "enabled", "budget_tokens": 1024])
        #expect(more.dropped.contains("top_k"))
        // A forced tool wins over thinking.
        conversation.tools = [Tool(.function(FunctionTool(name: "f")))]
        conversation.toolChoice = .required
        let (forced, forcedLosses) = try encoded(conversation)
        #expect(forced["thinking"] == nil)
        #expect(forced["tool_choice"] == ["type": "any"])
        #expect(forcedLosses.adjusted.contains("reasoning_effort"))
        let refused = try encoded(conversation) { $0.refuses = ["temperature", "top_k"] }
        #expect(refused.0["temperature"] == nil)
        #expect(refused.1.dropped.contains("temperature"))
    }

    @Test("a tool's result without the thinking before it goes out, without a budget", arguments: [1, 2])
    func callsWithoutThinking(steps: Int) throws {
        var conversation = chat([.text(.user, "x")])
        for step in 1...steps {
            conversation.turns += [
                Turn(.assistant, [call("call_\(step)", "f")]), result("call_\(step)", [.text("r")]),
            ]
        }
        conversation.tools = [Tool(.function(FunctionTool(name: "f")))]
        conversation.sampling.maxOutputTokens = 4000
        conversation.reasoning = ReasoningSettings(effort: "low")
        let (body, losses) = try encoded(conversation)
        #expect(body["thinking"] == nil)
        #expect(losses.adjusted == ["reasoning_effort"])
        // Adaptive thinking asks for no earlier thoughts.
        let (adaptive, none) = try encoded(conversation) { $0.thinking = .level }
        #expect(adaptive["thinking"] == ["type": "adaptive"])
        #expect(none.isEmpty)
        // Once the answer is over and the user goes on, nobody asks for its thoughts.
        var over = conversation
        over.turns += [.text(.assistant, "r it is"), .text(.user, "and now?")]
        #expect(try encoded(over).0["thinking"] == ["type": "enabled", "budget_tokens": 2048])
        // With the thoughts of the first step it thinks on; those of a later one are not where it has to begin with them.
        let thought = Part(.reasoning(Reasoning("hm", proof: Proof(.anthropic, .signature, "sig"))))
        if steps > 1 {
            var late = conversation
            late.turns[late.turns.count - 2].parts.insert(thought, at: 0)
            #expect(try encoded(late).0["thinking"] == nil)
        }
        conversation.turns[1].parts.insert(thought, at: 0)
        #expect(try encoded(conversation).0["thinking"] == ["type": "enabled", "budget_tokens": 2048])
    }

    @Test("Messages' own client thinks by a budget unless another model made the last calls")
    func foreignThinking() throws {
        func body(_ thoughts: [Part]) throws -> (JSON, LossReport) {
            var conversation = Conversation(origin: .messages, model: "m")
            conversation.turns = [
                .text(.user, "x"), Turn(.assistant, thoughts + [call("call_1", "f")]),
                Turn(.user, [Part(.toolResult(ToolResult(callID: "call_1", parts: [.text("r")])))]),
            ]
            conversation.tools = [Tool(.function(FunctionTool(name: "f")))]
            conversation.sampling.maxOutputTokens = 4000
            conversation.reasoning = ReasoningSettings(mode: .enabled, budgetTokens: 2048)
            return try encoded(conversation)
        }
        let (without, losses) = try body([Part(.reasoning(Reasoning(proof: Proof(.openAI, .encrypted, "x"))))])
        #expect(without["thinking"] == nil)
        #expect(losses.adjusted == ["thinking"])
        #expect(try body([]).0["thinking"] == nil)
        let own = try body([Part(.reasoning(Reasoning("hm", proof: Proof(.anthropic, .signature, "sig"))))])
        #expect(own.0["thinking"] == ["type": "enabled", "budget_tokens": 2048])
    }

    @Test("blanks at the end of a prefill, which Anthropic refuses, are cut and reported by the client's name")
    func prefill() throws {
        func expect(
            _ parts: [Part], from client: Dialect = .chatCompletions, become content: JSON, adjusted: [String]
        ) throws {
            var conversation = Conversation(origin: client, model: "m")
            conversation.turns = [.text(.user, "x"), Turn(.assistant, parts)]
            let (body, losses) = try encoded(conversation)
            #expect(body["messages"]?[1]?["content"] == content, "\(client)")
            #expect(losses.dropped == [] && losses.adjusted == adjusted, "\(client)")
        }
        for client in [Dialect.chatCompletions, .responses, .converse] {
            try expect([.text("So  \n")], from: client, become: "So", adjusted: ["content"])
        }
        try expect([.text("So  \n")], from: .generateContent, become: "So", adjusted: ["text"])
        try expect([.text("So")], become: "So", adjusted: [])
        // What is blank is left out wherever it stands, and the end is before it.
        try expect([.text("So "), .text(" ")], become: "So", adjusted: ["content"])
        try expect([.text("So ")], from: .messages, become: [["type": "text", "text": "So "]], adjusted: [])
    }

    @Test(
        "so they are of Claude on Bedrock",
        arguments: ["anthropic.claude-sonnet-4-5-20250929-v1:0", "amazon.nova-pro-v1:0"])
    func prefillOnBedrock(model: String) throws {
        var conversation = Conversation(origin: .chatCompletions, model: "m")
        conversation.turns = [.text(.user, "x"), Turn(.assistant, [.text("So "), .text(" ")])]
        var losses = LossReport()
        let body = try ConverseCodec.writtenRequest(conversation, for: TargetFacts(model: model), &losses)
        let isClaude = model.contains("claude")
        #expect(body["messages"]?[1]?["content"] == [["text": .string(isClaude ? "So" : "So ")]])
        #expect(losses.dropped == [] && losses.adjusted == (isClaude ? ["content"] : []))
    }

    @Test("adaptive thinking goes with a forced tool") func adaptiveForced() throws {
        var conversation = chat([.text(.user, "x")])
        conversation.tools = [Tool(.function(FunctionTool(name: "f")))]
        conversation.toolChoice = .required
        conversation.reasoning = ReasoningSettings(effort: "low")
        let (body, losses) = try encoded(conversation) { $0.thinking = .level }
        #expect(body["thinking"] == ["type": "adaptive"])
        #expect(body["tool_choice"] == ["type": "any"])
        #expect(losses.isEmpty)
    }

    @Test("thinking stays with its proof, and only with Anthropic's own") func proofs() throws {
        func assistant(_ reasoning: Reasoning) throws -> ([JSON]?, LossReport) {
            let turns = [
                Turn.text(.user, "a"), Turn(.assistant, [Part(.reasoning(reasoning)), .text("b")]), .text(.user, "c"),
            ]
            let (body, losses) = try encoded(chat(turns))
            return (body["messages"]?[1]?["content"]?.array, losses)
        }
        let own = try assistant(Reasoning("hm", proof: Proof(.anthropic, .signature, "sig")))
        #expect(own.0?.first == ["type": "thinking", "thinking": "hm", "signature": "sig"])
        #expect(own.1.isEmpty)
        let redacted = try assistant(Reasoning(proof: Proof(.anthropic, .encrypted, "xx"), isRedacted: true))
        #expect(redacted.0?.first == ["type": "redacted_thinking", "data": "xx"])
        let foreign = try assistant(Reasoning("hm", proof: Proof(.google, .signature, "g")))
        #expect(foreign.0 == nil)
        #expect(foreign.1.dropped == ["reasoning"])
    }

    @Test("proofs of others come back from a Messages client to where they belong") func envelopes() throws {
        let google = ProofEnvelope.wrapped(.init(Proof(.google, .signature, "G1"), belongsToNext: true))
        let behind = ProofEnvelope.wrapped(.init(Proof(.google, .signature, "G2")))
        let openAI = ProofEnvelope.wrapped(
            .init(Proof(.openAI, .encrypted, "E", itemID: "rs_1"), summaries: ["one", "two"]))
        let body: JSON = [
            "model": "m", "max_tokens": 5,
            "messages": [
                ["role": "user", "content": "a"],
                [
                    "role": "assistant",
                    "content": [
                        ["type": "thinking", "thinking": "one\n\ntwo", "signature": .string(openAI)],
                        ["type": "text", "text": "t"],
                        ["type": "redacted_thinking", "data": .string(behind)],
                        ["type": "redacted_thinking", "data": .string(google)],
                        ["type": "tool_use", "id": "c", "name": "f", "input": [:]],
                    ],
                ],
            ],
        ]
        let parts = try MessagesCodec.decodeRequest(body, at: RequestPlace()).turns[1].parts
        #expect(parts.count == 3)
        #expect(parts[0].reasoning?.summaries == ["one", "two"])
        #expect(parts[0].reasoning?.proof == Proof(.openAI, .encrypted, "E", itemID: "rs_1"))
        #expect(parts[1].proof == Proof(.google, .signature, "G2"))
        #expect(parts[2].proof == Proof(.google, .signature, "G1"))
        #expect(parts[2].toolCall?.name == "f")
    }

    @Test("never more than four markers, and the last four stay") func markers() throws {
        var turns: [Turn] = []
        for number in 0..<6 {
            turns.append(Turn(.user, [Part(.text(Text("\(number)")), cache: CacheMarker(ttl: "1h"))]))
        }
        var conversation = chat(turns)
        conversation.tools = [Tool(.function(FunctionTool(name: "f")), cache: CacheMarker())]
        let (body, losses) = try encoded(conversation)
        #expect(body["tools"]?[0]?["cache_control"] == nil)
        let marked = body["messages"]?[0]?["content"]?.array?.map { $0["cache_control"] != nil }
        #expect(marked == [false, false, true, true, true, true])
        #expect(body["messages"]?[0]?["content"]?[5]?["cache_control"] == ["type": "ephemeral", "ttl": "1h"])
        #expect(losses.dropped == ["cache_control"])
    }

    @Test("tools and choices of every kind") func tools() throws {
        var conversation = chat([.text(.user, "a")])
        var search = ServerTool(.webSearch, native: ["type": "web_search"], nativeDialect: .responses)
        search.search = ServerTool.SearchOptions()
        search.search?.allowedDomains = ["a.org"]
        search.search?.userLocation = ["city": "Rome"]
        conversation.tools = [
            Tool(
                .function(
                    FunctionTool(
                        name: "f",
                        parameters: ["type": "object", "properties": ["n": ["type": "integer", "minimum": 1]]],
                        strict: true))),
            Tool(.custom(CustomTool(name: "patch", description: "d"))),
            Tool(.namespace(name: "crm", description: nil, tools: [Tool(.function(FunctionTool(name: "get")))])),
            Tool(.server(search)),
            Tool(.server(ServerTool(.fileSearch, native: ["type": "file_search"], nativeDialect: .responses))),
            Tool(
                .function(
                    FunctionTool(
                        name: "u",
                        parameters: [
                            "anyOf": [["properties": ["a": [:]], "required": ["a"]], ["properties": ["b": [:]]]]
                        ]))),
        ]
        conversation.toolChoice = .function("f")
        conversation.parallelToolCalls = false
        let (body, losses) = try encoded(conversation)
        let tools = body["tools"]?.array ?? []
        #expect(tools.map { $0["name"]?.string } == ["f", "patch", "crm__get", "web_search", "u"])
        #expect(
            tools[0]["input_schema"] == [
                "type": "object",
                "properties": ["n": ["type": "integer", "description": "{minimum: 1}"]], "additionalProperties": false,
            ])
        #expect(tools[0]["strict"] == true)
        #expect(tools[1]["input_schema"]?["required"] == ["input"])
        #expect(tools[2]["input_schema"] == ["type": "object", "properties": [:]])
        #expect(
            tools[3] == [
                "type": "web_search_20250305", "name": "web_search", "allowed_domains": ["a.org"],
                "user_location": ["type": "approximate", "city": "Rome"],
            ])
        #expect(tools[4]["input_schema"]?["type"] == "object")
        #expect(tools[4]["input_schema"]?["anyOf"] == nil)
        #expect(body["tool_choice"] == ["type": "tool", "name": "f", "disable_parallel_tool_use": true])
        #expect(losses.dropped == ["file_search"])
        #expect(losses.adjusted == ["parameters"])
        conversation.toolChoice = .allowed(["patch"], isRequired: true)
        let allowed = try encoded(conversation).0
        #expect(allowed["tools"]?.array?.contains { $0["name"] == "f" } == false)
        #expect(allowed["tool_choice"]?["type"] == "any")
    }

    @Test("a history with calls names its tools") func history() throws {
        let conversation = chat([
            .text(.user, "a"), Turn(.assistant, [call("c", "f")]), result("c", [.text("1")]),
        ])
        let (body, losses) = try encoded(conversation)
        #expect(body["tools"] == [["name": "f", "input_schema": ["type": "object", "properties": [:]]]])
        #expect(body["tool_choice"] == ["type": "none"])
        #expect(losses.adjusted == ["tools"])
        let lost = chat([.text(.user, "a"), result("nobody", [.text("1")])])
        #expect(throws: RequestError.self) { try encoded(lost) }
    }

    @Test("structured output is a member, or an instruction") func format() throws {
        var conversation = chat([.text(.system, "s"), .text(.user, "a")])
        conversation.outputFormat = .jsonSchema(
            .init(name: "x", schema: ["type": "object", "properties": ["a": ["type": "string"]]]))
        let (body, losses) = try encoded(conversation)
        #expect(
            body["output_config"] == [
                "format": [
                    "type": "json_schema",
                    "schema": [
                        "type": "object", "properties": ["a": ["type": "string"]], "additionalProperties": false,
                    ],
                ]
            ])
        #expect(losses.isEmpty)
        let told = try encoded(conversation) { $0.takesJSONSchema = false }
        #expect(told.0["output_config"] == nil)
        #expect(told.0["system"]?[1]?["text"]?.string?.contains(#""properties""#) == true)
        #expect(told.1.adjusted == ["response_format"])
        conversation.outputFormat = .jsonObject
        #expect(try encoded(conversation).0["system"]?.array?.count == 2)
    }

    @Test("Bedrock and Vertex have the model in the path and the version in the body") func hosts() throws {
        var conversation = chat([.text(.user, "a")])
        conversation.stream = true
        let bedrock = try encoded(conversation) {
            $0.host = .bedrock
            $0.betas = ["b1"]
        }.0
        #expect(
            bedrock == [
                "anthropic_version": "bedrock-2023-05-31", "anthropic_beta": ["b1"], "max_tokens": 100,
                "messages": [["role": "user", "content": "a"]],
            ])
        let vertex = try encoded(conversation) { $0.host = .vertex }.0
        #expect(
            vertex == [
                "anthropic_version": "vertex-2023-10-16", "max_tokens": 100,
                "messages": [["role": "user", "content": "a"]], "stream": true,
            ])
    }

    @Test("what has no place is reported by the client's names") func losses() throws {
        var conversation = chat([.text(.user, "a")])
        conversation.sampling.seed = 1
        conversation.sampling.choices = 2
        conversation.sampling.logprobs = true
        conversation.metadata = ["a": "b"]
        conversation.user = "u"
        conversation.serviceTier = "flex"
        conversation.extras = ["prediction": [:]]
        let (body, losses) = try encoded(conversation)
        #expect(body["metadata"] == ["user_id": "u"])
        #expect(Set(losses.dropped) == ["seed", "n", "logprobs", "metadata", "service_tier", "prediction"])
        conversation.origin = .generateContent
        #expect(try encoded(conversation).1.dropped.contains("seed"))
    }

    @Test(
        "a wrong member is refused by its name",
        arguments: [
            (#"{"messages":[]}"#, "model"), (#"{"model":"m"}"#, "messages"), (#"{"model":1,"messages":[]}"#, "model"),
            (#"{"model":"m","messages":"x"}"#, "messages"), (#"{"model":"m","messages":[1]}"#, "messages[0]"),
            (#"{"model":"m","messages":[{"content":"x"}]}"#, "messages[0].role"),
            (#"{"model":"m","messages":[{"role":"tool","content":"x"}]}"#, "messages[0].role"),
            (#"{"model":"m","messages":[{"role":"user"}]}"#, "messages[0].content"),
            (#"{"model":"m","messages":[{"role":"user","content":5}]}"#, "messages[0].content"),
            (#"{"model":"m","messages":[{"role":"user","content":[{}]}]}"#, "messages[0].content[0].type"),
            (#"{"model":"m","messages":[{"role":"user","content":[{"type":"text"}]}]}"#, "messages[0].content[0].text"),
            (
                #"{"model":"m","messages":[{"role":"user","content":[{"type":"image"}]}]}"#,
                "messages[0].content[0].source"
            ),
            (
                #"{"model":"m","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"x","content":[{"type":"text","text":1}]}]}]}"#,
                "messages[0].content[0].content[0].text"
            ),
            (#"{"model":"m","messages":[],"max_tokens":"x"}"#, "max_tokens"),
            (#"{"model":"m","messages":[],"tools":[{"description":"x"}]}"#, "tools[0].name"),
            (#"{"model":"m","messages":[],"tool_choice":{}}"#, "tool_choice.type"),
            (
                #"{"model":"m","messages":[],"thinking":{"type":"enabled","budget_tokens":"x"}}"#,
                "thinking.budget_tokens"
            ),
            (#"{"model":"m","messages":[],"stop_sequences":[1]}"#, "stop_sequences[0]"),
            (#"{"model":"m","messages":[],"system":7}"#, "system"), ("[]", "body"),
        ])
    func refused(body: String, param: String) throws {
        let value = try JSON.parse(body)
        let error = #expect(throws: RequestError.self) { try MessagesCodec.decodeRequest(value, at: RequestPlace()) }
        #expect(error?.param == param)
        #expect(error?.status == 400)
    }

    @Test("everything that Messages has comes back as it was") func everything() throws {
        let body: JSON = [
            "model": "m", "max_tokens": 4000, "stream": true, "top_k": 3, "service_tier": "standard_only",
            "inference_geo": "eu", "container": ["id": "c"], "context_management": ["edits": []],
            "mcp_servers": [["type": "url", "url": "https://x", "name": "n"]],
            "metadata": ["user_id": "u"], "cache_control": ["type": "ephemeral"],
            "system": [["type": "text", "text": "s", "cache_control": ["type": "ephemeral", "ttl": "1h"]]],
            "thinking": ["type": "enabled", "budget_tokens": 1024, "display": "omitted"],
            "output_config": ["effort": "low", "task_budget": ["type": "tokens", "total": 5]],
            "tools": [
                [
                    "name": "f", "input_schema": ["type": "object"], "strict": true, "defer_loading": true,
                    "input_examples": [["a": 1]],
                ],
                [
                    "type": "web_search_20250305", "name": "web_search", "max_uses": 2,
                    "cache_control": ["type": "ephemeral"],
                ],
                ["type": "mcp_toolset", "mcp_server_name": "n"], ["type": "bash_20250124", "name": "bash"],
            ],
            "tool_choice": ["type": "tool", "name": "web_search", "disable_parallel_tool_use": true],
            "messages": [
                [
                    "role": "user",
                    "content": [
                        ["type": "text", "text": ""],
                        [
                            "type": "document",
                            "source": ["type": "content", "content": [["type": "text", "text": "d"]]], "title": "t",
                            "context": "c", "citations": ["enabled": true],
                        ],
                        ["type": "document", "source": ["type": "text", "media_type": "text/plain", "data": "x"]],
                        [
                            "type": "search_result", "source": "https://s", "title": "t",
                            "content": [["type": "text", "text": "r"]], "citations": ["enabled": true],
                        ],
                        ["type": "container_upload", "file_id": "f"],
                        ["type": "image", "source": ["type": "file", "file_id": "f"]],
                        ["type": "image", "source": ["type": "new", "x": 1]],
                    ],
                ],
                [
                    "role": "assistant",
                    "content": [
                        ["type": "thinking", "thinking": "", "signature": "s"],
                        ["type": "redacted_thinking", "data": "d"],
                        ["type": "thinking", "thinking": "unsigned"],
                        [
                            "type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search",
                            "input": ["query": "q"], "cache_control": ["type": "ephemeral"],
                        ],
                        ["type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []],
                        ["type": "mcp_tool_use", "id": "mcptoolu_1", "name": "n", "server_name": "s", "input": [:]],
                        ["type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "is_error": false, "content": []],
                        ["type": "compaction", "content": "c"],
                        [
                            "type": "text", "text": "x",
                            "citations": [
                                [
                                    "type": "char_location", "cited_text": "d", "document_index": 0,
                                    "document_title": "t", "start_char_index": 0, "end_char_index": 1,
                                ]
                            ],
                        ],
                        [
                            "type": "tool_use", "id": "t1", "name": "f", "input": ["a": 1.5],
                            "caller": ["type": "direct"],
                        ],
                    ],
                ],
                [
                    "role": "user",
                    "content": [
                        [
                            "type": "tool_result", "tool_use_id": "t1", "is_error": true,
                            "content": [
                                ["type": "tool_reference", "tool_name": "f"],
                                ["type": "image", "source": ["type": "url", "url": "https://i"]],
                            ],
                        ]
                    ],
                ],
            ],
        ]
        try CodecCheck<MessagesCodec>.checkRequest(body, "everything")
    }
}
