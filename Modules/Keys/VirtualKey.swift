import Units

/// A virtual key as it is in the store: who may call, what for, and how much. Never the key itself.
///
/// An immutable object, so that handing it to a request costs one reference. What it has spent is not here: the ledger
/// knows.
public final class VirtualKey: Sendable {
    /// Stable for ever, also in reports about a key that was deleted.
    public let id: Int64
    /// Under the installation's pepper; unique among all keys, also those that were deleted.
    public let hash: KeyHash
    /// `sk-...abcd`
    public let name: String
    /// Unique among the keys that are not deleted; nil where it has none.
    public let alias: String?
    /// Names, `*` and patterns like `openai/*`; empty means all.
    public let models: [String]
    /// Key of budgets: `30d`, `1mo`, … as `BudgetWindow` reads it; nil means for ever.
    public let budgetDuration: String?
    /// A JSON object.
    public let metadata: String
    /// The owner as the operator names them; nil where nobody said.
    public let userID: String?
    /// The team as the operator names it; nil where nobody said.
    public let teamID: String?
    /// Who made it; nil where nobody said.
    public let createdBy: String?
    /// The windows of a budget of fixed length count from it.
    public let createdAt: Timestamp
    /// When an edit, a block or its deletion last changed it.
    public let updatedAt: Timestamp
    /// The change (of the store's feed) that made this version: of two versions the greater one is newer.
    public let sequence: Int64
    /// Known, and every request with it refused.
    public let blocked: Bool
    /// Out of use for ever; its row stays for reports.
    public let deleted: Bool

    // Optional integers are kept as an impossible value: 100,000 of these objects have to fit in memory.
    private let expiry: Int64
    private let budget: Int64
    private let requests: Int64
    private let tokens: Int64
    private let parallel: Int64

    /// The first instant at which it is refused; nil: never.
    public var expires: Timestamp? { expiry == .max ? nil : Timestamp(nanosecondsSince1970: expiry) }
    /// The most that may be spent in one ``budgetDuration``; nil is no limit, 0 blocks.
    public var maxBudget: NanoUSD? { budget < 0 ? nil : NanoUSD(nanos: budget) }
    /// Requests in any 60 seconds.
    public var rpmLimit: Int? { requests < 0 ? nil : Int(requests) }
    /// Tokens in any 60 seconds.
    public var tpmLimit: Int? { tokens < 0 ? nil : Int(tokens) }
    /// Requests running at the same time; nil is no limit.
    public var maxParallelRequests: Int? { parallel < 0 ? nil : Int(parallel) }

    /// As a row of the store says it; the text of the key is not needed.
    public init(
        id: Int64, hash: KeyHash, name: String, alias: String? = nil, models: [String] = [],
        expires: Timestamp? = nil, blocked: Bool = false, deleted: Bool = false, maxBudget: NanoUSD? = nil,
        budgetDuration: String? = nil, rpmLimit: Int? = nil, tpmLimit: Int? = nil, maxParallelRequests: Int? = nil,
        metadata: String = "{}", userID: String? = nil, teamID: String? = nil, createdBy: String? = nil,
        createdAt: Timestamp, updatedAt: Timestamp, sequence: Int64 = 0
    ) {
        self.id = id
        self.hash = hash
        self.name = name
        self.alias = alias
        self.models = models
        self.blocked = blocked
        self.deleted = deleted
        self.budgetDuration = budgetDuration
        self.metadata = metadata
        self.userID = userID
        self.teamID = teamID
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.sequence = sequence
        expiry = expires?.nanosecondsSince1970 ?? .max
        budget = maxBudget?.nanos ?? -1
        requests = rpmLimit.map { Int64($0) } ?? -1
        tokens = tpmLimit.map { Int64($0) } ?? -1
        parallel = maxParallelRequests.map { Int64($0) } ?? -1
    }

    /// Why this key may not be used now, if so.
    public func refusal(at now: Timestamp) -> Refusal? {
        if deleted { return .unknownKey }
        if blocked { return .blocked }
        if now.nanosecondsSince1970 >= expiry, let expires { return .expired(expires) }
        return nil
    }

    /// No name is kept from it, whatever else its list says.
    public var mayUseAll: Bool { models.isEmpty || models.contains(where: ModelPattern.admitsAll) }

    /// Whether this key may ask for a model by this name.
    public func allows(model: String) -> Bool { models.isEmpty || models.contains { ModelPattern.matches($0, model) } }

    /// Throws `Refusal.modelNotAllowed` if it may not.
    public func requireAccess(to model: String) throws(Refusal) {
        guard allows(model: model) else { throw .modelNotAllowed(model: model, allowed: models) }
    }
}

extension VirtualKey: Equatable {
    /// The same key in the same state.
    public static func == (left: VirtualKey, right: VirtualKey) -> Bool {
        left === right
            || left.id == right.id && left.hash == right.hash && left.name == right.name && left.alias == right.alias
                && left.models == right.models && left.expiry == right.expiry && left.blocked == right.blocked
                && left.deleted == right.deleted && left.budget == right.budget
                && left.budgetDuration == right.budgetDuration && left.requests == right.requests
                && left.tokens == right.tokens && left.parallel == right.parallel && left.metadata == right.metadata
                && left.userID == right.userID && left.teamID == right.teamID && left.createdBy == right.createdBy
                && left.createdAt == right.createdAt && left.updatedAt == right.updatedAt
                && left.sequence == right.sequence
    }
}
