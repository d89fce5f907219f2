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
public struct SequentialParts: Sendable {
    private struct Open: Sendable {
        var place: PartPlace
        var part: Part
        var arguments = ""
        var waiting: [ReplyEvent] = []
        var hasEnded = false
    }

    private var open: [Open] = []

    public init() {}

    /// Takes the next event of one choice and hands out what may go out now.
    public mutating func pass(_ event: ReplyEvent, _ out: (ReplyEvent) -> Void) {
        switch event {
        case .partBegan(let place, let part):
            if let first = open.first, open.count == 1, isOver(first) { endFirst(out) }
            open.append(Open(place: place, part: part))
            if open.count == 1 { out(event) } else { open[open.count - 1].waiting.append(event) }
        case .delta(let place, let delta):
            // A part that was taken to be over: nothing more can be said of it.
            guard let index = open.firstIndex(where: { $0.place == place }) else { return }
            if case .arguments(let more) = delta, open[index].part.toolCall != nil { open[index].arguments += more }
            if index == 0 { out(event) } else { open[index].waiting.append(event) }
        case .partEnded(let place):
            guard let index = open.firstIndex(where: { $0.place == place }) else { return }
            open[index].hasEnded = true
            if index == 0 { endFirst(out) }
        case .stopped, .ended, .failed:
            while !open.isEmpty { endFirst(out) }
            out(event)
        case .began, .logprobs, .choiceExtras, .usage, .extras, .keepAlive: out(event)
        }
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
        out(.partEnded(open.removeFirst().place))
        while let next = open.first {
            let waiting = next.waiting
            open[0].waiting = []
            for event in waiting { out(event) }
            guard next.hasEnded || (open.count > 1 && isOver(next)) else { return }
            out(.partEnded(open.removeFirst().place))
        }
    }
}
