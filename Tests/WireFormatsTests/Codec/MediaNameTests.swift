import Testing

@testable import WireFormats

@Suite("Names of files") struct MediaNameTests {
    @Test(
        "a name keeps its ending, gets one where it has none, and is made up only where there is none",
        arguments: [
            ("notes.json", "application/json", "notes.json"), ("My Report", "application/pdf", "My Report.pdf"),
            ("release 1.2", "application/pdf", "release 1.2.pdf"), ("a.docx", "application/pdf", "a.docx"),
            (nil, "text/csv", "document.csv"), (nil, "application/zip", "document"),
        ] as [(String?, String, String)])
    func fileName(name: String?, type: String, expected: String) {
        let media = Media(.document, .base64("AAAA"), mediaType: type, filename: name)
        #expect(media.fileName == expected)
    }
}
