import Store
import TestSupport
import Testing
import Units

@testable import Logging

/// Questions to a ledger of random attempts, answered a second time by looking at all of them.
@Suite struct LedgerQueryTests {
    let scene = Scene()

    /// Attempts over four days, of a few keys and models, with a clock that is set back once.
    private func fill(_ count: Int, seed: UInt64) throws -> [AttemptRecord] {
        var random = SeededRandom(seed: seed)
        var written: [AttemptRecord] = []
        var now = Scene.start
        let journals = [try scene.journal(), try scene.journal()]
        for number in 1...count {
            now = now + .nanoseconds(Int64.random(in: 0...(2 * 4 * 86_400_000_000_000 / Int64(count)), using: &random))
            if number == count / 2 { now = now - .seconds(5 * 3600) }
            // Some begin exactly at an hour.
            if number % 17 == 0 {
                now = Timestamp(secondsSince1970: (now.secondsSince1970 / 3600 + 1) * 3600)
            }
            var record = AttemptRecord.sample(
                number / 2, key: Int64.random(in: 1...4, using: &random),
                model: ["gpt-4o", "claude", "o3"].randomElement(using: &random)!,
                provider: ["openai", "azure"].randomElement(using: &random)!, at: now,
                cost: Int64.random(in: 0...1_000_000_000, using: &random))
            record.attemptNumber = Int.random(in: 1...2, using: &random)
            written.append(
                try journals[number % 2].attempt(record, end: AttemptEnd.allCases.randomElement(using: &random)!))
        }
        let writer = try scene.writer()
        for journal in journals { writer.attach(journal.tail) }
        #expect(writer.flush(timeout: .seconds(8)))
        return written.sorted { $0.id < $1.id }
    }

    private func sums(_ records: some Sequence<AttemptRecord>) -> LedgerSums {
        var sums = LedgerSums()
        for record in records {
            sums.attempts += 1
            sums.requests += record.attemptNumber == 1 ? 1 : 0
            sums.failures += record.isFailure ? 1 : 0
            sums.inputTokens += record.tokens.input
            sums.cachedInputTokens += record.tokens.cachedInput
            sums.cacheWriteTokens += record.tokens.cacheWrite5m + record.tokens.cacheWrite1h
            sums.outputTokens += record.tokens.output
            sums.reasoningTokens += record.tokens.reasoning
            sums.cost += record.cost
        }
        return sums
    }

    @Test func spendIsExactForAnyKeyAndAnyWindow() throws {
        let records = try fill(1500, seed: 3)
        let database = try scene.store()
        var random = SeededRandom(seed: 4)
        let first = records.map(\.startedAt).min()!
        let last = records.map(\.startedAt).max()!
        for _ in 0..<300 {
            func time() -> Timestamp? {
                switch Int.random(in: 0...4, using: &random) {
                case 0: nil
                case 1: records.randomElement(using: &random)!.startedAt
                case 2:
                    Timestamp(
                        secondsSince1970: (records.randomElement(using: &random)!.startedAt.secondsSince1970 / 3600)
                            * 3600)
                default:
                    Timestamp(
                        nanosecondsSince1970: Int64.random(
                            in: first.nanosecondsSince1970 - 10...last.nanosecondsSince1970 + 10, using: &random))
                }
            }
            let key = Bool.random(using: &random) ? Int64.random(in: 1...5, using: &random) : nil
            let from = time()
            let to = time()
            let expected = sums(
                records.filter {
                    (key == nil || $0.keyID == key) && (from == nil || $0.startedAt >= from!)
                        && (to == nil || $0.startedAt < to!)
                })
            let found = try Ledger.spend(keyID: key, from: from, to: to, on: database)
            #expect(found == expected, "key \(key ?? 0) from \(from as Any) to \(to as Any)")
        }
        for key in 1...5 {
            let ofKey = records.filter { $0.keyID == key }
            #expect(try Ledger.lifetimeSpend(keyID: Int64(key), on: database) == sums(ofKey))
            #expect(try Ledger.lastUsed(keyID: Int64(key), on: database) == ofKey.map(\.startedAt).max())
        }
        let byKey = try Ledger.lifetimeSpendByKey(on: database)
        #expect(byKey.count == 4 && byKey[3]?.sums == sums(records.filter { $0.keyID == 3 }))
        #expect(try Ledger.highestID(on: database) == records.last?.id)
        #expect(try scene.verify().isSound)
    }

