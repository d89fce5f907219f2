import JSONText

/// Reads and writes legacy completion requests.
///
/// Rules
/// 1. A prompt is a user's turn. Several prompts in one request are several such turns, each marked with `prompt` in
///    its extras: only this dialect answers each for itself, so no other may take them
///    (``Conversation/requireOneAnswer()``).
/// 2. A prompt of tokens means something to its own model alone: 400.
/// 3. A conversation becomes one prompt: a lone user's text as it is; else the system's words, and the turns under
///    `User:` and `Assistant:`, ending in `Assistant:`, or in the words of the model's with which the answer begins.
///    Tools, images and files are a 400.
enum CompletionsRequest {
    static func decode(_ body: JSON, at place: RequestPlace) throws(RequestError) -> Conversation {
        var members = try ChatMembers(body: body)
        let model = try members.model(at: place)
        var conversation = Conversation(origin: .completions, model: model)
        guard let prompt = members.take("prompt") else { throw RequestError.missing("prompt") }
        conversation.turns = try turns(prompt)
        try ChatRequestDecoder.readStream(&members, into: &conversation)
        var sampling = try members.sampling()
        sampling.maxOutputTokens = try members.int("max_tokens")
        sampling.topLogprobs = try members.int("logprobs")
        if sampling.topLogprobs != nil { sampling.logprobs = true }
        conversation.sampling = sampling
        conversation.user = try members.string("user")
        conversation.extras = members.leftover
        return conversation
    }

    private static func turns(_ prompt: JSON) throws(RequestError) -> [Turn] {
        if let text = prompt.string { return [.text(.user, text)] }
        guard let list = prompt.array else { throw ChatFault.wrongType("prompt", "a string or an array", prompt) }
        guard !list.isEmpty else { throw RequestError.emptyArray("prompt") }
        var turns: [Turn] = []
        for (index, value) in list.enumerated() {
            guard let text = value.string else {
                if value.int != nil || value.array != nil {
                    throw RequestError(
                        message: "A prompt of tokens means something to its own model alone: send it as text.",
                        param: "prompt", code: "unsupported_content")
                }
                throw ChatFault.wrongType("prompt[\(index)]", "a string", value)
            }
            var turn = Turn.text(.user, text)
            // Written as a list.
            turn.isPlainText = false
            if list.count > 1 { turn.extras["prompt"] = .int(Int64(index)) }
            turns.append(turn)
        }
        return turns
    }

    // MARK: - Writing

    private static let carried: Set<RequestOption> = [
        .temperature, .topP, .topK, .minP, .frequencyPenalty, .presencePenalty, .repetitionPenalty, .seed, .stop,
        .choices, .logprobs, .topLogprobs, .logitBias, .user,
    ]

    static func encode(
        _ conversation: Conversation, for target: TargetFacts, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        let isOwn = conversation.origin == .completions
        let names = ClientNames(conversation)
        var body: JSONObject = ["model": .string(target.model)]
        body["prompt"] = try isOwn ? ownPrompt(conversation) : .string(flattened(conversation, names, &losses))
        let sampling = conversation.sampling
        body["max_tokens"] = sampling.maxOutputTokens.map { .int($0) }
        body["temperature"] = try number(sampling.temperature, "temperature", 0...2, target, names, &losses)
        body["top_p"] = try number(sampling.topP, "top_p", 0...1, target, names, &losses)
        body["top_k"] = sampling.topK.map { .int($0) }
        body["min_p"] = sampling.minP.map { .real($0) }
        body["frequency_penalty"] = try number(
            sampling.frequencyPenalty, "frequency_penalty", -2...2, target, names, &losses)
        body["presence_penalty"] = try number(
            sampling.presencePenalty, "presence_penalty", -2...2, target, names, &losses)
        body["repetition_penalty"] = sampling.repetitionPenalty.map { .real($0) }
        body["seed"] = sampling.seed.map { .int($0) }
        if isOwn {
            body["stop"] = sampling.stop.map { .array($0.map { .string($0) }) }
        } else {
            body["stop"] = try conversation.stopSequences(for: target, most: target.stopSequencesMax, names, &losses)
        }
        body["n"] = sampling.choices.map { .int($0) }
        if sampling.wantsLogprobs { body["logprobs"] = .int(sampling.topLogprobs ?? 0) }
        body["logit_bias"] = sampling.logitBias.map { .object($0) }
        body["user"] = conversation.user.map { .string($0) }
        if conversation.stream { body["stream"] = true }
        if conversation.includeUsage || (conversation.stream && target.asksForStreamUsage) {
            body["stream_options"] = ["include_usage": true]
        }
        if isOwn {
            for (key, value) in conversation.extras {
                if key == "stream_options" { body.overlay([key: value]) } else { body[key] = value }
            }
        } else {
            conversation.reportUncarried(carried: carried, names, &losses)
        }
        target.removeRefused(from: &body, of: conversation, names, &losses)
        if !target.renames.isEmpty { body = JSONObject(body.map { (target.renames[$0.key] ?? $0.key, $0.value) }) }
        return .object(body)
    }

