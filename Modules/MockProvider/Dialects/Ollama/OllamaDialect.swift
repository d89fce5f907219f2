import Units

/// Ollama's own chat. A stream unless `stream` is false.
///
/// Sources: https://github.com/ollama/ollama/blob/main/docs/api.md, the types of its `api` package; the recorded traffic.
struct OllamaDialect: Dialect {
    var errors: ErrorStyle { .ollama }
    var callPrefix: StaticString { "call_" }
    var notJSON: ErrorReply { .invalid("invalid character 'x' looking for beginning of value") }

    func streams(_ json: JSONValue) -> Bool { json["stream"] != .bool(false) }

    /// A local server asks for no key; behind a proxy it is a bearer's.
    func authenticate(_ headers: RequestHeaders, key: String?) throws(ErrorReply) {
        guard let bearer = headers.bearer else { return }
        if let key, bearer != key { throw errors.wrongKey }
    }

    func read(_ json: JSONValue) throws(ErrorReply) -> Prompt {
        var reader = OllamaReader()
        return try reader.read(json)
    }

    func narrator(of plan: Plan, _ context: ReplyContext) -> any Narrator {
        OllamaNarrator(plan: plan, context: context)
    }
}

/// Reads a body of `/api/chat`: lenient about unknown members, strict about types, as a Go program is.
struct OllamaReader {
    private var prompt = Prompt()

    mutating func read(_ json: JSONValue) throws(ErrorReply) -> Prompt {
        guard json["model"]?.text?.isEmpty == false else { throw .invalid("model is required") }
        for (name, kind) in [("stream", "bool"), ("messages", "[]api.Message")] {
            guard let value = json[name], !value.isNull else { continue }
            let isRight = kind == "bool" ? value == .bool(true) || value == .bool(false) : value.elements != nil
            guard isRight else { throw mismatch(value, name, kind) }
        }
        readOptions(json["options"])
        for tool in json["tools"]?.elements ?? [] {
            guard let name = tool["function"]?["name"]?.text else { continue }
            prompt.tools.append(Prompt.Tool(name: name, schema: tool["function"]?["parameters"] ?? .object([])))
        }
        switch json["think"] {
        case .bool(true)?: prompt.thinks = true
        case .string(let level)?:
            guard ["high", "medium", "low"].contains(String(decoding: level, as: UTF8.self)) else {
                throw .invalid(
                    "invalid think value: \"\(String(decoding: level, as: UTF8.self))\" (must be \"high\", \"medium\", \"low\", true, or false)"
                )
            }
            prompt.thinks = true
        default: break
        }
        switch json["format"] {
        case .string(let name)? where name == Array("json".utf8): prompt.format = .jsonObject
        case .string(let name)? where !name.isEmpty:
            throw .invalid(
                "invalid format: \"\(String(decoding: name, as: UTF8.self))\"; expected \"json\" or a valid JSON Schema object"
            )
        case .some(let schema) where schema.members != nil: prompt.format = .schema(schema)
        default: break
        }
        for message in json["messages"]?.elements ?? [] { try read(message: message) }
        return prompt
    }

    private func mismatch(_ value: JSONValue, _ field: String, _ type: String) -> ErrorReply {
        let found =
            switch value {
            case .string: "string"
            case .number: "number"
            case .bool: "bool"
            case .array: "array"
            default: "object"
            }
        return .invalid("json: cannot unmarshal \(found) into Go struct field ChatRequest.\(field) of type \(type)")
    }

    private mutating func readOptions(_ options: JSONValue?) {
        if let count = options?["num_predict"]?.integer, count > 0 { prompt.tokensMax = count }
        if let stops = options?["stop"]?.elements { prompt.stops = stops.compactMap(\.text) }
    }

