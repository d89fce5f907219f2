import Glibc
import Secrets
import Units

/// Bytes on their way to a log file: JSON text written front to back without a copy, an array or an intermediate
/// string.
///
/// Nothing here checks for room: whoever begins a line first asks ``hasRoomForLine``, and a line's parts are bounded so
/// that it can't become longer than ``lineBytesMax``.
struct LineBuffer: ~Copyable {
    /// Longest text of a line; what is longer is cut.
    static let textBytesMax = 256
    /// Most texts in a list; the rest is left out.
    static let listMax = 16
    /// Every byte of every text may become six (`\u0000`).
    static let lineBytesMax = 4096 + 6 * textBytesMax * (12 + 4 * listMax)

    let capacity: Int
    private let start: UnsafeMutableRawPointer
    private var next: UnsafeMutableRawPointer
    private var secondWritten: Int64 = .min
    private var secondText: [UInt8] = []
    /// Nearly every line has the user agent of the line before it.
    private var lastAgent = (given: "", shown: "")
    private static let scrubber = SecretScrubber()

    /// - Parameter capacity: how many bytes may wait; there is room for one line more.
    init(capacity: Int) {
        self.capacity = capacity
        start = .allocate(byteCount: capacity + Self.lineBytesMax, alignment: 8)
        next = start
    }

    deinit { start.deallocate() }

    var count: Int { next - start }
    var hasRoomForLine: Bool { count <= capacity }
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    mutating func removeFirst(_ count: Int) {
        let left = self.count - count
        if left > 0 { memmove(start, start + count, left) }
        next = start + left
    }

    // MARK: Pieces

    mutating func raw(_ text: StaticString) {
        memcpy(next, text.utf8Start, text.utf8CodeUnitCount)
        next += text.utf8CodeUnitCount
    }

    mutating func byte(_ byte: UInt8) {
        next.storeBytes(of: byte, as: UInt8.self)
        next += 1
    }

    mutating func number(_ value: Int) {
        if value < 0 { byte(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var digits = 1
        var bound: UInt = 10
        while rest >= bound, digits < 20 {
            digits += 1
            let (product, overflow) = bound.multipliedReportingOverflow(by: 10)
            if overflow { break }
            bound = product
        }
        var place = next + digits
        next = place
        repeat {
            place -= 1
            place.storeBytes(of: UInt8(48 + rest % 10), as: UInt8.self)
            rest /= 10
        } while rest > 0
    }

    /// `value` × 10^-`digits`, without trailing zeros.
    mutating func decimal(_ value: Int64, fractionDigits digits: Int) {
        var unit: UInt64 = 1
        for _ in 0..<digits { unit *= 10 }
        if value < 0 { byte(UInt8(ascii: "-")) }
        number(Int(value.magnitude / unit))
        var fraction = value.magnitude % unit
        guard fraction > 0 else { return }
        byte(UInt8(ascii: "."))
        while fraction > 0 {
            unit /= 10
            byte(UInt8(48 + fraction / unit))
            fraction %= unit
        }
    }

    /// ISO 8601 in UTC with milliseconds. The part down to the second is made once a second.
    mutating func time(_ time: Timestamp) {
        let second = time.secondsSince1970
        if second != secondWritten {
            secondText = Array(Timestamp(secondsSince1970: second).text(fractionDigits: 0).utf8.dropLast())
            secondWritten = second
        }
        memcpy(next, secondText, secondText.count)
        next += secondText.count
        let milliseconds = UInt64((time.nanosecondsSince1970 - second * 1_000_000_000) / 1_000_000)
        byte(UInt8(ascii: "."))
        byte(UInt8(48 + milliseconds / 100))
        byte(UInt8(48 + milliseconds / 10 % 10))
        byte(UInt8(48 + milliseconds % 10))
        byte(UInt8(ascii: "Z"))
    }

    /// A JSON string, cut to `limit` bytes.
    mutating func string(_ text: String, limit: Int = LineBuffer.textBytesMax) {
        byte(UInt8(ascii: "\""))
        text.withBytes { utf8 in
            var count = utf8.count
            if count > limit {
                count = limit
                while count > 0, utf8[count] & 0xc0 == 0x80 { count -= 1 }
            }
            if count > 0 { escaped(UnsafeRawBufferPointer(rebasing: utf8[..<count])) }
        }
        byte(UInt8(ascii: "\""))
    }

    private mutating func escaped(_ utf8: UnsafeRawBufferPointer) {
        guard let source = utf8.baseAddress else { return }
        var offset = 0
        while offset < utf8.count {
            if offset + 8 <= utf8.count {
                let word = source.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                if Self.isPlain(word) {
                    next.storeBytes(of: word, as: UInt64.self)
                    next += 8
                    offset += 8
                    continue
                }
            }
            escaped(source.load(fromByteOffset: offset, as: UInt8.self))
            offset += 1
        }
    }

    /// Whether none of eight bytes is a control character, a quote or a backslash (the "haszero" trick of Bit Twiddling
    /// Hacks; a false alarm only costs the slow way).
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        let control = (word &- ones &* 0x20) & ~word
        let quotes = word ^ ones &* 0x22
        let slashes = word ^ ones &* 0x5c
        return (control | (quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes) & high == 0
    }

    private mutating func escaped(_ character: UInt8) {
        switch character {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case UInt8(ascii: "\n"): raw("\\n")
        case UInt8(ascii: "\t"): raw("\\t")
        case UInt8(ascii: "\r"): raw("\\r")
        case 0..<0x20, 0x7f:
            raw("\\u00")
            byte(Self.hexDigit(character >> 4))
            byte(Self.hexDigit(character & 15))
        default: byte(character)
        }
    }

    static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }
}

extension LineBuffer {
    /// Appends the line of a request, its line feed included.
    mutating func append(_ line: RequestLine) {
        raw("{\"time\":\"")
        time(line.time)
        raw("\",\"msg\":\"request\",\"request\":")
        string(line.requestID)
        if let keyID = line.keyID {
            raw(",\"key\":")
            number(Int(keyID))
        }
        member(",\"key_name\":", line.keyName)
        member(",\"key_alias\":", line.keyAlias)
        raw(",\"endpoint\":")
        string(line.endpoint)
        raw(line.isStream ? ",\"stream\":true" : ",\"stream\":false")
        member(",\"model\":", line.model)
        member(",\"provider\":", line.provider)
        member(",\"upstream_model\":", line.upstreamModel)
        raw(",\"status\":")
        number(line.status)
        member(",\"error\":", line.errorCode)
        raw(",\"end\":\"")
        raw(line.end.word)
        raw("\",\"attempts\":")
        number(line.attempts)
        raw(",\"duration_ms\":")
        decimal(line.duration.nanoseconds / 1000, fractionDigits: 3)
        if let time = line.timeToFirstByte {
            raw(",\"first_byte_ms\":")
            decimal(time.nanoseconds / 1000, fractionDigits: 3)
        }
        if line.attempts > 0 { appendUsage(of: line) }
        member(",\"client\":", line.clientAddress)
        if let agent = line.userAgent {
            raw(",\"user_agent\":")
            string(shown(agent), limit: 200)
        }
        member(",\"user\":", line.user)
        list(",\"dropped\":[", line.dropped)
        list(",\"adjusted\":[", line.adjusted)
        append(line.guardrails)
        raw("}\n")
    }

