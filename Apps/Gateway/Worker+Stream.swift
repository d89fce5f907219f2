import EventLoop
import FastCGI
import Guardrails
import Routing
import Transfer
import Units
import WireFormats

// A provider's streamed answer. The status line is withheld until the first event, so that a failure before it can still
// be tried elsewhere; after it every chunk is forwarded when it arrives, and a failure ends the stream with an error event.

extension Worker {
    func stream(
        _ exchange: Exchange, _ passage: Passage, _ attempt: RequestJourney.Attempt, _ ask: ClientRequest,
        _ call: Call, _ runtime: Runtime
    ) async -> Trip {
        let relay = relay(for: passage, ask, call, runtime)
        var failure: TransferError?
        var isKnownToStream = false
        var hasBegun = false
        do throws(TransferError) {
            while let piece = try await exchange.next() {
                if !isKnownToStream {
                    isKnownToStream = true
                    if let trip = await notAStream(exchange, piece, passage, runtime) { return trip }
                }
                hasBegun = hasBegun || !Self.isKeepAlive(piece)
                let out = relay.take(piece, clientHasSome: call.hasContent)
                if relay.refusal != nil { break }
                if let error = relay.earlyError {
                    return refused(error, relay, exchange, passage, call, runtime)
                }
                keep(relay, passage, ask, attempt, call, runtime)
                send(out, exchange, passage, call, runtime)
                if call.request.isBackedUp { await call.request.writable() }
                if relay.fault != nil { break }
            }
        } catch {
            failure = error
        }
        if failure == .cancelled, call.request.clientIsGone {
            let trip = await withoutClient(exchange, relay, passage, hasBegun: hasBegun, attempt, ask, call)
            if let error = relay.error { note(error, trip, passage, call, runtime) }
            noteUnfinished(trip, relay)
            return trip
        }
        if failure == nil, !call.hasContent, !(200..<300).contains(exchange.answer.status) {
            // An error status without a body.
            return refused(exchange.answer, [], passage, runtime)
        }
        if failure == nil, relay.refusal == nil, relay.fault == nil {
            let out = relay.finish(clientHasSome: call.hasContent)
            if let error = relay.earlyError {
                return refused(error, relay, exchange, passage, call, runtime)
            }
            keep(relay, passage, ask, attempt, call, runtime)
            send(out, exchange, passage, call, runtime)
        }
        let trip = ended(relay, failure, exchange, passage, hasBegun: hasBegun, ask, call, runtime)
        if call.hasContent || relay.refusal != nil { noteUnfinished(trip, relay) }
        return trip
    }

    /// A stream of an answer in the background that ended before the answer did: the provider goes on with it.
    private func noteUnfinished(_ trip: Trip, _ relay: AnswerRelay) {
        guard relay.isInBackground, !relay.isComplete, relay.error == nil, let id = relay.responseID else { return }
        trip.unfinishedID = id
    }

    /// What follows this stream.
    @inline(never)
    private func relay(
        for passage: Passage, _ ask: ClientRequest, _ call: Call, _ runtime: Runtime
    ) -> AnswerRelay {
        let eventBytesMax = runtime.settings.limits.eventBytes
        if let translation = passage.translation {
            return TranslatingRelay(
                from: translation.provider, framing: passage.framing, to: translation.client,
                context: translation.context, inputTokenEstimate: ask.inputTokenEstimate,
                guardrails: runtime.guardrails.answer, frameBytesMax: eventBytesMax
            ) { error in
                let error = GatewayError(
                    error, status: Self.status(of: error), runtime.scrubber, translatedFrom: passage.origin)
                return (error.body, error.status(for: translation.client.dialect))
            }
        }
        if OpenAIEndpoint(passage.dialect) != nil {
            return PassingRelay(
                StreamRelay(
                    hidesUsage: !ask.includeUsage, guardrails: runtime.guardrails.answer, scrubber: runtime.scrubber,
                    eventBytesMax: eventBytesMax))
        }
        return DialectRelay(
            passage.dialect, scrubber: runtime.scrubber, eventBytesMax: eventBytesMax, requestID: call.id,
            asArray: ask.inference.streamsAsArray)
    }

    /// Writes down the error with which a provider ended a stream.
    @inline(never)
    private func note(
        _ error: ProviderError, _ trip: Trip, _ passage: Passage, _ call: Call, _ runtime: Runtime
    ) {
        let told = GatewayError(
            error, status: Self.status(of: error), runtime.scrubber, translatedFrom: passage.origin)
        call.error = told
        trip.streamError = told
    }

    /// A Responses answer is kept before its end goes out.
    @inline(never)
    private func keep(
        _ relay: AnswerRelay, _ passage: Passage, _ ask: ClientRequest, _ attempt: RequestJourney.Attempt, _ call: Call,
        _ runtime: Runtime
    ) {
        guard ask.dialect == .responses, !call.isKept, relay.isComplete || relay.responseID != nil else { return }
        keepResponse(
            relay.isComplete ? relay.wholeAnswer : nil, id: relay.responseID, passage, ask, attempt, call, runtime)
    }

