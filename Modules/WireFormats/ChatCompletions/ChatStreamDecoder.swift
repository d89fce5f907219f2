import JSONText

/// Reads a Chat Completions stream.
///
/// Rules
/// 1. `began` waits for the first chunk that says something: Azure's and Copilot's first has no id and no choice.
/// 2. A text or a thinking ends when the other, or a call, begins. Calls stay open to the end: providers that send
///    parallel calls do not say when one is over.
/// 3. Choices stop at the end of the stream: `finish_reason` may be followed by annotations and proofs, and some
///    providers repeat it in every chunk.
/// 4. The stream is complete with `[DONE]`, or where it ends after each choice has its `finish_reason`.
/// 5. What stands beside the choices is told when it changes.
struct ChatStreamDecoder: ChunkStreamDecoder {
    private(set) var hasBegun = false
    var isOver = false
    private var head = ReplyHead(origin: .chatCompletions)
    private var extras = JSONObject()
    private var usage: JSON?
    private var choices: [ChatChoiceDecoder] = []
    /// By a choice's number: its place.
    private var places: [Int: Int] = [:]

    var hasFinished: Bool { !choices.isEmpty && choices.allSatisfy(\.hasFinished) }

    mutating func read(_ object: JSONObject, _ events: inout [ReplyEvent]) throws(ReplyError) {
        let list = try readChoices(of: object)
        note(ChatReplyHead(object), hasChoices: !list.isEmpty, &events)
        for (index, choice) in list.enumerated() {
            let number = choice["index"]?.int.flatMap { Int(exactly: $0) } ?? index
            let place = position(of: number)
            try choices[place].read(choice, replyID: head.id ?? "", &events)
        }
        let hasUsage = object["usage"]?.object != nil
        if let native = hasUsage ? object["usage"] : object["x_groq"]?["usage"], native != usage,
            let found = ChatUsage.read(native)
        {
            usage = native
            begin(&events)
            events.append(.usage(found))
        }
    }

    private mutating func note(_ found: ChatReplyHead, hasChoices: Bool, _ events: inout [ReplyEvent]) {
        if !hasBegun {
            head.id = head.id ?? found.id
            head.model = head.model ?? found.model
            head.created = found.created ?? head.created
            head.serviceTier = head.serviceTier ?? found.serviceTier
        }
        var changed = JSONObject()
        for (key, value) in found.extras where extras[key] != value {
            extras[key] = value
            changed[key] = value
        }
        // OpenAI names the tier that was really used.
        if hasBegun, let tier = found.serviceTier, head.serviceTier != tier {
            head.serviceTier = tier
            events.append(.serviceTier(tier))
        }
        if !hasBegun {
            head.extras = extras
            if hasChoices { begin(&events) }
        } else if !changed.isEmpty {
            events.append(.extras(changed))
        }
    }

    private mutating func begin(_ events: inout [ReplyEvent]) {
        guard !hasBegun else { return }
        hasBegun = true
        events.append(.began(head))
    }

    private mutating func position(of number: Int) -> Int {
        if let known = places[number] { return known }
        places[number] = choices.count
        choices.append(ChatChoiceDecoder(index: number))
        return choices.count - 1
    }

    mutating func end(_ events: inout [ReplyEvent]) {
        isOver = true
        begin(&events)
        for index in choices.indices {
            let citations = index == 0 ? ChatReplyHead.citations(extras) : []
            choices[index].end(citing: citations, &events)
        }
        events.append(.ended)
    }
}

/// Reads what the chunks of a stream say of one choice.
struct ChatChoiceDecoder {
    /// A part that is open.
    private struct Open {
        var place: PartPlace
        /// Which entry of `reasoning_details` it comes from: kind and index.
        var detail: String?
        /// What came of its thinking: a block with a proof repeats it.
        var text = ""
    }

    private struct Call {
        var key: Int64
        var id: String
        var place: PartPlace?
        var name = ""
        var isCustom = false
        /// Arguments that came before the name.
        var waiting = ""
        var proof: Proof?
    }

