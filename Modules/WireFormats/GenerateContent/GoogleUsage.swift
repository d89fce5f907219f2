import JSONText
import Units

/// `usageMetadata`.
///
/// How Google counts (https://ai.google.dev/api/generate-content#UsageMetadata, read on 2026-11-29):
/// - `promptTokenCount`: "When cachedContent is set, this is still the total effective prompt size meaning this includes
///   the number of tokens in the cached content", so input includes `cachedContentTokenCount`.
/// - `toolUsePromptTokenCount`, of what its own tools found and put before the model, is input beside the prompt.
/// - `thoughtsTokenCount` is not in `candidatesTokenCount`: in all 724 recorded replies that state them all, total is
///   prompt + candidates + thoughts + tool use. Thoughts are billed as output.
/// - Gemini 3 is billed for each search query, earlier models for each prompt that searched
///   (https://ai.google.dev/gemini-api/docs/google-search#pricing, read on 2026-11-29).
enum GoogleUsage {
    static func read(_ native: JSON, searches: Int64 = 0) -> Usage {
        let isSnakeCase = native.object?.contains { GoogleMembers.hasUnderscore($0.key) } ?? false
        func count(_ name: String) -> TokenCount {
            let value = native[name] ?? (isSnakeCase ? native[GoogleMembers.snakeCase(name)] : Optional.none)
            return TokenCount(max(0, value?.int ?? value?.string.flatMap { Int64($0) } ?? 0))
        }
        var tokens = TokenUsage()
        tokens.input = count("promptTokenCount") + count("toolUsePromptTokenCount")
        tokens.cachedInput = min(count("cachedContentTokenCount"), tokens.input)
        tokens.reasoning = count("thoughtsTokenCount")
        tokens.output = count("candidatesTokenCount") + tokens.reasoning
        for name in ["promptTokensDetails", "toolUsePromptTokensDetails"] {
            guard let details = native[name]?.array else { continue }
            tokens.audioInput = tokens.audioInput + modality(3, "AUDIO", details)
            tokens.imageInput = tokens.imageInput + modality(2, "IMAGE", details)
        }
        if let details = native["candidatesTokensDetails"]?.array {
            tokens.audioOutput = modality(3, "AUDIO", details)
            tokens.imageOutput = modality(2, "IMAGE", details)
        }
        tokens.searches = searches
        return Usage(tokens, native: native)
    }

    /// Whether it says anything of tokens: a chunk of Vertex may say the traffic's type alone.
    static func hasCounts(_ native: JSON) -> Bool {
        ["promptTokenCount", "candidatesTokenCount", "totalTokenCount"].contains { name in
            (native[name] ?? native[GoogleMembers.snakeCase(name)])?.int != nil
        }
    }

    private static func modality(_ number: Int64, _ name: String, _ details: [JSON]) -> TokenCount {
        var sum: TokenCount = 0
        for detail in details where detail["modality"]?.string == name || detail["modality"]?.int == number {
            sum = sum + TokenCount(max(0, detail["tokenCount"]?.int ?? 0))
        }
        return sum
    }

    /// For the client: its own, or made from the counts.
    ///
    /// - Parameter queries: how many searches the client is told of besides.
    static func written(_ usage: Usage, isOwn: Bool, queries: Int = 0, _ losses: inout LossReport) -> JSON {
        if isOwn, let native = usage.native { return native }
        let tokens = usage.tokens
        if tokens.searches > Int64(queries) { losses.drop("server_tool_use") }
        func int(_ count: TokenCount) -> JSON { .int(count.count) }
        var object: JSONObject = ["promptTokenCount": int(tokens.input)]
        if tokens.cachedInput > 0 { object["cachedContentTokenCount"] = int(tokens.cachedInput) }
        object["candidatesTokenCount"] = int(tokens.output - min(tokens.reasoning, tokens.output))
        if tokens.reasoning > 0 { object["thoughtsTokenCount"] = int(tokens.reasoning) }
        object["totalTokenCount"] = int(tokens.total)
        let input = details(tokens.input, audio: tokens.audioInput, image: tokens.imageInput)
        if let input { object["promptTokensDetails"] = input }
        let shown = tokens.output - min(tokens.reasoning, tokens.output)
        let output = details(shown, audio: tokens.audioOutput, image: tokens.imageOutput)
        if let output { object["candidatesTokensDetails"] = output }
        return .object(object)
    }

    private static func details(_ all: TokenCount, audio: TokenCount, image: TokenCount) -> JSON? {
        guard audio > 0 || image > 0, audio + image <= all else { return nil }
        var details: [JSON] = []
        for (name, count) in [("TEXT", all - audio - image), ("AUDIO", audio), ("IMAGE", image)] where count > 0 {
            details.append(["modality": .string(name), "tokenCount": .int(count.count)])
        }
        return .array(details)
    }

    /// What is billed by the search.
    static func searches(_ grounding: JSON?, model: String?) -> Int64 {
        guard let grounding else { return 0 }
        let queries = GoogleGrounding.queries(grounding)
        if queries.isEmpty { return 0 }
        return model?.hasPrefix("gemini-3") ?? false ? Int64(queries.count) : 1
    }
}