    /// The status that an error inside a stream stands for.
    static func status(of error: ProviderError) -> Int {
        if let status = error.code.flatMap({ Int($0) }), (400...599).contains(status) { return status }
        return error.kind.status(for: .chatCompletions, provider: 502)
    }

    /// Comments alone, with which a provider that is not ready keeps the connection open.
    private static func isKeepAlive(_ piece: [UInt8]) -> Bool {
        guard piece.first == UInt8(ascii: ":") else { return false }
        return piece.split(separator: UInt8(ascii: "\n")).allSatisfy { line in
            line.first == UInt8(ascii: ":") || line.first == UInt8(ascii: "\r")
        }
    }

    /// An error event before any of the answer went out. It costs what the stream had told until then.
    @inline(never)
    private func refused(
        _ error: ProviderError, _ relay: AnswerRelay, _ exchange: Exchange, _ passage: Passage, _ call: Call,
        _ runtime: Runtime
    ) -> Trip {
        let trip = refused(exchange.answer, error, status: Self.status(of: error), passage, runtime)
        takeFigures(of: relay, into: trip, call)
        return trip
    }

    /// Whatever is no event stream is no success: an error status with its body, or a wrong content type.
    private func notAStream(
        _ exchange: Exchange, _ firstPiece: [UInt8], _ passage: Passage, _ runtime: Runtime
    ) async -> Trip? {
        let head = exchange.answer
        if isStream(head, passage.framing) { return nil }
        if (200..<300).contains(head.status) {
            return Trip(malformed: "its content type is not \(passage.framing.contentType)", head.status)
        }
        var body = firstPiece
        do throws(TransferError) {
            while body.count < 1 << 20, let piece = try await exchange.next() { body += piece }
        } catch {
            // The status is known; a cut error text changes nothing.
        }
        return refused(head, body, passage, runtime)
    }

    /// A success, and by its own word a stream of that kind.
    func isStream(_ head: TransferHead, _ framing: StreamFraming = .sse) -> Bool {
        (200..<300).contains(head.status) && head.value(of: "content-type")?.contains(framing.contentType) == true
    }

    /// Keeps the connection of a stream open that waits for its first token, with a comment now and then: balancers end
    /// what is silent for a minute. The status is given then; the answer can still come from anybody.
    func keepOpen(_ call: Call, _ ask: ClientRequest, _ runtime: Runtime) {
        let interval = runtime.settings.gateway.keepAlive
        guard ask.stream, interval > .zero, let keepAlive = ask.dialect.keepAlive else { return }
        let timer = LoopTimer { [unowned self, unowned call] in
            guard !call.hasContent, !call.request.clientIsGone, let timer = call.keepAlive else { return }
            if !call.request.hasBegun {
                call.status = 200
                let head = head(
                    of: call, from: TransferHead(), isStream: true, runtime, contentType: call.streamContentType)
                head.withBytes { call.request.begin(status: 200, headers: $0) }
            }
            call.request.write(
                UnsafeRawBufferPointer(start: keepAlive.utf8Start, count: keepAlive.utf8CodeUnitCount))
            loop.schedule(timer, after: interval)
        }
        call.keepAlive = timer
        loop.schedule(timer, after: interval)
    }

    func stopKeepingOpen(_ call: Call) {
        guard let timer = call.keepAlive else { return }
        loop.cancel(timer)
        call.keepAlive = nil
    }

    @inline(never)
    private func send(_ out: [UInt8], _ exchange: Exchange, _ passage: Passage, _ call: Call, _ runtime: Runtime) {
        guard !out.isEmpty else { return }
        if !call.hasContent {
            call.hasContent = true
            call.firstByteOnClock = .read()
            stopKeepingOpen(call)
            call.status = exchange.answer.status
            if !call.request.hasBegun {
                let head = head(of: call, from: exchange.answer, isStream: true, runtime)
                head.withBytes { call.request.begin(status: exchange.answer.status, headers: $0) }
            }
        }
        call.request.write(out)
    }

