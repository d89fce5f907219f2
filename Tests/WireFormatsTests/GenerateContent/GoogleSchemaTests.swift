import JSONText
import Testing
import WireFormats

/// The rule of GoogleSchema, through the codec's own door.
@Suite("generateContent: schemas")
struct GoogleSchemaTests {
    private func google(_ schema: JSON) throws -> JSON {
        var conversation = Conversation(origin: .chatCompletions, model: "gemini")
        conversation.turns = [.text(.user, "q")]
        conversation.outputFormat = .jsonSchema(OutputFormat.Schema(schema: schema))
        var facts = TargetFacts(model: "gemini")
        facts.takesGoogleJSONSchema = false
        var losses = LossReport()
        let body = try GenerateContentCodec.encodeRequest(conversation, for: facts, &losses)
        return body["generationConfig"]?["responseSchema"] ?? .null
    }

    private func jsonSchema(_ schema: JSON) throws -> JSON {
        let body: JSON = [
            "contents": [], "tools": [["functionDeclarations": [["name": "f", "parameters": schema]]]],
        ]
        let tool = try GenerateContentCodec.decodeRequest(body, at: RequestPlace()).tools[0]
        guard case .function(let function) = tool.definition else { return .null }
        #expect(function.nativeParameters == schema)
        return function.parameters ?? .null
    }

    @Test(
        "JSON Schema in Google's subset",
        arguments: [
            (["type": "string", "const": "a"], ["type": "STRING", "enum": ["a"]]),
            (
                ["type": ["integer", "null"], "exclusiveMinimum": 0],
                ["type": "INTEGER", "minimum": 1, "nullable": true]
            ),
            (["type": ["string", "number"]], ["anyOf": [["type": "STRING"], ["type": "NUMBER"]]]),
            (
                ["oneOf": [["type": "string"], ["type": "null"]], "description": "d"],
                ["type": "STRING", "description": "d", "nullable": true]
            ),
            (["enum": [1, 2], "description": "d"], ["type": "INTEGER", "description": "d One of: 1, 2."]),
            (["type": "array"], ["type": "ARRAY", "items": ["type": "STRING"]]),
            (["type": "string", "format": "uuid"], ["type": "STRING"]),
            (
                [
                    "$defs": [
                        "P": [
                            "type": "object", "properties": ["x": ["type": "integer"]], "additionalProperties": false,
                        ]
                    ],
                    "type": "object", "properties": ["p": ["$ref": "#/$defs/P", "description": "d"]],
                    "required": ["p", "ghost"], "$schema": "s",
                ],
                [
                    "type": "OBJECT",
                    "properties": [
                        "p": ["type": "OBJECT", "description": "d", "properties": ["x": ["type": "INTEGER"]]]
                    ], "required": ["p"],
                ]
            ),
            (
                [
                    "allOf": [
                        ["properties": ["a": ["type": "string"]], "required": ["a"]],
                        ["properties": ["b": ["type": "boolean"]], "required": ["b"]],
                    ]
                ],
                [
                    "type": "OBJECT", "properties": ["a": ["type": "STRING"], "b": ["type": "BOOLEAN"]],
                    "required": ["a", "b"],
                ]
            ),
        ] as [(JSON, JSON)])
    func toGoogle(_ schema: JSON, _ expected: JSON) throws {
        let difference = firstDifference(canonical(expected), canonical(try google(schema)))
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test("a schema that holds itself comes to an end")
    func recursion() throws {
        let tree: JSON = [
            "$defs": [
                "N": ["type": "object", "properties": ["l": ["$ref": "#/$defs/N"], "r": ["$ref": "#/$defs/N"]]]
            ],
            "$ref": "#/$defs/N",
        ]
        let written = try google(tree)
        #expect(written["properties"]?["l"]?["properties"]?["r"]?["type"] == "OBJECT")
        #expect(written.text.utf8.count < 1_000_000)
        #expect(try google(["$ref": "#"])["type"] == "OBJECT")
    }

    @Test(
        "Google's subset as JSON Schema",
        arguments: [
            (
                [
                    "type": "OBJECT", "property_ordering": ["b", "a"],
                    "properties": [
                        "a": ["type": "STRING", "nullable": true], "b": ["type": "INTEGER", "format": "int32"],
                    ],
                ],
                [
                    "type": "object",
                    "properties": ["b": ["type": "integer", "format": "int32"], "a": ["type": ["string", "null"]]],
                ]
            ),
            (
                ["type": "ARRAY", "items": ["type": 1], "minItems": "2"],
                ["type": "array", "items": ["type": "string"], "minItems": 2]
            ),
            (["any_of": [["type": "STRING"]], "nullable": true], ["anyOf": [["type": "string"], ["type": "null"]]]),
        ] as [(JSON, JSON)])
    func fromGoogle(_ schema: JSON, _ expected: JSON) throws {
        let found = try jsonSchema(schema)
        #expect(found == expected, "\(found.text)")
        if let keys = expected["properties"]?.object?.keys { #expect(found["properties"]?.object?.keys == keys) }
    }
}
