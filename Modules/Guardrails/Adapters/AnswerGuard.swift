import JSONText
import WireFormats

/// Inspects the streamed answer of a chat or completions call, event by event.
///
/// Rules:
/// 1. Each text of each choice (content, refusal, reasoning, every tool call's arguments, …) runs through a
///    `StreamGuard` of its own: what leaves over all chunks is what inspecting the whole text would have let through.
/// 2. An event in which nothing has to change is forwarded byte for byte. A chunk whose text is held back goes out with
///    an empty one: its other members are nobody's to lose.
/// 3. What was held back leaves before the chunk with the choice's `finish_reason` or in it, at the latest before
///    `[DONE]`; not where the provider has reported an error, after which nobody reads on.
/// 4. `logprobs` of a choice that has text held back or changed become null: they spell the text out.
/// 5. Every other string of an event is inspected alone, as in a whole answer; so are comments and what is no JSON.
///
/// What it does not see: text that is split over two members, such as reasoning that ends in `sk-` and content that
/// goes on; media data.
public struct AnswerGuard: Sendable {
    /// What the client gets in place of an event.
    public enum Outcome: Sendable, Equatable {
        /// The event as it came.
        case forward
        /// These bytes: no event, one, or several.
        case send([UInt8])
        /// Nothing any more: end the stream with an error event. Said again for every later event.
        case refused(Finding)
    }

    /// Texts of one answer that are followed at once; what comes beyond is dropped. A hundred and twenty-eight choices
    /// with eight texts each fit.
    public static let channelsMax = 1024

    private struct Channel {
        let choice: Int
        let channel: OpenAIChannel
        var text: StreamGuard
    }

    /// A choice of the event at hand.
    private struct Choice {
        let index: Int
        let logprobs: Range<Int>?
        let isFinished: Bool
        /// Its text is not what came in this event, or not all of it.
        var isDisturbed = false
    }

    private let set: GuardrailSet
    private var channels: [Channel] = []
    private var closedFindings: [Finding] = []
    private var refusal: Finding?
    /// What the event at hand becomes.
    private var edit = JSONEdit()
    /// Log probabilities that the edit makes null.
    private var nulled: [Range<Int>] = []
    private var isMalformed = false
    /// Events to send before the one at hand.
    private var before: [UInt8] = []

    /// - Parameter set: of a policy, the rules of its answers. Without rules every event is `.forward`.
    public init(_ set: GuardrailSet) { self.set = set }

    /// What was found and replaced so far.
    public var findings: [Finding] {
        channels.reduce(closedFindings) { Self.joined($0, $1.text.findings) }
    }

    /// Bytes of text held back at this moment, over all texts.
    public var heldBytes: Int { channels.reduce(0) { $0 + $1.text.heldBytes } }

    /// Takes the next event.
    ///
    /// - Parameter stream: the reader of the same stream, which has read this event.
    public mutating func read(_ event: SSEEvent, in stream: OpenAIStream) -> Outcome {
        if let refusal { return .refused(refusal) }
        guard !set.isEmpty else { return .forward }
        guard let data = event.data else { return readComment(event) }
        if event.dataIs("[DONE]") {
            guard case .send(var bytes) = finish(stream) else { return refusal.map { .refused($0) } ?? .forward }
            bytes.append(contentsOf: event.raw)
            return .send(bytes)
        }
        edit = JSONEdit()
        nulled = []
        before = []
        let texts = OpenAIStream.texts(in: data)
        var choices = Self.choices(in: data)
        readRunning(texts, data, &choices, stream)
        let repeated = refusal == nil ? readRepeated(texts, data, &choices) : []
        if refusal == nil {
            removeLogprobs(of: choices)
            readOtherStrings(data, except: texts.filter { !$0.isWhole }.map(\.value) + repeated)
        }
        if let refusal { return .refused(refusal) }
        guard let changed = changed(event, data) else { return refusal.map { .refused($0) } ?? .forward }
        return .send(before + changed)
    }

    /// The stream is over, with or without `[DONE]`: what was held back leaves now.
    ///
    /// - Returns: `.forward` if there is nothing to send.
    public mutating func finish(_ stream: OpenAIStream) -> Outcome {
        if let refusal { return .refused(refusal) }
        if stream.sawError { return .forward }
        before = []
        for choice in Set(channels.map(\.choice)).sorted() { finishChannels(of: choice, stream) }
        if let refusal { return .refused(refusal) }
        return before.isEmpty ? .forward : .send(before)
    }

    // MARK: Running texts

