import Glibc

/// Reads one answer of HTTP/1.1 out of the bytes of a connection, however they are cut. Pure.
///
/// Rules (RFC 9112, sections 6 and 7)
/// 1. Interim answers (1xx) are passed over; 101 was never asked for and is an error.
/// 2. `Transfer-Encoding: chunked` frames the body, else `Content-Length`, else the connection's end does. 204 and 304
///    have no body. Both of them in one answer: chunked counts, and the connection is not used again.
/// 3. An answer that says two lengths, or a length or a chunk that is no number, is no answer.
/// 4. What comes behind the answer's end is not looked at: nobody asked for it, and the connection is not used again.
struct ReplyParser {
    enum Event {
        /// Everything is read and the answer goes on.
        case more
        /// ``head`` is complete; reading goes on behind it.
        case head
        /// The answer is complete.
        case ended
    }

    /// What came is no answer of HTTP/1.1.
    struct Malformed: Error {
        let reason: String
        /// Its status line and headers are longer than ``ReplyParser/lineBytesMax``.
        var isHeadTooLong = false
    }

    private enum State {
        case statusLine
        case headerLine
        case counted(left: Int)
        case chunkSize
        case chunk(left: Int)
        case chunkEnd
        case trailer
        case untilClose
        case ended
    }

    private(set) var head = TransferHead()
    private var state = State.statusLine
    /// The beginning of a line whose end has not come.
    private var cutLine: [UInt8] = []
    private var lineBytes = 0
    private var length: Int?
    private var isChunked = false
    private var hasOtherCoding = false
    /// Whether the provider lets another request follow on this connection.
    private(set) var keepsConnection = true

    /// More than any honest answer's head, chunk sizes or trailers take.
    static let lineBytesMax = 256 << 10

    var hasEnded: Bool {
        if case .ended = state { true } else { false }
    }

    /// The connection was closed. Returns whether that is the answer's proper end.
    mutating func connectionClosed() -> Bool {
        guard case .untilClose = state else { return false }
        state = .ended
        return true
    }

