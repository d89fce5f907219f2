import Glibc
import Store
import Units

/// Moves journal records into the ledger. Confined to whoever holds ``LedgerWriter``'s lock.
///
/// Why `kill -9` at any instruction neither loses nor doubles a row:
///
/// 1. An attempt is sent only after its open record is in the file, and has ended only when its close record is
///    (``Journal``, rules 1 and 2). A killed process leaves its files as they were.
/// 2. A row is made from a close record, or, where the writing process is dead for certain (its slot's flock is ours),
///    from an open record that has no close: so each attempt that was sent has at least one record that makes a row.
/// 3. The id is the row's primary key in the one table that the id's day names, and rows are only ever inserted where
///    none is: so an attempt has at most one row, however often its records are read.
/// 4. Rows, their rollups and the journal position after them are one transaction, and rollups count only rows that
///    were really inserted: so sums and rows agree after every transaction, and there is nothing between two.
/// 5. A segment is deleted only after the transaction that has its last record, and only when none of its attempts is
///    open: so a record that made no row yet is still in a file. If the process dies before the deletion, the segment
///    is read again, and by 3 changes nothing.
/// 6. A position names its segment by a random identity, so it can't hide records of another file. It keeps 5 true
///    after the retention dropped the table that 3 relies on.
final class LedgerDrain {
    private let folder: String
    private let storePath: String
    private let isDurable: Bool
    private let report: @Sendable (LedgerEvent) -> Void

    private var database: Database?
    private var inserter: LedgerInserter?
    private var wasOpened = false
    private var lastFileCheck = ContinuousClock.now
    private(set) var readers: [SlotReader] = []
    private var forgotten: [Int64] = []
    /// Slots with records of a newer program: read once, and left for that program.
    private var keptSlots: Set<Int> = []
    private(set) var tally = RecoveryReport()
    /// When everything written was last found to be in the Store.
    private(set) var lastLevel = ContinuousClock.now

    init(folder: String, storePath: String, isDurable: Bool, report: @escaping @Sendable (LedgerEvent) -> Void) {
        self.folder = folder
        self.storePath = storePath
        self.isDurable = isDurable
        self.report = report
    }

    // MARK: Readers

    /// Follows a journal of this process, and clears up what an earlier holder of its slot left behind.
    func attach(_ tail: JournalTail) {
        if let first = JournalFolder.segments(in: tail.lock.path).first, first < tail.firstSegment {
            readers.append(SlotReader(.dead(tail.lock, last: tail.firstSegment - 1)))
        }
        readers.append(SlotReader(.live(tail)))
    }

    /// Takes over the slots whose processes are dead and have left something.
    ///
    /// - Parameter patience: how long to try for a slot that is held. An inspection holds it for an instant, and so
    ///   does a child of the dead process that has not come to its exec.
    func adoptDeadSlots(patience: Duration = .zero) {
        let deadline = ContinuousClock.now + patience
        for slot in JournalFolder.slots(in: folder) where !keptSlots.contains(slot) {
            let path = JournalFolder.slotPath(slot, in: folder)
            let segments = JournalFolder.segments(in: path)
            guard let last = segments.last else { continue }
            if segments.count == 1, let file = SegmentFile(last, in: path), file.header != nil,
                file.size == SegmentHeader.bytes
            {
                continue
            }
            var lock = try? SlotLock(slot: slot, in: folder)
            while lock == nil, ContinuousClock.now < deadline {
                usleep(5_000)
                lock = try? SlotLock(slot: slot, in: folder)
            }
            guard let lock else { continue }
            // Read again: the folder may have changed before the lock was ours.
            guard let last = JournalFolder.segments(in: path).last else { continue }
            readers.append(SlotReader(.dead(lock, last: last)))
        }
    }

    /// Opens the Store, brings its schema up to date and asks for the highest id in it.
    func openStore() throws -> AttemptID? {
        let (database, _) = try usableStore()
        return try Ledger.highestID(on: database)
    }

    // MARK: Moving

    /// Moves what is in the journals when it is called; what comes meanwhile is left for the next pass's larger
    /// batches.
    ///
    /// - Returns: whether all of that is in the Store now.
    /// - Throws: what the Store throws; nothing is lost then, and the next call does the same again.
    func pass() throws -> Bool {
        let begin = ContinuousClock.now
        let targets = readers.compactMap { reader in reader.tail.map { (reader: reader, written: $0.written) } }
        while true {
            let found = try fill()
            if found { try storeBatches() }
            for reader in readers {
                noteFindings(of: reader)
                reader.becomeDeadIfEnded()
            }
            try finishDeadSlots()
            deleteDrainedSegments()
            let isLevel = targets.allSatisfy { $0.reader.isPast($0.written) } && !readers.contains(where: \.isDead)
            if isLevel { lastLevel = begin }
            if isLevel || !found { return isLevel }
        }
    }

    private func fill() throws -> Bool {
        var found = false
        for reader in readers {
            while true {
                if try reader.fill() {
                    found = true
                    break
                }
                guard let identity = reader.openNextSegment() else { break }
                // A journal of this process began with segments of its own, of which the Store can know nothing.
                if reader.isDead, let position = try position(of: identity) { reader.skip(to: position) }
            }
        }
        return found
    }

