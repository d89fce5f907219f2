import JSONText

/// OpenAI Chat Completions, as clients speak it, and as OpenAI and its many compatible providers do.
///
/// Source: https://platform.openai.com/docs/api-reference/chat (read on 2026-11-29), and recorded traffic of 40
/// providers.
public enum ChatCompletionsCodec: DialectCodec {
    public static let dialect = Dialect.chatCompletions
    public static let framing = StreamFraming.sse

    public static func decodeRequest(_ body: JSON, at place: RequestPlace) throws(RequestError) -> Conversation {
        try ChatRequestDecoder.decode(body, at: place)
    }

    public static func encodeRequest(
        _ conversation: Conversation, for target: TargetFacts, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        try ChatRequestEncoder.encode(conversation.prepared(for: dialect, &losses), for: target, &losses)
    }

    public static func decodeReply(_ body: JSON) throws(ReplyError) -> Reply { try ChatReplyDecoder.decode(body) }

    public static func encodeReply(_ reply: Reply, for context: ReplyContext, _ losses: inout LossReport) -> JSON {
        ChatReplyEncoder.encode(reply, for: context, &losses)
    }

    public static func streamDecoder() -> some ReplyStreamDecoder { ChatStreamDecoder() }
    public static func streamEncoder(for context: ReplyContext) -> some ReplyStreamEncoder {
        ChatStreamEncoder(context)
    }
}
