import JSONText
import TestSupport
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

    /// Requests that cannot come back as they were, by the record.
    static let exceptions = ["30b06a25aac28ad2": "neither its call nor the result has an id; both get one"]

    @Test("every request decodes, and means the same when it is written back")
    func requests() throws {
        var checked = 0
        var refused = 0
        try Self.forEach { record in
            guard let sent = record.request, sent["messages"] != nil, Self.exceptions[record.id] == nil else { return }
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
        if let choice = body["tool_choice"]?.object, choice["function"] != nil {
            body["tool_choice"]?["type"] = "function"
        }
        body["messages"] = .array((body["messages"]?.array ?? []).map(normalisedMessage))
        return body
    }

    private static func normalisedMessage(_ message: JSON) -> JSON {
        var message = message
        for name in ["annotations", "tool_calls"] where message[name]?.array?.isEmpty == true { message[name] = nil }
        if message["content"]?.array?.isEmpty == true { message["content"] = nil }
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
                FailedReplies.check(false, record)
                Check.checkReply(reply, record.name)
                if body["usage"]?.object != nil { #expect(reply.usage != nil, "\(record.name)") }
                try CorpusRun.checkBack(ChatCompletionsCodec.self, reply, reply.events, record.name)
            } catch let error as ReplyError {
                if case .failed = error {
                    failed += 1
                    if record.status < 400 { FailedReplies.check(true, record) }
                } else if record.status < 400 {
                    Issue.record("\(record.name): \(error)")
                }
            }
        }
        print("chat: \(checked) whole replies, \(failed) errors")
        #expect(checked > 1000)
    }

    @Test("every stream decodes, the same however it is cut, and means the same when it is written back")
    func streams() throws {
        var fuzz = SeededRandom.fresh("chat cuts")
        var checked = 0
        try Self.forEach { record in
            guard record.isStream, record.status < 400 else { return }
            checked += 1
            do {
                let events = try Check.checkStream(record.body, &fuzz, record.name)
                let assembled = Check.assembled(events)
                #expect(assembled.isComplete || assembled.failure != nil, "\(record.name): cut")
                FailedReplies.check(assembled.failure != nil, record)
                guard assembled.isComplete else { return }
                #expect(assembled.reply.choices.allSatisfy { $0.stop != nil }, "\(record.name)")
                try CorpusRun.checkBack(ChatCompletionsCodec.self, assembled.reply, assembled.reply.events, record.name)
                try CorpusRun.checkBack(ChatCompletionsCodec.self, assembled.reply, events, record.name)
            } catch { Issue.record("\(record.name): \(error)") }
        }
        print("chat: \(checked) streams")
        #expect(checked > 500)
    }
}
