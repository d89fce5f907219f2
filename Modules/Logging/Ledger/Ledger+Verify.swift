import Store
import Units

extension Ledger {
    /// Reads every row and every rollup and compares: sums, gaps, doubles; and the journals for what is not in the
    /// ledger yet. Changes nothing; may run beside a gateway.
    public static func verify(journalFolder: String?, on database: Database) throws -> LedgerVerification {
        // First the journals: what is in them now is then in the snapshot, or is known to be on its way.
        let journals = try journalFolder.map { folder throws(JournalError) in try JournalInspection(folder: folder) }
        return try database.transaction(.deferred) {
            let verifier = LedgerVerifier(database, journals)
            try verifier.run()
            return verifier.result
        }
    }
}

/// One run of ``Ledger/verify(journalFolder:on:)``.
private final class LedgerVerifier {
    private struct Group: Hashable {
        let hour: Int64
        let keyID: Int64
        let model: String
        let provider: String
        var day: Int64 { hour / 24 }
    }

    private let database: Database
    private let journals: JournalInspection?
    private var partitions: [LedgerPartition] = []
    private var partitionsRead = 0
    private var groups: [Group: LedgerSums] = [:]
    private var lastOfSlot: [(sequence: Int64, id: Int64)?] = Array(repeating: nil, count: AttemptID.slotsMax)
    /// Per slot, the sequences that are in a journal and not in the ledger.
    private var pending: [Int: Set<Int64>] = [:]
    private(set) var result = LedgerVerification()

    init(_ database: Database, _ journals: JournalInspection?) {
        self.database = database
        self.journals = journals
    }

    func run() throws(StoreError) {
        partitions = try LedgerPartition.all(on: database)
        try checkTables()
        try readJournals()
        for day in try days() {
            try readPartitions(thatCanHold: day)
            try compareRollups(of: day)
        }
        while partitionsRead < partitions.count { try readNextPartition() }
        for (group, sums) in groups { differs(group, sums, LedgerSums()) }
        try compareTotals()
    }

    // MARK: Journals

    private func readJournals() throws(StoreError) {
        var drained: [Int64: Int64] = [:]
        try database.forEach("SELECT identity, drained_bytes FROM journal_positions") { row in
            drained[row.int64(0)] = row.int64(1)
        }
        for (number, slot) in journals?.slots ?? [:] {
            result.journalFindings += slot.findings
            for attempt in slot.attempts.values where !(try hasRow(attempt.id)) {
                pending[number, default: []].insert(attempt.sequence)
                if let close = attempt.close, close.offset < drained[close.segmentIdentity] ?? 0 {
                    result.add(.missingRow(attempt.id))
                } else if !slot.isHeld {
                    result.unrecoveredAttempts += 1
                } else if attempt.isClosed {
                    result.waitingAttempts += 1
                } else {
                    result.openAttempts += 1
                }
            }
        }
    }

    private func hasRow(_ id: AttemptID) throws(StoreError) -> Bool {
        guard let partition = partitions.first(where: { $0.day == id.day }) else { return false }
        // If its row was there, retention dropped it.
        guard partition.isPresent, !partition.wasDropped else { return true }
        return try database.first("SELECT 1 FROM \(partition.table) WHERE id = ?", id.rawValue) { row in row.int64(0) }
            != nil
    }

    // MARK: Rows

    private func checkTables() throws(StoreError) {
        let tables = Set(try database.query("SELECT name FROM sqlite_schema WHERE type = 'table'") { $0.string(0) })
        for index in partitions.indices {
            if partitions[index].wasDropped { result.droppedTables += 1 }
            if partitions[index].isPresent, !tables.contains(partitions[index].table) {
                result.add(.missingTable(partitions[index].table))
                partitions[index].isPresent = false
            }
        }
    }

    private func days() throws(StoreError) -> [Int64] {
        let ofRollups = try database.query("SELECT DISTINCT hour / 24 FROM rollup_hourly WHERE hour > 0") { row in
            row.int64(0)
        }
        return Set(ofRollups).union(partitions.map(\.day)).sorted()
    }

    private func readPartitions(thatCanHold day: Int64) throws(StoreError) {
        let last = partitions.lastIndex { $0.canHold(startedIn: times(of: day)) } ?? -1
        while partitionsRead <= last { try readNextPartition() }
    }

