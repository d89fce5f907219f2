/// OpenAI's chat completions where a request has more than text in it: tools that were called, images, stop sequences,
/// log probabilities, … Plain chats take the fast path (``RequestScan``, ``ReplyWriter``).
///
/// Sources: https://platform.openai.com/docs/api-reference/chat; the recorded traffic; error texts as the API gives them.
struct ChatDialect: Dialect {
    var errors: ErrorStyle { .openAI }
    var callPrefix: StaticString { "call_" }
    var notJSON: ErrorReply { .notJSON }

    func unknownModel(_ name: String) -> ErrorReply { .unknownModel(name) }

    /// The fast path asked for the key already.
    func authenticate(_ headers: RequestHeaders, key: String?) throws(ErrorReply) {}

    func read(_ json: JSONValue) throws(ErrorReply) -> Prompt {
        var reader = ChatReader()
        return try reader.read(json)
    }

    func narrator(of plan: Plan, _ context: ReplyContext) -> any Narrator {
        ChatNarrator(plan: plan, context: context)
    }
}

/// Reads a body of `/v1/chat/completions` as strictly as OpenAI does.
struct ChatReader {
    private var prompt = Prompt()

    mutating func read(_ json: JSONValue) throws(ErrorReply) -> Prompt {
        guard json["model"]?.text?.isEmpty == false else { throw .invalid("you must provide a model parameter") }
        prompt.callsUnasked = true
        try readLimits(json)
        try readFunctions(json)
        try readTools(json)
        try readMessages(json)
        switch json["response_format"]?["type"]?.text {
        case "json_object":
            // https://github.com/meta-llama/PurpleLlama/issues/94 (read on 2026-11-29).
            guard prompt.saysJSON() else {
                throw .invalid(
                    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
                    param: "messages")
            }
            prompt.format = .jsonObject
        case "json_schema":
            guard json["response_format"]?["json_schema"]?["name"]?.text != nil else {
                throw missing("response_format.json_schema.name")
            }
            if let schema = json["response_format"]?["json_schema"]?["schema"] { prompt.format = .schema(schema) }
        default: break
        }
        // Of DeepSeek, Z.ai and others that speak this dialect with reasoning in the open.
        if json["thinking"]?["type"]?.text == "enabled" { prompt.thinks = true }
        return prompt
    }

    private func missing(_ name: String) -> ErrorReply {
        .invalid("Missing required parameter: '\(name)'.", param: name, code: "missing_required_parameter")
    }

    private mutating func readLimits(_ json: JSONValue) throws(ErrorReply) {
        for name in ["max_tokens", "max_completion_tokens"] {
            guard let value = json[name], !value.isNull else { continue }
            guard let count = value.integer, count >= 1 else {
                throw .invalid(
                    "Invalid type for '\(name)': expected an integer of at least 1.", param: name, code: "invalid_type")
            }
            prompt.tokensMax = min(prompt.tokensMax ?? count, count)
        }
        if case .string(let stop)? = json["stop"] { prompt.stops = [String(decoding: stop, as: UTF8.self)] }
        let stops = json["stop"]?.elements ?? []
        guard stops.count <= 4 else {
            throw .invalid(
                "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length"
                    + " \(stops.count) instead.", param: "stop", code: "array_above_max_length")
        }
        prompt.stops += stops.compactMap(\.text)
        if json["parallel_tool_calls"] == .bool(false) { prompt.allowsParallelCalls = false }
        if let count = json["top_logprobs"]?.integer {
            guard json["logprobs"]?.isTrue == true else {
                throw .invalid(
                    "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", param: "top_logprobs")
            }
            guard (0...20).contains(count) else {
                throw .invalid(
                    "Invalid 'top_logprobs': integer above maximum value. Expected a value <= 20, but got \(count) instead.",
                    param: "top_logprobs", code: "integer_above_max_value")
            }
        }
    }

