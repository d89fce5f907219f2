/// What is kept of a key: HMAC-SHA-256 of it with the pepper, 32 bytes. The key cannot be had from it, and without the
/// pepper (which is in a file beside the store, not in it) a guess cannot even be checked.
public struct KeyHash: Sendable, Equatable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    static let byteCount = 32

    init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// - Parameter bytes: exactly 32, else the result is nil.
    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        words = (
            bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
        )
    }

    /// Reads 64 hexadecimal digits, as `/key/info` and `/key/list` show a key.
    public init?(hex: String) {
        let digits = Array(hex.utf8)
        guard digits.count == 2 * Self.byteCount else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Self.value(ofDigit: digits[index]), let low = Self.value(ofDigit: digits[index + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        guard let hash = bytes.withUnsafeBytes({ KeyHash(bytes: $0) }) else { return nil }
        self = hash
    }

    /// 32, as the store has them.
    public var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    /// 64 lower-case hexadecimal digits: the `token` of LiteLLM's answers.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Compares in constant time.
    public static func == (left: KeyHash, right: KeyHash) -> Bool {
        let difference =
            (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1)
            | (left.words.2 ^ right.words.2) | (left.words.3 ^ right.words.3)
        return difference == 0
    }

    private static func value(ofDigit digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 65...70: digit - 55
        case 97...102: digit - 87
        default: nil
        }
    }
}

extension KeyHash: Hashable {
    /// The bytes are as good as random already, and nobody without the pepper chooses them: eight of them are enough.
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

extension KeyHash: CustomStringConvertible {
    public var description: String { hex }
}
