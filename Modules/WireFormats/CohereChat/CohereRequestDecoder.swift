import JSONText

/// Reads a Cohere v2 chat request: for tests and mocks, as no client speaks this dialect here.
struct CohereRequestDecoder {
    private var conversation: Conversation
    private var callNames: [String: String] = [:]

    static func decode(_ body: JSON, at place: RequestPlace) throws(RequestError) -> Conversation {
        var members = try ChatMembers(body: body)
        let model = try members.model(at: place)
        var decoder = CohereRequestDecoder(conversation: Conversation(origin: .cohereChat, model: model))
        try decoder.read(&members)
        decoder.conversation.extras = members.leftover
        return decoder.conversation
    }

    private init(conversation: Conversation) { self.conversation = conversation }

    private mutating func read(_ members: inout ChatMembers) throws(RequestError) {
        conversation.stream = try members.bool("stream") ?? false
        guard let messages = try members.array("messages") else { throw RequestError.missing("messages") }
        for (index, message) in messages.enumerated() {
            conversation.turns.append(try turn(message, at: "messages[\(index)]"))
        }
        conversation.tools = try members.functionTools()
        switch try members.string("tool_choice") {
        case nil: break
        case "REQUIRED": conversation.toolChoice = .required
        case "NONE": conversation.toolChoice = ToolChoice.none
        case .some(let word): conversation.toolChoice = .native(.string(word))
        }
        var sampling = Sampling()
        sampling.temperature = try members.double("temperature")
        sampling.topP = try members.double("p")
        sampling.topK = try members.int("k")
        sampling.frequencyPenalty = try members.double("frequency_penalty")
        sampling.presencePenalty = try members.double("presence_penalty")
        sampling.seed = try members.int("seed")
        sampling.stop = try members.strings("stop_sequences")
        sampling.maxOutputTokens = try members.int("max_tokens")
        sampling.logprobs = try members.bool("logprobs")
        conversation.sampling = sampling
        if let object = try members.object("thinking") {
            var thinking = ChatMembers(object, at: "thinking")
            var settings = ReasoningSettings(budgetTokens: try thinking.int("token_budget"))
            settings.mode = try thinking.string("type").flatMap(ReasoningSettings.Mode.init)
            settings.extras = thinking.leftover
            conversation.reasoning = settings
        }
        if let format = try members.object("response_format") { conversation.outputFormat = outputFormat(format) }
    }

    /// `schema` is the older name of `json_schema`: such a format is written back as it was.
    private func outputFormat(_ format: JSONObject) -> OutputFormat {
        let schema = format["json_schema"]
        switch (format["type"]?.string, format.count) {
        case ("text", 1): return .text
        case ("json_object", 1): return .jsonObject
        case ("json_object", 2) where schema?.object != nil:
            return .jsonSchema(OutputFormat.Schema(schema: schema ?? [:]))
        default: return .native(.object(format))
        }
    }

    private mutating func turn(_ value: JSON, at path: String) throws(RequestError) -> Turn {
        var members = try ChatMembers(value, at: path)
        let role = try members.role()
        var turn = Turn(role)
        if role == .assistant, let plan = try members.string("tool_plan") {
            var part = Part(.reasoning(Reasoning(plan)))
            part.form = "tool_plan"
            turn.parts.append(part)
        }
        try readContent(&members, into: &turn)
        readCitations(&members, into: &turn)
        for (index, value) in (try members.array("tool_calls") ?? []).enumerated() {
            turn.parts.append(try call(value, at: "\(members.name("tool_calls"))[\(index)]"))
        }
        if role == .tool {
            let id = try members.requiredString("tool_call_id")
            let result = ToolResult(
                callID: id, name: callNames[id], parts: turn.parts, isPlainText: turn.isPlainText)
            turn.parts = [Part(.toolResult(result))]
            turn.isPlainText = false
        }
        turn.extras = members.leftover
        return turn
    }

    private func readContent(_ members: inout ChatMembers, into turn: inout Turn) throws(RequestError) {
        guard let content = members.take("content") else { return }
        if let text = content.string {
            turn.parts.append(.text(text))
            turn.isPlainText = true
            return
        }
        let path = members.name("content")
        guard let list = content.array else { throw ChatFault.wrongType(path, "a string or an array", content) }
        for (index, value) in list.enumerated() {
            if value["type"]?.string == "thinking", let text = value["thinking"]?.string {
                turn.parts.append(Part(.reasoning(Reasoning(text))))
            } else {
                turn.parts.append(try ChatPartDecoder.part(value, at: "\(path)[\(index)]"))
            }
        }
    }

    private func readCitations(_ members: inout ChatMembers, into turn: inout Turn) {
        guard let list = members.peek("citations")?.array, !list.isEmpty,
            let index = turn.parts.firstIndex(where: { $0.text != nil }),
            case .text(var text) = turn.parts[index].content
        else { return }
        _ = members.take("citations")
        text.citations = list.map(CohereCitations.citation)
        turn.parts[index].content = .text(text)
    }

    private mutating func call(_ value: JSON, at path: String) throws(RequestError) -> Part {
        var members = try ChatMembers(value, at: path)
        guard let object = try members.object("function") else { throw RequestError.missing(path + ".function") }
        var inner = ChatMembers(object, at: path + ".function")
        let call = ToolCall(
            id: try members.requiredString("id"), name: try inner.requiredString("name"),
            arguments: try inner.string("arguments") ?? "")
        callNames[call.id] = call.name
        var part = Part(.toolCall(call))
        _ = try members.string("type")
        part.extras = members.leftover
        return part
    }
}

/// Citations of Cohere's: a piece of the answer, and the documents or tool results that it rests on.
enum CohereCitations {
    static func citation(_ value: JSON) -> Citation {
        let source = value["sources"]?[0]
        let hasMoreSources = value["sources"]?[1] != nil
        let document = source?["document"] ?? source?["tool_output"]
        var citation = Citation(native: value, nativeDialect: .cohereChat)
        citation.url = document?["url"]?.string
        citation.title = document?["title"]?.string ?? source?["id"]?.string
        citation.citedText = document?["text"]?.string ?? document?["snippet"]?.string
        // A document, and what a tool gave back, has members of any name.
        let unread = document?.object?.present(beside: ["id", "url", "title", "text", "snippet"]) ?? [:]
        citation.saysMore = hasMoreSources || !unread.isEmpty
        if let start = value["start"]?.int, let end = value["end"]?.int, start >= 0, end > 0, start <= end,
            end < 1 << 40
        {
            citation.range = Int(start)..<Int(end)
        }
        return citation
    }

    static func written(_ citation: Citation) -> JSON? {
        citation.nativeDialect == .cohereChat ? citation.native : nil
    }
}
