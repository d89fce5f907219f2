/// Reads a body of the Responses API as strictly as OpenAI does.
struct ResponsesReader {
    let memory: ResponseMemory
    let action: ResponsesDialect.Action
    private var prompt = Prompt()

    init(memory: ResponseMemory, action: ResponsesDialect.Action) {
        self.memory = memory
        self.action = action
    }

    private static let membersKnown: Set<String> = [
        "model", "input", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "parallel_tool_calls",
        "previous_response_id", "conversation", "prompt", "prompt_cache_key", "prompt_cache_retention", "reasoning",
        "safety_identifier", "service_tier", "store", "stream", "stream_options", "temperature", "text", "tool_choice",
        "tools", "top_logprobs", "top_p", "truncation", "user", "background", "include", "context_management",
        "moderation", "x_mock",
    ]
    /// Source: openai 3.54, `ResponseCompactParams`.
    private static let membersKnownOfCompaction: Set<String> = [
        "model", "input", "instructions", "previous_response_id", "image", "prompt_cache_key", "prompt_cache_options",
        "prompt_cache_retention", "service_tier", "x_mock",
    ]

    /// What was said before, and the new input; nil where the previous response is unknown.
    static func items(of json: JSONValue, _ memory: ResponseMemory) -> [JSONValue]? {
        var items: [JSONValue] = []
        if let previous = json["previous_response_id"]?.text {
            guard let entry = memory[previous], let body = JSONValue(entry.body) else { return nil }
            items = (JSONValue(entry.input)?.elements ?? []) + (body["output"]?.elements ?? [])
        }
        if case .string(let text)? = json["input"] {
            items.append([
                "type": "message", "role": "user", "content": [["type": "input_text", "text": .string(text)]],
            ])
        }
        return items + (json["input"]?.elements ?? [])
    }

    mutating func read(_ json: JSONValue) throws(ErrorReply) -> Prompt {
        let known = action == .compact ? Self.membersKnownOfCompaction : Self.membersKnown
        for member in json.members ?? [] where !known.contains(member.key) {
            throw .invalid("Unknown parameter: '\(member.key)'.", param: member.key, code: "unknown_parameter")
        }
        guard json["model"]?.text?.isEmpty == false else {
            throw .invalid("Missing required parameter: 'model'.", param: "model", code: "missing_required_parameter")
        }
        try readLimits(json)
        try readTools(json)
        if case .string(let text)? = json["instructions"] {
            prompt.turns.append(Prompt.Turn(role: .system))
            prompt.add(.text(text))
        }
        try readInput(json)
        try readFormat(json)
        if let reasoning = json["reasoning"], reasoning.members != nil, reasoning["effort"]?.text != "none" {
            prompt.thinks = true
        }
        return prompt
    }

    private func wrongValue(_ value: String, _ supported: [String], at place: String) -> ErrorReply {
        let names = supported.map { "'\($0)'" }
        let list =
            names.count == 1 ? names[0] : names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
        return .invalid(
            "Invalid value: '\(value)'. Supported values are: \(list).", param: place, code: "invalid_value")
    }

    private func missing(_ name: String) -> ErrorReply {
        .invalid("Missing required parameter: '\(name)'.", param: name, code: "missing_required_parameter")
    }

    // MARK: - Parameters

