import Glibc
import JSONText
import TestSupport
import Testing
import WireFormats

/// Every recorded call of the Responses dialect, whatever provider it is of.
@Suite("Recorded Responses traffic", .enabled(if: Corpus.folder != nil))
struct ResponsesCorpusTests {
    typealias Check = CodecCheck<ResponsesCodec>

    static let providers = [
        "openai", "azure", "xai", "openrouter", "chatgpt_codex", "copilot", "deepseek", "mistralrs", "open_responses",
        "bedrock_mantle", "azure_ai", "llamacpp", "local_openai_compatible",
    ]
    static let endpoints: Set<String> = ["responses", "responses_compact", "count_tokens"]

    /// Records that are no replies of this dialect, and why.
    static let exceptions: [String: String] = [
        "40c42212e143a1e8": "the body is a chat.completion: the record's URL is not the one that was asked"
    ]
    /// Streams that are read, but whose last response is not what their events said, and why.
    static let unlikeTheirEnd: [String: String] = [
        "a28ba9640bb3759d": "the deltas' text is another than the end's (its recorder replaced words)",
        "f1a5e955ca157d4b": "its recorder gave every id anew, the response's too",
        "dfb88ee05400bfac": "its author left the model and the time out of the last response",
        "b9f83074cd96cf38": "four answers in one stream, of which the first can be heard",
    ]

    private func forEach(_ body: (TrafficRecord) throws -> Void) throws {
        try Traffic.forEach(ResponsesCorpusTests.providers, ResponsesCorpusTests.endpoints) { record in
            guard record.url.split(separator: "/").contains(where: { $0.hasPrefix("responses") }) else { return }
            try body(record)
        }
    }

    @Test("every request, read and written again, means the same")
    func requests() throws {
        var count = 0
        try forEach { record in
            guard let request = record.request else { return }
            count += 1
            try Check.checkRequest(request, record.name, normalised: ResponsesCorpusTests.normalised)
        }
        print("Responses requests: \(count)")
        #expect(count > 200)
    }

    /// What a peer sends for the same request is what we send, but for what it leaves out without a word.
    @Test("the peer's vectors of this dialect")
    func peer() throws {
        let leftOut = ["xai/prev": "metadata", "xai/stream": "stream", "openrouter/stream": "stream"]
        var count = 0
        for provider in ["openai", "azure", "xai", "openrouter"] {
            let bytes = Corpus.read("\(Corpus.folder ?? "")/vectors/requests/responses_\(provider).jsonl")
            for line in bytes.split(separator: 0x0A) {
                let vector = try JSON.parse(Array(line))
                guard var expected = vector["provider_request"]?["body"], var request = vector["openai_request"],
                    vector["provider_request"]?["url"]?.string?.contains("/responses") == true
                else { continue }
                count += 1
                request["model"] = expected["model"]
                let name = "\(provider)/\(vector["case"]?.string ?? "")"
                if let member = leftOut[name] { expected[member] = request[member] }
                var losses = LossReport()
                let conversation = try ResponsesCodec.decodeRequest(request, at: RequestPlace())
                let target = TargetFacts(model: conversation.model)
                let written = try ResponsesCodec.encodeRequest(conversation, for: target, &losses)
                let normalised = ResponsesCorpusTests.normalised
                let difference = firstDifference(canonical(normalised(expected)), canonical(normalised(written)))
                #expect(difference == nil && losses.isEmpty, "\(name): \(difference ?? "")")
            }
        }
        print("Responses vectors of the peer: \(count)")
        #expect(count > 20)
    }

    /// Two ways of writing the same: a text for a user's message; an item with a role for a message; no streaming; no
    /// tools.
    static func normalised(_ body: JSON) -> JSON {
        var body = body
        if let text = body["input"]?.string {
            body["input"] = [["type": "message", "role": "user", "content": .string(text)]]
        }
        if body["stream"] == false { body["stream"] = nil }
        if body["tools"] == [] { body["tools"] = nil }
        if let items = body["input"]?.array {
            body["input"] = .array(
                items.map { item in
                    var item = item
                    if item["role"] != nil { item["type"] = "message" }
                    if let contents = item["content"]?.array {
                        item["content"] = .array(
                            contents.map { content in
                                var content = content
                                if content["annotations"] == [] { content["annotations"] = nil }
                                return content
                            })
                    }
                    return item
                })
        }
        return body
    }

    @Test("every whole reply is read, plays as events, and survives its own dialect")
    func wholeReplies() throws {
        var count = 0
        try forEach { record in
            guard !record.isStream, record.status == 200 else { return }
            let body = try JSON.parse(record.body)
            guard ResponsesCorpusTests.exceptions[record.id] == nil else {
                #expect(throws: ReplyError.self, "\(record.name)") { try ResponsesCodec.decodeReply(body) }
                return
            }
            // Counts, and lists of input items, are no replies.
            if body["object"] == "response.input_tokens" || body["object"] == "list" { return }
            count += 1
            let reply = try ResponsesCodec.decodeReply(body)
            Check.checkReply(reply, record.name)
            try survives(reply, record)
            let kept = (body["output"]?.array ?? []).count
            let parts = reply.choices[0].parts
            #expect(kept == 0 || !parts.isEmpty, "\(record.name)")
            #expect(reply.usage != nil, "\(record.name)")
        }
        print("Responses whole replies: \(count)")
        #expect(count > 150)
    }

