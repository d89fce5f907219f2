import Budgets
import FastCGI
import Guardrails
import JSONText
import Keys
import Providers
import Routing
import Units
import WireFormats

// The steps of the page before a provider is asked: who is it, what do they want, may they, and can they pay for it.

extension Worker {
    // MARK: Who

    /// Says who calls where the key is known and good, as nearly always: nothing waits then. (An await costs 500
    /// instructions even where nothing waits.)
    @inline(never)
    func recognise(_ call: Call) -> Caller? {
        guard let caller = try? lookUp(call) else { return nil }
        call.caller = caller
        return caller
    }

    /// Says who calls. A caller is turned away only after the key ring was brought up to date (``KeyFeed``, rule 2).
    func authenticate(_ call: Call) async throws(GatewayError) -> Caller {
        var refusal: Keys.Refusal
        do throws(Keys.Refusal) {
            let caller = try lookUp(call)
            call.caller = caller
            return caller
        } catch {
            refusal = error
        }
        if refusal == .noKey || refusal == .wrongScheme { throw GatewayError(refusal) }
        let isFresh = await gateway.keyFeed.refresh()
        do throws(Keys.Refusal) {
            let caller = try lookUp(call)
            call.caller = caller
            return caller
        } catch {
            refusal = error
        }
        // An unknown key may be one that a store out of reach knows: that is not the caller's fault.
        if refusal == .unknownKey, !isFresh { throw .storeAway }
        throw GatewayError(refusal)
    }

    @inline(never)
    private func lookUp(_ call: Call) throws(Keys.Refusal) -> Caller {
        let headers = Authorization.Headers(
            authorization: call.request.parameterBuffer("HTTP_AUTHORIZATION"),
            xAPIKey: call.request.parameterBuffer("HTTP_X_API_KEY"),
            apiKey: call.request.parameterBuffer("HTTP_API_KEY"),
            xGoogAPIKey: call.request.parameterBuffer("HTTP_X_GOOG_API_KEY"))
        if headers.xGoogAPIKey == nil, call.dialect == .generateContent, let key = call.keyInQuery {
            return try key.withUnsafeBytes { bytes throws(Keys.Refusal) in
                var headers = headers
                headers.xGoogAPIKey = bytes
                return try gateway.authenticator.caller(presenting: headers, at: call.startedAt)
            }
        }
        return try gateway.authenticator.caller(presenting: headers, at: call.startedAt)
    }

    // MARK: What

    /// Refuses what is no whole JSON body of a size that we take.
    @inline(never)
    func checkReadable(_ call: Call) throws(GatewayError) {
        let request = call.request
        if request.bodyIsTooLarge { throw .bodyTooLarge(limit: runtime.settings.limits.bodyBytes) }
        if request.bodyIsCut { throw .bodyIsCut }
        do throws(UnreadableBody) { try request.checkJSONHeader() } catch { throw GatewayError(error) }
    }

    func isLong(_ call: Call) -> Bool { call.request.body.count > Self.sliceBytes }

    /// Reads what the gateway must know of the body. A long body is scanned in slices, with other requests in between.
    func scan(_ body: [UInt8], as inference: Endpoint.Inference) async throws(GatewayError) -> ClientRequest {
        guard body.count > Self.sliceBytes else { return try scanAtOnce(body, as: inference) }
        let document: JSONDocument
        do throws(JSONScanError) {
            document = try await scanInSlices(body, requestLimits)
        } catch {
            throw GatewayError(RequestError.unreadableJSON(error, body))
        }
        return try clientRequest(body, document, inference)
    }

    /// The same for a body that is not long.
    @inline(never)
    func scanAtOnce(_ body: [UInt8], as inference: Endpoint.Inference) throws(GatewayError) -> ClientRequest {
        let document: JSONDocument
        do throws(JSONScanError) {
            document = try JSONScanner.scan(body, limits: requestLimits)
        } catch {
            throw GatewayError(RequestError.unreadableJSON(error, body))
        }
        return try clientRequest(body, document, inference)
    }

    private var requestLimits: JSONLimits { JSONLimits(depthMax: runtime.settings.limits.jsonDepth) }

