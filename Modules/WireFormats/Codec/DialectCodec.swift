import JSONText

/// One dialect: four small pieces. Any client's dialect times any provider's comes from these, without a translator for
/// each pair.
///
/// A request goes `client bytes → decodeRequest → Conversation → encodeRequest → provider bytes`, a reply the same way
/// back. All of it is pure.
public protocol DialectCodec: SendableMetatype {
    /// Which dialect it is the codec of.
    static var dialect: Dialect { get }

    /// How this dialect's streams are cut into frames.
    static var framing: StreamFraming { get }

    /// Reads a client's request.
    ///
    /// - Parameters:
    ///   - body: the whole body.
    ///   - place: what the path says, where the dialect has it there.
    /// - Throws: a 400 that names the member at fault, in OpenAI's terms; see ``RequestError``.
    static func decodeRequest(_ body: JSON, at place: RequestPlace) throws(RequestError) -> Conversation

    /// Writes a provider's request. Members come in a fixed order; absent ones are left out, never `null`.
    ///
    /// - Parameter losses: is told each thing that the dialect has no place for, and each value that was fitted in.
    /// - Throws: a 400 for what would change the request's meaning if it were left out: an image or file that the dialect
    ///   cannot carry, a tool result without its call, and what ``TargetFacts/rangePolicy`` says to refuse. It
    ///   names the place in the conversation; ``writtenRequest(_:for:_:)`` names the client's.
    static func encodeRequest(
        _ conversation: Conversation, for target: TargetFacts, _ losses: inout LossReport
    ) throws(RequestError) -> JSON

    /// Reads a provider's whole reply.
    static func decodeReply(_ body: JSON) throws(ReplyError) -> Reply

    /// Writes a whole reply for the client.
    static func encodeReply(_ reply: Reply, for context: ReplyContext, _ losses: inout LossReport) -> JSON

    associatedtype StreamDecoder: ReplyStreamDecoder
    associatedtype StreamEncoder: ReplyStreamEncoder

    /// A decoder for one stream: it keeps what it must of what went before.
    static func streamDecoder() -> StreamDecoder
    /// An encoder for one stream.
    static func streamEncoder(for context: ReplyContext) -> StreamEncoder
}

extension DialectCodec {
    /// Writes a provider's request as ``encodeRequest(_:for:_:)`` does, with refusals for the client.
    ///
    /// - Throws: a 400 that names the member of the client's own request: in ``RequestError/param``, and in the text
    ///   where the client's dialect has no member for it. For any other dialect than the client's, words for thinking
    ///   and choices of tools that nobody knows are refused here, content that only the client dialect's own provider has,
    ///   and several answers, or none, where one is all that can be asked for.
    public static func writtenRequest(
        _ conversation: Conversation, for target: TargetFacts, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        do throws(RequestError) {
            guard conversation.origin != dialect else { return try encodeRequest(conversation, for: target, &losses) }
            try conversation.requireOneAnswer()
            try conversation.requireNoContentOfItsProvider()
            try conversation.requireReadableSchema()
            try conversation.settleToolChoice(&losses)
            var asked = conversation
            asked.makeCallIDsUnique()
            // Behind Converse, Claude is given them as they are.
            if dialect != .converse || ConverseFamily(target) != .claude { asked.makeFunctionsOfClientTools(&losses) }
            asked.takeInnerMarks(&losses)
            if dialect != .chatCompletions, dialect != .responses { asked.takeRefusalsBesideTexts(&losses) }
            losses.dropMembersBeside(in: asked)
            try asked.settleReasoning(for: target, in: dialect, &losses)
            try asked.settleSampling(for: target, &losses)
            try asked.settleSounds(for: dialect, &losses)
            if ![.chatCompletions, .responses, .converse].contains(dialect) {
                asked.outputFormat?.describeSchema(&losses)
            }
            // Responses itself has such choices of all tools.
            if dialect != .responses { asked.leaveOutForbiddenTools(for: dialect, &losses) }
            losses.reportNamespaces(in: asked.tools)
            if dialect != .converse, !target.betas.isEmpty { losses.drop(LossReport.betaHeader) }
            // Google's names of functions may be longer and have dots: its encoder sees to them.
            if dialect != .generateContent { ToolNames.makeLegal(&asked, &losses) }
            let request = try encodeRequest(asked, for: target, &losses)
            if case .allowed? = asked.toolChoice { losses.reportOnce(ClientNames(conversation)["tool_choice"]) }
            if let list = turnList, request[list]?.array?.isEmpty ?? true { throw RequestError.nothingSaid }
            return request
        } catch {
            throw ClientRefusal(of: conversation, by: dialect).named(error)
        }
    }

