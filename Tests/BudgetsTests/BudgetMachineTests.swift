import Budgets
import Testing
import Units

private let start = MachineBox.start
private let midnight = Timestamp(iso8601: "2026-11-24")!

private func nanos(_ amount: Int64) -> NanoUSD { NanoUSD(nanos: amount) }

@Suite struct BudgetMoneyTests {
    private let daily = Limits(maxBudget: nanos(100), window: .calendarDay)
    private let forEver = Limits(maxBudget: nanos(100))

    @Test func `a spent budget refuses the next call and says what, how much and until when`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1))
        machine.settle(try machine.hold(70), cost: nanos(60), tokens: 0)
        let refusal = try #require(machine.refusal(41))
        #expect(refusal.scope == .key(1))
        #expect(refusal.dimension == .money)
        #expect(refusal.limit.money == nanos(100))
        #expect(refusal.left.money == nanos(40))
        #expect(refusal.asked?.money == nanos(41))
        #expect(refusal.held.money == .zero)
        #expect(refusal.resets == midnight)
        #expect(!refusal.neverFits)
        #expect(refusal.status.budget?.left == nanos(40))
        #expect(refusal.retryAfterSeconds(at: start) == 39_600)
        #expect(refusal.retryAfterSeconds(at: start + .nanoseconds(1)) == 39_600)
        #expect(refusal.retryAfterSeconds(at: midnight + .seconds(5)) == 1)
        #expect(machine.refusal(40) == nil)
    }

    @Test func `the text of a refusal names the kind of the scope but not its id`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(987_654), spent: 60)
        let refusal = try #require(machine.refusal(41, of: [.key(987_654)]))
        #expect(
            BudgetError.exhausted(refusal).description
                == "the key's budget is $0.0000001, $0.00000004 left, $0.000000041 asked; "
                + "resets at 2026-11-24T00:00:00Z"
        )
    }

    @Test func `two calls cannot both hold the last of a budget`() throws {
        let machine = MachineBox()
        machine.set(forEver, of: .key(1))
        let first = try machine.hold(60)
        let refusal = try #require(machine.refusal(60))
        #expect(refusal.held.money == nanos(60))
        #expect(refusal.resets == nil)
        #expect(refusal.retryAfterSeconds(at: start) == 1, "what is held may come back at any moment")
        machine.release(first)
        #expect(machine.refusal(60) == nil)
    }

    @Test func `a refusal by the last scope changes nothing in the first`() throws {
        let machine = MachineBox()
        let wide = Limits(
            maxBudget: nanos(1000), requestsPerMinute: 10, tokensPerMinute: 1000, parallelRequests: 10)
        machine.set(wide, of: .global)
        machine.set(Limits(parallelRequests: 0), of: .key(1))
        let before = machine.status(of: .global, at: start)
        #expect(machine.refusal(10, tokens: 10, of: [.global, .key(1)])?.dimension == .parallel)
        #expect(machine.status(of: .global, at: start) == before)
        #expect(machine.liveHolds == 0)
    }

    @Test func `a budget of 0 blocks everything but a free model`() throws {
        let machine = MachineBox()
        machine.set(Limits(maxBudget: .zero, window: .calendarDay), of: .key(1))
        let refusal = try #require(machine.refusal(0))
        #expect(refusal.neverFits)
        #expect(refusal.resets == nil)
        #expect(refusal.retryAfterSeconds(at: start) == nil)
        #expect(machine.refusal(1)?.neverFits == true)
        #expect(machine.refusal(1, isFree: true)?.neverFits == true, "what costs something is not free")
        #expect(machine.refusal(0, isFree: true) == nil)
    }

    @Test func `a budget that is spent to the last cent refuses a model without a price and admits a free one`() throws
    {
        let machine = MachineBox()
        machine.set(daily, of: .key(1), spent: 100)
        #expect(machine.refusal(0)?.resets == midnight)
        #expect(machine.refusal(0, isFree: true) == nil)
        machine.set(daily, of: .key(2), spent: 99)
        #expect(machine.refusal(0, of: [.key(2)]) == nil)
    }

    @Test func `what costs nobody knows what holds all that is left, and is alone until it has ended`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1), spent: 40)
        machine.set(Limits(maxBudget: nanos(1000)), of: .global)
        let priced = try machine.hold(20, of: [.global, .key(1)])
        let hold = try machine.hold(nil, of: [.global, .key(1), .team(1)])
        #expect(machine.budget()?.left == .zero)
        #expect(machine.budget()?.held == nanos(60))
        #expect(machine.budget(.global)?.held == nanos(1000))
        let refusal = try #require(machine.refusal(nil))
        #expect(refusal.asked == nil)
        #expect(refusal.left.money == .zero)
        #expect(refusal.held.money == nanos(60))
        #expect(refusal.resets == midnight)
        #expect(refusal.retryAfterSeconds(at: start) == 1, "it is over at any moment")
        #expect(
            refusal.description
                == "the key's budget is $0.0000001, $0 left, $0.00000006 held by requests under way, "
                + "all that is left asked; resets at 2026-11-24T00:00:00Z")
        #expect(machine.refusal(1)?.scope == .key(1))
        #expect(machine.refusal(0, isFree: true) == nil)
        // What another gives back is held too.
        machine.settle(priced, cost: nanos(5), tokens: 0)
        #expect(machine.refusal(1)?.left.money == .zero)
        #expect(machine.settle(hold, cost: nanos(30), tokens: 0) == Overrun.none)
        #expect(machine.budget()?.spent == nanos(75))
        #expect(machine.budget()?.left == nanos(25))
        #expect(machine.budget(.global)?.spent == nanos(35))
        #expect(machine.budget(.global)?.held == .zero)
    }

    @Test func `what costs nobody knows what is refused where nothing is left, and told where it cost more`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1), spent: 90)
        machine.set(Limits(maxBudget: nanos(1000)), of: .global)
        let hold = try machine.hold(nil, of: [.global, .key(1)])
        #expect(machine.settle(hold, cost: nanos(25), tokens: 0) == Overrun(money: nanos(15), tokens: 0))
        let refusal = try #require(machine.refusal(nil))
        #expect(refusal.held.money == .zero)
        #expect(refusal.retryAfterSeconds(at: start) == 39_600)
        machine.set(Limits(maxBudget: .zero), of: .key(2))
        #expect(machine.refusal(nil, of: [.key(2)])?.neverFits == true)
        // A scope without a budget holds nothing, and is never overrun.
        let free = try machine.hold(nil, of: [.key(3)])
        #expect(machine.refusal(nil, of: [.key(3)]) == nil)
        #expect(machine.settle(free, cost: nanos(25), tokens: 0) == Overrun.none)
    }

    @Test func `an extension to an unknown cost holds all that is left, and one back gives it free`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1))
        let hold = try machine.hold(50)
        let other = try machine.hold(10)
        machine.charge(hold, cost: nanos(20), tokens: 0)
        try machine.extend(hold, to: nil, tokens: 0, at: start)
        #expect(machine.budget()?.left == .zero)
        #expect(throws: BudgetError.self, "the rest is held already") {
            try machine.extend(other, to: nil, tokens: 0, at: start)
        }
        #expect(throws: BudgetError.self) { try machine.extend(other, to: nanos(11), tokens: 0, at: start) }
        try machine.extend(other, to: nanos(5), tokens: 0, at: start)
        #expect(throws: BudgetError.self) { try machine.extend(hold, to: nanos(76), tokens: 0, at: start) }
        try machine.extend(hold, to: nanos(75), tokens: 0, at: start)
        #expect(machine.budget()?.held == nanos(80))
        try machine.extend(hold, to: nil, tokens: 0, at: start)
        try machine.extend(hold, to: nil, tokens: 0, at: start)
        machine.charge(hold, cost: nanos(80), tokens: 0)
        #expect(throws: BudgetError.self, "nothing is left") { try machine.extend(hold, to: nil, tokens: 0, at: start) }
        try machine.extend(hold, to: .zero, tokens: 0, at: start)
        machine.release(hold)
        machine.release(other)
        #expect(machine.budget()?.held == .zero)
        #expect(machine.budget()?.spent == nanos(100))
    }

    @Test func `a wait that running requests cannot end is no wait of a second`() throws {
        let machine = MachineBox()
        machine.set(forEver, of: .key(1), spent: 50)
        _ = try machine.hold(10)
        #expect(machine.refusal(50)?.retryAfterSeconds(at: start) == 1)
        #expect(machine.refusal(51)?.retryAfterSeconds(at: start) == nil)
        machine.set(daily, of: .key(2), spent: 50)
        _ = try machine.hold(10, of: [.key(2)])
        #expect(machine.refusal(50, of: [.key(2)])?.retryAfterSeconds(at: start) == 1)
        #expect(machine.refusal(51, of: [.key(2)])?.retryAfterSeconds(at: start) == 39_600)
    }

    @Test func `a limit of everyone together is the gateway's`() throws {
        let machine = MachineBox()
        machine.set(Limits(requestsPerMinute: 2), of: .global)
        for _ in 0..<2 { _ = try machine.hold(0, of: [.global, .key(1)]) }
        let text = try #require(machine.refusal(0, of: [.global, .key(1)])).description
        #expect(text.hasPrefix("the gateway's limit of requests per minute is 2 requests, 0 requests left, "))
    }

    @Test func `an ask larger than the whole budget never fits`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1))
        let refusal = try #require(machine.refusal(101))
        #expect(refusal.neverFits)
        #expect(refusal.resets == nil)
        #expect(refusal.description.hasSuffix("the request is larger than the limit"))
    }

    @Test func `of several refusals the one that lasts longest is told`() throws {
        let machine = MachineBox()
        machine.set(Limits(parallelRequests: 1), of: .global)
        machine.set(Limits(requestsPerMinute: 1), of: .team(1))
        machine.set(daily, of: .user(1), spent: 95)
        machine.set(forEver, of: .key(1), spent: 85)
        _ = try machine.hold(1, of: [.global, .team(1)])
        #expect(machine.refusal(3, of: [.global])?.scope == .global)
        #expect(machine.refusal(3, of: [.global, .team(1)])?.scope == .team(1))
        #expect(machine.refusal(10, of: [.global, .team(1), .user(1)])?.scope == .user(1))
        #expect(machine.refusal(20, of: [.global, .team(1), .key(1), .user(1)])?.scope == .key(1))
        #expect(machine.refusal(101, of: [.global, .key(1), .user(1), .team(1)])?.neverFits == true)
        // What running calls hold may come back at any moment: what a day must pass for is told, and a slot never before it.
        machine.set(forEver, of: .key(2))
        _ = try machine.hold(95, of: [.key(2)])
        #expect(machine.refusal(20, of: [.key(2)])?.retryAfterSeconds(at: start) == 1)
        #expect(machine.refusal(20, of: [.key(2), .user(1)])?.scope == .user(1))
        #expect(machine.refusal(3, of: [.team(1), .key(2)])?.scope == .team(1))
        #expect(machine.refusal(20, of: [.global, .key(2)])?.scope == .key(2))
    }

    @Test func `a charge spends and keeps the rest held; an extension holds for the next attempt`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1))
        let hold = try machine.hold(50)
        machine.charge(hold, cost: nanos(30), tokens: 0)
        #expect(machine.budget()?.spent == nanos(30))
        #expect(machine.budget()?.held == nanos(20))
        try machine.extend(hold, to: nanos(70), tokens: 0, at: start)
        #expect(machine.budget()?.left == .zero)
        #expect(throws: BudgetError.self) { try machine.extend(hold, to: nanos(71), tokens: 0, at: start) }
        #expect(machine.budget()?.held == nanos(70), "a refused extension changes nothing")
        machine.settle(hold, cost: nanos(5), tokens: 0)
        #expect(machine.budget()?.spent == nanos(35))
        #expect(machine.budget()?.held == .zero)
    }

    @Test func `what a provider takes beyond the hold is spent and told`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1))
        let first = try machine.hold(10, tokens: 5)
        #expect(machine.charge(first, cost: nanos(10), tokens: 5) == Overrun.none)
        let overrun = machine.settle(first, cost: nanos(95), tokens: 7)
        #expect(overrun == Overrun(money: nanos(95), tokens: 7))
        #expect(machine.budget()?.spent == nanos(105))
        #expect(machine.budget()?.left == .zero)
        #expect(machine.refusal(0)?.left.amount == 0)
    }

    @Test func `ending a hold again does nothing`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1))
        let hold = try machine.hold(10)
        machine.release(hold)
        let other = try machine.hold(20)
        machine.release(hold)
        #expect(machine.settle(hold, cost: nanos(50), tokens: 1) == nil)
        #expect(machine.charge(hold, cost: nanos(50), tokens: 1) == nil)
        #expect(machine.heldAt(hold) == nil)
        #expect(machine.heldAt(other) == start)
        #expect(machine.budget()?.held == nanos(20))
        #expect(machine.budget()?.spent == .zero)
        #expect(machine.liveHolds == 1)
    }

    @Test func `absurd amounts neither trap nor earn money`() throws {
        let machine = MachineBox()
        machine.set(Limits(requestsPerMinute: .max, parallelRequests: .max), of: .key(1))
        let most = TokenCount(Int64.max)
        for _ in 0..<20 { _ = try machine.hold(.max, tokens: most) }
        let hold = try machine.hold(.min, tokens: TokenCount(Int64.min))
        machine.charge(hold, cost: nanos(.max), tokens: most)
        machine.charge(hold, cost: nanos(.min), tokens: TokenCount(Int64.min))
        machine.set(Limits(maxBudget: nanos(.max)), of: .key(1))
        #expect(machine.refusal(1)?.dimension == .money, "the holds made while there was no limit count")
        machine.set(Limits(maxBudget: nanos(.max), tokensPerMinute: .max), of: .key(1))
        try machine.extend(hold, to: .zero, tokens: 0, at: start)
        machine.settle(hold, cost: nanos(.max), tokens: most)
        #expect(machine.budget()?.spent == nanos(.max))
        machine.set(Limits(maxBudget: nanos(-5), requestsPerMinute: -5, tokensPerMinute: .min), of: .key(2))
        #expect(machine.refusal(1, of: [.key(2)])?.neverFits == true)
        #expect(machine.limits(of: .key(2))?.maxBudget == .zero)
    }
}

