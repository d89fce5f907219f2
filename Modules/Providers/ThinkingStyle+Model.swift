import WireFormats

/// What a model's name tells: what the configuration does not say.
extension TargetFacts.ThinkingStyle {
    /// How a model is told how much to think.
    ///
    /// Claude: extended thinking came with 3.7; from 4.6 on `adaptive` with an effort is meant, and newer models refuse
    /// budgets (https://docs.claude.com/en/docs/build-with-claude/adaptive-thinking, read on 2026-11-29). Gemini: budgets
    /// with 2.5, levels from 3 on (https://ai.google.dev/gemini-api/docs/thinking, read on 2026-11-29). OpenAI's: words, or
    /// they do not think.
    public static func usual(for model: String) -> TargetFacts.ThinkingStyle {
        let name = ModelName(model)
        if let version = name.claude {
            return version < (3, 7) ? .none : version < (4, 6) ? .budget : .level
        }
        if let gemini = name.gemini {
            guard let version = gemini.version else { return .level }
            return version < (2, 5) ? .none : version.major < 3 ? .budget : .level
        }
        if let efforts = name.openAIEfforts { return efforts.isEmpty ? .none : .level }
        return .budget
    }
}

extension TargetFacts {
    /// The words for how much to think that a model knows, from the least on; nil where its name does not tell.
    public static func efforts(of model: String) -> [String]? {
        let name = ModelName(model)
        if let gemini = name.gemini { return gemini.efforts }
        return name.openAIEfforts.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Claude since Opus 4.7 takes no sampling: "Setting any non-default value now returns a 400 error"
    /// (https://github.com/anomalyco/models.dev/pull/1468 of Anthropic's "What's new in Claude Opus 4.7"; of Sonnet 5
    /// https://github.com/affaan-m/ECC/pull/2967; on Bedrock https://github.com/aws-samples/bedrock-chat/pull/1102; all read on
    /// 2026-11-29).
    static func takesSampling(_ model: String) -> Bool {
        guard let version = ModelName(model).claude else { return true }
        return version < (4, 7)
    }
}

/// A model's name, taken apart.
private struct ModelName {
    typealias Version = (major: Int, minor: Int)

    private let text: String

    init(_ model: String) { text = model.lowercased() }

    // MARK: - Claude

    /// The newest where it says none; nil where it is no Claude. Dates are no versions: claude-sonnet-4-20250514,
    /// claude-3-7-sonnet-20250219.
    var claude: Version? {
        guard let name = rest(from: "claude") else { return nil }
        let numbers = name.split { !$0.isASCII || !$0.isNumber }.prefix(4).compactMap { Int($0) }.filter { $0 < 1000 }
        return (numbers.first ?? Int.max, numbers.dropFirst().first ?? 0)
    }

    // MARK: - Gemini

    var gemini: Gemini? {
        rest(from: "gemini-").map { name in
            Gemini(name: name, version: ModelName.version(in: name.drop { !$0.isASCII || !$0.isNumber }))
        }
    }

    struct Gemini {
        let name: Substring
        /// nil for `gemini-flash-latest`.
        let version: Version?

        /// `thinkingLevel`: Pro takes no `MINIMAL`, 3 Pro no `MEDIUM`; Flash takes `MINIMAL` up to 3.6, Flash-Lite does
        /// (https://ai.google.dev/gemini-api/docs/thinking by https://hexdocs.pm/gemini_ex/Gemini.Types.Enums.ThinkingLevel.html,
        /// https://docs.litellm.ai/blog/gemini_3_1_pro, https://github.com/BerriAI/litellm-docs/pull/1505 and
        /// https://docs.litellm.ai/blog/gemini_3_1_flash_lite_preview, read on 2026-11-29).
        var efforts: [String]? {
            guard let version else { return nil }
            if version.major < 3 { return nil }
            if name.contains("pro") { return version < (3, 1) ? ["low", "high"] : ["low", "medium", "high"] }
            let isOldOrLite = version < (3, 7) || name.contains("flash-lite")
            return (isOldOrLite ? ["minimal"] : []) + ["low", "medium", "high"]
        }
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
    /// `max` came with gpt-5.6 (https://github.com/anomalyco/opencode/issues/36141). Of the chat models some refuse the
    /// parameter, the others any word but their own (https://github.com/Laisky/one-api/issues/120 and 266).
    var openAIEfforts: [String]? {
        let usual = ["low", "medium", "high"]
        if let name = rest(from: "gpt-") {
            if name.starts(with: "gpt-oss") { return usual }
            // Azure's gpt-35-turbo is 3.5.
            guard let version = ModelName.version(in: name.dropFirst(4)) else { return nil }
            if version.major < 5 || version.major == 35 || name.contains("-chat") { return [] }
            let knowsMore = version >= (5, 2) || name.contains("codex-max")
            let most = usual + (knowsMore ? ["xhigh"] : []) + (version >= (5, 6) ? ["max"] : [])
            if name.contains("codex") { return most }
            if name.contains("-pro") { return version < (5, 1) ? ["high"] : Array(most.dropFirst()) }
            return [version < (5, 1) ? "minimal" : "none"] + most
        }
        var name = text[...]
        if let slash = name.lastIndex(of: "/") { name = name[name.index(after: slash)...] }
        if name.hasPrefix("openai-") { name = name.dropFirst(7) }
        if name.hasPrefix("codex-mini") { return usual }
        guard name.first == "o", let digit = name.dropFirst().first, ("1"..."9").contains(digit) else { return nil }
        let kind = name.dropFirst(2)
        guard kind.isEmpty || kind.first == "-" else { return nil }
        // These two take no such parameter.
        return name.hasPrefix("o1-mini") || name.hasPrefix("o1-preview") ? [] : usual
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

    /// `5.1` and `5-1` at its beginning, `5` alone, and `5-2025-08-07` where a date follows.
    private static func version(in name: Substring) -> Version? {
        let digits = { (text: Substring) in text.prefix { $0.isASCII && $0.isNumber } }
        guard let major = Int(digits(name)) else { return nil }
        let rest = name.dropFirst(digits(name).count)
        guard rest.first == "." || rest.first == "-" else { return (major, 0) }
        let minor = digits(rest.dropFirst())
        return (major, minor.count > 2 ? 0 : Int(minor) ?? 0)
    }
}
