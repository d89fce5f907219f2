import JSONText

/// Tools and their choice as `toolConfig`, and those of Anthropic's own as additional fields.
struct ConverseToolWriter {
    /// The tools, each with the cache point behind it.
    var blocks: [ConverseBlock] = []
    var losses: LossReport
    /// Fields for `additionalModelRequestFields`.
    private(set) var additional = JSONObject()
    private var choice: JSON?

    private let conversation: Conversation
    private let family: ConverseFamily
    private let target: TargetFacts
    private let names: ToolNames
    private let clientNames: ClientNames
    private let isSame: Bool

    init(
        _ conversation: Conversation, _ family: ConverseFamily, _ target: TargetFacts, _ names: ToolNames,
        _ clientNames: ClientNames, _ losses: LossReport
    ) {
        self.conversation = conversation
        self.family = family
        self.target = target
        self.names = names
        self.clientNames = clientNames
        self.losses = losses
        isSame = conversation.origin == .converse
    }

    var config: JSON? {
        let more = isSame ? conversation.extras["toolConfig"]?.object ?? [:] : [:]
        guard !blocks.isEmpty || choice != nil || !more.isEmpty else { return nil }
        var config = JSONObject()
        if !blocks.isEmpty { config["tools"] = .array(ConverseBlock.written(blocks)) }
        if let choice { config["toolChoice"] = choice }
        for (key, value) in more { config[key] = value }
        return .object(config)
    }

    /// The model must call a tool, as it is written: in either of the two places for it.
    var isToolForced: Bool {
        let own = additional["tool_choice"]?["type"]
        return choice?["any"] != nil || choice?["tool"] != nil || own == "any" || own == "tool"
    }

    /// - Parameter calls: the names of tools that the history calls.
    mutating func write(hasToolBlocks calls: [String]) throws(RequestError) {
        guard !isSame else {
            for tool in conversation.tools { write(tool, in: nil) }
            choice = sameChoice()
            return
        }
        // Without tools in sight none can be called.
        if conversation.toolChoice != ToolChoice.none || !calls.isEmpty {
            for tool in conversation.allowedTools { write(tool, in: nil) }
        } else if conversation.tools.contains(where: ConverseToolWriter.isMarked) {
            losses.drop(clientNames["cache_control"])
        }
        let hasTools = !blocks.isEmpty
        if !hasTools, !calls.isEmpty {
            blocks = standIns(for: calls)
            losses.adjust("tools")
        }
        try writeChoice(hasTools: hasTools)
        if family == .claude, let betas = conversation.extras["anthropic_beta"] { addBetas(betas.array ?? [betas]) }
        let taken = family == .claude ? target.betas.filter(isTaken) : []
        if !taken.isEmpty { addBetas(taken.map { .string($0) }) }
        if taken.count < target.betas.count { losses.drop(LossReport.betaHeader) }
    }

    /// What Bedrock takes of what a client says to Anthropic in its header: any other name makes the whole request a
    /// 400, "invalid beta flag", and coding agents send some with every request. (What a client writes into the body is
    /// meant for Bedrock, and goes as it is.)
    ///
    /// Sources, read on 2026-11-30:
    /// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html
    /// by https://github.com/BerriAI/litellm/pull/19877, https://github.com/envoyproxy/ai-gateway/pull/2512 (which tried
    /// them) and https://docs.aws.amazon.com/bedrock/latest/userguide/computer-use.html.
    ///
    /// And each only at these models: interleaved thinking is refused by any but Claude Opus 4 and 4.1 and Sonnet 4
    /// (https://docs.claude.com/en/docs/build-with-claude/extended-thinking; https://github.com/anthropics/claude-code/issues/49490
    /// for Opus 4.7), and what came with a model is known for no other. Those of Anthropic's own tools go with the tools.
    private static let betasTaken: [String: [String]] = [
        "interleaved-thinking-2025-05-14": ["opus-4-2025", "opus-4-1", "sonnet-4-2025"],
        "context-1m-2025-08-07": ["sonnet-4-2025", "sonnet-4-5"],
        "token-efficient-tools-2025-02-19": ["3-7-sonnet"], "output-128k-2025-02-19": ["3-7-sonnet"],
    ]

    private func isTaken(_ beta: String) -> Bool {
        ConverseToolWriter.betasTaken[beta]?.contains { target.model.contains($0) } ?? false
    }

