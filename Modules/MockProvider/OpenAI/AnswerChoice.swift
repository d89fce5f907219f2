/// Decides what a request is answered: what it was told to say, a tool call, structured output, or the usual words.
struct AnswerChoice {
    let scan: RequestScan
    let bytes: UnsafeRawBufferPointer
    let behaviour: Behaviour
    let endpoint: Endpoint

    /// Bytes per piece of JSON that the mock makes up: about what a token is.
    private static let jsonPieceBytes = 4

    /// An answer a choice. Several prompts of a completion are answered each by itself, `n` times.
    var answers: [Answer] {
        var prompts = endpoint == .completions ? scan.inputs(bytes).map(\.range) : []
        if prompts.isEmpty { prompts = [scan.lastContent ?? 0..<0] }
        return prompts.flatMap { Array(repeating: answer(to: $0), count: scan.choices) }
    }

    private func answer(to prompt: Range<Int>) -> Answer {
        if behaviour.fault == .huge {
            return Answer(fillerOf: behaviour.megabytes * 1_000_000, tokensMax: scan.maxTokens)
        }
        if let say = behaviour.say {
            return Answer(text: say, pieceBytes: behaviour.chunkBytes, tokensMax: scan.maxTokens)
        }
        if behaviour.echoes {
            return Answer(
                text: bytes.unescaped(prompt), pieceBytes: behaviour.chunkBytes, tokensMax: scan.maxTokens)
        }
        if let call = toolCall ?? structuredOutput { return call }
        return Answer(
            words: behaviour.tokens, tag: Vocabulary.tag(of: bytes.slice(prompt)), tokensMax: scan.maxTokens)
    }

    /// A call of the tool that `tool_choice` names, else of the first.
    private var toolCall: Answer? {
        guard endpoint == .chat, let range = scan.tools, !scan.lastIsToolResult,
            let tools = JSONValue(bytes, in: range)?.elements, !tools.isEmpty
        else { return nil }
        var wanted: String?
        if let choice = scan.toolChoice.flatMap({ JSONValue(bytes, in: $0) }) {
            if choice.text == "none" { return nil }
            wanted = choice["function"]?["name"]?.text
        }
        let functions = tools.compactMap { $0["function"] }
        guard let function = functions.first(where: { wanted == nil || $0["name"]?.text == wanted }),
            case .string(let name)? = function["name"]
        else { return nil }
        let schema = function["parameters"] ?? .object([])
        let arguments = schema.members?.isEmpty == false ? SchemaExample.value(for: schema) : .object([])
        var answer = Answer(
            text: arguments.serialized, pieceBytes: Self.jsonPieceBytes, tokensMax: scan.maxTokens)
        var escaped = ByteQueue()
        name.withUnsafeBytes { escaped.append(escaping: $0) }
        answer.tool = escaped.copy()
        return answer
    }

    private var structuredOutput: Answer? {
        guard let range = scan.responseFormat, let format = JSONValue(bytes, in: range) else { return nil }
        let value: JSONValue
        switch format["type"]?.text {
        case "json_schema":
            guard let schema = format["json_schema"]?["schema"] else { return nil }
            value = SchemaExample.value(for: schema)
        case "json_object":
            value = .object([.init(key: "answer", value: .string(Array("mock".utf8)))])
        default:
            return nil
        }
        return Answer(text: value.serialized, pieceBytes: Self.jsonPieceBytes, tokensMax: scan.maxTokens)
    }
}
