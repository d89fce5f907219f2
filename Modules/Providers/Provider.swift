import WireFormats

/// One provider as a row of facts: where it is, how a call is signed, what it speaks and where it differs from OpenAI.
///
/// A row is data: a compatible provider is added by a row in `Provider+Known.swift` and no code, and the suite
/// `ProviderRowTests` runs over it by itself. What a provider does differently is a named field here, never a
/// comparison with its name elsewhere.
public struct Provider: Sendable, Equatable {
    /// What `tollgate.yaml`, the ledger and metrics call it. Known rows bear LiteLLM's name for the provider.
    public var name: String

    /// Whose models these are in ``ModelCatalogue``: the known row's name, also where the operator named it otherwise.
    public var catalogue: String

    /// Absolute, without a trailing slash; nil where it is the operator's own (Azure, Databricks, vLLM) and the
    /// configuration has to say it.
    public var baseURL: String?

    /// How a key goes into every call whose dialect is not in ``signingOf``.
    public var signing: Signing

    /// The environment variables that hold its key, the usual one first.
    public var keyVariables: [String]

    /// A server that also answers without a key, such as one on this machine.
    public var keyIsOptional: Bool

    /// The dialects that it speaks, the one first into which a client's is best translated.
    public var dialects: [Dialect] {
        didSet {
            paths = paths.filter { dialects.contains($0.key) }
            for dialect in dialects where paths[dialect] == nil { paths[dialect] = dialect.usualPath }
        }
    }

    /// The path below the base URL for each dialect it speaks. `{model}` stands for the upstream model's name.
    public var paths: [Dialect: String]

    /// Where a dialect's calls are signed in another way than ``signing``.
    public var signingOf: [Dialect: Signing] = [:]

    /// A query parameter that every call needs and whose value the configuration gives (`api_version` of Azure).
    public var versionParameter: String?

    /// Constant headers of every call.
    public var headers: [Header]

    /// Parameters that it answers with an error instead of ignoring them.
    public var refuses: [String]

    /// OpenAI's name of a parameter → the provider's own.
    public var renames: [String: String]

    /// What a chat request's output cap is called here.
    public var chatOutputCap: OutputCap

    /// When a stream carries its token counts.
    public var streamUsage: StreamUsage

    /// It counts a request's tokens where the dialect has a path for that.
    public var countsTokens = false

    /// A reply's usage states what the call cost in US dollars. That figure is then the price.
    public var reportsCost: Bool

    /// Client headers, in lower case, that travel on where the client speaks the provider's own dialect.
    public var forwards: [String] = []

    /// Whose form of Messages bodies it takes.
    public var messagesHost = TargetFacts.MessagesHost.direct

    /// The AWS region, where the host's name does not say it.
    public var region: String?

    /// Its generateContent is Vertex's, not AI Studio's.
    public var isVertex = false

    /// The words by which its models are told how much to think, where the model's name alone does not tell: by a piece of
    /// the name, which may have a version behind it (`qwen3`, `qwen3.6`).
    public var efforts: [String: [String]] = [:]

    /// Its chat takes OpenAI's `developer` role; elsewhere that is written as `system`.
    public var takesDeveloperRole = false

    /// It refuses functions whose schemas are not as OpenAI's page wants them; elsewhere any schema goes.
    public var limitsToolSchemas = false

    /// It holds answers to a JSON Schema itself; elsewhere the schema becomes an instruction.
    public var takesJSONSchema = true

    /// How many stop sequences a request may have, in Chat and in Completions; nil where its page names no number.
    public var stopSequencesMax: Int?

    /// The member in which its chat takes thinking back (`reasoning_content`, `reasoning_details`); nil where in none.
    public var chatReasoning: String?

    /// Whose proofs of thinking its chat takes back.
    public var takesProofs: Set<Proof.Origin> = []

    /// The part in which its chat takes documents by their address: `file`, `document_url`, `file_url`; nil where in none.
    public var documentURLPart: String?

    /// Its chat takes films, in a part that OpenAI's does not have (`video_url`), or answers in words of its own.
    public var takesVideo = true

    /// Its chat takes `web_search_options`, and searches. Many refuse a member that they do not know, others pass over it, and
    /// the client would believe that a search was made.
    public var takesWebSearchOptions = false

    /// Its chat takes `cache_control` on parts and tools.
    public var takesCacheMarkers = false

    /// Ids of tool calls have nine letters and digits (Mistral).
    public var hasNineCharacterToolIDs = false

    /// Where the row's facts come from.
    public var source: Source

    /// A header that every call has, as it stands on the wire. The one with the key is ``Signing``'s.
    public struct Header: Sendable, Equatable {
        /// As it stands on the wire; case does not matter.
        public var name: String
        /// The same in every call, so never a secret.
        public var value: String

