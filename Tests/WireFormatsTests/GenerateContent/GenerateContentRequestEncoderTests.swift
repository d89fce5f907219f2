import JSONText
import Testing
import WireFormats

/// Conversations of other dialects, as Google gets them.
@Suite("generateContent: requests from other dialects")
struct GenerateContentRequestEncoderTests {
    private func conversation(
        _ origin: Dialect = .chatCompletions, _ turns: [Turn] = [.text(.user, "Hi")]
    ) -> Conversation {
        var conversation = Conversation(origin: origin, model: "gemini-2.5-flash")
        conversation.turns = turns
        return conversation
    }

    private func written(
        _ conversation: Conversation, _ style: TargetFacts.ThinkingStyle = .budget,
        _ change: (inout TargetFacts) -> Void = { _ in }
    ) throws -> (body: JSON, losses: LossReport) {
        var facts = TargetFacts(model: conversation.model)
        facts.thinking = style
        change(&facts)
        var losses = LossReport()
        let body = try GenerateContentCodec.encodeRequest(conversation, for: facts, &losses)
        return (body, losses)
    }

    private func expect(_ body: JSON, _ expected: JSON, sourceLocation: SourceLocation = #_sourceLocation) {
        let difference = firstDifference(canonical(expected), canonical(body))
        #expect(difference == nil, "\(difference ?? "") in \(body.text)", sourceLocation: sourceLocation)
    }

    private let weather = Tool(
        .function(
            FunctionTool(
                name: "weather", description: "Says how it is",
                parameters: ["type": "object", "properties": ["city": ["type": "string"]], "required": ["city"]])))

