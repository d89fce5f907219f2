import JSONText

/// Writes a whole reply for a Chat client.
struct ChatReplyEncoder {
    private let reply: Reply
    private let context: ReplyContext
    private var losses = LossReport()
    private var isOwn: Bool { reply.origin == .chatCompletions }

    static func encode(_ reply: Reply, for context: ReplyContext, _ losses: inout LossReport) -> JSON {
        var encoder = ChatReplyEncoder(reply: reply, context: context)
        let body = encoder.body()
        losses.add(encoder.losses)
        return body
    }

    private init(reply: Reply, context: ReplyContext) {
        self.reply = reply
        self.context = context
    }

    private mutating func body() -> JSON {
        var body = JSONObject(capacity: 8)
        body.add("id", .string(reply.id ?? "chatcmpl-" + context.requestID))
        body.add("object", "chat.completion")
        body.add("created", .int(reply.created ?? context.created))
        body.add("model", .string(context.model))
        var choices: [JSON] = []
        for choice in reply.choices { choices.append(self.choice(choice)) }
        body.add("choices", .array(choices))
        if let usage = reply.usage { body.add("usage", ChatUsage.written(usage, isOwn: isOwn)) }
        if let tier = isOwn ? reply.serviceTier : ServiceTier.word(reply.serviceTier, for: .chatCompletions) {
            body.add("service_tier", .string(tier))
        }
        losses.drop(tier: reply.serviceTier, of: reply.origin, for: .chatCompletions)
        if isOwn { for (key, value) in reply.extras { body[key] = value } }
        return .object(body)
    }

    private mutating func choice(_ choice: Reply.Choice) -> JSON {
        var writer = ChatMessageWriter(context, isOwn: isOwn, citesAside: reply.extras["citations"] != nil)
        var parts = choice.parts
        if let words = choice.stop?.explainingWords { parts.append(Part(.refusal(words))) }
        var message = writer.message(parts)
        losses.add(writer.losses)
        var object = JSONObject(capacity: 4)
        object.add("index", .int(Int64(choice.index)))
        var extras = isOwn ? choice.extras : JSONObject()
        losses.dropUnplaced(in: choice, for: .chatCompletions, isOwn: isOwn)
        if let more = extras["message"]?.object {
            for (key, value) in more where message[key] == nil { message[key] = value }
            extras["message"] = nil
        }
        object.add("message", .object(message))
        object.add("logprobs", choice.logprobs ?? .null)
        let stop = choice.stop ?? Stop(.endTurn)
        let hasCalls = message["tool_calls"] != nil || message["function_call"] != nil
        let word = ChatStop.word(
            stop, hasCalls: hasCalls || (isOwn && stop.reason == .toolUse),
            isLegacy: context.request.usesLegacyFunctions, hasRefusal: message["refusal"]?.string != nil)
        object.add("finish_reason", .string(word))
        if let sequence = choice.stop?.sequence { object["stop_reason"] = .string(sequence) }
        for (key, value) in extras { object[key] = value }
        return .object(object)
    }
}

/// Writes the parts of one choice as a message.
struct ChatMessageWriter {
    private let context: ReplyContext
    private let isOwn: Bool
    /// The reply has Perplexity's `citations` of its own beside its choices.
    private let citesAside: Bool
    private let customNames: Set<String>
    private(set) var losses = LossReport()
    private var text = ""
    private var textCount = 0
    private var hasText = false
    private var refusal: String?
    private var thoughts: [Part] = []
    private var annotations: [JSON] = []
    private var calls: [JSON] = []
    private var images: [JSON] = []
    private var message = JSONObject(capacity: 4)
    private var textProofs: [Proof] = []

    init(_ context: ReplyContext, isOwn: Bool, citesAside: Bool) {
        self.context = context
        self.isOwn = isOwn
        self.citesAside = citesAside
        customNames = ChatToolNames.customNames(in: context.request.tools)
        message.add("role", "assistant")
        message.add("content", .null)
        message.add("refusal", .null)
    }

    mutating func message(_ parts: [Part]) -> JSONObject {
        for part in parts { add(part) }
        // An answer of nothing but calls has no content; one of nothing at all has an empty one.
        let isEmpty = calls.isEmpty && message["function_call"] == nil && refusal == nil && message["audio"] == nil
        if hasText || isEmpty { message["content"] = .string(text) }
        if isOwn, parts.contains(where: isChunk) { message["content"] = chunks(of: parts) }
        if let refusal { message["refusal"] = .string(refusal) }
        if !annotations.isEmpty { message["annotations"] = .array(annotations) }
        writeThoughts()
        if !images.isEmpty { message["images"] = .array(images) }
        if !calls.isEmpty { message["tool_calls"] = .array(calls) }
        return message
    }

