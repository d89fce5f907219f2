import Store
import Testing
import Units

@testable import Logging

@Suite struct LedgerVerificationTests {
    let scene = Scene()
    static let table = "ledger_20261123"

    /// A sound ledger of a hundred attempts of two slots, and what is found after `change`.
    ///
    /// - Parameter isRunning: the journals are still there, drained.
    private func findings(
        isRunning: Bool = false, after change: (Database) throws -> Void
    ) throws -> LedgerVerification {
        var journals = [try scene.journal(), try scene.journal()]
        let writer = try scene.writer()
        for journal in journals { writer.attach(journal.tail) }
        for number in 1...100 { try journals[number % 2].attempt(.sample(number, key: Int64(number % 3))) }
        if !isRunning { journals.removeAll() }
        #expect(writer.flush(timeout: .seconds(8)))
        let before = try scene.verify()
        #expect(before.isSound && before.rows == 100 && before.cost.nanos == 100_000 && before.rollups == 3)
        let database = try scene.store()
        try change(database)
        let after = try Ledger.verify(journalFolder: scene.journals, on: database)
        #expect(after.isSound == after.description.contains("The ledger is sound."))
        return after
    }

    private func id(of row: Int, _ database: Database) throws -> Int64 {
        try database.first("SELECT id FROM \(Self.table) ORDER BY id LIMIT 1 OFFSET ?", row) { $0.int64(0) }!
    }

    @Test func aChangedCostIsFound() throws {
        let result = try findings { database in
            try database.execute(
                "UPDATE \(Self.table) SET cost_nanos = cost_nanos - 1 WHERE id = ?", id(of: 40, database))
        }
        #expect(!result.isSound && result.findingCount == 1)
        guard case .rollupDiffers(_, _, "gpt-4o", "openai", let rows, let rollup)? = result.findings.first else {
            Issue.record("\(result)")
            return
        }
        #expect(rows.cost.nanos == rollup.cost.nanos - 1)
    }

    @Test func aMissingRowIsFoundAndSaidToBeMissing() throws {
        let result = try findings { database in
            try database.execute("DELETE FROM \(Self.table) WHERE id = ?", id(of: 40, database))
        }
        #expect(result.findingCount == 2)
        #expect(result.findings.contains { if case .gap(_, _, 1) = $0 { true } else { false } })
        #expect(result.findings.contains { if case .rollupDiffers = $0 { true } else { false } })
    }

    @Test func aMissingRowWhoseRecordIsStillThereIsNamed() throws {
        var id = AttemptID(rawValue: 0)
        let result = try findings(isRunning: true) { database in
            id = AttemptID(rawValue: try self.id(of: 99, database))
            try database.execute("DELETE FROM \(Self.table) WHERE id = ?", id.rawValue)
        }
        #expect(result.findingCount == 2 && result.findings.contains(.missingRow(id)))
    }

    @Test func aMissingRowIsFoundAlsoWhenAllSumsWereAdjusted() throws {
        let result = try findings { database in
            let id = try id(of: 40, database)
            let key = try database.first("SELECT key_id FROM \(Self.table) WHERE id = ?", id) { $0.int64(0) }!
            for table in ["rollup_hourly", "spend_totals"] {
                try database.execute(
                    """
                    UPDATE \(table) SET attempts = attempts - 1, requests = requests - 1,
                    cost_nanos = cost_nanos - 1000, input_tokens = input_tokens - 100,
                    output_tokens = output_tokens - 50 WHERE key_id = ?
                    """, key)
            }
            try database.execute("DELETE FROM \(Self.table) WHERE id = ?", id)
        }
        #expect(result.findingCount == 1)
        #expect(result.findings.contains { if case .gap(_, _, 1) = $0 { true } else { false } })
    }

    @Test func aDoubledRowIsFound() throws {
        let result = try findings { database in
            let id = try id(of: 40, database)
            let others = Ledger.columns.dropFirst().joined(separator: ", ")
            try database.execute(
                "INSERT INTO \(Self.table) SELECT \(id + 5000), \(others) FROM \(Self.table) WHERE id = ?", id)
        }
        #expect(result.findings.contains { if case .rollupDiffers = $0 { true } else { false } })
        #expect(result.findings.contains { if case .doubled = $0 { true } else { false } })
    }

