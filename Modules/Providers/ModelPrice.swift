import Units
import WireFormats

/// What a model's tokens cost from a day on, per class of token, exactly.
///
/// 1. A class without a rate of its own costs its side's rate: cached and cache-write and audio input the input rate,
///    reasoning and audio output the output rate. An hour's cache writes cost what those of five minutes do first.
/// 2. Where a long context has its own rates, those of the highest threshold below the call's input count for all of
///    its tokens, output included.
/// 3. A call's cost is summed in femto-dollars and rounded once, halves up.
/// 4. ``ceiling(input:output:)`` is never below ``cost(of:)`` of a usage with no more input and no more output.
public struct ModelPrice: Sendable, Equatable {
    /// Those of a call whose input reaches none of ``tiers``.
    public var rates: Rates

    /// Rates of long contexts, lowest threshold first.
    public private(set) var tiers: [Tier]

    /// Charged once per call, whatever its tokens.
    public var perRequest: NanoUSD

    /// Whether anyone has said what output costs: not of a model that makes embeddings. A call that may have output has
    /// no known price then.
    public var pricesOutput = true

    /// The day from which it holds; nil for the operator's own price, which holds as long as it is configured.
    public var effectiveFrom: CivilDate?

    /// Dollars per token of each class.
    public struct Rates: Sendable, Equatable {
        /// Of input that has no rate of its own below.
        public var input: TokenPrice
        /// Of output that has no rate of its own below.
        public var output: TokenPrice
        /// Input that the provider had in its cache.
        public var cachedInput: TokenPrice?
        /// Input written to a cache that lives five minutes.
        public var cacheWrite5m: TokenPrice?
        /// Input written to a cache that lives an hour.
        public var cacheWrite1h: TokenPrice?
        /// Output that the model thought and did not say.
        public var reasoning: TokenPrice?
        /// Input of sound.
        public var audioInput: TokenPrice?
        /// Output of sound.
        public var audioOutput: TokenPrice?

        /// What is left out costs its side's rate.
        public init(
            input: TokenPrice, output: TokenPrice, cachedInput: TokenPrice? = nil, cacheWrite5m: TokenPrice? = nil,
            cacheWrite1h: TokenPrice? = nil, reasoning: TokenPrice? = nil, audioInput: TokenPrice? = nil,
            audioOutput: TokenPrice? = nil
        ) {
            self.input = input
            self.output = output
            self.cachedInput = cachedInput
            self.cacheWrite5m = cacheWrite5m
            self.cacheWrite1h = cacheWrite1h
            self.reasoning = reasoning
            self.audioInput = audioInput
            self.audioOutput = audioOutput
        }
    }

    /// Rates that hold for a call with more than so much input.
    public struct Tier: Sendable, Equatable {
        /// Input tokens, all classes together: a call with exactly so many is still priced below this tier.
        public var above: TokenCount
        /// For all of the call's tokens, not only for those above the threshold.
        public var rates: Rates

        /// - Parameter above: a call with exactly so many input tokens is still priced below.
        public init(above: TokenCount, rates: Rates) {
            self.above = above
            self.rates = rates
        }
    }

    /// - Parameters:
    ///   - tiers: in any order.
    ///   - effectiveFrom: nil for a price of the operator's own.
    public init(
        _ rates: Rates, tiers: [Tier] = [], perRequest: NanoUSD = .zero, effectiveFrom: CivilDate? = nil
    ) {
        self.rates = rates
        self.tiers = tiers.sorted { $0.above < $1.above }
        self.perRequest = perRequest
        self.effectiveFrom = effectiveFrom
    }

    /// A price of the operator's own, the same for all classes of a side and for contexts of any length.
    public init(input: TokenPrice, output: TokenPrice) { self.init(Rates(input: input, output: output)) }

    /// Costs nothing, because someone said so.
    public static let free = ModelPrice(input: .zero, output: .zero)

    /// What a call with this usage costs.
    ///
    /// A usage whose classes add up to more than their side's total is counted up to that total, in the order of
    /// ``Rates/charge(_:)``.
    public func cost(of usage: TokenUsage) -> NanoUSD {
        (rates(forInput: usage.input).charge(usage) + once).rounded
    }

