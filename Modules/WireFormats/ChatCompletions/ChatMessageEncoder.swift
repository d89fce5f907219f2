import JSONText

/// Writes the turns of a conversation as Chat messages.
///
/// Rules
/// 1. What a Chat client wrote goes back message by message. Of other dialects, adjacent turns of the model are one
///    message: an answer's calls must stand in one, before their results.
/// 2. Results of tools are messages of their own, before the rest of the turn in which they stood.
/// 3. A result can hold only text. Its images and files go into a user message behind the results (adjusted:
///    `tool_result.content`).
struct ChatMessageEncoder {
    private let conversation: Conversation
    private let target: TargetFacts
    private let names: ClientNames
    private var losses = LossReport()
    private var messages: [JSON] = []
    /// Media of results, which go into the next user message.
    private var carried: [JSON] = []
    /// Ids of the calls so far.
    private var callIDs: Set<String> = []
    /// The number of the turn that is being written.
    private var turnNumber = 0
    private var isOwn: Bool { conversation.origin == .chatCompletions }

    init(_ conversation: Conversation, _ target: TargetFacts) {
        self.conversation = conversation
        self.target = target
        names = ClientNames(conversation)
    }

    mutating func messages(_ report: inout LossReport) throws(RequestError) -> [JSON] {
        for (number, turn) in conversation.joinedTurns(isOwn: isOwn).enumerated() {
            turnNumber = number
            try write(turn)
        }
        flushCarried()
        report.add(losses)
        return messages
    }

    private mutating func write(_ turn: Turn) throws(RequestError) {
        if !isOwn {
            losses.drop(turn.extras)
            if !carried.isEmpty, turn.role != .tool, !turn.parts.contains(where: \.isToolResult) { flushCarried() }
        }
        switch turn.role {
        case .system, .developer:
            let role = turn.role == .developer && target.takesDeveloperRole ? "developer" : "system"
            try writeMessage(turn, role: role, parts: turn.parts)
        case .user, .tool:
            guard turn.parts.contains(where: \.isToolResult) else {
                return try writeMessage(turn, role: "user", parts: turn.parts)
            }
            var others: [Part] = []
            for part in turn.parts {
                if case .toolResult(let result) = part.content {
                    try write(result, part, of: turn)
                } else {
                    others.append(part)
                }
            }
            if !others.isEmpty { try writeMessage(turn, role: "user", parts: others) }
        case .assistant: try writeAssistant(turn)
        }
    }

    /// A message with what stands in none of its own members yet.
    private mutating func writeMessage(_ turn: Turn, role: String, parts: [Part]) throws(RequestError) {
        var message = JSONObject(capacity: 4)
        message.add("role", .string(role))
        let (content, cache) = try self.content(
            of: parts, isPlainText: turn.isPlainText, isMarkedAsWhole: turn.isMarkedAsWhole)
        // None of its parts could be sent.
        if !isOwn, carried.isEmpty, content == [] { return }
        if role == "user", !carried.isEmpty {
            var list = carried
            carried = []
            if let text = content.string {
                if !text.isEmpty { list.append(["type": "text", "text": .string(text)]) }
            } else {
                list += content.array ?? []
            }
            message.add("content", .array(list))
        } else if !content.isNull {
            message.add("content", content)
        }
        finish(&message, turn, cache)
    }

    private mutating func finish(_ message: inout JSONObject, _ turn: Turn, _ cache: CacheMarker?) {
        if let name = turn.name { message["name"] = .string(name) }
        if let cache { message["cache_control"] = cache.chat }
        if isOwn { for (key, value) in turn.extras { message[key] = value } }
        messages.append(.object(message))
    }

    // MARK: - Content

