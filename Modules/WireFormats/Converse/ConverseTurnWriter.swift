import JSONText

/// Turns and parts as Converse's `system` and `messages`.
struct ConverseTurnWriter {
    struct Message {
        var role: String
        var blocks: [ConverseBlock]
        var extras = JSONObject()
    }

    var messages: [Message] = []
    var system: [ConverseBlock] = []
    var losses: LossReport
    /// The names of the tools that the history calls, each once, as they are sent.
    private(set) var calls: [String] = []
    private var calledNames: Set<String> = []

    private let clientNames: ClientNames
    private let family: ConverseFamily
    private let model: String
    private let names: ToolNames
    private let isSame: Bool
    private var hasEmptied = false
    private var media: ConverseMediaWriter
    private var callIDs: Set<String> = []

    init(
        _ origin: Dialect, _ family: ConverseFamily, _ model: String, _ names: ToolNames, _ clientNames: ClientNames,
        _ losses: LossReport
    ) {
        self.model = model
        self.clientNames = clientNames
        self.family = family
        self.names = names
        self.losses = losses
        isSame = origin == .converse
        media = ConverseMediaWriter(family, isSame: isSame)
    }

    mutating func write(_ turns: [Turn]) throws(RequestError) {
        for (index, turn) in turns.enumerated() { try write(turn, index) }
        guard !isSame else { return }
        for index in messages.indices { ConverseTurnWriter.finish(&messages[index]) }
        if family == .claude { trimEnd() }
        if let first = messages.first, first.role != "user" {
            // "A conversation must start with a user message."
            throw RequestError(
                message: "Invalid 'messages': this provider's conversations begin with a user message.",
                param: "messages", code: "invalid_value")
        }
    }

    private mutating func trimEnd() {
        guard let last = messages.indices.last, messages[last].role == "assistant",
            let block = messages[last].blocks.indices.last,
            let kept = messages[last].blocks[block].json["text"]?.string?.trimmedAtEnd
        else { return }
        messages[last].blocks[block].json["text"] = .string(kept)
        losses.adjust(clientNames["content"])
    }

    private mutating func write(_ turn: Turn, _ number: Int) throws(RequestError) {
        var blocks: [ConverseBlock] = []
        for (index, part) in turn.parts.enumerated() {
            try write(part, turn.role, BodyPlace("messages", number, "content", index), &blocks)
        }
        if !isSame { losses.drop(turn.extras) }
        if !isSame, turn.name != nil { losses.drop("name") }
        switch turn.role {
        case .system where isSame && !turn.isTopLevel: add("system", blocks, turn)
        case .system, .developer:
            if isSame || messages.isEmpty { system += blocks } else { addInstruction(blocks, turn) }
        case .user, .tool: add("user", blocks, turn)
        case .assistant: add("assistant", blocks, turn)
        }
    }

    private mutating func add(_ role: String, _ blocks: [ConverseBlock], _ turn: Turn) {
        // A turn of which nothing is left is none; its neighbours, which have one role, are one turn then.
        if isSame, blocks.isEmpty, !turn.parts.isEmpty {
            hasEmptied = true
        } else if !isSame || hasEmptied, let last = messages.indices.last, messages[last].role == role {
            messages[last].blocks += blocks
        } else if isSame || !blocks.isEmpty {
            messages.append(Message(role: role, blocks: blocks, extras: isSame ? turn.extras : [:]))
        }
    }

    /// A system prompt in the middle. (`system` is a role of messages since botocore 1.44, but its documentation names no
    /// model that takes text there.)
    private mutating func addInstruction(_ blocks: [ConverseBlock], _ turn: Turn) {
        let words = blocks.compactMap { $0.json["text"]?.string }.joined(separator: "\n\n")
        guard !words.isEmpty else { return }
        losses.adjust("role")
        let marker = blocks.last { $0.cache != nil }?.cache
        add("user", [ConverseBlock(["text": .string("<system>\(words)</system>")], cache: marker)], turn)
    }

    /// Results of tools come first, as the provider wants them right behind their calls; a document has a text beside it.
    ///
    /// Static: a method's `self` would be a second owner of the messages, and each call would copy them all.
    private static func finish(_ message: inout Message) {
        let blocks = message.blocks
        if blocks.contains(where: \.isToolResult) {
            message.blocks = blocks.filter(\.isToolResult) + blocks.filter { !$0.isToolResult }
        }
        guard let document = blocks.first(where: { $0.json["document"] != nil })?.json["document"],
            !blocks.contains(where: { $0.json["text"] != nil })
        else { return }
        // "If you include a ContentBlock with a document field in the array, you must also include a ContentBlock with a
        // text field" (Message, botocore 1.44.8).
        message.blocks.append(ConverseBlock(["text": document["name"] ?? "document"]))
    }

