import JSONText

/// Cuts a provider's bytes into frames, however they arrive, in linear time.
public struct StreamFramer: Sendable {
    private enum Cutter: Sendable {
        case sse(SSEParser)
        case lines(LineCutter)
        case array(ArrayCutter)
        case eventStream(EventStreamParser)
    }

    private var cutter: Cutter

    /// - Parameter frameBytesMax: a longer frame ends the stream: ``ReplyError/malformed(_:)``.
    public init(_ framing: StreamFraming, frameBytesMax: Int = 16 << 20) {
        switch framing {
        case .sse: cutter = .sse(SSEParser(eventBytesMax: frameBytesMax))
        case .lines: cutter = .lines(LineCutter(lineBytesMax: frameBytesMax))
        case .array: cutter = .array(ArrayCutter(elementBytesMax: frameBytesMax))
        case .eventStream: cutter = .eventStream(EventStreamParser(messageBytesMax: frameBytesMax))
        }
    }

    /// Takes the next bytes and adds the frames that they complete.
    ///
    /// - Throws: where a frame is broken. What was whole before it is added, and nothing behind it.
    public mutating func feed(
        _ bytes: UnsafeRawBufferPointer, into frames: inout [StreamFrame]
    ) throws(ReplyError) {
        var failure: ReplyError?
        switch cutter {
        case .sse(var parser):
            cutter = .lines(LineCutter(lineBytesMax: 0))  // so that the parser's buffer has one owner
            do throws(SSEParser.EventTooLong) {
                try parser.feed(bytes) { StreamFramer.add($0, &frames, &failure) }
            } catch {
                failure = .malformed("an event is longer than \(error.eventBytesMax) bytes")
            }
            cutter = .sse(parser)
        case .lines(var lines):
            cutter = .lines(LineCutter(lineBytesMax: 0))
            lines.feed(bytes) { StreamFramer.add(document: $0, event: nil, &frames, &failure) }
            if lines.isTooLong { failure = .malformed("a line is longer than \(lines.lineBytesMax) bytes") }
            cutter = .lines(lines)
        case .array(var array):
            cutter = .lines(LineCutter(lineBytesMax: 0))
            array.feed(bytes) { StreamFramer.add(document: $0, event: nil, &frames, &failure) }
            if array.isTooLong { failure = .malformed("an element is longer than \(array.elementBytesMax) bytes") }
            if array.isBroken { failure = .malformed("the stream is no JSON array") }
            cutter = .array(array)
        case .eventStream(var parser):
            cutter = .lines(LineCutter(lineBytesMax: 0))
            do throws(EventStreamError) {
                try parser.feed(bytes) { StreamFramer.add($0, &frames, &failure) }
            } catch {
                failure = .malformed(error.description)
            }
            cutter = .eventStream(parser)
        }
        if let failure { throw failure }
    }

    /// The bytes have ended: adds what stood at the end without its mark.
    ///
    /// - Throws: where that is broken, or a frame was cut that says how long it is.
    public mutating func finish(into frames: inout [StreamFrame]) throws(ReplyError) {
        var failure: ReplyError?
        switch cutter {
        case .sse(var parser):
            // What is left without data is the LF of a last CRLF, or a comment that was cut: no frame. Nor is an event
            // that was cut: what came before it may be a whole answer.
            parser.finish { event in
                if event.data == nil {
                    if let error = event.bareError { frames.append(.failed(error)) }
                } else if event.isWhole {
                    StreamFramer.add(event, &frames, &failure)
                }
            }
            cutter = .sse(parser)
        case .lines(var lines):
            lines.finish { StreamFramer.add(document: $0, event: nil, &frames, &failure) }
            cutter = .lines(lines)
        case .array(let array): if array.isWithinElement { failure = .malformed("the stream ends within an element") }
        case .eventStream(let parser):
            if parser.pendingBytes > 0 { failure = .malformed("the stream ends within a message") }
        }
        if let failure { throw failure }
    }

