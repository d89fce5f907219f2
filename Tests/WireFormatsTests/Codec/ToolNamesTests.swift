import JSONText
import Testing

@testable import WireFormats

/// Names of tools that Google refuses, there and back.
@Suite("names of tools at Google")
struct ToolNamesTests {
    private static func isGoogles(_ name: String) -> Bool {
        let first = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
        guard let start = name.first, first.contains(start), name.utf8.count <= 64 else { return false }
        return name.allSatisfy { (first + "0123456789.:-").contains($0) }
    }

    private func conversation(_ name: String, in namespace: String? = nil) -> Conversation {
        var conversation = Conversation(origin: .responses, model: "m")
        let function = Tool(.function(FunctionTool(name: name)))
        conversation.tools = [
            namespace.map { Tool(.namespace(name: $0, description: nil, tools: [function])) } ?? function
        ]
        var call = ToolCall(id: "c", name: name)
        call.namespace = namespace
        conversation.turns = [
            .text(.user, "q"), Turn(.assistant, [Part(.toolCall(call))]),
            Turn(.tool, [Part(.toolResult(ToolResult(callID: "c", parts: [.text("1")], isPlainText: true)))]),
        ]
        return conversation
    }

    /// The name in the declaration, which is also that of the call and of its result.
    private func written(_ conversation: Conversation) throws -> String {
        var losses = LossReport()
        let body = try GenerateContentCodec.encodeRequest(conversation, for: TargetFacts(model: "m"), &losses)
        let name = try #require(body["tools"]?[0]?["functionDeclarations"]?[0]?["name"]?.string)
        #expect(body["contents"]?[1]?["parts"]?[0]?["functionCall"]?["name"]?.string == name)
        #expect(body["contents"]?[2]?["parts"]?[0]?["functionResponse"]?["name"]?.string == name)
        if conversation.toolChoice != nil {
            #expect(body["toolConfig"]?["functionCallingConfig"]?["allowedFunctionNames"] == [.string(name)])
        }
        return name
    }

    @Test(
        "an illegal name becomes a legal one, and comes back",
        arguments: ["ä", String(repeating: "n", count: 90), "1st", "-x", "two words"])
    func illegal(_ name: String) throws {
        var conversation = conversation(name)
        conversation.toolChoice = .function(name)
        let wire = try written(conversation)
        #expect(Self.isGoogles(wire), "\(wire)")
        #expect(ToolNames(conversation).restored(ToolCall(id: "x", name: wire)).name == name)
    }

    @Test("a name that only Google takes stays", arguments: ["a.b:c-d", "_x", "get_weather"])
    func legal(_ name: String) throws {
        let conversation = conversation(name)
        #expect(try written(conversation) == name)
        #expect(ToolNames(conversation).restored(ToolCall(id: "x", name: name)).name == name)
    }

    /// What a request has become, and what of it is reported.
    private func sent(
        _ conversation: Conversation, to dialect: Dialect
    ) throws -> (text: String, adjusted: [String], dropped: [String]) {
        var losses = LossReport()
        let codec = try #require(dialect.codec)
        let body = try codec.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses)
        return (body.text, losses.adjusted, losses.dropped)
    }

    private static let takers: [Dialect] = [
        .chatCompletions, .messages, .generateContent, .converse, .cohereChat, .ollamaChat,
    ]

    @Test("that names were sent otherwise is reported, and nothing where they were not")
    func reported() throws {
        for dialect in Self.takers {
            #expect(try sent(conversation("two words"), to: dialect).adjusted == ["tools"], "\(dialect)")
            #expect(try sent(conversation("get_weather"), to: dialect).adjusted == [], "\(dialect)")
            let dotted = try sent(conversation("get.weather"), to: dialect)
            #expect(dotted.adjusted == (dialect == .generateContent ? [] : ["tools"]), "\(dialect)")
        }
        #expect(try sent(conversation("two words"), to: .responses).text.contains("two words"))
    }

    @Test("a namespace is reported, and its tools have names that come back")
    func flattened() throws {
        var conversation = conversation("a b", in: "shell tools")
        conversation.tools = [
            Tool(
                .namespace(
                    name: "shell tools", description: "of the shell",
                    tools: [Tool(.function(FunctionTool(name: "a b")))]))
        ]
        for dialect in Self.takers {
            let (text, adjusted, dropped) = try sent(conversation, to: dialect)
            #expect(adjusted == ["tools"] && dropped == ["description"], "\(dialect)")
            let flat = "shell tools__a b"
            let wire = dialect == .generateContent ? ToolNames.google(flat) : ToolIDs.legal(flat)
            #expect(text.contains(wire) && !text.contains("a b"), "\(dialect)")
            let back = ToolNames(conversation).restored(ToolCall(id: "x", name: wire))
            #expect(back.name == "a b" && back.namespace == "shell tools")
        }
    }

    @Test("arguments that are no JSON object are reported where an object is sent")
    func arguments() throws {
        for (arguments, isReported) in [("{\"q\":", true), ("[1]", true), ("{}", false), ("", false), ("null", false)] {
            var conversation = conversation("f")
            conversation.turns[1] = Turn(
                .assistant, [Part(.toolCall(ToolCall(id: "c", name: "f", arguments: arguments)))])
            for dialect in [.messages, .generateContent, .converse, .ollamaChat, .cohereChat] as [Dialect] {
                let (text, adjusted, _) = try sent(conversation, to: dialect)
                #expect(adjusted == (isReported ? ["arguments"] : []), "\(dialect) \(arguments)")
                #expect(text.contains("_raw") == isReported)
            }
            #expect(try sent(conversation, to: .chatCompletions).adjusted == [])
        }
    }

    @Test("a name in a namespace is counted with it")
    func namespaces() throws {
        let name = String(repeating: "n", count: 60)
        let conversation = conversation(name, in: "shell.tools")
        let wire = try written(conversation)
        #expect(Self.isGoogles(wire))
        let back = ToolNames(conversation).restored(ToolCall(id: "x", name: wire))
        #expect(back.name == name && back.namespace == "shell.tools")
    }
}
