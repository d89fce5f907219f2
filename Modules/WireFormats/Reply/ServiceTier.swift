import JSONText

/// The tier that served an answer, in the words of each dialect: those of the SDKs' models (openai 3.54, anthropic 2.14.0,
/// botocore 1.44.8). That of google-genai 3.6.1 has no place for it, though Google sends `usageMetadata.serviceTier`.
enum ServiceTier {
    private static let ofOpenAI: Set<String> = ["auto", "flex", "priority", "scale"]
    private static let ofAnthropic: Set<String> = ["priority", "batch"]
    private static let ofBedrock: Set<String> = ["flex", "priority", "reserved"]
    private static let plain: Set<String> = ["", "auto", "default", "standard", "on_demand"]

    /// - Returns: nil where the dialect has no word for it, or no place.
    static func word(_ tier: String?, for client: Dialect) -> String? {
        guard let tier else { return nil }
        let plain: String
        let others: Set<String>
        switch client {
        // OpenAI's model of Completions has no such member: it is told as in Chat's.
        case .chatCompletions, .completions, .responses: (plain, others) = ("default", ofOpenAI)
        case .messages: (plain, others) = ("standard", ofAnthropic)
        case .converse: (plain, others) = ("default", ofBedrock)
        case .generateContent, .cohereChat, .ollamaChat, .embeddings: return nil
        }
        // Anthropic and Google call `standard` what OpenAI and Bedrock call `default`.
        if tier == "default" || tier == "standard" { return plain }
        return others.contains(tier) ? tier : nil
    }

    /// Whether nobody misses the word: the tier is the one that serves without being asked for (Groq's is `on_demand`).
    static func isPlain(_ tier: String) -> Bool { plain.contains(tier) }
}
