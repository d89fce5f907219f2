import Routing
import Testing
import Units

@Suite("A target's cooldown")
struct RoutingMachineTests {
    let one = target("one", model: "m")
    let policy = CooldownPolicy(failures: 3, within: .seconds(60), duration: .seconds(30))
    let start = Timestamp.start

    func machine(_ events: [(Outcome, after: Int)]) -> RoutingMachine {
        var machine = RoutingMachine()
        for (outcome, seconds) in events {
            machine.attemptEnded(one, for: "m", with: outcome, under: policy, at: start + .seconds(seconds))
        }
        return machine
    }

    @Test("begins with the third failure in a row within the window, and ends by itself")
    func counts() {
        let machine = machine([(refused(500), 0), (.connectFailed, 1), (.timedOut(.firstByte), 2)])
        #expect(machine.coolUntil(one, matching: "m", at: start + .seconds(2)) == start + .seconds(32))
        #expect(machine.coolUntil(one, matching: "m", at: start + .seconds(31)) != nil)
        #expect(machine.coolUntil(one, matching: "m", at: start + .seconds(32)) == nil)
    }

    @Test("does not begin for failures that are spread wider than the window, or broken by a success")
    func doesNotBegin() {
        let spread = machine([(refused(500), 0), (refused(500), 30), (refused(500), 60), (refused(500), 91)])
        #expect(spread.coolUntil(one, matching: "m", at: start + .seconds(91)) == nil)
        let broken = machine([(refused(500), 0), (refused(500), 1), (.succeeded, 2), (refused(500), 3)])
        #expect(broken.coolUntil(one, matching: "m", at: start + .seconds(3)) == nil)
    }

    @Test(
        "does not begin for what isn't the target's fault",
        arguments: [
            refused(400), refused(404), refused(409), refused(422), .clientGone, .timedOut(.total), .notOffered,
            refused(400, means: .contextLength),
        ])
    func neutral(outcome: Outcome) {
        let machine = machine((0..<10).map { (outcome, $0) })
        #expect(machine.coolUntil(one, matching: "m", at: start + .seconds(10)) == nil)
        #expect(machine.cooling(at: start) == [])
    }

    @Test(
        "begins at once when the key is refused, spent or unreadable",
        arguments: [
            refused(401), refused(402), refused(403), refused(400, isAccounts: true), refused(429, isAccounts: true),
            .keyMissing,
        ])
    func credential(outcome: Outcome) {
        #expect(machine([(outcome, 0)]).coolUntil(one, matching: "m", at: start) == start + .seconds(30))
    }

    @Test("lasts as long as a 429's Retry-After, at most an hour; a 429 without one counts as a failure")
    func rateLimited() {
        #expect(machine([(refused(429, after: 7), 0)]).coolUntil(one, matching: "m", at: start) == start + .seconds(7))
        #expect(
            machine([(refused(429, after: 86_400), 0)]).coolUntil(one, matching: "m", at: start) == start
                + .seconds(3600))
        #expect(machine([(refused(429), 0)]).coolUntil(one, matching: "m", at: start) == nil)
        #expect(
            machine([(refused(429), 0), (refused(429), 0), (refused(429), 0)]).coolUntil(one, matching: "m", at: start)
                != nil)
    }

    @Test("over, one failure brings it back and one success clears it")
    func trial() {
        let down = [(refused(401), after: 0)]
        let again = machine(down + [(refused(500), after: 40)])
        #expect(again.coolUntil(one, matching: "m", at: start + .seconds(40)) == start + .seconds(70))
        let cleared = machine(down + [(.succeeded, after: 40), (refused(500), after: 41), (refused(500), after: 42)])
        #expect(cleared.coolUntil(one, matching: "m", at: start + .seconds(42)) == nil)
    }

    @Test("does not begin for a request that is counted already, unless the target is on trial or says how long")
    func counted() {
        var machine = RoutingMachine()
        func cooling(_ outcome: Outcome, after seconds: Int) -> RoutingMachine.Cooling? {
            machine.attemptEnded(
                one, for: "m", with: outcome, under: policy, at: start + .seconds(seconds), isRepeat: true)
        }
        for second in 0..<10 { #expect(cooling(refused(500), after: second) == nil) }
        #expect(cooling(refused(429, after: 5), after: 10)?.until == start + .seconds(15))
        #expect(cooling(refused(500), after: 16)?.until == start + .seconds(46))
    }

    @Test("isn't changed by what older attempts report, unless that asks for a later end")
    func late() {
        let down = [(refused(429, after: 30), after: 0)]
        #expect(
            machine(down + [(.succeeded, after: 5)]).coolUntil(one, matching: "m", at: start) == start + .seconds(30))
        #expect(
            machine(down + [(refused(500), after: 5)]).coolUntil(one, matching: "m", at: start) == start + .seconds(30))
        #expect(
            machine(down + [(refused(429, after: 2), after: 5)]).coolUntil(one, matching: "m", at: start) == start
                + .seconds(30))
        #expect(
            machine(down + [(refused(429, after: 60), after: 5)]).coolUntil(one, matching: "m", at: start) == start
                + .seconds(65))
    }

    @Test(
        "never begins, for no reason, where the policy counts no failures",
        arguments: [refused(500), refused(401), refused(403), refused(429, after: 60), .connectFailed, .keyMissing])
    func off(outcome: Outcome) {
        var machine = RoutingMachine()
        let policy = CooldownPolicy(failures: 0)
        for _ in 0..<100 { machine.attemptEnded(one, for: "m", with: outcome, under: policy, at: start) }
        #expect(machine.coolUntil(one, matching: "m", at: start) == nil)
    }

    @Test("is reported where it begins, and not again while it lasts")
    func reported() {
        var machine = RoutingMachine()
        let events: [(Outcome, after: Int)] = [
            (refused(500), 0), (refused(500), 1), (refused(500), 2),  // cools until 32
            (refused(500), 3), (refused(429, after: 60), 5), (refused(401), 6),  // until 65
            (refused(400), 70), (refused(500), 71),  // on trial
            (.succeeded, 102), (refused(429, after: 0), 103), (refused(401), 104),
        ]
        let begun = events.compactMap { outcome, seconds in
            machine.attemptEnded(one, for: "m", with: outcome, under: policy, at: start + .seconds(seconds))
        }
        #expect(begun.map { $0.until } == [32, 101, 134].map { start + .seconds($0) })
        #expect(begun.map { $0.reason } == [refused(500), refused(500), refused(401)])
    }

    @Test("is listed with its reason, the soonest back first, and forgotten with its target")
    func listed() {
        var machine = RoutingMachine()
        let two = target("two", model: "m")
        machine.attemptEnded(one, for: "m", with: refused(429, after: 20), under: policy, at: start)
        machine.attemptEnded(two, for: "m", with: refused(429, after: 10), under: policy, at: start)
        #expect(machine.cooling(at: start).map(\.target) == [two.id, one.id])
        #expect(machine.cooling(at: start).first?.reason == refused(429, after: 10))
        machine.keepOnly([Route("x", targets: [one])])
        #expect(machine.cooling(at: start).map(\.target) == [one.id])
    }
}

