/// What an error means, whoever says it, and what a client is told. This is the one table of errors.
///
/// | kind | OpenAI: status, `type`, `code` | Messages | generateContent | Converse |
/// |---|---|---|---|---|
/// | invalidRequest | 400¹ invalid_request_error | 400¹ invalid_request_error (413 request_too_large) | 400¹ INVALID_ARGUMENT | 400¹ ValidationException |
/// | authentication | 401 invalid_request_error, invalid_api_key | 401 authentication_error | 401 UNAUTHENTICATED | 403 UnrecognizedClientException |
/// | permission | 403 invalid_request_error | 403 permission_error | 403 PERMISSION_DENIED | 403 AccessDeniedException |
/// | notFound | 404 invalid_request_error, model_not_found | 404 not_found_error | 404 NOT_FOUND | 404 ResourceNotFoundException |
/// | rateLimited | 429 rate_limit_error, rate_limit_exceeded | 429 rate_limit_error | 429 RESOURCE_EXHAUSTED | 429 ThrottlingException |
/// | quotaExceeded | 429 insufficient_quota, insufficient_quota | 402 billing_error | 429 RESOURCE_EXHAUSTED | 400 ServiceQuotaExceededException |
/// | contextLength | 400 invalid_request_error, context_length_exceeded | 400 invalid_request_error³ | 400 INVALID_ARGUMENT | 400 ValidationException |
/// | contentPolicy | 400 invalid_request_error, content_policy_violation | 400 invalid_request_error | 400 INVALID_ARGUMENT | 400 ValidationException |
/// | overloaded | 503 server_error, server_overloaded | 529 overloaded_error | 503 UNAVAILABLE | 503 ServiceUnavailableException |
/// | timeout | 504 server_error, timeout | 504 timeout_error | 504 DEADLINE_EXCEEDED | 408 ModelTimeoutException |
/// | server, unknown | 500² server_error | 500² api_error | 500² INTERNAL | 500 InternalServerException |
///
/// ¹ A provider's other 4xx about the request stays (405, 409, 410, 413, 415, 422, 451, Cohere's 498, …). ² 502 and 501 stay.
/// ³ Its words begin with "prompt is too long: " where they do not say so.
///
/// The SDKs choose their exception by the status (openai, anthropic), by `error.code`, which is the status again
/// (google-genai), or by `x-amzn-errortype` (botocore). Sources, read on 2026-11-29:
/// https://platform.openai.com/docs/guides/error-codes, https://docs.claude.com/en/api/errors,
/// https://ai.google.dev/gemini-api/docs/troubleshooting,
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors
extension ProviderError {
    /// What an error means; the table above says how each kind is told.
    public enum Kind: String, Sendable, CaseIterable {
        /// The request is at fault, in no way that has a kind of its own.
        case invalidRequest
        /// The key is missing, wrong or expired.
        case authentication
        /// The key is good, and may not do this.
        case permission
        /// There is no such model, file or path.
        case notFound
        /// Too many requests or tokens for now: asking again later may do.
        case rateLimited
        /// The account has no money or no allowance left: asking again later the same day is no use.
        case quotaExceeded
        /// The request is too long for the model.
        case contextLength
        /// The provider's rules forbid what the request says or asks for.
        case contentPolicy
        /// The provider has no room just now, for anyone.
        case overloaded
        /// The provider ran out of time over the call.
        case timeout
        /// The provider failed, in no way that has a kind of its own.
        case server
        /// Nothing that the provider says tells.
        case unknown
    }
}

// MARK: - What a client is told

extension ProviderError.Kind {
    /// The status for a client of that dialect.
    ///
    /// - Parameter status: the provider's.
    public func status(for dialect: Dialect, provider status: Int) -> Int {
        switch self {
        case .invalidRequest: ProviderError.Kind.of(status: status) == .invalidRequest ? status : 400
        case .authentication: dialect == .converse ? 403 : 401
        case .permission: 403
        case .notFound: 404
        case .rateLimited: 429
        case .quotaExceeded: dialect == .messages ? 402 : dialect == .converse ? 400 : 429
        case .contextLength, .contentPolicy: 400
        case .overloaded: dialect == .messages ? 529 : 503
        case .timeout: dialect == .converse ? 408 : 504
        case .server, .unknown: dialect != .converse && [501, 502].contains(status) ? status : 500
        }
    }

    /// OpenAI's `type`.
    public var openAIType: String {
        switch self {
        case .rateLimited: "rate_limit_error"
        case .quotaExceeded: "insufficient_quota"
        case .overloaded, .timeout, .server, .unknown: "server_error"
        default: "invalid_request_error"
        }
    }

