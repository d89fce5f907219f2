import Foundation
import Store
import Testing
import Units

@testable import Logging

/// A folder with a journal and a store, deleted at the end of the test.
final class Scene: Sendable {
    let root: String
    var journals: String { root + "/journal" }
    var storePath: String { root + "/tollgate.db" }

    static let start = Timestamp(iso8601: "2026-11-23T13:20:00Z")!

    init() {
        let name = "/tmp/tollgate-logging-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        mkdir(name, 0o700)
        root = name
    }

    deinit { Files.remove(root) }

    func writer(report: @escaping @Sendable (LedgerEvent) -> Void = { _ in }) throws -> LedgerWriter {
        try LedgerWriter(settings: .init(journalFolder: journals, storePath: storePath), report: report)
    }

    func journal(segmentBytesMax: Int = 16 << 20, at now: Timestamp = Scene.start) throws -> Journal {
        var settings = Journal.Settings()
        settings.segmentBytesMax = segmentBytesMax
        return try Journal(folder: journals, settings: settings, at: now)
    }

    /// A journal in a slot that was given up. A child process that another test starts may hold the lock for the
    /// instant before its exec.
    func journal(slot: Int, segmentBytesMax: Int = 16 << 20, at now: Timestamp = Scene.start) throws -> Journal {
        for _ in 0..<1000 {
            let journal = try journal(segmentBytesMax: segmentBytesMax, at: now)
            if journal.slot == slot { return journal }
            usleep(1_000)
        }
        Issue.record("slot \(slot) is not free")
        return try journal(at: now)
    }

    func store() throws -> Database {
        let database = try Database(path: storePath)
        try Migrator.run(Ledger.migrations, on: database)
        return database
    }

    /// All rows, oldest first.
    func rows() throws -> [AttemptRecord] {
        let database = try store()
        return try Ledger.logs(LedgerFilter(), limit: 1_000_000, on: database).rows.reversed()
    }

    func verify() throws -> LedgerVerification { try Ledger.verify(journalFolder: journals, on: try store()) }

    /// Moves what closed journals hold into the store.
    @discardableResult
    func recover() throws -> RecoveryReport { try writer().recover() }

    var segments: [String] {
        JournalFolder.slots(in: journals).flatMap { slot in
            let path = JournalFolder.slotPath(slot, in: journals)
            return JournalFolder.segments(in: path).map { JournalFolder.segmentPath($0, in: path) }
        }
    }
}

extension AttemptRecord {
    /// A record as the gateway has it before sending.
    static func sample(
        _ number: Int = 1, key: Int64 = 1, model: String = "gpt-4o", provider: String = "openai",
        at time: Timestamp = Scene.start, cost: Int64 = 1000
    ) -> AttemptRecord {
        var hex = String(number, radix: 16)
        hex = String(repeating: "0", count: 32 - hex.count) + hex
        var record = AttemptRecord(
            requestID: hex, keyID: key, endpoint: "chat.completions", model: model, provider: provider,
            upstreamModel: model + "-2024", startedAt: time)
        record.cost = NanoUSD(nanos: cost)
        record.held = NanoUSD(nanos: cost * 10)
        record.tokens.input = 100
        record.priceID = "2026-01-01"
        return record
    }

    /// The same record when its answer has come.
    func completed(cost: Int64? = nil, end: AttemptEnd = .complete) -> AttemptRecord {
        var record = self
        record.end = end
        record.source = .provider
        record.status = 200
        record.tokens.output = 50
        record.firstByteAt = startedAt + .milliseconds(20)
        record.endedAt = startedAt + .milliseconds(120)
        if let cost { record.cost = NanoUSD(nanos: cost) }
        return record
    }
}

extension Journal {
    /// Opens and closes one attempt.
    @discardableResult
    func attempt(_ record: AttemptRecord, end: AttemptEnd = .complete) throws -> AttemptRecord {
        var record = record
        try attemptOpened(&record, at: record.startedAt)
        let completed = record.completed(end: end)
        attemptClosed(completed)
        return completed
    }
}

enum Files {
    // Not with `rm` and `cp`: a child process would hold the journals' locks until its exec.
    static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    static func copy(_ from: String, _ to: String) {
        do {
            try FileManager.default.copyItem(atPath: from, toPath: to)
        } catch {
            preconditionFailure("cannot copy \(from): \(error)")
        }
    }

    static func bytes(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var facts = stat()
        fstat(file, &facts)
        var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
        let count = read(file, &bytes, bytes.count)
        return Array(bytes.prefix(max(count, 0)))
    }

    static func write(_ bytes: some Sequence<UInt8>, to path: String) {
        let bytes = Array(bytes)
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        precondition(file >= 0, "cannot write \(path)")
        defer { close(file) }
        precondition(Foundation.write(file, bytes, bytes.count) == bytes.count, "cannot write \(path)")
    }
}
