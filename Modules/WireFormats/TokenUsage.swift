import Units

/// What a call used, by the classes that providers price apart.
///
/// The parts are parts: ``cachedInput``, ``cacheWrite5m``, ``cacheWrite1h``, ``audioInput`` and ``imageInput`` are
/// counted within ``input``; ``reasoning``, ``audioOutput``, ``imageOutput``, ``acceptedPrediction`` and
/// ``rejectedPrediction`` within ``output``. So the tokens at the plain input price are ``plainInput``.
public struct TokenUsage: Equatable, Sendable {
    /// All input tokens.
    public var input: TokenCount
    /// Input read from the provider's cache.
    public var cachedInput: TokenCount
    /// Input written to the provider's cache for five minutes, or for a time that it did not tell.
    public var cacheWrite5m: TokenCount
    /// Input written to the provider's cache for an hour.
    public var cacheWrite1h: TokenCount
    /// All output tokens, hidden reasoning included.
    public var output: TokenCount
    /// Output that the model thought and did not show.
    public var reasoning: TokenCount
    /// Input that is sound.
    public var audioInput: TokenCount
    /// Output that is sound.
    public var audioOutput: TokenCount
    /// Tokens of a predicted output that were used.
    public var acceptedPrediction: TokenCount
    /// Tokens of a predicted output that were not; OpenAI bills them as output.
    public var rejectedPrediction: TokenCount
    /// Input that is images.
    public var imageInput: TokenCount = 0
    /// Output that is images.
    public var imageOutput: TokenCount = 0
    /// Searches that the provider ran and bills one by one; not tokens.
    public var searches: Int64 = 0
    /// What the provider says that this call cost. Nil where it says nothing.
    public var providerReportedCost: NanoUSD?
    /// What other models used for the same answer, beside all of the counts above.
    @Seldom public var others: [OtherModelUsage]?

    /// Counts that are left out are 0, the cost is nil: the provider did not state them.
    public init(
        input: TokenCount = 0, cachedInput: TokenCount = 0, cacheWrite5m: TokenCount = 0, cacheWrite1h: TokenCount = 0,
        output: TokenCount = 0, reasoning: TokenCount = 0, audioInput: TokenCount = 0, audioOutput: TokenCount = 0,
        acceptedPrediction: TokenCount = 0, rejectedPrediction: TokenCount = 0, providerReportedCost: NanoUSD? = nil
    ) {
        self.input = input
        self.cachedInput = cachedInput
        self.cacheWrite5m = cacheWrite5m
        self.cacheWrite1h = cacheWrite1h
        self.output = output
        self.reasoning = reasoning
        self.audioInput = audioInput
        self.audioOutput = audioOutput
        self.acceptedPrediction = acceptedPrediction
        self.rejectedPrediction = rejectedPrediction
        self.providerReportedCost = providerReportedCost
    }

    /// Nothing used.
    public static let zero = TokenUsage()

    /// Input and output.
    public var total: TokenCount { input + output }

    /// Tokens of one class beyond which no call goes: a hundred times the longest context there is.
    private static let plausibleMax = TokenCount(Int64(100_000_000))

    /// Whether a call can have used this. What cannot be is no report: whoever bills by it bills a provider's mistake.
    public var isPlausible: Bool {
        // Without an array: it is asked of every call.
        func can(_ count: TokenCount) -> Bool { count >= .zero && count <= TokenUsage.plausibleMax }
        if let others, !others.allSatisfy({ $0.tokens.isPlausible }) { return false }
        return can(input) && can(cachedInput) && can(cacheWrite5m) && can(cacheWrite1h) && can(output) && can(reasoning)
            && can(audioInput) && can(audioOutput) && can(acceptedPrediction) && can(rejectedPrediction)
            && can(imageInput) && can(imageOutput)
    }

    /// Input that was neither read from nor written to a cache. Never negative in a usage that this module read.
    public var plainInput: TokenCount { input - cachedInput - cacheWrite5m - cacheWrite1h }
}

/// What a model that nobody asked for used for an answer, such as an advisor of Anthropic's: its provider bills it at that
/// model's price.
public struct OtherModelUsage: Equatable, Sendable {
    /// The provider's name for it; empty where the provider tells none.
    public var model: String
    /// Of one pass of it.
    public var tokens: TokenUsage

    /// - Parameter model: the provider's name for it.
    public init(model: String, tokens: TokenUsage) {
        self.model = model
        self.tokens = tokens
    }
}
