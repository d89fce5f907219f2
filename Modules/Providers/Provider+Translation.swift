import WireFormats

extension Provider {
    /// The dialect into which a conversation is written for this provider, where it does not speak the client's.
    ///
    /// The first one of its row, except that where it has both Chat Completions and Responses, Responses is taken for what
    /// only Responses carries: thinking that is to be seen or to come back, server tools (but those that are functions
    /// elsewhere), custom tools, documents by URL where its Chat takes none, and the functions of models that take them
    /// nowhere else.
    ///
    /// - Parameter facts: the model's.
    /// - Returns: nil where it speaks of no conversation at all.
    public func translationDialect(for conversation: Conversation, facts: TargetFacts) -> Dialect? {
        let spoken = dialects.filter { Dialect.conversations.contains($0) }
        let preferred = spoken.filter { $0 != .completions }
        guard let first = preferred.first else { return spoken.first }
        guard first == .chatCompletions, preferred.contains(.responses) else { return first }
        let hasTooMuch =
            conversation.needsResponses || (documentURLPart == nil && conversation.hasDocumentByURL)
            || (!conversation.tools.isEmpty && facts.wantsResponsesForFunctions)
        return hasTooMuch ? .responses : first
    }

    /// What a codec must know of this provider, and what the model's name tells.
    public func targetFacts(model: String) -> TargetFacts {
        var facts = TargetFacts(named: model)
        if !efforts.isEmpty {
            let pieces = TargetFacts.pieces(of: model.lowercased()[...])
            let own = efforts.first { family in
                pieces.contains { $0 == family.key || $0.hasPrefix(family.key + ".") }
            }
            if let own {
                facts.thinking = .level
                facts.efforts = own.value
            }
        }
        facts.host = messagesHost
        // At the two clouds nobody else speaks Messages; a profile's name does not tell.
        if messagesHost != .direct {
            facts.isClaude = true
            // The copies of Anthropic's page do not agree about these two; a user's words are taken everywhere.
            facts.takesSystemInTheMiddle = false
        }
        facts.isVertex = isVertex
        facts.chatOutputCap = chatOutputCap.rawValue
        facts.stopSequencesMax = stopSequencesMax
        facts.takesJSONSchema = takesJSONSchema
        facts.takesDeveloperRole = takesDeveloperRole
        facts.limitsToolSchemas = limitsToolSchemas
        facts.asksForStreamUsage = streamUsageMustBeAsked
        facts.hasNineCharacterToolIDs = hasNineCharacterToolIDs
        facts.chatReasoning = chatReasoning
        facts.takesProofs = takesProofs
        facts.documentURLPart = documentURLPart
        facts.takesVideo = takesVideo
        facts.takesWebSearchOptions = takesWebSearchOptions
        facts.takesCacheMarkers = takesCacheMarkers
        facts.refuses = Set(refuses)
        facts.renames = renames
        return facts
    }

    /// Where AWS serves it: what the configuration says, else what the host's name does
    /// (`bedrock-runtime.eu-central-1.amazonaws.com`).
    public var awsRegion: String? {
        if let region { return region }
        guard let host = baseURL.flatMap({ BaseURL($0) })?.host else { return nil }
        let labels = host.split(separator: ".")
        guard labels.count >= 4, labels[labels.count - 2] == "amazonaws" || labels.contains("amazonaws") else {
            return nil
        }
        return String(labels[1])
    }

    /// How streams of a dialect are cut at this provider.
    public func framing(of dialect: Dialect) -> StreamFraming {
        if dialect == .messages, messagesHost == .bedrock { return .eventStream }
        return dialect.codec?.framing ?? .sse
    }
}

extension Conversation {
    fileprivate var needsResponses: Bool {
        if let reasoning, !reasoning.isOff { return true }
        let hasSpecialTools = tools.contains { tool in
            switch tool.definition {
            case .function: false
            case .server(let server): !server.isFunctionElsewhere
            case .custom, .namespace: true
            }
        }
        return hasSpecialTools
            || turns.contains { turn in turn.parts.contains { $0.reasoning?.proof?.origin == .openAI } }
    }

    fileprivate var hasDocumentByURL: Bool {
        turns.contains { turn in
            turn.parts.contains {
                $0.isDocumentByURL || $0.toolResult?.parts.contains(where: \.isDocumentByURL) == true
            }
        }
    }
}

extension Part {
    fileprivate var isDocumentByURL: Bool {
        guard case .media(let media) = content, media.kind == .document, case .url = media.source else { return false }
        return true
    }
}
