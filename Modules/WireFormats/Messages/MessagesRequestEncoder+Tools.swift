import JSONText

/// Tools and which of them may be used.
extension MessagesRequestEncoder {
    mutating func encodedTools() -> [JSON] {
        var result: [JSON] = []
        // Of a choice of several, only those are told: Anthropic knows one or all.
        for tool in conversation.allowedTools { result += encoded(tool, namespace: nil) }
        if result.isEmpty, !isOwn {
            result = toolsOfHistory()
            areToolsOfHistory = !result.isEmpty
        }
        return result
    }

    private mutating func encoded(_ tool: Tool, namespace: String?) -> [JSON] {
        switch tool.definition {
        case .function(let function): return [encoded(function, tool, namespace)]
        case .custom(let custom): return [encoded(custom, tool, namespace)]
        case .namespace(let name, _, let tools):
            var result: [JSON] = []
            for inner in tools { result += encoded(inner, namespace: name) }
            return result
        case .server(let server):
            guard let written = encoded(server, tool) else { return [] }
            return [written]
        }
    }

    private mutating func encoded(_ function: FunctionTool, _ tool: Tool, _ namespace: String?) -> JSON {
        var object = JSONObject()
        object["name"] = .string(MessagesRequestEncoder.name(function.name, in: namespace))
        if let description = function.description, isOwn || !description.isEmpty {
            object["description"] = .string(description)
        }
        if isOwn {
            object["input_schema"] = function.parameters
            if let strict = function.strict { object["strict"] = .bool(strict) }
        } else {
            let (schema, isStrict) = MessagesSchema.ofTool(function, mayBeStrict: true, names["parameters"], &losses)
            object["input_schema"] = schema
            if isStrict { object["strict"] = true }
        }
        object["cache_control"] = passed(tool.cache)
        return withExtras(object, tool)
    }

    private mutating func encoded(_ custom: CustomTool, _ tool: Tool, _ namespace: String?) -> JSON {
        var object = JSONObject()
        object["name"] = .string(MessagesRequestEncoder.name(custom.name, in: namespace))
        var description = custom.description ?? ""
        if let grammar = custom.format, grammar["type"]?.string != "text" {
            // The model is told the grammar; nothing holds it to it.
            losses.adjust("format")
            let definition = grammar["definition"]?.string ?? grammar["grammar"]?["definition"]?.string ?? grammar.text
            description += (description.isEmpty ? "" : "\n\n") + "The input has to follow this grammar:\n" + definition
        }
        if !description.isEmpty { object["description"] = .string(description) }
        object["input_schema"] = [
            "type": "object", "properties": ["input": ["type": "string"]], "required": ["input"],
        ]
        object["cache_control"] = passed(tool.cache)
        return withExtras(object, tool)
    }

    private mutating func withExtras(_ object: JSONObject, _ tool: Tool) -> JSON {
        if isOwn { return MessagesRead.joined(object, tool.extras) }
        losses.dropNested(tool.extras)
        return .object(object)
    }

    private mutating func encoded(_ server: ServerTool, _ tool: Tool) -> JSON? {
        if server.nativeDialect == .messages, let native = server.native.object {
            var object = native
            object["cache_control"] = passed(tool.cache)
            return .object(object)
        }
        // Bedrock runs none of these
        // (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-tool-use.html).
        guard target.host != .bedrock, var object = MessagesRequestEncoder.own(server) else {
            losses.drop(server.clientName)
            return nil
        }
        let isSearch = server.kind == .webSearch
        var options: Set<ServerTool.Option> = isSearch ? [.userLocation, .maxUses] : [.maxUses]
        options.insert(object["allowed_domains"] != nil ? .allowedDomains : .blockedDomains)
        guard server.settle(taking: options, &losses) else { return nil }
        if isSearch, let location = server.search?.userLocation {
            losses.drop(location.present(beside: MessagesRequestEncoder.locationMembers))
        }
        guard !isTaken(object["name"]) else {
            if !ownTools.contains(object) { losses.drop(server.clientName) }
            return nil
        }
        ownTools.append(object)
        object["cache_control"] = passed(tool.cache)
        return .object(object)
    }

