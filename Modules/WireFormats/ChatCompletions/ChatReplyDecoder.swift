import JSONText

/// Reads a whole reply of an OpenAI-compatible provider.
enum ChatReplyDecoder {
    static func decode(_ body: JSON) throws(ReplyError) -> Reply {
        var (reply, choices) = try self.reply(body, origin: .chatCompletions)
        var numbers = ChoiceNumbers()
        for (index, value) in choices.enumerated() {
            var choice = try self.choice(value, at: index, of: reply)
            choice.index = numbers.free(choice.index)
            reply.choices.append(choice)
        }
        return reply
    }

    /// What stands around the choices, and the choices themselves.
    static func reply(_ body: JSON, origin: Dialect) throws(ReplyError) -> (Reply, choices: [JSON]) {
        if let error = ProviderError(reportedIn: body) { throw .failed(error) }
        guard case .object(let object) = body else { throw .malformed("the reply is no object") }
        guard let choices = object["choices"]?.array else { throw .malformed("the reply has no 'choices'") }
        if let failure = failure(of: choices) { throw .failed(failure) }
        var reply = Reply(origin: origin)
        let head = ChatReplyHead(object)
        reply.id = head.id
        reply.model = head.model
        reply.created = head.created
        reply.serviceTier = head.serviceTier
        reply.extras = head.extras
        reply.usage = ChatUsage.read(in: body)
        return (reply, choices)
    }

    /// The failure that ended a choice, though the status says 200: OpenRouter's `error` in it, or the word `error` alone
    /// (Mistral's and OpenRouter's `finish_reason`).
    static func failure(of choices: [JSON]) -> ProviderError? {
        for choice in choices {
            let own = choice["error"].flatMap { ProviderError(reportedIn: JSON.object(JSONObject("error", $0))) }
            // Servers fill the member with nothing, too.
            if let own, !own.message.isEmpty || own.code.map({ $0 != "0" }) ?? false { return own }
            if choice["finish_reason"]?.isString("error") == true {
                return ProviderError(message: "The generation ended with 'error'.", kind: .server)
            }
        }
        return nil
    }

    private static func choice(_ value: JSON, at index: Int, of reply: Reply) throws(ReplyError) -> Reply.Choice {
        guard case .object(let object) = value else { throw .malformed("choices[\(index)] is no object") }
        var choice = Reply.Choice(index: object["index"]?.int.flatMap { Int(exactly: $0) } ?? index)
        // Perplexity sends an empty `delta` beside the message.
        let message = object["message"]?.object ?? object["delta"]?.object ?? [:]
        var reader = ChatMessageReader(replyID: reply.id ?? "")
        choice.parts = reader.parts(of: message)
        if !reader.hasCitations, index == 0 { ChatReplyHead.cite(reply.extras, in: &choice.parts) }
        choice.logprobs = logprobs(object["logprobs"])
        choice.extras = extras(of: object)
        if !reader.leftover.isEmpty { choice.extras["message"] = .object(reader.leftover) }
        let hasCalls = choice.parts.contains(where: \.isToolCall)
        let hasRefusal = choice.parts.contains { if case .refusal = $0.content { true } else { false } }
        // Snowflake's word may be empty.
        let word = object["finish_reason"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        choice.stop = ChatStop.stop(word, hasCalls: hasCalls, hasRefusal: hasRefusal)
        if word != nil { noteSequence(object["stop_reason"], &choice.stop) }
        return choice
    }

    /// vLLM and its kin tell which stop sequence fired (a text; a number is a token).
    static func noteSequence(_ value: JSON?, _ stop: inout Stop?) {
        guard let sequence = value?.string, stop?.reason == .endTurn else { return }
        stop?.reason = .stopSequence
        stop?.sequence = sequence
    }

    /// nil where nothing is in it: Snowflake sends `{"content": null, "refusal": null}`.
    static func logprobs(_ value: JSON?) -> JSON? {
        guard case .object(let object) = value, object.contains(where: { !$0.value.isNull }) else { return nil }
        return value
    }

    /// Members of a choice that have no name here.
    ///
    /// `text` repeats the content (Together); `obfuscation` is padding; an `error` is a failure.
    static func extras(of choice: JSONObject) -> JSONObject {
        choice.present(beside: known)
    }

    private static let known = [
        "index", "message", "delta", "finish_reason", "logprobs", "text", "obfuscation", "error",
    ]
}

/// What stands beside the choices of a reply or a chunk.
struct ChatReplyHead {
    var id: String?
    var model: String?
    var created: Int64?
    var serviceTier: String?
    var extras = JSONObject()

