extension Dialect {
    /// The codec of this dialect; nil for embeddings, which are never translated.
    public var codec: (any DialectCodec.Type)? {
        switch self {
        case .chatCompletions: ChatCompletionsCodec.self
        case .responses: ResponsesCodec.self
        case .completions: CompletionsCodec.self
        case .messages: MessagesCodec.self
        case .generateContent: GenerateContentCodec.self
        case .converse: ConverseCodec.self
        case .cohereChat: CohereChatCodec.self
        case .ollamaChat: OllamaChatCodec.self
        case .embeddings: nil
        }
    }
}
