import JSONText
import WireFormats

/// What cases are made from: requests, replies and streams of each dialect, fragments of JSON, and words.
///
/// They are read from the source of this repository's codecs and tests, from recorded traffic where a folder of it is
/// named, and each goes through the codecs, so that every dialect has what any has.
struct Seeds {
    struct Stream {
        var frames: [StreamFrame]
    }

    private(set) var requests: [Dialect: [JSON]] = [:]
    private(set) var replies: [Dialect: [JSON]] = [:]
    private(set) var streams: [Dialect: [Stream]] = [:]
    /// Bodies as they came, for readers in place.
    private(set) var raw: [[UInt8]] = []
    private(set) var fragments: [JSON] = []
    private(set) var strings: [String] = []
    private(set) var words: [String] = []

    /// - Parameters:
    ///   - repository: the folder of this repository.
    ///   - corpus: a folder of recorded traffic; its records stay in memory.
    init(repository: String, corpus: String?) {
        var known: Set<String> = []
        for path in Files.below("\(repository)/Modules/WireFormats", ending: ".swift") {
            for text in SwiftSource(Files.read(path) ?? []).texts where SwiftWord.isOne(text) { known.insert(text) }
        }
        words = known.sorted()
        for path in Files.below("\(repository)/Tests/WireFormatsTests", ending: ".swift") {
            let source = SwiftSource(Files.read(path) ?? [])
            let dialects = Seeds.dialects(ofPath: path)
            for text in source.texts { add(text, dialects) }
            for value in source.values { add(value, dialects) }
        }
        if let corpus { addTraffic(corpus) }
        translate()
        if words.isEmpty { words = ["type"] }
        if fragments.isEmpty { fragments = [.null] }
        if strings.isEmpty { strings = [""] }
        if raw.isEmpty { raw = [Array("{}".utf8)] }
    }

    var summary: String {
        func count<T>(_ lists: [Dialect: [T]]) -> Int { lists.values.reduce(0) { $0 + $1.count } }
        return "\(count(requests)) requests, \(count(replies)) replies, \(count(streams)) streams, "
            + "\(fragments.count) fragments, \(words.count) words"
    }

    // MARK: - The repository

    private static func dialects(ofPath path: String) -> [Dialect] {
        let folders: [(String, Dialect)] = [
            ("/ChatCompletions/", .chatCompletions), ("/OpenAI/", .chatCompletions), ("/Responses/", .responses),
            ("/Completions/", .completions), ("/Messages/", .messages), ("/GenerateContent/", .generateContent),
            ("/Converse/", .converse), ("/CohereChat/", .cohereChat), ("/OllamaChat/", .ollamaChat),
        ]
        let found = folders.filter { path.contains($0.0) }.map(\.1)
        return found.isEmpty ? Dialect.conversations : found
    }

    private mutating func add(_ text: String, _ dialects: [Dialect]) {
        if text.utf8.count < 200, strings.count < 20_000 { strings.append(text) }
        if let value = try? JSON.parse(text) {
            if value.object != nil || value.array != nil {
                raw.append(Array(text.utf8))
                add(value, dialects)
            }
        } else if text.contains("data:") {
            raw.append(Array(text.utf8))
            for dialect in dialects {
                if let frames = Seeds.frames(of: Array(text.utf8), .sse) {
                    streams[dialect, default: []].append(Stream(frames: frames))
                }
            }
        }
    }

    /// A document that may be a request, a reply or an event: it goes where it can be read.
    private mutating func add(_ value: JSON, _ dialects: [Dialect]) {
        addFragments(of: value, depth: 0)
        guard value.object != nil else { return }
        for dialect in dialects {
            guard let codec = dialect.codec else { continue }
            let place = RequestPlace(model: "m", stream: false)
            if (try? codec.decodeRequest(value, at: place)) != nil { requests[dialect, default: []].append(value) }
            if (try? codec.decodeReply(value)) != nil { replies[dialect, default: []].append(value) }
            var decoder = codec.streamDecoder()
            var events: [ReplyEvent] = []
            let frame = StreamFrame.json(value, event: value["type"]?.string)
            if (try? decoder.decode(frame, into: &events)) != nil {
                streams[dialect, default: []].append(Stream(frames: [frame]))
            }
        }
    }

