import Budgets
import Glibc
import Synchronization
import TestSupport
import Testing
import Units

private let start = Timestamp(iso8601: "2026-11-23T13:00:00Z")!

/// Runs `work` on real threads, all at once, and waits for them.
private func onThreads(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
    final class Job: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
    let threads = (0..<count).map { index in
        var thread = pthread_t()
        let job = Unmanaged.passRetained(Job { work(index) })
        // Runs on the new thread; the pointer is the job, which it owns.
        pthread_create(
            &thread, nil,
            {
                Unmanaged<Job>.fromOpaque($0!).takeRetainedValue().work(); return nil
            }, job.toOpaque())
        return thread
    }
    for thread in threads { pthread_join(thread, nil) }
}

@Suite struct BudgetBookTests {
    private func book(_ limits: Limits, of scopes: [Scope] = [.key(1)]) -> BudgetBook {
        let book = BudgetBook()
        for scope in scopes {
            if let missing = book.setLimits(limits, of: scope, at: start) {
                #expect(book.setSpent(.zero, of: scope, windowStart: missing.window.start))
            }
        }
        return book
    }

    private func ask(_ nanos: Int64, tokens: TokenCount = 0) -> Ask {
        Ask(scopes: ScopeList(.global, .key(1)), ceiling: NanoUSD(nanos: nanos), tokens: tokens)
    }

    @Test func `of 200 requests at once on money for exactly 50, 50 are admitted`() {
        let book = book(Limits(maxBudget: NanoUSD(nanos: 50 * 7), window: .calendarMonths(1)))
        let admitted = Atomic(0)
        let refused = Atomic(0)
        let ask = ask(7)
        onThreads(200) { _ in
            do {
                let hold = try book.hold(ask, at: start)
                admitted.add(1, ordering: .relaxed)
                sched_yield()
                hold.settle(cost: NanoUSD(nanos: 7), tokens: 0)
            } catch {
                refused.add(1, ordering: .relaxed)
            }
        }
        #expect(admitted.load(ordering: .relaxed) == 50)
        #expect(refused.load(ordering: .relaxed) == 150)
        #expect(book.status(of: .key(1), at: start)?.budget?.spent == NanoUSD(nanos: 350))
    }

    @Test func `of calls whose cost nobody knows one at a time is admitted, and the last one alone overspends`() {
        let book = book(Limits(maxBudget: NanoUSD(nanos: 1000)), of: [.global, .key(1)])
        let running = Atomic(0)
        let wrong = Atomic(0)
        let admitted = Atomic(0)
        let ask = Ask(scopes: ScopeList(.global, .key(1)), ceiling: nil, tokens: 0)
        onThreads(8) { _ in
            while (book.status(of: .key(1), at: start)?.budget?.spent.nanos ?? .max) < 1000 {
                guard let hold = try? book.hold(ask, at: start) else { continue }
                if running.add(1, ordering: .relaxed).newValue > 1 { wrong.add(1, ordering: .relaxed) }
                admitted.add(1, ordering: .relaxed)
                sched_yield()
                running.subtract(1, ordering: .relaxed)
                hold.settle(cost: NanoUSD(nanos: 30), tokens: 0)
            }
        }
        #expect(wrong.load(ordering: .relaxed) == 0)
        #expect(admitted.load(ordering: .relaxed) == 34)
        for scope in [Scope.global, .key(1)] {
            #expect(book.status(of: scope, at: start)?.budget?.spent == NanoUSD(nanos: 1020))
            #expect(book.status(of: scope, at: start)?.budget?.held == .zero)
        }
    }

    @Test func `eight threads spend a budget to its end, never more, and every nano-dollar is accounted for`() {
        let limit: Int64 = 3_000_000
        let book = book(
            Limits(maxBudget: NanoUSD(nanos: limit), window: .calendarDay, parallelRequests: 6), of: [.global, .key(1)])
        let spent = Atomic<Int64>(0)
        let running = Atomic(0)
        let most = Atomic(0)
        let wrong = Atomic(0)
        var random = SeededRandom.fresh()
        let seeds = (0..<8).map { _ in random.next() }
        onThreads(8) { thread in
            var random = SeededRandom(seed: seeds[thread])
            for _ in 0..<2_000 {
                let ceiling = Int64.random(in: 0...2_000, using: &random)
                guard let hold = try? book.hold(self.ask(ceiling, tokens: 10), at: start) else { continue }
                let now = running.add(1, ordering: .relaxed).newValue
                most.max(now, ordering: .relaxed)
                if now > 6 { wrong.add(1, ordering: .relaxed) }
                var rest = ceiling
                if Bool.random(using: &random) {
                    let cost = Int64.random(in: 0...rest, using: &random)
                    hold.charge(cost: NanoUSD(nanos: cost), tokens: 1)
                    spent.add(cost, ordering: .relaxed)
                    rest -= cost
                    let next = Int64.random(in: 0...2_000, using: &random)
                    if (try? hold.extend(to: NanoUSD(nanos: next), tokens: 5, at: start)) != nil { rest = next }
                }
                running.subtract(1, ordering: .relaxed)
                // Settled, released, or just dropped.
                switch Int.random(in: 0...3, using: &random) {
                case 0: hold.release()
                case 1: break
                default:
                    let cost = Int64.random(in: 0...rest, using: &random)
                    spent.add(cost, ordering: .relaxed)
                    if hold.settle(cost: NanoUSD(nanos: cost), tokens: 3).money != .zero {
                        wrong.add(1, ordering: .relaxed)
                    }
                }
            }
        }
        let total = spent.load(ordering: .relaxed)
        #expect(wrong.load(ordering: .relaxed) == 0)
        #expect(most.load(ordering: .relaxed) <= 6)
        #expect(total <= limit)
        #expect(total > limit - 2_000, "the budget was there to be spent: \(total)")
        for scope in [Scope.global, .key(1)] {
            let status = book.status(of: scope, at: start)
            #expect(status?.budget?.spent.nanos == total)
            #expect(status?.budget?.held == .zero)
            #expect(status?.parallel?.left == 6)
        }
        #expect(book.liveHolds == 0)
    }

