/// What a client calls the things that cannot be carried to its provider, or not as they are: the member's own name in the
/// client's dialect, without the way to it (`seed`, not `generationConfig.seed`; `cache_control`, wherever it stood).
///
/// Codecs ask by Chat's name. What has no member of its own goes by a common word: `reasoning` (thinking in the history),
/// `server_tool_use`, `citations`, and a tool of the provider's by its type (`web_search_20250305`). So do the parts of an answer.
struct ClientNames {
    private let names: [String: String]
    /// Chat has two names for its output cap: the one that the client used.
    private var outputCap: String?
    /// Google has three for the format of the answer: the one that says it.
    private var format: String?
    /// Whether the model is to think, and how much: members of their own at some clients (`thinking` and
    /// `output_config.effort` of Messages), one at others.
    let thinking: String
    let effort: String
    /// What a number of tokens is made of.
    let thinkingBudget: String
    /// Whether thoughts come with the answer.
    let display: String
    private let isOff: Bool

    init(_ origin: Dialect) { self.init(origin, (nil, nil), nil) }

    private init(
        _ origin: Dialect, _ said: (thinking: String?, effort: String?), _ reasoning: ReasoningSettings?
    ) {
        names = ClientNames.all[origin] ?? [:]
        display =
            origin == .chatCompletions && reasoning?.includesThoughts != nil ? "exclude" : names["display"] ?? "display"
        let isDisplayAlone = reasoning.map { !$0.asksToThink && $0.showsThoughts != nil } ?? false
        let usual = isDisplayAlone ? display : names["reasoning_effort"] ?? "reasoning_effort"
        thinking = said.thinking ?? said.effort ?? usual
        effort = said.effort ?? said.thinking ?? usual
        thinkingBudget = reasoning?.budgetTokens == nil ? effort : thinking
        isOff = reasoning?.isOff == true
    }

    init(_ conversation: Conversation) {
        self.init(conversation.origin, conversation.thinkingMembers, conversation.reasoning)
        switch conversation.origin {
        case .chatCompletions:
            outputCap = conversation.usesLegacyOutputCap ? "max_tokens" : "max_completion_tokens"
        case .generateContent: format = conversation.outputFormat?.googleMember
        default: break
        }
    }

    subscript(_ chat: String) -> String {
        if let format, chat == "response_format" { return format }
        if let outputCap, chat == "max_tokens" || chat == "max_completion_tokens" { return outputCap }
        // What is not to think says so beside a word for how much, if there is one.
        if chat == "reasoning_effort" { return isOff ? thinking : effort }
        return names[chat] ?? chat
    }

    private static let all: [Dialect: [String: String]] = [
        .chatCompletions: ["display": "summary"],
        .completions: ["max_completion_tokens": "max_tokens", "top_logprobs": "logprobs"],
        .responses: [
            "max_tokens": "max_output_tokens", "max_completion_tokens": "max_output_tokens",
            "response_format": "format", "reasoning_effort": "reasoning", "cache_control": "prompt_cache_breakpoint",
            "display": "summary",
        ],
        .messages: [
            "max_completion_tokens": "max_tokens", "stop": "stop_sequences", "response_format": "format",
            "reasoning_effort": "thinking", "parallel_tool_calls": "disable_parallel_tool_use", "user": "user_id",
            "parameters": "input_schema", "filename": "title",
        ],
        .generateContent: [
            "max_tokens": "maxOutputTokens", "max_completion_tokens": "maxOutputTokens", "top_p": "topP",
            "top_k": "topK", "stop": "stopSequences", "n": "candidateCount", "frequency_penalty": "frequencyPenalty",
            "presence_penalty": "presencePenalty", "logprobs": "responseLogprobs", "top_logprobs": "logprobs",
            "response_format": "responseSchema", "reasoning_effort": "thinkingConfig", "tool_choice": "toolConfig",
            "modalities": "responseModalities", "metadata": "labels", "service_tier": "serviceTier",
            "filename": "displayName", "content": "text", "display": "includeThoughts",
        ],
        .converse: [
            "max_tokens": "maxTokens", "max_completion_tokens": "maxTokens", "top_p": "topP", "stop": "stopSequences",
            "response_format": "textFormat", "reasoning_effort": "thinking", "tool_choice": "toolChoice",
            "metadata": "requestMetadata", "service_tier": "serviceTier", "cache_control": "cachePoint",
            "is_error": "status", "parameters": "inputSchema", "filename": "name", "arguments": "input",
        ],
    ]
}

extension OutputFormat {
    /// The member by which a client of Google's says it.
    fileprivate var googleMember: String {
        switch self {
        case .jsonSchema(let schema): schema.nativeSchema == nil ? "responseJsonSchema" : "responseSchema"
        case .text, .jsonObject: "responseMimeType"
        case .native(let format): format.object?.keys.last ?? "responseMimeType"
        }
    }
}

extension Dialect {
    /// What its clients call the most output tokens that they allow.
    public var outputCapName: String { ClientNames(self)["max_tokens"] }
}
