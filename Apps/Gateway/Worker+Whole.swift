import Guardrails
import JSONText
import Routing
import Transfer
import Units
import WireFormats

// A provider's whole answer: read to its end before the client sees any of it, so that until then anything that goes
// wrong can be tried again elsewhere.

extension Worker {
    func whole(
        _ exchange: Exchange, _ passage: Passage, _ attempt: RequestJourney.Attempt, _ ask: ClientRequest,
        _ call: Call, _ runtime: Runtime
    ) async -> Trip {
        let body: [UInt8]
        do throws(TransferError) {
            body = try await exchange.whole()
        } catch {
            guard error == .cancelled, call.request.clientIsGone else { return broken(error, exchange, ask) }
            return await withoutClient(exchange, passage, attempt, ask, call)
        }
        if let trip = unusable(body, exchange.answer, passage, runtime) { return trip }
        let trip: Trip
        if let translation = passage.translation {
            // A long one is read and written beside the loop.
            let input = ask.inputTokenEstimate
            let answer =
                body.count > Self.translatedInPlaceBytes
                ? await gateway.aside { TranslatedAnswer.of(body, translation, inputTokenEstimate: input) }
                : TranslatedAnswer.of(body, translation, inputTokenEstimate: input)
            trip = understood(answer, body, exchange.answer, passage, ask, call, runtime)
        } else {
            let document = body.count > Self.sliceBytes ? await scannedInSlices(body) : scanned(body)
            trip = understood(body, document, exchange.answer, passage, ask, call, runtime)
        }
        if !runtime.guardrails.answer.isEmpty, case .whole(_, _, let answer) = trip.answer {
            await guardAnswer(trip, answer, exchange.answer, call, runtime)
        }
        // After the rules: what a client may not see is not kept for it either.
        keepWhole(trip, body, passage, attempt, ask, call, runtime)
        return trip
    }

    /// The client left while the provider was answering: by the route's policy the answer is read to its end for its
    /// usage, or the call is cancelled and estimated.
    private func withoutClient(
        _ exchange: Exchange, _ passage: Passage, _ attempt: RequestJourney.Attempt, _ ask: ClientRequest,
        _ call: Call
    ) async -> Trip {
        let trip = Trip(outcome: .clientGone, end: .clientGone)
        // What is made in the background is not ended by leaving, and answered at once.
        if attempt.route.onClientGone == .drain || Self.asksForBackground(ask, passage) {
            exchange.resumeReading()
            trip.isDrained = true
            do throws(TransferError) {
                let body = try await exchange.whole()
                trip.status = exchange.answer.status
                guard (200..<300).contains(trip.status) else { return trip }
                if let usage = usage(of: body, passage, call) {
                    trip.usage = usage
                    trip.source = .provider
                } else if let id = Self.idOfUnfinished(body, passage) {
                    trip.usage = Self.estimate(of: ask, outputTokens: 0)
                    trip.unfinishedID = id
                }
            } catch {
                // It failed after its client had gone: nothing was delivered, nothing is charged.
            }
            return trip
        }
        exchange.cancel()
        trip.usage = Self.estimate(of: ask, outputTokens: 0)
        return trip
    }

    /// A provider may send more members than a client; deeper than 128 no reader of ours goes.
    private static let replyLimits = JSONLimits(depthMax: 128, membersMax: 10_000, refusesInnerTwins: false)

    /// What is no answer to be read: an error, or no JSON by its own word.
    @inline(never)
    private func unusable(_ body: [UInt8], _ head: TransferHead, _ passage: Passage, _ runtime: Runtime) -> Trip? {
        guard (200..<300).contains(head.status) else { return refused(head, body, passage, runtime) }
        return Self.isAnswer(head) ? nil : Trip(malformed: "its content type is not JSON", head.status)
    }

    /// A success, and JSON by its own word: a provider that has begun one bills it, whatever becomes of it.
    private static func isAnswer(_ head: TransferHead) -> Bool {
        (200..<300).contains(head.status) && head.value(of: "content-type")?.contains("json") == true
    }

    /// An answer that did not come, or not whole.
    @inline(never)
    private func broken(_ error: TransferError, _ exchange: Exchange, _ ask: ClientRequest) -> Trip {
        let trip = Trip(failed: error, exchange)
        if Self.isAnswer(exchange.answer) { trip.usage = Self.estimate(of: ask, outputTokens: 0) }
        return trip
    }

