import JSONText

/// System prompt, turns and their blocks.
extension MessagesRequestEncoder {
    mutating func encodedTurns() throws(RequestError) -> (system: JSON?, messages: [JSON]) {
        var turns = conversation.turns[...]
        var system: [Turn] = []
        while let first = turns.first, first.role == .system || first.role == .developer, first.isTopLevel || !isOwn {
            system.append(first)
            turns = turns.dropFirst()
        }
        let prompt = try encodedSystem(system)
        var messages: [JSON] = []
        if isOwn {
            for (index, turn) in turns.enumerated() {
                if let message = try ownMessage(turn, index) { messages.append(message) }
            }
            return (prompt, messages)
        }
        var groups = grouped(turns)
        trimEnd(&groups)
        var written: [Message] = []
        for group in groups {
            let blocks = try encodedBlocks(group)
            if !blocks.isEmpty { written.append(Message(role: group.role, blocks: blocks)) }
        }
        for message in settled(written) {
            let content = MessagesRequestEncoder.content(MessagesRequestEncoder.resultsFirst(message.blocks))
            messages.append(.object(JSONObject("role", .string(message.role.rawValue), "content", content)))
        }
        return (prompt, messages)
    }

    // MARK: - System

    private mutating func encodedSystem(_ turns: [Turn]) throws(RequestError) -> JSON? {
        let instruction = formatInstruction()
        if turns.count == 1, let turn = turns.first, instruction == nil, turn.isPlainText, turn.parts.count == 1,
            let part = turn.parts.first, part.cache == nil, let text = part.text
        {
            return isOwn || !text.isBlank ? .string(text) : nil
        }
        var blocks: [JSON] = []
        for turn in turns {
            if !isOwn { reportExtras(of: turn) }
            for part in turn.parts { blocks += try encoded(part, at: BodyPlace("system"), role: .system) }
        }
        if let instruction { blocks.append(["type": "text", "text": .string(instruction)]) }
        if blocks.isEmpty, !isOwn || turns.isEmpty { return nil }
        return isOwn ? .array(blocks) : MessagesRequestEncoder.content(blocks)
    }

    /// A lone text without anything beside it is a string.
    private static func content(_ blocks: [JSON]) -> JSON {
        if blocks.count == 1, case .object(let block) = blocks[0], block.count == 2,
            block["type"]?.isString("text") == true, let text = block["text"]
        {
            return text
        }
        return .array(blocks)
    }

    // MARK: - Messages

    /// A message as the client wrote it; nil where all of it is left out, for Claude takes none without content.
    private mutating func ownMessage(_ turn: Turn, _ index: Int) throws(RequestError) -> JSON? {
        var object: JSONObject = ["role": .string(turn.role.rawValue)]
        if turn.isPlainText, turn.parts.count == 1, let part = turn.parts.first, part.cache == nil,
            let text = part.text
        {
            object["content"] = .string(text)
        } else {
            var blocks: [JSON] = []
            for (number, part) in turn.parts.enumerated() {
                blocks += try encoded(part, at: BodyPlace("messages", index, "content", number), role: turn.role)
            }
            if blocks.isEmpty, !turn.parts.isEmpty { return Optional.none }
            object["content"] = .array(blocks)
        }
        return MessagesRead.joined(object, turn.extras)
    }

    /// Adjacent turns that go into one message.
    struct Group {
        var role: Turn.Role
        var pieces: [Piece] = []

        struct Piece {
            var part: Part
            /// The number of the turn in which it stood, and its own there.
            let turn: Int
            let number: Int
        }
    }

    private mutating func grouped(_ turns: ArraySlice<Turn>) -> [Group] {
        var groups: [Group] = []
        for (index, turn) in zip(turns.indices, turns) {
            reportExtras(of: turn)
            let role: Turn.Role =
                switch turn.role {
                case .tool, .user: .user
                case .system, .developer: .system
                case .assistant: .assistant
                }
            if groups.last?.role != role { groups.append(Group(role: role)) }
            for (number, part) in turn.parts.enumerated() {
                groups[groups.count - 1].pieces.append(Group.Piece(part: part, turn: index, number: number))
            }
        }
        return groups
    }

