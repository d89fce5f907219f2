import JSONText

/// The tier that served an answer, in the words of each dialect: those of the SDKs' models (openai 3.54, anthropic 2.14.0,
/// botocore 1.44.8). That of google-genai 3.6.1 has no place for it, though Google sends `usageMetadata.serviceTier`.
enum ServiceTier {
    /// - Returns: nil where the dialect has no word for it, or no place.
    static func word(_ tier: String?, for client: Dialect) -> String? {
        guard let tier else { return nil }
        let plain: String
        let others: [String]
        switch client {
        case .chatCompletions, .responses: (plain, others) = ("default", ["auto", "flex", "priority", "scale"])
        // OpenAI's model of it has no such member; servers that send one have words of their own.
        case .completions: return tier
        case .messages: (plain, others) = ("standard", ["priority", "batch"])
        case .converse: (plain, others) = ("default", ["flex", "priority", "reserved"])
        case .generateContent, .cohereChat, .ollamaChat, .embeddings: return nil
        }
        // Anthropic and Google call `standard` what OpenAI and Bedrock call `default`.
        if tier == "default" || tier == "standard" { return plain }
        return others.contains(tier) ? tier : nil
    }

    /// Whether nobody misses the word: the tier is the one that serves without being asked for (Groq's is `on_demand`).
    static func isPlain(_ tier: String) -> Bool {
        ["", "auto", "default", "standard", "on_demand"].contains(tier)
    }

    /// The tier in members of a reply that came after its head: a stream may tell it at its end.
    static func late(in extras: JSONObject) -> String? {
        extras["service_tier"]?.string ?? extras["serviceTier"]?["type"]?.string
    }
}
