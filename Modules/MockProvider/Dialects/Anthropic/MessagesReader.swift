/// Reads a body of the Messages API as strictly as the API does.
struct MessagesReader {
    let host: MessagesDialect.Host
    let counts: Bool
    /// API version 2026-10-21: no sampling parameters, no documents of the assistant, no citations of the user.
    let isNewest: Bool
    private var prompt = Prompt()
    /// Where in the body the reader is, such as `messages.1.content.0`.
    private var place = ""
    /// Of all calls so far.
    private var callIDs: Set<String> = []

    init(host: MessagesDialect.Host, counts: Bool, isNewest: Bool) {
        self.host = host
        self.counts = counts
        self.isNewest = isNewest
    }

    private static let membersKnown: Set<String> = [
        "model", "messages", "max_tokens", "system", "metadata", "stop_sequences", "stream", "temperature", "top_k",
        "top_p", "tools", "tool_choice", "thinking", "service_tier", "container", "context_management", "mcp_servers",
        "output_config", "output_format", "inference_geo", "speed", "cache_control", "diagnostics", "x_mock",
    ]

    private static let blockMembers: [String: Set<String>] = [
        "text": ["type", "text", "cache_control", "citations"],
        "image": ["type", "source", "cache_control"],
        "document": ["type", "source", "cache_control", "title", "context", "citations"],
        "thinking": ["type", "thinking", "signature"],
        "redacted_thinking": ["type", "data"],
        "tool_use": ["type", "id", "name", "input", "cache_control", "caller"],
        "tool_result": ["type", "tool_use_id", "content", "is_error", "cache_control"],
        "server_tool_use": ["type", "id", "name", "input", "cache_control", "caller"],
        "web_search_tool_result": ["type", "tool_use_id", "content", "cache_control", "caller"],
        "search_result": ["type", "source", "title", "content", "citations", "cache_control"],
    ]

    mutating func read(_ json: JSONValue) throws(ErrorReply) -> Prompt {
        try checkMembers(json)
        try readLimits(json)
        if let tools = json["tools"], !tools.isNull { try readTools(tools) }
        try readChoice(json["tool_choice"])
        if let system = json["system"], !system.isNull { try readSystem(system) }
        try readMessages(json)
        try checkPairs()
        try readThinking(json)
        readFormat(json)
        try readMarker(json["cache_control"], at: "cache_control")
        if prompt.cacheMarkers.count > 4 {
            throw .invalid(
                "A maximum of 4 blocks with cache_control may be provided. Found \(prompt.cacheMarkers.count).")
        }
        return prompt
    }

    // MARK: - The body's own members

    private func checkMembers(_ json: JSONValue) throws(ErrorReply) {
        for member in json.members ?? [] where !Self.membersKnown.contains(member.key) {
            if host != .anthropic, ["anthropic_version", "anthropic_beta"].contains(member.key) { continue }
            throw .invalid("\(member.key): Extra inputs are not permitted")
        }
        if isNewest, let name = ["temperature", "top_p", "top_k"].first(where: { json[$0] != nil }) {
            throw .invalid("\(name): Extra inputs are not permitted")
        }
        if host == .anthropic {
            guard let model = json["model"] else { throw .invalid("model: Field required") }
            guard model.text != nil else { throw .invalid("model: Input should be a valid string") }
            return
        }
        guard json["anthropic_version"]?.text != nil else { throw .invalid("anthropic_version: Field required") }
        if json["model"] != nil { throw .invalid("model: Extra inputs are not permitted") }
        if host == .bedrock, json["stream"] != nil { throw .invalid("stream: Extra inputs are not permitted") }
    }

