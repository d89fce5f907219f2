import JSONText
import TestSupport
import Testing
import WireFormats

/// Recorded calls of Bedrock's Converse. Runs where `TOLLGATE_CORPUS` names the corpus folder.
@Suite("Recorded Converse traffic", .enabled(if: Corpus.folder != nil))
struct ConverseCorpusTests {
    /// Records that are no Converse, by what they say themselves.
    static let exceptions: [String: String] = [
        "d0448d2e6ffa22a5": "the reply is of Rerank: {\"results\": […]}"
    ]

    static func place(_ record: TrafficRecord) -> RequestPlace {
        let pieces = record.url.split(separator: "/").map(String.init)
        let model = pieces.count > 1 ? pieces[pieces.count - 2] : ""
        return RequestPlace(
            model: model.replacing("%3A", with: ":").replacing("%2F", with: "/"),
            stream: record.endpoint == "converse_stream")
    }

    /// Empty lists and objects that mean nothing are left out, and a schema that is written as text is read: its spaces
    /// mean nothing.
    static func normalised(_ body: JSON) -> JSON {
        var body = body
        for name in ["system", "inferenceConfig", "additionalModelRequestFields"] {
            if body[name]?.array?.isEmpty == true || body[name]?.object?.isEmpty == true { body[name] = nil }
        }
        if let text = body["outputConfig"]?["textFormat"]?["structure"]?["jsonSchema"]?["schema"]?.string,
            let schema = try? JSON.parse(text)
        {
            body["outputConfig"]?["textFormat"]?["structure"]?["jsonSchema"]?["schema"] = schema
        }
        return body
    }

    @Test("requests: each decodes and means the same when it is written again")
    func requests() throws {
        var checked = 0
        try Traffic.forEach(["bedrock"], ["converse", "converse_stream"]) { record in
            guard let request = record.request else { return }
            checked += 1
            try CodecCheck<ConverseCodec>.checkRequest(
                request, at: Self.place(record), record.name, normalised: Self.normalised)
        }
        print("converse: \(checked) requests")
        #expect(checked > 300)
    }

    @Test("whole replies: each decodes, and is the same after encode and decode")
    func wholeReplies() throws {
        var checked = 0
        try Traffic.forEach(["bedrock"], ["converse"]) { record in
            guard record.status == 200 else { return }
            let body = try JSON.parse(record.body)
            guard Self.exceptions[record.id] == nil else {
                #expect(throws: ReplyError.self, "\(record.name)") { try ConverseCodec.decodeReply(body) }
                return
            }
            checked += 1
            let reply = try ConverseCodec.decodeReply(body)
            CodecCheck<ConverseCodec>.checkReply(reply, record.name)
            let context = Self.context()
            var losses = LossReport()
            let written = ConverseCodec.encodeReply(reply, for: context, &losses)
            #expect(losses.isEmpty, "\(record.name): \(losses)")
            #expect(try ConverseCodec.decodeReply(written) == reply, "\(record.name)")
            if let usage = body["usage"], let total = usage["totalTokens"]?.int {
                #expect(reply.usage?.tokens.total.count == total, "\(record.name)")
            }
            let streamed = try Self.streamed(reply.events, context)
            let assembled = CodecCheck<ConverseCodec>.assembled(try CodecCheck<ConverseCodec>.events(of: [streamed]))
            #expect(assembled.isComplete || reply.choices[0].stop == nil, "\(record.name)")
            #expect(assembled.reply == reply, "\(record.name): streamed")
        }
        print("converse: \(checked) whole replies")
        #expect(checked > 250)
    }

    @Test("streams: the same legal events however cut, and the same after encode and decode")
    func streams() throws {
        var fuzz = SeededRandom.fresh("converse cuts")
        var checked = 0
        try Traffic.forEach(["bedrock"], ["converse_stream"]) { record in
            guard record.status == 200, record.eventStreamIsValid else { return }
            checked += 1
            let events = try CodecCheck<ConverseCodec>.checkStream(record.body, &fuzz, record.name)
            let whole = CodecCheck<ConverseCodec>.assembled(events)
            #expect(whole.isComplete, "\(record.name)")
            CodecCheck<ConverseCodec>.checkReply(whole.reply, record.name)
            let context = Self.context()
            let again = try CodecCheck<ConverseCodec>.events(of: [try Self.streamed(events, context)])
            #expect(CodecCheck<ConverseCodec>.faults(in: again).isEmpty, "\(record.name)")
            #expect(CodecCheck<ConverseCodec>.assembled(again).reply == whole.reply, "\(record.name)")
            var losses = LossReport()
            let written = ConverseCodec.encodeReply(whole.reply, for: context, &losses)
            let read = try ConverseCodec.decodeReply(written)
            #expect(Self.compact(read).choices == Self.compact(whole.reply).choices, "\(record.name)")
        }
        print("converse: \(checked) streams")
        #expect(checked > 50)
    }

    @Test("refusals of Bedrock decode as failures")
    func errors() throws {
        try Traffic.forEach(["bedrock"], ["converse", "converse_stream"]) { record in
            guard record.status >= 400, let body = try? JSON.parse(record.body) else { return }
            #expect(throws: ReplyError.self, "\(record.name)") { try ConverseCodec.decodeReply(body) }
        }
    }

    /// A whole reply has arguments as an object: their spaces mean nothing.
    static func compact(_ reply: Reply) -> Reply {
        var reply = reply
        for index in reply.choices[0].parts.indices {
            guard var call = reply.choices[0].parts[index].toolCall else { continue }
            call.arguments = JSON.object(call.argumentsObject).text
            reply.choices[0].parts[index].content = .toolCall(call)
        }
        return reply
    }

    static func context() -> ReplyContext {
        ReplyContext(
            model: "m", requestID: "req", created: 0, request: Conversation(origin: .converse, model: "m"))
    }

    static func streamed(_ events: [ReplyEvent], _ context: ReplyContext) throws -> [UInt8] {
        var encoder = ConverseCodec.streamEncoder(for: context)
        var out = FrameWriter()
        for event in events { encoder.encode(event, into: &out) }
        #expect(encoder.losses.isEmpty, "\(encoder.losses)")
        return out.take()
    }
}
