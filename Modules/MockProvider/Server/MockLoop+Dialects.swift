/// The routes of the dialects other than OpenAI's chat, completions and embeddings.
extension MockLoop {
    private struct Route {
        let dialect: any Dialect
        let endpoint: Endpoint
        var model: String?
    }

    /// - Returns: false where the path is none of theirs.
    func answerDialect(
        _ request: HTTPRequest, _ bytes: UnsafeRawBufferPointer, _ connection: Connection
    ) -> Bool {
        if bytes.slice(request.path).starts(with: "/_mock".utf8) { return false }
        let headers = RequestHeaders(bytes: bytes, request: request)
        let segments = headers.segments
        if answerRemembered(segments, headers, connection) { return true }
        guard let route = route(segments, headers) else { return false }
        guard request.method == .post else {
            var head = ReplyHead(status: 405, framing: .length(0), closes: !request.keepsAlive)
            head.allow = "POST"
            send(head, [], on: connection)
            return true
        }
        let call = Call(
            loop: self, connection: connection, endpoint: route.endpoint, request: request, bytes: bytes,
            style: route.dialect.errors)
        var refusal: ErrorReply?
        do throws(ErrorReply) {
            try route.dialect.authenticate(headers, key: settings.key)
        } catch {
            refusal = error
        }
        call.serve(route.dialect, JSONValue(bytes, in: request.body), pathModel: route.model, refusal: refusal)
        return true
    }

    private var responses: ResponsesDialect { ResponsesDialect(memory: books.responses) }

    /// What is below `/v1/responses/{id}`: nothing of it is an attempt, and nothing is billed.
    private func answerRemembered(
        _ segments: [String], _ headers: RequestHeaders, _ connection: Connection
    ) -> Bool {
        let path = Array(segments.first == "v1" ? segments.dropFirst() : segments[...])
        guard path.first == "responses", (2...3).contains(path.count), path[1].hasPrefix("resp_") else { return false }
        let keepsAlive = headers.request.keepsAlive
        do throws(ErrorReply) {
            try responses.authenticate(headers, key: settings.key)
        } catch {
            send(error, on: connection, keepsAlive: keepsAlive)
            return true
        }
        let action = path.count == 3 ? path[2] : nil
        if headers.request.method == .get, action == nil, headers.parameter("stream") == "true",
            let events = responses.stream(path[1], after: headers.parameter("starting_after").flatMap { Int($0) })
        {
            var head = ReplyHead(framing: .length(events.count), closes: !keepsAlive)
            head.contentType = StreamFraming.events(named: true).contentType
            send(head, events, on: connection)
            return true
        }
        guard let (status, body) = responses.manage(path[1], action, headers) else { return false }
        let bytes = body.serialized
        send(ReplyHead(status: status, framing: .length(bytes.count), closes: !keepsAlive), bytes, on: connection)
        return true
    }

    private func route(_ segments: [String], _ headers: RequestHeaders) -> Route? {
        let path = segments.first == "v1" ? segments.dropFirst() : segments[...]
        switch Array(path) {
        case ["messages"]:
            return Route(dialect: MessagesDialect(version: headers["anthropic-version"]), endpoint: .messages)
        case ["messages", "count_tokens"]:
            let dialect = MessagesDialect(version: headers["anthropic-version"], counts: true)
            return Route(dialect: dialect, endpoint: .countTokens)
        case ["responses"]: return Route(dialect: responses, endpoint: .responses)
        case ["responses", "input_tokens"]:
            return Route(dialect: ResponsesDialect(memory: books.responses, action: .count), endpoint: .countTokens)
        case ["responses", "compact"]:
            return Route(dialect: ResponsesDialect(memory: books.responses, action: .compact), endpoint: .compact)
        case ["v2", "chat"]: return Route(dialect: CohereDialect(), endpoint: .cohere)
        case ["api", "chat"]: return Route(dialect: OllamaDialect(), endpoint: .ollama)
        default: break
        }
        if segments.count == 3, segments[0] == "model" { return bedrock(segments[1], segments[2]) }
        if path.contains("publishers") { return vertex(path, headers) }
        if segments.count == 3, segments[0].hasPrefix("v1"), segments[1] == "models",
            let (model, action) = Self.split(segments[2])
        {
            return gemini(model, action, isVertex: false, headers)
        }
        return nil
    }

    private func bedrock(_ model: String, _ action: String) -> Route? {
        switch action {
        case "invoke", "invoke-with-response-stream":
            let dialect = MessagesDialect(host: .bedrock, streamsByPath: action != "invoke")
            return Route(dialect: dialect, endpoint: .invoke, model: model)
        case "count-tokens":
            return Route(dialect: ConverseDialect(counts: true), endpoint: .countTokens, model: model)
        case "converse", "converse-stream":
            return Route(dialect: ConverseDialect(isStream: action != "converse"), endpoint: .converse, model: model)
        default: return nil
        }
    }

    /// `projects/{p}/locations/{l}/publishers/{publisher}/models/{m}:{action}`, below any version.
    private func vertex(_ path: ArraySlice<String>, _ headers: RequestHeaders) -> Route? {
        guard let start = path.firstIndex(of: "publishers"), path.count == start - path.startIndex + 4,
            path[start + 2] == "models", let (model, action) = Self.split(path[start + 3])
        else { return nil }
        switch (path[start + 1], action) {
        case ("anthropic", "rawPredict"), ("anthropic", "streamRawPredict"):
            let dialect = MessagesDialect(host: .vertex, streamsByPath: action == "streamRawPredict")
            return Route(dialect: dialect, endpoint: .rawPredict, model: model)
        case ("google", _): return gemini(model, action, isVertex: true, headers)
        default: return nil
        }
    }

    private func gemini(_ model: String, _ action: String, isVertex: Bool, _ headers: RequestHeaders) -> Route? {
        // Everything from the `?` on is a control, not the model's name.
        let name = String(model.prefix { $0 != "?" })
        var dialect = GeminiDialect(isVertex: isVertex, model: name)
        switch action {
        case "generateContent": break
        case "streamGenerateContent":
            // Without `alt=sse` Google answers one JSON array.
            dialect.action = headers.parameter("alt") == "sse" ? .streamEvents : .streamArray
        case "countTokens":
            dialect.action = .count
            return Route(dialect: dialect, endpoint: .countTokens, model: model)
        default: return nil
        }
        return Route(dialect: dialect, endpoint: .generateContent, model: model)
    }

    /// `model:action`
    private static func split(_ segment: String) -> (model: String, action: String)? {
        guard let colon = segment.lastIndex(of: ":") else { return nil }
        return (String(segment[..<colon]), String(segment[segment.index(after: colon)...]))
    }
}
