import JSONText
import Testing
import WireFormats

/// Recorded traffic of Ollama's native chat.
@Suite("Recorded traffic: Ollama", .enabled(if: Corpus.folder != nil))
struct OllamaChatCorpusTests {
    typealias Check = CodecCheck<OllamaChatCodec>

    static func forEach(_ body: (TrafficRecord) throws -> Void) throws {
        try Traffic.forEach(["ollama"], ["chat"]) { if $0.url.contains("/api/chat") { try body($0) } }
    }

    @Test("every request decodes, and means the same when it is written back")
    func requests() throws {
        var checked = 0
        try Self.forEach { record in
            guard let body = record.request else { return }
            checked += 1
            try Check.checkRequest(body, record.name) { body in
                var body = body
                if body["stream"] == nil { body["stream"] = true }
                if body["options"]?.object?.isEmpty == true { body["options"] = nil }
                if body["tools"]?.array?.isEmpty == true { body["tools"] = nil }
                if body["format"] == "" { body["format"] = nil }
                body["messages"] = .array(
                    (body["messages"]?.array ?? []).map { message in
                        var message = message
                        if let calls = message["tool_calls"]?.array {
                            message["tool_calls"] = .array(
                                calls.map { call in
                                    var call = call
                                    if call["type"] == "function" { call["type"] = nil }
                                    return call
                                })
                        }
                        return message
                    })
                return body
            }
        }
        print("ollama: \(checked) requests")
        #expect(checked > 15)
    }

    /// Answers whose word for their end means nothing, with where it shows in the record.
    static let endless = ["8a9ed193ca6c6884": "`done_reason: custom`, which its authors made up"]

    @Test("every whole reply decodes, and means the same when it is written back")
    func wholeReplies() throws {
        let checked = try CorpusRun.wholeReplies(OllamaChatCodec.self, Self.forEach) { reply, record in
            let isEndless = Self.endless[record.id] != nil
            #expect((reply.choices[0].stop?.reason == .other) == isEndless, "\(record.name)")
            if isEndless { reply.choices[0].stop = Stop(.endTurn) }
        }
        #expect(checked > 15)
    }

    @Test("every stream decodes, the same however it is cut, and means the same when it is written back")
    func streams() throws {
        #expect(try CorpusRun.streams(OllamaChatCodec.self, Self.forEach) > 10)
    }
}
