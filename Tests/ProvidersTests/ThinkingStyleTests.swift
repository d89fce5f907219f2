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
            ("gpt-5", .budget),
        ])
    func byName(model: String, style: TargetFacts.ThinkingStyle) {
        #expect(TargetFacts.ThinkingStyle.usual(for: model) == style)
    }
}
