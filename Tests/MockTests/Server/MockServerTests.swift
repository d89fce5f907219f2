import Glibc
import Testing

@testable import MockProvider

/// The mock over real sockets. A prompt of `hello world` is 3 tokens; the default prices make it 450 + 600 × k.
@Suite struct MockServerTests {
    static func chat(_ more: String = "") -> String {
        #"{"model":"mock-gpt","messages":[{"role":"user","content":"hello world"}]\#(more)}"#
    }

    static let stream = chat(#","stream":true,"stream_options":{"include_usage":true}"#)

    // MARK: - Answers

    @Test func `a whole answer has OpenAI's fields and headers`() throws {
        let mock = try TestMock()
        let reply = mock.client().post(Self.chat())
        #expect(reply.status == 200 && reply.isComplete)
        #expect(reply.headers["content-type"] == "application/json")
        #expect(reply.headers["x-request-id"]?.hasPrefix("req_") == true)
        #expect(reply.headers["openai-processing-ms"] == "0")
        #expect(reply.headers["x-ratelimit-remaining-requests"] != nil)
        let json = try #require(reply.json)
        #expect(json["object"]?.text == "chat.completion")
        #expect(json["model"]?.text == "mock-gpt")
        let choice = json["choices"]?[0]
        #expect(choice?["message"]?["role"]?.text == "assistant")
        #expect(choice?["logprobs"] == .null && choice?["finish_reason"]?.text == "stop")
        #expect(json["usage"]?["prompt_tokens"]?.integer == 3)
        #expect(json["usage"]?["completion_tokens"]?.integer == 20)
        #expect(json["usage"]?["total_tokens"]?.integer == 23)
        #expect(json["usage"]?["prompt_tokens_details"]?["cached_tokens"]?.integer == 0)
    }

    @Test func `a stream says the same as the whole answer, at the same price`() throws {
        let mock = try TestMock()
        let client = mock.client()
        let whole = client.post(Self.chat())
        let reply = client.post(Self.stream)
        #expect(reply.headers["content-type"] == "text/event-stream; charset=utf-8")
        #expect(reply.isComplete)
        #expect(reply.events.last == "[DONE]")
        #expect(reply.chunks.first?["choices"]?[0]?["delta"]?["role"]?.text == "assistant")
        #expect(reply.contentChunks == 20)
        #expect(reply.streamedText == whole.json?["choices"]?[0]?["message"]?["content"]?.text)
        let usage = reply.chunks.last
        #expect(usage?["choices"]?.elements?.isEmpty == true)
        #expect(usage?["usage"] == whole.json?["usage"])
        #expect(reply.chunks.dropLast().allSatisfy { $0["usage"] == .null })
        #expect(Set(reply.chunks.compactMap { $0["id"]?.text }).count == 1)
        let attempts = mock.attempts
        #expect(attempts.map { $0["bill_nanos"]?.integer } == [12_450, 12_450])
        #expect(attempts.map { $0["chunks"]?.integer } == [0, 20])
    }

    @Test func `without include_usage no usage is told`() throws {
        let mock = try TestMock()
        let reply = mock.client().post(Self.chat(#","stream":true"#))
        #expect(reply.chunks.allSatisfy { $0["usage"] == nil })
        #expect(mock.total("bill_nanos") == 12_450)
    }

    @Test func `max_tokens cuts both alike, and the finish reason says so`() throws {
        let mock = try TestMock()
        let client = mock.client()
        let whole = client.post(Self.chat(#","max_tokens":4"#))
        #expect(whole.json?["choices"]?[0]?["finish_reason"]?.text == "length")
        #expect(whole.json?["usage"]?["completion_tokens"]?.integer == 4)
        let reply = client.post(Self.chat(#","max_completion_tokens":4,"stream":true"#))
        #expect(reply.contentChunks == 4)
        #expect(mock.total("bill_nanos") == 2 * (450 + 4 * 600))
    }

    @Test func `n choices cost n answers`() throws {
        let mock = try TestMock()
        let client = mock.client()
        let whole = client.post(Self.chat(#","n":3,"max_tokens":5"#))
        #expect(whole.json?["choices"]?.elements?.count == 3)
        #expect(whole.json?["usage"]?["completion_tokens"]?.integer == 15)
        let reply = client.post(Self.chat(#","n":3,"max_tokens":5,"stream":true"#))
        #expect(Set(reply.chunks.compactMap { $0["choices"]?[0]?["index"]?.integer }) == [0, 1, 2])
        #expect(reply.contentChunks == 15)
        #expect(mock.total("completion_tokens") == 30)
    }

    @Test func `text completions have their own shape`() throws {
        let mock = try TestMock()
        let client = mock.client()
        let body = #"{"model":"m","prompt":"hello world","max_tokens":3"#
        let whole = client.post("/v1/completions", body + "}")
        #expect(whole.json?["object"]?.text == "text_completion")
        #expect(whole.json?["choices"]?[0]?["text"]?.text?.isEmpty == false)
        #expect(whole.json?["usage"]?["prompt_tokens"]?.integer == 3)
        let reply = client.post("/completions", body + #","stream":true}"#)
        let texts = reply.chunks.compactMap { $0["choices"]?[0]?["text"]?.text }
        #expect(texts.joined() == whole.json?["choices"]?[0]?["text"]?.text)
        #expect(reply.events.last == "[DONE]")
    }

    @Test(arguments: [nil, "echo=1", "fault=huge,mb=1"]) func `each prompt is answered, n times, and billed`(
        _ control: String?
    ) throws {
        let mock = try TestMock()
        let client = mock.client()
        let body = #"{"model":"m","prompt":["one","another prompt"],"n":2,"max_tokens":9"#
        let whole = client.post("/v1/completions", body + "}", mock: control).json
        let choices = whole?["choices"]?.elements ?? []
        #expect(choices.map { $0["index"]?.integer } == [0, 1, 2, 3])
        let texts = choices.map { $0["text"]?.text ?? "" }
        try #require(texts.count == 4)
        #expect(texts[0] == texts[1] && texts[2] == texts[3])
        switch control {
        case nil: #expect(texts[0] != texts[2])
        case "echo=1": #expect([texts[0], texts[2]] == ["one", "another prompt"])
        default: #expect(texts.allSatisfy { $0.utf8.count == 1_000_000 })
        }
        var streamed = [String](repeating: "", count: 4)
        for chunk in client.post("/v1/completions", body + #","stream":true}"#, mock: control).chunks {
            guard let choice = chunk["choices"]?[0], let index = choice["index"]?.integer else { continue }
            streamed[index] += choice["text"]?.text ?? ""
        }
        #expect(streamed == texts)
        let tokens = try #require(whole?["usage"]?["completion_tokens"]?.integer)
        #expect(whole?["usage"]?["prompt_tokens"]?.integer == 1 + 4)
        #expect(mock.total("completion_tokens") == 2 * tokens)
    }

    @Test func `embeddings come for every input, billed as prompt`() throws {
        let mock = try TestMock()
        let reply = mock.client().post("/v1/embeddings", #"{"model":"e","input":["abcd","efghi"],"dimensions":8}"#)
        let data = reply.json?["data"]?.elements
        #expect(data?.count == 2)
        #expect(data?[1]["embedding"]?.elements?.count == 8 && data?[1]["index"]?.integer == 1)
        #expect(reply.json?["usage"]?["prompt_tokens"]?.integer == 3)
        #expect(mock.total("bill_nanos") == 450)
    }

    @Test func `models are listed and found`() throws {
        let mock = try TestMock(["--models", "a,b"])
        let client = mock.client()
        #expect(client.get("/v1/models").json?["data"]?.elements?.compactMap { $0["id"]?.text } == ["a", "b"])
        #expect(client.get("/v1/models/b").json?["object"]?.text == "model")
        #expect(client.get("/v1/models/c").json?["error"]?["code"]?.text == "model_not_found")
        let unknown = client.post(Self.chat())
        #expect(unknown.status == 404 && unknown.json?["error"]?["code"]?.text == "model_not_found")
    }

    @Test func `a tool is called until its result is there`() throws {
        let mock = try TestMock()
        let client = mock.client()
        let tools = #"""
            ,"tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object",
            "properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"]}}}]
            """#
        let whole = client.post(Self.chat(tools))
        let call = whole.json?["choices"]?[0]?["message"]?["tool_calls"]?[0]
        #expect(call?["function"]?["name"]?.text == "weather")
        #expect(call?["function"]?["arguments"]?.text == #"{"city":"mock","days":7}"#)
        #expect(whole.json?["choices"]?[0]?["finish_reason"]?.text == "tool_calls")

        let reply = client.post(Self.chat(tools + #","stream":true"#))
        let deltas = reply.chunks.compactMap { $0["choices"]?[0]?["delta"]?["tool_calls"]?[0] }
        #expect(deltas.first?["function"]?["name"]?.text == "weather" && deltas.first?["id"]?.text != nil)
        let arguments = deltas.compactMap { $0["function"]?["arguments"]?.text }.joined()
        #expect(arguments == #"{"city":"mock","days":7}"#)
        #expect(mock.attempts.map { $0["bill_nanos"]?.integer }.allSatisfy { $0 == 450 + 6 * 600 })

        let answered = #"""
            {"model":"m","messages":[{"role":"user","content":"hello"},{"role":"assistant","tool_calls":[{"id":"c1",
            "type":"function","function":{"name":"weather","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"c1","content":"rain"}]
            """# + tools + "}"
        #expect(client.post(answered).json?["choices"]?[0]?["message"]?["content"]?.text != nil)
        let none = client.post(Self.chat(tools + #","tool_choice":"none""#))
        #expect(none.json?["choices"]?[0]?["finish_reason"]?.text == "stop")
    }

    @Test func `structured output satisfies its schema`() throws {
        let mock = try TestMock()
        let format = #"""
            ,"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object","properties":
            {"ok":{"type":"boolean"},"kind":{"enum":["b"]}},"required":["ok","kind"]}}}
            """#
        let reply = mock.client().post(Self.chat(format))
        #expect(reply.json?["choices"]?[0]?["message"]?["content"]?.text == #"{"ok":true,"kind":"b"}"#)
    }

    @Test func `JSON mode wants to be spoken of in a message`() throws {
        let mock = try TestMock()
        let mode = #","response_format":{"type":"json_object"}"#
        let refused = mock.client().post(Self.chat(mode))
        #expect(refused.status == 400 && refused.json?["error"]?["param"]?.text == "messages")
        let body = #"{"model":"m","messages":[{"role":"system","content":"Speak JSON"}]\#(mode)}"#
        #expect(mock.client().post(body).json?["choices"]?[0]?["message"]?["content"]?.text == #"{"answer":"mock"}"#)
    }

    @Test func `it says what it is told to, cut as told`() throws {
        let mock = try TestMock()
        let reply = mock.client().post(Self.stream, mock: "say=sk-%22secret%22,chunk_bytes=2")
        #expect(reply.streamedText == #"sk-"secret""#)
        #expect(reply.contentChunks == 6)
        let echo = mock.client().post(Self.chat(), mock: "echo=1")
        #expect(echo.json?["choices"]?[0]?["message"]?["content"]?.text == "hello world")
    }

    @Test func `answers to different prompts differ, so that crossed wires show`() throws {
        let mock = try TestMock()
        let client = mock.client()
        let first = client.post(#"{"model":"m","messages":[{"content":"a"}]}"#)
        let second = client.post(#"{"model":"m","messages":[{"content":"b"}]}"#)
        #expect(first.json?["choices"]?[0]?["message"] != second.json?["choices"]?[0]?["message"])
    }

    // MARK: - Refusals

    @Test func `without a key, or with a wrong one, nothing is served`() throws {
        let mock = try TestMock(["--key", "right"])
        let client = mock.client()
        let none = client.post(Self.chat(), headers: [])
        #expect(none.status == 401 && none.json?["error"]?["type"]?.text == "invalid_request_error")
        #expect(client.post(Self.chat(), headers: ["Authorization: Basic right"]).status == 401)
        #expect(client.post(Self.chat(), headers: ["Authorization: Bearer "]).status == 401)
        let wrong = client.post(Self.chat(), headers: ["Authorization: Bearer wrong"])
        #expect(wrong.json?["error"]?["code"]?.text == "invalid_api_key")
        #expect(!wrong.text.contains("wrong"))
        #expect(client.post(Self.chat(), headers: ["Authorization: Bearer right"]).status == 200)
        #expect(mock.total("served") == 1 && mock.total("requests") == 5)
    }

    @Test(arguments: [
        ("{", 400), ("", 400), (#"{"messages":[]}"#, 400), (#"{"model":"m"}"#, 400),
        (#"{"model":"m","messages":"x"}"#, 400), (#"{"model":"m","messages":[],"max_tokens":-1}"#, 400),
    ])
    func `a bad body is a 400 that bills nothing`(_ body: String, _ status: Int) throws {
        let mock = try TestMock()
        let reply = mock.client().post(body)
        #expect(reply.status == status && reply.json?["error"]?["message"]?.text != nil)
        #expect(mock.total("bill_nanos") == 0 && mock.total("errors") == 1)
    }

    @Test func `unknown paths and methods are told apart`() throws {
        let mock = try TestMock()
        let client = mock.client()
        #expect(client.get("/v2/none").status == 404)
        let wrong = client.get("/v1/chat/completions")
        #expect(wrong.status == 405 && wrong.headers["allow"] == "POST")
    }

    // MARK: - HTTP

    @Test func `pipelined requests are answered in order`() throws {
        let mock = try TestMock()
        let client = mock.client()
        let slow = TestClient.request(Self.chat(), mock: "latency=50ms,say=first,chunk_bytes=50")
        let quick = TestClient.request(Self.chat(), mock: "say=second,chunk_bytes=50")
        client.send(slow + quick + TestClient.request(Self.stream))
        #expect(client.reply().text.contains("first"))
        #expect(client.reply().text.contains("second"))
        #expect(client.reply().events.last == "[DONE]")
    }

    @Test func `a chunked body and a 100-continue are understood`() throws {
        let mock = try TestMock()
        let client = mock.client()
        let body = Self.chat()
        let head = "POST /v1/chat/completions HTTP/1.1\r\nAuthorization: Bearer x\r\n"
        let half = body.utf8.count / 2
        let parts = [String(body.prefix(half)), String(body.dropFirst(half))]
        let chunks = parts.map { String($0.utf8.count, radix: 16) + "\r\n" + $0 + "\r\n" }.joined()
        client.send(head + "Transfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n")
        #expect(client.reply().status == 200)
        client.send(head + "Expect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
        #expect(client.reply().status == 100)
        client.send(body)
        #expect(client.reply().status == 200)
    }

    @Test func `HTTP 1_0 gets a stream that ends with its connection`() throws {
        let mock = try TestMock()
        let client = mock.client()
        let request = TestClient.request(Self.stream).replacing("HTTP/1.1", with: "HTTP/1.0")
        client.send(request)
        let reply = client.reply()
        #expect(reply.headers["transfer-encoding"] == nil)
        #expect(reply.events.last == "[DONE]")
        #expect(client.isClosed)
    }

    @Test func `a body of five megabytes is counted right`() throws {
        let mock = try TestMock()
        let content = String(repeating: "0123456789", count: 500_000)
        let reply = mock.client().post(#"{"model":"m","messages":[{"content":"\#(content)"}]}"#)
        #expect(reply.json?["usage"]?["prompt_tokens"]?.integer == 1_250_000)
    }

    @Test func `two hundred streams at once are all complete`() throws {
        let mock = try TestMock()
        let clients = (0..<200).map { _ in mock.client() }
        for client in clients { client.send(TestClient.request(Self.stream, mock: "ttft=20ms,interval=2ms")) }
        #expect(clients.allSatisfy { $0.reply().contentChunks == 20 })
        #expect(mock.total("chunks_sent") == 4000 && mock.total("open_streams") == 0)
    }

    // MARK: - Time

    @Test func `latency, time to first token and interval are kept`() throws {
        let mock = try TestMock()
        let start = ContinuousClock.now
        _ = mock.client().post(Self.chat(), mock: "latency=60ms")
        let whole = ContinuousClock.now - start
        #expect(whole >= .milliseconds(60))
        let second = ContinuousClock.now
        _ = mock.client().post(Self.stream, mock: "ttft=50ms,interval=10ms,tokens=6")
        let stream = ContinuousClock.now - second
        #expect(stream >= .milliseconds(100))
    }
}

extension TestClient {
    /// A chat.
    func post(_ body: String, mock: String? = nil, headers: [String] = ["Authorization: Bearer test"]) -> Reply {
        post("/v1/chat/completions", body, mock: mock, headers: headers)
    }

    static func request(_ body: String, mock: String? = nil) -> String {
        request("/v1/chat/completions", body, mock: mock, headers: ["Authorization: Bearer test"])
    }
}

extension String {
    func replacing(_ old: String, with new: String) -> String {
        guard let start = utf8.firstRange(of: old) else { return self }
        return String(self[..<start]) + new + String(self[start...].dropFirst(old.count))
    }
}

extension String.UTF8View {
    fileprivate func firstRange(of text: String) -> String.Index? {
        indices.first { self[$0...].starts(with: text.utf8) }
    }
}
