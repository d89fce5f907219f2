import Units

/// Money, tokens, requests and parallel slots of every scope: what may be set aside, and what was spent.
///
/// What is always true between two calls:
///
/// 1. Never too much money: where a scope has a budget, an ask or an extension is admitted only if it leaves spent +
///    held ≤ limit. Only a charge beyond its own hold (an ``Overrun``) or a lowered limit can break that sum, and then
///    nothing more is admitted.
/// 2. All or nothing: a refusal changes nothing in any scope, whichever of them refused.
/// 3. Every hold ends exactly once, by settling or releasing; ending it again does nothing. When none is live, nothing
///    is held and every parallel count is 0.
/// 4. held = the sum of the remaining ceilings of the live holds that belong to the scope's current window. Where one of
///    them has no ceiling, it holds the rest of the limit besides, also what others give back meanwhile: nothing is left.
/// 5. A hold belongs to the windows in which it was made. When a window has passed, what the hold costs never touches
///    the next one. An extension makes it anew: from then on it belongs to the windows of that instant.
/// 6. A window starts with 0 spent, and only time starts it.
/// 7. A scope with a budget admits nothing before it knows what was spent in its window: see
///    ``setSpent(_:of:windowStart:)``.
/// 8. Parallel count = live holds that name the scope, also those made before it had a limit.
/// 9. The requests admitted in any half-open 60 seconds are at most the limit, and so are the tokens: held ceilings,
///    and after settling the actual ones, counted at the instant of the hold. Tokens beyond a hold count too (an
///    overrun).
/// 10. Time does not run backwards by up to a minute: such a stamp (another thread was faster, or the clock was
///     corrected) is taken as the latest seen. A larger step is the system's clock being set back: then no rate is
///     forgotten early, and a budget whose window has not begun by the new clock must be loaded again (7).
///
/// Pure: no clock, no lock. The shell is ``BudgetBook``.
public struct BudgetMachine: Sendable {
    var zone: TimeZoneRules
    var slots: [Scope: Int32] = [:]
    var scopes: [ScopeState] = []
    var freeSlots: [Int32] = []
    var holds: [HoldRecord] = []
    /// Eight for each hold.
    var claims: [Claim] = []
    var freeHolds: [Int32] = []
    var rates: [RateWindow] = []
    /// The scope slot of each rate window; -1 for a free one.
    var rateOwners: [Int32] = []
    var freeRates: [Int32] = []
    var lastBirth: UInt32 = 0
    /// The latest time seen since the clock was last set back.
    var latest: Int64 = 0
    /// Before the clock was last set back, it had been as late as this.
    var latestBeforeSetBack = Int64.min
    var sweptSecond: Int64 = 0
    var sweepPosition = 0

    static let outOfOrderMax: Int64 = 60_000_000_000
    /// In the year 2262: what expires a minute later still fits.
    static let lastInstant = Int64.max - 2 * RateWindow.length
    /// Above any real count of tokens; more would only serve to overflow a sum.
    static let tokensMax: Int64 = 1 << 40

    /// For each scope the same; nil: by the scope's limits.
    private let grain: RateWindow.Grain?

    /// - Parameter zone: whose midnights begin the days, weeks and months of budget windows.
    public init(zone: TimeZoneRules = .utc) { self.init(zone: zone, grain: nil) }

    /// - Parameter grain: `.second` where rates are compared with a naive count.
    init(zone: TimeZoneRules = .utc, grain: RateWindow.Grain?) {
        self.zone = zone
        self.grain = grain
    }

