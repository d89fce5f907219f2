/// A compiled list of rules: everything about a rule set that does not depend on the text.
final class RuleProgram: Sendable {
    struct CompiledRule: Sendable {
        let name: String
        let refuses: Bool
        let replacement: [UInt8]?
        let secrets: Set<SecretKind>
    }

    static let wordBytesMax = 256
    static let replacementBytesMax = 256
    /// White space and invisible characters that may stand inside a match before it is let go as none.
    static let paddingBytesMax = 512

    let rules: [CompiledRule]
    /// What stands for a kind where its rule names no replacement and `[REDACTED:<kind>]` is itself forbidden.
    private let defaultReplacements: [Finding.Kind: String]
    let automaton: PatternAutomaton
    let filter: BeginningFilter
    /// The rules that look for each kind of secret, in order.
    private let rulesOfSecret: [SecretKind: [Int]]
    /// The most bytes of text that a pattern of the automaton may span, padding included.
    let spanMax: Int
    /// The most bytes that a candidate for a credential may span undecided when invisible characters pad it.
    let candidateSpanMax: Int
    /// The most bytes of text that are ever withheld.
    let windowBytes: Int

    init(
        _ guardrails: [Guardrail], defaultReplacements: [Finding.Kind: String] = [:]
    ) throws(GuardrailError) {
        var rules: [CompiledRule] = []
        var words: [PatternAutomaton.Pattern] = []
        var beginnings: [(first: [UInt32], second: [UInt32]?)] = []
        for (index, guardrail) in guardrails.enumerated() {
            guard !rules.contains(where: { $0.name == guardrail.name }) else {
                throw .nameTaken(guardrail.name)
            }
            rules.append(try Self.compile(guardrail))
            guard case .bannedWords(let texts, let caseInsensitive, let wholeWords) = guardrail.rule else { continue }
            for (place, text) in texts.enumerated() {
                let word = FoldedText(text)
                guard !word.folded.isEmpty else { throw .emptyWord(rule: guardrail.name, index: place) }
                guard word.folded.count <= Self.wordBytesMax else {
                    throw .wordTooLong(
                        rule: guardrail.name, index: place, bytes: word.folded.count, bytesMax: Self.wordBytesMax)
                }
                words.append(
                    PatternAutomaton.Pattern(
                        bytes: word.folded, exact: caseInsensitive ? nil : word.plain,
                        needs: wholeWords && word.beginsAsWord ? .wordEdge : .nothing, holds: true,
                        meaning: .word(rule: index, whole: wholeWords && word.endsAsWord)))
                beginnings.append(word.beginning)
            }
        }
        let wordBytes = words.reduce(0) { $0 + $1.bytes.count }
        guard wordBytes <= PatternAutomaton.wordBytesMax else {
            throw .tooManyWords(bytes: wordBytes, bytesMax: PatternAutomaton.wordBytesMax)
        }
        let kinds = rules.reduce(into: Set<SecretKind>()) { $0.formUnion($1.secrets) }
        let literals = SecretLiteral.all.filter { !kinds.isDisjoint(with: $0.kinds) }
        for literal in literals {
            words.append(literal.pattern)
            beginnings.append(FoldedText(literal.text).beginning(exactly: !literal.foldsCase))
        }
        var rulesOfSecret: [SecretKind: [Int]] = [:]
        for (index, rule) in rules.enumerated() {
            for kind in rule.secrets { rulesOfSecret[kind, default: []].append(index) }
        }
        self.rules = rules
        self.defaultReplacements = defaultReplacements
        self.rulesOfSecret = rulesOfSecret
        automaton = PatternAutomaton(words)
        filter = BeginningFilter(beginnings)
        // A character of a match may be written as an escape of six bytes.
        spanMax = 6 * automaton.longest + Self.paddingBytesMax
        let candidateMax = literals.map(\.windowBytes).max() ?? 0
        candidateSpanMax = candidateMax + Self.paddingBytesMax
        // What is held goes from a beginning to the character that decides it; after a run of padding that is the
        // next visible one or another piece of padding, and the last character may be incomplete.
        let candidateWindow = candidateMax == 0 ? 0 : candidateSpanMax + Self.paddingBytesMax
        windowBytes = max(spanMax, candidateWindow) + Self.incompleteCharacterMax
    }

    deinit {
        automaton.deallocate()
        filter.deallocate()
    }

    /// `\ud83d\ude00` without its last digit.
    static let incompleteCharacterMax = 11

    /// False if nothing that a rule looks for can begin in these bytes, nor in a JSON string that they hold: an escape
    /// hides at most what comes after a pattern's first character, and `\u` counts as a beginning of anything.
    func mayBegin(in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        var index = 0
        while index < bytes.count {
            let candidate = filter.firstCandidate(base, from: index, count: bytes.count)
            if automaton.mayBegin(base, at: candidate, count: bytes.count, plainFrom: 0) { return true }
            index = candidate + UTF8Sequence.length(lead: base[candidate])
        }
        return false
    }

    /// The rules that look for `kind`, in order.
    func rules(for kind: SecretKind) -> [Int] { rulesOfSecret[kind] ?? [] }

    func replacement(rule: Int, kind: Finding.Kind) -> [UInt8] {
        rules[rule].replacement ?? Array((defaultReplacements[kind] ?? "[REDACTED:\(kind)]").utf8)
    }

