/// Amazon Bedrock's Converse and ConverseStream.
///
/// Sources: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and …_ConverseStream.html,
/// botocore's model of `bedrock-runtime`; the recorded traffic; error texts as the API gives them.
struct ConverseDialect: Dialect {
    var isStream = false
    /// `CountTokens`: the request is in `input.converse`.
    var counts = false

    var errors: ErrorStyle { .bedrock }
    var callPrefix: StaticString { "tooluse_" }

    var notJSON: ErrorReply {
        ErrorReply(
            status: 400, type: "", code: "SerializationException", param: nil,
            message: "Unexpected token at the beginning of the request body")
    }

    func streams(_ json: JSONValue) -> Bool { isStream }

    func unknownModel(_ name: String) -> ErrorReply { .invalid("The provided model identifier is invalid.") }

    func authenticate(_ headers: RequestHeaders, key: String?) throws(ErrorReply) {
        try BedrockKey.authenticate(headers, key: key)
    }

    func read(_ json: JSONValue) throws(ErrorReply) -> Prompt {
        var reader = ConverseReader()
        guard counts else { return try reader.read(json) }
        guard let inner = json["input"]?["converse"], inner.members != nil else {
            throw .invalid("Invalid union structure: input must set one of the following keys: invokeModel, converse.")
        }
        return try reader.read(inner)
    }

    func count(_ tokens: Int) -> JSONValue { ["inputTokens": .int(tokens)] }

    func narrator(of plan: Plan, _ context: ReplyContext) -> any Narrator {
        ConverseNarrator(plan: plan, context: context)
    }
}