    private mutating func readLimits(_ json: JSONValue) throws(ErrorReply) {
        if !counts {
            guard let most = json["max_tokens"], !most.isNull else { throw .invalid("max_tokens: Field required") }
            guard let count = most.integer else { throw .invalid("max_tokens: Input should be a valid integer") }
            guard count >= 0 else { throw .invalid("max_tokens: must be greater than or equal to 0") }
            prompt.tokensMax = count
        }
        for (name, most) in [("temperature", 1.0), ("top_p", 1.0)] {
            guard let value = json[name], !value.isNull else { continue }
            guard let number = value.double else { throw .invalid("\(name): Input should be a valid number") }
            if number > most { throw .invalid("\(name): Input should be less than or equal to 1") }
            if number < 0 { throw .invalid("\(name): Input should be greater than or equal to 0") }
        }
        if let value = json["top_k"], !value.isNull, value.integer ?? -1 < 0 {
            throw .invalid("top_k: Input should be greater than or equal to 0")
        }
        if let stream = json["stream"], !stream.isNull, stream != .bool(true), stream != .bool(false) {
            throw .invalid("stream: Input should be a valid boolean")
        }
        if let stops = json["stop_sequences"], !stops.isNull {
            guard let list = stops.elements else { throw .invalid("stop_sequences: Input should be a valid array") }
            for (index, stop) in list.enumerated() {
                guard let text = stop.text else {
                    throw .invalid("stop_sequences.\(index): Input should be a valid string")
                }
                guard text.contains(where: { !$0.isWhitespace }) else {
                    throw .invalid("stop_sequences: each stop sequence must contain non-whitespace")
                }
                prompt.stops.append(text)
            }
        }
    }

    private mutating func readTools(_ tools: JSONValue) throws(ErrorReply) {
        guard let list = tools.elements else { throw .invalid("tools: Input should be a valid array") }
        for (index, tool) in list.enumerated() {
            place = "tools.\(index)"
            if let type = tool["type"]?.text, type != "custom" {
                guard host == .anthropic || !type.hasPrefix("web_") else {
                    throw .invalid(Self.unknownTool(type, at: place))
                }
                if type.hasPrefix("web_search_") {
                    prompt.hasSearch = true
                } else if let name = tool["name"]?.text {
                    prompt.tools.append(Prompt.Tool(name: name))
                }
            } else {
                try readTool(tool)
            }
            try readMarker(of: tool)
        }
        let names = prompt.tools.map(\.name)
        guard Set(names).count == names.count else { throw .invalid("tools: Tool names must be unique.") }
    }

    /// What Claude on Bedrock says of a tool that only Anthropic runs.
    static func unknownTool(_ type: String, at place: String) -> String {
        "\(place): Input tag '\(type)' found using 'type' does not match any of the expected tags: 'bash_20250124', 'custom',"
            + " 'text_editor_20250124', 'text_editor_20250728'"
    }

    private mutating func readTool(_ tool: JSONValue) throws(ErrorReply) {
        guard let name = tool["name"]?.text else { throw .invalid("\(place).custom.name: Field required") }
        guard name.isToolName(most: 128) else {
            throw .invalid("\(place).custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'")
        }
        for member in tool.members ?? []
        where ![
            "type", "name", "description", "input_schema", "cache_control", "strict", "defer_loading",
            "eager_input_streaming", "input_examples", "allowed_callers",
        ].contains(member.key) {
            throw .invalid("\(place).custom.\(member.key): Extra inputs are not permitted")
        }
        guard let schema = tool["input_schema"], !schema.isNull else {
            throw .invalid("\(place).custom.input_schema: Field required")
        }
        guard schema.members != nil else {
            throw .invalid("\(place).custom.input_schema: Input does not match the expected shape.")
        }
        guard let type = schema["type"] else { throw .invalid("\(place).custom.input_schema.type: Field required") }
        guard type.text == "object" else {
            throw .invalid("\(place).custom.input_schema.type: Input should be 'object'")
        }
        prompt.tools.append(Prompt.Tool(name: name, schema: schema))
    }

