import Synchronization
import Units

/// The budgets of a process, for every thread: a lock around a ``BudgetMachine``. No call waits for anything but the
/// lock, which is held for well under a microsecond on the path of a request.
public final class BudgetBook: Sendable {
    private let machine: Mutex<BudgetMachine>

    /// - Parameter zone: whose midnights begin the days, weeks and months of budget windows.
    public init(zone: TimeZoneRules = .utc) {
        machine = Mutex(BudgetMachine(zone: zone))
    }

    /// Sets aside what a request can cost in every scope before it is sent, so that no two requests can both have the
    /// last cent; see ``BudgetMachine/hold(_:at:)``.
    ///
    /// - Returns: a hold. It is settled once with what was really spent; dropped unsettled, it releases itself.
    /// - Throws: ``BudgetError``; then nothing is set aside.
    public func hold(_ ask: borrowing Ask, at time: Timestamp) throws(BudgetError) -> Hold {
        let (token, heldAt) = try machine.withLock { machine throws(BudgetError) in
            let token = try machine.hold(ask, at: time)
            return (token, Timestamp(nanosecondsSince1970: machine.latest))
        }
        return Hold(token, of: self, heldAt: heldAt)
    }

    func charge(_ token: HoldToken, cost: NanoUSD, tokens: TokenCount) -> Overrun {
        machine.withLock { $0.charge(token, cost: cost, tokens: tokens) } ?? .none
    }

    func extend(
        _ token: HoldToken, to ceiling: NanoUSD?, tokens: TokenCount, at time: Timestamp
    ) throws(BudgetError) -> Timestamp {
        try machine.withLock { machine throws(BudgetError) in
            try machine.extend(token, to: ceiling, tokens: tokens, at: time)
        }
    }

    func settle(_ token: HoldToken, cost: NanoUSD, tokens: TokenCount) -> Overrun {
        machine.withLock { $0.settle(token, cost: cost, tokens: tokens) } ?? .none
    }

    func status(of token: HoldToken, at time: Timestamp) -> RateStatus {
        machine.withLock { $0.status(of: token, at: time) }
    }

    func release(_ token: HoldToken) {
        machine.withLock { $0.release(token) }
    }

    /// See ``BudgetMachine/setLimits(_:of:at:)``.
    @discardableResult
    public func setLimits(_ limits: Limits, of scope: Scope, at time: Timestamp) -> MissingSpend? {
        machine.withLock { $0.setLimits(limits, of: scope, at: time) }
    }

    /// See ``BudgetMachine/setSpent(_:of:windowStart:)``.
    @discardableResult
    public func setSpent(_ amount: NanoUSD, of scope: Scope, windowStart: Timestamp) -> Bool {
        machine.withLock { $0.setSpent(amount, of: scope, windowStart: windowStart) }
    }

    /// See ``BudgetMachine/setZone(_:at:)``.
    @discardableResult
    public func setZone(_ zone: TimeZoneRules, at time: Timestamp) -> [MissingSpend] {
        machine.withLock { $0.setZone(zone, at: time) }
    }

    /// See ``BudgetMachine/missingSpends(at:)``.
    public func missingSpends(at time: Timestamp) -> [MissingSpend] {
        machine.withLock { $0.missingSpends(at: time) }
    }

    /// See ``BudgetMachine/remove(_:)``.
    public func remove(_ scope: Scope) {
        machine.withLock { $0.remove(scope) }
    }

    /// See ``BudgetMachine/limits(of:)``.
    public func limits(of scope: Scope) -> Limits? {
        machine.withLock { $0.limits(of: scope) }
    }

    /// See ``BudgetMachine/status(of:at:)``.
    public func status(of scopes: borrowing ScopeList, at time: Timestamp) -> RateStatus {
        machine.withLock { $0.status(of: scopes, at: time) }
    }

    /// What is left of one scope's limits; nil if it has none.
    public func status(of scope: Scope, at time: Timestamp) -> RateStatus? {
        machine.withLock { $0.status(of: scope, at: time) }
    }

    /// See ``BudgetMachine/freeIdle(at:)``.
    public func freeIdle(at time: Timestamp) {
        machine.withLock { $0.freeIdle(at: time) }
    }

    /// Requests that hold something now.
    public var liveHolds: Int { machine.withLock { $0.liveHolds } }

    /// Scopes whose last minute is remembered; see ``BudgetMachine/rateWindowCount``.
    public var rateWindowCount: Int { machine.withLock { $0.rateWindowCount } }

    /// Scopes that have limits.
    public var scopeCount: Int { machine.withLock { $0.scopeCount } }
}
