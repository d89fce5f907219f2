import WireFormats

/// A way of speaking that a provider offers at a path of its own.
///
/// The raw value is the name that `tollgate.yaml`, logs and the ledger use.
public enum Dialect: String, Sendable, CaseIterable, Hashable {
    case chatCompletions = "chat_completions"
    case completions
    case embeddings

    /// Where OpenAI serves it below the base URL, and so does nearly everyone who is compatible with it.
    public var usualPath: String {
        switch self {
        case .chatCompletions: "/chat/completions"
        case .completions: "/completions"
        case .embeddings: "/embeddings"
        }
    }
}

extension Dialect {
    /// The same endpoint, as its wire format calls it.
    public init(_ endpoint: OpenAIEndpoint) {
        switch endpoint {
        case .chatCompletions: self = .chatCompletions
        case .completions: self = .completions
        case .embeddings: self = .embeddings
        }
    }
}
