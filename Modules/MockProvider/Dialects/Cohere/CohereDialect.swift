/// Cohere's chat, version 2.
///
/// Sources: https://docs.cohere.com/reference/chat and …/chat-stream; the recorded traffic.
struct CohereDialect: Dialect {
    var errors: ErrorStyle { .cohere }
    var callPrefix: StaticString { "call_" }
    var notJSON: ErrorReply { .invalid("invalid request: the body is not valid JSON") }

    func authenticate(_ headers: RequestHeaders, key: String?) throws(ErrorReply) {
        try authenticateBearer(headers, key: key)
    }

    func read(_ json: JSONValue) throws(ErrorReply) -> Prompt {
        var reader = CohereReader()
        return try reader.read(json)
    }

    func narrator(of plan: Plan, _ context: ReplyContext) -> any Narrator {
        CohereNarrator(plan: plan, context: context)
    }
}

/// Reads a body of `/v2/chat`.
struct CohereReader {
    private var prompt = Prompt()

    private static let membersKnown: Set<String> = [
        "model", "messages", "tools", "documents", "citation_options", "response_format", "safety_mode", "max_tokens",
        "stop_sequences", "temperature", "seed", "frequency_penalty", "presence_penalty", "k", "p", "logprobs",
        "tool_choice", "thinking", "priority", "strict_tools", "stream", "return_prompt", "raw_prompting", "x_mock",
    ]

    mutating func read(_ json: JSONValue) throws(ErrorReply) -> Prompt {
        for member in json.members ?? [] where !Self.membersKnown.contains(member.key) {
            throw .invalid("unknown field: parameter '\(member.key)' is not a valid field")
        }
        guard json["model"]?.text?.isEmpty == false else { throw .invalid("invalid request: model is required") }
        try readLimits(json)
        try readTools(json)
        try readMessages(json)
        if let thinking = json["thinking"], thinking["type"]?.text == "enabled" { prompt.thinks = true }
        if let format = json["response_format"], format["type"]?.text == "json_object" {
            let schema = format["json_schema"] ?? format["schema"]
            prompt.format = schema.map { .schema($0) } ?? .jsonObject
        } else if let format = json["response_format"], format["type"]?.text != "text" {
            throw .invalid("invalid request: response_format.type must be one of 'text' or 'json_object'")
        }
        for document in json["documents"]?.elements ?? [] {
            if case .string(let text)? = document["data"]?["text"] { prompt.count(text: text) }
        }
        return prompt
    }

    private mutating func readLimits(_ json: JSONValue) throws(ErrorReply) {
        if let value = json["max_tokens"], !value.isNull {
            guard let count = value.integer, count >= 0 else {
                throw .invalid("invalid request: max_tokens must be a non-negative integer")
            }
            prompt.tokensMax = count
        }
        for (name, most) in [("temperature", 1.0), ("p", 0.99), ("frequency_penalty", 1.0), ("presence_penalty", 1.0)] {
            guard let value = json[name]?.double else { continue }
            guard (0...most).contains(value) else {
                throw .invalid("invalid request: \(name) must be between 0 and \(most) inclusive.")
            }
        }
        if let k = json["k"]?.integer, !(0...500).contains(k) {
            throw .invalid("invalid request: k must be between 0 and 500 inclusive.")
        }
        let stops = json["stop_sequences"]?.elements ?? []
        guard stops.count <= 5 else { throw .invalid("invalid request: stop_sequences must have at most 5 elements.") }
        prompt.stops = stops.compactMap(\.text)
    }

    private mutating func readTools(_ json: JSONValue) throws(ErrorReply) {
        for tool in json["tools"]?.elements ?? [] {
            guard tool["type"]?.text == "function", let name = tool["function"]?["name"]?.text else {
                throw .invalid("invalid request: each tool must have the type 'function' and a function with a name")
            }
            guard let schema = tool["function"]?["parameters"], schema["type"]?.text == "object" else {
                throw .invalid(
                    "invalid request: the parameters of tool '\(name)' must be a JSON schema of type 'object'")
            }
            prompt.tools.append(Prompt.Tool(name: name, schema: schema))
        }
        switch json["tool_choice"] {
        case nil, .null?: break
        case .some(let choice):
            guard !prompt.tools.isEmpty else {
                throw .invalid("invalid request: tool_choice may only be specified with tools")
            }
            switch choice.text {
            case "REQUIRED": prompt.choice = .any
            case "NONE": prompt.choice = .none
            default: throw .invalid("invalid request: tool_choice must be one of 'REQUIRED' or 'NONE'")
            }
        }
    }

