import Routing
import TestSupport
import Testing
import Units

/// Every sequence of outcomes over small tables, and random ones over larger tables: the rules hold on all of them.
@Suite("Whatever happens on a request's way")
struct ExhaustiveJourneyTests {
    static let outcomes: [Outcome] = [
        .succeeded, refused(500), refused(401), refused(404), refused(400), refused(429, after: 3),
        refused(429, after: 20), refused(429, after: 61), tooLong, .brokeOff,
    ]
    static let tooLong = refused(400, means: .contextLength)

    /// What came of the attempt keeps the request from asking that target for that model.
    static func bars(_ leg: RequestJourney.Leg, _ target: Target, _ model: String) -> Bool {
        guard leg.attempt.target.id == target.id else { return false }
        return leg.outcome == refused(401) || (leg.outcome == refused(404) && leg.attempt.upstreamModel == model)
    }

    static func wasAsked(_ target: Target, for model: String, in legs: ArraySlice<RequestJourney.Leg>) -> Bool {
        legs.contains { $0.attempt.target.id == target.id && $0.attempt.model == model }
    }

    /// Who of a route can be asked after those attempts that was not yet, cooling down or not.
    static func unasked(_ route: Route, _ model: String, after legs: ArraySlice<RequestJourney.Leg>) -> [Target] {
        let own = legs.filter { $0.attempt.model == model }
        guard own.count <= route.retries.most else { return [] }
        return route.targets.filter { target in
            target.weight > 0 && !wasAsked(target, for: model, in: legs)
                && !legs.contains { bars($0, target, model) }
                && !(legs.last?.attempt.target.id == target.id && legs.last?.attempt.upstreamModel == model)
        }
    }

    /// What is left of the time for which a target that was asked wants to be left alone.
    ///
    /// - Returns: nil where it can't be asked again: it is barred, or wants more than may be waited for.
    static func waitLeft(
        _ target: Target, for attempt: RequestJourney.Attempt, after legs: ArraySlice<RequestJourney.Leg>,
        in world: World
    ) -> Duration? {
        guard target.weight > 0, wasAsked(target, for: attempt.model, in: legs),
            !legs.contains(where: { bars($0, target, attempt.model) })
        else { return nil }
        var longest = Duration.zero
        for (leg, end) in zip(legs, world.ends) {
            guard leg.attempt.target.id == target.id, leg.attempt.model == attempt.model,
                case .refused(let refusal) = leg.outcome, let asked = refusal.retryAfter, end + asked > world.now
            else { continue }
            if asked > attempt.route.retries.retryAfterMost { return nil }
            longest = max(longest, end + asked - world.now)
        }
        return longest
    }

    /// What one request may not do with a target that it has asked before.
    static func checkAgain(
        _ attempt: RequestJourney.Attempt, cools: Bool, after legs: ArraySlice<RequestJourney.Leg>, in world: World,
        until deadline: Timestamp
    ) -> String? {
        guard let own = waitLeft(attempt.target, for: attempt, after: legs, in: world) else {
            return "waited for a Retry-After beyond the limit"
        }
        if attempt.after < own { return "asked before its Retry-After was over" }
        for other in attempt.route.targets where other.id != attempt.target.id {
            guard let left = waitLeft(other, for: attempt, after: legs, in: world) else { continue }
            let otherCools = world.machine.coolUntil(other, matching: attempt.model, at: world.now + left) != nil
            if cools, !otherCools, world.now + max(attempt.after, left) < deadline {
                return "asked one again that cools before one that does not"
            }
            if otherCools, !cools { continue }
            // The backoff, which nobody here knows, is the same for both, and not longer than the wait.
            if attempt.after == own, left < own { return "waited longer than for another" }
            if left <= own, legs.last?.attempt.target.id == attempt.target.id {
                return "asked the same target twice in a row"
            }
        }
        return nil
    }

