// swift-format-ignore-file: the right margin of this page is its table of errors

import Budgets
import FastCGI
import Guardrails
import Keys
import Logging
import Routing
import Units
import WireFormats

// THE page: the order in which a request is dealt with, and nowhere else. In the right margin: what each step can end in.

extension Worker {
    /// Deals with one request from nginx, from its first byte to its line in the log.
    func serve(_ request: FastCGIRequest) async {
        let call = Call(request)
        metrics?.requestBegan()
        do throws(GatewayError) {
            let endpoint = try Endpoint.find(path: call.path, method: call.method, query: call.query)  // 404, 405
            call.endpoint = endpoint
            switch endpoint {
            case .inference(let inference): try await infer(inference, call)
            case .countTokens(let inference): try await countTokens(inference, call)  // 400, 401, 403, 404, 429
            case .response(let id, let action): try await answerStored(id, action, call)  // 400, 401, 404
            case .models, .model: try await answerModels(endpoint, call)  // 401, 404
            case .liveliness, .readiness: answerHealth(endpoint, call)
            case .metrics: try await answerMetrics(call)  // 401, 403
            }
        } catch {
            call.noteEnd(by: error)
            refuse(call, with: error)
        }
        record(call)
    }

    /// A call to a model.
    private func infer(_ inference: Endpoint.Inference, _ call: Call) async throws(GatewayError) {
        // One configuration from here to the end: a reload in between changes the next request, not this one.
        let runtime = self.runtime

        if isFull { throw .tooBusy }  // 503

        // Who asks comes before what is asked: a stranger's body is not even looked at.
        let caller = if let known = recognise(call) { known } else { try await authenticate(call) }  // 401, 503
        try checkReadable(call)  // 400, 413, 415
        let body = call.request.body
        var ask = isLong(call) ? try await scan(body, as: inference) : try scanAtOnce(body, as: inference)  // 400
        call.model = ask.model
        call.isStream = ask.stream

        // What the key may use comes before what exists: a key cannot find out the names of models it may not use.
        var route = try authorise(caller, ask, runtime)  // 400, 403, 404
        call.route = route.route

        // An answer that this one builds on: its conversation is put in front, or only who keeps it is asked.
        if ask.previousResponseID != nil { (ask, route) = try await recall(ask, route, call, runtime) }  // 400, 503

        // Before the hold, because a rule may change how long the request is.
        if !runtime.guardrails.request.isEmpty { ask = try await guardBefore(ask, call, runtime) }  // 400
        call.user = ask.user

        // The way is planned before money is held: what must be held depends on who is asked first.
        var journey = RequestJourney(ask.model, by: route, in: runtime.routes, at: call.startedAt)
        guard case .attempt(let first) = begin(&journey, at: call.startedAt) else {
            throw .noTarget(model: ask.model)  // 503
        }
        let ceiling = try self.ceiling(of: ask, at: first, runtime)  // 403
        let hold = try await self.hold(ceiling, for: caller, runtime, at: call.startedAt)  // 429, 503
        keepOpen(call, ask, runtime)
        // From here on every way out gives back what was held: the hold releases itself.
        try await travel(&journey, from: first, ask, ceiling, hold, call, runtime)  // 400, 429, 5xx
    }
}
