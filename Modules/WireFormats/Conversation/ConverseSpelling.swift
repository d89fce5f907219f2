import JSONText

/// How a client of Converse wrote what ``ReasoningSettings`` and ``Sampling/topK`` hold: each family of models has its own
/// fields for it. Only for writing it back the same way, and for telling the client of it.
public struct ConverseSpelling: Equatable, Sendable {
    /// The members of `additionalModelRequestFields` that say nothing else.
    public var additional = JSONObject()
    /// `effort` of `outputConfig`.
    public var outputEffort: String?

    /// Nothing was written.
    public init() {}
}
