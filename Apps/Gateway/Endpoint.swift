import FastCGI
import WireFormats

/// What a path and a method ask for: the table of routes. What is not in it is 404; a wrong method is 405.
enum Endpoint: Equatable {
    /// A call to a model in one of the clients' dialects, or embeddings.
    case inference(Inference)
    /// How many input tokens a request has.
    case countTokens(Inference)
    /// What was answered before: `/v1/responses/{id}` and below.
    case response(id: String, ResponseAction)
    case models(ListShape)
    case model(String, ListShape)
    case liveliness
    case readiness
    case metrics

    /// A dialect, and what the path says where the dialect has it there.
    struct Inference: Equatable, Sendable {
        var dialect: Dialect
        var place = RequestPlace()
        /// generateContent's stream without `alt=sse`: one JSON array.
        var streamsAsArray = false
        /// `/v1/responses/compact`: only who answers in this dialect can do it.
        var isCompaction = false
    }

    enum ResponseAction: Equatable {
        case retrieve, delete, cancel, inputItems
    }

    /// Whose form a list of models has.
    enum ListShape: Equatable {
        case openAI, google
    }

    private enum Method: String {
        case get = "GET"
        case post = "POST"
        case delete = "DELETE"

        var allowed: String { self == .get ? "GET, HEAD" : rawValue }
    }

    /// - Parameter query: decides between Google's two forms of a stream (`alt=sse`).
    static func find(path: String, method: String, query: String = "") throws(GatewayError) -> Endpoint {
        if method == "POST", let dialect = direct[path] { return .inference(Inference(dialect: dialect)) }
        let rows = rows(path, query)
        if rows.isEmpty { throw notFound(method, path) }
        let row = rows.first { method == $0.method.rawValue || ($0.method == .get && method == "HEAD") }
        if let row { return row.endpoint }
        // Every name below `models/` is a model's, and so would be that of a method which is not here.
        if case .model(let name, _)? = rows.first?.endpoint, name.contains(":"), dialect(of: path) == .generateContent {
            throw notFound(method, path)
        }
        throw .wrongMethod(method, allowed: rows.map(\.method.allowed).joined(separator: ", "))
    }

    private static func notFound(_ method: String, _ path: String) -> GatewayError {
        UnservedRoute.contains(path)
            ? .unservedRoute(method: method, path: path) : .unknownRoute(method: method, path: path)
    }

    /// The paths that nearly all traffic asks for.
    private static let direct: [String: Dialect] = [
        "/v1/chat/completions": .chatCompletions, "/chat/completions": .chatCompletions,
        "/v1/completions": .completions, "/completions": .completions, "/v1/embeddings": .embeddings,
        "/embeddings": .embeddings, "/v1/responses": .responses, "/responses": .responses, "/v1/messages": .messages,
        "/messages": .messages,
    ]

    /// In whose shape an error is, by the path; nil where clients of several APIs ask there, whose headers tell them apart
    /// (``Call/dialect``). nginx/errors_map.conf has the same for nginx's own errors.
    static func dialect(of path: String) -> Dialect? {
        if let known = dialects.first(where: { path.hasPrefix($0.prefix) }) { return known.dialect }
        return hasGooglesVerb(path) ? .generateContent : nil
    }

    /// What paths of one API alone begin with; the first that fits counts.
    ///
    /// Sources: anthropic 2.14.0, google-genai 3.6.1 (`types.HttpOptions`, `files.py`), botocore 1.44.8 (`bedrock-runtime`).
    private static let dialects: [(prefix: String, dialect: Dialect)] = [
        ("/v1/chat/", .chatCompletions), ("/chat/", .chatCompletions), ("/v1/completions", .completions),
        ("/completions", .completions), ("/v1/embeddings", .embeddings), ("/embeddings", .embeddings),
        ("/v1/responses", .responses), ("/responses", .responses), ("/v1/messages", .messages),
        ("/messages", .messages),
        // Google's own path for clients of OpenAI's.
        ("/v1beta/openai/", .chatCompletions), ("/v1beta", .generateContent), ("/v1alpha/", .generateContent),
        ("/v1/projects/", .generateContent), ("/upload/v1", .generateContent), ("/model/", .converse),
        ("/guardrail", .converse), ("/async-invoke", .converse),
    ]

    private static func hasGooglesVerb(_ path: String) -> Bool {
        path.lastIndex(of: ":").map { isGoogles(path[path.index(after: $0)...]) } ?? false
    }

    /// Whether it is what Google puts behind a model's name, served or not. OpenAI's names of models have colons too.
    private static func isGoogles(_ verb: Substring) -> Bool {
        switch verb {
        case "generateContent", "streamGenerateContent", "countTokens": true
        default: UnservedRoute.googleVerbs.contains(verb)
        }
    }