    private mutating func readRunning(
        _ texts: [OpenAIText], _ data: UnsafeRawBufferPointer, _ choices: inout [Choice], _ stream: OpenAIStream
    ) {
        var pieces: [(text: OpenAIText, bytes: [UInt8], isUnchanged: Bool)] = []
        for text in texts where !text.isWhole {
            let (bytes, isUnchanged) = push(Self.inner(text, of: data), choice: text.choice, channel: text.channel)
            if refusal != nil { return }
            pieces.append((text, bytes, isUnchanged))
        }
        // What leaves at a choice's end goes out in this event if the same text is in it, else in one before.
        for place in pieces.indices.reversed() {
            let text = pieces[place].text
            guard choices.contains(where: { $0.index == text.choice && $0.isFinished }) else { continue }
            let count = pieces[place].bytes.count
            finishChannel(choice: text.choice, channel: text.channel, into: &pieces[place].bytes)
            if pieces[place].bytes.count != count { pieces[place].isUnchanged = false }
        }
        for choice in choices where choice.isFinished {
            let count = before.count
            finishChannels(of: choice.index, stream)
            if before.count != count { Self.disturb(&choices, choice.index) }
        }
        for piece in pieces where !piece.isUnchanged {
            replace(piece.text.value, with: piece.bytes)
            Self.disturb(&choices, piece.text.choice)
        }
    }

    /// Texts beside the delta that repeat a running one from its beginning (Perplexity's `message`): as much of them
    /// leaves as of a stream that has come this far.
    ///
    /// - Returns: where they are. Others that are complete are read with all other strings.
    private mutating func readRepeated(
        _ texts: [OpenAIText], _ data: UnsafeRawBufferPointer, _ choices: inout [Choice]
    ) -> [Range<Int>] {
        var places: [Range<Int>] = []
        for text in texts where text.isWhole && mayRepeat(text) {
            places.append(text.value)
            var guarded = StreamGuard(set)
            var bytes: [UInt8] = []
            let unescaped = JSONEscapes.unescaped(Self.inner(text, of: data))
            var verdict = unescaped.withUnsafeBytes { guarded.push($0, into: &bytes) }
            if choices.contains(where: { $0.index == text.choice && $0.isFinished }), refusal(in: verdict) == nil {
                verdict = guarded.finish(into: &bytes)
            }
            refusal = refusal(in: verdict)
            if refusal != nil { return places }
            if bytes != unescaped {
                replace(text.value, with: bytes)
                Self.disturb(&choices, text.choice)
            }
        }
        return places
    }

    private func mayRepeat(_ text: OpenAIText) -> Bool {
        guard case .other = text.channel else { return true }
        return channels.contains { $0.choice == text.choice && $0.channel == text.channel }
    }

    private func refusal(in verdict: StreamGuard.Verdict) -> Finding? {
        guard case .refused(let finding) = verdict else { return nil }
        return finding
    }

    private mutating func removeLogprobs(of choices: [Choice]) {
        for choice in choices {
            guard let logprobs = choice.logprobs else { continue }
            let isHolding = channels.contains { $0.choice == choice.index && $0.text.heldBytes > 0 }
            if choice.isDisturbed || isHolding { remove(logprobs: logprobs) }
        }
    }

    private mutating func remove(logprobs: Range<Int>) {
        guard !nulled.contains(where: { $0.overlaps(logprobs) }) else { return }
        nulled.append(logprobs)
        edit.replace(logprobs, with: Array("null".utf8))
    }

    /// - Returns: what may leave, and whether that is exactly what came, with nothing held before or after.
    private mutating func push(
        _ raw: UnsafeRawBufferPointer, choice: Int, channel: OpenAIChannel
    ) -> (bytes: [UInt8], isUnchanged: Bool) {
        var place = channels.firstIndex { $0.choice == choice && $0.channel == channel }
        if place == nil, channels.count < Self.channelsMax {
            place = channels.count
            channels.append(Channel(choice: choice, channel: channel, text: StreamGuard(set)))
        }
        guard let place else { return ([], raw.isEmpty) }
        let isHolding = channels[place].text.heldBytes > 0
        var bytes: [UInt8] = []
        let verdict: StreamGuard.Verdict
        let count: Int
        if raw.contains(UInt8(ascii: "\\")) {
            let unescaped = JSONEscapes.unescaped(raw)
            count = unescaped.count
            verdict = unescaped.withUnsafeBytes { channels[place].text.push($0, into: &bytes) }
        } else {
            count = raw.count
            verdict = channels[place].text.push(raw, into: &bytes)
        }
        if case .refused(let finding) = verdict { refusal = finding }
        let isUnchanged =
            verdict == .pass && !isHolding && channels[place].text.heldBytes == 0 && bytes.count == count
        return (bytes, isUnchanged)
    }

    /// Ends one text of a choice; what it held goes to `bytes`.
    private mutating func finishChannel(choice: Int, channel: OpenAIChannel, into bytes: inout [UInt8]) {
        guard let place = channels.firstIndex(where: { $0.choice == choice && $0.channel == channel }) else { return }
        if case .refused(let finding) = channels[place].text.finish(into: &bytes) { refusal = finding }
        closedFindings = Self.joined(closedFindings, channels[place].text.findings)
        channels.remove(at: place)
    }

    /// Ends all texts of a choice; what they held goes out in events of its own.
    private mutating func finishChannels(of choice: Int, _ stream: OpenAIStream) {
        for channel in channels.filter({ $0.choice == choice }).map(\.channel) {
            var bytes: [UInt8] = []
            finishChannel(choice: choice, channel: channel, into: &bytes)
            if refusal != nil { return }
            guard !bytes.isEmpty else { continue }
            if let chunk = stream.chunk(choice: choice, channel: channel, text: bytes) { before += chunk }
        }
    }