    @Test func `a hold that is dropped, thrown past or cancelled releases itself`() async throws {
        struct Failure: Error {}
        let book = book(Limits(maxBudget: .dollars(1), parallelRequests: 1))
        let ask = ask(NanoUSD.dollars(1).nanos)
        func left() -> NanoUSD? { book.status(of: .key(1), at: start)?.budget?.left }

        do { _ = try book.hold(ask, at: start) }
        #expect(left() == .dollars(1))

        func throwing() async throws {
            let hold = try book.hold(ask, at: start)
            await Task.yield()
            if left() == .zero { throw Failure() }
            hold.settle(cost: .dollars(1), tokens: 0)
        }
        await #expect(throws: Failure.self) { try await throwing() }
        #expect(left() == .dollars(1))

        let task = Task {
            let hold = try book.hold(ask, at: start)
            try await Task.sleep(for: .seconds(60))
            hold.settle(cost: .dollars(1), tokens: 0)
        }
        // Bounded, so that a lost slot fails the test instead of hanging it.
        for _ in 0..<1_000_000 where book.liveHolds == 0 { await Task.yield() }
        task.cancel()
        _ = await task.result
        #expect(left() == .dollars(1))
        #expect(book.liveHolds == 0)

        var kept: Hold? = try book.hold(ask, at: start)
        #expect(kept?.heldAt == start)
        #expect(left() == .zero)
        kept = nil
        #expect(left() == .dollars(1))
    }

    @Test func `a hold crosses suspensions and is settled once`() async throws {
        let book = book(Limits(maxBudget: .dollars(1), window: .calendarDay))
        func attempt(_ hold: borrowing Hold) async -> Overrun {
            await Task.yield()
            return hold.charge(cost: NanoUSD(nanos: 5), tokens: 5)
        }
        let hold = try book.hold(ask(10, tokens: 10), at: start - .seconds(1))
        #expect(hold.heldAt == start, "a stamp that is late counts as the latest seen")
        #expect(hold.status(at: start).budget?.left == .dollars(1) - NanoUSD(nanos: 10))
        #expect(await attempt(hold) == Overrun.none)
        #expect(try hold.extend(to: NanoUSD(nanos: 20), tokens: 1, at: start + .seconds(2)) == start + .seconds(2))
        await Task.yield()
        #expect(hold.settle(cost: NanoUSD(nanos: 21), tokens: 0) == Overrun(money: NanoUSD(nanos: 1), tokens: 0))
        #expect(book.status(of: .key(1), at: start)?.budget?.spent == NanoUSD(nanos: 26))
    }

    @Test func `of requests that race within a minute as many are admitted as the limit says`() {
        let book = book(Limits(requestsPerMinute: 100))
        let admitted = Atomic(0)
        let ask = ask(0)
        onThreads(8) { _ in
            // Each thread reads the clock and is then overtaken by others, as on real event loops.
            for _ in 0..<500 where (try? book.hold(ask, at: .now())) != nil { admitted.add(1, ordering: .relaxed) }
        }
        #expect(admitted.load(ordering: .relaxed) == 100)
    }

    @Test func `the limits of the book are the machine's`() throws {
        let book = BudgetBook()
        let limits = Limits(maxBudget: .dollars(1), window: .calendarDay, requestsPerMinute: 3)
        let missing = try #require(book.setLimits(limits, of: .key(1), at: start))
        #expect(book.missingSpends(at: start) == [missing])
        #expect(book.limits(of: .key(1)) == limits)
        #expect(book.scopeCount == 1)
        #expect(book.setZone(TimeZoneRules(fixedOffset: .seconds(3600))!, at: start).count == 1)
        book.remove(.key(1))
        #expect(book.limits(of: .key(1)) == nil)
        #expect(book.status(of: [.key(1)], at: start) == RateStatus())
        book.freeIdle(at: start)
        #expect(book.rateWindowCount == 0)
    }

    @Test func `fifty thousand keys with every limit take less than 20 MB`() async {
        // In a process of its own: other tests allocate at the same time.
        await #expect(processExitsWith: .success) {
            func residentBytes() -> Int {
                let file = open("/proc/self/statm", O_RDONLY)
                defer { close(file) }
                var text = [UInt8](repeating: 0, count: 200)
                let count = read(file, &text, text.count)
                let fields = String(decoding: text[..<count], as: UTF8.self).split(separator: " ")
                return Int(fields[1])! * 4096
            }
            let book = BudgetBook()
            let before = residentBytes()
            for id in 1...50_000 as ClosedRange<Int64> {
                let limits = Limits(
                    maxBudget: .dollars(10), window: .calendarMonths(1), requestsPerMinute: 60, tokensPerMinute: 10_000,
                    parallelRequests: 5)
                let missing = book.setLimits(limits, of: .key(id), at: start)!
                precondition(book.setSpent(.zero, of: .key(id), windowStart: missing.window.start))
            }
            precondition(book.scopeCount == 50_000)
            precondition(residentBytes() - before < 20_000_000, "\(residentBytes() - before) bytes")
        }
    }
}
