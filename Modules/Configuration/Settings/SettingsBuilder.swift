import Budgets
import Guardrails
import Providers
import Routing
import Secrets
import Units
import WireFormats
import Yams

/// Turns the tree of a configuration into ``Settings``, section by section.
///
/// It goes on after a problem with the section's default, so that all problems are found; what it then makes is
/// thrown away.
struct SettingsBuilder {
    let top: YAMLMapping
    let folder: String
    /// What an earlier load read; nil where no tokenizer is wanted.
    let knownTokenizers: [TokenizerFile]?
    let isSet: (String) -> Bool
    private(set) var warnings: [ConfigurationError.Problem] = []
    private var accounts: [String: Settings.ProviderSettings] = [:]
    /// All that `providers` names, also those that can't be read; nil where it itself can't.
    private var namedProviders: Set<String>?
    private var keyPlaces: [String: Settings.KeyPlace] = [:]
    var ownSecretPlaces: [Settings.OwnSecret: Settings.KeyPlace] = [:]
    private var privateHosts: Set<String> = []
    /// By path: each file is read once, and complained about wherever it is named.
    private var tokenizers: [String: Result<TokenizerFile, TokenizerFile.Unusable>] = [:]

    /// What models use where they say nothing themselves.
    struct Defaults {
        var retries = RetryPolicy()
        var cooldown = CooldownPolicy()
        var timers = Timers()
        var onClientGone = ClientGonePolicy.cancel
        var maxOutputTokens = 4096
        var translation = TranslationPolicy()
        var unpricedModels = UnpricedPolicy.refuse
    }

    init(
        _ top: YAMLMapping, folder: String, tokenizers: [TokenizerFile]? = [], isSet: @escaping (String) -> Bool
    ) {
        self.top = top
        self.folder = folder
        knownTokenizers = tokenizers
        self.isSet = isSet
    }

    mutating func build() -> Settings {
        let allowsLiterals = top["allow_literal_secrets"]?.flag() ?? false
        readProviders(top["providers"], allowsLiterals: allowsLiterals)
        let defaults = readDefaults()
        let routes = readModels(top["models"], defaults)
        let (timeZoneName, timeZone) = readTimeZone(top["time_zone"])
        let guardrails = readGuardrails(top["guardrails"])
        let limits = readLimits(top["limits"])
        readEgress(top["egress"])
        let settings = Settings(
            folder: folder, providers: accounts, routes: RouteTable(routes),
            globalLimits: readGlobalBudget(top["global_budget"]), timeZoneName: timeZoneName, timeZone: timeZone,
            defaultMaxOutputTokens: defaults.maxOutputTokens, guardrails: guardrails.list,
            guardrailPolicy: guardrails.policy, keys: readKeys(top["keys"], allowsLiterals: allowsLiterals),
            metricsToken: readMetrics(top["metrics"], allowsLiterals: allowsLiterals), limits: limits,
            logs: readLogs(top["logs"]), gateway: readGateway(top["gateway"]), privateHosts: privateHosts,
            tokenizers: tokenizers.values.compactMap { try? $0.get() }, keyPlaces: keyPlaces,
            ownSecretPlaces: ownSecretPlaces, warnings: warnings)
        top.finish()
        return settings
    }

    private mutating func warn(_ mark: Mark?, _ text: String) {
        let warning = ConfigurationError.Problem(
            file: top.value.reader.file, line: mark?.line ?? 0, column: mark?.column ?? 0, text: text)
        // What an alias repeats is said once.
        if !warnings.contains(warning) { warnings.append(warning) }
    }

    private mutating func readRetries(_ value: YAMLValue?, _ defaults: RetryPolicy) -> RetryPolicy {
        let policy = PolicyReader.retries(value, defaults)
        warn(of: [("backoff", policy.backoff)], longerThan: ("backoff_max", policy.backoffMost), in: value)
        return policy
    }

    private mutating func readTimers(_ value: YAMLValue?, _ defaults: Timers) -> Timers {
        let timers = PolicyReader.timers(value, defaults)
        let parts = [("connect", timers.connect), ("first_byte", timers.firstByte), ("idle", timers.idle)]
        warn(of: parts, longerThan: ("total", timers.total), in: value)
        return timers
    }

