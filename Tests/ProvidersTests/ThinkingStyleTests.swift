import Providers
import Testing
import WireFormats

@Suite("How a model is told to think")
struct ThinkingStyleTests {
    @Test(
        "is known by its name",
        arguments: [
            ("claude-3-5-sonnet-20241022", TargetFacts.ThinkingStyle.none), ("claude-3-7-sonnet-20250219", .budget),
            ("claude-sonnet-4-20250514", .budget), ("claude-opus-4-1", .budget), ("claude-sonnet-4-5", .budget),
            ("claude-opus-4-6", .level), ("claude-opus-5", .level), ("claude-fable-5-1", .level),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", .budget), ("claude-2.1", .none),
            ("gemini-2.0-flash", .none), ("gemini-2.5-pro", .budget), ("gemini-3-pro-preview", .level),
            ("gemini-2.5-flash-preview-09-2025", .budget), ("gemini-1.5-pro", .none), ("gpt-5", .level),
            ("gpt-4o", .none),
            ("gpt-35-turbo", .none), ("chatgpt-4o-latest", .none), ("gpt-5-chat-latest", .none), ("o3-mini", .level),
            ("o1-mini", .none), ("gpt-oss:20b", .level), ("qwen3", .budget), ("olmo-2", .budget),
        ])
    func byName(model: String, style: TargetFacts.ThinkingStyle) {
        #expect(TargetFacts.ThinkingStyle.usual(for: model) == style)
    }

    @Test(
        "and so are the words that it knows",
        arguments: [
            ("gpt-4o", nil), ("qwen3", nil), ("claude-opus-4-8", nil), ("gemini-2.5-pro", nil),
            ("gpt-5-mini-2025-08-07", "minimal low medium high"), ("openai/gpt-5", "minimal low medium high"),
            ("gpt-5-codex", "low medium high"), ("gpt-5-pro", "high"), ("o4-mini", "low medium high"),
            ("gpt-5.1-2025-11-13", "none low medium high"), ("gpt-5.1-codex", "low medium high"),
            ("gpt-5.1-codex-max", "low medium high xhigh"), ("gpt-5.2", "none low medium high xhigh"),
            ("gpt-5.2-pro", "medium high xhigh"), ("gpt-5.6-sol", "none low medium high xhigh max"),
            ("openai.gpt-oss-120b-1:0", "low medium high"), ("gemini-3-pro-preview", "low high"),
            ("gemini-3.1-pro-preview", "low medium high"), ("gemini-3-flash-preview", "minimal low medium high"),
            ("gemini-3.8-flash", "low medium high"), ("gemini-3.7-flash-lite", "minimal low medium high"),
        ] as [(String, String?)])
    func efforts(model: String, words: String?) {
        #expect(TargetFacts.efforts(of: model)?.joined(separator: " ") == words)
    }

    @Test(
        "and whether it takes sampling",
        arguments: [
            ("claude-opus-4-6", true), ("claude-sonnet-4-20250514", true), ("claude-3-7-sonnet-20250219", true),
            ("claude-opus-4-7", false), ("anthropic.claude-opus-4-8-20260301-v1:0", false), ("claude-sonnet-5", false),
            ("anthropic/claude-4.7-opus", false), ("gpt-5", true),
        ])
    func sampling(model: String, isTaken: Bool) throws {
        let row = try #require(Provider.named("anthropic"))
        #expect(row.targetFacts(model: model).takesSampling == isTaken)
    }
}
