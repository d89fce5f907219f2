import JSONText

// What clients say about a document or a sound beside its bytes, for dialects that say it elsewhere or not at all.

extension Media {
    /// A document's name and context, as the model reads them where its text stands in the message.
    fileprivate func heading(_ source: String? = nil) -> String? {
        let words = [title ?? filename, source, context].compactMap { $0 }.filter { !$0.isEmpty }
        return words.isEmpty ? nil : words.joined(separator: "\n")
    }

    /// The text of a document, with what is said about it.
    func headed(_ text: String) -> String { heading().map { $0 + "\n\n" + text } ?? text }

    /// The document's words, where it is one that any model can read as text: its text, or a file that is text in UTF-8.
    var readableText: String? {
        switch source {
        case .text(let text): return text
        case .base64(let data):
            guard kind == .document, let type = likelyType, MediaFormats.isText(type) else { return nil }
            return Base64.decoded(data.utf8).flatMap { String(validating: $0, as: UTF8.self) }
        case .url, .fileID, .parts: return nil
        }
    }

    /// The document's words stand in the request.
    var isText: Bool {
        if case .text = source { true } else { false }
    }

    /// The media type, or what the name's ending or the first bytes tell of it. An image's is without parameters, and one
    /// that is no image's (`application/octet-stream`) tells nothing.
    var likelyType: String? {
        let told = kind == .image ? mediaType.map(MediaFormats.normal) : mediaType
        if let told, kind != .image || told.hasPrefix("image/") { return told }
        return MediaFormats.likelyType(of: self) ?? told
    }

    /// The type of an image, for dialects that must be told one.
    var imageType: String { likelyType ?? "image/png" }

    /// A name for providers that demand one and go by its ending: the client's, with an ending where it has none; else an
    /// address' last part; else one that says what it is.
    var fileName: String {
        let ending = MediaFormats.ending(of: self)
        if let name = filename ?? title {
            guard let ending, !MediaFormats.hasEnding(name) else { return name }
            return name + "." + ending
        }
        if let last = nameInAddress, MediaFormats.hasKnownEnding(last) { return String(last) }
        return ending.map { "document." + $0 } ?? "document"
    }

    /// The last part of an address' path.
    var nameInAddress: Substring? {
        guard case .url(let url) = source else { return nil }
        let path = url.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        // Behind `https:`, nothing and the host.
        let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return parts.dropFirst(3).last.map { Substring($0) }
    }

    /// An address that means something to that cloud's own models only.
    var isInAmazonStorage: Bool { hasAddress("s3://") }
    var isInCloudStorage: Bool { isInAmazonStorage || hasAddress("gs://") }

    private func hasAddress(_ beginning: StaticString) -> Bool {
        if case .url(let url) = source { return url.hasPrefix("\(beginning)") }
        return false
    }
}

extension Part {
    /// Anthropic's and Converse's documents that are made of parts, and what a search found.
    var isDocumentOfParts: Bool {
        if case .media(let media) = content, case .parts = media.source { return true }
        return false
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

    /// The parts of a document that is made of parts, with what is said about it before them; other parts as they are.
    fileprivate mutating func spelledOut(_ part: Part) -> [Part] {
        guard case .media(let media) = part.content, case .parts(let inner) = media.source else { return [part] }
        dropRemarks(of: media, isText: true)
        // Of what a search found, the address is what a model cites.
        let searched = part.searchResultMembers
        drop(searched?.without(["source"]) ?? part.extras)
        let heading = media.heading(searched?["source"]?.string)
        var parts = (heading.map { [Part.text($0)] } ?? []) + inner.flatMap { spelledOut($0) }
        if let last = parts.indices.last, parts[last].cache == nil { parts[last].cache = part.cache }
        return parts
    }
}

extension Conversation {
    /// The conversation as an encoder of a dialect without documents made of parts takes it.
    func prepared(for dialect: Dialect, _ losses: inout LossReport) -> Conversation {
        var prepared = self
        prepared.joinPieces(for: dialect)
        for turn in prepared.turns.indices where prepared.turns[turn].holdsDocumentsOfParts {
            prepared.turns[turn].parts = prepared.turns[turn].parts.flatMap { part in
                guard case .toolResult(var result) = part.content else { return losses.spelledOut(part) }
                result.parts = result.parts.flatMap { losses.spelledOut($0) }
                var part = part
                part.content = .toolResult(result)
                return [part]
            }
        }
        return prepared
    }
}

extension Conversation {
    /// Makes of each sound what a dialect but the client's own can carry: a spoken answer of the model's becomes its words
    /// (the sound is reported), and what a client sent without its format gets that which its beginning tells.
    ///
    /// - Throws: a 400 where nothing tells a sound's format: the dialects that take sounds want one, and none is invented.
    mutating func settleSounds(for dialect: Dialect, _ losses: inout LossReport) throws(RequestError) {
        let wantsFormat = [.chatCompletions, .responses, .generateContent, .converse].contains(dialect)
        for turn in turns.indices {
            let isModels = turns[turn].role == .assistant
            for part in turns[turn].parts.indices {
                let place = BodyPlace("messages", turn, "content", part)
                switch turns[turn].parts[part].content {
                case .media(let media) where media.kind == .audio:
                    if isModels, let words = media.transcript {
                        turns[turn].parts[part].content = .text(Text(words))
                        turns[turn].parts[part].extras = JSONObject()
                        losses.drop("audio")
                    } else if wantsFormat {
                        turns[turn].parts[part].content = .media(try media.withFormat(for: dialect, at: place))
                    }
                case .toolResult(var result) where wantsFormat && result.parts.contains(where: \.isSound):
                    for inner in result.parts.indices {
                        guard case .media(let media) = result.parts[inner].content, media.kind == .audio else {
                            continue
                        }
                        result.parts[inner].content = .media(try media.withFormat(for: dialect, at: place))
                    }
                    turns[turn].parts[part].content = .toolResult(result)
                default: break
                }
            }
        }
    }
}

extension Part {
    fileprivate var isSound: Bool {
        if case .media(let media) = content { return media.kind == .audio }
        return false
    }
}

extension Media {
    fileprivate func withFormat(for dialect: Dialect, at place: BodyPlace) throws(RequestError) -> Media {
        var told = self
        told.mediaType = likelyType
        if told.mediaType != nil { return told }
        let teller: String
        switch source {
        case .fileID, .parts, .text: return self
        // Google alone must be told what an address leads to. Others refuse it, or find out.
        case .url:
            if dialect != .generateContent { return self }
            teller = "the end of its address"
        case .base64: teller = "its beginning"
        }
        throw RequestError(
            message: "Invalid '\(place.path)': the sound's format is not told, and \(teller) doesn't tell it.",
            param: place.path, code: "unsupported_content")
    }
}

extension Turn {
    fileprivate var holdsDocumentsOfParts: Bool {
        parts.contains { $0.isDocumentOfParts || $0.toolResult?.parts.contains(where: \.isDocumentOfParts) == true }
    }
}
