import JSONText

/// What a request asks about: messages, a prompt, or texts to embed. Each byte is visited once.
struct OpenAIInput {
    /// Every medium in it, which the token bound counts apart.
    private(set) var media: [TokenEstimator.Medium] = []
    /// How many prompts are to be answered, each by itself.
    private(set) var promptCount = 1

    /// Whether any of a request's `tools` runs at the provider: all but `function` and `custom` do.
    static func runAtProvider(_ tools: JSONView) -> Bool {
        for tool in tools.elements {
            guard let type = tool.member("type"), !type.isNull else { continue }
            if !type.isString("function"), !type.isString("custom") { return true }
        }
        return false
    }

    // MARK: - Chat

    /// `messages`: a non-empty array of objects that each have a string `role`.
    ///
    /// - Parameter longStrings: the document's.
    mutating func readMessages(_ messages: JSONView?, longStrings: [Range<Int>]) throws(RequestError) {
        guard let messages else { throw RequestError.missing("messages") }
        var cursor = JSONCursor(messages, longStrings: longStrings)
        guard cursor.enterArray() else {
            throw RequestError.invalidType("messages", expected: "an array of objects", got: messages)
        }
        var index = 0
        while cursor.nextElement() {
            guard cursor.enterObject() else {
                throw RequestError.invalidType("messages[\(index)]", expected: "an object", got: cursor.skip())
            }
            var hasRole = false
            while let key = cursor.nextKey() {
                if cursor.isKey(key, "role") {
                    let role = cursor.skip()
                    guard role.kind == .string else {
                        throw RequestError.invalidType("messages[\(index)].role", expected: "a string", got: role)
                    }
                    hasRole = true
                } else if cursor.isKey(key, "content"), cursor.enterArray() {
                    while cursor.nextElement() { readPart(&cursor) }
                } else {
                    _ = cursor.skip()
                }
            }
            guard hasRole else { throw RequestError.missing("messages[\(index)].role") }
            index += 1
        }
        if index == 0 { throw RequestError.emptyArray("messages") }
    }

    /// One part of a message's content: text, or a medium.
    private mutating func readPart(_ cursor: inout JSONCursor) {
        guard cursor.enterObject() else {
            _ = cursor.skip()
            return
        }
        var type: JSONView?
        var image = 0
        var audio = 0
        while let key = cursor.nextKey() {
            if cursor.isKey(key, "type") {
                type = cursor.skip()
            } else if cursor.isKey(key, "image_url") {
                image = OpenAIInput.inlineBytes(&cursor, isURL: true)
            } else if cursor.isKey(key, "input_audio") {
                audio = OpenAIInput.inlineBytes(&cursor, isURL: false)
            } else {
                _ = cursor.skip()
            }
        }
        guard let type, !type.isString("text"), !type.isString("refusal"), !type.isString("thinking") else { return }
        if type.isString("image_url") {
            media.append(.image(inlineBytes: image))
        } else if type.isString("input_audio") {
            media.append(.audio(inlineBytes: audio))
        } else {
            // Files, videos, parts of other dialects: their bytes count as they are.
            media.append(.file)
        }
    }

    /// Steps over a medium and tells how many of its bytes are the medium itself: a `data:` URL, or base64 in `data`.
    private static func inlineBytes(_ cursor: inout JSONCursor, isURL: Bool) -> Int {
        var bytes = 0
        if cursor.enterObject() {
            while let key = cursor.nextKey() {
                let isMedium = cursor.isKey(key, isURL ? "url" : "data")
                let value = cursor.skip()
                if isMedium { bytes = inlineBytes(of: value, isURL: isURL) }
            }
            return bytes
        }
        // Mistral takes the address without an object around it.
        return inlineBytes(of: cursor.skip(), isURL: true)
    }

    private static func inlineBytes(of value: JSONView, isURL: Bool) -> Int {
        guard let text = value.textRange, !isURL || text.count >= 5 else { return 0 }
        if isURL {
            let scheme: StaticString = "data:"
            for index in 0..<5 where value.bytes[text.lowerBound + index] | 0x20 != scheme.utf8Start[index] | 0x20 {
                return 0
            }
        }
        return text.count
    }

    // MARK: - Prompts and texts to embed

    /// A completion's `prompt` or an embedding's `input`: a string, or an array of strings, of tokens, or of arrays of
    /// tokens, all elements alike.
    mutating func readPrompt(_ value: JSONView?, _ name: String, isRequired: Bool) throws(RequestError) {
        guard let value, isRequired || !value.isNull else {
            if isRequired { throw RequestError.missing(name) }
            return
        }
        if value.kind == .string { return }
        var cursor = JSONCursor(value)
        guard cursor.enterArray() else {
            throw RequestError.invalidType(name, expected: "a string or an array", got: value)
        }
        var first: JSONKind?
        var index = 0
        while cursor.nextElement() {
            let kind = cursor.kind
            if let first, first != kind {
                throw RequestError.invalidType(
                    "\(name)[\(index)]", expected: "\(first.article) like the elements before", got: cursor.skip())
            }
            first = kind
            if kind == .array {
                try OpenAIInput.readTokens(&cursor, name, index)
            } else {
                let element = cursor.skip()
                switch kind {
                case .string: break
                case .number where element.isInteger: break
                // Multimodal embeddings (Jina, Voyage, Cohere behind a compatible path) take objects.
                case .object: media.append(.image(inlineBytes: 0))
                default:
                    throw RequestError.invalidType(
                        "\(name)[\(index)]", expected: "a string, an integer or an array of integers", got: element)
                }
            }
            index += 1
        }
        if index == 0 { throw RequestError.emptyArray(name) }
        // A number is a token of one prompt.
        if first != .number { promptCount = index }
    }

    private static func readTokens(
        _ cursor: inout JSONCursor, _ name: String, _ position: Int
    ) throws(RequestError) {
        _ = cursor.enterArray()
        var index = 0
        while cursor.nextElement() {
            let token = cursor.skip()
            guard token.isInteger else {
                throw RequestError.invalidType("\(name)[\(position)][\(index)]", expected: "an integer", got: token)
            }
            index += 1
        }
        if index == 0 { throw RequestError.emptyArray("\(name)[\(position)]") }
    }
}
