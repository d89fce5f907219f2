/// Anthropic's Messages API: directly, through Bedrock's InvokeModel and through Vertex's rawPredict.
///
/// Sources: https://platform.claude.com/docs/en/api/messages, …/build-with-claude/extended-thinking, …/prompt-caching,
/// …/tool-use; the recorded traffic; error texts as the API gives them.
struct MessagesDialect: Dialect {
    enum Host { case anthropic, bedrock, vertex }

    var host = Host.anthropic
    /// Of the path, where it decides (Bedrock, Vertex).
    var streamsByPath: Bool?
    /// What the header `anthropic-version` says.
    var version: String?
    /// `count_tokens` has neither max_tokens nor a stream.
    var counts = false

    /// Source: https://platform.claude.com/docs/en/api/versioning (read on 2026-11-29).
    static let newest = "2026-10-21"
    private static let versions = ["2023-01-01", "2023-06-01", newest]

    var errors: ErrorStyle { host == .bedrock ? .bedrock : .anthropic }
    var callPrefix: StaticString { host == .bedrock ? "toolu_bdrk_01" : "toolu_01" }

    var notJSON: ErrorReply {
        .invalid("The request body is not valid JSON: invalid character: line 1 column 1 (char 0)")
    }

    func streams(_ json: JSONValue) -> Bool {
        counts ? false : streamsByPath ?? json["stream"]?.isTrue ?? false
    }

    func unknownModel(_ name: String) -> ErrorReply {
        host == .bedrock ? .invalid("The provided model identifier is invalid.") : errors.status(404, model: name)
    }

    func authenticate(_ headers: RequestHeaders, key: String?) throws(ErrorReply) {
        switch host {
        case .anthropic:
            // The SDKs since 2026-10-21 send the key as bearer; where both are there the API takes x-api-key.
            guard let presented = headers["x-api-key"] ?? headers.bearer, !presented.isEmpty else { throw errors.noKey }
            if let key, presented != key { throw errors.wrongKey }
            guard let version else { throw .invalid("anthropic-version: header is required") }
            guard Self.versions.contains(version) else {
                throw .invalid("anthropic-version: \"\(version)\" is not a valid version")
            }
        case .bedrock: try BedrockKey.authenticate(headers, key: key)
        case .vertex: try authenticateBearer(headers, key: key)
        }
    }

    func headers(of plan: Plan) -> [(String, String)] {
        host != .bedrock
            ? []
            : [
                ("X-Amzn-Bedrock-Input-Token-Count", "\(plan.usage.prompt)"),
                ("X-Amzn-Bedrock-Output-Token-Count", "\(plan.usage.output)"),
                ("X-Amzn-Bedrock-Invocation-Latency", "1"),
            ]
    }

    func read(_ json: JSONValue) throws(ErrorReply) -> Prompt {
        var reader = MessagesReader(host: host, counts: counts, isNewest: version == Self.newest)
        return try reader.read(json)
    }

    func narrator(of plan: Plan, _ context: ReplyContext) -> any Narrator {
        MessagesNarrator(host: host, plan: plan, context: context)
    }
}

/// How Bedrock knows its caller: SigV4, or an API key as bearer. The signature's form is checked, not its value.
enum BedrockKey {
    static func authenticate(_ headers: RequestHeaders, key: String?) throws(ErrorReply) {
        guard let value = headers["authorization"] else { throw ErrorStyle.bedrock.noKey }
        if value.hasPrefix("AWS4-HMAC-SHA256 ") {
            let hasParts = ["Credential=", "SignedHeaders=", "Signature="].allSatisfy(value.contains(substring:))
            guard hasParts, headers["x-amz-date"] != nil || headers["date"] != nil else {
                throw ErrorReply(
                    status: 403, type: "", code: "IncompleteSignatureException", param: nil,
                    message:
                        "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters and"
                        + " existence of either a 'X-Amz-Date' or a 'Date' header.")
            }
            return
        }
        guard let bearer = headers.bearer, !bearer.isEmpty else { throw ErrorStyle.bedrock.noKey }
        if let key, bearer != key { throw ErrorStyle.bedrock.wrongKey }
    }
}

extension String {
    func contains(substring: String) -> Bool { Array(utf8).contains(words: substring) }
}
