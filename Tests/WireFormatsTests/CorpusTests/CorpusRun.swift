import JSONText
import TestSupport
import Testing
import WireFormats

/// What the suites of Chat, Completions, Cohere and Ollama do alike with recorded replies.
enum CorpusRun {
    static func context(for reply: Reply) -> ReplyContext {
        var request = Conversation(origin: .chatCompletions, model: reply.model ?? "m")
        request.includeUsage = true
        return ReplyContext(model: reply.model ?? "m", requestID: "r", created: reply.created ?? 1, request: request)
    }

    typealias Source = ((TrafficRecord) throws -> Void) throws -> Void

    /// Every whole reply decodes, and means the same when it is written back.
    ///
    /// - Parameters:
    ///   - refusesErrors: the body of a failed call is no reply, and is told so.
    ///   - check: takes the reply, may say what of it cannot come back, and what else must hold.
    /// - Returns: how many there were.
    static func wholeReplies<Codec: DialectCodec>(
        _ codec: Codec.Type, _ source: Source, refusesErrors: Bool = true,
        check: @escaping (inout Reply, TrafficRecord) throws -> Void = { _, _ in }
    ) throws -> Int {
        var checked = 0
        try source { record in
            guard !record.isStream else { return }
            guard record.status < 400 else {
                guard refusesErrors else { return }
                let body = try JSON.parse(record.body)
                #expect(throws: ReplyError.self, "\(record.name)") { try Codec.decodeReply(body) }
                return
            }
            checked += 1
            var reply = try Codec.decodeReply(JSON.parse(record.body))
            CodecCheck<Codec>.checkReply(reply, record.name)
            #expect(reply.usage != nil, "\(record.name)")
            try check(&reply, record)
            try checkBack(Codec.self, reply, reply.events, record.name)
        }
        print("\(Codec.dialect): \(checked) whole replies")
        return checked
    }

    /// Every stream decodes, the same however it is cut, and means the same when it is written back.
    ///
    /// - Returns: how many there were.
    static func streams<Codec: DialectCodec>(_ codec: Codec.Type, _ source: Source) throws -> Int {
        var fuzz = SeededRandom.fresh("\(Codec.dialect) cuts")
        var checked = 0
        try source { record in
            guard record.isStream, record.status < 400 else { return }
            checked += 1
            let events = try CodecCheck<Codec>.checkStream(record.body, &fuzz, record.name)
            let assembled = CodecCheck<Codec>.assembled(events)
            #expect(assembled.isComplete || assembled.failure != nil, "\(record.name)")
            FailedReplies.check(assembled.failure != nil, record)
            if assembled.isComplete { try checkBack(Codec.self, assembled.reply, events, record.name) }
        }
        print("\(Codec.dialect): \(checked) streams")
        return checked
    }

    /// A reply, written whole and as a stream in its own dialect and read again, is itself, and nothing is lost.
    static func checkBack<Codec: DialectCodec>(
        _ codec: Codec.Type, _ reply: Reply, _ events: [ReplyEvent], _ name: String
    ) throws {
        let context = context(for: reply)
        var losses = LossReport()
        let written = Codec.encodeReply(reply, for: context, &losses)
        let again = try Codec.decodeReply(JSON.parse(written.serialized()))
        let difference = firstDifference(comparable(reply), comparable(again))
        #expect(difference == nil, "\(name), written and read again: \(difference ?? "")")
        #expect(losses.isEmpty, "\(name): \(losses)")

        var encoder = Codec.streamEncoder(for: context)
        var out = FrameWriter()
        for event in events { encoder.encode(event, into: &out) }
        let streamed = try CodecCheck<Codec>.events(of: [out.bytes])
        let faults = CodecCheck<Codec>.faults(in: streamed)
        #expect(faults.isEmpty, "\(name): \(faults)")
        let assembled = CodecCheck<Codec>.assembled(streamed)
        #expect(assembled.isComplete, "\(name)")
        let streamDifference = firstDifference(comparable(reply), comparable(assembled.reply))
        #expect(streamDifference == nil, "\(name), streamed and read again: \(streamDifference ?? "")")
        #expect(encoder.losses.isEmpty, "\(name): \(encoder.losses)")
    }

    /// A reply without what an answer in the gateway's words need not repeat: the provider's word for its end, and
    /// members of parts that say nothing.
    static func comparable(_ reply: Reply) -> JSON {
        var result: JSONObject = ["usage": .string("\(reply.usage as Any)")]
        result["tier"] = reply.serviceTier.map { .string($0) } ?? "none"
        result["extras"] = canonical(.object(reply.extras))
        result["choices"] = .array(
            reply.choices.map { choice in
                let parts = merged(choice.parts).map { part in
                    var part = part
                    part.extras = JSONObject()
                    if part.id?.isEmpty == true { part.id = nil }
                    return JSON.string("\(part)")
                }
                return [
                    "parts": .array(parts),
                    "stop": .string("\(choice.stop?.reason as Any) \(choice.stop?.sequence as Any)"),
                    "logprobs": canonical(choice.logprobs ?? .null), "extras": canonical(.object(choice.extras)),
                ]
            })
        return .object(result)
    }

    /// A message has one content: texts before and after calls are one, and thinking stands apart from them.
    private static func merged(_ parts: [Part]) -> [Part] {
        var result: [Part] = []
        for part in parts {
            if let text = part.text, let first = result.firstIndex(where: { $0.text != nil }),
                case .text(var whole) = result[first].content, case .text(let more) = part.content
            {
                whole.text += text
                whole.citations += more.citations
                result[first].content = .text(whole)
            } else {
                result.append(part)
            }
        }
        return result.filter { $0.reasoning != nil } + result.filter { $0.reasoning == nil }
    }
}
