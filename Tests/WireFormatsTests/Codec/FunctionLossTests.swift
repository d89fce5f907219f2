import JSONText
import Testing

@testable import WireFormats

/// What is said of functions and is not carried.
@Suite("Losses of functions")
struct FunctionLossTests: ToolRequests {
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
}
