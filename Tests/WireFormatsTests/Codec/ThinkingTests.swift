import JSONText
import Testing

@testable import WireFormats

/// What becomes of thinking, of an effort beside it and of the wish to see it, from client to provider.
@Suite("Thinking, from dialect to dialect")
struct ThinkingTests {
    private static let bedrock = "anthropic.claude-opus"

    /// - Parameter members: the client's members for thinking; Google's and Converse's where these have them.
    private func written(
        _ client: Dialect, _ members: JSON, to provider: Dialect, model: String = "m",
        _ change: (inout TargetFacts) -> Void
    ) throws -> (body: JSON, losses: LossReport) {
        var body: JSON
        switch client {
        case .responses: body = ["model": "m", "input": "hello", "max_output_tokens": 40_000]
        case .generateContent:
            body = [
                "contents": [["role": "user", "parts": [["text": "hello"]]]],
                "generationConfig": ["maxOutputTokens": 40_000, "thinkingConfig": members],
            ]
        case .converse:
            body = [
                "messages": [["role": "user", "content": [["text": "hello"]]]],
                "inferenceConfig": ["maxTokens": 40_000], "additionalModelRequestFields": members,
            ]
        default: body = ["model": "m", "max_tokens": 40_000, "messages": [["role": "user", "content": "hello"]]]
        }
        if client != .generateContent, client != .converse {
            for (name, value) in members.object ?? [:] { body[name] = value }
        }
        let decoder = try #require(client.codec)
        let encoder = try #require(provider.codec)
        let conversation = try decoder.decodeRequest(body, at: RequestPlace(model: "house", stream: false))
        var target = TargetFacts(model: model)
        change(&target)
        var losses = LossReport()
        return (try encoder.writtenRequest(conversation, for: target, &losses), losses)
    }

    /// What a Claude is told, at Messages and on Bedrock alike.
    private func expect(
        _ client: Dialect, _ members: JSON, _ change: (inout TargetFacts) -> Void, thinking: JSON?, effort: String?,
        dropped: [String] = [], adjusted: [String] = []
    ) throws {
        for provider in [Dialect.messages, .converse] where provider != client {
            let (body, losses) = try written(client, members, to: provider, model: Self.bedrock, change)
            let fields = provider == .converse ? body["additionalModelRequestFields"] ?? [:] : body
            #expect(fields["thinking"] == thinking, "\(members.text) to \(provider)")
            #expect(fields["output_config"]?["effort"]?.string == effort, "\(members.text) to \(provider)")
            #expect(losses.dropped == dropped && losses.adjusted == adjusted, "\(members.text) to \(provider)")
        }
    }

    private static func level(_ target: inout TargetFacts) {
        target.thinking = .level
        target.efforts = ["low", "medium", "high", "xhigh", "max"]
        target.thinksUnasked = false
    }

    private static func opus45(_ target: inout TargetFacts) {
        target.efforts = ["low", "medium", "high"]
        target.thinksUnasked = false
    }

    private static func sonnet45(_ target: inout TargetFacts) { target.thinksUnasked = false }

    // MARK: - Effort

    @Test("Claude's effort is a member of its own: no thinking is asked for by it")
    func effortAlone() throws {
        for client in [Dialect.messages, .converse] {
            let low: JSON = ["output_config": ["effort": "low"]]
            try expect(client, low, Self.level, thinking: nil, effort: "low")
            try expect(client, low, Self.opus45, thinking: nil, effort: "low")
            try expect(client, low, Self.sonnet45, thinking: nil, effort: nil, dropped: ["effort"])
            let most: JSON = ["output_config": ["effort": "max"]]
            try expect(client, most, Self.opus45, thinking: nil, effort: "high", adjusted: ["effort"])
        }
    }

    @Test("a budget and an effort beside it go to the Claude that takes both")
    func effortBesideBudget() throws {
        let budget: JSON = ["type": "enabled", "budget_tokens": 10_000]
        let both: JSON = ["thinking": budget, "output_config": ["effort": "low"]]
        for client in [Dialect.messages, .converse] {
            try expect(client, both, Self.opus45, thinking: budget, effort: "low")
            try expect(client, both, Self.sonnet45, thinking: budget, effort: nil, dropped: ["effort"])
            try expect(
                client, both, Self.level, thinking: ["type": "adaptive"], effort: "low", adjusted: ["thinking"])
        }
        let adaptive: JSON = ["thinking": ["type": "adaptive"], "output_config": ["effort": "low"]]
        let made: JSON = ["type": "enabled", "budget_tokens": 2048]
        try expect(.messages, adaptive, Self.opus45, thinking: made, effort: "low")
        try expect(.messages, adaptive, Self.sonnet45, thinking: made, effort: nil)
    }

