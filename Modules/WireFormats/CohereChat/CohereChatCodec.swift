import JSONText

/// Cohere's chat, version 2: as its providers speak it. No client does here; what reads requests and writes replies is
/// for tests and mocks.
///
/// Source: https://docs.cohere.com/reference/chat and …/chat-stream (read on 2026-11-29).
public enum CohereChatCodec: DialectCodec {
    public static let dialect = Dialect.cohereChat
    public static let framing = StreamFraming.sse

    public static func decodeRequest(_ body: JSON, at place: RequestPlace) throws(RequestError) -> Conversation {
        try CohereRequestDecoder.decode(body, at: place)
    }

    public static func encodeRequest(
        _ conversation: Conversation, for target: TargetFacts, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        try CohereRequestEncoder.encode(conversation.prepared(for: dialect, &losses), for: target, &losses)
    }

    public static func decodeReply(_ body: JSON) throws(ReplyError) -> Reply { try CohereReply.decode(body) }

    public static func encodeReply(_ reply: Reply, for context: ReplyContext, _ losses: inout LossReport) -> JSON {
        CohereReply.encode(reply, for: context, &losses)
    }

    public static func streamDecoder() -> some ReplyStreamDecoder { CohereStreamDecoder() }
    public static func streamEncoder(for context: ReplyContext) -> some ReplyStreamEncoder {
        CohereStreamEncoder(context)
    }
}
