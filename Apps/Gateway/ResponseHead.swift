import Budgets
import Transfer
import Units

/// Header lines of an answer, as bytes: what FastCGI sends after the status.
struct ResponseHead {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(512) }

    mutating func add(_ name: StaticString, _ value: String) {
        addName(name)
        appendValue(value.utf8)
    }

    mutating func add(_ name: StaticString, _ value: some BinaryInteger) {
        addName(name)
        appendValue(String(value).utf8)
    }

    mutating func add(_ name: StaticString, bytes value: ArraySlice<UInt8>) {
        addName(name)
        appendValue(value)
    }

    /// A whole line without its end.
    mutating func add(line: String) { appendValue(line.utf8) }

    private mutating func addName(_ name: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(58)
        bytes.append(32)
    }

    /// No value can end its line early: control characters become spaces.
    private mutating func appendValue(_ value: some Sequence<UInt8>) {
        for byte in value { bytes.append(byte < 32 || byte == 127 ? 32 : byte) }
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

    private mutating func append(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) {
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

    static func kind(of name: ArraySlice<UInt8>) -> ProviderHeader? {
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
            if equals(name, "retry-after") || equals(name, "retry-after-ms") || equals(name, "request-id") {
                return .plain
            }
        default:
            break
        }
        return nil
    }

    private static func hasPrefix(_ name: ArraySlice<UInt8>, _ prefix: StaticString) -> Bool {
        name.count > prefix.utf8CodeUnitCount && equals(name.prefix(prefix.utf8CodeUnitCount), prefix)
    }

    private static func equals(_ name: ArraySlice<UInt8>, _ wanted: StaticString) -> Bool {
        guard name.count == wanted.utf8CodeUnitCount else { return false }
        var pointer = wanted.utf8Start
        for byte in name {
            if (byte >= 65 && byte <= 90 ? byte | 0x20 : byte) != pointer.pointee { return false }
            pointer += 1
        }
        return true
    }
}

/// What is left of a key's own limits, in the headers that OpenAI's clients know, plus the budget's.
enum RateHeaders {
    static func lines(_ status: RateStatus, at now: Timestamp) -> [String] {
        var lines: [String] = []
        add(status.requests, "requests", at: now, to: &lines)
        add(status.tokens, "tokens", at: now, to: &lines)
        if let parallel = status.parallel {
            lines.append("x-ratelimit-limit-parallel: \(parallel.limit)")
            lines.append("x-ratelimit-remaining-parallel: \(parallel.left)")
        }
        if let budget = status.budget {
            lines.append("x-tollgate-budget-limit: \(budget.limit)")
            lines.append("x-tollgate-budget-remaining: \(budget.left)")
            if let resets = budget.resets {
                lines.append("x-tollgate-budget-reset: \(resets.text(fractionDigits: 0))")
            }
        }
        return lines
    }

    private static func add(
        _ meter: RateStatus.Meter?, _ unit: String, at now: Timestamp, to lines: inout [String]
    ) {
        guard let meter else { return }
        lines.append("x-ratelimit-limit-\(unit): \(meter.limit)")
        lines.append("x-ratelimit-remaining-\(unit): \(meter.left)")
        // OpenAI writes these as durations: 1s, 6m0s.
        let seconds = meter.unusedAt.map { max(0, ($0 - now).nanoseconds + 999_999_999) / 1_000_000_000 } ?? 0
        lines.append("x-ratelimit-reset-\(unit): \(seconds)s")
    }
}