@Suite struct BudgetWindowRollTests {
    private let daily = Limits(maxBudget: nanos(100), window: .calendarDay)

    @Test func `a new window starts with 0 spent and needs no loading`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1), spent: 100)
        #expect(machine.refusal(1, at: midnight - .nanoseconds(1)) != nil)
        #expect(machine.refusal(1, at: midnight) == nil)
        #expect(machine.budget(at: midnight)?.spent == .zero)
        #expect(machine.budget(at: midnight)?.resets == midnight + .seconds(86_400))
    }

    @Test func `also a scope that was never loaded starts its next window with 0 spent`() {
        let machine = MachineBox()
        let missing = machine.setLimits(daily, of: .key(1), at: start)
        #expect(missing?.window.end == midnight)
        #expect(throws: BudgetError.notLoaded(missing!)) { try machine.hold(1, at: midnight - .nanoseconds(1)) }
        #expect(machine.refusal(1, at: midnight) == nil)
        #expect(!machine.setSpent(nanos(50), of: .key(1), windowStart: missing!.window.start), "that window has passed")
        #expect(machine.missingSpends(at: midnight).isEmpty)
    }

    @Test func `a hold of the window before never touches the new one`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1))
        let old = try machine.hold(90)
        let new = try machine.hold(90, at: midnight)
        machine.charge(old, cost: nanos(50), tokens: 0)
        #expect(machine.budget(at: midnight)?.held == nanos(90))
        #expect(machine.budget(at: midnight)?.spent == .zero)
        machine.settle(old, cost: nanos(500), tokens: 0)
        #expect(machine.budget(at: midnight)?.spent == .zero)
        machine.settle(new, cost: nanos(1), tokens: 0)
        #expect(machine.budget(at: midnight)?.spent == nanos(1))
    }

    @Test func `an attempt that begins after midnight is held in and paid from the new window`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1))
        let hold = try machine.hold(90)
        machine.charge(hold, cost: nanos(80), tokens: 0)
        let at = try machine.extend(hold, to: nanos(100), tokens: 0, at: midnight + .seconds(3))
        #expect(at == midnight + .seconds(3))
        #expect(machine.heldAt(hold) == at)
        #expect(machine.budget(at: midnight)?.held == nanos(100))
        machine.settle(hold, cost: nanos(70), tokens: 0)
        #expect(machine.budget(at: midnight)?.spent == nanos(70))
    }

    @Test func `windows begin at the midnight of the machine's zone`() throws {
        let machine = MachineBox(zone: try #require(TimeZoneRules(posix: "CET-1CEST,M3.5.0,M10.5.0/3")))
        machine.set(daily, of: .key(1), spent: 100)
        #expect(machine.refusal(1)?.resets == midnight - .seconds(3600))
    }

    @Test func `a change of the zone makes the scopes wait whose window is now another`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1), spent: 100)
        machine.set(Limits(maxBudget: nanos(100)), of: .key(2), spent: 30)
        let live = try machine.hold(10, of: [.key(2)])
        let tokyo = try #require(TimeZoneRules(fixedOffset: .seconds(9 * 3600)))
        let missing = machine.setZone(tokyo, at: start)
        #expect(missing.map(\.scope) == [.key(1)])
        #expect(missing.first?.window.end == midnight - .seconds(9 * 3600))
        #expect(machine.setZone(tokyo, at: start).isEmpty)
        #expect(machine.budget(.key(2))?.held == nanos(10))
        machine.release(live)
    }
}

