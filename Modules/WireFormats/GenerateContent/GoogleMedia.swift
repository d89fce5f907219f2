import JSONText

/// `inlineData` and `fileData`.
enum GoogleMedia {
    static func kind(of mediaType: String?) -> Media.Kind {
        let type = mediaType?.lowercased() ?? ""
        if type.hasPrefix("image/") { return .image }
        if type.hasPrefix("audio/") { return .audio }
        if type.hasPrefix("video/") { return .video }
        return .document
    }

    /// Files of the Files API and of Cloud Storage: nobody but Google can read them.
    static func isFileID(_ uri: String) -> Bool {
        uri.hasPrefix("gs://") || uri.hasPrefix("files/")
            || (uri.hasPrefix("https://generativelanguage.googleapis.com/") && uri.contains("/files/"))
    }

    /// google-genai writes bytes in the URL-safe alphabet; other providers take the standard one only.
    static func standardBase64(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x2D || $0 == 0x5F }) else { return text }
        let bytes = text.utf8.map { $0 == 0x2D ? 0x2B : $0 == 0x5F ? 0x2F : $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Vertex demands a type; an image of unknown type is most likely a JPEG.
    static func mediaType(_ media: Media) -> String {
        if let type = media.likelyType { return type }
        switch media.kind {
        case .image: return "image/jpeg"
        case .audio: return "audio/mpeg"
        case .video: return "video/mp4"
        case .document: return "application/pdf"
        }
    }
}