    /// Sets aside what `ask` wants in all its scopes, or nothing at all.
    ///
    /// A budget refuses what is more than its limit less what is spent and held. A budget that is spent (a limit of 0
    /// always is) refuses everything, also a ceiling of 0, except a ceiling of 0 of a model that is free. An ask without
    /// a ceiling is admitted where anything is left, and then holds all of it: such calls go one after the other.
    ///
    /// - Throws: ``BudgetError/notLoaded(_:)`` if any of the scopes waits for its sum, else
    ///   ``BudgetError/exhausted(_:)`` if any limit is in the way.
    public mutating func hold(_ ask: borrowing Ask, at time: Timestamp) throws(BudgetError) -> HoldToken {
        let now = clock(time)
        let ceiling = max(ask.ceiling?.nanos ?? 0, 0)
        let holdsRest = ask.ceiling == nil
        let least = holdsRest ? 1 : ceiling
        let tokens = Self.bounded(ask.tokens)
        let costsNothing = ask.isFree && least == 0
        let count = ask.scopes.count

        let index = freeHolds.last ?? Int32(holds.count)
        if Int(index) == holds.count {
            holds.append(HoldRecord())
            claims.append(contentsOf: repeatElement(.blank, count: HoldRecord.inlineMax))
            freeHolds.append(index)
        }
        for position in 0..<count {
            let scope = ask.scopes[position]
            let slot = slots[scope] ?? -1
            var claim = Claim.blank
            claim.scope = scope
            claim.slot = slot
            if slot >= 0 {
                bringUpToDate(Int(slot), at: now)
                guard admits(Int(slot), least: least, tokens: tokens, costsNothing: costsNothing) else {
                    throw refusal(of: ask, at: now)
                }
            }
            setClaim(Int(index), position, claim)
        }

        for position in 0..<count {
            var claim = claim(Int(index), position)
            guard claim.slot >= 0 else { continue }
            let slot = Int(claim.slot)
            if scopes[slot].tracksMoney {
                scopes[slot].held += Int128(ceiling)
                if holdsRest { scopes[slot].restHolds += 1 }
            }
            scopes[slot].live += 1
            if scopes[slot].limitsRate { countRate(slot, requests: 1, tokens: tokens, at: now) }
            claim.generation = scopes[slot].generation
            claim.epoch = scopes[slot].epoch
            claim.rateBirth = scopes[slot].rateBirth
            setClaim(Int(index), position, claim)
        }
        freeHolds.removeLast()
        holds[Int(index)].generation &+= 1
        holds[Int(index)].count = Int32(count)
        holds[Int(index)].heldAt = now
        holds[Int(index)].ceiling = ceiling
        holds[Int(index)].holdsRest = holdsRest
        holds[Int(index)].tokens = tokens
        return HoldToken(index: UInt32(index), generation: holds[Int(index)].generation)
    }

    /// An attempt has ended with a cost and the request goes on: held becomes spent, and what remains of the ceiling
    /// stays held for the next attempt.
    ///
    /// - Returns: by how much the attempt took more than was held (of a hold without a ceiling: more than was left in the
    ///   scope with the least); nil if the hold has ended already.
    @discardableResult
    public mutating func charge(_ token: HoldToken, cost: NanoUSD, tokens: TokenCount) -> Overrun? {
        guard let index = live(token) else { return nil }
        let cost = max(cost.nanos, 0)
        let used = Self.bounded(tokens)
        let fromCeiling = min(cost, holds[index].ceiling)
        let fromTokens = min(used, holds[index].tokens)
        var overrun = holds[index].holdsRest ? 0 : cost - fromCeiling
        let second = holds[index].heldAt / RateWindow.second
        for position in 0..<Int(holds[index].count) {
            let claim = claim(index, position)
            guard let slot = slot(of: claim) else { continue }
            if scopes[slot].tracksMoney, scopes[slot].epoch == claim.epoch {
                if holds[index].holdsRest, scopes[slot].isLoaded {
                    overrun = max(overrun, cost - Int64(clamping: max(0, moneyLeft(for: index, claim, slot))))
                }
                scopes[slot].spent = scopes[slot].spent.addingSaturated(cost)
                scopes[slot].held -= Int128(fromCeiling)
            }
            if used != fromTokens, countsTokens(claim, slot) {
                rates[Int(scopes[slot].rate)].adjustTokens(by: used - fromTokens, inSecond: second)
            }
        }
        holds[index].ceiling -= fromCeiling
        holds[index].tokens -= fromTokens
        return Overrun(money: NanoUSD(nanos: overrun), tokens: TokenCount(used - fromTokens))
    }

