import Units

/// What may be said about a key when it is made, and changed later.
public struct KeyDraft: Sendable, Equatable {
    /// Unique among the keys that are not deleted.
    public var alias: String?
    /// Names, `*` and patterns like `openai/*`; empty means all. At most 1000, each of 1 to 256 bytes.
    public var models: [String]
    /// Nil: never.
    public var expires: Timestamp?
    /// Known, and every request refused.
    public var blocked: Bool
    /// The most that may be spent in one ``budgetDuration``; nil is no limit, 0 blocks.
    public var maxBudget: NanoUSD?
    /// `30d`, `1mo`, … as `BudgetWindow` reads it; nil means for ever. Not looked at here beyond its length, 16 bytes.
    public var budgetDuration: String?
    /// Requests in any 60 seconds; nil is no limit, 0 blocks.
    public var rpmLimit: Int?
    /// Tokens, in and out, in any 60 seconds; nil is no limit, 0 blocks.
    public var tpmLimit: Int?
    /// Requests running at the same time; nil is no limit, 0 blocks.
    public var maxParallelRequests: Int?
    /// A JSON object.
    public var metadata: String
    /// The owner as the operator names them, 1 to 256 bytes; nothing here knows users.
    public var userID: String?
    /// The owner's team, as ``userID``.
    public var teamID: String?

    /// What is left out is what a key has of which nobody says anything: all models, no limits, no end.
    public init(
        alias: String? = nil, models: [String] = [], expires: Timestamp? = nil, blocked: Bool = false,
        maxBudget: NanoUSD? = nil, budgetDuration: String? = nil, rpmLimit: Int? = nil, tpmLimit: Int? = nil,
        maxParallelRequests: Int? = nil, metadata: String = "{}", userID: String? = nil, teamID: String? = nil
    ) {
        self.alias = alias
        self.models = models
        self.expires = expires
        self.blocked = blocked
        self.maxBudget = maxBudget
        self.budgetDuration = budgetDuration
        self.rpmLimit = rpmLimit
        self.tpmLimit = tpmLimit
        self.maxParallelRequests = maxParallelRequests
        self.metadata = metadata
        self.userID = userID
        self.teamID = teamID
    }

    /// What an existing key says.
    public init(_ key: VirtualKey) {
        self.init(
            alias: key.alias, models: key.models, expires: key.expires, blocked: key.blocked,
            maxBudget: key.maxBudget, budgetDuration: key.budgetDuration, rpmLimit: key.rpmLimit,
            tpmLimit: key.tpmLimit, maxParallelRequests: key.maxParallelRequests, metadata: key.metadata,
            userID: key.userID, teamID: key.teamID)
    }

    /// - Throws: `KeyStoreError.invalid` naming LiteLLM's field. (Whether `budget_duration` is a window, the caller has
    ///   to know.)
    func validate() throws(KeyStoreError) {
        try Self.check("key_alias", alias, bytesMax: 256)
        try Self.check("user_id", userID, bytesMax: 256)
        try Self.check("team_id", teamID, bytesMax: 256)
        try Self.check("budget_duration", budgetDuration, bytesMax: 16)
        guard models.count <= 1000 else { throw .invalid(field: "models", reason: "must have at most 1000 names") }
        for model in models { try Self.check("models", model, bytesMax: 256) }
        if let maxBudget, maxBudget < .zero { throw .invalid(field: "max_budget", reason: "must not be negative") }
        try Self.check("rpm_limit", rpmLimit)
        try Self.check("tpm_limit", tpmLimit)
        try Self.check("max_parallel_requests", maxParallelRequests)
        guard metadata.utf8.count <= 65_536 else {
            throw .invalid(field: "metadata", reason: "must have at most 65536 bytes")
        }
    }

    private static func check(_ field: String, _ text: String?, bytesMax: Int) throws(KeyStoreError) {
        guard let text else { return }
        guard !text.isEmpty else { throw .invalid(field: field, reason: "must not be empty") }
        guard text.utf8.count <= bytesMax else {
            throw .invalid(field: field, reason: "must have at most \(bytesMax) bytes")
        }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw .invalid(field: field, reason: "must not contain control characters")
        }
    }

    private static func check(_ field: String, _ limit: Int?) throws(KeyStoreError) {
        if let limit, limit < 0 { throw .invalid(field: field, reason: "must not be negative") }
    }
}
