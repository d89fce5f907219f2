import Budgets
import Units

/// The rules of ``BudgetMachine`` in their simplest form: it keeps what happened and sums it up anew for every
/// question. Slow, and written to be compared by eye with the invariants.
struct NaiveBudgets {
    struct Charge {
        var scope: Scope
        var heldAt: Timestamp
        var cost: Int64
        /// Which waiting for the ledger's sum it came after; see ``Tracked/era``.
        var era: Int
    }

    struct RateItem {
        var scope: Scope
        var at: Timestamp
        var requests: Int64
        /// What was really used.
        var used: Int64
        /// Set while the hold that counts tokens here is live and was not extended.
        var holder: Int?
        var era: Int
    }

    struct Hold {
        var scopes: [Scope]
        var heldAt: Timestamp
        /// Nil for all that is left.
        var ceiling: Int64?
        var tokens: Int64
    }

    struct Tracked {
        var limits: Limits
        /// Counts up whenever the scope's money begins to wait for its sum.
        var era: Int
        /// Counts up whenever the scope's rates begin to be counted.
        var rateEra: Int
        var loaded: (window: WindowInterval, amount: Int64)?
        /// The scope was known before this window began: nothing was spent in it that is not known.
        var waitsIn: WindowInterval
    }

    enum Answer: Equatable {
        case admitted
        case notLoaded
        case refused([Reason])
    }

    struct Reason: Equatable, Hashable {
        var scope: Scope
        var dimension: BudgetDimension
        var limit: Int64
        var left: Int64
        var asked: Int64?
    }

    var zone = TimeZoneRules.utc
    var now = Timestamp(secondsSince1970: 0)
    var tracked: [Scope: Tracked] = [:]
    var holds: [Int: Hold] = [:]
    var charges: [Charge] = []
    var items: [RateItem] = []
    var eras = 0
    var nextHold = 0

    mutating func advance(to time: Timestamp) {
        now = max(now, time)
        // Twice as old as what can count: only to keep the tests fast.
        let old = now - .seconds(122)
        if let first = items.first, first.at < old { items.removeAll { $0.at < old } }
    }

    // MARK: Sums

    func window(_ scope: Scope) -> WindowInterval {
        guard let limits = tracked[scope]?.limits, let window = limits.window else { return .always }
        return window.interval(containing: now, anchor: limits.anchor, zone: zone)
    }

    func isLoaded(_ scope: Scope) -> Bool {
        let known = tracked[scope]!
        // What began after the scope was known began with nothing spent.
        return known.loaded?.window == window(scope) || known.waitsIn != window(scope)
    }

    func spent(_ scope: Scope) -> Int64 {
        let known = tracked[scope]!
        let window = window(scope)
        let loaded = known.loaded.map { $0.window == window ? $0.amount : 0 } ?? 0
        return charges.reduce(loaded) { sum, charge in
            charge.scope == scope && charge.era == known.era && window.contains(charge.heldAt) ? sum + charge.cost : sum
        }
    }

    /// The holds of the scope's window.
    private func holders(_ scope: Scope, except: Int? = nil) -> [Hold] {
        let window = window(scope)
        return holds.filter {
            $0.key != except && $0.value.scopes.contains(scope) && window.contains($0.value.heldAt)
        }.map(\.value)
    }

    /// Limit, less what is spent and the ceilings.
    private func rest(_ scope: Scope, except: Int? = nil) -> Int64 {
        let budget = tracked[scope]!.limits.maxBudget!.nanos
        return holders(scope, except: except).reduce(budget - spent(scope)) { $0 - ($1.ceiling ?? 0) }
    }

    private func othersHoldRest(_ scope: Scope, except: Int? = nil) -> Bool {
        holders(scope, except: except).contains { $0.ceiling == nil }
    }

    func held(_ scope: Scope) -> Int64 {
        let ceilings = holders(scope).reduce(0) { $0 + ($1.ceiling ?? 0) }
        return othersHoldRest(scope) ? ceilings + max(0, rest(scope)) : ceilings
    }

