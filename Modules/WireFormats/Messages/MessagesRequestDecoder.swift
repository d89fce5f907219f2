import JSONText

/// Reads a request of a Messages client.
enum MessagesRequestDecoder {
    private static let known = [
        "model", "messages", "system", "max_tokens", "temperature", "top_p", "top_k", "stop_sequences", "stream",
        "tools",
        "tool_choice", "thinking", "output_config", "output_format", "metadata", "service_tier", "cache_control",
    ]

    static func decode(_ value: JSON, at place: RequestPlace) throws(RequestError) -> Conversation {
        guard case .object(let body) = value else { throw MessagesRead.wrongType("body", "an object", value) }
        let model = try MessagesRead.string(body["model"], "model") ?? place.model
        guard let model else { throw RequestError.missing("model") }
        var conversation = Conversation(origin: .messages, model: model)
        conversation.stream = try MessagesRead.bool(body["stream"], "stream") ?? place.stream ?? false
        try readSystem(body["system"], &conversation)
        try readMessages(body["messages"], &conversation)
        try readTools(body, &conversation)
        try readSampling(body, &conversation)
        try readReasoning(body, &conversation)
        conversation.extras = body.present(beside: known)
        try readFormat(body, &conversation)
        if let metadata = try MessagesRead.object(body["metadata"], "metadata") {
            conversation.user = try MessagesRead.string(metadata["user_id"], "metadata.user_id")
            let rest = metadata.present(beside: ["user_id"])
            if !rest.isEmpty || conversation.user == nil { conversation.metadata = rest }
        }
        if let tier = try MessagesRead.string(body["service_tier"], "service_tier") {
            // `standard_only` forbids priority capacity, as OpenAI's `default` does.
            conversation.serviceTier = tier == "standard_only" ? "default" : tier
        }
        conversation.cache = try MessagesBlocks.cache(body["cache_control"], "cache_control")
        return conversation
    }

    // MARK: - Turns

    private static func readSystem(_ value: JSON?, _ conversation: inout Conversation) throws(RequestError) {
        guard let value, !value.isNull else { return }
        var turn = Turn(.system, isTopLevel: true)
        if let text = value.string {
            turn.parts = [.text(text)]
            turn.isPlainText = true
        } else if let elements = value.array {
            turn.parts = try MessagesBlocks.parts(elements, "system")
        } else {
            throw MessagesRead.wrongType("system", "a string or an array", value)
        }
        conversation.turns.append(turn)
    }

    private static func readMessages(_ value: JSON?, _ conversation: inout Conversation) throws(RequestError) {
        guard let value, !value.isNull else { throw RequestError.missing("messages") }
        guard let messages = value.array else { throw MessagesRead.wrongType("messages", "an array", value) }
        conversation.turns.reserveCapacity(messages.count + 1)
        var names: [String: String] = [:]
        for (index, message) in messages.enumerated() {
            var turn = try turn(message, "messages[\(index)]")
            // A result's tool is named by the call that it answers.
            for place in turn.parts.indices {
                switch turn.parts[place].content {
                case .toolCall(let call): names[call.id] = call.name
                case .toolResult(var result):
                    guard let name = names[result.callID] else { continue }
                    result.name = name
                    turn.parts[place].content = .toolResult(result)
                default: break
                }
            }
            conversation.turns.append(turn)
        }
    }

    private static func turn(_ message: JSON, _ path: @autoclosure () -> String) throws(RequestError) -> Turn {
        guard case .object(let object) = message else { throw MessagesRead.wrongType(path(), "an object", message) }
        let name = try MessagesRead.required(object["role"], "\(path()).role")
        let role: Turn.Role
        switch name {
        case "user": role = .user
        case "assistant": role = .assistant
        case "system": role = .system
        default: throw MessagesRead.invalid("\(path()).role", "supported values are 'user', 'assistant' and 'system'")
        }
        var turn = Turn(role)
        guard let content = object["content"], !content.isNull else { throw RequestError.missing("\(path()).content") }
        if let text = content.string {
            turn.parts = [.text(text)]
            turn.isPlainText = true
        } else if let elements = content.array {
            turn.parts = try MessagesBlocks.parts(elements, "\(path()).content")
            if role == .assistant { turn.parts = MessagesBlocks.unwrapped(turn.parts) }
        } else {
            throw MessagesRead.wrongType("\(path()).content", "a string or an array", content)
        }
        turn.extras = object.present(beside: ["role", "content"])
        return turn
    }

    // MARK: - Tools

