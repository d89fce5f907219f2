import Keys
import TestSupport
import Testing
import Units

@Suite struct ModelPatternTests {
    @Test(arguments: [
        ("gpt-4o", "gpt-4o", true), ("gpt-4o", "gpt-4o-mini", false), ("gpt-4o", "GPT-4o", false),
        ("*", "anything", true), ("*", "", true), ("openai/*", "openai/gpt-4o", true),
        ("openai/*", "azure/gpt-4o", false), ("openai/*", "openai", false), ("openai/*", "xopenai/gpt", false),
        ("all-proxy-models", "anything", true), ("no-default-models", "anything", false),
        ("bedrock/*-claude-*", "bedrock/eu-claude-4", true), ("bedrock/*-claude-*", "bedrock/eu-llama", false),
        ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-b-b-d", false), ("**", "x", true), ("a*", "a", true),
        ("*a", "ba", true),
        ("", "", true), ("", "a", false), ("gpt.4", "gpt-4", false),
    ])
    func aPatternAdmits(pattern: String, model: String, expected: Bool) {
        #expect(ModelPattern.matches(pattern, model) == expected)
    }

    @Test(arguments: [
        ("gpt-4o", "gpt-4o", true), ("gpt-4o", "gpt-4oo", false), ("group/x", "group/*", true),
        ("group/*", "group/x", true), ("grup/x", "group/*", false), ("group/*", "group/*", true),
        ("group/a*", "group/*", true), ("grup/*", "group/*", false), ("*-mini", "group/*", true),
        ("*-mini", "*-max", false), ("*-4o-mini", "*-mini", true), ("a*b*c", "a*d", false), ("a*b*c", "ax*c", true),
        ("x", "*", true), ("*", "x", true), ("all-proxy-models", "x", true), ("all-proxy-models", "group/*", true),
    ])
    func anEntryThatAdmitsNoModelIsWarnedOf(entry: String, model: String, expected: Bool) {
        #expect(ModelPattern.warnings(about: [entry], models: [model]).isEmpty == expected)
    }

    @Test func aWarningNamesTheEntry() {
        let models = ["gpt-4o", "group/*"]
        #expect(ModelPattern.warnings(about: [], models: models).isEmpty)
        #expect(ModelPattern.warnings(about: ["gpt-4o", "group/a", "*"], models: models).isEmpty)
        #expect(
            ModelPattern.warnings(about: ["gpt-4o", "gtp-4o"], models: models)
                == ["models: no model of this gateway's configuration is named 'gtp-4o'"])
    }

    @Test func aPatternFullOfStarsTakesNoTime() {
        let pattern = String(repeating: "*a", count: 120) + "*b"
        let time = processorTime {
            #expect(!ModelPattern.matches(pattern, String(repeating: "a", count: 256)))
        }
        #expect(time < .milliseconds(200))
    }

    @Test func aKeyWithoutAListMayUseAllModelsAndOneWithAListOnlyThose() {
        func key(_ models: [String]) -> VirtualKey {
            VirtualKey(
                id: 1, hash: KeyHash(hex: String(repeating: "0", count: 64))!, name: "sk-...abcd", models: models,
                createdAt: Timestamp(secondsSince1970: 0), updatedAt: Timestamp(secondsSince1970: 0))
        }
        #expect(key([]).allows(model: "anything"))
        #expect(key(["gpt-4o", "openai/*"]).allows(model: "openai/o3"))
        #expect(!key(["gpt-4o", "openai/*"]).allows(model: "claude"))
        #expect(throws: Refusal.modelNotAllowed(model: "claude", allowed: ["gpt-4o"])) {
            try key(["gpt-4o"]).requireAccess(to: "claude")
        }
        for everything in [[], ["*"], ["gpt-4o", "all-proxy-models"]] { #expect(key(everything).mayUseAll) }
        for some in [["gpt-4o"], ["openai/*"], [""]] { #expect(!key(some).mayUseAll) }
    }
}
