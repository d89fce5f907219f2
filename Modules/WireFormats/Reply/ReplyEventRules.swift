/// Checks a list of events against the rules of ``ReplyEvent``, one event after the other: for tests, the fuzzer, and
/// whoever writes a codec.
public struct ReplyEventRules: Sendable {
    /// The first rules that were broken, in words; empty where none was.
    public private(set) var faults: [String] = []
    private var began = 0
    private var isOver = false
    /// By choice: the number of its next part, and how many of its parts are open.
    private var next: [Int: Int] = [:]
    private var openParts: [Int: Int] = [:]
    private var open: [PartPlace: Part.Content] = [:]
    private var endedTexts: Set<PartPlace> = []
    private var stopped: Set<Int> = []

    /// Before the first event of one list.
    public init() {}

    /// Which rules a whole list breaks.
    public static func faults(in events: [ReplyEvent]) -> [String] {
        var rules = ReplyEventRules()
        for event in events { rules.check(event) }
        return rules.faults
    }

    /// Takes the next event; the rules that it breaks come to ``faults``.
    public mutating func check(_ event: ReplyEvent) {
        if isOver { broken("\(event) after the end") }
        switch event {
        case .began:
            began += 1
        case .partBegan(let place, let part):
            if place.part != next[place.choice, default: 0] { broken("part \(place) begins out of order") }
            next[place.choice] = place.part &+ 1
            if stopped.contains(place.choice) { broken("part \(place) begins after its choice stopped") }
            if open.updateValue(part.opening.content, forKey: place) == nil { openParts[place.choice, default: 0] += 1 }
            if part.opening != part { broken("part \(place) does not begin empty") }
        case .delta(let place, let delta):
            guard let content = open[place] else {
                if case .citation = delta, endedTexts.contains(place), !stopped.contains(place.choice) { break }
                broken("a delta for \(place), which is not open")
                break
            }
            if !delta.fits(content) { broken("\(delta) for \(place), which is \(content)") }
        case .partEnded(let place):
            if let content = open.removeValue(forKey: place) {
                openParts[place.choice, default: 0] -= 1
                if case .text = content { endedTexts.insert(place) }
            } else {
                broken("part \(place) ends, but is not open")
            }
        case .stopped(let choice, _):
            if !stopped.insert(choice).inserted { broken("choice \(choice) stops twice") }
            if openParts[choice, default: 0] > 0 { broken("choice \(choice) stops with open parts") }
        case .failed: isOver = true
        case .ended:
            isOver = true
            if !open.isEmpty { broken("parts are open at the end: \(open.count)") }
        case .logprobs, .choiceExtras, .usage, .serviceTier, .extras, .keepAlive: break
        }
        if began != 1, event != .keepAlive, !isOver { broken("\(event) before began, or began twice") }
    }

    private mutating func broken(_ rule: String) {
        if faults.count < 5 { faults.append(String(rule.prefix(500))) }
    }
}
