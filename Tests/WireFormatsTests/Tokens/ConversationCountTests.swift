import JSONText
import Testing

@testable import WireFormats

/// The small file's own counts are tiktoken's (``BytePairEncodingTests``); here it is which texts are counted.
@Suite("Counting a conversation with a tokenizer")
struct ConversationCountTests {
    let encoding: BytePairEncoding

    init() throws { encoding = try BytePairEncoding(tiktoken: BytePairEncodingTests.ranks) }

    func count(_ codec: any DialectCodec.Type, _ body: JSON) throws -> Int {
        encoding.count(try codec.decodeRequest(body, at: RequestPlace(model: "m")))
    }

    func texts(_ texts: String...) -> Int { texts.reduce(0) { $0 + encoding.count($1) } }

    @Test("is what OpenAI's cookbook counts")
    func cookbook() throws {
        let body: JSON = [
            "model": "m",
            "messages": [
                ["role": "system", "content": "You are helpful and terse."],
                ["role": "user", "name": "ann", "content": "What is the weather in the north?"],
                ["role": "assistant", "content": "Cold."],
            ],
        ]
        let said = texts(
            "system", "You are helpful and terse.", "user", "ann", "What is the weather in the north?", "assistant",
            "Cold.")
        #expect(try count(ChatCompletionsCodec.self, body) == said + 3 * 3 + 1 + 3)
    }

    @Test("is the same in every dialect that says the same")
    func dialects() throws {
        let hello = "hello there, how are you today?"
        let expected = texts("user", hello) + 3 + 3
        let turn: JSON = [["role": "user", "content": .string(hello)]]
        let parts: JSON = [["role": "user", "content": [["text": .string(hello)]]]]
        #expect(try count(ChatCompletionsCodec.self, ["model": "m", "messages": turn]) == expected)
        #expect(try count(MessagesCodec.self, ["model": "m", "max_tokens": 9, "messages": turn]) == expected)
        #expect(try count(ResponsesCodec.self, ["model": "m", "input": .string(hello)]) == expected)
        #expect(try count(ConverseCodec.self, ["messages": parts]) == expected)
        // Google's clients send a streamed answer back in its pieces; they are counted as the text that they were.
        let pieces: JSON = [
            ["role": "model", "parts": [["text": "hello there, how"]]],
            ["role": "model", "parts": [["text": " are you today?"]]],
        ]
        #expect(
            try count(GenerateContentCodec.self, ["contents": pieces]) == texts("assistant", hello) + 3 + 3)
    }

    @Test("holds calls, results, thinking, tools and schemas, and neither ids nor proofs")
    func everything() throws {
        let schema: JSON = ["type": "object", "properties": ["city": ["type": "string"]]]
        let body: JSON = [
            "model": "m", "max_tokens": 100,
            "tools": [["name": "weather", "description": "Says the weather.", "input_schema": schema]],
            "messages": [
                ["role": "user", "content": "Oslo?"],
                [
                    "role": "assistant",
                    "content": [
                        ["type": "thinking", "thinking": "They want Oslo.", "signature": "c2lnbmF0dXJl"],
                        ["type": "redacted_thinking", "data": "cmVkYWN0ZWQ="],
                        ["type": "tool_use", "id": "toolu_0123456789", "name": "weather", "input": ["city": "Oslo"]],
                    ],
                ],
                [
                    "role": "user",
                    "content": [
                        ["type": "tool_result", "tool_use_id": "toolu_0123456789", "content": "minus four"],
                        ["type": "text", "text": "So?"],
                    ],
                ],
            ],
        ]
        let tool: JSON = ["name": "weather", "description": "Says the weather.", "parameters": schema]
        let said = texts(
            "user", "Oslo?", "assistant", "They want Oslo.", "weather", "{\"city\":\"Oslo\"}", "user", "minus four",
            "So?", tool.text)
        #expect(try count(MessagesCodec.self, body) == said + 3 * 3 + 3)
        let asked: JSON = [
            "model": "m", "messages": [["role": "user", "content": "Oslo?"]],
            "response_format": ["type": "json_schema", "json_schema": ["name": "x", "schema": schema]],
        ]
        #expect(try count(ChatCompletionsCodec.self, asked) == texts("user", "Oslo?", schema.text) + 6)
    }

    @Test("counts a tool that Claude alone knows by its type as the function that others get")
    func clientTools() throws {
        let body: JSON = [
            "model": "m", "max_tokens": 9, "tools": [["type": "bash_20250124", "name": "bash"]],
            "messages": [["role": "user", "content": "x"]],
        ]
        let conversation = try MessagesCodec.decodeRequest(body, at: RequestPlace())
        var losses = LossReport()
        let request = try ChatCompletionsCodec.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses)
        let function = try #require(request["tools"]?[0]?["function"])
        #expect(encoding.count(conversation) == texts("user", "x", function.text) + 3 + 3)
    }

    @Test("counts media as the estimate does, and a document's text as text")
    func media() throws {
        func counted(_ part: JSON) throws -> Int {
            let turn: JSON = ["role": "user", "content": [part]]
            return try count(MessagesCodec.self, ["model": "m", "max_tokens": 9, "messages": [turn]])
                - texts("user") - 6
        }
        let data = JSON.string(String(repeating: "A", count: 4_000))
        #expect(
            try counted(["type": "image", "source": ["type": "base64", "media_type": "image/png", "data": data]])
                == 1_000)
        #expect(
            try counted([
                "type": "document", "source": ["type": "base64", "media_type": "application/pdf", "data": data],
            ]) == 1_000)
        #expect(
            try counted([
                "type": "document", "title": "Trip",
                "source": ["type": "text", "media_type": "text/plain", "data": "over the hills"],
            ]) == texts("Trip", "over the hills"))
    }
}