    /// What one request may not do, checked after each step.
    static func check(
        _ journey: RequestJourney, _ step: RequestJourney.Step, in world: World, asked routes: [Route]
    ) -> String? {
        let most = routes.reduce(0) { $0 + $1.retries.most + 1 }
        if journey.legs.count > most { return "\(journey.legs.count) attempts" }
        let models = journey.legs.map(\.attempt.model)
        var runs: [String] = []
        for (index, model) in models.enumerated() where model != runs.last {
            if wasAsked(journey.legs[index].attempt.target, for: model, in: journey.legs[..<index]) {
                return "came back to a model it had left, for a target that it had asked"
            }
            runs.append(model)
        }
        let fallbacks = Set(runs).subtracting([journey.model]).count
        if fallbacks > 5 { return "more than five fallbacks" }
        for (index, leg) in journey.legs.enumerated() {
            let same = journey.legs[index...].filter { $0.attempt.model == leg.attempt.model }.count
            if same > leg.attempt.route.retries.most + 1 { return "too many attempts at \(leg.attempt.model)" }
            if leg.attempt.number != index + 1 { return "miscounted" }
            if leg.attempt.target.weight == 0 { return "asked a target out of service" }
            guard index > 0 else { continue }
            for earlier in journey.legs[..<index] {
                if bars(earlier, leg.attempt.target, leg.attempt.upstreamModel) { return "asked a barred target again" }
            }
        }
        let isTooLong = journey.legs.contains { $0.outcome == tooLong }
        guard case .attempt(let attempt) = step else {
            // Where it failed, somebody might have answered.
            guard !journey.legs.isEmpty, !isTooLong, case .failed(let outcome) = step.reason, outcome != .brokeOff
            else { return nil }
            let left = unasked(journey.asked, journey.model, after: journey.legs[...])
            return left.isEmpty ? nil : "gave up before it had asked all"
        }
        if attempt.timers.total <= .zero { return "began without time" }
        if attempt.after < .zero { return "negative wait" }
        if world.now + attempt.after >= .start + journey.asked.timers.total { return "waited beyond the total timer" }
        let before = journey.legs.dropLast()
        let cools =
            world.machine.coolUntil(attempt.target, matching: attempt.model, at: world.now + attempt.after) != nil
        let isAgain = wasAsked(attempt.target, for: attempt.model, in: before)
        if attempt.after > attempt.route.retries.backoffMost || (isAgain && cools) {
            let names = isTooLong ? [] : [journey.model] + (fallbacks < 5 ? journey.asked.fallbacks : [])
            for name in names + [attempt.model] {
                guard let route = routes.first(where: { $0.name == name }) else { continue }
                if unasked(route, name, after: before).isEmpty { continue }
                return "waited long, or asked one again that cools, before it had asked all"
            }
        }
        // Who of a route is well and could be asked instead.
        func well(_ route: Route, _ model: String, since instant: Timestamp) -> [Target] {
            route.targets.filter { target in
                target.weight > 0 && world.machine.coolUntil(target, matching: model, at: instant) == nil
                    && !before.contains { bars($0, target, model) }
            }
        }
        let others = well(attempt.route, attempt.model, since: world.now).filter {
            $0.id != before.last?.attempt.target.id
        }
        if cools || isAgain, others.contains(where: { !wasAsked($0, for: attempt.model, in: before) }) {
            return "asked a target that cools, or was asked, before one that is well"
        }
        if cools {
            for name in journey.asked.fallbacks where !isTooLong && !models.contains(name) && fallbacks < 5 {
                guard name != journey.model, let route = routes.first(where: { $0.name == name }) else { continue }
                if !well(route, name, since: .start).isEmpty { return "asked a cooling target before a fallback" }
            }
        }
        guard isAgain else { return attempt.after == .zero ? nil : "waited for one that it had not asked" }
        return checkAgain(
            attempt, cools: cools, after: before, in: world, until: .start + journey.asked.timers.total)
    }

