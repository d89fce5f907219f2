import JSONText

/// What is wrong with a body, and where: a 400 in a request, a malformed reply in an answer.
struct GenerateContentFault: Error {
    /// `contents[1].parts[0].text`
    let path: String
    let message: String
    let code: String

    init(_ path: String, _ message: String, code: String) {
        self.path = path
        self.message = message
        self.code = code
    }

    /// A value of the wrong kind.
    static func kind(_ path: String, _ expected: String, _ value: JSON) -> GenerateContentFault {
        let kind = String(describing: value.kind)
        return GenerateContentFault(
            path, "Invalid type for '\(path)': expected \(expected), but got \(kind) instead.", code: "invalid_type")
    }

    static func missing(_ path: String) -> GenerateContentFault {
        GenerateContentFault(path, "Missing required parameter: '\(path)'.", code: "missing_required_parameter")
    }

    var requestError: RequestError {
        RequestError(message: message, param: path.isEmpty ? nil : path, code: code)
    }

    var replyError: ReplyError { .malformed(message) }
}