    /// Sets the ceilings of the attempt that begins now: raises or lowers what is still held. To be called before every
    /// attempt but the first, so that each one's cost counts in the window in which that attempt began.
    ///
    /// Only a raise can be refused, and then the hold is as it was. It is no further request and takes no further slot.
    ///
    /// - Parameter ceiling: nil where nobody knows: all that is left, as for an ask. That is refused where nothing is.
    /// - Returns: the instant that the attempt's cost counts at.
    @discardableResult
    public mutating func extend(
        _ token: HoldToken, to asked: NanoUSD?, tokens: TokenCount, at time: Timestamp
    ) throws(BudgetError) -> Timestamp {
        guard let index = live(token) else { preconditionFailure("a hold that has ended can't be extended") }
        let now = clock(time)
        let ceiling = max(asked?.nanos ?? 0, 0)
        let holdsRest = asked == nil
        let tokens = Self.bounded(tokens)
        for position in 0..<Int(holds[index].count) {
            let claim = claim(index, position)
            guard let slot = slot(of: claim) else { continue }
            bringUpToDate(slot, at: now)
            let isAllowed =
                allowsMoney(of: index, claim, slot, ceiling: holdsRest ? nil : ceiling)
                && allowsTokens(of: index, claim, slot, tokens)
            guard isAllowed else {
                throw refusalOfExtension(of: index, ceiling: holdsRest ? nil : ceiling, tokens: tokens, at: now)
            }
        }
        let second = holds[index].heldAt / RateWindow.second
        for position in 0..<Int(holds[index].count) {
            let claim = claim(index, position)
            guard let slot = slot(of: claim) else { continue }
            if scopes[slot].tracksMoney {
                scopes[slot].held += Int128(ceiling) - heldMoney(of: index, claim, slot)
                scopes[slot].restHolds += (holdsRest ? 1 : 0) - (isRest(of: index, claim, slot) ? 1 : 0)
            }
            if countsTokens(claim, slot) {
                rates[Int(scopes[slot].rate)].adjustTokens(by: -holds[index].tokens, inSecond: second)
            }
            if scopes[slot].limitsRate { countRate(slot, requests: 0, tokens: tokens, at: now) }
            var renewed = claim
            renewed.epoch = scopes[slot].epoch
            renewed.rateBirth = scopes[slot].rateBirth
            setClaim(index, position, renewed)
        }
        holds[index].ceiling = ceiling
        holds[index].holdsRest = holdsRest
        holds[index].tokens = tokens
        holds[index].heldAt = now
        return Timestamp(nanosecondsSince1970: now)
    }

    /// The request is over: what the last attempt really took is spent, and everything still held is free again.
    ///
    /// - Returns: as ``charge(_:cost:tokens:)``.
    @discardableResult
    public mutating func settle(_ token: HoldToken, cost: NanoUSD, tokens: TokenCount) -> Overrun? {
        let overrun = charge(token, cost: cost, tokens: tokens)
        release(token)
        return overrun
    }

    /// The request is over and its last attempt cost nothing: everything still held is free again. The request itself
    /// still counts against the requests per minute: it was admitted.
    public mutating func release(_ token: HoldToken) {
        guard let index = live(token) else { return }
        let second = holds[index].heldAt / RateWindow.second
        for position in 0..<Int(holds[index].count) {
            let claim = claim(index, position)
            guard let slot = slot(of: claim) else { continue }
            scopes[slot].live -= 1
            if scopes[slot].tracksMoney {
                scopes[slot].held -= heldMoney(of: index, claim, slot)
                if isRest(of: index, claim, slot) { scopes[slot].restHolds -= 1 }
            }
            if holds[index].tokens != 0, countsTokens(claim, slot) {
                rates[Int(scopes[slot].rate)].adjustTokens(by: -holds[index].tokens, inSecond: second)
            }
        }
        holds[index].generation &+= 1
        holds[index].ceiling = 0
        holds[index].holdsRest = false
        holds[index].tokens = 0
        if holds[index].count > HoldRecord.inlineMax { holds[index].overflow = [] }
        holds[index].count = 0
        freeHolds.append(Int32(index))
    }

    /// When the ceilings of a live hold were set aside: the instant its cost counts at.
    public func heldAt(_ token: HoldToken) -> Timestamp? {
        live(token).map { Timestamp(nanosecondsSince1970: holds[$0].heldAt) }
    }

    /// Requests that hold something now.
    public var liveHolds: Int { holds.count - freeHolds.count }

    /// Scopes whose last minute is remembered. One whose minute has passed is freed within another.
    public var rateWindowCount: Int { rates.count - freeRates.count }

    /// What all of them together remember; see ``RateWindow``.
    package var rateEntryCount: Int { rates.reduce(0) { $0 + $1.count } }

    // MARK: Asking

    /// Whether the scope's limits leave room. It must have been brought up to date.
    ///
    /// - Parameter least: so much money must be left.
    func admits(_ slot: Int, least: Int64, tokens: Int64, costsNothing: Bool) -> Bool {
        if scopes[slot].tracksMoney {
            guard scopes[slot].isLoaded else { return false }
            if !costsNothing {
                guard scopes[slot].spent < scopes[slot].maxBudget, Int128(least) <= scopes[slot].moneyLeft else {
                    return false
                }
            }
        }
        if scopes[slot].parallelMax >= 0, Int64(scopes[slot].live) >= scopes[slot].parallelMax { return false }
        guard scopes[slot].limitsRate else { return true }
        let rate = Int(scopes[slot].rate)
        let (requests, used) = rate < 0 ? (0, 0) : (rates[rate].requests, rates[rate].tokens)
        if scopes[slot].requestsPerMinute >= 0, requests >= scopes[slot].requestsPerMinute { return false }
        return scopes[slot].tokensPerMinute < 0 || tokens <= scopes[slot].tokensPerMinute - used
    }

