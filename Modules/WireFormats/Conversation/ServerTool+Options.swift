import JSONText

/// What a provider's tool is told, and what another provider's tool of the same kind can be told of it.
///
/// What forbids the model something, the domains that it may not read or the web as a whole, holds: where the provider's
/// tool cannot be told, it is left out as one that the provider does not have. Anything else is dropped and reported.
extension ServerTool {
    /// What ``SearchOptions`` holds, by the names for a report.
    enum Option: String {
        case allowedDomains = "allowed_domains"
        case blockedDomains = "blocked_domains"
        case userLocation = "user_location"
        case contextSize = "search_context_size"
        case maxUses = "max_uses"
    }

    /// - Parameter members: those beside the type and the name.
    init(
        _ kind: Kind, name: String? = nil, members: JSONObject, native: JSON, nativeDialect: Dialect
    ) {
        self.init(kind, name: name, native: native, nativeDialect: nativeDialect)
        extras = members
        switch kind {
        case .webSearch, .webFetch:
            search = SearchOptions(taking: &extras)
            // The default.
            if extras["external_web_access"] == true { extras["external_web_access"] = nil }
        case .codeExecution:
            // `{"type":"auto"}` asks for nothing.
            guard let container = extras["container"]?.object else { break }
            extras["container"] = nil
            extras = extras.overlaid(by: container.present(beside: ["type"]))
        default: break
        }
    }

    /// What the client calls it: its type; of Google's the member that it is, of Converse's its name.
    var clientName: String {
        if let type = native["type"]?.string { return type }
        switch nativeDialect {
        case .chatCompletions: return "web_search_options"
        case .generateContent: return native.object?.keys.first ?? kind.rawValue
        case .converse: return name ?? native.object?.keys.first ?? kind.rawValue
        default: return kind.rawValue
        }
    }

    /// Reports what goes along with this tool and has no place in the provider's own of the same kind.
    ///
    /// - Parameter options: those that the provider's has.
    /// - Returns: false where the provider's cannot be held to what this one forbids: it may not be offered, and that is
    ///   reported.
    func settle(taking options: Set<Option>, _ losses: inout LossReport) -> Bool {
        guard isHeld(by: options) else {
            losses.drop(clientName)
            return false
        }
        if let search {
            let others: [(Option, Bool)] = [
                (.userLocation, search.userLocation != nil), (.contextSize, search.asksForContextSize),
                (.maxUses, search.maxUses != nil),
            ]
            for (option, isThere) in others where isThere && !options.contains(option) { losses.drop(option.rawValue) }
        }
        losses.drop(extras)
        return true
    }

    private func isHeld(by options: Set<Option>) -> Bool {
        if search?.allowedDomains?.isEmpty == false, !options.contains(.allowedDomains) { return false }
        if search?.blockedDomains?.isEmpty == false, !options.contains(.blockedDomains) { return false }
        return !extras.contains { ServerTool.forbids($0.key, $0.value) }
    }

    /// Of members that are left: limits of a shape that nobody reads, and a search without the web (`external_web_access`:
    /// "Defaults to true when omitted. When false, the web search tool runs in offline/cache-only mode", openai 3.54.0,
    /// `WebSearchTool`; Codex says it by default).
    private static func forbids(_ name: String, _ value: JSON) -> Bool {
        switch name {
        case "external_web_access": !value.isNull && value != true
        case "filters", "allowed_domains", "blocked_domains", "excluded_domains", "excludeDomains", "exclude_domains":
            !value.isNull && value != [] && value != [:]
        default: false
        }
    }
}

extension ServerTool.SearchOptions {
    /// `medium` is what is done without it
    /// (https://platform.openai.com/docs/guides/tools-web-search#search-context-size, read on 2026-11-29).
    var asksForContextSize: Bool { contextSize != nil && contextSize != "medium" }

    /// Takes what is known out of a tool's members. What is of another type, or said twice, stays.
    init(taking members: inout JSONObject) {
        self.init()
        takeDomains(from: &members)
        if var filters = members["filters"]?.object {
            takeDomains(from: &filters)
            members["filters"] = nil
            if !filters.isEmpty { members["filters"] = .object(filters) }
        }
        if let location = members["user_location"]?.object {
            userLocation = (location["approximate"]?.object ?? location).present(beside: ["type"])
            members["user_location"] = nil
        }
        if let size = members["search_context_size"]?.string {
            contextSize = size
            members["search_context_size"] = nil
        }
        if let most = members["max_uses"]?.int {
            maxUses = most
            members["max_uses"] = nil
        }
    }

    private mutating func takeDomains(from members: inout JSONObject) {
        if allowedDomains == nil, let domains = members["allowed_domains"]?.texts {
            allowedDomains = domains
            members["allowed_domains"] = nil
        }
        // OpenAI has no such filter; xAI's and OpenRouter's is `excluded_domains`
        // (https://docs.x.ai/docs/guides/tools/search-tools, read on 2026-11-29), Google's `excludeDomains`.
        for name in ["excluded_domains", "blocked_domains", "excludeDomains", "exclude_domains"]
        where blockedDomains == nil {
            guard let domains = members[name]?.texts else { continue }
            blockedDomains = domains
            members[name] = nil
        }
    }
}

extension JSON {
    /// The elements of a list of nothing but texts.
    var texts: [String]? {
        guard let array else { return nil }
        let texts = array.compactMap(\.string)
        return texts.count == array.count ? texts : nil
    }
}

extension LossReport {
    /// Reports members for which a dialect has no place. Those that Chat has in an object of its own within (`function`,
    /// `custom`, `json_schema`) go by their own names.
    mutating func dropNested(_ extras: JSONObject) {
        for (name, value) in extras {
            if ["function", "custom", "json_schema"].contains(name), let inner = value.object {
                drop(inner)
            } else {
                drop([name: value])
            }
        }
    }
}
