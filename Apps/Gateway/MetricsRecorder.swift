import Budgets
import EventLoop
import Guardrails
import Logging
import Routing
import Units

/// The labels that a configuration's models and providers have in the metrics: looked up once per configuration, since a
/// label is made under a lock and never from a client's text.
struct MetricNames: Sendable {
    private let models: [String: ModelLabel]
    private let providers: [String: ProviderLabel]
    private let endpoints: [String: EndpointLabel]
    private let scopes: [ScopeLabel]
    private let guardrails: [String: GuardrailLabel]

    init(routes: [Route], providers: some Collection<String>, guardrails: [Guardrail], labels: MetricLabels) {
        models = Dictionary(uniqueKeysWithValues: Set(routes.map(\.name)).map { ($0, labels.model($0)) })
        self.providers = Dictionary(uniqueKeysWithValues: Set(providers).map { ($0, labels.provider($0)) })
        endpoints = Dictionary(
            uniqueKeysWithValues: Endpoint.names.map {
                ($0, labels.endpoint($0))
            })
        scopes = Scope.Kind.allCases.map { labels.scope("\($0)") }
        self.guardrails = Dictionary(
            uniqueKeysWithValues: Set(guardrails.map(\.name)).map { ($0, labels.guardrail($0)) })
    }

    func model(_ route: Route) -> ModelLabel { models[route.name] ?? .other }
    func provider(_ target: Target) -> ProviderLabel { provider(named: target.provider.name) }
    func provider(named name: String) -> ProviderLabel { providers[name] ?? .other }
    func endpoint(_ endpoint: Endpoint?) -> EndpointLabel { endpoint.flatMap { endpoints[$0.name] } ?? .other }
    func scope(_ kind: Scope.Kind) -> ScopeLabel { scopes[Int(kind.rawValue)] }
    func guardrail(_ name: String) -> GuardrailLabel { guardrails[name] ?? .other }
}

/// A worker's way to the metrics.
final class MetricsRecorder {
    private let shard: MetricsShard
    var names: MetricNames { didSet { last = nil } }
    /// Nearly every attempt goes where the one before it went: its labels need no look-up by name.
    private var last: Labels?

    private struct Labels {
        let route: Route
        let target: Target
        let model: ModelLabel
        let provider: ProviderLabel
    }

    init(shard: sending MetricsShard, names: MetricNames) {
        self.shard = shard
        self.names = names
    }

    private func labels(of attempt: RequestJourney.Attempt) -> Labels {
        if let last, last.route === attempt.route, last.target === attempt.target { return last }
        let labels = Labels(
            route: attempt.route, target: attempt.target, model: names.model(attempt.route),
            provider: names.provider(attempt.target))
        last = labels
        return labels
    }

    func requestBegan() { shard.requestBegan() }

    func requestEnded(_ call: Call, at ended: MonotonicTime) {
        let duration = ended - call.startedOnClock
        let attempt = call.attempt
        let labels = attempt.map { self.labels(of: $0) }
        let model = labels?.model ?? call.route.map { names.model($0) }
        shard.requestEnded(
            endpoint: names.endpoint(call.endpoint), model: model ?? .other,
            provider: labels?.provider ?? .other, status: call.status, end: call.end, duration: duration)
        if attempt != nil { shard.gatewayTook(max(.zero, duration - call.upstreamTime)) }
        for (index, note) in call.guardrails.enumerated() {
            // Once, however many kinds of things the rule found.
            let isCounted = call.guardrails[..<index].contains {
                $0.rule == note.rule && $0.action == note.action && $0.side == note.side
            }
            if !isCounted { shard.guarded(by: names.guardrail(note.rule), note.action, on: note.side) }
        }
    }

    /// - Parameter firstToken: how long the first of the answer took; nil where none began.
    func attemptEnded(_ attempt: RequestJourney.Attempt, _ trip: Trip, firstToken: Duration?) {
        let labels = self.labels(of: attempt)
        shard.attemptEnded(
            model: labels.model, provider: labels.provider, end: trip.end, tokens: trip.tokens, cost: trip.cost)
        if let firstToken { shard.firstToken(model: labels.model, provider: labels.provider, after: firstToken) }
    }

    func refused(_ refusal: Budgets.Refusal) {
        let dimension: LimitDimension =
            switch refusal.dimension {
            case .money: .money
            case .requests: .requests
            case .tokens: .tokens
            case .parallel: .parallel
            }
        shard.refused(scope: names.scope(refusal.scope.kind), dimension: dimension)
    }

    func gauges(connections: Int, transfers: Int, linesDropped: Int, endsWaiting: Int) {
        shard.set(.clientConnections, connections)
        shard.set(.upstreamConnections, transfers)
        shard.set(.logLinesDropped, linesDropped)
        shard.set(.journalEndsWaiting, endsWaiting)
    }
}
