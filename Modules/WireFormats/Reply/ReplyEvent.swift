import JSONText

/// One step of an answer. A stream is a list of them; so is a whole answer, played by ``Reply/events``.
///
/// Rules
/// 1. `began` comes first, once. `ended` comes last, once, and only where the answer came to its proper end.
/// 2. Parts of a choice are numbered from 0 in the order in which they began. Each begins once and ends once; deltas lie
///    between. Several may be open at once (parallel tool calls): an encoder whose dialect forbids that uses
///    ``SequentialParts``.
///    A citation alone may come when its text has ended, until the choice stops: Google tells them last.
/// 3. Texts, refusals, reasoning and tool calls begin empty (a call with its id and name): what they hold comes in
///    deltas. Every other part begins with all that it is.
/// 4. `stopped` comes once a choice, after its parts ended. A later `usage` replaces an earlier one.
/// 5. `failed` ends the list in place of `ended`.
/// 6. A delta is of its part's kind (``PartDelta/fits(_:)``): text for a text, arguments for a call.
public enum ReplyEvent: Equatable, Sendable {
    /// The answer begins; nothing comes before it.
    case began(ReplyHead)
    /// A part begins, with what rule 3 lets it hold.
    case partBegan(PartPlace, Part)
    /// More of a part that has begun.
    case delta(PartPlace, PartDelta)
    /// Nothing more comes of this part, but for citations of a text.
    case partEnded(PartPlace)
    /// More log probabilities of a choice, in Chat Completions' form.
    case logprobs(choice: Int, JSON)
    /// More members of a choice that the model has no name for.
    case choiceExtras(choice: Int, JSONObject)
    /// A choice is over, and why.
    case stopped(choice: Int, Stop)
    /// The counts so far; they replace earlier ones.
    case usage(Usage)
    /// The tier that serves the answer, where the head told none or another.
    case serviceTier(String)
    /// More members of the reply that the model has no name for.
    case extras(JSONObject)
    /// The provider sent a comment or a ping.
    case keepAlive
    /// The provider reported a failure: nothing follows.
    case failed(ProviderError)
    /// The answer is whole: nothing follows.
    case ended
}

extension ReplyEvent {
    /// Which choice it is about; nil where it is about all of the reply.
    var choice: Int? {
        switch self {
        case .partBegan(let place, _), .delta(let place, _), .partEnded(let place): place.choice
        case .logprobs(let choice, _), .choiceExtras(let choice, _), .stopped(let choice, _): choice
        case .began, .usage, .serviceTier, .extras, .keepAlive, .failed, .ended: nil
        }
    }
}

/// What is known of a reply when it begins.
public struct ReplyHead: Equatable, Sendable {
    /// The dialect in which the provider writes it.
    public var origin: Dialect
    /// As ``Reply/id``, and so the rest; nil where it is not known yet.
    public var id: String?
    /// The provider's name for the model that answers.
    public var model: String?
    /// Seconds since 1970.
    public var created: Int64?
    /// As ``Reply/serviceTier``.
    public var serviceTier: String?
    /// Members that the model has no name for, as ``origin`` writes them.
    public var extras = JSONObject()

    /// What is left out is not known yet.
    public init(
        origin: Dialect, id: String? = nil, model: String? = nil, created: Int64? = nil, serviceTier: String? = nil
    ) {
        self.origin = origin
        self.id = id
        self.model = model
        self.created = created
        self.serviceTier = serviceTier
    }
}

/// Which part of which choice.
public struct PartPlace: Hashable, Sendable {
    /// ``Reply/Choice/index``.
    public var choice: Int
    /// From 0 in each choice, in the order in which they began.
    public var part: Int

    /// - Parameter part: from 0 in each choice.
    public init(choice: Int = 0, part: Int) {
        self.choice = choice
        self.part = part
    }
}

/// What is added to an open part.
public enum PartDelta: Equatable, Sendable {
    /// To a text or a refusal.
    case text(String)
    /// To the visible thinking of a reasoning part.
    case reasoning(String)
    /// To the summary of that number of a reasoning part; a new number begins a new summary.
    case summary(Int, String)
    /// To a tool call's arguments (JSON text in pieces; free text of a custom one), or to a server tool's input.
    case arguments(String)
    /// To a text.
    case citation(Citation)
    /// The proof of a reasoning part, or the one that hangs on any other. Replaces what was there.
    case proof(Proof)
    /// The next base64 of a medium.
    case media(base64: String)
    /// The next words of what a spoken answer says.
    case transcript(String)
    /// Members of the part that the model has no name for.
    case extras(JSONObject)
    /// The part as it is now known to be, in whole: for parts that begin with all that they are but were not complete.
    case replaced(Part.Content)
}

extension PartDelta {
    /// Whether a part of this kind can take it.
    public func fits(_ content: Part.Content) -> Bool {
        switch (self, content) {
        case (.text, .text), (.text, .refusal), (.citation, .text), (.reasoning, .reasoning), (.summary, .reasoning),
            (.arguments, .toolCall), (.arguments, .serverTool), (.media, .media), (.transcript, .media):
            true
        case (.proof, _), (.extras, _), (.replaced, .media), (.replaced, .toolResult), (.replaced, .serverTool),
            (.replaced, .native), (.replaced(.reasoning), .reasoning):
            true
        default: false
        }
    }
}

