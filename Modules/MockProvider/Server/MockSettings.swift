import Units

/// What the command line says.
public struct MockSettings: Sendable {
    /// An IPv4 address to listen on.
    public var host = "127.0.0.1"
    /// 0: any free port. nil: no TCP (only with `unixPath`).
    public var port: UInt16? = 4010
    /// Where to listen on a unix socket; nil: nowhere.
    public var unixPath: String?
    /// One loop each. With more than one, the books may lag an answer by a moment.
    public var threads = 1
    /// What `Authorization: Bearer` must carry; nil: anything that is not empty.
    public var key: String?
    /// The only models that exist; empty: every name is served.
    public var models: [String] = []
    /// Of every model that `prices` does not name.
    public var price = MockPrice(
        inputNanosPerToken: 150, cachedInputNanosPerToken: 75, outputNanosPerToken: 600,
        cacheWriteNanosPerToken: 200)
    /// By model.
    public var prices: [String: MockPrice] = [:]
    /// SO_SNDBUF of accepted connections; nil: the system's choice.
    public var sendBufferBytes: Int32?
    var behaviour = Behaviour()

    /// The defaults of the command line.
    public init() {}

    /// What `--help` says.
    public static let usage = """
        usage: tollgate-mock [--port 4010] [--host 127.0.0.1] [--unix PATH] [--threads 1] [--key KEY] [--models A,B]
                             [--latency 0ms] [--ttft 0ms] [--chunk-interval 0ms] [--tokens 20] [--controls TEXT]
                             [--price-input-nanos-per-token 150] [--price-output-nanos-per-token 600]
                             [--price-cached-nanos-per-token 75] [--price-cache-write-nanos-per-token 200]
                             [--price MODEL=INPUT/OUTPUT]... [--send-buffer BYTES]

        A fake provider that speaks its clients' dialects. With --unix and no --port it listens on the unix socket alone.

        OpenAI     /v1/chat/completions /v1/completions /v1/embeddings /v1/models
                   /v1/responses /v1/responses/{id}[/input_items|/cancel] /v1/responses/input_tokens|compact
        Anthropic  /v1/messages /v1/messages/count_tokens
        Google     /v1beta/models/{m}:generateContent|streamGenerateContent|countTokens, also below /v1/models/ and
                   /v1/projects/{p}/locations/{l}/publishers/google/models/; publishers/anthropic/models/{m}:rawPredict
        Bedrock    /model/{id}/converse|converse-stream|count-tokens|invoke|invoke-with-response-stream
        Cohere     /v2/chat
        Ollama     /api/chat

        The last user text chooses the answer: `call NAME {json}`, `describe request`, `please refuse`, `search WORDS`.
        Faults per request: header x-mock, body member x_mock, model name?controls, or POST /_mock/faults.
        Books: GET /_mock/stats, GET /_mock/attempts?since=0&limit=10000, POST /_mock/reset.
        Requests as they came: POST /_mock/requests?keep=100, GET /_mock/requests?since=0.
        All of it: docs/MOCK.md.
        """

    /// Reads flags (`--name value` or `--name=value`).
    ///
    /// - Throws: ``MockUsageError`` with a sentence on the first flag that is wrong.
    public init(arguments: [String]) throws(MockUsageError) {
        var rest = arguments[...]
        var portWasSaid = false
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard name.hasPrefix("--") else { throw MockUsageError("'\(argument)' is no flag") }
            guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                throw MockUsageError("\(name) needs a value")
            }
            if name == "--port" { portWasSaid = true }
            try read(name, value)
        }
        if unixPath != nil, !portWasSaid { port = nil }
    }

    private mutating func read(_ name: String, _ value: String) throws(MockUsageError) {
        func number<Number: FixedWidthInteger>(_ allowed: ClosedRange<Number>) throws(MockUsageError) -> Number {
            guard let number = Number(value), allowed.contains(number) else {
                throw MockUsageError("\(name) is a number from \(allowed.lowerBound) to \(allowed.upperBound)")
            }
            return number
        }
        switch name {
        case "--host": host = value
        case "--port": port = try number(0...UInt16.max)
        case "--unix": unixPath = value
        case "--threads": threads = try number(1...64)
        case "--key": key = value
        case "--models": models = value.split(separator: ",").map(String.init)
        case "--send-buffer": sendBufferBytes = try number(1024...Int32(1 << 30))
        case "--price-input-nanos-per-token": price.inputNanosPerToken = try number(0...1_000_000_000)
        case "--price-output-nanos-per-token": price.outputNanosPerToken = try number(0...1_000_000_000)
        case "--price-cached-nanos-per-token": price.cachedInputNanosPerToken = try number(0...1_000_000_000)
        case "--price-cache-write-nanos-per-token": price.cacheWriteNanosPerToken = try number(0...1_000_000_000)
        case "--price": try readPrice(value)
        case "--latency", "--ttft", "--tokens": try control(String(name.dropFirst(2)), value)
        case "--chunk-interval": try control("interval", value)
        case "--controls":
            do throws(ControlError) {
                try behaviour.apply(text: value)
            } catch {
                throw MockUsageError("\(name): \(error)")
            }
        default: throw MockUsageError("unknown flag \(name)")
        }
    }

    private mutating func control(_ name: String, _ value: String) throws(MockUsageError) {
        do throws(ControlError) {
            try behaviour.apply(name, Array(value.utf8))
        } catch {
            throw MockUsageError("--\(name): \(error)")
        }
    }

    /// `mock-b=1000/3000`: nano-dollars per token, in and out; cached input costs as much as input.
    private mutating func readPrice(_ text: String) throws(MockUsageError) {
        let sides = text.split(separator: "=")
        let amounts = sides.count == 2 ? sides[1].split(separator: "/").compactMap { Int64($0) } : []
        guard amounts.count == 2, amounts.allSatisfy({ (0...1_000_000_000).contains($0) }) else {
            throw MockUsageError("--price is MODEL=INPUT/OUTPUT in nano-dollars per token, not '\(text)'")
        }
        prices[String(sides[0])] = MockPrice(
            inputNanosPerToken: amounts[0], cachedInputNanosPerToken: amounts[0], outputNanosPerToken: amounts[1])
    }
}

/// A mistake on the command line.
public struct MockUsageError: Error, Equatable, CustomStringConvertible {
    /// What is wrong and what would be right, for the one line on standard error.
    public let description: String
    init(_ description: String) { self.description = description }
}
