/// The shapes in which providers say what went wrong.
///
/// Sources: the recorded error bodies; https://platform.claude.com/docs/en/api/errors,
/// https://ai.google.dev/gemini-api/docs/troubleshooting,
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html, https://docs.cohere.com/reference/errors.
enum ErrorStyle {
    case openAI, anthropic, google, bedrock, cohere, ollama

    /// What the provider says with this status.
    func status(_ status: Int, model: String) -> ErrorReply {
        if self == .openAI { return .status(status, model: model) }
        let message =
            switch (self, status) {
            case (.anthropic, 401): "invalid x-api-key"
            case (.anthropic, 404): "model: \(model)"
            case (.anthropic, 429):
                "This request would exceed your organization's rate limit of 50 requests per minute."
            case (.anthropic, 529): "Overloaded"
            case (.anthropic, 500...): "Internal server error"
            case (.google, 401):
                "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other"
                    + " valid authentication credential."
            case (.google, 403): "The caller does not have permission"
            case (.google, 404):
                "models/\(model) is not found for API version v1beta, or is not supported for generateContent. Call"
                    + " ListModels to see the list of available models and their supported methods."
            case (.google, 429): "Resource has been exhausted (e.g. check quota)."
            case (.google, 503): "The model is overloaded. Please try again later."
            case (.google, 504): "Deadline expired before operation could complete."
            case (.google, 500...): "An internal error has occurred. Please retry."
            case (.bedrock, 403): "The security token included in the request is invalid."
            case (.bedrock, 404): "The provided model identifier is invalid."
            case (.bedrock, 429): "Too many requests, please wait before trying again."
            case (.bedrock, 503): "Bedrock is unable to process your request."
            case (.bedrock, 500...):
                "The system encountered an unexpected error during processing. Try your request again."
            case (.cohere, 401): "invalid api token"
            case (.cohere, 404):
                "model '\(model)' not found, make sure the correct model ID was used and that you have access to the"
                    + " model."
            case (.cohere, 429): "You are past the per minute request limit, please wait and try again later."
            case (.cohere, 500...): "internal server error, this has been reported to our developers."
            case (.ollama, 404): "model '\(model)' not found"
            case (.ollama, 503): "server busy, please try again.  maximum pending requests exceeded"
            case (.ollama, 500...): "an error was encountered while running the model"
            default: "tollgate-mock was told to answer \(status)."
            }
        return ErrorReply(status: status, type: "", code: nil, param: nil, message: message)
    }

    var noKey: ErrorReply {
        switch self {
        case .openAI: return .noKey
        case .anthropic:
            return ErrorReply(status: 401, type: "", code: nil, param: nil, message: "x-api-key header is required")
        case .google:
            return ErrorReply(
                status: 403, type: "", code: nil, param: nil,
                message: "Method doesn't allow unregistered callers (callers without established identity). Please use"
                    + " API Key or other form of API consumer identity to call this API.")
        case .bedrock:
            return ErrorReply(
                status: 403, type: "", code: "MissingAuthenticationTokenException", param: nil,
                message: "Missing Authentication Token")
        case .cohere:
            return ErrorReply(status: 401, type: "", code: nil, param: nil, message: "no api key supplied")
        case .ollama: return ErrorReply(status: 401, type: "", code: nil, param: nil, message: "unauthorized")
        }
    }

    var wrongKey: ErrorReply {
        switch self {
        case .google:
            ErrorReply(
                status: 400, type: "", code: nil, param: "API_KEY_INVALID",
                message: "API key not valid. Please pass a valid API key.")
        case .bedrock:
            ErrorReply(
                status: 403, type: "", code: "UnrecognizedClientException", param: nil,
                message: "The security token included in the request is invalid.")
        default: status(401, model: "")
        }
    }

    var contextLength: ErrorReply {
        switch self {
        case .openAI: .contextLength
        case .anthropic: .invalid("prompt is too long: 9000 tokens > 8192 maximum")
        case .google: .invalid("The input token count (9000) exceeds the maximum number of tokens allowed (8192).")
        case .bedrock: .invalid("Input is too long for requested model.")
        case .cohere:
            .invalid("too many tokens: the total number of tokens in the prompt cannot exceed 8192, received 9000.")
        case .ollama: .invalid("input length exceeds maximum context length")
        }
    }

    var quota: ErrorReply {
        switch self {
        case .openAI: .quota
        case .anthropic:
            .invalid(
                "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or"
                    + " purchase credits.")
        case .google:
            ErrorReply(
                status: 429, type: "", code: nil, param: nil,
                message: "You exceeded your current quota, please check your plan and billing details.")
        case .bedrock:
            ErrorReply(
                status: 400, type: "", code: "ServiceQuotaExceededException", param: nil,
                message: "Your request exceeds the service quota for your account.")
        case .cohere:
            ErrorReply(
                status: 429, type: "", code: nil, param: nil,
                message: "You are using a Trial key, which is limited to 1000 API calls / month.")
        case .ollama:
            ErrorReply(status: 429, type: "", code: nil, param: nil, message: "you've reached your usage limit")
        }
    }

