import Providers

extension Settings {
    /// Where tollgate-mock is all there is: a line for each provider whose key is in the environment, and what it takes to
    /// use it.
    ///
    /// - Parameter isSet: whether an environment variable is set to something.
    public func hints(isSet: (String) -> Bool) -> [String] {
        guard Array(providers.keys) == ["mock"] else { return [] }
        var told: Set<String> = []
        return Provider.known.compactMap { row in
            let isStarter = Self.starters.contains { $0.provider == row.name }
            guard isStarter || row.baseURL == nil, let variable = row.keyVariables.first(where: isSet),
                told.insert(variable).inserted
            else { return nil }
            let begin = "\(variable) is set, but no provider in tollgate.yaml uses it: "
            if !isStarter {
                return begin + "\(row.name) needs a base_url too, with your region or endpoint "
                    + "(docs/examples/tollgate.yaml)"
            }
            return begin + "add '\(row.name): {api_key: env:\(variable)}' under providers and "
                + "'- {name: \"\(row.name)/*\", targets: [\(row.name)]}' under models"
        }
    }
}
