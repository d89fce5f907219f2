import JSONText
import WireFormats

/// Inspects an answer as events, of whatever dialect: for streams that are translated, and for those of dialects that no
/// in-place guard follows.
///
/// Rules:
/// 1. Each text of each part (text, refusal, thinking, each summary, a call's arguments, a transcript) runs through a
///    `StreamGuard` of its own: what leaves in all deltas is what inspecting the whole text would have let through.
/// 2. What was held back leaves before the part ends.
/// 3. Parts that begin with all that they are, citations, what a provider says about a refusal, and members without a name
///    are inspected string by string, as in a whole answer.
/// 4. Log probabilities spell the text out: where there are rules, none leave.
/// 5. An error is inspected as the object that it came in: its message, its code, the member that it names. What is held back
///    then does not leave any more.
public struct ReplyGuard: Sendable {
    private struct Channel {
        let place: PartPlace
        let kind: Kind
        var text: StreamGuard
    }

    private enum Kind: Equatable {
        case text, reasoning, arguments, transcript
        case summary(Int)
    }

    /// Texts that are followed at once; what comes beyond is dropped.
    private static let channelsMax = 1024

    private let set: GuardrailSet
    private var channels: [Channel] = []
    private var closed: [Finding] = []
    /// What a rule refused: nothing leaves any more.
    public private(set) var refusal: Finding?

    /// - Parameter set: of a policy, the rules of its answers.
    public init(_ set: GuardrailSet) { self.set = set }

    /// What was found and replaced so far.
    public var findings: [Finding] { channels.reduce(closed) { AnswerGuard.joined($0, $1.text.findings) } }

    /// An error that came in the place of an answer, as it may be told. What a rule refuses is left out, not the error: it
    /// is no answer that could be refused.
    public static func cleansed(_ error: ProviderError, by set: GuardrailSet) -> (ProviderError, [Finding]) {
        guard !set.isEmpty else { return (error, []) }
        var rules = ReplyGuard(set)
        let told = rules.cleansed(error) ?? ProviderError(message: "", kind: error.kind)
        return (told, rules.refusal.map { [$0] } ?? rules.findings)
    }

    /// Takes the next event and hands out what may leave.
    public mutating func pass(_ event: ReplyEvent, into out: inout [ReplyEvent]) {
        guard refusal == nil else { return }
        switch event {
        case .delta(let place, let delta): pass(delta, at: place, into: &out)
        case .partBegan(let place, var part):
            guard let content = cleansed(part.content), let extras = cleansed(part.extras) else { return }
            part.content = content
            part.extras = extras
            out.append(.partBegan(place, part))
        case .partEnded(let place):
            finish(place, into: &out)
            if refusal == nil { out.append(event) }
        case .choiceExtras(let choice, let members):
            if let members = cleansed(members) { out.append(.choiceExtras(choice: choice, members)) }
        case .extras(let members): if let members = cleansed(members) { out.append(.extras(members)) }
        case .logprobs: break
        case .began(var head):
            guard let extras = cleansed(head.extras) else { return }
            head.extras = extras
            out.append(.began(head))
        case .failed(let error):
            if let told = cleansed(error) { out.append(.failed(told)) }
        case .stopped(let choice, var stop):
            if let words = stop.explanation?.words {
                guard let clean = cleansed(words) else { return }
                stop.explanation?.words = clean
            }
            out.append(.stopped(choice: choice, stop))
        case .usage, .serviceTier, .keepAlive, .ended: out.append(event)
        }
    }

    private mutating func pass(_ delta: PartDelta, at place: PartPlace, into out: inout [ReplyEvent]) {
        switch delta {
        case .text(let text): push(text, .text, place, into: &out)
        case .reasoning(let text): push(text, .reasoning, place, into: &out)
        case .summary(let index, let text): push(text, .summary(index), place, into: &out)
        case .arguments(let text): push(text, .arguments, place, into: &out)
        case .transcript(let text): push(text, .transcript, place, into: &out)
        case .citation(var citation):
            for path in [\Citation.url, \Citation.title, \Citation.citedText] {
                guard let text = citation[keyPath: path] else { continue }
                guard let clean = cleansed(text) else { return }
                citation[keyPath: path] = clean
            }
            if let native = citation.native {
                guard let clean = cleansed(native) else { return }
                citation.native = clean
            }
            out.append(.delta(place, .citation(citation)))
        case .extras(let members): if let members = cleansed(members) { out.append(.delta(place, .extras(members))) }
        case .replaced(let content):
            if let content = cleansed(content) { out.append(.delta(place, .replaced(content))) }
        case .proof, .media: out.append(.delta(place, delta))
        }
    }

