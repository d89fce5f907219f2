import JSONText

/// Reads the messages of a request, one after the other.
struct ChatMessageDecoder {
    /// The calls so far, by id: results say neither name nor kind.
    private var calls: [String: ToolCall] = [:]
    private var unanswered = OpenCalls()
    /// How many `function_call`s came: they have no ids.
    private var legacyCalls = 0
    private(set) var usesLegacyFunctions = false

    mutating func turn(_ value: JSON, at place: BodyPlace) throws(RequestError) -> Turn {
        var members = try ChatMembers(value, at: place)
        let role = try members.requiredString("role")
        var turn: Turn
        switch role {
        case "system", "developer", "user":
            turn = Turn(role == "user" ? .user : role == "system" ? .system : .developer)
            try readContent(&members, into: &turn)
            try readCache(&members, into: &turn)
        case "assistant": turn = try assistant(&members)
        case "tool":
            turn = try result(&members)
            try readCache(&members, into: &turn)
        case "function":
            turn = try legacyResult(&members)
            try readCache(&members, into: &turn)
        default:
            throw ChatFault.invalidValue(
                place.path + ".role",
                "supported values are 'system', 'developer', 'user', 'assistant', 'tool' and 'function'"
            )
        }
        if role != "function" { turn.name = try members.string("name") }
        turn.extras = members.leftover
        return turn
    }

    /// `content`: a text, or a list of parts.
    private func readContent(_ members: inout ChatMembers, into turn: inout Turn) throws(RequestError) {
        guard let content = members.take("content") else { return }
        switch content {
        case .string(let text):
            turn.parts.append(.text(text))
            turn.isPlainText = true
        case .array(let parts):
            let path = members.name("content")
            for (index, part) in parts.enumerated() {
                turn.parts.append(try ChatPartDecoder.part(part, at: "\(path)[\(index)]"))
            }
        // A single part without its list.
        case .object where content["type"]?.string != nil:
            turn.parts.append(try ChatPartDecoder.part(content, at: members.name("content")))
        default: throw ChatFault.wrongType(members.name("content"), "a string or an array", content)
        }
    }

    /// LiteLLM, OpenRouter and Vercel take `cache_control` on a whole message: it stands behind the last part of its
    /// content, which is all that was read so far.
    private func readCache(_ members: inout ChatMembers, into turn: inout Turn) throws(RequestError) {
        guard let marker = members.peek("cache_control"),
            let index = turn.parts.lastIndex(where: \.holdsContent), turn.parts[index].cache == nil
        else { return }
        _ = members.take("cache_control")
        turn.parts[index].cache = try CacheMarker(chat: marker, at: members.name("cache_control"))
        turn.isMarkedAsWhole = !turn.isPlainText && turn.role != .tool
    }

    // MARK: - The model's own messages

    private mutating func assistant(_ members: inout ChatMembers) throws(RequestError) -> Turn {
        var turn = Turn(.assistant)
        let thinking = try readReasoning(&members)
        turn.parts = thinking.parts
        let first = turn.parts.count
        try readContent(&members, into: &turn)
        try readCache(&members, into: &turn)
        try readCitations(&members, into: &turn)
        if let refusal = try members.string("refusal") {
            var part = Part(.refusal(refusal))
            // A member of the message, and no part of its content.
            part.form = "refusal"
            turn.parts.append(part)
        }
        if let audio = members.peek("audio")?.object, let part = ChatPartDecoder.spoken(audio) {
            _ = members.take("audio")
            turn.parts.append(part)
        }
        for (index, call) in (try members.array("tool_calls") ?? []).enumerated() {
            turn.parts.append(try self.call(call, index, at: "\(members.name("tool_calls"))[\(index)]"))
        }
        if let call = try members.object("function_call") {
            turn.parts.append(try legacyCall(call, at: members.name("function_call")))
        }
        if let proof = thinking.proofOfNext, turn.parts.indices.contains(first) { turn.parts[first].proof = proof }
        return turn
    }

    private func readReasoning(_ members: inout ChatMembers) throws(RequestError) -> ChatReasoning.Found {
        var plain: [(name: String, text: String)] = []
        for name in ChatReasoning.plainNames {
            if let text = try members.string(name) { plain.append((name, text)) }
        }
        return ChatReasoning.found(
            plain: plain, details: try members.array("reasoning_details"), blocks: try members.array("thinking_blocks"),
            keepsExtras: true)
    }

