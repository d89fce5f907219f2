import JSONText

/// Content blocks, of requests and replies alike, as parts.
enum MessagesBlocks {
    /// ``Part/form`` of thinking whose signature is there and empty.
    static let unsigned = "unsigned"

    /// A block of a request: a known block with a wrong member is refused.
    static func part(_ value: JSON, _ path: @autoclosure () -> String) throws(RequestError) -> Part {
        guard var block = value.object else { throw MessagesRead.wrongType(path(), "an object", value) }
        let type = try MessagesRead.required(block["type"], "\(path()).type")
        let cache = try cache(block["cache_control"], "\(path()).cache_control")
        block["cache_control"] = nil
        var part = try part(block, type, path())
        part.cache = cache
        return part
    }

    /// A block of a reply: one that is not understood stays what it is.
    static func replyPart(_ value: JSON) -> Part {
        guard case .object(let block) = value, case .string(let type) = block["type"] else {
            return Part(.native(value))
        }
        do throws(RequestError) { return try part(block, type, "content") } catch { return Part(.native(value)) }
    }

    static func cache(_ value: JSON?, _ path: @autoclosure () -> String) throws(RequestError) -> CacheMarker? {
        guard let object = try MessagesRead.object(value, path()) else { return nil }
        var marker = CacheMarker(ttl: try MessagesRead.string(object["ttl"], "\(path()).ttl"))
        marker.extras = object.present(beside: ["ttl"])
        if marker.extras["type"]?.string == "ephemeral" { marker.extras["type"] = nil }
        return marker
    }

    private static func part(
        _ block: JSONObject, _ type: String, _ path: @autoclosure () -> String
    ) throws(RequestError) -> Part {
        var part: Part
        switch type {
        case "text":
            let text = try MessagesRead.required(block["text"], "\(path()).text")
            part = Part(.text(Text(text, citations: try citations(block["citations"], "\(path()).citations"))))
            part.extras = block.present(beside: textMembers)
        case "thinking":
            let text = try MessagesRead.string(block["thinking"], "\(path()).thinking") ?? ""
            let signature = try MessagesRead.string(block["signature"], "\(path()).signature")
            // An empty one stands where the gateway showed thinking that nobody signed.
            let proof = signature.flatMap { $0.isEmpty ? nil : Proof(.anthropic, .signature, $0) }
            part = Part(.reasoning(Reasoning(text, proof: proof)))
            if signature?.isEmpty == true { part.form = MessagesBlocks.unsigned }
            part.extras = block.present(beside: ["type", "thinking", "signature"])
        case "redacted_thinking":
            let data = try MessagesRead.required(block["data"], "\(path()).data")
            part = Part(.reasoning(Reasoning(proof: Proof(.anthropic, .encrypted, data), isRedacted: true)))
            part.extras = block.present(beside: ["type", "data"])
        case "tool_use":
            let input = try MessagesRead.object(block["input"], "\(path()).input") ?? [:]
            part = Part(
                .toolCall(
                    ToolCall(
                        id: try MessagesRead.required(block["id"], "\(path()).id"),
                        name: try MessagesRead.required(block["name"], "\(path()).name"),
                        arguments: JSON.object(input).text)))
            part.extras = block.present(beside: ["type", "id", "name", "input"])
        case "tool_result":
            part = Part(.toolResult(try toolResult(block, path())))
            part.extras = block.present(beside: ["type", "tool_use_id", "content", "is_error"])
        case "image":
            let source = try MessagesRead.object(block["source"], "\(path()).source")
            guard let media = try media(.image, source, "\(path()).source") else {
                return Part(.native(.object(block)))
            }
            part = Part(.media(media))
            part.extras = block.present(beside: ["type", "source"])
        case "document":
            guard let document = try document(block, path()) else { return Part(.native(.object(block))) }
            part = Part(.media(document))
            part.extras = block.present(beside: ["type", "source", "title", "context", "citations"])
        case "search_result":
            part = try searchResult(block, path())
        case "server_tool_use", "mcp_tool_use":
            part = Part(.serverTool(call(block, type)))
        default:
            if type.hasSuffix("_tool_result"), let id = block["tool_use_id"]?.string {
                let kind = kind(ofResult: type)
                part = Part(
                    .serverTool(
                        ServerToolUse(kind, .result, id: id, native: .object(block), nativeDialect: .messages)))
            } else {
                part = Part(.native(.object(block)))
            }
        }
        return part
    }

