import Glibc
import MockProvider

/// Reads HTTP/1.1 replies as they come, in any cuts, keeping nothing but counts: status, framing, body bytes, and the
/// server-sent events of a stream.
struct ReplyReader {
    enum Step: Equatable {
        /// All bytes were read and the reply goes on.
        case needsMore
        /// The reply is complete; the next one begins after the bytes that were taken.
        case complete
        /// This is no HTTP/1.1 reply.
        case broken
    }

    private enum State { case head, fixed, untilClose, chunkSize, chunkData, chunkEnd, trailer }

    private(set) var status = 0
    private(set) var bodyBytes = 0
    private(set) var closes = false
    /// Lines that begin with `data:`; the one that ends the stream too.
    private(set) var events = 0
    private(set) var sawDone = false
    /// Events whose object is an error.
    private(set) var errorEvents = 0

    private var state = State.head
    private var remaining = 0
    private var isStream = false
    private var isChunked = false
    /// What has come of a line that was cut on its way.
    private var line: [UInt8] = []
    private var sse = EventCounter()

    init() {}

    /// Begins the next reply.
    mutating func next() { self = ReplyReader() }

    /// - Returns: whether a connection that ends now ends the reply properly.
    var mayEndHere: Bool { state == .untilClose }

    /// Takes bytes from the front of `bytes` up to the end of the reply.
    mutating func read(_ bytes: UnsafeRawBufferPointer, taken: inout Int) -> Step {
        while taken < bytes.count {
            switch state {
            case .head, .chunkSize, .chunkEnd, .trailer:
                if let outcome = readLine(bytes, &taken) { return outcome }
            case .fixed, .chunkData:
                let count = min(remaining, bytes.count - taken)
                readBody(bytes.slice(taken..<taken + count))
                taken += count
                remaining -= count
                if remaining > 0 { return .needsMore }
                if state == .fixed { return .complete }
                state = .chunkEnd
            case .untilClose:
                readBody(bytes.slice(taken..<bytes.count))
                taken = bytes.count
            }
        }
        return .needsMore
    }

    /// Reads one line, in place where it came in one piece.
    private mutating func readLine(_ bytes: UnsafeRawBufferPointer, _ taken: inout Int) -> Step? {
        guard let base = bytes.baseAddress, let found = memchr(base + taken, 0x0A, bytes.count - taken) else {
            line.append(contentsOf: bytes[taken...])
            taken = bytes.count
            return line.count > 1_000_000 ? .broken : .needsMore
        }
        let start = taken
        let end = UnsafeRawPointer(found) - base
        taken = end + 1
        if line.isEmpty { return lineEnded(bytes.slice(start..<end)) }
        line.append(contentsOf: bytes[start..<end])
        let whole = line
        line = []
        return whole.withUnsafeBytes { lineEnded($0) }
    }

    private mutating func readBody(_ bytes: UnsafeRawBufferPointer) {
        bodyBytes += bytes.count
        guard isStream else { return }
        sse.read(bytes)
        events = sse.events
        sawDone = sse.sawDone
        errorEvents = sse.errorEvents
    }

    private mutating func lineEnded(_ raw: UnsafeRawBufferPointer) -> Step? {
        let line = raw.last == 0x0D ? raw.slice(0..<raw.count - 1) : raw
        switch state {
        case .head:
            if line.isEmpty { return headEnded() }
            return status == 0 ? readStatus(line) : readHeader(line)
        case .chunkSize:
            guard let size = Self.hexadecimal(line) else { return .broken }
            remaining = size
            state = size == 0 ? .trailer : .chunkData
        case .chunkEnd:
            guard line.isEmpty else { return .broken }
            state = .chunkSize
        case .trailer:
            if line.isEmpty { return .complete }
        default: break
        }
        return nil
    }

    private mutating func readStatus(_ line: UnsafeRawBufferPointer) -> Step? {
        guard line.count >= 12, line.matches(0..<7, "HTTP/1."), let code = line.decimal(9..<12) else { return .broken }
        status = code
        closes = line[7] == UInt8(ascii: "0")
        remaining = -1
        return nil
    }

