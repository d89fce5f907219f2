/// What a request asks for.
enum Endpoint: UInt8, Sendable {
    case chat, completions, embeddings

    init?(name: String) {
        switch name {
        case "chat", "chat/completions": self = .chat
        case "completions": self = .completions
        case "embeddings": self = .embeddings
        default: return nil
        }
    }

    var name: StaticString {
        switch self {
        case .chat: "chat"
        case .completions: "completions"
        case .embeddings: "embeddings"
        }
    }
}