    /// Every way from those models, in a process for each list of targets that are cooling already.
    static func explore(
        _ routes: [Route], from models: [String], cooling: [[String]]
    ) -> (ended: Int, problems: Set<String>) {
        var ended = 0
        var problems: Set<String> = []
        func goOn(_ world: World, _ journey: RequestJourney, _ step: RequestJourney.Step) {
            if let problem = check(journey, step, in: world, asked: routes) {
                problems.insert("\(problem): \(journey)")
            }
            guard case .attempt = step, problems.count < 100 else {
                ended += 1
                return
            }
            for outcome in outcomes {
                var world = world
                var journey = journey
                // So long that of a Retry-After beyond the limit no more is left than what may be waited for.
                let next = world.end(&journey, outcome, lasting: .seconds(1))
                goOn(world, journey, next)
            }
        }
        for model in models {
            for (seed, names) in cooling.enumerated() {
                var world = World(routes, seed: UInt64(seed))
                for name in names { world.cool(target(name)) }
                let (journey, step) = world.begin(model)
                goOn(world, journey, step)
            }
        }
        return (ended, problems)
    }

    @Test("every sequence of ten outcomes over three targets, two orders and three fallbacks obeys the rules")
    func exhaustive() {
        let retries = RetryPolicy(most: 1)
        let cooldown = CooldownPolicy(failures: 2)
        func route(_ name: String, _ targets: [Target], _ fallbacks: [String], long: [String] = []) -> Route {
            Route(
                name, targets: targets, fallbacks: fallbacks, contextWindowFallbacks: long, retries: retries,
                cooldown: cooldown)
        }
        let routes = [
            route("m", [target("a"), target("b", weight: 2), target("c", order: 2)], ["n", "m", "o"], long: ["o"]),
            route("n", [target("d"), target("a")], ["o", "m"]),
            route("o", [target("e")], ["n", "m"]),
        ]
        let (ended, problems) = Self.explore(routes, from: ["m", "o"], cooling: [[], ["a"], ["a", "e"]])
        #expect(problems.isEmpty, "\(problems.prefix(5))")
        #expect(ended > 50_000, "\(ended)")
    }

    @Test("so does every sequence over two targets that are asked again, and a fallback", arguments: [2, 3])
    func exhaustiveRetries(most: Int) {
        let cooldown = CooldownPolicy(failures: 2)
        let routes = [
            Route(
                "m", targets: [target("a"), target("b", order: 2)], fallbacks: ["n"], retries: RetryPolicy(most: most),
                cooldown: cooldown),
            Route("n", targets: [target("d")], retries: RetryPolicy(most: 0), cooldown: cooldown),
        ]
        let (ended, problems) = Self.explore(routes, from: ["m"], cooling: [[], ["a"], ["a", "b"], ["b"], ["d"]])
        #expect(problems.isEmpty, "\(problems.prefix(5))")
        #expect(ended > 5_000, "\(ended)")
    }

    @Test("thousands of random requests over random tables obey the rules", arguments: [11, 12, 13, 14] as [UInt64])
    func random(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let names = (0..<Int.random(in: 1...8, using: &random)).map { "m\($0)" }
            let routes = names.map { name in
                Route(
                    name,
                    targets: (0...6).shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random)).map {
                        target(
                            "p\($0)", weight: Int.random(in: 0...4, using: &random),
                            order: Int.random(in: 1...3, using: &random))
                    },
                    fallbacks: (0..<Int.random(in: 0...4, using: &random)).map { _ in
                        names.randomElement(using: &random)!
                    },
                    contextWindowFallbacks: Bool.random(using: &random) ? [names.randomElement(using: &random)!] : [],
                    retries: RetryPolicy(most: Int.random(in: 0...5, using: &random)),
                    cooldown: CooldownPolicy(
                        failures: Int.random(in: 0...3, using: &random),
                        duration: .seconds(Int.random(in: 1...60, using: &random))),
                    timers: Timers(total: .seconds(Int.random(in: 1...100, using: &random))))
            }
            var world = World(routes, seed: random.next())
            for _ in 0..<20 {
                world.now = .start
                var (journey, step) = world.begin(names.randomElement(using: &random)!)
                while true {
                    if let problem = Self.check(journey, step, in: world, asked: routes) {
                        Issue.record("seed \(seed): \(problem): \(journey)")
                    }
                    guard case .attempt = step, journey.legs.count < 1_000 else { break }
                    step = world.end(
                        &journey, Self.outcomes.randomElement(using: &random)!,
                        lasting: .milliseconds(Int.random(in: 0...3_000, using: &random)))
                }
            }
        }
    }
}
