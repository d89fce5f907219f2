import JSONText
import Testing
import WireFormats

@Suite("Chat requests")
struct ChatRequestTests {
    private func encode(
        _ conversation: Conversation, _ change: (inout TargetFacts) -> Void = { _ in }
    ) throws -> (JSON, LossReport) {
        var target = TargetFacts(model: "real")
        change(&target)
        var losses = LossReport()
        return (try ChatCompletionsCodec.encodeRequest(conversation, for: target, &losses), losses)
    }

    @Test("an agent's Messages conversation becomes Chat, and each loss is named")
    func messages() throws {
        let (body, losses) = try encode(Samples.messagesAgent()) { $0.refuses = ["top_k"] }
        try expectSame(
            body,
            #"""
            {"model":"real","messages":[
              {"role":"system","content":[{"type":"text","text":"You are careful."},{"type":"text","text":"Project notes."}]},
              {"role":"user","content":"Hello"},
              {"role":"assistant","content":"I look.","tool_calls":[
                {"id":"toolu_1","type":"function","function":{"name":"read","arguments":"{\"path\":\"a\"}"}},
                {"id":"toolu_2","type":"function","function":{"name":"list","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"toolu_1","content":"A"},
              {"role":"tool","tool_call_id":"toolu_2","content":"B"},
              {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}},
                {"type":"text","text":"Go on."}]},
              {"role":"system","content":"Be brief."},
              {"role":"user","content":"Now?"}],
             "stream":true,"stream_options":{"include_usage":true},
             "tools":[{"type":"function","function":{"name":"read","description":"Reads.","parameters":{"type":"object","properties":{}}}},
               {"type":"function","function":{"name":"list","parameters":{"type":"object","properties":{}}}}],
             "web_search_options":{"user_location":{"type":"approximate","approximate":{"city":"Bern"}}},
             "tool_choice":"required","parallel_tool_calls":false,
             "temperature":1,"stop":["END"],"max_completion_tokens":4000,"reasoning_effort":"low","user":"u1"}
            """#)
        #expect(
            Set(losses.dropped) == [
                "reasoning", "cache_control", "is_error", "max_uses", "metadata", "container", "top_k",
            ])
        #expect(losses.adjusted == ["content"])
    }

    @Test("cache markers and thinking stay where the provider has a place for them")
    func openRouter() throws {
        let (body, losses) = try encode(Samples.messagesAgent()) {
            $0.takesCacheMarkers = true
            $0.chatReasoning = "reasoning_details"
            $0.takesProofs = [.anthropic]
            $0.renames = ["reasoning_effort": "reasoning"]
            $0.chatOutputCap = "max_tokens"
        }
        #expect(body["messages"]?[0]?["content"]?[1]?["cache_control"] == ["type": "ephemeral", "ttl": "1h"])
        #expect(body["messages"]?[3]?["cache_control"] == ["type": "ephemeral"])
        #expect(body["tools"]?[0]?["cache_control"] == ["type": "ephemeral"])
        #expect(
            body["messages"]?[2]?["reasoning_details"] == [
                [
                    "type": "reasoning.text", "text": "Look first.", "signature": "c2ln",
                    "format": "anthropic-claude-v1", "index": 0,
                ],
                ["type": "reasoning.encrypted", "data": "ZW5j", "format": "anthropic-claude-v1", "index": 1],
            ])
        #expect(body["reasoning"] == ["max_tokens": 2000])
        #expect(body["max_tokens"] == 4000 && body["max_completion_tokens"] == nil)
        #expect(!losses.dropped.contains { $0.contains("cache") || $0 == "thinking" })
    }

    @Test("a marker in a tool's result stays on its text, or stands on the message where that is all")
    func markersInResults() throws {
        func marked(_ text: String) -> Part { Part(.text(Text(text)), cache: CacheMarker()) }
        let results = [
            ToolResult(callID: "a", parts: [marked("A")]),
            ToolResult(callID: "b", parts: [.text("B"), marked("C"), .text("D")]),
        ]
        var conversation = Conversation(origin: .messages, model: "claude")
        conversation.turns = [
            .text(.user, "Go"),
            Turn(.assistant, results.map { Part(.toolCall(ToolCall(id: $0.callID, name: "f"))) }),
            Turn(.user, results.map { Part(.toolResult($0)) }),
        ]
        let (body, losses) = try encode(conversation) { $0.takesCacheMarkers = true }
        let marker: JSON = ["type": "ephemeral"]
        #expect(
            body["messages"]?[2] == ["role": "tool", "tool_call_id": "a", "content": "A", "cache_control": marker])
        #expect(
            body["messages"]?[3]?["content"] == [
                ["type": "text", "text": "B"], ["type": "text", "text": "C", "cache_control": marker],
                ["type": "text", "text": "D"],
            ])
        #expect(losses.isEmpty)
        let (bare, dropped) = try encode(conversation)
        #expect(bare["messages"]?[2]?["cache_control"] == nil && dropped.dropped == ["cache_control"])
    }

    @Test("items of a Responses input become messages; namespaces are flattened, grammars nested")
    func responses() throws {
        var losses = LossReport()
        let body = try ChatCompletionsCodec.writtenRequest(
            Samples.responsesItems(), for: TargetFacts(model: "real"), &losses)
        try expectSame(
            body,
            #"""
            {"model":"real","messages":[
              {"role":"developer","content":"Rules."},
              {"role":"user","content":"Do it"},
              {"role":"assistant","content":"Working.","tool_calls":[
                {"id":"c1","type":"function","function":{"name":"crm__get","arguments":"{}"}},
                {"id":"c2","type":"function","function":{"name":"now","arguments":"{}"}},
                {"id":"c3","type":"custom","custom":{"name":"patch","input":"raw\ntext"}}]},
              {"role":"tool","tool_call_id":"c1","content":"1"},
              {"role":"tool","tool_call_id":"c2","content":"2"},
              {"role":"tool","tool_call_id":"c3","content":"3"}],
             "tools":[{"type":"function","function":{"name":"crm__get","parameters":{"type":"object","properties":{}}}},
               {"type":"function","function":{"name":"now","parameters":{"type":"object","properties":{}}}},
               {"type":"custom","custom":{"name":"patch","description":"Patches.",
                 "format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: /a/"}}}}],
             "tool_choice":{"type":"custom","custom":{"name":"patch"}},
             "response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"},"strict":true}},
             "reasoning_effort":"high"}
            """#)
        #expect(Set(losses.dropped) == ["reasoning", "summary", "previous_response_id", "strict"])
    }

    @Test("what the provider refuses, renames or has not is honoured")
    func facts() throws {
        let (body, losses) = try encode(Samples.responsesItems()) {
            $0.takesDeveloperRole = false
            $0.takesJSONSchema = false
            $0.hasNineCharacterToolIDs = true
            $0.refuses = ["custom", "parallel_tool_calls"]
            $0.renames = ["seed": "random_seed"]
        }
        #expect(body["messages"]?[0]?["role"] == "system")
        let text = body["messages"]?[0]?["content"]?.string ?? ""
        #expect(text.hasPrefix("Rules.\n\nAnswer with one JSON object") && text.hasSuffix(#"{"type":"object"}"#))
        #expect(body["response_format"] == ["type": "json_object"])
        let calls = body["messages"]?[2]?["tool_calls"]?.array ?? []
        let ids = calls.compactMap { $0["id"]?.string }
        #expect(ids.count == 3 && ids.allSatisfy { $0.utf8.count == 9 })
        #expect(ids == (3...5).compactMap { body["messages"]?[$0]?["tool_call_id"]?.string })
        #expect(calls[2]["function"] == ["name": "patch", "arguments": #"{"input":"raw\ntext"}"#])
        #expect(body["tools"]?[2]?["function"]?["parameters"]?["required"] == ["input"])
        #expect(body["tool_choice"] == ["type": "function", "function": ["name": "patch"]])
        #expect(losses.adjusted == ["format"])

        var seeded = Conversation(origin: .messages, model: "m")
        seeded.turns = [.text(.user, "x")]
        seeded.sampling.seed = 7
        #expect(try encode(seeded) { $0.renames = ["seed": "random_seed"] }.0["random_seed"] == 7)
    }

    @Test("ranges follow the policy", arguments: RangePolicy.allCases)
    func ranges(policy: RangePolicy) throws {
        var conversation = Conversation(origin: .generateContent, model: "m")
        conversation.sampling.frequencyPenalty = 3
        let run = { try encode(conversation) { $0.rangePolicy = policy } }
        switch policy {
        case .refuse: #expect(throws: RequestError.self) { try run() }
        case .clamp:
            let (body, losses) = try run()
            #expect(body["frequency_penalty"]?.number == 2 && losses.adjusted == ["frequencyPenalty"])
        case .pass: #expect(try run().0["frequency_penalty"]?.number == 3)
        }
    }

    @Test(
        "a word for how much to think is one that the model knows",
        arguments: [
            (nil, "none", nil, true), (nil, "minimal", "low", true), (nil, "medium", "medium", false),
            (nil, "xhigh", "high", true), (["minimal", "low", "medium", "high"], "none", "minimal", true),
            (["low", "medium", "high"], "none", "low", true),
            (["none", "low", "medium", "high"], "none", "none", false),
            (["none", "low", "medium", "high"], "minimal", "low", true), (["high"], "low", "high", true),
            (["low", "medium", "high", "xhigh"], "max", "xhigh", true),
            (["low", "medium", "high", "xhigh", "max"], "max", "xhigh", true),
            (["medium", "high"], "xhigh", "high", true),
        ] as [([String]?, String, String?, Bool)])
    func efforts(known: [String]?, asked: String, written: String?, isAdjusted: Bool) throws {
        var conversation = Conversation(origin: .messages, model: "m")
        conversation.turns = [.text(.user, "x")]
        conversation.reasoning =
            asked == "none" ? ReasoningSettings(mode: .disabled) : ReasoningSettings(effort: asked)
        let (body, losses) = try encode(conversation) { $0.efforts = known }
        #expect(body["reasoning_effort"]?.string == written)
        let member = asked == "none" ? "thinking" : "effort"
        #expect(losses.dropped == [] && losses.adjusted == (isAdjusted ? [member] : []))
        // What the client says in the provider's own words is the client's affair.
        conversation.origin = .chatCompletions
        conversation.reasoning = ReasoningSettings(effort: asked)
        #expect(try encode(conversation) { $0.efforts = known }.0["reasoning_effort"]?.string == asked)
    }

    @Test("nor need one that does not think unasked")
    func thinksUnasked() throws {
        var conversation = Conversation(origin: .messages, model: "m")
        conversation.turns = [.text(.user, "x")]
        conversation.reasoning = ReasoningSettings(mode: .disabled)
        let (body, losses) = try encode(conversation) {
            $0.efforts = ["low", "medium", "high"]
            $0.thinksUnasked = false
        }
        #expect(body["reasoning_effort"] == nil && losses.isEmpty)
    }

    @Test("a model that does not think need not be told so, and more is lost")
    func withoutThinking() throws {
        var conversation = Conversation(origin: .messages, model: "m")
        conversation.turns = [.text(.user, "x")]
        conversation.reasoning = ReasoningSettings(mode: .disabled)
        let (silent, none) = try encode(conversation) { $0.thinking = .none }
        #expect(silent["reasoning_effort"] == nil && none.isEmpty)
        conversation.reasoning = ReasoningSettings(effort: "high")
        let (plain, lost) = try encode(conversation) { $0.thinking = .none }
        #expect(plain["reasoning_effort"] == nil && lost.dropped == ["effort"])
    }

    @Test("what cannot be carried and must not be left out is a 400")
    func unsupported() throws {
        var conversation = Conversation(origin: .messages, model: "m")
        conversation.turns = [Turn(.user, [Part(.media(Media(.image, .fileID("file_1"))))])]
        let error = #expect(throws: RequestError.self) { try encode(conversation) }
        #expect(error?.code == "unsupported_content" && error?.status == 400)
        conversation.turns = [Turn(.user, [Part(.toolResult(ToolResult(callID: "nowhere")))])]
        #expect(throws: RequestError.self) { try encode(conversation) }
    }

    @Test("long ids are cut, a call's and its result's alike")
    func longIDs() throws {
        let id = String(repeating: "x", count: 90)
        var conversation = Conversation(origin: .generateContent, model: "m")
        conversation.turns = [
            Turn(.assistant, [Part(.toolCall(ToolCall(id: id, name: "f")))]),
            Turn(.user, [Part(.toolResult(ToolResult(callID: id, parts: [.text("r")])))]),
        ]
        let (body, _) = try encode(conversation)
        let written = body["messages"]?[0]?["tool_calls"]?[0]?["id"]?.string ?? ""
        #expect(written.utf8.count <= 40 && written == body["messages"]?[1]?["tool_call_id"]?.string)
    }

    @Test("wrong types are named in the client's words")
    func wrongTypes() throws {
        let cases: [(String, String)] = [
            (#"{"messages":[]}"#, "model"), (#"{"model":"m"}"#, "messages"),
            (#"{"model":"m","messages":{}}"#, "messages"),
            (#"{"model":"m","messages":[{"role":"user","content":5}]}"#, "messages[0].content"),
            (#"{"model":"m","messages":[{"role":"user","content":[{"text":"x"}]}]}"#, "messages[0].content[0].type"),
            (#"{"model":"m","messages":[{"role":"me","content":"x"}]}"#, "messages[0].role"),
            (#"{"model":"m","messages":[{"role":"tool","content":"x"}]}"#, "messages[0].tool_call_id"),
            (#"{"model":"m","messages":[],"tools":[{"type":"function"}]}"#, "tools[0].function"),
            (#"{"model":"m","messages":[],"tools":[{"type":"function","function":{}}]}"#, "tools[0].function.name"),
            (#"{"model":"m","messages":[],"temperature":"hot"}"#, "temperature"),
            (#"{"model":"m","messages":[],"stop":[1]}"#, "stop[0]"),
            (#"{"model":"m","messages":[],"response_format":{"type":1}}"#, "response_format.type"),
            (
                #"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]}"#,
                "messages[0].content[0].image_url.url"
            ),
        ]
        for (text, param) in cases {
            let body = try JSON.parse(text)
            let error = #expect(throws: RequestError.self, "\(text)") {
                try ChatCompletionsCodec.decodeRequest(body, at: RequestPlace())
            }
            #expect(error?.param == param, "\(text)")
        }
        #expect(throws: RequestError.self) { try ChatCompletionsCodec.decodeRequest([1], at: RequestPlace()) }
    }

    /// A Chat client's request, as a provider of that dialect gets it.
    private func written(
        _ text: String, by provider: any DialectCodec.Type
    ) throws(RequestError) -> (body: JSON, losses: LossReport) {
        let body = (try? JSON.parse(text)) ?? .null
        let conversation = try ChatCompletionsCodec.decodeRequest(body, at: RequestPlace())
        var losses = LossReport()
        return (try provider.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses), losses)
    }

    private func refusal(_ text: String, by provider: any DialectCodec.Type) -> RequestError? {
        do throws(RequestError) {
            _ = try written(text, by: provider)
            return nil
        } catch {
            return error
        }
    }

    private static func said(_ part: String, _ more: String = "") -> String {
        #"{"model":"m","messages":[{"role":"user","content":[\#(part)]\#(more)}]}"#
    }

    @Test(
        "a part comes back in the form in which it came, with a marker on its message or none",
        arguments: [
            #"{"type":"input_audio","input_audio":{"data":"AAA=","format":"mp3"}}"#,
            #"{"type":"input_audio","input_audio":{"data":"AAA=","format":"mp3","new":1}}"#,
            #"{"type":"input_audio","input_audio":{"data":"AAA="}}"#,
            #"{"type":"input_audio","input_audio":{"data":"AAA=","new":1}}"#,
            #"{"type":"input_audio","input_audio":"AAA="}"#,
            #"{"type":"input_audio","input_audio":"data:audio/wav;base64,AAA="}"#,
            #"{"type":"input_audio","input_audio":"https://h/a.mp3"}"#,
            #"{"type":"document_url","document_url":"https://h/a.pdf","document_name":"a"}"#,
            #"{"type":"document_url","document_url":{"url":"https://h/a.pdf"}}"#,
            #"{"type":"document_url","document_url":{"url":"https://h/a.pdf","zz":1}}"#,
            #"{"type":"file_url","file_url":{"url":"https://h/a.pdf","zz":1}}"#,
            #"{"type":"file","file":{"file_data":"https://h/a.pdf","filename":"a.pdf"}}"#,
            #"{"type":"file","file":{"file_data":"JVBERi0=","format":"application/pdf"}}"#,
            #"{"type":"file","file":{"file_data":"data:application/pdf;base64,JVBERi0=","format":"pdf"}}"#,
            #"{"type":"file","file":{"file_id":"f","format":"application/pdf"}}"#,
            #"{"type":"video_url","video_url":{"url":"data:video/webm;base64,AAA="}}"#,
            #"{"type":"image_url","image_url":{"url":"data:;base64,AAA="}}"#,
            #"{"type":"refusal","refusal":"no"}"#,
        ])
    func parts(part: String) throws {
        for more in ["", #","cache_control":{"type":"ephemeral"}"#] {
            let text = Self.said(part, more)
            let (body, losses) = try written(text, by: ChatCompletionsCodec.self)
            #expect(try body == JSON.parse(text) && losses.isEmpty)
        }
    }

    @Test(
        "what stands in a member of the model's message stays there",
        arguments: [
            #""content":"x","refusal":"no","cache_control":{"type":"ephemeral"}"#,
            #""refusal":"no","cache_control":{"type":"ephemeral"}"#,
            #""content":[{"type":"text","text":"x"},{"type":"new"}],"cache_control":{"type":"ephemeral"}"#,
            #""thinking_blocks":[{"type":"new"}],"cache_control":{"type":"ephemeral"}"#,
            #""tool_calls":[{"id":"c","type":"new","new":{"a":1}}]"#,
            #""content":"x","tool_calls":[{"id":"c","type":"new"}],"cache_control":{"type":"ephemeral"}"#,
            #""content":"x","thinking_blocks":[{"type":"thinking","thinking":"a","signature":"c2ln","new":1}]"#,
            #""content":"x","thinking_blocks":[{"type":"thinking","thinking":5,"signature":"c2ln"}]"#,
            #""content":"x","thinking_blocks":[{"type":"thinking","signature":"c2ln"}]"#,
            #""content":"x","thinking_blocks":[{"type":"redacted_thinking","data":null}]"#,
            #""content":"x","thinking_blocks":[{"type":"redacted_thinking","data":"ZW5j","index":5}]"#,
            #""audio":{"id":"a","data":"UklGRg==","transcript":"hello there","expires_at":5}"#,
        ])
    func modelsMembers(members: String) throws {
        let text = #"{"model":"m","messages":[{"role":"assistant",\#(members)}]}"#
        let (body, losses) = try written(text, by: ChatCompletionsCodec.self)
        #expect(try body == JSON.parse(text) && losses.isEmpty)
    }

    @Test("thinking that is no text goes nowhere else, and neither does the signature beside it")
    func brokenThinking() throws {
        let block = #"{"type":"thinking","thinking":5,"signature":"c2ln"}"#
        let model = #"{"role":"assistant","content":"x","thinking_blocks":[\#(block)]}"#
        let text = #"{"model":"m","messages":[{"role":"user","content":"q"},\#(model),{"role":"user","content":"q"}]}"#
        let (body, losses) = try written(text, by: MessagesCodec.self)
        #expect(!body.text.contains("c2ln") && !losses.dropped.isEmpty)
    }

    @Test("what is left of an object takes no written text's place")
    func overlay() throws {
        // No decoder leaves such: the encoder is the last that can keep the data.
        var part = Part(.media(Media(.document, .url("https://h/a.pdf"))))
        part.form = "document_url"
        part.extras = ["document_url": ["zz": 1]]
        var conversation = Conversation(origin: .chatCompletions, model: "m")
        conversation.turns = [Turn(.user, [part])]
        let (body, _) = try encode(conversation)
        #expect(body["messages"]?[0]?["content"]?[0]?["document_url"] == "https://h/a.pdf")
    }

    @Test("a film in base64 keeps its type at other providers")
    func films() throws {
        let part = #"{"type":"video_url","video_url":{"url":"data:video/webm;base64,AAA="}}"#
        let google = try written(Self.said(part), by: GenerateContentCodec.self).body
        #expect(google["contents"]?[0]?["parts"]?[0]?["inlineData"] == ["mimeType": "video/webm", "data": "AAA="])
        let converse = try written(Self.said(part), by: ConverseCodec.self).body
        #expect(converse["messages"]?[0]?["content"]?[0]?["video"]?["format"] == "webm")
    }

    @Test(
        "a data URL of any spelling is data",
        arguments: [
            ("DATA:image/gif;base64,AAA=", "image/gif", "AAA="), ("data:;base64,R0lGOD", "image/gif", "R0lGOD"),
            ("data:image/svg+xml,%3Csvg/%3E", "image/svg+xml", "PHN2Zy8+"),
            ("data:image/svg+xml,100%", "image/svg+xml", "MTAwJQ=="),
        ])
    func dataURLs(url: String, type: String, data: String) throws {
        let part = #"{"type":"image_url","image_url":{"url":"\#(url)"}}"#
        let google = try written(Self.said(part), by: GenerateContentCodec.self).body
        let inline = google["contents"]?[0]?["parts"]?[0]?["inlineData"]
        #expect(inline == ["mimeType": .string(type), "data": .string(data)])
    }

    @Test("a file in a data URL without a type is text, where nothing else tells")
    func textURLs() throws {
        for (url, type) in [
            ("data:,hello%20there", "text/plain"), ("data:;charset=utf-8,hello%20there", "text/plain;charset=utf-8"),
            ("data:;base64,JVBERi0=", "application/pdf"),
        ] {
            let part = #"{"type":"file","file":{"file_data":"\#(url)"}}"#
            let google = try written(Self.said(part), by: GenerateContentCodec.self).body
            let inline = google["contents"]?[0]?["parts"]?[0]?["inlineData"]
            #expect(inline?["mimeType"] == .string(type))
            if type != "application/pdf" { #expect(inline?["data"] == "aGVsbG8gdGhlcmU=") }
        }
    }

    @Test(
        "a document by its address goes in the part in which the provider takes one, and is refused where it takes none"
    )
    func documentsByURL() throws {
        let url = "https://e.x/a.pdf"
        var conversation = Conversation(origin: .messages, model: "m")
        conversation.turns = [Turn(.user, [Part(.media(Media(.document, .url(url))))])]
        let error = #expect(throws: RequestError.self) { try encode(conversation) }
        #expect(error?.code == "unsupported_content" && error?.param == "messages[0].content[0]")
        let expected: [(String, JSON)] = [
            ("file", ["type": "file", "file": ["file_data": .string(url), "filename": "a.pdf"]]),
            ("document_url", ["type": "document_url", "document_url": .string(url)]),
            ("file_url", ["type": "file_url", "file_url": ["url": .string(url)]]),
        ]
        for (name, part) in expected {
            let (body, _) = try encode(conversation) { $0.documentURLPart = name }
            #expect(body["messages"]?[0]?["content"]?[0] == part)
        }
    }

    @Test(
        "a sound without a format: MPEG's layer III, AAC, Ogg and WebM are told by their first bytes",
        arguments: [
            ("//uQxAAA", "mp3"), ("//vgAAAA", "mp3"), ("//PkxAAA", "mp3"), ("/+MYxAAA", "mp3"), ("//FQgAAA", "aac"),
            ("T2dnUwAC", "ogg"), ("GkXfo59C", "webm"), ("SUQzBAAA", "mp3"),
        ])
    func beginningsOfSounds(data: String, format: String) throws {
        let said = Self.said(#"{"type":"input_audio","input_audio":{"data":"\#(data)"}}"#)
        let responses = try written(said, by: ResponsesCodec.self).body
        #expect(responses["input"]?[0]?["content"]?[0]?["input_audio"]?["format"] == .string(format))
        let converse = try written(said, by: ConverseCodec.self).body
        #expect(converse["messages"]?[0]?["content"]?[0]?["audio"]?["format"] == .string(format))
    }

    @Test("a sound by its address is refused as such where none is taken, and for its format where that must be told")
    func soundsByAddress() throws {
        let said = Self.said(#"{"type":"input_audio","input_audio":"https://h/a"}"#)
        let responses = refusal(said, by: ResponsesCodec.self)
        #expect(responses?.param == "messages[0].content[0]" && responses?.message.contains("format") == false)
        #expect(responses?.message.contains("not in the request itself") == true)
        #expect(refusal(said, by: ConverseCodec.self)?.message.contains("Bedrock fetches no URL") == true)
        #expect(refusal(said, by: GenerateContentCodec.self)?.message.contains("the end of its address") == true)
    }

    @Test(
        "a format of a sound has one name, whatever its media type is called",
        arguments: [
            ("audio/vnd.wave", "wav"), ("audio/x-wav", "wav"), ("Audio/MPEG", "mp3"), ("audio/ogg; codecs=opus", "ogg"),
            ("audio/mp4", "m4a"), ("audio/aiff", "aiff"), ("audio/L16;rate=24000", nil),
        ] as [(String, String?)])
    func formatsOfSounds(type: String, format: String?) throws {
        let body: JSON = [
            "contents": [["role": "user", "parts": [["inlineData": ["mimeType": .string(type), "data": "AAA="]]]]]
        ]
        let conversation = try GenerateContentCodec.decodeRequest(body, at: RequestPlace(model: "m"))
        for (provider, list) in [(ChatCompletionsCodec.self, "messages"), (ResponsesCodec.self, "input")]
            as [(any DialectCodec.Type, String)]
        {
            var losses = LossReport()
            let target = TargetFacts(model: "m")
            guard let format else {
                let error = #expect(throws: RequestError.self) {
                    try provider.writtenRequest(conversation, for: target, &losses)
                }
                #expect(error?.code == "unsupported_content" && error?.param == "contents[0].parts[0]")
                continue
            }
            let request = try provider.writtenRequest(conversation, for: target, &losses)
            #expect(request[list]?[0]?["content"]?[0]?["input_audio"]?["format"] == .string(format))
        }
    }

    @Test(
        "an image is of the type that its beginning tells, where its URL tells none, and has no parameters",
        arguments: [
            ("data:;base64,/9j/4AAQ", "image/jpeg", "/9j/4AAQ"),
            ("data:application/octet-stream;base64,R0lGOD", "image/gif", "R0lGOD"),
            ("data:image/png;charset=utf-8;base64,iVBORw0K", "image/png", "iVBORw0K"),
            ("data:image/jpg;base64,/9j/4AAQ", "image/jpeg", "/9j/4AAQ"),
        ])
    func typesOfImages(url: String, type: String, data: String) throws {
        let chat = Self.said(#"{"type":"image_url","image_url":{"url":"\#(url)"}}"#)
        let written = "data:\(type);base64,\(data)"
        let responses = try self.written(chat, by: ResponsesCodec.self).body
        #expect(responses["input"]?[0]?["content"]?[0]?["image_url"] == .string(written))
        let own: JSON = [
            "model": "m",
            "input": [["role": "user", "content": [["type": "input_image", "image_url": .string(url)]]]],
        ]
        let conversation = try ResponsesCodec.decodeRequest(own, at: RequestPlace())
        var losses = LossReport()
        let target = TargetFacts(model: "m")
        let messages = try MessagesCodec.writtenRequest(conversation, for: target, &losses)
        #expect(
            messages["messages"]?[0]?["content"]?[0]?["source"]
                == ["type": "base64", "media_type": .string(type), "data": .string(data)])
        let google = try GenerateContentCodec.writtenRequest(conversation, for: target, &losses)
        #expect(google["contents"]?[0]?["parts"]?[0]?["inlineData"]?["mimeType"] == .string(type))
        let back = try ResponsesCodec.writtenRequest(conversation, for: target, &losses)
        #expect(back["input"]?[0]?["content"]?[0]?["image_url"] == .string(url))
    }

    @Test("an empty text beside others is not sent, and one alone is")
    func emptyTexts() throws {
        let texts = #"{"type":"text","text":""},{"type":"text","text":"a"}"#
        let image = #"{"type":"text","text":""},{"type":"image_url","image_url":{"url":"https://h/a.png"}}"#
        let none = #"{"type":"text","text":""},{"type":"text","text":""}"#
        func content(_ parts: String, _ provider: any DialectCodec.Type, _ list: String) throws -> JSON? {
            try written(Self.said(parts), by: provider).body[list]?[0]?["content"]
        }
        #expect(try content(texts, OllamaChatCodec.self, "messages") == "a")
        #expect(
            try content(texts, ResponsesCodec.self, "input") == [["type": "input_text", "text": "a"]])
        #expect(
            try content(image, ResponsesCodec.self, "input") == [
                ["type": "input_image", "image_url": "https://h/a.png"]
            ])
        #expect(try content(none, ResponsesCodec.self, "input") == "")
        var conversation = Conversation(origin: .messages, model: "m")
        conversation.turns = [
            Turn(.user, [.text(""), .text("a")]), Turn(.user, [.text(""), .text("")]),
            Turn(.user, [.text(""), Part(.media(Media(.image, .url("https://h/a.png"))))]),
        ]
        let chat = try encode(conversation).0["messages"]
        #expect(chat?[0]?["content"] == "a" && chat?[1]?["content"] == "")
        #expect(chat?[2]?["content"] == [["type": "image_url", "image_url": ["url": "https://h/a.png"]]])
    }

    @Test("an empty text beside another in a tool's result is not sent")
    func emptyTextsInResults() throws {
        var conversation = Conversation(origin: .messages, model: "m")
        let result = ToolResult(callID: "c", parts: [.text(""), .text("a")])
        conversation.turns = [
            .text(.user, "q"), Turn(.assistant, [Part(.toolCall(ToolCall(id: "c", name: "f")))]),
            Turn(.user, [Part(.toolResult(result))]),
        ]
        func written(_ provider: any DialectCodec.Type) throws -> JSON {
            var losses = LossReport()
            return try provider.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses)
        }
        for provider in [ChatCompletionsCodec.self, OllamaChatCodec.self, CohereChatCodec.self]
            as [any DialectCodec.Type]
        {
            #expect(try written(provider)["messages"]?[2]?["content"] == "a", "\(provider)")
        }
        #expect(try written(ResponsesCodec.self)["input"]?[2]?["output"] == "a")
        let google = try written(GenerateContentCodec.self)["contents"]?[2]?["parts"]?[0]?["functionResponse"]
        #expect(google?["response"] == ["result": "a"])
    }

    @Test("a sound without a format has that which its beginning tells, or goes to no other dialect")
    func soundsWithoutFormat() throws {
        let wave = Self.said(#"{"type":"input_audio","input_audio":{"data":"UklGRg=="}}"#)
        let strange = Self.said(#"{"type":"input_audio","input_audio":{"data":"AAA="}}"#)
        let responses = try written(wave, by: ResponsesCodec.self).body
        #expect(responses["input"]?[0]?["content"]?[0]?["input_audio"]?["format"] == "wav")
        let google = try written(wave, by: GenerateContentCodec.self).body
        #expect(google["contents"]?[0]?["parts"]?[0]?["inlineData"]?["mimeType"] == "audio/wav")
        let converse = try written(wave, by: ConverseCodec.self).body
        #expect(converse["messages"]?[0]?["content"]?[0]?["audio"]?["format"] == "wav")
        for provider: any DialectCodec.Type in [ResponsesCodec.self, GenerateContentCodec.self, ConverseCodec.self] {
            let error = refusal(strange, by: provider)
            #expect(error?.code == "unsupported_content" && error?.param == "messages[0].content[0]")
            #expect(error?.message.contains("format") == true)
        }
    }

    @Test("a spoken answer is its words elsewhere, and the sound is reported; an id alone is refused")
    func spokenAnswers() throws {
        func history(_ audio: String) -> String {
            #"{"model":"m","messages":[{"role":"user","content":"hi"},{"role":"assistant","audio":\#(audio)},"#
                + #"{"role":"user","content":"what?"}]}"#
        }
        let echoed = history(#"{"id":"a","data":"UklGRg==","transcript":"hello there","expires_at":5}"#)
        for provider in Dialect.conversations where provider != .chatCompletions {
            let codec = try #require(provider.codec)
            let (body, losses) = try written(echoed, by: codec)
            #expect(body.text.contains("hello there") && losses.dropped == ["audio"], "\(provider)")
            #expect(refusal(history(#"{"id":"a"}"#), by: codec)?.code == "unsupported_content", "\(provider)")
        }
    }

    @Test("the whole of a request's own words comes back")
    func own() throws {
        let text = #"""
            {"model":"m","messages":[
              {"role":"system","content":"S","cache_control":{"type":"ephemeral","ttl":"1h"}},
              {"role":"user","name":"ann","content":[{"type":"text","text":"T","cache_control":{"type":"ephemeral"}},
                {"type":"file","file":{"file_id":"file-1"}},{"type":"input_audio","input_audio":{"data":"AAA=","format":"mp3"}},
                {"type":"new_thing","x":1}]},
              {"role":"assistant","reasoning_content":"AB","thinking_blocks":[{"type":"thinking","thinking":"B","signature":"c2ln"}],
               "content":null,"refusal":"No.","tool_calls":[
                {"id":"1","type":"function","function":{"name":"f","arguments":"{"},
                 "extra_content":{"google":{"thought_signature":"R1M=","k":1}}},
                {"id":"2","type":"custom","custom":{"name":"g","input":"i"}}]},
              {"role":"tool","tool_call_id":"2","content":[{"type":"text","text":"r"}]},
              {"role":"assistant","audio":{"id":"audio_1"}}],
             "tools":[{"type":"custom","custom":{"name":"g","format":{"type":"grammar","grammar":{"syntax":"regex","definition":"a"}}}}],
             "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"custom","custom":{"name":"g"}}]}},
             "stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},
             "prediction":{"type":"content","content":"p"},"reasoning_effort":"low","thinking":{"type":"enabled","budget_tokens":5},
             "web_search_options":{"search_context_size":"low"},"logit_bias":{"1":2},"n":2,"modalities":["text","audio"],
             "audio":{"voice":"v","format":"wav"},"made_up":[1]}
            """#
        try CodecCheck<ChatCompletionsCodec>.checkRequest(try JSON.parse(text), "own")
        let conversation = try ChatCompletionsCodec.decodeRequest(try JSON.parse(text), at: RequestPlace())
        #expect(conversation.turns[0].parts[0].cache?.ttl == "1h")
        #expect(conversation.turns[2].parts.compactMap(\.reasoning?.text) == ["A", "B"])
        #expect(conversation.turns[2].parts.compactMap(\.proof) == [Proof(.google, .signature, "R1M=")])
        #expect(conversation.turns[3].parts[0].toolResult?.kind == .custom)
        #expect(Set(conversation.extras.keys) == ["prediction", "stream_options", "made_up"])
    }

    @Test("legacy functions come as tools and go back as functions")
    func legacy() throws {
        let text = #"""
            {"model":"m","messages":[{"role":"user","content":"q"},
              {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
              {"role":"function","name":"f","content":"r"}],
             "functions":[{"name":"f","parameters":{"type":"object"}}],"function_call":{"name":"f"}}
            """#
        try CodecCheck<ChatCompletionsCodec>.checkRequest(try JSON.parse(text), "legacy")
        let conversation = try ChatCompletionsCodec.decodeRequest(try JSON.parse(text), at: RequestPlace())
        #expect(conversation.usesLegacyFunctions && conversation.toolChoice == .function("f"))
        let id = conversation.turns[1].parts[0].toolCall?.id
        #expect(id != nil && id == conversation.turns[2].parts[0].toolResult?.callID)
        var reply = Samples.messagesReply()
        reply.choices[0].parts.removeFirst(4)
        var losses = LossReport()
        let body = ChatCompletionsCodec.encodeReply(reply, for: Samples.context(conversation), &losses)
        #expect(body["choices"]?[0]?["message"]?["function_call"] == ["name": "a", "arguments": #"{"x":1}"#])
        #expect(body["choices"]?[0]?["finish_reason"] == "function_call" && losses.dropped == ["tool_calls"])
    }
}
