import Providers
import TestSupport
import Testing
import Units
import WireFormats

@Suite("A model's price")
struct ModelPriceTests {
    static func price(_ dollarsPerMillion: String) -> TokenPrice { TokenPrice(dollarsPerMillion: dollarsPerMillion)! }

    @Test("charges each class at its own rate, and the rest at its side's")
    func classes() {
        let price = ModelPrice(
            .init(
                input: Self.price("3"), output: Self.price("15"), cachedInput: Self.price("0.3"),
                cacheWrite5m: Self.price("3.75"), cacheWrite1h: Self.price("6"), reasoning: Self.price("20"),
                audioInput: Self.price("40"), audioOutput: Self.price("80")))
        var usage = TokenUsage()
        usage.input = 1_000_000
        usage.cachedInput = 100_000
        usage.cacheWrite5m = 200_000
        usage.cacheWrite1h = 300_000
        usage.audioInput = 50_000
        usage.output = 500_000
        usage.reasoning = 100_000
        usage.audioOutput = 10_000
        // 350k plain input 1.05, cached 0.03, writes 0.75 + 1.8, audio 2; 390k plain output 5.85, 2, 0.8.
        #expect(price.cost(of: usage) == NanoUSD(decimal: "14.28"))
    }

    @Test("charges a class without a rate of its own as the rest of its side")
    func fallback() {
        let price = ModelPrice(input: Self.price("2"), output: Self.price("8"))
        var usage = TokenUsage()
        usage.input = 1_000
        usage.cachedInput = 900
        usage.output = 10
        usage.reasoning = 10
        #expect(price.cost(of: usage) == NanoUSD(nanos: 1_000 * 2_000 + 10 * 8_000))
    }

    @Test("rounds the sum once, halves up")
    func rounding() {
        // 0.0375 $/M = 37.5 nano-dollars a token: 1 → 37.5 → 38, 3 → 112.5 → 113, and not 38 × 3.
        let price = ModelPrice(input: Self.price("0.0375"), output: .zero)
        var usage = TokenUsage()
        usage.input = 1
        #expect(price.cost(of: usage).nanos == 38)
        usage.input = 3
        #expect(price.cost(of: usage).nanos == 113)
        // Two halves from two classes make one whole.
        let halves = ModelPrice(input: Self.price("0.0005"), output: Self.price("0.0005"))
        usage.input = 1
        usage.output = 1
        #expect(halves.cost(of: usage).nanos == 1)
    }

    @Test("takes the highest tier below the input for all tokens of the call")
    func tiers() {
        let price = ModelPrice(
            .init(input: Self.price("1"), output: Self.price("2")),
            tiers: [
                .init(above: 200_000, rates: .init(input: Self.price("4"), output: Self.price("8"))),
                .init(above: 100_000, rates: .init(input: Self.price("2"), output: Self.price("4"))),
            ])
        var usage = TokenUsage()
        usage.output = 1_000
        usage.input = 100_000
        #expect(price.cost(of: usage).nanos == 100_000_000 + 2_000_000)
        usage.input = 100_001
        #expect(price.cost(of: usage).nanos == 200_002_000 + 4_000_000)
        usage.input = 200_001
        #expect(price.cost(of: usage).nanos == 800_004_000 + 8_000_000)
    }

    @Test("charges what a call costs whatever it holds, and free is nothing at all")
    func perRequest() {
        var price = ModelPrice(input: .zero, output: .zero)
        price.perRequest = NanoUSD(decimal: "0.005")!
        #expect(price.cost(of: TokenUsage()) == NanoUSD(decimal: "0.005"))
        #expect(price.ceiling(input: 10, output: 10) == NanoUSD(decimal: "0.005"))
        var usage = TokenUsage()
        usage.input = 10_000_000
        usage.output = 10_000_000
        #expect(ModelPrice.free.cost(of: usage) == .zero)
        #expect(ModelPrice.free.ceiling(input: 1_000_000, output: 1_000_000) == .zero)
    }

    @Test("never charges more tokens than a side has, nor less than none")
    func inconsistent() {
        let price = ModelPrice(
            .init(input: Self.price("1"), output: Self.price("1"), cachedInput: Self.price("1")))
        var usage = TokenUsage()
        usage.input = 100
        usage.cachedInput = 500
        usage.audioInput = -7
        usage.output = -3
        #expect(price.cost(of: usage).nanos == 100_000)
    }

