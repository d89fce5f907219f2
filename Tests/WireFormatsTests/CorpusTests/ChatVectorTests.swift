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

    /// Where we differ on purpose, by the vector's case.
    private static let cohereDifferences: [String: String] = [
        "tools_two": "a schema that says nothing is an object's without properties: Cohere wants a type",
        "tool_choice_required": "v2 has REQUIRED", "tool_choice_none": "v2 has NONE",
        "tool_choice_named": "REQUIRED, and that tool alone",
        "parallel_tool_results": "an empty content beside calls is left out: Cohere refuses it",
        "null_assistant": "an answer that said nothing is left out: Cohere refuses it",
        "audio_input": "v2 has no part for sound", "file_pdf": "v2 has no part for a PDF",
        "temp_1_5": "the temperature ends at 1", "penalties": "penalties begin at 0",
        "n2": "v2 has no number of answers", "name_field": "v2 has no names of participants",
        "cache_control": "a lone text whose marker is dropped is a string", "unknown_param": "top_k is v2's k",
    ]

    @Test("Cohere") func cohere() throws {
        let result = try differences(CohereChatCodec.self, "cohere")
        report(result, "cohere", atMost: Self.cohereDifferences.count)
        let cases = result.differences.map { String($0.dropFirst("cohere/".count).prefix { $0 != ":" }) }
        #expect(Set(cases) == Set(Self.cohereDifferences.keys))
    }
    @Test("Ollama") func ollama() throws {
        report(try differences(OllamaChatCodec.self, "ollama_chat"), "ollama_chat", atMost: 20)
    }
    @Test("OpenAI") func openAI() throws {
        report(
            try differences(ChatCompletionsCodec.self, "openai") {
                $0.chatOutputCap = "max_tokens"
                // The peer sends any schema.
                $0.limitsToolSchemas = false
            }, "openai", atMost: 60)
    }
    @Test("Mistral") func mistral() throws {
        let result = try differences(ChatCompletionsCodec.self, "mistral") {
            $0.chatOutputCap = "max_tokens"
            $0.hasNineCharacterToolIDs = true
            $0.takesDeveloperRole = false
            $0.limitsToolSchemas = false
            $0.renames = ["seed": "random_seed"]
        }
        report(result, "mistral", atMost: 15)
    }
}