    private static func add(_ event: SSEEvent, _ frames: inout [StreamFrame], _ failure: inout ReplyError?) {
        guard failure == nil else { return }
        if event.isNamed("error"), let data = event.data {
            frames.append(.failed(ProviderError.read(from: data, status: 0)))
            return
        }
        if let error = event.bareError {
            frames.append(.failed(error))
            return
        }
        guard let data = event.data, !data.allSatisfy({ $0 <= 0x20 }) else {
            // The second half of a CRLF that was cut apart at the end of the stream is no comment.
            if !event.isLineEnd { frames.append(.keepAlive) }
            return
        }
        if event.dataIs("[DONE]") {
            frames.append(.done)
            return
        }
        let name = event.name.isEmpty ? nil : String(decoding: event.name, as: UTF8.self)
        add(document: data, event: name, &frames, &failure)
    }

    private static func add(_ message: EventStreamMessage, _ frames: inout [StreamFrame], _ failure: inout ReplyError?)
    {
        guard failure == nil else { return }
        let type = message.header(":message-type") ?? "event"
        if type == "event" {
            message.payload.withUnsafeBytes { bytes in
                add(document: bytes, event: message.header(":event-type"), &frames, &failure)
            }
            return
        }
        let name = message.header(":exception-type") ?? message.header(":error-code") ?? "exception"
        let payload =
            (try? JSON.read(message.payload, names: .ofDialects)) ?? message.header(":error-message").map {
                .string($0)
            } ?? .null
        frames.append(.exception(type: name, payload))
    }

    private static func add(
        document: UnsafeRawBufferPointer, event: String?, _ frames: inout [StreamFrame], _ failure: inout ReplyError?
    ) {
        guard failure == nil else { return }
        do throws(JSONError) {
            frames.append(.json(try JSON.read(document, names: .ofDialects), event: event))
        } catch {
            failure = .malformed("a frame is no JSON: \(error.description)")
        }
    }
}

/// A JSON document a line.
struct LineCutter: Sendable {
    let lineBytesMax: Int
    private(set) var isTooLong = false
    private var pending: [UInt8] = []
    private var isFirstLine = true

    init(lineBytesMax: Int) { self.lineBytesMax = lineBytesMax }

    mutating func feed(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var start = 0
        for index in bytes.indices where bytes[index] == 0x0A {
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
            if pending.isEmpty {
                report(piece, body)
            } else {
                pending.append(contentsOf: piece)
                finish(body)
            }
            start = index + 1
        }
        pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start...]))
        if pending.count > lineBytesMax { isTooLong = true }
    }

    mutating func finish(_ body: (UnsafeRawBufferPointer) -> Void) {
        var line: [UInt8] = []
        swap(&line, &pending)
        line.withUnsafeBytes { report($0, body) }
        guard line.capacity <= 1 << 16 else { return }
        line.removeAll(keepingCapacity: true)
        swap(&line, &pending)
    }

    private mutating func report(_ line: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        let line = isFirstLine ? line.withoutByteOrderMark : line
        isFirstLine = false
        if !line.allSatisfy({ $0 <= 0x20 }) { body(line) }
    }
}

/// The elements of one JSON array, each when it is complete.
struct ArrayCutter: Sendable {
    let elementBytesMax: Int
    private(set) var isTooLong = false
    private(set) var isBroken = false
    private var pending: [UInt8] = []
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    init(elementBytesMax: Int) { self.elementBytesMax = elementBytesMax }

    var isWithinElement: Bool { !pending.isEmpty }

    mutating func feed(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        for byte in bytes {
            // Depth 1 is between the elements; a lone object instead of an array is an element too (an error body).
            if depth <= 1 && pending.isEmpty {
                switch byte {
                case UInt8(ascii: "[") where depth == 0:
                    depth = 1
                    continue
                case UInt8(ascii: "]") where depth == 1:
                    depth = 0
                    continue
                case UInt8(ascii: "{"): break
                case 0x00...0x20, UInt8(ascii: ","), 0xEF, 0xBB, 0xBF: continue
                default:
                    isBroken = true
                    return
                }
            }
            pending.append(byte)
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == 0x5C {
                    isEscaped = true
                } else if byte == 0x22 {
                    isInString = false
                }
                continue
            }
            switch byte {
            case 0x22: isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): nesting += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                nesting -= 1
                if nesting == 0 {
                    pending.withUnsafeBytes(body)
                    pending.removeAll(keepingCapacity: pending.capacity <= 1 << 16)
                }
            default: break
            }
        }
        if pending.count > elementBytesMax { isTooLong = true }
    }

    /// Brackets open within the element.
    private var nesting = 0
}
