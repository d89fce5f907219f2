/// What credentials look like, so that one that nobody told us of is taken out of a text too.
///
/// Three shapes, found in one pass:
/// 1. A token that begins like an issuer's keys: `sk-…`, `AIza…`, `AKIA…`, `eyJ…` (a JWT).
/// 2. What follows `Bearer ` or `Basic `.
/// 3. The value of a telling name: `key=…`, `sig=…`, `"api_key": "…"`, `x-api-key: …`.
///
/// It rather takes out too much: the texts it is for are error messages.
enum CredentialShapes {
    private struct TokenShape {
        let prefix: [UInt8]
        /// How many more characters of a token must follow.
        let rest: Int

        init(_ prefix: String, rest: Int) {
            self.prefix = Array(prefix.utf8)
            self.rest = rest
        }
    }

    private static let tokenShapes: [TokenShape] = [
        TokenShape("sk-", rest: 6),  // OpenAI, Anthropic, DeepSeek, OpenRouter, our own; also masked: sk-****abcd
        TokenShape("pk-", rest: 16),
        TokenShape("rk-", rest: 16),
        TokenShape("AIza", rest: 20),  // Google API key
        TokenShape("ya29.", rest: 10),  // Google OAuth access token
        TokenShape("AKIA", rest: 12),  // AWS access key id
        TokenShape("ASIA", rest: 12),  // AWS temporary access key id
        TokenShape("gsk_", rest: 16),  // Groq
        TokenShape("xai-", rest: 16),
        TokenShape("pplx-", rest: 16),
        TokenShape("hf_", rest: 16),
        TokenShape("r8_", rest: 16),  // Replicate
        TokenShape("nvapi-", rest: 16),
        TokenShape("fw_", rest: 16),  // Fireworks
        TokenShape("ghp_", rest: 16),
        TokenShape("gho_", rest: 16),
        TokenShape("ghs_", rest: 16),
        TokenShape("github_pat_", rest: 16),
        TokenShape("glpat-", rest: 16),
        TokenShape("xoxb-", rest: 10),
        TokenShape("xoxp-", rest: 10),
        TokenShape("eyJ", rest: 20),  // the base64 of `{"`: a JWT
    ]

    private static let tokenShapesByFirstByte: [[TokenShape]] = {
        var table = [[TokenShape]](repeating: [], count: 256)
        for shape in tokenShapes { table[Int(shape.prefix[0])].append(shape) }
        return table
    }()

    private static let schemes = ["bearer", "basic"].map { Array($0.utf8) }

    /// Names whose value goes when it follows `=`. The end of a name decides: `api_key` ends in `key`.
    private static let namesBeforeEquals = [
        "key", "sig", "signature", "token", "secret", "password", "passwd", "pwd", "credential", "auth",
    ].map { Array($0.utf8) }

    /// Names whose value goes when it follows `:` (a header or a JSON member). Fewer: `token: 5` is harmless.
    private static let namesBeforeColon = [
        "api-key", "api_key", "apikey", "access_token", "refresh_token", "client_secret", "secret_key", "secretkey",
        "secret_access_key", "secretaccesskey", "private_key", "password", "authorization", "security-token",
    ].map { Array($0.utf8) }

    static func spans(in text: UnsafeRawBufferPointer) -> [Range<Int>] {
        var spans: [Range<Int>] = []
        var position = 0
        var wordStart = 0
        while position < text.count {
            let byte = text[position]
            if isWord(byte) {
                // A token starts a word or follows a joining character: `key_sk-…` has one, `task-force` has none.
                let mayBegin = position == wordStart || isJoint(text[position - 1]) || isBehindEscape(text, position)
                if mayBegin, let end = tokenEnd(in: text, at: position) {
                    spans.append(position..<end)
                    position = end
                    wordStart = end
                } else {
                    position += 1
                }
                continue
            }
            let value = valueSpan(in: text, after: wordStart..<position)
            if let value, !value.isEmpty {
                spans.append(value)
                position = value.upperBound
            } else {
                position += 1
            }
            wordStart = position
        }
        return spans
    }

    /// A name or scheme has just ended: where the value that belongs to it stands, if it is one of ours.
    private static func valueSpan(in text: UnsafeRawBufferPointer, after word: Range<Int>) -> Range<Int>? {
        guard !word.isEmpty, word.count <= 128 else { return nil }
        switch text[word.upperBound] {
        case UInt8(ascii: "="):
            guard namesBeforeEquals.contains(where: { ends(word, with: $0, in: text) }) else { return nil }
            return value(in: text, from: word.upperBound + 1, endsAtSpace: true)
        case UInt8(ascii: ":"):
            return valueAfterColon(in: text, word, colon: word.upperBound)
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"):
            // A JSON member, or one in a text that is JSON inside JSON: \"api_key\": \"…\".
            let next = word.upperBound + (text[word.upperBound] == UInt8(ascii: "\\") ? 2 : 1)
            guard let colon = skippingSpaces(in: text, from: next), text[colon] == UInt8(ascii: ":") else { return nil }
            return valueAfterColon(in: text, word, colon: colon)
        case UInt8(ascii: " "):
            guard schemes.contains(where: { isWhole(word, $0, in: text) }),
                let start = skippingSpaces(in: text, from: word.upperBound)
            else { return nil }
            let end = valueEnd(in: text, from: start, endsAtSpace: true)
            // "Bearer authentication is required" is prose; a credential is longer than its words or not a word.
            return end - start >= 8 && !isLowercaseWord(text, start..<end) ? start..<end : nil
        default:
            return nil
        }
    }

