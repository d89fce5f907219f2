import Glibc
import Store
import TestSupport
import Testing
import Units

@testable import Logging

/// What a process that was killed at any moment leaves behind, and what the next one makes of it.
@Suite struct RecoveryTests {
    let scene = Scene()

    /// A journal's life: three attempts, overlapping; the second never ends.
    private func write(_ journal: Journal) throws -> [AttemptRecord] {
        var records = (1...3).map { number in
            var record = AttemptRecord.sample(number, cost: Int64(number * 1000))
            record.endpoint = "e"
            record.upstreamModel = "u"
            return record
        }
        try journal.attemptOpened(&records[0], at: Scene.start)
        try journal.attemptOpened(&records[1], at: Scene.start)
        journal.attemptClosed(records[0].completed(cost: 11))
        try journal.attemptOpened(&records[2], at: Scene.start)
        journal.attemptClosed(records[2].completed(cost: 33))
        return records
    }

    /// Empties the ledger without making its file anew.
    private func clear(_ database: Database) throws {
        for partition in try LedgerPartition.all(on: database) {
            try database.execute("DELETE FROM \(partition.table)")
        }
        for table in ["rollup_hourly", "spend_totals", "journal_positions"] {
            try database.execute("DELETE FROM \(table)")
        }
    }

    @Test func everyPrefixOfAJournalGivesEachWholeRecordItsRowExactlyOnce() throws {
        var records: [AttemptRecord] = []
        do {
            let journal = try scene.journal()
            records = try write(journal)
        }
        let path = scene.segments[0]
        let bytes = Files.bytes(path)
        // Where each record ends, in the order written: open 1, open 2, close 1, open 3, close 3.
        var ends: [Int] = []
        var offset = SegmentHeader.bytes
        bytes.withUnsafeBytes { bytes in
            while let frame = JournalFrameView(in: bytes, at: offset) {
                offset += frame.frameBytes
                ends.append(offset)
            }
        }
        try #require(ends.count == 5 && offset == bytes.count)
        let database = try scene.store()
        try scene.recover()
        for count in 0...bytes.count {
            try clear(database)
            for segment in scene.segments { unlink(segment) }
            Files.write(bytes.prefix(count), to: path)
            let report = try scene.recover()
            var expected: [Int64: Int64] = [:]
            if count >= ends[0] { expected[records[0].id.rawValue] = count >= ends[2] ? 11 : 1000 }
            if count >= ends[1] { expected[records[1].id.rawValue] = 2000 }
            if count >= ends[3] { expected[records[2].id.rawValue] = count >= ends[4] ? 33 : 3000 }
            let rows = try Ledger.logs(LedgerFilter(), on: database).rows
            let found = Dictionary(uniqueKeysWithValues: rows.map { ($0.id.rawValue, $0.cost.nanos) })
            #expect(found == expected, "cut at \(count)")
            #expect(report.inserted == expected.count)
            #expect(report.interrupted == rows.count { $0.end == .interrupted && $0.source == .estimated })
            #expect(try Ledger.lifetimeSpend(on: database).cost.nanos == expected.values.reduce(0, +))
        }
        #expect(try scene.verify().isSound)
    }

    @Test func anAttemptThatWasOpenIsChargedAsEstimated() throws {
        var record = AttemptRecord.sample(7, cost: 4242)
        record.user = "u"
        do { try scene.journal().attemptOpened(&record, at: Scene.start) }
        let report = try scene.recover()
        #expect(report.inserted == 1 && report.interrupted == 1)
        var row = try #require(try scene.rows().first)
        // The process was last alive when its journal was last written.
        #expect(row.endedAt >= row.startedAt)
        row.endedAt = record.endedAt
        #expect(row == record)
        #expect(row.end == .interrupted && row.source == .estimated && row.cost.nanos == 4242)
        #expect(try scene.verify().isSound)
    }