    /// With and without the `/v1` prefix, as LiteLLM's proxy answers.
    private static func rows(_ path: String, _ query: String) -> [(endpoint: Endpoint, method: Method)] {
        if let dialect = direct[path] { return [(.inference(Inference(dialect: dialect)), .post)] }
        switch path {
        case "/v1/messages/count_tokens", "/messages/count_tokens":
            return [(.countTokens(Inference(dialect: .messages)), .post)]
        case "/v1/responses/input_tokens", "/responses/input_tokens":
            return [(.countTokens(Inference(dialect: .responses)), .post)]
        case "/v1/responses/compact", "/responses/compact":
            return [(.inference(Inference(dialect: .responses, isCompaction: true)), .post)]
        case "/v1/models", "/models": return [(.models(.openAI), .get)]
        case "/v1beta/models": return [(.models(.google), .get)]
        case "/health/liveliness", "/health/liveness", "/healthz": return [(.liveliness, .get)]
        case "/health/readiness", "/readyz": return [(.readiness, .get)]
        case "/metrics": return [(.metrics, .get)]
        default:
            return responses(path) ?? converse(path) ?? models(path, query) ?? []
        }
    }

    private static func responses(_ path: String) -> [(endpoint: Endpoint, method: Method)]? {
        guard let rest = rest(of: path, after: ["/v1/responses/", "/responses/"]) else { return nil }
        let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
        guard let id = parts.first.map(String.init), !id.isEmpty, id.utf8.count <= 512 else { return nil }
        switch (parts.count, parts.last) {
        case (1, _): return [(.response(id: id, .retrieve), .get), (.response(id: id, .delete), .delete)]
        case (2, "cancel"): return [(.response(id: id, .cancel), .post)]
        case (2, "input_items"): return [(.response(id: id, .inputItems), .get)]
        default: return nil
        }
    }

    /// Bedrock's paths. A model's id may be an ARN, with slashes.
    private static func converse(_ path: String) -> [(endpoint: Endpoint, method: Method)]? {
        guard let rest = rest(of: path, after: ["/model/"]), let slash = rest.lastIndex(of: "/"),
            slash > rest.startIndex
        else { return nil }
        let verb = rest[rest.index(after: slash)...]
        let place = RequestPlace(model: String(rest[..<slash]), stream: verb == "converse-stream")
        let inference = Inference(dialect: .converse, place: place)
        switch verb {
        case "converse", "converse-stream": return [(.inference(inference), .post)]
        case "count-tokens": return [(.countTokens(inference), .post)]
        default: return nil
        }
    }

    /// `/v1beta/models/{model}:generateContent` and its like, which google-genai also asks below `/v1` and, for Vertex,
    /// below a project; and one model's own facts.
    private static func models(_ path: String, _ query: String) -> [(endpoint: Endpoint, method: Method)]? {
        var shape = ListShape.openAI
        var found = rest(of: path, after: ["/v1/models/", "/models/"])
        if found == nil {
            shape = .google
            found = rest(of: path, after: ["/v1beta/models/"]) ?? vertexModel(path)
        }
        guard let rest = found else { return nil }
        if let colon = rest.lastIndex(of: ":") {
            let model = String(rest[..<colon])
            var inference = Inference(dialect: .generateContent, place: RequestPlace(model: model, stream: false))
            switch rest[rest.index(after: colon)...] {
            case "generateContent": return [(.inference(inference), .post)]
            case "countTokens": return [(.countTokens(inference), .post)]
            case "streamGenerateContent":
                inference.place.stream = true
                inference.streamsAsArray = !query.split(separator: "&").contains("alt=sse")
                return [(.inference(inference), .post)]
            default: break
            }
        }
        return [(.model(String(rest), shape), .get)]
    }

    /// `/v1/projects/{project}/locations/{location}/publishers/google/models/{model}`
    private static func vertexModel(_ path: String) -> Substring? {
        guard let rest = rest(of: path, after: ["/v1/projects/", "/v1beta1/projects/"]),
            let models = rest.firstRange(of: "/publishers/google/models/")
        else { return nil }
        return rest[models.upperBound...]
    }

    private static func rest(of path: String, after prefixes: [String]) -> Substring? {
        for prefix in prefixes where path.hasPrefix(prefix) && path.utf8.count > prefix.utf8.count {
            return path.dropFirst(prefix.count)
        }
        return nil
    }

    /// In whose shape errors are; nil where clients of several APIs ask.
    var dialect: Dialect? {
        switch self {
        case .inference(let call), .countTokens(let call): call.dialect
        case .response: .responses
        case .models(.google), .model(_, .google): .generateContent
        case .models(.openAI), .model(_, .openAI): nil
        case .liveliness, .readiness, .metrics: .chatCompletions
        }
    }

    /// For logs and metrics: a fixed set of words.
    var name: String {
        switch self {
        case .inference(let call): Endpoint.name(of: call.dialect)
        case .countTokens: "count_tokens"
        case .response: "responses.stored"
        case .models, .model: "models"
        case .liveliness, .readiness: "health"
        case .metrics: "metrics"
        }
    }

    /// All of them, for metrics' labels.
    static let names =
        Dialect.allCases.map(name(of:)) + [
            "count_tokens", "responses.stored", "models", "health", "metrics",
        ]

    private static func name(of dialect: Dialect) -> String {
        dialect == .chatCompletions ? "chat.completions" : dialect.rawValue
    }
}
