extension String {
    /// What a client sent, shortened and without control characters, fit to be shown in an error.
    public var shown: String {
        let short = unicodeScalars.prefix(100)
        var text = ""
        for scalar in short { text.unicodeScalars.append(scalar.properties.generalCategory == .control ? "?" : scalar) }
        return short.count < unicodeScalars.count ? text + "…" : text
    }
}
