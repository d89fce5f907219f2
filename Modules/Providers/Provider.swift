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

    public var signing: Signing

    /// The environment variables that hold its key, the usual one first.
    public var keyVariables: [String]

    /// A server that also answers without a key, such as one on this machine.
    public var keyIsOptional: Bool

    /// The path below the base URL for each dialect it speaks. `{model}` stands for the upstream model's name.
    public var paths: [Dialect: String]

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

    /// A reply's usage states what the call cost in US dollars. That figure is then the price.
    public var reportsCost: Bool

    public var source: Source

    public struct Header: Sendable, Equatable {
        public var name: String
        public var value: String

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
        /// No key is sent.
        case none

        /// The header that carries the key, and what stands before it.
        public var header: (name: String, prefix: String)? {
            switch self {
            case .bearer: ("Authorization", "Bearer ")
            case .header(let name): (name, "")
            case .none: nil
            }
        }
    }

    /// The parameter that bounds how many tokens a chat call may produce.
    public enum OutputCap: String, Sendable {
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
        public var evidence: Evidence

        public init(_ documentation: String, _ evidence: Evidence) {
            self.documentation = documentation
            self.evidence = evidence
        }
    }

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

    /// A server that the operator names and nobody else knows: taken to speak as OpenAI does.
    public static func custom(_ name: String, at baseURL: String) -> Provider {
        Provider(name, at: baseURL, keyIsOptional: true, source: baseURL, .operatorsOwn)
    }
}

extension Provider {
    /// A stream's usage has to be asked for with `stream_options.include_usage`, and may be.
    public var streamUsageMustBeAsked: Bool { streamUsage == .whenAsked && !refusesStreamOptions }

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
    /// - Returns: nil where the provider doesn't speak the dialect, or base URL or version are missing.
    public func url(for dialect: Dialect, model: String, version: String? = nil) -> String? {
        guard let baseURL, let template = paths[dialect] else { return nil }
        let path = Provider.filled(template, with: model)
        guard let versionParameter else { return baseURL + path }
        guard let version else { return nil }
        return baseURL + path + "?" + versionParameter + "=" + Provider.percentEncoded(version)
    }

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
