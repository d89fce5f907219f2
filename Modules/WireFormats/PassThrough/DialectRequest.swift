import JSONText
import Units

/// What the gateway must know of a Messages, Responses, generateContent or Converse request that passes through, found in
/// place. ``OpenAIRequest`` is the same for OpenAI's older dialects.
///
/// Rules
/// 1. The body is valid JSON with one meaning (see `JSONScanner`): what is checked here is what the provider reads.
/// 2. Members that the gateway acts upon have the right type and a sane value; unknown members are never refused. A
///    member that is `null` counts as absent.
/// 3. Members by which a client could choose where the call or a key goes are refused; members that only steer a gateway
///    are taken out before the body leaves. The names are OpenAIRequest's.
/// 4. ``upstreamBody(model:addMaxTokens:host:betas:)`` leaves every byte as it is but those that must change.
public struct DialectRequest: Sendable {
    /// What the body was checked as.
    public let dialect: Dialect
    /// The body as the client sent it.
    public let body: [UInt8]
    /// Where the body's members are.
    public let document: JSONDocument
    /// The model by the name that the client uses; never empty.
    public internal(set) var model = ""
    /// Whether the answer is to be streamed.
    public internal(set) var stream = false
    /// The most output tokens per choice that the client allows.
    public internal(set) var maxOutputTokens: Int?
    /// Answers that the provider generates: 1, or `candidateCount`.
    public internal(set) var choices = 1
    /// The client's name for its end user: `metadata.user_id`, `user`, or else `safety_identifier`.
    public internal(set) var user: String?
    /// The request has tools that run at the provider, such as web search: what they read is input too.
    public internal(set) var usesServerTools = false
    /// The models of Anthropic's that the one that is asked may ask for advice.
    public internal(set) var advisors: [Advisor] = []
    /// A part of the input is kept at the provider (`previous_response_id`, `conversation`, `prompt`, `item_reference`, `cachedContent`):
    /// ``inputTokenCeiling`` knows nothing of it. A caller that holds money takes the model's context window instead.
    public internal(set) var refersToStoredInput = false
    /// More input tokens than this body should be; see ``TokenEstimator`` for what that rests on and where it ends.
    public private(set) var inputTokenCeiling = TokenCount.zero
    /// The input tokens that this body probably is, for a call whose reply told no usage.
    public private(set) var inputTokenEstimate = TokenCount.zero

    /// A tool of Anthropic's that is another model, which reads all that the first one does (`advisor_20260301`;
    /// `BetaAdvisorTool20260301Param` of anthropic 2.14.0).
    public struct Advisor: Equatable, Sendable {
        /// Anthropic's name for it.
        public let model: String
        /// How often it may be asked; nil where the client sets no limit.
        public let usesMax: Int?
        /// The most that it may think and say each time; nil where the client sets no limit.
        public let outputTokensMax: Int?
    }

    var steering: [Int] = []
    var hasTools = false
    /// `generationConfig` or `inferenceConfig`, where the cap stands.
    var config: Range<Int>?
    var media = DialectMedia()