    @Test func anIDThatIsInTwoTablesIsFound() throws {
        let result = try findings { database in
            try database.executeScript(Ledger.createTable("ledger_20261124"))
            try database.execute(
                "INSERT INTO ledger_partitions (day, table_name, created_at) VALUES (?, 'ledger_20261124', 0)",
                CivilDate(year: 2026, month: 11, day: 24)!.daysSince1970)
            try database.execute(
                "INSERT INTO ledger_20261124 SELECT * FROM \(Self.table) WHERE id = ?", id(of: 40, database))
        }
        #expect(result.findings.contains(.misplaced(table: "ledger_20261124")))
        #expect(result.findings.contains { if case .doubled = $0 { true } else { false } })
    }

    @Test func aChangedTotalIsFound() throws {
        let result = try findings { database in
            try database.execute("UPDATE spend_totals SET cost_nanos = 0 WHERE key_id = 1")
        }
        #expect(result.findingCount == 1)
        guard case .totalDiffers(1, _, _)? = result.findings.first else {
            Issue.record("\(result)")
            return
        }
    }

    @Test func aLostRollupOrTableIsFound() throws {
        let result = try findings { database in
            try database.execute("DELETE FROM rollup_hourly WHERE key_id = 2")
            try database.execute("DELETE FROM spend_totals WHERE key_id = 2")
        }
        #expect(result.findingCount == 1)
        try scene.store().executeScript("DROP TABLE \(Self.table)")
        let lost = try scene.verify()
        #expect(lost.findings.contains(.missingTable(Self.table)))
    }

    @Test func whatIsOpenOrOnItsWayIsNoGap() throws {
        let journal = try scene.journal()
        let writer = try scene.writer()
        writer.attach(journal.tail)
        var open = AttemptRecord.sample(1)
        try journal.attemptOpened(&open, at: Scene.start)
        for number in 2...10 { try journal.attempt(.sample(number)) }
        var second = AttemptRecord.sample(11)
        try journal.attemptOpened(&second, at: Scene.start)
        for number in 12...20 { try journal.attempt(.sample(number)) }
        #expect(writer.flush(timeout: .seconds(8)))
        journal.attemptClosed(second.completed())
        for number in 21...25 { try journal.attempt(.sample(number)) }
        let result = try scene.verify()
        #expect(result.isSound && result.openAttempts == 1 && result.waitingAttempts == 6)
        #expect(result.unrecoveredAttempts == 0)
    }

    @Test func whatADeadProcessLeftIsCounted() throws {
        do {
            let journal = try scene.journal()
            var open = AttemptRecord.sample(1)
            try journal.attemptOpened(&open, at: Scene.start)
            try journal.attempt(.sample(2))
        }
        _ = try scene.store()
        let before = try scene.verify()
        #expect(before.isSound && before.unrecoveredAttempts == 2)
        try scene.recover()
        #expect(try scene.verify().unrecoveredAttempts == 0)
    }

    @Test func aJournalFolderThatWasDeletedIsSeenAndIsNoGap() throws {
        do { for number in 1...5 { try scene.journal().attempt(.sample(number)) } }
        try scene.recover()
        Files.remove(scene.journals)
        do {
            let journal = try scene.journal(at: Scene.start + .seconds(1))
            for number in 6...9 { try journal.attempt(.sample(number, at: Scene.start + .seconds(1))) }
        }
        try scene.recover()
        let result = try scene.verify()
        #expect(result.isSound && result.restarts == 1 && result.rows == 9)
    }

    @Test func verifyingBesideARunningGatewayFindsNothing() async throws {
        let writer = try scene.writer()
        let journal = try scene.journal(segmentBytesMax: 30_000)
        writer.attach(journal.tail)
        try writer.start()
        defer { writer.stop() }
        var open: [AttemptRecord] = []
        let end = ContinuousClock.now + .milliseconds(400)
        var number = 0
        var verified = 0
        while ContinuousClock.now < end {
            for _ in 0..<200 {
                number += 1
                var record = AttemptRecord.sample(number)
                try journal.attemptOpened(&record, at: Scene.start)
                open.append(record)
                if number % 3 != 0 { journal.attemptClosed(open.remove(at: open.count / 2).completed()) }
            }
            while open.count > 50 { journal.attemptClosed(open.removeFirst().completed()) }
            let result = try scene.verify()
            #expect(result.isSound, "\(result)")
            verified += 1
        }
        #expect(verified > 1)
    }
}
