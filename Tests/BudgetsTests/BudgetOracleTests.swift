import TestSupport
import Testing
import Units

@testable import Budgets

/// A ``BudgetMachine`` and a ``NaiveBudgets`` that are told the same and must answer the same.
struct ComparedBudgets {
    /// Second by second: what its windows hold together for longer has tests of its own (`RateWindow`, rule 2).
    var machine = BudgetMachine(grain: .second)
    var naive = NaiveBudgets()
    var tokens: [Int: HoldToken] = [:]
    var scopes: [Scope]
    /// What happened, put into words only if something fails.
    var trail: [() -> String] = []
    var failure: String?
    /// How often each answer was given, so that a test can show that it saw all of them.
    var answers: [String: Int] = [:]

    init(scopes: [Scope]) { self.scopes = scopes }

    var liveHolds: [Int] { naive.holds.keys.sorted() }

    mutating func fail(_ what: String) {
        if failure == nil { failure = "\(what)\nafter\n\(trail.suffix(30).map { $0() }.joined(separator: "\n"))" }
    }

    mutating func note(_ what: @autoclosure @escaping () -> String) {
        trail.append(what)
        if trail.count > 60 { trail.removeFirst(30) }
    }

    // MARK: Verbs

    mutating func setLimits(_ limits: Limits, of scope: Scope, at time: Timestamp) {
        note("\(time) limits of \(scope): \(limits)")
        naive.advance(to: time)
        naive.setLimits(limits, of: scope)
        let missing = machine.setLimits(limits, of: scope, at: time)
        let waits = limits.maxBudget != nil && !naive.isLoaded(scope)
        if (missing != nil) != waits { fail("waiting for the sum: \(missing as Any)") }
        if let missing, missing.window != naive.window(scope) { fail("waits for \(missing.window)") }
        check(at: time)
    }

    mutating func setSpent(_ amount: Int64, of scope: Scope, at time: Timestamp) {
        note("\(time) spent of \(scope): \(amount)")
        naive.advance(to: time)
        guard let missing = machine.missingSpends(at: time).first(where: { $0.scope == scope }) else { return }
        if machine.setSpent(NanoUSD(nanos: amount), of: scope, windowStart: missing.window.end) {
            fail("a sum of another window was taken")
        }
        if !machine.setSpent(NanoUSD(nanos: amount), of: scope, windowStart: missing.window.start) {
            fail("the sum that was waited for was not taken")
        }
        if machine.setSpent(NanoUSD(nanos: amount), of: scope, windowStart: missing.window.start) {
            fail("the same sum was taken twice")
        }
        naive.setSpent(amount, of: scope)
        check(at: time)
    }

    /// - Returns: the hold's number, if it was admitted.
    @discardableResult
    mutating func hold(
        _ list: [Scope], ceiling: Int64?, tokens asked: Int64, isFree: Bool, at time: Timestamp
    ) -> Int? {
        note("\(time) hold \(list) \(ceiling.map(String.init) ?? "all") nanos \(asked) tokens\(isFree ? " free" : "")")
        naive.advance(to: time)
        let ask = Ask(
            scopes: ScopeList(list), ceiling: ceiling.map { NanoUSD(nanos: $0) }, tokens: TokenCount(asked),
            isFree: isFree)
        let (answer, id) = naive.hold(list, ceiling: ceiling, tokens: asked, isFree: isFree)
        let before = machine
        do {
            tokens[id] = try machine.hold(ask, at: time)
            note("  admitted as \(id)")
            answers["admitted", default: 0] += 1
            if answer != .admitted { fail("admitted; the naive one says \(answer)") }
            if !isFree || ceiling != 0 { checkInvariantOne(list, at: time) }
        } catch {
            compare(error, with: answer)
            if case .exhausted(let refusal) = error { checkReset(refusal, in: before) { try $0.hold(ask, at: $1) } }
        }
        check(at: time)
        return answer == .admitted ? id : nil
    }

