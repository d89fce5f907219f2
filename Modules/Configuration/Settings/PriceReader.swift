import Providers
import Units

/// A price: `free`, or dollars per million tokens of each class.
enum PriceReader {
    /// - Returns: free where it can't be read, which is reported: that no price is known isn't said as well.
    static func read(_ value: YAMLValue) -> ModelPrice {
        if case .scalar = value.node {
            let price: ModelPrice? = value.read("free, or prices such as {input: 2.50, output: 10}") {
                $0 == "free" ? .free : nil
            }
            return price ?? .free
        }
        guard let fields = value.mapping() else { return .free }
        let once = fields["per_request"]?.money() ?? .zero
        let base = rates(fields)
        var tiers: [ModelPrice.Tier] = []
        for element in fields["tiers"]?.list() ?? [] {
            guard let tier = element.mapping() else { continue }
            let above = tier["above"]?.number(1...1_000_000_000)
            if tier["above"] == nil {
                tier.lacks("above", "\(element.place) has no 'above', the input tokens beyond which it holds")
            }
            if tier["output"] == nil, fields["output"] != nil {
                tier.lacks("output", "\(element.place) has no 'output', in dollars per million tokens")
            }
            let rates = rates(tier)
            tier.finish()
            guard let above, let rates else { continue }
            tiers.append(.init(above: TokenCount(above), rates: rates))
        }
        fields.finish()
        guard let base else { return .free }
        var price = ModelPrice(base, tiers: tiers, perRequest: once)
        if price == .free { value.report("\(value.place) is zero everywhere; if that is meant, write price: free") }
        price.pricesOutput = fields["output"] != nil
        return price
    }

    private static func rates(_ fields: YAMLMapping) -> ModelPrice.Rates? {
        let input = fields["input"]?.tokenPrice()
        // An embedding has no output: see ModelPrice.pricesOutput.
        let output = fields["output"].map { $0.tokenPrice() } ?? .zero
        if fields["input"] == nil {
            fields.lacks("input", "\(fields.value.place) has no 'input', in dollars per million tokens")
        }
        let rates = ModelPrice.Rates(
            input: input ?? .zero, output: output ?? .zero, cachedInput: fields["cached_input"]?.tokenPrice(),
            cacheWrite5m: fields["cache_write_5m"]?.tokenPrice(), cacheWrite1h: fields["cache_write_1h"]?.tokenPrice(),
            reasoning: fields["reasoning"]?.tokenPrice(), audioInput: fields["audio_input"]?.tokenPrice(),
            audioOutput: fields["audio_output"]?.tokenPrice())
        return input == nil || output == nil ? nil : rates
    }
}
