import JSONText
import Units
import WireFormats

/// Runs cases, and says what broke a rule. A trap is the parent's to notice.
struct Targets {
    private(set) var faults: [String] = []
    private var random: Random
    /// How much may come out of what went in: an encoder that writes more grows without bound.
    private let outputBytesMax: Int

    /// - Returns: which rules the case broke, in words; empty where none.
    static func run(_ fuzzCase: FuzzCase) -> [String] {
        var run = Targets(fuzzCase)
        run.run(fuzzCase)
        return run.faults
    }

    /// What a case of a stream decodes to, for a person to read.
    static func events(of fuzzCase: FuzzCase) -> [ReplyEvent] {
        let words = fuzzCase.target.split(separator: ".").map(String.init)
        guard words[0] == "stream", words.count == 3, let codec = Dialect(rawValue: words[1])?.codec,
            let framing = StreamFraming(rawValue: words[2])
        else { return [] }
        return eventsBefore(failure: fuzzCase.bytes, codec, framing)
    }

    private init(_ fuzzCase: FuzzCase) {
        random = Random(seed: fuzzCase.seed)
        outputBytesMax = 64 << 10 + 64 * fuzzCase.bytes.count
    }

    private mutating func run(_ fuzzCase: FuzzCase) {
        let words = fuzzCase.target.split(separator: ".").map(String.init)
        let dialect = words.count > 1 ? Dialect(rawValue: words[1]) : nil
        switch words[0] {
        case "request": if let codec = dialect?.codec { request(fuzzCase.bytes, codec) }
        case "reply": if let codec = dialect?.codec { reply(fuzzCase.bytes, codec) }
        case "stream":
            if let codec = dialect?.codec, words.count > 2, let framing = StreamFraming(rawValue: words[2]) {
                stream(fuzzCase.bytes, codec, framing)
            }
        case "passing": words.last == "request" ? passingRequest(fuzzCase.bytes) : passingReply(fuzzCase.bytes)
        case "parsers": parsers(fuzzCase.bytes)
        case "error": error(fuzzCase.bytes)
        case "envelope": envelope(fuzzCase.bytes)
        case "stored": stored(fuzzCase.bytes)
        default: faults.append("no target is called \(fuzzCase.target)")
        }
    }

    private mutating func fault(_ text: String) {
        if faults.count < 5 { faults.append(text) }
    }

    /// What was written is JSON again, and no more than may be.
    private mutating func check(_ written: JSON, _ name: String) {
        let bytes = written.serialized()
        if bytes.count > outputBytesMax { fault("\(name): \(bytes.count) bytes were written") }
        do throws(JSONError) {
            _ = try JSON.read(bytes, maxDepth: JSON.ownDepth)
        } catch {
            fault("\(name): what was written is no JSON: \(error.description)")
        }
    }

    // MARK: - Requests

    private mutating func request(_ bytes: [UInt8], _ codec: any DialectCodec.Type) {
        guard let body = try? JSON.parse(bytes) else { return }
        let place =
            random.chance(80) ? RequestPlace(model: "gemini-2.5-pro", stream: random.chance(50)) : RequestPlace()
        guard let conversation = try? codec.decodeRequest(body, at: place) else { return }
        var renamed = conversation
        var renaming = LossReport()
        ToolNames.makeLegal(&renamed, &renaming)
        for dialect in Dialect.conversations {
            guard let other = dialect.codec else { continue }
            var losses = LossReport()
            let facts = facts()
            guard let written = try? other.encodeRequest(conversation, for: facts, &losses) else { continue }
            check(written, "\(codec.dialect) → \(dialect)")
            if dialect == codec.dialect, facts.host == .direct, facts.renames.isEmpty {
                do throws(RequestError) {
                    _ = try other.decodeRequest(written, at: place)
                } catch {
                    if conversation.model == "" { return }
                    fault("\(dialect): its own request is refused: \(error.message)")
                }
            }
        }
    }

