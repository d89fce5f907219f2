import Secrets
import Synchronization

/// Says in the log when the place of a secret has nothing of use any more, so that the last good one stays in use, and when
/// it has again. (Of one that is not there from the beginning the configuration's warnings tell.)
public final class SecretWatch: Sendable {
    /// Where the secret is read.
    public let source: SecretSource
    private let name: String
    private let lastProblem = Mutex<SecretError?>(nil)

    /// - Parameter name: what the configuration calls the secret.
    public init(_ name: String, _ source: SecretSource) {
        self.name = name
        self.source = source
    }

    /// Why the place has nothing of use, also while the last good secret is in use; as of the last look.
    public var problem: SecretError? { lastProblem.withLock { $0 } }

    /// Looks at the place, at most twice a second where it had a secret.
    ///
    /// - Returns: the secret to use; nil where there never was one.
    @discardableResult
    public func look() -> Secret? {
        let secret = try? source.current()
        let found: SecretError? =
            switch source.status {
            case .stale(let problem, _), .failed(let problem): problem
            case .unread, .current: nil
            }
        let before = lastProblem.withLock { problem in
            defer { problem = found }
            return problem
        }
        guard found != before else { return secret }
        if let found {
            let facts: KeyValuePairs<StaticString, String> = ["secret": name, "because": found.description]
            if secret != nil {
                Log.line("a secret cannot be used, the last one stays in use", facts)
            } else if before != nil {
                Log.line("a secret cannot be used", facts)
            }
        } else {
            Log.line("a secret can be used again", ["secret": name])
        }
        return secret
    }
}
