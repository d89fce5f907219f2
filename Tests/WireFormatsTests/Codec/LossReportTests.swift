import JSONText
import Testing

@testable import WireFormats

/// What is reported as lost, and what is not: `strict_params` refuses a request for each name in the report.
@Suite struct LossReportTests {
    private func lost(
        _ client: any DialectCodec.Type, _ body: JSON, to provider: any DialectCodec.Type, model: String = "m",
        place: RequestPlace = RequestPlace()
    ) throws -> (JSON, [String]) {
        var losses = LossReport()
        let conversation = try client.decodeRequest(body, at: place)
        let request = try provider.encodeRequest(conversation, for: TargetFacts(model: model), &losses)
        return (request, losses.dropped)
    }

    private static let providers: [any DialectCodec.Type] = [
        ChatCompletionsCodec.self, MessagesCodec.self, GenerateContentCodec.self, ConverseCodec.self,
        CohereChatCodec.self, OllamaChatCodec.self,
    ]

    @Test func whatAnAnswerSaysOfItselfIsNoLossWhenItComesBack() throws {
        let body: JSON = [
            "model": "m", "store": false, "parallel_tool_calls": true,
            "input": [
                ["role": "user", "content": "hello"],
                [
                    "type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
                    "content": [["type": "output_text", "text": "hi", "annotations": [], "logprobs": []]],
                ],
                ["role": "user", "content": "more"],
            ],
        ]
        for provider in Self.providers {
            #expect(try lost(ResponsesCodec.self, body, to: provider).1 == [], "\(provider.dialect)")
        }
    }

    @Test func thatAnItemWasCutIsNoLoss() throws {
        let answer = """
            {"id":"resp_1","object":"response","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},
             "output":[{"type":"message","id":"m1","role":"assistant","status":"incomplete",
               "content":[{"type":"output_text","text":"We","annotations":[]}]}]}
            """
        let reply = try ResponsesCodec.decodeReply(JSON.parse(answer))
        let context = ReplyContext(
            model: "m", requestID: "r", created: 1, request: Conversation(origin: .chatCompletions, model: "m"))
        var losses = LossReport()
        let whole = ChatCompletionsCodec.encodeReply(reply, for: context, &losses)
        #expect(whole["choices"]?[0]?["finish_reason"] == "length" && losses.isEmpty)

        let item =
            #"{"type":"message","id":"m1","role":"assistant","status":"incomplete","content":[{"type":"output_text","text":"We"}]}"#
        let end =
            #"{"id":"r","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[\#(item)]}"#
        let stream = """
            data: {"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"m1","role":"assistant","content":[]}}

            data: {"type":"response.output_text.delta","output_index":0,"item_id":"m1","delta":"We"}

            data: {"type":"response.output_item.done","output_index":0,"item":\(item)}

            data: {"type":"response.incomplete","response":\(end)}


            """
        var encoder = ChatCompletionsCodec.streamEncoder(for: context)
        var out = FrameWriter()
        let events = try CodecCheck<ResponsesCodec>.events(of: [Array(stream.utf8)])
        for event in events { encoder.encode(event, into: &out) }
        #expect(encoder.losses.isEmpty, "\(encoder.losses)")
    }

    @Test(
        "an output cap is told by the name that the client gave it",
        arguments: ["max_tokens", "max_completion_tokens"])
    func outputCap(name: String) throws {
        var body: JSON = ["model": "m", "messages": [["role": "user", "content": "hi"]]]
        body[name] = 1
        let conversation = try ChatCompletionsCodec.decodeRequest(body, at: RequestPlace())
        var raised = LossReport()
        _ = try ResponsesCodec.encodeRequest(conversation, for: TargetFacts(model: "m"), &raised)
        #expect(raised.adjusted == [name])
        body[name] = 4000
        var facts = TargetFacts(model: "m")
        facts.maxOutputTokens = 1000
        var cut = LossReport()
        let long = try ChatCompletionsCodec.decodeRequest(body, at: RequestPlace())
        _ = try MessagesCodec.encodeRequest(long, for: facts, &cut)
        #expect(cut.adjusted == [name])

        let old: JSON = ["model": "m", "prompt": "hi", "max_tokens": 1]
        let completion = try CompletionsCodec.decodeRequest(old, at: RequestPlace())
        var ofCompletion = LossReport()
        _ = try ResponsesCodec.encodeRequest(completion, for: TargetFacts(model: "m"), &ofCompletion)
        #expect(ofCompletion.adjusted == ["max_tokens"])
    }

