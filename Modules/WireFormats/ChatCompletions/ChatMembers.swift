import JSONText

/// Reads the members of one object of a request, in the client's words for what is wrong, and keeps what nobody asked
/// for.
///
/// `null` counts as absent.
struct ChatMembers {
    private let place: BodyPlace
    private var members: UntakenMembers

    init(_ object: JSONObject, at place: BodyPlace) {
        self.place = place
        members = UntakenMembers(object)
    }

    /// - Parameter path: empty for the body itself.
    init(_ object: JSONObject, at path: String = "") { self.init(object, at: BodyPlace(path)) }

    init(_ value: JSON, at place: BodyPlace) throws(RequestError) {
        guard case .object(let object) = value else { throw ChatFault.wrongType(place.path, "an object", value) }
        self.init(object, at: place)
    }

    init(_ value: JSON, at path: String) throws(RequestError) { try self.init(value, at: BodyPlace(path)) }

    /// Where the object stands: `messages[2]`; empty for the body itself.
    var path: String { place.path }

    /// What was not taken, without `null`s.
    var leftover: JSONObject { members.present }

    func name(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

    func has(_ key: String) -> Bool { members[key].map { !$0.isNull } ?? false }

    /// Looks without taking.
    func peek(_ key: String) -> JSON? {
        guard let value = members[key], !value.isNull else { return nil }
        return value
    }

    mutating func take(_ key: String) -> JSON? {
        guard let value = members.take(key) else { return nil }
        // Written out: in `isNull ? nil : value` the `nil` would be JSON's.
        if value.isNull { return nil }
        return value
    }

    /// Puts a member back, for ``leftover``.
    mutating func put(_ key: String, _ value: JSON?) { members.put(key, value) }

    mutating func string(_ key: String) throws(RequestError) -> String? {
        guard let value = take(key) else { return nil }
        guard let string = value.string else { throw ChatFault.wrongType(name(key), "a string", value) }
        return string
    }

    mutating func requiredString(_ key: String) throws(RequestError) -> String {
        guard let string = try string(key) else { throw RequestError.missing(name(key)) }
        return string
    }

    mutating func int(_ key: String) throws(RequestError) -> Int64? {
        guard let value = take(key) else { return nil }
        guard let int = value.int else { throw ChatFault.wrongType(name(key), "an integer", value) }
        return int
    }

    mutating func double(_ key: String) throws(RequestError) -> Double? {
        guard let value = take(key) else { return nil }
        guard let number = value.number else { throw ChatFault.wrongType(name(key), "a number", value) }
        return number
    }

    mutating func bool(_ key: String) throws(RequestError) -> Bool? {
        guard let value = take(key) else { return nil }
        guard let bool = value.bool else { throw ChatFault.wrongType(name(key), "a boolean", value) }
        return bool
    }

    mutating func array(_ key: String) throws(RequestError) -> [JSON]? {
        guard let value = take(key) else { return nil }
        guard let array = value.array else { throw ChatFault.wrongType(name(key), "an array", value) }
        return array
    }

    mutating func object(_ key: String) throws(RequestError) -> JSONObject? {
        guard let value = take(key) else { return nil }
        guard let object = value.object else { throw ChatFault.wrongType(name(key), "an object", value) }
        return object
    }

    mutating func strings(_ key: String) throws(RequestError) -> [String]? {
        guard let array = try array(key) else { return nil }
        var strings: [String] = []
        for (index, value) in array.enumerated() {
            guard let string = value.string else {
                throw ChatFault.wrongType("\(name(key))[\(index)]", "a string", value)
            }
            strings.append(string)
        }
        return strings
    }
}

/// What the request decoders of Chat, Completions, Cohere and Ollama read alike.
extension ChatMembers {
    /// A request's body.
    init(body: JSON) throws(RequestError) {
        guard let object = body.object else {
            throw RequestError(message: "We could not parse the JSON body of your request: expected an object.")
        }
        self.init(object)
    }

    mutating func model(at place: RequestPlace) throws(RequestError) -> String {
        guard let model = try string("model") ?? place.model else { throw RequestError.missing("model") }
        return model
    }