    private static let textMembers = ["type", "text", "citations"]

    private static func citations(
        _ value: JSON?, _ path: @autoclosure () -> String
    ) throws(RequestError) -> [Citation] {
        guard let elements = try MessagesRead.array(value, path()) else { return [] }
        var citations: [Citation] = []
        for (index, element) in elements.enumerated() {
            guard element.object != nil else {
                throw MessagesRead.wrongType("\(path())[\(index)]", "an object", element)
            }
            citations.append(citation(element))
        }
        return citations
    }

    /// Any kind: `char_location`, `page_location`, `content_block_location`, `web_search_result_location`,
    /// `search_result_location`. A document's has no address, a search result's `source` mostly is one.
    static func citation(_ value: JSON) -> Citation {
        var url = value["url"]?.string
        if url == nil, let source = value["source"]?.string, source.hasPrefix("http") { url = source }
        var citation = Citation(
            url: url, title: value["title"]?.string ?? value["document_title"]?.string,
            citedText: value["cited_text"]?.string, fileID: value["file_id"]?.string, native: value,
            nativeDialect: .messages)
        citation.saysMore = value["type"]?.isString("web_search_result_location") != true
        return citation
    }

    private static func toolResult(
        _ block: JSONObject, _ path: @autoclosure () -> String
    ) throws(RequestError) -> ToolResult {
        var result = ToolResult(callID: try MessagesRead.required(block["tool_use_id"], "\(path()).tool_use_id"))
        result.isError = try MessagesRead.bool(block["is_error"], "\(path()).is_error")
        if let text = block["content"]?.string {
            result.parts = [.text(text)]
            result.isPlainText = true
        } else if let elements = try MessagesRead.array(block["content"], "\(path()).content") {
            result.parts = try parts(elements, "\(path()).content")
        }
        return result
    }

    static func parts(_ elements: [JSON], _ path: @autoclosure () -> String) throws(RequestError) -> [Part] {
        var parts: [Part] = []
        parts.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() { parts.append(try part(element, "\(path())[\(index)]")) }
        return parts
    }

    // MARK: - Media

    /// - Returns: nil where the source is of a kind that nobody knows, or has members that the model has no name for.
    private static func media(
        _ kind: Media.Kind, _ source: JSONObject?, _ path: @autoclosure () -> String
    ) throws(RequestError) -> Media? {
        guard let source else { throw RequestError.missing(path()) }
        let type = try MessagesRead.required(source["type"], "\(path()).type")
        let mediaType = try MessagesRead.string(source["media_type"], "\(path()).media_type")
        let media: Media
        let known: [String]
        switch type {
        case "base64":
            let data = try MessagesRead.required(source["data"], "\(path()).data")
            media = Media(kind, .base64(data), mediaType: mediaType)
            known = ["type", "media_type", "data"]
        case "url":
            media = Media(kind, .url(try MessagesRead.required(source["url"], "\(path()).url")))
            known = ["type", "url"]
        case "file":
            media = Media(kind, .fileID(try MessagesRead.required(source["file_id"], "\(path()).file_id")))
            known = ["type", "file_id"]
        case "text" where kind == .document:
            let data = try MessagesRead.required(source["data"], "\(path()).data")
            media = Media(kind, .text(data), mediaType: mediaType)
            known = ["type", "media_type", "data"]
        case "content" where kind == .document:
            if let text = source["content"]?.string {
                media = Media(kind, .parts([.text(text)]))
            } else {
                let elements = try MessagesRead.array(source["content"], "\(path()).content") ?? []
                media = Media(kind, .parts(try parts(elements, "\(path()).content")))
            }
            known = ["type", "content"]
        default: return nil
        }
        return source.present(beside: known).isEmpty ? media : nil
    }