@Suite("The cooldown of a target for many models")
struct WildcardCooldownTests {
    let start = Timestamp.start

    /// One such target, and what is known of it.
    struct Wildcard {
        let many = target("many", model: "up-*")
        let policy = CooldownPolicy(failures: 3, within: .seconds(60), duration: .seconds(30))
        var machine = RoutingMachine()

        mutating func ended(_ match: String, _ outcome: Outcome, after seconds: Int = 0) {
            machine.attemptEnded(
                many, for: many.upstreamModel(matching: match), with: outcome, under: policy,
                at: .start + .seconds(seconds))
        }

        func coolUntil(_ match: String) -> Timestamp? { machine.coolUntil(many, matching: match, at: .start) }

        func cooling(after seconds: Int = 0) -> [String?] {
            machine.cooling(at: .start + .seconds(seconds)).map { $0.model }
        }
    }

    @Test(
        "is the model's alone where the failure is",
        arguments: [
            (refused(403), 1, 30), (refused(429, after: 20), 1, 20), (refused(429), 3, 30), (refused(500), 3, 30),
            (.timedOut(.firstByte), 3, 30), (.timedOut(.idle), 3, 30), (.malformed, 3, 30), (.cutShort, 3, 30),
            (.brokeOff, 3, 30),
        ] as [(Outcome, Int, Int)])
    func models(outcome: Outcome, times: Int, seconds: Int) {
        var target = Wildcard()
        for _ in 0..<times { target.ended("bad", outcome) }
        #expect(target.coolUntil("bad") == start + .seconds(seconds))
        #expect(target.coolUntil("good") == nil)
        #expect(target.cooling() == ["up-bad"])
    }

    @Test(
        "is everybody's where the account, its key or the way there fails",
        arguments: [
            (refused(401), 1), (refused(402), 1), (refused(403, isAccounts: true), 1), (.keyMissing, 1),
            (refused(429, after: 20, isAccounts: true), 1), (.connectFailed, 3), (.timedOut(.connect), 3),
        ] as [(Outcome, Int)])
    func targets(outcome: Outcome, times: Int) {
        var target = Wildcard()
        for number in 0..<times { target.ended("m\(number)", outcome) }
        #expect(target.coolUntil("another") == start + .seconds(30))
        #expect(target.cooling() == [nil])
    }

    @Test("lasts until both the target's and the model's are over")
    func both() {
        var target = Wildcard()
        target.ended("bad", refused(401))
        target.ended("bad", refused(429, after: 40))
        #expect(target.coolUntil("good") == start + .seconds(30))
        #expect(target.coolUntil("bad") == start + .seconds(40))
    }

    @Test("counts a model's failures apart, and its success clears what was counted against the target too")
    func successes() {
        var target = Wildcard()
        for _ in 0..<2 {
            target.ended("bad", refused(500))
            target.ended("bad", .connectFailed)
        }
        target.ended("good", refused(500))
        target.ended("good", .succeeded)
        target.ended("good", .connectFailed)
        #expect(target.cooling() == [])
        target.ended("bad", refused(500))
        #expect(target.cooling() == ["up-bad"])
    }

    @Test("is forgotten with a model's success, or when it has been over for as long as failures count")
    func forgotten() {
        var target = Wildcard()
        for match in ["one", "two", "three"] { target.ended(match, refused(403)) }
        target.ended("one", .succeeded, after: 40)
        target.ended("one", refused(500), after: 40)
        target.ended("two", refused(500), after: 89)
        target.ended("three", refused(500), after: 90)
        #expect(target.cooling(after: 90) == ["up-two"])
    }

    @Test("is remembered of the models that failed last, however many names clients make up")
    func bounded() {
        var target = Wildcard()
        for number in 0..<5_000 { target.ended("junk-\(number)", refused(403)) }
        let last: [String?] = (4_968..<5_000).map { "up-junk-\($0)" }
        #expect(target.cooling() == last)
        for number in 0..<1_000 { target.ended("other-\(number)", refused(404)) }
        #expect(target.cooling().count == last.count)
    }
}