    mutating func charge(_ id: Int, cost: Int64, tokens used: Int64, at time: Timestamp) {
        note("  charge \(id) \(cost) nanos \(used) tokens")
        let overrun = machine.charge(tokens[id]!, cost: NanoUSD(nanos: cost), tokens: TokenCount(used))
        let expected = naive.charge(id, cost: cost, tokens: used)
        if overrun != expected { fail("overrun \(overrun as Any), not \(expected)") }
        check(at: time)
    }

    mutating func extend(_ id: Int, to ceiling: Int64?, tokens asked: Int64, at time: Timestamp) {
        let money = ceiling.map { NanoUSD(nanos: $0) }
        note("\(time) extend \(id) to \(ceiling.map(String.init) ?? "all") nanos \(asked) tokens")
        naive.advance(to: time)
        let token = tokens[id]!
        let answer = naive.extend(id, ceiling: ceiling, tokens: asked)
        let before = machine
        do {
            let at = try machine.extend(token, to: money, tokens: TokenCount(asked), at: time)
            if answer != .admitted { fail("extended; the naive one says \(answer)") }
            if at != naive.now { fail("extended at \(at), not \(naive.now)") }
        } catch {
            compare(error, with: answer)
            if case .exhausted(let refusal) = error {
                checkReset(refusal, in: before) {
                    try $0.extend(token, to: money, tokens: TokenCount(asked), at: $1)
                }
            }
        }
        check(at: time)
    }

    mutating func settle(_ id: Int, cost: Int64, tokens used: Int64, at time: Timestamp) {
        note("  settle \(id) \(cost) nanos \(used) tokens")
        let overrun = machine.settle(tokens[id]!, cost: NanoUSD(nanos: cost), tokens: TokenCount(used))
        let expected = naive.charge(id, cost: cost, tokens: used)
        naive.end(id)
        if overrun != expected { fail("overrun \(overrun as Any), not \(expected)") }
        endAgain(id, at: time)
    }

    mutating func release(_ id: Int, at time: Timestamp) {
        note("  release \(id)")
        machine.release(tokens[id]!)
        naive.end(id)
        endAgain(id, at: time)
    }

    private mutating func endAgain(_ id: Int, at time: Timestamp) {
        let token = tokens.removeValue(forKey: id)!
        machine.release(token)
        if machine.settle(token, cost: .dollars(1), tokens: 1000) != nil { fail("a hold ended twice") }
        check(at: time)
    }

    mutating func roll(to time: Timestamp) {
        note("\(time)")
        naive.advance(to: time)
        check(at: time)
    }

    // MARK: Comparing

    /// What was just admitted leaves spent + held ≤ limit.
    private mutating func checkInvariantOne(_ list: [Scope], at time: Timestamp) {
        for scope in list {
            guard let budget = machine.status(of: scope, at: time)?.budget else { continue }
            if budget.spent + budget.held > budget.limit { fail("\(budget) is more than its limit") }
        }
    }

    private mutating func compare(_ error: BudgetError, with answer: NaiveBudgets.Answer) {
        note("  \(error)")
        switch (error, answer) {
        case (.notLoaded, .notLoaded): answers["notLoaded", default: 0] += 1
        case (.exhausted(let refusal), .refused(let reasons)):
            let told = NaiveBudgets.Reason(
                scope: refusal.scope, dimension: refusal.dimension, limit: refusal.limit.amount,
                left: refusal.left.amount, asked: refusal.asked?.amount)
            answers[refusal.dimension.rawValue + (refusal.neverFits ? " never" : ""), default: 0] += 1
            if refusal.asked == nil { answers["all that is left", default: 0] += 1 }
            if !reasons.contains(told) { fail("refused by \(told), not one of \(reasons)") }
            if refusal.dimension == .parallel, reasons.contains(where: { $0.dimension != .parallel && $0.limit > 0 }),
                !refusal.neverFits
            {
                fail("told of a slot although \(reasons) last longer")
            }
        default: fail("\(error); the naive one says \(answer)")
        }
    }