    /// `annotations` belong to the text of the message.
    private func readCitations(_ members: inout ChatMembers, into turn: inout Turn) throws(RequestError) {
        guard let annotations = members.peek("annotations")?.array, !annotations.isEmpty,
            let index = turn.parts.lastIndex(where: { $0.text != nil }),
            case .text(var text) = turn.parts[index].content
        else { return }
        _ = members.take("annotations")
        text.citations = annotations.map(ChatCitations.citation)
        turn.parts[index].content = .text(text)
    }

    private mutating func call(_ value: JSON, _ index: Int, at path: String) throws(RequestError) -> Part {
        var members = try ChatMembers(value, at: path)
        let type = try members.string("type") ?? (members.has("custom") ? "custom" : "function")
        var call: ToolCall
        switch type {
        case "function":
            guard let object = try members.object("function") else { throw RequestError.missing(path + ".function") }
            var inner = ChatMembers(object, at: path + ".function")
            call = ToolCall(id: "", name: try inner.requiredString("name"))
            // Some clients send the arguments as the object that they are.
            if let object = inner.peek("arguments")?.object {
                call.arguments = JSON.object(object).text
                inner.put("arguments", nil)
            } else {
                call.arguments = try inner.string("arguments") ?? ""
            }
            if !inner.leftover.isEmpty { members.put("function", .object(inner.leftover)) }
        case "custom":
            guard let object = try members.object("custom") else { throw RequestError.missing(path + ".custom") }
            var inner = ChatMembers(object, at: path + ".custom")
            call = ToolCall(
                .custom, id: "", name: try inner.requiredString("name"), arguments: try inner.string("input") ?? "")
            if !inner.leftover.isEmpty { members.put("custom", .object(inner.leftover)) }
        default:
            var part = Part(.native(value))
            part.form = "tool_calls"
            return part
        }
        call.id = try members.string("id") ?? ""
        if call.id.isEmpty { call.id = ToolIDs.made(from: path, index: index) }
        note(call)
        var part = Part(.toolCall(call))
        part.proof = ChatReasoning.takeProof(ofCall: &members)
        if let cache = members.take("cache_control") {
            part.cache = try CacheMarker(chat: cache, at: path + ".cache_control")
        }
        // Echoed from a stream's deltas; it says what the place in the list says.
        if members.peek("index")?.int == Int64(index) { members.put("index", nil) }
        part.extras = members.leftover
        return part
    }

    private mutating func legacyCall(_ object: JSONObject, at path: String) throws(RequestError) -> Part {
        usesLegacyFunctions = true
        var members = ChatMembers(object, at: path)
        let id = ToolIDs.made(from: "function_call", index: legacyCalls)
        legacyCalls += 1
        let call = ToolCall(
            id: id, name: try members.requiredString("name"), arguments: try members.string("arguments") ?? "")
        note(call)
        var part = Part(.toolCall(call))
        part.form = "function_call"
        part.extras = members.leftover
        return part
    }

    private mutating func note(_ call: ToolCall) {
        calls[call.id] = call
        unanswered.add(call.id, name: call.name)
    }

    // MARK: - Results

    private mutating func result(_ members: inout ChatMembers) throws(RequestError) -> Turn {
        var turn = Turn(.tool)
        try readContent(&members, into: &turn)
        let id = try members.string("tool_call_id") ?? unanswered.oldest()?.id
        guard let id else { throw RequestError.missing(members.name("tool_call_id")) }
        unanswered.close(id)
        let result = ToolResult(
            callID: id, name: members.peek("name")?.string ?? calls[id]?.name, kind: calls[id]?.kind ?? .function,
            parts: turn.parts, isPlainText: turn.isPlainText)
        turn.parts = [Part(.toolResult(result))]
        turn.isPlainText = false
        return turn
    }

    private mutating func legacyResult(_ members: inout ChatMembers) throws(RequestError) -> Turn {
        usesLegacyFunctions = true
        var turn = Turn(.tool)
        let name = try members.requiredString("name")
        try readContent(&members, into: &turn)
        let id = unanswered.closeOldest(named: name)?.id ?? ToolIDs.made(from: members.path, index: 0)
        var part = Part(
            .toolResult(ToolResult(callID: id, name: name, parts: turn.parts, isPlainText: turn.isPlainText)))
        part.form = "function"
        turn.parts = [part]
        turn.isPlainText = false
        return turn
    }
}
