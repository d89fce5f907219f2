/// An amount of money in billionths of a US dollar: exact, integer, never floating point.
///
/// Int64 holds ±9.2 billion dollars. Sums and differences saturate there: no sum of real calls comes near it, and a
/// provider that reports 10^18 tokens must not be able to stop the process.
public struct NanoUSD: Hashable, Comparable, Sendable, AdditiveArithmetic {
    /// Below 0 where a sum of differences is.
    public var nanos: Int64

    /// Any number of billionths of a dollar, also below 0.
    public init(nanos: Int64) { self.nanos = nanos }

    public static let zero = NanoUSD(nanos: 0)

    /// Whole dollars, for literals in tests and defaults.
    public static func dollars(_ whole: Int64) -> NanoUSD { NanoUSD(nanos: whole * 1_000_000_000) }

    /// Reads a decimal amount of dollars such as `10`, `0.25`, `3e-7`.
    ///
    /// - Returns: nil where the text is no decimal number, is finer than a nano-dollar, or does not fit.
    public init?(decimal text: some StringProtocol) {
        guard let scaled = DecimalText.scaled(text, byPowerOfTen: 9) else { return nil }
        nanos = scaled
    }

    public static func < (left: NanoUSD, right: NanoUSD) -> Bool { left.nanos < right.nanos }

    public static func + (left: NanoUSD, right: NanoUSD) -> NanoUSD {
        NanoUSD(nanos: left.nanos.addingSaturated(right.nanos))
    }

    public static func - (left: NanoUSD, right: NanoUSD) -> NanoUSD {
        NanoUSD(nanos: left.nanos.subtractingSaturated(right.nanos))
    }
}

extension NanoUSD: CustomStringConvertible {
    /// Dollars as the shortest exact decimal: `10`, `0.000015`. Also a valid JSON number.
    public var description: String { DecimalText.text(of: nanos, powerOfTen: 9) }
}
