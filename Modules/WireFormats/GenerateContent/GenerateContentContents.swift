import JSONText

/// Writes `contents` and the parts of `systemInstruction` of a request.
struct GenerateContentContents {
    private let encoder: GenerateContentRequestEncoder
    private(set) var losses = LossReport()
    private(set) var contents: [JSON] = []
    private(set) var system: [JSON] = []
    private(set) var hasSystem = false
    private(set) var systemIsSingle = false
    private(set) var systemExtras = JSONObject()
    /// The calls so far: their place, and the function's name.
    private var calls: [String: (order: Int, name: String)] = [:]
    private var pending = Content()
    /// The content before ``pending``. It grows in place where what stood behind it said nothing.
    private var last: (role: String, parts: [JSON]) = ("", [])

    /// A content that is not finished: adjacent turns of one role are one.
    private struct Content {
        var role = ""
        var results = OrderedResults()
        var rest: [JSON] = []
    }

    init(_ encoder: GenerateContentRequestEncoder) { self.encoder = encoder }

    mutating func write(_ turns: [Turn]) throws(RequestError) {
        var isLeading = true
        for (index, turn) in turns.enumerated() {
            if let name = turn.name, !encoder.isOwn, !name.isEmpty { losses.drop("name") }
            if !encoder.isOwn { losses.drop(turn.extras) }
            let isSystem = turn.role == .system || turn.role == .developer
            if isSystem, isLeading || turn.isTopLevel {
                try writeSystem(turn, index)
                continue
            }
            if isSystem {
                try writeMidSystem(turn, index)
            } else if encoder.isOwn {
                try writeOwn(turn, index)
            } else {
                try add(turn, index)
            }
            isLeading = false
        }
        flush()
        writeLast()
    }

    // MARK: - System

    private mutating func writeSystem(_ turn: Turn, _ index: Int) throws(RequestError) {
        hasSystem = hasSystem || encoder.isOwn
        if encoder.isOwn, turn.isPlainText { systemIsSingle = true }
        for (name, value) in turn.extras where encoder.isOwn { systemExtras[name] = value }
        for (number, part) in turn.parts.enumerated() {
            let place = BodyPlace("messages", index, "content", number)
            guard encoder.isOwn || part.text != nil else {
                throw unsupported(place.path, "a system prompt of other than text")
            }
            if let written = try written(part, place) { system.append(written) }
        }
    }

    private mutating func writeMidSystem(_ turn: Turn, _ index: Int) throws(RequestError) {
        losses.adjust("role")
        var texts: [String] = []
        for (number, part) in turn.parts.enumerated() {
            reportMarkers(part)
            guard let text = part.text else {
                let place = BodyPlace("messages", index, "content", number)
                throw unsupported(place.path, "a system prompt of other than text")
            }
            texts.append(text)
        }
        try add(Turn(.user, [.text("<system>" + texts.joined(separator: "\n") + "</system>")]), index)
    }

    // MARK: - Turns

    private mutating func writeOwn(_ turn: Turn, _ index: Int) throws(RequestError) {
        flush()
        writeLast()
        var parts: [JSON] = []
        for (number, part) in turn.parts.enumerated() {
            let place = BodyPlace("contents", index, "parts", number)
            if let written = try written(part, place) { parts.append(written) }
        }
        sign(&parts)
        let role =
            switch turn.role {
            case .assistant: "model"
            case .tool: "function"
            default: "user"
            }
        var content: JSONObject = ["role": .string(role)]
        content["parts"] = turn.isPlainText && parts.count == 1 ? parts[0] : .array(parts)
        for (name, value) in turn.extras { content[encoder.key(name)] = value }
        contents.append(.object(content))
    }

    private mutating func add(_ turn: Turn, _ index: Int) throws(RequestError) {
        let role = turn.role == .assistant ? "model" : "user"
        if pending.role != role { flush() }
        pending.role = role
        for (number, part) in turn.parts.enumerated() {
            let place = BodyPlace("messages", index, "content", number)
            if case .toolResult(let result) = part.content {
                try add(result, part, place)
                continue
            }
            if let written = try written(part, place) { pending.rest.append(written) }
        }
    }

    private mutating func add(_ result: ToolResult, _ part: Part, _ place: BodyPlace) throws(RequestError) {
        reportMarkers(part)
        guard let name = calls[result.callID]?.name ?? result.name.map(ToolNames.google) else {
            throw RequestError.resultWithoutCall(at: place.path)
        }
        var (response, media) = try self.response(result, place)
        response["name"] = .string(name)
        var ordered = JSONObject()
        for key in ["id", "name", "response", "parts"] { if let value = response[key] { ordered[key] = value } }
        pending.results.add(["functionResponse": .object(ordered)], order: calls[result.callID]?.order)
        pending.rest += media
        media = []
    }

