import JSONText

/// Who says something, and what. A dialect's message, or one item of a Responses input.
///
/// Adjacent turns may have the same role; a codec whose provider refuses that merges them. Results of tools are parts:
/// in a turn of ``Role/tool`` where the dialect has such (Chat, Cohere, Ollama, Responses), of ``Role/user`` where it has
/// none (Messages, Converse, generateContent).
public struct Turn: Equatable, Sendable {
    /// Whose words they are, by OpenAI's five names; codecs of other dialects map theirs.
    public enum Role: String, Sendable {
        case system
        /// OpenAI's newer kind of system prompt; written as `system` where the provider has none.
        case developer
        case user
        case assistant
        /// Results of the client's tools, where the dialect has such turns.
        case tool
    }

    /// Whose words they are.
    public var role: Role
    /// What is said, in its order; may be empty.
    public var parts: [Part]
    /// OpenAI's `name` of a participant.
    @Seldom public var name: String?
    /// A Responses item's `id`.
    @Seldom public var id: String?
    /// The content was written as one string and not as a list of parts. Only for writing it back the same way.
    public var isPlainText: Bool
    /// A system prompt that stood in a member of its own (`system`, `systemInstruction`, `instructions`), not in the
    /// list of messages.
    public var isTopLevel: Bool
    /// The cache marker of the last part that holds content stood on the message itself (``Part/holdsContent``). Only for
    /// writing it back the same way.
    public var isMarkedAsWhole = false
    /// Members of the message that have no name here, as the conversation's origin writes them.
    public var extras = JSONObject()

    /// A turn of parts; `isPlainText` only where they are one text.
    public init(_ role: Role, _ parts: [Part] = [], isPlainText: Bool = false, isTopLevel: Bool = false) {
        self.role = role
        self.parts = parts
        self.isPlainText = isPlainText
        self.isTopLevel = isTopLevel
    }

    /// A turn of one text.
    public static func text(_ role: Role, _ text: String) -> Turn {
        Turn(role, [.text(text)], isPlainText: true)
    }
}

/// A piece of what is said: in a request as in a reply.
public struct Part: Equatable, Sendable {
    /// All but text is behind a pointer: a part of text, as nearly every one is, has not the size of the largest.
    public enum Content: Equatable, Sendable {
        /// Words of whoever has the turn.
        case text(Text)
        /// The model declined, in these words (OpenAI's `refusal`).
        case refusal(String)
        indirect case media(Media)
        indirect case reasoning(Reasoning)
        /// A tool that the client runs.
        indirect case toolCall(ToolCall)
        indirect case toolResult(ToolResult)
        /// A tool that ran, or runs, at the provider: never one that the client should run. (What came of OpenAI's tools
        /// that the client runs is one too where Responses reads it; such results reach no other dialect's encoder:
        /// ``Conversation/requireNoContentOfItsProvider()``.)
        indirect case serverTool(ServerToolUse)
        /// What only the origin's dialect knows, as it writes it. Written back there; reported anywhere else.
        case native(JSON)
    }

    /// What the part is.
    public var content: Content
    /// A prompt-cache breakpoint behind this part.
    @Seldom public var cache: CacheMarker?
    /// Proof of thinking that hangs on a part which is no thinking: Gemini's `thoughtSignature` on texts and calls.
    @Seldom public var proof: Proof?
    /// The dialect's own id of the item or message that this part belongs to (`msg_…`, `rs_…`, `fc_…`). Adjacent parts
    /// with the same id are one item.
    @Seldom public var id: String?
    /// In which of several ways the origin wrote it, in its codec's own words (Chat: the members in which a reasoning
    /// stood, the type of a document's part). Only for writing it back the same way.
    @Seldom public var form: String?
    /// Members that stand in a block of Converse's beside the one that says what it is.
    @Seldom public var beside: JSONObject?
    /// Members of the part that have no name here, as the origin writes them.
    public var extras = JSONObject()

    /// - Parameter proof: only for a part that is no thinking; ``Reasoning`` has its own.
    public init(_ content: Content, cache: CacheMarker? = nil, proof: Proof? = nil, id: String? = nil) {
        self.content = content
        self.cache = cache
        self.proof = proof
        self.id = id
    }

    /// A part of one text without citations.
    public static func text(_ text: String) -> Part { Part(.text(Text(text))) }

    /// The part's text, where it is one.
    public var text: String? {
        if case .text(let text) = content { return text.text }
        return nil
    }

    /// The call, where the part is one.
    public var toolCall: ToolCall? {
        if case .toolCall(let call) = content { return call }
        return nil
    }

    /// Whether the part is a tool's call; ``toolCall`` hands out a copy of it.
    var isToolCall: Bool {
        if case .toolCall = content { return true }
        return false
    }

