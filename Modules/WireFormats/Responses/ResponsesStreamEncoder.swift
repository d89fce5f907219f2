import JSONText

/// Writes an answer for a Responses client: the frames of a stream, or, with the same steps and no frames, the whole
/// `response` object. So both have the same items, with the same ids.
///
/// Rules
/// 1. One item is open at a time; its `output_index` is how many were before it. `sequence_number` counts frames from 0.
/// 2. Texts and refusals that follow each other are contents of one message. A Responses provider's message ids say which
///    are; of other providers, all are.
/// 3. Of other providers' thinking, the text is a summary. A proof on a text or call goes into a reasoning item of its
///    own, before the call or after the text: ``ProofEnvelope``. Calls of generateContent wait for theirs.
/// 4. Calls of functions that stand for a custom tool or for one in a namespace come back as what was asked for.
/// 5. Gemini's search, of which it tells beside its answer, is the last item: by then its text is out.
/// 6. What has no place here is reported: sounds (their transcript is a text), tools of other providers but web searches,
///    choices beyond the first.
public struct ResponsesStreamEncoder: ReplyStreamEncoder {
    /// The message that is open.
    struct Message {
        var id: String
        /// The id by which the provider's parts name it.
        var partID: String?
        /// What is done.
        var contents: [JSON] = []
        var extras = JSONObject()
    }

    /// The part that is being written.
    struct Writing {
        var part: Part
        /// Its item's id. Of a text: its message's.
        var itemID: String
        /// Its item, or of a text its content, is out.
        var isOpen = false
        var hasEnded = false
        var summary: Int?
        var hasReasoningText = false
        var logprobs: [JSON] = []
        /// Log probabilities that no delta carried yet.
        var newLogprobs: [JSON] = []
        var annotations: [JSON] = []
        /// Citations of the whole text: how long that is shows when it ends. Claude's come before its first letter.
        var waiting: [Citation] = []
        /// Unicode scalars of a text so far, for annotations without a range.
        var scalars: Int64 = 0
    }

    /// A web search of another provider's, between its call and its result.
    struct Search {
        var id: String?
        var item: JSONObject
    }

    public internal(set) var losses = LossReport()
    let context: ReplyContext
    let writesFrames: Bool
    var envelope: ResponsesEnvelope
    var output: [JSON] = []
    var message: Message?
    var writing: Writing?
    var search: Search?
    /// What Gemini told of its search.
    private var grounding: JSON?
    private var sequential = SequentialParts()
    private var number: Int64 = 0
    private var hasBegun = false
    private var isOver = false
    let translatedTools: ResponsesTranslatedTools

    /// The reply is a Responses provider's: items keep their ids and all that has no name.
    var isNative: Bool { envelope.head.origin == .responses }

    init(_ context: ReplyContext, writesFrames: Bool) {
        self.context = context
        self.writesFrames = writesFrames
        envelope = ResponsesEnvelope(context)
        translatedTools = ResponsesTranslatedTools(context.request.tools)
    }

    // MARK: - Whole

    mutating func whole(_ reply: Reply) -> JSON {
        var frames = FrameWriter()
        writeAll(of: reply, &frames)
        closeAll(&frames)
        let end = envelope.end
        return envelope.response(
            status: end.status, reason: end.reason, output: output,
            usage: ResponsesUsage.written(envelope.usage, origin: envelope.head.origin))
    }

    /// The frames of an answer that is there whole.
    mutating func play(_ reply: Reply, to out: inout FrameWriter) {
        writeAll(of: reply, &out)
        write(.ended, &out)
    }

    /// The last of these frames alone, which holds the whole answer.
    ///
    /// - Parameter known: the number of the last frame that the client has.
    mutating func playEnd(of reply: Reply, after known: Int64, to out: inout FrameWriter) {
        var unsent = FrameWriter()
        writeAll(of: reply, &unsent)
        closeAll(&unsent)
        number = known + 1
        write(.ended, &out)
    }

