import JSONText

/// OpenAI Responses, as what clients speak and as what providers speak: OpenAI, Azure, xAI, OpenRouter, DeepSeek, Codex,
/// Copilot, Bedrock Mantle, llama.cpp, mistral.rs, and whoever follows the Open Responses specification.
///
/// Rules
/// 1. One item of `input` is one turn; `instructions` is a system turn at the top. An item of `output` is a part; a
///    message is a part for each of its contents, all with the message's id.
/// 2. What the client's machine runs at the model's wish, in the provider's own words (`shell_call`, `apply_patch_call`,
///    `computer_call`), is a ``ServerToolUse`` whose phase is `call`; its `…_output` is one whose phase is `result`,
///    which no other dialect's provider can be sent (`Conversation+Provider.swift`).
/// 3. Ids that we made (``ResponsesIDs``) carry a mark, and never reach a provider: it would look for what it never
///    stored.
public enum ResponsesCodec: DialectCodec {
    public static let dialect = Dialect.responses
    public static let framing = StreamFraming.sse

    public static func decodeRequest(_ body: JSON, at place: RequestPlace) throws(RequestError) -> Conversation {
        try ResponsesRequestDecoder.decode(body, at: place)
    }

    public static func encodeRequest(
        _ conversation: Conversation, for target: TargetFacts, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        var encoder = ResponsesRequestEncoder(conversation.prepared(for: dialect, &losses), target)
        defer { losses.add(encoder.losses) }
        return try encoder.encode()
    }

    public static func decodeReply(_ body: JSON) throws(ReplyError) -> Reply {
        try ResponsesReplyDecoder.decode(body)
    }

    public static func encodeReply(_ reply: Reply, for context: ReplyContext, _ losses: inout LossReport) -> JSON {
        var encoder = ResponsesStreamEncoder(context, writesFrames: false)
        let response = encoder.whole(reply)
        losses.add(encoder.losses)
        return response
    }

    public static func streamDecoder() -> ResponsesStreamDecoder { ResponsesStreamDecoder() }

    public static func streamEncoder(for context: ReplyContext) -> ResponsesStreamEncoder {
        ResponsesStreamEncoder(context, writesFrames: true)
    }
}
