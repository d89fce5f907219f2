// What Anthropic and Converse say about a document beside its bytes, for dialects that have no place for it.

extension Media {
    /// A document's name and context, as the model reads them where its text stands in the message.
    private var heading: String? {
        let words = [title ?? filename, context].compactMap { $0 }.filter { !$0.isEmpty }
        return words.isEmpty ? nil : words.joined(separator: "\n")
    }

    /// The text of a document, with what is said about it.
    func headed(_ text: String) -> String { heading.map { $0 + "\n\n" + text } ?? text }

    /// The parts of a document that is made of parts, with what is said about it; nil for every other medium.
    var spelledOut: [Part]? {
        guard case .parts(let parts) = source else { return nil }
        return (heading.map { [Part(.text(Text($0)))] } ?? []) + parts
    }

    /// The document's words stand in the message itself.
    var isText: Bool {
        switch source {
        case .text, .parts: true
        case .base64, .url, .fileID: false
        }
    }

    /// A name for a document that has none, where the provider demands one and goes by its ending: an address' last part,
    /// else of what it is.
    var madeUpName: String {
        if case .url(let url) = source, let path = url.split(separator: "?").first {
            let parts = path.split(separator: "/")
            if parts.count > 2, let last = parts.last, last.contains(".") { return String(last) }
        }
        guard let ending = ConverseFormats.format(of: self) else { return "document" }
        return "document." + ending
    }

    /// The media type, or what the name's ending or the first bytes tell of it.
    var likelyType: String? {
        mediaType ?? ConverseFormats.format(of: self).flatMap { ConverseFormats.mediaType(of: $0, kind) }
    }
}

extension LossReport {
    /// Reports what a provider's dialect that knows no citations and no context of documents leaves out of one.
    ///
    /// - Parameter isText: the document's words are in the message, and its context with them.
    mutating func dropRemarks(of media: Media, isText: Bool) {
        if media.citationsEnabled == true { drop("citations") }
        if media.context != nil, !isText { drop("context") }
    }
}
