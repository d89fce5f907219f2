/// Reads a body of Converse as strictly as Bedrock does.
struct ConverseReader {
    private var prompt = Prompt()
    private var place = ""
    private var usesTools = false
    /// Of all calls so far.
    private var callIDs: Set<String> = []
    /// Where an earlier call's id stands again.
    private var repetition: String?

    private static let modelSays = "The model returned the following errors: "

    mutating func read(_ json: JSONValue) throws(ErrorReply) -> Prompt {
        if let config = json["toolConfig"], !config.isNull { try readTools(config) }
        if let tools = json["additionalModelRequestFields"]?["tools"], !tools.isNull { try readClaudeTools(tools) }
        if let config = json["inferenceConfig"], !config.isNull { try readLimits(config) }
        try readSystem(json["system"])
        try readMessages(json)
        try checkOrder()
        if let repetition { throw .invalid("\(Self.modelSays)\(repetition): `tool_use` ids must be unique") }
        if usesTools, json["toolConfig"]?.members == nil {
            throw .invalid("The toolConfig field must be defined when using toolUse and toolResult content blocks.")
        }
        if let fields = json["additionalModelRequestFields"], !fields.isNull {
            if let choice = fields["tool_choice"], !choice.isNull { try readClaudeChoice(choice) }
            try readThinking(fields, json)
        }
        readFormat(json)
        if prompt.cacheMarkers.count > 4 {
            throw .invalid(
                "\(Self.modelSays)A maximum of 4 blocks with cache_control may be provided. Found"
                    + " \(prompt.cacheMarkers.count).")
        }
        return prompt
    }

    private static func constraint(_ value: JSONValue?, at place: String, _ rule: String) -> ErrorReply {
        .invalid(
            "1 validation error detected: Value '\((value ?? .null).quoted)' at '\(place)' failed to satisfy constraint:"
                + " \(rule)")
    }

    // MARK: - Configuration

    private mutating func readLimits(_ config: JSONValue) throws(ErrorReply) {
        if let most = config["maxTokens"], !most.isNull {
            guard let count = most.integer, count >= 1 else {
                throw Self.constraint(
                    most, at: "inferenceConfig.maxTokens", "Member must have value greater than or equal to 1")
            }
            prompt.tokensMax = count
        }
        for name in ["temperature", "topP"] {
            guard let value = config[name], !value.isNull else { continue }
            guard let number = value.double, number >= 0 else {
                throw Self.constraint(
                    value, at: "inferenceConfig.\(name)", "Member must have value greater than or equal to 0")
            }
            guard number <= 1 else {
                throw Self.constraint(
                    value, at: "inferenceConfig.\(name)", "Member must have value less than or equal to 1")
            }
        }
        for stop in config["stopSequences"]?.elements ?? [] {
            guard let text = stop.text, !text.isEmpty else {
                throw Self.constraint(
                    config["stopSequences"], at: "inferenceConfig.stopSequences",
                    "Member must satisfy constraint: [Member must have length greater than or equal to 1]")
            }
            guard text.contains(where: { !$0.isWhitespace }) else {
                throw .invalid("\(Self.modelSays)stop_sequences: each stop sequence must contain non-whitespace")
            }
            prompt.stops.append(text)
        }
    }

    private mutating func readTools(_ config: JSONValue) throws(ErrorReply) {
        guard let tools = config["tools"]?.elements, !tools.isEmpty else {
            throw Self.constraint(
                config["tools"], at: "toolConfig.tools", "Member must have length greater than or equal to 1")
        }
        for (index, tool) in tools.enumerated() {
            if tool["cachePoint"] != nil {
                try readMarker(tool["cachePoint"], at: "toolConfig.tools.\(index)")
                continue
            }
            if tool["systemTool"] != nil { continue }
            let at = "toolConfig.tools.\(index).member.toolSpec"
            guard let spec = tool["toolSpec"] else { throw Self.constraint(nil, at: at, "Member must not be null") }
            guard let name = spec["name"]?.text, name.isToolName(most: 64) else {
                throw Self.constraint(
                    spec["name"], at: "\(at).name", "Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+")
            }
            if let text = spec["description"]?.text, text.isEmpty {
                throw Self.constraint(
                    spec["description"], at: "\(at).description",
                    "Member must have length greater than or equal to 1")
            }
            guard let schema = spec["inputSchema"]?["json"], schema["type"]?.text == "object" else {
                throw .invalid(
                    "The value at toolConfig.tools.\(index).toolSpec.inputSchema.json.type must be one of the following:"
                        + " object.")
            }
            if prompt.tools.contains(where: { $0.name == name }) {
                throw .invalid("The tool \(name) is already defined at toolConfig.tools. Tool names must be unique.")
            }
            prompt.tools.append(Prompt.Tool(name: name, schema: schema))
        }
        guard let choice = config["toolChoice"], !choice.isNull else { return }
        if choice["any"] != nil {
            prompt.choice = .any
        } else if let name = choice["tool"]?["name"]?.text {
            guard prompt.tools.contains(where: { $0.name == name }) else {
                throw .invalid(
                    "The tool \(name) at toolConfig.toolChoice.tool.name is not defined at toolConfig.tools.")
            }
            prompt.choice = .tool(name)
        } else if choice["auto"] == nil {
            throw Self.constraint(choice, at: "toolConfig.toolChoice", "Member must be one of: auto, any, tool")
        }
    }

