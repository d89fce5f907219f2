extension String {
    /// Nothing but white space, as what refuses blank texts and stop sequences sees it (Anthropic, Bedrock).
    var isBlank: Bool {
        // Nearly always the first byte tells.
        if let first = utf8.first, (0x21...0x7E).contains(first) { return false }
        return allSatisfy(\.isWhitespace)
    }

    /// Without the blanks and line ends behind it; nil where there are none. "final assistant content cannot end with trailing
    /// whitespace" is Anthropic's 400, and that of its models on Bedrock.
    var trimmedAtEnd: String? {
        let kept = utf8.reversed().drop { $0 == 32 || (9...13).contains($0) }
        return kept.count == utf8.count ? nil : String(decoding: kept.reversed(), as: UTF8.self)
    }
}
