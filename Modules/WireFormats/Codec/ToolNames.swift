/// Names of tools for providers that limit them, and the way back.
///
/// Rules
/// 1. A name of 1 to 64 of `A–Z a–z 0–9 _ -` stays as it is. (Converse, Messages and Chat take those.)
/// 2. A tool in a namespace is called `namespace__name`.
/// 3. Any other name is shortened by ``ToolIDs/legal(_:bytesMax:)``, which depends on nothing but the name: so the same
///    request makes the same names every time, and prompt caches hold.
/// 4. Google takes dots and colons as well, and no digit or dash at the beginning (``google(_:)``).
/// 5. Back: a name in a reply that stands for a name of the request is that name again. The encoder of a client's reply
///    asks ``restored(_:)``, with the names of ``ReplyContext/request``; to ask twice does no harm.
/// 6. That names were sent otherwise is reported once, as adjusted: `tools`, as every client's dialect calls them.
public struct ToolNames: Sendable {
    private struct Name: Hashable, Sendable {
        var name: String
        var namespace: String?
    }

    private var byWire: [String: Name] = [:]
    private let bytesMax: Int

    /// Reads the names of the request's tools and of the calls in its history.
    public init(_ conversation: Conversation, bytesMax: Int = 64) {
        self.bytesMax = bytesMax
        add(conversation.tools, in: nil)
        for turn in conversation.turns {
            for part in turn.parts {
                if case .toolCall(let call) = part.content { add(Name(name: call.name, namespace: call.namespace)) }
            }
        }
    }

    /// The name as the provider takes it, by the first three rules.
    ///
    /// - Parameter namespace: nil for a tool in none.
    public func written(_ name: String, namespace: String? = nil) -> String {
        ToolIDs.legal(namespace.map { "\($0)__\(name)" } ?? name, bytesMax: bytesMax)
    }

    /// The name as Google takes it: "Must start with a letter or an underscore. Must be a-z, A-Z, 0-9, or contain
    /// underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64" (its own 400 in
    /// https://github.com/kaitranntt/ccs/issues/25, read on 2026-11-29; Vertex' newest pages say 128).
    static func google(_ name: String) -> String {
        if isGoogles(name) { return name }
        let legal = ToolIDs.legal(name)
        // With the blank it is not legal either, so that it ends in a hash and is nobody else's name.
        return isGoogles(legal) ? legal : ToolIDs.legal("_ " + name)
    }

    private static func isGoogles(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 64 else { return false }
        switch first {
        case 48...57, 45, 46, 58: return false
        default: break
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 95, 45, 46, 58: true
            default: false
            }
        }
    }

    /// The call with the client's own name for the tool.
    public func restored(_ call: ToolCall) -> ToolCall {
        guard call.namespace == nil, let name = byWire[call.name] else { return call }
        var call = call
        call.name = name.name
        call.namespace = name.namespace
        return call
    }

    /// The same for a part; one that is no call stays as it is.
    public func restored(_ part: Part) -> Part {
        guard case .toolCall(let call) = part.content, !byWire.isEmpty else { return part }
        var part = part
        part.content = .toolCall(restored(call))
        return part
    }

    /// The same for an event: a call's name is in `partBegan` alone.
    public func restored(_ event: ReplyEvent) -> ReplyEvent {
        guard case .partBegan(let place, let part) = event else { return event }
        return .partBegan(place, restored(part))
    }

    /// The same for every call of a whole reply.
    public func restored(_ reply: Reply) -> Reply {
        guard !byWire.isEmpty else { return reply }
        var reply = reply
        for choice in reply.choices.indices {
            for part in reply.choices[choice].parts.indices {
                reply.choices[choice].parts[part] = restored(reply.choices[choice].parts[part])
            }
        }
        return reply
    }

    /// Gives the tools of a conversation names that every dialect but generateContent takes. Namespaces stay as they are:
    /// flattening them into legal names is the codecs' affair.
    public static func makeLegal(_ conversation: inout Conversation, _ losses: inout LossReport) {
        guard !hasLegalNames(conversation) else { return }
        losses.adjust("tools")
        conversation.tools = conversation.tools.map { $0.renamed { ToolIDs.legal($0) } }
        for turn in conversation.turns.indices {
            for part in conversation.turns[turn].parts.indices {
                switch conversation.turns[turn].parts[part].content {
                case .toolCall(var call) where call.namespace == nil:
                    call.name = ToolIDs.legal(call.name)
                    conversation.turns[turn].parts[part].content = .toolCall(call)
                case .toolResult(var result):
                    result.name = result.name.map { ToolIDs.legal($0) }
                    conversation.turns[turn].parts[part].content = .toolResult(result)
                default: break
                }
            }
        }
        switch conversation.toolChoice {
        case .function(let name): conversation.toolChoice = .function(ToolIDs.legal(name))
        case .custom(let name): conversation.toolChoice = .custom(ToolIDs.legal(name))
        case .allowed(let names, let isRequired):
            conversation.toolChoice = .allowed(names.map { ToolIDs.legal($0) }, isRequired: isRequired)
        default: break
        }
    }

    private static func hasLegalNames(_ conversation: Conversation) -> Bool {
        func isLegal(_ name: String) -> Bool { ToolIDs.legal(name) == name }
        for turn in conversation.turns {
            for part in turn.parts {
                if case .toolCall(let call) = part.content, call.namespace == nil, !isLegal(call.name) { return false }
            }
        }
        let chosen: [String] =
            switch conversation.toolChoice {
            case .function(let name), .custom(let name): [name]
            case .allowed(let names, _): names
            default: []
            }
        return chosen.allSatisfy(isLegal) && conversation.tools.allSatisfy { $0.callableName.map(isLegal) ?? true }
    }

    private mutating func add(_ tools: [Tool], in namespace: String?) {
        for tool in tools {
            switch tool.definition {
            case .function(let function): add(Name(name: function.name, namespace: namespace))
            case .custom(let custom): add(Name(name: custom.name, namespace: namespace))
            // Requests are read from JSON, whose depth is bounded.
            case .namespace(let name, _, let tools): add(tools, in: name)
            case .server: break
            }
        }
    }

    private mutating func add(_ name: Name) {
        let flat = name.namespace.map { "\($0)__\(name.name)" } ?? name.name
        for wire in [ToolIDs.legal(flat, bytesMax: bytesMax), ToolNames.google(flat)] {
            if wire != name.name, byWire[wire] == nil { byWire[wire] = name }
        }
    }
}

extension LossReport {
    /// Namespaces are of Responses alone: at any other provider their tools have longer names, and what a namespace says
    /// of itself has no place.
    mutating func reportNamespaces(in tools: [Tool]) {
        for tool in tools {
            guard case .namespace(_, let description, _) = tool.definition else { continue }
            adjust("tools")
            if description?.isEmpty == false { drop("description") }
        }
    }
}

extension Tool {
    /// The name by which the model may call it, where it stands in no namespace.
    fileprivate var callableName: String? {
        switch definition {
        case .function(let function): function.name
        case .custom(let custom): custom.name
        case .namespace, .server: nil
        }
    }

    fileprivate func renamed(_ rename: (String) -> String) -> Tool {
        var tool = self
        switch definition {
        case .function(var function):
            function.name = rename(function.name)
            tool.definition = .function(function)
        case .custom(var custom):
            custom.name = rename(custom.name)
            tool.definition = .custom(custom)
        case .namespace, .server: break
        }
        return tool
    }
}
