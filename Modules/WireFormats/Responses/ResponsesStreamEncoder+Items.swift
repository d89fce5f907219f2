import JSONText

/// What begins, goes on and ends within an item.
extension ResponsesStreamEncoder {
    mutating func began(_ part: Part, _ out: inout FrameWriter) {
        finishText(&out)
        switch part.content {
        case .text, .refusal:
            closeSearch(&out)
            if let message, isNative, message.partID != part.id { closeMessage(&out) }
            let id = message?.id ?? itemID("msg", part)
            writing = Writing(part: part, itemID: id)
            if isNative { openContent(&out) }
        case .native(let native) where isNative && isContent(native, part):
            // A content of a message that only Responses knows.
            if message?.partID != part.id { closeMessage(&out) }
            openMessage(part, itemID("msg", part), &out)
            message?.contents.append(native)
        case .reasoning:
            closeMessage(&out)
            closeSearch(&out)
            writing = Writing(part: part, itemID: itemID("rs", part))
            if isNative { openReasoning(&out) }
        case .toolCall(let call):
            closeMessage(&out)
            closeSearch(&out)
            let prefix = call.kind == .custom || translatedTools.isCustom(call) ? "ctc" : "fc"
            writing = Writing(part: part, itemID: itemID(prefix, part))
            if !isHeld(call) { openCall(&out) }
        case .media, .serverTool, .native, .toolResult:
            closeMessage(&out)
            if case .serverTool(let use) = part.content, use.phase == .result {} else { closeSearch(&out) }
            writing = Writing(part: part, itemID: itemID("ig", part))
        }
    }

    private func isContent(_ native: JSON, _ part: Part) -> Bool {
        guard let id = part.id else { return false }
        return native["id"]?.string != id
    }

    mutating func add(_ delta: PartDelta, _ out: inout FrameWriter) {
        guard writing != nil else { return }
        writing?.part.add(delta)
        if case .citation(let citation) = delta {
            guard writing?.hasEnded == false, writing?.part.text != nil else { return }
            if isNative || citation.range != nil {
                annotate(citation, &out)
            } else {
                writing?.waiting.append(citation)
            }
            return
        }
        guard let now = writing, !now.hasEnded else { return }
        switch (now.part.content, delta) {
        case (.text, .text(let more)):
            writing?.scalars += Int64(more.unicodeScalars.count)
            if !now.isOpen { openContent(&out) }
            let logprobs = writing?.newLogprobs ?? []
            writing?.newLogprobs = []
            emit(
                "response.output_text.delta", item: now.itemID,
                ["content_index": contentIndex, "delta": .string(more), "logprobs": .array(logprobs)], &out)
        case (.refusal, .text(let more)):
            if !now.isOpen { openContent(&out) }
            emit(
                "response.refusal.delta", item: now.itemID,
                ["content_index": contentIndex, "delta": .string(more)], &out)
        case (.reasoning, .reasoning(let more)):
            if !now.isOpen { openReasoning(&out) }
            if isNative { addReasoningText(more, &out) } else { addSummary(0, more, &out) }
        case (.reasoning, .summary(let index, let more)):
            if !now.isOpen { openReasoning(&out) }
            addSummary(index, more, &out)
        case (.toolCall(let call), .arguments(let more)) where now.isOpen:
            let type: StaticString =
                call.kind == .custom
                ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta"
            emit(type, item: now.itemID, ["delta": .string(more)], &out)
        default: break
        }
    }

    mutating func add(logprobs: JSON) {
        // A refusal and a call have no place for theirs.
        if logprobs["refusal"]?.array?.isEmpty == false { losses.drop("logprobs") }
        guard let more = logprobs["content"]?.array, !more.isEmpty else { return }
        guard writing?.part.text != nil else { return losses.drop("logprobs") }
        let written = more.map { ResponsesStreamEncoder.filled($0) }
        writing?.logprobs += written
        writing?.newLogprobs += written
    }

    /// Chat's `bytes` may be null, and `top_logprobs` absent; the SDK's model has both.
    private static func filled(_ logprob: JSON) -> JSON {
        guard var object = logprob.object else { return logprob }
        let bytes = { (token: JSON?) -> JSON in .array((token?.string ?? "").utf8.map { .int(Int64($0)) }) }
        if object["bytes"]?.array == nil { object["bytes"] = bytes(object["token"]) }
        let top = (object["top_logprobs"]?.array ?? []).map { other -> JSON in
            guard var other = other.object else { return other }
            if other["bytes"]?.array == nil { other["bytes"] = bytes(other["token"]) }
            return .object(other)
        }
        object["top_logprobs"] = .array(top)
        return .object(object)
    }