        /// - Parameter value: without line breaks.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// How a key goes into a call.
    public enum Signing: Sendable, Equatable {
        /// `Authorization: Bearer <key>`
        case bearer
        /// The key alone in a header of this name.
        case header(String)
        /// AWS Signature Version 4 for this service, where the key is `ACCESS_KEY_ID:SECRET_ACCESS_KEY[:SESSION_TOKEN]`;
        /// any other key is a Bedrock API key and goes as a bearer token.
        case aws(service: String)
        /// An OAuth access token as bearer; where the key is a service account's JSON, a token is fetched with it.
        case google
        /// No key is sent.
        case none

        /// The header that carries the key, and what stands before it.
        public var header: (name: String, prefix: String)? {
            switch self {
            case .bearer, .aws, .google: ("Authorization", "Bearer ")
            case .header(let name): (name, "")
            case .none: nil
            }
        }
    }

    /// The parameter that bounds how many tokens a chat call may produce.
    public enum OutputCap: String, Sendable {
        /// What nearly everyone takes, and OpenAI's models that don't reason.
        case maxTokens = "max_tokens"
        /// OpenAI's newer name, and the only one its reasoning models accept.
        case maxCompletionTokens = "max_completion_tokens"
    }

    /// When a stream carries its token counts.
    public enum StreamUsage: Sendable {
        /// Only if the request says `stream_options.include_usage`.
        case whenAsked
        /// The last chunk has them, asked or not.
        case always
        /// Every chunk has the counts so far, asked or not: the last one counts.
        case everyChunk
    }

    /// Where the row's facts come from, and the day they were read.
    public struct Source: Sendable, Equatable {
        /// The page that documents the provider's API.
        public var documentation: String
        /// Whether the page says so, or something else does.
        public var evidence: Evidence

        /// - Parameter documentation: an address that a reader can open.
        public init(_ documentation: String, _ evidence: Evidence) {
            self.documentation = documentation
            self.evidence = evidence
        }
    }

    /// How well the row's facts are known. Days are `2026-11-22`.
    public enum Evidence: Sendable, Equatable {
        /// The provider's own page said so on that day.
        case verified(String)
        /// Recorded calls to that URL that succeeded, in a collection of that day.
        case recorded(String)
        /// LiteLLM 1.109.1's table, not checked against the provider.
        case unverified
        /// No such provider: the operator's own configuration.
        case operatorsOwn
    }

    /// A row. What is left out is what OpenAI itself does.
    public init(
        _ name: String, at baseURL: String?, signing: Signing = .bearer, key keyVariables: String...,
        keyIsOptional: Bool = false, speaks dialects: [Dialect] = [.chatCompletions, .completions, .embeddings],
        paths: [Dialect: String] = [:],
        versionParameter: String? = nil, headers: [Header] = [], refuses: [String] = [],
        renames: [String: String] = [:], chatOutputCap: OutputCap = .maxTokens, streamUsage: StreamUsage = .whenAsked,
        reportsCost: Bool = false, source documentation: String, _ evidence: Evidence
    ) {
        self.name = name
        catalogue = name
        self.baseURL = baseURL
        self.signing = signing
        self.keyVariables = keyVariables
        self.keyIsOptional = keyIsOptional
        self.dialects = dialects
        self.paths = [:]
        for dialect in dialects { self.paths[dialect] = paths[dialect] ?? dialect.usualPath }
        self.versionParameter = versionParameter
        self.headers = headers
        self.refuses = refuses
        self.renames = renames
        self.chatOutputCap = chatOutputCap
        self.streamUsage = streamUsage
        self.reportsCost = reportsCost
        source = Source(documentation, evidence)
    }

    /// The row with one of its rarer facts changed: for rows that are written as a list.
    func with<Value>(_ fact: WritableKeyPath<Provider, Value>, _ value: Value) -> Provider {
        var row = self
        row[keyPath: fact] = value
        return row
    }

    /// A server that the operator names and nobody else knows: taken to speak as OpenAI does.
    public static func custom(_ name: String, at baseURL: String) -> Provider {
        var row = Provider(name, at: baseURL, keyIsOptional: true, source: baseURL, .operatorsOwn)
        // `refuses: [web_search_options]` where it does not.
        row.takesWebSearchOptions = true
        return row
    }
}

extension Provider {
    /// A stream's usage has to be asked for with `stream_options.include_usage`, and may be.
    public var streamUsageMustBeAsked: Bool { streamUsage == .whenAsked && !refusesStreamOptions }

    /// A stream's usage can't be asked for: `stream_options` would be an error.
    public var refusesStreamOptions: Bool { refuses.contains("stream_options") }

