import JSONText
import Testing

@testable import WireFormats

@Suite("Names of files") struct MediaNameTests {
    @Test(
        "a name keeps its ending, gets one where it has none, and is made up only where there is none",
        arguments: [
            ("notes.json", "application/json", "notes.json"), ("My Report", "application/pdf", "My Report.pdf"),
            ("release 1.2", "application/pdf", "release 1.2.pdf"), ("a.docx", "application/pdf", "a.docx"),
            (nil, "text/csv", "document.csv"), (nil, "application/zip", "document"),
            (nil, "application/json; charset=utf-8", "document.json"), ("data.json", nil, "data.json"),
            ("My Report", nil, "My Report"), (nil, nil, "document"),
        ] as [(String?, String?, String)])
    func fileName(name: String?, type: String?, expected: String) {
        let media = Media(.document, .base64("AAAA"), mediaType: type, filename: name)
        #expect(media.fileName == expected)
    }

    @Test(
        "a file without a type is what its name or its beginning says",
        arguments: [
            ("data.json", "eyJhIjoxfQ==", "application/json"), ("feed.XML", "PGEvPg==", "application/xml"),
            ("photo.jpg", "/9j/4AAQ", "image/jpeg"), ("My Report", "JVBERi0x", "application/pdf"),
            ("My Report", "AAAA", nil),
        ] as [(String, String, String?)])
    func likelyType(name: String, data: String, expected: String?) {
        #expect(Media(.document, .base64(data), filename: name).likelyType == expected)
    }

    @Test("a text is a text, whatever its name")
    func text() {
        #expect(Media(.document, .text("a"), filename: "report.pdf").likelyType == "text/plain")
        #expect(Media(.document, .text("a"), filename: "report.md").likelyType == "text/markdown")
    }

    @Test("the type at the end of an address is the medium's")
    func address() {
        #expect(Media(.image, .url("https://example.com/a/b.webp?size=1.5")).likelyType == "image/webp")
        #expect(Media(.document, .url("https://example.md")).likelyType == nil)
    }

    @Test(
        "text is read whatever its type is called, and binary files are not",
        arguments: [
            (nil, "data.json", true), ("application/json; charset=utf-8", nil, true), ("Text/CSV", nil, true),
            ("application/xml", nil, true), (nil, "report.docx", false), ("application/pdf", nil, false),
        ] as [(String?, String?, Bool)])
    func readableText(type: String?, name: String?, isText: Bool) throws {
        let media = Media(.document, .base64("eyJhIjoxfQ=="), mediaType: type, filename: name)
        #expect(media.readableText == (isText ? #"{"a":1}"# : nil))
        // Anthropic reads it as text, too, and gets nothing else but PDF.
        var conversation = Conversation(origin: .chatCompletions, model: "m")
        conversation.turns = [Turn(.user, [Part(.media(media))])]
        var losses = LossReport()
        guard isText || type == "application/pdf" else {
            let error = #expect(throws: RequestError.self) {
                try MessagesCodec.encodeRequest(conversation, for: TargetFacts(model: "m"), &losses)
            }
            #expect(error?.code == "unsupported_content")
            return
        }
        let body = try MessagesCodec.encodeRequest(conversation, for: TargetFacts(model: "m"), &losses)
        let source = body["messages"]?[0]?["content"]?[0]?["source"]
        #expect(source?["type"] == (isText ? "text" : "base64"))
        #expect(source?["media_type"] == (isText ? "text/plain" : "application/pdf"))
    }
}
