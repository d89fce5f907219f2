import JSONText

/// Reads a client's Converse request.
struct ConverseRequestDecoder {
    private let body: ConverseMember
    private let reader = ConverseBlockReader(isRequest: true)
    private var conversation: Conversation

    /// - Throws: a 400 where the path names no model.
    init(_ body: JSON, at place: RequestPlace) throws(RequestError) {
        guard body.object != nil else {
            throw RequestError(
                message: "Invalid type for the body: expected an object.", param: nil, code: "invalid_type")
        }
        guard let model = place.model ?? body["modelId"]?.string, !model.isEmpty else {
            throw RequestError(
                message: "Missing required parameter: 'modelId'.", param: "modelId", code: "missing_required_parameter")
        }
        self.body = ConverseMember(body, at: "")
        conversation = Conversation(origin: .converse, model: model)
        conversation.stream = place.stream ?? false
    }

    mutating func decoded() throws(RequestError) -> Conversation {
        do throws(ConverseFault) {
            try readSystem()
            try readMessages()
            try readInference()
            try readTools()
            try readAdditionalFields()
            try readOutput()
            try readRest()
        } catch {
            throw error.requestError
        }
        return conversation
    }

    private mutating func readSystem() throws(ConverseFault) {
        guard let system = body["system"] else { return }
        let parts = try reader.parts(of: system)
        if !parts.isEmpty { conversation.turns.append(Turn(.system, parts, isTopLevel: true)) }
    }

    private mutating func readMessages() throws(ConverseFault) {
        // Absent where the model is a stored prompt.
        for message in try body["messages"]?.elements() ?? [] {
            let role = try message.required("role")
            let known: Turn.Role
            switch try role.string() {
            case "user": known = .user
            case "assistant": known = .assistant
            case "system": known = .system
            default: throw role.invalid("the roles are user, assistant and system")
            }
            var turn = Turn(known, try reader.parts(of: try message.required("content")))
            turn.extras = message.extras(beside: ["role", "content"])
            conversation.turns.append(turn)
        }
    }

    private mutating func readInference() throws(ConverseFault) {
        guard let inference = body["inferenceConfig"] else { return }
        _ = try inference.object()
        conversation.sampling.maxOutputTokens = try inference["maxTokens"]?.int()
        conversation.sampling.temperature = try inference["temperature"]?.number()
        conversation.sampling.topP = try inference["topP"]?.number()
        if let sequences = inference["stopSequences"] {
            var stop: [String] = []
            for sequence in try sequences.elements() { stop.append(try sequence.string()) }
            conversation.sampling.stop = stop
        }
        let more = inference.extras(beside: ["maxTokens", "temperature", "topP", "stopSequences"])
        if !more.isEmpty { conversation.extras["inferenceConfig"] = .object(more) }
    }

    private mutating func readTools() throws(ConverseFault) {
        guard let config = body["toolConfig"] else { return }
        _ = try config.object()
        for tool in try config["tools"]?.elements() ?? [] { try readTool(tool) }
        if let choice = config["toolChoice"] { try readToolChoice(choice) }
        let more = config.extras(beside: ["tools", "toolChoice"])
        if !more.isEmpty { conversation.extras["toolConfig"] = .object(more) }
    }

    private mutating func readTool(_ tool: ConverseMember) throws(ConverseFault) {
        _ = try tool.object()
        try tool.requireOne(of: ["toolSpec", "systemTool", "cachePoint"])
        if let point = tool["cachePoint"], let last = conversation.tools.indices.last,
            conversation.tools[last].cache == nil
        {
            conversation.tools[last].cache = try ConverseBlockReader.marker(point)
            return
        }
        if let spec = tool["toolSpec"] {
            let schema = try spec.required("inputSchema")
            let parameters = schema["json"]?.value
            if parameters == nil { _ = try schema.object() }
            var function = FunctionTool(
                name: try spec.required("name").string(), description: try spec["description"]?.string(),
                parameters: parameters)
            function.strict = try spec["strict"]?.bool()
            var read = Tool(.function(function))
            read.extras = spec.extras(beside: ["name", "description", "inputSchema", "strict"])
            conversation.tools.append(read)
            return
        }
        let name = try tool["systemTool"]?.required("name").string()
        let kind = name.map(ConverseServerTools.kind) ?? .other
        conversation.tools.append(
            Tool(.server(ServerTool(kind, name: name, native: tool.value, nativeDialect: .converse))))
    }

