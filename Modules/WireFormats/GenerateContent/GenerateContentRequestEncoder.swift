import JSONText

/// Writes a provider's request.
///
/// What the client wrote in this dialect is written back as it was. From any other dialect:
/// 1. `contents` alternate between user and model; adjacent turns of one role are one.
/// 2. Results of tools come first in the user's turn, in the order of their calls, with the name that the call has.
/// 3. Names of functions are Google's (``ToolNames``). Calls and results keep their ids. ("id: … the client to execute the function call and return the response with the
///    matching id", https://ai.google.dev/api/caching#FunctionCall, read on 2026-11-29.)
/// 4. Gemini 3 refuses a step whose first call has no signature; where another provider's model made the call it is told
///    so with `skip_thought_signature_validator` (https://ai.google.dev/gemini-api/docs/thought-signatures, read on
///    2026-11-29). Gemini 2.5 and before don't check.
/// 5. Before Gemini 3 neither Google's own tools nor JSON output go together with functions: the tools are dropped, the
///    output becomes an instruction; with Gemini 3 `includeServerSideToolInvocations` says that both are meant
///    (https://ai.google.dev/gemini-api/docs/tool-combination, read on 2026-11-29).
struct GenerateContentRequestEncoder {
    let conversation: Conversation
    let target: TargetFacts
    var losses = LossReport()
    let isOwn: Bool
    private let snakeCase: Set<String>
    /// Gemini 3 and later: told apart by how they are told to think.
    let isGemini3: Bool
    let names: ClientNames

    init(_ conversation: Conversation, for target: TargetFacts) {
        self.conversation = conversation
        self.target = target
        isOwn = conversation.origin == .generateContent
        snakeCase = conversation.spelling?.snakeCase ?? []
        isGemini3 = target.isGemini3
        names = ClientNames(conversation)
    }

    mutating func encoded() throws(RequestError) -> JSON {
        var body = JSONObject()
        if let model = conversation.spelling?.bodyModel {
            body["model"] = .string(target.model == conversation.model ? model : "models/" + target.model)
        }
        var contents = GenerateContentContents(self)
        try contents.write(conversation.turns)
        losses.add(contents.losses)
        let (tools, functionCount, serverToolCount) = writtenTools()
        var config = try generationConfig(hasFunctions: functionCount > 0)
        var system = contents.system
        if let instruction = config.instruction { system.append(.object([key("text"): .string(instruction)])) }
        body[key("contents")] = .array(contents.contents)
        if contents.hasSystem || !system.isEmpty {
            var content = JSONObject()
            content["parts"] = contents.systemIsSingle && system.count == 1 ? system[0] : .array(system)
            if let role = conversation.spelling?.systemRole { content["role"] = .string(role) }
            for (key, value) in contents.systemExtras { content[self.key(key)] = value }
            body[key("systemInstruction")] = .object(content)
        }
        if let tools { body["tools"] = .array(tools) }
        let toolConfig = toolConfig(hasFunctions: functionCount > 0, hasServerTools: serverToolCount > 0)
        if !toolConfig.isEmpty { body[key("toolConfig")] = .object(toolConfig) }
        addExtras("generationConfig.", to: &config.members)
        if !config.members.isEmpty { body[key("generationConfig")] = .object(config.members) }
        writeRest(to: &body)
        return .object(body)
    }

    /// The member's name as the client wrote it.
    func key(_ name: String) -> String { snakeCase.contains(name) ? GoogleMembers.snakeCase(name) : name }

    private mutating func addExtras(_ prefix: String, to object: inout JSONObject) {
        guard isOwn else { return }
        for (name, value) in conversation.extras where name.hasPrefix(prefix) {
            object[key(String(name.dropFirst(prefix.count)))] = value
        }
    }

