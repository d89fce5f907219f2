import JSONText

/// An error in the shape that the client's own SDK parses.
///
/// One value, written per dialect. The OpenAI members are kept as they are; the other dialects name the kind of an
/// error by status, so they take it from there.
public struct GatewayErrorBody: Equatable, Sendable {
    /// What is wrong, for a person to read. The client sees it: no secrets.
    public var message: String
    /// OpenAI's `type`: `invalid_request_error`, `insufficient_quota`, `server_error`, …
    public var type: String
    /// OpenAI's `param`: which member of the request is at fault.
    public var param: String?
    /// OpenAI's `code`, for programs: `model_not_found`, `rate_limit_exceeded`, …
    public var code: String?
    /// Further members of the error object: name and value as JSON text. Such as what is left of a budget.
    public var extras: [(name: String, json: [UInt8])]
    /// The provider says that the request is too long for the model.
    public var isTooLong = false
    /// What a provider of the client's own dialect calls the error: Anthropic's `type`, Google's `status`, Amazon's exception.
    /// It stands instead of what follows from the status, where it is one of the dialect's words.
    public var ownWord: String?

    /// - Parameter message: the client sees it; no secrets.
    public init(
        message: String, type: String, param: String? = nil, code: String? = nil,
        extras: [(name: String, json: [UInt8])] = []
    ) {
        self.message = message
        self.type = type
        self.param = param
        self.code = code
        self.extras = extras
    }

    public static func == (left: GatewayErrorBody, right: GatewayErrorBody) -> Bool {
        left.message == right.message && left.type == right.type && left.param == right.param
            && left.code == right.code && left.isTooLong == right.isTooLong && left.ownWord == right.ownWord
            && left.extras.elementsEqual(right.extras) { $0.name == $1.name && $0.json == $1.json }
    }

    // MARK: - OpenAI

    /// `{"error":{"message":…,"type":…,"param":…,"code":…}}`
    public func openAI() -> [UInt8] {
        var writer = JSONWriter(capacity: 160 + message.utf8.count)
        writeOpenAI(&writer)
        return writer.bytes
    }

    /// The event that ends a stream which failed after its first byte. No `[DONE]` follows: the SDKs raise an APIError
    /// for an `error` member, and `[DONE]` would claim a complete answer.
    public func openAIEvent() -> [UInt8] {
        event(named: nil) { writeOpenAI(&$0) }
    }

    // MARK: - Anthropic

    /// `{"type":"error","error":{"type":…,"message":…},"request_id":…}`
    ///
    /// Source: https://docs.anthropic.com/en/api/errors (the types by status).
    public func anthropic(status: Int, requestID: String? = nil) -> [UInt8] {
        var writer = JSONWriter(capacity: 160 + message.utf8.count)
        writeAnthropic(&writer, status: status, requestID: requestID)
        return writer.bytes
    }

    /// The `error` event of a messages stream.
    public func anthropicEvent(status: Int, requestID: String? = nil) -> [UInt8] {
        event(named: "error") { writeAnthropic(&$0, status: status, requestID: requestID) }
    }

    // MARK: - Gemini

    /// `{"error":{"code":…,"message":…,"status":…}}`, with google.rpc's code name as status.
    public func gemini(status: Int) -> [UInt8] {
        var writer = JSONWriter(capacity: 160 + message.utf8.count)
        writeGemini(&writer, status: status)
        return writer.bytes
    }

    /// The same as an event of a `streamGenerateContent?alt=sse` answer.
    public func geminiEvent(status: Int) -> [UInt8] {
        event(named: nil) { writeGemini(&$0, status: status) }
    }

    // MARK: - Converse

    /// `{"message":…}`; the exception's name goes into the header `x-amzn-errortype`: ``errorTypeHeader(for:status:)``.
    public func converse() -> [UInt8] {
        var writer = JSONWriter(capacity: 160 + message.utf8.count)
        writeConverse(&writer)
        return writer.bytes
    }