    private mutating func readLimits(_ json: JSONValue) throws(ErrorReply) {
        if let most = json["max_output_tokens"], !most.isNull {
            guard let count = most.integer else {
                throw .invalid(
                    "Invalid type for 'max_output_tokens': expected an integer.", param: "max_output_tokens",
                    code: "invalid_type")
            }
            guard count >= 16 else {
                throw .invalid(
                    "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got \(count)"
                        + " instead.", param: "max_output_tokens", code: "integer_below_min_value")
            }
            prompt.tokensMax = count
        }
        for (name, most) in [("temperature", 2.0), ("top_p", 1.0)] {
            guard let number = json[name]?.double else { continue }
            if number < 0 {
                throw .invalid(
                    "Invalid '\(name)': decimal below minimum value. Expected a value >= 0, but got \(json[name]?.quoted ?? "")"
                        + " instead.", param: name, code: "decimal_below_min_value")
            }
            if number > most {
                throw .invalid(
                    "Invalid '\(name)': decimal above maximum value. Expected a value <= \(Int(most)), but got"
                        + " \(json[name]?.quoted ?? "") instead.", param: name, code: "decimal_above_max_value")
            }
        }
        if json["parallel_tool_calls"] == .bool(false) { prompt.allowsParallelCalls = false }
        if let reasoning = json["reasoning"], let effort = reasoning["effort"]?.text {
            let known = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
            guard known.contains(effort) else { throw wrongValue(effort, known, at: "reasoning.effort") }
        }
    }

    private mutating func readTools(_ json: JSONValue) throws(ErrorReply) {
        for (index, tool) in (json["tools"]?.elements ?? []).enumerated() {
            let place = "tools[\(index)]"
            guard let type = tool["type"]?.text else { throw missing("\(place).type") }
            switch type {
            case "function":
                guard let name = tool["name"]?.text else { throw missing("\(place).name") }
                guard name.isToolName(most: 64) else {
                    throw .invalid(
                        "Invalid '\(place).name': string does not match pattern. Expected a string that matches the pattern"
                            + " '^[a-zA-Z0-9_-]+$'.", param: "\(place).name", code: "invalid_value")
                }
                let schema = tool["parameters"] ?? .object([])
                if tool["strict"]?.isTrue == true {
                    try checkStrict(
                        schema, "Invalid schema for function '\(name)'", param: "\(place).parameters",
                        code: "invalid_function_parameters")
                }
                prompt.tools.append(Prompt.Tool(name: name, schema: schema))
            case "custom":
                guard let name = tool["name"]?.text else { throw missing("\(place).name") }
                prompt.tools.append(Prompt.Tool(name: name, isFreeForm: true))
            case "web_search", "web_search_preview", "web_search_2025_08_26", "web_search_preview_2025_03_11":
                prompt.hasSearch = true
            case "file_search", "code_interpreter", "computer_use_preview", "computer", "mcp", "image_generation",
                "local_shell", "shell", "apply_patch", "namespace", "tool_search":
                break
            default:
                throw wrongValue(
                    type,
                    ["code_interpreter", "computer_use_preview", "custom", "file_search", "function", "web_search"],
                    at: "\(place).type")
            }
        }
        try readChoice(json["tool_choice"])
    }

    private mutating func readChoice(_ choice: JSONValue?) throws(ErrorReply) {
        guard let choice, !choice.isNull else { return }
        if let mode = choice.text {
            switch mode {
            case "auto": break
            case "none": prompt.choice = .none
            case "required":
                guard !prompt.tools.isEmpty || prompt.hasSearch else {
                    throw .invalid(
                        "Tool choice 'required' must be specified with 'tools' parameter.", param: "tool_choice")
                }
                prompt.choice = .any
            default: throw wrongValue(mode, ["none", "auto", "required"], at: "tool_choice")
            }
            return
        }
        guard let type = choice["type"]?.text else { throw missing("tool_choice.type") }
        switch type {
        case "function", "custom":
            guard let name = choice["name"]?.text else { throw missing("tool_choice.name") }
            guard prompt.tools.contains(where: { $0.name == name }) else {
                throw .invalid("Tool choice '\(type)' not found in 'tools' parameter.", param: "tool_choice")
            }
            prompt.choice = .tool(name)
        case "allowed_tools":
            let names = choice["tools"]?.elements?.compactMap { $0["name"]?.text } ?? []
            prompt.tools.removeAll { !names.contains($0.name) }
            if choice["mode"]?.text == "required" { prompt.choice = .any }
        default: break
        }
    }

