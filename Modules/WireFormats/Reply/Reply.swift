import JSONText

/// A whole answer, in no dialect.
public struct Reply: Equatable, Sendable {
    /// The dialect in which the provider wrote it.
    public var origin: Dialect
    /// The provider's id; nil where its dialect has none.
    public var id: String?
    /// The provider's name for the model that answered.
    public var model: String?
    /// Seconds since 1970.
    public var created: Int64?
    /// In the provider's order; a stream gathers them by their ``Choice/index``.
    public var choices: [Choice] = []
    /// Nil where the provider stated none.
    public var usage: Usage?
    /// As the provider says it: `default`, `priority`, `standard`, …
    public var serviceTier: String?
    /// Members that the model has no name for, as ``origin`` writes them.
    public var extras = JSONObject()

    /// An answer with nothing in it yet.
    public init(origin: Dialect) { self.origin = origin }

    /// One of the answers that were asked for; most dialects have just one.
    public struct Choice: Equatable, Sendable {
        /// The provider's number for it, from 0.
        public var index: Int
        /// What the model said, thought and asked for, in its order.
        public var parts: [Part] = []
        /// Nil where the provider gave no reason.
        public var stop: Stop?
        /// Log probabilities in Chat Completions' form: `{"content": […], "refusal": […]}`.
        @Seldom public var logprobs: JSON?
        /// Members of the choice that the model has no name for, as ``Reply/origin`` writes them.
        public var extras = JSONObject()

        /// Without arguments: the first one, with nothing in it yet.
        public init(index: Int = 0, parts: [Part] = [], stop: Stop? = nil) {
            self.index = index
            self.parts = parts
            self.stop = stop
        }
    }
}

/// Numbers of choices, each given out once, in linear time: a provider that uses a number twice is in error, and both
/// answers stay.
struct ChoiceNumbers {
    private var used: Set<Int> = []
    private var next = 0
    /// How many came in order, from 0 on: as long as all do, nothing has to be remembered.
    private var inOrder = 0

    /// The number itself, or where it is in use the least one that is not and was not given out in place of another.
    mutating func free(_ wanted: Int) -> Int {
        if used.isEmpty {
            if wanted == inOrder {
                inOrder += 1
                return wanted
            }
            used = Set(0..<inOrder)
        }
        if used.insert(wanted).inserted { return wanted }
        while !used.insert(next).inserted { next += 1 }
        return next
    }
}

/// Why an answer ended.
public struct Stop: Equatable, Sendable {
    /// Over all dialects; ``Stop/native`` has the provider's own word.
    public enum Reason: String, Sendable {
        /// The model was done.
        case endTurn
        /// The output cap.
        case maxTokens
        /// The context window is full.
        case contextWindow
        /// One of the request's stop sequences came.
        case stopSequence
        /// The client is to run tools.
        case toolUse
        /// A filter of the provider cut it, or withheld it.
        case contentFilter
        /// The model declined.
        case refusal
        /// The provider paused a long turn; the client sends it back to go on (Anthropic).
        case pause
        /// The model wrote a tool call, or anything else, that nobody can read (Gemini's MALFORMED_FUNCTION_CALL), or called
        /// its provider's tools without an end.
        case malformedToolCall
        /// The provider failed, or says something that nobody knows.
        case other
    }

    /// Why it ended, over all dialects.
    public var reason: Reason
    /// Which stop sequence fired, where the dialect tells.
    public var sequence: String?
    /// The provider's own word: `tool_calls`, `SAFETY`, `end_turn`, …
    public var native: String?
    /// What the provider says about a refusal beside that word.
    public var explanation: Explanation?

    /// The provider's words about a refusal: not the model's, which are a part of the answer.
    public struct Explanation: Equatable, Sendable {
        /// For people; empty where it says none.
        public var words: String
        /// The provider's member that holds them.
        public var member: String
        /// The member says more than the words.
        public var saysMore: Bool

        /// - Parameter member: the provider's member that holds the words.
        public init(_ words: String, in member: String, saysMore: Bool = false) {
            self.words = words
            self.member = member
            self.saysMore = saysMore
        }
    }

    /// The words of ``explanation``; nil where there are none.
    var explainingWords: String? {
        guard let words = explanation?.words, !words.isEmpty else { return nil }
        return words
    }

    /// - Parameter native: the provider's own word for it.
    public init(_ reason: Reason, sequence: String? = nil, native: String? = nil) {
        self.reason = reason
        self.sequence = sequence
        self.native = native
    }
}

/// What an answer used, as counts and as the provider wrote it.
public struct Usage: Equatable, Sendable {
    /// The counts, by class; what the provider did not state is 0.
    public var tokens: TokenUsage
    /// The usage object as ``Reply/origin`` writes it.
    public var native: JSON?

    /// - Parameter native: as ``Reply/origin`` writes it; nil where there is none.
    public init(_ tokens: TokenUsage, native: JSON? = nil) {
        self.tokens = tokens
        self.native = native
    }
}

/// A provider's answer could not be understood.
public enum ReplyError: Error, Equatable, Sendable {
    /// It is not what its dialect allows: what, and where.
    case malformed(String)
    /// It says that the call failed, though its status may say 200.
    case failed(ProviderError)
}
