/// What the fake provider must know of a request's body, found in one light pass.
///
/// The rule of prompt tokens (the mock's own; both sides of a test can compute it): the UTF-8 bytes of every string
/// that is a message's `content`, or the `text` of a part of it, are added up, divided by four and rounded up; at least
/// 1. Names, roles, tools and images count nothing. `prompt` and `input` count the same way per string, and one token
/// per number where they hold token numbers.
struct RequestScan {
    var model: Range<Int>?
    var stream = false
    var includesUsage = false
    var maxTokens: Int?
    var choices = 1

    var hasMessages = false
    var tools: Range<Int>?
    var toolChoice: Range<Int>?
    var responseFormat: Range<Int>?
    /// Of `prompt` or `input`.
    var text: Range<Int>?
    var asksBase64 = false
    var dimensions: Int?
    /// The body's own `x_mock` member: controls that travel through a gateway which forwards unknown members.
    var control: Range<Int>?

    /// More is asked for than the fast path answers (see ``ChatDialect``).
    private(set) var needsDialect = false

    var contentBytes = 0
    /// The raw text of the last message's content (between its quotes), of which the answer echoes a tag.
    var lastContent: Range<Int>?
    var lastIsToolResult = false

    /// A member of the wrong type: its name and what it must be.
    private(set) var wrong: (member: StaticString, expected: StaticString)?

    /// - Returns: nil where the bytes are no JSON object.
    init?(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) {
        var cursor = ByteCursor(bytes, in: range)
        let isObject = cursor.members { key, cursor in
            if bytes.matches(key, "messages") { return readMessages(&cursor) }
            guard let value = cursor.value() else { return false }
            read(bytes, key, value)
            return true
        }
        cursor.skipSpace()
        guard isObject, cursor.atEnd else { return nil }
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer, _ key: Range<Int>, _ value: Range<Int>) {
        if bytes.matches(key, "model") {
            if bytes[value.lowerBound] == 0x22 {
                model = value.inside
            } else {
                wrong = ("model", "a string")
            }
        } else if bytes.matches(key, "stream") {
            stream = bytes.matches(value, "true")
            if !stream, !bytes.matches(value, "false"), !bytes.matches(value, "null") {
                wrong = ("stream", "a boolean")
            }
        } else if bytes.matches(key, "max_tokens") || bytes.matches(key, "max_completion_tokens") {
            readMaxTokens(bytes, key, value)
        } else if bytes.matches(key, "n") {
            if bytes.matches(value, "null") { return }
            guard let count = bytes.decimal(value), (1...128).contains(count) else {
                wrong = ("n", "an integer from 1 to 128")
                return
            }
            choices = count
        } else if bytes.matches(key, "stream_options") {
            readStreamOptions(bytes, value)
        } else {
            readSeldom(bytes, key, value)
        }
    }

    private mutating func readSeldom(_ bytes: UnsafeRawBufferPointer, _ key: Range<Int>, _ value: Range<Int>) {
        if bytes.matches(key, "tools") {
            tools = bytes[value.lowerBound] == UInt8(ascii: "[") ? value : nil
        } else if bytes.matches(key, "tool_choice") {
            toolChoice = value
            // It names a tool, which must be there.
            if bytes[value.lowerBound] == UInt8(ascii: "{") { needsDialect = true }
        } else if bytes.matches(key, "functions") || bytes.matches(key, "function_call") {
            if !bytes.matches(value, "null") { needsDialect = true }
        } else if bytes.matches(key, "response_format") {
            responseFormat = bytes[value.lowerBound] == UInt8(ascii: "{") ? value : nil
            // The messages must say so.
            if bytes.slice(value).contains("json_object") { needsDialect = true }
        } else if bytes.matches(key, "prompt") || bytes.matches(key, "input") {
            text = value
        } else if bytes.matches(key, "encoding_format") {
            asksBase64 = bytes.matches(value, "\"base64\"")
        } else if bytes.matches(key, "dimensions") {
            dimensions = bytes.decimal(value)
        } else if bytes.matches(key, "stop") || bytes.matches(key, "thinking") {
            if !bytes.matches(value, "null") { needsDialect = true }
        } else if bytes.matches(key, "logprobs") || bytes.matches(key, "top_logprobs") {
            // Of completions it is a number, and not answered.
            if bytes.matches(value, "true") || (key.count > 8 && !bytes.matches(value, "null")) { needsDialect = true }
        } else if bytes.matches(key, "x_mock"), bytes[value.lowerBound] == 0x22 {
            control = value.inside
        }
    }

