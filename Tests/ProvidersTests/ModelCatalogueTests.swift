import Providers
import Testing
import Units

@Suite("The model catalogue")
struct ModelCatalogueTests {
    @Test("finds every model that it lists, at every known provider, under its own name only")
    func findsAll() {
        var models = 0
        var priced = 0
        for provider in Provider.known {
            let names = ModelCatalogue.models(of: provider.name)
            #expect(Set(names).count == names.count)
            for name in names {
                guard let facts = ModelCatalogue.facts(of: name, at: provider.name) else {
                    Issue.record("\(provider.name) lists \(name) and doesn't find it")
                    continue
                }
                models += 1
                priced += facts.price == nil ? 0 : 1
                #expect(facts.name == name)
                #expect(facts.provider == provider.name)
                if facts.price != nil {
                    #expect(facts.price?.effectiveFrom == CivilDate(year: 2026, month: 11, day: 22))
                }
                #expect(ModelCatalogue.facts(of: name + "x-", at: provider.name) == nil)
            }
        }
        #expect(models > 1_500)
        #expect(priced > 1_200)
    }

    @Test("knows prices and limits exactly")
    func exact() throws {
        let model = try #require(ModelCatalogue.facts(of: "gpt-4o", at: "openai"))
        #expect(model.mode == .chat)
        #expect(model.contextTokens == 128_000)
        #expect(model.maxOutputTokens == 16_384)
        #expect(model.price?.rates.input == TokenPrice(dollarsPerMillion: "2.5"))
        #expect(model.price?.rates.output == TokenPrice(dollarsPerMillion: "10"))
        #expect(model.price?.rates.cachedInput == TokenPrice(dollarsPerMillion: "1.25"))
        #expect(model.price?.tiers == [])
        #expect(ModelCatalogue.facts(of: "text-embedding-3-small", at: "openai")?.mode == .embedding)
        #expect(ModelCatalogue.facts(of: "gpt-4o", at: "azure_deployments")?.price?.rates == model.price?.rates)
    }

    @Test("keeps a long context's own rates, and scales the classes that the table leaves out")
    func tiers() throws {
        let price = try #require(ModelCatalogue.price(of: "gemini-2.5-pro", at: "gemini"))
        #expect(price.tiers.count == 1)
        #expect(price.tiers.first?.above == 200_000)
        #expect(price.tiers.first?.rates.input == TokenPrice(dollarsPerMillion: "2.5"))
        #expect(price.tiers.first?.rates.output == TokenPrice(dollarsPerMillion: "15"))
        for provider in Provider.known {
            for name in ModelCatalogue.models(of: provider.name) {
                guard let price = ModelCatalogue.price(of: name, at: provider.name) else { continue }
                for tier in price.tiers {
                    #expect((tier.rates.reasoning != nil) == (price.rates.reasoning != nil), "\(provider.name) \(name)")
                }
            }
        }
    }

    @Test("has no price of zero on both sides: what isn't known is nil, not free")
    func neverFree() {
        for provider in Provider.known {
            for name in ModelCatalogue.models(of: provider.name) {
                guard let price = ModelCatalogue.price(of: name, at: provider.name) else { continue }
                #expect(price.rates.input != .zero || price.rates.output != .zero, "\(provider.name) \(name)")
            }
        }
    }

    @Test(
        "doesn't find what it doesn't have",
        arguments: [
            ("gpt-4o", "nobody"), ("no-such-model", "openai"), ("", "openai"), ("gpt-4o", ""), ("\n", "openai"),
            ("\t", "openai"), ("gpt-4o\tc", "openai"), ("zzzzzzzz", "openai"), ("\u{0}", "openai"),
            ("gpt-4o\n", "openai"),
        ])
    func absent(model: String, provider: String) {
        #expect(ModelCatalogue.facts(of: model, at: provider) == nil)
    }
}