    @Test func aLossIsTheClientsOwnMemberWithoutTheWayToIt() throws {
        var report = LossReport()
        for name in ["generationConfig.seed", "seed", "messages.content.cache_control", "a.", ""] { report.drop(name) }
        report.adjust("text.verbosity")
        #expect(report.dropped == ["seed", "cache_control", "a.", ""] && report.adjusted == ["verbosity"])

        let google: JSON = [
            "contents": [["role": "user", "parts": [["text": "hello"]]]],
            "generationConfig": ["seed": 1, "topK": 3, "frequencyPenalty": 0.5, "responseLogprobs": true],
        ]
        let place = RequestPlace(model: "m", stream: false)
        let (_, dropped) = try lost(GenerateContentCodec.self, google, to: MessagesCodec.self, place: place)
        #expect(Set(dropped) == ["seed", "frequencyPenalty", "responseLogprobs"])
        let marked: JSON = ["type": "text", "text": "hello", "cache_control": ["type": "ephemeral"]]
        let anthropic: JSON = [
            "model": "m", "max_tokens": 9, "system": [marked], "messages": [["role": "user", "content": [marked]]],
            "metadata": ["user_id": "u"], "stop_sequences": ["x"],
        ]
        let chat = try lost(MessagesCodec.self, anthropic, to: ResponsesCodec.self).1
        #expect(Set(chat) == ["cache_control", "stop_sequences"])
        let gemini = try lost(MessagesCodec.self, anthropic, to: GenerateContentCodec.self).1
        #expect(Set(gemini) == ["cache_control", "user_id"])
    }

    @Test func theHeaderWithBetasGoesToClaudeAndIsReportedAnywhereElse() throws {
        let body: JSON = ["model": "m", "max_tokens": 9, "messages": [["role": "user", "content": "hello"]]]
        let conversation = try MessagesCodec.decodeRequest(body, at: RequestPlace())
        func written(_ provider: any DialectCodec.Type, _ model: String) throws -> (JSON, LossReport) {
            var facts = TargetFacts(model: model)
            facts.betas = ["context-1m-2025-08-07", "claude-code-20250219"]
            var losses = LossReport()
            return (try provider.writtenRequest(conversation, for: facts, &losses), losses)
        }
        for provider in Dialect.conversations where provider != .messages {
            let codec = try #require(provider.codec)
            let (_, losses) = try written(codec, "m")
            #expect(losses.dropped == ["anthropic-beta"] && losses.droppedMembers == [], "\(provider)")
        }
        #expect(try written(MessagesCodec.self, "m").1.isEmpty)
        // Bedrock refuses a beta that it does not know.
        let (bedrock, losses) = try written(ConverseCodec.self, "anthropic.claude-sonnet-4-5-20250929-v1:0")
        #expect(bedrock["additionalModelRequestFields"] == ["anthropic_beta": ["context-1m-2025-08-07"]])
        #expect(losses.dropped == ["anthropic-beta"])
        let (nova, none) = try written(ConverseCodec.self, "amazon.nova-pro-v1:0")
        #expect(nova["additionalModelRequestFields"] == nil && none.dropped == ["anthropic-beta"])
    }

