import JSONText
import Testing

@testable import WireFormats

/// What a provider's encoder refuses is named as the client wrote it.
@Suite struct ClientRefusalTests {
    private func refusal(
        _ client: any DialectCodec.Type, _ body: JSON, by provider: any DialectCodec.Type,
        isChained: Bool = false
    ) throws -> RequestError? {
        var conversation = try client.decodeRequest(body, at: RequestPlace(model: "m", stream: false))
        if isChained { conversation.turnNumbersDiffer = true }
        var losses = LossReport()
        do throws(RequestError) {
            _ = try provider.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses)
            return nil
        } catch {
            return error
        }
    }

    private static let sound: JSON = ["type": "input_audio", "input_audio": ["data": "UklGRg==", "format": "wav"]]
    private static let googleSound: JSON = ["inlineData": ["mimeType": "audio/wav", "data": "UklGRg=="]]
    private static let googleFilm: JSON = ["fileData": ["mimeType": "video/mp4", "fileUri": "https://e.com/a.mp4"]]
    private static let film: JSON = [
        "video": ["format": "mp4", "source": ["s3Location": ["uri": "s3://b/a.mp4"]]]
    ]

    private static func chat(_ parts: JSON...) -> JSON {
        let system: JSON = ["role": "system", "content": "be brief"]
        return ["model": "m", "messages": [system, ["role": "user", "content": .array(parts)]]]
    }

    private static func responses(_ items: [JSON]) -> JSON {
        ["model": "m", "instructions": "be brief", "input": .array(items)]
    }

    private static func google(_ contents: [JSON]) -> JSON {
        ["systemInstruction": ["parts": [["text": "be brief"]]], "contents": .array(contents)]
    }

    private static func converse(_ blocks: [JSON]) -> JSON {
        ["system": [["text": "be brief"]], "messages": [["role": "user", "content": .array(blocks)]]]
    }

    private static let greeting: JSON = ["role": "user", "content": "hi"]
    private static let heard: JSON = ["role": "user", "content": [sound]]

    @Test func aFilmIsRefusedWhereChatHasNoPartForIt() throws {
        let body = Self.google([["role": "user", "parts": [["text": "look"], Self.googleFilm]]])
        let conversation = try GenerateContentCodec.decodeRequest(body, at: RequestPlace(model: "m", stream: false))
        var target = TargetFacts(model: "m")
        var losses = LossReport()
        let sent = try ChatCompletionsCodec.writtenRequest(conversation, for: target, &losses)
        #expect(
            sent["messages"]?[1]?["content"]?[1]
                == ["type": "video_url", "video_url": ["url": "https://e.com/a.mp4"]])
        target.takesVideo = false
        let refused = #expect(throws: RequestError.self) {
            try ChatCompletionsCodec.writtenRequest(conversation, for: target, &losses)
        }
        #expect(refused?.status == 400 && refused?.param == "contents[0].parts[1]")
        #expect(refused?.message == "contents[0].parts[1]: This model's provider does not take video.")
    }

    @Test func wordsForThinkingThatNobodyKnowsAreRefusedWhereTheyHaveToBeTranslated() throws {
        var chat = Self.chat(["type": "text", "text": "hi"])
        chat["reasoning_effort"] = "banana"
        for provider: any DialectCodec.Type in [MessagesCodec.self, GenerateContentCodec.self, ConverseCodec.self] {
            let refused = try #require(try refusal(ChatCompletionsCodec.self, chat, by: provider))
            #expect(refused.status == 400 && refused.param == "reasoning_effort" && refused.code == "invalid_value")
            #expect(refused.message.contains("'none', 'minimal', 'low', 'medium', 'high', 'xhigh' and 'max'"))
            #expect(!refused.message.contains("banana"))
        }
        #expect(try refusal(ChatCompletionsCodec.self, chat, by: ChatCompletionsCodec.self) == nil)
        for word in ["xhigh", "default"] {
            chat["reasoning_effort"] = .string(word)
            let conversation = try ChatCompletionsCodec.decodeRequest(chat, at: RequestPlace())
            var losses = LossReport()
            let target = TargetFacts(model: "claude-opus-4-5")
            let body = try MessagesCodec.writtenRequest(conversation, for: target, &losses)
            #expect((body["thinking"] == nil) == (word == "default"))
        }

        var responses = Self.responses([Self.greeting])
        responses["reasoning"] = ["effort": "banana"]
        #expect(try refusal(ResponsesCodec.self, responses, by: MessagesCodec.self)?.param == "reasoning.effort")
        #expect(try refusal(ResponsesCodec.self, responses, by: ResponsesCodec.self) == nil)

        var messages: JSON = ["model": "m", "max_tokens": 9000, "messages": [Self.greeting]]
        messages["thinking"] = ["type": "banana"]
        let type = try #require(try refusal(MessagesCodec.self, messages, by: ChatCompletionsCodec.self))
        #expect(
            type.param == "thinking.type"
                && type.message.contains("'enabled', 'disabled', 'adaptive' and 'between_tools'"))
        #expect(try refusal(MessagesCodec.self, messages, by: MessagesCodec.self) == nil)
        messages["thinking"] = ["type": "adaptive"]
        messages["output_config"] = ["effort": "banana"]
        let effort = try #require(try refusal(MessagesCodec.self, messages, by: GenerateContentCodec.self))
        #expect(effort.param == "output_config.effort")
    }

    @Test func turnsOfWhichNothingIsLeftAreRefusedByTheListsName() throws {
        let silent: [(any DialectCodec.Type, JSON, String)] = [
            (ChatCompletionsCodec.self, ["model": "m", "messages": [["role": "user", "content": ""]]], "messages"),
            (ResponsesCodec.self, ["model": "m", "input": ""], "input"),
            (ResponsesCodec.self, ["model": "m", "instructions": "be brief", "input": []], "input"),
            (GenerateContentCodec.self, Self.google([["role": "user", "parts": [["text": ""]]]]), "contents"),
            (ConverseCodec.self, Self.converse([["text": ""]]), "messages"),
        ]
        for (client, body, list) in silent {
            for provider: any DialectCodec.Type in [
                MessagesCodec.self, GenerateContentCodec.self, ConverseCodec.self, CohereChatCodec.self,
            ] where provider.dialect != client.dialect {
                // Cohere takes a system prompt alone.
                if provider.dialect == .cohereChat, body.text.contains("be brief") { continue }
                let refused = try refusal(client, body, by: provider)
                #expect(refused?.param == list && refused?.status == 400, "\(client.dialect), \(provider.dialect)")
                #expect(refused?.message.hasPrefix("Invalid '\(list)': at least one message with content is") == true)
            }
            #expect(try refusal(client, body, by: ChatCompletionsCodec.self) == nil)
        }
        // The input of Responses may be a system prompt alone.
        let system: JSON = ["model": "m", "messages": [["role": "system", "content": "be brief"]]]
        #expect(try refusal(ChatCompletionsCodec.self, system, by: MessagesCodec.self)?.param == "messages")
        var losses = LossReport()
        let conversation = try ChatCompletionsCodec.decodeRequest(system, at: RequestPlace())
        let body = try ResponsesCodec.writtenRequest(conversation, for: TargetFacts(model: "m"), &losses)
        #expect(body["input"]?.array?.count == 1 && body["input"]?[0]?["content"]?.text.contains("be brief") == true)
        #expect(body["instructions"] == nil)
        let blank: JSON = ["model": "m", "messages": [["role": "system", "content": ""]]]
        #expect(try refusal(ChatCompletionsCodec.self, blank, by: ResponsesCodec.self)?.param == "messages")
    }

    @Test func aRefusalNamesTheClientsMemberByParam() throws {
        let chat = try #require(try refusal(ChatCompletionsCodec.self, Self.chat(Self.sound), by: MessagesCodec.self))
        #expect(chat.param == "messages[1].content[0]" && chat.code == "unsupported_content")
        #expect(chat.message.contains("'messages[1].content[0]'"))
        let input = Self.responses([Self.greeting, Self.heard])
        let messages = try #require(try refusal(ResponsesCodec.self, input, by: MessagesCodec.self))
        #expect(messages.param == "input[1].content[0]" && messages.message.contains("'input[1].content[0]'"))
        #expect(!messages.message.contains("messages"))
        let cohere = try #require(try refusal(ResponsesCodec.self, input, by: CohereChatCodec.self))
        #expect(cohere.param == "input[1].content[0]" && cohere.message == "This model's provider does not take audio.")
    }

    @Test func whereTheClientsErrorsHaveNoParamTheTextNamesTheMember() throws {
        let said: JSON = ["role": "user", "parts": [["text": "hear"], Self.googleSound]]
        let contents = Self.google([["role": "user", "parts": [["text": "hi"]]], said])
        let messages = try #require(try refusal(GenerateContentCodec.self, contents, by: MessagesCodec.self))
        #expect(messages.param == "contents[1].parts[1]")
        #expect(messages.message.hasPrefix("Invalid 'contents[1].parts[1]': "))
        let ollama = try #require(try refusal(GenerateContentCodec.self, contents, by: OllamaChatCodec.self))
        #expect(ollama.message.hasPrefix("contents[1].parts[1]: This model's provider"))
        let film = Self.converse([["text": "look"], Self.film])
        let responses = try #require(try refusal(ConverseCodec.self, film, by: ResponsesCodec.self))
        #expect(responses.message.hasPrefix("messages[0].content[1]: "))
        let own = try #require(try refusal(ConverseCodec.self, film, by: MessagesCodec.self))
        #expect(own.message.hasPrefix("Invalid 'messages[0].content[1]': "))
        let drawn: JSON = ["contents": [["role": "model", "parts": [["text": "look"], Self.googleFilm]]]]
        let converse = try #require(try refusal(GenerateContentCodec.self, drawn, by: ConverseCodec.self))
        #expect(converse.message.hasPrefix("contents[0]: Bedrock"))
    }

    @Test func everyProviderNamesThePart() throws {
        // A film is taken by none of these from a bucket of Amazon's.
        let bodies: [(any DialectCodec.Type, JSON, String)] = [
            (
                ConverseCodec.self,
                [
                    "messages": [
                        ["role": "user", "content": [["text": "hi"]]],
                        ["role": "assistant", "content": [["text": "a"]]],
                        ["role": "assistant", "content": [["text": "b"]]],
                        ["role": "user", "content": [["text": "look"], Self.film]],
                    ]
                ], "messages[3].content[1]"
            ),
            (
                GenerateContentCodec.self,
                Self.google([
                    [
                        "role": "user",
                        "parts": [
                            ["text": "look"], ["fileData": ["mimeType": "video/mp4", "fileUri": "gs://b/a.mp4"]],
                        ],
                    ]
                ]), "contents[0].parts[1]"
            ),
        ]
        for (client, body, path) in bodies {
            for provider in [
                .chatCompletions, .responses, .completions, .messages, .cohereChat, .ollamaChat,
            ] as [Dialect] {
                let codec = try #require(provider.codec)
                let refused = try #require(try refusal(client, body, by: codec))
                #expect(refused.param == path && refused.message.contains(path), "\(provider)")
            }
        }
        // In a result it is that one which is named: the same image was welcome before it.
        let image: JSON = [
            "type": "image", "source": ["type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="],
        ]
        let body: JSON = [
            "model": "m", "max_tokens": 9,
            "messages": [
                ["role": "user", "content": [image]],
                ["role": "assistant", "content": [["type": "tool_use", "id": "1", "name": "f", "input": [:]]]],
                [
                    "role": "user",
                    "content": [
                        ["type": "text", "text": "here"],
                        ["type": "tool_result", "tool_use_id": "1", "content": [image]],
                    ],
                ],
            ],
        ]
        for provider: any DialectCodec.Type in [CohereChatCodec.self, OllamaChatCodec.self] {
            let refused = try #require(try refusal(MessagesCodec.self, body, by: provider))
            #expect(refused.param == "messages[2].content[1].content[0]")
            #expect(refused.message.hasPrefix("messages[2].content[1].content[0]: "))
        }
        let call: JSON = ["toolUse": ["toolUseId": "1", "name": "f", "input": [:]]]
        let found: JSON = [["text": "a"], Self.film, ["text": "b"]]
        let converse: JSON = [
            "messages": [
                ["role": "user", "content": [["text": "hi"]]], ["role": "assistant", "content": [call]],
                ["role": "user", "content": [["toolResult": ["toolUseId": "1", "content": found]]]],
            ]
        ]
        let film = try #require(try refusal(ConverseCodec.self, converse, by: CohereChatCodec.self))
        #expect(film.param == "messages[2].content[0].toolResult.content[1]")
        let orphan: JSON = [
            "model": "m", "input": [Self.greeting, ["type": "function_call_output", "call_id": "c", "output": "1"]],
        ]
        let lone = try #require(try refusal(ResponsesCodec.self, orphan, by: ChatCompletionsCodec.self))
        #expect(lone.param == "input[1]" && lone.message.contains("'input[1]'"))
    }

    @Test func aResultWithoutItsCallIsRefusedAlikeEverywhere() throws {
        let result: JSON = ["type": "tool_result", "tool_use_id": "none", "content": "1"]
        let body: JSON = ["model": "m", "max_tokens": 9, "messages": [["role": "user", "content": [result]]]]
        for provider in [.chatCompletions, .generateContent, .converse, .cohereChat, .ollamaChat] as [Dialect] {
            let codec = try #require(provider.codec)
            let refused = try #require(try refusal(MessagesCodec.self, body, by: codec), "\(provider)")
            #expect(refused.message == "Invalid 'messages[0].content[0]': no tool call before this result has its id.")
            #expect(refused.code == "invalid_value" && refused.param == "messages[0].content[0]")
        }
        let chat: JSON = ["model": "m", "messages": [["role": "tool", "tool_call_id": "none", "content": "1"]]]
        let refused = try #require(try refusal(ChatCompletionsCodec.self, chat, by: MessagesCodec.self))
        #expect(refused.message == "Invalid 'messages[0]': no tool call before this result has its id.")
        #expect(refused.code == "invalid_value")
    }

    @Test func aNumberThatIsNotTheClientsOwnIsNotSaid() throws {
        // Pieces of one answer become one turn.
        let piece: JSON = ["role": "model", "parts": [["text": "a"]]]
        let heard: JSON = ["role": "user", "parts": [Self.googleSound]]
        let contents = Self.google([["role": "user", "parts": [["text": "hi"]]], piece, piece, heard])
        let joined = try refusal(GenerateContentCodec.self, contents, by: MessagesCodec.self)
        #expect(joined?.param == "contents")
        // The gateway put an earlier conversation in front.
        let input = Self.responses([Self.heard])
        let chained = try refusal(ResponsesCodec.self, input, by: MessagesCodec.self, isChained: true)
        #expect(chained?.param == "input")
        let alone = try refusal(ResponsesCodec.self, input, by: MessagesCodec.self)
        #expect(alone?.param == "input[0].content[0]")
        // An envelope is an item, but no turn.
        let letter = ProofEnvelope.Letter(Proof(.google, .signature, "s"), belongsToNext: true)
        let envelope: JSON = [
            "type": "reasoning", "id": "rs_1", "summary": [],
            "encrypted_content": .string(ProofEnvelope.wrapped(letter)),
        ]
        let proven = Self.responses([Self.greeting, envelope, Self.heard])
        let shifted = try refusal(ResponsesCodec.self, proven, by: MessagesCodec.self)
        #expect(shifted?.param == "input")
    }

    @Test func aPartIsNumberedAsTheClientsBlocksAre() throws {
        // A cache point is a block of Converse, but no part.
        let point: JSON = ["cachePoint": ["type": "default"]]
        let text: JSON = ["text": "look"]
        let cases: [([JSON], String)] = [
            ([text, Self.film], "messages[0].content[1]"), ([text, point, Self.film], "messages[0].content"),
        ]
        for (blocks, path) in cases {
            let conversation = try ConverseCodec.decodeRequest(Self.converse(blocks), at: RequestPlace(model: "m"))
            let error = RequestError(message: "no", param: "messages[1].content[1]", code: "unsupported_content")
            let named = ClientRefusal(of: conversation, by: .generateContent).named(error)
            #expect(named.param == path && named.message == "\(path): no")
        }
        let sampling = RequestError(message: "Invalid 'top_p': too much.", param: "top_p", code: "value_out_of_range")
        let asked = try ChatCompletionsCodec.decodeRequest(Self.chat(Self.sound), at: RequestPlace())
        #expect(ClientRefusal(of: asked, by: .converse).named(sampling) == sampling)
    }

    @Test("what may not be dropped is named all at once")
    func lostMembers() {
        let one = RequestError.lost(["seed"])
        #expect(one.param == "seed" && one.message.hasPrefix("'seed' can't be carried"))
        #expect(one.message.contains("may not drop it. Leave it out,"))
        let two = RequestError.lost(["seed", "top_k"])
        #expect(two.param == "seed" && two.message.hasPrefix("'seed', 'top_k' can't be carried"))
        #expect(two.message.contains("may not drop them. Leave them out,"))
        #expect(two.status == 400 && two.code == "unsupported_parameter")
    }
}