    mutating func ended(_ out: inout FrameWriter) {
        guard let now = writing else { return }
        switch now.part.content {
        case .text, .refusal:
            for citation in now.waiting { annotate(citation, &out) }
            // Its log probabilities may come yet: `finishText`.
            writing?.hasEnded = true
        case .reasoning: endReasoning(&out)
        case .toolCall(let call): endCall(call, &out)
        case .media(let media):
            losses.dropProof(of: now.part)
            endMedia(media, &out)
        case .serverTool(let use):
            losses.dropProof(of: now.part)
            endServerTool(use, &out)
        case .native(let native):
            if isNative, let item = native.object {
                emitAdded(item, &out)
                emitDone(item, &out)
            } else {
                losses.drop(native["type"]?.string ?? "content")
            }
        case .toolResult: losses.drop("tool_result")
        }
        if writing?.hasEnded == false { writing = nil }
    }

    /// What a provider says about a refusal is a content of the message.
    mutating func explain(_ stop: Stop, _ out: inout FrameWriter) {
        guard let words = stop.explainingWords else { return }
        began(Part(.refusal("")), &out)
        add(.text(words), &out)
        ended(&out)
    }

    mutating func closeAll(_ out: inout FrameWriter) {
        finishText(&out)
        closeMessage(&out)
        closeSearch(&out)
    }

    // MARK: - Messages

    private var contentIndex: JSON { .int(Int64(message?.contents.count ?? 0)) }

    private mutating func openMessage(_ part: Part, _ id: String, _ out: inout FrameWriter) {
        guard message == nil else { return }
        var new = Message(id: id, partID: part.id)
        if isNative {
            if let phase = part.extras["phase"] { new.extras["phase"] = phase }
            for (key, value) in part.extras["item"]?.object ?? JSONObject() { new.extras[key] = value }
        }
        message = new
        emitAdded(messageItem(new, status: "in_progress"), &out)
    }

    private func messageItem(_ message: Message, status: JSON) -> JSONObject {
        var item: JSONObject = ["id": .string(message.id), "type": "message", "status": status, "role": "assistant"]
        item["content"] = .array(message.contents)
        for (key, value) in message.extras { item[key] = value }
        return item
    }

    private mutating func openContent(_ out: inout FrameWriter) {
        guard let now = writing, !now.isOpen else { return }
        openMessage(now.part, now.itemID, &out)
        writing?.isOpen = true
        let empty: JSON =
            now.part.text == nil
            ? ["type": "refusal", "refusal": ""]
            : ["type": "output_text", "text": "", "annotations": [], "logprobs": []]
        emit(
            "response.content_part.added", item: now.itemID, ["content_index": contentIndex, "part": empty], &out)
    }

    private mutating func annotate(_ citation: Citation, _ out: inout FrameWriter) {
        // No copy of it, so that its annotations are added to in place.
        guard let end = writing?.scalars, let id = writing?.itemID, let number = writing?.annotations.count else {
            return
        }
        guard let annotation = annotation(citation, textEnd: end) else { return losses.drop("citations") }
        if writing?.isOpen == false { openContent(&out) }
        emit(
            "response.output_text.annotation.added", item: id,
            ["content_index": contentIndex, "annotation_index": .int(Int64(number)), "annotation": annotation], &out)
        writing?.annotations.append(annotation)
    }

    /// - Returns: nil where it points at something that has no name here: a place in a document of the request.
    private func annotation(_ citation: Citation, textEnd end: Int64) -> JSON? {
        if citation.nativeDialect == .responses, let native = citation.native { return native }
        // A citation without a range supports the whole text.
        if let url = citation.url {
            let range = citation.range.map { (Int64($0.lowerBound), Int64($0.upperBound)) } ?? (0, end)
            return [
                "type": "url_citation", "start_index": .int(range.0), "end_index": .int(range.1), "url": .string(url),
                "title": .string(citation.title ?? ""),
            ]
        }
        guard let file = citation.fileID else { return nil }
        return [
            "type": "file_citation", "file_id": .string(file), "filename": .string(citation.title ?? ""),
            "index": .int(citation.range.map { Int64($0.upperBound) } ?? end),
        ]
    }

