import JSONText

/// The tools that Google runs: what they are called in `tools`, in `toolCall`, and in the model.
///
/// Source: https://ai.google.dev/api/caching#Tool and google-genai 3.6.1 `types.Tool`, `types.ToolType`.
enum GoogleServerTools {
    static func kind(ofMember name: String) -> ServerTool.Kind {
        switch name {
        case "googleSearch", "googleSearchRetrieval", "enterpriseWebSearch", "parallelAiSearch": .webSearch
        case "codeExecution": .codeExecution
        case "urlContext": .webFetch
        case "fileSearch", "retrieval": .fileSearch
        case "googleMaps": .maps
        case "computerUse": .computerUse
        case "mcpServers": .mcp
        default: .other
        }
    }

    static func kind(ofType type: String?) -> ServerTool.Kind {
        switch type {
        case "GOOGLE_SEARCH_WEB", "GOOGLE_SEARCH_IMAGE": .webSearch
        case "URL_CONTEXT": .webFetch
        case "GOOGLE_MAPS": .maps
        case "FILE_SEARCH": .fileSearch
        default: .other
        }
    }

    /// The tool of that kind for a conversation of another dialect; nil where Google has none.
    static func native(
        _ tool: ServerTool, isVertex: Bool, _ losses: inout LossReport
    ) throws(RequestError) -> JSON? {
        switch tool.kind {
        case .webSearch:
            // "excludeDomains … not supported in Gemini API" (google-genai 3.6.1, types.GoogleSearch).
            try tool.settle(taking: isVertex ? [.blockedDomains] : [], &losses)
            var search = JSONObject()
            if let blocked = tool.search?.blockedDomains, !blocked.isEmpty {
                search["excludeDomains"] = .array(blocked.map { .string($0) })
            }
            return ["googleSearch": .object(search)]
        case .codeExecution:
            try tool.settle(taking: [], &losses)
            return ["codeExecution": .object(JSONObject())]
        case .webFetch:
            try tool.settle(taking: [], &losses)
            return ["urlContext": .object(JSONObject())]
        default: return nil
        }
    }

    /// A tool of Google's: the member that it is, and where that stands.
    static func read(_ name: String, _ value: JSON, at path: String) -> ServerTool {
        let kind = kind(ofMember: name)
        var tool = ServerTool(
            kind, native: .object(JSONObject(name, value)), nativeDialect: .generateContent, place: path)
        tool.extras = value.object?.present(beside: []) ?? [:]
        guard kind == .webSearch else { return tool }
        for name in ["excludeDomains", "exclude_domains"] where tool.search == nil {
            guard let domains = tool.extras[name]?.texts else { continue }
            tool.search = ServerTool.SearchOptions()
            tool.search?.blockedDomains = domains
            tool.extras[name] = nil
        }
        return tool
    }
}
