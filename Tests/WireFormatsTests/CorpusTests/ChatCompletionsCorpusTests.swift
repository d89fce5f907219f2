import JSONText
import Testing
import WireFormats

/// Recorded Chat Completions traffic of every provider that speaks it.
@Suite("Recorded traffic: Chat Completions", .enabled(if: Corpus.folder != nil))
struct ChatCompletionsCorpusTests {
    typealias Check = CodecCheck<ChatCompletionsCodec>

    static let providers = Corpus.providers + ["anthropic", "bedrock", "cloudflare", "gemini", "ollama"]

    static func forEach(_ body: (TrafficRecord) throws -> Void) throws {
        try Traffic.forEach(providers, ["chat"]) { record in
            // Ollama's own dialect is recorded under the same name.
            if record.url.contains("/api/chat") { return }
            try body(record)
        }
    }

    @Test("every request decodes, and means the same when it is written back")
    func requests() throws {
        var checked = 0
        var refused = 0
        try Self.forEach { record in
            guard let sent = record.request, sent["messages"] != nil else { return }
            checked += 1
            do {
                // Azure has the model in the path.
                var place = RequestPlace()
                place.model = "deployment"
                var body = sent
                if body["model"] == nil { body["model"] = "deployment" }
                var target = TargetFacts(model: body["model"]?.string ?? "")
                if body["max_tokens"] != nil { target.chatOutputCap = "max_tokens" }
                try Check.checkRequest(body, at: place, record.name, target: target, normalised: Self.normalised)
            } catch let error as RequestError {
                // What the provider itself refused may be refused here too.
                if record.status >= 400 { refused += 1 } else { Issue.record("\(record.name): \(error.message)") }
            }
        }
        print("chat: \(checked) requests, \(refused) of them refused, as by their provider")
        #expect(checked > 1000)
    }

    /// What means the same: a single stop sequence and a list of one, `stream: false` and none, Mistral's `any` and
    /// `required`, a URL and an object with one, empty lists and none.
    static func normalised(_ body: JSON) -> JSON {
        var body = body
        if let stop = body["stop"]?.string { body["stop"] = [.string(stop)] }
        if body["stream"]?.bool == false { body["stream"] = nil }
        if body["tool_choice"]?.string == "any" { body["tool_choice"] = "required" }
        if body["tools"]?.array?.isEmpty == true { body["tools"] = nil }
        if let tools = body["tools"]?.array {
            body["tools"] = .array(
                tools.map { tool in
                    var tool = tool
                    if tool["function"] != nil, tool["type"] == nil { tool["type"] = "function" }
                    return tool
                })
        }
        if let choice = body["tool_choice"]?.object, choice["function"] != nil { body["tool_choice"]?["type"] = "function" }
        body["messages"] = .array((body["messages"]?.array ?? []).map(normalisedMessage))
        return body
    }

    private static func normalisedMessage(_ message: JSON) -> JSON {
        var message = message
        for name in ["annotations", "tool_calls"] where message[name]?.array?.isEmpty == true { message[name] = nil }
        if message["role"] == "assistant", message["content"]?.array?.isEmpty == true { message["content"] = nil }
        if let calls = message["tool_calls"]?.array {
            message["tool_calls"] = .array(
                calls.enumerated().map { index, call in
                    var call = call
                    if call["index"]?.int == Int64(index) { call["index"] = nil }
                    return call
                })
        }
        if let parts = message["content"]?.array {
            message["content"] = .array(
                parts.map { part in
                    var part = part
                    for name in ["image_url", "video_url"] {
                        if let url = part[name]?.string { part[name] = ["url": .string(url)] }
                    }
                    if part["type"] == "thinking" {
                        let chunks = part["thinking"]?.array ?? []
                        let text = chunks.compactMap { $0["text"]?.string }.joined()
                        part["thinking"] = [["type": "text", "text": .string(text)]]
                    }
                    return part
                })
        }
        return message
    }