    @Test("an effort beside no thinking stays at Claude, and is reported elsewhere")
    func effortBesideOff() throws {
        let off: JSON = ["thinking": ["type": "disabled"], "output_config": ["effort": "low"]]
        for client in [Dialect.messages, .converse] {
            try expect(client, off, Self.level, thinking: nil, effort: "low")
            try expect(client, off, Self.opus45, thinking: nil, effort: "low")
            try expect(client, off, Self.sonnet45, thinking: nil, effort: nil, dropped: ["effort"])
        }
        for provider in [Dialect.chatCompletions, .responses, .generateContent, .cohereChat, .ollamaChat] {
            let losses = try written(.messages, off, to: provider) { $0.efforts = ["none", "low"] }.losses
            #expect(losses.dropped == ["effort"] && losses.adjusted == [], "\(provider)")
        }
    }

    @Test("where others than Anthropic serve Claude, an effort beside a budget has its beta")
    func beta() throws {
        let low: JSON = ["output_config": ["effort": "low"]]
        func betas(_ change: (inout TargetFacts) -> Void) throws -> JSON? {
            try written(.messages, low, to: .converse, model: Self.bedrock, change)
                .body["additionalModelRequestFields"]?["anthropic_beta"]
        }
        #expect(try betas(Self.opus45) == ["effort-2025-11-24"])
        #expect(try betas(Self.level) == nil)
        func invokeBetas(_ host: TargetFacts.MessagesHost, _ change: (inout TargetFacts) -> Void) throws -> JSON? {
            try written(.converse, low, to: .messages) {
                change(&$0)
                $0.host = host
            }.body["anthropic_beta"]
        }
        for host in [TargetFacts.MessagesHost.bedrock, .vertex] {
            #expect(try invokeBetas(host, Self.opus45) == ["effort-2025-11-24"])
            #expect(try invokeBetas(host, Self.level) == nil)
            #expect(try invokeBetas(host, Self.sonnet45) == nil)
        }
        #expect(try invokeBetas(.direct, Self.opus45) == nil)
    }

    @Test("an effort of OpenAI's dialects asks Claude to think")
    func effortOfOthers() throws {
        let adaptive: JSON = ["type": "adaptive"]
        let budget: JSON = ["type": "enabled", "budget_tokens": 2048]
        for (client, members) in [
            (.chatCompletions, ["reasoning_effort": "low"]), (.responses, ["reasoning": ["effort": "low"]]),
            (.generateContent, ["thinkingLevel": "LOW"]), (.converse, ["reasoning_effort": "low"]),
        ] as [(Dialect, JSON)] {
            try expect(client, members, Self.level, thinking: adaptive, effort: "low")
            try expect(client, members, Self.opus45, thinking: budget, effort: nil)
        }
        let both: JSON = ["reasoning_effort": "low", "thinking": ["type": "enabled", "budget_tokens": 9000]]
        try expect(.chatCompletions, both, Self.level, thinking: adaptive, effort: "low", adjusted: ["thinking"])
        try expect(
            .chatCompletions, both, Self.sonnet45, thinking: ["type": "enabled", "budget_tokens": 9000], effort: nil,
            dropped: ["reasoning_effort"])
    }

    @Test("of a budget and an effort one is told elsewhere, and the other is reported")
    func oneOfTwo() throws {
        let both: JSON = [
            "thinking": ["type": "enabled", "budget_tokens": 31_999], "output_config": ["effort": "low"],
        ]
        for provider in [Dialect.chatCompletions, .responses] {
            let losses = try written(.messages, both, to: provider) { $0.thinking = .level }.losses
            #expect(losses.dropped == [] && losses.adjusted == ["thinking"], "\(provider)")
        }
        let gemini3 = try written(.messages, both, to: .generateContent) { $0.thinking = .level }
        #expect(gemini3.body["generationConfig"]?["thinkingConfig"]?["thinkingLevel"] == "LOW")
        #expect(gemini3.losses.adjusted == ["thinking"])
        let cohere = try written(.messages, both, to: .cohereChat) { _ in }
        #expect(cohere.body["thinking"]?["token_budget"] == 31_999)
        #expect(cohere.losses.dropped == ["effort"] && cohere.losses.adjusted == [])
        let openRouter: JSON = ["reasoning": ["effort": "low", "max_tokens": 31_999]]
        let losses = try written(.chatCompletions, openRouter, to: .responses) { $0.thinking = .level }.losses
        #expect(losses.adjusted == ["reasoning"])
    }

