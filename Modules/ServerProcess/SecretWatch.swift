import Secrets
import Synchronization

/// Says in the log when the place of a secret has nothing of use any more, so that the last good one stays in use, and when
/// it has again. (Of one that is not there from the beginning the configuration's warnings tell.)
public final class SecretWatch: Sendable {
    /// Where the secret is read.
    public let source: SecretSource
    private let name: String
    private let last = Mutex(Look())

    /// What a look at the place found.
    private struct Look {
        var secret: Secret?
        var problem: SecretError?
    }

    /// - Parameter name: what the configuration calls the secret.
    public init(_ name: String, _ source: SecretSource) {
        self.name = name
        self.source = source
    }

    /// Why the place has nothing of use, also while the last good secret is in use; as of the last look.
    public var problem: SecretError? { last.withLock { $0.problem } }

    /// The secret to use, as of the last look; nil where there never was one. Reads nothing, so a loop may ask.
    public var secret: Secret? { last.withLock { $0.secret } }

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
        let before = last.withLock { last in
            defer { last = Look(secret: secret, problem: found) }
            return last
        }
        guard found != before.problem else { return secret }
        if let found {
            let facts: KeyValuePairs<StaticString, String> = ["secret": name, "because": found.description]
            if secret != nil {
                Log.line("a secret cannot be used, the last one stays in use", facts)
            } else if before.problem != nil {
                Log.line("a secret cannot be used", facts)
            }
        } else if before.secret == nil {
            Log.line("a secret can be used", ["secret": name])
        } else {
            Log.line("a secret can be used again", ["secret": name])
        }
        return secret
    }
}
