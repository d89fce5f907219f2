import Units

/// What `tollgate ledger verify` found out.
public struct LedgerVerification: Sendable {
    /// Something that is wrong with the ledger.
    public enum Finding: Equatable, Sendable {
        /// The rows of an hour, key, model and provider do not add up to their rollup.
        case rollupDiffers(hour: Timestamp, keyID: Int64, model: String, provider: String, rows: LedgerSums, LedgerSums)
        /// A key's rollups do not add up to its total.
        case totalDiffers(keyID: Int64, rollups: LedgerSums, total: LedgerSums)
        /// Attempts that were begun, are in no journal, and have no row.
        case gap(slot: Int, after: AttemptID, missing: Int64)
        /// An attempt that the Store is said to have, and has not.
        case missingRow(AttemptID)
        /// Two rows claim the same place in the order of a slot's attempts.
        case doubled(AttemptID, sequence: Int64)
        /// A table holds ids of other days, where the same id can exist a second time.
        case misplaced(table: String)
        /// A table that should be there is not.
        case missingTable(String)
    }

    /// Over all tables that are there.
    public internal(set) var rows: Int64 = 0
    /// Of those rows.
    public internal(set) var cost = NanoUSD.zero
    /// One a day of UTC.
    public internal(set) var tables = 0
    /// Days whose rows retention dropped.
    public internal(set) var droppedTables = 0
    /// Days whose rollups could not be compared because retention dropped rows of theirs.
    public internal(set) var daysNotCompared = 0
    /// Sums of an hour, key, model and provider that were read.
    public internal(set) var rollups = 0
    /// The first hundred.
    public internal(set) var findings: [Finding] = []
    /// All of them, where ``findings`` stops at a hundred.
    public internal(set) var findingCount = 0
    /// Times that a slot's numbering began anew: its journal folder had been deleted.
    public internal(set) var restarts = 0

    /// Attempts in journals that are being written: begun and not ended.
    public internal(set) var openAttempts = 0
    /// Attempts that ended, whose rows are on their way into the Store.
    public internal(set) var waitingAttempts = 0
    /// Attempts in journals of dead processes; the next start of a gateway gives them their rows.
    public internal(set) var unrecoveredAttempts = 0
    /// What is unreadable in the journals; only damaged bytes make the ledger unsound.
    public internal(set) var journalFindings = JournalFindings()

    /// Whether nothing is wrong: every attempt has one row, is open, or is in a journal; and all sums agree.
    public var isSound: Bool { findingCount == 0 && journalFindings.damagedBytes == 0 }

    mutating func add(_ finding: Finding) {
        findingCount += 1
        if findings.count < 100 { findings.append(finding) }
    }
}

extension LedgerVerification: CustomStringConvertible {
    /// A report for the operator's terminal.
    public var description: String {
        var lines = [
            "rows             \(rows) in \(tables) tables, \(droppedTables) dropped by retention",
            "cost             $\(cost)",
            "rollups          \(rollups)" + (daysNotCompared > 0 ? ", \(daysNotCompared) days not compared" : ""),
            """
            in the journals  \(openAttempts) open, \(waitingAttempts) on their way, \
            \(unrecoveredAttempts) of dead processes
            """,
        ]
        if restarts > 0 { lines.append("restarts         \(restarts): a journal folder had been deleted") }
        if journalFindings.tornBytes > 0 {
            lines.append("torn             \(journalFindings.tornBytes) bytes of a record that was never acknowledged")
        }
        if journalFindings.unreadableFrames > 0 {
            lines.append("newer            \(journalFindings.unreadableFrames) records of a newer program")
        }
        if journalFindings.damagedBytes > 0 {
            lines.append("DAMAGED          \(journalFindings.damagedBytes) bytes in journals")
        }
        lines += findings.map { "WRONG            \($0)" }
        if findingCount > findings.count { lines.append("WRONG            and \(findingCount - findings.count) more") }
        lines.append(isSound ? "The ledger is sound." : "The ledger is NOT sound.")
        return lines.joined(separator: "\n")
    }
}

extension LedgerVerification.Finding: CustomStringConvertible {
    public var description: String {
        switch self {
        case .rollupDiffers(let hour, let key, let model, let provider, let rows, let rollup):
            """
            \(hour.text(fractionDigits: 0)) key \(key) \(model)@\(provider): rows have \(rows.attempts) attempts, \
            $\(rows.cost); the rollup has \(rollup.attempts), $\(rollup.cost)
            """
        case .totalDiffers(let key, let rollups, let total):
            """
            key \(key): rollups have \(rollups.attempts) attempts, $\(rollups.cost); the total has \(total.attempts), \
            $\(total.cost)
            """
        case .gap(let slot, let id, let missing): "slot \(slot): \(missing) attempts after \(id) have no row"
        case .missingRow(let id): "\(id) was written to the store and has no row"
        case .doubled(let id, let sequence): "row \(id) repeats number \(sequence) of its slot"
        case .misplaced(let table): "\(table) holds rows of other days"
        case .missingTable(let table): "\(table) is gone and was not dropped by retention"
        }
    }
}
