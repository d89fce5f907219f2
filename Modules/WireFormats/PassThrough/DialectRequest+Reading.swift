import JSONText

/// The members of each dialect that the gateway acts upon.
extension DialectRequest {
    mutating func read(_ bytes: UnsafeRawBufferPointer) throws(RequestError) {
        guard document.kind == .object else {
            throw RequestError.invalidType("body", expected: "an object", got: document.root(in: bytes))
        }
        for (index, member) in document.members.enumerated() {
            switch OpenAIParameter(member.key, in: bytes) {
            case .elsewhere(let name): throw RequestError.notAllowed(name)
            case .steering: steering.append(index)
            default: break
            }
        }
        switch dialect {
        case .messages: try readMessages(bytes)
        case .responses: try readResponses(bytes)
        case .generateContent: try readGenerateContent(bytes)
        case .converse: try readConverse(bytes)
        case .chatCompletions, .completions, .embeddings, .cohereChat, .ollamaChat:
            throw RequestError(message: "This dialect does not pass through here.", param: nil)
        }
        guard !model.isEmpty else {
            throw RequestError(message: "you must provide a model parameter", param: "model")
        }
    }

    private func value(_ name: StaticString, _ bytes: UnsafeRawBufferPointer) -> JSONView? {
        guard let value = document.value(name, in: bytes), !value.isNull else { return nil }
        return value
    }

    private func check(
        _ names: [StaticString], _ kind: JSONKind, _ expected: String, _ bytes: UnsafeRawBufferPointer
    ) throws(RequestError) {
        for name in names { try document.value(name, in: bytes)?.check(kind, "\(name)", expected) }
    }

    private mutating func readHead(_ bytes: UnsafeRawBufferPointer) throws(RequestError) {
        if let value = value("model", bytes) {
            model = try OpenAIRequest.modelName(value)
        }
        if let value = value("stream", bytes) { stream = try value.checkedBool("stream") ?? stream }
    }

    /// A list of turns: objects, each with a `role` where the dialect wants one.
    private mutating func readTurns(
        _ list: JSONView?, _ name: String, needsRole: Bool
    ) throws(RequestError) {
        guard let list else { throw RequestError.missing(name) }
        guard list.kind == .array else {
            throw RequestError.invalidType(name, expected: "an array of objects", got: list)
        }
        var cursor = JSONCursor(list)
        _ = cursor.enterArray()
        var index = 0
        while cursor.nextElement() {
            guard cursor.kind == .object else {
                throw RequestError.invalidType("\(name)[\(index)]", expected: "an object", got: cursor.skip())
            }
            let head = media.walk(&cursor)
            if dialect == .responses, DialectRequest.isReference(head) { refersToStoredInput = true }
            if needsRole {
                guard let role = head.role else { throw RequestError.missing("\(name)[\(index)].role") }
                guard role.kind == .string else {
                    throw RequestError.invalidType("\(name)[\(index)].role", expected: "a string", got: role)
                }
            }
            index += 1
        }
        if index == 0 { throw RequestError.emptyArray(name) }
    }

    /// An item of which only the provider knows what it says: see ``ResponsesItems/isReference(_:)``. One without type
    /// and role is taken for it here though it has no id either: the provider will refuse it.
    private static func isReference(_ head: DialectMedia.Head) -> Bool {
        guard let type = head.type, !type.isNull else { return head.role == nil }
        return type.isString("item_reference")
    }

    private mutating func walk(_ view: JSONView?) {
        guard let view else { return }
        var cursor = JSONCursor(view)
        media.walk(&cursor)
    }

    private func cap(_ value: JSONView, _ name: String) throws(RequestError) -> Int? {
        let range = dialect.outputCapMin...Int64(Int32.max)
        let isGoogles = dialect == .generateContent
        let count = try isGoogles ? value.checkedGoogleInteger(name, range) : value.checkedInteger(name, range)
        return count.map { Int($0) }
    }

    private func isEmptyArray(_ view: JSONView) -> Bool {
        var elements = view.elements
        return elements.next() == nil
    }

    // MARK: - Messages

