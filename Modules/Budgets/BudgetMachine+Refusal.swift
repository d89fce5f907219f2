import Units

extension BudgetMachine {
    /// What is left of the limits of these scopes, per meter that of the scope with the least left.
    public mutating func status(of list: borrowing ScopeList, at time: Timestamp) -> RateStatus {
        status(of: list, now: clock(time))
    }

    /// What is left of the limits of a live hold's scopes; nothing if the hold has ended.
    public mutating func status(of token: HoldToken, at time: Timestamp) -> RateStatus {
        let now = clock(time)
        var result = RateStatus()
        guard let index = live(token) else { return result }
        for position in 0..<Int(holds[index].count) {
            guard let slot = slot(of: claim(index, position)) else { continue }
            bringUpToDate(slot, at: now)
            result.tighten(by: status(ofSlot: slot))
        }
        return result
    }

    /// What is left of one scope's limits; nil if it has none.
    public mutating func status(of scope: Scope, at time: Timestamp) -> RateStatus? {
        let now = clock(time)
        guard let slot = slots[scope] else { return nil }
        bringUpToDate(Int(slot), at: now)
        return status(ofSlot: Int(slot))
    }

    private mutating func status(of list: borrowing ScopeList, now: Int64) -> RateStatus {
        var result = RateStatus()
        for position in 0..<list.count {
            guard let slot = slots[list[position]] else { continue }
            bringUpToDate(Int(slot), at: now)
            result.tighten(by: status(ofSlot: Int(slot)))
        }
        return result
    }

    private func status(ofSlot slot: Int) -> RateStatus {
        let state = scopes[slot]
        let rate = rateWindow(of: slot)
        let unusedAt = rate.emptyAt.map(Timestamp.init(nanosecondsSince1970:))
        func meter(_ limit: Int64, used: Int64, unusedAt: Timestamp?) -> RateStatus.Meter? {
            guard limit >= 0 else { return nil }
            return RateStatus.Meter(
                scope: state.scope, limit: limit, left: max(0, limit - used), unusedAt: used > 0 ? unusedAt : nil)
        }
        var result = RateStatus(
            requests: meter(state.requestsPerMinute, used: rate.requests, unusedAt: unusedAt),
            tokens: meter(state.tokensPerMinute, used: rate.tokens, unusedAt: unusedAt),
            parallel: meter(state.parallelMax, used: Int64(state.live), unusedAt: nil))
        if state.tracksMoney, state.isLoaded {
            result.budget = RateStatus.BudgetMeter(
                scope: state.scope, limit: NanoUSD(nanos: state.maxBudget), spent: NanoUSD(nanos: state.spent),
                held: NanoUSD(nanos: Int64(clamping: state.held + (state.restHolds > 0 ? max(0, state.rest) : 0))),
                left: NanoUSD(nanos: Int64(clamping: max(0, state.moneyLeft))),
                resets: state.windowEnd == .max ? nil : Timestamp(nanosecondsSince1970: state.windowEnd))
        }
        return result
    }

    /// Why an ask was refused. Off the fast path: everything is looked at again, and the reason that lasts longest is
    /// told.
    @inline(never)
    mutating func refusal(of ask: borrowing Ask, at now: Int64) -> BudgetError {
        let status = status(of: ask.scopes, now: now)
        var worst = WorstRefusal(status: status)
        for position in 0..<ask.scopes.count {
            guard let slot = slots[ask.scopes[position]].map(Int.init) else { continue }
            if let missing = missing(slot) { return .notLoaded(missing) }
            let ceiling = ask.ceiling.map { max($0.nanos, 0) }
            if scopes[slot].tracksMoney, !(ask.isFree && ceiling == 0) {
                let isSpent = scopes[slot].spent >= scopes[slot].maxBudget
                let left = scopes[slot].moneyLeft
                if isSpent || Int128(ceiling ?? 1) > left {
                    worst.consider(moneyRefusal(slot, asked: ceiling, left: left, status))
                }
            }
            considerRequests(slot, &worst)
            considerTokens(slot, asked: Self.bounded(ask.tokens), own: 0, inSecond: 0, &worst)
            if scopes[slot].parallelMax >= 0, Int64(scopes[slot].live) >= scopes[slot].parallelMax {
                worst.consider(parallelRefusal(slot, status))
            }
        }
        guard let refusal = worst.refusal else { preconditionFailure("an ask was refused and every limit admits it") }
        return .exhausted(refusal)
    }

