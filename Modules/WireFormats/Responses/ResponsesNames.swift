/// What the client calls the things that Responses has no place for: losses are reported by these names.
enum ResponsesNames {
    static func cacheMarker(_ origin: Dialect) -> String {
        switch origin {
        case .messages, .chatCompletions: "cache_control"
        case .converse: "cachePoint"
        default: "prompt_cache_breakpoint"
        }
    }

    /// - Parameter chat: Chat's name of the parameter.
    static func parameter(_ chat: String, _ origin: Dialect) -> String {
        let names: [String: String]
        switch origin {
        case .messages:
            names = [
                "stop": "stop_sequences", "max_completion_tokens": "max_tokens",
                "response_format": "output_config.format", "reasoning_effort": "thinking",
            ]
        case .generateContent:
            names = [
                "stop": "stopSequences", "max_completion_tokens": "maxOutputTokens", "top_k": "topK", "top_p": "topP",
                "frequency_penalty": "frequencyPenalty", "presence_penalty": "presencePenalty", "n": "candidateCount",
                "response_format": "responseSchema", "reasoning_effort": "thinkingConfig",
                "modalities": "responseModalities",
            ]
        case .converse:
            names = [
                "stop": "inferenceConfig.stopSequences", "max_completion_tokens": "inferenceConfig.maxTokens",
                "temperature": "inferenceConfig.temperature", "top_p": "inferenceConfig.topP",
                "response_format": "outputConfig.textFormat",
            ]
        case .responses:
            names = [
                "max_completion_tokens": "max_output_tokens", "response_format": "text.format",
                "reasoning_effort": "reasoning", "verbosity": "text.verbosity",
            ]
        default: names = [:]
        }
        return names[chat] ?? chat
    }
}
