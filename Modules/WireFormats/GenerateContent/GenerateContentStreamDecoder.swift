import JSONText

/// Reads the chunks of a stream, as events of SSE or as elements of an array.
///
/// Rules
/// 1. Texts that follow one another are one part, thoughts likewise. A text with a signature is a part of its own: "Don't
///    merge one part with a signature with another part without a signature"
///    (https://ai.google.dev/gemini-api/docs/thought-signatures, read on 2026-11-29). Its proof comes before its text, so
///    that an encoder can write both at once. Empty texts without a signature are nothing.
/// 2. A call that comes in pieces (`willContinue`) ends with the piece that does not continue, or with anything else.
/// 3. There is no mark of the end. Choices stop, and the list ends, when the bytes have ended and each choice that began
///    has its `finishReason`, or the prompt was withheld.
/// 4. Members beside the content come at the end: a later chunk's replace an earlier one's. So does the usage, which each
///    chunk tells anew: until then it is the ``runningUsage``.
public struct GenerateContentStreamDecoder: ReplyStreamDecoder {
    private var hasBegun = false
    private var hasFailed = false
    /// The prompt was withheld.
    private var blocked: Stop?
    private var id = ""
    private var model: String?
    private var tier: String?
    private var choices: [Choice] = []
    /// By a candidate's index: its place.
    private var places: [Int: Int] = [:]
    private var usage: JSON?
    private var extras = JSONObject()
    private var headExtras = JSONObject()

    private enum Kind: Equatable {
        case text
        case thought
        case call
    }

    private struct Choice: Sendable {
        var index: Int
        var reader: GenerateContentPartReader
        var partCount = 0
        var open: (place: PartPlace, kind: Kind)?
        var pieces: GooglePartialArguments?
        var hasCalls = false
        var texts: [(part: Int, text: String)] = []
        var finishReason: String?
        var extras = JSONObject()

        /// Objects of later chunks add to those of earlier ones.
        mutating func add(_ key: String, _ value: JSON) {
            guard let more = value.object, var known = extras[key]?.object else {
                extras[key] = value
                return
            }
            // Taken out, so that it has one owner and grows in place.
            extras[key] = .null
            for (name, value) in more { known[name] = value }
            extras[key] = .object(known)
        }
    }

    /// Before the first frame of one stream; another stream needs another decoder.
    public init() {}

    public mutating func decode(_ frame: StreamFrame, into events: inout [ReplyEvent]) throws(ReplyError) {
        if hasFailed { return }
        switch frame {
        case .keepAlive: events.append(.keepAlive)
        case .done: break
        case .failed(let error): fail(error, &events)
        case .exception(let type, let payload):
            fail(ProviderError(message: payload["message"]?.string ?? "", type: type), &events)
        case .json(let document, _):
            if let error = ProviderError(reportedIn: document) { return fail(error, &events) }
            do throws(GenerateContentFault) {
                try read(document, into: &events)
            } catch {
                throw error.replyError
            }
        }
    }

    private mutating func fail(_ error: ProviderError, _ events: inout [ReplyEvent]) {
        hasFailed = true
        events.append(.failed(error))
    }

    private mutating func read(_ document: JSON, into events: inout [ReplyEvent]) throws(GenerateContentFault) {
        var spelling: Set<String> = []
        var members = try GoogleMembers(document, at: "", &spelling)
        let responseID = try members.string("responseId")
        let version = try members.string("modelVersion")
        let usage = members.take("usageMetadata")
        let tier = usage?["serviceTier"]?.string
        let candidates = try members.list("candidates") ?? []
        if !hasBegun {
            hasBegun = true
            id = responseID ?? ""
            model = version
            self.tier = tier
            var head = ReplyHead(origin: .generateContent, id: responseID, model: version, serviceTier: tier)
            for (key, value) in members.rest where !value.isNull { head.extras[key] = value }
            headExtras = head.extras
            events.append(.began(head))
        } else {
            for (key, value) in members.rest where !value.isNull && headExtras[key] != value { extras[key] = value }
            if let tier, tier != self.tier {
                self.tier = tier
                events.append(.serviceTier(tier))
            }
        }
        if let usage, self.usage == nil || GoogleUsage.hasCounts(usage) { self.usage = usage }
        for (position, value) in candidates.enumerated() {
            try read(try GoogleCandidate(value, position: position), into: &events)
        }
        if choices.isEmpty, let stop = GoogleStop.blocked(members.rest["promptFeedback"]) {
            blocked = stop
            choices.append(newChoice(0))
            places[0] = 0
            choices[0].finishReason = stop.native
        }
    }