    private func readNextPartition() throws(StoreError) {
        let partition = partitions[partitionsRead]
        partitionsRead += 1
        // Where rows are gone on purpose, what follows is no gap.
        if partition.wasDropped { lastOfSlot = Array(repeating: nil, count: AttemptID.slotsMax) }
        guard partition.isPresent else { return }
        result.tables += 1
        var isMisplaced = false
        try database.forEach(
            """
            SELECT id, sequence, started_at, key_id, model, provider, 1, attempt = 1, \(LedgerSums.isFailure),
            input_tokens, cached_input_tokens, cache_write_5m_tokens + cache_write_1h_tokens, output_tokens,
            reasoning_tokens, cost_nanos FROM \(partition.table) ORDER BY id
            """
        ) { row in
            let id = AttemptID(rawValue: row.int64(0))
            if id.day != partition.day { isMisplaced = true }
            let sums = LedgerSums(row, from: 6)
            let group = Group(
                hour: row.int64(2).flooredQuotient(by: Ledger.nanosecondsPerHour), keyID: row.int64(3),
                model: row.string(4), provider: row.string(5))
            groups[group, default: LedgerSums()] += sums
            result.rows += 1
            result.cost += sums.cost
            checkOrder(id, row.int64(1))
        }
        if isMisplaced { result.add(.misplaced(table: partition.table)) }
    }

    /// Ids and sequences of a slot grow together, the sequence by one each time.
    private func checkOrder(_ id: AttemptID, _ sequence: Int64) {
        let slot = id.slot
        defer { lastOfSlot[slot] = (sequence, id.rawValue) }
        guard let last = lastOfSlot[slot] else { return }
        if sequence == last.sequence + 1 { return }
        if sequence == 1 {
            result.restarts += 1
        } else if sequence <= last.sequence {
            result.add(.doubled(id, sequence: sequence))
        } else if isCoveredByJournal(id) {
            let missing = (last.sequence + 1..<sequence).count { pending[slot]?.contains($0) != true }
            if missing > 0 {
                result.add(.gap(slot: slot, after: AttemptID(rawValue: last.id), missing: Int64(missing)))
            }
        }
    }

    /// Attempts that began after the journal was read may be missing without being lost.
    private func isCoveredByJournal(_ id: AttemptID) -> Bool {
        guard let slot = journals?.slots[id.slot], slot.isHeld else { return true }
        return slot.highestID.map { id <= $0 } ?? false
    }

    // MARK: Sums

    private func times(of day: Int64) -> Range<Int64> {
        day * 24 * Ledger.nanosecondsPerHour..<(day + 1) * 24 * Ledger.nanosecondsPerHour
    }

    private func compareRollups(of day: Int64) throws(StoreError) {
        let isComparable = !partitions.contains { $0.wasDropped && $0.canHold(startedIn: times(of: day)) }
        if !isComparable { result.daysNotCompared += 1 }
        try database.forEach(
            """
            SELECT hour, key_id, model, provider, \(LedgerSums.columns.joined(separator: ", "))
            FROM rollup_hourly WHERE hour >= ? AND hour < ?
            """, max(day * 24, 1), (day + 1) * 24
        ) { row in
            let group = Group(hour: row.int64(0), keyID: row.int64(1), model: row.string(2), provider: row.string(3))
            let rollup = LedgerSums(row, from: 4)
            result.rollups += 1
            let rows = groups.removeValue(forKey: group) ?? LedgerSums()
            if isComparable, rows != rollup { differs(group, rows, rollup) }
        }
        // What is left of the day has rows and no rollup; of days folded together nothing else can be expected.
        let left = groups.filter { $0.key.day == day }
        for (group, sums) in left {
            groups[group] = nil
            if isComparable { differs(group, sums, LedgerSums()) }
        }
    }

    private func differs(_ group: Group, _ rows: LedgerSums, _ rollup: LedgerSums) {
        result.add(
            .rollupDiffers(
                hour: Timestamp(secondsSince1970: group.hour * 3600), keyID: group.keyID, model: group.model,
                provider: group.provider, rows: rows, rollup))
    }

    private func compareTotals() throws(StoreError) {
        var totals: [Int64: LedgerSums] = [:]
        try database.forEach("SELECT key_id, \(LedgerSums.columns.joined(separator: ", ")) FROM spend_totals") { row in
            totals[row.int64(0)] = LedgerSums(row, from: 1)
        }
        try database.forEach("SELECT key_id, \(LedgerSums.ofSums) FROM rollup_hourly GROUP BY key_id") { row in
            let key = row.int64(0)
            let rollups = LedgerSums(row, from: 1)
            let total = totals.removeValue(forKey: key) ?? LedgerSums()
            if rollups != total { result.add(.totalDiffers(keyID: key, rollups: rollups, total: total)) }
        }
        for (key, total) in totals where total != LedgerSums() {
            result.add(.totalDiffers(keyID: key, rollups: LedgerSums(), total: total))
        }
    }
}