    /// The member with the turns, without which a provider refuses the request.
    private static var turnList: String? {
        switch dialect {
        case .chatCompletions, .messages, .converse, .cohereChat, .ollamaChat: "messages"
        case .generateContent: "contents"
        case .responses: "input"
        case .completions, .embeddings: nil
        }
    }
}

/// What a request's path says in dialects that have it there (generateContent, Converse).
public struct RequestPlace: Equatable, Sendable {
    /// The client's name for it, with percent escapes resolved; nil where the body says it.
    public var model: String?
    /// Nil where the body says it.
    public var stream: Bool?

    /// Without arguments: of dialects whose bodies say it all.
    public init(model: String? = nil, stream: Bool? = nil) {
        self.model = model
        self.stream = stream
    }
}

/// Reads the frames of a provider's stream.
public protocol ReplyStreamDecoder: Sendable {
    /// Takes the next frame and adds what it means, by the rules of ``ReplyEvent``.
    mutating func decode(_ frame: StreamFrame, into events: inout [ReplyEvent]) throws(ReplyError)

    /// The bytes have ended. Adds `ended` (and what has to come before it) where the answer is complete though the
    /// dialect has no mark for it; adds nothing where it was cut.
    mutating func finish(into events: inout [ReplyEvent])

    /// What the provider has told so far of the tokens used, where it tells that all along and the events say it at the end
    /// alone: what a stream that broke off is billed by. Nil elsewhere, and as long as nothing is told.
    var runningUsage: TokenUsage? { get }
}

extension ReplyStreamDecoder {
    /// None: the events say what is known.
    public var runningUsage: TokenUsage? { nil }
}

/// Writes the frames of a client's stream.
public protocol ReplyStreamEncoder: Sendable {
    /// Takes the next event and writes the frames that it makes, in the dialect's legal order. The encoder keeps what it
    /// must to number, open and close things.
    mutating func encode(_ event: ReplyEvent, into out: inout FrameWriter)

    /// Ends a stream that failed after its first byte: the dialect's own error event, and nothing that claims a
    /// complete answer. `error` is cleansed already.
    mutating func fail(_ error: GatewayErrorBody, status: Int, into out: inout FrameWriter)

    /// What could not be carried so far.
    var losses: LossReport { get }
}

/// What the encoder of a reply knows of the call.
public struct ReplyContext: Sendable {
    /// The model's name as the client asked for it; replies show it.
    public var model: String
    /// The gateway's id for the request: what ids are made from where the provider sent none.
    public var requestID: String
    /// Seconds since 1970, for dialects that state it.
    public var created: Int64
    /// The request, for dialects whose replies repeat it (Responses), and for `includeUsage`.
    public var request: Conversation {
        get { box.request }
        set { box = Box(newValue) }
    }
    /// What of the request its provider did not get, by the client's names (``LossReport/dropped``). Replies that
    /// repeat the request leave it out.
    public var dropped: [String] = []
    /// generateContent without `alt=sse`: the stream is one JSON array.
    public var streamsAsArray = false

    /// - Parameter created: seconds since 1970.
    public init(model: String, requestID: String, created: Int64, request: Conversation) {
        self.model = model
        self.requestID = requestID
        self.created = created
        box = Box(request)
    }

    /// A context is handed from encoder to encoder, and a conversation is large.
    private final class Box: Sendable {
        let request: Conversation

        init(_ request: Conversation) { self.request = request }
    }

