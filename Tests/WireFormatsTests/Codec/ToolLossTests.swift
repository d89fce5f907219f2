import JSONText
import Testing

@testable import WireFormats

/// What is said of tools, of their choice and of the answer's format, and is not carried.
@Suite("Losses of tools and formats")
struct ToolLossTests {
    private func written(
        _ client: any DialectCodec.Type, _ body: JSON, to provider: any DialectCodec.Type, isVertex: Bool = false,
        model: String = "m"
    ) throws -> (body: JSON, losses: LossReport) {
        var target = TargetFacts(model: model)
        target.isVertex = isVertex
        var losses = LossReport()
        let conversation = try client.decodeRequest(body, at: RequestPlace(model: "m", stream: false))
        return (try provider.writtenRequest(conversation, for: target, &losses), losses)
    }

    private func refusal(
        _ client: any DialectCodec.Type, _ body: JSON, to provider: any DialectCodec.Type
    ) -> RequestError? {
        do {
            _ = try written(client, body, to: provider)
            return nil
        } catch {
            return error as? RequestError
        }
    }

    private func messages(_ tools: JSON) -> JSON {
        ["model": "m", "max_tokens": 9, "messages": [["role": "user", "content": "x"]], "tools": tools]
    }

    private func responses(_ tools: JSON) -> JSON { ["model": "m", "input": "x", "tools": tools] }

    private func chat(_ more: JSONObject) -> JSON {
        var body: JSON = ["model": "m", "messages": [["role": "user", "content": "x"]]]
        for (key, value) in more { body[key] = value }
        return body
    }

    private func google(_ more: JSONObject) -> JSON {
        var body: JSON = ["contents": [["role": "user", "parts": [["text": "x"]]]]]
        for (key, value) in more { body[key] = value }
        return body
    }

    // MARK: - Functions