    /// A message that is written, before its place is settled.
    private struct Message {
        var role: Turn.Role
        var blocks: [JSON]
    }

    /// System prompts in the middle stay where Claude takes them (``TargetFacts/takesSystemInTheMiddle``); any other
    /// is a user's words, in one message with those beside it.
    private mutating func settled(_ written: [Message]) -> [Message] {
        var settled: [Message] = []
        var joinsUser = false
        for (index, message) in written.enumerated() {
            var message = message
            if message.role == .system {
                let next: Turn.Role? = index + 1 < written.count ? written[index + 1].role : nil
                let hasPlace = settled.last?.role == .user && (next == nil || next == .assistant)
                if !target.takesSystemInTheMiddle || !hasPlace || !message.blocks.allSatisfy(\.isTextBlock) {
                    message = Message(role: .user, blocks: wrapped(message.blocks))
                    joinsUser = true
                }
            }
            if joinsUser, message.role == .user, settled.last?.role == .user {
                settled[settled.count - 1].blocks += message.blocks
            } else {
                settled.append(message)
            }
            if message.role != .user { joinsUser = false }
        }
        return settled
    }

    /// A system prompt in the middle, as a user's words.
    private mutating func wrapped(_ blocks: [JSON]) -> [JSON] {
        losses.adjust("role")
        return blocks.map { block in
            guard block.isTextBlock, let text = block["text"]?.string else { return block }
            var block = block
            block["text"] = .string("<system>\(text)</system>")
            return block
        }
    }

    /// The order that Anthropic wants: see the first rule.
    private static func resultsFirst(_ blocks: [JSON]) -> [JSON] {
        let isResult = { (block: JSON) in block["type"]?.isString("tool_result") == true }
        return blocks.contains(where: isResult) ? blocks.filter(isResult) + blocks.filter { !isResult($0) } : blocks
    }

    /// Texts that are blank are left out anyway, so the end is the last one that is not.
    private mutating func trimEnd(_ groups: inout [Group]) {
        guard let last = groups.last, last.role == .assistant,
            let piece = last.pieces.lastIndex(where: { $0.part.text?.isBlank != true }),
            case .text(var text) = last.pieces[piece].part.content
        else { return }
        guard let kept = text.text.trimmedAtEnd else { return }
        text.text = kept
        groups[groups.count - 1].pieces[piece].part.content = .text(text)
        losses.adjust(names["content"])
    }

    private mutating func encodedBlocks(_ group: Group) throws(RequestError) -> [JSON] {
        var blocks: [JSON] = []
        for piece in group.pieces {
            let place = BodyPlace("messages", piece.turn, "content", piece.number)
            blocks += try encoded(piece.part, at: place, role: group.role)
        }
        return blocks
    }

    private mutating func reportExtras(of turn: Turn) {
        if turn.name != nil { losses.drop("name") }
        losses.drop(turn.extras)
    }

    // MARK: - Blocks

