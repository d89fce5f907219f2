import JSONText
import Testing
import WireFormats

/// What a peer makes of the same recorded replies, for a Chat client: texts, thinking, calls, the reason to stop and the
/// totals of usage. It is not always right: the differences are printed, and counted.
@Suite("A peer's replies: Chat, Cohere and Ollama to Chat", .enabled(if: Corpus.folder != nil))
struct ChatReplyVectorTests {
    /// What is compared of a reply.
    private struct Facts: Equatable {
        var text = ""
        var thinking = ""
        var calls: [String] = []
        var reason = ""
        var input: Int64?
        var output: Int64?
    }

    private func facts(ofWhole body: JSON) -> Facts {
        var facts = Facts()
        let choice = body["choices"]?[0]
        let message = choice?["message"]
        facts.text = message?["content"]?.string ?? ""
        facts.thinking = message?["reasoning_content"]?.string ?? message?["reasoning"]?.string ?? ""
        for call in message?["tool_calls"]?.array ?? [] {
            facts.calls.append(
                "\(call["function"]?["name"]?.string ?? "")\(call["function"]?["arguments"]?.string ?? "")")
        }
        facts.reason = choice?["finish_reason"]?.string ?? ""
        facts.input = body["usage"]?["prompt_tokens"]?.int
        facts.output = body["usage"]?["completion_tokens"]?.int
        return facts
    }

    private func facts(ofChunks chunks: [JSON]) -> Facts {
        var facts = Facts()
        var calls: [Int64: String] = [:]
        for chunk in chunks {
            let choice = chunk["choices"]?.array?.first { $0["index"]?.int ?? 0 == 0 }
            let delta = choice?["delta"]
            facts.text += delta?["content"]?.string ?? ""
            facts.thinking += delta?["reasoning_content"]?.string ?? ""
            for call in delta?["tool_calls"]?.array ?? [] {
                let function = call["function"]
                calls[call["index"]?.int ?? 0, default: ""] +=
                    (function?["name"]?.string ?? "") + (function?["arguments"]?.string ?? "")
            }
            if let reason = choice?["finish_reason"]?.string { facts.reason = reason }
            if let input = chunk["usage"]?["prompt_tokens"]?.int { facts.input = input }
            if let output = chunk["usage"]?["completion_tokens"]?.int { facts.output = output }
        }
        facts.calls = calls.sorted { $0.key < $1.key }.map(\.value)
        return facts
    }

    private func peer(_ provider: String) throws -> [String: JSON] {
        var vectors: [String: JSON] = [:]
        let bytes = Corpus.read("\(Corpus.folder ?? "")/vectors/responses/\(provider).jsonl")
        for line in bytes.split(separator: 0x0A) {
            let vector = try JSON.parse(Array(line))
            if let id = vector["id"]?.string { vectors[id] = vector }
        }
        return vectors
    }

    private func ours<Codec: DialectCodec>(_ codec: Codec.Type, _ record: TrafficRecord) throws -> Facts {
        var request = Conversation(origin: .chatCompletions, model: "m")
        request.includeUsage = true
        let context = ReplyContext(model: "m", requestID: "r", created: 0, request: request)
        if record.isStream {
            let events = try CodecCheck<Codec>.events(of: [record.body])
            return facts(ofChunks: try chunks(encoded(ChatCompletionsCodec.self, events, context).bytes))
        }
        var losses = LossReport()
        let reply = try Codec.decodeReply(JSON.parse(record.body))
        return facts(ofWhole: ChatCompletionsCodec.encodeReply(reply, for: context, &losses))
    }

    @Test("the same facts, but for those that the peer gets wrong")
    func replies() throws {
        var compared = 0
        var differing = 0
        var kinds: [String: (count: Int, sample: String)] = [:]
        for provider in ChatCompletionsCorpusTests.providers + ["cohere"] {
            let vectors = try peer(provider)
            try Traffic.forEach([provider], ["chat"]) { record in
                guard record.status < 400, let vector = vectors[record.id] else { return }
                let theirs: Facts
                if let whole = vector["openai_response"] {
                    theirs = facts(ofWhole: whole)
                } else if let list = (vector["openai_chunks"] ?? vector["chunks"])?.array {
                    theirs = facts(ofChunks: list)
                } else {
                    return
                }
                let found: Facts
                do {
                    if provider == "cohere" {
                        guard record.url.contains("/v2/") else { return }
                        found = try ours(CohereChatCodec.self, record)
                    } else if record.url.contains("/api/chat") {
                        found = try ours(OllamaChatCodec.self, record)
                    } else {
                        found = try ours(ChatCompletionsCodec.self, record)
                    }
                } catch { return }
                compared += 1
                guard found != theirs else { return }
                differing += 1
                let members: [(String, Bool)] = [
                    ("text", found.text != theirs.text), ("thinking", found.thinking != theirs.thinking),
                    ("calls", found.calls != theirs.calls), ("reason", found.reason != theirs.reason),
                    ("input", found.input != theirs.input), ("output", found.output != theirs.output),
                ]
                for (name, differs) in members where differs {
                    let kind = "\(provider) \(record.isStream ? "stream" : "whole") \(name)"
                    let both =
                        "\(record.id) ours \(String("\(found)".suffix(230))) THEIRS \(String("\(theirs)".suffix(230)))"
                    kinds[kind] = ((kinds[kind]?.count ?? 0) + 1, kinds[kind]?.sample ?? both)
                }
            }
        }
        print("reply vectors: \(compared) compared, \(differing) differ")
        for (kind, found) in kinds.sorted(by: { $0.key < $1.key }) {
            print("reply vector \(kind): \(found.count): \(found.sample)")
        }
        #expect(compared > 500)
    }
}
