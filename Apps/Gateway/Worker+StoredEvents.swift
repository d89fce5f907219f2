import FastCGI
import Guardrails
import JSONText
import Transfer
import Units
import WireFormats

// `GET /v1/responses/{id}?stream=true`: an earlier answer, or one that is being made, as a stream.

extension Worker {
    func wantsEvents(_ call: Call) throws(GatewayError) -> Bool {
        switch call.queryValues["stream"] {
        case nil, "false": return false
        // A HEAD has no body to stream.
        case "true": return call.method == "GET"
        case let other?:
            throw GatewayError(
                RequestError(
                    message: "Invalid value: '\(String(other).shown)'. Supported values are: 'true' and 'false'.",
                    param: "stream", code: "invalid_value"))
        }
    }

    /// The number of the last event that the client has; nil where it has none.
    func startingAfter(_ call: Call) throws(GatewayError) -> Int64? {
        guard let text = call.queryValues["starting_after"] else { return nil }
        guard let number = Int64(text), (0..<1 << 53).contains(number) else {
            throw GatewayError(
                RequestError(
                    message: "Invalid 'starting_after': expected the sequence number of an event.",
                    param: "starting_after", code: "invalid_value"))
        }
        return number
    }

    // MARK: Of a whole answer

    /// Plays an answer that we keep.
    func answerEvents(of stored: StoredResponse, _ call: Call) throws(GatewayError) {
        let known = try startingAfter(call)
        if let known, !stored.mayHaveHad(event: known) { throw Self.noSuchEvent(known) }
        let events: [UInt8]
        do throws(ReplyError) {
            events = try stored.events(after: known)
        } catch {
            throw GatewayError(ResponsesAnswers.notFound(stored.id))
        }
        answerEvents(events, call)
    }

    private static func noSuchEvent(_ number: Int64) -> GatewayError {
        GatewayError(
            RequestError(
                message: "Invalid 'starting_after': the stream of this response had no event \(number).",
                param: "starting_after", code: "invalid_value"))
    }

    /// Plays an answer that a provider keeps and gave whole.
    func answerEvents(
        of body: [UInt8], after known: Int64?, _ call: Call, _ runtime: Runtime
    ) async throws(GatewayError) {
        if body.withUnsafeBytes({ JSONView(unchecked: $0).map { Self.isUnfinished($0) } ?? false }) {
            throw GatewayError(
                RequestError(
                    message: "This response is still being made, and can't be streamed from here on: ask for it "
                        + "without 'starting_after', or without 'stream'.",
                    param: "stream", code: "unsupported_value"))
        }
        let id = call.id
        let events =
            body.count > Self.translatedInPlaceBytes
            ? await gateway.aside { StoredResponse.events(of: body, after: known, requestID: id) }
            : StoredResponse.events(of: body, after: known, requestID: id)
        switch events {
        case .success(nil): throw Self.noSuchEvent(known ?? 0)
        case .success(let events?): answerEvents(events, call)
        case .failure(.malformed(let what)): throw .upstreamBroken(what)
        case .failure(.failed(let error)):
            call.end = .upstreamError
            throw GatewayError(error, status: Self.status(of: error), runtime.scrubber)
        }
    }

    private func answerEvents(_ events: [UInt8], _ call: Call) {
        call.isStream = true
        let head = headOfEvents(call)
        respond(call, status: 200, head, events)
    }

    // MARK: As they come

    /// Hands on what a provider streams that keeps the answer.
    ///
    /// - Returns: what it answered instead, whole; nil where it was a stream: the client has it.
    func passEvents(
        _ exchange: Exchange, _ call: Call, _ runtime: Runtime
    ) async throws(TransferError) -> [UInt8]? {
        let relay = relayOfEvents(call, runtime)
        let bytesMax = runtime.settings.limits.replyBytes
        var instead: [UInt8] = []
        var failure: TransferError?
        do throws(TransferError) {
            while relay.fault == nil, relay.refusal == nil, let piece = try await exchange.next() {
                guard call.request.hasBegun || isStream(exchange.answer) else {
                    instead += piece
                    if instead.count > bytesMax { throw .tooLarge }
                    continue
                }
                beginEvents(exchange, call)
                send(relay.take(piece, clientHasSome: true), call)
                if call.request.isBackedUp { await call.request.writable() }
            }
        } catch {
            guard call.request.hasBegun else { throw error }
            failure = error
        }
        if failure == nil, isStream(exchange.answer) { beginEvents(exchange, call) }
        guard call.request.hasBegun else { return instead }
        if failure == .cancelled, call.request.clientIsGone {
            leave(exchange, call)
            return nil
        }
        if failure == nil, relay.fault == nil, relay.refusal == nil { send(relay.finish(clientHasSome: true), call) }
        finish(relay, failure, call, runtime)
        exchange.cancel()
        call.request.finish()
        return nil
    }

