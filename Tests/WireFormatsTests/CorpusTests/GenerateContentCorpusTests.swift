import JSONText
import TestSupport
import Testing
import WireFormats

/// Recorded traffic of AI Studio and Vertex.
@Suite("Recorded traffic of generateContent", .enabled(if: Corpus.folder != nil))
struct GenerateContentCorpusTests {
    typealias Check = CodecCheck<GenerateContentCodec>

    /// Requests that are refused here, with why.
    static let refused: [String: String] = [
        "8def5c8d21837179": "its role is `invalid_role`; Google answered 400 \"Please use a valid role: user, model.\""
    ]

    /// Streams that are none, with why.
    static let noStreams: [String: String] = [
        "4bfa2c08a720285c": "a fixture whose author took the blank lines out: no event ends (`reconstructed` says so)"
    ]

    @Test("every request, read and written, means the same")
    func requests() throws {
        var checked = 0
        try Traffic.forEach(["gemini", "vertex_ai"], ["generateContent", "streamGenerateContent"]) { record in
            guard let body = record.request else { return }
            if GenerateContentCorpusTests.refused[record.id] != nil {
                #expect(throws: RequestError.self) { try GenerateContentCodec.decodeRequest(body, at: RequestPlace()) }
                return
            }
            checked += 1
            do {
                try Check.checkRequest(body, record.name, normalised: GenerateContentCorpusTests.normalised)
            } catch {
                Issue.record("\(record.name): \(error)")
            }
        }
        print("generateContent: \(checked) requests")
        #expect(checked > 500)
    }

    @Test("every whole reply decodes, survives play and assembly, and its own dialect")
    func wholeReplies() throws {
        var checked = 0
        try Traffic.forEach(["gemini", "vertex_ai"], ["generateContent"]) { record in
            guard record.status == 200 else { return }
            checked += 1
            do {
                let reply = try GenerateContentCodec.decodeReply(JSON.parse(record.body))
                Check.checkReply(reply, record.name)
                var losses = LossReport()
                let written = GenerateContentCodec.encodeReply(reply, for: context(reply), &losses)
                let again = try GenerateContentCodec.decodeReply(written)
                #expect(again == named(reply), "\(record.name)")
                #expect(losses.isEmpty, "\(record.name): \(losses)")
                checkUsage(reply, record.name)
            } catch {
                Issue.record("\(record.name): \(error)")
            }
        }
        print("generateContent: \(checked) whole replies")
        #expect(checked > 400)
    }

    @Test("every stream gives the same legal events however it is cut, and survives its own dialect")
    func streams() throws {
        var fuzz = SeededRandom.fresh("generateContent streams")
        var checked = 0
        try Traffic.forEach(["gemini", "vertex_ai"], ["streamGenerateContent"]) { record in
            guard record.status == 200 else { return }
            guard GenerateContentCorpusTests.noStreams[record.id] == nil else {
                let read = try? Check.assembled(Check.events(of: [record.body]))
                #expect(read?.isComplete != true, "\(record.name)")
                return
            }
            checked += 1
            do {
                let isArray = record.body.first { $0 > 0x20 } == UInt8(ascii: "[")
                let events = try isArray ? array(record, &fuzz) : Check.checkStream(record.body, &fuzz, record.name)
                let whole = Check.assembled(events)
                #expect(whole.isComplete, "\(record.name) has no end")
                for asArray in [false, true] {
                    var context = context(whole.reply)
                    context.streamsAsArray = asArray
                    var encoder = GenerateContentCodec.streamEncoder(for: context)
                    var frames = FrameWriter()
                    for event in events { encoder.encode(event, into: &frames) }
                    let again = try Check.events(of: [frames.bytes], framing: asArray ? .array : .sse)
                    #expect(Check.faults(in: again).isEmpty, "\(record.name)")
                    let reply = Check.assembled(again).reply
                    #expect(reply == named(whole.reply), "\(record.name)")
                    #expect(encoder.losses.isEmpty, "\(record.name): \(encoder.losses)")
                }
            } catch {
                Issue.record("\(record.name): \(error)")
            }
        }
        print("generateContent: \(checked) streams")
        #expect(checked > 150)
    }

