import JSONText

/// Reads and writes `tools` and `tool_choice`.
enum ResponsesTools {
    /// Tool type → kind. Types carry dates at times: `web_search_preview_2025_03_11`.
    private static let kinds: [(String, ServerTool.Kind)] = [
        ("web_search", .webSearch), ("file_search", .fileSearch), ("code_interpreter", .codeExecution),
        ("image_generation", .imageGeneration), ("computer", .computerUse), ("mcp", .mcp), ("local_shell", .shell),
        ("shell", .shell), ("apply_patch", .textEditor), ("tool_search", .toolSearch),
    ]

    private static func kind(ofType type: String) -> ServerTool.Kind {
        kinds.first { type.hasPrefix($0.0) }?.1 ?? .other
    }

    // MARK: - Reading

    static func decode(_ value: JSON, _ path: String) throws(RequestError) -> [Tool] {
        var tools: [Tool] = []
        for (index, tool) in try ResponsesFault.array(value, path).enumerated() {
            tools.append(try decodeTool(tool, path + "[\(index)]"))
        }
        return tools
    }

    /// Recursion ends with the body's depth, which ``JSON/read(_:maxDepth:)-(UnsafeRawBufferPointer,_)`` bounds.
    private static func decodeTool(_ value: JSON, _ path: String) throws(RequestError) -> Tool {
        let object = try ResponsesFault.object(value, path)
        let type = try ResponsesFault.string(of: object, "type", path)
        switch type {
        case "function":
            var function = FunctionTool(name: try ResponsesFault.string(of: object, "name", path))
            function.description = try ResponsesFault.optionalString(of: object, "description", path)
            if let parameters = object["parameters"], !parameters.isNull {
                _ = try ResponsesFault.object(parameters, path + ".parameters")
                function.parameters = parameters
            }
            if let strict = object["strict"], !strict.isNull {
                function.strict = try ResponsesFault.bool(strict, path + ".strict")
            }
            var tool = Tool(.function(function))
            tool.extras = object.without(["type", "name", "description", "parameters", "strict"])
            return tool
        case "custom":
            var custom = CustomTool(name: try ResponsesFault.string(of: object, "name", path))
            custom.description = try ResponsesFault.optionalString(of: object, "description", path)
            if let format = object["format"], !format.isNull { custom.format = format }
            var tool = Tool(.custom(custom))
            tool.extras = object.without(["type", "name", "description", "format"])
            return tool
        case "namespace":
            let name = try ResponsesFault.string(of: object, "name", path)
            let description = try ResponsesFault.optionalString(of: object, "description", path)
            guard let inner = object["tools"], !inner.isNull else { throw .missing(path + ".tools") }
            var tool = Tool(
                .namespace(name: name, description: description, tools: try decode(inner, path + ".tools")))
            tool.extras = object.without(["type", "name", "description", "tools"])
            return tool
        default:
            let kind = kind(ofType: type)
            let name = object["name"]?.string ?? object["server_label"]?.string
            return Tool(
                .server(
                    ServerTool(
                        kind, name: name, members: object.without(["type", "name", "server_label"]), native: value,
                        nativeDialect: .responses)))
        }
    }

    static func decodeChoice(
        _ value: JSON, of tools: [JSON], into conversation: inout Conversation
    ) throws(RequestError) {
        if let word = value.string {
            switch word {
            case "auto": conversation.toolChoice = .auto
            case "none": conversation.toolChoice = ToolChoice.none
            case "required": conversation.toolChoice = .required
            default: throw ResponsesFault.value("tool_choice", allowed: "'none', 'auto', and 'required'")
            }
            return
        }
        guard let object = value.object else {
            throw ResponsesFault.type("tool_choice", "one of 'none', 'auto', 'required' or an object", value)
        }
        let type = try ResponsesFault.string(of: object, "type", "tool_choice")
        var form = ToolChoiceForm(value)
        let named = NamedTools(tools)
        if let tool = chosen(object, named, of: tools, &form) {
            conversation.choose(tool, form)
        } else if choosable.contains(type) {
            throw .missing("tool_choice.name")
        } else if let allowed = allowedTools(object, named, &form) {
            conversation.choose(allowed, form)
        } else {
            conversation.toolChoice = serverKind(ofType: type, named.types) == nil ? .native(value) : .server(value)
        }
    }

    private static let choosable = ["function", "custom"]

    /// What a choice of tools may name.
    private struct NamedTools {
        private(set) var types: Set<String> = []
        /// The full names of a namespace's tools.
        var inner: [String: [String]] = [:]
        /// By the own name of a tool in a namespace; of several the first one's.
        private var namespaces: [String: String] = [:]
        private var outer: Set<String> = []

