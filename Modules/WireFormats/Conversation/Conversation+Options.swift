import JSONText

/// An option of a request, beside its messages and tools, by Chat's name for it.
public enum RequestOption: String, CaseIterable, Sendable {
    case temperature
    case topP = "top_p"
    case topK = "top_k"
    case minP = "min_p"
    case frequencyPenalty = "frequency_penalty"
    case presencePenalty = "presence_penalty"
    case repetitionPenalty = "repetition_penalty"
    case seed
    case stop
    case choices = "n"
    case logprobs
    case topLogprobs = "top_logprobs"
    case logitBias = "logit_bias"
    case toolChoice = "tool_choice"
    case parallelToolCalls = "parallel_tool_calls"
    case reasoningEffort = "reasoning_effort"
    case verbosity
    case modalities
    case audio
    case serviceTier = "service_tier"
    case metadata
    case user
    case safetyIdentifier = "safety_identifier"
    case promptCacheKey = "prompt_cache_key"
    case promptCacheRetention = "prompt_cache_retention"
    case store
    case previousResponseID = "previous_response_id"
    case cacheControl = "cache_control"

    fileprivate static let all = allCases
}

/// Which options a client asks for, and which of them are lost.
///
/// No loss is an option whose value is what happens without it. The value is carried where the provider has a place for it,
/// since its own default may be another. The defaults are those of the clients' own APIs:
/// https://platform.openai.com/docs/api-reference/chat/create, https://platform.openai.com/docs/api-reference/responses/create,
/// https://docs.anthropic.com/en/api/messages, https://ai.google.dev/api/generate-content (read on 2026-11-29) and
/// botocore 1.44.8 (`ConverseRequest`).
extension Conversation {
    func asks(for option: RequestOption) -> Bool {
        switch option {
        case .temperature: isSet(sampling.temperature, other: 1)
        case .topP: isSet(sampling.topP, other: 1)
        // None, or all: https://docs.vllm.ai/en/latest/api/vllm/sampling_params.html (read on 2026-11-29) has 0 and -1.
        case .topK: (sampling.topK ?? 0) > 0
        case .minP: isSet(sampling.minP, other: 0)
        case .frequencyPenalty: isSet(sampling.frequencyPenalty, other: 0)
        case .presencePenalty: isSet(sampling.presencePenalty, other: 0)
        case .repetitionPenalty: isSet(sampling.repetitionPenalty, other: 1)
        case .seed: sampling.seed != nil
        case .stop: sampling.stop?.isEmpty == false
        case .choices: (sampling.choices ?? 1) != 1
        case .logprobs: sampling.logprobs == true
        case .topLogprobs: (sampling.topLogprobs ?? 0) != 0
        case .logitBias: sampling.logitBias?.isEmpty == false
        case .toolChoice:
            switch toolChoice {
            case nil, .some(.none), .some(.auto): false
            default: true
            }
        case .parallelToolCalls: parallelToolCalls == false
        case .reasoningEffort:
            reasoning.map { !$0.isOff && ($0.asksToThink || $0.showsThoughts == true) } ?? false
        case .verbosity: isSet(verbosity, other: "medium")
        case .modalities: isSet(modalities, other: ["text"])
        case .audio: audioOutput != nil
        // The plain tier is all that a provider without tiers has.
        case .serviceTier: serviceTier.map { !["auto", "default", "unspecified"].contains($0) } ?? false
        case .metadata: metadata?.isEmpty == false
        case .user: user != nil
        case .safetyIdentifier: safetyIdentifier != nil
        case .promptCacheKey: promptCacheKey != nil
        case .promptCacheRetention: promptCacheRetention != nil
        // The gateway itself stores what a Responses client wants stored.
        case .store: store == true && origin != .responses
        case .previousResponseID: previousResponseID != nil
        case .cacheControl: cache != nil
        }
    }

    private func isSet<Value: Equatable>(_ value: Value?, other: Value) -> Bool {
        guard let value else { return false }
        return value != other
    }

    /// Members without a name in the model that Chat and Responses have alike, and nobody else (openai 3.54.0).
    var membersOfOpenAI: Set<String> {
        origin == .chatCompletions || origin == .responses ? ["prompt_cache_options", "moderation"] : []
    }

    /// Reports the members of the request, beside messages and tools, for which a dialect has no place.
    ///
    /// - Parameters:
    ///   - carried: the options that it has, or reports itself.
    ///   - members: those without a name in the model that it has.
    func reportUncarried(
        carried: Set<RequestOption>, members: Set<String> = [], _ names: ClientNames, _ losses: inout LossReport
    ) {
        for (name, value) in extras where !members.contains(name) { losses.drop(option: name, value) }
        for option in RequestOption.all where !carried.contains(option) { losses.drop(option, of: self, names) }
    }