    private mutating func facts() -> TargetFacts {
        var facts = TargetFacts(
            model: random.pick([
                "m", "claude-sonnet-4-5", "gemini-3-pro-preview", "anthropic.claude-opus-4-5-v1:0",
                "us.amazon.nova-pro-v1:0", "gpt-5.2",
            ]))
        facts.maxOutputTokens = random.pick([nil, 1, 1024, 4096, 64_000, .max])
        facts.rangePolicy = random.pick(RangePolicy.allCases)
        facts.host = random.pick([.direct, .bedrock, .vertex])
        facts.takesSystemInTheMiddle = random.chance(50)
        facts.isVertex = random.chance(50)
        facts.takesGoogleJSONSchema = random.chance(50)
        facts.takesJSONSchema = random.chance(50)
        facts.stopSequencesMax = random.pick([nil, 4])
        facts.thinking = random.pick(TargetFacts.ThinkingStyle.allCases)
        facts.takesDeveloperRole = random.chance(50)
        facts.limitsToolSchemas = random.chance(50)
        facts.hasNineCharacterToolIDs = random.chance(20)
        facts.chatReasoning = random.pick([
            nil, "reasoning_content", "reasoning", "reasoning_details", "thinking_blocks",
        ])
        facts.takesProofs = random.pick([[], [.anthropic], [.google, .openAI]])
        facts.documentURLPart = random.pick([nil, "file", "document_url", "file_url"])
        facts.takesVideo = random.chance(50)
        facts.takesCacheMarkers = random.chance(50)
        facts.takesCacheBreakpoints = random.chance(50)
        facts.refuses = random.pick([[], ["seed", "temperature"]])
        facts.renames = random.pick([[:], ["seed": "random_seed", "max_completion_tokens": "max_tokens"]])
        return facts
    }

    private mutating func context() -> ReplyContext {
        var request = Conversation(origin: random.pick(Dialect.ofClients), model: "m")
        request.stream = true
        request.includeUsage = random.chance(50)
        request.usesLegacyFunctions = random.chance(10)
        if random.chance(50) {
            request.tools = [
                Tool(.custom(CustomTool(name: "a"))),
                Tool(.namespace(name: "n", description: nil, tools: [Tool(.function(FunctionTool(name: "f")))])),
            ]
        }
        request.include = random.pick([nil, ["reasoning.encrypted_content", "message.output_text.logprobs"]])
        request.sampling.logprobs = random.pick([nil, true])
        var context = ReplyContext(model: "m", requestID: "req_1", created: 1, request: request)
        context.streamsAsArray = random.chance(30)
        return context
    }

    // MARK: - Replies

    private mutating func reply(_ bytes: [UInt8], _ codec: any DialectCodec.Type) {
        guard let body = try? JSON.parse(bytes), let reply = try? codec.decodeReply(body) else { return }
        let events = reply.events
        for fault in ReplyEventRules.faults(in: events) { self.fault("\(codec.dialect), played: \(fault)") }
        var assembler = ReplyAssembler(origin: reply.origin)
        assembler.add(events)
        // A choice in which nothing is has no events.
        var told = reply
        told.choices.removeAll { $0 == Reply.Choice(index: $0.index) }
        if assembler.reply != told { fault("\(codec.dialect): played and assembled is another reply") }
        for dialect in Dialect.conversations {
            guard let other = dialect.codec else { continue }
            var losses = LossReport()
            check(other.encodeReply(reply, for: context(), &losses), "\(codec.dialect) → \(dialect)")
        }
        encode(events, from: codec.dialect)
    }

    // MARK: - Streams

    private mutating func stream(_ bytes: [UInt8], _ codec: any DialectCodec.Type, _ framing: StreamFraming) {
        let whole = try? codec.events(of: [bytes[...]], framing: framing)
        let cut = try? codec.events(of: random.cuts(of: bytes), framing: framing)
        switch (whole, cut) {
        case (nil, nil): break
        case (let whole?, let cut?):
            if whole != cut { fault("\(codec.dialect): cut at random, the events are others") }
        default: fault("\(codec.dialect): cut at random, it \(cut == nil ? "fails" : "does not fail")")
        }
        let events = whole ?? Targets.eventsBefore(failure: bytes, codec, framing)
        for fault in ReplyEventRules.faults(in: events) { self.fault("\(codec.dialect): \(fault)") }
        var assembler = ReplyAssembler(origin: codec.dialect)
        assembler.add(events)
        encode(events, from: codec.dialect)
    }

    /// What a malformed stream told before the frame that breaks it.
    private static func eventsBefore(
        failure bytes: [UInt8], _ codec: any DialectCodec.Type, _ framing: StreamFraming
    ) -> [ReplyEvent] {
        var framer = StreamFramer(framing)
        var decoder = codec.streamDecoder()
        var events: [ReplyEvent] = []
        var frames: [StreamFrame] = []
        _ = try? bytes.withUnsafeBytes { try framer.feed($0, into: &frames) }
        for frame in frames {
            do throws(ReplyError) {
                try decoder.decode(frame, into: &events)
            } catch {
                break
            }
        }
        return events
    }

