import Testing

@testable import Transfer

@Suite struct ReplyParserTests {
    /// What a whole answer came to.
    struct Reading: Equatable {
        var status = 0
        var body = ""
        var hasEnded = false
        var keepsConnection = false
        /// Bytes behind the answer's end.
        var left = 0
    }

    /// Feeds an answer in pieces of `size` bytes.
    static func read(_ text: String, inPiecesOf size: Int) throws -> Reading {
        var parser = ReplyParser()
        var reading = Reading()
        var body: [UInt8] = []
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count, !parser.hasEnded {
            let end = min(start + size, bytes.count)
            var offset = 0
            try bytes[start..<end].withUnsafeBytes { piece in
                loop: while true {
                    switch try parser.read(piece, at: &offset, body: { body.append(contentsOf: $0) }) {
                    case .head: continue
                    case .more, .ended: break loop
                    }
                }
            }
            start += offset
        }
        reading.status = parser.head.status
        reading.body = String(decoding: body, as: UTF8.self)
        reading.hasEnded = parser.hasEnded
        reading.keepsConnection = parser.keepsConnection
        reading.left = bytes.count - start
        return reading
    }

    /// However it is cut, an answer comes to the same.
    static func expect(_ text: String, _ reading: Reading, _ comment: Comment) throws {
        for size in [text.utf8.count, 1, 2, 3, 7, 64] {
            #expect(try read(text, inPiecesOf: size) == reading, comment)
        }
    }

    @Test(arguments: [1000, 100_000])
    func `a head that is too long is told apart from chunks' lines`(size: Int) {
        func failure(_ text: String) -> ReplyParser.Malformed? {
            do { _ = try Self.read(text, inPiecesOf: size) } catch { return error as? ReplyParser.Malformed }
            return nil
        }
        let line = "x-flood: " + String(repeating: "f", count: 89) + "\r\n"
        let flood = String(repeating: line, count: ReplyParser.lineBytesMax / line.utf8.count + 1)
        let head = "HTTP/1.1 200 OK\r\n"
        #expect(failure(head + flood)?.isHeadTooLong == true)
        let reason = String(repeating: "O", count: ReplyParser.lineBytesMax)
        #expect(failure("HTTP/1.1 200 " + reason)?.isHeadTooLong == true)
        #expect(failure(head + String(repeating: line, count: 1000) + "Content-Length: 0\r\n\r\n") == nil)
        #expect(failure(head + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + flood)?.isHeadTooLong == false)
    }

    @Test func `a length frames the body`() throws {
        try Self.expect(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            Reading(status: 200, body: "hello", hasEnded: true, keepsConnection: true), "plain")
        try Self.expect(
            "HTTP/1.1 500 Oops\r\ncontent-length:0\r\nConnection: Close\r\n\r\n",
            Reading(status: 500, body: "", hasEnded: true, keepsConnection: false), "nothing, and closed")
        try Self.expect(
            "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi",
            Reading(status: 200, body: "hi", hasEnded: true, keepsConnection: true),
            "bare line feeds")
    }

    @Test func `chunks frame the body`() throws {
        try Self.expect(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n \r\nA \r\n0123456789\r\n0\r\n\r\n",
            Reading(status: 200, body: "hello 0123456789", hasEnded: true, keepsConnection: true), "chunks")
        try Self.expect(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhi\r\n0\r\nDigest: x\r\n\r\n",
            Reading(status: 200, body: "hi", hasEnded: true, keepsConnection: true), "a trailer")
        try Self.expect(
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
            Reading(status: 200, body: "hi", hasEnded: true, keepsConnection: false),
            "both: the connection is not trusted")
    }

    @Test func `the connection's end frames the body where nothing else does`() throws {
        var parser = ReplyParser()
        var offset = 0
        let text = Array("HTTP/1.1 200 OK\r\n\r\nsome".utf8)
        try text.withUnsafeBytes { bytes in
            _ = try parser.read(bytes, at: &offset) { _ in }
            _ = try parser.read(bytes, at: &offset) { _ in }
        }
        #expect(!parser.hasEnded && !parser.keepsConnection)
        let isEnd = parser.connectionClosed()
        #expect(isEnd && parser.hasEnded)
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello",
    ])
    func `a connection that ends earlier cuts the answer`(text: String) throws {
        var parser = ReplyParser()
        var offset = 0
        try Array(text.utf8).withUnsafeBytes { bytes in
            while case .head = try parser.read(bytes, at: &offset, body: { _ in }) {}
        }
        let isEnd = parser.connectionClosed()
        #expect(!isEnd)
    }

    @Test func `interim answers are passed over`() throws {
        try Self.expect(
            "HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 1\r\n\r\n.",
            Reading(status: 201, body: ".", hasEnded: true, keepsConnection: true), "100, 103, 201")
    }

    @Test func `some answers have no body`() throws {
        try Self.expect(
            "HTTP/1.1 204 None\r\nContent-Length: 3\r\n\r\n",
            Reading(status: 204, hasEnded: true, keepsConnection: true),
            "204")
    }

    @Test func `an old server closes unless it says otherwise`() throws {
        try Self.expect(
            "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n.",
            Reading(status: 200, body: ".", hasEnded: true, keepsConnection: false), "1.0")
        try Self.expect(
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n.",
            Reading(status: 200, body: ".", hasEnded: true, keepsConnection: true), "1.0 that keeps")
    }

    @Test func `what comes behind the end is left`() throws {
        let reading = try Self.read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n.HTTP/1.1 200", inPiecesOf: 1000)
        #expect(reading.hasEnded && reading.left == 12)
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "\r\n",
        "HTTP/1.1 101 Switching\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    ])
    func `what is no answer is refused`(text: String) {
        for size in [text.utf8.count, 1, 3] {
            #expect(throws: ReplyParser.Malformed.self) { try Self.read(text, inPiecesOf: size) }
        }
    }

    @Test func `an endless head is refused`() {
        let line = "X-Long: " + String(repeating: "x", count: 8000) + "\r\n"
        #expect(throws: ReplyParser.Malformed.self) {
            try Self.read("HTTP/1.1 200 OK\r\n" + String(repeating: line, count: 40), inPiecesOf: 4096)
        }
    }

    @Test(arguments: [
        ("https://api.example.com/v1/chat", "api.example.com", "/v1/chat", true),
        ("https://api.example.com:443/v1?x=1#y", "api.example.com", "/v1?x=1", true),
        ("http://127.0.0.1:4010", "127.0.0.1:4010", "/", false), ("HTTP://[::1]:80/a", "[::1]", "/a", false),
        ("http://h?q", "h", "/?q", false),
    ])
    func `a URL is an origin and a target`(url: String, authority: String, target: String, isTLS: Bool) {
        let (origin, found) = TransferTemplate.Origin.split(url)
        #expect(origin?.authority == authority && found == target && origin?.isTLS == isTLS)
    }

    @Test(arguments: ["ftp://h/", "http:///x", "http://user:key@h/", "http://h/a b", "http://h/\r\nX: y", "h"])
    func `a URL that cannot be sent has no origin`(url: String) {
        #expect(TransferTemplate.Origin.split(url).0 == nil)
    }
}
