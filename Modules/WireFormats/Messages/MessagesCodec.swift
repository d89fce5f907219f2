import JSONText

/// Anthropic Messages, and the same bodies at Bedrock's invoke and Vertex's rawPredict.
///
/// Source: https://docs.claude.com/en/api/messages and …/messages-streaming (read on 2026-11-29), and recorded traffic.
public enum MessagesCodec: DialectCodec {
    public static let dialect = Dialect.messages
    public static let framing = StreamFraming.sse

    public static func decodeRequest(_ body: JSON, at place: RequestPlace) throws(RequestError) -> Conversation {
        try MessagesRequestDecoder.decode(body, at: place)
    }

    public static func encodeRequest(
        _ conversation: Conversation, for target: TargetFacts, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        var encoder = MessagesRequestEncoder(conversation.joiningPieces(for: dialect), target)
        let body = try encoder.encode()
        losses.add(encoder.losses)
        return body
    }

    public static func decodeReply(_ body: JSON) throws(ReplyError) -> Reply {
        try MessagesReplyDecoder.decode(body)
    }

    public static func encodeReply(_ reply: Reply, for context: ReplyContext, _ losses: inout LossReport) -> JSON {
        var encoder = MessagesReplyEncoder(context)
        let body = encoder.encode(reply)
        losses.add(encoder.losses)
        return body
    }

    public static func streamDecoder() -> MessagesStreamDecoder { MessagesStreamDecoder() }

    public static func streamEncoder(for context: ReplyContext) -> MessagesStreamEncoder {
        MessagesStreamEncoder(context)
    }
}
