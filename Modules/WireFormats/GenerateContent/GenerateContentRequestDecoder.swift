import JSONText

/// Reads a client's request.
struct GenerateContentRequestDecoder {
    private var conversation: Conversation
    private var spelling = GenerateContentSpelling()
    private var reader = GenerateContentPartReader(isRequest: true) { GenerateContentIDs.made($0) }

    static func decode(_ body: JSON, at place: RequestPlace) throws(GenerateContentFault) -> Conversation {
        var decoder = GenerateContentRequestDecoder(
            conversation: Conversation(origin: .generateContent, model: place.model ?? ""))
        decoder.conversation.stream = place.stream ?? false
        guard let object = body.object else { throw .kind("", "an object", body) }
        try decoder.read(object)
        return decoder.conversation
    }

    private mutating func read(_ body: JSONObject) throws(GenerateContentFault) {
        var members = try GoogleMembers(body, at: "", &reader.snakeCase)
        if let model = try members.string("model") {
            spelling.bodyModel = model
            if conversation.model.isEmpty {
                conversation.model = model.hasPrefix("models/") ? String(model.dropFirst(7)) : model
            }
        }
        if let value = members.take("systemInstruction") { try readSystem(value, members.path("systemInstruction")) }
        guard let contents = try members.list("contents") else { throw .missing("contents") }
        for (index, value) in contents.enumerated() {
            // One content by itself has no number.
            conversation.turns.append(try turn(value, at: "contents[\(index)]"))
        }
        if let tools = try members.list("tools") { try readTools(tools) }
        if let config = members.take("toolConfig") { try readToolConfig(config, members.path("toolConfig")) }
        if let config = members.take("generationConfig") {
            try readGenerationConfig(config, members.path("generationConfig"))
        }
        conversation.metadata = try members.object("labels")
        if let tier = try members.string("serviceTier") { conversation.serviceTier = GoogleServiceTier.read(tier) }
        conversation.store = try members.bool("store")
        for (key, value) in members.rest where !value.isNull { conversation.extras[key] = value }
        spelling.snakeCase = reader.snakeCase
        if !spelling.isPlain { conversation.spelling = spelling }
    }

    // MARK: - Turns

    private mutating func readSystem(_ value: JSON, _ path: String) throws(GenerateContentFault) {
        if let text = value.string {
            conversation.turns.append(Turn(.system, [.text(text)], isPlainText: true, isTopLevel: true))
            return
        }
        var members = try GoogleMembers(value, at: path, &reader.snakeCase)
        spelling.systemRole = try members.string("role")
        var turn = Turn(.system, isTopLevel: true)
        try readParts(&members, into: &turn)
        conversation.turns.append(turn)
    }

    private mutating func turn(_ value: JSON, at path: String) throws(GenerateContentFault) -> Turn {
        var members = try GoogleMembers(value, at: path, &reader.snakeCase)
        var turn: Turn
        switch try members.string("role") {
        case nil, "", "user": turn = Turn(.user)
        case "model": turn = Turn(.assistant)
        case "function", "tool": turn = Turn(.tool)
        default:
            throw GenerateContentFault(
                members.path("role"), "Invalid value for '\(members.path("role"))': use 'user' or 'model'.",
                code: "invalid_value")
        }
        try readParts(&members, into: &turn)
        return turn
    }

    private mutating func readParts(
        _ members: inout GoogleMembers, into turn: inout Turn
    ) throws(GenerateContentFault) {
        let path = members.path("parts")
        if members.rest["parts"]?.object != nil {
            // A list of one, as the element itself: Google takes it, and httr2's ellmer sends it.
            turn.isPlainText = true
        }
        for (index, value) in (try members.list("parts") ?? []).enumerated() {
            turn.parts.append(try reader.part(value, at: turn.isPlainText ? path : "\(path)[\(index)]"))
        }
        for (key, value) in members.rest where !value.isNull { turn.extras[key] = value }
    }

