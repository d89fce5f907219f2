import Glibc
import Testing

@testable import MockProvider

/// Every fault over real sockets, and what it bills. Prompt 3 tokens, prices 150 and 600.
@Suite struct FaultTests {
    static let whole = MockServerTests.chat()
    static let stream = MockServerTests.stream
    static let fullBill = 450 + 20 * 600

    /// Sends one request to a fresh mock.
    static func meet(_ control: String, stream: Bool) throws -> (reply: TestClient.Reply, mock: TestMock) {
        let mock = try TestMock()
        let client = mock.client()
        return (client.post(stream ? Self.stream : whole, mock: control), mock)
    }

    static func attempt(_ mock: TestMock) -> (ended: String?, bill: Int?, chunks: Int?, fault: String?) {
        let row = mock.attempts.first
        return (row?["ended"]?.text, row?["bill_nanos"]?.integer, row?["chunks"]?.integer, row?["fault"]?.text)
    }

    @Test(arguments: [false, true]) func `a status fault bills nothing and carries Retry-After`(_ stream: Bool) throws {
        for status in [400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504, 529] {
            let (reply, mock) = try Self.meet("fault=\(status),retry_after=7,code=my_code,message=so", stream: stream)
            #expect(reply.status == status && reply.isComplete)
            #expect(reply.headers["retry-after"] == "7")
            #expect(reply.json?["error"]?["code"]?.text == "my_code")
            #expect(reply.json?["error"]?["message"]?.text == "so")
            #expect(Self.attempt(mock) == ("error", 0, 0, String(status)))
        }
    }

    @Test func `named errors have their codes`() throws {
        let (length, _) = try Self.meet("fault=context_length", stream: false)
        #expect(length.status == 400 && length.json?["error"]?["code"]?.text == "context_length_exceeded")
        let (quota, _) = try Self.meet("fault=quota", stream: true)
        #expect(quota.status == 429 && quota.json?["error"]?["type"]?.text == "insufficient_quota")
    }

