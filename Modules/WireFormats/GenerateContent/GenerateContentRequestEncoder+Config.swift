import JSONText

/// `generationConfig`. Ranges are those that Google's own refusals name ("supported range is from 0 (inclusive) to 2.0001
/// (exclusive)") and https://ai.google.dev/api/generate-content#generationconfig (read on 2026-11-29).
extension GenerateContentRequestEncoder {
    struct Config {
        var members = JSONObject()
        /// What the model is told instead of a format that the target cannot hold it to.
        var instruction: String?
    }

    mutating func generationConfig(hasFunctions: Bool) throws(RequestError) -> Config {
        var config = Config()
        try writeSampling(to: &config.members)
        writeFormat(hasFunctions: hasFunctions, to: &config)
        writeModalities(to: &config.members)
        try writeThinking(to: &config.members)
        return config
    }

    private mutating func isRefused(_ name: String) -> Bool {
        guard !isOwn, target.refuses.contains(name) else { return false }
        losses.drop(member: name, of: conversation, names)
        return true
    }

    private mutating func writeSampling(to config: inout JSONObject) throws(RequestError) {
        let sampling = conversation.sampling
        try write(sampling.temperature, "temperature", as: "temperature", within: 0...2, to: &config)
        try write(sampling.topP, "top_p", as: "topP", within: 0...1, to: &config)
        write(sampling.topK.map { .int($0) }, "top_k", as: "topK", to: &config)
        if let choices = sampling.choices, isOwn || choices != 1 {
            try write(choices, "n", as: "candidateCount", within: 1...8, to: &config)
        }
        write(sampling.maxOutputTokens.map { .int($0) }, "max_tokens", as: "maxOutputTokens", to: &config)
        try writeStop(to: &config)
        try write(
            sampling.seed, "seed", as: "seed", within: Int64(Int32.min)...Int64(Int32.max), to: &config)
        try write(sampling.presencePenalty, "presence_penalty", as: "presencePenalty", within: -2...2, to: &config)
        try write(sampling.frequencyPenalty, "frequency_penalty", as: "frequencyPenalty", within: -2...2, to: &config)
        let wantsLogprobs = sampling.wantsLogprobs
        if isOwn {
            write(sampling.logprobs.map { .bool($0) }, "logprobs", as: "responseLogprobs", to: &config)
        } else if wantsLogprobs {
            write(.bool(true), "logprobs", as: "responseLogprobs", to: &config)
        }
        if let count = sampling.topLogprobs, isOwn || wantsLogprobs {
            try write(count, "top_logprobs", as: "logprobs", within: 0...20, to: &config)
        }
    }

    private mutating func write(_ value: JSON?, _ name: String, as member: String, to config: inout JSONObject) {
        guard let value else { return }
        if !isRefused(name) { config[key(member)] = value }
    }

    private mutating func write(
        _ value: Double?, _ name: String, as member: String, within range: ClosedRange<Double>,
        to config: inout JSONObject
    ) throws(RequestError) {
        guard let value else { return }
        if isRefused(name) { return }
        config[key(member)] = .real(try target.fitted(value, to: range, names[name], &losses))
    }

    private mutating func write(
        _ value: Int64?, _ name: String, as member: String, within range: ClosedRange<Int64>,
        to config: inout JSONObject
    ) throws(RequestError) {
        guard let value else { return }
        if isRefused(name) { return }
        config[key(member)] = .int(try target.fitted(value, to: range, names[name], &losses))
    }

    /// "The set of character sequences (up to 5) that will stop output generation."
    private mutating func writeStop(to config: inout JSONObject) throws(RequestError) {
        if isOwn {
            guard let stop = conversation.sampling.stop else { return }
            let fitted = try target.fitted(stop, most: 5, names["stop"], &losses)
            config[key("stopSequences")] = .array(fitted.map { .string($0) })
        } else if !isRefused("stop"), let stop = try conversation.stopSequences(for: target, most: 5, names, &losses) {
            config["stopSequences"] = stop
        }
    }

    // MARK: - Format

    private mutating func writeFormat(hasFunctions: Bool, to config: inout Config) {
        guard let format = conversation.outputFormat else { return }
        if isOwn { return writeOwnFormat(format, to: &config.members) }
        // Before Gemini 3: "Function calling with a response mime type: 'application/json' is unsupported".
        let isRefusedHere = hasFunctions && !isGemini3
        switch format {
        case .jsonObject where !isRefusedHere: config.members["responseMimeType"] = "application/json"
        case .jsonSchema(let schema):
            losses.dropNested(schema.extras)
            guard !isRefusedHere, target.takesJSONSchema else {
                config.instruction = losses.instruction(for: format, names)
                return
            }
            config.members["responseMimeType"] = "application/json"
            if target.takesGoogleJSONSchema {
                config.members["responseJsonSchema"] = schema.schema
            } else {
                config.members["responseSchema"] = GoogleSchema.google(schema.schema)
            }
        default: config.instruction = losses.instruction(for: format, names)
        }
    }

