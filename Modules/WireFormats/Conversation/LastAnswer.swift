/// The last answer of a history, as Claude looks at it before it thinks by a budget: the assistant's turns since the
/// user's last words, between which there are results of tools alone.
///
/// It is told the turns in their order. System prompts that are sent as such are nobody's words: it is not told them.
struct LastAnswer {
    /// What is said in a turn.
    enum Block {
        /// Thinking that Claude takes for its own.
        case thinking
        case call
        case result
        case other
    }

    /// What is said in a turn, or in several.
    struct Blocks {
        private(set) var first: Block?
        private(set) var hasCall = false
        private(set) var hasResult = false
        private(set) var hasOthers = false

        mutating func note(_ block: Block) {
            first = first ?? block
            switch block {
            case .thinking: break
            case .call: hasCall = true
            case .result: hasResult = true
            case .other: hasOthers = true
            }
        }

        fileprivate mutating func add(_ next: Blocks) {
            first = first ?? next.first
            hasCall = hasCall || next.hasCall
            hasResult = hasResult || next.hasResult
            hasOthers = hasOthers || next.hasOthers
        }
    }

    private var answer = Blocks()
    /// What the user said after it; nil where nothing followed.
    private var followed: Blocks?

    mutating func assistantSaid(_ turn: Blocks) {
        if followed?.hasOthers == true { answer = Blocks() }
        followed = nil
        answer.add(turn)
    }

    mutating func userSaid(_ turn: Blocks) {
        var all = followed ?? Blocks()
        all.add(turn)
        followed = all
    }

    /// It calls tools, does not begin with thinking, and is not over, as it is where the user went on without results.
    var callsLackThinking: Bool {
        answer.hasCall && answer.first != .thinking && followed?.hasResult != false
    }
}
