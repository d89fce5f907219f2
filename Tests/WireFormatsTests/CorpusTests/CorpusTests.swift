import Glibc
import JSONText
import TestSupport
import Testing
import Units
import WireFormats

/// Recorded traffic of many providers. Runs where `TOLLGATE_CORPUS` names the corpus folder; it is not in the
/// repository.
@Suite("Recorded traffic", .enabled(if: Corpus.folder != nil))
struct CorpusTests {
    @Test("whole replies: every usage that is there is read, and adds up")
    func wholeReplies() throws {
        var checked = 0
        var withUsage = 0
        try Corpus.forEach(streaming: false) { record in
            checked += 1
            let body = record.body
            let found = OpenAIReply.usage(fromWhole: body)
            guard let value = try? JSON.parse(body) else { return }
            guard let expected = value["usage"]?.object, Corpus.speaksOpenAI(expected) else {
                #expect(found == nil, "\(record.id)")
                return
            }
            withUsage += 1
            Corpus.check(found, against: expected, record.id)
            body.withUnsafeBytes { bytes in
                if value["error"] != nil { #expect(OpenAIReply.error(in: bytes) != nil) }
                for text in OpenAIReply.texts(in: bytes) { #expect(JSONView(bytes, text.value).string != nil) }
            }
        }
        print("corpus: \(checked) whole replies, \(withUsage) with usage")
        #expect(withUsage > 0)
    }

    @Test("streams: the last usage is read, and they survive being cut anywhere")
    func streams() throws {
        var fuzz = SeededRandom.fresh("corpus cuts")
        var checked = 0
        var withUsage = 0
        var hidden = 0
        try Corpus.forEach(streaming: true) { record in
            checked += 1
            let whole = try StreamRun([record.body], hidesUsage: false)
            #expect(whole.forwarded == record.body, "\(record.id)")
            let hiding = try StreamRun([record.body], hidesUsage: true)
            if hiding.forwarded.count < whole.forwarded.count { hidden += 1 }
            for pieces in [fuzz.cuts(of: record.body), fuzz.cuts(of: record.body)] {
                let cut = try StreamRun(pieces, hidesUsage: true)
                #expect(cut.forwarded == hiding.forwarded, "\(record.id)")
                #expect(cut.stream.usage == hiding.stream.usage, "\(record.id)")
                #expect(cut.stream.textBytes == hiding.stream.textBytes, "\(record.id)")
            }
            var last: JSONObject?
            var text = ""
            for event in try collectEvents([record.body]) {
                guard let data = event.data, let value = try? JSON.parse(data) else { continue }
                let usage = value["usage"]?.object ?? value["x_groq"]?["usage"]?.object
                if let usage, Corpus.speaksOpenAI(usage) { last = usage }
                for choice in value["choices"]?.array ?? [] { text += choice["delta"]?["content"]?.string ?? "" }
                data.withUnsafeBytes { bytes in
                    let found = OpenAIStream.texts(in: bytes).filter { $0.channel == .content && !$0.isWhole }
                    #expect(found.allSatisfy { JSONView(bytes, $0.value).string != nil }, "\(record.id)")
                }
            }
            if !text.isEmpty { #expect(whole.stream.textBytes >= text.unicodeScalars.count, "\(record.id)") }
            guard let last else {
                #expect(whole.stream.usage == nil, "\(record.id)")
                return
            }
            withUsage += 1
            Corpus.check(whole.stream.usage, against: last, record.id)
        }
        print("corpus: \(checked) streams, \(withUsage) with usage, \(hidden) with a usage chunk hidden")
        #expect(withUsage > 0)
        #expect(hidden > 0)
    }

    @Test("requests: what clients really sent is accepted and leaves byte for byte")
    func requests() throws {
        var checked = 0
        try Corpus.forEach(streaming: nil) { record in
            // What the provider itself refused may be refused here too.
            guard record.status < 400, let sent = record.request, let endpoint = record.openAIEndpoint,
                sent["model"]?.string != nil
            else { return }
            // Other dialects recorded under the same endpoint names.
            guard sent["messages"] != nil || endpoint != .chatCompletions else { return }
            guard sent["input"] != nil || endpoint != .embeddings else { return }
            checked += 1
            let body = sent.serialized()
            do {
                let found = try OpenAIRequest(body, endpoint: endpoint)
                let same = found.upstreamBody(model: found.model, addIncludeUsage: false)
                #expect(same == body, "\(record.id)")
                let changed = found.upstreamBody(model: "other", addIncludeUsage: true)
                var expected = sent
                expected["model"] = "other"
                if found.stream {
                    var options = sent["stream_options"]?.isNull == false ? sent["stream_options"]! : [:]
                    options["include_usage"] = true
                    expected["stream_options"] = options
                }
                #expect((try? JSON.parse(changed)) == expected, "\(record.id)")
            } catch let error as RequestError {
                Issue.record("\(record.provider) \(record.id): \(error.message)")
            }
        }
        print("corpus: \(checked) requests")
        #expect(checked > 0)
    }
}

/// One recorded call.
struct CorpusRecord {
    let id: String
    let provider: String
    let endpoint: String
    let status: Int64
    let request: JSON?
    let body: [UInt8]
    let isStream: Bool

    var openAIEndpoint: OpenAIEndpoint? {
        switch endpoint {
        case "chat": .chatCompletions
        case "completions": .completions
        case "embeddings": .embeddings
        default: nil
        }
    }
}

enum Corpus {
    static let folder: String? = getenv("TOLLGATE_CORPUS").map { String(cString: $0) }

    /// The providers whose chat, completions and embeddings speak OpenAI's dialect.
    static let providers = [
        "ai21", "avian", "azure", "azure_ai", "bedrock_mantle", "cerebras", "copilot", "crusoe", "dashscope",
        "databricks",
        "deepseek", "doubleword", "groq", "heroku", "huggingface", "llamacpp", "local_openai_compatible", "meta_llama",
        "mistral", "mistralrs", "moonshot", "openai", "openai_compatible_misc", "openrouter", "perplexity", "portkey",
        "snowflake", "together_ai", "venice", "vercel_ai_gateway", "vllm", "voyage", "watsonx", "writer", "xai", "zai",
    ]

    static func forEach(streaming: Bool?, _ body: (CorpusRecord) throws -> Void) throws {
        guard let folder else { return }
        for provider in providers {
            let bytes = read("\(folder)/traffic/\(provider).jsonl")
            #expect(!bytes.isEmpty, "no records of \(provider)")
            for line in bytes.split(separator: 0x0A) {
                let found: CorpusRecord? = try line.withUnsafeBytes { try record($0, provider) }
                guard let found, streaming == nil || found.isStream == streaming else { continue }
                try body(found)
            }
        }
    }

    private static func record(_ line: UnsafeRawBufferPointer, _ provider: String) throws -> CorpusRecord? {
        let document = try JSONScanner.scan(line)
        guard let endpoint = document.value("endpoint", in: line)?.string,
            ["chat", "completions", "embeddings"].contains(endpoint),
            document.value("response_body_encoding", in: line)?.isString("text") == true,
            let text = document.value("response_body", in: line)?.textRange
        else { return nil }
        let request = document.value("request_body", in: line).flatMap { try? JSON.parse($0.raw) }
        return CorpusRecord(
            id: document.value("id", in: line)?.string ?? "?", provider: provider, endpoint: endpoint,
            status: document.value("status", in: line)?.int ?? 0, request: request,
            body: JSONEscapes.unescaped(UnsafeRawBufferPointer(rebasing: line[text])),
            isStream: document.value("streaming", in: line)?.bool ?? false)
    }

    /// Cohere's own usage has other members.
    static func speaksOpenAI(_ usage: JSONObject) -> Bool {
        ["prompt_tokens", "completion_tokens", "total_tokens"].contains { usage[$0]?.number != nil }
    }

    static func check(_ found: TokenUsage?, against usage: JSONObject, _ id: String) {
        guard let found else {
            Issue.record("\(id): usage not found")
            return
        }
        let prompt = usage["prompt_tokens"]?.int
        let total = usage["total_tokens"]?.int
        if let prompt { #expect(found.input.count >= prompt, "\(id)") }
        if let completion = usage["completion_tokens"]?.int { #expect(found.output.count >= completion, "\(id)") }
        if let total, total > 0 { #expect(found.total.count == total, "\(id)") }
        if let cached = usage["prompt_tokens_details"]?["cached_tokens"]?.int, let prompt {
            #expect(found.cachedInput.count == min(cached, prompt), "\(id)")
        }
        #expect(found.plainInput >= 0, "\(id)")
    }

    static func read(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}
