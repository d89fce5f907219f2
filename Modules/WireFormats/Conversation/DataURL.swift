/// `data:` URLs (RFC 2397), in which Chat and Responses carry what other dialects have as base64 with a type.
enum DataURL {
    /// What such a URL holds where it doesn't tell.
    fileprivate static let defaultType = "text/plain"

    /// - Returns: nil where the text is another URL; no media type where it tells none. What is percent-encoded comes back
    ///   as base64.
    static func parsed(_ url: String) -> (mediaType: String?, base64: String)? {
        guard url.prefix(5).lowercased() == "data:", let comma = url.utf8.firstIndex(of: UInt8(ascii: ",")) else {
            return nil
        }
        var head = url[url.utf8.index(url.startIndex, offsetBy: 5)..<comma]
        let rest = url[url.utf8.index(after: comma)...]
        let isBase64 = head.suffix(7).lowercased() == ";base64"
        if isBase64 { head = head.dropLast(7) }
        let data = isBase64 ? String(rest) : Base64.encoded(PercentEncoding.decoded(rest.utf8))
        if head.isEmpty { return (nil, data) }
        // Parameters alone are those of the default.
        return (head.hasPrefix(";") ? defaultType + head : String(head), data)
    }

    static func written(_ mediaType: String, _ base64: String) -> String { "data:\(mediaType);base64,\(base64)" }
}

extension Media {
    /// What a `data:` URL holds. A file in one without a type is text, where nothing else tells.
    ///
    /// - Returns: nil where the text is another URL.
    init?(_ kind: Kind, dataURL url: String, filename: String? = nil) {
        guard let data = DataURL.parsed(url) else { return nil }
        self.init(kind, .base64(data.base64), mediaType: data.mediaType, filename: filename)
        if kind == .document { mediaType = likelyType ?? DataURL.defaultType }
    }
}
