/// Which models behind Converse take which additional fields. Told by the model's name; a name that tells nothing (the
/// ARN of an application's own inference profile) is ``unknown``.
///
/// | prefix (after the region's: `us.`, `eu.`, `global.`, …) | thinking | top_k | cache points |
/// |---|---|---|---|
/// | `anthropic.` | `thinking`, `output_config.effort` | `top_k` | system, messages, tools |
/// | `amazon.nova-2` | `reasoningConfig` | `inferenceConfig.topK` | system, messages |
/// | `amazon.nova` | – | `inferenceConfig.topK` | system, messages |
/// | `openai.` | `reasoning_effort` | – | – |
/// | `qwen.`, `deepseek.v3` | `reasoning_config` (a word) | – | – |
/// | any other | – | – | – |
///
/// Sources (2026-11-29): https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html,
/// https://docs.aws.amazon.com/nova/latest/nova2-userguide/request-response-schema.html,
/// https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html, and recorded calls that were answered 200.
enum ConverseFamily: String {
    case claude
    case nova2
    case nova
    case openAI
    /// Told by one word in `reasoning_config`.
    case worded
    case mistral
    case llama
    case other
    case unknown

    init(model: String) {
        var name = model[...]
        if let slash = name.lastIndex(of: "/") { name = name[name.index(after: slash)...] }
        let isOpaque = model.hasPrefix("arn:") && !name.contains(".")
        // A region's prefix is the first of three pieces: `us.anthropic.claude-…`.
        let pieces = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        if let first = pieces.first, ConverseFamily.regions.contains(first) { name = name.dropFirst(first.count + 1) }
        self =
            if name.hasPrefix("anthropic.") || name.hasPrefix("claude") {
                .claude
            } else if name.hasPrefix("amazon.nova-2") {
                .nova2
            } else if name.hasPrefix("amazon.nova") {
                .nova
            } else if name.hasPrefix("openai.") {
                .openAI
            } else if name.hasPrefix("qwen.") || name.hasPrefix("deepseek.v3") {
                .worded
            } else if name.hasPrefix("mistral.") {
                .mistral
            } else if name.hasPrefix("meta.") {
                .llama
            } else if isOpaque {
                .unknown
            } else {
                .other
            }
    }

    private static let regions: Set<Substring> = [
        "us", "us-gov", "eu", "apac", "ap", "au", "ca", "jp", "in", "sa", "me", "af", "il", "global",
    ]

    /// LiteLLM 1.109.1 sends Llama none; `auto` is what a model does anyway.
    var takesToolChoice: Bool { self != .llama }
    /// Nova's tools have `type`, `properties` and `required` at the top of their schemas and nothing else, without
    /// references: as LiteLLM 1.109.1 sends them, and as all examples of AWS' guide are.
    var takesPlainSchemas: Bool { self == .nova || self == .nova2 }
    /// `outputConfig.textFormat`: not among Nova's and Llama's parameters.
    var takesJSONSchema: Bool { self != .nova && self != .nova2 && self != .llama }
    /// Cache points in system prompts and messages.
    var caches: Bool { self == .claude || self == .nova || self == .nova2 || self == .unknown }
    var cachesTools: Bool { self == .claude || self == .unknown }
    /// Takes signed thinking back. Only Claude signs, so what was signed is sent to a model of unknown name too.
    var takesSignedThinking: Bool { self == .claude || self == .unknown }
    /// `toolResult.status` is "only supported by Amazon Nova and Anthropic Claude 3 and 4 models" (botocore 1.44.8).
    var takesResultStatus: Bool { caches }
}
