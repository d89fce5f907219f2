import JSONText

/// Reads content blocks, of requests and of replies.
///
/// A block is an object with one member, whose name says what it is. What the model has no name for within that member
/// goes to the part's extras; of a request, what stands beside it is kept too (``Part/beside``), and two members that are
/// known are refused. A block that nobody knows is ``Part/Content/native(_:)``. Blocks that are text with
/// something about it (`guardContent`, `searchResult`, `json`) are read as text, or as a document, so that other dialects
/// can carry them; an extra of the block's name says what it was.
struct ConverseBlockReader {
    /// Whether an envelope of the gateway's may stand where a proof does: only clients send those.
    var isRequest: Bool

    /// The parts of a list of blocks. A `cachePoint` becomes the marker of the part before it.
    func parts(of list: ConverseMember) throws(ConverseFault) -> [Part] {
        var parts: [Part] = []
        var belongsToNext: Proof?
        for element in try list.elements() {
            if isRequest { try element.requireOne(of: ConverseBlockReader.kinds) }
            if let point = element["cachePoint"], element.extras(beside: ["cachePoint"]).isEmpty,
                let last = parts.indices.last, parts[last].cache == nil
            {
                parts[last].cache = try ConverseBlockReader.marker(point)
                continue
            }
            if isRequest, let letter = letter(in: element), letter.belongsToNext || letter.belongsToPrevious {
                if letter.belongsToNext {
                    belongsToNext = letter.proof
                } else if let last = parts.indices.last {
                    parts[last].proof = letter.proof
                }
                continue
            }
            var part = try part(from: element)
            if let proof = belongsToNext {
                part.proof = proof
                belongsToNext = nil
            }
            parts.append(part)
        }
        return parts
    }

    static func marker(_ point: ConverseMember) throws(ConverseFault) -> CacheMarker {
        var marker = CacheMarker(ttl: try point["ttl"]?.string())
        marker.extras = point.extras(beside: ["ttl"])
        if marker.extras["type"] == "default" { marker.extras["type"] = nil }
        return marker
    }

    func part(from block: ConverseMember) throws(ConverseFault) -> Part {
        let object = try block.object()
        for place in 0..<object.count {
            let (key, member) = block.member(at: place, of: object)
            guard !member.value.isNull, var part = try part(key, member) else { continue }
            if isRequest, object.count > 1 { part.keep(beside: block.extras(beside: [key])) }
            return part
        }
        return Part(.native(block.value))
    }

    /// The members of which a block has one. `json` is for results of tools.
    private static let kinds = [
        "text", "image", "document", "video", "audio", "toolUse", "toolResult", "reasoningContent", "citationsContent",
        "guardContent", "searchResult", "cachePoint", "json",
    ]

    private func part(_ key: String, _ member: ConverseMember) throws(ConverseFault) -> Part? {
        switch key {
        case "text": .text(try member.string())
        case "image": try media(member, .image)
        case "document": try media(member, .document)
        case "video": try media(member, .video)
        case "audio": try media(member, .audio)
        case "toolUse": try toolUse(member)
        case "toolResult": try toolResult(member)
        case "reasoningContent": try reasoning(member)
        case "citationsContent": try cited(member)
        case "guardContent": try guarded(member)
        case "searchResult": try searchResult(member)
        default: nil
        }
    }

    // MARK: - Media

    private func media(_ block: ConverseMember, _ kind: Media.Kind) throws(ConverseFault) -> Part {
        let format = try block["format"]?.string()
        let mediaType = format.flatMap { MediaFormats.mediaType(of: $0, kind) }
        let source = try block.required("source")
        var extras = block.extras(beside: ["format", "source", "name", "context", "citations"])
        var media = Media(kind, try self.source(source, &extras), mediaType: mediaType)
        if let format, mediaType.flatMap({ MediaFormats.format(of: $0, kind) }) != format {
            extras["format"] = .string(format)
        }
        if let name = try block["name"]?.string() {
            media.title = name
            // Chat's and Responses' files must have a name with an ending.
            if let format { media.filename = "\(name).\(format)" }
        }
        media.context = try block["context"]?.string()
        if let citations = block["citations"] {
            media.citationsEnabled = try citations.required("enabled").bool()
            if !citations.extras(beside: ["enabled"]).isEmpty { extras["citations"] = citations.value }
        }
        var part = Part(.media(media))
        part.extras = extras
        return part
    }

