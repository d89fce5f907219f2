import JSONText

/// A top-level member of a request, by what the gateway does with it.
enum OpenAIParameter {
    case model, messages, prompt, input, stream, streamOptions, maxTokens, maxCompletionTokens, n, bestOf, user
    /// Numbers whose range is the provider's business.
    case number(String)
    case array(String)
    /// Makes the provider search the web.
    case serverTool
    /// Would choose where the call, or a key, goes. Refused.
    case elsewhere(String)
    /// Steers a LiteLLM proxy and means nothing to a provider. Taken out.
    case steering
    /// Everything else passes.
    case other

    init(_ key: JSONKey, in bytes: UnsafeRawBufferPointer) {
        // A key with escapes may stand for any name; its own bytes tell nothing.
        if key.isEscaped {
            let text = Array(key.text(in: bytes).utf8)
            self = text.withUnsafeBytes { OpenAIParameter($0) }
        } else {
            self.init(UnsafeRawBufferPointer(rebasing: bytes[key.range]))
        }
    }

    private init(_ key: UnsafeRawBufferPointer) {
        func isNamed(_ name: StaticString) -> Bool { key.equals(name) }
        switch key.count {
        case 1 where isNamed("n"): self = .n
        case 4 where isNamed("user"): self = .user
        case 5 where isNamed("model"): self = .model
        case 5 where isNamed("input"): self = .input
        case 5 where isNamed("tools"): self = .array("tools")
        case 5 where isNamed("top_p"): self = .number("top_p")
        case 6 where isNamed("stream"): self = .stream
        case 6 where isNamed("prompt"): self = .prompt
        case 7 where isNamed("best_of"): self = .bestOf
        case 7 where isNamed("plugins"): self = .serverTool
        case 7 where isNamed("api_key"): self = .elsewhere("api_key")
        case 8 where isNamed("messages"): self = .messages
        case 8 where isNamed("api_base"): self = .elsewhere("api_base")
        case 8 where isNamed("base_url"): self = .elsewhere("base_url")
        case 9 where isNamed("functions"): self = .array("functions")
        case 10 where isNamed("max_tokens"): self = .maxTokens
        case 10 where isNamed("model_list"): self = .elsewhere("model_list")
        case 11 where isNamed("temperature"): self = .number("temperature")
        case 11 where isNamed("user_config"): self = .elsewhere("user_config")
        case 12 where isNamed("mock_timeout"): self = .steering
        case 13 where isNamed("mock_response"): self = .steering
        case 14 where isNamed("stream_options"): self = .streamOptions
        case 14 where isNamed("azure_ad_token"): self = .elsewhere("azure_ad_token")
        case 15 where isNamed("mock_tool_calls"): self = .steering
        case 15 where isNamed("search_settings"): self = .serverTool
        case 16 where isNamed("presence_penalty"): self = .number("presence_penalty")
        case 17 where isNamed("frequency_penalty"): self = .number("frequency_penalty")
        case 17 where isNamed("search_parameters"): self = .serverTool
        case 18 where isNamed("web_search_options"): self = .serverTool
        case 19 where isNamed("custom_llm_provider"): self = .steering
        case 21 where isNamed("max_completion_tokens"): self = .maxCompletionTokens
        case _ where key.starts(with: "aws_") || key.starts(with: "vertex_"):
            self = .elsewhere(String(decoding: key.prefix(64), as: UTF8.self))
        case _ where key.starts(with: "litellm_"): self = .steering
        default: self = .other
        }
    }
}
