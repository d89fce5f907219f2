import JSONText

/// Google's generateContent, of AI Studio and of Vertex.
///
/// Sources (read on 2026-11-29): https://ai.google.dev/api/generate-content, https://ai.google.dev/api/caching#Content,
/// https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference, and the SDK google-genai 3.6.1.
///
/// Rules
/// 1. Google reads protocol buffers as JSON: each member comes in camelCase or snake_case, a list of one as the element
///    itself, an enum as its name in either case or as its number. All are taken; `Conversation.spelling` remembers
///    what was meant by the client, so that its own dialect is written back as it was.
/// 2. The model and whether to stream stand in the path.
/// 3. Made ids: calls without an id get one (``GenerateContentIDs``); it is never written back to Google.
public enum GenerateContentCodec: DialectCodec {
    public static let dialect = Dialect.generateContent
    /// With `alt=sse`. Without it a stream is one JSON array: the decoder takes either's frames.
    public static let framing = StreamFraming.sse
    /// Blank lines: google-genai takes a comment for JSON, and passes over these; in an array they are white space.
    ///
    /// Eight bytes, because less may be held back by nginx, behind the head of an answer, until more comes (1.22.1 with
    /// `fastcgi_keep_conn`, measured: it counts the record's padding too). An even number, because Google's SDK for Go
    /// cuts a stream at each two line ends and takes none before `data:` (googleapis/go-genai, api_client.go, `scan`;
    /// read on 2026-11-30).
    static let keepAlive: StaticString = "\n\n\n\n\n\n\n\n"

    public static func decodeRequest(
        _ body: JSON, at place: RequestPlace
    ) throws(RequestError) -> Conversation {
        do throws(GenerateContentFault) {
            return try GenerateContentRequestDecoder.decode(body, at: place)
        } catch {
            throw error.requestError
        }
    }

    public static func encodeRequest(
        _ conversation: Conversation, for target: TargetFacts, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        var encoder = GenerateContentRequestEncoder(conversation.prepared(for: dialect, &losses), for: target)
        let body = try encoder.encoded()
        losses.add(encoder.losses)
        return body
    }

    public static func decodeReply(_ body: JSON) throws(ReplyError) -> Reply {
        try GenerateContentReplyDecoder.decode(body)
    }

    public static func encodeReply(
        _ reply: Reply, for context: ReplyContext, _ losses: inout LossReport
    ) -> JSON {
        var encoder = GenerateContentReplyEncoder(context)
        let body = encoder.encoded(reply)
        losses.add(encoder.losses)
        return body
    }

    public static func streamDecoder() -> GenerateContentStreamDecoder { GenerateContentStreamDecoder() }

    public static func streamEncoder(for context: ReplyContext) -> GenerateContentStreamEncoder {
        GenerateContentStreamEncoder(context)
    }
}

/// Ids for calls that came without one.
enum GenerateContentIDs {
    private static let seed = "generateContent"

    /// The id of the call of that number in a request.
    static func made(_ index: Int) -> String { ToolIDs.made(from: seed, index: index) }

    /// Whether the request's decoder made it: then the client sent none.
    static func isMade(_ id: String) -> Bool {
        guard id.hasPrefix("call_"), let index = Int(id.dropFirst(21)) else { return false }
        return id == made(index)
    }
}