    // MARK: - Tools

    private mutating func readTools(_ values: [JSON]) throws(GenerateContentFault) {
        var groups: [Int] = []
        for (index, value) in values.enumerated() {
            let before = conversation.tools.count
            let members = try GoogleMembers(value, at: "tools[\(index)]", &reader.snakeCase)
            for (name, value) in members.rest where !value.isNull {
                if name == "functionDeclarations" {
                    try readFunctions(value, members.path(name))
                } else {
                    conversation.tools.append(Tool(.server(GoogleServerTools.read(name, value))))
                }
            }
            groups.append(conversation.tools.count - before)
        }
        spelling.toolGroups = groups == [conversation.tools.count] && groups != [0] ? nil : groups
    }

    private mutating func readFunctions(_ value: JSON, _ path: String) throws(GenerateContentFault) {
        guard let elements = value.array ?? (value.object != nil ? [value] : nil) else {
            throw .kind(path, "an array", value)
        }
        for (index, element) in elements.enumerated() {
            var members = try GoogleMembers(element, at: "\(path)[\(index)]", &reader.snakeCase)
            guard let name = try members.string("name") else { throw .missing(members.path("name")) }
            var function = FunctionTool(name: name, description: try members.string("description"))
            if let schema = members.take("parameters") {
                guard schema.object != nil else { throw .kind(members.path("parameters"), "an object", schema) }
                function.nativeParameters = schema
                function.parameters = GoogleSchema.jsonSchema(schema)
            } else if let schema = members.take("parametersJsonSchema") {
                function.parameters = schema
            }
            var tool = Tool(.function(function))
            for (key, value) in members.rest where !value.isNull { tool.extras[key] = value }
            conversation.tools.append(tool)
        }
    }

    private mutating func readToolConfig(_ value: JSON, _ path: String) throws(GenerateContentFault) {
        var members = try GoogleMembers(value, at: path, &reader.snakeCase)
        if let calling = members.take("functionCallingConfig") {
            try readToolChoice(calling, members.path("functionCallingConfig"))
        }
        for (key, value) in members.rest where !value.isNull { conversation.extras["toolConfig.\(key)"] = value }
    }

    /// Without a mode it is AUTO. VALIDATED is AUTO, held to the functions' schemas
    /// (https://ai.google.dev/api/caching#Mode_1, read on 2026-11-29).
    private mutating func readToolChoice(_ value: JSON, _ path: String) throws(GenerateContentFault) {
        var members = try GoogleMembers(value, at: path, &reader.snakeCase)
        let mode = try members.word("mode", numbers: ["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"])
        let names = try members.strings("allowedFunctionNames") ?? []
        var form = ToolChoiceForm(value)
        for (name, value) in members.rest where !value.isNull { form.add(JSONObject(name, value)) }
        var choice: ToolChoice?
        switch mode {
        case nil, "MODE_UNSPECIFIED", "AUTO", "VALIDATED":
            if !names.isEmpty {
                choice = .allowed(names, isRequired: false)
            } else if mode == "AUTO" || mode == "VALIDATED" {
                choice = .auto
            }
            if mode == "VALIDATED" { form.add(["mode": "VALIDATED"]) } else if mode != "AUTO" { form.keep() }
        case "NONE":
            choice = ToolChoice.none
            if !names.isEmpty { form.keep() }
        case "ANY":
            choice =
                switch names.count {
                case 0: .required
                case 1: .function(names[0])
                default: .allowed(names, isRequired: true)
                }
        default: choice = .native(value)
        }
        conversation.choose(choice, form)
    }

    // MARK: - generationConfig