    /// Somebody may have put a key into the wrong header.
    private mutating func shown(_ agent: String) -> String {
        if agent != lastAgent.given { lastAgent = (given: agent, shown: Self.scrubber.scrubbed(agent)) }
        return lastAgent.shown
    }

    private mutating func appendUsage(of line: RequestLine) {
        raw(",\"input_tokens\":")
        number(Int(line.tokens.input.count))
        count(",\"cached_input_tokens\":", line.tokens.cachedInput)
        count(",\"cache_write_tokens\":", line.tokens.cacheWrite5m + line.tokens.cacheWrite1h)
        raw(",\"output_tokens\":")
        number(Int(line.tokens.output.count))
        count(",\"reasoning_tokens\":", line.tokens.reasoning)
        raw(",\"cost_usd\":")
        decimal(line.cost.nanos, fractionDigits: 9)
        if let source = line.source {
            raw(",\"source\":\"")
            raw(source.word)
            byte(UInt8(ascii: "\""))
        }
    }

    mutating func member(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        raw(name)
        string(text)
    }

    private mutating func count(_ name: StaticString, _ tokens: TokenCount) {
        guard tokens.count != 0 else { return }
        raw(name)
        number(Int(tokens.count))
    }

    private mutating func append(_ notes: [GuardrailNote]) {
        guard !notes.isEmpty else { return }
        raw(",\"guardrails\":[")
        for (index, note) in notes.prefix(Self.listMax).enumerated() {
            if index > 0 { byte(UInt8(ascii: ",")) }
            raw("{\"rule\":")
            string(note.rule)
            raw(note.action == .refuse ? ",\"action\":\"refuse\"" : ",\"action\":\"redact\"")
            raw(note.side == .request ? ",\"on\":\"request\"" : ",\"on\":\"answer\"")
            raw(",\"found\":")
            string(note.found)
            raw(",\"times\":")
            number(note.times)
            byte(UInt8(ascii: "}"))
        }
        byte(UInt8(ascii: "]"))
    }

    private mutating func list(_ name: StaticString, _ texts: [String]) {
        guard !texts.isEmpty else { return }
        raw(name)
        for (index, text) in texts.prefix(Self.listMax).enumerated() {
            if index > 0 { byte(UInt8(ascii: ",")) }
            string(text)
        }
        byte(UInt8(ascii: "]"))
    }
}
