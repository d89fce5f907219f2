import Providers

/// All routes, found by the name that a client asks for.
///
/// 1. A name that stands there as it is wins.
/// 2. Among wildcards the one with the most text besides its `*` wins, among equals the first.
///
/// A request keeps the table with which it began: a reload never changes its way in the middle.
public final class RouteTable: Sendable {
    /// In the order of the configuration.
    public let routes: [Route]
    private let exact: [String: Route]
    private let wildcards: [(pattern: StarPattern, route: Route)]

    /// A route, and what its wildcard stood for: the whole name where it has none.
    public struct Match: Sendable {
        /// The route, with all its targets unless ``only(_:)`` left some out.
        public let route: Route
        /// For ``Target/upstreamModel(matching:)``.
        public let rest: String

        /// The same with those targets only; nil where there are none.
        public func only(_ isWanted: (Target) -> Bool) -> Match? {
            let targets = route.targets.filter(isWanted)
            if targets.isEmpty { return nil }
            if targets.count == route.targets.count { return self }
            return Match(route: route.with(targets: targets), rest: rest)
        }
    }

    /// - Parameter routes: of two with the same name the first counts; of a name with several `*` only the first is a
    ///   wildcard.
    public init(_ routes: [Route]) {
        self.routes = routes
        exact = Dictionary(
            routes.filter { !$0.hasWildcard }.map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first })
        let found = routes.compactMap { route in route.pattern.map { (pattern: $0, route: route) } }
        wildcards = found.enumerated()
            .sorted { left, right in
                let (leftSize, rightSize) = (left.element.pattern.size, right.element.pattern.size)
                return leftSize == rightSize ? left.offset < right.offset : leftSize > rightSize
            }
            .map(\.element)
    }

    /// - Returns: nil where no route has that name.
    public func find(_ model: String) -> Match? {
        if let route = exact[model] { return Match(route: route, rest: model) }
        for wildcard in wildcards {
            if let rest = wildcard.pattern.rest(of: model) { return Match(route: wildcard.route, rest: rest) }
        }
        return nil
    }

    /// The price of a model that a provider asked by itself: the operator's, where a target leads to it there, else the
    /// catalogue's; nil where nobody states one.
    public func price(of model: String, at provider: Provider) -> ModelPrice? {
        let targets = routes.flatMap(\.targets).filter { $0.provider.name == provider.name }
        let target = targets.first { $0.model == model } ?? targets.first { $0.match(of: model) != nil }
        if let price = target?.price(of: model), price.pricesOutput { return price }
        return ModelCatalogue.price(of: model, at: provider.catalogue)
    }
}
