import JSONText

/// One message of an AWS event stream.
public struct EventStreamMessage: Equatable, Sendable {
    /// The headers that are strings, in order; Bedrock sends no others.
    public var headers: [(name: String, value: String)]
    /// The bytes between headers and checksum: JSON at Bedrock.
    public var payload: [UInt8]

    /// A message without its lengths and checksums.
    public init(headers: [(name: String, value: String)], payload: [UInt8]) {
        self.headers = headers
        self.payload = payload
    }

    /// The first header of exactly that name; nil where there is none.
    public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    public static func == (left: EventStreamMessage, right: EventStreamMessage) -> Bool {
        left.payload == right.payload
            && left.headers.elementsEqual(right.headers) { $0.name == $1.name && $0.value == $1.value }
    }
}

/// What is wrong with an event stream.
public enum EventStreamError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A message says that it is longer than this many bytes, the parser's limit.
    case tooLong(Int)
    /// Its lengths cannot be, or are not what their checksum says.
    case prelude
    /// That of a whole message.
    case checksum
    /// A header runs beyond their length, or has a type that nobody knows.
    case headers

    public var description: String {
        switch self {
        case .tooLong(let bytes): "a message is longer than \(bytes) bytes"
        case .prelude: "a message's prelude is broken"
        case .checksum: "a message's checksum is wrong"
        case .headers: "a message's headers are broken"
        }
    }
}

/// Cuts `application/vnd.amazon.eventstream` into messages, and checks both checksums of each.
///
/// A message is: total length, length of the headers, CRC of these eight bytes (each 4 bytes, big-endian), headers,
/// payload, CRC of all before it. A header is: length of the name (1), name, type (1), value; type 7 is a string of a
/// 2-byte length. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html and botocore's
/// `eventstream.py` (read on 2026-11-29).
public struct EventStreamParser: Sendable {
    /// Of a whole message, with its lengths and checksums.
    public let messageBytesMax: Int
    private var pending: [UInt8] = []

    /// Refuses messages beyond 16 MB where nothing else is said.
    public init(messageBytesMax: Int = 16 << 20) { self.messageBytesMax = messageBytesMax }

    /// Takes the next bytes, cut anywhere, and hands out each message that they complete.
    ///
    /// - Throws: at the first message that is broken, after those before it were handed out. The stream is lost then,
    ///   and the parser is not to be fed again.
    public mutating func feed(
        _ bytes: UnsafeRawBufferPointer, _ body: (EventStreamMessage) -> Void
    ) throws(EventStreamError) {
        pending.append(contentsOf: bytes)
        var start = 0
        while pending.count - start >= 16 {
            let total = Int(EventStream.number(pending, start))
            let headerBytes = Int(EventStream.number(pending, start + 4))
            guard EventStream.number(pending, start + 8) == CRC32.checksum(pending[start..<start + 8]),
                total >= 16, headerBytes <= total - 16
            else { throw .prelude }
            guard total <= messageBytesMax else { throw .tooLong(messageBytesMax) }
            guard pending.count - start >= total else { break }
            let end = start + total
            guard EventStream.number(pending, end - 4) == CRC32.checksum(pending[start..<end - 4]) else {
                throw .checksum
            }
            let headers = try EventStream.headers(pending[start + 12..<start + 12 + headerBytes])
            body(EventStreamMessage(headers: headers, payload: Array(pending[start + 12 + headerBytes..<end - 4])))
            start = end
        }
        if start > 0 { pending.removeSubrange(..<start) }
    }

    /// Bytes of a message that is not complete.
    public var pendingBytes: Int { pending.count }
}

/// Writes messages.
public enum EventStream {
    /// One message, with both checksums. A header's name has at most 255 bytes of UTF-8 and its value at most 65,535,
    /// which is not checked.
    public static func encoded(_ message: EventStreamMessage) -> [UInt8] {
        var headers: [UInt8] = []
        for (name, value) in message.headers {
            headers.append(UInt8(truncatingIfNeeded: name.utf8.count))
            headers += Array(name.utf8)
            headers.append(7)
            headers += [UInt8(value.utf8.count >> 8 & 255), UInt8(value.utf8.count & 255)]
            headers += Array(value.utf8)
        }
        var bytes: [UInt8] = []
        append(UInt32(headers.count + message.payload.count + 16), to: &bytes)
        append(UInt32(headers.count), to: &bytes)
        append(CRC32.checksum(bytes), to: &bytes)
        bytes += headers
        bytes += message.payload
        append(CRC32.checksum(bytes), to: &bytes)
        return bytes
    }

    /// An event of Bedrock's streams.
    public static func event(_ type: String, _ payload: JSON) -> [UInt8] {
        encoded(
            EventStreamMessage(
                headers: [
                    (":event-type", type), (":content-type", "application/json"), (":message-type", "event"),
                ],
                payload: payload.serialized()))
    }

    /// What ends a stream that failed.
    public static func exception(_ type: String, _ payload: JSON) -> [UInt8] {
        encoded(
            EventStreamMessage(
                headers: [
                    (":exception-type", type), (":content-type", "application/json"), (":message-type", "exception"),
                ],
                payload: payload.serialized()))
    }

    static func number(_ bytes: [UInt8], _ index: Int) -> UInt32 {
        bytes[index..<index + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    static func headers(_ bytes: ArraySlice<UInt8>) throws(EventStreamError) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        var rest = bytes
        func take(_ count: Int) throws(EventStreamError) -> ArraySlice<UInt8> {
            guard rest.count >= count else { throw .headers }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        func length(_ size: Int) throws(EventStreamError) -> Int { try take(size).reduce(0) { $0 << 8 | Int($1) } }
        while !rest.isEmpty {
            let name = String(decoding: try take(try length(1)), as: UTF8.self)
            // 0 true, 1 false, 2 byte, 3 short, 4 int, 5 long, 6 bytes, 7 string, 8 timestamp, 9 UUID.
            switch try length(1) {
            case 0, 1: break
            case 2: _ = try take(1)
            case 3: _ = try take(2)
            case 4: _ = try take(4)
            case 5, 8: _ = try take(8)
            case 6: _ = try take(try length(2))
            case 7: headers.append((name, String(decoding: try take(try length(2)), as: UTF8.self)))
            case 9: _ = try take(16)
            default: throw .headers
            }
        }
        return headers
    }
}

/// CRC-32 of IEEE 802.3, as zlib has it.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 255)] ^ ($0 >> 8) }
    }
}