    /// Every choice that has anything says why it stopped.
    private static func allStopped(_ events: [ReplyEvent]) -> Bool {
        var seen: Set<Int> = []
        var stopped: Set<Int> = []
        for event in events {
            switch event {
            case .partBegan(let place, _): seen.insert(place.choice)
            case .choiceExtras(let choice, _), .logprobs(let choice, _): seen.insert(choice)
            case .stopped(let choice, _): stopped.insert(choice)
            default: break
            }
        }
        return !stopped.isEmpty && seen.isSubset(of: stopped)
    }

    /// Writes the events for every dialect, and reads what was written again.
    private mutating func encode(_ events: [ReplyEvent], from origin: Dialect) {
        for dialect in Dialect.conversations {
            guard let codec = dialect.codec else { continue }
            var context = context()
            if dialect != .generateContent { context.streamsAsArray = false }
            var encoder = codec.streamEncoder(for: context)
            var out = FrameWriter()
            for event in events { encoder.encode(event, into: &out) }
            var bytes = out.take()
            let name = "\(origin) → \(dialect)"
            if bytes.count > outputBytesMax { fault("\(name): \(bytes.count) bytes were written") }
            let framing = context.streamsAsArray ? .array : codec.framing
            let read: [ReplyEvent]
            do throws(ReplyError) {
                read = try codec.events(of: [bytes[...]], framing: framing)
            } catch {
                // In its own dialect a block that only the provider understands is written as it came, broken or not.
                if dialect != origin { fault("\(name): what was written does not decode: \(error)") }
                continue
            }
            for fault in ReplyEventRules.faults(in: read) { self.fault("\(name), read again: \(fault)") }
            // A choice without a reason to stop is no complete answer in dialects whose end is that reason.
            let hasStopped = Targets.allStopped(events)
            if events.last == .ended, hasStopped, read.last != .ended { fault("\(name), read again: it has no end") }
            // A failure in the middle.
            encoder = codec.streamEncoder(for: context)
            for event in events.prefix(random.below(events.count + 1)) where event != .ended {
                encoder.encode(event, into: &out)
            }
            encoder.fail(GatewayErrorBody(message: "x", type: "server_error"), status: 502, into: &out)
            bytes = out.take()
            if (try? codec.events(of: [bytes[...]], framing: framing))?.last == .ended {
                fault("\(name): a stream that failed claims an end")
            }
        }
    }

    // MARK: - What passes through

    private mutating func passingRequest(_ bytes: [UInt8]) {
        for endpoint in OpenAIEndpoint.allCases {
            guard let request = try? OpenAIRequest(bytes, endpoint: endpoint) else { continue }
            let written = request.upstreamBody(
                model: "other\"", addIncludeUsage: random.chance(50),
                addMaxTokens: random.pick([nil, ("max_tokens", 7)]))
            if (try? JSONScanner.scan(written)) == nil { fault("\(endpoint): the upstream body is no JSON") }
            if request.inputTokenCeiling < request.inputTokenEstimate { fault("\(endpoint): ceiling below estimate") }
        }
        for dialect in Dialect.conversations {
            let place = random.chance(70) ? RequestPlace(model: "m", stream: true) : RequestPlace()
            guard let request = try? DialectRequest(bytes, dialect: dialect, place: place) else { continue }
            let written = request.upstreamBody(
                model: "other\"", addMaxTokens: random.pick([nil, 7]), host: random.pick([.direct, .bedrock, .vertex]),
                betas: random.pick([[], ["a", "b"]]))
            if (try? JSONScanner.scan(written)) == nil { fault("\(dialect): the upstream body is no JSON") }
        }
    }

