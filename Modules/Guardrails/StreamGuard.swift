/// Inspects one text that comes in pieces: what a choice of a streamed answer says, or the arguments of one tool call.
///
/// Rules:
/// 1. However the text is cut, also inside a character, the pieces that leave are together exactly what inspecting the
///    whole text would have let through; if that is refused, they are the text before the refused match.
/// 2. No byte leaves that may still become part of a match. So at most `GuardrailSet.windowBytes` are held, and as a
///    rule none: only what could be the beginning of a match waits.
/// 3. A match is replaced as soon as it is certain to be one; what belongs to it is dropped as it comes and held
///    nowhere.
/// 4. After a refusal nothing leaves any more.
/// 5. What leaves ends between characters, if the text is UTF-8.
public struct StreamGuard: Sendable {
    /// What happened to the text with one piece.
    public enum Verdict: Sendable, Equatable {
        /// What leaves is text as it came; some may be held back.
        case pass
        /// Something in what leaves was replaced.
        case redacted
        /// A rule refuses the text: end the answer with an error. Said again for every later piece.
        case refused(Finding)
    }

    private var text: GuardedText?
    private var isFinished = false

    /// One guard for one text. With a set without rules everything leaves as it comes.
    public init(_ set: GuardrailSet) {
        text = set.program.map { GuardedText($0) }
    }

    /// What was found and replaced so far. A credential counts when its end is known.
    public var findings: [Finding] { text?.machine.findings ?? [] }
    /// Bytes held back at this moment.
    public var heldBytes: Int { text?.held.count ?? 0 }
    var steps: Int { text?.machine.steps ?? 0 }

    /// Takes the next piece and appends what may leave now to `output`.
    public mutating func push(_ piece: UnsafeRawBufferPointer, into output: inout [UInt8]) -> Verdict {
        guard text != nil else {
            output.append(contentsOf: piece)
            return .pass
        }
        return piece.withMemoryRebound(to: UInt8.self) { text?.push($0, into: &output) ?? .pass }
    }

    /// The text is over: what was held leaves, or is replaced, or is refused.
    public mutating func finish(into output: inout [UInt8]) -> Verdict {
        guard !isFinished else { return .pass }
        isFinished = true
        return text?.finish(into: &output) ?? .pass
    }

    /// Takes the next piece; the text that may leave now.
    public mutating func push(_ text: String) -> (release: String, verdict: Verdict) {
        var output: [UInt8] = []
        var text = text
        let verdict = text.withUTF8 { push(UnsafeRawBufferPointer($0), into: &output) }
        return (String(decoding: output, as: UTF8.self), verdict)
    }

    /// The text is over; what was held, if it may leave.
    public mutating func finish() -> (release: String, verdict: Verdict) {
        var output: [UInt8] = []
        let verdict = finish(into: &output)
        return (String(decoding: output, as: UTF8.self), verdict)
    }
}

/// The machine and the text that waits for it.
private struct GuardedText: Sendable {
    var machine: MatchMachine
    /// Text that came and did not leave yet: the bytes from `released` on.
    var held: [UInt8] = []
    /// Everything before this offset has left, or was replaced.
    private var released = 0
    /// Where the last replaced span ends, as far as is known.
    private var replacedUpTo = 0

    init(_ program: RuleProgram) { machine = MatchMachine(program) }

    mutating func push(_ piece: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) -> StreamGuard.Verdict {
        let base = machine.offset
        machine.read(piece)
        return release(piece, at: base, into: &output)
    }

    mutating func finish(into output: inout [UInt8]) -> StreamGuard.Verdict {
        let base = machine.offset
        machine.endText()
        return release(UnsafeBufferPointer(start: nil, count: 0), at: base, into: &output)
    }

    /// Lets go of everything that is decided. `text` is the newest piece, `base` its offset.
    private mutating func release(
        _ text: UnsafeBufferPointer<UInt8>, at base: Int, into output: inout [UInt8]
    ) -> StreamGuard.Verdict {
        let limit = machine.decidedUpTo
        var verdict = StreamGuard.Verdict.pass
        let open = machine.openSpans
        if !machine.spans.isEmpty || !open.isEmpty {
            let spans = (machine.spans + open).sorted(by: MatchMachine.Span.standsBefore)
            for span in spans where span.start < limit {
                if span.start >= replacedUpTo {
                    precondition(span.start >= released, "a span never begins in text that has left")
                    append(released..<span.start, of: text, at: base, to: &output)
                    output.append(contentsOf: machine.program.replacement(rule: span.rule, kind: span.kind))
                    verdict = .redacted
                    released = span.start
                }
                replacedUpTo = max(replacedUpTo, span.end)
                released = max(released, replacedUpTo)
            }
            machine.spans.removeAll { $0.start < limit }
        }
        if limit > released {
            append(released..<limit, of: text, at: base, to: &output)
            released = limit
        }
        if let refusal = machine.refusal {
            held = []
            released = machine.offset
            return .refused(refusal.finding)
        }
        keep(text, at: base)
        return verdict
    }

    /// Appends a range of the text, which lies in `held`, in `text`, or across both.
    private func append(
        _ range: Range<Int>, of text: UnsafeBufferPointer<UInt8>, at base: Int, to output: inout [UInt8]
    ) {
        guard !range.isEmpty else { return }
        let heldBase = base - held.count
        if range.lowerBound < base {
            output.append(contentsOf: held[range.lowerBound - heldBase..<min(range.upperBound, base) - heldBase])
        }
        if range.upperBound > base {
            let local = max(range.lowerBound, base) - base..<range.upperBound - base
            output.append(contentsOf: UnsafeBufferPointer(rebasing: text[local]))
        }
    }

    /// Keeps what did not leave.
    private mutating func keep(_ text: UnsafeBufferPointer<UInt8>, at base: Int) {
        if released >= base {
            if !held.isEmpty { held.removeAll(keepingCapacity: true) }
            let local = released - base
            if local < text.count { held.append(contentsOf: UnsafeBufferPointer(rebasing: text[local...])) }
        } else {
            held.removeFirst(held.count - (base - released))
            held.append(contentsOf: text)
        }
    }
}
