import Glibc

/// A complete request. All ranges are offsets from the head of the queue that the parser read.
struct HTTPRequest {
    enum Method { case get, post, delete, other }

    var method = Method.other
    var path = 0..<0
    var isVersion11 = true
    var keepsAlive = true
    var body = 0..<0
    /// The header lines.
    var head = 0..<0
    /// What the request took in the queue, body and framing included.
    var totalBytes = 0

    var authorization: Range<Int>?
    var control: Range<Int>?
    var attemptID: Range<Int>?
}

/// Reads HTTP/1.1 requests out of a ``ByteQueue``, however they were split on their way.
///
/// 1. It looks at each byte once: lines are read as they become complete, a chunked body is joined in place.
/// 2. The queue's head stays where it is until the request was handled; then its user consumes `totalBytes` and calls
///    ``next()``.
/// 3. What could be understood in two ways (two lengths, a length and chunks, a bare space in a header's name) is
///    refused: a gateway that sends such a thing has a bug worth seeing.
struct RequestParser {
    enum Step: Equatable {
        case needsMore
        /// The client waits for `100 Continue` before it sends the body.
        case needsContinue
        case complete
        /// The connection is beyond repair; answer with this status and close.
        case refused(status: Int, reason: String)
    }

    private enum State { case requestLine, header, fixedBody, chunkSize, chunkData, chunkEnd, trailer, complete }

    static let headBytesMax = 1_100_000
    static let bodyBytesMax = 64 * 1024 * 1024

    private(set) var request = HTTPRequest()
    private var state = State.requestLine
    /// Where the next unread element begins.
    private var position = 0
    /// Up to where the element at `position` was searched for its line end.
    private var scanned = 0
    private var contentLength: Int?
    private var isChunked = false
    private var expectsContinue = false
    private var chunkRemaining = 0

    /// Forgets the request and begins the next one.
    mutating func next() { self = RequestParser() }

    /// Whether part of a request has been read.
    var isInside: Bool { state != .requestLine || position > 0 || scanned > 0 }

    /// Reads on in what the queue holds now.
    mutating func advance(_ queue: inout ByteQueue) -> Step {
        while true {
            switch state {
            case .requestLine, .header:
                guard let line = nextLine(queue.bytes) else {
                    return queue.count > Self.headBytesMax
                        ? .refused(status: 431, reason: "the header is too large") : .needsMore
                }
                if let refusal = read(line: line, of: queue.bytes) { return refusal }
                if state == .fixedBody { queue.reserve(max(request.body.count - (queue.count - position), 0)) }
                if expectsContinue, state == .fixedBody || state == .chunkSize {
                    expectsContinue = false
                    if position >= queue.count { return .needsContinue }
                }
            case .fixedBody:
                guard queue.count >= request.body.upperBound else { return .needsMore }
                finish(at: request.body.upperBound)
            case .chunkSize:
                guard let line = nextLine(queue.bytes) else {
                    return queue.count - position > 1024
                        ? .refused(status: 400, reason: "a chunk's size line is too long") : .needsMore
                }
                guard let size = chunkSize(queue.bytes, line) else {
                    return .refused(status: 400, reason: "a chunk's size is not a hexadecimal number")
                }
                guard request.body.count + size <= Self.bodyBytesMax else { return .bodyTooLarge }
                chunkRemaining = size
                state = size == 0 ? .trailer : .chunkData
            case .chunkData:
                guard queue.count > position else { return .needsMore }
                joinChunk(&queue)
            case .chunkEnd:
                guard let line = nextLine(queue.bytes) else {
                    return queue.count - position > 2 ? .chunkTooLong : .needsMore
                }
                guard line.isEmpty else { return .chunkTooLong }
                state = .chunkSize
            case .trailer:
                guard let line = nextLine(queue.bytes) else {
                    return queue.count - position > Self.headBytesMax
                        ? .refused(status: 431, reason: "the trailer is too large") : .needsMore
                }
                if line.isEmpty { finish(at: position) }
            case .complete:
                return .complete
            }
        }
    }

    private mutating func finish(at end: Int) {
        request.totalBytes = end
        state = .complete
    }

    /// Takes the next line if its end is there; the range leaves out the line end.
    private mutating func nextLine(_ bytes: UnsafeRawBufferPointer) -> Range<Int>? {
        guard let base = bytes.baseAddress, scanned < bytes.count,
            let found = memchr(base + scanned, 0x0A, bytes.count - scanned)
        else {
            scanned = bytes.count
            return nil
        }
        let end = UnsafeRawPointer(found) - base
        let start = position
        position = end + 1
        scanned = position
        return start..<(end > start && bytes[end - 1] == 0x0D ? end - 1 : end)
    }

    private mutating func read(line: Range<Int>, of bytes: UnsafeRawBufferPointer) -> Step? {
        if state == .requestLine {
            if line.isEmpty { return nil }
            guard readRequestLine(bytes, line) else {
                return .refused(status: 400, reason: "the request line is malformed")
            }
            state = .header
            request.head = position..<position
            return nil
        }
        return line.isEmpty ? headEnded() : readHeader(bytes, line)
    }

