import Secrets

/// The text of a key, as its owner has it.
public enum KeyText {
    /// Longer texts are not keys.
    public static let bytesMax = 256

    /// A new key: `sk-` and 48 letters and digits from the system's random source (285 bits).
    public static func random() -> Secret { Secret.randomText(prefix: "sk-", characterCount: 48) }

    /// Whether the bytes can be a key at all: 1 to 256 printable ASCII characters, no space.
    public static func isAcceptable(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard (1...bytesMax).contains(bytes.count) else { return false }
        for byte in bytes where byte < 0x21 || byte > 0x7e { return false }
        return true
    }

    /// What a list may show of a key: `sk-...` and its last four characters. A key that is too short to spare four
    /// shows none.
    public static func name(of key: Secret) -> String {
        guard key.count >= 20 else { return "sk-..." }
        return "sk-..." + key.withUnsafeBytes { String(decoding: $0.suffix(4), as: UTF8.self) }
    }
}

/// A key that was just made: shown to its owner once, kept only as its hash.
public struct NewKey: Sendable {
    /// The key itself, for the one answer that shows it.
    public let text: Secret
    /// What is kept of it.
    public let hash: KeyHash
    /// What a list may show of it: ``KeyText/name(of:)``.
    public let name: String

    /// - Parameter text: a random key, or one that an administrator chose; see `KeyText.isAcceptable`.
    public init(text: Secret = KeyText.random(), hasher: KeyHasher) {
        self.text = text
        hash = hasher.hash(text)
        name = KeyText.name(of: text)
    }
}
