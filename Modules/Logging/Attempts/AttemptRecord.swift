import Units

/// Everything a ledger row holds about one call to a provider.
///
/// The gateway fills one in before it sends, with the estimate that is to be charged should the process die, gives it
/// to ``Journal/attemptOpened(_:at:)``, which sets ``id`` and ``sequence``; completes it when the attempt has ended
/// and gives it to ``Journal/attemptClosed(_:)``.
public struct AttemptRecord: Equatable, Sendable {
    /// Set by the journal when the attempt opens.
    public internal(set) var id = AttemptID(rawValue: 0)
    /// Counts the attempts of a journal slot without a hole, so that a lost row shows. Set by the journal.
    public internal(set) var sequence: Int64 = 0

    /// The client's request: the id that nginx gave it. All attempts of a request share it.
    public var requestID: String
    /// The virtual key's row id.
    public var keyID: Int64
    /// 1 for the request's first attempt.
    public var attemptNumber: Int
    /// What else is true of it, known when it opens or set before it closes.
    public var flags: AttemptFlags
    /// What the client called: `chat.completions`.
    public var endpoint: String
    /// The model's public name, as configured.
    public var model: String
    /// The configured name.
    public var provider: String
    /// The name that the provider knows the model by.
    public var upstreamModel: String
    /// Which dated price row the cost was computed with; `free` and `unpriced` are prices too.
    public var priceID: String
    /// The end user that the client named.
    public var user: String?

    /// The instant that the cost counts at: that of the budget's hold, not that of the first byte sent.
    public var startedAt: Timestamp
    /// Nil where nothing of an answer came.
    public var firstByteAt: Timestamp?
    /// ``startedAt`` until the attempt has ended.
    public var endedAt: Timestamp

    /// The provider's HTTP status; 0 if none came.
    public var status = 0
    /// The estimate until the attempt has ended.
    public var tokens: AttemptTokens
    /// The estimate until the attempt has ended. Where the provider states what a call cost, that, whatever the tokens.
    /// What other models used that the provider asked by itself is in it, and not in ``tokens``.
    public var cost: NanoUSD
    /// What was held for the attempt: the most it could have cost; 0 where the price is not known.
    public var held: NanoUSD
    /// Where ``tokens`` come from.
    public var source = UsageSource.estimated
    /// What recovery takes it to be, until it is known.
    public var end = AttemptEnd.interrupted
    /// The gateway's word for what went wrong: `upstream_timeout`, `rate_limit_exceeded`; nil where nothing did.
    public var errorCode: String?

    /// A record as it is opened.
    ///
    /// - Parameters:
    ///   - tokens: the estimate, and its ``cost``.
    public init(
        requestID: String, keyID: Int64, attemptNumber: Int = 1, flags: AttemptFlags = [], endpoint: String,
        model: String, provider: String, upstreamModel: String, priceID: String = "", user: String? = nil,
        startedAt: Timestamp, tokens: AttemptTokens = AttemptTokens(), cost: NanoUSD = .zero, held: NanoUSD = .zero
    ) {
        self.requestID = requestID
        self.keyID = keyID
        self.attemptNumber = attemptNumber
        self.flags = flags
        self.endpoint = endpoint
        self.model = model
        self.provider = provider
        self.upstreamModel = upstreamModel
        self.priceID = priceID
        self.user = user
        self.startedAt = startedAt
        endedAt = startedAt
        self.tokens = tokens
        self.cost = cost
        self.held = held
    }

    /// Whether the provider failed to answer. A client that left, or an answer that a guardrail stopped, is no failure.
    public var isFailure: Bool { end == .upstreamError || end == .timeout || end == .interrupted }
}

/// Token classes as the provider reported them; ``input`` includes the cached ones and ``output`` the reasoning ones.
public struct AttemptTokens: Equatable, Sendable {
    /// Every input token, those of the four classes below included.
    public var input = TokenCount.zero
    /// Read from the provider's cache; a part of ``input``, as are the two that follow.
    public var cachedInput = TokenCount.zero
    /// Written to a cache that lives five minutes, or for a time that the provider did not tell.
    public var cacheWrite5m = TokenCount.zero
    /// Written to a cache that lives an hour.
    public var cacheWrite1h = TokenCount.zero
    /// Every output token, reasoning and audio included.
    public var output = TokenCount.zero
    /// A part of ``output``.
    public var reasoning = TokenCount.zero
    /// A part of ``input``.
    public var audioInput = TokenCount.zero
    /// A part of ``output``.
    public var audioOutput = TokenCount.zero

    /// All parts are 0: they are set where a provider names them.
    public init(input: TokenCount = .zero, output: TokenCount = .zero) {
        self.input = input
        self.output = output
    }
}

/// Where an attempt's token figures come from.
public enum UsageSource: UInt8, Sendable, CaseIterable {
    /// The provider reported them.
    case provider
    /// The gateway counted what went over the wire.
    case computed
    /// Nobody knows: the estimate made before the call.
    case estimated
}

/// How an attempt ended.
public enum AttemptEnd: UInt8, Sendable, CaseIterable {
    /// The whole answer came.
    case complete
    /// The client left before the answer's end.
    case clientGone
    /// The provider refused, failed, or sent what is no answer.
    case upstreamError
    /// One of the route's timers ran out.
    case timeout
    /// The gateway died before it could write the end down.
    case interrupted
    /// The gateway refused: a guardrail stopped the answer, or nobody was asked for one.
    case refused
}

/// What else is true of an attempt; the bits are stored, so none is ever given another meaning.
public struct AttemptFlags: OptionSet, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The client asked for a stream.
    public static let stream = AttemptFlags(rawValue: 1)
    /// The model that answers is not the one asked for.
    public static let fallback = AttemptFlags(rawValue: 2)
    /// No price is known; the cost of 0 is not a measurement.
    public static let unpriced = AttemptFlags(rawValue: 4)
    /// The client left and the answer was read to its end for its usage.
    public static let drained = AttemptFlags(rawValue: 8)
}

extension UsageSource: CustomStringConvertible {
    /// The word in the ledger and in logs.
    public var description: String { "\(word)" }

    var word: StaticString {
        switch self {
        case .provider: "provider"
        case .computed: "computed"
        case .estimated: "estimated"
        }
    }

    /// Reads the word of ``description``.
    public init?(_ word: String) {
        guard let source = Self.allCases.first(where: { $0.description == word }) else { return nil }
        self = source
    }
}

extension AttemptEnd: CustomStringConvertible {
    /// The word in the ledger, in logs and in metrics.
    public var description: String { "\(word)" }

    var word: StaticString {
        switch self {
        case .complete: "complete"
        case .clientGone: "client_gone"
        case .upstreamError: "upstream_error"
        case .timeout: "timeout"
        case .interrupted: "interrupted"
        case .refused: "refused"
        }
    }

    /// Reads the word of ``description``.
    public init?(_ word: String) {
        guard let end = Self.allCases.first(where: { $0.description == word }) else { return nil }
        self = end
    }
}