    @inline(never)
    private func clientRequest(
        _ body: [UInt8], _ document: JSONDocument, _ inference: Endpoint.Inference
    ) throws(GatewayError) -> ClientRequest {
        do throws(RequestError) {
            return try ClientRequest(body, document: document, inference)
        } catch {
            throw GatewayError(error)
        }
    }

    /// Scans a long body with other requests in between.
    func scanInSlices(_ body: [UInt8], _ limits: JSONLimits) async throws(JSONScanError) -> JSONDocument {
        var scanner = JSONScanner(limits: limits)
        var scanned = 0
        while scanned < body.count {
            scanned = min(scanned + Self.sliceBytes, body.count)
            try body.advance(&scanner, upTo: scanned)
            await loop.sleep(for: .nanoseconds(1))
        }
        return scanner.document
    }

    /// About a tenth of a millisecond's work.
    static let sliceBytes = 256 << 10

    /// Finds the route of the model that is asked for, if the caller may use it.
    @inline(never)
    func authorise(
        _ caller: Caller, _ ask: ClientRequest, _ runtime: Runtime
    ) throws(GatewayError) -> RouteTable.Match {
        if case .key(let key) = caller {
            do throws(Keys.Refusal) { try key.requireAccess(to: ask.model) } catch { throw GatewayError(error) }
            if !key.mayUseAll, let name = ask.otherModels { throw .otherModels(name) }
        }
        guard let match = runtime.routes.find(ask.model) else { throw .modelNotFound(ask.model) }
        if let most = match.route.maxOutputTokens, let asked = ask.maxOutputTokens, asked > most {
            throw .tooMuchOutput(asked: asked, most: most, in: ask.dialect)
        }
        return match
    }

    /// Applies the rules for requests: passes it, changes its text, or refuses it.
    func guardBefore(
        _ ask: ClientRequest, _ call: Call, _ runtime: Runtime
    ) async throws(GatewayError) -> ClientRequest {
        let rules = runtime.guardrails.request
        guard !rules.isEmpty else { return ask }
        switch await inspect(ask.body, with: rules) {
        case .pass:
            return ask
        case .redacted(let body, let findings):
            call.note(findings, on: .request)
            let redacted = try await scan(body, as: ask.inference)
            if let original = ask.original {
                // Its own part is what will be kept, and that without what may not be said either.
                redacted.original = try await self.redacted(original, by: rules)
            }
            return redacted
        case .refused(let finding):
            call.note([finding], on: .request)
            throw .guardrail(finding, inAnswer: false)
        }
    }

    private func redacted(_ original: JSON, by rules: GuardrailSet) async throws(GatewayError) -> JSON {
        switch await inspect(original.serialized(), with: rules) {
        case .pass: return original
        case .redacted(let body, _):
            do throws(RequestError) { return try ClientRequest.value(of: body) } catch { throw GatewayError(error) }
        case .refused(let finding): throw .guardrail(finding, inAnswer: false)
        }
    }

    /// Inspects a body, a long one with other requests in between.
    func inspect(_ body: [UInt8], with rules: GuardrailSet) async -> BodyVerdict {
        var inspection = BodyInspection(rules)
        while !body.advance(&inspection, by: Self.sliceBytes) { await loop.sleep(for: .nanoseconds(1)) }
        return body.withUnsafeBytes { inspection.verdict(on: $0) }
    }

    // MARK: For how much

    /// The most that a call can cost at a target. An object, because a frame of an async function keeps room for every
    /// copy of a value in it.
    final class Ceiling {
        /// Nil where nobody states a price: it holds all that is left of a budget.
        var money: NanoUSD?
        /// Against a limit of tokens per minute the likely input counts, and the most output: the ceiling of the input,
        /// a token per byte, would refuse calls at a quarter of such a limit.
        var tokens: TokenCount
        /// The cap to be written into the request, where without it nobody could say how much comes back.
        let outputCap: Int?
        var isFree: Bool
        let price: PricedModel
        /// What ``money`` is the price of.
        let input: TokenCount
        let output: TokenCount
        /// What of ``money`` is for advice, whatever the output.
        let advice: NanoUSD
        /// In whose words the client could allow less output, which would make it less; nil where it could not.
        let cappedIn: Dialect?