    private mutating func push(_ text: String, _ kind: Kind, _ place: PartPlace, into out: inout [ReplyEvent]) {
        var index = channels.firstIndex { $0.place == place && $0.kind == kind }
        if index == nil, channels.count < Self.channelsMax {
            index = channels.count
            channels.append(Channel(place: place, kind: kind, text: StreamGuard(set)))
        }
        guard let index else { return }
        let (release, verdict) = channels[index].text.push(text)
        if !release.isEmpty { out.append(.delta(place, Self.delta(kind, release))) }
        if case .refused(let finding) = verdict { refusal = finding }
    }

    private mutating func finish(_ place: PartPlace, into out: inout [ReplyEvent]) {
        while let index = channels.firstIndex(where: { $0.place == place }) {
            var channel = channels.remove(at: index)
            let (release, verdict) = channel.text.finish()
            if !release.isEmpty { out.append(.delta(place, Self.delta(channel.kind, release))) }
            closed = AnswerGuard.joined(closed, channel.text.findings)
            if case .refused(let finding) = verdict {
                refusal = finding
                return
            }
        }
    }

    private static func delta(_ kind: Kind, _ text: String) -> PartDelta {
        switch kind {
        case .text: .text(text)
        case .reasoning: .reasoning(text)
        case .arguments: .arguments(text)
        case .transcript: .transcript(text)
        case .summary(let index): .summary(index, text)
        }
    }

    // MARK: What comes whole

    private mutating func cleansed(_ content: Part.Content) -> Part.Content? {
        switch content {
        case .serverTool(var use):
            guard let native = cleansed(use.native), let input = cleansed(use.input) else { return nil }
            use.native = native
            use.input = input
            return .serverTool(use)
        case .native(let value): return cleansed(value).map { .native($0) }
        case .toolResult(var result):
            var parts: [Part] = []
            for var part in result.parts {
                guard let content = cleansed(part.content) else { return nil }
                part.content = content
                parts.append(part)
            }
            result.parts = parts
            return .toolResult(result)
        case .text(var text):
            guard let clean = cleansed(text.text) else { return nil }
            text.text = clean
            return .text(text)
        case .refusal, .media, .reasoning, .toolCall: return content
        }
    }

    private mutating func cleansed(_ error: ProviderError) -> ProviderError? {
        var members = JSONObject("message", .string(error.message))
        for (name, text) in [("type", error.type), ("param", error.param), ("code", error.code)] {
            if let text { members[name] = .string(text) }
        }
        if let details = error.details { members["details"] = try? JSON.read(details) }
        guard let clean = cleansed(members) else { return nil }
        return ProviderError(
            message: clean["message"]?.string ?? "", type: clean["type"]?.string, param: clean["param"]?.string,
            code: clean["code"]?.string, details: clean["details"]?.text, kind: error.kind)
    }

    private mutating func cleansed(_ members: JSONObject) -> JSONObject? {
        members.isEmpty ? members : cleansed(.object(members))?.object
    }

    private mutating func cleansed(_ text: String) -> String? { text.isEmpty ? text : cleansed(.string(text))?.string }

    /// A value inspected as the body of a whole answer is.
    private mutating func cleansed(_ value: JSON) -> JSON? {
        if value.isNull { return value }
        let body = value.serialized()
        var inspection = BodyInspection(set)
        return body.withUnsafeBytes { bytes in
            while !inspection.advance(in: bytes, upTo: bytes.count) {}
            switch inspection.verdict(on: bytes) {
            case .pass: return value
            case .redacted(let changed, let findings):
                closed = AnswerGuard.joined(closed, findings)
                return try? JSON.read(changed)
            case .refused(let finding):
                refusal = finding
                return nil
            }
        }
    }
}
