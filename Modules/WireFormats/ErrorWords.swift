/// The words by which the SDKs of a dialect tell its errors apart. The lists are closed: what a provider makes up does not
/// get to a client. OpenAI's have no such list, nor need one: its SDKs go by the status.
enum ErrorWords {
    /// Source: https://docs.claude.com/en/api/errors (read on 2026-11-30).
    static func ofMessages(_ word: String?) -> String? { word.flatMap { messages.contains($0) ? $0 : nil } }

    private static let messages: Set<String> = [
        "invalid_request_error", "authentication_error", "billing_error", "permission_error", "not_found_error",
        "conflict_error", "request_too_large", "rate_limit_error", "timeout_error", "api_error", "overloaded_error",
    ]

    /// Source: https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto.
    static func ofGoogle(_ word: String?) -> String? { word.flatMap { google.contains($0) ? $0 : nil } }

    private static let google: Set<String> = [
        "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "UNAUTHENTICATED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
        "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
    ]

    /// Those of bedrock-runtime (botocore 1.44.8). An event of a stream writes them with a small letter.
    static func ofConverse(_ word: String?) -> String? {
        guard let word = word.map({ $0.prefix(1).uppercased() + $0.dropFirst() }) else { return nil }
        return converse.contains(word) ? word : nil
    }

    private static let converse: Set<String> = [
        "AccessDeniedException", "ConflictException", "InternalServerException", "ModelErrorException",
        "ModelNotReadyException", "ModelStreamErrorException", "ModelTimeoutException", "ResourceNotFoundException",
        "ServiceQuotaExceededException", "ServiceUnavailableException", "ThrottlingException", "ValidationException",
    ]

    /// Of the few that a stream has (`ConverseStreamOutput`).
    static func ofConverseStream(_ word: String?) -> String? {
        guard let word = word.map({ $0.prefix(1).lowercased() + $0.dropFirst() }) else { return nil }
        return converseStream.contains(word) ? word : nil
    }

    private static let converseStream: Set<String> = [
        "internalServerException", "modelStreamErrorException", "serviceUnavailableException", "throttlingException",
        "validationException",
    ]
}