    /// - Parameter isMarkedAsWhole: see ``Turn/isMarkedAsWhole``.
    /// - Returns: the content, and a cache marker that must stand on the message itself.
    private mutating func content(
        of parts: [Part], isPlainText: Bool, isMarkedAsWhole: Bool = false
    ) throws(RequestError) -> (JSON, CacheMarker?) {
        var parts = isOwn ? parts : said(parts)
        if parts.count == 1, let text = parts[0].text, isOwn ? isPlainText : !writesCache(of: parts[0]) {
            note(parts[0])
            return (.string(text), marker(of: parts[0]))
        }
        if parts.isEmpty { return (isOwn && !isPlainText ? .null : .string(""), nil) }
        var list: [JSON] = []
        var cache: CacheMarker?
        if isOwn, isMarkedAsWhole, let marked = parts.lastIndex(where: \.holdsContent) {
            cache = parts[marked].cache
            parts[marked].cache = nil
        }
        for part in parts { try add(part, to: &list) }
        return (.array(list), cache)
    }

    /// The parts without empty texts (rule 3 of docs/WIREFORMATS.md), or one such where there is nothing else.
    private mutating func said(_ parts: [Part]) -> [Part] {
        let isSilent = { (part: Part) in part.text?.isEmpty == true }
        guard parts.count > 1, parts.contains(where: isSilent) else { return parts }
        if parts.allSatisfy(isSilent) { return Array(parts.prefix(1)) }
        for part in parts where isSilent(part) {
            note(part)
            losses.drop(part.cache, names)
        }
        return parts.filter { !isSilent($0) }
    }

    private func writesCache(of part: Part) -> Bool {
        guard let cache = part.cache else { return false }
        return isOwn || target.takesCacheMarkers || target.takesBreakpoint(cache)
    }

    /// The part's marker as it is sent: Anthropic's, or OpenAI's, which only parts of a content can have.
    private mutating func marker(of part: Part) -> CacheMarker? {
        guard let cache = part.cache else { return nil }
        if isOwn { return cache }
        if target.takesCacheMarkers { return losses.fitted(cache, to: CacheMarker.claudeLifetimes) }
        if target.takesBreakpoint(cache) { return losses.breakpoint(cache) }
        losses.drop(cache, names)
        return nil
    }

    /// Reports what a part of another dialect has beside its content.
    private mutating func note(_ part: Part) {
        guard !isOwn else { return }
        losses.drop(part.extras)
        if case .text(let text) = part.content, !text.citations.isEmpty { losses.drop("citations") }
        if part.proof != nil, !part.isToolCall { losses.drop("reasoning") }
    }

    private mutating func add(_ part: Part, to list: inout [JSON]) throws(RequestError) {
        var written: JSONObject
        switch part.content {
        case .text(let text): written = ["type": "text", "text": .string(text.text)]
        case .refusal(let text): written = ["type": "refusal", "refusal": .string(text)]
        case .media(let media):
            written = try self.written(media, part)
        case .reasoning(let reasoning):
            let chunks: JSON = [["type": "text", "text": .string(reasoning.text)]]
            written = ["type": "thinking", "thinking": chunks]
        case .native(let native):
            if isOwn { list.append(native) } else { losses.drop(mark: native) }
            return
        case .serverTool:
            losses.drop("server_tool_use")
            return
        case .toolCall, .toolResult: return
        }
        note(part)
        marker(of: part)?.write(to: &written)
        if isOwn { written.overlay(part.extras) }
        list.append(.object(written))
    }

    private mutating func written(_ media: Media, _ part: Part) throws(RequestError) -> JSONObject {
        if case .fileID = media.source, !isOwn, conversation.origin != .responses {
            throw placed(ChatFault.unsupported("files of another provider by id"), part)
        }
        let written: JSONObject
        do throws(RequestError) {
            written = try ChatMedia.part(media, form: part.form, target: target, isOwn: isOwn)
        } catch {
            throw placed(error, part)
        }
        if !isOwn { losses.dropRemarks(of: media, isText: written["type"]?.string == "text") }
        return written
    }

    private func placed(_ error: RequestError, _ part: Part) -> RequestError {
        conversation.placed(error, part, inJoinedTurn: turnNumber, isOwn: isOwn)
    }

    // MARK: - Results of tools

