import Units

/// By how much an attempt took more than was held for it: a provider ignored `max_tokens`, or a ceiling was wrong.
/// It is spent all the same, so the budget may now be exceeded; worth a line in the log.
public struct Overrun: Equatable, Sendable {
    /// 0 where the ceiling held.
    public var money: NanoUSD
    /// 0 where the ceiling held.
    public var tokens: TokenCount

    /// Both are 0 or more.
    public init(money: NanoUSD, tokens: TokenCount) {
        self.money = money
        self.tokens = tokens
    }

    /// Neither ceiling was exceeded.
    public static let none = Overrun(money: .zero, tokens: .zero)

    /// Nothing to log: both ceilings held.
    public var isNone: Bool { self == .none }
}
