import ArgumentParser
import Budgets
import Keys
import Units

/// What may be said about a key on the command line: the fields of the admin API.
struct KeyOptions: ParsableArguments {
    @Option(help: "A name for it.") var alias: String?
    @Option(name: .customLong("model"), help: "A model it may use; repeatable. Default: all.") var models: [String] = []
    @Option(help: "How long it is valid from now on: 12h, 30d, 1mo.") var duration: String?
    @Option(parsing: .unconditional, help: "US dollars.") var maxBudget: String?
    @Option(help: "After what time the budget begins anew: 1d, 30d, 1mo.") var budgetDuration: String?
    @Option(name: .customLong("rpm-limit"), parsing: .unconditional, help: "Requests per minute.") var rpmLimit: Int?
    @Option(name: .customLong("tpm-limit"), parsing: .unconditional, help: "Tokens per minute.") var tpmLimit: Int?
    @Option(parsing: .unconditional, help: "Requests at the same time.") var maxParallelRequests: Int?
    @Option(help: "A JSON object, kept with it.") var metadata: String?
    @Flag(inversion: .prefixedNo, help: "Whether it is refused.") var blocked: Bool?
    @Option(name: .customLong("user-id"), help: "Whose it is.") var userID: String?
    @Option(name: .customLong("team-id"), help: "Which team's it is.") var teamID: String?

    /// A setting that can be taken away again; named as its option.
    enum Field: String, CaseIterable, ExpressibleByArgument {
        case alias, model, duration, metadata
        case maxBudget = "max-budget"
        case budgetDuration = "budget-duration"
        case rpmLimit = "rpm-limit"
        case tpmLimit = "tpm-limit"
        case maxParallelRequests = "max-parallel-requests"
        case userID = "user-id"
        case teamID = "team-id"
    }

    func patch(at now: Timestamp) throws -> KeyPatch {
        var patch = KeyPatch()
        patch.alias = Self.change(alias)
        patch.models = models.isEmpty ? .keep : .set(models)
        patch.expires = try expiry(at: now)
        patch.blocked = Self.change(blocked)
        patch.maxBudget = try Self.change(amount())
        if let budgetDuration, BudgetWindow(text: budgetDuration) == nil {
            throw ValidationError("--budget-duration must be a time such as 1d, 30d or 1mo")
        }
        patch.budgetDuration = Self.change(budgetDuration)
        let limits = [
            ("--rpm-limit", rpmLimit), ("--tpm-limit", tpmLimit), ("--max-parallel-requests", maxParallelRequests),
        ]
        for case (let name, let limit?) in limits where limit < 0 {
            throw ValidationError("\(name) must be 0 or more")
        }
        patch.rpmLimit = Self.change(rpmLimit)
        patch.tpmLimit = Self.change(tpmLimit)
        patch.maxParallelRequests = Self.change(maxParallelRequests)
        patch.metadata = Self.change(metadata)
        patch.userID = Self.change(userID)
        patch.teamID = Self.change(teamID)
        return patch
    }

    private func expiry(at now: Timestamp) throws -> FieldChange<Timestamp> {
        guard let duration else { return .keep }
        guard let expiry = KeyExpiry(duration: duration, from: now) else {
            throw ValidationError("--duration must be a time such as 12h, 30d or 1mo")
        }
        return expiry.timestamp.map { .set($0) } ?? .clear
    }

    private func amount() throws -> NanoUSD? {
        guard let maxBudget else { return nil }
        guard let amount = NanoUSD(decimal: maxBudget), amount >= .zero else {
            throw ValidationError("--max-budget must be 0 or more, an amount of dollars such as 2.50")
        }
        return amount
    }

    private static func change<Value>(_ value: Value?) -> FieldChange<Value> { value.map { .set($0) } ?? .keep }
}

extension KeyOptions.Field {
    /// - Throws: where the same command sets it.
    func clear(in patch: inout KeyPatch) throws {
        switch self {
        case .alias: try clear(&patch.alias)
        case .model: try clear(&patch.models)
        case .duration: try clear(&patch.expires)
        case .metadata: try clear(&patch.metadata)
        case .maxBudget: try clear(&patch.maxBudget)
        case .budgetDuration: try clear(&patch.budgetDuration)
        case .rpmLimit: try clear(&patch.rpmLimit)
        case .tpmLimit: try clear(&patch.tpmLimit)
        case .maxParallelRequests: try clear(&patch.maxParallelRequests)
        case .userID: try clear(&patch.userID)
        case .teamID: try clear(&patch.teamID)
        }
    }

    private func clear<Value>(_ change: inout FieldChange<Value>) throws {
        if case .set = change { throw ValidationError("--\(rawValue) and --clear \(rawValue) contradict each other") }
        change = .clear
    }
}
