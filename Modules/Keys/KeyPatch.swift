import Units

/// What an edit does to one field.
public enum FieldChange<Value: Sendable & Equatable>: Sendable, Equatable {
    /// The field was not mentioned.
    case keep
    /// The field's new value.
    case set(Value)
    /// The field was null: back to what it is when nobody says anything.
    case clear

    func applied(to old: Value?) -> Value? {
        switch self {
        case .keep: old
        case .set(let new): new
        case .clear: nil
        }
    }

    func applied(to old: Value, default: Value) -> Value { applied(to: old) ?? `default` }
}

/// An edit of a key: every field is kept, set or cleared.
public struct KeyPatch: Sendable, Equatable {
    /// Cleared: the key has no alias, which another may then take.
    public var alias: FieldChange<String> = .keep
    /// Cleared: all models.
    public var models: FieldChange<[String]> = .keep
    /// Cleared: never.
    public var expires: FieldChange<Timestamp> = .keep
    /// Cleared: not blocked.
    public var blocked: FieldChange<Bool> = .keep
    /// Cleared, like the limits below: no limit.
    public var maxBudget: FieldChange<NanoUSD> = .keep
    /// Cleared: the budget lasts for ever.
    public var budgetDuration: FieldChange<String> = .keep
    /// Requests in any 60 seconds.
    public var rpmLimit: FieldChange<Int> = .keep
    /// Tokens in any 60 seconds.
    public var tpmLimit: FieldChange<Int> = .keep
    /// Requests running at the same time.
    public var maxParallelRequests: FieldChange<Int> = .keep
    /// A JSON object that takes the old one's place, not merged into it. Cleared: `{}`.
    public var metadata: FieldChange<String> = .keep
    /// Cleared, like ``teamID``: nobody is named.
    public var userID: FieldChange<String> = .keep
    /// The team as the operator names it.
    public var teamID: FieldChange<String> = .keep

    /// An edit that changes nothing.
    public init() {}

    /// The settings with the changes made.
    public func applied(to draft: KeyDraft) -> KeyDraft {
        KeyDraft(
            alias: alias.applied(to: draft.alias),
            models: models.applied(to: draft.models, default: []),
            expires: expires.applied(to: draft.expires),
            blocked: blocked.applied(to: draft.blocked, default: false),
            maxBudget: maxBudget.applied(to: draft.maxBudget),
            budgetDuration: budgetDuration.applied(to: draft.budgetDuration),
            rpmLimit: rpmLimit.applied(to: draft.rpmLimit),
            tpmLimit: tpmLimit.applied(to: draft.tpmLimit),
            maxParallelRequests: maxParallelRequests.applied(to: draft.maxParallelRequests),
            metadata: metadata.applied(to: draft.metadata, default: "{}"),
            userID: userID.applied(to: draft.userID),
            teamID: teamID.applied(to: draft.teamID))
    }

    /// What to tell who made this edit: what it set that will have no effect. No error, since a key may be made before its
    /// models are.
    ///
    /// - Parameters:
    ///   - key: as it is after the edit.
    ///   - names: the names of the models there are.
    public func warnings(about key: VirtualKey, models names: [String]) -> [String] {
        var warnings: [String] = []
        if models != .keep { warnings += ModelPattern.warnings(about: key.models, models: names) }
        if budgetDuration != .keep || maxBudget != .keep, key.budgetDuration != nil, key.maxBudget == nil {
            warnings.append("budget_duration: without a max_budget it limits nothing")
        }
        return warnings
    }
}