    private mutating func write(_ result: ToolResult, _ part: Part, of turn: Turn) throws(RequestError) {
        if !isOwn, !callIDs.contains(result.callID) {
            throw placed(.resultWithoutCall(), part)
        }
        var message: JSONObject
        var cache: CacheMarker?
        if conversation.usesLegacyFunctions, part.form == "function" {
            message = ["role": "function", "name": .string(result.name ?? "")]
        } else {
            message = ["role": "tool", "tool_call_id": .string(id(result.callID))]
        }
        if isOwn {
            let content = try content(of: result.parts, isPlainText: result.isPlainText).0
            message["content"] = content.isNull ? JSON?.none : content
        } else {
            note(part)
            let (content, marker) = try textContent(of: result)
            message["content"] = content
            cache = marker
            if result.isError == true { losses.drop(names["is_error"]) }
        }
        var plain = turn
        if conversation.usesLegacyFunctions || !isOwn { plain.name = nil }
        if turn.parts.count > 1 { plain.extras = JSONObject() }
        // Where the result and its text are marked, it is the same place.
        cache = marker(of: part) ?? cache
        if let breakpoint = cache, breakpoint.isBreakpoint {
            mark(&message, breakpoint)
            cache = nil
        }
        finish(&message, plain, cache)
    }

    /// A breakpoint behind a message stands on the last part of its content.
    private mutating func mark(_ message: inout JSONObject, _ marker: CacheMarker) {
        var parts = message["content"]?.array ?? []
        if let text = message["content"]?.string, !text.isEmpty { parts = [["type": "text", "text": .string(text)]] }
        guard let last = parts.indices.last else { return losses.drop(names["cache_control"]) }
        parts[last]["prompt_cache_breakpoint"] = marker.breakpoint
        message["content"] = .array(parts)
    }

    /// A result as text; its media are carried to the user message that follows.
    ///
    /// - Returns: the content, and a cache marker that must stand on the message itself: a lone text is a string.
    private mutating func textContent(of result: ToolResult) throws(RequestError) -> (JSON, CacheMarker?) {
        var texts: [(text: String, cache: CacheMarker?)] = []
        for part in result.parts {
            note(part)
            let cache = marker(of: part)
            switch part.content {
            case .text(let text) where text.text.isEmpty && result.parts.count > 1:
                if cache != nil { losses.drop(names["cache_control"]) }
            case .text(let text): texts.append((text.text, cache))
            case .refusal(let text): texts.append((text, cache))
            case .media(let media):
                var written = try written(media, part)
                if let text = written["text"]?.string {
                    texts.append((text, cache))
                } else {
                    cache?.write(to: &written)
                    carried.append(.object(written))
                }
            case .native, .serverTool, .reasoning, .toolCall, .toolResult:
                losses.drop("content")
                if cache != nil { losses.drop(names["cache_control"]) }
            }
        }
        if result.parts.isEmpty, let object = result.object { texts.append((object.string ?? object.text, nil)) }
        if !carried.isEmpty {
            losses.adjust("content")
            if texts.isEmpty { texts.append(("The result stands in the next user message.", nil)) }
        }
        if texts.count < 2 { return (.string(texts.first?.text ?? ""), texts.first?.cache) }
        let parts = texts.map { text in
            var part: JSONObject = ["type": "text", "text": .string(text.text)]
            text.cache?.write(to: &part)
            return JSON.object(part)
        }
        return (.array(parts), nil)
    }

    private mutating func flushCarried() {
        guard !carried.isEmpty else { return }
        // A user turn that follows takes them in: see ``writeMessage(_:role:parts:)``.
        messages.append(["role": "user", "content": .array(carried)])
        carried = []
    }

    // MARK: - The model's messages

