extension Conversation {
    /// The conversation with a streamed answer's pieces joined to the parts that they were.
    ///
    /// Google's clients keep a stream as it came: each piece of a text or thought is a part, often a content, of its own,
    /// and a signature stands on the last (google-genai 3.6.1, `Chat.send_message_stream`). Google joins them itself; any
    /// other provider would see hundreds of blocks, blank ones among them, and a signature beside a text that is not its.
    ///
    /// - Returns: the same conversation for generateContent itself, and where a client of another dialect sent it.
    func joiningPieces(for dialect: Dialect) -> Conversation {
        guard origin == .generateContent, dialect != .generateContent else { return self }
        var joined = self
        joined.turns = []
        for turn in turns {
            if turn.role == .assistant, let last = joined.turns.indices.last, joined.turns[last].role == .assistant,
                turn.extras.isEmpty, joined.turns[last].extras.isEmpty
            {
                for part in turn.parts { joined.turns[last].append(piece: part) }
            } else if turn.role == .assistant {
                var whole = turn
                whole.parts = []
                for part in turn.parts { whole.append(piece: part) }
                joined.turns.append(whole)
            } else {
                joined.turns.append(turn)
            }
        }
        return joined
    }
}

extension Turn {
    fileprivate mutating func append(piece: Part) {
        // With an empty text streams of Google's end: it says nothing.
        if piece == .text(""), !parts.isEmpty { return }
        guard let last = parts.indices.last, let whole = parts[last].joined(with: piece) else {
            parts.append(piece)
            return
        }
        parts[last] = whole
    }
}

extension Part {
    /// nil where the two are not pieces of one: a proof ends a part.
    fileprivate func joined(with next: Part) -> Part? {
        guard proof == nil, extras.isEmpty, cache == nil, next.cache == nil else { return nil }
        var whole = next
        switch (content, next.content) {
        case (.text(let text), .text(let more)):
            guard text.citations.isEmpty, more.citations.isEmpty else { return nil }
            whole.content = .text(Text(text.text + more.text))
        case (.reasoning(let thought), .reasoning(var more)):
            guard thought.proof == nil, !more.isRedacted else { return nil }
            // Summaries that came with the proof are the whole of it.
            if more.summaries.isEmpty { more.text = thought.visibleText + more.text }
            whole.content = .reasoning(more)
        default: return nil
        }
        return whole
    }
}