    private mutating func addFragments(of value: JSON, depth: Int) {
        guard fragments.count < 60_000, depth < 30 else { return }
        switch value {
        case .object(let object):
            if !object.isEmpty { fragments.append(value) }
            for (_, inner) in object { addFragments(of: inner, depth: depth + 1) }
        case .array(let elements):
            if !elements.isEmpty { fragments.append(value) }
            for inner in elements.prefix(20) { addFragments(of: inner, depth: depth + 1) }
        case .string(let text): if text.utf8.count < 2000, strings.count < 40_000 { strings.append(text) }
        default: break
        }
    }

    static func frames(of bytes: [UInt8], _ framing: StreamFraming) -> [StreamFrame]? {
        var framer = StreamFramer(framing)
        var frames: [StreamFrame] = []
        do {
            try bytes.withUnsafeBytes { try framer.feed($0, into: &frames) }
            try framer.finish(into: &frames)
        } catch {
            return nil
        }
        return frames.isEmpty ? nil : frames
    }

    // MARK: - Recorded traffic

    private mutating func addTraffic(_ folder: String) {
        for path in Files.below("\(folder)/traffic", ending: ".jsonl") {
            for line in (Files.read(path) ?? []).split(separator: 0x0A) {
                guard let record = try? JSON.parse(Array(line)), let dialect = Seeds.dialect(of: record) else {
                    continue
                }
                var request = record["request_body"]
                if let text = request?.string { request = try? JSON.parse(text) }
                if let request, request.object != nil {
                    requests[dialect, default: []].append(request)
                    raw.append(request.serialized())
                    addFragments(of: request, depth: 0)
                }
                guard let text = record["response_body"]?.string else { continue }
                var body = Array(text.utf8)
                if record["response_body_encoding"]?.string == "base64" { body = Base64.decoded(body) ?? [] }
                if body.count < 200_000 { raw.append(body) }
                if let value = try? JSON.parse(body), value.object != nil {
                    replies[dialect, default: []].append(value)
                    addFragments(of: value, depth: 0)
                } else if let frames = Seeds.framings.lazy.compactMap({ Seeds.frames(of: body, $0) }).first {
                    streams[dialect, default: []].append(Stream(frames: frames))
                }
            }
        }
    }

    private static let framings: [StreamFraming] = [.sse, .array, .eventStream, .lines]

    private static func dialect(of record: JSON) -> Dialect? {
        switch record["endpoint"]?.string {
        case "chat":
            record["provider"]?.string == "cohere"
                ? .cohereChat : record["provider"]?.string == "ollama" ? .ollamaChat : .chatCompletions
        case "responses": .responses
        case "completions": .completions
        case "messages", "invoke", "invoke_stream", "rawPredict": .messages
        case "generateContent", "streamGenerateContent": .generateContent
        case "converse", "converse_stream": .converse
        default: nil
        }
    }

    // MARK: - To every dialect

    /// Each request, and each answer, in every other dialect.
    private mutating func translate() {
        let native = (requests, replies)
        for (dialect, bodies) in native.0.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            for body in bodies.prefix(400) {
                guard let found = try? dialect.codec?.decodeRequest(body, at: RequestPlace(model: "m", stream: false))
                else { continue }
                for other in Dialect.conversations where other != dialect {
                    var losses = LossReport()
                    if let written = try? other.codec?.encodeRequest(found, for: TargetFacts(model: "m"), &losses) {
                        requests[other, default: []].append(written)
                    }
                }
            }
        }
        let context = ReplyContext(
            model: "m", requestID: "r", created: 1, request: Conversation(origin: .chatCompletions, model: "m"))
        for (dialect, bodies) in native.1.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            for body in bodies.prefix(400) {
                guard let reply = try? dialect.codec?.decodeReply(body) else { continue }
                for other in Dialect.conversations {
                    guard let codec = other.codec else { continue }
                    var losses = LossReport()
                    if other != dialect {
                        replies[other, default: []].append(codec.encodeReply(reply, for: context, &losses))
                    }
                    var encoder = codec.streamEncoder(for: context)
                    var out = FrameWriter()
                    for event in reply.events { encoder.encode(event, into: &out) }
                    if let frames = Seeds.frames(of: out.take(), codec.framing) {
                        streams[other, default: []].append(Stream(frames: frames))
                    }
                }
            }
        }
    }
}

/// A word that could be a member's name or a value of one.
enum SwiftWord {
    static func isOne(_ text: String) -> Bool {
        (1...60).contains(text.utf8.count) && !text.utf8.contains { $0 <= 0x20 || $0 >= 0x7F || $0 == 0x5C }
    }
}
