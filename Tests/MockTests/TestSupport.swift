import Glibc

@testable import MockProvider

extension ByteQueue {
    init(_ text: String) {
        self.init()
        append(text: text)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// What a writer appends to an empty queue.
func written(_ body: (inout ByteQueue) -> Void) -> String {
    var queue = ByteQueue()
    body(&queue)
    return queue.text
}

/// Scans a body as the mock does.
func scan<Result>(_ text: String, _ body: (RequestScan?, UnsafeRawBufferPointer) -> Result) -> Result {
    Array(text.utf8).withUnsafeBytes { body(RequestScan($0, in: 0..<$0.count), $0) }
}

extension JSONValue {
    init?(text: String) { self.init(Array(text.utf8)) }

    subscript(_ index: Int) -> JSONValue? {
        guard let elements, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

/// A blocking client for one connection to a mock in this process.
final class TestClient {
    struct Reply {
        var status = 0
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        /// Whether the body ended as its framing says.
        var isComplete = false
        /// The connection was reset rather than closed.
        var wasReset = false

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue? { JSONValue(body) }

        /// By bytes: in a String, CR LF is one character, which is no LF.
        var lines: [String] { body.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) } }

        /// The data of each event.
        var events: [String] {
            lines.filter { $0.hasPrefix("data: ") }.map { line in
                String(decoding: line.utf8.dropFirst(6).filter { $0 != 0x0D }, as: UTF8.self)
            }
        }

        var chunks: [JSONValue] { events.compactMap { JSONValue(text: $0) } }

        /// The content of all chunks, joined.
        var streamedText: String {
            chunks.compactMap { $0["choices"]?[0]?["delta"]?["content"]?.text }.joined()
        }

        var contentChunks: Int {
            chunks.count { ($0["choices"]?[0]?["delta"]?["content"]?.text ?? "") != "" }
        }
    }

    private let descriptor: Int32
    /// A mock lives as long as its clients.
    private let mock: TestMock
    private var input: [UInt8] = []
    private var ended = false
    private var wasReset = false

    init(_ mock: TestMock) {
        self.mock = mock
        let port = mock.server.port
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(result == 0, "the mock of this test listens")
        setReceiveTimeout(milliseconds: 5000)
    }

    deinit { close(descriptor) }

    func setReceiveTimeout(milliseconds: Int) {
        var limit = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            sent += count
        }
    }

    func post(
        _ path: String = "/v1/chat/completions", _ body: String, mock: String? = nil,
        headers: [String] = ["Authorization: Bearer test"]
    ) -> Reply {
        send(Self.request(path, body, mock: mock, headers: headers))
        return reply()
    }

    static func request(
        _ path: String = "/v1/chat/completions", _ body: String, mock: String? = nil,
        headers: [String] = ["Authorization: Bearer test"]
    ) -> String {
        var lines = ["POST \(path) HTTP/1.1", "Host: mock", "Content-Length: \(body.utf8.count)"] + headers
        if let mock { lines.append("X-Mock: \(mock)") }
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    func get(_ path: String) -> Reply {
        send("GET \(path) HTTP/1.1\r\nHost: mock\r\nAuthorization: Bearer test\r\n\r\n")
        return reply()
    }

    /// Reads one reply, or as much of it as comes.
    func reply() -> Reply {
        var reply = Reply()
        guard let head = readHead() else {
            reply.wasReset = wasReset
            return reply
        }
        let lines = head.split(separator: "\r\n")
        reply.status = lines.first.flatMap { Int($0.dropFirst(9).prefix(3)) } ?? 0
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            reply.headers[line[..<colon].lowercased()] = String(value)
        }
        if reply.status == 100 { return reply }
        if reply.headers["transfer-encoding"] == "chunked" {
            readChunks(&reply)
        } else if let length = reply.headers["content-length"].flatMap(Int.init) {
            while input.count < length, more() {}
            reply.body = Array(input.prefix(length))
            reply.isComplete = reply.body.count == length
            input.removeFirst(reply.body.count)
        } else {
            while more() {}
            reply.body = input
            reply.isComplete = ended && !wasReset
            input = []
        }
        reply.wasReset = wasReset
        return reply
    }

    private func readHead() -> String? {
        while true {
            if let end = find([13, 10, 13, 10], from: 0) {
                let head = String(decoding: input[0..<end], as: UTF8.self)
                input.removeFirst(end + 4)
                return head
            }
            if !more() { return nil }
        }
    }

    private func readChunks(_ reply: inout Reply) {
        while true {
            var lineEnd = find([13, 10], from: 0)
            while lineEnd == nil, more() { lineEnd = find([13, 10], from: 0) }
            guard let lineEnd, let size = Int(String(decoding: input[0..<lineEnd], as: UTF8.self), radix: 16) else {
                reply.body += input
                return
            }
            while input.count < lineEnd + 2 + size + 2, more() {}
            reply.body += input.dropFirst(lineEnd + 2).prefix(size)
            guard input.count >= lineEnd + 2 + size + 2 else { return }
            input.removeFirst(lineEnd + 2 + size + 2)
            if size == 0 {
                reply.isComplete = true
                return
            }
        }
    }

    /// Whether nothing more comes: the server closed.
    var isClosed: Bool {
        while more() {}
        return ended
    }

    private func more() -> Bool {
        if ended { return false }
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &piece, piece.count, 0)
        if count > 0 {
            input += piece[0..<count]
            return true
        }
        if count == 0 { ended = true }
        if count < 0, errno == ECONNRESET {
            ended = true
            wasReset = true
        }
        return false
    }

    private func find(_ pattern: [UInt8], from: Int) -> Int? {
        guard input.count >= pattern.count else { return nil }
        return (from...input.count - pattern.count).first { input[$0..<$0 + pattern.count].elementsEqual(pattern) }
    }
}

/// A mock of its own for one test.
final class TestMock {
    let server: MockServer

    init(_ arguments: [String] = []) throws {
        server = try MockServer(try MockSettings(arguments: ["--port", "0"] + arguments))
    }

    deinit { server.stop() }

    func client() -> TestClient { TestClient(self) }

    var stats: JSONValue? { client().get("/_mock/stats").json }

    func total(_ name: String) -> Int? { stats?["total"]?[name]?.integer }

    var attempts: [JSONValue] { client().get("/_mock/attempts").json?["attempts"]?.elements ?? [] }

    /// Waits until the books show what is expected: the server is on another thread.
    func waits(until isTrue: (TestMock) -> Bool) -> Bool {
        for _ in 0..<200 {
            if isTrue(self) { return true }
            usleep(10_000)
        }
        return false
    }
}