    // MARK: - What an answer begins with

    private static let thought = Part(.reasoning(Reasoning("hm", proof: Proof(.anthropic, .signature, "s"))))
    private static let call = Part(.toolCall(ToolCall(id: "c", name: "f")))
    private static let result = Turn(.user, [Part(.toolResult(ToolResult(callID: "c", parts: [.text("1")])))])

    private func lacksThinking(_ answer: [Turn], systemIsUsers: Bool = false) -> Bool {
        var conversation = Conversation(origin: .messages, model: "m")
        conversation.turns = [.text(.system, "s"), .text(.user, "q")] + answer
        return conversation.lastCallsLackThinking(systemIsUsers: systemIsUsers)
    }

    @Test("an answer begins with Claude's thinking, or lacks it though it stands further on")
    func beginningOfAnswer() {
        let (thought, call, result) = (Self.thought, Self.call, Self.result)
        func said(_ parts: Part...) -> Turn { Turn(.assistant, parts) }
        #expect(!lacksThinking([said(thought, call), result, said(call), result]))
        #expect(lacksThinking([said(call), result, said(thought, call), result]))
        #expect(lacksThinking([said(.text("so"), thought, call), result]))
        #expect(lacksThinking([said(.text("so")), said(thought, call), result]))
        #expect(!lacksThinking([said(call), result, .text(.user, "and?"), said(thought, call), result]))
        // Of these Claude gets nothing.
        let foreign = Part(.reasoning(Reasoning("hm", proof: Proof(.google, .signature, "s"))))
        let unsigned = Part(.reasoning(Reasoning("hm")))
        #expect(!lacksThinking([said(foreign, unsigned, .text(" \n"), thought, call), result]))
        #expect(lacksThinking([said(foreign, unsigned, .text(" \n"), call), result]))
    }

    @Test("a system turn in the middle parts an answer from its thinking where it is sent as the user's words")
    func systemInAnswer() {
        for role in [Turn.Role.system, .developer] {
            let turns: [Turn] = [
                Turn(.assistant, [Self.thought, Self.call]), Self.result, .text(role, "go on"),
                Turn(.assistant, [Self.call]), Self.result,
            ]
            #expect(!lacksThinking(turns))
            #expect(lacksThinking(turns, systemIsUsers: true))
        }
    }

    @Test("a budget in reasoning_config counts where thinking is null")
    func nullThinking() throws {
        let members: JSON = ["thinking": nil, "reasoning_config": ["type": "enabled", "budget_tokens": 2000]]
        let (body, _) = try written(.converse, members, to: .messages, Self.sonnet45)
        #expect(body["thinking"] == ["type": "enabled", "budget_tokens": 2000])
    }

    // MARK: - Whether thoughts are seen

    @Test("a wish to see thoughts, or not to, goes to Claude")
    func displayAtClaude() throws {
        let shown: JSON = ["type": "adaptive", "display": "summarized"]
        let hidden: JSON = ["type": "adaptive", "display": "omitted"]
        for (client, members, thinking) in [
            (.responses, ["reasoning": ["effort": "high", "summary": "auto"]], shown),
            (.generateContent, ["thinkingLevel": "HIGH", "includeThoughts": true], shown),
            (.generateContent, ["thinkingLevel": "HIGH", "includeThoughts": false], hidden),
            (.messages, ["thinking": shown, "output_config": ["effort": "high"]], shown),
            (.messages, ["thinking": hidden, "output_config": ["effort": "high"]], hidden),
            (.converse, ["thinking": hidden, "output_config": ["effort": "high"]], hidden),
            (.chatCompletions, ["reasoning": ["effort": "high", "exclude": true]], hidden),
        ] as [(Dialect, JSON, JSON)] {
            try expect(client, members, Self.level, thinking: thinking, effort: "high")
        }
        let alone: JSON = ["includeThoughts": true]
        try expect(.generateContent, alone, Self.level, thinking: nil, effort: nil, dropped: ["includeThoughts"])
        try expect(
            .generateContent, alone,
            {
                Self.level(&$0)
                $0.off = .said(.disabled)
            }, thinking: shown, effort: nil)
    }

