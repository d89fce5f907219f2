import Logging
import ServerProcess

extension Log {
    static func ledger(_ event: LedgerEvent) { line("ledger", ["event": "\(event)"]) }
}

extension Metrics {
    /// Counts what the ledger's writer reports.
    func count(_ event: LedgerEvent) {
        switch event {
        case .storeFailed: add(to: .ledgerStoreFailures)
        case .interrupted(_, let attempts): add(attempts, to: .attemptsInterrupted)
        case .conflictingIDs(let count): add(count, to: .attemptIDConflicts)
        case .storeRecovered, .damagedJournal: break
        }
    }
}
