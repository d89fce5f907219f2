/// What a reply's `service_tier` may be called by OpenAI's SDK.
enum OpenAIServiceTier {
    private static let words: Set<String> = ["auto", "default", "flex", "priority", "scale"]

    /// - Parameter isOwn: the reply is of the client's dialect: its provider's word stays.
    /// - Returns: nil for what OpenAI has no word for (Anthropic's `batch`).
    static func word(_ tier: String?, isOwn: Bool) -> String? {
        guard let tier, !isOwn else { return tier }
        // Anthropic's and Google's word for the plain one.
        if tier == "standard" { return "default" }
        return words.contains(tier) ? tier : nil
    }
}