    /// The most that a call with at most this much input and output can cost, rounded up.
    public func ceiling(input: TokenCount, output: TokenCount) -> NanoUSD {
        var most = rates.dearest(input: input, output: output)
        // A dearer tier counts as soon as it can be reached; a cheaper one never lowers the bound.
        for tier in tiers where tier.above < input {
            most = max(most, tier.rates.dearest(input: input, output: output))
        }
        return (most + once).roundedUp
    }

    /// The rates that count for a call with so much input.
    public func rates(forInput input: TokenCount) -> Rates {
        for tier in tiers.reversed() where tier.above < input { return tier.rates }
        return rates
    }

    private var once: FemtoUSD { FemtoUSD(femtos: Int128(perRequest.nanos) * 1_000_000) }
}

extension ModelPrice.Rates {
    /// The tokens of one side, handed out class by class so that they never exceed the side's total.
    private struct Side {
        var left: Int64

        init(_ total: TokenCount) { left = total.plausible.count }

        mutating func take(_ wanted: TokenCount, at price: TokenPrice) -> FemtoUSD {
            let taken = min(max(wanted.count, 0), left)
            left -= taken
            return price * TokenCount(taken)
        }
    }

    /// Input: cache writes of an hour, of five minutes, audio, cached, then the rest. Output: audio, reasoning, then
    /// the rest. Counts may overlap (cached audio); what is usually dearer comes first so that it doesn't go unpaid.
    func charge(_ usage: TokenUsage) -> FemtoUSD {
        var input = Side(usage.input)
        var sum = input.take(usage.cacheWrite1h, at: cacheWrite1h ?? cacheWrite5m ?? self.input)
        sum += input.take(usage.cacheWrite5m, at: cacheWrite5m ?? self.input)
        sum += input.take(usage.audioInput, at: audioInput ?? self.input)
        sum += input.take(usage.cachedInput, at: cachedInput ?? self.input)
        sum += input.take(TokenCount(input.left), at: self.input)
        var output = Side(usage.output)
        sum += output.take(usage.audioOutput, at: audioOutput ?? self.output)
        sum += output.take(usage.reasoning, at: reasoning ?? self.output)
        sum += output.take(TokenCount(output.left), at: self.output)
        return sum
    }

    func dearest(input: TokenCount, output: TokenCount) -> FemtoUSD {
        let inputClasses = [cachedInput, cacheWrite5m, cacheWrite1h, audioInput]
        let dearestInput = inputClasses.reduce(self.input) { max($0, $1 ?? $0) }
        let dearestOutput = [reasoning, audioOutput].reduce(self.output) { max($0, $1 ?? $0) }
        return dearestInput * input.plausible + dearestOutput * output.plausible
    }

    /// The classes that have a rate of their own, by the name that `tollgate.yaml` has for them.
    var named: [(name: String, price: TokenPrice)] {
        let all: [(String, TokenPrice?)] = [
            ("input", input), ("output", output), ("cached_input", cachedInput), ("cache_write_5m", cacheWrite5m),
            ("cache_write_1h", cacheWrite1h), ("reasoning", reasoning), ("audio_input", audioInput),
            ("audio_output", audioOutput),
        ]
        return all.compactMap { name, price in price.map { (name, $0) } }
    }
}

extension TokenCount {
    /// Within 0...2^53, so that no count that someone reports can overflow a sum of prices.
    fileprivate var plausible: TokenCount { min(max(self, .zero), TokenCount(Int64(1) << 53)) }
}

extension ModelPrice: CustomStringConvertible {
    /// Dollars per million tokens, as a ledger row keeps it: `input 2.5 output 10 cached_input 1.25 from 2026-11-22`.
    public var description: String {
        if self == .free { return "free" }
        var words = rates.named.map { "\($0.name) \($0.price)" }
        if perRequest != .zero { words.append("per_request \(perRequest)") }
        for tier in tiers {
            words.append("above \(tier.above):")
            words += tier.rates.named.map { "\($0.name) \($0.price)" }
        }
        if let effectiveFrom { words.append("from \(effectiveFrom)") }
        return words.joined(separator: " ")
    }
}

/// How a configured target's price is found.
public enum Pricing: Sendable, Equatable {
    /// This one: the operator's own, or the catalogue's for a name that is already known.
    case fixed(ModelPrice)
    /// The catalogue's for whatever name the call is for: a wildcard's.
    case catalogue
}
