import Store
import Units

/// Which rows of the ledger are wanted; what is nil does not matter.
public struct LedgerFilter: Equatable, Sendable {
    /// The virtual key's row id.
    public var keyID: Int64?
    /// The id that nginx gave a client's request: all its attempts.
    public var requestID: String?
    /// The public name, or the provider's own.
    public var model: String?
    /// The configured name.
    public var provider: String?
    /// Attempts that began at or after this.
    public var from: Timestamp?
    /// Attempts that began before this.
    public var to: Timestamp?
    /// How the attempts ended.
    public var end: AttemptEnd?

    /// Without arguments: all rows.
    public init(
        keyID: Int64? = nil, requestID: String? = nil, model: String? = nil, provider: String? = nil,
        from: Timestamp? = nil, to: Timestamp? = nil, end: AttemptEnd? = nil
    ) {
        self.keyID = keyID
        self.requestID = requestID
        self.model = model
        self.provider = provider
        self.from = from
        self.to = to
        self.end = end
    }

    var times: Range<Int64> {
        let start = max(from?.nanosecondsSince1970 ?? 0, 0)
        return start..<max(start, to?.nanosecondsSince1970 ?? Int64.max)
    }

    /// The condition on a row, and its values.
    var condition: (sql: String, values: [(any SQLBindable)?]) {
        var parts: [String] = []
        var values: [(any SQLBindable)?] = []
        func add(_ column: String, _ value: (any SQLBindable)?) {
            guard let value else { return }
            parts.append("\(column) ?")
            values.append(value)
        }
        add("key_id =", keyID)
        add("request_id =", requestID)
        if let model {
            parts.append("(model = ? OR upstream_model = ?)")
            values += [model, model]
        }
        add("provider =", provider)
        add("started_at >=", from)
        add("started_at <", to)
        add("outcome =", end?.description)
        return (parts.map { " AND " + $0 }.joined(), values)
    }
}

/// Rows of the ledger, newest first.
public struct LedgerPage: Equatable, Sendable {
    /// At most as many as were asked for.
    public var rows: [AttemptRecord] = []
    /// Ask for rows before this one to go on; nil when there are none.
    public var next: AttemptID?
}

extension Ledger {
    /// Rows that pass the filter, in the order in which the attempts began, newest first.
    ///
    /// A key's rows are looked for only in the hours in which its rollups have any. A request's rows are looked for
    /// from the newest day back, until a day after one with rows has none.
    /// - Parameters:
    ///   - limit: at most this many rows.
    ///   - offset: how many to leave out first. Going on from ``LedgerPage/next`` is cheaper and misses nothing.
    ///   - before: only rows older than this one.
    public static func logs(
        _ filter: LedgerFilter, limit: Int = 100, offset: Int = 0, before: AttemptID? = nil, on database: Database
    ) throws(StoreError) -> LedgerPage {
        precondition(limit > 0 && offset >= 0, "a page has at least one row and begins at the first or later")
        var page = LedgerPage()
        var toSkip = offset
        var wasFound = false
        for (table, ids) in try places(of: filter, before: before, on: database) {
            let found = try rows(
                filter, in: table, ids: ids, skip: &toSkip, limit: limit + 1 - page.rows.count, on: database)
            page.rows += found
            if page.rows.count > limit { break }
            if filter.requestID != nil, wasFound, found.isEmpty { break }
            wasFound = wasFound || !found.isEmpty
        }
        if page.rows.count > limit {
            page.rows.removeLast()
            page.next = page.rows.last?.id
        }
        return page
    }

    /// How many rows pass the filter. Reads them: the cost grows with the time span.
    public static func count(_ filter: LedgerFilter, on database: Database) throws(StoreError) -> Int64 {
        var total: Int64 = 0
        let condition = filter.condition
        for (table, ids) in try places(of: filter, before: nil, on: database) {
            total +=
                try database.first(
                    "SELECT count(*) FROM \(table) WHERE id BETWEEN ? AND ?\(condition.sql)",
                    [ids.lowerBound, ids.upperBound] + condition.values
                ) { row in row.int64(0) } ?? 0
        }
        return total
    }

