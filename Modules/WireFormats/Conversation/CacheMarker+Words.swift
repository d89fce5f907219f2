import JSONText

extension CacheMarker {
    /// How long Anthropic (https://docs.claude.com/en/docs/build-with-claude/prompt-caching, read on 2026-11-29) and
    /// Bedrock (`CacheTTL`, botocore 1.44.8) keep a prefix.
    static let claudeLifetimes = ["5m", "1h"]
    /// And how long OpenAI does (openai 3.54.0).
    static let openAILifetimes = ["30m", "12h"]

    /// Reads OpenAI's `prompt_cache_breakpoint`: `{"mode":"explicit","ttl":"30m"}`, where the mode is always that one
    /// (openai 3.54.0).
    init(breakpoint value: JSON, at path: String) throws(RequestError) {
        var members = try ChatMembers(value, at: path)
        self.init(ttl: try members.string("ttl"))
        let mode = try members.string("mode")
        extras = members.leftover
        if let mode, mode != "explicit" { extras["mode"] = .string(mode) }
        isBreakpoint = true
    }

    /// The marker as OpenAI writes it.
    var breakpoint: JSON {
        var object: JSONObject = ["mode": extras["mode"] ?? "explicit"]
        if let ttl { object["ttl"] = .string(ttl) }
        for (key, value) in extras { object[key] = value }
        return .object(object)
    }

    /// Writes the marker onto a part of Chat, in the one of its two words that it is.
    func write(to part: inout JSONObject) {
        if isBreakpoint { part["prompt_cache_breakpoint"] = breakpoint } else { part["cache_control"] = chat }
    }
}

extension TargetFacts {
    /// It is served by OpenAI or Azure, or is a model of OpenAI's that takes breakpoints: its newest options are known there.
    /// Others with its dialects refuse what they do not know ("property … is unsupported", Groq's 400 in
    /// https://github.com/zed-industries/zed/issues/36215, read on 2026-11-30).
    var takesOptionsOfOpenAI: Bool { limitsToolSchemas || takesCacheBreakpoints }

    /// Whether the marker can be one of OpenAI's here: the client wrote it so, or the model is one that takes such.
    func takesBreakpoint(_ marker: CacheMarker) -> Bool {
        let isTaken = takesCacheBreakpoints || (marker.isBreakpoint && takesOptionsOfOpenAI)
        return isTaken && !refuses.contains("prompt_cache_breakpoint")
    }
}

extension ClientNames {
    /// What the client calls a marker.
    func name(of marker: CacheMarker) -> String {
        marker.isBreakpoint ? "prompt_cache_breakpoint" : self["cache_control"]
    }
}

extension LossReport {
    /// Reports a marker that is not sent, where there is one.
    mutating func drop(_ marker: CacheMarker?, _ names: ClientNames) {
        if let marker { drop(names.name(of: marker)) }
    }

    /// The marker as OpenAI takes it from another dialect's client.
    mutating func breakpoint(_ marker: CacheMarker) -> CacheMarker {
        var breakpoint = fitted(marker, to: CacheMarker.openAILifetimes)
        breakpoint.isBreakpoint = true
        return breakpoint
    }

    /// A marker as a provider of another dialect than the client's takes it: with a lifetime only that the provider
    /// knows, and without members that only the client's dialect has (`scope`). Both change how long, or for whom, the prefix is
    /// kept, and nothing of the answer: reported as adjusted.
    mutating func fitted(_ marker: CacheMarker, to lifetimes: [String]) -> CacheMarker {
        for (name, _) in marker.extras { adjust(name) }
        guard let ttl = marker.ttl else { return CacheMarker() }
        if lifetimes.contains(ttl) { return CacheMarker(ttl: ttl) }
        adjust("ttl")
        return CacheMarker()
    }
}
