import JSONText

/// Writes a request for a provider of Messages.
///
/// Rules
/// 1. A conversation that came in this dialect goes out turn by turn and block by block, unchanged. One of any other is
///    put into Anthropic's shape: leading system turns in `system`, adjacent turns of one role merged, results of tools
///    first in their turn ("tool_result blocks must come first": https://docs.claude.com/en/docs/agents-and-tools/tool-use/implement-tool-use,
///    read on 2026-11-29), no empty texts.
/// 2. What Anthropic refuses about values (temperature above 1, a budget above the cap, top_k with thinking, temperature
///    and top_p together) is ``RangePolicy``'s to decide, in every conversation.
struct MessagesRequestEncoder {
    let conversation: Conversation
    let target: TargetFacts
    var losses = LossReport()

    /// The conversation came in this dialect.
    let isOwn: Bool
    let names: ClientNames
    /// Whether the schema of the answer, where there is one, goes along as a member.
    let takesSchema: Bool
    /// Markers that are still to be passed over, so that the last four stay.
    var markersToSkip = 0
    /// The calls seen so far, by id.
    var calls: Set<String> = []
    /// Anthropic's own tools that are written for others of their kind.
    var ownTools: [JSONObject] = []
    /// The tools that are written are those that the history calls, since no other is left.
    var areToolsOfHistory = false
    /// Names of the functions and custom tools.
    lazy var clientsToolNames = Set(
        conversation.tools.compactMap { tool in
            switch tool.definition {
            case .function, .custom: tool.name
            case .namespace, .server: nil
            }
        })

    init(_ conversation: Conversation, _ target: TargetFacts) {
        self.conversation = conversation
        self.target = target
        isOwn = conversation.origin == .messages
        names = ClientNames(conversation)
        takesSchema =
            if isOwn {
                target.takesJSONSchema
            } else {
                target.takesJSONSchema && MessagesSchema.takes(conversation.outputFormat)
            }
    }

    mutating func encode() throws(RequestError) -> JSON {
        countMarkers()
        var body = JSONObject(capacity: 8)
        if target.host == .direct { body.add("model", .string(target.model)) }
        let cap = try outputCap()
        body.add("max_tokens", .int(cap))
        // In the order of the cached prefix, so that markers are counted as Anthropic does: tools, system, messages.
        let tools = encodedTools()
        let (system, messages) = try encodedTurns()
        body.add("system", optional: system)
        body.add("messages", .array(messages))
        if !tools.isEmpty { body.add("tools", .array(tools)) }
        let choice = try encodedToolChoice(hasTools: !tools.isEmpty)
        body.add("tool_choice", optional: choice)
        let thinking = try encodedThinking(below: cap, choice: choice)
        body.add("thinking", optional: thinking.block)
        body.add("output_config", optional: outputConfig(effort: thinking.effort))
        try writeSampling(&body, isThinking: thinking.isOn)
        writeIdentity(&body)
        if let cache = conversation.cache { body.add("cache_control", written(cache)) }
        // Bedrock tells a stream by its path; Vertex by both.
        if conversation.stream, target.host != .bedrock { body["stream"] = true }
        if !isOwn { conversation.reportUncarried(carried: Self.carried, names, &losses) }
        return finished(body)
    }

    // MARK: - The whole

    /// Four breakpoints are allowed (https://docs.claude.com/en/docs/build-with-claude/prompt-caching, read on
    /// 2026-11-29); one for the whole request counts as one of them.
    private mutating func countMarkers() {
        var count = conversation.cache == nil ? 0 : 1
        func add(_ parts: [Part]) {
            for part in parts {
                if part.cache != nil, isOwn || MessagesRequestEncoder.mayBeMarked(part) { count += 1 }
                if case .toolResult(let result) = part.content { add(result.parts) }
            }
        }
        for tool in conversation.tools where tool.cache != nil { count += 1 }
        for turn in conversation.turns { add(turn.parts) }
        markersToSkip = max(0, count - 4)
    }

    /// Thinking and empty texts cannot be marked (the same page).
    private static func mayBeMarked(_ part: Part) -> Bool {
        switch part.content {
        case .reasoning: false
        case .text(let text): !text.text.isBlank
        default: true
        }
    }

    /// The marker that goes out, or nil where it is one too many.
    mutating func passed(_ marker: CacheMarker?) -> JSON? {
        guard let marker else { return nil }
        if markersToSkip > 0 {
            markersToSkip -= 1
            losses.drop(marker, names)
            return nil
        }
        return written(marker)
    }

    private mutating func written(_ marker: CacheMarker) -> JSON {
        let marker = isOwn ? marker : losses.fitted(marker, to: CacheMarker.claudeLifetimes)
        var object: JSONObject = ["type": "ephemeral"]
        if let ttl = marker.ttl { object["ttl"] = .string(ttl) }
        for (key, value) in marker.extras { object[key] = value }
        return .object(object)
    }

    private func finished(_ body: JSONObject) -> JSON {
        var extras = isOwn ? conversation.extras : JSONObject()
        if extras.isEmpty, target.host == .direct { return .object(body) }
        extras["output_config"] = nil
        // A body's version is of Bedrock's and Vertex's alone; elsewhere it is a header.
        let version = extras["anthropic_version"]
        extras["anthropic_version"] = nil
        if target.host == .direct {
            extras["anthropic_beta"] = nil
            return MessagesRead.joined(body, extras)
        }
        var known = JSONObject()
        known["anthropic_version"] =
            version ?? .string(MessagesVersion.of(target.host))
        var betas = extras["anthropic_beta"]?.array ?? []
        var wanted = target.betas
        if body["output_config"]?["effort"] != nil, let beta = target.effortBeta { wanted.append(beta) }
        for beta in wanted where !betas.contains(.string(beta)) { betas.append(.string(beta)) }
        extras["anthropic_beta"] = nil
        if !betas.isEmpty { known["anthropic_beta"] = .array(betas) }
        for (key, value) in body { known[key] = value }
        return MessagesRead.joined(known, extras)
    }

    private mutating func writeIdentity(_ body: inout JSONObject) {
        var metadata = isOwn ? conversation.metadata : nil
        if !isOwn, conversation.metadata?.isEmpty == false { losses.drop(names["metadata"]) }
        if let user = conversation.user ?? conversation.safetyIdentifier {
            metadata = metadata ?? [:]
            metadata?["user_id"] = .string(user)
        }
        if conversation.user != nil, conversation.safetyIdentifier != nil { losses.drop(names["safety_identifier"]) }
        if let metadata { body.add("metadata", .object(metadata)) }
        switch conversation.serviceTier {
        case nil: break
        case "auto": body["service_tier"] = "auto"
        case "default", "standard_only": body["service_tier"] = "standard_only"
        case "priority" where !isOwn:
            // `auto` uses priority capacity where there is some.
            body["service_tier"] = "auto"
            losses.adjust(names["service_tier"])
        case let tier?:
            if isOwn {
                body["service_tier"] = .string(tier)
            } else {
                losses.drop(.serviceTier, of: conversation, names)
            }
        }
    }

    private static let carried: Set<RequestOption> = [
        .temperature, .topP, .topK, .stop, .toolChoice, .parallelToolCalls, .reasoningEffort, .serviceTier, .metadata,
        .user, .safetyIdentifier, .cacheControl,
    ]
}
