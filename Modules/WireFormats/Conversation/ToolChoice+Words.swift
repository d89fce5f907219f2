import JSONText

/// A choice of tools that says more than ``ToolChoice`` has names for.
public struct ToolChoiceForm: Equatable, Sendable {
    /// As the origin writes it: so it goes back to its own dialect.
    public let native: JSON
    /// What other dialects have no place for.
    public private(set) var extras = JSONObject()
    /// Tools of the provider's that a choice of several names. Their types are spelled in more than one way, with a date or
    /// without: what counts is what they do.
    private(set) var serverTools: Set<ServerTool.Kind> = []
    /// Whether it has to be kept: there is something beside the choice's kind and the tools' names.
    private(set) var saysMore = false

    /// - Parameter native: the whole choice, as the origin writes it.
    public init(_ native: JSON) { self.native = native }

    /// It says nothing more, and is written in a way of its own.
    mutating func keep() { saysMore = true }

    /// - Parameter tool: the tool that is chosen, as the origin writes it. What it says itself is no loss: clients pass the
    ///   whole tool (`tool_choice=tools[0]`).
    mutating func add(_ more: JSONObject, of tool: JSONObject? = nil) {
        for (name, value) in more {
            saysMore = true
            if tool?[name] != value { extras[name] = value }
        }
    }
}

extension ToolChoiceForm {
    /// `allowed_tools` of OpenAI's dialects, which differ in how they name a tool.
    ///
    /// - Parameters:
    ///   - allowed: the object that has `mode` and `tools`.
    ///   - named: the functions and custom tools for which an element of the list stands; nil where it is for none.
    ///   - serverKind: what an element does that is a tool of the provider's. These have no name in the model.
    /// - Returns: nil where it is no such choice.
    mutating func allowedTools(
        _ allowed: JSONObject, named: (JSONObject, inout ToolChoiceForm) -> [String]?,
        serverKind: (JSONObject) -> ServerTool.Kind?
    ) -> ToolChoice? {
        guard let list = allowed["tools"]?.array, let mode = allowed["mode"]?.string,
            mode == "auto" || mode == "required"
        else { return nil }
        var names: [String] = []
        for element in list {
            guard let tool = element.object else { return nil }
            if let found = named(tool, &self) {
                names += found
            } else {
                guard let kind = serverKind(tool) else { return nil }
                serverTools.insert(kind)
                // That it may run is said by its being there; what else is said of it is not.
                if tool.count > 1 { add(["tool_choice": element]) } else { keep() }
            }
        }
        return .allowed(names, isRequired: mode == "required")
    }
}

extension ToolChoice {
    /// The model has to call a tool.
    var demandsCall: Bool {
        switch self {
        case .auto, .none, .allowed(_, isRequired: false): false
        case .required, .function, .custom, .allowed, .server, .native: true
        }
    }

    /// The one function, or custom tool, that it forces.
    var name: String? {
        switch self {
        case .function(let name), .custom(let name): name
        default: nil
        }
    }
}

extension Conversation {
    /// Keeps the choice, and how it was written where that says more.
    mutating func choose(_ choice: ToolChoice?, _ form: ToolChoiceForm) {
        toolChoice = choice
        toolChoiceForm = form.saysMore ? form : nil
    }

    /// Whether a tool that the client runs may be called by a choice of several; any may by another choice.
    var allows: (String) -> Bool {
        guard case .allowed(let list, _) = toolChoice else { return { _ in true } }
        let names = Set(list)
        return { names.contains($0) }
    }

    /// Whether a tool of the provider's may run by a choice of several. OpenAI's lists name these by their types: what has
    /// none, as Chat's `web_search_options` and Google's tools, can stand in no list.
    var allowsServerTool: (ServerTool) -> Bool {
        guard case .allowed = toolChoice else { return { _ in true } }
        let named = toolChoiceForm?.serverTools ?? []
        return { $0.native["type"] == nil || named.contains($0.kind) }
    }

    /// The tools that a choice of several leaves, for dialects that know one or all. The provider's own are all there: they
    /// are right only after ``leaveOutForbiddenTools(_:)``.
    var allowedTools: [Tool] {
        guard case .allowed = toolChoice else { return tools }
        let allows = allows
        return tools.compactMap { $0.limited(to: allows, in: Optional.none) }
    }

