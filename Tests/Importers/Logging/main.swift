import Logging

// One call in the ledger: written down when it opens and when it ends, then moved into the store.
let writer = try LedgerWriter(settings: .init(journalFolder: "journal", storePath: "ledger.db"))
_ = try writer.recover()
let journal = try Journal(folder: "journal", at: .now())
writer.attach(journal.tail)
try writer.start()
var record = AttemptRecord(
    requestID: "0123456789abcdef0123456789abcdef", keyID: 1, endpoint: "chat.completions", model: "gpt-4o",
    provider: "openai", upstreamModel: "gpt-4o", startedAt: .now())
try journal.attemptOpened(&record, at: .now())
record.cost = .init(nanos: 1234)
record.end = .complete
journal.attemptClosed(record)
print("in the store:", writer.flush(timeout: .seconds(5)), writer.lag.records)
writer.stop()