    private func storeBatches() throws {
        guard readers.contains(where: { $0.frames.contains { $0.kind == .close } }) else {
            for reader in readers { reader.commit() }
            return
        }
        var batch = RecoveryReport()
        try inTransaction { database, inserter in
            batch = RecoveryReport()
            for reader in readers {
                for frame in reader.frames where frame.kind == .close && frame.offset >= reader.drainedBytes {
                    batch.note(try inserter.insert(frame.view))
                }
                if !reader.frames.isEmpty { try setPosition(reader.batchEnd, of: reader, on: database) }
            }
        }
        if batch.conflicting > 0 { report(.conflictingIDs(batch.conflicting)) }
        tally += batch
        for reader in readers { reader.commit() }
    }

    private func noteFindings(of reader: SlotReader) {
        let findings = reader.takeFindings()
        guard findings != JournalFindings() else { return }
        tally.findings += findings
        report(.damagedJournal(slot: reader.slot, findings))
    }

    private func finishDeadSlots() throws {
        for (index, reader) in readers.enumerated().reversed() where reader.isAtEnd {
            try interruptOpenAttempts(of: reader)
            forgotten += reader.deleteEverything(at: .now())
            if reader.isKept { keptSlots.insert(reader.slot) }
            readers.remove(at: index)
        }
    }

    /// Rule 2: what was open when its process died is charged as estimated.
    private func interruptOpenAttempts(of reader: SlotReader) throws {
        let identities = reader.segmentIdentities.filter { $0.identity != 0 }
        guard !reader.openAttempts.isEmpty || !identities.isEmpty else { return }
        var batch = RecoveryReport()
        try inTransaction { database, inserter in
            batch = RecoveryReport()
            for (_, place) in reader.openAttempts.sorted(by: { $0.key < $1.key }) {
                let result = try reader.withOpenRecord(at: place) { frame in
                    try inserter.insert(frame, interruptedAt: reader.lastWrittenAt.nanosecondsSince1970)
                }
                batch.note(result)
                if result == .inserted { batch.interrupted += 1 }
            }
            for (segment, identity) in identities {
                try setPosition(.max, identity: identity, slot: reader.slot, segment: segment, on: database)
            }
        }
        if batch.conflicting > 0 { report(.conflictingIDs(batch.conflicting)) }
        if batch.interrupted > 0 { report(.interrupted(slot: reader.slot, attempts: batch.interrupted)) }
        tally += batch
    }

    private func deleteDrainedSegments() {
        for reader in readers { forgotten += reader.deleteDrainedSegments() }
    }

    // MARK: The Store

    private func inTransaction(_ body: (Database, LedgerInserter) throws -> Void) throws {
        let (database, inserter) = try usableStore()
        do {
            try database.transaction(.immediate) {
                inserter.begin()
                try body(database, inserter)
                try inserter.finish(at: .now())
                for identity in forgotten {
                    try database.execute("DELETE FROM journal_positions WHERE identity = ?", identity)
                }
            }
            forgotten.removeAll()
        } catch {
            if database.isBroken { close() }
            throw error
        }
    }

    /// Lets the Store forget the positions of deleted segments, which otherwise the next batch does. Losing the chance
    /// costs a row that means nothing.
    func forgetDeletedSegments() {
        guard !forgotten.isEmpty else { return }
        try? inTransaction { _, _ in }
    }

    private func position(of identity: Int64) throws -> Int64? {
        guard identity != 0 else { return nil }
        let (database, _) = try usableStore()
        return try database.first("SELECT drained_bytes FROM journal_positions WHERE identity = ?", identity) { row in
            row.int64(0)
        }
    }

    private func setPosition(_ bytes: Int, of reader: SlotReader, on database: Database) throws {
        guard reader.identity != 0 else { return }
        try setPosition(
            Int64(max(bytes, reader.drainedBytes)), identity: reader.identity, slot: reader.slot,
            segment: reader.segment, on: database)
    }

    private func setPosition(
        _ bytes: Int64, identity: Int64, slot: Int, segment: UInt32, on database: Database
    ) throws {
        try database.execute(
            """
            INSERT INTO journal_positions (identity, slot, segment, drained_bytes, updated_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (identity) DO UPDATE
            SET drained_bytes = excluded.drained_bytes, updated_at = excluded.updated_at
            """, identity, slot, Int64(segment), bytes, Timestamp.now())
    }

    private func usableStore() throws -> (Database, LedgerInserter) {
        if let database, let inserter, !fileWasReplaced(database) { return (database, inserter) }
        close()
        // A file that was there and is gone is an error, not a reason to begin an empty one.
        let opened = try Database(path: storePath, mode: wasOpened ? .readWrite : .readWriteCreate)
        // A journal that is forced to the disk may be deleted only when its rows are there too.
        if isDurable { try opened.executeScript("PRAGMA synchronous = FULL") }
        try Migrator.run(Ledger.migrations, on: opened)
        let inserter = LedgerInserter(on: opened)
        self.inserter = inserter
        database = opened
        wasOpened = true
        return (opened, inserter)
    }

    private func fileWasReplaced(_ database: Database) -> Bool {
        let now = ContinuousClock.now
        guard now - lastFileCheck >= .milliseconds(500) else { return false }
        lastFileCheck = now
        return database.fileHasMoved
    }

    func close() {
        inserter = nil
        database = nil
    }
}