    @Test("doesn't overflow on absurd counts and prices")
    func absurd() {
        let dear = TokenPrice(femtoDollarsPerToken: .max)
        var price = ModelPrice(.init(input: dear, output: dear))
        price.perRequest = NanoUSD(nanos: .max)
        var usage = TokenUsage()
        usage.input = TokenCount(Int64.max)
        usage.cachedInput = TokenCount(Int64.max)
        usage.output = TokenCount(Int64.max)
        #expect(price.cost(of: usage).nanos == .max)
        #expect(price.ceiling(input: usage.input, output: usage.output).nanos == .max)
        #expect(price.ceiling(input: TokenCount(Int64.min), output: -1).nanos == .max)
    }

    @Test("has a ceiling that no usage within it ever exceeds", arguments: [1, 2, 3, 4] as [UInt64])
    func ceiling(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<5_000 {
            let price = random.price()
            let input = random.tokens(upTo: 400_000)
            let output = random.tokens(upTo: 100_000)
            let ceiling = price.ceiling(input: input, output: output)
            for _ in 0..<4 {
                let usage = random.usage(input: input, output: output)
                #expect(
                    price.cost(of: usage) <= ceiling, "seed \(seed): \(price) costs more than its ceiling for \(usage)")
            }
        }
    }

    @Test("has a ceiling that a call made of the dearest classes reaches")
    func tight() {
        let price = ModelPrice(
            .init(
                input: Self.price("3"), output: Self.price("15"), cacheWrite1h: Self.price("6"),
                reasoning: Self.price("20")))
        var usage = TokenUsage()
        usage.input = 1_234
        usage.cacheWrite1h = 1_234
        usage.output = 567
        usage.reasoning = 567
        #expect(price.ceiling(input: 1_234, output: 567) == price.cost(of: usage))
    }

    @Test("is written with every rate that it has, for the ledger")
    func text() {
        #expect(ModelPrice.free.description == "free")
        let price = ModelCatalogue.price(of: "gemini-2.5-pro", at: "gemini")
        #expect(
            price?.description
                == "input 1.25 output 10 cached_input 0.125 above 200000: input 2.5 output 15 cached_input 0.25 from "
                + "2026-11-22")
    }
}

extension SeededRandom {
    mutating func tokens(upTo most: Int64) -> TokenCount {
        TokenCount(Int64.random(in: 0...(Bool.random(using: &self) ? most : 20), using: &self))
    }

    mutating func rate() -> TokenPrice {
        let most: Int64 = [10, 1_000_000, 90_000_000_000].randomElement(using: &self)!
        return TokenPrice(femtoDollarsPerToken: Int64.random(in: 0...most, using: &self))
    }

    mutating func rateOrNone() -> TokenPrice? { Bool.random(using: &self) ? rate() : nil }

    mutating func rates() -> ModelPrice.Rates {
        .init(
            input: rate(), output: rate(), cachedInput: rateOrNone(), cacheWrite5m: rateOrNone(),
            cacheWrite1h: rateOrNone(), reasoning: rateOrNone(), audioInput: rateOrNone(), audioOutput: rateOrNone())
    }

    mutating func price() -> ModelPrice {
        let tiers = (0..<Int.random(in: 0...3, using: &self)).map { _ in
            ModelPrice.Tier(above: tokens(upTo: 300_000), rates: rates())
        }
        let once = NanoUSD(nanos: Bool.random(using: &self) ? 0 : Int64.random(in: 0...10_000_000, using: &self))
        return ModelPrice(rates(), tiers: tiers, perRequest: once)
    }

    /// Any usage within the bounds, also one whose classes contradict their total.
    mutating func usage(input: TokenCount, output: TokenCount) -> TokenUsage {
        var usage = TokenUsage()
        usage.input = Bool.random(using: &self) ? input : tokens(upTo: input.count)
        usage.input = min(usage.input, input)
        usage.output = Bool.random(using: &self) ? output : min(tokens(upTo: output.count), output)
        usage.cachedInput = tokens(upTo: input.count)
        usage.cacheWrite5m = tokens(upTo: input.count)
        usage.cacheWrite1h = tokens(upTo: input.count)
        usage.audioInput = tokens(upTo: input.count)
        usage.reasoning = tokens(upTo: output.count)
        usage.audioOutput = tokens(upTo: output.count)
        return usage
    }
}
