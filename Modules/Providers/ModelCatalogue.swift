import Units

/// What is known of a model at a provider.
public struct ModelFacts: Sendable, Equatable {
    /// What calls the table lists the model for; models for images, speech and the like are not in it.
    public enum Mode: String, Sendable {
        /// Of a model that takes several, the one under which the table lists it.
        case chat, completion, embedding, responses
    }

    /// The provider's own, as a call states it.
    public var name: String
    /// The known row's name: ``Provider/catalogue``.
    public var provider: String
    /// Which kind of call the price and the bounds are those of.
    public var mode: Mode
    /// The most input that it accepts.
    public var contextTokens: Int?
    /// Nil where the table has no number.
    public var maxOutputTokens: Int?
    /// Nil where nobody states one. Never free for want of knowledge.
    public var price: ModelPrice?
}

/// Facts and prices of the known providers' models.
///
/// The facts are LiteLLM 1.109.1's table as of 2026-11-22, compacted by `scripts/catalogue` into text that lies in the
/// executable. Nothing is loaded or indexed: a look-up is a binary search in the asked provider's block, so an idle
/// gateway carries no table.
public enum ModelCatalogue {
    /// The day of the table; every price in it holds from then.
    public static let effectiveFrom = CivilDate(year: 2026, month: 11, day: 22)!

    /// For people who ask where a price is from; ``effectiveFrom`` has the day as a date.
    public static let source = "LiteLLM 1.109.1's price table, 2026-11-22, not checked against the providers' pages"

    /// - Parameters:
    ///   - model: the provider's own name for it, as a call states it.
    ///   - provider: a known provider's name.
    public static func facts(of model: String, at provider: String) -> ModelFacts? {
        guard let block = block(of: provider) else { return nil }
        return block.withUTF8Buffer { text in
            find(model, in: text).flatMap { facts(line: text[$0], provider: provider) }
        }
    }

    /// As ``facts(of:at:)``; nil where the model is unknown or its price is, neither of which is free.
    public static func price(of model: String, at provider: String) -> ModelPrice? {
        facts(of: model, at: provider)?.price
    }

    /// The names of a provider's models, in the order of their bytes.
    public static func models(of provider: String) -> [String] {
        guard let block = block(of: provider) else { return [] }
        return block.withUTF8Buffer { text in
            text.split(separator: UInt8(ascii: "\n")).map { line in
                String(decoding: line.prefix { $0 != UInt8(ascii: "\t") }, as: UTF8.self)
            }
        }
    }

    /// Lines are sorted by the bytes of their first field.
    private static func find(_ model: String, in text: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        var model = model
        return model.withUTF8 { wanted in
            var low = 0
            var high = text.count
            while low < high {
                let line = line(around: low + (high - low) / 2, in: text)
                let name = text[line].prefix { $0 != UInt8(ascii: "\t") }
                if name.elementsEqual(wanted) { return line }
                if name.lexicographicallyPrecedes(wanted) { low = line.upperBound + 1 } else { high = line.lowerBound }
            }
            return nil
        }
    }

    private static func line(around middle: Int, in text: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        var start = middle
        while start > 0, text[start - 1] != UInt8(ascii: "\n") { start -= 1 }
        var end = middle
        while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
        return start..<max(start, end)
    }

    /// The columns are described at the top of `scripts/catalogue`.
    private static func facts(line: Slice<UnsafeBufferPointer<UInt8>>, provider: String) -> ModelFacts? {
        let columns = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        func column(_ index: Int) -> String? { index < columns.count && !columns[index].isEmpty ? columns[index] : nil }
        let modes: [String: ModelFacts.Mode] = ["c": .chat, "t": .completion, "e": .embedding, "r": .responses]
        guard let mode = column(1).flatMap({ modes[$0] }) else { return nil }
        var facts = ModelFacts(name: columns[0], provider: provider, mode: mode)
        facts.contextTokens = column(2).flatMap { Int($0) }
        facts.maxOutputTokens = column(3).flatMap { Int($0) }
        guard let rates = rates((4...11).map(column)) else { return facts }
        let tiers = (column(13) ?? "").split(separator: ";").compactMap { tier(String($0)) }
        let once = column(12).flatMap { NanoUSD(decimal: $0) } ?? .zero
        facts.price = ModelPrice(rates, tiers: tiers, perRequest: once, effectiveFrom: effectiveFrom)
        return facts
    }

    /// `above=input/output/…`
    private static func tier(_ text: String) -> ModelPrice.Tier? {
        let halves = text.split(separator: "=")
        guard halves.count == 2, let above = Int64(halves[0]) else { return nil }
        let fields = halves[1].split(separator: "/", omittingEmptySubsequences: false)
        return rates(fields.map { $0.isEmpty ? nil : String($0) }).map { .init(above: TokenCount(above), rates: $0) }
    }

    private static func rates(_ fields: [String?]) -> ModelPrice.Rates? {
        let prices = fields.map { $0.flatMap { TokenPrice(dollarsPerMillion: $0) } }
        func price(_ index: Int) -> TokenPrice? { index < prices.count ? prices[index] : nil }
        guard let input = price(0), let output = price(1) else { return nil }
        return ModelPrice.Rates(
            input: input, output: output, cachedInput: price(2), cacheWrite5m: price(3), cacheWrite1h: price(4),
            reasoning: price(5), audioInput: price(6), audioOutput: price(7))
    }
}