    @Test("every stream gives the same legal events however it is cut, and folds to its last response")
    func streams() throws {
        var fuzz = SeededRandom.fresh("Responses streams")
        var count = 0
        try forEach { record in
            guard record.isStream, record.status == 200 else { return }
            count += 1
            let events = try Check.checkStream(record.body, &fuzz, record.name)
            let assembler = Check.assembled(events)
            #expect(assembler.isComplete, "\(record.name)")
            Check.checkReply(assembler.reply, record.name)
            try survives(assembler.reply, record)
            try folds(assembler.reply, record)
        }
        print("Responses streams: \(count)")
        #expect(count > 100)
    }

    /// What the stream says is what its last event's response says, where that holds the output.
    private func folds(_ reply: Reply, _ record: TrafficRecord) throws {
        var framer = StreamFramer(.sse)
        var frames: [StreamFrame] = []
        try record.body.withUnsafeBytes { try framer.feed($0, into: &frames) }
        // The last event of a stream may lack its blank line.
        try framer.finish(into: &frames)
        let ends = frames.compactMap { frame -> JSON? in
            guard case .json(let event, _) = frame, let type = event["type"]?.string else { return nil }
            return type == "response.completed" || type == "response.incomplete" ? event["response"] : nil
        }
        let isUnlike = ResponsesCorpusTests.unlikeTheirEnd[record.id] != nil
        #expect(ends.count == 1 || isUnlike, "\(record.name): \(ends.count) ends")
        guard let last = ends.last, last["output"]?.array?.isEmpty == false else { return }
        let whole = try ResponsesCodec.decodeReply(last)
        let isLike = comparable(reply) == comparable(whole)
        #expect(isLike != isUnlike, "\(record.name): \(difference(reply, whole))")
    }

    /// Encrypted thinking, and a program's fingerprint, is another text each time that OpenAI sends it.
    private func comparable(_ reply: Reply) -> Reply {
        var reply = reply
        for choice in reply.choices.indices {
            for part in reply.choices[choice].parts.indices {
                if case .native(var item) = reply.choices[choice].parts[part].content, item["fingerprint"] != nil {
                    item["fingerprint"] = "…"
                    reply.choices[choice].parts[part].content = .native(item)
                }
                guard case .reasoning(var reasoning) = reply.choices[choice].parts[part].content else { continue }
                if reasoning.proof != nil { reasoning.proof = Proof(.openAI, .encrypted, "…") }
                reply.choices[choice].parts[part].content = .reasoning(reasoning)
            }
        }
        reply.extras = [:]
        reply.serviceTier = nil
        return reply
    }

    private func difference(_ left: Reply, _ right: Reply) -> String {
        let pairs = zip(left.choices[0].parts, right.choices[0].parts)
        for (index, pair) in pairs.enumerated() where comparable(pair.0) != comparable(pair.1) {
            return "part \(index): \(pair.0) is not \(pair.1)"
        }
        return "\(left.choices[0].parts.count) and \(right.choices[0].parts.count) parts; \(left.usage as Any) "
            + "\(right.usage as Any) \(left.choices[0].stop as Any) \(right.choices[0].stop as Any)"
    }

    private func comparable(_ part: Part) -> Part {
        var reply = Reply(origin: .responses)
        reply.choices = [Reply.Choice(parts: [part])]
        return comparable(reply).choices[0].parts[0]
    }

    // MARK: - Its own dialect

    private func survives(_ reply: Reply, _ record: TrafficRecord) throws {
        var request = Conversation(origin: .responses, model: reply.model ?? "m")
        if let body = record.request { request = try ResponsesCodec.decodeRequest(body, at: RequestPlace()) }
        request.previousResponseID = nil
        let context = ReplyContext(
            model: reply.model ?? "m", requestID: "req_0123456789abcdef", created: reply.created ?? 0, request: request)
        var losses = LossReport()
        let written = ResponsesCodec.encodeReply(reply, for: context, &losses)
        #expect(losses.isEmpty, "\(record.name): \(losses)")
        let again = try ResponsesCodec.decodeReply(written)
        #expect(same(again, reply), "\(record.name) whole: \(difference(again, reply))")

        var encoder = ResponsesCodec.streamEncoder(for: context)
        var out = FrameWriter()
        for event in reply.events { encoder.encode(event, into: &out) }
        let bytes = out.take()
        let events = try Check.events(of: [bytes])
        #expect(Check.faults(in: events).isEmpty, "\(record.name)")
        let streamed = Check.assembled(events).reply
        #expect(same(streamed, reply), "\(record.name) streamed: \(difference(streamed, reply))")
    }

    /// The same but for what the envelope adds: what was asked, and counts that the SDK's model must have.
    private func same(_ written: Reply, _ original: Reply) -> Bool {
        var written = written
        var original = original
        for (key, value) in written.extras where original.extras[key] == nil { original.extras[key] = value }
        written.usage = written.usage.map { Usage($0.tokens) }
        original.usage = original.usage.map { Usage($0.tokens) }
        // xAI tells what a call cost in a member that is kept; what it is worth is in the tokens.
        for choice in original.choices.indices {
            for part in original.choices[choice].parts.indices where original.choices[choice].parts[part].id == nil {
                written.choices[choice].parts[part].id = nil
                if case .reasoning(var reasoning) = written.choices[choice].parts[part].content {
                    reasoning.proof?.itemID = nil
                    written.choices[choice].parts[part].content = .reasoning(reasoning)
                }
            }
        }
        // Log probabilities without `bytes` are given them.
        if original.choices.first?.logprobs != nil { written.choices[0].logprobs = original.choices[0].logprobs }
        return written == original
    }
}
