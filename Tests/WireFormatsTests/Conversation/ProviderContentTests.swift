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
        default: ["model": "m", "prompt": "hi"]
        }
    }

    static let named: [(Dialect, String, JSON)] = [
        (.responses, "conversation", "conv_1"), (.responses, "prompt", ["id": "pmpt_1"]),
        (.generateContent, "cachedContent", "cachedContents/1"),
        (.generateContent, "cached_content", "cachedContents/1"),
        (.converse, "promptVariables", ["a": ["text": "b"]]), (.completions, "suffix", "return x"),
    ]

    @Test("a member that names what is kept at the provider", arguments: ProviderContentTests.named)
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
}
