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
        var checked = 0
        try Self.forEach { record in
            guard !record.isStream else { return }
            let body = try JSON.parse(record.body)
            guard record.status < 400 else {
                #expect(throws: ReplyError.self, "\(record.name)") { try CohereChatCodec.decodeReply(body) }
                return
            }
            checked += 1
            let reply = try CohereChatCodec.decodeReply(body)
            Check.checkReply(reply, record.name)
            #expect(reply.usage != nil && reply.choices[0].stop?.reason != .other, "\(record.name)")
            try CorpusRun.checkBack(CohereChatCodec.self, reply, reply.events, record.name)
        }
        print("cohere: \(checked) whole replies")
        #expect(checked > 60)
    }

    @Test("every stream decodes, the same however it is cut, and means the same when it is written back")
    func streams() throws {
        var fuzz = Fuzz("cohere cuts")
        var checked = 0
        try Self.forEach { record in
            guard record.isStream, record.status < 400 else { return }
            checked += 1
            let events = try Check.checkStream(record.body, &fuzz, record.name)
            let assembled = Check.assembled(events)
            #expect(assembled.isComplete || assembled.failure != nil, "\(record.name)")
            guard assembled.isComplete else { return }
            try CorpusRun.checkBack(CohereChatCodec.self, assembled.reply, events, record.name)
        }
        print("cohere: \(checked) streams")
        #expect(checked > 15)
    }
}
