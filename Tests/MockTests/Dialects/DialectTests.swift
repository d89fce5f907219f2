import Testing

@testable import MockProvider

/// What holds in every dialect: `hello world` is 3 tokens, the usual answer 20.
@Suite struct DialectTests {
    @Test(arguments: SpokenDialect.all) func `whole and streamed cost the same`(_ dialect: SpokenDialect) throws {
        let mock = try TestMock()
        let client = mock.client()
        let whole = dialect.ask(client)
        #expect(whole.status == 200 && whole.isComplete, "\(whole.text)")
        #expect(whole.text.utf8.count > 100 && whole.json != nil)
        let stream = dialect.ask(client, streams: true)
        #expect(stream.status == 200 && stream.isComplete)
        let attempts = mock.attempts
        #expect(attempts.map { $0["prompt_tokens"]?.integer } == [3, 3])
        #expect(attempts.map { $0["completion_tokens"]?.integer } == [20, 20])
        #expect(attempts.map { $0["bill_nanos"]?.integer } == [12_450, 12_450])
        #expect(attempts.map { $0["ended"]?.text } == ["complete", "complete"])
        let name = attempts[0]["endpoint"]?.text ?? ""
        #expect(mock.stats?["endpoints"]?[name]?["bill_nanos"]?.integer == 24_900)
    }

    @Test(arguments: SpokenDialect.all) func `an error has the dialect's body and Retry-After`(
        _ dialect: SpokenDialect
    ) throws {
        let client = try TestMock().client()
        for streams in [false, true] {
            let reply = dialect.ask(client, mock: "fault=429,retry_after=7,message=slow", streams: streams)
            #expect(reply.status == 429)
            #expect(reply.headers["retry-after"] == "7")
            #expect(reply.json?.at(dialect.errorPath)?.text == "slow")
        }
        let cut = dialect.ask(try TestMock().client(), mock: "fault=cut")
        #expect(cut.status == 0)
    }

    @Test(arguments: SpokenDialect.all) func `a cut stream is billed for what was sent`(
        _ dialect: SpokenDialect
    ) throws {
        let mock = try TestMock()
        let reply = dialect.ask(mock.client(), mock: "fault=cut_chunk,after=4", streams: true)
        #expect(reply.status == 200 && !reply.isComplete)
        #expect(mock.attempts.first?["completion_tokens"]?.integer == 4)
        #expect(mock.attempts.first?["ended"]?.text == "cut")
    }

    @Test(arguments: SpokenDialect.all) func `the other faults strike everywhere`(_ dialect: SpokenDialect) throws {
        let mock = try TestMock()
        let broken = dialect.ask(mock.client(), mock: "fault=bad_json")
        #expect(broken.status == 200 && broken.json == nil)
        let html = dialect.ask(mock.client(), mock: "fault=wrong_type", streams: true)
        #expect(html.headers["content-type"]?.hasPrefix("text/html") == true)
        let failed = dialect.ask(mock.client(), mock: "fault=error_event,after=2,message=gone", streams: true)
        #expect(failed.text.contains("gone") && failed.isComplete)
        let whole = dialect.ask(mock.client(), streams: true)
        let noEnd = dialect.ask(mock.client(), mock: "fault=no_done", streams: true)
        #expect(noEnd.isComplete && noEnd.body.count < whole.body.count)
        let noUsage = dialect.ask(mock.client(), mock: "fault=no_usage")
        #expect(!noUsage.text.contains("okens\":3") && !noUsage.text.contains("okenCount\":3"))
        let huge = dialect.ask(mock.client(), mock: "fault=huge,mb=1", streams: true)
        #expect(huge.isComplete && huge.body.count > 1_000_000)
    }

    @Test(arguments: SpokenDialect.all) func `what is no JSON, or of an unknown model, is refused`(
        _ dialect: SpokenDialect
    ) throws {
        let client = try TestMock(["--models", "other"]).client()
        let reply = client.post(dialect.whole, "{", headers: dialect.headers)
        #expect(reply.status == 400 && reply.json?.at(dialect.errorPath)?.text != nil)
        let unknown = dialect.ask(client)
        #expect(unknown.status == 404 || unknown.status == 400)
    }

    @Test(arguments: SpokenDialect.all.filter { $0.name != "ollama" }) func `the key has one right place`(
        _ dialect: SpokenDialect
    ) throws {
        let client = try TestMock().client()
        // Anthropic takes a bearer too.
        let takesBearer = dialect.headers[0].hasPrefix("Auth") || dialect.name == "messages"
        let wrong = takesBearer ? ["api-key: k", "anthropic-version: 2023-06-01"] : ["Authorization: Bearer k"]
        let reply = client.post(dialect.whole, dialect.body, headers: wrong)
        #expect([401, 403].contains(reply.status), "\(reply.text)")
    }

    @Test func `requests are kept when asked for`() throws {
        let mock = try TestMock()
        let client = mock.client()
        _ = SpokenDialect.all[0].ask(client)
        #expect(client.get("/_mock/requests").json?["requests"]?.elements?.isEmpty == true)
        #expect(client.post("/_mock/requests?keep=2", "").status == 200)
        for dialect in SpokenDialect.all.prefix(3) { _ = dialect.ask(client) }
        let kept = try #require(client.get("/_mock/requests").json?["requests"]?.elements)
        #expect(kept.map { $0["seq"]?.integer } == [3, 4])
        #expect(kept[0]["url"]?.text == "/model/m/invoke")
        #expect(kept[0]["body"]?.text == SpokenDialect.all[1].body)
        let headers = kept[0]["headers"]?.elements ?? []
        #expect(headers.contains { $0[0]?.text == "Authorization" && $0[1]?.text == "Bearer test" })
    }

    @Test func `a signature is recognized only as it was issued, for what it was issued`() {
        let text = Array("thought".utf8)
        let signature = Array(Signature.make(.thinking, of: text).utf8)
        #expect(Signature.isGenuine(signature, .thinking, of: text))
        #expect(!Signature.isGenuine(signature, .redacted, of: text))
        #expect(!Signature.isGenuine(signature, .thinking, of: Array("thoughts".utf8)))
        for index in signature.indices {
            var changed = signature
            changed[index] = changed[index] == 0x41 ? 0x42 : 0x41
            #expect(!Signature.isGenuine(changed, .thinking, of: text))
        }
        #expect(!Signature.isGenuine(Array(signature.dropLast()), .thinking, of: text))
    }

    @Test func `SHA-256, CRC-32 and base64 give the known answers`() {
        #expect(
            SHA256.hex(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(SHA256.hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(Base64.text(Array("ab".utf8)) == "YWI=")
        #expect(Base64.decoded(Array("YWI=".utf8)) == Array("ab".utf8))
        #expect(Base64.decoded(Array("Y*I=".utf8)) == nil)
    }

    @Test func `triggers are found in their order, with their arguments`() {
        let tools = [Prompt.Tool(name: "add"), Prompt.Tool(name: "say-it")]
        let found = Trigger(text: Array(#"call add {"a":[1,{}]} and call say-it. recall add; call no {"x":1}"#.utf8))
            .calls(among: tools)
        #expect(found.calls.map(\.name) == ["add", "say-it"])
        #expect(found.calls[0].arguments == JSONValue(text: #"{"a":[1,{}]}"#))
        #expect(found.calls[1].arguments == nil)
        #expect(found.unknown == ["no"])
    }
}
