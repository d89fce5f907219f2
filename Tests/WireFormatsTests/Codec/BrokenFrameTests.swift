import JSONText
import Testing
import WireFormats

/// What a provider's stream has in a form that nobody reads would be lost without a word: it ends the stream. What has a
/// type that nobody knows is passed over.
@Suite("Broken frames") struct BrokenFrameTests {
    /// Documents of one stream; the last one is what it is about.
    struct Case: CustomTestStringConvertible, Sendable {
        let dialect: Dialect
        let event: String?
        let documents: [String]

        init(_ dialect: Dialect, event: String? = nil, _ documents: String...) {
            self.dialect = dialect
            self.event = event
            self.documents = documents
        }

        var testDescription: String { "\(dialect): \(event ?? "") \(documents.last ?? "")" }

        /// - Returns: why the stream cannot be read on; nil where it can.
        func failure() throws -> ReplyError? {
            let codec = try #require(dialect.codec)
            var decoder: any ReplyStreamDecoder = codec.streamDecoder()
            var events: [ReplyEvent] = []
            for document in documents {
                let frame = StreamFrame.json(try JSON.read(document), event: event)
                do throws(ReplyError) { try decoder.decode(frame, into: &events) } catch { return error }
            }
            return nil
        }
    }

    private static let block = #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#
    private static let item =
        #"{"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"m","content":[]}}"#

    static let broken: [Case] = [
        Case(.chatCompletions, "5"),
        Case(.chatCompletions, #"{"choices":"x"}"#),
        Case(.chatCompletions, #"{"choices":["x"]}"#),
        Case(.chatCompletions, #"{"choices":[{"index":0,"delta":"x"}]}"#),
        Case(.chatCompletions, #"{"choices":[{"index":0,"delta":{"content":5}}]}"#),
        Case(.chatCompletions, #"{"choices":[{"index":0,"delta":{"tool_calls":["x"]}}]}"#),
        Case(.completions, #"{"choices":"x"}"#),
        Case(.completions, #"{"choices":["x"]}"#),
        Case(.messages, event: "content_block_delta", "5"),
        Case(.messages, #"{"delta":{"type":"text_delta","text":"x"}}"#),
        Case(.messages, block, #"{"type":"content_block_delta","index":0,"delta":"x"}"#),
        Case(.messages, block, #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":5}}"#),
        Case(.messages, block, #"{"type":"message_delta","delta":"x"}"#),
        Case(.messages, event: "chunk", #"{"bytes":5}"#),
        Case(.responses, #"{"delta":"x"}"#),
        Case(.responses, #"{"type":"response.output_item.added"}"#),
        Case(.responses, item, #"{"type":"response.output_text.delta","output_index":0,"delta":5}"#),
        Case(.generateContent, #"{"candidates":"x"}"#),
        Case(.generateContent, #"{"candidates":[{"content":"x"}]}"#),
        Case(.generateContent, #"{"candidates":[{"content":{"parts":"x"}}]}"#),
        Case(.converse, "5"),
        Case(.converse, event: "contentBlockDelta", #"{"contentBlockIndex":0,"delta":{"text":5}}"#),
        Case(.cohereChat, #"{"delta":{"message":{"content":{"text":"x"}}}}"#),
        Case(.cohereChat, #"{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":5}}}}"#),
        Case(.ollamaChat, "5"),
        Case(.ollamaChat, #"{"message":"x"}"#),
        Case(.ollamaChat, #"{"message":{"content":5}}"#),
    ]

    static let passedOver: [Case] = [
        Case(.chatCompletions, #"{"choices":null,"new":1}"#),
        Case(.chatCompletions, #"{"choices":[{"index":0,"delta":[]}]}"#),
        Case(.chatCompletions, #"{"choices":[{"index":0,"delta":null,"new":1}]}"#),
        Case(.messages, block, #"{"type":"content_block_delta","index":0,"delta":{"type":"new_delta","x":5}}"#),
        Case(.messages, #"{"type":"new_event","x":5}"#),
        Case(.responses, item, #"{"type":"response.new.event","output_index":0,"delta":5}"#),
        Case(.generateContent, #"{"candidates":[{"content":{"role":"model"},"new":1}]}"#),
        Case(.converse, event: "newEvent", #"{"x":5}"#),
        Case(.cohereChat, #"{"type":"new-event","delta":5}"#),
        Case(.ollamaChat, #"{"message":{"content":null},"new":5}"#),
    ]

    @Test("what cannot be read ends the stream", arguments: BrokenFrameTests.broken) func ends(_ stream: Case) throws {
        guard case .malformed = try stream.failure() else {
            Issue.record("it was passed over")
            return
        }
    }

    @Test("what is of an unknown type is passed over", arguments: BrokenFrameTests.passedOver) func passes(
        _ stream: Case
    ) throws {
        #expect(try stream.failure() == nil)
    }
}