    /// What a call's output cap is called in this dialect. The cap of `/completions` has only ever had the one name.
    public func outputCapName(in dialect: Dialect) -> String {
        dialect == .chatCompletions ? chatOutputCap.rawValue : OutputCap.maxTokens.rawValue
    }

    /// The URL to call.
    ///
    /// - Parameters:
    ///   - model: the upstream model, percent-encoded where the path holds it, so that no name leads elsewhere.
    ///   - version: the value of ``versionParameter``.
    ///   - stream: whether a stream is wanted: some dialects have another path for it.
    /// - Returns: nil where the provider doesn't speak the dialect, or base URL or version are missing.
    public func url(for dialect: Dialect, model: String, version: String? = nil, stream: Bool = false) -> String? {
        guard let baseURL, let template = paths[dialect] else { return nil }
        let path = Provider.filled(stream ? Provider.streamPath(template) : template, with: model)
        return versioned(baseURL + path, version)
    }

    /// - Returns: nil where a version is needed and missing.
    private func versioned(_ url: String, _ version: String?) -> String? {
        guard let versionParameter else { return url }
        guard let version else { return nil }
        let separator = url.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        return url + separator + versionParameter + "=" + Provider.percentEncoded(version)
    }

    /// The URL of a call that counts a request's tokens; nil where the provider has none in that dialect, or base URL or
    /// version are missing.
    public func countURL(for dialect: Dialect, model: String, version: String? = nil) -> String? {
        guard let baseURL, countsTokens, let template = paths[dialect] else { return nil }
        let path: String? =
            switch dialect {
            case .messages where messagesHost == .direct: template + "/count_tokens"
            case .responses: template + "/input_tokens"
            case .generateContent: Provider.replacing(":generateContent", with: ":countTokens", in: template)
            // Bedrock counts for Claude only (https://docs.aws.amazon.com/bedrock/latest/userguide/count-tokens.html, read
            // on 2026-11-29).
            case .converse where model.contains(Provider.claudeAtBedrock):
                Provider.replacing("/converse", with: "/count-tokens", in: template)
            default: nil
            }
        // It knows the model's own id only, not those of inference profiles (`us.…`, ARNs): "The provided model doesn't
        // support counting tokens" (https://github.com/pydantic/pydantic-ai/pull/3367, read on 2026-11-29).
        var model = model[...]
        if dialect == .converse, let own = model.firstRange(of: Provider.claudeAtBedrock) {
            model = model[own.lowerBound...]
        }
        return path.flatMap { versioned(baseURL + Provider.filled($0, with: String(model)), version) }
    }

    private static let claudeAtBedrock = "anthropic.claude"

    /// Where a dialect has the wish for a stream in its path.
    private static func streamPath(_ path: String) -> String {
        // Without `alt=sse` Google answers with one JSON array.
        replacing(":generateContent", with: ":streamGenerateContent?alt=sse", in: path)
            ?? replacing(":rawPredict", with: ":streamRawPredict", in: path)
            ?? replacing("/converse", with: "/converse-stream", in: path)
            ?? replacing("/invoke", with: "/invoke-with-response-stream", in: path) ?? path
    }

    private static func replacing(_ end: String, with other: String, in path: String) -> String? {
        path.hasSuffix(end) ? path.dropLast(end.count) + other : nil
    }

    /// How calls in a dialect are signed.
    public func signing(of dialect: Dialect) -> Signing { signingOf[dialect] ?? signing }

    private static func filled(_ template: String, with model: String) -> String {
        guard let open = template.firstIndex(of: "{"), let close = template.firstIndex(of: "}") else { return template }
        return template[..<open] + percentEncoded(model) + template[template.index(after: close)...]
    }

    /// Everything but RFC 3986's unreserved characters as `%XX`. A component of dots alone becomes `_`: proxies resolve
    /// such components away, encoded or not.
    private static func percentEncoded(_ text: String) -> String {
        text.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0 == "." || $0 == ".." ? "_" : percentEncoded(component: $0) }
            .joined(separator: "%2F")
    }

    private static func percentEncoded(component: Substring) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in component.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"),
                UInt8(ascii: "."):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Dialect {
    /// Where its inventor serves it below the base URL, and so does nearly everyone who is compatible.
    public var usualPath: String {
        switch self {
        case .chatCompletions: "/chat/completions"
        case .responses: "/responses"
        case .completions: "/completions"
        case .embeddings: "/embeddings"
        case .messages: "/messages"
        case .generateContent: "/models/{model}:generateContent"
        case .converse: "/model/{model}/converse"
        case .cohereChat: "/chat"
        case .ollamaChat: "/chat"
        }
    }
}
