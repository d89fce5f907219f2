import Providers
import Testing
import WireFormats

@Suite("A model's name")
struct ModelNameTests {
    @Test(
        "tells how it is told to think",
        arguments: [
            ("claude-3-5-sonnet-20241022", TargetFacts.ThinkingStyle.none), ("claude-3-7-sonnet-20250219", .budget),
            ("claude-sonnet-4-20250514", .budget), ("claude-opus-4-1", .budget), ("claude-sonnet-4-5", .budget),
            ("claude-sonnet-45", .budget), ("claude_sonnet_4_8", .level), ("claude-35-sonnet", .none),
            ("claude-opus-4-6", .level), ("claude-opus-5", .level), ("claude-fable-5-1", .level),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", .budget), ("claude-2.1", .none),
            ("gemini-2.0-flash", .none), ("gemini-2.5-pro", .budget), ("gemini-3-pro-preview", .level),
            ("gemini-2.5-flash-preview-09-2025", .budget), ("gemini-1.5-pro", .none), ("gpt-5", .level),
            ("gpt-4o", .none),
            ("gpt-35-turbo", .none), ("chatgpt-4o-latest", .none), ("gpt-5-chat-latest", .none), ("o3-mini", .level),
            ("o1-mini", .none), ("gpt-41", .none), ("gpt-41-mini", .none), ("gpt-51", .level),
            ("cerebras-gpt-13b", .budget),
            ("cerebras-gpt-6.7b", .budget), ("gpt-oss:20b", .level), ("qwen3", .budget), ("olmo-2", .budget),
        ])
    func byName(model: String, style: TargetFacts.ThinkingStyle) {
        #expect(TargetFacts(named: model).thinking == style)
    }