    private mutating func read(message: JSONValue) throws(ErrorReply) {
        let roles: [String: Prompt.Role] = ["user": .user, "assistant": .assistant, "system": .system, "tool": .tool]
        guard let name = message["role"]?.text, let role = roles[name] else {
            throw .invalid(
                "invalid role: \"\(message["role"]?.text ?? "")\"; must be one of system, user, assistant, tool")
        }
        if role != .tool || prompt.turns.last?.role != .tool { prompt.turns.append(Prompt.Turn(role: role)) }
        var text: [UInt8] = []
        switch message["content"] {
        case .string(let found)?: text = found
        case nil, .null?: break
        case .some(let other): throw mismatch(other, "messages.content", "string")
        }
        if role == .tool {
            // The name alone tells whose result it is; newer clients send the id too.
            prompt.add(
                .result(
                    Prompt.Result(
                        id: message["tool_call_id"]?.text ?? "",
                        name: message["tool_name"]?.text ?? message["name"]?.text ?? "", text: text)))
            return
        }
        if case .string(let thinking)? = message["thinking"], !thinking.isEmpty {
            prompt.add(.thinking(text: thinking, signature: nil))
        }
        if !text.isEmpty { prompt.add(.text(text)) }
        for image in message["images"]?.elements ?? [] {
            guard case .string(let data) = image else { throw mismatch(image, "messages.images", "[]uint8") }
            guard let bytes = Base64.decoded(data), !bytes.isEmpty else {
                throw .invalid("illegal base64 data at input byte 4")
            }
            prompt.add(.media(Media(kind: "image", type: "", source: .bytes(bytes))))
        }
        for call in message["tool_calls"]?.elements ?? [] {
            let arguments = call["function"]?["arguments"] ?? .object([])
            guard arguments.members != nil else {
                throw mismatch(
                    arguments, "messages.tool_calls.function.arguments", "api.ToolCallFunctionArguments")
            }
            prompt.add(
                .call(
                    Prompt.Call(
                        id: call["id"]?.text ?? "", name: call["function"]?["name"]?.text ?? "", arguments: arguments)))
        }
    }
}

/// Writes replies of Ollama's chat.
struct OllamaNarrator: Narrator {
    let plan: Plan
    let context: ReplyContext

    var framing: StreamFraming { .lines }

    func whole() -> JSONValue {
        var out = ByteQueue()
        for part in plan.parts where part.kind == .text || part.kind == .refusal { part.content.writeText(to: &out) }
        let text = Array("\"".utf8) + out.copy() + Array("\"".utf8)
        var message: JSONValue = ["role": "assistant", "content": .raw(text)]
        if let thought = plan.parts.first(where: isThought) { message = message.with("thinking", thought.json) }
        let calls = plan.parts.indices.compactMap(call)
        if !calls.isEmpty { message = message.with("tool_calls", .array(calls)) }
        return last(message)
    }

    mutating func events(at moment: Moment) -> [StreamEvent] {
        switch moment {
        case .start, .open, .finish: return []
        case .piece(let index, let piece):
            let part = plan.parts[index]
            switch part.kind {
            case .text, .refusal: return [line(["role": "assistant", "content": part.json(piece: piece)])]
            case .reasoning:
                return [line(["role": "assistant", "content": "", "thinking": part.json(piece: piece)])]
            case .redacted, .call, .search: return []
            }
        case .close(let index):
            guard let call = call(index) else { return [] }
            return [line(["role": "assistant", "content": "", "tool_calls": [call]])]
        case .over: return [StreamEvent("", last(["role": "assistant", "content": ""]))]
        }
    }

    func failure(_ error: ErrorReply) -> [StreamEvent] { [StreamEvent("", ["error": .text(error.message)])] }

    private func isThought(_ part: Plan.Part) -> Bool {
        if case .reasoning = part.kind { return true }
        return false
    }

    private func call(_ index: Int) -> JSONValue? {
        let part = plan.parts[index]
        guard case .call(let id, let name, let arguments, _) = part.kind else { return nil }
        let input = part.content.isTruncated || arguments.members == nil ? [:] : arguments
        let number = plan.parts[..<index].count(where: \.isCall)
        return ["id": .text(id), "function": ["index": .int(number), "name": .text(name), "arguments": input]]
    }

    private func start(_ message: JSONValue) -> JSONValue {
        let time = Timestamp(nanosecondsSince1970: Int64(context.created) * 1_000_000_000).description
        return ["model": .text(context.model), "created_at": .text(time), "message": message]
    }

    private func line(_ message: JSONValue) -> StreamEvent { StreamEvent("", start(message).with("done", false)) }

    private func last(_ message: JSONValue) -> JSONValue {
        let end = start(message).with("done", true).with("done_reason", plan.stop == .length ? "length" : "stop")
            .with("total_duration", 2_000_000).with("load_duration", 500_000)
        guard context.hasUsage else { return end }
        return end.with("prompt_eval_count", .int(plan.usage.prompt)).with("prompt_eval_duration", 500_000)
            .with("eval_count", .int(plan.usage.output)).with("eval_duration", 1_000_000)
    }
}