    private mutating func readMessages(_ bytes: UnsafeRawBufferPointer) throws(RequestError) {
        try readHead(bytes)
        try check(["temperature", "top_p", "top_k"], .number, "a number", bytes)
        try check(["tools", "stop_sequences", "mcp_servers"], .array, "an array", bytes)
        try check(["thinking", "tool_choice", "metadata", "output_config"], .object, "an object", bytes)
        if let value = value("max_tokens", bytes) { maxOutputTokens = try cap(value, "max_tokens") }
        if let value = value("metadata", bytes)?.present("user_id") {
            try value.check(.string, "metadata.user_id", "a string")
            user = value.string
        }
        if let system = value("system", bytes) {
            guard system.kind == .string || system.kind == .array else {
                throw RequestError.invalidType("system", expected: "a string or an array", got: system)
            }
            walk(system)
        }
        if let tools = value("tools", bytes), !isEmptyArray(tools) {
            hasTools = true
            for tool in tools.elements where DialectRequest.runsAtAnthropic(tool) {
                usesServerTools = true
                if advisors.count < Advisor.countMax, let advisor = Advisor(tool) { advisors.append(advisor) }
            }
        }
        if let servers = value("mcp_servers", bytes), !isEmptyArray(servers) { usesServerTools = true }
        try readTurns(value("messages", bytes), "messages", needsRole: true)
    }

    /// All but functions and the tools that the client runs by Anthropic's definition.
    private static func runsAtAnthropic(_ tool: JSONView) -> Bool {
        guard let type = tool.present("type")?.string, type != "custom" else { return false }
        return !["computer_", "bash_", "text_editor_", "memory_"].contains { type.hasPrefix($0) }
    }

    // MARK: - Responses

    private mutating func readResponses(_ bytes: UnsafeRawBufferPointer) throws(RequestError) {
        try readHead(bytes)
        try check(["temperature", "top_p"], .number, "a number", bytes)
        try check(["tools", "include"], .array, "an array", bytes)
        try check(["instructions", "user", "safety_identifier", "previous_response_id"], .string, "a string", bytes)
        try check(["metadata", "reasoning", "text", "prompt"], .object, "an object", bytes)
        if let value = value("max_output_tokens", bytes) {
            maxOutputTokens = try cap(value, "max_output_tokens")
        }
        user = (value("user", bytes) ?? value("safety_identifier", bytes))?.string
        for name in ["previous_response_id", "conversation", "prompt"] as [StaticString] where value(name, bytes) != nil
        {
            refersToStoredInput = true
        }
        walk(value("prompt", bytes))
        if let tools = value("tools", bytes), !isEmptyArray(tools) {
            hasTools = true
            let runByClients = [
                "function", "custom", "namespace", "local_shell", "apply_patch", "computer", "computer_use_preview",
            ]
            for tool in tools.elements {
                if let type = tool.present("type")?.string, !runByClients.contains(type) { usesServerTools = true }
            }
        }
        guard let input = value("input", bytes) else {
            if refersToStoredInput { return }
            throw RequestError.missing("input")
        }
        switch input.kind {
        case .string: break
        case .array: if !isEmptyArray(input) { try readTurns(input, "input", needsRole: false) }
        default: throw RequestError.invalidType("input", expected: "a string or an array", got: input)
        }
    }

    // MARK: - generateContent

