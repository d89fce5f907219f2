import JSONText
import Testing
import WireFormats

/// Recorded traffic of the legacy completions endpoint.
@Suite("Recorded traffic: Completions", .enabled(if: Corpus.folder != nil))
struct CompletionsCorpusTests {
    typealias Check = CodecCheck<CompletionsCodec>

    static func forEach(_ body: (TrafficRecord) throws -> Void) throws {
        // Others have dialects of their own under this name (Ollama's /api/generate, Anthropic's and Cohere's first).
        try Traffic.forEach(["openai", "ollama", "vllm", "together_ai", "portkey", "azure", "writer"], ["completions"])
        {
            if $0.url.contains("completions") { try body($0) }
        }
    }

    /// Requests that are refused, with where it shows in the record.
    static let refused = ["0da98060b2e5e0f6": "`prompt` is a list of tokens"]

    @Test("every request decodes, and means the same when it is written back; prompts of tokens are refused")
    func requests() throws {
        var checked = 0
        var tokens = 0
        try Self.forEach { record in
            guard var body = record.request, body["prompt"] != nil, record.status < 400 else { return }
            checked += 1
            do {
                try Check.checkRequest(body, record.name) { body in
                    var body = body
                    if let stop = body["stop"]?.string { body["stop"] = [.string(stop)] }
                    if body["stream"]?.bool == false { body["stream"] = nil }
                    return body
                }
                #expect(Self.refused[record.id] == nil, "\(record.name)")
            } catch let error as RequestError {
                tokens += 1
                #expect(error.code == "unsupported_content", "\(record.name): \(error)")
                #expect(Self.refused[record.id] != nil, "\(record.name): \(error)")
            }
            body["prompt"] = ["a", "b"]
            let several = try CompletionsCodec.decodeRequest(body, at: RequestPlace())
            var losses = LossReport()
            let error = #expect(throws: RequestError.self) {
                try ChatCompletionsCodec.writtenRequest(several, for: TargetFacts(model: "m"), &losses)
            }
            #expect(error?.param == "prompt")
        }
        print("completions: \(checked) requests, \(tokens) of tokens")
        #expect(checked > 20)
    }

    @Test("every whole reply decodes, and means the same when it is written back")
    func wholeReplies() throws {
        #expect(try CorpusRun.wholeReplies(CompletionsCodec.self, Self.forEach, refusesErrors: false) > 20)
    }

    @Test("every stream decodes, the same however it is cut, and means the same when it is written back")
    func streams() throws {
        #expect(try CorpusRun.streams(CompletionsCodec.self, Self.forEach) > 10)
    }
}
