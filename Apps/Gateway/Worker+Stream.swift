import FastCGI
import Guardrails
import JSONText
import Routing
import Transfer
import Units
import WireFormats

// A provider's streamed answer. The status line is withheld until the first event, so that a failure before it can still
// be tried elsewhere; after it every chunk is forwarded when it arrives, and a failure ends the stream with an error event.

extension Worker {
    func stream(
        _ exchange: Exchange, _ attempt: RequestJourney.Attempt, _ ask: OpenAIRequest, _ ceiling: Ceiling,
        _ call: Call, _ runtime: Runtime
    ) async -> Trip {
        var relay = StreamRelay(
            hidesUsage: !ask.includeUsage, guardrails: runtime.guardrails.answer, scrubber: runtime.scrubber,
            eventBytesMax: runtime.settings.limits.eventBytes)
        var failure: TransferError?
        do throws(TransferError) {
            while let piece = try await exchange.next() {
                if call.firstByteOnClock == nil || !call.request.hasBegun {
                    noteFirstByte(exchange, call)
                    if let trip = await notAStream(exchange, piece, attempt, runtime) { return trip }
                }
                let out = relay.take(piece, clientHasSome: call.request.hasBegun)
                if relay.isRefused { break }
                if relay.failedBeforeContent, !call.request.hasBegun {
                    return errorInsteadOfStream(relay, exchange, attempt, runtime)
                }
                send(out, exchange, call, runtime)
                if call.request.isBackedUp { await call.request.writable() }
                if relay.isStopped { break }
            }
        } catch {
            failure = error
        }
        if failure == .cancelled, call.request.clientIsGone {
            return await withoutClient(exchange, &relay, attempt, ask)
        }
        if failure == nil, !call.request.hasBegun, !(200..<300).contains(exchange.answer.status) {
            // An error status without a body.
            return refused(exchange.answer, [], attempt, runtime)
        }
        if failure == nil, !relay.isRefused { send(relay.finish(), exchange, call, runtime) }
        return ended(relay, failure, exchange, ask, call)
    }

    /// Whatever is no event stream is no success: an error status with its body, or a wrong content type.
    private func notAStream(
        _ exchange: Exchange, _ firstPiece: [UInt8], _ attempt: RequestJourney.Attempt, _ runtime: Runtime
    ) async -> Trip? {
        let head = exchange.answer
        if (200..<300).contains(head.status) {
            if head.value(of: "content-type")?.contains("text/event-stream") == true { return nil }
            return Trip(malformed: "its content type is not text/event-stream", head.status)
        }
        var body = firstPiece
        do throws(TransferError) {
            while body.count < 1 << 20, let piece = try await exchange.next() { body += piece }
        } catch {
            // The status is known; a cut error text changes nothing.
        }
        return refused(head, body, attempt, runtime)
    }

    @inline(never)
    private func errorInsteadOfStream(
        _ relay: StreamRelay, _ exchange: Exchange, _ attempt: RequestJourney.Attempt, _ runtime: Runtime
    ) -> Trip {
        let data = relay.errorData
        let error = data.withUnsafeBytes { OpenAIReply.error(in: $0, callFailed: true) }
        let status = error?.code.flatMap { Int($0) }.flatMap { (400...599).contains($0) ? $0 : nil } ?? 502
        return refused(exchange.answer, data, status: status, attempt, runtime)
    }

    @inline(never)
    private func send(_ out: [UInt8], _ exchange: Exchange, _ call: Call, _ runtime: Runtime) {
        guard !out.isEmpty else { return }
        if !call.request.hasBegun {
            call.status = exchange.answer.status
            call.request.begin(
                status: exchange.answer.status, headers: head(of: call, from: exchange.answer, isStream: true, runtime))
        }
        call.request.write(out)
    }

    /// The client left in the middle: the stream is read to its end for its usage, or cancelled and estimated.
    private func withoutClient(
        _ exchange: Exchange, _ relay: inout StreamRelay, _ attempt: RequestJourney.Attempt, _ ask: OpenAIRequest
    ) async -> Trip {
        let trip = Trip(outcome: .clientGone, end: .clientGone, status: exchange.answer.status)
        if attempt.route.onClientGone == .drain {
            exchange.resumeReading()
            trip.isDrained = true
            do throws(TransferError) {
                while let piece = try await exchange.next() { _ = relay.take(piece, clientHasSome: true) }
                _ = relay.finish()
            } catch {
                // What came until then is what can be known.
            }
        }
        exchange.cancel()
        trip.usage = relay.stream.usage ?? estimate(of: relay, ask)
        trip.source = relay.stream.usage == nil ? .estimated : .provider
        return trip
    }

    /// The end of a stream whose client is still there.
    @inline(never)
    private func ended(
        _ relay: StreamRelay, _ failure: TransferError?, _ exchange: Exchange, _ ask: OpenAIRequest, _ call: Call
    ) -> Trip {
        let stream = relay.stream
        let trip = Trip(outcome: .succeeded, end: .complete, status: exchange.answer.status)
        trip.usage = stream.usage
        trip.source = stream.usage == nil ? .estimated : .provider
        trip.answer = .streamed
        if let finding = relay.refusal {
            call.guardrailFindings.append(finding.description)
            trip.end = .refused
            if trip.usage == nil { trip.usage = estimate(of: relay, ask) }
            breakOff(trip, .guardrail(finding, inAnswer: true), call)
            return trip
        }
        call.guardrailFindings += relay.findings.map(\.description)
        if failure == nil, stream.isComplete, !stream.sawError {
            if trip.usage == nil { trip.usage = estimate(of: relay, ask) }
            return trip
        }
        if !call.request.hasBegun {
            // Nothing reached the client: whoever is next may answer as if nothing had been.
            let failed = Trip(failed: failure ?? .cut("the stream ended early"), exchange)
            failed.usage = stream.usage
            failed.source = trip.source
            return failed
        }
        if trip.usage == nil { trip.usage = estimate(of: relay, ask) }
        trip.outcome = .brokeOff
        trip.end = .upstreamError
        if case .timeout = failure { trip.end = .timeout }
        if !stream.sawError { breakOff(trip, Self.error(for: failure), call) }
        return trip
    }

    private static func error(for failure: TransferError?) -> GatewayError {
        switch failure {
        case .timeout(let timer): .upstreamTimeout(timer.rawValue)
        default: .upstreamBroken("the stream ended before it was complete")
        }
    }

    /// Tells a client that has begun to read that there is no more: an error event, and no `[DONE]`.
    @inline(never)
    private func breakOff(_ trip: Trip, _ error: GatewayError, _ call: Call) {
        call.error = error
        if call.request.hasBegun {
            call.request.write(error.body(for: call).openAIEvent())
            trip.answer = .streamed
        } else {
            trip.answer = .failure(error)
        }
    }

    /// A stream that ended without its figures: each chunk is taken for a token, or four bytes of text, what is more.
    @inline(never)
    private func estimate(of relay: StreamRelay, _ ask: OpenAIRequest) -> TokenUsage {
        Self.estimate(of: ask, outputTokens: max(relay.stream.contentChunks, (relay.stream.textBytes + 3) / 4))
    }
}
