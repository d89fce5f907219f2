import JSONText
import Testing
import WireFormats

/// What a peer sends to Cohere, Ollama and OpenAI-compatible providers for the same Chat request. It is not always
/// right: the differences are printed, and those that are known are counted.
@Suite("A peer's requests: Chat to Chat, Cohere and Ollama", .enabled(if: Corpus.folder != nil))
struct ChatVectorTests {
    private func differences<Codec: DialectCodec>(
        _ codec: Codec.Type, _ file: String, _ change: (inout TargetFacts) -> Void = { _ in }
    ) throws -> (count: Int, differences: [String]) {
        var count = 0
        var found: [String] = []
        for line in Corpus.read("\(Corpus.folder ?? "")/vectors/requests/\(file).jsonl").split(separator: 0x0A) {
            let vector = try JSON.parse(Array(line))
            guard var request = vector["openai_request"], let expected = vector["provider_request"]?["body"] else {
                continue
            }
            let name = vector["case"]?.string ?? "?"
            request["model"] = expected["model"]
            count += 1
            do {
                var conversation = try ChatCompletionsCodec.decodeRequest(request, at: RequestPlace())
                // As another dialect's, so that nothing is written back as it came.
                if Codec.dialect == .chatCompletions { conversation.origin = .responses }
                var target = TargetFacts(model: conversation.model)
                target.asksForStreamUsage = false
                change(&target)
                var losses = LossReport()
                let body = try Codec.encodeRequest(conversation, for: target, &losses)
                if let difference = firstDifference(canonical(bare(expected)), canonical(bare(body))) {
                    found.append("\(file)/\(name): \(difference.prefix(240))")
                }
            } catch { found.append("\(file)/\(name): refused: \(error)") }
        }
        return (count, found)
    }

    /// The peer sends `images: []` and `options: {}` to Ollama, which say nothing.
    private func bare(_ body: JSON) -> JSON {
        var body = body
        if body["options"]?.object?.isEmpty == true { body["options"] = nil }
        body["messages"] = .array(
            (body["messages"]?.array ?? []).map { message in
                var message = message
                if message["images"]?.array?.isEmpty == true { message["images"] = nil }
                return message
            })
        return body
    }

    private func report(_ result: (count: Int, differences: [String]), _ name: String, atMost: Int) {
        print("vectors \(name): \(result.count), \(result.differences.count) differ")
        for line in result.differences { print("vector \(line)") }
        #expect(result.count > 10)
        #expect(result.differences.count <= atMost, "\(name)")
    }

    @Test("Cohere") func cohere() throws {
        report(try differences(CohereChatCodec.self, "cohere"), "cohere", atMost: 14)
    }
    @Test("Ollama") func ollama() throws {
        report(try differences(OllamaChatCodec.self, "ollama_chat"), "ollama_chat", atMost: 20)
    }
    @Test("OpenAI") func openAI() throws {
        report(
            try differences(ChatCompletionsCodec.self, "openai") { $0.chatOutputCap = "max_tokens" }, "openai",
            atMost: 60)
    }
    @Test("Mistral") func mistral() throws {
        let result = try differences(ChatCompletionsCodec.self, "mistral") {
            $0.chatOutputCap = "max_tokens"
            $0.hasNineCharacterToolIDs = true
            $0.takesDeveloperRole = false
            $0.renames = ["seed": "random_seed"]
        }
        report(result, "mistral", atMost: 15)
    }
}