    @Test func aRowHoldsEveryFieldOfItsRecord() throws {
        var random = SeededRandom(seed: 5)
        var written: [AttemptRecord] = []
        do {
            let journal = try scene.journal()
            for _ in 0..<200 {
                var record = JournalFrameTests.random(using: &random)
                record.startedAt = Scene.start
                // So that sums over all of them fit.
                record.cost.nanos >>= 16
                for part in [
                    \AttemptTokens.input, \.cachedInput, \.cacheWrite5m, \.cacheWrite1h, \.output, \.reasoning,
                ] {
                    record.tokens[keyPath: part].count >>= 16
                }
                let identity = record
                try journal.attemptOpened(&record, at: Scene.start)
                #expect(identity.cost == record.cost)
                journal.attemptClosed(record)
                written.append(record)
            }
        }
        try scene.recover()
        #expect(try scene.rows() == written)
        #expect(try scene.verify().isSound)
    }

    @Test func readingAJournalAgainChangesNothing() throws {
        do {
            let journal = try scene.journal(segmentBytesMax: 1500)
            for number in 1...40 { try journal.attempt(.sample(number)) }
            var open = AttemptRecord.sample(41)
            try journal.attemptOpened(&open, at: Scene.start)
        }
        Files.copy(scene.journals, scene.root + "/backup")
        #expect(try scene.recover().inserted == 41)
        let rows = try scene.rows()
        for _ in 0..<3 {
            // As if the process had died after the transaction and before the files were deleted.
            Files.remove(scene.journals)
            Files.copy(scene.root + "/backup", scene.journals)
            #expect(try scene.recover().inserted == 0)
            #expect(try scene.rows() == rows)
            #expect(try scene.verify().isSound)
        }
    }

    @Test func readingAJournalAgainChangesNothingAfterItsTablesWereDropped() throws {
        do {
            let journal = try scene.journal()
            for number in 1...40 { try journal.attempt(.sample(number)) }
            var open = AttemptRecord.sample(41)
            try journal.attemptOpened(&open, at: Scene.start)
        }
        Files.copy(scene.journals, scene.root + "/backup")
        let drain = LedgerDrain(
            folder: scene.journals, storePath: scene.storePath, isDurable: true, report: { _ in })
        drain.adoptDeadSlots()
        #expect(try drain.pass() || drain.pass())
        #expect(drain.tally.inserted == 41)
        let database = try scene.store()
        let spent = try Ledger.lifetimeSpend(on: database)
        let later = Scene.start + .seconds(200 * 86_400)
        let day = CivilDate(year: 2027, month: 3, day: 1)!
        #expect(try Ledger.dropPartitions(before: day, at: later, on: database) == 1)
        // As if the process had died right before it deleted the segment.
        Files.remove(scene.journals)
        Files.copy(scene.root + "/backup", scene.journals)
        #expect(try scene.recover().inserted == 0)
        #expect(try Ledger.lifetimeSpend(on: database) == spent)
        #expect(try scene.verify().isSound)
    }

    @Test func aProcessThatDiedHalfDrainedIsTakenUpWhereItWas() throws {
        let writer = try scene.writer()
        let journal = try scene.journal(segmentBytesMax: 3000)
        writer.attach(journal.tail)
        var long = AttemptRecord.sample(1, cost: 5)
        try journal.attemptOpened(&long, at: Scene.start)
        for number in 2...30 { try journal.attempt(.sample(number)) }
        #expect(writer.flush(timeout: .seconds(8)))
        for number in 31...60 { try journal.attempt(.sample(number)) }
        // A copy of the files is what a killed process leaves.
        Files.copy(scene.journals, scene.root + "/dead")
        let database = try scene.store()
        let later = Scene.start + .seconds(200 * 86_400)
        let day = CivilDate(year: 2027, month: 3, day: 1)!
        try Ledger.dropPartitions(before: day, at: later, on: database)
        let next = try LedgerWriter(settings: .init(journalFolder: scene.root + "/dead", storePath: scene.storePath))
        let report = try next.recover()
        #expect(report.inserted == 31 && report.interrupted == 1)
        let sums = try Ledger.lifetimeSpend(on: database)
        #expect(sums.attempts == 60 && sums.cost.nanos == 59 * 1000 + 5)
    }

    @Test func positionsOfDeletedSegmentsAreForgotten() throws {
        do {
            let journal = try scene.journal(segmentBytesMax: 1500)
            for number in 1...40 { try journal.attempt(.sample(number)) }
        }
        try scene.recover()
        #expect(try scene.store().first("SELECT count(*) FROM journal_positions") { $0.int(0) } == 0)
    }

