import EventLoop
import FastCGI
import Guardrails
import Keys
import Logging
import Routing
import Secrets
import Units
import WireFormats

/// One client request on its way through the gateway: who, what, and what became of it. Filled in step by step by the
/// page, read at the end by the log and the metrics. Confined to its loop.
final class Call {
    let request: FastCGIRequest
    /// nginx's id for the request (nginx/request_id.conf). On every log line, ledger row and answer.
    let id: String
    let startedAt: Timestamp
    let startedOnClock: MonotonicTime
    let method: String
    let path: String
    let query: String

    var endpoint: Endpoint?
    var caller: Caller?
    var model = ""
    /// nil until the caller is known to be allowed to use it.
    var route: Route?
    var isStream = false

    /// The last attempt's target and figures; nil where none was made.
    var attempt: RequestJourney.Attempt?
    var attempts = 0
    var usage = TokenUsage.zero
    var cost = NanoUSD.zero
    /// ``cost`` has the last attempt's in it.
    var isCostKnown = false
    /// When the client was given the first of an answer; nil where it got none. (An error is no answer.)
    var firstByteOnClock: MonotonicTime?
    /// How long providers had the request, or were left in peace before they were asked again: the rest of its time is
    /// the gateway's own.
    var upstreamTime = Duration.zero

    var status = 0
    var error: GatewayError?
    var end = AttemptEnd.complete
    /// What ``recorded(_:by:)`` made of which name.
    private var recordedModels: [(model: String, recorded: String)] = []
    /// What rules found in the request, and in what the client got.
    private(set) var guardrails: [GuardrailNote] = []
    /// What the translation of the last attempt's request, or of its answer, could not carry.
    var losses = LossReport()
    /// The last attempt's answer is written in another dialect than it came in.
    var isTranslated = false
    /// Its answer is in the store, or noted there.
    var isKept = false
    /// Fires while a stream waits for its first token.
    var keepAlive: LoopTimer?
    /// A part of the answer is with the client: nothing can be tried again. (Comments that keep a connection open are no
    /// part of it.)
    var hasContent = false
    var source: UsageSource?
    /// nil until the request has passed the rules: what one of them redacts is in no record.
    var user: String?
    let clientAddress: String?
    let userAgent: String?

    init(_ request: FastCGIRequest) {
        self.request = request
        startedAt = .now()
        startedOnClock = .read()
        method = request.parameter("REQUEST_METHOD") ?? ""
        path = request.parameter("DOCUMENT_URI") ?? ""
        query = request.parameter("QUERY_STRING") ?? ""
        clientAddress = request.parameter("REMOTE_ADDR")
        userAgent = request.parameter("HTTP_USER_AGENT")
        id = request.parameter("REQUEST_ID").flatMap { Call.isID($0) ? $0 : nil } ?? Call.randomID()
    }

    private static func isID(_ text: String) -> Bool {
        text.withBytes { bytes in
            guard (16...64).contains(bytes.count) else { return false }
            for byte in bytes {
                switch byte {
                case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."): continue
                default: return false
                }
            }
            return true
        }
    }

    /// For a responder that is reached without our nginx.
    private static func randomID() -> String {
        let digits =
            String(UInt64.random(in: .min ... .max), radix: 16) + String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }

    var key: VirtualKey? { caller?.key }

    /// The ledger's key id; 0 is the master key.
    var keyID: Int64 { key?.id ?? 0 }

    /// In whose shape errors are.
    var dialect: Dialect { endpoint?.dialect ?? Endpoint.dialect(of: path) ?? dialectOfHeaders ?? .chatCompletions }

    /// Whose client it is, by a header that the SDKs of one API alone send: Anthropic's (anthropic 2.14.0), Google's
    /// (google-genai 3.6.1).
    private var dialectOfHeaders: Dialect? {
        if request.parameterBuffer("HTTP_X_GOOG_API_KEY") != nil { return .generateContent }
        if request.parameterBuffer("HTTP_ANTHROPIC_VERSION") != nil { return .messages }
        return nil
    }

    /// Google's REST users send their key as `?key=`. It never reaches a log: nginx logs no queries.
    var keyInQuery: Secret? {
        guard let value = query.split(separator: "&").first(where: { $0.hasPrefix("key=") })?.dropFirst(4),
            !value.isEmpty
        else { return nil }
        return Secret(text: String(value))
    }

    /// What the query says, as it is written.
    var queryValues: [Substring: Substring] {
        var values: [Substring: Substring] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        return values
    }

    /// The content type of an answer that is not in its provider's form; nil where the provider's own is right.
    func contentType(isStream: Bool) -> String? {
        guard isTranslated || isStream && streamsAsArray else { return nil }
        return isStream ? streamContentType : "application/json"
    }

    /// What a stream of the client's dialect is.
    var streamContentType: String {
        switch dialect {
        case .converse: "application/vnd.amazon.eventstream"
        case .generateContent where streamsAsArray: "application/json"
        default: "text/event-stream; charset=utf-8"
        }
    }

    /// Google's stream without `alt=sse`.
    var streamsAsArray: Bool {
        if case .inference(let inference) = endpoint { return inference.streamsAsArray }
        return false
    }

    func note(_ findings: [Finding], on side: GuardrailNote.Side) {
        for finding in findings { guardrails.append(GuardrailNote(finding, on: side)) }
    }

    /// An error ends the call. Where a provider was asked, how that ended is noted already.
    func noteEnd(by error: GatewayError) {
        guard end == .complete else { return }
        end = error.side == .upstream ? .upstreamError : .refused
    }

    /// A model's name as the log and the ledger have it. Where the route has a `*` it is a client's text, which is looked
    /// through once a call.
    func recorded(_ model: String, by route: Route) -> String {
        guard route.hasWildcard else { return model }
        if let known = recordedModels.first(where: { $0.model == model }) { return known.recorded }
        let recorded = model.recorded
        recordedModels.append((model, recorded))
        return recorded
    }

    /// Writes the facts down for the request log.
    func writeLine(to log: RequestLog, endedAt ended: MonotonicTime) {
        var line = RequestLine(
            time: .now(), requestID: id, endpoint: endpoint?.name ?? "unknown", status: status,
            duration: ended - startedOnClock, end: end)
        if caller != nil {
            line.keyID = keyID
            line.keyName = key?.name ?? "master"
            line.keyAlias = key?.alias
        }
        line.isStream = isStream
        line.model = route.map { recorded(model, by: $0) }
        line.provider = attempt?.target.provider.name
        line.upstreamModel = attempt.map { recorded($0.upstreamModel, by: $0.route) }
        line.errorCode = error?.recordedCode
        line.attempts = attempts
        line.timeToFirstByte = firstByteOnClock.map { $0 - startedOnClock }
        line.tokens = AttemptTokens(usage)
        line.cost = cost
        line.source = source
        line.clientAddress = clientAddress
        line.userAgent = userAgent
        line.user = user
        line.guardrails = guardrails
        if !losses.isEmpty {
            // Members may have any name.
            line.dropped = losses.dropped.map(\.recorded)
            line.adjusted = losses.adjusted.map(\.recorded)
        }
        log.write(line)
    }
}

extension Caller {
    /// nil for the master key.
    var key: VirtualKey? {
        if case .key(let key) = self { key } else { nil }
    }
}

extension GuardrailNote {
    fileprivate init(_ finding: Finding, on side: Side) {
        self.init(
            rule: finding.rule, action: finding.isRefusal ? .refuse : .redact, side: side,
            found: finding.kind.description, times: finding.occurrences)
    }
}