    /// An answer that nobody can read. It costs what it says itself, where that can be found.
    @inline(never)
    private func unreadable(
        _ reason: String, _ body: [UInt8], _ head: TransferHead, _ passage: Passage, _ ask: ClientRequest,
        _ call: Call
    ) -> Trip {
        let trip = Trip(malformed: reason, head.status)
        if let told = usage(of: body, passage, call) {
            trip.usage = told
            trip.source = .provider
        } else if !body.isEmpty {
            trip.usage = Self.estimate(of: ask, outputTokens: (body.count + 3) / 4)
        }
        return trip
    }

    @inline(never)
    private func scanned(_ body: [UInt8]) -> JSONDocument? {
        do throws(JSONScanError) { return try JSONScanner.scan(body, limits: Self.replyLimits) } catch { return nil }
    }

    private func scannedInSlices(_ body: [UInt8]) async -> JSONDocument? {
        do throws(JSONScanError) { return try await scanInSlices(body, Self.replyLimits) } catch { return nil }
    }

    /// A body that passes as it is.
    ///
    /// - Parameter document: nil where it is no JSON.
    @inline(never)
    private func understood(
        _ body: [UInt8], _ document: JSONDocument?, _ head: TransferHead, _ passage: Passage, _ ask: ClientRequest,
        _ call: Call, _ runtime: Runtime
    ) -> Trip {
        guard let document else { return unreadable("its JSON does not parse", body, head, passage, ask, call) }
        let reported =
            OpenAIEndpoint(passage.dialect) != nil
            ? OpenAIReply.usage(in: document, of: body) : DialectReply.usage(fromWhole: body, dialect: passage.dialect)
        if reported == nil, let error = reportedError(in: body, passage) {
            // Some providers say 200 and mean an error.
            return refused(head, error, status: error.code.flatMap { Int($0) } ?? 502, passage, runtime)
        }
        if let error = failure(in: body, document, passage) {
            let trip = refused(head, error, status: Self.status(of: error), passage, runtime)
            charge(reported?.believed(in: call.id), to: trip)
            return trip
        }
        // Whoever reports what was used has answered, be it with nothing: Google does, where it has no candidate.
        guard reported != nil || Self.holdsAnswer(document, body) else {
            return unreadable("it holds no answer", body, head, passage, ask, call)
        }
        let trip = Trip(outcome: .succeeded, end: .complete, status: head.status)
        let usage = reported?.believed(in: call.id)
        trip.usage = usage ?? estimateOfUnreported(body, ask)
        if usage != nil { trip.source = .provider } else { trip.unfinishedID = Self.idOfUnfinished(body, passage) }
        trip.answer = .whole(status: head.status, head: head, body: body)
        return trip
    }

    /// Where an answer is, in one dialect or another: any of them counts, since what passes is the client's to judge.
    private static let answerMembers: [StaticString] = [
        "choices", "content", "output", "candidates", "promptFeedback", "data",
    ]

    private static func holdsAnswer(_ document: JSONDocument, _ body: [UInt8]) -> Bool {
        body.withUnsafeBytes { bytes in
            for name in answerMembers where document.value(name, in: bytes) != nil { return true }
            return false
        }
    }

    /// A body that was written anew for the client.
    @inline(never)
    private func understood(
        _ result: Result<TranslatedAnswer, ReplyError>, _ body: [UInt8], _ head: TransferHead, _ passage: Passage,
        _ ask: ClientRequest, _ call: Call, _ runtime: Runtime
    ) -> Trip {
        switch result {
        case .failure(.malformed(let what)): return unreadable(what, body, head, passage, ask, call)
        case .failure(.failed(let error)):
            let trip = refused(head, error, status: Self.status(of: error), passage, runtime)
            charge(usage(of: body, passage, call), to: trip)
            return trip
        case .success(let answer):
            let trip = Trip(outcome: .succeeded, end: .complete, status: head.status)
            trip.usage = answer.usage
            if answer.isReported {
                trip.source = .provider
            } else {
                trip.unfinishedID = Self.idOfUnfinished(body, passage)
            }
            call.losses.add(answer.losses)
            trip.answer = .whole(status: head.status, head: head, body: answer.body)
            return trip
        }
    }

