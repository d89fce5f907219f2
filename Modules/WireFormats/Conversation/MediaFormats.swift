import JSONText

/// What a file is: Converse's words, which are the endings of names too, and the media types of the other dialects.
///
/// Source: ImageFormat, DocumentFormat, VideoFormat and AudioFormat of botocore 1.44.8, bedrock-runtime (2026-11-29).
enum MediaFormats {
    /// The first word of a media type is the one that is written for it.
    static let table: [(kind: Media.Kind, format: String, mediaType: String)] = [
        (.image, "png", "image/png"), (.image, "jpeg", "image/jpeg"), (.image, "gif", "image/gif"),
        (.image, "webp", "image/webp"),
        (.document, "pdf", "application/pdf"), (.document, "txt", "text/plain"), (.document, "csv", "text/csv"),
        (.document, "md", "text/markdown"), (.document, "html", "text/html"),
        (.document, "doc", "application/msword"),
        (.document, "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (.document, "xls", "application/vnd.ms-excel"),
        (.document, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (.video, "mp4", "video/mp4"), (.video, "mkv", "video/x-matroska"), (.video, "mov", "video/quicktime"),
        (.video, "webm", "video/webm"), (.video, "flv", "video/x-flv"), (.video, "mpeg", "video/mpeg"),
        (.video, "mpg", "video/mpeg"), (.video, "wmv", "video/x-ms-wmv"), (.video, "three_gp", "video/3gpp"),
        (.audio, "mp3", "audio/mpeg"), (.audio, "wav", "audio/wav"), (.audio, "flac", "audio/flac"),
        (.audio, "aac", "audio/aac"), (.audio, "ogg", "audio/ogg"), (.audio, "opus", "audio/opus"),
        (.audio, "m4a", "audio/mp4"), (.audio, "webm", "audio/webm"), (.audio, "mka", "audio/x-matroska"),
        (.audio, "pcm", "audio/pcm"),
    ]

    /// Other spellings of media types that clients send.
    private static let spellings: [String: String] = [
        "image/jpg": "image/jpeg", "text/x-markdown": "text/markdown", "application/csv": "text/csv",
        "audio/mp3": "audio/mpeg", "audio/x-wav": "audio/wav", "audio/wave": "audio/wav", "audio/x-m4a": "audio/mp4",
        "audio/x-flac": "audio/flac", "audio/x-aac": "audio/aac", "video/mpg": "video/mpeg",
    ]

    static func mediaType(of format: String, _ kind: Media.Kind) -> String? {
        table.first { $0.kind == kind && $0.format == format }?.mediaType
    }

    /// - Returns: nil where Converse has no word for it.
    static func format(of mediaType: String, _ kind: Media.Kind) -> String? {
        var type = String(mediaType.prefix { $0 != ";" && $0 != " " }).lowercased()
        type = spellings[type] ?? type
        if let known = table.first(where: { $0.kind == kind && $0.mediaType == type }) { return known.format }
        return kind == .document && isText(type) ? "txt" : nil
    }

    /// Source code, JSON, XML and their like are text too.
    static func isText(_ mediaType: String) -> Bool {
        mediaType.hasPrefix("text/") || ["application/json", "application/xml", "application/csv"].contains(mediaType)
    }

    static func hasKnownEnding(_ name: some StringProtocol) -> Bool { format(ofName: name) != nil }

    /// Whether a name ends as those of files do, known to the table or not: `.json`, not the `.2` of a version.
    static func hasEnding(_ name: String) -> Bool {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return false }
        let ending = name[name.index(after: dot)...].unicodeScalars
        return ending.count <= 8 && ending.contains { $0.properties.isAlphabetic }
            && ending.allSatisfy { $0.properties.isAlphabetic || (48...57).contains($0.value) }
    }

    /// What a name's ending says.
    private static func format(ofName name: some StringProtocol) -> String? {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        let ending = name[name.index(after: dot)...].lowercased()
        let word = ending == "jpg" ? "jpeg" : ending
        return table.first { $0.format == word }?.format
    }

    /// The format of a medium, from its media type, its name's ending, or its first bytes.
    static func format(of media: Media) -> String? {
        if let mediaType = media.mediaType { return format(of: mediaType, media.kind) }
        if let word = (media.filename ?? media.title).flatMap({ format(ofName: $0) }),
            table.contains(where: { $0.kind == media.kind && $0.format == word })
        {
            return word
        }
        if case .text = media.source { return "txt" }
        if case .parts = media.source { return "txt" }
        guard case .base64(let data) = media.source else { return nil }
        return signatures.first { $0.kind == media.kind && data.utf8.starts(with: $0.start.utf8) }?.format
    }

    /// How the base64 of well-known files begins.
    private static let signatures: [(kind: Media.Kind, start: String, format: String)] = [
        (.image, "iVBORw0K", "png"), (.image, "/9j/", "jpeg"), (.image, "R0lGOD", "gif"), (.image, "UklGR", "webp"),
        (.document, "JVBERi", "pdf"), (.audio, "UklGR", "wav"), (.audio, "SUQz", "mp3"), (.audio, "ZkxhQ", "flac"),
    ]
}
