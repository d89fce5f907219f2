import JSONText

/// What the streams of Chat and of the legacy completions have in common: chunks, then `[DONE]`.
protocol ChunkStreamDecoder: ReplyStreamDecoder {
    var isOver: Bool { get set }
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
        case .done: end(&events)
        case .exception(let type, let payload):
            isOver = true
            events.append(.failed(ProviderError(message: payload["message"]?.string ?? "", type: type)))
        case .json(let chunk, _):
            if let error = ChatReplyDecoder.error(in: chunk) {
                isOver = true
                events.append(.failed(error))
                return
            }
            guard let object = chunk.object else { throw .malformed("a chunk is no object") }
            try read(object, &events)
        }
    }

    mutating func finish(into events: inout [ReplyEvent]) {
        if !isOver, hasFinished { end(&events) }
    }
}
