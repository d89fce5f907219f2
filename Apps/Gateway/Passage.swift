import Providers
import Routing
import Transfer
import Units
import WireFormats

/// How one attempt's request goes out and its answer comes back: in which dialect, to which URL, with which bytes.
///
/// Where the provider speaks the client's dialect the bytes pass; else the request is written in the provider's and the
/// answer in the client's (docs/WIREFORMATS.md).
final class Passage {
    /// In which the provider is spoken to.
    let dialect: Dialect
    let framing: StreamFraming
    let template: TransferTemplate
    let body: [UInt8]
    /// Header lines of this call only.
    var headers: [String] = []
    /// nil where the bytes pass.
    let translation: Translation?
    /// The provider's dialect, where it is not the client's.
    var origin: Dialect? {
        guard let translation, translation.client.dialect != dialect else { return nil }
        return dialect
    }

    /// An object, because a frame of an async function keeps room for every copy of a value in it.
    final class Translation: Sendable {
        let provider: any DialectCodec.Type
        let client: any DialectCodec.Type
        let context: ReplyContext

        init(provider: any DialectCodec.Type, client: any DialectCodec.Type, context: ReplyContext) {
            self.provider = provider
            self.client = client
            self.context = context
        }
    }

    init(
        dialect: Dialect, framing: StreamFraming, template: TransferTemplate, body: [UInt8], translation: Translation?
    ) {
        self.dialect = dialect
        self.framing = framing
        self.template = template
        self.body = body
        self.translation = translation
    }
}

/// Why there is no passage to a target.
enum PassageError: Error {
    /// The provider has no such endpoint.
    case notOffered
    /// The request cannot be written in the provider's dialect: what is at fault, for the client.
    case refused(RequestError)
}

extension Worker {
    /// The passage where the request is written anew, a long one beside the loop.
    @inline(never)
    func rewrittenPassage(
        for attempt: RequestJourney.Attempt, _ ask: ClientRequest, _ ceiling: Ceiling,
        _ credential: Credentials.Current, _ call: Call, _ runtime: Runtime
    ) async throws(PassageError) -> Passage {
        guard ask.dialect.codec != nil else { throw .notOffered }
        if ask.inference.isCompaction { throw .refused(ResponsesAnswers.compactionUnsupported) }
        if ask.body.count > Self.translatedInPlaceBytes {
            do throws(RequestError) { try await readAside(ask) } catch { throw .refused(error) }
        }
        let draft = try draft(for: attempt, ask, ceiling, credential, call, runtime)
        let isLong = ask.body.count > Self.translatedInPlaceBytes
        let written = isLong ? await gateway.aside { draft.written() } : draft.written()
        return try passage(from: draft, written, for: attempt, ask, credential, call)
    }

    /// The passage where the bytes pass: nothing waits for it.
    ///
    /// - Returns: nil where the request has to be written anew.
    @inline(never)
    func passageOfBytes(
        for attempt: RequestJourney.Attempt, _ ask: ClientRequest, _ ceiling: Ceiling,
        _ credential: Credentials.Current, _ call: Call, _ runtime: Runtime
    ) throws(PassageError) -> Passage? {
        // A provider is large: a name for it here would be a copy.
        let target = attempt.target
        call.isTranslated = false
        guard passes(ask, at: attempt, ceiling, runtime) else { return nil }
        let template = template(
            for: attempt, ask.dialect, stream: ask.stream, suffix: ask.inference.isCompaction ? "/compact" : "",
            credential, runtime)
        guard let template else { throw .notOffered }
        let betas = self.betas(of: call)
        let isCapped = target.provider.outputCapName(in: ask.dialect) == "max_tokens"
        let body = ask.upstreamBody(
            model: attempt.upstreamModel, addIncludeUsage: target.provider.streamUsageMustBeAsked,
            cap: ceiling.outputCap, capName: isCapped ? "max_tokens" : "max_completion_tokens",
            host: target.provider.messagesHost, betas: betas)
        let passage = Passage(
            dialect: ask.dialect, framing: target.provider.framing(of: ask.dialect), template: template, body: body,
            translation: nil)
        passage.headers = versionHeaders(of: ask.dialect, at: target, call)
        passage.headers += betaHeaders(of: ask.dialect, at: target, call)
        passage.headers += try signature(of: template.url, body, in: ask.dialect, at: target, credential)
        return passage
    }