    private mutating func writeAssistant(_ turn: Turn) throws(RequestError) {
        var message: JSONObject = ["role": "assistant"]
        var shown: [Part] = []
        var thoughts: [Part] = []
        var calls: [Part] = []
        var refusals: [String] = []
        for part in turn.parts {
            switch part.content {
            case .reasoning: if isOwn, part.form == "content" { shown.append(part) } else { thoughts.append(part) }
            case .toolCall: calls.append(part)
            case .native where part.form == "tool_calls": calls.append(part)
            case .native where part.form != nil: thoughts.append(part)
            case .refusal(let text) where !isOwn || part.form == "refusal":
                refusals.append(text)
            case .media(let media): try addMedia(media, part, to: &message, &shown)
            case .serverTool: losses.drop("server_tool_use")
            default: shown.append(part)
            }
        }
        if !refusals.isEmpty { message["refusal"] = .string(refusals.joined()) }
        try writeShown(shown, of: turn, hasCalls: !calls.isEmpty, into: &message)
        let cache = message["cache_control"]
        message["cache_control"] = nil
        writeReasoning(thoughts, shown, into: &message)
        var toolCalls: [JSON] = []
        for call in calls { write(call: call, into: &toolCalls, of: &message) }
        if !toolCalls.isEmpty { message["tool_calls"] = .array(toolCalls) }
        if message["content"] == nil, message["tool_calls"] == nil, message["refusal"] == nil,
            message["audio"] == nil, message["function_call"] == nil, !isOwn
        {
            // Nothing is left of it: Chat wants a content where there are no calls, and many refuse an empty one.
            return
        }
        message["cache_control"] = cache
        finish(&message, turn, nil)
    }

    private mutating func writeShown(
        _ shown: [Part], of turn: Turn, hasCalls: Bool, into message: inout JSONObject
    ) throws(RequestError) {
        if shown.isEmpty {
            // `[]` and an absent content mean the same here.
            if isOwn, turn.isPlainText { message["content"] = .string("") }
            return
        }
        let (content, cache) = try self.content(
            of: shown, isPlainText: turn.isPlainText, isMarkedAsWhole: turn.isMarkedAsWhole)
        // Blank text beside calls says nothing, and some providers refuse it; so does what none of the parts is left of.
        if !isOwn, content == [] || (hasCalls && content.string?.isEmpty == true) { return }
        message["content"] = content
        if isOwn {
            let citations = shown.flatMap { part in
                if case .text(let text) = part.content { return text.citations }
                return []
            }
            let written = citations.compactMap { ChatCitations.annotation($0, start: 0, count: 0) }
            if !written.isEmpty { message["annotations"] = .array(written) }
        }
        if let cache { message["cache_control"] = cache.chat }
    }

    private mutating func addMedia(
        _ media: Media, _ part: Part, to message: inout JSONObject, _ shown: inout [Part]
    ) throws(RequestError) {
        if isOwn, media.kind == .audio, case .fileID(let id) = media.source {
            message["audio"] = part.extras["audio"] ?? ["id": .string(id)]
        } else if isOwn {
            shown.append(part)
        } else {
            throw placed(ChatFault.unsupported(media.kind, " in the model's own messages"), part)
        }
    }

    /// Adds a call to the list of a message's, or writes it where it stood before there was a list.
    private mutating func write(call part: Part, into list: inout [JSON], of message: inout JSONObject) {
        if case .native(let native) = part.content { return list.append(native) }
        guard var call = part.toolCall else { return }
        callIDs.insert(call.id)
        if part.form == "function_call" {
            let written: JSONObject = ["name": .string(call.name), "arguments": .string(call.arguments)]
            message["function_call"] = .object(written.overlaid(by: part.extras))
            return
        }
        if !isOwn, call.kind == .function { call.arguments = ChatCalls.parseable(call.arguments) }
        var written = ChatCalls.call(call, id: id(call.id), takesCustom: !target.refuses.contains("custom"))
        if isOwn { written.overlay(part.extras) } else { note(part) }
        if let proof = part.proof {
            if isOwn || target.takesProofs.contains(proof.origin) {
                written["extra_content"] = ChatReasoning.extraContent(with: proof, beside: written["extra_content"])
            } else {
                losses.drop("reasoning")
            }
        }
        if isOwn || target.takesCacheMarkers {
            marker(of: part)?.write(to: &written)
        } else {
            losses.drop(part.cache, names)
        }
        list.append(.object(written))
    }

    /// An id as the provider takes it: Mistral's nine characters, OpenAI's forty.
    private func id(_ id: String) -> String {
        if target.hasNineCharacterToolIDs { return ToolIDs.nineCharacters(id) }
        // OpenAI answers 400 "string too long. Expected a string with maximum length 40".
        return isOwn || id.utf8.count <= 40 ? id : ToolIDs.legal(id, bytesMax: 40)
    }

