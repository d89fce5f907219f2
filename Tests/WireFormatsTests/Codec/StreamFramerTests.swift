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

    @Test(
        "a last event that was cut is no frame, one that lacks only its blank line is",
        arguments: [
            ("data: [DON", []), ("data: {\"a\":", []), ("event: error\ndata: overl", []),
            ("data: [DONE]", [.done]), ("data: {\"a\":1}\n", [.json(["a": 1], event: nil)]),
            ("event: error\ndata: overloaded\n", [.failed(ProviderError(message: "overloaded", kind: .unknown))]),
            ("event: error\r\ndata: overloaded\r", [.failed(ProviderError(message: "overloaded", kind: .unknown))]),
        ] as [(String, [StreamFrame])])
    func cutEvent(text: String, expected: [StreamFrame]) throws {
        var framer = StreamFramer(.sse)
        var frames: [StreamFrame] = []
        try Array(text.utf8).withUnsafeBytes { try framer.feed($0, into: &frames) }
        try framer.finish(into: &frames)
        #expect(frames == expected)
    }

    @Test(
        "an error that stands behind the events in no field is one, other text is not",
        arguments: [
            (#"[{"error": {"code": 503,"# + "\n" + #" "message": "m", "status": "UNAVAILABLE"}}]"#, "m"),
            (#"{"error":{"message":"m"}}"# + "\n", "m"), ("\r\n" + #"{"error":{"message":"m"}}"# + "\n\n", "m"),
            (#"[{"error":{"message":"m"}"#, nil), (#"{"candidates":[]}"#, nil), ("[1]\n\n", nil), (": m\n\n", nil),
            ("text", nil),
        ] as [(String, String?)])
    func bareError(text: String, message: String?) throws {
        for size in [1, 7, 1000] {
            var framer = StreamFramer(.sse)
            var frames: [StreamFrame] = []
            let bytes = Array(("data: {\"a\":1}\n\n" + text).utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                let piece = bytes[start..<min(start + size, bytes.count)]
                try piece.withUnsafeBytes { try framer.feed($0, into: &frames) }
            }
            try framer.finish(into: &frames)
            #expect(frames.first == .json(["a": 1], event: nil))
            let errors = frames.compactMap { frame -> String? in
                if case .failed(let error) = frame { error.message } else { nil }
            }
            #expect(errors == (message.map { [$0] } ?? []), "\(frames)")
        }
    }

    @Test("a byte order mark before the first frame is none of it", arguments: [1, 2, 1000])
    func byteOrderMark(size: Int) throws {
        for (framing, text) in [
            (StreamFraming.sse, "data: {\"a\":1}\n\n"), (.lines, "{\"a\":1}\n"), (.lines, "{\"a\":1}"),
            (.array, "[{\"a\":1}]"),
        ] {
            var framer = StreamFramer(framing)
            var frames: [StreamFrame] = []
            let bytes = Array(("\u{FEFF}" + text).utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                let piece = bytes[start..<min(start + size, bytes.count)]
                try piece.withUnsafeBytes { try framer.feed($0, into: &frames) }
            }
            try framer.finish(into: &frames)
            #expect(frames == [.json(["a": 1], event: nil)], "\(framing)")
        }
    }

    @Test("a frame that says how long it is and is cut is a failure, not a loss", arguments: [1, 20, 40])
    func cutFrame(missing: Int) throws {
        let whole = EventStream.event("contentBlockDelta", ["delta": ["text": "Hi"]])
        let array = Array("[{\"a\":1},{\"a\":\"a text that is longer than what is cut off\"}".utf8)
        for (framing, bytes) in [(StreamFraming.eventStream, whole + whole), (.array, array)] {
            var framer = StreamFramer(framing)
            var frames: [StreamFrame] = []
            try bytes.dropLast(missing).withUnsafeBytes { try framer.feed($0, into: &frames) }
            #expect(frames.count == 1)
            #expect(throws: ReplyError.self) { try framer.finish(into: &frames) }
        }
    }
}