    private mutating func writeAll(of reply: Reply, _ frames: inout FrameWriter) {
        var head = ReplyHead(
            origin: reply.origin, id: reply.id, model: reply.model, created: reply.created,
            serviceTier: reply.serviceTier)
        head.extras = reply.extras
        write(.began(head), &frames)
        if reply.choices.count > 1 { losses.drop("n") }
        if let choice = reply.choices.first(where: { $0.index == 0 }) ?? reply.choices.first {
            var logprobs = (choice.logprobs?["content"]?.array ?? [])[...]
            for (index, part) in choice.parts.enumerated() {
                let place = PartPlace(part: index)
                write(.partBegan(place, part.opening), &frames)
                for delta in part.deltas { write(.delta(place, delta), &frames) }
                if let text = part.text {
                    let own = ResponsesStreamEncoder.logprobs(of: text, &logprobs)
                    if !own.isEmpty { write(.logprobs(choice: 0, ["content": .array(own)]), &frames) }
                }
                write(.partEnded(place), &frames)
            }
            if !logprobs.isEmpty || choice.logprobs?["refusal"]?.array?.isEmpty == false { losses.drop("logprobs") }
            if !choice.extras.isEmpty { write(.choiceExtras(choice: 0, choice.extras), &frames) }
            if let stop = choice.stop { write(.stopped(choice: 0, stop), &frames) }
        }
        if let usage = reply.usage { write(.usage(usage), &frames) }
    }

    /// The log probabilities of the tokens that make up this text.
    private static func logprobs(of text: String, _ all: inout ArraySlice<JSON>) -> [JSON] {
        var bytes = text.utf8.count
        var own: [JSON] = []
        while bytes > 0, let next = all.popFirst() {
            own.append(next)
            bytes -= next["bytes"]?.array?.count ?? next["token"]?.string?.utf8.count ?? 0
        }
        return own
    }

    // MARK: - Stream

    public mutating func encode(_ event: ReplyEvent, into out: inout FrameWriter) {
        if let choice = event.choice, choice != 0 { return losses.drop("n") }
        var ready: [ReplyEvent] = []
        sequential.pass(event) { ready.append($0) }
        losses.add(sequential.losses)
        for event in ready { write(event, &out) }
    }

    public mutating func fail(_ error: GatewayErrorBody, status: Int, into out: inout FrameWriter) {
        guard !isOver else { return }
        isOver = true
        let response = hasBegun ? envelope.response(status: "failed", output: output).object : nil
        out.raw(error.responsesEvents(status: status, sequenceNumber: number, of: response))
    }

    private mutating func write(_ event: ReplyEvent, _ out: inout FrameWriter) {
        guard !isOver else { return }
        losses.dropUnplaced(of: event, from: envelope.head.origin, for: .responses)
        switch event {
        case .began(let head):
            guard !hasBegun else { return }
            hasBegun = true
            envelope.head = head
            guard writesFrames else { return }
            let response = envelope.response(status: "in_progress", output: [])
            emit("response.created", ["response": response], &out)
            emit("response.in_progress", ["response": response], &out)
        case .partBegan(_, let part): began(part, &out)
        case .delta(_, let delta): add(delta, &out)
        case .partEnded: ended(&out)
        case .logprobs(_, let logprobs): add(logprobs: logprobs)
        case .stopped(_, let stop):
            finishText(&out)
            envelope.stop = stop
            explain(stop, &out)
            closeAll(&out)
            if let grounding { addSearch(in: grounding, &out) }
        case .usage(let usage): envelope.usage = usage
        case .serviceTier(let tier): envelope.head.serviceTier = tier
        case .extras(let more): for (key, value) in more { envelope.head.extras[key] = value }
        case .keepAlive: if writesFrames { out.sseComment() }
        case .ended: complete(&out)
        case .choiceExtras(_, let more): grounding = more["groundingMetadata"] ?? grounding
        // The gateway ends the stream with an error that a client may see: `fail`.
        case .failed: break
        }
    }