    private static func compile(_ guardrail: Guardrail) throws(GuardrailError) -> CompiledRule {
        var secrets: Set<SecretKind> = []
        switch guardrail.rule {
        case .bannedWords(let words, _, _):
            guard !words.isEmpty else { throw .nothingToLookFor(rule: guardrail.name) }
        case .secrets(let kinds):
            guard !kinds.isEmpty else { throw .nothingToLookFor(rule: guardrail.name) }
            secrets = kinds
        }
        var replacement: [UInt8]?
        if case .redact(let text?) = guardrail.action {
            guard !text.isEmpty else { throw .emptyReplacement(rule: guardrail.name) }
            guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) else {
                throw .replacementBreaksJSON(rule: guardrail.name)
            }
            guard text.utf8.count <= replacementBytesMax else {
                throw .replacementTooLong(
                    rule: guardrail.name, bytes: text.utf8.count, bytesMax: replacementBytesMax)
            }
            replacement = Array(text.utf8)
        }
        return CompiledRule(
            name: guardrail.name, refuses: guardrail.action == .refuse, replacement: replacement, secrets: secrets)
    }
}

/// A word of a list as the automaton sees text: folded, white space collapsed, invisible characters gone.
struct FoldedText {
    private(set) var folded: [UInt8] = []
    /// Before folding; as many bytes as `folded`, 0 where folding changes a character's length.
    private(set) var plain: [UInt8] = []
    private(set) var beginsAsWord = false
    private(set) var endsAsWord = false
    private var characters: [UInt32] = []

    init(_ text: String) {
        var spaceIsDue = false
        for scalar in text.unicodeScalars {
            let kind = CharacterFolding.classOf(scalar.value)
            switch kind {
            case .invisible: continue
            case .space: spaceIsDue = !folded.isEmpty
            case .word, .separator:
                if spaceIsDue { append(0x20) }
                spaceIsDue = false
                append(scalar.value)
                if characters.count == 1 { beginsAsWord = kind == .word }
                endsAsWord = kind == .word
            }
        }
    }

    private mutating func append(_ scalar: UInt32) {
        characters.append(scalar)
        let after = BeginningFilter.bytes(of: CharacterFolding.folded(scalar))
        let before = BeginningFilter.bytes(of: scalar)
        folded += after
        plain += before.count == after.count ? before : Array(repeating: 0, count: after.count)
    }

    /// The first two characters in all spellings that match.
    var beginning: (first: [UInt32], second: [UInt32]?) { beginning(exactly: false) }

    func beginning(exactly: Bool) -> (first: [UInt32], second: [UInt32]?) {
        func spellings(_ place: Int) -> [UInt32] {
            if exactly { return [characters[place]] }
            if characters[place] == 0x20 { return Self.spaces }
            return CharacterFolding.variants(of: CharacterFolding.folded(characters[place]))
        }
        return (spellings(0), characters.count > 1 ? spellings(1) : nil)
    }

    private static let spaces = (0..<0x3001 as Range<UInt32>).filter { CharacterFolding.classOf($0) == .space }
}

/// The literals that raise the suspicion of a credential.
private struct SecretLiteral {
    let text: String
    let shape: SecretShape?
    let kinds: [SecretKind]
    let needs: PatternAutomaton.Needs
    let foldsCase: Bool
    let holds: Bool
    /// The most bytes that are held before the candidate is decided.
    let windowBytes: Int

    init(
        _ text: String, _ shape: SecretShape?, _ kinds: [SecretKind], _ needs: PatternAutomaton.Needs = .tokenEdge,
        foldsCase: Bool = false, holds: Bool = true, windowBytes: Int
    ) {
        self.text = text
        self.shape = shape
        self.kinds = kinds
        self.needs = needs
        self.foldsCase = foldsCase
        self.holds = holds
        self.windowBytes = windowBytes
    }

    var pattern: PatternAutomaton.Pattern {
        let word = FoldedText(text + "|")
        return PatternAutomaton.Pattern(
            bytes: word.folded.dropLast(), exact: foldsCase ? nil : word.plain.dropLast(), needs: needs,
            holds: holds, meaning: shape.map { .secret($0) } ?? .blockEnd)
    }

    static let all: [SecretLiteral] = {
        var all: [SecretLiteral] = []
        for (index, row) in TokenRow.known.enumerated() {
            for prefix in row.prefixes {
                all.append(
                    SecretLiteral(prefix, .token(row: index), row.kinds, windowBytes: row.windowBytes * 6))
            }
        }
        all.append(SecretLiteral("eyJ", .jwt, [.jwt], windowBytes: SecretCandidate.jwtUndecidedMax + 6))
        for dashes in ["-----", "----"] {
            let space = dashes.count == 4 ? " " : ""
            all.append(
                SecretLiteral(
                    "\(dashes)\(space)BEGIN ", .privateKey, [.privateKey], .nothing,
                    windowBytes: SecretCandidate.labelUndecidedMax + 6))
            all.append(
                SecretLiteral("\(dashes)\(space)END ", nil, [.privateKey], .nothing, holds: false, windowBytes: 0))
        }
        all.append(
            SecretLiteral(
                "://", .connectionString, [.connectionString], .nothing, holds: false,
                windowBytes: SecretCandidate.connectionUndecidedMax + 6))
        for keyword in ["password=", "pwd=", "accountkey=", "sharedaccesskey="] {
            all.append(
                SecretLiteral(
                    keyword, .connectionPassword, [.connectionPassword], .wordEdge, foldsCase: true, holds: false,
                    windowBytes: SecretCandidate.passwordUndecidedMax + 6))
        }
        for keyword in ["secret_access_key", "secretaccesskey", "secret access key", "aws_secret_key", "aws_secret"] {
            all.append(
                SecretLiteral(
                    keyword, .awsSecretKey, [.awsSecretKey], .nothing, foldsCase: true, holds: false,
                    windowBytes: 40 * 6))
        }
        return all
    }()
}
