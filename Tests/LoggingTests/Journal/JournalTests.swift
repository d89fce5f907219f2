import Glibc
import Testing
import Units

@testable import Logging

@Suite struct JournalTests {
    let scene = Scene()

    @Test func livingJournalsHaveDifferentSlotsAndADeadOnesIsUsedAgain() throws {
        var journals: [Journal] = []
        for _ in 0..<5 { journals.append(try scene.journal()) }
        #expect(journals.map(\.slot) == [0, 1, 2, 3, 4])
        journals.remove(at: 2)
        #expect(try scene.journal(slot: 2).slot == 2)
        #expect(JournalFolder.slots(in: scene.journals) == [0, 1, 2, 3, 4])
    }

    @Test func idsAndSequencesGoOnWhereTheSlotWas() throws {
        var last = AttemptRecord.sample()
        do {
            let journal = try scene.journal()
            for number in 1...10 { last = try journal.attempt(.sample(number)) }
        }
        for hour in 1...3 {
            // Each start with a clock that was set back further, with and without a recovery in between.
            if hour == 2 { try scene.recover() }
            let now = Scene.start - .seconds(3600 * hour)
            let journal = try scene.journal(slot: 0, at: now)
            let next = try journal.attempt(.sample(at: now))
            #expect(next.id > last.id && next.id.slot == last.id.slot)
            #expect(next.sequence == last.sequence + 1)
            last = next
        }
    }

    @Test func aNewFolderStillBeginsAboveTheLedgersHighestID() throws {
        var source = AttemptIDSource(slot: 9, above: nil)
        let highest = source.next(at: Scene.start + .seconds(600))
        let journal = try Journal(folder: scene.journals, above: highest, at: Scene.start)
        #expect(try journal.attempt(.sample()).id > highest)
    }

    @Test func aFullSegmentIsFollowedByANewOne() throws {
        let journal = try scene.journal(segmentBytesMax: 2000)
        for number in 1...50 { try journal.attempt(.sample(number)) }
        #expect(scene.segments.count > 5)
        #expect(journal.tail.written.segment == UInt32(scene.segments.count))
        let attempts = try JournalInspection(folder: scene.journals).slots[0]!.attempts.values
        #expect(attempts.count == 50 && attempts.allSatisfy(\.isClosed))
        #expect(attempts.map(\.sequence).sorted() == Array(1...50))
    }

    @Test func aDiskThatIsFullRefusesNewAttemptsAndKeepsTheEndsOfOpenOnes() throws {
        signal(SIGXFSZ, SIG_IGN)
        let limit = 24 << 20
        let journal = try scene.journal(segmentBytesMax: 1 << 30)
        var filler = AttemptRecord.sample()
        filler.user = String(repeating: "u", count: 500)
        filler.model = filler.user!
        filler.provider = filler.user!
        filler.upstreamModel = filler.user!
        filler.endpoint = filler.user!
        var open: [AttemptRecord] = []
        for number in 1...20 {
            var record = AttemptRecord.sample(number)
            try journal.attemptOpened(&record, at: Scene.start)
            open.append(record)
        }
        // Well above what other tests write at the same time; the limit is the process's.
        while journal.tail.written.bytes < limit - 16 * JournalFrame.bytesMax { try journal.attempt(filler) }

        var before = rlimit()
        getrlimit(__rlimit_resource_t(1), &before)
        var full = before
        full.rlim_cur = rlim_t(journal.tail.written.bytes + 700)
        setrlimit(__rlimit_resource_t(1), &full)
        // The first end does not fit any more; a new attempt's record would, but must not go before it.
        var long = open[0].completed()
        long.errorCode = String(repeating: "e", count: 500)
        journal.attemptClosed(long)
        #expect(journal.endsWaiting == 1)
        var refused = AttemptRecord.sample(999)
        #expect(throws: JournalError.endsWaiting(count: 1)) { try journal.attemptOpened(&refused, at: Scene.start) }
        for record in open[1..<10] { journal.attemptClosed(record.completed()) }
        #expect(journal.endsWaiting == 10)
        journal.retry()
        #expect(journal.endsWaiting == 10)
        setrlimit(__rlimit_resource_t(1), &before)

        journal.retry()
        #expect(journal.endsWaiting == 0)
        for record in open[10...] { journal.attemptClosed(record.completed()) }
        let attempts = try JournalInspection(folder: scene.journals).slots[0]!.attempts
        #expect(open.allSatisfy { attempts[$0.id.rawValue]?.isClosed == true })
        #expect(attempts[refused.id.rawValue] == nil)
        #expect(try journal.attempt(.sample(21)).sequence == Int64(attempts.count) + 1)
        try gatheredOnAFullDisk(full: before)
    }

