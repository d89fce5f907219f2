/// What the client calls an option, by Chat's name for it: losses are told in the client's words.
enum ConverseWords {
    static func name(_ option: String, _ origin: Dialect) -> String {
        (table[origin] ?? [:])[option] ?? option
    }

    private static let table: [Dialect: [String: String]] = [
        .responses: [
            "response_format": "text.format", "max_tokens": "max_output_tokens", "verbosity": "text.verbosity",
        ],
        .messages: [
            "response_format": "output_config.format", "stop": "stop_sequences", "user": "metadata.user_id",
        ],
        .generateContent: [
            "n": "candidateCount", "frequency_penalty": "frequencyPenalty", "presence_penalty": "presencePenalty",
            "logprobs": "responseLogprobs", "top_logprobs": "logprobs", "top_k": "topK", "top_p": "topP",
            "max_tokens": "maxOutputTokens", "stop": "stopSequences", "response_format": "responseSchema",
            "tool_choice": "toolConfig", "metadata": "labels", "modalities": "responseModalities",
        ],
    ]
}
