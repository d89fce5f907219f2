import Budgets
import FastCGI
import Guardrails
import JSONText
import Keys
import Routing
import Transfer
import Units
import WireFormats

/// The error table: everything a request can end in other than an answer, with the status, type and code that the
/// OpenAI SDK maps to its typed exceptions.
///
/// `message` is for the client: it names what is wrong and where, never a key, a host or another tenant.
struct GatewayError: Error {
    /// Whose fault it was: decides who is told and whether the log calls it a warning.
    enum Side: String {
        case client, upstream, gateway
    }

    /// nil of a provider's error that has none, as OpenAI's about a member of the request.
    let code: String?
    /// What the log and the ledger have: ``code``, but for a provider's own error, of which the client gets the
    /// provider's words and they have ours, and where they tell more.
    private(set) var recordedCode: String
    let side: Side
    let status: Int
    let type: String
    let message: String
    var parameter: String?
    /// Whole header lines beyond the usual, such as `Allow: POST`.
    var headers: [String] = []
    var retryAfter: Duration?
    /// Trying again soon is of no use, which the SDKs of OpenAI and Anthropic do with a 429 and a 5xx unless told. Where a
    /// wait is named Anthropic's would sleep as long, be it for hours, and tell nobody.
    var isFinal: Bool
    /// Of the answer that was this error, where a provider gave it.
    var providerHead: TransferHead?
    /// What a provider of another dialect meant: the status is then the one that the client's dialect has for it.
    var kind: ProviderError.Kind?
    /// The provider says that the request is too long for the model.
    private(set) var isTooLong = false
    /// What a provider of the client's own dialect calls it.
    private(set) var ownWord: String?
    /// Further members of the error object: name and JSON text.
    var facts: [(name: String, json: [UInt8])] = []

    init(
        code: String?, side: Side, status: Int, type: String, message: String, parameter: String? = nil,
        headers: [String] = [], retryAfter: Duration? = nil, isFinal: Bool = false
    ) {
        self.code = code
        recordedCode = code ?? ProviderError.Kind.unknown.recordedCode
        self.side = side
        self.status = status
        self.type = type
        self.message = message
        self.parameter = parameter
        self.headers = headers
        self.retryAfter = retryAfter
        self.isFinal = isFinal || retryAfter.map { $0 > .seconds(60) } ?? false
    }

    /// The status for a client of that dialect.
    func status(for dialect: Dialect) -> Int { kind?.status(for: dialect, provider: status) ?? status }

    // MARK: Requests that are wrong

    static func unknownRoute(method: String, path: String) -> GatewayError {
        let advice =
            path.hasPrefix("/v1/v1/")
            ? "Give the base URL without '/v1': the client adds it." : "Please check the URL for typos."
        return GatewayError(
            code: "unknown_url", side: .client, status: 404, type: "invalid_request_error",
            message: "Unknown request URL: \(method.shown) \(path.shown). \(advice)")
    }

    static func unservedRoute(method: String, path: String) -> GatewayError {
        GatewayError(
            code: "unknown_url", side: .client, status: 404, type: "invalid_request_error",
            message: "Tollgate does not serve this route: \(method.shown) \(path.shown).")
    }

    static func wrongMethod(_ method: String, allowed: String) -> GatewayError {
        GatewayError(
            code: "method_not_allowed", side: .client, status: 405, type: "invalid_request_error",
            message: "Method \(method.shown) is not allowed here. Allowed: \(allowed).", headers: ["Allow: \(allowed)"])
    }

    init(_ error: UnreadableBody) {
        self.init(
            code: error.code, side: .client, status: 415, type: "invalid_request_error", message: error.description,
            headers: error.headers)
    }

    static func bodyTooLarge(limit: Int) -> GatewayError {
        GatewayError(
            code: "request_too_large", side: .client, status: 413, type: "invalid_request_error",
            message: "The request body is larger than \(limit) bytes.")
    }

    static let bodyIsCut = GatewayError(
        code: "incomplete_body", side: .client, status: 400, type: "invalid_request_error",
        message: "The request body is shorter than its Content-Length.")

    init(_ error: RequestError) {
        self.init(
            code: error.code ?? "invalid_request", side: .client, status: error.status, type: error.type,
            message: error.message, parameter: error.param)
    }

    // MARK: Callers that may not