    /// The exception frame that ends a `converse-stream`.
    public func converseEvent(status: Int) -> [UInt8] {
        let name = ErrorWords.ofConverseStream(ownWord) ?? kind(status: status).converseStreamException
        return EventStream.exception(name, ["message": .string(message)])
    }

    // MARK: - Responses

    /// What the events of a Responses stream call it, each alike. For a refusal by a policy OpenAI has a word of its own there
    /// (``responsesError(code:)``), and Codex tries again what fails with one that it does not know (openai/codex,
    /// codex-api's `is_invalid_prompt_error`, read on 2026-11-29).
    public var responsesCode: String? { kind(status: 400) == .contentPolicy ? "invalid_prompt" : code }

    /// What ends a Responses stream that failed: an `error` event
    /// (https://platform.openai.com/docs/api-reference/responses-streaming/error, read on 2026-11-29), then
    /// `response.failed`, which agents wait for.
    ///
    /// - Parameters:
    ///   - sequenceNumber: the next one of the stream.
    ///   - response: as it was last; nil where it had not begun, or did not fail with its stream: then there is no
    ///     `response.failed`.
    public func responsesEvents(status: Int, sequenceNumber: Int64 = 0, of response: JSONObject? = nil) -> [UInt8] {
        let code = responsesCode ?? (status == 429 ? "rate_limit_exceeded" : "server_error")
        let param = self.param.map { JSON.string($0) } ?? .null
        var error = JSONObject()
        error["type"] = "error"
        error["sequence_number"] = .int(sequenceNumber)
        error["code"] = .string(code)
        error["message"] = .string(message)
        error["param"] = param
        // The openai package raises what has an `error` (3.54, `_streaming.py`).
        error["error"] = [
            "type": .string(type), "code": .string(code), "message": .string(message), "param": param,
        ]
        var out = FrameWriter()
        out.sse(.object(error), event: "error")
        guard var response else { return out.bytes }
        response["status"] = "failed"
        response["error"] = responsesError(code: code)
        var failed: JSONObject = ["type": "response.failed"]
        failed["sequence_number"] = .int(sequenceNumber &+ 1)
        failed["response"] = .object(response)
        out.sse(.object(failed), event: "response.failed")
        return out.bytes
    }

    /// The `error` of a `response.failed` event's response: its codes are few
    /// (https://platform.openai.com/docs/api-reference/responses/object, read on 2026-11-29), and the SDK's model knows no
    /// other.
    ///
    /// - Parameter code: what the error is called elsewhere.
    public func responsesError(code: String? = nil) -> JSON {
        if let code, GatewayErrorBody.responsesCodes.contains(code) {
            return ["code": .string(code), "message": .string(message)]
        }
        let kind = kind(status: 500)
        let word: String =
            switch kind {
            case .rateLimited, .quotaExceeded: "rate_limit_exceeded"
            case .invalidRequest, .contextLength, .contentPolicy: "invalid_prompt"
            default: "server_error"
            }
        return ["code": .string(word), "message": .string(message)]
    }

    private static let responsesCodes: Set<String> = ["server_error", "rate_limit_exceeded", "invalid_prompt"]

    // MARK: - Any client

    /// The body of an answer with that status, as the client's SDK reads it.
    public func body(for dialect: Dialect, status: Int, requestID: String? = nil) -> [UInt8] {
        switch dialect {
        case .messages: anthropic(status: status, requestID: requestID)
        case .generateContent: gemini(status: status)
        case .converse: converse()
        case .chatCompletions, .completions, .embeddings, .responses, .cohereChat, .ollamaChat: openAI()
        }
    }

    /// What ends a stream that failed after its first byte. A Responses stream that has begun ends with
    /// ``responsesEvents(status:sequenceNumber:of:)``.
    public func event(for dialect: Dialect, status: Int, requestID: String? = nil) -> [UInt8] {
        switch dialect {
        case .messages: anthropicEvent(status: status, requestID: requestID)
        case .generateContent: geminiEvent(status: status)
        case .converse: converseEvent(status: status)
        case .responses: responsesEvents(status: status)
        case .chatCompletions, .completions, .embeddings, .cohereChat, .ollamaChat: openAIEvent()
        }
    }

