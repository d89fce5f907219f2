import Testing

@testable import tollgate_bench

@Suite struct ReplyReaderTests {
    struct Seen: Equatable {
        var status: Int
        var body: Int
        var events: Int
        var done: Bool
        var errors: Int
    }

    static let conversation = Array(
        """
        HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello\
        HTTP/1.1 429 Too\r\ncontent-length: 0\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n\
        10\r\ndata: {"a":1}\n\n:\r\n1b\r\n c\ndata: {"error":{}}\n\ndata\r\ne\r\n: [DONE]\r\n\r\n \n\r\n0\r\n\r\n
        """.utf8)

    static let expected = [
        Seen(status: 200, body: 5, events: 0, done: false, errors: 0),
        Seen(status: 429, body: 0, events: 0, done: false, errors: 0),
        Seen(status: 200, body: 57, events: 3, done: true, errors: 1),
    ]

    static func read(_ pieces: [[UInt8]]) -> [Seen] {
        var reader = ReplyReader()
        var seen: [Seen] = []
        for piece in pieces {
            piece.withUnsafeBytes { bytes in
                var rest = 0
                while rest < bytes.count {
                    var taken = 0
                    let step = reader.read(UnsafeRawBufferPointer(rebasing: bytes[rest...]), taken: &taken)
                    rest += taken
                    if step == .broken { return }
                    guard step == .complete else { continue }
                    seen.append(
                        Seen(
                            status: reader.status, body: reader.bodyBytes, events: reader.events,
                            done: reader.sawDone, errors: reader.errorEvents))
                    reader.next()
                }
            }
        }
        return seen
    }

    @Test func `replies are read whole`() { #expect(Self.read([Self.conversation]) == Self.expected) }

    @Test func `any single cut gives the same replies`() {
        for cut in 0...Self.conversation.count {
            let pieces = [Array(Self.conversation[0..<cut]), Array(Self.conversation[cut...])]
            #expect(Self.read(pieces) == Self.expected, "cut at \(cut)")
        }
    }

    @Test func `byte by byte gives the same replies`() {
        #expect(Self.read(Self.conversation.map { [$0] }) == Self.expected)
    }

    @Test func `what is no reply is broken`() {
        var reader = ReplyReader()
        var taken = 0
        let step = Array("SSH-2.0-x\r\n".utf8).withUnsafeBytes { reader.read($0, taken: &taken) }
        #expect(step == .broken)
    }
}