    let index: Int
    private var next = 0
    private var text: Open?
    private var refusal: Open?
    private var thinking: Open?
    private var audio: Open?
    private var calls: [Call] = []
    /// By a call's key: the last one that had it.
    private var callPlaces: [Int64: Int] = [:]
    private var word: String?
    private var stopReason: JSON?
    private var extras = JSONObject()
    private var messageExtras = JSONObject()
    private var hasCitations = false
    /// A proof that belongs to the text or call that comes next.
    private var proofOfNext: Proof?
    /// Some thinking ended with its proof: a blank line with which the next begins, as a gateway like this one writes it, is no
    /// part of that.
    private var isBehindProof = false

    init(index: Int) { self.index = index }

    var hasFinished: Bool { word != nil }

    /// - Throws: where a part of the answer stands there in a form that nobody reads: it would be lost without a word.
    mutating func read(
        _ choice: JSONObject, replyID: String, _ events: inout [ReplyEvent]
    ) throws(ReplyError) {
        // Writer and Perplexity repeat the delta as a message.
        let delta = choice["delta"]?.object ?? choice["message"]?.object
        if let delta {
            try ChatChoiceDecoder.check(delta)
            read(delta: delta, replyID, &events)
        } else if let value = choice["delta"], !ChatChoiceDecoder.isNothing(value) {
            throw .malformed("the delta of a choice is no object")
        }
        if let logprobs = ChatReplyDecoder.logprobs(choice["logprobs"]) {
            events.append(.logprobs(choice: index, logprobs))
        }
        if let found = choice["finish_reason"]?.string, !found.isEmpty, word == nil || word == "stop" { word = found }
        if let reason = choice["stop_reason"], !reason.isNull { stopReason = reason }
        var changed = JSONObject()
        for (key, value) in ChatReplyDecoder.extras(of: choice) where extras[key] != value {
            extras[key] = value
            changed[key] = value
        }
        if !changed.isEmpty { events.append(.choiceExtras(choice: index, changed)) }
    }

    private static func check(_ delta: JSONObject) throws(ReplyError) {
        switch delta["content"] {
        case .string, .array, .object, .null, nil: break
        case .bool, .int, .real: throw .malformed("the content of a delta is no text")
        }
        guard let calls = delta["tool_calls"], !calls.isNull else { return }
        guard let list = calls.array, list.allSatisfy({ $0.object != nil }) else {
            throw .malformed("the tool calls of a delta are no array of objects")
        }
    }

    /// `null`, or the empty list that a server may write for an empty object.
    private static func isNothing(_ value: JSON) -> Bool { value.isNull || value.array?.isEmpty == true }

    private mutating func read(delta: JSONObject, _ replyID: String, _ events: inout [ReplyEvent]) {
        var changed = false
        var plain: [(name: String, text: String)] = []
        var details: [JSON] = []
        var blocks: [JSON] = []
        var later: [(String, JSON)] = []
        for (key, value) in delta where !value.isNull {
            switch key {
            case "role", "padding", "token_id": break
            case "reasoning_content", "reasoning":
                if let more = value.string, !more.isEmpty { plain.append((key, more)) }
            case "reasoning_details": details = value.array ?? []
            case "thinking_blocks": blocks = value.array ?? []
            case "content", "refusal", "audio", "images", "tool_calls", "function_call", "annotations":
                later.append((key, value))
            default:
                if messageExtras[key] != value {
                    messageExtras[key] = value
                    changed = true
                }
            }
        }
        readThinking(plain, details, blocks, &events)
        for (key, value) in later { read(member: key, value, replyID, &events) }
        // Citations come with, or after, the text that they belong to.
        for (key, value) in later where key == "annotations" { readCitations(value, &events) }
        if changed { events.append(.choiceExtras(choice: index, ["message": .object(messageExtras)])) }
    }

    private mutating func read(
        member: String, _ value: JSON, _ replyID: String, _ events: inout [ReplyEvent]
    ) {
        switch member {
        case "content": readContent(value, &events)
        case "refusal": readRefusal(value, &events)
        case "audio": readAudio(value, &events)
        case "images": for image in value.array ?? [] { readWhole(ChatMessageReader.image(image), &events) }
        case "tool_calls":
            for (position, call) in (value.array ?? []).enumerated() { readCall(call, position, replyID, &events) }
        case "function_call": readLegacyCall(value, replyID, &events)
        default: break
        }
    }

    // MARK: - Parts