    @Test("token counts")
    func tokenCounts() throws {
        var checked = 0
        try Traffic.forEach(["gemini", "vertex_ai"], ["count_tokens"]) { record in
            guard let body = record.request else { return }
            checked += 1
            let conversation = try GenerateContentTokenCount.decodeRequest(body, at: RequestPlace(model: "m"))
            #expect(conversation.turns.contains { $0.role == .user })
            let reply = try JSON.parse(record.body)
            #expect((GenerateContentTokenCount.decodeReply(reply) != nil) == (record.status == 200), "\(record.name)")
        }
        print("generateContent: \(checked) token counts")
        #expect(checked > 5)
    }

    // MARK: - Pieces

    private func array(_ record: TrafficRecord, _ fuzz: inout SeededRandom) throws -> [ReplyEvent] {
        let whole = try Check.events(of: [record.body], framing: .array)
        #expect(Check.faults(in: whole).isEmpty, "\(record.name): \(Check.faults(in: whole))")
        #expect(try Check.events(of: fuzz.cuts(of: record.body), framing: .array) == whole, "\(record.name): cut")
        let reply = try GenerateContentCodec.decodeReply(JSON.parse(record.body))
        #expect(reply == Check.assembled(whole).reply, "\(record.name): the array at once")
        return whole
    }

    private func context(_ reply: Reply) -> ReplyContext {
        ReplyContext(
            model: "asked", requestID: "req_1", created: 0,
            request: Conversation(origin: .generateContent, model: "asked"))
    }

    /// What the client is shown of the reply's names.
    private func named(_ reply: Reply) -> Reply {
        var reply = reply
        reply.model = "asked"
        reply.id = reply.id ?? "req_1"
        return reply
    }

    /// Beside the total that Google states, where it states all.
    private func checkUsage(_ reply: Reply, _ name: String) {
        guard let usage = reply.usage, let native = usage.native, native["promptTokenCount"] != nil,
            let total = native["totalTokenCount"]?.int
        else { return }
        let isWrong = GenerateContentCorpusTests.wrongTotals[name] != nil
        #expect((usage.tokens.total.count == total) != isWrong, "\(name): \(native.text)")
        #expect(usage.tokens.plainInput.count >= 0)
    }

    /// Replies whose `totalTokenCount` is not the sum of their counts, by the record's name.
    static let wrongTotals: [String: String] = [
        "gemini/generateContent 1d0239f08a75e4cb": "its author changed the counts without the total",
        "gemini/generateContent cb2c4711c5bf7a7c": "its author changed the counts without the total",
        "gemini/generateContent bf9b519fa10e6f3a": "its author changed the counts without the total",
    ]

    /// What means the same to Google: `thought: false` and an empty `generationConfig` are their absence, base64 may be in
    /// either alphabet, an enum's name in either case; a part of nothing but a signature is an empty text.
    static func normalised(_ body: JSON) -> JSON {
        guard var object = body.object else { return body }
        for name in ["generationConfig", "generation_config"] where object[name]?.object?.isEmpty == true {
            object[name] = nil
        }
        if let mode = object["toolConfig"]?["functionCallingConfig"]?["mode"]?.string {
            object["toolConfig"]?["functionCallingConfig"]?["mode"] = .string(mode.uppercased())
        }
        for name in ["contents", "systemInstruction", "system_instruction"] {
            if let value = object[name] { object[name] = part(value) }
        }
        return .object(object)
    }

    private static func part(_ value: JSON) -> JSON {
        switch value {
        case .array(let elements): return .array(elements.map(part))
        case .object(var object):
            if object["thought"] == false { object["thought"] = nil }
            if let data = object["data"]?.string {
                let bytes = data.utf8.map { $0 == 0x2D ? 0x2B : $0 == 0x5F ? 0x2F : $0 }
                object["data"] = .string(String(decoding: bytes, as: UTF8.self))
            }
            let isSigned = object["thoughtSignature"] != nil || object["thought_signature"] != nil
            if isSigned, object.count == (object["thought"] == nil ? 1 : 2) { object["text"] = "" }
            return .object(
                JSONObject(
                    object.map { key, value in
                        (key, ["args", "response"].contains(key) ? value : part(value))
                    }))
        default: return value
        }
    }
}
