import JSONText

extension ResponsesRequestEncoder {
    /// The items of one turn: what is said in a row is one message; a call, a result and a thought are items.
    mutating func add(_ turn: Turn, _ number: Int, to items: inout [JSON]) throws(RequestError) {
        var contents: [JSON] = []
        var isPlain = turn.isPlainText
        if turn.name != nil { losses.drop("name") }
        if !isNative { losses.drop(turn.extras) }
        for (place, part) in turn.parts.enumerated() {
            do throws(RequestError) {
                try add(part, of: turn, &contents, &isPlain, to: &items)
            } catch {
                throw error.placed(turn: number, part: place)
            }
        }
        // A message that says nothing is one only where a Responses client wrote it, or where it is the user's turn.
        let saysNothing = turn.parts.allSatisfy { $0.text?.isEmpty == true }
        let isEmpty = isNative ? turn.parts.isEmpty : saysNothing && turn.role == .user
        if !contents.isEmpty || isEmpty { flush(&contents, turn, isPlain, to: &items, evenEmpty: isEmpty) }
    }

    private mutating func add(
        _ part: Part, of turn: Turn, _ contents: inout [JSON], _ isPlain: inout Bool, to items: inout [JSON]
    ) throws(RequestError) {
        report(part, isMarked: part.isToolResult || marks(part, turn.role))
        switch part.content {
        case .text, .refusal: try addContent(part, turn.role, &contents, &isPlain)
        case .media where turn.role == .assistant:
            flush(&contents, turn, isPlain, to: &items)
            try addShownMedia(part, to: &items)
        case .media: try addContent(part, turn.role, &contents, &isPlain)
        case .native(let native):
            guard isNative else {
                losses.drop(mark: native)
                return
            }
            // An item of its own has no message around it.
            if part.id != nil { items.append(native) } else { contents.append(native) }
        case .toolCall(let call):
            flush(&contents, turn, isPlain, to: &items)
            items.append(item(call, part))
        case .toolResult(let result):
            flush(&contents, turn, isPlain, to: &items)
            items.append(try item(result, part))
        case .reasoning(let reasoning):
            flush(&contents, turn, isPlain, to: &items)
            if let item = item(reasoning, part) { items.append(item) }
        case .serverTool(let use):
            flush(&contents, turn, isPlain, to: &items)
            if use.nativeDialect == .responses { items.append(use.native) } else { losses.drop("server_tool_use") }
        }
    }

    /// Reports what a part has beside its content.
    ///
    /// - Parameter isMarked: its marker goes along, or is somebody else's to report.
    mutating func report(_ part: Part, isMarked: Bool = false) {
        if !isNative, !isMarked { losses.drop(part.cache, names) }
        if let proof = part.proof, proof.origin != .openAI { losses.drop("reasoning") }
        if !isNative { losses.drop(part.extras) }
    }

    private mutating func flush(
        _ contents: inout [JSON], _ turn: Turn, _ isPlain: Bool, to items: inout [JSON], evenEmpty: Bool = false
    ) {
        guard !contents.isEmpty || evenEmpty else { return }
        var message: JSONObject = ["type": "message"]
        message["id"] = id(turn.id)
        message["role"] = .string(role(turn.role))
        if isPlain, contents.count == 1, let text = contents[0]["text"] {
            message["content"] = text
        } else if contents.isEmpty, !isNative {
            message["content"] = ""
        } else {
            message["content"] = .array(contents)
        }
        if isNative { for (key, value) in turn.extras { message[key] = value } }
        items.append(.object(message))
        contents = []
    }

    func role(_ role: Turn.Role) -> String {
        switch role {
        case .developer where !target.takesDeveloperRole: "system"
        case .tool: "user"
        default: role.rawValue
        }
    }

    /// The id goes along where it is the provider's own.
    private func id(_ id: String?) -> JSON? {
        guard isNative, let id, !ResponsesIDs.isMade(id) else { return nil }
        return .string(id)
    }

    // MARK: - Contents

    private mutating func addContent(
        _ part: Part, _ role: Turn.Role, _ contents: inout [JSON], _ isPlain: inout Bool
    ) throws(RequestError) {
        let written = try content(part, role)
        if part.cache != nil || !part.extras.isEmpty || written.count != 1 { isPlain = isPlain && !isNative }
        if marks(part, role) { isPlain = false }
        contents += written
    }