@Suite struct BudgetLimitsTests {
    private let daily = Limits(maxBudget: nanos(100), window: .calendarDay)

    @Test func `a scope without limits is not stored and admits everything`() throws {
        let machine = MachineBox()
        for id in 1...100 as ClosedRange<Int64> { machine.release(try machine.hold(.max, of: [.global, .key(id)])) }
        #expect(machine.scopeCount == 0)
        #expect(machine.rateWindowCount == 0)
        machine.set(daily, of: .key(1))
        machine.set(Limits(window: .calendarDay), of: .key(1))
        #expect(machine.scopeCount == 0)
        #expect(machine.limits(of: .key(1)) == nil)
    }

    @Test func `a lowered limit cancels nothing and refuses at once, a raised one admits at once`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1), spent: 20)
        let live = try machine.hold(70)
        machine.set(Limits(maxBudget: nanos(50), window: .calendarDay), of: .key(1))
        #expect(machine.refusal(1)?.left == BudgetQuantity(.money, 0))
        try machine.extend(live, to: nanos(60), tokens: 0, at: start)
        #expect(throws: BudgetError.self) { try machine.extend(live, to: nanos(61), tokens: 0, at: start) }
        machine.set(Limits(maxBudget: nanos(200), window: .calendarDay), of: .key(1))
        #expect(machine.refusal(120) == nil)
        #expect(machine.budget()?.spent == nanos(20))
    }

    @Test func `a budget admits nothing before its sum is known, and takes it once`() throws {
        let machine = MachineBox()
        let missing = try #require(machine.setLimits(daily, of: .key(1), at: start))
        #expect(missing.scope == .key(1))
        #expect(missing.window == WindowInterval(start: midnight - .seconds(86_400), end: midnight))
        #expect(throws: BudgetError.notLoaded(missing)) { try machine.hold(1) }
        #expect(throws: BudgetError.notLoaded(missing)) { try machine.hold(0, isFree: true) }
        #expect(machine.missingSpends(at: start) == [missing])
        #expect(machine.budget() == nil)
        #expect(machine.setSpent(nanos(60), of: .key(1), windowStart: missing.window.start))
        #expect(!machine.setSpent(nanos(60), of: .key(1), windowStart: missing.window.start))
        #expect(machine.budget()?.spent == nanos(60))
        #expect(machine.missingSpends(at: start).isEmpty)
    }

    @Test func `what ends between the limit and its sum is added to the sum`() throws {
        let machine = MachineBox()
        let settled = try machine.hold(30)
        let live = try machine.hold(40)
        let missing = try #require(machine.setLimits(daily, of: .key(1), at: start))
        machine.settle(settled, cost: nanos(25), tokens: 0)
        machine.setSpent(nanos(10), of: .key(1), windowStart: missing.window.start)
        #expect(machine.budget()?.spent == nanos(35))
        #expect(machine.budget()?.held == nanos(40), "a hold made before the limit counts too")
        machine.settle(live, cost: nanos(40), tokens: 0)
        #expect(machine.budget()?.spent == nanos(75))
    }

    @Test func `a slot limit that is new counts the requests that run already`() throws {
        let machine = MachineBox()
        let live = try machine.hold(0)
        machine.set(Limits(parallelRequests: 1), of: .key(1))
        #expect(machine.refusal(0)?.dimension == .parallel)
        machine.release(live)
        #expect(machine.refusal(0) == nil)
    }

    @Test func `a changed window waits for its sum and keeps the holds that were made in it`() throws {
        let machine = MachineBox()
        machine.set(Limits(maxBudget: nanos(100), window: .calendarMonths(1)), of: .key(1), spent: 50)
        let yesterday = try machine.hold(20, at: start)
        let today = try machine.hold(10, at: midnight + .seconds(1))
        let missing = try #require(machine.setLimits(daily, of: .key(1), at: midnight + .seconds(2)))
        #expect(missing.window.start == midnight)
        machine.setSpent(nanos(5), of: .key(1), windowStart: midnight)
        #expect(machine.budget(at: midnight)?.held == nanos(10))
        machine.settle(yesterday, cost: nanos(20), tokens: 0)
        #expect(machine.budget(at: midnight)?.spent == nanos(5))
        machine.settle(today, cost: nanos(10), tokens: 0)
        #expect(machine.budget(at: midnight)?.spent == nanos(15))
    }

    @Test func `the same stretch of time by another rule keeps its sum`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1), spent: 50)
        let sameDay = Limits(
            maxBudget: nanos(90), window: .every(nanoseconds: 86_400_000_000_000), anchor: midnight - .seconds(86_400))
        #expect(machine.setLimits(sameDay, of: .key(1), at: start) == nil)
        #expect(machine.budget()?.spent == nanos(50))
        #expect(machine.limits(of: .key(1)) == sameDay)
    }

    @Test func `the holds of a removed scope go on without it, and do not touch the one that takes its place`() throws {
        let machine = MachineBox()
        let all = Limits(
            maxBudget: nanos(100), requestsPerMinute: 10, tokensPerMinute: 100, parallelRequests: 5)
        machine.set(all, of: .key(1))
        let hold = try machine.hold(50, tokens: 50)
        machine.remove(.key(1))
        #expect(machine.scopeCount == 0)
        #expect(machine.rateWindowCount == 0)
        machine.set(all, of: .key(2))
        let before = machine.status(of: .key(2), at: start)
        machine.charge(hold, cost: nanos(10), tokens: 10)
        try machine.extend(hold, to: nanos(1000), tokens: 1000, at: start)
        machine.settle(hold, cost: nanos(10), tokens: 10)
        #expect(machine.status(of: .key(2), at: start) == before)
        machine.remove(.key(3))
    }

    @Test func `a scope named twice counts once, and a hold may name more scopes than lie inline`() throws {
        let machine = MachineBox()
        let scopes = (1...20).map { Scope.tag($0) }
        for scope in scopes { machine.set(Limits(maxBudget: nanos(10), parallelRequests: 1), of: scope) }
        let list = ScopeList(scopes + scopes)
        #expect(list.count == 20)
        let hold = try machine.hold(10, of: list)
        #expect(machine.refusal(0, of: [.tag(20)])?.dimension == .parallel)
        #expect(machine.refusal(1, of: [.tag(20)])?.dimension == .money)
        machine.settle(hold, cost: nanos(3), tokens: 0)
        for scope in scopes { #expect(machine.budget(scope)?.spent == nanos(3)) }
        machine.release(try machine.hold(1, of: [.tag(1)]))
    }

    @Test func `several budgets of one owner are told apart by their part`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1), spent: 95)
        machine.set(Limits(maxBudget: nanos(1000)), of: Scope(.key, 1, part: 1))
        #expect(machine.refusal(6, of: [.key(1), Scope(.key, 1, part: 1)])?.scope == .key(1))
        #expect(machine.refusal(6, of: [Scope(.key, 1, part: 1)]) == nil)
    }

    @Test func `a status over several scopes is the tightest of each kind`() throws {
        let machine = MachineBox()
        machine.set(
            Limits(maxBudget: nanos(100), window: .calendarDay, requestsPerMinute: 10, parallelRequests: 3), of: .global
        )
        machine.set(
            Limits(maxBudget: nanos(50), requestsPerMinute: 20, tokensPerMinute: 500, parallelRequests: 2), of: .key(1))
        _ = try machine.hold(10, tokens: 100, of: [.global, .key(1)])
        let status = machine.status(of: ScopeList(.global, .key(1)), at: start)
        #expect(status.requests == RateStatus.Meter(scope: .global, limit: 10, left: 9, unusedAt: start + .seconds(60)))
        #expect(
            status.tokens == RateStatus.Meter(scope: .key(1), limit: 500, left: 400, unusedAt: start + .seconds(60)))
        #expect(status.parallel == RateStatus.Meter(scope: .key(1), limit: 2, left: 1, unusedAt: nil))
        #expect(
            status.budget
                == RateStatus.BudgetMeter(
                    scope: .key(1), limit: nanos(50), spent: .zero, held: nanos(10), left: nanos(40), resets: nil))
        #expect(machine.status(of: .key(9), at: start) == nil)
    }
}

