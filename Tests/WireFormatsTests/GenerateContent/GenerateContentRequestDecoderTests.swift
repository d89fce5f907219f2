import JSONText
import TestSupport
import Testing
import WireFormats

/// Clients of generateContent.
@Suite("generateContent: requests of its clients")
struct GenerateContentRequestDecoderTests {
    @Test("both spellings, a single part, and ids for calls that have none")
    func reading() throws {
        let body: JSON = [
            "system_instruction": ["parts": ["text": "Be terse."], "role": "user"],
            "contents": [
                ["role": "user", "parts": [["inline_data": ["mime_type": "image/png", "data": "a-_="]]]],
                [
                    "role": "model",
                    "parts": [
                        ["functionCall": ["name": "f", "args": ["x": 1.0]], "thoughtSignature": "c2ln"],
                        ["functionCall": ["name": "f", "args": ["x": 2]]],
                    ],
                ],
                [
                    "role": "user",
                    "parts": [
                        ["functionResponse": ["name": "f", "response": ["result": "one"]]],
                        ["functionResponse": ["name": "f", "response": ["error": "two"], "scheduling": "SILENT"]],
                    ],
                ],
            ],
            "toolConfig": ["function_calling_config": ["mode": "ANY", "allowed_function_names": ["f", "g"]]],
            "generationConfig": [
                "temperature": 0.5, "top_k": 3, "responseModalities": ["TEXT"], "speechConfig": ["languageCode": "de"],
                "thinkingConfig": ["thinkingBudget": -1, "includeThoughts": true],
            ], "safetySettings": [["category": 10, "threshold": 3]],
        ]
        let conversation = try GenerateContentCodec.decodeRequest(body, at: RequestPlace(model: "m", stream: true))
        #expect(conversation.model == "m")
        #expect(conversation.stream)
        #expect(conversation.turns.map(\.role) == [.system, .user, .assistant, .user])
        #expect(conversation.turns[0].isTopLevel)
        #expect(
            conversation.turns[1].parts == [Part(.media(Media(.image, .base64("a+/="), mediaType: "image/png")))])
        let calls = conversation.turns[2].parts.compactMap(\.toolCall)
        #expect(calls.map(\.arguments) == [#"{"x":1.0}"#, #"{"x":2}"#])
        #expect(conversation.turns[2].parts[0].proof == Proof(.google, .signature, "c2ln"))
        let results = conversation.turns[3].parts.compactMap(\.toolResult)
        #expect(results.map(\.callID) == calls.map(\.id))
        #expect(Set(calls.map(\.id)).count == 2)
        #expect(results.map(\.text) == ["one", "two"])
        #expect(results.map(\.isError) == [nil, true])
        #expect(conversation.toolChoice == .allowed(["f", "g"], isRequired: true))
        #expect(conversation.reasoning == ReasoningSettings(mode: .adaptive, includesThoughts: true))
        #expect(conversation.extras.keys == ["generationConfig.speechConfig", "safetySettings"])
        try CodecCheck<GenerateContentCodec>.checkRequest(
            body, "own", normalised: GenerateContentCorpusTests.normalised)
    }

    @Test("numbers may be strings")
    func quotedNumbers() throws {
        let config: JSON = [
            "maxOutputTokens": "12", "temperature": "0.5", "topP": "1e-1", "topK": "3", "seed": "-7",
            "thinkingConfig": ["thinkingBudget": "1024"],
        ]
        let body: JSON = ["contents": [["parts": [["text": "x"]]]], "generationConfig": config]
        let read = try GenerateContentCodec.decodeRequest(body, at: RequestPlace(model: "m"))
        #expect(read.sampling.maxOutputTokens == 12 && read.sampling.temperature == 0.5)
        #expect(read.sampling.topP == 0.1 && read.sampling.topK == 3 && read.sampling.seed == -7)
        #expect(read.reasoning?.budgetTokens == 1024)
    }

    @Test(
        "a wrong type is a 400 that names the member in the client's words",
        arguments: [
            ([:], "contents"), (["contents": 1], "contents"), (["contents": [1]], "contents[0]"),
            (["contents": [["role": 1]]], "contents[0].role"), (["contents": [["role": "x"]]], "contents[0].role"),
            (["contents": [["parts": [["text": 1]]]]], "contents[0].parts[0].text"),
            (["contents": [["parts": [["inline_data": 1]]]]], "contents[0].parts[0].inline_data"),
            (
                ["contents": [["parts": [["inline_data": ["data": "AAAA"], "text": "a"]]]]],
                "contents[0].parts[0].inline_data"
            ),
            (
                ["contents": [["parts": [["functionCall": ["name": "f"], "executableCode": ["code": "x"]]]]]],
                "contents[0].parts[0].executableCode"
            ),
            (["contents": [["parts": [["inlineData": [:]]]]]], "contents[0].parts[0].inlineData.data"),
            (
                ["contents": [["parts": [["functionCall": ["name": "f", "args": []]]]]]],
                "contents[0].parts[0].functionCall.args"
            ), (["contents": [], "tools": 1], "tools"), (["contents": [], "tools": [1]], "tools[0]"),
            (["contents": [], "tools": [["functionDeclarations": [[:]]]]], "tools[0].functionDeclarations[0].name"),
            (["contents": [], "generation_config": ["topP": "x"]], "generation_config.topP"),
            (["contents": [], "generationConfig": ["stopSequences": [1]]], "generationConfig.stopSequences[0]"),
            (["contents": [], "toolConfig": ["functionCallingConfig": 1]], "toolConfig.functionCallingConfig"),
        ] as [(JSON, String)])
    func faults(_ body: JSON, _ param: String) {
        do {
            _ = try GenerateContentCodec.decodeRequest(body, at: RequestPlace())
            Issue.record("\(body.text) was read")
        } catch {
            #expect(error.param == param)
            #expect(error.status == 400)
        }
    }

    @Test(
        "a file without a type is what its address tells, and YouTube's are films",
        arguments: [
            ("https://www.youtube.com/watch?v=1", Media.Kind.video), ("https://youtu.be/1", .video),
            ("https://h/a.mp4", .video), ("https://h/a.mp3?x=1", .audio), ("https://h/a", .document),
            ("files/abc", .document),
        ])
    func kinds(uri: String, kind: Media.Kind) throws {
        let body: JSON = ["contents": [["role": "user", "parts": [["fileData": ["fileUri": .string(uri)]]]]]]
        let conversation = try GenerateContentCodec.decodeRequest(body, at: RequestPlace(model: "m", stream: false))
        guard case .media(let media) = conversation.turns[0].parts[0].content else {
            Issue.record("no medium")
            return
        }
        #expect(media.kind == kind && media.mediaType == nil)
        guard uri.contains("youtu") else { return }
        var losses = LossReport()
        let error = #expect(throws: RequestError.self) {
            try MessagesCodec.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses)
        }
        #expect(error?.code == "unsupported_content")
    }

    @Test("an object of absurdly many members is refused at once, a schema of many properties is read")
    func manyMembers() throws {
        let many = JSONObject((0..<100_000).map { ("m\($0)", JSON.int(0)) })
        #expect(throws: RequestError.self) {
            try GenerateContentCodec.decodeRequest(.object(many), at: RequestPlace())
        }
        let properties = JSONObject((0..<20_000).map { ("m\($0)", ["type": "STRING"] as JSON) })
        let schema: JSON = ["type": "OBJECT", "properties": .object(properties)]
        let body: JSON = [
            "contents": [], "tools": [["functionDeclarations": [["name": "f", "parameters": schema]]]],
        ]
        #expect(try GenerateContentCodec.decodeRequest(body, at: RequestPlace()).tools.count == 1)
    }

    @Test("bodies that were changed at random are read or refused, and never crash")
    func fuzzed() throws {
        var fuzz = SeededRandom.fresh("generateContent bodies")
        let request: JSON = [
            "contents": [
                ["role": "user", "parts": [["text": "q"], ["fileData": ["fileUri": "gs://a", "mimeType": "a/b"]]]],
                [
                    "role": "model",
                    "parts": [["functionCall": ["name": "f", "args": ["x": 1]]], ["text": "t", "thought": true]],
                ],
                ["role": "user", "parts": [["functionResponse": ["name": "f", "response": ["x": 1], "parts": []]]]],
            ],
            "tools": [
                ["functionDeclarations": [["name": "f", "parameters": ["type": "OBJECT"]]], "googleSearch": [:]]
            ],
            "generationConfig": ["thinkingConfig": ["thinkingLevel": "LOW"], "responseMimeType": "a", "topK": 3],
        ]
        let reply: JSON = [
            "candidates": [
                [
                    "content": ["parts": [["text": "ab"], ["functionCall": ["name": "f", "willContinue": true]]]],
                    "groundingMetadata": [
                        "groundingChunks": [["web": ["uri": "u"]]],
                        "groundingSupports": [["segment": ["endIndex": 2], "groundingChunkIndices": [0]]],
                    ], "finishReason": "STOP", "index": 0, "logprobsResult": ["chosenCandidates": [["token": "a"]]],
                ]
            ],
            "usageMetadata": ["promptTokenCount": 1, "promptTokensDetails": [["modality": "TEXT", "tokenCount": 1]]],
        ]
        for _ in 0..<3000 {
            let changed = mutated(request, &fuzz)
            if let conversation = try? GenerateContentCodec.decodeRequest(changed, at: RequestPlace()) {
                var losses = LossReport()
                for origin in [Dialect.generateContent, .messages] {
                    var conversation = conversation
                    conversation.origin = origin
                    var facts = TargetFacts(model: "m")
                    facts.takesGoogleJSONSchema = fuzz.chance(50)
                    facts.thinking = fuzz.pick([.budget, .level, .none])
                    _ = try? GenerateContentCodec.encodeRequest(conversation, for: facts, &losses)
                }
            }
            let answer = mutated(reply, &fuzz)
            let events = try? CodecCheck<GenerateContentCodec>.events(of: [Array("data: \(answer.text)\n\n".utf8)])
            #expect(CodecCheck<GenerateContentCodec>.faults(in: events ?? []).isEmpty, "\(answer.text)")
            guard var whole = try? GenerateContentCodec.decodeReply(answer) else { continue }
            // A choice that says nothing has no events.
            if whole.choices.allSatisfy({ $0.stop != nil }) {
                CodecCheck<GenerateContentCodec>.checkReply(whole, answer.text)
            }
            whole.origin = fuzz.pick([.generateContent, .messages])
            let context = ReplyContext(
                model: "m", requestID: "r", created: 0, request: Conversation(origin: .generateContent, model: "m"))
            var losses = LossReport()
            _ = GenerateContentCodec.encodeReply(whole, for: context, &losses)
            var encoder = GenerateContentCodec.streamEncoder(for: context)
            var frames = FrameWriter()
            for event in whole.events { encoder.encode(event, into: &frames) }
        }
    }

    private func mutated(_ value: JSON, _ fuzz: inout SeededRandom) -> JSON {
        if fuzz.chance(3) {
            return fuzz.pick([.null, true, -1, 9_223_372_036_854_775_807, 0.5, "x", [], [:], [["x": 1]], ["text": "a"]])
        }
        switch value {
        case .array(let elements):
            var changed = elements.map { mutated($0, &fuzz) }
            if fuzz.chance(5), let first = changed.first { changed.append(first) }
            return .array(changed)
        case .object(let object):
            return .object(
                JSONObject(object.map { key, value in (fuzz.chance(2) ? key + "_x" : key, mutated(value, &fuzz)) }))
        default: return value
        }
    }
}
