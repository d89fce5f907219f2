extension Secret {
    /// Bytes from the system's random source.
    public static func random(byteCount: Int) -> Secret {
        var source = SystemRandomNumberGenerator()
        return withScratch(byteCount) { bytes in
            for index in bytes.indices { bytes[index] = UInt8.random(in: 0...255, using: &source) }
        }
    }

    /// A text of letters and digits from the system's random source, every one of the 62 equally likely: 48 of them
    /// hold 285 bits.
    public static func randomText(prefix: String = "", characterCount: Int) -> Secret {
        var source = SystemRandomNumberGenerator()
        let prefix = Array(prefix.utf8)
        return withScratch(prefix.count + characterCount) { bytes in
            for index in bytes.indices {
                bytes[index] =
                    index < prefix.count
                    ? prefix[index] : alphabet[Int.random(in: 0..<alphabet.count, using: &source)]
            }
        }
    }

    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
}