    /// Whether the marker of another dialect's part goes out with it. OpenAI has them on texts, images and files of the
    /// input (openai 3.54.0), and not on what the model said.
    func marks(_ part: Part, _ role: Turn.Role) -> Bool {
        guard let marker = part.cache, role != .assistant, target.takesBreakpoint(marker) else { return false }
        switch part.content {
        case .text(let text): return !text.text.isEmpty
        case .media(let media): return media.kind == .image || media.kind == .document
        default: return false
        }
    }

    private mutating func content(_ part: Part, _ role: Turn.Role) throws(RequestError) -> [JSON] {
        var object = JSONObject()
        switch part.content {
        case .text(let text):
            // Rule 3 of docs/WIREFORMATS.md.
            if text.text.isEmpty, !isNative { return [] }
            object["type"] = role == .assistant ? "output_text" : "input_text"
            object["text"] = .string(text.text)
            let annotations = text.citations.compactMap { $0.nativeDialect == .responses ? $0.native : nil }
            if !annotations.isEmpty { object["annotations"] = .array(annotations) }
            if annotations.count < text.citations.count { losses.drop("citations") }
        case .refusal(let text):
            object["type"] = "refusal"
            object["refusal"] = .string(text)
        case .media(let media):
            switch media.source {
            case .text(let text) where media.kind == .document:
                losses.dropRemarks(of: media, isText: true)
                object = ["type": "input_text", "text": .string(media.headed(text))]
            default: object = try written(media)
            }
        default: return []
        }
        if isNative {
            object.overlay(part.extras)
            if let marker = part.cache { object["prompt_cache_breakpoint"] = marker.breakpoint }
        } else if let marker = part.cache, marks(part, role) {
            object["prompt_cache_breakpoint"] = losses.breakpoint(marker).breakpoint
        }
        return [.object(object)]
    }

    private mutating func written(_ media: Media) throws(RequestError) -> JSONObject {
        losses.dropRemarks(of: media, isText: false)
        switch media.kind {
        case .image: return try image(media)
        case .document: return try file(media)
        case .audio:
            guard case .base64(let data) = media.source else {
                throw ResponsesFault.unsupported("messages", "A sound that is not in the request itself")
            }
            guard let format = media.mediaType.flatMap({ AudioFormat.word($0, isOwn: isNative) }) else {
                throw ResponsesFault.unsupported("messages", "A sound of this type")
            }
            return ["type": "input_audio", "input_audio": ["data": .string(data), "format": .string(format)]]
        case .video: throw ResponsesFault.unsupported("messages", "A video")
        }
    }

    private func image(_ media: Media) throws(RequestError) -> JSONObject {
        var object: JSONObject = ["type": "input_image"]
        switch media.source {
        case .base64(let data):
            let type = isNative ? media.mediaType ?? "" : media.imageType
            object["image_url"] = .string(DataURL.written(type, data))
        case .url(let url):
            try requireReachable(media, "An image")
            object["image_url"] = .string(url)
        case .fileID(let id): object["file_id"] = .string(try known(id, "An image"))
        case .text, .parts: throw ResponsesFault.unsupported("messages", "An image made of text")
        }
        object["detail"] = media.detail.map { .string($0) }
        return object
    }

    private mutating func file(_ media: Media) throws(RequestError) -> JSONObject {
        var object: JSONObject = ["type": "input_file"]
        switch media.source {
        case .base64(let data):
            // A file that is sent along must have a name.
            object["filename"] = isNative ? media.filename.map { .string($0) } : .string(media.fileName)
            let type = isNative ? media.mediaType : media.likelyType ?? "application/octet-stream"
            object["file_data"] = .string(type.map { "data:\($0);base64,\(data)" } ?? data)
        case .url(let url):
            try requireReachable(media, "A file")
            object["file_url"] = .string(url)
            addName(media, to: &object)
        case .fileID(let id):
            object["file_id"] = .string(try known(id, "A file"))
            addName(media, to: &object)
        case .text, .parts: break
        }
        object["detail"] = isNative ? media.detail.map { .string($0) } : nil
        return object
    }

    /// A name is for files that are sent along.
    private mutating func addName(_ media: Media, to object: inout JSONObject) {
        guard let name = media.filename ?? media.title else { return }
        if isNative { object["filename"] = .string(name) } else { losses.drop(names["filename"]) }
    }

    /// Buckets of other clouds mean nothing to a Responses provider.
    private func requireReachable(_ media: Media, _ what: String) throws(RequestError) {
        guard media.isInCloudStorage, !isNative else { return }
        throw ResponsesFault.unsupported("messages", what + " in another cloud's storage")
    }