    private func isChunk(_ part: Part) -> Bool {
        if case .native(let native) = part.content { return native["type"] != nil && native["function"] == nil }
        return false
    }

    /// Mistral's list of chunks, which nothing else can hold.
    private func chunks(of parts: [Part]) -> JSON {
        .array(
            parts.compactMap { part in
                switch part.content {
                case .text(let text): ["type": "text", "text": .string(text.text)]
                case .native(let native): native
                default: nil
                }
            })
    }

    private mutating func add(_ part: Part) {
        switch part.content {
        case .text(let text): add(text, part)
        case .refusal(let text): refusal = (refusal ?? "") + text
        case .reasoning: thoughts.append(part)
        case .toolCall(let call): add(call, part)
        case .media(let media):
            losses.dropProof(of: part)
            add(media, part)
        case .serverTool: losses.drop("server_tool_use")
        case .native(let native):
            if !isOwn { losses.drop("content") } else if native["function"] != nil { calls.append(native) }
        case .toolResult: losses.drop("tool_result")
        }
    }

    private mutating func add(_ text: Text, _ part: Part) {
        hasText = true
        let count = text.citations.isEmpty ? 0 : text.text.unicodeScalars.count
        let start = text.citations.isEmpty ? 0 : self.text.unicodeScalars.count
        for citation in text.citations {
            if let annotation = ChatCitations.annotation(citation, start: start, count: count) {
                if !(isOwn && citesAside && citation.native == nil) { annotations.append(annotation) }
            } else {
                losses.drop("citations")
            }
        }
        self.text += text.text
        if let proof = part.proof { textProofs.append(proof) }
    }

    private mutating func add(_ call: ToolCall, _ part: Part) {
        var call = call
        if call.kind == .function, customNames.contains(call.name) {
            call.kind = .custom
            call.arguments = ChatToolNames.input(ofArguments: call.arguments)
        }
        if !isOwn, call.kind == .function { call.arguments = ChatCalls.parseable(call.arguments) }
        if context.request.usesLegacyFunctions || part.form == "function_call" {
            guard message["function_call"] == nil else {
                losses.drop("tool_calls")
                return
            }
            message["function_call"] = ["name": .string(call.name), "arguments": .string(call.arguments)]
            return
        }
        var written = ChatCalls.call(call, id: call.id)
        if isOwn { written.overlay(part.extras) }
        if let proof = part.proof {
            written["extra_content"] = ChatReasoning.extraContent(with: proof, beside: written["extra_content"])
        }
        calls.append(.object(written))
    }

    private mutating func add(_ media: Media, _ part: Part) {
        switch (media.kind, media.source) {
        case (.audio, .base64(let data)) where message["audio"] == nil:
            var audio: JSONObject = [
                "id": .string(part.id ?? "audio_" + context.requestID), "data": .string(data),
                "transcript": .string(media.transcript ?? ""),
            ]
            audio["expires_at"] = part.extras["expires_at"] ?? .int(context.created)
            message["audio"] = .object(audio)
        case (.image, .base64(let data)):
            let type = media.imageType
            images.append(["type": "image_url", "image_url": ["url": .string(DataURL.written(type, data))]])
        case (.image, .url(let url)):
            images.append(["type": "image_url", "image_url": ["url": .string(url)]])
        default: losses.drop(media.kind.rawValue)
        }
    }

    private mutating func writeThoughts() {
        if thoughts.isEmpty, textProofs.isEmpty { return }
        let details = isOwn ? thoughts.filter(ChatReasoning.isDetail) : []
        if !details.isEmpty {
            message["reasoning_details"] = .array(
                details.enumerated().compactMap { ChatReasoning.detail(of: $0.element, at: $0.offset) })
        }
        let others = details.isEmpty ? thoughts : thoughts.filter { !ChatReasoning.isDetail($0) }
        var visible = ""
        for part in others {
            guard let text = part.reasoning?.visibleText, !text.isEmpty else { continue }
            if ChatReasoning.isApart(part, isFirst: visible.isEmpty, isOwn: isOwn) {
                visible += ChatReasoning.blankLine
            }
            visible += text
        }
        var isNamed = false
        for name in ChatReasoning.plainNames {
            guard let text = ChatReasoning.plain(name, of: details) else { continue }
            message[name] = .string(visible + text)
            isNamed = true
        }
        if !isNamed, !visible.isEmpty { message["reasoning_content"] = .string(visible) }
        var blocks: [JSON] = []
        if others.contains(where: ChatReasoning.needsBlock) {
            blocks = others.compactMap { $0.reasoning.map(ChatReasoning.block) }
        }
        blocks += textProofs.map(ChatReasoning.block(ofProofOfNext:))
        if !blocks.isEmpty { message["thinking_blocks"] = .array(blocks) }
    }
}
