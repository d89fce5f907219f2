import JSONText

/// Amazon Bedrock's Converse and ConverseStream.
///
/// The model is in the path (`/model/{modelId}/converse`, percent-decoded by who calls) and so is whether the answer is
/// streamed. Sources: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and the service
/// model of botocore 1.44.8 (read on 2026-11-29).
public enum ConverseCodec: DialectCodec {
    public static let dialect = Dialect.converse
    public static let framing = StreamFraming.eventStream

    public static func decodeRequest(_ body: JSON, at place: RequestPlace) throws(RequestError) -> Conversation {
        var decoder = try ConverseRequestDecoder(body, at: place)
        return try decoder.decoded()
    }

    public static func encodeRequest(
        _ conversation: Conversation, for target: TargetFacts, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        var encoder = ConverseRequestEncoder(conversation.joiningPieces(for: dialect), for: target, losses)
        let body = try encoder.encoded()
        losses = encoder.losses
        return body
    }

    public static func decodeReply(_ body: JSON) throws(ReplyError) -> Reply { try ConverseReplyDecoder.decoded(body) }

    public static func encodeReply(_ reply: Reply, for context: ReplyContext, _ losses: inout LossReport) -> JSON {
        var encoder = ConverseReplyEncoder(reply, for: context)
        let body = encoder.encoded()
        losses.add(encoder.losses)
        return body
    }

    public static func streamDecoder() -> ConverseStreamDecoder { ConverseStreamDecoder() }

    public static func streamEncoder(for context: ReplyContext) -> ConverseStreamEncoder {
        ConverseStreamEncoder(for: context)
    }
}