    /// The texts are the Keys module's; none holds a part of a key.
    init(_ refusal: Keys.Refusal) {
        self.init(
            code: refusal.code, side: .client, status: refusal.status, type: refusal.type,
            message: refusal.description, headers: refusal.status == 401 ? ["WWW-Authenticate: Bearer"] : [])
        if case .modelNotAllowed = refusal { parameter = "model" }
    }

    static let adminOnly = GatewayError(
        code: "admin_only", side: .client, status: 403, type: "permission_error",
        message: "This route needs the master key or its own token.")

    static func modelNotFound(_ model: String) -> GatewayError {
        GatewayError(
            code: "model_not_found", side: .client, status: 404, type: "invalid_request_error",
            message: "The model '\(model.shown)' does not exist here. GET /v1/models lists those that do.",
            parameter: "model")
    }

    static func responseNotCancellable(_ id: String) -> GatewayError {
        GatewayError(
            code: "invalid_request", side: .client, status: 400, type: "invalid_request_error",
            message: "Response with id '\(id.shown)' is complete: only background responses can be cancelled.",
            parameter: "id")
    }

    /// For the key that made it alone: to others it is in the words of what never was.
    ///
    /// - Parameter model: the one that made it.
    static func previousIsKeptElsewhere(_ id: String, model: String) -> GatewayError {
        GatewayError(
            code: "previous_response_not_found", side: .client, status: 400, type: "invalid_request_error",
            message: "Previous response with id '\(id.shown)' is kept by the provider that made it, for the model "
                + "'\(model.shown)', and only this provider can go on with it. The model that is asked for has another.",
            parameter: "previous_response_id")
    }

    static func otherModels(_ parameter: String) -> GatewayError {
        GatewayError(
            code: "parameter_not_allowed", side: .client, status: 400, type: "invalid_request_error",
            message:
                "Parameter '\(parameter)' is not allowed for this key: it names other models than those that the key "
                + "may use.", parameter: parameter)
    }

    /// - Parameter upstream: what the provider would have been asked for.
    static func unpricedModel(_ model: String, upstream: String) -> GatewayError {
        let asked = upstream == model ? "" : ", which its provider is asked for as '\(upstream.shown)',"
        return withoutPrice(
            "The model '\(model.shown)'\(asked) has no known price and this gateway refuses unpriced models. "
                + "Ask for another one, or ask the operator of the gateway to give it a price.")
    }

    static func unpricedOutput(_ model: String) -> GatewayError {
        withoutPrice(
            "The price of the model '\(model.shown)' does not say what output costs, and this gateway refuses "
                + "unpriced models. Ask it for embeddings, or ask the operator of the gateway to complete its price.")
    }

    static func unpricedInBackground(_ model: String) -> GatewayError {
        withoutPrice(
            "Nobody knows the price of the model '\(model.shown)': under a budget a call to it holds all that is left "
                + "while it is under way, so it is not made in the background. Ask without 'background'.")
    }

    private static func withoutPrice(_ message: String) -> GatewayError {
        GatewayError(
            code: "model_without_price", side: .gateway, status: 403, type: "permission_error", message: message,
            parameter: "model")
    }

    static func guardrail(_ finding: Finding, inAnswer: Bool) -> GatewayError {
        GatewayError(
            code: "content_policy_violation", side: .client, status: 400, type: "invalid_request_error",
            message: "The \(inAnswer ? "answer" : "request") was refused by the \(finding).")
    }

    static func tooMuchOutput(asked: Int, most: Int, in dialect: Dialect) -> GatewayError {
        let name = dialect.outputCapName
        return GatewayError(
            code: "max_tokens_too_large", side: .client, status: 400, type: "invalid_request_error",
            message: "\(name) is \(asked), but this model allows at most \(most) output tokens here.",
            parameter: name)
    }

    static func notSpoken(_ endpoint: String, provider: String) -> GatewayError {
        GatewayError(
            code: "unsupported_endpoint", side: .gateway, status: 400, type: "invalid_request_error",
            message: "The provider '\(provider.shown)' of this model has no endpoint for \(endpoint).",
            parameter: "model")
    }

