import JSONText
import Testing
import WireFormats

@Suite("Anthropic's tools that the client runs")
struct MessagesClientToolsTests: ToolRequests {
    static let others: [Dialect] = [
        .chatCompletions, .responses, .generateContent, .cohereChat, .ollamaChat, .converse,
    ]
    private static let tools: JSON = [
        ["type": "bash_20250124", "name": "bash"],
        ["type": "text_editor_20250728", "name": "str_replace_based_edit_tool", "max_characters": 5000],
        ["type": "memory_20250818", "name": "memory"],
    ]
    private static let bedrocksClaude = "anthropic.claude-sonnet-4-5-20250929-v1:0"

    private struct Function {
        var name: String
        var description: String
        var schema: JSON
        /// The commands that may be given.
        var commands: [String] { schema["properties"]?["command"]?["enum"]?.array?.compactMap(\.string) ?? [] }

        /// - Parameter written: as a provider gets it.
        init(_ written: JSON) {
            name = written["name"]?.string ?? ""
            description = written["description"]?.string ?? ""
            schema =
                written["parameters"] ?? written["parametersJsonSchema"] ?? written["inputSchema"]?["json"] ?? .null
        }
    }

    private func functions(in request: JSON, of provider: Dialect) -> [Function] {
        let list: [JSON]?
        switch provider {
        case .generateContent: list = request["tools"]?[0]?["functionDeclarations"]?.array
        case .converse: list = request["toolConfig"]?["tools"]?.array?.compactMap { $0["toolSpec"] }
        case .responses: list = request["tools"]?.array
        default: list = request["tools"]?.array?.compactMap { $0["function"] }
        }
        return (list ?? []).map { Function($0) }
    }

    private func body(_ tools: JSON) -> JSON {
        var body = messages(tools)
        // Less is brought up to 16 for OpenAI, and reported.
        body["max_tokens"] = 100
        return body
    }

    @Test("they are functions of their names wherever Claude is not, reported as adjusted", arguments: others)
    func functionsElsewhere(provider: Dialect) throws {
        let codec = try #require(provider.codec)
        let (request, losses) = try written(MessagesCodec.self, body(Self.tools), to: codec)
        let functions = functions(in: request, of: provider)
        #expect(functions.map(\.name) == ["bash", "str_replace_based_edit_tool", "memory"])
        #expect(functions.allSatisfy { !$0.description.isEmpty && $0.schema["type"] == "object" })
        let members = functions.map { $0.schema["properties"]?.object?.keys ?? [] }
        try #require(members.count == 3)
        #expect(members[0] == ["command", "restart"])
        #expect(functions[1].commands == ["view", "create", "str_replace", "insert"])
        #expect(functions[1].schema["required"] == ["command", "path"])
        #expect(functions[1].description.contains("5000"))
        #expect(functions[2].commands == ["view", "create", "str_replace", "insert", "delete", "rename"])
        #expect(functions[2].schema["required"] == ["command"] && members[2].contains("new_path"))
        #expect(losses.dropped.isEmpty)
        #expect(losses.adjusted == ["bash_20250124", "text_editor_20250728", "memory_20250818"])
    }

    @Test("Claude is given them as they are, on Converse too")
    func claude() throws {
        let own = try written(MessagesCodec.self, body(Self.tools), to: MessagesCodec.self)
        #expect(own.body["tools"] == Self.tools && own.losses.isEmpty)
        let bedrock = try written(
            MessagesCodec.self, body(Self.tools), to: ConverseCodec.self, model: Self.bedrocksClaude)
        #expect(bedrock.body["additionalModelRequestFields"]?["tools"] == Self.tools && bedrock.losses.isEmpty)
        #expect(bedrock.body["toolConfig"] == nil)
        let nova = try written(
            MessagesCodec.self, body(Self.tools), to: ConverseCodec.self, model: "amazon.nova-pro-v1:0")
        #expect(functions(in: nova.body, of: .converse).count == 3 && nova.losses.dropped.isEmpty)
    }

    @Test(
        "each version of the editor has its own commands, and its own word for what is inserted",
        arguments: [
            ("text_editor_20241022", true, "new_str"), ("text_editor_20250124", true, "new_str"),
            ("text_editor_20250429", false, "new_str"), ("text_editor_20250728", false, "insert_text"),
            ("text_editor_20990101", false, "insert_text"),
        ])
    func editors(type: String, undoes: Bool, inserted: String) throws {
        let name = undoes ? "str_replace_editor" : "str_replace_based_edit_tool"
        let tool: JSON = ["type": .string(type), "name": .string(name)]
        let request = try written(MessagesCodec.self, body([tool]), to: ChatCompletionsCodec.self).body
        let editor = try #require(functions(in: request, of: .chatCompletions).first)
        #expect(editor.name == name)
        #expect(editor.commands.contains("undo_edit") == undoes && editor.description.contains("undo_edit") == undoes)
        let properties = editor.schema["properties"]
        #expect((properties?["insert_text"] != nil) == (inserted == "insert_text"))
        #expect(properties?[inserted]?["description"]?.string?.contains("`insert`") == true)
        #expect(!editor.description.contains("characters"))
    }

