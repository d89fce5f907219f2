import Testing

@testable import MockProvider

@Suite struct ConverseTests {
    private static func ask(
        _ client: TestClient, _ body: String, stream: Bool = false, mock: String? = nil
    ) -> TestClient.Reply {
        client.post(
            "/model/m%3A0/\(stream ? "converse-stream" : "converse")", body, mock: mock, headers: SpokenDialect.bearer)
    }

    private static func user(_ text: String) -> String { #"{"role":"user","content":[{"text":"\#(text)"}]}"# }

    private static let tools =
        #""toolConfig":{"tools":[{"toolSpec":{"name":"add","inputSchema":{"json":{"type":"object","properties":{"a":{"type":"integer"}}}}}}]}"#
    private static let calledTwice: String = {
        let call = #"{"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"add","input":{}}}]}"#
        let answer = #"{"role":"user","content":[{"toolResult":{"toolUseId":"t","content":[{"text":"r"}]}}]}"#
        let messages = [user("x"), call, answer, call, answer].joined(separator: ",")
        return #"{"messages":[\#(messages)],\#(tools)}"#
    }()
    private static let thinks = #""additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":1024}}"#

    @Test func `a stream is frames with right sums, in Converse's order`() throws {
        let mock = try TestMock()
        let reply = Self.ask(
            mock.client(), #"{"messages":[\#(Self.user(#"call add {\"a\":1}"#))],\#(Self.tools),\#(Self.thinks)}"#,
            stream: true)
        #expect(reply.headers["content-type"] == "application/vnd.amazon.eventstream")
        let frames = Frames(reply.body)
        #expect(frames.isValid)
        #expect(frames.names.first == "messageStart" && frames.names.suffix(2) == ["messageStop", "metadata"])
        #expect(
            frames.names.count { $0 == "contentBlockStart" } == 1
                && frames.names.count { $0 == "contentBlockStop" } == 2)
        #expect(frames.payloads.last?["usage"]?["inputTokens"]?.integer == 4)
        #expect(mock.attempts.first?["model"]?.text == "m:0")
        let failed = Frames(
            Self.ask(
                mock.client(), #"{"messages":[\#(Self.user("x"))]}"#, stream: true,
                mock: "fault=error_event,code=ThrottlingException"
            ).body)
        #expect(failed.isValid && failed.names.last == "throttlingException")
    }

    @Test func `Claude's own tool_choice is honoured among the additional fields`() throws {
        let client = try TestMock().client()
        func ask(_ text: String, _ choice: String) -> TestClient.Reply {
            Self.ask(
                client,
                #"{"messages":[\#(Self.user(text))],\#(Self.tools),"additionalModelRequestFields":{"tool_choice":\#(choice)}}"#
            )
        }
        func calls(_ reply: TestClient.Reply) -> Int? {
            reply.json?["output"]?["message"]?["content"]?.elements?.count { $0["toolUse"] != nil }
        }
        let two = #"call add {\"a\":1} call add {\"a\":2}"#
        #expect(calls(ask(two, #"{"type":"auto"}"#)) == 2)
        #expect(calls(ask(two, #"{"type":"auto","disable_parallel_tool_use":true}"#)) == 1)
        #expect(calls(ask("x", #"{"type":"auto"}"#)) == 0)
        #expect(calls(ask("x", #"{"type":"any","disable_parallel_tool_use":true}"#)) == 1)
        #expect(calls(ask("x", #"{"type":"tool","name":"add"}"#)) == 1)
        #expect(ask("x", #"{"type":"tool","name":"sub"}"#).text.contains("Tool not found"))
    }

