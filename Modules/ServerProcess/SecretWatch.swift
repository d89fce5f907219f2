import Secrets
import Synchronization

/// Says in the log when the place of a secret has nothing of use any more, so that the last good one stays in use, and when
/// it has again.
public final class SecretWatch: Sendable {
    private let name: String
    private let source: SecretSource
    private let problem = Mutex<SecretError?>(nil)

    /// - Parameter name: what the configuration calls the secret.
    public init(_ name: String, _ source: SecretSource) {
        self.name = name
        self.source = source
    }

    /// Looks at the place, at most twice a second.
    public func look() {
        _ = try? source.current()
        var found: SecretError?
        if case .stale(let problem, _) = source.status { found = problem }
        let before = problem.withLock { problem in
            defer { problem = found }
            return problem
        }
        guard found != before else { return }
        guard let found else { return Log.line("a secret can be used again", ["secret": name]) }
        Log.line(
            "a secret cannot be used, the last one stays in use", ["secret": name, "because": found.description])
    }
}
