/// What a secret has to be like where it is used. One that is not is as good as none: a ``SecretSource`` goes on with the
/// last good one.
public struct SecretForm: Sendable {
    /// What is wrong with a value, in words that follow "it" and hold nothing of it (`has several lines`); nil where it
    /// is fine.
    public let problem: @Sendable (Secret) -> String?
    private let isTrimmed: Bool

    /// White space around the value does not belong to it.
    ///
    /// - Parameter problem: see ``problem``.
    public init(problem: @escaping @Sendable (Secret) -> String?) {
        self.init(isTrimmed: true, problem: problem)
    }

    private init(isTrimmed: Bool, problem: @escaping @Sendable (Secret) -> String?) {
        self.problem = problem
        self.isTrimmed = isTrimmed
    }

    /// Any bytes, as they stand there.
    public static let any = SecretForm(isTrimmed: false) { _ in nil }

    /// Visible ASCII alone, so that it can stand in a header's value.
    ///
    /// - Parameter lengths: in characters.
    public static func token(of lengths: ClosedRange<Int> = 1...SecretFile.bytesMax) -> SecretForm {
        SecretForm { secret in
            if let problem = secret.withUnsafeBytes({ tokenProblem(of: $0) }) { return problem }
            if secret.count < lengths.lowerBound { return "has less than \(lengths.lowerBound) characters" }
            if secret.count > lengths.upperBound { return "has more than \(lengths.upperBound) characters" }
            return nil
        }
    }

    private static func tokenProblem(of bytes: UnsafeRawBufferPointer) -> String? {
        if bytes.contains(where: { $0 == 10 || $0 == 13 }) { return "has several lines" }
        if bytes.contains(where: { $0 == 9 || $0 == 32 }) { return "has white space in it" }
        return bytes.allSatisfy { (0x21...0x7e).contains($0) } ? nil : "has characters that are not visible ASCII"
    }

    /// The value in a text that was read.
    func value(of read: Secret, from reference: String) throws(SecretError) -> Secret {
        let value = isTrimmed ? read.trimmed : read
        guard !value.isEmpty else { throw .empty(reference: reference) }
        if let problem = problem(value) { throw .unusable(reference: reference, because: problem) }
        return value
    }
}

extension Secret {
    /// Without the white space around it; the same copy where there is none.
    fileprivate var trimmed: Secret {
        withUnsafeBytes { bytes -> Secret in
            func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
            guard let first = bytes.firstIndex(where: { !isSpace($0) }),
                let last = bytes.lastIndex(where: { !isSpace($0) })
            else { return Secret(bytes: []) }
            if last - first + 1 == bytes.count { return self }
            return Secret(bytes: UnsafeRawBufferPointer(rebasing: bytes[first...last]))
        }
    }
}
