import Routing
import Testing
import Units

@Suite("A request's way")
struct RequestJourneyTests {
    @Test("ends with the first target that answers")
    func success() {
        var world = World([Route("m", targets: [target("a")])])
        var (journey, step) = world.begin("m")
        #expect(step.attempt?.upstreamModel == "m")
        #expect(step.attempt?.after == .zero)
        #expect(step.attempt?.isFallback == false)
        #expect(world.end(&journey, .succeeded).isFinished)
        #expect(journey.description == "a/m ok")
    }

    @Test("takes the lowest order, and a higher one only when nobody below can be asked")
    func order() {
        let a = target("a", order: 1)
        let b = target("b", order: 2)
        let c = target("c", order: 2)
        var world = World([Route("m", targets: [c, b, a])])
        for _ in 0..<20 { #expect(world.run("m") { _ in .succeeded }.asked == ["a"]) }
        world.cool(a)
        for _ in 0..<20 { #expect(["b", "c"].contains(world.run("m") { _ in .succeeded }.asked[0])) }
        world.cool(b)
        for _ in 0..<20 { #expect(world.run("m") { _ in .succeeded }.asked == ["c"]) }
    }

    @Test("goes to another target at once, and waits before it asks one again")
    func waits() throws {
        var world = World([Route("m", targets: [target("a"), target("b")], retries: RetryPolicy(most: 3))])
        var (journey, first) = world.begin("m")
        let second = try #require(world.end(&journey, refused(500)).attempt)
        #expect(second.target != first.attempt?.target)
        #expect(second.after == .zero)
        let third = try #require(world.end(&journey, refused(500)).attempt)
        #expect(third.target == first.attempt?.target)
        #expect((.milliseconds(250) ... .milliseconds(500)).contains(third.after))
        let fourth = try #require(world.end(&journey, refused(500)).attempt)
        #expect(fourth.target == second.target)
        #expect((.milliseconds(500) ... .seconds(1)).contains(fourth.after))
        #expect(world.end(&journey, refused(500)).reason == .failed(refused(500)))
        #expect(journey.legs.map(\.attempt.number) == [1, 2, 3, 4])
    }

    @Test("gives the client the provider's answer when its own request is at fault", arguments: [400, 405, 413, 422])
    func relay(status: Int) {
        var world = World([
            Route("m", targets: [target("a"), target("b")], fallbacks: ["n"]), Route("n", targets: [target("c")]),
        ])
        let (asked, last) = world.run("m") { _ in refused(status) }
        #expect(asked.count == 1)
        #expect(last.reason == .relay(Refusal(status: status)))
    }

    @Test(
        "asks nobody again who refuses the provider's key or lacks the model",
        arguments: [
            refused(401), refused(403), refused(404), refused(400, isAccounts: true), refused(429, isAccounts: true),
            .keyMissing,
            .notOffered,
        ])
    func elsewhere(outcome: Outcome) {
        var world = World([
            Route(
                "m", targets: [target("a", model: "x"), target("b")], fallbacks: ["n"], retries: RetryPolicy(most: 9)),
            Route("n", targets: [target("c"), target("a", model: "x")]),
        ])
        let (asked, last) = world.run("m") { $0.target.provider.name == "c" ? .succeeded : outcome }
        #expect(Set(asked.prefix(2)) == ["a", "b"])
        #expect(asked.count == 3)
        #expect(asked.last == "c")
        #expect(last.isFinished)
    }

    @Test(
        "goes to another model at the same target where only the first is refused there",
        arguments: [(refused(403), 2), (refused(404), 2), (.notOffered, 2), (refused(401), 1), (.keyMissing, 1)])
    func elsewhereForThatModel(outcome: Outcome, attempts: Int) {
        var world = World([
            Route("good", targets: [target("a")]), Route("*", targets: [target("a")], fallbacks: ["good"]),
        ])
        let (asked, last) = world.run("bad") { $0.upstreamModel == "good" ? .succeeded : outcome }
        #expect(asked.count == attempts)
        #expect(last.isFinished == (attempts == 2))
    }

    @Test("passes a target over only for the model that cools there")
    func wildcard() {
        let retries = RetryPolicy(most: 1)
        let targets = [target("a", order: 1), target("b", order: 2)]
        var world = World([Route("*", targets: targets, retries: retries)])
        #expect(world.run("bad") { $0.target == targets[0] ? refused(403) : .succeeded }.asked == ["a", "b"])
        #expect(world.run("good") { _ in .succeeded }.asked == ["a"])
        #expect(world.run("bad") { _ in .succeeded }.asked == ["b"])
        #expect(world.run("good") { $0.target == targets[0] ? refused(401) : .succeeded }.asked == ["a", "b"])
        #expect(world.run("other") { _ in .succeeded }.asked == ["b"])
    }

    @Test("goes no further once the client had a byte, went away, or time is up")
    func over() {
        var world = World([Route("m", targets: [target("a"), target("b")], fallbacks: ["n"])])
        #expect(world.run("m") { _ in .brokeOff }.last.reason == .failed(.brokeOff))
        #expect(world.run("m") { _ in .clientGone }.last.isFinished)
        let late = world.run("m") { _ in .timedOut(.total) }
        #expect(late.asked.count == 1)
        #expect(late.last.reason == .outOfTime(last: .timedOut(.total)))
    }

    @Test("waits as long as Retry-After says, unless that is longer than it may be")
    func retryAfter() throws {
        let retries = RetryPolicy(most: 1, retryAfterMost: .seconds(60))
        var world = World([Route("m", targets: [target("a")], retries: retries)])
        var (journey, _) = world.begin("m")
        #expect(try #require(world.end(&journey, refused(429, after: 20)).attempt).after == .seconds(20))
        world.now = world.now + .seconds(3600)
        (journey, _) = world.begin("m")
        #expect(world.end(&journey, refused(503, after: 61)).reason == .failed(refused(503, after: 61)))
    }

    @Test("waits for the Retry-After of another target, too, where nothing cools down")
    func retryAfterOfAnother() throws {
        let (retries, never) = (RetryPolicy(most: 2), CooldownPolicy(failures: 0))
        let targets = [target("a", order: 1), target("b", order: 2)]
        var world = World([Route("m", targets: targets, retries: retries, cooldown: never)])
        var (journey, _) = world.begin("m")
        #expect(world.end(&journey, refused(429, after: 20)).attempt?.target == targets[1])
        let third = try #require(world.end(&journey, refused(503, after: 3)).attempt)
        #expect(third.target == targets[1])
        #expect(third.after == .seconds(3))
    }

    @Test("takes a fallback rather than wait longer than the longest backoff")
    func retryAfterFallback() throws {
        var world = World([
            Route("m", targets: [target("a")], fallbacks: ["n"], retries: RetryPolicy(most: 5)),
            Route("n", targets: [target("b")]),
        ])
        let (asked, _) = world.run("m") { $0.target.provider.name == "a" ? refused(429, after: 20) : .succeeded }
        #expect(asked == ["a", "b"])
        // With a fallback out of service, it waits.
        world = World([
            Route("m", targets: [target("a")], fallbacks: ["n"], retries: RetryPolicy(most: 5)),
            Route("n", targets: [target("b", weight: 0)]),
        ])
        var (journey, _) = world.begin("m")
        let attempt = try #require(world.end(&journey, refused(429, after: 20)).attempt)
        #expect(attempt.target.provider.name == "a")
        #expect(attempt.after == .seconds(20))
    }

    @Test("asks who cools down and was not asked rather than wait longer than the longest backoff")
    func retryAfterLastResort() {
        let (a, b) = (target("a", order: 1), target("b", order: 2))
        let retries = RetryPolicy(most: 5)
        let tables = [
            // Another target of the model, a fallback, one of a fallback that has nobody itself.
            [Route("m", targets: [a, b], retries: retries)],
            [Route("m", targets: [a], fallbacks: ["n"], retries: retries), Route("n", targets: [b])],
            [
                Route("m", targets: [a], fallbacks: ["n"], retries: retries),
                Route("n", targets: [target("c", weight: 0)], fallbacks: ["o"]), Route("o", targets: [b]),
            ],
        ]
        for routes in tables {
            var world = World(routes)
            world.cool(b)
            let start = world.now
            let (asked, last) = world.run("m") { $0.target == b ? .succeeded : refused(429, after: 20) }
            #expect(asked == ["a", "b"])
            #expect(last.isFinished)
            #expect(world.now < start + .seconds(1))
        }
        // A route that was left: its own targets all cool, and the fallback asks for a long wait.
        var world = World([
            Route("m", targets: [b], fallbacks: ["n"], retries: retries), Route("n", targets: [a], retries: retries),
        ])
        world.cool(b)
        #expect(world.run("m") { $0.target == b ? .succeeded : refused(429, after: 20) }.asked == ["a", "b"])
    }

    @Test("comes back to who asked for a long wait when the cooling one that was asked in its place fails, too")
    func retryAfterLastResortFails() {
        let (a, b) = (target("a", order: 1), target("b", order: 2))
        func run(
            _ ofB: Outcome, total: Duration = .seconds(600), most: Duration = .seconds(60)
        ) -> (RequestJourney, Bool) {
            let retries = RetryPolicy(most: 2, retryAfterMost: most)
            var world = World([Route("m", targets: [a, b], retries: retries, timers: Timers(total: total))])
            world.cool(b)
            var (journey, step) = world.begin("m")
            while case .attempt(let attempt) = step, attempt.number <= 3 {
                let isFirst = attempt.number == 1
                step = world.end(
                    &journey, attempt.target == b ? ofB : isFirst ? refused(429, after: 20) : .succeeded)
            }
            return (journey, step.isFinished)
        }
        for outcome in [refused(500), refused(401), refused(429, after: 50)] {
            let (journey, isFinished) = run(outcome)
            #expect(journey.legs.map(\.attempt.target) == [a, b, a])
            // Ten milliseconds of it went by while the other was asked.
            #expect(journey.legs.map(\.attempt.after) == [.zero, .zero, .milliseconds(19_990)])
            #expect(isFinished)
        }
        // Whoever can't be waited for doesn't keep the other from being asked again.
        #expect(run(refused(500), total: .seconds(15)).0.legs.map(\.attempt.target) == [a, b, b])
        #expect(run(refused(500), most: .seconds(15)).0.legs.map(\.attempt.target) == [a, b, b])
    }

    @Test("waits for who has said when it is back rather than ask again who cools, though that takes longer")
    func retryAfterBeforeCooling() throws {
        let (a, b) = (target("a", order: 1), target("b", order: 2))
        func third(failures: Int) throws -> RequestJourney.Attempt {
            var world = World([Route("m", targets: [a, b], cooldown: CooldownPolicy(failures: failures))])
            var (journey, _) = world.begin("m")
            #expect(world.end(&journey, refused(429, after: 55)).attempt?.target == b)
            return try #require(world.end(&journey, refused(503)).attempt)
        }
        let first = try third(failures: 1)
        #expect(first.target == a)
        #expect(first.after == .milliseconds(54_990))
        // The same failure cools nobody.
        let second = try third(failures: 3)
        #expect(second.target == b)
        #expect(second.after <= .milliseconds(500))
    }

    @Test("waits for no Retry-After beyond the limit, however little is left, and asks again who is back without")
    func retryAfterBeyondLimit() {
        let (a, b) = (target("a", order: 1), target("b", order: 2))
        func third(_ ofB: Outcome, lasting: Duration) -> RequestJourney.Step {
            let retries = RetryPolicy(most: 2, retryAfterMost: .seconds(5))
            var world = World([Route("m", targets: [a, b], retries: retries)])
            world.cool(b)
            var (journey, _) = world.begin("m")
            #expect(world.end(&journey, refused(429, after: 6)).attempt?.target == b)
            return world.end(&journey, ofB, lasting: lasting)
        }
        #expect(third(refused(401), lasting: .seconds(2)).reason == .failed(refused(401)))
        #expect(third(refused(500), lasting: .seconds(2)).attempt?.target == b)
        let back = third(refused(401), lasting: .seconds(7)).attempt
        #expect(back?.target == a)
        #expect(back.map { $0.after <= .milliseconds(500) } == true)
    }

    @Test("asks another that cools and was asked rather than the cooling one that just failed")
    func lastResortFails() {
        let (a, b) = (target("a", order: 1), target("b", order: 2))
        var world = World([Route("m", targets: [a, b], cooldown: CooldownPolicy(failures: 1))])
        world.cool(b)
        #expect(world.run("m") { _ in refused(500) }.asked == ["a", "b", "a"])
    }

    @Test("asks one that its own failure has cooled again where nobody else is left, whether it says when or not")
    func lastOne() throws {
        for outcome in [refused(503), refused(503, after: 1)] {
            let cooldown = CooldownPolicy(failures: 1)
            var world = World([Route("m", targets: [target("a")], fallbacks: ["n"], cooldown: cooldown)])
            var (journey, _) = world.begin("m")
            let second = try #require(world.end(&journey, outcome).attempt)
            #expect(second.target.provider.name == "a")
            #expect(outcome == refused(503) ? second.after < .seconds(1) : second.after == .seconds(1))
            #expect(world.end(&journey, .succeeded).isFinished)
        }
        // Somebody who cools too, but was not asked, comes first.
        var world = World([
            Route("m", targets: [target("a")], fallbacks: ["n"], cooldown: CooldownPolicy(failures: 1)),
            Route("n", targets: [target("b")]),
        ])
        world.cool(target("b"))
        let (asked, _) = world.run("m") { $0.target.provider.name == "b" ? .succeeded : refused(503, after: 1) }
        #expect(asked == ["a", "b"])
    }

    @Test("tries fallbacks in their order, then the fallbacks of those, none twice")
    func fallbacks() {
        let once = RetryPolicy(most: 0)
        var world = World([
            Route("a", targets: [target("a")], fallbacks: ["b", "c"], retries: once),
            Route("b", targets: [target("b")], fallbacks: ["d", "a"], retries: once),
            Route("c", targets: [target("c")], fallbacks: ["b", "missing", "e"], retries: once),
            Route("d", targets: [target("d")], fallbacks: ["a"], retries: once),
            Route("e", targets: [target("e")], retries: once),
        ])
        #expect(world.run("a") { _ in refused(500) }.asked == ["a", "b", "c", "d", "e"])
    }

    @Test("takes at most five fallback models")
    func fallbacksBounded() {
        let routes = (0..<20).map { number in
            Route(
                "m\(number)", targets: [target("p\(number)")], fallbacks: ["m\(number + 1)"],
                retries: RetryPolicy(most: 0))
        }
        var world = World(routes)
        #expect(world.run("m0") { _ in refused(500) }.asked == ["p0", "p1", "p2", "p3", "p4", "p5"])
        world = World(routes)
        for route in routes { world.cool(route.targets[0]) }
        #expect(world.run("m0") { _ in refused(500) }.asked == ["p0", "p1", "p2", "p3", "p4", "p5"])
    }

    @Test("uses the fallback's own name, policies and model upstream")
    func fallbackPolicies() throws {
        var world = World([
            Route("gpt-4o", targets: [target("a")], fallbacks: ["mini/x"], retries: RetryPolicy(most: 0)),
            Route(
                "mini/*", targets: [target("b", model: "up-*")], retries: RetryPolicy(most: 1),
                timers: Timers(connect: .seconds(1))),
        ])
        var (journey, _) = world.begin("gpt-4o")
        let attempt = try #require(world.end(&journey, refused(500)).attempt)
        #expect(attempt.isFallback)
        #expect(attempt.model == "mini/x")
        #expect(attempt.upstreamModel == "up-x")
        #expect(attempt.timers.connect == .seconds(1))
        #expect(world.end(&journey, refused(500)).attempt?.target.provider.name == "b")
        #expect(world.end(&journey, refused(500)).reason == .failed(refused(500)))
    }

    @Test("goes to a model with a longer context, if one is named, when the request is too long")
    func contextWindow() {
        let tooLong = refused(400, means: .contextLength)
        var world = World([
            Route("m", targets: [target("a"), target("b")], fallbacks: ["n"], contextWindowFallbacks: ["long"]),
            Route("n", targets: [target("c")], fallbacks: ["m"]),
            Route("long", targets: [target("d")]),
        ])
        let (asked, last) = world.run("m") { $0.target.provider.name == "d" ? .succeeded : tooLong }
        #expect(asked.count == 2)
        #expect(asked.last == "d")
        #expect(last.isFinished)
        // Nobody longer: the client has the provider's own words.
        let failed = world.run("m") { _ in tooLong }
        #expect(failed.asked.count == 2)
        #expect(failed.last.reason == .relay(Refusal(status: 400, means: .contextLength)))
        #expect(world.run("n") { _ in tooLong }.asked == ["c"])
    }

    @Test("asks a fallback when all targets are cooling, and those that cool when everything does")
    func cooling() {
        let a = target("a")
        let b = target("b")
        let c = target("c")
        var world = World([
            Route("m", targets: [a, b], fallbacks: ["n"]), Route("n", targets: [c]),
        ])
        world.cool(a, for: .seconds(30))
        world.cool(b, for: .seconds(20))
        let (asked, last) = world.run("m") { _ in .succeeded }
        #expect(asked == ["c"])
        #expect(last.isFinished)
        world.now = .start
        world.cool(c, for: .seconds(40))
        let all = world.run("m") { $0.target == c ? .succeeded : refused(401) }
        #expect(Set(all.asked.prefix(2)) == ["a", "b"])
        #expect(all.asked.dropFirst(2) == ["c"])
        #expect(world.run("n") { _ in .succeeded }.asked == ["c"])
    }

    @Test("asks a cooling target when all others and the fallbacks have failed, with the last of its route's attempts")
    func lastResort() {
        let a = target("a", order: 1)
        func asked(retries: Int) -> [String] {
            var world = World([
                Route(
                    "m", targets: [a, target("b", order: 2)], fallbacks: ["n"], retries: RetryPolicy(most: retries)),
                Route("n", targets: [target("c")], retries: RetryPolicy(most: 0)),
            ])
            world.cool(a)
            let (asked, last) = world.run("m") { $0.target == a ? .succeeded : refused(500) }
            #expect(last.isFinished == (retries > 0))
            return asked
        }
        #expect(asked(retries: 2) == ["b", "b", "c", "a"])
        #expect(asked(retries: 1) == ["b", "c", "a"])
        #expect(asked(retries: 0) == ["b", "c"])
    }

    @Test("takes a request that is too long to no cooling target of a route that it was too long for")
    func lastResortForLongOnes() {
        let tooLong = refused(400, means: .contextLength)
        let (a, d) = (target("a", order: 1), target("d"))
        var world = World([
            Route("m", targets: [a, target("b", order: 2)], contextWindowFallbacks: ["long"]),
            Route("long", targets: [d]),
        ])
        world.cool(a)
        world.cool(d)
        #expect(world.run("m") { $0.target == d ? refused(404) : tooLong }.asked == ["b", "d"])
    }

    @Test("takes a request that is too long to a model for long ones that it had left as cooling down")
    func lastResortIsLonger() {
        let tooLong = refused(400, means: .contextLength)
        let (a, b, c) = (target("a"), target("b", order: 2), target("c"))
        let once = RetryPolicy(most: 0)
        func run(_ routes: [Route], of model: String) -> [String] {
            var world = World(routes)
            world.cool(b)
            return world.run(model) { $0.target == a ? refused(500) : $0.target == c ? tooLong : .succeeded }.asked
        }
        // A fallback, the asked model itself, and one of which somebody else has been asked.
        #expect(
            run(
                [
                    Route("m", targets: [a], fallbacks: ["n", "o"], retries: once), Route("n", targets: [b]),
                    Route("o", targets: [c], contextWindowFallbacks: ["n"]),
                ], of: "m") == ["a", "c", "b"])
        #expect(
            run(
                [Route("m", targets: [b], fallbacks: ["o"]), Route("o", targets: [c], contextWindowFallbacks: ["m"])],
                of: "m") == ["c", "b"])
        #expect(
            run(
                [
                    Route("m", targets: [a, b], fallbacks: ["o"], retries: RetryPolicy(most: 1)),
                    Route("o", targets: [c], contextWindowFallbacks: ["m"]),
                ], of: "m") == ["a", "c", "b"])
    }