    private var box: Box
}

/// What the encoder of a request must know of the target.
public struct TargetFacts: Equatable, Sendable {
    /// The provider's name for the model.
    public var model: String
    /// The most output tokens that the model can make; for dialects in which a cap must be stated.
    public var maxOutputTokens: Int64?
    /// The cap to state where the client stated none, and none is known of the model.
    public var defaultMaxOutputTokens: Int64 = 4096
    /// What becomes of a value that the provider would refuse.
    public var rangePolicy = RangePolicy.clamp
    /// Where Messages bodies go: direct, Bedrock's invoke or Vertex's rawPredict.
    public var host = MessagesHost.direct
    /// The client's `anthropic-beta` headers, for those who want them in the body (`anthropic_beta`: Bedrock, Vertex);
    /// any other dialect reports them.
    public var betas: [String] = []
    /// The provider takes system messages in the middle of a Messages conversation: text alone, right after a user
    /// turn, at the end or before a turn of the model's, and no two in a row
    /// (https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages and
    /// https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-mid-conversation-system.html,
    /// read on 2026-11-30).
    public var takesSystemInTheMiddle = false
    /// Which bodies of generateContent: AI Studio's or Vertex's.
    public var isVertex = false
    /// generateContent: the provider takes JSON Schema as `parametersJsonSchema` and `responseJsonSchema` (AI Studio's
    /// v1beta and v1, Vertex' v1beta1 and v1). Where it does not, schemas are rewritten in Google's OpenAPI subset.
    public var takesGoogleJSONSchema = true
    /// What a Chat request's output cap is called here: `max_tokens` or `max_completion_tokens`.
    public var chatOutputCap = "max_completion_tokens"
    /// How many stop sequences a Chat or Completions request may have; nil where no number is known.
    public var stopSequencesMax: Int?
    /// The provider takes `response_format: json_schema` (or its like). Where it does not, the schema becomes an
    /// instruction.
    public var takesJSONSchema = true
    /// How the model is told how much to think.
    public var thinking = ThinkingStyle.budget
    /// The words for how much to think that the model knows, from the least on; nil where its name tells none: it is told in
    /// another way, or it is no model known here.
    public var efforts: [String]?
    /// The model thinks where nothing is said of it.
    public var thinksUnasked = true
    /// It is a Claude.
    public var isClaude = false
    /// What Claude is told that is not to think.
    public var off = Off.unsaid
    /// Chat answers never hold what the model thinks: OpenAI's own.
    public var hidesThoughtsInChat = false
    /// The model takes a choice by which it must call a tool.
    public var takesForcedTools = true
    /// Which sampling the model takes.
    public var sampling = SamplingRule.taken
    /// Claude takes `temperature` and `top_p` together.
    public var takesTemperatureBesideTopP = false
    /// Gemini's budgets for thinking, where it is to think.
    public var thinkingBudgets: ClosedRange<Int64> = 1...24_576
    /// Gemini takes a budget of 0: it need not think.
    public var takesNoThinking = true
    /// Functions are not for Chat at this model, but for Responses.
    public var wantsResponsesForFunctions = false
    /// Functions have schemas as OpenAI takes them: ``OpenAIToolSchema``.
    public var limitsToolSchemas = true
    /// The provider takes OpenAI's `developer` role.
    public var takesDeveloperRole = true
    /// Ask for a stream's usage with `stream_options.include_usage`.
    public var asksForStreamUsage = true
    /// Mistral's nine-character tool call ids.
    public var hasNineCharacterToolIDs = false
    /// In which member of an assistant's message a Chat provider wants the thinking of earlier turns back:
    /// `reasoning_content` (DeepSeek), `reasoning`, `reasoning_details` (OpenRouter), `thinking_blocks` (LiteLLM); nil
    /// where it takes none.
    public var chatReasoning: String?
    /// Whose proofs a Chat provider takes back, where ``chatReasoning`` or Google's `extra_content` has a place for them.
    public var takesProofs: Set<Proof.Origin> = []
    /// The part in which a Chat provider takes a document by its address: `file` (OpenRouter: as `file_data`),
    /// `document_url` (Mistral, which takes any document in it) or `file_url`; nil where it takes none, as OpenAI: "External
    /// file URL: not supported" in Chat (https://developers.openai.com/api/docs/guides/file-inputs, read on 2026-11-29).
    public var documentURLPart: String?
    /// A Chat provider may take films, in `video_url` (OpenRouter, vLLM, Qwen); OpenAI has no such part.
    public var takesVideo = true
    /// A Chat provider takes `web_search_options`, and searches: OpenAI, OpenRouter, Perplexity.
    public var takesWebSearchOptions = true
    /// A Chat provider takes Anthropic's `cache_control` on parts and messages (OpenRouter).
    public var takesCacheMarkers = false
    /// The model takes OpenAI's `prompt_cache_breakpoint` on parts of the input.
    public var takesCacheBreakpoints = false
    /// Parameters that the provider refuses, by Chat's names.
    public var refuses: Set<String> = []
    /// Chat's name of a parameter → the provider's own.
    public var renames: [String: String] = [:]

