import Store
import Units

/// The ledger in the Store: what was spent, by whom, on what, exactly.
///
/// - `ledger_YYYYMMDD`: one row per upstream attempt, in the table of the UTC day in its id. Ids carry their time, so
///   the primary key is the only index: a time range is a range of ids. Retention drops whole tables.
/// - `rollup_hourly`: sums of those rows per hour of `started_at`, key, model and provider; written in the same
///   transaction. It also says in which hours a key has rows at all, which is what finds them without an index.
///   Hour 0 holds what was folded together because it was too old to be kept by the hour.
/// - `spend_totals`: sums per key over all time.
/// - `journal_positions`: how far each journal segment is in the ledger.
public enum Ledger {
    /// To be given to `Migrator.run`.
    public static let migrations = [
        Migration(
            module: "ledger", version: 1, name: "partitions, rollups, totals, journal positions",
            sql: """
                CREATE TABLE ledger_partitions (
                    day INTEGER PRIMARY KEY,
                    table_name TEXT NOT NULL UNIQUE,
                    created_at INTEGER NOT NULL,
                    is_present INTEGER NOT NULL DEFAULT 1,
                    dropped_at INTEGER,
                    skew_ms INTEGER NOT NULL DEFAULT 0
                ) STRICT;
                CREATE TABLE rollup_hourly (
                    hour INTEGER NOT NULL,
                    key_id INTEGER NOT NULL,
                    model TEXT NOT NULL,
                    provider TEXT NOT NULL,
                    attempts INTEGER NOT NULL,
                    requests INTEGER NOT NULL,
                    failures INTEGER NOT NULL,
                    input_tokens INTEGER NOT NULL,
                    cached_input_tokens INTEGER NOT NULL,
                    cache_write_tokens INTEGER NOT NULL,
                    output_tokens INTEGER NOT NULL,
                    reasoning_tokens INTEGER NOT NULL,
                    cost_nanos INTEGER NOT NULL,
                    PRIMARY KEY (hour, key_id, model, provider)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX rollup_hourly_key ON rollup_hourly (key_id, hour);
                CREATE TABLE spend_totals (
                    key_id INTEGER PRIMARY KEY,
                    attempts INTEGER NOT NULL,
                    requests INTEGER NOT NULL,
                    failures INTEGER NOT NULL,
                    input_tokens INTEGER NOT NULL,
                    cached_input_tokens INTEGER NOT NULL,
                    cache_write_tokens INTEGER NOT NULL,
                    output_tokens INTEGER NOT NULL,
                    reasoning_tokens INTEGER NOT NULL,
                    cost_nanos INTEGER NOT NULL,
                    last_started_at INTEGER NOT NULL
                ) STRICT;
                CREATE TABLE journal_positions (
                    identity INTEGER PRIMARY KEY,
                    slot INTEGER NOT NULL,
                    segment INTEGER NOT NULL,
                    drained_bytes INTEGER NOT NULL,
                    updated_at INTEGER NOT NULL
                ) STRICT;
                """)
    ]

    /// The columns of a day's table, in the order in which rows are written and read.
    static let columns = [
        "id", "started_at", "key_id", "model", "request_id", "provider", "cost_nanos", "outcome", "attempt", "sequence",
        "flags", "status", "source", "endpoint", "upstream_model", "price", "end_user", "error", "first_byte_at",
        "ended_at",
        "held_nanos", "input_tokens", "cached_input_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens",
        "output_tokens", "reasoning_tokens", "audio_input_tokens", "audio_output_tokens",
    ]

    static func createTable(_ name: String) -> String {
        """
        CREATE TABLE IF NOT EXISTS \(name) (
            id INTEGER PRIMARY KEY,
            started_at INTEGER NOT NULL,
            key_id INTEGER NOT NULL,
            model TEXT NOT NULL,
            request_id TEXT NOT NULL,
            provider TEXT NOT NULL,
            cost_nanos INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            flags INTEGER NOT NULL,
            status INTEGER NOT NULL,
            source TEXT NOT NULL,
            endpoint TEXT NOT NULL,
            upstream_model TEXT NOT NULL,
            price TEXT NOT NULL,
            end_user TEXT,
            error TEXT,
            first_byte_at INTEGER,
            ended_at INTEGER NOT NULL,
            held_nanos INTEGER NOT NULL,
            input_tokens INTEGER NOT NULL,
            cached_input_tokens INTEGER NOT NULL,
            cache_write_5m_tokens INTEGER NOT NULL,
            cache_write_1h_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL,
            reasoning_tokens INTEGER NOT NULL,
            audio_input_tokens INTEGER NOT NULL,
            audio_output_tokens INTEGER NOT NULL
        ) STRICT
        """
    }

    static let nanosecondsPerHour: Int64 = 3_600_000_000_000
    static let millisecondsPerDay: Int64 = 86_400_000
}

/// One day's table, and what is known about it.
struct LedgerPartition {
    /// Days since 1970, UTC.
    let day: Int64
    let table: String
    var isPresent: Bool
    /// Rows of the day may be missing because the table was dropped once.
    var wasDropped: Bool
    /// How far `started_at` and the time in the id differ at most: more than a few ms only after the clock jumped.
    var skewMilliseconds: Int64

    /// All partitions ever made, oldest first.
    static func all(on database: Database) throws(StoreError) -> [LedgerPartition] {
        try database.query(
            "SELECT day, table_name, is_present, dropped_at, skew_ms FROM ledger_partitions ORDER BY day"
        ) { row in
            LedgerPartition(
                day: row.int64(0), table: row.string(1), isPresent: row.bool(2), wasDropped: !row.isNull(3),
                skewMilliseconds: row.int64(4))
        }
    }

    static func tableName(day: Int64) -> String {
        let date = CivilDate(daysSince1970: day)
        let number = String(date.year * 10_000 + date.month * 100 + date.day)
        return "ledger_" + String(repeating: "0", count: max(0, 8 - number.utf8.count)) + number
    }

    /// The ids that rows with `started_at` in `times` can have here; nil when there can be none.
    func ids(startedIn times: Range<Int64>) -> ClosedRange<Int64>? {
        let first = day * Ledger.millisecondsPerDay
        let lowest = max(times.lowerBound.flooredQuotient(by: 1_000_000) - skewMilliseconds, first)
        let highest = min(
            (times.upperBound - 1).flooredQuotient(by: 1_000_000) + skewMilliseconds,
            first + Ledger.millisecondsPerDay - 1)
        guard isPresent, lowest <= highest else { return nil }
        return AttemptID(milliseconds: lowest, slot: 0, counter: 0)
            .rawValue...AttemptID(
                milliseconds: highest, slot: AttemptID.slotsMax - 1, counter: AttemptID.countersPerMillisecond - 1
            ).rawValue
    }

    /// Whether rows with `started_at` in `times` can be, or have been, in this day's table.
    func canHold(startedIn times: Range<Int64>) -> Bool {
        var asIfPresent = self
        asIfPresent.isPresent = true
        return asIfPresent.ids(startedIn: times) != nil
    }
}