    @Test func `Claude's own tools are called, found and refused among the additional fields`() throws {
        let client = try TestMock().client()
        func ask(_ text: String, _ fields: String) -> TestClient.Reply {
            Self.ask(client, #"{"messages":[\#(Self.user(text))],"additionalModelRequestFields":{\#(fields)}}"#)
        }
        let bash = #"{"type":"bash_20250124","name":"bash"}"#
        let called = ask(#"call bash {\"command\":\"ls\"}"#, #""tools":[\#(bash)]"#).json
        let call = called?["output"]?["message"]?["content"]?[0]?["toolUse"]
        #expect(call?["name"]?.text == "bash" && call?["input"]?["command"]?.text == "ls")
        let forced = ask("hello", #""tools":[\#(bash)],"tool_choice":{"type":"tool","name":"bash"}"#).json
        #expect(forced?["stopReason"]?.text == "tool_use")
        #expect(ask("hello", #""tools":[\#(bash),\#(bash)]"#).text.contains("Tool names must be unique"))
        let search = ask("hello", #""tools":[{"type":"web_search_20250305","name":"web_search"}]"#)
        #expect(search.status == 400 && search.text.contains("tools.0: Input tag 'web_search_20250305'"))
    }

    @Test func `which sequence fired is told where its place in Claude's answer was asked for`() throws {
        let client = try TestMock().client()
        func fields(_ path: String, stop: String = "calm", stream: Bool = false) -> JSONValue? {
            let body =
                #"{"messages":[\#(Self.user("hello"))],"inferenceConfig":{"stopSequences":["\#(stop)"]},"#
                + #""additionalModelResponseFieldPaths":["\#(path)"]}"#
            let reply = Self.ask(client, body, stream: stream)
            guard stream else { return reply.json?["additionalModelResponseFields"] }
            return Frames(reply.body).payloads.compactMap { $0["additionalModelResponseFields"] }.first
        }
        #expect(fields("/stop_sequence") == ["stop_sequence": "calm"])
        #expect(fields("/stop_sequence", stop: "nowhere") == ["stop_sequence": .null])
        #expect(fields("/delta/stop_sequence") == nil)
        #expect(fields("/delta/stop_sequence", stream: true) == ["delta": ["stop_sequence": "calm"]])
        #expect(fields("/stop_sequence", stream: true) == nil)
    }

    @Test func `adaptive thinking goes with a forced tool, a budget does not`() throws {
        let client = try TestMock().client()
        func ask(_ thinking: String) -> TestClient.Reply {
            Self.ask(
                client,
                #"{"messages":[\#(Self.user("x"))],\#(Self.tools),"additionalModelRequestFields":{"tool_choice":{"type":"any"},"thinking":\#(thinking)}}"#
            )
        }
        #expect(ask(#"{"type":"adaptive"}"#).status == 200)
        #expect(ask(#"{"type":"enabled","budget_tokens":1024}"#).text.contains("Thinking may not be enabled"))
    }

    @Test func `throttling has its header`() throws {
        let reply = Self.ask(try TestMock().client(), #"{"messages":[\#(Self.user("x"))]}"#, mock: "fault=429")
        #expect(reply.headers["x-amzn-errortype"]?.hasPrefix("ThrottlingException:") == true)
    }

    @Test func `reasoning and calls come back`() throws {
        let client = try TestMock().client()
        let setup = "\(Self.tools),\(Self.thinks)"
        let ask = Self.user(#"call add {\"a\":1}"#)
        let first = Self.ask(client, #"{"messages":[\#(ask)],\#(setup)}"#)
        let message = String(decoding: try #require(first.json?["output"]?["message"]).serialized, as: UTF8.self)
        let id = try #require(first.json?["output"]?["message"]?["content"]?[1]?["toolUse"]?["toolUseId"]?.text)
        let result =
            #"{"role":"user","content":[{"toolResult":{"toolUseId":"\#(id)","content":[{"json":{"n":1}}],"status":"error"}}]}"#
        let answer = Self.ask(client, #"{"messages":[\#(ask),\#(message),\#(result)],\#(setup)}"#)
        #expect(answer.text.contains(#"tool results: [\#(id) add error] {\"n\":1}"#), "\(answer.text)")
        let changed = message.replacing("considers", with: "imagines")
        #expect(
            Self.ask(client, #"{"messages":[\#(ask),\#(changed),\#(result)],\#(setup)}"#).text.contains(
                "Invalid `signature`"))
        let bare = Self.ask(client, #"{"messages":[\#(ask),\#(message),\#(result)]}"#)
        #expect(bare.status == 400 && bare.text.contains("toolConfig field must be defined"))
    }

    @Test(arguments: [
        (#"{"messages":[]}"#, "must start with a user message"),
        (
            #"{"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"user","content":[{"text":"b"}]}]}"#,
            "must alternate"
        ),
        (#"{"messages":[{"role":"system","content":[{"text":"a"}]}]}"#, "enum value set: [user, assistant]"),
        (#"{"messages":[{"role":"user","content":[{"text":" "}]}]}"#, "is blank"),
        (#"{"messages":[{"role":"user","content":[]}]}"#, "is empty"),
        (
            #"{"messages":[{"role":"user","content":[{"text":"a"}]}],"inferenceConfig":{"temperature":1.1}}"#,
            "less than or equal to 1"
        ),
        (
            #"{"messages":[{"role":"user","content":[{"text":"a"}]}],"toolConfig":{"tools":[]}}"#,
            "length greater than or equal to 1"
        ),
        (
            #"{"messages":[{"role":"user","content":[{"text":"a"},{"cachePoint":{"type":"default"}},{"cachePoint":{"type":"default"}},{"cachePoint":{"type":"default"}},{"cachePoint":{"type":"default"}},{"cachePoint":{"type":"default"}}]}]}"#,
            "A maximum of 4 blocks"
        ),
        (
            #"{"messages":[{"role":"user","content":[{"image":{"format":"bmp","source":{"bytes":"YQ=="}}}]}]}"#,
            "[png, jpeg, gif, webp]"
        ),
        (
            calledTwice, "The model returned the following errors: messages.3.content.0: `tool_use` ids must be unique"
        ),
    ]) func `what Bedrock refuses is refused in its words`(_ body: String, _ words: String) throws {
        let reply = Self.ask(try TestMock().client(), body)
        #expect(reply.status == 400 && reply.headers["x-amzn-errortype"]?.hasPrefix("ValidationException:") == true)
        #expect(reply.json?["message"]?.text?.contains(words) == true, "\(reply.text)")
    }
}