    init(_ object: JSONObject) {
        func text(_ name: String) -> String? {
            guard case .string(let text) = object[name], !text.isEmpty else { return nil }
            return text
        }
        id = text("id")
        model = text("model")
        // Writer sends it as text, others as a real.
        switch object["created"] {
        case .int(let seconds)?: created = seconds
        case .real(let seconds)?: created = Int64(exactly: seconds.rounded())
        case .string(let text)?: created = Int64(text)
        default: break
        }
        serviceTier = text("service_tier")
        extras = object.present(beside: Self.known)
    }

    /// `p` (Mistral) and `obfuscation` (OpenAI, Azure) are padding against guessing lengths.
    private static let known = [
        "id", "model", "created", "service_tier", "object", "choices", "usage", "p", "obfuscation",
    ]

    /// Perplexity's `citations` and `search_results` belong to the text, by the number in its brackets.
    ///
    /// Source: https://docs.perplexity.ai/api-reference/chat-completions-post (read on 2026-11-29).
    static func citations(_ extras: JSONObject) -> [Citation] {
        guard extras.holds("search_results") || extras.holds("citations") else { return [] }
        let results = extras["search_results"]?.array ?? []
        let titles = Dictionary(
            results.map { ($0["url"]?.string ?? "", $0["title"]?.string) }, uniquingKeysWith: { first, _ in first })
        return (extras["citations"]?.array ?? results.compactMap { $0["url"] }).compactMap(\.string).map { url in
            Citation(url: url, title: titles[url] ?? nil)
        }
    }

    static func cite(_ extras: JSONObject, in parts: inout [Part]) {
        let citations = citations(extras)
        guard !citations.isEmpty, let index = parts.lastIndex(where: { $0.text != nil }),
            case .text(var text) = parts[index].content
        else { return }
        text.citations = citations
        parts[index].content = .text(text)
    }
}

/// Reads the message of a reply, in which nothing is an error: what is not known is kept.
struct ChatMessageReader {
    private let replyID: String
    private(set) var hasCitations = false
    /// Members that have no name here.
    private(set) var leftover = JSONObject()
    private var parts: [Part] = []
    private var calls = 0

    init(replyID: String) { self.replyID = replyID }

    mutating func parts(of message: JSONObject) -> [Part] {
        var members = ChatMembers(message)
        _ = members.take("role")
        _ = members.take("padding")
        var plain: [(name: String, text: String)] = []
        for name in ChatReasoning.plainNames {
            if let text = members.take(name)?.string, !text.isEmpty { plain.append((name, text)) }
        }
        let thinking = ChatReasoning.found(
            plain: plain, details: members.take("reasoning_details")?.array,
            blocks: members.take("thinking_blocks")?.array, keepsExtras: false)
        if !thinking.parts.isEmpty { parts = thinking.parts.map(ChatMessageReader.inReply) }
        let first = parts.count
        readContent(members.take("content"))
        readCitations(&members)
        if let refusal = members.take("refusal")?.string, !refusal.isEmpty { parts.append(Part(.refusal(refusal))) }
        readMedia(&members)
        if let calls = members.take("tool_calls")?.array {
            for call in calls { readCall(call) }
        }
        readLegacyCall(members.take("function_call"))
        if let proof = thinking.proofOfNext, parts.indices.contains(first) { parts[first].proof = proof }
        leftover = members.leftover
        if leftover.isEmpty { return parts }
        for name in ["annotations", "images", "tool_calls"] where leftover[name]?.array?.isEmpty == true {
            leftover[name] = nil
        }
        return parts
    }

    /// In a reply, how thinking was written matters only where it is OpenRouter's list, beside which the plain text keeps its
    /// name, or where it stood apart: plain texts are all alike.
    private static func inReply(_ part: Part) -> Part {
        var part = part
        guard let form = part.form, !ChatReasoning.isDetail(part) else { return part }
        part.form = nil
        if form.contains(ChatReasoning.blankLine) { part.form = ChatReasoning.apart }
        return part
    }

