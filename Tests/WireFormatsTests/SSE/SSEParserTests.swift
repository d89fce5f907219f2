import TestSupport
import Testing
import WireFormats

/// An event as values, so that it can be kept and compared.
struct CollectedEvent: Equatable {
    var raw: [UInt8]
    var data: [UInt8]?
    var name: String
    var id: String
    var isTerminated: Bool

    init(_ event: SSEEvent) {
        raw = Array(event.raw)
        data = event.data.map { Array($0) }
        name = String(decoding: event.name, as: UTF8.self)
        id = String(decoding: event.id, as: UTF8.self)
        isTerminated = event.isTerminated
        if let range = event.dataRange {
            precondition(Array(event.raw[range]) == data, "the data's place in the raw bytes is right")
        }
    }

    var text: String? { data.map { String(decoding: $0, as: UTF8.self) } }
}

func collectEvents(_ pieces: [[UInt8]], eventBytesMax: Int = 1 << 20) throws -> [CollectedEvent] {
    var parser = SSEParser(eventBytesMax: eventBytesMax)
    var events: [CollectedEvent] = []
    for piece in pieces {
        try piece.withUnsafeBytes { bytes in
            try parser.feed(bytes) { events.append(CollectedEvent($0)) }
        }
    }
    parser.finish { events.append(CollectedEvent($0)) }
    return events
}

@Suite("SSEParser")
struct SSEParserTests {
    private func events(_ text: String) throws -> [CollectedEvent] { try collectEvents([Array(text.utf8)]) }

    @Test(
        "the examples of the specification give their events",
        arguments: [
            ("data: YHOO\ndata: +2\ndata: 10\n\n", ["YHOO\n+2\n10"]),
            (
                ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
                ["-", "first event", "second event", " third event"]
            ),
            ("data\n\ndata\ndata\n\ndata:", ["", "\n", ""]),
            ("data:test\n\ndata: test\n\n", ["test", "test"]),
        ] as [(String, [String])])
    func specification(text: String, data: [String]) throws {
        #expect(try events(text).map { $0.text ?? "-" } == data)
    }