    private mutating func writeRest(to body: inout JSONObject) {
        if let labels = conversation.metadata {
            if isOwn || (target.isVertex && GenerateContentRequestEncoder.areLabels(labels)) {
                body["labels"] = .object(labels)
            } else if !labels.isEmpty {
                losses.drop(names["metadata"])
            }
        }
        if let tier = conversation.serviceTier {
            if let word = GoogleServiceTier.write(tier) ?? (isOwn ? tier : nil) {
                body[key("serviceTier")] = .string(word)
            } else {
                losses.drop(.serviceTier, of: conversation, names)
            }
        }
        guard isOwn else {
            conversation.reportUncarried(carried: Self.carried, names, &losses)
            return
        }
        if let store = conversation.store { body["store"] = .bool(store) }
        for (name, value) in conversation.extras
        where !name.hasPrefix("generationConfig.") && !name.hasPrefix("toolConfig.") {
            body[key(name)] = value
        }
    }

    private static let carried: Set<RequestOption> = [
        .temperature, .topP, .topK, .frequencyPenalty, .presencePenalty, .seed, .stop, .choices, .logprobs,
        .topLogprobs, .toolChoice, .reasoningEffort, .modalities, .audio, .serviceTier, .metadata,
    ]

    /// Vertex' labels: lower-case letters, digits, `_` and `-`, keys beginning with a letter, 63 characters at most, 64
    /// labels (https://cloud.google.com/vertex-ai/generative-ai/docs/custom-labels… read on 2026-11-29 as
    /// "add labels to API calls").
    private static func areLabels(_ labels: JSONObject) -> Bool {
        func isLabel(_ text: String) -> Bool {
            text.utf8.count <= 63
                && text.utf8.allSatisfy {
                    (97...122).contains($0) || (48...57).contains($0) || $0 == 0x5F || $0 == 0x2D
                }
        }
        return labels.count <= 64
            && labels.allSatisfy { key, value in
                isLabel(key) && (key.utf8.first.map { (97...122).contains($0) } ?? false)
                    && (value.string.map(isLabel) ?? false)
            }
    }

    // MARK: - Tools

    /// - Returns: `tools`, and how many functions and server tools are in it.
    private mutating func writtenTools() -> (tools: [JSON]?, functions: Int, servers: Int) {
        let tools = conversation.tools
        guard isOwn else { return foreignTools() }
        var groups = conversation.spelling?.toolGroups ?? (tools.isEmpty ? [] : [tools.count])
        if groups.reduce(0, +) != tools.count { groups = [tools.count] }
        var written: [JSON] = []
        var next = 0
        var functions = 0
        for count in groups {
            var group = JSONObject()
            var declarations: [JSON] = []
            for tool in tools[next..<next + count] {
                switch tool.definition {
                case .function(let function):
                    if declarations.isEmpty { group[key("functionDeclarations")] = [] }
                    declarations.append(declaration(function, tool))
                case .server(let server): for (name, value) in server.native.object ?? [:] { group[key(name)] = value }
                case .custom, .namespace: break
                }
            }
            if !declarations.isEmpty { group[key("functionDeclarations")] = .array(declarations) }
            functions += declarations.count
            written.append(.object(group))
            next += count
        }
        let hasList = !tools.isEmpty || conversation.spelling?.toolGroups != nil
        return (hasList ? written : nil, functions, tools.count - functions)
    }

    private mutating func foreignTools() -> (tools: [JSON]?, functions: Int, servers: Int) {
        var declarations: [JSON] = []
        var servers: [ServerTool] = []
        var tools = conversation.tools
        // Where the choice leaves none of the client's functions, none is declared: before Gemini 3 they would keep Google's
        // own tools out. The history needs no declarations.
        if case .allowed(let names, _) = conversation.toolChoice, names.isEmpty { tools = conversation.allowedTools }
        for tool in tools { add(tool, prefix: "", &declarations, &servers) }
        var natives: [JSON] = []
        for server in servers {
            guard declarations.isEmpty || isGemini3 else {
                losses.drop(server.clientName)
                continue
            }
            guard let native = GoogleServerTools.native(server, isVertex: target.isVertex, &losses) else { continue }
            if !natives.contains(native) { natives.append(native) }
        }
        var written: [JSON] = declarations.isEmpty ? [] : [["functionDeclarations": .array(declarations)]]
        written += natives
        return (written.isEmpty ? nil : written, declarations.count, natives.count)
    }

