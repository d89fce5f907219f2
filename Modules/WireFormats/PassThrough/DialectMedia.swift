import JSONText

/// Finds the media in what a request says, whichever of these dialects it is in; each byte is visited once.
///
/// A medium is told by what stands around its bytes: `{"type":"image","source":{…}}` (Messages), `{"type":"input_image",
/// …}` (Responses), `"inlineData":{…}` (generateContent), `"image":{"format","source"}` (Converse). What a model wrote
/// as arguments, and what a function gave back as JSON, is text whatever it looks like: nothing is looked for in it, so
/// that no text can pass for an image and count less than its bytes.
struct DialectMedia: Sendable {
    private(set) var found: [TokenEstimator.Medium] = []

    /// What an object holds that may be a medium's bytes or address.
    private struct Holding {
        var inlineBytes = 0
        var isNamed = false
        var isText = false
        var mediaType: JSONView?
        var hasSource = false
    }

    private enum Kind { case image, audio, file }

    private enum Key {
        case type, role, opaque, data, address, mediaType, source
        /// Holds a medium by its name alone.
        case inline
        case image, audio, video, document
        case other
    }

    /// What an object says of itself, where it does.
    struct Head {
        var role: JSONView?
        var type: JSONView?
    }

    /// Walks the value at the cursor.
    ///
    /// - Returns: the value's own `role` and `type`, where it is an object that has them.
    @discardableResult mutating func walk(_ cursor: inout JSONCursor) -> Head {
        var head = Head()
        var holding = Holding()
        walk(&cursor, .other, &holding, &head)
        return head
    }

    /// Recursion is bounded by the scanner's depth.
    private mutating func walk(
        _ cursor: inout JSONCursor, _ parent: Key, _ outer: inout Holding, _ head: inout Head
    ) {
        if cursor.enterArray() {
            while cursor.nextElement() {
                var inner = Head()
                var holding = Holding()
                walk(&cursor, .other, &holding, &inner)
            }
            return
        }
        guard cursor.enterObject() else {
            _ = cursor.skip()
            return
        }
        var type: JSONView?
        var holding = Holding()
        while let key = cursor.nextKey() {
            let name = DialectMedia.key(key, cursor)
            switch name {
            case .type: type = cursor.skip()
            case .role: head.role = cursor.skip()
            case .opaque: _ = cursor.skip()
            case .mediaType: holding.mediaType = cursor.skip()
            case .data where cursor.kind == .string, .address where cursor.kind == .string:
                DialectMedia.note(cursor.skip(), isAddress: name == .address, &holding)
            default:
                if name == .source { holding.hasSource = true }
                var inner = Head()
                var below = Holding()
                walk(&cursor, name, &below, &inner)
                if name == .source || name == .address || name == .data { DialectMedia.merge(below, into: &holding) }
            }
        }
        head.type = type
        if holding.mediaType == nil, type?.isString("text") == true { holding.isText = true }
        if type?.isString("content") == true { holding.isText = true }
        if type?.isString("text") == true, holding.inlineBytes > 0 { holding.isText = true }
        if let kind = DialectMedia.kind(parent, type, holding) {
            add(kind, holding)
        } else {
            DialectMedia.merge(holding, into: &outer)
        }
    }

    private static func note(_ value: JSONView, isAddress: Bool, _ holding: inout Holding) {
        guard let text = value.textRange else { return }
        if isAddress, !isDataURL(value.bytes, text) {
            holding.isNamed = true
        } else {
            holding.inlineBytes += text.count
        }
    }

    private static func isDataURL(_ bytes: UnsafeRawBufferPointer, _ text: Range<Int>) -> Bool {
        let scheme: StaticString = "data:"
        guard text.count >= 5 else { return false }
        for index in 0..<5 where bytes[text.lowerBound + index] | 0x20 != scheme.utf8Start[index] | 0x20 {
            return false
        }
        return true
    }

