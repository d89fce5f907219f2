/// Takes secrets out of a text that is about to leave: an upstream's error message, a log field.
///
/// 1. Every occurrence of a known secret goes, also in its percent-encoded form and with `/` escaped as in JSON.
/// 2. What looks like a credential goes, known or not (`CredentialShapes`).
/// 3. Linear time in the length of the text, whatever the text and the secrets are.
///
/// Secrets of fewer than 4 bytes are not looked for: replacing them would tear any text to pieces.
public struct SecretScrubber: Sendable {
    /// What stands where a secret was.
    public static let replacement = "«redacted»"

    private let needles: [Needle]

    private static let byteCountMin = 4

    /// - Parameter secrets: those that are known; without any, what looks like a credential still goes.
    public init(_ secrets: [Secret] = []) {
        let variants = secrets.flatMap { [$0, $0.percentEncoded, $0.slashEscaped].compactMap { $0 } }
        let base = UInt64.random(in: 1 << 32..<RollingHash.prime)
        // One pass over the text per length.
        let byLength = Dictionary(grouping: variants.filter { $0.count >= Self.byteCountMin }, by: \.count)
        needles = byLength.map { Needle(length: $0.key, secrets: $0.value, base: base) }
    }

    /// The text with ``replacement`` for each secret; two that overlap or touch become one.
    public func scrubbed(_ text: String) -> String {
        var copy = text
        let spans = copy.withUTF8 { self.spans(in: UnsafeRawBufferPointer($0)) }
        guard !spans.isEmpty else { return text }
        return String(decoding: Self.replacing(spans, in: Array(text.utf8)), as: UTF8.self)
    }

    /// The same for bytes, which need not be UTF-8.
    public func scrubbed(_ bytes: [UInt8]) -> [UInt8] {
        let spans = bytes.withUnsafeBytes { self.spans(in: $0) }
        return spans.isEmpty ? bytes : Self.replacing(spans, in: bytes)
    }

    /// Where something has to go: ordered, not overlapping.
    func spans(in bytes: UnsafeRawBufferPointer) -> [Range<Int>] {
        var found = CredentialShapes.spans(in: bytes)
        for needle in needles { needle.appendSpans(in: bytes, to: &found) }
        guard found.count > 1 else { return found }
        found.sort { $0.lowerBound < $1.lowerBound }
        var merged: [Range<Int>] = []
        for span in found {
            if let last = merged.last, span.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, span.upperBound)
            } else {
                merged.append(span)
            }
        }
        return merged
    }

    private static func replacing(_ spans: [Range<Int>], in bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + spans.count * replacement.utf8.count)
        var position = 0
        for span in spans {
            result.append(contentsOf: bytes[position..<span.lowerBound])
            result.append(contentsOf: replacement.utf8)
            position = span.upperBound
        }
        result.append(contentsOf: bytes[position...])
        return result
    }
}

/// All secrets of one length, searched in one pass (Rabin-Karp).
///
/// Only their hashes are kept, and equal hashes are taken as a match: a false one has a chance of 2^-61 per byte, and
/// would take out too much, not too little. So no text makes the search compare, and slow down.
private struct Needle {
    let length: Int
    let hashes: [UInt64]
    let roll: RollingHash

    init(length: Int, secrets: [Secret], base: UInt64) {
        self.length = length
        let roll = RollingHash(base: base, length: length)
        self.roll = roll
        hashes = secrets.map { $0.withUnsafeBytes { roll.hash($0) } }
    }

    func appendSpans(in text: UnsafeRawBufferPointer, to spans: inout [Range<Int>]) {
        guard text.count >= length else { return }
        var hash = roll.hash(UnsafeRawBufferPointer(rebasing: text[..<length]))
        var coveredUntil = 0
        for start in 0...(text.count - length) {
            if hashes.contains(hash) {
                if start < coveredUntil, let last = spans.last {
                    spans[spans.count - 1] = last.lowerBound..<start + length
                } else {
                    spans.append(start..<start + length)
                }
                coveredUntil = start + length
            }
            guard start + length < text.count else { return }
            hash = roll.rolled(hash, out: text[start], in: text[start + length])
        }
    }
}

/// A polynomial hash modulo 2^61 - 1 with a random base: nobody can prepare a text full of false alarms.
private struct RollingHash {
    static let prime: UInt64 = (1 << 61) - 1

    let base: UInt64
    /// base ^ (length - 1): the weight of the byte that leaves the window.
    let leavingWeight: UInt64

    init(base: UInt64, length: Int) {
        self.base = base
        var weight: UInt64 = 1
        for _ in 1..<length { weight = Self.product(weight, base) }
        leavingWeight = weight
    }

    func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0
        for byte in bytes { hash = Self.sum(Self.product(hash, base), UInt64(byte) + 1) }
        return hash
    }

    func rolled(_ hash: UInt64, out: UInt8, in new: UInt8) -> UInt64 {
        let without = Self.sum(hash, Self.prime - Self.product(UInt64(out) + 1, leavingWeight))
        return Self.sum(Self.product(without, base), UInt64(new) + 1)
    }

    private static func product(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (high, low) = left.multipliedFullWidth(by: right)
        return sum(low & prime, (low >> 61) | (high << 3))
    }

    private static func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let sum = left + right
        return sum >= prime ? sum - prime : sum
    }
}

extension Secret {
    /// As it would stand in a URL; nil if that is no different.
    fileprivate var percentEncoded: Secret? {
        withUnsafeBytes { bytes in
            let isPlain = { (byte: UInt8) in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || byte == 45 || byte == 46 || byte == 95 || byte == 126  // - . _ ~
            }
            guard !bytes.allSatisfy(isPlain) else { return nil }
            let digits = Array("0123456789ABCDEF".utf8)
            return Secret(
                bytes: bytes.flatMap { byte in
                    isPlain(byte)
                        ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                })
        }
    }

    /// As some JSON writers put it: `\/` for `/`; nil if there is no slash.
    fileprivate var slashEscaped: Secret? {
        withUnsafeBytes { bytes in
            let slash = UInt8(ascii: "/")
            guard bytes.contains(slash) else { return nil }
            return Secret(bytes: bytes.flatMap { $0 == slash ? [UInt8(ascii: "\\"), slash] : [$0] })
        }
    }
}
