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
    /// What the client's dialect makes a body or an event of.
    var body: GatewayErrorBody {
        var body = GatewayErrorBody(message: message, type: type, param: parameter, code: code, extras: facts)
        body.isTooLong = isTooLong
        body.ownWord = ownWord
        return body
    }
}

extension Worker {
    // MARK: Heads

    /// - Parameter contentType: where it is neither the provider's nor the one of a translated answer.
    func head(
        of call: Call, from upstream: TransferHead, isStream: Bool, _ runtime: Runtime, contentType: String? = nil
    ) -> ResponseHead {
        var head = ResponseHead()
        if let type = contentType ?? call.contentType(isStream: isStream) {
            head.add("Content-Type", type)
        } else if let type = upstream.value(of: "content-type") {
            head.add("Content-Type", bytes: type)
        }
        if isStream {
            head.addStream(for: call)
        } else if call.isCostKnown {
            head.add("x-litellm-response-cost", call.cost)
        }
        addIdentity(of: call, to: &head)
        if call.attempts > 1 { head.add("x-tollgate-attempts", call.attempts) }
        addAttempt(of: call, to: &head)
        addLimits(of: call, to: &head)
        head.addProviderHeaders(upstream, hidingRateLimits: hidesRateLimits(call))
        return head
    }

    /// The key has such limits itself: the provider's are of no use to it.
    private func hidesRateLimits(_ call: Call) -> Bool {
        call.key.map { $0.rpmLimit != nil || $0.tpmLimit != nil } ?? false
    }

    /// Who was asked last, and what of the request or the answer could not be carried.
    private func addAttempt(of call: Call, to head: inout ResponseHead) {
        if let attempt = call.attempt {
            head.add("x-tollgate-provider", attempt.target.provider.name)
            head.add("x-tollgate-model", attempt.upstreamModel)
        }
        if !call.losses.dropped.isEmpty { head.add("x-tollgate-dropped", call.losses.dropped.joined(separator: ",")) }
        if !call.losses.adjusted.isEmpty {
            head.add("x-tollgate-adjusted", call.losses.adjusted.joined(separator: ","))
        }
    }

    /// What is left of the key's own limits.
    private func addLimits(of call: Call, to head: inout ResponseHead) {
        guard let key = call.key, key.hasLimits else { return }
        let now = Timestamp.now()
        if let status = gateway.book.status(of: .key(key.id), at: now) { head.add(status, at: now) }
    }

    /// One id under several names: the SDKs' and LiteLLM's. It finds the call in the logs and the ledger.
    func addIdentity(of call: Call, to head: inout ResponseHead) {
        head.add("x-request-id", call.id)
        if call.dialect == .messages { head.add("request-id", call.id) }
        if call.dialect == .converse { head.add("x-amzn-requestid", call.id) }
        head.add("x-litellm-call-id", call.id)
    }

    // MARK: Errors

    /// Answers with an error, unless an answer has begun already or nobody is there.
    @inline(never)
    func refuse(_ call: Call, with error: GatewayError) {
        let status = error.status(for: call.dialect)
        // A provider may use the same word.
        if error.side == .gateway, error.code == GatewayError.ledgerAway.code {
            gateway.metrics.add(to: .journalRefusals)
        }
        call.error = error
        call.status = status
        guard !call.request.hasBegun else {
            // Only comments went out so far: the status is given, the error is the stream's end.
            if !call.hasContent {
                let event = error.body.event(for: call.dialect, status: status, requestID: call.id)
                let element = error.body.gemini(status: status)
                call.request.write(call.streamsAsArray ? Array("[".utf8) + element + Array("]".utf8) : event)
            }
            call.request.finish()
            return
        }
        var head = ResponseHead()
        head.add("Content-Type", "application/json")
        if let type = error.body.errorTypeHeader(for: call.dialect, status: status) {
            head.add("x-amzn-errortype", type)
        }
        addIdentity(of: call, to: &head)
        if call.attempt != nil {
            // As an answer has it: who was asked, and what it cost all the same.
            if call.isCostKnown { head.add("x-litellm-response-cost", call.cost) }
            head.add("x-tollgate-attempts", call.attempts)
            addAttempt(of: call, to: &head)
            // A limit's refusal brings its own.
            if error.headers.isEmpty { addLimits(of: call, to: &head) }
        }
        if let upstream = error.providerHead {
            head.addProviderHeaders(upstream, hidingRateLimits: hidesRateLimits(call), isError: true)
        }
        if let retryAfter = error.retryAfter {
            head.add("Retry-After", max(1, (retryAfter.nanoseconds + 999_999_999) / 1_000_000_000))
        }
        if error.isFinal { head.add(line: "x-should-retry: false") }
        for line in error.headers { head.add(line: line) }
        respond(call, status: status, head, error.body.body(for: call.dialect, status: status, requestID: call.id))
    }

