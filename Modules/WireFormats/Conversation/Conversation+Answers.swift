import JSONText

/// How many answers a client wants.
extension Conversation {
    /// Refuses what no other dialect can be asked for: an answer to each of several prompts, and none to one that is only
    /// read, into the cache or to be scored. A provider that is not told so makes an answer that nobody wants, and bills it.
    ///
    /// - Throws: a 400 that names the client's own member.
    func requireOneAnswer() throws(RequestError) {
        if origin == .completions, turns.count > 1 {
            throw RequestError(
                message:
                    "This model's provider answers one prompt a request: send each of your \(turns.count) prompts alone.",
                param: "prompt", code: "unsupported_content")
        }
        if sampling.maxOutputTokens == 0 { throw .belowMinimum(ClientNames(self)["max_tokens"], 1, got: "0") }
        // "Prepares the prompt cache without generating output" (openai 3.54.0, `PromptCacheOptions` of Responses, read on
        // 2026-11-30; Chat's have no such member).
        if origin == .responses, extras["prompt_cache_options"]?["prewarm"] == true {
            let path = "prompt_cache_options.prewarm"
            throw RequestError(
                message: "Invalid '\(path)': this model's provider can't only read a prompt into its cache.",
                param: path, code: "unsupported_parameter")
        }
    }
}
