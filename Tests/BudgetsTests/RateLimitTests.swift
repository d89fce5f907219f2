import Budgets
import TestSupport
import Testing
import Units

private let start = Timestamp(iso8601: "2026-11-23T13:00:00.500Z")!

@Suite struct RateLimitTests {
    private func machine(_ limits: Limits) -> MachineBox {
        let machine = MachineBox()
        machine.setLimits(limits, of: .key(1), at: start)
        return machine
    }

    @Test(arguments: [1, 2, 7, 60, 100])
    func `no half-open 60 seconds ever hold more requests or tokens than the limit`(limit: Int) {
        var random = SeededRandom.fresh()
        let machine = machine(Limits(requestsPerMinute: limit, tokensPerMinute: limit * 50))
        var admitted: [(at: Int64, tokens: Int64)] = []
        var time = start
        var refused = 0
        for _ in 0..<4000 {
            time = time + .nanoseconds(Int64.random(in: 0...60_000_000_000 / Int64(limit), using: &random))
            let tokens = Int64.random(in: 0...100, using: &random)
            do {
                let hold = try machine.hold(0, tokens: TokenCount(tokens), at: time)
                // What it really takes is settled at once, so that the list can hold it.
                let used = Int64.random(in: 0...tokens, using: &random)
                machine.settle(hold, cost: .zero, tokens: TokenCount(used))
                admitted.append((time.nanosecondsSince1970, used))
            } catch {
                refused += 1
                // Held back without need? At its instant a refused request fits.
                guard case .exhausted(let refusal) = error, let resets = refusal.resets else { continue }
                if (try? machine.copy.hold(0, tokens: TokenCount(tokens), at: resets)) == nil {
                    Issue.record("refused at \(resets)")
                }
                let before = resets - .nanoseconds(1)
                if (try? machine.copy.hold(0, tokens: TokenCount(tokens), at: before)) != nil {
                    Issue.record("admitted at \(before)")
                }
            }
        }
        #expect(refused > 300)
        var oldest = 0
        var tokens: Int64 = 0
        for (index, request) in admitted.enumerated() {
            tokens += request.tokens
            while admitted[oldest].at <= request.at - 60_000_000_000 {
                tokens -= admitted[oldest].tokens
                oldest += 1
            }
            if index - oldest + 1 > limit {
                Issue.record("\(index - oldest + 1) requests in 60 s before \(request.at)"); return
            }
            if tokens > limit * 50 { Issue.record("\(tokens) tokens in 60 s before \(request.at)"); return }
        }
    }