@Suite struct BudgetClockTests {
    private let daily = Limits(maxBudget: nanos(100), window: .calendarDay, requestsPerMinute: 5, tokensPerMinute: 100)

    @Test func `a stamp that is a little late counts as the latest seen`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1))
        _ = try machine.hold(10, at: midnight)
        let late = try machine.hold(10, at: midnight - .seconds(60))
        #expect(machine.heldAt(late) == midnight)
        #expect(machine.budget(at: midnight)?.held == nanos(20))
        #expect(machine.missingSpends(at: midnight).isEmpty)
    }

    @Test func `a clock set back over midnight makes the budget wait for the sum of the day it is again`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1))
        let future = try machine.hold(10, at: midnight + .seconds(100))
        machine.settle(future, cost: nanos(10), tokens: 0)
        #expect(throws: BudgetError.self) { try machine.hold(1, at: start) }
        let missing = try #require(machine.missingSpends(at: start).first)
        #expect(missing.window.end == midnight)
        machine.setSpent(nanos(7), of: .key(1), windowStart: missing.window.start)
        #expect(machine.budget()?.spent == nanos(7))
        // Something was spent in the next day already, before the clock was set back.
        #expect(machine.missingSpends(at: midnight).first?.window.start == midnight)
        #expect(machine.missingSpends(at: midnight + .seconds(86_400)).isEmpty)
    }

    @Test func `a clock set back forgets no rate early and blocks none for longer than a minute`() throws {
        let machine = MachineBox()
        machine.set(Limits(requestsPerMinute: 2, tokensPerMinute: 100), of: .key(1))
        let far = start + .seconds(50_000)
        let first = try machine.hold(0, tokens: 50, at: far)
        _ = try machine.hold(0, tokens: 50, at: far + .seconds(1))
        let refusal = try #require(machine.refusal(0, at: start))
        #expect(refusal.resets == start + .seconds(60))
        // The hold's tokens stay counted: its second is no longer the one they lie in.
        machine.settle(first, cost: .zero, tokens: 0)
        #expect(machine.status(of: .key(1), at: start)?.tokens?.left == 0)
        #expect(machine.refusal(0, at: start + .seconds(59)) != nil)
        #expect(machine.refusal(0, tokens: 100, at: start + .seconds(60)) == nil)
    }

    @Test func `an hour before 1970 and the end of time are times like any other`() throws {
        let machine = MachineBox()
        machine.set(daily, of: .key(1), at: Timestamp(nanosecondsSince1970: .min))
        machine.release(try machine.hold(1, tokens: 1, at: Timestamp(secondsSince1970: -3600)))
        machine.release(try machine.hold(1, tokens: 1, at: Timestamp(nanosecondsSince1970: .max)))
        machine.freeIdle(at: Timestamp(nanosecondsSince1970: .max))
    }
}
