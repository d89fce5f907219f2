import JSONText

/// A choice of tools that says more than ``ToolChoice`` has names for.
public struct ToolChoiceForm: Equatable, Sendable {
    /// As the origin writes it: so it goes back to its own dialect.
    public let native: JSON
    /// What other dialects have no place for.
    public private(set) var extras = JSONObject()
    /// Tools of the provider's that a choice of several names: the type, and the name or the label where one is said.
    private(set) var serverTools: Set<[String]> = []
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
    ///   - chosen: reads a function or a custom tool of the list.
    ///   - isServerTool: whether it is one of the provider's. These have no name in the model.
    /// - Returns: nil where it is no such choice.
    mutating func allowedTools(
        _ allowed: JSONObject, chosen: (JSONObject, inout ToolChoiceForm) -> ToolChoice?,
        isServerTool: (JSONObject) -> Bool
    ) -> ToolChoice? {
        guard let list = allowed["tools"]?.array, let mode = allowed["mode"]?.string,
            mode == "auto" || mode == "required"
        else { return nil }
        var names: [String] = []
        for element in list {
            guard let tool = element.object else { return nil }
            switch chosen(tool, &self) {
            case .function(let name), .custom(let name): names.append(name)
            default:
                guard isServerTool(tool) else { return nil }
                serverTools.insert(["type", "name", "server_label"].compactMap { tool[$0]?.string })
                add(["tool_choice": element])
            }
        }
        if names.isEmpty, !list.isEmpty { return .server(native) }
        return .allowed(names, isRequired: mode == "required")
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

    /// The tools that a choice of several leaves, for dialects that know one or all.
    var allowedTools: [Tool] {
        let allows = allows
        return tools.filter { tool in
            if case .server = tool.definition { return true }
            return tool.name.map(allows) ?? true
        }
    }

    /// Leaves out, and reports, the provider's own tools that a choice of several does not name: nothing else would keep the
    /// model from them. OpenAI's lists name them by their types; Google's are of functions alone, and say nothing of them.
    mutating func leaveOutForbiddenTools(_ losses: inout LossReport) {
        guard case .allowed = toolChoice, origin != .generateContent else { return }
        let named = toolChoiceForm?.serverTools ?? []
        tools.removeAll { tool in
            guard case .server(let server) = tool.definition else { return false }
            let type = [server.native["type"]?.string].compactMap { $0 }
            if named.contains(type) || named.contains(type + [server.name].compactMap { $0 }) { return false }
            losses.drop(server.clientName)
            return true
        }
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
