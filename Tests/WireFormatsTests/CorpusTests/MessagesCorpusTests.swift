import JSONText
import TestSupport
import Testing

@testable import WireFormats

/// Recorded traffic of Anthropic, and of all others that speak Messages.
@Suite(.enabled(if: Corpus.folder != nil)) struct MessagesCorpusTests {
    typealias Check = CodecCheck<MessagesCodec>

    /// Answers that come back from a whole body as others, by the record's name.
    static let exceptions = [
        "anthropic/messages 9021a81c6e5bbc9e": "the output cap cut a call's input: only a stream can carry it as it is"
    ]

    /// All records of the dialect.
    static func forEach(_ body: (TrafficRecord, TargetFacts.MessagesHost) throws -> Void) throws {
        try Traffic.forEach(["anthropic", "ollama", "local_openai_compatible"], ["messages"]) { try body($0, .direct) }
        try Traffic.forEach(["vertex_ai"], ["rawPredict"]) { try body($0, .vertex) }
        try Traffic.forEach(["bedrock"], ["invoke", "invoke_stream"]) { record in
            // Other makers' models have bodies of their own at the same path.
            if record.url.contains("anthropic.") { try body(record, .bedrock) }
        }
    }

    static func isLegacy(_ record: TrafficRecord) -> Bool { record.request?["max_tokens_to_sample"] != nil }

    @Test func requestsMeanTheSameAfterwards() throws {
        var count = 0
        var legacy = 0
        var excepted = 0
        try MessagesCorpusTests.forEach { record, host in
            guard let request = record.request else { return }
            if MessagesCorpusTests.isLegacy(record) {
                legacy += 1
                return
            }
            if record.status == 400, (try? MessagesCodec.decodeRequest(request, at: RequestPlace(model: "m"))) == nil {
                excepted += 1
                return
            }
            let model = request["model"]?.string ?? "m"
            var target = TargetFacts(model: model)
            target.host = host
            let place = RequestPlace(model: model)
            do {
                try Check.checkRequest(request, at: place, record.name, target: target) { body in
                    var body = body
                    // `output_format` was the beta's name of `output_config.format`.
                    if let format = body["output_format"] {
                        body["output_format"] = nil
                        body["output_config"] = ["format": format]
                    }
                    if host == .bedrock { body["stream"] = nil }
                    if host != .direct { body["model"] = nil }
                    return withoutDefaults(body)
                }
                count += 1
            } catch { Issue.record("\(record.name): \(error)") }
        }
        print("messages requests: \(count), legacy bodies \(legacy), refused by the provider too \(excepted)")
        #expect(count > 400)
    }

    /// `stream: false` and `tools: []` are what is meant without them.
    private func withoutDefaults(_ body: JSON) -> JSON {
        var body = body
        if body["stream"] == false { body["stream"] = nil }
        if body["tools"] == [] { body["tools"] = nil }
        return body
    }

    @Test func wholeRepliesDecodeAndComeBack() throws {
        var count = 0
        var legacy = 0
        try MessagesCorpusTests.forEach { record, _ in
            guard record.status == 200, !record.isStream else { return }
            if MessagesCorpusTests.isLegacy(record) {
                legacy += 1
                return
            }
            if FailedReplies.reasons[record.id] != nil {
                #expect(throws: ReplyError.self) { try MessagesCodec.decodeReply(try JSON.parse(record.body)) }
                return
            }
            do {
                let reply = try MessagesCodec.decodeReply(try JSON.parse(record.body))
                Check.checkReply(reply, record.name)
                MessagesCorpusTests.checkOwn(reply, record.name)
                count += 1
            } catch { Issue.record("\(record.name): \(error)") }
        }
        print("messages whole replies: \(count), legacy \(legacy)")
        #expect(count > 300)
    }

    static func context(_ model: String) -> ReplyContext {
        ReplyContext(
            model: model, requestID: "req_1", created: 1, request: Conversation(origin: .messages, model: model))
    }

    static func checkOwn(_ reply: Reply, _ name: String) {
        var losses = LossReport()
        let context = context(reply.model ?? "m")
        let written = MessagesCodec.encodeReply(reply, for: context, &losses)
        #expect(losses.isEmpty, "\(name): \(losses)")
        var again = try? MessagesCodec.decodeReply(written)
        if reply.model == nil { again?.model = nil }
        if reply.id == nil { again?.id = nil }
        if reply.usage == nil { again?.usage = nil }
        if exceptions[name] != nil {
            #expect(again.map(compacted)?.choices != compacted(reply).choices, "\(name) is no exception")
            again?.choices = reply.choices
        }
        if let again { expectSame(again, reply, name) } else { Issue.record("\(name): it does not decode") }
        // The same as a stream.
        var encoder = MessagesCodec.streamEncoder(for: context)
        var out = FrameWriter()
        for event in reply.events { encoder.encode(event, into: &out) }
        #expect(encoder.losses.isEmpty, "\(name): \(encoder.losses)")
        guard let events = try? Check.events(of: [out.bytes]) else {
            Issue.record("\(name): its stream does not decode")
            return
        }
        #expect(Check.faults(in: events).isEmpty, "\(name): \(Check.faults(in: events))")
        var streamed = Check.assembled(events).reply
        if reply.model == nil { streamed.model = nil }
        if reply.id == nil { streamed.id = nil }
        if reply.usage == nil { streamed.usage = nil }
        expectSame(streamed, reply, name)
    }

    /// A call's input in its compact form: the model may have written spaces.
    static func compacted(_ reply: Reply) -> Reply {
        var reply = reply
        for choice in reply.choices.indices {
            for place in reply.choices[choice].parts.indices {
                switch reply.choices[choice].parts[place].content {
                case .toolCall(var call):
                    call.arguments = (try? JSON.parse(call.arguments))?.text ?? call.arguments
                    reply.choices[choice].parts[place].content = .toolCall(call)
                case .serverTool(var use):
                    use.input = (try? JSON.parse(use.input))?.text ?? use.input
                    reply.choices[choice].parts[place].content = .serverTool(use)
                // Ollama signs nothing and sends no signature; an empty one, as it is written back, says the same.
                case .reasoning(let reasoning) where reasoning.proof == nil:
                    reply.choices[choice].parts[place].form = nil
                default: break
                }
            }
        }
        return reply
    }

    static func expectSame(_ left: Reply, _ right: Reply, _ name: String) {
        let left = compacted(left)
        let right = compacted(right)
        if left == right { return }
        var parts = ""
        if left.choices != right.choices {
            for (a, b) in zip(left.choices.first?.parts ?? [], right.choices.first?.parts ?? []) where a != b {
                parts = "\(a) instead of \(b)"
                break
            }
        }
        var bare = left
        bare.choices = right.choices
        let rest =
            bare == right
            ? "" : " \(bare.usage == right.usage) \(left.extras) / \(right.extras) \(left.serviceTier ?? "-")"
        let stops = "\(String(describing: left.choices.first?.stop)) \(String(describing: right.choices.first?.stop))"
        Issue.record("\(name): \(parts.prefix(900)) \(rest.prefix(500)) \(stops)")
    }

    @Test func streamsDecodeAndComeBack() throws {
        var count = 0
        var failed = 0
        var legacy = 0
        var fuzz = SeededRandom.fresh("messages streams")
        try MessagesCorpusTests.forEach { record, host in
            guard record.status == 200, record.isStream else { return }
            if !record.eventStreamIsValid || MessagesCorpusTests.isLegacy(record) {
                legacy += 1
                return
            }
            do {
                let events: [ReplyEvent]
                if host == .bedrock {
                    events = try Check.events(of: [record.body], framing: .eventStream)
                    #expect(Check.faults(in: events).isEmpty, "\(record.name): \(Check.faults(in: events))")
                    let cut = try Check.events(of: fuzz.cuts(of: record.body), framing: .eventStream)
                    #expect(cut == events, "\(record.name): cut at random")
                } else {
                    events = try Check.checkStream(record.body, &fuzz, record.name)
                }
                let assembler = Check.assembled(events)
                FailedReplies.check(assembler.failure != nil, record)
                if assembler.failure != nil {
                    failed += 1
                    print("failed in the stream:", record.name)
                } else {
                    #expect(assembler.isComplete, "\(record.name) is not complete")
                }
                MessagesCorpusTests.checkOwn(assembler.reply, record.name)
                checkOwnStream(events, assembler, record.name)
                count += 1
            } catch { Issue.record("\(record.name): \(error)") }
        }
        print("messages streams: \(count), of them failed at the provider \(failed), legacy \(legacy)")
        #expect(count > 200)
    }

    /// Events written as they came, and read again, are the same answer.
    private func checkOwnStream(_ events: [ReplyEvent], _ assembler: ReplyAssembler, _ name: String) {
        var encoder = MessagesCodec.streamEncoder(for: MessagesCorpusTests.context(assembler.reply.model ?? "m"))
        var out = FrameWriter()
        for event in events { encoder.encode(event, into: &out) }
        guard let again = try? Check.events(of: [out.bytes]) else {
            Issue.record("\(name): written again, it does not decode")
            return
        }
        #expect(Check.faults(in: again).isEmpty, "\(name): \(Check.faults(in: again))")
        var reply = Check.assembled(again).reply
        if assembler.reply.model == nil { reply.model = nil }
        if assembler.reply.id == nil { reply.id = nil }
        MessagesCorpusTests.expectSame(reply, assembler.reply, "\(name), again as a stream")
    }
}