    /// Tools of Anthropic's own, which go past Converse to the model: those that the client runs
    /// (https://docs.aws.amazon.com/bedrock/latest/userguide/computer-use.html, read on 2026-11-29).
    private mutating func readClaudeTools(_ tools: JSONValue) throws(ErrorReply) {
        guard let list = tools.elements else { throw .invalid("\(Self.modelSays)tools: Input should be a valid array") }
        for (index, tool) in list.enumerated() {
            let type = tool["type"]?.text ?? ""
            guard !type.isEmpty, !type.hasPrefix("web_") else {
                throw .invalid("\(Self.modelSays)\(MessagesReader.unknownTool(type, at: "tools.\(index)"))")
            }
            guard let name = tool["name"]?.text else {
                throw .invalid("\(Self.modelSays)tools.\(index).\(type).name: Field required")
            }
            guard !prompt.tools.contains(where: { $0.name == name }) else {
                throw .invalid("\(Self.modelSays)tools: Tool names must be unique.")
            }
            prompt.tools.append(Prompt.Tool(name: name))
        }
    }

    /// Claude's own `tool_choice`, which goes past Converse to the model: the way to say `disable_parallel_tool_use`.
    private mutating func readClaudeChoice(_ choice: JSONValue) throws(ErrorReply) {
        guard !prompt.tools.isEmpty else {
            throw .invalid(
                "\(Self.modelSays)tool_choice: tool_choice may only be specified while providing tools.")
        }
        switch choice["type"]?.text {
        case "auto": break
        case "none": prompt.choice = .none
        case "any": prompt.choice = .any
        case "tool":
            guard let name = choice["name"]?.text, prompt.tools.contains(where: { $0.name == name }) else {
                throw .invalid("\(Self.modelSays)tool_choice: Tool not found in provided tools")
            }
            prompt.choice = .tool(name)
        default:
            throw .invalid(
                "\(Self.modelSays)tool_choice: Input tag '\(choice["type"]?.text ?? "")' found using 'type' does not match"
                    + " any of the expected tags: 'any', 'auto', 'none', 'tool'")
        }
        if choice["disable_parallel_tool_use"]?.isTrue == true { prompt.allowsParallelCalls = false }
    }