    /// Ids of files are the provider's own: of another's dialect, they name nothing here.
    private func known(_ id: String, _ what: String) throws(RequestError) -> String {
        guard isNative || conversation.origin == .chatCompletions else {
            throw ResponsesFault.unsupported("messages", what + " that is stored at another provider")
        }
        return id
    }

    /// An image that a model drew. An assistant's message holds none here, so the user shows it.
    private mutating func addShownMedia(_ part: Part, to items: inout [JSON]) throws(RequestError) {
        guard case .media(let media) = part.content else { return }
        switch media.kind {
        case .image:
            losses.adjust("role")
            items.append(["type": "message", "role": "user", "content": .array([.object(try image(media))])])
        case .audio: throw ResponsesFault.unsupported("messages", "A sound that the assistant made")
        case .video: throw ResponsesFault.unsupported("messages", "A video that the assistant made")
        case .document: throw ResponsesFault.unsupported("messages", "A document that the assistant made")
        }
    }

    // MARK: - Items

    private mutating func item(_ call: ToolCall, _ part: Part) -> JSON {
        var item = JSONObject()
        item["type"] = call.kind == .custom ? "custom_tool_call" : "function_call"
        item["id"] = id(part.id)
        item["call_id"] = .string(callID(call.id))
        item["name"] = .string(call.name)
        item["namespace"] = call.namespace.map { .string($0) }
        item[call.kind == .custom ? "input" : "arguments"] = .string(call.arguments)
        if isNative { for (key, value) in part.extras { item[key] = value } }
        return .object(item)
    }

    private mutating func item(_ result: ToolResult, _ part: Part) throws(RequestError) -> JSON {
        let kind = isNative ? result.kind : callKinds[result.callID] ?? result.kind
        var item = JSONObject()
        item["type"] = kind == .custom ? "custom_tool_call_output" : "function_call_output"
        item["id"] = id(part.id)
        item["call_id"] = .string(callID(result.callID))
        if isNative { item["name"] = result.name.map { .string($0) } }
        if result.isError == true { losses.drop(names["is_error"]) }
        var contents: [JSON] = []
        for inner in result.parts {
            report(inner, isMarked: marks(inner, .tool))
            switch inner.content {
            case .text, .media: contents += try content(inner, .tool)
            case .native(let native) where isNative: contents.append(native)
            default: losses.drop("content")
            }
        }
        if !isNative, let marker = part.cache { mark(&contents, marker) }
        // Texts alone go as one string in other dialects' name: every provider takes that.
        let isText = result.isPlainText || (!isNative && result.parts.allSatisfy { $0.text != nil })
        let isMarked = contents.contains { $0["prompt_cache_breakpoint"] != nil }
        item["output"] = isText && !isMarked ? .string(result.text) : .array(contents)
        if isNative { for (key, value) in part.extras { item[key] = value } }
        return .object(item)
    }

    /// A marker behind a whole result stands on the last of its contents.
    private mutating func mark(_ contents: inout [JSON], _ marker: CacheMarker) {
        let types: Set<String> = ["input_text", "input_image", "input_file"]
        guard target.takesBreakpoint(marker), let last = contents.indices.last,
            let type = contents[last]["type"]?.string, types.contains(type)
        else { return losses.drop(marker, names) }
        contents[last]["prompt_cache_breakpoint"] = losses.breakpoint(marker).breakpoint
    }

    /// OpenAI takes ids of at most 64 characters.
    private func callID(_ id: String) -> String {
        isNative || (1...64).contains(id.utf8.count) ? id : ToolIDs.legal(id)
    }

    /// - Returns: nil where the thought is another provider's.
    private mutating func item(_ reasoning: Reasoning, _ part: Part) -> JSON? {
        let isMade = part.id.map { ResponsesIDs.isMade($0) } ?? false
        guard reasoning.proof.map({ $0.origin == .openAI }) ?? (isNative && !isMade) else {
            losses.drop("reasoning")
            return nil
        }
        var item: JSONObject = ["type": "reasoning"]
        item["id"] = isNative ? id(part.id) : reasoning.proof?.itemID.map { .string($0) }
        var summaries = reasoning.summaries
        if !isNative, summaries.isEmpty, !reasoning.text.isEmpty { summaries = [reasoning.text] }
        item["summary"] = .array(summaries.map { ["type": "summary_text", "text": .string($0)] })
        if isNative, !reasoning.text.isEmpty {
            item["content"] = [["type": "reasoning_text", "text": .string(reasoning.text)]]
        }
        item["encrypted_content"] = reasoning.proof.map { .string($0.value) }
        if isNative { for (key, value) in part.extras { item[key] = value } }
        return .object(item)
    }
}
