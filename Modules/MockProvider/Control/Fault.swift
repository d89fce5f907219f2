/// A way to misbehave. `after` and the other numbers that shape it are in ``Behaviour``.
enum Fault: Equatable, Sendable {
    /// An error answer of this status with OpenAI's error body.
    case status(Int)
    /// 400, code `context_length_exceeded`.
    case contextLength
    /// 429, code `insufficient_quota`: not worth a retry.
    case quota
    /// Nothing is sent for `for` (absent: for ever), then the answer goes on.
    case stall
    /// The same after `after` chunks of a stream, or after half of a whole answer's body.
    case stallChunk
    /// The connection is closed before anything was sent.
    case cut
    /// Closed after `after` chunks of a stream, or after half of a whole answer's body.
    case cutChunk
    /// Closed in the middle of the chunk that follows `after` chunks.
    case cutInside
    /// A whole answer whose JSON ends half-way; a stream with one event of broken JSON before chunk `after` + 1.
    case badJSON
    /// 200 with an HTML page.
    case wrongType
    /// 200 with an empty body.
    case empty
    /// `mb` megabytes of answer.
    case huge
    /// `drip_bytes` bytes at a time, one such piece every `drip_interval`.
    case drip
    /// An error object as an event after `after` chunks, then the stream ends without `[DONE]`.
    case errorEvent
    /// The stream ends without `[DONE]`.
    case noDone
    /// No usage, even when asked for.
    case noUsage
    /// Every chunk of a stream carries the usage so far.
    case usageEvery
    /// The answer's text has bytes that are no UTF-8.
    case badUTF8
    /// `headers` extra header lines of 100 bytes.
    case headerFlood
    /// 302 to `location`.
    case redirect

    private static let named: [(String, Fault)] = [
        ("context_length", .contextLength), ("quota", .quota), ("stall", .stall), ("stall_chunk", .stallChunk),
        ("cut", .cut), ("cut_chunk", .cutChunk), ("cut_inside", .cutInside), ("bad_json", .badJSON),
        ("wrong_type", .wrongType), ("empty", .empty), ("huge", .huge), ("drip", .drip),
        ("error_event", .errorEvent), ("no_done", .noDone), ("no_usage", .noUsage), ("usage_every", .usageEvery),
        ("bad_utf8", .badUTF8), ("header_flood", .headerFlood), ("redirect", .redirect),
    ]

    static var names: [String] { named.map(\.0) }

    /// Reads a name of the table or an HTTP status from 400 to 599.
    init?(name: String) {
        if let status = Int(name) {
            guard (400...599).contains(status) else { return nil }
            self = .status(status)
        } else if let row = Self.named.first(where: { $0.0 == name }) {
            self = row.1
        } else {
            return nil
        }
    }

    /// As it is named in controls and in the books; a status is its number.
    var name: String {
        if case .status(let status) = self { return String(status) }
        return Self.named.first { $0.1 == self }?.0 ?? "unnamed"
    }
}
