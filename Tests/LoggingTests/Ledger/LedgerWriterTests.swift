import Foundation
import Store
import Synchronization
import Testing
import Units

@testable import Logging

@Suite struct LedgerWriterTests {
    let scene = Scene()

    /// Waits until `condition` holds; a test that waits in vain fails.
    func wait(_ condition: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(8)
        while !(try condition()) {
            try #require(ContinuousClock.now < deadline, "waited too long")
            usleep(5_000)
        }
    }

    @Test func whatIsWrittenIsInTheStoreSoon() throws {
        let writer = try scene.writer()
        try writer.recover()
        let journal = try scene.journal()
        writer.attach(journal.tail)
        try writer.start()
        defer { writer.stop() }
        for number in 1...1000 { try journal.attempt(.sample(number, key: Int64(number % 7))) }
        // Which attempts are open is told by the last whole pass.
        try wait { writer.lag == LedgerLag() }
        #expect(try scene.rows().count == 1000)
        #expect(try scene.verify().isSound)
    }

    @Test func flushReturnsWhenEverythingOfAllLoopsIsInTheStore() async throws {
        let writer = try scene.writer()
        try writer.recover()
        try writer.start()
        defer { writer.stop() }
        let scene = scene
        try await withThrowingTaskGroup(of: Void.self) { group in
            for loop in 0..<4 {
                group.addTask {
                    let journal = try scene.journal(segmentBytesMax: 20_000)
                    writer.attach(journal.tail)
                    for number in 1...500 { try journal.attempt(.sample(loop * 1000 + number, key: Int64(loop))) }
                }
            }
            try await group.waitForAll()
        }
        #expect(writer.flush(timeout: .seconds(8)))
        #expect(try scene.rows().count == 2000)
        #expect(try scene.verify().isSound)
    }

    @Test func drainedSegmentsAreDeletedButNotOneWithAnOpenAttempt() throws {
        let writer = try scene.writer()
        let journal = try scene.journal(segmentBytesMax: 2_000)
        writer.attach(journal.tail)
        var open = AttemptRecord.sample(1)
        try journal.attemptOpened(&open, at: Scene.start)
        let first = scene.segments[0]
        for number in 2...100 { try journal.attempt(.sample(number)) }
        #expect(scene.segments.count > 10)
        #expect(writer.flush(timeout: .seconds(8)))
        #expect(scene.segments.count == 2 && scene.segments[0] == first)
        #expect(writer.lag.openAttempts == 1)
        journal.attemptClosed(open.completed())
        for number in 101...110 { try journal.attempt(.sample(number)) }
        #expect(writer.flush(timeout: .seconds(8)))
        #expect(scene.segments.count == 1)
        #expect(try scene.rows().count == 110)
        #expect(try scene.verify().isSound)
    }

    @Test func aJournalThatIsGivenUpIsFinishedByTheWriter() throws {
        let writer = try scene.writer()
        do {
            let journal = try scene.journal()
            writer.attach(journal.tail)
            try journal.attempt(.sample(1))
            var open = AttemptRecord.sample(2)
            try journal.attemptOpened(&open, at: Scene.start)
        }
        // Its slot is still held, so nobody else clears it up at the same time.
        #expect(try scene.journal().slot == 1)
        #expect(writer.flush(timeout: .seconds(8)))
        #expect(try scene.rows().map(\.end) == [.complete, .interrupted])
        #expect(writer.lag == LedgerLag())
        #expect(try scene.journal(slot: 0).slot == 0)
        #expect(try scene.verify().isSound)
    }

    @Test func anInheritedSlotIsClearedUpWhileItIsUsed() throws {
        do {
            let journal = try scene.journal()
            try journal.attempt(.sample(1))
            var open = AttemptRecord.sample(2)
            try journal.attemptOpened(&open, at: Scene.start)
        }
        // The slot was taken before anybody recovered it.
        let journal = try scene.journal(slot: 0)
        let writer = try scene.writer()
        writer.attach(journal.tail)
        try journal.attempt(.sample(3))
        #expect(writer.flush(timeout: .seconds(8)))
        #expect(try scene.rows().map(\.end) == [.complete, .interrupted, .complete])
        #expect(scene.segments.count == 1)
        #expect(try scene.verify().isSound)
    }

