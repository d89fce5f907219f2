import JSONText

/// Writes a request for Converse.
///
/// Rules
/// 1. A conversation that came in Converse is written back as it was; nothing is fitted in, and left out is what only
///    Claude refuses: thinking that it did not sign, and a budget where the last calls came without its thinking.
/// 2. Any other is brought into what Bedrock takes: turns that alternate and begin with the user's, no blank texts, legal
///    ids and names, `toolConfig` wherever the history has tool blocks, at most four cache points.
/// 3. The model is in the path, not in the body.
struct ConverseRequestEncoder {
    let conversation: Conversation
    let target: TargetFacts
    let family: ConverseFamily
    /// The client's dialect is Converse too.
    let isSame: Bool
    var losses: LossReport
    private var body = JSONObject(capacity: 4)
    private var additional: JSONObject
    /// What was asked for, as the model takes it.
    private var reasoning: ReasoningSettings?
    private var sampling: Sampling
    private let clientNames: ClientNames
    /// Whether the schema of the answer, where there is one, goes along as a member.
    private let takesSchema: Bool

    init(_ conversation: Conversation, for target: TargetFacts, _ losses: LossReport) {
        self.conversation = conversation
        self.target = target
        let family = ConverseFamily(target)
        self.family = family
        isSame = conversation.origin == .converse
        clientNames = ClientNames(conversation)
        takesSchema =
            if isSame {
                true
            } else {
                target.takesJSONSchema && family.takesJSONSchema && !target.refuses.contains("response_format")
                    && MessagesSchema.takes(conversation.outputFormat)
            }
        self.losses = losses
        sampling = conversation.sampling
        additional =
            isSame ? conversation.extras["additionalModelRequestFields"]?.object ?? JSONObject() : JSONObject()
        if isSame { additional.overlay(conversation.converseSpelling?.additional ?? JSONObject()) }
    }

    mutating func encoded() throws(RequestError) -> JSON {
        let names = ToolNames(conversation)
        var turns = ConverseTurnWriter(conversation.origin, family, target.model, names, clientNames, losses)
        try turns.write(conversation.turns)
        losses = turns.losses
        if let instruction = formatInstruction() { turns.system.append(ConverseBlock(["text": .string(instruction)])) }
        var tools = ConverseToolWriter(conversation, family, target, names, clientNames, losses)
        try tools.write(hasToolBlocks: turns.calls)
        losses = tools.losses
        try settleReasoning(isToolForced: tools.isToolForced)
        if !isSame, family == .claude, reasoning?.effort != nil, let beta = target.effortBeta {
            tools.addBetas([.string(beta)])
        }
        for (key, value) in tools.additional where additional[key] == nil { additional[key] = value }
        limitCachePoints(&tools, &turns)

        if !turns.system.isEmpty { body.add("system", .array(ConverseBlock.written(turns.system))) }
        var messages: [JSON] = []
        messages.reserveCapacity(turns.messages.count)
        for message in turns.messages {
            let content = JSON.array(ConverseBlock.written(message.blocks))
            var object = JSONObject("role", .string(message.role), "content", content)
            for (key, value) in message.extras { object[key] = value }
            messages.append(.object(object))
        }
        body.add("messages", .array(messages))
        try writeInference()
        if let config = tools.config { body["toolConfig"] = config }
        writeAdditional()
        writeOutput()
        writeRest()
        return .object(body)
    }

    // MARK: - Thinking

    private mutating func settleReasoning(isToolForced: Bool) throws(RequestError) {
        guard let asked = conversation.reasoning else { return }
        guard !isSame else {
            // It is among the additional fields already.
            if asked.mode == .enabled, family == .claude, conversation.lastCallsLackThinking(systemIsUsers: false) {
                for name in ConverseThinking.claudes where additional[name] != nil {
                    losses.adjust(clientNames.thinking)
                    additional[name] = nil
                }
            }
            return
        }
        guard family == .claude else {
            reasoning = ConverseThinking.fitted(asked, of: conversation, family, target, clientNames, &losses)
            return
        }
        reasoning = try conversation.claudeThinking(
            asked, below: outputCap ?? target.maxOutputTokens ?? target.defaultMaxOutputTokens,
            isToolForced: isToolForced, for: target, clientNames, &losses)
    }