    /// Only of parts that are stated here: a whole may well be there to cut short what is inherited.
    private mutating func warn(
        of parts: [(key: String, length: Duration)], longerThan whole: (key: String, length: Duration),
        in value: YAMLValue?
    ) {
        guard let fields = value?.mapping() else { return }
        for part in parts where part.length > whole.length {
            guard let stated = fields[part.key] else { continue }
            warn(
                stated.mark,
                "\(stated.place) is \(part.length.short), but \(whole.key) cuts it off at \(whole.length.short)")
        }
    }

    private mutating func readDefaults() -> Defaults {
        var defaults = Defaults()
        defaults.retries = readRetries(top["retries"], defaults.retries)
        defaults.cooldown = PolicyReader.cooldown(top["cooldown"], defaults.cooldown)
        defaults.timers = readTimers(top["timeouts"], defaults.timers)
        defaults.onClientGone = top["on_client_gone"]?.choice(ClientGonePolicy.self) ?? defaults.onClientGone
        defaults.maxOutputTokens = top["default_max_output_tokens"]?.number(1...10_000_000) ?? defaults.maxOutputTokens
        defaults.translation = PolicyReader.translation(top, defaults.translation)
        defaults.unpricedModels = top["unpriced_models"]?.choice(UnpricedPolicy.self) ?? defaults.unpricedModels
        return defaults
    }
}

// MARK: - Providers

extension SettingsBuilder {
    private mutating func readProviders(_ value: YAMLValue?, allowsLiterals: Bool) {
        guard let value else { return top.lacks("providers", "the top level has no 'providers'") }
        guard let mapping = value.mapping() else { return }
        namedProviders = Set(mapping.entries.map(\.key))
        for entry in mapping.entries {
            _ = mapping[entry.key]
            guard ProviderReader.isName(entry.key) else {
                entry.value.report(
                    "'\(entry.key.prefix(60))' can't name a provider; use letters, digits, '-', '_' and '.'")
                continue
            }
            let fields = entry.value.isNull ? nil : entry.value.mapping()
            if fields == nil, !entry.value.isNull { continue }
            let reader = ProviderReader(
                name: entry.key, mark: entry.mark, value: entry.value, fields: fields, allowsLiterals: allowsLiterals,
                isSet: isSet)
            guard let account = reader.read() else { continue }
            accounts[entry.key] = account
            let mark = fields?["api_key"]?.mark ?? entry.mark
            keyPlaces[entry.key] = (value.reader.file, mark?.line ?? 0, mark?.column ?? 0)
            guard let url = account.provider.baseURL.flatMap({ BaseURL($0) }) else { continue }
            if reader.namesBaseURL || url.isLoopback { privateHosts.insert(url.host) }
            if reader.namesBaseURL, let path = Self.dialectPaths.first(where: { url.path.hasSuffix($0) }) {
                warn(
                    fields?["base_url"]?.mark,
                    "providers.\(entry.key).base_url ends in \(path), which each call puts behind it; cut that off: "
                        + url.description.dropLast(path.utf8.count))
            }
            if url.scheme == .http, !url.isLoopback, account.key != nil {
                warn(entry.mark, "providers.\(entry.key): its key travels to \(url.host) without TLS")
            }
        }
    }

    /// What is copied along with a base URL from a page's example of a call.
    private static let dialectPaths = [
        "/chat/completions", "/completions", "/responses", "/messages", "/embeddings",
    ]

    private mutating func readEgress(_ value: YAMLValue?) {
        guard let fields = value?.mapping() else { return }
        for host in fields["allow_private"]?.list() ?? [] {
            let name = host.read("a host name or address, without scheme and port") { text in
                let isAddress = text.contains(":")
                return BaseURL("https://" + (isAddress ? "[\(text)]" : text)).flatMap { url in
                    url.path.isEmpty && url.port == 443 ? url.host : nil
                }
            }
            if let name { privateHosts.insert(name) }
        }
        fields.finish()
    }
}

/// One entry of `providers`.
struct ProviderReader {
    let name: String
    let mark: Mark?
    let value: YAMLValue
    let fields: YAMLMapping?
    let allowsLiterals: Bool
    let isSet: (String) -> Bool

