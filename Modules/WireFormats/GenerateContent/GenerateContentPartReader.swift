import JSONText

/// Reads the parts of a content: of a request as of a reply.
struct GenerateContentPartReader {
    /// The members that were written in snake_case.
    var snakeCase: Set<String> = []
    /// A client's part may hold one content. A provider's is read as far as it can be.
    private let isRequest: Bool
    /// Makes the id of the next call that has none.
    private let madeID: @Sendable (Int) -> String
    private var callCount = 0
    private var open = OpenCalls()

    /// - Parameter madeID: the id of the call of that number, where it has none.
    init(isRequest: Bool = false, madeID: @escaping @Sendable (Int) -> String) {
        self.isRequest = isRequest
        self.madeID = madeID
    }

    mutating func part(_ value: JSON, at path: String) throws(GenerateContentFault) -> Part {
        var members = try GoogleMembers(value, at: path, &snakeCase)
        let isThought = try members.bool("thought") ?? false
        let signature = try members.string("thoughtSignature")
        let letter = signature.map { GoogleSignature.letter($0) }
        var part = try content(&members, isThought: isThought, letter: letter, whole: value)
        if case .native = part.content { return part }
        if isRequest, let second = GenerateContentPartReader.contents.first(where: { members.has($0) }) {
            let path = members.path(second)
            throw GenerateContentFault(
                path, "Invalid '\(path)': a part holds one content, and this one has another.", code: "invalid_value")
        }
        for (key, value) in members.present { part.extras[key] = value }
        if isThought, part.reasoning == nil { part.extras["thought"] = true }
        if let letter, part.reasoning == nil { part.proof = letter.proof }
        return part
    }

    private mutating func content(
        _ members: inout GoogleMembers, isThought: Bool, letter: ProofEnvelope.Letter?, whole: JSON
    ) throws(GenerateContentFault) -> Part {
        if let text = try members.string("text") {
            return isThought ? GoogleSignature.reasoning(text, letter) : .text(text)
        }
        if let value = members.take("inlineData") {
            return try inlineData(value, at: members.path("inlineData"))
        }
        if let value = members.take("fileData") {
            return try fileData(value, at: members.path("fileData"))
        }
        if let value = members.take("functionCall") {
            return try functionCall(value, at: members.path("functionCall"))
        }
        if let value = members.take("functionResponse") {
            return try functionResponse(value, at: members.path("functionResponse"))
        }
        for (member, kind, phase) in GenerateContentPartReader.codeMembers {
            guard let value = members.take(member) else { continue }
            return Part(.serverTool(serverTool(value, member, kind, phase)))
        }
        // Nothing but a signature: a text of no words.
        if letter != nil, members.rest.allSatisfy({ $0.value.isNull }) {
            return isThought ? GoogleSignature.reasoning("", letter) : .text("")
        }
        return Part(.native(whole))
    }

    /// A part holds one of these (https://ai.google.dev/api/caching#Part, read on 2026-11-29).
    private static let contents =
        ["text", "inlineData", "fileData", "functionCall", "functionResponse"] + codeMembers.map(\.0)

    // MARK: - Media

    private mutating func inlineData(_ value: JSON, at path: String) throws(GenerateContentFault) -> Part {
        var members = try GoogleMembers(value, at: path, &snakeCase)
        let type = try members.string("mimeType")
        guard let data = try members.string("data") else { throw .missing(members.path("data")) }
        let name = try members.string("displayName")
        var part = Part(
            .media(
                Media(
                    GoogleMedia.kind(of: type), .base64(GoogleMedia.standardBase64(data)), mediaType: type,
                    filename: name)))
        keep(members, of: "inlineData", in: &part)
        return part
    }

    private mutating func fileData(_ value: JSON, at path: String) throws(GenerateContentFault) -> Part {
        var members = try GoogleMembers(value, at: path, &snakeCase)
        let type = try members.string("mimeType")
        guard let uri = try members.string("fileUri") else { throw .missing(members.path("fileUri")) }
        let name = try members.string("displayName")
        let source: Media.Source = GoogleMedia.isFileID(uri) ? .fileID(uri) : .url(uri)
        let kind = type == nil ? MediaFormats.kind(ofAddress: uri) : GoogleMedia.kind(of: type)
        var part = Part(.media(Media(kind, source, mediaType: type, filename: name)))
        keep(members, of: "fileData", in: &part)
        return part
    }

    // MARK: - Functions

    private mutating func functionCall(_ value: JSON, at path: String) throws(GenerateContentFault) -> Part {
        var members = try GoogleMembers(value, at: path, &snakeCase)
        let id = try members.string("id")
        let name = try members.string("name") ?? ""
        var arguments = ""
        if let args = members.take("args") {
            guard args.object != nil else { throw .kind(members.path("args"), "an object", args) }
            arguments = args.text
        }
        let call = ToolCall(id: id ?? madeID(callCount), name: name, arguments: arguments)
        callCount += 1
        open.add(call.id, name: name)
        var part = Part(.toolCall(call))
        keep(members, of: "functionCall", in: &part)
        return part
    }

    private mutating func functionResponse(_ value: JSON, at path: String) throws(GenerateContentFault) -> Part {
        var members = try GoogleMembers(value, at: path, &snakeCase)
        let id = try members.string("id")
        let name = try members.string("name")
        let response = members.take("response")
        var result = ToolResult(callID: id ?? "", name: name)
        if let id { open.close(id) } else { result.callID = answeredCall(name) }
        if let response {
            guard response.object != nil else { throw .kind(members.path("response"), "an object", response) }
            result.object = response
            let said = GoogleToolResult.text(of: response)
            result.parts.append(.text(said.text))
            if said.isError { result.isError = true }
        }
        for (index, element) in (try members.list("parts") ?? []).enumerated() {
            result.parts.append(try part(element, at: "\(members.path("parts"))[\(index)]"))
        }
        var part = Part(.toolResult(result))
        keep(members, of: "functionResponse", in: &part)
        return part
    }

    /// What an inner object says beside the members that have a name in the model: `functionResponse.scheduling`.
    private func keep(_ members: GoogleMembers, of name: String, in part: inout Part) {
        for (key, value) in members.rest where !value.isNull { part.extras["\(name).\(key)"] = value }
    }

    /// A response without an id answers the first open call of its name; without such, a call that nobody made.
    private mutating func answeredCall(_ name: String?) -> String {
        if let name, let call = open.closeOldest(named: name) { return call.id }
        defer { callCount += 1 }
        return madeID(callCount)
    }

    // MARK: - Server tools

    private static let codeMembers: [(String, ServerTool.Kind?, ServerToolUse.Phase)] = [
        ("executableCode", .codeExecution, .call), ("codeExecutionResult", .codeExecution, .result),
        ("toolCall", nil, .call), ("toolResponse", nil, .result),
    ]

    private func serverTool(
        _ value: JSON, _ member: String, _ kind: ServerTool.Kind?, _ phase: ServerToolUse.Phase
    ) -> ServerToolUse {
        let type = value["toolType"]?.string ?? value["tool_type"]?.string
        var use = ServerToolUse(
            kind ?? GoogleServerTools.kind(ofType: type), phase, id: value["id"]?.string,
            native: .object([member: value]), nativeDialect: .generateContent)
        use.name = type
        if phase == .call {
            if let code = value["code"] {
                use.name = "code_execution"
                use.input = JSON.object(["code": code]).text
            } else if let args = value["args"] {
                use.input = args.text
            }
        }
        return use
    }
}
