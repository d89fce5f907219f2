/// What a guardrail did about something that it found, for the request log and the metrics. What it was is nowhere.
public struct GuardrailNote: Sendable {
    /// Whether the text was stopped or what was found was replaced.
    public enum Action: UInt8, Sendable, CaseIterable {
        case refuse, redact
    }

    /// Where it was found.
    public enum Side: UInt8, Sendable, CaseIterable {
        case request, answer
    }

    /// The operator's name for it.
    public var rule: String
    /// Whether the rule stopped the text or replaced a part of it.
    public var action: Action
    /// Of the request or of the answer.
    public var side: Side
    /// What kind of thing: `banned_word`.
    public var found: String
    /// At least 1; of a refusal, which ends the search, always 1.
    public var times: Int

    /// - Parameter found: the kind, never the text that was found.
    public init(rule: String, action: Action, side: Side, found: String, times: Int) {
        self.rule = rule
        self.action = action
        self.side = side
        self.found = found
        self.times = times
    }
}
