import Budgets
import Guardrails
import Secrets
import Units

/// The smaller sections.
extension SettingsBuilder {
    func readGlobalBudget(_ value: YAMLValue?) -> Limits {
        var limits = Limits()
        guard let fields = value?.mapping() else { return limits }
        limits.maxBudget = fields["max_budget"]?.money()
        limits.window = fields["budget_duration"]?.read("a window such as 1d, 7d, 1mo or 12h") {
            BudgetWindow(text: $0)
        }
        if limits.window != nil, fields["max_budget"] == nil {
            fields.lacks("max_budget", "\(fields.value.place) has a budget_duration but no max_budget")
        }
        limits.requestsPerMinute = fields["rpm_limit"]?.number(0...1_000_000_000)
        limits.tokensPerMinute = fields["tpm_limit"]?.number(0...1_000_000_000_000)
        limits.parallelRequests = fields["max_parallel_requests"]?.number(0...1_000_000)
        fields.finish()
        return limits
    }

    /// `UTC`, `+02:00`, or a name of the system's tz database.
    func readTimeZone(_ value: YAMLValue?) -> (String, TimeZoneRules) {
        let zone = value?.read("UTC, an offset such as +02:00, or a name such as Europe/Berlin") {
            text -> (String, TimeZoneRules)? in
            if let offset = offset(text) { return TimeZoneRules(fixedOffset: offset).map { (text, $0) } }
            return (try? TimeZoneRules.named(text)).map { (text, $0) }
        }
        return zone ?? ("UTC", .utc)
    }

    private func offset(_ text: String) -> Duration? {
        let bytes = Array(text.utf8)
        let digits = [1, 2, 4, 5]
        guard bytes.count == 6, bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-"),
            bytes[3] == UInt8(ascii: ":"), digits.allSatisfy({ (48...57).contains(bytes[$0]) })
        else { return nil }
        func number(_ index: Int) -> Int64 { Int64(bytes[index] - 48) * 10 + Int64(bytes[index + 1] - 48) }
        guard number(1) <= 18, number(4) < 60 else { return nil }
        let seconds = number(1) * 3600 + number(4) * 60
        return .seconds(bytes[0] == UInt8(ascii: "-") ? -seconds : seconds)
    }

    mutating func readKeys(_ value: YAMLValue?, allowsLiterals: Bool) -> Settings.KeySettings {
        var keys = Settings.KeySettings(master: .file("master.key"), pepper: .file("pepper.key"))
        guard let fields = value?.mapping() else { return keys }
        keys.master = own(.masterKey, fields["master_key"], allowsLiterals) ?? keys.master
        keys.pepper = own(.pepper, fields["pepper"], allowsLiterals) ?? keys.pepper
        if keys.master == keys.pepper { fields.report("\(fields.value.place): master_key and pepper are the same") }
        fields.finish()
        return keys
    }

    mutating func readMetrics(_ value: YAMLValue?, allowsLiterals: Bool) -> SecretReference? {
        guard let fields = value?.mapping() else { return nil }
        let token = own(.metricsToken, fields["token"], allowsLiterals)
        fields.finish()
        return token
    }

    private mutating func own(
        _ secret: Settings.OwnSecret, _ value: YAMLValue?, _ allowsLiterals: Bool
    ) -> SecretReference? {
        guard let value else { return nil }
        ownSecretPlaces[secret] = (value.reader.file, value.mark?.line ?? 0, value.mark?.column ?? 0)
        return value.secret(allowsLiteral: allowsLiterals)
    }

    func readLimits(_ value: YAMLValue?) -> Settings.SizeLimits {
        var limits = Settings.SizeLimits(
            bodyBytes: 32_000_000, replyBytes: 64_000_000, eventBytes: 4_000_000, bufferBytes: 1_000_000,
            streamsPerLoop: 10_000, jsonDepth: 128)
        guard let fields = value?.mapping() else { return limits }
        limits.bodyBytes = fields["body_bytes"]?.bytes(1_000...1_000_000_000) ?? limits.bodyBytes
        limits.replyBytes = fields["reply_bytes"]?.bytes(1_000...1_000_000_000) ?? limits.replyBytes
        limits.eventBytes = fields["event_bytes"]?.bytes(1_000...100_000_000) ?? limits.eventBytes
        limits.bufferBytes = fields["buffer_bytes"]?.bytes(16_000...100_000_000) ?? limits.bufferBytes
        limits.streamsPerLoop = fields["streams_per_loop"]?.number(1...1_000_000) ?? limits.streamsPerLoop
        limits.jsonDepth = fields["json_depth"]?.number(8...1_000) ?? limits.jsonDepth
        fields.finish()
        return limits
    }

    func readLogs(_ value: YAMLValue?) -> Settings.LogSettings {
        var logs = Settings.LogSettings(
            requests: true, requestFile: "logs/requests.jsonl", retention: .seconds(90 * 86_400),
            sync: .interval(.seconds(1)))
        guard let fields = value?.mapping() else { return logs }
        logs.requests = fields["requests"]?.flag() ?? logs.requests
        logs.requestFile =
            fields["file"]?.read("a path") { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 }
            ?? logs.requestFile
        if let retention = fields["retention"] {
            if case .scalar(let scalar) = retention.node, scalar.string == "forever" {
                logs.retention = nil
            } else {
                logs.retention = retention.duration(.seconds(86_400) ... .seconds(36_500 * 86_400)) ?? logs.retention
            }
        }
        let sync = fields["sync"]?.read("never, close, or a time such as 1s") { text -> Settings.JournalSync? in
            switch text {
            case "never": .never
            case "close": .everyClose
            default:
                Duration(text: text).flatMap { $0 >= .milliseconds(10) && $0 <= .seconds(60) ? .interval($0) : nil }
            }
        }
        logs.sync = sync ?? logs.sync
        fields.finish()
        return logs
    }

