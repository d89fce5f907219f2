import Secrets
import Synchronization

/// The key that may do everything. It is compared as its `KeyHash`, in constant time.
///
/// Its value comes from a `SecretSource`, so it can be changed without a restart.
public final class MasterKey: Sendable {
    private let source: SecretSource
    private let hasher: KeyHasher
    private let known = Mutex<Known?>(nil)

    private struct Known {
        let secret: Secret
        /// Nil if the value cannot be a key: then nothing matches.
        let hash: KeyHash?
    }

    /// - Parameter source: asked at every comparison, so that a changed file counts. While it has no value, or one that
    ///   can't be a key, nothing matches.
    public init(_ source: SecretSource, hasher: KeyHasher) {
        self.source = source
        self.hasher = hasher
    }

    /// One that never changes.
    public convenience init(_ secret: Secret, hasher: KeyHasher) {
        self.init(SecretSource(.literal(secret)), hasher: hasher)
    }

    /// Whether a presented key, hashed with the same hasher, is the master key. False while there is no master key.
    public func matches(_ presented: KeyHash) -> Bool { currentHash() == presented }

    private func currentHash() -> KeyHash? {
        guard let secret = try? source.current() else { return nil }
        return known.withLock { known in
            if let known, known.secret.isCopy(of: secret) { return known.hash }
            let isAcceptable = secret.withUnsafeBytes { KeyText.isAcceptable($0) }
            let hash = isAcceptable ? hasher.hash(secret) : nil
            known = Known(secret: secret, hash: hash)
            return hash
        }
    }
}
