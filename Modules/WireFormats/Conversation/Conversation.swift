import JSONText

/// A request for an answer, in no dialect: what every codec reads into and writes from.
///
/// Rules
/// 1. Nothing is lost on the way in. What the model has no name for stays in ``extras`` (here, and of each turn, part
///    and tool), in the words of ``origin``. A codec of the same dialect writes it back; any other reports it in its
///    ``LossReport``.
/// 2. Order is kept: of turns, of parts, of tools. A system prompt in the middle stays in the middle.
/// 3. A member that was absent is nil; nothing is filled in on the way in.
/// 4. `null` counts as absent, except in what a caller's schema or arguments hold.
public struct Conversation: Equatable, Sendable {
    /// The dialect in which the client wrote it.
    public var origin: Dialect
    /// The model, by the name that the client uses.
    public var model: String
    /// Whether the answer is to be streamed.
    public var stream = false
    /// The client asked for the usage chunk of a Chat Completions stream.
    public var includeUsage = false

    /// All that was said so far, system prompts included.
    public var turns: [Turn] = []
    /// The turns do not stand where the client's own do: an item of its list made none, it sent a text and no list, or
    /// earlier turns were put before them (`previous_response_id`). A refusal then says no number.
    public var turnNumbersDiffer = false
    /// What the model may ask for, in the client's order; empty also where the client sent an empty list.
    public var tools: [Tool] = []
    /// Nil where the client said nothing: providers then take ``ToolChoice/auto``.
    @Seldom public var toolChoice: ToolChoice?
    /// How the client wrote ``toolChoice``, where it says more.
    @Seldom public var toolChoiceForm: ToolChoiceForm?
    /// Whether the model may ask for several tools in one answer. Anthropic says the opposite:
    /// `disable_parallel_tool_use`.
    public var parallelToolCalls: Bool?
    /// Chat's `functions` and `function_call`, which `tools` have replaced: replies call functions the same old way.
    public var usesLegacyFunctions = false
    /// The client of Chat called its output cap `max_tokens`, which `max_completion_tokens` has replaced. Only for
    /// telling it about that.
    public var usesLegacyOutputCap = false

    /// What steers the choice of tokens; every member nil where the client said nothing.
    public var sampling = Sampling()
    /// Nil where the client said nothing: the model does as it does unasked.
    @Seldom public var reasoning: ReasoningSettings?
    /// Nil where the client said nothing, which means text.
    @Seldom public var outputFormat: OutputFormat?
    /// OpenAI's `verbosity`: low, medium, high.
    @Seldom public var verbosity: String?
    /// `text`, `audio`, `image`, in lower case. Nil where the dialect's default is meant.
    @Seldom public var modalities: [String]?
    /// OpenAI's `audio`: `{"voice", "format"}`.
    @Seldom public var audioOutput: JSON?

    /// OpenAI's words: auto, default, flex, priority, scale. Others' are mapped by their codec.
    @Seldom public var serviceTier: String?
    /// OpenAI's `metadata`, Anthropic's `metadata` without `user_id`, Converse's `requestMetadata`, Vertex's `labels`.
    @Seldom public var metadata: JSONObject?
    /// The client's name for its end user: `user`, `safety_identifier`'s predecessor, Anthropic's `metadata.user_id`.
    @Seldom public var user: String?
    /// OpenAI's `safety_identifier`: the end user, by an id that tells nothing of them.
    @Seldom public var safetyIdentifier: String?
    /// OpenAI's `prompt_cache_key`: calls that share it are to find the same cache.
    @Seldom public var promptCacheKey: String?
    /// OpenAI's `prompt_cache_retention`, in its words.
    @Seldom public var promptCacheRetention: String?
    /// OpenAI's `store`: whether the answer is to be kept, to be asked for again.
    public var store: Bool?
    /// The answer from which this request goes on: ``StoredResponse/id``.
    @Seldom public var previousResponseID: String?
    /// Responses' `include`: what the answer is to hold besides. Replies of other providers hold what they have of it
    /// (proofs, log probabilities), so that other dialects do not report it.
    @Seldom public var include: [String]?
    /// A breakpoint behind the whole request: Anthropic's top-level `cache_control`.
    @Seldom public var cache: CacheMarker?

    /// The members of the request that the model has no name for, as ``origin`` writes them.
    public var extras = JSONObject()
    /// generateContent only: which of the ways in which the same can be written the client took. Only for writing it
    /// back the same way; it means nothing to any other dialect.
    @Seldom public var spelling: GenerateContentSpelling?
    /// The same for Converse.
    @Seldom public var converseSpelling: ConverseSpelling?

    /// A request of nothing but its model.
    public init(origin: Dialect, model: String) {
        self.origin = origin
        self.model = model
    }
}

