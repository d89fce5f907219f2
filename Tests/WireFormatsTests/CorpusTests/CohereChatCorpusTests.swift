import JSONText
import Testing
import WireFormats

/// Recorded traffic of Cohere's v2 chat.
@Suite("Recorded traffic: Cohere", .enabled(if: Corpus.folder != nil))
struct CohereChatCorpusTests {
    typealias Check = CodecCheck<CohereChatCodec>

    static func forEach(_ body: (TrafficRecord) throws -> Void) throws {
        try Traffic.forEach(["cohere"], ["chat"]) { if $0.url.contains("/v2/chat") { try body($0) } }
    }

    @Test("every request decodes, and means the same when it is written back")
    func requests() throws {
        var checked = 0
        try Self.forEach { record in
            guard let body = record.request else { return }
            checked += 1
            do {
                try Check.checkRequest(body, record.name) { body in
                    var body = body
                    if body["stream"]?.bool == false { body["stream"] = nil }
                    body["messages"] = .array(
                        (body["messages"]?.array ?? []).map { message in
                            var message = message
                            for name in ["citations", "tool_calls", "content"]
                            where message[name]?.array?.isEmpty == true { message[name] = nil }
                            return message
                        })
                    return body
                }
            } catch let error as RequestError where record.status >= 400 {
                print("cohere refuses \(record.id): \(error.message)")
            }
        }
        print("cohere: \(checked) requests")
        #expect(checked > 70)
    }

    @Test("every whole reply decodes, and means the same when it is written back")
    func wholeReplies() throws {
        let checked = try CorpusRun.wholeReplies(CohereChatCodec.self, Self.forEach) { reply, record in
            #expect(reply.choices[0].stop?.reason != .other, "\(record.name)")
        }
        #expect(checked > 60)
    }

    @Test("every stream decodes, the same however it is cut, and means the same when it is written back")
    func streams() throws {
        #expect(try CorpusRun.streams(CohereChatCodec.self, Self.forEach) > 15)
    }
}
