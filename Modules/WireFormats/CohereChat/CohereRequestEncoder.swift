import JSONText

/// Writes a Cohere v2 chat request.
///
/// Facts (https://docs.cohere.com/reference/chat, read on 2026-11-29)
/// 1. `tool_choice` is `REQUIRED` or `NONE`; one tool is demanded by sending it alone.
/// 2. `response_format` cannot stand beside `tools` or `documents`: there it becomes an instruction.
/// 3. Penalties go from 0 to 1, `p` from 0.01 to 0.99, `k` from 0 to 500; so does the temperature from 0 to 1
///    (https://github.com/cohere-ai/cohere-developer-experience/pull/523, read on 2026-11-29). Stop sequences: "up to 5".
/// 4. Strictness is one switch for all tools: `strict_tools`.
/// 5. Images are taken by URL or as base64; no sounds, films or files.
/// 6. A message that says nothing is refused: "message must be at least 1 token long".
struct CohereRequestEncoder {
    private let conversation: Conversation
    private let target: TargetFacts
    private let names: ClientNames
    private var losses: LossReport
    private var body = JSONObject()
    /// Ids of the calls so far.
    private var callIDs: Set<String> = []
    /// The number of the turn that is being written.
    private var turnNumber = 0
    private var isOwn: Bool { conversation.origin == .cohereChat }

