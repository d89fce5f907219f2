import JSONText
import Testing

@testable import WireFormats

/// Histories in which calls of several answers have the same id.
@Suite struct CallIDsTests {
    private func answer(_ ids: String...) -> Turn {
        Turn(.assistant, ids.map { Part(.toolCall(ToolCall(id: $0, name: "f", arguments: "{}"))) })
    }

    private func result(_ id: String, _ text: String) -> Turn {
        Turn(.tool, [Part(.toolResult(ToolResult(callID: id, parts: [.text(text)], isPlainText: true)))])
    }

    /// The ids of calls and, behind a colon, of results with their texts, in order.
    private func ids(_ turns: Turn..., origin: Dialect = .chatCompletions) -> [String] {
        var conversation = Conversation(origin: origin, model: "m")
        conversation.turns = turns
        conversation.makeCallIDsUnique()
        return conversation.turns.flatMap(\.parts).compactMap { part -> String? in
            if let result = part.toolResult { return "\(result.text):\(result.callID)" }
            return part.toolCall?.id
        }
    }

    @Test("the first keeps its id, and results follow their calls") func rounds() {
        let found = ids(
            .text(.user, "q"), answer("call_0"), result("call_0", "a"), answer("call_0"), result("call_0", "b"),
            result("call_0", "c"), .text(.user, "q"), answer("call_0", "call_1"), result("call_1", "d"),
            result("call_0", "e"))
        #expect(
            found == [
                "call_0", "a:call_0", "call_0_2", "b:call_0_2", "c:call_0_2", "call_0_3", "call_1", "d:call_1",
                "e:call_0_3",
            ])
    }

    @Test("what was never answered is not answered later") func unanswered() {
        let found = ids(answer("x"), .text(.user, "stop"), answer("x"), result("x", "a"))
        #expect(found == ["x", "x_2", "a:x_2"])
    }

    @Test("two of one answer have a result each") func oneAnswer() {
        #expect(ids(answer("x", "x"), result("x", "a"), result("x", "b")) == ["x", "x_2", "a:x", "b:x_2"])
        let items = ids(answer("x"), answer("x"), result("x", "a"), result("x", "b"), origin: .responses)
        #expect(items == ["x", "x_2", "a:x", "b:x_2"])
    }

    @Test("no made id is another call's, and what comes later changes none before it") func collisions() {
        let turns = [answer("x_2"), result("x_2", "a"), answer("x"), result("x", "b"), answer("x"), result("x", "c")]
        let found = ids(turns[0], turns[1], turns[2], turns[3], turns[4], turns[5])
        #expect(found == ["x_2", "a:x_2", "x", "b:x", "x_3", "c:x_3"])
        let grown = ids(turns[0], turns[1], turns[2], turns[3], turns[4], turns[5], answer("x_3"), result("x_3", "d"))
        #expect(grown == found + ["x_3_2", "d:x_3_2"])
        #expect(ids(result("y", "a"), answer("x"), result("x", "b"), answer("x")).first == "a:y")
    }

    /// Two rounds of one call with this id.
    private func request(_ id: String) -> JSON {
        func round(_ text: String) -> [JSON] {
            let call: JSON = ["id": .string(id), "type": "function", "function": ["name": "f", "arguments": "{}"]]
            return [
                ["role": "assistant", "tool_calls": [call]],
                ["role": "tool", "tool_call_id": .string(id), "content": .string(text)],
            ]
        }
        let user: JSON = ["role": "user", "content": "q"]
        let schema: JSON = ["type": "object", "properties": [:]]
        return [
            "model": "m", "messages": .array([user] + round("a") + round("b")),
            "tools": [["type": "function", "function": ["name": "f", "parameters": schema]]],
        ]
    }

    @Test(
        "Anthropic and Bedrock get them in legal form, and nothing is reported",
        arguments: ["call_0", String(repeating: "very long ", count: 9)])
    func providers(_ id: String) throws {
        let conversation = try ChatCompletionsCodec.decodeRequest(request(id), at: RequestPlace())
        let facts = TargetFacts(model: "anthropic.claude-sonnet-4-5-20250929-v1:0")
        var losses = LossReport()
        let messages = try MessagesCodec.writtenRequest(conversation, for: facts, &losses)["messages"]
        let calls = [1, 3].map { messages?[$0]?["content"]?[0]?["id"]?.string ?? "" }
        let results = [2, 4].map { messages?[$0]?["content"]?[0]?["tool_use_id"]?.string ?? "" }
        #expect(calls == results && Set(calls).count == 2)
        #expect(calls.allSatisfy { ToolIDs.legal($0, bytesMax: 256) == $0 })
        let converse = try ConverseCodec.writtenRequest(conversation, for: facts, &losses)["messages"]
        let uses = [1, 3].map { converse?[$0]?["content"]?[0]?["toolUse"]?["toolUseId"]?.string ?? "" }
        let answers = [2, 4].map { converse?[$0]?["content"]?[0]?["toolResult"]?["toolUseId"]?.string ?? "" }
        #expect(uses == answers && Set(uses).count == 2 && uses.allSatisfy { ToolIDs.legal($0) == $0 })
        #expect(losses.isEmpty)
        let own = try ChatCompletionsCodec.writtenRequest(conversation, for: facts, &losses)["messages"]
        #expect([1, 3].allSatisfy { own?[$0]?["tool_calls"]?[0]?["id"]?.string == id })
    }
}
