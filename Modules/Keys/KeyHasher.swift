import Crypto
import Secrets

/// Turns a key into its `KeyHash`. The work that depends on the pepper alone is done once.
public struct KeyHasher: Sendable {
    private let prepared: HMAC<SHA256>

    /// - Parameter pepper: at least 16 random bytes; whoever has it and the store can check guesses, nothing more.
    public init(pepper: Secret) {
        prepared = pepper.withUnsafeBytes { HMAC<SHA256>(key: SymmetricKey(data: $0)) }
    }

    /// The caller has checked the length (`KeyText.isAcceptable`): a key is at most 256 bytes.
    public func hash(_ key: UnsafeRawBufferPointer) -> KeyHash {
        var hasher = prepared
        hasher.update(data: key)
        return hasher.finalize().withUnsafeBytes { bytes in
            guard let hash = KeyHash(bytes: bytes) else { preconditionFailure("HMAC-SHA-256 is 32 bytes") }
            return hash
        }
    }

    /// The same for a key that is kept as a secret.
    public func hash(_ key: Secret) -> KeyHash { key.withUnsafeBytes { hash($0) } }
}