    /// Checks a body that has been scanned.
    ///
    /// - Parameter place: what the path says, in dialects that have the model there.
    /// - Throws: what to answer the client; nothing of a refused body may reach a provider.
    public init(
        _ body: [UInt8], document: JSONDocument, dialect: Dialect, place: RequestPlace = RequestPlace(),
        allowance: TokenEstimator.Allowance = TokenEstimator.Allowance()
    ) throws(RequestError) {
        self.dialect = dialect
        self.body = body
        self.document = document
        model = place.model ?? ""
        stream = place.stream ?? false
        var failure: RequestError?
        body.withUnsafeBytes { bytes in
            do throws(RequestError) { try read(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
        inputTokenCeiling = TokenEstimator.inputCeiling(
            bodyBytes: body.count, hasTools: hasTools, hasServerTools: usesServerTools, media: media.found,
            allowance: allowance)
        inputTokenEstimate = TokenEstimator.inputEstimate(bodyBytes: body.count, media: media.found)
    }

    /// Scans and checks a body.
    public init(
        _ body: [UInt8], dialect: Dialect, place: RequestPlace = RequestPlace(), limits: JSONLimits = .object,
        allowance: TokenEstimator.Allowance = TokenEstimator.Allowance()
    ) throws(RequestError) {
        let document: JSONDocument
        do throws(JSONScanError) {
            document = try JSONScanner.scan(body, limits: limits)
        } catch {
            throw RequestError.unreadableJSON(error, body)
        }
        try self.init(body, document: document, dialect: dialect, place: place, allowance: allowance)
    }

    // MARK: - The body for the provider

    /// - Parameters:
    ///   - model: the provider's name for the model; written only where the body has one.
    ///   - addMaxTokens: a limit of output tokens, used only where the client sent none.
    ///   - host: where a Messages body goes: Bedrock and Vertex have the model in the path and the version in the body.
    ///   - betas: the client's `anthropic-beta`, for those two.
    public func upstreamBody(
        model: String, addMaxTokens: Int? = nil, host: TargetFacts.MessagesHost = .direct, betas: [String] = []
    ) -> [UInt8] {
        body.withUnsafeBytes { bytes in
            var edit = JSONEdit()
            var removed = steering
            var additions: [(name: StaticString, value: [UInt8])] = []
            func set(_ name: StaticString, _ value: [UInt8]) {
                if let member = document.member(name, in: bytes) {
                    edit.replace(member.value, with: value)
                } else {
                    additions.append((name, value))
                }
            }
            func remove(_ name: StaticString) {
                if let index = document.members.firstIndex(where: { $0.isNamed(name, in: bytes) }) {
                    removed.append(index)
                }
            }
            if dialect == .messages, host != .direct {
                remove("model")
                if host == .bedrock { remove("stream") }
                if document.value("anthropic_version", in: bytes).map(\.isNull) ?? true {
                    set("anthropic_version", JSONEscapes.quoted(MessagesVersion.of(host)))
                }
                if !betas.isEmpty, document.value("anthropic_beta", in: bytes).map(\.isNull) ?? true {
                    set("anthropic_beta", JSON.array(betas.map { .string($0) }).serialized())
                }
            } else if dialect == .messages || dialect == .responses {
                let isWritten = document.value("model", in: bytes).map { !$0.isNull } ?? false
                if !isWritten || model != self.model { set("model", JSONEscapes.quoted(model)) }
            }
            if let addMaxTokens, maxOutputTokens == nil {
                let value = Array(String(addMaxTokens).utf8)
                switch dialect {
                case .messages: set("max_tokens", value)
                case .responses: set("max_output_tokens", value)
                case .generateContent:
                    if !addToConfig("maxOutputTokens", "max_output_tokens", value, bytes, &edit) {
                        set("generationConfig", Array(#"{"maxOutputTokens":"#.utf8) + value + [UInt8(ascii: "}")])
                    }
                case .converse:
                    if !addToConfig("maxTokens", "maxTokens", value, bytes, &edit) {
                        set("inferenceConfig", Array(#"{"maxTokens":"#.utf8) + value + [UInt8(ascii: "}")])
                    }
                case .chatCompletions, .completions, .embeddings, .cohereChat, .ollamaChat: break
                }
            }
            edit.removeMembers(at: removed, of: document)
            let othersRemain = removed.count < document.members.count
            for (index, addition) in additions.enumerated() {
                // Insertions at one place come out in their order: only the last one meets what was there.
                let isLast = index == additions.count - 1
                edit.insertMember(
                    addition.name, addition.value, into: document, othersRemain: othersRemain || !isLast)
            }
            return edit.isEmpty ? body : edit.applied(to: bytes)
        }
    }

    /// - Returns: false where the body has no such object.
    private func addToConfig(
        _ name: StaticString, _ other: StaticString, _ value: [UInt8], _ bytes: UnsafeRawBufferPointer,
        _ edit: inout JSONEdit
    ) -> Bool {
        guard let config else { return false }
        let view = JSONView(bytes, config)
        for member in view.members where member.isNamed(name) || member.isNamed(other) {
            edit.replace(member.value.range, with: value)
            return true
        }
        var members = view.members
        edit.insertMember(name, value, intoObjectAt: config, isEmpty: members.next() == nil)
        return true
    }
}

/// The version of Messages that a body at Bedrock or Vertex states.
enum MessagesVersion {
    static func of(_ host: TargetFacts.MessagesHost) -> String {
        host == .bedrock ? "bedrock-2023-05-31" : "vertex-2023-10-16"
    }
}