    // MARK: - Reasoning

    private mutating func writeReasoning(_ thoughts: [Part], _ shown: [Part], into message: inout JSONObject) {
        if isOwn {
            writeOwnReasoning(thoughts, into: &message)
            if let proof = shown.first?.proof {
                let blocks = message["thinking_blocks"]?.array ?? []
                message["thinking_blocks"] = .array(blocks + [ChatReasoning.block(ofProofOfNext: proof)])
            }
            return
        }
        let kept = thoughts.filter { part in
            guard let reasoning = part.reasoning, target.chatReasoning != nil else { return false }
            return reasoning.proof.map { target.takesProofs.contains($0.origin) } ?? !reasoning.isRedacted
        }
        if kept.count < thoughts.count { losses.drop("reasoning") }
        guard !kept.isEmpty, let member = target.chatReasoning else { return }
        switch member {
        case "reasoning_details":
            var details: [JSON] = []
            for part in kept {
                var bare = part
                bare.extras = JSONObject()
                if let detail = ChatReasoning.detail(of: bare, at: details.count) { details.append(detail) }
            }
            message[member] = .array(details)
        case "thinking_blocks":
            message[member] = .array(kept.compactMap { $0.reasoning.map(ChatReasoning.block) })
        default:
            let text = kept.map { $0.reasoning?.visibleText ?? "" }.joined()
            if !text.isEmpty { message[member] = .string(text) }
        }
    }

    private func writeOwnReasoning(_ thoughts: [Part], into message: inout JSONObject) {
        func parts(in member: String) -> [Part] {
            thoughts.filter { part in
                let forms = part.form ?? "reasoning_content"
                return forms.split(separator: "+").contains { $0 == member }
            }
        }
        for name in ChatReasoning.plainNames {
            if let text = ChatReasoning.plain(name, of: thoughts) { message[name] = .string(text) }
        }
        let details = parts(in: "reasoning_details").enumerated().compactMap {
            ChatReasoning.detail(of: $0.element, at: $0.offset)
        }
        if !details.isEmpty { message["reasoning_details"] = .array(details) }
        let blocks = parts(in: "thinking_blocks").compactMap(ChatReasoning.ownBlock)
        if !blocks.isEmpty { message["thinking_blocks"] = .array(blocks) }
    }
}

/// Calls of tools as Chat writes them, in requests and replies.
enum ChatCalls {
    /// A function's arguments as JSON text that can be parsed, as OpenAI itself writes them where there are none.
    static func parseable(_ arguments: String) -> String { arguments.isEmpty ? "{}" : arguments }

    static func call(_ call: ToolCall, id: String, takesCustom: Bool = true) -> JSONObject {
        let name = ChatToolNames.flat(call.name, in: call.namespace)
        if call.kind == .custom, takesCustom {
            return [
                "id": .string(id), "type": "custom",
                "custom": ["name": .string(name), "input": .string(call.arguments)],
            ]
        }
        var arguments = call.arguments
        if call.kind == .custom { arguments = JSON.object(["input": .string(call.arguments)]).text }
        return [
            "id": .string(id), "type": "function",
            "function": ["name": .string(name), "arguments": .string(arguments)],
        ]
    }
}

/// Images, sounds, films and files as parts of a Chat message.
enum ChatMedia {
    static func part(
        _ media: Media, form: String?, target: TargetFacts, isOwn: Bool
    ) throws(RequestError) -> JSONObject {
        if !isOwn, media.isInCloudStorage { throw ChatFault.unsupported("files in another cloud's storage") }
        switch media.kind {
        case .image: return try image(media, isOwn: isOwn)
        case .audio: return try audio(media, form: form, isOwn: isOwn)
        case .video:
            guard isOwn || target.takesVideo else { throw ChatFault.unsupported(.video) }
            guard let url = url(media, default: isOwn ? "" : "video/mp4") else {
                throw ChatFault.unsupported("video files by id")
            }
            return ["type": "video_url", "video_url": ["url": .string(url)]]
        case .document: return try document(media, form: isOwn ? form : target.documentURLPart, isOwn: isOwn)
        }
    }