    // MARK: Everything else

    /// The strings that are no running text, each by itself.
    private mutating func readOtherStrings(_ data: UnsafeRawBufferPointer, except: [Range<Int>]) {
        isMalformed = false
        // Most events: nothing in them can be forbidden, wherever it stands.
        let mayBegin = data.withMemoryRebound(to: UInt8.self) { set.program?.mayBegin(in: $0) ?? false }
        guard mayBegin else { return }
        var inspection = BodyInspection(set, except: except, readsPlainText: false)
        while !inspection.advance(in: data, upTo: data.count) {}
        refusal = inspection.refusal
        if refusal != nil { return }
        closedFindings = Self.joined(closedFindings, inspection.findings)
        let logprobs = inspection.walk.logprobs
        if inspection.isLogprobsForbidden
            || inspection.changes.contains(where: { change in logprobs.contains { $0.overlaps(change.place) } })
        {
            for range in logprobs { remove(logprobs: range) }
        }
        for change in inspection.changes where !nulled.contains(where: { $0.overlaps(change.place) }) {
            edit.replace(change.place, with: change.replacement)
        }
        isMalformed = inspection.walk.isMalformed
    }

    /// The event as it leaves; nil if that is as it came.
    private mutating func changed(_ event: SSEEvent, _ data: UnsafeRawBufferPointer) -> [UInt8]? {
        var changed = edit.isEmpty ? nil : edit.applied(to: data)
        if isMalformed {
            // Text may stand where no string is: all of it is read as it stands.
            let verdict = set.inspect(plainText: changed ?? [UInt8](data))
            switch verdict {
            case .pass: break
            case .redacted(let bytes, let findings):
                changed = bytes
                closedFindings = Self.joined(closedFindings, findings)
            case .refused(let finding):
                refusal = finding
                return nil
            }
        }
        // Comments and fields that no client knows may stand around the data.
        let isAroundForbidden = event.raw.count - data.count > 16 && isForbidden(Self.around(event))
        if isAroundForbidden { return Self.event(bare: changed ?? [UInt8](data)) }
        if let changed { return event.with(data: changed) }
        return before.isEmpty ? nil : [UInt8](event.raw)
    }

    /// Comments keep the connection alive; a comment in which something is found is dropped.
    private func readComment(_ event: SSEEvent) -> Outcome {
        isForbidden([UInt8](event.raw)) ? .send([]) : .forward
    }

    private func isForbidden(_ text: [UInt8]) -> Bool { set.inspect(plainText: text) != .pass }

    private static func around(_ event: SSEEvent) -> [UInt8] {
        guard let range = event.dataRange else { return [UInt8](event.raw) }
        return event.raw[..<range.lowerBound] + [0x0A] + event.raw[range.upperBound...]
    }

    private static func event(bare data: [UInt8]) -> [UInt8] {
        Array("data: ".utf8) + data.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 } + [0x0A, 0x0A]
    }

    private mutating func replace(_ value: Range<Int>, with text: [UInt8]) {
        var string: [UInt8] = [0x22]
        string.reserveCapacity(text.count + 8)
        text.withUnsafeBytes { JSONEscapes.append($0, to: &string) }
        string.append(0x22)
        edit.replace(value, with: string)
    }

    private static func inner(_ text: OpenAIText, of data: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard text.value.count >= 2 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: data[text.value.lowerBound + 1..<text.value.upperBound - 1])
    }

    private static func disturb(_ choices: inout [Choice], _ index: Int) {
        for place in choices.indices where choices[place].index == index { choices[place].isDisturbed = true }
    }

    private static func choices(in data: UnsafeRawBufferPointer) -> [Choice] {
        guard let list = JSONView(unchecked: data)?.member("choices") else { return [] }
        var choices: [Choice] = []
        for choice in list.elements {
            var index = choices.count
            var logprobs: Range<Int>?
            var isFinished = false
            for member in choice.members {
                if member.isNamed("index") {
                    index = member.value.int.map { Int($0) } ?? index
                } else if member.isNamed("logprobs"), !member.value.isNull {
                    logprobs = member.value.range
                } else if member.isNamed("finish_reason") {
                    // Some servers send "" in every chunk.
                    isFinished = member.value.kind == .string && member.value.range.count > 2
                }
            }
            choices.append(Choice(index: index, logprobs: logprobs, isFinished: isFinished))
        }
        return choices
    }

    static func joined(_ findings: [Finding], _ more: [Finding]) -> [Finding] {
        var joined = findings
        for finding in more {
            if let place = joined.firstIndex(where: { $0.rule == finding.rule && $0.kind == finding.kind }) {
                joined[place].occurrences += finding.occurrences
                joined[place].byteCount += finding.byteCount
            } else {
                joined.append(finding)
            }
        }
        return joined
    }
}
