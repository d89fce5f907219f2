import Units

/// How many input tokens a request can be at most, without running a tokenizer.
///
/// What the bound rests on
/// 1. Every tokenizer in use (byte-level BPE, SentencePiece with byte fallback) makes at most one token of each byte
///    of text. Text as JSON is never shorter in bytes than the text itself.
/// 2. What a chat template adds per message (role marks, separators) is less than the bytes of the JSON around that
///    message (`{"role":"","content":""},`: 25), and what it adds once fits ``Allowance/template``. So the body's own
///    bytes, strings and structure alike, bound the prompt.
/// 3. Arrays of token numbers have at least two bytes per token (digit, comma).
/// 4. Images are not counted by their bytes but by ``Allowance/image`` each, whether they are sent in the body or by
///    address. Audio in the body counts a sixteenth of its bytes plus an allowance; other files count their bytes plus
///    an allowance, because their text can't be longer but each page may also be read as an image.
///
/// What can still be more, so that a settled cost can exceed the held one:
/// - Providers that put a long prompt of their own before the client's. In recorded traffic xAI adds about 680 tokens
///   (covered), Venice 1,500 to 2,300 (not covered: raise `template` for such a provider).
/// - Tools that run at the provider, above all web search: the pages that it reads are input. Recorded: 2,300 to 8,200
///   tokens for one search at OpenRouter, 5,000 to 14,100 at Groq's compound models, which search without being asked.
/// - Ollama with `think` and `format`: it reads its own thoughts again as input before it writes the answer (recorded: 2,340
///   tokens for a body of 400 bytes).
/// - Media sent by address that are larger than the allowance; tokenizers that normalise one character into several.
///
/// A model's context window is a second bound; the caller takes the smaller. Real text has about four bytes per token,
/// so the bound is about four times what is used: it is for holding money, not for reporting.
public enum TokenEstimator {
    /// Tokens set aside for what bytes don't tell.
    public struct Allowance: Sendable, Equatable {
        /// Once per request: begin marks, the answer's prefix, and a system prompt of the provider's own.
        public var template = 1_024
        /// Once for a request with tools: the provider's instructions on how to call them. Anthropic documents up to
        /// 530 (https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/overview, table of token counts).
        public var tools = 600
        /// Once for a request whose tools run at the provider.
        public var serverTools = 32_000
        /// Per image. gpt-4o-mini's largest: 2,833 + 8 tiles × 5,667 = 48,169 tokens
        /// (https://platform.openai.com/docs/guides/images-vision, cost tables).
        public var image = 48_169
        /// Per audio part, besides a sixteenth of its base64 bytes: at Gemini's 32 tokens per second, speech at
        /// 6 kbit/s has 1,000 base64 bytes, so a token per 31 bytes.
        public var audio = 1_500
        /// Per other file, and per medium that is only named by an address or an id.
        public var file = 100_000

        /// The allowances that the recorded traffic supports.
        public init() {}
    }

    /// A part of the input that is no text.
    public enum Medium: Sendable, Equatable {
        /// `inlineBytes`: how many of the body's bytes are its `data:` URL or base64; 0 where it is only named.
        case image(inlineBytes: Int)
        /// The same for sound.
        case audio(inlineBytes: Int)
        /// Any other: its bytes count as the text that they may hold.
        case file
    }

    /// - Parameters:
    ///   - bodyBytes: the whole body's length.
    ///   - media: every medium in it.
    public static func inputCeiling(
        bodyBytes: Int, hasTools: Bool, hasServerTools: Bool, media: some Sequence<Medium>,
        allowance: Allowance = Allowance()
    ) -> TokenCount {
        var tokens = bodyBytes + allowance.template
        if hasTools { tokens += allowance.tools }
        if hasServerTools { tokens += allowance.serverTools }
        for medium in media { tokens += correction(for: medium, allowance) }
        return TokenCount(max(tokens, 0))
    }

    /// How many input tokens a request probably is: for the ledger row of a call whose reply told no usage.
    ///
    /// Four bytes per token, which is what English prose and code have; a thousand tokens per image, as a middle-sized
    /// one has at OpenAI, Anthropic and Google.
    public static func inputEstimate(bodyBytes: Int, media: some Sequence<Medium>) -> TokenCount {
        var textBytes = bodyBytes
        var tokens = 0
        for medium in media {
            switch medium {
            case .image(let bytes):
                textBytes -= bytes
                tokens += 1_000
            case .audio(let bytes):
                textBytes -= bytes
                tokens += bytes / 100
            case .file: break
            }
        }
        return TokenCount(tokens + (max(textBytes, 0) + 3) / 4)
    }

    /// What a medium counts more or less than its bytes.
    private static func correction(for medium: Medium, _ allowance: Allowance) -> Int {
        switch medium {
        case .image(let bytes): allowance.image - bytes
        case .audio(0): allowance.file
        case .audio(let bytes): allowance.audio - bytes + bytes / 16
        case .file: allowance.file
        }
    }
}
