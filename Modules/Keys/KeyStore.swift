import Store
import Units

/// The keys in the store. Every change is one transaction with its entry in the change feed, from which the gateway's
/// `KeyRing` learns of it.
///
/// All functions run on the thread that owns the database.
public enum KeyStore {
    /// The kind of this table's entries in the change feed.
    public static let changeKind = "key"

    /// Come after `ChangeFeed.migrations`.
    public static let migrations = [
        Migration(
            module: "keys", version: 1, name: "virtual keys",
            // `hash` is unique among all keys, deleted ones too: a revoked key never works again.
            sql: """
                CREATE TABLE virtual_keys (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
                    name TEXT NOT NULL,
                    alias TEXT,
                    models TEXT NOT NULL,
                    expires_at INTEGER,
                    blocked INTEGER NOT NULL CHECK (blocked IN (0, 1)),
                    max_budget INTEGER CHECK (max_budget >= 0),
                    budget_duration TEXT,
                    rpm_limit INTEGER CHECK (rpm_limit >= 0),
                    tpm_limit INTEGER CHECK (tpm_limit >= 0),
                    max_parallel_requests INTEGER CHECK (max_parallel_requests >= 0),
                    metadata TEXT NOT NULL,
                    user_id TEXT,
                    team_id TEXT,
                    created_by TEXT,
                    created_at INTEGER NOT NULL,
                    updated_at INTEGER NOT NULL,
                    updated_seq INTEGER NOT NULL,
                    deleted_at INTEGER
                ) STRICT;
                CREATE UNIQUE INDEX virtual_keys_alias ON virtual_keys (alias)
                    WHERE alias IS NOT NULL AND deleted_at IS NULL;
                CREATE INDEX virtual_keys_user ON virtual_keys (user_id) WHERE user_id IS NOT NULL;
                CREATE INDEX virtual_keys_team ON virtual_keys (team_id) WHERE team_id IS NOT NULL;
                """)
    ]

    // MARK: Changes

    /// Makes a key.
    ///
    /// - Throws: `.aliasTaken`, `.keyTaken`, `.invalid`, `.store`.
    public static func create(
        _ draft: KeyDraft, as key: NewKey, createdBy: String? = nil, at now: Timestamp, on database: Database
    ) throws(KeyStoreError) -> VirtualKey {
        try draft.validate()
        guard key.text.withUnsafeBytes({ KeyText.isAcceptable($0) }) else {
            throw .invalid(field: "key", reason: "must be 1 to 256 printable ASCII characters")
        }
        return try change(draft.alias, on: database) {
            try requireObject(draft.metadata, on: database)
            try database.execute(
                """
                INSERT INTO virtual_keys (alias, models, expires_at, blocked, max_budget, budget_duration, rpm_limit,
                    tpm_limit, max_parallel_requests, metadata, user_id, team_id, updated_at,
                    hash, name, created_by, created_at, updated_seq)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
                """, values(of: draft, at: now) + [key.hash.bytes, key.name, createdBy, now])
            return try noted(database.lastInsertedRowID, at: now, on: database)
        }
    }

    /// Edits a key.
    ///
    /// - Throws: `.notFound`, `.aliasTaken`, `.invalid`, `.store`; the key is then as before.
    public static func update(
        _ selector: KeySelector, _ patch: KeyPatch, at now: Timestamp, on database: Database
    ) throws(KeyStoreError) -> VirtualKey {
        var alias: String?
        if case .set(let new) = patch.alias { alias = new }
        return try change(alias, on: database) {
            let key = try require(selector, on: database)
            let draft = patch.applied(to: KeyDraft(key))
            try draft.validate()
            try requireObject(draft.metadata, on: database)
            try database.execute(
                """
                UPDATE virtual_keys SET alias = ?, models = ?, expires_at = ?, blocked = ?, max_budget = ?,
                    budget_duration = ?, rpm_limit = ?, tpm_limit = ?, max_parallel_requests = ?, metadata = ?,
                    user_id = ?, team_id = ?, updated_at = ?
                WHERE id = ?
                """, values(of: draft, at: now) + [key.id])
            return try noted(key.id, at: now, on: database)
        }
    }

    /// Blocks a key: it stays known, and every request with it is refused.
    public static func block(
        _ selector: KeySelector, at now: Timestamp, on database: Database
    ) throws(KeyStoreError) -> VirtualKey {
        var patch = KeyPatch()
        patch.blocked = .set(true)
        return try update(selector, patch, at: now, on: database)
    }

    /// Lets a blocked key in again. One that is deleted stays out: `.notFound`.
    public static func unblock(
        _ selector: KeySelector, at now: Timestamp, on database: Database
    ) throws(KeyStoreError) -> VirtualKey {
        var patch = KeyPatch()
        patch.blocked = .set(false)
        return try update(selector, patch, at: now, on: database)
    }

