import Units

/// How one request is answered: the defaults from the command line, then what a rule, the model's name, the body's
/// `x_mock` and the header `x-mock` say, each over the former.
struct Behaviour: Equatable, Sendable {
    /// Before the status line, whole and streamed.
    var latency: Int64 = 0
    /// From a stream's header to its first event.
    var timeToFirstToken: Int64 = 0
    /// Between content chunks.
    var interval: Int64 = 0
    /// Content tokens of the answer, before `max_tokens` cuts it.
    var tokens = 20
    /// Whether `tokens` was said for this request rather than by default.
    var tokensWereAsked = false

    /// The answer's text, in chunks of `chunkBytes`; `tokens` does not count then.
    var say: [UInt8]?
    var chunkBytes = 4
    /// The answer is the last message's content.
    var echoes = false
    /// Of the prompt tokens, how many the usage reports as cached.
    var cachedTokens = 0
    /// Of the completion tokens, how many the usage reports as reasoning.
    var reasoningTokens = 0

    /// What a stream says of its usage; unlike the faults of that name it goes together with another fault.
    var usageReport = UsageReport.asAsked

    enum UsageReport: Equatable, Sendable {
        /// In a last chunk, if the client asked for it.
        case asAsked
        /// Never; a whole answer has no usage either.
        case none
        /// Every content chunk carries the usage so far.
        case each
    }

    /// `usage=` and the faults `no_usage` and `usage_every` together.
    var usage: UsageReport {
        switch fault {
        case .noUsage: .none
        case .usageEvery: .each
        default: usageReport
        }
    }

    var fault: Fault?
    var after = 3
    /// How long a stall lasts; nil: for ever.
    var stallFor: Int64?
    /// Cuts are RST instead of FIN.
    var resets = false
    var retryAfter: String?
    var errorCode: String?
    var errorMessage: String?
    var megabytes = 50
    var headerCount = 5000
    var location = "http://169.254.169.254/latest/meta-data/"
    var dripBytes = 1
    var dripInterval: Int64 = 10_000_000

    /// SSE lines end in CR LF.
    var usesCRLF = false
    /// A comment stands before each event.
    var comments = false
    /// Comments of this period while a stream waits; 0: none.
    var keepAlive: Int64 = 0
    /// The connection is closed after the answer, without having said so: the next request on it meets a dead socket.
    var hangsUp = false
    /// One write per event, even when there is no interval between them.
    var flushesEach = false

    /// Whether a whole answer can be composed and sent at once.
    var isPlain: Bool { fault == nil && latency == 0 }

    /// Applies `name=value` pairs, separated by `,` or `&`; values may be percent-encoded.
    mutating func apply(_ text: [UInt8]) throws(ControlError) {
        for pair in text.split(whereSeparator: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "&") }) {
            let pair = pair.drop { $0 == 0x20 }
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let name = String(decoding: pair[..<equals], as: UTF8.self)
            if name.isEmpty { continue }
            try apply(name, Self.percentDecoded(pair[min(equals + 1, pair.endIndex)...]))
        }
    }

    mutating func apply(text: String) throws(ControlError) { try apply(Array(text.utf8)) }

    mutating func apply(_ name: String, _ value: [UInt8]) throws(ControlError) {
        let control = Control(name: name, bytes: value)
        switch name {
        case "latency": latency = try control.nanoseconds
        case "ttft": timeToFirstToken = try control.nanoseconds
        case "interval": interval = try control.nanoseconds
        case "tokens":
            tokens = try control.count(1...10_000_000)
            tokensWereAsked = true
        case "say": say = value
        case "chunk_bytes": chunkBytes = try control.count(1...1_000_000)
        case "echo": echoes = try control.flag
        case "cached": cachedTokens = try control.count(0...1_000_000_000)
        case "reasoning": reasoningTokens = try control.count(0...1_000_000_000)
        case "usage":
            guard let report = ["normal": UsageReport.asAsked, "none": .none, "each": .each][control.text] else {
                throw control.wrong("normal, none or each")
            }
            usageReport = report
        default: try applyFault(control)
        }
    }

    private mutating func applyFault(_ control: Control) throws(ControlError) {
        switch control.name {
        case "fault":
            if control.text == "none" {
                fault = nil
                return
            }
            guard let named = Fault(name: control.text) else { throw ControlError.unknownFault(control.text) }
            fault = named
        case "after": after = try control.count(0...10_000_000)
        case "for": stallFor = try control.nanoseconds
        case "rst": resets = try control.flag
        case "retry_after": retryAfter = try control.headerText
        case "code": errorCode = try control.headerText
        case "message": errorMessage = control.text
        case "mb": megabytes = try control.count(1...4096)
        case "headers": headerCount = try control.count(1...100_000)
        case "location": location = try control.headerText
        case "drip_bytes": dripBytes = try control.count(1...1_000_000)
        case "drip_interval": dripInterval = try control.nanoseconds
        case "crlf": usesCRLF = try control.flag
        case "comments": comments = try control.flag
        case "hangup": hangsUp = try control.flag
        case "keepalive": keepAlive = try control.nanoseconds
        case "flush":
            guard control.text == "each" || control.text == "batch" else { throw control.wrong("each or batch") }
            flushesEach = control.text == "each"
        default: throw ControlError.unknownControl(control.name)
        }
    }

    static func percentDecoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.endIndex,
                let byte = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
            {
                result.append(byte)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }
}

/// A control that the mock does not know or whose value it cannot read: a mistake in a test, so it says so.
enum ControlError: Error, Equatable, CustomStringConvertible {
    case unknownControl(String)
    case unknownFault(String)
    case wrongValue(name: String, value: String, expected: String)

    var description: String {
        switch self {
        case .unknownControl(let name): "tollgate-mock knows no control '\(name)'"
        case .unknownFault(let name):
            "tollgate-mock knows no fault '\(name)': a status from 400 to 599, or one of "
                + Fault.names.joined(separator: ", ")
        case .wrongValue(let name, let value, let expected):
            "tollgate-mock: the control \(name)=\(value) must be \(expected)"
        }
    }
}

private struct Control {
    let name: String
    let bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func wrong(_ expected: String) -> ControlError { .wrongValue(name: name, value: text, expected: expected) }

    var nanoseconds: Int64 {
        get throws(ControlError) {
            if text == "0" { return 0 }
            guard let duration = Duration(text: text) else { throw wrong("a duration such as 250ms or 2s") }
            return duration.nanoseconds
        }
    }

    func count(_ allowed: ClosedRange<Int>) throws(ControlError) -> Int {
        guard let count = Int(text), allowed.contains(count) else {
            throw wrong("a number from \(allowed.lowerBound) to \(allowed.upperBound)")
        }
        return count
    }

    var flag: Bool {
        get throws(ControlError) {
            switch text {
            case "1", "true", "": true
            case "0", "false": false
            default: throw wrong("0 or 1")
            }
        }
    }

    /// Text that may stand in a header: a line break would be a header of its own.
    var headerText: String {
        get throws(ControlError) {
            guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { throw wrong("without control characters") }
            return text
        }
    }
}
