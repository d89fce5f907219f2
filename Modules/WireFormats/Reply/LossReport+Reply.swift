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
        drop(beside)
    }
}