    /// Of the same test, because a process has one limit.
    private func gatheredOnAFullDisk(full before: rlimit) throws {
        let other = Scene()
        var settings = Journal.Settings()
        settings.gathers = true
        settings.segmentBytesMax = 1 << 30
        let journal = try Journal(folder: other.journals, settings: settings, at: Scene.start)
        while journal.tail.written.bytes < 25 << 20 { try journal.attempt(.sample()) }
        journal.flush()
        var records = [AttemptRecord.sample(1), .sample(2)]
        var full = before
        full.rlim_cur = rlim_t(journal.tail.written.bytes)
        setrlimit(__rlimit_resource_t(1), &full)
        for index in records.indices { try journal.attemptOpened(&records[index], at: Scene.start) }
        // Neither may be sent; their ends follow all the same.
        #expect(!journal.flush() && journal.endsWaiting == 2)
        for record in records { journal.attemptClosed(record.completed(cost: 0, end: .upstreamError)) }
        #expect(!journal.flush() && journal.endsWaiting == 4)
        var refused = AttemptRecord.sample(3)
        #expect(throws: JournalError.endsWaiting(count: 4)) { try journal.attemptOpened(&refused, at: Scene.start) }
        var unlimited = before
        setrlimit(__rlimit_resource_t(1), &unlimited)
        journal.retry()
        #expect(journal.flush() && journal.endsWaiting == 0)
        let attempts = try JournalInspection(folder: other.journals).slots[0]!.attempts
        #expect(records.allSatisfy { attempts[$0.id.rawValue]?.isClosed == true })
        #expect(try journal.attempt(.sample(3)).sequence == Int64(attempts.count) + 1)
    }

    @Test func aSegmentThatCannotBeBegunRefusesTheAttemptAndTheNextTryGoesOn() throws {
        let journal = try scene.journal(segmentBytesMax: 100)
        let first = try journal.attempt(.sample(1))
        let next = JournalFolder.segmentPath(2, in: JournalFolder.slotPath(0, in: scene.journals))
        symlink("/dev/full", next)
        var refused = AttemptRecord.sample(2)
        #expect(throws: JournalError.writeFailed(errno: ENOSPC)) {
            try journal.attemptOpened(&refused, at: Scene.start)
        }
        #expect(try journal.attempt(.sample(3)).sequence == first.sequence + 1)
    }

    @Test func aFolderThatCannotBeMadeIsAnError() {
        #expect(throws: JournalError.self) { try Journal(folder: "/proc/nowhere/journal", at: Scene.start) }
    }

    @Test func whatIsGatheredIsInTheFileWithTheFlush() throws {
        let journal = try gathering()
        func written() throws -> (attempts: Int, closed: Int) {
            let attempts = try JournalInspection(folder: scene.journals).slots[0]?.attempts.values.map { $0 } ?? []
            return (attempts.count, attempts.count(where: \.isClosed))
        }
        for number in 1...3 { try journal.attempt(.sample(number)) }
        #expect(try written() == (0, 0))
        #expect(journal.flush())
        #expect(try written() == (3, 3))
        #expect(journal.flush() && journal.endsWaiting == 0)
        // More than fits the buffer: the journal does not wait for anybody.
        var open: [AttemptRecord] = []
        for number in 1...500 {
            var record = AttemptRecord.sample(number)
            try journal.attemptOpened(&record, at: Scene.start)
            open.append(record)
        }
        #expect(try written().attempts > 300)
        #expect(journal.flush())
        #expect(try written() == (503, 3))
        for record in open { journal.attemptClosed(record.completed()) }
        #expect(journal.flush())
        #expect(try written() == (503, 503))
    }

    @Test func whatIsGatheredWhenASegmentEndsIsInIt() throws {
        let journal = try gathering(segmentBytesMax: 100)
        try journal.attempt(.sample(1))
        journal.flush()
        let next = JournalFolder.segmentPath(2, in: JournalFolder.slotPath(0, in: scene.journals))
        symlink("/dev/full", next)
        var refused = AttemptRecord.sample(2)
        #expect(throws: JournalError.writeFailed(errno: ENOSPC)) {
            try journal.attemptOpened(&refused, at: Scene.start)
        }
        #expect(journal.flush() && journal.endsWaiting == 0)
        let attempts = try JournalInspection(folder: scene.journals).slots[0]!.attempts.values
        #expect(attempts.count == 1 && attempts.allSatisfy(\.isClosed))
        #expect(try journal.attempt(.sample(3)).sequence == 2)
        #expect(journal.flush())
    }

    private func gathering(segmentBytesMax: Int = 1 << 30) throws -> Journal {
        var settings = Journal.Settings()
        settings.gathers = true
        settings.segmentBytesMax = segmentBytesMax
        return try Journal(folder: scene.journals, settings: settings, at: Scene.start)
    }

    @Test func everyCloseCanBeForcedToTheDisk() throws {
        var settings = Journal.Settings()
        settings.sync = .everyClose
        let journal = try Journal(folder: scene.journals, settings: settings, at: Scene.start)
        try journal.attempt(.sample())
        #expect(try JournalInspection(folder: scene.journals).slots[0]!.attempts.count == 1)
    }
}
