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
        case "video_url": part.content = .media(Media(.video, source(try url(&members, "video_url")).0))
        case "input_audio":
            let isObject = members.peek("input_audio")?.object != nil
            let media = try audio(&members)
            part.content = .media(media)
            // Without a format it could have been either.
            if isObject, media.mediaType == nil { part.form = "object" }
        case "file": part.content = .media(try file(&members))
        case "file_url":
            part.content = .media(document(try url(&members, "file_url")))
            part.form = "file_url"
        case "document_url":
            var media = document(try url(&members, "document_url"))
            media.filename = try members.string("document_name")
            part.content = .media(media)
            part.form = "document_url"
        case "thinking":
            guard let text = thinking(&members) else { return part }
            part.content = .reasoning(Reasoning(text))
            part.form = "content"
        default: return part
        }
        if let cache = members.take("cache_control") {
            part.cache = try CacheMarker(chat: cache, at: path + ".cache_control")
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

    private static func source(_ url: String) -> (Media.Source, mediaType: String?) {
        if let data = ChatDataURL.parsed(url) { return (.base64(data.base64), data.mediaType) }
        return (.url(url), nil)
    }

    private static func document(_ url: String) -> Media {
        let (source, mediaType) = source(url)
        return Media(.document, source, mediaType: mediaType)
    }

    private static func image(_ members: inout ChatMembers) throws(RequestError) -> Media {
        let url = try url(&members, "image_url")
        let (source, mediaType) = source(url)
        var media = Media(.image, source, mediaType: mediaType)
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
            let isURL = text.hasPrefix("http://") || text.hasPrefix("https://")
            return Media(.audio, isURL ? .url(text) : .base64(text))
        }
        guard let object = try members.object("input_audio") else {
            throw RequestError.missing(members.name("input_audio"))
        }
        var inner = ChatMembers(object, at: members.name("input_audio"))
        let data = try inner.requiredString("data")
        let format = try inner.string("format")
        if !inner.leftover.isEmpty { members.put("input_audio", .object(inner.leftover)) }
        return Media(.audio, .base64(data), mediaType: format.map(ChatAudioFormat.mediaType))
    }

    /// By base64 in a `data:` URL, by id, or (OpenRouter) by URL.
    private static func file(_ members: inout ChatMembers) throws(RequestError) -> Media {
        guard let object = try members.object("file") else { throw RequestError.missing(members.name("file")) }
        var inner = ChatMembers(object, at: members.name("file"))
        let filename = try inner.string("filename")
        var media: Media
        if let data = try inner.string("file_data") {
            let isURL = data.hasPrefix("http://") || data.hasPrefix("https://")
            if let parsed = ChatDataURL.parsed(data) {
                media = Media(.document, .base64(parsed.base64), mediaType: parsed.mediaType)
            } else {
                media = Media(.document, isURL ? .url(data) : .base64(data))
            }
        } else {
            media = Media(.document, .fileID(try inner.requiredString("file_id")))
        }
        media.filename = filename
        if let format = try inner.string("format") { media.mediaType = media.mediaType ?? format }
        if !inner.leftover.isEmpty { members.put("file", .object(inner.leftover)) }
        return media
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

/// Chat's names of sound formats and their media types.
enum ChatAudioFormat {
    static func mediaType(_ format: String) -> String { format == "mp3" ? "audio/mpeg" : "audio/" + format }

    static func format(_ mediaType: String) -> String {
        switch mediaType {
        case "audio/mpeg", "audio/mp3": "mp3"
        case "audio/x-wav", "audio/wave", "audio/vnd.wave": "wav"
        default: mediaType.hasPrefix("audio/") ? String(mediaType.dropFirst(6)) : mediaType
        }
    }
}