    /// `functions` and `function_call`: what tools and their choice were before. A message makes one call, which has no id.
    private mutating func readFunctions(_ json: JSONValue) throws(ErrorReply) {
        for (index, function) in (json["functions"]?.elements ?? []).enumerated() {
            guard let name = function["name"]?.text else { throw missing("functions[\(index)].name") }
            guard name.isToolName(most: 64) else { throw wrongName(at: "functions[\(index)].name") }
            prompt.tools.append(Prompt.Tool(name: name, schema: function["parameters"] ?? .object([])))
            prompt.allowsParallelCalls = false
        }
        guard let choice = json["function_call"], !choice.isNull else { return }
        guard !prompt.tools.isEmpty else {
            throw .invalid(
                "Invalid value for 'function_call': 'function_call' is only allowed when 'functions' are specified.",
                param: "function_call")
        }
        if let mode = choice.text {
            guard ["none", "auto"].contains(mode) else {
                throw .invalid(
                    "Invalid value: '\(mode)'. Supported values are: 'none' and 'auto'.", param: "function_call",
                    code: "invalid_value")
            }
            prompt.choice = mode == "none" ? .none : .auto
            return
        }
        guard let name = choice["name"]?.text else { throw missing("function_call.name") }
        guard prompt.tools.contains(where: { $0.name == name }) else {
            throw .invalid(
                "Invalid value for 'function_call': no function named '\(name)' was specified in the 'functions' parameter.",
                param: "function_call")
        }
        prompt.choice = .tool(name)
    }

    private func wrongName(at place: String) -> ErrorReply {
        .invalid(
            "Invalid '\(place)': string does not match pattern. Expected a string that matches the pattern"
                + " '^[a-zA-Z0-9_-]+$'.", param: place, code: "invalid_value")
    }

    private mutating func readTools(_ json: JSONValue) throws(ErrorReply) {
        for (index, tool) in (json["tools"]?.elements ?? []).enumerated() {
            if tool["type"]?.text == "custom", let name = tool["custom"]?["name"]?.text {
                prompt.tools.append(Prompt.Tool(name: name, isFreeForm: true))
                continue
            }
            guard let name = tool["function"]?["name"]?.text else { throw missing("tools[\(index)].function.name") }
            guard name.isToolName(most: 64) else { throw wrongName(at: "tools[\(index)].function.name") }
            prompt.tools.append(Prompt.Tool(name: name, schema: tool["function"]?["parameters"] ?? .object([])))
        }
        guard json["tool_choice"] == nil || json["tool_choice"]?.isNull == true || !prompt.tools.isEmpty else {
            throw .invalid(
                "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
                param: "tool_choice")
        }
        switch json["tool_choice"] {
        case .string(let mode)?:
            let mode = String(decoding: mode, as: UTF8.self)
            guard ["none", "auto", "required"].contains(mode) else {
                throw .invalid(
                    "Invalid value: '\(mode)'. Supported values are: 'none', 'auto', and 'required'.",
                    param: "tool_choice",
                    code: "invalid_value")
            }
            prompt.choice = mode == "none" ? .none : mode == "required" ? .any : .auto
        case .some(let choice) where choice.members != nil:
            guard let name = (choice["function"] ?? choice["custom"])?["name"]?.text else { break }
            guard prompt.tools.contains(where: { $0.name == name }) else {
                throw .invalid(
                    "Invalid value for 'tool_choice': no function named '\(name)' was specified in the 'tools' parameter.",
                    param: "tool_choice")
            }
            prompt.choice = .tool(name)
        default: break
        }
    }

    private mutating func readMessages(_ json: JSONValue) throws(ErrorReply) {
        guard let messages = json["messages"]?.elements, !messages.isEmpty else {
            throw .invalid(
                "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
                param: "messages", code: "empty_array")
        }
        var open: [String] = []
        for (index, message) in messages.enumerated() {
            let place = "messages[\(index)]"
            let roles: [String: Prompt.Role] = [
                "user": .user, "assistant": .assistant, "system": .system, "developer": .system, "tool": .tool,
                "function": .tool,
            ]
            guard let name = message["role"]?.text else { throw missing("\(place).role") }
            guard let role = roles[name] else {
                throw .invalid(
                    "Invalid value: '\(name)'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and"
                        + " 'developer'.", param: "\(place).role", code: "invalid_value")
            }
            if role != .tool || prompt.turns.last?.role != .tool { prompt.turns.append(Prompt.Turn(role: role)) }
            if role == .tool {
                try readResult(message, index, &open)
                continue
            }
            try checkAnswered(open, index)
            if role == .assistant {
                if case .string(let thought)? = message["reasoning_content"] {
                    prompt.add(.thinking(text: thought, signature: nil))
                }
            }
            try readContent(message, place, isAssistant: role == .assistant)
            open = role == .assistant ? try readCalls(message, place) : []
        }
        try checkAnswered(open, messages.count)
    }

