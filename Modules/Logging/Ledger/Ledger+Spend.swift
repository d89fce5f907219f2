import Store
import Units

extension Ledger {
    /// What the attempts that began in `[from, to)` cost, exactly: whole hours from the rollups, the
    /// rest from the rows.
    ///
    /// A window that is still running is asked for with its end, not with the present time: hours that have no rows yet
    /// cost nothing to sum, a partly covered one is read row by row.
    /// - Parameter keyID: nil for all keys together.
    /// - Returns: `isExact` is false where rows of a partly covered hour are past their retention; then the whole hour
    ///   is counted, so that a budget errs on the side of having been spent.
    public static func spend(
        keyID: Int64? = nil, from: Timestamp? = nil, to: Timestamp? = nil, on database: Database
    ) throws(StoreError) -> LedgerSums {
        if from == nil, to == nil { return try lifetimeSpend(keyID: keyID, on: database) }
        let start = from?.nanosecondsSince1970 ?? 0
        let end = to?.nanosecondsSince1970 ?? Int64.max
        guard start < end else { return LedgerSums() }
        let firstHour = start <= 0 ? 0 : (start - 1) / nanosecondsPerHour + 1
        let lastHour = end / nanosecondsPerHour
        guard firstHour <= lastHour else {
            return try spend(within: lastHour, keyID: keyID, times: start..<end, on: database)
        }
        // Hour 0 is where folded hours are: they lie before any `from` that is given.
        var sums = try rollups(keyID: keyID, hours: (from == nil ? 0 : max(firstHour, 1))..<lastHour, on: database)
        if start < firstHour * nanosecondsPerHour {
            sums += try spend(
                within: firstHour - 1, keyID: keyID, times: start..<firstHour * nanosecondsPerHour, on: database)
        }
        if to != nil, lastHour * nanosecondsPerHour < end {
            sums += try spend(within: lastHour, keyID: keyID, times: lastHour * nanosecondsPerHour..<end, on: database)
        }
        return sums
    }

    /// All that a key, or all keys together, ever cost.
    public static func lifetimeSpend(keyID: Int64? = nil, on database: Database) throws(StoreError) -> LedgerSums {
        let condition = keyID == nil ? "" : " WHERE key_id = ?"
        let values: [(any SQLBindable)?] = keyID.map { [$0] } ?? []
        return try database.first("SELECT \(LedgerSums.ofSums) FROM spend_totals\(condition)", values) { row in
            LedgerSums(row)
        } ?? LedgerSums()
    }

    /// What each key ever cost and when it was last used; keys that never were are missing.
    public static func lifetimeSpendByKey(
        on database: Database
    ) throws(StoreError) -> [Int64: (sums: LedgerSums, lastUsedAt: Timestamp)] {
        var spend: [Int64: (sums: LedgerSums, lastUsedAt: Timestamp)] = [:]
        let columns = LedgerSums.columns.joined(separator: ", ")
        try database.forEach("SELECT key_id, last_started_at, \(columns) FROM spend_totals") { row in
            spend[row.int64(0)] = (LedgerSums(row, from: 2), row.timestamp(1))
        }
        return spend
    }

    /// When a key's last attempt began.
    public static func lastUsed(keyID: Int64, on database: Database) throws(StoreError) -> Timestamp? {
        try database.first("SELECT last_started_at FROM spend_totals WHERE key_id = ?", keyID) { row in row.timestamp(0)
        }
    }

    /// The highest id in the ledger. A new journal begins above it.
    public static func highestID(on database: Database) throws(StoreError) -> AttemptID? {
        for partition in try LedgerPartition.all(on: database).reversed() where partition.isPresent {
            let highest = try database.first("SELECT max(id) FROM \(partition.table)") { row in row.optionalInt64(0) }
            if let highest = highest ?? nil { return AttemptID(rawValue: highest) }
        }
        return nil
    }

    private static func rollups(
        keyID: Int64?, hours: Range<Int64>, on database: Database
    ) throws(StoreError) -> LedgerSums {
        guard !hours.isEmpty else { return LedgerSums() }
        let condition = keyID == nil ? "" : "key_id = ? AND "
        let values: [(any SQLBindable)?] = (keyID.map { [$0] } ?? []) + [hours.lowerBound, hours.upperBound]
        return try database.first(
            "SELECT \(LedgerSums.ofSums) FROM rollup_hourly WHERE \(condition)hour >= ? AND hour < ?", values
        ) { row in LedgerSums(row) } ?? LedgerSums()
    }

    /// Sums a part of one hour from its rows.
    private static func spend(
        within hour: Int64, keyID: Int64?, times: Range<Int64>, on database: Database
    ) throws(StoreError) -> LedgerSums {
        let whole = try rollups(keyID: keyID, hours: hour..<hour + 1, on: database)
        // Mostly there is nothing in it, and the rollup knows.
        guard whole.attempts > 0 else { return whole }
        var sums = LedgerSums()
        for partition in try LedgerPartition.all(on: database) where partition.canHold(startedIn: times) {
            guard !partition.wasDropped else {
                var estimate = whole
                estimate.isExact = false
                return estimate
            }
            guard let ids = partition.ids(startedIn: times) else { continue }
            let condition = keyID == nil ? "" : " AND key_id = ?"
            let values: [(any SQLBindable)?] =
                [ids.lowerBound, ids.upperBound, times.lowerBound, times.upperBound] + (keyID.map { [$0] } ?? [])
            let found = try database.first(
                """
                SELECT \(LedgerSums.ofRows) FROM \(partition.table)
                WHERE id BETWEEN ? AND ? AND started_at >= ? AND started_at < ?\(condition)
                """, values
            ) { row in LedgerSums(row) }
            if let found { sums += found }
        }
        return sums
    }
}
