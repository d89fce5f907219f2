import Glibc
import Store
import Units

/// Puts journal records into the ledger: rows one by one, their rollups summed up in memory and written once a batch.
///
/// Used within a transaction: ``begin()``, ``insert(_:interruptedAt:)`` for each, ``finish(at:)``. Only a row that was
/// really inserted counts towards the rollups, so a record that comes a second time changes nothing at all.
final class LedgerInserter {
    enum Result {
        case inserted
        /// The row was there already, as happens when a journal is read again.
        case known
        /// Another attempt's row has this id. Can only be if a journal folder was deleted while the clock was set back.
        case conflicting
    }

    private struct RollupKey: Hashable {
        var hour: Int64
        var keyID: Int64
        var model: Int32
        var provider: Int32
    }

    private struct Total {
        var sums = LedgerSums()
        var lastStartedAt = Int64.min
    }

    private struct Partition {
        let statement: Statement
        let table: String
        let skewStored: Int64
        var skewSeen: Int64 = 0
    }

    private let database: Database
    private var partitions: [Int64: Partition] = [:]
    private var rollups: [RollupKey: LedgerSums] = [:]
    private var totals: [Int64: Total] = [:]
    private var names = NameTable()
    // Rows come in runs of the same day, hour, key, model and provider: the run is summed here and added when it ends.
    private var run: RollupKey?
    private var runTotal = Total()

    init(on database: Database) { self.database = database }

    /// Forgets what an earlier batch that was rolled back has left.
    func begin() {
        partitions.removeAll(keepingCapacity: true)
        rollups.removeAll(keepingCapacity: true)
        totals.removeAll(keepingCapacity: true)
        run = nil
        if names.count > 10_000 { names = NameTable() }
    }

    /// - Parameter interruptedAt: for an open record without a close: when its process was last alive.
    func insert(_ frame: JournalFrameView, interruptedAt: Int64? = nil) throws(StoreError) -> Result {
        let day = frame.id.day
        if partitions[day] == nil { partitions[day] = try makePartition(day) }
        let end = interruptedAt == nil ? frame.end : .interrupted
        guard try partitions[day]!.statement.run(binding: { bind(frame, end, interruptedAt, to: $0) }) == 1 else {
            return try isSame(frame, as: partitions[day]!.table) ? .known : .conflicting
        }
        let skew = abs(frame.id.millisecondsSince1970 - frame.startedAt.flooredQuotient(by: 1_000_000))
        if skew > partitions[day]!.skewSeen { partitions[day]!.skewSeen = skew }
        count(frame, end)
        return .inserted
    }

    /// Writes the batch's rollups.
    func finish(at now: Timestamp) throws(StoreError) {
        endRun()
        for (day, partition) in partitions where partition.skewSeen > partition.skewStored {
            try database.execute("UPDATE ledger_partitions SET skew_ms = ? WHERE day = ?", partition.skewSeen, day)
        }
        if !rollups.isEmpty {
            let upsert = try database.prepare(Self.rollupUpsert)
            for (key, sums) in rollups {
                try upsert.run(binding: { row in
                    row.integer(key.hour, at: 1)
                    row.integer(key.keyID, at: 2)
                    row.text(names[key.model], at: 3)
                    row.text(names[key.provider], at: 4)
                    sums.bind(to: row, from: 5)
                })
            }
        }
        if !totals.isEmpty {
            let upsert = try database.prepare(Self.totalUpsert)
            for (keyID, total) in totals {
                try upsert.run(binding: { row in
                    row.integer(keyID, at: 1)
                    total.sums.bind(to: row, from: 2)
                    row.integer(total.lastStartedAt, at: 11)
                })
            }
        }
    }

    // MARK: Rows

    /// Binds a frame's fields in place, in the order of ``Ledger/columns``.
    private func bind(
        _ frame: JournalFrameView, _ end: AttemptEnd, _ interruptedAt: Int64?, to row: StatementBindings
    ) {
        row.integer(frame.id.rawValue, at: 1)
        row.integer(frame.startedAt, at: 2)
        row.integer(frame.keyID, at: 3)
        row.integer(frame.cost, at: 7)
        row.text(end.word, at: 8)
        row.integer(frame.attemptNumber, at: 9)
        row.integer(frame.sequence, at: 10)
        row.integer(Int64(frame.flags.rawValue), at: 11)
        row.integer(frame.status, at: 12)
        row.text((interruptedAt == nil ? frame.source : .estimated).word, at: 13)
        if let time = frame.firstByteAt { row.integer(time, at: 19) }
        row.integer(interruptedAt.map { max($0, frame.startedAt) } ?? frame.endedAt, at: 20)
        row.integer(frame.held, at: 21)
        for index in 0..<8 { row.integer(frame.tokens(index), at: Int32(22 + index)) }
        frame.forEachText { name, utf8 in
            if let utf8 {
                row.text(utf8, at: Self.place(of: name))
            } else if name < JournalFrameView.Text.user.rawValue {
                row.text("", at: Self.place(of: name))
            }
        }
    }

