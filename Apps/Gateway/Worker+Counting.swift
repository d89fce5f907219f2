import Budgets
import EventLoop
import JSONText
import Logging
import Providers
import Routing
import Transfer
import Units
import WireFormats

// How many input tokens a request has: asked of the provider where it can say, else counted with the model's
// `tokenizer:`, else estimated. `x-tollgate-token-count` says which: provider, tokenizer or estimate.

extension Worker {
    /// `/v1/messages/count_tokens`, `/v1/responses/input_tokens`, `…:countTokens`, `/model/{id}/count-tokens`.
    func countTokens(_ inference: Endpoint.Inference, _ call: Call) async throws(GatewayError) {
        let runtime = self.runtime
        if isFull { throw .tooBusy }
        let caller = try await authenticate(call)
        try checkReadable(call)
        var ask = try await scan(try Self.unwrapped(call.request.body, inference.dialect), as: inference)
        call.model = ask.model
        var route = try authorise(caller, ask, runtime)
        call.route = route.route
        // A count tells how long another key's conversation is, and that there is one.
        if ask.previousResponseID != nil { (ask, route) = try await recall(ask, route, call, runtime) }
        // What may not reach a provider may not be counted by one.
        ask = try await guardBefore(ask, call, runtime)
        var journey = RequestJourney(ask.model, by: route, in: runtime.routes, at: call.startedAt)
        guard case .attempt(let attempt) = begin(&journey, at: call.startedAt) else {
            throw .noTarget(model: ask.model)
        }
        // Counting costs nothing, and counts as a request.
        let ceiling = try self.ceiling(of: ask, at: attempt, runtime)
        (ceiling.money, ceiling.tokens, ceiling.isFree) = (.zero, .zero, true)
        let hold = try await self.hold(ceiling, for: caller, runtime, at: call.startedAt)
        let counted = try await count(ask, ceiling, at: attempt, startedAt: hold.heldAt, call, runtime)
        _ = hold.settle(cost: .zero, tokens: .zero)
        if call.request.clientIsGone {
            call.end = .clientGone
            call.request.finish()
            return
        }
        var (tokens, source) = (counted ?? ask.toldTokenEstimate, counted == nil ? "estimate" : "provider")
        if counted == nil, let own = try await countHere(ask, attempt.route.tokenizer) {
            (tokens, source) = (own, "tokenizer")
        }
        answerJSON(
            call, TokenCountBody.answer(tokens, in: inference.dialect), headers: ["x-tollgate-token-count: \(source)"])
    }

    /// Counts with the model's tokenizer, beside the loop: a megabyte takes about a tenth of a second.
    ///
    /// - Returns: nil where the model has none, and where a part of the input is not in the request.
    private func countHere(_ ask: ClientRequest, _ tokenizer: Tokenizer?) async throws(GatewayError) -> Int64? {
        guard let tokenizer, !ask.refersToStoredInput else { return nil }
        do throws(RequestError) {
            let conversation = try await read(ask)
            return Int64(await gateway.aside { tokenizer.encoding.count(conversation) })
        } catch {
            throw GatewayError(error)
        }
    }

    /// The request whose tokens are to be counted, where it stands within the body: always in Bedrock's
    /// `{"input": {"converse": {…}}}`, and in Google's other form, `{"generateContentRequest": {…}}`.
    private static func unwrapped(_ body: [UInt8], _ dialect: Dialect) throws(GatewayError) -> [UInt8] {
        let inner = body.withUnsafeBytes { bytes -> [UInt8]? in
            guard let whole = JSONView(unchecked: bytes), whole.kind == .object else { return body }
            let inner =
                switch dialect {
                case .generateContent: whole.present("generateContentRequest")
                case .converse: whole.present("input")?.present("converse")
                default: whole
                }
            guard let inner, inner.kind == .object else { return dialect == .converse ? nil : body }
            return Array(inner.raw)
        }
        if let inner { return inner }
        throw GatewayError(
            RequestError(
                message: "Invalid 'input': tokens are counted of 'input.converse', an object with 'messages'.",
                param: "input", code: "invalid_value"))
    }