    private mutating func begin(_ part: Part, _ events: inout [ReplyEvent]) -> PartPlace {
        let place = PartPlace(choice: index, part: next)
        next += 1
        events.append(.partBegan(place, part))
        return place
    }

    private func close(_ open: inout Open?, _ events: inout [ReplyEvent]) {
        if let place = open?.place { events.append(.partEnded(place)) }
        open = nil
    }

    private mutating func readWhole(_ part: Part?, _ events: inout [ReplyEvent]) {
        guard let part else { return }
        close(&thinking, &events)
        close(&text, &events)
        let place = begin(part, &events)
        events.append(.partEnded(place))
    }

    private mutating func add(text more: String, _ events: inout [ReplyEvent]) {
        guard !more.isEmpty else { return }
        openText(&events)
        if let place = text?.place { events.append(.delta(place, .text(more))) }
    }

    private mutating func openText(_ events: inout [ReplyEvent]) {
        close(&thinking, &events)
        guard text == nil else { return }
        let place = begin(.text(""), &events)
        text = Open(place: place)
        if let proof = proofOfNext {
            events.append(.delta(place, .proof(proof)))
            proofOfNext = nil
        }
    }

    private mutating func readContent(_ content: JSON, _ events: inout [ReplyEvent]) {
        switch content {
        case .string(let more): add(text: more, &events)
        case .array(let chunks): for chunk in chunks { readChunk(chunk, &events) }
        case .object: add(text: content.text, &events)
        default: break
        }
    }

    /// Mistral's list of chunks.
    private mutating func readChunk(_ chunk: JSON, _ events: inout [ReplyEvent]) {
        let part = ChatMessageReader.part(ofChunk: chunk)
        if let more = part.text {
            add(text: more, &events)
        } else if let reasoning = part.reasoning {
            add(thinking: reasoning.text, detail: nil, &events)
        } else {
            readWhole(part, &events)
        }
    }

    private mutating func readRefusal(_ value: JSON, _ events: inout [ReplyEvent]) {
        guard let more = value.string, !more.isEmpty else { return }
        close(&thinking, &events)
        if refusal == nil { refusal = Open(place: begin(Part(.refusal("")), &events)) }
        if let place = refusal?.place { events.append(.delta(place, .text(more))) }
    }

    private mutating func readAudio(_ value: JSON, _ events: inout [ReplyEvent]) {
        guard let object = value.object else { return }
        let data = object["data"]?.string ?? ""
        let transcript = object["transcript"]?.string ?? ""
        if audio == nil {
            guard let id = object["id"]?.string ?? (data.isEmpty && transcript.isEmpty ? nil : "") else { return }
            close(&thinking, &events)
            let part = Part(.media(Media(.audio, .base64(""))), id: id.isEmpty ? nil : id)
            audio = Open(place: begin(part, &events))
        }
        guard let place = audio?.place else { return }
        if !data.isEmpty { events.append(.delta(place, .media(base64: data))) }
        if !transcript.isEmpty { events.append(.delta(place, .transcript(transcript))) }
        if let expires = object["expires_at"], !expires.isNull {
            events.append(.delta(place, .extras(["expires_at": expires])))
        }
    }

    private mutating func readCitations(_ value: JSON, _ events: inout [ReplyEvent]) {
        guard let annotations = value.array, !annotations.isEmpty else { return }
        hasCitations = true
        openText(&events)
        guard let place = text?.place else { return }
        for annotation in annotations { events.append(.delta(place, .citation(ChatCitations.citation(annotation)))) }
    }

    // MARK: - Thinking

    private mutating func readThinking(
        _ plain: [(name: String, text: String)], _ details: [JSON], _ blocks: [JSON], _ events: inout [ReplyEvent]
    ) {
        var shown = ""
        for detail in details {
            var part = ChatReasoning.part(ofDetail: detail, at: 0, keepsExtras: false)
            shown += part.reasoning?.visibleText ?? ""
            let key = (detail["type"]?.string ?? "") + " " + (detail["index"]?.int.map { String($0) } ?? "")
            for (name, _) in plain { part.form?.append("+" + name) }
            add(detail: part, key, &events)
        }
        // A plain text beside details says the same once more, and so may one beside another.
        if shown.isEmpty {
            for (number, more) in plain.enumerated() where !plain[..<number].contains(where: { $0.text == more.text }) {
                add(thinking: more.text, detail: nil, &events)
            }
        }
        for block in blocks { add(block: block, hasPlain: !plain.isEmpty, &events) }
    }

