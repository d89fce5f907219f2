/// One rule an operator wrote: what to look for, what to do when it is found, and in which direction.
///
/// A list of guardrails is compiled once into a `GuardrailPolicy` (or a `GuardrailSet` for one direction). Every rule
/// looks at the original text, never at what another rule made of it:
/// 1. text in which a refusing rule finds something is refused, whatever the redacting rules say;
/// 2. where redacted spans overlap, their union is replaced once, by the replacement of the span that begins first
///    (of the rule that stands first in the list, when several begin at the same place).
public struct Guardrail: Sendable, Equatable {
    /// What the rule looks for.
    public enum Rule: Sendable, Equatable {
        /// Words and phrases.
        ///
        /// - `caseInsensitive`: upper and lower case are the same for Latin, Greek and Cyrillic letters (simple
        ///   folding, one character to one character); fullwidth ASCII letters are the ASCII ones.
        /// - `wholeWords`: a letter, digit or underscore beside the match means that it is none. Characters of scripts
        ///   written without spaces (Han, Kana, Thai, …) and punctuation, also non-ASCII, are no part of a word.
        /// - A run of white space in a phrase matches any run of white space.
        /// - Invisible characters (U+200B…200D, U+FEFF and other format characters) inside a match do not save it.
        ///
        /// What it does not see: look-alike letters of another script, combining marks added to letters, leetspeak,
        /// letters spaced out, text in an encoding such as base64.
        case bannedWords([String], caseInsensitive: Bool = true, wholeWords: Bool = true)
        /// Credentials, by the shapes that their issuers document. See `SecretKind`.
        case secrets(Set<SecretKind> = SecretKind.all)
    }

    /// What happens to text in which the rule finds something.
    public enum Action: Sendable, Equatable {
        /// The call, or the rest of the answer, is refused.
        case refuse
        /// The span is replaced. `nil` stands for `[REDACTED:<kind>]`, for instance `[REDACTED:openai_key]`, or for a
        /// plainer text where a banned word is part of that. A text of one's own has no quotes, backslashes or control
        /// characters: what it is put into may be JSON itself.
        case redact(with: String? = nil)
    }

    /// The directions a rule watches.
    public struct Sides: OptionSet, Sendable, Hashable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// What the client sends.
        public static let request = Sides(rawValue: 1)
        /// What the model answers, whole or streamed.
        public static let answer = Sides(rawValue: 2)
    }

    /// The operator's name for the rule. It appears in findings, error messages and logs.
    public var name: String
    /// What to look for.
    public var rule: Rule
    /// What to do where it is found.
    public var action: Action
    /// The directions that it watches.
    public var appliesTo: Sides

    /// - Parameter name: a ``GuardrailPolicy`` takes no two rules of one name.
    public init(name: String, rule: Rule, action: Action, appliesTo: Sides = [.request, .answer]) {
        self.name = name
        self.rule = rule
        self.action = action
        self.appliesTo = appliesTo
    }
}

/// What a rule found, without what it was: a finding can be logged and shown to a client.
public struct Finding: Sendable, Hashable, CustomStringConvertible {
    /// What kind of thing was found.
    public enum Kind: Sendable, Hashable, Comparable, CustomStringConvertible {
        /// What looks like a credential of that kind.
        case secret(SecretKind)
        /// A word or phrase of the operator's list; which one, nobody learns.
        case bannedWord

        /// The kind in snake case, as in `[REDACTED:openai_key]`.
        public var description: String {
            switch self {
            case .secret(let kind): kind.rawValue
            case .bannedWord: "banned_word"
            }
        }

        var order: Int {
            switch self {
            case .secret(let kind): kind.order
            case .bannedWord: Int.max
            }
        }

        public static func < (left: Kind, right: Kind) -> Bool { left.order < right.order }
    }

    /// The name of the rule that found it.
    public let rule: String
    /// The most that is ever said of what was found.
    public let kind: Kind
    /// How often this rule found this kind in the text. A refusal ends the search, so it says 1.
    public internal(set) var occurrences: Int
    /// How many bytes of the text all occurrences cover together. Of a refused text: how many had been read of the
    /// match when it was certain to be one, which for a long token is fewer than it has.
    public internal(set) var byteCount: Int
    /// The text was refused for it. Else what was found was replaced.
    public let isRefusal: Bool

    init(rule: String, kind: Kind, occurrences: Int = 1, byteCount: Int, isRefusal: Bool = false) {
        self.rule = rule
        self.kind = kind
        self.occurrences = occurrences
        self.byteCount = byteCount
        self.isRefusal = isRefusal
    }

    public var description: String {
        "guardrail '\(rule)': \(kind)" + (occurrences > 1 ? " (\(occurrences) times)" : "")
    }
}

/// Why a list of guardrails can't be compiled. No description repeats a word of the list: words may be confidential.
public enum GuardrailError: Error, Equatable, CustomStringConvertible {
    /// An empty list of words, or an empty set of kinds.
    case nothingToLookFor(rule: String)
    /// The word at that place of the list, counted from 0, has nothing in it that could be looked for.
    case emptyWord(rule: String, index: Int)
    /// More than 256 bytes once it is folded; `index` counts from 0.
    case wordTooLong(rule: String, index: Int, bytes: Int, bytesMax: Int)
    /// Those of all rules together make more than 64 KB once they are folded.
    case tooManyWords(bytes: Int, bytesMax: Int)
    /// What stands around a match would join to new words.
    case emptyReplacement(rule: String)
    /// A quote, backslash or control character, which would break JSON inside a text (a tool call's arguments).
    case replacementBreaksJSON(rule: String)
    /// The replacement contains what some rule of the same side looks for, so redacted text would need redacting again.
    case replacementIsForbidden(rule: String)
    /// More than 256 bytes.
    case replacementTooLong(rule: String, bytes: Int, bytesMax: Int)
    /// Two rules have this name.
    case nameTaken(String)

    public var description: String {
        switch self {
        case .nothingToLookFor(let rule): "guardrail '\(rule)' has nothing to look for"
        case .emptyWord(let rule, let index): "guardrail '\(rule)': word \(index + 1) is empty"
        case .wordTooLong(let rule, let index, let bytes, let bytesMax):
            "guardrail '\(rule)': word \(index + 1) is \(bytes) bytes long, at most \(bytesMax) are possible"
        case .tooManyWords(let bytes, let bytesMax):
            "the banned words of all guardrails together are \(bytes) bytes, at most \(bytesMax) are possible"
        case .emptyReplacement(let rule):
            "guardrail '\(rule)': the replacement is empty, so what stands around a match would join to new words"
        case .replacementBreaksJSON(let rule):
            "guardrail '\(rule)': the replacement has a quote, backslash or control character in it"
        case .replacementIsForbidden(let rule): "guardrail '\(rule)': the replacement itself is forbidden by a rule"
        case .replacementTooLong(let rule, let bytes, let bytesMax):
            "guardrail '\(rule)': the replacement is \(bytes) bytes long, at most \(bytesMax) are possible"
        case .nameTaken(let name): "two guardrails are named '\(name)'"
        }
    }
}
