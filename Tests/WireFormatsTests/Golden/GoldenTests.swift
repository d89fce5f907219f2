import Glibc
import JSONText
import Testing
import WireFormats

/// The golden matrix: each request of a client's dialect as every provider gets it, each reply and stream of a provider's
/// dialect as every client gets it.
///
/// A fixture is one file: `about` (what it is there for), `input` or, of a stream, `frames`, and `outputs`, which
/// `scripts/golden` writes anew and review reads: each is a claim.
@Suite("Golden matrix") struct GoldenTests {
    @Test("every request of a client, as each provider gets it", arguments: Golden.names(in: "Requests"))
    func request(_ name: String) throws {
        let fixture = try Golden.read("Requests/\(name)")
        let client = try #require(Golden.dialect(of: name)?.codec)
        var outputs = JSONObject()
        for provider in Dialect.conversations {
            guard let codec = provider.codec else { continue }
            outputs[provider.rawValue] = translated(fixture, from: client, to: codec)
        }
        try Golden.check(fixture, outputs, "Requests/\(name)")
    }

    private func translated(
        _ fixture: JSON, from client: any DialectCodec.Type, to provider: any DialectCodec.Type
    ) -> JSON {
        var losses = LossReport()
        do throws(RequestError) {
            let place = RequestPlace(model: fixture["model"]?.string ?? "m", stream: fixture["stream"]?.bool)
            let conversation = try client.decodeRequest(fixture["input"] ?? .null, at: place)
            let target = TargetFacts(model: Golden.models[provider.dialect] ?? "p-1")
            let body = try provider.writtenRequest(conversation, for: target, &losses)
            return Golden.output(["body": body], losses)
        } catch {
            return ["refused": .string("\(error.param ?? "") \(error.code ?? ""): \(error.message)")]
        }
    }

    @Test("every reply of a provider, as each client gets it", arguments: Golden.names(in: "Replies"))
    func reply(_ name: String) throws {
        let fixture = try Golden.read("Replies/\(name)")
        let provider = try #require(Golden.dialect(of: name)?.codec)
        var outputs = JSONObject()
        for client in Dialect.ofClients {
            guard let codec = client.codec else { continue }
            if let frames = fixture["frames"]?.array {
                outputs[client.rawValue] = try Golden.streamed(frames, from: provider, to: codec)
            } else {
                outputs[client.rawValue] = Golden.whole(fixture["input"] ?? .null, from: provider, to: codec)
            }
        }
        try Golden.check(fixture, outputs, "Replies/\(name)")
    }

    @Test("an answer loses the same whole and streamed", arguments: Golden.names(in: "Replies"))
    func sameLosses(_ name: String) throws {
        let fixture = try Golden.read("Replies/\(name)")
        let provider = try #require(Golden.dialect(of: name)?.codec)
        // What fails is no answer.
        guard let reply = try? Golden.reply(fixture, from: provider) else { return }
        for client in Dialect.ofClients + [.cohereChat, .ollamaChat] {
            guard let codec = client.codec else { continue }
            var losses = LossReport()
            _ = codec.encodeReply(reply, for: Golden.context(client), &losses)
            var encoder: any ReplyStreamEncoder = codec.streamEncoder(for: Golden.context(client))
            var writer = FrameWriter()
            for event in reply.events { encoder.encode(event, into: &writer) }
            #expect(Set(encoder.losses.dropped) == Set(losses.dropped), "\(name) for \(client)")
        }
    }
}

