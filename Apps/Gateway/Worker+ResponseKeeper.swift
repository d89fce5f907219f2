import FastCGI
import Guardrails
import Providers
import Routing
import Transfer
import Units
import WireFormats

// Earlier answers that a provider keeps. It is asked for them, and nothing is billed. What it keeps has passed no rule:
// what a client gets of it does, like any other answer.

extension Worker {
    func askKeeper(
        _ provider: String, of entry: ResponseStore.Entry, _ action: Endpoint.ResponseAction, _ call: Call,
        _ runtime: Runtime
    ) async throws(GatewayError) {
        let wantsEvents = try action == .retrieve ? self.wantsEvents(call) : false
        let known = try wantsEvents ? startingAfter(call) : nil
        // Rules read a text from its beginning: where there are any, a stream that goes on in the middle is made of the
        // whole answer.
        let followsEvents = wantsEvents && (known == nil || runtime.guardrails.answer.isEmpty)
        // What it cost is known from it alone, as long as somebody follows it.
        let name = FollowedAnswers.name(entry.id, at: provider)
        if action == .delete, gateway.followed.isFollowed(name) {
            let last = try question(to: provider, entry, .retrieve, isStream: false, call, runtime)
            if let body = try? await last.whole(), (200..<300).contains(last.answer.status) {
                gateway.followed.note(body, of: name)
            }
        }
        let exchange = try question(to: provider, entry, action, isStream: followsEvents, call, runtime)
        let body: [UInt8]
        do throws(TransferError) {
            if followsEvents {
                guard let whole = try await passEvents(exchange, call, runtime) else { return }
                body = whole
            } else {
                body = try await exchange.whole()
            }
        } catch {
            if error == .cancelled, call.request.clientIsGone { return leave(exchange, call) }
            throw told(Trip(failed: error, exchange), call)
        }
        let status = exchange.answer.status
        guard (200..<300).contains(status) else { throw told(refused(exchange.answer, body, nil, runtime), call) }
        // Its events would pass as a text in which every word is cut.
        if isStream(exchange.answer) { throw .upstreamBroken("its content type is not JSON") }
        if action == .retrieve || action == .cancel { gateway.followed.note(body, of: name) }
        if action == .delete {
            let (id, keyID) = (entry.id, entry.keyID)
            gateway.submit("forgetting a response") { database in
                _ = try ResponseStore.delete(id, of: keyID, on: database)
            }
        }
        let allowed = try await guarded(body, call, runtime)
        if wantsEvents {
            try await answerEvents(of: allowed, after: known, call, runtime)
        } else {
            answerJSON(call, status: status, allowed)
        }
    }

    /// The client has gone: nobody needs the rest.
    func leave(_ exchange: Exchange, _ call: Call) {
        exchange.cancel()
        call.end = .clientGone
        call.request.finish()
    }

    /// Sends the question.
    ///
    /// - Parameter isStream: the answer may be a stream.
    private func question(
        to provider: String, _ entry: ResponseStore.Entry, _ action: Endpoint.ResponseAction, isStream: Bool,
        _ call: Call, _ runtime: Runtime
    ) throws(GatewayError) -> Exchange {
        guard let upstream = runtime.upstream(named: provider), let credential = upstream.credentials.current,
            let url = upstream.provider.url(for: .responses, model: ""), Self.isPathPart(entry.id)
        else { throw GatewayError(ResponsesAnswers.notFound(entry.id)) }
        var path = url + "/" + entry.id
        var method = TransferTemplate.Method.get
        switch action {
        case .retrieve: path += query(of: call, isStream: isStream, runtime)
        case .delete: method = .delete
        case .cancel: (method, path) = (.post, path + "/cancel")
        case .inputItems: path += "/input_items" + query(of: call, isStream: false, runtime)
        }
        // Those of the route that made the answer, unless it has gone since.
        let timers = runtime.routes.find(entry.model)?.route.timers ?? Timers()
        let template = TransferTemplate(
            method: method, url: path, headers: credential.headers(for: .responses), guarding: runtime.egress,
            connectTimer: timers.connect)
        let exchange = client.send(
            TransferRequest(
                template, bodyBytesMax: isStream ? .max : runtime.settings.limits.replyBytes,
                timers: TransferTimers(firstByte: timers.firstByte, idle: timers.idle, total: timers.total)))
        call.request.whenClientGoes { exchange.interrupt() }
        return exchange
    }

    /// What of the client's query the provider gets, with its `?`.
    private func query(of call: Call, isStream: Bool, _ runtime: Runtime) -> String {
        // `key` may be the client's own key.
        var withheld: Set<Substring> = ["key"]
        if !isStream { withheld.insert("stream") }
        if !isStream || !runtime.guardrails.answer.isEmpty { withheld.insert("starting_after") }
        let kept = call.query.split(separator: "&").filter { pair in
            let name = pair.prefix { $0 != "=" }
            // A name with escapes in it could be any; the SDKs escape the brackets of a list.
            return !withheld.contains(name) && (name == "include%5B%5D" || !name.contains("%"))
        }
        return kept.isEmpty ? "" : "?" + kept.joined(separator: "&")
    }

    /// What of a whole answer the rules let through.
    private func guarded(
        _ body: [UInt8], _ call: Call, _ runtime: Runtime
    ) async throws(GatewayError) -> [UInt8] {
        guard !runtime.guardrails.answer.isEmpty else { return body }
        switch await inspect(body, with: runtime.guardrails.answer) {
        case .pass: return body
        case .redacted(let changed, let findings):
            call.note(findings, on: .answer)
            return changed
        case .refused(let finding):
            call.note([finding], on: .answer)
            call.end = .refused
            throw .guardrail(finding, inAnswer: true)
        }
    }
}
