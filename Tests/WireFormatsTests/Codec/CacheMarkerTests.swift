import JSONText
import Testing
import WireFormats

/// Cache markers on their way from one dialect to another.
@Suite struct CacheMarkerTests {
    private func written(
        _ client: any DialectCodec.Type, _ body: JSON, by provider: any DialectCodec.Type, model: String = "m",
        _ change: (inout TargetFacts) -> Void = { _ in }
    ) throws -> (body: JSON, losses: LossReport) {
        let conversation = try client.decodeRequest(body, at: RequestPlace(model: "house-model"))
        var facts = TargetFacts(model: model)
        change(&facts)
        var losses = LossReport()
        return (try provider.writtenRequest(conversation, for: facts, &losses), losses)
    }

    private static let claude = "anthropic.claude-sonnet-4-5-20250929-v1:0"
    private static let nova = "amazon.nova-pro-v1:0"

    /// A Responses request of two texts, the first of them with a breakpoint.
    private func responses(_ breakpoint: JSON) -> JSON {
        let marked: JSON = ["type": "input_text", "text": "hello", "prompt_cache_breakpoint": breakpoint]
        return [
            "model": "m", "input": [["role": "user", "content": [marked, ["type": "input_text", "text": "you"]]]],
        ]
    }

    private func messages(_ marker: JSON) -> JSON {
        let marked: JSON = ["type": "text", "text": "hello", "cache_control": marker]
        return [
            "model": "m", "max_tokens": 9,
            "messages": [["role": "user", "content": [marked, ["type": "text", "text": "you"]]]],
        ]
    }

    @Test(
        "a breakpoint of OpenAI's is a legal marker at Anthropic and on Bedrock",
        arguments: ["", "5m", "1h", "30m", "12h"])
    func breakpoints(_ lifetime: String) throws {
        var breakpoint: JSON = ["mode": "explicit"]
        if !lifetime.isEmpty { breakpoint["ttl"] = .string(lifetime) }
        let request = responses(breakpoint)
        var marker: JSON = ["type": "ephemeral"]
        var point: JSON = ["type": "default"]
        // Five minutes is what Bedrock means without a word.
        if lifetime == "5m" || lifetime == "1h" { marker["ttl"] = .string(lifetime) }
        if lifetime == "1h" { point["ttl"] = "1h" }
        let adjusted = lifetime == "30m" || lifetime == "12h" ? ["ttl"] : []
        let anthropic = try written(ResponsesCodec.self, request, by: MessagesCodec.self)
        #expect(anthropic.body["messages"]?[0]?["content"]?[0]?["cache_control"] == marker)
        #expect(anthropic.body["messages"]?[0]?["content"]?[1]?["cache_control"] == nil)
        #expect(anthropic.losses.dropped == [] && anthropic.losses.adjusted == adjusted)
        let bedrock = try written(ResponsesCodec.self, request, by: ConverseCodec.self, model: Self.claude)
        #expect(
            bedrock.body["messages"]?[0]?["content"] == [["text": "hello"], ["cachePoint": point], ["text": "you"]])
        #expect(bedrock.losses.dropped == [] && bedrock.losses.adjusted == adjusted)
    }

    @Test("what only the client's dialect says of a marker goes out in no other, and is reported") func extras() throws
    {
        let odd = responses(["mode": "explicit", "depth": 3])
        let anthropic = try written(ResponsesCodec.self, odd, by: MessagesCodec.self)
        #expect(anthropic.body["messages"]?[0]?["content"]?[0]?["cache_control"] == ["type": "ephemeral"])
        #expect(anthropic.losses.dropped == ["depth"])
        let own = try written(ResponsesCodec.self, odd, by: ResponsesCodec.self)
        #expect(
            own.body["input"]?[0]?["content"]?[0]?["prompt_cache_breakpoint"] == ["mode": "explicit", "depth": 3])
        #expect(own.losses.isEmpty)

        let scoped = messages(["type": "ephemeral", "scope": "global"])
        for model in [Self.claude, Self.nova] {
            let bedrock = try written(MessagesCodec.self, scoped, by: ConverseCodec.self, model: model)
            #expect(bedrock.body["messages"]?[0]?["content"]?[1] == ["cachePoint": ["type": "default"]])
            #expect(bedrock.losses.dropped == ["scope"])
        }
        let router = try written(MessagesCodec.self, scoped, by: ChatCompletionsCodec.self) {
            $0.takesCacheMarkers = true
        }
        #expect(router.body["messages"]?[0]?["content"]?[0]?["cache_control"] == ["type": "ephemeral"])
        #expect(router.losses.dropped == ["scope"])
        let same = try written(MessagesCodec.self, scoped, by: MessagesCodec.self)
        #expect(
            same.body["messages"]?[0]?["content"]?[0]?["cache_control"] == ["type": "ephemeral", "scope": "global"])
        #expect(same.losses.isEmpty)
    }

    @Test("a lifetime that Bedrock does not know is left out and reported, whoever sends it") func lifetimes() throws {
        let half = messages(["type": "ephemeral", "ttl": "30m"])
        let bedrock = try written(MessagesCodec.self, half, by: ConverseCodec.self, model: Self.claude)
        #expect(bedrock.body["messages"]?[0]?["content"]?[1] == ["cachePoint": ["type": "default"]])
        #expect(bedrock.losses.adjusted == ["ttl"] && bedrock.losses.dropped == [])
        let hour = messages(["type": "ephemeral", "ttl": "1h"])
        let kept = try written(MessagesCodec.self, hour, by: ConverseCodec.self, model: Self.claude)
        #expect(kept.body["messages"]?[0]?["content"]?[1] == ["cachePoint": ["type": "default", "ttl": "1h"]])
        #expect(kept.losses.isEmpty)
        let nova = try written(MessagesCodec.self, hour, by: ConverseCodec.self, model: Self.nova)
        #expect(nova.body["messages"]?[0]?["content"]?[1] == ["cachePoint": ["type": "default"]])
        #expect(nova.losses.adjusted == ["ttl"])
    }

    @Test("a marker for the whole request is as legal as any") func ofTheWhole() throws {
        let request: JSON = [
            "model": "m", "messages": [["role": "user", "content": "hello"]],
            "cache_control": ["type": "ephemeral", "ttl": "30m", "scope": "global"],
        ]
        let (body, losses) = try written(ChatCompletionsCodec.self, request, by: MessagesCodec.self)
        #expect(body["cache_control"] == ["type": "ephemeral"])
        #expect(losses.dropped == ["scope"] && losses.adjusted == ["ttl"])
    }

    @Test("a breakpoint that is no object is refused by its place") func wrongType() throws {
        let error = #expect(throws: RequestError.self) {
            try ResponsesCodec.decodeRequest(responses("explicit"), at: RequestPlace())
        }
        #expect(error?.param == "input[0].content[0].prompt_cache_breakpoint" && error?.code == "invalid_type")
    }
}
