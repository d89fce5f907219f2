import FastCGI
import WireFormats

/// What a path and a method ask for: the table of routes. What is not in it is 404; a wrong method is 405.
enum Endpoint: Equatable {
    case inference(OpenAIEndpoint)
    case models
    case model(String)
    case liveliness
    case readiness
    case metrics

    private enum Method: String {
        case get = "GET"
        case post = "POST"
    }

    static func find(path: String, method: String) throws(GatewayError) -> Endpoint {
        guard let (endpoint, allowed) = route(path) else { throw .unknownRoute(method: method, path: path) }
        guard method == allowed.rawValue || (allowed == .get && method == "HEAD") else {
            throw .wrongMethod(method, allowed: allowed == .get ? "GET, HEAD" : allowed.rawValue)
        }
        return endpoint
    }

    /// With and without the `/v1` prefix, as LiteLLM's proxy answers.
    private static func route(_ path: String) -> (Endpoint, Method)? {
        switch path {
        case "/v1/chat/completions", "/chat/completions": (.inference(.chatCompletions), .post)
        case "/v1/completions", "/completions": (.inference(.completions), .post)
        case "/v1/embeddings", "/embeddings": (.inference(.embeddings), .post)
        case "/v1/models", "/models": (.models, .get)
        case "/health/liveliness", "/health/liveness", "/healthz": (.liveliness, .get)
        case "/health/readiness", "/readyz": (.readiness, .get)
        case "/metrics": (.metrics, .get)
        default:
            ["/v1/models/", "/models/"].first { path.hasPrefix($0) && path.utf8.count > $0.utf8.count }
                .map { (.model(String(path.dropFirst($0.count))), .get) }
        }
    }

    /// For logs and metrics: a fixed set of words.
    var name: String {
        switch self {
        case .inference(.chatCompletions): "chat.completions"
        case .inference(.completions): "completions"
        case .inference(.embeddings): "embeddings"
        case .models, .model: "models"
        case .liveliness, .readiness: "health"
        case .metrics: "metrics"
        }
    }
}
