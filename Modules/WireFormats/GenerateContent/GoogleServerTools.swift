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

    /// The tool of that kind for a conversation of another dialect; nil where its options mean nothing to Google.
    static func native(_ tool: ServerTool, isVertex: Bool, _ losses: inout LossReport) -> JSON? {
        switch tool.kind {
        case .webSearch:
            var search = JSONObject()
            if let options = tool.search {
                if options.allowedDomains != nil { losses.drop("allowed_domains") }
                if let blocked = options.blockedDomains {
                    // "excludeDomains … not supported in Gemini API" (google-genai 3.6.1, types.GoogleSearch).
                    if isVertex {
                        search["excludeDomains"] = .array(blocked.map { .string($0) })
                    } else {
                        losses.drop("blocked_domains")
                    }
                }
                if options.userLocation != nil { losses.drop("user_location") }
                if options.contextSize != nil { losses.drop("search_context_size") }
                if options.maxUses != nil { losses.drop("max_uses") }
            }
            return ["googleSearch": .object(search)]
        case .codeExecution: return ["codeExecution": .object(JSONObject())]
        case .webFetch: return ["urlContext": .object(JSONObject())]
        default: return nil
        }
    }

    /// What a web search has in common with other dialects'.
    static func search(_ native: JSON) -> ServerTool.SearchOptions? {
        guard let domains = native["excludeDomains"]?.array ?? native["exclude_domains"]?.array else { return nil }
        var options = ServerTool.SearchOptions()
        options.blockedDomains = domains.compactMap(\.string)
        return options
    }
}
