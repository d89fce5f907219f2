import Synchronization

/// The last requests as they arrived, head and body, so that a test can assert what was sent to the provider.
///
/// Nothing is kept until a test asks for it. At most `limit` requests and `bytesMax` bytes are kept; the oldest make
/// room. Keys are kept as they came: the mock is for tests on one machine.
final class RequestLog: Sendable {
    static let limitMax = 10_000
    static let bytesMax = 64 * 1024 * 1024

    struct Entry: Sendable {
        let sequence: Int
        let method: String
        let url: String
        let headers: [(name: String, value: String)]
        let body: [UInt8]
    }

    private struct State {
        var limit = 0
        var bytes = 0
        var entries: [Entry] = []

        mutating func trim() {
            while entries.count > limit || bytes > RequestLog.bytesMax, !entries.isEmpty {
                bytes -= entries.removeFirst().body.count
            }
        }
    }

    private let state = Mutex(State())
    /// Read without the lock for each request.
    private let keeps = Atomic<Bool>(false)

    var isOn: Bool { keeps.load(ordering: .relaxed) }

    /// - Parameter limit: how many requests are kept; 0 forgets all and keeps none.
    func keep(_ limit: Int) {
        state.withLock { state in
            state.limit = min(max(limit, 0), Self.limitMax)
            state.trim()
        }
        keeps.store(limit > 0, ordering: .relaxed)
    }

    func forget() {
        state.withLock { state in
            state.entries = []
            state.bytes = 0
        }
    }

    func add(_ request: HTTPRequest, _ bytes: UnsafeRawBufferPointer, sequence: Int) {
        let headers = RequestHeaders(bytes: bytes, request: request)
        let method =
            switch request.method {
            case .get: "GET"
            case .post: "POST"
            case .delete: "DELETE"
            case .other: "OTHER"
            }
        let entry = Entry(
            sequence: sequence, method: method, url: headers.url, headers: headers.lines,
            body: [UInt8](bytes[request.body]))
        state.withLock { state in
            guard state.limit > 0 else { return }
            state.entries.append(entry)
            state.bytes += entry.body.count
            state.trim()
        }
    }

    /// - Parameter since: only requests after this sequence number.
    func write(since: Int, to out: inout ByteQueue) {
        let (limit, entries) = state.withLock { ($0.limit, $0.entries.filter { $0.sequence > since }) }
        let rows = entries.map { entry -> JSONValue in
            let isText = String(validating: entry.body, as: UTF8.self) != nil
            return [
                "seq": .int(entry.sequence), "method": .text(entry.method), "url": .text(entry.url),
                "headers": .array(entry.headers.map { [.text($0.name), .text($0.value)] }),
                "body": isText ? .string(entry.body) : .null,
                "body_base64": isText ? .null : .string(Base64.encoded(entry.body)),
            ]
        }
        let page: JSONValue = ["keep": .int(limit), "requests": .array(rows)]
        page.write(to: &out)
        out.append("\n")
    }
}