    /// The text that ended is over for good.
    mutating func finishText(_ out: inout FrameWriter) {
        guard let now = writing, now.hasEnded else { return }
        defer { writing = nil }
        if now.isOpen {
            let content = finishedContent(now, &out)
            emit(
                "response.content_part.done", item: now.itemID,
                ["content_index": contentIndex, "part": content], &out)
            message?.contents.append(content)
            if isNative, let status = now.part.extras["status"] { message?.extras["status"] = status }
        }
        guard let proof = now.part.proof else { return }
        closeMessage(&out)
        addEnvelope(ProofEnvelope.Letter(proof, belongsToPrevious: true), &out)
    }

    private mutating func finishedContent(_ now: Writing, _ out: inout FrameWriter) -> JSON {
        var content = JSONObject()
        switch now.part.content {
        case .text(let text):
            emit(
                "response.output_text.done", item: now.itemID,
                ["content_index": contentIndex, "text": .string(text.text), "logprobs": .array(now.logprobs)], &out)
            content = ["type": "output_text", "text": .string(text.text)]
            content["annotations"] = .array(now.annotations)
            content["logprobs"] = .array(now.logprobs)
        case .refusal(let text):
            emit(
                "response.refusal.done", item: now.itemID,
                ["content_index": contentIndex, "refusal": .string(text)], &out)
            content = ["type": "refusal", "refusal": .string(text)]
            envelope.hasRefusal = true
        default: break
        }
        if isNative {
            for (key, value) in now.part.extras where !["phase", "status", "item"].contains(key) {
                content[key] = value
            }
        }
        return .object(content)
    }

    mutating func closeMessage(_ out: inout FrameWriter) {
        guard let closed = message else { return }
        message = nil
        // A message that the end cut is one that is incomplete; a Responses provider says so itself.
        let isCut = !isNative && envelope.stop != nil && envelope.end.status == "incomplete"
        let status = closed.extras["status"] ?? (isCut ? "incomplete" : "completed")
        emitDone(messageItem(closed, status: status), &out)
    }

    // MARK: - Reasoning

    private mutating func openReasoning(_ out: inout FrameWriter) {
        guard let now = writing else { return }
        writing?.isOpen = true
        emitAdded(["id": .string(now.itemID), "type": "reasoning", "summary": []], &out)
    }

    private mutating func addReasoningText(_ more: String, _ out: inout FrameWriter) {
        guard let now = writing else { return }
        if !now.hasReasoningText {
            writing?.hasReasoningText = true
            emit(
                "response.content_part.added", item: now.itemID,
                ["content_index": 0, "part": ["type": "reasoning_text", "text": ""]], &out)
        }
        emit(
            "response.reasoning_text.delta", item: now.itemID, ["content_index": 0, "delta": .string(more)], &out)
    }

    private mutating func addSummary(_ index: Int, _ more: String, _ out: inout FrameWriter) {
        guard let now = writing else { return }
        if now.summary != index {
            closeSummary(&out)
            writing?.summary = index
            emit(
                "response.reasoning_summary_part.added", item: now.itemID,
                ["summary_index": .int(Int64(index)), "part": ["type": "summary_text", "text": ""]], &out)
        }
        guard !more.isEmpty else { return }
        emit(
            "response.reasoning_summary_text.delta", item: now.itemID,
            ["summary_index": .int(Int64(index)), "delta": .string(more)], &out)
    }

    private mutating func closeSummary(_ out: inout FrameWriter) {
        guard let now = writing, let index = now.summary, let reasoning = now.part.reasoning else { return }
        let summaries = summaries(reasoning)
        guard summaries.indices.contains(index) else { return }
        let text = JSON.string(summaries[index])
        let place = JSON.int(Int64(index))
        emit(
            "response.reasoning_summary_text.done", item: now.itemID, ["summary_index": place, "text": text], &out)
        emit(
            "response.reasoning_summary_part.done", item: now.itemID,
            ["summary_index": place, "part": ["type": "summary_text", "text": text]], &out)
    }

    /// What is shown as summaries: of other providers, the thinking itself.
    private func summaries(_ reasoning: Reasoning) -> [String] {
        isNative || reasoning.text.isEmpty ? reasoning.summaries : [reasoning.text]
    }

