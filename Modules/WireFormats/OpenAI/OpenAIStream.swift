import JSONText

/// Follows the events of a chat or completions stream: what each is, whether the client gets it, and what was used.
///
/// Rules
/// 1. The last usage counts; usages are never added up (some providers send a running one in every chunk).
/// 2. A chunk is hidden only where `hidesUsage` is set, its `choices` are empty and it has a usage: that is the chunk
///    which `stream_options.include_usage` adds. All else goes to the client byte for byte, but for rules 3 to 5.
/// 3. JSON that says nothing to us is forwarded: the client's SDK may know more than we do. What is no JSON goes to nobody,
///    but for an event that is named `error`: its words are told.
/// 4. Nothing goes to the client behind `[DONE]`, nor behind an error, where a `[DONE]` would claim a whole answer.
/// 5. A client that asked gets its usage in one chunk with `choices: []`: ``usageChunk()``, where the provider sends none. What
///    comes with the end beside choices (OpenRouter, DeepSeek, Mistral and many more, recorded) is taken out there, as clients
///    add up what chunks say (https://github.com/langchain-ai/langchainjs/pull/11457, read on 2026-11-30). A running one stays.
public struct OpenAIStream: Sendable {
    /// What an event is.
    public enum Kind: Equatable, Sendable {
        /// A chunk with at least one choice.
        case content
        /// A chunk without choices that tells the usage.
        case usage
        /// The provider reports that it failed; see `OpenAIReply.error`.
        case error
        /// `[DONE]`.
        case done
        /// A comment or a blank line.
        case keepAlive
        /// Its data is no JSON: the stream cannot be followed any further.
        case broken
        /// It comes behind the end or behind an error, and its usage counts; or it is none: neither fields nor comments.
        case surplus
        /// Anything else, such as Azure's first chunk with the prompt's filter results.
        case other
    }

    /// What became of an event.
    public struct Reading: Equatable, Sendable {
        /// What the event is.
        public let kind: Kind
        /// Whether the client gets the event.
        public let isForwarded: Bool
        /// Where in the event's data the usage stands that goes into ``usageChunk()``: the client gets null there.
        public var movedUsage: Range<Int>?
    }

    /// The client did not ask for the usage chunk, the gateway did.
    public let hidesUsage: Bool
    /// What the stream last said that it used.
    public private(set) var usage: TokenUsage?
    /// `[DONE]` came.
    public private(set) var isDone = false
    /// A choice came with a `finish_reason`. Perplexity and others never send `[DONE]`.
    public private(set) var sawFinishReason = false
    /// The provider reported an error inside the stream.
    public private(set) var sawError = false
    /// Chunks with a choice.
    public private(set) var contentChunks = 0
    /// Bytes of all texts so far, as JSON: what a broken stream's output is estimated from.
    public private(set) var textBytes = 0

    private(set) var template: ChunkTemplate?
    /// The last usage that stood beside choices, as JSON text; empty where the client did not ask for any.
    private(set) var usageBesideChoices: [UInt8] = []
    /// A usage came beside choices before the end, as some always send it, and vLLM on demand (`continuous_usage_stats`).
    private var hasRunningUsage = false

    /// A stream before its first event.
    public init(hidesUsage: Bool) {
        self.hidesUsage = hidesUsage
    }

    /// Whether the answer came to its end.
    public var isComplete: Bool { isDone || sawFinishReason && !sawError }

    /// Takes the next event.
    public mutating func read(_ event: SSEEvent) -> Reading {
        if isDone || sawError { return readSurplus(event) }
        guard let data = event.data else {
            guard event.isStray else { return Reading(kind: .keepAlive, isForwarded: true) }
            sawError = event.bareError != nil
            return Reading(kind: sawError ? .error : .surplus, isForwarded: sawError)
        }
        if event.dataIs("[DONE]") {
            isDone = true
            return Reading(kind: .done, isForwarded: true)
        }
        let isErrorEvent = event.isNamed("error")
        let document = JSONView(unchecked: data)
        if document != nil, !isErrorEvent, !JSONScanner.isJSON(data) {
            return Reading(kind: .broken, isForwarded: false)
        }
        guard let root = document, root.kind == .object else {
            // Gemini's compatible path has its error in an array.
            let isError = isErrorEvent || document.flatMap { ProviderError(reportedIn: $0) } != nil
            if isError { sawError = true }
            return Reading(kind: isError ? .error : .other, isForwarded: true)
        }
        return read(root, isErrorEvent: isErrorEvent)
    }

    /// An event behind the end belongs to no answer. Of the last line end its second half may come late.
    private mutating func readSurplus(_ event: SSEEvent) -> Reading {
        if event.isLineEnd { return Reading(kind: .keepAlive, isForwarded: true) }
        var after = OpenAIStream(hidesUsage: true)
        _ = after.read(event)
        usage = after.usage ?? usage
        return Reading(kind: .surplus, isForwarded: false)
    }

    /// What a chunk says of its use: the counts, the object that has them, and whether that is the member `usage`.
    private struct ChunkUsage {
        let tokens: TokenUsage
        let object: JSONView
        let isMember: Bool

        init?(_ object: JSONView, isMember: Bool) {
            guard let tokens = OpenAIUsage.read(object) else { return nil }
            self.tokens = tokens
            self.object = object
            self.isMember = isMember
        }
    }

    private mutating func read(_ root: JSONView, isErrorEvent: Bool) -> Reading {
        var choices: JSONView?
        var told: ChunkUsage?
        var isError = isErrorEvent
        var members = root.members
        while let member = members.next() {
            let value = member.value
            if member.isNamed("choices") {
                choices = value
            } else if member.isNamed("usage") {
                told = ChunkUsage(value, isMember: true) ?? told
            } else if member.isNamed("error") {
                isError = isError || !value.isNull
            } else if member.isNamed("x_groq"), told == nil {
                told = value.member("usage").flatMap { ChunkUsage($0, isMember: false) }
            } else if member.isNamed("object") || member.isNamed("type") {
                isError = isError || value.isString("error")
            }
        }
        if let told { usage = told.tokens }
        var hasChoice = false
        if let choices {
            var finder = OpenAITextFinder(isStream: true, collects: false)
            var position = 0
            var elements = choices.elements
            while let choice = elements.next() {
                if finder.walkChoice(choice, position: position) { sawFinishReason = true }
                position += 1
            }
            hasChoice = position > 0
            textBytes += finder.runningBytes
        }
        if hasChoice {
            contentChunks += 1
            if template == nil { template = ChunkTemplate(root) }
        }
        if isError {
            sawError = true
            return Reading(kind: .error, isForwarded: true)
        }
        if hasChoice {
            return Reading(kind: .content, isForwarded: true, movedUsage: told.flatMap { keep($0) })
        }
        guard told != nil else { return Reading(kind: .other, isForwarded: true) }
        return Reading(kind: .usage, isForwarded: !hidesUsage)
    }

    /// Keeps a usage that stands beside choices, where the client asked for one.
    ///
    /// - Returns: where it is taken out.
    private mutating func keep(_ told: ChunkUsage) -> Range<Int>? {
        if hidesUsage { return nil }
        usageBesideChoices.removeAll(keepingCapacity: true)
        usageBesideChoices.append(contentsOf: told.object.raw)
        if !sawFinishReason { hasRunningUsage = true }
        return hasRunningUsage || !told.isMember ? nil : told.object.range
    }
}