    private func writeOwnFormat(_ format: OutputFormat, to config: inout JSONObject) {
        switch format {
        case .text: config[key("responseMimeType")] = "text/plain"
        case .jsonObject: config[key("responseMimeType")] = "application/json"
        case .jsonSchema(let schema):
            config[key("responseMimeType")] = "application/json"
            if let native = schema.nativeSchema {
                config[key("responseSchema")] = native
            } else {
                config[key("responseJsonSchema")] = schema.schema
            }
        case .native(let native): for (name, value) in native.object ?? [:] { config[key(name)] = value }
        }
    }

    private mutating func writeModalities(to config: inout JSONObject) {
        if let modalities = conversation.modalities, isOwn || modalities != ["text"] {
            config[key("responseModalities")] = .array(modalities.map { .string($0.uppercased()) })
        }
        guard let audio = conversation.audioOutput, !isOwn else { return }
        if let voice = audio["voice"]?.string {
            config["speechConfig"] = ["voiceConfig": ["prebuiltVoiceConfig": ["voiceName": .string(voice)]]]
        }
        // Google speaks in PCM only.
        if let format = audio["format"]?.string, format != "pcm16" { losses.drop("format") }
    }

    // MARK: - Thinking

    /// Source: https://ai.google.dev/gemini-api/docs/thinking (read on 2026-11-29): 2.5 Pro thinks with 128 to 32,768
    /// tokens and cannot be told not to, 2.5 Flash with up to 24,576; Gemini 3 takes a level, and none that is off.
    private mutating func writeThinking(to config: inout JSONObject) throws(RequestError) {
        guard let reasoning = conversation.reasoning else { return }
        let isOff = reasoning.isOff
        var thinking = JSONObject()
        switch target.thinking {
        case .none:
            if isOwn { losses.dropThinking(names) } else { losses.drop(.reasoningEffort, of: conversation, names) }
            return
        case .budget, .level:
            if isOwn {
                writeOwnThinking(reasoning, to: &thinking)
            } else if target.thinking == .budget {
                if let budget = try budget(reasoning, isOff: isOff) { thinking["thinkingBudget"] = .int(budget) }
            } else if let level = level(reasoning) {
                thinking["thinkingLevel"] = .string(level)
            }
        }
        // Google refuses to show thoughts where there are none ("include_thoughts is only enabled when thinking is").
        let isZero = thinking["thinkingBudget"] == 0
        if !isOwn, !isZero, showsThoughts(reasoning, isOff: isOff) { thinking["includeThoughts"] = true }
        if isOwn || !thinking.isEmpty { config[key("thinkingConfig")] = .object(thinking) }
    }

    private func writeOwnThinking(_ reasoning: ReasoningSettings, to thinking: inout JSONObject) {
        if let shows = reasoning.includesThoughts { thinking[key("includeThoughts")] = .bool(shows) }
        switch reasoning.mode {
        case .disabled, .betweenTools: thinking[key("thinkingBudget")] = 0
        case .adaptive: thinking[key("thinkingBudget")] = -1
        case .enabled: if let budget = reasoning.budgetTokens { thinking[key("thinkingBudget")] = .int(budget) }
        case nil: break
        }
        if let level = conversation.spelling?.thinkingLevel ?? reasoning.effort?.uppercased() {
            thinking[key("thinkingLevel")] = .string(level)
        }
        for (name, value) in reasoning.extras { thinking[key(name)] = value }
    }

    /// Whoever asks for thinking in a dialect that shows it wants to see it; of OpenAI's, whoever asks for a summary.
    private func showsThoughts(_ reasoning: ReasoningSettings, isOff: Bool) -> Bool {
        if isOff { return false }
        return reasoning.showsThoughts ?? (conversation.origin != .responses && reasoning.asksToThink)
    }

    private mutating func budget(_ reasoning: ReasoningSettings, isOff: Bool) throws(RequestError) -> Int64? {
        let least = target.thinkingBudgets.lowerBound
        let most = target.thinkingBudgets.upperBound
        let name = isOff ? names.thinking : names.thinkingBudget
        var wanted: Int64
        if isOff {
            wanted = 0
        } else if let budget = reasoning.budget {
            wanted = budget
        } else if reasoning.mode != nil {
            return -1
        } else {
            return nil
        }
        let cap = conversation.sampling.maxOutputTokens
        if !isOff, let cap {
            wanted = try target.fittedBudget(wanted, of: reasoning, least: least, below: cap, name, &losses) ?? 0
        }
        let isTaken = wanted == 0 ? target.takesNoThinking : target.thinkingBudgets.contains(wanted)
        if !isTaken {
            if target.rangePolicy == .refuse, reasoning.budgetTokens == wanted {
                throw .outOfRange(
                    name,
                    "this model takes \(target.takesNoThinking ? "0 and " : "")\(least) to \(most) tokens of thinking")
            }
            losses.adjust(name)
            wanted = min(max(wanted, least), most)
            // Pro, which cannot be told not to think, decides itself where not even its least is below the cap.
            if let cap, wanted >= cap { return nil }
        }
        return wanted
    }

    private mutating func level(_ reasoning: ReasoningSettings) -> String? {
        guard let word = reasoning.word else { return nil }
        return target.leastKnown(covering: word, names["reasoning_effort"], &losses).uppercased()
    }
}