    private mutating func endReasoning(_ out: inout FrameWriter) {
        guard let reasoning = writing?.part.reasoning else { return }
        if writing?.isOpen == false {
            // Nothing to see, and nothing to give back.
            guard reasoning.proof != nil else { return }
            openReasoning(&out)
        }
        guard let now = writing else { return }
        closeSummary(&out)
        var item: JSONObject = ["id": .string(now.itemID), "type": "reasoning"]
        item["summary"] = .array(summaries(reasoning).map { ["type": "summary_text", "text": .string($0)] })
        if isNative, !reasoning.text.isEmpty {
            let content: JSON = ["type": "reasoning_text", "text": .string(reasoning.text)]
            emit(
                "response.reasoning_text.done", item: now.itemID,
                ["content_index": 0, "text": .string(reasoning.text)], &out)
            emit("response.content_part.done", item: now.itemID, ["content_index": 0, "part": content], &out)
            item["content"] = [content]
        }
        if let proof = reasoning.proof {
            let isOwn = proof.origin == .openAI
            item["encrypted_content"] = .string(isOwn ? proof.value : ProofEnvelope.wrapped(.init(proof)))
        }
        if isNative { for (key, value) in now.part.extras { item[key] = value } }
        emitDone(item, &out)
    }

    /// A reasoning item that is nothing but an envelope.
    private mutating func addEnvelope(_ letter: ProofEnvelope.Letter, _ out: inout FrameWriter) {
        var item: JSONObject = ["id": .string(itemID("rs", nil)), "type": "reasoning", "summary": []]
        emitAdded(item, &out)
        item["encrypted_content"] = .string(ProofEnvelope.wrapped(letter))
        emitDone(item, &out)
    }

    // MARK: - Calls

    /// Whether a call goes out when it is complete, and not as it comes.
    private func isHeld(_ call: ToolCall) -> Bool {
        envelope.head.origin == .generateContent || translatedTools.isCustom(call)
    }

    private func callItem(_ call: ToolCall, _ now: Writing, status: JSON) -> JSONObject {
        var item = JSONObject()
        item["id"] = .string(now.itemID)
        item["type"] = call.kind == .custom ? "custom_tool_call" : "function_call"
        item["status"] = status
        item["call_id"] = .string(call.id)
        item["name"] = .string(call.name)
        item["namespace"] = call.namespace.map { .string($0) }
        item[call.kind == .custom ? "input" : "arguments"] = .string(call.arguments)
        if isNative { for (key, value) in now.part.extras { item[key] = value } }
        return item
    }

    private mutating func openCall(_ out: inout FrameWriter) {
        guard let now = writing, let call = now.part.toolCall else { return }
        var empty = translatedTools.restored(call)
        empty.arguments = ""
        writing?.isOpen = true
        emitAdded(callItem(empty, now, status: "in_progress"), &out)
    }

    private mutating func endCall(_ call: ToolCall, _ out: inout FrameWriter) {
        guard var now = writing else { return }
        var call = translatedTools.restored(call)
        if !isNative, call.kind == .function, call.arguments.isEmpty {
            // OpenAI's clients parse them.
            call.arguments = "{}"
            if now.isOpen {
                emit("response.function_call_arguments.delta", item: now.itemID, ["delta": "{}"], &out)
            }
        }
        if !now.isOpen {
            if let proof = now.part.proof {
                addEnvelope(ProofEnvelope.Letter(proof, belongsToNext: true), &out)
                now.itemID = itemID(call.kind == .custom ? "ctc" : "fc", now.part)
            }
            var empty = call
            empty.arguments = ""
            emitAdded(callItem(empty, now, status: "in_progress"), &out)
            if !call.arguments.isEmpty {
                emit(
                    call.kind == .custom
                        ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta",
                    item: now.itemID, ["delta": .string(call.arguments)], &out)
            }
        }
        if call.kind == .custom {
            emit(
                "response.custom_tool_call_input.done", item: now.itemID, ["input": .string(call.arguments)], &out)
        } else {
            emit(
                "response.function_call_arguments.done", item: now.itemID,
                ["name": .string(call.name), "arguments": .string(call.arguments)], &out)
        }
        emitDone(callItem(call, now, status: "completed"), &out)
        if now.isOpen, let proof = now.part.proof {
            addEnvelope(ProofEnvelope.Letter(proof, belongsToPrevious: true), &out)
        }
    }