        init(_ tools: [JSON]) {
            for tool in tools {
                guard let type = tool["type"]?.string else { continue }
                types.insert(type)
                guard let name = tool["name"]?.string else { continue }
                if type == "namespace" {
                    let own = (tool["tools"]?.array ?? []).compactMap { $0["name"]?.string }
                    inner[name] = own.map { "\(name)__\($0)" }
                    for tool in own where namespaces[tool] == nil { namespaces[tool] = name }
                } else {
                    outer.insert(name)
                }
            }
        }

        /// The namespace of a tool that is named by its own name alone; nil where it is in none.
        func namespace(of name: String) -> String? { outer.contains(name) ? nil : namespaces[name] }
    }

    /// `{"type":"function","name":"f"}`, and the `namespace` of one that is in one, which may be left out: the name is then
    /// that of ``ToolNames``, as it was before it was made legal.
    ///
    /// - Parameter tools: where the tool may stand that the choice repeats.
    private static func chosen(
        _ object: JSONObject, _ named: NamedTools, of tools: [JSON], _ form: inout ToolChoiceForm
    ) -> ToolChoice? {
        guard let type = object["type"]?.string, choosable.contains(type), let name = object["name"]?.string else {
            return nil
        }
        let namespace = object["namespace"]?.string ?? named.namespace(of: name)
        if namespace != nil { form.keep() }
        let tool = tools.first { namespace == nil && $0["type"]?.string == type && $0["name"]?.string == name }
        form.add(object.present(beside: ["type", "name", "namespace"]), of: tool?.object)
        let flat = namespace.map { "\($0)__\(name)" } ?? name
        return type == "custom" ? .custom(flat) : .function(flat)
    }

    /// nil where it is none.
    private static func allowedTools(
        _ object: JSONObject, _ named: NamedTools, _ form: inout ToolChoiceForm
    ) -> ToolChoice? {
        guard object["type"] == "allowed_tools" else { return nil }
        form.add(object.present(beside: ["type", "mode", "tools"]))
        var named = named
        return form.allowedTools(
            object,
            named: { element, form in
                if element["type"] == "namespace", let name = element["name"]?.string, let inner = named.inner[name] {
                    form.keep()
                    // Named again it adds nothing.
                    named.inner[name] = []
                    return inner
                }
                return chosen(element, named, of: [], &form)?.name.map { [$0] }
            },
            serverKind: { $0["type"]?.string.flatMap { serverKind(ofType: $0, named.types) } })
    }

    /// What a tool of the provider's does, by a type that is known or that one of the request's tools has; nil for any other.
    private static func serverKind(ofType type: String, _ types: Set<String>) -> ServerTool.Kind? {
        if choosable.contains(type) { return nil }
        let kind = kind(ofType: type)
        return kind != .other || types.contains(type) ? kind : nil
    }

    /// - Parameter choice: one of a kind that nobody knows.
    /// - Returns: a 400 with the place.
    static func fault(in choice: JSON) -> RequestError {
        if let object = choice.object, object["type"] == "allowed_tools" {
            return ChatToolDecoder.fault(inAllowed: object, at: "tool_choice")
        }
        return ResponsesFault.value(
            "tool_choice.type", allowed: "'function', 'custom', 'allowed_tools', and the types of OpenAI's tools")
    }

    // MARK: - Writing

    /// - Parameter target: nil where an answer repeats the request.
    static func encode(
        _ tools: [Tool], origin: Dialect, for target: TargetFacts?, _ losses: inout LossReport
    ) -> [JSON] {
        var written: [JSON] = []
        let names = ClientNames(origin)
        // Of several that are one there, the first: rule 9 of docs/WIREFORMATS.md.
        var ownTools: [String: JSON] = [:]
        for tool in tools {
            guard let encoded = encodeTool(tool, origin: origin, for: target, names, &losses) else { continue }
            if origin != .responses, case .server(let server) = tool.definition, let type = encoded["type"]?.string {
                if let first = ownTools[type] {
                    if first != encoded { losses.drop(server.clientName) }
                    continue
                }
                ownTools[type] = encoded
            }
            written.append(encoded)
        }
        return written
    }