    /// Asks the provider. nil where it cannot say, or did not.
    ///
    /// - Throws: what the provider finds wrong with the request, and what keeps a call from being made at all.
    private func count(
        _ ask: ClientRequest, _ ceiling: Ceiling, at attempt: RequestJourney.Attempt, startedAt: Timestamp,
        _ call: Call,
        _ runtime: Runtime
    ) async throws(GatewayError) -> Int64? {
        guard !isEnding, let credential = runtime.upstream(for: attempt.target)?.credentials.current,
            let (dialect, url, body) = try await countBody(of: ask, at: attempt, runtime)
        else { return nil }
        let template = TransferTemplate(
            url: url, headers: credential.headers(for: dialect), guarding: runtime.egress,
            connectTimer: attempt.timers.connect)
        var headers = versionHeaders(of: dialect, at: attempt.target, dialect == ask.dialect ? call : nil)
        // Tools and blocks of a beta are counted only where the beta is named.
        headers += betaHeaders(of: dialect, at: attempt.target, call)
        do throws(PassageError) {
            headers += try signature(of: url, body, in: dialect, at: attempt.target, credential)
        } catch {
            guard case .refused(let error) = error else { return nil }
            throw GatewayError(error)
        }
        var record = self.record(of: attempt, ask, ceiling, startedAt: startedAt, call)
        (record.tokens, record.cost) = (AttemptTokens(.zero), .zero)
        do throws(JournalError) { try journal?.attemptOpened(&record, at: startedAt) } catch { throw .ledgerAway }
        call.attempt = attempt
        call.attempts += 1
        let sentAt = MonotonicTime.read()
        let exchange = client.send(
            TransferRequest(
                template,
                headers: headers, body: body, clientRequestID: record.id.rawValue, bodyBytesMax: 1 << 20,
                timers: TransferTimers(
                    firstByte: attempt.timers.firstByte, idle: attempt.timers.idle, total: attempt.timers.total),
                asksToBegin: true))
        call.request.whenClientGoes { exchange.interrupt() }
        let trip: Trip
        var counted: Int64?
        var isClients = false
        do throws(TransferError) {
            let answer = try await exchange.whole()
            let status = exchange.answer.status
            if (200..<300).contains(status) {
                counted = (try? JSON.read(answer)).flatMap { TokenCountBody.count(in: $0, of: dialect) }
                trip =
                    counted == nil
                    ? Trip(malformed: "it holds no count", status)
                    : Trip(outcome: .succeeded, end: .complete, status: status)
            } else {
                let error = self.error(in: answer, exchange.answer)
                trip = refused(exchange.answer, error, status: status, nil, runtime)
                // Bedrock counts for some models only.
                let isUncounted = dialect == .converse && error.message.contains("counting tokens")
                isClients = (status == 400 || status == 413) && dialect == ask.dialect && !isUncounted
            }
        } catch {
            let hasLeft = error == .cancelled && call.request.clientIsGone
            trip = hasLeft ? Trip(outcome: .clientGone, end: .clientGone) : Trip(failed: error, exchange)
        }
        exchange.cancel()
        call.upstreamTime += MonotonicTime.read() - sentAt
        trip.source = .provider
        close(&record, trip, exchange, startedAt: startedAt)
        if trip.isWithheld { throw told(trip, call) }
        metrics?.attemptEnded(attempt, trip, firstToken: nil)
        if isClients { throw told(trip, call) }
        return counted
    }

    private func countURL(for dialect: Dialect, at attempt: RequestJourney.Attempt) -> String? {
        let target = attempt.target
        return target.provider.countURL(for: dialect, model: attempt.upstreamModel, version: target.apiVersion)
    }

