import JSONText
import Testing

@testable import WireFormats

@Suite("Errors of providers") struct ProviderErrorTests {
    @Test(
        "an error is read in every provider's shape and means one thing",
        arguments: [
            (529, #"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#, nil, .overloaded),
            (
                413, #"{"type":"error","error":{"type":"request_too_large","message":"m"}}"#, nil,
                .invalidRequest
            ),
            (
                400,
                #"{"error":{"type":"invalid_request_error","message":"prompt is too long: 2 tokens > 1 maximum"}}"#,
                nil,
                .contextLength
            ),
            (
                400,
                #"{"error":{"type":"invalid_request_error","message":"Your credit balance is too low to do it."}}"#,
                nil, .quotaExceeded
            ),
            (
                400,
                #"{"error":{"message":"Your credit balance is too low.: Extra inputs are not permitted"}}"#, nil,
                .invalidRequest
            ),
            (402, #"{"error":{"message":"Insufficient Balance"}}"#, nil, .quotaExceeded),
            (
                429, #"{"error":{"message":"m","code":"billing_not_active"}}"#, nil, .quotaExceeded
            ),
            (
                429,
                #"{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}}"#, nil,
                .quotaExceeded
            ),
            (
                429, #"{"error":{"message":"m","type":"tokens","code":"rate_limit_exceeded"}}"#, nil,
                .rateLimited
            ),
            (
                400, #"{"error":{"message":"m","code":"context_length_exceeded"}}"#, nil,
                .contextLength
            ),
            (
                400, #"{"error":{"message":"m","type":"too_many_prompt_tokens","code":400}}"#, nil,
                .contextLength
            ),
            (400, #"{"error":{"message":"m","code":"content_filter"}}"#, nil, .contentPolicy),
            (404, #"{"error":{"message":"m","code":"model_not_found"}}"#, nil, .notFound),
            (
                429,
                #"[{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED"}}]"#,
                nil, .rateLimited
            ),
            (
                400,
                #"{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#,
                nil, .authentication
            ),
            (503, #"{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}"#, nil, .overloaded),
            (429, #"{"message":"m"}"#, "ThrottlingException:http://internal.amazon.com/x", .rateLimited),
            (403, #"{"Message":"m"}"#, "AccessDeniedException", .permission),
            (
                400, #"{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"m"}"#,
                nil, .authentication
            ),
            (408, #"{"message":"m"}"#, "ModelTimeoutException", .timeout),
            (
                400, #"{"message":"Input is too long for requested model."}"#, "ValidationException",
                .contextLength
            ),
            (401, #"{"id":"x","message":"m"}"#, nil, .authentication),
            (404, #"{"error":"m"}"#, nil, .notFound),
            // A redirect says nothing about the request.
            (302, "", nil, .unknown), (307, "<html>m</html>", nil, .unknown),
            (500, "", nil, .server), (502, "<html>m</html>", nil, .server),
        ] as [(Int, String, String?, ProviderError.Kind)])
    func read(status: Int, body: String, header: String?, kind: ProviderError.Kind) {
        let error = Array(body.utf8).withUnsafeBytes {
            ProviderError.read(from: $0, status: status, errorType: header)
        }
        #expect(error.kind == kind)
        #expect(!error.message.isEmpty)
    }

    @Test(
        "in an answer only the provider's words are an error's",
        arguments: [
            (#"{"error":{"message":"m","status":"RESOURCE_EXHAUSTED"}}"#, "m", "RESOURCE_EXHAUSTED", .rateLimited),
            (#"{"error":{"metadata":{"raw":"x"},"code":"c"}}"#, "", nil, .unknown),
            (#"{"choices":[{"index":0,"delta":{"content":"text"}}]}"#, "", nil, .unknown),
            (#"{"message":{"role":"assistant","content":"text"}}"#, "", nil, .unknown),
            (#"{"type":"error","message":"m","code":"server_error"}"#, "m", nil, .server),
            ("upstream overloaded", "upstream overloaded", nil, .unknown), ("", "", nil, .unknown),
        ] as [(String, String, String?, ProviderError.Kind)])
    func inStream(data: String, message: String, type: String?, kind: ProviderError.Kind) throws {
        let error = Array(data.utf8).withUnsafeBytes { ProviderError.read(from: $0, status: 0) }
        #expect(error.message == message)
        #expect(error.type == type)
        #expect(error.kind == kind)
        // An event of that name is one in every dialect, translated or not.
        var framer = StreamFramer(.sse)
        var frames: [StreamFrame] = []
        try Array("event: error\ndata: \(data)\n\n".utf8).withUnsafeBytes { try framer.feed($0, into: &frames) }
        #expect(frames == [.failed(error)])
        for dialect in Dialect.conversations {
            guard let codec = dialect.codec, codec.framing == .sse else { continue }
            var decoder: any ReplyStreamDecoder = codec.streamDecoder()
            var events: [ReplyEvent] = []
            for frame in frames { try decoder.decode(frame, into: &events) }
            #expect(events == [.failed(error)], "\(dialect)")
        }
    }

    @Test(
        "that a request is too long is known by the words of whoever says it",
        arguments: [
            "This model's maximum context length is 8192 tokens. However, you requested 9000",
            "prompt is too long: 210000 tokens > 200000 maximum", "Input is too long for requested model.",
            "input length and `max_tokens` exceed context limit: 8 + 2 > 9, decrease input length or `max_tokens`",
            "the request exceeds the available context size, try increasing it",
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
            "Unable to submit request because the input token count is 40000 but model only supports up to 32768.",
            "Please reduce the length of the messages or completion.",
            "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 289650 tokens.",
            "The decoder prompt (length 17772) is longer than the maximum model length of 16384.",
            "Too many input tokens. Max input tokens: 8192, request input token count: 9000",
            "Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update the input.",
            "This model's maximum prompt length is 131072 but the request contains 136973 tokens.",
            "Input validation error: `inputs` must have less than 1024 tokens. Given: 1872",
            "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 1244 `inputs` tokens",
            "Your request exceeded model token limit: 262144 (requested: 300000)",
            "prompt too long; exceeded max context length by 1119046 tokens",
            "too many tokens: the total number of tokens in the prompt cannot exceed 8192, received 9000.",
        ])
    func tooLong(words: String) {
        for status in [400, 413, 422] {
            #expect(ProviderError.Kind(status: status, type: nil, code: nil, message: words) == .contextLength)
        }
        #expect(ProviderError.Kind(status: 429, type: nil, code: nil, message: words) == .rateLimited)
        #expect(ProviderError.Kind(status: 500, type: nil, code: nil, message: words) == .server)
    }

    @Test(
        "too much for a minute, a number out of range and a name that is too long are none of that",
        arguments: [
            "Too many tokens per minute: limit 6000, requested 9000.", "Too many tokens per day, please wait.",
            "Request too large on tokens per minute (TPM): Limit 6000, Requested 9000, please reduce the message size.",
            "max_tokens is too large: 9000. This model supports at most 4096 completion tokens.",
            "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64.",
        ])
    func notTooLong(words: String) {
        #expect(ProviderError.Kind(status: 400, type: nil, code: nil, message: words) == .invalidRequest)
        #expect(ProviderError.Kind(status: nil, type: nil, code: nil, message: words) == .unknown)
    }

    @Test(
        "a 403 about what the request says is the content's, one about an account the account's",
        arguments: [
            (#"{"error":{"message":"Your input was flagged for: violence","code":403}}"#, .contentPolicy),
            (#"{"error":{"message":"x/y requires moderation. Your input was flagged","code":403}}"#, .contentPolicy),
            (#"{"error":{"message":"Input flagged by moderation","code":403}}"#, .contentPolicy),
            (
                #"{"type":"error","error":{"type":"permission_error","message":"Your input was flagged"}}"#,
                .contentPolicy
            ),
            (
                #"{"code":"The caller does not have permission","error":"Content violates usage guidelines. Team: t"}"#,
                .contentPolicy
            ),
            (#"{"error":{"message":"Your account has been flagged and suspended","code":403}}"#, .permission),
            (#"{"error":{"message":"Your organization was flagged by moderation"}}"#, .permission),
            (#"{"error":{"message":"Suspended for a violation of our content policy","code":403}}"#, .permission),
            (#"{"error":{"message":"No access to the model 'safety'"}}"#, .permission),
            // A client may have named the model.
            (#"{"error":{"code":403,"message":"no access to 'flagged'","status":"PERMISSION_DENIED"}}"#, .permission),
            (#"{"type":"error","error":{"type":"permission_error","message":"no"}}"#, .permission),
        ] as [(String, ProviderError.Kind)])
    func flagged(body: String, kind: ProviderError.Kind) {
        let error = Array(body.utf8).withUnsafeBytes { ProviderError.read(from: $0, status: 403) }
        #expect(error.kind == kind)
        // In a stream the code or the type says it.
        let event = Array(body.utf8).withUnsafeBytes { ProviderError.read(from: $0, status: 0) }
        if event.code == "403" || event.type == "permission_error" { #expect(event.kind == kind) }
    }

    @Test(
        "xAI's used-up account is one by its words, and no client's words are",
        arguments: [
            ("Your team t-1 has either used all available credits or reached its monthly spending limit.", true),
            (
                "Your team t has either used all available credits or reached its monthly spending limit. To continue "
                    + "making API requests, please purchase more credits or raise your spending limit.", true
            ),
            ("Your team t has reached its requests per minute.", false),
            ("'Your team t has either used all available credits or reached its monthly spending limit.'", false),
        ] as [(String, Bool)])
    func usedUpTeam(words: String, isUsedUp: Bool) {
        let body = JSON.object(["code": "The caller does not have permission", "error": .string(words)]).text
        for status in [429, 403] {
            let error = Array(body.utf8).withUnsafeBytes { ProviderError.read(from: $0, status: status) }
            #expect((error.kind == .quotaExceeded) == isUsedUp)
        }
        // Google's quota comes back.
        let google = ProviderError.Kind(status: 429, type: nil, code: nil, message: "You exceeded your current quota.")
        #expect(google == .rateLimited)
    }

    @Test("an answer that Anthropic's filter blocked is content's, whole or in a stream", arguments: [400, 0])
    func blockedOutput(status: Int) {
        let words = "Output blocked by content filtering policy"
        let body = #"{"type":"error","error":{"type":"invalid_request_error","message":"\#(words)"}}"#
        let error = Array(body.utf8).withUnsafeBytes { ProviderError.read(from: $0, status: status) }
        #expect(error.kind == .contentPolicy)
    }

    @Test("a refused key is told by its code, not by words that a client may have said")
    func refusedKeys() {
        func read(_ body: String) -> ProviderError {
            Array(body.utf8).withUnsafeBytes { ProviderError.read(from: $0, status: 400) }
        }
        let told = read(
            #"{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#
        )
        #expect(told.refusesKey && told.kind == .authentication)
        #expect(read(#"{"error":{"message":"m","code":"invalid_api_key"}}"#).refusesKey)
        let quoted = read(#"{"error":{"message":"'API_KEY_INVALID: api key not valid' is no role","code":400}}"#)
        #expect(!quoted.refusesKey)
        #expect(!read(#"{"error":{"message":"m","code":"context_length_exceeded"}}"#).refusesKey)
    }

    @Test("Google's details are kept, and the wait in them is found, in an answer and in a stream")
    func details() throws {
        let retry = #"{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"38.5s"}"#
        let info = #"{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED"}"#
        let body = """
            { "error": { "code": 429, "message": "m", "status": "RESOURCE_EXHAUSTED", "details": [
              \(info),
              \(retry) ] } }
            """
        for status in [429, 0] {
            let error = Array(body.utf8).withUnsafeBytes { ProviderError.read(from: $0, status: status) }
            #expect(error.retryDelay == "38.5s" && error.kind == .rateLimited)
            #expect(error.details == "[\(info),\(retry)]")
        }
        var events: [ReplyEvent] = []
        var decoder = GenerateContentCodec.streamDecoder()
        try decoder.decode(.json(try JSON.read(body), event: nil), into: &events)
        guard case .failed(let error)? = events.first else {
            Issue.record("\(events)")
            return
        }
        #expect(error.retryDelay == "38.5s" && error.details == "[\(info),\(retry)]")
        // What others call so is no list of Google's.
        for body in [#"{"error":{"message":"m","details":[1]}}"#, #"{"error":{"status":"X","details":"text"}}"#] {
            let error = Array(body.utf8).withUnsafeBytes { ProviderError.read(from: $0, status: 400) }
            #expect(error.details == nil && error.retryDelay == nil)
        }
    }

    @Test("of a whole body too, what may be an answer is no word of an error")
    func answerInError() {
        let error = Array(#"{"message":{"role":"assistant","content":"text"}}"#.utf8).withUnsafeBytes {
            ProviderError.read(from: $0, status: 500)
        }
        #expect(error.message == "The provider answered with status 500.")
    }

    @Test("the table, row by row", arguments: ProviderError.Kind.allCases)
    func table(kind: ProviderError.Kind) throws {
        let error = ProviderError(message: "m", kind: kind)
        let body = GatewayErrorBody(error)
        for dialect in Dialect.ofClients {
            let status = kind.status(for: dialect, provider: 0)
            let written = body.body(for: dialect, status: status, requestID: "r")
            // What a client is told is read back as the same kind.
            let again = written.withUnsafeBytes {
                ProviderError.read(
                    from: $0, status: status,
                    errorType: body.errorTypeHeader(for: dialect, status: status))
            }
            let isWorded = kind == .contextLength && dialect == .messages
            #expect(again.message == (isWorded ? "prompt is too long: m" : "m"))
            let isSaid = dialect == .chatCompletions || dialect == .responses || dialect == .completions || isWorded
            switch kind {
            case .unknown: #expect(again.kind == .server)
            case .contextLength, .contentPolicy: #expect(again.kind == (isSaid ? kind : .invalidRequest))
            case .quotaExceeded: #expect(again.kind == (dialect == .generateContent ? .rateLimited : kind))
            default: #expect(again.kind == kind, "\(dialect)")
            }
            #expect(!body.event(for: dialect, status: status).isEmpty)
        }
    }

    @Test(
        "a provider's 4xx about the request stays that 4xx", arguments: Dialect.ofClients)
    func statuses(dialect: Dialect) {
        for status in [405, 406, 409, 410, 412, 413, 415, 416, 417, 418, 422, 423, 425, 428, 431, 451, 498] {
            let kind = ProviderError.Kind(status: status, type: nil, code: nil, message: "m")
            #expect(kind == .invalidRequest && kind.status(for: dialect, provider: status) == status)
        }
        // What is no 4xx about the request is none to the client, whatever the words.
        for status in [0, 200, 302, 401, 404, 408, 424, 429, 500, 502] {
            #expect(ProviderError.Kind.invalidRequest.status(for: dialect, provider: status) == 400)
        }
    }

    @Test("a provider's own type and code stay, but that a request is too long has one code")
    func ownWords() {
        func told(_ kind: ProviderError.Kind, type: String? = nil, code: String? = nil) -> GatewayErrorBody {
            GatewayErrorBody(ProviderError(message: "m", type: type, code: code, kind: kind), keepsWords: true)
        }
        #expect(told(.invalidRequest, type: "t", code: "c").type == "t")
        #expect(told(.invalidRequest, type: "t", code: "c").code == "c")
        #expect(told(.contextLength, type: "t").code == "context_length_exceeded")
        #expect(told(.contextLength, code: "invalid_request_error").code == "context_length_exceeded")
        #expect(told(.rateLimited).type == "rate_limit_error")
        for code in ["403", "The caller does not have permission", nil] {
            #expect(told(.contentPolicy, code: code).code == "content_policy_violation")
        }
        #expect(told(.contentPolicy, code: "content_filter").code == "content_filter")
        // Whose fault it is, a missing code must not say wrongly.
        for kind in ProviderError.Kind.allCases where told(kind).code == nil {
            #expect((kind.codeOfUncoded == nil) == [.invalidRequest, .permission].contains(kind), "\(kind)")
        }
    }

    @Test("Anthropic's and Google's words follow") func words() throws {
        let overloaded = GatewayErrorBody(ProviderError(message: "m", kind: .overloaded))
        let status = ProviderError.Kind.overloaded.status(for: .messages, provider: 503)
        #expect(status == 529)
        #expect(try JSON.parse(overloaded.body(for: .messages, status: status))["error"]?["type"] == "overloaded_error")
        #expect(
            try JSON.parse(overloaded.body(for: .generateContent, status: 503))["error"]?["status"] == "UNAVAILABLE")
        #expect(overloaded.errorTypeHeader(for: .converse, status: 503) == "ServiceUnavailableException")
        #expect(overloaded.errorTypeHeader(for: .messages, status: 503) == nil)
        #expect(ProviderError.Kind.invalidRequest.status(for: .messages, provider: 413) == 413)
        let event = try collectEvents([overloaded.event(for: .responses, status: 503)])
        #expect(event.map(\.name) == ["error"])
        let begun: JSONObject = ["id": "resp_1", "status": "in_progress", "error": .null, "output": []]
        let ends = try collectEvents([overloaded.responsesEvents(status: 503, sequenceNumber: 7, of: begun)])
        let told = try ends.map { try JSON.parse($0.data ?? []) }
        #expect(ends.map(\.name) == ["error", "response.failed"])
        #expect(told.map { $0["type"]?.string } == ["error", "response.failed"])
        #expect(told.map { $0["sequence_number"]?.int } == [7, 8])
        #expect(
            told[1]["response"] == [
                "id": "resp_1", "status": "failed", "error": ["code": "server_error", "message": "m"], "output": [],
            ])
        var frames: [StreamFrame] = []
        var framer = StreamFramer(.eventStream)
        try overloaded.event(for: .converse, status: 503).withUnsafeBytes { try framer.feed($0, into: &frames) }
        #expect(frames == [.exception(type: "serviceUnavailableException", ["message": "m"])])
    }
}

/// Every error body that was recorded.
@Suite(.enabled(if: Corpus.folder != nil)) struct ProviderErrorCorpusTests {
    @Test func everyRecordedErrorIsUnderstood() throws {
        var kinds: [ProviderError.Kind: Int] = [:]
        var count = 0
        for provider in Traffic.providers() {
            try Traffic.forEachFailed(provider) { record, errorType in
                count += 1
                let error = record.body.withUnsafeBytes {
                    ProviderError.read(
                        from: $0, status: Int(record.status), errorType: errorType)
                }
                kinds[error.kind, default: 0] += 1
                #expect(!error.message.isEmpty)
                let plausible: Set<ProviderError.Kind> =
                    switch record.status {
                    case 400, 422:
                        [.invalidRequest, .authentication, .contextLength, .contentPolicy, .notFound, .rateLimited]
                    case 401: [.authentication]
                    case 403: [.permission, .quotaExceeded, .authentication]
                    case 404: [.notFound]
                    case 429: [.rateLimited, .quotaExceeded]
                    default: [.server, .overloaded, .timeout]
                    }
                #expect(plausible.contains(error.kind), "\(record.name) \(record.status): \(error)")
                if [.contextLength, .contentPolicy, .quotaExceeded].contains(error.kind)
                    || (error.kind == .authentication && record.status != 401)
                {
                    print("error", record.name, record.status, error.kind, error.message.prefix(110))
                }
            }
        }
        print("errors: \(count) \(kinds)")
        #expect(count > 200)
    }
}