    private mutating func readToolChoice(_ choice: ConverseMember) throws(ConverseFault) {
        _ = try choice.object()
        try choice.requireOne(of: ["tool", "any", "auto"])
        var form = ToolChoiceForm(choice.value)
        guard let word = ["tool", "any", "auto"].first(where: { choice[$0] != nil }) else {
            conversation.toolChoice = .native(choice.value)
            return
        }
        form.add(choice.extras(beside: [word]))
        form.add(choice[word]?.extras(beside: word == "tool" ? ["name"] : []) ?? [:])
        switch word {
        case "tool":
            let name = try choice["tool"]?.required("name").string() ?? ""
            conversation.choose(.function(name), form)
        case "any": conversation.choose(.required, form)
        default: conversation.choose(.auto, form)
        }
    }

    private mutating func readAdditionalFields() throws(ConverseFault) {
        guard let fields = body["additionalModelRequestFields"] else { return }
        let lifted = ConverseThinking.lifted(from: fields.value)
        conversation.reasoning = lifted.reasoning
        conversation.sampling.topK = lifted.topK
        if !lifted.named.isEmpty {
            var spelling = ConverseSpelling()
            spelling.additional = lifted.named
            conversation.converseSpelling = spelling
        }
        conversation.extras["additionalModelRequestFields"] = lifted.rest
    }

    private mutating func readOutput() throws(ConverseFault) {
        guard let output = body["outputConfig"] else { return }
        _ = try output.object()
        if let effort = output["effort"] {
            var reasoning = conversation.reasoning ?? ReasoningSettings()
            reasoning.effort = try effort.string()
            reasoning.isEffortOfAnswer = true
            conversation.reasoning = reasoning
            var spelling = conversation.converseSpelling ?? ConverseSpelling()
            spelling.outputEffort = reasoning.effort
            conversation.converseSpelling = spelling
        }
        let more = output.extras(beside: ["textFormat", "effort"])
        if !more.isEmpty { conversation.extras["outputConfig"] = .object(more) }
        guard let format = output["textFormat"] else { return }
        _ = try format.object()
        guard let described = format["structure"]?["jsonSchema"], format["type"]?.value == "json_schema",
            let text = try described["schema"]?.string(), let schema = try? JSON.read(text)
        else {
            conversation.outputFormat = .native(format.value)
            return
        }
        var known = OutputFormat.Schema(
            name: try described["name"]?.string(), description: try described["description"]?.string(), schema: schema)
        known.extras = described.extras(beside: ["schema", "name", "description"])
        conversation.outputFormat = .jsonSchema(known)
    }

    private mutating func readRest() throws(ConverseFault) {
        if let tier = body["serviceTier"] { conversation.serviceTier = try tier.required("type").string() }
        if let metadata = body["requestMetadata"] { conversation.metadata = try metadata.object() }
        let known = [
            "system", "messages", "inferenceConfig", "toolConfig", "additionalModelRequestFields", "outputConfig",
            "serviceTier", "requestMetadata", "modelId",
        ]
        for (key, value) in body.extras(beside: known) { conversation.extras[key] = value }
    }
}

extension Conversation {
    /// - Throws: a 400 where a Converse client's schema of the answer, which is a text, is no JSON or missing. Bedrock
    ///   would refuse it; without it, the model answers in any form.
    func requireReadableSchema() throws(RequestError) {
        // As ``OutputFormat/native(_:)``, since it could not be read.
        guard origin == .converse, case .native(let format)? = outputFormat, format["type"] == "json_schema" else {
            return
        }
        let path = "outputConfig.textFormat.structure.jsonSchema.schema"
        guard let text = format["structure"]?["jsonSchema"]?["schema"]?.string else { throw .missing(path) }
        do throws(JSONError) {
            _ = try JSON.read(text)
        } catch {
            throw RequestError(
                message: "Invalid value for '\(path)': it is no JSON: \(error).", param: path, code: "invalid_value")
        }
    }
}
