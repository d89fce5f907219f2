import JSONText
import Testing

@testable import WireFormats

/// What is said of the choice of tools and is not carried.
@Suite("Losses of choices of tools")
struct ToolChoiceLossTests: ToolRequests {
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
        // Any of those that are there: the others are left out.
        #expect(claude.body["tool_choice"] == ["type": "any"] && claude.losses.dropped.isEmpty)
        #expect(claude.losses.adjusted == ["tool_choice"])
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
                ["tool_choice"], []
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
            #expect(!written.losses.adjusted.contains("tool_choice"), "\(provider)")
        }
    }

    @Test("that one of several has to be called is reported where it cannot be told, and once")
    func requiredServerTools() throws {
        let look: JSON = ["type": "function", "name": "look"]
        var body = responses([["type": "namespace", "name": "crm", "tools": [look]], ["type": "web_search"]])
        body["tool_choice"] = [
            "type": "allowed_tools", "mode": "required",
            "tools": [
                ["type": "namespace", "name": "crm"], ["type": "web_search"], ["type": "function", "name": "gone"],
            ],
        ]
        let claude = try written(ResponsesCodec.self, body, to: MessagesCodec.self)
        #expect(claude.body["tools"]?.array?.compactMap { $0["name"]?.string } == ["crm__look", "web_search"])
        #expect(claude.body["tool_choice"] == ["type": "any"])
        #expect(claude.losses.dropped.isEmpty && claude.losses.adjusted == ["tool_choice", "tools"])
        // Elsewhere one of the client's own has to be called, whatever was found.
        for provider: any DialectCodec.Type in [
            ChatCompletionsCodec.self, GenerateContentCodec.self, ConverseCodec.self, CohereChatCodec.self,
        ] {
            let losses = try written(ResponsesCodec.self, body, to: provider).losses
            #expect(losses.dropped.filter { $0 == "tool_choice" }.count == 1, "\(provider.dialect)")
            #expect(!losses.adjusted.contains("tool_choice"), "\(provider.dialect)")
        }

        let allowed: JSON = ["mode": "required", "tools": [Self.function, ["type": "web_search"]]]
        let openAI = chat([
            "tools": [Self.function, ["type": "web_search"]],
            "tool_choice": ["type": "allowed_tools", "allowed_tools": allowed],
        ])
        let held = try written(ChatCompletionsCodec.self, openAI, to: ResponsesCodec.self)
        #expect(held.body["tool_choice"]?["tools"] == [["type": "function", "name": "f"], ["type": "web_search"]])
        #expect(held.body["tool_choice"]?["mode"] == "required" && held.losses.isEmpty)
        // A tool that Responses has not cannot be demanded there.
        let unknown: JSON = ["mode": "required", "tools": [["type": "zzz"]]]
        let none = chat([
            "tools": [Self.function, ["type": "zzz"]],
            "tool_choice": ["type": "allowed_tools", "allowed_tools": unknown],
        ])
        let lost = try written(ChatCompletionsCodec.self, none, to: ResponsesCodec.self)
        #expect(lost.body["tool_choice"] == "none" && lost.losses.dropped == ["zzz", "tool_choice"])
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
}
