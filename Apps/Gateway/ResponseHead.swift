import Budgets
import Glibc
import Transfer
import Units

/// Header lines of an answer, as bytes: what FastCGI sends after the status.
///
/// Memory of its own, because appending some sixty pieces to an array costs more than the pieces.
struct ResponseHead: ~Copyable {
    private var start = UnsafeMutableRawPointer.allocate(byteCount: 2048, alignment: 8)
    private var capacity = 2048
    private var count = 0

    deinit { start.deallocate() }

    borrowing func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: start, count: count))
    }

    private mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = (count + more) * 2
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        larger.copyMemory(from: start, byteCount: count)
        start.deallocate()
        start = larger
    }

    /// The caller has reserved the room.
    private mutating func put(_ byte: UInt8) {
        start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        (start + count).copyMemory(from: source, byteCount: bytes.count)
        count &+= bytes.count
    }

    mutating func add(_ name: StaticString, _ value: String) {
        addName(name)
        appendValue(value)
    }

    mutating func add(_ name: StaticString, _ value: some BinaryInteger) {
        addName(name)
        number(Int64(clamping: value))
        endLine()
    }

    mutating func add(_ name: StaticString, _ amount: NanoUSD) {
        addName(name)
        number(amount.nanos, powerOfTen: 9)
        endLine()
    }

    mutating func add(_ name: StaticString, _ time: Timestamp) {
        add(name, time.text(fractionDigits: 0))
    }

    /// Whole seconds as OpenAI writes durations: `1s`.
    mutating func add(_ name: StaticString, seconds: Int64) {
        addName(name)
        number(seconds)
        put(UInt8(ascii: "s"))
        endLine()
    }

    mutating func add(_ name: StaticString, bytes value: ArraySlice<UInt8>) {
        addName(name)
        value.withUnsafeBytes { appendValue($0) }
    }

    /// A whole line without its end.
    mutating func add(line: String) { appendValue(line) }

    /// Leaves room for a number and the line's end.
    private mutating func addName(_ name: StaticString) {
        reserve(name.utf8CodeUnitCount + DecimalText.bytesMax + 8)
        put(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        put(58)
        put(32)
    }

    private mutating func number(_ value: Int64, powerOfTen power: Int = 0) {
        count &+= DecimalText.write(value, powerOfTen: power, to: start + count)
    }

    private mutating func appendValue(_ value: String) {
        value.withBytes { appendValue($0) }
    }

    /// No value can end its line early: control characters become spaces.
    private mutating func appendValue(_ value: UnsafeRawBufferPointer) {
        reserve(value.count + 2)
        let from = count
        put(value)
        // One look without a branch decides nearly always.
        var found: UInt8 = 0
        for byte in value { found |= (byte < 32 ? 1 : 0) | (byte == 127 ? 1 : 0) }
        if found != 0 {
            for index in from..<count {
                let byte = start.load(fromByteOffset: index, as: UInt8.self)
                if byte < 32 || byte == 127 { start.storeBytes(of: 32, toByteOffset: index, as: UInt8.self) }
            }
        }
        endLine()
    }

    /// Every caller has left room for it.
    private mutating func endLine() {
        put(13)
        put(10)
    }

    /// What heads of streams have besides.
    mutating func addStream(for call: Call) {
        add("Cache-Control", "no-cache")
        // nginx/streams.conf
        if call.request.parameter("HOLDS_EVENTS") != nil { add("X-Accel-Buffering", "no") }
    }

    /// Passes on the headers of a provider that are worth having. Those that would say the same name as the gateway's own
    /// get LiteLLM's prefix, `llm_provider-`: its request id always, its rate limits where the key has limits of its own.
    ///
    /// - Parameter isError: whether and when it may be tried again is then the gateway's to say.
    mutating func addProviderHeaders(_ head: TransferHead, hidingRateLimits: Bool, isError: Bool = false) {
        head.forEach { name, value in
            guard let kind = ProviderHeader.kind(of: name), !(isError && kind == .retry) else { return }
            reserve(name.count + 16)
            if kind == .requestID || (kind == .rateLimit && hidingRateLimits) {
                Self.providerPrefix.withUTF8Buffer { put(UnsafeRawBufferPointer($0)) }
            }
            put(name)
            put(58)
            put(32)
            appendValue(value)
        }
    }

    private static let providerPrefix: StaticString = "llm_provider-"
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
    /// Whether and when to try again.
    case retry
    case plain

    static func kind(of name: UnsafeRawBufferPointer) -> ProviderHeader? {
        // The commonest headers of no interest end here.
        guard name.count >= 10, let base = name.baseAddress else { return nil }
        guard let kind = kind(beginning: base.load(as: UInt8.self), name), isToken(name) else { return nil }
        return kind
    }

    /// What nginx takes for a name. One look without a branch.
    private static func isToken(_ name: UnsafeRawBufferPointer) -> Bool {
        var found: UInt8 = 0
        for byte in name { found |= (byte <= 32 ? 1 : 0) | (byte >= 127 ? 1 : 0) }
        return found == 0
    }

    private static func kind(beginning first: UInt8, _ name: UnsafeRawBufferPointer) -> ProviderHeader? {
        switch first | 0x20 {
        case UInt8(ascii: "x"):
            if hasPrefix(name, "x-ratelimit-") { return .rateLimit }
            if equals(name, "x-request-id") { return .requestID }
            if equals(name, "x-groq-region") { return .plain }
            if equals(name, "x-should-retry") { return .retry }
        case UInt8(ascii: "o"):
            if equals(name, "openai-processing-ms") || equals(name, "openai-model") {
                return .plain
            }
        case UInt8(ascii: "a"):
            if hasPrefix(name, "anthropic-ratelimit-") { return .rateLimit }
        case UInt8(ascii: "r"):
            if equals(name, "request-id") { return .requestID }
            if equals(name, "retry-after") || equals(name, "retry-after-ms") { return .retry }
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
        // Providers write them in lower case, nearly all.
        guard let base = name.baseAddress else { return false }
        if memcmp(base, wanted.utf8Start, wanted.utf8CodeUnitCount) == 0 { return true }
        for index in 0..<wanted.utf8CodeUnitCount {
            let byte = name[index]
            if (byte >= 65 && byte <= 90 ? byte | 0x20 : byte) != wanted.utf8Start[index] { return false }
        }
        return true
    }
}

/// What is left of a key's own limits, in the headers that OpenAI's clients know, plus the budget's.
extension ResponseHead {
    /// - Parameter refusal: then with everything that says why, and until when. Where no time helps, none is told of that
    ///   limit.
    mutating func add(_ status: RateStatus, at now: Timestamp, of refusal: Budgets.Refusal? = nil) {
        let never = refusal.flatMap { $0.neverFits ? $0.dimension : nil }
        if let meter = status.requests {
            add("x-ratelimit-limit-requests", meter.limit)
            add("x-ratelimit-remaining-requests", meter.left)
            if never != .requests { add("x-ratelimit-reset-requests", seconds: meter.secondsUntilUnused(at: now)) }
        }
        if let meter = status.tokens {
            add("x-ratelimit-limit-tokens", meter.limit)
            add("x-ratelimit-remaining-tokens", meter.left)
            if never != .tokens { add("x-ratelimit-reset-tokens", seconds: meter.secondsUntilUnused(at: now)) }
        }
        if refusal != nil, let parallel = status.parallel {
            add("x-ratelimit-limit-parallel", parallel.limit)
            add("x-ratelimit-remaining-parallel", parallel.left)
        }
        if let budget = status.budget {
            add("x-tollgate-budget-remaining", budget.left)
            guard refusal != nil else { return }
            add("x-tollgate-budget-limit", budget.limit)
            if never != .money, let resets = budget.resets { add("x-tollgate-budget-reset", resets) }
        }
    }
}

enum RateHeaders {
    /// The same as lines, for an error that carries its headers with it.
    static func lines(of refusal: Budgets.Refusal, at now: Timestamp) -> [String] {
        var head = ResponseHead()
        head.add(refusal.status, at: now, of: refusal)
        let text = head.withBytes { String(decoding: $0, as: UTF8.self) }
        return text.split(separator: "\r\n").map(String.init)
    }
}

extension RateStatus.Meter {
    fileprivate func secondsUntilUnused(at now: Timestamp) -> Int64 {
        unusedAt.map { max(0, ($0 - now).nanoseconds + 999_999_999) / 1_000_000_000 } ?? 0
    }
}