    @Test(
        "lines that no client reads are told apart, where there is no data beside them",
        arguments: [
            (": wait\n\n", false), ("\r\n", false), ("\n", false), ("event: ping\r\nid: 1\r\nretry: 3\r\n\r\n", false),
            ("data: x\nupstream failed\n\n", false), (#"{"error":"x"}"# + "\n\n", true), (": a\n<html>\n\n", true),
            ("upstream gpu-7:8000 failed\n\n", true), ("retry limit exceeded at gpu-7: 3\n\n", true),
            ("eventually failed\n\n", true), ("ids\n\n", true), ("event\nid:\nretry\n:\n\n", false),
        ] as [(String, Bool)])
    func stray(text: String, isStray: Bool) throws {
        var found: [Bool] = []
        var parser = SSEParser()
        try Array(text.utf8).withUnsafeBytes { try parser.feed($0) { found.append($0.isStray) } }
        #expect(found == [isStray])
    }

    @Test("LF, CR and CRLF end lines alike")
    func lineEnds() throws {
        for end in ["\n", "\r", "\r\n"] {
            let text = ["event: ping", "id: 7", "data: a", "data: b", "", "data: c", "", ""].joined(separator: end)
            let found = try events(text)
            #expect(found.map(\.text) == ["a\nb", "c"])
            #expect(found[0].name == "ping")
            #expect(found[0].id == "7")
            #expect(found[1].name == "")
        }
    }

    @Test("a field's name is the whole name; unknown fields and names without a colon are no data")
    func fields() throws {
        let text = "dataset: 1\ndat: 2\n data: 3\nDATA: 4\nretry: 10\nevents: x\nidx: y\ndata4\ndatum\n\n"
        let found = try events(text)
        #expect(found.count == 1)
        #expect(found[0].data == nil)
        #expect(found[0].name == "")
        #expect(found[0].id == "")
    }

    @Test("a byte order mark at the start is skipped, elsewhere it is text")
    func byteOrderMark() throws {
        let found = try events("\u{FEFF}data: a\n\ndata: \u{FEFF}b\n\n")
        #expect(found.map(\.text) == ["a", "\u{FEFF}b"])
        // What is sent on has none: some clients take it for text.
        #expect(found[0].raw == Array("data: a\n\n".utf8))
    }

    @Test("comments and blank lines are events without data, so that nothing is lost")
    func withoutData() throws {
        let text = ": OPENROUTER PROCESSING\n\n\n\ndata: x\n\n:\n\n"
        let found = try events(text)
        #expect(found.map(\.text) == [nil, nil, nil, "x", nil])
        #expect(found.flatMap(\.raw) == Array(text.utf8))
    }

    @Test("a rest without its blank line is handed out at the end, and says so")
    func unterminated() throws {
        let found = try events("data: a\n\ndata: {\"usage\":1}")
        #expect(found.map(\.text) == ["a", "{\"usage\":1}"])
        #expect(found.map(\.isTerminated) == [true, false])
        #expect(try events("data: a\n").map(\.isTerminated) == [false])
        #expect(try events("").isEmpty)
    }

    @Test("an event is handed out when its blank line is there, not later")
    func promptness() throws {
        for end in ["\n\n", "\r\r", "\r\n\r\n"] {
            var parser = SSEParser()
            var count = 0
            for byte in Array(("data: x" + end).utf8).dropLast(end == "\r\n\r\n" ? 1 : 0) {
                #expect(count == 0)
                try [byte].withUnsafeBytes { try parser.feed($0) { _ in count += 1 } }
            }
            // For CRLF the last CR is enough.
            #expect(count == 1)
        }
    }

    @Test("the LF of a CRLF that came later leads the next event's bytes")
    func splitCRLF() throws {
        let found = try collectEvents([Array("data: a\r\n\r".utf8), Array("\ndata: b\r\n\r\n".utf8)])
        #expect(found.map(\.text) == ["a", "b"])
        #expect(found[1].raw == Array("\ndata: b\r\n\r\n".utf8))
    }

    @Test("an event longer than the limit is refused, buffered or not; shorter ones pass")
    func limit() throws {
        let long = Array(("data: " + String(repeating: "x", count: 100) + "\n\n").utf8)
        #expect(throws: SSEParser.EventTooLong.self) { try collectEvents([long], eventBytesMax: 100) }
        #expect(throws: SSEParser.EventTooLong.self) {
            try collectEvents([Array(long.prefix(60)), Array(long.dropFirst(60))], eventBytesMax: 100)
        }
        #expect(throws: SSEParser.EventTooLong.self) {
            try collectEvents(Array(repeating: Array("data".utf8), count: 30), eventBytesMax: 100)
        }
        #expect(try collectEvents([long], eventBytesMax: 108).count == 1)
    }

    @Test("whole, byte by byte or cut anywhere, the data is the same and the raw bytes add up to the stream")
    func cuts() throws {
        var fuzz = SeededRandom.fresh("SSE cuts")
        let lines = [
            "data: {\"a\":1}", "data: é你😀", "data:", "data", ": comment", "event: error", "id: 5", "retry: 3", "", "",
            "", "data: " + String(repeating: "long ", count: 40), "junk", "event:", "data:  two",
        ]
        for _ in 0..<1_500 {
            let style = fuzz.below(4)
            var text = fuzz.chance(10) ? "\u{FEFF}" : ""
            for _ in 0..<fuzz.below(30) {
                text += fuzz.pick(lines)
                text += style < 3 ? ["\n", "\r", "\r\n"][style] : fuzz.pick(["\n", "\r", "\r\n"])
            }
            if fuzz.chance(20) { text += "data: rest" }
            let bytes = Array(text.utf8)
            let forwarded = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
            let whole = try collectEvents([bytes])
            #expect(whole.flatMap(\.raw) == forwarded)
            for pieces in [bytes.map { [$0] }, fuzz.cuts(of: bytes)] {
                let cut = try collectEvents(pieces)
                #expect(cut.flatMap(\.raw) == forwarded)
                func essence(_ events: [CollectedEvent]) -> [String] {
                    // A rest that is only the LF of a CRLF is an event of its own when it comes alone.
                    events.filter { $0.data != nil || !$0.name.isEmpty }.map {
                        "\($0.name)|\($0.id)|\($0.text ?? "-")|\($0.isTerminated)"
                    }
                }
                #expect(essence(cut) == essence(whole), "\(text.debugDescription)")
            }
        }
    }

    @Test("it never looks beyond the bytes that it is fed, whatever their length")
    func bounds() throws {
        let memory = GuardedBytes(capacity: 4096)
        for length in 1..<200 {
            for end in ["", "\n", "\r", "\r\n", "\n\n", "\r\n\r\n"] {
                let bytes = Array(("data: " + String(repeating: "x", count: length) + end).utf8)
                var parser = SSEParser()
                var data: [UInt8]?
                try memory.with(bytes) { try parser.feed($0) { data = Array($0.data!) } }
                parser.finish { data = Array($0.data!) }
                #expect(data?.count == length)
            }
        }
    }

    @Test("a long event fed byte by byte takes linear time")
    func linear() throws {
        let bytes = Array(("data: " + String(repeating: "x", count: 200_000) + "\n\n").utf8)
        var parser = SSEParser()
        var count = 0
        let clock = ContinuousClock()
        let time = try clock.measure {
            for byte in bytes { try withUnsafeBytes(of: byte) { try parser.feed($0) { _ in count += 1 } } }
        }
        #expect(count == 1)
        #expect(parser.pendingBytes == 0)
        #expect(time < .seconds(4))
    }
}