    private static func encodeTool(
        _ tool: Tool, origin: Dialect, for target: TargetFacts?, _ names: ClientNames, _ losses: inout LossReport
    ) -> JSON? {
        losses.drop(tool.cache, names)
        var object = JSONObject()
        switch tool.definition {
        case .function(var function):
            if origin != .responses, target?.limitsToolSchemas == true {
                function = OpenAIToolSchema.fitted(function, names["parameters"], &losses)
            }
            object["type"] = "function"
            object["name"] = .string(function.name)
            object["description"] = function.description.map { .string($0) }
            object["parameters"] = function.parameters
            object["strict"] = function.strict.map { .bool($0) }
            if origin != .responses {
                // `parameters` and `strict` must be there; without `strict` Responses takes a function for a strict one,
                // where every other dialect does not
                // (https://platform.openai.com/docs/guides/migrate-to-responses, read on 2026-11-29).
                if object["parameters"] == nil { object["parameters"] = ["type": "object", "properties": [:]] }
                if object["strict"] == nil { object["strict"] = false }
            }
        case .custom(let custom):
            object["type"] = "custom"
            object["name"] = .string(custom.name)
            object["description"] = custom.description.map { .string($0) }
            object["format"] = custom.format.map { flatFormat($0) }
        case .namespace(let name, let description, let inner):
            object["type"] = "namespace"
            object["name"] = .string(name)
            object["description"] = description.map { .string($0) }
            object["tools"] = .array(encode(inner, origin: origin, for: target, &losses))
        case .server(let server):
            return encodeServerTool(server, &losses)
        }
        if origin == .responses {
            for (key, value) in tool.extras { object[key] = value }
        } else {
            losses.dropNested(tool.extras)
        }
        return .object(object)
    }

    /// Chat puts a grammar's members into an object of their own.
    private static func flatFormat(_ format: JSON) -> JSON {
        guard let grammar = format["grammar"]?.object else { return format }
        var flat: JSONObject = ["type": "grammar"]
        for (key, value) in grammar { flat[key] = value }
        return .object(flat)
    }

    private static func encodeServerTool(_ tool: ServerTool, _ losses: inout LossReport) -> JSON? {
        if tool.nativeDialect == .responses { return tool.native }
        switch tool.kind {
        case .webSearch:
            guard tool.settle(taking: [.allowedDomains, .userLocation, .contextSize], &losses) else { return nil }
            var object: JSONObject = ["type": "web_search"]
            if let search = tool.search {
                if let allowed = search.allowedDomains, !allowed.isEmpty {
                    object["filters"] = ["allowed_domains": .array(allowed.map { .string($0) })]
                }
                if let location = search.userLocation {
                    var place: JSONObject = ["type": "approximate"]
                    for (key, value) in location { place[key] = value }
                    object["user_location"] = .object(place)
                }
                object["search_context_size"] = search.contextSize.map { .string($0) }
            }
            return .object(object)
        case .codeExecution:
            guard tool.settle(taking: [], &losses) else { return nil }
            return ["type": "code_interpreter", "container": ["type": "auto"]]
        default:
            losses.drop(tool.clientName)
            return nil
        }
    }

    static func encodeChoice(_ choice: ToolChoice, in conversation: Conversation, _ losses: inout LossReport) -> JSON? {
        if let native = conversation.nativeToolChoice(to: .responses) { return native }
        switch choice {
        case .auto: return "auto"
        case .none: return "none"
        case .required: return "required"
        case .function(let name): return ["type": "function", "name": .string(name)]
        case .custom(let name): return ["type": "custom", "name": .string(name)]
        case .allowed(let names, let isRequired):
            let custom = ChatToolNames.customNames(in: conversation.tools)
            var tools = names.map { name -> JSON in
                ["type": custom.contains(name) ? "custom" : "function", "name": .string(name)]
            }
            if conversation.origin != .responses {
                tools += serverTypes(of: conversation)
                if tools.isEmpty {
                    if isRequired { losses.drop(ClientNames(conversation)["tool_choice"]) }
                    return "none"
                }
            }
            return ["type": "allowed_tools", "mode": isRequired ? "required" : "auto", "tools": .array(tools)]
        case .server(let native), .native(let native):
            if conversation.origin == .responses { return native }
            losses.drop(ClientNames(conversation)["tool_choice"])
            return nil
        }
    }

    /// The provider's own tools that another dialect's choice of several allows, as such a choice here names them.
    private static func serverTypes(of conversation: Conversation) -> [JSON] {
        let allows = conversation.allowsServerTool
        let allowed = conversation.tools.filter { tool in
            guard case .server(let server) = tool.definition else { return false }
            return allows(server)
        }
        // Encoded for their types alone: what is lost of them is reported already.
        var reported = LossReport()
        return encode(allowed, origin: conversation.origin, for: nil, &reported).compactMap { tool -> JSON? in
            guard let type = tool["type"] else { return Optional.none }
            return ["type": type]
        }
    }
}