        init(
            money: NanoUSD?, tokens: TokenCount, outputCap: Int?, isFree: Bool, price: PricedModel, input: TokenCount,
            output: TokenCount, advice: NanoUSD, cappedIn: Dialect?
        ) {
            self.money = money
            self.tokens = tokens
            self.outputCap = outputCap
            self.isFree = isFree
            self.price = price
            self.input = input
            self.output = output
            self.advice = advice
            self.cappedIn = cappedIn
        }
    }

    @inline(never)
    func ceiling(
        of ask: ClientRequest, at attempt: RequestJourney.Attempt, _ runtime: Runtime
    ) throws(GatewayError) -> Ceiling {
        let priced = price(of: attempt)
        let isPriced = priced.isKnown(for: ask.dialect)
        if !isPriced, attempt.route.unpricedModels == .refuse {
            throw priced.isKnown
                ? .unpricedOutput(attempt.model)
                : .unpricedModel(attempt.model, upstream: attempt.upstreamModel)
        }
        var cap: Int?
        var output = 0
        if ask.dialect != .embeddings {
            if ask.inference.isCompaction {
                // OpenAI's /v1/responses/compact has no member for a cap, and refuses what it does not know (openai 3.54,
                // `ResponseCompactParams`): what the model can produce is held.
                output = priced.maxOutputTokens ?? priced.contextTokens ?? Self.storedInputTokens
            } else if let asked = ask.maxOutputTokens {
                output = asked
            } else if let most = attempt.route.maxOutputTokens {
                output = most
                cap = most
            } else if let most = priced.maxOutputTokens {
                output = most
            } else {
                output = runtime.settings.defaultMaxOutputTokens
                cap = output
            }
            if let most = attempt.route.maxOutputTokens, output > most, !ask.inference.isCompaction {
                throw .tooMuchOutput(asked: output, most: most, in: ask.dialect)
            }
            // At most 2^31 tokens, 128 choices and 2^24 prompts: no overflow, here and where it is priced.
            output = min(output * ask.generatedChoices, 1 << 48)
        }
        let tokens = TokenCount(Int64(output))
        var input = ask.inputTokenCeiling
        if ask.refersToStoredInput { input = max(input, TokenCount(priced.contextTokens ?? Self.storedInputTokens)) }
        let advice = ask.advisors.isEmpty ? .zero : advice(for: ask, reading: input + tokens, priced, attempt, runtime)
        return Ceiling(
            money: isPriced ? priced.ceiling(input: input, output: tokens) + advice : nil,
            tokens: ask.inputTokenEstimate + tokens, outputCap: cap, isFree: priced.isFree && advice == .zero,
            price: priced, input: input, output: tokens, advice: advice,
            cappedIn: ask.dialect == .embeddings || ask.inference.isCompaction ? nil : ask.dialect)
    }

    /// The most that the request's advisors can cost where the client limits how often they are asked and what they say.
    /// Else they are held for as if asked once, for an answer of the usual length: what goes beyond is an overrun.
    ///
    /// - Parameter input: what each reads: the request, and the answer so far.
    @inline(never)
    private func advice(
        for ask: ClientRequest, reading input: TokenCount, _ asked: PricedModel, _ attempt: RequestJourney.Attempt,
        _ runtime: Runtime
    ) -> NanoUSD {
        // Only a provider of Messages has such a tool: for any other it is dropped.
        guard attempt.target.provider.paths[.messages] != nil else { return .zero }
        return ask.advisors.reduce(NanoUSD.zero) { sum, advisor in
            let output = TokenCount(advisor.outputTokensMax ?? runtime.settings.defaultMaxOutputTokens)
            let once =
                runtime.routes.price(of: advisor.model, at: attempt.target.provider)?
                .ceiling(input: input, output: output) ?? asked.ceiling(input: input, output: output)
            return sum + NanoUSD(nanos: once.nanos.multipliedSaturated(by: Int64(advisor.usesMax ?? 1)))
        }
    }

    /// What a conversation that the provider keeps is taken for, where the model's context window is not known.
    private static let storedInputTokens = 200_000

