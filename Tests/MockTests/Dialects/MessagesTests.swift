import Testing

@testable import MockProvider

@Suite struct MessagesTests {
    private static let tools =
        #""tools":[{"name":"add","input_schema":{"type":"object","properties":{"a":{"type":"integer"}}}}]"#
    private static let thinks = #""thinking":{"type":"enabled","budget_tokens":1024}"#

    private static func body(_ members: String, _ messages: String) -> String {
        #"{"model":"m","max_tokens":2000,\#(members.isEmpty ? "" : members + ",")"messages":[\#(messages)]}"#
    }

    private static func user(_ text: String) -> String { #"{"role":"user","content":"\#(text)"}"# }

    private static let calledTwice: String = {
        let call = #",{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"n","input":{}}]}"#
        let answer = #",{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]}"#
        return user("x") + call + answer + call + answer
    }()
    private static let citesNothing = cites("")
    private static let citesOthers = cites("aWR4")

    private static func cites(_ index: String) -> String {
        let page = #""cited_text":"x","url":"https://a","title":"A","encrypted_index":"\#(index)""#
        let citation = #"{"type":"web_search_result_location",\#(page)}"#
        return user("x")
            + #",{"role":"assistant","content":[{"type":"text","text":"x","citations":[\#(citation)]}]}"#
    }

    private static let asksTwice = user(#"call add {\"a\":1} call add {\"a\":2}"#)

    @Test func `a stream has the block lifecycle and ends with message_stop`() throws {
        let reply = try TestMock().client().messages(
            Self.body(#""stream":true,\#(Self.thinks),\#(Self.tools)"#, Self.asksTwice))
        let types = reply.chunks.compactMap { $0["type"]?.text }
        #expect(reply.lines.filter { $0.hasPrefix("event: ") }.map { String($0.dropFirst(7)) } == types)
        #expect(types.first == "message_start" && types.last == "message_stop" && types.contains("ping"))
        let starts = reply.chunks.filter { $0["type"]?.text == "content_block_start" }
        #expect(starts.map { $0["index"]?.integer } == [0, 1, 2])
        #expect(starts.compactMap { $0["content_block"]?["type"]?.text } == ["thinking", "tool_use", "tool_use"])
        #expect(types.count { $0 == "content_block_stop" } == 3)
        let last = reply.chunks.last { $0["type"]?.text == "message_delta" }
        #expect(last?["delta"]?["stop_reason"]?.text == "tool_use")
    }

    @Test func `thinking and calls come back, and the results are told with their ids`() throws {
        let client = try TestMock().client()
        let setup = "\(Self.thinks),\(Self.tools)"
        let first = client.messages(Self.body(setup, Self.asksTwice))
        let content = try #require(first.json?["content"])
        let ids = (content.elements ?? []).compactMap { $0["id"]?.text }
        #expect(ids.count == 2 && Set(ids).count == 2)
        let text = String(decoding: content.serialized, as: UTF8.self)
        let results = ids.map { #"{"type":"tool_result","tool_use_id":"\#($0)","content":"r\#($0)"}"# }
        func history(_ content: String) -> String {
            Self.body(
                setup,
                Self.asksTwice + #",{"role":"assistant","content":\#(content)},"#
                    + #"{"role":"user","content":[\#(results.joined(separator: ","))]}"#)
        }
        let answer = client.messages(history(text))
        let told = answer.json?["content"]?[1]?["text"]?.text
        #expect(told == "tool results: [\(ids[0]) add] r\(ids[0]); [\(ids[1]) add] r\(ids[1])", "\(answer.text)")
        let signature = try #require(content[0]?["signature"]?.text)
        let changed = text.replacing(signature, with: "A" + signature.dropFirst())
        #expect(client.messages(history(changed)).text.contains("Invalid `signature` in `thinking` block"))
        let other = text.replacing("The mock considers", with: "Nobody considers")
        #expect(client.messages(history(other)).text.contains("Invalid `signature`"))
        let without = JSONValue.array(Array((content.elements ?? []).dropFirst())).serialized
        let bare = client.messages(history(String(decoding: without, as: UTF8.self)))
        #expect(bare.status == 400 && bare.text.contains("Expected `thinking` or `redacted_thinking`"))
    }

    @Test func `adaptive thinking asks for no earlier thoughts and goes with a forced tool`() throws {
        let client = try TestMock().client()
        let history =
            Self.user("x") + #",{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"add","input":{}}]},"#
            + #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]}"#
        let adaptive = #""thinking":{"type":"adaptive"}"#
        #expect(client.messages(Self.body("\(adaptive),\(Self.tools)", history)).status == 200)
        #expect(client.messages(Self.body("\(Self.thinks),\(Self.tools)", history)).status == 400)
        let forced = #"\#(Self.tools),"tool_choice":{"type":"any"}"#
        #expect(client.messages(Self.body("\(adaptive),\(forced)", Self.user("x"))).status == 200)
        #expect(client.messages(Self.body("\(Self.thinks),\(forced)", Self.user("x"))).status == 400)
    }

    @Test func `cache markers make the usage, and five are too many`() throws {
        let mock = try TestMock()
        let client = mock.client()
        let mark = #","cache_control":{"type":"ephemeral"}"#
        let system = #""system":[{"type":"text","text":"0123456789abcdef"\#(mark)}]"#
        let once = client.messages(Self.body(system, Self.user("hi"))).json?["usage"]
        #expect(once?["cache_creation_input_tokens"]?.integer == 4 && once?["input_tokens"]?.integer == 1)
        let block = #"{"type":"text","text":"abcd"\#(mark)}"#
        let twice = client.messages(Self.body(system, #"{"role":"user","content":[\#(block)]}"#)).json?["usage"]
        #expect(twice?["cache_read_input_tokens"]?.integer == 4)
        #expect(twice?["cache_creation_input_tokens"]?.integer == 1)
        #expect(mock.total("bill_nanos") == 150 + 4 * 200 + 4 * 75 + 200 + 2 * 20 * 600)
        let four = Array(repeating: block, count: 4).joined(separator: ",")
        let tooMany = client.messages(Self.body(system, #"{"role":"user","content":[\#(four)]}"#))
        #expect(tooMany.status == 400 && tooMany.text.contains("A maximum of 4 blocks with cache_control"))
    }

    @Test func `an image is told by its type, size and hash`() throws {
        let source = #"{"type":"base64","media_type":"image/png","data":"YWJj"}"#
        let reply = try TestMock().client().messages(
            Self.body(
                "", #"{"role":"user","content":[{"type":"image","source":\#(source)},{"type":"text","text":"x"}]}"#))
        let text = reply.json?["content"]?[0]?["text"]?.text ?? ""
        #expect(text.hasPrefix("[image image/png 3 bytes sha256:ba7816bf8f01cfea] "))
    }

    @Test func `stop sequences fire, max_tokens cuts, schemas are met, searches are cited`() throws {
        let client = try TestMock().client()
        let stopped = client.messages(Self.body(#""stop_sequences":["zzz","tollgate"]"#, Self.user("hi"))).json
        #expect(stopped?["stop_reason"]?.text == "stop_sequence" && stopped?["stop_sequence"]?.text == "tollgate")
        #expect(stopped?["content"]?[0]?["text"]?.text?.hasSuffix("built-in provider of ") == true)
        let cut = client.messages(#"{"model":"m","max_tokens":2,"messages":[\#(Self.user("hi"))]}"#).json
        #expect(cut?["stop_reason"]?.text == "max_tokens" && cut?["usage"]?["output_tokens"]?.integer == 2)
        let format =
            #""output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{"a":{"type":"integer"}}}}}"#
        #expect(client.messages(Self.body(format, Self.user("hi"))).json?["content"]?[0]?["text"]?.text == #"{"a":7}"#)
        let search = #""tools":[{"type":"web_search_20250305","name":"web_search"}]"#
        let found = client.messages(Self.body(search, Self.user("search swift"))).json
        #expect(
            found?["content"]?.elements?.compactMap { $0["type"]?.text }
                == ["server_tool_use", "web_search_tool_result", "text"])
        let cited = found?["content"]?[2]?["citations"]?[0]
        #expect(cited?["type"]?.text == "web_search_result_location")
        let streamed = client.messages(Self.body(#"\#(search),"stream":true"#, Self.user("search swift"))).chunks
        let deltas = streamed.compactMap { $0["delta"] }.filter { $0["type"]?.text == "citations_delta" }
        #expect(deltas.map { $0["citation"] } == [cited])
        let back = client.messages(
            Self.body(
                search,
                Self.user("a")
                    + #",{"role":"assistant","content":\#(String(decoding: found?["content"]?.serialized ?? [], as: UTF8.self))},"#
                    + Self.user("please refuse")))
        #expect(back.json?["stop_reason"]?.text == "refusal", "\(back.text)")
    }

    @Test(arguments: [
        (#""temperature":1.5"#, #"{"role":"user","content":"x"}"#, "temperature: "),
        (
            #""response_format":{}"#, #"{"role":"user","content":"x"}"#,
            "response_format: Extra inputs are not permitted"
        ),
        (
            #""thinking":{"type":"enabled","budget_tokens":2000}"#, #"{"role":"user","content":"x"}"#,
            "`max_tokens` must be"
        ),
        (
            #""thinking":{"type":"enabled","budget_tokens":10}"#, #"{"role":"user","content":"x"}"#,
            "greater than or equal to 1024"
        ),
        ("", #"{"role":"system","content":"x"}"#, "Unexpected role"),
        ("", #"{"role":"user","content":[{"type":"text","text":""}]}"#, "must be non-empty"),
        ("", #"{"role":"user","content":[{"type":"text","text":" "}]}"#, "non-whitespace"),
        ("", #"{"role":"user","content":[]}"#, "non-empty content"),
        (
            "", #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"x"}]}"#,
            "unexpected `tool_use_id`"
        ),
        ("", #"{"role":"user","content":[{"type":"image_url"}]}"#, "does not match any of the expected tags"),
        (
            #""tools":[{"name":"a b","input_schema":{"type":"object"}}]"#, #"{"role":"user","content":"x"}"#,
            "should match pattern"
        ),
        (
            "",
            #"""
            {"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"n","input":{}}]},
            {"role":"user","content":"y"}
            """#, "without `tool_result` blocks immediately after: t"
        ),
        (
            "",
            #"{"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral","scope":"global"}}]}"#,
            "messages.0.content.0.cache_control.ephemeral.scope: Extra inputs are not permitted"
        ),
        (
            #""cache_control":{"type":"ephemeral","ttl":"2h"}"#, #"{"role":"user","content":"x"}"#,
            "cache_control.ephemeral.ttl: Input should be '5m' or '1h'"
        ),
        ("", calledTwice, "messages.3.content.0: `tool_use` ids must be unique"),
        ("", citesNothing, "messages.1.content.0: Invalid `encrypted_index` in `text` block"),
        ("", citesOthers, "messages.1.content.0: Invalid `encrypted_index` in `text` block"),
    ]) func `what Anthropic refuses is refused in its words`(
        _ members: String, _ messages: String, _ words: String
    ) throws {
        let reply = try TestMock().client().messages(Self.body(members, messages))
        #expect(reply.status == 400)
        #expect(reply.json?["error"]?["type"]?.text == "invalid_request_error")
        #expect(reply.json?["error"]?["message"]?.text?.contains(words) == true, "\(reply.text)")
    }

    @Test func `version 2026-10-21 takes a bearer and no sampling parameters`() throws {
        let client = try TestMock().client()
        let newest = ["Authorization: Bearer k", "anthropic-version: 2026-10-21"]
        let plain = Self.body("", Self.user("x"))
        #expect(client.post("/v1/messages", plain, headers: newest).status == 200)
        let sampled = client.post("/v1/messages", Self.body(#""temperature":1"#, Self.user("x")), headers: newest)
        #expect(sampled.status == 400 && sampled.text.contains("temperature: Extra inputs are not permitted"))
        #expect(client.messages(Self.body(#""temperature":1"#, Self.user("x"))).status == 200)
        let unknown = client.post("/v1/messages", plain, headers: ["x-api-key: k", "anthropic-version: 2025-01-01"])
        #expect(unknown.status == 400)
    }

    @Test func `max_tokens is demanded, except for counting`() throws {
        let client = try TestMock().client()
        let body = #"{"model":"m","messages":[{"role":"user","content":"hello world"}]}"#
        #expect(client.messages(body).text.contains("max_tokens: Field required"))
        let count = client.post("/v1/messages/count_tokens", body, headers: SpokenDialect.anthropicHeaders)
        #expect(count.text == #"{"input_tokens":3}"#)
        #expect(client.messages(body, mock: "fault=529").json?["error"]?["type"]?.text == "invalid_request_error")
        let overloaded = client.messages(Self.body("", Self.user("x")), mock: "fault=529")
        #expect(overloaded.status == 529 && overloaded.json?["error"]?["type"]?.text == "overloaded_error")
    }
}
