import Routing
import TestSupport
import Testing
import Units

/// Every sequence of outcomes over small tables, and random ones over larger tables: the rules hold on all of them.
@Suite("Whatever happens on a request's way")
struct ExhaustiveJourneyTests {
    static let outcomes: [Outcome] = [
        .succeeded, refused(500), refused(401), refused(404), refused(400), refused(429, after: 3),
        refused(429, after: 20), refused(429, after: 600), tooLong, .brokeOff,
    ]
    static let tooLong = refused(400, code: "context_length_exceeded")

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
        if attempt.after > attempt.route.retries.backoffMost {
            let names = isTooLong ? [] : [journey.model] + (fallbacks < 5 ? journey.asked.fallbacks : [])
            for name in names + [attempt.model] {
                guard let route = routes.first(where: { $0.name == name }) else { continue }
                if !unasked(route, name, after: before).isEmpty { return "waited long before it had asked all" }
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
        let cools =
            world.machine.coolUntil(attempt.target, matching: attempt.model, at: world.now + attempt.after) != nil
        if cools {
            if others.contains(where: { !wasAsked($0, for: attempt.model, in: before) }) {
                return "asked a cooling target before one that is well"
            }
            for name in journey.asked.fallbacks where !isTooLong && !models.contains(name) && fallbacks < 5 {
                guard name != journey.model, let route = routes.first(where: { $0.name == name }) else { continue }
                if !well(route, name, since: .start).isEmpty { return "asked a cooling target before a fallback" }
            }
        }
        if let last = before.last?.attempt, last.target.id == attempt.target.id, last.model == attempt.model {
            let wait = [3, 20, 600].map { refused(429, after: $0) }
            let ready = (cools ? attempt.route.targets : others).filter { other in
                other.weight > 0 && other.id != last.target.id
                    && !before.contains { bars($0, other, attempt.model) }
                    && !before.contains { leg in
                        leg.attempt.target.id == other.id && leg.attempt.model == attempt.model
                            && leg.outcome.map(wait.contains) ?? false
                    }
            }
            if !ready.isEmpty { return "asked the same target twice in a row" }
        }
        return nil
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
        var ended = 0
        var problems: Set<String> = []
        func explore(_ world: World, _ journey: RequestJourney, _ step: RequestJourney.Step) {
            if let problem = Self.check(journey, step, in: world, asked: routes) {
                problems.insert("\(problem): \(journey)")
            }
            guard case .attempt = step, problems.count < 100 else {
                ended += 1
                return
            }
            for outcome in Self.outcomes {
                var world = world
                var journey = journey
                let next = world.end(&journey, outcome)
                explore(world, journey, next)
            }
        }
        for model in ["m", "o"] {
            for coolMask in [0, 1, 3] {
                var world = World(routes, seed: UInt64(coolMask))
                for (bit, name) in ["a", "e"].enumerated() where coolMask & (1 << bit) != 0 {
                    world.cool(target(name))
                }
                let (journey, step) = world.begin(model)
                explore(world, journey, step)
            }
        }
        #expect(problems.isEmpty, "\(problems.prefix(5))")
        #expect(ended > 50_000, "\(ended)")
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