    @Test func `a refused request counts nothing`() throws {
        let machine = machine(Limits(requestsPerMinute: 1, tokensPerMinute: 10))
        machine.release(try machine.hold(0, tokens: 5, at: start))
        for step in 1..<600 {
            #expect(
                machine.refusal(0, tokens: 5, at: start + .milliseconds(step * 100))?.resets == start + .seconds(60))
        }
        #expect(machine.refusal(0, tokens: 5, at: start + .seconds(60)) == nil)
    }

    @Test func `a request that was admitted counts although it failed, its tokens do not`() throws {
        let machine = machine(Limits(requestsPerMinute: 2, tokensPerMinute: 100))
        machine.release(try machine.hold(0, tokens: 100, at: start))
        #expect(machine.status(of: .key(1), at: start)?.requests?.left == 1)
        #expect(machine.status(of: .key(1), at: start)?.tokens?.left == 100)
    }

    @Test func `the ceiling is counted until the actual tokens are known`() throws {
        let machine = machine(Limits(tokensPerMinute: 100))
        let hold = try machine.hold(0, tokens: 80, at: start)
        let refused = try #require(machine.refusal(0, tokens: 30, at: start + .seconds(1)))
        #expect(refused.dimension == .tokens)
        #expect(refused.left.amount == 20)
        #expect(refused.resets == start + .seconds(60))
        #expect(refused.retryAfterSeconds(at: start + .seconds(1)) == 59)
        machine.settle(hold, cost: .zero, tokens: 40)
        #expect(machine.refusal(0, tokens: 30, at: start + .seconds(1)) == nil)
        #expect(machine.status(of: .key(1), at: start + .seconds(1))?.tokens?.left == 30)
    }

    @Test func `tokens beyond the ceiling count too`() throws {
        let machine = machine(Limits(tokensPerMinute: 100))
        machine.settle(try machine.hold(0, tokens: 10, at: start), cost: .zero, tokens: 150)
        #expect(machine.refusal(0, tokens: 0, at: start + .seconds(1))?.resets == start + .seconds(60))
        #expect(machine.refusal(0, tokens: 0, at: start + .seconds(60)) == nil)
    }

    @Test func `what a stream settles after its minute has passed is counted in no other`() throws {
        let machine = machine(Limits(tokensPerMinute: 100))
        let hold = try machine.hold(0, tokens: 80, at: start)
        _ = try machine.hold(0, tokens: 80, at: start + .seconds(60))
        machine.settle(hold, cost: .zero, tokens: 10)
        #expect(machine.status(of: .key(1), at: start + .seconds(60))?.tokens?.left == 20)
    }

    @Test func `an ask for more tokens than the limit never fits`() throws {
        let machine = machine(Limits(tokensPerMinute: 100))
        let refusal = try #require(machine.refusal(0, tokens: 101, at: start))
        #expect(refusal.neverFits)
        #expect(refusal.resets == nil)
        #expect(refusal.retryAfterSeconds(at: start) == nil)
    }

    @Test func `limits of 0 block`() {
        for limits in [Limits(requestsPerMinute: 0), Limits(tokensPerMinute: 0), Limits(parallelRequests: 0)] {
            let machine = machine(limits)
            #expect(machine.refusal(0, tokens: 1, at: start)?.neverFits == true)
        }
    }

    @Test func `a burst over the turn of a minute is no way around the limit`() throws {
        let machine = machine(Limits(requestsPerMinute: 10))
        let turn = Timestamp(iso8601: "2026-11-23T13:01:00Z")!
        for _ in 0..<10 { _ = try machine.hold(0, at: turn - .milliseconds(100)) }
        #expect(machine.refusal(0, at: turn + .milliseconds(100))?.resets == turn + .seconds(60) - .milliseconds(100))
    }

    @Test func `a steady request a second passes at 60 a minute`() throws {
        let machine = machine(Limits(requestsPerMinute: 60))
        for second in 0..<600 { machine.release(try machine.hold(0, at: start + .seconds(second))) }
    }

    @Test func `an attempt's extension takes tokens but no further request or slot`() throws {
        let machine = machine(Limits(requestsPerMinute: 1, tokensPerMinute: 100, parallelRequests: 1))
        let hold = try machine.hold(0, tokens: 60, at: start)
        machine.charge(hold, cost: .zero, tokens: 20)
        try machine.extend(hold, to: .zero, tokens: 80, at: start + .seconds(5))
        #expect(machine.status(of: .key(1), at: start + .seconds(5))?.tokens?.left == 0)
        do {
            try machine.extend(hold, to: .zero, tokens: 90, at: start + .seconds(5))
            Issue.record("110 tokens of 100 were admitted")
        } catch {
            guard case .exhausted(let refusal) = error else { Issue.record(error); return }
            // 20 were used at the start; the hold's own 80 are not in its way.
            #expect(refusal.left.amount == 80)
            #expect(refusal.resets == start + .seconds(60))
        }
        #expect(machine.status(of: .key(1), at: start + .seconds(5))?.requests?.left == 0)
        machine.release(hold)
        #expect(machine.status(of: .key(1), at: start + .seconds(5))?.tokens?.left == 80)
    }

    @Test func `what is remembered of a scope is freed when its minute has passed`() throws {
        let machine = MachineBox()
        for id in 1...1000 as ClosedRange<Int64> {
            machine.setLimits(Limits(requestsPerMinute: 5), of: .key(id), at: start)
            machine.release(try machine.hold(0, of: [.key(id)], at: start))
        }
        #expect(machine.rateWindowCount == 1000)
        let idle = machine.copy
        idle.freeIdle(at: start + .seconds(59))
        #expect(idle.rateWindowCount == 1000)
        idle.freeIdle(at: start + .seconds(60))
        #expect(idle.rateWindowCount == 0)
        // Without that call, one request a second of another key is enough.
        machine.setLimits(Limits(requestsPerMinute: 1000), of: .key(1), at: start)
        for second in 60..<130 { machine.release(try machine.hold(0, at: start + .seconds(second))) }
        #expect(machine.rateWindowCount == 1)
        machine.setLimits(Limits(parallelRequests: 5), of: .key(1), at: start + .seconds(130))
        #expect(machine.rateWindowCount == 0, "a scope without rate limits remembers nothing")
    }

    @Test func `what counts for longer than 60 seconds is at most a 64th of the limit`() throws {
        var random = SeededRandom.fresh()
        let machine = machine(Limits(requestsPerMinute: 640, tokensPerMinute: 64_000))
        var admitted: [(at: Timestamp, tokens: Int64)] = []
        var time = start
        var entriesMost = 0
        for _ in 0..<4000 {
            // One in a second: what comes in an entry's last second is added to it in any case.
            time = time + .milliseconds(Int.random(in: 1000...3000, using: &random))
            let tokens = Int64.random(in: 0...150, using: &random)
            let hold = try machine.hold(0, tokens: TokenCount(tokens), at: time)
            machine.settle(hold, cost: .zero, tokens: TokenCount(tokens))
            admitted.append((time, tokens))
            admitted.removeAll { $0.at <= time - .seconds(60) }
            let status = try #require(machine.status(of: .key(1), at: time))
            let requests = 640 - (status.requests?.left ?? 0) - Int64(admitted.count)
            let counted = 64_000 - (status.tokens?.left ?? 0) - admitted.reduce(0) { $0 + $1.tokens }
            if !(0...10).contains(requests) || !(0...1000).contains(counted) {
                Issue.record("\(requests) requests and \(counted) tokens too many at \(time)")
                return
            }
            entriesMost = max(entriesMost, machine.machine.rateEntryCount)
        }
        #expect(entriesMost < 20, "a minute has up to 61 seconds with something in them")
    }

    @Test func `a scope far from its limits is remembered in a few entries`() throws {
        let machine = machine(Limits(requestsPerMinute: 1_000_000, tokensPerMinute: 1_000_000_000))
        for second in 0..<600 {
            machine.release(try machine.hold(0, tokens: 1000, at: start + .seconds(second)))
            #expect(machine.machine.rateEntryCount <= 4)
        }
        machine.freeIdle(at: start + .seconds(599 + 60))
        #expect(machine.rateWindowCount == 0)
    }

    @Test func `a stream that settles late corrects the seconds that it was counted in`() throws {
        let machine = machine(Limits(tokensPerMinute: 64_000))
        let holds = try (0..<20).map { try machine.hold(0, tokens: 20, at: start + .seconds($0)) }
        for hold in holds { machine.settle(hold, cost: .zero, tokens: 5) }
        #expect(machine.status(of: .key(1), at: start + .seconds(20))?.tokens?.left == 63_900)
    }
}
