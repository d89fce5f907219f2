import Providers
import Routing
import Testing
import Units

@Suite("Targets of wildcards")
struct WildcardTargetTests {
    @Test(
        "a wildcard has to stand for what its target's model leaves of the provider's name",
        arguments: [
            ("*", "gpt-4o", "gpt-4o"), ("claude-*", "claude-opus-4-5", "opus-4-5"), ("claude-*", "gpt-4o", nil),
            ("a*a", "a", nil), ("a*a", "aa", ""), ("x/*:free", "x/y:free", "y"), ("gpt-4o", "gpt-4o", nil),
        ] as [(String, String, String?)])
    func match(model: String, name: String, expected: String?) {
        let wild = target("a", model: model)
        #expect(wild.match(of: name) == expected)
        if let expected { #expect(wild.upstreamModel(matching: expected) == name) }
    }

    @Test("a model makes embeddings alone where its price, the catalogue or all that its provider speaks say so")
    func generates() throws {
        let openAI = try #require(Provider.named("openai"))
        var input = ModelPrice(input: .zero, output: .zero)
        input.pricesOutput = false
        var embedder = openAI
        embedder.dialects = [.embeddings]
        #expect(Target(provider: openAI).generates("gpt-4o") && Target(provider: openAI).generates("unknown"))
        #expect(!Target(provider: openAI).generates("text-embedding-3-small"))
        #expect(!Target(provider: openAI, pricing: .fixed(input)).generates("unknown"))
        #expect(!Target(provider: embedder).generates("gpt-4o"))
        let route = Route("a/*", targets: [Target(provider: embedder), Target(provider: openAI)])
        #expect(route.generates(matching: "gpt-4o") && !route.generates(matching: "text-embedding-3-small"))
    }
}

@Suite("A route table")
struct RouteTableTests {
    let table = RouteTable([
        Route("*", targets: [target("any")]),
        Route("openai/*", targets: [target("openai")]),
        Route("openai/gpt-*", targets: [target("gpt")]),
        Route("openai/gpt-4o", targets: [target("exact")]),
        Route("*-mini", targets: [target("mini")]),
    ])

    @Test(
        "finds the exact name first, then the wildcard with the most text",
        arguments: [
            ("openai/gpt-4o", "exact", "openai/gpt-4o"), ("openai/gpt-4o-mini", "gpt", "4o-mini"),
            ("openai/o3", "openai", "o3"), ("openai/", "openai", ""), ("x-mini", "mini", "x"), ("-mini", "mini", ""),
            ("anything/else", "any", "anything/else"), ("", "any", ""),
        ])
    func finds(model: String, provider: String, rest: String) throws {
        let match = try #require(table.find(model))
        #expect(match.route.targets[0].provider.name == provider)
        #expect(match.rest == rest)
    }

    @Test("finds nothing where no route fits, and doesn't let a wildcard's ends overlap")
    func nothing() {
        let table = RouteTable([Route("aa*aa", targets: [target("x")]), Route("gpt", targets: [target("y")])])
        #expect(table.find("aaa") == nil)
        #expect(table.find("aaaa") != nil)
        #expect(table.find("GPT") == nil)
        #expect(table.find("gpt ") == nil)
    }

    @Test("puts what the wildcard matched where the target's own star is")
    func upstreamModel() {
        #expect(target("a").upstreamModel(matching: "gpt-4o") == "gpt-4o")
        #expect(target("a", model: "accounts/x/*").upstreamModel(matching: "m") == "accounts/x/m")
        #expect(target("a", model: "*:free").upstreamModel(matching: "m") == "m:free")
        #expect(target("a", model: "fixed").upstreamModel(matching: "m") == "fixed")
    }

    @Test("puts what the wildcard stands for where the route's own star is, also before a combining mark")
    func model() {
        func name(_ route: String) -> String { Route(route, targets: []).model(matching: "gpt-4o") }
        #expect(name("*") == "gpt-4o")
        #expect(name("openai/*") == "openai/gpt-4o")
        #expect(name("*-eu") == "gpt-4o-eu")
        #expect(name("*\u{301}*") == "gpt-4o\u{301}*")
        #expect(name("fixed") == "fixed")
        #expect(!Route("fixed", targets: []).hasWildcard)
        #expect(Route("*\u{301}", targets: []).hasWildcard)
    }

    @Test("a target is known again by provider, address and model, whatever else changes")
    func identity() {
        #expect(target("a", weight: 1).id == target("a", weight: 7, order: 3).id)
        #expect(target("a").id != target("b").id)
        #expect(target("a", model: "x").id != target("a", model: "y").id)
        #expect(target("a", weight: 1) != target("a", weight: 2))
    }

    @Test("a price is the operator's, the catalogue's, or unknown, and unknown isn't free")
    func price() throws {
        let openai = try #require(Provider.named("openai"))
        let listed = Target(provider: openai)
        #expect(listed.price(of: "gpt-4o")?.rates.input == TokenPrice(dollarsPerMillion: "2.5"))
        #expect(listed.price(of: "no-such-model") == nil)
        #expect(Target(provider: openai, pricing: .fixed(.free)).price(of: "gpt-4o") == .free)
        #expect(Target(provider: openai, pricing: nil).price(of: "gpt-4o") == nil)
    }

    @Test("a model that a provider asks by itself costs what the operator says, else the catalogue")
    func priceOfAnother() throws {
        let anthropic = try #require(Provider.named("anthropic"))
        func price(_ dollars: String) throws -> ModelPrice {
            let price = try #require(TokenPrice(dollarsPerMillion: dollars))
            return ModelPrice(input: price, output: price)
        }
        let (one, two) = (try price("1"), try price("2"))
        var embedding = one
        embedding.pricesOutput = false
        let opus = "claude-opus-4-7"
        func found(_ targets: Target...) -> ModelPrice? {
            RouteTable([Route("a", targets: targets)]).price(of: opus, at: anthropic)
        }
        let star = Target(provider: anthropic, model: "claude-*", pricing: .fixed(two))
        #expect(found(star, Target(provider: anthropic, model: opus, pricing: .fixed(one))) == one)
        #expect(found(star) == two)
        let catalogue = ModelCatalogue.price(of: opus, at: "anthropic")
        #expect(catalogue != nil && found(target("b", model: opus)) == catalogue)
        #expect(found(Target(provider: anthropic, model: opus, pricing: .fixed(embedding))) == catalogue)
        #expect(RouteTable([]).price(of: "no-such-model", at: anthropic) == nil)
    }
}