    private func newChoice(_ index: Int) -> Choice {
        Choice(index: index, reader: GenerateContentReplyDecoder.reader(seed: id, choice: index))
    }

    private mutating func read(
        _ candidate: GoogleCandidate, into events: inout [ReplyEvent]
    ) throws(GenerateContentFault) {
        let place: Int
        if let known = places[candidate.index] {
            place = known
        } else {
            place = choices.count
            places[candidate.index] = place
            choices.append(newChoice(candidate.index))
        }
        for part in candidate.parts { read(part, place, into: &events) }
        if let logprobs = candidate.logprobs { events.append(.logprobs(choice: candidate.index, logprobs)) }
        for (key, value) in candidate.extras { choices[place].add(key, value) }
        if let reason = candidate.finishReason { choices[place].finishReason = reason }
    }

    // MARK: - Parts

    private mutating func read(_ value: JSON, _ choice: Int, into events: inout [ReplyEvent]) {
        if let call = value["functionCall"] ?? value["function_call"], readPiece(call, value, choice, into: &events) {
            return
        }
        let part = choices[choice].reader.replyPart(value)
        switch part.content {
        case .text(let text):
            if part.proof == nil, part.extras.isEmpty { return add(text.text, .text, choice, into: &events) }
            begin(part, choice, .text, into: &events)
            choices[choice].texts.append((choices[choice].partCount - 1, text.text))
            end(choice, into: &events)
        case .reasoning(let reasoning):
            add(reasoning.visibleText, .thought, choice, into: &events)
            if let proof = reasoning.proof {
                if choices[choice].open == nil { begin(Part(.reasoning(Reasoning())), choice, .thought, into: &events) }
                if let open = choices[choice].open { events.append(.delta(open.place, .proof(proof))) }
                end(choice, into: &events)
            }
        case .toolCall:
            choices[choice].hasCalls = true
            begin(part, choice, .call, into: &events)
            end(choice, into: &events)
        default:
            begin(part, choice, .call, into: &events)
            end(choice, into: &events)
        }
    }

    /// More of a text or a thought.
    private mutating func add(_ text: String, _ kind: Kind, _ choice: Int, into events: inout [ReplyEvent]) {
        if text.isEmpty { return endUnless(kind, choice, into: &events) }
        if choices[choice].open?.kind != kind {
            begin(kind == .text ? .text("") : Part(.reasoning(Reasoning())), choice, kind, into: &events)
            if kind == .text { choices[choice].texts.append((choices[choice].partCount - 1, "")) }
        }
        guard let open = choices[choice].open else { return }
        events.append(.delta(open.place, kind == .text ? .text(text) : .reasoning(text)))
        if kind == .text { choices[choice].texts[choices[choice].texts.count - 1].text += text }
    }

    /// An empty thought may carry a signature for the one that is open; an empty text ends nothing.
    private mutating func endUnless(_ kind: Kind, _ choice: Int, into events: inout [ReplyEvent]) {
        if kind == .thought, let open = choices[choice].open, open.kind != .thought { end(choice, into: &events) }
    }

