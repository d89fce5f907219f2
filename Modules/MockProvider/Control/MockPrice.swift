import Units

/// What a token costs at the fake provider, in whole nano-dollars.
public struct MockPrice: Equatable, Sendable {
    /// For the prompt tokens that the usage reports neither as cached nor as written into a cache.
    public var inputNanosPerToken: Int64
    /// For the prompt tokens that the usage reports as cached.
    public var cachedInputNanosPerToken: Int64
    /// For all completion tokens.
    public var outputNanosPerToken: Int64
    /// For the prompt tokens that the usage reports as written into a cache.
    public var cacheWriteNanosPerToken: Int64

    /// - Parameters:
    ///   - cachedInputNanosPerToken: for the prompt tokens that the usage reports as cached.
    ///   - cacheWriteNanosPerToken: for those that it reports as written into a cache; nil: as other input.
    public init(
        inputNanosPerToken: Int64, cachedInputNanosPerToken: Int64, outputNanosPerToken: Int64,
        cacheWriteNanosPerToken: Int64? = nil
    ) {
        self.inputNanosPerToken = inputNanosPerToken
        self.cachedInputNanosPerToken = cachedInputNanosPerToken
        self.outputNanosPerToken = outputNanosPerToken
        self.cacheWriteNanosPerToken = cacheWriteNanosPerToken ?? inputNanosPerToken
    }

    func bill(_ tokens: BilledTokens) -> NanoUSD {
        NanoUSD(
            nanos: Int64(tokens.prompt - tokens.cached - tokens.cacheWrite) * inputNanosPerToken
                + Int64(tokens.cached) * cachedInputNanosPerToken
                + Int64(tokens.cacheWrite) * cacheWriteNanosPerToken
                + Int64(tokens.completion) * outputNanosPerToken)
    }
}

/// The tokens an attempt is billed for. `prompt` includes `cached` and `cacheWrite`.
struct BilledTokens: Equatable, Sendable {
    var prompt = 0
    var cached = 0
    var cacheWrite = 0
    var completion = 0
}
