import Store
import Units

extension Ledger {
    /// Drops the tables of all days before `day`. Their sums stay in the rollups and totals.
    ///
    /// - Parameter now: today's table, and what is newer, is never dropped.
    /// - Returns: how many tables were dropped.
    @discardableResult
    public static func dropPartitions(
        before day: CivilDate, at now: Timestamp, on database: Database
    ) throws -> Int {
        let today = now.secondsSince1970.flooredQuotient(by: 86_400)
        let first = min(day.daysSince1970, today)
        var dropped = 0
        // One transaction a table: the writer gets its turn in between.
        for partition in try LedgerPartition.all(on: database) where partition.isPresent && partition.day < first {
            try database.transaction(.immediate) {
                try database.executeScript("DROP TABLE IF EXISTS \(partition.table)")
                try database.execute(
                    "UPDATE ledger_partitions SET is_present = 0, dropped_at = ? WHERE day = ?", now, partition.day)
            }
            dropped += 1
        }
        return dropped
    }

    /// Folds the hourly rollups of all days before `day` into one sum per key, model and provider: lifetime sums stay
    /// exact, windows that reach back further do not. Days that still have their rows are left as they are.
    ///
    /// - Returns: how many rollups were folded.
    @discardableResult
    public static func foldRollups(before day: CivilDate, on database: Database) throws -> Int {
        let columns = LedgerSums.columns
        return try database.transaction(.immediate) {
            let present = try LedgerPartition.all(on: database).filter(\.isPresent)
            let firstDay = present.map { $0.day - $0.skewMilliseconds / millisecondsPerDay - 1 }.min() ?? .max
            let hour = min(day.daysSince1970, firstDay) * 24
            try database.execute(
                """
                INSERT INTO rollup_hourly (hour, key_id, model, provider, \(columns.joined(separator: ", ")))
                SELECT 0, key_id, model, provider, \(columns.map { "sum(\($0))" }.joined(separator: ", "))
                FROM rollup_hourly WHERE hour > 0 AND hour < ? GROUP BY key_id, model, provider
                ON CONFLICT (hour, key_id, model, provider) DO UPDATE SET
                \(columns.map { "\($0) = \($0) + excluded.\($0)" }.joined(separator: ", "))
                """, hour)
            return try database.execute("DELETE FROM rollup_hourly WHERE hour > 0 AND hour < ?", hour)
        }
    }
}