    private mutating func readContent(_ content: JSON?) {
        switch content {
        case .string(let text): if !text.isEmpty { parts.append(.text(text)) }
        case .array(let chunks):
            for chunk in chunks { parts.append(ChatMessageReader.part(ofChunk: chunk)) }
        // Cloudflare's structured output is the object itself.
        case .object: parts.append(.text(content?.text ?? ""))
        default: break
        }
    }

    /// A chunk of a content that is a list: Mistral's `text`, `thinking` and `reference`.
    static func part(ofChunk chunk: JSON) -> Part {
        guard var part = try? ChatPartDecoder.part(chunk, at: "content") else { return Part(.native(chunk)) }
        if part.reasoning != nil {
            part.form = nil
            part.extras = JSONObject()
        }
        return part
    }

    private mutating func readCitations(_ members: inout ChatMembers) {
        guard let annotations = members.peek("annotations")?.array, !annotations.isEmpty,
            let index = parts.lastIndex(where: { $0.text != nil }), case .text(var text) = parts[index].content
        else { return }
        _ = members.take("annotations")
        text.citations = annotations.map(ChatCitations.citation)
        parts[index].content = .text(text)
        hasCitations = true
    }

    private mutating func readMedia(_ members: inout ChatMembers) {
        if let audio = members.take("audio")?.object, let part = ChatMessageReader.audio(audio) { parts.append(part) }
        guard let images = members.peek("images")?.array else { return }
        let found = images.compactMap(ChatMessageReader.image)
        guard found.count == images.count else { return }
        _ = members.take("images")
        parts += found
    }

    /// `{"id","data","transcript","expires_at"}`; nil where nothing is in it (Snowflake).
    static func audio(_ audio: JSONObject) -> Part? {
        let data = audio["data"]?.string ?? ""
        let transcript = audio["transcript"]?.string ?? ""
        let id = audio["id"]?.string ?? ""
        guard !data.isEmpty || !transcript.isEmpty || !id.isEmpty else { return nil }
        var media = Media(.audio, .base64(data))
        media.transcript = transcript.isEmpty ? nil : transcript
        var part = Part(.media(media), id: id.isEmpty ? nil : id)
        if let expires = audio["expires_at"], !expires.isNull { part.extras["expires_at"] = expires }
        return part
    }

    /// OpenRouter's `images`: parts as in a request.
    static func image(_ value: JSON) -> Part? {
        guard let url = value["image_url"]?["url"]?.string else { return nil }
        return Part(.media(Media(.image, dataURL: url) ?? Media(.image, .url(url))))
    }

    private mutating func readCall(_ value: JSON) {
        guard let object = value.object else { return }
        var members = ChatMembers(object)
        let id = members.take("id")?.string ?? ""
        var call = ToolCall(id: id.isEmpty ? ToolIDs.made(from: replyID, index: calls) : id, name: "")
        if let custom = members.peek("custom")?.object {
            call.kind = .custom
            call.name = custom["name"]?.string ?? ""
            call.arguments = custom["input"]?.string ?? ""
        } else if let function = members.peek("function")?.object {
            call.name = function["name"]?.string ?? ""
            let arguments = function["arguments"]
            call.arguments = arguments?.string ?? arguments.flatMap { $0.isNull ? nil : $0.text } ?? ""
        } else {
            parts.append(Part(.native(value)))
            return
        }
        var part = Part(.toolCall(call))
        part.proof = ChatReasoning.takeProof(ofCall: &members)
        for name in ["type", "index", "custom", "function"] { _ = members.take(name) }
        part.extras = members.leftover
        parts.append(part)
        calls += 1
    }

    private mutating func readLegacyCall(_ value: JSON?) {
        guard let name = value?["name"]?.string, !name.isEmpty else { return }
        let id = ToolIDs.made(from: replyID, index: calls)
        var part = Part(.toolCall(ToolCall(id: id, name: name, arguments: value?["arguments"]?.string ?? "")))
        part.form = "function_call"
        parts.append(part)
        calls += 1
    }
}