    @Test(
        "and the words that it knows",
        arguments: [
            ("gpt-4o", nil), ("qwen3", nil), ("gemini-2.5-pro", nil), ("claude-sonnet-4-5", nil),
            ("us.anthropic.claude-opus-4-5-20251101-v1:0", "low medium high"), ("claude-opus-4-5", "low medium high"),
            ("claude-opus-4-6", "low medium high max"), ("claude-sonnet-4-6", "low medium high max"),
            ("claude-opus-4-8", "low medium high xhigh max"), ("claude-sonnet-5", "low medium high xhigh max"),
            ("gpt-6-astra", "low medium high xhigh max"), ("o3-deep-research", "medium"),
            ("o4-mini-deep-research-2025-06-26", "medium"), ("xai/grok-4.3", "none low medium high"),
            ("grok-4.20-multi-agent", nil), ("gpt-5-prod", "minimal low medium high"),
            ("gpt-5.1-production", "none low medium high"), ("gpt-51", "none low medium high"),
            ("gpt-52-2025-12-11", "none low medium high xhigh"), ("gpt-41-mini", nil), ("cerebras-gpt-13b", nil),
            ("gpt-5-chatbot", "minimal low medium high"),
            ("gemini-3-flash-prod", "minimal low medium high"),
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
        #expect(TargetFacts(named: model).efforts?.joined(separator: " ") == words)
    }

    @Test(
        "and whether it takes sampling: always, never, or where it does not think",
        arguments: [
            ("claude-opus-4-6", "always"), ("claude-sonnet-4-20250514", "always"),
            ("claude-3-7-sonnet-20250219", "always"), ("claude-opus-4-7", "never"),
            ("anthropic.claude-opus-4-8-20260301-v1:0", "never"), ("claude-sonnet-5", "never"),
            ("anthropic/claude-4.7-opus", "never"), ("gpt-5", "never"), ("gpt-5-mini", "never"), ("o3", "never"),
            ("gpt-5.1-codex", "never"), ("gpt-5.2-pro", "never"), ("gpt-6-astra", "never"), ("gpt-4o", "always"),
            ("gpt-5-chat-latest", "always"), ("gpt-oss:20b", "always"), ("qwen3", "always"),
            ("gpt-5.1", "unthinking"), ("gpt-5.4-mini", "unthinking"), ("gpt-5.6-sol", "unthinking"),
        ])
    func sampling(model: String, takes: String) throws {
        let row = try #require(Provider.named("anthropic"))
        let word =
            switch row.targetFacts(model: model).sampling {
            case .taken: "always"
            case .refused: "never"
            case .refusedWhereItThinks: "unthinking"
            }
        #expect(word == takes)
    }

    @Test(
        "stop sequences among it", arguments: [("gpt-5", true), ("o4-mini", true), ("o1", false), ("o3-mini", false)])
    func stop(model: String, isRefused: Bool) {
        guard case .refused(let options) = TargetFacts(named: model).sampling else {
            Issue.record("\(model) takes any sampling")
            return
        }
        #expect(options.contains(.temperature) && options.contains(.stop) == isRefused)
    }

    @Test(
        "and whether it thinks unasked",
        arguments: [
            ("gpt-5", true), ("gpt-5.1", false), ("gpt-5.4-mini", false), ("gpt-5.5", true), ("gpt-5.1-codex", true),
            ("gpt-6-astra", true), ("gpt-54", false), ("claude-opus-4-8", false), ("claude-sonnet-5", true),
            ("gemini-3-flash", true),
        ])
    func unasked(model: String, thinks: Bool) {
        #expect(TargetFacts(named: model).thinksUnasked == thinks)
    }

    @Test(
        "and whether Chat never shows what it thinks",
        arguments: [("gpt-5.1", true), ("o4-mini", true), ("gpt-oss:20b", false), ("qwen3", false)])
    func hidesThoughts(model: String, hides: Bool) {
        #expect(TargetFacts(named: model).hidesThoughtsInChat == hides)
    }

    @Test(
        "and what a Claude is told that is not to think, and whether it can be made to call a tool",
        arguments: [
            ("claude-sonnet-4-5", .unsaid, true), ("anthropic/claude-opus-4.8", .unsaid, true),
            ("claude-haiku-4-5", .unsaid, true), ("claude-opus-5", .said(.disabled), true),
            ("us.anthropic.claude-sonnet-5-20260630-v1:0", .said(.disabled), true),
            ("anthropic.claude-sonnet-5-v1:0", .said(.disabled), true),
            ("claude-sonnet-45", .unsaid, true), ("claude-37-sonnet", .unsaid, true),
            ("claude_sonnet_5_5", .said(.betweenTools), false),
            ("claude-opus-latest", .unsaid, true), ("claude-opus-latest[1m]", .unsaid, true),
            ("claude-opus-20261101", .unsaid, true), ("claude-fable-5[1m]", .impossible, true),
            ("claude-haiku-5-5", .said(.disabled), true), ("claude-sonnet-5-5", .said(.betweenTools), false),
            ("claude-opus-5-5", .impossible, false), ("anthropic/claude-opus-5.5", .impossible, false),
            ("claude-fable-5", .impossible, true), ("anthropic.claude-fable-5-20260609-v1:0", .impossible, true),
            ("claude-fable-5-1", .impossible, false), ("claude-mythos-5-2", .impossible, false),
            ("gpt-5", .unsaid, true),
        ] as [(String, TargetFacts.Off, Bool)])
    func claude(model: String, off: TargetFacts.Off, takesForcedTools: Bool) {
        let facts = TargetFacts(named: model)
        #expect(facts.off == off && facts.takesForcedTools == takesForcedTools)
    }

    @Test(
        "and whether a Claude takes system messages in the middle",
        arguments: [
            ("claude-opus-4-8", true), ("anthropic/claude-opus-4.8", true), ("claude-opus-5", true),
            ("claude-opus-5-5[1m]", true), ("claude-sonnet-5-5", true), ("claude_haiku_5_5", true),
            ("claude-fable-5", true), ("claude-mythos-5-1", true), ("claude-opus-4-7", false),
            ("claude-sonnet-4-8", false), ("claude-sonnet-5", false), ("claude-sonnet-5-20260630", false),
            ("claude-haiku-4-5", false), ("claude-opus-latest", false), ("gpt-5.6", false),
        ])
    func systemInTheMiddle(model: String, isTaken: Bool) {
        #expect(TargetFacts(named: model).takesSystemInTheMiddle == isTaken)
    }

    @Test(
        "and whether a GPT takes explicit cache breakpoints",
        arguments: [
            ("gpt-5.6", true), ("openai/gpt-5.6-sol", true), ("gpt-56", true), ("gpt-6-astra", true),
            ("gpt-5.5", false), ("gpt-5", false), ("o4-mini", false), ("gpt-oss-120b", false),
            ("claude-opus-5", false), ("prod-1", false),
        ])
    func cacheBreakpoints(model: String, areTaken: Bool) {
        #expect(TargetFacts(named: model).takesCacheBreakpoints == areTaken)
    }

    @Test(
        "and which budgets for thinking it takes",
        arguments: [
            ("gemini-2.5-pro", 128...32_768, false), ("google/gemini-2.5-pro-preview-06-05", 128...32_768, false),
            ("gemini-2.5-flash", 1...24_576, true), ("gemini-2.5-flash-lite", 512...24_576, true),
            ("my-pro-tune", 1...24_576, true),
        ] as [(String, ClosedRange<Int64>, Bool)])
    func budgets(model: String, budgets: ClosedRange<Int64>, takesNone: Bool) {
        let facts = TargetFacts(named: model)
        #expect(facts.thinkingBudgets == budgets && facts.takesNoThinking == takesNone)
    }

    @Test(
        "and whether it takes a temperature beside top_p",
        arguments: [
            ("claude-2.1", true), ("claude-3-7-sonnet-20250219", true), ("claude-opus-4-1", false),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", false), ("claude-opus-latest", false),
        ])
    func pair(model: String, takesBoth: Bool) {
        #expect(TargetFacts(named: model).takesTemperatureBesideTopP == takesBoth)
    }
}
