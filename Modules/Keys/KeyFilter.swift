import Store
import Units

/// How a key is named in a request.
public enum KeySelector: Sendable, Equatable {
    /// ``VirtualKey/id``.
    case id(Int64)
    /// Finds deleted keys too, where they are asked for.
    case hash(KeyHash)
    /// Among the keys that are not deleted.
    case alias(String)

    /// What LiteLLM's routes call `key`: the key itself (`sk-…`) or its hash in hexadecimal digits.
    ///
    /// - Returns: nil for a text that can be neither.
    public init?(key: String, hasher: KeyHasher) {
        if let hash = KeyHash(hex: key) {
            self = .hash(hash)
            return
        }
        var key = key
        let hash = key.withUTF8 { text in
            let bytes = UnsafeRawBufferPointer(text)
            return KeyText.isAcceptable(bytes) ? hasher.hash(bytes) : nil
        }
        guard let hash else { return nil }
        self = .hash(hash)
    }

    var condition: (sql: String, value: any SQLBindable) {
        switch self {
        case .id(let id): ("id = ?", id)
        case .hash(let hash): ("hash = ?", hash.bytes)
        case .alias(let alias): ("alias = ?", alias)
        }
    }

    var isAlias: Bool {
        if case .alias = self { true } else { false }
    }
}

/// Which keys a list shows, and in which order.
public struct KeyFilter: Sendable, Equatable {
    /// Whether keys that were deleted are shown; blocked and expired ones are live.
    public enum Status: Sendable { case live, deleted, all }
    /// By its column. Ascending, keys without a value come first.
    public enum Sorting: String, Sendable {
        /// When the key was made.
        case createdAt = "created_at"
        /// When it was last changed.
        case updatedAt = "updated_at"
        case alias
        /// When it ends.
        case expires = "expires_at"
        /// What it may spend in one budget window.
        case maxBudget = "max_budget"
    }

    /// Exactly this; nil, here as in all that follows, asks for nothing.
    public var userID: String?
    /// Exactly this.
    public var teamID: String?
    /// That key alone.
    public var hash: KeyHash?
    /// The whole alias, case and all.
    public var alias: String?
    /// A part of the alias; upper and lower case of ASCII letters are the same.
    public var aliasContains: String?
    /// Deleted keys are not shown unless asked for.
    public var status = Status.live
    /// Only the blocked ones, or only the others.
    public var blocked: Bool?
    /// Keys that never expire are not among them.
    public var expiresBefore: Timestamp?
    /// What decides the order; between equals the id does.
    public var sorting = Sorting.createdAt
    /// False: the newest, latest or greatest first.
    public var ascending = false

    /// All keys that are not deleted, the newest first.
    public init() {}

    var condition: (sql: String, values: [(any SQLBindable)?]) {
        var conditions: [String] = []
        var values: [(any SQLBindable)?] = []
        func require(_ sql: String, _ value: (any SQLBindable)?) {
            guard let value else { return }
            conditions.append(sql)
            values.append(value)
        }
        switch status {
        case .live: conditions.append("deleted_at IS NULL")
        case .deleted: conditions.append("deleted_at IS NOT NULL")
        case .all: conditions.append("true")
        }
        require("user_id = ?", userID)
        require("team_id = ?", teamID)
        require("hash = ?", hash?.bytes)
        require("alias = ?", alias)
        require("instr(lower(alias), lower(?)) > 0", aliasContains)
        require("blocked = ?", blocked)
        require("expires_at < ?", expiresBefore)
        return (conditions.joined(separator: " AND "), values)
    }

    /// The id decides between equals, so that pages neither repeat nor skip a key.
    var order: String {
        let direction = ascending ? "ASC" : "DESC"
        return "\(sorting.rawValue) \(direction), id \(direction)"
    }
}

/// One page of a list.
public struct KeyPage: Sendable, Equatable {
    /// In the filter's order; empty beyond the last page.
    public let keys: [VirtualKey]
    /// Of the keys that pass the filter, over all pages.
    public let totalCount: Int
    /// Counts from 1.
    public let page: Int
    /// The most keys on a page, 1 to 1000; the last may have fewer.
    public let size: Int

    /// 0 where no key passes.
    public var pageCount: Int { (totalCount + size - 1) / size }
}
