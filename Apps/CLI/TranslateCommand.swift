import ArgumentParser
import Glibc
import JSONText
import Providers
import WireFormats

/// `tollgate translate`: what becomes of a request, a reply or a stream in another dialect, without a gateway. For
/// operators who want to see it, and for scripts/fidelity, which judges the output with the official SDKs.
struct Translate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads a body from standard input in one dialect and prints it in another.",
        discussion: """
            With --lines each line of input is a JSON object: {"id", "kind", "from", "to", "body" or "base64", "model",
            "stream", "source_framing", "framing", "request"} and each line of output {"id", "to", "output" or "base64" or
            "error" or "failed", "dropped", "adjusted"}; where "to" is a list, there is a line for each. "failed" is what
            the provider says went wrong, though its status was 200. "request" is the client's request in the dialect "to",
            which a reply may repeat.
            """)

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case request, reply, stream
    }

    @Option(help: "The dialect of the input: chat_completions, responses, messages, generate_content, converse, …")
    var from = "chat_completions"
    @Option(help: "The dialect of the output.")
    var to = "messages"
    @Option(help: "request, reply or stream.")
    var kind = Kind.request
    @Option(
        help: """
            The model's name, where it is not the input's own. It has to be said where the input has none: requests of
            generate_content and converse, replies of converse.
            """)
    var model: String?
    @Flag(help: "Many, a JSON object a line.")
    var lines = false

    func run() throws {
        if lines {
            while let line = readLine() {
                var job: JSON
                do throws(JSONError) {
                    job = try JSON.parse(line)
                } catch {
                    print((["error": .string(error.description)] as JSON).text)
                    continue
                }
                for target in job["to"]?.array ?? [job["to"] ?? .null] {
                    job["to"] = target
                    print(Translation(job).run().text)
                }
            }
            return
        }
        var input: [UInt8] = []
        while let line = readLine(strippingNewline: false) { input += Array(line.utf8) }
        var job: JSON = ["kind": .string(kind.rawValue), "from": .string(from), "to": .string(to)]
        if let model { job["model"] = .string(model) }
        job["base64"] = .string(Base64.encoded(input))
        let result = Translation(job).run()
        if let error = (result["error"] ?? (result["base64"] == nil ? result["failed"] : nil))?.string {
            // A line of `--lines` has a member for the place; here the text must say it.
            let place = result["param"]?.string.flatMap { error.contains($0) ? nil : $0 + ": " } ?? ""
            FileWriter.write(Array("Error: \(place)\(error)\n".utf8), to: 2)
            throw ExitCode.failure
        }
        for name in ["dropped", "adjusted"] where result[name] != nil {
            FileWriter.write(Array("\(name): \(result[name]?.text ?? "")\n".utf8), to: 2)
        }
        if let output = result["output"] {
            print(output.text)
        } else if let bytes = result["base64"]?.string.flatMap({ Base64.decoded($0.utf8) }) {
            FileWriter.write(bytes, to: 1)
        }
    }
}

private enum FileWriter {
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + written, bytes.count - written)
            }
            if count <= 0 { return }
            written += count
        }
    }
}

/// One translation, as a job that came as JSON.
private struct Translation {
    let job: JSON

    init(_ job: JSON) { self.job = job }

    func run() -> JSON {
        var result = JSONObject()
        result["id"] = job["id"]
        result["to"] = job["to"]
        do {
            var losses = LossReport()
            try translate(into: &result, &losses)
            if !losses.dropped.isEmpty { result["dropped"] = .array(losses.dropped.map { .string($0) }) }
            if !losses.adjusted.isEmpty { result["adjusted"] = .array(losses.adjusted.map { .string($0) }) }
        } catch let error as RequestError {
            result["error"] = .string(error.message)
            result["param"] = error.param.map { .string($0) }
            result["code"] = error.code.map { .string($0) }
        } catch ReplyError.failed(let error) {
            result["failed"] = .string(error.message)
        } catch {
            result["error"] = .string("\(error)")
        }
        return .object(result)
    }