    var namesBaseURL: Bool { fields?["base_url"] != nil }

    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-_.".utf8.contains(byte)
                }
            }
    }

    func read() -> Settings.ProviderSettings? {
        defer { fields?.finish() }
        let like = fields?["like"]?.read("the name of a known provider") { Provider.named($0) }
        let key = fields?["api_key"]?.secret(allowsLiteral: allowsLiterals)
        let form =
            "an http or https URL without user, query or fragment, its port from 1 to 65535, "
            + "no segment of its path empty, '.' or '..'"
        let baseURL = fields?["base_url"]?.read(form) { BaseURL($0)?.description }
        let version = fields?["api_version"]?.read("a version such as 2024-10-21") {
            ProviderReader.isName($0) ? $0 : nil
        }
        let streamUsage = fields?["stream_usage"]?.read("when_asked, always or every_chunk") { text in
            ["when_asked": Provider.StreamUsage.whenAsked, "always": .always, "every_chunk": .everyChunk][text]
        }
        let outputCap = fields?["output_cap"]?.read("max_tokens or max_completion_tokens") {
            Provider.OutputCap(rawValue: $0)
        }
        let region = fields?["region"]?.read("a region such as eu-central-1") { ProviderReader.isName($0) ? $0 : nil }
        let dialects = fields?["dialects"].flatMap(readDialects)
        let refuses = fields?["refuses"]?.texts("a list of parameters")
        let headers = fields?["headers"].map(readHeaders)
        let keyOptional = fields?["key_optional"]?.flag()

        guard var provider = like ?? Provider.named(name) ?? baseURL.map({ Provider.custom(name, at: $0) }) else {
            if fields?["base_url"] == nil, fields?["like"] == nil { reportUnknown() }
            return nil
        }
        provider.name = name
        provider.baseURL = baseURL ?? provider.baseURL
        provider.streamUsage = streamUsage ?? provider.streamUsage
        provider.chatOutputCap = outputCap ?? provider.chatOutputCap
        provider.refuses = refuses ?? provider.refuses
        provider.region = region
        provider.dialects = dialects ?? provider.dialects
        provider.headers += headers ?? []
        provider.keyIsOptional = keyOptional ?? provider.keyIsOptional
        if provider.baseURL == nil, fields?["base_url"] == nil {
            lacks("base_url", "providers.\(name) needs a base_url; see \(provider.source.documentation)")
        }
        if let parameter = provider.versionParameter, fields?["api_version"] == nil {
            lacks("api_version", "providers.\(name) needs an api_version: its calls have ?\(parameter)=")
        }
        return .init(provider: provider, key: key ?? usualKey(of: provider), apiVersion: version)
    }

    private func lacks(_ key: String, _ text: String) {
        if let fields { fields.lacks(key, at: mark, text) } else { value.reader.report(mark, text) }
    }

    private func readDialects(_ value: YAMLValue) -> [Dialect]? {
        value.list(ifEmpty: "nothing could be asked for")?.compactMap { $0.choice(Dialect.self) }
    }

    /// The variable that is set, else the usual one; none where the provider needs no key.
    private func usualKey(of provider: Provider) -> SecretReference? {
        if fields?["api_key"] != nil { return nil }
        if let set = provider.keyVariables.first(where: isSet) { return .environment(set) }
        return provider.keyIsOptional ? nil : provider.keyVariables.first.map { .environment($0) }
    }

    private func reportUnknown() {
        let names = Provider.known.map(\.name)
        let advice = Suggestion.nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
        lacks("base_url", "providers.\(name) is not a known provider and has no base_url\(advice)")
    }

    private func readHeaders(_ value: YAMLValue) -> [Provider.Header] {
        let ours: Set<String> = [
            "authorization", "api-key", "x-api-key", "x-goog-api-key", "cookie", "host", "content-length",
            "content-type", "transfer-encoding", "connection", "expect", "te", "upgrade",
        ]
        guard let mapping = value.mapping() else { return [] }
        var headers: [Provider.Header] = []
        for entry in mapping.entries {
            guard let field = mapping[entry.key] else { continue }
            let isToken = !entry.key.isEmpty && entry.key.utf8.allSatisfy { (33...126).contains($0) && $0 != 58 }
            guard isToken, !ours.contains(entry.key.lowercased()) else {
                value.reader.report(entry.mark, "\(field.place) can't be set: it is the gateway's own, or no header")
                continue
            }
            let text = field.text()
            guard let text, text.utf8.allSatisfy({ (32...126).contains($0) }) else {
                if text != nil { field.report("\(field.place) has characters that a header can't hold") }
                continue
            }
            headers.append(.init(entry.key, text))
        }
        return headers
    }
}

