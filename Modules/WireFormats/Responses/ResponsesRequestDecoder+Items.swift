import JSONText

extension ResponsesRequestDecoder {
    mutating func addInput(_ value: JSON) throws(RequestError) {
        switch value {
        case .string(let text): conversation.turns.append(.text(.user, text))
        case .array(let items):
            // That there was a list tells something where there is nothing in it.
            if items.isEmpty { conversation.extras["input"] = value }
            for (index, item) in items.enumerated() { try add(item: item, at: index) }
        default: throw ResponsesFault.type("input", "a string or an array", value)
        }
    }

    private mutating func add(item: JSON, at index: Int) throws(RequestError) {
        let object = try ResponsesFault.object(item, "input[\(index)]")
        let type = try ResponsesFault.optionalString(of: object, "type", "input[\(index)]")
        switch type ?? (object["role"] == nil ? "item_reference" : "message") {
        case "message": try addMessage(object, index)
        case "function_call": try addCall(object, .function, "arguments", index)
        case "custom_tool_call": try addCall(object, .custom, "input", index)
        case "function_call_output": try addResult(object, .function, index)
        case "custom_tool_call_output": try addResult(object, .custom, index)
        case "reasoning": addReasoning(item: object)
        case "item_reference" where type == nil && object["id"]?.string == nil:
            throw .missing("input[\(index)].type")
        case "image_generation_call" where madeImage(object): break
        // Another provider's search, as we showed it: none knows it, and the answer holds what came of it.
        case "web_search_call" where object["id"]?.string.map(ResponsesIDs.isMade) == true: break
        default:
            var part = ResponsesItems.opaquePart(object)
            // By its id an item is told from a content that only Responses knows: that has none.
            if part.id == nil { part.id = "" }
            var isResult = false
            if case .serverTool(let use) = part.content { isResult = use.phase == .result }
            append(Turn(isResult ? .tool : .assistant, [part]), id: object)
        }
    }

    private mutating func append(_ turn: Turn, id item: JSONObject) {
        var turn = turn
        turn.id = item["id"]?.string
        if turn.role == .assistant, let proof = waitingProof, !turn.parts.isEmpty, turn.parts[0].proof == nil {
            turn.parts[0].proof = proof
            waitingProof = nil
        } else {
            attachWaitingProofToWhatWas()
        }
        conversation.turns.append(turn)
    }

    /// Where nothing of the model's follows an envelope, what it holds hangs on what stood before.
    mutating func attachWaitingProofToWhatWas() {
        guard let proof = waitingProof else { return }
        waitingProof = nil
        attachToWhatWas(proof)
    }

    private mutating func attachToWhatWas(_ proof: Proof) {
        guard let last = conversation.turns.indices.last, conversation.turns[last].role == .assistant,
            let part = conversation.turns[last].parts.indices.last, conversation.turns[last].parts[part].proof == nil,
            conversation.turns[last].parts[part].reasoning == nil
        else { return }
        conversation.turns[last].parts[part].proof = proof
    }

    // MARK: - Messages

    private mutating func addMessage(_ item: JSONObject, _ index: Int) throws(RequestError) {
        let name = try ResponsesFault.string(of: item, "role", "input[\(index)]")
        guard let role = Turn.Role(rawValue: name), role != .tool else {
            throw ResponsesFault.value(
                "input[\(index)].role", allowed: "'assistant', 'system', 'developer', and 'user'")
        }
        guard let content = item["content"], !content.isNull else { throw .missing("input[\(index)].content") }
        var turn = Turn(role)
        switch content {
        case .string(let text):
            turn.parts = [.text(text)]
            turn.isPlainText = true
        case .array(let contents):
            for (place, element) in contents.enumerated() {
                turn.parts.append(try contentPart(element, role, "input[\(index)].content[\(place)]"))
            }
        default: throw ResponsesFault.type("input[\(index)].content", "a string or an array", content)
        }
        turn.extras = item.without(["type", "role", "content", "id"])
        append(turn, id: item)
    }

