import Budgets
import EventLoop
import Guardrails
import Logging
import Routing
import ServerProcess
import Transfer
import Units
import WireFormats

/// What one call to a provider came to. An object, because a frame of an async function keeps room for every copy of a
/// value in it, as long as the stream is open.
final class Trip {
    var outcome: Outcome
    var usage: TokenUsage?
    var source = UsageSource.estimated
    var cost = NanoUSD.zero
    var end = AttemptEnd.upstreamError
    var status = 0
    /// The client had gone, and the answer was read to its end for its figures.
    var isDrained = false
    /// The provider is still making the answer, which has this id there; what it uses is not known yet.
    var unfinishedID: String?
    /// It was never sent: it could not be written down.
    var isWithheld = false
    /// For the client, should this be the last attempt: the provider's whole answer, or what to say instead.
    var answer = Answer.none
    /// What the rules for answers found in the provider's error, should ``answer`` be that.
    var errorFindings: [Finding] = []
    /// With what a stream was ended, by the provider or by us, of which the client has a part.
    var streamError: GatewayError?

    /// ``usage`` as the ledger has it.
    var tokens: AttemptTokens { AttemptTokens(usage ?? .zero) }

    /// What the client was told of this attempt, should it be the last.
    var error: GatewayError? {
        if case .failure(let error) = answer { error } else { streamError }
    }

    init(outcome: Outcome, end: AttemptEnd = .upstreamError, status: Int = 0, answer: Answer = .none) {
        self.outcome = outcome
        self.end = end
        self.status = status
        self.answer = answer
    }

    enum Answer {
        /// Nothing is left to say: the client has gone, or its stream was ended in place.
        case none
        case whole(status: Int, head: TransferHead, body: [UInt8])
        /// A stream whose last bytes are out but for its end.
        case streamed
        case failure(GatewayError)
    }
}

// The way from target to target. Every attempt is journalled before it is sent and when it has ended, whatever its end.

extension Worker {
    @inline(never)
    func begin(_ journey: inout RequestJourney, at now: Timestamp) -> RequestJourney.Step {
        gateway.router.begin(&journey, at: now, random: &random)
    }

    /// Asks one target after the other until one has answered or nobody is left, settles the money, and answers.
    func travel(
        _ journey: inout RequestJourney, from first: RequestJourney.Attempt, _ ask: ClientRequest,
        _ firstCeiling: Ceiling, _ hold: consuming Hold, _ call: Call, _ runtime: Runtime
    ) async throws(GatewayError) {
        var attempt = first
        var ceiling = firstCeiling
        var startedAt = hold.heldAt
        while true {
            if attempt.after > .zero {
                await loop.sleep(for: attempt.after)
                call.upstreamTime += attempt.after
            }
            if call.request.clientIsGone {
                _ = ended(&journey, .clientGone)
                call.end = .clientGone
                call.request.finish()
                return
            }
            call.attempt = attempt
            call.attempts += 1
            // Until it is sent, nothing that becomes of it is the provider's doing.
            call.end = .refused
            call.isCostKnown = false
            call.losses = LossReport()
            let trip = try await self.attempt(attempt, ask, ceiling, startedAt: startedAt, call, runtime)
            call.add(trip)
            let tokens = trip.usage?.total ?? .zero
            switch ended(&journey, trip.outcome) {
            case .finished:
                noteOverrun(hold.settle(cost: trip.cost, tokens: tokens), call)
                answer(trip, call, runtime)
                return
            case .giveUp(let reason):
                noteOverrun(hold.settle(cost: trip.cost, tokens: tokens), call)
                try giveUp(reason, trip, call, runtime)
                return
            case .attempt(let next):
                noteOverrun(hold.charge(cost: trip.cost, tokens: tokens), call)
                ceiling = try self.ceiling(of: ask, at: next, runtime)
                do throws(BudgetError) {
                    startedAt = try hold.extend(to: ceiling.money, tokens: ceiling.tokens, at: .now())
                } catch {
                    guard case .exhausted(let refusal) = error else { throw .storeAway }
                    metrics?.refused(refusal)
                    throw GatewayError(refusal, holding: ceiling, of: call.key, at: .now())
                }
                attempt = next
            }
        }
    }