    private func checkAnswered(_ open: [String], _ index: Int) throws(ErrorReply) {
        guard !open.isEmpty else { return }
        throw .invalid(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The"
                + " following tool_call_ids did not have response messages: \(open.joined(separator: ", "))",
            param: "messages.[\(index)].role")
    }

    private mutating func readContent(_ message: JSONValue, _ place: String, isAssistant: Bool) throws(ErrorReply) {
        let content = message["content"]
        if case .string(let text)? = content {
            prompt.add(.text(text))
            return
        }
        guard let parts = content?.elements else {
            if isAssistant, content == nil || content?.isNull == true { return }
            throw .invalid(
                "Invalid value for 'content': expected a string, got null.", param: "\(place).content", code: nil)
        }
        for (index, part) in parts.enumerated() {
            let place = "\(place).content[\(index)]"
            switch part["type"]?.text {
            case "text":
                guard case .string(let text)? = part["text"] else { throw missing("\(place).text") }
                prompt.add(.text(text))
            case "refusal": prompt.add(.text(Array((part["refusal"]?.text ?? "").utf8)))
            case "image_url":
                guard let url = part["image_url"]?["url"]?.text else { throw missing("\(place).image_url.url") }
                guard let media = Media(dataURL: url, kind: "image") else {
                    throw .invalid(
                        "Invalid MIME type. Only image types are supported.", param: nil, code: "invalid_image_format")
                }
                prompt.add(.media(media))
            case "input_audio":
                guard case .string(let data)? = part["input_audio"]?["data"], let bytes = Base64.decoded(data) else {
                    throw missing("\(place).input_audio.data")
                }
                let format = part["input_audio"]?["format"]?.text ?? ""
                prompt.add(.media(Media(kind: "audio", type: "audio/\(format)", source: .bytes(bytes))))
            case "file":
                let file = part["file"]
                if let id = file?["file_id"]?.text {
                    prompt.add(.media(Media(kind: "document", type: "", source: .file(id))))
                } else if let media = Media(dataURL: file?["file_data"]?.text ?? "", kind: "document") {
                    prompt.add(.media(media))
                } else {
                    throw missing("\(place).file.file_data")
                }
            default:
                throw .invalid(
                    "Invalid value: '\(part["type"]?.text ?? "")'. Supported values are: 'text', 'image_url', 'input_audio',"
                        + " 'refusal', 'audio', and 'file'.", param: "\(place).type", code: "invalid_value")
            }
        }
    }

    private mutating func readCalls(_ message: JSONValue, _ place: String) throws(ErrorReply) -> [String] {
        var ids: [String] = []
        if let call = message["function_call"], !call.isNull {
            guard let name = call["name"]?.text else { throw missing("\(place).function_call.name") }
            let arguments = try text(of: call["arguments"], at: "\(place).function_call.arguments")
            prompt.add(.call(Prompt.Call(id: "", name: name, arguments: JSONValue(arguments) ?? .string(arguments))))
        }
        for (index, call) in (message["tool_calls"]?.elements ?? []).enumerated() {
            let at = "\(place).tool_calls[\(index)]"
            guard let id = call["id"]?.text else { throw missing("\(at).id") }
            guard id.utf8.count <= 40 else {
                throw .invalid(
                    "Invalid '\(at).id': string too long. Expected a string with maximum length 40, but got a string with"
                        + " length \(id.utf8.count) instead.", param: "\(at).id", code: "string_above_max_length")
            }
            let isCustom = call["type"]?.text == "custom"
            let inner = isCustom ? call["custom"] : call["function"]
            guard let name = inner?["name"]?.text else { throw missing("\(at).function.name") }
            let text = try text(of: inner?[isCustom ? "input" : "arguments"], at: "\(at).function.arguments")
            ids.append(id)
            prompt.add(.call(Prompt.Call(id: id, name: name, arguments: JSONValue(text) ?? .string(text))))
        }
        return ids
    }

