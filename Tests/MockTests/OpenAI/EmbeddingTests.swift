import Testing

@testable import MockProvider

@Suite struct EmbeddingTests {
    static func vector(_ text: String, _ dimensions: Int = 1536) -> [Float] {
        Array(text.utf8).withUnsafeBytes { Embedding.vector(of: $0, dimensions: dimensions) }
    }

    @Test func `vectors have length one, and the same text the same vector`() {
        let vector = Self.vector("hello")
        #expect(vector.count == 1536)
        #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 0.001)
        #expect(vector == Self.vector("hello"))
        #expect(vector != Self.vector("hellp"))
    }

    @Test func `decimals and base64 carry the same numbers`() throws {
        let vector = Self.vector("x", 5)
        let decimals = try #require(JSONValue(text: written { Embedding.write(vector, to: &$0) })?.elements)
        for (value, element) in zip(vector, decimals) {
            guard case .number(let text) = element, let number = Float(text) else {
                Issue.record("no number: \(element)")
                continue
            }
            #expect(abs(value - number) < 0.000_000_1)
        }
        let base64 = written { Embedding.writeBase64(vector, to: &$0) }
        #expect(Self.decoded(base64) == vector.withUnsafeBytes { [UInt8]($0) })
    }

    /// A plain base64 decoder, to check the encoder with.
    private static func decoded(_ text: String) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var bits = 0
        var value = 0
        var bytes: [UInt8] = []
        for character in text {
            guard let digit = alphabet.firstIndex(of: character) else { continue }
            value = value << 6 | digit
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(value >> bits & 255))
            }
        }
        return bytes
    }
}