// MARK: - Models

extension SettingsBuilder {
    private mutating func readModels(_ value: YAMLValue?, _ defaults: Defaults) -> [Route] {
        guard let value else {
            top.lacks("models", "the top level has no 'models'")
            return []
        }
        guard let list = value.list(ifEmpty: "nothing could be asked for") else { return [] }
        var routes: [Route] = []
        var fallbacks: [Fallbacks] = []
        var named: Set<String> = []
        for element in list {
            guard let fields = element.mapping() else { continue }
            var name = ""
            if case .scalar(let scalar)? = fields["name"]?.node { name = scalar.string }
            named.insert(name)
            for kind in Fallbacks.Kind.allCases {
                if let value = fields[kind.rawValue] { fallbacks.append(Fallbacks(of: name, kind, value)) }
            }
            guard let route = readModel(fields, defaults) else { continue }
            if routes.contains(where: { $0.name == route.name }) {
                element.report("\(element.place): the model '\(route.name)' stands more than once")
            }
            routes.append(route)
        }
        let table = RouteTable(routes)
        check(fallbacks, in: table, named)
        for kind in Fallbacks.Kind.allCases { warnOfCircles(of: kind, fallbacks, in: table) }
        return routes
    }

    /// A model's fallbacks of one kind, as the file has them.
    private struct Fallbacks {
        enum Kind: String, CaseIterable {
            case ordinary = "fallbacks"
            case contextWindow = "context_window_fallbacks"

            func names(of route: Route) -> [String] {
                switch self {
                case .ordinary: route.fallbacks
                case .contextWindow: route.contextWindowFallbacks
                }
            }
        }

        let model: String
        let kind: Kind
        let value: YAMLValue

        init(of model: String, _ kind: Kind, _ value: YAMLValue) {
            self.model = model
            self.kind = kind
            self.value = value
        }
    }

    /// Every fallback is a model, and not the one that it stands in for.
    ///
    /// - Parameter named: also the models whose names are wrong, of which that is said already.
    private func check(_ fallbacks: [Fallbacks], in table: RouteTable, _ named: Set<String>) {
        let names = table.routes.map(\.name)
        for list in fallbacks {
            guard case .sequence = list.value.node else { continue }
            for element in list.value.list() ?? [] {
                guard let name = element.text() else { continue }
                if name == list.model {
                    element.report("\(element.place) is the model itself")
                } else if table.find(name) == nil, !named.contains(name) {
                    let advice = Suggestion.nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
                    element.report("\(element.place) is '\(name.prefix(60))', which is no model here\(advice)")
                }
            }
        }
    }

    /// Names fallbacks that lead back to where they began, each model in one circle. Only within a kind: a model that takes
    /// long requests for another may well have that for its ordinary fallback.
    private mutating func warnOfCircles(of kind: Fallbacks.Kind, _ fallbacks: [Fallbacks], in table: RouteTable) {
        // A name may be the fallback of many, and is searched once; of a circle that was told none is.
        var done: Set<String> = []
        for name in table.routes.flatMap({ [$0.name] + kind.names(of: $0) }) {
            guard done.insert(name).inserted, let circle = self.circle(from: name, of: kind, in: table),
                let route = table.find(name)?.route,
                let list = fallbacks.first(where: { $0.kind == kind && $0.model == route.name })
            else { continue }
            done.formUnion(circle)
            let names = circle.map { $0.prefix(60) }.joined(separator: " → ")
            warn(
                list.value.mark,
                "\(list.value.place) go round in a circle, \(names): no request tries any of them a second time")
        }
    }

