import JSONText

/// Ollama's native chat, as its servers speak it. No client does here; what reads requests and writes replies is for
/// tests and mocks.
///
/// Source: https://docs.ollama.com/api/chat (read on 2026-11-29).
public enum OllamaChatCodec: DialectCodec {
    public static let dialect = Dialect.ollamaChat
    public static let framing = StreamFraming.lines

    public static func decodeRequest(_ body: JSON, at place: RequestPlace) throws(RequestError) -> Conversation {
        try OllamaRequestDecoder.decode(body, at: place)
    }

    public static func encodeRequest(
        _ conversation: Conversation, for target: TargetFacts, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        try OllamaRequestEncoder.encode(conversation.prepared(for: dialect, &losses), for: target, &losses)
    }

    public static func decodeReply(_ body: JSON) throws(ReplyError) -> Reply { try OllamaReply.decode(body) }

    public static func encodeReply(_ reply: Reply, for context: ReplyContext, _ losses: inout LossReport) -> JSON {
        OllamaReply.encode(reply, for: context, &losses)
    }

    public static func streamDecoder() -> some ReplyStreamDecoder { OllamaStreamDecoder() }
    public static func streamEncoder(for context: ReplyContext) -> some ReplyStreamEncoder {
        OllamaStreamEncoder(context)
    }
}
