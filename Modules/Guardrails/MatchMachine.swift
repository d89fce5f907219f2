/// Reads a text in pieces and says what the rules find in it, and how much of it is decided.
///
/// Pure: what it says depends on the bytes alone, never on where the pieces were cut. Invariants:
/// 1. A span never begins before a `decidedUpTo` that was reported earlier.
/// 2. `decidedUpTo` is at most `RuleProgram.windowBytes` behind the end of what was read, except inside a certain
///    span, whose bytes nobody needs to keep.
/// 3. The work per byte is bounded by a constant of the rule set; nothing is read twice but the few bytes of an escape
///    that turned out to be none.
struct MatchMachine {
    /// A piece of the text that a redacting rule wants replaced; `end` may grow while the span is open.
    struct Span: Equatable {
        var start: Int
        var end: Int
        var rule: Int
        var kind: Finding.Kind

        static func standsBefore(_ left: Span, _ right: Span) -> Bool {
            (left.start, left.rule, left.kind) < (right.start, right.rule, right.kind)
        }
    }

    /// A byte that the automaton was given, and what stands before it.
    private struct Seen {
        var offset = 0
        /// The byte before folding.
        var plain: UInt8 = 0
        /// False for the later bytes of a character.
        var beginsCharacter = false
        var before = Before()
    }

    /// The characters before a place, as far as they matter.
    private struct Before {
        /// The last three, the newest lowest; 0x80 for one beyond ASCII.
        var recent: UInt32 = 0
        var lastIsWord = false
    }

    /// A word that is complete, waiting for the character after it to show that the word ends there.
    private struct Waiting {
        let start: Int
        let end: Int
        let rule: Int
    }

    let program: RuleProgram
    /// The program's tables; `program` keeps them alive.
    private let automaton: PatternAutomaton
    private let filter: BeginningFilter
    /// Bytes of text read.
    private(set) var offset = 0
    /// The spans that are complete, in the order in which they became so. The owner takes them away.
    var spans: [Span] = []
    private(set) var refusal: (finding: Finding, start: Int)?
    private(set) var findings: [Finding] = []
    /// Steps taken, so that tests can prove linear time without a clock.
    private(set) var steps = 0
    /// Set for text in which only secrets count, such as identifiers.
    private(set) var ignoresWords = false

    private var state = PatternAutomaton.root
    /// The bytes since the automaton left its root, as many as the longest pattern has; a ring.
    private var seen: [Seen]
    private var seenCount = 0
    private var before = Before()
    private var lastIsSpace = false
    /// Bytes by which the text is longer than what the automaton was given, since the automaton left its root.
    private var paddingBytes = 0
    /// The beginning of a character or of an escape.
    private var pending = SIMD16<UInt8>()
    private var pendingCount = 0
    private var waiting: [Waiting] = []
    private var candidates: [SecretCandidate] = []
    private var candidateShapes: UInt32 = 0

    init(_ program: RuleProgram) {
        self.program = program
        automaton = program.automaton
        filter = program.filter
        var capacity = 32
        while capacity <= program.automaton.longest { capacity *= 2 }
        seen = Array(repeating: Seen(), count: capacity)
    }

    /// Begins a new text; findings are kept, they are those of all texts.
    mutating func beginText(ignoringWords: Bool = false) {
        offset = 0
        refusal = nil
        spans.removeAll(keepingCapacity: true)
        ignoresWords = ignoringWords
        state = PatternAutomaton.root
        seenCount = 0
        before = Before()
        lastIsSpace = false
        paddingBytes = 0
        pendingCount = 0
        waiting.removeAll(keepingCapacity: true)
        candidates.removeAll(keepingCapacity: true)
        candidateShapes = 0
    }

    /// Everything before this offset is decided: it is in a span that is reported, or in none.
    var decidedUpTo: Int {
        var limit = offset - pendingCount
        for word in waiting { limit = min(limit, word.start) }
        for candidate in candidates { limit = min(limit, candidate.isCertain ? candidate.end : candidate.start) }
        if state != PatternAutomaton.root { limit = min(limit, heldFrom) }
        if let refusal { limit = min(limit, refusal.start) }
        return limit
    }

    /// The spans that are certain and go on.
    var openSpans: [Span] {
        var spans: [Span] = []
        for candidate in candidates where candidate.isCertain {
            guard let rule = program.rules(for: candidate.kind).first else { continue }
            spans.append(
                Span(start: candidate.start, end: candidate.end, rule: rule, kind: .secret(candidate.kind)))
        }
        return spans
    }

