/// The price of one token in femto-dollars (10^-15 USD), so that a price such as $0.0375 per million is exact.
public struct TokenPrice: Hashable, Comparable, Sendable {
    /// $1 per million tokens is 10^9 of these. Never below 0 where ``init(dollarsPerMillion:)`` made it.
    public var femtoDollarsPerToken: Int64

    /// - Parameter femtoDollarsPerToken: 10^-15 dollars for one token.
    public init(femtoDollarsPerToken: Int64) { self.femtoDollarsPerToken = femtoDollarsPerToken }

    /// Free, which is not the same as a price that nobody knows.
    public static let zero = TokenPrice(femtoDollarsPerToken: 0)

    /// Reads dollars per million tokens, as price pages state them: `2.50`.
    ///
    /// - Returns: nil where the text is negative, no decimal, finer than 10^-9 dollars per million, or does not fit.
    public init?(dollarsPerMillion text: some StringProtocol) {
        guard let femto = DecimalText.scaled(text, byPowerOfTen: 9), femto >= 0 else { return nil }
        femtoDollarsPerToken = femto
    }

    /// Reads dollars per token, as LiteLLM's price map states them: `2.5e-06`.
    public init?(dollarsPerToken text: some StringProtocol) {
        guard let femto = DecimalText.scaled(text, byPowerOfTen: 15), femto >= 0 else { return nil }
        femtoDollarsPerToken = femto
    }

    public static func < (left: TokenPrice, right: TokenPrice) -> Bool {
        left.femtoDollarsPerToken < right.femtoDollarsPerToken
    }

    /// Exact; nothing is rounded before the last step.
    public static func * (price: TokenPrice, tokens: TokenCount) -> FemtoUSD {
        FemtoUSD(femtos: Int128(price.femtoDollarsPerToken) * Int128(tokens.count))
    }
}

extension TokenPrice: CustomStringConvertible {
    /// Dollars per million tokens.
    public var description: String { DecimalText.text(of: femtoDollarsPerToken, powerOfTen: 9) }
}

/// A sum on its way to ``NanoUSD``: exact in 10^-15 dollars, rounded once. Saturates at what Int128 holds.
public struct FemtoUSD: Hashable, Comparable, Sendable, AdditiveArithmetic {
    /// 10^-15 dollars.
    public var femtos: Int128

    /// - Parameter femtos: 10^-15 dollars.
    public init(femtos: Int128) { self.femtos = femtos }

    public static let zero = FemtoUSD(femtos: 0)

    public static func < (left: FemtoUSD, right: FemtoUSD) -> Bool { left.femtos < right.femtos }

    public static func + (left: FemtoUSD, right: FemtoUSD) -> FemtoUSD {
        FemtoUSD(femtos: left.femtos.addingSaturated(right.femtos))
    }

    public static func - (left: FemtoUSD, right: FemtoUSD) -> FemtoUSD {
        FemtoUSD(femtos: left.femtos.subtractingSaturated(right.femtos))
    }

    /// To the nearest nano-dollar, halves up: what an attempt is charged. Saturates at what Int64 holds.
    public var rounded: NanoUSD { nanos(addingBeforeFloor: 500_000) }

    /// Up to the next nano-dollar: what is held before a call. Saturates at what Int64 holds.
    public var roundedUp: NanoUSD { nanos(addingBeforeFloor: 999_999) }

    private func nanos(addingBeforeFloor addend: Int128) -> NanoUSD {
        let (quotient, remainder) = femtos.addingSaturated(addend).quotientAndRemainder(dividingBy: 1_000_000)
        return NanoUSD(nanos: Int64(clamping: remainder < 0 ? quotient - 1 : quotient))
    }
}