    private mutating func add(
        _ tool: Tool, prefix: String, _ declarations: inout [JSON], _ servers: inout [ServerTool]
    ) {
        losses.drop(tool.cache, names)
        losses.dropNested(tool.extras)
        switch tool.definition {
        case .function(var function):
            if function.strict == true { losses.drop("strict") }
            function.name = written(prefix + function.name)
            declarations.append(declaration(function, tool))
        case .custom(let custom):
            var function = FunctionTool(
                name: written(prefix + custom.name), description: custom.description)
            function.parameters = [
                "type": "object", "properties": ["input": ["type": "string"]], "required": ["input"],
            ]
            if let format = custom.format, format["type"]?.string != "text" { losses.drop("format") }
            declarations.append(declaration(function, tool))
        case .namespace(let name, _, let tools):
            // Two levels are all that a namespace has; deeper ones keep the outer names.
            for inner in tools { add(inner, prefix: prefix + name + "__", &declarations, &servers) }
        case .server(let server): servers.append(server)
        }
    }

    private mutating func written(_ name: String) -> String {
        let written = ToolNames.google(name)
        if written != name { losses.adjust("tools") }
        return written
    }

    private func declaration(_ function: FunctionTool, _ tool: Tool) -> JSON {
        var object: JSONObject = ["name": .string(function.name)]
        if let description = function.description { object["description"] = .string(description) }
        if let native = function.nativeParameters, isOwn {
            object["parameters"] = native
        } else if let schema = function.parameters {
            if target.takesGoogleJSONSchema || isOwn {
                object[key("parametersJsonSchema")] = schema
            } else {
                let written = GoogleSchema.google(schema)
                // "properties: should be non-empty for OBJECT type": a function without parameters has none.
                if !(written["properties"]?.object?.isEmpty ?? true) { object["parameters"] = written }
            }
        }
        if isOwn { for (name, value) in tool.extras { object[key(name)] = value } }
        return .object(object)
    }

    private mutating func toolConfig(hasFunctions: Bool, hasServerTools: Bool) -> JSONObject {
        var config = JSONObject()
        if let native = conversation.nativeToolChoice(to: .generateContent) {
            config[key("functionCallingConfig")] = native
        } else if let choice = conversation.toolChoice {
            if !isOwn, !hasFunctions {
                // "Function calling config is set without function_declarations" is a 400.
                if choice.demandsCall { losses.drop(names["tool_choice"]) }
            } else if let calling = functionCalling(choice) {
                config[key("functionCallingConfig")] = calling
            }
        }
        if !isOwn, hasFunctions, hasServerTools { config["includeServerSideToolInvocations"] = true }
        addExtras("toolConfig.", to: &config)
        return config
    }

    private mutating func functionCalling(_ choice: ToolChoice) -> JSON? {
        func calling(_ mode: String, _ names: [String] = []) -> JSON {
            var object: JSONObject = ["mode": .string(mode)]
            let names = isOwn ? names : names.map(ToolNames.google)
            if !names.isEmpty { object[key("allowedFunctionNames")] = .array(names.map { .string($0) }) }
            return .object(object)
        }
        switch choice {
        case .auto: return calling("AUTO")
        case .none: return calling("NONE")
        case .required: return calling("ANY")
        case .function(let name), .custom(let name): return calling("ANY", [name])
        case .allowed(let names, let isRequired):
            if isRequired { return calling("ANY", names) }
            // "allowedFunctionNames should only be set when the mode is ANY or VALIDATED."
            return calling(isOwn ? "AUTO" : "VALIDATED", names)
        case .server(let native), .native(let native):
            if isOwn { return native }
            losses.drop(names["tool_choice"])
            return nil
        }
    }
}