    private mutating func add(thinking more: String, detail: String?, _ events: inout [ReplyEvent]) {
        var more = more
        let isApart = isBehindProof && more.hasPrefix(ChatReasoning.blankLine)
        if isApart { more.removeFirst(ChatReasoning.blankLine.count) }
        isBehindProof = false
        guard !more.isEmpty else { return }
        openThinking(detail: detail, isApart: isApart, &events)
        thinking?.text += more
        if let place = thinking?.place { events.append(.delta(place, .reasoning(more))) }
    }

    private mutating func openThinking(
        detail: String?, isApart: Bool = false, form: String? = nil, _ events: inout [ReplyEvent]
    ) {
        if thinking != nil, thinking?.detail != detail { close(&thinking, &events) }
        guard thinking == nil else { return }
        close(&text, &events)
        var part = Part(.reasoning(Reasoning()))
        part.form = isApart ? ChatReasoning.apart : form
        thinking = Open(place: begin(part, &events), detail: detail)
    }

    /// The thinking that is open ends in that text. What is out cannot be taken apart, and is not told again: of such a
    /// thought the proof alone follows.
    private func hasTold(_ visible: String) -> Bool {
        guard let told = thinking?.text, !visible.isEmpty else { return false }
        return ChatReasoning.ends(told, in: visible)
    }

    /// An entry of `reasoning_details`: pieces of one have the same kind and index.
    private mutating func add(detail part: Part, _ key: String, _ events: inout [ReplyEvent]) {
        guard let reasoning = part.reasoning, !reasoning.isRedacted else {
            // Encrypted thinking comes at once.
            close(&thinking, &events)
            close(&text, &events)
            let place = begin(part.opening, &events)
            for delta in part.deltas { events.append(.delta(place, delta)) }
            events.append(.partEnded(place))
            return
        }
        let visible = reasoning.visibleText
        guard !visible.isEmpty || reasoning.proof != nil else { return }
        var part = part
        if let proof = reasoning.proof, thinking != nil, thinking?.detail == nil, hasTold(visible) {
            if thinking?.text == visible { thinking?.detail = key }
            part.content = .reasoning(Reasoning(proof: proof))
        }
        openThinking(detail: key, form: part.form, &events)
        guard let place = thinking?.place else { return }
        for delta in part.deltas { events.append(.delta(place, delta)) }
    }

    /// A block of `thinking_blocks`: LiteLLM sends pieces beside `reasoning_content`, and last one with the signature;
    /// the encoder here sends each whole, after its text.
    private mutating func add(block: JSON, hasPlain: Bool, _ events: inout [ReplyEvent]) {
        var found = ChatReasoning.Found()
        ChatReasoning.add(block: block, to: &found)
        if let proof = found.proofOfNext {
            if let place = text?.place { events.append(.delta(place, .proof(proof))) } else { proofOfNext = proof }
            return
        }
        guard let reasoning = found.parts.first?.reasoning else { return }
        guard let proof = reasoning.proof else {
            if !hasPlain, thinking?.text != reasoning.text { add(thinking: reasoning.text, detail: nil, &events) }
            return
        }
        let visible = reasoning.visibleText
        let isNew = reasoning.isRedacted || (!visible.isEmpty && visible != thinking?.text && !hasPlain)
        if isNew || thinking == nil {
            // Its text may be out already, behind that of a thought without a proof.
            let part = Part(.reasoning(hasTold(visible) ? Reasoning(proof: proof) : reasoning))
            close(&thinking, &events)
            close(&text, &events)
            let place = begin(part.opening, &events)
            for delta in part.deltas { events.append(.delta(place, delta)) }
            events.append(.partEnded(place))
            if !visible.isEmpty { isBehindProof = true }
            return
        }
        guard let place = thinking?.place else { return }
        isBehindProof = true
        if !reasoning.summaries.isEmpty {
            var whole = Reasoning(summaries: reasoning.summaries, proof: proof)
            whole.isRedacted = false
            events.append(.delta(place, .replaced(.reasoning(whole))))
        } else {
            events.append(.delta(place, .proof(proof)))
        }
        close(&thinking, &events)
    }

