import Units

/// What a scope may use. Nil is no limit; 0 is a limit that blocks.
public struct Limits: Equatable, Sendable {
    /// The most that may be spent in one window, holds included.
    public var maxBudget: NanoUSD?
    /// How long the budget lasts before it starts anew; nil is for ever.
    public var window: BudgetWindow?
    /// What the windows of a fixed length are counted from: the creation of the key.
    public var anchor: Timestamp
    /// Admitted requests in any 60 seconds.
    public var requestsPerMinute: Int?
    /// Tokens, in and out, of the requests admitted in any 60 seconds.
    public var tokensPerMinute: Int?
    /// Requests running at the same time.
    public var parallelRequests: Int?

    /// Limits of what is given; without any, nothing is limited. Windows of a fixed length count from 1970 without an
    /// anchor.
    public init(
        maxBudget: NanoUSD? = nil, window: BudgetWindow? = nil, anchor: Timestamp = Timestamp(secondsSince1970: 0),
        requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil, parallelRequests: Int? = nil
    ) {
        self.maxBudget = maxBudget
        self.window = window
        self.anchor = anchor
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.parallelRequests = parallelRequests
    }

    /// Nothing is limited: such a scope is not stored.
    public var isEmpty: Bool {
        maxBudget == nil && requestsPerMinute == nil && tokensPerMinute == nil && parallelRequests == nil
    }
}
