import Glibc
import Testing
import Units

@testable import WireFormats

/// How fast a request's ceiling is known: from the body's bytes, scan included. In a release build only
/// (`swift test -c release -Xswiftc -enable-testing --filter TokenEstimatorSpeedTests`); docs/WIREFORMATS.md has the numbers.
@Suite(.enabled(if: !isDebugBuild), .serialized)
struct TokenEstimatorSpeedTests {
    static let texts: [(name: String, text: String)] = [
        ("English", "The quick brown fox jumps over the lazy dog, and nobody says \\\"why\\\".\\n"),
        ("Chinese", "敏捷的棕色狐狸跳过了懒狗,没有人问为什么。"),
        ("JSON", "{\\\"id\\\": 17, \\\"name\\\": \\\"fox\\\", \\\"tags\\\": [1, 2.5, null, true]}, "),
    ]

    @Test(
        "a megabyte of any text takes less than 10 ms",
        arguments: [
            Dialect.chatCompletions, .messages, .generateContent,
        ])
    func speed(_ dialect: Dialect) throws {
        for (name, text) in Self.texts {
            let parts = Array(repeating: text, count: 400_000 / text.utf8.count + 1).joined()
            try measure("\(name) in \(dialect)", body(dialect, turns: Array(repeating: parts, count: 10)))
        }
        let base64 = String(repeating: "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo", count: 4_000_000 / 35)
        try measure("base64 in \(dialect)", body(dialect, image: base64))
    }

    private func body(_ dialect: Dialect, turns: [String]) -> (Dialect, [UInt8]) {
        let list =
            switch dialect {
            case .generateContent: turns.map { "{\"role\":\"user\",\"parts\":[{\"text\":\"\($0)\"}]}" }
            default: turns.map { "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"\($0)\"}]}" }
            }
        let member = dialect == .generateContent ? "contents" : "messages"
        return (dialect, body(member, list.joined(separator: ",")))
    }

    private func body(_ dialect: Dialect, image: String) -> (Dialect, [UInt8]) {
        let part =
            switch dialect {
            case .generateContent: "{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"\(image)\"}}"
            case .messages:
                "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":"
                    + "\"\(image)\"}}"
            default: "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,\(image)\"}}"
            }
        let list = dialect == .generateContent ? "contents" : "messages"
        let name = dialect == .generateContent ? "parts" : "content"
        return (dialect, body(list, "{\"role\":\"user\",\"\(name)\":[\(part)]}"))
    }

    private func body(_ list: String, _ turns: String) -> [UInt8] {
        Array("{\"model\":\"m\",\"max_tokens\":9,\"\(list)\":[\(turns)]}".utf8)
    }

    private func measure(_ name: String, _ request: (dialect: Dialect, body: [UInt8])) throws {
        var best = Double.infinity
        var ceiling = TokenCount(0)
        for _ in 0..<5 {
            let before = now()
            if let endpoint = OpenAIEndpoint(dialect: request.dialect) {
                ceiling = try OpenAIRequest(request.body, endpoint: endpoint).inputTokenCeiling
            } else {
                ceiling = try DialectRequest(request.body, dialect: request.dialect, place: RequestPlace(model: "m"))
                    .inputTokenCeiling
            }
            best = min(best, now() - before)
        }
        let speed = Double(request.body.count) / 1e6 / best
        print("estimator: \(name): \(request.body.count) bytes, \(Int(speed)) MB/s, ceiling \(ceiling.count)")
        #expect(speed >= 100, "\(name)")
    }

    /// This thread's own processor time, in seconds.
    private func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

extension OpenAIEndpoint {
    fileprivate init?(dialect: Dialect) {
        guard dialect == .chatCompletions else { return nil }
        self = .chatCompletions
    }
}

/// An assertion is compiled in debug builds alone.
private let isDebugBuild: Bool = {
    var isDebug = false
    assert(
        {
            isDebug = true
            return true
        }())
    return isDebug
}()