    private mutating func begin(_ part: Part, _ choice: Int, _ kind: Kind, into events: inout [ReplyEvent]) {
        end(choice, into: &events)
        let place = PartPlace(choice: choices[choice].index, part: choices[choice].partCount)
        choices[choice].partCount += 1
        choices[choice].open = (place, kind)
        events.append(.partBegan(place, part.opening))
        if let proof = part.opening == part || part.reasoning != nil ? nil : part.proof {
            events.append(.delta(place, .proof(proof)))
        }
        for delta in part.deltas {
            if case .proof = delta { continue }
            events.append(.delta(place, delta))
        }
    }

    /// Ends what is open. The last text stays open as long as nothing follows it, for its citations.
    private mutating func end(_ choice: Int, into events: inout [ReplyEvent]) {
        guard let open = choices[choice].open else { return }
        if let pieces = choices[choice].pieces {
            let arguments = pieces.finished()
            choices[choice].pieces = nil
            events.append(.delta(open.place, .arguments(JSON.object(arguments).text)))
        }
        events.append(.partEnded(open.place))
        choices[choice].open = nil
    }

    /// A call in pieces: its beginning, or more of it.
    ///
    /// - Returns: false where it is a whole call.
    private mutating func readPiece(
        _ call: JSON, _ part: JSON, _ choice: Int, into events: inout [ReplyEvent]
    ) -> Bool {
        let continues = call["willContinue"]?.bool ?? call["will_continue"]?.bool ?? false
        let more = call["partialArgs"]?.array ?? call["partial_args"]?.array ?? []
        let isOpen = choices[choice].pieces != nil
        if let name = call["name"]?.string, !name.isEmpty {
            guard continues || !more.isEmpty else { return false }
            end(choice, into: &events)
            var whole = part
            whole["functionCall"] = call
            whole["function_call"] = nil
            for key in ["willContinue", "will_continue", "partialArgs", "partial_args"] {
                whole["functionCall"]?[key] = nil
            }
            choices[choice].hasCalls = true
            begin(choices[choice].reader.replyPart(whole), choice, .call, into: &events)
            choices[choice].pieces = GooglePartialArguments()
        } else if !isOpen {
            return false
        }
        choices[choice].pieces?.add(more)
        if !continues { end(choice, into: &events) }
        return true
    }

    // MARK: - The end

    public var runningUsage: TokenUsage? {
        guard let usage, GoogleUsage.hasCounts(usage) else { return nil }
        return GoogleUsage.read(usage, searches: searches).tokens
    }

    private var searches: Int64 {
        choices.reduce(0) { $0 + GoogleUsage.searches($1.extras["groundingMetadata"], model: model) }
    }

    public mutating func finish(into events: inout [ReplyEvent]) {
        guard hasBegun, !hasFailed, !choices.isEmpty, choices.allSatisfy({ $0.finishReason != nil }) else { return }
        for choice in choices.indices {
            cite(choice, into: &events)
            end(choice, into: &events)
            var state = choices[choice]
            let told = GoogleStop.stop(state.finishReason ?? "", hasCalls: state.hasCalls, &state.extras)
            let stop = blocked ?? told
            if !state.extras.isEmpty { events.append(.choiceExtras(choice: state.index, state.extras)) }
            events.append(.stopped(choice: state.index, stop))
        }
        if let usage { events.append(.usage(GoogleUsage.read(usage, searches: searches))) }
        if !extras.isEmpty { events.append(.extras(extras)) }
        events.append(.ended)
        hasFailed = true
    }

    /// Citations of all its texts: they come last, when most texts have ended.
    private mutating func cite(_ choice: Int, into events: inout [ReplyEvent]) {
        let state = choices[choice]
        var grounding = GoogleGrounding(state.texts)
        let found = grounding.citations(
            grounding: state.extras["groundingMetadata"], citations: state.extras["citationMetadata"])
        for (part, citation) in found {
            events.append(.delta(PartPlace(choice: state.index, part: part), .citation(citation)))
        }
    }
}
