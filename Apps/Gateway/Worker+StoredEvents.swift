import FastCGI
import JSONText
import Transfer
import WireFormats

// `GET /v1/responses/{id}?stream=true`: an earlier answer, or one that is being made, as a stream.

extension Worker {
    func wantsEvents(_ call: Call) -> Bool { call.method == "GET" && call.queryValues["stream"] == "true" }

    /// Plays an answer that we keep.
    func answerEvents(of stored: StoredResponse, _ call: Call) throws(GatewayError) {
        var lastKnown: Int64?
        if let text = call.queryValues["starting_after"] {
            guard let number = Int64(text) else {
                throw GatewayError(
                    RequestError(
                        message: "Invalid 'starting_after': expected an integer.", param: "starting_after",
                        code: "invalid_value"))
            }
            lastKnown = number
        }
        let events: [UInt8]
        do throws(ReplyError) {
            events = try stored.events(after: lastKnown)
        } catch {
            throw GatewayError(ResponsesAnswers.notFound(stored.id))
        }
        call.isStream = true
        let head = headOfEvents(call)
        respond(call, status: 200, head, events)
    }

    /// Hands on what a provider streams that keeps the answer, as it comes. Nothing is billed for it.
    ///
    /// - Returns: what it answered instead, whole; nil where it was a stream: the client has it.
    func passEvents(
        _ exchange: Exchange, _ call: Call, _ runtime: Runtime
    ) async throws(TransferError) -> [UInt8]? {
        let limits = runtime.settings.limits
        let relay = DialectRelay(.responses, scrubber: runtime.scrubber, eventBytesMax: limits.eventBytes)
        var instead: [UInt8] = []
        do throws(TransferError) {
            while relay.fault == nil, let piece = try await exchange.next() {
                guard isEventStream(exchange.answer) else {
                    instead += piece
                    if instead.count > limits.replyBytes { throw .tooLarge }
                    continue
                }
                if !call.request.hasBegun {
                    call.isStream = true
                    call.status = exchange.answer.status
                    let head = headOfEvents(call)
                    head.withBytes { call.request.begin(status: exchange.answer.status, headers: $0) }
                }
                call.request.write(relay.take(piece, clientHasSome: true))
                if call.request.isBackedUp { await call.request.writable() }
            }
        } catch {
            guard call.request.hasBegun else { throw error }
        }
        guard call.request.hasBegun else { return instead }
        call.request.write(relay.finish())
        if !relay.isComplete, !relay.sawError {
            let error = GatewayError.upstreamBroken(relay.fault ?? "the stream ended before it was complete")
            call.error = error
            call.request.write(relay.failure(error.body, status: error.status))
        }
        exchange.cancel()
        call.request.finish()
        return nil
    }

    private func isEventStream(_ head: TransferHead) -> Bool {
        (200..<300).contains(head.status) && head.value(of: "content-type")?.contains("text/event-stream") == true
    }

    private func headOfEvents(_ call: Call) -> ResponseHead {
        var head = ResponseHead()
        head.add("Content-Type", "text/event-stream; charset=utf-8")
        // nginx would gather an answer before it passes it on.
        head.add("X-Accel-Buffering", "no")
        head.add("Cache-Control", "no-cache")
        addIdentity(of: call, to: &head)
        return head
    }
}
