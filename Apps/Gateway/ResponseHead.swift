import Budgets
import Transfer
import Units

/// Header lines of an answer, as bytes: what FastCGI sends after the status.
struct ResponseHead {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(1536) }

    mutating func add(_ name: StaticString, _ value: String) {
        addName(name)
        appendValue(value)
    }

    mutating func add(_ name: StaticString, _ value: some BinaryInteger) {
        addName(name)
        DecimalText.append(Int64(clamping: value), to: &bytes)
        endLine()
    }

    mutating func add(_ name: StaticString, _ amount: NanoUSD) {
        addName(name)
        DecimalText.append(amount.nanos, powerOfTen: 9, to: &bytes)
        endLine()
    }

    mutating func add(_ name: StaticString, _ time: Timestamp) {
        addName(name)
        time.append(fractionDigits: 0, to: &bytes)
        endLine()
    }

    /// Whole seconds as OpenAI writes durations: `1s`.
    mutating func add(_ name: StaticString, seconds: Int64) {
        addName(name)
        DecimalText.append(seconds, to: &bytes)
        bytes.append(UInt8(ascii: "s"))
        endLine()
    }

    mutating func add(_ name: StaticString, bytes value: ArraySlice<UInt8>) {
        addName(name)
        value.withUnsafeBytes { appendValue($0) }
    }

    /// A whole line without its end.
    mutating func add(line: String) { appendValue(line) }

    private mutating func addName(_ name: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(58)
        bytes.append(32)
    }

    private mutating func appendValue(_ value: String) {
        var value = value
        value.withUTF8 { appendValue(UnsafeRawBufferPointer($0)) }
    }

    /// No value can end its line early: control characters become spaces.
    private mutating func appendValue(_ value: UnsafeRawBufferPointer) {
        let start = bytes.count
        bytes.append(contentsOf: value)
        // One look without a branch decides nearly always.
        var found: UInt8 = 0
        for byte in value { found |= (byte < 32 ? 1 : 0) | (byte == 127 ? 1 : 0) }
        if found != 0 {
            bytes.withUnsafeMutableBytes { bytes in
                for index in start..<bytes.count where bytes[index] < 32 || bytes[index] == 127 { bytes[index] = 32 }
            }
        }
        endLine()
    }

    private mutating func endLine() {
        bytes.append(13)
        bytes.append(10)
    }

    /// Passes on the headers of a provider that are worth having. Those that would say the same name as the gateway's own
    /// get LiteLLM's prefix, `llm_provider-`: its request id always, its rate limits where the key has limits of its own.
    mutating func addProviderHeaders(_ head: TransferHead, hidingRateLimits: Bool) {
        head.forEach { name, value in
            guard let kind = ProviderHeader.kind(of: name) else { return }
            if kind == .requestID || (kind == .rateLimit && hidingRateLimits) {
                bytes.append(contentsOf: "llm_provider-".utf8)
            }
            append(name, value)
        }
    }

    private mutating func append(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: name)
        bytes.append(58)
        bytes.append(32)
        appendValue(value)
    }
}

extension ArraySlice<UInt8> {
    /// Whether the bytes hold `text`, which is in lower case, in any case.
    func contains(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard self.count >= count else { return false }
        return (startIndex...endIndex - count).contains { start in
            (0..<count).allSatisfy { offset in
                let byte = self[start + offset]
                return (byte >= 65 && byte <= 90 ? byte | 0x20 : byte) == text.utf8Start[offset]
            }
        }
    }
}

/// Which of a provider's headers a client may see: a list of what passes, so that nothing internal does.
private enum ProviderHeader {
    case rateLimit
    case requestID
    case plain

    static func kind(of name: UnsafeRawBufferPointer) -> ProviderHeader? {
        // The commonest headers of no interest end here.
        guard let first = name.first, name.count >= 10 else { return nil }
        switch first | 0x20 {
        case UInt8(ascii: "x"):
            if hasPrefix(name, "x-ratelimit-") { return .rateLimit }
            if equals(name, "x-request-id") { return .requestID }
            if equals(name, "x-groq-region") || equals(name, "x-should-retry") {
                return .plain
            }
        case UInt8(ascii: "o"):
            if equals(name, "openai-processing-ms") || equals(name, "openai-version") || equals(name, "openai-model") {
                return .plain
            }
        case UInt8(ascii: "a"):
            if hasPrefix(name, "anthropic-ratelimit-") { return .rateLimit }
        case UInt8(ascii: "r"):
            if equals(name, "request-id") { return .requestID }
            if equals(name, "retry-after") || equals(name, "retry-after-ms") { return .plain }
        default:
            break
        }
        return nil
    }

    private static func hasPrefix(_ name: UnsafeRawBufferPointer, _ prefix: StaticString) -> Bool {
        name.count > prefix.utf8CodeUnitCount && begins(name, with: prefix)
    }

    private static func equals(_ name: UnsafeRawBufferPointer, _ wanted: StaticString) -> Bool {
        name.count == wanted.utf8CodeUnitCount && begins(name, with: wanted)
    }

    private static func begins(_ name: UnsafeRawBufferPointer, with wanted: StaticString) -> Bool {
        for index in 0..<wanted.utf8CodeUnitCount {
            let byte = name[index]
            if (byte >= 65 && byte <= 90 ? byte | 0x20 : byte) != wanted.utf8Start[index] { return false }
        }
        return true
    }
}

/// What is left of a key's own limits, in the headers that OpenAI's clients know, plus the budget's.
extension ResponseHead {
    mutating func add(_ status: RateStatus, at now: Timestamp) {
        if let meter = status.requests {
            add("x-ratelimit-limit-requests", meter.limit)
            add("x-ratelimit-remaining-requests", meter.left)
            add("x-ratelimit-reset-requests", seconds: meter.secondsUntilUnused(at: now))
        }
        if let meter = status.tokens {
            add("x-ratelimit-limit-tokens", meter.limit)
            add("x-ratelimit-remaining-tokens", meter.left)
            add("x-ratelimit-reset-tokens", seconds: meter.secondsUntilUnused(at: now))
        }
        if let parallel = status.parallel {
            add("x-ratelimit-limit-parallel", parallel.limit)
            add("x-ratelimit-remaining-parallel", parallel.left)
        }
        if let budget = status.budget {
            add("x-tollgate-budget-limit", budget.limit)
            add("x-tollgate-budget-remaining", budget.left)
            if let resets = budget.resets { add("x-tollgate-budget-reset", resets) }
        }
    }
}

enum RateHeaders {
    /// The same as lines, for an error that carries its headers with it.
    static func lines(_ status: RateStatus, at now: Timestamp) -> [String] {
        var head = ResponseHead()
        head.add(status, at: now)
        return String(decoding: head.bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
    }
}

extension RateStatus.Meter {
    fileprivate func secondsUntilUnused(at now: Timestamp) -> Int64 {
        unusedAt.map { max(0, ($0 - now).nanoseconds + 999_999_999) / 1_000_000_000 } ?? 0
    }
}
