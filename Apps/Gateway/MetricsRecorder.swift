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

    init(routes: [Route], providers: some Collection<String>, labels: MetricLabels) {
        models = Dictionary(uniqueKeysWithValues: Set(routes.map(\.name)).map { ($0, labels.model($0)) })
        self.providers = Dictionary(uniqueKeysWithValues: Set(providers).map { ($0, labels.provider($0)) })
        endpoints = Dictionary(
            uniqueKeysWithValues: Endpoint.names.map {
                ($0, labels.endpoint($0))
            })
        scopes = Scope.Kind.allCases.map { labels.scope("\($0)") }
    }

    func model(_ route: Route) -> ModelLabel { models[route.name] ?? .other }
    func provider(_ target: Target) -> ProviderLabel { providers[target.provider.name] ?? .other }
    func endpoint(_ endpoint: Endpoint?) -> EndpointLabel { endpoint.flatMap { endpoints[$0.name] } ?? .other }
    func scope(_ kind: Scope.Kind) -> ScopeLabel { scopes[Int(kind.rawValue)] }
}

/// A worker's way to the metrics.
final class MetricsRecorder {
    private let shard: MetricsShard
    var names: MetricNames

    init(shard: sending MetricsShard, names: MetricNames) {
        self.shard = shard
        self.names = names
    }

    func requestBegan() { shard.requestBegan() }

    func requestEnded(_ call: Call) {
        let duration = MonotonicTime.read() - call.startedOnClock
        let attempt = call.attempt
        shard.requestEnded(
            endpoint: names.endpoint(call.endpoint), model: attempt.map { names.model($0.route) } ?? .other,
            provider: attempt.map { names.provider($0.target) } ?? .other, status: call.status, end: call.end,
            duration: duration)
        if attempt != nil { shard.gatewayTook(max(.zero, duration - call.upstreamTime)) }
    }

    func attemptEnded(_ attempt: RequestJourney.Attempt, _ record: AttemptRecord) {
        let model = names.model(attempt.route)
        let provider = names.provider(attempt.target)
        shard.attemptEnded(model: model, provider: provider, end: record.end, tokens: record.tokens, cost: record.cost)
        if let first = record.firstByteAt {
            shard.firstToken(model: model, provider: provider, after: first - record.startedAt)
        }
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