    /// Reads on. After a refusal nothing is read any more.
    mutating func read(_ text: UnsafeBufferPointer<UInt8>) {
        guard let base = text.baseAddress else { return }
        let count = text.count
        var index = 0
        var slowUntil = 0
        while index < count, refusal == nil {
            if index >= slowUntil, isIdle, count - index >= 16 {
                let candidate = firstCandidate(base, from: index, count: count)
                // What is passed over must be long enough to tell its last characters from.
                if candidate - index >= 8 {
                    recall(base, upTo: candidate)
                    offset += candidate - index
                    index = candidate
                }
                slowUntil = candidate + 1
                if index == count { return }
            }
            read(base[index])
            index += 1
        }
    }

    /// The first place from `start` on where something may begin, or that can't be told yet; `count` if there is none.
    private mutating func firstCandidate(_ text: UnsafePointer<UInt8>, from start: Int, count: Int) -> Int {
        var index = start
        while index < count {
            let candidate = filter.firstCandidate(text, from: index, count: count)
            steps += (candidate - index) / 4 + 8
            // Of a last byte the filter has seen nothing yet.
            let isUnknown = text[candidate] < 0x80 && candidate == count - 1
            if isUnknown || automaton.mayBegin(text, at: candidate, count: count, plainFrom: start) { return candidate }
            index = candidate + UTF8Sequence.length(lead: text[candidate])
        }
        return count
    }

    /// The text is over: what waited for more of it is decided.
    mutating func endText() {
        let end = offset
        while pendingCount > 0, refusal == nil { releasePending(asEscape: pending[0] == UInt8(ascii: "\\")) }
        guard refusal == nil else { return }
        settleWaiting(atWordEdge: true)
        guard refusal == nil else { return }
        for candidate in candidates {
            var candidate = candidate
            switch candidate.textEnded() {
            case .wasCertain(let kind):
                if isRefused(kind, from: candidate.start, to: candidate.end) { return }
                close(candidate)
            case .ended: close(candidate)
            default: break
            }
        }
        candidates.removeAll(keepingCapacity: true)
        candidateShapes = 0
        state = PatternAutomaton.root
        offset = end
    }

    // MARK: From bytes to characters

    private var isIdle: Bool {
        state == PatternAutomaton.root && pendingCount == 0 && candidates.isEmpty && waiting.isEmpty
    }

    /// Restores what reading character by character would know at `index`. In what was passed over no character is
    /// invisible and no escape begins.
    private mutating func recall(_ text: UnsafePointer<UInt8>, upTo index: Int) {
        before.recent = UInt32(text[index - 3]) << 16 | UInt32(text[index - 2]) << 8 | UInt32(text[index - 1])
        var scalar = UInt32(text[index - 1])
        if scalar >= 0x80 {
            var lead = index - 1
            while lead > index - 4, text[lead] & 0xC0 == 0x80 { lead -= 1 }
            scalar = UTF8Sequence.scalar(text, from: lead, to: index) ?? 0xFFFD
        }
        let kind = CharacterFolding.classOf(scalar)
        before.lastIsWord = kind == .word
        lastIsSpace = kind == .space
    }

    private mutating func read(_ byte: UInt8) {
        steps += 1
        offset += 1
        if pendingCount == 0 {
            if byte < 0x80, byte != UInt8(ascii: "\\") {
                takeASCII(byte, from: offset - 1, to: offset)
            } else if byte >= 0x80, UTF8Sequence.length(lead: byte) == 0 {
                takeStray(byte, from: offset - 1, to: offset)
            } else {
                pending[0] = byte
                pendingCount = 1
            }
        } else if pending[0] == UInt8(ascii: "\\") {
            readEscape(byte)
        } else {
            readContinuation(byte)
        }
    }

    private mutating func readContinuation(_ byte: UInt8) {
        let lead = pending[0]
        guard UTF8Sequence.continues(byte, at: pendingCount, lead: lead) else {
            offset -= 1
            releasePending(asEscape: false)
            guard refusal == nil else { return }
            return read(byte)
        }
        pending[pendingCount] = byte
        pendingCount += 1
        let length = UTF8Sequence.length(lead: lead)
        guard pendingCount == length else { return }
        var scalar = UInt32(lead) & (0x7F >> UInt32(length))
        for place in 1..<length { scalar = scalar << 6 | UInt32(pending[place] & 0x3F) }
        pendingCount = 0
        take(scalar, from: offset - length, to: offset)
    }

