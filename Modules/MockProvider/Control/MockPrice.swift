import Units

/// What a token costs at the fake provider, in whole nano-dollars.
public struct MockPrice: Equatable, Sendable {
    public var inputNanosPerToken: Int64
    public var cachedInputNanosPerToken: Int64
    public var outputNanosPerToken: Int64

    /// - Parameter cachedInputNanosPerToken: for the prompt tokens that the usage reports as cached.
    public init(inputNanosPerToken: Int64, cachedInputNanosPerToken: Int64, outputNanosPerToken: Int64) {
        self.inputNanosPerToken = inputNanosPerToken
        self.cachedInputNanosPerToken = cachedInputNanosPerToken
        self.outputNanosPerToken = outputNanosPerToken
    }

    func bill(_ tokens: BilledTokens) -> NanoUSD {
        NanoUSD(
            nanos: Int64(tokens.prompt - tokens.cached) * inputNanosPerToken
                + Int64(tokens.cached) * cachedInputNanosPerToken + Int64(tokens.completion) * outputNanosPerToken)
    }
}

/// The tokens an attempt is billed for. `prompt` includes `cached`.
struct BilledTokens: Equatable, Sendable {
    var prompt = 0
    var cached = 0
    var completion = 0
}
