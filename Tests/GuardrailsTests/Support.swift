import TestSupport

@testable import Guardrails

/// What a stream guard let through, however it was fed.
struct Passed: Equatable {
    var text: [UInt8]
    var refusal: Finding?
    var findings: [Finding]
    var heldMax: Int
    var steps: Int

    static func == (left: Passed, right: Passed) -> Bool {
        left.text == right.text && left.refusal == right.refusal && left.findings == right.findings
    }
}

func stream(_ set: GuardrailSet, _ text: [UInt8], cutAt cuts: [Int]) -> Passed {
    var guarded = StreamGuard(set)
    var passed = Passed(text: [], refusal: nil, findings: [], heldMax: 0, steps: 0)
    var start = 0
    for cut in cuts + [text.count] {
        text[start..<cut].withUnsafeBytes { piece in
            if case .refused(let finding) = guarded.push(piece, into: &passed.text) { passed.refusal = finding }
        }
        passed.heldMax = max(passed.heldMax, guarded.heldBytes)
        start = cut
    }
    if case .refused(let finding) = guarded.finish(into: &passed.text) { passed.refusal = finding }
    passed.findings = guarded.findings
    passed.steps = guarded.steps
    return passed
}

func stream(_ set: GuardrailSet, _ text: String, cutAt cuts: [Int] = []) -> Passed {
    stream(set, Array(text.utf8), cutAt: cuts)
}

/// What inspecting the whole text lets through; of a refused text only the refusal counts.
func whole(_ set: GuardrailSet, _ text: [UInt8]) -> Passed {
    guard let program = set.program else {
        return Passed(text: text, refusal: nil, findings: [], heldMax: 0, steps: 0)
    }
    return text.withUnsafeBufferPointer { buffer in
        let inspection = Inspection.of(buffer, program)
        return Passed(
            text: inspection.refusal == nil ? inspection.replacing(buffer, program) : [], refusal: inspection.refusal,
            findings: inspection.findings, heldMax: 0, steps: 0)
    }
}

/// Compares every given cut of a text with the whole text; nil when all agree, else what did not.
func disagreement(_ set: GuardrailSet, _ text: [UInt8], cuts: [[Int]]) -> String? {
    let expected = whole(set, text)
    let uncut = stream(set, text, cutAt: [])
    for cut in cuts {
        let passed = stream(set, text, cutAt: cut)
        var wanted = expected
        if expected.refusal != nil { wanted.text = uncut.text }
        if passed != wanted {
            return "text \(String(decoding: text, as: UTF8.self).debugDescription) cut at \(cut): "
                + "\(String(decoding: passed.text, as: UTF8.self).debugDescription) \(passed.findings) "
                + "\(String(describing: passed.refusal)), whole: "
                + "\(String(decoding: wanted.text, as: UTF8.self).debugDescription) \(wanted.findings) "
                + "\(String(describing: wanted.refusal))"
        }
        if passed.heldMax > set.windowBytes { return "held \(passed.heldMax) bytes, the window is \(set.windowBytes)" }
    }
    return nil
}

/// Byte by byte, every single cut, every pair of cuts.
func allPairsOfCuts(_ count: Int) -> [[Int]] {
    var cuts = [Array(1..<max(1, count))]
    for first in 0..<count {
        cuts.append([first])
        for second in first + 1..<max(first + 1, count) { cuts.append([first, second]) }
    }
    return cuts
}

func everyCut(_ count: Int) -> [[Int]] {
    (0..<1 << max(0, count - 1)).map { bits in (1..<max(1, count)).filter { bits >> ($0 - 1) & 1 == 1 } }
}

func randomCuts(_ count: Int, _ dice: inout SeededRandom) -> [Int] {
    var cuts: [Int] = []
    var place = 0
    let step = dice.pick([2, 5, 20, 100, 1000])
    while true {
        place += 1 + dice.below(step)
        if place >= count { return cuts }
        cuts.append(place)
    }
}

func words(
    _ words: [String], caseInsensitive: Bool = true, wholeWords: Bool = true, action: Guardrail.Action = .redact()
) throws -> GuardrailSet {
    try GuardrailSet([
        Guardrail(
            name: "words",
            rule: .bannedWords(words, caseInsensitive: caseInsensitive, wholeWords: wholeWords), action: action)
    ])
}

private let allSecrets = try! GuardrailSet([Guardrail(name: "secrets", rule: .secrets(), action: .redact())])

func secrets(_ kinds: Set<SecretKind> = SecretKind.all, action: Guardrail.Action = .redact()) throws -> GuardrailSet {
    if kinds == SecretKind.all, action == .redact() { return allSecrets }
    return try GuardrailSet([Guardrail(name: "secrets", rule: .secrets(kinds), action: action)])
}

/// The text that a redacting set lets through.
func redacted(_ set: GuardrailSet, _ text: String) -> String {
    switch set.inspect(text) {
    case .pass: text
    case .redacted(let text, _): text
    case .refused(let finding): "refused: \(finding)"
    }
}
