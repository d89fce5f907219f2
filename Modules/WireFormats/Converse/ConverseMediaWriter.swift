import JSONText

/// Writes images, documents, videos and sounds; why one cannot be written is a 400.
struct ConverseMediaWriter {
    let family: ConverseFamily
    let isSame: Bool
    /// Names of documents that are taken: Bedrock refuses two alike in a request.
    private var names: Set<String> = []
    /// The next number for a name that begins so: to count from 2 for each would take time by the square of their number.
    private var nextNumbers: [String: Int] = [:]

    init(_ family: ConverseFamily, isSame: Bool) {
        self.family = family
        self.isSame = isSame
    }

    /// - Parameter path: of the part, for errors.
    mutating func block(
        _ media: Media, extras: JSONObject, at path: String, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        if isSame, let search = extras["searchResult"]?.object { return try searchResult(media, search, path) }
        if let detail = media.detail, detail != "auto" { losses.drop("detail") }
        var object = JSONObject()
        // Whether it can be had comes before what it is.
        let source = try source(media, extras, path, &losses)
        if let format = extras["format"] ?? MediaFormats.format(of: media).map({ .string($0) }) {
            object["format"] = format
        } else if !isSame || media.mediaType != nil {
            throw unsupported("Bedrock takes no \(media.kind.rawValue) of this type", path)
        }
        // What was read without a format is written without one.
        if isSame, extras["format"] == nil, media.mediaType == nil { object["format"] = nil }
        if media.kind == .document {
            object["name"] = .string(isSame ? media.title ?? "" : name(of: media))
        }
        object["source"] = source
        if isSame, let more = extras["source"] { object.overlay(["source": more]) }
        if media.kind == .document { writeDocument(media, &object, &losses) }
        if isSame {
            for (key, value) in extras where !["format", "source", "s3Location", "guardContent"].contains(key) {
                object[key] = value
            }
        }
        if isSame, extras["guardContent"] != nil { return ["guardContent": ["image": .object(object)]] }
        return [media.kind.rawValue: .object(object)]
    }

    private mutating func source(
        _ media: Media, _ extras: JSONObject, _ path: String, _ losses: inout LossReport
    ) throws(RequestError) -> JSON {
        switch media.source {
        case .base64(let data): return ["bytes": .string(data)]
        case .url(let url):
            if url.hasPrefix("s3://") {
                var place: JSONObject = ["uri": .string(url)]
                for (key, value) in extras["s3Location"]?.object ?? [:] { place[key] = value }
                return ["s3Location": .object(place)]
            }
            throw unsupported("Bedrock fetches no URL: send the \(media.kind.rawValue) as base64", path)
        case .fileID: throw unsupported("Bedrock has no files: send the \(media.kind.rawValue) as base64", path)
        case .text(let text):
            // Only Claude's documents may be text; as bytes they are understood by every model.
            if isSame || family == .claude { return ["text": .string(text)] }
            return ["bytes": .string(Base64.encoded(Array(text.utf8)))]
        case .parts(let parts) where isSame: return ["content": try contents(parts, path)]
        case .parts(let parts):
            let texts = parts.compactMap(\.text)
            guard texts.count == parts.count else {
                throw unsupported("Bedrock's documents hold nothing but text", path)
            }
            if parts.contains(where: { $0.cache != nil }) { losses.drop("cache_control") }
            if family == .claude { return ["content": .array(texts.map { ["text": .string($0)] })] }
            return ["bytes": .string(Base64.encoded(Array(texts.joined(separator: "\n").utf8)))]
        }
    }

    private func writeDocument(_ media: Media, _ object: inout JSONObject, _ losses: inout LossReport) {
        let takesAll = isSame || family == .claude
        if let context = media.context {
            if takesAll { object["context"] = .string(context) } else { losses.drop("context") }
        }
        guard let enabled = media.citationsEnabled else { return }
        if takesAll, isSame || enabled {
            object["citations"] = ["enabled": .bool(enabled)]
        } else if enabled {
            losses.drop("citations")
        }
    }

    /// The contents of a document, or of what a search found, as they came.
    private func contents(_ parts: [Part], _ path: String) throws(RequestError) -> JSON {
        var blocks: [ConverseBlock] = []
        for part in parts {
            var json: JSON
            switch part.content {
            case .text(let text): json = ConverseTurnWriter.sameText(text, part)
            case .native(let native): json = native
            default: throw unsupported("Bedrock's documents hold nothing but text", path)
            }
            for (key, value) in part.beside ?? [:] { json[key] = value }
            blocks.append(ConverseBlock(json, cache: part.cache, isSame: true))
        }
        return .array(ConverseBlock.written(blocks))
    }

    private func searchResult(_ media: Media, _ more: JSONObject, _ path: String) throws(RequestError) -> JSON {
        var object = JSONObject()
        if let title = media.title { object["title"] = .string(title) }
        if case .parts(let parts) = media.source { object["content"] = try contents(parts, path) }
        if let enabled = media.citationsEnabled { object["citations"] = ["enabled": .bool(enabled)] }
        for (key, value) in more { object[key] = value }
        return ["searchResult": .object(object)]
    }

    private func unsupported(_ why: String, _ path: String) -> RequestError {
        RequestError(message: "\(path): \(why).", param: path, code: "unsupported_content")
    }

    // MARK: - Names

    /// "Alphanumeric characters, whitespace characters (no more than one in a row), hyphens, parentheses, square
    /// brackets", 1 to 200 of them (DocumentBlock, botocore 1.44.8).
    private mutating func name(of media: Media) -> String {
        var name = ConverseMediaWriter.legalName(media.title ?? media.filename ?? "")
        let beginning = String(name.prefix(190))
        var number = nextNumbers[beginning] ?? 2
        while !names.insert(name).inserted {
            name = "\(beginning) \(number)"
            number += 1
        }
        nextNumbers[beginning] = number
        return name
    }

    static func legalName(_ name: String) -> String {
        var text = name[...]
        // The format is stated beside the name.
        if let dot = text.lastIndex(of: "."), dot != text.startIndex, text[dot...].utf8.count <= 5 {
            text = text[..<dot]
        }
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            var byte = UInt8(ascii: "-")
            if scalar.isASCII {
                let ascii = UInt8(truncatingIfNeeded: scalar.value)
                let isLegal =
                    (48...57).contains(ascii) || (65...90).contains(ascii) || (97...122).contains(ascii)
                    || "()[]".utf8.contains(ascii)
                if isLegal { byte = ascii } else if ascii == 32 || (9...13).contains(ascii) { byte = 32 }
            }
            if byte == 32 || byte == UInt8(ascii: "-"), bytes.isEmpty || bytes.last == byte { continue }
            bytes.append(byte)
            if bytes.count == 200 { break }
        }
        while bytes.last == 32 || bytes.last == UInt8(ascii: "-") { bytes.removeLast() }
        return bytes.isEmpty ? "document" : String(decoding: bytes, as: UTF8.self)
    }
}
