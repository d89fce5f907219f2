import JSONText

/// OpenAI's legacy Completions.
///
/// Source: https://platform.openai.com/docs/api-reference/completions (read on 2026-11-29).
public enum CompletionsCodec: DialectCodec {
    public static let dialect = Dialect.completions
    public static let framing = StreamFraming.sse

    public static func decodeRequest(_ body: JSON, at place: RequestPlace) throws(RequestError) -> Conversation {
        try CompletionsRequest.decode(body, at: place)
    }

    public static func encodeRequest(
        _ conversation: Conversation, for target: TargetFacts, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        try CompletionsRequest.encode(conversation.prepared(for: dialect, &losses), for: target, &losses)
    }

    public static func decodeReply(_ body: JSON) throws(ReplyError) -> Reply { try CompletionsReply.decode(body) }

    public static func encodeReply(_ reply: Reply, for context: ReplyContext, _ losses: inout LossReport) -> JSON {
        CompletionsReply.encode(reply, for: context, &losses)
    }

    public static func streamDecoder() -> some ReplyStreamDecoder { CompletionsStreamDecoder() }
    public static func streamEncoder(for context: ReplyContext) -> some ReplyStreamEncoder {
        CompletionsStreamEncoder(context)
    }
}