    /// What follows the stream: in place, or where there are rules event by event, as a stream that is made now.
    private func relayOfEvents(_ call: Call, _ runtime: Runtime) -> AnswerRelay {
        let eventBytesMax = runtime.settings.limits.eventBytes
        if runtime.guardrails.answer.isEmpty {
            return DialectRelay(
                .responses, scrubber: runtime.scrubber, eventBytesMax: eventBytesMax, requestID: call.id,
                isReplay: true)
        }
        var request = Conversation(origin: .responses, model: call.model)
        // It is kept already.
        request.store = false
        let context = ReplyContext(
            model: call.model, requestID: call.id, created: call.startedAt.secondsSince1970, request: request)
        return TranslatingRelay(
            from: ResponsesCodec.self, framing: .sse, to: ResponsesCodec.self, context: context,
            inputTokenEstimate: .zero, guardrails: runtime.guardrails.answer, frameBytesMax: eventBytesMax
        ) { error in
            let error = GatewayError(error, status: Self.status(of: error), runtime.scrubber)
            return (error.body, error.status)
        }
    }

    private func beginEvents(_ exchange: Exchange, _ call: Call) {
        guard !call.request.hasBegun else { return }
        call.isStream = true
        call.status = exchange.answer.status
        let head = headOfEvents(call)
        head.withBytes { call.request.begin(status: exchange.answer.status, headers: $0) }
    }

    private func send(_ events: [UInt8], _ call: Call) {
        if !events.isEmpty { call.request.write(events) }
    }

    /// Ends a stream whose client is still there: with an error event where it did not end by itself.
    private func finish(_ relay: AnswerRelay, _ failure: TransferError?, _ call: Call, _ runtime: Runtime) {
        call.note(relay.findings, on: .answer)
        if let finding = relay.refusal {
            call.note([finding], on: .answer)
            call.end = .refused
            breakOff(relay, .guardrail(finding, inAnswer: true), call)
            return
        }
        if relay.isWhole(failure) { return }
        call.end = .upstreamError
        if case .timeout = failure { call.end = .timeout }
        if let error = relay.error {
            call.error = GatewayError(error, status: Self.status(of: error), runtime.scrubber)
        } else {
            breakOff(relay, Self.error(for: failure, relay), call)
        }
    }

    private func breakOff(_ relay: AnswerRelay, _ error: GatewayError, _ call: Call) {
        call.error = error
        call.request.write(relay.failure(error.body, status: error.status))
    }

    private func headOfEvents(_ call: Call) -> ResponseHead {
        var head = ResponseHead()
        head.add("Content-Type", "text/event-stream; charset=utf-8")
        head.addStream(for: call)
        addIdentity(of: call, to: &head)
        return head
    }
}

extension StoredResponse {
    /// Whether the stream that the client left can have come to this number. How many events it had is not kept: each
    /// piece of a text had one, and an item a handful, none of them more than it has bytes.
    fileprivate func mayHaveHad(event number: Int64) -> Bool {
        // Of an answer that failed or was cancelled there may be no output left.
        let status = retrieved["status"]?.string
        guard status == "completed" || status == "incomplete" else { return true }
        return number < (retrieved["output"]?.serialized().count ?? 0) + 64
    }

    /// The events of an answer that a provider gave whole. On any thread.
    ///
    /// - Returns: nil where the stream cannot have had the event that the client knows.
    fileprivate static func events(
        of body: [UInt8], after known: Int64?, requestID: String
    ) -> Result<[UInt8]?, ReplyError> {
        guard let response = try? JSON.read(body, names: .ofDialects),
            let stored = StoredResponse(response, to: [:], requestID: requestID)
        else { return .failure(.malformed("it is no response")) }
        if let known, !stored.mayHaveHad(event: known) { return .success(nil) }
        do throws(ReplyError) { return .success(try stored.events(after: known)) } catch { return .failure(error) }
    }
}