    // MARK: - Calls

    private mutating func readCall(
        _ value: JSON, _ position: Int, _ replyID: String, _ events: inout [ReplyEvent]
    ) {
        guard let object = value.object else { return }
        let id = object["id"]?.string ?? ""
        let function = object["function"] ?? object["custom"]
        let name = function?["name"]?.string ?? ""
        let key = object["index"]?.int ?? (id.isEmpty ? calls.last?.key : nil) ?? Int64(calls.count)
        var place = callPlaces[key]
        // Some number all parallel calls 0 (Gemini's compatible path): another id with a name is another call.
        if let known = place, !id.isEmpty, !name.isEmpty, calls[known].place != nil, calls[known].id != id {
            place = nil
        }
        if place == nil {
            let made = id.isEmpty ? ToolIDs.made(from: replyID, index: calls.count) : id
            callPlaces[key] = calls.count
            place = calls.count
            calls.append(Call(key: key, id: made))
        }
        guard let place else { return }
        if object["custom"]?.object != nil { calls[place].isCustom = true }
        if !id.isEmpty, calls[place].place == nil { calls[place].id = id }
        if calls[place].place == nil, !name.isEmpty { calls[place].name = name }
        var members = ChatMembers(object)
        let proof = ChatReasoning.takeProof(ofCall: &members)
        let arguments = function?["arguments"] ?? function?["input"]
        let more = arguments?.string ?? arguments.flatMap { $0.object == nil ? nil : $0.text } ?? ""
        advance(place, more, proof, isLegacy: false, &events)
    }

    private mutating func readLegacyCall(_ value: JSON, _ replyID: String, _ events: inout [ReplyEvent]) {
        guard value.object != nil else { return }
        var place = callPlaces[-1]
        let name = value["name"]?.string ?? ""
        if place == nil {
            guard !name.isEmpty else { return }
            callPlaces[-1] = calls.count
            place = calls.count
            calls.append(Call(key: -1, id: ToolIDs.made(from: replyID, index: calls.count), name: name))
        }
        guard let place else { return }
        advance(place, value["arguments"]?.string ?? "", nil, isLegacy: true, &events)
    }

    /// A call begins when its name is known; what came before waits.
    private mutating func advance(
        _ number: Int, _ more: String, _ proof: Proof?, isLegacy: Bool, _ events: inout [ReplyEvent]
    ) {
        if calls[number].place == nil {
            guard !calls[number].name.isEmpty else {
                calls[number].waiting += more
                calls[number].proof = proof ?? calls[number].proof
                return
            }
            close(&thinking, &events)
            close(&text, &events)
            let call = ToolCall(
                calls[number].isCustom ? .custom : .function, id: calls[number].id, name: calls[number].name)
            var part = Part(.toolCall(call))
            if isLegacy { part.form = "function_call" }
            calls[number].place = begin(part, &events)
        }
        guard let place = calls[number].place else { return }
        let arguments = calls[number].waiting + more
        calls[number].waiting = ""
        if !arguments.isEmpty { events.append(.delta(place, .arguments(arguments))) }
        if let proof = proof ?? calls[number].proof { events.append(.delta(place, .proof(proof))) }
        calls[number].proof = nil
    }

    // MARK: - The end

    mutating func end(citing citations: [Citation], _ events: inout [ReplyEvent]) {
        close(&thinking, &events)
        if !hasCitations, let place = text?.place {
            for citation in citations { events.append(.delta(place, .citation(citation))) }
        }
        close(&text, &events)
        let hasRefusal = refusal != nil
        close(&refusal, &events)
        close(&audio, &events)
        var hasCalls = false
        for call in calls {
            guard let place = call.place else { continue }
            hasCalls = true
            events.append(.partEnded(place))
        }
        var stop: Stop? = ChatStop.stop(word, hasCalls: hasCalls, hasRefusal: hasRefusal)
        if word != nil { ChatReplyDecoder.noteSequence(stopReason, &stop) }
        if let stop { events.append(.stopped(choice: index, stop)) }
    }
}
