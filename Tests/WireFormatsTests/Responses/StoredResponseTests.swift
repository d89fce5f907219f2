import JSONText
import Testing
import WireFormats

/// `previous_response_id` and the paths below `/v1/responses/{id}` where the provider stores nothing.
@Suite("Stored responses")
struct StoredResponseTests {
    private func stored(_ number: Int, _ request: JSON, _ output: JSON) throws -> StoredResponse {
        let response: JSON = [
            "id": .string("resp_tg_r\(number)"), "object": "response", "created_at": .int(Int64(100 + number)),
            "output": output,
        ]
        return try #require(StoredResponse(response, to: request, requestID: "r\(number)"))
    }

    private func chain() throws -> [StoredResponse] {
        [
            try stored(
                1, ["model": "m", "input": "one", "instructions": "I", "tools": []],
                [["type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}"]]),
            try stored(
                2,
                [
                    "model": "m", "previous_response_id": "resp_tg_r1",
                    "input": [
                        ["type": "function_call_output", "call_id": "c", "output": "1"],
                        ["role": "user", "content": "two"],
                    ],
                ],
                [
                    [
                        "type": "message", "id": "msg_2", "role": "assistant", "status": "completed",
                        "content": [["type": "output_text", "text": "2", "annotations": []]],
                    ]
                ]),
        ]
    }

