import JSONText

/// Writes the parts of an answer for the client.
struct GenerateContentPartWriter {
    let isOwn: Bool
    private(set) var losses = LossReport()
    /// What other providers' searches were asked, for `groundingMetadata`.
    private(set) var queries: [String] = []

    init(isOwn: Bool) { self.isOwn = isOwn }

    /// The part; nil where the dialect has no place for it.
    mutating func written(_ part: Part) -> JSON? {
        var object = JSONObject()
        switch part.content {
        case .text(let text):
            if text.text.isEmpty, part.proof == nil, !isOwn { return nil }
            object["text"] = .string(text.text)
        case .refusal(let text):
            if text.isEmpty { return nil }
            object["text"] = .string(text)
        case .media(let media):
            // A sound of unknown format (OpenAI's streams are bare samples) nobody could play: its words stay.
            if !isOwn, media.kind == .audio, media.likelyType == nil {
                losses.dropProof(of: part)
                return losses.wordsInPlace(of: media).map { ["text": .string($0)] }
            }
            object = self.media(media)
        case .reasoning(let reasoning):
            return thought(reasoning.visibleText, reasoning.proof, summaries: reasoning.summaries, part.extras)
        case .toolCall(let call): object = functionCall(call)
        case .serverTool(let use):
            guard use.nativeDialect == .generateContent else {
                note(use)
                return nil
            }
            object = use.native.object ?? [:]
        case .toolResult:
            losses.drop("tool_result")
            return nil
        case .native(let native):
            if isOwn { return native }
            losses.drop("content")
            return nil
        }
        return finished(object, part.proof, part.extras)
    }

    /// A tool that another provider ran: of a search there is a place for its queries, and none for what it found.
    private mutating func note(_ use: ServerToolUse) {
        let asked = use.searchQueries
        queries += asked
        let found = use.native["action"]?["sources"]?.array ?? []
        if asked.isEmpty || !found.isEmpty { losses.drop("server_tool_use") }
    }

    /// A piece of text that is not the last of its part.
    func piece(_ text: String, isThought: Bool) -> JSON {
        isThought ? ["text": .string(text), "thought": true] : ["text": .string(text)]
    }

    func thought(_ text: String, _ proof: Proof?, summaries: [String], _ extras: JSONObject) -> JSON {
        var object: JSONObject = ["text": .string(text), "thought": true]
        if let proof {
            object["thoughtSignature"] = .string(
                GoogleSignature.text(proof, summaries: summaries.count > 1 ? summaries : nil))
        }
        if isOwn { for (key, value) in extras { object[key] = value } }
        return .object(object)
    }

    func finished(_ part: JSONObject, _ proof: Proof?, _ extras: JSONObject) -> JSON {
        var object = part
        if let proof { object["thoughtSignature"] = .string(GoogleSignature.text(proof)) }
        guard isOwn else { return .object(object) }
        for (name, value) in extras {
            guard let dot = name.firstIndex(of: ".") else {
                object[name] = value
                continue
            }
            let outer = String(name[..<dot])
            var inner = object[outer]?.object ?? JSONObject()
            inner[String(name[name.index(after: dot)...])] = value
            object[outer] = .object(inner)
        }
        return .object(object)
    }

    /// The client always gets an id: google-genai sends it back with the response.
    func functionCall(_ call: ToolCall) -> JSONObject {
        let name = call.namespace.map { $0 + "__" + call.name } ?? call.name
        var object: JSONObject = ["id": .string(call.id), "name": .string(name)]
        // Google leaves arguments that are none out; google-genai's users unpack them.
        if !isOwn || !call.arguments.isEmpty { object["args"] = .object(call.argumentsObject) }
        return ["functionCall": .object(object)]
    }

    private mutating func media(_ media: Media) -> JSONObject {
        if media.transcript != nil { losses.drop("transcript") }
        var object = JSONObject()
        switch media.source {
        case .base64(let data):
            if let type = isOwn ? media.mediaType : GoogleMedia.mediaType(media) {
                object["mimeType"] = .string(type)
            }
            object["data"] = .string(data)
            if let name = media.filename { object["displayName"] = .string(name) }
            return ["inlineData": .object(object)]
        case .url(let uri), .fileID(let uri):
            if let type = isOwn ? media.mediaType : GoogleMedia.mediaType(media) {
                object["mimeType"] = .string(type)
            }
            object["fileUri"] = .string(uri)
            if let name = media.filename { object["displayName"] = .string(name) }
            return ["fileData": .object(object)]
        case .text(let text): return ["text": .string(text)]
        case .parts(let parts): return ["text": .string(parts.compactMap(\.text).joined(separator: "\n"))]
        }
    }
}
