import Synchronization

/// The hashes of keys that were let in a moment ago, so that a key in use is not hashed with every request.
///
/// 1. It remembers what a text hashes to, and nothing else: who has the hash, and whether they may come in, is looked up
///    every time, so a key that is blocked or deleted is out at once.
/// 2. It holds no key: texts are told apart by a ``KeyFingerprint`` of 128 bits under a seed of this process. A text
///    that nobody was let in with meets one of them with a chance of 2^-118, and cannot be made to.
/// 3. Only keys that were let in are kept, so whoever is refused costs one HMAC, known or not (``Authenticator``).
final class KnownHashes: Sendable {
    private struct Entry {
        let fingerprint: KeyFingerprint
        let hash: KeyHash
    }

    private static let places = 1024

    private let seed = KeyFingerprint.Seed.random()
    private let entries = Mutex([Entry?](repeating: nil, count: KnownHashes.places))

    func fingerprint(of key: UnsafeRawBufferPointer) -> KeyFingerprint { KeyFingerprint(of: key, seed) }

    func hash(for fingerprint: KeyFingerprint) -> KeyHash? {
        let place = fingerprint.place(among: Self.places)
        return entries.withLock { entries in
            guard let entry = entries[place], entry.fingerprint == fingerprint else { return nil }
            return entry.hash
        }
    }

    /// Whoever stood at its place gives way.
    func note(_ hash: KeyHash, for fingerprint: KeyFingerprint) {
        let entry = Entry(fingerprint: fingerprint, hash: hash)
        entries.withLock { $0[fingerprint.place(among: Self.places)] = entry }
    }
}
