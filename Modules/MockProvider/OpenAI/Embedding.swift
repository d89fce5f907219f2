import Glibc

/// Deterministic unit vectors: the same text always gets the same one, different texts almost surely different ones.
enum Embedding {
    static let dimensionsDefault = 1536
    static let dimensionsMax = 16_384

    static func vector(of text: UnsafeRawBufferPointer, dimensions: Int) -> [Float] {
        var generator = SplitMix64(seed: Hash.of(text))
        var vector = (0..<dimensions).map { _ in Float(generator.unit()) * 2 - 1 }
        let length = sqrtf(vector.reduce(0) { $0 + $1 * $1 })
        if length > 0 { for index in vector.indices { vector[index] /= length } }
        return vector
    }

    /// As a list of decimals with eight places.
    static func write(_ vector: [Float], to out: inout ByteQueue) {
        out.append("[")
        for (index, value) in vector.enumerated() {
            if index > 0 { out.append(byte: UInt8(ascii: ",")) }
            if value < 0 { out.append(byte: UInt8(ascii: "-")) }
            let scaled = Int((abs(Double(value)) * 100_000_000).rounded())
            out.append(decimal: scaled / 100_000_000)
            out.append(byte: UInt8(ascii: "."))
            var places = 10_000_000
            while places > 0 {
                out.append(byte: UInt8(ascii: "0") + UInt8(scaled / places % 10))
                places /= 10
            }
        }
        out.append("]")
    }

    /// As base64 of little-endian 32-bit floats, in quotes: what the official SDKs ask for.
    static func writeBase64(_ vector: [Float], to out: inout ByteQueue) {
        out.append("\"")
        vector.withUnsafeBytes { bytes in
            var index = 0
            while index < bytes.count {
                let left = bytes.count - index
                let word =
                    UInt32(bytes[index]) << 16 | UInt32(left > 1 ? bytes[index + 1] : 0) << 8
                    | UInt32(left > 2 ? bytes[index + 2] : 0)
                out.append(byte: base64(word >> 18))
                out.append(byte: base64(word >> 12))
                out.append(byte: left > 1 ? base64(word >> 6) : UInt8(ascii: "="))
                out.append(byte: left > 2 ? base64(word) : UInt8(ascii: "="))
                index += 3
            }
        }
        out.append("\"")
    }

    private static func base64(_ bits: UInt32) -> UInt8 {
        switch UInt8(bits & 63) {
        case let value where value < 26: value + UInt8(ascii: "A")
        case let value where value < 52: value - 26 + UInt8(ascii: "a")
        case let value where value < 62: value - 52 + UInt8(ascii: "0")
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }
}
