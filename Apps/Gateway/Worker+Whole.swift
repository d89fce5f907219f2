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
        _ exchange: Exchange, _ attempt: RequestJourney.Attempt, _ ask: OpenAIRequest, _ ceiling: Ceiling,
        _ call: Call, _ runtime: Runtime
    ) async -> Trip {
        do throws(TransferError) {
            let body = try await exchange.whole()
            noteFirstByte(exchange, call)
            return await read(body, exchange, attempt, ask, call, runtime)
        } catch {
            guard error == .cancelled, call.request.clientIsGone else { return Trip(failed: error, exchange) }
            return await withoutClient(exchange, attempt, ask)
        }
    }

    /// The client left while the provider was answering: by the route's policy the answer is read to its end for its
    /// usage, or the call is cancelled and estimated.
    private func withoutClient(
        _ exchange: Exchange, _ attempt: RequestJourney.Attempt, _ ask: OpenAIRequest
    ) async -> Trip {
        let trip = Trip(outcome: .clientGone, end: .clientGone)
        if attempt.route.onClientGone == .drain {
            exchange.resumeReading()
            trip.isDrained = true
            do throws(TransferError) {
                let body = try await exchange.whole()
                trip.status = exchange.answer.status
                if (200..<300).contains(trip.status), let usage = OpenAIReply.usage(fromWhole: body) {
                    trip.usage = usage
                    trip.source = .provider
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
    private static let replyLimits = JSONLimits(depthMax: 128, membersMax: 10_000)

    private func read(
        _ body: [UInt8], _ exchange: Exchange, _ attempt: RequestJourney.Attempt, _ ask: OpenAIRequest, _ call: Call,
        _ runtime: Runtime
    ) async -> Trip {
        let head = exchange.answer
        guard (200..<300).contains(head.status) else { return refused(head, body, attempt, runtime) }
        guard head.value(of: "content-type")?.contains("json") == true else {
            return Trip(malformed: "its content type is not JSON", head.status)
        }
        do throws(JSONScanError) {
            if body.count <= Self.sliceBytes {
                _ = try JSONScanner.scan(body, limits: Self.replyLimits)
            } else {
                _ = try await scanInSlices(body, Self.replyLimits)
            }
        } catch {
            return Trip(malformed: "its JSON does not parse", head.status)
        }
        let trip = Trip(outcome: .succeeded, end: .complete, status: head.status)
        trip.usage = OpenAIReply.usage(fromWhole: body)
        if trip.usage != nil {
            trip.source = .provider
        } else if let error = body.withUnsafeBytes({ OpenAIReply.error(in: $0, callFailed: false) }) {
            // Some providers say 200 and mean an error.
            return refused(head, body, status: error.code.flatMap { Int($0) } ?? 502, attempt, runtime)
        } else {
            trip.usage = estimateOfUnreported(body, ask)
        }
        trip.answer = .whole(status: head.status, head: head, body: body)
        if !runtime.guardrails.answer.isEmpty { await guardAnswer(trip, body, head, call, runtime) }
        return trip
    }

    /// A provider that reports no usage: four bytes of text make a token.
    @inline(never)
    private func estimateOfUnreported(_ body: [UInt8], _ ask: OpenAIRequest) -> TokenUsage {
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
            call.guardrailFindings += findings.map(\.description)
            trip.answer = .whole(status: head.status, head: head, body: changed)
        case .refused(let finding):
            call.guardrailFindings.append(finding.description)
            trip.answer = .failure(.guardrail(finding, inAnswer: true))
            trip.end = .refused
        }
    }

    func noteFirstByte(_ exchange: Exchange, _ call: Call) {
        if call.firstByteOnClock == nil { call.firstByteOnClock = exchange.firstByteAt }
    }

    // MARK: Refusals

    /// What a provider's error answer means for the next step and for the client.
    @inline(never)
    func refused(
        _ head: TransferHead, _ body: [UInt8], status: Int? = nil, _ attempt: RequestJourney.Attempt, _ runtime: Runtime
    ) -> Trip {
        let status = status ?? head.status
        let error = body.withUnsafeBytes { OpenAIReply.error(in: $0, callFailed: true) }
        let refusal = Routing.Refusal(
            status: status,
            retryAfter: RetryAfter.parse(
                header: head["retry-after"], milliseconds: head["retry-after-ms"], at: .now()),
            code: error?.code ?? error?.type, message: error?.message)
        let trip = Trip(outcome: .refused(refusal), end: .upstreamError, status: status)
        trip.answer = .failure(GatewayError(refusal, error, runtime.scrubber))
        return trip
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