    private mutating func readChoice(_ choice: JSONValue?) throws(ErrorReply) {
        guard let choice, !choice.isNull else { return }
        guard !prompt.tools.isEmpty || prompt.hasSearch else {
            throw .invalid("tool_choice: tool_choice may only be specified while providing tools.")
        }
        switch choice["type"]?.text {
        case "auto": break
        case "none": prompt.choice = .none
        case "any": prompt.choice = .any
        case "tool":
            guard let name = choice["name"]?.text else { throw .invalid("tool_choice.tool.name: Field required") }
            guard prompt.tools.contains(where: { $0.name == name }) else {
                throw .invalid("tool_choice: Tool '\(name)' not found in provided tools")
            }
            prompt.choice = .tool(name)
        default:
            throw .invalid(
                "tool_choice: Input tag '\(choice["type"]?.text ?? "")' found using 'type' does not match any of the"
                    + " expected tags: 'any', 'auto', 'none', 'tool'")
        }
        if choice["disable_parallel_tool_use"]?.isTrue == true { prompt.allowsParallelCalls = false }
    }

    private mutating func readFormat(_ json: JSONValue) {
        guard let format = json["output_config"]?["format"] ?? json["output_format"],
            format["type"]?.text == "json_schema", let schema = format["schema"]
        else { return }
        prompt.format = .schema(schema)
    }

