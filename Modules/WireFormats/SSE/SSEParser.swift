/// Cuts a `text/event-stream` into events, however the bytes arrive.
///
/// Rules (WHATWG HTML, section 9.2.5 "Parsing an event stream")
/// 1. Lines end in LF, CR or CRLF; a blank line ends an event; a BOM at the start is skipped; `:` starts a comment; one
///    space after the colon is not part of the value; several `data` lines are joined by a line feed.
/// 2. Unlike a browser it reports events without data too (comments, blank lines), so that all bytes can be forwarded.
/// 3. An event is reported as soon as its blank line is there. Where that ends in CR, an LF that follows later is the
///    first byte of the next event's raw bytes.
/// 4. Every byte is looked at a bounded number of times. What is buffered is one incomplete event of at most
///    `eventBytesMax`; a feed of whole events is not copied.
public struct SSEParser: Sendable {
    /// An event is longer than the parser was allowed to buffer. The parser must not be used after it.
    public struct EventTooLong: Error, Equatable, Sendable {
        /// The limit that was passed.
        public let eventBytesMax: Int
    }

    /// The most bytes of one event, its blank line included.
    public let eventBytesMax: Int
    /// The beginning of an event whose end has not come yet.
    private var pending: [UInt8] = []
    /// Nothing of the current line has come yet.
    private var atLineStart = true
    /// The last byte was a CR: an LF now belongs to it.
    private var afterCR = false
    private var isFirstEvent = true

    /// A parser at the beginning of a stream.
    public init(eventBytesMax: Int = 16 << 20) {
        self.eventBytesMax = eventBytesMax
    }

    /// Takes the next bytes of the stream and hands out each event that they complete.
    public mutating func feed(
        _ bytes: UnsafeRawBufferPointer, _ body: (SSEEvent) -> Void
    ) throws(EventTooLong) {
        var start = 0
        while start < bytes.count {
            guard let end = eventEnd(in: bytes, from: start) else { break }
            guard pending.count + end - start <= eventBytesMax else { throw EventTooLong(eventBytesMax: eventBytesMax) }
            let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            if pending.isEmpty {
                report(piece, isTerminated: true, body)
            } else {
                pending.append(contentsOf: piece)
                reportPending(isTerminated: true, body)
            }
            start = end
        }
        guard start < bytes.count else { return }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        guard pending.count + rest.count <= eventBytesMax else { throw EventTooLong(eventBytesMax: eventBytesMax) }
        pending.append(contentsOf: rest)
    }

    /// The stream has ended: hands out what is left, with `isTerminated` false.
    ///
    /// A browser drops such a rest. Here it may hold the usage of a provider that forgot the last blank line.
    public mutating func finish(_ body: (SSEEvent) -> Void) {
        if !pending.isEmpty { reportPending(isTerminated: false, body) }
        atLineStart = true
        afterCR = false
    }

    /// Bytes held for an event that is not complete.
    public var pendingBytes: Int { pending.count }

    // MARK: - Where events end

    /// The end of the blank line that ends the current event; nil, with the state moved on, where it has not come.
    private mutating func eventEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start
        if afterCR {
            afterCR = false
            if bytes[index] == 0x0A { index += 1 }
        }
        while index < bytes.count {
            let newline = SSEParser.newline(in: bytes, from: index)
            if newline > index { atLineStart = false }
            guard newline < bytes.count else { return nil }
            index = newline + 1
            if bytes[newline] == 0x0D {
                if index == bytes.count {
                    afterCR = true
                } else if bytes[index] == 0x0A {
                    index += 1
                }
            }
            if atLineStart { return index }
            atLineStart = true
        }
        return nil
    }

    /// The first CR or LF, or the end.
    private static func newline(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return start }
        var index = start
        while index + 16 <= bytes.count {
            let block = base.loadUnaligned(fromByteOffset: index, as: SIMD16<Int8>.self)
            let mask = (block .== SIMD16<Int8>(repeating: 0x0A)) .| (block .== SIMD16<Int8>(repeating: 0x0D))
            let halves = unsafeBitCast(mask, to: SIMD2<UInt64>.self)
            if halves[0] != 0 { return index + halves[0].trailingZeroBitCount >> 3 }
            if halves[1] != 0 { return index + 8 + halves[1].trailingZeroBitCount >> 3 }
            index += 16
        }
        while index < bytes.count, bytes[index] != 0x0A, bytes[index] != 0x0D { index += 1 }
        return index
    }

    // MARK: - What is in an event

    private mutating func reportPending(isTerminated: Bool, _ body: (SSEEvent) -> Void) {
        // Taken out, because the closure runs while the bytes are borrowed.
        var bytes: [UInt8] = []
        swap(&bytes, &pending)
        bytes.withUnsafeBytes { report($0, isTerminated: isTerminated, body) }
        // One huge event should not keep its memory for the rest of the stream.
        guard bytes.capacity <= 1 << 16 else { return }
        bytes.removeAll(keepingCapacity: true)
        swap(&bytes, &pending)
    }

    private mutating func report(
        _ event: UnsafeRawBufferPointer, isTerminated: Bool, _ body: (SSEEvent) -> Void
    ) {
        var raw = event
        var name = 0..<0
        var id = 0..<0
        var data: Range<Int>?
        var moreData: [Range<Int>] = []
        var index = 0
        if isFirstEvent { raw = raw.withoutByteOrderMark }
        isFirstEvent = false
        while index < raw.count {
            let lineEnd = SSEParser.newline(in: raw, from: index)
            if lineEnd > index {
                let field = SSEParser.field(in: raw, index..<lineEnd)
                switch field.name {
                case .data:
                    if data == nil { data = field.value } else { moreData.append(field.value) }
                case .event: name = field.value
                case .id: id = field.value
                case .other: break
                }
            }
            index = lineEnd + 1
        }
        func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: raw[range]) }
        guard let data, !moreData.isEmpty else {
            body(
                SSEEvent(
                    raw: raw, data: data.map(slice), dataRange: data, name: slice(name), id: slice(id),
                    isTerminated: isTerminated))
            return
        }
        var joined = [UInt8](slice(data))
        for line in moreData {
            joined.append(0x0A)
            joined.append(contentsOf: slice(line))
        }
        joined.withUnsafeBytes { text in
            body(
                SSEEvent(
                    raw: raw, data: text, dataRange: nil, name: slice(name), id: slice(id),
                    isTerminated: isTerminated))
        }
    }

    private enum Field { case data, event, id, other }

    private static func field(
        in raw: UnsafeRawBufferPointer, _ line: Range<Int>
    ) -> (name: Field, value: Range<Int>) {
        var colon = line.lowerBound
        // No known name is longer than five letters.
        let limit = min(line.upperBound, line.lowerBound + 6)
        while colon < limit, raw[colon] != UInt8(ascii: ":") { colon += 1 }
        if colon == limit, limit < line.upperBound { return (.other, line) }
        let text = UnsafeRawBufferPointer(rebasing: raw[line.lowerBound..<colon])
        let name: Field =
            switch colon - line.lowerBound {
            case 4 where text.equals("data"): .data
            case 5 where text.equals("event"): .event
            case 2 where text.equals("id"): .id
            default: .other
            }
        var value = min(colon + 1, line.upperBound)
        if value < line.upperBound, raw[value] == 0x20 { value += 1 }
        return (name, value..<line.upperBound)
    }
}
