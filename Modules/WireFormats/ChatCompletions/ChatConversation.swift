import JSONText

/// What the encoders of several dialects ask of a conversation.
extension Conversation {
    /// The turns as dialects want them in which an answer's calls stand in one message, before their results: adjacent
    /// turns of the model are one, with the members of each, which the encoder reports. Those of the dialect's own clients
    /// stay as they are.
    func joinedTurns(isOwn: Bool) -> [Turn] {
        guard !isOwn else { return turns }
        var joined: [Turn] = []
        for turn in turns {
            if turn.role == .assistant, joined.last?.role == .assistant {
                joined[joined.count - 1].parts += turn.parts
                joined[joined.count - 1].isPlainText = false
                joined[joined.count - 1].name = joined[joined.count - 1].name ?? turn.name
                joined[joined.count - 1].extras.overlay(turn.extras.present(beside: []))
            } else {
                joined.append(turn)
            }
        }
        return joined
    }

    /// A refusal with the place of the part that is refused, for encoders that go over ``joinedTurns(isOwn:)``.
    ///
    /// - Parameters:
    ///   - inner: which part of a result is refused, where `part` is that.
    ///   - number: which of those turns it is.
    func placed(
        _ error: RequestError, _ part: Part, _ inner: Int? = nil, inJoinedTurn number: Int, isOwn: Bool
    ) -> RequestError {
        var joined = -1
        var roleBefore: Turn.Role?
        for (index, turn) in turns.enumerated() {
            if isOwn || turn.role != .assistant || roleBefore != .assistant { joined += 1 }
            roleBefore = turn.role
            guard joined == number else { continue }
            for (place, candidate) in turn.parts.enumerated() {
                if candidate == part { return error.placed(turn: index, part: place, inner: inner) }
                if let inner = candidate.toolResult?.parts.firstIndex(of: part) {
                    return error.placed(turn: index, part: place, inner: inner)
                }
            }
        }
        return error
    }
}

extension FunctionTool {
    /// As an entry of `tools`, without its strictness.
    ///
    /// - Parameter isOwn: the client speaks the provider's dialect; others' functions without a schema, or with one that
    ///   says nothing, take nothing: Cohere wants a type.
    func chatTool(isOwn: Bool) -> JSONObject {
        var inner: JSONObject = ["name": .string(name)]
        if let description { inner["description"] = .string(description) }
        let isUnsaid = parameters.map { $0.object?.isEmpty == true } ?? true
        inner["parameters"] = isUnsaid && !isOwn ? ["type": "object", "properties": [:]] : parameters
        return ["type": "function", "function": .object(inner)]
    }
}

extension TargetFacts {
    /// Takes out of a request what the provider refuses.
    func removeRefused(
        from body: inout JSONObject, of conversation: Conversation, _ names: ClientNames, _ losses: inout LossReport
    ) {
        guard refuses.contains(where: { body.holds($0) }) else { return }
        let needed = ["model", "messages", "prompt"]
        for key in body.keys where refuses.contains(key) && !needed.contains(key) {
            body[key] = nil
            losses.drop(member: key, of: conversation, names)
        }
    }
}

extension Tool {
    /// The tool as functions, for dialects that have nothing else; the provider's own tools are reported.
    func functions(
        inside namespace: String?, _ names: ClientNames, _ losses: inout LossReport
    ) -> [FunctionTool] {
        switch definition {
        case .function(var function):
            function.name = ChatToolNames.flat(function.name, in: namespace)
            return [function]
        case .custom(let custom):
            var function = ChatToolNames.function(for: custom)
            function.name = ChatToolNames.flat(custom.name, in: namespace)
            if custom.format?["type"]?.string == "grammar" { losses.drop("format") }
            return [function]
        case .namespace(let name, _, let tools):
            var functions: [FunctionTool] = []
            for tool in tools {
                losses.dropNested(tool.extras)
                functions += tool.functions(inside: name, names, &losses)
            }
            return functions
        case .server(let server):
            losses.drop(server.clientName)
            return []
        }
    }
}