    private func call(_ id: String, _ city: String, proof: Proof? = nil) -> Part {
        Part(.toolCall(ToolCall(id: id, name: "weather", arguments: #"{"city":"\#(city)"}"#)), proof: proof)
    }

    private func result(_ id: String, _ text: String, isError: Bool? = nil) -> Part {
        Part(.toolResult(ToolResult(callID: id, parts: [.text(text)], isPlainText: true, isError: isError)))
    }

    @Test("leading system turns are systemInstruction, one in the middle is a user's in <system>, roles alternate")
    func systemTurns() throws {
        let turns: [Turn] = [
            .text(.system, "Be terse."), .text(.developer, "Use metric."), .text(.user, "a"), .text(.user, "b"),
            .text(.assistant, "c"), .text(.system, "Now formal."), .text(.user, "d"),
        ]
        let (body, losses) = try written(conversation(.chatCompletions, turns))
        expect(
            body,
            [
                "contents": [
                    ["role": "user", "parts": [["text": "a"], ["text": "b"]]],
                    ["role": "model", "parts": [["text": "c"]]],
                    ["role": "user", "parts": [["text": "<system>Now formal.</system>"], ["text": "d"]]],
                ], "systemInstruction": ["parts": [["text": "Be terse."], ["text": "Use metric."]]],
            ])
        #expect(losses.adjusted == ["role"])
        #expect(losses.dropped.isEmpty)
    }

    @Test("results of parallel calls are one turn, in the order of the calls, with their names and ids")
    func parallelTools() throws {
        var chat = conversation(
            .chatCompletions,
            [
                .text(.user, "Paris and Rome?"),
                Turn(.assistant, [.text(""), call("call_1", "Paris"), call("call 2!", "Rome")]),
                Turn(.tool, [result("call 2!", #"{"temp":28}"#)]), Turn(.tool, [result("call_1", "21", isError: true)]),
                .text(.user, "So?"),
            ])
        chat.tools = [weather]
        chat.toolChoice = .function("weather")
        chat.parallelToolCalls = false
        let (body, losses) = try written(chat)
        expect(
            body,
            [
                "contents": [
                    ["role": "user", "parts": [["text": "Paris and Rome?"]]],
                    [
                        "role": "model",
                        "parts": [
                            ["functionCall": ["id": "call_1", "name": "weather", "args": ["city": "Paris"]]],
                            ["functionCall": ["id": "call 2!", "name": "weather", "args": ["city": "Rome"]]],
                        ],
                    ],
                    [
                        "role": "user",
                        "parts": [
                            ["functionResponse": ["id": "call_1", "name": "weather", "response": ["error": "21"]]],
                            ["functionResponse": ["id": "call 2!", "name": "weather", "response": ["temp": 28]]],
                            ["text": "So?"],
                        ],
                    ],
                ],
                "tools": [
                    [
                        "functionDeclarations": [
                            [
                                "name": "weather", "description": "Says how it is",
                                "parametersJsonSchema": [
                                    "type": "object", "properties": ["city": ["type": "string"]], "required": ["city"],
                                ],
                            ]
                        ]
                    ]
                ],
                "toolConfig": ["functionCallingConfig": ["mode": "ANY", "allowedFunctionNames": ["weather"]]],
            ])
        #expect(losses.dropped == ["parallel_tool_calls"])
    }

    @Test("what a failed tool said is an error, in text, as an object and as JSON of Converse's")
    func failedTools() throws {
        func response(_ result: Part) throws -> JSON? {
            let turns: [Turn] = [.text(.user, "q"), Turn(.assistant, [call("c", "x")]), Turn(.user, [result])]
            let (body, losses) = try written(conversation(.messages, turns))
            #expect(losses.dropped.isEmpty)
            return body["contents"]?[2]?["parts"]?[0]?["functionResponse"]?["response"]
        }
        #expect(try response(result("c", "boom", isError: true)) == ["error": "boom"])
        #expect(try response(result("c", #"{"code": 5}"#, isError: true)) == ["error": ["code": 5]])
        #expect(try response(result("c", #"{"error": "x", "code": 5}"#, isError: true)) == ["error": "x", "code": 5])
        #expect(try response(result("c", #"{"code": 5}"#, isError: false)) == ["code": 5])
        var json = ToolResult(callID: "c", isError: true)
        json.object = ["t": 1]
        #expect(try response(Part(.toolResult(json))) == ["error": ["t": 1]])
        json.isError = nil
        #expect(try response(Part(.toolResult(json))) == ["t": 1])
    }

    @Test("a result that speaks of $ref stays text, and one without its call is refused")
    func toolResults() throws {
        let schema = ##"{"$ref":"#/$defs/A","x":1}"##
        let turns: [Turn] = [
            .text(.user, "q"), Turn(.assistant, [call("c", "x")]),
            Turn(.user, [result("c", schema)]),
        ]
        let (body, _) = try written(conversation(.messages, turns))
        #expect(
            body["contents"]?[2]?["parts"]?[0]?["functionResponse"]?["response"] == ["result": .string(schema)])
        let orphan = conversation(.messages, [Turn(.user, [result("nobody", "1")])])
        #expect(throws: RequestError.self) { try written(orphan) }
    }

    @Test("Gemini 3 is told that another model's call has no signature; its own signature goes back as it was")
    func signatures() throws {
        let google = Proof(.google, .signature, "R29vZ2xl")
        let foreign = Proof(.anthropic, .signature, "c2ln")
        let turns: [Turn] = [
            .text(.user, "q"),
            Turn(.assistant, [Part(.reasoning(Reasoning("hm", proof: foreign))), call("a", "x"), call("b", "y")]),
            Turn(.user, [result("a", "1"), result("b", "2")]),
            Turn(.assistant, [Part(.reasoning(Reasoning("aha", proof: google))), call("c", "z", proof: google)]),
            Turn(.user, [result("c", "3")]),
        ]
        let (body, losses) = try written(conversation(.messages, turns), .level)
        let first = body["contents"]?[1]?["parts"]
        #expect(first?[0]?["thoughtSignature"] == "skip_thought_signature_validator")
        #expect(first?[1]?["thoughtSignature"] == nil)
        let second = body["contents"]?[3]?["parts"]
        #expect(second?[0] == ["text": "aha", "thought": true, "thoughtSignature": "R29vZ2xl"])
        #expect(second?[1]?["thoughtSignature"] == "R29vZ2xl")
        #expect(losses.dropped == ["reasoning"])
        let older = try written(conversation(.messages, turns), .budget).body
        #expect(older["contents"]?[1]?["parts"]?[0]?["thoughtSignature"] == nil)
    }

    @Test(
        "a call in either spelling, or both mixed, has one signature in the client's own spelling",
        arguments: [
            (#"{"function_call":{"name":"f","args":{}}}"#, #"{"text":"q"}"#, "skip_thought_signature_validator"),
            (
                #"{"functionCall":{"name":"f","args":{}}}"#, #"{"text":"q","thought_signature":"R29vZ2xl"}"#,
                "skip_thought_signature_validator"
            ),
            (#"{"function_call":{"name":"f"},"thoughtSignature":"R29vZ2xl"}"#, #"{"text":"q"}"#, "R29vZ2xl"),
            (#"{"functionCall":{"name":"f"},"thought_signature":"R29vZ2xl"}"#, #"{"text":"q"}"#, "R29vZ2xl"),
        ])
    func spelledSignatures(_ call: String, _ before: String, _ signature: String) throws {
        let body = try JSON.read(
            #"{"contents":[{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[\#(before),\#(call)]}]}"#)
        let decoded = try GenerateContentCodec.decodeRequest(body, at: RequestPlace())
        let part = try written(decoded, .level).body["contents"]?[1]?["parts"]?[1]
        let signatures = ["thoughtSignature", "thought_signature"].compactMap { part?[$0]?.string }
        #expect(signatures == [signature])
    }

    @Test("of parallel calls that are turns of their own, as Responses' items are, the first alone has a signature")
    func signaturesOfItems() throws {
        let google = Proof(.google, .signature, "R29vZ2xl")
        for proof in [google, nil] {
            let turns: [Turn] = [
                .text(.user, "q"), Turn(.assistant, [call("a", "x", proof: proof)]), Turn(.assistant, [call("b", "y")]),
                Turn(.user, []), Turn(.assistant, [call("c", "z")]), Turn(.tool, [result("a", "1")]),
                Turn(.tool, [result("b", "2")]), Turn(.tool, [result("c", "3")]), Turn(.assistant, [call("d", "w")]),
            ]
            let (body, _) = try written(conversation(.responses, turns), .level)
            let parts = try #require(body["contents"]?[1]?["parts"]?.array)
            let first: JSON = proof == nil ? "skip_thought_signature_validator" : "R29vZ2xl"
            #expect(parts.map { $0["thoughtSignature"] } == [first, nil, nil])
            #expect(
                body["contents"]?[3]?["parts"]?[0]?["thoughtSignature"] == "skip_thought_signature_validator")
        }
    }

    @Test("media by base64, address and Google's file id; another provider's file is refused")
    func media() throws {
        let parts: [Part] = [
            .text("See"), Part(.media(Media(.image, .base64("AAAA"), mediaType: "image/png", detail: "high"))),
            Part(.media(Media(.document, .url("https://example.com/a.pdf?x=1")))),
            Part(.media(Media(.video, .fileID("files/abc"), mediaType: "video/mp4", filename: "a.mp4"))),
            Part(.media(Media(.document, .text("plain words")))),
        ]
        let (body, losses) = try written(conversation(.messages, [Turn(.user, parts)]))
        expect(
            body["contents"]?[0]?["parts"] ?? .null,
            [
                ["text": "See"], ["inlineData": ["mimeType": "image/png", "data": "AAAA"]],
                ["fileData": ["mimeType": "application/pdf", "fileUri": "https://example.com/a.pdf?x=1"]],
                [
                    "fileData": [
                        "mimeType": "video/mp4",
                        "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/abc",
                    ]
                ],
                ["text": "plain words"],
            ])
        #expect(losses.dropped == ["detail", "title"])
        let foreign = conversation(.responses, [Turn(.user, [Part(.media(Media(.document, .fileID("file-1"))))])])
        #expect(
            throws: RequestError(
                message:
                    "Invalid 'messages[0].content[0]': the provider of this model does not take a file of another provider.",
                param: "messages[0].content[0]", code: "unsupported_content")
        ) { try written(foreign) }
    }

    @Test("an image in a result is within the response for Gemini 3, beside it before")
    func mediaInResults() throws {
        let image = Part(.media(Media(.image, .base64("AAAA"), mediaType: "image/png")))
        let turns: [Turn] = [
            .text(.user, "q"), Turn(.assistant, [call("c", "x")]),
            Turn(.user, [Part(.toolResult(ToolResult(callID: "c", parts: [.text("seen"), image])))]),
        ]
        let inline: JSON = ["inlineData": ["mimeType": "image/png", "data": "AAAA"]]
        let response: JSON = ["result": "seen"]
        let (newer, none) = try written(conversation(.messages, turns), .level)
        #expect(none.isEmpty)
        expect(
            newer["contents"]?[2]?["parts"] ?? .null,
            [["functionResponse": ["id": "c", "name": "weather", "response": response, "parts": [inline]]]])
        let (older, losses) = try written(conversation(.messages, turns))
        #expect(losses.adjusted == ["content"] && losses.dropped.isEmpty)
        expect(
            older["contents"]?[2]?["parts"] ?? .null,
            [["functionResponse": ["id": "c", "name": "weather", "response": response]], inline])
    }

    @Test("sampling is fitted in and what has no place is reported")
    func sampling() throws {
        var chat = conversation()
        chat.sampling.temperature = 3
        chat.sampling.topP = 0.5
        chat.sampling.topK = 40
        chat.sampling.choices = 2
        chat.sampling.maxOutputTokens = 100
        chat.sampling.stop = ["a", "b", "c", "d", "e", "f"]
        chat.sampling.seed = 7_000_000_000
        chat.sampling.presencePenalty = 1
        chat.sampling.logprobs = true
        chat.sampling.topLogprobs = 3
        chat.sampling.logitBias = ["1": 5]
        chat.user = "u"
        chat.metadata = ["a": "b"]
        chat.serviceTier = "priority"
        chat.extras["prediction"] = true
        let (body, losses) = try written(chat)
        expect(
            body,
            [
                "contents": [["role": "user", "parts": [["text": "Hi"]]]],
                "generationConfig": [
                    "temperature": 2, "topP": 0.5, "topK": 40, "candidateCount": 2, "maxOutputTokens": 100,
                    "stopSequences": ["a", "b", "c", "d", "e"], "seed": 2_147_483_647, "presencePenalty": 1,
                    "responseLogprobs": true, "logprobs": 3,
                ], "serviceTier": "priority",
            ])
        #expect(losses.adjusted == ["temperature", "stop", "seed"])
        #expect(Set(losses.dropped) == ["logit_bias", "metadata", "prediction", "user"])
        #expect(throws: RequestError.self) { try written(chat) { $0.rangePolicy = .refuse } }
        let vertex = try written(chat) { $0.isVertex = true }.body
        #expect(vertex["labels"] == ["a": "b"])
    }

    @Test(
        "thinking, by budget",
        arguments: [
            (ReasoningSettings(effort: "high"), nil, 16_384, true, false),
            (ReasoningSettings(effort: "high"), 4000, 3999, true, true),
            (ReasoningSettings(effort: "low"), 1000, 0, nil, true),
            (ReasoningSettings(effort: "none"), nil, 0, nil, false),
            (ReasoningSettings(mode: .disabled), nil, 0, nil, false),
            (ReasoningSettings(mode: .adaptive), nil, -1, true, false),
            (ReasoningSettings(mode: .enabled, budgetTokens: 5000), nil, 5000, true, false),
            (ReasoningSettings(mode: .enabled, budgetTokens: 1000), 1000, 999, true, true),
            (ReasoningSettings(mode: .enabled, budgetTokens: 100), 1000, 100, true, false),
            (ReasoningSettings(effort: "max"), nil, 24_576, true, true),
        ] as [(ReasoningSettings, Int64?, Int64, Bool?, Bool)])
    func budgets(
        _ reasoning: ReasoningSettings, _ cap: Int64?, _ budget: Int64, _ shows: Bool?, _ isAdjusted: Bool
    ) throws {
        var chat = conversation()
        chat.reasoning = reasoning
        chat.sampling.maxOutputTokens = cap
        let (body, losses) = try written(chat)
        let thinking = body["generationConfig"]?["thinkingConfig"]
        #expect(thinking?["thinkingBudget"]?.int == budget)
        #expect(thinking?["includeThoughts"]?.bool == shows)
        #expect(losses.adjusted == (isAdjusted ? ["reasoning_effort"] : []))
    }

    @Test(
        "a budget that the model does not take becomes the nearest, or is refused",
        arguments: [
            (0, nil, 128), (100, nil, 128), (100, 300, 128), (700, 600, 599), (40_000, nil, 32_768),
            // Not even the least would be below the cap.
            (1024, 100, nil), (0, 128, nil), (0, 129, 128),
        ] as [(Int64, Int64?, Int64?)])
    func refusedBudgets(asked: Int64, cap: Int64?, sent: Int64?) throws {
        var chat = conversation()
        chat.reasoning = ReasoningSettings(mode: .enabled, budgetTokens: asked)
        chat.sampling.maxOutputTokens = cap
        let pro: (inout TargetFacts) -> Void = {
            $0.thinkingBudgets = 128...32_768
            $0.takesNoThinking = false
        }
        let (body, losses) = try written(chat, .budget, pro)
        #expect(body["generationConfig"]?["thinkingConfig"]?["thinkingBudget"]?.int == sent)
        #expect(losses.adjusted == ["reasoning_effort"])
        #expect(throws: RequestError.self) {
            try written(chat) {
                pro(&$0)
                $0.rangePolicy = .refuse
            }
        }
    }

    @Test("thinking, by level, and where the model does not think")
    func levels() throws {
        var chat = conversation(.responses)
        chat.reasoning = ReasoningSettings(effort: "medium")
        expect(
            try written(chat, .level).body["generationConfig"] ?? .null, ["thinkingConfig": ["thinkingLevel": "MEDIUM"]]
        )
        chat.reasoning = ReasoningSettings(effort: "xhigh", summary: "auto")
        let (body, losses) = try written(chat, .level)
        expect(
            body["generationConfig"] ?? .null,
            ["thinkingConfig": ["thinkingLevel": "HIGH", "includeThoughts": true]])
        #expect(losses.adjusted == ["effort"])
        let (plain, dropped) = try written(chat, .none)
        #expect(plain["generationConfig"] == nil)
        #expect(dropped.dropped == ["effort"])
        chat.reasoning = ReasoningSettings(mode: .enabled, budgetTokens: 2000)
        #expect(try written(chat, .level).body["generationConfig"]?["thinkingConfig"]?["thinkingLevel"] == "LOW")
    }

    @Test(
        "a level is one that the model knows; off is its least",
        arguments: [
            (["low", "high"], "none", "LOW", true), (["low", "high"], "minimal", "LOW", true),
            (["low", "high"], "medium", "HIGH", true), (["low", "medium", "high"], "medium", "MEDIUM", false),
            (["minimal", "low", "medium", "high"], "none", "MINIMAL", true),
            (["minimal", "low", "medium", "high"], "minimal", "MINIMAL", false),
        ])
    func knownLevels(efforts: [String], word: String, level: String, isAdjusted: Bool) throws {
        var chat = conversation()
        chat.reasoning = ReasoningSettings(effort: word)
        let (body, losses) = try written(chat) {
            $0.thinking = .level
            $0.efforts = efforts
        }
        #expect(body["generationConfig"]?["thinkingConfig"]?["thinkingLevel"]?.string == level)
        #expect(losses.dropped == [] && losses.adjusted == (isAdjusted ? ["reasoning_effort"] : []))
    }

    @Test("structured output is a schema, or an instruction where functions forbid it")
    func structuredOutput() throws {
        var chat = conversation()
        let schema: JSON = ["type": "object", "properties": ["a": ["type": ["string", "null"]]]]
        chat.outputFormat = .jsonSchema(OutputFormat.Schema(name: "a", schema: schema, strict: true))
        expect(
            try written(chat).body["generationConfig"] ?? .null,
            ["responseMimeType": "application/json", "responseJsonSchema": schema])
        expect(
            try written(chat) { $0.takesGoogleJSONSchema = false }.body["generationConfig"] ?? .null,
            [
                "responseMimeType": "application/json",
                "responseSchema": ["type": "OBJECT", "properties": ["a": ["type": "STRING", "nullable": true]]],
            ])
        chat.tools = [weather]
        let (body, losses) = try written(chat)
        #expect(body["generationConfig"] == nil)
        #expect(body["systemInstruction"]?["parts"]?[0]?["text"]?.string?.hasSuffix(schema.text) == true)
        #expect(losses.adjusted == ["response_format"])
        #expect(try written(chat, .level).body["generationConfig"]?["responseJsonSchema"] == schema)
    }

    @Test("server tools, custom tools and namespaces")
    func tools() throws {
        var options = ServerTool.SearchOptions()
        options.contextSize = "low"
        var chat = conversation(.responses)
        chat.tools = [
            Tool(
                .server(
                    ServerTool(.webSearch, native: ["type": "web_search"], nativeDialect: .responses, search: options))),
            Tool(.server(ServerTool(.codeExecution, native: ["type": "code_interpreter"], nativeDialect: .responses))),
            Tool(.server(ServerTool(.computerUse, name: "computer", native: [:], nativeDialect: .responses))),
        ]
        let (body, losses) = try written(chat)
        expect(body["tools"] ?? .null, [["googleSearch": [:]], ["codeExecution": [:]]])
        #expect(losses.dropped == ["search_context_size", "computer_use"])
        let patch = Tool(.custom(CustomTool(name: "patch", description: "Patches")), cache: CacheMarker())
        chat.tools.append(Tool(.namespace(name: "git", description: nil, tools: [weather, patch])))
        let newer = try written(chat, .level)
        #expect(newer.body["tools"]?[0]?["functionDeclarations"]?[0]?["name"] == "git__weather")
        expect(
            newer.body["tools"]?[0]?["functionDeclarations"]?[1] ?? .null,
            [
                "name": "git__patch", "description": "Patches",
                "parametersJsonSchema": [
                    "type": "object", "properties": ["input": ["type": "string"]], "required": ["input"],
                ],
            ])
        #expect(newer.body["toolConfig"]?["includeServerSideToolInvocations"] == true)
        #expect(newer.losses.dropped.contains("prompt_cache_breakpoint"))
        let older = try written(chat)
        #expect(older.body["tools"]?.array?.count == 1)
        #expect(older.losses.dropped.contains("web_search"))
    }

    @Test("empty conversations and empty texts invent nothing")
    func emptiness() throws {
        expect(try written(conversation(.chatCompletions, [])).body, ["contents": []])
        let turns: [Turn] = [.text(.system, ""), .text(.user, ""), .text(.assistant, "")]
        expect(try written(conversation(.chatCompletions, turns)).body, ["contents": []])
    }

    @Test("cache markers and participants' names are reported once")
    func markers() throws {
        var turn = Turn(
            .user, [Part(.text(Text("a")), cache: CacheMarker()), Part(.text(Text("b")), cache: CacheMarker())])
        turn.name = "ada"
        let (body, losses) = try written(conversation(.messages, [turn]))
        expect(body, ["contents": [["role": "user", "parts": [["text": "a"], ["text": "b"]]]]])
        #expect(losses.dropped == ["name", "cache_control"])
    }
}
