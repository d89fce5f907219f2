import WireFormats

/// A model's name, and what it tells: how much the model can be told to think, and which sampling it takes.
///
/// A name is taken by whole pieces: its owner may call a deployment `gpt-5-prod`, and that is no Pro.
struct ModelName {
    typealias Version = (major: Int, minor: Int)

    private let text: String

    init(_ model: String) { text = model.lowercased() }

    /// How it is told how much to think.
    ///
    /// Claude: extended thinking came with 3.7; from 4.6 on `adaptive` with an effort is meant, and newer models refuse
    /// budgets (https://docs.claude.com/en/docs/build-with-claude/adaptive-thinking, read on 2026-11-29). Gemini: budgets
    /// with 2.5, levels from 3 on (https://ai.google.dev/gemini-api/docs/thinking, read on 2026-11-29). OpenAI's: words, or
    /// they do not think.
    var thinkingStyle: TargetFacts.ThinkingStyle {
        if let version = claude?.version { return version < (3, 7) ? .none : version < (4, 6) ? .budget : .level }
        if let gemini {
            guard let version = gemini.version else { return .level }
            return version < (2, 5) ? .none : version.major < 3 ? .budget : .level
        }
        if let efforts = openAIEfforts { return efforts.isEmpty ? .none : .level }
        return .budget
    }