    /// `functionResponse` without its name, and what the model cannot take in it: that follows in the same turn.
    private mutating func response(
        _ result: ToolResult, _ place: BodyPlace
    ) throws(RequestError) -> (JSONObject, [JSON]) {
        var texts: [String] = []
        var media: [JSON] = []
        for part in result.parts {
            switch part.content {
            case .text(let text):
                reportMarkers(part)
                if !text.text.isEmpty { texts.append(text.text) }
            case .refusal(let text): texts.append(text)
            case .media:
                guard let written = try written(part, place) else { continue }
                if let text = written["text"]?.string { texts.append(text) } else { media.append(written) }
            default: throw unsupported(place.path, "this kind of tool result")
            }
        }
        var object: JSONObject = ["id": .string(result.callID)]
        if let native = result.object, let response = native.object, !GoogleToolResult.hasReferences(native) {
            object["response"] = GoogleToolResult.response(response, isError: result.isError == true)
        } else {
            object["response"] = GoogleToolResult.response(
                texts.joined(separator: "\n"), isError: result.isError == true)
        }
        // Media within a response are Gemini 3's (https://ai.google.dev/gemini-api/docs/function-calling#multimodal,
        // read on 2026-11-29).
        guard !media.isEmpty else { return (object, []) }
        guard encoder.isGemini3 else {
            losses.adjust("content")
            return (object, media)
        }
        object["parts"] = .array(media)
        return (object, [])
    }

    private mutating func flush() {
        defer { pending = Content() }
        guard !pending.role.isEmpty else { return }
        let parts = pending.results.take() + pending.rest
        // A turn that said nothing which can be carried is none.
        if parts.isEmpty { return }
        // Where such a turn stood between two of one role, these are one.
        if !encoder.isOwn, last.role == pending.role {
            last.parts += parts
            return
        }
        writeLast()
        last = (pending.role, parts)
    }

    private mutating func writeLast() {
        guard !last.parts.isEmpty else { return }
        sign(&last.parts)
        contents.append(.object(JSONObject("role", .string(last.role), "parts", .array(last.parts))))
        last = ("", [])
    }

    /// Gives another model's call the placeholder that Gemini 3 takes for a signature. Of parallel calls, the first alone has
    /// one.
    private func sign(_ parts: inout [JSON]) {
        func holds(_ part: JSON, _ name: String) -> Bool {
            part[name] != nil || part[GoogleMembers.snakeCase(name)] != nil
        }
        guard encoder.isGemini3, let call = parts.firstIndex(where: { holds($0, "functionCall") }),
            !holds(parts[call], "thoughtSignature")
        else { return }
        parts[call][encoder.key("thoughtSignature")] = "skip_thought_signature_validator"
    }

    // MARK: - Parts

    private mutating func reportMarkers(_ part: Part) {
        guard !encoder.isOwn else { return }
        losses.drop(part.cache, encoder.names)
        losses.drop(part.extras)
    }

    /// The part; nil where nothing of it is sent.
    private mutating func written(_ part: Part, _ place: BodyPlace) throws(RequestError) -> JSON? {
        reportMarkers(part)
        var object = JSONObject()
        switch part.content {
        case .text(let text):
            if !encoder.isOwn {
                if text.text.isEmpty, part.proof?.origin != .google { return nil }
                if !text.citations.isEmpty { losses.drop("citations") }
            }
            object["text"] = .string(text.text)
        case .refusal(let text):
            if text.isEmpty { return nil }
            object["text"] = .string(text)
        case .media(let media): object = try self.media(media, place.path)
        case .reasoning(let reasoning):
            // Google's own thoughts mostly have no signature: it is on the part that follows them.
            let isForeign = reasoning.proof.map { $0.origin != .google } ?? reasoning.visibleText.isEmpty
            guard encoder.isOwn || !isForeign else {
                losses.drop("reasoning")
                return nil
            }
            object["text"] = .string(reasoning.visibleText)
            object["thought"] = true
            if let proof = reasoning.proof { addProof(proof, to: &object) }
        case .toolCall(let call): object = functionCall(call)
        case .toolResult(let result): object = try ownResult(result)
        case .serverTool(let use):
            guard use.nativeDialect == .generateContent else {
                losses.drop("server_tool_use")
                return nil
            }
            object = use.native.object ?? [:]
        case .native(let native):
            guard encoder.isOwn else {
                losses.drop(mark: native)
                return nil
            }
            return native
        }
        if let proof = part.proof, part.reasoning == nil { addProof(proof, to: &object) }
        if encoder.isOwn { addExtras(part, to: &object) }
        return .object(object)
    }