    func respond(_ call: Call, status: Int, _ head: borrowing ResponseHead, _ body: [UInt8]) {
        call.status = status
        head.withBytes { call.request.respond(status: status, headers: $0, body: call.method == "HEAD" ? [] : body) }
    }

    func answerJSON(_ call: Call, status: Int = 200, _ body: [UInt8], headers: [String] = []) {
        var head = ResponseHead()
        head.add("Content-Type", "application/json")
        addIdentity(of: call, to: &head)
        for line in headers { head.add(line: line) }
        respond(call, status: status, head, body)
    }

    // MARK: Models

    /// `GET /v1/models` and `/v1/models/{id}`: what this key may use, in OpenAI's, Anthropic's or Google's shape.
    func answerModels(_ asked: Endpoint, _ call: Call) async throws(GatewayError) {
        let caller = try await authenticate(call)
        var endpoint = asked
        let asksAnthropics = call.dialect == .messages
        // google-genai asks below /v1 too (3.4 and later): its key's header tells it from OpenAI's.
        if call.dialect == .generateContent {
            switch asked {
            case .models(.openAI): endpoint = .models(.google)
            case .model(let name, .openAI): endpoint = .model(name, .google)
            default: break
            }
        }
        var allowed: (String) -> Bool = { _ in true }
        if case .key(let key) = caller { allowed = { key.allows(model: $0) } }
        if case .model(let name, let shape) = endpoint {
            guard allowed(name), let match = runtime.routes.find(name) else { throw .modelNotFound(name) }
            var writer = JSONWriter()
            switch shape {
            case .openAI where asksAnthropics: Self.writeAnthropic(name, to: &writer, runtime)
            case .openAI: Self.write(name, owner: match.route.targets.first?.provider.name, to: &writer, runtime)
            case .google:
                Self.writeGoogles(name, generates: match.route.generates(matching: match.rest), to: &writer)
            }
            answerJSON(call, writer.bytes)
            return
        }
        var writer = JSONWriter(capacity: 4096)
        if asksAnthropics, endpoint == .models(.openAI) {
            let page = try ModelPage.anthropics(
                of: runtime.listedModels.map(\.name).filter(allowed), call.queryValues)
            Self.writeAnthropics(page.names, hasMore: page.hasMore, to: &writer, runtime)
            answerJSON(call, writer.bytes)
            return
        }
        if case .models(.google) = endpoint {
            let page = try ModelPage.googles(
                of: runtime.listedModels.filter { $0.generates && allowed($0.name) }, call.queryValues)
            writer.beginObject()
            writer.key("models")
            writer.beginArray()
            for model in page.models { Self.writeGoogles(model.name, generates: true, to: &writer) }
            writer.endArray()
            if let next = page.next { writer.member("nextPageToken", next) }
            writer.endObject()
            answerJSON(call, writer.bytes)
            return
        }
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

    private static func writeAnthropics(
        _ names: ArraySlice<String>, hasMore: Bool, to writer: inout JSONWriter, _ runtime: Runtime
    ) {
        writer.beginObject()
        writer.key("data")
        writer.beginArray()
        for name in names { writeAnthropic(name, to: &writer, runtime) }
        writer.endArray()
        writer.member("has_more", hasMore)
        writer.member("first_id", orNull: names.first)
        writer.member("last_id", orNull: names.last)
        writer.endObject()
    }

    private static func writeAnthropic(_ name: String, to writer: inout JSONWriter, _ runtime: Runtime) {
        writer.beginObject()
        writer.member("type", "model")
        writer.member("id", name)
        writer.member("display_name", name)
        writer.member("created_at", runtime.loadedAt.text(fractionDigits: 0))
        writer.endObject()
    }

    private static func writeGoogles(_ name: String, generates: Bool, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", "models/\(name)")
        writer.member("displayName", name)
        writer.key("supportedGenerationMethods")
        writer.beginArray()
        if generates {
            writer.string("generateContent" as StaticString)
            writer.string("countTokens" as StaticString)
        }
        writer.endArray()
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