    /// Whether the hold's ceiling may become this in one scope. Lowering it is always allowed.
    ///
    /// - Parameter ceiling: nil for all that is left: something must be, and nobody else may hold it.
    func allowsMoney(of index: Int, _ claim: Claim, _ slot: Int, ceiling: Int64?) -> Bool {
        guard scopes[slot].tracksMoney else { return true }
        if let ceiling, Int128(ceiling) <= heldMoney(of: index, claim, slot) { return true }
        guard scopes[slot].isLoaded else { return false }
        let left = moneyLeft(for: index, claim, slot)
        if let ceiling { return Int128(ceiling) <= left }
        return left > 0 && !othersHoldRest(index, claim, slot)
    }

    /// The same for its tokens.
    func allowsTokens(of index: Int, _ claim: Claim, _ slot: Int, _ tokens: Int64) -> Bool {
        guard scopes[slot].tokensPerMinute >= 0 else { return true }
        let raise = tokens - heldTokens(of: index, claim, slot)
        let used = scopes[slot].rate < 0 ? 0 : rates[Int(scopes[slot].rate)].tokens
        return raise <= 0 || raise <= scopes[slot].tokensPerMinute - used
    }

    /// What this hold can have of the scope's money: what nobody holds, and what it holds itself.
    func moneyLeft(for index: Int, _ claim: Claim, _ slot: Int) -> Int128 {
        heldMoney(of: index, claim, slot)
            + scopes[slot].left(othersHoldRest: othersHoldRest(index, claim, slot))
    }

    /// Whether this hold holds all that is left in the scope's current window.
    func isRest(of index: Int, _ claim: Claim, _ slot: Int) -> Bool {
        holds[index].holdsRest && scopes[slot].epoch == claim.epoch
    }

    func othersHoldRest(_ index: Int, _ claim: Claim, _ slot: Int) -> Bool {
        scopes[slot].restHolds > (isRest(of: index, claim, slot) ? 1 : 0)
    }

    /// What of the scope's ceilings is this hold's.
    func heldMoney(of index: Int, _ claim: Claim, _ slot: Int) -> Int128 {
        scopes[slot].epoch == claim.epoch ? Int128(holds[index].ceiling) : 0
    }

    /// What of the tokens in the scope's rate window this hold still holds.
    func heldTokens(of index: Int, _ claim: Claim, _ slot: Int) -> Int64 {
        guard countsTokens(claim, slot),
            rates[Int(scopes[slot].rate)].remembers(second: holds[index].heldAt / RateWindow.second)
        else { return 0 }
        return holds[index].tokens
    }

    private func countsTokens(_ claim: Claim, _ slot: Int) -> Bool {
        claim.rateBirth != 0 && claim.rateBirth == scopes[slot].rateBirth
    }

    func claim(_ index: Int, _ position: Int) -> Claim {
        position < HoldRecord.inlineMax
            ? claims[index * HoldRecord.inlineMax + position]
            : holds[index].overflow[position - HoldRecord.inlineMax]
    }

    mutating func setClaim(_ index: Int, _ position: Int, _ claim: Claim) {
        if position < HoldRecord.inlineMax {
            claims[index * HoldRecord.inlineMax + position] = claim
        } else if position - HoldRecord.inlineMax < holds[index].overflow.count {
            holds[index].overflow[position - HoldRecord.inlineMax] = claim
        } else {
            holds[index].overflow.append(claim)
        }
    }

    /// The slot that a claim counts in, if it counts.
    func slot(of claim: Claim) -> Int? {
        guard claim.slot >= 0, scopes[Int(claim.slot)].generation == claim.generation else { return nil }
        return Int(claim.slot)
    }

    func live(_ token: HoldToken) -> Int? {
        let index = Int(token.index)
        guard index < holds.count, holds[index].generation == token.generation, holds[index].isLive else { return nil }
        return index
    }

    static func bounded(_ tokens: TokenCount) -> Int64 { min(max(tokens.count, 0), tokensMax) }

    // MARK: Time

