import Units

extension BudgetMachine {
    /// Sets, changes or (with empty limits) takes away what a scope may use. Effective at once.
    ///
    /// Nothing that runs is cancelled: where a limit is now below what is spent and held, new asks are refused. Holds
    /// that are live count from now on, also those made while the scope had no limit. A budget that is new, or whose
    /// window is now another stretch of time, waits for its sum.
    ///
    /// - Returns: the sum that the scope waits for, if it does. It takes attempts that ended before this call; what
    ///   ends later is counted here and added. So: make what has ended visible in the ledger, sum, call
    ///   ``setSpent(_:of:windowStart:)``.
    @discardableResult
    public mutating func setLimits(_ limits: Limits, of scope: Scope, at time: Timestamp) -> MissingSpend? {
        let now = clock(time)
        guard !limits.isEmpty else {
            remove(scope)
            return nil
        }
        let known = slots[scope].map(Int.init)
        let slot = known ?? addScope(scope)
        bringUpToDate(slot, at: now)

        let trackedMoney = scopes[slot].tracksMoney
        let oldInterval = scopes[slot].interval
        scopes[slot].maxBudget = limits.maxBudget.map { max($0.nanos, 0) } ?? ScopeState.unlimited
        scopes[slot].window = limits.window
        scopes[slot].anchor = limits.anchor.nanosecondsSince1970
        scopes[slot].requestsPerMinute = limits.requestsPerMinute.map { Int64(max($0, 0)) } ?? ScopeState.unlimited
        scopes[slot].tokensPerMinute =
            limits.tokensPerMinute.map { min(Int64(max($0, 0)), Self.tokensMax - 1) } ?? ScopeState.unlimited
        scopes[slot].parallelMax = limits.parallelRequests.map { Int64(max($0, 0)) } ?? ScopeState.unlimited
        if !scopes[slot].limitsRate { freeRate(of: slot) }

        // The same stretch of time by another name (24h, 1d) keeps its sum.
        let interval = interval(of: slot, at: now)
        let startsMoney = scopes[slot].tracksMoney && (!trackedMoney || interval != oldInterval)
        if startsMoney {
            forgetMoney(slot, interval: interval)
        } else if trackedMoney, !scopes[slot].tracksMoney {
            forgetMoney(slot, interval: .always)
        }
        if known == nil { adoptHolds(intoNew: slot) }
        if startsMoney { adoptMoney { $0 == slot } }
        return missing(slot)
    }

    /// Adds the ledger's sum to a scope that waits for it: it admits from now on.
    ///
    /// - Parameters:
    ///   - amount: what the attempts cost that were held in the window and had ended when the scope began to wait (by
    ///     ``setLimits(_:of:at:)``, a change of the time zone or of the clock). At start that is the whole sum.
    ///   - windowStart: which window was summed: ``MissingSpend/window``'s start.
    /// - Returns: false, and nothing is changed, if the scope does not wait, or waits for another window by now.
    @discardableResult
    public mutating func setSpent(_ amount: NanoUSD, of scope: Scope, windowStart: Timestamp) -> Bool {
        guard let slot = slots[scope].map(Int.init), scopes[slot].tracksMoney, !scopes[slot].isLoaded,
            scopes[slot].windowStart == windowStart.nanosecondsSince1970
        else { return false }
        scopes[slot].spent = scopes[slot].spent.addingSaturated(max(amount.nanos, 0))
        scopes[slot].isLoaded = true
        return true
    }

    /// Forgets a scope. Its live holds go on without it.
    public mutating func remove(_ scope: Scope) {
        guard let slot = slots.removeValue(forKey: scope) else { return }
        freeRate(of: Int(slot))
        var blank = ScopeState()
        blank.generation = scopes[Int(slot)].generation &+ 1
        blank.epoch = scopes[Int(slot)].epoch &+ 1
        scopes[Int(slot)] = blank
        freeSlots.append(slot)
    }

