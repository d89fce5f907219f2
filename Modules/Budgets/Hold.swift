import Units

/// What a request has set aside. Ends exactly once: settled with what was really spent, or released when it is dropped,
/// so no way out of a function can leak money or a slot.
public struct Hold: ~Copyable, Sendable {
    private let book: BudgetBook
    /// Nil once it has ended.
    private var token: HoldToken?
    /// The instant that the first attempt's cost counts at: its ledger row must name the same one, or the ledger's sum
    /// of a window and the budget's may differ around midnight. (An extension returns the next attempt's.)
    public let heldAt: Timestamp

    init(_ token: HoldToken, of book: BudgetBook, heldAt: Timestamp) {
        self.token = token
        self.book = book
        self.heldAt = heldAt
    }

    /// An attempt has ended with a cost and the request goes on; see ``BudgetMachine/charge(_:cost:tokens:)``.
    @discardableResult
    public borrowing func charge(cost: NanoUSD, tokens: TokenCount) -> Overrun {
        guard let token else { return .none }
        return book.charge(token, cost: cost, tokens: tokens)
    }

    /// Before every attempt but the first: what this one can cost; see ``BudgetMachine/extend(_:to:tokens:at:)``.
    ///
    /// - Returns: the instant that the attempt's cost counts at.
    /// - Throws: ``BudgetError``; then the hold is as it was.
    @discardableResult
    public borrowing func extend(
        to ceiling: NanoUSD?, tokens: TokenCount, at time: Timestamp
    ) throws(BudgetError) -> Timestamp {
        guard let token else { preconditionFailure("a hold that has ended can't be extended") }
        return try book.extend(token, to: ceiling, tokens: tokens, at: time)
    }

    /// What is left of the limits of all its scopes, per meter that of the scope with the least left: for the headers.
    public borrowing func status(at time: Timestamp) -> RateStatus {
        guard let token else { return RateStatus() }
        return book.status(of: token, at: time)
    }

    /// The request is over and its last attempt took this; what was held beyond it is free again.
    ///
    /// - Returns: by how much the attempt took more than was held.
    @discardableResult
    public consuming func settle(cost: NanoUSD, tokens: TokenCount) -> Overrun {
        guard let token else { return .none }
        self.token = nil
        return book.settle(token, cost: cost, tokens: tokens)
    }

    /// The request is over and its last attempt cost nothing. Dropping the hold does the same.
    public consuming func release() {}

    deinit {
        if let token { book.release(token) }
    }
}