    @inline(never)
    private func ended(_ journey: inout RequestJourney, _ outcome: Outcome) -> RequestJourney.Step {
        gateway.router.attemptEnded(&journey, with: outcome, at: .now(), random: &random)
    }

    @inline(never)
    private func noteOverrun(_ overrun: Overrun, _ call: Call) {
        guard !overrun.isNone else { return }
        let exceeded = overrun.money == .zero ? "tokens" : overrun.tokens == .zero ? "money" : "money and tokens"
        Log.line(
            "a call used more than was held for it",
            [
                "request_id": call.id, "exceeded": exceeded, "dollars": overrun.money.description,
                "tokens": overrun.tokens.description,
            ])
    }

    @inline(never)
    private func giveUp(
        _ reason: RequestJourney.Reason, _ trip: Trip, _ call: Call, _ runtime: Runtime
    ) throws(GatewayError) {
        switch reason {
        case .relay:
            answer(trip, call, runtime)
        case .outOfService:
            throw .noTarget(model: call.model)
        case .outOfTime(let last):
            if case .failure(let error) = trip.answer, last != nil {
                call.note(trip.errorFindings, on: .answer)
                throw error
            }
            throw .upstreamTimeout("total")
        case .failed:
            answer(trip, call, runtime)
        }
    }

    /// Says to the client what the last attempt came to.
    @inline(never)
    private func answer(_ trip: Trip, _ call: Call, _ runtime: Runtime) {
        switch trip.answer {
        case .none:
            call.request.finish()
        case .streamed:
            call.status = 200
            call.request.finish()
        case .whole(let status, let head, let body):
            call.status = status
            call.firstByteOnClock = .read()
            let lines = self.head(of: call, from: head, isStream: false, runtime)
            lines.withBytes { call.request.respond(status: status, headers: $0, body: body) }
        case .failure(let error):
            call.note(trip.errorFindings, on: .answer)
            refuse(call, with: error)
        }
    }

    // MARK: One attempt

    /// Calls one target. Returns when the provider's answer is read, or will not come.
    ///
    /// - Throws: only where the call could not be written down, and therefore was not made.
    private func attempt(
        _ attempt: RequestJourney.Attempt, _ ask: ClientRequest, _ ceiling: Ceiling, startedAt: Timestamp,
        _ call: Call, _ runtime: Runtime
    ) async throws(GatewayError) -> Trip {
        guard !isEnding else { throw .notReady }
        guard let upstream = runtime.upstream(for: attempt.target) else {
            preconditionFailure("a route's targets are the configuration's own")
        }
        guard let credential = upstream.credentials.current else {
            return Trip(
                outcome: .keyMissing, end: .refused,
                answer: .failure(.providerKeyUnreadable(provider: attempt.target.provider.name)))
        }
        let passage: Passage
        do throws(PassageError) {
            // Mostly the bytes pass, and nothing waits.
            if let passing = try passageOfBytes(for: attempt, ask, ceiling, credential, call, runtime) {
                passage = passing
            } else {
                passage = try await rewrittenPassage(for: attempt, ask, ceiling, credential, call, runtime)
            }
        } catch {
            return self.trip(without: error, ask, attempt)
        }
        if ceiling.money == nil, Self.asksForBackground(ask, passage), hasBudget(call, runtime) {
            return Trip(outcome: .notOffered, end: .refused, answer: .failure(.unpricedInBackground(attempt.model)))
        }
        let open = try send(passage, attempt, ask, ceiling, startedAt: startedAt, call, runtime)
        let trip =
            ask.stream
            ? await stream(open.exchange, passage, attempt, ask, call, runtime)
            : await whole(open.exchange, passage, attempt, ask, call, runtime)
        if let id = trip.unfinishedID {
            open.exchange.cancel()
            answer(trip, call, runtime)
            trip.streamError = trip.error
            trip.answer = .none
            await follow(
                id, trip, attempt, most: TokenUsage(input: ask.inputTokenEstimate, output: ceiling.output), credential,
                call)
        }
        close(open, trip, attempt, ceiling, startedAt: startedAt, call, runtime)
        if trip.isWithheld { throw .ledgerAway }
        return trip
    }