    private mutating func complete(_ out: inout FrameWriter) {
        closeAll(&out)
        isOver = true
        let end = envelope.end
        let response = envelope.response(
            status: end.status, reason: end.reason, output: output,
            usage: ResponsesUsage.written(envelope.usage, origin: envelope.head.origin))
        emit(end.status == "completed" ? "response.completed" : "response.incomplete", ["response": response], &out)
    }

    mutating func emit(_ type: StaticString, _ members: JSONObject, _ out: inout FrameWriter) {
        guard writesFrames else { return }
        defer { number &+= 1 }
        var event = JSONObject()
        event["type"] = .string(type.description)
        event["sequence_number"] = .int(number)
        for (key, value) in members { event[key] = value }
        out.sse(.object(event), event: type)
    }

    /// An event about the open item.
    mutating func emit(_ type: StaticString, item id: String, _ members: JSONObject, _ out: inout FrameWriter) {
        guard writesFrames else { return }
        var all: JSONObject = ["item_id": .string(id), "output_index": .int(Int64(output.count))]
        for (key, value) in members { all[key] = value }
        emit(type, all, &out)
    }

    mutating func emitAdded(_ item: JSONObject, _ out: inout FrameWriter) {
        emit("response.output_item.added", ["output_index": .int(Int64(output.count)), "item": .object(item)], &out)
    }

    mutating func emitDone(_ item: JSONObject, _ out: inout FrameWriter) {
        emit("response.output_item.done", ["output_index": .int(Int64(output.count)), "item": .object(item)], &out)
        output.append(.object(item))
    }

    func itemID(_ prefix: String, _ part: Part?) -> String {
        if isNative, let id = part?.id, !id.isEmpty { return id }
        return ResponsesIDs.item(prefix, for: context.requestID, index: output.count)
    }
}

/// The client's tools that a provider without such knows by another name: custom ones, and those in namespaces.
struct ResponsesTranslatedTools {
    private struct Name: Hashable {
        var namespace: String?
        var name: String
    }

    private var custom: Set<Name> = []
    /// `namespace__name` → both.
    private var inNamespaces: [String: Name] = [:]

    init(_ tools: [Tool]) { add(tools, in: nil) }

    /// Recursion ends with the request's depth, which its reader bounds.
    private mutating func add(_ tools: [Tool], in namespace: String?) {
        for tool in tools {
            switch tool.definition {
            case .custom(let tool):
                custom.insert(Name(namespace: namespace, name: tool.name))
                note(tool.name, in: namespace)
            case .function(let tool): note(tool.name, in: namespace)
            case .namespace(let name, _, let inner): add(inner, in: name)
            case .server: break
            }
        }
    }

    private mutating func note(_ name: String, in namespace: String?) {
        guard let namespace else { return }
        inNamespaces[namespace + "__" + name] = Name(namespace: namespace, name: name)
    }

    /// The name as the client's own tools have it, whether or not ``ToolNames`` has taken it apart already.
    private func name(of call: ToolCall) -> Name {
        if call.namespace == nil, let known = inNamespaces[call.name] { return known }
        return Name(namespace: call.namespace, name: call.name)
    }

    /// Whether the call's arguments are text in a JSON object, to be taken out when they are complete.
    func isCustom(_ call: ToolCall) -> Bool { call.kind == .function && custom.contains(name(of: call)) }

    /// The call as the client's own tools have it.
    func restored(_ call: ToolCall) -> ToolCall {
        guard call.kind == .function else { return call }
        var restored = call
        if isCustom(call) {
            restored.kind = .custom
            restored.arguments = (try? JSON.read(call.arguments))?["input"]?.string ?? call.arguments
        }
        let name = name(of: call)
        restored.namespace = name.namespace
        restored.name = name.name
        return restored
    }
}