    /// A marker behind everything.
    mutating func markEnd(_ marker: CacheMarker) {
        guard let last = messages.indices.last, let block = messages[last].blocks.indices.last else { return }
        if messages[last].blocks[block].cache == nil { messages[last].blocks[block].cache = marker }
    }

    // MARK: - Parts

    private mutating func write(
        _ part: Part, _ role: Turn.Role, _ place: BodyPlace, _ blocks: inout [ConverseBlock]
    ) throws(RequestError) {
        let count = blocks.count
        // A proof on a part which is no thinking: nobody behind Bedrock makes such.
        if part.proof != nil { losses.drop("reasoning") }
        switch part.content {
        case .text(let text): writeText(text, part, &blocks)
        case .refusal(let words): writeText(Text(words), part, &blocks)
        case .media(let medium):
            let path = place.path
            if !isSame, role == .assistant || role == .system || role == .developer {
                throw RequestError(
                    message: "\(path): Bedrock takes images and files in user messages only.", param: path,
                    code: "unsupported_content")
            }
            blocks.append(ConverseBlock(try block(medium, part, path)))
        case .reasoning(let reasoning): writeReasoning(reasoning, part, &blocks)
        case .toolCall(let call): writeCall(call, part, &blocks)
        case .toolResult(let result): try writeResult(result, part, place.path, &blocks)
        case .serverTool(let use):
            if use.nativeDialect == .converse, isSame {
                blocks.append(ConverseBlock(use.native))
            } else {
                losses.drop("server_tool_use")
            }
        case .native(let native):
            if isSame {
                blocks.append(ConverseBlock(native))
            } else {
                losses.drop(mark: native)
            }
        }
        for index in count..<max(count, blocks.count) {
            blocks[index].isSame = isSame
            if isSame { for (key, value) in part.beside ?? [:] { blocks[index].json[key] = value } }
        }
        if !isSame { losses.dropExtras(of: part, isFound: found(part) != nil) }
        // Where the part itself is not sent, what stood before it may still be cached.
        guard let marker = part.cache else { return }
        if let last = blocks.indices.last, blocks[last].cache == nil {
            blocks[last].cache = marker
        } else {
            losses.drop(marker, clientNames)
        }
    }

    private mutating func block(_ medium: Media, _ part: Part, _ path: String) throws(RequestError) -> JSON {
        if let found = found(part) { return found.converse }
        return try media.block(medium, extras: part.extras, at: path, &losses)
    }

    /// A search result of another dialect that the model takes as one; to any other it is a document.
    private func found(_ part: Part) -> SearchResult? {
        guard !isSame, let found = SearchResult(part), family.takesSearchResults(model) else { return nil }
        return found
    }

    private mutating func writeText(_ text: Text, _ part: Part, _ blocks: inout [ConverseBlock]) {
        if isSame {
            blocks.append(ConverseBlock(ConverseTurnWriter.sameText(text, part)))
            return
        }
        // "The text field in the ContentBlock object at messages.0.content.0 is blank."
        guard !text.text.isBlank else { return }
        guard !text.citations.isEmpty else {
            blocks.append(ConverseBlock(.object(JSONObject("text", .string(text.text)))))
            return
        }
        let citations = family == .claude ? text.citations.filter(ConverseCitations.returns) : []
        if citations.count < text.citations.count { losses.drop("citations") }
        guard !citations.isEmpty else {
            blocks.append(ConverseBlock(["text": .string(text.text)]))
            return
        }
        blocks.append(ConverseBlock(ConverseTurnWriter.cited(text.text, citations)))
    }

    static func cited(_ text: String, _ citations: [Citation]) -> JSON {
        [
            "citationsContent": [
                "content": [["text": .string(text)]], "citations": .array(citations.map(ConverseCitations.written)),
            ]
        ]
    }

    /// The form of a text that stood among citations, though it has none. Where it was cut in several, the form is their
    /// list.
    static let citedForm = "citationsContent"

    /// A text of Converse's own, with what was about it.
    static func sameText(_ text: Text, _ part: Part) -> JSON {
        if let more = part.extras["guardContent"]?.object {
            var guarded: JSONObject = ["text": .string(text.text)]
            for (key, value) in more { guarded[key] = value }
            return ["guardContent": ["text": .object(guarded)]]
        }
        let cut = part.form.flatMap { (try? JSON.read($0))?.array }
        guard !text.citations.isEmpty || part.form == citedForm || cut != nil else {
            return ["text": .string(text.text)]
        }
        var object: JSONObject = [
            "content": .array(cut ?? [["text": .string(text.text)]]),
            "citations": .array(text.citations.map(ConverseCitations.written)),
        ]
        for (key, value) in part.extras { object[key] = value }
        return ["citationsContent": .object(object)]
    }