    /// One content of a message, or of what a tool gave back.
    private func contentPart(
        _ value: JSON, _ role: Turn.Role, _ path: @autoclosure () -> String
    ) throws(RequestError) -> Part {
        let object = try ResponsesFault.object(value, path())
        let type = try ResponsesFault.string(of: object, "type", path())
        var part: Part
        switch type {
        case "input_text", "output_text", "text":
            let text = try ResponsesFault.string(of: object, "text", path())
            let annotations = object["annotations"]?.array ?? []
            part = Part(.text(Text(text, citations: annotations.map { ResponsesItems.citation($0) })))
            part.extras = object.without(["type", "text", "annotations"])
            // What is said to the model by another word than its role's is written back by that.
            if type != (role == .assistant ? "output_text" : "input_text") { part.extras["type"] = .string(type) }
        case "refusal":
            part = Part(.refusal(try ResponsesFault.string(of: object, "refusal", path())))
            part.extras = object.without(["type", "refusal"])
        case "input_image":
            let media = try image(object, path())
            part = Part(.media(media))
            // A second source beside the one that counts is no less said.
            part.extras = object.without(["type", "detail", source(media, "image_url")])
        case "input_file":
            let media = try file(object, path())
            part = Part(.media(media))
            part.extras = object.without(["type", "filename", "detail", source(media, "file_url")])
        case "input_audio":
            part = Part(.media(try audio(object, path())))
            part.extras = object.without(["type", "input_audio"])
            let more = object["input_audio"]?.object?.without(["data", "format"]) ?? [:]
            if !more.isEmpty { part.extras["input_audio"] = .object(more) }
        default: return Part(.native(value))
        }
        if let breakpoint = part.extras["prompt_cache_breakpoint"] {
            part.extras["prompt_cache_breakpoint"] = nil
            part.cache = try CacheMarker(breakpoint: breakpoint, at: path() + ".prompt_cache_breakpoint")
        }
        return part
    }

    /// The member that a medium is in.
    private func source(_ media: Media, _ url: String) -> String {
        switch (media.source, media.kind) {
        case (.fileID, _): "file_id"
        case (.base64, .document): "file_data"
        default: url
        }
    }

    private func image(_ object: JSONObject, _ path: @autoclosure () -> String) throws(RequestError) -> Media {
        let detail = try ResponsesFault.optionalString(of: object, "detail", path())
        if let id = try ResponsesFault.optionalString(of: object, "file_id", path()) {
            return Media(.image, .fileID(id), detail: detail)
        }
        let url = try ResponsesFault.string(of: object, "image_url", path())
        var media = Media(.image, dataURL: url) ?? Media(.image, .url(url))
        media.detail = detail
        return media
    }

    private func file(_ object: JSONObject, _ path: @autoclosure () -> String) throws(RequestError) -> Media {
        let filename = try ResponsesFault.optionalString(of: object, "filename", path())
        let detail = try ResponsesFault.optionalString(of: object, "detail", path())
        var media = Media(.document, .url(""), filename: filename, detail: detail)
        if let id = try ResponsesFault.optionalString(of: object, "file_id", path()) {
            media.source = .fileID(id)
        } else if let url = try ResponsesFault.optionalString(of: object, "file_url", path()) {
            media.source = .url(url)
        } else {
            let data = try ResponsesFault.string(of: object, "file_data", path())
            // Some clients send the base64 alone.
            media = Media(.document, dataURL: data, filename: filename) ?? media
            if case .url = media.source { media.source = .base64(data) }
            media.detail = detail
        }
        return media
    }

    private func audio(_ object: JSONObject, _ path: @autoclosure () -> String) throws(RequestError) -> Media {
        guard let value = object["input_audio"], !value.isNull else { throw .missing(path() + ".input_audio") }
        let audio = try ResponsesFault.object(value, path() + ".input_audio")
        let data = try ResponsesFault.string(of: audio, "data", path() + ".input_audio")
        let format = try ResponsesFault.string(of: audio, "format", path() + ".input_audio")
        return Media(.audio, .base64(data), mediaType: AudioFormat.mediaType(format))
    }

