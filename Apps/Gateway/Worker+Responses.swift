import FastCGI
import JSONText
import Providers
import Routing
import Units
import WireFormats

// What `/v1/responses` is besides a call to a model: answers that build on earlier ones, and earlier ones themselves
// (``ResponseStore``).

extension Worker {
    // MARK: Building on an earlier answer

    /// Finds what `previous_response_id` names. Where we keep it, the request becomes one with the whole conversation;
    /// where a provider does, only that provider is asked.
    ///
    /// - Throws: 400 for what this key did not make, whether it is known or not. Providers know ids by account, not by
    ///   our keys: asked for another key's answer, they would go on from it.
    func recall(
        _ ask: ClientRequest, _ route: RouteTable.Match, _ call: Call, _ runtime: Runtime
    ) async throws(GatewayError) -> (ClientRequest, RouteTable.Match) {
        guard ask.dialect == .responses, let previous = ask.previousResponseID else { return (ask, route) }
        guard runtime.settings.gateway.storedResponses != nil else {
            // Nothing is noted of whose answers are whose: the provider decides.
            if route.route.targets.allSatisfy({ $0.provider.paths[.responses] != nil }) { return (ask, route) }
            throw GatewayError(ResponsesAnswers.previousNotFound(previous))
        }
        let (keyID, now) = (call.keyID, call.startedAt)
        let chain = try await gateway.withStore { database in
            try ResponseStore.chain(to: previous, of: keyID, at: now, on: database)
        }
        guard let newest = chain.last else { throw GatewayError(ResponsesAnswers.previousNotFound(previous)) }
        if let provider = newest.provider {
            guard let only = route.only({ $0.provider.name == provider }) else {
                throw .previousIsKeptElsewhere(previous, model: newest.model)
            }
            return (ask, only)
        }
        let stored = chain.compactMap { $0.document.flatMap { StoredResponse(json: $0) } }
        guard stored.count == chain.count, let request = try? JSON.read(ask.body) else {
            throw GatewayError(ResponsesAnswers.previousNotFound(previous))
        }
        if let missing = stored.first?.previousID {
            throw GatewayError(ResponsesAnswers.previousNotFound(missing, below: previous))
        }
        let whole = StoredResponse.chain(stored, with: request)
        let chained = try await scan(whole.serialized(), as: ask.inference)
        chained.original = request
        return (chained, route)
    }

    // MARK: Keeping an answer

    /// Notes an answer so that a later request can build on it. Called before the client has the answer's end.
    ///
    /// - Parameters:
    ///   - response: the whole answer as the client gets it, where we keep it.
    ///   - id: the provider's id where it keeps it.
    func keepResponse(
        _ response: JSON?, id: String?, _ passage: Passage, _ ask: ClientRequest, _ attempt: RequestJourney.Attempt,
        _ call: Call, _ runtime: Runtime
    ) {
        guard ask.dialect == .responses, !call.isKept, let lifetime = runtime.settings.gateway.storedResponses,
            ask.isStored
        else { return }
        call.isKept = true
        let now = Timestamp.now()
        var entry = ResponseStore.Entry(
            id: "", keyID: call.keyID, provider: nil, model: ask.model, document: nil, expiresAt: now + lifetime)
        if let response, passage.dialect != .responses {
            guard let request = ask.original ?? (try? JSON.read(ask.body)) else { return }
            guard let stored = StoredResponse(response, to: request, requestID: call.id) else { return }
            entry.id = stored.id
            entry.document = stored.json
        } else if let id {
            entry.id = id
            entry.provider = attempt.target.provider.name
        } else {
            return
        }
        gateway.submit("keeping a response") { [entry] database in
            try ResponseStore.keep(entry, at: now, on: database)
        }
    }

    // MARK: Earlier answers

    /// `GET` and `DELETE /v1/responses/{id}`, its input items, and its cancellation.
    func answerStored(
        _ id: String, _ action: Endpoint.ResponseAction, _ call: Call
    ) async throws(GatewayError) {
        let runtime = self.runtime
        _ = try await authenticate(call)
        let (keyID, now) = (call.keyID, call.startedAt)
        let found = try await gateway.withStore { database in
            try ResponseStore.find(id, of: keyID, at: now, on: database)
        }
        guard let entry = found else { throw GatewayError(ResponsesAnswers.notFound(id)) }
        call.model = entry.model
        if let provider = entry.provider {
            try await askKeeper(provider, of: entry, action, call, runtime)
            return
        }
        guard let stored = entry.document.flatMap({ StoredResponse(json: $0) }) else {
            throw GatewayError(ResponsesAnswers.notFound(id))
        }
        switch action {
        case .retrieve:
            if try wantsEvents(call) {
                try answerEvents(of: stored, call)
            } else {
                answerJSON(call, stored.retrieved.serialized())
            }
        case .inputItems:
            let chain = try await gateway.withStore { database in
                try ResponseStore.chain(to: id, of: keyID, at: now, on: database)
            }
            answerJSON(call, try page(of: chain, call).serialized())
        case .cancel: throw .responseNotCancellable(id)
        case .delete:
            let isGone = try await gateway.withStore { database in
                try ResponseStore.delete(id, of: keyID, on: database)
            }
            guard isGone else { throw GatewayError(ResponsesAnswers.notFound(id)) }
            answerJSON(call, stored.deleted.serialized())
        }
    }

    /// The items that a stored answer was made from, by `limit`, `after` and `order` of the query.
    private func page(of chain: [ResponseStore.Entry], _ call: Call) throws(GatewayError) -> JSON {
        let query = call.queryValues
        do throws(RequestError) {
            var limit: Int64?
            if let text = query["limit"] {
                guard let number = Int64(text) else {
                    throw RequestError(
                        message: "Invalid 'limit': expected a value from 1 to 100, but got '\(String(text).shown)' "
                            + "instead.", param: "limit", code: "invalid_value")
                }
                limit = number
            }
            return try StoredResponse.inputItems(
                of: chain.compactMap { $0.document.flatMap { StoredResponse(json: $0) } },
                limit: limit, after: query["after"].map(String.init),
                order: StoredResponse.Order(named: query["order"].map(String.init)))
        } catch {
            throw GatewayError(error)
        }
    }
}