    /// How a model is told how much to think, in dialects that have more than one way.
    public enum ThinkingStyle: String, Sendable, CaseIterable {
        /// A number of tokens: Messages' `thinking: {type: enabled, budget_tokens}`, Gemini 2.5's `thinkingBudget`.
        case budget
        /// A word: Messages' `thinking: {type: adaptive}` with `output_config.effort`, Gemini 3's `thinkingLevel`.
        case level
        /// The model does not think; what is asked is dropped.
        case none
    }

    /// What a model is told that is not to think, in Claude's members.
    public enum Off: Equatable, Sendable {
        /// Nothing: it does not think unasked.
        case unsaid
        /// This type of `thinking`.
        case said(ReasoningSettings.Mode)
        /// It always thinks: as little as it can.
        case impossible
    }

    /// Which sampling a model takes.
    public enum SamplingRule: Equatable, Sendable {
        /// All of it, within the dialect's ranges.
        case taken
        /// None of these options, but with the value that they have anyway.
        case refused([RequestOption])
        /// The same while it thinks; all, where it does not.
        case refusedWhereItThinks([RequestOption])
    }

    /// Who serves Messages. Bedrock and Vertex have the model in the path, and `anthropic_version` and the betas in the
    /// body.
    public enum MessagesHost: String, Sendable {
        /// Anthropic, and whoever serves Messages as it does.
        case direct
        /// Bedrock's InvokeModel.
        case bedrock
        /// Vertex AI's rawPredict.
        case vertex
    }

    /// All else is as where nothing more is known of the model.
    public init(model: String) { self.model = model }

    /// A model's name between its marks: what kind of model it is, a whole piece tells (`claude-fable-5[1m]`).
    public static func pieces(of name: Substring) -> [Substring] {
        name.split { "-_:/@[".contains($0) }
    }
}

/// What happens to a value that the provider would refuse, such as temperature 1.5 at Anthropic.
public enum RangePolicy: String, Sendable, CaseIterable {
    /// 400, naming the member and the range.
    case refuse
    /// The nearest value that is allowed; reported as adjusted.
    case clamp
    /// Sent as it is: the provider's answer is the client's.
    case pass
}

/// What a translation could not carry. Names are the client's own (`logprobs`, `cache_control`: ``ClientNames``), each once.
public struct LossReport: Equatable, Sendable {
    /// The header in which a Messages client names the betas that it uses.
    public static let betaHeader = "anthropic-beta"

    /// What is missing from what was sent. `x-tollgate-dropped`.
    public private(set) var dropped: [String] = []
    /// What was sent with another value. `x-tollgate-adjusted`.
    public private(set) var adjusted: [String] = []

    /// What is missing of the request's own members: a header is none, and coding agents send theirs with every
    /// request.
    public var droppedMembers: [String] { dropped.filter { $0 != LossReport.betaHeader } }

    /// Nothing is lost.
    public init() {}

