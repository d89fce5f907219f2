import FastCGI
import JSONText
import Keys
import Providers
import Routing
import Transfer
import Units
import WireFormats

// What the gateway itself says: errors, lists of models, health, metrics, and the head of every answer.

extension GatewayError {
    /// In the shape that the client's SDK parses.
    func body(for call: Call) -> GatewayErrorBody {
        GatewayErrorBody(message: message, type: type, param: parameter, code: code, extras: facts)
    }
}

extension Worker {
    // MARK: Heads

    func head(of call: Call, from upstream: TransferHead, isStream: Bool, _ runtime: Runtime) -> [UInt8] {
        var head = ResponseHead()
        if let type = upstream.value(of: "content-type") { head.add("Content-Type", bytes: type) }
        if isStream {
            // nginx would gather an answer before it passes it on.
            head.add("X-Accel-Buffering", "no")
            head.add("Cache-Control", "no-cache")
        } else {
            let cost = call.cost.description
            head.add("x-tollgate-cost", cost)
            head.add("x-litellm-response-cost", cost)
        }
        addIdentity(of: call, to: &head)
        if let attempt = call.attempt {
            head.add("x-tollgate-provider", attempt.target.provider.name)
            head.add("x-tollgate-model", attempt.upstreamModel)
            head.add("x-tollgate-attempts", call.attempts)
        }
        var hidesRateLimits = false
        if let key = call.key, key.hasLimits {
            hidesRateLimits = key.rpmLimit != nil || key.tpmLimit != nil
            for line in RateHeaders.lines(gateway.book.status(of: [.key(key.id)], at: .now()), at: .now()) {
                head.add(line: line)
            }
        }
        head.addProviderHeaders(upstream, hidingRateLimits: hidesRateLimits)
        return head.bytes
    }

    /// One id under three names: the SDKs', LiteLLM's and our own. It finds the call in the logs and the ledger.
    private func addIdentity(of call: Call, to head: inout ResponseHead) {
        head.add("x-request-id", call.id)
        head.add("x-tollgate-request-id", call.id)
        head.add("x-litellm-call-id", call.id)
    }

    // MARK: Errors

    /// Answers with an error, unless an answer has begun already or nobody is there.
    @inline(never)
    func refuse(_ call: Call, with error: GatewayError) {
        call.error = error
        call.status = error.status
        guard !call.request.hasBegun else {
            call.request.finish()
            return
        }
        var head = ResponseHead()
        head.add("Content-Type", "application/json")
        addIdentity(of: call, to: &head)
        if let retryAfter = error.retryAfter {
            head.add("Retry-After", max(1, (retryAfter.nanoseconds + 999_999_999) / 1_000_000_000))
        }
        for line in error.headers { head.add(line: line) }
        respond(call, status: error.status, head, error.body(for: call).openAI())
    }

    private func respond(_ call: Call, status: Int, _ head: ResponseHead, _ body: [UInt8]) {
        call.status = status
        call.request.respond(status: status, headers: head.bytes, body: call.method == "HEAD" ? [] : body)
    }

    private func answerJSON(_ call: Call, status: Int = 200, _ body: [UInt8]) {
        var head = ResponseHead()
        head.add("Content-Type", "application/json")
        addIdentity(of: call, to: &head)
        respond(call, status: status, head, body)
    }

    // MARK: Models

    /// `GET /v1/models` and `/v1/models/{id}`: what this key may use, in OpenAI's shape.
    func answerModels(_ endpoint: Endpoint, _ call: Call) async throws(GatewayError) {
        let caller = try await authenticate(call)
        var allowed: (String) -> Bool = { _ in true }
        if case .key(let key) = caller { allowed = { key.allows(model: $0) } }
        if case .model(let name) = endpoint {
            guard allowed(name), let match = runtime.routes.find(name) else { throw .modelNotFound(name) }
            var writer = JSONWriter()
            Self.write(name, owner: match.route.targets.first?.provider.name, to: &writer, runtime)
            answerJSON(call, writer.bytes)
            return
        }
        var writer = JSONWriter(capacity: 4096)
        writer.beginObject()
        writer.member("object", "list")
        writer.key("data")
        writer.beginArray()
        for model in runtime.listedModels where allowed(model.name) {
            Self.write(model.name, owner: model.owner, to: &writer, runtime)
        }
        writer.endArray()
        writer.endObject()
        answerJSON(call, writer.bytes)
    }

    private static func write(_ name: String, owner: String?, to writer: inout JSONWriter, _ runtime: Runtime) {
        writer.beginObject()
        writer.member("id", name)
        writer.member("object", "model")
        writer.member("created", runtime.loadedAt.secondsSince1970)
        writer.member("owned_by", owner ?? "tollgate")
        writer.endObject()
    }

    // MARK: Health

    func answerHealth(_ endpoint: Endpoint, _ call: Call) {
        guard endpoint == .readiness else {
            answerJSON(call, Array("\"I'm alive!\"".utf8))
            return
        }
        let readiness = gateway.readiness
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("status", readiness.isReady ? "healthy" : "unhealthy")
        writer.member("db", readiness.isStoreReachable ? "connected" : "Not connected")
        if let reason = readiness.reason { writer.member("reason", reason) }
        writer.endObject()
        answerJSON(call, status: readiness.isReady ? 200 : 503, writer.bytes)
    }

    // MARK: Metrics

    /// For the master key or the token of `metrics.token`: figures say much about a company.
    func answerMetrics(_ call: Call) async throws(GatewayError) {
        let isToken = call.request.parameter("HTTP_AUTHORIZATION").map { gateway.isMetricsToken($0, runtime) } ?? false
        if !isToken, case .key = try await authenticate(call) { throw .adminOnly }
        var head = ResponseHead()
        head.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        respond(call, status: 200, head, await gateway.metricsText())
    }
}
