import JSONText
import Testing

@testable import WireFormats

@Suite("What the gateway wrote for another provider's answer") struct MadeMarksTests {
    private func stand(_ body: JSON, _ dialect: Dialect) throws -> Bool {
        let bytes = body.serialized()
        let document = try JSONScanner.scan(bytes, limits: .object)
        return bytes.withUnsafeBytes { MadeMarks.stand(in: document, $0, dialect) }
    }

    private static let search: JSON = [
        "id": "resp_1", "object": "response", "status": "completed",
        "output": [
            [
                "type": "web_search_call", "id": "ws_1", "status": "completed",
                "action": ["type": "search", "query": "q"],
            ],
            [
                "type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
                "content": [
                    [
                        "type": "output_text", "text": "Snow fell.",
                        "annotations": [
                            [
                                "type": "url_citation", "start_index": 0, "end_index": 10, "url": "https://n.test",
                                "title": "N",
                            ]
                        ],
                    ]
                ],
            ],
        ],
    ]

    private static let grounding: JSON = [
        "candidates": [
            [
                "content": ["role": "model", "parts": [["text": "Snow fell."]]], "finishReason": "STOP",
                "groundingMetadata": [
                    "groundingChunks": [["web": ["uri": "https://n.test", "title": "N"]]],
                    "groundingSupports": [
                        ["segment": ["startIndex": 0, "endIndex": 10], "groundingChunkIndices": [0]]
                    ],
                ],
            ]
        ]
    ]

    private func history(_ answer: JSON) -> JSON {
        [
            "model": "m", "max_tokens": 100,
            "messages": [
                ["role": "user", "content": "search cats"], ["role": "assistant", "content": answer],
                ["role": "user", "content": "more"],
            ],
        ]
    }

    @Test(
        "a search of another provider's does not go back to Anthropic",
        arguments: [
            (search, Dialect.responses, ["citations", "server_tool_use"]),
            (grounding, Dialect.generateContent, ["citations"]),
        ])
    func searches(_ answer: JSON, provider: Dialect, dropped: [String]) throws {
        let codec = try #require(provider.codec)
        let context = ReplyContext(
            model: "m", requestID: "r", created: 1, request: Conversation(origin: .messages, model: "m"))
        var losses = LossReport()
        let reply = try codec.decodeReply(answer)
        let shown = try #require(MessagesCodec.encodeReply(reply, for: context, &losses)["content"])
        let body = history(shown)
        #expect(try stand(body, .messages))

        var lost = LossReport()
        let conversation = try MessagesCodec.decodeRequest(body, at: RequestPlace())
        let written = try MessagesCodec.encodeRequest(conversation, for: TargetFacts(model: "claude"), &lost)
        #expect(written["messages"]?[1] == ["role": "assistant", "content": [["type": "text", "text": "Snow fell."]]])
        #expect(lost.dropped.sorted() == dropped)
    }

    @Test("each mark is seen where it stands, and what the provider itself wrote has none")
    func marks() throws {
        let letter = ProofEnvelope.wrapped(ProofEnvelope.Letter(Proof(.google, .signature, "s")))
        let thinking: JSON = [["type": "thinking", "thinking": "hm", "signature": .string(letter)]]
        #expect(try stand(history(thinking), .messages))
        let parts: JSON = [["text": "x", "thoughtSignature": .string(Base64.encoded(Array(letter.utf8)))]]
        #expect(try stand(["contents": [["role": "model", "parts": parts]]], .generateContent))
        let item: JSON = ["input": [["type": "message", "id": .string(ResponsesIDs.item("msg", for: "r", index: 0))]]]
        #expect(try stand(item, .responses))
        #expect(try !stand(item, .messages))

        let genuine: JSON = [
            ["type": "server_tool_use", "id": "srvtoolu_01A", "name": "web_search", "input": ["query": "q"]],
            ["type": "web_search_tool_result", "tool_use_id": "srvtoolu_01A", "content": []],
            [
                "type": "text", "text": "x",
                "citations": [
                    [
                        "type": "web_search_result_location", "url": "https://n.test", "title": "N", "cited_text": "x",
                        "encrypted_index": "aWR4",
                    ]
                ],
            ],
        ]
        #expect(try !stand(history(genuine), .messages))
    }

    @Test("the codec leaves out a citation with an empty index, which Anthropic could not read")
    func emptyIndex() throws {
        let citation: JSON = ["type": "web_search_result_location", "url": "https://n.test", "encrypted_index": ""]
        let body = history([["type": "text", "text": "x", "citations": [citation]]])
        var lost = LossReport()
        let conversation = try MessagesCodec.decodeRequest(body, at: RequestPlace())
        let written = try MessagesCodec.encodeRequest(conversation, for: TargetFacts(model: "claude"), &lost)
        #expect(written["messages"]?[1] == ["role": "assistant", "content": [["type": "text", "text": "x"]]])
        #expect(lost.dropped == ["citations"])
    }
}
