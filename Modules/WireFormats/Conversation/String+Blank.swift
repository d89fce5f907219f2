extension String {
    /// Nothing but white space, as what refuses blank texts and stop sequences sees it (Anthropic, Bedrock).
    var isBlank: Bool {
        // Nearly always the first byte tells.
        if let first = utf8.first, (0x21...0x7E).contains(first) { return false }
        return allSatisfy(\.isWhitespace)
    }
}
