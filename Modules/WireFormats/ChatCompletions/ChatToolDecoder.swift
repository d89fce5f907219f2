import JSONText

/// Reads `tools`, `tool_choice`, `parallel_tool_calls`, `web_search_options`, and the legacy `functions` and
/// `function_call`.
enum ChatToolDecoder {
    static func read(_ members: inout ChatMembers, into conversation: inout Conversation) throws(RequestError) {
        let tools = try members.array("tools") ?? []
        for (index, tool) in tools.enumerated() {
            conversation.tools.append(try self.tool(tool, at: "tools[\(index)]"))
        }
        if let choice = members.take("tool_choice") {
            try readChoice(choice, of: tools, into: &conversation)
        }
        conversation.parallelToolCalls = try members.bool("parallel_tool_calls")
        let functions = try members.array("functions")
        if let functions {
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
            try readLegacyChoice(choice, of: functions, into: &conversation)
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

    // MARK: - Choice

    private static func readChoice(
        _ value: JSON, of tools: [JSON], into conversation: inout Conversation
    ) throws(RequestError) {
        switch value {
        case .string("auto"): conversation.toolChoice = .auto
        case .string("none"): conversation.toolChoice = ToolChoice.none
        // Mistral's older word.
        case .string("required"), .string("any"): conversation.toolChoice = .required
        case .string: conversation.toolChoice = .native(value)
        case .object(let object):
            var form = ToolChoiceForm(value)
            let types = Set(tools.compactMap { $0["type"]?.string })
            if let tool = chosen(object, of: tools, &form) {
                conversation.choose(tool, form)
            } else if let allowed = allowedTools(object, types, &form) {
                conversation.choose(allowed, form)
            } else if object.count == 1, object["type"] == "auto" {
                conversation.toolChoice = .auto  // Anthropic's words; they ask for nothing.
            } else {
                conversation.toolChoice = serverKind(object, types) == nil ? .native(value) : .server(value)
            }
        default: throw ChatFault.wrongType("tool_choice", "a string or an object", value)
        }
    }

    private static let kinds = ["function", "custom"]

    /// `{"type":"function","function":{"name":"f"}}`. Mistral's clients leave the type out.
    private static func chosen(_ object: JSONObject, of tools: [JSON], _ form: inout ToolChoiceForm) -> ToolChoice? {
        for kind in kinds {
            guard let inner = object[kind]?.object, (object["type"]?.string ?? kind) == kind,
                let name = inner["name"]?.string
            else { continue }
            let tool = tools.first { $0[kind]?["name"]?.string == name }
            form.add(object.present(beside: ["type", kind]), of: tool?.object)
            form.add(inner.present(beside: ["name"]), of: tool?[kind]?.object)
            return kind == "custom" ? .custom(name) : .function(name)
        }
        return nil
    }

    /// nil where it is none.
    private static func allowedTools(
        _ object: JSONObject, _ types: Set<String>, _ form: inout ToolChoiceForm
    ) -> ToolChoice? {
        guard object["type"] == "allowed_tools", let allowed = object["allowed_tools"]?.object else { return nil }
        form.add(object.present(beside: ["type", "allowed_tools"]))
        form.add(allowed.present(beside: ["mode", "tools"]))
        return form.allowedTools(
            allowed, named: { chosen($0, of: [], &$1)?.name.map { [$0] } }, serverKind: { serverKind($0, types) })
    }

    /// What a tool of the provider's does, named by a type that is known, or that one of the request's tools has; nil for
    /// any other.
    private static func serverKind(_ object: JSONObject, _ types: Set<String>) -> ServerTool.Kind? {
        guard let type = object["type"]?.string, !kinds.contains(type), !kinds.contains(where: object.holds) else {
            return nil
        }
        let kind = kind(ofType: type)
        return kind != .other || types.contains(type) ? kind : nil
    }

    /// - Parameter choice: one of a kind that nobody knows.
    /// - Returns: a 400 with the place.
    static func fault(in choice: JSON) -> RequestError {
        let path = "tool_choice"
        guard let object = choice.object else {
            return ChatFault.invalidValue(path, "supported values are 'none', 'auto' and 'required'")
        }
        switch object["type"]?.string {
        case let type? where kinds.contains(type): return RequestError.missing("\(path).\(type).name")
        case "allowed_tools":
            guard let allowed = object["allowed_tools"]?.object else {
                return RequestError.missing(path + ".allowed_tools")
            }
            return fault(inAllowed: allowed, at: path + ".allowed_tools")
        default:
            return ChatFault.invalidValue(
                path + ".type", "supported values are 'function', 'custom' and 'allowed_tools'")
        }
    }

    /// What is wrong with a list of allowed tools, which Responses has flat.
    static func fault(inAllowed allowed: JSONObject, at path: String) -> RequestError {
        guard allowed["mode"] == "auto" || allowed["mode"] == "required" else {
            return ChatFault.invalidValue(path + ".mode", "supported values are 'auto' and 'required'")
        }
        guard allowed["tools"]?.array != nil else {
            return ChatFault.wrongType(path + ".tools", "an array", allowed["tools"] ?? .null)
        }
        return ChatFault.invalidValue(path + ".tools", "each has to be a tool by its type and name")
    }

    private static func readLegacyChoice(
        _ value: JSON, of functions: [JSON]?, into conversation: inout Conversation
    ) throws(RequestError) {
        switch value {
        case .string("auto"): conversation.toolChoice = .auto
        case .string("none"): conversation.toolChoice = ToolChoice.none
        case .object(let object):
            guard let name = object["name"]?.string else { throw RequestError.missing("function_call.name") }
            var form = ToolChoiceForm(value)
            let function = functions?.first { $0["name"]?.string == name }
            form.add(object.present(beside: ["name"]), of: function?.object)
            conversation.choose(.function(name), form)
        default: throw ChatFault.wrongType("function_call", "a string or an object", value)
        }
    }
}