    private mutating func readMessages(_ json: JSONValue) throws(ErrorReply) {
        guard let messages = json["messages"]?.elements, !messages.isEmpty else {
            throw .invalid("invalid request: messages must have at least one message")
        }
        var open: [String] = []
        for (index, message) in messages.enumerated() {
            let roles: [String: Prompt.Role] = [
                "user": .user, "assistant": .assistant, "system": .system, "tool": .tool,
            ]
            guard let name = message["role"]?.text, let role = roles[name] else {
                throw .invalid(
                    "invalid request: messages[\(index)].role must be one of 'user', 'assistant', 'system' or 'tool'")
            }
            if role != .tool || prompt.turns.last?.role != .tool { prompt.turns.append(Prompt.Turn(role: role)) }
            if role == .tool {
                try readResult(message, index, &open)
                continue
            }
            if !open.isEmpty {
                throw .invalid("invalid request: tool call id(s) \(open.joined(separator: ", ")) have no tool result")
            }
            try readContent(message, index)
            if role == .assistant { open = try readCalls(message, index) }
        }
        if !open.isEmpty {
            throw .invalid("invalid request: tool call id(s) \(open.joined(separator: ", ")) have no tool result")
        }
        guard prompt.turns.last?.role != .assistant else {
            throw .invalid("invalid request: the last message must not have the role 'assistant'")
        }
    }

    private mutating func readContent(_ message: JSONValue, _ index: Int) throws(ErrorReply) {
        let hasCalls = message["tool_calls"]?.elements?.isEmpty == false
        guard let content = message["content"], !content.isNull else {
            if hasCalls { return }
            throw .invalid("invalid request: messages[\(index)].content is required")
        }
        if case .string(let text) = content {
            guard !text.isEmpty || hasCalls else {
                throw .invalid(
                    "invalid request: message must be at least 1 token long or tool results must be specified.")
            }
            prompt.add(.text(text))
            return
        }
        for part in content.elements ?? [] {
            switch part["type"]?.text {
            case "text":
                guard case .string(let text)? = part["text"], !text.isEmpty else {
                    throw .invalid("invalid request: text content of messages[\(index)] must not be empty")
                }
                prompt.add(.text(text))
            case "image_url":
                let place = part["image_url"]?["url"]?.text ?? ""
                guard let media = Media(dataURL: place, kind: "image") else {
                    throw .invalid(
                        "invalid request: messages[\(index)] has an image_url that is no URL and no data URL")
                }
                prompt.add(.media(media))
            case "thinking":
                guard case .string(let text)? = part["thinking"] else {
                    throw .invalid("invalid request: thinking content of messages[\(index)] must have 'thinking'")
                }
                prompt.add(.thinking(text: text, signature: nil))
            case "document": prompt.add(.other("document"))
            default:
                throw .invalid(
                    "invalid request: content type '\(part["type"]?.text ?? "")' of messages[\(index)] is unknown")
            }
        }
    }

    private mutating func readCalls(_ message: JSONValue, _ index: Int) throws(ErrorReply) -> [String] {
        var ids: [String] = []
        for call in message["tool_calls"]?.elements ?? [] {
            guard let id = call["id"]?.text, !id.isEmpty, let name = call["function"]?["name"]?.text,
                case .string(let text)? = call["function"]?["arguments"]
            else {
                throw .invalid(
                    "invalid request: tool calls of messages[\(index)] must have id, name and arguments as text")
            }
            guard let arguments = JSONValue(text), arguments.members != nil else {
                throw .invalid("invalid request: the arguments of tool call '\(id)' must be a JSON object")
            }
            ids.append(id)
            prompt.add(.call(Prompt.Call(id: id, name: name, arguments: arguments)))
        }
        return ids
    }

    private mutating func readResult(_ message: JSONValue, _ index: Int, _ open: inout [String]) throws(ErrorReply) {
        guard let id = message["tool_call_id"]?.text else {
            throw .invalid("invalid request: messages[\(index)].tool_call_id is required")
        }
        guard open.contains(id) else {
            throw .invalid(
                "invalid request: tool call id '\(id)' is not found in the tool calls of the previous message")
        }
        open.removeAll { $0 == id }
        var result = Prompt.Result(id: id, text: [])
        if case .string(let text)? = message["content"] {
            result.text = text
        } else {
            for part in message["content"]?.elements ?? [] {
                switch part["type"]?.text {
                case "text":
                    if case .string(let text)? = part["text"] { result.text += text }
                case "document":
                    let data = part["document"]?["data"]
                    if case .string(let text)? = data {
                        result.text += text
                    } else {
                        result.text += data?.serialized ?? []
                    }
                default:
                    throw .invalid("invalid request: tool content must be of the type 'text' or 'document'")
                }
            }
        }
        prompt.add(.result(result))
    }
}
