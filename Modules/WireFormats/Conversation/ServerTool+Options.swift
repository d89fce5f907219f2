import JSONText

/// What a provider's tool is told, and what another provider's tool of the same kind can be told of it.
///
/// What forbids the model something, the domains that it may not read or the web as a whole, is refused where it cannot
/// be told: the model would do what was forbidden. Anything else is dropped and reported.
extension ServerTool {
    /// What ``SearchOptions`` holds, by the names for a report.
    enum Option: String {
        case allowedDomains = "allowed_domains"
        case blockedDomains = "blocked_domains"
        case userLocation = "user_location"
        case contextSize = "search_context_size"
        case maxUses = "max_uses"
    }

    /// A tool in OpenAI's words, and in those of others who took them up.
    ///
    /// - Parameter members: those beside the type and the name.
    init(
        _ kind: Kind, name: String? = nil, members: JSONObject, native: JSON, nativeDialect: Dialect, place: String
    ) {
        self.init(kind, name: name, native: native, nativeDialect: nativeDialect, place: place)
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
    /// - Throws: a 400 for what forbids the model something.
    func settle(taking options: Set<Option>, _ losses: inout LossReport) throws(RequestError) {
        if let search {
            if search.allowedDomains?.isEmpty == false, !options.contains(.allowedDomains) {
                throw refusal(of: Option.allowedDomains.rawValue)
            }
            if search.blockedDomains?.isEmpty == false, !options.contains(.blockedDomains) {
                throw refusal(of: nativeDialect == .generateContent ? "excludeDomains" : Option.blockedDomains.rawValue)
            }
            let others: [(Option, Bool)] = [
                (.userLocation, search.userLocation != nil), (.contextSize, search.contextSize != nil),
                (.maxUses, search.maxUses != nil),
            ]
            for (option, isThere) in others where isThere && !options.contains(option) { losses.drop(option.rawValue) }
        }
        for (name, value) in extras where ServerTool.forbids(name, value) { throw refusal(of: name) }
        losses.drop(extras)
    }

    private func refusal(of option: String) -> RequestError {
        RequestError(
            message: "Invalid '\(place)': the provider of this model can't be held to the tool's '\(option)'.",
            param: place, code: "unsupported_content")
    }

    /// Of members that are left: limits of a shape that nobody reads, and a search without the web (`external_web_access`:
    /// "Defaults to true when omitted. When false, the web search tool runs in offline/cache-only mode", openai 3.54.0,
    /// `WebSearchTool`).
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
        // (https://docs.x.ai/docs/guides/tools/search-tools, read on 2026-11-29).
        for name in ["excluded_domains", "blocked_domains"] where blockedDomains == nil {
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