    private func text(of value: JSONValue?, at place: String) throws(ErrorReply) -> [UInt8] {
        guard case .string(let text)? = value else {
            throw .invalid(
                "Invalid type for '\(place)': expected a string, but got an object instead.", param: place,
                code: "invalid_type")
        }
        return text
    }

    private mutating func readResult(_ message: JSONValue, _ index: Int, _ open: inout [String]) throws(ErrorReply) {
        var result = Prompt.Result(id: message["tool_call_id"]?.text ?? "", text: [])
        if case .string(let text)? = message["content"] {
            result.text = text
        } else {
            for part in message["content"]?.elements ?? [] {
                guard case .string(let text)? = part["text"] else {
                    throw missing("messages[\(index)].content[0].text")
                }
                result.text += text
            }
        }
        if message["role"]?.text == "tool" {
            guard message["tool_call_id"]?.text != nil else { throw missing("messages[\(index)].tool_call_id") }
            guard open.contains(result.id) else {
                throw .invalid(
                    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with"
                        + " 'tool_calls'.", param: "messages.[\(index)].role")
            }
            open.removeAll { $0 == result.id }
        } else {
            guard let name = message["name"]?.text else {
                throw .invalid(
                    "Missing parameter 'name': messages with role 'function' must have a 'name'.",
                    param: "messages.[\(index)].name")
            }
            result.name = name
        }
        prompt.add(.result(result))
    }
}

/// Writes replies of the chat completions.
struct ChatNarrator: Narrator {
    let plan: Plan
    let context: ReplyContext

    var framing: StreamFraming { .events(named: false) }

    private var usage: ReplyUsage {
        ReplyUsage(
            prompt: plan.usage.prompt, cached: plan.usage.cacheRead, completion: plan.usage.output,
            reasoning: plan.usage.reasoning)
    }

    func whole() -> JSONValue {
        var message: JSONValue = ["role": "assistant"]
        let texts = plan.parts.filter { $0.kind == .text }
        message = message.with("content", texts.isEmpty ? .null : joined(texts))
        if let thought = plan.parts.first(where: \.isReasoning) {
            message = message.with("reasoning_content", thought.json)
        }
        let calls = plan.parts.indices.compactMap { call($0, arguments: plan.parts[$0].json, isIndexed: false) }
        if usesFunctions, let call = calls.first {
            message = message.with("function_call", call["function"])
        } else if !calls.isEmpty {
            message = message.with("tool_calls", .array(calls))
        }
        let refusal = plan.parts.first { $0.kind == .refusal }
        message = message.with("refusal", refusal?.json ?? .null).with("annotations", [])
        let choice: JSONValue = [
            "index": 0, "message": message, "logprobs": logprobs(texts.flatMap { part in part.content.tokens }),
            "finish_reason": .text(finishReason),
        ]
        let reply = start("chat.completion").with("choices", [choice])
        return reply.with("usage", context.hasUsage ? self.usage.json : nil)
    }

    mutating func events(at moment: Moment) -> [StreamEvent] {
        switch moment {
        case .start: return [chunk(["role": "assistant", "content": "", "refusal": .null])]
        case .open(let index):
            guard let call = call(index, arguments: "", isIndexed: true) else { return [] }
            if usesFunctions, let function = call["function"] { return [chunk(["function_call": function])] }
            return [chunk(["tool_calls": [call]])]
        case .piece(let index, let piece):
            let part = plan.parts[index]
            let text = part.json(piece: piece)
            switch part.kind {
            case .text: return [chunk(["content": text], logprobs([part.content.token(piece)]))]
            case .refusal: return [chunk(["refusal": text])]
            case .reasoning, .redacted: return [chunk(["reasoning_content": text])]
            case .call where usesFunctions: return [chunk(["function_call": ["arguments": text]])]
            case .call(_, _, _, let isFreeForm):
                let number = JSONValue.int(plan.parts[..<index].count(where: \.isCall))
                let inner: JSONValue = isFreeForm ? ["input": text] : ["arguments": text]
                return [chunk(["tool_calls": [["index": number, isFreeForm ? "custom" : "function": inner]]])]
            case .search: return []
            }
        case .close: return []
        case .finish: return [chunk([:], .null, finish: .text(finishReason))]
        case .over:
            var events: [StreamEvent] = []
            if includesUsage {
                let last = start("chat.completion.chunk").with("choices", []).with("usage", usage.json)
                events.append(StreamEvent("", last))
            }
            return events + [StreamEvent("", .raw(Array("[DONE]".utf8)))]
        }
    }

