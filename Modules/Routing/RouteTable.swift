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
    private let wildcards: [Wildcard]

    private struct Wildcard: Sendable {
        let before: [UInt8]
        let after: [UInt8]
        let route: Route

        /// - Returns: what the star stands for in `name`; nil where the name doesn't fit.
        func rest(of name: String) -> String? {
            guard !before.isEmpty || !after.isEmpty else { return name }
            var name = name
            return name.withUTF8 { bytes in
                guard bytes.count >= before.count + after.count, bytes.starts(with: before),
                    bytes.suffix(after.count).elementsEqual(after)
                else { return nil }
                return String(decoding: bytes[before.count..<bytes.count - after.count], as: UTF8.self)
            }
        }
    }

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
        let found = routes.compactMap { route in
            route.name.utf8.firstIndex(of: UInt8(ascii: "*")).map { star in
                Wildcard(
                    before: Array(route.name.utf8[..<star]),
                    after: Array(route.name.utf8[route.name.utf8.index(after: star)...]), route: route)
            }
        }
        wildcards = found.enumerated()
            .sorted { left, right in
                let leftSize = left.element.before.count + left.element.after.count
                let rightSize = right.element.before.count + right.element.after.count
                return leftSize == rightSize ? left.offset < right.offset : leftSize > rightSize
            }
            .map(\.element)
    }

    /// - Returns: nil where no route has that name.
    public func find(_ model: String) -> Match? {
        if let route = exact[model] { return Match(route: route, rest: model) }
        for wildcard in wildcards {
            if let rest = wildcard.rest(of: model) { return Match(route: wildcard.route, rest: rest) }
        }
        return nil
    }
}