    /// `\u0041` in the text itself: text is often JSON inside a string (tool arguments, tool results), where many
    /// writers escape everything beyond ASCII. What is no such escape is read as it stands.
    private mutating func readEscape(_ byte: UInt8) {
        let place = pendingCount % 6
        let fits = place == 0 ? byte == UInt8(ascii: "\\") : place == 1 ? byte == UInt8(ascii: "u") : Self.isHex(byte)
        guard fits else {
            offset -= 1
            releasePending(asEscape: true)
            guard refusal == nil else { return }
            return read(byte)
        }
        pending[pendingCount] = byte
        pendingCount += 1
        guard pendingCount % 6 == 0 else { return }
        let first = escapedUnit(at: 2)
        if pendingCount == 6 {
            if 0xD800..<0xDC00 ~= first { return }
            pendingCount = 0
            take(0xDC00..<0xE000 ~= first ? 0xFFFD : first, from: offset - 6, to: offset)
        } else {
            let second = escapedUnit(at: 8)
            guard 0xDC00..<0xE000 ~= second else {
                offset -= 1
                pendingCount -= 1
                releasePending(asEscape: true)
                guard refusal == nil else { return }
                return read(byte)
            }
            pendingCount = 0
            take(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00), from: offset - 12, to: offset)
        }
    }

    private func escapedUnit(at place: Int) -> UInt32 {
        var unit: UInt32 = 0
        for index in place..<place + 4 {
            let digit = pending[index]
            unit = unit << 4 | UInt32(digit <= UInt8(ascii: "9") ? digit & 15 : (digit & 15) + 9)
        }
        return unit
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// The pending bytes were no character: each counts by itself. Only the second half of a pair of escapes can be
    /// the beginning of another one, so at most six bytes are read again.
    private mutating func releasePending(asEscape: Bool) {
        let bytes = pending
        let count = pendingCount
        let start = offset - count
        pendingCount = 0
        for place in 0..<count {
            if asEscape, place == 6 {
                offset = start + 6
                for again in 6..<count where refusal == nil { read(bytes[again]) }
                return
            }
            guard refusal == nil else { return }
            if asEscape {
                takeASCII(bytes[place], from: start + place, to: start + place + 1)
            } else {
                takeStray(bytes[place], from: start + place, to: start + place + 1)
            }
        }
    }

    // MARK: From characters to matches

    private mutating func takeASCII(_ byte: UInt8, from: Int, to: Int) {
        let kind = CharacterFolding.classOfASCII(byte)
        if !waiting.isEmpty { settleWaiting(atWordEdge: kind != .word) }
        if !candidates.isEmpty { tellCandidates(byte, from: from, to: to) }
        guard refusal == nil else { return }
        if kind == .space {
            takeSpace(from: from, to: to)
        } else {
            step(CharacterFolding.foldedASCII(byte), plain: byte, beginsCharacter: true, from: from, to: to)
        }
        took(kind, byte)
    }

    /// A byte that is part of no character.
    private mutating func takeStray(_ byte: UInt8, from: Int, to: Int) {
        if !waiting.isEmpty { settleWaiting(atWordEdge: true) }
        if !candidates.isEmpty { tellCandidates(0x80, from: from, to: to) }
        guard refusal == nil else { return }
        step(byte, plain: byte, beginsCharacter: true, from: from, to: to)
        took(.separator, 0x80)
    }

    private mutating func take(_ scalar: UInt32, from: Int, to: Int) {
        guard scalar >= 0x80 else {
            paddingBytes += to - from - 1
            return takeASCII(UInt8(scalar), from: from, to: to)
        }
        let kind = CharacterFolding.classOf(scalar)
        guard kind != .invisible else { return takeInvisible(from: from, to: to) }
        if !waiting.isEmpty { settleWaiting(atWordEdge: kind != .word) }
        if !candidates.isEmpty { tellCandidates(kind == .space ? 0x20 : 0x80, from: from, to: to) }
        guard refusal == nil else { return }
        if kind == .space {
            paddingBytes += to - from - 1
            takeSpace(from: from, to: to)
        } else {
            let folded = EncodedScalar(CharacterFolding.folded(scalar))
            let plain = EncodedScalar(scalar)
            paddingBytes += to - from
            for place in 0..<folded.count where refusal == nil {
                step(
                    folded[place], plain: plain.count == folded.count ? plain[place] : 0,
                    beginsCharacter: place == 0, from: from, to: to)
            }
        }
        took(kind, 0x80)
    }

    /// A run of white space is one space.
    private mutating func takeSpace(from: Int, to: Int) {
        if lastIsSpace {
            paddingBytes += to - from
            trim(to: to)
        } else {
            step(0x20, plain: 0x20, beginsCharacter: true, from: from, to: to)
        }
    }

    private mutating func took(_ kind: CharacterFolding.Class, _ character: UInt8) {
        before.recent = before.recent << 8 | UInt32(character)
        before.lastIsWord = kind == .word
        lastIsSpace = kind == .space
    }

    /// Nothing to match, but nothing may wait for ever while more of it comes.
    private mutating func takeInvisible(from: Int, to: Int) {
        paddingBytes += to - from
        trim(to: to)
        if let first = waiting.first, to - first.start > program.spanMax { settleWaiting(atWordEdge: true) }
        guard refusal == nil, !candidates.isEmpty else { return }
        var index = 0
        while index < candidates.count, refusal == nil {
            let isOver = candidates[index].skipInvisible(to: to, spanMax: program.candidateSpanMax)
            index = settle(isOver, at: index, to: to)
        }
    }

    /// The needs of a pattern that are met where it begins with `first`.
    private static func edges(before first: Seen) -> PatternAutomaton.Needs {
        guard first.beginsCharacter else { return [] }
        guard first.before.lastIsWord else { return [.nothing, .wordEdge, .tokenEdge] }
        let recent = first.before.recent
        let last = UInt8(truncatingIfNeeded: recent)
        guard last < 0x80, last != UInt8(ascii: "_") else { return [.nothing, .tokenEdge] }
        let second = UInt8(truncatingIfNeeded: recent >> 8)
        // The n of an escaped line feed is no letter before a word, nor are the digits of %3D.
        if second == UInt8(ascii: "\\") {
            switch last {
            case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "b"), UInt8(ascii: "f"):
                return [.nothing, .wordEdge, .tokenEdge]
            default: break
            }
        }
        if UInt8(truncatingIfNeeded: recent >> 16) == UInt8(ascii: "%"), isHex(second), isHex(last) {
            return [.nothing, .wordEdge, .tokenEdge]
        }
        return .nothing
    }

    private static func isAfterSemicolon(_ first: Seen) -> Bool {
        let recent = first.before.recent
        let semicolon = UInt32(UInt8(ascii: ";"))
        return recent & 0xFF == semicolon || recent & 0xFFFF == semicolon << 8 | 0x20
    }

    private mutating func step(_ byte: UInt8, plain: UInt8, beginsCharacter: Bool, from: Int, to: Int) {
        steps += 1
        state = automaton.state(after: state, byte)
        guard state != PatternAutomaton.root else {
            // Nothing that was read is the beginning of anything.
            paddingBytes = 0
            return
        }
        seen[seenCount & (seen.count - 1)] = Seen(
            offset: from, plain: plain, beginsCharacter: beginsCharacter, before: before)
        seenCount += 1
        trim(to: to)
        var entry = automaton.firstOutput(state)
        while let output = entry, refusal == nil {
            steps += 1
            matched(automaton.pattern(ofOutput: output), to: to)
            entry = automaton.output(after: output)
        }
    }

    private func place(_ bytesBack: Int) -> Seen { seen[(seenCount - bytesBack) & (seen.count - 1)] }

    /// Lets go of what is spread over more text than `spanMax`, which without much padding nothing can be.
    private mutating func trim(to: Int) {
        guard paddingBytes > RuleProgram.paddingBytesMax else { return }
        while state != PatternAutomaton.root, to - place(automaton.depth(state)).offset > program.spanMax {
            state = automaton.failure(state)
            steps += 1
        }
    }

    /// Where the earliest pattern begins that what was read may be the beginning of.
    private var heldFrom: Int {
        var state = state
        while state != PatternAutomaton.root {
            let first = place(automaton.depth(state))
            let needs = automaton.heldNeeds(state)
            if !needs.isEmpty, !needs.isDisjoint(with: Self.edges(before: first)) { return first.offset }
            state = automaton.failure(state)
        }
        return Int.max
    }

    private mutating func matched(_ index: Int, to: Int) {
        let pattern = automaton.patterns + index
        let length = pattern.pointee.length
        let first = place(length)
        // A match is at most as long as the state is deep, and that was trimmed; a shorter one is shorter.
        guard !pattern.pointee.needs.isDisjoint(with: Self.edges(before: first)) else { return }
        if let exact = pattern.pointee.exact {
            for back in 0..<length {
                steps += 1
                guard place(length - back).plain == exact[back] else { return }
            }
        }
        switch pattern.pointee.meaning {
        case .word(let rule, let whole):
            guard !ignoresWords else { return }
            if whole {
                waiting.append(Waiting(start: first.offset, end: to, rule: rule))
            } else {
                foundWord(rule: rule, from: first.offset, to: to)
            }
        case .secret(let shape):
            suspect(shape, from: first.offset, to: to, afterSemicolon: Self.isAfterSemicolon(first))
        case .blockEnd:
            for index in candidates.indices { candidates[index].blockEnds(at: to) }
        }
    }

    private mutating func settleWaiting(atWordEdge: Bool) {
        if atWordEdge {
            for word in waiting where refusal == nil { foundWord(rule: word.rule, from: word.start, to: word.end) }
        }
        waiting.removeAll(keepingCapacity: true)
    }

    private mutating func foundWord(rule: Int, from start: Int, to end: Int) {
        if program.rules[rule].refuses {
            refuse(rule: rule, kind: .bannedWord, from: start, to: end)
        } else {
            found(Span(start: start, end: end, rule: rule, kind: .bannedWord))
        }
    }

    // MARK: Credentials

    private mutating func suspect(_ shape: SecretShape, from start: Int, to end: Int, afterSemicolon: Bool) {
        if candidateShapes & shape.bit != 0 {
            guard let index = candidates.firstIndex(where: { $0.shape == shape && $0.isWaitingForValue }) else {
                return
            }
            candidates.remove(at: index)
        }
        candidateShapes |= shape.bit
        candidates.append(SecretCandidate(shape, from: start, to: end, afterSemicolon: afterSemicolon))
    }

    private mutating func tellCandidates(_ character: UInt8, from: Int, to: Int) {
        var index = 0
        while index < candidates.count, refusal == nil {
            steps += 1
            index = settle(candidates[index].read(character, from: from, to: to), at: index, to: to)
        }
    }

    /// - Returns: the index of the candidate to go on with.
    private mutating func settle(_ step: SecretCandidate.Step, at index: Int, to: Int) -> Int {
        if step == .goesOn {
            guard candidates[index].isCertain, to - candidates[index].end > RuleProgram.paddingBytesMax else {
                return index + 1
            }
        }
        let candidate = candidates[index]
        switch step {
        case .goesOn: close(candidate)
        case .certain(let kind):
            if isRefused(kind, from: candidate.start, to: to) { return index }
            if !program.rules(for: kind).isEmpty { return index + 1 }
        case .wasCertain(let kind):
            if isRefused(kind, from: candidate.start, to: candidate.end) { return index }
            close(candidate)
        case .ended, .endsHere: close(candidate)
        case .dropped: break
        }
        candidateShapes &= ~candidate.shape.bit
        candidates.remove(at: index)
        return index
    }

    private mutating func close(_ candidate: SecretCandidate) {
        guard let rule = program.rules(for: candidate.kind).first else { return }
        found(Span(start: candidate.start, end: candidate.end, rule: rule, kind: .secret(candidate.kind)))
    }

    private mutating func isRefused(_ kind: SecretKind, from start: Int, to end: Int) -> Bool {
        guard let rule = program.rules(for: kind).first(where: { program.rules[$0].refuses }) else { return false }
        refuse(rule: rule, kind: .secret(kind), from: start, to: end)
        return true
    }

    // MARK: Findings

    private mutating func refuse(rule: Int, kind: Finding.Kind, from start: Int, to end: Int) {
        let name = program.rules[rule].name
        refusal = (Finding(rule: name, kind: kind, byteCount: end - start, isRefusal: true), start)
    }

    private mutating func found(_ span: Span) {
        spans.append(span)
        let name = program.rules[span.rule].name
        if let index = findings.firstIndex(where: { $0.kind == span.kind && $0.rule == name }) {
            findings[index].occurrences += 1
            findings[index].byteCount += span.end - span.start
        } else {
            findings.append(Finding(rule: name, kind: span.kind, byteCount: span.end - span.start))
        }
    }
}
