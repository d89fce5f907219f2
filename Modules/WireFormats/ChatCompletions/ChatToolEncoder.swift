import JSONText

/// Writes `tools`, `tool_choice`, `parallel_tool_calls` and `web_search_options`; in legacy requests `functions` and
/// `function_call`.
struct ChatToolEncoder {
    private let conversation: Conversation
    private let target: TargetFacts
    private let names: ClientNames
    private var isOwn: Bool { conversation.origin == .chatCompletions }
    /// Custom tools have to be functions: `custom` is among what the provider refuses.
    private var takesCustom: Bool { !target.refuses.contains("custom") }

    init(_ conversation: Conversation, _ target: TargetFacts, _ names: ClientNames) {
        self.conversation = conversation
        self.target = target
        self.names = names
    }

    func write(into body: inout JSONObject, _ losses: inout LossReport) {
        var tools: [JSON] = []
        for tool in conversation.tools { add(tool, inside: nil, to: &tools, &body, &losses) }
        if !tools.isEmpty { body[conversation.usesLegacyFunctions ? "functions" : "tools"] = .array(tools) }
        if isOwn || !tools.isEmpty {
            if let choice = conversation.toolChoice { write(choice, into: &body, &losses) }
        } else if conversation.asks(for: .toolChoice) {
            losses.drop(names["tool_choice"])
        }
        if let parallel = conversation.parallelToolCalls, isOwn || !tools.isEmpty {
            body["parallel_tool_calls"] = .bool(parallel)
        }
    }

    private func add(
        _ tool: Tool, inside namespace: String?, to tools: inout [JSON], _ body: inout JSONObject,
        _ losses: inout LossReport
    ) {
        var written: JSONObject
        switch tool.definition {
        case .function(let function):
            let fitted =
                isOwn || !target.limitsToolSchemas
                ? function : OpenAIToolSchema.fitted(function, names["parameters"], &losses)
            let inner = self.function(fitted, named: ChatToolNames.flat(function.name, in: namespace))
            if conversation.usesLegacyFunctions {
                tools.append(.object(inner.overlaid(by: tool.extras)))
                return
            }
            written = ["type": "function", "function": .object(inner)]
        case .custom(let custom):
            written = self.custom(custom, named: ChatToolNames.flat(custom.name, in: namespace), &losses)
        case .namespace(let name, _, let members):
            for member in members { add(member, inside: name, to: &tools, &body, &losses) }
            return
        case .server(let server):
            addServer(server, to: &tools, &body, &losses)
            return
        }
        if let cache = tool.cache {
            if isOwn {
                written["cache_control"] = cache.chat
            } else if target.takesCacheMarkers {
                written["cache_control"] = losses.fitted(cache, to: CacheMarker.claudeLifetimes).chat
            } else {
                losses.drop(cache, names)
            }
        }
        if isOwn { written.overlay(tool.extras) } else { losses.dropNested(tool.extras) }
        tools.append(.object(written))
    }

    private func function(_ function: FunctionTool, named name: String) -> JSONObject {
        var object: JSONObject = ["name": .string(name)]
        if let text = function.description { object["description"] = .string(text) }
        object["parameters"] = function.parameters
        if let strict = function.strict, isOwn || !target.refuses.contains("strict") {
            object["strict"] = .bool(strict)
        }
        return object
    }

    private func custom(_ custom: CustomTool, named name: String, _ losses: inout LossReport) -> JSONObject {
        if !takesCustom {
            if custom.format?["type"]?.string == "grammar" { losses.drop("format") }
            return [
                "type": "function",
                "function": .object(
                    function(ChatToolNames.function(for: custom), named: name)),
            ]
        }
        var object: JSONObject = ["name": .string(name)]
        if let text = custom.description { object["description"] = .string(text) }
        if var format = custom.format?.object {
            // Chat nests a grammar; the model has it flat, as Responses does.
            if format["type"]?.string == "grammar", format["grammar"] == nil {
                var grammar = format
                grammar["type"] = nil
                format = ["type": "grammar", "grammar": .object(grammar)]
            }
            object["format"] = .object(format)
        }
        return ["type": "custom", "custom": .object(object)]
    }

