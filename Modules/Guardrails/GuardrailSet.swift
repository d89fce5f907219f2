/// The guardrails of one direction, compiled: inspects whole texts, and makes a `StreamGuard` for texts that come in
/// pieces.
///
/// Pure and immutable; one value serves all threads. A set without rules costs nothing: test `isEmpty` and skip
/// everything else, or don't, every function returns at once.
public struct GuardrailSet: Sendable {
    /// What a whole text comes to.
    public enum Verdict: Sendable, Equatable {
        /// It may go as it is.
        case pass
        /// It may go like this; a finding for each rule and kind.
        case redacted(String, [Finding])
        /// It may not go.
        case refused(Finding)
    }

    let program: RuleProgram?

    /// A set that admits everything.
    public init() { program = nil }

    /// Compiles the guardrails as they are, whatever directions they are meant for.
    public init(_ guardrails: [Guardrail]) throws(GuardrailError) {
        guard !guardrails.isEmpty else {
            program = nil
            return
        }
        program = try Self.compile(guardrails)
    }

    /// Compiles, and sees to it that no replacement is itself forbidden: where a banned word is part of
    /// `[REDACTED:<kind>]`, a plainer text takes its place.
    private static func compile(_ guardrails: [Guardrail]) throws(GuardrailError) -> RuleProgram {
        var defaults: [Finding.Kind: String] = [:]
        var plainer = ["[REDACTED]", "[***]"][...]
        while true {
            let program = try RuleProgram(guardrails, defaultReplacements: defaults)
            var isClean = true
            for (index, guardrail) in guardrails.enumerated() where guardrail.action != .refuse {
                for kind in kinds(of: guardrail) where forbids(program, program.replacement(rule: index, kind: kind)) {
                    guard guardrail.action == .redact(), let next = plainer.first else {
                        throw .replacementIsForbidden(rule: guardrail.name)
                    }
                    defaults[kind] = next
                    isClean = false
                }
            }
            if isClean { return program }
            plainer.removeFirst()
        }
    }

    /// Whether there is nothing to look for.
    public var isEmpty: Bool { program == nil }

    /// The most bytes of a streamed text that are ever withheld to see what they become. Text that can't be the
    /// beginning of anything forbidden is not withheld at all.
    public var windowBytes: Int { program?.windowBytes ?? 0 }

    /// Inspects a whole text.
    public func inspect(_ text: String) -> Verdict {
        guard let program else { return .pass }
        var text = text
        let inspection = text.withUTF8 { Inspection.of($0, program) }
        if let refusal = inspection.refusal { return .refused(refusal) }
        guard !inspection.spans.isEmpty else { return .pass }
        let replaced = text.withUTF8 { inspection.replacing($0, program) }
        return .redacted(String(decoding: replaced, as: UTF8.self), inspection.findings)
    }

    /// The same for bytes.
    func inspect(plainText text: [UInt8]) -> BodyVerdict {
        guard let program else { return .pass }
        return text.withUnsafeBufferPointer {
            let inspection = Inspection.of($0, program)
            if let refusal = inspection.refusal { return .refused(refusal) }
            guard !inspection.spans.isEmpty else { return .pass }
            return .redacted(inspection.replacing($0, program), inspection.findings)
        }
    }

    private static func kinds(of guardrail: Guardrail) -> [Finding.Kind] {
        switch guardrail.rule {
        case .bannedWords: [.bannedWord]
        case .secrets(let kinds): kinds.map { .secret($0) }
        }
    }

    private static func forbids(_ program: RuleProgram, _ text: [UInt8]) -> Bool {
        text.withUnsafeBufferPointer {
            let inspection = Inspection.of($0, program)
            return inspection.refusal != nil || !inspection.spans.isEmpty
        }
    }
}

/// The guardrails of a configuration, sorted by the direction that they watch.
public struct GuardrailPolicy: Sendable {
    /// What clients may send.
    public let request: GuardrailSet
    /// What models may answer.
    public let answer: GuardrailSet

    /// A policy that admits everything.
    public init() {
        request = GuardrailSet()
        answer = GuardrailSet()
    }

    /// - Throws: `GuardrailError`: the first rule that can't be compiled.
    public init(_ guardrails: [Guardrail]) throws(GuardrailError) {
        var names: Set<String> = []
        for guardrail in guardrails where !names.insert(guardrail.name).inserted { throw .nameTaken(guardrail.name) }
        request = try GuardrailSet(guardrails.filter { $0.appliesTo.contains(.request) })
        answer = try GuardrailSet(guardrails.filter { $0.appliesTo.contains(.answer) })
    }
}

/// What the rules find in one whole text.
struct Inspection {
    /// Spans to replace, disjoint and in order; each named by the span that began it.
    var spans: [MatchMachine.Span] = []
    var findings: [Finding] = []
    var refusal: Finding?

    static func of(_ text: UnsafeBufferPointer<UInt8>, _ program: RuleProgram) -> Inspection {
        var machine = MatchMachine(program)
        machine.beginText()
        machine.read(text)
        machine.endText()
        return Inspection(
            spans: disjoint(machine.spans), findings: machine.findings, refusal: machine.refusal?.finding)
    }

    /// Joins spans that overlap; the one that begins first, of the rule that stands first, gives its name.
    static func disjoint(_ spans: [MatchMachine.Span]) -> [MatchMachine.Span] {
        var disjoint: [MatchMachine.Span] = []
        for span in spans.sorted(by: MatchMachine.Span.standsBefore) {
            if let last = disjoint.last, span.start < last.end {
                disjoint[disjoint.count - 1].end = max(last.end, span.end)
            } else {
                disjoint.append(span)
            }
        }
        return disjoint
    }

    func replacing(_ text: UnsafeBufferPointer<UInt8>, _ program: RuleProgram) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count + 32 * spans.count)
        var done = 0
        for span in spans {
            result.append(contentsOf: text[done..<span.start])
            result.append(contentsOf: program.replacement(rule: span.rule, kind: span.kind))
            done = span.end
        }
        result.append(contentsOf: text[done...])
        return result
    }
}
