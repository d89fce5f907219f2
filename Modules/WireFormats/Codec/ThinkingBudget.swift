/// The one table between words and numbers for how much a model is to think (docs/WIREFORMATS.md, "Thinking").
public enum ThinkingBudget {
    /// Anthropic's least budget; also what `minimal` stands for.
    public static let least: Int64 = 1024

    /// Where nothing says how much: as `medium`.
    public static let usual: Int64 = 8192

    /// Tokens for a word; nil for `none` and for words that nobody knows.
    public static func tokens(for effort: String) -> Int64? {
        switch effort {
        case "minimal": 1024
        case "low": 2048
        case "medium": usual
        case "high": 16_384
        case "xhigh", "max": 32_768
        default: nil
        }
    }

    /// The word for a budget: the least one whose number it does not pass.
    public static func effort(for tokens: Int64) -> String {
        switch tokens {
        case ...0: "none"
        case ...1024: "minimal"
        case ...2048: "low"
        case ...8192: "medium"
        default: "high"
        }
    }

    /// A budget that leaves room for an answer below the output cap.
    ///
    /// - Parameter least: what the model takes.
    /// - Returns: nil where the cap leaves less than that for thinking: then it must be off.
    public static func fitted(_ tokens: Int64, below cap: Int64, least: Int64 = least) -> Int64? {
        guard cap > least else { return nil }
        return max(least, min(tokens, cap - 1))
    }
}
