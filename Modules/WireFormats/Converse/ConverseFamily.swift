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
enum ConverseFamily {
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

    /// A model that is known as Claude's by what Providers knows is one here, too.
    init(_ target: TargetFacts) { self = target.isClaude ? .claude : ConverseFamily(model: target.model) }

    init(model: String) {
        var model = model
        self = model.withUTF8 { ConverseFamily(model: UnsafeRawBufferPointer($0)) }
    }

    /// By bytes: as characters, this would be the dearest step of a request.
    private init(model: UnsafeRawBufferPointer) {
        let start = model.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        var name = UnsafeRawBufferPointer(rebasing: model[start...])
        let dot = name.firstIndex(of: UInt8(ascii: "."))
        let isOpaque = model.starts(with: "arn:") && dot == nil
        // A region's prefix is the first piece: `us.anthropic.claude-…`.
        let first = UnsafeRawBufferPointer(rebasing: name[..<(dot ?? name.count)])
        if ConverseFamily.regions.contains(where: { first.equals($0) }) {
            name = UnsafeRawBufferPointer(rebasing: name.dropFirst(first.count + 1))
        }
        self =
            if name.starts(with: "anthropic.") || name.starts(with: "claude") {
                .claude
            } else if name.starts(with: "amazon.nova-2") {
                .nova2
            } else if name.starts(with: "amazon.nova") {
                .nova
            } else if name.starts(with: "openai.") {
                .openAI
            } else if name.starts(with: "qwen.") || name.starts(with: "deepseek.v3") {
                .worded
            } else if name.starts(with: "mistral.") {
                .mistral
            } else if name.starts(with: "meta.") {
                .llama
            } else if isOpaque {
                .unknown
            } else {
                .other
            }
    }

    private static let regions: [StaticString] = [
        "us", "us-gov", "eu", "apac", "ap", "au", "ca", "jp", "in", "sa", "me", "af", "il", "global",
    ]

    /// Has a field for how much the model is to think.
    var isToldToThink: Bool { self == .claude || self == .nova2 || self == .openAI || self == .worded }
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
    /// "Extended TTL prompt caching is only supported for Anthropic models": Bedrock's words to Nova
    /// (https://github.com/maximhq/bifrost/pull/4527, read on 2026-11-29).
    var cacheLifetimes: [String] { self == .nova || self == .nova2 ? ["5m"] : CacheMarker.claudeLifetimes }
    /// Takes signed thinking back. Only Claude signs, so what was signed is sent to a model of unknown name too.
    var takesSignedThinking: Bool { self == .claude || self == .unknown }
    /// `searchResult` is "only supported by Anthropic Claude Opus 4.1, Opus 4, Sonnet 4.5, Sonnet 4, Sonnet 3.7, and 3.5
    /// Haiku models" (SearchResultBlock, botocore 1.44.8, read on 2026-11-29); what is newer than these is taken to go on
    /// with it.
    func takesSearchResults(_ model: String) -> Bool {
        let older = [
            "claude-v2", "claude-instant", "claude-3-opus", "claude-3-sonnet", "claude-3-haiku", "claude-3-5-sonnet",
        ]
        return self == .claude && !older.contains { model.contains($0) }
    }
    /// `toolResult.status` is "only supported by Amazon Nova and Anthropic Claude 3 and 4 models" (botocore 1.44.8).
    var takesResultStatus: Bool { caches }
}