    /// Prices come out of a long text: what was found is kept, as long as few enough names are asked for.
    private func price(of attempt: RequestJourney.Attempt) -> PricedModel {
        let key = PriceKey(target: attempt.target, model: attempt.upstreamModel)
        if let last = lastPrice, last.key == key { return last.priced }
        if let known = prices[key] {
            lastPrice = (key, known)
            return known
        }
        let price = attempt.target.price(of: attempt.upstreamModel)
        let facts = ModelCatalogue.facts(of: attempt.upstreamModel, at: attempt.target.provider.catalogue)
        let priced = PricedModel(
            price: price, maxOutputTokens: facts?.maxOutputTokens, contextTokens: facts?.contextTokens,
            provider: attempt.target.provider, model: attempt.upstreamModel)
        if prices.count >= 4096 { prices.removeAll() }
        prices[key] = priced
        return priced
    }

    /// Sets money, tokens, a request and a parallel slot aside, over every scope at once.
    func hold(
        _ ceiling: Ceiling, for caller: Caller, _ runtime: Runtime, at now: Timestamp
    ) async throws(GatewayError) -> Hold {
        var scopes: ScopeList = []
        if runtime.settings.gateway.governance {
            scopes.append(.global)
            if case .key(let key) = caller { scopes.append(.key(key.id)) }
        }
        let ask = Ask(scopes: scopes, ceiling: ceiling.money, tokens: ceiling.tokens, isFree: ceiling.isFree)
        var isUpToDate = false
        // A scope's spending is summed from the ledger when it is first needed; there are two scopes.
        for _ in 0..<5 {
            do throws(BudgetError) {
                return try gateway.book.hold(ask, at: now)
            } catch {
                switch error {
                case .exhausted(let refusal):
                    // A limit that was raised a moment ago counts already: nobody is refused on a stale view.
                    if !isUpToDate {
                        isUpToDate = true
                        _ = await gateway.keyFeed.refresh()
                        continue
                    }
                    metrics?.refused(refusal)
                    throw GatewayError(refusal, holding: ceiling, of: caller.key, at: now)
                case .notLoaded(let missing):
                    guard await gateway.loadSpend(missing) else { throw .storeAway }
                }
            }
        }
        throw .storeAway
    }
}

/// A price, and what else is known of a model at a provider, kept with the name it was found for.
final class PricedModel {
    private let price: ModelPrice?
    let maxOutputTokens: Int?
    let contextTokens: Int?

    /// Somebody states a price.
    let isKnown: Bool
    let isFree: Bool
    private let pricesOutput: Bool

    /// What the ledger's row says of the price.
    let id: String

    private let provider: Provider
    private let model: String
    /// What the provider and the model's name say of how it is written to: read out of the name once.
    private(set) lazy var facts = provider.targetFacts(model: model)

    init(price: ModelPrice?, maxOutputTokens: Int?, contextTokens: Int?, provider: Provider, model: String) {
        self.provider = provider
        self.model = model
        self.price = price
        self.maxOutputTokens = maxOutputTokens
        self.contextTokens = contextTokens
        isKnown = price != nil
        isFree = price == .free
        pricesOutput = price?.pricesOutput ?? false
        id = price.map { $0 == .free ? "free" : $0.description } ?? "unpriced"
    }

    /// Somebody states a price for all that such a call may use.
    func isKnown(for dialect: Dialect) -> Bool { isKnown && (pricesOutput || dialect == .embeddings) }

    // Here, so that no copy of the price is made for a question.

    /// The most that a call can cost; nothing where nobody states a price.
    func ceiling(input: TokenCount, output: TokenCount) -> NanoUSD {
        price?.ceiling(input: input, output: output) ?? .zero
    }

    func cost(of usage: TokenUsage) -> NanoUSD { price?.cost(of: usage) ?? .zero }
}

/// A target is the one object of its configuration: two routes to the same model may have two prices. It is kept alive
/// by its key, so that no other can stand at its address.
struct PriceKey: Hashable {
    let target: Target
    let model: String

    static func == (left: PriceKey, right: PriceKey) -> Bool {
        left.target === right.target && left.model == right.model
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(target))
        hasher.combine(model)
    }
}

extension [UInt8] {
    fileprivate func advance(_ scanner: inout JSONScanner, upTo offset: Int) throws(JSONScanError) {
        var failure: JSONScanError?
        withUnsafeBytes { bytes in
            do throws(JSONScanError) { _ = try scanner.advance(in: bytes, upTo: offset) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    fileprivate func advance(_ inspection: inout BodyInspection, by bytes: Int) -> Bool {
        withUnsafeBytes { inspection.advance(in: $0, upTo: inspection.offset + bytes) }
    }
}
