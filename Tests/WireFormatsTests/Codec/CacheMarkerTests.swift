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
        #expect(anthropic.losses.adjusted == ["depth"])
        let own = try written(ResponsesCodec.self, odd, by: ResponsesCodec.self)
        #expect(
            own.body["input"]?[0]?["content"]?[0]?["prompt_cache_breakpoint"] == ["mode": "explicit", "depth": 3])
        #expect(own.losses.isEmpty)

        let scoped = messages(["type": "ephemeral", "scope": "global"])
        for model in [Self.claude, Self.nova] {
            let bedrock = try written(MessagesCodec.self, scoped, by: ConverseCodec.self, model: model)
            #expect(bedrock.body["messages"]?[0]?["content"]?[1] == ["cachePoint": ["type": "default"]])
            #expect(bedrock.losses.adjusted == ["scope"])
        }
        let router = try written(MessagesCodec.self, scoped, by: ChatCompletionsCodec.self) {
            $0.takesCacheMarkers = true
        }
        #expect(router.body["messages"]?[0]?["content"]?[0]?["cache_control"] == ["type": "ephemeral"])
        #expect(router.losses.adjusted == ["scope"])
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
        #expect(losses.dropped == [] && losses.adjusted == ["scope", "ttl"])
    }

    @Test("a breakpoint that is no object is refused by its place") func wrongType() throws {
        let error = #expect(throws: RequestError.self) {
            try ResponsesCodec.decodeRequest(responses("explicit"), at: RequestPlace())
        }
        #expect(error?.param == "input[0].content[0].prompt_cache_breakpoint" && error?.code == "invalid_type")
    }

    // MARK: - OpenAI's two dialects

    private static let explicit: JSON = ["mode": "explicit"]
    private static let half: JSON = ["mode": "explicit", "ttl": "30m"]

    /// A Chat request with a breakpoint behind its rules and one behind its picture.
    private var chat: JSON {
        let rules: JSON = ["type": "text", "text": "Rules.", "prompt_cache_breakpoint": Self.half]
        let picture: JSON = [
            "type": "image_url", "image_url": ["url": "data:image/png;base64,iVBORw0KGgo="],
            "prompt_cache_breakpoint": Self.explicit,
        ]
        return [
            "model": "m",
            "messages": [
                ["role": "system", "content": [rules]],
                ["role": "user", "content": [["type": "text", "text": "hello"], picture]],
            ],
        ]
    }

    @Test("Chat's breakpoints keep their places at Anthropic and on Bedrock") func chatToClaude() throws {
        let anthropic = try written(ChatCompletionsCodec.self, chat, by: MessagesCodec.self)
        let marker: JSON = ["type": "ephemeral"]
        #expect(anthropic.body["system"] == [["type": "text", "text": "Rules.", "cache_control": marker]])
        #expect(anthropic.body["messages"]?[0]?["content"]?[0]?["cache_control"] == nil)
        #expect(anthropic.body["messages"]?[0]?["content"]?[1]?["cache_control"] == marker)
        #expect(anthropic.losses.dropped == [] && anthropic.losses.adjusted == ["ttl"])
        let bedrock = try written(ChatCompletionsCodec.self, chat, by: ConverseCodec.self, model: Self.claude)
        let point: JSON = ["cachePoint": ["type": "default"]]
        #expect(bedrock.body["system"] == [["text": "Rules."], point])
        #expect(bedrock.body["messages"]?[0]?["content"]?[2] == point)
        #expect(bedrock.losses.dropped == [] && bedrock.losses.adjusted == ["ttl"])
        let google = try written(ChatCompletionsCodec.self, chat, by: GenerateContentCodec.self)
        #expect(google.losses.dropped == ["prompt_cache_breakpoint"])
    }

    @Test("Chat's breakpoints stay themselves in Chat, and in Responses, which has none on its instructions")
    func chatToOpenAI() throws {
        let own = try written(ChatCompletionsCodec.self, chat, by: ChatCompletionsCodec.self)
        #expect(own.body["messages"] == chat["messages"] && own.losses.isEmpty)
        let (body, losses) = try written(ChatCompletionsCodec.self, chat, by: ResponsesCodec.self)
        #expect(body["instructions"] == nil)
        #expect(
            body["input"]?[0] == [
                "type": "message", "role": "system",
                "content": [["type": "input_text", "text": "Rules.", "prompt_cache_breakpoint": Self.half]],
            ])
        #expect(body["input"]?[1]?["content"]?[0]?["prompt_cache_breakpoint"] == nil)
        #expect(body["input"]?[1]?["content"]?[1]?["prompt_cache_breakpoint"] == Self.explicit)
        #expect(losses.isEmpty)
    }

    @Test("breakpoints of Responses stay in Chat, on results of tools too; what refuses them gets none")
    func responsesToChat() throws {
        func marked(_ text: String) -> JSON {
            ["type": "input_text", "text": .string(text), "prompt_cache_breakpoint": Self.half]
        }
        let request: JSON = [
            "model": "m",
            "input": [
                ["role": "developer", "content": [marked("Rules.")]], ["role": "user", "content": "go"],
                ["type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"],
                ["type": "function_call_output", "call_id": "c1", "output": [marked("done")]],
            ],
        ]
        let (body, losses) = try written(ResponsesCodec.self, request, by: ChatCompletionsCodec.self)
        func text(_ text: String) -> JSON {
            [["type": "text", "text": .string(text), "prompt_cache_breakpoint": Self.half]]
        }
        #expect(body["messages"]?[0] == ["role": "developer", "content": text("Rules.")])
        #expect(body["messages"]?[3] == ["role": "tool", "tool_call_id": "c1", "content": text("done")])
        #expect(losses.isEmpty)
        let none = try written(ResponsesCodec.self, request, by: ChatCompletionsCodec.self) {
            $0.refuses = ["prompt_cache_breakpoint"]
        }
        #expect(none.body["messages"]?[3]?["content"] == "done")
        #expect(none.losses.dropped == ["prompt_cache_breakpoint"])
    }

    /// As a coding agent marks its requests: the rules, the tools, and what it said last.
    private var agent: JSON {
        let marker: JSON = ["type": "ephemeral"]
        let hour: JSON = ["type": "ephemeral", "ttl": "1h"]
        return [
            "model": "m", "max_tokens": 99, "system": [["type": "text", "text": "Rules.", "cache_control": hour]],
            "tools": [["name": "f", "input_schema": ["type": "object"], "cache_control": marker]],
            "messages": [
                ["role": "user", "content": [["type": "text", "text": "go", "cache_control": marker]]],
                ["role": "assistant", "content": [["type": "tool_use", "id": "c1", "name": "f", "input": [:]]]],
                [
                    "role": "user",
                    "content": [
                        ["type": "tool_result", "tool_use_id": "c1", "content": "done", "cache_control": marker]
                    ],
                ],
            ],
        ]
    }

    @Test("markers of Messages are breakpoints at models of OpenAI's that take them, but for those on tools")
    func agentToOpenAI() throws {
        func part(_ type: String, _ text: String) -> JSON {
            [["type": .string(type), "text": .string(text), "prompt_cache_breakpoint": Self.explicit]]
        }
        let responses = try written(MessagesCodec.self, agent, by: ResponsesCodec.self) {
            $0.takesCacheBreakpoints = true
        }
        #expect(responses.body["instructions"] == nil)
        #expect(responses.body["input"]?[0]?["content"] == part("input_text", "Rules."))
        #expect(responses.body["input"]?[1]?["content"] == part("input_text", "go"))
        #expect(responses.body["input"]?[3]?["output"] == part("input_text", "done"))
        #expect(responses.losses.dropped == ["cache_control"] && responses.losses.adjusted == ["ttl"])
        let chat = try written(MessagesCodec.self, agent, by: ChatCompletionsCodec.self) {
            $0.takesCacheBreakpoints = true
        }
        #expect(chat.body["messages"]?[0]?["content"] == part("text", "Rules."))
        #expect(chat.body["messages"]?[1]?["content"] == part("text", "go"))
        #expect(chat.body["messages"]?[3]?["content"] == part("text", "done"))
        #expect(chat.losses.dropped == ["cache_control"] && chat.losses.adjusted == ["ttl"])
        let older = try written(MessagesCodec.self, agent, by: ResponsesCodec.self)
        #expect(older.body["instructions"] == "Rules." && older.body["input"]?[2]?["output"] == "done")
        #expect(older.losses.dropped == ["cache_control"] && older.losses.adjusted == [])
    }

    @Test("what Chat and Responses both say of caching and moderation goes from one to the other") func options() throws
    {
        let moderation: JSON = ["model": "omni-moderation-latest", "policy": ["output": ["mode": "block"]]]
        var request: JSON = ["model": "m", "messages": [["role": "user", "content": "hello"]]]
        request["moderation"] = moderation
        request["prompt_cache_options"] = Self.half
        let responses = try written(ChatCompletionsCodec.self, request, by: ResponsesCodec.self)
        #expect(responses.body["moderation"] == moderation && responses.losses.isEmpty)
        #expect(responses.body["prompt_cache_options"] == Self.half)
        let anthropic = try written(ChatCompletionsCodec.self, request, by: MessagesCodec.self)
        #expect(Set(anthropic.losses.dropped) == ["moderation", "prompt_cache_options"])

        var other: JSON = ["model": "m", "input": "hello"]
        other["moderation"] = moderation
        other["prompt_cache_options"] = ["mode": "explicit", "ttl": "12h", "comparison_response_id": "r"]
        let chat = try written(ResponsesCodec.self, other, by: ChatCompletionsCodec.self)
        #expect(chat.body["moderation"] == moderation)
        #expect(chat.body["prompt_cache_options"] == ["mode": "explicit"])
        #expect(chat.losses.dropped == ["comparison_response_id"] && chat.losses.adjusted == ["ttl"])
        let refused = try written(ResponsesCodec.self, other, by: ChatCompletionsCodec.self) {
            $0.refuses = ["moderation", "prompt_cache_options"]
        }
        #expect(refused.body["moderation"] == nil && refused.body["prompt_cache_options"] == nil)
        #expect(
            Set(refused.losses.dropped) == ["moderation", "prompt_cache_options", "comparison_response_id"])
    }
}