    private mutating func readThinking(_ json: JSONValue) throws(ErrorReply) {
        guard let thinking = json["thinking"], !thinking.isNull else { return }
        let type = thinking["type"]?.text
        switch type {
        case "disabled", "between_tools": return
        case "adaptive": break
        case "enabled":
            guard let budget = thinking["budget_tokens"]?.integer else {
                throw .invalid("thinking.enabled.budget_tokens: Field required")
            }
            guard budget >= 1024 else {
                throw .invalid("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
            }
            if let most = prompt.tokensMax, budget >= most {
                throw .invalid(
                    "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at"
                        + " https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size"
                )
            }
        default:
            throw .invalid(
                "thinking: Input tag '\(type ?? "")' found using 'type' does not match any of the"
                    + " expected tags: 'adaptive', 'disabled', 'enabled'")
        }
        prompt.thinks = true
        if let temperature = json["temperature"]?.double, temperature != 1 {
            throw .invalid("`temperature` may only be set to 1 when thinking is enabled.")
        }
        if json["top_k"]?.integer != nil { throw .invalid("`top_k` must be unset when thinking is enabled.") }
        if let share = json["top_p"]?.double, share < 0.95 {
            throw .invalid("`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.")
        }
        // Adaptive thinking takes both (https://platform.claude.com/docs/build-with-claude/thinking-tool-workflows and
        // https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking, read on 2026-11-29).
        guard type == "enabled" else { return }
        switch prompt.choice {
        case .any, .tool: throw .invalid("Thinking may not be enabled when tool_choice forces tool use.")
        default: break
        }
        try checkThinkingOfLastCalls()
    }

    // MARK: - System and messages

    private mutating func readSystem(_ system: JSONValue) throws(ErrorReply) {
        prompt.turns.append(Prompt.Turn(role: .system))
        if case .string(let text) = system {
            prompt.add(.text(text))
            return
        }
        guard let blocks = system.elements else { throw .invalid("system: Input should be a valid string or list") }
        for (index, block) in blocks.enumerated() {
            place = "system.\(index)"
            guard block["type"]?.text == "text", case .string(let text)? = block["text"] else {
                throw .invalid("\(place).type: Input should be 'text'")
            }
            if text.isEmpty { throw .invalid("system: text content blocks must be non-empty") }
            try checkMembers(of: block, type: "text")
            prompt.add(.text(text))
            try readMarker(of: block)
        }
    }

    private mutating func readMessages(_ json: JSONValue) throws(ErrorReply) {
        guard let messages = json["messages"] else { throw .invalid("messages: Field required") }
        guard let list = messages.elements else { throw .invalid("messages: Input should be a valid array") }
        guard !list.isEmpty else { throw .invalid("messages: at least one message is required") }
        for (index, message) in list.enumerated() {
            try readMessage(message, index, isLast: index == list.count - 1)
        }
    }

    private mutating func readMessage(_ message: JSONValue, _ index: Int, isLast: Bool) throws(ErrorReply) {
        place = "messages.\(index)"
        guard let members = message.members else {
            throw .invalid("\(place): Input does not match the expected shape.")
        }
        for member in members where !["role", "content"].contains(member.key) {
            throw .invalid("\(place).\(member.key): Extra inputs are not permitted")
        }
        guard let role = message["role"]?.text else { throw .invalid("\(place).role: Field required") }
        if role == "system" {
            throw .invalid(
                "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not"
                    + " \"system\" as an input message role.")
        }
        guard role == "user" || role == "assistant" else {
            throw .invalid("messages: Unexpected role \"\(role)\". Allowed roles are \"user\" or \"assistant\".")
        }
        if index == 0, role == "assistant" { throw .invalid("messages: first message must use the \"user\" role") }
        guard let content = message["content"] else { throw .invalid("\(place).content: Field required") }
        prompt.turns.append(Prompt.Turn(role: role == "user" ? .user : .assistant))
        let mayBeEmpty = isLast && role == "assistant"
        let isEmpty: Bool
        if case .string(let text) = content {
            isEmpty = text.isEmpty
            if !isEmpty {
                try check(text: text)
                prompt.add(.text(text))
            }
        } else {
            guard let blocks = content.elements else {
                throw .invalid("\(place).content: Input should be a valid string or list")
            }
            isEmpty = blocks.isEmpty
            for (position, block) in blocks.enumerated() {
                place = "messages.\(index).content.\(position)"
                try readBlock(block, role)
            }
        }
        if isEmpty, !mayBeEmpty {
            throw .invalid(
                "messages.\(index): all messages must have non-empty content except for the optional final assistant"
                    + " message")
        }
        if mayBeEmpty, case .text(let text)? = prompt.turns.last?.parts.last, let end = text.last,
            [0x20, 0x0A, 0x09, 0x0D].contains(end)
        {
            throw .invalid("messages: final assistant content cannot end with trailing whitespace")
        }
    }

    private func check(text: [UInt8]) throws(ErrorReply) {
        if text.isEmpty { throw .invalid("messages: text content blocks must be non-empty") }
        if text.allSatisfy({ [0x20, 0x0A, 0x09, 0x0D].contains($0) }) {
            throw .invalid("messages: text content blocks must contain non-whitespace text")
        }
    }

    private func checkMembers(of block: JSONValue, type: String) throws(ErrorReply) {
        guard let known = Self.blockMembers[type] else { return }
        for member in block.members ?? [] where !known.contains(member.key) {
            throw .invalid("\(place).\(type).\(member.key): Extra inputs are not permitted")
        }
    }

    private mutating func readBlock(_ block: JSONValue, _ role: String) throws(ErrorReply) {
        guard let type = block["type"]?.text else { throw .invalid("\(place).type: Field required") }
        try checkMembers(of: block, type: type)
        switch type {
        case "text":
            guard case .string(let text)? = block["text"] else { throw .invalid("\(place).text.text: Field required") }
            try check(text: text)
            if isNewest, role == "user", block["citations"]?.elements?.isEmpty == false {
                throw .invalid("\(place).text.citations: Extra inputs are not permitted")
            }
            try checkCitations(of: block)
            prompt.add(.text(text))
        case "image", "document":
            guard role == "user" || (type == "document" && !isNewest) else {
                throw .invalid("\(place): `\(type)` blocks can only be in `user` messages")
            }
            prompt.add(.media(try media(block, type)))
        case "thinking", "redacted_thinking":
            guard role == "assistant" else {
                throw .invalid("\(place): `\(type)` blocks can only be in `assistant` messages")
            }
            try readThinkingBlock(block, type)
        case "tool_use": try readToolUse(block, role)
        case "tool_result": try readToolResult(block, role)
        case "server_tool_use", "web_search_tool_result":
            guard role == "assistant" else {
                throw .invalid("\(place): `\(type)` blocks can only be in `assistant` messages")
            }
            try checkSearch(block)
            prompt.add(.other(type))
        case "search_result", "container_upload", "web_fetch_tool_result", "code_execution_tool_result",
            "bash_code_execution_tool_result", "text_editor_code_execution_tool_result", "mcp_tool_use",
            "mcp_tool_result", "compaction", "tool_reference":
            prompt.add(.other(type))
        default:
            throw .invalid(
                "\(place): Input tag '\(type)' found using 'type' does not match any of the expected tags: 'document',"
                    + " 'image', 'redacted_thinking', 'search_result', 'server_tool_use', 'text', 'thinking',"
                    + " 'tool_result', 'tool_use', 'web_search_tool_result'")
        }
        try readMarker(of: block)
    }

    private func media(_ block: JSONValue, _ kind: String) throws(ErrorReply) -> Media {
        guard let source = block["source"] else { throw .invalid("\(place).\(kind).source: Field required") }
        let type = source["media_type"]?.text ?? ""
        switch source["type"]?.text {
        case "base64":
            let allowed =
                kind == "image" ? ["image/jpeg", "image/png", "image/gif", "image/webp"] : ["application/pdf"]
            guard allowed.contains(type) else {
                let list = allowed.map { "'\($0)'" }.joined(separator: ", ")
                throw .invalid("\(place).\(kind).source.base64.media_type: Input should be \(list)")
            }
            guard case .string(let text)? = source["data"], let bytes = Base64.decoded(text), !bytes.isEmpty else {
                throw .invalid("\(place).\(kind).source.base64.data: The \(kind) data is not valid base64")
            }
            return Media(kind: kind, type: type, source: .bytes(bytes))
        case "url":
            guard host == .anthropic else {
                throw .invalid("\(place).\(kind).source.base64.data: URL sources are not supported")
            }
            guard let url = source["url"]?.text, url.hasPrefix("https://") || url.hasPrefix("http://") else {
                throw .invalid("\(place).\(kind).source.url.url: Only HTTPS URLs are supported.")
            }
            return Media(kind: kind, type: "", source: .url(url))
        case "file":
            guard let id = source["file_id"]?.text else {
                throw .invalid("\(place).\(kind).source.file.file_id: Field required")
            }
            return Media(kind: kind, type: "", source: .file(id))
        case "text" where kind == "document":
            guard case .string(let text)? = source["data"], type == "text/plain" else {
                throw .invalid("\(place).document.source.text.media_type: Input should be 'text/plain'")
            }
            return Media(kind: kind, type: type, source: .bytes(text))
        case "content" where kind == "document":
            return Media(kind: kind, type: "content", source: .bytes(source["content"]?.serialized ?? []))
        default:
            throw .invalid(
                "\(place).\(kind).source: Input tag '\(source["type"]?.text ?? "")' found using 'type' does not match"
                    + " any of the expected tags: 'base64', 'file', 'url'")
        }
    }

    private mutating func readThinkingBlock(_ block: JSONValue, _ type: String) throws(ErrorReply) {
        if type == "redacted_thinking" {
            guard case .string(let data)? = block["data"] else {
                throw .invalid("\(place).redacted_thinking.data: Field required")
            }
            guard Signature.isGenuine(data, .redacted) else {
                throw .invalid("\(place): Invalid `data` in `redacted_thinking` block")
            }
            prompt.add(.redacted(data))
            return
        }
        guard case .string(let text)? = block["thinking"] else {
            throw .invalid("\(place).thinking.thinking: Field required")
        }
        guard case .string(let signature)? = block["signature"] else {
            throw .invalid("\(place).thinking.signature: Field required")
        }
        guard Signature.isGenuine(signature, .thinking, of: text) else {
            throw .invalid("\(place): Invalid `signature` in `thinking` block")
        }
        prompt.add(.thinking(text: text, signature: signature))
    }

    private mutating func readToolUse(_ block: JSONValue, _ role: String) throws(ErrorReply) {
        guard role == "assistant" else {
            throw .invalid("\(place): `tool_use` blocks can only be in `assistant` messages")
        }
        guard let id = block["id"]?.text else { throw .invalid("\(place).tool_use.id: Field required") }
        guard id.isToolName(most: .max) else {
            throw .invalid("\(place).tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
        }
        guard let name = block["name"]?.text else { throw .invalid("\(place).tool_use.name: Field required") }
        guard name.isToolName(most: 200) else {
            throw .invalid("\(place).tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{1,200}$'")
        }
        guard let input = block["input"] else { throw .invalid("\(place).tool_use.input: Field required") }
        guard input.members != nil else {
            throw .invalid("\(place).tool_use.input: Input should be a valid dictionary")
        }
        guard callIDs.insert(id).inserted else { throw .invalid("\(place): `tool_use` ids must be unique") }
        prompt.add(.call(Prompt.Call(id: id, name: name, arguments: input)))
    }

    private mutating func readToolResult(_ block: JSONValue, _ role: String) throws(ErrorReply) {
        guard role == "user" else { throw .invalid("\(place): `tool_result` blocks can only be in `user` messages") }
        guard let id = block["tool_use_id"]?.text else {
            throw .invalid("\(place).tool_result.tool_use_id: Field required")
        }
        var result = Prompt.Result(id: id, text: [], isError: block["is_error"]?.isTrue ?? false)
        if case .string(let text)? = block["content"] {
            result.text = text
        } else {
            let outer = place
            defer { place = outer }
            for (index, inner) in (block["content"]?.elements ?? []).enumerated() {
                place = "\(outer).tool_result.content.\(index)"
                _ = try lastsHour(inner["cache_control"], at: "\(place).cache_control")
                switch inner["type"]?.text {
                case "text":
                    guard case .string(let text)? = inner["text"] else {
                        throw .invalid("\(place).text.text: Field required")
                    }
                    if text.isEmpty { throw .invalid("messages: text content blocks must be non-empty") }
                    result.text += text
                case "image": result.media.append(try media(inner, "image"))
                case "document": result.media.append(try media(inner, "document"))
                case "search_result", "tool_reference": break
                default:
                    throw .invalid(
                        "\(place): Input tag '\(inner["type"]?.text ?? "")' found using 'type' does not match any of the"
                            + " expected tags: 'document', 'image', 'search_result', 'text'")
                }
            }
        }
        prompt.add(.result(result))
    }

    private func checkSearch(_ block: JSONValue) throws(ErrorReply) {
        for result in block["content"]?.elements ?? [] {
            guard case .string(let sealed)? = result["encrypted_content"], Signature.isGenuine(sealed, .search) else {
                throw .invalid("\(place): Invalid `encrypted_content` in `search_result` block")
            }
        }
    }

    private func checkCitations(of block: JSONValue) throws(ErrorReply) {
        for citation in block["citations"]?.elements ?? []
        where citation["type"]?.text == "web_search_result_location" {
            guard case .string(let sealed)? = citation["encrypted_index"], Signature.isGenuine(sealed, .search) else {
                throw .invalid("\(place): Invalid `encrypted_index` in `text` block")
            }
        }
    }

    private mutating func readMarker(of block: JSONValue) throws(ErrorReply) {
        try readMarker(block["cache_control"], at: "\(place).cache_control")
    }

    private mutating func readMarker(_ marker: JSONValue?, at name: String) throws(ErrorReply) {
        guard let lastsHour = try lastsHour(marker, at: name) else { return }
        if lastsHour, prompt.cacheMarkers.contains(where: { !$0.lastsHour }) {
            throw .invalid(
                "\(name).ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control"
                    + " block. Note that blocks are processed in the following order: `tools`, `system`, `messages`.")
        }
        prompt.mark(lastsHour: lastsHour)
    }

    /// - Returns: nil where there is no marker.
    private func lastsHour(_ marker: JSONValue?, at name: String) throws(ErrorReply) -> Bool? {
        guard let marker, !marker.isNull else { return nil }
        guard marker["type"]?.text == "ephemeral" else {
            throw .invalid(
                "\(name): Input tag '\(marker["type"]?.text ?? "")' found using 'type' does not match any of the expected tags: 'ephemeral'"
            )
        }
        for member in marker.members ?? [] where !["type", "ttl"].contains(member.key) {
            throw .invalid("\(name).ephemeral.\(member.key): Extra inputs are not permitted")
        }
        if let life = marker["ttl"], life.text != "5m", life.text != "1h" {
            throw .invalid("\(name).ephemeral.ttl: Input should be '5m' or '1h'")
        }
        return marker["ttl"]?.text == "1h"
    }

    // MARK: - What must fit together

    /// Each call is answered at the beginning of the very next message, and nothing else is.
    private func checkPairs() throws(ErrorReply) {
        let turns = merged
        var open: [String] = []
        for (index, turn) in turns.enumerated() {
            let results = turn.parts.compactMap { part -> String? in
                if case .result(let result) = part { return result.id }
                return nil
            }
            if let stray = results.first(where: { !open.contains($0) }) {
                throw .invalid(
                    "messages.\(index).content.0: unexpected `tool_use_id` found in `tool_result` blocks: \(stray). Each"
                        + " `tool_result` block must have a corresponding `tool_use` block in the previous message.")
            }
            let leading = turn.parts.prefix(while: { part in
                if case .result = part { return true }
                return false
            })
            let missing = open.filter { !results.contains($0) }
            if !missing.isEmpty || leading.count < results.count {
                let named = missing.isEmpty ? open : missing
                throw .invalid(
                    "messages.\(index - 1): `tool_use` ids were found without `tool_result` blocks immediately after:"
                        + " \(named.joined(separator: ", ")). Each `tool_use` block must have a corresponding"
                        + " `tool_result` block in the next message.")
            }
            if Set(results).count < results.count {
                throw .invalid(
                    "messages.\(index).content: each tool_use must have a single result. Found multiple `tool_result`"
                        + " blocks with the same id.")
            }
            open = turn.parts.compactMap { part in
                if case .call(let call) = part { return call.id }
                return nil
            }
        }
        if !open.isEmpty, turns.last?.role == .assistant {
            throw .invalid(
                "messages.\(turns.count - 1): `tool_use` ids were found without `tool_result` blocks immediately after:"
                    + " \(open.joined(separator: ", ")). Each `tool_use` block must have a corresponding `tool_result`"
                    + " block in the next message.")
        }
    }

    /// The API merges neighbours of one role.
    private var merged: [Prompt.Turn] {
        var turns: [Prompt.Turn] = []
        for turn in prompt.turns where turn.role != .system {
            if turns.last?.role == turn.role {
                turns[turns.count - 1].parts += turn.parts
            } else {
                turns.append(turn)
            }
        }
        return turns
    }

    /// While a call is being answered, its message has to begin with the thinking that led to it.
    private func checkThinkingOfLastCalls() throws(ErrorReply) {
        guard let last = prompt.turns.last, last.role == .user, !prompt.lastResults.isEmpty,
            let index = merged.lastIndex(where: { $0.role == .assistant })
        else { return }
        switch prompt.answerBeginning {
        case .thinking, .redacted, nil: return
        case .some(let part):
            var found = "text"
            if case .call = part { found = "tool_use" }
            throw .invalid(
                "messages.\(index).content.0.type: Expected `thinking` or `redacted_thinking`, but found `\(found)`."
                    + " When `thinking` is enabled, a final `assistant` message must start with a thinking block"
                    + " (preceeding the lastmost set of `tool_use` and `tool_result` blocks). We recommend you include"
                    + " thinking blocks from previous turns. To avoid this requirement, disable `thinking`.")
        }
    }
}

extension String {
    /// Letters, digits, `_` and `-` only.
    func isToolName(most: Int) -> Bool {
        !isEmpty && utf8.count <= most
            && utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }
}
