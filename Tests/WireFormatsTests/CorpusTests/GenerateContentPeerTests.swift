import JSONText
import Testing
import WireFormats

/// What one peer reads out of the same recorded replies.
@Suite("generateContent: the peer's reading of replies", .enabled(if: Corpus.folder != nil))
struct GenerateContentPeerTests {
    /// Where we differ on purpose.
    static let differences: [String: String] = [
        "6f58f4451610bae5": "MODEL_ARMOR withheld the answer: a content filter, not `stop`",
        "3f8b661a493355f2": "a cached content's own record, no reply: the peer makes an empty choice of it",
        "29ceb2c5bbcc88cc": "tool-use prompt tokens are input (Google's own total says so)",
        "9c953acbd8fbe24a": "tool-use prompt tokens are input (Google's own total says so)",
    ]

    @Test("text, tool calls, finish reason and usage are the peer's")
    func wholeReplies() throws {
        var expected: [String: JSON] = [:]
        for provider in ["gemini", "vertex_ai"] {
            let bytes = Corpus.read("\(Corpus.folder ?? "")/vectors/responses/\(provider).jsonl")
            for line in bytes.split(separator: 0x0A) {
                guard let vector = try? JSON.parse(Array(line)), let id = vector["id"]?.string,
                    let response = vector["openai_response"]
                else { continue }
                expected[id] = response
            }
        }
        var compared = 0
        try Traffic.forEach(["gemini", "vertex_ai"], ["generateContent"]) { record in
            guard let response = expected[record.id], record.status == 200 else { return }
            compared += 1
            let reply = try GenerateContentCodec.decodeReply(JSON.parse(record.body))
            let found = differences(reply, response)
            #expect(
                found.isEmpty != (GenerateContentPeerTests.differences[record.id] != nil), "\(record.name): \(found)")
        }
        print("generateContent: \(compared) replies compared with the peer's reading")
        #expect(compared > 200)
    }

    private func differences(_ reply: Reply, _ response: JSON) -> [String] {
        var found: [String] = []
        guard let message = response["choices"]?[0]?["message"], let choice = reply.choices.first else {
            return ["no choice"]
        }
        let text = choice.parts.compactMap(\.text).joined()
        if text != message["content"]?.string ?? "" { found.append("text") }
        let thought = choice.parts.compactMap(\.reasoning?.visibleText).joined()
        if thought != message["reasoning_content"]?.string ?? "" { found.append("reasoning") }
        let calls = choice.parts.compactMap(\.toolCall)
        let theirs = message["tool_calls"]?.array ?? []
        if calls.count != theirs.count { found.append("count of calls") }
        for (call, their) in zip(calls, theirs) {
            if call.name != their["function"]?["name"]?.string { found.append("name of call") }
            let arguments = their["function"]?["arguments"]?.string.flatMap { try? JSON.parse($0) }
            if canonical(.object(call.argumentsObject)) != canonical(arguments ?? [:]) { found.append("arguments") }
        }
        let reason =
            switch choice.stop?.reason {
            case .toolUse: "tool_calls"
            case .maxTokens: "length"
            case .contentFilter: "content_filter"
            default: "stop"
            }
        if reason != response["choices"]?[0]?["finish_reason"]?.string {
            found.append(
                "finish reason \(choice.stop?.native ?? "") is theirs \(response["choices"]?[0]?["finish_reason"]?.string ?? "")"
            )
        }
        if let usage = response["usage"], let tokens = reply.usage?.tokens {
            if usage["prompt_tokens"]?.int != tokens.input.count { found.append("prompt tokens") }
            if usage["completion_tokens"]?.int != tokens.output.count { found.append("completion tokens") }
            if usage["prompt_tokens_details"]?["cached_tokens"]?.int ?? 0 != tokens.cachedInput.count {
                found.append("cached tokens")
            }
            if usage["completion_tokens_details"]?["reasoning_tokens"]?.int ?? 0 != tokens.reasoning.count {
                found.append("reasoning tokens")
            }
        }
        return found
    }
}
