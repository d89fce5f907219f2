/// Where a secret is written, as a configuration says it.
///
/// | text | means |
/// |---|---|
/// | `env:NAME`, `os.environ/NAME` | an environment variable |
/// | `file:/run/secrets/key`, `file:master.key` | a file; a relative path counts from the configuration's folder |
/// | anything else | the value itself, where literals are allowed |
public enum SecretReference: Sendable, Equatable {
    /// The variable's name, without `env:`.
    case environment(String)
    /// The path as it was written, without `file:`.
    case file(String)
    /// The value itself, written into the configuration.
    case literal(Secret)

    /// Reads a reference.
    ///
    /// - Parameter allowsLiteral: whether a text without a known prefix may be the secret itself.
    /// - Throws: `SecretError.malformedReference` or `.literalRefused`; neither holds the text, which may be a key.
    public init(_ text: String, allowsLiteral: Bool = false) throws(SecretError) {
        if let name = Self.rest(of: text, after: "env:") ?? Self.rest(of: text, after: "os.environ/") {
            guard Self.isVariableName(name) else {
                throw .malformedReference("the name of an environment variable is letters, digits and _")
            }
            self = .environment(name)
        } else if let path = Self.rest(of: text, after: "file:") {
            guard !path.isEmpty, !path.utf8.contains(0) else { throw .malformedReference("file: needs a path") }
            self = .file(path)
        } else {
            guard allowsLiteral else { throw .literalRefused }
            guard !text.isEmpty else { throw .empty(reference: "a literal") }
            self = .literal(Secret(text: text))
        }
    }

    private static func rest(of text: String, after prefix: String) -> String? {
        text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
    }

    private static func isVariableName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
        }
    }
}

extension SecretReference: CustomStringConvertible {
    /// The place, never the value.
    public var description: String {
        switch self {
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        case .literal: "a literal"
        }
    }
}