    private static func readTools(_ body: JSONObject, _ conversation: inout Conversation) throws(RequestError) {
        if let tools = try MessagesRead.array(body["tools"], "tools") {
            for (index, value) in tools.enumerated() {
                conversation.tools.append(try tool(value, "tools[\(index)]"))
            }
        }
        guard let choice = try MessagesRead.object(body["tool_choice"], "tool_choice") else { return }
        if let disables = try MessagesRead.bool(
            choice["disable_parallel_tool_use"], "tool_choice.disable_parallel_tool_use")
        {
            conversation.parallelToolCalls = !disables
        }
        let type = try MessagesRead.required(choice["type"], "tool_choice.type")
        var known = ["type", "disable_parallel_tool_use"]
        var form = ToolChoiceForm(.object(choice))
        switch type {
        case "auto": conversation.toolChoice = .auto
        case "any": conversation.toolChoice = .required
        case "none": conversation.toolChoice = ToolChoice.none
        case "tool":
            let name = try MessagesRead.required(choice["name"], "tool_choice.name")
            known.append("name")
            let isServerTool = conversation.tools.contains { tool in
                if case .server(let server) = tool.definition { return server.name == name }
                return false
            }
            conversation.toolChoice = isServerTool ? .server(.object(choice)) : .function(name)
        default: conversation.toolChoice = .native(.object(choice))
        }
        let tool = body["tools"]?.array?.first { $0["name"] == choice["name"] && type == "tool" }
        form.add(choice.present(beside: known), of: tool?.object)
        conversation.choose(conversation.toolChoice, form)
    }

    private static func tool(_ value: JSON, _ path: @autoclosure () -> String) throws(RequestError) -> Tool {
        guard var object = value.object else { throw MessagesRead.wrongType(path(), "an object", value) }
        let type = try MessagesRead.string(object["type"], "\(path()).type")
        let cache = try MessagesBlocks.cache(object["cache_control"], "\(path()).cache_control")
        object["cache_control"] = nil
        guard type == nil || type == "custom" else {
            let name = try MessagesRead.string(object["name"], "\(path()).name")
            let server = ServerTool(
                MessagesBlocks.kind(ofTool: type ?? ""), name: name, members: object.present(beside: ["type", "name"]),
                native: .object(object), nativeDialect: .messages)
            return Tool(.server(server), cache: cache)
        }
        var function = FunctionTool(name: try MessagesRead.required(object["name"], "\(path()).name"))
        function.description = try MessagesRead.string(object["description"], "\(path()).description")
        function.parameters = try MessagesRead.object(object["input_schema"], "\(path()).input_schema").map {
            .object($0)
        }
        function.strict = try MessagesRead.bool(object["strict"], "\(path()).strict")
        var tool = Tool(.function(function), cache: cache)
        tool.extras = object.present(beside: ["type", "name", "description", "input_schema", "strict"])
        return tool
    }

    // MARK: - Options

    private static func readSampling(_ body: JSONObject, _ conversation: inout Conversation) throws(RequestError) {
        conversation.sampling.maxOutputTokens = try MessagesRead.int(body["max_tokens"], "max_tokens")
        conversation.sampling.temperature = try MessagesRead.number(body["temperature"], "temperature")
        conversation.sampling.topP = try MessagesRead.number(body["top_p"], "top_p")
        conversation.sampling.topK = try MessagesRead.int(body["top_k"], "top_k")
        conversation.sampling.stop = try MessagesRead.strings(body["stop_sequences"], "stop_sequences")
    }

    private static func readReasoning(_ body: JSONObject, _ conversation: inout Conversation) throws(RequestError) {
        let effort = try MessagesRead.string(
            try MessagesRead.object(body["output_config"], "output_config")?["effort"], "output_config.effort")
        let thinking = try MessagesRead.object(body["thinking"], "thinking")
        guard effort != nil || thinking != nil else { return }
        var settings = ReasoningSettings(effort: effort)
        settings.isEffortOfAnswer = effort != nil
        defer { conversation.reasoning = settings }
        guard let thinking else { return }
        var known = ["budget_tokens"]
        let type = try MessagesRead.required(thinking["type"], "thinking.type")
        if let mode = ReasoningSettings.Mode(rawValue: type) {
            settings.mode = mode
            known.append("type")
        }
        settings.budgetTokens = try MessagesRead.int(thinking["budget_tokens"], "thinking.budget_tokens")
        switch try MessagesRead.string(thinking["display"], "thinking.display") {
        case "summarized":
            settings.summary = "auto"
            known.append("display")
        case "omitted":
            settings.includesThoughts = false
            known.append("display")
        default: break
        }
        settings.extras = thinking.present(beside: known)
    }

    /// `output_config.format`, and `output_format` as it was called in beta
    /// (https://platform.claude.com/docs/en/build-with-claude/structured-outputs, read on 2026-11-29).
    private static func readFormat(_ body: JSONObject, _ conversation: inout Conversation) throws(RequestError) {
        guard body.holds("output_config") || body.holds("output_format") else { return }
        let config = try MessagesRead.object(body["output_config"], "output_config") ?? [:]
        let path = config["format"] == nil ? "output_format" : "output_config.format"
        if let format = try MessagesRead.object(config["format"] ?? body["output_format"], path) {
            if format["type"]?.string == "json_schema", let schema = format["schema"] {
                var wanted = OutputFormat.Schema(schema: schema)
                wanted.extras = format.present(beside: ["type", "schema"])
                conversation.outputFormat = .jsonSchema(wanted)
            } else {
                conversation.outputFormat = .native(.object(format))
            }
        }
        let rest = config.present(beside: ["effort", "format"])
        if !rest.isEmpty { conversation.extras["output_config"] = .object(rest) }
    }
}
