import JSONText
import Testing
import WireFormats

@Suite("Rules of events")
struct ReplyEventRulesTests {
    static let head = ReplyEvent.began(ReplyHead(origin: .messages))
    static let place = PartPlace(part: 0)

    @Test("a legal list breaks none")
    func legal() {
        let events: [ReplyEvent] = [
            .keepAlive, Self.head, .partBegan(Self.place, .text("")), .delta(Self.place, .text("a")),
            .partEnded(Self.place), .delta(Self.place, .citation(Citation(url: "https://a"))),
            .stopped(choice: 0, Stop(.endTurn)), .ended,
        ]
        #expect(ReplyEventRules.faults(in: events).isEmpty)
    }

    @Test(
        "each rule that is broken is told",
        arguments: [
            [.ended], [head, head, .ended], [head, .ended, .keepAlive], [head, .delta(place, .text("a"))],
            [head, .partBegan(PartPlace(part: 1), .text(""))], [head, .partBegan(place, .text("a"))],
            [head, .partBegan(place, .text("")), .delta(place, .arguments("{}"))],
            [head, .partBegan(place, .text("")), .stopped(choice: 0, Stop(.endTurn))],
            [head, .partBegan(place, .text("")), .ended], [head, .partEnded(place)],
            [head, .stopped(choice: 0, Stop(.endTurn)), .stopped(choice: 0, Stop(.endTurn))],
            [head, .stopped(choice: 0, Stop(.endTurn)), .partBegan(place, .text(""))],
        ] as [[ReplyEvent]])
    func broken(_ events: [ReplyEvent]) {
        // A list that only ends is legal but for its missing beginning, which the end itself does not show.
        let expected = events == [.ended] ? 0 : 1
        #expect(ReplyEventRules.faults(in: events).count >= expected, "\(events)")
    }

    /// Found by the fuzzer: two choices of one number became one, whose parts then began twice.
    @Test(
        "choices that share a number stay apart",
        arguments: [Dialect.chatCompletions, .completions, .generateContent])
    func sameNumbers(_ dialect: Dialect) throws {
        let body: JSON =
            dialect == .generateContent
            ? [
                "candidates": [
                    ["index": 1, "content": ["parts": [["text": "a"]]], "finishReason": "STOP"],
                    ["index": 1, "content": ["parts": [["text": "b"]]], "finishReason": "STOP"],
                    ["index": 0, "content": ["parts": [["text": "c"]]], "finishReason": "STOP"],
                ]
            ]
            : [
                "choices": [
                    ["index": 1, "text": "a", "message": ["content": "a"], "finish_reason": "stop"],
                    ["index": 1, "text": "b", "message": ["content": "b"], "finish_reason": "stop"],
                    ["index": 0, "text": "c", "message": ["content": "c"], "finish_reason": "stop"],
                ]
            ]
        let codec = try #require(dialect.codec)
        let reply = try codec.decodeReply(body)
        #expect(Set(reply.choices.map(\.index)).count == 3)
        #expect(reply.choices.compactMap(\.parts.first?.text) == ["a", "b", "c"])
        #expect(ReplyEventRules.faults(in: reply.events).isEmpty)
    }

    /// Found by the fuzzer: a delta of a call's arguments under the place of a thought reached the client's stream,
    /// where no block was open.
    @Test("a Responses delta of another kind than its item is passed over")
    func wrongKind() throws {
        var decoder = ResponsesCodec.streamDecoder()
        var events: [ReplyEvent] = []
        let frames: [JSON] = [
            ["type": "response.output_item.added", "output_index": 0, "item": ["type": "reasoning", "id": "rs_1"]],
            ["type": "response.function_call_arguments.delta", "output_index": 0, "delta": "[1"],
            ["type": "response.output_text.annotation.added", "output_index": 0, "annotation": ["type": "x"]],
            ["type": "response.output_item.done", "output_index": 0, "item": ["type": "message", "content": []]],
            ["type": "response.completed", "response": ["status": "completed", "output": []]],
        ]
        for frame in frames { try decoder.decode(.json(frame, event: nil), into: &events) }
        #expect(ReplyEventRules.faults(in: events).isEmpty)
        #expect(events.last == .ended)
    }

