import MockProvider

/// What a load run measured; those of several threads are added up.
struct LoadResult: Sendable {
    enum Failure: String, CaseIterable, Sendable {
        /// No connection could be made.
        case connect
        /// Closed by the other side in the middle of a reply, or before it.
        case closed
        case reset
        case timeout
        /// What came was no HTTP reply.
        case broken
        /// Still under way when the run ended.
        case unfinished
    }

    var requests = 0
    /// Complete replies of status 200…299 (and, for streams, with `[DONE]` and without an error event).
    var ok = 0
    /// `ok` ones that ended within the measured time.
    var okInTime = 0
    var seconds = 0.0
    /// From being sent (with a rate: from being due) to the last byte; `ok` requests only.
    var latency = LogHistogram()
    /// To the first byte of the reply.
    var firstByte = LogHistogram()
    /// To the first event of a stream.
    var firstEvent = LogHistogram()
    /// Between two reads of a stream that brought events.
    var gap = LogHistogram()
    var events = 0
    var streamsDone = 0
    var errorEvents = 0
    var aborted = 0
    /// Streams that were open until the end of the run, by its own will.
    var held = 0
    var statuses: [Int: Int] = [:]
    var failures: [Failure: Int] = [:]
    var bytesIn = 0
    var bytesOut = 0
    /// With a rate: how many requests were sent late because no connection was free.
    var late = 0

    mutating func add(_ other: LoadResult) {
        requests += other.requests
        ok += other.ok
        okInTime += other.okInTime
        seconds = max(seconds, other.seconds)
        latency.add(other.latency)
        firstByte.add(other.firstByte)
        firstEvent.add(other.firstEvent)
        gap.add(other.gap)
        events += other.events
        streamsDone += other.streamsDone
        errorEvents += other.errorEvents
        aborted += other.aborted
        held += other.held
        statuses.merge(other.statuses, uniquingKeysWith: +)
        failures.merge(other.failures, uniquingKeysWith: +)
        bytesIn += other.bytesIn
        bytesOut += other.bytesOut
        late += other.late
    }

    /// One line of JSON; times in microseconds with one decimal.
    func json(isStream: Bool, cpuSeconds: Double) -> String {
        var members = [
            "\"requests\":\(requests)", "\"ok\":\(ok)", "\"seconds\":\(Self.decimal(seconds, 3))",
            "\"rps\":\(Self.decimal(seconds > 0 ? Double(okInTime) / seconds : 0, 1))",
            "\"latency_us\":\(Self.quantiles(latency))", "\"first_byte_us\":\(Self.quantiles(firstByte))",
        ]
        if isStream {
            members += [
                "\"ttft_us\":\(Self.quantiles(firstEvent))", "\"gap_us\":\(Self.quantiles(gap))",
                "\"events\":\(events)", "\"streams_done\":\(streamsDone)", "\"error_events\":\(errorEvents)",
                "\"aborted\":\(aborted)", "\"held\":\(held)",
            ]
        }
        let statusText = statuses.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        let failureText = Failure.allCases.compactMap { kind in
            failures[kind].map { "\"\(kind.rawValue)\":\($0)" }
        }
        members += [
            "\"statuses\":{\(statusText.joined(separator: ","))}", "\"errors\":{\(failureText.joined(separator: ","))}",
            "\"bytes_in\":\(bytesIn)", "\"bytes_out\":\(bytesOut)", "\"late\":\(late)",
            "\"cpu_seconds\":\(Self.decimal(cpuSeconds, 2))",
        ]
        return "{\(members.joined(separator: ","))}"
    }

    private static func quantiles(_ histogram: LogHistogram) -> String {
        let shares: [(String, Double)] = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)]
        var members = ["\"mean\":\(microseconds(histogram.mean))"]
        members += shares.map { "\"\($0.0)\":\(microseconds(histogram.quantile($0.1)))" }
        members += ["\"max\":\(microseconds(histogram.max))", "\"n\":\(histogram.count)"]
        return "{\(members.joined(separator: ","))}"
    }

    private static func microseconds(_ nanoseconds: Int64) -> String { decimal(Double(nanoseconds) / 1000, 1) }

    /// Fixed decimals without Foundation.
    static func decimal(_ value: Double, _ places: Int) -> String {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = Int((value * scale).rounded())
        let whole = scaled / Int(scale)
        let fraction = String(scaled % Int(scale))
        return "\(whole)." + String(repeating: "0", count: places - fraction.count) + fraction
    }
}
