import Configuration
import FastCGI
import Glibc
import Guardrails
import Logging
import Providers
import Routing
import Secrets
import ServerProcess
import Transfer
import Units
import WireFormats

/// One configuration, ready for use: made whole at start and at every reload, then never changed. A request keeps the one
/// with which it began.
final class Runtime: Sendable {
    let settings: Settings
    var routes: RouteTable { settings.routes }
    var guardrails: GuardrailPolicy { settings.guardrailPolicy }
    let egress: EgressGuard
    let loadedAt: Timestamp
    /// Takes the keys of this configuration, and whatever looks like one, out of a provider's error text.
    let scrubber: ProviderTextScrubber
    let metricsToken: SecretWatch?
    /// What `GET /v1/models` lists, in the configuration's order; wildcards as the catalogue's names.
    let listedModels: [ListedModel]

    let metricNames: MetricNames

    private let upstreams: [String: Upstream]

    struct ListedModel {
        let name: String
        let owner: String
        /// It answers with words: Google's clients are told of no other.
        let generates: Bool
    }

    /// Where calls to a provider go and with which key.
    final class Upstream: Sendable {
        let provider: Provider
        let credentials: Credentials
        /// The dialects whose path holds the model's name, so that each model has a URL of its own.
        let dialectsWithModel: [Dialect]

        init(provider: Provider, credentials: Credentials) {
            self.provider = provider
            self.credentials = credentials
            dialectsWithModel = provider.dialects.filter { provider.paths[$0]?.contains("{model}") == true }
        }
    }

    /// - Parameter previous: credentials whose place did not change are taken over, so that a reload re-reads nothing.
    init(_ settings: Settings, home: String, previous: Runtime?, labels: MetricLabels) {
        self.settings = settings
        loadedAt = .now()
        var upstreams: [String: Upstream] = [:]
        for (name, account) in settings.providers {
            if let old = previous?.upstreams[name], old.provider == account.provider,
                old.credentials.reference == account.key
            {
                upstreams[name] = old
                continue
            }
            let credentials = Credentials(provider: account.provider, source: account.keySource(in: home))
            upstreams[name] = Upstream(provider: account.provider, credentials: credentials)
        }
        self.upstreams = upstreams
        egress = EgressGuard(allowedHosts: settings.privateHosts)
        let isSameToken = previous?.settings.metricsToken == settings.metricsToken
        metricsToken =
            isSameToken
            ? previous?.metricsToken
            : settings.metricsTokenSource.map { SecretWatch(Settings.OwnSecret.metricsToken.rawValue, $0) }
        // From now on what becomes of it is told: what is wrong with it already, the warnings tell.
        metricsToken?.look()
        let credentials = upstreams.values.map(\.credentials)
        scrubber = ProviderTextScrubber(credentials: credentials, hosts: settings.privateHosts)
        metricNames = MetricNames(
            routes: settings.routes.routes, providers: settings.providers.keys, guardrails: settings.guardrails,
            labels: labels)
        listedModels = Self.models(of: settings.routes.routes)
    }

    /// Half of the cores: the other half is nginx's.
    var loopCount: Int { settings.gateway.loops ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / 2) }

    var fastCGILimits: FastCGILimits {
        FastCGILimits(bodyBytesMax: settings.limits.bodyBytes, queuedBytesMax: settings.limits.bufferBytes)
    }

    func requestLogPath(in home: String) -> String {
        settings.logs.requestFile.hasPrefix("/") ? settings.logs.requestFile : "\(home)/\(settings.logs.requestFile)"
    }

    func upstream(for target: Target) -> Upstream? { upstreams[target.provider.name] }

    func upstream(named provider: String) -> Upstream? { upstreams[provider] }

    func hasModelInPath(_ target: Target, _ dialect: Dialect) -> Bool {
        upstream(for: target)?.dialectsWithModel.contains(dialect) == true
    }

    /// Of providers that are without a key. One that was there once stays good.
    var keyProblems: [String: SecretError] {
        upstreams.compactMapValues { $0.credentials.current == nil ? $0.credentials.problem : nil }
    }

    var credentials: [Credentials] { upstreams.values.map(\.credentials) }

    /// The labels of providers whose key cannot be read, be one in use or not.
    var labelsOfKeyProblems: [ProviderLabel] {
        upstreams.filter { $0.value.credentials.problem != nil }.map { metricNames.provider(named: $0.key) }
    }

    /// The labels of targets that are left alone, one for each route that has one.
    func labels(of cooling: [RoutingMachine.Cooling]) -> [(model: ModelLabel, provider: ProviderLabel)] {
        let ids = Set(cooling.map(\.target))
        return routes.routes.flatMap { route in
            route.targets.filter { ids.contains($0.id) }
                .map { (model: metricNames.model(route), provider: metricNames.provider($0)) }
        }
    }

    private static func models(of routes: [Route]) -> [ListedModel] {
        var seen: Set<String> = []
        var models: [ListedModel] = []
        func list(_ name: String, _ route: Route, matching match: String, _ owner: String) {
            guard seen.insert(name).inserted else { return }
            models.append(ListedModel(name: name, owner: owner, generates: route.generates(matching: match)))
        }
        for route in routes {
            guard let target = route.targets.first else { continue }
            guard route.hasWildcard else {
                list(route.name, route, matching: route.name, target.provider.name)
                continue
            }
            // A wildcard stands for every model that the catalogue knows at its provider.
            for name in ModelCatalogue.models(of: target.provider.catalogue) {
                guard let match = target.match(of: name) else { continue }
                list(route.model(matching: match), route, matching: match, target.provider.name)
            }
        }
        return models
    }
}