    @Test(
        "members of a function are reported everywhere",
        arguments: [
            Dialect.cohereChat, .ollamaChat, .chatCompletions, .responses, .converse, .generateContent, .messages,
        ])
    func members(provider: Dialect) throws {
        let codec = try #require(provider.codec)
        if provider != .messages {
            let tool: JSON = [
                "name": "f", "input_schema": ["type": "object"], "input_examples": [[:]], "defer_loading": true,
                "eager_input_streaming": true, "allowed_callers": ["direct"],
            ]
            #expect(
                try written(MessagesCodec.self, messages([tool]), to: codec).losses.dropped
                    == ["input_examples", "defer_loading", "eager_input_streaming", "allowed_callers"])
        }
        if provider != .generateContent {
            let declaration: JSON = ["name": "f", "response": ["type": "STRING"], "behavior": "BLOCKING"]
            let body = google(["tools": [["functionDeclarations": [declaration]]]])
            #expect(
                try written(GenerateContentCodec.self, body, to: codec).losses.dropped == ["response", "behavior"])
        }
        if provider != .chatCompletions {
            let tool: JSON = ["type": "function", "function": ["name": "f", "made_up": 1], "also": 2]
            let dropped = try written(ChatCompletionsCodec.self, chat(["tools": [tool]]), to: codec).losses.dropped
            #expect(Set(dropped) == ["made_up", "also"])
        }
    }

    @Test(
        "a function that is not as OpenAI takes it is brought into its form, or is not strict there",
        arguments: [
            (
                #"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#,
                true
            ),
            (
                #"{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"required":["a"],"additionalProperties":false}"#,
                false
            ),
            (#"{"type":"object","properties":{"a":{}},"required":["a"],"additionalProperties":false}"#, false),
            (#"{"type":"object","properties":{},"required":[]}"#, false),
            (
                #"{"type":"object","properties":{"a":{"type":"array","items":{"type":"object"}}},"required":["a"],"additionalProperties":false}"#,
                false
            ),
            (
                #"{"type":"object","properties":{"a":{"type":"array","items":{"type":"string"},"uniqueItems":true}},"required":["a"],"additionalProperties":false}"#,
                false
            ),
            (
                #"{"type":"object","properties":{"oneOf":{"type":"string"}},"required":["oneOf"],"additionalProperties":false}"#,
                true
            ),
        ])
    func strictAtOpenAI(text: String, isStrict: Bool) throws {
        let schema = try JSON.parse(text)
        let tool = messages([["name": "f", "input_schema": schema, "strict": true]])
        let (openAI, losses) = try written(MessagesCodec.self, tool, to: ChatCompletionsCodec.self)
        let function = openAI["tools"]?[0]?["function"]
        #expect(function?["strict"]?.bool == (isStrict ? true : nil) && function?["parameters"] == schema)
        #expect(losses.dropped == (isStrict ? [] : ["strict"]) && losses.adjusted.isEmpty)
        let responses = try written(MessagesCodec.self, tool, to: ResponsesCodec.self)
        #expect(responses.body["tools"]?[0]?["strict"]?.bool == isStrict)
        #expect(responses.losses.dropped == losses.dropped)
        // To others that speak its dialect it goes as it is.
        var target = TargetFacts(model: "m")
        target.limitsToolSchemas = false
        var none = LossReport()
        let conversation = try MessagesCodec.decodeRequest(tool, at: RequestPlace())
        let other = try ChatCompletionsCodec.writtenRequest(conversation, for: target, &none)
        #expect(other["tools"]?[0]?["function"]?["strict"] == true && none.isEmpty)
    }

    /// A schema of an object with this property alone, closed.
    private static func property(_ schema: String) -> String {
        #"{"type":"object","properties":{"a":\#(schema)},"required":["a"],"additionalProperties":false}"#
    }

    @Test(
        "a schema within a strict function's has a type, a format that OpenAI knows, and says of what an array is",
        arguments: [
            (#"{"enum":[1]}"#, false), (#"{"const":1}"#, false), (#"{"type":"integer","enum":[1]}"#, true),
            (#"{"anyOf":[{"type":"string","const":"b"},{"type":"null"}]}"#, true),
            (#"{"anyOf":[{"const":"b"},{"type":"null"}]}"#, false),
            (#"{"type":"string","format":"uri"}"#, false), (#"{"type":"string","format":"uuid"}"#, true),
            (#"{"type":"array","items":{"type":"string"}}"#, true), (#"{"type":"array","items":{}}"#, false),
        ])
    func strictWithinAtOpenAI(text: String, isStrict: Bool) throws {
        try strictAtOpenAI(text: Self.property(text), isStrict: isStrict)
    }

    @Test(
        "an array that does not say of what it is is one of anything at OpenAI",
        arguments: [
            (#"{"type":"array"}"#, #"{"type":"array","items":{}}"#),
            (#"{"type":["string","array"]}"#, #"{"type":["string","array"],"items":{}}"#),
            (
                #"{"anyOf":[{"type":"array"}],"allOf":[{"items":{"type":"array"}}]}"#,
                #"{"anyOf":[{"type":"array","items":{}}],"allOf":[{"items":{"type":"array","items":{}}}]}"#
            ),
            // Values, and members of the client's names, are none.
            (
                #"{"type":"object","properties":{"type":{"type":"string"},"default":{"type":"array"}}}"#,
                #"{"type":"object","properties":{"type":{"type":"string"},"default":{"type":"array","items":{}}}}"#
            ),
            (#"{"default":{"type":"array"}}"#, #"{"default":{"type":"array"}}"#),
            (#"{"dependentRequired":{"type":["array"]}}"#, #"{"dependentRequired":{"type":["array"]}}"#),
            (#"{"type":"array","items":{"type":"string"}}"#, #"{"type":"array","items":{"type":"string"}}"#),
        ])
    func arraysAtOpenAI(text: String, expected: String) throws {
        let parsed = try JSON.parse(Self.property(text))
        let fitted = try JSON.parse(Self.property(expected))
        let tool = messages([["name": "f", "input_schema": parsed]])
        for provider: any DialectCodec.Type in [ChatCompletionsCodec.self, ResponsesCodec.self] {
            let (body, losses) = try written(MessagesCodec.self, tool, to: provider)
            let schema = body["tools"]?[0]?["function"]?["parameters"] ?? body["tools"]?[0]?["parameters"]
            #expect(schema == fitted && losses.dropped.isEmpty && !losses.adjusted.contains("input_schema"))
        }
        // Strict it isn't: an array of anything has no type.
        let bare = try JSON.parse(Self.property(#"{"type":"array"}"#))
        let strict = messages([["name": "f", "input_schema": bare, "strict": true]])
        #expect(try written(MessagesCodec.self, strict, to: ChatCompletionsCodec.self).losses.dropped == ["strict"])
    }

    @Test(
        "choices at the top of a function's schema are told OpenAI in its description",
        arguments: [
            (
                #"{"anyOf":[{"properties":{"a":{}},"required":["a"]},{"properties":{"b":{}},"required":["b"]}]}"#,
                #"{"type":"object","properties":{"a":{},"b":{}}"#, true
            ),
            (
                #"{"oneOf":[{"properties":{"a":{}},"required":["a","b"]},{"properties":{"b":{}},"required":["b"]}]}"#,
                #"{"type":"object","properties":{"a":{},"b":{}},"required":["b"]"#, true
            ),
            (
                #"{"allOf":[{"properties":{"a":{}},"required":["a"]},{"properties":{"b":{}},"required":["b"]}]}"#,
                #"{"type":"object","properties":{"a":{},"b":{}},"required":["a","b"]"#, true
            ),
            (#"{"type":"object","enum":[{}],"not":{}}"#, #","properties":{}}"#, true),
            (#"{"type":"object"}"#, #"{"type":"object","properties":{}}"#, false),
            (#"{"type":"object","properties":null}"#, #"{"type":"object","properties":{}}"#, false),
            (
                ##"{"anyOf":[{"$ref":"#/$defs/A"},{"$ref":"#/$defs/B","title":"b"},{"$ref":"#/$defs/A"}],"$defs":{"A":{"properties":{"a":{}},"required":["a"]},"B":{"properties":{"b":{}},"required":["b","a"]}}}"##,
                #""properties":{"a":{},"b":{}},"required":["a"]"#, true
            ),
            (
                ##"{"anyOf":[{"$ref":"#/$defs/A"},{"$ref":"#/$defs/C"}],"$defs":{"A":{"properties":{"a":{}},"required":["a"]}}}"##,
                #""properties":{"a":{}},"description""#, true
            ),
            (
                ##"{"$ref":"#/$defs/A","$defs":{"A":{"type":"object","properties":{"a":{}}}}}"##,
                #""properties":{"a":{}}"#, false
            ),
        ])
    func topAtOpenAI(text: String, expected: String, isAdjusted: Bool) throws {
        let parsed = try JSON.parse(text)
        let tool = messages([["name": "f", "input_schema": parsed]])
        for provider: any DialectCodec.Type in [ChatCompletionsCodec.self, ResponsesCodec.self] {
            let (body, losses) = try written(MessagesCodec.self, tool, to: provider)
            let schema = body["tools"]?[0]?["function"]?["parameters"] ?? body["tools"]?[0]?["parameters"]
            #expect(schema?["type"] == "object" && schema?.text.contains(expected) == true, "\(schema?.text ?? "")")
            let refused = ["anyOf", "oneOf", "allOf", "enum", "not", "$ref"]
            #expect(!refused.contains { schema?[$0] != nil })
            #expect(schema?["description"]?.string?.isEmpty == (isAdjusted ? false : nil))
            #expect(losses.adjusted.contains("input_schema") == isAdjusted && losses.dropped.isEmpty)
        }
        let own = chat(["tools": [["type": "function", "function": ["name": "f", "parameters": parsed]]]])
        #expect(try written(ChatCompletionsCodec.self, own, to: ChatCompletionsCodec.self).body == own)
    }

    @Test(
        "a function's schema of another type becomes one of an object, which is reported",
        arguments: [#"{"type":"STRING"}"#, #"{"type":"array","items":{}}"#, #"{"type":["object","null"]}"#])
    func typeAtTheTop(text: String) throws {
        let parsed = try JSON.parse(text)
        let claude = messages([["name": "f", "input_schema": parsed]])
        let (openAI, losses) = try written(MessagesCodec.self, claude, to: ChatCompletionsCodec.self)
        #expect(openAI["tools"]?[0]?["function"]?["parameters"]?["type"] == "object")
        #expect(losses.adjusted == ["input_schema"])
        let asked = chat(["tools": [["type": "function", "function": ["name": "f", "parameters": parsed]]]])
        let (back, adjusted) = try written(ChatCompletionsCodec.self, asked, to: MessagesCodec.self)
        #expect(back["tools"]?[0]?["input_schema"]?["type"] == "object" && adjusted.adjusted == ["parameters"])
    }

    // MARK: - Tools of the provider's

    @Test("of several tools that are one at OpenAI the first is sent")
    func severalSearches() throws {
        let tools: JSON = [
            ["googleSearch": [:]], ["enterpriseWebSearch": [:]], ["googleSearchRetrieval": [:]], ["codeExecution": [:]],
        ]
        let (body, losses) = try written(GenerateContentCodec.self, google(["tools": tools]), to: ResponsesCodec.self)
        #expect(
            body["tools"] == [
                ["type": "web_search"], ["type": "code_interpreter", "container": ["type": "auto"]],
            ])
        #expect(losses.isEmpty)
        let near: JSON = ["type": "web_search", "search_context_size": "low"]
        let far: JSON = ["type": "web_search_preview", "search_context_size": "high"]
        let both = try written(ResponsesCodec.self, responses([near, far]), to: ChatCompletionsCodec.self)
        #expect(both.body["web_search_options"] == ["search_context_size": "low"])
        #expect(both.losses.dropped == ["web_search_preview"])
    }

    @Test("domains go along where they can be told, and the tool is left out where they can't")
    func domains() throws {
        let fetch: JSON = ["type": "web_fetch_20250910", "name": "web_fetch", "allowed_domains": ["a.test"]]
        let gemini = try written(MessagesCodec.self, messages([fetch]), to: GenerateContentCodec.self)
        #expect(gemini.body["tools"] == nil && gemini.losses.dropped == ["web_fetch_20250910"])

        let filters: JSON = ["allowed_domains": ["a.test"], "blocked_domains": ["b.test"]]
        let both: JSON = ["type": "web_search", "user_location": ["city": "Bonn"], "filters": filters]
        let neither = try written(ResponsesCodec.self, responses([both]), to: MessagesCodec.self)
        #expect(neither.body["tools"] == nil && neither.losses.dropped == ["web_search"])
        let blocked: JSON = ["type": "web_search", "filters": ["blocked_domains": ["b.test"]]]
        let claude = try written(ResponsesCodec.self, responses([blocked]), to: MessagesCodec.self)
        #expect(claude.body["tools"]?[0]?["blocked_domains"] == ["b.test"] && claude.losses.isEmpty)
        let vertex = try written(
            ResponsesCodec.self, responses([blocked]), to: GenerateContentCodec.self, isVertex: true)
        #expect(vertex.body["tools"] == [["googleSearch": ["excludeDomains": ["b.test"]]]])
        for provider: any DialectCodec.Type in [GenerateContentCodec.self, ChatCompletionsCodec.self] {
            let (body, losses) = try written(ResponsesCodec.self, responses([blocked]), to: provider)
            #expect(body["tools"] == nil && body["web_search_options"] == nil && losses.dropped == ["web_search"])
        }
        let excluded = google(["tools": [["google_search": ["exclude_domains": ["b.test"]]]]])
        let openAI = try written(GenerateContentCodec.self, excluded, to: ResponsesCodec.self)
        #expect(openAI.body["tools"] == nil && openAI.losses.dropped == ["googleSearch"])
        // A limit of a shape that nobody reads is one all the same, and none is none.
        let odd: JSON = ["type": "web_search", "filters": ["allowed_domains": "a.test"]]
        #expect(try written(ResponsesCodec.self, responses([odd]), to: MessagesCodec.self).body["tools"] == nil)
        let none: JSON = ["type": "web_search", "filters": ["allowed_domains": []]]
        let unlimited = try written(ResponsesCodec.self, responses([none]), to: ChatCompletionsCodec.self).body
        #expect(unlimited["web_search_options"] == [:])
    }

    @Test("a fetch keeps its domains on the way to Anthropic")
    func fetch() throws {
        let tool: JSON = [
            "type": "openrouter:web_fetch",
            "parameters": ["allowed_domains": ["a.test"], "max_uses": 3, "max_content_tokens": 5],
        ]
        let (body, losses) = try written(ChatCompletionsCodec.self, chat(["tools": [tool]]), to: MessagesCodec.self)
        #expect(
            body["tools"] == [
                [
                    "type": "web_fetch_20250910", "name": "web_fetch", "max_uses": 3, "allowed_domains": ["a.test"],
                ]
            ])
        #expect(losses.dropped == ["max_content_tokens"])
    }

    @Test(
        "a search that may not read the web is left out, and the functions stay",
        arguments: Dialect.conversations.filter { $0 != .responses && $0 != .completions })
    func offline(provider: Dialect) throws {
        let codec = try #require(provider.codec)
        let function: JSON = ["type": "function", "name": "f", "parameters": ["type": "object", "properties": [:]]]
        let off: JSON = ["type": "web_search", "external_web_access": false]
        let (body, losses) = try written(ResponsesCodec.self, responses([off, function]), to: codec)
        let alone = try written(ResponsesCodec.self, responses([function]), to: codec).body
        #expect(body == alone && losses.dropped == ["web_search"])
    }

    @Test("a search that may read the web is none that may not")
    func online() throws {
        let on = responses([["type": "web_search", "external_web_access": true, "search_context_size": "medium"]])
        let providers: [any DialectCodec.Type] = [
            ChatCompletionsCodec.self, MessagesCodec.self, GenerateContentCodec.self,
        ]
        for provider in providers {
            let (body, losses) = try written(ResponsesCodec.self, on, to: provider)
            #expect(body["tools"] != nil || body["web_search_options"] != nil, "\(provider.dialect)")
            #expect(losses.isEmpty, "\(provider.dialect)")
        }
    }

    @Test("two tools that are one at Anthropic are one there")
    func equalTools() throws {
        let plain: JSON = [["type": "web_search"], ["type": "web_search_preview"], ["type": "code_interpreter"]]
        let (body, losses) = try written(ResponsesCodec.self, responses(plain), to: MessagesCodec.self)
        #expect(body["tools"]?.array?.map { $0["name"] } == ["web_search", "code_execution"] && losses.isEmpty)
        let filtered: JSON = ["type": "web_search_preview", "filters": ["allowed_domains": ["a.test"]]]
        let other = try written(
            ResponsesCodec.self, responses([["type": "web_search"], filtered]), to: MessagesCodec.self)
        #expect(other.body["tools"]?.array?.count == 1 && other.losses.dropped == ["web_search_preview"])
        let function: JSON = ["type": "function", "name": "web_search", "parameters": ["type": "object"]]
        let named = try written(
            ResponsesCodec.self, responses([["type": "web_search"], function]), to: MessagesCodec.self)
        #expect(named.body["tools"]?.array?.count == 1 && named.body["tools"]?[0]?["type"] == nil)
        #expect(named.losses.dropped == ["web_search"])
    }

    @Test("what else a tool is told is reported")
    func options() throws {
        let code: JSON = ["type": "code_interpreter", "container": ["type": "auto", "file_ids": ["file_1"]]]
        for provider: any DialectCodec.Type in [MessagesCodec.self, GenerateContentCodec.self] {
            #expect(
                try written(ResponsesCodec.self, responses([code]), to: provider).losses.dropped == ["file_ids"])
        }
        let search: JSON = [
            "type": "openrouter:web_search", "parameters": ["engine": "exa", "max_results": 3, "max_uses": "many"],
        ]
        #expect(
            try written(ChatCompletionsCodec.self, chat(["tools": [search]]), to: MessagesCodec.self).losses.dropped
                == ["engine", "max_results", "max_uses"])
        let options: JSON = ["search_context_size": "low", "made_up": 1]
        #expect(
            try written(ChatCompletionsCodec.self, chat(["web_search_options": options]), to: ResponsesCodec.self)
                .losses.dropped == ["made_up"])
        let flat: JSON = [
            "type": "web_search", "filters": ["allowed_domains": ["a.test"]],
            "user_location": ["type": "approximate", "city": "Bonn", "street": "x"],
        ]
        let (body, losses) = try written(ChatCompletionsCodec.self, chat(["tools": [flat]]), to: MessagesCodec.self)
        #expect(
            body["tools"] == [
                [
                    "type": "web_search_20250305", "name": "web_search", "allowed_domains": ["a.test"],
                    "user_location": ["type": "approximate", "city": "Bonn"],
                ]
            ])
        #expect(losses.dropped == ["street"])
    }

    @Test(
        "a tool that nobody else has goes by its type",
        arguments: [Dialect.chatCompletions, .messages, .generateContent, .converse, .cohereChat, .ollamaChat])
    func types(provider: Dialect) throws {
        let codec = try #require(provider.codec)
        let tools: JSON = [["type": "made_up"], ["type": "shell"]]
        #expect(
            try written(ResponsesCodec.self, responses(tools), to: codec).losses.dropped == ["made_up", "shell"])
        guard provider != .generateContent else { return }
        let maps = google(["tools": [["googleMaps": [:]]]])
        #expect(try written(GenerateContentCodec.self, maps, to: codec).losses.dropped == ["googleMaps"])
    }

    // MARK: - Choice

    private static let function: JSON = ["type": "function", "function": ["name": "f"]]

    @Test(
        "a choice that says more, or nothing that is known, goes back to Chat as it came",
        arguments: [
            #"{"type":"function","function":{"name":"f"},"more":1}"#,
            #"{"type":"function","function":{"name":"f","more":1}}"#,
            #"{"type":"zzz","function":{"name":"f"}}"#, #"{"type":"web_search"}"#,
            #"{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":"f"}}"#,
            #"{"type":"allowed_tools","allowed_tools":{"mode":"zzz","tools":[]}}"#,
            #"{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[],"more":1}}"#,
        ])
    func choiceOfItsOwn(text: String) throws {
        let choice = try JSON.parse(text)
        let body = chat(["tools": [Self.function], "tool_choice": choice])
        #expect(
            try written(ChatCompletionsCodec.self, body, to: ChatCompletionsCodec.self).body["tool_choice"] == choice)
    }

    @Test(
        "a choice that makes no sense is a 400 for any other dialect",
        arguments: [
            (#""zzz""#, "tool_choice"), (#"{"type":"zzz","function":{"name":"f"}}"#, "tool_choice.type"),
            (#"{"type":"function"}"#, "tool_choice.function.name"),
            (
                #"{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":"f"}}"#,
                "tool_choice.allowed_tools.tools"
            ),
            (#"{"type":"allowed_tools","allowed_tools":{"mode":"zzz","tools":[]}}"#, "tool_choice.allowed_tools.mode"),
            (#"{"type":"allowed_tools"}"#, "tool_choice.allowed_tools"),
            (
                #"{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":["f"]}}"#,
                "tool_choice.allowed_tools.tools"
            ),
        ])
    func badChoice(text: String, place: String) throws {
        let body = chat(["tools": [Self.function], "tool_choice": try JSON.parse(text)])
        for provider: any DialectCodec.Type in [MessagesCodec.self, ConverseCodec.self, ResponsesCodec.self] {
            #expect(refusal(ChatCompletionsCodec.self, body, to: provider)?.param == place, "\(provider.dialect)")
        }
    }

    @Test("a choice of a kind that nobody knows is a 400 for any other dialect, whoever the client")
    func unknownChoice() throws {
        var claude = messages([["name": "f"]])
        claude["tool_choice"] = ["type": "foo"]
        #expect(refusal(MessagesCodec.self, claude, to: ResponsesCodec.self)?.param == "tool_choice.type")
        let gemini = google([
            "tools": [["functionDeclarations": [["name": "f"]]]],
            "toolConfig": ["functionCallingConfig": ["mode": "FOO"]],
        ])
        #expect(
            refusal(GenerateContentCodec.self, gemini, to: MessagesCodec.self)?.param
                == "toolConfig.functionCallingConfig.mode")
        var openAI = responses([["type": "function", "name": "f"]])
        openAI["tool_choice"] = ["type": "foo"]
        #expect(refusal(ResponsesCodec.self, openAI, to: MessagesCodec.self)?.param == "tool_choice.type")
        openAI["tool_choice"] = ["type": "allowed_tools", "mode": "foo", "tools": []]
        #expect(refusal(ResponsesCodec.self, openAI, to: MessagesCodec.self)?.param == "tool_choice.mode")
        let clients: [(any DialectCodec.Type, JSON)] = [
            (MessagesCodec.self, claude), (GenerateContentCodec.self, gemini), (ResponsesCodec.self, openAI),
        ]
        for (client, body) in clients {
            let same = try written(client, body, to: client)
            #expect(same.body["tool_choice"] == body["tool_choice"] && same.losses.isEmpty)
            #expect(same.body["toolConfig"] == body["toolConfig"])
        }
    }

    @Test("a choice of a tool of the provider's own is dropped with it")
    func choiceOfServerTool() throws {
        var body = responses([["type": "web_search", "external_web_access": false]])
        body["tool_choice"] = ["type": "web_search"]
        let (claude, losses) = try written(ResponsesCodec.self, body, to: MessagesCodec.self)
        #expect(claude["tool_choice"] == nil && losses.dropped == ["web_search", "tool_choice"])
        body["tool_choice"] = "required"
        for provider: any DialectCodec.Type in [MessagesCodec.self, ChatCompletionsCodec.self] {
            let dropped = try written(ResponsesCodec.self, body, to: provider).losses.dropped
            #expect(dropped == ["web_search", "tool_choice"], "\(provider.dialect)")
        }
    }

    @Test("a choice of several leaves the provider's own tools out that it does not name")
    func allowedServerTools() throws {
        let function: JSON = ["type": "function", "name": "f", "parameters": ["type": "object", "properties": [:]]]
        var body = responses([function, ["type": "web_search"], ["type": "code_interpreter"]])
        let providers: [any DialectCodec.Type] = [
            MessagesCodec.self, ConverseCodec.self, ChatCompletionsCodec.self, GenerateContentCodec.self,
        ]
        for provider in providers {
            body["tool_choice"] = [
                "type": "allowed_tools", "mode": "auto", "tools": [["type": "function", "name": "f"]],
            ]
            let (none, losses) = try written(ResponsesCodec.self, body, to: provider)
            #expect(Set(losses.dropped) == ["web_search", "code_interpreter"], "\(provider.dialect)")
            #expect(!none.text.contains("earch") && none["web_search_options"] == nil, "\(provider.dialect)")
        }
        body["tool_choice"] = [
            "type": "allowed_tools", "mode": "auto",
            "tools": [["type": "function", "name": "f"], ["type": "web_search"]],
        ]
        let (claude, losses) = try written(ResponsesCodec.self, body, to: MessagesCodec.self)
        #expect(claude["tools"]?.array?.compactMap { $0["name"]?.string } == ["f", "web_search"])
        #expect(losses.dropped.contains("code_interpreter") && !losses.dropped.contains("web_search"))
        // Google's list is of functions alone.
        let gemini = google([
            "tools": [["functionDeclarations": [["name": "f"]]], ["googleSearch": [:]]],
            "toolConfig": ["functionCallingConfig": ["mode": "VALIDATED", "allowedFunctionNames": ["f"]]],
        ])
        let (kept, _) = try written(GenerateContentCodec.self, gemini, to: MessagesCodec.self)
        #expect(kept["tools"]?.array?.compactMap { $0["name"]?.string } == ["f", "web_search"])
    }

    @Test("a choice with more to it holds, and what is more goes back to its own dialect and is reported to others")
    func choiceWithMore() throws {
        let schema: JSON = ["type": "object", "properties": [:]]
        let whole: JSON = [
            "type": "function", "function": ["name": "f", "description": "d", "parameters": schema, "strict": false],
        ]
        let strict: JSON = ["type": "function", "function": ["name": "f", "strict": true]]
        let choices: [(JSON, [String])] = [(whole, []), (strict, ["strict"])]
        for (choice, dropped) in choices {
            let body = chat(["tools": [whole], "tool_choice": choice])
            let (claude, losses) = try written(ChatCompletionsCodec.self, body, to: MessagesCodec.self)
            #expect(claude["tool_choice"] == ["type": "tool", "name": "f"] && losses.dropped == dropped)
            let (converse, _) = try written(ChatCompletionsCodec.self, body, to: ConverseCodec.self)
            #expect(converse["toolConfig"]?["toolChoice"] == ["tool": ["name": "f"]])
            let same = try written(ChatCompletionsCodec.self, body, to: ChatCompletionsCodec.self)
            #expect(same.body["tool_choice"] == choice && same.losses.isEmpty)
        }
        var claude = messages([["name": "f"]])
        claude["tool_choice"] = ["type": "any", "name": "f"]
        #expect(
            try written(MessagesCodec.self, claude, to: MessagesCodec.self).body["tool_choice"] == claude["tool_choice"]
        )
        let (openAI, losses) = try written(MessagesCodec.self, claude, to: ChatCompletionsCodec.self)
        #expect(openAI["tool_choice"] == "required" && losses.dropped == ["name"])

        let tool: JSON = ["toolSpec": ["name": "f", "inputSchema": ["json": [:]]]]
        let choice: JSON = ["tool": ["name": "f", "made_up": 1]]
        let converse: JSON = [
            "messages": [["role": "user", "content": [["text": "x"]]]],
            "toolConfig": ["tools": [tool], "toolChoice": choice],
        ]
        #expect(
            try written(ConverseCodec.self, converse, to: ConverseCodec.self).body["toolConfig"]?["toolChoice"]
                == choice)
        let fromConverse = try written(ConverseCodec.self, converse, to: ResponsesCodec.self)
        #expect(fromConverse.body["tool_choice"] == ["type": "function", "name": "f"])
        #expect(fromConverse.losses.dropped == ["made_up"])

        let legacy = chat(["functions": [["name": "f"]], "function_call": ["name": "f", "made_up": 1]])
        #expect(
            try written(ChatCompletionsCodec.self, legacy, to: ChatCompletionsCodec.self).body["function_call"]
                == ["name": "f", "made_up": 1])
        let fromLegacy = try written(ChatCompletionsCodec.self, legacy, to: MessagesCodec.self)
        #expect(fromLegacy.body["tool_choice"] == ["type": "tool", "name": "f"])
        #expect(fromLegacy.losses.dropped == ["made_up"])
    }

    @Test(
        "Google's modes hold with more to them",
        arguments: [
            (
                #"{"mode":"ANY","streamFunctionCallArguments":true}"#, #"{"type":"any"}"#,
                ["streamFunctionCallArguments"]
            ),
            (#"{"mode":"ANY","allowed_function_names":["f"],"x":1}"#, #"{"type":"tool","name":"f"}"#, ["x"]),
            (#"{"mode":"VALIDATED"}"#, #"{"type":"auto"}"#, ["mode"]),
            (#"{"mode":"NONE","allowedFunctionNames":["f"]}"#, #"{"type":"none"}"#, []),
            (#"{"mode":"MODE_UNSPECIFIED"}"#, "null", []),
        ] as [(String, String, [String])])
    func googleChoice(text: String, expected: String, dropped: [String]) throws {
        let calling = try JSON.parse(text)
        let body = google([
            "tools": [["functionDeclarations": [["name": "f"]]]], "toolConfig": ["functionCallingConfig": calling],
        ])
        let (claude, losses) = try written(GenerateContentCodec.self, body, to: MessagesCodec.self)
        #expect(try (claude["tool_choice"] ?? .null) == JSON.parse(expected))
        #expect(losses.dropped == dropped)
        let same = try written(GenerateContentCodec.self, body, to: GenerateContentCodec.self)
        #expect(same.body["toolConfig"] == body["toolConfig"] && same.losses.isEmpty)
    }

    @Test("a list of tools to choose from may have custom ones, and tools of the provider's, which is reported")
    func allowedTools() throws {
        let function: JSON = ["type": "function", "name": "f"]
        let custom: JSON = ["type": "custom", "name": "g"]
        let other: JSON = ["type": "function", "name": "h"]
        var body = responses([function, custom, other, ["type": "web_search"]])
        body["tool_choice"] = ["type": "allowed_tools", "mode": "required", "tools": [function, custom]]
        let chat = try written(ResponsesCodec.self, body, to: ChatCompletionsCodec.self)
        #expect(
            chat.body["tool_choice"]?["allowed_tools"]?["tools"] == [
                ["type": "function", "function": ["name": "f"]], ["type": "custom", "custom": ["name": "g"]],
            ])
        #expect(chat.losses.dropped == ["web_search"] && chat.losses.adjusted.isEmpty)
        body["tool_choice"]?["tools"] = [function, ["type": "web_search"]]
        let claude = try written(ResponsesCodec.self, body, to: MessagesCodec.self)
        #expect(claude.body["tools"]?.array?.map { $0["name"]?.string } == ["f", "web_search"])
        #expect(claude.body["tool_choice"] == ["type": "any"] && claude.losses.dropped == ["tool_choice"])
        let same = try written(ResponsesCodec.self, body, to: ResponsesCodec.self)
        #expect(same.body["tool_choice"] == body["tool_choice"])
    }

    @Test("where a choice of several names tools of the provider's alone, those of the client's cannot be called")
    func allowedServerToolsAlone() throws {
        let function: JSON = ["type": "function", "name": "f"]
        for mode: JSON in ["auto", "required"] {
            var body = responses([function, ["type": "web_search"], ["type": "code_interpreter"]])
            body["tool_choice"] = ["type": "allowed_tools", "mode": mode, "tools": [["type": "web_search"]]]
            let claude = try written(ResponsesCodec.self, body, to: MessagesCodec.self)
            #expect(claude.body["tools"]?.array?.compactMap { $0["name"]?.string } == ["web_search"])
            #expect(claude.body["tool_choice"] == ["type": "auto"])
            // That the search must run cannot be said.
            let isLost = mode == "required"
            #expect(
                Set(claude.losses.dropped) == (isLost ? ["code_interpreter", "tool_choice"] : ["code_interpreter"]))
            #expect(claude.losses.adjusted.isEmpty)
            let chat = try written(ResponsesCodec.self, body, to: ChatCompletionsCodec.self).body
            #expect(chat["web_search_options"] == [:] && chat["tool_choice"] == "none")
            let gemini = try written(ResponsesCodec.self, body, to: GenerateContentCodec.self).body
            #expect(gemini["tools"] == [["googleSearch": [:]]] && gemini["toolConfig"] == nil)
            let same = try written(ResponsesCodec.self, body, to: ResponsesCodec.self)
            #expect(same.body["tool_choice"] == body["tool_choice"] && same.losses.isEmpty)
        }
    }

    @Test(
        "a tool that is declared for the history's sake can be called by no choice",
        arguments: [
            (#"{"type":"allowed_tools","mode":"auto","tools":[{"type":"file_search"}]}"#, [], []),
            (#"{"type":"allowed_tools","mode":"required","tools":[{"type":"file_search"}]}"#, ["tool_choice"], []),
            (
                #"{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"gone"}]}"#,
                ["tool_choice"], ["tool_choice"]
            ),
            (
                #"{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"gone"}]}"#, [],
                ["tool_choice"]
            ),
            (#"{"type":"allowed_tools","mode":"auto","tools":[]}"#, [], []),
        ] as [(String, [String], [String])])
    func choiceOfHistorysTools(text: String, dropped: [String], adjusted: [String]) throws {
        var body = responses([["type": "function", "name": "f"], ["type": "file_search"]])
        body["input"] = [
            ["role": "user", "content": "x"],
            ["type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"],
            ["type": "function_call_output", "call_id": "c", "output": "1"],
        ]
        func expectNone(_ body: JSON, dropped: [String], adjusted: [String]) throws {
            let isLost = !dropped.isEmpty
            let (claude, losses) = try written(ResponsesCodec.self, body, to: MessagesCodec.self)
            #expect(claude["tools"]?.array?.map { $0["name"]?.string } == ["f"])
            #expect(claude["tool_choice"] == ["type": "none"])
            #expect(Set(losses.dropped) == Set(["file_search"] + dropped))
            #expect(Set(losses.adjusted) == Set(["tools"] + adjusted))
            let bedrock = try written(
                ResponsesCodec.self, body, to: ConverseCodec.self, model: "anthropic.claude-sonnet-4-5-v1:0")
            #expect(bedrock.body["toolConfig"]?["tools"]?.array?.count == 1)
            #expect(bedrock.body["toolConfig"]?["toolChoice"] == nil)
            #expect(bedrock.body["additionalModelRequestFields"]?["tool_choice"] == ["type": "none"])
            #expect(bedrock.losses == losses)
            // Others have no such word.
            let nova = try written(ResponsesCodec.self, body, to: ConverseCodec.self, model: "amazon.nova-pro-v1:0")
            #expect(
                nova.body["toolConfig"]?["toolChoice"] == nil && nova.losses.dropped.contains("tool_choice") == isLost)
        }
        body["tool_choice"] = try JSON.parse(text)
        try expectNone(body, dropped: dropped, adjusted: adjusted)
        body["tools"] = [["type": "file_search"]]
        body["tool_choice"] = "required"
        try expectNone(body, dropped: ["tool_choice"], adjusted: [])
        body["tool_choice"] = "auto"
        try expectNone(body, dropped: [], adjusted: [])
        body["tool_choice"] = Optional.none
        try expectNone(body, dropped: [], adjusted: [])
    }

    @Test("names of no tool leave a choice of several, wherever it goes")
    func allowedUnknownNames() throws {
        func request(_ names: [String], _ mode: JSON) -> JSON {
            var body = responses([["type": "function", "name": "f"], ["type": "function", "name": "g"]])
            let tools = names.map { name -> JSON in ["type": "function", "name": .string(name)] }
            body["tool_choice"] = ["type": "allowed_tools", "mode": mode, "tools": .array(tools)]
            return body
        }
        let (gemini, losses) = try written(
            ResponsesCodec.self, request(["f", "gone"], "required"), to: GenerateContentCodec.self)
        #expect(gemini["toolConfig"]?["functionCallingConfig"] == ["mode": "ANY", "allowedFunctionNames": ["f"]])
        #expect(losses.adjusted == ["tool_choice"] && losses.dropped.isEmpty)
        let chat = try written(
            ResponsesCodec.self, request(["f", "gone"], "auto"), to: ChatCompletionsCodec.self)
        #expect(
            chat.body["tool_choice"]?["allowed_tools"]?["tools"] == [["type": "function", "function": ["name": "f"]]])
        for provider in Dialect.conversations where provider != .responses && provider != .completions {
            let codec = try #require(provider.codec)
            let written = try written(ResponsesCodec.self, request(["gone"], "required"), to: codec)
            #expect(written.losses.dropped == ["tool_choice"], "\(provider)")
        }
    }

    @Test("a choice of several names a tool of the provider's by any type that means the same")
    func allowedServerToolsByKind() throws {
        let function: JSON = ["type": "function", "name": "f"]
        for (type, named) in [("web_search", "web_search_preview"), ("web_search_2025_08_26", "web_search")] {
            var body = responses([function, ["type": .string(type)]])
            body["tool_choice"] = [
                "type": "allowed_tools", "mode": "auto", "tools": [function, ["type": .string(named)]],
            ]
            let claude = try written(ResponsesCodec.self, body, to: MessagesCodec.self).body
            #expect(claude["tools"]?.array?.compactMap { $0["name"]?.string } == ["f", "web_search"])
        }
    }

    @Test("a search that Chat or Google asks for by no entry of a list may run beside a choice of several")
    func searchBesideAllowedTools() throws {
        let allowed: JSON = [
            "type": "allowed_tools", "allowed_tools": ["mode": "auto", "tools": [Self.function]],
        ]
        let openAI = chat(["tools": [Self.function], "web_search_options": [:], "tool_choice": allowed])
        let gemini = google([
            "tools": [["functionDeclarations": [["name": "f"]]], ["googleSearch": [:]]],
            "toolConfig": ["functionCallingConfig": ["mode": "AUTO", "allowedFunctionNames": ["f"]]],
        ])
        let clients: [(any DialectCodec.Type, JSON)] = [
            (ChatCompletionsCodec.self, openAI), (GenerateContentCodec.self, gemini),
        ]
        for (client, body) in clients {
            let claude = try written(client, body, to: MessagesCodec.self)
            #expect(claude.body["tools"]?.array?.compactMap { $0["name"]?.string } == ["f", "web_search"])
            #expect(claude.losses.dropped.isEmpty)
            let choice = try written(client, body, to: ResponsesCodec.self).body["tool_choice"]
            #expect(choice?["tools"] == [["type": "function", "name": "f"], ["type": "web_search"]])
        }
    }

    @Test(
        "a choice names a tool in a namespace as it is called where there is none",
        arguments: [
            #"{"type":"function","name":"look","namespace":"crm"}"#, #"{"type":"namespace","name":"crm"}"#,
            #"{"type":"function","name":"look"}"#,
        ])
    func allowedNamespace(_ element: String) throws {
        let look: JSON = ["type": "function", "name": "look"]
        let namespace: JSON = ["type": "namespace", "name": "crm", "tools": [look]]
        var body = responses([namespace, ["type": "function", "name": "f"]])
        body["tool_choice"] = ["type": "allowed_tools", "mode": "auto", "tools": [try JSON.parse(element)]]
        let claude = try written(ResponsesCodec.self, body, to: MessagesCodec.self)
        #expect(claude.body["tools"]?.array?.compactMap { $0["name"]?.string } == ["crm__look"])
        #expect(claude.losses.dropped.isEmpty)
        let chat = try written(ResponsesCodec.self, body, to: ChatCompletionsCodec.self).body
        #expect(
            chat["tool_choice"]?["allowed_tools"]?["tools"] == [
                ["type": "function", "function": ["name": "crm__look"]]
            ])
        let gemini = try written(ResponsesCodec.self, body, to: GenerateContentCodec.self).body
        #expect(gemini["toolConfig"]?["functionCallingConfig"]?["allowedFunctionNames"] == ["crm__look"])
        let same = try written(ResponsesCodec.self, body, to: ResponsesCodec.self)
        #expect(same.body["tool_choice"] == body["tool_choice"] && same.losses.isEmpty)
    }

    @Test(
        "a tool in a namespace that is forced is called as the tool is, however long the names",
        arguments: [true, false])
    func forcedInNamespace(isNamed: Bool) throws {
        let name = String(repeating: "n", count: 60)
        let look: JSON = ["type": "function", "name": "look"]
        var body = responses([["type": "namespace", "name": .string(name), "tools": [look]]])
        body["tool_choice"] = ["type": "function", "name": "look"]
        if isNamed { body["tool_choice"]?["namespace"] = .string(name) }
        for provider: any DialectCodec.Type in [MessagesCodec.self, ChatCompletionsCodec.self] {
            let request = try written(ResponsesCodec.self, body, to: provider).body
            let tool = request["tools"]?[0]
            let choice = request["tool_choice"]
            #expect((tool?["name"] ?? tool?["function"]?["name"]) == (choice?["name"] ?? choice?["function"]?["name"]))
        }
    }

    // MARK: - Format

    @Test("members of a format beside its schema come back to Chat, and are reported to others")
    func formatMembers() throws {
        let format: JSON = [
            "type": "json_schema", "json_schema": ["name": "n", "schema": ["type": "object"], "inner": 1], "outer": 2,
        ]
        let body = chat(["response_format": format])
        let same = try written(ChatCompletionsCodec.self, body, to: ChatCompletionsCodec.self)
        #expect(same.body["response_format"] == format && same.losses.isEmpty)
        for provider in Dialect.conversations where provider != .chatCompletions {
            let codec = try #require(provider.codec)
            let dropped = try written(ChatCompletionsCodec.self, body, to: codec).losses.dropped
            #expect(Set(dropped) == ["inner", "outer"], "\(provider)")
        }
    }

    @Test("a schema of anything but an object is told where OpenAI would refuse it")
    func listOfObjects() throws {
        let schema: JSON = ["type": "ARRAY", "items": ["type": "STRING"]]
        let body = google([
            "generationConfig": ["responseMimeType": "application/json", "responseSchema": schema]
        ])
        let json = #"{"type":"array","items":{"type":"string"}}"#
        let (chat, losses) = try written(GenerateContentCodec.self, body, to: ChatCompletionsCodec.self)
        #expect(chat["response_format"] == nil && losses.adjusted == ["responseSchema"])
        let told = chat["messages"]?[0]?["content"]?.string
        #expect(told?.hasPrefix("Answer with one JSON value") == true && told?.hasSuffix(json) == true)
        let responses = try written(GenerateContentCodec.self, body, to: ResponsesCodec.self).body
        #expect(responses["text"] == nil && responses["instructions"]?.string?.hasSuffix(json) == true)
        let claude = try written(GenerateContentCodec.self, body, to: MessagesCodec.self).body
        #expect(claude["output_config"]?["format"]?["schema"]?["type"] == "array")
    }

    @Test(
        "a schema of an object is brought into OpenAI's form, and told where it has none",
        arguments: [
            (
                ##"{"$ref":"#/definitions/A","$schema":"s","definitions":{"A":{"type":"object","properties":{}}}}"##,
                ##"{"type":"object","properties":{},"$schema":"s","definitions":{"A":{"type":"object","properties":{}}}}"##
            ),
            (#"{"properties":{"a":{}}}"#, #"{"type":"object","properties":{"a":{}}}"#),
            (#"{"type":"object","properties":{}}"#, #"{"type":"object","properties":{}}"#),
            (#"{"type":"object","anyOf":[{"type":"object"}]}"#, nil), (#"{"type":"object","enum":[{}]}"#, nil),
            (##"{"$ref":"#/$defs/A","$defs":{"A":{"$ref":"#/$defs/A"}}}"##, nil), (##"{"$ref":"#/$defs/A"}"##, nil),
            (##"{"$ref":"#/$defs/A","$defs":{"A":{"type":"array"}}}"##, nil),
        ] as [(String, String?)])
    func objects(text: String, expected: String?) throws {
        let schema = try JSON.parse(text)
        var body = messages([])
        body["output_config"] = ["format": ["type": "json_schema", "schema": schema]]
        let chat = try written(MessagesCodec.self, body, to: ChatCompletionsCodec.self).body
        let responses = try written(MessagesCodec.self, body, to: ResponsesCodec.self).body
        let cohere = try written(MessagesCodec.self, body, to: CohereChatCodec.self).body
        let sent = [
            chat["response_format"]?["json_schema"]?["schema"], responses["text"]?["format"]?["schema"],
            cohere["response_format"]?["json_schema"],
        ]
        let wanted = try expected.map { try JSON.parse($0) }
        #expect(sent == [wanted, wanted, wanted])
        if wanted == nil { #expect(responses["instructions"]?.string?.hasSuffix(schema.text) == true) }
    }

    @Test("JSON mode is told OpenAI in a message, where none has the word")
    func jsonMode() throws {
        var mode = google(["generationConfig": ["responseMimeType": "application/json"]])
        let (openAI, losses) = try written(GenerateContentCodec.self, mode, to: ChatCompletionsCodec.self)
        let told = openAI["messages"]?[0]?["content"]
        #expect(openAI["response_format"] == ["type": "json_object"] && openAI["messages"]?[0]?["role"] == "system")
        #expect(told?.string?.hasPrefix("Answer with one JSON object") == true)
        #expect(losses.adjusted == ["responseSchema"])
        let responses = try written(GenerateContentCodec.self, mode, to: ResponsesCodec.self)
        #expect(responses.body["input"]?[0]?["role"] == "developer" && responses.body["instructions"] == nil)
        #expect(responses.body["input"]?[0]?["content"] == told)
        #expect(responses.losses.adjusted == ["responseSchema"])

        mode["contents"] = [["role": "user", "parts": [["text": "A .Json file"]]]]
        for provider: any DialectCodec.Type in [ChatCompletionsCodec.self, ResponsesCodec.self] {
            let (body, losses) = try written(GenerateContentCodec.self, mode, to: provider)
            #expect((body["messages"] ?? body["input"])?.array?.count == 1 && losses.isEmpty, "\(provider.dialect)")
        }
        // What becomes `instructions` is no message of the input; with the dialect's own client it is its affair.
        let asked = chat([
            "messages": [["role": "system", "content": "Speak JSON"], ["role": "user", "content": "x"]],
            "response_format": ["type": "json_object"],
        ])
        let moved = try written(ChatCompletionsCodec.self, asked, to: ResponsesCodec.self)
        #expect(moved.body["instructions"] == "Speak JSON" && moved.body["input"]?.array?.count == 2)
        #expect(moved.body["input"]?[0]?["content"] == told && moved.losses.adjusted == ["response_format"])
        let own = chat(["response_format": ["type": "json_object"]])
        #expect(try written(ChatCompletionsCodec.self, own, to: ChatCompletionsCodec.self).body == own)
    }

    @Test("a format's description goes into the schema, or is reported", arguments: Dialect.conversations)
    func description(provider: Dialect) throws {
        let codec = try #require(provider.codec)
        func body(_ schema: JSON) -> JSON {
            chat([
                "response_format": [
                    "type": "json_schema", "json_schema": ["name": "n", "description": "Of a town", "schema": schema],
                ]
            ])
        }
        let bare: JSON = ["type": "object", "properties": [:], "additionalProperties": false]
        let (request, losses) = try written(ChatCompletionsCodec.self, body(bare), to: codec)
        #expect(request.text.contains("Of a town") && !losses.dropped.contains("description"))
        var described = bare
        described["description"] = "A town"
        let other = try written(ChatCompletionsCodec.self, body(described), to: codec)
        let hasPlace = other.body.text.contains("Of a town")
        #expect(other.body.text.contains("A town"))
        #expect(other.losses.dropped.contains("description") == !hasPlace)
        if provider == .chatCompletions || provider == .responses { #expect(hasPlace) }
        let named: JSON = ["$ref": "#/$defs/A", "$defs": ["A": bare]]
        let (third, lost) = try written(ChatCompletionsCodec.self, body(named), to: codec)
        #expect(third.text.contains("Of a town") && !lost.dropped.contains("description"))
    }

    @Test("one value of a list is told", arguments: Dialect.conversations)
    func choiceOfValues(provider: Dialect) throws {
        let codec = try #require(provider.codec)
        let body = google([
            "generationConfig": [
                "responseMimeType": "text/x.enum", "responseSchema": ["type": "STRING", "enum": ["red", "blue"]],
            ]
        ])
        let (request, losses) = try written(GenerateContentCodec.self, body, to: codec)
        #expect(losses.dropped.isEmpty)
        guard provider != .generateContent else { return }
        #expect(losses.adjusted == ["responseSchema"] && request.text.contains(#"no quotes.\nred\nblue"#))
    }
}
