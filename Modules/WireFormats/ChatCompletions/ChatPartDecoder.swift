import JSONText

/// Reads one part of a message's content.
enum ChatPartDecoder {
    static func part(_ value: JSON, at path: String) throws(RequestError) -> Part {
        var members = try ChatMembers(value, at: path)
        var part = Part(.native(value))
        switch try members.requiredString("type") {
        case "text": part.content = .text(Text(try members.requiredString("text")))
        case "refusal": part.content = .refusal(try members.requiredString("refusal"))
        case "image_url": part.content = .media(try image(&members))
        case "video_url": part.content = .media(media(.video, at: try url(&members, "video_url")))
        case "input_audio":
            if members.peek("input_audio")?.string != nil { part.form = "string" }
            part.content = .media(try audio(&members))
        case "file":
            let file = try file(&members)
            part.content = .media(file.media)
            if file.hasFormat { part.form = "format" }
        case "file_url":
            part.content = .media(media(.document, at: try url(&members, "file_url")))
            part.form = "file_url"
        case "document_url":
            part.form = members.peek("document_url")?.object == nil ? "document_url" : "document_url.url"
            let url = try url(&members, "document_url")
            part.content = .media(media(.document, at: url, named: try members.string("document_name")))
        case "thinking":
            guard let text = thinking(&members) else { return part }
            part.content = .reasoning(Reasoning(text))
            part.form = "content"
        default: return part
        }
        if let cache = members.take("cache_control") {
            part.cache = try CacheMarker(chat: cache, at: path + ".cache_control")
        } else if let breakpoint = members.take("prompt_cache_breakpoint") {
            part.cache = try CacheMarker(breakpoint: breakpoint, at: path + ".prompt_cache_breakpoint")
        }
        part.extras = members.leftover
        return part
    }

    /// `{"url": …}`, or the URL itself (Mistral).
    private static func url(_ members: inout ChatMembers, _ key: String) throws(RequestError) -> String {
        if members.peek(key)?.string != nil { return try members.string(key) ?? "" }
        guard let object = try members.object(key) else { throw RequestError.missing(members.name(key)) }
        var inner = ChatMembers(object, at: members.name(key))
        let url = try inner.requiredString("url")
        if !inner.leftover.isEmpty { members.put(key, .object(inner.leftover)) }
        return url
    }

    private static func media(_ kind: Media.Kind, at url: String, named filename: String? = nil) -> Media {
        Media(kind, dataURL: url, filename: filename) ?? Media(kind, .url(url), filename: filename)
    }

    private static func image(_ members: inout ChatMembers) throws(RequestError) -> Media {
        var media = media(.image, at: try url(&members, "image_url"))
        guard let rest = members.take("image_url")?.object else { return media }
        var inner = ChatMembers(rest, at: members.name("image_url"))
        media.detail = try inner.string("detail")
        if !inner.leftover.isEmpty { members.put("image_url", .object(inner.leftover)) }
        return media
    }

    /// OpenAI's `{"data", "format"}`; Mistral's clients send base64 or a URL as a string.
    private static func audio(_ members: inout ChatMembers) throws(RequestError) -> Media {
        if let text = members.peek("input_audio")?.string {
            _ = members.take("input_audio")
            let media = media(.audio, at: text)
            if case .url = media.source, !isAddress(text) { return Media(.audio, .base64(text)) }
            return media
        }
        guard let object = try members.object("input_audio") else {
            throw RequestError.missing(members.name("input_audio"))
        }
        var inner = ChatMembers(object, at: members.name("input_audio"))
        let data = try inner.requiredString("data")
        let format = try inner.string("format")
        if !inner.leftover.isEmpty { members.put("input_audio", .object(inner.leftover)) }
        return Media(.audio, .base64(data), mediaType: format.map(AudioFormat.mediaType))
    }

    /// What the model said aloud: OpenAI's id, or the whole that its answers hold, of which the words are read.
    ///
    /// - Returns: nil where there is neither an id nor words.
    static func spoken(_ audio: JSONObject) -> Part? {
        let words = audio["transcript"]?.string ?? ""
        guard let id = audio["id"]?.string ?? (words.isEmpty ? nil : "") else { return nil }
        var media = Media(.audio, .fileID(id))
        media.transcript = words.isEmpty ? nil : words
        var part = Part(.media(media))
        if audio.count > 1 || audio["id"] == nil { part.extras["audio"] = .object(audio) }
        return part
    }

    private static func isAddress(_ text: String) -> Bool { text.hasPrefix("http://") || text.hasPrefix("https://") }

    /// By base64 in a `data:` URL, by id, or (OpenRouter) by URL.
    ///
    /// - Returns: also whether its type was told in `format` (LiteLLM).
    private static func file(_ members: inout ChatMembers) throws(RequestError) -> (media: Media, hasFormat: Bool) {
        guard let object = try members.object("file") else { throw RequestError.missing(members.name("file")) }
        var inner = ChatMembers(object, at: members.name("file"))
        let filename = try inner.string("filename")
        var media: Media
        if let data = try inner.string("file_data") {
            media = self.media(.document, at: data, named: filename)
            if case .url = media.source, !isAddress(data) { media.source = .base64(data) }
        } else {
            media = Media(.document, .fileID(try inner.requiredString("file_id")), filename: filename)
        }
        let format = try inner.string("format")
        let hasFormat = format != nil && media.mediaType == nil
        if hasFormat { media.mediaType = format } else { inner.put("format", format.map { .string($0) }) }
        if !inner.leftover.isEmpty { members.put("file", .object(inner.leftover)) }
        return (media, hasFormat)
    }

    /// Mistral's `{"type":"thinking","thinking":[{"type":"text","text":…}]}`.
    ///
    /// Source: https://docs.mistral.ai/capabilities/reasoning (read on 2026-11-29).
    static func thinking(_ members: inout ChatMembers) -> String? {
        guard let chunks = members.peek("thinking")?.array else { return nil }
        var text = ""
        for chunk in chunks {
            guard let object = chunk.object, object.count == 2, chunk["type"]?.string == "text",
                let piece = chunk["text"]?.string
            else { return nil }
            text += piece
        }
        _ = members.take("thinking")
        return text
    }
}
