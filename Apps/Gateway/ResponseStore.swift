import JSONText
import Store
import Units
import WireFormats

/// What `/v1/responses` answered, kept for `previous_response_id` and `GET /v1/responses/{id}`.
///
/// Rules:
/// 1. A response belongs to the key that asked for it; to every other key it does not exist, whoever keeps it. The
///    master key is a key as any other here, with the id 0.
/// 2. Where the provider keeps it itself (it speaks Responses), only where it is is noted; else the whole conversation is
///    kept. `store: false` keeps nothing.
/// 3. What is kept goes into the queue of the store's thread before the client has the answer's end, and look-ups go
///    through the same queue: a request that follows at once finds it.
/// 4. It is gone after `gateway.stored_responses`.
enum ResponseStore {
    static let migrations = [
        Migration(
            module: "responses", version: 1, name: "stored responses",
            sql: """
                CREATE TABLE stored_responses (
                    id TEXT PRIMARY KEY,
                    key_id INTEGER NOT NULL,
                    provider TEXT,
                    model TEXT NOT NULL,
                    document TEXT,
                    created_at INTEGER NOT NULL,
                    expires_at INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX stored_responses_expiry ON stored_responses (expires_at);
                """)
    ]

    struct Entry: Sendable {
        var id: String
        var keyID: Int64
        /// Who keeps it; nil: we do, in ``document``.
        var provider: String?
        /// The client's name for the model.
        var model: String
        var document: JSON?
        var expiresAt: Timestamp
    }

    /// Conversations longer than this are not followed back any further.
    static let chainMax = 1000

    static func keep(_ entry: Entry, at now: Timestamp, on database: Database) throws(StoreError) {
        try database.execute(
            """
            INSERT OR REPLACE INTO stored_responses (id, key_id, provider, model, document, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, entry.id, entry.keyID, entry.provider, entry.model, entry.document?.text, now, entry.expiresAt)
    }

    static func find(
        _ id: String, of keyID: Int64, at now: Timestamp, on database: Database
    ) throws(StoreError) -> Entry? {
        try database.first(
            """
            SELECT provider, model, document, expires_at FROM stored_responses
            WHERE id = ? AND key_id = ? AND expires_at > ?
            """, id, keyID, now
        ) { row in
            Entry(
                id: id, keyID: keyID, provider: row.optionalString(0), model: row.string(1),
                document: row.optionalString(2).flatMap { try? JSON.read($0, maxDepth: JSON.ownDepth) },
                expiresAt: row.timestamp(3))
        }
    }

    /// A response and those before it, the oldest first. Ends where one is missing or kept elsewhere.
    static func chain(
        to id: String, of keyID: Int64, at now: Timestamp, on database: Database
    ) throws(StoreError) -> [Entry] {
        var entries: [Entry] = []
        var next: String? = id
        while let id = next, entries.count < chainMax {
            guard let entry = try find(id, of: keyID, at: now, on: database) else { break }
            entries.append(entry)
            next = entry.document?["previous_id"]?.string
        }
        return entries.reversed()
    }

    static func delete(_ id: String, of keyID: Int64, on database: Database) throws(StoreError) -> Bool {
        try database.execute("DELETE FROM stored_responses WHERE id = ? AND key_id = ?", id, keyID) > 0
    }

    /// In pieces, so that the store's thread is never long away.
    static func dropExpired(at now: Timestamp, on database: Database) throws(StoreError) -> Int {
        try database.execute(
            """
            DELETE FROM stored_responses WHERE id IN
                (SELECT id FROM stored_responses WHERE expires_at <= ? ORDER BY expires_at LIMIT 1000)
            """, now)
    }
}
