import JSONText

extension JSONNames {
    /// What nearly every request and answer of the dialects is made of: the names of members, and the words among values.
    public static let ofDialects = JSONNames(chat + messages + google + converse + responses)

    private static let chat = [
        "model", "messages", "role", "content", "user", "assistant", "system", "developer", "tool", "type", "text",
        "name",
        "max_tokens", "max_completion_tokens", "temperature", "top_p", "n", "stop", "stream", "stream_options",
        "include_usage", "tools", "tool_choice", "auto", "function", "description", "parameters", "object",
        "properties",
        "string", "required", "additionalProperties", "arguments", "tool_calls", "tool_call_id", "response_format",
        "json_schema", "schema", "strict", "image_url", "url", "id", "created", "choices", "index", "message", "delta",
        "refusal", "annotations", "logprobs", "finish_reason", "length", "usage", "chat.completion",
        "chat.completion.chunk", "prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details",
        "completion_tokens_details", "cached_tokens", "audio_tokens", "reasoning_tokens", "accepted_prediction_tokens",
        "rejected_prediction_tokens", "service_tier", "default", "system_fingerprint", "reasoning_content", "reasoning",
        "reasoning_effort", "seed", "error", "code", "param",
    ]

    private static let messages = [
        "stop_reason", "stop_sequence", "stop_sequences", "end_turn", "input_tokens", "output_tokens",
        "cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation", "ephemeral_5m_input_tokens",
        "ephemeral_1h_input_tokens", "output_tokens_details", "thinking_tokens", "server_tool_use",
        "web_search_requests", "web_fetch_requests", "standard", "tool_use", "tool_result", "tool_use_id", "input",
        "input_schema", "is_error", "cache_control", "ephemeral", "ttl", "thinking", "signature", "budget_tokens",
        "enabled", "metadata", "user_id", "source", "base64", "media_type", "data", "citations", "message_start",
        "message_delta", "message_stop", "content_block_start", "content_block_delta", "content_block_stop",
        "content_block", "text_delta", "thinking_delta", "signature_delta", "input_json_delta", "partial_json", "ping",
    ]

    private static let google = [
        "contents", "parts", "systemInstruction", "generationConfig", "maxOutputTokens", "topP", "topK", "candidates",
        "finishReason", "STOP", "usageMetadata", "promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount",
        "totalTokenCount", "cachedContentTokenCount", "promptTokensDetails", "candidatesTokensDetails", "modality",
        "TEXT", "tokenCount", "modelVersion", "responseId", "thought", "thoughtSignature", "functionCall", "args",
        "functionDeclarations", "trafficType", "ON_DEMAND",
    ]

    private static let converse = [
        "output", "stopReason", "inferenceConfig", "maxTokens", "inputTokens", "outputTokens", "totalTokens",
        "cacheReadInputTokens", "cacheWriteInputTokens", "cacheReadInputTokenCount", "cacheWriteInputTokenCount",
        "serverToolUsage", "metrics", "latencyMs", "contentBlockIndex", "toolUse", "toolUseId", "toolConfig",
        "toolSpec", "inputSchema", "json", "p",
    ]

    private static let responses = [
        "response", "instructions", "max_output_tokens", "output_text", "input_text", "output_index", "content_index",
        "item", "item_id", "status", "completed", "in_progress", "sequence_number", "part", "call_id", "function_call",
        "function_call_output", "response.output_text.delta", "response.output_text.done", "response.created",
        "response.completed", "input_tokens_details", "previous_response_id", "summary", "encrypted_content", "store",
        "parallel_tool_calls",
    ]
}