    /// What this hold has of the scope's ceilings.
    private func own(_ id: Int, _ scope: Scope) -> Int64 { rest(scope, except: id) - rest(scope) }

    /// What this hold can have.
    private func left(for id: Int, _ scope: Scope) -> Int64 {
        let rest = rest(scope)
        return own(id, scope) + (othersHoldRest(scope, except: id) ? min(rest, 0) : rest)
    }

    func live(_ scope: Scope) -> Int64 { Int64(holds.values.count { $0.scopes.contains(scope) }) }

    private func second(_ time: Timestamp) -> Int64 { time.secondsSince1970 }

    /// What has not expired: an item lives for 60 seconds after the last item of its second.
    func recent(_ scope: Scope) -> [RateItem] {
        guard let era = tracked[scope]?.rateEra else { return [] }
        let mine = items.filter { $0.scope == scope && $0.era == era }
        var last: [Int64: Timestamp] = [:]
        for item in mine { last[second(item.at)] = max(item.at, last[second(item.at)] ?? item.at) }
        return mine.filter { now < last[second($0.at)]! + .seconds(60) }
    }

    func requests(_ scope: Scope) -> Int64 { recent(scope).reduce(0) { $0 + $1.requests } }

    func tokens(_ scope: Scope, except: Int? = nil) -> Int64 {
        recent(scope).reduce(0) { sum, item in
            let holding = item.holder.flatMap { $0 == except ? nil : holds[$0]?.tokens } ?? 0
            return sum + item.used + holding
        }
    }

    // MARK: Verbs

    func reasons(against scopes: [Scope], ceiling: Int64?, tokens asked: Int64, isFree: Bool) -> Answer {
        var reasons: [Reason] = []
        for scope in scopes {
            guard let limits = tracked[scope]?.limits else { continue }
            if let budget = limits.maxBudget?.nanos {
                if !isLoaded(scope) { return .notLoaded }
                let spent = spent(scope)
                let left = budget - spent - held(scope)
                if !(isFree && ceiling == 0), spent >= budget || (ceiling ?? 1) > left {
                    reasons.append(
                        Reason(scope: scope, dimension: .money, limit: budget, left: max(0, left), asked: ceiling))
                }
            }
            if let limit = limits.requestsPerMinute.map(Int64.init), requests(scope) + 1 > limit {
                let left = max(0, limit - requests(scope))
                reasons.append(Reason(scope: scope, dimension: .requests, limit: limit, left: left, asked: 1))
            }
            if let limit = limits.tokensPerMinute.map(Int64.init), tokens(scope) + asked > limit {
                let left = max(0, limit - tokens(scope))
                reasons.append(Reason(scope: scope, dimension: .tokens, limit: limit, left: left, asked: asked))
            }
            if let limit = limits.parallelRequests.map(Int64.init), live(scope) + 1 > limit {
                reasons.append(Reason(scope: scope, dimension: .parallel, limit: limit, left: 0, asked: 1))
            }
        }
        return reasons.isEmpty ? .admitted : .refused(reasons)
    }

    mutating func hold(_ scopes: [Scope], ceiling: Int64?, tokens: Int64, isFree: Bool) -> (Answer, id: Int) {
        let answer = reasons(against: scopes, ceiling: ceiling, tokens: tokens, isFree: isFree)
        guard answer == .admitted else { return (answer, -1) }
        nextHold += 1
        holds[nextHold] = Hold(scopes: scopes, heldAt: now, ceiling: ceiling, tokens: tokens)
        countRates(nextHold, requests: 1)
        return (answer, nextHold)
    }

    private mutating func countRates(_ id: Int, requests: Int64) {
        for scope in holds[id]!.scopes {
            guard let known = tracked[scope] else { continue }
            guard known.limits.requestsPerMinute != nil || known.limits.tokensPerMinute != nil else { continue }
            items.append(RateItem(scope: scope, at: now, requests: requests, used: 0, holder: id, era: known.rateEra))
        }
    }