    @Test("every whole reply decodes, survives being played, and means the same when it is written back")
    func wholeReplies() throws {
        var checked = 0
        var failed = 0
        try Self.forEach { record in
            guard !record.isStream else { return }
            let body: JSON
            do { body = try JSON.parse(record.body) } catch {
                if record.status < 400 { Issue.record("\(record.name): no JSON") }
                return
            }
            do {
                let reply = try ChatCompletionsCodec.decodeReply(body)
                #expect(record.status < 400, "\(record.name)")
                checked += 1
                Check.checkReply(reply, record.name)
                if body["usage"]?.object != nil { #expect(reply.usage != nil, "\(record.name)") }
                try Self.checkWrittenBack(reply, record.name)
                try Self.checkStreamedBack(reply, record.name)
            } catch let error as ReplyError {
                if case .failed = error { failed += 1 } else if record.status < 400 { Issue.record("\(record.name): \(error)") }
            }
        }
        print("chat: \(checked) whole replies, \(failed) errors")
        #expect(checked > 1000)
    }

    @Test("every stream decodes, the same however it is cut, and means the same when it is written back")
    func streams() throws {
        var fuzz = Fuzz("chat cuts")
        var checked = 0
        try Self.forEach { record in
            guard record.isStream, record.status < 400 else { return }
            checked += 1
            do {
                let events = try Check.checkStream(record.body, &fuzz, record.name)
                let assembled = Check.assembled(events)
                #expect(assembled.isComplete || assembled.failure != nil, "\(record.name): cut")
                guard assembled.isComplete else { return }
                #expect(assembled.reply.choices.allSatisfy { $0.stop != nil }, "\(record.name)")
                try Self.checkWrittenBack(assembled.reply, record.name)
                try Self.checkStreamedBack(assembled.reply, record.name)
                try Self.checkStreamedBack(events, assembled.reply, record.name)
            } catch { Issue.record("\(record.name): \(error)") }
        }
        print("chat: \(checked) streams")
        #expect(checked > 500)
    }

    static func context(for reply: Reply) -> ReplyContext {
        var request = Conversation(origin: .chatCompletions, model: reply.model ?? "m")
        request.includeUsage = true
        return ReplyContext(model: reply.model ?? "m", requestID: "r", created: reply.created ?? 1, request: request)
    }

    static func checkWrittenBack(_ reply: Reply, _ name: String) throws {
        var losses = LossReport()
        let written = ChatCompletionsCodec.encodeReply(reply, for: context(for: reply), &losses)
        let again = try ChatCompletionsCodec.decodeReply(JSON.parse(written.serialized()))
        #expect(comparable(again) == comparable(reply), "\(name): written and read again")
        #expect(losses.isEmpty, "\(name): \(losses)")
    }

    static func checkStreamedBack(_ reply: Reply, _ name: String) throws {
        try checkStreamedBack(reply.events, reply, name)
    }

    static func checkStreamedBack(_ events: [ReplyEvent], _ reply: Reply, _ name: String) throws {
        var encoder = ChatCompletionsCodec.streamEncoder(for: context(for: reply))
        var out = FrameWriter()
        for event in events { encoder.encode(event, into: &out) }
        let again = try Check.events(of: [out.bytes])
        #expect(Check.faults(in: again).isEmpty, "\(name): \(Check.faults(in: again))")
        let assembled = Check.assembled(again)
        #expect(assembled.isComplete, "\(name)")
        #expect(comparable(assembled.reply) == comparable(reply), "\(name): streamed and read again")
        #expect(encoder.losses.isEmpty, "\(name): \(encoder.losses)")
    }

    /// A reply without what an answer in the gateway's words need not repeat: the provider's word for its end, and ids
    /// that stand in for none.
    static func comparable(_ reply: Reply) -> JSON {
        var result: JSONObject = [
            "usage": .string("\(reply.usage as Any)"), "tier": .string("\(reply.serviceTier as Any)"),
        ]
        result["extras"] = canonical(.object(reply.extras))
        result["choices"] = .array(
            reply.choices.map { choice in
                let parts = choice.parts.map { part in
                    var part = part
                    part.extras = JSONObject()
                    if part.id?.isEmpty == true { part.id = nil }
                    return JSON.string("\(part)")
                }
                return [
                    "parts": .array(parts), "stop": .string("\(choice.stop?.reason as Any) \(choice.stop?.sequence as Any)"),
                    "logprobs": canonical(choice.logprobs ?? .null), "extras": canonical(.object(choice.extras)),
                ]
            })
        return .object(result)
    }
}