    /// A Responses answer is kept before the client has it.
    @inline(never)
    private func keepWhole(
        _ trip: Trip, _ body: [UInt8], _ passage: Passage, _ attempt: RequestJourney.Attempt, _ ask: ClientRequest,
        _ call: Call, _ runtime: Runtime
    ) {
        guard ask.dialect == .responses, case .whole(_, _, let final) = trip.answer else { return }
        keepResponse(
            passage.translation == nil ? nil : try? JSON.read(final, maxDepth: JSON.ownDepth),
            id: Self.responseID(in: body, passage), passage, ask, attempt, call, runtime)
    }

    /// What a whole body says that the call used, found in place.
    @inline(never)
    private func usage(of body: [UInt8], _ passage: Passage, _ call: Call) -> TokenUsage? {
        let reported =
            OpenAIEndpoint(passage.dialect) != nil
            ? OpenAIReply.usage(fromWhole: body) : DialectReply.usage(fromWhole: body, dialect: passage.dialect)
        return reported?.believed(in: call.id)
    }

    /// The provider's id of an answer that it keeps.
    private static func responseID(in body: [UInt8], _ passage: Passage) -> String? {
        guard passage.dialect == .responses else { return nil }
        return body.withUnsafeBytes { JSONView(unchecked: $0)?.member("id")?.string }
    }

    @inline(never)
    private func reportedError(in body: [UInt8], _ passage: Passage) -> ProviderError? {
        guard OpenAIEndpoint(passage.dialect) != nil else { return nil }
        return body.withUnsafeBytes { OpenAIReply.error(in: $0) }
    }

    /// The failure that ended the answer, which is no other body's than a provider's of OpenAI's older dialects.
    @inline(never)
    private func failure(in body: [UInt8], _ document: JSONDocument, _ passage: Passage) -> ProviderError? {
        guard OpenAIEndpoint(passage.dialect) != nil else { return nil }
        return body.withUnsafeBytes { OpenAIReply.failure(in: document, of: $0) }
    }

    /// What an answer that failed reports that it used.
    private func charge(_ usage: TokenUsage?, to trip: Trip) {
        guard let usage else { return }
        trip.usage = usage
        trip.source = .provider
    }

    /// A provider that reports no usage: four bytes of text make a token.
    @inline(never)
    private func estimateOfUnreported(_ body: [UInt8], _ ask: ClientRequest) -> TokenUsage {
        guard OpenAIEndpoint(ask.dialect) != nil else {
            let reply = (try? JSON.read(body, names: .ofDialects)).flatMap { try? ask.dialect.codec?.decodeReply($0) }
            return Self.estimate(of: ask, outputTokens: ((reply?.textBytes ?? body.count) + 3) / 4)
        }
        let textBytes = body.withUnsafeBytes { OpenAIReply.texts(in: $0).reduce(0) { $0 + $1.value.count - 2 } }
        return Self.estimate(of: ask, outputTokens: (textBytes + 3) / 4)
    }

    private func guardAnswer(
        _ trip: Trip, _ body: [UInt8], _ head: TransferHead, _ call: Call, _ runtime: Runtime
    ) async {
        switch await inspect(body, with: runtime.guardrails.answer) {
        case .pass:
            break
        case .redacted(let changed, let findings):
            call.note(findings, on: .answer)
            trip.answer = .whole(status: head.status, head: head, body: changed)
        case .refused(let finding):
            call.note([finding], on: .answer)
            trip.answer = .failure(.guardrail(finding, inAnswer: true))
            trip.end = .refused
        }
    }

    // MARK: Refusals

    /// What a provider's error answer means for the next step and for the client.
    ///
    /// - Parameter passage: nil for a question that is asked in the client's own dialect, whichever that is.
    @inline(never)
    func refused(_ head: TransferHead, _ body: [UInt8], _ passage: Passage?, _ runtime: Runtime) -> Trip {
        refused(head, error(in: body, head), status: head.status, passage, runtime)
    }

    func error(in body: [UInt8], _ head: TransferHead) -> ProviderError {
        body.withUnsafeBytes {
            ProviderError.read(from: $0, status: head.status, errorType: head["x-amzn-errortype"])
        }
    }