    private mutating func writeReasoning(_ reasoning: Reasoning, _ part: Part, _ blocks: inout [ConverseBlock]) {
        // Claude takes no thinking but its own.
        let isForeign = reasoning.proof.map { $0.origin != .anthropic } ?? (family == .claude)
        guard !isForeign, isSame || (reasoning.proof != nil && family.takesSignedThinking) else {
            losses.drop("reasoning")
            return
        }
        blocks.append(ConverseBlock(ConverseTurnWriter.block(reasoning, isSame ? part.extras : [:])))
    }

    static func block(_ reasoning: Reasoning, _ extras: JSONObject) -> JSON {
        if reasoning.isRedacted || reasoning.proof?.kind == .encrypted {
            let value = ConverseProofs.redacted(ofValue: reasoning.proof?.value ?? "")
            return ["reasoningContent": ["redactedContent": .string(value)]]
        }
        var visible: JSONObject = ["text": .string(reasoning.visibleText)]
        if let proof = reasoning.proof { visible["signature"] = .string(proof.value) }
        for (key, value) in extras { visible[key] = value }
        return ["reasoningContent": ["reasoningText": .object(visible)]]
    }

    private mutating func writeCall(_ call: ToolCall, _ part: Part, _ blocks: inout [ConverseBlock]) {
        let name = isSame ? call.name : names.written(call.name, namespace: call.namespace)
        let input: JSON
        if isSame, let value = try? JSON.read(call.arguments) {
            input = value
        } else {
            input = .object(losses.arguments(of: call, clientNames))
        }
        var object: JSONObject = [
            "toolUseId": .string(isSame ? call.id : ToolIDs.legal(call.id)), "name": .string(name), "input": input,
        ]
        if isSame { for (key, value) in part.extras { object[key] = value } }
        callIDs.insert(call.id)
        if calledNames.insert(name).inserted { calls.append(name) }
        blocks.append(ConverseBlock(["toolUse": .object(object)]))
    }

    private mutating func writeResult(
        _ result: ToolResult, _ part: Part, _ path: String, _ blocks: inout [ConverseBlock]
    ) throws(RequestError) {
        guard isSame || callIDs.contains(result.callID) else {
            throw RequestError.resultWithoutCall(at: path)
        }
        var content: [JSON] = []
        if let object = result.object, isSame {
            content = [["json": object]]
        } else {
            for (index, inner) in result.parts.enumerated() {
                if !isSame { losses.dropExtras(of: inner, isFound: found(inner) != nil) }
                if !isSame { losses.drop(inner.cache, clientNames) }
                // Google's `{"output": text}` only wraps a text; any other object is one.
                if index == 0, let object = result.object, object.object != nil, inner.text == object.text {
                    content.append(["json": object])
                } else if var block = try resultBlock(inner, "\(path).content[\(index)]") {
                    if isSame { for (key, value) in inner.beside ?? [:] { block[key] = value } }
                    content.append(block)
                }
            }
        }
        var object: JSONObject = [
            "toolUseId": .string(isSame ? result.callID : ToolIDs.legal(result.callID)), "content": .array(content),
        ]
        if let isError = result.isError {
            if isSame || (isError && family.takesResultStatus) {
                object["status"] = isError ? "error" : "success"
            } else if isError {
                losses.drop(clientNames["is_error"])
            }
        }
        if isSame { for (key, value) in part.extras { object[key] = value } }
        blocks.append(ConverseBlock(["toolResult": .object(object)]))
    }

    private mutating func resultBlock(_ part: Part, _ path: String) throws(RequestError) -> JSON? {
        switch part.content {
        case .text(let text):
            if isSame, part.form == "json", let value = try? JSON.read(text.text) { return ["json": value] }
            if isSame { return ConverseTurnWriter.sameText(text, part) }
            if text.text.isBlank { return nil }
            return ["text": .string(text.text)]
        case .refusal(let words):
            if words.isBlank { return nil }
            return ["text": .string(words)]
        case .media(let medium):
            guard isSame || medium.kind != .audio else {
                throw RequestError(
                    message: "\(path): Bedrock takes no audio in results of tools.", param: path,
                    code: "unsupported_content")
            }
            return try block(medium, part, path)
        case .native(let native) where isSame: return native
        case .native, .reasoning, .toolCall, .toolResult, .serverTool:
            losses.drop("content")
            return nil
        }
    }
}