    private mutating func passingReply(_ bytes: [UInt8]) {
        for dialect in Dialect.conversations {
            _ = DialectReply.usage(fromWhole: bytes, dialect: dialect)
            var stream = DialectStream(dialect: dialect)
            var parser = SSEParser()
            var events = EventStreamParser()
            bytes.withUnsafeBytes { bytes in
                _ = stream.read(document: bytes)
                try? parser.feed(bytes) { _ = stream.read($0) }
                try? events.feed(bytes) { _ = stream.read($0) }
            }
        }
        var stream = OpenAIStream(hidesUsage: random.chance(50))
        var parser = SSEParser()
        bytes.withUnsafeBytes { bytes in
            _ = OpenAIReply.usage(fromWhole: bytes)
            _ = OpenAIReply.error(in: bytes)
            let texts = OpenAIReply.texts(in: bytes)
            let changed = OpenAIReply.rewritten(bytes, texts.map { ($0, Array("new\"".utf8)) })
            if (try? JSONScanner.scan(bytes)) != nil, (try? JSONScanner.scan(changed)) == nil {
                faults.append("a rewritten reply is no JSON")
            }
            try? parser.feed(bytes) { event in
                _ = stream.read(event)
                guard let data = event.data else { return }
                _ = OpenAIStream.finishedChoices(in: data)
                _ = OpenAIStream.rewritten(event, OpenAIStream.texts(in: data).map { ($0, Array("new".utf8)) })
                _ = stream.chunk(choice: 0, channel: .content, text: [0x22])
            }
        }
    }

    // MARK: - Everything else

    private mutating func parsers(_ bytes: [UInt8]) {
        for framing in [StreamFraming.sse, .lines, .array, .eventStream] {
            var framer = StreamFramer(framing, frameBytesMax: random.pick([100, 16 << 20]))
            var frames: [StreamFrame] = []
            do {
                for piece in random.cuts(of: bytes) { try piece.withUnsafeBytes { try framer.feed($0, into: &frames) } }
                try framer.finish(into: &frames)
            } catch {
                continue
            }
        }
        // A message whose checksums are right, whatever its lengths say.
        var parser = EventStreamParser(messageBytesMax: 1 << 20)
        let message = EventStream.encoded(EventStreamMessage(headers: [(":event-type", "x")], payload: bytes))
        var found = 0
        message.withUnsafeBytes { try? parser.feed($0) { if $0.payload == bytes { found += 1 } } }
        if found != 1, message.count < 1 << 20 { fault("an AWS message does not come back") }
        if Base64.decoded(Base64.encoded(bytes).utf8) != bytes { fault("base64 does not come back") }
        _ = Base64.decoded(bytes)
        bytes.withUnsafeBytes { bytes in
            let isValid =
                (try? JSONScanner.scan(bytes, limits: JSONLimits(depthMax: 128, requiresObject: false))) != nil
            let value = try? JSON.parse(bytes)
            if value != nil, !isValid { faults.append("the scanner refuses what the parser takes") }
        }
    }

    private mutating func error(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            let error = ProviderError.read(
                from: bytes, status: [400, 404, 429, 500, 529][random.below(5)],
                errorType: random.chance(20) ? "ValidationException:http://x" : nil)
            if error.message.isEmpty { faults.append("an error says nothing") }
            _ = ProviderError.read(from: bytes, status: 0)
        }
    }

    private mutating func envelope(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        _ = ProofEnvelope.unwrapped(text)
        _ = ProofEnvelope.unwrapped("tollgate1." + text)
        _ = ProofEnvelope.unwrapped("tollgate1." + Base64.encoded(bytes))
        let letter = ProofEnvelope.Letter(
            Proof(.google, .signature, text, itemID: text), summaries: [text, ""], belongsToNext: true)
        if ProofEnvelope.unwrapped(ProofEnvelope.wrapped(letter)) != letter { fault("an envelope does not come back") }
    }

    private mutating func stored(_ bytes: [UInt8]) {
        guard let value = try? JSON.parse(bytes) else { return }
        var response: JSON = value["response"] ?? value
        if random.chance(80) { response["id"] = "resp_1" }
        if response["output"] == nil, let input = value["input"] { response["output"] = input }
        guard let stored = StoredResponse(response, to: value, requestID: "req_1") else { return }
        if StoredResponse(json: stored.json) != stored { fault("a stored response does not come back") }
        _ = StoredResponse(json: value)
        let whole = StoredResponse.chain([stored, stored], with: value)
        check(whole, "chain")
        _ = try? ResponsesCodec.decodeRequest(whole, at: RequestPlace())
        let after = stored.input.first?["id"]?.string
        _ = try? StoredResponse.inputItems(
            of: [stored, stored], limit: random.pick([nil, 1, 100, .max]), after: after)
    }
}
