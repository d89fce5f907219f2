import Routing
import Synchronization
import TestSupport
import Testing
import Units

@Suite("The router")
struct RouterTests {
    @Test("shares what one request learnt with the next, and keeps it over a reload that keeps the target")
    func shares() throws {
        let table = RouteTable([Route("m", targets: [target("a", order: 1), target("b", order: 2)])])
        let router = Router()
        var random = SeededRandom(seed: 1)
        var journey = try #require(RequestJourney("m", in: table, at: .start))
        #expect(router.begin(&journey, at: .start, random: &random).attempt?.target.provider.name == "a")
        let next = router.attemptEnded(&journey, with: refused(401), at: .start, random: &random)
        #expect(next.attempt?.target.provider.name == "b")
        #expect(router.attemptEnded(&journey, with: .succeeded, at: .start, random: &random).isFinished)
        #expect(router.cooling(at: .start).map(\.target) == [target("a").id])
        let reloaded = [Route("m", targets: [target("a", weight: 5)])]
        router.keepOnly(reloaded)
        #expect(router.cooling(at: .start).count == 1)
        var second = try #require(RequestJourney("m", in: table, at: .start))
        #expect(router.begin(&second, at: .start, random: &random).attempt?.target.provider.name == "b")
        router.keepOnly([])
        #expect(router.cooling(at: .start).isEmpty)
    }

    @Test("tells of a cooldown once, with its end and its reason")
    func tells() throws {
        let told = Told()
        let router = Router { target, cooling in
            told.lines.withLock {
                $0.append("\(target.provider.name) \(cooling.reason) \(cooling.until - Timestamp.start)")
            }
        }
        let table = RouteTable([Route("m", targets: [target("a")])])
        var random = SeededRandom(seed: 1)
        for _ in 0..<3 {
            var journey = try #require(RequestJourney("m", in: table, at: .start))
            _ = router.begin(&journey, at: .start, random: &random)
            _ = router.attemptEnded(&journey, with: refused(429, after: 7), at: .start, random: &random)
        }
        #expect(told.lines.withLock { $0 } == ["a 429 \(Duration.seconds(7))"])
    }

    @Test("counts a request at a target once, however often it fails there")
    func countsOnce() throws {
        let retries = RetryPolicy(most: 2, backoff: .zero)
        let table = RouteTable([Route("m", targets: [target("a")], retries: retries)])
        let router = Router()
        var random = SeededRandom(seed: 1)
        for cooling in [0, 0, 1] {
            var journey = try #require(RequestJourney("m", in: table, at: .start))
            var step = router.begin(&journey, at: .start, random: &random)
            while case .attempt = step {
                step = router.attemptEnded(&journey, with: refused(500), at: .start, random: &random)
            }
            #expect(journey.legs.count == 3)
            #expect(router.cooling(at: .start).count == cooling)
        }
    }

    private final class Told: Sendable {
        let lines = Mutex<[String]>([])
    }

    @Test("an unknown model has no way")
    func unknown() {
        #expect(RequestJourney("x", in: RouteTable([]), at: .start) == nil)
    }

    @Test("stands thousands of requests from several threads at once")
    func threads() async {
        // Cooldowns that end at once: the table of troubles is written all the time, and everyone always finds someone.
        let cooldown = CooldownPolicy(failures: 1, duration: .zero)
        let table = RouteTable([
            Route("m", targets: (0..<4).map { target("p\($0)") }, fallbacks: ["n"], cooldown: cooldown),
            Route("n", targets: [target("last")], cooldown: cooldown),
        ])
        let router = Router()
        let outcomes = [Outcome.succeeded, refused(500), refused(401), refused(404), refused(400), .brokeOff]
        let attempts = await withTaskGroup(of: Int.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    var attempts = 0
                    var random = SeededRandom(seed: UInt64(worker))
                    for _ in 0..<2_000 {
                        guard var journey = RequestJourney("m", in: table, at: .start) else { continue }
                        var step = router.begin(&journey, at: .start, random: &random)
                        while case .attempt = step {
                            attempts += 1
                            let outcome = outcomes.randomElement(using: &random)!
                            step = router.attemptEnded(&journey, with: outcome, at: .start, random: &random)
                        }
                    }
                    return attempts
                }
            }
            return await group.reduce(0, +)
        }
        #expect(attempts > 16_000)
        #expect(router.cooling(at: .start).isEmpty)
    }
}
