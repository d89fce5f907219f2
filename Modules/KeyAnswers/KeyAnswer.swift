import JSONText
import Keys
import Secrets
import Units

/// What the admin API and the command line say of keys, with LiteLLM's field names. Amounts are exact decimals.
public enum KeyAnswer {
    /// What `/key/generate` answers: the one answer that shows a new key's text.
    public static func generated(_ key: VirtualKey, text: Secret, duration: String?, warnings: [String]) -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.member("key", text.reveal(for: "the one answer that shows a new key"))
        writer.member("token_id", key.hash.hex)
        writer.member("duration", orNull: duration)
        writer.key("spend")
        writer.raw("0")
        write(key, to: &writer)
        write(warnings, to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// - Parameter name: what the caller named it by. A key's text is in an answer only where it was in the request.
    public static func info(_ key: VirtualKey, _ spend: KeySpend, named name: String) -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.member("key", name)
        writer.key("info")
        writeRow(key, spend, to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// - Parameter name: as for ``info(_:_:named:)``; nil where LiteLLM's answer has no `key`.
    public static func row(
        _ key: VirtualKey, _ spend: KeySpend, named name: String? = nil, warnings: [String] = []
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writeRow(key, spend, named: name, warnings: warnings, to: &writer)
        return writer.bytes
    }

    /// What `/key/list` answers: whole rows where `isFull`, else the hashes alone. `spends` are those of the page's
    /// keys, in their order.
    public static func list(_ page: KeyPage, _ spends: [KeySpend], isFull: Bool) -> [UInt8] {
        var writer = JSONWriter(capacity: 4096)
        writer.beginObject()
        writer.key("keys")
        writer.beginArray()
        for (key, spend) in zip(page.keys, spends) {
            if isFull { writeRow(key, spend, to: &writer) } else { writer.string(key.hash.hex) }
        }
        writer.endArray()
        writer.member("total_count", page.totalCount)
        writer.member("current_page", page.page)
        writer.member("total_pages", page.pageCount)
        writer.endObject()
        return writer.bytes
    }

    /// - Parameter names: what the caller named the keys by.
    public static func deleted(_ names: [String]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("deleted_keys")
        writer.beginArray()
        for name in names { writer.string(name) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private static func writeRow(
        _ key: VirtualKey, _ spend: KeySpend, named name: String? = nil, warnings: [String] = [],
        to writer: inout JSONWriter
    ) {
        writer.beginObject()
        if let name { writer.member("key", name) }
        writer.member("spend", raw: spend.spend.description)
        writer.member("total_spend", raw: spend.total.description)
        writer.member("budget_reset_at", orNull: spend.resetsAt?.text(fractionDigits: 0))
        write(key, to: &writer)
        write(warnings, to: &writer)
        writer.endObject()
    }

    /// Not in LiteLLM's answers, so only where there is something to warn of.
    private static func write(_ warnings: [String], to writer: inout JSONWriter) {
        guard !warnings.isEmpty else { return }
        writer.key("warnings")
        writer.beginArray()
        for warning in warnings { writer.string(warning) }
        writer.endArray()
    }

    /// The members that all answers share, into an object that is open.
    private static func write(_ key: VirtualKey, to writer: inout JSONWriter) {
        writer.member("token", key.hash.hex)
        writer.member("key_name", key.name)
        writer.member("key_alias", orNull: key.alias)
        writer.key("models")
        writer.beginArray()
        for model in key.models { writer.string(model) }
        writer.endArray()
        writer.member("expires", orNull: key.expires?.description)
        writer.member("max_budget", raw: key.maxBudget?.description ?? "null")
        writer.member("budget_duration", orNull: key.budgetDuration)
        writer.member("rpm_limit", raw: key.rpmLimit.map(String.init) ?? "null")
        writer.member("tpm_limit", raw: key.tpmLimit.map(String.init) ?? "null")
        writer.member("max_parallel_requests", raw: key.maxParallelRequests.map(String.init) ?? "null")
        writer.member("metadata", raw: key.metadata)
        writer.member("blocked", key.blocked)
        writer.member("user_id", orNull: key.userID)
        writer.member("team_id", orNull: key.teamID)
        writer.member("created_at", key.createdAt.description)
        writer.member("created_by", orNull: key.createdBy)
        writer.member("updated_at", key.updatedAt.description)
    }
}