    private mutating func readThinking(_ fields: JSONValue, _ json: JSONValue) throws(ErrorReply) {
        guard let thinking = fields["thinking"] ?? fields["reasoning_config"] ?? fields["reasoningConfig"],
            let type = thinking["type"]?.text, type != "disabled", type != "between_tools"
        else { return }
        prompt.thinks = true
        if type == "enabled", fields["reasoningConfig"] == nil {
            guard let budget = thinking["budget_tokens"]?.integer, budget >= 1024 else {
                throw .invalid(
                    "\(Self.modelSays)thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
            }
            if let most = prompt.tokensMax, budget >= most {
                throw .invalid(
                    "\(Self.modelSays)`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our"
                        + " documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size"
                )
            }
        }
        if let temperature = json["inferenceConfig"]?["temperature"]?.double, temperature != 1 {
            throw .invalid("\(Self.modelSays)`temperature` may only be set to 1 when thinking is enabled.")
        }
        // Adaptive thinking takes both (https://platform.claude.com/docs/build-with-claude/thinking-tool-workflows and
        // https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking, read on 2026-11-29).
        guard type != "adaptive" else { return }
        switch prompt.choice {
        case .any, .tool:
            throw .invalid("\(Self.modelSays)Thinking may not be enabled when tool_choice forces tool use.")
        default: break
        }
        try checkThinkingOfLastCalls()
    }

    private func checkThinkingOfLastCalls() throws(ErrorReply) {
        guard !prompt.lastResults.isEmpty, let beginning = prompt.answerBeginning else { return }
        switch beginning {
        case .thinking, .redacted: return
        default:
            throw .invalid(
                "\(Self.modelSays)messages.\(prompt.turns.count - 2).content.0.type: Expected `thinking` or"
                    + " `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final `assistant` message"
                    + " must start with a thinking block.")
        }
    }

    private mutating func readFormat(_ json: JSONValue) {
        let structure = json["outputConfig"]?["textFormat"]?["structure"]?["jsonSchema"]
        guard case .string(let text)? = structure?["schema"], let schema = JSONValue(text) else { return }
        prompt.format = .schema(schema)
    }

    // MARK: - System and messages

    private mutating func readSystem(_ system: JSONValue?) throws(ErrorReply) {
        guard let blocks = system?.elements, !blocks.isEmpty else { return }
        prompt.turns.append(Prompt.Turn(role: .system))
        for (index, block) in blocks.enumerated() {
            if let marker = block["cachePoint"] {
                try readMarker(marker, at: "system.\(index)")
            } else if case .string(let text)? = block["text"] {
                guard !text.isBlank else {
                    throw .invalid(
                        "The text field in the SystemContentBlock object at system.\(index) is blank. Add text to the text"
                            + " field, and try again.")
                }
                prompt.add(.text(text))
            } else if block["guardContent"] == nil {
                throw Self.constraint(
                    block, at: "system.\(index)", "Member must have one of: text, cachePoint, guardContent")
            }
        }
    }

    private mutating func readMessages(_ json: JSONValue) throws(ErrorReply) {
        guard let messages = json["messages"]?.elements, !messages.isEmpty else {
            throw .invalid(
                "A conversation must start with a user message. Try again with a conversation that starts with a user message."
            )
        }
        for (index, message) in messages.enumerated() {
            guard let role = message["role"]?.text, role == "user" || role == "assistant" else {
                throw Self.constraint(
                    message["role"], at: "messages.\(index + 1).member.role",
                    "Member must satisfy enum value set: [user, assistant]")
            }
            guard let content = message["content"]?.elements else {
                throw Self.constraint(nil, at: "messages.\(index + 1).member.content", "Member must not be null")
            }
            guard !content.isEmpty else {
                throw .invalid(
                    "The content field in the Message object at messages.\(index) is empty. Add a ContentBlock object to the"
                        + " content field and try again.")
            }
            prompt.turns.append(Prompt.Turn(role: role == "user" ? .user : .assistant))
            for (position, block) in content.enumerated() {
                place = "messages.\(index).content.\(position)"
                try readBlock(block, role)
            }
            if content.contains(where: { $0["document"] != nil }), !content.contains(where: { $0["text"] != nil }) {
                throw .invalid(
                    "A text block must be included in the content at messages.\(index) when it has a document.")
            }
        }
    }

    private mutating func readBlock(_ block: JSONValue, _ role: String) throws(ErrorReply) {
        let members = (block.members ?? []).filter { !$0.value.isNull }
        guard members.count == 1 else {
            throw .invalid(
                "The ContentBlock object at \(place) must set one of the following keys: text, image, toolUse, toolResult,"
                    + " document, video, cachePoint, reasoningContent.")
        }
        let value = members[0].value
        switch members[0].key {
        case "text":
            guard case .string(let text) = value, !text.isBlank else {
                throw .invalid(
                    "The text field in the ContentBlock object at \(place) is blank. Add text to the text field, and try"
                        + " again.")
            }
            prompt.add(.text(text))
        case "image", "document", "video", "audio":
            guard role == "user" else {
                throw .invalid("\(Self.modelSays)\(place): `\(members[0].key)` blocks can only be in `user` messages")
            }
            prompt.add(.media(try media(value, members[0].key)))
        case "toolUse": try readToolUse(value, role)
        case "toolResult": try readToolResult(value, role)
        case "reasoningContent": try readReasoning(value, role)
        case "cachePoint": try readMarker(value, at: place)
        case "guardContent", "citationsContent", "searchResult": prompt.add(.other(members[0].key))
        default:
            throw .invalid(
                "The ContentBlock object at \(place) must set one of the following keys: text, image, toolUse, toolResult,"
                    + " document, video, cachePoint, reasoningContent.")
        }
    }

    private func media(_ value: JSONValue, _ kind: String) throws(ErrorReply) -> Media {
        let formats: [String: [String]] = [
            "image": ["png", "jpeg", "gif", "webp"],
            "document": ["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"],
            "video": ["mkv", "mov", "mp4", "webm", "flv", "mpeg", "mpg", "wmv", "three_gp"],
        ]
        let format = value["format"]?.text ?? ""
        if let known = formats[kind], !known.contains(format) {
            throw Self.constraint(
                value["format"], at: "\(place).\(kind).format",
                "Member must satisfy enum value set: [\(known.joined(separator: ", "))]")
        }
        if kind == "document" {
            let name = value["name"]?.text ?? ""
            let isNamed =
                !name.isEmpty && !name.contains(substring: "  ")
                && name.allSatisfy { $0.isLetter || $0.isNumber || " \t\n-()[]".contains($0) }
            guard isNamed else {
                throw .invalid(
                    "The document file name can only contain alphanumeric characters, whitespace characters, hyphens,"
                        + " parentheses, and square brackets. The name can't contain more than one consecutive whitespace"
                        + " character.")
            }
        }
        let type = kind == "image" ? "image/\(format)" : format
        guard let source = value["source"] else {
            throw Self.constraint(nil, at: "\(place).\(kind).source", "Member must not be null")
        }
        if let location = source["s3Location"]?["uri"]?.text {
            return Media(kind: kind, type: type, source: .url(location))
        }
        if kind == "document", case .string(let text)? = source["text"] {
            return Media(kind: kind, type: type, source: .bytes(text))
        }
        if kind == "document", let blocks = source["content"]?.elements {
            let words = blocks.map { $0["text"]?.text ?? "" }.joined(separator: "\n")
            return Media(kind: kind, type: type, source: .bytes(Array(words.utf8)))
        }
        guard case .string(let text)? = source["bytes"], let bytes = Base64.decoded(text), !bytes.isEmpty else {
            throw ErrorReply(
                status: 400, type: "", code: "SerializationException", param: nil,
                message: "The bytes at \(place).\(kind).source.bytes are not valid base64")
        }
        return Media(kind: kind, type: type, source: .bytes(bytes))
    }

    private mutating func readToolUse(_ value: JSONValue, _ role: String) throws(ErrorReply) {
        usesTools = true
        guard role == "assistant" else {
            throw .invalid("\(Self.modelSays)\(place): `tool_use` blocks can only be in `assistant` messages")
        }
        let id = try callID(value, "toolUse")
        if !callIDs.insert(id).inserted { repetition = repetition ?? place }
        guard let name = value["name"]?.text, name.isToolName(most: 64) else {
            throw Self.constraint(
                value["name"], at: "\(place).toolUse.name",
                "Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+")
        }
        guard let input = value["input"], input.members != nil else {
            throw .invalid(
                "The format of the value at \(place).toolUse.input is invalid. Provide a json object for the field and try"
                    + " again.")
        }
        prompt.add(.call(Prompt.Call(id: id, name: name, arguments: input)))
    }

    private func callID(_ value: JSONValue, _ kind: String) throws(ErrorReply) -> String {
        guard let id = value["toolUseId"]?.text, id.isToolName(most: 64) else {
            throw Self.constraint(
                value["toolUseId"], at: "\(place).\(kind).toolUseId",
                "Member must satisfy constraint: [Member must have length less than or equal to 64, Member must satisfy"
                    + " regular expression pattern: [a-zA-Z0-9_-]+]")
        }
        return id
    }

    private mutating func readToolResult(_ value: JSONValue, _ role: String) throws(ErrorReply) {
        usesTools = true
        guard role == "user" else {
            throw .invalid("\(Self.modelSays)\(place): `tool_result` blocks can only be in `user` messages")
        }
        var result = Prompt.Result(id: try callID(value, "toolResult"), text: [])
        if let status = value["status"], !status.isNull {
            guard ["success", "error"].contains(status.text ?? "") else {
                throw Self.constraint(
                    status, at: "\(place).toolResult.status", "Member must satisfy enum value set: [success, error]")
            }
            result.isError = status.text == "error"
        }
        guard let content = value["content"]?.elements else {
            throw Self.constraint(nil, at: "\(place).toolResult.content", "Member must not be null")
        }
        for (index, block) in content.enumerated() {
            if case .string(let text)? = block["text"] {
                guard !text.isEmpty else {
                    throw .invalid(
                        "The text field in the ToolResultContentBlock object at \(place).toolResult.content.\(index) is"
                            + " blank. Add text to the text field, and try again.")
                }
                result.text += text
            } else if let json = block["json"] {
                guard json.members != nil else {
                    throw .invalid(
                        "The format of the value at \(place).toolResult.content.\(index).json is invalid. Provide a json"
                            + " object for the field and try again.")
                }
                result.text += json.serialized
            } else if let kind = ["image", "document", "video"].first(where: { block[$0] != nil }),
                let value = block[kind]
            {
                result.media.append(try media(value, kind))
            } else if let found = block["searchResult"] {
                for inner in found["content"]?.elements ?? [] {
                    if case .string(let text)? = inner["text"] { result.text += text }
                }
            } else {
                throw .invalid(
                    "The ToolResultContentBlock object at \(place).toolResult.content.\(index) must set one of the"
                        + " following keys: json, text, image, document, video, searchResult.")
            }
        }
        prompt.add(.result(result))
    }

    private mutating func readReasoning(_ value: JSONValue, _ role: String) throws(ErrorReply) {
        guard role == "assistant" else {
            throw .invalid("\(Self.modelSays)\(place): `thinking` blocks can only be in `assistant` messages")
        }
        if case .string(let data)? = value["redactedContent"] {
            // A blob: what the signature is made of, in base64 once more.
            guard let signature = Base64.decoded(data), Signature.isGenuine(signature, .redacted) else {
                throw .invalid("\(Self.modelSays)\(place): Invalid `data` in `redacted_thinking` block")
            }
            prompt.add(.redacted(signature))
            return
        }
        guard case .string(let text)? = value["reasoningText"]?["text"] else {
            throw Self.constraint(nil, at: "\(place).reasoningContent.reasoningText.text", "Member must not be null")
        }
        guard case .string(let signature)? = value["reasoningText"]?["signature"] else {
            throw .invalid("\(Self.modelSays)\(place).thinking.signature: Field required")
        }
        guard Signature.isGenuine(signature, .thinking, of: text) else {
            throw .invalid("\(Self.modelSays)\(place): Invalid `signature` in `thinking` block")
        }
        prompt.add(.thinking(text: text, signature: signature))
    }

    private mutating func readMarker(_ marker: JSONValue?, at place: String) throws(ErrorReply) {
        guard marker?["type"]?.text == "default" else {
            throw Self.constraint(
                marker?["type"], at: "\(place).cachePoint.type", "Member must satisfy enum value set: [default]")
        }
        prompt.mark(lastsHour: marker?["ttl"]?.text == "1h")
    }

    // MARK: - Order

    private func checkOrder() throws(ErrorReply) {
        let turns = prompt.turns.filter { $0.role != .system }
        guard turns.first?.role == .user else {
            throw .invalid(
                "A conversation must start with a user message. Try again with a conversation that starts with a user"
                    + " message.")
        }
        var open: [String] = []
        for (index, turn) in turns.enumerated() {
            if index > 0, turns[index - 1].role == turn.role {
                throw .invalid(
                    "A conversation must alternate between user and assistant roles. Make sure the conversation alternates"
                        + " between user and assistant roles and try again.")
            }
            let results = turn.parts.compactMap { part -> String? in
                if case .result(let result) = part { return result.id }
                return nil
            }
            if results.count > open.count {
                throw .invalid(
                    "The number of toolResult blocks at messages.\(index).content exceeds the number of toolUse blocks of"
                        + " previous turn.")
            }
            let missing = open.filter { !results.contains($0) }
            if !missing.isEmpty {
                throw .invalid(
                    "Expected toolResult blocks at messages.\(index).content for the following Ids:"
                        + " \(missing.joined(separator: ", "))")
            }
            open = turn.parts.compactMap { part in
                if case .call(let call) = part { return call.id }
                return nil
            }
            if Set(open).count < open.count {
                throw .invalid(
                    "The toolUse blocks at messages.\(index).content contain duplicate Ids: \(open.joined(separator: ", "))"
                )
            }
        }
        if !open.isEmpty {
            throw .invalid(
                "Expected toolResult blocks at messages.\(turns.count).content for the following Ids:"
                    + " \(open.joined(separator: ", "))")
        }
    }
}

extension [UInt8] {
    fileprivate var isBlank: Bool { allSatisfy { [0x20, 0x0A, 0x09, 0x0D].contains($0) } }
}
