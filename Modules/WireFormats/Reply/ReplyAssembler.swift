import JSONText

/// Folds the events of a stream into the whole answer.
public struct ReplyAssembler: Sendable {
    /// What came so far.
    public private(set) var reply: Reply
    /// `ended` came.
    public private(set) var isComplete = false
    /// What `failed` said; ``reply`` then has what came before.
    public private(set) var failure: ProviderError?
    private var hasBegun = false
    /// By a choice's number: its place.
    private var places: [Int: Int] = [:]

    /// - Parameter origin: holds until `began` says another.
    public init(origin: Dialect) { reply = Reply(origin: origin) }

    /// Events that name parts or choices that never began are passed over: a decoder does not make such.
    public mutating func add(_ event: ReplyEvent) {
        switch event {
        case .began(let head):
            guard !hasBegun else { return }
            hasBegun = true
            reply.origin = head.origin
            reply.id = head.id
            reply.model = head.model
            reply.created = head.created
            reply.serviceTier = head.serviceTier
            reply.extras = head.extras
        case .partBegan(let place, let part):
            let choice = position(of: place.choice)
            // Parts are numbered in the order in which they begin.
            if reply.choices[choice].parts.count == place.part { reply.choices[choice].parts.append(part) }
        case .delta(let place, let delta):
            let choice = position(of: place.choice)
            guard reply.choices[choice].parts.indices.contains(place.part) else { return }
            reply.choices[choice].parts[place.part].add(delta)
        case .partEnded, .keepAlive: break
        case .logprobs(let choice, let more): addLogprobs(more, at: position(of: choice))
        case .choiceExtras(let choice, let more):
            let place = position(of: choice)
            for (key, value) in more { reply.choices[place].extras[key] = value }
        case .stopped(let choice, let stop): reply.choices[position(of: choice)].stop = stop
        case .usage(let usage): reply.usage = usage
        case .serviceTier(let tier): reply.serviceTier = tier
        case .extras(let more): for (key, value) in more { reply.extras[key] = value }
        case .failed(let error): failure = error
        case .ended: isComplete = true
        }
    }

    /// The same for several, in their order.
    public mutating func add(_ events: some Sequence<ReplyEvent>) {
        for event in events { add(event) }
    }

    private mutating func position(of choice: Int) -> Int {
        if let known = places[choice] { return known }
        reply.choices.append(Reply.Choice(index: choice))
        places[choice] = reply.choices.count - 1
        return reply.choices.count - 1
    }

    private mutating func addLogprobs(_ more: JSON, at place: Int) {
        guard var known = reply.choices[place].logprobs?.object else {
            reply.choices[place].logprobs = more
            return
        }
        // Taken out, and each list out of it, so that there is one owner and it grows in place.
        reply.choices[place].logprobs = nil
        for (key, value) in more.object ?? [:] {
            if var list = known[key]?.array, let new = value.array {
                known[key] = .null
                list += new
                known[key] = .array(list)
            } else if !value.isNull {
                known[key] = value
            }
        }
        reply.choices[place].logprobs = .object(known)
    }
}
