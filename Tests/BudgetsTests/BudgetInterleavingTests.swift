import Budgets
import Testing
import Units

/// Every order in which two requests and the world can take their steps, each compared with the naive model after every
/// step.
@Suite struct BudgetInterleavingTests {
    enum Step {
        /// Without an amount: all that is left.
        case hold(Int64?, tokens: Int64, isFree: Bool = false)
        case charge(Int64, tokens: Int64)
        case extend(Int64?, tokens: Int64)
        case settle(Int64, tokens: Int64)
        case release
    }

    enum Event {
        case time(Duration)
        case limits(Scope, Limits)
        case spent(Scope, Int64)
        case loaded(Scope, Limits, spent: Int64)
    }

    static let requests: [[Step]] = [
        [.hold(60, tokens: 60), .settle(40, tokens: 30)],
        [.hold(60, tokens: 60), .charge(30, tokens: 20), .extend(60, tokens: 60), .settle(70, tokens: 70)],
        [.hold(50, tokens: 50), .charge(80, tokens: 90), .extend(20, tokens: 20), .release],
        [.hold(100, tokens: 100), .extend(30, tokens: 30), .settle(0, tokens: 0)],
        [.hold(0, tokens: 10, isFree: true), .extend(50, tokens: 100), .settle(50, tokens: 100)],
        [.hold(nil, tokens: 10), .charge(40, tokens: 10), .extend(60, tokens: 10), .settle(70, tokens: 10)],
        [.hold(60, tokens: 10), .extend(nil, tokens: 10), .settle(140, tokens: 10)],
    ]

    static let daily = Limits(maxBudget: NanoUSD(nanos: 100), window: .calendarDay, parallelRequests: 2)
    static let key = Limits(
        maxBudget: NanoUSD(nanos: 130), requestsPerMinute: 3, tokensPerMinute: 150, parallelRequests: 2)
    static let single = Limits(window: .calendarDay, requestsPerMinute: 1, tokensPerMinute: 100, parallelRequests: 1)

    static let worlds: [[Event]] = [
        [.time(.seconds(1)), .time(.seconds(59))],
        [.time(.seconds(30)), .time(.seconds(30))],
        [.time(.seconds(86_400))],
        [.limits(.global, Limits(maxBudget: NanoUSD(nanos: 50), window: .calendarDay)), .time(.seconds(86_400))],
        [.limits(.global, Limits(maxBudget: NanoUSD(nanos: 200), window: .calendarDay))],
        [.limits(.global, Limits(maxBudget: NanoUSD(nanos: 100), window: .calendarWeek)), .spent(.global, 20)],
        [.limits(.key(1), Limits()), .limits(.key(1), single)],
        [.limits(.key(1), Limits()), .loaded(.key(1), key, spent: 0)],
        [.limits(.global, Limits(parallelRequests: 1)), .loaded(.global, daily, spent: 5)],
    ]

    @Test(arguments: worlds.indices.map { ($0, key) } + [(1, single), (2, single)])
    func `no order of steps lets a limit be passed or a hold be lost`(world: Int, limits: Limits) {
        var start = ComparedBudgets(scopes: [.global, .key(1)])
        // Ten seconds before midnight.
        let time = Timestamp(iso8601: "2026-11-30T23:59:50Z")!
        start.setLimits(Self.daily, of: .global, at: time)
        start.setLimits(limits, of: .key(1), at: time)
        start.setSpent(0, of: .global, at: time)
        start.setSpent(10, of: .key(1), at: time)
        var orders = 0
        for first in Self.requests.indices {
            for second in Self.requests.indices where second >= first {
                let actors = [Actor(steps: Self.requests[first]), Actor(steps: Self.requests[second])]
                if let failure = explore(start, at: time, actors, Self.worlds[world][...], &orders) {
                    Issue.record(Comment(rawValue: failure))
                    return
                }
            }
        }
        #expect(orders > 500)
    }

    private struct Actor {
        var steps: [Step]
        var position = 0
        var hold: Int?

        var isDone: Bool { position == steps.count }
    }

    /// - Returns: what went wrong in some order.
    private func explore(
        _ pair: ComparedBudgets, at time: Timestamp, _ actors: [Actor], _ events: ArraySlice<Event>, _ orders: inout Int
    ) -> String? {
        if let failure = pair.failure { return failure }
        var isOver = true
        for index in actors.indices where !actors[index].isDone {
            isOver = false
            var (next, nextActors) = (pair, actors)
            take(&nextActors[index], &next, at: time)
            if let failure = explore(next, at: time, nextActors, events, &orders) { return failure }
        }
        if let event = events.first {
            isOver = false
            var (next, nextTime) = (pair, time)
            switch event {
            case .time(let duration):
                nextTime = time + duration
                next.roll(to: nextTime)
            case .limits(let scope, let limits): next.setLimits(limits, of: scope, at: time)
            case .spent(let scope, let amount): next.setSpent(amount, of: scope, at: time)
            case .loaded(let scope, let limits, let amount):
                next.setLimits(limits, of: scope, at: time)
                next.setSpent(amount, of: scope, at: time)
            }
            if let failure = explore(next, at: nextTime, actors, events.dropFirst(), &orders) { return failure }
        }
        guard isOver else { return nil }
        orders += 1
        if pair.machine.liveHolds != 0 { return "a hold is left" }
        return nil
    }

    private func take(_ actor: inout Actor, _ pair: inout ComparedBudgets, at time: Timestamp) {
        let step = actor.steps[actor.position]
        actor.position += 1
        switch (step, actor.hold) {
        case (.hold(let ceiling, let tokens, let isFree), _):
            actor.hold = pair.hold([.global, .key(1)], ceiling: ceiling, tokens: tokens, isFree: isFree, at: time)
            // A refused request gives up.
            if actor.hold == nil { actor.position = actor.steps.count }
        case (.charge(let cost, let tokens), let hold?): pair.charge(hold, cost: cost, tokens: tokens, at: time)
        case (.extend(let ceiling, let tokens), let hold?): pair.extend(hold, to: ceiling, tokens: tokens, at: time)
        case (.settle(let cost, let tokens), let hold?): pair.settle(hold, cost: cost, tokens: tokens, at: time)
        case (.release, let hold?): pair.release(hold, at: time)
        case (_, nil): break
        }
    }
}