    /// Whether the bytes may pass: the provider speaks the client's dialect in the client's own form, and nobody has to
    /// read the answer's events on the way.
    private func passes(
        _ ask: ClientRequest, at attempt: RequestJourney.Attempt, _ ceiling: Ceiling, _ runtime: Runtime
    ) -> Bool {
        let target = attempt.target
        guard target.provider.paths[ask.dialect] != nil else { return false }
        if ask.needsRewriting(for: facts(of: attempt, ceiling.price.facts)) { return false }
        switch ask.dialect {
        case .chatCompletions, .completions, .embeddings: return true
        default:
            // Bedrock's streams of Messages have another framing.
            if ask.stream, target.provider.framing(of: ask.dialect) != ask.dialect.codec?.framing { return false }
            return !ask.stream || runtime.guardrails.answer.isEmpty
        }
    }

    /// What is known of the model, and what the configuration says of it.
    func facts(of attempt: RequestJourney.Attempt, _ known: TargetFacts) -> TargetFacts {
        var facts = known
        facts.thinking = attempt.route.translation.thinking ?? facts.thinking
        return facts
    }

    /// What is written, and for whom.
    private final class Draft: Sendable {
        let conversation: Conversation
        let client: any DialectCodec.Type
        let codec: any DialectCodec.Type
        let dialect: Dialect
        let facts: TargetFacts
        let template: TransferTemplate

        init(
            _ conversation: Conversation, from client: any DialectCodec.Type, to codec: any DialectCodec.Type,
            _ dialect: Dialect, _ facts: TargetFacts, _ template: TransferTemplate
        ) {
            self.conversation = conversation
            self.client = client
            self.codec = codec
            self.dialect = dialect
            self.facts = facts
            self.template = template
        }

        /// On any thread.
        func written() -> Result<([UInt8], LossReport), RequestError> {
            var losses = LossReport()
            do throws(RequestError) {
                let value = try codec.writtenRequest(conversation, for: facts, &losses)
                return .success((value.serialized(), losses))
            } catch {
                return .failure(error)
            }
        }
    }

    @inline(never)
    private func draft(
        for attempt: RequestJourney.Attempt, _ ask: ClientRequest, _ ceiling: Ceiling,
        _ credential: Credentials.Current, _ call: Call, _ runtime: Runtime
    ) throws(PassageError) -> Draft {
        guard let client = ask.dialect.codec else { throw .notOffered }
        var conversation: Conversation
        do throws(RequestError) { conversation = try ask.read() } catch { throw .refused(error) }
        let provider = attempt.target.provider
        let own = provider.paths[ask.dialect] == nil ? nil : ask.dialect
        var facts = facts(of: attempt, ceiling.price.facts)
        guard let dialect = own ?? provider.translationDialect(for: conversation, facts: facts),
            let codec = dialect.codec,
            let template = template(for: attempt, dialect, stream: ask.stream, credential, runtime)
        else { throw .notOffered }
        if ask.original != nil { conversation.turnNumbersDiffer = true }
        if let cap = ceiling.outputCap { conversation.sampling.maxOutputTokens = Int64(cap) }
        let policy = attempt.route.translation
        facts.maxOutputTokens = ceiling.price.maxOutputTokens.map { Int64($0) }
        facts.defaultMaxOutputTokens = Int64(runtime.settings.defaultMaxOutputTokens)
        facts.rangePolicy = policy.outOfRange
        if ask.dialect == .messages { facts.betas = betas(of: call) }
        return Draft(conversation, from: client, to: codec, dialect, facts, template)
    }