    private func addServer(
        _ server: ServerTool, to tools: inout [JSON], _ body: inout JSONObject, _ losses: inout LossReport
    ) {
        if isOwn, server.nativeDialect == .chatCompletions {
            if server.native["type"] != nil {
                tools.append(server.native)
            } else {
                body["web_search_options"] = server.native
            }
            return
        }
        guard server.kind == .webSearch, target.takesWebSearchOptions, !target.refuses.contains("web_search_options")
        else {
            losses.drop(server.clientName)
            return
        }
        guard server.settle(taking: [.userLocation, .contextSize], &losses) else { return }
        var options = JSONObject()
        if let size = server.search?.contextSize { options["search_context_size"] = .string(size) }
        if let place = server.search?.userLocation {
            options["user_location"] = ["type": "approximate", "approximate": .object(place)]
        }
        // Of several that are one there, the first: rule 9 of docs/WIREFORMATS.md.
        guard let first = body["web_search_options"] else {
            body["web_search_options"] = .object(options)
            return
        }
        if first != .object(options) { losses.drop(server.clientName) }
    }

    private func write(_ choice: ToolChoice, into body: inout JSONObject, _ losses: inout LossReport) {
        if let native = conversation.nativeToolChoice(to: .chatCompletions) {
            body[conversation.usesLegacyFunctions ? "function_call" : "tool_choice"] = native
            return
        }
        if conversation.usesLegacyFunctions {
            switch choice {
            case .none: body["function_call"] = "none"
            case .function(let name): body["function_call"] = ["name": .string(name)]
            case .server(let native), .native(let native): body["function_call"] = native
            default: body["function_call"] = "auto"
            }
            return
        }
        switch choice {
        case .auto: body["tool_choice"] = "auto"
        case .none: body["tool_choice"] = "none"
        case .required: body["tool_choice"] = "required"
        case .function(let name): body["tool_choice"] = named(name, "function")
        case .custom(let name): body["tool_choice"] = named(name, takesCustom ? "custom" : "function")
        case .allowed(let list, _) where list.isEmpty && !isOwn: body["tool_choice"] = "none"
        case .allowed(let list, let isRequired):
            let custom = takesCustom ? ChatToolNames.customNames(in: conversation.tools) : []
            let tools = list.map { named($0, custom.contains($0) ? "custom" : "function") }
            body["tool_choice"] = [
                "type": "allowed_tools",
                "allowed_tools": ["mode": isRequired ? "required" : "auto", "tools": .array(tools)],
            ]
        case .server(let native), .native(let native):
            if isOwn { body["tool_choice"] = native } else { losses.drop(names["tool_choice"]) }
        }
    }

    private func named(_ name: String, _ kind: String) -> JSON {
        var object: JSONObject = ["type": .string(kind)]
        object[kind] = ["name": .string(name)]
        return .object(object)
    }
}

/// Tools of dialects that have more kinds than this one.
enum ChatToolNames {
    /// The name of a tool in a namespace, as every provider takes it: ``ToolNames``.
    static func flat(_ name: String, in namespace: String?) -> String {
        guard let namespace else { return name }
        return ToolIDs.legal(namespace + "__" + name)
    }

    /// A custom tool as a function with one string.
    static func function(for custom: CustomTool) -> FunctionTool {
        FunctionTool(
            name: custom.name, description: custom.description,
            parameters: [
                "type": "object", "properties": ["input": ["type": "string"]], "required": ["input"],
                "additionalProperties": false,
            ])
    }

    /// The names of the custom tools of a request: calls of functions by such names are custom calls.
    static func customNames(in tools: [Tool], inside namespace: String? = nil) -> Set<String> {
        var names: Set<String> = []
        for tool in tools {
            switch tool.definition {
            case .custom(let custom): names.insert(flat(custom.name, in: namespace))
            case .namespace(let name, _, let inner): names.formUnion(customNames(in: inner, inside: name))
            case .function, .server: break
            }
        }
        return names
    }

    /// What a custom tool was asked, from a function's arguments.
    static func input(ofArguments arguments: String) -> String {
        (try? JSON.read(arguments))?["input"]?.string ?? arguments
    }
}