    /// Leaves out, and reports, the provider's own tools that a choice of several does not name: nothing else would keep the
    /// model from them. Names of no tool, which providers refuse, leave the choice.
    ///
    /// That one of the provider's own tools or one of the client's must be called can be told Messages alone: `any` is "one of
    /// the provided tools" (https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools, read on 2026-11-30).
    /// That one of the provider's own must, can be told nobody.
    mutating func leaveOutForbiddenTools(for dialect: Dialect, _ losses: inout LossReport) {
        guard case .allowed(let names, let isRequired) = toolChoice else { return }
        let allows = allowsServerTool
        tools.removeAll { tool in
            guard case .server(let server) = tool.definition, !allows(server) else { return false }
            losses.drop(server.clientName)
            return true
        }
        var known: Set<String> = []
        for tool in tools { tool.addNames(in: Optional.none, to: &known) }
        let left = names.filter { known.contains(ToolIDs.legal($0)) }
        toolChoice = .allowed(left, isRequired: isRequired && !left.isEmpty)
        let word = ClientNames(self)["tool_choice"]
        if left.count < names.count { losses.adjust(word) }
        let namesServerTools = toolChoiceForm?.serverTools.isEmpty == false
        if isRequired, left.isEmpty || (namesServerTools && dialect != .messages) { losses.drop(word) }
    }

    /// Reports that a choice of several became one of all, for which the others are left out.
    func reportToolsLeftOut(_ losses: inout LossReport) {
        if case .allowed(let names, _) = toolChoice, !names.isEmpty { losses.adjust(ClientNames(self)["tool_choice"]) }
    }

    /// How the choice goes back to its own dialect, where it says more than ``toolChoice``.
    func nativeToolChoice(to dialect: Dialect) -> JSON? { origin == dialect ? toolChoiceForm?.native : nil }

    /// Reports what a choice of tools says beside.
    ///
    /// - Throws: a 400 for a choice of a kind that nobody knows: the model would choose freely.
    func settleToolChoice(_ losses: inout LossReport) throws(RequestError) {
        if case .native(let choice)? = toolChoice { throw fault(in: choice) }
        if let form = toolChoiceForm { losses.drop(form.extras) }
    }

    private func fault(in choice: JSON) -> RequestError {
        switch origin {
        case .chatCompletions: ChatToolDecoder.fault(in: choice)
        case .responses: ResponsesTools.fault(in: choice)
        case .messages:
            MessagesRead.invalid("tool_choice.type", "supported values are 'auto', 'any', 'tool' and 'none'")
        case .generateContent:
            ChatFault.invalidValue(
                "toolConfig.functionCallingConfig.mode", "supported values are 'AUTO', 'ANY', 'NONE' and 'VALIDATED'")
        case .converse:
            ChatFault.invalidValue("toolConfig.toolChoice", "supported members are 'auto', 'any' and 'tool'")
        case .cohereChat: ChatFault.invalidValue("tool_choice", "supported values are 'REQUIRED' and 'NONE'")
        case .completions, .ollamaChat, .embeddings: ChatFault.invalidValue("tool_choice", "it is not known")
        }
    }
}

extension Tool {
    /// Adds the names of the tools of the client's that it is, as ``ToolNames`` makes them.
    fileprivate func addNames(in namespace: String?, to names: inout Set<String>) {
        switch definition {
        case .server: break
        case .function(let function): names.insert(ToolIDs.legal(ChatToolNames.flat(function.name, in: namespace)))
        case .custom(let custom): names.insert(ToolIDs.legal(ChatToolNames.flat(custom.name, in: namespace)))
        case .namespace(let name, _, let tools): for tool in tools { tool.addNames(in: name, to: &names) }
        }
    }

    /// What is left of it; nil where that is nothing. Names are those that ``ToolNames`` makes.
    fileprivate func limited(to allows: (String) -> Bool, in namespace: String?) -> Tool? {
        switch definition {
        case .server: return self
        case .function(let function): return allows(ChatToolNames.flat(function.name, in: namespace)) ? self : nil
        case .custom(let custom): return allows(ChatToolNames.flat(custom.name, in: namespace)) ? self : nil
        case .namespace(let name, let description, let tools):
            let left = tools.compactMap { $0.limited(to: allows, in: name) }
            if left.isEmpty { return nil }
            var tool = self
            tool.definition = .namespace(name: name, description: description, tools: left)
            return tool
        }
    }
}
