import Units

/// What the machine knows of one scope that has limits. About 150 bytes; what only some scopes need lies elsewhere.
struct ScopeState: Sendable {
    static let unlimited: Int64 = -1

    var scope = Scope.global

    /// Sum of the remaining ceilings of the live claims with this ``epoch``. Wider than an amount: the ceilings of
    /// holds that were made while there was no limit may add up to anything.
    var held: Int128 = 0
    /// What was charged in the current window, as far as it is known: see ``isLoaded``.
    var spent: Int64 = 0
    var maxBudget = ScopeState.unlimited
    var windowStart = Int64.min
    var windowEnd = Int64.max
    var window: BudgetWindow?
    var anchor: Int64 = 0

    var requestsPerMinute = ScopeState.unlimited
    var tokensPerMinute = ScopeState.unlimited
    var parallelMax = ScopeState.unlimited
    /// The live holds that name this scope.
    var live: Int32 = 0
    /// The live claims with this ``epoch`` whose holds hold all that is left.
    var restHolds: Int32 = 0

    /// Index into the machine's rate windows, and the birth number of the one meant; -1 while there is none.
    var rate: Int32 = -1
    var rateBirth: UInt32 = 0

    /// Tells the scopes apart that use this slot one after the other.
    var generation: UInt32 = 0
    /// Tells the money windows apart: a claim of another epoch is none of the current window's business.
    var epoch: UInt32 = 0
    /// ``spent`` holds all that was spent in the window; false while the ledger's sum has not been added.
    var isLoaded = false

    var tracksMoney: Bool { maxBudget >= 0 }
    var limitsRate: Bool { requestsPerMinute >= 0 || tokensPerMinute >= 0 }
    var interval: WindowInterval {
        WindowInterval(
            start: Timestamp(nanosecondsSince1970: windowStart), end: Timestamp(nanosecondsSince1970: windowEnd))
    }

    /// Limit, less what is spent and the ceilings; may be far below 0.
    var rest: Int128 { Int128(maxBudget) - Int128(spent) - held }
    /// What of it nobody holds.
    var moneyLeft: Int128 { left(othersHoldRest: restHolds != 0) }
    func left(othersHoldRest: Bool) -> Int128 { othersHoldRest ? min(rest, 0) : rest }
}

/// One hold's part in one scope.
struct Claim: Sendable {
    var scope: Scope
    /// Index of the scope's state; -1 where the scope had no limits when the hold was made.
    var slot: Int32
    /// Of the slot: the scope may have been removed meanwhile.
    var generation: UInt32
    /// The money window that the hold's money belongs to.
    var epoch: UInt32
    /// The rate window that the hold's tokens are counted in; 0 where in none.
    var rateBirth: UInt32

    static let blank = Claim(scope: .global, slot: -1, generation: 0, epoch: 0, rateBirth: 0)
}

/// One hold, live or not. Its first eight claims lie in ``BudgetMachine/claims``.
struct HoldRecord: Sendable {
    static let inlineMax = ScopeList.inlineMax

    /// Odd while the hold is live; counts up when it is made and when it ends.
    var generation: UInt32 = 0
    /// Its claims.
    var count: Int32 = 0
    /// When the ceilings were set aside, by the machine's clock.
    var heldAt: Int64 = 0
    /// Money still held: the ceiling less what was charged. 0 where all that is left is held.
    var ceiling: Int64 = 0
    /// What it costs is not known: it holds all that is left, however much that is from moment to moment.
    var holdsRest = false
    /// Tokens still held.
    var tokens: Int64 = 0
    /// The claims from the ninth on.
    var overflow: [Claim] = []

    var isLive: Bool { generation & 1 == 1 }
}