    /// The client left in the middle: the stream is read to its end for its usage, or cancelled and estimated.
    ///
    /// - Parameter hasBegun: more of it came than comments, before the client left.
    private func withoutClient(
        _ exchange: Exchange, _ relay: AnswerRelay, _ passage: Passage, hasBegun: Bool,
        _ attempt: RequestJourney.Attempt, _ ask: ClientRequest, _ call: Call
    ) async -> Trip {
        let trip = Trip(outcome: .clientGone, end: .clientGone)
        var hasBegun = hasBegun
        if attempt.route.onClientGone == .drain {
            exchange.resumeReading()
            trip.isDrained = true
            // As if the client were there: a refusal is the same one without it.
            var hasSome = call.hasContent
            do throws(TransferError) {
                while let piece = try await exchange.next() {
                    hasBegun = hasBegun || !Self.isKeepAlive(piece)
                    if !relay.take(piece, clientHasSome: hasSome).isEmpty { hasSome = true }
                }
                _ = relay.finish(clientHasSome: hasSome)
            } catch {
                // What came until then is what can be known.
            }
        }
        exchange.cancel()
        noteFindings(of: relay, call)
        trip.status = relay.earlyError.map { Self.status(of: $0) } ?? exchange.answer.status
        takeFigures(of: relay, into: trip, call)
        // What was refused costs nothing more, nor what was waited for to its end and never began. Of a call that was
        // cancelled nobody knows whether it would have: the status is 0 where the provider had not begun to answer.
        let isCharged =
            trip.status < 300 && (!trip.isDrained || (hasBegun && isStream(exchange.answer, passage.framing)))
        if trip.usage == nil, isCharged { trip.usage = estimate(of: relay, ask) }
        return trip
    }

    /// What rules did to what the client has of an answer, or would have if it were there.
    func noteFindings(of relay: AnswerRelay, _ call: Call) {
        if call.hasContent { call.note(relay.findings, on: .answer) }
        if let refusal = relay.refusal { call.note([refusal], on: .answer) }
    }

    /// What the stream told of its usage. Where it broke off before it told of its output (Messages tells of one token first,
    /// Google of none), that counts as it was seen.
    private func takeFigures(of relay: AnswerRelay, into trip: Trip, _ call: Call) {
        guard var usage = relay.usage?.believed(in: call.id) else { return }
        trip.usage = usage
        trip.source = .provider
        let seen = TokenCount(Int64(relay.estimatedOutputTokens))
        guard relay.usageIsOfBeginning || (usage.output == .zero && seen > .zero && !relay.isComplete) else { return }
        usage.output = max(usage.output, seen)
        trip.usage = usage
        trip.source = .estimated
    }

    /// The end of a stream whose client is still there.
    ///
    /// - Parameter hasBegun: more of it came than comments. Then the provider bills it, whatever becomes of it.
    @inline(never)
    private func ended(
        _ relay: AnswerRelay, _ failure: TransferError?, _ exchange: Exchange, _ passage: Passage, hasBegun: Bool,
        _ ask: ClientRequest, _ call: Call, _ runtime: Runtime
    ) -> Trip {
        call.losses.add(relay.losses)
        let trip = Trip(outcome: .succeeded, end: .complete, status: exchange.answer.status)
        takeFigures(of: relay, into: trip, call)
        trip.answer = .streamed
        noteFindings(of: relay, call)
        if let finding = relay.refusal {
            trip.end = .refused
            if trip.usage == nil { trip.usage = estimate(of: relay, ask) }
            breakOff(trip, .guardrail(finding, inAnswer: true), relay, call)
            return trip
        }
        if !call.hasContent {
            // Nothing reached the client: whoever is next may answer as if nothing had been.
            let failed =
                relay.fault.map { Trip(malformed: $0, exchange.answer.status) }
                ?? Trip(failed: failure ?? .cut("the stream ended early"), exchange)
            failed.usage = trip.usage ?? (hasBegun ? estimate(of: relay, ask) : nil)
            failed.source = trip.source
            return failed
        }
        if trip.usage == nil { trip.usage = estimate(of: relay, ask) }
        if relay.isWhole(failure) { return trip }
        trip.outcome = .brokeOff
        trip.end = .upstreamError
        if case .timeout = failure { trip.end = .timeout }
        if let error = relay.error {
            note(error, trip, passage, call, runtime)
        } else {
            breakOff(trip, Self.error(for: failure, relay), relay, call)
        }
        return trip
    }

    static func error(for failure: TransferError?, _ relay: AnswerRelay) -> GatewayError {
        switch failure {
        case .timeout(let timer): .upstreamTimeout(timer.rawValue)
        default: .upstreamBroken(relay.fault ?? "the stream ended before it was complete")
        }
    }

    /// Tells a client that has begun to read that there is no more: an error event, and no `[DONE]`.
    @inline(never)
    private func breakOff(_ trip: Trip, _ error: GatewayError, _ relay: AnswerRelay, _ call: Call) {
        call.error = error
        if call.hasContent {
            call.request.write(relay.failure(error.body, status: error.status))
            trip.answer = .streamed
            trip.streamError = error
        } else {
            trip.answer = .failure(error)
        }
    }

    /// A stream that ended without its figures.
    @inline(never)
    private func estimate(of relay: AnswerRelay, _ ask: ClientRequest) -> TokenUsage {
        Self.estimate(of: ask, outputTokens: relay.estimatedOutputTokens)
    }
}
