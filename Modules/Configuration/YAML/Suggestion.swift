/// What someone probably meant.
enum Suggestion {
    /// What LiteLLM's file calls our keys.
    private static let elsewhere = [
        "model_list": "models", "model_name": "name", "litellm_params": "targets", "api_base": "base_url",
        "num_retries": "retries", "timeout": "timeouts", "request_timeout": "timeouts", "allowed_fails": "cooldown",
        "cooldown_time": "cooldown", "max_tokens": "max_output_tokens", "deployments": "targets", "url": "base_url",
        "input_cost_per_token": "price", "output_cost_per_token": "price", "key": "api_key", "type": "rule",
    ]

    /// - Returns: the known word that is at most a third of its letters away, or the one that it is called elsewhere.
    static func nearest(to word: String, among known: [String]) -> String? {
        let wanted = Array(word.lowercased().utf8)
        let distances = known.map { ($0, distance(wanted, Array($0.lowercased().utf8))) }
        if let best = distances.min(by: { $0.1 < $1.1 }), best.1 <= max(1, min(wanted.count, best.0.utf8.count) / 3) {
            return best.0
        }
        if let name = elsewhere[word.lowercased()], known.contains(name) { return name }
        return known.first { wanted.count >= 4 && $0.lowercased().hasPrefix(word.lowercased()) }
    }

    /// Insertions, deletions, substitutions and swaps of neighbours between two words.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard left.count <= 100, right.count <= 100 else { return .max }
        var before: [Int] = []
        var above = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var least = min(above[column + 1] + 1, current[column] + 1, above[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    least = min(least, before[column - 1] + 1)
                }
                current.append(least)
            }
            before = above
            above = current
        }
        return above[right.count]
    }
}