    static func encode(
        _ conversation: Conversation, for target: TargetFacts, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        var encoder = CohereRequestEncoder(
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
        if conversation.stream { body["stream"] = true }
        let tools = writtenTools()
        var messages: [JSON] = []
        for (number, turn) in conversation.joinedTurns(isOwn: isOwn).enumerated() {
            turnNumber = number
            try write(turn, to: &messages)
        }
        if let instruction = writeOutputFormat(hasTools: !tools.isEmpty) {
            ChatRequestEncoder.append(instruction: instruction, to: &messages)
        }
        body["messages"] = .array(messages)
        if !tools.isEmpty { body["tools"] = .array(tools) }
        writeToolChoice(hasTools: !tools.isEmpty)
        try writeSampling()
        try writeThinking()
        if isOwn {
            for (key, value) in conversation.extras { body[key] = value }
        } else {
            conversation.reportUncarried(carried: Self.carried, names, &losses)
        }
        target.removeRefused(from: &body, of: conversation, names, &losses)
    }

    private static let carried: Set<RequestOption> = [
        .temperature, .topP, .topK, .frequencyPenalty, .presencePenalty, .seed, .stop, .logprobs, .toolChoice,
        .reasoningEffort,
    ]

    // MARK: - Tools

    private mutating func writtenTools() -> [JSON] {
        var functions: [FunctionTool] = []
        var extras: [JSONObject] = []
        for tool in conversation.tools {
            losses.drop(tool.cache, names)
            if !isOwn { losses.dropNested(tool.extras) }
            let found = tool.functions(inside: nil, names, &losses)
            functions += found
            extras += found.map { _ in isOwn ? tool.extras : JSONObject() }
        }
        switch conversation.toolChoice {
        case .function(let name), .custom(let name):
            losses.adjust(names["tool_choice"])
            functions = functions.filter { $0.name == name }
        case .allowed:
            conversation.reportToolsLeftOut(&losses)
            let allows = conversation.allows
            functions = functions.filter { allows($0.name) }
        default: break
        }
        if !isOwn, functions.contains(where: { $0.strict == true }) { body["strict_tools"] = true }
        return functions.enumerated().map { index, function in
            var tool = function.chatTool(isOwn: isOwn)
            if isOwn, extras.indices.contains(index) { tool.overlay(extras[index]) }
            return .object(tool)
        }
    }

    private mutating func writeToolChoice(hasTools: Bool) {
        switch conversation.toolChoice {
        case nil, .auto: break
        case .some(.none): if hasTools || isOwn { body["tool_choice"] = "NONE" }
        case .required, .function, .custom, .allowed(_, isRequired: true):
            if hasTools || isOwn { body["tool_choice"] = "REQUIRED" }
        case .allowed: break
        case .server(let native), .native(let native):
            if isOwn { body["tool_choice"] = native } else { losses.drop(names["tool_choice"]) }
        }
    }

    // MARK: - Parameters

    private mutating func writeSampling() throws(RequestError) {
        let sampling = conversation.sampling
        body["max_tokens"] = sampling.maxOutputTokens.map { .int($0) }
        body["temperature"] = try number(sampling.temperature, "temperature", 0...1)
        body["p"] = try number(sampling.topP, "top_p", 0.01...0.99)
        if let k = sampling.topK {
            body["k"] = .int(try target.fitted(k, to: 0...500, names["top_k"], &losses))
        }
        body["frequency_penalty"] = try number(sampling.frequencyPenalty, "frequency_penalty", 0...1)
        body["presence_penalty"] = try number(sampling.presencePenalty, "presence_penalty", 0...1)
        body["seed"] = sampling.seed.map { .int($0) }
        if isOwn, let stop = sampling.stop {
            let fitted = try target.fitted(stop, most: 5, names["stop"], &losses)
            body["stop_sequences"] = .array(fitted.map { .string($0) })
        } else if !isOwn {
            body["stop_sequences"] = try conversation.stopSequences(for: target, most: 5, names, &losses)
        }
        body["logprobs"] = sampling.logprobs.map { .bool($0) }
    }

    private mutating func number(
        _ value: Double?, _ name: String, _ range: ClosedRange<Double>
    ) throws(RequestError) -> JSON? {
        guard let value else { return nil }
        return .real(try target.fitted(value, to: range, names[name], &losses))
    }

    private mutating func writeThinking() throws(RequestError) {
        guard let settings = conversation.reasoning else { return }
        if target.thinking == .none {
            losses.drop(.reasoningEffort, of: conversation, names)
            return
        }
        var thinking = JSONObject()
        if isOwn {
            if let mode = settings.mode { thinking["type"] = .string(mode.rawValue) }
            if let budget = settings.budgetTokens { thinking["token_budget"] = .int(budget) }
            for (key, value) in settings.extras { thinking[key] = value }
            body["thinking"] = .object(thinking)
            return
        }
        guard !settings.isOff else {
            body["thinking"] = ["type": "disabled"]
            return
        }
        thinking["type"] = "enabled"
        if var budget = settings.budget {
            if let cap = conversation.sampling.maxOutputTokens {
                let fitted = try target.fittedBudget(
                    budget, of: settings, least: 1, below: cap, names.thinkingBudget, &losses)
                guard let fitted else {
                    body["thinking"] = ["type": "disabled"]
                    return
                }
                budget = fitted
            }
            thinking["token_budget"] = .int(budget)
        }
        body["thinking"] = .object(thinking)
    }

    private mutating func writeOutputFormat(hasTools: Bool) -> String? {
        let isAlone = !hasTools && !(isOwn && conversation.extras["documents"]?.array?.isEmpty == false)
        guard let format = conversation.outputFormat else { return nil }
        switch format {
        case .text where isOwn: body["response_format"] = ["type": "text"]
        case .jsonObject where isAlone || isOwn: body["response_format"] = ["type": "json_object"]
        case .jsonSchema(let schema):
            if !isOwn { losses.dropNested(schema.extras) }
            guard isOwn || (isAlone && target.takesJSONSchema), let taken = isOwn ? schema.schema : schema.ofObject
            else { return losses.instruction(for: format, names) }
            body["response_format"] = ["type": "json_object", "json_schema": taken]
        case .native(let native) where isOwn: body["response_format"] = native
        default: return losses.instruction(for: format, names)
        }
        return nil
    }

    // MARK: - Messages

    private mutating func write(_ turn: Turn, to messages: inout [JSON]) throws(RequestError) {
        if !isOwn { losses.drop(turn.extras) }
        if turn.name != nil, turn.role != .tool { losses.drop("name") }
        switch turn.role {
        case .system, .developer: try write(turn.parts, turn, "system", to: &messages)
        case .user, .tool:
            var others: [Part] = []
            for part in turn.parts {
                if let result = part.toolResult {
                    try write(result, part, turn, to: &messages)
                } else {
                    others.append(part)
                }
            }
            if !others.isEmpty || turn.parts.isEmpty { try write(others, turn, "user", to: &messages) }
        case .assistant: try writeAssistant(turn, to: &messages)
        }
    }

    private mutating func write(
        _ parts: [Part], _ turn: Turn, _ role: String, to messages: inout [JSON]
    ) throws(RequestError) {
        guard let content = try content(of: parts, isPlainText: turn.isPlainText) else { return }
        var message: JSONObject = ["role": .string(role), "content": content]
        if isOwn { message.overlay(turn.extras) }
        messages.append(.object(message))
    }

    /// - Returns: nil where the parts of another dialect say nothing, or can't be sent.
    private mutating func content(of all: [Part], isPlainText: Bool) throws(RequestError) -> JSON? {
        for part in all { note(part) }
        let parts = isOwn ? all : all.filter { $0.text?.isEmpty != true }
        if parts.count == 1, let text = parts[0].text, isPlainText || !isOwn { return .string(text) }
        var list: [JSON] = []
        for part in parts {
            do throws(RequestError) {
                if let written = try written(part) { list.append(written) }
            } catch {
                throw placed(error, part)
            }
        }
        if list.isEmpty, !isOwn { return nil }
        return .array(list)
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

    private mutating func written(_ part: Part) throws(RequestError) -> JSON? {
        var object: JSONObject
        switch part.content {
        case .text(let text): object = ["type": "text", "text": .string(text.text)]
        case .refusal(let text): object = ["type": "text", "text": .string(text)]
        case .reasoning(let reasoning): object = ["type": "thinking", "thinking": .string(reasoning.visibleText)]
        case .media(let media):
            switch (media.kind, media.source) {
            case (.image, _): object = try ChatMedia.part(media, form: nil, target: target, isOwn: isOwn)
            default:
                guard let text = media.readableText else { throw ChatFault.unsupported(media.kind) }
                losses.dropRemarks(of: media, isText: true)
                object = ["type": "text", "text": .string(media.headed(text))]
            }
        case .native(let native):
            if isOwn { return native }
            losses.drop(mark: native)
            return nil
        case .serverTool:
            losses.drop("server_tool_use")
            return nil
        case .toolCall, .toolResult: return nil
        }
        if isOwn { object.overlay(part.extras) }
        return .object(object)
    }

    private mutating func write(
        _ result: ToolResult, _ part: Part, _ turn: Turn, to messages: inout [JSON]
    ) throws(RequestError) {
        note(part)
        if !isOwn, !callIDs.contains(result.callID) { throw placed(.resultWithoutCall(), part) }
        var message: JSONObject = ["role": "tool", "tool_call_id": .string(result.callID)]
        for (index, inner) in result.parts.enumerated() {
            if case .media(let media) = inner.content, media.kind != .document {
                throw placed(ChatFault.unsupported(media.kind, " in a tool's result"), part, index)
            }
        }
        if result.isError == true { losses.drop(names["is_error"]) }
        if result.parts.isEmpty, let object = result.object {
            message["content"] = .string(object.text)
        } else {
            message["content"] = try content(of: result.parts, isPlainText: result.isPlainText) ?? .string("")
        }
        if isOwn { message.overlay(turn.extras) }
        messages.append(.object(message))
    }

    private mutating func writeAssistant(_ turn: Turn, to messages: inout [JSON]) throws(RequestError) {
        var message: JSONObject = ["role": "assistant"]
        var shown: [Part] = []
        var calls: [JSON] = []
        var plan = ""
        let hasCalls = turn.parts.contains(where: \.isToolCall)
        for part in turn.parts {
            switch part.content {
            case .reasoning(let reasoning):
                // Thinking with a proof is another provider's. What Cohere itself said before calls is its plan.
                if reasoning.proof != nil || reasoning.visibleText.isEmpty && !isOwn {
                    losses.drop("reasoning")
                } else if part.form == "tool_plan" || (!isOwn && hasCalls) {
                    plan += reasoning.visibleText
                    if isOwn { message["tool_plan"] = .string(plan) }
                } else {
                    shown.append(part)
                }
            case .toolCall(let call):
                note(part)
                callIDs.insert(call.id)
                var written = ChatCalls.call(call, id: call.id, takesCustom: false)
                // Cohere parses them, and wants an object.
                let arguments = isOwn ? ChatCalls.parseable(call.arguments) : losses.argumentsText(of: call, names)
                written.overlay(["function": ["arguments": .string(arguments)]])
                if isOwn { written.overlay(part.extras) }
                calls.append(.object(written))
            default: if isOwn || part.text?.isEmpty != true { shown.append(part) }
            }
        }
        if !plan.isEmpty { message["tool_plan"] = .string(plan) }
        if !shown.isEmpty { message["content"] = try content(of: shown, isPlainText: turn.isPlainText) }
        if !calls.isEmpty { message["tool_calls"] = .array(calls) }
        if isOwn {
            let citations = shown.flatMap { part -> [JSON] in
                if case .text(let text) = part.content { return text.citations.compactMap(CohereCitations.written) }
                return []
            }
            if !citations.isEmpty { message["citations"] = .array(citations) }
            message.overlay(turn.extras)
        } else if message["content"] == nil, calls.isEmpty {
            // Nothing is left of it, and Cohere refuses an empty message.
            return
        }
        messages.append(.object(message))
    }
}
