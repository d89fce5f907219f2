/// A way of speaking to a model, at a path of its own.
///
/// The raw value is the name that `tollgate.yaml`, logs, the ledger and docs/FIDELITY.md use.
public enum Dialect: String, Sendable, CaseIterable, Hashable {
    /// OpenAI Chat Completions.
    case chatCompletions = "chat_completions"
    /// OpenAI Responses.
    case responses
    /// OpenAI Completions (legacy).
    case completions
    /// Anthropic Messages; also the bodies of Bedrock's invoke and Vertex's rawPredict.
    case messages
    /// Google generateContent, of AI Studio and Vertex.
    case generateContent = "generate_content"
    /// Amazon Bedrock Converse.
    case converse
    /// Cohere v2 chat. Providers only.
    case cohereChat = "cohere_chat"
    /// Ollama's native chat. Providers only.
    case ollamaChat = "ollama_chat"
    /// OpenAI Embeddings: no conversation, and never translated.
    case embeddings

    /// What may be sent while nothing is to be said, at a stream's beginning too; nil where the framing has no such thing.
    public var keepAlive: StaticString? {
        switch self {
        case .chatCompletions, .responses, .completions, .messages: ": keep-alive\n\n"
        case .generateContent: GenerateContentCodec.keepAlive
        case .converse, .cohereChat, .ollamaChat, .embeddings: nil
        }
    }

    /// An answer must say what was used: in the SDKs' models of Messages and of Converse (botocore 1.44.8) `usage` is
    /// required; OpenAI's and Google's may lack it. Where the provider told nothing, the figures that are billed stand there.
    public var answersStateUsage: Bool { self == .messages || self == .converse }

    /// The least cap of output tokens that its clients may ask for. With 0 the prompt is only read: by Messages into its
    /// cache ("Set to `0` to populate the prompt cache … without generating a response", anthropic 2.14.0,
    /// message_create_params.py), by Completions to be scored, with `echo` and `logprobs` (`minimum: 0` of OpenAI's
    /// description of its API, read on 2026-11-29).
    public var outputCapMin: Int64 { self == .messages || self == .completions ? 0 : 1 }

    /// The dialects of conversations, between which everything is translated.
    public static let conversations: [Dialect] = allCases.filter { $0 != .embeddings }

    /// The dialects that clients speak.
    public static let ofClients: [Dialect] = [
        .chatCompletions, .responses, .completions, .messages, .generateContent, .converse,
    ]
}

extension Dialect {
    /// The same endpoint, as OpenAI's in-place reader calls it.
    public init(_ endpoint: OpenAIEndpoint) {
        switch endpoint {
        case .chatCompletions: self = .chatCompletions
        case .completions: self = .completions
        case .embeddings: self = .embeddings
        }
    }
}
