import JSONText
import Units

/// What the gateway must know of a chat, completions or embeddings request, found in place.
///
/// Rules
/// 1. The body is valid JSON with one meaning (see `JSONScanner`): what is checked here is what the provider reads.
/// 2. Members that the gateway acts upon have the right type and a sane value; unknown members are never refused. A
///    member that is `null` counts as absent.
/// 3. Members by which a client could choose where the call or a key goes are refused; members that only steer a
///    gateway are taken out before the body leaves.
/// 4. ``upstreamBody(model:addIncludeUsage:addMaxTokens:)`` leaves every byte as it is but those that must change.
public struct OpenAIRequest: Sendable {
    /// What the body was checked as.
    public let endpoint: OpenAIEndpoint
    /// The body as the client sent it.
    public let body: [UInt8]
    /// Where the body's members are.
    public let document: JSONDocument
    /// The model by the name that the client uses; never empty.
    public private(set) var model = ""
    /// Whether the answer is to be streamed.
    public private(set) var stream = false
    /// The client asked for the usage chunk of a stream.
    public private(set) var includeUsage = false
    /// The most output tokens per choice that the client allows: the larger of `max_tokens` and
    /// `max_completion_tokens` where it sent both.
    public private(set) var maxOutputTokens: Int?
    /// Answers that the provider returns (`n`).
    public private(set) var choices = 1
    /// Answers that the provider generates and bills: `n`, or `best_of` where that is more, for each prompt.
    public private(set) var generatedChoices = 1
    /// The client's name for its end user.
    public private(set) var user: String?
    /// The request has tools that run at the provider, such as web search: what they read is input too.
    public private(set) var usesServerTools = false
    /// More input tokens than this body should be; see ``TokenEstimator`` for what that rests on and where it ends.
    public private(set) var inputTokenCeiling = TokenCount.zero
    /// The input tokens that this body probably is, for a call whose reply told no usage.
    public private(set) var inputTokenEstimate = TokenCount.zero

    private var streamOptions: Range<Int>?
    private var steering: [Int] = []

    /// Scans and checks a body.
    ///
    /// - Throws: what to answer the client; nothing of a refused body may reach a provider.
    public init(
        _ body: [UInt8], endpoint: OpenAIEndpoint, limits: JSONLimits = .object,
        allowance: TokenEstimator.Allowance = TokenEstimator.Allowance()
    ) throws(RequestError) {
        let document: JSONDocument
        do throws(JSONScanError) {
            document = try JSONScanner.scan(body, limits: limits)
        } catch {
            throw RequestError.unreadableJSON(error, body)
        }
        try self.init(body, document: document, endpoint: endpoint, allowance: allowance)
    }