    /// The body that asks and where it goes, in the client's dialect where the provider speaks it, else in the provider's
    /// own. nil where the provider cannot count.
    private func countBody(
        of ask: ClientRequest, at attempt: RequestJourney.Attempt, _ runtime: Runtime
    ) async throws(GatewayError) -> (dialect: Dialect, url: String, body: [UInt8])? {
        let provider = attempt.target.provider
        let model = attempt.upstreamModel
        var facts = facts(of: attempt, provider.targetFacts(model: model))
        if ask.dialect != .generateContent, let url = countURL(for: ask.dialect, at: attempt),
            !ask.needsRewriting(for: facts)
        {
            let body = ask.upstreamBody(model: model, addIncludeUsage: false, cap: nil, capName: "max_tokens")
            return (ask.dialect, url, TokenCountBody.wrapped(body, in: ask.dialect))
        }
        do throws(RequestError) {
            let conversation = try await read(ask)
            let own = provider.paths[ask.dialect] == nil ? nil : ask.dialect
            guard let dialect = own ?? provider.translationDialect(for: conversation, facts: facts),
                let codec = dialect.codec,
                let url = countURL(for: dialect, at: attempt)
            else { return nil }
            facts.maxOutputTokens = Int64(runtime.settings.defaultMaxOutputTokens)
            var losses = LossReport()
            let request = try codec.writtenRequest(conversation, for: facts, &losses)
            return (
                dialect, url,
                TokenCountBody.request(request, in: dialect, model: model, isVertex: provider.isVertex).serialized()
            )
        } catch {
            throw GatewayError(error)
        }
    }
}

/// The bodies of the calls that count tokens.
enum TokenCountBody {
    /// What of a request for an answer a request for its count may hold.
    ///
    /// Source: https://docs.claude.com/en/api/messages-count-tokens, https://ai.google.dev/api/tokens,
    /// https://platform.openai.com/docs/api-reference/responses/input-tokens and botocore 1.44.8, `CountTokens` of
    /// bedrock-runtime (read on 2026-11-29).
    static func request(_ request: JSON, in dialect: Dialect, model: String, isVertex: Bool) -> JSON {
        let kept: Set<String>
        switch dialect {
        case .messages:
            kept = [
                "model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "mcp_servers",
                "context_management", "cache_control",
            ]
        case .responses:
            kept = [
                "model", "input", "instructions", "tools", "tool_choice", "reasoning", "text", "parallel_tool_calls",
                "truncation", "previous_response_id", "conversation",
            ]
        case .converse: kept = ["messages", "system", "toolConfig", "additionalModelRequestFields"]
        case .generateContent where isVertex: kept = ["contents", "systemInstruction", "tools", "generationConfig"]
        default:
            var inner = request
            inner["model"] = .string("models/\(model)")
            return ["generateContentRequest": inner]
        }
        let body: JSON = .object(
            JSONObject((request.object ?? [:]).filter { kept.contains($0.key) }.map { ($0.key, $0.value) }))
        return dialect == .converse ? ["input": ["converse": body]] : body
    }

    /// A client's own request as its dialect's provider wants it.
    static func wrapped(_ body: [UInt8], in dialect: Dialect) -> [UInt8] {
        dialect == .converse ? Array(#"{"input":{"converse":"#.utf8) + body + Array("}}".utf8) : body
    }

    static func count(in answer: JSON, of dialect: Dialect) -> Int64? { answer[member(of: dialect)]?.int }

    private static func member(of dialect: Dialect) -> String {
        switch dialect {
        case .generateContent: "totalTokens"
        case .converse: "inputTokens"
        default: "input_tokens"
        }
    }

    static func answer(_ tokens: Int64, in dialect: Dialect) -> [UInt8] {
        let body: JSON =
            dialect == .responses
            ? ResponsesAnswers.inputTokens(tokens) : .object(JSONObject(member(of: dialect), .int(tokens)))
        return body.serialized()
    }
}