    /// - Parameter name: a member, or the way to one: the last step of `generationConfig.seed` is its name.
    public mutating func drop(_ name: String) {
        let name = LossReport.member(name)
        if !dropped.contains(name), dropped.count < 64 { dropped.append(name) }
    }

    private static func member(_ path: String) -> String {
        guard let dot = path.utf8.lastIndex(of: UInt8(ascii: ".")), path.utf8.index(after: dot) < path.utf8.endIndex
        else { return path }
        return String(path[path.utf8.index(after: dot)...])
    }

    /// Reports members of a turn or of a part that the dialect has no place for.
    ///
    /// No loss is what an answer says of itself, since it asks for nothing, and that it was cut its end says: an item's
    /// `status`, `null`, and lists that are empty (`logprobs: []` of Responses). Clients send it back with the answer.
    mutating func drop(_ extras: JSONObject) {
        for (name, value) in extras {
            if name == "status" || value.isNull || value.array?.isEmpty == true { continue }
            drop(name)
        }
    }

    /// - Parameter name: as for ``drop(_:)``. Either list takes 64 names; what comes beyond is not noted.
    public mutating func adjust(_ name: String) {
        let name = LossReport.member(name)
        if !adjusted.contains(name), adjusted.count < 64 { adjusted.append(name) }
    }

    /// What is reported as dropped is not reported as adjusted besides.
    mutating func reportOnce(_ name: String) {
        if dropped.contains(name) { adjusted.removeAll { $0 == name } }
    }

    /// Nothing was lost or changed.
    public var isEmpty: Bool { dropped.isEmpty && adjusted.isEmpty }

    /// Takes over what another translation of the same call lost.
    public mutating func add(_ other: LossReport) {
        for name in other.dropped { drop(name) }
        for name in other.adjusted { adjust(name) }
    }
}

extension TargetFacts {
    /// Fits a number into what the provider allows.
    ///
    /// - Parameter name: the member, by the client's name for it.
    public func fitted(
        _ value: Double, to range: ClosedRange<Double>, _ name: String, _ losses: inout LossReport
    ) throws(RequestError) -> Double {
        try fitted(value, inRange: range, name, &losses)
    }

    /// The same for an integer, whatever its size: one beyond 2^53 must not go through a Double and back.
    public func fitted(
        _ value: Int64, to range: ClosedRange<Int64>, _ name: String, _ losses: inout LossReport
    ) throws(RequestError) -> Int64 {
        try fitted(value, inRange: range, name, &losses)
    }

    /// Whether a choice by which a tool must be called goes as it is; else it is left to the model, and reported.
    func mayForceTools(_ name: String, _ losses: inout LossReport) throws(RequestError) -> Bool {
        if takesForcedTools || rangePolicy == .pass { return true }
        guard rangePolicy != .refuse else {
            throw .outOfRange(name, "this model cannot be made to call a tool")
        }
        losses.adjust(name)
        return false
    }

    /// Stop sequences: the first ones, where the provider takes fewer.
    ///
    /// - Parameter most: nil where it takes any number.
    public func fitted(
        _ stop: [String], most: Int?, _ name: String, _ losses: inout LossReport
    ) throws(RequestError) -> [String] {
        guard let most, stop.count > most else { return stop }
        switch rangePolicy {
        case .pass: return stop
        case .clamp:
            losses.adjust(name)
            return Array(stop.prefix(most))
        case .refuse:
            throw .outOfRange(name, "this model takes \(most) stop sequences at most, but got \(stop.count)")
        }
    }

    private func fitted<Number: Comparable>(
        _ value: Number, inRange range: ClosedRange<Number>, _ name: String, _ losses: inout LossReport
    ) throws(RequestError) -> Number {
        if range.contains(value) { return value }
        switch rangePolicy {
        case .pass: return value
        case .clamp:
            losses.adjust(name)
            return min(max(value, range.lowerBound), range.upperBound)
        case .refuse:
            throw .outOfRange(
                name, "this model takes values from \(range.lowerBound) to \(range.upperBound), but got \(value)")
        }
    }
}
