import Units

/// What is left of the limits that bind a request: the figures of the `x-ratelimit-*` and budget headers.
///
/// Over several scopes each meter is that of the scope with the least left.
public struct RateStatus: Equatable, Sendable {
    /// A limit of requests, tokens or parallel slots, in whole ones.
    public struct Meter: Equatable, Sendable {
        /// Whose limit it is.
        public var scope: Scope
        /// The whole limit: requests or tokens in any 60 seconds, or slots.
        public var limit: Int64
        /// Never below 0.
        public var left: Int64
        /// When the limit would be unused again (OpenAI's meaning of `x-ratelimit-reset-*`); nil where it is now, and
        /// for parallel slots.
        public var unusedAt: Timestamp?

        /// The figures of one scope's limit, as they are at the moment of asking.
        public init(scope: Scope, limit: Int64, left: Int64, unusedAt: Timestamp?) {
            self.scope = scope
            self.limit = limit
            self.left = left
            self.unusedAt = unusedAt
        }
    }

    /// A limit of money.
    public struct BudgetMeter: Equatable, Sendable {
        /// Whose limit it is.
        public var scope: Scope
        /// The most that may be spent in one window.
        public var limit: NanoUSD
        /// In the current window, by attempts that have ended.
        public var spent: NanoUSD
        /// What running requests hold.
        public var held: NanoUSD
        /// Never below 0.
        public var left: NanoUSD
        /// When the next window begins; nil for a budget that lasts for ever.
        public var resets: Timestamp?

        /// The figures of one scope's budget, as they are at the moment of asking.
        public init(
            scope: Scope, limit: NanoUSD, spent: NanoUSD, held: NanoUSD, left: NanoUSD, resets: Timestamp?
        ) {
            self.scope = scope
            self.limit = limit
            self.spent = spent
            self.held = held
            self.left = left
            self.resets = resets
        }
    }

    /// Per minute; nil where no scope limits them.
    public var requests: Meter?
    /// Per minute, in and out; nil where no scope limits them.
    public var tokens: Meter?
    /// Nil where no scope limits them.
    public var parallel: Meter?
    /// Nil also while the scope's spending is not known.
    public var budget: BudgetMeter?

    /// Without arguments: that of scopes that limit nothing.
    public init(
        requests: Meter? = nil, tokens: Meter? = nil, parallel: Meter? = nil, budget: BudgetMeter? = nil
    ) {
        self.requests = requests
        self.tokens = tokens
        self.parallel = parallel
        self.budget = budget
    }

    /// Keeps, per meter, the one with less left.
    mutating func tighten(by other: RateStatus) {
        requests = Self.tighter(requests, other.requests)
        tokens = Self.tighter(tokens, other.tokens)
        parallel = Self.tighter(parallel, other.parallel)
        if let theirs = other.budget, budget.map({ theirs.left < $0.left }) ?? true { budget = theirs }
    }

    private static func tighter(_ mine: Meter?, _ theirs: Meter?) -> Meter? {
        guard let theirs else { return mine }
        guard let mine else { return theirs }
        return theirs.left < mine.left ? theirs : mine
    }
}
