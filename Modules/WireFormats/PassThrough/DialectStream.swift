import JSONText

/// Follows the events of a Messages, Responses, generateContent or Converse stream that passes through: what each is, and
/// what was used. ``OpenAIStream`` is the same for OpenAI's older dialects.
///
/// Rules
/// 1. Every event goes to the client byte for byte, but a broken one and what is ``Kind/surplus``: nothing belongs to an answer
///    behind its end, and nothing behind an error may claim that it is whole. Of that the figures count.
/// 2. The last usage counts; usages are never added up. Those of Messages, at the start and at the end, are put together.
/// 3. The numbers are those of the dialect's own codec: it reads the usage object, and nothing else is parsed.
public struct DialectStream: Sendable {
    /// What an event is.
    public enum Kind: Equatable, Sendable {
        /// A piece of the answer.
        case content
        /// Tells the usage and brings no text.
        case usage
        /// The provider reports that it failed.
        case error
        /// The answer's proper end.
        case done
        /// A comment, a blank line or a ping.
        case keepAlive
        /// Its data is no JSON: the stream cannot be followed any further.
        case broken
        /// It comes behind the end of the answer, or behind an error and is none; or its lines are neither fields nor comments.
        case surplus
        /// Anything else, such as where a part begins or ends.
        case other
    }

    /// In which the provider streams and the client reads.
    public let dialect: Dialect
    /// What the stream last said that it used.
    public private(set) var usage: TokenUsage? {
        didSet { chunksAtUsage = contentChunks }
    }
    /// All that it said of its usage came before the answer: Messages tells of the input first, of the output at the end.
    public var usageIsOfBeginning: Bool {
        dialect == .messages && usage != nil && chunksAtUsage == 0 && contentChunks > 0
    }
    /// The answer came to its end.
    public private(set) var isComplete = false
    /// Events that brought a piece of the answer.
    public private(set) var contentChunks = 0
    /// Bytes of all texts so far, as JSON: what a broken stream's output is estimated from.
    public private(set) var textBytes = 0

    /// The end came: what follows belongs to no answer of this call.
    public private(set) var isOver = false
    private var hasFailed = false
    /// How many answers have begun: the figures of a second one, behind the end, are none of this call's.
    private var beginnings = 0
    private var chunksAtUsage = 0
    private var counts = MessagesCounts()
    private var google = GoogleReading()

    /// A stream before its first event.
    public init(dialect: Dialect) { self.dialect = dialect }

    /// Takes the next event of a `text/event-stream`.
    public mutating func read(_ event: SSEEvent) -> Kind {
        let isClosed = isOver || hasFailed
        // Of the last line end the second half may come late.
        guard let data = event.data else {
            guard !isClosed else { return event.isLineEnd ? .keepAlive : .surplus }
            guard event.isStray else { return .keepAlive }
            return event.bareError == nil ? .surplus : failed()
        }
        // OpenRouter ends its Responses streams with it, too (recorded).
        if event.dataIs("[DONE]") { return isClosed && (hasFailed || dialect != .responses) ? .surplus : .done }
        return read(document: data, isErrorEvent: event.isNamed("error"))
    }

    /// Takes the next message of an AWS event stream: Converse's, or a chunk of Bedrock's invoke with an event of Messages
    /// inside.
    public mutating func read(_ message: EventStreamMessage) -> Kind {
        if isOver || hasFailed {
            var after = reopened
            return surplus(after.read(message), after)
        }
        guard (message.header(":message-type") ?? "event") == "event" else { return failed() }
        let name = message.header(":event-type") ?? ""
        return message.payload.withUnsafeBytes { bytes in
            guard dialect == .messages else { return readConverse(name, bytes) }
            guard let chunk = JSONView(unchecked: bytes)?.member("bytes"), let text = chunk.textRange,
                let inner = Base64.decoded(UnsafeRawBufferPointer(rebasing: bytes[text]))
            else { return .other }
            return inner.withUnsafeBytes { read(document: $0, isErrorEvent: false) }
        }
    }

    /// Takes the next document: an element of a stream that is one JSON array, or the data of an event.
    public mutating func read(document: UnsafeRawBufferPointer, isErrorEvent: Bool = false) -> Kind {
        if isOver || hasFailed {
            var after = reopened
            return surplus(after.read(document: document, isErrorEvent: isErrorEvent), after)
        }
        if isErrorEvent { return failed() }
        guard let root = JSONView(unchecked: document) else { return .other }
        guard JSONScanner.isJSON(document) else { return .broken }
        guard root.kind == .object else { return .other }
        switch dialect {
        case .messages: return readMessages(root)
        case .responses: return readResponses(root)
        case .generateContent: return readGoogle(root)
        case .converse: return .other
        case .chatCompletions, .completions, .embeddings, .cohereChat, .ollamaChat: return .other
        }
    }

    /// The same stream as if it had not ended.
    private var reopened: DialectStream {
        var copy = self
        copy.isOver = false
        copy.hasFailed = false
        return copy
    }

    /// What an event behind the end is, by what it would be before it. A failure may be told in two events (Responses).
    private mutating func surplus(_ kind: Kind, _ after: DialectStream) -> Kind {
        beginnings = after.beginnings
        if beginnings < 2, let late = after.usage, late != usage {
            usage = late
            counts = after.counts
        }
        return hasFailed && kind == .error ? .error : .surplus
    }

    private mutating func failed() -> Kind {
        isComplete = false
        hasFailed = true
        return .error
    }

    private mutating func content(_ texts: JSONView?...) -> Kind {
        contentChunks += 1
        for text in texts { textBytes += text?.textRange?.count ?? 0 }
        return .content
    }