    /// The header `x-amzn-errortype` of a Converse answer, by which AWS' SDKs choose the exception; nil for other
    /// dialects.
    public func errorTypeHeader(for dialect: Dialect, status: Int) -> String? {
        guard dialect == .converse else { return nil }
        return ErrorWords.ofConverse(ownWord) ?? kind(status: status).converseException
    }

    private func kind(status: Int) -> ProviderError.Kind {
        ProviderError.Kind(status: status, type: type, code: code, message: "")
    }

    // MARK: - Pieces

    private func writeOpenAI(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.member("message", message)
        writer.member("type", type)
        writer.member("param", orNull: param)
        writer.member("code", orNull: code)
        writeExtras(&writer)
        writer.endObject()
        writer.endObject()
    }

    private func writeAnthropic(_ writer: inout JSONWriter, status: Int, requestID: String?) {
        writer.beginObject()
        writer.member("type", "error")
        writer.key("error")
        writer.beginObject()
        writer.member("type", ErrorWords.ofMessages(ownWord) ?? GatewayErrorBody.anthropicType(status: status))
        writer.member("message", anthropicMessage)
        writeExtras(&writer)
        if param == "thread", code == "unsupported_content" {
            // By this its SDK's sessions know to go on without a thread (anthropic 2.14.0, lib/threads).
            writer.key("details")
            writer.raw(Array(#"{"error_code":"thread_unsupported_request","unsupported":["thread"]}"#.utf8))
        }
        writer.endObject()
        writer.member("request_id", orNull: requestID)
        writer.endObject()
    }

    /// By Anthropic's words alone agents know that their history is too long: Claude Code looks for either of these, in
    /// any case, and makes it shorter then (https://github.com/Menci/Floway/pull/166, read on 2026-11-30).
    private var anthropicMessage: String {
        guard isTooLong else { return message }
        let text = message.lowercased()
        let known = ["prompt is too long", "input length and `max_tokens` exceed context limit"]
        return known.contains(where: text.contains) ? message : "prompt is too long: " + message
    }

    private func writeGemini(_ writer: inout JSONWriter, status: Int) {
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.member("code", status)
        writer.member("message", message)
        writer.member("status", ErrorWords.ofGoogle(ownWord) ?? GatewayErrorBody.googleStatus(status: status))
        writeExtras(&writer)
        writer.endObject()
        writer.endObject()
    }

    private func writeConverse(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("message", message)
        writeExtras(&writer)
        writer.endObject()
    }

    private func writeExtras(_ writer: inout JSONWriter) {
        for extra in extras {
            writer.key(extra.name)
            writer.raw(extra.json)
        }
    }

    /// A JSON document has no raw line ends, so one `data` line holds it.
    private func event(named name: StaticString?, _ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        if let name {
            bytes += Array("event: ".utf8)
            bytes += UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
            bytes.append(0x0A)
        }
        bytes += Array("data: ".utf8)
        var writer = JSONWriter(capacity: 160 + message.utf8.count)
        write(&writer)
        bytes += writer.bytes
        bytes += [0x0A, 0x0A]
        return bytes
    }

    private static func anthropicType(status: Int) -> String {
        switch status {
        case 401: "authentication_error"
        case 402: "billing_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 504: "timeout_error"
        case 503, 529: "overloaded_error"
        case 500...: "api_error"
        default: "invalid_request_error"
        }
    }

    private static func googleStatus(status: Int) -> String {
        switch status {
        case 401: "UNAUTHENTICATED"
        case 403: "PERMISSION_DENIED"
        case 404: "NOT_FOUND"
        case 409: "ABORTED"
        case 429: "RESOURCE_EXHAUSTED"
        case 499: "CANCELLED"
        case 501: "UNIMPLEMENTED"
        case 502, 503: "UNAVAILABLE"
        case 504: "DEADLINE_EXCEEDED"
        case 500...: "INTERNAL"
        default: "INVALID_ARGUMENT"
        }
    }
}
