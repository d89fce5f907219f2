/// Google's generateContent: the Gemini API (AI Studio) and Vertex AI.
///
/// Sources: https://ai.google.dev/api/generate-content, …/gemini-api/docs/thought-signatures, …/function-calling,
/// https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest; the recorded traffic; error texts as the APIs
/// give them.
struct GeminiDialect: Dialect {
    enum Action { case generate, streamEvents, streamArray, count }

    var isVertex = false
    var action = Action.generate
    var model = ""

    var errors: ErrorStyle { .google }
    var callPrefix: StaticString { "" }

    var notJSON: ErrorReply { .invalid("Invalid JSON payload received. Expected an object key or }.") }

    func streams(_ json: JSONValue) -> Bool { action == .streamEvents || action == .streamArray }

    func unknownModel(_ name: String) -> ErrorReply {
        guard isVertex else { return errors.status(404, model: name) }
        return ErrorReply(
            status: 404, type: "", code: nil, param: nil,
            message: "Publisher Model `projects/mock/locations/mock/publishers/google/models/\(name)` not found.")
    }

    func authenticate(_ headers: RequestHeaders, key: String?) throws(ErrorReply) {
        if let presented = headers["x-goog-api-key"] ?? headers.parameter("key"), !presented.isEmpty {
            if let key, presented != key { throw errors.wrongKey }
            return
        }
        guard let bearer = headers.bearer, !bearer.isEmpty else { throw errors.noKey }
        // A key of AI Studio is no OAuth token.
        guard isVertex, key == nil || bearer == key else { throw errors.status(401, model: "") }
    }

    func count(_ tokens: Int) -> JSONValue {
        let details: JSONValue = [["modality": "TEXT", "tokenCount": .int(tokens)]]
        return ["totalTokens": .int(tokens), "promptTokensDetails": details]
    }

    func read(_ json: JSONValue) throws(ErrorReply) -> Prompt {
        var reader = GeminiReader(isVertex: isVertex, counts: action == .count, model: model)
        return try reader.read(json)
    }

    func narrator(of plan: Plan, _ context: ReplyContext) -> any Narrator {
        GeminiNarrator(
            isVertex: isVertex, framing: action == .streamArray ? .array : .events(named: false), plan: plan,
            context: context)
    }
}

extension JSONValue {
    /// A member that Google takes in camelCase and in snake_case; null is as if it were not there.
    func either(_ camel: String) -> JSONValue? {
        let value = self[camel] ?? self[camel.snakeCase]
        return value?.isNull == true ? nil : value
    }
}

extension String {
    var snakeCase: String {
        String(flatMap { $0.isUppercase ? "_" + $0.lowercased() : String($0) })
    }

    var camelCase: String {
        var isNextUpper = false
        var result = ""
        for letter in self {
            if letter == "_", !result.isEmpty {
                isNextUpper = true
            } else {
                result += isNextUpper ? letter.uppercased() : String(letter)
                isNextUpper = false
            }
        }
        return result
    }
}