    private static func url(_ media: Media, default type: String) -> String? {
        switch media.source {
        case .url(let url): url
        case .base64(let data): DataURL.written(media.mediaType ?? type, data)
        case .fileID, .text, .parts: nil
        }
    }

    private static func image(_ media: Media, isOwn: Bool) throws(RequestError) -> JSONObject {
        var typed = media
        if !isOwn { typed.mediaType = media.imageType }
        guard let url = url(typed, default: "") else { throw ChatFault.unsupported("images by file id") }
        var image: JSONObject = ["url": .string(url)]
        if let detail = media.detail { image["detail"] = .string(detail) }
        return ["type": "image_url", "image_url": .object(image)]
    }

    private static func audio(_ media: Media, form: String?, isOwn: Bool) throws(RequestError) -> JSONObject {
        switch media.source {
        case .base64(let data):
            if isOwn, form == "string" {
                let sound = media.mediaType.map { DataURL.written($0, data) } ?? data
                return ["type": "input_audio", "input_audio": .string(sound)]
            }
            var sound: JSONObject = ["data": .string(data)]
            if let type = media.mediaType {
                guard let format = AudioFormat.word(type, isOwn: isOwn) else {
                    throw ChatFault.unsupported("audio of type \(type)")
                }
                sound["format"] = .string(format)
            }
            return ["type": "input_audio", "input_audio": .object(sound)]
        // Mistral alone takes a URL; others refuse it in their own words.
        case .url(let url): return ["type": "input_audio", "input_audio": .string(url)]
        default: throw ChatFault.unsupported("audio by file id")
        }
    }

    private static func document(_ media: Media, form: String?, isOwn: Bool) throws(RequestError) -> JSONObject {
        // OpenAI takes no file but PDF here; text is text.
        if !isOwn, let text = media.readableText { return ["type": "text", "text": .string(media.headed(text))] }
        let type = isOwn ? media.mediaType : media.likelyType
        switch form {
        case "document_url", "document_url.url":
            guard let url = url(media, default: type ?? "application/pdf") else { break }
            let isObject = form == "document_url.url"
            var part: JSONObject = [
                "type": "document_url", "document_url": isObject ? ["url": .string(url)] : .string(url),
            ]
            if let name = media.filename { part["document_name"] = .string(name) }
            return part
        case "file_url":
            guard let url = url(media, default: type ?? "application/pdf") else { break }
            return ["type": "file_url", "file_url": ["url": .string(url)]]
        default: break
        }
        var file = JSONObject()
        switch media.source {
        case .text(let text): return ["type": "text", "text": .string(media.headed(text))]
        case .base64(let data):
            let told = isOwn && form == "format" ? nil : type
            file["file_data"] = .string(told.map { DataURL.written($0, data) } ?? data)
        case .url(let url):
            guard isOwn || form == "file" else { throw ChatFault.unsupported("documents by URL: send them as base64") }
            file["file_data"] = .string(url)
        case .fileID(let id): file["file_id"] = .string(id)
        case .parts: throw ChatFault.unsupported("documents made of parts")
        }
        if isOwn {
            file["filename"] = media.filename.map { .string($0) }
            if form == "format" { file["format"] = media.mediaType.map { .string($0) } }
        } else if file["file_data"] != nil || media.filename != nil || media.title != nil {
            // OpenAI demands a name beside the data.
            file["filename"] = .string(media.fileName)
        }
        return ["type": "file", "file": .object(file)]
    }
}

extension JSONObject {
    /// Adds what stood beside the members that have a name: members of members too. What is left of an object never takes
    /// the place of a text that was written for it.
    mutating func overlay(_ other: JSONObject) {
        for (key, value) in other {
            guard let more = value.object, let written = self[key] else {
                self[key] = value
                continue
            }
            if let inner = written.object {
                self[key] = .object(inner.overlaid(by: more))
            } else if written.string == nil {
                self[key] = value
            }
        }
    }

    func overlaid(by other: JSONObject) -> JSONObject {
        var result = self
        for (key, value) in other { result[key] = value }
        return result
    }
}
