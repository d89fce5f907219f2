import Glibc
import JSONText
import Logging
import Units

/// The gateway's own few lines: a constant message, facts as fields, JSON on standard error.
enum Log {
    static func line(_ message: StaticString, _ facts: KeyValuePairs<StaticString, String>) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("time", Timestamp.now().description)
        writer.key("message")
        writer.string(message)
        for (name, value) in facts { writer.member(name, value) }
        writer.endObject()
        let bytes = writer.bytes + [10]
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }

    static func ledger(_ event: LedgerEvent) {
        line("ledger", ["event": "\(event)"])
    }
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
