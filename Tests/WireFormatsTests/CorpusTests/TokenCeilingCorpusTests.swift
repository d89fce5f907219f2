import JSONText
import Testing
import Units

@testable import WireFormats

/// The documented bound of ``TokenEstimator``: no recorded call of any dialect used more input than is held for its
/// request.
///
/// What the gateway reads is the client's request. No client speaks Cohere's and Ollama's dialects to it, so their
/// recorded requests are first written as the Chat requests that ask the same.
@Suite("Recorded traffic: ceilings", .enabled(if: Corpus.folder != nil))
struct TokenCeilingCorpusTests {
    struct Closest {
        var count = 0
        var share = 0.0
        var name = ""
    }

    /// The request's ceiling; nil where a part of the input is not in it, or where it is refused.
    static func ceiling(of record: TrafficRecord, _ dialect: Dialect) throws -> TokenCount? {
        guard let request = record.request else { return nil }
        switch dialect {
        case .chatCompletions: return try ceiling(of: request, .chatCompletions)
        case .completions: return try ceiling(of: request, .completions)
        case .embeddings: return try ceiling(of: request, .embeddings)
        case .cohereChat, .ollamaChat:
            guard let codec = dialect.codec else { return nil }
            let conversation = try codec.decodeRequest(request, at: RequestPlace(model: "m"))
            var losses = LossReport()
            let chat = try ChatCompletionsCodec.encodeRequest(conversation, for: TargetFacts(model: "m"), &losses)
            return try ceiling(of: chat, .chatCompletions)
        case .messages, .responses, .generateContent, .converse:
            let place = RequestPlace(model: "m", stream: record.isStream)
            let read = try DialectRequest(request.serialized(), dialect: dialect, place: place)
            return read.refersToStoredInput ? nil : read.inputTokenCeiling
        }
    }

    private static func ceiling(of request: JSON, _ endpoint: OpenAIEndpoint) throws -> TokenCount {
        var request = request
        // Azure has it in the path.
        if request["model"] == nil { request["model"] = "m" }
        return try OpenAIRequest(request.serialized(), endpoint: endpoint).inputTokenCeiling
    }

    static func dialect(of record: TrafficRecord) -> Dialect? {
        if let dialect = DialectCorpusTests.dialect(of: record) { return dialect }
        switch (record.provider, record.endpoint) {
        case ("cohere", "chat"): return record.url.contains("/v2/chat") ? .cohereChat : nil
        case ("ollama", "chat"): return record.url.contains("/api/chat") ? .ollamaChat : .chatCompletions
        case (_, "chat"): return .chatCompletions
        case (_, "completions"): return .completions
        case (_, "embeddings"): return .embeddings
        default: return nil
        }
    }

    static func input(of record: TrafficRecord, _ dialect: Dialect) -> TokenCount? {
        if dialect == .embeddings { return OpenAIReply.usage(fromWhole: record.body)?.input }
        guard let codec = dialect.codec else { return nil }
        func read<Codec: DialectCodec>(_ codec: Codec.Type) throws -> Reply {
            guard record.isStream else { return try Codec.decodeReply(JSON.parse(record.body)) }
            let framing =
                DialectCorpusTests.isEventStream(record)
                ? StreamFraming.eventStream : record.body.first == UInt8(ascii: "[") ? .array : Codec.framing
            return CodecCheck<Codec>.assembled(try CodecCheck<Codec>.events(of: [record.body], framing: framing)).reply
        }
        return (try? read(codec))?.usage?.tokens.input
    }

    /// What the estimator says that it does not cover: Venice's own prompt, searches that nobody asked for, Ollama's thoughts
    /// before an answer of a stated format.
    static func isCovered(_ record: TrafficRecord) -> Bool {
        let request = record.request ?? [:]
        if record.provider == "ollama", request["think"] == true, request["format"] != nil { return false }
        return record.provider != "venice" && request["model"]?.string?.hasPrefix("compound") != true
    }

    @Test("no call used more input than its ceiling, in any dialect")
    func ceilings() throws {
        var closest: [Dialect: Closest] = [:]
        var unread: [String] = []
        var beyond: [String] = []
        let endpoints: Set<String> = [
            "chat", "completions", "embeddings", "messages", "rawPredict", "invoke", "invoke_stream", "responses",
            "generateContent", "streamGenerateContent", "converse", "converse_stream",
        ]
        try Traffic.forEach(Traffic.providers(), endpoints) { record in
            guard let dialect = Self.dialect(of: record), record.status == 200, record.eventStreamIsValid,
                record.request?["max_tokens_to_sample"] == nil
            else { return }
            // A record without usage, or of another API under the same name, has no count to compare.
            guard let input = Self.input(of: record, dialect), input > 0 else { return }
            let found: TokenCount?
            do { found = try Self.ceiling(of: record, dialect) } catch {
                unread.append("\(record.name): \(error)")
                return
            }
            // Input that the provider keeps is in no ceiling.
            guard let ceiling = found else { return }
            guard Self.isCovered(record) else {
                if input > ceiling { beyond.append("\(record.name): \(input.count) of \(ceiling.count)") }
                return
            }
            #expect(input <= ceiling, "\(record.name): \(input.count) of \(ceiling.count)")
            let share = Double(input.count) / Double(ceiling.count)
            var known = closest[dialect] ?? Closest()
            known.count += 1
            if share > known.share { (known.share, known.name) = (share, record.name) }
            closest[dialect] = known
        }
        for dialect in Dialect.allCases {
            let found = closest[dialect] ?? Closest()
            print("ceiling \(dialect): \(found.count) calls, closest \(found.share) \(found.name)")
            #expect(found.count > 0, "\(dialect)")
        }
        #expect(closest.values.reduce(0) { $0 + $1.count } > 3_800)
        // docs/WIREFORMATS.md lists them.
        #expect(beyond.count == 10, "\(beyond.joined(separator: "\n"))")
        #expect(unread.isEmpty, "\(unread)")
    }
}