    /// The shortest way from a model over its fallbacks back to it, among those that a request could go; nil where there is
    /// none. It goes through a route once: a wildcard's fallback that it serves itself stands in for its other names.
    private func circle(from name: String, of kind: Fallbacks.Kind, in table: RouteTable) -> [String]? {
        guard let start = table.find(name)?.route else { return nil }
        var ways = [(names: [name], last: start)][...]
        var seen: Set = [start.name]
        while let way = ways.popFirst() {
            for next in kind.names(of: way.last) {
                if next == name, way.names.count > 1 { return way.names + [name] }
                guard way.names.count <= RequestJourney.fallbacksMost, let route = table.find(next)?.route,
                    seen.insert(route.name).inserted
                else { continue }
                ways.append((way.names + [next], route))
            }
        }
        return nil
    }

    private mutating func readModel(_ fields: YAMLMapping, _ defaults: Defaults) -> Route? {
        let name = fields["name"]?.read("a name without spaces, with at most one *") { text in
            let stars = text.utf8.reduce(0) { $0 + ($1 == UInt8(ascii: "*") ? 1 : 0) }
            let isPlain = text.utf8.allSatisfy { $0 > 32 && $0 != 127 }
            return !text.isEmpty && text.utf8.count <= 256 && stars <= 1 && isPlain ? text : nil
        }
        if name == nil, fields["name"] == nil { fields.lacks("name", "\(fields.value.place) has no 'name'") }
        let price = fields["price"].map(PriceReader.read)
        let unpriced = fields["unpriced_models"]?.choice(UnpricedPolicy.self) ?? defaults.unpricedModels
        let targets = readTargets(fields, model: name ?? "*", price, unpriced)
        let route = Route(
            name ?? "", targets: targets, fallbacks: fallbacks(fields["fallbacks"]),
            contextWindowFallbacks: fallbacks(fields["context_window_fallbacks"]),
            retries: readRetries(fields["retries"], defaults.retries),
            cooldown: PolicyReader.cooldown(fields["cooldown"], defaults.cooldown),
            timers: readTimers(fields["timeouts"], defaults.timers),
            onClientGone: fields["on_client_gone"]?.choice(ClientGonePolicy.self) ?? defaults.onClientGone,
            maxOutputTokens: fields["max_output_tokens"]?.number(1...10_000_000), unpricedModels: unpriced,
            translation: PolicyReader.translation(fields, defaults.translation),
            tokenizer: fields["tokenizer"].flatMap { readTokenizer($0) })
        fields.finish()
        return name == nil ? nil : route
    }

    /// `tokenizer: o200k_base.tiktoken`
    private mutating func readTokenizer(_ value: YAMLValue) -> Tokenizer? {
        let name = value.read("the path of a .tiktoken file") { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 }
        guard let name, let knownTokenizers else { return nil }
        let path = name.hasPrefix("/") ? name : "\(folder)/\(name)"
        let read = tokenizers[path] ?? tokenizerFile(name, at: path, knownTokenizers)
        tokenizers[path] = read
        do {
            return try read.get().tokenizer
        } catch {
            value.report("\(value.place): \(name.prefix(200)) \(error.reason)")
            return nil
        }
    }

    private func tokenizerFile(
        _ name: String, at path: String, _ known: [TokenizerFile]
    ) -> Result<TokenizerFile, TokenizerFile.Unusable> {
        if let known = known.first(where: { $0.path == path }), known.isCurrent { return .success(known) }
        return Result { () throws(TokenizerFile.Unusable) in try TokenizerFile(name, at: path) }
    }

    private func fallbacks(_ value: YAMLValue?) -> [String] { value?.list()?.compactMap { $0.text() } ?? [] }

    private mutating func readTargets(
        _ fields: YAMLMapping, model: String, _ price: ModelPrice?, _ unpriced: UnpricedPolicy
    ) -> [Target] {
        guard let value = fields["targets"] else {
            fields.lacks("targets", "\(fields.value.place) has no 'targets'")
            return []
        }
        guard let list = value.list(ifEmpty: "nobody could answer") else { return [] }
        var targets: [Target] = []
        for element in list {
            guard let target = readTarget(element, model: model, price, unpriced) else { continue }
            if targets.contains(where: { $0.id == target.id }) {
                element.report("\(element.place) is there already: \(target); give that one more weight instead")
            }
            targets.append(target)
        }
        if !targets.isEmpty, targets.allSatisfy({ $0.weight == 0 }) {
            warn(value.mark, "\(value.place) have no weight: nobody answers")
        }
        return targets
    }