    /// A budget or limit that refuses: 429 with everything a client needs to wait for the right time.
    ///
    /// - Parameter key: whose limits may be the ones.
    init(_ refusal: Budgets.Refusal, holding ceiling: Worker.Ceiling, of key: VirtualKey?, at now: Timestamp) {
        let isMoney = refusal.dimension == .money
        self.init(
            code: isMoney ? "budget_exceeded" : "rate_limit_exceeded", side: .client, status: 429,
            type: isMoney ? "budget_exceeded" : "rate_limit_error",
            message: "\(refusal).\(Self.account(of: ceiling, for: refusal))",
            retryAfter: refusal.retryAfterSeconds(at: now).map { .seconds($0) })
        facts = [
            ("scope", JSONEscapes.quoted(refusal.scope.shown(to: key))),
            ("dimension", JSONEscapes.quoted(refusal.dimension.rawValue)),
            ("limit", Array(refusal.limit.number.utf8)),
            ("left", Array(refusal.left.number.utf8)),
            ("asked", Array((refusal.asked?.number ?? "null").utf8)),
            ("resets_at", refusal.resets.map { JSONEscapes.quoted($0.description) } ?? Array("null".utf8)),
        ]
        headers = RateHeaders.lines(of: refusal, at: now)
        isFinal = isFinal || retryAfter == nil
    }

    /// What of a call was counted against a limit of money or tokens, and whether it helps to ask for less output.
    private static func account(of ceiling: Worker.Ceiling, for refusal: Budgets.Refusal) -> String {
        var counted: String
        var fixed = "the input alone takes"
        let input: BudgetQuantity
        switch refusal.dimension {
        case .money where ceiling.money == nil:
            return " The price of the model is not known, so the call holds all that is left until it has ended: such "
                + "calls go one after the other."
        case .money:
            counted =
                " The most that the call can cost is held before it is sent: up to \(ceiling.input) input and "
                + "\(ceiling.output) output tokens"
            if ceiling.advice > .zero {
                counted += ", and $\(ceiling.advice) for advisors ('max_uses' times; once without it)"
                fixed = "input and advisors alone take"
            }
            input = BudgetQuantity(
                .money, (ceiling.price.ceiling(input: ceiling.input, output: .zero) + ceiling.advice).nanos)
        // A count of tokens asks for none.
        case .tokens where refusal.asked?.amount != 0:
            let likely = max(.zero, ceiling.tokens - ceiling.output)
            counted =
                " What counts is the call's estimated input, \(likely) tokens, and the most that it may answer, "
                + "\(ceiling.output) tokens"
            input = BudgetQuantity(.tokens, likely.count)
        case .tokens, .requests, .parallel: return ""
        }
        guard let name = ceiling.cappedIn?.outputCapName else { return counted + "." }
        if input.amount >= refusal.left.amount {
            return counted + "; \(fixed) \(input): with \(refusal.left) left, a smaller \(name) does not help."
        }
        return counted + "; a smaller \(name) asks for less."
    }

    // MARK: The gateway itself

    static let storeAway = GatewayError(
        code: "store_unavailable", side: .gateway, status: 503, type: "server_error",
        message: "The gateway cannot reach its store, so it cannot check this key. Try again.",
        retryAfter: .seconds(2))

    static let ledgerAway = GatewayError(
        code: "ledger_unavailable", side: .gateway, status: 503, type: "server_error",
        message: "The gateway cannot write its ledger, so it sends no calls. Try again.", retryAfter: .seconds(5))

    static let tooBusy = GatewayError(
        code: "too_many_requests_in_flight", side: .gateway, status: 503, type: "server_error",
        message: "The gateway serves as many requests at the same time as it is allowed to. Try again.",
        retryAfter: .seconds(1))

    static let notReady = GatewayError(
        code: "not_ready", side: .gateway, status: 503, type: "server_error",
        message: "The gateway is starting. Try again.", retryAfter: .seconds(1))

    static func noTarget(model: String) -> GatewayError {
        GatewayError(
            code: "no_target_available", side: .gateway, status: 503, type: "server_error",
            message: "All targets of the model '\(model.shown)' that could answer are out of service.", isFinal: true)
    }

    static func providerKeyUnreadable(provider: String) -> GatewayError {
        GatewayError(
            code: "provider_key_unavailable", side: .gateway, status: 503, type: "server_error",
            message: "The gateway has no usable key for the provider '\(provider.shown)'.", isFinal: true)
    }

    // MARK: Providers that failed

    static let upstreamUnreachable = GatewayError(
        code: "upstream_unreachable", side: .upstream, status: 502, type: "server_error",
        message: "The provider could not be reached.")

    static func upstreamTimeout(_ timer: String) -> GatewayError {
        GatewayError(
            code: "upstream_timeout", side: .upstream, status: 504, type: "server_error",
            message: "The provider did not answer in time (\(timer)).")
    }