    @Test("is streamed again: the same answer, in legal order; to who goes on, its end, which holds it whole")
    func streamedAgain() throws {
        var reply = Reply(origin: .chatCompletions)
        reply.id = "c1"
        reply.choices = [
            Reply.Choice(
                parts: [
                    Part(.reasoning(Reasoning("hm"))), .text("Hello"),
                    Part(.toolCall(ToolCall(id: "call_1", name: "f", arguments: #"{"a":1}"#))),
                ], stop: Stop(.toolUse))
        ]
        reply.usage = Usage(TokenUsage(input: 5, output: 6))
        let request: JSON = ["model": "m", "input": "hi", "temperature": 0.5, "metadata": ["k": "v"]]
        let context = ReplyContext(
            model: "m", requestID: "r1", created: 7,
            request: try ResponsesCodec.decodeRequest(request, at: RequestPlace()))
        var losses = LossReport()
        let response = ResponsesCodec.encodeReply(reply, for: context, &losses)
        let stored = try #require(StoredResponse(response, to: request, requestID: "r1"))

        func frames(after number: Int64?) throws -> [JSON] {
            try collectEvents([stored.events(after: number)]).map { try JSON.parse($0.data ?? []) }
        }
        let all = try frames(after: nil)
        #expect(all.map { $0["sequence_number"]?.int } == (0..<all.count).map { Int64($0) })
        #expect(all.first?["type"] == "response.created" && all.last?["type"] == "response.completed")
        #expect(firstDifference(response, all.last?["response"] ?? .null) == nil)
        #expect(all.filter { $0["type"] == "response.output_item.done" }.map { $0["item"] ?? .null } == stored.output)
        let deltas = all.filter { $0["type"] == "response.output_text.delta" }.map { $0["delta"] ?? .null }
        #expect(deltas == ["Hello"])
        // A number below all of these events' own, one among them, and one that only the first stream had.
        for known in [0, 2, 49] as [Int64] {
            let rest = try frames(after: known)
            #expect(rest.map { $0["type"] ?? .null } == ["response.completed"])
            #expect(rest.first?["sequence_number"]?.int == known + 1)
            #expect(rest.first?["response"] == all.last?["response"])
        }
    }

    @Test("a chain is all that was said, then what is new; instructions and tools are not inherited")
    func goesOn() throws {
        let request = StoredResponse.chain(
            try chain(),
            with: ["model": "m", "previous_response_id": "resp_tg_r2", "input": "three", "temperature": 1])
        let expected: JSON = [
            "model": "m", "temperature": 1,
            "input": [
                ["type": "message", "role": "user", "content": "one", "id": "msg_tg_r1_in0"],
                ["type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}"],
                ["type": "function_call_output", "call_id": "c", "output": "1", "id": "fco_tg_r2_in0"],
                ["type": "message", "role": "user", "content": "two", "id": "msg_tg_r2_in1"],
                [
                    "type": "message", "id": "msg_2", "role": "assistant", "status": "completed",
                    "content": [["type": "output_text", "text": "2", "annotations": []]],
                ], ["type": "message", "role": "user", "content": "three"],
            ],
        ]
        #expect(firstDifference(expected, request) == nil)
        let conversation = try ResponsesCodec.decodeRequest(request, at: RequestPlace())
        #expect(conversation.turns.map(\.role) == [.user, .assistant, .tool, .user, .assistant, .user])
    }

    @Test("a reference to what is in the chain adds nothing; any other stays")
    func references() throws {
        let request = StoredResponse.chain(
            try chain(),
            with: [
                "model": "m",
                "input": [
                    ["type": "item_reference", "id": "msg_2"], ["type": "item_reference", "id": "msg_9"],
                    ["id": "msg_2"],
                ],
            ])
        #expect(request["input"]?.array?.count == 6)
    }

    @Test("input items come in pages, newest first, with all that went before")
    func inputItems() throws {
        let chain = try chain()
        let all = try StoredResponse.inputItems(of: chain)
        let ids = { (list: JSON) in (list["data"]?.array ?? []).compactMap { $0["id"]?.string } }
        #expect(ids(all) == ["msg_tg_r2_in1", "fco_tg_r2_in0", "fc_1", "msg_tg_r1_in0"])
        #expect(all["object"] == "list" && all["has_more"] == false && all["last_id"] == "msg_tg_r1_in0")
        let message = try #require(all["data"]?[0])
        #expect(message["content"] == [["type": "input_text", "text": "two"]] && message["status"] == "completed")
        let page = try StoredResponse.inputItems(of: chain, limit: 2, after: "msg_tg_r1_in0", order: .ascending)
        #expect(ids(page) == ["fc_1", "fco_tg_r2_in0"] && page["has_more"] == true && page["first_id"] == "fc_1")
        #expect(throws: RequestError.self) { try StoredResponse.inputItems(of: chain, limit: 0) }
        #expect(throws: RequestError.self) { try StoredResponse.inputItems(of: chain, limit: 101) }
        #expect(throws: RequestError.self) { try StoredResponse.inputItems(of: chain, after: "msg_none") }
        #expect(try StoredResponse.Order(named: nil) == .descending)
        #expect(try StoredResponse.Order(named: "asc") == .ascending)
        for wrong in ["sideways", ""] {
            let refused = #expect(throws: RequestError.self) { try StoredResponse.Order(named: wrong) }
            #expect(refused?.param == "order" && refused?.code == "invalid_value")
            #expect(refused?.message == "Invalid value: '\(wrong)'. Supported values are: 'asc' and 'desc'.")
        }
        let none = try StoredResponse.inputItems(of: [])
        #expect(none["data"] == [] && none["first_id"] == .null)
    }

    @Test("it comes back from a store as it went in, and answers for itself")
    func store() throws {
        for one in try chain() {
            #expect(StoredResponse(json: try JSON.parse(one.json.serialized())) == one)
            #expect(one.retrieved["id"]?.string == one.id)
            #expect(one.deleted == ["id": .string(one.id), "object": "response", "deleted": true])
            #expect(one.request["previous_response_id"] == nil && one.request["input"] == nil)
        }
        #expect(StoredResponse(json: ["id": "x"]) == nil)
        #expect(StoredResponse(["output": []], to: ["model": "m"], requestID: "r") == nil)
    }

    @Test("the other answers")
    func answers() {
        #expect(ResponsesAnswers.inputTokens(7) == ["object": "response.input_tokens", "input_tokens": 7])
        #expect(ResponsesAnswers.previousNotFound("resp_x").code == "previous_response_not_found")
        for id in ["", "resp_x", "no id \"\n"] {
            let refused = ResponsesAnswers.previousNotFound(id)
            #expect(refused.message == "Previous response with id '\(id)' not found.")
        }
        let parent = ResponsesAnswers.previousNotFound("resp_1", below: "resp_2").message
        #expect(parent == "Previous response with id 'resp_1' not found. The response 'resp_2' builds on it.")
        let long = ResponsesAnswers.previousNotFound(String(repeating: "é", count: 100)).message
        #expect(long.contains("'\(String(repeating: "é", count: 64))'"))
        #expect(ResponsesAnswers.notFound("resp_x").status == 404)
        #expect(!ResponsesAnswers.notFound("<script>").message.contains("<"))
        let refusal = ResponsesAnswers.compactionUnsupported
        #expect(refusal.status == 400 && refusal.message.contains("/v1/responses/compact"))
    }

    @Test("ids that we made are known, and short enough")
    func ids() {
        let long = String(repeating: "a", count: 200)
        for id in [
            ResponsesIDs.response(for: "req_1"), ResponsesIDs.response(for: long),
            ResponsesIDs.item("msg", for: "r", index: 3), ResponsesIDs.item("ctc", for: long, index: 12_345),
        ] {
            #expect(ResponsesIDs.isMade(id) && id.utf8.count <= 64, "\(id)")
        }
        for id in ["msg_123", "tg_1", "", "_", "resp_", "abcdefghijk_tg_1"] {
            #expect(!ResponsesIDs.isMade(id), "\(id)")
        }
    }
}