    private static let wishes: [(client: Dialect, name: String, shown: JSON, hidden: JSON)] = [
        (
            .messages, "display", ["thinking": ["type": "enabled", "budget_tokens": 2048, "display": "summarized"]],
            ["thinking": ["type": "enabled", "budget_tokens": 2048, "display": "omitted"]]
        ),
        (
            .generateContent, "includeThoughts", ["thinkingBudget": 2048, "includeThoughts": true],
            ["thinkingBudget": 2048, "includeThoughts": false]
        ),
        (
            .chatCompletions, "exclude", ["reasoning": ["max_tokens": 2048, "exclude": false]],
            ["reasoning": ["max_tokens": 2048, "exclude": true]]
        ),
    ]

    @Test("where a provider always shows thoughts, a wish not to see them is lost, by the client's name for it")
    func displayElsewhere() throws {
        for wish in Self.wishes {
            for (provider, model) in [
                (.cohereChat, "m"), (.ollamaChat, "m"), (.converse, "qwen.qwen3-32b-v1:0"),
            ] as [(Dialect, String)] {
                #expect(try written(wish.client, wish.shown, to: provider, model: model) { _ in }.losses.dropped == [])
                let hidden = try written(wish.client, wish.hidden, to: provider, model: model) { _ in }.losses.dropped
                #expect(hidden == [wish.name], "\(wish.client) to \(provider)")
            }
        }
    }

    @Test("at Chat a wish is carried where there is a member for it, else met or reported")
    func displayAtChat() throws {
        for wish in Self.wishes where wish.client != .chatCompletions {
            func dropped(_ members: JSON, _ change: (inout TargetFacts) -> Void) throws -> [String] {
                try written(wish.client, members, to: .chatCompletions, change).losses.dropped
            }
            #expect(try dropped(wish.shown) { _ in } == [wish.name])
            #expect(try dropped(wish.hidden) { _ in } == [wish.name])
            #expect(try dropped(wish.shown) { $0.chatReasoning = "reasoning_content" } == [])
            #expect(try dropped(wish.hidden) { $0.hidesThoughtsInChat = true } == [])
            let (body, losses) = try written(wish.client, wish.hidden, to: .chatCompletions) {
                $0.chatReasoning = "reasoning_details"
                $0.renames = ["reasoning_effort": "reasoning"]
            }
            #expect(body["reasoning"] == ["max_tokens": 2048, "exclude": true] && losses.dropped == [])
        }
        let responses: JSON = ["reasoning": ["effort": "low", "summary": "auto"]]
        #expect(try written(.responses, responses, to: .chatCompletions) { _ in }.losses.dropped == ["summary"])
    }

    @Test("a wish by itself asks nobody to think")
    func displayAlone() throws {
        for provider in [Dialect.cohereChat, .ollamaChat] {
            let (body, losses) = try written(.responses, ["reasoning": ["summary": "auto"]], to: provider) { _ in }
            #expect(body["thinking"] == nil && body["think"] == nil && losses.dropped == [], "\(provider)")
            let plain = try written(.generateContent, ["includeThoughts": true], to: provider) { $0.thinking = .none }
            #expect(plain.losses.dropped == ["includeThoughts"], "\(provider)")
        }
    }

    @Test("a wish to see thoughts is lost beside what asks for them, where the model has none")
    func displayBeside() throws {
        for (client, members, name, asked) in [
            (.responses, ["reasoning": ["effort": "high", "summary": "auto"]], "summary", "effort"),
            (
                .generateContent, ["thinkingLevel": "HIGH", "includeThoughts": true], "includeThoughts",
                "thinkingLevel"
            ),
            (
                .generateContent, ["thinkingBudget": 2048, "includeThoughts": true], "includeThoughts",
                "thinkingBudget"
            ),
        ] as [(Dialect, JSON, String, String)] {
            let losses = try written(client, members, to: .chatCompletions) { $0.thinking = .none }.losses
            #expect(Set(losses.dropped) == [name, asked], "\(members.text)")
        }
    }

    @Test(
        "members of the settings that have no name here are reported at every other dialect's provider",
        arguments: Dialect.conversations.filter { $0 != .responses })
    func extras(provider: Dialect) throws {
        let members: JSON = ["reasoning": ["context": "all_turns"]]
        for style in TargetFacts.ThinkingStyle.allCases {
            let losses = try written(.responses, members, to: provider) { $0.thinking = style }.losses
            #expect(losses.dropped == ["context"], "\(style)")
        }
    }
}