    private mutating func headEnded() -> Step? {
        request.head = request.head.lowerBound..<position
        if isChunked {
            guard contentLength == nil else {
                return .refused(status: 400, reason: "Content-Length and Transfer-Encoding exclude each other")
            }
            request.body = position..<position
            state = .chunkSize
            return nil
        }
        let length = contentLength ?? 0
        guard length <= Self.bodyBytesMax else { return .bodyTooLarge }
        request.body = position..<position + length
        if length == 0 { finish(at: position) } else { state = .fixedBody }
        return nil
    }

    private mutating func readRequestLine(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) -> Bool {
        guard let base = bytes.baseAddress, let space = memchr(base + line.lowerBound, 0x20, line.count) else {
            return false
        }
        let methodEnd = UnsafeRawPointer(space) - base
        let method = line.lowerBound..<methodEnd
        if bytes.matches(method, "POST") {
            request.method = .post
        } else if bytes.matches(method, "GET") {
            request.method = .get
        } else if bytes.matches(method, "DELETE") {
            request.method = .delete
        } else if method.isEmpty || method.count > 20 {
            return false
        }
        let pathStart = methodEnd + 1
        guard let second = memchr(base + pathStart, 0x20, line.upperBound - pathStart) else { return false }
        let pathEnd = UnsafeRawPointer(second) - base
        request.path = pathStart..<pathEnd
        let version = pathEnd + 1..<line.upperBound
        if bytes.matches(version, "HTTP/1.0") {
            request.isVersion11 = false
            request.keepsAlive = false
        } else if !bytes.matches(version, "HTTP/1.1") {
            return false
        }
        return !request.path.isEmpty
    }

    private mutating func readHeader(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) -> Step? {
        guard let base = bytes.baseAddress, let colon = memchr(base + line.lowerBound, 0x3A, line.count) else {
            return .refused(status: 400, reason: "a header line has no colon")
        }
        let nameEnd = UnsafeRawPointer(colon) - base
        let name = line.lowerBound..<nameEnd
        guard !name.isEmpty, bytes[nameEnd - 1] != 0x20, bytes[name.lowerBound] != 0x20 else {
            return .refused(status: 400, reason: "a header's name has a space")
        }
        let value = bytes.trimmed(nameEnd + 1..<line.upperBound)
        switch name.count {
        case 6 where bytes.matchesLowercased(name, "expect"):
            expectsContinue = bytes.matchesLowercased(value, "100-continue")
        case 6 where bytes.matchesLowercased(name, "x-mock"):
            request.control = value
        case 10 where bytes.matchesLowercased(name, "connection"):
            if bytes.matchesLowercased(value, "close") { request.keepsAlive = false }
            if bytes.matchesLowercased(value, "keep-alive") { request.keepsAlive = true }
        case 13 where bytes.matchesLowercased(name, "authorization"):
            request.authorization = value
        case 14 where bytes.matchesLowercased(name, "content-length"):
            guard let length = bytes.decimal(value), contentLength == nil || contentLength == length else {
                return .refused(status: 400, reason: "Content-Length is no number, or two of them disagree")
            }
            contentLength = length
        case 17 where bytes.matchesLowercased(name, "transfer-encoding"):
            guard bytes.matchesLowercased(value, "chunked"), !isChunked else {
                return .refused(status: 501, reason: "the only Transfer-Encoding known here is chunked")
            }
            isChunked = true
        case 19 where bytes.matchesLowercased(name, "x-client-request-id"):
            request.attemptID = value
        default:
            break
        }
        return nil
    }

    /// The size in front of an extension, if there is one.
    private func chunkSize(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) -> Int? {
        var size = 0
        var digits = 0
        for index in line {
            let digit: UInt8
            switch bytes[index] {
            case let byte where byte >= 0x30 && byte <= 0x39: digit = byte - 0x30
            case let byte where byte >= 0x41 && byte <= 0x46: digit = byte - 0x41 + 10
            case let byte where byte >= 0x61 && byte <= 0x66: digit = byte - 0x61 + 10
            case 0x3B, 0x20, 0x09: return digits > 0 ? size : nil
            default: return nil
            }
            digits += 1
            guard digits <= 8 else { return nil }
            size = size * 16 + Int(digit)
        }
        return digits > 0 ? size : nil
    }

    /// Moves what has come of the chunk to the end of the body read so far, over the framing between them.
    private mutating func joinChunk(_ queue: inout ByteQueue) {
        let count = min(chunkRemaining, queue.count - position)
        if let base = queue.mutableBytes.baseAddress {
            memmove(base + request.body.upperBound, base + position, count)
        }
        request.body = request.body.lowerBound..<request.body.upperBound + count
        position += count
        scanned = position
        chunkRemaining -= count
        if chunkRemaining == 0 { state = .chunkEnd }
    }
}

extension RequestParser.Step {
    fileprivate static let bodyTooLarge = Self.refused(status: 413, reason: "the body is over 64 MB")
    fileprivate static let chunkTooLong = Self.refused(status: 400, reason: "a chunk is longer than its size says")
}