    @Test("what else is said of them is reported as of any function")
    func members() throws {
        let tools: JSON = [
            ["type": "bash_20250124", "name": "bash", "strict": true, "input_examples": [[:]]],
            ["type": "text_editor_20250728", "name": "str_replace_based_edit_tool", "max_characters": "many"],
        ]
        let (_, losses) = try written(MessagesCodec.self, body(tools), to: ChatCompletionsCodec.self)
        #expect(losses.dropped == ["strict", "input_examples", "max_characters"])
        let cohere = try written(MessagesCodec.self, body(tools), to: CohereChatCodec.self)
        #expect(cohere.body["strict_tools"] == true)
        #expect(cohere.losses.dropped == ["input_examples", "max_characters"])
    }

    @Test("one that is demanded is demanded as a function")
    func choice() throws {
        var asked = body(Self.tools)
        asked["tool_choice"] = ["type": "tool", "name": "memory"]
        let chat = try written(MessagesCodec.self, asked, to: ChatCompletionsCodec.self)
        #expect(chat.body["tool_choice"] == ["type": "function", "function": ["name": "memory"]])
        let responses = try written(MessagesCodec.self, asked, to: ResponsesCodec.self)
        #expect(responses.body["tool_choice"] == ["type": "function", "name": "memory"])
        let gemini = try written(MessagesCodec.self, asked, to: GenerateContentCodec.self)
        #expect(
            gemini.body["toolConfig"]?["functionCallingConfig"] == ["mode": "ANY", "allowedFunctionNames": ["memory"]])
        let nova = try written(MessagesCodec.self, asked, to: ConverseCodec.self)
        #expect(nova.body["toolConfig"]?["toolChoice"] == ["tool": ["name": "memory"]])
        let cohere = try written(MessagesCodec.self, asked, to: CohereChatCodec.self)
        #expect(cohere.body["tool_choice"] == "REQUIRED")
        #expect(functions(in: cohere.body, of: .cohereChat).map(\.name) == ["memory"])
        for losses in [chat.losses, responses.losses, gemini.losses, nova.losses, cohere.losses] {
            #expect(losses.dropped.isEmpty)
        }
    }

    @Test("a call of one and its result stay in the history, and the answer's call is Anthropic's")
    func calls() throws {
        var asked = body(Self.tools)
        asked["messages"] = [
            ["role": "user", "content": "x"],
            [
                "role": "assistant",
                "content": [["type": "tool_use", "id": "toolu_1", "name": "bash", "input": ["command": "ls"]]],
            ],
            ["role": "user", "content": [["type": "tool_result", "tool_use_id": "toolu_1", "content": "a.txt"]]],
        ]
        let conversation = try MessagesCodec.decodeRequest(asked, at: RequestPlace())
        var losses = LossReport()
        let request = try ChatCompletionsCodec.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses)
        let call = request["messages"]?[1]?["tool_calls"]?[0]
        #expect(call?["id"] == "toolu_1" && call?["function"] == ["name": "bash", "arguments": #"{"command":"ls"}"#])
        #expect(request["messages"]?[2]?["tool_call_id"] == "toolu_1" && request["messages"]?[2]?["content"] == "a.txt")

        let arguments = #"{"command":"view","path":"/a.txt"}"#
        let answered: JSON = ["name": "str_replace_based_edit_tool", "arguments": .string(arguments)]
        let answer: JSON = [
            "id": "r", "model": "m",
            "choices": [
                [
                    "index": 0, "finish_reason": "tool_calls",
                    "message": [
                        "role": "assistant", "content": .null,
                        "tool_calls": [["id": "call_2", "type": "function", "function": answered]],
                    ],
                ]
            ],
        ]
        let context = ReplyContext(model: "m", requestID: "r", created: 1, request: conversation)
        let reply = try ChatCompletionsCodec.decodeReply(answer)
        let told = MessagesCodec.encodeReply(reply, for: context, &losses)
        #expect(
            told["content"] == [
                [
                    "type": "tool_use", "id": "call_2", "name": "str_replace_based_edit_tool",
                    "input": ["command": "view", "path": "/a.txt"],
                ]
            ])
        #expect(told["stop_reason"] == "tool_use" && losses.dropped.isEmpty)
    }

    @Test("a computer is none of them")
    func computer() throws {
        let tool: JSON = [
            "type": "computer_20250124", "name": "computer", "display_width_px": 9, "display_height_px": 9,
        ]
        for provider in Self.others {
            let codec = try #require(provider.codec)
            let (request, losses) = try written(MessagesCodec.self, body([tool]), to: codec)
            #expect(functions(in: request, of: provider).isEmpty, "\(provider)")
            #expect(losses.dropped == ["computer_20250124"] && losses.adjusted.isEmpty, "\(provider)")
        }
    }
}