    /// Reads on at `offset`, which moves behind what was read.
    ///
    /// - Parameter body: is given each piece of the body, in place.
    mutating func read(
        _ bytes: UnsafeRawBufferPointer, at offset: inout Int, body: (UnsafeRawBufferPointer) -> Void
    ) throws(Malformed) -> Event {
        while true {
            switch state {
            case .ended:
                return .ended
            case .untilClose:
                if offset < bytes.count { body(UnsafeRawBufferPointer(rebasing: bytes[offset...])) }
                offset = bytes.count
                return .more
            case .counted(let left):
                let count = min(left, bytes.count - offset)
                if count > 0 { body(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])) }
                offset += count
                guard count == left else {
                    state = .counted(left: left - count)
                    return .more
                }
                state = .ended
            case .chunk(let left):
                let count = min(left, bytes.count - offset)
                if count > 0 { body(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])) }
                offset += count
                guard count == left else {
                    state = .chunk(left: left - count)
                    return .more
                }
                state = .chunkEnd
            case .statusLine, .headerLine, .chunkSize, .chunkEnd, .trailer:
                guard try readLine(bytes, at: &offset) else { return .more }
                if isHeadNew {
                    isHeadNew = false
                    return .head
                }
            }
        }
    }

    /// The head has just been completed.
    private var isHeadNew = false

    // MARK: Lines

    /// Returns false where the line's end has not come.
    private mutating func readLine(_ bytes: UnsafeRawBufferPointer, at offset: inout Int) throws(Malformed) -> Bool {
        guard offset < bytes.count, let base = bytes.baseAddress else { return false }
        let found = memchr(base + offset, 10, bytes.count - offset).map { UnsafeRawPointer($0) - base }
        let end = found.map { $0 + 1 } ?? bytes.count
        lineBytes += end - offset
        guard lineBytes <= Self.lineBytesMax else { throw tooLong }
        let piece = UnsafeRawBufferPointer(rebasing: bytes[offset..<end])
        offset = end
        guard found != nil else {
            cutLine.append(contentsOf: piece)
            return false
        }
        if cutLine.isEmpty {
            try take(line: piece)
        } else {
            cutLine.append(contentsOf: piece)
            let line = cutLine
            cutLine = []
            let outcome = line.withUnsafeBytes { line in Result { () throws(Malformed) in try take(line: line) } }
            try outcome.get()
        }
        return true
    }

    private var tooLong: Malformed {
        switch state {
        case .statusLine, .headerLine: Malformed(reason: "the answer's head is too long", isHeadTooLong: true)
        default: Malformed(reason: "the lines around the answer's chunks are too long")
        }
    }

    private mutating func take(line: UnsafeRawBufferPointer) throws(Malformed) {
        var count = line.count - 1
        if count > 0, line[count - 1] == 13 { count -= 1 }
        let text = UnsafeRawBufferPointer(rebasing: line[..<count])
        switch state {
        case .statusLine:
            guard text.count >= 12, Self.begins(text, with: "http/1."), text[8] == 32 else {
                throw Malformed(reason: "the answer is not HTTP/1.1")
            }
            head.begin(statusLine: text)
            guard head.status >= 100 else { throw Malformed(reason: "the answer has no status") }
            length = nil
            isChunked = false
            hasOtherCoding = false
            keepsConnection = text[7] != UInt8(ascii: "0")
            state = .headerLine
        case .headerLine:
            guard count > 0 else { return try endHead() }
            try note(header: text)
            head.append(header: text)
        case .chunkSize:
            let size = try Self.chunkSize(text)
            lineBytes = 0
            state = size == 0 ? .trailer : .chunk(left: size)
        case .chunkEnd:
            guard count == 0 else { throw Malformed(reason: "a chunk of the answer is longer than it says") }
            state = .chunkSize
        case .trailer:
            if count == 0 { state = .ended }
        case .counted, .chunk, .untilClose, .ended:
            preconditionFailure("a body has no lines")
        }
    }

    private mutating func endHead() throws(Malformed) {
        lineBytes = 0
        guard head.status != 101 else { throw Malformed(reason: "the answer switches protocols") }
        guard head.status >= 200 else {
            state = .statusLine
            return
        }
        isHeadNew = true
        if head.status == 204 || head.status == 304 {
            state = .ended
        } else if isChunked {
            if length != nil { keepsConnection = false }
            state = .chunkSize
        } else if let length, !hasOtherCoding {
            state = length == 0 ? .ended : .counted(left: length)
        } else {
            keepsConnection = false
            state = .untilClose
        }
    }

    // MARK: Headers

    /// The three headers that say how an answer is framed.
    private mutating func note(header line: UnsafeRawBufferPointer) throws(Malformed) {
        // Most begin otherwise.
        guard line[0] | 0x20 == UInt8(ascii: "c") || line[0] | 0x20 == UInt8(ascii: "t") else { return }
        if Self.begins(line, with: "content-length:") {
            guard let number = Self.number(Self.value(of: line, from: 15)), length == nil || length == number else {
                throw Malformed(reason: "the answer's length is not a number")
            }
            length = number
        } else if Self.begins(line, with: "transfer-encoding:") {
            // The last coding decides; `identity` is none.
            let codings = Self.value(of: line, from: 18)
            isChunked = Self.ends(codings, with: "chunked")
            hasOtherCoding = !isChunked && !Self.ends(codings, with: "identity")
        } else if Self.begins(line, with: "connection:") {
            let options = Self.value(of: line, from: 11)
            if Self.contains(options, "close") {
                keepsConnection = false
            } else if Self.contains(options, "keep-alive") {
                keepsConnection = true
            }
        }
    }

    private static func value(of line: UnsafeRawBufferPointer, from start: Int) -> UnsafeRawBufferPointer {
        var start = start
        var end = line.count
        while start < end, line[start] == 32 || line[start] == 9 { start += 1 }
        while end > start, line[end - 1] == 32 || line[end - 1] == 9 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: line[start..<end])
    }

    /// A decimal number below 2^60.
    private static func number(_ text: UnsafeRawBufferPointer) -> Int? {
        guard (1...18).contains(text.count) else { return nil }
        var number = 0
        for byte in text {
            guard (48...57).contains(byte) else { return nil }
            number = number * 10 + Int(byte - 48)
        }
        return number
    }

    private static func chunkSize(_ line: UnsafeRawBufferPointer) throws(Malformed) -> Int {
        var size = 0
        var digits = 0
        for byte in line {
            let digit: UInt8
            switch byte {
            case 48...57: digit = byte - 48
            case 65...70: digit = byte - 55
            case 97...102: digit = byte - 87
            // An extension, or spaces in front of one.
            case UInt8(ascii: ";"), 32, 9:
                guard digits > 0 else { throw Malformed(reason: "a chunk of the answer has no size") }
                return size
            default: throw Malformed(reason: "a chunk's size is not a number")
            }
            digits += 1
            guard digits <= 14 else { throw Malformed(reason: "a chunk of the answer is too large") }
            size = size << 4 | Int(digit)
        }
        guard digits > 0 else { throw Malformed(reason: "a chunk of the answer has no size") }
        return size
    }

    /// `text` is in lower case, and of letters, digits and marks that stay what they are with bit 5 set.
    private static func begins(_ line: UnsafeRawBufferPointer, with text: StaticString) -> Bool {
        line.count >= text.utf8CodeUnitCount && equals(line, at: 0, text)
    }

    private static func ends(_ line: UnsafeRawBufferPointer, with text: StaticString) -> Bool {
        line.count >= text.utf8CodeUnitCount && equals(line, at: line.count - text.utf8CodeUnitCount, text)
    }

    private static func contains(_ line: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard line.count >= text.utf8CodeUnitCount else { return false }
        return (0...line.count - text.utf8CodeUnitCount).contains { equals(line, at: $0, text) }
    }

    private static func equals(_ line: UnsafeRawBufferPointer, at start: Int, _ text: StaticString) -> Bool {
        for index in 0..<text.utf8CodeUnitCount {
            let byte = line[start + index]
            let lowered = byte >= 65 && byte <= 90 ? byte | 0x20 : byte
            if lowered != text.utf8Start[index] { return false }
        }
        return true
    }
}