    private mutating func headEnded() -> Step? {
        if status == 0 { return .broken }
        if status < 200 {
            // 100 Continue: the real status follows.
            status = 0
            return nil
        }
        if status == 204 || status == 304 { return .complete }
        if isChunked {
            state = .chunkSize
        } else if remaining >= 0 {
            state = .fixed
            if remaining == 0 { return .complete }
        } else {
            state = .untilClose
            closes = true
        }
        return nil
    }

    private mutating func readHeader(_ line: UnsafeRawBufferPointer) -> Step? {
        guard let base = line.baseAddress, let found = memchr(base, 0x3A, line.count) else { return .broken }
        let colon = UnsafeRawPointer(found) - base
        let name = 0..<colon
        let value = line.trimmed(colon + 1..<line.count)
        switch colon {
        case 10 where line.matchesLowercased(name, "connection"):
            closes = line.matchesLowercased(value, "close")
        case 12 where line.matchesLowercased(name, "content-type"):
            isStream =
                value.count >= 17
                && line.matchesLowercased(value.lowerBound..<value.lowerBound + 17, "text/event-stream")
        case 14 where line.matchesLowercased(name, "content-length"):
            guard let length = line.decimal(value) else { return .broken }
            remaining = length
        case 17 where line.matchesLowercased(name, "transfer-encoding"):
            isChunked = line.matchesLowercased(value, "chunked")
        default: break
        }
        return nil
    }

    private static func hexadecimal(_ line: UnsafeRawBufferPointer) -> Int? {
        let digits = line.prefix { $0 != 0x3B && $0 != 0x20 }
        guard !digits.isEmpty, digits.count <= 15 else { return nil }
        var value = 0
        for byte in digits {
            switch byte {
            case 0x30...0x39: value = value * 16 + Int(byte - 0x30)
            case 0x41...0x46: value = value * 16 + Int(byte - 0x41) + 10
            case 0x61...0x66: value = value * 16 + Int(byte - 0x61) + 10
            default: return nil
            }
        }
        return value
    }
}

/// Counts `data:` lines by their first bytes; the rest of each line is skipped.
struct EventCounter {
    private(set) var events = 0
    private(set) var errorEvents = 0
    private(set) var sawDone = false

    /// How much of this line was compared; past the longest pattern it is skipped.
    private var column = 0
    private var maybeDone = true
    private var maybeStop = true
    private var maybeError = true

    private static let data = Array("data: ".utf8)
    private static let done = Array("data: [DONE]".utf8)
    /// How Anthropic's streams end.
    private static let stop = Array("data: {\"type\":\"message_stop\"".utf8)
    private static let error = Array("data: {\"error\"".utf8)
    private static let skipping = Int.max

    mutating func read(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        var position = 0
        while position < bytes.count {
            if column == Self.skipping {
                guard let found = memchr(base + position, 0x0A, bytes.count - position) else { return }
                position = UnsafeRawPointer(found) - base + 1
                beginLine()
                continue
            }
            let byte = bytes[position]
            position += 1
            if byte == 0x0A { beginLine() } else { compare(byte) }
        }
    }

    private mutating func beginLine() {
        column = 0
        maybeDone = true
        maybeStop = true
        maybeError = true
    }

    private mutating func compare(_ byte: UInt8) {
        if column < 6 {
            guard byte == Self.data[column] else {
                column = Self.skipping
                return
            }
            column += 1
            if column == 6 { events += 1 }
            return
        }
        maybeDone = maybeDone && column < Self.done.count && byte == Self.done[column]
        maybeStop = maybeStop && column < Self.stop.count && byte == Self.stop[column]
        maybeError = maybeError && column < Self.error.count && byte == Self.error[column]
        column += 1
        if maybeDone, column == Self.done.count { sawDone = true }
        if maybeStop, column == Self.stop.count { sawDone = true }
        if maybeError, column == Self.error.count { errorEvents += 1 }
        if !maybeDone, !maybeStop || column >= Self.stop.count, !maybeError || column >= Self.error.count {
            column = Self.skipping
        }
    }
}