    @Test("gives no attempt and no wait longer than is left of the total timer")
    func total() throws {
        let timers = Timers(total: .seconds(10))
        var world = World([
            Route(
                "m", targets: [target("a")], retries: RetryPolicy(most: 50, backoff: .seconds(4)), timers: timers)
        ])
        var (journey, first) = world.begin("m")
        #expect(first.attempt?.timers.total == .seconds(10))
        let second = try #require(world.end(&journey, refused(500), lasting: .seconds(3)).attempt)
        #expect(second.timers.total == .seconds(7) - second.after)
        #expect(world.end(&journey, refused(500), lasting: .seconds(3)).reason == .outOfTime(last: refused(500)))
        #expect(world.now <= .start + .seconds(10))
    }

    @Test("asks no target whose weight is zero")
    func drained() {
        var world = World([Route("m", targets: [target("a", weight: 0), target("b")])])
        for _ in 0..<50 { #expect(world.run("m") { _ in .succeeded }.asked == ["b"]) }
        world = World([Route("m", targets: [target("a", weight: 0)])])
        let nobody = world.run("m") { _ in .succeeded }
        #expect(nobody.asked == [])
        #expect(nobody.last.reason == .outOfService)
    }

    @Test("respects weights: 1 : 3 : 6 over ten thousand requests")
    func weights() {
        let targets = [target("a", weight: 1), target("b", weight: 3), target("c", weight: 6)]
        var world = World([Route("m", targets: targets)], seed: 42)
        var counts: [String: Int] = [:]
        for _ in 0..<10_000 { counts[world.run("m") { _ in .succeeded }.asked[0], default: 0] += 1 }
        // Four standard deviations of a binomial.
        for (name, share) in [("a", 0.1), ("b", 0.3), ("c", 0.6)] {
            let expected = 10_000 * share
            #expect(abs(Double(counts[name]!) - expected) < 4 * (expected * (1 - share)).squareRoot())
        }
        world.cool(targets[2], for: .seconds(100_000))
        counts = [:]
        for _ in 0..<10_000 { counts[world.run("m") { _ in .succeeded }.asked[0], default: 0] += 1 }
        #expect(counts["c"] == nil)
        #expect(abs(Double(counts["a"]!) - 2_500) < 4 * (2_500 * 0.75).squareRoot())
    }

    @Test("is the same from the same seed")
    func deterministic() {
        func history(_ seed: UInt64) -> [String] {
            var world = World(
                [Route("m", targets: (0..<5).map { target("p\($0)", weight: $0 + 1) }, retries: RetryPolicy(most: 4))],
                seed: seed)
            return (0..<50).flatMap { turn in world.run("m") { _ in turn % 3 == 0 ? refused(500) : .succeeded }.asked }
        }
        #expect(history(3) == history(3))
        #expect(history(3) != history(4))
    }

    @Test("is told in a line that is safe to show")
    func description() {
        var world = World([Route("m", targets: [target("a")], retries: RetryPolicy(most: 1, jitter: .equal))])
        var (journey, _) = world.begin("m")
        _ = world.end(&journey, refused(503, message: "secret sk-123 in a message"))
        #expect(journey.description.hasPrefix("a/m 503, a/m after 0."))
        #expect(!journey.description.contains("secret"))
    }
}
