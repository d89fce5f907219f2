import JSONText

/// What the streams of Chat and of the legacy completions have in common: chunks, then `[DONE]`.
protocol ChunkStreamDecoder: ReplyStreamDecoder {
    var isOver: Bool { get set }
    /// Something of an answer has come.
    var hasBegun: Bool { get }
    /// Every choice that began has said why it ended.
    var hasFinished: Bool { get }

    mutating func read(_ chunk: JSONObject, _ events: inout [ReplyEvent]) throws(ReplyError)
    mutating func end(_ events: inout [ReplyEvent])
}

extension ChunkStreamDecoder {
    mutating func decode(_ frame: StreamFrame, into events: inout [ReplyEvent]) throws(ReplyError) {
        guard !isOver else { return }
        switch frame {
        case .keepAlive: events.append(.keepAlive)
        // An end of nothing is no answer.
        case .done: if hasBegun { end(&events) }
        case .failed(let error):
            isOver = true
            events.append(.failed(error))
        case .exception(let type, let payload):
            isOver = true
            events.append(.failed(ProviderError(message: payload["message"]?.string ?? "", type: type)))
        case .json(let chunk, _):
            if let error = ProviderError(reportedIn: chunk) {
                isOver = true
                events.append(.failed(error))
                return
            }
            guard let object = chunk.object else { throw .malformed("a chunk is no object") }
            try read(object, &events)
            guard let error = ChatReplyDecoder.failure(of: object["choices"]?.array ?? []) else { return }
            isOver = true
            events.append(.failed(error))
        }
    }

    mutating func finish(into events: inout [ReplyEvent]) {
        if !isOver, hasBegun, hasFinished { end(&events) }
    }

    /// The choices of a chunk: none where it has none, or `null`.
    func readChoices(of chunk: JSONObject) throws(ReplyError) -> [JSONObject] {
        guard let value = chunk["choices"], !value.isNull else { return [] }
        guard let list = value.array else { throw .malformed("the choices of a chunk are no array") }
        var choices: [JSONObject] = []
        choices.reserveCapacity(list.count)
        for (index, value) in list.enumerated() {
            guard let choice = value.object else { throw .malformed("choices[\(index)] of a chunk is no object") }
            choices.append(choice)
        }
        return choices
    }
}
