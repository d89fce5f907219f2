import JSONText
import Units
import WireFormats

/// What a client asks for, in whichever dialect: what the page must know of it, found in place, and the ways to hand it
/// on. A class, because a frame of an async function keeps room for every copy of a value in it.
final class ClientRequest {
    private enum Reader {
        case openAI(OpenAIRequest)
        case other(DialectRequest)
    }

    let inference: Endpoint.Inference
    private let reader: Reader
    private let document: JSONDocument
    /// The whole request, read into the model: made when it is first needed, and once.
    var conversation: Conversation?

    var dialect: Dialect { inference.dialect }
    let body: [UInt8]
    let model: String
    /// The answer is to be a stream; a compaction's never is, whatever its body says.
    let stream: Bool
    /// The client asked for the usage chunk of a Chat Completions stream.
    let includeUsage: Bool
    let maxOutputTokens: Int?
    /// Answers that are generated and billed.
    let generatedChoices: Int
    /// The client's name for its end user, for the records.
    let user: String?
    let inputTokenCeiling: TokenCount
    let inputTokenEstimate: TokenCount
    /// The estimate for a client that asks for a count: without the model's name, which is no input, at four bytes a token
    /// like the rest of the body.
    var toldTokenEstimate: Int64 {
        let name = body.withUnsafeBytes { document.value("model", in: $0)?.raw.count ?? 0 }
        return max(1, inputTokenEstimate.count - Int64(name / 4))
    }
    /// The history holds what this gateway wrote for another provider's answer (``MadeMarks``): the provider would refuse
    /// it, so only the codec may hand it on.
    private lazy var holdsOurs: Bool = {
        guard dialect != .embeddings, dialect != .completions else { return false }
        if original != nil { return true }
        return body.withUnsafeBytes { MadeMarks.stand(in: document, $0, dialect) }
    }()
    /// See ``DialectRequest/lacksProof``.
    private lazy var lacksProof: Bool = { if case .other(let read) = reader { read.lacksProof } else { false } }()
    /// See ``DialectRequest/holdsUnsignedThinking``.
    private lazy var holdsUnsignedThinking: Bool = {
        if case .other(let read) = reader { read.holdsUnsignedThinking } else { false }
    }()
    /// The member by which the client names other models than the one that it asks for: OpenRouter's `models` and `preset`,
    /// `fallbacks` of a beta of Anthropic's, `models` of Vercel's gateway
    /// (https://vercel.com/docs/ai-gateway/models-and-providers/model-fallbacks, read on 2026-11-29). An empty list names none.
    var otherModels: String? {
        body.withUnsafeBytes { bytes in
            func names(_ value: JSONView?) -> Bool {
                guard let value, !value.isNull else { return false }
                var elements = value.elements
                return value.kind != .array || elements.next() != nil
            }
            for name in ["models", "fallbacks", "preset"] as [StaticString] {
                if names(document.value(name, in: bytes)) { return "\(name)" }
            }
            let gateway = document.value("providerOptions", in: bytes)?.member("gateway")
            return names(gateway?.member("models")) ? "providerOptions.gateway.models" : nil
        }
    }

    /// See ``DialectRequest/advisors``.
    let advisors: [DialectRequest.Advisor]

    /// A part of the input is at the provider: how long it is, the body does not tell.
    private(set) var refersToStoredInput = false
    /// Responses only: the answer on which this one builds.
    private(set) var previousResponseID: String?
    /// Responses only: the client did not say `store: false`.
    private(set) var isStored = true
    /// Responses only: the request as the client sent it, and rules let it in, where its history was put in front since.
    var original: JSON?

