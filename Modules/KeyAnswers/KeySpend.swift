import Budgets
import Keys
import Logging
import Store
import Units

/// What a key has spent: in its present budget window, or altogether where it has none.
public struct KeySpend: Sendable {
    /// In the budget window that `now` is in; ``total`` where the key has no window.
    public let spend: NanoUSD
    /// Since the key was made.
    public let total: NanoUSD
    /// When the window ends; nil where the key has none.
    public let resetsAt: Timestamp?

    /// Reads both from the ledger: what is under way is not in it.
    public init(of key: VirtualKey, at now: Timestamp, _ zone: TimeZoneRules, on database: Database) throws(StoreError)
    {
        total = try Ledger.lifetimeSpend(keyID: key.id, on: database).cost
        guard let window = key.budgetDuration.flatMap({ BudgetWindow(text: $0) }) else {
            spend = total
            resetsAt = nil
            return
        }
        let interval = window.interval(containing: now, anchor: key.createdAt, zone: zone)
        spend = try Ledger.spend(keyID: key.id, from: interval.start, to: interval.end, on: database).cost
        resetsAt = interval.end
    }
}