    /// Where a frame's texts go: request id, endpoint, model, provider, upstream model, price, end user, error.
    private static func place(of text: Int) -> Int32 {
        switch text {
        case 0: 5
        case 1: 14
        case 2: 4
        case 3: 6
        case 4: 15
        case 5: 16
        case 6: 17
        default: 18
        }
    }

    private func isSame(_ frame: JournalFrameView, as table: String) throws(StoreError) -> Bool {
        let record = frame.record()
        let found = try database.first(
            "SELECT request_id = ? AND attempt = ? FROM \(table) WHERE id = ?", record.requestID, record.attemptNumber,
            record.id.rawValue
        ) { row in row.bool(0) }
        return found ?? false
    }

    private func makePartition(_ day: Int64) throws(StoreError) -> Partition {
        let table = LedgerPartition.tableName(day: day)
        let known = try database.first("SELECT is_present, skew_ms FROM ledger_partitions WHERE day = ?", day) { row in
            (isPresent: row.bool(0), skew: row.int64(1))
        }
        if known?.isPresent != true {
            try database.executeScript(Ledger.createTable(table))
            try database.execute(
                """
                INSERT INTO ledger_partitions (day, table_name, created_at) VALUES (?, ?, unixepoch() * 1000000000)
                ON CONFLICT (day) DO UPDATE SET is_present = 1
                """, day, table)
        }
        let places = Array(repeating: "?", count: Ledger.columns.count).joined(separator: ", ")
        let statement = try database.prepare(
            "INSERT OR IGNORE INTO \(table) (\(Ledger.columns.joined(separator: ", "))) VALUES (\(places))")
        return Partition(statement: statement, table: table, skewStored: known?.skew ?? 0)
    }

    // MARK: Sums

    private func count(_ frame: JournalFrameView, _ end: AttemptEnd) {
        let key = RollupKey(
            hour: frame.startedAt.flooredQuotient(by: Ledger.nanosecondsPerHour), keyID: frame.keyID,
            model: names.model(of: frame), provider: names.provider(of: frame))
        if key != run {
            endRun()
            run = key
        }
        runTotal.sums.add(frame, end: end)
        runTotal.lastStartedAt = max(runTotal.lastStartedAt, frame.startedAt)
    }

    private func endRun() {
        if let run {
            rollups[run, default: LedgerSums()] += runTotal.sums
            totals[run.keyID, default: Total()].sums += runTotal.sums
            totals[run.keyID]!.lastStartedAt = max(totals[run.keyID]!.lastStartedAt, runTotal.lastStartedAt)
        }
        run = nil
        runTotal = Total()
    }

    private static let rollupUpsert = upsert(
        into: "rollup_hourly", key: ["hour", "key_id", "model", "provider"], others: [])
    private static let totalUpsert = upsert(into: "spend_totals", key: ["key_id"], others: ["last_started_at"])

    /// - Parameter others: columns that keep the greater value instead of the sum.
    private static func upsert(into table: String, key: [String], others: [String]) -> String {
        let columns = key + LedgerSums.columns + others
        let places = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        let sums = LedgerSums.columns.map { "\($0) = \($0) + excluded.\($0)" }
        let greatest = others.map { "\($0) = max(\($0), excluded.\($0))" }
        return """
            INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(places))
            ON CONFLICT (\(key.joined(separator: ", "))) DO UPDATE SET \((sums + greatest).joined(separator: ", "))
            """
    }
}

/// Small numbers for model and provider names, so that rollups are keyed by integers.
private final class NameTable {
    /// The name seen last, which is mostly the one that comes next.
    private struct Last {
        var utf8 = UnsafeRawBufferPointer(start: nil, count: 0)
        var number: Int32 = -1
    }

    private var numbers: [String: Int32] = [:]
    /// Each name's UTF-8, owned by the table, so that it can be bound in place.
    private var texts: [UnsafeRawBufferPointer] = []
    private var lastModel = Last()
    private var lastProvider = Last()

    deinit { for text in texts { text.deallocate() } }

    var count: Int { texts.count }

    /// Valid as long as the table.
    subscript(number: Int32) -> UnsafeRawBufferPointer { texts[Int(number)] }

    func model(of frame: JournalFrameView) -> Int32 { number(of: frame.text(.model), last: &lastModel) }
    func provider(of frame: JournalFrameView) -> Int32 { number(of: frame.text(.provider), last: &lastProvider) }

    private func number(of text: UnsafeRawBufferPointer?, last: inout Last) -> Int32 {
        let text = text ?? UnsafeRawBufferPointer(start: nil, count: 0)
        if last.number >= 0, text.count == last.utf8.count,
            text.isEmpty || memcmp(text.baseAddress!, last.utf8.baseAddress!, text.count) == 0
        {
            return last.number
        }
        let number = number(of: String(decoding: text, as: UTF8.self), utf8: text)
        last = Last(utf8: texts[Int(number)], number: number)
        return number
    }

    private func number(of name: String, utf8: UnsafeRawBufferPointer) -> Int32 {
        if let known = numbers[name] { return known }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: utf8.count, alignment: 1)
        copy.copyMemory(from: utf8)
        numbers[name] = Int32(texts.count)
        texts.append(UnsafeRawBufferPointer(copy))
        return Int32(texts.count - 1)
    }
}
