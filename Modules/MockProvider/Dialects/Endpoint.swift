/// What a request asks for.
enum Endpoint: UInt8, CaseIterable, Sendable {
    case chat, completions, embeddings
    case responses, compact
    case messages, rawPredict, invoke
    case generateContent
    case converse
    case cohere
    case ollama
    case countTokens

    init?(name: String) {
        guard let found = Self.allCases.first(where: { "\($0.name)" == name || "\($0.path)" == name }) else {
            return nil
        }
        self = found
    }

    var name: StaticString {
        switch self {
        case .chat: "chat"
        case .completions: "completions"
        case .embeddings: "embeddings"
        case .responses: "responses"
        case .compact: "responses_compact"
        case .messages: "messages"
        case .rawPredict: "raw_predict"
        case .invoke: "invoke"
        case .generateContent: "generate_content"
        case .converse: "converse"
        case .cohere: "cohere_chat"
        case .ollama: "ollama_chat"
        case .countTokens: "count_tokens"
        }
    }

    /// Another name that a rule may use.
    private var path: StaticString {
        switch self {
        case .chat: "chat/completions"
        case .cohere: "v2/chat"
        case .ollama: "api/chat"
        case .generateContent: "generateContent"
        default: name
        }
    }
}
