import Budgets
import JSONText
import Keys
import Units

/// The JSON body of a key route, read member by member. Numbers are taken as the decimal text that they are, so that a
/// budget of 0.1 dollars is exactly that.
struct KeyFields {
    private let body: [UInt8]
    private let document: JSONDocument

    init(_ body: [UInt8]) throws(AdminError) {
        do throws(JSONScanError) {
            document = try JSONScanner.scan(body)
        } catch {
            if case .duplicateKey(let name) = error.what {
                throw .invalid("The member '\(name)' stands twice in the request body.", parameter: name)
            }
            let reason = body.withUnsafeBytes { error.message(in: $0) }
            throw .invalid("The request body is not a JSON object: \(reason).")
        }
        self.body = body
    }

    /// What a member says: nothing, `null`, or a value.
    enum Field<Value: Sendable & Equatable> {
        case absent
        case null
        case value(Value)

        var change: FieldChange<Value> {
            switch self {
            case .absent: .keep
            case .null: .clear
            case .value(let value): .set(value)
            }
        }

        var value: Value? {
            if case .value(let value) = self { return value }
            return nil
        }
    }

    private func read<Value>(
        _ name: StaticString, as expected: String, _ convert: (JSONView) -> Value?
    ) throws(AdminError) -> Field<Value> {
        let found: Field<Value>? = body.withUnsafeBytes { bytes in
            guard let value = document.value(name, in: bytes) else { return .absent }
            if value.isNull { return .null }
            return convert(value).map { .value($0) }
        }
        guard let found else { throw .invalid("\(name) must be \(expected).", parameter: "\(name)") }
        return found
    }

    func text(_ name: StaticString) throws(AdminError) -> Field<String> { try read(name, as: "a string") { $0.string } }

    func flag(_ name: StaticString) throws(AdminError) -> Field<Bool> {
        try read(name, as: "true or false") { $0.bool }
    }

    /// A number's text. A string that is one counts too, as in LiteLLM: its models read `"5"` where a number belongs.
    private static func number(_ value: JSONView) -> String? { value.numberText ?? value.string }

    /// A whole number, not negative; `5.0` is one, as some JSON writers have it.
    func limit(_ name: StaticString) throws(AdminError) -> Field<Int> {
        try read(name, as: "a whole number, 0 or more") { value in
            guard let text = Self.number(value), let number = DecimalText.scaled(text, byPowerOfTen: 0), number >= 0
            else {
                return nil
            }
            return Int(number)
        }
    }

    func money(_ name: StaticString) throws(AdminError) -> Field<NanoUSD> {
        try read(name, as: "an amount of dollars, 0 or more, with at most nine decimals") { value in
            guard let text = Self.number(value), let amount = NanoUSD(decimal: text), amount >= .zero else {
                return nil
            }
            return amount
        }
    }

    func texts(_ name: StaticString) throws(AdminError) -> Field<[String]> {
        try read(name, as: "a list of strings") { value in
            guard value.kind == .array else { return nil }
            var texts: [String] = []
            for element in value.elements {
                guard let text = element.string else { return nil }
                texts.append(text)
            }
            return texts
        }
    }

    /// An object, kept as its JSON text.
    func object(_ name: StaticString) throws(AdminError) -> Field<String> {
        try read(name, as: "an object") { value in
            value.kind == .object ? String(decoding: value.raw, as: UTF8.self) : nil
        }
    }

    /// Fields that LiteLLM knows and this gateway does not enforce are taken only where they ask for nothing: a limit
    /// that is silently ignored is worse than an error.
    func refuseOthers(than known: Set<String>) throws(AdminError) {
        let unknown: String? = body.withUnsafeBytes { bytes in
            for member in document.members {
                let name = member.name(in: bytes)
                if known.contains(name) { continue }
                if !Self.asksForNothing(JSONView(bytes, member.value)) { return name }
            }
            return nil
        }
        guard let unknown else { return }
        throw .invalid(
            "\(unknown.prefix(100)) is not supported here, so it would not be enforced. Supported: "
                + known.sorted().joined(separator: ", ") + ".", parameter: String(unknown.prefix(100)))
    }

    /// LiteLLM's `spend` in an update sets what was spent, and 0 asks for as much as any other value. Here it is the
    /// ledger's sum.
    func refuseSpend() throws(AdminError) {
        guard body.withUnsafeBytes({ document.value("spend", in: $0) != nil }) else { return }
        throw .invalid(
            "spend cannot be set: it is the sum of the ledger's rows in the present budget window. Raise max_budget, or "
                + "wait for the window's end.", parameter: "spend")
    }

    private static func asksForNothing(_ value: JSONView) -> Bool {
        switch value.kind {
        case .null: return true
        case .array, .object: return value.raw.allSatisfy { [0x5b, 0x5d, 0x7b, 0x7d, 32, 9, 10, 13].contains($0) }
        case .string: return value.string?.isEmpty == true
        case .number: return value.double == 0
        default: return value.bool == false
        }
    }

    // MARK: What key routes share

    static let settings: Set<String> = [
        "key_alias", "models", "duration", "max_budget", "budget_duration", "rpm_limit", "tpm_limit",
        "max_parallel_requests", "metadata", "blocked", "user_id", "team_id",
    ]

    func patch(at now: Timestamp) throws(AdminError) -> KeyPatch {
        var patch = KeyPatch()
        patch.alias = try text("key_alias").change
        patch.models = try texts("models").change
        patch.expires = try expiry(at: now)
        patch.blocked = try flag("blocked").change
        patch.maxBudget = try money("max_budget").change
        patch.budgetDuration = try budgetDuration().change
        patch.rpmLimit = try limit("rpm_limit").change
        patch.tpmLimit = try limit("tpm_limit").change
        patch.maxParallelRequests = try limit("max_parallel_requests").change
        patch.metadata = try object("metadata").change
        patch.userID = try text("user_id").change
        patch.teamID = try text("team_id").change
        return patch
    }

    private func expiry(at now: Timestamp) throws(AdminError) -> FieldChange<Timestamp> {
        switch try text("duration") {
        case .absent: return .keep
        case .null: return .clear
        case .value(let text):
            guard let expiry = KeyExpiry(duration: text, from: now) else {
                throw .invalid("duration must be a time such as 30s, 12h, 30d or 1mo, or null.", parameter: "duration")
            }
            return expiry.timestamp.map { .set($0) } ?? .clear
        }
    }

    private func budgetDuration() throws(AdminError) -> Field<String> {
        let field = try text("budget_duration")
        if let text = field.value, BudgetWindow(text: text) == nil {
            throw .invalid(
                "budget_duration must be a time such as 1h, 1d, 7d, 30d or 1mo.", parameter: "budget_duration")
        }
        return field
    }

    /// What a route's key is named by: its text or its hash.
    func keyName() throws(AdminError) -> String {
        guard let name = try text("key").value, !name.isEmpty else {
            throw .invalid("key is missing: the key itself or its hash.", parameter: "key")
        }
        return name
    }
}