    private func source(_ source: ConverseMember, _ extras: inout JSONObject) throws(ConverseFault) -> Media.Source {
        let kinds = ["bytes", "text", "content", "s3Location"]
        if isRequest { try source.requireOne(of: kinds) }
        guard let kind = kinds.first(where: { source[$0] != nil }), let value = source[kind] else {
            _ = try source.object()
            throw source.invalid("it has none of bytes, s3Location, text and content")
        }
        let more = source.extras(beside: [kind])
        if !more.isEmpty { extras["source"] = .object(more) }
        switch kind {
        case "bytes": return .base64(try value.string())
        case "text": return .text(try value.string())
        case "content": return .parts(try parts(of: value))
        default:
            let more = value.extras(beside: ["uri"])
            if !more.isEmpty { extras["s3Location"] = .object(more) }
            return .url(try value.required("uri").string())
        }
    }

    // MARK: - Tools

    private func toolUse(_ block: ConverseMember) throws(ConverseFault) -> Part {
        let id = try block.required("toolUseId").string()
        let name = try block.required("name").string()
        let input = block["input"]?.value ?? [:]
        if try block["type"]?.string() == "server_tool_use" {
            return Part(
                .serverTool(
                    ServerToolUse(
                        ConverseServerTools.kind(of: name), .call, id: id, name: name, input: input.text,
                        native: ["toolUse": block.value], nativeDialect: .converse)))
        }
        var part = Part(.toolCall(ToolCall(id: id, name: name, arguments: input.text)))
        part.extras = block.extras(beside: ["toolUseId", "name", "input"])
        // Some models' answers say it, and it says nothing.
        if !isRequest, part.extras["type"] == "tool_use" { part.extras["type"] = nil }
        return part
    }

    private func toolResult(_ block: ConverseMember) throws(ConverseFault) -> Part {
        let id = try block.required("toolUseId").string()
        if let type = try block["type"]?.string(), type != "tool_result" {
            return Part(
                .serverTool(
                    ServerToolUse(
                        ConverseServerTools.kind(of: type), .result, id: id, native: ["toolResult": block.value],
                        nativeDialect: .converse)))
        }
        var result = ToolResult(callID: id)
        let content = try block.required("content")
        let elements = try content.elements()
        if isRequest { for element in elements { try element.requireOne(of: ConverseBlockReader.kinds) } }
        if elements.count == 1, let json = elements[0]["json"], elements[0].extras(beside: ["json"]).isEmpty {
            result.object = json.value
            result.parts = [.text(json.value.text)]
        } else {
            result.parts = try resultParts(elements)
        }
        var extras = block.extras(beside: ["toolUseId", "content", "status"])
        switch try block["status"]?.string() {
        case nil: break
        case "error": result.isError = true
        case "success": result.isError = false
        case let other?: extras["status"] = .string(other)
        }
        var part = Part(.toolResult(result))
        part.extras = extras
        return part
    }

    private func resultParts(_ elements: [ConverseMember]) throws(ConverseFault) -> [Part] {
        var parts: [Part] = []
        for element in elements {
            guard let json = element["json"] else {
                parts.append(try part(from: element))
                continue
            }
            var part = Part.text(json.value.text)
            part.form = "json"
            part.keep(beside: element.extras(beside: ["json"]))
            parts.append(part)
        }
        return parts
    }

    // MARK: - Reasoning

    private func reasoning(_ block: ConverseMember) throws(ConverseFault) -> Part {
        if isRequest {
            let kinds = ["reasoningText", "redactedContent"]
            try block.requireOne(of: kinds)
            guard block.extras(beside: kinds).isEmpty else { return Part(.native(["reasoningContent": block.value])) }
        }
        if let redacted = block["redactedContent"] {
            let data = try redacted.string()
            if isRequest, let letter = ConverseProofs.letter(inRedacted: data) {
                return Part(
                    .reasoning(Reasoning(summaries: letter.summaries ?? [], proof: letter.proof, isRedacted: true)))
            }
            let proof = Proof(.anthropic, .encrypted, ConverseProofs.value(ofRedacted: data))
            return Part(.reasoning(Reasoning(proof: proof, isRedacted: true)))
        }
        guard let visible = block["reasoningText"] else {
            _ = try block.object()
            return Part(.native(["reasoningContent": block.value]))
        }
        var reasoning = Reasoning(try visible["text"]?.string() ?? "")
        if let signature = try visible["signature"]?.string() {
            let letter = isRequest ? ProofEnvelope.unwrapped(signature) : nil
            reasoning.proof = letter?.proof ?? Proof(.anthropic, .signature, signature)
            if let summaries = letter?.summaries {
                reasoning.summaries = summaries
                reasoning.text = ""
            }
        }
        var part = Part(.reasoning(reasoning))
        part.extras = visible.extras(beside: ["text", "signature"])
        return part
    }

