import JSONText
import Testing

@testable import WireFormats

/// What is said of the answer's format and is not carried.
@Suite("Losses of formats")
struct FormatLossTests: ToolRequests {
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
        #expect(losses.adjusted == ["responseMimeType"])
        let responses = try written(GenerateContentCodec.self, mode, to: ResponsesCodec.self)
        #expect(responses.body["input"]?[0]?["role"] == "developer" && responses.body["instructions"] == nil)
        #expect(responses.body["input"]?[0]?["content"] == told)
        #expect(responses.losses.adjusted == ["responseMimeType"])

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

    @Test("a format that is told in words is reported by the member in which Google's client said it")
    func googleMembers() throws {
        let schema: JSON = ["type": "object", "properties": ["a": ["type": "string"]]]
        for (member, format) in [
            ("responseMimeType", [:]), ("responseSchema", ["responseSchema": schema]),
            ("responseJsonSchema", ["responseJsonSchema": schema]),
        ] as [(String, JSONObject)] {
            var config: JSONObject = ["responseMimeType": "application/json"]
            for (key, value) in format { config[key] = value }
            let body = google(["generationConfig": .object(config)])
            var facts = TargetFacts(model: "m")
            facts.takesJSONSchema = false
            var losses = LossReport()
            let conversation = try GenerateContentCodec.decodeRequest(body, at: RequestPlace())
            _ = try MessagesCodec.writtenRequest(conversation, for: facts, &losses)
            #expect(losses.adjusted == [member], "\(member)")
        }
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