    func readGateway(_ value: YAMLValue?) -> Settings.GatewaySettings {
        var gateway = Settings.GatewaySettings(
            loops: nil, drain: .seconds(30), governance: true, keepAlive: .seconds(15),
            storedResponses: .seconds(30 * 86_400))
        guard let fields = value?.mapping() else { return gateway }
        let loops = fields["loops"]?.read("auto, or a number from 1 to 256") { text -> Int?? in
            text == "auto" ? .some(nil) : Int(text).flatMap { (1...256).contains($0) ? .some($0) : nil }
        }
        gateway.loops = loops ?? nil
        let governance = fields["governance"]?.read("on or off") { ["on": true, "off": false][$0] }
        gateway.governance = governance ?? gateway.governance
        gateway.keepAlive = fields["keepalive"]?.duration(.zero ... .seconds(3600)) ?? gateway.keepAlive
        let stored = fields["stored_responses"]?.read("off, or a time such as 30d") { text -> Duration?? in
            if text == "off" { return .some(nil) }
            return Duration(text: text).flatMap { $0 >= .seconds(60) ? .some($0) : nil }
        }
        if let stored { gateway.storedResponses = stored }
        gateway.drain = fields["drain"]?.duration(.zero ... .seconds(3600)) ?? gateway.drain
        fields.finish()
        return gateway
    }

    func readGuardrails(_ value: YAMLValue?) -> (list: [Guardrail], policy: GuardrailPolicy) {
        guard let value, let list = value.list() else { return ([], GuardrailPolicy()) }
        let guardrails = list.compactMap { $0.mapping().flatMap(readGuardrail) }
        guard guardrails.count == list.count else { return (guardrails, GuardrailPolicy()) }
        do {
            return (guardrails, try GuardrailPolicy(guardrails))
        } catch {
            value.report("guardrails: \(error)")
            return (guardrails, GuardrailPolicy())
        }
    }

    private func readGuardrail(_ fields: YAMLMapping) -> Guardrail? {
        let name = fields["name"]?.read("a name of letters, digits, '-', '_' and '.'") {
            ProviderReader.isName($0) ? $0 : nil
        }
        if fields["name"] == nil { fields.lacks("name", "\(fields.value.place) has no 'name'") }
        let rule = readRule(fields)
        let replacement = fields["with"]?.text()
        let action = fields["action"]?.read("refuse or redact") { text -> Guardrail.Action? in
            ["refuse": .refuse, "redact": .redact(with: replacement)][text]
        }
        if fields["action"] == nil { fields.lacks("action", "\(fields.value.place) has no 'action': refuse or redact") }
        if case .refuse = action, replacement != nil {
            fields.report("\(fields.value.place) refuses, so 'with' replaces nothing")
        }
        let sides = fields["on"].map(readSides) ?? [.request, .answer]
        fields.finish()
        guard let name, let rule, let action, !sides.isEmpty else { return nil }
        return Guardrail(name: name, rule: rule, action: action, appliesTo: sides)
    }

    private func readRule(_ fields: YAMLMapping) -> Guardrail.Rule? {
        let kind = fields["rule"]?.read("secrets or banned_words") {
            ["secrets", "banned_words"].contains($0) ? $0 : nil
        }
        if fields["rule"] == nil {
            fields.lacks("rule", "\(fields.value.place) has no 'rule': secrets or banned_words")
        }
        let words = fields["words"]?.list(ifEmpty: "list what it looks for, such as [Bluebird, \"project falcon\"]")?
            .compactMap { $0.text() }
        let caseSensitive = fields["case_sensitive"]?.flag()
        let wholeWords = fields["whole_words"]?.flag()
        let kinds = fields["kinds"]?.list(ifEmpty: "list what it looks for, or leave it out for all kinds")?
            .compactMap { $0.choice(SecretKind.self) }
        switch kind {
        case "secrets":
            if words != nil || caseSensitive != nil || wholeWords != nil {
                fields.report("\(fields.value.place): words belong to the rule banned_words")
            }
            if kinds?.isEmpty == true { return nil }
            return .secrets(kinds.map(Set.init) ?? SecretKind.all)
        case "banned_words":
            if kinds != nil { fields.report("\(fields.value.place): kinds belong to the rule secrets") }
            guard let words, !words.isEmpty else {
                if fields["words"] == nil { fields.lacks("words", "\(fields.value.place) has no 'words'") }
                return nil
            }
            return .bannedWords(words, caseInsensitive: !(caseSensitive ?? false), wholeWords: wholeWords ?? true)
        default: return nil
        }
    }

    private func readSides(_ value: YAMLValue) -> Guardrail.Sides {
        var sides: Guardrail.Sides = []
        for element in value.list(ifEmpty: "list request, answer or both, or leave it out for both") ?? [] {
            let side = element.read("request or answer") { text -> Guardrail.Sides? in
                ["request": .request, "answer": .answer][text]
            }
            sides.formUnion(side ?? [])
        }
        return sides
    }
}
