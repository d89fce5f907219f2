/// What arrived, as JSON that is the same in every dialect: the answer to `describe request`.
///
/// A test that sends a conversation through a gateway to two dialects can compare the two reports.
extension Prompt {
    var report: JSONValue {
        let choice: JSONValue =
            switch self.choice {
            case .auto: "auto"
            case .none: "none"
            case .any: "any"
            case .tool(let name): .object([.init(key: "tool", value: .text(name))])
            }
        let format: JSONValue =
            switch self.format {
            case .text: "text"
            case .jsonObject: "json_object"
            case .schema(let schema): .object([.init(key: "json_schema", value: schema)])
            case .oneOf(let values): .object([.init(key: "enum", value: .array(values.map { .text($0) }))])
            }
        return [
            "turns": .array(turns.map(\.report)),
            "tools": .array(tools.map { ["name": .text($0.name), "schema": $0.schema] }),
            "web_search": .bool(hasSearch),
            "tool_choice": choice,
            "parallel": .bool(allowsParallelCalls),
            "max_tokens": tokensMax.map { .int($0) } ?? .null,
            "stop": .array(stops.map { .text($0) }),
            "thinking": .bool(thinks),
            "format": format,
            "cache_markers": .int(cacheMarkers.count),
            "prompt_tokens": .int(PromptTokens.of(contentBytes: textBytes)),
        ]
    }
}

extension Prompt.Turn {
    fileprivate var report: JSONValue {
        ["role": .text(role.rawValue), "parts": .array(parts.map(\.report))]
    }
}

extension Prompt.Part {
    fileprivate var report: JSONValue {
        switch self {
        case .text(let text): ["text": .string(text)]
        case .media(let media): ["media": .text(media.description)]
        case .call(let call): ["call": .text(call.name), "id": .text(call.id), "arguments": call.arguments]
        case .result(let result):
            [
                "result": .string(result.text), "id": .text(result.id), "error": .bool(result.isError),
                "media": .array(result.media.map { .text($0.description) }),
            ]
        case .thinking(let text, let signature):
            ["thinking": .string(text), "signature": signature.map { .string($0) } ?? .null]
        case .redacted(let data): ["redacted": .string(data)]
        case .other(let name): ["other": .text(name)]
        }
    }
}
