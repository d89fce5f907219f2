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

    /// The tool of that kind for a conversation of another dialect; nil where Google has none that may be offered, which
    /// is reported.
    static func native(
        _ tool: ServerTool, isVertex: Bool, _ losses: inout LossReport
    ) -> JSON? {
        switch tool.kind {
        case .webSearch:
            // "excludeDomains … not supported in Gemini API" (google-genai 3.6.1, types.GoogleSearch).
            guard tool.settle(taking: isVertex ? [.blockedDomains] : [], &losses) else { return nil }
            var search = JSONObject()
            if let blocked = tool.search?.blockedDomains, !blocked.isEmpty {
                search["excludeDomains"] = .array(blocked.map { .string($0) })
            }
            return ["googleSearch": .object(search)]
        case .codeExecution:
            guard tool.settle(taking: [], &losses) else { return nil }
            return ["codeExecution": [:]]
        case .webFetch:
            guard tool.settle(taking: [], &losses) else { return nil }
            return ["urlContext": [:]]
        default:
            losses.drop(tool.clientName)
            return nil
        }
    }

    /// A tool of Google's: the member that it is.
    static func read(_ name: String, _ value: JSON) -> ServerTool {
        ServerTool(
            kind(ofMember: name), members: value.object?.present(beside: []) ?? [:],
            native: .object(JSONObject(name, value)), nativeDialect: .generateContent)
    }
}
