// How much the model wrote, in bytes of its texts: what an answer is billed by whose provider told no usage.

extension PartDelta {
    /// How much of what the model wrote is in it.
    public var textBytes: Int {
        switch self {
        case .text(let text), .reasoning(let text), .summary(_, let text), .arguments(let text), .transcript(let text):
            text.utf8.count
        case .citation, .proof, .media, .extras, .replaced: 0
        }
    }
}

extension Reply {
    /// What the model wrote: texts, thinking and the arguments of calls, of all choices.
    public var textBytes: Int {
        choices.reduce(0) { sum, choice in
            choice.parts.reduce(sum) { sum, part in part.deltas.reduce(sum) { $0 + $1.textBytes } }
        }
    }
}