    private mutating func readGenerateContent(_ bytes: UnsafeRawBufferPointer) throws(RequestError) {
        let place = model
        if place.isEmpty, let value = value("model", bytes) { model = try OpenAIRequest.modelName(value) }
        try check(["tools", "safetySettings", "safety_settings"], .array, "an array", bytes)
        for (name, other) in [
            ("generationConfig", "generation_config"), ("systemInstruction", "system_instruction"),
            ("toolConfig", "tool_config"),
        ] as [(StaticString, StaticString)] {
            if value(name, bytes) != nil, value(other, bytes) != nil {
                throw RequestError(
                    message: "Invalid '\(other)': it is the same member as '\(name)'.", param: "\(other)",
                    code: "duplicate_member")
            }
        }
        if let config = value("generationConfig", bytes) ?? value("generation_config", bytes) {
            try readGenerationConfig(config)
        }
        if let tools = value("tools", bytes) {
            for tool in tools.elements {
                for member in tool.members where !member.value.isNull {
                    hasTools = true
                    let isClients = ["functionDeclarations", "function_declarations", "computerUse", "computer_use"]
                        .contains(member.name)
                    if !isClients { usesServerTools = true }
                }
            }
        }
        refersToStoredInput = value("cachedContent", bytes) != nil || value("cached_content", bytes) != nil
        walk(value("systemInstruction", bytes) ?? value("system_instruction", bytes))
        guard let contents = value("contents", bytes) else { throw RequestError.missing("contents") }
        // google-genai's REST gateway takes one content for a list of one.
        if contents.kind == .object {
            walk(contents)
        } else {
            try readTurns(contents, "contents", needsRole: false)
        }
    }

    private mutating func readGenerationConfig(_ view: JSONView) throws(RequestError) {
        try view.check(.object, "generationConfig", "an object")
        config = view.range
        for member in view.members {
            let value = member.value
            switch member.name {
            case "maxOutputTokens", "max_output_tokens":
                if let count = try cap(value, "generationConfig.maxOutputTokens") {
                    maxOutputTokens = max(maxOutputTokens ?? 0, count)
                }
            case "candidateCount", "candidate_count":
                let count = try value.checkedGoogleInteger("generationConfig.candidateCount", 1...128) ?? 1
                choices = max(choices, Int(count))
            case "temperature", "topP", "top_p", "topK", "top_k":
                try value.checkGoogleNumber("generationConfig.\(member.name)")
            case "stopSequences", "stop_sequences":
                try value.check(.array, "generationConfig.\(member.name)", "an array")
            default: break
            }
        }
    }

    // MARK: - Converse

    private mutating func readConverse(_ bytes: UnsafeRawBufferPointer) throws(RequestError) {
        if model.isEmpty, let value = value("modelId", bytes) { model = try OpenAIRequest.modelName(value) }
        try check(["inferenceConfig", "toolConfig", "requestMetadata", "promptVariables"], .object, "an object", bytes)
        try check(["system"], .array, "an array", bytes)
        if let view = value("inferenceConfig", bytes) {
            config = view.range
            for member in view.members {
                let value = member.value
                switch member.name {
                case "maxTokens": maxOutputTokens = try cap(value, "inferenceConfig.maxTokens")
                case "temperature", "topP": try value.check(.number, "inferenceConfig.\(member.name)", "a number")
                case "stopSequences": try value.check(.array, "inferenceConfig.stopSequences", "an array")
                default: break
                }
            }
        }
        if let tools = value("toolConfig", bytes)?.present("tools") {
            try tools.check(.array, "toolConfig.tools", "an array")
            for tool in tools.elements {
                hasTools = true
                if tool.present("systemTool") != nil { usesServerTools = true }
            }
        }
        walk(value("system", bytes))
        refersToStoredInput = value("promptVariables", bytes) != nil || model.contains(":prompt/")
        if let messages = value("messages", bytes) {
            if !isEmptyArray(messages) || messages.kind != .array {
                try readTurns(messages, "messages", needsRole: true)
            }
        } else if !refersToStoredInput {
            throw RequestError.missing("messages")
        }
    }
}

extension DialectRequest.Advisor {
    /// A price is looked up for each. Anthropic takes one at most: all are named `advisor`, and "Tool names must be unique"
    /// (https://github.com/anthropics/claude-code/issues/10687, read on 2026-11-30).
    fileprivate static let countMax = 8

    /// Nil for any other tool. Its numbers are Anthropic's to judge.
    fileprivate init?(_ tool: JSONView) {
        guard tool.present("type")?.string?.hasPrefix("advisor_") == true, let model = tool.present("model")?.string
        else { return nil }
        func limit(_ name: StaticString) -> Int? { tool.present(name)?.int.map { max(0, Int($0)) } }
        self.init(model: model, usesMax: limit("max_uses"), outputTokensMax: limit("max_tokens"))
    }
}