    /// What `strict` demands of every object.
    private func checkStrict(
        _ schema: JSONValue, _ what: String, param: String, code: String, at context: String = "()"
    ) throws(ErrorReply) {
        if schema["type"]?.text == "object" || schema["properties"] != nil {
            guard schema["additionalProperties"] == .bool(false) else {
                throw .invalid(
                    "\(what): In context=\(context), 'additionalProperties' is required to be supplied and to be false.",
                    param: param, code: code)
            }
            let required = Set(schema["required"]?.elements?.compactMap(\.text) ?? [])
            for property in schema["properties"]?.members ?? [] where !required.contains(property.key) {
                throw .invalid(
                    "\(what): In context=\(context), 'required' is required to be supplied and to be an array including"
                        + " every key in properties. Missing '\(property.key)'.", param: param, code: code)
            }
        }
        for property in schema["properties"]?.members ?? [] {
            try checkStrict(
                property.value, what, param: param, code: code, at: "('properties', '\(property.key)')")
        }
        if let items = schema["items"] { try checkStrict(items, what, param: param, code: code, at: "('items',)") }
    }

    private mutating func readFormat(_ json: JSONValue) throws(ErrorReply) {
        guard let format = json["text"]?["format"], !format.isNull else { return }
        switch format["type"]?.text {
        case "text": break
        case "json_object":
            // `instructions` do not count: https://github.com/Soju06/codex-lb/issues/730 (read on 2026-11-29).
            guard prompt.saysJSON(beyond: json["instructions"]?.text == nil ? 0 : 1) else {
                throw .invalid(
                    "Response input messages must contain the word 'json' in some form to use 'text.format' of type"
                        + " 'json_object'.", param: "input")
            }
            prompt.format = .jsonObject
        case "json_schema":
            guard let name = format["name"]?.text else { throw missing("text.format.name") }
            guard let schema = format["schema"], schema.members != nil else { throw missing("text.format.schema") }
            if format["strict"]?.isTrue == true {
                try checkStrict(
                    schema, "Invalid schema for response_format '\(name)'", param: "text.format.schema",
                    code: "invalid_json_schema")
            }
            prompt.format = .schema(schema)
        default:
            throw wrongValue(
                format["type"]?.text ?? "", ["json_object", "json_schema", "text"], at: "text.format.type")
        }
    }

    // MARK: - Input

    private mutating func readInput(_ json: JSONValue) throws(ErrorReply) {
        guard let items = Self.items(of: json, memory) else {
            let id = json["previous_response_id"]?.text ?? ""
            throw .invalid(
                "Previous response with id '\(id)' not found.", param: "previous_response_id",
                code: "previous_response_not_found")
        }
        guard !items.isEmpty else {
            guard json["prompt"] == nil, json["conversation"] == nil else { return }
            throw .invalid(
                "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation' must be provided.",
                param: "input", code: "missing_required_parameter")
        }
        let before = items.count - (json["input"]?.elements?.count ?? 1)
        for (index, item) in items.enumerated() {
            try readItem(item, at: "input[\(max(index - before, 0))]", isNew: index >= before)
        }
        try checkPairs(items)
        try checkReasoning(items)
    }

    private mutating func turn(_ role: Prompt.Role) {
        if prompt.turns.last?.role != role { prompt.turns.append(Prompt.Turn(role: role)) }
    }