    // MARK: - Tools

    /// "The toolConfig field must be defined when using toolUse and toolResult content blocks": where no tool of it is left,
    /// those are named that were called, which the model is told to leave alone. Those among the additional fields have
    /// their names already.
    private func standIns(for calls: [String]) -> [ConverseBlock] {
        let taken = Set((additional["tools"]?.array ?? []).compactMap { $0["name"]?.string })
        var names = calls.filter { !taken.contains($0) }
        if names.isEmpty {
            var name = "unused"
            while taken.contains(name) { name += "_" }
            names = [name]
        }
        return names.map { name in
            let members: JSONObject = [
                "name": .string(name), "description": "Not available any more: do not call it.",
            ]
            return ConverseBlock(ConverseToolWriter.spec(members, schema: nil))
        }
    }

    private static func isMarked(_ tool: Tool) -> Bool {
        guard case .namespace(_, _, let inner) = tool.definition, tool.cache == nil else { return tool.cache != nil }
        return inner.contains(where: isMarked)
    }

    private mutating func write(_ tool: Tool, in namespace: String?) {
        var json: JSON?
        switch tool.definition {
        case .function(let function): json = spec(function, tool.extras, in: namespace)
        case .custom(let custom): json = spec(custom, in: namespace)
        case .namespace(let name, _, let tools):
            for inner in tools { write(inner, in: name) }
        case .server(let server): json = block(server)
        }
        if !isSame { losses.dropNested(tool.extras) }
        if let json {
            blocks.append(ConverseBlock(json, cache: tool.cache, isSame: isSame))
        } else if let marker = tool.cache, let last = blocks.indices.last, blocks[last].cache == nil {
            blocks[last].cache = marker
        } else {
            losses.drop(tool.cache, clientNames)
        }
    }

    private static func spec(_ members: JSONObject, schema: JSON?) -> JSON {
        var members = members
        // The schema's type must be "object", and there must be a schema.
        var schema = schema ?? ["type": "object", "properties": [:]]
        if schema.object != nil, schema["type"] == nil { schema["type"] = "object" }
        members["inputSchema"] = ["json": schema]
        return ["toolSpec": .object(members)]
    }

    private mutating func spec(_ function: FunctionTool, _ extras: JSONObject, in namespace: String?) -> JSON {
        let name = isSame ? function.name : names.written(function.name, namespace: namespace)
        var function = function
        if !isSame, family.takesPlainSchemas, let schema = function.parameters {
            var inliner = ConverseSchemaInliner(schema)
            function = inliner.plain(function)
            if inliner.hasChanged { losses.adjust(clientNames["parameters"]) }
        }
        var members: JSONObject = ["name": .string(name)]
        if let description = function.description, isSame || !description.isEmpty {
            members["description"] = .string(description)
        }
        if isSame {
            members["inputSchema"] = function.parameters.map { ["json": $0] } ?? [:]
            if let strict = function.strict { members["strict"] = .bool(strict) }
            for (key, value) in extras { members[key] = value }
            return ["toolSpec": .object(members)]
        }
        if family == .claude {
            let (schema, isStrict) = MessagesSchema.ofTool(
                function, mayBeStrict: target.takesJSONSchema, clientNames["parameters"], &losses)
            if isStrict { members["strict"] = true }
            return ConverseToolWriter.spec(members, schema: schema)
        }
        if function.strict == true { losses.drop("strict") }
        return ConverseToolWriter.spec(members, schema: function.parameters)
    }

    /// Free text, as a function of one string.
    private mutating func spec(_ custom: CustomTool, in namespace: String?) -> JSON {
        var members: JSONObject = ["name": .string(names.written(custom.name, namespace: namespace))]
        if let description = custom.description, !description.isEmpty { members["description"] = .string(description) }
        if let format = custom.format, format["type"] != "text" { losses.drop("format") }
        return ConverseToolWriter.spec(
            members,
            schema: ["type": "object", "properties": ["input": ["type": "string"]], "required": ["input"]])
    }

