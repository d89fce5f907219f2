import Glibc
import Units
import WireFormats

/// How fast a request's ceiling of input tokens is known, scan of the body included: what every call waits for.
enum EstimatorSpeed {
    private static let texts: [(name: String, text: String)] = [
        ("English", "The quick brown fox jumps over the lazy dog, and nobody says \\\"why\\\".\\n"),
        ("Chinese", "敏捷的棕色狐狸跳过了懒狗,没有人问为什么。"),
        ("JSON", "{\\\"id\\\": 17, \\\"name\\\": \\\"fox\\\", \\\"tags\\\": [1, 2.5, null, true]}, "),
    ]

    /// Megabytes a second of this thread's processor time, the best of five, for bodies of 4 MB.
    static func measure() throws(RequestError) -> [(name: String, megabytes: Double)] {
        let base64 = String(repeating: "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo", count: 4_000_000 / 35)
        var results: [(name: String, megabytes: Double)] = []
        for dialect in [Dialect.chatCompletions, .messages, .generateContent] {
            for (name, text) in texts {
                let turn = String(repeating: text, count: 400_000 / text.utf8.count + 1)
                let body = body(dialect, (0..<10).map { _ in part(dialect, turn) })
                results.append(("\(name) in \(dialect)", try speed(dialect, body)))
            }
            results.append(("base64 in \(dialect)", try speed(dialect, body(dialect, [image(dialect, base64)]))))
        }
        return results
    }

    private static func part(_ dialect: Dialect, _ text: String) -> String {
        dialect == .generateContent ? "{\"text\":\"\(text)\"}" : "{\"type\":\"text\",\"text\":\"\(text)\"}"
    }

    private static func image(_ dialect: Dialect, _ data: String) -> String {
        switch dialect {
        case .generateContent: "{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"\(data)\"}}"
        case .messages:
            "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"\(data)\"}}"
        default: "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,\(data)\"}}"
        }
    }

    private static func body(_ dialect: Dialect, _ parts: [String]) -> [UInt8] {
        let (list, content) = dialect == .generateContent ? ("contents", "parts") : ("messages", "content")
        let turns = parts.map { "{\"role\":\"user\",\"\(content)\":[\($0)]}" }.joined(separator: ",")
        return Array("{\"model\":\"m\",\"max_tokens\":9,\"\(list)\":[\(turns)]}".utf8)
    }

    private static func speed(_ dialect: Dialect, _ body: [UInt8]) throws(RequestError) -> Double {
        var best = Double.infinity
        for _ in 0..<5 {
            let start = now()
            if dialect == .chatCompletions {
                _ = try OpenAIRequest(body, endpoint: .chatCompletions).inputTokenCeiling
            } else {
                _ = try DialectRequest(body, dialect: dialect, place: RequestPlace(model: "m")).inputTokenCeiling
            }
            best = min(best, now() - start)
        }
        return Double(body.count) / 1e6 / best
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