    /// Takes a key out of use for ever. Its row stays, for reports; its alias is free again.
    public static func delete(
        _ selector: KeySelector, at now: Timestamp, on database: Database
    ) throws(KeyStoreError) -> VirtualKey {
        try change(nil, on: database) {
            let key = try require(selector, on: database)
            try database.execute(
                "UPDATE virtual_keys SET deleted_at = ?, updated_at = ? WHERE id = ?", now, now, key.id)
            return try noted(key.id, at: now, on: database)
        }
    }

    // MARK: Questions

    /// One key, or nil. Deleted keys are found by id and by hash if asked for, never by alias.
    public static func find(
        _ selector: KeySelector, includingDeleted: Bool = false, on database: Database
    ) throws(KeyStoreError) -> VirtualKey? {
        let (condition, value) = selector.condition
        let alive = includingDeleted && !selector.isAlias ? "" : " AND deleted_at IS NULL"
        var pool = SharedTexts()
        do {
            return try database.first(
                "SELECT \(VirtualKey.columns) FROM virtual_keys WHERE \(condition)\(alive)", value
            ) { row in VirtualKey(row, sharing: &pool) }
        } catch {
            throw .store(error)
        }
    }

    /// One page of the keys that pass a filter.
    public static func list(
        _ filter: KeyFilter = KeyFilter(), page: Int = 1, size: Int = 10, on database: Database
    ) throws(KeyStoreError) -> KeyPage {
        guard page >= 1, page <= 1_000_000 else { throw .invalid(field: "page", reason: "must be 1 or more") }
        guard (1...1000).contains(size) else { throw .invalid(field: "size", reason: "must be 1 to 1000") }
        let (condition, values) = filter.condition
        var pool = SharedTexts()
        do {
            let count = try database.first("SELECT count(*) FROM virtual_keys WHERE \(condition)", values) { row in
                row.int(0)
            }
            let keys = try database.query(
                """
                SELECT \(VirtualKey.columns) FROM virtual_keys WHERE \(condition)
                ORDER BY \(filter.order) LIMIT ? OFFSET ?
                """, values + [size, (page - 1) * size]
            ) { row in VirtualKey(row, sharing: &pool) }
            return KeyPage(keys: keys, totalCount: count ?? 0, page: page, size: size)
        } catch {
            throw .store(error)
        }
    }

    // MARK: Inside

    private static func values(of draft: KeyDraft, at now: Timestamp) -> [(any SQLBindable)?] {
        [
            draft.alias, draft.models.joined(separator: "\n"), draft.expires, draft.blocked, draft.maxBudget,
            draft.budgetDuration, draft.rpmLimit, draft.tpmLimit, draft.maxParallelRequests, draft.metadata,
            draft.userID, draft.teamID, now,
        ]
    }

    /// Enters the change in the feed and reads the row back as it now is.
    private static func noted(_ id: Int64, at now: Timestamp, on database: Database) throws -> VirtualKey {
        let sequence = try ChangeFeed.append(kind: changeKind, id: id, at: now, on: database)
        try database.execute("UPDATE virtual_keys SET updated_seq = ? WHERE id = ?", sequence, id)
        guard let key = try find(.id(id), includingDeleted: true, on: database) else { throw KeyStoreError.notFound }
        return key
    }

    /// (Not a CHECK of the table: `trusted_schema = OFF` forbids JSON functions there.)
    private static func requireObject(_ metadata: String, on database: Database) throws {
        if metadata == "{}" { return }
        let isObject = try database.first(
            "SELECT CASE WHEN json_valid(?1) THEN json_type(?1) = 'object' ELSE 0 END", metadata
        ) { $0.bool(0) }
        guard isObject == true else {
            throw KeyStoreError.invalid(field: "metadata", reason: "must be a JSON object")
        }
    }

    private static func require(_ selector: KeySelector, on database: Database) throws(KeyStoreError) -> VirtualKey {
        guard let key = try find(selector, on: database) else { throw .notFound }
        return key
    }

    /// One transaction, its errors told in this module's words.
    private static func change<T>(
        _ alias: String?, on database: Database, _ work: () throws -> T
    ) throws(KeyStoreError) -> T {
        do {
            return try database.transaction(.immediate, work)
        } catch let error as KeyStoreError {
            throw error
        } catch StoreError.constraint(.unique, let detail) {
            throw detail.hasSuffix(".hash") ? .keyTaken : .aliasTaken(alias ?? "")
        } catch let error as StoreError {
            throw .store(error)
        } catch {
            preconditionFailure("a change of a key can only fail as KeyStoreError or StoreError, not \(error)")
        }
    }
}