    /// Just before the instant it is refused, at the instant it is admitted.
    private mutating func checkReset(
        _ refusal: Refusal, in before: BudgetMachine, _ retry: (inout BudgetMachine, Timestamp) throws -> Any
    ) {
        func isAdmitted(at time: Timestamp) -> Bool {
            var copy = before
            return (try? retry(&copy, time)) != nil
        }
        let farFuture = naive.now + .seconds(400 * 86_400)
        if refusal.neverFits {
            if isAdmitted(at: farFuture) { fail("what never fits fitted: \(refusal)") }
        } else if let resets = refusal.resets {
            if isAdmitted(at: resets - .nanoseconds(1)) { fail("admitted before \(resets): \(refusal)") }
            if resets <= naive.now { fail("resets in the past") }
            var copy = before
            do { _ = try retry(&copy, resets) } catch {
                // Only what running calls have may still be in the way: nobody knows when it comes back.
                if case BudgetError.exhausted(let next) = error, next.isHeldByOthers { return }
                fail("refused at \(resets) too: \(refusal), then \(error)")
            }
        } else if refusal.dimension != .parallel {
            if isAdmitted(at: farFuture) { fail("a budget for ever came back by itself: \(refusal)") }
        }
    }

    /// Compares every figure and checks the invariants that figures can show.
    mutating func check(at time: Timestamp) {
        guard failure == nil else { return }
        naive.advance(to: time)
        if machine.liveHolds != naive.holds.count { fail("\(machine.liveHolds) live holds, not \(naive.holds.count)") }
        if machine.scopeCount != naive.tracked.count {
            fail("\(machine.scopeCount) scopes, not \(naive.tracked.count)")
        }
        for scope in scopes {
            guard let limits = naive.tracked[scope]?.limits else {
                if machine.status(of: scope, at: time) != nil { fail("\(scope) has a status") }
                continue
            }
            guard let status = machine.status(of: scope, at: time) else { fail("\(scope) has no status"); return }
            if machine.limits(of: scope) != limits { fail("\(scope) has other limits") }
            if let limit = limits.requestsPerMinute {
                let left = max(0, Int64(limit) - naive.requests(scope))
                if status.requests?.left != left {
                    fail("\(scope) has \(status.requests as Any), not \(left) requests left")
                }
            }
            if let limit = limits.tokensPerMinute {
                let left = max(0, Int64(limit) - naive.tokens(scope))
                if status.tokens?.left != left { fail("\(scope) has \(status.tokens as Any), not \(left) tokens left") }
            }
            if let limit = limits.parallelRequests {
                let left = max(0, Int64(limit) - naive.live(scope))
                if status.parallel?.left != left {
                    fail("\(scope) has \(status.parallel as Any), not \(left) slots left")
                }
            }
            guard let limit = limits.maxBudget?.nanos, naive.isLoaded(scope) else {
                if status.budget != nil { fail("\(scope) has a budget's status") }
                continue
            }
            let (spent, held) = (naive.spent(scope), naive.held(scope))
            guard let budget = status.budget else { fail("\(scope) has no budget's status"); return }
            if budget.spent.nanos != spent { fail("\(scope) spent \(budget.spent.nanos), not \(spent)") }
            if budget.held.nanos != held { fail("\(scope) holds \(budget.held.nanos), not \(held)") }
            if budget.left.nanos != max(0, limit - spent - held) { fail("\(scope) has \(budget.left.nanos) left") }
            let end = naive.window(scope).end
            if budget.resets != (limits.window == nil ? nil : end) {
                fail("\(scope) resets at \(budget.resets as Any)")
            }
        }
    }
}

