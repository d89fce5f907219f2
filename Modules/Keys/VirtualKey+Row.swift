import Store
import Units

extension VirtualKey {
    /// The columns in the order in which `init(_:sharing:)` reads them.
    static let columns = """
        id, hash, name, alias, models, expires_at, blocked, max_budget, budget_duration, rpm_limit, tpm_limit, \
        max_parallel_requests, metadata, user_id, team_id, created_by, created_at, updated_at, updated_seq, deleted_at
        """

    convenience init(_ row: Row, sharing pool: inout SharedTexts) {
        self.init(
            id: row.int64(0),
            // The table admits 32 bytes only; a damaged row gets the hash of no key.
            hash: row.withUnsafeBytes(1) { KeyHash(bytes: $0) } ?? KeyHash(words: (0, 0, 0, 0)),
            name: row.string(2),
            alias: row.optionalString(3),
            models: pool.list(row.string(4)),
            expires: row.optionalTimestamp(5),
            blocked: row.bool(6),
            deleted: !row.isNull(19),
            maxBudget: row.optionalMoney(7),
            budgetDuration: row.optionalString(8),
            rpmLimit: row.optionalInt(9),
            tpmLimit: row.optionalInt(10),
            maxParallelRequests: row.optionalInt(11),
            metadata: pool.text(row.string(12)),
            userID: row.optionalString(13).map { pool.text($0) },
            teamID: row.optionalString(14).map { pool.text($0) },
            createdBy: row.optionalString(15).map { pool.text($0) },
            createdAt: row.timestamp(16),
            updatedAt: row.timestamp(17),
            sequence: row.int64(18))
    }
}

/// Lets many keys with the same users, metadata and model lists share one copy of each while they are read.
struct SharedTexts {
    private var texts: Set<String> = []
    private var lists: [String: [String]] = [:]

    mutating func text(_ text: String) -> String {
        // A text of up to 15 bytes needs no memory of its own.
        text.utf8.count <= 15 ? text : texts.insert(text).memberAfterInsert
    }

    /// One name a line; no lines for all models.
    mutating func list(_ lines: String) -> [String] {
        if lines.isEmpty { return [] }
        if let known = lists[lines] { return known }
        let list = lines.split(separator: "\n").map { String($0) }
        lists[lines] = list
        return list
    }
}
