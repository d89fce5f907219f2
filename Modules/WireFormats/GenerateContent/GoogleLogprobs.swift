import JSONText

/// `logprobsResult` and Chat Completions' `logprobs`.
///
/// Google's `tokenId` has no name there; it stays in each entry under its own name.
enum GoogleLogprobs {
    static func chat(_ result: JSON) -> JSON? {
        guard let chosen = result["chosenCandidates"]?.array else { return nil }
        let tops = result["topCandidates"]?.array ?? []
        var content: [JSON] = []
        for (index, candidate) in chosen.enumerated() {
            var entry = self.entry(candidate)
            let top = tops.indices.contains(index) ? tops[index]["candidates"]?.array ?? [] : []
            entry["top_logprobs"] = .array(top.map { .object(self.entry($0)) })
            content.append(.object(entry))
        }
        return ["content": .array(content)]
    }

    private static func entry(_ candidate: JSON) -> JSONObject {
        let token = candidate["token"]?.string ?? ""
        var entry: JSONObject = [
            // Google leaves a probability of exactly one, whose logarithm is 0, out.
            "token": .string(token), "logprob": candidate["logProbability"] ?? 0,
            "bytes": .array(token.utf8.map { .int(Int64($0)) }),
        ]
        if let id = candidate["tokenId"] { entry["tokenId"] = id }
        return entry
    }

    static func google(_ logprobs: JSON) -> JSONObject? {
        let content = ChatLogprobs.entries(logprobs)
        if content.isEmpty { return nil }
        var result: JSONObject = ["chosenCandidates": .array(content.map(candidate))]
        if content.contains(where: { !($0["top_logprobs"]?.array ?? []).isEmpty }) {
            result["topCandidates"] = .array(
                content.map { ["candidates": .array(($0["top_logprobs"]?.array ?? []).map(candidate))] })
        }
        return result
    }

    private static func candidate(_ entry: JSON) -> JSON {
        var candidate = JSONObject()
        if let token = entry["token"] { candidate["token"] = token }
        if let id = entry["tokenId"] { candidate["tokenId"] = id }
        if let logprob = entry["logprob"] { candidate["logProbability"] = logprob }
        return .object(candidate)
    }
}