@Suite struct BudgetOracleTests {
    @Test func `thousands of random steps end as in the naive model`() {
        var random = SeededRandom.fresh()
        // Sixteen scopes: a hold of ten of them goes beyond what lies inline.
        let scopes =
            [Scope.global] + (1...11).map { Scope.key($0) } + (1...4).map { Scope(.team, $0, part: UInt32($0)) }
        var answers: [String: Int] = [:]
        for _ in 0..<4 {
            var pair = ComparedBudgets(scopes: scopes)
            // A little before the end of a year, so that days, weeks, months and years all roll over.
            var time = Timestamp(iso8601: "2026-12-31T23:50:00Z")!
            for scope in scopes { pair.setLimits(randomLimits(&random), of: scope, at: time) }
            for _ in 0..<1500 where pair.failure == nil { step(&pair, at: &time, &random) }
            for id in pair.liveHolds { pair.release(id, at: time) }
            if let failure = pair.failure {
                Issue.record(Comment(rawValue: failure))
                return
            }
            #expect(pair.machine.liveHolds == 0)
            answers.merge(pair.answers, uniquingKeysWith: +)
        }
        print("answers:", answers)
        for answer in [
            "admitted", "notLoaded", "money", "money never", "all that is left", "requests", "tokens", "tokens never",
            "parallel",
        ] {
            #expect(answers[answer, default: 0] > 0, "\(answer) never came up: \(answers)")
        }
    }

    private func step(_ pair: inout ComparedBudgets, at time: inout Timestamp, _ random: inout SeededRandom) {
        func number(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }
        // Often nothing, then milliseconds, seconds, minutes, and now and then days.
        switch number(0...19) {
        case 0...9: break
        case 10...16: time = time + .milliseconds(number(0...1500))
        case 17...18: time = time + .seconds(number(0...20))
        default: time = time + .seconds(number(0...9) > 0 ? number(0...90) : number(0...4) * 43_200)
        }
        // Two threads race: a stamp that is a little late.
        let at = number(0...9) == 0 ? time - .milliseconds(number(0...59_999)) : time
        let live = pair.liveHolds.randomElement(using: &random)
        switch (number(0...19), live) {
        case (0, _):
            pair.setLimits(randomLimits(&random), of: pair.scopes.randomElement(using: &random)!, at: at)
        case (1, _) where number(0...2) == 0:
            for scope in pair.scopes where number(0...3) > 0 { pair.setSpent(number(0...300), of: scope, at: at) }
        case (2, _): pair.roll(to: at)
        case (3...4, let id?): pair.charge(id, cost: number(0...120), tokens: number(0...120), at: at)
        case (5...6, let id?):
            let ceiling = number(0...5) == 0 ? nil : number(0...300)
            pair.extend(id, to: ceiling, tokens: number(0...150), at: at)
        case (7...10, let id?): pair.settle(id, cost: number(0...120), tokens: number(0...120), at: at)
        case (11...12, let id?): pair.release(id, at: at)
        default:
            let count = number(0...19) == 0 ? 10 : Int(number(1...3))
            let list = Array(pair.scopes.shuffled(using: &random).prefix(Int(count)))
            let ceiling: Int64? =
                switch number(0...11) {
                case 0: nil
                case 1...2: 0
                default: number(0...250)
                }
            pair.hold(list, ceiling: ceiling, tokens: number(0...220), isFree: number(0...3) == 0, at: at)
        }
    }

    private func randomLimits(_ random: inout SeededRandom) -> Limits {
        func maybe(_ range: ClosedRange<Int>) -> Int? {
            switch Int.random(in: 0...59, using: &random) {
            case 0: 0
            case 1...30: Int.random(in: range, using: &random)
            default: nil
            }
        }
        let windows: [BudgetWindow?] = [
            nil, .calendarDay, .calendarWeek, .calendarMonths(1), .calendarMonths(2),
            .every(nanoseconds: 90_000_000_000),
            .every(nanoseconds: 86_400_000_000_000),
        ]
        if Int.random(in: 0...5, using: &random) == 0 { return Limits() }
        return Limits(
            maxBudget: maybe(100...3000).map { NanoUSD(nanos: Int64($0)) },
            window: windows.randomElement(using: &random)!,
            anchor: Timestamp(secondsSince1970: Int64.random(in: 0...1_000_000, using: &random)),
            requestsPerMinute: maybe(1...8), tokensPerMinute: maybe(120...600), parallelRequests: maybe(1...5))
    }
}

extension Refusal {
    /// A slot, or money of which running calls hold enough.
    fileprivate var isHeldByOthers: Bool {
        dimension == .parallel
            || (dimension == .money && held.amount > 0 && (asked?.amount ?? 1) <= left.amount + held.amount)
    }
}