    private func letter(in block: ConverseMember) -> ProofEnvelope.Letter? {
        block["reasoningContent"]?["redactedContent"]?.value.string.flatMap { ConverseProofs.letter(inRedacted: $0) }
    }

    // MARK: - Text with something about it

    private func cited(_ block: ConverseMember) throws(ConverseFault) -> Part {
        var texts: [String] = []
        var isPlain = true
        for element in try block["content"]?.elements() ?? [] {
            texts.append(try element["text"]?.string() ?? "")
            isPlain = isPlain && element.extras(beside: ["text"]).isEmpty
        }
        var citations: [Citation] = []
        for element in try block["citations"]?.elements() ?? [] {
            citations.append(ConverseCitations.read(.object(try element.object())))
        }
        var part = Part(.text(Text(texts.joined(), citations: citations)))
        part.extras = block.extras(beside: ["content", "citations"])
        if !isPlain {
            part.extras["content"] = block["content"]?.value
        } else if texts.count > 1 {
            // How it was cut; its words are all in the text.
            part.form = block["content"]?.value.text
        }
        if citations.isEmpty, part.form == nil { part.form = ConverseTurnWriter.citedForm }
        return part
    }

    private func guarded(_ block: ConverseMember) throws(ConverseFault) -> Part? {
        var part: Part
        let more: JSONObject
        if isRequest {
            try block.requireOne(of: ["text", "image"])
            guard block.extras(beside: ["text", "image"]).isEmpty else { return nil }
        }
        if let text = block["text"] {
            part = .text(try text.required("text").string())
            more = text.extras(beside: ["text"])
        } else if let image = block["image"] {
            part = try media(image, .image)
            more = [:]
        } else {
            return nil
        }
        part.extras["guardContent"] = .object(more)
        return part
    }

    private func searchResult(_ block: ConverseMember) throws(ConverseFault) -> Part {
        var media = Media(.document, .parts(try parts(of: try block.required("content"))), mediaType: "text/plain")
        media.title = try block["title"]?.string()
        var more = block.extras(beside: ["content", "title", "citations"])
        if let citations = block["citations"] {
            media.citationsEnabled = try citations.required("enabled").bool()
            if !citations.extras(beside: ["enabled"]).isEmpty { more["citations"] = citations.value }
        }
        var part = Part(.media(media))
        part.extras["searchResult"] = .object(more)
        return part
    }
}

extension Part {
    fileprivate mutating func keep(beside members: JSONObject) {
        if !members.isEmpty { beside = members }
    }
}

/// The system-defined tools of Nova. Source: https://docs.aws.amazon.com/nova/latest/nova2-userguide/using-converse-api.html
/// and recorded calls (2026-11-29).
enum ConverseServerTools {
    /// By a tool's name, or by a result's type, which is the name and `_result`.
    static func kind(of name: String) -> ServerTool.Kind {
        if name.hasPrefix("nova_grounding") { return .webSearch }
        if name.hasPrefix("nova_code_interpreter") { return .codeExecution }
        return .other
    }

    static func name(for kind: ServerTool.Kind, _ family: ConverseFamily) -> String? {
        guard family == .nova2 else { return nil }
        return switch kind {
        case .webSearch: "nova_grounding"
        case .codeExecution: "nova_code_interpreter"
        default: nil
        }
    }
}

/// `redactedContent` is a blob: base64 in JSON. What Claude encrypted is base64 text itself, and that text is the blob's
/// bytes; so what Messages calls `data` is `redactedContent` decoded once (recorded answers; LiteLLM 1.109.1 does the
/// same).
enum ConverseProofs {
    /// Marks a blob that is no text, which is carried as its base64.
    private static let blobPrefix = "bedrock-blob:"

    static func value(ofRedacted data: String) -> String {
        guard let bytes = Base64.decoded(data.utf8), bytes.allSatisfy({ (0x20...0x7E).contains($0) }),
            Base64.encoded(bytes) == data
        else { return blobPrefix + data }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func redacted(ofValue value: String) -> String {
        value.hasPrefix(blobPrefix) ? String(value.dropFirst(blobPrefix.count)) : Base64.encoded(Array(value.utf8))
    }

    static func letter(inRedacted data: String) -> ProofEnvelope.Letter? {
        Base64.decoded(data.utf8).flatMap { ProofEnvelope.unwrapped(String(decoding: $0, as: UTF8.self)) }
    }
}
