/// The endpoints of OpenAI's API that share the request and reply shapes of chat.
public enum OpenAIEndpoint: String, Sendable, Equatable, CaseIterable {
    case chatCompletions, completions, embeddings

    /// The path below the API's base, which providers share: `/chat/completions`.
    public var path: String {
        switch self {
        case .chatCompletions: "/chat/completions"
        case .completions: "/completions"
        case .embeddings: "/embeddings"
        }
    }
}
