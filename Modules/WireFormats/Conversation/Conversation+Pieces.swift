extension Conversation {
    /// The conversation with a streamed answer's pieces joined to the parts that they were.
    ///
    /// Google's clients keep a stream as it came: each piece of a text or thought is a part, often a content, of its own,
    /// and a signature stands on the last (google-genai 3.6.1, `Chat.send_message_stream`). Google joins them itself; any
    /// other provider would see hundreds of blocks, blank ones among them, and a signature beside a text that is not its.
    ///
    /// - Returns: the same conversation for generateContent itself, and where a client of another dialect sent it.
    func joiningPieces(for dialect: Dialect) -> Conversation {
        var joined = self
        joined.joinPieces(for: dialect)
        return joined
    }

    mutating func joinPieces(for dialect: Dialect) {
        guard origin == .generateContent, dialect != .generateContent else { return }
        var joined: [Turn] = []
        for turn in turns {
            if turn.role == .assistant, let last = joined.indices.last, joined[last].role == .assistant,
                turn.extras.isEmpty, joined[last].extras.isEmpty
            {
                for part in turn.parts { joined[last].append(piece: part) }
            } else if turn.role == .assistant {
                var whole = turn
                whole.parts = []
                for part in turn.parts { whole.append(piece: part) }
                joined.append(whole)
            } else {
                joined.append(turn)
            }
        }
        turns = joined
    }
}

extension Turn {
    fileprivate mutating func append(piece: Part) {
        // With an empty text streams of Google's end: it says nothing.
        if piece == .text(""), !parts.isEmpty { return }
        guard let last = parts.indices.last, parts[last].goesOn(with: piece) else {
            parts.append(piece)
            return
        }
        parts[last].append(piece)
    }
}

extension Part {
    /// Whether the two are pieces of one: a proof ends a part.
    fileprivate func goesOn(with next: Part) -> Bool {
        guard proof == nil, extras.isEmpty, cache == nil, next.cache == nil else { return false }
        switch (content, next.content) {
        case (.text(let text), .text(let more)): return text.citations.isEmpty && more.citations.isEmpty
        case (.reasoning(let thought), .reasoning(let more)): return thought.proof == nil && !more.isRedacted
        default: return false
        }
    }

    /// What stands beside the text is the last piece's. The text grows in place, so that n pieces take n steps.
    fileprivate mutating func append(_ next: Part) {
        var text = takeText()
        self = next
        switch next.content {
        case .text(let more):
            text += more.text
            content = .text(Text(text))
        case .reasoning(var more):
            // Summaries that came with the proof are the whole of it.
            if more.summaries.isEmpty {
                text += more.text
                more.text = text
            }
            content = .reasoning(more)
        default: break
        }
    }

    /// The text or the thought, which the part then has no longer: a text that only its taker holds is not copied when
    /// it grows.
    private mutating func takeText() -> String {
        defer { content = .refusal("") }
        switch content {
        case .text(let text): return text.text
        case .reasoning(let thought): return thought.visibleText
        default: return ""
        }
    }
}
