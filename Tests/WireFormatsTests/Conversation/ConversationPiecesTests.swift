import JSONText
import Testing
import WireFormats

/// Streamed answers, as Google's clients send them back.
@Suite("pieces of a stream")
struct ConversationPiecesTests {
    private static let providers: [any DialectCodec.Type] = [
        ChatCompletionsCodec.self, ResponsesCodec.self, MessagesCodec.self, ConverseCodec.self, CohereChatCodec.self,
        OllamaChatCodec.self,
    ]

    private func written(_ answer: [JSON], to provider: any DialectCodec.Type) throws -> String {
        var contents: [JSON] = [["role": "user", "parts": [["text": "q"]]]]
        for part in answer { contents.append(["role": "model", "parts": [part]]) }
        contents.append(["role": "user", "parts": [["text": "more"]]])
        let conversation = try GenerateContentCodec.decodeRequest(
            ["contents": .array(contents)], at: RequestPlace(model: "m", stream: false))
        var losses = LossReport()
        return try provider.encodeRequest(conversation, for: TargetFacts(model: "m"), &losses).text
    }

    @Test("the empty text with which a stream ends goes to no other provider, and to Google as it came")
    func lastText() throws {
        let signed: JSON = ["text": "Hi", "thoughtSignature": "c2ln"]
        for provider in Self.providers {
            let plain = try written([["text": "H"], ["text": "i"], ["text": ""]], to: provider)
            #expect(!plain.contains(#":"""#), "\(provider.dialect)")
            let proven = try written([signed, ["text": ""]], to: provider)
            #expect(!proven.contains(#":"""#), "\(provider.dialect)")
        }
        let own = try written([signed, ["text": ""]], to: GenerateContentCodec.self)
        #expect(own.contains(#"{"role":"model","parts":[{"text":""}]}"#))
    }
}