    /// Why an extension was refused.
    @inline(never)
    mutating func refusalOfExtension(of index: Int, ceiling: Int64?, tokens: Int64, at now: Int64) -> BudgetError {
        let token = HoldToken(index: UInt32(index), generation: holds[index].generation)
        let status = status(of: token, at: Timestamp(nanosecondsSince1970: now))
        var worst = WorstRefusal(status: status)
        for position in 0..<Int(holds[index].count) {
            let claim = claim(index, position)
            guard let slot = slot(of: claim) else { continue }
            if !allowsMoney(of: index, claim, slot, ceiling: ceiling) {
                if let missing = missing(slot) { return .notLoaded(missing) }
                // All that is left is refused only where that is nothing, whatever it may go on holding.
                let left = ceiling == nil ? 0 : moneyLeft(for: index, claim, slot)
                worst.consider(moneyRefusal(slot, asked: ceiling, left: left, status))
            }
            let ownTokens = heldTokens(of: index, claim, slot)
            if tokens > ownTokens {
                let second = holds[index].heldAt / RateWindow.second
                considerTokens(slot, asked: tokens, own: ownTokens, inSecond: second, &worst)
            }
        }
        guard let refusal = worst.refusal else {
            preconditionFailure("an extension was refused and every limit admits it")
        }
        return .exhausted(refusal)
    }

    /// - Parameters:
    ///   - asked: nil for all that is left.
    ///   - left: what others leave: a hold that is to be extended does not stand in its own way.
    private func moneyRefusal(_ slot: Int, asked: Int64?, left: Int128, _ status: RateStatus) -> Refusal {
        let state = scopes[slot]
        let neverFits = (asked ?? 0) > state.maxBudget || state.maxBudget == 0
        let resets = state.windowEnd == .max ? nil : Timestamp(nanosecondsSince1970: state.windowEnd)
        let left = Int64(clamping: max(0, left))
        return Refusal(
            scope: state.scope, limit: BudgetQuantity(.money, state.maxBudget), left: BudgetQuantity(.money, left),
            asked: asked.map { BudgetQuantity(.money, $0) },
            held: BudgetQuantity(.money, max(0, state.maxBudget.subtractingSaturated(state.spent)) - left),
            resets: neverFits ? nil : resets, neverFits: neverFits, status: status)
    }

    private func parallelRefusal(_ slot: Int, _ status: RateStatus) -> Refusal {
        let state = scopes[slot]
        return Refusal(
            scope: state.scope, limit: BudgetQuantity(.parallel, state.parallelMax), left: BudgetQuantity(.parallel, 0),
            asked: BudgetQuantity(.parallel, 1), held: BudgetQuantity(.parallel, Int64(state.live)), resets: nil,
            neverFits: state.parallelMax == 0, status: status)
    }

    private func considerRequests(_ slot: Int, _ worst: inout WorstRefusal) {
        let limit = scopes[slot].requestsPerMinute
        let rate = rateWindow(of: slot)
        guard limit >= 0, rate.requests >= limit else { return }
        let fits = rate.firstFit(of: 1, under: limit, sum: rate.requests) { Int64($0.requests) }
        worst.consider(
            rateRefusal(slot, .requests, limit: limit, used: rate.requests, asked: 1, fits: fits, worst.status))
    }

    /// - Parameter own: what the hold that is to be extended counts in `second` already; it does not stand in its own
    ///   way.
    private func considerTokens(
        _ slot: Int, asked: Int64, own: Int64, inSecond second: Int64, _ worst: inout WorstRefusal
    ) {
        let limit = scopes[slot].tokensPerMinute
        let rate = rateWindow(of: slot)
        let others = rate.tokens - own
        guard limit >= 0, asked > limit - others else { return }
        let fits = rate.firstFit(of: asked, under: limit, sum: others) {
            $0.tokens - ($0.covers(second: second) ? own : 0)
        }
        worst.consider(rateRefusal(slot, .tokens, limit: limit, used: others, asked: asked, fits: fits, worst.status))
    }

    private func rateRefusal(
        _ slot: Int, _ dimension: BudgetDimension, limit: Int64, used: Int64, asked: Int64, fits: Int64?,
        _ status: RateStatus
    ) -> Refusal {
        Refusal(
            scope: scopes[slot].scope, limit: BudgetQuantity(dimension, limit),
            left: BudgetQuantity(dimension, max(0, limit - used)), asked: BudgetQuantity(dimension, asked),
            held: BudgetQuantity(dimension, 0), resets: fits.map(Timestamp.init(nanosecondsSince1970:)),
            neverFits: asked > limit, status: status)
    }

    private func rateWindow(of slot: Int) -> RateWindow {
        scopes[slot].rate < 0 ? RateWindow() : rates[Int(scopes[slot].rate)]
    }
}

/// Keeps the refusal that lasts longest: never, then for ever, then the latest reset, then money that may come free any
/// moment, then a parallel slot.
private struct WorstRefusal {
    let status: RateStatus
    var refusal: Refusal?

    init(status: RateStatus) { self.status = status }

    mutating func consider(_ candidate: Refusal) {
        if let refusal, Self.rank(refusal) >= Self.rank(candidate) { return }
        refusal = candidate
    }

    private static func rank(_ refusal: Refusal) -> (Int, Int64) {
        if refusal.neverFits { return (3, 0) }
        if refusal.dimension == .parallel { return (-1, 0) }
        // It may be over any moment: what lasts says more.
        if refusal.mayComeFree { return (0, refusal.resets?.nanosecondsSince1970 ?? .max) }
        if let resets = refusal.resets { return (1, resets.nanosecondsSince1970) }
        return (2, 0)
    }
}
