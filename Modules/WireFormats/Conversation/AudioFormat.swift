/// The words for formats of sounds in `input_audio` of Chat and Responses, and their media types.
enum AudioFormat {
    static func mediaType(_ format: String) -> String {
        MediaFormats.mediaType(of: format, .audio) ?? "audio/" + format
    }

    /// - Parameter isOwn: the type was made of a client's word, which is to come back.
    /// - Returns: nil where the type says in parameters what no word does: `audio/L16;rate=24000`.
    static func word(_ mediaType: String, isOwn: Bool) -> String? {
        if let word = MediaFormats.ending(of: mediaType, .audio) { return word }
        guard isOwn || !mediaType.utf8.contains(UInt8(ascii: ";")) else { return nil }
        return mediaType.hasPrefix("audio/") ? String(mediaType.dropFirst(6)) : mediaType
    }
}
