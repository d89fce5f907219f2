import Glibc
import JSONText
import Testing
import WireFormats

/// Writes what the codec makes for AWS' own SDK to judge: `scripts/judge-converse`, which sets `TOLLGATE_JUDGE` to a folder.
@Suite("Converse, for botocore to judge", .enabled(if: ConverseJudge.folder != nil))
struct ConverseJudgeTests {
    private func write(_ bytes: [UInt8], _ name: String) throws {
        let file = try #require(fopen("\(ConverseJudge.folder ?? "")/\(name)", "w"))
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }

    private func write(_ reply: Reply, _ name: String) throws {
        var losses = LossReport()
        let context = ConverseReplyTests.context()
        try write(ConverseCodec.encodeReply(reply, for: context, &losses).serialized(), "\(name).reply.json")
        try write(ConverseStreamTests.bytes(reply.events, context), "\(name).stream.bin")
    }

    @Test("replies of every origin")
    func replies() throws {
        try write(ConverseReplyTests.foreign, "foreign")
        try Traffic.forEach(["bedrock"], ["converse", "converse_stream"]) { record in
            guard record.status == 200, record.eventStreamIsValid else { return }
            if record.endpoint == "converse" {
                guard let body = try? JSON.parse(record.body), let reply = try? ConverseCodec.decodeReply(body) else {
                    return
                }
                try write(reply, record.id)
                var other = reply
                other.origin = .chatCompletions
                try write(other, "\(record.id)-other")
            } else {
                let events = try CodecCheck<ConverseCodec>.events(of: [record.body])
                try write(CodecCheck<ConverseCodec>.assembled(events).reply, record.id)
                try write(record.body, "\(record.id)-recorded.stream.bin")
                var messages: [JSON] = []
                var parser = EventStreamParser()
                try record.body.withUnsafeBytes { bytes in
                    try parser.feed(bytes) { message in
                        let headers = JSONObject(message.headers.map { ($0.name, .string($0.value)) })
                        messages.append([
                            "headers": .object(headers), "payload": .string(Base64.encoded(message.payload)),
                        ])
                    }
                }
                try write(JSON.array(messages).serialized(), "\(record.id)-recorded.messages.json")
            }
        }
    }

    @Test("requests of another origin")
    func requests() throws {
        try Traffic.forEach(["bedrock"], ["converse", "converse_stream"]) { record in
            guard let request = record.request, record.status == 200 else { return }
            let place = ConverseCorpusTests.place(record)
            var conversation = try ConverseCodec.decodeRequest(request, at: place)
            for origin in [Dialect.messages, .chatCompletions] {
                conversation.origin = origin
                var losses = LossReport()
                let target = TargetFacts(model: conversation.model)
                guard let body = try? ConverseCodec.encodeRequest(conversation, for: target, &losses) else { continue }
                try write(body.serialized(), "\(record.id)-\(origin.rawValue).request.json")
            }
        }
    }
}

private enum ConverseJudge {
    static let folder = getenv("TOLLGATE_JUDGE").map { String(cString: $0) }
}