    /// The same for an error that was read already. It decides as the provider said it; the rules for answers look at
    /// what the client gets.
    @inline(never)
    func refused(
        _ head: TransferHead, _ error: ProviderError, status: Int, _ passage: Passage?, _ runtime: Runtime
    ) -> Trip {
        let refusal = Routing.Refusal(
            status: status,
            retryAfter: RetryAfter.parse(
                header: head["retry-after"], milliseconds: head["retry-after-ms"], delay: error.retryDelay, at: .now()),
            means: error.kind, message: error.message, isAccounts: error.isAccounts)
        let trip = Trip(outcome: .refused(refusal), end: .upstreamError, status: status)
        let origin = passage?.origin
        let (allowed, findings) = ReplyGuard.cleansed(error, by: runtime.guardrails.answer)
        trip.errorFindings = findings
        var told = GatewayError(refusal, allowed, runtime.scrubber, translatedFrom: origin)
        told.providerHead = head
        told.isFinal = told.isFinal || head["x-should-retry"] == "false"
        trip.answer = .failure(told)
        return trip
    }

    /// The error of a question that nobody else is asked: a count, a kept answer.
    func told(_ trip: Trip, _ call: Call) -> GatewayError {
        call.note(trip.errorFindings, on: .answer)
        call.end = trip.end
        return trip.error ?? .upstreamUnreachable
    }
}

/// A provider's whole answer, written for the client.
struct TranslatedAnswer: Sendable {
    let body: [UInt8]
    /// What is billed: the provider's figures, or the estimate. Where the client's dialect demands figures, these.
    let usage: TokenUsage
    /// The provider told the usage.
    let isReported: Bool
    let losses: LossReport

    static func of(
        _ body: [UInt8], _ translation: Passage.Translation, inputTokenEstimate: TokenCount
    ) -> Result<TranslatedAnswer, ReplyError> {
        do throws(ReplyError) {
            let value: JSON
            do throws(JSONError) {
                value = try JSON.read(body, names: .ofDialects)
            } catch {
                throw .malformed("its JSON does not parse")
            }
            var reply = ToolNames(translation.context.request).restored(try translation.provider.decodeReply(value))
            let reported = reply.usage?.tokens.believed(in: translation.context.requestID)
            let usage =
                reported
                ?? TokenUsage(input: inputTokenEstimate, output: TokenCount((reply.textBytes + 3) / 4))
            if reported == nil { reply.usage = translation.client.dialect.answersStateUsage ? Usage(usage) : nil }
            var losses = LossReport()
            let written = translation.client.encodeReply(reply, for: translation.context, &losses)
            return .success(
                TranslatedAnswer(
                    body: written.serialized(), usage: usage, isReported: reported != nil, losses: losses))
        } catch {
            return .failure(error)
        }
    }
}

extension Trip {
    convenience init(malformed reason: String, _ status: Int) {
        self.init(outcome: .malformed, end: .upstreamError, status: status)
        answer = .failure(.upstreamBroken(reason))
    }

    /// A transfer that ended without a whole answer, before the client had any of it.
    convenience init(failed error: TransferError, _ exchange: Exchange) {
        switch error {
        case .connect, .refusedAddress:
            self.init(outcome: .connectFailed)
            answer = .failure(.upstreamUnreachable)
        case .timeout(let timer):
            self.init(outcome: .timedOut(.init(timer)), end: .timeout)
            answer = .failure(.upstreamTimeout(timer.rawValue))
        case .tooLarge:
            self.init(outcome: .malformed)
            answer = .failure(.upstreamBroken("it is larger than 'limits.reply_bytes'"))
        case .headTooLarge:
            self.init(outcome: .malformed)
            answer = .failure(.upstreamHeadTooLarge)
        case .withheld:
            self.init(outcome: .notOffered, end: .refused)
            answer = .failure(.ledgerAway)
            isWithheld = true
        case .cut, .cancelled:
            self.init(outcome: .cutShort)
            answer = .failure(.upstreamBroken("the connection ended before it was complete"))
        }
        status = exchange.answer.status
    }
}

extension Outcome.TimerKind {
    init(_ timer: TransferError.Timer) {
        switch timer {
        case .connect: self = .connect
        case .firstByte: self = .firstByte
        case .idle: self = .idle
        case .total: self = .total
        }
    }
}
