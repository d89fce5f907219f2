import JSONText

/// Writes an Ollama chat request.
///
/// Facts (https://docs.ollama.com/api/chat, and github.com/ollama/ollama docs/api.md; read on 2026-11-29)
/// 1. `stream` is true where it is not said: it is always written.
/// 2. A message's content is one text; images are base64 without a type, never URLs.
/// 3. Arguments of calls are objects. Results say the tool's name; ids are not needed. Of several calls of one tool, only
///    the order tells which result is whose (https://github.com/ollama/ollama/issues/11417, read on 2026-11-29).
/// 4. `think` is a switch, for gpt-oss a word (low, medium, high). `format` is `json` or a JSON Schema.
/// 5. There is no `tool_choice`: one tool is offered by sending it alone, none by sending none.
struct OllamaRequestEncoder {
    private let conversation: Conversation
    /// The calls so far, by their ids: which it was, and the tool's name.
    private var calls: [String: (order: Int, name: String)] = [:]
    private var callCount = 0
    /// Results that wait for the rest of theirs, to be written in the order of their calls.
    private var results = OrderedResults()
    private let target: TargetFacts
    private let names: ClientNames
    private var losses: LossReport
    private var body = JSONObject()
    /// The number of the turn that is being written.
    private var turnNumber = 0
    private var isOwn: Bool { conversation.origin == .ollamaChat }

    static func encode(
        _ conversation: Conversation, for target: TargetFacts, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        var encoder = OllamaRequestEncoder(
            conversation: conversation, target: target, names: ClientNames(conversation), losses: losses)
        try encoder.write()
        losses = encoder.losses
        return .object(encoder.body)
    }

    private init(conversation: Conversation, target: TargetFacts, names: ClientNames, losses: LossReport) {
        self.conversation = conversation
        self.target = target
        self.names = names
        self.losses = losses
    }

    private mutating func write() throws(RequestError) {
        body["model"] = .string(target.model)
        var messages: [JSON] = []
        for (number, turn) in conversation.joinedTurns(isOwn: isOwn).enumerated() {
            turnNumber = number
            try write(turn, to: &messages)
        }
        messages += results.take()
        let format = writtenFormat(&messages)
        body["messages"] = .array(messages)
        writeTools()
        body["stream"] = .bool(conversation.stream)
        body["format"] = format
        writeThinking()
        try writeOptions()
        let sampling = conversation.sampling
        body["logprobs"] = sampling.logprobs.map { .bool($0) }
        if !isOwn, sampling.wantsLogprobs { body["logprobs"] = true }
        if let top = sampling.topLogprobs, isOwn || top != 0 { body["top_logprobs"] = .int(top) }
        if isOwn {
            for (key, value) in conversation.extras { body.overlay([key: value]) }
        } else {
            conversation.reportUncarried(carried: Self.carried, names, &losses)
        }
        target.removeRefused(from: &body, of: conversation, names, &losses)
    }

    private static let carried: Set<RequestOption> = [
        .temperature, .topP, .topK, .minP, .frequencyPenalty, .presencePenalty, .repetitionPenalty, .seed, .stop,
        .logprobs, .topLogprobs, .toolChoice, .parallelToolCalls, .reasoningEffort,
    ]

    private mutating func writeTools() {
        var tools: [JSON] = []
        let allows = conversation.allows
        for tool in conversation.tools {
            losses.drop(tool.cache, names)
            if !isOwn { losses.dropNested(tool.extras) }
            for function in tool.functions(inside: nil, names, &losses) where isOffered(function.name, allows) {
                if function.strict == true { losses.drop("strict") }
                var written = function.chatTool(isOwn: isOwn)
                if isOwn { written.overlay(tool.extras) }
                tools.append(.object(written))
            }
        }
        if !tools.isEmpty { body["tools"] = .array(tools) }
        switch conversation.toolChoice {
        case nil, .auto: break
        case .some(.none): if !conversation.tools.isEmpty { losses.adjust(names["tool_choice"]) }
        case .function, .custom: losses.adjust(names["tool_choice"])
        case .allowed: conversation.reportToolsLeftOut(&losses)
        case .required, .server, .native: losses.drop(names["tool_choice"])
        }
        if conversation.parallelToolCalls == false { losses.drop(names["parallel_tool_calls"]) }
    }

