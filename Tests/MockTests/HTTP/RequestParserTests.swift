import Testing

@testable import MockProvider

@Suite struct RequestParserTests {
    /// What a test needs of a parsed request, as text.
    struct Parsed: Equatable {
        var method: HTTPRequest.Method
        var path: String
        var body: String
        var keepsAlive: Bool
        var authorization: String?
        var control: String?
        var attemptID: String?
    }

    /// Feeds pieces one after the other and collects what comes out.
    static func parse(_ pieces: [[UInt8]]) -> (requests: [Parsed], end: RequestParser.Step) {
        var parser = RequestParser()
        var queue = ByteQueue()
        var requests: [Parsed] = []
        var step = RequestParser.Step.needsMore
        for piece in pieces {
            queue.append(piece)
            step = parser.advance(&queue)
            if step == .needsContinue { step = parser.advance(&queue) }
            while step == .complete {
                let request = parser.request
                let bytes = queue.bytes
                func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
                requests.append(
                    Parsed(
                        method: request.method, path: text(request.path), body: text(request.body),
                        keepsAlive: request.keepsAlive, authorization: request.authorization.map(text),
                        control: request.control.map(text), attemptID: request.attemptID.map(text)))
                queue.consume(request.totalBytes)
                parser.next()
                step = parser.advance(&queue)
            }
            if case .refused = step { break }
        }
        return (requests, step)
    }

    static let conversation = Array(
        """
        POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAUTHORIZATION: Bearer sk-1 \r\nContent-Length: 11\r\n\
        x-mock: fault=429\r\nX-Client-Request-ID: 77\r\n\r\nhello world\
        GET /_mock/stats HTTP/1.1\r\nConnection: Close\r\n\r\n\
        POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
        5;ext=1\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nTrailer: x\r\n\r\n\
        POST /y HTTP/1.0\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n
        """.utf8)

    static let expected = [
        Parsed(
            method: .post, path: "/v1/chat/completions", body: "hello world", keepsAlive: true,
            authorization: "Bearer sk-1", control: "fault=429", attemptID: "77"),
        Parsed(method: .get, path: "/_mock/stats", body: "", keepsAlive: false),
        Parsed(method: .post, path: "/x", body: "hello world", keepsAlive: true),
        Parsed(method: .post, path: "/y", body: "", keepsAlive: true),
    ]

    @Test func `pipelined requests of every framing are read whole`() {
        let (requests, end) = Self.parse([Self.conversation])
        #expect(requests == Self.expected)
        #expect(end == .needsMore)
    }

    @Test func `any single cut gives the same requests`() {
        for cut in 0...Self.conversation.count {
            let pieces = [Array(Self.conversation[0..<cut]), Array(Self.conversation[cut...])]
            #expect(Self.parse(pieces).requests == Self.expected, "cut at \(cut)")
        }
    }

    @Test func `byte by byte gives the same requests`() {
        #expect(Self.parse(Self.conversation.map { [$0] }).requests == Self.expected)
    }

    @Test func `random cuts give the same requests`() {
        for seed in 1...200 {
            var generator = SplitMix64(seed: UInt64(seed))
            var pieces: [[UInt8]] = []
            var rest = Self.conversation[...]
            while !rest.isEmpty {
                let count = min(Int(generator.next() % 30) + 1, rest.count)
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(Self.parse(pieces).requests == Self.expected, "seed \(seed)")
        }
    }

    @Test(arguments: [
        ("GARBAGE\r\n\r\n", 400), ("GET / HTTP/2\r\n\r\n", 400), ("GET  HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400), ("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nContent-Length: 67108865\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n", 413),
    ])
    func `what could be understood in two ways is refused`(_ text: String, _ status: Int) {
        guard case .refused(let refusedWith, _) = Self.parse([Array(text.utf8)]).end else {
            Issue.record("not refused: \(text)")
            return
        }
        #expect(refusedWith == status)
    }

    @Test func `a client that expects 100 is told to go on, once, and only if its body has not come`() {
        var parser = RequestParser()
        var queue = ByteQueue("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(parser.advance(&queue) == .needsContinue)
        #expect(parser.advance(&queue) == .needsMore)
        queue.append(text: "ab")
        #expect(parser.advance(&queue) == .complete)

        var ready = RequestParser()
        var whole = ByteQueue("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab")
        #expect(ready.advance(&whole) == .complete)
    }

    @Test func `random bytes neither crash the parser nor make it read past its input`() {
        for seed in 1...300 {
            var generator = SplitMix64(seed: UInt64(seed))
            var bytes = Self.conversation
            for _ in 0..<Int(generator.next() % 8) + 1 {
                bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
            }
            let whole = Self.parse([bytes])
            let drip = Self.parse(bytes.map { [$0] })
            #expect(whole.requests == drip.requests, "seed \(seed)")
        }
    }
}