    /// Two of the client's tools may be one of Anthropic's (`web_search`, `web_search_preview`), or have its name: "Tool
    /// names must be unique" (its 400 in https://github.com/danny-avila/LibreChat/issues/13162, read on 2026-11-29).
    private mutating func isTaken(_ name: JSON?) -> Bool {
        if ownTools.contains(where: { $0["name"] == name }) { return true }
        return name?.string.map(clientsToolNames.contains) ?? false
    }

    private static let locationMembers = ["city", "region", "country", "timezone"]

    /// Anthropic's tool of that kind (https://docs.claude.com/en/docs/agents-and-tools/tool-use/overview, read on
    /// 2026-11-29).
    private static func own(_ server: ServerTool) -> JSONObject? {
        switch server.kind {
        case .webSearch, .webFetch:
            let isSearch = server.kind == .webSearch
            var object: JSONObject =
                isSearch
                ? ["type": "web_search_20250305", "name": "web_search"]
                : ["type": "web_fetch_20250910", "name": "web_fetch"]
            let options = server.search ?? ServerTool.SearchOptions()
            if let most = options.maxUses { object["max_uses"] = .int(most) }
            // One of the two may be given.
            if let domains = options.allowedDomains, !domains.isEmpty {
                object["allowed_domains"] = .array(domains.map { .string($0) })
            } else if let domains = options.blockedDomains, !domains.isEmpty {
                object["blocked_domains"] = .array(domains.map { .string($0) })
            }
            if isSearch, let location = options.userLocation, !location.isEmpty {
                var place: JSONObject = ["type": "approximate"]
                for name in locationMembers { place[name] = location[name] }
                object["user_location"] = .object(place)
            }
            return object
        case .codeExecution: return ["type": "code_execution_20250825", "name": "code_execution"]
        default: return nil
        }
    }

    static func name(_ name: String, in namespace: String?) -> String { ChatToolNames.flat(name, in: namespace) }

    /// "Requests which include `tool_use` or `tool_result` blocks must define tools": where the client sent none, those
    /// that were called are named.
    private mutating func toolsOfHistory() -> [JSON] {
        var names: [String] = []
        var seen: Set<String> = []
        for turn in conversation.turns {
            for part in turn.parts {
                guard let call = part.toolCall else { continue }
                let name = MessagesRequestEncoder.name(call.name, in: call.namespace)
                if seen.insert(name).inserted { names.append(name) }
            }
        }
        if !names.isEmpty { losses.adjust("tools") }
        return names.map { ["name": .string($0), "input_schema": ["type": "object", "properties": [:]]] }
    }

    // MARK: - Choice

    mutating func encodedToolChoice(hasTools: Bool) throws(RequestError) -> JSON? {
        if let native = conversation.nativeToolChoice(to: .messages) { return native }
        if !isOwn, !hasTools || areToolsOfHistory {
            // Whatever the choice, there is none to be called.
            if conversation.toolChoice?.demandsCall == true { losses.drop(names["tool_choice"]) }
            return areToolsOfHistory ? ["type": "none"] : nil
        }
        var choice = JSONObject()
        switch conversation.toolChoice {
        case nil:
            if conversation.parallelToolCalls != false || !hasTools { return nil }
            choice["type"] = "auto"
        case .auto: choice["type"] = "auto"
        case .some(.none): choice["type"] = "none"
        case .required: choice["type"] = "any"
        case .function(let name), .custom(let name):
            choice["type"] = "tool"
            choice["name"] = .string(name)
        case .allowed(_, let isRequired):
            conversation.reportToolsLeftOut(&losses)
            choice["type"] = isRequired ? "any" : "auto"
        case .server(let native), .native(let native):
            guard isOwn, let object = native.object else {
                losses.drop(names["tool_choice"])
                return nil
            }
            return .object(object)
        }
        let isForced = choice["type"] == "any" || choice["type"] == "tool"
        if isForced, !isOwn, try !target.mayForceTools(names["tool_choice"], &losses) { choice = ["type": "auto"] }
        if let parallel = conversation.parallelToolCalls, isOwn || choice["type"] != "none" {
            choice["disable_parallel_tool_use"] = .bool(!parallel)
        }
        return .object(choice)
    }
}