    private var outputCap: Int64? {
        if let cap = conversation.sampling.maxOutputTokens { return cap }
        return family == .claude && !isSame ? target.maxOutputTokens ?? target.defaultMaxOutputTokens : nil
    }

    // MARK: - Options

    private mutating func writeInference() throws(RequestError) {
        var inference = JSONObject()
        if let cap = outputCap { inference["maxTokens"] = .int(cap) }
        if !isSame {
            let isClaude = family == .claude
            let isThinking = isClaude && reasoning?.mode?.isOff == false
            sampling = try conversation.fittedSampling(
                for: target, isClaude: isClaude, isThinking: isThinking, clientNames, &losses)
        }
        if let temperature = sampling.temperature { inference["temperature"] = .real(temperature) }
        if let topP = sampling.topP { inference["topP"] = .real(topP) }
        if isSame {
            if let stop = sampling.stop { inference["stopSequences"] = .array(stop.map { .string($0) }) }
            for (key, value) in conversation.extras["inferenceConfig"]?.object ?? [:] { inference[key] = value }
        } else if target.refuses.contains("stop") {
            losses.drop(.stop, of: conversation, clientNames)
        } else {
            inference["stopSequences"] = try conversation.stopSequences(
                for: target, most: nil, mayBeBlank: family != .claude, clientNames, &losses)
        }
        if !inference.isEmpty { body.add("inferenceConfig", .object(inference)) }
    }

    private mutating func writeAdditional() {
        if !isSame {
            var topK = sampling.topK
            if topK != nil, family != .claude, family != .nova, family != .nova2 {
                losses.drop(.topK, of: conversation, clientNames)
                topK = nil
            }
            for (key, value) in ConverseThinking.lowered(reasoning, topK: topK, family) where additional[key] == nil {
                additional[key] = value
            }
        }
        if !additional.isEmpty {
            body["additionalModelRequestFields"] = .object(additional)
        } else if isSame, let native = conversation.extras["additionalModelRequestFields"], native.object == nil {
            body["additionalModelRequestFields"] = native
        }
        writeAskedFields()
    }

    /// Claude tells which sequence fired, and how much of its output was thinking, where it is asked. The first stands
    /// elsewhere in a stream, the second does not: `usage` is a member of Claude's `message_delta` as of its message.
    private mutating func writeAskedFields() {
        guard !isSame, family == .claude else { return }
        var paths: [JSON] = []
        if body["inferenceConfig"]?["stopSequences"] != nil {
            paths.append(conversation.stream ? "/delta/stop_sequence" : "/stop_sequence")
        }
        if let mode = additional["thinking"]?["type"]?.string, mode != "disabled" {
            paths.append("/usage/output_tokens_details")
        }
        if !paths.isEmpty { body["additionalModelResponseFieldPaths"] = .array(paths) }
    }

    private mutating func writeOutput() {
        var output = isSame ? conversation.extras["outputConfig"]?.object ?? [:] : JSONObject()
        if isSame, let effort = conversation.converseSpelling?.outputEffort { output["effort"] = .string(effort) }
        if !isSame, case .jsonSchema(let schema)? = conversation.outputFormat { losses.dropNested(schema.extras) }
        switch conversation.outputFormat {
        case .jsonSchema(let schema) where takesSchema:
            var written = schema.schema
            if !isSame {
                var fitting = MessagesSchema()
                written = fitting.limited(written)
                if fitting.hasChanged { losses.adjust(clientNames["response_format"]) }
            }
            var described: JSONObject = ["schema": .string(written.text)]
            if let name = schema.name { described["name"] = .string(name) }
            if let description = schema.description { described["description"] = .string(description) }
            if isSame { for (key, value) in schema.extras { described[key] = value } }
            output["textFormat"] = ["type": "json_schema", "structure": ["jsonSchema": .object(described)]]
        case .native(let native): if isSame { output["textFormat"] = native }
        case .jsonSchema, .jsonObject, .text, nil: break
        }
        if !output.isEmpty { body["outputConfig"] = .object(output) }
    }

    /// What tells a model to write JSON where the provider does not see to it.
    private mutating func formatInstruction() -> String? {
        guard !isSame, let format = conversation.outputFormat else { return nil }
        if case .jsonSchema = format, takesSchema { return nil }
        return losses.instruction(for: format, clientNames)
    }

