import Configuration
import Providers
import Testing
import Units

@Suite("The configuration that init writes")
struct StarterTests {
    @Test("without any key serves the mock, with prices")
    func mock() throws {
        let starter = Settings.starter(isSet: { _ in false }, mockPort: 5010)
        #expect(starter.usesMock)
        #expect(starter.providers == ["mock"])
        let settings = try load(starter.text)
        #expect(settings.providers["mock"]?.provider.baseURL == "http://127.0.0.1:5010/v1")
        #expect(settings.providers["mock"]?.key == nil)
        #expect(settings.privateHosts == ["127.0.0.1"])
        #expect(settings.warnings.isEmpty)
        let target = try #require(settings.route(for: starter.model)?.route.targets.first)
        #expect(target.price(of: "mock-gpt")?.rates.output == TokenPrice(dollarsPerMillion: "10"))
        #expect(settings.route(for: "mock-embed") != nil)
        #expect(settings.route(for: "gpt-4o") == nil)
    }

    @Test("with OpenAI's key serves all of its models under their own names")
    func openAI() throws {
        let starter = Settings.starter(isSet: { $0 == "OPENAI_API_KEY" })
        #expect(!starter.usesMock)
        #expect(starter.providers == ["openai"])
        let settings = try load(starter.text)
        for (model, upstream) in [
            ("gpt-4o", "gpt-4o"), ("openai/gpt-4o", "gpt-4o"), ("gpt-6-not-yet", "gpt-6-not-yet"),
        ] {
            let match = try #require(settings.route(for: model))
            #expect(match.route.targets[0].upstreamModel(matching: match.rest) == upstream)
        }
        #expect(settings.routes.routes.allSatisfy { $0.unpricedModels == .refuse })
    }

    @Test("with several keys gives plain names to the first and every provider its prefix")
    func several() throws {
        let starter = Settings.starter(isSet: { ["GROQ_API_KEY", "ANTHROPIC_API_KEY"].contains($0) })
        #expect(starter.providers == ["anthropic", "groq"])
        let settings = try load(starter.text)
        #expect(settings.route(for: "claude-haiku-4-5")?.route.targets[0].provider.name == "anthropic")
        #expect(settings.route(for: "groq/x")?.route.targets[0].provider.name == "groq")
    }

    @Test("lets unknown prices through at a provider without known ones only")
    func unpriced() throws {
        let starter = Settings.starter(isSet: { ["OPENAI_API_KEY", "OPENROUTER_API_KEY"].contains($0) })
        let settings = try load(starter.text)
        let policies = settings.routes.routes.map { "\($0.name) \($0.unpricedModels)" }
        #expect(policies == ["* refuse", "openai/* refuse", "openrouter/* allow"])
    }

    @Test(
        "or that is there and serves the mock alone is told which keys it could use",
        arguments: [
            ([], []),
            (
                ["OPENAI_API_KEY"],
                [
                    "add 'openai: {api_key: env:OPENAI_API_KEY}' under providers and "
                        + "'- {name: \"openai/*\", targets: [openai]}' under models"
                ]
            ),
            (["AWS_BEARER_TOKEN_BEDROCK"], ["bedrock needs a base_url too"]),
            (["AZURE_OPENAI_API_KEY", "GROQ_API_KEY"], ["azure needs a base_url too", "add 'groq: "]),
        ] as [([String], [String])])
    func hints(variables: [String], expected: [String]) throws {
        let mock = try load(Settings.starter(isSet: { _ in false }).text)
        let hints = mock.hints(isSet: { variables.contains($0) })
        #expect(hints.count == expected.count, "\(hints)")
        for text in expected { #expect(hints.contains { $0.contains(text) }, "\(hints)") }
        for (hint, variable) in zip(hints, variables) where variables.count == 1 {
            #expect(hint.hasPrefix("\(variable) is set, but no provider in tollgate.yaml uses it: "))
        }
        let real = try load(Settings.starter(isSet: { $0 == "XAI_API_KEY" }).text)
        #expect(real.hints(isSet: { variables.contains($0) }).isEmpty)
    }

    @Test(
        "works for every provider that it looks for, with a model whose price is known or allowed to be unknown",
        arguments: Provider.known.flatMap(\.keyVariables))
    func each(variable: String) throws {
        let starter = Settings.starter(isSet: { $0 == variable })
        let settings = try load(starter.text, set: [variable])
        let match = try #require(settings.route(for: starter.model))
        let target = match.route.targets[0]
        let isPriced = target.price(of: target.upstreamModel(matching: match.rest)) != nil
        #expect(isPriced || match.route.unpricedModels == .allow, "\(starter.model) at \(target.provider.name)")
        if !starter.usesMock { #expect(settings.providers[starter.providers[0]]?.key == .environment(variable)) }
    }
}
