import Testing

@testable import MockProvider

/// Cohere's and Ollama's chat, and OpenAI's beyond the fast path.
@Suite struct OtherDialectTests {
    private static let tools =
        #""tools":[{"type":"function","function":{"name":"add","parameters":{"type":"object","properties":{"a":{"type":"integer"}}}}}]"#

    private static func body(_ text: String, _ more: String = "") -> String {
        #"{"model":"m","messages":[{"role":"user","content":"\#(text)"}]\#(more)}"#
    }

    @Test func `Cohere streams content, plan and calls by their own indices`() throws {
        let client = try TestMock().client()
        let reply = client.post(
            "/v2/chat",
            Self.body(
                #"explain and call add {\"a\":1} call add {\"a\":2}"#,
                #","stream":true,"thinking":{"type":"enabled"},\#(Self.tools)"#))
        #expect(reply.events.last == "[DONE]")
        let types = reply.chunks.compactMap { $0["type"]?.text }
        #expect(types.first == "message-start" && types.last == "message-end" && types.contains("tool-plan-delta"))
        let starts = reply.chunks.filter { $0["type"]?.text == "tool-call-start" }
        #expect(starts.map { $0["index"]?.integer } == [0, 1])
        #expect(reply.chunks.last?["delta"]?["finish_reason"]?.text == "TOOL_CALL")
        let whole = client.post("/v2/chat", Self.body(#"call add {\"a\":1}"#, "," + Self.tools)).json
        let call = whole?["message"]?["tool_calls"]?[0]
        let id = call?["id"]?.text ?? ""
        let back = client.post(
            "/v2/chat",
            #"""
            {"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[\#(String(decoding: call?.serialized ?? [], as: UTF8.self))]},
            {"role":"tool","tool_call_id":"\#(id)","content":"42"}],\#(Self.tools)}
            """#)
        #expect(back.json?["message"]?["content"]?[0]?["text"]?.text == "tool results: [\(id) add] 42", "\(back.text)")
        #expect(client.post("/v2/chat", Self.body("x", #","n":2"#)).text.contains("parameter 'n' is not a valid field"))
    }

    @Test func `Ollama streams lines by default`() throws {
        let client = try TestMock().client()
        let reply = client.post(
            "/api/chat", Self.body(#"call add {\"a\":1}"#, #","think":true,\#(Self.tools)"#), headers: [])
        #expect(reply.headers["content-type"] == "application/x-ndjson")
        let lines = reply.lines.compactMap { JSONValue(text: $0) }
        #expect(lines.first?["message"]?["thinking"]?.text == "The")
        let call = lines.compactMap { $0["message"]?["tool_calls"]?[0]?["function"] }.first
        #expect(call?["arguments"] == JSONValue(text: #"{"a":1}"#))
        #expect(lines.last?["done"]?.isTrue == true && lines.last?["eval_count"]?.integer == 12)
        let image = client.post(
            "/api/chat", #"{"model":"m","stream":false,"messages":[{"role":"user","content":"x","images":["YWJj"]}]}"#,
            headers: [])
        #expect(image.json?["message"]?["content"]?.text?.hasPrefix("[image 3 bytes sha256:ba7816bf") == true)
        let parts = client.post("/api/chat", #"{"model":"m","messages":[{"role":"user","content":[]}]}"#, headers: [])
        #expect(parts.status == 400 && parts.text.contains("cannot unmarshal array into Go struct field"))
    }

    @Test func `OpenAI's chat makes parallel calls and tells their results`() throws {
        let client = try TestMock().client()
        let first = client.post(Self.body(#"call add {\"a\":1} call add {\"a\":2}"#, "," + Self.tools)).json
        let message = first?["choices"]?[0]?["message"]
        let ids = message?["tool_calls"]?.elements?.compactMap { $0["id"]?.text } ?? []
        #expect(ids.count == 2 && first?["choices"]?[0]?["finish_reason"]?.text == "tool_calls")
        let results = ids.map { #"{"role":"tool","tool_call_id":"\#($0)","content":"r"}"# }.joined(separator: ",")
        let history = #"{"role":"user","content":"x"},\#(String(decoding: message?.serialized ?? [], as: UTF8.self))"#
        let back = client.post(#"{"model":"m","messages":[\#(history),\#(results)],\#(Self.tools)}"#)
        #expect(back.text.contains("tool results: [\(ids[0]) add] r; [\(ids[1]) add] r"), "\(back.text)")
        let stray = client.post(#"{"model":"m","messages":[{"role":"tool","tool_call_id":"c","content":"r"}]}"#)
        #expect(stray.status == 400 && stray.text.contains("must be a response to a preceeding message"))
        #expect(client.post(#"{"model":"m","messages":[\#(history)]}"#).status == 400 || ids.isEmpty)
        #expect(
            client.post(#"{"model":"m","messages":[{"role":"boss","content":"x"}]}"#).text.contains(
                "Invalid value: 'boss'"))
    }

    @Test func `OpenAI's chat takes no choice of a tool that is not there`() throws {
        let client = try TestMock().client()
        func ask(_ name: String, _ more: String = "") -> TestClient.Reply {
            let choice = #""tool_choice":{"type":"function","function":{"name":"\#(name)"}}"#
            return client.post(Self.body("x", ",\(Self.tools),\(choice)\(more)"))
        }
        let call = ask("add").json?["choices"]?[0]?["message"]?["tool_calls"]?[0]
        #expect(call?["function"]?["name"]?.text == "add")
        let refused = ask("sub")
        #expect(refused.status == 400 && refused.json?["error"]?["param"]?.text == "tool_choice")
        #expect(refused.text.contains("no function named 'sub' was specified in the 'tools' parameter"))
        #expect(ask("sub", #","stream":true"#).status == 400)
    }

    @Test func `OpenAI's chat answers functions with a function_call`() throws {
        let client = try TestMock().client()
        let functions = #","functions":[{"name":"add","parameters":{"type":"object"}}]"#
        let ask = #"call add {\"a\":1} call add {\"a\":2}"#
        let whole = client.post(Self.body(ask, functions)).json?["choices"]?[0]
        #expect(whole?["finish_reason"]?.text == "function_call")
        #expect(whole?["message"]?["function_call"] == ["name": "add", "arguments": #"{"a":1}"#])
        #expect(whole?["message"]?["tool_calls"] == nil)
        let stream = client.post(Self.body(ask, functions + #","stream":true"#)).chunks.compactMap { $0["choices"]?[0] }
        let deltas = stream.compactMap { $0["delta"]?["function_call"] }
        #expect(deltas.compactMap { $0["name"]?.text } == ["add"])
        #expect(deltas.compactMap { $0["arguments"]?.text }.joined() == #"{"a":1}"#)
        #expect(stream.last?["finish_reason"]?.text == "function_call")

        let call = #"{"role":"assistant","content":null,"function_call":{"name":"add","arguments":"{}"}}"#
        func back(_ result: String) -> TestClient.Reply {
            client.post(#"{"model":"m","messages":[{"role":"user","content":"x"},\#(call),\#(result)]\#(functions)}"#)
        }
        let told = back(#"{"role":"function","name":"add","content":"r"}"#).json?["choices"]?[0]
        #expect(told?["message"]?["content"]?.text == "tool results: [add] r")
        #expect(back(#"{"role":"function","content":"r"}"#).text.contains("must have a 'name'"))
        let named = client.post(Self.body("x", functions + #","function_call":{"name":"sub"}"#))
        #expect(named.status == 400 && named.text.contains("was specified in the 'functions' parameter"))
        let none = client.post(Self.body("x", functions + #","function_call":"none""#)).json?["choices"]?[0]
        #expect(none?["finish_reason"]?.text == "stop")
        #expect(client.post(Self.body("x", #","function_call":"auto""#)).text.contains("only allowed when 'functions'"))
    }

    @Test func `OpenAI's chat has log probabilities, stop sequences and images`() throws {
        let client = try TestMock().client()
        let probable = client.post(Self.body("x", #","logprobs":true,"top_logprobs":2"#)).json?["choices"]?[0]
        #expect(probable?["logprobs"]?["content"]?.elements?.count == 20)
        #expect(probable?["logprobs"]?["content"]?[0]?["top_logprobs"]?.elements?.count == 2)
        let stream = client.post(
            Self.body("x", #","logprobs":true,"stream":true,"stream_options":{"include_usage":true}"#))
        #expect(stream.events.last == "[DONE]")
        #expect(stream.chunks.count { $0["choices"]?[0]?["logprobs"]?["content"] != nil } == 20)
        #expect(stream.chunks.last?["usage"]?["completion_tokens"]?.integer == 20)
        let stopped = client.post(Self.body("x", #","stop":"tollgate""#)).json?["choices"]?[0]
        #expect(stopped?["message"]?["content"]?.text?.hasSuffix("provider of ") == true)
        #expect(stopped?["finish_reason"]?.text == "stop")
        let image = #"{"type":"image_url","image_url":{"url":"data:image/png;base64,YWJj"}}"#
        let seen = client.post(
            #"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"x"},\#(image)]}]}"#)
        #expect(seen.text.contains("[image image/png 3 bytes sha256:ba7816bf8f01cfea]"))
    }
}
