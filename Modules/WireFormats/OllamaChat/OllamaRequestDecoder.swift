import JSONText

/// Reads an Ollama chat request: for tests and mocks, as no client speaks this dialect here.
struct OllamaRequestDecoder {
    private var conversation: Conversation
    private var unanswered = OpenCalls()
    private var calls = 0

    static func decode(_ body: JSON, at place: RequestPlace) throws(RequestError) -> Conversation {
        var members = try ChatMembers(body: body)
        let model = try members.model(at: place)
        var decoder = OllamaRequestDecoder(conversation: Conversation(origin: .ollamaChat, model: model))
        try decoder.read(&members)
        return decoder.conversation
    }

    private init(conversation: Conversation) { self.conversation = conversation }

    private mutating func read(_ members: inout ChatMembers) throws(RequestError) {
        // Ollama streams where nothing else is said.
        conversation.stream = try members.bool("stream") ?? true
        for (index, message) in (try members.array("messages") ?? []).enumerated() {
            conversation.turns.append(try turn(message, at: "messages[\(index)]"))
        }
        conversation.tools = try members.functionTools()
        switch members.take("think") {
        case nil: break
        case .bool(let thinks): conversation.reasoning = ReasoningSettings(mode: thinks ? .enabled : .disabled)
        case .string(let word): conversation.reasoning = ReasoningSettings(effort: word)
        case .some(let value): throw ChatFault.wrongType("think", "a boolean or a string", value)
        }
        switch members.take("format") {
        case nil: break
        case "json": conversation.outputFormat = .jsonObject
        case .string(let word): if !word.isEmpty { conversation.outputFormat = .native(.string(word)) }
        case .some(let schema): conversation.outputFormat = .jsonSchema(OutputFormat.Schema(schema: schema))
        }
        try readOptions(&members)
        conversation.sampling.logprobs = try members.bool("logprobs")
        conversation.sampling.topLogprobs = try members.int("top_logprobs")
        conversation.extras = members.leftover
    }

    private mutating func readOptions(_ members: inout ChatMembers) throws(RequestError) {
        guard let object = try members.object("options") else { return }
        var options = ChatMembers(object, at: "options")
        var sampling = Sampling()
        sampling.temperature = try options.double("temperature")
        sampling.topP = try options.double("top_p")
        sampling.topK = try options.int("top_k")
        sampling.minP = try options.double("min_p")
        sampling.maxOutputTokens = try options.int("num_predict")
        sampling.seed = try options.int("seed")
        sampling.repetitionPenalty = try options.double("repeat_penalty")
        sampling.frequencyPenalty = try options.double("frequency_penalty")
        sampling.presencePenalty = try options.double("presence_penalty")
        sampling.stop = try options.strings("stop")
        conversation.sampling = sampling
        if !options.leftover.isEmpty { members.put("options", .object(options.leftover)) }
    }

    private mutating func turn(_ value: JSON, at path: String) throws(RequestError) -> Turn {
        var members = try ChatMembers(value, at: path)
        let role = try members.role()
        var turn = Turn(role, isPlainText: true)
        if let thinking = try members.string("thinking") { turn.parts.append(Part(.reasoning(Reasoning(thinking)))) }
        if let content = try members.string("content") { turn.parts.append(.text(content)) }
        for image in try members.strings("images") ?? [] {
            turn.parts.append(Part(.media(Media(.image, .base64(image)))))
        }
        for (index, call) in (try members.array("tool_calls") ?? []).enumerated() {
            turn.parts.append(try self.call(call, at: "\(members.name("tool_calls"))[\(index)]"))
        }
        if role == .tool { turn.parts = [Part(.toolResult(try result(&members, turn)))] }
        turn.extras = members.leftover
        return turn
    }

    /// Calls have no ids: a result belongs to the first open call by its name.
    private mutating func result(_ members: inout ChatMembers, _ turn: Turn) throws(RequestError) -> ToolResult {
        let name = try members.string("tool_name") ?? members.peek("name")?.string
        let id = try members.string("tool_call_id")
        let call =
            if let id {
                unanswered.close(id)
            } else if let name {
                unanswered.closeOldest(named: name)
            } else {
                unanswered.oldest().flatMap { unanswered.close($0.id) }
            }
        return ToolResult(
            callID: id ?? call?.id ?? ToolIDs.made(from: members.path, index: 0), name: name ?? call?.name,
            parts: turn.parts, isPlainText: true)
    }

    private mutating func call(_ value: JSON, at path: String) throws(RequestError) -> Part {
        var members = try ChatMembers(value, at: path)
        guard let object = try members.object("function") else { throw RequestError.missing(path + ".function") }
        var inner = ChatMembers(object, at: path + ".function")
        let id = try members.string("id")
        let call = ToolCall(
            id: id ?? ToolIDs.made(from: path, index: calls), name: try inner.requiredString("name"),
            arguments: JSON.object(try inner.object("arguments") ?? [:]).text)
        calls += 1
        unanswered.add(call.id, name: call.name)
        var part = Part(.toolCall(call))
        if id != nil { part.form = "id" }
        if !inner.leftover.isEmpty { members.put("function", .object(inner.leftover)) }
        part.extras = members.leftover
        return part
    }
}