    private mutating func readItem(_ item: JSONValue, at place: String, isNew: Bool) throws(ErrorReply) {
        let type = item["type"]?.text ?? (item["role"] != nil ? "message" : "")
        switch type {
        case "message": try readMessage(item, at: place)
        case "function_call", "custom_tool_call": try readCall(item, type, at: place)
        case "function_call_output", "custom_tool_call_output": try readOutput(item, at: place)
        case "reasoning":
            turn(.assistant)
            try check(id: item["id"], begins: "rs", at: place)
            guard item["summary"]?.elements != nil else { throw missing("\(place).summary") }
            let text = item["summary"]?.elements?.compactMap { $0["text"]?.text }.joined(separator: "\n") ?? ""
            try verify(item, isNew: isNew, at: place)
            var signature: [UInt8]?
            if case .string(let sealed)? = item["encrypted_content"] { signature = sealed }
            prompt.add(.thinking(text: Array(text.utf8), signature: signature))
        case "compaction":
            guard case .string(let sealed)? = item["encrypted_content"], Signature.isGenuine(sealed, .encrypted) else {
                throw Self.notVerified
            }
            turn(.assistant)
            prompt.add(.other(type))
        case "item_reference":
            let id = item["id"]?.text ?? ""
            guard memory[Self.responseID(of: id)] != nil else { throw Self.notFound(id) }
            turn(.assistant)
            prompt.add(.other(type))
        case "web_search_call", "file_search_call", "code_interpreter_call", "computer_call", "mcp_call",
            "mcp_list_tools", "image_generation_call", "local_shell_call", "shell_call", "apply_patch_call",
            "mcp_approval_request":
            turn(.assistant)
            prompt.add(.other(type))
        case "computer_call_output", "local_shell_call_output", "shell_call_output", "apply_patch_call_output",
            "mcp_approval_response":
            turn(.tool)
            prompt.add(.other(type))
        case "": throw missing("\(place).type")
        default:
            throw wrongValue(
                type, ["function_call", "function_call_output", "item_reference", "message", "reasoning"],
                at: "\(place).type")
        }
    }

    private mutating func readMessage(_ item: JSONValue, at place: String) throws(ErrorReply) {
        guard let name = item["role"]?.text else { throw missing("\(place).role") }
        let roles: [String: Prompt.Role] = [
            "user": .user, "assistant": .assistant, "system": .system, "developer": .system,
        ]
        guard let role = roles[name] else {
            throw wrongValue(name, ["assistant", "system", "developer", "user"], at: place)
        }
        if role == .assistant { try check(id: item["id"], begins: "msg", at: place) }
        turn(role)
        if case .string(let text)? = item["content"] {
            prompt.add(.text(text))
            return
        }
        guard let content = item["content"]?.elements else { throw missing("\(place).content") }
        for (index, part) in content.enumerated() {
            try readPart(part, isAssistant: role == .assistant, at: "\(place).content[\(index)]")
        }
    }

    private mutating func readPart(_ part: JSONValue, isAssistant: Bool, at place: String) throws(ErrorReply) {
        guard let type = part["type"]?.text else { throw missing("\(place).type") }
        let known =
            isAssistant ? ["output_text", "refusal"] : ["input_text", "input_image", "input_file", "input_audio"]
        guard known.contains(type) else { throw wrongValue(type, known, at: place) }
        switch type {
        case "input_text", "output_text":
            guard case .string(let text)? = part["text"] else { throw missing("\(place).text") }
            prompt.add(.text(text))
        case "refusal": prompt.add(.text(Array((part["refusal"]?.text ?? "").utf8)))
        default: prompt.add(.media(try media(part, type, at: place)))
        }
    }

    private func media(_ part: JSONValue, _ type: String, at place: String) throws(ErrorReply) -> Media {
        if type == "input_audio" { return try sound(part, at: place) }
        let kind = type == "input_image" ? "image" : "document"
        if let id = part["file_id"]?.text { return Media(kind: kind, type: "", source: .file(id)) }
        let name = type == "input_image" ? "image_url" : "file_data"
        if let url = part["file_url"]?.text { return Media(kind: kind, type: "", source: .url(url)) }
        guard let url = part[name]?.text else {
            if part[name]?.members != nil {
                throw .invalid(
                    "Invalid type for '\(place).\(name)': expected an image URL, but got an object instead.",
                    param: "\(place).\(name)", code: "invalid_type")
            }
            throw missing("\(place).\(name)")
        }
        guard let media = Media(dataURL: url, kind: kind) else {
            throw .invalid(
                "Invalid '\(place).\(name)'. Expected a base64-encoded data URL with a valid MIME type (e.g."
                    + " 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got a value without the 'data:' prefix.",
                param: "\(place).\(name)", code: "invalid_value")
        }
        return media
    }

