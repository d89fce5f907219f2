import JSONText
import Providers
import Testing
import WireFormats

/// Runs over every row of ``Provider/known``: a new row is tested by being there.
@Suite("Every known provider's row")
struct ProviderRowTests {
    static let rows = Provider.known

    @Test("there are at least forty, and no two share a name")
    func names() {
        #expect(Self.rows.count >= 40)
        #expect(Set(Self.rows.map(\.name)).count == Self.rows.count)
    }

    @Test("has a name of lower-case letters, digits and underscores", arguments: rows)
    func name(row: Provider) {
        #expect(!row.name.isEmpty)
        #expect(row.name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 })
        #expect(Provider.named(row.name) == row)
    }

    @Test("has a base URL in its shortest form, with TLS unless it is this machine", arguments: rows)
    func baseURL(row: Provider) throws {
        guard let text = row.baseURL else { return }
        let url = try #require(BaseURL(text))
        #expect(url.description == text)
        #expect(url.scheme == .https || url.isLoopback)
        #expect(!url.isLoopback || row.keyIsOptional, "a key that is not needed must not be required")
    }

    @Test("names environment variables as a shell can set them", arguments: rows)
    func keyVariables(row: Provider) throws {
        #expect(!row.keyVariables.isEmpty)
        #expect(Set(row.keyVariables).count == row.keyVariables.count)
        for variable in row.keyVariables {
            let first = try #require(variable.utf8.first)
            #expect((65...90).contains(first))
            #expect(variable.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == 95 })
        }
    }

    @Test("speaks something, at absolute paths without a trailing slash", arguments: rows)
    func paths(row: Provider) {
        #expect(row.dialects.contains { Dialect.conversations.contains($0) })
        #expect(Set(row.dialects) == Set(row.paths.keys) && row.dialects.count == row.paths.count)
        for path in row.paths.values {
            #expect(path.hasPrefix("/") && !path.hasSuffix("/") && !path.contains("//") && !path.contains("?"))
        }
    }

    @Test(
        "Bedrock counts for Claude, by the model's own id",
        arguments: [
            ("us.anthropic.claude-haiku-4-5-20251001-v1:0", true), ("anthropic.claude-haiku-4-5-20251001-v1:0", true),
            ("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-haiku-4-5-20251001-v1:0", true),
            ("amazon.nova-lite-v1:0", false), ("arn:aws:bedrock:us-east-1:1:application-inference-profile/abc", false),
        ])
    func bedrockCounts(model: String, counts: Bool) throws {
        var row = try #require(Provider.known.first { $0.name == "bedrock" })
        row.baseURL = "https://bedrock"
        let own = "https://bedrock/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/count-tokens"
        #expect(row.countURL(for: .converse, model: model) == (counts ? own : nil))
    }