    // MARK: - Media and tools of the provider's

    /// An image is shown as OpenAI's own image tool shows one, a sound as the words that it says.
    private mutating func endMedia(_ media: Media, _ out: inout FrameWriter) {
        guard media.kind == .image, case .base64(let data) = media.source, let now = writing else {
            guard let words = losses.wordsInPlace(of: media) else { return }
            began(.text(""), &out)
            add(.text(words), &out)
            return ended(&out)
        }
        var item: JSONObject = [
            "id": .string(now.itemID), "type": "image_generation_call", "status": "in_progress", "result": .null,
        ]
        emitAdded(item, &out)
        emit("response.image_generation_call.in_progress", item: now.itemID, [:], &out)
        emit("response.image_generation_call.completed", item: now.itemID, [:], &out)
        item["status"] = "completed"
        item["result"] = .string(data)
        let format = media.mediaType?.split(separator: "/").last.map(String.init)
        item["output_format"] = format.map { .string($0) }
        emitDone(item, &out)
    }

    private mutating func endServerTool(_ use: ServerToolUse, _ out: inout FrameWriter) {
        if use.nativeDialect == .responses, let item = use.native.object {
            emitAdded(item, &out)
            emitDone(item, &out)
            return
        }
        guard use.kind == .webSearch else { return losses.drop("server_tool_use") }
        if use.phase == .result {
            if let name = ResponsesStreamEncoder.nameOfResults(use) { losses.drop(name) }
            finishSearch(use, &out)
        } else {
            beginSearch(use, &out)
            if use.phase == .both { closeSearch(&out) }
        }
    }

    private mutating func beginSearch(_ use: ServerToolUse, _ out: inout FrameWriter) {
        let input = (try? JSON.read(use.input))?.object ?? JSONObject()
        var action: JSONObject = ["type": "search"]
        let queries = input["queries"]?.array
        action["query"] = input["query"] ?? input["q"] ?? queries?.first ?? ""
        if let queries { action["queries"] = .array(queries) }
        losses.drop(input.present(beside: ["query", "q", "queries"]))
        let id = itemID("ws", nil)
        let item: JSONObject = [
            "id": .string(id), "type": "web_search_call", "status": "in_progress", "action": .object(action),
        ]
        search = Search(id: use.id, item: item)
        emitAdded(item, &out)
        emit("response.web_search_call.in_progress", item: id, [:], &out)
        emit("response.web_search_call.searching", item: id, [:], &out)
    }

    /// The block, or the member, in which a provider tells what its search found: an item has no more of that than the
    /// addresses. Nil where it found nothing.
    private static func nameOfResults(_ use: ServerToolUse) -> String? {
        guard let name = use.native["type"]?.string ?? use.native.object?.keys.first else { return nil }
        let inner = use.native[name]
        let found = use.native["content"] ?? inner?["response"] ?? inner?["content"] ?? JSON.null
        let isNothing = found.isNull || found.array?.isEmpty == true || found.object?.isEmpty == true
        return isNothing ? nil : name
    }

    private mutating func finishSearch(_ use: ServerToolUse, _ out: inout FrameWriter) {
        // A result whose call was another one's, or none that we saw.
        guard let open = search, open.id == nil || use.id == nil || open.id == use.id else { return }
        let results = use.native["content"]
        if results?.object != nil { search?.item["status"] = "failed" }
        if context.request.include?.contains("web_search_call.action.sources") == true {
            let urls = (results?.array ?? []).compactMap { $0["url"]?.string }
            var action = open.item["action"]?.object ?? JSONObject()
            action["sources"] = .array(urls.map { ["type": "url", "url": .string($0)] })
            search?.item["action"] = .object(action)
        }
        closeSearch(&out)
    }

    /// A search of Gemini's.
    mutating func addSearch(in grounding: JSON, _ out: inout FrameWriter) {
        guard let use = GoogleGrounding.search(grounding) else { return }
        beginSearch(use, &out)
        finishSearch(use, &out)
    }

    mutating func closeSearch(_ out: inout FrameWriter) {
        guard var item = search?.item, let id = item["id"]?.string else { return }
        search = nil
        if item["status"] == "in_progress" { item["status"] = "completed" }
        emit("response.web_search_call.completed", item: id, [:], &out)
        emitDone(item, &out)
    }
}
