/// How a client of generateContent wrote what can be written in more than one way.
///
/// Google reads protocol buffers as JSON, and so takes each member in camelCase and in snake_case; SDKs send either, and
/// some mix them in one body.
public struct GenerateContentSpelling: Equatable, Sendable {
    /// The members, by their names in camelCase, that were written in snake_case.
    public var snakeCase: Set<String> = []
    /// The `role` of `systemInstruction`, which means nothing.
    public var systemRole: String?
    /// How many of the tools stood in each element of `tools`, in order.
    public var toolGroups: [Int]?
    /// `model` in the body, where the path says it too.
    public var bodyModel: String?
    /// `thinkingLevel` in the client's own case; one that is unspecified stands here alone.
    public var thinkingLevel: String?

    /// Nothing to remember: all in camelCase.
    public init() {}

    /// Nothing to remember.
    public var isPlain: Bool { self == GenerateContentSpelling() }
}