    /// One part as blocks: none where it is left out.
    mutating func encoded(_ part: Part, at place: BodyPlace, role: Turn.Role) throws(RequestError) -> [JSON] {
        var block: JSONObject
        switch part.content {
        case .text(let text):
            if !isOwn, text.text.isBlank {
                losses.drop(part.cache, names)
                return []
            }
            block = JSONObject("type", "text", "text", .string(text.text))
            let citations = text.citations.isEmpty ? [] : kept(text.citations)
            if !citations.isEmpty { block["citations"] = .array(citations) }
            if citations.count < text.citations.count { losses.drop("citations") }
        case .refusal(let text):
            guard !text.isBlank else { return [] }
            block = ["type": "text", "text": .string(text)]
        case .media(let media): block = try encoded(media, part, at: place)
        case .reasoning(let reasoning):
            if part.form == MessagesBlocks.unsigned {
                losses.drop("reasoning")
                return []
            }
            guard let thinking = encoded(reasoning) else { return [] }
            block = thinking
        case .toolCall(let call):
            calls.insert(call.id)
            block = [
                "type": "tool_use", "id": .string(MessagesRequestEncoder.legalID(call.id)),
                "name": .string(MessagesRequestEncoder.name(call.name, in: call.namespace)),
                "input": .object(losses.arguments(of: call, names)),
            ]
        case .toolResult(let result): block = try encoded(result, at: place)
        case .serverTool(let use):
            guard use.nativeDialect == .messages, !MessagesServerTools.isMade(use), let native = use.native.object
            else {
                losses.drop("server_tool_use")
                return []
            }
            block = native
        case .native(let native):
            guard isOwn, let object = native.object else {
                losses.drop(mark: native)
                return []
            }
            block = object
        }
        if part.proof != nil { losses.drop("reasoning") }
        let isMarkable = if case .reasoning = part.content { isOwn } else { true }
        if isMarkable {
            if let cache = part.cache { block["cache_control"] = passed(cache) }
        } else {
            losses.drop(part.cache, names)
        }
        if isOwn { return [MessagesRead.joined(block, part.extras)] }
        losses.dropExtras(of: part, isFound: SearchResult(part) != nil)
        return [.object(block)]
    }

    /// Anthropic's ids are `^[a-zA-Z0-9_-]+$`.
    private static func legalID(_ id: String) -> String { ToolIDs.legal(id, bytesMax: 256) }

    /// Citations go back to Anthropic as it wrote them; others are of the answer that they stood in.
    private func kept(_ citations: [Citation]) -> [JSON] {
        citations.compactMap { citation in
            guard citation.nativeDialect == .messages, let native = citation.native else { return nil }
            return MessagesServerTools.isMade(citation: native) ? Optional.none : native
        }
    }

    private mutating func encoded(_ reasoning: Reasoning) -> JSONObject? {
        guard let proof = reasoning.proof else {
            // Servers of this dialect that sign nothing take it back unsigned; Claude does not.
            if isOwn, !target.isClaude, !reasoning.isRedacted {
                return ["type": "thinking", "thinking": .string(reasoning.text)]
            }
            losses.drop("reasoning")
            return nil
        }
        guard proof.origin == .anthropic, !proof.value.isEmpty else {
            losses.drop("reasoning")
            return nil
        }
        switch proof.kind {
        case .encrypted: return ["type": "redacted_thinking", "data": .string(proof.value)]
        case .signature:
            return [
                "type": "thinking", "thinking": .string(reasoning.visibleText), "signature": .string(proof.value),
            ]
        }
    }

    private mutating func encoded(_ result: ToolResult, at place: BodyPlace) throws(RequestError) -> JSONObject {
        if !isOwn, !calls.contains(result.callID) { throw RequestError.resultWithoutCall(at: place.path) }
        var block: JSONObject = [
            "type": "tool_result", "tool_use_id": .string(MessagesRequestEncoder.legalID(result.callID)),
        ]
        if isOwn, result.isPlainText, let text = result.parts.first?.text {
            block["content"] = .string(text)
        } else {
            var blocks: [JSON] = []
            for part in result.parts { blocks += try encoded(part, at: place, role: .tool) }
            if blocks.isEmpty, let object = result.object { blocks = [["type": "text", "text": .string(object.text)]] }
            if !blocks.isEmpty {
                block["content"] = isOwn ? .array(blocks) : MessagesRequestEncoder.content(blocks)
            } else if isOwn, !result.isPlainText, !result.parts.isEmpty {
                block["content"] = .array([])
            }
        }
        if let isError = result.isError, isOwn || isError { block["is_error"] = .bool(isError) }
        return block
    }
}

extension JSON {
    fileprivate var isTextBlock: Bool { self["type"]?.isString("text") == true }
}