    /// `input_audio: {data, format}`.
    ///
    /// Source: openai 3.54, `ResponseInputAudio`. The package's union of a message's contents leaves it out, and OpenAI
    /// sends sounds to Chat Completions (https://developers.openai.com/api/docs/guides/audio-chat-completions, read as a
    /// stored copy): that OpenAI itself takes it here is not proven.
    private func sound(_ part: JSONValue, at place: String) throws(ErrorReply) -> Media {
        let path = "\(place).input_audio"
        guard let sound = part["input_audio"], sound.members != nil else { throw missing(path) }
        guard case .string(let data)? = sound["data"] else { throw missing("\(path).data") }
        guard let format = sound["format"]?.text else { throw missing("\(path).format") }
        guard format == "mp3" || format == "wav" else {
            throw wrongValue(format, ["mp3", "wav"], at: "\(path).format")
        }
        guard let bytes = Base64.decoded(data), !bytes.isEmpty else {
            throw .invalid(
                "Invalid '\(path).data'. Expected base64-encoded audio.", param: "\(path).data",
                code: "invalid_value")
        }
        return Media(kind: "audio", type: "audio/\(format)", source: .bytes(bytes))
    }

    private mutating func readCall(_ item: JSONValue, _ type: String, at place: String) throws(ErrorReply) {
        turn(.assistant)
        try check(id: item["id"], begins: type == "function_call" ? "fc" : "ctc", at: place)
        guard let id = item["call_id"]?.text else { throw missing("\(place).call_id") }
        guard id.utf8.count <= 64 else {
            throw .invalid(
                "Invalid '\(place).call_id': string too long. Expected a string with maximum length 64, but got a string"
                    + " with length \(id.utf8.count) instead.", param: "\(place).call_id",
                code: "string_above_max_length")
        }
        guard let name = item["name"]?.text else { throw missing("\(place).name") }
        let member = type == "function_call" ? "arguments" : "input"
        guard case .string(let text)? = item[member] else {
            if item[member] != nil {
                throw .invalid(
                    "Invalid type for '\(place).\(member)': expected a string, but got an object instead.",
                    param: "\(place).\(member)", code: "invalid_type")
            }
            throw missing("\(place).\(member)")
        }
        prompt.add(.call(Prompt.Call(id: id, name: name, arguments: JSONValue(text) ?? .string(text))))
    }

    private mutating func readOutput(_ item: JSONValue, at place: String) throws(ErrorReply) {
        turn(.tool)
        guard let id = item["call_id"]?.text else { throw missing("\(place).call_id") }
        var result = Prompt.Result(id: id, text: [])
        if case .string(let text)? = item["output"] {
            result.text = text
        } else {
            guard let parts = item["output"]?.elements else { throw missing("\(place).output") }
            for (index, part) in parts.enumerated() {
                if case .string(let text)? = part["text"] {
                    result.text += text
                } else {
                    result.media.append(try media(part, part["type"]?.text ?? "", at: "\(place).output[\(index)]"))
                }
            }
        }
        prompt.add(.result(result))
    }

    private func check(id: JSONValue?, begins prefix: String, at place: String) throws(ErrorReply) {
        guard let id = id?.text, !id.hasPrefix(prefix) else { return }
        throw .invalid(
            "Invalid '\(place).id': '\(id)'. Expected an ID that begins with '\(prefix)'.", param: "\(place).id",
            code: "invalid_value")
    }

    // MARK: - Reasoning