    /// OpenAI's `code`.
    public var openAICode: String? {
        switch self {
        case .authentication: "invalid_api_key"
        case .notFound: "model_not_found"
        case .rateLimited: "rate_limit_exceeded"
        case .quotaExceeded: "insufficient_quota"
        case .contextLength: "context_length_exceeded"
        case .contentPolicy: "content_policy_violation"
        case .overloaded: "server_overloaded"
        case .timeout: "timeout"
        case .invalidRequest, .permission, .server, .unknown: nil
        }
    }

    /// OpenAI's `code` of a provider's error that has none by the table: null where the request is at fault, else ours.
    public var codeOfUncoded: String? { self == .server || self == .unknown ? "upstream_error" : nil }

    /// What the gateway's log and ledger call it, whatever the dialects: OpenAI's ``openAICode`` but where the gateway has a
    /// code of its own.
    public var recordedCode: String {
        switch self {
        case .invalidRequest: "invalid_request"
        case .authentication: "upstream_authentication"
        case .permission: "permission_denied"
        case .timeout: "upstream_timeout"
        default: openAICode ?? "upstream_error"
        }
    }

    /// The exception that AWS' SDKs raise.
    var converseException: String {
        switch self {
        case .invalidRequest, .contextLength, .contentPolicy: "ValidationException"
        case .authentication: "UnrecognizedClientException"
        case .permission: "AccessDeniedException"
        case .notFound: "ResourceNotFoundException"
        case .rateLimited: "ThrottlingException"
        case .quotaExceeded: "ServiceQuotaExceededException"
        case .overloaded: "ServiceUnavailableException"
        case .timeout: "ModelTimeoutException"
        case .server, .unknown: "InternalServerException"
        }
    }

    /// Of the few that a stream has (botocore 1.44.8 and
    /// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html).
    var converseStreamException: String {
        switch self {
        case .invalidRequest, .contextLength, .contentPolicy, .authentication, .permission, .notFound:
            "validationException"
        case .rateLimited, .quotaExceeded: "throttlingException"
        case .overloaded: "serviceUnavailableException"
        case .timeout: "modelStreamErrorException"
        case .server, .unknown: "internalServerException"
        }
    }
}

extension GatewayErrorBody {
    /// A provider's error in the words that clients know. Its text has to be cleansed before it goes to a client.
    ///
    /// - Parameter origin: the provider's dialect; an OpenAI-like one's own `type` and `code` stay.
    public init(_ error: ProviderError, origin: Dialect? = nil) {
        let isOpenAI = origin == .chatCompletions || origin == .completions || origin == .responses
        self.init(error, keepsWords: isOpenAI)
    }

    /// - Parameter keepsWords: the provider's own `type` and `code` stay, where it has any. But that a request is too long has
    ///   one code: whoever acts on it knows no other, and many providers say it in words alone, or beside another code. So it
    ///   is with content that a provider refuses, unless its code says so itself (Azure's `content_filter`).
    public init(_ error: ProviderError, keepsWords: Bool) {
        let ownType = keepsWords ? error.type : nil
        let ownCode = keepsWords && error.isSaidByCode ? error.code : nil
        self.init(
            message: error.message, type: ownType ?? error.kind.openAIType, param: error.param,
            code: ownCode ?? error.kind.openAICode)
        isTooLong = error.kind == .contextLength
    }
}

extension ProviderError {
    /// Not where the code says less than the words do.
    fileprivate var isSaidByCode: Bool {
        switch kind {
        case .contextLength: false
        case .contentPolicy: Kind.coded(type: nil, code: code) == kind
        default: true
        }
    }
}

// MARK: - What a provider means

extension ProviderError.Kind {
    /// A code that says it all wins; then what the text says of things that many providers answer with a plain 400; then
    /// the status; then the type.
    public init(status: Int?, type: String?, code: String?, message: String) {
        let words = ProviderError.Kind.words(type: type, code: code)
        let text = message.lowercased()
        let isForbidden = status == 403 || code == "403" || words.contains("permissionerror")
        if let kind = ProviderError.Kind.coded(type: type, code: code) {
            self = kind
        } else if let kind = ProviderError.Kind.told(by: text, status: status, isForbidden: isForbidden) {
            self = kind
        } else if let kind = status.flatMap({ ProviderError.Kind.of(status: $0) }) {
            self = kind
        } else if let kind = words.lazy.compactMap({ ProviderError.Kind.general[$0] }).first {
            self = kind
        } else if let number = code.flatMap({ Int($0) }), let kind = ProviderError.Kind.of(status: number) {
            self = kind
        } else {
            // Also a status that is no error, such as a redirect: it says nothing about the request.
            self = .unknown
        }
    }

