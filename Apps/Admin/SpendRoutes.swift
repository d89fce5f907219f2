import JSONText
import Keys
import Logging
import Store
import Units

/// `/spend/logs`: rows of the ledger under LiteLLM's names.
enum SpendRoutes {
    /// Whose rows these are, where it is no virtual key: as a row says it, and as it is asked for.
    private static let masterName = "master"
    static let pageSizeMax = 10_000

    static func logs(_ call: AdminCall, _ server: AdminServer) async throws(AdminError) -> [UInt8] {
        try call.query.requireOnly([
            "api_key", "request_id", "model", "start_date", "end_date", "page", "page_size", "summarize",
        ])
        if try call.query.flag("summarize") {
            throw .invalid("summarize=true is not supported: the answer is rows.", parameter: "summarize")
        }
        var selector: KeySelector?
        var filter = LedgerFilter()
        switch call.query["api_key"] {
        case nil: break
        case masterName?: filter.keyID = 0
        case let name?: selector = try call.selector(name, server.hasher)
        }
        filter.requestID = call.query["request_id"]
        filter.model = call.query["model"]
        filter.from = try time("start_date", in: call.query)
        filter.to = try time("end_date", in: call.query)
        // What ends with a day ends with its last moment.
        let endsWithDay = call.query["end_date"]?.utf8.count == dayLength
        if endsWithDay { filter.to = filter.to.map { $0 + .seconds(86_400) } }
        if let from = filter.from, let to = filter.to, to < from || (endsWithDay && to == from) {
            throw .invalid("end_date is before start_date.", parameter: "end_date")
        }
        let limit = try call.query.number("page_size", in: 1...pageSizeMax, default: 100)
        let page = try call.query.number("page", in: 1...Query.pageMax, default: 1)
        let (wanted, key) = (filter, selector)
        let (rows, hashes) = try await server.ask { database in
            var filter = wanted
            if let key {
                guard let key = try KeyStore.find(key, includingDeleted: true, on: database) else {
                    throw AdminError.keyNotFound
                }
                filter.keyID = key.id
            }
            let rows = try Ledger.logs(filter, limit: limit, offset: (page - 1) * limit, on: database).rows
            var hashes: [Int64: String] = [:]
            for id in Set(rows.map(\.keyID)) where id != 0 {
                hashes[id] = try KeyStore.find(.id(id), includingDeleted: true, on: database)?.hash.hex
            }
            return (rows, hashes)
        }
        var writer = JSONWriter(capacity: 8192)
        writer.beginArray()
        for row in rows { write(row, keyHash: hashes[row.keyID], to: &writer) }
        writer.endArray()
        return writer.bytes
    }

    private static func time(_ name: String, in query: Query) throws(AdminError) -> Timestamp? {
        guard let text = query[name] else { return nil }
        guard let time = Timestamp(iso8601: text) else {
            throw .invalid(
                "\(name) must be a date or time such as 2026-11-23 or 2026-11-23T10:00:00Z.", parameter: name)
        }
        return time
    }

    /// Of `2026-11-23`.
    private static let dayLength = 10

    private static func write(_ row: AttemptRecord, keyHash: String?, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("request_id", row.requestID)
        writer.member("attempt_id", row.id.description)
        writer.member("attempt", row.attemptNumber)
        writer.member("api_key", keyHash ?? masterName)
        writer.member("call_type", row.endpoint)
        writer.member("model_group", row.model)
        writer.member("model", row.upstreamModel)
        writer.member("custom_llm_provider", row.provider)
        writer.member("spend", raw: row.cost.description)
        writer.member("price", row.priceID)
        writer.member("total_tokens", (row.tokens.input + row.tokens.output).count)
        writer.member("prompt_tokens", row.tokens.input.count)
        writer.member("completion_tokens", row.tokens.output.count)
        writer.member("cached_tokens", row.tokens.cachedInput.count)
        writer.member("cache_write_tokens", (row.tokens.cacheWrite5m + row.tokens.cacheWrite1h).count)
        writer.member("reasoning_tokens", row.tokens.reasoning.count)
        writer.member("startTime", row.startedAt.description)
        writer.member("completionStartTime", orNull: row.firstByteAt?.description)
        writer.member("endTime", row.endedAt.description)
        writer.member("request_duration_ms", (row.endedAt - row.startedAt).milliseconds)
        writer.member("status", row.end == .complete ? "success" : "failure")
        writer.member("end", "\(row.end)")
        writer.member("source", "\(row.source)")
        writer.member("http_status", row.status)
        writer.member("error_code", orNull: row.errorCode)
        writer.member("stream", row.flags.contains(.stream))
        writer.member("fallback", row.flags.contains(.fallback))
        writer.member("unpriced", row.flags.contains(.unpriced))
        writer.member("user", orNull: row.user)
        writer.endObject()
    }
}