    private mutating func writeRest() {
        if let tier = conversation.serviceTier {
            if isSame || ["default", "flex", "priority", "reserved"].contains(tier) {
                body["serviceTier"] = ["type": .string(tier)]
            } else {
                losses.drop(.serviceTier, of: conversation, clientNames)
            }
        }
        if let metadata = conversation.metadata, !metadata.isEmpty || isSame { writeMetadata(metadata) }
        let written = ["inferenceConfig", "toolConfig", "additionalModelRequestFields", "outputConfig"]
        if isSame {
            for (key, value) in conversation.extras where !written.contains(key) { body[key] = value }
        } else {
            // Among the additional fields: ConverseToolWriter.
            let betas: Set<String> = family == .claude ? ["anthropic_beta"] : []
            conversation.reportUncarried(carried: Self.carried, members: betas, clientNames, &losses)
        }
    }

    private static let carried: Set<RequestOption> = [
        .temperature, .topP, .topK, .stop, .toolChoice, .parallelToolCalls, .reasoningEffort, .serviceTier, .metadata,
        .cacheControl,
    ]

    /// Keys and values of `requestMetadata` are at most 256 of few characters (RequestMetadataKeyString, botocore 1.44.8).
    private mutating func writeMetadata(_ metadata: JSONObject) {
        var kept = JSONObject()
        for (key, value) in metadata {
            let isLegal =
                ConverseRequestEncoder.isMetadata(key) && value.string.map(ConverseRequestEncoder.isMetadata) == true
            if isSame || (isLegal && !key.isEmpty && kept.count < 16) {
                kept[key] = value
            } else {
                losses.drop(clientNames["metadata"])
            }
        }
        if !kept.isEmpty || isSame { body["requestMetadata"] = .object(kept) }
    }

    private static func isMetadata(_ text: String) -> Bool {
        text.utf8.count <= 256
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || (9...13).contains(byte) || " :_@$#=/+,-.".utf8.contains(byte)
            }
    }

    // MARK: - Cache points

    /// Bedrock takes four (https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html, read on 2026-11-29):
    /// the last ones stay, in the order in which the model reads: tools, system, messages.
    private mutating func limitCachePoints(_ tools: inout ConverseToolWriter, _ turns: inout ConverseTurnWriter) {
        guard !isSame else { return }
        if let marker = conversation.cache { turns.markEnd(marker) }
        var room = family.caches ? 4 : 0
        let (lifetimes, names) = (family.cacheLifetimes, clientNames)
        var report = LossReport()
        func keep(_ blocks: inout [ConverseBlock], _ isAllowed: Bool) {
            for index in blocks.indices.reversed() {
                guard let marker = blocks[index].cache else { continue }
                if isAllowed, room > 0 {
                    room -= 1
                    blocks[index].cache = report.fitted(marker, to: lifetimes)
                } else {
                    blocks[index].cache = nil
                    report.drop(marker, names)
                }
            }
        }
        for index in turns.messages.indices.reversed() { keep(&turns.messages[index].blocks, true) }
        keep(&turns.system, true)
        keep(&tools.blocks, family.cachesTools)
        losses.add(report)
    }
}

/// One block that will be sent, and the cache point behind it.
struct ConverseBlock {
    var json: JSON
    @Seldom var cache: CacheMarker?
    var isSame = false
    var isToolResult: Bool { json["toolResult"] != nil }

    init(_ json: JSON, cache: CacheMarker? = nil, isSame: Bool = false) {
        self.json = json
        self.cache = cache
        self.isSame = isSame
    }

    static func written(_ blocks: [ConverseBlock]) -> [JSON] {
        var written: [JSON] = []
        written.reserveCapacity(blocks.count)
        for block in blocks { block.write(to: &written) }
        return written
    }

    private func write(to list: inout [JSON]) {
        list.append(json)
        guard let cache else { return }
        var point: JSONObject = ["type": "default"]
        // Five minutes is what is meant where no time is stated, and old models know no `ttl`.
        if let ttl = cache.ttl, isSame || ttl != "5m" { point["ttl"] = .string(ttl) }
        if isSame { for (key, value) in cache.extras { point[key] = value } }
        list.append(["cachePoint": .object(point)])
    }
}
