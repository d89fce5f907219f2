/// What the mock must get back byte for byte: signatures of thinking, encrypted reasoning, thought signatures.
///
/// 1. A signature is made of its purpose and the text it signs alone, so that any mock recognizes any mock's, also after
///    a restart.
/// 2. It is base64 of 16 bytes of hash over purpose and text, a nonce, and 16 bytes of hash over all of that. A changed,
///    cut or invented one is told from a true one by itself; a true one at the wrong text by its first hash.
struct Signature {
    enum Purpose: String {
        /// Anthropic's `thinking` block, also through Bedrock and Vertex.
        case thinking
        /// Anthropic's `redacted_thinking`, Converse's `redactedContent`.
        case redacted
        /// Gemini's `thoughtSignature`.
        case thought
        /// The `encrypted_content` of a reasoning or compaction item of the Responses API.
        case encrypted
        /// The `encrypted_content` of a search result and the `encrypted_index` of its citation.
        case search
    }

    private static let hashBytes = 16

    static func make(_ purpose: Purpose, of text: [UInt8], nonce: [UInt8] = []) -> String {
        let body = prefix(purpose, text) + nonce
        return Base64.text(body + seal(purpose, body))
    }

    /// Whether the mock issued it for this purpose; for this text too, where one is given.
    static func isGenuine(_ signature: [UInt8], _ purpose: Purpose, of text: [UInt8]? = nil) -> Bool {
        // Only the exact text that was issued: a decoder that forgives would not see a changed letter in the padding.
        // Google's field is bytes, and its own SDK sends them back in the alphabet for URLs.
        let signature = purpose == .thought ? standard(signature) : signature
        guard let bytes = Base64.decoded(signature), Base64.encoded(bytes) == signature,
            bytes.count >= 2 * hashBytes
        else { return false }
        let body = Array(bytes.dropLast(hashBytes))
        guard seal(purpose, body) == Array(bytes.suffix(hashBytes)) else { return false }
        guard let text else { return true }
        return Array(body.prefix(hashBytes)) == prefix(purpose, text)
    }

    private static func standard(_ text: [UInt8]) -> [UInt8] {
        var text = text.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? 0x2F : $0 }
        while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
        return text
    }

    /// What follows the hashes of a genuine signature.
    static func nonce(of signature: [UInt8]) -> [UInt8]? {
        guard let bytes = Base64.decoded(signature), bytes.count >= 2 * hashBytes else { return nil }
        return Array(bytes.dropFirst(hashBytes).dropLast(hashBytes))
    }

    private static func prefix(_ purpose: Purpose, _ text: [UInt8]) -> [UInt8] {
        Array(SHA256.digest(Array("tollgate-mock \(purpose.rawValue)\n".utf8) + text).prefix(hashBytes))
    }

    private static func seal(_ purpose: Purpose, _ body: [UInt8]) -> [UInt8] {
        Array(SHA256.digest(Array("tollgate-mock seal \(purpose.rawValue)\n".utf8) + body).prefix(hashBytes))
    }
}
