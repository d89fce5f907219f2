import JSONText

/// Puts the parts of one choice one after the other, for dialects in which just one may be open (Messages, Responses,
/// Converse, Cohere).
///
/// Rules
/// 1. Parts go out in the order in which they began. The first open one goes out as it comes.
/// 2. Where a later part begins while a tool call is open whose arguments are a whole JSON value, that call is over:
///    providers that send parallel calls do not say when one ends. A text or reasoning is over when anything else begins.
/// 3. Else what comes of later parts waits, in the order in which it came, until the part before has ended: at the latest
///    when the choice stops.
/// 4. A citation of a text that is over has no place any more, and is reported.
public struct SequentialParts: Sendable {
    private struct Open: Sendable {
        let place: PartPlace
        var part: Part
        var arguments = ""
        var waiting: [ReplyEvent] = []
        var hasEnded = false
    }

    private(set) var losses = LossReport()
    /// Those before ``first`` are over.
    private var open: [Open] = []
    private var first = 0
    /// Where each stands in ``open``: hundreds may be open, to the end of the answer.
    private var places: [PartPlace: Int] = [:]

    /// For one choice of one answer.
    public init() {}

    /// Takes the next event of one choice and hands out what may go out now.
    public mutating func pass(_ event: ReplyEvent, _ out: (ReplyEvent) -> Void) {
        switch event {
        case .partBegan(let place, let part):
            if open.count == first + 1, isOver(open[first]) { endFirst(out) }
            places[place] = open.count
            open.append(Open(place: place, part: part))
            if open.count == first + 1 { out(event) } else { open[open.count - 1].waiting.append(event) }
        case .delta(let place, let delta):
            // A part that is over, or was taken to be: nothing more can be said of it.
            guard let index = index(of: place) else {
                if case .citation = delta { losses.drop("citations") }
                return
            }
            if case .arguments(let more) = delta, open[index].part.isToolCall { open[index].arguments += more }
            if index == first { out(event) } else { open[index].waiting.append(event) }
        case .partEnded(let place):
            guard let index = index(of: place) else { return }
            open[index].hasEnded = true
            if index == first { endFirst(out) }
        case .stopped, .ended, .failed:
            while first < open.count { endFirst(out) }
            out(event)
        case .began, .logprobs, .choiceExtras, .usage, .serviceTier, .extras, .keepAlive: out(event)
        }
    }

    private func index(of place: PartPlace) -> Int? {
        first < open.count && open[first].place == place ? first : places[place]
    }

    private func isOver(_ part: Open) -> Bool {
        switch part.part.content {
        case .toolCall(let call):
            call.kind == .custom || part.arguments.isEmpty ? false : (try? JSON.read(part.arguments)) != nil
        case .text, .refusal, .reasoning: true
        case .media, .toolResult, .serverTool, .native: false
        }
    }

    private mutating func endFirst(_ out: (ReplyEvent) -> Void) {
        removeFirst(out)
        while first < open.count {
            let waiting = open[first].waiting
            open[first].waiting = []
            for event in waiting { out(event) }
            let isLast = open.count == first + 1
            guard open[first].hasEnded || (!isLast && isOver(open[first])) else { return }
            removeFirst(out)
        }
    }

    private mutating func removeFirst(_ out: (ReplyEvent) -> Void) {
        let place = open[first].place
        places[place] = nil
        open[first] = Open(place: place, part: Part(.native(.null)))
        first += 1
        if first == open.count {
            open.removeAll(keepingCapacity: true)
            first = 0
        }
        out(.partEnded(place))
    }
}