    func failure(_ error: ErrorReply) -> [StreamEvent] { [StreamEvent("", error.openAIBody)] }

    // MARK: - Parts

    /// The request has functions in place of tools, and its answer a call of that kind.
    private var usesFunctions: Bool { context.request["functions"]?.elements?.isEmpty == false }

    private var includesUsage: Bool {
        context.hasUsage && context.request["stream_options"]?["include_usage"]?.isTrue == true
    }

    private func start(_ object: String) -> JSONValue {
        [
            "id": .text(context.id.text("chatcmpl-")), "object": .text(object), "created": .int(context.created),
            "model": .text(context.model), "service_tier": "default", "system_fingerprint": "fp_tollgatemock",
        ]
    }

    private func chunk(_ delta: JSONValue, _ logprobs: JSONValue = .null, finish: JSONValue = .null) -> StreamEvent {
        let choice: JSONValue = ["index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": finish]
        let chunk = start("chat.completion.chunk").with("choices", [choice])
        return StreamEvent("", includesUsage ? chunk.with("usage", .null) : chunk)
    }

    private func joined(_ parts: [Plan.Part]) -> JSONValue {
        parts.count == 1 ? parts[0].json : .string(parts.flatMap(\.bytes))
    }

    private func call(_ index: Int, arguments: JSONValue, isIndexed: Bool) -> JSONValue? {
        guard case .call(let id, let name, _, let isFreeForm) = plan.parts[index].kind else { return nil }
        let inner: JSONValue = ["name": .text(name), isFreeForm ? "input" : "arguments": arguments]
        let kind = isFreeForm ? "custom" : "function"
        let call: JSONValue = ["id": .text(id), "type": .text(kind), kind: inner]
        guard isIndexed, case .object(let members) = call else { return call }
        let number = plan.parts[..<index].count(where: \.isCall)
        return .object([.init(key: "index", value: .int(number))] + members)
    }

    private var finishReason: String {
        switch plan.stop {
        case .end, .sequence, .refusal: "stop"
        case .calls: usesFunctions ? "function_call" : "tool_calls"
        case .length: "length"
        }
    }

    // MARK: - Log probabilities

    /// Made up: the n-th choice for a token has the probability e to the power of -0.25 n.
    private func logprobs(_ tokens: [[UInt8]]) -> JSONValue {
        guard context.request["logprobs"]?.isTrue == true else { return .null }
        let others = context.request["top_logprobs"]?.integer ?? 0
        let content = tokens.map { token -> JSONValue in
            let top = (0..<others).map { Self.entry($0 == 0 ? token : Array("alt\($0)".utf8), rank: $0) }
            return Self.entry(token, rank: 0).with("top_logprobs", .array(top))
        }
        return ["content": .array(content), "refusal": .null]
    }

    private static func entry(_ token: [UInt8], rank: Int) -> JSONValue {
        [
            "token": .string(token), "logprob": .number("\(-0.25 * Double(rank + 1))"),
            "bytes": .array(token.map { .int(Int($0)) }),
        ]
    }
}

extension ReplyUsage {
    fileprivate var json: JSONValue {
        var out = ByteQueue()
        write(to: &out)
        return .raw(out.copy())
    }
}

extension Answer {
    /// A piece, unescaped.
    fileprivate func token(_ piece: Int) -> [UInt8] {
        var out = ByteQueue()
        write(piece: piece, to: &out)
        return out.bytes.unescaped(0..<out.count)
    }

    fileprivate var tokens: [[UInt8]] { (0..<pieces).map(token) }
}