    @Test func anotherProcessThatDiesLaterIsClearedUpByTheRunningOne() throws {
        let other = try scene.journal()
        var open = AttemptRecord.sample(1)
        try other.attemptOpened(&open, at: Scene.start)
        let writer = try scene.writer()
        #expect(try writer.recover().inserted == 0)
        Files.copy(JournalFolder.slotPath(0, in: scene.journals), scene.root + "/dead")
        Files.copy(scene.root + "/dead", JournalFolder.slotPath(5, in: scene.journals))
        #expect(try writer.recover().interrupted == 1)
        _ = consume other
    }

    @Test func whileTheStoreIsAwayTheJournalGrowsAndAfterwardsNothingIsMissing() throws {
        let reported = Shared<[String]>([])
        let settings = LedgerWriter.Settings(journalFolder: scene.journals, storePath: scene.root + "/away/tollgate.db")
        let writer = try LedgerWriter(settings: settings) { event in
            reported.change { $0.append("\(event)") }
        }
        let journal = try scene.journal(segmentBytesMax: 20_000)
        writer.attach(journal.tail)
        try writer.start()
        defer { writer.stop() }
        for number in 1...500 { try journal.attempt(.sample(number)) }
        try wait { !reported.value.isEmpty }
        #expect(!writer.flush(timeout: .milliseconds(50)))
        let lag = writer.lag
        #expect(lag.records == 1000 && lag.bytes > 100_000 && lag.oldestAge > .zero)
        #expect(scene.segments.count > 5)
        mkdir(scene.root + "/away", 0o700)
        #expect(writer.flush(timeout: .seconds(8)))
        try wait { reported.value.contains("the ledger is written again") }
        let database = try Database(path: scene.root + "/away/tollgate.db")
        #expect(try Ledger.count(LedgerFilter(), on: database) == 500)
        #expect(try Ledger.verify(journalFolder: scene.journals, on: database).isSound)
        #expect(writer.lag.bytes == 0)
    }

    @Test func aBatchThatFailsAtItsVeryEndLeavesNothingBehindAndIsDoneAgain() throws {
        let database = try scene.store()
        let writer = try scene.writer()
        let journal = try scene.journal()
        writer.attach(journal.tail)
        try journal.attempt(.sample(1))
        #expect(writer.flush(timeout: .seconds(8)))
        // Rows go in before the totals: the whole transaction must go.
        try database.executeScript(
            """
            CREATE TRIGGER refuse BEFORE UPDATE ON spend_totals BEGIN SELECT RAISE(ABORT, 'the disk is on fire'); END
            """)
        for number in 2...50 { try journal.attempt(.sample(number)) }
        #expect(!writer.flush(timeout: .milliseconds(100)))
        #expect(try scene.rows().count == 1)
        #expect(writer.lag.records == 98)
        let during = try scene.verify()
        #expect(during.isSound && during.waitingAttempts == 49)
        try database.executeScript("DROP TRIGGER refuse")
        #expect(writer.flush(timeout: .seconds(8)))
        #expect(try scene.rows().count == 50)
        #expect(try scene.verify().isSound)
    }

    @Test func aStoreThatIsReadOnlyForAWhileGetsEverythingLater() throws {
        let database = try scene.store()
        let writer = try scene.writer()
        let journal = try scene.journal()
        writer.attach(journal.tail)
        // Another connection holds the write lock: to a writer that is the same as not being allowed to write.
        try database.executeScript("BEGIN IMMEDIATE")
        for number in 1...100 { try journal.attempt(.sample(number)) }
        let flushed = Shared(false)
        // A thread of its own: the shared pool is busy with other tests that wait.
        Thread.detachNewThread {
            let isFlushed = writer.flush(timeout: .seconds(9))
            flushed.change { $0 = isFlushed }
        }
        usleep(300_000)
        #expect(!flushed.value)
        #expect(try Ledger.count(LedgerFilter(), on: try scene.store()) == 0)
        try database.executeScript("COMMIT")
        try wait { flushed.value }
        #expect(try scene.rows().count == 100)
    }