    private func addExtras(_ part: Part, to object: inout JSONObject) {
        for (name, value) in part.extras {
            guard let dot = name.firstIndex(of: ".") else {
                object[encoder.key(name)] = value
                continue
            }
            let outer = encoder.key(String(name[..<dot]))
            var inner = object[outer]?.object ?? JSONObject()
            inner[encoder.key(String(name[name.index(after: dot)...]))] = value
            object[outer] = .object(inner)
        }
    }

    private mutating func addProof(_ proof: Proof, to object: inout JSONObject) {
        if proof.origin == .google {
            object[encoder.key("thoughtSignature")] = .string(proof.value)
        } else {
            losses.drop("reasoning")
        }
    }

    private mutating func functionCall(_ call: ToolCall) -> JSONObject {
        let flat = call.namespace.map { $0 + "__" + call.name } ?? call.name
        let name = encoder.isOwn ? flat : ToolNames.google(flat)
        if name != flat { losses.adjust("tools") }
        calls[call.id] = (calls.count, name)
        var object = JSONObject()
        if !(encoder.isOwn && GenerateContentIDs.isMade(call.id)) { object["id"] = .string(call.id) }
        if !(encoder.isOwn && name.isEmpty) { object["name"] = .string(name) }
        if !(encoder.isOwn && call.arguments.isEmpty) {
            object["args"] = .object(losses.arguments(of: call, encoder.names))
        }
        return [encoder.key("functionCall"): .object(object)]
    }

    private mutating func ownResult(_ result: ToolResult) throws(RequestError) -> JSONObject {
        var object = JSONObject()
        if !GenerateContentIDs.isMade(result.callID) { object["id"] = .string(result.callID) }
        if let name = result.name ?? calls[result.callID]?.name { object["name"] = .string(name) }
        var parts = result.parts
        if let response = result.object {
            object["response"] = response
            if !parts.isEmpty { parts.removeFirst() }
        }
        var written: [JSON] = []
        for part in parts { if let json = try self.written(part, BodyPlace("parts")) { written.append(json) } }
        if !written.isEmpty { object["parts"] = .array(written) }
        return [encoder.key("functionResponse"): .object(object)]
    }

    private mutating func media(_ media: Media, _ path: String) throws(RequestError) -> JSONObject {
        if !encoder.isOwn {
            losses.dropRemarks(of: media, isText: media.isText)
            if let detail = media.detail, detail != "auto", !encoder.isGemini3 {
                losses.drop("detail")
            }
        }
        let resolution = encoder.isGemini3 && !encoder.isOwn ? GenerateContentContents.resolution(media.detail) : nil
        var object = JSONObject()
        switch media.source {
        case .base64(let data):
            var inline = JSONObject()
            if let type = encoder.isOwn ? media.mediaType : GoogleMedia.mediaType(media) {
                inline[encoder.key("mimeType")] = .string(type)
            }
            inline["data"] = .string(data)
            addName(media, to: &inline)
            object[encoder.key("inlineData")] = .object(inline)
        case .url(let url):
            if !encoder.isOwn, media.isInAmazonStorage {
                throw unsupported(path, "a file in another cloud's storage")
            }
            object[encoder.key("fileData")] = fileData(url, media)
        case .fileID(let id):
            guard GoogleMedia.isFileID(id) else { throw unsupported(path, "a file of another provider") }
            let prefix =
                id.hasPrefix("files/") && !encoder.isOwn ? "https://generativelanguage.googleapis.com/v1beta/" : ""
            object[encoder.key("fileData")] = fileData(prefix + id, media)
        case .text(let text):
            return ["text": .string(media.headed(text))]
        case .parts: throw unsupported(path, "a document made of parts")
        }
        if let resolution { object["mediaResolution"] = ["level": .string(resolution)] }
        return object
    }

    private mutating func fileData(_ uri: String, _ media: Media) -> JSON {
        var file = JSONObject()
        if let type = encoder.isOwn ? media.mediaType : GoogleMedia.mediaType(media) {
            file[encoder.key("mimeType")] = .string(type)
        }
        file[encoder.key("fileUri")] = .string(uri)
        addName(media, to: &file)
        return .object(file)
    }

    /// `displayName` is Vertex' alone (google-genai 3.6.1: "not supported in Gemini API").
    private mutating func addName(_ media: Media, to object: inout JSONObject) {
        guard let name = media.filename ?? media.title else { return }
        if encoder.isOwn || encoder.target.isVertex {
            object[encoder.key("displayName")] = .string(name)
        } else {
            losses.drop(encoder.names["filename"])
        }
    }

    private static func resolution(_ detail: String?) -> String? {
        switch detail {
        case "low": "MEDIA_RESOLUTION_LOW"
        case "high", "original": "MEDIA_RESOLUTION_HIGH"
        default: nil
        }
    }

    private func unsupported(_ path: String, _ what: String) -> RequestError {
        RequestError(
            message: "Invalid '\(path)': the provider of this model does not take \(what).", param: path,
            code: "unsupported_content")
    }
}