    /// Checks a body that has been scanned already, such as in slices.
    public init(
        _ body: [UInt8], document: JSONDocument, endpoint: OpenAIEndpoint,
        allowance: TokenEstimator.Allowance = TokenEstimator.Allowance()
    ) throws(RequestError) {
        self.endpoint = endpoint
        self.body = body
        self.document = document
        var failure: RequestError?
        body.withUnsafeBytes { bytes in
            do throws(RequestError) { try read(bytes, allowance) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// The body for the provider.
    ///
    /// - Parameters:
    ///   - model: the provider's name for the model.
    ///   - addIncludeUsage: ask a stream for its usage where the client did not; see ``OpenAIStream``.
    ///   - addMaxTokens: a limit of output tokens and the member that this provider reads it from, used only where the
    ///     client sent none.
    public func upstreamBody(
        model: String, addIncludeUsage: Bool, addMaxTokens: (name: StaticString, count: Int)? = nil
    ) -> [UInt8] {
        body.withUnsafeBytes { bytes in
            var edit = JSONEdit()
            var additions: [(name: StaticString, value: [UInt8])] = []
            func set(_ name: StaticString, _ value: [UInt8]) {
                if let member = document.member(name, in: bytes) {
                    edit.replace(member.value, with: value)
                } else {
                    additions.append((name, value))
                }
            }
            if model != self.model { set("model", JSONEscapes.quoted(model)) }
            if addIncludeUsage, stream, !includeUsage {
                if let streamOptions {
                    OpenAIRequest.askForUsage(in: JSONView(bytes, streamOptions), &edit)
                } else {
                    set("stream_options", Array(#"{"include_usage":true}"#.utf8))
                }
            }
            if let addMaxTokens, maxOutputTokens == nil, endpoint != .embeddings {
                set(addMaxTokens.name, Array(String(addMaxTokens.count).utf8))
            }
            edit.removeMembers(at: steering, of: document)
            for addition in additions { edit.insertMember(addition.name, addition.value, into: document) }
            return edit.isEmpty ? body : edit.applied(to: bytes)
        }
    }

    private static func askForUsage(in options: JSONView, _ edit: inout JSONEdit) {
        var found = false
        for member in options.members where member.isNamed("include_usage") {
            edit.replace(member.value.range, with: Array("true".utf8))
            found = true
        }
        guard !found else { return }
        var members = options.members
        edit.insertMember(
            "include_usage", Array("true".utf8), intoObjectAt: options.range, isEmpty: members.next() == nil)
    }

    // MARK: - Reading

    private mutating func read(
        _ bytes: UnsafeRawBufferPointer, _ allowance: TokenEstimator.Allowance
    ) throws(RequestError) {
        var input: JSONView?
        var hasTools = false
        for (index, member) in document.members.enumerated() {
            let value = JSONView(bytes, member.value)
            switch OpenAIParameter(member.key, in: bytes) {
            case .model: model = try OpenAIRequest.modelName(value)
            case .stream where endpoint != .embeddings: stream = try value.checkedBool("stream") ?? false
            case .streamOptions where endpoint != .embeddings: try readStreamOptions(value)
            case .maxTokens where endpoint != .embeddings: try readMaxTokens(value, "max_tokens")
            case .maxCompletionTokens where endpoint == .chatCompletions:
                try readMaxTokens(value, "max_completion_tokens")
            case .n where endpoint != .embeddings:
                choices = Int(try value.checkedInteger("n", 1...128) ?? 1)
            case .bestOf where endpoint == .completions:
                generatedChoices = Int(try value.checkedInteger("best_of", 1...128) ?? 1)
            case .number(let name): try value.check(.number, name, "a number")
            case .array(let name):
                try value.check(.array, name, "an array")
                hasTools = hasTools || value.kind == .array
                if OpenAIInput.runAtProvider(value) { usesServerTools = true }
            case .serverTool: usesServerTools = usesServerTools || !value.isNull
            case .user:
                try value.check(.string, "user", "a string")
                user = value.string
            case .messages where endpoint == .chatCompletions,
                .prompt where endpoint == .completions,
                .input where endpoint == .embeddings:
                input = value
            case .elsewhere(let name): throw RequestError.notAllowed(name)
            case .steering: steering.append(index)
            default: break
            }
        }
        generatedChoices = max(generatedChoices, choices)
        guard !model.isEmpty else {
            throw RequestError(message: "you must provide a model parameter", param: "model")
        }
        var reading = OpenAIInput()
        switch endpoint {
        case .chatCompletions: try reading.readMessages(input, longStrings: document.longStrings)
        case .completions:
            try reading.readPrompt(input, "prompt", isRequired: false)
            // Each prompt is answered. At most 2^24 prompts and 128 answers: no overflow.
            generatedChoices *= reading.promptCount
        case .embeddings: try reading.readPrompt(input, "input", isRequired: true)
        }
        inputTokenCeiling = TokenEstimator.inputCeiling(
            bodyBytes: body.count, hasTools: hasTools, hasServerTools: usesServerTools, media: reading.media,
            allowance: allowance)
        inputTokenEstimate = TokenEstimator.inputEstimate(bodyBytes: body.count, media: reading.media)
    }

    private mutating func readStreamOptions(_ value: JSONView) throws(RequestError) {
        try value.check(.object, "stream_options", "an object")
        guard value.kind == .object else { return }
        streamOptions = value.range
        for member in value.members where member.isNamed("include_usage") {
            includeUsage = try member.value.checkedBool("stream_options.include_usage") ?? false
        }
    }

    private mutating func readMaxTokens(_ value: JSONView, _ name: String) throws(RequestError) {
        let range = Dialect(endpoint).outputCapMin...Int64(Int32.max)
        guard let count = try value.checkedInteger(name, range) else { return }
        maxOutputTokens = max(maxOutputTokens ?? 0, Int(count))
    }

    static func modelName(_ value: JSONView) throws(RequestError) -> String {
        guard let name = value.string else {
            if value.isNull { throw RequestError(message: "you must provide a model parameter", param: "model") }
            throw RequestError.invalidType("model", expected: "a string", got: value)
        }
        let bytesMax = 256
        guard name.utf8.count <= bytesMax else {
            throw RequestError(
                message: "Invalid 'model': string too long. Expected a string with maximum length \(bytesMax), but got "
                    + "a string with length \(name.utf8.count) instead.",
                param: "model", code: "string_above_max_length")
        }
        guard !name.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) else {
            throw RequestError(
                message: "Invalid 'model': control characters are not allowed.", param: "model",
                code: "invalid_value")
        }
        return name
    }
}
