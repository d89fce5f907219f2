/// A name with one `*`, which stands for any text, also none.
struct StarPattern: Sendable {
    private let before: [UInt8]
    private let after: [UInt8]

    /// - Returns: nil where `text` has no `*`; of several the first is one.
    init?(_ text: String) {
        guard let star = text.utf8.firstIndex(of: UInt8(ascii: "*")) else { return nil }
        before = Array(text.utf8[..<star])
        after = Array(text.utf8[text.utf8.index(after: star)...])
    }

    /// Bytes besides the star.
    var size: Int { before.count + after.count }

    /// - Returns: what the star stands for in `name`; nil where the name doesn't fit.
    func rest(of name: String) -> String? {
        guard size > 0 else { return name }
        var name = name
        return name.withUTF8 { bytes in
            guard bytes.count >= size, bytes.starts(with: before), bytes.suffix(after.count).elementsEqual(after)
            else { return nil }
            return String(decoding: bytes[before.count..<bytes.count - after.count], as: UTF8.self)
        }
    }

    /// The name in which the star stands for that text.
    func filled(with text: String) -> String {
        size == 0 ? text : String(decoding: before + text.utf8 + after, as: UTF8.self)
    }
}
