import JSONText

/// Results of tools, to be written in the order of their calls: for dialects in which little else tells whose they are.
struct OrderedResults {
    private var results: [(order: Int, json: JSON)] = []

    /// - Parameter order: the number of the result's call; nil where that is not known: such a result comes last.
    mutating func add(_ result: JSON, order: Int?) { results.append((order ?? .max, result)) }

    /// Takes them out; those of one order as they came.
    mutating func take() -> [JSON] {
        defer { results = [] }
        let sorted = results.enumerated().sorted { ($0.element.order, $0.offset) < ($1.element.order, $1.offset) }
        return sorted.map { $0.element.json }
    }
}