extension Part {
    /// What ``ReplyEvent/partBegan(_:_:)`` shows of it, by the third rule there.
    public var opening: Part {
        var part = self
        switch content {
        case .text: part.content = .text(Text(""))
        case .refusal: part.content = .refusal("")
        case .reasoning(let reasoning): part.content = .reasoning(Reasoning(isRedacted: reasoning.isRedacted))
        case .toolCall(var call):
            call.arguments = ""
            part.content = .toolCall(call)
        case .media, .toolResult, .serverTool, .native: return self
        }
        part.proof = nil
        return part
    }

    /// What makes ``opening`` the whole part.
    public var deltas: [PartDelta] {
        var deltas: [PartDelta] = []
        switch content {
        case .text(let text):
            if !text.text.isEmpty { deltas.append(.text(text.text)) }
            deltas += text.citations.map { .citation($0) }
        case .refusal(let text): if !text.isEmpty { deltas.append(.text(text)) }
        case .reasoning(let reasoning):
            if !reasoning.text.isEmpty { deltas.append(.reasoning(reasoning.text)) }
            for (index, summary) in reasoning.summaries.enumerated() { deltas.append(.summary(index, summary)) }
            if let proof = reasoning.proof { deltas.append(.proof(proof)) }
        case .toolCall(let call): if !call.arguments.isEmpty { deltas.append(.arguments(call.arguments)) }
        case .media, .toolResult, .serverTool, .native: return []
        }
        if let proof, reasoning == nil { deltas.append(.proof(proof)) }
        return deltas
    }

    /// Adds what came.
    mutating func add(_ delta: PartDelta) {
        switch delta {
        case .text(let more):
            // What is in the part is taken out of it first: it then has one owner and is appended to in place. A `switch`
            // would hold it too.
            if case .text(var text) = content {
                content = .native(.null)
                text.text += more
                content = .text(text)
            } else if case .refusal(var text) = content {
                content = .native(.null)
                text += more
                content = .refusal(text)
            }
        case .reasoning(let more):
            guard case .reasoning(var reasoning) = content else { return }
            content = .native(.null)
            reasoning.text += more
            content = .reasoning(reasoning)
        case .summary(let index, let more):
            guard case .reasoning(var reasoning) = content, (0..<10_000).contains(index) else { return }
            content = .native(.null)
            while reasoning.summaries.count <= index { reasoning.summaries.append("") }
            reasoning.summaries[index] += more
            content = .reasoning(reasoning)
        case .arguments(let more):
            if case .toolCall(var call) = content {
                content = .native(.null)
                call.arguments += more
                content = .toolCall(call)
            } else if case .serverTool(var use) = content {
                content = .native(.null)
                use.input += more
                content = .serverTool(use)
            }
        case .citation(let citation):
            guard case .text(var text) = content else { return }
            content = .native(.null)
            text.citations.append(citation)
            content = .text(text)
        case .proof(let new):
            if case .reasoning(var reasoning) = content {
                reasoning.proof = new
                content = .reasoning(reasoning)
                // A Messages stream begins every thinking with an empty signature; this one was signed after all.
                if form == MessagesBlocks.unsigned { form = nil }
            } else {
                proof = new
            }
        case .media(let more):
            guard case .media(var media) = content, case .base64(var data) = media.source else { return }
            content = .native(.null)
            media.source = .base64("")
            data += more
            media.source = .base64(data)
            content = .media(media)
        case .transcript(let more):
            guard case .media(var media) = content else { return }
            content = .native(.null)
            media.transcript = media.transcript ?? ""
            media.transcript? += more
            content = .media(media)
        case .extras(let more): for (key, value) in more { extras[key] = value }
        case .replaced(let whole): content = whole
        }
    }
}

extension Reply {
    /// The answer as the events of a stream.
    public var events: [ReplyEvent] {
        var head = ReplyHead(origin: origin, id: id, model: model, created: created, serviceTier: serviceTier)
        head.extras = extras
        var events: [ReplyEvent] = [.began(head)]
        for choice in choices {
            // In the last text: some dialects have a place for them in an open one alone.
            let lastText = choice.parts.lastIndex { part in
                switch part.content {
                case .text, .refusal: true
                default: false
                }
            }
            for (index, part) in choice.parts.enumerated() {
                let place = PartPlace(choice: choice.index, part: index)
                events.append(.partBegan(place, part.opening))
                events += part.deltas.map { .delta(place, $0) }
                if index == lastText, let logprobs = choice.logprobs {
                    events.append(.logprobs(choice: choice.index, logprobs))
                }
                events.append(.partEnded(place))
            }
            if lastText == nil, let logprobs = choice.logprobs {
                events.append(.logprobs(choice: choice.index, logprobs))
            }
            if !choice.extras.isEmpty { events.append(.choiceExtras(choice: choice.index, choice.extras)) }
            if let stop = choice.stop { events.append(.stopped(choice: choice.index, stop)) }
        }
        if let usage { events.append(.usage(usage)) }
        events.append(.ended)
        return events
    }
}