    private mutating func readGenerationConfig(_ value: JSON, _ path: String) throws(GenerateContentFault) {
        var members = try GoogleMembers(value, at: path, &reader.snakeCase)
        conversation.sampling.temperature = try members.number("temperature")
        conversation.sampling.topP = try members.number("topP")
        conversation.sampling.topK = try members.int("topK")
        conversation.sampling.choices = try members.int("candidateCount")
        conversation.sampling.maxOutputTokens = try members.int("maxOutputTokens")
        conversation.sampling.stop = try members.strings("stopSequences")
        conversation.sampling.seed = try members.int("seed")
        conversation.sampling.presencePenalty = try members.number("presencePenalty")
        conversation.sampling.frequencyPenalty = try members.number("frequencyPenalty")
        conversation.sampling.logprobs = try members.bool("responseLogprobs")
        conversation.sampling.topLogprobs = try members.int("logprobs")
        try readFormat(&members)
        if let modalities = try members.strings("responseModalities") {
            conversation.modalities = modalities.map { $0.lowercased() }
        }
        if let thinking = members.take("thinkingConfig") {
            try readThinking(thinking, members.path("thinkingConfig"))
        }
        for (key, value) in members.rest where !value.isNull { conversation.extras["generationConfig.\(key)"] = value }
    }

    private mutating func readFormat(_ members: inout GoogleMembers) throws(GenerateContentFault) {
        let type = try members.string("responseMimeType")
        let native = members.take("responseSchema")
        let schema = members.take("responseJsonSchema")
        if type == "application/json" || type == nil {
            if let schema, native == nil {
                conversation.outputFormat = .jsonSchema(OutputFormat.Schema(schema: schema))
            } else if let native, schema == nil {
                var schema = OutputFormat.Schema(schema: GoogleSchema.jsonSchema(native))
                schema.nativeSchema = native
                conversation.outputFormat = .jsonSchema(schema)
            } else if type != nil, native == nil {
                conversation.outputFormat = .jsonObject
            }
        } else if type == "text/plain", native == nil, schema == nil {
            conversation.outputFormat = .text
        }
        if conversation.outputFormat != nil || (type == nil && native == nil && schema == nil) { return }
        var format = JSONObject()
        if let type { format["responseMimeType"] = .string(type) }
        if let native { format["responseSchema"] = native }
        if let schema { format["responseJsonSchema"] = schema }
        conversation.outputFormat = .native(.object(format))
    }

    /// Sources: https://ai.google.dev/gemini-api/docs/thinking (read on 2026-11-29): budget 0 is off, −1 dynamic.
    private mutating func readThinking(_ value: JSON, _ path: String) throws(GenerateContentFault) {
        var members = try GoogleMembers(value, at: path, &reader.snakeCase)
        var settings = ReasoningSettings()
        settings.includesThoughts = try members.bool("includeThoughts")
        switch try members.int("thinkingBudget") {
        case nil: break
        case 0: settings.mode = .disabled
        case let budget? where budget < 0: settings.mode = .adaptive
        case let budget?:
            settings.mode = .enabled
            settings.budgetTokens = budget
        }
        if let level = members.rest["thinkingLevel"]?.string { spelling.thinkingLevel = level }
        let levels = ["THINKING_LEVEL_UNSPECIFIED", "LOW", "HIGH", "MEDIUM", "MINIMAL"]
        if let level = try members.word("thinkingLevel", numbers: levels) {
            if level == levels[0] {
                // Asks for nothing: no other dialect lacks it.
                spelling.thinkingLevel = spelling.thinkingLevel ?? level
            } else {
                settings.effort = level.lowercased()
            }
        }
        for (key, value) in members.rest where !value.isNull { settings.extras[key] = value }
        conversation.reasoning = settings
    }
}

/// `serviceTier`: Google's words are unspecified, standard, flex, priority (google-genai 3.6.1, `types.ServiceTier`).
enum GoogleServiceTier {
    static func read(_ tier: String) -> String { tier.lowercased() == "standard" ? "default" : tier.lowercased() }
    static func write(_ tier: String) -> String? {
        switch tier {
        case "default": "standard"
        case "flex", "priority": tier
        default: nil
        }
    }
}
