/// What was moved from journals into the ledger.
public struct RecoveryReport: Equatable, Sendable {
    /// Rows that were new.
    public var inserted = 0
    /// Of them, attempts that were open when their process died; charged as estimated.
    public var interrupted = 0
    /// Records whose row was there already.
    public var known = 0
    /// Records whose id belongs to another attempt's row; they are not in the ledger.
    public var conflicting = 0
    /// What could not be read.
    public var findings = JournalFindings()
    /// The highest id in the ledger: new journals begin above it.
    public var highestID: AttemptID?

    /// Of nothing moved.
    public init() {}

    mutating func note(_ result: LedgerInserter.Result) {
        switch result {
        case .inserted: inserted += 1
        case .known: known += 1
        case .conflicting: conflicting += 1
        }
    }

    func since(_ earlier: RecoveryReport) -> RecoveryReport {
        var difference = self
        difference.inserted -= earlier.inserted
        difference.interrupted -= earlier.interrupted
        difference.known -= earlier.known
        difference.conflicting -= earlier.conflicting
        difference.findings.damagedBytes -= earlier.findings.damagedBytes
        difference.findings.tornBytes -= earlier.findings.tornBytes
        difference.findings.unreadableFrames -= earlier.findings.unreadableFrames
        return difference
    }

    static func += (left: inout RecoveryReport, right: RecoveryReport) {
        left.inserted += right.inserted
        left.interrupted += right.interrupted
        left.known += right.known
        left.conflicting += right.conflicting
        left.findings += right.findings
    }
}

/// What the ledger's writer has to say to the operator's log.
public enum LedgerEvent: Sendable {
    /// The Store did not take a batch; it is tried again after `retryAfter`, and the journal keeps everything.
    case storeFailed(any Error, retryAfter: Duration)
    /// The Store takes batches again.
    case storeRecovered
    /// So many attempts were open when the process of that slot died; they are charged as estimated.
    case interrupted(slot: Int, attempts: Int)
    /// That slot's journal has records that can't be read; what can be is in the ledger.
    case damagedJournal(slot: Int, JournalFindings)
    /// So many attempts have ids of other attempts' rows and are not in the ledger.
    case conflictingIDs(Int)
}

extension LedgerEvent: CustomStringConvertible {
    public var description: String {
        switch self {
        case .storeFailed(let error, let delay):
            "the ledger cannot be written (\(error)); the journal keeps everything; next try in \(delay)"
        case .storeRecovered: "the ledger is written again"
        case .interrupted(let slot, let attempts):
            "\(attempts) attempts were open when the process of journal slot \(slot) died; charged as estimated"
        case .damagedJournal(let slot, let findings):
            """
            journal slot \(slot): \(findings.damagedBytes) damaged bytes, \(findings.tornBytes) bytes of a torn last \
            record, \(findings.unreadableFrames) records of a newer version
            """
        case .conflictingIDs(let count):
            "\(count) attempts have ids of other attempts and are not in the ledger; was the journal folder deleted?"
        }
    }
}
