import JSONText

/// What files are: the endings of their names, which are Converse's words too, and their media types.
///
/// Source: ImageFormat, DocumentFormat, VideoFormat and AudioFormat of botocore 1.44.8, bedrock-runtime (2026-11-29).
enum MediaFormats {
    /// Of several endings of a media type the first is written, of several types of an ending the first of its kind.
    private static let table: [(kind: Media.Kind, ending: String, mediaType: String)] = [
        (.image, "png", "image/png"), (.image, "jpeg", "image/jpeg"), (.image, "gif", "image/gif"),
        (.image, "webp", "image/webp"), (.image, "heic", "image/heic"), (.image, "heif", "image/heif"),
        (.document, "pdf", "application/pdf"), (.document, "txt", "text/plain"), (.document, "csv", "text/csv"),
        (.document, "md", "text/markdown"), (.document, "html", "text/html"),
        (.document, "json", "application/json"), (.document, "xml", "application/xml"),
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

    /// Converse has no word for these. Those that are text go there as `txt`.
    private static let unknownToConverse: Set<String> = ["heic", "heif", "json", "xml"]

    /// Other spellings of media types that clients send.
    private static let spellings: [String: String] = [
        "image/jpg": "image/jpeg", "text/x-markdown": "text/markdown", "application/csv": "text/csv",
        "text/xml": "application/xml", "audio/mp3": "audio/mpeg", "audio/x-wav": "audio/wav",
        "audio/wave": "audio/wav", "audio/vnd.wave": "audio/wav", "audio/x-m4a": "audio/mp4",
        "audio/x-flac": "audio/flac", "audio/x-aac": "audio/aac", "video/mpg": "video/mpeg",
    ]

    /// A media type in small letters, without parameters, in its usual spelling.
    static func normal(_ mediaType: String) -> String {
        let type = mediaType.prefix { $0 != ";" && $0 != " " }.lowercased()
        return spellings[type] ?? type
    }

    static func mediaType(of format: String, _ kind: Media.Kind) -> String? {
        table.first { $0.kind == kind && $0.ending == format }?.mediaType
    }

    /// - Returns: nil where Converse has no word for it.
    static func format(of mediaType: String, _ kind: Media.Kind) -> String? {
        let word = ending(of: mediaType, kind)
        if let word, unknownToConverse.contains(word) { return isText(mediaType) ? "txt" : nil }
        return word
    }

    /// The format of a medium, as Converse says it.
    static func format(of media: Media) -> String? { media.likelyType.flatMap { format(of: $0, media.kind) } }

    /// The ending for a name of the medium.
    static func ending(of media: Media) -> String? { media.likelyType.flatMap { ending(of: $0, media.kind) } }

    /// The ending for names of files of that type.
    static func ending(of mediaType: String, _ kind: Media.Kind) -> String? {
        let type = normal(mediaType)
        if let known = table.first(where: { $0.kind == kind && $0.mediaType == type }) { return known.ending }
        return kind == .document && isText(type) ? "txt" : nil
    }

    /// Source code, JSON, XML and their like are text too.
    static func isText(_ mediaType: String) -> Bool {
        let type = normal(mediaType)
        return type.hasPrefix("text/") || ["application/json", "application/xml"].contains(type)
    }

    // MARK: - Names

    static func hasKnownEnding(_ name: some StringProtocol) -> Bool { mediaType(ofName: name, nil) != nil }

    /// Whether a name ends as those of files do, known to the table or not: `.json`, not the `.2` of a version.
    static func hasEnding(_ name: String) -> Bool {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return false }
        let ending = name[name.index(after: dot)...].unicodeScalars
        return ending.count <= 8 && ending.contains { $0.properties.isAlphabetic }
            && ending.allSatisfy { $0.properties.isAlphabetic || (48...57).contains($0.value) }
    }

    /// What a name's ending says.
    ///
    /// - Parameter kind: nil where the file may be of any.
    private static func mediaType(ofName name: some StringProtocol, _ kind: Media.Kind?) -> String? {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        let ending = name[name.index(after: dot)...].lowercased()
        let word = ending == "jpg" ? "jpeg" : ending
        return table.first { $0.ending == word && (kind == nil || $0.kind == kind) }?.mediaType
    }

    /// What an address without a media type leads to. YouTube's are films, which Google's models see
    /// (https://ai.google.dev/gemini-api/docs/video-understanding, read on 2026-11-29).
    static func kind(ofAddress address: String) -> Media.Kind {
        let isYouTube = ["www.youtube.com/", "youtube.com/", "m.youtube.com/", "youtu.be/"].contains {
            address.hasPrefix("https://" + $0)
        }
        if isYouTube { return .video }
        let name = Media(.document, .url(address)).nameInAddress
        let type = name.flatMap { mediaType(ofName: $0, nil) }
        return table.first { $0.mediaType == type }?.kind ?? .document
    }

    /// The media type of a medium that does not tell it: from its name's ending, its source, or its first bytes.
    static func likelyType(of media: Media) -> String? {
        let names = [(media.filename ?? media.title).map { $0[...] }, media.nameInAddress].compactMap { $0 }
        let named = names.lazy.compactMap { mediaType(ofName: $0, media.kind) }.first
        switch media.source {
        case .text, .parts: return named.flatMap { isText($0) ? $0 : nil } ?? "text/plain"
        case .base64(let data):
            if let type = named ?? mediaType(ofBeginning: data, media.kind) { return type }
        case .url, .fileID: if let named { return named }
        }
        // A picture may be sent as a file.
        return names.lazy.compactMap { mediaType(ofName: $0, nil) }.first
    }

    /// What the first bytes of a file tell, in base64.
    private static func mediaType(ofBeginning data: String, _ kind: Media.Kind) -> String? {
        let signed = signatures.first { $0.kind == kind && data.utf8.starts(with: $0.start.utf8) }
        return signed?.mediaType ?? (kind == .audio ? mpegType(ofBeginning: data) : nil)
    }

    /// Frames of MPEG begin with eleven set bits, two for the version and two for the layer: 1 is layer III, which is MP3;
    /// 0 is no layer, but AAC's own frames, in which a twelfth bit is set (ISO/IEC 11172-3 and 13818-7).
    private static func mpegType(ofBeginning data: String) -> String? {
        guard let start = Base64.decoded(data.utf8.prefix(4)), start.count > 1, start[0] == 0xFF else { return nil }
        if start[1] & 0xE6 == 0xE2 { return "audio/mpeg" }
        return start[1] & 0xF6 == 0xF0 ? "audio/aac" : nil
    }

    /// How the base64 of well-known files begins.
    private static let signatures: [(kind: Media.Kind, start: String, mediaType: String)] = [
        (.image, "iVBORw0K", "image/png"), (.image, "/9j/", "image/jpeg"), (.image, "R0lGOD", "image/gif"),
        (.image, "UklGR", "image/webp"), (.document, "JVBERi", "application/pdf"), (.audio, "UklGR", "audio/wav"),
        (.audio, "SUQz", "audio/mpeg"), (.audio, "ZkxhQ", "audio/flac"), (.audio, "T2dnU", "audio/ogg"),
        (.audio, "GkXfo", "audio/webm"),
    ]
}
