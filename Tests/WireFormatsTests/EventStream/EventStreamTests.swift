import JSONText
import TestSupport
import Testing
import WireFormats

@Suite("AWS event streams")
struct EventStreamTests {
    /// Made with Python's struct and zlib: a header of every type, two of them strings besides `:event-type`'s.
    static let everyHeader = bytes(
        """
        0000008d00000069183a72b601740001660101620205017303000501690400000005016c050000000000000000017906000261620b3a65\
        76656e742d7479706507000c6d657373616765537461727401640800000000000000000175090000000000000000000000000000000002\
        c3bc070002c3a97b22726f6c65223a22617373697374616e74227d9ea94bbc
        """)
    static let empty = bytes("000000100000000005c248eb7d98c8ff")

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).map { index in
            UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) ?? 0
        }
    }

    static func messages(_ pieces: [[UInt8]]) throws -> [EventStreamMessage] {
        var parser = EventStreamParser()
        var messages: [EventStreamMessage] = []
        for piece in pieces { try piece.withUnsafeBytes { try parser.feed($0) { messages.append($0) } } }
        #expect(parser.pendingBytes == 0)
        return messages
    }

    @Test("headers of every type are read over, strings are kept; cut anywhere it is the same")
    func headers() throws {
        let expected = [
            EventStreamMessage(
                headers: [(":event-type", "messageStart"), ("ü", "é")], payload: Array(#"{"role":"assistant"}"#.utf8)),
            EventStreamMessage(headers: [], payload: []),
        ]
        let both = Self.everyHeader + Self.empty
        #expect(try Self.messages([both]) == expected)
        #expect(try Self.messages(both.map { [$0] }) == expected)
        var fuzz = SeededRandom.fresh("event stream cuts")
        for _ in 0..<50 { #expect(try Self.messages(fuzz.cuts(of: both)) == expected) }
    }

    @Test("what is written is read again, and is what Python's zlib makes of it")
    func written() throws {
        #expect(EventStream.encoded(EventStreamMessage(headers: [], payload: [])) == Self.empty)
        let frame = EventStream.event("messageStop", ["stopReason": "end_turn"])
        let read = try Self.messages([frame])
        #expect(read.count == 1)
        #expect(read[0].header(":message-type") == "event" && read[0].header(":event-type") == "messageStop")
        #expect(read[0].payload == Array(#"{"stopReason":"end_turn"}"#.utf8))
    }

    @Test("any changed byte is found out, or changes no more than what no checksum covers")
    func checksums() throws {
        let frame = EventStream.event("a", ["b": 1])
        for index in frame.indices {
            var broken = frame
            broken[index] ^= 0x40
            var parser = EventStreamParser(messageBytesMax: 1 << 20)
            #expect(throws: EventStreamError.self, "byte \(index)") {
                try broken.withUnsafeBytes { try parser.feed($0) { _ in } }
            }
        }
    }

    @Test("a message longer than the limit is refused by its prelude")
    func limit() throws {
        let frame = EventStream.event("a", ["b": .string(String(repeating: "x", count: 5000))])
        var parser = EventStreamParser(messageBytesMax: 4096)
        #expect(throws: EventStreamError.tooLong(4096)) {
            try Array(frame.prefix(16)).withUnsafeBytes { try parser.feed($0) { _ in } }
        }
    }

    @Test("one large message byte by byte takes time in proportion to its length")
    func linear() throws {
        func time(_ count: Int) throws -> Duration {
            let frame = EventStream.event("a", ["b": .string(String(repeating: "x", count: count))])
            var parser = EventStreamParser()
            var found = 0
            let time = try ContinuousClock().measure {
                for byte in frame {
                    try withUnsafeBytes(of: byte) { try parser.feed($0) { _ in found += 1 } }
                }
            }
            #expect(found == 1)
            return time
        }
        let small = try time(50_000)
        let large = try time(800_000)
        // 16 times as long: in proportion it takes 16 times as long, in the square 256 times.
        #expect(large < small * 80, "\(small) \(large)")
    }
}