    /// Changes whose midnights count.
    ///
    /// - Returns: the sums that scopes wait for because their current window is now another stretch of time.
    @discardableResult
    public mutating func setZone(_ zone: TimeZoneRules, at time: Timestamp) -> [MissingSpend] {
        let now = clock(time)
        guard zone != self.zone else { return [] }
        for slot in slots.values { bringUpToDate(Int(slot), at: now) }
        self.zone = zone
        var changed = Set<Int>()
        for slot in slots.values.map(Int.init) where scopes[slot].tracksMoney {
            let interval = interval(of: slot, at: now)
            if interval != scopes[slot].interval {
                forgetMoney(slot, interval: interval)
                changed.insert(slot)
            }
        }
        if !changed.isEmpty { adoptMoney { changed.contains($0) } }
        return changed.sorted().compactMap { missing($0) }
    }

    /// Every sum that is waited for, in no order.
    public mutating func missingSpends(at time: Timestamp) -> [MissingSpend] {
        let now = clock(time)
        var result: [MissingSpend] = []
        for slot in slots.values {
            bringUpToDate(Int(slot), at: now)
            if let missing = missing(Int(slot)) { result.append(missing) }
        }
        return result
    }

    /// The limits that were set; nil for a scope without any.
    public func limits(of scope: Scope) -> Limits? {
        guard let slot = slots[scope] else { return nil }
        let state = scopes[Int(slot)]
        func limit(_ value: Int64) -> Int? { value < 0 ? nil : Int(value) }
        return Limits(
            maxBudget: state.tracksMoney ? NanoUSD(nanos: state.maxBudget) : nil, window: state.window,
            anchor: Timestamp(nanosecondsSince1970: state.anchor), requestsPerMinute: limit(state.requestsPerMinute),
            tokensPerMinute: limit(state.tokensPerMinute), parallelRequests: limit(state.parallelMax))
    }

    /// Scopes that have limits.
    public var scopeCount: Int { slots.count }

    func missing(_ slot: Int) -> MissingSpend? {
        guard scopes[slot].tracksMoney, !scopes[slot].isLoaded else { return nil }
        return MissingSpend(scope: scopes[slot].scope, window: scopes[slot].interval)
    }

    private mutating func addScope(_ scope: Scope) -> Int {
        let slot = freeSlots.popLast() ?? Int32(scopes.count)
        if Int(slot) == scopes.count { scopes.append(ScopeState()) }
        scopes[Int(slot)].scope = scope
        slots[scope] = slot
        return Int(slot)
    }

    private mutating func forgetMoney(_ slot: Int, interval: WindowInterval) {
        scopes[slot].windowStart = interval.start.nanosecondsSince1970
        scopes[slot].windowEnd = interval.end.nanosecondsSince1970
        scopes[slot].spent = 0
        scopes[slot].held = 0
        scopes[slot].restHolds = 0
        scopes[slot].isLoaded = false
        scopes[slot].epoch &+= 1
    }

    /// Counts the live holds that name a scope which had no limits when they were made.
    private mutating func adoptHolds(intoNew slot: Int) {
        let scope = scopes[slot].scope
        for index in holds.indices where holds[index].isLive {
            for position in 0..<Int(holds[index].count) {
                var claim = claim(index, position)
                guard claim.scope == scope else { continue }
                claim.slot = Int32(slot)
                claim.generation = scopes[slot].generation
                claim.epoch = scopes[slot].epoch &- 1
                claim.rateBirth = 0
                setClaim(index, position, claim)
                scopes[slot].live += 1
            }
        }
    }

    /// Counts the money of the live holds that were made within the new windows of these scopes.
    private mutating func adoptMoney(where isConcerned: (Int) -> Bool) {
        for index in holds.indices where holds[index].isLive {
            let heldAt = Timestamp(nanosecondsSince1970: holds[index].heldAt)
            for position in 0..<Int(holds[index].count) {
                var claim = claim(index, position)
                guard let slot = slot(of: claim), isConcerned(slot), scopes[slot].interval.contains(heldAt) else {
                    continue
                }
                claim.epoch = scopes[slot].epoch
                setClaim(index, position, claim)
                scopes[slot].held += Int128(holds[index].ceiling)
                if holds[index].holdsRest { scopes[slot].restHolds += 1 }
            }
        }
    }
}
