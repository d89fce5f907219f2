import JSONText

extension CacheMarker {
    /// How long Anthropic (https://docs.claude.com/en/docs/build-with-claude/prompt-caching, read on 2026-11-29) and
    /// Bedrock (`CacheTTL`, botocore 1.44.8) keep a prefix.
    static let claudeLifetimes = ["5m", "1h"]

    /// Reads OpenAI's `prompt_cache_breakpoint`: `{"mode":"explicit","ttl":"30m"}`, where the mode is always that one
    /// (openai 3.54.0).
    init(breakpoint value: JSON, at path: String) throws(RequestError) {
        var members = try ChatMembers(value, at: path)
        self.init(ttl: try members.string("ttl"))
        let mode = try members.string("mode")
        extras = members.leftover
        if let mode, mode != "explicit" { extras["mode"] = .string(mode) }
    }

    /// The marker as OpenAI writes it.
    var breakpoint: JSON {
        var object: JSONObject = ["mode": extras["mode"] ?? "explicit"]
        if let ttl { object["ttl"] = .string(ttl) }
        for (key, value) in extras { object[key] = value }
        return .object(object)
    }
}

extension LossReport {
    /// A marker as a provider of another dialect than the client's takes it: with a lifetime only that the provider knows,
    /// and without members that only the client's dialect has. What is left out is reported.
    mutating func fitted(_ marker: CacheMarker, to lifetimes: [String]) -> CacheMarker {
        drop(marker.extras)
        guard let ttl = marker.ttl else { return CacheMarker() }
        if lifetimes.contains(ttl) { return CacheMarker(ttl: ttl) }
        adjust("ttl")
        return CacheMarker()
    }
}