    private static func valueAfterColon(
        in text: UnsafeRawBufferPointer, _ word: Range<Int>, colon: Int
    ) -> Range<Int>? {
        guard namesBeforeColon.contains(where: { ends(word, with: $0, in: text) }),
            let start = skippingSpaces(in: text, from: colon + 1)
        else { return nil }
        // "Authorization: Bearer sk-…" goes with its scheme.
        return value(in: text, from: start, endsAtSpace: !ends(word, with: Array("authorization".utf8), in: text))
    }

    /// A value, without the quote in front of it.
    private static func value(
        in text: UnsafeRawBufferPointer, from start: Int, endsAtSpace: Bool
    ) -> Range<Int>? {
        guard start < text.count else { return nil }
        if text[start] == UInt8(ascii: "\"") || text[start] == UInt8(ascii: "'") {
            return start + 1..<quotedEnd(in: text, from: start + 1, quote: text[start])
        }
        if text[start] == UInt8(ascii: "\\"), start + 2 <= text.count {
            return start + 2..<valueEnd(in: text, from: start + 2, endsAtSpace: false)
        }
        let range = start..<valueEnd(in: text, from: start, endsAtSpace: endsAtSpace)
        return jsonValues.contains { text[range].elementsEqual($0) } ? nil : range
    }

    /// No secrets, and what was JSON must stay it. Objects and lists are read on inside.
    private static let jsonValues = ["null", "true", "false", "{", "[", "[{"].map { Array($0.utf8) }

    private static func quotedEnd(in text: UnsafeRawBufferPointer, from start: Int, quote: UInt8) -> Int {
        var end = start
        while end < text.count, text[end] != quote, text[end] != 10 {
            end += text[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(end, text.count)
    }

    private static func valueEnd(in text: UnsafeRawBufferPointer, from start: Int, endsAtSpace: Bool) -> Int {
        var end = start
        while end < text.count {
            switch text[end] {
            case UInt8(ascii: "&"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "<"), UInt8(ascii: ">"),
                UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ","), UInt8(ascii: ";"),
                UInt8(ascii: "#"), UInt8(ascii: "\\"), UInt8(ascii: "`"), 0...31:
                return end
            case UInt8(ascii: " ") where endsAtSpace: return end
            default: end += 1
            }
        }
        return end
    }

    private static func tokenEnd(in text: UnsafeRawBufferPointer, at start: Int) -> Int? {
        for shape in tokenShapesByFirstByte[Int(text[start])] {
            let rest = start + shape.prefix.count
            guard rest + shape.rest <= text.count, text[start..<rest].elementsEqual(shape.prefix),
                text[rest..<rest + shape.rest].allSatisfy(isToken)
            else { continue }
            var end = rest + shape.rest
            while end < text.count, isToken(text[end]) { end += 1 }
            // The full stop that ends the sentence is not part of it.
            while end > rest, text[end - 1] == UInt8(ascii: ".") { end -= 1 }
            return end
        }
        return nil
    }

    private static func ends(_ word: Range<Int>, with name: [UInt8], in text: UnsafeRawBufferPointer) -> Bool {
        guard word.count >= name.count else { return false }
        let start = word.upperBound - name.count
        for (offset, wanted) in name.enumerated() {
            let byte = text[start + offset]
            guard ((65...90).contains(byte) ? byte | 0x20 : byte) == wanted else { return false }
        }
        // `monkey=` is not `key=`; `api_key=`, `api-key=` and `apiKey=` are.
        guard start > word.lowerBound else { return true }
        return isJoint(text[start - 1]) || (65...90).contains(text[start]) || isBehindEscape(text, start)
    }

    private static func isWhole(_ word: Range<Int>, _ name: [UInt8], in text: UnsafeRawBufferPointer) -> Bool {
        let start = word.upperBound - name.count
        return ends(word, with: name, in: text) && (start == word.lowerBound || isBehindEscape(text, start))
    }

    /// In JSON as it stands a word may follow an escape: `\nsk-…`, `\u003csk-…`.
    private static func isBehindEscape(_ text: UnsafeRawBufferPointer, _ position: Int) -> Bool {
        let backslash = UInt8(ascii: "\\")
        if position > 1, text[position - 2] == backslash { return escapes.contains(text[position - 1]) }
        return position > 5 && text[position - 6] == backslash && text[position - 5] == UInt8(ascii: "u")
    }

    private static let escapes = Array("bfnrt".utf8)

    private static func isLowercaseWord(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        text[range].allSatisfy { (97...122).contains($0) || $0 == UInt8(ascii: ".") }
    }

    private static func skippingSpaces(in text: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var position = start
        while position < text.count, text[position] == 32 || text[position] == 9 { position += 1 }
        return position < text.count ? position : nil
    }

    /// A character of a name: what a word is made of here.
    private static func isWord(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }

    private static func isJoint(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") }

    /// A character of a token; `*` because upstreams mask the middle of a key and leave its ends.
    private static func isToken(_ byte: UInt8) -> Bool {
        isWord(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "*")
    }
}