    // MARK: - Bodies

    /// - Parameter retryAfter: Google repeats the header in its body.
    func body(of error: ErrorReply, _ id: ReplyID, retryAfter: String?) -> JSONValue {
        switch self {
        case .openAI: return error.openAIBody
        case .anthropic:
            return [
                "type": "error", "error": anthropicError(error), "request_id": .text(id.text("req_")),
            ]
        case .google: return ["error": googleError(error, retryAfter: retryAfter)]
        case .bedrock: return ["message": .text(error.message)]
        case .cohere: return ["id": .text(id.uuid), "message": .text(error.message)]
        case .ollama: return ["error": .text(error.message)]
        }
    }

    func anthropicError(_ error: ErrorReply) -> JSONValue {
        let type =
            switch error.status {
            case 401: "authentication_error"
            case 402: "billing_error"
            case 403: "permission_error"
            case 404: "not_found_error"
            case 413: "request_too_large"
            case 429: "rate_limit_error"
            case 504: "timeout_error"
            case 529: "overloaded_error"
            case 500...: "api_error"
            default: "invalid_request_error"
            }
        return ["type": .text(error.code ?? type), "message": .text(error.message)]
    }

    func googleError(_ error: ErrorReply, retryAfter: String? = nil) -> JSONValue {
        let status =
            switch error.status {
            case 401: "UNAUTHENTICATED"
            case 403: "PERMISSION_DENIED"
            case 404: "NOT_FOUND"
            case 409: "ABORTED"
            case 429: "RESOURCE_EXHAUSTED"
            case 499: "CANCELLED"
            case 501: "UNIMPLEMENTED"
            case 503: "UNAVAILABLE"
            case 504: "DEADLINE_EXCEEDED"
            case 500...: "INTERNAL"
            default: "INVALID_ARGUMENT"
            }
        let said: JSONValue = [
            "code": .int(error.status), "message": .text(error.message), "status": .text(error.code ?? status),
        ]
        var details: [JSONValue] = []
        if let reason = error.param {
            details.append([
                "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": .text(reason),
                "domain": "googleapis.com",
            ])
        }
        if let seconds = retryAfter.flatMap({ Int($0) }) {
            details.append([
                "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": .text("\(seconds)s"),
            ])
        }
        return details.isEmpty ? said : said.with("details", .array(details))
    }

    /// The exception's name, as `x-amzn-ErrorType` and boto3 say it.
    func bedrockException(_ error: ErrorReply) -> String {
        if let code = error.code { return code }
        return switch error.status {
        case 403: "AccessDeniedException"
        case 404: "ResourceNotFoundException"
        case 408: "ModelTimeoutException"
        case 424: "ModelErrorException"
        case 429: "ThrottlingException"
        case 503: "ServiceUnavailableException"
        case 500...: "InternalServerException"
        default: "ValidationException"
        }
    }

    /// The name of an exception frame in a Bedrock stream: the exception's, with a small letter.
    func bedrockFrame(_ error: ErrorReply) -> String {
        let name = bedrockException(error)
        return name.prefix(1).lowercased() + name.dropFirst()
    }

    /// The headers that go with an error besides those of every reply.
    func headers(of error: ErrorReply) -> [(String, String)] {
        switch self {
        case .bedrock:
            [
                (
                    "x-amzn-ErrorType",
                    "\(bedrockException(error)):http://internal.amazon.com/coral/com.amazon.bedrock/"
                )
            ]
        case .anthropic: [("x-should-retry", error.status == 429 || error.status >= 500 ? "true" : "false")]
        default: []
        }
    }

    /// The headers of every reply.
    func headers(_ id: ReplyID) -> [(String, String)] {
        switch self {
        case .openAI: []
        case .anthropic:
            [
                ("request-id", id.text("req_")), ("anthropic-organization-id", "tollgate-mock"),
                ("anthropic-ratelimit-requests-limit", "10000"), ("anthropic-ratelimit-requests-remaining", "9999"),
            ]
        case .google: [("Server-Timing", "gfet4t7; dur=1"), ("Vary", "Origin, X-Origin, Referer")]
        case .bedrock: [("x-amzn-RequestId", id.uuid)]
        case .cohere: [("x-debug-trace-id", id.text("")), ("x-api-warning", "this is tollgate-mock")]
        case .ollama: []
        }
    }
}

extension ReplyID {
    func text(_ prefix: StaticString) -> String {
        var out = ByteQueue()
        write(prefix, to: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// The same number in the shape of a UUID.
    var uuid: String {
        let digits = Array((text("") + "000000000000").utf8)
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(decoding: digits[$0], as: UTF8.self) }
        return parts.joined(separator: "-")
    }
}