    private static func merge(_ inner: Holding, into outer: inout Holding) {
        outer.inlineBytes += inner.inlineBytes
        outer.isNamed = outer.isNamed || inner.isNamed
        outer.isText = outer.isText || inner.isText
        outer.mediaType = outer.mediaType ?? inner.mediaType
    }

    private mutating func add(_ kind: Kind, _ holding: Holding) {
        // Text stands in the body and is counted with it; what is called an image but is text counts as both.
        if holding.isText {
            if kind != .file { found.append(.file) }
            return
        }
        switch kind {
        case .image: found.append(.image(inlineBytes: holding.inlineBytes))
        case .audio: found.append(.audio(inlineBytes: holding.inlineBytes))
        case .file: found.append(.file)
        }
    }

    private static func kind(_ parent: Key, _ type: JSONView?, _ holding: Holding) -> Kind? {
        switch parent {
        case .inline: return kind(ofType: holding.mediaType?.string)
        case .image where holding.hasSource: return .image
        case .audio where holding.hasSource: return .audio
        case .video where holding.hasSource, .document where holding.hasSource: return .file
        default: break
        }
        guard let type, type.range.count <= 24, let name = type.string else { return nil }
        switch name {
        case "image" where holding.hasSource, "input_image", "computer_screenshot": return .image
        case "document" where holding.hasSource, "input_file", "container_upload": return .file
        case "input_audio": return .audio
        default: return nil
        }
    }

    private static func kind(ofType mediaType: String?) -> Kind {
        guard let mediaType else { return .file }
        if mediaType.hasPrefix("image/") { return .image }
        return mediaType.hasPrefix("audio/") ? .audio : .file
    }

    private static func key(_ key: JSONKey, _ cursor: JSONCursor) -> Key {
        func isNamed(_ name: StaticString) -> Bool { cursor.isKey(key, name) }
        if key.isEscaped { return escapedKey(key.text(in: cursor.bytes)) }
        switch key.range.count {
        case 3 where isNamed("url"), 3 where isNamed("uri"): return .address
        case 4 where isNamed("type"): return .type
        case 4 where isNamed("role"): return .role
        case 4 where isNamed("data"): return .data
        case 4 where isNamed("args"), 4 where isNamed("json"): return .opaque
        case 5 where isNamed("bytes"): return .data
        case 5 where isNamed("input"): return .opaque
        case 5 where isNamed("image"): return .image
        case 5 where isNamed("audio"): return .audio
        case 5 where isNamed("video"): return .video
        case 6 where isNamed("source"): return .source
        case 7 where isNamed("file_id"), 7 where isNamed("fileUri"): return .address
        case 8 where isNamed("file_uri"), 8 where isNamed("file_url"): return .address
        case 8 where isNamed("response"): return .opaque
        case 8 where isNamed("mimeType"): return .mediaType
        case 8 where isNamed("fileData"): return .inline
        case 8 where isNamed("document"): return .document
        case 9 where isNamed("mime_type"): return .mediaType
        case 9 where isNamed("file_data"): return cursor.kind == .string ? .data : .inline
        case 9 where isNamed("image_url"): return .address
        case 9 where isNamed("arguments"): return .opaque
        case 10 where isNamed("media_type"): return .mediaType
        case 10 where isNamed("inlineData"): return .inline
        case 10 where isNamed("s3Location"): return .address
        case 11 where isNamed("inline_data"): return .inline
        case 11 where isNamed("input_audio"): return .source
        default: return .other
        }
    }

    /// A key with escapes may stand for any name: written out and looked up again.
    private static func escapedKey(_ name: String) -> Key {
        var text: [UInt8] = Array("{\"".utf8)
        let plain = Array(name.utf8)
        guard plain.count <= 16, plain.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) else {
            return .other
        }
        text += plain + Array("\":\"\"}".utf8)
        return text.withUnsafeBytes { bytes in
            guard let view = JSONView(unchecked: bytes) else { return .other }
            var cursor = JSONCursor(view)
            guard cursor.enterObject(), let key = cursor.nextKey() else { return .other }
            return DialectMedia.key(key, cursor)
        }
    }
}