    mutating func charge(_ id: Int, cost: Int64, tokens: Int64) -> Overrun {
        var hold = holds[id]!
        // Without a ceiling: more than was left in the scope with the least.
        var overrun = max(0, cost - (hold.ceiling ?? cost))
        if hold.ceiling == nil {
            for scope in hold.scopes where tracked[scope]?.limits.maxBudget != nil {
                guard isLoaded(scope), window(scope).contains(hold.heldAt) else { continue }
                overrun = max(overrun, cost - max(0, left(for: id, scope)))
            }
        }
        for scope in hold.scopes {
            charges.append(Charge(scope: scope, heldAt: hold.heldAt, cost: cost, era: tracked[scope]?.era ?? -1))
        }
        for index in items.indices where items[index].holder == id { items[index].used += tokens }
        let beyond = Overrun(money: NanoUSD(nanos: overrun), tokens: TokenCount(max(0, tokens - hold.tokens)))
        hold.ceiling = hold.ceiling.map { max(0, $0 - cost) }
        hold.tokens = max(0, hold.tokens - tokens)
        holds[id] = hold
        return beyond
    }

    mutating func extend(_ id: Int, ceiling: Int64?, tokens asked: Int64) -> Answer {
        let hold = holds[id]!
        var reasons: [Reason] = []
        for scope in hold.scopes {
            guard let limits = tracked[scope]?.limits else { continue }
            if let budget = limits.maxBudget?.nanos {
                let left = left(for: id, scope)
                if let ceiling {
                    if ceiling > own(id, scope) {
                        if !isLoaded(scope) { return .notLoaded }
                        if ceiling > left {
                            reasons.append(
                                Reason(
                                    scope: scope, dimension: .money, limit: budget, left: max(0, left), asked: ceiling))
                        }
                    }
                } else if !isLoaded(scope) {
                    return .notLoaded
                } else if left <= 0 || othersHoldRest(scope, except: id) {
                    reasons.append(Reason(scope: scope, dimension: .money, limit: budget, left: 0, asked: nil))
                }
            }
            if let limit = limits.tokensPerMinute.map(Int64.init) {
                let own = tokens(scope) - tokens(scope, except: id)
                let left = limit - tokens(scope, except: id)
                if asked > own, asked > left {
                    reasons.append(
                        Reason(scope: scope, dimension: .tokens, limit: limit, left: max(0, left), asked: asked))
                }
            }
        }
        guard reasons.isEmpty else { return .refused(reasons) }
        for index in items.indices where items[index].holder == id { items[index].holder = nil }
        holds[id] = Hold(scopes: hold.scopes, heldAt: now, ceiling: ceiling, tokens: asked)
        countRates(id, requests: 0)
        return .admitted
    }

    mutating func end(_ id: Int) {
        for index in items.indices where items[index].holder == id { items[index].holder = nil }
        holds[id] = nil
    }

    mutating func setLimits(_ limits: Limits, of scope: Scope) {
        guard !limits.isEmpty else { tracked[scope] = nil; return }
        let old = tracked[scope]
        let oldWindow = old == nil ? nil : window(scope)
        eras += 1
        var new = Tracked(limits: limits, era: eras, rateEra: eras, loaded: nil, waitsIn: .always)
        if let old {
            if old.limits.requestsPerMinute != nil || old.limits.tokensPerMinute != nil { new.rateEra = old.rateEra }
            if old.limits.maxBudget != nil { new.era = old.era }
        }
        let wasLoaded = old?.limits.maxBudget != nil && isLoaded(scope)
        tracked[scope] = new
        let window = window(scope)
        if let old, old.limits.maxBudget != nil, limits.maxBudget != nil, oldWindow == window {
            tracked[scope]!.loaded =
                wasLoaded ? (window, old.loaded.map { $0.window == window ? $0.amount : 0 } ?? 0) : nil
        } else {
            tracked[scope]!.era = eras
        }
        tracked[scope]!.waitsIn = window
    }

    mutating func setSpent(_ amount: Int64, of scope: Scope) {
        guard let known = tracked[scope], known.limits.maxBudget != nil, !isLoaded(scope) else { return }
        tracked[scope]!.loaded = (window(scope), amount)
    }
}
