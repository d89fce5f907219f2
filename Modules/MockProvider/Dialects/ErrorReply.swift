/// What went wrong, in OpenAI's terms; an ``ErrorStyle`` gives it another provider's shape.
///
/// Where the provider is not OpenAI, `code` is its own name of the error if it is not the usual one of the status, and
/// `param` a reason for Google's details. Source: https://platform.openai.com/docs/guides/error-codes and the bodies that its API answers with (2026-11).
struct ErrorReply: Error, Equatable {
    var status: Int
    var type: String
    var code: String?
    var param: String?
    var message: String

    static func invalid(_ message: String, param: String? = nil, code: String? = nil) -> ErrorReply {
        ErrorReply(status: 400, type: "invalid_request_error", code: code, param: param, message: message)
    }

    static let noKey = ErrorReply(
        status: 401, type: "invalid_request_error", code: nil, param: nil,
        message: "You didn't provide an API key. You need to provide your API key in an Authorization header using"
            + " Bearer auth (i.e. Authorization: Bearer YOUR_KEY).")

    static let wrongKey = ErrorReply(
        status: 401, type: "invalid_request_error", code: "invalid_api_key", param: nil,
        message: "Incorrect API key provided. You can find your API key in the settings of tollgate-mock (--key).")

    static let notJSON = ErrorReply.invalid(
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library"
            + " correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)")

    static let contextLength = ErrorReply.invalid(
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."
            + " Please reduce the length of the messages.",
        param: "messages", code: "context_length_exceeded")

    static let quota = ErrorReply(
        status: 429, type: "insufficient_quota", code: "insufficient_quota", param: nil,
        message: "You exceeded your current quota, please check your plan and billing details.")

    static func unknownModel(_ name: String) -> ErrorReply {
        ErrorReply(
            status: 404, type: "invalid_request_error", code: "model_not_found", param: nil,
            message: "The model `\(name)` does not exist or you do not have access to it.")
    }

    /// What OpenAI says with this status.
    static func status(_ status: Int, model: String) -> ErrorReply {
        switch status {
        case 401: return wrongKey
        case 403:
            return ErrorReply(
                status: 403, type: "request_forbidden", code: "unsupported_country_region_territory", param: nil,
                message: "Country, region, or territory not supported")
        case 404: return unknownModel(model)
        case 429:
            return ErrorReply(
                status: 429, type: "requests", code: "rate_limit_exceeded", param: nil,
                message: "Rate limit reached for \(model) in organization tollgate-mock on requests per min (RPM).")
        case 500...599:
            return ErrorReply(
                status: status, type: "server_error", code: status == 503 ? "overloaded" : nil, param: nil,
                message: status == 503
                    ? "The engine is currently overloaded, please try again later."
                    : "The server had an error while processing your request. Sorry about that!")
        default:
            return ErrorReply(
                status: status, type: "invalid_request_error", code: nil, param: nil,
                message: "tollgate-mock was told to answer \(status).")
        }
    }

    var openAIBody: JSONValue {
        [
            "error": [
                "message": .text(message), "type": .text(type), "param": .optional(param), "code": .optional(code),
            ]
        ]
    }

    func write(to out: inout ByteQueue) {
        out.append("{\"error\":{\"message\":\"")
        out.append(escaping: message)
        out.append("\",\"type\":\"")
        out.append(escaping: type)
        out.append("\",\"param\":")
        write(param, to: &out)
        out.append(",\"code\":")
        write(code, to: &out)
        out.append("}}")
    }

    private func write(_ text: String?, to out: inout ByteQueue) {
        guard let text else {
            out.append("null")
            return
        }
        out.append("\"")
        out.append(escaping: text)
        out.append("\"")
    }
}
