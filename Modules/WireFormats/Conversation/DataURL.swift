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
        let data = isBase64 ? String(rest) : Base64.encoded(percentDecoded(rest.utf8))
        if head.isEmpty { return (nil, data) }
        // Parameters alone are those of the default.
        return (head.hasPrefix(";") ? defaultType + head : String(head), data)
    }

    private static func percentDecoded(_ text: Substring.UTF8View) -> [UInt8] {
        let text = Array(text)
        var bytes: [UInt8] = []
        var place = 0
        while place < text.count {
            if text[place] == UInt8(ascii: "%"), place + 2 < text.count, let high = nibble(text[place + 1]),
                let low = nibble(text[place + 2])
            {
                bytes.append(high << 4 | low)
                place += 3
            } else {
                bytes.append(text[place])
                place += 1
            }
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 65...70: digit - 55
        case 97...102: digit - 87
        default: nil
        }
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
