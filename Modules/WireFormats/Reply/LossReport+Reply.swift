import JSONText

/// Members of an answer that have no name in the model stand in no other dialect: every encoder reports them here, so
/// that it is the same for each client, and for a stream as for the whole.
///
/// Of what stands around the choices nothing is said: a provider tells of itself there (docs/WIREFORMATS.md, rule 2).
extension LossReport {
    /// - Parameter isOwn: the client speaks the provider's dialect, and gets them.
    mutating func dropUnnamed(in choice: Reply.Choice, isOwn: Bool) {
        if isOwn { return }
        for part in choice.parts { drop(part.extras) }
        drop(ofChoice: choice.extras)
    }

    /// The same for a step of a stream.
    mutating func dropUnnamed(of event: ReplyEvent, isOwn: Bool) {
        if isOwn { return }
        switch event {
        case .partBegan(_, let part): drop(part.extras)
        case .delta(_, .extras(let more)): drop(more)
        case .choiceExtras(_, let more): drop(ofChoice: more)
        default: break
        }
    }

    /// Members of Chat's message have their own names.
    private mutating func drop(ofChoice extras: JSONObject) {
        var beside = extras
        if let message = beside["message"]?.object {
            drop(message)
            beside["message"] = nil
        }
        for (name, value) in beside where !LossReport.isOfProvider(name, value) { drop([name: value]) }
    }

    /// Whether a member beside an answer is what a provider tells of itself and of its work: its own word for the end, its
    /// counts, and what filters said that let the answer through. It stands beside every answer of such a provider, and
    /// would make a loss of each.
    private static func isOfProvider(_ name: String, _ value: JSON) -> Bool {
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

/// Log probabilities in Chat Completions' form.
enum ChatLogprobs {
    /// Those of all tokens, for dialects that do not tell an answer's from a refusal's.
    static func entries(_ logprobs: JSON) -> [JSON] {
        (logprobs["content"]?.array ?? []) + (logprobs["refusal"]?.array ?? [])
    }
}