    private static func document(
        _ block: JSONObject, _ path: @autoclosure () -> String
    ) throws(RequestError) -> Media? {
        let source = try MessagesRead.object(block["source"], "\(path()).source")
        guard var media = try media(.document, source, "\(path()).source") else { return nil }
        media.title = try MessagesRead.string(block["title"], "\(path()).title")
        media.context = try MessagesRead.string(block["context"], "\(path()).context")
        media.citationsEnabled = try MessagesRead.bool(
            try MessagesRead.object(block["citations"], "\(path()).citations")?["enabled"],
            "\(path()).citations.enabled")
        return media
    }

    /// What a search of the client's own found: a document of parts, which any dialect can show as text.
    private static func searchResult(
        _ block: JSONObject, _ path: @autoclosure () -> String
    ) throws(RequestError) -> Part {
        let elements = try MessagesRead.array(block["content"], "\(path()).content") ?? []
        var media = Media(.document, .parts(try parts(elements, "\(path()).content")))
        media.title = try MessagesRead.string(block["title"], "\(path()).title")
        media.citationsEnabled = try MessagesRead.bool(
            try MessagesRead.object(block["citations"], "\(path()).citations")?["enabled"],
            "\(path()).citations.enabled")
        var part = Part(.media(media))
        part.extras = block.present(beside: ["content", "title", "citations"])
        return part
    }

    // MARK: - Tools of the provider's

    static func call(_ block: JSONObject, _ type: String) -> ServerToolUse {
        let name = block["name"]?.string
        let input = block["input"] ?? .object([:])
        return ServerToolUse(
            type == "mcp_tool_use" ? .mcp : kind(ofCall: name ?? ""), .call, id: block["id"]?.string, name: name,
            input: input.text, native: .object(block), nativeDialect: .messages)
    }

    private static func kind(ofCall name: String) -> ServerTool.Kind {
        switch name {
        case "web_search": .webSearch
        case "web_fetch": .webFetch
        case "code_execution": .codeExecution
        case "bash_code_execution", "bash": .shell
        case "text_editor_code_execution": .textEditor
        default: name.hasPrefix("tool_search") ? .toolSearch : .other
        }
    }

    private static func kind(ofResult type: String) -> ServerTool.Kind {
        switch type {
        case "mcp_tool_result": .mcp
        default: kind(ofCall: String(type.dropLast("_tool_result".utf8.count)))
        }
    }

    /// A tool's `type` without its date: `web_search_20250305`.
    static func kind(ofTool type: String) -> ServerTool.Kind {
        let kinds: [(String, ServerTool.Kind)] = [
            ("web_search", .webSearch), ("web_fetch", .webFetch), ("code_execution", .codeExecution),
            ("computer", .computerUse), ("text_editor", .textEditor), ("bash", .shell), ("memory", .memory),
            ("tool_search", .toolSearch), ("mcp_toolset", .mcp),
        ]
        return kinds.first { type.hasPrefix($0.0) }?.1 ?? .other
    }

    // MARK: - Proofs

    /// Proofs of other providers come back to where they belong; see ``MessagesProofs``.
    static func unwrapped(_ parts: [Part]) -> [Part] {
        guard parts.contains(where: { $0.reasoning?.proof != nil }) else { return parts }
        var result: [Part] = []
        result.reserveCapacity(parts.count)
        var pending: Proof?
        func settle() {
            // An envelope with nothing behind it: it hung on the part before.
            if let proof = pending, !result.isEmpty { result[result.count - 1].proof = proof }
            pending = nil
        }
        for part in parts {
            guard case .reasoning(var reasoning) = part.content, let proof = reasoning.proof,
                let letter = ProofEnvelope.unwrapped(proof.value)
            else {
                result.append(part)
                if pending != nil, part.reasoning == nil { settle() }
                continue
            }
            if letter.belongsToNext {
                settle()
                pending = letter.proof
                continue
            }
            if reasoning.isRedacted, letter.proof.origin == .google, letter.proof.kind == .signature,
                let last = result.last, last.reasoning == nil
            {
                result[result.count - 1].proof = letter.proof
                continue
            }
            reasoning.proof = letter.proof
            if let summaries = letter.summaries {
                reasoning.summaries = summaries
                reasoning.text = ""
            }
            reasoning.isRedacted = reasoning.isRedacted && letter.proof.origin == .anthropic
            var whole = part
            whole.content = .reasoning(reasoning)
            result.append(whole)
        }
        settle()
        return result
    }
}
