import Units

/// What changed, for processes that keep rows in memory: written in the transaction that changes the row, read by
/// everyone else a moment later.
///
/// SQLite has one writer at a time, so sequence numbers become visible in order and without gaps: a reader that has
/// seen number n has seen everything up to n.
public enum ChangeFeed {
    /// One row that changed. Says which, not how: the reader reads the row as it is now.
    public struct Change: Equatable, Sendable {
        /// The number of the change: greater is later, and none is used twice.
        public let sequence: Int64
        /// What was changed: the writer's own name for it, `key` of virtual keys for instance.
        public let kind: String
        /// The row's id.
        public let id: Int64
        /// When it was changed.
        public let at: Timestamp
    }

    /// What a reader has to do.
    public enum Answer: Equatable, Sendable {
        /// Changes in order, at most the limit asked for; empty when there is nothing new.
        case changes([Change])
        /// The reader's position is no longer (or not yet) in this feed: read everything again, then go on from
        /// `sequence`, read in the same transaction as the rows.
        case reload(sequence: Int64)
    }

    /// The feed's own table.
    public static let migrations = [
        Migration(
            module: "changes", version: 1, name: "the change feed",
            // AUTOINCREMENT: a number is never used twice, not even after the newest row was trimmed.
            sql: """
                CREATE TABLE changes (
                    seq INTEGER PRIMARY KEY AUTOINCREMENT,
                    kind TEXT NOT NULL,
                    id INTEGER NOT NULL,
                    at INTEGER NOT NULL
                ) STRICT
                """)
    ]

    /// Notes a change, inside the transaction that makes it.
    ///
    /// - Returns: the change's sequence number.
    @discardableResult
    public static func append(
        kind: String, id: Int64, at now: Timestamp, on database: Database
    ) throws(StoreError) -> Int64 {
        try database.execute("INSERT INTO changes (kind, id, at) VALUES (?, ?, ?)", kind, id, now)
        return database.lastInsertedRowID
    }

    /// The newest sequence number given out, 0 if there was none.
    public static func lastSequence(on database: Database) throws(StoreError) -> Int64 {
        try database.first("SELECT seq FROM sqlite_sequence WHERE name = 'changes'") { row in
            row.int64(0)
        } ?? 0
    }

    /// What happened after `sequence`.
    public static func since(
        _ sequence: Int64, limit: Int = 1000, on database: Database
    ) throws(StoreError) -> Answer {
        // Read first: what is not in the feed afterwards although its number was given out before, was trimmed.
        let last = try lastSequence(on: database)
        let changes = try database.query(
            "SELECT seq, kind, id, at FROM changes WHERE seq > ? ORDER BY seq LIMIT ?", sequence, limit
        ) { row in
            Change(sequence: row.int64(0), kind: row.string(1), id: row.int64(2), at: row.timestamp(3))
        }
        // A position before the oldest kept row, or after the newest number: the file is then an older copy.
        let isInFeed = changes.first.map { $0.sequence == sequence + 1 } ?? (last == sequence)
        return isInFeed ? .changes(changes) : .reload(sequence: try lastSequence(on: database))
    }

    /// Removes what is older than `keeping`, but never anything younger than a day.
    ///
    /// - Returns: how many rows were removed.
    @discardableResult
    public static func trim(
        keeping: Duration = .seconds(7 * 86_400), at now: Timestamp, on database: Database
    ) throws(StoreError) -> Int {
        let oldest = now - max(keeping, .seconds(86_400))
        // Only a prefix is removed: the clock may have jumped, and a hole would look like a gap to a reader.
        return try database.execute(
            """
            DELETE FROM changes WHERE seq < coalesce(
                (SELECT seq FROM changes WHERE at >= ? ORDER BY seq LIMIT 1), 9223372036854775807)
            """, oldest)
    }
}