    static func upstreamBroken(_ reason: String) -> GatewayError {
        GatewayError(
            code: "upstream_broken", side: .upstream, status: 502, type: "server_error",
            message: "The provider's answer was broken: \(reason).")
    }

    /// A word of its own in the records: an operator looks for it at the provider, or at a proxy before it.
    static let upstreamHeadTooLarge: GatewayError = {
        var error = upstreamBroken("its headers are larger than \(TransferError.headBytesMax) bytes")
        error.recordedCode = "upstream_headers_too_large"
        return error
    }()

    static let upstreamRefusedOurKey = GatewayError(
        code: "upstream_authentication", side: .gateway, status: 502, type: "server_error",
        message: "The provider refused the gateway's credentials, if it has been given any.", isFinal: true)

    /// Its words are not the client's: they name accounts and their users.
    private static let upstreamForbids = GatewayError(
        code: "upstream_authentication", side: .gateway, status: 502, type: "server_error",
        message: "The provider answered 403: it does not let the gateway's account use this model.", isFinal: true)

    /// The account behind the provider's key is used up, and the key is good: the same words whoever says it.
    private static func upstreamQuota(_ text: String, _ retryAfter: Duration?) -> GatewayError {
        let kind = ProviderError.Kind.quotaExceeded
        var error = GatewayError(
            code: "insufficient_quota", side: .upstream, status: 429, type: kind.openAIType,
            message: text.isEmpty ? "The provider's account is used up." : text, retryAfter: retryAfter,
            isFinal: retryAfter == nil)
        error.kind = kind
        return error
    }

    /// An error that a provider reported inside a stream.
    init(
        _ error: ProviderError, status: Int, _ scrubber: ProviderTextScrubber, translatedFrom origin: Dialect? = nil
    ) {
        self.init(
            Routing.Refusal(
                status: status, means: error.kind, message: error.message, isAccounts: error.isAccounts),
            error, scrubber, translatedFrom: origin)
    }

    /// A provider's own error. What is the request's fault keeps its status and words; what is the provider's or ours
    /// never looks like the client's.
    ///
    /// - Parameter origin: the provider's dialect where it is not the client's: type and code are then in words that the
    ///   client's SDK knows.
    init(
        _ refusal: Routing.Refusal, _ error: ProviderError, _ scrubber: ProviderTextScrubber,
        translatedFrom origin: Dialect? = nil
    ) {
        let clean = scrubber.now
        let text = clean.message(error.message)
        guard refusal.kind != .credential, refusal.kind != .forbidden else {
            self =
                error.kind == .quotaExceeded
                ? .upstreamQuota(text, refusal.retryAfter)
                : refusal.kind == .forbidden ? .upstreamForbids : .upstreamRefusedOurKey
            return
        }
        let told = origin.map { GatewayErrorBody(error, origin: $0) } ?? GatewayErrorBody(error, keepsWords: true)
        self.init(
            code: told.code.map { clean.scrubbed($0) } ?? error.kind.codeOfUncoded, side: .upstream,
            // A status that is no error, or that only makes sense between us and the provider, becomes 502.
            status: (400...599).contains(refusal.status) && refusal.status != 407 ? refusal.status : 502,
            type: clean.scrubbed(told.type),
            message: text.isEmpty ? "The provider answered with status \(refusal.status)." : text,
            parameter: error.param.map { clean.scrubbed($0) }, retryAfter: refusal.retryAfter)
        isTooLong = told.isTooLong
        recordedCode = error.kind.recordedCode
        guard origin == nil else {
            kind = error.kind
            return
        }
        ownWord = error.type
        // Cleansed as a text, which must leave it JSON.
        guard let details = error.details.map({ Array(clean.scrubbed($0).utf8) }) else { return }
        if details.withUnsafeBytes({ JSONScanner.isJSON($0) }) { facts = [("details", details)] }
    }
}

extension Scope {
    /// Whose limit it is, in words that the key's user knows: not by our number for the key.
    fileprivate func shown(to key: VirtualKey?) -> String {
        guard kind == .key else { return description }
        guard let key, key.id == id else { return "key" }
        return "key \(key.alias ?? key.name)"
    }
}

extension ProviderError {
    /// The account behind the provider's key is used up, or its key is refused.
    var isAccounts: Bool { kind == .quotaExceeded || refusesKey }
}

extension BudgetQuantity {
    /// Dollars, or the plain count.
    var number: String { money?.description ?? String(amount) }
}
