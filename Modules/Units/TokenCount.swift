/// A number of tokens, as a provider counts them.
///
/// Sums and differences saturate at what Int64 holds: the numbers come from providers, and an absurd one must not trap.
public struct TokenCount: Hashable, Comparable, Sendable, AdditiveArithmetic, ExpressibleByIntegerLiteral {
    /// Below 0 only as a difference.
    public var count: Int64

    /// Any number, also below 0: nothing is checked.
    public init(_ count: Int64) { self.count = count }
    /// Any number, also below 0: nothing is checked.
    public init(_ count: Int) { self.count = Int64(count) }
    public init(integerLiteral value: Int64) { count = value }

    public static let zero = TokenCount(Int64(0))

    public static func < (left: TokenCount, right: TokenCount) -> Bool { left.count < right.count }

    public static func + (left: TokenCount, right: TokenCount) -> TokenCount {
        TokenCount(left.count.addingSaturated(right.count))
    }

    public static func - (left: TokenCount, right: TokenCount) -> TokenCount {
        TokenCount(left.count.subtractingSaturated(right.count))
    }
}

extension TokenCount: CustomStringConvertible {
    public var description: String { String(count) }
}