    var isToolResult: Bool {
        if case .toolResult = content { return true }
        return false
    }

    /// The tool's result, where the part is one.
    public var toolResult: ToolResult? {
        if case .toolResult(let result) = content { return result }
        return nil
    }

    /// Whether the part is something said or shown: no thinking, no call of a tool, nothing of an unknown kind.
    var holdsContent: Bool {
        switch content {
        case .text, .refusal, .media, .toolResult, .serverTool: true
        case .reasoning, .toolCall, .native: false
        }
    }

    /// The thinking, where the part is such.
    public var reasoning: Reasoning? {
        if case .reasoning(let reasoning) = content { return reasoning }
        return nil
    }
}

/// Text, with what it rests on.
public struct Text: Equatable, Sendable {
    /// As it was written, with nothing trimmed; may be empty.
    public var text: String
    /// What the text rests on, in the order in which the provider told it.
    public var citations: [Citation] = []

    /// - Parameter citations: only answers have any.
    public init(_ text: String, citations: [Citation] = []) {
        self.text = text
        self.citations = citations
    }
}

/// Where a piece of an answer comes from.
public struct Citation: Equatable, Sendable {
    /// A web page.
    public var url: String?
    /// The source's title, where the provider tells it.
    public var title: String?
    /// The source's words.
    public var citedText: String?
    /// Which characters (Unicode scalars) of the answer's text it supports; nil where the dialect doesn't tell, or
    /// where it supports the whole part.
    public var range: Range<Int>?
    /// A file of the provider's.
    public var fileID: String?
    /// It says more than these, which ``native`` alone holds: a place in a document, further sources.
    public var saysMore = false
    /// The whole citation as ``nativeDialect`` writes it: written back there byte for byte.
    public var native: JSON?
    /// Nil where ``native`` is.
    public var nativeDialect: Dialect?

    /// What is left out was not told by the provider.
    public init(
        url: String? = nil, title: String? = nil, citedText: String? = nil, range: Range<Int>? = nil,
        fileID: String? = nil, native: JSON? = nil, nativeDialect: Dialect? = nil
    ) {
        self.url = url
        self.title = title
        self.citedText = citedText
        self.range = range
        self.fileID = fileID
        self.native = native
        self.nativeDialect = nativeDialect
    }
}

/// An image, a sound, a film or a document.
public struct Media: Equatable, Sendable {
    /// What it is for a model; ``Media/mediaType`` says it exactly.
    public enum Kind: String, Sendable {
        case image
        case audio
        case video
        /// PDF, text, or any other file.
        case document
    }

    /// Where its bytes are.
    public enum Source: Equatable, Sendable {
        /// Base64 as it was written.
        case base64(String)
        /// An address that the provider reads: `https://`, `gs://`, …
        case url(String)
        /// The id of a file at the provider.
        case fileID(String)
        /// A document whose text stands in the request.
        case text(String)
        /// A document made of parts (Anthropic's `content` source).
        case parts([Part])
    }

    /// What it is for a model.
    public var kind: Kind
    /// Where its bytes are.
    public var source: Source
    /// `image/png`, `application/pdf`, …; nil where the dialect did not tell.
    public var mediaType: String?
    /// As the client names the file; nil where it did not.
    public var filename: String?
    /// OpenAI's `detail`: low, high, auto, original.
    public var detail: String?
    /// A document's title and context, and whether it may be cited (Anthropic; Converse).
    public var title: String?
    /// What a document's reader should know of it beside its contents; nil where the client did not say.
    public var context: String?
    /// Whether answers may cite the document; nil where the client did not say.
    public var citationsEnabled: Bool?
    /// What a spoken answer says (OpenAI's `transcript`).
    public var transcript: String?

    /// - Parameter mediaType: nil where the dialect did not tell.
    public init(
        _ kind: Kind, _ source: Source, mediaType: String? = nil, filename: String? = nil, detail: String? = nil
    ) {
        self.kind = kind
        self.source = source
        self.mediaType = mediaType
        self.filename = filename
        self.detail = detail
    }
}

/// A prompt-cache breakpoint: what stands before its end may be read from the cache next time.
public struct CacheMarker: Equatable, Sendable {
    /// `5m` or `1h`, at OpenAI `30m` or `12h`; nil where the dialect's default is meant.
    public var ttl: String?
    /// Members that have no name here, as the origin writes them: they go out in its own dialect only.
    public var extras = JSONObject()
    /// The client wrote OpenAI's `prompt_cache_breakpoint`. Chat has Anthropic's `cache_control` beside it.
    public var isBreakpoint = false

    /// - Parameter ttl: in the origin's words; nil for the dialect's default.
    public init(ttl: String? = nil) { self.ttl = ttl }
}
