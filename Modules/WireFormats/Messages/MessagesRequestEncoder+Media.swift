import JSONText

/// Images and documents.
extension MessagesRequestEncoder {
    mutating func encoded(_ media: Media, _ part: Part, at place: BodyPlace) throws(RequestError) -> JSONObject {
        let path = place.path
        if part.extras["type"]?.string == "search_result", isOwn { return try searchResult(media, at: path) }
        if !isOwn, let found = SearchResult(part) { return found.messages }
        if let detail = media.detail, detail != "auto" { losses.drop("detail") }
        switch media.kind {
        case .image: return ["type": "image", "source": .object(try imageSource(media, path))]
        case .document:
            var block: JSONObject = ["type": "document"]
            block["source"] = .object(try documentSource(media, path))
            if let title = media.title ?? media.filename { block["title"] = .string(title) }
            if let context = media.context { block["context"] = .string(context) }
            if let enabled = media.citationsEnabled { block["citations"] = ["enabled": .bool(enabled)] }
            return block
        case .audio: throw MessagesRequestEncoder.unsupported(path, "audio")
        case .video: throw MessagesRequestEncoder.unsupported(path, "video")
        }
    }

    static func unsupported(_ path: String, _ what: String) -> RequestError {
        RequestError(
            message: "Invalid '\(path)': this model's provider takes no \(what).", param: path,
            code: "unsupported_content")
    }

    private mutating func searchResult(_ media: Media, at path: String) throws(RequestError) -> JSONObject {
        var block: JSONObject = ["type": "search_result"]
        if let title = media.title { block["title"] = .string(title) }
        var content: [JSON] = []
        if case .parts(let parts) = media.source {
            for part in parts { content += try encoded(part, at: BodyPlace(path), role: .user) }
        }
        block["content"] = .array(content)
        if let enabled = media.citationsEnabled { block["citations"] = ["enabled": .bool(enabled)] }
        return block
    }

    /// Images are JPEG, PNG, GIF or WebP (https://docs.claude.com/en/docs/build-with-claude/vision, read on 2026-11-29).
    private func imageSource(_ media: Media, _ path: String) throws(RequestError) -> JSONObject {
        switch media.source {
        case .base64(let data):
            let type = isOwn ? media.mediaType ?? media.imageType : media.imageType
            let isTaken = ["image/jpeg", "image/png", "image/gif", "image/webp"].contains(type)
            guard isTaken || isOwn else { throw MessagesRequestEncoder.unsupported(path, "images of type \(type)") }
            return ["type": "base64", "media_type": .string(type), "data": .string(data)]
        case .url(let url):
            if let inline = DataURL.parsed(url) {
                var media = media
                media.source = .base64(inline.base64)
                media.mediaType = inline.mediaType
                return try imageSource(media, path)
            }
            return try remote(url, path)
        case .fileID(let id): return try file(id, path)
        case .text, .parts: throw MessagesRequestEncoder.unsupported(path, "images made of text")
        }
    }

    private mutating func documentSource(_ media: Media, _ path: String) throws(RequestError) -> JSONObject {
        switch media.source {
        case .base64(let data):
            if isOwn {
                let type = media.mediaType ?? "application/pdf"
                return ["type": "base64", "media_type": .string(type), "data": .string(data)]
            }
            // A file of which nothing is told is most likely a PDF, and Anthropic says where it is none.
            let type = media.likelyType.map(MediaFormats.normal) ?? "application/pdf"
            if type == "application/pdf" {
                return ["type": "base64", "media_type": .string(type), "data": .string(data)]
            }
            // Of other files, only text can be read.
            guard let text = media.readableText else {
                let what = MediaFormats.isText(type) ? "text but in UTF-8" : "documents of type \(type)"
                throw MessagesRequestEncoder.unsupported(path, what)
            }
            return ["type": "text", "media_type": "text/plain", "data": .string(text)]
        case .url(let url):
            if let inline = DataURL.parsed(url) {
                var media = media
                media.source = .base64(inline.base64)
                media.mediaType = inline.mediaType
                return try documentSource(media, path)
            }
            return try remote(url, path)
        case .fileID(let id): return try file(id, path)
        case .text(let text):
            var source: JSONObject = ["type": "text", "media_type": "text/plain", "data": .string(text)]
            if isOwn { source["media_type"] = media.mediaType.map { .string($0) } }
            return source
        case .parts(let parts):
            var blocks: [JSON] = []
            for part in parts { blocks += try encoded(part, at: BodyPlace(path), role: .user) }
            return ["type": "content", "content": .array(blocks)]
        }
    }

    private func remote(_ url: String, _ path: String) throws(RequestError) -> JSONObject {
        guard isOwn || url.hasPrefix("https://") || url.hasPrefix("http://") else {
            throw MessagesRequestEncoder.unsupported(path, "addresses but http and https")
        }
        return ["type": "url", "url": .string(url)]
    }

    /// Another provider's file is unknown here.
    private func file(_ id: String, _ path: String) throws(RequestError) -> JSONObject {
        guard isOwn else { throw MessagesRequestEncoder.unsupported(path, "files of another provider's") }
        return ["type": "file", "file_id": .string(id)]
    }
}