    @Test func aSegmentThatSomebodyDeletedOrDamagedDoesNotHoldUpTheRest() throws {
        let writer = try scene.writer()
        let journal = try scene.journal(segmentBytesMax: 2_000)
        writer.attach(journal.tail)
        for number in 1...40 { try journal.attempt(.sample(number)) }
        let segments = scene.segments
        unlink(segments[3])
        var bytes = Files.bytes(segments[5])
        bytes[500] ^= 1
        Files.write(bytes, to: segments[5])
        #expect(writer.flush(timeout: .seconds(8)))
        let rows = try scene.rows().count
        #expect(rows < 40 && rows >= 34)
        try journal.attempt(.sample(41))
        #expect(writer.flush(timeout: .seconds(8)))
        #expect(try scene.rows().count == rows + 1)
        #expect(try !scene.verify().isSound)
    }

    @Test func journalsCanBeForcedToTheDiskByTheWriter() throws {
        var settings = LedgerWriter.Settings(journalFolder: scene.journals, storePath: scene.storePath)
        settings.sync = .interval(.milliseconds(1))
        settings.interval = .milliseconds(5)
        let writer = try LedgerWriter(settings: settings)
        var journalSettings = Journal.Settings()
        journalSettings.sync = settings.sync
        journalSettings.segmentBytesMax = 5_000
        let journal = try Journal(folder: scene.journals, settings: journalSettings, at: Scene.start)
        writer.attach(journal.tail)
        try writer.start()
        defer { writer.stop() }
        for number in 1...200 { try journal.attempt(.sample(number)) }
        #expect(writer.flush(timeout: .seconds(8)))
        #expect(try scene.rows().count == 200)
    }

    @Test func rowsGoToTheTableOfTheirDay() throws {
        let writer = try scene.writer()
        let journal = try scene.journal()
        writer.attach(journal.tail)
        let midnight = Timestamp(iso8601: "2026-11-24T00:00:00Z")!
        for (number, time) in [midnight - .nanoseconds(1), midnight, midnight + .seconds(86_400)].enumerated() {
            try journal.attempt(.sample(number + 1, at: time))
        }
        #expect(writer.flush(timeout: .seconds(8)))
        let partitions = try LedgerPartition.all(on: try scene.store())
        #expect(partitions.map(\.table) == ["ledger_20261123", "ledger_20261124", "ledger_20261125"])
        #expect(try scene.rows().count == 3)
        #expect(try scene.verify().isSound)
    }

    @Test func stoppingIsPromptAndLosesNothing() throws {
        let writer = try scene.writer()
        try writer.recover()
        do {
            let journal = try scene.journal()
            writer.attach(journal.tail)
            try writer.start()
            for number in 1...2000 { try journal.attempt(.sample(number)) }
            let start = ContinuousClock.now
            writer.stop()
            #expect(ContinuousClock.now - start < .seconds(2))
        }
        try scene.verifyAfterRestart(rows: 2000)
    }
}

/// A value that several threads look at.
private final class Shared<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>
    init(_ value: Value) { storage = Mutex(value) }
    var value: Value { storage.withLock { $0 } }
    func change(_ body: (inout Value) -> Void) { storage.withLock { body(&$0) } }
}

extension Scene {
    func verifyAfterRestart(rows expected: Int) throws {
        // The writer that was stopped may still hold the slot; a new one reads a copy, as after a restart.
        Files.copy(journals, root + "/copy")
        let writer = try LedgerWriter(settings: .init(journalFolder: root + "/copy", storePath: storePath))
        try writer.recover()
        #expect(try rows().count == expected)
        #expect(try Ledger.verify(journalFolder: root + "/copy", on: try store()).isSound)
    }
}