    private static let notVerified = ErrorReply.invalid(
        "The encrypted content could not be verified. Reason: Encrypted content could not be decrypted or parsed.",
        code: "invalid_encrypted_content")

    private static func notFound(_ id: String) -> ErrorReply {
        ErrorReply(
            status: 404, type: "invalid_request_error", code: nil, param: "input",
            message:
                "Item with id '\(id)' not found. Items are not persisted when `store` is set to false. Try again with"
                + " `store` set to true, or remove this item from your input.")
    }

    /// All ids of a response have its number.
    static func responseID(of item: String) -> String {
        "resp_" + item.split(separator: "_", maxSplits: 1).dropFirst().joined().prefix(20)
    }

    /// Encrypted reasoning must be what the mock issued; without it the item must be one that it remembers.
    private func verify(_ item: JSONValue, isNew: Bool, at place: String) throws(ErrorReply) {
        if case .string(let sealed)? = item["encrypted_content"] {
            guard Signature.isGenuine(sealed, .encrypted) else { throw Self.notVerified }
            return
        }
        guard isNew, let id = item["id"]?.text else { return }
        guard memory[Self.responseID(of: id)] != nil else { throw Self.notFound(id) }
    }

    /// Reasoning is followed by what it led to; a call that is named by its id comes with its reasoning.
    private func checkReasoning(_ items: [JSONValue]) throws(ErrorReply) {
        let ids = Set(items.compactMap { $0["id"]?.text })
        for (index, item) in items.enumerated() {
            let type = item["type"]?.text
            if type == "reasoning" {
                let next = items[(index + 1)...].first { $0["type"]?.text != "reasoning" }
                let isFollowed =
                    next.map { next in
                        next["role"]?.text == "assistant" || (next["type"]?.text?.hasSuffix("_call") ?? false)
                    } ?? false
                guard isFollowed else {
                    throw .invalid(
                        "Item '\(item["id"]?.text ?? "")' of type 'reasoning' was provided without its required following"
                            + " item.", param: "input")
                }
            }
            guard type == "function_call", let id = item["id"]?.text,
                let entry = memory[Self.responseID(of: id)], let output = JSONValue(entry.body)?["output"]?.elements,
                output.contains(where: { $0["id"]?.text == id }),
                let reason = output.first(where: { $0["type"]?.text == "reasoning" })?["id"]?.text,
                !ids.contains(reason)
            else { continue }
            throw .invalid(
                "Item '\(id)' of type 'function_call' was provided without its required 'reasoning' item: '\(reason)'.",
                param: "input")
        }
    }

    private func checkPairs(_ items: [JSONValue]) throws(ErrorReply) {
        var calls: [String] = []
        var outputs: Set<String> = []
        for item in items {
            guard let type = item["type"]?.text, let id = item["call_id"]?.text else { continue }
            switch type {
            case "function_call", "custom_tool_call": calls.append(id)
            case "function_call_output", "custom_tool_call_output":
                guard calls.contains(id) else {
                    throw .invalid("No tool call found for function call output with call_id \(id).", param: "input")
                }
                outputs.insert(id)
            default: break
            }
        }
        if let open = calls.first(where: { !outputs.contains($0) }) {
            throw .invalid("No tool output found for function call \(open).", param: "input")
        }
    }
}

extension Media {
    /// `data:image/png;base64,…` or an address.
    init?(dataURL url: String, kind: String) {
        guard url.hasPrefix("data:") else {
            guard url.hasPrefix("https://") || url.hasPrefix("http://") else { return nil }
            self.init(kind: kind, type: "", source: .url(url))
            return
        }
        let parts = url.dropFirst(5).split(separator: ",", maxSplits: 1)
        guard parts.count == 2, parts[0].hasSuffix(";base64"), let bytes = Base64.decoded(Array(parts[1].utf8)),
            !bytes.isEmpty
        else { return nil }
        self.init(kind: kind, type: String(parts[0].dropLast(7)), source: .bytes(bytes))
    }
}