    @Test func whatADrainedSegmentHeldIsGoneFromTheDiskAndTheSlotRemembersWhereItWas() throws {
        do {
            let journal = try scene.journal(segmentBytesMax: 1500)
            for number in 1...40 { try journal.attempt(.sample(number)) }
        }
        #expect(scene.segments.count > 3)
        try scene.recover()
        #expect(scene.segments.count == 1)
        #expect(Files.bytes(scene.segments[0]).count == SegmentHeader.bytes)
        #expect(try scene.journal(slot: 0).attempt(.sample()).sequence == 41)
        #expect(try scene.recover().inserted == 1)
    }

    @Test func aLivingJournalIsLeftAlone() throws {
        let journal = try scene.journal()
        var record = AttemptRecord.sample()
        try journal.attemptOpened(&record, at: Scene.start)
        #expect(try scene.recover() == RecoveryReport())
        #expect(try scene.rows().isEmpty)
        let verification = try scene.verify()
        #expect(verification.isSound && verification.openAttempts == 1 && verification.unrecoveredAttempts == 0)
    }

    @Test func twoWritersAtOnceGiveEveryRecordOneRow() async throws {
        for slot in 0..<6 {
            let journal = try scene.journal(slot: 0)
            for number in 1...300 { try journal.attempt(.sample(slot * 1000 + number)) }
            Files.copy(JournalFolder.slotPath(0, in: scene.journals), scene.root + "/slot-00\(slot + 1)")
        }
        Files.remove(scene.journals)
        mkdir(scene.journals, 0o700)
        for slot in 1...6 { Files.copy(scene.root + "/slot-00\(slot)", scene.journals + "/slot-00\(slot)") }
        _ = try scene.store()
        let scene = scene
        let reports = try await withThrowingTaskGroup(of: RecoveryReport.self) { group in
            for _ in 0..<2 { group.addTask { try scene.recover() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        // The six copies of slot 0 hold its first 300, 600, … 1,800 attempts.
        #expect(reports.map(\.inserted).reduce(0, +) == 1800)
        #expect(try scene.rows().count == 1800)
        let database = try scene.store()
        #expect(try Ledger.lifetimeSpend(on: database).attempts == 1800)
    }

    @Test func damageInTheMiddleCostsOneRecordAndIsReported() throws {
        do {
            let journal = try scene.journal()
            for number in 1...20 { try journal.attempt(.sample(number)) }
        }
        var bytes = Files.bytes(scene.segments[0])
        bytes[bytes.count / 2] ^= 0xff
        Files.write(bytes, to: scene.segments[0])
        #expect(try !scene.verify().isSound)
        let report = try scene.recover()
        // An open or a close was hit: either way the attempt has its row.
        #expect(report.inserted == 20 && report.findings.damagedBytes > 0)
        #expect(try scene.rows().count == 20)
    }

    @Test func recordsOfANewerProgramAreKeptForIt() throws {
        do {
            let journal = try scene.journal()
            for number in 1...3 { try journal.attempt(.sample(number)) }
        }
        let path = scene.segments[0]
        var bytes = Files.bytes(path)
        let start = bytes.count
        bytes += JournalFrameTests.encode(.sample(4))
        bytes[start + JournalFrame.headerBytes + 1] = 2
        let checksum = bytes.withUnsafeBytes { CRC32C.of(UnsafeRawBufferPointer(rebasing: $0[(start + 8)...])) }
        withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange(start + 4..<start + 8, with: $0) }
        Files.write(bytes, to: path)
        let report = try scene.recover()
        #expect(report.inserted == 3 && report.findings.unreadableFrames == 1)
        #expect(Files.bytes(path) == bytes)
        #expect(try scene.recover().inserted == 0)
        #expect(try scene.rows().count == 3)
    }

    @Test func anIDThatBelongsToAnotherAttemptIsReported() throws {
        do { try scene.journal().attempt(.sample(1)) }
        try scene.recover()
        Files.remove(scene.journals)
        // The folder is gone, the clock as it was: the same id is made for another request.
        do { try scene.journal().attempt(.sample(2)) }
        let report = try scene.recover()
        #expect(report.conflicting == 1 && report.inserted == 0)
        #expect(try scene.rows().map(\.requestID) == [AttemptRecord.sample(1).requestID])
    }
}