    /// What a code that says it all means; nil of any other.
    static func coded(type: String?, code: String?) -> ProviderError.Kind? {
        words(type: type, code: code).lazy.compactMap { exact[$0] }.first
    }

    private static func words(type: String?, code: String?) -> [String] {
        [code, type].compactMap { $0.map(word) }
    }

    /// Small letters and digits only: `RESOURCE_EXHAUSTED`, `resource-exhausted` and `ResourceExhausted` are one word.
    private static func word(_ text: String) -> String {
        String(
            decoding: text.lowercased().utf8.prefix(128).filter { (97...122).contains($0) || (48...57).contains($0) },
            as: UTF8.self)
    }

    /// Words that mean one thing, whatever the status.
    private static let exact: [String: ProviderError.Kind] = [
        "contextlengthexceeded": .contextLength, "toomanyprompttokens": .contextLength,
        "stringabovemaxlength": .invalidRequest,
        "insufficientquota": .quotaExceeded, "billinghardlimitreached": .quotaExceeded,
        "billingnotactive": .quotaExceeded, "billingerror": .quotaExceeded, "quotaexceeded": .quotaExceeded,
        "servicequotaexceededexception": .quotaExceeded, "insufficientcredits": .quotaExceeded,
        "contentfilter": .contentPolicy, "contentpolicyviolation": .contentPolicy,
        "responsibleaipolicyviolation": .contentPolicy, "moderationblocked": .contentPolicy,
        "invalidapikey": .authentication, "apikeyinvalid": .authentication, "authenticationerror": .authentication,
        "unauthenticated": .authentication, "unrecognizedclientexception": .authentication,
        "invalidsignatureexception": .authentication, "expiredtokenexception": .authentication,
        "incompletesignatureexception": .authentication, "missingauthenticationtokenexception": .authentication,
        "permissiondenied": .permission, "accessdeniedexception": .permission, "accessdenied": .permission,
        "modelnotfound": .notFound, "notfounderror": .notFound, "notfound": .notFound,
        "resourcenotfoundexception": .notFound, "deploymentnotfound": .notFound,
        "ratelimiterror": .rateLimited, "ratelimitexceeded": .rateLimited, "ratelimitreached": .rateLimited,
        "resourceexhausted": .rateLimited, "throttlingexception": .rateLimited,
        "toomanyrequestsexception": .rateLimited, "toomanyrequests": .rateLimited,
        "overloadederror": .overloaded, "unavailable": .overloaded, "serviceunavailableexception": .overloaded,
        "serveroverloaded": .overloaded, "modelnotreadyexception": .overloaded, "slowdown": .overloaded,
        "engineoverloaded": .overloaded, "timeouterror": .timeout, "deadlineexceeded": .timeout,
        "modeltimeoutexception": .timeout, "requesttoolarge": .invalidRequest,
    ]

    /// Words that many errors share; the status says more.
    private static let general: [String: ProviderError.Kind] = [
        "invalidrequesterror": .invalidRequest, "invalidargument": .invalidRequest,
        "failedprecondition": .invalidRequest, "outofrange": .invalidRequest, "validationexception": .invalidRequest,
        "validationerror": .invalidRequest, "badrequest": .invalidRequest, "badrequesterror": .invalidRequest,
        "invalidprompt": .invalidRequest, "invalidrequest": .invalidRequest,
        // Anthropic's, of every 403.
        "permissionerror": .permission,
        "apierror": .server, "servererror": .server, "internal": .server, "internalerror": .server,
        "internalserverexception": .server, "internalservererror": .server, "modelerrorexception": .server,
        "modelstreamerrorexception": .server, "requests": .rateLimited, "tokens": .rateLimited, "timeout": .timeout,
    ]

    /// What is said in words alone: recorded, or the provider's page has it.
    private static func told(by text: String, status: Int?, isForbidden: Bool) -> ProviderError.Kind? {
        guard status.map({ $0 < 500 }) ?? true else { return nil }
        if isTeamUsedUp(text) { return .quotaExceeded }
        // What else a 429 says passes: Google's quota is one for a minute or a day.
        if status == 429 { return nil }
        func says(_ phrases: String...) -> Bool { phrases.contains { text.contains($0) } }
        if isTooLong(text) { return .contextLength }
        if isUsedUp(text) { return .quotaExceeded }
        if isForbidden ? forbidsContent(text) : refusedContent.contains(where: text.contains) { return .contentPolicy }
        if says("api key not valid", "incorrect api key", "invalid api key") { return .authentication }
        if says("model identifier is invalid", "is not a valid model id") { return .notFound }
        return nil
    }