    /// - Throws: what is wrong with the body, for the client.
    init(
        _ body: [UInt8], document: JSONDocument, _ inference: Endpoint.Inference
    ) throws(RequestError) {
        self.inference = inference
        self.body = body
        self.document = document
        if let endpoint = OpenAIEndpoint(inference.dialect) {
            let read = try OpenAIRequest(body, document: document, endpoint: endpoint)
            reader = .openAI(read)
            model = read.model
            stream = read.stream
            includeUsage = read.includeUsage
            maxOutputTokens = read.maxOutputTokens
            generatedChoices = read.generatedChoices
            user = read.user?.recorded
            inputTokenCeiling = read.inputTokenCeiling
            inputTokenEstimate = read.inputTokenEstimate
            advisors = []
        } else {
            let read = try DialectRequest(body, document: document, dialect: inference.dialect, place: inference.place)
            reader = .other(read)
            model = read.model
            stream = read.stream && !inference.isCompaction
            includeUsage = false
            maxOutputTokens = read.maxOutputTokens
            generatedChoices = read.choices
            refersToStoredInput = read.refersToStoredInput
            user = read.user?.recorded
            inputTokenCeiling = read.inputTokenCeiling
            inputTokenEstimate = read.inputTokenEstimate
            advisors = read.advisors
        }
        if inference.dialect == .responses {
            body.withUnsafeBytes { bytes in
                previousResponseID = document.value("previous_response_id", in: bytes)?.string
                isStored = document.value("store", in: bytes)?.bool ?? true
            }
        }
    }

    /// The body for a provider of the same dialect: byte for byte but for what must change.
    ///
    /// - Parameters:
    ///   - cap: the output cap to be written into it.
    ///   - capName: what a chat's cap is called there.
    ///   - host: where a Messages body goes, and the client's beta flags for it.
    func upstreamBody(
        model: String, addIncludeUsage: Bool, cap: Int?, capName: StaticString,
        host: TargetFacts.MessagesHost = .direct, betas: [String] = []
    ) -> [UInt8] {
        switch reader {
        case .openAI(let read):
            read.upstreamBody(
                model: model, addIncludeUsage: addIncludeUsage, addMaxTokens: cap.map { (capName, $0) })
        case .other(let read): read.upstreamBody(model: model, addMaxTokens: cap, host: host, betas: betas)
        }
    }

    /// The provider of this model would refuse the history as it is, though it speaks the client's dialect.
    func needsRewriting(for facts: @autoclosure () -> TargetFacts) -> Bool {
        if holdsOurs { return true }
        switch dialect {
        case .messages, .converse, .generateContent:
            return facts().demandsProof(in: dialect) ? lacksProof : holdsUnsignedThinking
        default: return false
        }
    }

    /// The request in the model of all dialects.
    ///
    /// - Throws: a 400 that names the member at fault.
    func read() throws(RequestError) -> Conversation {
        if let conversation { return conversation }
        let read = try ClientRequest.read(body, inference, stream: stream).get()
        conversation = read
        return read
    }

    /// Takes what another thread has read.
    @inline(never)
    func take(_ read: ReadRequest) throws(RequestError) { conversation = try read.result.get() }

    /// The whole body, read.
    static func value(of body: [UInt8]) throws(RequestError) -> JSON {
        do throws(JSONError) {
            return try JSON.read(body, names: .ofDialects)
        } catch {
            throw RequestError(message: "We could not parse the JSON body of your request: \(error.description).")
        }
    }

    /// The same, for any thread.
    static func read(
        _ body: [UInt8], _ inference: Endpoint.Inference, stream: Bool
    ) -> Result<Conversation, RequestError> {
        guard let codec = inference.dialect.codec else {
            preconditionFailure("embeddings are never translated: no passage asks for a codec of theirs")
        }
        do throws(RequestError) {
            var read = try codec.decodeRequest(try value(of: body), at: inference.place)
            read.stream = stream
            return .success(read)
        } catch {
            return .failure(error)
        }
    }
}

/// What was read of a request, on its way between threads: one pointer in the frames that carry it.
final class ReadRequest: Sendable {
    let result: Result<Conversation, RequestError>

    init(_ result: Result<Conversation, RequestError>) { self.result = result }
}

extension OpenAIEndpoint {
    /// nil for dialects that the in-place reader of OpenAI's bodies does not know.
    init?(_ dialect: Dialect) {
        switch dialect {
        case .chatCompletions: self = .chatCompletions
        case .completions: self = .completions
        case .embeddings: self = .embeddings
        default: return nil
        }
    }
}