    private func isOffered(_ name: String, _ allows: (String) -> Bool) -> Bool {
        switch conversation.toolChoice {
        case .some(.none): false
        case .function(let chosen), .custom(let chosen): name == chosen
        default: allows(name)
        }
    }

    private mutating func writtenFormat(_ messages: inout [JSON]) -> JSON? {
        guard let format = conversation.outputFormat else { return nil }
        var written: JSON?
        switch format {
        case .jsonObject: return "json"
        case .jsonSchema(let schema):
            if !isOwn { losses.dropNested(schema.extras) }
            if isOwn || target.takesJSONSchema { return schema.schema }
            written = "json"
        case .native(let native): if isOwn { return native }
        case .text: break
        }
        if let instruction = losses.instruction(for: format, names) {
            ChatRequestEncoder.append(instruction: instruction, to: &messages)
        }
        return written
    }

    private mutating func writeThinking() {
        guard let settings = conversation.reasoning else { return }
        if isOwn {
            body["think"] = settings.isOff ? false : settings.effort.map { .string($0) } ?? true
            return
        }
        switch target.thinking {
        case .none: losses.drop(.reasoningEffort, of: conversation, names)
        case .level:
            // gpt-oss always thinks: a switch changes nothing ("gpt-oss does not have no thinking mode, only `low`, `medium`,
            // and `high`": https://github.com/ollama/ollama/issues/17859, read on 2026-11-29).
            let word = target.leastKnown(covering: settings.word ?? "medium", names["reasoning_effort"], &losses)
            body["think"] = .string(word)
        case .budget:
            body["think"] = .bool(!settings.isOff)
            if let word = settings.word, word != "none" { losses.adjust(names["reasoning_effort"]) }
        }
    }

    private mutating func writeOptions() throws(RequestError) {
        let sampling = conversation.sampling
        var options = JSONObject()
        options["temperature"] = sampling.temperature.map { .real($0) }
        options["top_p"] = sampling.topP.map { .real($0) }
        options["top_k"] = sampling.topK.map { .int($0) }
        options["min_p"] = sampling.minP.map { .real($0) }
        options["num_predict"] = sampling.maxOutputTokens.map { .int($0) }
        options["seed"] = sampling.seed.map { .int($0) }
        options["repeat_penalty"] = sampling.repetitionPenalty.map { .real($0) }
        options["frequency_penalty"] = sampling.frequencyPenalty.map { .real($0) }
        options["presence_penalty"] = sampling.presencePenalty.map { .real($0) }
        if isOwn {
            options["stop"] = sampling.stop.map { .array($0.map { .string($0) }) }
        } else {
            options["stop"] = try conversation.stopSequences(for: target, most: nil, names, &losses)
        }
        if !options.isEmpty { body["options"] = .object(options) }
    }

    // MARK: - Messages

    private mutating func write(_ turn: Turn, to messages: inout [JSON]) throws(RequestError) {
        if !isOwn { losses.drop(turn.extras) }
        if turn.name != nil, turn.role != .tool { losses.drop("name") }
        var role = turn.role
        if role == .developer { role = .system }
        if role == .user || role == .tool {
            for part in turn.parts {
                if let result = part.toolResult { try write(result, part, turn) }
            }
            let others = turn.parts.filter { !$0.isToolResult }
            if others.isEmpty, !turn.parts.isEmpty { return }
            role = .user
        }
        messages += results.take()
        var message = try self.message(role.rawValue, turn.parts)
        if isOwn {
            message.overlay(turn.extras)
        } else if message.count == 2, message["content"] == "",
            role != .user || turn.parts.contains(where: { $0.text == nil })
        {
            // Nothing is left of it. What a user said in no words is still a turn.
            return
        }
        messages.append(.object(message))
    }

