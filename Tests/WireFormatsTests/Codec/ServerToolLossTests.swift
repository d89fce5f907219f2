import JSONText
import Testing

@testable import WireFormats

/// What is said of tools of the provider's and is not carried.
@Suite("Losses of the provider's tools")
struct ServerToolLossTests: ToolRequests {
    @Test("of several tools that are one at OpenAI the first is sent")
    func severalSearches() throws {
        let tools: JSON = [
            ["googleSearch": [:]], ["enterpriseWebSearch": [:]], ["googleSearchRetrieval": [:]], ["codeExecution": [:]],
        ]
        let (body, losses) = try written(GenerateContentCodec.self, google(["tools": tools]), to: ResponsesCodec.self)
        #expect(
            body["tools"] == [
                ["type": "web_search"], ["type": "code_interpreter", "container": ["type": "auto"]],
            ])
        #expect(losses.isEmpty)
        let near: JSON = ["type": "web_search", "search_context_size": "low"]
        let far: JSON = ["type": "web_search_preview", "search_context_size": "high"]
        let both = try written(ResponsesCodec.self, responses([near, far]), to: ChatCompletionsCodec.self)
        #expect(both.body["web_search_options"] == ["search_context_size": "low"])
        #expect(both.losses.dropped == ["web_search_preview"])
    }

    @Test("domains go along where they can be told, and the tool is left out where they can't")
    func domains() throws {
        let fetch: JSON = ["type": "web_fetch_20250910", "name": "web_fetch", "allowed_domains": ["a.test"]]
        let gemini = try written(MessagesCodec.self, messages([fetch]), to: GenerateContentCodec.self)
        #expect(gemini.body["tools"] == nil && gemini.losses.dropped == ["web_fetch_20250910"])

        let filters: JSON = ["allowed_domains": ["a.test"], "blocked_domains": ["b.test"]]
        let both: JSON = ["type": "web_search", "user_location": ["city": "Bonn"], "filters": filters]
        let neither = try written(ResponsesCodec.self, responses([both]), to: MessagesCodec.self)
        #expect(neither.body["tools"] == nil && neither.losses.dropped == ["web_search"])
        let blocked: JSON = ["type": "web_search", "filters": ["blocked_domains": ["b.test"]]]
        let claude = try written(ResponsesCodec.self, responses([blocked]), to: MessagesCodec.self)
        #expect(claude.body["tools"]?[0]?["blocked_domains"] == ["b.test"] && claude.losses.isEmpty)
        let vertex = try written(
            ResponsesCodec.self, responses([blocked]), to: GenerateContentCodec.self, isVertex: true)
        #expect(vertex.body["tools"] == [["googleSearch": ["excludeDomains": ["b.test"]]]])
        for provider: any DialectCodec.Type in [GenerateContentCodec.self, ChatCompletionsCodec.self] {
            let (body, losses) = try written(ResponsesCodec.self, responses([blocked]), to: provider)
            #expect(body["tools"] == nil && body["web_search_options"] == nil && losses.dropped == ["web_search"])
        }
        let excluded = google(["tools": [["google_search": ["exclude_domains": ["b.test"]]]]])
        let openAI = try written(GenerateContentCodec.self, excluded, to: ResponsesCodec.self)
        #expect(openAI.body["tools"] == nil && openAI.losses.dropped == ["googleSearch"])
        // A limit of a shape that nobody reads is one all the same, and none is none.
        let odd: JSON = ["type": "web_search", "filters": ["allowed_domains": "a.test"]]
        #expect(try written(ResponsesCodec.self, responses([odd]), to: MessagesCodec.self).body["tools"] == nil)
        let none: JSON = ["type": "web_search", "filters": ["allowed_domains": []]]
        let unlimited = try written(ResponsesCodec.self, responses([none]), to: ChatCompletionsCodec.self).body
        #expect(unlimited["web_search_options"] == [:])
    }

    @Test("a fetch keeps its domains on the way to Anthropic")
    func fetch() throws {
        let tool: JSON = [
            "type": "openrouter:web_fetch",
            "parameters": ["allowed_domains": ["a.test"], "max_uses": 3, "max_content_tokens": 5],
        ]
        let (body, losses) = try written(ChatCompletionsCodec.self, chat(["tools": [tool]]), to: MessagesCodec.self)
        #expect(
            body["tools"] == [
                [
                    "type": "web_fetch_20250910", "name": "web_fetch", "max_uses": 3, "allowed_domains": ["a.test"],
                ]
            ])
        #expect(losses.dropped == ["max_content_tokens"])
    }

    @Test(
        "a search that may not read the web is left out, and the functions stay",
        arguments: Dialect.conversations.filter { $0 != .responses && $0 != .completions })
    func offline(provider: Dialect) throws {
        let codec = try #require(provider.codec)
        let function: JSON = ["type": "function", "name": "f", "parameters": ["type": "object", "properties": [:]]]
        let off: JSON = ["type": "web_search", "external_web_access": false]
        let (body, losses) = try written(ResponsesCodec.self, responses([off, function]), to: codec)
        let alone = try written(ResponsesCodec.self, responses([function]), to: codec).body
        #expect(body == alone && losses.dropped == ["web_search"])
    }

    @Test("a search that may read the web is none that may not")
    func online() throws {
        let on = responses([["type": "web_search", "external_web_access": true, "search_context_size": "medium"]])
        let providers: [any DialectCodec.Type] = [
            ChatCompletionsCodec.self, MessagesCodec.self, GenerateContentCodec.self,
        ]
        for provider in providers {
            let (body, losses) = try written(ResponsesCodec.self, on, to: provider)
            #expect(body["tools"] != nil || body["web_search_options"] != nil, "\(provider.dialect)")
            #expect(losses.isEmpty, "\(provider.dialect)")
        }
    }

    @Test("two tools that are one at Anthropic are one there")
    func equalTools() throws {
        let plain: JSON = [["type": "web_search"], ["type": "web_search_preview"], ["type": "code_interpreter"]]
        let (body, losses) = try written(ResponsesCodec.self, responses(plain), to: MessagesCodec.self)
        #expect(body["tools"]?.array?.map { $0["name"] } == ["web_search", "code_execution"] && losses.isEmpty)
        let filtered: JSON = ["type": "web_search_preview", "filters": ["allowed_domains": ["a.test"]]]
        let other = try written(
            ResponsesCodec.self, responses([["type": "web_search"], filtered]), to: MessagesCodec.self)
        #expect(other.body["tools"]?.array?.count == 1 && other.losses.dropped == ["web_search_preview"])
        let function: JSON = ["type": "function", "name": "web_search", "parameters": ["type": "object"]]
        let named = try written(
            ResponsesCodec.self, responses([["type": "web_search"], function]), to: MessagesCodec.self)
        #expect(named.body["tools"]?.array?.count == 1 && named.body["tools"]?[0]?["type"] == nil)
        #expect(named.losses.dropped == ["web_search"])
    }

    @Test("what else a tool is told is reported")
    func options() throws {
        let code: JSON = ["type": "code_interpreter", "container": ["type": "auto", "file_ids": ["file_1"]]]
        for provider: any DialectCodec.Type in [MessagesCodec.self, GenerateContentCodec.self] {
            #expect(
                try written(ResponsesCodec.self, responses([code]), to: provider).losses.dropped == ["file_ids"])
        }
        let search: JSON = [
            "type": "openrouter:web_search", "parameters": ["engine": "exa", "max_results": 3, "max_uses": "many"],
        ]
        #expect(
            try written(ChatCompletionsCodec.self, chat(["tools": [search]]), to: MessagesCodec.self).losses.dropped
                == ["engine", "max_results", "max_uses"])
        let options: JSON = ["search_context_size": "low", "made_up": 1]
        #expect(
            try written(ChatCompletionsCodec.self, chat(["web_search_options": options]), to: ResponsesCodec.self)
                .losses.dropped == ["made_up"])
        let flat: JSON = [
            "type": "web_search", "filters": ["allowed_domains": ["a.test"]],
            "user_location": ["type": "approximate", "city": "Bonn", "street": "x"],
        ]
        let (body, losses) = try written(ChatCompletionsCodec.self, chat(["tools": [flat]]), to: MessagesCodec.self)
        #expect(
            body["tools"] == [
                [
                    "type": "web_search_20250305", "name": "web_search", "allowed_domains": ["a.test"],
                    "user_location": ["type": "approximate", "city": "Bonn"],
                ]
            ])
        #expect(losses.dropped == ["street"])
    }

    @Test(
        "a tool that nobody else has goes by its type",
        arguments: [Dialect.chatCompletions, .messages, .generateContent, .converse, .cohereChat, .ollamaChat])
    func types(provider: Dialect) throws {
        let codec = try #require(provider.codec)
        let tools: JSON = [["type": "made_up"], ["type": "shell"]]
        #expect(
            try written(ResponsesCodec.self, responses(tools), to: codec).losses.dropped == ["made_up", "shell"])
        guard provider != .generateContent else { return }
        let maps = google(["tools": [["googleMaps": [:]]]])
        #expect(try written(GenerateContentCodec.self, maps, to: codec).losses.dropped == ["googleMaps"])
    }
}