    /// A call of unknown price would hold up others.
    private func hasBudget(_ call: Call, _ runtime: Runtime) -> Bool {
        call.key?.maxBudget != nil || runtime.settings.globalLimits.maxBudget != nil
    }

    /// A call that is written down and under way. An object, for the sake of the frame that keeps it.
    private final class OpenAttempt {
        var record: AttemptRecord
        let exchange: Exchange
        let sentAt: MonotonicTime

        init(_ record: consuming AttemptRecord, _ exchange: Exchange, sentAt: MonotonicTime) {
            self.record = record
            self.exchange = exchange
            self.sentAt = sentAt
        }
    }

    /// Writes an attempt down, then sends it.
    @inline(never)
    private func send(
        _ passage: Passage, _ attempt: RequestJourney.Attempt, _ ask: ClientRequest, _ ceiling: Ceiling,
        startedAt: Timestamp, _ call: Call, _ runtime: Runtime
    ) throws(GatewayError) -> OpenAttempt {
        var record = self.record(of: attempt, ask, ceiling, startedAt: startedAt, call)
        do throws(JournalError) {
            try journal?.attemptOpened(&record, at: startedAt)
        } catch {
            throw .ledgerAway
        }
        let id = record.id.rawValue
        let sentAt = MonotonicTime.read()
        let exchange = client.send(
            TransferRequest(
                passage.template, headers: passage.headers, body: passage.body, clientRequestID: id,
                bodyBytesMax: ask.stream ? .max : runtime.settings.limits.replyBytes,
                timers: TransferTimers(
                    firstByte: attempt.timers.firstByte, idle: attempt.timers.idle, total: attempt.timers.total),
                asksToBegin: true))
        call.request.whenClientGoes { exchange.interrupt() }
        return OpenAttempt(record, exchange, sentAt: sentAt)
    }

    @inline(never)
    private func close(
        _ open: OpenAttempt, _ trip: Trip, _ attempt: RequestJourney.Attempt, _ ceiling: Ceiling, startedAt: Timestamp,
        _ call: Call, _ runtime: Runtime
    ) {
        open.exchange.cancel()
        call.upstreamTime += MonotonicTime.read() - open.sentAt
        price(trip, attempt, ceiling, call, runtime)
        close(&open.record, trip, open.exchange, startedAt: startedAt)
        if !trip.isWithheld {
            metrics?.attemptEnded(attempt, trip, firstToken: timeToFirstToken(open, trip, call))
        }
    }

    /// How long the first of an answer took, where one began: of a stream what the client was given first, of a whole
    /// answer the first byte of its body.
    private func timeToFirstToken(_ open: OpenAttempt, _ trip: Trip, _ call: Call) -> Duration? {
        if call.isStream { return call.firstByteOnClock.map { $0 - open.sentAt } }
        return if case .succeeded = trip.outcome { open.exchange.timeToFirstByte } else { nil }
    }

    /// What an attempt comes to for which there is no passage: the next target may have one.
    @inline(never)
    private func trip(
        without error: PassageError, _ ask: ClientRequest, _ attempt: RequestJourney.Attempt
    ) -> Trip {
        switch error {
        case .notOffered:
            Trip(
                outcome: .notOffered, end: .refused,
                answer: .failure(.notSpoken(ask.dialect.rawValue, provider: attempt.target.provider.name)))
        case .refused(let error):
            Trip(outcome: .notOffered, end: .refused, answer: .failure(GatewayError(error)))
        }
    }

    @inline(never)
    private func price(
        _ trip: Trip, _ attempt: RequestJourney.Attempt, _ ceiling: Ceiling, _ call: Call, _ runtime: Runtime
    ) {
        guard var usage = trip.usage else { return }
        // More than it was let, a provider need not have made of an answer that says nothing of it.
        if trip.source == .estimated, usage.output > ceiling.output {
            usage.output = ceiling.output
            usage.reasoning = min(usage.reasoning, usage.output)
            usage.audioOutput = min(usage.audioOutput, usage.output)
            trip.usage = usage
        }
        if attempt.target.provider.reportsCost, let reported = usage.providerReportedCost {
            trip.cost = reported
        } else {
            trip.cost = ceiling.price.cost(of: usage)
            if let others = usage.others { trip.cost = trip.cost + cost(of: others, attempt, ceiling, call, runtime) }
        }
    }