    /// The words for how much to think that it knows, from the least on; nil where its name does not tell.
    var efforts: [String]? {
        if let claude { return claude.efforts }
        if let gemini { return gemini.efforts }
        if isGrok43 { return ["none", "low", "medium", "high"] }
        return openAIEfforts.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// It thinks where nothing is said of it. Claude up to 4.8 does not, nor do GPTs from 5.1 to 5.4: these take a
    /// `temperature` where no effort is sent, and 5.5 and 5.6 refuse it then (https://github.com/UKGovernmentBEIS/inspect_ai/pull/5242 and
    /// https://github.com/BerriAI/litellm-docs/pull/1064, read on 2026-11-29).
    var thinksUnasked: Bool {
        if let claude { return claude.off != .unsaid }
        guard let gpt, openAIEfforts?.first == "none" else { return true }
        return gpt >= (5, 5)
    }

    var isClaude: Bool { claude != nil }

    var off: TargetFacts.Off { claude?.off ?? .unsaid }

    var takesForcedTools: Bool { claude?.takesForcedTools ?? true }

    var takesSystemInTheMiddle: Bool { claude?.takesSystemInTheMiddle ?? false }

    /// Gemini's (https://ai.google.dev/gemini-api/docs/thinking, read on 2026-11-29).
    var thinkingBudgets: ClosedRange<Int64>? {
        guard let gemini else { return nil }
        if gemini.pieces.contains("pro") { return 128...32_768 }
        return (gemini.pieces.contains("lite") ? 512 : 1)...24_576
    }

    /// Gemini's Pro always thinks.
    var takesNoThinking: Bool { gemini.map { !$0.pieces.contains("pro") } ?? true }

    // MARK: - Sampling

    /// From Claude 4 on it takes one of the two.
    var takesTemperatureBesideTopP: Bool { claude.map { $0.version < (4, 0) } ?? false }

    var sampling: TargetFacts.SamplingRule {
        if let claude { return claude.version < (4, 7) ? .taken : .refused(ModelName.refusedByClaude) }
        guard let efforts = openAIEfforts, !efforts.isEmpty, !isOpenWeights else { return .taken }
        if efforts.contains("none") { return .refusedWhereItThinks(ModelName.refusedByOpenAI) }
        // "Not supported with latest reasoning models o3 and o4-mini", says
        // https://platform.openai.com/docs/api-reference/chat/create of `stop` (read on 2026-11-29).
        let takesStop = oSeries.map { $0.hasPrefix("o1") || $0.hasPrefix("o3-mini") } ?? false
        return .refused(ModelName.refusedByOpenAI.filter { !takesStop || $0 != .stop })
    }

    /// Claude since Opus 4.7: "Setting any non-default value now returns a 400 error"
    /// (https://github.com/anomalyco/models.dev/pull/1468 of Anthropic's "What's new in Claude Opus 4.7"; of Sonnet 5
    /// https://github.com/affaan-m/ECC/pull/2967; on Bedrock https://github.com/aws-samples/bedrock-chat/pull/1102; all read on
    /// 2026-11-29).
    private static let refusedByClaude: [RequestOption] = [.temperature, .topP, .topK]

    /// OpenAI's while they think: "Only the default (1) value is supported" (https://github.com/tmc/langchaingo/issues/1355; of
    /// gpt-6 https://github.com/BerriAI/litellm/pull/39631). With the effort `none` they take it
    /// (https://github.com/vercel/ai/pull/10940). Penalties and biases: https://github.com/vercel/ai/issues/10932; `stop`:
    /// https://github.com/BerriAI/litellm/pull/28662 and https://github.com/bolna-ai/bolna/pull/1019. All read on 2026-11-29.
    private static let refusedByOpenAI: [RequestOption] = [
        .temperature, .topP, .frequencyPenalty, .presencePenalty, .logprobs, .topLogprobs, .logitBias, .stop,
    ]

    // MARK: - Claude

    private var claude: Claude? {
        rest(from: "claude").map { name in
            // Behind a bracket is the size of its context.
            let digits = name.prefix { $0 != "[" }.drop { !$0.isASCII || !$0.isNumber }
            return Claude(
                pieces: TargetFacts.pieces(of: name),
                stated: ModelName.version(in: digits).map(ModelName.withDot))
        }
    }

    private struct Claude {
        let pieces: [Substring]
        /// nil for `claude-opus-latest`.
        let stated: Version?

        /// The newest where its name says none.
        var version: Version { stated ?? (major: Int.max, minor: 0) }

        /// Mythos is Fable without its filters.
        private var isFable: Bool { pieces.contains("fable") || pieces.contains("mythos") }

        /// `output_config.effort`: `max` came with 4.6, `xhigh` with Opus 4.7 and Sonnet 5
        /// (https://platform.claude.com/docs/en/build-with-claude/effort by
        /// https://reference.langchain.com/python/deepagents-code/reasoning_effort/ANTHROPIC_EFFORTS_NO_MAX and
        /// https://openrouter.ai/docs/guides/evaluate-and-optimize/model-migrations/claude-4-7, read on 2026-11-29). Opus 4.5
        /// takes one beside its budget (https://github.com/anomalyco/opencode/pull/26275, read on 2026-11-29).
        var efforts: [String]? {
            if version == (4, 5), pieces.contains("opus") { return ["low", "medium", "high"] }
            if version < (4, 6) { return nil }
            return ["low", "medium", "high"] + (version < (4, 7) ? [] : ["xhigh"]) + ["max"]
        }

        /// From 5 on it thinks unasked. Opus 5, Sonnet 5 and Haiku 5.5 take `disabled`, Sonnet 5.5 `between_tools` in its
        /// stead, each up to the effort `high`, their own; Opus 5.5 and every Fable always think, and refuse both
        /// (https://platform.claude.com/docs/en/models/opus-5/migration-guide,
        /// https://platform.claude.com/docs/en/models/sonnet-5-5/whats-new-sonnet-5-5,
        /// https://platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5,
        /// https://platform.claude.com/docs/en/models/fable-5/migration-guide and
        /// https://platform.claude.com/docs/en/build-with-claude/prompt-engineering/prompting-claude-haiku-5-5, read on
        /// 2026-11-29).
        ///
        /// What no page tells of a name without a version is not done to it.
        var off: TargetFacts.Off {
            if isFable { return .impossible }
            guard let version = stated, version >= (5, 0) else { return .unsaid }
            if version < (5, 5) || pieces.contains("haiku") { return .said(.disabled) }
            return pieces.contains("sonnet") ? .said(.betweenTools) : .impossible
        }

        /// "Forced tool use returns an error" at Opus and Sonnet 5.5 and Fable 5.1 (the pages above, and
        /// https://platform.claude.com/docs/en/models/fable-5-1/migration-guide); among what breaks at Haiku 5.5 it is not
        /// (https://platform.claude.com/docs/en/models/haiku-5-5/whats-new-haiku-5-5; all read on 2026-11-29).
        var takesForcedTools: Bool {
            guard let version = stated, !pieces.contains("haiku") else { return true }
            return version < (5, isFable ? 1 : 5)
        }

        /// System messages in the middle: Opus since 4.8, every Fable, Sonnet and Haiku since 5.5
        /// (https://platform.claude.com/docs/ko/build-with-claude/mid-conversation-system-messages.md, an excerpt, and
        /// https://github.com/langchain-ai/langchainjs/releases/tag/@langchain%2Fanthropic@1.5.13). Others answer "role
        /// 'system' is not supported on this model" (https://github.com/BerriAI/litellm/pull/33807). Sonnet 5, which
        /// LangChain counts in, does not heed them (https://github.com/pydantic/pydantic-ai/pull/6765), and Claude Code
        /// sends it none (https://github.com/anthropics/claude-code/releases/tag/v2.1.201). All read on 2026-11-30.
        var takesSystemInTheMiddle: Bool {
            guard let version = stated else { return false }
            return isFable || (pieces.contains("opus") ? version >= (4, 8) : version >= (5, 5))
        }
    }

    // MARK: - Gemini

    private var gemini: Gemini? {
        rest(from: "gemini-").map { name in
            Gemini(
                pieces: TargetFacts.pieces(of: name),
                version: ModelName.version(in: name.drop { !$0.isASCII || !$0.isNumber }))
        }
    }

    private struct Gemini {
        let pieces: [Substring]
        /// nil for `gemini-flash-latest`.
        let version: Version?

        /// `thinkingLevel`: Pro takes no `MINIMAL`, 3 Pro no `MEDIUM`; Flash takes `MINIMAL` up to 3.6, Flash-Lite does
        /// (https://ai.google.dev/gemini-api/docs/thinking by https://hexdocs.pm/gemini_ex/Gemini.Types.Enums.ThinkingLevel.html,
        /// https://docs.litellm.ai/blog/gemini_3_1_pro, https://github.com/BerriAI/litellm-docs/pull/1505 and
        /// https://docs.litellm.ai/blog/gemini_3_1_flash_lite_preview, read on 2026-11-29).
        var efforts: [String]? {
            guard let version else { return nil }
            if version.major < 3 { return nil }
            if pieces.contains("pro") { return version < (3, 1) ? ["low", "high"] : ["low", "medium", "high"] }
            let isOldOrLite = version < (3, 7) || pieces.contains("lite")
            return (isOldOrLite ? ["minimal"] : []) + ["low", "medium", "high"]
        }
    }

    // MARK: - Grok

    /// The one Grok that can be told not to think: `none`, low, medium, high
    /// (https://docs.x.ai/developers/model-capabilities/text/reasoning by https://github.com/enricoros/big-AGI/issues/1104;
    /// 4.5 and 4.6 take no `none`: https://github.com/mnfst/modelparams.dev/pull/330; all read on 2026-11-29).
    private var isGrok43: Bool {
        guard let version = rest(from: "grok-").flatMap({ ModelName.version(in: $0.dropFirst(5)) }) else {
            return false
        }
        return version == (4, 3)
    }

    // MARK: - OpenAI

    /// None for a model that does not think ("Unrecognized request argument supplied: reasoning_effort":
    /// https://github.com/coroot/coroot/issues/698); nil where it is none of OpenAI's.
    ///
    /// Sources, read on 2026-11-29: "All models before gpt-5.1 … do not support none", "gpt-5-pro … only supports high", "xhigh
    /// is supported for all models after gpt-5.1-codex-max"
    /// (https://learn.microsoft.com/en-us/javascript/api/@azure/ai-projects/reasoningeffort); gpt-5.1 has no `minimal`
    /// (https://github.com/openai/openai-agents-python/issues/2089), Codex neither that nor `none`
    /// (https://github.com/openai/codex/issues/6647), nor have later Pros (https://github.com/anomalyco/opencode/pull/26268), and
    /// `max` came with gpt-5.6 (https://github.com/anomalyco/opencode/issues/36141). gpt-6 refuses `none` and `minimal`
    /// (https://github.com/UKGovernmentBEIS/inspect_ai/pull/5254), deep research takes `medium` alone
    /// (https://github.com/anomalyco/opencode/issues/26273). Of the chat models some refuse the parameter, the others any word
    /// but their own (https://github.com/Laisky/one-api/issues/120 and 266).
    private var openAIEfforts: [String]? {
        let usual = ["low", "medium", "high"]
        if isOpenWeights { return usual }
        if let name = rest(from: "gpt-") {
            guard let version = gpt else { return nil }
            let pieces = TargetFacts.pieces(of: name)
            if version.major < 5 || pieces.contains("chat") { return [] }
            let isCodex = pieces.contains("codex")
            let knowsMore = version >= (5, 2) || (isCodex && pieces.contains("max"))
            let most = usual + (knowsMore ? ["xhigh"] : []) + (version >= (5, 6) ? ["max"] : [])
            if isCodex { return most }
            if pieces.contains("pro") { return version < (5, 1) ? ["high"] : Array(most.dropFirst()) }
            if version.major > 5 { return most }
            return [version < (5, 1) ? "minimal" : "none"] + most
        }
        guard let name = oSeries else { return nil }
        if name.hasPrefix("codex-mini") { return usual }
        if TargetFacts.pieces(of: name).contains("research") { return ["medium"] }
        // These two take no such parameter.
        return name.hasPrefix("o1-mini") || name.hasPrefix("o1-preview") ? [] : usual
    }

    /// Functions are not for Chat: from gpt-5.4 on it refuses them beside any effort but `none`, from 5.6 on where none is
    /// sent, too, and gpt-6 has no `none` ("Function tools with reasoning_effort are not supported … use /v1/responses":
    /// https://github.com/livekit/agents/pull/7169, https://github.com/onyx-dot-app/onyx/issues/15008 and
    /// https://github.com/bolna-ai/bolna/pull/1019, read on 2026-11-29).
    var wantsResponsesForFunctions: Bool {
        guard let gpt, openAIEfforts?.isEmpty == false else { return false }
        return gpt >= (5, 4)
    }

    /// "Most models and providers make reasoning tokens available in the response, some (like the OpenAI o-series) do not"
    /// (https://openrouter.ai/docs/use-cases/reasoning-tokens, read on 2026-11-29).
    var hidesThoughtsInChat: Bool { openAIEfforts != nil && !isOpenWeights }

    /// "Supported for `gpt-5.6` and later models" (openai 3.54.0); older ones refuse it
    /// (https://github.com/braintrustdata/lingua/pull/390, read on 2026-11-30).
    var takesCacheBreakpoints: Bool { gpt.map { $0 >= (5, 6) } ?? false }

    private var isOpenWeights: Bool { rest(from: "gpt-oss") != nil }

    /// nil for gpt-oss, and where it is no GPT of OpenAI's: `13b` of `cerebras-gpt-13b` and `111m` are sizes.
    private var gpt: Version? {
        guard let name = rest(from: "gpt-")?.dropFirst(4), let version = ModelName.version(in: name) else { return nil }
        let unit = TargetFacts.pieces(of: name).first?.last
        if unit == "b" || unit == "m" { return nil }
        return ModelName.withDot(version)
    }

    /// `o3-mini` of `openai/o3-mini`, and `codex-mini`, which is one of them.
    private var oSeries: Substring? {
        var name = text[...]
        if let slash = name.lastIndex(of: "/") { name = name[name.index(after: slash)...] }
        if name.hasPrefix("openai-") { name = name.dropFirst(7) }
        if name.hasPrefix("codex-mini") { return name }
        guard name.first == "o", let digit = name.dropFirst().first, ("1"..."9").contains(digit) else { return nil }
        let kind = name.dropFirst(2)
        return kind.isEmpty || kind.first == "-" ? name : nil
    }

    // MARK: - Pieces

    /// The name from the first place on where `word` stands. (`firstRange(of:)` took a twentieth of a translation's time.)
    private func rest(from word: String) -> Substring? {
        var start = text.utf8.startIndex
        while start < text.utf8.endIndex {
            if text.utf8[start...].starts(with: word.utf8) { return text[start...] }
            start = text.utf8.index(after: start)
        }
        return nil
    }

    /// Deployments are called without the dot, since Azure once took none: gpt-35-turbo is 3.5, gpt-41 is 4.1
    /// (https://github.com/QuantumNous/new-api/issues/980, read on 2026-11-29).
    private static func withDot(_ version: Version) -> Version {
        let hasNoDot = (10...99).contains(version.major) && version.minor == 0
        return hasNoDot ? (major: version.major / 10, minor: version.major % 10) : version
    }

    /// `5.1`, `5-1` and `5_1` at its beginning, `5` alone, and `5-2025-08-07` where a date follows. A date is none.
    private static func version(in name: Substring) -> Version? {
        let digits = { (text: Substring) in text.prefix { $0.isASCII && $0.isNumber } }
        guard let major = Int(digits(name)), major < 100 else { return nil }
        let rest = name.dropFirst(digits(name).count)
        guard let separator = rest.first, ".-_".contains(separator) else { return (major, 0) }
        let minor = digits(rest.dropFirst())
        return (major, minor.count > 2 ? 0 : Int(minor) ?? 0)
    }
}

extension TargetFacts {
    /// With what the model's name tells, which the configuration does not say.
    public init(named model: String) {
        self.init(model: model)
        let name = ModelName(model)
        thinking = name.thinkingStyle
        efforts = name.efforts
        thinksUnasked = name.thinksUnasked
        isClaude = name.isClaude
        off = name.off
        hidesThoughtsInChat = name.hidesThoughtsInChat
        takesForcedTools = name.takesForcedTools
        takesSystemInTheMiddle = name.takesSystemInTheMiddle
        sampling = name.sampling
        takesTemperatureBesideTopP = name.takesTemperatureBesideTopP
        thinkingBudgets = name.thinkingBudgets ?? thinkingBudgets
        takesNoThinking = name.takesNoThinking
        wantsResponsesForFunctions = name.wantsResponsesForFunctions
        takesCacheBreakpoints = name.takesCacheBreakpoints
    }
}