    /// Found by the fuzzer: the place behind the largest one overflowed.
    @Test("a Responses item at the largest place does not trap")
    func largestPlace() throws {
        var decoder = ResponsesCodec.streamDecoder()
        var events: [ReplyEvent] = []
        let last = Int64.max
        let item: JSON = ["type": "message", "id": "a", "content": [["type": "output_text", "text": "a"]]]
        let other: JSON = ["type": "message", "id": "b", "content": [["type": "output_text", "text": "b"]]]
        try decoder.decode(
            .json(["type": "response.output_item.done", "output_index": .int(last), "item": item], event: nil),
            into: &events)
        try decoder.decode(
            .json(["type": "response.completed", "response": ["status": "completed", "output": [other]]], event: nil),
            into: &events)
        #expect(ReplyEventRules.faults(in: events).isEmpty)
    }

    /// Found by the fuzzer: a part began after `stopped`.
    @Test("a Converse block after the message stopped is malformed")
    func blockAfterStop() {
        var decoder = ConverseCodec.streamDecoder()
        var events: [ReplyEvent] = []
        #expect(throws: ReplyError.self) {
            try decoder.decode(.json(["stopReason": "end_turn"], event: "messageStop"), into: &events)
            let delta: JSON = ["contentBlockIndex": 0, "delta": ["text": "a"]]
            try decoder.decode(.json(delta, event: "contentBlockDelta"), into: &events)
        }
        #expect(ReplyEventRules.faults(in: events).isEmpty)
    }

    /// Found by the fuzzer: the text of one kind went to a part of the other.
    @Test("a Cohere content that changes its kind begins a new part")
    func cohereKinds() throws {
        var decoder = CohereChatCodec.streamDecoder()
        var events: [ReplyEvent] = []
        for content: JSON in [["thinking": "a"], ["text": "b"], ["text": "c", "thinking": "d"], ["thinking": "e"]] {
            let frame: JSON = [
                "type": "content-delta", "index": 0, "delta": ["message": ["content": content]],
            ]
            try decoder.decode(.json(frame, event: nil), into: &events)
        }
        #expect(ReplyEventRules.faults(in: events).isEmpty)
        var assembler = ReplyAssembler(origin: .cohereChat)
        assembler.add(events)
        let parts = assembler.reply.choices.first?.parts ?? []
        #expect(parts.map { $0.text ?? $0.reasoning?.text } == ["a", "bc", "e"])
    }

    /// Found by the fuzzer: arguments went to a text's part, and were lost in every client's dialect.
    @Test("a Messages delta of another kind than its block is malformed; input of an unknown block is its own")
    func messagesKinds() throws {
        func events(_ block: JSON, _ delta: JSON) throws -> [ReplyEvent] {
            var decoder = MessagesCodec.streamDecoder()
            var events: [ReplyEvent] = []
            let frames: [JSON] = [
                ["type": "message_start", "message": ["id": "m"]],
                ["type": "content_block_start", "index": 0, "content_block": block],
                ["type": "content_block_delta", "index": 0, "delta": delta],
                ["type": "content_block_stop", "index": 0], ["type": "message_stop"],
            ]
            for frame in frames { try decoder.decode(.json(frame, event: nil), into: &events) }
            return events
        }
        let input: JSON = ["type": "input_json_delta", "partial_json": "{\"a\":1}"]
        #expect(throws: ReplyError.self) { try events(["type": "text", "text": ""], input) }
        #expect(throws: ReplyError.self) {
            try events(["type": "thinking", "thinking": ""], ["type": "text_delta", "text": "a"])
        }
        let unknown = try events(["type": "new_thing"], input)
        #expect(ReplyEventRules.faults(in: unknown).isEmpty)
        var assembler = ReplyAssembler(origin: .messages)
        assembler.add(unknown)
        #expect(
            assembler.reply.choices.first?.parts.first?.content == .native(["type": "new_thing", "input": ["a": 1]]))
    }
}