    @Test func `controls travel in the model's name and in the body too`() throws {
        let mock = try TestMock()
        let client = mock.client()
        let named = client.post(
            #"{"model":"mock-gpt?fault=429&retry_after=2","messages":[{"role":"user","content":"x"}]}"#)
        #expect(named.status == 429 && named.headers["retry-after"] == "2")
        let escaped = client.post(#"{"model":"mock-gpt?fault=503\u0026retry_after=3","messages":[]}"#)
        #expect(escaped.status == 503 && escaped.headers["retry-after"] == "3")
        let member = client.post(MockServerTests.chat(#","x_mock":"fault=500""#))
        #expect(member.status == 500)
        #expect(mock.attempts.allSatisfy { $0["model"]?.text == "mock-gpt" })
    }

    @Test func `an unknown control is a 400 that names it`() throws {
        let (reply, _) = try Self.meet("falt=429", stream: false)
        #expect(reply.status == 400 && reply.json?["error"]?["code"]?.text == "mock_control")
        #expect(reply.text.contains("falt"))
    }

    @Test(arguments: [false, true]) func `a cut before the first byte bills nothing`(_ stream: Bool) throws {
        let (fin, mock) = try Self.meet("fault=cut", stream: stream)
        #expect(fin.status == 0 && !fin.wasReset)
        #expect(Self.attempt(mock) == ("cut", 0, 0, "cut"))
        let (rst, _) = try Self.meet("fault=cut,rst=1", stream: stream)
        #expect(rst.status == 0 && rst.wasReset)
    }

    @Test func `a stream cut after k chunks bills the prompt and k`() throws {
        for chunks in [0, 1, 5, 20] {
            let (reply, mock) = try Self.meet("fault=cut_chunk,after=\(chunks)", stream: true)
            #expect(reply.status == 200 && !reply.isComplete)
            #expect(reply.contentChunks == chunks)
            #expect(Self.attempt(mock) == ("cut", 450 + 600 * chunks, chunks, "cut_chunk"))
        }
    }

    @Test func `a stream cut inside of a chunk does not bill that chunk`() throws {
        let (reply, mock) = try Self.meet("fault=cut_inside,after=4", stream: true)
        #expect(!reply.isComplete && reply.contentChunks == 4)
        #expect(reply.text.contains("data: ") && !reply.text.hasSuffix("\n\n"))
        #expect(Self.attempt(mock) == ("cut", 450 + 600 * 4, 4, "cut_inside"))
    }

    @Test(arguments: ["cut_chunk", "cut_inside"])
    func `a whole answer that is cut was produced, so it bills in full`(_ fault: String) throws {
        let (reply, mock) = try Self.meet("fault=\(fault)", stream: false)
        #expect(reply.status == 200 && !reply.isComplete && !reply.body.isEmpty)
        #expect(Self.attempt(mock) == ("cut", Self.fullBill, 0, fault))
    }

    @Test(arguments: [false, true]) func `a stall of some time ends in the answer`(_ stream: Bool) throws {
        let start = ContinuousClock.now
        let (reply, mock) = try Self.meet("fault=stall,for=80ms", stream: stream)
        #expect(ContinuousClock.now - start >= .milliseconds(80))
        #expect(reply.isComplete)
        #expect(Self.attempt(mock) == ("complete", Self.fullBill, stream ? 20 : 0, "stall"))
        let (late, lateMock) = try Self.meet("fault=stall_chunk,for=80ms,after=2", stream: stream)
        #expect(late.isComplete)
        #expect(Self.attempt(lateMock).bill == Self.fullBill)
    }

    @Test func `a stall for ever ends when the client leaves, and bills what was sent`() throws {
        let mock = try TestMock()
        for (control, bill) in [("fault=stall", 0), ("fault=stall_chunk,after=2", 450 + 2 * 600)] {
            do {
                let client = mock.client()
                client.send(TestClient.request(Self.stream, mock: control))
                #expect(mock.waits { $0.total("open") == 1 })
                usleep(20_000)
            }
            #expect(mock.waits { $0.total("open") == 0 })
            let row = mock.attempts.last
            #expect(row?["ended"]?.text == "client_gone" && row?["bill_nanos"]?.integer == bill)
        }
        #expect(mock.total("aborted_by_client") == 2)
        #expect(mock.stats?["disconnects"]?.elements?.map { $0["chunks"]?.integer } == [0, 2])
    }

    @Test func `a client that leaves a stream pays for the chunks it was sent`() throws {
        let mock = try TestMock()
        do {
            let client = mock.client()
            client.send(TestClient.request(Self.stream, mock: "interval=30ms,tokens=1000"))
            #expect(mock.waits { $0.total("open") == 1 })
            usleep(100_000)
        }
        #expect(mock.waits { $0.total("open") == 0 })
        let row = Self.attempt(mock)
        let chunks = try #require(row.chunks)
        #expect((1..<1000).contains(chunks))
        #expect(row.ended == "client_gone" && row.bill == 450 + 600 * chunks)
    }

    @Test func `a client that leaves before a whole answer was produced pays nothing`() throws {
        let mock = try TestMock()
        do {
            let client = mock.client()
            client.send(TestClient.request(Self.whole, mock: "latency=5s"))
            #expect(mock.waits { $0.total("open") == 1 })
        }
        #expect(mock.waits { $0.total("aborted_by_client") == 1 })
        #expect(Self.attempt(mock) == ("client_gone", 0, 0, nil))
    }

    @Test func `bad JSON is bad, and paid for`() throws {
        let (whole, mock) = try Self.meet("fault=bad_json", stream: false)
        #expect(whole.status == 200 && whole.isComplete && whole.json == nil)
        #expect(Self.attempt(mock) == ("complete", Self.fullBill, 0, "bad_json"))
        let (reply, streamMock) = try Self.meet("fault=bad_json,after=2", stream: true)
        #expect(reply.events.count { JSONValue(text: $0) == nil && $0 != "[DONE]" } == 1)
        #expect(Self.attempt(streamMock).bill == Self.fullBill)
    }

    @Test(arguments: [false, true]) func `what is no API answer bills nothing`(_ stream: Bool) throws {
        let (html, mock) = try Self.meet("fault=wrong_type", stream: stream)
        #expect(html.status == 200 && html.headers["content-type"] == "text/html; charset=utf-8")
        #expect(Self.attempt(mock) == ("error", 0, 0, "wrong_type"))
        let (empty, _) = try Self.meet("fault=empty", stream: stream)
        #expect(empty.status == 200 && empty.body.isEmpty && empty.isComplete)
        let (moved, movedMock) = try Self.meet("fault=redirect,location=http://example.com/x", stream: stream)
        #expect(moved.status == 302 && moved.headers["location"] == "http://example.com/x")
        #expect(Self.attempt(movedMock).bill == 0)
    }

    @Test func `a huge answer is as large as told, whole and streamed`() throws {
        let (whole, mock) = try Self.meet("fault=huge,mb=3", stream: false)
        #expect(whole.isComplete && whole.body.count > 3_000_000)
        #expect(whole.json?["choices"]?[0]?["message"]?["content"]?.text?.utf8.count == 3_000_000)
        #expect(Self.attempt(mock).bill == 450 + 184 * 600)
        let (reply, streamMock) = try Self.meet("fault=huge,mb=3", stream: true)
        #expect(reply.streamedText.utf8.count == 3_000_000)
        #expect(Self.attempt(streamMock) == ("complete", 450 + 184 * 600, 184, "huge"))
    }

    @Test func `a slow reader pauses the answer: memory and bill stay bounded`() throws {
        let mock = try TestMock(["--send-buffer", "65536"])
        do {
            let client = mock.client()
            client.send(TestClient.request(Self.stream, mock: "fault=huge,mb=500"))
            #expect(mock.waits { $0.total("open") == 1 })
            usleep(300_000)
        }
        #expect(mock.waits { $0.total("open") == 0 })
        // What the kernel's buffers took; the other 490 MB were never made.
        #expect((Self.attempt(mock).chunks ?? .max) < 1000)
    }

    @Test func `a drip comes in pieces`() throws {
        let start = ContinuousClock.now
        let (reply, mock) = try Self.meet("fault=drip,drip_bytes=200,drip_interval=10ms", stream: false)
        #expect(reply.isComplete && ContinuousClock.now - start >= .milliseconds(40))
        #expect(Self.attempt(mock).bill == Self.fullBill)
        let (stream, _) = try Self.meet("fault=drip,drip_bytes=1000,drip_interval=2ms", stream: true)
        #expect(stream.isComplete && stream.contentChunks == 20)
    }

    @Test func `an error event ends the stream without DONE`() throws {
        let (reply, mock) = try Self.meet("fault=error_event,after=2,code=boom", stream: true)
        #expect(reply.isComplete && reply.contentChunks == 2)
        #expect(reply.chunks.last?["error"]?["code"]?.text == "boom")
        #expect(!reply.events.contains("[DONE]"))
        #expect(Self.attempt(mock) == ("error", 450 + 2 * 600, 2, "error_event"))
    }

    @Test func `usage can be missing, everywhere, or without an end`() throws {
        let (none, _) = try Self.meet("fault=no_usage", stream: true)
        #expect(none.chunks.allSatisfy { $0["usage"] == nil } && none.events.last == "[DONE]")
        let (wholeNone, mock) = try Self.meet("fault=no_usage", stream: false)
        #expect(wholeNone.json?["usage"] == nil && Self.attempt(mock).bill == Self.fullBill)
        let (every, _) = try Self.meet("fault=usage_every", stream: true)
        let counts = every.chunks.compactMap { $0["usage"]?["completion_tokens"]?.integer }
        #expect(counts == Array(1...20) + [20])
        let (noDone, _) = try Self.meet("fault=no_done", stream: true)
        #expect(noDone.isComplete && !noDone.events.contains("[DONE]"))
    }

    @Test func `usage in every chunk goes together with a fault, and says what is billed`() throws {
        for fault in ["cut_chunk", "cut_inside", "error_event"] {
            let (reply, mock) = try Self.meet("usage=each,fault=\(fault),after=6", stream: true)
            let last = reply.chunks.compactMap { $0["usage"]?["completion_tokens"]?.integer }.last
            #expect(last == 6 && reply.contentChunks == 6)
            #expect(Self.attempt(mock).bill == 450 + 6 * 600)
        }
        let (none, _) = try Self.meet("usage=none", stream: false)
        #expect(none.isComplete && none.json?["usage"] == nil)
    }

    @Test(arguments: [false, true]) func `invalid UTF-8 is in the text`(_ stream: Bool) throws {
        let (reply, _) = try Self.meet("fault=bad_utf8", stream: stream)
        #expect(reply.isComplete && reply.body.contains(0xFF))
        #expect(String(validating: reply.body, as: UTF8.self) == nil)
    }

    @Test(arguments: [false, true]) func `a hang-up comes after the answer, unannounced`(_ stream: Bool) throws {
        let mock = try TestMock()
        let client = mock.client()
        let reply = client.post(stream ? Self.stream : Self.whole, mock: "hangup=1")
        #expect(reply.isComplete && reply.headers["connection"] == "keep-alive")
        #expect(client.isClosed)
        #expect(Self.attempt(mock).bill == Self.fullBill)
    }

    @Test func `a header flood is one`() throws {
        let (reply, _) = try Self.meet("fault=header_flood,headers=300", stream: false)
        #expect(reply.headers.keys.count { $0.hasPrefix("x-flood-") } == 300 && reply.isComplete)
    }

    @Test func `CRLF, comments and keep-alives change nothing of what is said`() throws {
        let (reply, _) = try Self.meet("crlf=1,comments=1,keepalive=10ms,ttft=60ms", stream: true)
        #expect(reply.lines.allSatisfy { $0.utf8.last == 0x0D })
        #expect(reply.contentChunks == 20 && reply.events.last == "[DONE]")
        #expect(reply.lines.count { $0.hasPrefix(": keep-alive") } >= 24 + 3)
    }

    @Test func `rules hit the requests they name, and the books say so`() throws {
        let mock = try TestMock()
        let client = mock.client()
        let rules = #"{"rules":[{"model":"mock-gpt","every":3,"fault":"500","retry_after":1}]}"#
        #expect(client.post("/_mock/faults", rules).status == 200)
        let statuses = (0..<6).map { _ in client.post(Self.whole).status }
        #expect(statuses == [200, 200, 500, 200, 200, 500])
        let other = #"{"model":"other","messages":[]}"#
        #expect((0..<3).map { _ in client.post(other).status } == [200, 200, 200])
        #expect(mock.stats?["models"]?["mock-gpt"]?["faults"]?["500"]?.integer == 2)
        let listed = client.get("/_mock/faults").json?["rules"]?[0]
        #expect(listed?["seen"]?.integer == 6 && listed?["fired"]?.integer == 2)
        #expect(client.post("/_mock/faults", #"{"rules":[{"falt":1}]}"#).status == 400)
        #expect(client.post("/_mock/reset?rules=1", "").status == 200)
        #expect((0..<3).map { _ in client.post(Self.whole).status } == [200, 200, 200])
        #expect(mock.total("requests") == 3)
    }

    @Test func `the gateway's attempt id is kept beside what was answered`() throws {
        let mock = try TestMock()
        let client = mock.client()
        let reply = client.post(Self.whole, headers: ["Authorization: Bearer x", "x-client-request-id: 8123456789"])
        let row = mock.attempts.first
        #expect(row?["attempt_id"]?.text == "8123456789")
        #expect(row?["request_id"]?.text == reply.headers["x-request-id"])
    }

    @Test func `the sum of a mixed day is the sum of its attempts`() throws {
        let mock = try TestMock()
        let controls = [
            "tokens=3", "fault=429", "fault=cut_chunk,after=2", "fault=error_event,after=4", "tokens=11",
            "fault=cut", "fault=bad_json", "fault=no_usage", "fault=wrong_type", "fault=cut_inside,after=1",
        ]
        for number in 0..<100 {
            let body = number % 2 == 0 ? Self.whole : Self.stream
            _ = mock.client().post(body, mock: controls[number % controls.count])
        }
        let attempts = mock.attempts
        #expect(attempts.count == 100)
        #expect(attempts.reduce(0) { $0 + ($1["bill_nanos"]?.integer ?? 0) } == mock.total("bill_nanos"))
        for row in attempts {
            let prompt = row["prompt_tokens"]?.integer ?? 0
            let completion = row["completion_tokens"]?.integer ?? 0
            #expect(row["bill_nanos"]?.integer == prompt * 150 + completion * 600)
        }
    }
}