    // MARK: - Tools

    private mutating func addCall(
        _ item: JSONObject, _ kind: ToolCall.Kind, _ arguments: String, _ index: Int
    ) throws(RequestError) {
        let path = "input[\(index)]"
        var call = ToolCall(
            kind, id: try ResponsesFault.string(of: item, "call_id", path),
            name: try ResponsesFault.string(of: item, "name", path))
        call.arguments = try ResponsesFault.string(of: item, arguments, path)
        call.namespace = try ResponsesFault.optionalString(of: item, "namespace", path)
        var part = Part(.toolCall(call), id: item["id"]?.string)
        part.extras = item.without(["type", "id", "call_id", "name", "namespace", arguments])
        append(Turn(.assistant, [part]), id: item)
    }

    private mutating func addResult(_ item: JSONObject, _ kind: ToolCall.Kind, _ index: Int) throws(RequestError) {
        let path = "input[\(index)]"
        var result = ToolResult(
            callID: try ResponsesFault.string(of: item, "call_id", path),
            name: try ResponsesFault.optionalString(of: item, "name", path), kind: kind)
        guard let output = item["output"], !output.isNull else { throw .missing(path + ".output") }
        switch output {
        case .string(let text):
            result.parts = [.text(text)]
            result.isPlainText = true
        case .array(let contents):
            for (place, element) in contents.enumerated() {
                result.parts.append(try contentPart(element, .tool, "input[\(index)].output[\(place)]"))
            }
        default: throw ResponsesFault.type(path + ".output", "a string or an array", output)
        }
        var part = Part(.toolResult(result), id: item["id"]?.string)
        part.extras = item.without(["type", "id", "call_id", "name", "output"])
        append(Turn(.tool, [part]), id: item)
    }

    // MARK: - Reasoning

    private mutating func addReasoning(item: JSONObject) {
        var part = ResponsesItems.reasoningPart(item)
        if let status = item["status"], !status.isNull { part.extras["status"] = status }
        // What the model has no room for goes back as it came.
        for (list, type) in [("summary", "summary_text"), ("content", "reasoning_text")] {
            if let value = item[list], !ResponsesItems.areTexts(value, type) { part.extras[list] = value }
        }
        guard case .reasoning(var reasoning) = part.content else { return }
        guard let letter = reasoning.proof.flatMap({ ProofEnvelope.unwrapped($0.value) }) else {
            if let id = part.id, ResponsesIDs.isMade(id), reasoning.text.isEmpty {
                // Thinking without a proof, which we showed as a summary.
                reasoning.text = reasoning.visibleText
                reasoning.summaries = []
                part.content = .reasoning(reasoning)
            }
            return append(Turn(.assistant, [part]), id: item)
        }
        if letter.belongsToNext {
            attachWaitingProofToWhatWas()
            waitingProof = letter.proof
            return
        }
        if letter.belongsToPrevious { return attachToWhatWas(letter.proof) }
        // Another provider's thinking: we showed it as a summary.
        reasoning.text = reasoning.visibleText
        reasoning.summaries = letter.summaries ?? []
        reasoning.proof = letter.proof
        reasoning.isRedacted = letter.proof.kind == .encrypted && reasoning.visibleText.isEmpty
        part.content = .reasoning(reasoning)
        append(Turn(.assistant, [part]), id: item)
    }

    /// An image that another provider's model drew, and that we showed as the item in which OpenAI shows its own.
    private mutating func madeImage(_ item: JSONObject) -> Bool {
        guard let id = item["id"]?.string, ResponsesIDs.isMade(id), let data = item["result"]?.string else {
            return false
        }
        let format = item["output_format"]?.string ?? "png"
        append(Turn(.assistant, [Part(.media(Media(.image, .base64(data), mediaType: "image/" + format)))]), id: item)
        return true
    }
}
