/// Where in an answer a text belongs. Texts of one choice and channel continue each other over the chunks of a stream.
public enum OpenAIChannel: Hashable, Sendable {
    /// What the model says.
    case content
    /// That the model declines, in its words.
    case refusal
    /// `reasoning_content` (DeepSeek, xAI, vLLM, llama.cpp).
    case reasoningContent
    /// `reasoning` (OpenRouter, Groq, newer vLLM).
    case reasoning
    /// `reasoning_details[].text` of that index (OpenRouter).
    case reasoningDetail(Int)
    /// `reasoning_details[].summary` of that index.
    case reasoningSummary(Int)
    /// `content[]` of type `thinking` (Mistral).
    case thinking
    /// `tool_calls[].function.arguments` of that tool call's index.
    case toolArguments(Int)
    /// `tool_calls[].custom.input` of that tool call's index.
    case toolInput(Int)
    /// `function_call.arguments`.
    case functionArguments
    /// `audio.transcript`.
    case audioTranscript
    /// `text` of a legacy completion.
    case completion
    /// A member that this gateway does not know, by its name.
    case other(String)
}

/// One text in an answer, as the place of its JSON string.
public struct OpenAIText: Sendable, Equatable {
    /// The choice's `index`.
    public let choice: Int
    /// Where in the choice.
    public let channel: OpenAIChannel
    /// The string with its quotes, in the data or body that was read.
    public let value: Range<Int>
    /// The text is complete in itself and no part of a running one: texts of whole replies, a `message` beside the
    /// `delta` of a chunk (Perplexity repeats all that came so far), citations. A guard of a stream checks it alone,
    /// and empties a repeated message while it holds text back.
    public let isWhole: Bool
    /// The choice's `logprobs`, which spell the text out again; a rewrite makes them null.
    public let logprobs: Range<Int>?
}