    private static func rows(
        _ filter: LedgerFilter, in table: String, ids: ClosedRange<Int64>, skip: inout Int, limit: Int,
        on database: Database
    ) throws(StoreError) -> [AttemptRecord] {
        let condition = filter.condition
        let range: [(any SQLBindable)?] = [ids.lowerBound, ids.upperBound] + condition.values
        let skipped = skip
        if skip > 0 {
            let matching = try database.first(
                "SELECT count(*) FROM \(table) WHERE id BETWEEN ? AND ?\(condition.sql)", range
            ) { row in row.int(0) }
            skip -= min(skip, matching ?? 0)
            if skip > 0 { return [] }
        }
        return try database.query(
            """
            SELECT \(columns.joined(separator: ", ")) FROM \(table) WHERE id BETWEEN ? AND ?\(condition.sql)
            ORDER BY id DESC LIMIT ? OFFSET ?
            """, range + [limit, skipped]
        ) { row in AttemptRecord(row) }
    }

    /// The tables and id ranges in which matching rows can be, newest first.
    private static func places(
        of filter: LedgerFilter, before: AttemptID?, on database: Database
    ) throws(StoreError) -> [(table: String, ids: ClosedRange<Int64>)] {
        let hours = try filter.keyID.map { (key) throws(StoreError) in
            try self.hours(of: key, times: filter.times, on: database)
        }
        var places: [(table: String, ids: ClosedRange<Int64>)] = []
        for partition in try LedgerPartition.all(on: database).reversed() {
            guard var ids = partition.ids(startedIn: filter.times) else { continue }
            if let before {
                guard before.rawValue > ids.lowerBound else { continue }
                ids = ids.lowerBound...min(ids.upperBound, before.rawValue - 1)
            }
            guard let hours else {
                places.append((partition.table, ids))
                continue
            }
            let ranges = hours.compactMap { hour in
                partition.ids(startedIn: hour * nanosecondsPerHour..<(hour + 1) * nanosecondsPerHour)
            }
            for range in joined(ranges) where range.overlaps(ids) {
                places.append((partition.table, range.clamped(to: ids)))
            }
        }
        return places
    }

    /// The hours in which a key has rows, newest first.
    private static func hours(
        of keyID: Int64, times: Range<Int64>, on database: Database
    ) throws(StoreError) -> [Int64] {
        try database.query(
            "SELECT DISTINCT hour FROM rollup_hourly WHERE key_id = ? AND hour BETWEEN ? AND ? ORDER BY hour DESC",
            keyID, max(times.lowerBound / nanosecondsPerHour, 1), times.upperBound / nanosecondsPerHour
        ) { row in row.int64(0) }
    }

    /// Ranges, given by descending start, with those that touch or overlap made one.
    private static func joined(_ ranges: [ClosedRange<Int64>]) -> [ClosedRange<Int64>] {
        var joined: [ClosedRange<Int64>] = []
        for range in ranges {
            if let last = joined.last, range.upperBound >= last.lowerBound - 1 {
                joined[joined.count - 1] =
                    min(range.lowerBound, last.lowerBound)...max(range.upperBound, last.upperBound)
            } else {
                joined.append(range)
            }
        }
        return joined
    }
}

extension AttemptRecord {
    /// Reads a row of ``Ledger/columns``.
    init(_ row: borrowing Row) {
        self.init(
            requestID: row.string(4), keyID: row.int64(2), endpoint: row.string(13), model: row.string(3),
            provider: row.string(5), upstreamModel: row.string(14), startedAt: row.timestamp(1))
        id = AttemptID(rawValue: row.int64(0))
        cost = row.money(6)
        end = AttemptEnd(row.string(7)) ?? .interrupted
        attemptNumber = row.int(8)
        sequence = row.int64(9)
        flags = AttemptFlags(rawValue: UInt16(truncatingIfNeeded: row.int64(10)))
        status = row.int(11)
        source = UsageSource(row.string(12)) ?? .estimated
        priceID = row.string(15)
        user = row.optionalString(16)
        errorCode = row.optionalString(17)
        firstByteAt = row.optionalTimestamp(18)
        endedAt = row.timestamp(19)
        held = row.money(20)
        tokens.input = row.tokens(21)
        tokens.cachedInput = row.tokens(22)
        tokens.cacheWrite5m = row.tokens(23)
        tokens.cacheWrite1h = row.tokens(24)
        tokens.output = row.tokens(25)
        tokens.reasoning = row.tokens(26)
        tokens.audioInput = row.tokens(27)
        tokens.audioOutput = row.tokens(28)
    }
}
