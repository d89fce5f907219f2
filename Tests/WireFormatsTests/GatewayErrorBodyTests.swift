import JSONText
import Testing
import WireFormats

@Suite("Error bodies")
struct GatewayErrorBodyTests {
    private let error = GatewayErrorBody(
        message: "Budget \"k\" spent\n", type: "insufficient_quota", code: "budget_exceeded",
        extras: [(name: "scope", json: Array("\"key\"".utf8)), (name: "left", json: Array("0.5".utf8))])

    @Test("OpenAI's shape always has message, type, param and code")
    func openAI() throws {
        #expect(
            try JSON.parse(error.openAI()) == [
                "error": [
                    "message": "Budget \"k\" spent\n", "type": "insufficient_quota", "param": nil,
                    "code": "budget_exceeded", "scope": "key", "left": 0.5,
                ]
            ])
        let plain = GatewayErrorBody(message: "m", type: "t", param: "p")
        #expect(
            String(decoding: plain.openAI(), as: UTF8.self)
                == #"{"error":{"message":"m","type":"t","param":"p","code":null}}"#)
    }

    @Test("the event of a failed stream is one data line and no [DONE]")
    func event() throws {
        let events = try collectEvents([error.openAIEvent()])
        #expect(events.count == 1)
        #expect(events[0].isTerminated)
        #expect(events[0].name == "")
        #expect(events[0].data == error.openAI())
        let named = try collectEvents([error.anthropicEvent(status: 529)])
        #expect(named.map(\.name) == ["error"])
        #expect(try collectEvents([error.geminiEvent(status: 500)]).count == 1)
    }

    @Test(
        "Anthropic's type follows the status",
        arguments: [
            (400, "invalid_request_error"), (401, "authentication_error"), (403, "permission_error"),
            (404, "not_found_error"), (413, "request_too_large"), (429, "rate_limit_error"), (500, "api_error"),
            (502, "api_error"), (504, "timeout_error"), (529, "overloaded_error"),
        ])
    func anthropic(status: Int, type: String) throws {
        let value = try JSON.parse(error.anthropic(status: status, requestID: "req_1"))
        #expect(value["type"] == "error")
        #expect(value["error"]?["type"] == .string(type))
        #expect(value["error"]?["message"] == "Budget \"k\" spent\n")
        #expect(value["request_id"] == "req_1")
    }

    @Test("that a request is too long is said in Anthropic's words, once, and to its clients alone")
    func tooLong() throws {
        func message(_ words: String) throws -> JSON? {
            let error = GatewayErrorBody(ProviderError(message: words, kind: .contextLength), origin: .generateContent)
            #expect(try JSON.parse(error.openAI())["error"]?["message"]?.string == words)
            #expect(try JSON.parse(error.gemini(status: 400))["error"]?["message"]?.string == words)
            let event = try collectEvents([error.anthropicEvent(status: 400)])
            #expect(event.first?.data == error.anthropic(status: 400))
            return try JSON.parse(error.anthropic(status: 400))["error"]?["message"]
        }
        #expect(
            try message("The input token count (9000) exceeds the maximum.")
                == "prompt is too long: The input token count (9000) exceeds the maximum.")
        for words in [
            "Prompt is too long: 9 tokens > 8 maximum",
            "input length and `max_tokens` exceed context limit: 8 + 2 > 9, decrease input length or `max_tokens`",
        ] {
            #expect(try message(words)?.string == words)
        }
        let other = GatewayErrorBody(ProviderError(message: "no", kind: .invalidRequest))
        #expect(try JSON.parse(other.anthropic(status: 400))["error"]?["message"] == "no")
    }

    @Test(
        "Gemini's status is google.rpc's name of the code",
        arguments: [
            (400, "INVALID_ARGUMENT"), (401, "UNAUTHENTICATED"), (403, "PERMISSION_DENIED"), (404, "NOT_FOUND"),
            (429, "RESOURCE_EXHAUSTED"), (500, "INTERNAL"), (503, "UNAVAILABLE"), (504, "DEADLINE_EXCEEDED"),
        ])
    func gemini(status: Int, name: String) throws {
        let value = try JSON.parse(error.gemini(status: status))
        #expect(value["error"]?["code"] == .int(Int64(status)))
        #expect(value["error"]?["status"] == .string(name))
    }

    @Test("a word of the dialect's own stays, and no other gets to a client")
    func ownWords() throws {
        var error = GatewayErrorBody(ProviderError(message: "m", kind: .server))
        func types(_ word: String, status: Int) throws -> [String?] {
            error.ownWord = word
            return [
                try JSON.parse(error.anthropic(status: status))["error"]?["type"]?.string,
                try JSON.parse(error.gemini(status: status))["error"]?["status"]?.string,
                error.errorTypeHeader(for: .converse, status: status),
            ]
        }
        #expect(try types("conflict_error", status: 409) == ["conflict_error", "ABORTED", "ValidationException"])
        #expect(
            try types("FAILED_PRECONDITION", status: 400)
                == ["invalid_request_error", "FAILED_PRECONDITION", "ValidationException"])
        #expect(try types("ModelErrorException", status: 424)[2] == "ModelErrorException")
        #expect(try types("modelStreamErrorException", status: 424)[2] == "ModelStreamErrorException")
        #expect(try types("sk_made_up", status: 500) == ["api_error", "INTERNAL", "InternalServerException"])
        error.ownWord = "ModelStreamErrorException"
        var frames: [StreamFrame] = []
        var framer = StreamFramer(.eventStream)
        try error.converseEvent(status: 500).withUnsafeBytes { try framer.feed($0, into: &frames) }
        #expect(frames == [.exception(type: "modelStreamErrorException", ["message": "m"])])
    }

    @Test(
        "where OpenRouter says nothing, its provider's words are told",
        arguments: [
            (#""{\"error\":{\"message\":\"no such image\",\"code\":null}}""#, "Provider returned error: no such image"),
            (#"{"message":"no such image"}"#, "Provider returned error: no such image"),
            (#""no such image""#, "Provider returned error: no such image"),
            (#""{\"odd\":1}""#, #"Provider returned error: {"odd":1}"#), ("null", "Provider returned error"),
            ("\"\"", "Provider returned error"),
        ])
    func raw(raw: String, message: String) {
        let body = #"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":\#(raw)}}}"#
        let found = Array(body.utf8).withUnsafeBytes { ProviderError.read(from: $0, status: 400) }
        #expect(found.message == message)
        let told = body.replacing("Provider returned error", with: "The model is gone")
        let other = Array(told.utf8).withUnsafeBytes { ProviderError.read(from: $0, status: 400) }
        #expect(other.message == "The model is gone")
    }

    @Test(
        "a provider's error is read in every shape",
        arguments: [
            (#"{"error":{"message":"m","type":"t","param":"p","code":"c"}}"#, "m", "t", "p", "c"),
            (#"{"error":{"message":"m","code":429,"param":null}}"#, "m", nil, nil, "429"),
            (#"{"error":"m"}"#, "m", nil, nil, nil),
            (
                #"{"object":"error","message":"m","type":"BadRequest","param":null,"code":400}"#, "m", "BadRequest",
                nil, "400"
            ),
            (
                #"[{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}]"#, "m", "INVALID_ARGUMENT", nil,
                "400"
            ),
            (#"{"message":"m","request_id":"r"}"#, "m", nil, nil, nil),
            (#"{"detail":"m"}"#, "m", nil, nil, nil),
            (#"{"detail":[{"loc":["body"],"msg":"x"}]}"#, #"[{"loc":["body"],"msg":"x"}]"#, nil, nil, nil),
        ] as [(String, String, String?, String?, String?)])
    func provider(body: String, message: String, type: String?, param: String?, code: String?) {
        let found = Array(body.utf8).withUnsafeBytes { ProviderError.read(from: $0, status: 400) }
        #expect(found.message == message)
        #expect(found.type == type)
        #expect(found.param == param)
        #expect(found.code == code)
    }

    @Test(
        "a good reply is no error", arguments: [#"{"choices":[],"message":"x"}"#, "", "[]", "{}", #"{"error":null}"#])
    func noError(body: String) {
        #expect(Array(body.utf8).withUnsafeBytes { OpenAIReply.error(in: $0) } == nil)
    }
}