    @Test("makes a URL that parses for every dialect it speaks", arguments: rows)
    func urls(row: Provider) throws {
        var row = row
        row.baseURL = row.baseURL ?? "https://customer.example.com"
        let version = row.versionParameter.map { _ in "2024-10-21" }
        for dialect in Dialect.allCases {
            let url = row.url(for: dialect, model: "a/../b c?d", version: version)
            #expect((url != nil) == (row.paths[dialect] != nil))
            guard let url else { continue }
            #expect(!url.contains(" ") && !url.contains("..") && !url.contains("{"))
            let bare = try #require(url.split(separator: "?").first)
            #expect(BaseURL(bare) != nil)
            #expect(url.contains("?") == (version != nil))
            let stream = try #require(row.url(for: dialect, model: "m", version: version, stream: true))
            #expect(
                stream.split(separator: "?").count <= 2
                    && stream.split(separator: "?").first.flatMap({ BaseURL($0) }) != nil)
        }
    }

    @Test("says where its facts come from and, if they were checked, when", arguments: rows)
    func source(row: Provider) {
        #expect(BaseURL(row.source.documentation)?.scheme == .https)
        switch row.source.evidence {
        case .verified(let day), .recorded(let day): #expect(day.hasPrefix("2026-11-"))
        case .unverified: break
        case .operatorsOwn: Issue.record("a known row is not the operator's own")
        }
    }

    @Test("asks for a stream's usage only where the provider lets it", arguments: rows)
    func streamUsage(row: Provider) {
        if row.refusesStreamOptions { #expect(!row.streamUsageMustBeAsked) }
        if row.refusesStreamOptions { #expect(row.streamUsage != .whenAsked, "then how would it be known?") }
    }

    @Test(
        "has the number of stop sequences that its provider takes",
        arguments: [("openai", 4), ("deepseek", 16), ("vllm", nil)] as [(String, Int?)])
    func stopSequences(name: String, most: Int?) throws {
        let row = try #require(Provider.named(name))
        #expect(row.targetFacts(model: "m").stopSequencesMax == most)
    }

    @Test(
        "takes films unless it is OpenAI's Chat, which has no part for them",
        arguments: [("openai", false), ("azure", false), ("azure_deployments", false), ("vllm", true)])
    func films(name: String, areTaken: Bool) throws {
        let row = try #require(Provider.named(name))
        #expect(row.targetFacts(model: "m").takesVideo == areTaken)
    }

    @Test(
        "searches the web in Chat where it is known to, and an operator's own server until it refuses",
        arguments: [
            ("openai", true), ("openrouter", true), ("perplexity", true), ("groq", false), ("mistral", false),
            ("deepseek", false), ("azure", false), ("azure_deployments", false),
        ])
    func webSearch(name: String, isTaken: Bool) throws {
        let row = try #require(Provider.named(name))
        #expect(row.targetFacts(model: "m").takesWebSearchOptions == isTaken)
        #expect(Provider.custom("x", at: "https://x.test/v1").targetFacts(model: "m").takesWebSearchOptions)
    }

    @Test(
        "has system messages in the middle where Anthropic itself serves Claude",
        arguments: [("anthropic", true), ("bedrock_anthropic", false), ("vertex_anthropic", false)])
    func systemInTheMiddle(name: String, isTaken: Bool) throws {
        let row = try #require(Provider.named(name))
        #expect(row.targetFacts(model: "claude-opus-4-8").takesSystemInTheMiddle == isTaken)
    }

    @Test(
        "has the limits of OpenAI's schemas where the models are OpenAI's",
        arguments: [("openai", true), ("azure", true), ("azure_deployments", true), ("vllm", false), ("groq", false)])
    func toolSchemas(name: String, areLimited: Bool) throws {
        let row = try #require(Provider.named(name))
        #expect(row.targetFacts(model: "m").limitsToolSchemas == areLimited)
    }

    @Test(
        "a document by its address goes to Chat where the row says how, else to Responses where the provider has that",
        arguments: [
            ("openai", nil, .responses), ("openrouter", "file", .chatCompletions),
            ("mistral", "document_url", .chatCompletions), ("groq", nil, .chatCompletions),
        ] as [(String, String?, Dialect)])
    func documentsByURL(name: String, part: String?, dialect: Dialect) throws {
        let row = try #require(Provider.named(name))
        #expect(row.targetFacts(model: "m").documentURLPart == part)
        let document = Part(.media(Media(.document, .url("https://e.x/a.pdf"))))
        let result = Part(.toolResult(ToolResult(callID: "c", parts: [document])))
        for part in [document, result] {
            var conversation = Conversation(origin: .messages, model: "m")
            conversation.turns = [Turn(.user, [part])]
            #expect(row.translationDialect(for: conversation, facts: row.targetFacts(model: "m")) == dialect)
        }
        let plain = Conversation(origin: .messages, model: "m")
        #expect(row.translationDialect(for: plain, facts: row.targetFacts(model: "m")) == .chatCompletions)
    }

    @Test(
        "functions go to Responses for models that refuse them in Chat",
        arguments: [
            ("openai", "gpt-6-astra", .responses), ("openai", "gpt-5.4", .responses),
            ("openai", "gpt-5.2", .chatCompletions), ("openai", "gpt-4o", .chatCompletions),
            ("openai", "gpt-5.6-chat-latest", .chatCompletions), ("azure_deployments", "gpt-5.6", .chatCompletions),
        ] as [(String, String, Dialect)])
    func functions(name: String, model: String, dialect: Dialect) throws {
        let row = try #require(Provider.named(name))
        var conversation = Conversation(origin: .messages, model: "m")
        #expect(row.translationDialect(for: conversation, facts: row.targetFacts(model: model)) == .chatCompletions)
        conversation.tools = [Tool(.function(FunctionTool(name: "f")))]
        #expect(row.translationDialect(for: conversation, facts: row.targetFacts(model: model)) == dialect)
    }

    @Test(
        "Anthropic's tools that the client runs are functions, for which nobody asks Responses",
        arguments: [
            (.shell, "bash_20250124", .chatCompletions), (.textEditor, "text_editor_20250728", .chatCompletions),
            (.memory, "memory_20250818", .chatCompletions), (.computerUse, "computer_20250124", .responses),
            (.webSearch, "web_search_20250305", .responses),
        ] as [(ServerTool.Kind, String, Dialect)])
    func clientTools(kind: ServerTool.Kind, type: String, dialect: Dialect) throws {
        let row = try #require(Provider.named("openai"))
        var conversation = Conversation(origin: .messages, model: "m")
        let tool = ServerTool(kind, native: ["type": .string(type)], nativeDialect: .messages)
        conversation.tools = [Tool(.server(tool))]
        #expect(row.translationDialect(for: conversation, facts: row.targetFacts(model: "gpt-5.2")) == dialect)
    }

    @Test(
        "Qwen 3 on Groq knows two words for thinking: not at all, and as it likes",
        arguments: [
            (ReasoningSettings(mode: .disabled), "none", false), (ReasoningSettings(mode: .adaptive), "default", false),
            (ReasoningSettings(mode: .enabled), "default", false), (ReasoningSettings(effort: "low"), "default", true),
            (ReasoningSettings(effort: "max"), "default", true),
            (ReasoningSettings(mode: .enabled, budgetTokens: 1024), "default", true),
        ])
    func efforts(settings: ReasoningSettings, word: String, isAdjusted: Bool) throws {
        let row = try #require(Provider.named("groq"))
        var conversation = Conversation(origin: .messages, model: "m")
        conversation.turns = [.text(.user, "x")]
        conversation.reasoning = settings
        var losses = LossReport()
        let body = try ChatCompletionsCodec.writtenRequest(
            conversation, for: row.targetFacts(model: "qwen/qwen3-32b"), &losses)
        #expect(body["reasoning_effort"]?.string == word)
        #expect(losses.dropped == [] && losses.adjusted.isEmpty == !isAdjusted)
        #expect(row.targetFacts(model: "openai/gpt-oss-120b").efforts == ["low", "medium", "high"])
        #expect(row.targetFacts(model: "llama-3.3-70b-versatile").efforts == nil)
        #expect(row.targetFacts(model: "qwen/qwen3.6-27b").efforts == ["none", "default"])
        #expect(row.targetFacts(model: "qwen/qwen30").efforts == nil)
    }

    @Test("OpenAI refuses sampling that is not its own", arguments: ["openai", "azure", "azure_deployments"])
    func sampling(name: String) throws {
        let row = try #require(Provider.named(name))
        #expect(row.targetFacts(model: "m").refuses.isSuperset(of: ["top_k", "min_p", "repetition_penalty"]))
    }

    @Test("the ten largest were checked or recorded")
    func largest() throws {
        for name in [
            "openai", "anthropic", "gemini", "azure", "mistral", "groq", "together_ai", "fireworks_ai", "openrouter",
            "deepseek", "xai", "perplexity", "cohere",
        ] {
            let row = try #require(Provider.named(name))
            #expect(row.source.evidence != .unverified)
        }
    }
}

extension Provider: CustomTestStringConvertible {
    public var testDescription: String { name }
}