    @inline(never)
    private func passage(
        from draft: Draft, _ written: Result<([UInt8], LossReport), RequestError>,
        for attempt: RequestJourney.Attempt, _ ask: ClientRequest, _ credential: Credentials.Current, _ call: Call
    ) throws(PassageError) -> Passage {
        let (body, losses): ([UInt8], LossReport)
        do throws(RequestError) { (body, losses) = try written.get() } catch { throw .refused(error) }
        if attempt.route.translation.strictParameters, !losses.droppedMembers.isEmpty {
            throw .refused(.lost(losses.droppedMembers))
        }
        call.losses = losses
        call.isTranslated = true
        var context = ReplyContext(
            model: ask.model, requestID: call.id, created: call.startedAt.secondsSince1970,
            request: draft.conversation)
        context.dropped = losses.dropped
        context.streamsAsArray = ask.inference.streamsAsArray
        if let previous = ask.original?["previous_response_id"]?.string {
            // Its conversation stands in the request now; the answer still says on what it builds.
            context.request.previousResponseID = previous
        }
        let passage = Passage(
            dialect: draft.dialect, framing: attempt.target.provider.framing(of: draft.dialect),
            template: draft.template, body: body,
            translation: Passage.Translation(provider: draft.codec, client: draft.client, context: context))
        passage.headers = versionHeaders(of: draft.dialect, at: attempt.target, nil)
        passage.headers += betaHeaders(of: draft.dialect, at: attempt.target, call)
        passage.headers += try signature(
            of: draft.template.url, body, in: draft.dialect, at: attempt.target, credential)
        return passage
    }

    /// Messages has its version in a header: the client's, where its bytes pass, else the one that the codec writes.
    func versionHeaders(of dialect: Dialect, at target: Target, _ client: Call?) -> [String] {
        guard dialect == .messages, target.provider.messagesHost == .direct else { return [] }
        let version = client?.request.parameter("HTTP_ANTHROPIC_VERSION") ?? ""
        let isDate = version.utf8.count == 10 && version.utf8.allSatisfy { $0 == 45 || (48...57).contains($0) }
        return ["anthropic-version: \(isDate ? version : "2023-06-01")"]
    }

    /// The client's beta flags, for a provider of Messages that takes them in the header too.
    func betaHeaders(of dialect: Dialect, at target: Target, _ call: Call) -> [String] {
        guard dialect == .messages, target.provider.forwards.contains("anthropic-beta") else { return [] }
        let betas = self.betas(of: call)
        return betas.isEmpty ? [] : ["anthropic-beta: \(betas.joined(separator: ","))"]
    }

    /// The header lines that sign a call where the signature depends on its bytes; none elsewhere.
    @inline(never)
    func signature(
        of url: String, _ body: [UInt8], in dialect: Dialect, at target: Target, _ credential: Credentials.Current
    ) throws(PassageError) -> [String] {
        guard let key = credential.awsKey else { return [] }
        let provider = target.provider
        guard case .aws(let service) = provider.signing(of: dialect) else { return [] }
        guard let region = provider.awsRegion,
            let lines = SigV4(key, region: region, service: service).headers(
                for: "POST", url, headers: [("Content-Type", "application/json")], body: body, at: .now())
        else {
            throw .refused(
                RequestError(
                    status: 500,
                    message:
                        "The gateway knows no region for the provider '\(provider.name)'. Ask its operator to set one.",
                    type: "server_error", code: "provider_without_region"))
        }
        return lines.map { "\($0.name): \($0.value)" }
    }

    /// A body longer than this is read and written beside the loops, so that nobody waits for it.
    static let translatedInPlaceBytes = 64 << 10

    func read(_ ask: ClientRequest) async throws(RequestError) -> Conversation {
        if ask.body.count > Self.translatedInPlaceBytes { try await readAside(ask) }
        return try ask.read()
    }

    /// Reads a long request beside the loop; it then has its ``ClientRequest/conversation``.
    private func readAside(_ ask: ClientRequest) async throws(RequestError) {
        guard ask.conversation == nil else { return }
        let (body, inference, stream) = (ask.body, ask.inference, ask.stream)
        try ask.take(await gateway.aside { ReadRequest(ClientRequest.read(body, inference, stream: stream)) })
    }

    /// The client's beta flags of Messages: for Claude, wherever it is served, each in its own place.
    func betas(of call: Call) -> [String] {
        guard call.dialect == .messages, let value = call.request.parameter("HTTP_ANTHROPIC_BETA"),
            value.utf8.allSatisfy({ (32...126).contains($0) })
        else { return [] }
        return value.split(separator: ",").map { String($0.filter { $0 != " " }) }.filter { !$0.isEmpty }
    }
}