    // MARK: - Messages

    private mutating func readMessages(_ root: JSONView) -> Kind {
        guard let type = root.member("type") else { return root.present("error") == nil ? .other : failed() }
        if type.isString("content_block_delta") {
            let delta = root.member("delta")
            return content(delta?.member("text"), delta?.member("thinking"), delta?.member("partial_json"))
        }
        if type.isString("message_start") {
            beginnings += 1
            return add(root.member("message")?.present("usage"))
        }
        if type.isString("message_delta") {
            if root.member("delta")?.present("stop_reason") != nil { isComplete = true }
            return add(root.present("usage"))
        }
        if type.isString("message_stop") {
            isComplete = true
            isOver = true
            return .done
        }
        if type.isString("ping") { return .keepAlive }
        if type.isString("error") { return failed() }
        return .other
    }

    private mutating func add(_ usage: JSONView?) -> Kind {
        guard let usage else { return .other }
        counts.add(usage)
        self.usage = counts.tokens
        return .usage
    }

    // MARK: - Responses

    private mutating func readResponses(_ root: JSONView) -> Kind {
        guard let type = root.member("type"), let name = type.textRange else {
            return root.present("error") == nil ? .other : failed()
        }
        let word = UnsafeRawBufferPointer(rebasing: root.bytes[name])
        if word.equals("error") { return failed() }
        if word.equals("response.failed") {
            readResponsesUsage(root)
            return failed()
        }
        if word.equals("response.completed") || word.equals("response.incomplete") {
            readResponsesUsage(root)
            isComplete = true
            isOver = true
            return .done
        }
        if word.equals("response.created") { beginnings += 1 }
        guard word.count > 6, UnsafeRawBufferPointer(rebasing: word[(word.count - 6)...]).equals(".delta") else {
            return .other
        }
        return content(root.member("delta"))
    }

    private mutating func readResponsesUsage(_ root: JSONView) {
        if let found = DialectReply.responses(root.member("response")?.present("usage")) { usage = found }
    }

    // MARK: - generateContent

    private mutating func readGoogle(_ root: JSONView) -> Kind {
        if root.present("error") != nil { return failed() }
        google.add(root)
        isComplete = google.isComplete
        // The first chunks may tell of the traffic alone: no use of nothing, where the stream ends with them.
        if google.hasCounts || isComplete, let found = google.tokens { usage = found }
        guard google.hasParts else { return root.present("usageMetadata") == nil ? .other : .usage }
        contentChunks += 1
        textBytes += google.textBytes
        return .content
    }

    // MARK: - Converse

    private mutating func readConverse(_ name: String, _ bytes: UnsafeRawBufferPointer) -> Kind {
        // It stopped: what is left to come are its figures.
        if isComplete, name != "metadata" { return .surplus }
        guard JSONScanner.isJSON(bytes), let root = JSONView(unchecked: bytes) else { return .broken }
        switch name {
        case "contentBlockDelta":
            let delta = root.member("delta")
            let reasoning = delta?.member("reasoningContent")
            return content(
                delta?.member("text"), delta?.member("toolUse")?.member("input"), reasoning?.member("text"))
        case "messageStop":
            isComplete = true
            return .done
        case "metadata":
            isOver = isComplete
            guard let found = DialectReply.converse(root.present("usage")) else { return .other }
            usage = found
            return .usage
        default: return .other
        }
    }
}

/// What the chunks of a generateContent answer say of its use, gathered in place.
struct GoogleReading: Sendable {
    private var usage: JSON?
    private var model: String?
    /// By candidate: what was searched, and whether it ended.
    private var grounding: [Int64: JSON] = [:]
    private var finished: [Int64: Bool] = [:]
    /// Of the last chunk.
    private(set) var hasParts = false
    private(set) var textBytes = 0
    private var isBlocked = false

    /// Every candidate said why it ended; or the prompt was blocked, and there is none.
    var isComplete: Bool { isBlocked || (!finished.isEmpty && finished.values.allSatisfy { $0 }) }

    /// Something was told of tokens.
    var hasCounts: Bool { usage.map(GoogleUsage.hasCounts) ?? false }

    var tokens: TokenUsage? {
        guard let usage else { return nil }
        let searches = grounding.values.reduce(0) { $0 + GoogleUsage.searches($1, model: model) }
        return GoogleUsage.read(usage, searches: searches).tokens
    }

    mutating func add(_ root: JSONView) {
        hasParts = false
        textBytes = 0
        for member in root.members {
            let value = member.value
            if member.isNamed("usageMetadata"), let native = try? JSON.read(value.raw), native.object != nil {
                if usage == nil || GoogleUsage.hasCounts(native) { usage = native }
            } else if member.isNamed("modelVersion") {
                model = value.string ?? model
            } else if member.isNamed("promptFeedback") {
                if value.present("blockReason") != nil { isBlocked = true }
            } else if member.isNamed("candidates") {
                var position: Int64 = 0
                for candidate in value.elements {
                    add(candidate, position)
                    position += 1
                }
            }
        }
    }

    private mutating func add(_ candidate: JSONView, _ position: Int64) {
        let index = candidate.member("index")?.int ?? position
        if candidate.present("finishReason") != nil { finished[index] = true }
        if finished[index] == nil { finished[index] = false }
        if let found = candidate.present("groundingMetadata") { grounding[index] = try? JSON.read(found.raw) }
        guard let parts = candidate.member("content")?.member("parts") else { return }
        for part in parts.elements {
            hasParts = true
            if let text = part.member("text")?.textRange {
                textBytes += text.count
            } else if let call = part.present("functionCall") {
                textBytes += call.range.count
            }
        }
    }
}
