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