    /// What steers the choice of tokens, by Chat's names; caps and log probabilities are each dialect's own.
    mutating func sampling() throws(RequestError) -> Sampling {
        var sampling = Sampling()
        sampling.temperature = try double("temperature")
        sampling.topP = try double("top_p")
        sampling.topK = try int("top_k")
        sampling.minP = try double("min_p")
        sampling.frequencyPenalty = try double("frequency_penalty")
        sampling.presencePenalty = try double("presence_penalty")
        sampling.repetitionPenalty = try double("repetition_penalty")
        sampling.seed = try int("seed")
        if peek("stop")?.string != nil {
            sampling.stop = try string("stop").map { [$0] }
        } else {
            sampling.stop = try strings("stop")
        }
        sampling.choices = try int("n")
        sampling.logitBias = try object("logit_bias")
        return sampling
    }

    /// The role of a message: system, user, assistant or tool.
    mutating func role() throws(RequestError) -> Turn.Role {
        guard let role = Turn.Role(rawValue: try requiredString("role")) else {
            throw ChatFault.invalidValue(
                name("role"), "supported values are 'system', 'user', 'assistant' and 'tool'")
        }
        return role
    }

    /// `tools`, which are functions and nothing else.
    mutating func functionTools() throws(RequestError) -> [Tool] {
        var tools: [Tool] = []
        for (index, value) in (try array("tools") ?? []).enumerated() {
            let path = "tools[\(index)]"
            var members = try ChatMembers(value, at: path)
            guard let object = try members.object("function") else { throw RequestError.missing(path + ".function") }
            var inner = ChatMembers(object, at: path + ".function")
            _ = try members.string("type")
            let function = FunctionTool(
                name: try inner.requiredString("name"), description: try inner.string("description"),
                parameters: inner.take("parameters"))
            var tool = Tool(.function(function))
            if !inner.leftover.isEmpty { members.put("function", .object(inner.leftover)) }
            tool.extras = members.leftover
            tools.append(tool)
        }
        return tools
    }
}

/// What can be wrong with a request, in OpenAI's words.
enum ChatFault {
    static func wrongType(_ path: String, _ expected: String, _ value: JSON) -> RequestError {
        RequestError(
            message: "Invalid type for '\(path)': expected \(expected), but got \(typeName(value)) instead.",
            param: path, code: "invalid_type")
    }

    static func invalidValue(_ path: String, _ why: String) -> RequestError {
        RequestError(message: "Invalid value for '\(path)': \(why).", param: path, code: "invalid_value")
    }

    /// Something that the provider's dialect cannot carry, and that must not be left out.
    static func unsupported(_ what: String, at path: String = "messages") -> RequestError {
        RequestError(
            message: "This model's provider does not take \(what).", param: path, code: "unsupported_content")
    }

    static func unsupported(_ kind: Media.Kind, _ more: String = "") -> RequestError {
        let name =
            switch kind {
            case .image: "images"
            case .audio: "audio"
            case .video: "video"
            case .document: "documents"
            }
        return unsupported(name + more)
    }

    private static func typeName(_ value: JSON) -> String {
        switch value {
        case .null: "null"
        case .bool: "a boolean"
        case .int: "an integer"
        case .real: "a decimal number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension CacheMarker {
    /// Reads Anthropic's `cache_control`, which OpenRouter, Vercel and LiteLLM take in Chat requests too.
    init(chat value: JSON, at path: String) throws(RequestError) {
        var members = try ChatMembers(value, at: path)
        self.init(ttl: try members.string("ttl"))
        let type = try members.string("type")
        extras = members.leftover
        if let type, type != "ephemeral" { extras["type"] = .string(type) }
    }

    /// `{"type":"ephemeral"}` and what else it holds.
    var chat: JSON {
        var object: JSONObject = ["type": extras["type"] ?? "ephemeral"]
        if let ttl { object["ttl"] = .string(ttl) }
        for (key, value) in extras { object[key] = value }
        return .object(object)
    }
}
