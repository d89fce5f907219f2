import Budgets
import Units

/// A machine behind a reference: `#expect` takes no mutating call on a value.
final class MachineBox {
    static let start = Timestamp(iso8601: "2026-11-23T13:00:00Z")!

    var machine: BudgetMachine

    init(_ machine: BudgetMachine) { self.machine = machine }

    convenience init(zone: TimeZoneRules = .utc) { self.init(BudgetMachine(zone: zone)) }

    var copy: MachineBox { MachineBox(machine) }
    var liveHolds: Int { machine.liveHolds }
    var scopeCount: Int { machine.scopeCount }
    var rateWindowCount: Int { machine.rateWindowCount }

    /// Limits, and the sum of what was spent in the current window if they wait for it.
    func set(_ limits: Limits, of scope: Scope, spent: Int64 = 0, at time: Timestamp = start) {
        if let missing = machine.setLimits(limits, of: scope, at: time) {
            machine.setSpent(NanoUSD(nanos: spent), of: scope, windowStart: missing.window.start)
        }
    }

    @discardableResult
    func hold(
        _ ceiling: Int64?, tokens: TokenCount = 0, of scopes: ScopeList = [.key(1)], isFree: Bool = false,
        at time: Timestamp = start
    ) throws(BudgetError) -> HoldToken {
        let money = ceiling.map { NanoUSD(nanos: $0) }
        return try machine.hold(Ask(scopes: scopes, ceiling: money, tokens: tokens, isFree: isFree), at: time)
    }

    /// Tries to hold: nil if that was admitted.
    func refusal(
        _ ceiling: Int64?, tokens: TokenCount = 0, of scopes: ScopeList = [.key(1)], isFree: Bool = false,
        at time: Timestamp = start
    ) -> Refusal? {
        do {
            try hold(ceiling, tokens: tokens, of: scopes, isFree: isFree, at: time)
            return nil
        } catch {
            guard case .exhausted(let refusal) = error else { return nil }
            return refusal
        }
    }

    @discardableResult
    func charge(_ token: HoldToken, cost: NanoUSD, tokens: TokenCount) -> Overrun? {
        machine.charge(token, cost: cost, tokens: tokens)
    }

    @discardableResult
    func extend(
        _ token: HoldToken, to ceiling: NanoUSD?, tokens: TokenCount, at time: Timestamp
    ) throws(BudgetError) -> Timestamp {
        try machine.extend(token, to: ceiling, tokens: tokens, at: time)
    }

    @discardableResult
    func settle(_ token: HoldToken, cost: NanoUSD, tokens: TokenCount) -> Overrun? {
        machine.settle(token, cost: cost, tokens: tokens)
    }

    func release(_ token: HoldToken) { machine.release(token) }
    func heldAt(_ token: HoldToken) -> Timestamp? { machine.heldAt(token) }

    @discardableResult
    func setLimits(_ limits: Limits, of scope: Scope, at time: Timestamp) -> MissingSpend? {
        machine.setLimits(limits, of: scope, at: time)
    }

    @discardableResult
    func setSpent(_ amount: NanoUSD, of scope: Scope, windowStart: Timestamp) -> Bool {
        machine.setSpent(amount, of: scope, windowStart: windowStart)
    }

    func setZone(_ zone: TimeZoneRules, at time: Timestamp) -> [MissingSpend] { machine.setZone(zone, at: time) }
    func missingSpends(at time: Timestamp) -> [MissingSpend] { machine.missingSpends(at: time) }
    func remove(_ scope: Scope) { machine.remove(scope) }
    func limits(of scope: Scope) -> Limits? { machine.limits(of: scope) }
    func freeIdle(at time: Timestamp) { machine.freeIdle(at: time) }
    func status(of scope: Scope, at time: Timestamp) -> RateStatus? { machine.status(of: scope, at: time) }
    func status(of scopes: ScopeList, at time: Timestamp) -> RateStatus { machine.status(of: scopes, at: time) }

    func budget(_ scope: Scope = .key(1), at time: Timestamp = start) -> RateStatus.BudgetMeter? {
        machine.status(of: scope, at: time)?.budget
    }
}