    private mutating func readMaxTokens(_ bytes: UnsafeRawBufferPointer, _ key: Range<Int>, _ value: Range<Int>) {
        if bytes.matches(value, "null") { return }
        guard let count = bytes.decimal(value), count >= 1 else {
            wrong =
                key.count == 10
                ? ("max_tokens", "an integer of at least 1") : ("max_completion_tokens", "an integer of at least 1")
            return
        }
        maxTokens = min(maxTokens ?? count, count)
    }

    private mutating func readStreamOptions(_ bytes: UnsafeRawBufferPointer, _ value: Range<Int>) {
        var options = ByteCursor(bytes, in: value)
        _ = options.members { key, cursor in
            guard let value = cursor.value() else { return false }
            if bytes.matches(key, "include_usage") { includesUsage = bytes.matches(value, "true") }
            return true
        }
    }

    /// Reads the messages where they stand: they are most of the body, and once is enough.
    private mutating func readMessages(_ cursor: inout ByteCursor) -> Bool {
        let bytes = cursor.bytes
        hasMessages = true
        contentBytes = 0
        guard cursor.next == UInt8(ascii: "[") else {
            wrong = ("messages", "a list of objects")
            return true
        }
        return cursor.elements { cursor in
            lastIsToolResult = false
            guard cursor.next == UInt8(ascii: "{") else {
                wrong = ("messages", "a list of objects")
                return true
            }
            return cursor.members { key, cursor in
                if bytes.matches(key, "content") { return readContent(&cursor) }
                if bytes.matches(key, "tool_calls") { needsDialect = true }
                if bytes.matches(key, "role"), let role = cursor.value() {
                    lastIsToolResult = bytes.matches(role, "\"tool\"") || bytes.matches(role, "\"function\"")
                    if lastIsToolResult || !Self.isPlain(role: role, bytes) { needsDialect = true }
                }
                return true
            }
        }
    }

    private static func isPlain(role: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.matches(role, "\"user\"") || bytes.matches(role, "\"assistant\"") || bytes.matches(role, "\"system\"")
            || bytes.matches(role, "\"developer\"")
    }

    private mutating func readContent(_ cursor: inout ByteCursor) -> Bool {
        let bytes = cursor.bytes
        if cursor.next == 0x22 { return readText(&cursor) }
        guard cursor.next == UInt8(ascii: "[") else { return true }
        return cursor.elements { cursor in
            guard cursor.next == UInt8(ascii: "{") else { return true }
            return cursor.members { key, cursor in
                guard cursor.next == 0x22 else { return true }
                if bytes.matches(key, "text") { return readText(&cursor) }
                if bytes.matches(key, "type"), let type = cursor.value(), !bytes.matches(type, "\"text\"") {
                    needsDialect = true
                }
                return true
            }
        }
    }

    private mutating func readText(_ cursor: inout ByteCursor) -> Bool {
        guard let text = cursor.string() else { return false }
        lastContent = text
        contentBytes += cursor.stringHasEscapes ? cursor.bytes.unescapedCount(text) : text.count
        return true
    }

    /// Prompt tokens of a chat.
    var chatPromptTokens: Int { PromptTokens.of(contentBytes: contentBytes) }

    /// The inputs of `prompt` or `input`: each a string, or token numbers.
    func inputs(_ bytes: UnsafeRawBufferPointer) -> [TextInput] {
        guard let text else { return [] }
        if bytes[text.lowerBound] == 0x22 { return [.string(text.inside)] }
        var found: [TextInput] = []
        var numbers = 0
        var cursor = ByteCursor(bytes, in: text)
        _ = cursor.elements { cursor in
            guard let element = cursor.value() else { return false }
            switch bytes[element.lowerBound] {
            case 0x22: found.append(.string(element.inside))
            case UInt8(ascii: "["): found.append(.tokens(count(bytes, element), element))
            default: numbers += 1
            }
            return true
        }
        if numbers > 0 { found.append(.tokens(numbers, text)) }
        return found
    }

    private func count(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int {
        var cursor = ByteCursor(bytes, in: range)
        var count = 0
        _ = cursor.elements { _ in
            count += 1
            return true
        }
        return count
    }
}

/// One text of a completions or embeddings request.
enum TextInput {
    case string(Range<Int>)
    case tokens(Int, Range<Int>)

    var range: Range<Int> {
        switch self {
        case .string(let range), .tokens(_, let range): range
        }
    }

    func promptTokens(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch self {
        case .string(let range): PromptTokens.of(contentBytes: bytes.unescapedCount(range))
        case .tokens(let count, _): max(count, 1)
        }
    }
}

/// The mock's rule of prompt tokens.
enum PromptTokens {
    static func of(contentBytes: Int) -> Int { max((contentBytes + 3) / 4, 1) }
}

extension Range<Int> {
    /// A JSON string without its quotes.
    var inside: Range<Int> { lowerBound + 1..<upperBound - 1 }
}
