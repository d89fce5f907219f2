import Units

/// How many input tokens a request can be at most, without running a tokenizer.
///
/// What the bound rests on
/// 1. Every tokenizer in use (byte-level BPE, SentencePiece with byte fallback) makes at most one token of each byte of
///    text. Text as JSON is never shorter in bytes than the text itself.
/// 2. What a chat template adds per message (role marks, separators) is less than the bytes of the JSON around that
///    message (`{"role":"","content":""},`: 25), and what it adds once fits ``Allowance/template``. So the body's own
///    bytes, strings and structure alike, bound the prompt.
/// 3. Arrays of token numbers have at least two bytes per token (digit, comma).
/// 4. Images are not counted by their bytes but by ``Allowance/image`` each, whether they are sent in the body or by
///    address. Audio in the body counts a sixteenth of its bytes plus an allowance; other files count their bytes plus an
///    allowance, because their text can't be longer but each page may also be read as an image.
///
/// What it does not cover: prompts that a provider adds on its own beyond the allowances (server-side tools, web search
/// results, earlier turns that it keeps), media sent by address that are larger than the allowance, and tokenizers that
/// normalise a character into several (NFKC). A model's context window is a second bound; the caller takes the smaller.
///
/// Real text has about four bytes per token, so the bound is about four times what is used. It is for holding money, not
/// for reporting.
public enum TokenEstimator {
    /// Tokens set aside for what bytes don't tell.
    public struct Allowance: Sendable, Equatable {
        /// Once per request: begin marks, a default system prompt, the answer's prefix.
        public var template = 64
        /// Once for a request with tools: the provider's instructions on how to call them. Anthropic documents up to 530
        /// (https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/overview, table of token counts).
        public var tools = 600
        /// Per image. gpt-4o-mini's largest: 2,833 + 8 tiles × 5,667 = 48,169 tokens
        /// (https://platform.openai.com/docs/guides/images-vision, cost tables).
        public var image = 48_169
        /// Per audio part, besides a sixteenth of its base64 bytes: at Gemini's 32 tokens per second, speech at
        /// 6 kbit/s has 1,000 base64 bytes, so a token per 31 bytes.
        public var audio = 1_500
        /// Per other file, and per medium that is only named by an address or an id.
        public var file = 100_000

        public init() {}
    }

    /// A part of the input that is no text.
    public enum Medium: Sendable, Equatable {
        /// `inlineBytes`: how many of the body's bytes are its `data:` URL or base64; 0 where it is only named.
        case image(inlineBytes: Int)
        case audio(inlineBytes: Int)
        case file(inlineBytes: Int)
    }

    /// - Parameters:
    ///   - bodyBytes: the whole body's length.
    ///   - media: every medium in it.
    public static func inputCeiling(
        bodyBytes: Int, hasTools: Bool, media: some Sequence<Medium>, allowance: Allowance = Allowance()
    ) -> TokenCount {
        var tokens = bodyBytes + allowance.template + (hasTools ? allowance.tools : 0)
        for medium in media { tokens += correction(for: medium, allowance) }
        return TokenCount(max(tokens, 0))
    }

    /// What a medium counts more or less than its bytes.
    public static func correction(for medium: Medium, _ allowance: Allowance = Allowance()) -> Int {
        switch medium {
        case .image(let bytes): allowance.image - bytes
        case .audio(0): allowance.file
        case .audio(let bytes): allowance.audio - bytes + bytes / 16
        case .file: allowance.file
        }
    }
}
