import JSONText

/// What a client names, or sends, and only the provider that made it can read: a stored conversation, a cached prompt, a
/// file in a container, a history that was compacted, what came of a tool that nobody else has.
///
/// It is content of the prompt, and so it is refused where it cannot go: a model that answers without it answers another
/// question. So is content of a type that nobody here knows, and a guard of the provider's: who set it counts on it.
extension Conversation {
    /// - Throws: a 400 that names the client's own member, or the place of the part in the conversation.
    func requireNoContentOfItsProvider() throws(RequestError) {
        for (name, why) in membersOfItsProvider {
            guard let value = extras[name], !value.isNull, value != "", value != [:], value != [] else { continue }
            let member = spelling?.snakeCase.contains(name) == true ? GoogleMembers.snakeCase(name) : name
            throw Conversation.refused(member, why)
        }
        var hosted: Set<String> = []
        for (index, turn) in turns.enumerated() {
            for (number, part) in turn.parts.enumerated() {
                if case .serverTool(let use) = part.content, use.nativeDialect == .responses {
                    if use.phase == .call, !ResponsesItems.isClientRun(use.native), let id = use.id {
                        hosted.insert(id)
                    }
                    guard ResponsesItems.isClientsOutput(use, hosted: hosted) else { continue }
                    throw Conversation.refused(BodyPlace("messages", index, "content", number).path, Conversation.ran)
                }
                guard let why = whyItStays(part) else { continue }
                throw Conversation.refused(BodyPlace("messages", index, "content", number).path, why)
            }
        }
    }

    /// Each with why it stays there. The text behind an answer, `suffix`, is prompt as well.
    ///
    /// Sources: https://platform.openai.com/docs/api-reference/responses/create, https://ai.google.dev/api/caching,
    /// botocore 1.44.8 (`ConverseRequest`), read on 2026-11-29; of Model Armor, recorded calls of Vertex; of threads,
    /// anthropic 2.14.0 (`lib/threads`), read on 2026-11-30.
    private var membersOfItsProvider: [(name: String, why: String)] {
        switch origin {
        case .responses: [("conversation", Conversation.kept), ("prompt", Conversation.kept)]
        case .generateContent: [("cachedContent", Conversation.kept), ("modelArmorConfig", Conversation.guards)]
        case .converse: [("promptVariables", Conversation.fills), ("guardrailConfig", Conversation.guards)]
        case .completions: [("suffix", Conversation.unknown)]
        case .messages: [("thread", Conversation.threads)]
        case .chatCompletions, .cohereChat, .ollamaChat, .embeddings: []
        }
    }

    private static let kept = "it is kept at the provider that made it, and can't be sent to this one"
    private static let fills = "the prompt that they fill is kept at Bedrock, and can't be sent to this provider"
    private static let threads = "the turns before are kept at Anthropic, and this provider has no threads"
    private static let guards = "it is a safety control, and the provider of this model can't apply it"
    private static let made = "only the provider that made it can read it"
    private static let ran = "it is the result of a tool which the provider of this model does not have"
    private static let unknown = "the provider of this model takes no such content"

    /// - Returns: nil where the part may go elsewhere, or be left out.
    private func whyItStays(_ part: Part) -> String? {
        switch part.content {
        case .native(let native):
            if origin == .responses, ResponsesItems.isReference(native) { return Conversation.kept }
            // Thinking in Chat's own members, of a type that nobody knows.
            if let form = part.form, form.hasPrefix("reasoning_details") || form.hasPrefix("thinking_blocks") {
                return nil
            }
            return switch native["type"]?.string {
            case "compaction" where origin == .responses || origin == .messages: Conversation.made
            case "container_upload" where origin == .messages: Conversation.kept
            default: isMark(native) ? nil : Conversation.unknown
            }
        case .toolResult(let result): return whyTheyStay(result.parts)
        case .media(let media):
            guard case .parts(let parts) = media.source else { return nil }
            return whyTheyStay(parts)
        case .text, .refusal, .reasoning, .toolCall, .serverTool: return nil
        }
    }

    private func whyTheyStay(_ parts: [Part]) -> String? {
        for part in parts { if let why = whyItStays(part) { return why } }
        return nil
    }

