import JSONText
import Testing
import WireFormats

/// Conversations and replies as codecs of other dialects make them.
enum Samples {
    static let png = "iVBORw0KGgo="

    /// An agent's turn in Messages: system blocks with markers, thinking with proofs, parallel calls, results with an
    /// image, a system prompt in the middle, a server tool.
    static func messagesAgent() -> Conversation {
        var conversation = Conversation(origin: .messages, model: "claude")
        var system = Turn(.system, [.text("You are careful."), .text("Project notes.")], isTopLevel: true)
        system.parts[1].cache = CacheMarker(ttl: "1h")
        let thinking = Part(.reasoning(Reasoning("Look first.", proof: Proof(.anthropic, .signature, "c2ln"))))
        let redacted = Part(.reasoning(Reasoning(proof: Proof(.anthropic, .encrypted, "ZW5j"), isRedacted: true)))
        let calls = [
            Part(.toolCall(ToolCall(id: "toolu_1", name: "read", arguments: #"{"path":"a"}"#))),
            Part(.toolCall(ToolCall(id: "toolu_2", name: "list"))),
        ]
        let image = Part(.media(Media(.image, .base64(png), mediaType: "image/png")))
        var first = Part(.toolResult(ToolResult(callID: "toolu_1", parts: [.text("A"), image])))
        first.cache = CacheMarker()
        let second = Part(
            .toolResult(ToolResult(callID: "toolu_2", parts: [.text("B")], isPlainText: true, isError: true)))
        conversation.turns = [
            system, .text(.user, "Hello"),
            Turn(.assistant, [thinking, redacted, .text("I look.")] + calls),
            Turn(.user, [first, second, .text("Go on.")]), .text(.system, "Be brief."), .text(.user, "Now?"),
        ]
        var read = Tool(.function(FunctionTool(name: "read", description: "Reads.", parameters: ["type": "object"])))
        read.cache = CacheMarker()
        let list = Tool(.function(FunctionTool(name: "list", parameters: ["type": "object"])))
        var search = ServerTool.SearchOptions()
        search.maxUses = 2
        search.userLocation = ["city": "Bern"]
        let server = Tool(
            .server(
                ServerTool(
                    .webSearch, name: "web_search", native: ["type": "web_search_20250305"], nativeDialect: .messages,
                    search: search)))
        conversation.tools = [read, list, server]
        conversation.toolChoice = .required
        conversation.parallelToolCalls = false
        conversation.sampling.maxOutputTokens = 4000
        conversation.sampling.temperature = 1
        conversation.sampling.topK = 5
        conversation.sampling.stop = ["END"]
        conversation.reasoning = ReasoningSettings(mode: .enabled, budgetTokens: 2000)
        conversation.user = "u1"
        conversation.metadata = ["team": "x"]
        conversation.stream = true
        conversation.extras = ["container": "c"]
        return conversation
    }

    /// Items of a Responses input: each a turn of its own.
    static func responsesItems() -> Conversation {
        var conversation = Conversation(origin: .responses, model: "gpt")
        let proof = Proof(.openAI, .encrypted, "gAAA", itemID: "rs_1")
        let call = { (id: String, name: String, space: String?) in
            Turn(.assistant, [Part(.toolCall(ToolCall(id: id, name: name, namespace: space, arguments: "{}")))])
        }
        let custom = Turn(
            .assistant, [Part(.toolCall(ToolCall(.custom, id: "c3", name: "patch", arguments: "raw\ntext")))])
        conversation.turns = [
            Turn(.developer, [.text("Rules.")], isPlainText: true, isTopLevel: true), .text(.user, "Do it"),
            Turn(.assistant, [Part(.reasoning(Reasoning(summaries: ["One", "Two"], proof: proof)))]),
            Turn(.assistant, [.text("Working.")]), call("c1", "get", "crm"), call("c2", "now", nil), custom,
            Turn(.tool, [Part(.toolResult(ToolResult(callID: "c1", parts: [.text("1")], isPlainText: true)))]),
            Turn(.tool, [Part(.toolResult(ToolResult(callID: "c2", parts: [.text("2")], isPlainText: true)))]),
            Turn(
                .tool,
                [Part(.toolResult(ToolResult(callID: "c3", kind: .custom, parts: [.text("3")], isPlainText: true)))]),
        ]
        let get = Tool(.function(FunctionTool(name: "get", parameters: ["type": "object"], strict: true)))
        let format: JSON = ["type": "grammar", "syntax": "lark", "definition": "start: /a/"]
        conversation.tools = [
            Tool(.namespace(name: "crm", description: nil, tools: [get])),
            Tool(.function(FunctionTool(name: "now", parameters: ["type": "object"]))),
            Tool(.custom(CustomTool(name: "patch", description: "Patches.", format: format))),
        ]
        conversation.toolChoice = .custom("patch")
        conversation.outputFormat = .jsonSchema(
            OutputFormat.Schema(name: "answer", schema: ["type": "object"], strict: true))
        conversation.reasoning = ReasoningSettings(effort: "high", summary: "auto")
        conversation.previousResponseID = "resp_0"
        return conversation
    }

    /// A reply of Messages: thinking with a signature, hidden thinking, a cited text, a server tool, parallel calls.
    static func messagesReply() -> Reply {
        var reply = Reply(origin: .messages)
        reply.id = "msg_1"
        reply.model = "claude-x"
        let cited = Text(
            "Bern is the capital.",
            citations: [
                Citation(
                    url: "https://a.example", title: "A", citedText: "capital",
                    native: ["type": "web_search_result_location"], nativeDialect: .messages)
            ])
        var choice = Reply.Choice()
        choice.parts = [
            Part(.reasoning(Reasoning("Hm.", proof: Proof(.anthropic, .signature, "c2ln")))),
            Part(.reasoning(Reasoning(proof: Proof(.anthropic, .encrypted, "ZW5j"), isRedacted: true))),
            Part(
                .serverTool(ServerToolUse(.webSearch, .call, id: "srvtoolu_1", native: [:], nativeDialect: .messages))),
            .text("So: "), Part(.text(cited)),
            Part(.toolCall(ToolCall(id: "toolu_1", name: "a", arguments: #"{"x":1}"#))),
            Part(.toolCall(ToolCall(id: "toolu_2", name: "b", arguments: "{}"))),
        ]
        choice.stop = Stop(.toolUse, native: "tool_use")
        reply.choices = [choice]
        var tokens = TokenUsage(input: 100, cachedInput: 40, cacheWrite5m: 10, cacheWrite1h: 20, output: 30)
        tokens.searches = 1
        reply.usage = Usage(tokens)
        return reply
    }

    static func context(
        _ request: Conversation = Conversation(origin: .chatCompletions, model: "alias")
    ) -> ReplyContext {
        ReplyContext(model: "alias", requestID: "req1", created: 1_700_000_000, request: request)
    }

    /// The events of a reply with its calls open at the same time.
    static func interleaved(_ reply: Reply) -> [ReplyEvent] {
        var ends: [ReplyEvent] = []
        var events: [ReplyEvent] = []
        for event in reply.events {
            switch event {
            case .partEnded(let place) where reply.choices[0].parts[place.part].toolCall != nil: ends.append(event)
            case .stopped:
                events += ends.reversed()
                events.append(event)
            default: events.append(event)
            }
        }
        return events
    }
}

/// The two mean the same.
func expectSame(_ found: JSON, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let difference = firstDifference(canonical(try JSON.parse(expected)), canonical(found))
    #expect(difference == nil, "\(difference ?? "")\n\(found.text)", sourceLocation: sourceLocation)
}

/// The data of each SSE event, `[DONE]` as a string.
func chunks(_ bytes: [UInt8]) throws -> [JSON] {
    var framer = StreamFramer(.sse)
    var frames: [StreamFrame] = []
    try bytes.withUnsafeBytes { try framer.feed($0, into: &frames) }
    return frames.compactMap { frame in
        switch frame {
        case .json(let value, _): value
        case .done: "[DONE]"
        case .keepAlive: "keep-alive"
        case .failed, .exception: nil
        }
    }
}

func encoded<Codec: DialectCodec>(
    _ codec: Codec.Type, _ events: [ReplyEvent], _ context: ReplyContext = Samples.context()
) -> (bytes: [UInt8], losses: LossReport) {
    var encoder = Codec.streamEncoder(for: context)
    var out = FrameWriter()
    for event in events { encoder.encode(event, into: &out) }
    return (out.bytes, encoder.losses)
}
