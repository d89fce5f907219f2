import JSONText
import Testing
import Units

@testable import WireFormats

/// Recorded calls of the dialects that pass through: what is read in place is what the codecs read, and requests leave as
/// they came.
@Suite(.enabled(if: Corpus.folder != nil)) struct DialectCorpusTests {
    /// Which dialect a record is in; nil for all others.
    static func dialect(of record: TrafficRecord) -> Dialect? {
        switch record.endpoint {
        case "messages", "rawPredict": .messages
        case "invoke", "invoke_stream": record.url.contains("anthropic.") ? .messages : nil
        case "responses": .responses
        case "generateContent", "streamGenerateContent": .generateContent
        case "converse", "converse_stream": .converse
        default: nil
        }
    }

    static func forEach(_ body: (TrafficRecord, Dialect) throws -> Void) throws {
        let endpoints: Set<String> = [
            "messages", "rawPredict", "invoke", "invoke_stream", "responses", "generateContent",
            "streamGenerateContent",
            "converse", "converse_stream",
        ]
        try Traffic.forEach(Traffic.providers(), endpoints) { record in
            guard let dialect = DialectCorpusTests.dialect(of: record), record.eventStreamIsValid else { return }
            if record.request?["max_tokens_to_sample"] != nil { return }
            try body(record, dialect)
        }
    }

    static func isEventStream(_ record: TrafficRecord) -> Bool {
        record.endpoint == "converse_stream" || record.endpoint == "invoke_stream"
    }

    /// The usage as the follower of streams, or the reader of whole bodies, sees it.
    private func inPlace(_ record: TrafficRecord, _ dialect: Dialect) throws -> (TokenUsage?, DialectStream?) {
        guard record.isStream, record.body.first != UInt8(ascii: "[") else {
            return (DialectReply.usage(fromWhole: record.body, dialect: dialect), nil)
        }
        var stream = DialectStream(dialect: dialect)
        if DialectCorpusTests.isEventStream(record) {
            var parser = EventStreamParser()
            try record.body.withUnsafeBytes { try parser.feed($0) { _ = stream.read($0) } }
        } else {
            var parser = SSEParser()
            try record.body.withUnsafeBytes { try parser.feed($0) { _ = stream.read($0) } }
            // What was cut goes to nobody.
            parser.finish { if $0.isWhole { _ = stream.read($0) } }
        }
        return (stream.usage, stream)
    }

    private func decoded<Codec: DialectCodec>(_ record: TrafficRecord, _ codec: Codec.Type) throws -> Reply? {
        guard record.isStream else { return try Codec.decodeReply(JSON.parse(record.body)) }
        let framing =
            DialectCorpusTests.isEventStream(record)
            ? StreamFraming.eventStream : record.body.first == UInt8(ascii: "[") ? .array : .sse
        let events = try CodecCheck<Codec>.events(of: [record.body], framing: framing)
        return CodecCheck<Codec>.assembled(events).reply
    }

    private func decoded(_ record: TrafficRecord, _ dialect: Dialect) -> Reply? {
        switch dialect {
        case .messages: try? decoded(record, MessagesCodec.self)
        case .responses: try? decoded(record, ResponsesCodec.self)
        case .generateContent: try? decoded(record, GenerateContentCodec.self)
        case .converse: try? decoded(record, ConverseCodec.self)
        default: nil
        }
    }

    @Test func usageInPlaceIsTheCodecs() throws {
        var counts: [String: Int] = [:]
        try DialectCorpusTests.forEach { record, dialect in
            guard record.status == 200 else { return }
            let (usage, stream) = try inPlace(record, dialect)
            let key = "\(dialect.rawValue) \(record.isStream ? "stream" : "whole")"
            guard let reply = decoded(record, dialect) else {
                counts["\(key) undecoded", default: 0] += 1
                return
            }
            let told = reply.usage?.tokens
            if usage != told {
                let words =
                    "in \(usage?.input.count ?? -1)/\(told?.input.count ?? -1) out \(usage?.output.count ?? -1)/\(told?.output.count ?? -1) searches \(usage?.searches ?? -1)/\(told?.searches ?? -1)"
                Issue.record(
                    "\(record.name): \(words) cached \(usage?.cachedInput.count ?? -1)/\(told?.cachedInput.count ?? -1) w \(usage?.cacheWrite5m.count ?? -1)/\(told?.cacheWrite5m.count ?? -1) thought \(usage?.reasoning.count ?? -1)/\(told?.reasoning.count ?? -1)"
                )
            }
            counts[key, default: 0] += 1
            if let stream {
                if !stream.isComplete { print("dialects incomplete:", record.name) }
                // Some send their one call whole, without a delta.
                let parts = reply.choices.first?.parts ?? []
                if stream.isComplete, parts.contains(where: { !($0.text?.isEmpty ?? true) }) {
                    #expect(stream.contentChunks > 0, "\(record.name)")
                    #expect(stream.textBytes > 0, "\(record.name)")
                }
            }
        }
        print("dialects usage:", counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
        #expect(counts.values.reduce(0, +) > 2000)
    }

    @Test func requestsLeaveAsTheyCameButForTheModel() throws {
        var count: [Dialect: Int] = [:]
        var stored = 0
        var refused = 0
        try DialectCorpusTests.forEach { record, dialect in
            guard let value = record.request else { return }
            let body = value.serialized()
            let place = RequestPlace(model: "m", stream: record.isStream)
            let request: DialectRequest
            do {
                request = try DialectRequest(body, dialect: dialect, place: place)
            } catch {
                if record.status >= 400 { refused += 1 } else { Issue.record("\(record.name): \(error)") }
                return
            }
            guard record.status == 200, let usage = try inPlace(record, dialect).0, usage.input > 0 else { return }
            count[dialect, default: 0] += 1
            if request.refersToStoredInput { stored += 1; return }
            let upstream = try JSON.parse(request.upstreamBody(model: "other", addMaxTokens: 7))
            checkUpstream(upstream, value, dialect, request, record.name)
        }
        print("dialects requests: \(count) stored \(stored) refused too \(refused)")
        #expect(count.values.reduce(0, +) > 1500)
    }

    private func checkUpstream(
        _ upstream: JSON, _ body: JSON, _ dialect: Dialect, _ request: DialectRequest, _ name: String
    ) {
        var expected = body
        switch dialect {
        case .messages:
            expected["model"] = "other"
            if request.maxOutputTokens == nil { expected["max_tokens"] = 7 }
        case .responses:
            expected["model"] = "other"
            if request.maxOutputTokens == nil { expected["max_output_tokens"] = 7 }
        case .generateContent where request.maxOutputTokens == nil:
            let name = body["generation_config"] == nil ? "generationConfig" : "generation_config"
            var config = body[name]?.object ?? [:]
            config["maxOutputTokens"] = 7
            expected[name] = .object(config)
        case .converse where request.maxOutputTokens == nil:
            var config = body["inferenceConfig"]?.object ?? [:]
            config["maxTokens"] = 7
            expected["inferenceConfig"] = .object(config)
        default: break
        }
        #expect(firstDifference(canonical(expected), canonical(upstream)) == nil, "\(name)")
    }
}