    /// Takes out the sampling that the model takes none of, once it is known whether it is to think; a `top_k` of 0 or −1, by
    /// which one client says "all" and another provider nothing at all; and a `top_logprobs` that asks for nothing.
    ///
    /// - Throws: a 400 where the ranges' policy is to refuse it, and it asks for something.
    mutating func settleSampling(for target: TargetFacts, _ losses: inout LossReport) throws(RequestError) {
        if let topK = sampling.topK, topK <= 0 { sampling.topK = nil }
        // OpenAI tells a Responses client no log probabilities, the likeliest tokens' included, where its `include` does not ask
        // for them (https://community.openai.com/t/are-logprobs-not-yet-supported-in-the-reponses-api/1359018, read on
        // 2026-11-30).
        let isSilent = origin == .responses && sampling.logprobs == nil
        if isSilent || sampling.logprobs == false { sampling.topLogprobs = nil }
        guard target.rangePolicy != .pass else { return }
        let refused = refusedSampling(by: target)
        if refused.isEmpty { return }
        let names = ClientNames(self)
        for option in refused {
            if asks(for: option) {
                let name = names[option.rawValue]
                guard target.rangePolicy != .refuse else { throw .outOfRange(name, "this model does not take it") }
                losses.drop(name)
            }
            sampling.remove(option)
        }
    }

    private func refusedSampling(by target: TargetFacts) -> [RequestOption] {
        switch target.sampling {
        case .taken: []
        case .refused(let options): options
        case .refusedWhereItThinks(let options): thinks(target) ? options : []
        }
    }

    private func thinks(_ target: TargetFacts) -> Bool {
        guard target.thinking != .none, let reasoning else { return target.thinksUnasked }
        if reasoning.isOff { return false }
        return target.openAIWord(of: reasoning) != nil || target.thinksUnasked
    }

    /// The stop sequences for another dialect's provider: the first ones, where it takes fewer, and no empty ones, which
    /// Google refuses ("stop_sequences must not be empty") and which stop nothing anywhere.
    ///
    /// - Parameters:
    ///   - most: nil where it takes any number.
    ///   - mayBeBlank: not for Claude: "each stop sequence must contain non-whitespace".
    /// - Returns: nil where none is left.
    func stopSequences(
        for target: TargetFacts, most: Int?, mayBeBlank: Bool = true, _ names: ClientNames,
        _ losses: inout LossReport
    ) throws(RequestError) -> JSON? {
        guard let stop = sampling.stop, !stop.isEmpty else { return nil }
        let kept = stop.filter { mayBeBlank ? !$0.isEmpty : !$0.isBlank }
        guard !kept.isEmpty else {
            losses.drop(names["stop"])
            return nil
        }
        if kept.count < stop.count { losses.adjust(names["stop"]) }
        let fitted = try target.fitted(kept, most: most, names["stop"], &losses)
        return .array(fitted.map { .string($0) })
    }
}

extension Sampling {
    /// Whether log probabilities are wanted: where nothing is said of those of the answer's own tokens, a number of others
    /// asks for them too.
    var wantsLogprobs: Bool { logprobs ?? ((topLogprobs ?? 0) > 0) }

    /// Options of other kinds are not touched.
    mutating func remove(_ option: RequestOption) {
        switch option {
        case .temperature: temperature = nil
        case .topP: topP = nil
        case .topK: topK = nil
        case .minP: minP = nil
        case .frequencyPenalty: frequencyPenalty = nil
        case .presencePenalty: presencePenalty = nil
        case .repetitionPenalty: repetitionPenalty = nil
        case .seed: seed = nil
        case .stop: stop = nil
        case .choices: choices = nil
        case .logprobs: logprobs = nil
        case .topLogprobs: topLogprobs = nil
        case .logitBias: logitBias = nil
        default: break
        }
    }
}

extension LossReport {
    /// Reports an option, unless what the client says there asks for nothing.
    mutating func drop(_ option: RequestOption, of conversation: Conversation, _ names: ClientNames) {
        guard conversation.asks(for: option) else { return }
        if option == .reasoningEffort { dropThinking(names) } else { drop(names[option.rawValue]) }
    }

    /// Reports all by which the client says whether the model is to think, and how much.
    mutating func dropThinking(_ names: ClientNames) {
        drop(names.thinking)
        drop(names.effort)
    }

    /// Reports a member that was to be written, by Chat's name: an option, or another.
    mutating func drop(member chat: String, of conversation: Conversation, _ names: ClientNames) {
        if let option = RequestOption(rawValue: chat) {
            drop(option, of: conversation, names)
        } else {
            drop(names[chat])
        }
    }

    /// Reports a member of the request that has no name in the model, unless its value asks for nothing.
    mutating func drop(option name: String, _ value: JSON) {
        if value.isNull || value == "" || value.array?.isEmpty == true { return }
        if LossReport.idle[name]?.contains(value) == true { return }
        drop(name)
    }

    private static let idle: [String: [JSON]] = [
        "background": [false], "best_of": [1], "echo": [false], "performanceConfig": [["latency": "standard"]],
        "prewarm": [false], "prompt_cache_options": [[:], ["mode": "implicit"]], "promptVariables": [[:]],
        "truncation": ["disabled"],
        "stream_options": [[:], ["include_usage": false], ["include_obfuscation": false]],
    ]
}
