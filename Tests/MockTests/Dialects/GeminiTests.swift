import Testing

@testable import MockProvider

@Suite struct GeminiTests {
    private static func ask(
        _ client: TestClient, _ body: String, model: String = "m", action: String = "generateContent"
    ) -> TestClient.Reply {
        client.post("/v1beta/models/\(model):\(action)", body, headers: ["x-goog-api-key: k"])
    }

    private static func user(_ text: String) -> String { #"{"role":"user","parts":[{"text":"\#(text)"}]}"# }

    private static let tools =
        #""tools":[{"functionDeclarations":[{"name":"add","parameters":{"type":"OBJECT","properties":{"a":{"type":"INTEGER"}}}}]}]"#
    private static let thinks = #""generationConfig":{"thinkingConfig":{"includeThoughts":true}}"#

    @Test func `without alt=sse a stream is one JSON array`() throws {
        let client = try TestMock().client()
        let array = Self.ask(client, #"{"contents":[\#(Self.user("hi"))]}"#, action: "streamGenerateContent")
        #expect(array.json?.elements?.count == 21)
        #expect(array.json?[20]?["candidates"]?[0]?["finishReason"]?.text == "STOP")
        let failed = client.post(
            "/v1beta/models/m:streamGenerateContent", #"{"contents":[\#(Self.user("hi"))]}"#,
            mock: "fault=error_event,after=1", headers: ["x-goog-api-key: k"])
        #expect(failed.json?.elements?.last?["error"]?["status"]?.text == "INTERNAL")
    }

    @Test func `calls and thought signatures come back`() throws {
        let client = try TestMock().client()
        let ask = Self.user(#"call add {\"a\":1} call add {\"a\":2}"#)
        let first = Self.ask(client, #"{"contents":[\#(ask)],\#(Self.tools),\#(Self.thinks)}"#, model: "gemini-3-mock")
        let content = try #require(first.json?["candidates"]?[0]?["content"])
        let parts = content["parts"]?.elements ?? []
        #expect(parts.first?["thought"]?.isTrue == true)
        #expect(parts.count { $0["functionCall"] != nil } == 2)
        #expect(parts.count { $0["thoughtSignature"] != nil } == 1)
        let ids = parts.compactMap { $0["functionCall"]?["id"]?.text }
        let results = ids.map { #"{"functionResponse":{"id":"\#($0)","name":"add","response":{"result":"r"}}}"# }
        func history(_ content: String) -> String {
            #"{"contents":[\#(ask),\#(content),{"role":"user","parts":[\#(results.joined(separator: ","))]}],\#(Self.tools),\#(Self.thinks)}"#
        }
        let text = String(decoding: content.serialized, as: UTF8.self)
        let answer = Self.ask(client, history(text), model: "gemini-3-mock")
        #expect(answer.text.contains("tool results: [\(ids[0]) add] r; [\(ids[1]) add] r"), "\(answer.text)")
        let signature = try #require(parts[1]["thoughtSignature"]?.text)
        let corrupt = text.replacing(signature, with: "AAAA" + signature.dropFirst(4))
        #expect(Self.ask(client, history(corrupt)).text.contains("Corrupted thought signature"))
        let without = text.replacing(#","thoughtSignature":"\#(signature)""#, with: "")
        #expect(Self.ask(client, history(without), model: "gemini-3-mock").text.contains("missing a thought_signature"))
        #expect(Self.ask(client, history(without)).status == 200)
        let one = history(text).replacing("," + results[1], with: "")
        #expect(Self.ask(client, one).text.contains("number of function response parts is equal"))
    }

    @Test func `a model's turn may come in several contents, results in one only`() throws {
        let client = try TestMock().client()
        let ask = Self.user(#"explain call add {\"a\":1} call add {\"a\":2}"#)
        let stream = Self.ask(
            client, #"{"contents":[\#(ask)],\#(Self.tools),\#(Self.thinks)}"#, model: "gemini-3-mock",
            action: "streamGenerateContent")
        let contents = (stream.json?.elements ?? []).compactMap { $0["candidates"]?[0]?["content"] }
        let calls = contents.compactMap { $0["parts"]?[0]?["functionCall"] }
        #expect(contents.count > 3 && calls.count == 2)
        let pieces = contents.map { String(decoding: $0.serialized, as: UTF8.self) }.joined(separator: ",")
        let results = calls.map { call in
            #"{"functionResponse":{"id":"\#(call["id"]?.text ?? "")","name":"add","response":{"result":"r"}}}"#
        }
        func answer(_ turns: [String]) -> TestClient.Reply {
            let turns = turns.map { #"{"role":"user","parts":[\#($0)]}"# }.joined(separator: ",")
            let body = #"{"contents":[\#(ask),\#(pieces),\#(turns)],\#(Self.tools),\#(Self.thinks)}"#
            return Self.ask(client, body, model: "gemini-3-mock")
        }
        let together = answer([results.joined(separator: ",")])
        #expect(together.text.contains("tool results: ["), "\(together.text)")
        #expect(answer(results).text.contains("number of function response parts is equal"))
    }

    @Test func `Gemini 3 signs a call without being asked to think, whole and as a stream`() throws {
        let client = try TestMock().client()
        let ask = Self.user(#"call add {\"a\":1} call add {\"a\":2}"#)
        let body = #"{"contents":[\#(ask)],\#(Self.tools)}"#
        func signed(_ replies: [JSONValue]) -> [Bool] {
            var found: [Bool] = []
            for reply in replies {
                let parts = reply["candidates"]?[0]?["content"]?["parts"]?.elements ?? []
                for part in parts where part["functionCall"] != nil { found.append(part["thoughtSignature"] != nil) }
            }
            return found
        }
        let whole = Self.ask(client, body, model: "gemini-3-mock")
        #expect(signed([whole.json ?? .null]) == [true, false])
        let stream = Self.ask(client, body, model: "gemini-3-mock", action: "streamGenerateContent")
        #expect(signed(stream.json?.elements ?? []) == [true, false])
        #expect(signed([Self.ask(client, body).json ?? .null]) == [false, false])
    }

    @Test func `grounding, schema, stop and usage`() throws {
        let client = try TestMock().client()
        let search = Self.ask(client, #"{"contents":[\#(Self.user("search swift"))],"tools":[{"googleSearch":{}}]}"#)
        let grounding = search.json?["candidates"]?[0]?["groundingMetadata"]
        #expect(grounding?["webSearchQueries"]?[0]?.text == "swift")
        #expect(grounding?["groundingChunks"]?[0]?["web"]?["uri"]?.text == "https://mock.example.com/first")
        let schema =
            #""generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"OBJECT","properties":{"a":{"type":"INTEGER"}}}}"#
        let instance = Self.ask(client, #"{"contents":[\#(Self.user("x"))],\#(schema)}"#)
        #expect(instance.json?["candidates"]?[0]?["content"]?["parts"]?[0]?["text"]?.text == #"{"a":7}"#)
        let color = #""responseMimeType":"text/x.enum","responseSchema":{"type":"STRING","enum":["red hot","blue"]}"#
        let one = Self.ask(client, #"{"contents":[\#(Self.user("x"))],"generationConfig":{\#(color)}}"#)
        #expect(one.json?["candidates"]?[0]?["content"]?["parts"]?[0]?["text"]?.text == "red hot")
        let thinking = Self.ask(client, #"{"contents":[\#(Self.user("x"))],\#(Self.thinks)}"#).json?["usageMetadata"]
        #expect(thinking?["thoughtsTokenCount"]?.integer == 10 && thinking?["candidatesTokenCount"]?.integer == 20)
        #expect(thinking?["totalTokenCount"]?.integer == 31)
    }

    @Test(arguments: [
        (#"{"contents":[{"role":"assistant","parts":[{"text":"x"}]}]}"#, "Please use a valid role: user, model."),
        (#"{"contents":[{"role":"user","parts":[{"text":"x"}]}],"max_tokens":1}"#, "Unknown name \"max_tokens\""),
        (#"{"contents":[{"role":"user","parts":[]}]}"#, "parts must not be empty"),
        (#"{"contents":[{"role":"user","parts":[{"text":""}]}]}"#, "must have a text parameter"),
        (#"{"contents":[]}"#, "contents is not specified"),
        (#"{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"temperature":3}}"#, "temperature value of 3"),
        (
            #"{"contents":[{"parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{"name":"a","parameters":{"type":"OBJECT","additionalProperties":false}}]}]}"#,
            "Unknown name \"additionalProperties\" at 'tools[0].function_declarations[0].parameters'"
        ),
        (
            #"{"contents":[{"parts":[{"functionResponse":{"name":"a","response":{}}}]}]}"#,
            "immediately after a function call turn"
        ),
        (
            #"{"contents":[{"parts":[{"functionResponse":{"name":"a","response":"text"}}]}]}"#, "google.protobuf.Struct"
        ),
    ]) func `what Google refuses is refused in its words`(_ body: String, _ words: String) throws {
        let reply = Self.ask(try TestMock().client(), body)
        #expect(reply.status == 400 && reply.json?["error"]?["status"]?.text == "INVALID_ARGUMENT")
        #expect(reply.json?["error"]?["message"]?.text?.contains(words) == true, "\(reply.text)")
    }
}
