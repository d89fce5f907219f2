/// A refusal of a provider's encoder in the client's words: which member of the client's own request is at fault.
///
/// Encoders name the place by the ``Conversation``: `messages[1].content[0]`, or `messages` alone. For the client
/// 1. the list goes by its name in the client's dialect: `input`, `contents`, `messages`, `prompt`;
/// 2. a number is said only where it is the client's own. A system prompt in a member of its own is not counted. Where
///    turns were made, joined or left out on the way, the list is named without one;
/// 3. nothing is said of what is deeper than the part: there, no two dialects are alike. But Messages and Converse have
///    lists of parts in their results, and the number in that is said;
/// 4. where the client's dialect has no member that names a parameter, the text does.
struct ClientRefusal {
    private let conversation: Conversation
    private let provider: Dialect
    private let words: Words

    /// A dialect's names for where something is said.
    private struct Words {
        var list = "messages"
        var parts = "content"
        var system = "system"
        /// Whether an error says in a member of its own which parameter is at fault.
        var errorsHaveParam = false
    }

    /// A step of a path: `content[2]`.
    private struct Step {
        let name: Substring
        let index: Int?

        init(_ text: Substring) {
            let name = text.prefix { $0 != "[" }
            self.name = name
            index = Int(text.dropFirst(name.count + 1).prefix { $0 != "]" })
        }
    }

    init(of conversation: Conversation, by provider: Dialect) {
        self.conversation = conversation
        self.provider = provider
        words =
            switch conversation.origin {
            case .responses: Words(list: "input", system: "instructions", errorsHaveParam: true)
            case .generateContent: Words(list: "contents", parts: "parts", system: "systemInstruction")
            case .messages, .converse: Words()
            case .completions: Words(list: "prompt", errorsHaveParam: true)
            case .chatCompletions, .cohereChat, .ollamaChat, .embeddings:
                Words(system: "messages", errorsHaveParam: true)
            }
    }

    func named(_ error: RequestError) -> RequestError {
        guard let param = error.param else { return error }
        let path = self.path(of: param)
        var message = error.message
        if message.contains("'\(param)'") {
            message = message.replacing("'\(param)'", with: "'\(path)'")
        } else if message.hasPrefix("\(param):") {
            message = "\(path)\(message.dropFirst(param.count))"
        } else if !words.errorsHaveParam {
            message = "\(path): \(message)"
        }
        return RequestError(status: error.status, message: message, type: error.type, param: path, code: error.code)
    }

    /// - Parameter param: by an encoder. What is no place in the conversation has the client's name already.
    private func path(of param: String) -> String {
        let steps = param.split(separator: ".").map { Step($0) }
        guard let first = steps.first else { return param }
        switch first.name {
        case "messages", "contents":
            guard let index = first.index else { return words.list }
            return path(
                ofTurn: index + turnsBefore, part: steps.count > 1 ? steps[1] : nil,
                inner: steps.count > 2 ? steps[2] : nil)
        // A part of a result, of which the encoder does not know where that stands.
        case "parts": return words.list
        case "system":
            let isSystem = { (turn: Turn) in turn.role == .system || turn.role == .developer }
            let isTopLevel = conversation.turns.prefix(while: isSystem).allSatisfy(\.isTopLevel)
            return isTopLevel ? words.system : words.list
        default: return param
        }
    }

    /// Messages' encoder counts its own clients' messages, any other all turns.
    private var turnsBefore: Int { provider == .messages && conversation.origin == .messages ? topLevelTurns : 0 }

    private var topLevelTurns: Int { conversation.turns.prefix(while: \.isTopLevel).count }

    private func path(ofTurn index: Int, part step: Step?, inner: Step?) -> String {
        guard conversation.turns.indices.contains(index) else { return words.list }
        let turn = conversation.turns[index]
        if turn.isTopLevel { return words.system }
        guard let number = clientNumber(ofTurn: index) else { return words.list }
        let path = "\(words.list)[\(number)]"
        // What a model or a tool says, Chat and Responses hold in several members.
        guard let step, turn.role != .assistant, turn.role != .tool else { return path }
        guard let part = step.index, isClientNumber(part, in: turn) else { return "\(path).\(words.parts)" }
        return "\(path).\(words.parts)[\(part)]" + pathInResult(inner, turn.parts[part])
    }

    /// Where it is in a result; empty where that is none, or the client's own number is not known.
    private func pathInResult(_ step: Step?, _ part: Part) -> String {
        guard let step, step.name == "content", let index = step.index, let result = part.toolResult,
            !result.isPlainText, result.parts.indices.contains(index),
            result.parts[...index].allSatisfy({ !$0.isDocumentOfParts && !$0.isNative })
        else { return "" }
        switch conversation.origin {
        case .messages: return ".content[\(index)]"
        case .converse:
            let hasPoints = result.parts[..<index].contains { $0.cache != nil }
            return hasPoints ? "" : ".toolResult.content[\(index)]"
        default: return ""
        }
    }

    /// - Returns: nil where it is not known.
    private func clientNumber(ofTurn index: Int) -> Int? {
        guard !conversation.turnNumbersDiffer else { return nil }
        switch conversation.origin {
        case .generateContent:
            let written = conversation.joiningPieces(for: provider).turns.count
            return written == conversation.turns.count ? index - topLevelTurns : nil
        case .chatCompletions, .responses, .messages, .converse: return index - topLevelTurns
        case .completions, .embeddings, .cohereChat, .ollamaChat: return nil
        }
    }

    private func isClientNumber(_ part: Int, in turn: Turn) -> Bool {
        guard !turn.isPlainText, turn.parts.indices.contains(part) else { return false }
        // Most encoders are given the parts of such a document in its place.
        let spellsOut = provider != .messages && provider != .converse
        guard !spellsOut || turn.parts[...part].allSatisfy({ !$0.isDocumentOfParts }) else { return false }
        // Cache points and envelopes are blocks of Converse, but no parts.
        return conversation.origin != .converse
            || turn.parts[...part].allSatisfy { $0.proof == nil } && turn.parts[..<part].allSatisfy { $0.cache == nil }
    }
}

extension RequestError {
    /// The refusal of a part by one who does not know where that stands, with its place.
    ///
    /// - Parameters:
    ///   - turn: the turn's number in the conversation.
    ///   - part: the part's in the turn; of what stands in a result, the result's.
    ///   - inner: its number in the result.
    func placed(turn: Int, part: Int, inner: Int? = nil) -> RequestError {
        guard param == "messages" else { return self }
        let place = BodyPlace("messages", turn, "content", part).path
        let path = inner.map { "\(place).content[\($0)]" } ?? place
        return RequestError(
            status: status, message: message.replacing("'messages'", with: "'\(path)'"), type: type, param: path,
            code: code)
    }
}