    /// The machine's time: never before the latest seen, unless the system's clock was set back.
    mutating func clock(_ time: Timestamp) -> Int64 {
        let now = min(max(time.nanosecondsSince1970, 0), Self.lastInstant)
        if now >= latest {
            latest = now
        } else if latest - now > Self.outOfOrderMax {
            latestBeforeSetBack = max(latestBeforeSetBack, latest)
            latest = now
            sweptSecond = now / RateWindow.second
            gatherRates(at: now)
        }
        let second = latest / RateWindow.second
        if second != sweptSecond {
            sweptSecond = second
            sweepRates(slice: (rates.count + 63) / 64)
        }
        return latest
    }

    /// Starts the scope's window anew if it has passed, and forgets what is older than a minute.
    mutating func bringUpToDate(_ slot: Int, at now: Int64) {
        if now >= scopes[slot].windowEnd || now < scopes[slot].windowStart, scopes[slot].tracksMoney {
            startWindow(slot, at: now)
        }
        let rate = Int(scopes[slot].rate)
        if rate >= 0 { rates[rate].expire(at: now) }
    }

    private mutating func startWindow(_ slot: Int, at now: Int64) {
        let isSetBack = now < scopes[slot].windowStart
        let interval = interval(of: slot, at: now)
        scopes[slot].windowStart = interval.start.nanosecondsSince1970
        scopes[slot].windowEnd = interval.end.nanosecondsSince1970
        scopes[slot].spent = 0
        scopes[slot].held = 0
        scopes[slot].restHolds = 0
        scopes[slot].epoch &+= 1
        // Something may have been spent in this window before the clock was set back.
        scopes[slot].isLoaded = !isSetBack && scopes[slot].windowStart >= latestBeforeSetBack
    }

    func interval(of slot: Int, at now: Int64) -> WindowInterval {
        guard let window = scopes[slot].window else { return .always }
        return window.interval(
            containing: Timestamp(nanosecondsSince1970: now),
            anchor: Timestamp(nanosecondsSince1970: scopes[slot].anchor), zone: zone)
    }

    // MARK: Rates

    private mutating func countRate(_ slot: Int, requests: UInt32, tokens: Int64, at now: Int64) {
        if scopes[slot].rate < 0 {
            let rate = freeRates.popLast() ?? Int32(rates.count)
            if Int(rate) == rates.count {
                rates.append(RateWindow())
                rateOwners.append(-1)
            }
            rateOwners[Int(rate)] = Int32(slot)
            scopes[slot].rate = rate
            scopes[slot].rateBirth = nextBirth()
        }
        let grain =
            self.grain
            ?? RateWindow.Grain(
                requestsPerMinute: scopes[slot].requestsPerMinute, tokensPerMinute: scopes[slot].tokensPerMinute)
        rates[Int(scopes[slot].rate)].add(requests: requests, tokens: tokens, grain: grain, at: now)
    }

    mutating func freeRate(of slot: Int) {
        let rate = scopes[slot].rate
        guard rate >= 0 else { return }
        rates[Int(rate)] = RateWindow()
        rateOwners[Int(rate)] = -1
        freeRates.append(rate)
        scopes[slot].rate = -1
        scopes[slot].rateBirth = 0
    }

    /// Frees the rate windows in which nothing is left. Every second's first call does a 64th of this by itself; a
    /// gateway without traffic may call it now and then.
    public mutating func freeIdle(at time: Timestamp) {
        _ = clock(time)
        sweepRates(slice: rates.count)
    }

    /// After the clock was set back: what lies in the future is taken to have been admitted now. The new birth numbers
    /// cut the live holds off: their seconds mean others now, so what they counted stays until it expires.
    private mutating func gatherRates(at now: Int64) {
        for rate in rates.indices where rateOwners[rate] >= 0 {
            if let latestSecond = rates[rate].latestSecond, latestSecond > now / RateWindow.second {
                rates[rate].gather(at: now)
            }
            scopes[Int(rateOwners[rate])].rateBirth = nextBirth()
        }
    }

    private mutating func sweepRates(slice: Int) {
        for _ in 0..<slice {
            if sweepPosition >= rates.count { sweepPosition = 0 }
            let owner = Int(rateOwners[sweepPosition])
            if owner >= 0 {
                rates[sweepPosition].expire(at: latest)
                if rates[sweepPosition].count == 0 { freeRate(of: owner) }
            }
            sweepPosition += 1
        }
    }

    private mutating func nextBirth() -> UInt32 {
        lastBirth = lastBirth == .max ? 1 : lastBirth + 1
        return lastBirth
    }
}

/// Names a hold of a ``BudgetMachine``.
public struct HoldToken: Hashable, Sendable {
    let index: UInt32
    let generation: UInt32
}
