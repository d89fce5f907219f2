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
            let search = ServerTool(
                .webSearch, members: options.present(beside: []), native: .object(options),
                nativeDialect: .chatCompletions)
            conversation.tools.append(Tool(.server(search)))
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
        var members = value.object?.present(beside: ["type"]) ?? [:]
        // OpenRouter's options are in an object of their own.
        if let parameters = members["parameters"]?.object {
            members["parameters"] = nil
            members = members.overlaid(by: parameters.present(beside: []))
        }
        return ServerTool(kind(ofType: type), members: members, native: value, nativeDialect: .chatCompletions)
    }

    private static func kind(ofType type: String) -> ServerTool.Kind {
        let last = type.split(separator: ":").last.map(String.init) ?? type
        if last == "browser_search" || last == "live_search" || last.hasPrefix("web_search") { return .webSearch }
        if last == "code_interpreter" { return .codeExecution }
        return ServerTool.Kind(rawValue: last) ?? .other
    }

    /// What says more than the model has a name for, or is of a shape that nobody knows, stays as it is.
    static func choice(_ value: JSON, at path: String) throws(RequestError) -> ToolChoice {
        switch value {
        case .string("auto"): return .auto
        case .string("none"): return .none
        // Mistral's older word.
        case .string("required"), .string("any"): return .required
        case .string: return .native(value)
        case .object(let object):
            if let name = name(in: object, "function") { return .function(name) }
            if let name = name(in: object, "custom") { return .custom(name) }
            return allowedTools(object) ?? .native(value)
        default: throw ChatFault.wrongType(path, "a string or an object", value)
        }
    }

    /// `{"type":"function","function":{"name":"f"}}` and nothing else. Mistral's clients leave the type out.
    private static func name(in object: JSONObject, _ kind: String) -> String? {
        guard let inner = object[kind]?.object, (object["type"]?.string ?? kind) == kind,
            object.present(beside: ["type", kind]).isEmpty, inner.present(beside: ["name"]).isEmpty
        else { return nil }
        return inner["name"]?.string
    }

    private static func allowedTools(_ object: JSONObject) -> ToolChoice? {
        guard object["type"] == "allowed_tools", let allowed = object["allowed_tools"]?.object,
            object.present(beside: ["type", "allowed_tools"]).isEmpty, let tools = allowed["tools"]?.array,
            let mode = allowed["mode"]?.string, mode == "auto" || mode == "required",
            allowed.present(beside: ["mode", "tools"]).isEmpty
        else { return nil }
        var names: [String] = []
        for tool in tools {
            guard let tool = tool.object, let name = name(in: tool, "function") ?? name(in: tool, "custom") else {
                return nil
            }
            names.append(name)
        }
        return .allowed(names, isRequired: mode == "required")
    }

    /// A choice that no provider can make sense of, for another dialect than Chat's.
    ///
    /// - Returns: the 400 with its place; nil for a choice of a tool of the provider's own.
    static func fault(in choice: JSON) -> RequestError? {
        let path = "tool_choice"
        guard let object = choice.object else {
            return ChatFault.invalidValue(path, "supported values are 'none', 'auto' and 'required'")
        }
        let known = ["function", "custom", "allowed_tools"]
        guard let type = object["type"]?.string, known.contains(type) else {
            let isOfAnotherType = known.contains { object[$0] != nil } || object["type"]?.string == nil
            return isOfAnotherType
                ? ChatFault.invalidValue(
                    path + ".type", "supported values are 'function', 'custom' and 'allowed_tools'") : nil
        }
        guard type == "allowed_tools" else {
            return object[type]?["name"]?.string == nil ? RequestError.missing("\(path).\(type).name") : nil
        }
        let inner = path + ".allowed_tools"
        guard let allowed = object["allowed_tools"]?.object else { return RequestError.missing(inner) }
        guard allowed["mode"] == "auto" || allowed["mode"] == "required" else {
            return ChatFault.invalidValue(inner + ".mode", "supported values are 'auto' and 'required'")
        }
        guard allowed["tools"]?.array != nil else {
            return ChatFault.wrongType(inner + ".tools", "an array", allowed["tools"] ?? .null)
        }
        return nil
    }

    private static func legacyChoice(_ value: JSON) throws(RequestError) -> ToolChoice {
        switch value {
        case .string("auto"): return .auto
        case .string("none"): return .none
        case .object(let object):
            guard let name = object["name"]?.string else { throw RequestError.missing("function_call.name") }
            return object.present(beside: ["name"]).isEmpty ? .function(name) : .native(value)
        default: throw ChatFault.wrongType("function_call", "a string or an object", value)
        }
    }
}