    /// What other models used for the answer, each at its own price. Where nobody states that, the price of the model
    /// that was asked counts: the call is made, and to charge nothing would be wrong for sure.
    @inline(never)
    private func cost(
        of others: [OtherModelUsage], _ attempt: RequestJourney.Attempt, _ ceiling: Ceiling, _ call: Call,
        _ runtime: Runtime
    ) -> NanoUSD {
        var sum = NanoUSD.zero
        for (model, passes) in Dictionary(grouping: others, by: \.model) {
            let price = runtime.routes.price(of: model, at: attempt.target.provider)
            if price == nil {
                Log.line(
                    "a model without a known price had a part in an answer: the price of the one that was asked counts",
                    [
                        "request_id": call.id, "provider": attempt.target.provider.name,
                        "model": String(model.prefix(200)).recorded,
                        "asked": call.recorded(attempt.upstreamModel, by: attempt.route),
                    ])
            }
            for pass in passes { sum = sum + (price?.cost(of: pass.tokens) ?? ceiling.price.cost(of: pass.tokens)) }
        }
        return sum
    }

    // MARK: The ledger's row

    @inline(never)
    func record(
        of attempt: RequestJourney.Attempt, _ ask: ClientRequest, _ ceiling: Ceiling, startedAt: Timestamp,
        _ call: Call
    ) -> AttemptRecord {
        var flags: AttemptFlags = []
        if ask.stream { flags.insert(.stream) }
        if attempt.isFallback { flags.insert(.fallback) }
        if !ceiling.price.isKnown(for: ask.dialect) { flags.insert(.unpriced) }
        // What is charged if this process dies before the attempt ends.
        let estimate = Self.estimate(of: ask, outputTokens: 0)
        return AttemptRecord(
            requestID: call.id, keyID: call.keyID, attemptNumber: attempt.number, flags: flags,
            endpoint: call.endpoint?.name ?? "", model: call.recorded(attempt.model, by: attempt.route),
            provider: attempt.target.provider.name,
            upstreamModel: call.recorded(attempt.upstreamModel, by: attempt.route),
            priceID: ceiling.price.id, user: ask.user, startedAt: startedAt,
            tokens: AttemptTokens(input: estimate.input, output: estimate.output),
            cost: ceiling.price.cost(of: estimate), held: ceiling.money ?? .zero)
    }

    /// The likely usage of a call whose figures never came.
    static func estimate(of ask: ClientRequest, outputTokens: Int) -> TokenUsage {
        TokenUsage(input: ask.inputTokenEstimate, output: TokenCount(Int64(outputTokens)))
    }

    @inline(never)
    func close(_ record: inout AttemptRecord, _ trip: Trip, _ exchange: Exchange, startedAt: Timestamp) {
        record.endedAt = .now()
        record.firstByteAt = exchange.timeToFirstByte.map { startedAt + $0 }
        record.status = trip.status
        record.tokens = trip.tokens
        record.cost = trip.cost
        record.source = trip.source
        record.end = trip.end
        if trip.isDrained { record.flags.insert(.drained) }
        record.errorCode = trip.error?.recordedCode
        journal?.attemptClosed(record)
    }
}

extension AttemptTokens {
    init(_ usage: TokenUsage) {
        self.init(input: usage.input, output: usage.output)
        cachedInput = usage.cachedInput
        cacheWrite5m = usage.cacheWrite5m
        cacheWrite1h = usage.cacheWrite1h
        reasoning = usage.reasoning
        audioInput = usage.audioInput
        audioOutput = usage.audioOutput
    }
}

extension Call {
    func add(_ trip: Trip) {
        usage = trip.usage ?? .zero
        cost = cost + trip.cost
        isCostKnown = true
        end = trip.end
        source = trip.source
    }
}