    private func codec(_ member: String) throws -> any DialectCodec.Type {
        guard let name = job[member]?.string, let codec = Dialect(rawValue: name)?.codec else {
            let names = Dialect.conversations.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(member)' must be one of \(names)")
        }
        return codec
    }

    private var body: [UInt8] {
        if let text = job["base64"]?.string { return Base64.decoded(text.utf8) ?? [] }
        if let text = job["body"]?.string { return Array(text.utf8) }
        return job["body"]?.serialized() ?? []
    }

    private func translate(into result: inout JSONObject, _ losses: inout LossReport) throws {
        let (source, target) = (try codec("from"), try codec("to"))
        switch job["kind"]?.string {
        case "reply":
            let reply = try source.decodeReply(try JSON.parse(body))
            result["output"] = target.encodeReply(reply, for: try context(target, answeredBy: reply.model), &losses)
        case "stream":
            try stream(from: source, to: target, into: &result, &losses)
        default:
            let request = try JSON.parse(body)
            let model = try model(else: request["model"]?.string ?? request["modelId"]?.string)
            let place = RequestPlace(model: model, stream: job["stream"]?.bool ?? false)
            let conversation = try source.decodeRequest(request, at: place)
            let facts = TargetFacts(named: model)
            result["output"] = try target.writtenRequest(conversation, for: facts, &losses)
        }
    }

    /// The model's name as the job says it, else as the input does. What becomes of a body depends on it, so none is made up.
    private func model(else own: String?) throws -> String {
        guard let model = job["model"]?.string ?? own, !model.isEmpty else {
            throw ValidationError("the input names no model: name it with --model (a line of --lines in 'model')")
        }
        return model
    }

    /// - Parameter answeredBy: the model that the input names.
    private func context(_ client: any DialectCodec.Type, answeredBy answering: String?) throws -> ReplyContext {
        let model = try model(else: answering)
        var request = Conversation(origin: client.dialect, model: model)
        if let body = job["request"] { request = try client.decodeRequest(body, at: RequestPlace(model: model)) }
        request.includeUsage = true
        var context = ReplyContext(
            model: model, requestID: job["id"]?.string ?? "0123456789abcdef", created: 1_764_400_000, request: request)
        context.streamsAsArray = job["framing"]?.string == "array"
        return context
    }

    private func stream(
        from source: any DialectCodec.Type, to target: any DialectCodec.Type, into result: inout JSONObject,
        _ losses: inout LossReport
    ) throws {
        var framer = StreamFramer(job["source_framing"]?.string.flatMap(StreamFraming.init) ?? source.framing)
        var decoder: any ReplyStreamDecoder = source.streamDecoder()
        var frames: [StreamFrame] = []
        try body.withUnsafeBytes { try framer.feed($0, into: &frames) }
        try framer.finish(into: &frames)
        var events: [ReplyEvent] = []
        for frame in frames { try decoder.decode(frame, into: &events) }
        decoder.finish(into: &events)
        var answering: String?
        for case .began(let head) in events { answering = answering ?? head.model }
        var encoder: any ReplyStreamEncoder = target.streamEncoder(for: try context(target, answeredBy: answering))
        var writer = FrameWriter()
        var isComplete = false
        for event in events {
            if case .failed(let error) = event {
                result["failed"] = .string(error.message)
                let body = GatewayErrorBody(
                    message: error.message, type: error.type ?? "server_error", param: error.param, code: error.code)
                encoder.fail(body, status: 502, into: &writer)
                continue
            }
            if event == .ended { isComplete = true }
            encoder.encode(event, into: &writer)
        }
        if !isComplete, result["failed"] == nil {
            // As the gateway ends it.
            encoder.fail(
                GatewayErrorBody(message: "The provider's stream broke off.", type: "server_error"), status: 502,
                into: &writer)
        }
        losses.add(encoder.losses)
        result["base64"] = .string(Base64.encoded(writer.bytes))
        result["complete"] = .bool(isComplete)
    }
}