    /// That a request is too long for its model. Routing goes by it too, as a model with a longer context may take it.
    private static func isTooLong(_ text: String) -> Bool {
        // Of tokens there may be too many for a minute as well: that passes.
        let isRate = ["tokens per", "per minute", "per day"].contains { text.contains($0) }
        return !isRate && tooLong.contains { text.contains($0) }
    }

    /// Recorded, or quoted in https://github.com/badlogic/pi-mono (packages/ai/src/utils/overflow.ts: xAI, Groq, Copilot, Kimi),
    /// https://github.com/cline/cline/issues/5474 (OpenAI), https://github.com/xorbitsai/inference/issues/3785 (vLLM),
    /// https://github.com/huggingface/text-generation-inference/issues/628 and 937 (TGI); read on 2026-11-30.
    private static let tooLong = [
        "context length", "context_length", "context window", "context limit", "context size", "prompt is too long",
        "input is too long", "exceeds the maximum number of tokens", "too many tokens", "too many input tokens",
        "input token count", "input tokens exceed", "prompt token count of", "maximum prompt length",
        "longer than the maximum model length", "exceeded model token limit", "reduce the length of the messages",
        "reduce the length of the prompt", "reduce the length of the input", "`inputs` must have less than",
        "`inputs` tokens + `max_new_tokens` must be",
    ]

    /// No claim about the request: Anthropic says it with a 400
    /// (https://github.com/anthropics/claude-code/issues/66314, read on 2026-11-29), DeepSeek with a 402.
    ///
    /// A used-up account cools its target for everybody, so a client's words must not look like one where a provider
    /// quotes them ("…: Extra inputs are not permitted"): a whole sentence of the provider's, from its beginning on.
    private static func isUsedUp(_ text: String) -> Bool {
        if text == "insufficient balance" { return true }
        let beginnings = ["your credit balance is too low", "insufficient balance", "you exceeded your current quota"]
        return text.hasSuffix(".") && beginnings.contains { text.hasPrefix($0) }
    }

    /// xAI's account, told with a 429 (https://github.com/continuedev/continue/issues/10373) or a 403
    /// (https://github.com/warpdotdev/warp/issues/14863; both read on 2026-11-30): "Your team <id> has …". Again from the
    /// sentence's beginning on.
    private static func isTeamUsedUp(_ text: String) -> Bool {
        let words = text.split(separator: " ", maxSplits: 3)
        return words.count == 4 && words[0] == "your" && words[1] == "team"
            && words[3].hasPrefix("has either used all available credits or reached its monthly spending limit.")
    }

    /// Azure, OpenAI, and Anthropic of its answer ("Output blocked by content filtering policy",
    /// https://github.com/anthropics/claude-code/issues/58367, read on 2026-11-30).
    private static let refusedContent = [
        "content management policy", "content policy", "content filtering policy", "safety system",
    ]

    /// Of a 403 that is about what the request says: OpenRouter's moderation ("your input was flagged",
    /// https://openrouter.ai/docs/api/reference/errors-and-debugging), xAI's ("Content violates usage guidelines. …
    /// Failed check: SAFETY_CHECK_TYPE_BIO", https://github.com/UKGovernmentBEIS/inspect_ai/pull/2267; both read on
    /// 2026-11-30). An account may be flagged as well, which is no request's fault.
    private static func forbidsContent(_ text: String) -> Bool {
        func says(_ words: [String]) -> Bool { words.contains { text.contains($0) } }
        if says(["input was flagged", "content violates usage guidelines"]) { return true }
        return says(refusedContent + ["content_policy", "moderation", "flagged"])
            && !says(["account", "organi", "project", "suspend"])
    }

    private static func of(status: Int) -> ProviderError.Kind? {
        switch status {
        case 401: .authentication
        case 402: .quotaExceeded
        case 403: .permission
        case 404: .notFound
        case 408, 504: .timeout
        case 429: .rateLimited
        case 503, 529: .overloaded
        case 500...599: .server
        case 424: .server
        case 400..<500: .invalidRequest
        default: nil
        }
    }
}