    @Test func betasOfTheHeaderAndOfTheBodyAreOneListOnBedrock() throws {
        let body: JSON = [
            "model": "m", "max_tokens": 9, "messages": [["role": "user", "content": "hello"]],
            "anthropic_beta": ["new-2026-11-01", "context-1m-2025-08-07"],
        ]
        var facts = TargetFacts(model: "anthropic.claude-sonnet-4-20250514-v1:0")
        facts.betas = ["context-1m-2025-08-07", "interleaved-thinking-2025-05-14"]
        var losses = LossReport()
        let conversation = try MessagesCodec.decodeRequest(body, at: RequestPlace())
        let request = try ConverseCodec.writtenRequest(conversation, for: facts, &losses)
        #expect(
            request["additionalModelRequestFields"]?["anthropic_beta"] == [
                "new-2026-11-01", "context-1m-2025-08-07", "interleaved-thinking-2025-05-14",
            ])
        #expect(losses.isEmpty)
        // At a model that is not known to take it, a beta would make the request a 400.
        facts.model = "anthropic.claude-opus-4-7-v1:0"
        facts.betas = ["interleaved-thinking-2025-05-14"]
        let newer = try ConverseCodec.writtenRequest(conversation, for: facts, &losses)
        #expect(
            newer["additionalModelRequestFields"]?["anthropic_beta"] == ["new-2026-11-01", "context-1m-2025-08-07"])
        #expect(losses.dropped == ["anthropic-beta"])
    }

    @Test func thinkingAsMuchAsTheModelLikesIsALossWhereThereIsNoWordForIt() throws {
        let contents: JSON = [["role": "user", "parts": [["text": "hello"]]]]
        func body(_ thinking: JSON) -> JSON {
            ["contents": contents, "generationConfig": ["thinkingConfig": thinking]]
        }
        let place = RequestPlace(model: "m", stream: false)
        for provider: any DialectCodec.Type in [ChatCompletionsCodec.self, ResponsesCodec.self] {
            let (_, dropped) = try lost(
                GenerateContentCodec.self, body(["thinkingBudget": -1]), to: provider, place: place)
            #expect(dropped == ["thinkingBudget"], "\(provider.dialect)")
            let (_, none) = try lost(
                GenerateContentCodec.self, body(["thinkingBudget": 2048]), to: provider, place: place)
            #expect(none == [], "\(provider.dialect)")
        }
    }

    @Test func thinkingIsReportedByTheMembersThatSaidIt() throws {
        /// - Parameters:
        ///   - dropped: at a model that does not think.
        ///   - adjusted: at one that knows `low` and `high`.
        func expect(
            _ client: any DialectCodec.Type, _ body: JSON, dropped: [String], adjusted: [String]
        ) throws {
            let conversation = try client.decodeRequest(body, at: RequestPlace(model: "house-model", stream: false))
            let isChat = client.dialect == .chatCompletions
            let provider: any DialectCodec.Type = isChat ? ResponsesCodec.self : ChatCompletionsCodec.self
            var facts = TargetFacts(model: "m")
            facts.thinking = .none
            var lost = LossReport()
            _ = try provider.writtenRequest(conversation, for: facts, &lost)
            #expect(lost.dropped == dropped && lost.adjusted == [], "\(body.text)")
            facts.thinking = .level
            facts.efforts = ["low", "high"]
            var fitted = LossReport()
            _ = try provider.writtenRequest(conversation, for: facts, &fitted)
            #expect(fitted.dropped == [] && fitted.adjusted == adjusted, "\(body.text)")
        }
        let adaptive: JSON = ["type": "adaptive"]
        let off: JSON = ["type": "disabled"]
        let most: JSON = ["effort": "max"]

        func anthropic(_ name: String, _ value: JSON, effort: JSON? = nil) -> JSON {
            var body: JSON = ["model": "m", "max_tokens": 9000, "messages": [["role": "user", "content": "hello"]]]
            body[name] = value
            body["output_config"] = effort ?? body["output_config"]
            return body
        }
        try expect(MessagesCodec.self, anthropic("output_config", most), dropped: ["effort"], adjusted: ["effort"])
        try expect(
            MessagesCodec.self, anthropic("thinking", adaptive, effort: most), dropped: ["thinking", "effort"],
            adjusted: ["effort"])
        try expect(MessagesCodec.self, anthropic("thinking", off), dropped: [], adjusted: ["thinking"])

        func chat(_ name: String, _ value: JSON) -> JSON {
            var body: JSON = ["model": "m", "messages": [["role": "user", "content": "hello"]]]
            body[name] = value
            return body
        }
        try expect(
            ChatCompletionsCodec.self, chat("reasoning_effort", "max"), dropped: ["reasoning_effort"],
            adjusted: ["reasoning_effort"])
        try expect(ChatCompletionsCodec.self, chat("reasoning", most), dropped: ["effort"], adjusted: ["effort"])
        try expect(ChatCompletionsCodec.self, chat("thinking", off), dropped: [], adjusted: ["thinking"])

        let responses: JSON = ["model": "m", "input": "hello", "reasoning": most]
        try expect(ResponsesCodec.self, responses, dropped: ["effort"], adjusted: ["effort"])

        func google(_ thinking: JSON) -> JSON {
            [
                "contents": [["role": "user", "parts": [["text": "hello"]]]],
                "generationConfig": ["thinkingConfig": thinking],
            ]
        }
        try expect(
            GenerateContentCodec.self, google(["thinkingLevel": "MINIMAL"]), dropped: ["thinkingLevel"],
            adjusted: ["thinkingLevel"])
        try expect(
            GenerateContentCodec.self, google(["thinkingBudget": 0]), dropped: [], adjusted: ["thinkingBudget"])

        func converse(_ fields: JSON) -> JSON {
            ["messages": [["role": "user", "content": [["text": "hello"]]]], "additionalModelRequestFields": fields]
        }
        try expect(
            ConverseCodec.self, converse(["thinking": adaptive, "output_config": most]),
            dropped: ["thinking", "effort"], adjusted: ["effort"])
        for word in ["reasoning_effort", "reasoning_config"] {
            var fields: JSON = [:]
            fields[word] = "max"
            try expect(ConverseCodec.self, converse(fields), dropped: [word], adjusted: [word])
        }
    }

    @Test func whatATurnOfTheModelSaysBesideIsALossAlsoAfterAnotherOfItsTurns() throws {
        let items: JSON = [
            "model": "m",
            "input": [
                ["role": "user", "content": "hello"], ["type": "reasoning", "id": "rs_1", "summary": []],
                [
                    "type": "message", "role": "assistant", "phase": "commentary",
                    "content": [["type": "output_text", "text": "hi"]],
                ], ["role": "user", "content": "more"],
            ],
        ]
        for provider in Self.providers {
            #expect(try lost(ResponsesCodec.self, items, to: provider).1.contains("phase"), "\(provider.dialect)")
        }
        let named: JSON = [
            "model": "m",
            "messages": [
                ["role": "user", "content": "hello"], ["role": "assistant", "content": "one"],
                ["role": "assistant", "content": "two", "name": "critic"],
                ["role": "user", "content": "more"],
            ],
        ]
        for provider in Self.providers.dropFirst() {
            let (_, dropped) = try lost(ChatCompletionsCodec.self, named, to: provider)
            #expect(dropped == ["name"], "\(provider.dialect)")
        }
    }

    @Test func whatAProviderTellsOfItselfIsLeftOutOfAnswersWithoutAWord() throws {
        let reply = try ConverseCodec.decodeReply(
            try JSON.parse(
                #"""
                {"output":{"message":{"role":"assistant","content":[{"text":"hi"}]}},"stopReason":"end_turn",
                "usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2},"metrics":{"latencyMs":3},"trace":{}}
                """#))
        let context = ReplyContext(
            model: "m", requestID: "r", created: 0, request: Conversation(origin: .generateContent, model: "m"))
        let clients: [any DialectCodec.Type] = [
            GenerateContentCodec.self, CompletionsCodec.self, ChatCompletionsCodec.self, MessagesCodec.self,
        ]
        for client in clients {
            var losses = LossReport()
            _ = client.encodeReply(reply, for: context, &losses)
            #expect(losses.dropped == [], "\(client.dialect)")
        }
    }

    @Test func thinkingToldInAFamilysWordsIsCarriedWhateverTheModelIsCalled() throws {
        let body: JSON = [
            "messages": [["role": "user", "content": [["text": "hello"]]]], "inferenceConfig": ["maxTokens": 4000],
            "additionalModelRequestFields": ["thinking": ["type": "enabled", "budget_tokens": 1024]],
        ]
        let place = RequestPlace(model: "house-model", stream: false)
        let (request, dropped) = try lost(
            ConverseCodec.self, body, to: MessagesCodec.self, model: "claude-sonnet-4-5", place: place)
        #expect(request["thinking"] == ["type": "enabled", "budget_tokens": 1024] && dropped == [])
        let (same, _) = try lost(ConverseCodec.self, body, to: ConverseCodec.self, model: "house-model", place: place)
        #expect(same["additionalModelRequestFields"] == body["additionalModelRequestFields"])
    }

    @Test func whatConverseClientsSayOfThinkingIsNoLossWhereItIsCarriedAndNamedOnceWhereItIsNot() throws {
        let cases: [(member: String, value: JSON, lost: [String])] = [
            ("outputConfig", ["effort": "high"], ["effort"]),
            ("additionalModelRequestFields", ["output_config": ["effort": "high"]], ["effort"]),
            (
                "additionalModelRequestFields", ["reasoning_config": ["type": "enabled", "budget_tokens": 2000]],
                ["reasoning_config"]
            ), ("additionalModelRequestFields", ["inferenceConfig": ["topK": 3]], []),
        ]
        var claude = TargetFacts(model: "claude-m")
        claude.thinking = .level
        for (member, value, names) in cases {
            var body: JSON = [
                "messages": [["role": "user", "content": [["text": "hello"]]]], "inferenceConfig": ["maxTokens": 4000],
            ]
            func dropped(by provider: any DialectCodec.Type) throws -> [String] {
                let place = RequestPlace(model: "house-model", stream: false)
                var losses = LossReport()
                let conversation = try ConverseCodec.decodeRequest(body, at: place)
                let written = try provider.writtenRequest(conversation, for: claude, &losses)
                if provider.dialect == .converse {
                    #expect(canonical(written[member] ?? .null) == canonical(body[member] ?? .null))
                }
                return losses.dropped
            }
            body[member] = value
            #expect(try dropped(by: MessagesCodec.self) == [], "\(value.text)")
            #expect(try dropped(by: CompletionsCodec.self) == names, "\(value.text)")
            #expect(try dropped(by: ConverseCodec.self) == [], "\(value.text)")
            // What nobody knows stays a loss.
            body[member]?["new"] = 1
            #expect(try dropped(by: MessagesCodec.self) == [member], "\(value.text)")
            #expect(try dropped(by: ConverseCodec.self) == [], "\(value.text)")
        }
    }

    @Test func thinkingThatNobodySignedComesBackToGoogleAndToNobodyWhoSigns() throws {
        let body: JSON = [
            "model": "m", "max_tokens": 100,
            "messages": [
                ["role": "user", "content": "hello"],
                [
                    "role": "assistant",
                    "content": [
                        ["type": "thinking", "thinking": "so", "signature": ""], ["type": "text", "text": "hi"],
                    ],
                ], ["role": "user", "content": "more"],
            ],
        ]
        let (google, dropped) = try lost(MessagesCodec.self, body, to: GenerateContentCodec.self)
        #expect(google["contents"]?.array?[1]["parts"] == [["text": "so", "thought": true], ["text": "hi"]])
        #expect(dropped == [])
        for provider in [MessagesCodec.self, ConverseCodec.self] as [any DialectCodec.Type] {
            let (request, dropped) = try lost(MessagesCodec.self, body, to: provider, model: "anthropic.claude-x")
            #expect(request["messages"]?.array?[1]["content"]?.array?.count == 1)
            #expect(dropped == ["reasoning"], "\(provider.dialect)")
        }
    }

    @Test func piecesOfAStreamAreJoinedForEveryoneButGoogle() throws {
        let signature = ProofEnvelope.wrapped(ProofEnvelope.Letter(Proof(.anthropic, .signature, "c2ln")))
        let body: JSON = [
            "contents": [
                ["role": "user", "parts": [["text": "hello"]]],
                ["role": "model", "parts": [["text": "so ", "thought": true]]],
                ["role": "model", "parts": [["text": "it is", "thought": true]]],
                ["role": "model", "parts": [["text": "", "thought": true, "thoughtSignature": .string(signature)]]],
                ["role": "model", "parts": [["text": "hi"]]], ["role": "model", "parts": [["text": "\n"]]],
                ["role": "model", "parts": [["text": "there"]]], ["role": "user", "parts": [["text": "more"]]],
            ]
        ]
        let place = RequestPlace(model: "m", stream: false)
        let (request, dropped) = try lost(GenerateContentCodec.self, body, to: MessagesCodec.self, place: place)
        #expect(
            request["messages"]?.array?[1]["content"] == [
                ["type": "thinking", "thinking": "so it is", "signature": "c2ln"],
                ["type": "text", "text": "hi\nthere"],
            ])
        #expect(dropped == [])
    }

    @Test func googlesWrapperOfATextReachesConverseAsTheText() throws {
        let body: JSON = [
            "contents": [
                ["role": "user", "parts": [["text": "hello"]]],
                ["role": "model", "parts": [["functionCall": ["id": "a", "name": "f", "args": [:]]]]],
                [
                    "role": "user",
                    "parts": [["functionResponse": ["id": "a", "name": "f", "response": ["output": "sunny"]]]],
                ],
            ],
            "tools": [["functionDeclarations": [["name": "f", "description": "f"]]]],
        ]
        let place = RequestPlace(model: "m", stream: false)
        let (request, _) = try lost(
            GenerateContentCodec.self, body, to: ConverseCodec.self, model: "anthropic.claude-x", place: place)
        let result = request["messages"]?.array?[2]["content"]?.array?[0]["toolResult"]
        #expect(result?["content"] == [["text": "sunny"]])
    }

    @Test("what stands beside a system prompt is reported, and an image in one in the middle is refused")
    func systemPrompts() throws {
        let text: JSON = ["type": "text", "text": "be brief", "priority": 1]
        let user: JSON = ["role": "user", "content": "hi"]
        let named: JSON = ["role": "system", "name": "boss", "content": [text]]
        let leading: JSON = ["model": "m", "messages": [named, user]]
        let providers: [any DialectCodec.Type] = [ResponsesCodec.self, CompletionsCodec.self, MessagesCodec.self]
        for provider in providers {
            let dropped = try lost(ChatCompletionsCodec.self, leading, to: provider).1
            #expect(Set(dropped) == ["name", "priority"], "\(provider.dialect)")
        }
        let image: JSON = ["type": "image_url", "image_url": ["url": "data:image/png;base64,iVBORw0KGgo="]]
        let inTheMiddle: JSON = [
            "model": "m", "messages": [user, ["role": "system", "content": [text, image]], user],
        ]
        let error = #expect(throws: RequestError.self) {
            try lost(ChatCompletionsCodec.self, inTheMiddle, to: GenerateContentCodec.self)
        }
        #expect(error?.param == "messages[1].content[1]")
    }

    @Test("what asks for nothing is no loss", arguments: Dialect.conversations)
    func nothingAsked(provider: Dialect) throws {
        let codec = try #require(provider.codec)
        func written(_ body: JSON, refusing refused: Set<String>) throws -> JSON {
            var target = TargetFacts(model: "claude-sonnet-4-5")
            target.refuses = refused
            var losses = LossReport()
            let conversation = try ResponsesCodec.decodeRequest(body, at: RequestPlace())
            let request = try codec.encodeRequest(conversation, for: target, &losses)
            #expect(losses.dropped == [])
            return request
        }
        var body: JSON = [
            "model": "m", "input": "hi", "top_logprobs": 0, "metadata": [:], "store": false,
            "parallel_tool_calls": true,
        ]
        let all = try written(body, refusing: [])
        // To its own dialect goes what the client said.
        if provider == .responses { return }
        #expect(try written(body, refusing: ["logprobs", "top_logprobs"]) == all)
        body["top_logprobs"] = nil
        #expect(try written(body, refusing: []) == all)
    }

    @Test(
        "a number of likeliest tokens asks a Responses client's provider for nothing without `include`",
        arguments: Dialect.conversations)
    func likeliestTokens(provider: Dialect) throws {
        if provider == .responses { return }
        let codec = try #require(provider.codec)
        func written(
            _ body: JSON, from client: any DialectCodec.Type
        ) throws -> (body: JSON, dropped: Set<String>) {
            var losses = LossReport()
            let conversation = try client.decodeRequest(body, at: RequestPlace(model: "m"))
            let request = try codec.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses)
            return (request, Set(losses.dropped))
        }
        var body: JSON = ["model": "m", "input": "hi", "top_logprobs": 3, "store": false]
        let (silent, nothing) = try written(body, from: ResponsesCodec.self)
        #expect(!silent.text.lowercased().contains("logprobs") && nothing == [])
        body["include"] = ["message.output_text.logprobs"]
        let (asked, lost) = try written(body, from: ResponsesCodec.self)
        #expect(asked.text.lowercased().contains("logprobs") != lost.contains("logprobs"))
    }

    @Test("a number of likeliest tokens asks for the answer's own too, where a client says it alone")
    func numberAlone() throws {
        let chat: JSON = ["model": "m", "messages": [["role": "user", "content": "hi"]], "top_logprobs": 3]
        func written(_ codec: any DialectCodec.Type) throws -> JSON {
            var losses = LossReport()
            let conversation = try ChatCompletionsCodec.decodeRequest(chat, at: RequestPlace())
            let request = try codec.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses)
            #expect(losses.dropped == [], "\(codec.dialect)")
            return request
        }
        let config = try written(GenerateContentCodec.self)["generationConfig"]
        #expect(config?["responseLogprobs"] == true && config?["logprobs"] == 3)
        #expect(try written(CompletionsCodec.self)["logprobs"] == 3)
        #expect(try written(ResponsesCodec.self)["include"] == ["message.output_text.logprobs"])
        let ollama = try written(OllamaChatCodec.self)
        #expect(ollama["logprobs"] == true && ollama["top_logprobs"] == 3)
    }

    @Test("markers of tools that a choice of none leaves out on Bedrock are reported; where tools stay, they stay")
    func markersOfToolsLeftOut() throws {
        let function: JSON = ["name": "f", "parameters": ["type": "object", "properties": [:]]]
        let tool: JSON = ["type": "function", "function": function, "cache_control": ["type": "ephemeral"]]
        let call: JSON = ["id": "c", "type": "function", "function": ["name": "f", "arguments": "{}"]]
        let histories: [(messages: JSON, dropped: Set<String>)] = [
            ([["role": "user", "content": "hi"]], ["cache_control"]),
            (
                [
                    ["role": "user", "content": "hi"],
                    ["role": "assistant", "content": nil, "tool_calls": [call]],
                    ["role": "tool", "tool_call_id": "c", "content": "1"],
                ], []
            ),
        ]
        for (messages, dropped) in histories {
            let body: JSON = ["model": "m", "messages": messages, "tools": [tool], "tool_choice": "none"]
            var losses = LossReport()
            let target = TargetFacts(model: "anthropic.claude-sonnet-4-5-20250929-v1:0")
            let conversation = try ChatCompletionsCodec.decodeRequest(body, at: RequestPlace())
            let request = try ConverseCodec.writtenRequest(conversation, for: target, &losses)
            #expect(Set(losses.dropped) == dropped)
            #expect(request.text.contains("cachePoint") == dropped.isEmpty)
        }
    }

    @Test("a wish to see thoughts is lost where Chat has no member for them, whatever stands beside it")
    func thoughtsToBeSeen() throws {
        for settings in [
            ["includeThoughts": true], ["thinkingBudget": 2048, "includeThoughts": true],
        ] as [JSON] {
            let body: JSON = [
                "contents": [["role": "user", "parts": [["text": "hello"]]]],
                "generationConfig": ["thinkingConfig": settings],
            ]
            let conversation = try GenerateContentCodec.decodeRequest(body, at: RequestPlace(model: "m", stream: false))
            for (member, renames) in [(nil, [:]), ("reasoning_content", ["reasoning_effort": "thinking"])]
                as [(String?, [String: String])]
            {
                var target = TargetFacts(model: "m")
                target.chatReasoning = member
                target.renames = renames
                var losses = LossReport()
                _ = try ChatCompletionsCodec.writtenRequest(conversation, for: target, &losses)
                #expect(losses.dropped == (member == nil ? ["includeThoughts"] : []))
            }
        }
    }

    @Test(
        "a level of thinking that is unspecified asks for nothing, and goes to Google as it came",
        arguments: ["THINKING_LEVEL_UNSPECIFIED", 0] as [JSON])
    func unspecifiedLevel(level: JSON) throws {
        let body: JSON = [
            "contents": [["role": "user", "parts": [["text": "hello"]]]],
            "generationConfig": ["thinkingConfig": ["thinkingLevel": level]],
        ]
        let conversation = try GenerateContentCodec.decodeRequest(body, at: RequestPlace(model: "m", stream: false))
        for provider in Dialect.conversations {
            let codec = try #require(provider.codec)
            var losses = LossReport()
            let request = try codec.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses)
            #expect(losses.dropped == [], "\(provider)")
            if provider != .generateContent { continue }
            let thinking = request["generationConfig"]?["thinkingConfig"]
            #expect(thinking?["thinkingLevel"] == "THINKING_LEVEL_UNSPECIFIED")
        }
    }

    private static let idle: [(Dialect, String)] = [
        (
            .chatCompletions,
            #""frequency_penalty":0,"presence_penalty":0,"logit_bias":{},"service_tier":"auto","verbosity":"medium","stop":[],"#
                + #""n":1,"logprobs":false,"store":false,"min_p":0,"top_k":-1,"repetition_penalty":1,"#
                + #""stream_options":{"include_usage":false},"modalities":["text"]"#
        ),
        (
            .responses,
            #""background":false,"truncation":"disabled","text":{"verbosity":"medium"},"service_tier":"auto","store":true"#
        ),
        (
            .messages,
            #""max_tokens":9,"mcp_servers":[],"stop_sequences":[],"service_tier":"auto","thinking":{"type":"disabled"}"#
        ),
        (
            .generateContent,
            #""safetySettings":[],"cachedContent":"","generationConfig":{"stopSequences":[],"presencePenalty":0}"#
        ),
        (
            .converse,
            #""performanceConfig":{"latency":"standard"},"additionalModelResponseFieldPaths":[],"promptVariables":{},"#
                + #""serviceTier":{"type":"default"}"#
        ),
        (.completions, #""echo":false,"best_of":1,"suffix":"","frequency_penalty":0"#),
    ]

    @Test("an option whose value is what happens without it is no loss, whoever lacks it", arguments: idle)
    func idleOptions(client: Dialect, members: String) throws {
        let codec = try #require(client.codec)
        let content =
            switch client {
            case .responses: #""model":"m","input":"hi""#
            case .generateContent: #""contents":[{"role":"user","parts":[{"text":"hi"}]}]"#
            case .converse: #""messages":[{"role":"user","content":[{"text":"hi"}]}]"#
            case .completions: #""model":"m","prompt":"hi""#
            default: #""model":"m","messages":[{"role":"user","content":"hi"}]"#
            }
        let body = try JSON.parse(#"{\#(content),\#(members)}"#)
        let conversation = try codec.decodeRequest(body, at: RequestPlace(model: "m", stream: false))
        for provider in Dialect.conversations where provider != client {
            for refused in [[], Set(RequestOption.allCases.map(\.rawValue))] as [Set<String>] {
                var target = TargetFacts(model: "m")
                target.refuses = refused
                var losses = LossReport()
                _ = try #require(provider.codec).writtenRequest(conversation, for: target, &losses)
                #expect(losses.dropped == [], "\(provider), \(refused.count)")
            }
        }
    }

    @Test("what asks for something is a loss where it has no place")
    func options() throws {
        let chat: JSON = [
            "model": "m", "messages": [["role": "user", "content": "hi"]], "frequency_penalty": 0.1,
            "logit_bias": ["1": 2], "service_tier": "flex", "verbosity": "low", "store": true,
        ]
        let dropped = try lost(ChatCompletionsCodec.self, chat, to: CohereChatCodec.self).1
        #expect(Set(dropped) == ["logit_bias", "service_tier", "verbosity", "store"])
        let responses: JSON = [
            "model": "m", "input": "hi", "background": true, "truncation": "auto", "max_tool_calls": 0, "store": true,
        ]
        for provider in Self.providers where provider.dialect != .chatCompletions {
            // The gateway itself stores what a Responses client wants stored.
            let dropped = try lost(ResponsesCodec.self, responses, to: provider).1
            #expect(Set(dropped) == ["background", "truncation", "max_tool_calls"], "\(provider.dialect)")
        }
    }
}
