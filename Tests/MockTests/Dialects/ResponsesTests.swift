import Testing

@testable import MockProvider

@Suite struct ResponsesTests {
    private static func ask(_ client: TestClient, _ members: String) -> TestClient.Reply {
        client.post("/v1/responses", #"{"model":"m",\#(members)}"#)
    }

    private static let tools =
        #""tools":[{"type":"function","name":"add","parameters":{"type":"object","properties":{"a":{"type":"integer"}}}}]"#
    private static let thinks =
        #""reasoning":{"effort":"low","summary":"auto"},"include":["reasoning.encrypted_content"]"#

    private static func text(_ value: JSONValue?) -> String { String(decoding: value?.serialized ?? [], as: UTF8.self) }

    @Test func `a stream numbers its events and tells every item's life`() throws {
        let reply = Self.ask(
            try TestMock().client(),
            #""stream":true,"input":"explain and call add {\"a\":1}",\#(Self.tools),\#(Self.thinks)"#)
        let chunks = reply.chunks
        #expect(chunks.map { $0["sequence_number"]?.integer } == Array(0..<chunks.count))
        let types = chunks.compactMap { $0["type"]?.text }
        #expect(types.prefix(3) == ["response.created", "response.in_progress", "response.output_item.added"])
        #expect(types.last == "response.completed")
        let done = chunks.filter { $0["type"]?.text == "response.output_item.done" }.compactMap { $0["item"] }
        #expect(done.compactMap { $0["type"]?.text } == ["reasoning", "message", "function_call"])
        #expect(.array(done) == chunks.last?["response"]?["output"])
        let arguments = chunks.filter { $0["type"]?.text == "response.function_call_arguments.delta" }
        #expect(arguments.compactMap { $0["delta"]?.text }.joined() == #"{"a":1}"#)
    }

    @Test func `a conversation goes on by id, and by items`() throws {
        let client = try TestMock().client()
        let first = Self.ask(client, #""input":"call add {\"a\":1}",\#(Self.tools),\#(Self.thinks)"#)
        let id = try #require(first.json?["id"]?.text)
        let call = try #require(first.json?["output"]?[1]?["call_id"]?.text)
        let output = #"{"type":"function_call_output","call_id":"\#(call)","output":"42"}"#
        let byID = Self.ask(client, #""previous_response_id":"\#(id)","input":[\#(output)]"#)
        #expect(byID.text.contains("tool results: [\(call) add] 42"), "\(byID.text)")
        let user = #"{"role":"user","content":"x"}"#
        let items = Self.text(first.json?["output"]).dropFirst().dropLast()
        #expect(Self.ask(client, #""input":[\#(user),\#(items),\#(output)]"#).status == 200)
        let sealed = try #require(first.json?["output"]?[0]?["encrypted_content"]?.text)
        let changed = items.replacing(sealed, with: "A" + sealed.dropFirst())
        let refused = Self.ask(client, #""input":[\#(user),\#(changed),\#(output)]"#)
        #expect(refused.json?["error"]?["code"]?.text == "invalid_encrypted_content")
        let lone = Self.text(first.json?["output"]?[1])
        #expect(Self.ask(client, #""input":[\#(user),\#(lone),\#(output)]"#).text.contains("required 'reasoning' item"))
        #expect(Self.ask(client, #""input":[\#(output)]"#).text.contains("No tool call found"))
        #expect(
            Self.ask(client, #""previous_response_id":"resp_no","input":"x""#).text.contains(
                "previous_response_not_found"))
    }

    @Test func `responses are remembered, listed, deleted and cancelled`() throws {
        let client = try TestMock().client()
        let first = Self.ask(client, #""input":"hello""#)
        let id = try #require(first.json?["id"]?.text)
        #expect(client.get("/v1/responses/\(id)").json == first.json)
        let items = client.get("/v1/responses/\(id)/input_items").json
        #expect(items?["data"]?[0]?["content"]?[0]?["text"]?.text == "hello")
        #expect(client.post("/v1/responses/\(id)/cancel", "").status == 400)
        client.send("DELETE /v1/responses/\(id) HTTP/1.1\r\nHost: m\r\nAuthorization: Bearer k\r\n\r\n")
        #expect(client.reply().json?["deleted"]?.isTrue == true)
        #expect(client.get("/v1/responses/\(id)").status == 404)
        let background = Self.ask(client, #""input":"hello","background":true"#).json
        #expect(background?["status"]?.text == "queued")
        let cancelled = client.post("/v1/responses/\(background?["id"]?.text ?? "")/cancel", "").json
        #expect(cancelled?["status"]?.text == "cancelled")
        let forgotten = Self.ask(client, #""input":"hello","store":false"#).json?["id"]?.text ?? ""
        #expect(client.get("/v1/responses/\(forgotten)").status == 404)
    }

    @Test func `input items come by order, limit and after of the query`() throws {
        let client = try TestMock().client()
        let input = ["a", "b", "c"].map { #"{"role":"user","content":"\#($0)"}"# }.joined(separator: ",")
        let id = try #require(Self.ask(client, #""input":[\#(input)]"#).json?["id"]?.text)
        func list(_ query: String) -> JSONValue? { client.get("/v1/responses/\(id)/input_items\(query)").json }
        func texts(_ query: String) -> [String?] {
            list(query)?["data"]?.elements?.map { $0["content"]?[0]?["text"]?.text } ?? []
        }
        #expect(texts("") == ["c", "b", "a"] && texts("?order=desc") == ["c", "b", "a"])
        #expect(texts("?order=asc") == ["a", "b", "c"])
        let first = list("?order=asc&limit=2")
        #expect(first?["has_more"]?.isTrue == true)
        let last = try #require(first?["last_id"]?.text)
        #expect(texts("?order=asc&after=\(last)") == ["c"])
        #expect(list("?order=asc&after=\(last)")?["has_more"]?.isTrue == false)
        let bogus = [("order", "sideways"), ("limit", "0"), ("limit", "101"), ("limit", "x"), ("after", "no")]
        for (name, value) in bogus {
            let refused = client.get("/v1/responses/\(id)/input_items?\(name)=\(value)")
            #expect(refused.status == 400 && refused.json?["error"]?["param"]?.text == name, "\(name)=\(value)")
        }
    }

    @Test func `what was streamed is streamed again, from any event on; what was not is told whole`() throws {
        let client = try TestMock().client()
        let first = Self.ask(client, #""stream":true,"input":"hello""#).chunks
        let id = try #require(first.first?["response"]?["id"]?.text)
        #expect(client.get("/v1/responses/\(id)?stream=true").chunks == first)
        #expect(client.get("/v1/responses/\(id)?stream=true&starting_after=2").chunks == Array(first.dropFirst(3)))
        #expect(client.get("/v1/responses/\(id)?stream=true&starting_after=99").chunks.isEmpty)
        #expect(client.get("/v1/responses/\(id)").json == first.last?["response"])
        let whole = Self.ask(client, #""input":"hello""#).json
        #expect(client.get("/v1/responses/\(whole?["id"]?.text ?? "")?stream=true").json == whole)
    }

    @Test func `counting, compacting, searching and a schema`() throws {
        let client = try TestMock().client()
        let count = client.post("/v1/responses/input_tokens", #"{"model":"m","input":"hello world"}"#).json
        #expect(count?["input_tokens"]?.integer == 3)
        let compact = client.post("/v1/responses/compact", #"{"model":"m","input":"hello world"}"#).json
        #expect(compact?["object"]?.text == "response.compaction")
        let items = Self.text(compact?["output"]).dropFirst().dropLast()
        #expect(Self.ask(client, #""input":[\#(items),{"role":"user","content":"go on"}]"#).status == 200)
        let search = Self.ask(client, #""input":"search swift","tools":[{"type":"web_search"}]"#).json
        #expect(search?["output"]?[0]?["type"]?.text == "web_search_call")
        #expect(search?["output"]?[1]?["content"]?[0]?["annotations"]?[0]?["type"]?.text == "url_citation")
        let schema =
            #"{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}"#
        let format = #""text":{"format":{"type":"json_schema","name":"n","strict":true,"schema":\#(schema)}}"#
        let instance = Self.ask(client, #""input":"x",\#(format)"#).json
        #expect(instance?["output"]?[0]?["content"]?[0]?["text"]?.text == #"{"a":7}"#)
        let mode = #""text":{"format":{"type":"json_object"}}"#
        let said = #""instructions":"be brief","input":[{"role":"developer","content":"JSON"}],\#(mode)"#
        #expect(Self.ask(client, said).status == 200)
    }

    @Test func `a compaction takes the members of its own endpoint and no others`() throws {
        let client = try TestMock().client()
        let known = #""instructions":"be brief","prompt_cache_key":"k","service_tier":"auto""#
        #expect(client.post("/v1/responses/compact", #"{"model":"m","input":"x",\#(known)}"#).status == 200)
        for member in ["max_output_tokens", "temperature", "tools", "store"] {
            let reply = client.post("/v1/responses/compact", #"{"model":"m","input":"x","\#(member)":null}"#)
            let error = reply.json?["error"]
            #expect(reply.status == 400 && error?["code"]?.text == "unknown_parameter", "\(reply.text)")
            #expect(error?["param"]?.text == member && error?["message"]?.text == "Unknown parameter: '\(member)'.")
        }
    }

    @Test(
        arguments: [
            (#"{"data":"UklGRg==","format":"wav"}"#, nil),
            (#"{"data":"SUQz","format":"mp3"}"#, nil),
            (#"{"data":"SUQz","format":"ogg"}"#, "input[0].content[0].input_audio.format"),
            (#"{"data":"SUQz"}"#, "input[0].content[0].input_audio.format"),
            (#"{"format":"wav"}"#, "input[0].content[0].input_audio.data"),
            (#"{"data":"?","format":"wav"}"#, "input[0].content[0].input_audio.data"),
            ("null", "input[0].content[0].input_audio"),
        ] as [(String, String?)])
    func `a sound is base64 and its format`(_ sound: String, _ fault: String?) throws {
        let part = #"{"type":"input_audio","input_audio":\#(sound)}"#
        let reply = Self.ask(try TestMock().client(), #""input":[{"role":"user","content":[\#(part)]}]"#)
        #expect(reply.status == (fault == nil ? 200 : 400), "\(reply.text)")
        #expect(reply.json?["error"]?["param"]?.text == fault)
    }

    @Test(arguments: [
        (#""input":"x","max_tokens":1"#, "Unknown parameter: 'max_tokens'."),
        (#""input":"x","max_output_tokens":5"#, "Expected a value >= 16"),
        (
            #""instructions":"Speak JSON","input":"x","text":{"format":{"type":"json_object"}}"#,
            "Response input messages must contain the word 'json'"
        ),
        (#""input":[{"role":"tool","content":"x"}]"#, "Invalid value: 'tool'"),
        (
            #""input":[{"role":"assistant","content":[{"type":"input_text","text":"x"}]}]"#,
            "'output_text' and 'refusal'"
        ),
        (
            #""input":[{"type":"function_call","id":"call_1","call_id":"c","name":"n","arguments":"{}"}]"#,
            "begins with 'fc'"
        ),
        (#""input":[{"type":"function_call","call_id":"c","name":"n","arguments":"{}"}]"#, "No tool output found"),
        (#""input":"x","tools":[{"type":"function","function":{"name":"n"}}]"#, "'tools[0].name'"),
        (
            #""input":"x","tools":[{"type":"function","name":"n","strict":true,"parameters":{"type":"object"}}]"#,
            "additionalProperties"
        ),
    ]) func `what OpenAI refuses is refused in its words`(_ members: String, _ words: String) throws {
        let reply = Self.ask(try TestMock().client(), members)
        #expect(reply.status == 400 && reply.json?["error"]?["type"]?.text == "invalid_request_error")
        #expect(reply.json?["error"]?["message"]?.text?.contains(words) == true, "\(reply.text)")
    }
}