/// What steers the choice of tokens. Ranges are those of the client's dialect; the provider's codec fits them in by its
/// ``RangePolicy``.
public struct Sampling: Equatable, Sendable {
    /// How even the choice is; 0 always takes the likeliest token. At most 1 at some providers, 2 at others.
    public var temperature: Double?
    /// From which share of the probability tokens are taken, 0 to 1.
    public var topP: Double?
    /// From how many of the likeliest tokens one is taken.
    public var topK: Int64?
    /// The least probability of a token, as a share of the likeliest one's.
    public var minP: Double?
    /// What a token loses for each time that it came before; 0 is neutral, −2 to 2 at OpenAI.
    public var frequencyPenalty: Double?
    /// What a token loses for having come before at all; 0 is neutral, −2 to 2 at OpenAI.
    public var presencePenalty: Double?
    /// Neutral is 1, not 0 as of the other two.
    public var repetitionPenalty: Double?
    /// Asks for the same answer again, as far as the provider can give it.
    public var seed: Int64?
    /// Sequences before which the answer ends.
    @Seldom public var stop: [String]?
    /// The most output tokens per choice, thinking included where the dialect counts it in.
    public var maxOutputTokens: Int64?
    /// How many answers are wanted: `n`, `candidateCount`.
    public var choices: Int64?
    /// Whether those of the answer's own tokens are wanted.
    public var logprobs: Bool?
    /// How many of the likeliest tokens are wanted with theirs at each place.
    public var topLogprobs: Int64?
    /// OpenAI's map of token number to bias.
    @Seldom public var logitBias: JSONObject?

    /// Nothing is asked for.
    public init() {}
}

/// How much the model is to think, and how much of it is to be seen.
public struct ReasoningSettings: Equatable, Sendable {
    /// Whether the model is to think.
    public enum Mode: String, Sendable {
        /// With ``budgetTokens``, or the provider's default.
        case enabled
        /// No thinking at all, where the model can do without.
        case disabled
        /// The model decides how much (Anthropic's `adaptive`, Gemini's budget −1).
        case adaptive
        /// No thinking before the answer (Claude Sonnet 5.5's `between_tools`): as near to off as that model comes.
        case betweenTools = "between_tools"

        var isOff: Bool { self == .disabled || self == .betweenTools }
    }

    /// Nil where the client did not say: an effort or a budget alone may do.
    public var mode: Mode?
    /// none, minimal, low, medium, high, xhigh, max; in lower case.
    public var effort: String?
    /// ``effort`` is the whole answer's, beside thinking or without it, as Claude has it (`output_config.effort`;
    /// Converse's own is that, too). Else it asks for thinking.
    public var isEffortOfAnswer = false
    /// The most tokens of thinking.
    public var budgetTokens: Int64?
    /// OpenAI's `summary`: auto, concise, detailed. Anthropic's `display: summarized` is auto.
    public var summary: String?
    /// Whether thoughts come with the answer: Gemini's `includeThoughts`, Anthropic's `display: omitted` (false).
    public var includesThoughts: Bool?
    /// In which of several ways the origin wrote it, in its codec's own words. Only for writing it back the same way.
    public var form: String?
    /// Members of the dialect's own object that have no name here.
    public var extras = JSONObject()

    /// What is left out was not said by the client.
    public init(
        mode: Mode? = nil, effort: String? = nil, budgetTokens: Int64? = nil, summary: String? = nil,
        includesThoughts: Bool? = nil
    ) {
        self.mode = mode
        self.effort = effort
        self.budgetTokens = budgetTokens
        self.summary = summary
        self.includesThoughts = includesThoughts
    }
}

/// What the text of the answer has to be.
public enum OutputFormat: Equatable, Sendable {
    /// What the model does unasked.
    case text
    /// Any JSON object.
    case jsonObject
    /// JSON that a schema admits.
    case jsonSchema(Schema)
    /// A format that only ``Conversation/origin`` knows (a grammar, an enum), as it writes it.
    case native(JSON)

    /// A JSON Schema for the answer, and how it is to be used.
    public struct Schema: Equatable, Sendable {
        /// Nil where the client's dialect has no name for it; OpenAI's want one.
        public var name: String?
        public var description: String?
        /// JSON Schema, whatever the client's dialect is.
        public var schema: JSON
        /// OpenAI's `strict`: the schema is kept to the letter; nil where the client did not say.
        public var strict: Bool?
        /// generateContent only: the schema came as `responseSchema`, Google's OpenAPI subset. ``schema`` is JSON Schema
        /// in either case; this is what was sent.
        public var nativeSchema: JSON?
        /// Members beside these.
        public var extras = JSONObject()

        /// - Parameter schema: JSON Schema, whatever the client's dialect is.
        public init(name: String? = nil, description: String? = nil, schema: JSON, strict: Bool? = nil) {
            self.name = name
            self.description = description
            self.schema = schema
            self.strict = strict
        }
    }
}