    private mutating func block(_ server: ServerTool) -> JSON? {
        if isSame, server.nativeDialect == .converse { return server.native }
        if let name = ConverseServerTools.name(for: server.kind, family) {
            guard server.settle(taking: [], &losses) else { return nil }
            return ["systemTool": ["name": .string(name)]]
        }
        if family == .claude, server.nativeDialect == .messages, let type = server.native["type"]?.string,
            ConverseToolWriter.isClientRun(server.kind)
        {
            // Anthropic's tools that the client runs go past Converse to the model
            // (https://docs.aws.amazon.com/bedrock/latest/userguide/computer-use.html, read on 2026-11-29).
            var tools = additional["tools"]?.array ?? []
            // Nobody else holds the list while it grows: it is not copied for each.
            additional["tools"] = []
            tools.append(server.native)
            additional["tools"] = .array(tools)
            if let beta = ConverseToolWriter.betas.first(where: {
                type.hasSuffix($0.day) && type.hasPrefix("computer_")
            }) {
                addBetas([.string(beta.name)])
            }
            return nil
        }
        losses.drop(server.clientName)
        return nil
    }

    private static func isClientRun(_ kind: ServerTool.Kind) -> Bool {
        [.computerUse, .textEditor, .shell, .memory].contains(kind)
    }

    private static let betas: [(day: String, name: String)] = [
        ("20241022", "computer-use-2024-10-22"), ("20250124", "computer-use-2025-01-24"),
        ("20251124", "computer-use-2025-11-24"),
    ]

    mutating func addBetas(_ betas: [JSON]) {
        var all = additional["anthropic_beta"]?.array ?? []
        var known = Set(all.compactMap(\.string))
        for beta in betas where beta.string.map({ known.insert($0).inserted }) ?? true { all.append(beta) }
        additional["anthropic_beta"] = .array(all)
    }

    // MARK: - Choice

    private func sameChoice() -> JSON? {
        if let native = conversation.nativeToolChoice(to: .converse) { return native }
        switch conversation.toolChoice {
        case .auto: return ["auto": [:]]
        case .required: return ["any": [:]]
        case .function(let name), .custom(let name): return ["tool": ["name": .string(name)]]
        case .server(let native), .native(let native): return native
        case .none?, .allowed, nil: return nil
        }
    }

    /// - Parameter hasTools: of `toolConfig`, and not stand-ins alone.
    private mutating func writeChoice(hasTools: Bool) throws(RequestError) {
        let word = clientNames["tool_choice"]
        let wanted = conversation.toolChoice
        if !hasTools, additional["tools"] == nil {
            // It would be a choice of stand-ins, which only Claude can be kept from.
            let isKept = blocks.isEmpty || family == .claude
            if wanted?.demandsCall == true || (wanted == ToolChoice.none && !isKept) { losses.drop(word) }
            if isKept, !blocks.isEmpty { additional["tool_choice"] = ["type": "none"] }
            return
        }
        // Claude's own members, for what Converse has no word for: never beside `toolChoice`.
        var own: JSONObject?
        switch wanted {
        case .auto: (choice, own) = (["auto": [:]], ["type": "auto"])
        case .required: (choice, own) = (["any": [:]], ["type": "any"])
        case .allowed(_, let isRequired):
            conversation.reportToolsLeftOut(&losses)
            (choice, own) = (isRequired ? ["any": [:]] : ["auto": [:]], ["type": isRequired ? "any" : "auto"])
        case .function(let name), .custom(let name):
            let name = JSON.string(names.written(name))
            (choice, own) = (["tool": ["name": name]], ["type": "tool", "name": name])
        case .none?:
            if family == .claude { additional["tool_choice"] = ["type": "none"] } else { losses.drop(word) }
            return
        case .server, .native: losses.drop(word)
        case nil: own = ["type": "auto"]
        }
        let isForced = own?["type"] == "any" || own?["type"] == "tool"
        if isForced, try !target.mayForceTools(word, &losses) { (choice, own) = (["auto": [:]], ["type": "auto"]) }
        if choice != nil, target.refuses.contains("tool_choice") || !family.takesToolChoice {
            if wanted != .auto { losses.drop(word) }
            choice = nil
        }
        // Of tools among the additional fields `toolConfig` knows nothing.
        let isBeyond = !hasTools && additional["tools"] != nil
        if isBeyond, conversation.parallelToolCalls != false, let own, choice != nil {
            additional["tool_choice"] = .object(own)
            choice = nil
        }
        guard conversation.parallelToolCalls == false else { return }
        guard family == .claude, var own else {
            losses.drop(clientNames["parallel_tool_calls"])
            return
        }
        own["disable_parallel_tool_use"] = true
        additional["tool_choice"] = .object(own)
        choice = nil
    }
}