/// The files, and the ways through the codecs.
private enum Golden {
    static let folder = String(#filePath.dropLast("GoldenTests.swift".count))
    static let rewrites = getenv("TOLLGATE_GOLDEN").map { String(cString: $0) } == "write"

    /// What a codec writes may depend on the model.
    static let models: [Dialect: String] = [
        .messages: "claude-sonnet-4-5", .converse: "anthropic.claude-sonnet-4-5-20250929-v1:0",
        .generateContent: "gemini-2.5-flash",
    ]

    // MARK: - Files

    /// `dialect/name.json`, in order.
    static func names(in kind: String) -> [String] {
        entries(folder + kind).flatMap { dialect in
            entries("\(folder)\(kind)/\(dialect)").filter { $0.hasSuffix(".json") }.map { "\(dialect)/\($0)" }
        }
    }

    private static func entries(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    static func dialect(of name: String) -> Dialect? { Dialect(rawValue: String(name.prefix { $0 != "/" })) }

    static func read(_ name: String) throws -> JSON { try JSON.parse(Corpus.read(folder + name)) }

    /// Compares with what the file says, or rewrites it.
    static func check(_ fixture: JSON, _ outputs: JSONObject, _ name: String) throws {
        if rewrites {
            var fixture = fixture
            fixture["outputs"] = .object(outputs)
            let bytes = Array((PrettyJSON.text(fixture) + "\n").utf8)
            let file = try #require(fopen(folder + name, "w"))
            defer { fclose(file) }
            #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
            return
        }
        let expected = fixture["outputs"] ?? .object(JSONObject())
        let difference = firstDifference(expected, .object(outputs))
        #expect(difference == nil, "\(name): \(difference ?? "")")
    }

    // MARK: - Translating

    static func output(_ members: JSONObject, _ losses: LossReport) -> JSON {
        var output = members
        if !losses.dropped.isEmpty { output["dropped"] = .array(losses.dropped.map { .string($0) }) }
        if !losses.adjusted.isEmpty { output["adjusted"] = .array(losses.adjusted.map { .string($0) }) }
        return .object(output)
    }

    static func context(_ client: Dialect) -> ReplyContext {
        var request = Conversation(origin: client, model: "m")
        request.includeUsage = true
        return ReplyContext(model: "m", requestID: "req1", created: 1_764_400_000, request: request)
    }

    static func whole(
        _ body: JSON, from provider: any DialectCodec.Type, to client: any DialectCodec.Type
    ) -> JSON {
        var losses = LossReport()
        do throws(ReplyError) {
            let reply = try provider.decodeReply(body)
            return output(["body": client.encodeReply(reply, for: context(client.dialect), &losses)], losses)
        } catch {
            return ["failed": .string("\(error)")]
        }
    }

    /// What a stream's documents tell.
    private static func events(_ documents: [JSON], from provider: any DialectCodec.Type) throws -> [ReplyEvent] {
        let bytes = documents.flatMap { written($0, provider) }
        var decoder: any ReplyStreamDecoder = provider.streamDecoder()
        var events: [ReplyEvent] = []
        for frame in try frames(bytes, provider.framing) { try decoder.decode(frame, into: &events) }
        decoder.finish(into: &events)
        return events
    }

    /// A fixture's answer, of a stream what came of it.
    static func reply(_ fixture: JSON, from provider: any DialectCodec.Type) throws -> Reply {
        guard let documents = fixture["frames"]?.array else {
            return try provider.decodeReply(fixture["input"] ?? .null)
        }
        var assembler = ReplyAssembler(origin: provider.dialect)
        assembler.add(try events(documents, from: provider))
        return assembler.reply
    }

    static func streamed(
        _ documents: [JSON], from provider: any DialectCodec.Type, to client: any DialectCodec.Type
    ) throws -> JSON {
        let events = try events(documents, from: provider)
        var encoder: any ReplyStreamEncoder = client.streamEncoder(for: context(client.dialect))
        var writer = FrameWriter()
        for event in events {
            if case .failed(let error) = event {
                let body = GatewayErrorBody(
                    message: error.message, type: error.type ?? "server_error", param: error.param, code: error.code)
                encoder.fail(body, status: 502, into: &writer)
            } else {
                encoder.encode(event, into: &writer)
            }
        }
        if !events.contains(where: { if case .failed = $0 { true } else { false } }), events.last != .ended {
            encoder.fail(GatewayErrorBody(message: "cut", type: "server_error"), status: 502, into: &writer)
        }
        let out = try Self.documents(writer.bytes, client.framing)
        return output(["frames": .array(out)], encoder.losses)
    }

    /// A document of a fixture as the provider's bytes.
    private static func written(_ document: JSON, _ provider: any DialectCodec.Type) -> [UInt8] {
        switch provider.framing {
        case .lines: document.serialized() + [0x0A]
        case .eventStream:
            EventStream.event(document["event"]?.string ?? "", document["data"] ?? .object(JSONObject()))
        default: Array("data: \(document.string ?? document.text)\n\n".utf8)
        }
    }

    private static func frames(_ bytes: [UInt8], _ framing: StreamFraming) throws -> [StreamFrame] {
        var framer = StreamFramer(framing)
        var frames: [StreamFrame] = []
        try bytes.withUnsafeBytes { try framer.feed($0, into: &frames) }
        try framer.finish(into: &frames)
        return frames
    }

    /// What a client gets, as a fixture shows it.
    private static func documents(_ bytes: [UInt8], _ framing: StreamFraming) throws -> [JSON] {
        guard framing == .sse else { return try frames(bytes, framing).map(document) }
        return try collectEvents([bytes]).map { event -> JSON in
            guard let data = event.data else { return ": keep-alive" }
            if event.text == "[DONE]" { return "[DONE]" }
            return document(.json(try JSON.read(data), event: event.name.isEmpty ? nil : event.name))
        }
    }

    private static func document(_ frame: StreamFrame) -> JSON {
        switch frame {
        case .json(let document, let event): event.map { ["event": .string($0), "data": document] } ?? document
        case .done: "[DONE]"
        case .keepAlive: ": keep-alive"
        case .failed(let error): ["failed": .string(error.message)]
        case .exception(let type, let body): ["exception": .string(type), "data": body]
        }
    }
}

/// JSON for people: what fits in a line stands in one.
private enum PrettyJSON {
    static func text(_ value: JSON, indent: String = "") -> String {
        let line = value.text
        if indent.count + line.utf8.count <= 118 { return line }
        let inner = indent + "  "
        switch value {
        case .object(let object):
            let members = object.map { "\(inner)\(JSON.string($0.key).text): \(text($0.value, indent: inner))" }
            return "{\n\(members.joined(separator: ",\n"))\n\(indent)}"
        case .array(let elements):
            return "[\n\(elements.map { inner + text($0, indent: inner) }.joined(separator: ",\n"))\n\(indent)]"
        default: return line
        }
    }
}
