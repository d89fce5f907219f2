import JSONText
import Testing

@testable import WireFormats

@Suite("Schemas for Anthropic")
struct MessagesSchemaTests {
    @Test("what is not taken is told, oneOf is anyOf, and every object is closed")
    func limits() throws {
        let schema = try JSON.parse(
            #"""
            {"type":"object","properties":{
              "pet":{"oneOf":[{"type":"object","properties":{"k":{"const":"cat"}}},{"type":"null"}]},
              "both":{"anyOf":[{"type":"string"}],"oneOf":[{"type":"string"}]},
              "maybe":{"type":["object","null"]},"at":{"type":"string","format":"date-time"},
              "as":{"type":"string","format":"phone"}}}
            """#)
        var fitting = MessagesSchema()
        let expected = try JSON.parse(
            #"""
            {"type":"object","properties":{
              "pet":{"anyOf":[{"type":"object","properties":{"k":{"const":"cat"}},"additionalProperties":false},{"type":"null"}]},
              "both":{"anyOf":[{"type":"string"}],"description":"{oneOf: [{\"type\":\"string\"}]}"},
              "maybe":{"type":["object","null"],"additionalProperties":false},
              "at":{"type":"string","format":"date-time"},"as":{"type":"string","description":"{format: \"phone\"}"}},
             "additionalProperties":false}
            """#)
        let fitted = fitting.limited(schema)
        #expect(fitted == expected && fitting.hasChanged)
        var same = MessagesSchema()
        let again = same.limited(fitted)
        #expect(again == fitted && !same.hasChanged)
    }

    @Test(
        "a tool's schema demands what all branches at its top do, or any of them where all hold, each name once",
        arguments: [
            (#"{"required":["a"],"allOf":[{"required":["b","a"]},{"required":["c","b"]},{}]}"#, ["a", "b", "c"]),
            (#"{"required":["a"],"anyOf":[{"required":["c","b","a"]},{"required":["a","b","c"]}]}"#, ["a", "c", "b"]),
            (#"{"oneOf":[{"required":["b","a","b"]},{"required":["b"]}]}"#, ["b"]),
            (#"{"anyOf":[{"required":["a"]},{}]}"#, nil),
            // A branch that refers to a definition demands what that does, too, as often as it is referred to.
            (
                ##"{"anyOf":[{"$ref":"#/$defs/A","required":["x"]},{"$ref":"#/$defs/A","required":["y"]}],"$defs":{"A":{"required":["a"]}}}"##,
                ["a"]
            ),
            (
                ##"{"oneOf":[{"$ref":"#/$defs/A","required":["x"]},{"$ref":"#/$defs/A"}],"$defs":{"A":{"required":["a"]}}}"##,
                ["a"]
            ),
            (
                ##"{"allOf":[{"$ref":"#/$defs/A","required":["x"]},{"$ref":"#/$defs/A","required":["y"]}],"$defs":{"A":{"required":["a"]}}}"##,
                ["a", "x", "y"]
            ),
        ] as [(String, [String]?)])
    func demandedAtTheTop(text: String, expected: [String]?) throws {
        var fitting = MessagesSchema()
        let fitted = fitting.toolSchema(try JSON.parse(text))
        #expect(fitted["required"]?.texts == expected)
    }

    @Test("a tool's schema whose properties are none has none, and that is reported", arguments: [true, false])
    func noProperties(isNull: Bool) throws {
        var fitting = MessagesSchema()
        let fitted = fitting.toolSchema(["type": "object", "properties": isNull ? JSON.null : [["a"]]])
        #expect(fitted == ["type": "object", "properties": [:]] && fitting.hasChanged == !isNull)
    }

    @Test(
        "references are taken to a schema's own definitions that do not come back to themselves",
        arguments: [
            (##"{"$ref":"#/$defs/A","$defs":{"A":{"$ref":"#/$defs/B~1C"},"B/C":{"type":"string"}}}"##, true),
            (##"{"anyOf":[{"$ref":"#/definitions/A"},{"$ref":"#/definitions/A"}],"definitions":{"A":{}}}"##, true),
            (##"{"properties":{"$ref":{"type":"string"}}}"##, true), (##"{"$defs":{"A":{}}}"##, true),
            (##"{"items":{"$ref":"#"}}"##, false), (##"{"$ref":"https://a.test/s.json"}"##, false),
            (##"{"$ref":"#/$defs/A"}"##, false), (##"{"$defs":{"A":{"items":{"$ref":"#/$defs/A"}}}}"##, false),
            (##"{"$defs":{"A":{"$ref":"#/$defs/B"},"B":{"not":{"$ref":"#/$defs/A"}},"C":{}}}"##, false),
            // What is no schema refers to nothing; what only has such a name is one.
            (##"{"default":{"$ref":"#"},"enum":[{"$ref":"#"}],"examples":[{"$ref":"#"}]}"##, true),
            (##"{"properties":{"default":{"items":{"$ref":"#"}}}}"##, false),
            // A map could only be empty.
            (##"{"properties":{"m":{"type":"object","additionalProperties":{"type":"string"}}}}"##, false),
            (##"{"items":{"type":"object","additionalProperties":true}}"##, false),
            (##"{"items":{"type":"object"}}"##, false), (##"{"type":"object"}"##, true),
            (##"{"items":{"type":"object","properties":{}}}"##, true),
            (##"{"items":{"type":"object","additionalProperties":false}}"##, true),
            (##"{"type":"object","properties":{"a":{}},"additionalProperties":true}"##, true),
            (##"{"type":"object","properties":{"a":{}},"additionalProperties":{"type":"string"}}"##, false),
            (##"{"type":"object","patternProperties":{"^x":{}}}"##, false),
            (
                ##"{"properties":{"additionalProperties":{"type":"string"},"patternProperties":{"type":"string"}}}"##,
                true
            ),
        ])
    func references(text: String, isTaken: Bool) throws {
        #expect(MessagesSchema.takes(try JSON.parse(text)) == isTaken)
    }

    @Test("a schema that refers to itself is told; a tool's is sent as it is, and not strict")
    func recursion() throws {
        let tree: JSON = ["type": "object", "properties": ["next": ["$ref": "#"]]]
        var conversation = Conversation(origin: .chatCompletions, model: "m")
        conversation.turns = [.text(.user, "x")]
        conversation.outputFormat = .jsonSchema(.init(schema: tree))
        conversation.tools = [Tool(.function(FunctionTool(name: "t", parameters: tree, strict: true)))]
        var losses = LossReport()
        let body = try MessagesCodec.encodeRequest(conversation, for: TargetFacts(model: "claude-x"), &losses)
        #expect(body["output_config"] == nil)
        #expect(body["system"]?.string?.hasSuffix(tree.text) == true)
        #expect(body["tools"] == [["name": "t", "input_schema": tree]])
        #expect(losses.adjusted == ["response_format"] && losses.dropped == ["strict"])
    }

    @Test("a map is told in words at Anthropic and on Bedrock, whatever the model", arguments: [true, false])
    func map(isBedrock: Bool) throws {
        let schema: JSON = [
            "type": "object", "properties": ["m": ["type": "object", "additionalProperties": ["type": "string"]]],
        ]
        var conversation = Conversation(origin: .chatCompletions, model: "m")
        conversation.turns = [.text(.user, "x")]
        conversation.outputFormat = .jsonSchema(.init(schema: schema))
        var losses = LossReport()
        let codec: any DialectCodec.Type = isBedrock ? ConverseCodec.self : MessagesCodec.self
        let target = TargetFacts(model: isBedrock ? "qwen.qwen3-32b-v1:0" : "claude-x")
        let body = try codec.encodeRequest(conversation, for: target, &losses)
        #expect(body["output_config"] == nil && body["outputConfig"] == nil)
        let system = body["system"]?.string ?? body["system"]?[0]?["text"]?.string
        #expect(system?.hasSuffix(schema.text) == true && losses.adjusted == ["response_format"])
    }
}
