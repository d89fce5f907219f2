import Testing
import WireFormats

@Suite("StreamFramer") struct StreamFramerTests {
    @Test(
        "behind a broken frame nothing counts, not even the end",
        arguments: [
            (StreamFraming.sse, "data: {\"a\":1}\n\ndata: {\"a\":\n\ndata: {\"a\":3}\n\ndata: [DONE]\n\n"),
            (.sse, "data: {\"a\":1}\n\ndata: {\"a\":\"\u{1}\"}\n\n: alive\n\ndata: [DONE]\n\n"),
            (.lines, "{\"a\":1}\n{\"a\":\n{\"a\":3}\n"),
            (.array, "[{\"a\":1},{\"a\" 2},{\"a\":3}]"),
        ])
    func brokenFrame(framing: StreamFraming, text: String) {
        var framer = StreamFramer(framing)
        var frames: [StreamFrame] = []
        var failure: ReplyError?
        Array(text.utf8).withUnsafeBytes { bytes in
            do throws(ReplyError) { try framer.feed(bytes, into: &frames) } catch { failure = error }
        }
        #expect(frames == [.json(["a": 1], event: nil)])
        guard case .malformed = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }
}