    @Test func logsAreTheMatchingRowsNewestFirstOnWhateverPages() throws {
        let records = try fill(600, seed: 8)
        let database = try scene.store()
        var random = SeededRandom(seed: 9)
        func maybe<T>(_ value: @autoclosure () -> T) -> T? {
            Int.random(in: 0...2, using: &random) == 0 ? value() : nil
        }
        for _ in 0..<150 {
            let some = records.randomElement(using: &random)!
            let filter = LedgerFilter(
                keyID: maybe(some.keyID), requestID: maybe(some.requestID),
                model: maybe(Bool.random(using: &random) ? some.model : some.upstreamModel),
                provider: maybe(some.provider), from: maybe(some.startedAt),
                to: maybe(some.startedAt + .seconds(86_400)),
                end: maybe(some.end))
            let expected = records.reversed().filter { record in
                let names = [record.model, record.upstreamModel]
                return (filter.keyID == nil || record.keyID == filter.keyID)
                    && (filter.requestID == nil || record.requestID == filter.requestID)
                    && (filter.model == nil || names.contains(filter.model!))
                    && (filter.provider == nil || record.provider == filter.provider)
                    && (filter.from == nil || record.startedAt >= filter.from!)
                    && (filter.to == nil || record.startedAt < filter.to!)
                    && (filter.end == nil || record.end == filter.end)
            }
            #expect(try Ledger.count(filter, on: database) == Int64(expected.count))
            let limit = Int.random(in: 1...40, using: &random)
            var collected: [AttemptRecord] = []
            var before: AttemptID?
            repeat {
                let page = try Ledger.logs(filter, limit: limit, before: before, on: database)
                #expect(page.rows.count <= limit)
                collected += page.rows
                before = page.next
            } while before != nil
            #expect(collected == expected, "\(filter)")
            let offset = Int.random(in: 0...expected.count + 5, using: &random)
            let page = try Ledger.logs(filter, limit: limit, offset: offset, on: database)
            #expect(page.rows == Array(expected.dropFirst(offset).prefix(limit)))
        }
    }

    @Test func droppingOldTablesKeepsTheirSums() throws {
        let records = try fill(800, seed: 12)
        let database = try scene.store()
        let spent = try Ledger.lifetimeSpend(on: database)
        let later = Scene.start + .seconds(40 * 86_400)
        let day = CivilDate(year: 2026, month: 11, day: 25)!
        #expect(try Ledger.dropPartitions(before: day, at: later, on: database) == 2)
        #expect(try Ledger.dropPartitions(before: day, at: later, on: database) == 0)
        let left = try scene.rows()
        let bound = Timestamp(iso8601: "2026-11-25")!
        #expect(left == records.filter { $0.id.millisecondsSince1970 >= bound.millisecondsSince1970 })
        #expect(!left.isEmpty && left.count < records.count)
        #expect(try Ledger.lifetimeSpend(on: database) == spent)
        #expect(try Ledger.spend(from: Timestamp(iso8601: "2026-11-20"), on: database) == spent)
        let wholeHours = Timestamp(secondsSince1970: (records[5].startedAt.secondsSince1970 / 3600) * 3600)
        let ofWholeHours = try Ledger.spend(from: wholeHours, on: database)
        #expect(ofWholeHours == sums(records.filter { $0.startedAt >= wholeHours }))
        // A window that begins within an hour whose rows are gone errs towards having spent, and says so.
        let within = records[5].startedAt + .nanoseconds(1)
        let sums = try Ledger.spend(from: within, on: database)
        let exact = records.filter { $0.startedAt >= within }.map(\.cost.nanos).reduce(0, +)
        #expect(!sums.isExact && sums.cost.nanos >= exact)
        let verification = try scene.verify()
        #expect(verification.isSound && verification.droppedTables == 2 && verification.daysNotCompared >= 2)
    }

    @Test func todaysTableIsNeverDropped() throws {
        _ = try fill(20, seed: 2)
        let database = try scene.store()
        try Ledger.dropPartitions(before: CivilDate(year: 9000, month: 1, day: 1)!, at: Scene.start, on: database)
        #expect(try scene.rows().count == 20)
    }

    @Test func foldingOldRollupsKeepsLifetimeSums() throws {
        let records = try fill(800, seed: 13)
        let database = try scene.store()
        let lifetimes = try Ledger.lifetimeSpendByKey(on: database).mapValues(\.sums)
        let day = CivilDate(year: 2026, month: 11, day: 25)!
        // As long as the rows are there, their rollups stay.
        #expect(try Ledger.foldRollups(before: day, on: database) == 0)
        try Ledger.dropPartitions(before: day, at: Scene.start + .seconds(40 * 86_400), on: database)
        #expect(try Ledger.foldRollups(before: CivilDate(year: 2026, month: 11, day: 24)!, on: database) > 0)
        #expect(try Ledger.foldRollups(before: CivilDate(year: 2026, month: 11, day: 24)!, on: database) == 0)
        #expect(try Ledger.lifetimeSpendByKey(on: database).mapValues(\.sums) == lifetimes)
        let recent = Timestamp(iso8601: "2026-11-26")!
        #expect(
            try Ledger.spend(from: recent, on: database).cost
                == sums(records.filter { $0.startedAt >= recent }).cost)
        #expect(try Ledger.spend(to: recent, on: database).cost == sums(records.filter { $0.startedAt < recent }).cost)
        #expect(try scene.verify().isSound)
    }

    @Test func anEmptyLedgerAnswers() throws {
        let database = try scene.store()
        #expect(try Ledger.spend(keyID: 1, from: Scene.start, on: database) == LedgerSums())
        #expect(try Ledger.logs(LedgerFilter(), on: database) == LedgerPage())
        #expect(try Ledger.count(LedgerFilter(keyID: 4), on: database) == 0)
        #expect(try Ledger.highestID(on: database) == nil)
        #expect(try Ledger.lastUsed(keyID: 1, on: database) == nil)
        #expect(try Ledger.verify(journalFolder: scene.journals, on: database).isSound)
        #expect(try Ledger.dropPartitions(before: CivilDate(daysSince1970: 30_000), at: Scene.start, on: database) == 0)
        #expect(try Ledger.foldRollups(before: CivilDate(daysSince1970: 30_000), on: database) == 0)
    }
}