    /// `{provider: openai, model: gpt-4o}`, or short: `openai`, `openai/gpt-4o`.
    private mutating func readTarget(
        _ value: YAMLValue, model: String, _ price: ModelPrice?, _ unpriced: UnpricedPolicy
    ) -> Target? {
        var provider: String?
        var upstream: String?
        var weight = 1
        var order = 1
        var price = price
        var place = value
        if case .scalar = value.node {
            guard let text = value.text(expected: "a provider, provider/model, or keys and values") else { return nil }
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            provider = String(parts[0])
            upstream = parts.count > 1 ? String(parts[1]) : nil
            if upstream?.isEmpty == true {
                value.report(
                    "\(value.place) is '\(text.prefix(60))', with no model after the slash; write "
                        + "'\(parts[0].prefix(60))' to ask it for the model's own name")
                return nil
            }
        } else {
            guard let fields = value.mapping() else { return nil }
            if let named = fields["provider"] {
                place = named
                provider = named.text()
            } else {
                fields.lacks("provider", "\(value.place) has no 'provider'")
            }
            upstream = fields["model"]?.read("the provider's name for the model, with at most one *") { text in
                text.isEmpty || text.utf8.reduce(0, { $0 + ($1 == UInt8(ascii: "*") ? 1 : 0) }) > 1 ? nil : text
            }
            weight = fields["weight"]?.number(0...1_000_000) ?? weight
            order = fields["order"]?.number(0...1_000) ?? order
            price = fields["price"].map(PriceReader.read) ?? price
            fields.finish()
        }
        guard let provider else { return nil }
        guard let account = accounts[provider] else {
            if let namedProviders, !namedProviders.contains(provider) { reportUnknown(provider, at: place) }
            return nil
        }
        // Without a wildcard in the route there is nothing that a star could stand for.
        let isWildcard = model.utf8.contains(UInt8(ascii: "*"))
        let name = upstream ?? (isWildcard ? "*" : model)
        if !isWildcard, name.utf8.contains(UInt8(ascii: "*")) {
            place.report("\(value.place) has a * in its model, but the model's own name has none")
        }
        return Target(
            provider: account.provider, model: name, weight: weight, order: order,
            pricing: pricing(price, name, account.provider, at: value, unpriced), apiVersion: account.apiVersion)
    }

    private func pricing(
        _ price: ModelPrice?, _ model: String, _ provider: Provider, at value: YAMLValue, _ unpriced: UnpricedPolicy
    ) -> Pricing? {
        if let price {
            if !price.pricesOutput, unpriced == .refuse, !provider.dialects.contains(.embeddings) {
                value.report(
                    "\(value.place): the price of \(model) has no 'output', and \(provider.name) makes no embeddings: "
                        + "every call would be refused; say what output costs (0 where nothing)")
            }
            return .fixed(price)
        }
        // What a wildcard is asked for is only known when it is asked for.
        if model.utf8.contains(UInt8(ascii: "*")) { return .catalogue }
        if let known = ModelCatalogue.price(of: model, at: provider.catalogue) { return .fixed(known) }
        if unpriced == .refuse {
            value.report(
                "\(value.place): no price is known for \(model) at \(provider.name); give one "
                    + "(price: {input: 2.50, output: 10}, in dollars per million tokens), say price: free, or set "
                    + "unpriced_models: allow")
        }
        return nil
    }

    private func reportUnknown(_ provider: String, at place: YAMLValue) {
        if Provider.named(provider) != nil {
            place.report(
                "\(place.place): the provider '\(provider)' is known, but not listed; add it to providers:, "
                    + "if only as '\(provider): {}'")
            return
        }
        let advice =
            Suggestion.nearest(to: provider, among: Array(accounts.keys)).map { "; did you mean '\($0)'?" } ?? ""
        place.report("\(place.place): no provider is named '\(provider.prefix(60))' here\(advice)")
    }
}
