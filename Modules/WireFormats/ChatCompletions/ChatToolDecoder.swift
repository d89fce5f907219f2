import JSONText

/// Reads `tools`, `tool_choice`, `parallel_tool_calls`, `web_search_options`, and the legacy `functions` and
/// `function_call`.
enum ChatToolDecoder {
    static func read(_ members: inout ChatMembers, into conversation: inout Conversation) throws(RequestError) {
        if let tools = try members.array("tools") {
            for (index, tool) in tools.enumerated() {
                conversation.tools.append(try self.tool(tool, at: "tools[\(index)]"))
            }
        }
        if let choice = members.take("tool_choice") {
            conversation.toolChoice = try self.choice(choice, at: "tool_choice")
        }
        conversation.parallelToolCalls = try members.bool("parallel_tool_calls")
        if let functions = try members.array("functions") {
            conversation.usesLegacyFunctions = true
            for (index, function) in functions.enumerated() {
                var inner = try ChatMembers(function, at: "functions[\(index)]")
                var tool = Tool(.function(try self.function(&inner)))
                tool.extras = inner.leftover
                conversation.tools.append(tool)
            }
        }
        if let choice = members.take("function_call") {
            conversation.usesLegacyFunctions = true
            conversation.toolChoice = try legacyChoice(choice)
        }
        if let options = try members.object("web_search_options") {
            conversation.tools.append(
                Tool(
                    .server(
                        ServerTool(
                            .webSearch, native: .object(options), nativeDialect: .chatCompletions,
                            search: search(options)))))
        }
    }

    private static func tool(_ value: JSON, at path: String) throws(RequestError) -> Tool {
        var members = try ChatMembers(value, at: path)
        // Mistral's clients leave the type out.
        let type = try members.string("type") ?? (members.has("function") ? "function" : "")
        var tool: Tool
        switch type {
        case "function":
            guard let object = try members.object("function") else { throw RequestError.missing(path + ".function") }
            var inner = ChatMembers(object, at: path + ".function")
            tool = Tool(.function(try function(&inner)))
            if !inner.leftover.isEmpty { members.put("function", .object(inner.leftover)) }
        case "custom":
            guard let object = try members.object("custom") else { throw RequestError.missing(path + ".custom") }
            var inner = ChatMembers(object, at: path + ".custom")
            tool = Tool(
                .custom(
                    CustomTool(
                        name: try inner.requiredString("name"), description: try inner.string("description"),
                        format: flatFormat(try inner.object("format")))))
            if !inner.leftover.isEmpty { members.put("custom", .object(inner.leftover)) }
        case "": throw RequestError.missing(path + ".type")
        default: return Tool(.server(server(type, value)))
        }
        if let cache = members.take("cache_control") {
            tool.cache = try CacheMarker(chat: cache, at: path + ".cache_control")
        }
        tool.extras = members.leftover
        return tool
    }

    private static func function(_ members: inout ChatMembers) throws(RequestError) -> FunctionTool {
        FunctionTool(
            name: try members.requiredString("name"), description: try members.string("description"),
            parameters: try members.object("parameters").map { .object($0) }, strict: try members.bool("strict"))
    }

    /// A grammar is nested one deeper in Chat than in Responses; the model has it as Responses does.
    private static func flatFormat(_ format: JSONObject?) -> JSON? {
        guard var format else { return nil }
        if format["type"]?.string == "grammar", let grammar = format["grammar"]?.object {
            format["grammar"] = nil
            for (key, value) in grammar { format[key] = value }
        }
        return .object(format)
    }

    /// A tool of the provider's own: OpenRouter's `openrouter:web_search`, xAI's `live_search`, …
    private static func server(_ type: String, _ value: JSON) -> ServerTool {
        let last = type.split(separator: ":").last.map(String.init) ?? type
        var kind = ServerTool.Kind(rawValue: last) ?? .other
        if last == "browser_search" || last == "live_search" || last.hasPrefix("web_search") { kind = .webSearch }
        if last == "code_interpreter" { kind = .codeExecution }
        let options = kind == .webSearch ? value["parameters"]?.object ?? JSONObject() : nil
        return ServerTool(kind, native: value, nativeDialect: .chatCompletions, search: options.map(search))
    }

    private static func search(_ options: JSONObject) -> ServerTool.SearchOptions {
        var search = ServerTool.SearchOptions()
        search.contextSize = options["search_context_size"]?.string
        let place = options["user_location"]
        search.userLocation = place?["approximate"]?.object ?? place?.object
        search.userLocation?["type"] = nil
        search.allowedDomains = options["allowed_domains"]?.array?.compactMap(\.string)
        search.blockedDomains = (options["blocked_domains"] ?? options["excluded_domains"])?.array?.compactMap(\.string)
        search.maxUses = options["max_total_results"] == nil ? options["max_uses"]?.int : nil
        return search
    }

    static func choice(_ value: JSON, at path: String) throws(RequestError) -> ToolChoice {
        switch value {
        case .string("auto"): return .auto
        case .string("none"): return .none
        // Mistral's older word.
        case .string("required"), .string("any"): return .required
        case .string: return .native(value)
        case .object(let object):
            if let name = object["function"]?["name"]?.string { return .function(name) }
            if let name = object["custom"]?["name"]?.string { return .custom(name) }
            if object["type"]?.string == "allowed_tools", let allowed = object["allowed_tools"]?.object {
                return allowedTools(allowed) ?? .native(value)
            }
            return .native(value)
        default: throw ChatFault.wrongType(path, "a string or an object", value)
        }
    }

    private static func allowedTools(_ allowed: JSONObject) -> ToolChoice? {
        var names: [String] = []
        for tool in allowed["tools"]?.array ?? [] {
            guard let name = (tool["function"] ?? tool["custom"])?["name"]?.string else { return nil }
            names.append(name)
        }
        return .allowed(names, isRequired: allowed["mode"]?.string == "required")
    }

    private static func legacyChoice(_ value: JSON) throws(RequestError) -> ToolChoice {
        switch value {
        case .string("auto"): return .auto
        case .string("none"): return .none
        case .object(let object):
            guard let name = object["name"]?.string else { throw RequestError.missing("function_call.name") }
            return .function(name)
        default: throw ChatFault.wrongType("function_call", "a string or an object", value)
        }
    }
}
