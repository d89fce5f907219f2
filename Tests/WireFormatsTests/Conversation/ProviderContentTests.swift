import JSONText
import Testing

@testable import WireFormats

/// What only the provider that made it can read is refused at any other, and goes back to it as it came.
@Suite struct ProviderContentTests {
    private func written(
        _ client: any DialectCodec.Type, _ body: JSON, by provider: any DialectCodec.Type
    ) throws(RequestError) -> JSON {
        let conversation = try client.decodeRequest(body, at: RequestPlace(model: "m", stream: false))
        var losses = LossReport()
        return try provider.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses)
    }

    private func refusal(
        _ client: any DialectCodec.Type, _ body: JSON, by provider: any DialectCodec.Type
    ) -> RequestError? {
        do throws(RequestError) {
            _ = try written(client, body, by: provider)
            return nil
        } catch {
            return error
        }
    }

    private static func body(_ dialect: Dialect) -> JSON {
        switch dialect {
        case .responses: ["model": "m", "input": [["role": "user", "content": "hi"]]]
        case .generateContent: ["contents": [["role": "user", "parts": [["text": "hi"]]]]]
        case .converse: ["messages": [["role": "user", "content": [["text": "hi"]]]]]
        case .messages: ["model": "m", "max_tokens": 9, "messages": [["role": "user", "content": "hi"]]]
        default: ["model": "m", "prompt": "hi"]
        }
    }

    static let named: [(Dialect, String, JSON)] = [
        (.responses, "conversation", "conv_1"), (.responses, "prompt", ["id": "pmpt_1"]),
        (.generateContent, "cachedContent", "cachedContents/1"),
        (.generateContent, "cached_content", "cachedContents/1"),
        (.converse, "promptVariables", ["a": ["text": "b"]]), (.completions, "suffix", "return x"),
        (.converse, "guardrailConfig", ["guardrailIdentifier": "g", "guardrailVersion": "1"]),
        (.generateContent, "modelArmorConfig", ["promptTemplateName": "t"]),
        (.generateContent, "model_armor_config", ["promptTemplateName": "t"]),
        (.messages, "thread", ["type": "continue", "previous_message_id": "msg_1"]),
    ]

    @Test("a member that names what its provider keeps, or guards the call with", arguments: ProviderContentTests.named)
    func members(dialect: Dialect, name: String, value: JSON) throws {
        let client = try #require(dialect.codec)
        var body = Self.body(dialect)
        body[name] = value
        for provider in Dialect.conversations {
            let codec = try #require(provider.codec)
            guard provider != dialect else {
                #expect(try written(client, body, by: codec)[name] == value)
                continue
            }
            let refused = try #require(refusal(client, body, by: codec))
            #expect(refused.status == 400 && refused.param == name && refused.code == "unsupported_content")
            #expect(refused.message.hasPrefix("Invalid '\(name)': "))
        }
        body[name] = JSON.null
        #expect(refusal(client, body, by: ChatCompletionsCodec.self) == nil)
    }

    @Test("that a thread cannot be carried is told as Anthropic's SDK reads it, so that its sessions go on without one")
    func thread() throws {
        var body = Self.body(.messages)
        body["thread"] = ["type": "create"]
        let refused = try #require(refusal(MessagesCodec.self, body, by: ChatCompletionsCodec.self))
        let told = GatewayErrorBody(
            message: refused.message, type: "invalid_request_error", param: refused.param, code: refused.code)
        let error = try JSON.parse(told.anthropic(status: 400))["error"]
        #expect(error?["details"] == ["error_code": "thread_unsupported_request", "unsupported": ["thread"]])
    }

    @Test("a schema of Converse's that cannot be read is refused where it is translated, and goes back as it came")
    func brokenSchema() throws {
        let path = "outputConfig.textFormat.structure.jsonSchema.schema"
        let schemas: [(JSON, String)] = [
            (["schema": "{oops", "name": "n"], "invalid_value"), (["name": "n"], "missing_required_parameter"),
        ]
        for (schema, code) in schemas {
            var body = Self.body(.converse)
            let format: JSON = ["type": "json_schema", "structure": ["jsonSchema": schema]]
            body["outputConfig"] = ["textFormat": format]
            for provider in Dialect.conversations {
                let codec = try #require(provider.codec)
                guard provider != .converse else {
                    #expect(try written(ConverseCodec.self, body, by: codec)["outputConfig"] == ["textFormat": format])
                    continue
                }
                let refused = try #require(refusal(ConverseCodec.self, body, by: codec))
                #expect(refused.status == 400 && refused.param == path && refused.code == code)
                #expect(refused.message.contains("'\(path)'"))
            }
        }
    }

    @Test("an item of Responses that only OpenAI can read")
    func items() throws {
        let items: [JSON] = [
            ["type": "item_reference", "id": "msg_1"], ["id": "msg_1"],
            ["type": "compaction", "id": "cmp_1", "encrypted_content": "x"],
        ]
        for item in items {
            let body: JSON = ["model": "m", "input": [["role": "user", "content": "hi"], item]]
            let refused = try #require(refusal(ResponsesCodec.self, body, by: MessagesCodec.self))
            #expect(refused.param == "input[1]" && refused.message.hasPrefix("Invalid 'input[1]': "))
            #expect(try written(ResponsesCodec.self, body, by: ResponsesCodec.self)["input"]?[1] == item)
        }
    }

    /// A call of a tool of OpenAI's that the client runs, and what came of it.
    static let clientRunTools: [(String, String)] = [
        (
            #"{"type":"computer_call","id":"cu_1","call_id":"c","action":{"type":"screenshot"}}"#,
            #"{"type":"computer_call_output","call_id":"c","output":{"type":"computer_screenshot","image_url":"https://a/b"}}"#
        ),
        (
            #"{"type":"shell_call","call_id":"c","action":{"commands":["ls"]},"environment":{"type":"local"}}"#,
            #"{"type":"shell_call_output","call_id":"c","output":[{"stdout":"a","stderr":""}]}"#
        ),
        (
            #"{"type":"local_shell_call","call_id":"c","action":{"type":"exec","command":["ls"]}}"#,
            #"{"type":"local_shell_call_output","id":"c","output":"a"}"#
        ),
        (
            #"{"type":"apply_patch_call","call_id":"c","operation":{"type":"delete_file","path":"a"}}"#,
            #"{"type":"apply_patch_call_output","call_id":"c","status":"completed","output":"done"}"#
        ),
        (
            #"{"type":"tool_search_call","call_id":"c","execution":"client","arguments":{"q":"x"}}"#,
            #"{"type":"tool_search_output","call_id":"c","execution":"client","tools":[]}"#
        ),
    ]

    @Test("what came of a tool of OpenAI's on the client's machine", arguments: ProviderContentTests.clientRunTools)
    func clientsOutputs(call: String, output: String) throws {
        let (ran, said) = (try JSON.parse(call), try JSON.parse(output))
        let body: JSON = ["model": "m", "input": [["role": "user", "content": "go"], ran, said]]
        for provider in Dialect.conversations {
            let codec = try #require(provider.codec)
            guard provider != .responses else {
                #expect(try written(ResponsesCodec.self, body, by: codec)["input"]?[2] == said)
                continue
            }
            let refused = try #require(refusal(ResponsesCodec.self, body, by: codec), "\(provider)")
            #expect(refused.status == 400 && refused.param == "input[2]" && refused.code == "unsupported_content")
        }
    }

    @Test("of a turn of which nothing can be sent no message is left: a tool that ran at the provider, an approval")
    func nothingIsLeft() throws {
        let items: [JSON] = [
            [
                "type": "shell_call", "call_id": "c", "action": ["commands": ["ls"]],
                "environment": ["type": "container_reference", "container_id": "cntr_1"],
            ], ["type": "shell_call_output", "call_id": "c", "output": [["stdout": "a", "stderr": ""]]],
            ["type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": true],
        ]
        let body: JSON = ["model": "m", "input": .array([["role": "user", "content": "go"]] + items)]
        for codec in [ChatCompletionsCodec.self, CohereChatCodec.self, OllamaChatCodec.self] as [any DialectCodec.Type]
        {
            let messages = try written(ResponsesCodec.self, body, by: codec)["messages"]
            #expect(messages == [["role": "user", "content": "go"]], "\(codec)")
        }
        // A mark of Mistral's, alone in a turn of the model's.
        let marked: JSON = [
            "model": "m",
            "messages": [
                ["role": "user", "content": "go"],
                ["role": "assistant", "content": [["type": "reference", "reference_ids": [1]]]],
                ["role": "user", "content": [["type": "reference", "reference_ids": [1]]]],
            ],
        ]
        for codec in [CohereChatCodec.self, OllamaChatCodec.self] as [any DialectCodec.Type] {
            let messages = try written(ChatCompletionsCodec.self, marked, by: codec)["messages"]
            #expect(messages == [["role": "user", "content": "go"]], "\(codec)")
        }
        let fallback: JSON = [
            "model": "m", "max_tokens": 9,
            "messages": [
                ["role": "user", "content": "go"], ["role": "assistant", "content": [["type": "fallback"]]],
                ["role": "user", "content": [["type": "fallback"]]],
            ],
        ]
        let messages = try written(MessagesCodec.self, fallback, by: ChatCompletionsCodec.self)["messages"]
        #expect(messages == [["role": "user", "content": "go"]])
    }

    @Test("a block of Messages that only Anthropic can read")
    func blocks() throws {
        let blocks: [JSON] = [
            ["type": "container_upload", "file_id": "file_1"], ["type": "compaction", "content": "so far"],
            ["type": "image", "source": ["type": "elsewhere"]],
        ]
        for block in blocks {
            let said: JSON = ["role": "user", "content": [["type": "text", "text": "hi"], block]]
            let body: JSON = ["model": "m", "max_tokens": 9, "messages": [said]]
            let refused = try #require(refusal(MessagesCodec.self, body, by: ChatCompletionsCodec.self))
            #expect(refused.param == "messages[0].content[1]")
            let same = try written(MessagesCodec.self, body, by: MessagesCodec.self)
            #expect(same["messages"]?[0]?["content"]?[1] == block)
        }
    }

    /// A body of the client's with the part as its second.
    private static func body(_ dialect: Dialect, with part: JSON) -> JSON {
        switch dialect {
        case .chatCompletions, .messages:
            [
                "model": "m", "max_tokens": 9,
                "messages": [["role": "user", "content": [["type": "text", "text": "hi"], part]]],
            ]
        case .responses:
            ["model": "m", "input": [["role": "user", "content": [["type": "input_text", "text": "hi"], part]]]]
        case .generateContent: ["contents": [["role": "user", "parts": [["text": "hi"], part]]]]
        default: ["messages": [["role": "user", "content": [["text": "hi"], part]]]]
        }
    }

    static let unknown: [(Dialect, JSON, String)] = [
        (.chatCompletions, ["type": "blorp", "x": 1], "messages[0].content[1]"),
        (.messages, ["type": "blorp", "x": 1], "messages[0].content[1]"),
        (.responses, ["type": "blorp", "x": 1], "input[0].content[1]"),
        (.generateContent, ["blorp": ["x": 1]], "contents[0].parts[1]"),
        (.converse, ["blorp": ["x": 1]], "messages[0].content[1]"),
    ]

    @Test("content of a type that nobody knows is refused with its place", arguments: ProviderContentTests.unknown)
    func unknownContent(dialect: Dialect, part: JSON, place: String) throws {
        let client = try #require(dialect.codec)
        let body = Self.body(dialect, with: part)
        for provider in Dialect.conversations where provider != dialect {
            let codec = try #require(provider.codec)
            let refused = try #require(refusal(client, body, by: codec))
            #expect(refused.status == 400 && refused.param == place && refused.code == "unsupported_content")
        }
        let same = try written(client, body, by: client)
        #expect(same.text.contains("blorp"))
    }

    @Test("an item of an unknown type, a call of one, and a part of one in a tool's result")
    func unknownElsewhere() throws {
        let item: JSON = [
            "model": "m", "input": [["role": "user", "content": "hi"], ["type": "blorp", "id": "b_1"]],
        ]
        #expect(refusal(ResponsesCodec.self, item, by: ChatCompletionsCodec.self)?.param == "input[1]")
        let asked: JSON = ["role": "user", "content": "hi"]
        let call: JSON = ["role": "assistant", "tool_calls": [["id": "c", "type": "blorp", "blorp": ["x": 1]]]]
        let chat: JSON = ["model": "m", "messages": [asked, call]]
        #expect(refusal(ChatCompletionsCodec.self, chat, by: MessagesCodec.self)?.param == "messages[1]")
        let uses: JSON = [
            "role": "assistant", "content": [["type": "tool_use", "id": "t", "name": "f", "input": [:]]],
        ]
        let answers: JSON = [
            "role": "user", "content": [["type": "tool_result", "tool_use_id": "t", "content": [["type": "blorp"]]]],
        ]
        let messages: JSON = ["model": "m", "max_tokens": 9, "messages": [asked, uses, answers]]
        #expect(refusal(MessagesCodec.self, messages, by: ConverseCodec.self)?.param == "messages[2].content[0]")
    }

    @Test("a part of one in a document that is made of parts")
    func unknownInDocument() throws {
        let source: JSON = [
            "type": "content", "content": [["type": "text", "text": "a"], ["type": "blorp", "x": 1]],
        ]
        let body = Self.body(.messages, with: ["type": "document", "source": source])
        for provider in Dialect.conversations where provider != .messages {
            let codec = try #require(provider.codec)
            let refused = try #require(refusal(MessagesCodec.self, body, by: codec), "\(provider)")
            #expect(refused.status == 400 && refused.code == "unsupported_content")
            #expect(refused.param?.hasPrefix("messages[0].content") == true)
        }
        let same = try written(MessagesCodec.self, body, by: MessagesCodec.self)
        #expect(same["messages"]?[0]?["content"]?[1]?["source"] == source)
    }

    static let marks: [(Dialect, JSON)] = [
        (.chatCompletions, ["type": "reference", "reference_ids": [1]]),
        (.messages, ["type": "tool_reference", "tool_name": "f"]),
        (.generateContent, ["videoMetadata": ["fps": 1]]), (.generateContent, [:]),
    ]

    @Test("what tells the model nothing is left out", arguments: ProviderContentTests.marks)
    func marksGo(dialect: Dialect, mark: JSON) throws {
        let body = Self.body(dialect, with: mark)
        let client = try #require(dialect.codec)
        #expect(refusal(client, body, by: ResponsesCodec.self) == nil)
    }

    @Test(
        "a result of marks alone is an empty one, a mark beside a text is left out, and both are reported by their type"
    )
    func marksInResults() throws {
        func body(_ content: JSON) -> JSON {
            let call: JSON = ["type": "tool_use", "id": "t", "name": "f", "input": [:]]
            return [
                "model": "m", "max_tokens": 99,
                "messages": [
                    ["role": "user", "content": "go"], ["role": "assistant", "content": [call]],
                    ["role": "user", "content": [["type": "tool_result", "tool_use_id": "t", "content": content]]],
                ],
            ]
        }
        let mark: JSON = ["type": "tool_reference", "tool_name": "g"]
        let said: JSON = ["type": "text", "text": "a"]
        for provider in Dialect.conversations where provider != .messages && provider != .completions {
            let codec = try #require(provider.codec)
            func written(_ content: JSON) throws -> (JSON, LossReport) {
                let conversation = try MessagesCodec.decodeRequest(body(content), at: RequestPlace())
                var losses = LossReport()
                return (try codec.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses), losses)
            }
            for (content, bare) in [([mark], []), ([said, mark], [said])] as [(JSON, JSON)] {
                let (request, losses) = try written(content)
                #expect(losses.dropped == ["tool_reference"], "\(provider)")
                // Bedrock wants the tool that was called to be declared.
                #expect(losses.adjusted == (provider == .converse ? ["tools"] : []), "\(provider)")
                #expect(try request == written(bare).0, "\(provider)")
            }
            if provider == .responses { #expect(try written([mark]).0["input"]?[2]?["output"] == "") }
        }
        let document: JSON = ["type": "document", "source": ["type": "content", "content": [said, mark]]]
        let nested = Self.body(.messages, with: document)
        for provider in [Dialect.converse, .cohereChat] {
            let codec = try #require(provider.codec)
            #expect(refusal(MessagesCodec.self, nested, by: codec) == nil, "\(provider)")
        }
    }

    @Test("a function's result that answers no call of a function")
    func resultsWithoutCall() throws {
        let body: JSON = [
            "model": "m",
            "input": [
                ["role": "user", "content": "go"],
                [
                    "type": "local_shell_call", "call_id": "c", "id": "l_1", "status": "completed",
                    "action": ["type": "exec", "command": ["ls"], "env": [:]],
                ], ["type": "function_call_output", "call_id": "c", "output": "a"],
            ],
        ]
        for provider in Dialect.conversations where provider != .responses && provider != .completions {
            let codec = try #require(provider.codec)
            let refused = refusal(ResponsesCodec.self, body, by: codec)
            #expect(refused?.status == 400 && refused?.param == "input[2]", "\(provider)")
        }
    }
}
