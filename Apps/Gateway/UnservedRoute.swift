/// The usual routes that the clients' APIs have and Tollgate does not: told as such, so that nobody looks for a typo.
///
/// Sources: https://docs.litellm.ai/docs/supported_endpoints, https://ai.google.dev/api/all-methods (read on 2026-11-29),
/// botocore 1.44.8 (`bedrock-runtime`), anthropic 2.14.0 (`resources`); of `openai`, Azure's and Google's folder for OpenAI's
/// clients, https://learn.microsoft.com/azure/ai-services/openai/reference, https://ai.google.dev/api/compatibility, and of
/// stored chat completions https://platform.openai.com/docs/api-reference/chat (2026-11-30).
enum UnservedRoute {
    /// What a path begins with, behind its version where it has one.
    private static let folders = [
        "agents", "assistants", "async-invoke", "audio", "batches", "cachedContents", "chatkit", "complete",
        "compliance", "containers", "conversations", "corpora", "deployment_runs", "deployments", "dreams",
        "environments", "evals", "files", "fileSearchStores", "fine_tuning", "guardrail", "guardrail-checks", "images",
        "interactions", "memory_stores", "messages/batches", "moderations", "ocr", "openai", "operations",
        "organization", "organizations", "realtime", "rerank", "search", "sessions", "skills", "threads",
        "tunedModels", "tunnels", "uploads", "user_profiles", "vaults", "vector_stores", "videos",
    ]
    private static let versions = ["/v1/", "/v2/", "/v1beta/", "/upload/v1beta/", "/"]

    /// What Bedrock has behind a model's name.
    private static let bedrockVerbs: Set<Substring> = [
        "invoke", "invoke-with-bidirectional-stream", "invoke-with-response-stream",
    ]

    /// What Google has behind a model's name and a colon.
    static let googleVerbs: Set<Substring> = [
        "asyncBatchEmbedContent", "batchEmbedContents", "batchGenerateContent", "bidiGenerateContent", "embedContent",
        "predict", "predictLongRunning",
    ]

    /// - Parameter path: one that no route here has.
    static func contains(_ path: String) -> Bool {
        if path.hasPrefix("/model/"), let slash = path.lastIndex(of: "/") {
            return bedrockVerbs.contains(path[path.index(after: slash)...])
        }
        if let colon = path.lastIndex(of: ":"), googleVerbs.contains(path[path.index(after: colon)...]) { return true }
        guard let version = versions.first(where: { path.hasPrefix($0) }) else { return false }
        let rest = path.dropFirst(version.count)
        if isStoredChat(rest) { return true }
        return folders.contains { folder in
            guard rest.hasPrefix(folder) else { return false }
            let next = rest.utf8.dropFirst(folder.utf8.count).first
            return next == nil || next == UInt8(ascii: "/")
        }
    }

    /// `chat/completions/{id}`, and `…/messages`: what OpenAI keeps of a chat.
    private static func isStoredChat(_ path: Substring) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3 || (parts.count == 4 && parts[3] == "messages") else { return false }
        return parts[0] == "chat" && parts[1] == "completions" && !parts[2].isEmpty
    }
}