    private mutating func write(_ result: ToolResult, _ part: Part, _ turn: Turn) throws(RequestError) {
        note(part)
        var message = try self.message("tool", result.parts)
        if message["images"] != nil, !isOwn {
            let index = result.parts.firstIndex { inner in
                if case .media(let media) = inner.content { media.kind == .image } else { false }
            }
            throw placed(ChatFault.unsupported(.image, " in a tool's result"), part, index)
        }
        if result.parts.isEmpty, let object = result.object { message["content"] = .string(object.text) }
        // Ollama has no ids: the name is what ties a result to its call, and few dialects say it with the result.
        let call = isOwn ? nil : calls[result.callID]
        if !isOwn, call == nil { throw placed(.resultWithoutCall(), part) }
        let name = result.name ?? call?.name
        if let name, !isOwn || turn.extras["name"] == nil { message["tool_name"] = .string(name) }
        if result.isError == true { losses.drop(names["is_error"]) }
        if isOwn { message.overlay(turn.extras) }
        results.add(.object(message), order: call?.order)
    }

    private func placed(_ error: RequestError, _ part: Part, _ inner: Int? = nil) -> RequestError {
        conversation.placed(error, part, inner, inJoinedTurn: turnNumber, isOwn: isOwn)
    }

    private mutating func note(_ part: Part) {
        losses.drop(part.cache, names)
        guard !isOwn else { return }
        losses.drop(part.extras)
        if part.proof != nil { losses.drop("reasoning") }
        if case .text(let text) = part.content, !text.citations.isEmpty { losses.drop("citations") }
    }

    private mutating func message(_ role: String, _ parts: [Part]) throws(RequestError) -> JSONObject {
        var texts: [String] = []
        var thinking: String?
        var images: [JSON] = []
        var calls: [JSON] = []
        for part in parts {
            note(part)
            switch part.content {
            case .text(let text): if isOwn || !text.text.isEmpty { texts.append(text.text) }
            case .refusal(let text): if isOwn || !text.isEmpty { texts.append(text) }
            case .reasoning(let reasoning):
                if reasoning.proof == nil, !reasoning.isRedacted {
                    thinking = (thinking ?? "") + reasoning.visibleText
                } else {
                    losses.drop("reasoning")
                }
            case .media(let media):
                do throws(RequestError) {
                    try add(media, to: &texts, &images)
                } catch {
                    throw placed(error, part)
                }
            case .toolCall(let call): calls.append(written(call, part))
            case .serverTool: losses.drop("server_tool_use")
            case .native(let native): losses.drop(mark: native)
            case .toolResult: break
            }
        }
        var message: JSONObject = ["role": .string(role)]
        if !texts.isEmpty || !isOwn { message["content"] = .string(texts.joined(separator: "\n")) }
        if let thinking { message["thinking"] = .string(thinking) }
        if !images.isEmpty { message["images"] = .array(images) }
        if !calls.isEmpty { message["tool_calls"] = .array(calls) }
        return message
    }

    private mutating func written(_ call: ToolCall, _ part: Part) -> JSON {
        let name = ChatToolNames.flat(call.name, in: call.namespace)
        calls[call.id] = (callCount, name)
        callCount += 1
        var written: JSONObject = [
            "function": ["name": .string(name), "arguments": .object(losses.arguments(of: call, names))]
        ]
        if isOwn {
            if part.form == "id" { written["id"] = .string(call.id) }
            written.overlay(part.extras)
        }
        return .object(written)
    }

    private mutating func add(_ media: Media, to texts: inout [String], _ images: inout [JSON]) throws(RequestError) {
        if let detail = media.detail, detail != "auto" { losses.drop("detail") }
        switch (media.kind, media.source) {
        case (.image, .base64(let data)): images.append(.string(data))
        case (.image, _): throw ChatFault.unsupported("images by URL or id; send the image itself")
        default:
            guard let text = media.readableText else { throw ChatFault.unsupported(media.kind) }
            losses.dropRemarks(of: media, isText: true)
            texts.append(media.headed(text))
        }
    }
}
