import JSONText

/// Members of an answer that have no name in the model stand in no other dialect, and some that have one stand in few: every
/// encoder reports them here, so that it is the same for each client, and for a stream as for the whole.
///
/// Of what stands around the choices nothing is said: a provider tells of itself there (docs/WIREFORMATS.md, rule 2).
extension LossReport {
    /// - Parameter isOwn: the client speaks the provider's dialect, and gets them.
    mutating func dropUnplaced(in choice: Reply.Choice, for client: Dialect, isOwn: Bool) {
        if isOwn { return }
        for part in choice.parts {
            drop(part.extras)
            if case .text(let text) = part.content, text.citations.contains(where: { $0.isCut(for: client) }) {
                drop("citations")
            }
        }
        drop(ofChoice: choice.extras, for: client)
        if let stop = choice.stop { report(stop, for: client) }
    }

    /// The same for a step of a stream.
    ///
    /// - Parameters:
    ///   - origin: the dialect in which the provider writes the answer; of no matter for its head, which says it.
    ///   - told: the tier of the head, where the client's dialect tells it there.
    mutating func dropUnplaced(
        of event: ReplyEvent, from origin: Dialect, for client: Dialect, toldTier told: String? = nil
    ) {
        if case .began(let head) = event { return drop(tier: head.serviceTier, of: head.origin, for: client) }
        if origin == client { return }
        switch event {
        case .partBegan(_, let part): drop(part.extras)
        case .delta(_, .extras(let more)): drop(more)
        case .delta(_, .citation(let citation)): if citation.isCut(for: client) { drop("citations") }
        case .choiceExtras(_, let more): drop(ofChoice: more, for: client)
        case .stopped(_, let stop): report(stop, for: client)
        case .serviceTier(let tier): drop(lateTier: tier, of: origin, afterHead: told, for: client)
        default: break
        }
    }

    /// Reports the tier that served an answer, by the provider's name, where the client's dialect has no word for it.
    mutating func drop(tier: String?, of origin: Dialect, for client: Dialect) {
        guard let tier, origin != client, !ServiceTier.isPlain(tier), ServiceTier.word(tier, for: client) == nil else {
            return
        }
        drop(LossReport.tierName(in: origin))
    }

    private static func tierName(in origin: Dialect) -> String {
        origin == .converse || origin == .generateContent ? "serviceTier" : "service_tier"
    }

    /// The same where a stream tells it at its end: what Chat, Completions and Messages have for it is out by then, and is
    /// wrong where the head said another.
    private mutating func drop(
        lateTier tier: String, of origin: Dialect, afterHead told: String?, for client: Dialect
    ) {
        let isPlain = ServiceTier.isPlain(tier)
        let isTold: Bool =
            switch client {
            case .responses, .converse: isPlain || ServiceTier.word(tier, for: client) != nil
            default: tier == told || (isPlain && ServiceTier.isPlain(told ?? ""))
            }
        if !isTold { drop(LossReport.tierName(in: origin)) }
    }

    /// That an answer ended in a way for which the client has no word, which stop sequence fired, and what a provider says
    /// about a refusal, where the client is not told.
    private mutating func report(_ stop: Stop, for client: Dialect) {
        if !stop.reason.hasWord(for: client) { adjust("stop_reason") }
        if stop.sequence != nil {
            switch client {
            case .chatCompletions, .completions, .messages, .converse: break
            case .responses, .generateContent, .cohereChat, .ollamaChat, .embeddings: drop("stop_sequence")
            }
        }
        guard let explanation = stop.explanation else { return }
        switch client {
        case .chatCompletions, .responses, .messages, .generateContent:
            if explanation.saysMore { drop(explanation.member) }
        case .completions, .converse, .cohereChat, .ollamaChat, .embeddings: drop(explanation.member)
        }
    }

    /// Members of Chat's message have their own names.
    private mutating func drop(ofChoice extras: JSONObject, for client: Dialect) {
        var beside = extras
        if let message = beside["message"]?.object {
            drop(message)
            beside["message"] = nil
        }
        // Responses has an item for a search.
        if client == .responses, let grounding = beside["groundingMetadata"],
            !GoogleGrounding.saysMoreThanSearch(grounding)
        {
            beside["groundingMetadata"] = nil
        }
        for (name, value) in beside where !LossReport.isOfProvider(name, value) { drop([name: value]) }
    }

    /// Whether a member beside an answer is what a provider tells of itself and of its work: its own word for the end, its
    /// counts, and what filters said that let the answer through. It stands beside every answer of such a provider, and
    /// would make a loss of each.
    static func isOfProvider(_ name: String, _ value: JSON) -> Bool {
        switch name {
        case "native_finish_reason", "matched_stop", "seed", "tokenCount", "avgLogprobs": true
        case "safetyRatings": !(value.array ?? []).contains { $0["blocked"]?.bool == true }
        case "content_filter_results": !(value.object ?? [:]).contains { $0.value["filtered"]?.bool == true }
        default: false
        }
    }

    /// Reports a medium that the client's dialect has no place for.
    ///
    /// - Returns: what is shown in its place: the words of a sound, as far as they are known yet.
    mutating func wordsInPlace(of media: Media) -> String? {
        drop(media.kind.rawValue)
        guard let words = media.transcript, !words.isEmpty else { return nil }
        return words
    }

    /// Reports the proof that hangs on a part which goes out without it.
    mutating func dropProof(of part: Part) {
        if part.proof != nil { drop("reasoning") }
    }
}

extension Stop.Reason {
    /// Whether a dialect can say it. Where it cannot, the nearest word is said, which may be that of a good answer.
    func hasWord(for client: Dialect) -> Bool {
        switch self {
        case .endTurn, .maxTokens, .contextWindow, .stopSequence, .toolUse, .contentFilter, .refusal: true
        case .pause: client == .messages
        case .malformedToolCall: client == .generateContent || client == .converse
        case .other: client == .generateContent
        }
    }
}

extension Citation {
    /// Whether a client of another dialect than its own gets less of it than there is. Where it gets none, its encoder
    /// says so.
    func isCut(for client: Dialect) -> Bool {
        if nativeDialect == client, native != nil { return false }
        let hasWords = citedText?.isEmpty == false
        return switch client {
        case .chatCompletions: saysMore
        case .responses: saysMore || hasWords
        case .messages: saysMore || range != nil
        case .generateContent:
            saysMore || fileID != nil || (url == nil ? title?.isEmpty != false && !hasWords : hasWords)
        case .converse: range != nil || (saysMore && !ConverseCitations.returns(self))
        case .completions, .cohereChat, .ollamaChat, .embeddings: false
        }
    }
}

/// Log probabilities in Chat Completions' form.
enum ChatLogprobs {
    /// Those of all tokens, for dialects that do not tell an answer's from a refusal's.
    static func entries(_ logprobs: JSON) -> [JSON] {
        (logprobs["content"]?.array ?? []) + (logprobs["refusal"]?.array ?? [])
    }
}