    /// What stands among the parts and tells the model nothing, or nothing but its own thinking: it is left out and
    /// reported.
    private func isMark(_ native: JSON) -> Bool {
        switch origin {
        // Mistral's thinking in pieces of other kinds than text, and the numbers of its sources
        // (https://docs.mistral.ai/capabilities/reasoning and https://docs.mistral.ai/capabilities/citations, read on
        // 2026-11-29).
        case .chatCompletions, .cohereChat: ["thinking", "reference"].contains(native["type"]?.string)
        // Where another model took over (https://platform.claude.com/docs/en/build-with-claude/refusals-and-fallback, read on
        // 2026-11-29), and the tools that a search found: they are among the tools.
        case .messages: ["fallback", "tool_reference"].contains(native["type"]?.string)
        case .generateContent: native.hasOnly(Conversation.googleMarks)
        // A cache point with nothing before it, and thinking of a shape that nobody knows.
        case .converse: native.hasOnly(["cachePoint", "reasoningContent"])
        case .responses, .completions, .ollamaChat, .embeddings: false
        }
    }

    /// Takes the marks out of what tools gave back and of documents that are made of parts: of such a list each dialect
    /// would make another thing than nothing. After ``requireNoContentOfItsProvider()`` they are all that only the
    /// client's dialect knows.
    mutating func takeInnerMarks(_ losses: inout LossReport) {
        let names = ClientNames(origin)
        for turn in turns.indices {
            for part in turns[turn].parts.indices where turns[turn].parts[part].holdsMarks {
                turns[turn].parts[part].takeMarks(names, &losses)
            }
        }
    }

    /// Takes the refusals out of answers that have a text, for dialects in which both would be the model's words: beside a text
    /// stands what a provider says about cutting it (docs/WIREFORMATS.md, rule 14). One alone is the answer.
    mutating func takeRefusalsBesideTexts(_ losses: inout LossReport) {
        let names = ClientNames(origin)
        for turn in turns.indices where turns[turn].role == .assistant {
            let parts = turns[turn].parts
            guard parts.contains(where: \.isRefusal), parts.contains(where: { $0.text?.isBlank == false }) else {
                continue
            }
            for part in parts where part.isRefusal {
                losses.drop("refusal")
                losses.drop(part.extras)
                losses.drop(part.cache, names)
            }
            turns[turn].parts.removeAll(where: \.isRefusal)
        }
    }

    /// Members of a part about what it holds (https://ai.google.dev/api/caching#Part, read on 2026-11-29).
    private static let googleMarks: Set<String> = [
        "thought", "thoughtSignature", "thought_signature", "partMetadata", "part_metadata", "videoMetadata",
        "video_metadata", "mediaResolution", "media_resolution",
    ]

    private static func refused(_ path: String, _ why: String) -> RequestError {
        RequestError(message: "Invalid '\(path)': \(why).", param: path, code: "unsupported_content")
    }
}

extension Part {
    fileprivate var inner: [Part] {
        get {
            switch content {
            case .toolResult(let result): return result.parts
            case .media(let media): if case .parts(let parts) = media.source { return parts }
            default: break
            }
            return []
        }
        set {
            switch content {
            case .toolResult(var result):
                result.parts = newValue
                content = .toolResult(result)
            case .media(var media):
                media.source = .parts(newValue)
                content = .media(media)
            default: break
            }
        }
    }

    fileprivate var holdsMarks: Bool { inner.contains { $0.isNative || $0.holdsMarks } }

    fileprivate var isRefusal: Bool {
        if case .refusal = content { return true }
        return false
    }

    /// Of a type that has no name in the model.
    var isNative: Bool {
        if case .native = content { return true }
        return false
    }

    fileprivate mutating func takeMarks(_ names: ClientNames, _ losses: inout LossReport) {
        guard holdsMarks else { return }
        var kept: [Part] = []
        for var part in inner {
            if case .native(let native) = part.content {
                losses.drop(mark: native)
                losses.drop(part.cache, names)
                continue
            }
            part.takeMarks(names, &losses)
            kept.append(part)
        }
        inner = kept
    }
}

extension LossReport {
    /// Reports what stands beside the member that says what a block is (``Part/beside``): only Converse has a place for it.
    mutating func dropMembersBeside(in conversation: Conversation) {
        guard conversation.origin == .converse else { return }
        for turn in conversation.turns { dropMembersBeside(in: turn.parts) }
    }

    private mutating func dropMembersBeside(in parts: [Part]) {
        for part in parts {
            if let beside = part.beside { drop(beside) }
            dropMembersBeside(in: part.inner)
        }
    }

    /// Reports what only the client's dialect knows and tells the model nothing: by its type; without one, by its members.
    mutating func drop(mark: JSON) {
        if let type = mark["type"]?.string { drop(type) } else { drop(mark.object ?? [:]) }
    }
}

extension JSON {
    /// An object with no other members than these, but for `null`.
    fileprivate func hasOnly(_ names: Set<String>) -> Bool {
        object?.allSatisfy { names.contains($0.key) || $0.value.isNull } ?? false
    }
}