    private static func number(
        _ value: Double?, _ name: String, _ range: ClosedRange<Double>, _ target: TargetFacts, _ names: ClientNames,
        _ losses: inout LossReport
    ) throws(RequestError) -> JSON? {
        guard let value else { return nil }
        return .real(try target.fitted(value, to: range, names[name], &losses))
    }

    private static func ownPrompt(_ conversation: Conversation) -> JSON {
        let texts = conversation.turns.map { JSON.string($0.parts.compactMap(\.text).joined()) }
        if texts.count == 1, conversation.turns[0].isPlainText { return texts[0] }
        return .array(texts)
    }

    /// A conversation as one text.
    private static func flattened(
        _ conversation: Conversation, _ names: ClientNames, _ losses: inout LossReport
    ) throws(RequestError) -> String {
        guard conversation.tools.isEmpty || conversation.toolChoice == ToolChoice.none else {
            throw ChatFault.unsupported("tools: it completes text only", at: "tools")
        }
        var system: [String] = []
        var lines: [(role: Turn.Role, text: String)] = []
        for (index, turn) in conversation.turns.enumerated() {
            let text = try self.text(of: turn, index, names, &losses)
            switch turn.role {
            case .system, .developer: if lines.isEmpty { system.append(text) } else { lines.append((.system, text)) }
            case .assistant: if !text.isEmpty { lines.append((.assistant, text)) }
            default: lines.append((.user, text))
            }
        }
        if let format = conversation.outputFormat {
            if case .jsonSchema(let schema) = format { losses.dropNested(schema.extras) }
            if let instruction = losses.instruction(for: format, names) { system.append(instruction) }
        }
        if system.isEmpty, lines.count == 1, lines[0].role == .user { return lines[0].text }
        let turns = lines.map { line in
            switch line.role {
            case .assistant: "Assistant: " + line.text
            case .system: "System: " + line.text
            default: "User: " + line.text
            }
        }
        // The model goes on where its own turn is the last.
        let end = lines.last?.role == .assistant ? [] : ["Assistant:"]
        return (system + turns + end).joined(separator: "\n\n")
    }

    private static func text(
        of turn: Turn, _ index: Int, _ names: ClientNames, _ losses: inout LossReport
    ) throws(RequestError) -> String {
        var texts: [String] = []
        if turn.name != nil { losses.drop("name") }
        losses.drop(turn.extras)
        for (number, part) in turn.parts.enumerated() {
            losses.drop(part.extras)
            losses.drop(part.cache, names)
            switch part.content {
            case .text(let text):
                if !text.citations.isEmpty { losses.drop("citations") }
                texts.append(text.text)
            case .refusal(let text): texts.append(text)
            case .reasoning: losses.drop("reasoning")
            case .media(let media):
                guard let text = media.readableText else {
                    throw ChatFault.unsupported(media.kind, ": it completes text only")
                        .placed(turn: index, part: number)
                }
                losses.dropRemarks(of: media, isText: true)
                texts.append(media.headed(text))
            case .toolCall, .toolResult:
                throw ChatFault.unsupported("calls of tools: it completes text only")
                    .placed(turn: index, part: number)
            case .serverTool: losses.drop("server_tool_use")
            case .native(let native): losses.drop(mark: native)
            }
        }
        return texts.joined(separator: "\n")
    }
}
